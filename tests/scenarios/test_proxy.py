"""The built-in reverse proxy: the same decisions in process, bodies streamed, Upgrade passed on."""
# labels: journey threads

import asyncio
import hashlib
import json
import select
import ssl
import threading
import time

import pytest
from guarded import seen_by
from processes import until
from upstream import Application, digest_of_pattern, pattern
from visitor import connect

LARGE = 24 * 1024 * 1024


@pytest.fixture
def gated(segment, upstream, websocket_echo):
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.add_application("chat", websocket_echo.url, groups=["tax"], websocket=True)
    segment.add_application("quiet", websocket_echo.url, groups=["tax"])
    segment.add_application("gone", "http://127.0.0.1:1", groups=["tax"])
    # Nobody stands in front of the built-in proxy: what clients say of themselves is not believed.
    segment.settings["proxies"] = {"trusted": ["127.0.0.9"]}
    segment.start()
    return segment


@pytest.fixture
def hanako(gated):
    return gated.add_user("hanako", "関所 花子", groups=["tax"])


@pytest.fixture
def inside(gated, hanako):
    return gated.sign_in(hanako)


class Wire:
    """One TLS connection on which raw requests are written and whole answers read."""

    def __init__(self, segment, host, port=None):
        self.socket = connect(port or segment.web_port, host, segment.visitor().context)
        self.file = self.socket.makefile("rb")

    def send(self, data):
        self.socket.sendall(data)

    def answer(self):
        """(status, headers, body) of the next answer, or None when the connection is closed."""
        try:
            first = self.file.readline()
        except (ConnectionError, OSError):
            return None
        if not first:
            return None
        status = int(first.split()[1])
        headers = {}
        while (line := self.file.readline().strip()):
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        if status in (101, 204, 304):
            body = b""
        elif headers.get("transfer-encoding") == "chunked":
            body = b""
            while size := int(self.file.readline(), 16):
                body += self.file.read(size)
                self.file.readline()
            self.file.readline()
        else:
            body = self.file.read(int(headers.get("content-length", 0)))
        return status, headers, body

    def close(self):
        self.socket.close()


def both_ways(tls, data):
    """Sends `data` and reads what comes meanwhile, until the other side closes.  In one thread:
    OpenSSL takes one call at a time on a connection."""
    tls.setblocking(False)
    rest, deadline = memoryview(data), time.monotonic() + 60
    while time.monotonic() < deadline:
        moved = False
        try:
            if rest:
                rest = rest[tls.send(rest[:16384]):]
                moved = True
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        try:
            if not (block := tls.recv(65536)):
                return
            moved = True
            yield block
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        if not moved:
            select.select([tls], [tls] if rest else [], [], 1)
    raise TimeoutError(f"{len(rest)} bytes could not be sent")


