"""A WebSocket client of our own, so that a test can send what no library would (RFC 6455)."""

import base64
import hashlib
import secrets
import struct

TEXT, BINARY, CLOSE, PING, PONG, MORE = 1, 2, 8, 9, 10, 0
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def handshake(host, *fields, path="/ws", line=None, key=None, version=13):
    """The opening request; `fields` are added to it."""
    key = key or base64.b64encode(secrets.token_bytes(16)).decode()
    return "\r\n".join([line or f"GET {path} HTTP/1.1", f"Host: {host}", "Upgrade: websocket",
                        "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                        f"Sec-WebSocket-Version: {version}", *fields, "", ""]).encode()


def frame(opcode, payload, is_last=True, is_masked=True):
    """One frame (section 5.2)."""
    mask = secrets.token_bytes(4)
    masked = 0x80 if is_masked else 0
    if len(payload) < 126:
        size = struct.pack("!B", masked | len(payload))
    elif len(payload) < 1 << 16:
        size = struct.pack("!BH", masked | 126, len(payload))
    else:
        size = struct.pack("!BQ", masked | 127, len(payload))
    if is_masked:
        whole = (mask * (len(payload) // 4 + 1))[:len(payload)]
        payload = mask + bytes(a ^ b for a, b in zip(payload, whole))
    return bytes([(0x80 if is_last else 0) | opcode]) + size + payload


class WebSocket:
    """Opens over a connected TLS socket; raises Refused with the status of another answer."""

    class Refused(Exception):
        pass

    def __init__(self, wire, host, *fields, **options):
        key = base64.b64encode(secrets.token_bytes(16)).decode()
        self.wire, self.file = wire, wire.makefile("rb")
        wire.sendall(handshake(host, *fields, key=key, **options))
        status = int(self.file.readline().split()[1])
        answer = {}
        while line := self.file.readline().strip():
            name, _, value = line.partition(b":")
            answer[name.lower()] = value.strip()
        if status != 101:
            raise self.Refused(status)
        accept = base64.b64encode(hashlib.sha1(key.encode() + GUID).digest())
        assert answer[b"sec-websocket-accept"] == accept, answer
        assert answer[b"upgrade"].lower() == b"websocket", answer

    def send(self, opcode, payload=b"", **options):
        self.wire.sendall(frame(opcode, payload, **options))

    def receive(self):
        """(opcode, payload) of the next frame; None at the end of the connection."""
        first = self.file.read(2)
        if len(first) < 2:
            return None
        assert not first[1] & 0x80, "a server does not mask"
        size = first[1]
        if size == 126:
            size, = struct.unpack("!H", self.file.read(2))
        elif size == 127:
            size, = struct.unpack("!Q", self.file.read(8))
        return first[0] & 0x0F, self.file.read(size)

    def message(self):
        """(opcode, payload) of the next message, put together from its frames."""
        whole, opcode = b"", None
        while True:
            first = self.file.peek(1)[:1]
            kind, payload = self.receive()
            if kind >= CLOSE:
                return kind, payload
            opcode = kind or opcode
            whole += payload
            if first[0] & 0x80:
                return opcode, whole

    def close(self):
        self.file.close()
        self.wire.close()
