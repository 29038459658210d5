"""Rules that want proof to be fresh: asked for again, by what is missing only, and back to where the
person was.  Through the proxy of our own and through the check of a reverse proxy.
"""
# labels: journey

import time

import pytest
from paper_key import UP, PaperKey, options_of
from segment import Rule
from shifted_clock import LIBRARY, ShiftedClock

pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="libfaketime is not installed")

PROXY = "127.0.0.8"
RULES = [Rule("/approve", ("tax",), fresh="5m"),
         Rule("/seal", ("tax",), require="fido2", fresh="5m"),
         Rule("/", ("tax",))]


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def town(segment, upstream, clock):
    segment.settings["proxies"] = {"trusted": [PROXY]}
    segment.settings["sessions"] = {"idle": "2h"}
    segment.add_application("tax", upstream.url, rules=RULES)
    segment.start(environment=clock.environment())
    return segment


@pytest.fixture
def hanako(town):
    return town.add_user("hanako", "関所 花子", groups=["tax"])


@pytest.fixture
def key(town, hanako):
    key = PaperKey(town.portal_host, town.portal, town.folder, flags=UP)
    visitor = town.sign_in(hanako)
    page = visitor.get(town.portal + "/keys/add")
    assert visitor.submit(page, "/keys/add", label="青い鍵",
                          **key.register(options_of(page))).status == 200
    return key


def with_key(town, user, key):
    visitor = town.visitor()
    page = town.present_password(user, visitor)
    assert visitor.submit(page, "/second-factor/key", **key.answer(options_of(page))).status == 303
    return visitor


def code_at(user, clock):
    return user.token.code(time.time() + clock.seconds)


def test_a_code_is_asked_for_again_when_it_is_old_and_leads_back(town, hanako, clock):
    visitor = town.sign_in(hanako)
    assert visitor.get(town.url("tax", "/approve/7?x=1")).status == 200
    clock.advance(5 * 60)
    assert visitor.get(town.url("tax", "/list")).status == 200  # where nothing need be fresh
    page = visitor.follow(visitor.get(town.url("tax", "/approve/7?x=1")))
    assert page.url.startswith(town.portal) and "もう一度本人確認" in page.text
    assert 'name="password"' not in page.text
    answer = visitor.submit(page, "/second-factor", code=code_at(hanako, clock))
    assert answer.header("Location") == town.url("tax", "/approve/7?x=1")
    assert visitor.get(town.url("tax", "/approve/7?x=1")).status == 200


def test_what_cannot_follow_a_redirect_is_told_so(town, hanako, clock):
    visitor = town.sign_in(hanako)
    clock.advance(5 * 60)
    answer = visitor.post(town.url("tax", "/approve/7"), {"yes": "1"})
    assert answer.status == 401 and answer.header("WWW-Authenticate")
    assert answer.header("Location").startswith(town.portal)


def test_a_code_makes_no_key_fresh(town, hanako, key, clock):
    visitor = with_key(town, hanako, key)
    assert visitor.get(town.url("tax", "/seal")).status == 200
    clock.advance(5 * 60)
    page = visitor.follow(visitor.get(town.url("tax", "/approve")))
    assert visitor.submit(page, "/second-factor", code=code_at(hanako, clock)).status == 303
    assert visitor.get(town.url("tax", "/approve")).status == 200
    page = visitor.follow(visitor.get(town.url("tax", "/seal")))
    assert page.url.startswith(town.portal) and 'action="/second-factor"' not in page.text
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.header("Location") == town.url("tax", "/seal")
    assert visitor.get(town.url("tax", "/seal")).status == 200


def test_the_check_of_a_reverse_proxy_asks_alike(town, hanako, clock):
    visitor = town.sign_in(hanako)
    proxy = town.visitor(source=PROXY)

    def asked(path):
        return proxy.get(town.portal + "/authz/forward-auth", {
            "Cookie": visitor.session_cookie(), "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": town.host("tax"), "X-Forwarded-Uri": path,
            "X-Forwarded-For": "127.0.0.1", "Accept": "text/html"})

    assert asked("/approve").status == 200
    clock.advance(5 * 60)
    assert asked("/list").status == 200
    answer = asked("/approve")
    assert answer.status == 302 and answer.header("Location").startswith(town.portal)


def test_the_auditor_can_see_why(town, hanako):
    told = town.json("policy", "explain", "--user", "hanako", "--url",
                     town.url("tax", "/approve"), "--from", "127.0.0.1")
    assert told["decision"] == "allowed"
    assert [rule["fresh"] for rule in told["rules"]] == ["5m", "5m", None]
