"""Security keys at the portal, without a browser: every answer that one could post, and those that
none would.  The key is on paper (tests/support/paper_key.py), the rest is real.
"""
# labels: journey
# timeout: 400

import json
import time
import urllib.request

import pytest
from paper_key import BE, EDDSA, ES384, UP, UV, PaperKey, PaperMaker, base64url, options_of
from shifted_clock import ShiftedClock
from visitor import forms_of


@pytest.fixture
def town(segment, upstream):
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.add_application("koseki", upstream.url, groups=["tax"], require="fido2")
    segment.add_application("juki", upstream.url, groups=["tax"], require="fido2+uv")
    segment.settings["security_keys"] = {"passwordless": True}
    segment.settings["privileged"] = {"groups": ["chiefs"]}
    segment.start()
    return segment


@pytest.fixture
def hanako(town):
    return town.add_user("hanako", "関所 花子", groups=["tax"])


def paper_key(town, **options):
    return PaperKey(town.portal_host, town.portal, town.folder, **options)


def add_key(town, visitor, key, label="青い鍵", **changes):
    page = visitor.get(town.portal + "/keys/add")
    return visitor.submit(page, "/keys/add", label=label,
                          **key.register(options_of(page), **changes))


def with_key(town, user, **options):
    """A key of the user's, registered after signing in with the code."""
    key = paper_key(town, **options)
    visitor = town.sign_in(user)
    answer = add_key(town, visitor, key)
    assert answer.status == 200 and "青い鍵" in answer.text, answer
    return key


def second_step(town, user, visitor=None, return_to=""):
    visitor = visitor or town.visitor()
    return visitor, town.present_password(user, visitor, return_to)


def audit(town):
    return [{**row, "detail": json.loads(row["detail"])} for row in town.audit()]


def metrics(town):
    with urllib.request.urlopen(f"http://localhost:{town.metrics_port}/metrics", timeout=10) as page:
        return page.read().decode()


def refusals(town, reason):
    return [row for row in audit(town)
            if row["outcome"] == "denied" and row["detail"].get("reason") == reason]


def test_a_key_opens_what_a_code_opens_and_every_use_is_written_down(town, hanako):
    key = with_key(town, hanako)
    visitor, page = second_step(town, hanako)
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 303
    assert visitor.get(town.url("tax", "/")).status == 200
    row = [row for row in audit(town) if row["event"] == "login_security_key"][-1]
    assert row["outcome"] == "granted" and row["detail"]["label"] == "青い鍵"
    assert row["detail"]["user_verified"] is True
    session = [row for row in audit(town) if row["event"] == "session_start"][-1]
    assert session["detail"]["factors"] == "password security_key+uv"


@pytest.mark.parametrize("algorithm", [EDDSA, ES384])
def test_keys_of_other_algorithms_open_it_too(town, hanako, algorithm):
    key = with_key(town, hanako, algorithm=algorithm)
    visitor, page = second_step(town, hanako)
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 303
    assert visitor.get(town.url("tax", "/")).status == 200


@pytest.fixture
def maker(segment):
    """Its keys alone serve the chiefs, and every key must verify its holder."""
    anchors = segment.folder / "anchors"
    anchors.mkdir()
    maker = PaperMaker(segment.folder, bytes(range(16)))
    (anchors / "paper.pem").write_bytes(maker.root.read_bytes())
    segment.settings["security_keys"] = {"trust_anchors": str(anchors),
                                         "user_verification": "required"}
    segment.settings["[security_keys.model]"] = {"groups": ["chiefs"],
                                                 "aaguids": [maker.aaguid.hex()]}
    segment.start()
    return maker


