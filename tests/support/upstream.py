"""The small internal application behind the gateway.

GET  /anything      the request as JSON: method, path, headers (a list of pairs), body length
POST /echo          the body, as it comes
POST /digest        {"length": n, "sha256": hex} of the body
GET  /large?n=N     N bytes of a known pattern
GET  /paced?n=N     the same, but after the first block it waits for `go_on`
GET  /status?code=N an answer with that status
GET  /health        one with the status `health`
GET  /events?n=N    N server-sent events, a fifth of a second apart
GET  /broken?how=H  gone in the middle: close and reset answer nothing, short announces more than it
                    sends, after closes a connection that it had said it would keep
Run as a program it prints its port and serves until it is ended: the demo's tax office.
"""

import hashlib
import json
import os
import socket
import ssl
import struct
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

BLOCK = bytes(range(256)) * 256  # 64 KiB


def pattern(length):
    """The bytes that /large sends, a block at a time."""
    while length > 0:
        yield BLOCK[:length]
        length -= len(BLOCK)


def digest_of_pattern(length):
    digest = hashlib.sha256()
    for block in pattern(length):
        digest.update(block)
    return digest.hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def _body_blocks(self):
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            while size := int(self.rfile.readline().split(b";")[0], 16):
                yield self.rfile.read(size)
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return
        left = int(self.headers.get("Content-Length", 0))
        while left > 0:
            block = self.rfile.read(min(left, 65536))
            if not block:
                raise ConnectionError("the body was cut short")
            left -= len(block)
            yield block

    def _send(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in self.server.application.extra_headers:
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _answer(self):
        where = urlsplit(self.path)
        query = parse_qs(where.query)
        seen = {"method": self.command, "path": self.path,
                "headers": [[name, value] for name, value in self.headers.items()],
                "peer": self.client_address[1]}
        if where.path == "/mirror":
            return self._mirror(seen)
        digest, length = hashlib.sha256(), 0
        kept = b""
        for block in self._body_blocks():
            digest.update(block)
            length += len(block)
            self.server.application.body_bytes_seen += len(block)
            if where.path == "/echo":
                kept += block
        seen["body_length"] = length
        self.server.application.requests.append(seen)
        self.server.application.pause()
        if where.path == "/silent":
            self.close_connection = True
        elif where.path == "/echo":
            self._send(200, kept, "application/octet-stream")
        elif where.path == "/digest":
            self._send(200, json.dumps({"length": length, "sha256": digest.hexdigest()}).encode())
        elif where.path in ("/large", "/paced"):
            self._send_large(int(query["n"][0]), where.path == "/paced")
        elif self.path in self.server.application.pages:
            page = self.server.application.pages[self.path].encode()
            self._send(200, page, "text/html; charset=utf-8")
        elif where.path == "/health":
            self._send(self.server.application.health, b"{}")
        elif where.path == "/events":
            self._send_events(int(query["n"][0]))
        elif where.path == "/broken":
            self._break(query["how"][0])
        elif where.path == "/status":
            self._send(int(query["code"][0]), b"{}")
        else:
            self._send(200, json.dumps(seen).encode())

    def _mirror(self, seen):
        """Answers with the body while it still comes."""
        self.server.application.requests.append(seen)
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", self.headers["Content-Length"])
        self.end_headers()
        for block in self._body_blocks():
            self.wfile.write(block)

    def _send_large(self, length, paced):
        self.send_response(200)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(length))
        self.end_headers()
        for block in pattern(length):
            self.wfile.write(block)
            if paced:
                self.server.application.go_on.wait(30)

    def _send_events(self, count):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for number in range(count):
            event = b"data: %d\n\n" % number
            self.wfile.write(b"%x\r\n%b\r\n" % (len(event), event))
            self.server.application.closing.wait(0.2)
        self.wfile.write(b"0\r\n\r\n")

    def _break(self, how):
        self.close_connection = True
        if how == "reset":
            # Without lingering, closing says RST instead of FIN.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            os.close(self.connection.detach())
        elif how == "short":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nonly this")
        elif how == "after":
            self._send(200, b"{}")

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a client that goes away is part of the tests


class Application:
    """The application in threads of this process; `requests` is everything it has seen.

    With `tls`, a (chain, key) pair of files, it speaks https."""

    def __init__(self, address="127.0.0.1", port=0, tls=None):
        self.requests = []
        self.body_bytes_seen = 0
        self.extra_headers = []
        self.health = 200
        self.pages = {}  # HTML by path and query
        self.go_on = threading.Event()
        self.pause_before_answer = 0.0  # seconds; ends early when the application is closed
        self.closing = threading.Event()
        self._server = _Server((address, port), _Handler)
        self._server.application = self
        self.port = self._server.server_address[1]
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, tls))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{'https' if tls else 'http'}://{address}:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def pause(self):
        self.closing.wait(self.pause_before_answer)

    def close(self):
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()


class WebSocketEcho:
    """A WebSocket server that says everything back, and remembers the request headers."""

    def __init__(self, address="127.0.0.1"):
        import asyncio
        self.handshakes = []
        self._open = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._address = address
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._ready.wait(10)
        self.url = f"http://{address}:{self.port}"

    def _run(self):
        import asyncio

        import websockets
        asyncio.set_event_loop(self._loop)

        async def echo(connection, *_):
            self.handshakes.append(list(connection.request_headers.raw_items()))
            self._open.add(connection)
            try:
                async for message in connection:
                    await connection.send(message)
            except websockets.ConnectionClosed:
                pass  # a client that goes away is part of the tests
            finally:
                self._open.discard(connection)

        async def serve():
            self._stop = asyncio.Event()
            async with websockets.serve(echo, self._address, 0, max_size=2**24) as server:
                self.port = server.sockets[0].getsockname()[1]
                self._ready.set()
                await self._stop.wait()

        self._loop.run_until_complete(serve())

    def open_connections(self):
        return len(self._open)

    def close(self):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(5)


if __name__ == "__main__":
    application = Application(port=int(sys.argv[1]) if len(sys.argv) > 1 else 0)
    print(f"listening {application.port}", flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        pass
