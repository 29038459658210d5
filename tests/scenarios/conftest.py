"""What every journey starts from: a segment of its own, stopped when the test ends."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

import segment as segments  # noqa: E402
from pam_room import PamRoom  # noqa: E402
from seat import LinuxUser, Seat  # noqa: E402
from upstream import Application, WebSocketEcho  # noqa: E402


@pytest.fixture
def upstream():
    application = Application()
    yield application
    application.close()


@pytest.fixture
def websocket_echo():
    echo = WebSocketEcho()
    yield echo
    echo.close()


@pytest.fixture
def segment(tmp_path):
    """A segment that is not started yet: add applications, then start()."""
    made = segments.Segment(tmp_path / "segment")
    yield made
    made.close()
    _fail_on_sanitizer_reports(made.logs)


# Of journeys at a terminal; needs root.
@pytest.fixture
def seat(segment):
    segment.start()
    with Seat(segment, "zeimu-03") as made:
        yield made


@pytest.fixture
def person():
    made = LinuxUser()
    yield made
    made.close()


@pytest.fixture
def user(segment, seat, person):
    return segment.add_user(person.name)


@pytest.fixture
def room(seat, tmp_path):
    return PamRoom(tmp_path / "room", seat)


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A segment that is not started yet, for all the small cases of one file."""
    made = segments.Segment(tmp_path_factory.mktemp("shared") / "segment")
    yield made
    made.close()
    _fail_on_sanitizer_reports(made.logs)


def _fail_on_sanitizer_reports(logs):
    """The sanitizers report into the logs; a report fails the journey."""
    for log in Path(logs).glob("*.log"):
        text = log.read_text(encoding="utf-8", errors="replace")
        for word in ("ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "runtime error:",
                     "WARNING: ThreadSanitizer", "FATAL: ThreadSanitizer"):
            assert word not in text, f"{log}:\n{text[text.index(word):][:6000]}"
