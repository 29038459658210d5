"""Clients and applications that break the rules of TLS and of HTTP, or end in the middle.

Each loses its own connection and nobody else anything: one thread serves them all here, so whoever
kept it busy would keep everybody waiting.  Deadlines of a minute end none of these."""
# labels: journey threads
# timeout: 600

import http.client
import os
import select
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest
from processes import until
from scripted import Scripted
from visitor import connect

SOON = 10.0
MINUTES = ("header_timeout", "body_timeout", "idle_timeout", "upstream_answer_timeout")
VERSIONS = ["TLSv1_2", "TLSv1_3"]
UNDECIPHERABLE = bytes([23, 3, 3, 0, 40]) + bytes(40)  # a record of forty bytes with a wrong tag


class Secure(Scripted):
    def __init__(self, script, tls, version):
        super().__init__(script, tls)
        self._context.maximum_version = ssl.TLSVersion[version]


@pytest.fixture(scope="module")
def stage(shared):
    """A signed-in client of an application that does what the test writes into `script`."""
    made = SimpleNamespace(segment=shared, script=None)
    plain = Scripted(lambda exchange: made.script(exchange))
    shared.add_application("tax", plain.url, groups=["tax"])
    tls = shared.authority.issue("application", "127.0.0.1")
    secure = {version: Secure(half, tls, version) for version in VERSIONS}
    for version, application in secure.items():
        shared.add_application(f"tls{version[-1]}", application.url, groups=["tax"],
                               upstream_ca=str(shared.authority.file))
    shared.settings["limits"] = {"threads": 1, **{name: "60s" for name in MINUTES}}
    shared.start()
    made.inside = shared.sign_in(shared.add_user("hanako", groups=["tax"]))
    yield made
    for application in (plain, *secure.values()):
        application.close()


