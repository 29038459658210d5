"""What must hold for an application whichever proxy stands in front of it: claims to call."""

import http.client
import json
from urllib.parse import urlsplit

from visitor import Answer, connect

IDENTITY_HEADERS = ("Remote-User", "Remote-Name", "Remote-Groups")
OUR_COOKIES = ("__host-sekisho", "__secure-sekisho", "__host-sekisho-form")


def seen_by(answer):
    """The request as the upstream application saw it: name in lower case -> values."""
    seen = {}
    for name, value in json.loads(answer.body)["headers"]:
        seen.setdefault(name.lower(), []).append(value)
    return seen


def refuses_strangers(proxy, portal):
    """A page load is sent to the portal; a script's call and a POST get 401; nothing arrives."""
    before = len(proxy.upstream.requests)
    visitor = proxy.segment.visitor()
    page = visitor.get(proxy.url + "/zei?year=2026&ward=%E6%9D%B1")
    assert page.status == 302, page
    assert len(page.headers_named("Location")) == 1, page
    assert page.header("Location").startswith(portal + "/"), page
    script = visitor.get(proxy.url + "/api", {"Accept": "application/json",
                                              "X-Requested-With": "XMLHttpRequest"})
    posted = visitor.post(proxy.url + "/zei", {"amount": "1"})
    for answer in (script, posted):
        assert answer.status == 401, answer
        assert answer.headers_named("WWW-Authenticate") == ['Sekisho realm="portal"'], answer
        assert len(answer.headers_named("Location")) == 1, answer
        assert answer.header("Location").startswith(portal + "/"), answer
    assert len(proxy.upstream.requests) == before
    return page


def names_the_user(proxy, visitor, user, groups):
    """The application learns who it is from us, and never from the client."""
    lies = {"Remote-User": "mayor", "remote-groups": "admin", "Remote-Name": "x",
            "Remote_User": "mayor", "Sekisho-Identity": "mayor", "Sekisho_Identity": "mayor",
            "X-Forwarded-For": "192.0.2.66", "X-Real-IP": "192.0.2.66",
            "Forwarded": "for=192.0.2.66;host=mayor", "X-Forwarded-Host": "mayor"}
    answer = visitor.get(proxy.url + "/zei", lies)
    assert answer.status == 200, answer
    seen = seen_by(answer)
    assert seen["remote-user"] == [user.name]
    assert seen["remote-groups"] == [",".join(groups)]
    assert "mayor" not in json.dumps(seen), seen
    assert "192.0.2.66" not in json.dumps(seen), seen


def lies_bring_nothing(proxy):
    """Forged identity and forwarding headers of a stranger change no answer."""
    visitor = proxy.segment.visitor()
    forged = {"Remote-User": "hanako", "X-Original-URL": "https://open.sekisho.test/",
              "X-Forwarded-Host": "open.sekisho.test", "X-Forwarded-Uri": "/free",
              "X-Forwarded-For": "127.0.0.9", "X-Original-Method": "OPTIONS"}
    assert visitor.get(proxy.url + "/zei", forged).status in (302, 401)


def claiming_another_address_is_refused(proxy, colleague):
    """A colleague who may reach "roads" cannot reach "tax" by saying that he asked for "roads"."""
    visitor = proxy.segment.sign_in(colleague)
    roads = proxy.segment.host("roads")
    for forged in ({"X-Original-URL": f"https://{roads}/"}, {"X-Forwarded-Host": roads},
                   {"X-Forwarded-Host": roads, "X-Forwarded-Uri": "/", "X-Forwarded-Proto": "https"},
                   {"Forwarded": f"host={roads}"}, {"Remote-Groups": "tax"}):
        answer = visitor.get(proxy.url + "/zei", forged)
        assert answer.status == 403, (forged, answer)
    assert not proxy.upstream.requests


def claiming_another_host_is_refused(proxy, colleague):
    """A colleague who may reach "roads" cannot reach "tax" through tax's proxy by writing the Host of
    "roads", nor by naming one in the request line and another in the field."""
    visitor = proxy.segment.sign_in(colleague)
    roads, where = proxy.segment.host("roads"), urlsplit(proxy.url)
    for target, host in (("/zei", roads), ("/zei", f"{roads}:{where.port}"),
                         (f"https://{where.netloc}/zei", roads),
                         (f"https://{where.hostname}/zei", roads),
                         (f"https://{roads}/zei", where.netloc)):
        connection = http.client.HTTPConnection(where.hostname, where.port)
        connection.sock = connect(where.port, where.hostname, visitor.context)
        try:
            connection.putrequest("GET", target, skip_host=True)
            connection.putheader("Host", host)
            connection.putheader("Cookie", visitor.session_cookie())
            connection.endheaders()
            answer = connection.getresponse()
            # Caddy answers a name it does not serve with an empty 200.
            assert answer.status in (400, 403, 404, 421) or not answer.read(), (target, host, answer)
        finally:
            connection.close()
    assert not proxy.upstream.requests


