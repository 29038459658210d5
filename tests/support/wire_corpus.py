"""Raw requests, and what becomes of each at the gateway: the corpus of test_wire_differential.

Every request is sent by a signed-in person ("COOKIE" stands for the session) to HOST, whose rules
allow everything but /admin.  Unless a case is `cut`, a second request, END, follows in the same
write: after a refusal it must never be answered, and it must never become part of the first.
"""

from dataclasses import dataclass

HOST = b"tax.sekisho.test"
CRLF = b"\r\n"
WHO = (b"Host: " + HOST, b"Cookie: COOKIE")
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: " + HOST + b"\r\n\r\n"
END = b"GET /end HTTP/1.1\r\nHost: " + HOST + b"\r\nCookie: COOKIE\r\nConnection: close\r\n\r\n"


@dataclass
class Case:
    raw: bytes
    statuses: tuple     # of our answers, END's left out; empty: hung up without a word
    arrives: tuple = ()  # (method, target, body) of each request that reaches the application
    cut: bool = False   # the client stops sending after `raw`
    goes_on: bool = False   # whether END may be answered
    sees: dict = None   # field -> values, as they reach the application


# -- how requests are written ----------------------------------------------------------------------
def head(line, *fields, end=CRLF):
    return end.join([line, *fields, b"", b""])


def post(*fields, body=b"", line=b"POST /x HTTP/1.1"):
    return head(line, *WHO, *fields) + body


def get(*fields, target=b"/x", version=b"HTTP/1.1", method=b"GET"):
    return head(b" ".join([method, target, version]), *WHO, *fields)


def length(value, body=b"hello"):
    return post(b"Content-Length: " + value, body=body)


def coding(value, body=b"5\r\nhello\r\n0\r\n\r\n"):
    return post(b"Transfer-Encoding: " + value, body=body)


def chunks(body):
    return coding(b"chunked", body)


# -- what becomes of them --------------------------------------------------------------------------
def passes(raw, body=b"", method=b"POST", target=b"/x", statuses=(200,), sees=None):
    return Case(raw, statuses, ((method, target, body),), goes_on=True, sees=sees)


def got(*fields, target=b"/x", method=b"GET", version=b"HTTP/1.1", **more):
    """A request without a body that passes."""
    return passes(get(*fields, target=target, method=method, version=version), b"", method, target,
                  **more)


def refused(raw, status=400, cut=False):
    """Nobody may guess where the next request begins: the connection ends."""
    return Case(raw, (status,), cut=cut)


def broken(raw, cut=False):
    """The head was good and has gone on; the body is not: both connections end."""
    return Case(raw, (), cut=cut)


def answered(raw, status):
    """A clear request that is not for the application; the next one may follow."""
    return Case(raw, (status,), goes_on=True)


