"""Measures the gateway against nginx, side by side, on this machine.  See bench/README.md.

Prints a table of every round and, last, one line a measurement that a script can read:
    ratio check 0.62 (ours 22.1 us, nginx 13.7 us)
CPU time per request, median over the rounds; above 1 is better than nginx.
"""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))

from processes import free_port  # noqa: E402
from segment import Segment  # noqa: E402

SERVER_CPU, CLIENT_CPU = "0", "1"
CONNECTIONS = 64
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass
class Target:
    """What one wrk run asks for, and whose CPU time answers for it."""
    url: str
    headers: dict
    body_bytes: int
    pids: list


def family(pid):
    """A process and everything below it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def cpu_seconds(pids):
    """User and system time so far, all threads, from /proc/PID/stat."""
    ticks = 0
    for pid in (member for pid in pids for member in family(pid)):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_A_SECOND


class Peers:
    """nginx in three roles: the front under test, the trivial authority, the trivial upstream."""

    def __init__(self, folder, keeper, chain, key):
        self.folder, self.keeper = Path(folder), keeper
        (self.folder / "tmp").mkdir(parents=True)
        (self.folder / "www").mkdir()
        (self.folder / "www/1k").write_bytes(b"x" * 1024)
        self.names = {"F": self.folder, "CHAIN": chain, "KEY": key,
                      "USER": "user root;" if os.geteuid() == 0 else ""}
        self.ports = {role: free_port() for role in ("UPSTREAM", "AUTH", "CHECK", "PROXY")}

    def start(self):
        self.upstream = self._start("upstream", CLIENT_CPU, self.ports["UPSTREAM"])
        self.auth = self._start("auth", SERVER_CPU, self.ports["AUTH"])
        self.front = self._start("front", SERVER_CPU, self.ports["PROXY"])

    def _start(self, role, cpu, port):
        text = (HERE / "conf" / f"{role}.conf").read_text()
        values = {**self.names, **self.ports}
        text = re.sub(r"@(\w+)@", lambda found: str(values[found[1]]), text)
        path = self.folder / f"{role}.conf"
        path.write_text(text)
        child = self.keeper.start(f"nginx {role}", ["taskset", "-c", cpu, "nginx", "-e",
                                                    self.folder / f"{role}.log", "-c", path],
                                  self.folder / f"{role}.out")
        child.until_listening(port)
        return child


def wrk(target, seconds):
    command = ["taskset", "-c", CLIENT_CPU, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s",
               "--timeout", "5s", "-s", str(HERE / "load.lua")]
    for name, value in target.headers.items():
        command += ["-H", f"{name}: {value}"]
    answer = subprocess.run([*command, target.url], capture_output=True, text=True, check=True)
    found = re.search(r"^JSON (.*)$", answer.stdout, re.M)
    if not found:
        raise SystemExit(f"wrk said nothing usable:\n{answer.stdout}{answer.stderr}")
    return json.loads(found[1])


def must_answer(segment, target):
    """wrk takes a redirect for a success; so look at one answer before each run."""
    visitor = segment.visitor()
    answer = visitor.get(target.url, target.headers)
    if answer.status != 200 or len(answer.body) != target.body_bytes:
        raise SystemExit(f"{target.url} does not answer as expected: {answer!r}")


def measure(segment, target, seconds):
    """One run: microseconds of CPU a request, and wrk's figures."""
    must_answer(segment, target)
    wrk(target, 1)  # connections and caches warm
    before = cpu_seconds(target.pids)
    figures = wrk(target, seconds)
    spent = cpu_seconds(target.pids) - before
    if figures["errors"]:
        raise SystemExit(f"{target.url}: wrk saw {figures['errors']} errors")
    figures["cpu_us"] = spent * 1e6 / figures["requests"]
    figures["per_second"] = figures["requests"] / figures["seconds"]
    return figures


