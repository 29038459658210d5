"""Clients as they come: curl, Python's own, a browser's event stream, WebSockets frame by frame."""
# labels: journey
# timeout: 900

import hashlib
import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import threading
from types import SimpleNamespace

import pytest
from processes import until
from scripted import Scripted
from upstream import Application, WebSocketEcho, digest_of_pattern, pattern
from visitor import connect
from websocket_client import (BINARY, CLOSE, MORE, PING, PONG, TEXT, WebSocket, frame,
                              handshake)

MIB = 1024 * 1024
HUGE = 200 * MIB
MOST_GROWTH = 50 * MIB
EVENTS = [b"data: %d\n\n" % number for number in range(5)]


class Live:
    """The script of an application that says something when the test lets it."""

    def __init__(self):
        self.news = threading.Semaphore(0)  # released once for each event that happens

    def __call__(self, exchange):
        return getattr(self, "at_" + exchange.target.decode().strip("/"))(exchange)

    def at_events(self, exchange, coding=b"Connection: close", write=lambda data: data):
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n" + coding +
                      b"\r\n\r\n")
        for event in EVENTS:
            self.news.acquire()
            exchange.send(write(event))
        exchange.send(write(b""))

    def at_chunked_events(self, exchange):
        self.at_events(exchange, b"Transfer-Encoding: chunked",
                       lambda data: b"%x\r\n%b\r\n" % (len(data), data))
        return True

    def at_poll(self, exchange):
        self.news.acquire()
        exchange.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnews")
        return True

    def at_refusal(self, exchange):
        exchange.send(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 2\r\n\r\nno")
        exchange.wait_until_left()

    def at_chunks(self, exchange):
        exchange.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if exchange.method != b"HEAD":
            for number in range(1, 50):
                exchange.send(b"%x\r\n%b\r\n" % (number, b"x" * number))
            exchange.send(b"0\r\n\r\n")
        return True

    def at_nothing(self, exchange):
        exchange.send(b"HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n")
        return True

    def at_unchanged(self, exchange):
        unchanged = exchange.field(b"If-None-Match") == b'"1"'
        status = b"304 Not Modified" if unchanged else b"200 OK"
        exchange.send(b'HTTP/1.1 %b\r\nETag: "1"\r\nContent-Length: 5\r\n\r\n' % status +
                      (b"" if unchanged else b"hello"))
        return True


@pytest.fixture(scope="module")
def gated(shared):
    files, live = Application(), Live()
    script, echo = Scripted(live), WebSocketEcho()
    for name, application in (("tax", files), ("live", script), ("chat", echo)):
        shared.add_application(name, application.url, groups=["tax"], websocket=name == "chat")
    shared.settings["proxies"] = {"trusted": ["127.0.0.9"]}
    # AddressSanitizer keeps what was freed, which would look like growth.
    options = os.environ.get("ASAN_OPTIONS", "")
    shared.start(environment={"ASAN_OPTIONS": f"{options}:quarantine_size_mb=1".lstrip(":")})
    visitor = shared.sign_in(shared.add_user("hanako", groups=["tax"]))
    yield SimpleNamespace(segment=shared, context=visitor.context, live=live, files=files,
                          echo=echo, cookie=visitor.session_cookie())
    for application in (files, script, echo):
        application.close()


def curl_command(gated, target, *options, application="tax", cookie=None):
    host, port = gated.segment.host(application), gated.segment.web_port
    return ["curl", "--silent", "--show-error", "--http1.1", "--max-time", "300",
            "--cacert", gated.segment.authority.file, "--resolve", f"{host}:{port}:127.0.0.1",
            "--cookie", gated.cookie if cookie is None else cookie, *options,
            f"https://{host}:{port}{target}"]


def curl(gated, target, *options, then=None, **more):
    """What curl says: `body`, `log` (with --verbose), and `told`, its own account.

    With `then`, it goes on to that target."""
    account = ["--verbose", "--write-out", "%{stderr}\n%{json}"]
    command = curl_command(gated, target, *account, *options, **more)
    if then:
        command += ["--next", *curl_command(gated, then, *account, **more)[1:]]
    done = subprocess.run(list(map(str, command)), capture_output=True, timeout=400)
    log, _, told = done.stderr.decode("latin-1").rpartition("\n")
    assert done.returncode == 0, log[-3000:]
    return SimpleNamespace(body=done.stdout, log=log, told=json.loads(told))


def wire_to(gated, application):
    return connect(gated.segment.web_port, gated.segment.host(application), gated.context)


def request(gated, application, target, *fields, method="GET"):
    host = gated.segment.host(application)
    return "\r\n".join([f"{method} {target} HTTP/1.1", f"Host: {host}",
                        f"Cookie: {gated.cookie}", *fields, "", ""]).encode()


@pytest.fixture(scope="module")
def huge_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("huge") / "file"
    with open(file, "wb") as out:
        for block in pattern(HUGE):
            out.write(block)
    yield file
    file.unlink()


# -- curl ------------------------------------------------------------------------------------------
def test_curl_waits_for_100_and_gets_it(gated, tmp_path):
    file = tmp_path / "form"
    file.write_bytes(b"x" * 100_000)
    sent = curl(gated, "/digest", "--header", "Expect: 100-continue", "--expect100-timeout", 100,
                "--data-binary", f"@{file}")
    assert sent.told["http_code"] == 200 and sent.told["time_total"] < 50, sent.log
    assert sent.log.count("< HTTP/1.1 100 Continue") == 1, sent.log
    assert json.loads(sent.body)["length"] == 100_000


def test_a_stranger_is_not_invited_to_send_a_body(gated, tmp_path):
    file = tmp_path / "form"
    file.write_bytes(b"x" * 100_000)
    sent = curl(gated, "/digest", "--header", "Expect: 100-continue", "--expect100-timeout", 100,
                "--data-binary", f"@{file}", cookie="a=b")
    assert sent.told["http_code"] == 401 and sent.told["size_upload"] == 0, sent.log
    assert "100 Continue" not in sent.log


def test_curl_reads_answers_without_a_body_and_keeps_the_connection(gated):
    for target, options, status in (
            ("/nothing", (), 204), ("/chunks", ("--head",), 200),
            ("/unchanged", ("--head",), 200),
            ("/unchanged", ("--header", 'If-None-Match: "1"'), 304),
            ("/nothing", ("--request", "DELETE"), 204)):
        seen = curl(gated, target, *options, application="live", then="/unchanged")
        assert f"< HTTP/1.1 {status} " in seen.log and "< HTTP/1.1 200 OK" in seen.log, seen.log
        assert "Re-using existing connection" in seen.log, (target, seen.log)
        assert seen.body.endswith(b"hello"), seen
        if status == 304:
            assert seen.log.count("< ETag: \"1\"") == 2


def test_curl_uploads_without_a_length(gated, huge_file):
    with open(huge_file, "rb") as file:
        start = file.read(3 * MIB)
    done = subprocess.run(list(map(str, curl_command(
        gated, "/digest", "--request", "POST", "--header", "Expect:", "--upload-file", "-"))),
        input=start, capture_output=True, timeout=100)
    assert json.loads(done.stdout) == {"length": 3 * MIB,
                                       "sha256": hashlib.sha256(start).hexdigest()}, done.stderr


def test_curl_downloads_without_a_length(gated):
    seen = curl(gated, "/chunks", application="live")
    assert "< Transfer-Encoding: chunked" in seen.log
    assert seen.body == b"".join(b"x" * number for number in range(1, 50))


# -- large bodies ----------------------------------------------------------------------------------
class Memory:
    """How much the gateway's resident memory grew at its highest, in bytes."""

    def __init__(self, pid):
        self.pid = pid

    def _kilobytes(self, name):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            return int(re.search(rf"{name}:\s+(\d+)", status.read())[1])

    def __enter__(self):
        with open(f"/proc/{self.pid}/clear_refs", "w", encoding="ascii") as reset:
            reset.write("5")  # the high-water mark starts again
        self._before = self._kilobytes("VmRSS")
        return self

    def __exit__(self, *_):
        self.growth = (self._kilobytes("VmHWM") - self._before) * 1024


@pytest.mark.parametrize("has_length", [True, False])
def test_a_huge_upload_goes_through_and_stays_nowhere(gated, huge_file, has_length):
    coding = () if has_length else ("--header", "Transfer-Encoding: chunked")
    with Memory(gated.segment.gateway.pid) as memory:
        sent = curl(gated, "/digest", "--no-progress-meter", "--request", "POST", *coding,
                    "--upload-file", huge_file)
    assert json.loads(sent.body) == {"length": HUGE, "sha256": digest_of_pattern(HUGE)}
    assert memory.growth < MOST_GROWTH, memory.growth


def test_a_huge_download_goes_through_and_stays_nowhere(gated, tmp_path):
    got = tmp_path / "got"
    with Memory(gated.segment.gateway.pid) as memory:
        curl(gated, f"/large?n={HUGE}", "--output", got)
    digest = hashlib.sha256()
    with open(got, "rb") as file:
        while block := file.read(MIB):
            digest.update(block)
    assert digest.hexdigest() == digest_of_pattern(HUGE)
    assert memory.growth < MOST_GROWTH, memory.growth


def test_an_early_refusal_of_a_huge_upload_is_read_by_curl(gated, huge_file):
    sent = curl(gated, "/refusal", "--header", "Expect:", "--upload-file", huge_file,
                application="live")
    assert sent.told["http_code"] == 413 and sent.body == b"no", sent.log
    assert sent.told["size_upload"] < HUGE
    assert curl(gated, "/unchanged", application="live").body == b"hello"


# -- clients that close their half -----------------------------------------------------------------
def test_a_client_that_has_closed_its_half_of_tcp_gets_its_answer(gated):
    with wire_to(gated, "tax") as wire:
        wire.sendall(request(gated, "tax", "/large?n=1000000"))
        with socket.socket(fileno=os.dup(wire.fileno())) as same:
            same.shutdown(socket.SHUT_WR)
        received = b""
        while block := wire.recv(65536):
            received += block
    assert received.partition(b"\r\n\r\n")[2] == b"".join(pattern(1_000_000))


class HalfClosable:
    """TLS by hand: our end of it can be ended while we go on reading."""

    def __init__(self, gated, application):
        self.socket = socket.create_connection(("127.0.0.1", gated.segment.web_port), 20)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = gated.context.wrap_bio(self.incoming, self.outgoing,
                                          server_hostname=gated.segment.host(application))
        self.until_done(self.tls.do_handshake)

    def flush(self):
        self.socket.sendall(self.outgoing.read())

    def until_done(self, call):
        while True:
            try:
                done = call()
                self.flush()
                return done
            except ssl.SSLWantReadError:
                self.flush()
                if block := self.socket.recv(65536):
                    self.incoming.write(block)
                else:
                    self.incoming.write_eof()

    def send_and_end(self, data):
        self.tls.write(data)
        try:
            self.tls.unwrap()
        except ssl.SSLWantReadError:
            pass  # the other end goes on
        self.flush()

    def read_all(self):
        received = b""
        try:
            while block := self.until_done(lambda: self.tls.read(65536)):
                received += block
        except ssl.SSLError:
            pass
        return received


def test_a_client_that_has_ended_its_half_of_tls_gets_its_answer(gated):
    client = HalfClosable(gated, "tax")
    client.send_and_end(request(gated, "tax", "/large?n=1000000"))
    received = client.read_all()
    client.socket.close()
    assert received.partition(b"\r\n\r\n")[2] == b"".join(pattern(1_000_000)), received[:300]


def test_an_upload_that_ends_with_tls_before_its_length_is_no_upload(gated):
    before = len(gated.files.requests)
    client = HalfClosable(gated, "tax")
    client.send_and_end(request(gated, "tax", "/digest", "Content-Length: 9", method="POST") +
                        b"half")
    received = client.read_all()
    client.socket.close()
    assert b"HTTP/1.1 2" not in received, received
    assert len(gated.files.requests) == before


# -- answers that take their time ------------------------------------------------------------------
@pytest.mark.parametrize("target", ["/events", "/chunked_events"])
def test_every_event_arrives_before_the_next_one_happens(gated, target):
    """The reader asks for the next event only once it has the last."""
    command = curl_command(gated, target, "--no-buffer", "--header", "Accept: text/event-stream",
                           application="live")
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE) as client:
        for event in EVENTS:
            gated.live.news.release()
            assert client.stdout.readline() + client.stdout.readline() == event
        assert client.stdout.read() == b""
    assert client.returncode == 0


