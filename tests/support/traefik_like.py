"""A reverse proxy that does with a request what Traefik does, as configured by packaging/traefik.

Debian 12 has no Traefik.  What a gateway meets there is settled by two pieces of it, imitated here
field by field: the entry point (what becomes of a client's own X-Forwarded-* and Connection) and the
forwardAuth middleware (what is asked, and what an answer does to the request).

- https://doc.traefik.io/traefik/v3.0/middlewares/http/forwardauth/ (v2.11 says the same)
- https://doc.traefik.io/traefik/v3.0/routing/entrypoints/#forwarded-headers

The shipped file is read as it is, with this segment's names and ports put in; an option that is not
imitated here stops the test.  Left out: bodies are passed on whole instead of streamed, and one
connection is opened for each request that is passed on.
"""

import http.client
import re
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import yaml
from proxies import Proxy
from visitor import connect

# RFC 9110 section 7.6.1; the middleware and the passing on both leave them out.
HOP_BY_HOP = {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization",
              "proxy-connection", "te", "trailer", "trailers", "transfer-encoding", "upgrade"}
# What the entry point takes from clients that it has no reason to trust.
MANAGED = {"x-forwarded-proto", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port",
           "x-forwarded-server", "x-forwarded-uri", "x-forwarded-method", "x-forwarded-prefix",
           "x-forwarded-tls-client-cert", "x-forwarded-tls-client-cert-info", "x-real-ip"}


class Fields:
    """Header fields in their order; names are compared without case."""

    def __init__(self, pairs=()):
        self.pairs = list(pairs)

    def all(self, name):
        return [value for key, value in self.pairs if key.lower() == name.lower()]

    def get(self, name):
        return next(iter(self.all(name)), "")

    def delete(self, name):
        self.pairs = [(key, value) for key, value in self.pairs if key.lower() != name.lower()]

    def set(self, name, *values):
        self.delete(name)
        self.pairs += [(name, value) for value in values]

    def without(self, names):
        return Fields((key, value) for key, value in self.pairs if key.lower() not in names)


class Settings:
    """What the shipped file says of the one application that it guards."""

    def __init__(self, text):
        dynamic = yaml.safe_load(text)["http"]
        router, = dynamic["routers"].values()
        self.host = re.fullmatch(r"Host\(`([^`]+)`\)", router["rule"])[1]
        first, second = (dynamic["middlewares"][name] for name in router["middlewares"])
        ask = dict(first.pop("forwardAuth"))
        self.address = urlsplit(ask.pop("address"))
        self.trusts_forwarded = ask.pop("trustForwardHeader")
        self.listed = ask.pop("authResponseHeaders")
        self.ca = ask.pop("tls")["ca"]
        self.answer_fields = second.pop("headers").pop("customResponseHeaders")
        server, = dynamic["services"][router["service"]]["loadBalancer"]["servers"]
        self.upstream = urlsplit(server["url"])
        if ask or first or second:
            raise ValueError(f"not imitated: {ask} {first} {second}")


