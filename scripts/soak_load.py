"""The load of ./dev soak: people and machines at a segment, each doing one thing over and over.

A worker is a thread with an activity and a pause.  An activity does one thing and says what came of
it; what must not come raises, is counted as unexpected, and fails the soak.
"""

import asyncio
import hashlib
import http.client
import itertools
import json
import secrets
import socket
import ssl
import struct
import threading
import time
from collections import Counter

from upstream import digest_of_pattern, pattern
from visitor import connect

MEBIBYTE = 1024 * 1024
WHOLE = digest_of_pattern(MEBIBYTE)
LOGIN_USERS = 8  # one after the other, so that each has a code again when it is his turn
PROXY = "127.0.0.1"  # the one address of [proxies] trusted


class Unexpected(AssertionError):
    pass


def must(outcome, *expected):
    if outcome not in expected:
        raise Unexpected(f"{outcome} instead of {' or '.join(map(str, expected))}")
    return outcome


class Tally:
    """What happened, written by every worker."""

    def __init__(self):
        self._lock = threading.Lock()
        self.done = Counter()  # (activity, what came) -> how often
        self.unexpected = Counter()  # (activity, what came instead) -> how often

    def add(self, activity, outcome):
        with self._lock:
            self.done[activity, outcome] += 1

    def add_unexpected(self, activity, what):
        with self._lock:
            self.unexpected[activity, what[:300]] += 1

    def totals(self):
        """(as expected, unexpected) so far."""
        with self._lock:
            return sum(self.done.values()), sum(self.unexpected.values())