def test_many_wait_for_news_and_each_gets_them(gated):
    wires = [wire_to(gated, "live") for _ in range(20)]
    for wire in wires:
        wire.sendall(request(gated, "live", "/poll"))
    gated.live.news.release(len(wires))
    for wire in wires:
        with wire:
            received = b""
            while not received.endswith(b"\r\n\r\nnews"):
                assert (block := wire.recv(4096)), received
                received += block


# -- Python's own client ---------------------------------------------------------------------------
def test_pythons_client_does_everything_on_one_connection(gated):
    host = gated.segment.host("live")
    connection = http.client.HTTPConnection(host, gated.segment.web_port)
    connection.sock = wire = wire_to(gated, "live")

    def ask(method, target, status, body, **fields):
        connection.request(method, target, headers={"Cookie": gated.cookie, **fields})
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (status, body), (method, target)
        assert connection.sock is wire, f"the connection ended after {method} {target}"

    whole = b"".join(b"x" * number for number in range(1, 50))
    for _ in range(5):
        ask("GET", "/unchanged", 200, b"hello")
        ask("HEAD", "/unchanged", 200, b"")
        ask("GET", "/unchanged", 304, b"", **{"If-None-Match": '"1"'})
        ask("GET", "/nothing", 204, b"")
        ask("GET", "/chunks", 200, whole)
        ask("HEAD", "/chunks", 200, b"")
        ask("DELETE", "/nothing", 204, b"")
    connection.close()


