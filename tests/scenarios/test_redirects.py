"""Who is not signed in: a page load is led to the portal, what could not follow is told with 401."""
# labels: journey

from urllib.parse import parse_qs, urlsplit

import pytest

HTML = "text/html,application/xhtml+xml;q=0.9"
PROXY = "127.0.0.8"

# what asks -> (method, its fields, whether it is led to the portal)
CALLERS = {
    "a page load": ("GET", {"Sec-Fetch-Mode": "navigate", "Accept": HTML}, True),
    "a page load that says no more": ("GET", {"Sec-Fetch-Mode": "navigate", "Accept": ""}, True),
    "a page load of a script's": ("GET", {"Sec-Fetch-Mode": "navigate", "Accept": HTML,
                                          "X-Requested-With": "XMLHttpRequest"}, True),
    "an old browser": ("GET", {"Accept": HTML}, True),
    "an old browser that asks for the head": ("HEAD", {"Accept": HTML}, True),
    "a script for another origin": ("GET", {"Sec-Fetch-Mode": "cors", "Accept": HTML}, False),
    "a script for its own origin": ("GET", {"Sec-Fetch-Mode": "same-origin", "Accept": HTML}, False),
    "an image": ("GET", {"Sec-Fetch-Mode": "no-cors", "Accept": HTML}, False),
    "a WebSocket": ("GET", {"Sec-Fetch-Mode": "websocket", "Accept": HTML}, False),
    "a mode of the future": ("GET", {"Sec-Fetch-Mode": "Navigate ", "Accept": ""}, False),
    "an old script": ("GET", {"X-Requested-With": "XMLHttpRequest", "Accept": HTML}, False),
    "a program for JSON": ("GET", {"Accept": "application/json"}, False),
    "a program for anything": ("GET", {"Accept": "*/*"}, False),
    "a program that does not say": ("GET", {"Accept": ""}, False),
    "a form": ("POST", {"Sec-Fetch-Mode": "navigate", "Accept": HTML}, False),
    "an upload": ("PUT", {"Accept": HTML}, False),
    "a removal": ("DELETE", {"Accept": HTML}, False),
    "a change": ("PATCH", {"Accept": HTML}, False),
    "a question about methods": ("OPTIONS", {"Sec-Fetch-Mode": "cors", "Accept": HTML}, False),
}
TARGET = "/zei?year=2026&ward=%E6%9D%B1"


@pytest.fixture(scope="module")
def town(shared):
    shared.add_application("tax", "http://127.0.0.1:1", groups=["tax"])
    shared.settings["proxies"] = {"trusted": [PROXY]}
    shared.start()
    shared.hanako = shared.add_user("hanako", groups=["tax"])
    return shared


@pytest.fixture(scope="module")
def halfway(town):
    """Somebody who has given the password, and no code."""
    visitor = town.visitor()
    town.present_password(town.hanako, visitor)
    return visitor.session_cookie()


def at_our_own_proxy(town, method, fields):
    return town.visitor().request(method, town.url("tax", TARGET), fields)


def by_caddy(town, method, fields):
    """As Caddy asks for its client: the endpoint itself, with the client's fields beside its own."""
    where = urlsplit(town.url("tax", TARGET))
    asked = {"X-Forwarded-Method": method, "X-Forwarded-Proto": "https",
             "X-Forwarded-Host": where.netloc, "X-Forwarded-Uri": TARGET,
             "X-Forwarded-For": "127.0.0.1", **fields}
    return town.visitor(source=PROXY).get(town.portal + "/authz/forward-auth", asked)


def by_nginx(town, method, fields):
    asked = {"X-Original-URL": town.url("tax", TARGET), "X-Original-Method": method,
             "X-Forwarded-For": "127.0.0.1", **fields}
    return town.visitor(source=PROXY).get(town.portal + "/authz/auth-request", asked)


def is_told_where_to_sign_in(town, answer):
    """The way to the portal, and back, is in every such answer, whatever its status."""
    location = answer.header("Location")
    assert location.startswith(town.portal + "/"), answer
    assert parse_qs(urlsplit(location).query)["rd"] == [town.url("tax", TARGET)]
    assert answer.headers_named("WWW-Authenticate") == ['Sekisho realm="portal"']
    assert answer.header("Cache-Control") == "no-store"
    assert not answer.header("Remote-User")


DOORS = {"our own proxy": at_our_own_proxy, "Caddy": by_caddy}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("caller", CALLERS)
def test_only_what_can_follow_a_redirect_is_redirected(town, door, caller):
    method, fields, is_led = CALLERS[caller]
    answer = DOORS[door](town, method, fields)
    assert answer.status == (302 if is_led else 401), answer
    is_told_where_to_sign_in(town, answer)


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("caller", ["a page load", "an old script"])
def test_the_password_alone_is_answered_like_none(town, halfway, door, caller):
    method, fields, is_led = CALLERS[caller]
    answer = DOORS[door](town, method, {**fields, "Cookie": halfway})
    assert answer.status == (302 if is_led else 401), answer
    is_told_where_to_sign_in(town, answer)


@pytest.mark.parametrize("caller", CALLERS)
def test_nginx_is_always_told_401_and_leads_the_way_itself(town, caller):
    method, fields, _ = CALLERS[caller]
    answer = by_nginx(town, method, fields)
    assert answer.status == 401, answer
    is_told_where_to_sign_in(town, answer)


def test_what_the_method_was_is_the_proxys_word_and_said_once(town):
    fields = CALLERS["a page load"][1]
    answer = by_caddy(town, "GET", fields)
    assert answer.status == 302
    twice = {**fields, "x-forwarded-method": "POST"}
    assert by_caddy(town, "GET", twice).status == 400