def client(version="TLSv1_3"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
    return context


def port_and_name(segment, listener):
    if listener == "web":
        return segment.web_port, segment.portal_host
    return segment.terminal_port, f"gateway.{segment.domain}"


def is_served(segment, listener="web"):
    """Whether a client that does no wrong gets an answer."""
    port, host = port_and_name(segment, listener)
    with connect(port, host, client(), timeout=SOON) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return wire.recv(16).startswith(b"HTTP/1.1 ")


def ends_after(wire, record):
    """Sends bytes past TLS, and returns when the connection has ended for them."""
    with socket.socket(fileno=os.dup(wire.fileno())) as raw:
        raw.settimeout(SOON)
        raw.sendall(record)
        with suppress(ConnectionError):
            while raw.recv(65536):
                pass


def posting(segment, inside, *lines, body=b""):
    host = segment.host("tax")
    wire = connect(segment.web_port, host, segment.visitor().context, timeout=SOON)
    wire.sendall("\r\n".join(["POST /up HTTP/1.1", f"Host: {host}:{segment.web_port}",
                              f"Cookie: {inside.session_cookie()}", *lines, "", ""]).encode() + body)
    return wire


# -- records that do not decrypt ---------------------------------------------------------------------
@pytest.mark.parametrize("listener", ["web", "terminal"])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_record_that_does_not_decrypt_in_a_head_ends_its_connection_only(stage, listener, version):
    port, host = port_and_name(stage.segment, listener)
    with connect(port, host, client(version)) as wire:
        wire.sendall(b"GET / HT")
        assert is_served(stage.segment, listener)  # and so our half has been read before
        ends_after(wire, UNDECIPHERABLE)
        assert is_served(stage.segment, listener)


@pytest.mark.parametrize("answers", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"])
def test_a_record_that_does_not_decrypt_in_a_body_ends_its_connection_only(stage, answers):
    asked, left = threading.Event(), threading.Event()

    def script(exchange):
        exchange.send(answers)
        asked.set()
        exchange.wait_until_left()
        left.set()
    stage.script = script
    with posting(stage.segment, stage.inside, "Content-Length: 400") as wire:
        wire.sendall(b"abc")
        assert asked.wait(SOON) and is_served(stage.segment)
        ends_after(wire, UNDECIPHERABLE)
        assert is_served(stage.segment)
    assert left.wait(SOON)  # the application does not wait for the rest either


# -- handshake messages after the handshake ----------------------------------------------------------
class KeyUpdates:
    """openssl s_client, to which a line "k" says: send a KeyUpdate (RFC 8446 section 4.6.3)."""

    def __init__(self, segment):
        self.host = segment.portal_host
        self.process = subprocess.Popen(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{segment.web_port}", "-servername",
             self.host, "-tls1_3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, bufsize=1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()

    def says(self, line, told):
        """Whether `told` comes back before the end."""
        with suppress(BrokenPipeError):
            self.process.stdin.write(line)
            self.process.stdin.flush()
        return any(told in heard for heard in iter(self.process.stdout.readline, ""))

    def send(self, count):
        for sent in range(count):
            assert self.says("k\n", "KEYUPDATE"), sent

    def is_answered(self):
        return self.says(f"GET / HTTP/1.1\nHost: {self.host}\n\n".replace("\n", "\r\n"),
                         "HTTP/1.1 200 OK")


@pytest.mark.parametrize("count", [10, 64])
def test_a_client_may_renew_its_keys(stage, count):
    with KeyUpdates(stage.segment) as peer:
        peer.send(count)
        assert peer.is_answered()


def test_a_client_that_renews_its_keys_without_end_is_hung_up_on(stage):
    with KeyUpdates(stage.segment) as peer:
        peer.send(65)
        assert not peer.is_answered()
        assert peer.process.wait(SOON) is not None
    assert is_served(stage.segment)


# -- how an application ends its TLS -----------------------------------------------------------------
HALF = b"half of the sum: 1000"


def half(exchange):
    """Says half of something, without a length, and ends TLS as the path says: with a goodbye, which
    is Scripted's own way, with a fatal alert, or without a word."""
    exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + HALF)
    if exchange.target == b"/alert":
        say_alert(exchange.connection)
    elif exchange.target == b"/cut":
        exchange.connection.close()


def say_alert(tls):
    """OpenSSL finds another socket in place of the gateway's, where something has come that it cannot
    decipher.  What it says to that is passed on."""
    mine, others = socket.socketpair()
    with socket.socket(fileno=os.dup(tls.fileno())) as gateway, mine, others:
        os.dup2(others.fileno(), tls.fileno())
        mine.sendall(UNDECIPHERABLE)
        with suppress(ssl.SSLError):
            tls.recv(1)
        gateway.sendall(mine.recv(65536))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("end", ["alert", "cut"])
def test_an_answer_that_ends_in_an_alert_or_a_cut_is_no_whole_one(stage, version, end):
    with pytest.raises(http.client.IncompleteRead) as broken:
        stage.inside.get(stage.segment.url(f"tls{version[-1]}", f"/{end}"))
    assert broken.value.partial in (b"", HALF)


@pytest.mark.parametrize("version", VERSIONS)
def test_an_answer_that_ends_in_a_goodbye_is_whole(stage, version):
    answer = stage.inside.get(stage.segment.url(f"tls{version[-1]}", "/goodbye"))
    assert (answer.status, answer.body) == (200, HALF)


# -- uploads -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name, more", [("jiro", b"1\r\nx\r\n"), ("saburo", b"")])
def test_an_upload_ends_with_its_persons_right_to_it(stage, name, more):
    inside = stage.segment.sign_in(stage.segment.add_user(name, groups=["tax"]))
    arrived, left, seen = threading.Event(), threading.Event(), []

    def script(exchange):
        while piece := exchange.read(65536):
            seen.append(piece)
            arrived.set()
        left.set()
    stage.script = script
    with posting(stage.segment, inside, "Transfer-Encoding: chunked") as wire:
        wire.sendall(b"5\r\nfirst\r\n")
        assert arrived.wait(SOON)
        stage.segment.command("user", "disable", name)
        wire.settimeout(0.1)

        def is_over():
            try:
                wire.sendall(more)
                return wire.recv(1) == b""
            except TimeoutError:
                return False
            except OSError:
                return True
        until(is_over, "the upload to be ended", SOON)
    assert left.wait(SOON) and not b"".join(seen).endswith(b"0\r\n\r\n")


def answer_to(wire, data, stuck):
    """Sends and reads what comes meanwhile, in one thread as OpenSSL wants it; `stuck` is set when
    nothing moves any more."""
    wire.setblocking(False)
    rest, deadline = memoryview(data), time.monotonic() + 2 * SOON
    while time.monotonic() < deadline:
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError, ConnectionError):
            rest = rest[wire.send(rest[:16384]):]
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return wire.recv(65536)
        readable, writable, _ = select.select([wire], [wire], [], 0.5)
        if not readable and not writable:
            stuck.set()
    raise TimeoutError("no answer came")


@pytest.mark.parametrize("waits", [False, True], ids=["at-once", "when-the-upload-is-stuck"])
@pytest.mark.parametrize("together", [False, True], ids=["head-first", "head-and-body"])
def test_an_early_answer_reaches_a_client_that_is_still_sending(stage, waits, together):
    stuck, got = threading.Event(), threading.Event()

    def script(exchange):
        assert not waits or stuck.wait(2 * SOON)
        exchange.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
        got.wait(2 * SOON)  # and reads no more
    stage.script = script
    with posting(stage.segment, stage.inside, "Content-Length: 100000000",
                 body=bytes(10_000) if together else b"") as wire:
        answer = answer_to(wire, bytes(90_000_000), stuck)
        assert answer.startswith(b"HTTP/1.1 413 ") and answer.endswith(b"\r\n\r\nno"), answer
    got.set()
    assert is_served(stage.segment)


def test_an_answer_that_began_before_the_bodys_end_is_not_cut_by_the_bodys_deadline(segment):
    has_all, go_on = threading.Event(), threading.Event()

    def script(exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
        assert exchange.read_exactly(4) == b"DONE"
        has_all.set()
        go_on.wait(2 * SOON)
        exchange.send(b"6\r\nsecond\r\n0\r\n\r\n")
    upstream = Scripted(script)
    segment.settings["limits"] = {"threads": 1, "body_timeout": "1s"}
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    with posting(segment, inside, "Content-Length: 4") as wire, wire.makefile("rb") as file:
        assert any(line == b"first\r\n" for line in iter(file.readline, b""))
        wire.sendall(b"DONE")
        assert has_all.wait(SOON)
        start = time.monotonic()
        until(lambda: time.monotonic() - start > 3.5, "the deadline to be long past")
        go_on.set()
        assert [file.readline() for _ in range(4)] == [b"6\r\n", b"second\r\n", b"0\r\n", b"\r\n"]
    upstream.close()