def test_pythons_client_sends_bodies_of_both_kinds_on_one_connection(gated):
    host = gated.segment.host("tax")
    connection = http.client.HTTPConnection(host, gated.segment.web_port)
    connection.sock = wire = wire_to(gated, "tax")
    for size in (0, 1, 5, 16_383, 16_384, 16_385, 70_000):
        for is_chunked in (False, True):
            body = b"".join(pattern(size))
            pieces = (body[at:at + 1000] for at in range(0, size, 1000))
            connection.request("POST", "/echo", pieces if is_chunked else body,
                               {"Cookie": gated.cookie}, encode_chunked=is_chunked)
            answer = connection.getresponse()
            assert answer.status == 200 and answer.read() == body, (size, is_chunked)
            assert connection.sock is wire, (size, is_chunked)
    connection.close()


# -- WebSockets ------------------------------------------------------------------------------------
def websocket(gated, *fields, cookie=None, **options):
    return WebSocket(wire_to(gated, "chat"), gated.segment.host("chat"),
                     f"Cookie: {cookie or gated.cookie}", *fields, **options)


def test_frames_of_every_length_pass_both_ways(gated):
    chat = websocket(gated)
    for size in (0, 1, 125, 126, 65_535, 65_536, 3_000_000):
        payload = b"".join(pattern(size))
        chat.send(BINARY, payload)
        assert chat.message() == (BINARY, payload), size
    chat.close()


