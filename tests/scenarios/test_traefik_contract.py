"""The contract with Traefik: the file that packaging/ ships, in a front that does what Traefik does.

Debian has no Traefik; tests/support/traefik_like.py says what is imitated, and from where."""
# labels: journey

import hashlib
import json
from urllib.parse import parse_qs, urlsplit

import pytest
from guarded import (claiming_another_address_is_refused, claiming_another_host_is_refused,
                     get_with_cookies, lies_bring_nothing, names_the_user, refuses_strangers, seen_by)
from segment import Rule
from traefik_like import TraefikLike


@pytest.fixture
def town(segment, upstream):
    segment.add_application("tax", rules=[Rule("/free", networks=["127.0.0.9/32"]),
                                          Rule("/", groups=["tax"])])
    segment.add_application("roads", groups=["roads"])
    segment.start()
    return segment


@pytest.fixture
def front(town, upstream):
    return TraefikLike(town, upstream)


# As it comes, and with an entry point that lets its clients' own X-Forwarded-* in: then the file's
# trustForwardHeader alone keeps them from the gateway.
@pytest.fixture(params=[False, True], ids=["as-it-comes", "believing-entry-point"])
def either_front(request, town, upstream):
    return TraefikLike(town, upstream, believing_entry_point=request.param)


@pytest.fixture
def hanako(town):
    return town.add_user("hanako", "関所 花子", groups=["tax"])


@pytest.fixture
def inside(town, hanako):
    return town.sign_in(hanako)


def forged_by_clients(front):
    """What a client may write to be taken for another person, request or place."""
    roads = front.segment.host("roads")
    return {"Remote-User": "mayor", "remote-name": "mayor", "REMOTE-GROUPS": "mayor",
            "X-Original-URL": f"https://{roads}/", "X-Original-Method": "OPTIONS",
            "X-Forwarded-Method": "OPTIONS", "X-Forwarded-Proto": "http",
            "X-Forwarded-Host": roads, "X-Forwarded-Uri": "/free",
            "X-Forwarded-For": "127.0.0.9", "X-Real-IP": "127.0.0.9",
            "Forwarded": f"for=127.0.0.9;host={roads}"}


# -- the way in --------------------------------------------------------------------------------------
def test_a_stranger_is_sent_to_the_portal_and_comes_back_as_himself(front, hanako):
    page = refuses_strangers(front, front.segment.portal)
    wanted = parse_qs(urlsplit(page.header("Location")).query)["rd"][0]
    assert wanted == front.url + "/zei?year=2026&ward=%E6%9D%B1"
    visitor = front.segment.sign_in(hanako, return_to=wanted)
    assert visitor.landed.header("Location") == wanted
    seen = seen_by(visitor.follow(visitor.landed))
    assert seen["remote-user"] == ["hanako"] and seen["remote-groups"] == ["tax"]
    assert seen["remote-name"][0].encode("latin-1").decode() == "関所 花子"


def test_the_password_alone_opens_nothing(front, hanako):
    visitor = front.segment.visitor()
    front.segment.present_password(hanako, visitor)
    assert visitor.get(front.url + "/").status == 302
    assert not front.upstream.requests


def test_only_a_navigation_is_redirected_and_everything_else_gets_401(front):
    for method, headers, status in (
            ("GET", {}, 302), ("HEAD", {}, 302), ("GET", {"Sec-Fetch-Mode": "navigate"}, 302),
            ("GET", {"Sec-Fetch-Mode": "cors"}, 401), ("GET", {"Accept": "*/*"}, 401),
            ("GET", {"X-Requested-With": "XMLHttpRequest"}, 401), ("POST", {}, 401),
            ("PUT", {"Sec-Fetch-Mode": "navigate"}, 401), ("DELETE", {}, 401)):
        answer = front.segment.visitor().request(method, front.url + "/zei", headers)
        assert answer.status == status, (method, headers, answer)
        assert answer.header("Location").startswith(front.segment.portal + "/"), answer
    assert not front.upstream.requests


def test_the_answer_of_a_refusal_arrives_whole(front):
    answer = front.segment.visitor().get(front.url + "/zei", {"Accept": "application/json"})
    assert answer.headers_named("WWW-Authenticate") == ['Sekisho realm="portal"']
    assert answer.header("Cache-Control") == "no-store"
    assert answer.text == "sign in at the portal\n", answer


# -- what the gateway is asked -----------------------------------------------------------------------
def test_a_body_goes_to_the_application_and_the_gateway_is_asked_by_get_without_it(front, inside):
    body = "納税".encode() * 5000
    answer = inside.request("POST", front.url + "/digest", {"Expect": "100-continue"}, body=body)
    assert json.loads(answer.body) == {"length": len(body),
                                       "sha256": hashlib.sha256(body).hexdigest()}
    method, path, fields = front.asked[-1]
    assert (method, path) == ("GET", "/authz/forward-auth")
    assert fields.all("X-Forwarded-Method") == ["POST"]
    assert not fields.all("Content-Length") and not fields.all("Transfer-Encoding")


def test_what_a_client_forges_is_not_what_the_gateway_is_asked(either_front, inside):
    front = either_front
    inside.get(front.url + "/zei?name=taro", forged_by_clients(front))
    _, _, fields = front.asked[-1]
    told = {name: fields.all(name) for name in ("X-Forwarded-Method", "X-Forwarded-Proto",
                                                "X-Forwarded-Host", "X-Forwarded-Uri",
                                                "X-Forwarded-For")}
    assert told == {"X-Forwarded-Method": ["GET"], "X-Forwarded-Proto": ["https"],
                    "X-Forwarded-Host": [f"{front.segment.host('tax')}:{front.port}"],
                    "X-Forwarded-Uri": ["/zei?name=taro"], "X-Forwarded-For": ["127.0.0.1"]}
    assert fields.all("X-Original-URL")  # Traefik passes it on; the gateway must not listen


