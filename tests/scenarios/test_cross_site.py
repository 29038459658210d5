"""Forms are taken from our own pages only: another site's page changes nothing for anybody."""
# labels: journey

import itertools
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import pytest
from segment import Segment
from visitor import forms_of

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def portal(shared):
    """One running gateway; every case has a person of its own."""
    shared.add_application("tax", "http://127.0.0.1:1")
    shared.start()
    return shared


@dataclass
class FilledForm:
    """A form as a person has filled it in, not sent yet, and how one sees that it was obeyed."""
    segment: Segment
    visitor: object
    url: str
    fields: dict
    was_obeyed: object  # of the answer

    def send(self, headers=(), **changed):
        fields = {name: value for name, value in {**self.fields, **changed}.items()
                  if value is not None}
        return self.visitor.post(self.url, fields, headers)

    def told(self):
        """What the audit log has of logins and sessions."""
        return [row for row in self.segment.audit()
                if row["event"].startswith(("login", "session", "credential"))]


def filled(segment, visitor, page, action, was_obeyed, **fields):
    for form in forms_of(page):
        url = urljoin(page.url, form.action)
        if urlsplit(url).path == action:
            return FilledForm(segment, visitor, url, {**form.fields, **fields}, was_obeyed)
    raise LookupError(f"no form posts to {action} in {page!r}")


def person(segment):
    return segment.add_user(f"clerk{next(_numbers)}")


def is_signed_in(segment, visitor):
    return "/signout" in visitor.get(segment.portal + "/").text


def sign_in_form(segment):
    user, visitor = person(segment), segment.visitor()
    return filled(segment, visitor, visitor.get(segment.portal + "/"), "/signin",
                  lambda answer: answer.status == 303, user=user.name, password=user.password)


def code_form(segment):
    user, visitor = person(segment), segment.visitor()
    return filled(segment, visitor, segment.present_password(user, visitor), "/second-factor",
                  lambda answer: answer.status == 303, code=user.token.next_code())


def recovery_form(segment):
    user, visitor = person(segment), segment.visitor()
    code = segment.json("recovery", "issue", user.name)["codes"][0]
    return filled(segment, visitor, segment.present_password(user, visitor), "/recovery",
                  lambda answer: answer.status == 303, recovery_code=code)


def sign_out_form(segment):
    visitor = segment.sign_in(person(segment))
    return filled(segment, visitor, visitor.get(segment.portal + "/"), "/signout",
                  lambda answer: answer.status == 200 and not is_signed_in(segment, visitor))


def end_session_form(segment):
    user = person(segment)
    elsewhere = segment.sign_in(user)
    visitor = segment.sign_in(user)
    page = visitor.get(segment.portal + "/")
    return filled(segment, visitor, page, "/sessions/end",
                  lambda answer: answer.status == 200 and not (
                      is_signed_in(segment, elsewhere) and is_signed_in(segment, visitor)))


FORMS = {"sign in": sign_in_form, "second factor": code_form, "recovery": recovery_form,
         "sign out": sign_out_form, "end session": end_session_form}


def token_of_another(form):
    page = form.segment.visitor().get(form.segment.portal + "/")
    return forms_of(page)[0].fields["csrf_token"]


# What another site's page, or somebody between the pages, can send in the person's browser.
FAULTS = {
    "no token": lambda form: form.send(csrf_token=None),
    "an empty token": lambda form: form.send(csrf_token=""),
    "a token of another visitor": lambda form: form.send(csrf_token=token_of_another(form)),
    "a token that is longer": lambda form: form.send(csrf_token=form.fields["csrf_token"] + "A"),
    "another site": lambda form: form.send({"Sec-Fetch-Site": "cross-site"}),
    "a neighbouring host": lambda form: form.send({"Sec-Fetch-Site": "same-site"}),
    "a foreign origin": lambda form: form.send({"Origin": "https://evil.example"}),
    "an application's origin": lambda form: form.send(
        {"Origin": form.segment.url("tax", "")}),
    "our name without TLS": lambda form: form.send(
        {"Origin": form.segment.portal.replace("https:", "http:")}),
    "an origin that hides itself": lambda form: form.send({"Origin": "null"}),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("form", FORMS)
def test_a_form_from_elsewhere_is_refused_with_403_and_changes_nothing(portal, form, fault):
    form = FORMS[form](portal)
    cookies, told = dict(form.visitor.cookies), form.told()
    answer = FAULTS[fault](form)
    assert answer.status == 403, answer
    assert form.visitor.cookies == cookies, answer
    assert form.told() == told
    # The password was not counted, the code not spent, the session not ended.
    honest = form.send()
    assert form.was_obeyed(honest), honest


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "none"}])
@pytest.mark.parametrize("form", FORMS)
def test_a_form_from_our_own_page_is_obeyed(portal, form, headers):
    form = FORMS[form](portal)
    answer = form.send(headers)
    assert form.was_obeyed(answer), answer


@pytest.mark.parametrize("form", FORMS)
def test_an_address_alone_does_what_no_form_asked(portal, form):
    form = FORMS[form](portal)
    told = form.told()
    query = "&".join(f"{name}={value}" for name, value in form.fields.items() if name != "password")
    answer = form.visitor.get(f"{form.url}?{query}")
    assert answer.status == 405, answer
    assert form.told() == told


@pytest.mark.parametrize("form", ["second factor", "recovery", "sign out", "end session"])
def test_a_form_without_its_session_cookie_is_refused(portal, form):
    """Somebody who has seen the page, but not the cookie, can do nothing with it."""
    form = FORMS[form](portal)
    told = form.told()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Origin": portal.portal}
    body = "&".join(f"{name}={value}" for name, value in form.fields.items()).encode()
    answer = form.visitor.request("POST", form.url, headers, body=body, cookies=False)
    assert answer.status in (200, 401), answer  # signing out twice is no mistake
    assert form.told() == told
