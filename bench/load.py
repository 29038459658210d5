"""The clients: wrk, curl and our own (bench/tls_client.cpp).  All have the client's CPU, and all
fail when anything was not answered as it should be."""

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from segment import build_folder

HERE = Path(__file__).resolve().parent
SERVER_CPU, CLIENT_CPU = "0", "1"
CONNECTIONS = 64


class Failed(Exception):
    """A measurement came to nothing; says why in one line."""


@dataclass
class Target:
    """What is asked for, and the processes whose cost counts."""
    url: str
    pids: list
    headers: dict = field(default_factory=dict)
    body_bytes: int = 0  # None: any
    cookies: Path = None  # a file of Cookie fields that take turns; none: as in `headers`

    @property
    def port(self):
        return urlsplit(self.url).port

    @property
    def host(self):
        return urlsplit(self.url).hostname

    def head(self):
        """The request as it goes over the wire."""
        place = urlsplit(self.url)
        lines = [f"GET {place.path} HTTP/1.1", f"Host: {place.netloc}",
                 *(f"{name}: {value}" for name, value in self.headers.items())]
        return "".join(line + "\r\n" for line in [*lines, ""])


def must_answer(target, visitor):
    """wrk takes a redirect for a success; so one answer is looked at before each run."""
    headers = dict(target.headers)
    if target.cookies:
        with open(target.cookies, encoding="ascii") as lines:
            headers["Cookie"] = lines.readline().strip()
    answer = visitor.get(target.url, headers)
    if answer.status != 200 or target.body_bytes not in (None, len(answer.body)):
        raise Failed(f"{target.url} does not answer as expected: {answer!r}")


def run(*command, **options):
    """Standard output of a client that did well."""
    ended = subprocess.run(["taskset", "-c", CLIENT_CPU, *map(str, command)], text=True,
                           capture_output=True, **options)
    if ended.returncode:
        raise Failed(f"{Path(command[0]).name} exited {ended.returncode}: "
                     f"{(ended.stderr or ended.stdout).strip()[-300:]}")
    return ended.stdout


def wrk(target, seconds):
    """Its figures: requests, seconds, p50_ms, p99_ms."""
    headers = [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
    environment = {**os.environ, **({"COOKIES": str(target.cookies)} if target.cookies else {})}
    said = run("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "5s",
               "-s", HERE / "load.lua", *headers, target.url, env=environment)
    found = re.search(r"^JSON (.*)$", said, re.M)
    if not found:
        raise Failed(f"wrk said nothing usable: {said[-300:]}")
    figures = json.loads(found[1])
    if figures["errors"] or not figures["requests"]:
        raise Failed(f"{target.url}: wrk saw {figures['errors']} errors and "
                     f"{figures['requests']} answers")
    return figures


def download(target, ca_file):
    """Fetches the target once and returns how many seconds it took."""
    headers = [part for name, value in target.headers.items() for part in ("-H", f"{name}: {value}")]
    said = run("curl", "--silent", "--show-error", "--http1.1", "--cacert", ca_file,
               "--resolve", f"{target.host}:{target.port}:127.0.0.1", "--output", "/dev/null",
               "--write-out", "%{http_code} %{size_download} %{time_total}", *headers, target.url)
    status, size, seconds = said.split()
    if (int(status), int(size)) != (200, target.body_bytes):
        raise Failed(f"{target.url} answered {status} with {size} bytes")
    return float(seconds)


def tls_client_command(mode, target, ca_file, *rest):
    program = build_folder() / "bench/sekisho_bench_tls_client"
    return [program, mode, target.port, target.host, ca_file, *rest]


def tls_client(mode, target, ca_file, *rest):
    """Runs bench/tls_client.cpp to its end and returns its figures."""
    return json.loads(run(*tls_client_command(mode, target, ca_file, *rest), input=target.head()))


class Holding:
    """Idle connections, each of which had one answer, for as long as the `with` lasts."""

    def __init__(self, target, ca_file, connections):
        self.command = tls_client_command("hold", target, ca_file, connections)
        self.target = target

    def __enter__(self):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", "taskset", "-c", CLIENT_CPU,
             *map(str, self.command)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE)
        self.process.stdin.write(self.target.head())
        self.process.stdin.flush()
        if not self.process.stdout.readline():
            raise Failed(self.process.communicate()[1].strip())
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(60)
