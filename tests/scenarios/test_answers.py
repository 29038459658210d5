"""What every answer of the portal carries: the fields browsers obey, and cookies as promised."""
# labels: journey

import re

import pytest
from visitor import forms_of


@pytest.fixture(scope="module")
def town(shared):
    shared.add_application("tax", "http://127.0.0.1:1", groups=["tax"])
    shared.start()
    shared.hanako = shared.add_user("hanako", groups=["roads"])
    return shared


@pytest.fixture(scope="module")
def inside(town):
    return town.sign_in(town.hanako)


def refused_form(town, inside):
    return inside.post(town.portal + "/signout", {})


# Every page the portal has a name for: (segment, signed-in visitor) -> answer.
PAGES = {
    "sign in": lambda town, inside: town.visitor().get(town.portal + "/"),
    "sign in to go on": lambda town, inside: town.visitor().get(
        town.portal + "/?rd=" + town.url("tax", "/")),
    "wrong password": lambda town, inside: wrong_password(town),
    "second factor": lambda town, inside: town.present_password(town.hanako, town.visitor()),
    "home": lambda town, inside: inside.get(town.portal + "/"),
    "refused form": refused_form,
    "signed out": lambda town, inside: town.visitor().post(town.portal + "/signout", {}),
    "nowhere": lambda town, inside: town.visitor().get(town.portal + "/nowhere"),
    "wrong method": lambda town, inside: town.visitor().get(town.portal + "/signin"),
}


def wrong_password(town):
    visitor = town.visitor()
    return visitor.submit(visitor.get(town.portal + "/"), "/signin", user="hanako", password="x")


def policy_of(answer):
    """Content-Security-Policy: directive -> sources."""
    field, = answer.headers_named("Content-Security-Policy")
    return {words[0]: words[1:] for words in (part.split() for part in field.split(";"))}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_tells_the_browser_to_be_strict(town, inside, page):
    answer = PAGES[page](town, inside)
    assert answer.header("Content-Type") == "text/html; charset=utf-8", answer
    assert answer.headers_named("Strict-Transport-Security") == [
        "max-age=31536000; includeSubDomains"]
    assert answer.headers_named("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers_named("Cache-Control") == ["no-store"]
    assert answer.headers_named("Referrer-Policy") == ["same-origin"]
    policy = policy_of(answer)
    for directive in ("default-src", "base-uri", "object-src", "frame-ancestors"):
        assert policy[directive] == ["'none'"], (directive, policy)
    assert policy["form-action"][0] == "'self'"
    assert "script-src" not in policy and "unsafe" not in str(policy)
    assert not answer.header("Server") and not answer.header("X-Powered-By")


def test_the_way_back_is_the_only_other_place_a_form_may_lead_to(town, inside):
    plain = policy_of(PAGES["sign in"](town, inside))
    going_on = policy_of(PAGES["sign in to go on"](town, inside))
    assert plain["form-action"] == ["'self'"]
    assert going_on["form-action"] == ["'self'", town.url("tax", "")]
    stranger = town.visitor().get(town.portal + "/?rd=https://evil.example/")
    assert policy_of(stranger)["form-action"] == ["'self'"]
    assert "evil.example" not in stranger.text


def test_a_style_sheet_may_be_kept_and_is_never_guessed_at(town):
    page = town.visitor().get(town.portal + "/").text
    path = re.search(r'/assets/[^"]+\.css', page)[0]
    answer = town.visitor().get(town.portal + path)
    assert answer.status == 200 and answer.header("Content-Type").startswith("text/css"), answer
    assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Strict-Transport-Security")
    assert not answer.headers_named("Set-Cookie")


def test_a_redirect_and_a_refusal_are_not_kept_either(town):
    visitor = town.visitor()
    raised = visitor.submit(visitor.get(town.portal + "/"), "/signin", user="hanako",
                            password=town.hanako.password)
    stranger = town.visitor().get(town.url("tax", "/"))
    for answer, status in ((raised, 303), (stranger, 302)):
        assert answer.status == status, answer
        assert answer.header("Cache-Control") == "no-store", answer
        assert answer.header("Strict-Transport-Security"), answer


def test_an_applications_refusal_page_is_as_strict(town, inside):
    answer = inside.get(town.url("tax", "/"))
    assert answer.status == 403, answer
    assert answer.header("Cache-Control") == "no-store"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Strict-Transport-Security")
    policy = policy_of(answer)
    assert policy["default-src"] == ["'none'"] and policy["frame-ancestors"] == ["'none'"]


# -- cookies -----------------------------------------------------------------------------------------
def cookie_lines(answers):
    """Set-Cookie of every answer: (name, value, attributes in lower case)."""
    found = []
    for answer in answers:
        for line in answer.headers_named("Set-Cookie"):
            first, *rest = [part.strip() for part in line.split(";")]
            name, _, value = first.partition("=")
            attributes = dict(part.lower().partition("=")[::2] for part in rest)
            assert len(attributes) == len(rest), line
            found.append((name, value, attributes))
    return found


SESSION = {"path": "/", "secure": "", "httponly": "", "samesite": "lax"}
FORM = {"path": "/", "secure": "", "httponly": "", "samesite": "strict"}


@pytest.mark.parametrize("domain, name, session", [
    ("", "__Host-sekisho", SESSION),
    ("sekisho.test", "__Secure-sekisho", {**SESSION, "domain": "sekisho.test"})])
def test_cookies_have_the_promised_attributes_and_no_others(segment, domain, name, session):
    segment.settings["portal"] = {"cookie_domain": domain}
    segment.start()
    visitor = segment.sign_in(segment.add_user("hanako"))
    visitor.submit(visitor.get(segment.portal + "/"), "/signout")
    # The form before signing in; the session after the password, and after the code; its end.
    form, pending, full, end = cookie_lines(visitor.history)
    assert form[0] == "__Host-sekisho-form" and form[2] == FORM
    assert pending[0] == full[0] == end[0] == name
    assert pending[2] == full[2] == session
    assert end[1] == "" and end[2] == {**session, "max-age": "0"}
    assert len({form[1], pending[1], full[1]}) == 3


def test_the_session_of_the_password_is_worth_nothing_once_the_code_was_given(town):
    visitor = town.visitor()
    page = town.present_password(town.hanako, visitor)
    before = visitor.session_cookie()
    assert visitor.submit(page, "/second-factor", code=town.hanako.token.next_code()).status == 303
    old = town.visitor().get(town.portal + "/", {"Cookie": before})
    assert forms_of(old)[0].action.endswith("/signin"), old


def test_a_session_chosen_by_somebody_else_is_not_taken_on(town):
    """Session fixation: a cookie planted before signing in is replaced, not raised."""
    visitor = town.visitor()
    planted = "A" * 43
    visitor.cookies["__Secure-sekisho"] = (planted, "sekisho.test", False)
    town.sign_in(town.hanako, visitor)
    assert planted not in visitor.session_cookie()
    old = town.visitor().get(town.portal + "/", {"Cookie": f"__Secure-sekisho={planted}"})
    assert forms_of(old)[0].action.endswith("/signin"), old


def test_of_two_session_cookies_none_counts(town, inside):
    """Somebody who can plant a second cookie cannot choose which one is read."""
    own = inside.session_cookie()
    for planted in (f"{own}; __Secure-sekisho={'A' * 43}", f"__Secure-sekisho={'A' * 43}; {own}"):
        answer = town.visitor().get(town.portal + "/", {"Cookie": planted})
        assert forms_of(answer)[0].action.endswith("/signin"), answer
