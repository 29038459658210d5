"""Keeps a gateway under a mixed load, and watches whether it holds on to anything.

    ./dev soak [MINUTES]   ends with 0 only if memory, descriptors and threads did not grow in the
                           last quarter and every answer was the expected one

Everything is on loopback and in a throwaway folder; the samples stay in build/soak, as a table
(samples.csv) and as a picture (memory.svg).  Ctrl-C ends it early, and it judges what it has seen.
A minute says that the load works; memory is judged from eight minutes on, and better after an hour.
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))

import soak_record as record  # noqa: E402
from segment import ROOT, Segment  # noqa: E402
from soak_load import LOGIN_USERS, Load, Tally  # noqa: E402
from upstream import Application, WebSocketEcho  # noqa: E402
from visitor import Visitor  # noqa: E402

RESULTS = ROOT / "build/soak"
SAMPLE_EVERY, TELL_EVERY, RELOAD_EVERY = 10.0, 30.0, 60.0  # seconds
FEWEST_SAMPLES = 24


def say(text):
    print(text, flush=True)


class Town:
    """The segment, its applications and its people."""

    def __init__(self, folder):
        self.steady, self.restless, self.echo = Application(), Application(), WebSocketEcho()
        self.segment = segment = Segment(folder / "segment")
        segment.add_application("tax", self.steady.url, groups=["tax"])
        segment.add_application("roads", self.restless.url, groups=["tax"])
        segment.add_application("chat", self.echo.url, groups=["tax"], websocket=True)
        segment.add_application("gone", "http://127.0.0.1:1", groups=["tax"])
        # One machine plays everybody: what it guesses wrong is not held against all of it.
        segment.settings["throttle"] = {"source_after": 10_000}
        # Who is only ever refused does not keep his session by that; here it is to last.
        segment.settings["sessions"] = {"idle": "12h", "absolute": "24h"}
        self._metrics = Visitor(segment.authority.file)

    def start(self):
        self.segment.start()
        hanako = self.segment.add_user("hanako", "関所 花子", groups=["tax"])
        jiro = self.segment.add_user("jiro", groups=["other"])
        others = [self.segment.add_user(f"user{number}", groups=["tax"])
                  for number in range(LOGIN_USERS)]
        return hanako, jiro, others

    def reload(self, _):
        """Now with one application more, now without."""
        applications = self.segment.applications
        if applications[-1].name == "now-and-then":
            applications.pop()
        else:
            self.segment.add_application("now-and-then", self.steady.url, groups=["tax"])
        self.segment.reload()
        return "reloaded"

    def gauges(self):
        """Connections and sessions, as the gateway counts them."""
        page = self._metrics.get(f"http://localhost:{self.segment.metrics_port}/metrics")
        self._metrics.history.clear()
        told = dict(line.rsplit(" ", 1) for line in page.text.splitlines() if line[:1] != "#")
        return {"connections": int(told["sekisho_connections_open"]),
                "sessions": int(told["sekisho_sessions"])}

    def forget(self):
        """What the applications remember of their requests is of no use here."""
        self.steady.requests.clear()
        self.restless.requests.clear()
        self.echo.handshakes.clear()

    def close(self):
        self.segment.close()
        self.steady.close()
        self.restless.close()
        self.echo.close()


class Watch:
    """Takes samples until the end, and tells how it goes."""

    def __init__(self, town, tally, seconds):
        self.town, self.tally, self.seconds = town, tally, seconds
        self.samples = []

    def take(self, since):
        done, unexpected = self.tally.totals()
        self.samples.append(record.Sample(
            seconds=round(since, 1), done=done, unexpected=unexpected, **self.town.gauges(),
            **record.process_figures(self.town.segment.gateway.pid, os.sysconf("SC_CLK_TCK"))))
        self.town.forget()

    def run(self):
        """Until the time is over, or the gateway is gone."""
        every = min(SAMPLE_EVERY, self.seconds / FEWEST_SAMPLES)
        start, told = time.monotonic(), 0.0
        for number in range(1, int(self.seconds / every) + 1):
            time.sleep(max(0.0, start + number * every - time.monotonic()))
            if not self.town.segment.gateway.alive():
                say(self.town.segment.gateway.written()[-4000:])
                return
            since = time.monotonic() - start
            self.take(since)
            if since - told >= TELL_EVERY - every / 2:
                told = since
                self.tell()

    def tell(self):
        now = self.samples[-1]
        say(f"  {now.seconds / 60:5.1f} min   RSS {now.rss_kib / 1024:6.1f} MiB   "
            f"descriptors {now.descriptors:4}   threads {now.threads:3}   "
            f"sessions {now.sessions:3}   done {now.done:7}   unexpected {now.unexpected}")


def tell_results(watch, tally, is_sanitized, results):
    """Prints and writes what was seen; returns what is wrong with it, a sentence each."""
    say("\nWhat was done")
    for (activity, outcome), count in sorted(tally.done.items(), key=str):
        say(f"  {count:8}   {activity}: {outcome}")
    for (activity, outcome), count in sorted(tally.unexpected.items(), key=str):
        say(f"  {count:8}   UNEXPECTED   {activity}: {outcome}")
    say("\nThe gateway (memory: median, descriptors: lowest and highest)")
    if not watch.samples:
        return ["there are no samples"]
    say(record.table(watch.samples))
    results.mkdir(parents=True, exist_ok=True)
    record.write_csv(results / "samples.csv", watch.samples)
    record.write_svg(results / "memory.svg", watch.samples)
    say(f"\n  samples and picture: {results}")
    wrong = record.growths(watch.samples, is_sanitized)
    if why := record.cannot_judge_memory(watch.samples, is_sanitized):
        say(f"  memory is not judged: {why}")
    if tally.unexpected:
        wrong.append(f"{sum(tally.unexpected.values())} answers were not the expected ones")
    return wrong


def soak(folder, minutes, results):
    town, tally = Town(folder), Tally()
    interrupted = False
    try:
        people = town.start()
        say(f"A gateway on loopback ({town.segment.portal}), {minutes:g} minutes of load")
        is_sanitized = record.is_sanitized(town.segment.gateway.pid)
        load, watch = Load(town.segment, *people, tally), Watch(town, tally, minutes * 60)
        load.start()
        load.add("reload", town.reload, min(RELOAD_EVERY, minutes * 60 / 6))
        try:
            watch.run()
        except KeyboardInterrupt:
            interrupted = True
        load.stop()
        code = town.segment.stop()
        wrong = tell_results(watch, tally, is_sanitized, results)
        if code != 0:
            wrong.append(f"the gateway ended with {code}")
    finally:
        town.close()
    for sentence in wrong:
        say(f"soak: FAILED: {sentence}")
    if not wrong:
        say(f"soak: passed{' until it was interrupted' if interrupted else ''}")
    return 1 if wrong else 130 if interrupted else 0


def main():
    parser = argparse.ArgumentParser(prog="./dev soak")
    parser.add_argument("minutes", type=float, nargs="?", default=60)
    parser.add_argument("--into", type=Path, default=RESULTS, help="where the samples are kept")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end, like Ctrl-C
    folder = Path(tempfile.mkdtemp(prefix="sekisho-soak-"))
    try:
        return soak(folder, chosen.minutes, chosen.into)
    except KeyboardInterrupt:
        return 130
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
