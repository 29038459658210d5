"""An application that writes down what arrives on its wire, byte for byte.

It reads HTTP/1.1 strictly and by nobody's library: what a sender should never have sent raises
Unreadable and stands in `unreadable`.  Every request gets a short 200.
"""

import re
import socket
import threading
from dataclasses import dataclass, field

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REQUEST_LINE = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\x00-\x20\x7f]+) HTTP/1\.([01])")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*?)[ \t]*")


class Unreadable(Exception):
    """Bytes that are no request."""


class Cut(Exception):
    """The sender closed in the middle of a request."""


@dataclass
class Recorded:
    method: bytes
    target: bytes
    fields: list  # (name in lower case, value)
    body: bytes = b""
    raw: bytes = field(default=b"", repr=False)

    def values(self, name):
        return [value for known, value in self.fields if known == name]

    @property
    def message(self):
        """What counts when two readers are compared."""
        return self.method, self.target, self.body


class Wire:
    """The bytes of one connection: every byte taken is kept for `raw`."""

    def __init__(self, connection):
        self.connection = connection
        self.buffer = b""
        self.taken = b""

    def _more(self):
        try:
            block = self.connection.recv(65536)
        except OSError:
            block = b""
        if not block:
            raise Cut
        self.buffer += block

    def _take(self, count):
        piece, self.buffer = self.buffer[:count], self.buffer[count:]
        self.taken += piece
        return piece

    def line(self):
        while b"\n" not in self.buffer:
            self._more()
        line = self._take(self.buffer.index(b"\n") + 1)
        if not line.endswith(b"\r\n") or b"\r" in line[:-2]:
            raise Unreadable(line)
        return line[:-2]

    def exactly(self, count):
        while len(self.buffer) < count:
            self._more()
        return self._take(count)

    def fields(self):
        found = []
        while line := self.line():
            match = FIELD.fullmatch(line)
            if not match:
                raise Unreadable(line)
            found.append((match[1].lower(), match[2]))
        return found

    def chunks(self):
        body = b""
        while True:
            size = self.line()
            if not re.fullmatch(rb"[0-9a-fA-F]{1,16}", size):
                raise Unreadable(size)
            if not int(size, 16):
                if trailers := self.fields():
                    raise Unreadable(repr(trailers).encode())
                return body
            body += self.exactly(int(size, 16))
            if self.line():
                raise Unreadable(b"no end of line after a chunk")

    def request(self):
        """The next request; None when the connection ends between two."""
        self.taken = b""
        try:
            while not self.buffer:
                self._more()
        except Cut:
            return None
        match = REQUEST_LINE.fullmatch(line := self.line())
        if not match:
            raise Unreadable(line)
        request = Recorded(match[1], match[2], self.fields())
        lengths, codings = request.values(b"content-length"), request.values(b"transfer-encoding")
        if len(lengths) + len(codings) > 1 or len(request.values(b"host")) != 1:
            raise Unreadable(self.taken)
        if codings:
            if codings != [b"chunked"] or match[3] == b"0":
                raise Unreadable(self.taken)
            request.body = self.chunks()
        elif lengths:
            if not re.fullmatch(rb"[0-9]+", lengths[0]):
                raise Unreadable(self.taken)
            request.body = self.exactly(int(lengths[0]))
        request.raw = self.taken
        return request


class Recorder:
    """Serves in threads of this process until it is closed."""

    def __init__(self):
        self.unreadable = []
        self._whole = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def take(self):
        """What arrived whole since the last call."""
        with self._lock:
            taken, self._whole = self._whole, []
            return taken

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        wire = Wire(connection)
        with connection:
            try:
                while request := wire.request():
                    with self._lock:
                        self._whole.append(request)
                    connection.sendall(ANSWER)
                    if b"close" in request.values(b"connection"):
                        return
            except Unreadable as problem:
                with self._lock:
                    self.unreadable.append(problem.args[0])
            except (Cut, OSError):
                pass