def test_a_group_that_demands_a_model_gets_that_model_only(maker, segment):
    chief = segment.add_user("kacho", "課長", groups=["chiefs"])
    visitor = segment.sign_in(chief)
    assert options_of(visitor.get(segment.portal + "/keys/add"))["attestation"] == "direct"

    def refused(key, reason):
        answer = add_key(segment, visitor, key)
        row = [row for row in audit(segment) if row["event"] == "key_add"][-1]
        return answer.status == 400 and row["outcome"] == "denied" and \
            row["detail"]["reason"] == reason

    anonymous = paper_key(segment)
    assert refused(anonymous, "model_refused")
    other = PaperMaker(segment.folder, bytes(range(1, 17)))
    assert refused(paper_key(segment, maker=other), "model_refused")
    # The right model's name, from a maker whom nobody knows.
    pretender_folder = segment.folder / "pretender"
    pretender_folder.mkdir()
    pretender = PaperMaker(pretender_folder, maker.aaguid)
    assert refused(paper_key(segment, maker=pretender), "model_refused")
    assert refused(paper_key(segment, maker=maker, flags=UP), "not_verified")

    key = paper_key(segment, maker=maker)
    assert add_key(segment, visitor, key).status == 200
    row = [row for row in audit(segment) if row["event"] == "key_add"][-1]
    assert row["outcome"] == "done" and row["detail"]["attestation"] == "anchored"
    visitor, page = second_step(segment, chief)
    assert options_of(page)["userVerification"] == "required"
    key.flags = UP
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 401
    key.flags = UP | UV
    answer = visitor.submit(answer, "/second-factor/key", **key.answer(options_of(answer)))
    assert answer.status == 303


def test_the_challenge_is_good_once_whatever_comes_of_it(town, hanako):
    key = with_key(town, hanako)
    visitor, page = second_step(town, hanako)
    options = options_of(page)
    fields = key.answer(options)
    broken = {**fields, "signature": base64url(b"0" * 70)}
    refused = visitor.submit(page, "/second-factor/key", **broken)
    assert refused.status == 401
    again = visitor.submit(page, "/second-factor/key", **fields)
    assert again.status == 401
    assert refusals(town, "ceremony_gone")
    assert [row for row in refusals(town, "key_refused")
            if row["detail"]["fault"] == "bad_signature"]


def test_an_answer_is_good_in_its_own_session_only(town, hanako):
    key = with_key(town, hanako)
    visitor, page = second_step(town, hanako)
    thief, other_page = second_step(town, hanako)
    fields = key.answer(options_of(page))
    ticket = next(form.fields["ticket"] for form in forms_of(page) if "ticket" in form.fields)
    stolen = thief.submit(other_page, "/second-factor/key", **fields, ticket=ticket)
    assert stolen.status == 401
    # With the thief's own ticket it is an answer to another challenge.
    stolen = thief.submit(other_page, "/second-factor/key", **fields)
    assert stolen.status == 401
    assert visitor.submit(page, "/second-factor/key", **fields).status == 303


@pytest.mark.parametrize("change, fault", [
    ({"origin": "https://portal.sekisho.test.example"}, "wrong_origin"),
    ({"type": "webauthn.create"}, "wrong_type"),
    ({"challenge": base64url(bytes(32))}, "wrong_challenge"),
    ({"crossOrigin": True}, "cross_origin"),
    ({"topOrigin": "https://other.example"}, "cross_origin"),
])
def test_a_lie_in_the_client_data_is_refused_by_name(town, hanako, change, fault):
    key = with_key(town, hanako)
    visitor, page = second_step(town, hanako)
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page), **change))
    assert answer.status == 401
    assert [row for row in refusals(town, "key_refused") if row["detail"]["fault"] == fault]


def test_a_colleagues_key_is_no_key_of_mine(town, hanako):
    with_key(town, hanako)
    taro = town.add_user("taro", groups=["tax"])
    other = with_key(town, taro)
    visitor, page = second_step(town, hanako)
    answer = visitor.submit(page, "/second-factor/key", **other.answer(options_of(page)))
    assert answer.status == 401
    assert refusals(town, "key_unknown")


def test_a_key_is_registered_once_in_all(town, hanako):
    key = with_key(town, hanako)
    taro = town.sign_in(town.add_user("taro", groups=["tax"]))
    answer = add_key(town, taro, key)
    assert answer.status == 400
    assert [row for row in audit(town) if row["event"] == "key_add"
            and row["detail"].get("reason") == "taken"]