class TraefikLike(Proxy):
    """Serves in threads of this process, under the segment's care like any other proxy.

    `source` is the address from which the gateway is asked.  With `believing_entry_point` the entry
    point lets a client's own X-Forwarded-* in (forwardedHeaders.insecure), so that nothing but
    trustForwardHeader stands between them and the gateway.  `asked` is every question that was put
    to the gateway: (method, path, fields)."""

    def __init__(self, segment, upstream, source="127.0.0.1", believing_entry_point=False):
        super().__init__(segment, upstream, "traefik")
        self.settings = Settings(self.adapted("traefik/sekisho.yml"))
        self.source, self.believing_entry_point = source, believing_entry_point
        self.asked = []
        self.trust = ssl.create_default_context(cafile=self.settings.ca)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(str(self.chain), str(self.key))
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.front = self
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                  do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        segment.keeper.children.append(self)

    def replacements(self):
        return {"portal.town.example:8443": f"{self.segment.portal_host}:{self.segment.web_port}",
                **super().replacements()}

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    # -- what the entry point does ---------------------------------------------------------------
    def received(self, fields, host, client):
        """The client's fields as middlewares find them."""
        named = {name.strip().lower() for value in fields.all("Connection")
                 for name in value.split(",")}
        upgrade = fields.get("Upgrade") if "upgrade" in named else ""
        if not self.believing_entry_point:
            fields = fields.without({name.lower() for name, _ in fields.pairs
                                     if name.lower().replace("_", "-") in MANAGED})
        for name, value in (("X-Real-Ip", client), ("X-Forwarded-Proto", "https"),
                            ("X-Forwarded-Port", str(self.port)), ("X-Forwarded-Host", host)):
            if not fields.get(name):
                fields.set(name, value)
        fields.set("X-Forwarded-Server", "traefik")
        fields = fields.without((named - MANAGED) | {"connection"})
        if upgrade:
            fields.set("Upgrade", upgrade)
            fields.set("Connection", "Upgrade")
        return fields

    # -- what forwardAuth does -------------------------------------------------------------------
    def question(self, fields, method, host, target, client):
        """The fields of the request that asks the gateway."""
        asked = fields.without(HOP_BY_HOP | {"host", "content-length"})
        trusts = self.settings.trusts_forwarded
        before = fields.all("X-Forwarded-For") if trusts else []
        asked.set("X-Forwarded-For", ", ".join([*before, client]))
        for name, value in (("X-Forwarded-Method", method), ("X-Forwarded-Proto", "https"),
                            ("X-Forwarded-Host", host), ("X-Forwarded-Uri", target)):
            asked.set(name, (trusts and fields.get(name)) or value)
        return asked

    def ask(self, fields):
        """Asks by GET, without a body, and follows no redirect."""
        address = self.settings.address
        self.asked.append(("GET", address.path, fields))
        wire = connect(address.port, address.hostname, self.trust, source=self.source)
        return exchange(wire, "GET", address.path, address.netloc, fields, b"")

    def take_over(self, answered, fields):
        """A listed field is the gateway's, or is not there at all."""
        for name in self.settings.listed:
            fields.set(name, *answered.all(name))

    # -- what passing on does --------------------------------------------------------------------
    def forward(self, fields, method, host, target, client, body):
        to = self.settings.upstream
        sent = fields.without(HOP_BY_HOP | {"host", "content-length"})
        sent.set("X-Forwarded-For", ", ".join([*fields.all("X-Forwarded-For"), client]))
        if fields.get("Upgrade"):
            sent.set("Upgrade", fields.get("Upgrade"))
            sent.set("Connection", "Upgrade")
        connection = http.client.HTTPConnection(to.hostname, to.port, timeout=20)
        connection.connect()
        status, answered, content = exchange(connection.sock, method, target, host, sent, body)
        for name, value in self.settings.answer_fields.items():
            answered.set(name, *([value] if value else []))  # an empty one takes the field away
        return status, answered, content


def exchange(wire, method, target, host, fields, body):
    """One request on a connected socket: (status, fields, body)."""
    connection = http.client.HTTPConnection(host)
    connection.sock = wire
    try:
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        connection.putheader("Host", host)
        for name, value in fields.pairs:
            connection.putheader(name, value)
        if body or method in ("POST", "PUT", "PATCH"):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        answer = connection.getresponse()
        return answer.status, Fields(answer.getheaders()), answer.read()
    finally:
        connection.close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def setup(self):
        self.request.settimeout(20)
        self.request.do_handshake()
        super().setup()

    def _body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", "").lower():
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        blocks = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            blocks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass
        return b"".join(blocks)

    def _answer(self):
        front, client, body = self.server.front, self.client_address[0], self._body()
        whole = urlsplit(self.path)  # a target in absolute form names the host itself
        host = whole.netloc or self.headers.get("Host", "")
        target = (whole.path or "/") + (f"?{whole.query}" if whole.query else "")
        if host.partition(":")[0].lower() != front.settings.host:
            return self._send(404, Fields(), b"404 page not found\n")
        fields = front.received(Fields(self.headers.items()), host, client)
        try:
            status, answered, content = front.ask(
                front.question(fields, self.command, host, target, client))
        except (OSError, http.client.HTTPException):
            return self._send(500, Fields(), b"")
        if not 200 <= status < 300:
            return self._send(status, answered, content)
        front.take_over(answered, fields)
        try:
            passed = front.forward(fields, self.command, host, target, client, body)
        except (OSError, http.client.HTTPException):
            passed = 502, Fields(), b"Bad Gateway"
        self._send(*passed)

    def _send(self, status, fields, content):
        self.send_response_only(status)
        for name, value in fields.without(HOP_BY_HOP | {"content-length"}).pairs:
            self.send_header(name, value)
        if status == 101:
            self.send_header("Connection", "Upgrade")
            self.send_header("Upgrade", fields.get("Upgrade"))
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = _answer


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # a client that goes away is part of the tests
