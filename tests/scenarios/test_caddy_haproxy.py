"""Caddy and HAProxy in front of an application, with the files that packaging/ ships."""
# labels: journey

import pytest
from guarded import (claiming_another_address_is_refused, claiming_another_host_is_refused,
                     hides_our_cookies,
                     lets_no_upgrade_plant_a_session, lets_nobody_plant_a_session,
                     lies_bring_nothing, names_the_user, refuses_foreign_websockets,
                     refuses_strangers)
from proxies import Caddy, Haproxy


@pytest.fixture(params=[Caddy, Haproxy], ids=["caddy", "haproxy"])
def proxy(request, segment, upstream):
    segment.add_application("tax", groups=["tax"])
    segment.add_application("roads", groups=["roads"])
    segment.start()
    return request.param(segment, upstream)


@pytest.fixture
def hanako(proxy):
    return proxy.segment.add_user("hanako", "関所 花子", groups=["tax"])


def test_a_stranger_is_sent_to_the_portal_and_a_script_gets_401(proxy):
    refuses_strangers(proxy, proxy.segment.portal)


def test_after_signing_in_the_application_learns_who_it_is(proxy, hanako):
    visitor = proxy.segment.sign_in(hanako, return_to=proxy.url + "/zei")
    assert visitor.landed.header("Location") == proxy.url + "/zei"
    names_the_user(proxy, visitor, hanako, ["tax"])


def test_the_application_sees_the_other_cookies_and_never_ours(proxy, hanako):
    hides_our_cookies(proxy, proxy.segment.sign_in(hanako))


def test_the_browser_never_receives_a_cookie_of_ours_from_the_application(proxy, hanako):
    visitor = proxy.segment.sign_in(hanako)
    arrived = lets_nobody_plant_a_session(proxy, visitor)
    assert "evil" not in "".join(arrived), arrived
    lets_no_upgrade_plant_a_session(proxy, visitor)


def test_forged_headers_of_a_stranger_bring_nothing(proxy):
    lies_bring_nothing(proxy)
    assert not proxy.upstream.requests


def test_a_colleague_of_another_group_gets_403(proxy):
    jiro = proxy.segment.add_user("jiro", groups=["roads"])
    assert proxy.segment.sign_in(jiro).get(proxy.url + "/").status == 403
    assert not proxy.upstream.requests


def test_another_applications_address_cannot_be_claimed(proxy):
    claiming_another_address_is_refused(proxy, proxy.segment.add_user("jiro", groups=["roads"]))


def test_another_applications_host_cannot_be_claimed(proxy):
    claiming_another_host_is_refused(proxy, proxy.segment.add_user("jiro", groups=["roads"]))


def test_a_disabled_user_is_refused_at_the_very_next_request(proxy, hanako):
    visitor = proxy.segment.sign_in(hanako)
    assert visitor.get(proxy.url + "/").status == 200
    proxy.segment.command("user", "disable", "hanako")
    assert visitor.get(proxy.url + "/").status == 302


def test_with_the_gateway_gone_nothing_opens(proxy, hanako):
    visitor = proxy.segment.sign_in(hanako)
    proxy.segment.kill()
    assert visitor.get(proxy.url + "/").status >= 500
    assert not proxy.upstream.requests


def test_a_page_of_another_host_opens_no_websocket(proxy, hanako):
    refuses_foreign_websockets(proxy, proxy.segment.sign_in(hanako))
