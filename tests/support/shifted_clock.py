"""Another time of day for one program: libfaketime, told through a file, so that it can go on.

The clock that measures durations stays the machine's own: deadlines and timers run as ever."""

import os
from pathlib import Path

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


class ShiftedClock:
    def __init__(self, folder, seconds=0):
        self._file = Path(folder) / "clock-offset"
        self.seconds = 0
        self.advance(seconds)

    def advance(self, seconds):
        """From the program's next look at its clock on."""
        self.seconds += seconds
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{self.seconds:+d}\n")
        os.replace(fresh, self._file)

    def environment(self):
        options = os.environ.get("ASAN_OPTIONS", "")
        return {"LD_PRELOAD": str(LIBRARY), "FAKETIME_TIMESTAMP_FILE": str(self._file),
                "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1",
                # The sanitizer's own library would have to be the first that is preloaded.
                "ASAN_OPTIONS": f"{options}:verify_asan_link_order=0".lstrip(":")}
