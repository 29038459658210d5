"""Applications that break off at every byte of an answer: closing, resetting, stalling, nonsense.

Whoever asked sees 502, 504 or a body that is visibly broken: never one that is padded, and never a
part that looks like the whole (RFC 9112 section 8; requirements H-12, H-13, H-25)."""
# labels: journey
# timeout: 900

import re
import ssl
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from scripted import Scripted
from visitor import connect

BODY = b"The tax of the year is 12345 yen.\n"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
CHUNKED = b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in (BODY[:9], BODY[9:]))
ANSWERS = {
    "length": HEAD + b"Content-Length: %d\r\n\r\n" % len(BODY) + BODY,
    "chunked": HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + CHUNKED + b"0\r\n\r\n",
    "close": HEAD + b"Connection: close\r\n\r\n" + BODY,
}
GARBAGE = b"\0\xff\n"
AT_ONCE = {"stall": 80}  # clients; while an application stalls there is nothing to do
OP_IGNORE_UNEXPECTED_EOF = 1 << 7  # SSL_OP_..., for which Python has no name


def fault_script(exchange):
    """/ANSWER/FAULT/OFFSET breaks off after so many bytes; anything else is answered well."""
    _, answer, *rest = exchange.target.decode().split("/")
    if answer not in ANSWERS:
        exchange.send(ANSWERS["length"])
        return True
    fault, offset = rest
    exchange.send(ANSWERS[answer][:int(offset)])
    if fault == "reset":
        exchange.reset()
    elif fault == "stall":
        if answer != "close" and int(offset) == len(ANSWERS[answer]):
            return True  # nothing is missing: the gateway may keep the connection
        exchange.wait_until_left()
    elif fault == "garbage":
        exchange.send(GARBAGE)
    return False


@pytest.fixture(scope="module")
def gated(shared):
    upstream, table = Scripted(fault_script), Scripted(table_script)
    sliced = Scripted(lambda exchange: table_script(exchange, pieces=1),
                      tls=shared.authority.issue("sliced", "127.0.0.1"))
    shared.add_application("tax", upstream.url, groups=["tax"])
    shared.add_application("odd", table.url, groups=["tax"])
    shared.add_application("sliced", sliced.url, groups=["tax"],
                           upstream_ca=str(shared.authority.file))
    shared.settings["proxies"] = {"trusted": ["127.0.0.9"]}
    shared.settings["limits"] = {"upstream_answer_timeout": "3s", "body_timeout": "20s",
                                 "connections_per_second": 10_000}
    shared.start()
    visitor = shared.sign_in(shared.add_user("hanako", groups=["tax"]))
    # Python takes the end of TCP for the end of TLS unless it is told not to: here that is a cut.
    visitor.context.options &= ~OP_IGNORE_UNEXPECTED_EOF
    yield SimpleNamespace(segment=shared, context=visitor.context,
                          cookie=visitor.session_cookie().encode())
    for application in (upstream, table, sliced):
        application.close()


class Seen:
    """What a client sees: the status, the body as far as it came, and whether it is the whole."""

    def __init__(self, received, ended_well, is_head=False):
        head, _, rest = received.partition(b"\r\n\r\n")
        self.received = received
        self.fields = [tuple(part.strip().lower() for part in line.split(b":", 1))
                       for line in head.split(b"\r\n")[1:]]
        match = re.match(rb"HTTP/1\.1 (\d{3}) ", head)
        self.status = int(match[1]) if match else 0
        fields = dict(self.fields)
        self.extra = b""
        if is_head or self.status in (204, 304):
            self.body, self.is_whole, self.extra = b"", True, rest
        elif b"transfer-encoding" in fields:
            assert fields[b"transfer-encoding"] == b"chunked", fields
            self.body, self.is_whole, self.extra = unchunked(rest)
        elif b"content-length" in fields:
            length = int(fields[b"content-length"])
            self.body, self.is_whole = rest[:length], len(rest) >= length
            self.extra = rest[length:]
        else:
            self.body, self.is_whole = rest, ended_well

    def __repr__(self):
        return f"<{self.status} {'whole' if self.is_whole else 'broken'} {self.received!r}>"


def unchunked(data):
    """(body, whether the last chunk came, what stands behind it)."""
    body = b""
    while match := re.match(rb"([0-9a-f]+)\r\n", data):
        size, data = int(match[1], 16), data[match.end():]
        if size == 0:
            return body, data[:2] == b"\r\n", data[2:]
        body += data[:size]
        if data[size:size + 2] != b"\r\n":
            break
        data = data[size + 2:]
    return body, False, b""