def test_a_credential_that_can_leave_its_key_is_not_registered(town, hanako):
    visitor = town.sign_in(hanako)
    answer = add_key(town, visitor, paper_key(town, flags=UP | BE))
    assert answer.status == 400
    assert [row for row in audit(town) if row["event"] == "key_add"
            and row["detail"].get("reason") == "syncable"]


def signed_in_by_key(town, user, key):
    visitor, page = second_step(town, user)
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 303, answer
    return visitor


def test_a_registration_answers_one_challenge_once(town, hanako):
    visitor = signed_in_by_key(town, hanako, with_key(town, hanako))
    page = visitor.get(town.portal + "/keys/add")
    fields = paper_key(town).register(options_of(page))
    assert visitor.submit(page, "/keys/add", label="一", **fields).status == 200
    second = paper_key(town).register(options_of(page))
    assert visitor.submit(page, "/keys/add", label="二", **second).status == 400
    assert len(town.json("key", "list", "hanako")) == 2


def test_a_phished_code_changes_no_keys_of_whoever_has_one(town, hanako):
    key = with_key(town, hanako)
    thief = town.sign_in(hanako)  # with password and code
    page = thief.get(town.portal + "/keys/add")
    assert 'data-ceremony="create"' not in page.text
    assert 'action="/second-factor"' not in page.text  # it must be the key
    home = thief.get(town.portal + "/")
    asked = thief.submit(home, "/keys/remove")
    assert 'action="/second-factor/key"' in asked.text
    assert len(town.json("key", "list", "hanako")) == 1
    # With the key it goes on.
    answer = thief.submit(asked, "/second-factor/key", **key.answer(options_of(asked)))
    assert answer.header("Location").endswith("/keys")
    assert "青い鍵" not in thief.submit(thief.follow(answer), "/keys/remove").text


def test_a_phished_code_does_not_freshen_an_old_session(town, hanako, tmp_path):
    clock = ShiftedClock(tmp_path)
    town.stop()
    town.start(environment=clock.environment())
    visitor = signed_in_by_key(town, hanako, with_key(town, hanako))
    token = forms_of(visitor.get(town.portal + "/"))[0].fields["csrf_token"]
    clock.advance(10 * 60)
    # The form of a second step leads where its sender says.
    answer = visitor.post(town.portal + "/second-factor",
                          {"csrf_token": token, "return_to": "/",
                           "code": hanako.token.code(time.time() + clock.seconds)})
    assert answer.status == 303 and answer.header("Location").endswith("/"), answer
    assert 'data-ceremony="create"' not in visitor.get(town.portal + "/keys/add").text


def test_a_key_is_not_changed_by_a_session_that_is_not_fresh(town, hanako, tmp_path):
    clock = ShiftedClock(tmp_path)
    town.stop()
    town.start(environment=clock.environment())
    visitor = signed_in_by_key(town, hanako, with_key(town, hanako))
    assert 'data-ceremony="create"' in visitor.get(town.portal + "/keys/add").text
    home = visitor.get(town.portal + "/")
    clock.advance(5 * 60 + 1)
    assert 'data-ceremony="create"' not in visitor.get(town.portal + "/keys/add").text
    assert 'action="/second-factor/key"' in visitor.submit(home, "/keys/remove").text
    assert len(town.json("key", "list", "hanako")) == 1


def test_naming_somebodys_key_locks_nobody_out(town, hanako):
    key = with_key(town, hanako)
    stranger = town.visitor(source="127.0.0.9")
    for _ in range(12):
        page = stranger.get(town.portal + "/")
        fields = {**key.answer(options_of(page)), "signature": base64url(b"0" * 70)}
        assert stranger.submit(page, "/signin/key", **fields).status in (401, 429)
    signed_in_by_key(town, hanako, key)


