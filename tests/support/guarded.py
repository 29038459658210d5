"""What must hold for an application whichever proxy stands in front of it: claims to call."""

import json

IDENTITY_HEADERS = ("Remote-User", "Remote-Name", "Remote-Groups")


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
            "Remote_User": "mayor"}
    answer = visitor.get(proxy.url + "/zei", lies)
    assert answer.status == 200, answer
    seen = seen_by(answer)
    assert seen["remote-user"] == [user.name]
    assert seen["remote-groups"] == [",".join(groups)]
    assert "mayor" not in json.dumps(seen)


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
