"""An application whose every answer is written by the test: whole, cut, reset, late or nonsense.

    def script(exchange):
        exchange.send(b"HTTP/1.1 200 OK\\r\\nContent-Length: 5\\r\\n\\r\\nhel")
        exchange.reset()
    upstream = Scripted(script)

The script is called for each request once its head has come; it returns True to keep the
connection for the next.
"""

import socket
import ssl
import struct
import threading


class Exchange:
    """One request and the socket to answer it on."""

    def __init__(self, connection, head, rest):
        self.connection, self.head, self.rest = connection, head, rest
        self.method, self.target = head.split(b" ", 2)[:2]

    def field(self, name):
        """The value of a field, or None."""
        for line in self.head.split(b"\r\n")[1:]:
            known, _, value = line.partition(b":")
            if known.lower() == name.lower():
                return value.strip()
        return None

    def send(self, data, pieces=None):
        """Sends in pieces of so many bytes, or at once."""
        step = pieces or max(len(data), 1)
        for at in range(0, len(data), step):
            self.connection.sendall(data[at:at + step])

    def read(self, count):
        """Up to `count` bytes of the body; empty when the sender is gone."""
        if self.rest:
            piece, self.rest = self.rest[:count], self.rest[count:]
            return piece
        try:
            return self.connection.recv(count)
        except ConnectionError:
            return b""

    def read_exactly(self, count):
        data = b""
        while len(data) < count and (piece := self.read(count - len(data))):
            data += piece
        return data

    def reset(self):
        """Ends the connection with RST."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def wait_until_left(self):
        """Says nothing until the other side closes."""
        while self.read(65536):
            pass


class Scripted:
    """With `tls`, a (chain, key) pair of files, it speaks https: every send is a record of its own,
    and a reader sees it by itself."""

    def __init__(self, script, tls=None):
        self._script = script
        self._context = None
        if tls:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(*map(str, tls))
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        threading.Thread(target=self._listen, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
        except OSError:
            return
        with connection:
            try:
                data = b""
                while True:
                    while b"\r\n\r\n" not in data:
                        if not (block := connection.recv(65536)):
                            return
                        data += block
                    head, _, data = data.partition(b"\r\n\r\n")
                    exchange = Exchange(connection, head, data)
                    if not self._script(exchange):
                        break
                    data = exchange.rest
                if self._context:
                    connection.unwrap()  # without it the end would be a cut
            except (OSError, ValueError):
                pass  # reset by the script, or left by the gateway