def test_a_key_is_renamed_by_its_owner_only(town, hanako):
    visitor = signed_in_by_key(town, hanako, with_key(town, hanako))
    page = visitor.get(town.portal + "/")
    assert "赤い鍵" in visitor.submit(page, "/keys/rename", label="赤い鍵").text
    for label in ("", "長" * 30, "a\nb"):
        assert visitor.submit(page, "/keys/rename", label=label).status == 400
    number = town.json("key", "list", "hanako")[0]["id"]
    taro = town.add_user("taro", groups=["tax"])
    other = signed_in_by_key(town, taro, with_key(town, taro))
    page = other.get(town.portal + "/")
    other.submit(page, "/keys/rename", label="盗んだ鍵", key=number)
    other.submit(page, "/keys/remove", key=number)
    assert [key["label"] for key in town.json("key", "list", "hanako")] == ["赤い鍵"]


def test_a_password_alone_registers_nothing(town, hanako):
    visitor, _ = second_step(town, hanako)
    page = visitor.get(town.portal + "/keys/add")
    assert "data-ceremony=\"create\"" not in page.text
    answer = visitor.submit(page, "/second-factor", code=hanako.token.next_code())
    assert answer.header("Location").endswith("/keys/add")
    assert "data-ceremony=\"create\"" in visitor.follow(answer).text


def test_a_key_alone_signs_in_without_a_name(town, hanako):
    key = with_key(town, hanako)
    visitor = town.visitor()
    page = visitor.get(town.portal + "/")
    answer = visitor.submit(page, "/signin/key", **key.answer(options_of(page)))
    assert answer.status == 303, answer
    assert visitor.get(town.url("juki", "/")).status == 200
    session = [row for row in audit(town) if row["event"] == "session_start"][-1]
    assert session["detail"]["factors"] == "security_key+uv"


def test_a_key_alone_must_have_verified_its_holder(town, hanako):
    key = with_key(town, hanako, flags=UP)
    visitor = town.visitor()
    page = visitor.get(town.portal + "/")
    assert visitor.submit(page, "/signin/key", **key.answer(options_of(page))).status == 401
    key.flags = UP | 0x04  # now it says so, but nobody proved the holder when it was bound
    page = visitor.get(town.portal + "/")
    assert visitor.submit(page, "/signin/key", **key.answer(options_of(page))).status == 401
    assert len(refusals(town, "key_not_verified")) == 2


def test_a_stranger_learns_nothing_from_a_key_nobody_registered(town):
    visitor = town.visitor()
    page = visitor.get(town.portal + "/")
    answer = visitor.submit(page, "/signin/key", **paper_key(town).answer(options_of(page)))
    assert answer.status == 401
    assert refusals(town, "key_unknown")


def test_an_application_asks_for_the_key_and_then_lets_in(town, hanako):
    key = with_key(town, hanako, flags=UP)
    visitor = town.sign_in(hanako)
    page = visitor.follow(visitor.get(town.url("koseki", "/shiryo")))
    assert page.url.startswith(town.portal)
    assert 'action="/second-factor"' not in page.text  # a code is not enough here
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 303
    assert answer.header("Location") == town.url("koseki", "/shiryo")
    assert visitor.get(town.url("koseki", "/shiryo")).status == 200
    # And one that wants the holder verified asks for that.
    page = visitor.follow(visitor.get(town.url("juki", "/")))
    assert options_of(page)["userVerification"] == "required"
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 401
    assert refusals(town, "key_not_verified")


def test_a_code_does_not_open_what_asks_for_a_key(town, hanako):
    with_key(town, hanako)
    visitor = town.sign_in(hanako)
    page = visitor.follow(visitor.get(town.url("koseki", "/")))
    form = next(form for form in forms_of(page) if form.action == "/second-factor/key")
    code = hanako.token.next_code()
    answer = visitor.post(town.portal + "/second-factor",
                          {"csrf_token": form.fields["csrf_token"], "code": code,
                           "return_to": form.fields["return_to"]})
    assert answer.status == 401
    assert refusals(town, "not_enough")
    assert visitor.follow(visitor.get(town.url("koseki", "/"))).url.startswith(town.portal)
    town.sign_in(hanako, code=code)  # nobody looked at it, so it is still good


def test_a_person_without_a_key_is_told_how_to_get_one(town, hanako):
    visitor = town.sign_in(hanako)
    page = visitor.follow(visitor.get(town.url("koseki", "/")))
    assert page.status == 200 and "/keys/add" in page.text