def request_text(host, path, *lines, method="GET"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


def test_a_stranger_is_sent_to_sign_in_and_lands_where_he_wanted(gated, hanako, upstream):
    visitor = gated.visitor()
    wanted = gated.url("tax", "/zei?year=2026")
    page = visitor.get(wanted)
    assert page.status == 302 and page.header("Location").startswith(gated.portal), page
    gated.sign_in(hanako, visitor, return_to=wanted)
    assert visitor.landed.header("Location") == wanted
    answer = visitor.follow(visitor.landed)
    assert json.loads(answer.body)["path"] == "/zei?year=2026"
    assert len(upstream.requests) == 1


def test_what_cannot_follow_a_redirect_gets_401_and_loses_no_body(gated, upstream):
    visitor = gated.visitor()
    assert visitor.post(gated.url("tax", "/zei"), {"amount": 1}).status == 401
    assert visitor.get(gated.url("tax", "/api"), {"Accept": "application/json"}).status == 401
    assert not upstream.requests


def test_the_user_is_named_to_the_application_and_lies_are_dropped(gated, inside):
    answer = inside.get(gated.url("tax", "/"), {
        "Remote-User": "mayor", "REMOTE-GROUPS": "admin", "remote_user": "mayor",
        "X-Forwarded-For": "10.0.0.1", "Forwarded": "for=10.0.0.1", "X-Real-IP": "10.0.0.1",
        "X-Remote-User": "mayor"})
    assert answer.status == 200, answer
    seen = seen_by(answer)
    assert seen["remote-user"] == ["hanako"] and seen["remote-groups"] == ["tax"]
    assert "mayor" not in json.dumps(seen)
    assert "10.0.0.1" not in json.dumps(seen)
    assert seen["x-forwarded-for"] == ["127.0.0.1"]


def test_an_identity_header_cannot_be_removed_by_naming_it_in_connection(gated, inside):
    answer = inside.get(gated.url("tax", "/"), {"Connection": "close, Remote-User, X-Secret",
                                                "X-Secret": "1"})
    seen = seen_by(answer)
    assert seen["remote-user"] == ["hanako"]
    assert "x-secret" not in seen


def test_hop_by_hop_headers_stay_on_their_hop(gated, inside):
    seen = seen_by(inside.get(gated.url("tax", "/"), {
        "Keep-Alive": "timeout=5", "Proxy-Connection": "keep-alive", "TE": "trailers",
        "Proxy-Authorization": "Basic eDp5", "Upgrade": "h2c"}))
    for name in ("keep-alive", "proxy-connection", "te", "upgrade"):
        assert name not in seen, seen
    assert seen.get("connection", ["keep-alive"])[0].lower() in ("keep-alive", "close")
    assert any(value.startswith("1.1 ") for value in seen["via"])


def test_the_session_cookie_is_not_given_to_the_application(gated, inside):
    token = inside.session_cookie().split("=", 1)[1]
    seen = seen_by(inside.get(gated.url("tax", "/"), {
        "Cookie": inside.session_cookie() + "; theme=dark"}))
    assert token not in json.dumps(seen)
    assert "theme=dark" in seen["cookie"][0]


def test_the_application_cannot_replace_the_session_cookie(gated, inside, upstream):
    name = inside.session_cookie().split("=", 1)[0]
    upstream.extra_headers = [("Set-Cookie", f"{name}=evil; Path=/; Secure; Domain=sekisho.test"),
                              ("Set-Cookie", "theme=dark; Path=/")]
    answer = inside.get(gated.url("tax", "/"))
    assert [line.split("=")[0] for line in answer.headers_named("Set-Cookie")] == ["theme"]


def test_a_colleague_of_another_group_gets_403(gated, upstream):
    jiro = gated.add_user("jiro", groups=["roads"])
    assert gated.sign_in(jiro).get(gated.url("tax", "/")).status == 403
    assert not upstream.requests
    row, = gated.until_audited(lambda row: row["event"] == "access", "the refusal")
    assert (row["outcome"], row["actor"], row["subject"], json.loads(row["detail"])["door"]) == (
        "denied", "user:jiro", "application:tax", "proxy")


def test_a_disabled_user_is_refused_on_the_same_open_connection(gated, inside):
    host = gated.host("tax")
    wire = Wire(gated, host)
    asked = request_text(host, "/", f"Cookie: {inside.session_cookie()}", "Accept: text/html")
    wire.send(asked)
    assert wire.answer()[0] == 200
    gated.command("user", "disable", "hanako")
    wire.send(asked)
    assert wire.answer()[0] == 302
    wire.close()


def test_connections_are_kept_on_both_sides(gated, inside, upstream):
    host = gated.host("tax")
    wire = Wire(gated, host)
    for number in range(20):
        wire.send(request_text(host, f"/{number}", f"Cookie: {inside.session_cookie()}"))
        assert wire.answer()[0] == 200
    wire.close()
    assert len({request["peer"] for request in upstream.requests}) == 1


def test_pipelined_requests_are_answered_in_order(gated, inside):
    host = gated.host("tax")
    wire = Wire(gated, host)
    wire.send(b"".join(request_text(host, f"/{n}", f"Cookie: {inside.session_cookie()}")
                       for n in range(5)))
    paths = [json.loads(wire.answer()[2])["path"] for _ in range(5)]
    assert paths == [f"/{n}" for n in range(5)]
    wire.close()


def test_a_large_answer_comes_whole(gated, inside):
    answer = inside.get(gated.url("tax", f"/large?n={LARGE}"))
    assert len(answer.body) == LARGE
    assert hashlib.sha256(answer.body).hexdigest() == digest_of_pattern(LARGE)


def test_an_answer_is_streamed_its_beginning_arrives_before_its_end_exists(gated, inside, upstream):
    host = gated.host("tax")
    wire = Wire(gated, host)
    wire.send(request_text(host, "/paced?n=300000", f"Cookie: {inside.session_cookie()}"))
    assert b" 200 " in wire.file.readline()
    while wire.file.readline().strip():
        pass
    assert len(wire.file.read(60_000)) == 60_000  # while the application waits
    upstream.go_on.set()
    assert len(wire.file.read(240_000)) == 240_000
    wire.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_large_body_is_streamed_and_whole(gated, inside, upstream, chunked):
    host = gated.host("tax")
    wire = Wire(gated, host)
    length = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {LARGE}"
    wire.send(request_text(host, "/digest", f"Cookie: {inside.session_cookie()}", length,
                           method="POST"))
    for number, block in enumerate(pattern(LARGE)):
        wire.send(b"%x\r\n%b\r\n" % (len(block), block) if chunked else block)
        if number == 3:  # the application has the beginning while the end is not yet sent
            until(lambda: upstream.body_bytes_seen >= 65536, "the body's first bytes to arrive")
    if chunked:
        wire.send(b"0\r\n\r\n")
    status, _, body = wire.answer()
    assert status == 200
    assert json.loads(body) == {"length": LARGE, "sha256": digest_of_pattern(LARGE)}
    wire.close()


def test_a_body_and_its_answer_flow_at_once(gated, inside, upstream):
    host = gated.host("tax")
    wire = Wire(gated, host)
    wire.send(request_text(host, "/mirror", f"Cookie: {inside.session_cookie()}",
                           f"Content-Length: {LARGE}", method="POST"))
    received = b"".join(both_ways(wire.socket, b"".join(pattern(LARGE))))
    head, _, body = received.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ") and len(body) == LARGE
    assert hashlib.sha256(body).hexdigest() == digest_of_pattern(LARGE)
    wire.close()


def test_requests_with_a_body_share_a_kept_connection(gated, inside, upstream):
    host = gated.host("tax")
    wire = Wire(gated, host)
    for _ in range(4):
        wire.send(request_text(host, "/echo", f"Cookie: {inside.session_cookie()}",
                               "Content-Length: 3", method="POST") + b"zei")
        assert wire.answer()[2] == b"zei"
    assert len({seen["peer"] for seen in upstream.requests}) == 1
    wire.close()


def test_head_has_no_body_and_the_connection_goes_on(gated, inside):
    host = gated.host("tax")
    wire = Wire(gated, host)
    cookie = f"Cookie: {inside.session_cookie()}"
    wire.send(request_text(host, "/status?code=200", cookie, method="HEAD"))
    first = wire.file.readline()
    assert b" 200 " in first
    while wire.file.readline().strip():
        pass
    wire.send(request_text(host, "/again", cookie))
    assert json.loads(wire.answer()[2])["path"] == "/again"
    wire.close()


def test_an_application_that_is_down_is_a_502(gated, inside):
    answer = inside.get(gated.url("gone", "/"))
    assert answer.status == 502, answer


@pytest.mark.parametrize("language, words", [("ja", b'lang="ja"'), ("en", b'lang="en"')])
def test_an_application_that_hangs_up_after_a_body_is_a_502_in_the_persons_language(
        gated, inside, language, words):
    host = gated.host("tax")
    wire = Wire(gated, host)
    wire.send(request_text(host, "/silent", f"Cookie: {inside.session_cookie()}",
                           f"Accept-Language: {language}", "Content-Length: 60000", method="POST"))
    wire.send(b"x" * 60000)  # moves the buffer in which the head stood
    status, _, body = wire.answer()
    assert status == 502 and words in body
    wire.close()


@pytest.mark.parametrize("status", [404, 500])
def test_the_applications_own_statuses_pass_unchanged(gated, inside, status):
    assert inside.get(gated.url("tax", f"/status?code={status}")).status == status


@pytest.mark.parametrize("names, status", [(["127.0.0.1"], 200), (["other.sekisho.test"], 502)])
def test_an_https_application_is_reached_only_with_a_certificate_for_its_name(segment, names, status):
    secure = Application(tls=segment.authority.issue("application", *names))
    try:
        segment.add_application("safe", secure.url, groups=["tax"],
                                upstream_ca=str(segment.authority.file))
        segment.start()
        visitor = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
        assert visitor.get(segment.url("safe", "/")).status == status
        assert bool(secure.requests) == (status == 200)
    finally:
        secure.close()


def websocket(gated, application, cookie, origin=None, message="関所"):
    import websockets

    async def talk():
        headers = {"Cookie": cookie, "Remote-User": "mayor"}
        uri = f"wss://{gated.host(application)}:{gated.web_port}/ws"
        async with websockets.connect(
                uri, host="127.0.0.1", port=gated.web_port, ssl=gated.visitor().context,
                server_hostname=gated.host(application), extra_headers=headers,
                origin=origin or f"https://{gated.host(application)}:{gated.web_port}",
                max_size=2**24) as connection:
            await connection.send(message)
            first = await connection.recv()
            await connection.send(b"\x00\xff" * 100_000)
            return first, await connection.recv()

    return asyncio.run(talk())


def test_a_websocket_passes_where_the_application_allows_it(gated, inside, websocket_echo):
    text, binary = websocket(gated, "chat", inside.session_cookie())
    assert text == "関所" and binary == b"\x00\xff" * 100_000
    seen = {name.lower(): value for name, value in websocket_echo.handshakes[0]}
    assert seen["remote-user"] == "hanako"


def refused_status(call, *arguments, **options):
    import websockets
    with pytest.raises(websockets.exceptions.InvalidStatusCode) as refusal:
        call(*arguments, **options)
    return refusal.value.status_code


def test_a_websocket_is_refused_without_a_session(gated, websocket_echo):
    assert refused_status(websocket, gated, "chat", "x=y") == 401
    assert not websocket_echo.handshakes


def test_a_websocket_is_refused_where_the_application_does_not_allow_it(gated, inside,
                                                                       websocket_echo):
    assert refused_status(websocket, gated, "quiet", inside.session_cookie()) in (400, 403, 426)
    assert not websocket_echo.handshakes


def test_a_websocket_from_another_site_is_refused(gated, inside, websocket_echo):
    assert refused_status(websocket, gated, "chat", inside.session_cookie(),
                          origin="https://evil.example") == 403
    assert not websocket_echo.handshakes
    row, = gated.until_audited(lambda row: row["event"] == "access", "the refusal")
    assert (row["outcome"], json.loads(row["detail"])["reason"]) == ("denied", "foreign_websocket")


def test_a_host_nobody_configured_gets_nothing(gated, inside):
    wire = Wire(gated, gated.portal_host)
    wire.send(request_text("unknown.sekisho.test", "/", f"Cookie: {inside.session_cookie()}"))
    assert wire.answer()[0] in (404, 421)
    wire.close()


def test_a_stop_finishes_what_is_in_flight(gated, inside):
    """SIGTERM during a large download: the download ends whole, then the process ends with 0."""
    host = gated.host("tax")
    wire = Wire(gated, host)
    wire.send(request_text(host, f"/large?n={LARGE}", f"Cookie: {inside.session_cookie()}"))
    wire.socket.recv(1)
    ended = []
    stopping = threading.Thread(target=lambda: ended.append(gated.stop()))
    stopping.start()
    received = 1
    while block := wire.socket.recv(65536):
        received += len(block)
        if received >= LARGE + 2000:
            break
    stopping.join(60)
    assert received > LARGE
    assert ended == [0]
    wire.close()


def test_a_connection_that_was_idle_over_a_reload_goes_on(gated):
    wire = Wire(gated, gated.portal_host)
    asked = request_text(gated.portal_host, "/authz/auth-request")
    wire.send(asked)
    assert wire.answer()[0] == 403
    for _ in range(2):
        gated.reload()
        wire.send(asked)
        assert wire.answer()[0] == 403
    wire.close()


def test_a_reload_changes_the_rules_and_drops_no_connection(gated, inside, upstream):
    host = gated.host("tax")
    wire = Wire(gated, host)
    asked = request_text(host, "/", f"Cookie: {inside.session_cookie()}")
    wire.send(asked)
    assert wire.answer()[0] == 200
    gated.applications[0].rules[0].groups = ("nobody",)
    gated.reload()
    wire.send(asked)
    assert wire.answer()[0] == 403
    wire.close()