# -- what a client forges ----------------------------------------------------------------------------
def test_the_application_learns_who_it_is_from_us_and_never_from_the_client(front, inside, hanako):
    names_the_user(front, inside, hanako, ["tax"])


def test_all_that_can_be_forged_together_changes_nothing_for_somebody_inside(either_front, inside):
    front = either_front
    answer = inside.get(front.url + "/zei", forged_by_clients(front))
    assert answer.status == 200, answer
    seen = seen_by(answer)
    assert seen["remote-user"] == ["hanako"] and seen["remote-groups"] == ["tax"]
    assert "mayor" not in json.dumps(seen)


def test_forged_headers_of_a_stranger_bring_nothing(either_front):
    front = either_front
    lies_bring_nothing(front)
    assert front.segment.visitor().get(front.url + "/", forged_by_clients(front)).status == 302
    assert not front.upstream.requests


def test_a_colleague_of_another_group_is_refused_whatever_he_claims(either_front):
    front = either_front
    jiro = front.segment.add_user("jiro", groups=["roads"])
    visitor = front.segment.sign_in(jiro)
    assert visitor.get(front.url + "/").status == 403
    assert visitor.get(front.url + "/", forged_by_clients(front)).status == 403
    for name, value in forged_by_clients(front).items():
        assert visitor.get(front.url + "/", {name: value}).status == 403, name
        assert visitor.get(front.url + "/free", {name: value}).status == 403, name
    assert not front.upstream.requests


def test_another_applications_address_cannot_be_claimed(town, either_front):
    claiming_another_address_is_refused(either_front, town.add_user("jiro", groups=["roads"]))


def test_another_applications_host_cannot_be_claimed(town, either_front):
    claiming_another_host_is_refused(either_front, town.add_user("jiro", groups=["roads"]))


def test_an_identity_header_cannot_be_removed_by_naming_it_in_connection(front, inside):
    answer = inside.get(front.url + "/", {"Connection": "close, Remote-User, X-Forwarded-For",
                                          "Remote-User": "mayor"})
    assert seen_by(answer)["remote-user"] == ["hanako"]


# -- what the file's list does -----------------------------------------------------------------------
def test_a_listed_field_that_the_gateway_does_not_send_does_not_pass_from_the_client(front):
    """Somebody of no group and no display name: the lists' fields are absent, or the gateway's own."""
    saburo = front.segment.add_user("saburo")
    front.segment.applications[0].rules = [Rule()]
    front.segment.reload()
    answer = front.segment.sign_in(saburo).get(front.url + "/", {
        "Remote-Groups": "admin", "Remote-Name": "admin", "Remote-User": "admin"})
    seen = seen_by(answer)
    assert seen["remote-user"] == ["saburo"]
    assert "admin" not in json.dumps(seen)
    assert seen.get("remote-groups", [""]) == [""]


def test_the_application_gets_no_cookie_at_all(front, inside):
    session = inside.session_cookie()
    for fields in ([session], ["theme=dark", session], [f"theme=dark; {session}"]):
        answer = get_with_cookies(front, inside, *fields)
        assert answer.status == 200, (fields, answer)
        assert "cookie" not in seen_by(answer), fields


def test_the_application_sets_no_cookie_at_all_and_none_with_an_upgrade(front, inside):
    session = inside.session_cookie()
    name = session.partition("=")[0]
    planted = [("Set-Cookie", f"{name}=evil; Path=/; Secure; Domain={front.segment.domain}"),
               ("Set-Cookie", "theme=dark; Path=/")]
    front.upstream.extra_headers = planted
    assert not get_with_cookies(front, inside, session).headers_named("Set-Cookie")
    front.upstream.extra_headers = [("Connection", "Upgrade"), ("Upgrade", "chat"), *planted]
    answer = get_with_cookies(front, inside, session, path="/status?code=101", upgrade=True)
    assert answer.status == 101 and not answer.headers_named("Set-Cookie"), answer


# -- whom the gateway believes -----------------------------------------------------------------------
def test_a_front_that_is_not_in_proxies_trusted_is_refused(town, upstream):
    """127.0.0.7 is inside the segment but no proxy: not even a session opens anything through it."""
    stray = TraefikLike(town, upstream, source="127.0.0.7")
    visitor = town.sign_in(town.add_user("hanako", groups=["tax"]))
    answer = visitor.get(stray.url + "/")
    assert answer.status == 403 and "[proxies] trusted" in answer.text, answer
    assert not answer.header("Remote-User") and not upstream.requests
    town.gateway.until_written('"check_from_unknown_proxy","peer":"127.0.0.7"')
    town.settings["proxies"] = {"trusted": ["127.0.0.7"]}
    town.reload()
    assert visitor.get(stray.url + "/").status == 200


def test_a_disabled_user_is_refused_at_the_very_next_request(front, inside):
    assert inside.get(front.url + "/").status == 200
    front.segment.command("user", "disable", "hanako")
    assert inside.get(front.url + "/").status == 302


def test_with_the_gateway_gone_nothing_opens(front, inside):
    front.segment.kill()
    assert inside.get(front.url + "/").status == 500
    assert not front.upstream.requests
