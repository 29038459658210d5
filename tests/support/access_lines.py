"""The access log as whoever reads it finds it, every line a JSON object and nothing between them, and
requests that leave a line in it."""

import json
import socket

from processes import until
from visitor import Visitor, connect

LOG = "access.jsonl"
SOON = 15.0


def written(segment, name=LOG):
    """The lines of the log so far; what is not one fails."""
    whole, _, _ = (segment.folder / name).read_bytes().rpartition(b"\n")  # the last is on its way
    lines = [json.loads(line) for line in whole.decode("utf-8").split("\n")] if whole else []
    assert all(isinstance(line, dict) for line in lines)
    return lines


def line_of(segment, log=LOG, **wanted):
    """The one line in which these fields stand; waits for it."""
    line, = until(lambda: [line for line in written(segment, log)
                           if wanted.items() <= line.items()], f"a line with {wanted}", SOON)
    return line


def left_out(segment):
    """How many lines were lost, as /metrics has it."""
    page = Visitor(segment.authority.file).get(f"http://localhost:{segment.metrics_port}/metrics")
    return next(int(line.split()[1]) for line in page.text.splitlines()
                if line.startswith("sekisho_access_log_left_out_total "))


def ask_check_socket(segment, headers):
    """The first bytes of the answer; headers are bytes in Latin-1."""
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(SOON)
        wire.connect(str(segment.check_socket))
        fields = b"".join(f"{name}: {value}\r\n".encode("latin-1") for name, value in headers.items())
        wire.sendall(b"GET /authz/auth-request HTTP/1.1\r\nHost: portal\r\n" + fields + b"\r\n")
        return wire.recv(65536)


def answer_to(segment, host, lines, port=None, source="127.0.0.1"):
    """The beginning of it; the connection ends there."""
    context = segment.visitor().context
    context.load_verify_locations(str(segment.folder / "keys/ca.pem"))  # of the terminals' door
    with connect(port or segment.web_port, host, context, source=source) as wire:
        wire.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        return wire.recv(4096)


def requested(segment, path):
    """Makes a request that can be found by its path."""
    assert segment.visitor().get(segment.url("tax", path)).status == 302