LENGTHS = {
    "a length": passes(length(b"5"), b"hello"),
    "a length of nothing": passes(length(b"0", b"")),
    "no length": passes(post()),
    "a length with zeros before": passes(length(b"0005"), b"hello"),
    "a length with spaces around": passes(length(b"  5  "), b"hello"),
    "a length with a tab after": passes(length(b"5\t"), b"hello"),
    "a length without a space": passes(post(b"Content-Length:5", body=b"hello"), b"hello"),
    "a length in capitals": passes(post(b"CONTENT-LENGTH: 5", body=b"hello"), b"hello"),
    "a length of a GET": passes(get(b"Content-Length: 5") + b"hello", b"hello", b"GET"),
    "a length beside a field that looks like it": passes(
        post(b"Content-Length: 5", b"Content_Length: 7", b"Content.Length: 7", body=b"hello"),
        b"hello", sees={b"content_length": [], b"content.length": []}),
    "length, then chunked": refused(post(b"Content-Length: 5", b"Transfer-Encoding: chunked",
                                         body=b"0\r\n\r\n")),
    "chunked, then length": refused(post(b"Transfer-Encoding: chunked", b"Content-Length: 5",
                                         body=b"0\r\n\r\n")),
    "length and chunked, a request in the difference": refused(
        post(b"Content-Length: 4", b"Transfer-Encoding: chunked",
             body=b"%x\r\n%b\r\n0\r\n\r\n" % (len(HIDDEN), HIDDEN))),
    "two equal lengths": refused(post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello")),
    "two different lengths": refused(post(b"Content-Length: 0", b"Content-Length: 5",
                                          body=b"hello")),
    "a list of equal lengths": refused(length(b"5, 5")),
    "a list of different lengths": refused(length(b"5, 6")),
    "a list with an empty member": refused(length(b"5,")),
    "a length with plus": refused(length(b"+5")),
    "a length with minus": refused(length(b"-5")),
    "a length in hexadecimal": refused(length(b"0x5")),
    "a length with a fraction": refused(length(b"5.0")),
    "a length with an exponent": refused(length(b"5e0")),
    "a length in two words": refused(length(b"5 5")),
    "a length with a parameter": refused(length(b"5;q=1")),
    "a length in quotes": refused(length(b'"5"')),
    "a length in full-width digits": refused(length("５".encode())),
    "a length after a vertical tab": refused(length(b"\x0b5")),
    "a length before a form feed": refused(length(b"5\x0c")),
    "a length before NUL": refused(length(b"5\0")),
    "an empty length": refused(length(b"")),
    "a length of 2^64": refused(length(b"18446744073709551616")),
    "a length of 2^64 + 5": refused(length(b"18446744073709551621")),
    "a length of 2^63": broken(length(b"9223372036854775808"), cut=True),
    "a body shorter than its length": broken(length(b"9"), cut=True),
    "a length in a second field's fold": refused(post(b"X-A: b", b" Content-Length: 5",
                                                      body=b"hello")),
}

CODINGS = {
    "chunked": passes(coding(b"chunked"), b"hello"),
    "chunked with a capital": passes(coding(b"Chunked"), b"hello"),
    "chunked in capitals": passes(coding(b"CHUNKED"), b"hello"),
    "chunked with spaces around": passes(coding(b"  chunked "), b"hello"),
    "chunked after a tab": passes(coding(b"\tchunked"), b"hello"),
    "chunked, identity": refused(coding(b"chunked, identity"), 501),
    "identity, chunked": refused(coding(b"identity, chunked"), 501),
    "identity": refused(coding(b"identity"), 501),
    "identity with a length": refused(post(b"Transfer-Encoding: identity", b"Content-Length: 5",
                                           body=b"hello")),
    "gzip, chunked": refused(coding(b"gzip, chunked"), 501),
    "xchunked": refused(coding(b"xchunked"), 501),
    "chunkedx": refused(coding(b"chunkedx"), 501),
    "chunked twice in a list": refused(coding(b"chunked, chunked"), 501),
    "chunked twice": refused(post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked",
                                  body=b"0\r\n\r\n")),
    "chunked, then identity in a second field": refused(
        post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: identity", body=b"0\r\n\r\n")),
    "chunked with a parameter": refused(coding(b"chunked;q=1"), 501),
    "chunked with a comma after": refused(coding(b"chunked,"), 501),
    "chunked in quotes": refused(coding(b'"chunked"'), 501),
    "chunked after a vertical tab": refused(coding(b"\x0bchunked")),
    "chunked before a vertical tab": refused(coding(b"chunked\x0b")),
    "chunked before NUL": refused(coding(b"chunked\0")),
    "chunked after a no-break space": refused(coding(b"\xa0chunked"), 501),
    "an empty coding": refused(coding(b""), 501),
    "chunked in a fold": refused(post(b"Transfer-Encoding:", b" chunked", body=b"0\r\n\r\n")),
    "chunked behind a bare CR": refused(post(b"X-A: b\rTransfer-Encoding: chunked",
                                             body=b"0\r\n\r\n")),
    "chunked behind a bare LF": refused(post(b"X-A: b\nTransfer-Encoding: chunked",
                                             body=b"0\r\n\r\n")),
    "a space before the colon of the coding": refused(post(b"Transfer-Encoding : chunked",
                                                           body=b"0\r\n\r\n")),
    "chunked in HTTP/1.0": refused(post(b"Transfer-Encoding: chunked", line=b"POST /x HTTP/1.0",
                                        body=b"0\r\n\r\n")),
    "a field that looks like the coding": passes(
        post(b"Content-Length: 5", b"Transfer_Encoding: chunked", b"Transfer.Encoding: chunked",
             body=b"hello"), b"hello",
        sees={b"transfer_encoding": [], b"transfer.encoding": [], b"transfer-encoding": []}),
}

LAST = b"\r\n0\r\n\r\n"
CHUNKS = {
    "two chunks": passes(chunks(b"3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"), b"hello"),
    "no chunk but the last": passes(chunks(b"0\r\n\r\n")),
    "a last chunk of several zeros": passes(chunks(b"000\r\n\r\n")),
    "a size in capitals": passes(chunks(b"A\r\nhellohello" + LAST), b"hellohello"),
    "a size with zeros before": passes(chunks(b"00005\r\nhello" + LAST), b"hello"),
    "an extension": passes(chunks(b"5;a=b;c\r\nhello" + LAST), b"hello"),
    "an extension in quotes": passes(chunks(b'5;a="b;\\"c"\r\nhello' + LAST), b"hello"),
    "an extension of the last chunk": passes(chunks(b"5\r\nhello\r\n0;a=b\r\n\r\n"), b"hello"),
    "a size with plus": broken(chunks(b"+5\r\nhello" + LAST)),
    "a size with minus": broken(chunks(b"-5\r\nhello" + LAST)),
    "a size with 0x": broken(chunks(b"0x5\r\nhello" + LAST)),
    "a size with a space before": broken(chunks(b" 5\r\nhello" + LAST)),
    "a size with a space after": broken(chunks(b"5 \r\nhello" + LAST)),
    "a size with a tab after": broken(chunks(b"5\t\r\nhello" + LAST)),
    "a size that is no number": broken(chunks(b"g\r\nhello" + LAST)),
    "a size that is empty": broken(chunks(b"\r\nhello" + LAST)),
    "a size in two words": broken(chunks(b"5 5\r\nhello" + LAST)),
    "a size before NUL": broken(chunks(b"5\0\r\nhello" + LAST)),
    "a size of 2^64": broken(chunks(b"10000000000000000\r\nhello" + LAST)),
    "a size of 2^64 + 5": broken(chunks(b"10000000000000005\r\nhello" + LAST)),
    "a size of 2^64 - 1": broken(chunks(b"ffffffffffffffff\r\nhello"), cut=True),
    "a size line of a bare LF": broken(chunks(b"5\nhello" + LAST)),
    "a size line of a bare CR": broken(chunks(b"5\rhello" + LAST)),
    "a bare LF after the chunk": broken(chunks(b"5\r\nhello\n0\r\n\r\n")),
    "a bare LF after the last size": broken(chunks(b"5\r\nhello\r\n0\n\r\n")),
    "a chunk longer than its size": broken(chunks(b"5\r\nhello!" + LAST)),
    "a chunk shorter than its size": broken(chunks(b"6\r\nhello" + LAST)),
    "an extension without a name": broken(chunks(b"5;\r\nhello" + LAST)),
    "an extension that a bare LF ends": broken(chunks(b"5;a\nhello" + LAST)),
    "an extension with LF in quotes": broken(chunks(b'5;a="\n"\r\nhello' + LAST)),
    "an extension with NUL in quotes": broken(chunks(b'5;a="\0"\r\nhello' + LAST)),
    "an extension whose quotes stay open": broken(chunks(b'5;a="b\r\nhello' + LAST), cut=True),
    "an extension of 2 KiB": broken(chunks(b"5;a=" + b"b" * 2048 + b"\r\nhello" + LAST)),
    "the last chunk's extension with LF in quotes": broken(
        chunks(b'5\r\nhello\r\n0;a="\n"\r\n\r\n')),
    "no last chunk": broken(chunks(b"5\r\nhello\r\n"), cut=True),
    "no empty line at the end": broken(chunks(b"5\r\nhello\r\n0\r\n"), cut=True),
    "no empty line, and a request behind": broken(chunks(b"5\r\nhello\r\n0\r\n")),
    "a trailer": passes(chunks(b"5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"), b"hello",
                        sees={b"x-sum": []}),
    "a trailer that names a user": passes(
        chunks(b"5\r\nhello\r\n0\r\nRemote-User: mayor\r\n\r\n"), b"hello",
        sees={b"remote-user": [b"hanako"]}),
    "a trailer that names a host": passes(chunks(b"5\r\nhello\r\n0\r\nHost: evil.test\r\n\r\n"),
                                          b"hello", sees={b"host": [HOST]}),
    "a trailer that gives a length": broken(chunks(b"0\r\nContent-Length: 5\r\n\r\nhello")),
    "a trailer that gives a coding": broken(chunks(b"0\r\nTransfer-Encoding: chunked\r\n\r\n")),
    "a trailer with a space before the colon": broken(chunks(b"0\r\nX-A : b\r\n\r\n")),
    "a trailer without a colon": broken(chunks(b"0\r\nX-A\r\n\r\n")),
    "a trailer that a bare LF ends": broken(chunks(b"0\r\nX-A: b\nX-C: d\r\n\r\n")),
    "a trailer with NUL": broken(chunks(b"0\r\nX-A: \0\r\n\r\n")),
    "200 trailers": broken(chunks(b"0\r\n" + b"X-A: b\r\n" * 200 + b"\r\n")),
}

HEADS = {
    "a space before a colon": refused(get(b"X-A : b")),
    "a tab before a colon": refused(get(b"X-A\t: b")),
    "a bare CR in a value": refused(get(b"X-A: b\rX-C: d")),
    "a CR before the end of a line": refused(get(b"X-A: b\r")),
    "a bare LF after the request line": refused(head(b"GET /x HTTP/1.1\nHost: " + HOST, b"X-A: b")),
    "a bare LF between fields": refused(get(b"X-A: b\nX-C: d")),
    "bare LF everywhere": refused(head(b"GET /x HTTP/1.1", *WHO, end=b"\n")),
    "a bare LF for the empty line": refused(head(b"GET /x HTTP/1.1", *WHO)[:-2] + b"\n"),
    "two bare LF for the end": refused(head(b"GET /x HTTP/1.1", *WHO)[:-4] + b"\n\n"),
    "a folded field": refused(get(b"X-A: b", b" c")),
    "a field folded by a tab": refused(get(b"X-A: b", b"\tc")),
    "a fold before the first field": refused(head(b"GET /x HTTP/1.1", b" X-A: b", *WHO)),
    "a line of a space": refused(get(b" ")),
    "a line without a colon": refused(get(b"X-A")),
    "a field without a name": refused(get(b": b")),
    "a space in a name": refused(get(b"X A: b")),
    "a bracket in a name": refused(get(b"X(A: b")),
    "a name that is no ASCII": refused(get("X-関: b".encode())),
    "NUL in a name": refused(get(b"X\0A: b")),
    "NUL in a value": refused(get(b"X-A: b\0c")),
    "a control character in a value": refused(get(b"X-A: b\x01c")),
    "DEL in a value": refused(get(b"X-A: b\x7fc")),
    "NUL in the target": refused(get(target=b"/x\0y")),
    "NUL before the request": refused(b"\0" + get()),
    "an empty line before the request": refused(CRLF + get()),
    "a value that is no ASCII": got("X-A: 関所".encode(), sees={b"x-a": ["関所".encode()]}),
    "an empty value": got(b"X-A:", sees={b"x-a": [b""]}),
    "spaces around a value": got(b"X-A: \t b \t", sees={b"x-a": [b"b"]}),
    "names with underscores": got(b"Remote_User: mayor", b"X_Forwarded_For: 10.0.0.1",
                                  b"remote-user: mayor",
                                  sees={b"remote_user": [], b"x_forwarded_for": [],
                                        b"remote-user": [b"hanako"],
                                        b"x-forwarded-for": [b"127.0.0.1"]}),
    "names that some servers read as ours": got(b"Remote.User: mayor", b"Remote!User: mayor",
                                                sees={b"remote.user": [], b"remote!user": []}),
    "120 fields": got(*[b"X-%d: b" % n for n in range(120)]),
    "200 fields": refused(get(*[b"X-%d: b" % n for n in range(200)]), 431),
    "a field of 20 KiB": got(b"X-A: " + b"b" * 20_000),
    "a field of 40 KiB": refused(get(b"X-A: " + b"b" * 40_000), 431),
    "a name of 40 KiB": refused(get(b"X" * 40_000 + b": b"), 431),
    "noise of TLS": refused(b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03\r\n\r\n"),
}

HOSTS = {
    "no Host": refused(head(b"GET /x HTTP/1.1", WHO[1])),
    "no Host in HTTP/1.0": refused(head(b"GET /x HTTP/1.0", WHO[1])),
    "Host twice": refused(get(b"Host: " + HOST)),
    "two Hosts": refused(get(b"Host: evil.test")),
    "an empty Host and another": refused(get(b"Host:")),
    **{f"Host {what}": refused(head(b"GET /x HTTP/1.1", b"Host: " + value, WHO[1]))
       for what, value in {
           "of nothing": b"", "with a user": b"a@" + HOST, "with a user and a word": b"a:b@" + HOST,
           "with a path": HOST + b"/x", "with a question": HOST + b"?x", "in a list":
           HOST + b", evil.test", "with a comma": HOST + b",", "with a space": HOST + b" x",
           "with a scheme": b"https://" + HOST, "with a backslash": HOST + b"\\x",
           "with a percent": b"tax%2esekisho.test", "that is no ASCII": b"tax\xe3.sekisho.test",
           "of a dot": b".", "of a colon": b":", "with a port of letters": HOST + b":https",
           "with a port too large": HOST + b":99999", "with two ports": HOST + b":1:2",
           "with two dots": b"tax..sekisho.test", "with an open bracket": b"[::1"}.items()},
    "Host with a port": passes(head(b"GET /x HTTP/1.1", b"Host: " + HOST + b":8443", WHO[1]),
                               method=b"GET", sees={b"host": [HOST + b":8443"]}),
    "Host in capitals": passes(head(b"GET /x HTTP/1.1", b"Host: " + HOST.upper(), WHO[1]),
                               method=b"GET"),
    "Host of another name": answered(head(b"GET /x HTTP/1.1", b"Host: roads.sekisho.test", WHO[1]),
                                     421),
    "Host of an address": answered(head(b"GET /x HTTP/1.1", b"Host: [::1]", WHO[1]), 421),
}

LINES = {
    "two spaces before the target": refused(head(b"GET  /x HTTP/1.1", *WHO)),
    "two spaces before the version": refused(head(b"GET /x  HTTP/1.1", *WHO)),
    "a space after the version": refused(head(b"GET /x HTTP/1.1 ", *WHO)),
    "a space before the method": refused(head(b" GET /x HTTP/1.1", *WHO)),
    "a tab before the target": refused(head(b"GET\t/x HTTP/1.1", *WHO)),
    "a tab before the version": refused(head(b"GET /x\tHTTP/1.1", *WHO)),
    "a space in the target": refused(head(b"GET /x /y HTTP/1.1", *WHO)),
    "no version": refused(head(b"GET /x", *WHO)),
    "no target": refused(head(b"GET HTTP/1.1", *WHO)),
    "a request of HTTP/0.9": refused(b"GET /x\r\n", cut=True),
    "HTTP/0.9": refused(get(version=b"HTTP/0.9")),
    "HTTP/1.0": Case(get(version=b"HTTP/1.0"), (200,), ((b"GET", b"/x", b""),)),
    "HTTP/1.2": refused(get(version=b"HTTP/1.2")),
    "HTTP/2.0": refused(get(version=b"HTTP/2.0")),
    "HTTP/2": refused(get(version=b"HTTP/2")),
    "HTTP/1.10": refused(get(version=b"HTTP/1.10")),
    "HTTP/01.1": refused(get(version=b"HTTP/01.1")),
    "http/1.1": refused(get(version=b"http/1.1")),
    "the preface of HTTP/2": refused(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "absolute form": Case(get(target=b"https://" + HOST + b"/x"), (200,), ((b"GET", b"/x", b""),),
                          goes_on=True),
    "absolute form of its host alone": refused(get(target=b"https://" + HOST)),
    "absolute form of another host": refused(get(target=b"https://evil.test/x")),
    "absolute form of another scheme": refused(get(target=b"file:///etc/passwd")),
    "authority form": refused(get(target=HOST + b":443")),
    "CONNECT": refused(get(target=HOST + b":443", method=b"CONNECT"), 405),
    "TRACE": refused(get(method=b"TRACE"), 405),
    "asterisk form of GET": refused(get(target=b"*")),
    "asterisk form of OPTIONS": answered(get(target=b"*", method=b"OPTIONS"), 400),
    "a target without a slash": refused(get(target=b"x")),
    "a target of a question": refused(get(target=b"?x")),
    "a fragment": refused(get(target=b"/x#y")),
    "a target that is no ASCII": refused(get(target="/関".encode())),
    "DEL in the target": refused(get(target=b"/x\x7f")),
    "a target of 7 KiB": got(target=b"/" + b"x" * 7000),
    "a target of 9 KiB": refused(get(target=b"/" + b"x" * 9000), 414),
    "a target of 40 KiB": refused(get(target=b"/" + b"x" * 40_000), 414),
    "a method nobody knows": got(method=b"BREW"),
    "a method with a hyphen": got(method=b"M-SEARCH"),
    "a method in small letters": got(method=b"get"),
    "trace in small letters": refused(get(method=b"trace"), 405),
    "connect in small letters": refused(get(method=b"connect"), 405),
    "a method that begins with an underscore": refused(get(method=b"_GET")),
    "a method that begins with a hyphen": refused(get(method=b"-GET")),
    "a method with a bracket": refused(get(method=b"GE(T")),
    "a method with a colon": refused(get(method=b"GET:")),
    "a method with NUL": refused(get(method=b"GE\0T")),
}

PATHS = {
    **{f"the path {path.decode()}": answered(get(target=path), 400) for path in (
        b"/..", b"/a/../admin", b"/a/..", b"/./x", b"/a/.", b"/%2e%2e/admin", b"/a/%2E%2e/admin",
        b"/a/.%2e/admin", b"/..%2fadmin", b"/a%2fb", b"/a%2Fb", b"//admin", b"/a//b", b"//",
        b"/..;/admin", b"/a/..;x=1/admin", b"/;/admin", b"/a\\b", b"/a%5cb", b"/..%5cadmin",
        b"/%00", b"/admin%00", b"/a%0d%0ab", b"/%", b"/%2", b"/%zz", b"/%252e%252e/admin",
        b"/a%252fb", b"/%25%36%31dmin", b"/...", b"/%7f", b"/a/%2e?b")},
    **{f"the path {path.decode()}": answered(get(target=path), 403) for path in (
        b"/admin", b"/admin/x", b"/%61dmin", b"/ADMIN", b"/admin;a=b", b"/admin;a=b/x", b"/admin.",
        b"/admin%20", b"/admin?x")},
    **{f"the path {path.decode()}": got(target=path) for path in (
        b"/a;b=c", b"/a%20b", b"/%e9%96%a2", b"/~a", b"/a:b", b"/a@b", b'/a"<>|^`{}',
        b"/administer",
        b"/a?b=/../admin", b"/a?b=//c", b"/a?b=%2e%2e%2f", b"/a?b=\\", b"/a?%00", b"/a??b",
        b"/%c0%ae%c0%ae/admin", b"/a%c0%afadmin", b"/.a", b"/a..b")},
}

FIELDS = {
    "Connection names the user": got(b"Connection: Remote-User, X-Forwarded-For, Via",
                                     sees={b"remote-user": [b"hanako"],
                                           b"x-forwarded-for": [b"127.0.0.1"],
                                           b"via": [b"1.1 sekisho"]}),
    "Connection names Host and the length": passes(
        post(b"Connection: Host, Content-Length", b"Content-Length: 5", body=b"hello"), b"hello",
        sees={b"host": [HOST], b"content-length": [b"5"]}),
    "Connection names the coding": passes(
        post(b"Connection: Transfer-Encoding", b"Transfer-Encoding: chunked",
             body=b"5\r\nhello\r\n0\r\n\r\n"), b"hello"),
    "Connection names a field": got(b"Connection: X-A", b"X-A: b", b"Accept: c",
                                    sees={b"x-a": [], b"accept": [b"c"], b"connection": []}),
    "Connection names Accept": got(b"Connection: accept", b"Accept: c", sees={b"accept": []}),
    "Connection names Cookie": got(b"Connection: Cookie", b"Cookie: theme=dark",
                                   sees={b"cookie": []}),
    "Proxy-Connection": got(b"Proxy-Connection: keep-alive", sees={b"proxy-connection": []}),
    "TE": got(b"TE: trailers, chunked", sees={b"te": []}),
    "Trailer": got(b"Trailer: X-Sum", sees={b"trailer": []}),
    "Upgrade to h2c": got(b"Upgrade: h2c", b"Connection: Upgrade, HTTP2-Settings",
                          b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
                          sees={b"upgrade": [], b"http2-settings": [], b"connection": []}),
    "Upgrade to h2c with a body": passes(
        post(b"Upgrade: h2c", b"Connection: Upgrade", b"Content-Length: 5", body=b"hello"),
        b"hello", sees={b"upgrade": []}),
    "Upgrade to a WebSocket that is not allowed": got(
        b"Upgrade: websocket", b"Connection: Upgrade", b"Sec-WebSocket-Version: 13",
        b"Sec-WebSocket-Key: c2VraXNobyBqb3VybmV5IQ==", sees={b"upgrade": [], b"connection": []}),
    "Expect": passes(post(b"Expect: 100-continue", b"Content-Length: 5", body=b"hello"), b"hello",
                     statuses=(100, 200), sees={b"expect": []}),
    "Expect in capitals": passes(post(b"Expect: 100-CONTINUE", b"Content-Length: 5",
                                      body=b"hello"), b"hello", statuses=(100, 200)),
    "Expect without a body": got(b"Expect: 100-continue", sees={b"expect": []}),
    "Expect in HTTP/1.0": Case(
        post(b"Expect: 100-continue", b"Content-Length: 5", b"Connection: keep-alive",
             line=b"POST /x HTTP/1.0", body=b"hello"), (200,), ((b"POST", b"/x", b"hello"),)),
    "Expect of something else": passes(post(b"Expect: a-miracle", b"Content-Length: 5",
                                            body=b"hello"), b"hello", sees={b"expect": []}),
    "Max-Forwards of GET": got(b"Max-Forwards: 0"),
    "Max-Forwards of OPTIONS at its end": answered(get(b"Max-Forwards: 0", method=b"OPTIONS"), 204),
    "Max-Forwards of OPTIONS": got(b"Max-Forwards: 5", method=b"OPTIONS",
                                   sees={b"max-forwards": [b"4"]}),
    "Via of ours": answered(get(b"Via: 1.1 sekisho"), 502),
    "Via of ours in a list": answered(get(b"Via: 1.0 a, 1.1 Sekisho"), 502),
    "Via of another": got(b"Via: 1.1 a", sees={b"via": [b"1.1 a", b"1.1 sekisho"]}),
}

BEHIND = {
    "a request inside a body": passes(length(b"%d" % len(HIDDEN), HIDDEN), HIDDEN),
    "a request inside a GET's body": passes(
        get(b"Content-Length: %d" % len(HIDDEN)) + HIDDEN, HIDDEN, b"GET"),
    "a request inside a DELETE's body": passes(
        get(b"Content-Length: %d" % len(HIDDEN), method=b"DELETE") + HIDDEN, HIDDEN, b"DELETE"),
    "a request inside a chunk": passes(chunks(b"%x\r\n%b" % (len(HIDDEN), HIDDEN) + LAST), HIDDEN),
    "a last chunk inside a chunk": passes(chunks(b"c\r\n0\r\n\r\nGET / H" + LAST),
                                          b"0\r\n\r\nGET / H"),
    "two requests": Case(get() + get(target=b"/y"), (200, 200),
                         ((b"GET", b"/x", b""), (b"GET", b"/y", b"")), goes_on=True),
    "a request behind a body": Case(length(b"5") + get(target=b"/y"), (200, 200),
                                    ((b"POST", b"/x", b"hello"), (b"GET", b"/y", b"")),
                                    goes_on=True),
    "more than the length says": Case(length(b"5", b"hello()"), (200, 400),
                                      ((b"POST", b"/x", b"hello"),)),
    "more than the last chunk": Case(chunks(b"0\r\n\r\n()"), (200, 400), ((b"POST", b"/x", b""),)),
    "a request behind a refused one": refused(get(b"X-A : b") + get(target=b"/y")),
    "a stranger's body": Case(post(b"Content-Length: %d" % len(HIDDEN), body=HIDDEN).replace(
        WHO[1], b"X-A: b"), (401,)),
}

CASES = {**LENGTHS, **CODINGS, **CHUNKS, **HEADS, **HOSTS, **LINES, **PATHS, **FIELDS, **BEHIND}