def refuses_foreign_websockets(proxy, visitor, more=()):
    """A page of another host opens no WebSocket with this person's cookies; the own one may."""
    own = proxy.url
    handshake = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
                 "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    for foreign in ("https://evil.example", f"https://roads.{proxy.segment.domain}",
                    own.replace("https", "http"), own + ".evil.example", "null", *more):
        answer = visitor.get(proxy.url + "/zei", {**handshake, "Origin": foreign})
        assert answer.status == 403, (foreign, answer)
    assert not proxy.upstream.requests
    assert visitor.get(proxy.url + "/zei", {**handshake, "Origin": own}).status == 200
    assert visitor.get(proxy.url + "/zei", handshake).status == 200
    # What is no handshake is none of this: applications judge their own cross-origin requests.
    assert visitor.get(proxy.url + "/zei", {"Origin": "https://evil.example"}).status == 200


# -- cookies ---------------------------------------------------------------------------------------
def get_with_cookies(proxy, visitor, *fields, path="/zei", upgrade=False):
    """GET with these Cookie fields, each a field of its own, and no jar."""
    where = urlsplit(proxy.url)
    connection = http.client.HTTPConnection(where.hostname, where.port)
    connection.sock = connect(where.port, where.hostname, visitor.context)
    try:
        connection.putrequest("GET", path)
        connection.putheader("Accept", "text/html")
        for field in fields:
            connection.putheader("Cookie", field)
        if upgrade:
            connection.putheader("Connection", "Upgrade")
            connection.putheader("Upgrade", "chat")
        connection.endheaders()
        answer = connection.getresponse()
        return Answer(proxy.url, answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def cookie_pairs(seen):
    """What an application finds in its Cookie fields."""
    return [pair.strip() for field in seen.get("cookie", []) for pair in field.split(";")
            if pair.strip()]


def is_ours(pair):
    return pair.partition("=")[0].strip(" \t").lower() in OUR_COOKIES


def hides_our_cookies(proxy, visitor):
    """The application sees the others' cookies, and never the session's or the form's."""
    session = visitor.session_cookie()
    token = session.partition("=")[2]
    for fields in (
            [session],
            [f"{session}; theme=dark"],
            [f"theme=dark; {session}"],
            [f"theme=dark; {session}; lang=ja"],
            [f"theme=dark;{session};lang=ja;"],
            [f"theme=dark; {session}; __Host-sekisho=x; __Host-sekisho-form=y; lang=ja"],
            [f"__HOST-sekisho=x; theme=dark; {session}; lang=ja; __host-Sekisho-Form=y"],
            [session, "theme=dark", "lang=ja"],
            ["theme=dark", f"lang=ja; {session}; size=a=b", "__Host-sekisho-form=y"],
            ["sekisho=1; __Secure-sekisho-2=2; x__Secure-sekisho=3",
             f"{session}; of=__Secure-sekisho"]):
        answer = get_with_cookies(proxy, visitor, *fields)
        assert answer.status == 200, (fields, answer)
        seen = seen_by(answer)
        sent = [pair.strip() for field in fields for pair in field.split(";") if pair.strip()]
        assert cookie_pairs(seen) == [pair for pair in sent if not is_ours(pair)], (fields, seen)
        assert token not in json.dumps(seen), (fields, seen)
    many = "; ".join(f"k{n}=1; __secure-SEKISHO=x" for n in range(20))
    seen = seen_by(get_with_cookies(proxy, visitor, f"{many}; {session}; {many}"))
    assert not [pair for pair in cookie_pairs(seen) if is_ours(pair)], seen


def lets_nobody_plant_a_session(proxy, visitor):
    """A browser keeps no cookie of ours that an application sets, and all of its own.

    Returns the Set-Cookie fields that arrived."""
    theirs = ["theme=dark; Path=/; Secure", "last=1; Expires=Fri, 01 Jan 2038 00:00:00 GMT",
              "__Secure-sekisho-2=1; Secure; Path=/"]
    planted = [f"{visitor.session_cookie().partition('=')[0]}=evil; Path=/; Secure; "
               f"Domain={proxy.segment.domain}", "__Host-sekisho=evil; Path=/; Secure",
               "__host-SEKISHO-form =evil;path=/;secure",
               "\t__Secure-sekisho=evil; SECURE=1; secure"]
    proxy.upstream.extra_headers = [("Set-Cookie", line) for pair in zip(theirs, planted)
                                    for line in pair] + [("Set-Cookie", planted[-1])]
    answer = get_with_cookies(proxy, visitor, visitor.session_cookie())
    assert answer.status == 200, answer
    arrived = answer.headers_named("Set-Cookie")
    assert [line for line in arrived if line and not is_ours(line)] == theirs, arrived
    for line in filter(is_ours, arrived):
        # RFC 6265bis section 5.7: without Secure a browser ignores a cookie with such a prefix.
        attributes = [part.partition("=")[0].strip(" \t").lower() for part in line.split(";")[1:]]
        assert "secure" not in attributes, line
    return arrived


def lets_no_upgrade_plant_a_session(proxy, visitor):
    """An answer that leaves HTTP behind brings no cookie of ours either."""
    session = visitor.session_cookie()
    proxy.upstream.extra_headers = [("Connection", "Upgrade"), ("Upgrade", "chat")]
    asked = {"path": "/status?code=101", "upgrade": True}
    assert get_with_cookies(proxy, visitor, session, **asked).status == 101
    proxy.upstream.extra_headers += [("Set-Cookie", "__Secure-sekisho=evil; Secure; Path=/")]
    answer = get_with_cookies(proxy, visitor, session, **asked)
    assert "evil" not in "".join(answer.headers_named("Set-Cookie")), answer