def test_a_ping_is_answered_between_the_frames_of_a_message(gated):
    chat = websocket(gated)
    chat.send(TEXT, "関".encode(), is_last=False)
    chat.send(PING, b"are you there")
    assert chat.receive() == (PONG, b"are you there")
    chat.send(MORE, "所".encode())
    assert chat.message() == (TEXT, "関所".encode())
    chat.close()


def test_a_frame_that_comes_a_byte_at_a_time_arrives(gated):
    chat = websocket(gated)
    for byte in frame(TEXT, b"slowly"):
        chat.wire.sendall(bytes([byte]))
    assert chat.message() == (TEXT, b"slowly")
    chat.close()


@pytest.mark.parametrize("where", ["behind the handshake"])
def test_a_frame_is_never_lost_in_silence(gated, where):
    """RFC 6455 has the client wait for 101; who does not is heard, or the connection ends."""
    host = gated.segment.host("chat")
    with wire_to(gated, "chat") as wire:
        wire.sendall(handshake(host, f"Cookie: {gated.cookie}") + frame(TEXT, b"early"))
        received = wire.recv(4096)
        assert received.startswith(b"HTTP/1.1 101 "), received
        try:
            wire.sendall(frame(TEXT, b"later"))
            while b"later" not in received and (block := wire.recv(4096)):
                received += block
        except (ConnectionError, ssl.SSLError):
            pass
    assert b"early" in received or b"later" not in received, received


def test_a_closing_handshake_is_heard_at_both_ends(gated):
    chat = websocket(gated)
    chat.send(CLOSE, (1000).to_bytes(2, "big") + b"bye")
    assert chat.receive() == (CLOSE, (1000).to_bytes(2, "big") + b"bye")
    assert chat.receive() is None
    chat.close()


