"""A session ends when nobody uses it, and in the end in any case: at the portal and at every door."""
# labels: journey

import sqlite3
import time
from contextlib import closing

import pytest
from processes import until
from shifted_clock import LIBRARY, ShiftedClock
from visitor import forms_of

pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="libfaketime is not installed")

MINUTE = 60
PROXY = "127.0.0.8"


@pytest.fixture
def clock(tmp_path):
    return ShiftedClock(tmp_path)


@pytest.fixture
def gated(segment, upstream, clock):
    segment.settings["sessions"] = {"idle": "10m", "absolute": "30m", "pending": "5m"}
    segment.settings["proxies"] = {"trusted": [PROXY]}
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start(environment=clock.environment())
    return segment


@pytest.fixture
def hanako(gated):
    return gated.add_user("hanako", groups=["tax"])


def at_the_portal(segment, visitor):
    page = visitor.get(segment.portal + "/")
    return not forms_of(page)[0].action.endswith("/signin")


def at_the_proxy(segment, visitor):
    answer = visitor.get(segment.url("tax", "/"))
    assert answer.status in (200, 302), answer
    return answer.status == 200


def at_the_check(segment, visitor):
    """As nginx asks."""
    asked = {"X-Original-URL": segment.url("tax", "/"), "X-Original-Method": "GET",
             "X-Forwarded-For": "127.0.0.1", "Cookie": visitor.session_cookie()}
    answer = segment.visitor(source=PROXY).get(segment.portal + "/authz/auth-request", asked)
    assert answer.status in (200, 401), answer
    return answer.status == 200


def use(segment, visitor, clock, is_open):
    """Uses the session, which must be open, and waits until every thread of the gateway can know."""
    assert is_open(segment, visitor)
    shown = (time.time() + clock.seconds - MINUTE) * 1000

    def last_seen():
        with closing(sqlite3.connect(f"file:{segment.folder}/store.db?mode=ro", uri=True)) as store:
            return store.execute("SELECT max(last_seen_at) FROM sessions").fetchone()[0]
    until(lambda: last_seen() > shown, "the use to be written down")


DOORS = {"portal": at_the_portal, "proxy": at_the_proxy, "check": at_the_check}


@pytest.mark.parametrize("door", DOORS)
def test_a_session_nobody_uses_ends(gated, hanako, clock, door):
    is_open, visitor = DOORS[door], gated.sign_in(hanako)
    clock.advance(9 * MINUTE)
    use(gated, visitor, clock, is_open)
    clock.advance(9 * MINUTE)
    use(gated, visitor, clock, is_open)
    clock.advance(10 * MINUTE)
    assert not is_open(gated, visitor)
    assert not is_open(gated, visitor)


@pytest.mark.parametrize("door", DOORS)
def test_a_session_in_use_goes_on_until_its_end_and_no_longer(gated, hanako, clock, door):
    is_open, visitor = DOORS[door], gated.sign_in(hanako)
    for _ in range(3):
        clock.advance(9 * MINUTE)
        use(gated, visitor, clock, is_open)  # within ten minutes, every time
    clock.advance(2 * MINUTE)
    assert is_open(gated, visitor)
    clock.advance(MINUTE)
    assert not is_open(gated, visitor)  # thirty minutes are over


def test_use_at_one_door_keeps_the_session_for_the_others(gated, hanako, clock):
    visitor = gated.sign_in(hanako)
    for is_open in (at_the_check, at_the_proxy, at_the_portal):
        clock.advance(8 * MINUTE)
        use(gated, visitor, clock, is_open)


def test_an_asking_without_the_cookie_keeps_nobodys_session(gated, hanako, clock):
    visitor = gated.sign_in(hanako)
    clock.advance(6 * MINUTE)
    assert not at_the_proxy(gated, gated.visitor())
    clock.advance(4 * MINUTE)
    assert not at_the_proxy(gated, visitor)


def test_a_password_waits_for_its_code_for_a_while_only(gated, hanako, clock):
    visitor = gated.visitor()
    page = gated.present_password(hanako, visitor)

    def sessions():
        return [row for row in gated.audit() if row["event"] == "session_start"]
    before = sessions()
    clock.advance(5 * MINUTE)
    answer = visitor.submit(page, "/second-factor", code=hanako.token.code())
    assert answer.status == 401 and forms_of(answer)[0].action.endswith("/signin"), answer
    assert sessions() == before and not at_the_proxy(gated, visitor)


def test_limits_go_on_while_the_gateway_is_down(gated, hanako, clock):
    visitor = gated.sign_in(hanako)
    clock.advance(9 * MINUTE)
    assert at_the_proxy(gated, visitor)
    assert gated.stop() == 0
    gated.start(environment=clock.environment())
    clock.advance(9 * MINUTE)
    assert at_the_proxy(gated, visitor)  # the last use was not forgotten
    assert gated.stop() == 0
    clock.advance(10 * MINUTE)
    gated.start(environment=clock.environment())
    assert not at_the_proxy(gated, visitor)


def test_a_new_login_after_the_end_is_a_new_session(gated, hanako, clock):
    visitor = gated.sign_in(hanako)
    ended = visitor.session_cookie()
    clock.advance(31 * MINUTE)
    assert not at_the_proxy(gated, visitor)
    gated.sign_in(hanako, visitor, code=hanako.token.code(at=time.time() + clock.seconds))
    assert at_the_proxy(gated, visitor)
    old = gated.visitor().get(gated.url("tax", "/"), {"Cookie": ended})
    assert old.status == 302, old
