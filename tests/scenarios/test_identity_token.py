"""Applications that want proof of who is there: a signed token, verified as they would."""
# labels: journey threads

import base64
import hashlib
import json
import sqlite3
import time

import pytest
from guarded import seen_by
from identity_reader import claims_of, decoded, header_of, is_signed, key_set
from proxies import Caddy, Haproxy, Nginx

FORGED = {"Sekisho-Identity": "e30.e30.forged", "sekisho-identity": "e30.e30.forged",
          "Sekisho_Identity": "e30.e30.forged"}


@pytest.fixture
def gated(segment, upstream):
    segment.add_application("tax", upstream.url, groups=["tax"], identity_token=True)
    segment.add_application("roads", upstream.url, groups=["tax"], identity_token=True)
    segment.add_application("plain", upstream.url, groups=["tax"])
    segment.settings["limits"] = {"threads": 1}  # one event loop: what it keeps can be seen
    segment.start()
    return segment


@pytest.fixture
def inside(gated):
    return gated.sign_in(gated.add_user("hanako", "関所 花子", groups=["tax"]))


def token_at(gated, visitor, application, headers=()):
    """The token that the application got through the built-in proxy."""
    answer = visitor.get(gated.url(application), headers)
    assert answer.status == 200, answer
    token, = seen_by(answer)["sekisho-identity"]
    return token


def checked(gated, visitor, application, path="auth-request", headers=()):
    """A reverse proxy's question, with the visitor's cookie."""
    host = gated.host(application)
    asked = {"X-Original-URL": f"https://{host}/", "X-Forwarded-Proto": "https",
             "X-Forwarded-Host": host, "X-Forwarded-Uri": "/", "X-Forwarded-For": "127.0.0.1",
             "Cookie": visitor.session_cookie(), **dict(headers)}
    return gated.visitor().get(f"{gated.portal}/authz/{path}", asked)


def test_the_built_in_proxy_proves_to_an_application_who_is_there(gated, inside):
    token = token_at(gated, inside, "tax")
    claims = claims_of(gated, token, gated.host("tax"))
    assert claims["sub"] == "hanako" and claims["name"] == "関所 花子"
    assert claims["groups"] == ["tax"]
    assert claims["acr"] == "any-second-factor" and claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["exp"] - claims["iat"] == 60
    assert time.time() - 60 < claims["auth_time"] <= claims["iat"]
    assert set(claims) == {"iss", "aud", "sub", "name", "groups", "acr", "amr", "auth_time", "iat",
                           "exp"}


def test_the_token_holds_nothing_that_opens_or_names_the_session(gated, inside):
    session = inside.session_cookie().partition("=")[2]
    said = decoded(token_at(gated, inside, "tax").split(".")[1]).decode()
    digest = hashlib.sha256(session.encode()).digest()
    for secret in (session, digest.hex(), base64.urlsafe_b64encode(digest).decode().rstrip("=")):
        assert secret not in said


@pytest.mark.parametrize("path", ["auth-request", "forward-auth"])
def test_a_reverse_proxys_question_is_answered_with_the_token_where_one_is_wanted(gated, inside,
                                                                                  path):
    answer = checked(gated, inside, "tax", path)
    assert answer.status == 200, answer
    token, = answer.headers_named("Sekisho-Identity")
    assert claims_of(gated, token, gated.host("tax"))["sub"] == "hanako"
    assert checked(gated, inside, "plain", path).headers_named("Sekisho-Identity") == []


def test_who_is_not_let_in_is_told_no_token(gated, inside):
    jiro = gated.sign_in(gated.add_user("jiro", groups=["other"]))
    answer = checked(gated, jiro, "tax")
    assert answer.status == 403 and not answer.header("Sekisho-Identity")


@pytest.mark.parametrize("kind", [Nginx, Caddy, Haproxy], ids=["nginx", "caddy", "haproxy"])
def test_behind_a_shipped_proxy_the_token_arrives_and_a_forged_one_does_not(segment, upstream, kind):
    segment.add_application("tax", groups=["tax"], identity_token=True)
    segment.start()
    proxy = kind(segment, upstream)
    visitor = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    answer = visitor.get(proxy.url + "/zei", FORGED)
    assert answer.status == 200, answer
    assert "forged" not in json.dumps(seen_by(answer))
    token, = seen_by(answer)["sekisho-identity"]
    assert claims_of(segment, token, segment.host("tax"))["sub"] == "hanako"
    segment.applications[0].identity_token = False
    segment.reload()
    answer = visitor.get(proxy.url + "/zei", FORGED)
    assert answer.status == 200, answer
    assert "".join(seen_by(answer).get("sekisho-identity", [])) == ""
    assert "forged" not in json.dumps(seen_by(answer))


