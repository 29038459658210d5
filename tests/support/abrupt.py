"""An application whose TLS ends as nobody should let it end, and a record that breaks a peer's TLS.

Python's sockets cannot do either: the TLS of this one runs over two buffers."""

import socket
import ssl
import threading
from contextlib import suppress

UNDECIPHERABLE = bytes([23, 3, 3, 0, 40]) + bytes(40)  # a record of forty bytes, with no valid tag


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