def test_the_applications_judgement_of_a_bad_frame_comes_through(gated):
    chat = websocket(gated)
    chat.send(TEXT, b"not masked", is_masked=False)
    opcode, payload = chat.receive()
    assert (opcode, int.from_bytes(payload[:2], "big")) == (CLOSE, 1002)
    chat.close()


def test_a_client_that_goes_away_takes_the_applications_end_with_it(gated):
    chat = websocket(gated)
    chat.send(TEXT, b"here")
    assert chat.message() == (TEXT, b"here")
    chat.close()
    until(lambda: not gated.echo.open_connections(), "the application's end to close")


ENDS = {
    "signs out": lambda gated, visitor: visitor.submit(
        visitor.get(gated.segment.portal + "/"), "/signout"),
    "is disabled": lambda gated, visitor: gated.segment.command("user", "disable", "jiro"),
    "has the session ended at the desk": lambda gated, visitor: gated.segment.command(
        "session", "end", "--user", "jiro"),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_tunnel_ends_with_its_session_and_others_go_on(gated, end):
    mine = websocket(gated)
    if not hasattr(gated, "jiro"):
        gated.jiro = gated.segment.add_user("jiro", groups=["tax"])
    gated.segment.command("user", "enable", "jiro", check=False)
    visitor = gated.segment.sign_in(gated.jiro)
    chat = websocket(gated, cookie=visitor.session_cookie())
    chat.send(TEXT, b"here")
    assert chat.message() == (TEXT, b"here")
    ENDS[end](gated, visitor)
    try:
        assert chat.receive() is None
    except (ConnectionError, ssl.SSLError):
        pass  # closed without the end of TLS
    chat.close()
    mine.send(TEXT, b"still here")
    assert mine.message() == (TEXT, b"still here")
    mine.close()


FOREIGN = ["null", "", "https://", "http://chat.sekisho.test", "https://tax.sekisho.test",
           "https://sekisho.test", "https://chat.sekisho.test.evil.example",
           "https://evil.example/chat.sekisho.test", "https://chat.sekisho.test@evil.example",
           "https://chat.sekisho.test/", "https://evilchat.sekisho.test", "wss://chat.sekisho.test",
           "https://evil.example https://chat.sekisho.test", "chat.sekisho.test", "file://"]


@pytest.mark.parametrize("origin", FOREIGN)
def test_a_websocket_of_a_foreign_page_is_refused(gated, origin):
    before = len(gated.echo.handshakes)
    with pytest.raises(WebSocket.Refused) as refusal:
        websocket(gated, f"Origin: {origin}")
    assert refusal.value.args == (403,)
    assert len(gated.echo.handshakes) == before


@pytest.mark.parametrize("origin", ["https://chat.sekisho.test", "https://CHAT.sekisho.test",
                                    "https://chat.sekisho.test:443"])
def test_a_websocket_of_the_applications_own_page_passes(gated, origin):
    chat = websocket(gated, f"Origin: {origin}")
    chat.send(TEXT, b"here")
    assert chat.message() == (TEXT, b"here")
    chat.close()


@pytest.mark.parametrize("order", ["its own first", "the foreign first"])
def test_two_origins_are_none(gated, order):
    """Whichever of them the application would believe."""
    origins = ["Origin: https://chat.sekisho.test", "Origin: https://evil.example"]
    with pytest.raises(WebSocket.Refused) as refusal:
        websocket(gated, *origins[::1 if order == "its own first" else -1])
    assert refusal.value.args == (403,)


@pytest.mark.parametrize("what", ["HTTP/1.0", "POST", "no Connection", "another version"])
def test_what_is_no_opening_handshake_opens_nothing(gated, what):
    """The application may refuse it, and the connection is HTTP as before."""
    host = gated.segment.host("chat")
    options = {"HTTP/1.0": {"line": "GET /ws HTTP/1.0"}, "POST": {"line": "POST /ws HTTP/1.1"},
               "another version": {"version": 12}}.get(what, {})
    asked = handshake(host, f"Cookie: {gated.cookie}", **options)
    if what == "no Connection":
        asked = asked.replace(b"Connection: Upgrade\r\n", b"")
    with wire_to(gated, "chat") as wire:
        wire.sendall(asked)
        status = int(wire.recv(4096).split()[1])
    assert 400 <= status < 600, status
