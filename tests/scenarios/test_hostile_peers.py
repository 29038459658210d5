"""Clients and applications that break the rules of TLS and of HTTP, or end in the middle.

Each loses its own connection and nobody else anything: one thread serves them all here, so whoever
kept it busy would keep everybody waiting.  The gateway's own deadlines are a minute, and end none
of these in its place."""
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
UNDECIPHERABLE = bytes([23, 3, 3, 0, 40]) + bytes(40)  # a record of forty bytes


@pytest.fixture(scope="module")
def stage(shared):
    """A signed-in client of an application that does what the test writes into `script`."""
    made = SimpleNamespace(segment=shared, script=None)
    plain = Scripted(lambda exchange: made.script(exchange))
    made.abrupt = AbruptApplication(shared.authority.issue("abrupt", "127.0.0.1"))
    shared.add_application("tax", plain.url, groups=["tax"])
    shared.add_application("abrupt", made.abrupt.url, groups=["tax"],
                           upstream_ca=str(shared.authority.file))
    shared.settings["limits"] = {"threads": 1, **{name: "60s" for name in MINUTES}}
    shared.start()
    made.inside = shared.sign_in(shared.add_user("hanako", groups=["tax"]))
    yield made
    plain.close()
    made.abrupt.close()


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


def posting(segment, inside, *lines):
    host = segment.host("tax")
    wire = connect(segment.web_port, host, segment.visitor().context, timeout=SOON)
    wire.sendall("\r\n".join(["POST /up HTTP/1.1", f"Host: {host}:{segment.web_port}",
                              f"Cookie: {inside.session_cookie()}", *lines, "", ""]).encode())
    return wire


# -- records that do not decrypt ---------------------------------------------------------------------
@pytest.mark.parametrize("listener", ["web", "terminal"])
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
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
class AbruptApplication:
    """Says half of something over https, without a length, and ends as the path says: /goodbye with
    close_notify, /alert with a fatal alert, /cut without a word."""

    HALF = b"half of the sum: 1000"

    def __init__(self, tls):
        self._files, self.version = tls, "TLSv1_3"
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()

    def _listen(self):
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, suppress(EOFError, OSError):
                    self._serve(connection)

    def _serve(self, connection):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion[self.version]
        context.load_cert_chain(*map(str, self._files))
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)

        def done(step, *arguments):
            while True:
                try:
                    return step(*arguments)
                except ssl.SSLWantReadError:
                    connection.sendall(outgoing.read())
                    if not (block := connection.recv(65536)):
                        raise EOFError from None
                    incoming.write(block)

        done(tls.do_handshake)
        head = done(tls.read, 65536)
        tls.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n" + self.HALF)
        with suppress(ssl.SSLError):
            if b"/goodbye" in head:
                tls.unwrap()
            elif b"/alert" in head:
                incoming.write(UNDECIPHERABLE)  # as if it had come: the answer is a fatal alert
                tls.read(1)
        connection.sendall(outgoing.read())


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
@pytest.mark.parametrize("end", ["alert", "cut"])
def test_an_answer_that_ends_in_an_alert_or_a_cut_is_no_whole_one(stage, version, end):
    stage.abrupt.version = version
    with pytest.raises(http.client.IncompleteRead) as broken:
        stage.inside.get(stage.segment.url("abrupt", f"/{end}"))
    assert broken.value.partial in (b"", AbruptApplication.HALF)


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_an_answer_that_ends_in_a_goodbye_is_whole(stage, version):
    stage.abrupt.version = version
    answer = stage.inside.get(stage.segment.url("abrupt", "/goodbye"))
    assert (answer.status, answer.body) == (200, AbruptApplication.HALF)


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
        until(is_over, "the upload to be ended", 5)
    assert left.wait(SOON)
    assert not b"".join(seen).endswith(b"0\r\n\r\n")


def answer_to_a_flood(wire, stuck):
    """Sends without end and reads what comes meanwhile, in one thread as OpenSSL wants it; `stuck` is
    set when nothing moves any more."""
    wire.setblocking(False)
    block, deadline = bytes(16384), time.monotonic() + 2 * SOON
    while time.monotonic() < deadline:
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError, ConnectionError):
            wire.send(block)
        with suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return wire.recv(65536)
        readable, writable, _ = select.select([wire], [wire], [], 0.5)
        if not readable and not writable:
            stuck.set()
    raise TimeoutError("no answer came")


@pytest.mark.parametrize("waits", [False, True], ids=["at-once", "when-the-upload-is-stuck"])
def test_an_early_answer_reaches_a_client_that_is_still_sending(stage, waits):
    stuck, got = threading.Event(), threading.Event()

    def script(exchange):
        assert not waits or stuck.wait(2 * SOON)
        exchange.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
        got.wait(2 * SOON)  # and reads no more
    stage.script = script
    with posting(stage.segment, stage.inside, "Content-Length: 1000000000") as wire:
        answer = answer_to_a_flood(wire, stuck)
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
