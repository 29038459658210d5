"""nginx with auth_request in front of an application, with the files that packaging/nginx ships."""
# labels: journey

import json
from urllib.parse import parse_qs, urlsplit

import pytest
from guarded import (claiming_another_address_is_refused, claiming_another_host_is_refused,
                     hides_our_cookies, lets_nobody_plant_a_session, lies_bring_nothing,
                     names_the_user, refuses_foreign_websockets, refuses_strangers, seen_by)
from proxies import Nginx
from segment import Rule


@pytest.fixture(params=["by the socket", "over TLS"])
def nginx(request, segment, upstream):
    segment.add_application("tax", rules=[Rule("/free", networks=["127.0.0.9/32"]),
                                          Rule("/", groups=["tax"])])
    segment.add_application("roads", groups=["roads"])
    segment.start()
    return Nginx(segment, upstream, by_socket=request.param == "by the socket")


@pytest.fixture
def hanako(nginx):
    return nginx.segment.add_user("hanako", "関所 花子", groups=["tax"])


def test_a_stranger_is_sent_to_the_portal_and_back(nginx, hanako):
    page = refuses_strangers(nginx, nginx.segment.portal)
    asked = parse_qs(urlsplit(page.header("Location")).query)["rd"][0]
    assert asked == nginx.url + "/zei?year=2026&ward=%E6%9D%B1"
    visitor = nginx.segment.sign_in(hanako, return_to=asked)
    assert visitor.landed.header("Location") == asked
    assert visitor.follow(visitor.landed).status == 200


def test_the_password_alone_opens_nothing(nginx, hanako):
    visitor = nginx.segment.visitor()
    nginx.segment.present_password(hanako, visitor)
    assert visitor.get(nginx.url + "/").status == 302
    assert not nginx.upstream.requests


def test_a_wrong_code_opens_nothing(nginx, hanako):
    visitor = nginx.segment.visitor()
    page = nginx.segment.present_password(hanako, visitor)
    answer = visitor.submit(page, "/second-factor", code=hanako.token.wrong_code())
    assert answer.status != 303
    assert visitor.get(nginx.url + "/").status == 302
    assert not nginx.upstream.requests


def test_the_application_learns_who_it_is_from_us_and_never_from_the_client(nginx, hanako):
    visitor = nginx.segment.sign_in(hanako)
    names_the_user(nginx, visitor, hanako, ["tax"])
    seen = seen_by(visitor.get(nginx.url + "/"))
    # The name travels as UTF-8; the upstream shows the field's octets as Latin-1.
    assert seen["remote-name"][0].encode("latin-1").decode() == "関所 花子"


def test_the_application_sees_the_other_cookies_and_never_ours(nginx, hanako):
    hides_our_cookies(nginx, nginx.segment.sign_in(hanako))


def test_a_browser_keeps_no_cookie_of_ours_that_the_application_sets(nginx, hanako):
    lets_nobody_plant_a_session(nginx, nginx.segment.sign_in(hanako))


def test_forged_headers_of_a_stranger_bring_nothing(nginx, hanako):
    lies_bring_nothing(nginx)


def test_a_signed_in_colleague_of_another_group_is_refused_with_403(nginx):
    jiro = nginx.segment.add_user("jiro", groups=["roads"])
    visitor = nginx.segment.sign_in(jiro)
    assert visitor.get(nginx.url + "/").status == 403
    assert not nginx.upstream.requests


def test_the_audit_log_has_the_first_use_and_the_refusal_once(nginx, hanako):
    jiro = nginx.segment.add_user("jiro", groups=["roads"])
    ours, theirs = nginx.segment.sign_in(hanako), nginx.segment.sign_in(jiro)
    for path in ("/", "/zei", "/zei?name=taro"):
        assert ours.get(nginx.url + path).status == 200
        assert theirs.get(nginx.url + path).status == 403
    assert nginx.segment.stop() == 0
    told = [row for row in nginx.segment.audit() if row["event"] == "access"]
    assert sorted((row["outcome"], row["actor"], row["subject"]) for row in told) == [
        ("denied", "user:jiro", "application:tax"), ("granted", "user:hanako", "application:tax")]
    refusal = json.loads(next(row["detail"] for row in told if row["outcome"] == "denied"))
    assert (refusal["door"], refusal["reason"]) == ("forward-auth", "forbidden")
    assert refusal["path"] in ("/", "/zei")  # which of them, the event loops settle


