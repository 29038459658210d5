"""Privileged groups are held to more than others, at both doors."""

# root
# timeout: 600

import json
from datetime import datetime, timedelta

import pytest
from paper_key import UP, UV, PaperKey, options_of
from seat import Seat, answer_prompts, password_and_code
from segment import Rule


@pytest.fixture
def town(segment, upstream):
    segment.settings["privileged"] = {"groups": ["chiefs"], "require": "fido2+uv",
                                      "lock_after": 3, "idle": "5m", "absolute": "2h"}
    segment.settings["throttle"] = {"backoff_from": 100}
    segment.add_application("tax", upstream.url, rules=[Rule()])
    segment.start()
    return segment


@pytest.fixture
def chief(town):
    return town.add_user("hanako", groups=["chiefs"])


def test_an_ordinary_rule_asks_a_privileged_person_for_a_verified_key(town, chief):
    key = PaperKey(town.portal_host, town.portal, town.folder, flags=UP | UV)
    visitor = town.sign_in(chief)
    sent = visitor.get(town.url("tax", "/list"))
    assert sent.status == 302, sent
    # What a thief with password and code could do must not make a key of his a privileged one.
    page = visitor.follow(visitor.get(town.portal + "/keys/add"))
    assert "登録コードが必要です" in page.text and "credential" not in page.text, page
    code = town.json("enroll", "code", chief.name)["code"]
    page = visitor.follow(visitor.submit(page, "/enrol", enrolment_code=code))
    assert visitor.submit(page, "/keys/add", label="青い鍵",
                          **key.register(options_of(page))).status == 200
    page = visitor.follow(visitor.get(town.url("tax", "/list")))
    answer = visitor.submit(page, "/second-factor/key", **key.answer(options_of(page)))
    assert answer.status == 303, answer
    assert visitor.follow(answer).status == 200
    colleague = town.sign_in(town.add_user("taro"))
    assert colleague.get(town.url("tax", "/list")).status == 200


def test_a_key_that_does_not_verify_its_holder_is_not_bound_for_a_privileged_person(town, chief):
    key = PaperKey(town.portal_host, town.portal, town.folder, flags=UP)
    visitor = town.visitor()
    page = town.present_password(chief, visitor)
    code = town.json("enroll", "code", chief.name)["code"]
    page = visitor.follow(visitor.submit(page, "/enrol", enrolment_code=code))
    assert options_of(page)["authenticatorSelection"]["userVerification"] == "required"
    assert visitor.submit(page, "/keys/add", label="x",
                          **key.register(options_of(page))).status == 400
    assert town.json("key", "list", chief.name) == []


def test_a_key_from_before_is_told_of_and_names_are_changed_only_with_a_key(town):
    taro = town.add_user("taro")
    visitor = town.sign_in(taro)
    key = PaperKey(town.portal_host, town.portal, town.folder, flags=UP | UV)
    page = visitor.get(town.portal + "/keys/add")
    assert visitor.submit(page, "/keys/add", label="青い鍵",
                          **key.register(options_of(page))).status == 200
    told = town.command("user", "groups", "taro", "--add", "chiefs")
    assert "sekisho key list taro" in told.stdout + told.stderr, told
    # By password and code alone its name cannot be exchanged with another's.
    visitor = town.sign_in(taro)
    page = visitor.get(town.portal + "/")
    assert visitor.submit(page, "/keys/rename", label="別の鍵").status in (200, 403)
    assert [row["label"] for row in town.json("key", "list", "taro")] == ["青い鍵"]


def test_a_privileged_session_ends_sooner(town, chief):
    town.sign_in(chief)
    town.sign_in(town.add_user("taro"))
    lives = {row["user"]: datetime.fromisoformat(row["expires_at"]) -
             datetime.fromisoformat(row["created_at"]) for row in town.json("session", "list")}
    assert lives == {"hanako": timedelta(hours=2), "taro": timedelta(hours=12)}


def test_a_terminal_asks_a_privileged_person_for_a_key_and_says_so(town, chief):
    taro = town.add_user("taro")
    with Seat(town, "zeimu-03") as seat:
        service = seat.stack()
        for user, expected in ((chief, False), (taro, True)):
            status, shown = answer_prompts(
                ["pamtester", service, user.name, "authenticate"],
                password_and_code(user, user.token.next_code()))
            assert (status == 0) == expected, shown
            assert ("needs its security key" in shown) != expected, shown
        # Nobody hears of it without the password.
        status, shown = answer_prompts(
            ["pamtester", service, chief.name, "authenticate"],
            password_and_code(chief, chief.token.next_code(), "wrong"))
        assert status != 0 and "security key" not in shown.split("Authentication failed.")[-1], shown


def test_a_privileged_person_has_fewer_guesses(town, chief):
    town.add_user("taro")

    def guesses_until_locked(name):
        visitor = town.visitor()
        for count in range(1, 9):
            page = visitor.follow(visitor.get(town.portal + "/"))
            answer = visitor.submit(page, "/signin", user=name, password="wrong")
            if answer.status == 429:
                return count - 1
        return None

    assert guesses_until_locked("hanako") == 3
    assert guesses_until_locked("taro") == 5


def test_the_policy_explained_says_what_is_asked_of_a_privileged_person(town, chief):
    told = town.command("--json", "policy", "explain", "--user", "hanako", "--url",
                        town.url("tax", "/"), "--from", "127.0.0.1", check=False)
    assert told.returncode == 1
    explained = json.loads(told.stdout)
    assert explained["decision"] == "second_factor"
    assert explained["rules"][0]["require"] == "fido2+uv"
