"""Exchanges that do not go as planned: who is waited for, who is blamed, what is said in the end."""
# labels: journey threads
# timeout: 300

import os
import socket
import ssl
import struct
import threading
import time

import pytest
from processes import until
from scripted import Scripted
from visitor import connect

MIB = 1024 * 1024


class Script:
    """An application that does what the path says."""

    def __init__(self):
        self.asked = threading.Semaphore(0)
        self.left = threading.Event()
        self.go_on = threading.Event()

    def __call__(self, exchange):
        name = exchange.target.decode().strip("/")
        return getattr(self, "at_" + (name or "page"))(exchange)

    def at_page(self, exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage")
        return True

    def at_poll(self, exchange):
        self.asked.release()
        exchange.wait_until_left()
        self.left.set()

    def at_events(self, exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
        self.at_poll(exchange)

    def at_late(self, exchange):
        self.asked.release()
        self.go_on.wait(20)
        return self.at_page(exchange)

    def at_slow(self, exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nConnection: close\r\n\r\n")
        for _ in range(7):
            self.go_on.wait(2)
            exchange.send(b"x")

    def at_upload(self, exchange):
        exchange.read_exactly(int(exchange.field(b"Content-Length")))
        return self.at_page(exchange)

    def at_deaf(self, exchange):
        self.asked.release()
        self.go_on.wait(20)


@pytest.fixture
def script():
    script = Script()
    yield script
    script.go_on.set()


@pytest.fixture
def town(segment, script):
    application = Scripted(script)
    segment.settings["limits"] = {"threads": 1, "body_timeout": "1s", "stop_timeout": "20s"}
    segment.add_application("tax", application.url, groups=["tax"])
    segment.start()
    segment.hanako = segment.add_user("hanako", groups=["tax"])
    segment.inside = segment.sign_in(segment.hanako)
    yield segment
    application.close()


def asked(town, path, *lines, method="GET", version="1.1"):
    """A connection on which hanako has asked the application for this."""
    host = town.host("tax")
    wire = connect(town.web_port, host, town.visitor().context)
    wire.settimeout(15)
    wire.sendall("\r\n".join([f"{method} {path} HTTP/{version}", f"Host: {host}",
                              f"Cookie: {town.inside.session_cookie()}", *lines, "", ""]).encode())
    return wire


def close_half(wire):
    """FIN, and nothing of TLS."""
    with socket.socket(fileno=os.dup(wire.fileno())) as same:
        same.shutdown(socket.SHUT_WR)


def read_all(wire):
    received = b""
    try:
        while block := wire.recv(65536):
            received += block
    except (ConnectionError, ssl.SSLEOFError):
        pass
    return received


def failures(town):
    return [line for line in town.metrics().splitlines()
            if line.startswith("sekisho_application_failures_total{")]


# -- a client that leaves ----------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/poll", "/events"])
@pytest.mark.parametrize("says", [b"", struct.pack("ii", 1, 0)], ids=["FIN", "RST"])
@pytest.mark.parametrize("is_kept", [True, False], ids=["kept", "new"])
def test_a_client_that_leaves_takes_its_question_to_the_application_with_it(
        town, script, path, says, is_kept):
    if is_kept:
        assert town.inside.get(town.url("tax", "/")).status == 200
    wire = asked(town, path)
    assert script.asked.acquire(timeout=10)
    if says:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, says)
    wire.close()
    until(script.left.is_set, "the application to be left, too", 25)
    assert failures(town) == ['sekisho_application_failures_total{application="tax"} 0']


def test_a_client_that_has_closed_its_half_waits_seconds_for_its_answer(town, script):
    with asked(town, "/late") as wire:
        close_half(wire)
        assert script.asked.acquire(timeout=10)
        time.sleep(4)
        script.go_on.set()
        assert read_all(wire).endswith(b"\r\n\r\npage")


def test_a_client_that_has_closed_its_half_gets_all_of_a_slow_answer(town):
    with asked(town, "/slow") as wire:
        close_half(wire)
        assert read_all(wire).endswith(b"\r\n\r\nxxxxxxx")


# -- an upload that stalls ---------------------------------------------------------------------------
def test_a_client_that_stops_sending_is_hung_up_on_and_the_application_is_not_blamed(town, script):
    for _ in range(4):
        with asked(town, "/upload", "Content-Length: 50", method="POST") as wire:
            wire.sendall(b"half")
            assert read_all(wire) == b""
    assert failures(town) == ['sekisho_application_failures_total{application="tax"} 0']
    assert '"upstream_down"' not in town.gateway.written()
    assert town.inside.get(town.url("tax", "/")).status == 200


def test_an_application_that_stops_reading_is_given_up_with_504(town, script):
    with asked(town, "/deaf", f"Content-Length: {64 * MIB}", method="POST") as wire:
        wire.settimeout(0.2)
        start, block, received = time.monotonic(), b"x" * 16384, b""
        while not received and time.monotonic() - start < 15:
            try:
                wire.sendall(block)
                continue
            except TimeoutError:
                pass
            except OSError:  # it closes once it has answered
                pass
            try:
                received = wire.recv(65536)
            except TimeoutError:
                continue
    assert received.startswith(b"HTTP/1.1 504 "), received[:100]
    assert failures(town) == ['sekisho_application_failures_total{application="tax"} 1']


# -- the end of a session, the end of the gateway ----------------------------------------------------
def test_a_late_answer_of_a_session_that_has_ended_names_the_portal(town, script):
    with asked(town, "/late") as wire:
        assert script.asked.acquire(timeout=10)
        time.sleep(1.5)  # what comes within a second is as of now
        town.command("session", "end", "--user", "hanako")
        script.go_on.set()
        head = wire.recv(65536).decode()
    assert head.startswith("HTTP/1.1 401 "), head
    assert 'WWW-Authenticate: Sekisho realm="portal"' in head, head
    assert f"Location: {town.portal}/?rd=" in head and "late" in head, head


def test_an_event_stream_does_not_hold_up_a_stop(town, script):
    with asked(town, "/events") as wire:
        received = b""
        while b"data: 1" not in received:
            received += wire.recv(65536)
        start = time.monotonic()
        assert town.stop() == 0
        assert time.monotonic() - start < 10  # of 20 seconds
        read_all(wire)


# -- small duties ------------------------------------------------------------------------------------
def test_an_answer_has_a_date_also_where_the_application_gives_none(town):
    answer = town.inside.get(town.url("tax", "/"))
    assert len(answer.headers_named("Date")) == 1, answer
    assert answer.header("Date").endswith(" GMT"), answer


def test_an_http_1_0_connection_ends_with_its_answer(town):
    with asked(town, "/", "Connection: keep-alive", version="1.0") as wire:
        answer = read_all(wire)
    assert answer.startswith(b"HTTP/1.1 200 ") and b"\r\nConnection: close\r\n" in answer, answer


def test_a_405_says_what_may_be_asked(town):
    assert town.visitor().get(town.portal + "/signin").header("Allow") == "POST"
    metrics = f"http://localhost:{town.metrics_port}/metrics"
    assert town.visitor(source="127.0.0.6").post(metrics, {}).header("Allow") == "GET, HEAD"
    with asked(town, "/", method="TRACE") as wire:
        answer = read_all(wire)
    assert answer.startswith(b"HTTP/1.1 405 ") and b"\r\nAllow: GET, HEAD, " in answer, answer


def test_the_portal_invites_a_body_that_waits_for_it(town):
    with connect(town.web_port, town.portal_host, town.visitor().context) as wire:
        wire.settimeout(10)
        wire.sendall((f"POST /signin HTTP/1.1\r\nHost: {town.portal_host}\r\nContent-Length: 3\r\n"
                      "Expect: 100-continue\r\n\r\n").encode())
        assert wire.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        wire.sendall(b"a=b")
        assert wire.recv(65536).startswith(b"HTTP/1.1 4")


@pytest.mark.parametrize("host", ["", "a b", "x/y", "a..b"])
def test_a_host_that_is_none_is_refused_at_the_metrics_too(town, host):
    with socket.create_connection(("127.0.0.1", town.metrics_port), 10) as wire:
        wire.sendall(f"GET /healthz HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert wire.recv(65536).startswith(b"HTTP/1.1 400 ")