def test_a_counter_that_goes_back_is_refused_for_some_and_alarmed_about_for_all(town, hanako):
    key = with_key(town, hanako)
    key.sign_count = 10
    visitor, page = second_step(town, hanako)
    assert visitor.submit(page, "/second-factor/key", **key.answer(options_of(page))).status == 303
    key.sign_count = 5
    visitor, page = second_step(town, hanako)
    assert visitor.submit(page, "/second-factor/key", **key.answer(options_of(page))).status == 303
    row = [row for row in audit(town) if row["event"] == "login_security_key"][-1]
    assert row["detail"]["clone_suspected"] is True
    assert "sekisho_keys_suspected_total 1" in metrics(town)
    town.command("user", "groups", hanako.name, "--add", "chiefs")
    visitor, page = second_step(town, hanako)
    assert visitor.submit(page, "/second-factor/key", **key.answer(options_of(page))).status == 401
    assert refusals(town, "key_suspected")


def test_the_last_way_to_sign_in_is_not_removed(town):
    taro = town.add_user("taro", groups=["tax"], totp=False)
    code = town.json("enroll", "code", "taro")["code"]
    visitor, page = second_step(town, taro)
    page = visitor.follow(visitor.submit(page, "/enrol", enrolment_code=code))
    key = paper_key(town)
    page = visitor.submit(page, "/keys/add", label="一本目", **key.register(options_of(page)))
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    page = visitor.follow(answer)
    kept = visitor.submit(page, "/keys/remove")
    assert kept.status == 200 and "一本目" in kept.text
    assert not [row for row in audit(town) if row["event"] == "key_remove"]
    second = paper_key(town)
    page = add_key(town, visitor, second, "二本目")
    gone = visitor.submit(page, "/keys/remove")
    assert "一本目" not in gone.text and "二本目" in gone.text


def test_an_enrolment_code_registers_and_opens_nothing(town, hanako):
    code = town.json("enroll", "code", "hanako")["code"]
    visitor, page = second_step(town, hanako)
    wrong = visitor.submit(page, "/enrol", enrolment_code="AAAA-AAAA-AAAAA")
    assert wrong.status == 401
    answer = visitor.submit(wrong, "/enrol", enrolment_code=code.lower().replace("-", " "))
    assert answer.header("Location").endswith("/keys/add")
    assert visitor.follow(visitor.get(town.url("tax", "/"))).url.startswith(town.portal)
    assert "data-ceremony=\"create\"" in visitor.get(town.portal + "/keys/add").text
    thief, page = second_step(town, hanako)
    assert thief.submit(page, "/enrol", enrolment_code=code).status == 401


def test_an_enrolment_code_registers_one_key(town):
    taro = town.add_user("taro", groups=["tax"], totp=False)
    code = town.json("enroll", "code", "taro")["code"]
    visitor, page = second_step(town, taro)
    page = visitor.follow(visitor.submit(page, "/enrol", enrolment_code=code))
    first, second = paper_key(town), paper_key(town)
    fields = second.register(options_of(page))
    assert visitor.submit(page, "/keys/add", label="一", **first.register(options_of(page))).status == 200
    visitor.submit(page, "/keys/add", label="二", **fields)
    assert 'data-ceremony="create"' not in visitor.get(town.portal + "/keys/add").text
    assert len(town.json("key", "list", "taro")) == 1


def test_a_removed_key_opens_nothing_at_the_next_request(town, hanako):
    key = with_key(town, hanako)
    visitor, page = second_step(town, hanako)
    assert visitor.submit(page, "/second-factor/key", **key.answer(options_of(page))).status == 303
    waiting, waiting_page = second_step(town, hanako)
    number = town.json("key", "list", "hanako")[0]["id"]
    town.command("key", "remove", number)
    assert visitor.follow(visitor.get(town.url("tax", "/"))).url.startswith(town.portal)
    answer = waiting.submit(waiting_page, "/second-factor/key",
                            **key.answer(options_of(waiting_page)))
    assert answer.status in (303, 401)
    assert waiting.follow(waiting.get(town.url("tax", "/"))).url.startswith(town.portal)