def deploy(folder):
    """A segment with one signed-in user, and nginx beside it.  Returns both and the cookie."""
    segment = Segment(Path(folder) / "segment")
    chain, key = segment.authority.issue("peer", "localhost", "peer.sekisho.test")
    peers = Peers(Path(folder) / "nginx", segment.keeper, chain, key)
    peers.start()
    segment.settings["limits"] = {"threads": 1}
    segment.add_application("bench", f"http://127.0.0.1:{peers.ports['UPSTREAM']}", groups=["bench"])
    segment.start(wrapper=("taskset", "-c", SERVER_CPU))
    user = segment.add_user("hanako", "関所 花子", groups=["bench"])
    visitor = segment.sign_in(user)
    return segment, peers, visitor.session_cookie()


def pairs(segment, peers, cookie):
    """Measurement -> (ours, nginx)."""
    ours, front, auth = segment.gateway.pid, peers.front.pid, peers.auth.pid
    asked = {"Cookie": cookie, "X-Original-URL": f"https://{segment.host('bench')}/1k",
             "X-Original-Method": "GET", "X-Forwarded-For": "127.0.0.1"}
    return {
        "check": (
            Target(f"{segment.portal}/authz/auth-request", asked, 0, [ours]),
            Target(f"https://localhost:{peers.ports['CHECK']}/authz/auth-request", asked, 0,
                   [front])),
        "proxy": (
            Target(segment.url("bench", "/1k"), {"Cookie": cookie}, 1024, [ours]),
            Target(f"https://localhost:{peers.ports['PROXY']}/1k", {"Cookie": cookie}, 1024,
                   [front, auth])),
    }


def main():
    parser = argparse.ArgumentParser(prog="./dev bench web")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=8, help="length of each run")
    parser.add_argument("what", nargs="*", metavar="check|proxy", help="default: both")
    chosen = parser.parse_args()
    if set(chosen.what) - {"check", "proxy"}:
        parser.error("measurements are: check, proxy")
    if len(os.sched_getaffinity(0)) < 2:
        raise SystemExit("two CPUs are needed: one for the server, one for the load")

    with tempfile.TemporaryDirectory(prefix="sekisho-bench-") as folder:
        segment, peers, cookie = deploy(folder)
        with segment:
            measurements = {name: pair for name, pair in pairs(segment, peers, cookie).items()
                            if not chosen.what or name in chosen.what}
            runs = run_rounds(segment, measurements, chosen)
    for name, sides in runs.items():
        ours, nginx = (statistics.median(run["cpu_us"] for run in side) for side in sides)
        rates = [statistics.median(run["per_second"] for run in side) for side in sides]
        print(f"{name}: {rates[0]:,.0f} requests/s ours, {rates[1]:,.0f} nginx")
    for name, sides in runs.items():
        ours, nginx = (statistics.median(run["cpu_us"] for run in side) for side in sides)
        print(f"ratio {name} {nginx / ours:.2f} (ours {ours:.1f} us, nginx {nginx:.1f} us)")


def run_rounds(segment, measurements, chosen):
    """Interleaved: every target once a round, who goes first alternating."""
    runs = {name: ([], []) for name in measurements}
    print(f"{'round':>5} {'what':<6} {'who':<6} {'CPU us':>7} {'req/s':>8} {'p50 ms':>7} {'p99 ms':>7}")
    for number in range(1, chosen.rounds + 1):
        for name, pair in measurements.items():
            for side in (0, 1) if number % 2 else (1, 0):
                run = measure(segment, pair[side], chosen.seconds)
                runs[name][side].append(run)
                print(f"{number:>5} {name:<6} {('ours', 'nginx')[side]:<6} {run['cpu_us']:>7.1f} "
                      f"{run['per_second']:>8,.0f} {run['p50_ms']:>7.2f} {run['p99_ms']:>7.2f}",
                      flush=True)
    return runs


if __name__ == "__main__":
    main()
