"""Measures the gateway against its peers, side by side, on this machine.  See bench/README.md.

Prints every run and, last, one line a comparison that a script can read:
    ratio check 0.62 (ours 22.1 us, nginx 13.7 us)
The medians over the rounds; above 1 is better than the peer.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests/support"))

from load import CLIENT_CPU, Failed  # noqa: E402
from measures import INFORMATION, ONCE, RATIOS, RUNS  # noqa: E402
from peers import NotInstalled  # noqa: E402
from town import Town  # noqa: E402


def options():
    parser = argparse.ArgumentParser(prog="./dev bench web")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="length of each run")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(RATIOS)}")
    chosen = parser.parse_args()
    if unknown := [name for name in chosen.names if name not in RATIOS]:
        parser.error(f"no such comparison: {unknown[0]}; there are: {', '.join(RATIOS)}")
    if min(chosen.rounds, chosen.seconds) < 1:
        parser.error("--rounds and --seconds must be at least 1")
    return chosen


def comparisons(names):
    """(kind, name, comparison) of what is to be told, what is only informing first."""
    wanted = [name for name in RATIOS if not names or name in names]
    return ([("info", *INFORMATION[name]) for name in wanted if name in INFORMATION] +
            [("ratio", name, RATIOS[name]) for name in wanted])


class Session:
    """The runs that are needed: prepared, run round by round, what fails left out from then on."""

    def __init__(self, town, needed):
        self.town, self.readings, self.failures = town, {}, {}
        self.runs = {}
        for name in (name for name in RUNS if name in needed):
            self.readings[name] = []
            self.attempt(name, lambda: self.runs.update({name: RUNS[name](town)}))

    def attempt(self, name, action):
        try:
            action()
        except Exception as failure:  # whatever it was, the other measurements go on
            self.failures[name] = failure
            print(f"{name}: {said_by(failure)}", file=sys.stderr, flush=True)

    def round(self, number, seconds):
        for name in list(self.runs) if number % 2 else list(reversed(self.runs)):
            if name not in self.failures and not (name in ONCE and self.readings[name]):
                self.attempt(name, lambda: self.measure(number, name, seconds))

    def measure(self, number, name, seconds):
        reading = self.runs[name](seconds)
        self.readings[name].append(reading.value)
        print(f"{number:>5} {name:<20} {reading.value:>10.3f}  {reading.told}", flush=True)

    def line(self, kind, name, comparison):
        """What came of one comparison, in one line."""
        for run in (comparison.ours, comparison.peer):
            if failure := self.failures.get(run):
                what = "skipped" if isinstance(failure, NotInstalled) else "failed"
                return f"{kind} {name} {what} ({said_by(failure)})"
        ours, peer = (statistics.median(self.readings[run])
                      for run in (comparison.ours, comparison.peer))
        told = ", ".join(f"{who} {comparison.unit(value)}"
                         for who, value in zip(comparison.names, (ours, peer)))
        return f"{kind} {name} {comparison.ratio(ours, peer):.2f} ({told})"

    def is_complete(self):
        return all(isinstance(failure, NotInstalled) for failure in self.failures.values())


def said_by(failure):
    """In one line."""
    text = str(failure) or repr(failure)
    if isinstance(failure, subprocess.CalledProcessError) and failure.stderr:
        text += f": {failure.stderr}"
    if not isinstance(failure, Failed):
        text = f"{type(failure).__name__}: {text}"
    return " ".join(text.split())[:300]


def main():
    chosen = options()
    if not {0, 1} <= os.sched_getaffinity(0):
        raise SystemExit("CPUs 0 and 1 are needed: one for the server, one for the load")
    os.sched_setaffinity(0, {int(CLIENT_CPU)})  # and so nothing of ours disturbs the server
    wanted = comparisons(chosen.names)
    needed = {run for _, _, comparison in wanted for run in (comparison.ours, comparison.peer)}
    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder, Town(folder) as town:
        session = Session(town, needed)
        print(f"{'round':>5} {'what':<20} {'figure':>10}")
        for number in range(1, chosen.rounds + 1):
            session.round(number, chosen.seconds)
    print("\n".join(session.line(*comparison) for comparison in wanted))
    return 0 if session.is_complete() else 1


if __name__ == "__main__":
    sys.exit(main())