def test_a_token_that_a_client_sends_never_arrives(gated, inside):
    token = token_at(gated, inside, "tax", FORGED)
    assert claims_of(gated, token, gated.host("tax"))["sub"] == "hanako"
    answer = inside.get(gated.url("plain"), FORGED)
    assert "sekisho-identity" not in seen_by(answer) and "forged" not in answer.text


def test_a_token_is_for_one_application_and_for_what_was_signed(gated, inside):
    tax, roads = token_at(gated, inside, "tax"), token_at(gated, inside, "roads")
    claims_of(gated, roads, gated.host("roads"))
    with pytest.raises(AssertionError):
        claims_of(gated, tax, gated.host("roads"))
    jwk = key_set(gated)[header_of(tax)["kid"]]
    header, _, signature = tax.split(".")
    assert is_signed(tax, jwk)
    assert not is_signed(".".join([header, roads.split(".")[1], signature]), jwk)


def test_a_token_is_signed_once_and_never_stale(gated, inside):
    first = token_at(gated, inside, "tax")
    assert token_at(gated, inside, "tax") == first
    assert checked(gated, inside, "tax").header("Sekisho-Identity") == first
    gated.command("user", "groups", "hanako", "--add", "audit")
    changed = claims_of(gated, token_at(gated, inside, "tax"), gated.host("tax"))
    assert changed["groups"] == ["audit", "tax"]
    gated.command("user", "rename", "hanako", "--display-name", "関所 華子")
    changed = claims_of(gated, token_at(gated, inside, "tax"), gated.host("tax"))
    assert changed["name"] == "関所 華子"


def test_the_key_set_is_for_everybody_and_not_for_long(gated):
    answer = gated.visitor().get(gated.portal + "/.well-known/jwks.json")
    assert answer.status == 200
    assert answer.header("Content-Type") == "application/jwk-set+json"
    assert answer.header("Cache-Control") == "public, max-age=300"
    assert not answer.headers_named("Set-Cookie")
    key, = json.loads(answer.body)["keys"]
    assert set(key) == {"kty", "use", "alg", "kid", "crv", "x", "y"}
    members = json.dumps({name: key[name] for name in ("crv", "kty", "x", "y")},
                         separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(members.encode()).digest()
    assert decoded(key["kid"]) == digest  # RFC 7638
    assert gated.visitor().post(gated.portal + "/.well-known/jwks.json", {}).status == 405


def test_the_next_key_is_published_before_it_signs(gated, inside):
    before = header_of(token_at(gated, inside, "tax"))["kid"]
    coming = gated.json("identity", "rotate")["kid"]
    assert set(key_set(gated)) == {before, coming}
    assert header_of(token_at(gated, inside, "tax"))["kid"] == before


def test_after_a_leak_the_new_key_counts_at_the_very_next_request(gated, inside):
    old = token_at(gated, inside, "tax")
    new = gated.json("identity", "rotate", "--now")["kid"]
    token = token_at(gated, inside, "tax")
    assert header_of(token)["kid"] == new and list(key_set(gated)) == [new]
    claims_of(gated, token, gated.host("tax"))
    with pytest.raises(KeyError):
        claims_of(gated, old, gated.host("tax"))
    told = [row for row in gated.audit() if row["event"].startswith("identity_key")]
    assert [(row["event"], row["actor"].partition(":")[0]) for row in told] == [
        ("identity_key_add", "gateway"), ("identity_key_add", "admin"),
        ("identity_key_remove", "admin")]


def test_a_key_goes_on_after_a_restart(gated, inside):
    before = header_of(token_at(gated, inside, "tax"))["kid"]
    assert gated.stop() == 0
    gated.start()
    assert header_of(token_at(gated, inside, "tax"))["kid"] == before


def test_without_a_key_that_opens_nobody_gets_through_without_proof(gated, inside, upstream):
    token_at(gated, inside, "tax")
    arrived = len(upstream.requests)
    with sqlite3.connect(gated.folder / "store.db") as store:
        store.execute("UPDATE identity_keys SET sealed_key = zeroblob(length(sealed_key))")
    assert inside.get(gated.url("tax")).status == 503
    answer = checked(gated, inside, "tax")
    assert answer.status == 503 and not answer.header("Remote-User")
    assert len(upstream.requests) == arrived
    assert inside.get(gated.portal + "/.well-known/jwks.json").status == 503
    assert inside.get(gated.url("plain")).status == 200
    gated.command("identity", "rotate", "--now")
    claims_of(gated, token_at(gated, inside, "tax"), gated.host("tax"))


def test_a_key_is_made_when_the_first_application_asks_for_it(segment, upstream):
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    assert key_set(segment) == {} and segment.json("identity", "keys") == []
    segment.applications[0].identity_token = True
    segment.settings["identity"] = {"token_life": "120s"}
    segment.reload()
    visitor = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    claims = claims_of(segment, token_at(segment, visitor, "tax"), segment.host("tax"))
    assert claims["exp"] - claims["iat"] == 120
    key, = segment.json("identity", "keys")
    assert key["state"] == "signs"