class Line:
    """A kept connection to one host of the segment, opened again when the gateway has closed it."""

    def __init__(self, segment, context, host, source):
        # A busy machine is no fault of the gateway, and a stream that stalls ends by this all the same.
        self._open = lambda: connect(segment.web_port, host, context, source=source, timeout=60)
        self._host = f"{host}:{segment.web_port}"
        self._connection = None

    def ask(self, path, headers=(), method="GET", body=None):
        """(status, fields, body) of one exchange.  A body that is no bytes is sent in chunks."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host)
            self._connection.auto_open = False
            self._connection.sock = self._open()
        try:
            self._connection.request(method, path, body, dict(headers))
            answer = self._connection.getresponse()
            content = answer.read()
        except BaseException:
            self.close()
            raise
        if answer.will_close:
            self.close()
        return answer.status, answer.headers, content

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Worker(threading.Thread):
    """Does `activity(worker)` with a pause between, from an address of its own, until stopped."""

    def __init__(self, load, name, activity, pause, source):
        super().__init__(name=name, daemon=True)
        self.load, self.activity, self.pause, self.source = load, activity, pause, source
        self._lines = {}

    def line(self, host, source=None):
        if host not in self._lines:
            self._lines[host] = Line(self.load.segment, self.load.context, host,
                                     source or self.source)
        return self._lines[host]

    def wire(self, host):
        """A new connection for this once."""
        return connect(self.load.segment.web_port, host, self.load.context, source=self.source)

    def run(self):
        while not self.load.stopping.wait(self.pause):
            try:
                self.load.tally.add(self.name, self.activity(self))
            except Exception as trouble:  # whatever it is, it should not have come
                self.load.tally.add_unexpected(self.name, f"{type(trouble).__name__}: {trouble}")
        for line in self._lines.values():
            line.close()


class Load:
    """Needs a segment that serves "tax" (for hanako, not for jiro), "roads" (which breaks), "chat"
    (WebSocket) and "gone" (nobody listens)."""

    def __init__(self, segment, hanako, jiro, login_users, tally):
        self.segment, self.tally = segment, tally
        self.context = segment.visitor().context
        self.cookie = {"Cookie": segment.sign_in(hanako).session_cookie()}
        self.colleague = {"Cookie": segment.sign_in(jiro).session_cookie()}
        self.login_users = itertools.cycle(login_users)
        self.stopping = threading.Event()
        self.workers = []

    def start(self):
        for activity, pause in ((check, 0.05), (check, 0.05), (proxied, 0.05), (proxied, 0.05),
                                (download, 1), (upload, 1), (upload_in_chunks, 1), (events, 0.5),
                                (events, 0.5), (websocket, 2), (sign_in_and_out, 4.5),
                                (refused, 0.3), (malformed, 1), (walk_away, 1),
                                (broken_application, 0.7)):
            self.add(activity.__name__, activity, pause)

    def add(self, name, activity, pause):
        self.workers.append(Worker(self, name, activity, pause, f"127.0.0.{10 + len(self.workers)}"))
        self.workers[-1].start()

    def stop(self, seconds=40.0):
        """Returns when every worker has finished what it was doing; who has not is unexpected."""
        self.stopping.set()
        deadline = time.monotonic() + seconds
        for worker in self.workers:
            worker.join(max(0.0, deadline - time.monotonic()))
            if worker.is_alive():
                self.tally.add_unexpected(worker.name, f"not done after {seconds:.0f} s")


# -- what goes well ----------------------------------------------------------------------------------
def check(worker):
    """A reverse proxy asks, about somebody signed in, somebody of another group, and a stranger."""
    load, line = worker.load, worker.line(worker.load.segment.portal_host, PROXY)
    who, expected = secrets.choice([(load.cookie, 200)] * 6 + [(load.colleague, 403), ({}, 401)])
    host = load.segment.host("tax")
    if secrets.randbelow(2):
        asked = {"X-Original-URL": f"https://{host}/zei", "X-Original-Method": "GET"}
        path = "/authz/auth-request"
    else:
        asked = {"X-Forwarded-Method": "GET", "X-Forwarded-Proto": "https",
                 "X-Forwarded-Host": host, "X-Forwarded-Uri": "/zei"}
        path = "/authz/forward-auth"
    status, fields, _ = line.ask(path, {**asked, **who, "X-Forwarded-For": worker.source})
    must(status, expected)
    must(fields.get("Remote-User"), "hanako" if status == 200 else None)
    return status


def proxied(worker):
    line = worker.line(worker.load.segment.host("tax"))
    status, _, content = line.ask(f"/zei?{secrets.randbelow(100)}", worker.load.cookie)
    must(status, 200)
    must(dict(json.loads(content)["headers"]).get("Remote-User"), "hanako")
    return status


def download(worker):
    line = worker.line(worker.load.segment.host("tax"))
    status, _, content = line.ask(f"/large?n={MEBIBYTE}", worker.load.cookie)
    must(status, 200)
    must(hashlib.sha256(content).hexdigest(), WHOLE)
    return status


def upload(worker, body=b"".join(pattern(MEBIBYTE))):
    line = worker.line(worker.load.segment.host("tax"))
    status, _, content = line.ask("/digest", worker.load.cookie, "POST", body)
    must(status, 200)
    must(json.loads(content), {"length": MEBIBYTE, "sha256": WHOLE})
    return status


def upload_in_chunks(worker):
    return upload(worker, pattern(MEBIBYTE))


def events(worker):
    """A stream that stays open for seconds."""
    line = worker.line(worker.load.segment.host("tax"))
    count = 5 + secrets.randbelow(20)
    status, fields, content = line.ask(f"/events?n={count}", worker.load.cookie)
    must((status, fields["Content-Type"]), (200, "text/event-stream"))
    must(content.count(b"data: "), count)
    return status


def websocket(worker):
    import websockets
    load, host = worker.load, worker.load.segment.host("chat")
    port = load.segment.web_port

    async def talk():
        async with websockets.connect(
                f"wss://{host}:{port}/", sock=socket.create_connection(
                    ("127.0.0.1", port), 20, (worker.source, 0)), ssl=load.context,
                server_hostname=host, origin=f"https://{host}:{port}",
                extra_headers=load.cookie) as connection:
            for length in (3, 3000, 100_000):
                said = secrets.token_bytes(length)
                await connection.send(said)
                must(await connection.recv() == said, True)

    asyncio.run(asyncio.wait_for(talk(), 30))
    return "echoed"


def sign_in_and_out(worker):
    """A wrong password, then the whole way in, one request inside, and out again."""
    load, segment = worker.load, worker.load.segment
    user, visitor = next(load.login_users), segment.visitor(source=worker.source)
    start = visitor.follow(visitor.get(segment.portal + "/"))
    refusal = visitor.submit(start, "/signin", user=user.name, password="not it")
    must(refusal.status, 401)
    segment.sign_in(user, visitor)
    must(visitor.get(segment.url("tax", "/")).status, 200)
    cookie = visitor.session_cookie()
    must(visitor.submit(visitor.get(segment.portal + "/"), "/signout").status, 200)
    must(segment.visitor(source=worker.source).get(segment.url("tax", "/"),
                                                   {"Cookie": cookie}).status, 302)
    return "in and out"


# -- what is refused ---------------------------------------------------------------------------------
def refused(worker):
    """A stranger, a script, a colleague, a host nobody configured, a question from no proxy."""
    load, segment = worker.load, worker.load.segment
    page = {"Accept": "text/html"}
    host, path, headers, expected = secrets.choice([
        (segment.host("tax"), "/", page, 302), (segment.host("tax"), "/", {}, 401),
        (segment.host("tax"), "/", {**page, "Cookie": "__Secure-sekisho=guessed"}, 302),
        (segment.host("tax"), "/", load.colleague, 403),
        (segment.host("tax"), "/", {**load.cookie, "Host": "unknown.sekisho.test"}, 421),
        (segment.portal_host, "/authz/auth-request", load.cookie, 403),
        (segment.portal_host, "/nowhere", page, 404)])
    status, fields, _ = worker.line(host).ask(path, headers)
    must(status, expected)
    must(fields.get("Remote-User"), None)
    return status


def malformed(worker):
    """What is no HTTP, or no TLS: an answer of 400 or none, and the end of the connection."""
    load = worker.load
    said = secrets.choice([b"\0" * 100, b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                           b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"])
    if secrets.randbelow(4) == 0:
        with socket.create_connection(("127.0.0.1", load.segment.web_port), 20,
                                      (worker.source, 0)) as raw:
            raw.sendall(said)
            return f"plain: {last_words(raw)[:1] or 'nothing'}"
    with worker.wire(load.segment.portal_host) as wire:
        wire.sendall(said)
        answer = last_words(wire)
    must(answer[:12], b"HTTP/1.1 400", b"HTTP/1.1 505", b"")
    return answer[9:12].decode() or "hung up"


def last_words(wire):
    """What is said until the connection ends."""
    received = b""
    try:
        while block := wire.recv(65536):
            received += block
    except (ConnectionError, ssl.SSLError):
        pass
    return received


def walk_away(worker):
    """A client that leaves: in the handshake, in a head, in a body, in an answer."""
    load, where = worker.load, secrets.randbelow(4)
    if where == 0:
        with socket.create_connection(("127.0.0.1", load.segment.web_port), 20,
                                      (worker.source, 0)) as raw:
            raw.sendall(b"\x16\x03\x01\x02\x00\x01")
        return "in the handshake"
    host = load.segment.host("tax")
    head = f"Host: {host}\r\nCookie: {load.cookie['Cookie']}\r\n"
    with worker.wire(host) as wire:
        if where == 1:
            wire.sendall(f"GET / HTTP/1.1\r\n{head}".encode())
            return "in a head"
        if where == 2:
            wire.sendall(f"POST /digest HTTP/1.1\r\n{head}Content-Length: 100000\r\n\r\n".encode()
                         + b"x" * 50_000)
            return "in a body"
        wire.sendall(f"GET /large?n={8 * MEBIBYTE} HTTP/1.1\r\n{head}\r\n".encode())
        must(wire.recv(12), b"HTTP/1.1 200")
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return "in an answer, with a reset"


# -- what breaks behind the gateway ------------------------------------------------------------------
def broken_application(worker):
    load, how = worker.load, secrets.choice(["close", "reset", "short", "after", "gone"])
    if how == "gone":
        must(worker.line(load.segment.host("gone")).ask("/", load.cookie)[0], 502)
        return "gone: 502"
    line = worker.line(load.segment.host("roads"))
    try:
        status, _, _ = line.ask(f"/broken?how={how}", load.cookie)
    except (http.client.IncompleteRead, ConnectionError, ssl.SSLError):
        must(how, "short")  # its head was passed on already
        return "short: cut off"
    return f"{how}: {must(status, 200 if how == 'after' else 502)}"