def asked(gated, target, application="tax", version="1.1", method="GET", fields=(), body=b""):
    """Asks once and reads until the gateway closes."""
    host = gated.segment.host(application)
    lines = [f"{method} {target} HTTP/{version}".encode(), b"Host: " + host.encode(),
             b"Cookie: " + gated.cookie, b"Connection: close", *fields, b"", b""]
    received, ended_well = b"", False
    with connect(gated.segment.web_port, host, gated.context, timeout=15) as wire:
        wire.suppress_ragged_eofs = False
        try:
            wire.sendall(b"\r\n".join(lines) + body)
            while block := wire.recv(65536):
                received += block
            ended_well = True
        except (ConnectionError, ssl.SSLError):
            pass
    return Seen(received, ended_well, method == "HEAD")


def sent_body(answer, fault, offset):
    """What the application really said: (body, whether it is a whole answer).  None: no answer."""
    data = ANSWERS[answer][:offset] + (GARBAGE if fault == "garbage" else b"")
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end or any(byte < 0x20 and byte not in b"\r\n" for byte in head):
        return None
    if answer == "length":
        return rest[:len(BODY)], len(rest) >= len(BODY)
    if answer == "close":
        return rest, fault in ("close", "garbage")
    body, is_whole, _ = unchunked(rest)
    return body, is_whole


def objection(answer, fault, offset, seen):
    """Why `seen` is not what a client must see; empty when it is."""
    sent = sent_body(answer, fault, offset)
    if sent is None:
        # A stall before the whole head is late; after a RST nothing may have arrived at all.
        wanted = (504,) if fault == "stall" else (502,)
        return "" if seen.status in wanted and seen.is_whole else f"no {wanted}"
    body, is_whole = sent
    if fault == "reset" and seen.status == 502 and seen.is_whole:
        return ""  # RST overtakes what was sent before it
    if seen.status != 200:
        return "no 200"
    if seen.is_whole and not is_whole and not (fault == "reset" and answer != "close"
                                               and seen.body == BODY):
        return "a part looks like the whole"
    if is_whole and fault != "reset" and not seen.is_whole:
        return "the whole looks broken"
    if not body.startswith(seen.body):
        return "not the body that was sent"
    if seen.is_whole and seen.body != body:
        return "bytes are missing"
    return "something behind the answer" if seen.extra else ""


