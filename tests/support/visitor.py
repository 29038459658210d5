"""Somebody in front of a browser without JavaScript: HTTPS, cookies, forms, redirects.

Names are never resolved: every connection goes to one loopback address and port, with the host
name in SNI and Host, as a client in the segment with proper DNS would send them.
"""

import http.client
import socket
import ssl
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin, urlsplit


class Answer:
    def __init__(self, url, status, headers, body):
        self.url, self.status, self.headers, self.body = url, status, headers, body

    def header(self, name, default=None):
        return next((v for n, v in self.headers if n.lower() == name.lower()), default)

    def headers_named(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    @property
    def text(self):
        return self.body.decode("utf-8")

    def __repr__(self):
        return f"<{self.status} {self.url} {self.headers} {self.body[:600]!r}>"


class Form:
    def __init__(self, action, method):
        self.action, self.method, self.fields = action, method, {}


class _Forms(HTMLParser):
    def __init__(self):
        super().__init__()
        self.forms = []

    def handle_starttag(self, tag, attributes):
        named = dict(attributes)
        if tag == "form":
            self.forms.append(Form(named.get("action", ""), named.get("method", "get").upper()))
        elif tag in ("input", "button") and self.forms and named.get("name"):
            self.forms[-1].fields[named["name"]] = named.get("value", "") or ""


def forms_of(answer):
    parser = _Forms()
    parser.feed(answer.text)
    return parser.forms


def connect(port, host, context, address="127.0.0.1", source="127.0.0.1", timeout=20):
    """A connected TLS socket with SNI `host`."""
    raw = socket.create_connection((address, port), timeout, (source, 0))
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return context.wrap_socket(raw, server_hostname=host)


class Visitor:
    """A cookie jar and a way to reach the hosts of a segment.

    `ports` maps a URL's port to itself by default; everything is reached on `address`."""

    def __init__(self, ca_file, address="127.0.0.1", source="127.0.0.1", language="ja"):
        self.context = ssl.create_default_context(cafile=str(ca_file))
        self.address, self.source, self.language = address, source, language
        self.cookies = {}  # name -> (value, domain, host_only)
        self.history = []

    # -- cookies ---------------------------------------------------------------------------------
    def _cookie_header(self, host):
        sent = [f"{name}={value}" for name, (value, domain, host_only) in self.cookies.items()
                if host == domain or (not host_only and host.endswith("." + domain))]
        return "; ".join(sent)

    def _take_cookies(self, host, answer):
        for line in answer.headers_named("Set-Cookie"):
            first, *rest = [part.strip() for part in line.split(";")]
            name, _, value = first.partition("=")
            said = {key.strip().lower(): v.strip() for key, _, v in (p.partition("=") for p in rest)}
            domain = said.get("domain", "").lstrip(".").lower()
            if name.startswith("__Host-"):
                assert not domain and said.get("path") == "/" and "secure" in said, line
            if name.startswith("__Secure-"):
                assert "secure" in said, line
            if said.get("max-age") == "0" or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = (value, domain or host, not domain)

    @property
    def cookie_values(self):
        return {name: value for name, (value, _, _) in self.cookies.items()}

    def session_cookie(self):
        """'name=value' of the session, for a client that is not this one."""
        for name, (value, _, _) in self.cookies.items():
            if name.startswith(("__Host-", "__Secure-")) and "form" not in name:
                return f"{name}={value}"
        raise LookupError(f"no session among {list(self.cookies)}")

    # -- requests --------------------------------------------------------------------------------
    def request(self, method, url, headers=(), body=None, host_header=None, cookies=True):
        where = urlsplit(url)
        host = where.hostname
        sent = {"Host": host_header or where.netloc, "Accept-Language": self.language,
                "Accept": "text/html,application/xhtml+xml"}
        jar = self._cookie_header(host) if cookies else ""
        if jar:
            sent["Cookie"] = jar
        sent.update(dict(headers))
        port = where.port or (443 if where.scheme == "https" else 80)
        connection = http.client.HTTPConnection(host, port)
        if where.scheme == "https":
            connection.sock = connect(port, host, self.context, self.address, self.source)
        else:
            connection.sock = socket.create_connection((self.address, port), 20, (self.source, 0))
        target = (where.path or "/") + (f"?{where.query}" if where.query else "")
        try:
            connection.request(method, target, body=body, headers=sent)
            raw = connection.getresponse()
            answer = Answer(url, raw.status, raw.getheaders(), raw.read())
        finally:
            connection.close()
        self._take_cookies(host, answer)
        self.history.append(answer)
        return answer

    def get(self, url, headers=(), **options):
        return self.request("GET", url, headers, **options)

    def post(self, url, fields, headers=(), **options):
        sent = {"Content-Type": "application/x-www-form-urlencoded",
                "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(url)), **dict(headers)}
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.request("POST", url, sent, body=body, **options)

    def follow(self, answer, limit=5):
        """Follows redirects, as a browser would, and returns where it ends."""
        while answer.status in (301, 302, 303, 307) and limit:
            answer = self.get(urljoin(answer.url, answer.header("Location")))
            limit -= 1
        return answer

    def submit(self, page, action, **fields):
        """Fills in the form of `page` that posts to `action` and sends it; redirects not followed."""
        for form in forms_of(page):
            if urlsplit(urljoin(page.url, form.action)).path == action:
                return self.post(urljoin(page.url, form.action), {**form.fields, **fields})
        raise LookupError(f"no form posts to {action} in {page!r}")