def test_another_applications_address_cannot_be_claimed(nginx):
    claiming_another_address_is_refused(nginx, nginx.segment.add_user("jiro", groups=["roads"]))


def test_another_applications_host_cannot_be_claimed(nginx):
    claiming_another_host_is_refused(nginx, nginx.segment.add_user("jiro", groups=["roads"]))


def test_a_disabled_user_is_refused_at_the_very_next_request(nginx, hanako):
    visitor = nginx.segment.sign_in(hanako)
    assert visitor.get(nginx.url + "/").status == 200
    nginx.segment.command("user", "disable", "hanako")
    assert visitor.get(nginx.url + "/").status == 302


def test_a_session_ended_at_the_command_line_is_over_at_the_very_next_request(nginx, hanako):
    visitor = nginx.segment.sign_in(hanako)
    assert visitor.get(nginx.url + "/").status == 200
    nginx.segment.command("session", "end", "--user", "hanako")
    assert visitor.get(nginx.url + "/").status == 302


def test_signing_out_ends_the_session_for_the_application_too(nginx, hanako):
    visitor = nginx.segment.sign_in(hanako)
    cookie = visitor.session_cookie()
    home = visitor.get(nginx.segment.portal + "/")
    assert visitor.submit(home, "/signout").status == 200
    kept = nginx.segment.visitor().get(nginx.url + "/", {"Cookie": cookie})
    assert kept.status == 302


def test_a_session_survives_a_restart_of_the_gateway(nginx, hanako):
    visitor = nginx.segment.sign_in(hanako)
    assert nginx.segment.stop() == 0
    nginx.segment.start()
    assert visitor.get(nginx.url + "/").status == 200


def test_with_the_gateway_gone_nothing_opens(nginx, hanako):
    visitor = nginx.segment.sign_in(hanako)
    nginx.segment.kill()
    assert visitor.get(nginx.url + "/").status >= 500
    assert not nginx.upstream.requests


def test_the_original_request_is_believed_only_from_a_configured_proxy(nginx, hanako):
    """127.0.0.7 is inside the segment but no proxy: what it says about a request is not heard."""
    visitor = nginx.segment.sign_in(hanako)
    asked = {"X-Original-URL": nginx.url + "/", "X-Original-Method": "GET",
             "X-Forwarded-For": "127.0.0.1", "Cookie": visitor.session_cookie()}
    check = nginx.segment.portal + "/authz/auth-request"
    assert nginx.segment.visitor().get(check, asked).status == 200
    elsewhere = nginx.segment.visitor(source="127.0.0.7").get(check, asked)
    assert elsewhere.status not in (200, 302), elsewhere
    assert not elsewhere.header("Remote-User")


def test_the_client_address_of_the_rules_is_the_one_the_proxy_names(nginx):
    jiro = nginx.segment.add_user("jiro", groups=["roads"])
    check = nginx.segment.portal + "/authz/auth-request"
    asked = {"X-Original-URL": nginx.url + "/free", "X-Original-Method": "GET",
             "Cookie": nginx.segment.sign_in(jiro).session_cookie()}
    # /free is open from 127.0.0.9 to anybody with two factors; elsewhere the rule of "/" decides.
    stranger = nginx.segment.visitor()
    assert stranger.get(check, {**asked, "X-Forwarded-For": "127.0.0.9"}).status == 200
    assert stranger.get(check, {**asked, "X-Forwarded-For": "127.0.0.1"}).status == 403
    # The last address is the proxy's own word; what stands before it came from the client.
    assert stranger.get(check, {**asked, "X-Forwarded-For": "127.0.0.9, 127.0.0.8"}).status == 403


def test_a_page_of_another_host_opens_no_websocket(nginx, hanako):
    another_port = f"https://tax.{nginx.segment.domain}:1"
    refuses_foreign_websockets(nginx, nginx.segment.sign_in(hanako), [another_port])