@pytest.mark.parametrize("version", ["1.1", "1.0"])
@pytest.mark.parametrize("fault", ["close", "reset", "garbage", "stall"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_that_breaks_off_anywhere_is_seen_to_be_broken(gated, answer, fault, version):
    offsets = range(len(ANSWERS[answer]) + 1)
    if version == "1.0":  # the head is the same
        offsets = offsets[ANSWERS[answer].index(b"\r\n\r\n"):]
    with ThreadPoolExecutor(AT_ONCE.get(fault, 24)) as clients:
        seen = list(clients.map(
            lambda offset: asked(gated, f"/{answer}/{fault}/{offset}", version=version), offsets))
    failures = {offset: (why, one) for offset, one in zip(offsets, seen)
                if (why := objection(answer, fault, offset, one))}
    assert not failures
    after = asked(gated, "/well")
    assert after.status == 200 and after.is_whole and after.body == BODY, after


# -- answers that are no HTTP ----------------------------------------------------------------------
OK = b"HTTP/1.1 200 OK\r\n"
LONG = b"Content-Length: 5\r\n"
NONSENSE = {
    "nothing": b"",
    "no HTTP": b"hello\r\n\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\n" + LONG + b"\r\nhello",
    "http in small letters": b"http/1.1 200 OK\r\n" + LONG + b"\r\nhello",
    "chunked in HTTP/1.0": (b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
                            b"0\r\n\r\n"),  # RFC 9112 section 6.1: its framing is faulty
    "ICY": b"ICY 200 OK\r\n\r\nhello",
    "an empty line first": b"\r\n" + OK + LONG + b"\r\nhello",
    "a status of two digits": b"HTTP/1.1 20 OK\r\n" + LONG + b"\r\nhello",
    "a status of four digits": b"HTTP/1.1 2000 OK\r\n" + LONG + b"\r\nhello",
    "a status of 000": b"HTTP/1.1 000 No\r\n" + LONG + b"\r\nhello",
    "a status of 600": b"HTTP/1.1 600 No\r\n" + LONG + b"\r\nhello",
    "a status of letters": b"HTTP/1.1 OK OK\r\n" + LONG + b"\r\nhello",
    "a NUL in the reason": b"HTTP/1.1 200 O\0K\r\n" + LONG + b"\r\nhello",
    "bare LF": OK.replace(b"\r", b"") + b"Content-Length: 5\n\nhello",
    "a bare LF in a field": OK + b"X-A: b\nSet-Cookie: c=d\r\n" + LONG + b"\r\nhello",
    "a bare CR in a field": OK + b"X-A: b\rSet-Cookie: c=d\r\n" + LONG + b"\r\nhello",
    "a NUL in a field": OK + b"X-A: b\0c\r\n" + LONG + b"\r\nhello",
    "a folded field": OK + b"X-A: b\r\n c\r\n" + LONG + b"\r\nhello",
    "a line without a colon": OK + b"X-A\r\n" + LONG + b"\r\nhello",
    "two lengths": OK + LONG + b"Content-Length: 6\r\n\r\nhello!",
    "a list of lengths": OK + b"Content-Length: 5, 6\r\n\r\nhello!",
    "a length with minus": OK + b"Content-Length: -5\r\n\r\nhello",
    "a length with plus": OK + b"Content-Length: +5\r\n\r\nhello",
    "a length in hexadecimal": OK + b"Content-Length: 0x5\r\n\r\nhello",
    "a length of 2^64 + 5": OK + b"Content-Length: 18446744073709551621\r\n\r\nhello",
    "an empty length": OK + b"Content-Length:\r\n\r\nhello",
    "length and chunked": OK + LONG + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked and length": OK + b"Transfer-Encoding: chunked\r\n" + LONG + b"\r\n0\r\n\r\n",
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\n" * 2 + b"\r\n0\r\n\r\n",
    "gzip, chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
    "gzip": OK + b"Transfer-Encoding: gzip\r\n\r\nhello",
    "chunked, identity": OK + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "101 that nobody asked for": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                 b"Connection: Upgrade\r\n\r\nhello",
    "interim answers without end": b"HTTP/1.1 100 Continue\r\n\r\n" * 40 + OK + LONG + b"\r\nhello",
    "a head of 200 KiB": OK + b"X-A: " + b"b" * 200_000 + b"\r\n" + LONG + b"\r\nhello",
    "200 fields": OK + b"X-A: b\r\n" * 200 + LONG + b"\r\nhello",
}

# Whole answers that look strange, and what the client sees: (status, body).
STRANGE = {
    "no reason": (b"HTTP/1.1 200 \r\n" + LONG + b"\r\nhello", 200, b"hello"),
    "interim answers": (b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + LONG + b"\r\nhello", 200, b"hello"),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\n\r\nhello", 200, b"hello"),
    "more than the length": (OK + LONG + b"\r\nhello" + OK + LONG + b"\r\nworld", 200, b"hello"),
    "more than the last chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n" +
                                 OK + LONG + b"\r\nworld", 200, b"hello"),
    "a trailer": (OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
                  b"Set-Cookie: __Secure-sekisho=evil\r\n\r\n", 200, b"hello"),
    "an unknown status": (b"HTTP/1.1 299 Strange\r\n" + LONG + b"\r\nhello", 299, b"hello"),
    "204 with a body": (b"HTTP/1.1 204 No Content\r\n" + LONG + b"\r\nhello", 204, b""),
    "304 with a body": (b"HTTP/1.1 304 Not Modified\r\n" + LONG + b"\r\nhello", 304, b""),
}

# Chunked bodies that break: the head has gone to the client, the end must not.
CHUNKY = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BROKEN_CHUNKS = {
    "a size with plus": b"+5\r\nhello\r\n0\r\n\r\n",
    "a size with minus": b"-5\r\nhello\r\n0\r\n\r\n",
    "a size with 0x": b"0x5\r\nhello\r\n0\r\n\r\n", "a bare LF": b"5\nhello\n0\n\n",
    "a size of 2^64": b"10000000000000000\r\nhello\r\n0\r\n\r\n",
    "a size of 2^64 - 1": b"ffffffffffffffff\r\nhello\r\n0\r\n\r\n",
    "a chunk too long": b"5\r\nhello!\r\n0\r\n\r\n",
    "a chunk too short": b"6\r\nhello\r\n0\r\n\r\n",
    "a trailer without a colon": b"5\r\nhello\r\n0\r\nX\r\n\r\n",
    "no empty line at the end": b"5\r\nhello\r\n0\r\n",
    "a size line without end": b"5;" + b"a" * 40_000,
}


def table_script(exchange, pieces=None):
    """/TABLE/NUMBER says that entry, whole or in pieces, and closes."""
    _, table, number = exchange.target.decode().split("/")
    exchange.read_exactly(int(exchange.field(b"content-length") or 0))
    if table == "nonsense":
        said = list(NONSENSE.values())[int(number)]
        exchange.send(said, pieces and 1 + len(said) // 1000)
    elif table == "strange":
        exchange.send(list(STRANGE.values())[int(number)][0], pieces)
    elif table == "chunks":
        said = CHUNKY + list(BROKEN_CHUNKS.values())[int(number)]
        exchange.send(said, pieces and 1 + len(said) // 1000)
    elif table == "upload":
        exchange.read_exactly(len(b"5\r\nhello\r\n"))  # unread bytes would turn a close into RST
        UPLOAD_FAULTS[list(UPLOAD_FAULTS)[int(number)]][0](exchange)
    return False


def cases(table):
    return [pytest.param(number, id=name) for number, name in enumerate(table)]


@pytest.mark.parametrize("number", cases(NONSENSE))
@pytest.mark.parametrize("application", ["odd", "sliced"])
def test_an_answer_that_is_no_http_is_a_502_and_nothing_of_it_arrives(gated, application, number):
    seen = asked(gated, f"/nonsense/{number}", application)
    assert seen.status == 502 and seen.is_whole, seen
    assert b"hello" not in seen.received and b"c=d" not in seen.received


@pytest.mark.parametrize("number", cases(STRANGE))
@pytest.mark.parametrize("application", ["odd", "sliced"])
def test_a_strange_answer_is_put_straight(gated, application, number):
    _, status, body = list(STRANGE.values())[number]
    seen = asked(gated, f"/strange/{number}", application)
    assert (seen.status, seen.body, seen.is_whole, seen.extra) == (status, body, True, b""), seen
    assert b"evil" not in seen.received and b"world" not in seen.received
    if status == 204:  # RFC 9110 section 8.6
        assert b"content-length" not in dict(seen.fields), seen


@pytest.mark.parametrize("number", range(len(STRANGE)), ids=list(STRANGE))
def test_nobody_gets_what_an_application_said_too_much(gated, number):
    """On the same connection of ours: the next answer is the next request's."""
    host = gated.segment.host("odd")
    lines = [b"Host: " + host.encode(), b"Cookie: " + gated.cookie]
    with connect(gated.segment.web_port, host, gated.context, timeout=15) as wire:
        for asked_for, last in ((number, []), (0, [b"Connection: close"])):
            line = b"GET /strange/%d HTTP/1.1" % asked_for
            wire.sendall(b"\r\n".join([line, *lines, *last, b"", b""]))
        received = b""
        while block := wire.recv(65536):
            received += block
    assert b"world" not in received and b"evil" not in received
    assert received.count(b"HTTP/1.1 ") == 2, received


@pytest.mark.parametrize("number", cases(BROKEN_CHUNKS))
@pytest.mark.parametrize("application", ["odd", "sliced"])
def test_chunks_that_break_are_seen_to_be_broken(gated, application, number):
    seen = asked(gated, f"/chunks/{number}", application)
    assert seen.status in (200, 502) and seen.is_whole == (seen.status == 502), seen


# -- while a body is still being sent --------------------------------------------------------------
# What the application does after the head and a first piece of a body of which more is to come:
# (what, status).
UPLOAD_FAULTS = {
    "it closes": (lambda exchange: None, 502),
    "it resets": (lambda exchange: exchange.reset(), 502),
    "it talks nonsense": (lambda exchange: exchange.send(b"nonsense\r\n\r\n"), 502),
    "it answers early": (lambda exchange: exchange.send(
        b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"), 413),
}


@pytest.mark.parametrize("number", cases(UPLOAD_FAULTS))
def test_a_client_that_is_still_sending_is_told_what_became_of_it(gated, number):
    _, status = list(UPLOAD_FAULTS.values())[number]
    seen = asked(gated, f"/upload/{number}", "odd", method="POST",
                 fields=[b"Transfer-Encoding: chunked"], body=b"5\r\nhello\r\n")
    assert seen.status == status and seen.is_whole, seen


def test_a_last_chunk_in_pieces_does_not_end_the_gateway(segment):
    def script(exchange):
        exchange.send(CHUNKY)
        exchange.send(b"0\r\n")
        exchange.send(b"\r\n", pieces=1)

    upstream = Scripted(script, tls=segment.authority.issue("application", "127.0.0.1"))
    segment.add_application("tax", upstream.url, groups=["tax"],
                            upstream_ca=str(segment.authority.file))
    segment.start()
    visitor = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    try:
        status = visitor.get(segment.url("tax", "/")).status
    except OSError:
        status = None
    upstream.close()
    assert segment.gateway.alive(), segment.gateway.written()[-400:]
    assert status == 200
