"""One credential, two doors: registered at the portal or at the desk, it logs in at the terminal
through login, sudo and a locker, and at the portal; never from afar, and its answers are worth nothing at another terminal.

The key at the terminal speaks CTAP 2 through libfido2 (tests/support/software_key.py).
"""
# labels: journey
# root
# timeout: 400

import json

import pytest
from forger import Forger
from local_session import LocalSession, obstacle
from paper_key import UP, PaperKey, base64url, options_of
from seat import Seat, answer_prompts, password_and_code
from segment import program
from software_key import SoftwareKey

WITH_KEY = "Enter alone[^\n]*: $"
PIN = "PIN[^\n]*: $"


@pytest.fixture
def paper(segment, user):
    """The person's credential, registered at the portal."""
    key = PaperKey(segment.portal_host, segment.portal, segment.folder)
    visitor = segment.sign_in(user)
    page = visitor.get(segment.portal + "/keys/add")
    answer = visitor.submit(page, "/keys/add", label="青い鍵", **key.register(options_of(page)))
    assert answer.status == 200, answer
    return key


@pytest.fixture
def key(segment, seat, paper):
    """The same credential on a key that is plugged into the terminal."""
    made = SoftwareKey(segment.folder / "key.json")
    made.import_credential(paper.exported())
    seat.restart(made)
    return made


def granted_by_key(segment):
    return [row for row in segment.audit()
            if row["event"] == "login_security_key" and row["outcome"] == "granted"]


def password_and_key(user):
    return [("assword[^\n]*: $", user.password), (WITH_KEY, "")]


def pamtester(seat, service, name, answers, *options):
    return answer_prompts(["pamtester", *options, service, name, "authenticate"], answers)


def test_what_was_registered_at_the_portal_opens_the_console(segment, room, person, user, key):
    shell = [(r"\$ $", "echo came in as $(id -un); exit")]
    status, shown = answer_prompts(room.command("login", person.name),
                                   password_and_key(user) + shell)
    assert status == 0 and f"came in as {person.name}\n" in shown, shown
    assert "Touch your security key" in shown
    row = granted_by_key(segment)[-1]
    assert row["source"] == "terminal:zeimu-03"
    listed = segment.json("key", "list", person.name)[0]
    assert listed["last_used_from"] == "terminal:zeimu-03"


def test_sudo_takes_the_key(segment, room, person, user, key):
    room.put_over("/etc/sudoers", "Defaults !lecture, passwd_tries=1\nroot ALL=(ALL) ALL\n"
                  f"{person.name} ALL=(root) ALL\n", 0o440)
    status, shown = answer_prompts(
        room.command(*person.command("sudo", "/usr/bin/id", "-u")), password_and_key(user))
    assert status == 0 and shown.rstrip().endswith("\n0"), shown
    assert granted_by_key(segment)


needs_hierarchy = pytest.mark.skipif(obstacle() is not None, reason=str(obstacle()))


@needs_hierarchy
def test_a_locker_takes_the_key_of_whoever_sits_there(segment, seat, person, user, key):
    service = seat.stack()
    with LocalSession(person) as session:
        command = session.command(*person.command("pamtester", service, person.name,
                                                  "authenticate"))
        status, shown = answer_prompts(command, password_and_key(user))
    assert status == 0, shown
    assert granted_by_key(segment)


@needs_hierarchy
def test_a_locker_that_gives_one_answer_to_every_question_takes_the_key(segment, seat, person, user,
                                                                        key):
    service = seat.stack()
    with LocalSession(person) as session:
        command = session.command(*person.command("pamtester", service, person.name,
                                                  "authenticate"))
        status, shown = answer_prompts(command, [("assword[^\n]*touch[^\n]*: $", user.password),
                                                 (": $", user.password)])
    assert status == 0, shown
    assert granted_by_key(segment)


@needs_hierarchy
def test_nobody_makes_the_key_blink_from_afar(segment, seat, person, user, key):
    service = seat.stack()
    with LocalSession(person, is_remote=True) as session:
        command = session.command(*person.command("pamtester", service, person.name,
                                                  "authenticate"))
        status, shown = answer_prompts(command, [("assword[^\n]*: $", user.password),
                                                 ("code[^\n]*: $", ""), ("code[^\n]*: $", "")])
    assert status != 0 and "Enter alone" not in shown, shown
    assert not granted_by_key(segment)


def test_a_login_from_another_host_is_offered_no_key(segment, seat, person, user, key):
    service = seat.stack()
    status, shown = pamtester(seat, service, person.name,
                              [("assword[^\n]*: $", user.password), ("code[^\n]*: $", "")],
                              "-I", "rhost=10.9.9.9")
    assert status != 0 and "Enter alone" not in shown, shown
    assert not granted_by_key(segment)


def test_the_code_is_one_answer_away_while_a_key_is_plugged_in(seat, person, user, key):
    service = seat.stack()
    status, shown = pamtester(seat, service, person.name,
                              password_and_code(user, user.token.next_code()))
    assert status == 0, shown


def test_somebody_elses_key_opens_nothing(segment, seat, person, user, key):
    service = seat.stack()
    key.add_fault("foreign")
    status, shown = pamtester(seat, service, person.name, password_and_key(user))
    assert status != 0 and "not registered as yours" in shown, shown
    assert not granted_by_key(segment)


@pytest.mark.parametrize("fault", ["bad_signature", "no_presence"])
def test_a_key_that_lies_is_refused_by_the_gateway(segment, seat, person, user, key, fault):
    service = seat.stack()
    key.add_fault(fault)
    status, shown = pamtester(seat, service, person.name, password_and_key(user))
    assert status != 0 and "This key was not accepted." in shown, shown
    row = [row for row in segment.audit() if row["event"] == "login_security_key"][-1]
    detail = json.loads(row["detail"])
    assert detail["fault"] == {"bad_signature": "bad_signature", "no_presence": "not_present"}[fault]


@pytest.fixture
def chiefs(segment):
    """The group whose keys are refused when their counter does not grow."""
    segment.settings["privileged"] = {"groups": ["chiefs"]}
    return "chiefs"


def test_a_counter_that_stands_still_is_refused_for_some_and_alarmed_about_for_all(
        chiefs, segment, seat, person, user, key):
    service = seat.stack()
    assert pamtester(seat, service, person.name, password_and_key(user))[0] == 0
    key.add_fault("stale_counter")
    status, shown = pamtester(seat, service, person.name, password_and_key(user))
    assert status == 0, shown
    assert json.loads(granted_by_key(segment)[-1]["detail"])["clone_suspected"] is True
    segment.command("user", "groups", person.name, "--add", chiefs)
    status, shown = pamtester(seat, service, person.name, password_and_key(user))
    assert status != 0 and "This key may have been copied" in shown, shown
    row = [row for row in segment.audit() if row["event"] == "login_security_key"][-1]
    assert row["outcome"] == "denied" and json.loads(row["detail"])["reason"] == "key_suspected"


def test_a_key_that_is_removed_opens_nothing_more(segment, seat, person, user, key):
    service = seat.stack()
    status, shown = pamtester(seat, service, person.name, password_and_key(user))
    assert status == 0, shown
    segment.command("key", "remove", segment.json("key", "list", person.name)[0]["id"])
    status, shown = pamtester(seat, service, person.name, password_and_key(user))
    assert status != 0, shown


@pytest.fixture
def strict(segment):
    segment.settings["[terminals.service]"] = {"name": "sekisho-test-strict",
                                               "require": "fido2+uv"}


def test_a_service_may_demand_a_key_that_verifies_its_holder(strict, segment, seat, person, user,
                                                             paper):
    service = seat.stack(name="sekisho-test-strict")
    key = SoftwareKey(segment.folder / "key.json", pin="1234")
    key.import_credential(paper.exported())
    seat.restart(key)
    answers = [("assword[^\n]*: $", user.password)]
    status, shown = pamtester(seat, service, person.name, answers + [(PIN, "9999")])
    assert status != 0 and "Wrong PIN" in shown and "7" in shown, shown
    assert not [row for row in segment.audit() if row["event"] == "login_security_key"]
    status, shown = pamtester(seat, service, person.name, answers + [(PIN, "1234")])
    assert status == 0, shown
    detail = json.loads(granted_by_key(segment)[-1]["detail"])
    assert detail["user_verified"] is True
    # And neither a password in the PIN's place, nor a code, does.
    status, shown = pamtester(seat, service, person.name, answers + [(PIN, user.password)])
    assert status != 0 and "not sent to the key" in shown, shown
    assert key.state.get("pin_tries", 8) == 8


def test_a_key_that_did_not_verify_its_holder_is_not_presented_where_that_is_demanded(
        strict, segment, seat, person, user, paper):
    service = seat.stack(name="sekisho-test-strict")
    key = SoftwareKey(segment.folder / "key.json", pin="1234", faults=["no_verification"])
    key.import_credential(paper.exported())
    seat.restart(key)
    answers = [("assword[^\n]*: $", user.password), (PIN, "1234")]
    status, shown = pamtester(seat, service, person.name, answers)
    assert status != 0 and "The key does not answer." in shown, shown
    assert not [row for row in segment.audit() if row["event"] == "login_security_key"]
    key.remove_fault("no_verification")
    status, shown = pamtester(seat, service, person.name, answers)
    assert status == 0, shown


def registered_at_the_desk(segment, name, **members):
    key = SoftwareKey(segment.folder / "desk-key.json", **members)
    command = [program("sekisho-with-software-key"), "--config", segment.config, "key", "add", name]
    status, shown = answer_prompts(command, [("PIN of[^\n]*: $", "1234")],
                                   environment=key.environment())
    assert status == 0 and "registered the key" in shown, shown
    return key


def test_what_was_registered_at_the_desk_with_a_pin_opens_the_console_by_a_touch(segment, seat, room,
                                                                                 person, user):
    seat.restart(registered_at_the_desk(segment, person.name, pin="1234"))
    shell = [(r"\$ $", "echo came in as $(id -un); exit")]
    answers = [("assword[^\n]*touch[^\n]*: $", user.password), (WITH_KEY, "")]
    status, shown = answer_prompts(room.command("login", person.name), answers + shell)
    assert status == 0 and f"came in as {person.name}\n" in shown, shown
    assert "PIN" not in shown
    assert json.loads(granted_by_key(segment)[-1]["detail"])["user_verified"] is False


def test_a_privileged_person_is_asked_for_the_pin_and_others_with_a_pin_are_too(segment, seat,
                                                                               person, user, chiefs):
    """Who is privileged is not told before the password: a key that can verify its holder does."""
    segment.stop()
    segment.settings["privileged"]["require"] = "fido2+uv"
    segment.start()
    seat.restart(registered_at_the_desk(segment, person.name, pin="1234"))
    service = seat.stack()
    answers = [*password_and_key(user), (PIN, "1234")]
    for group in ((), (chiefs,)):
        for name in group:
            segment.command("user", "groups", person.name, "--add", name)
        status, shown = pamtester(seat, service, person.name, answers)
        assert status == 0, shown
        assert json.loads(granted_by_key(segment)[-1]["detail"])["user_verified"] is True
    status, shown = pamtester(seat, service, person.name,
                              password_and_code(user, user.token.next_code()))
    assert status != 0 and "needs its security key" in shown, shown
    status, shown = pamtester(seat, service, person.name,
                              password_and_code(user, user.token.next_code()),
                              "-I", "rhost=10.9.9.9")
    # From afar a right password is not told from a wrong one.
    assert status != 0 and "Authentication failed." in shown and "key" not in shown, shown


def test_a_key_without_a_pin_still_opens_for_others(segment, seat, person, user, chiefs, paper):
    segment.stop()
    segment.settings["privileged"]["require"] = "fido2+uv"
    segment.start()
    made = SoftwareKey(segment.folder / "key.json")
    made.import_credential(paper.exported())
    seat.restart(made)
    status, shown = pamtester(seat, seat.stack(), person.name, password_and_key(user))
    assert status == 0 and "PIN" not in shown, shown


def test_what_was_registered_at_the_desk_opens_the_portal(segment, seat, person, user, tmp_path):
    [credential] = registered_at_the_desk(segment, person.name, pin="1234").state["credentials"]
    paper = PaperKey.copied(credential, segment.portal, tmp_path)
    visitor = segment.visitor()
    page = segment.present_password(user, visitor)
    answer = visitor.submit(page, "/second-factor/key", **paper.answer(options_of(page)))
    assert answer.status == 303, answer
    assert granted_by_key(segment)


def faults(segment):
    return [json.loads(row["detail"]).get("fault") for row in segment.audit()
            if row["event"] == "login_security_key" and row["outcome"] == "denied"]


def test_an_answer_is_worth_nothing_at_another_terminal(segment, seat, person, user, paper):
    with Seat(segment, "juki-07") as other:
        here, there = Forger(segment, seat), Forger(segment, other)
        paper.origin = "sekisho-terminal://zeimu-03"
        _, begun = here.begin(person.name)
        answer = paper.answer(begun)
        # The same transaction from the other seat, and its own with the answer of this one.
        assert there.finish(begun, user.password, answer)[1]["verdict"] == "expired"
        _, begun_there = there.begin(person.name)
        assert there.finish(begun_there, user.password, paper.answer(begun))[1]["verdict"] == "denied"
        assert faults(segment)[-1] == "wrong_challenge"
        _, begun_there = there.begin(person.name)
        relayed = paper.answer(begun_there)
        assert there.finish(begun_there, user.password, relayed)[1]["verdict"] == "denied"
        assert faults(segment)[-1] == "wrong_origin"
        # Where it was made, it is good, and once.
        _, begun = here.begin(person.name)
        answer = paper.answer(begun)
        assert here.finish(begun, user.password, answer)[1]["verdict"] == "granted"
        assert here.finish(begun, user.password, answer)[1]["verdict"] == "expired"


def test_an_answer_for_the_portal_is_worth_nothing_at_a_terminal(segment, seat, person, user, paper):
    forger = Forger(segment, seat)
    _, begun = forger.begin(person.name)
    assert forger.finish(begun, user.password, paper.answer(begun))[1]["verdict"] == "denied"
    assert faults(segment)[-1] == "wrong_origin"


def test_a_terminal_cannot_bring_a_key_into_a_login_from_afar(segment, seat, person, user, paper):
    forger = Forger(segment, seat)
    paper.origin = "sekisho-terminal://zeimu-03"
    _, begun = forger.begin(person.name, rhost="10.9.9.9")
    assert "security_key" not in begun["factors"] and "challenge" not in begun
    answer = paper.answer({"challenge": base64url(bytes(32))})
    assert forger.finish(begun, user.password, answer)[1]["verdict"] == "denied"


def test_a_stranger_is_asked_for_keys_as_staff_are(segment, seat, person, user, paper):
    forger = Forger(segment, seat)
    known = forger.begin(person.name)[1]
    stranger = forger.begin("skt-nobody")[1]
    assert stranger.keys() == known.keys() and stranger["factors"] == known["factors"]
    assert stranger["credentials"] == forger.begin("skt-nobody")[1]["credentials"]
    assert stranger["credentials"] != forger.begin("skt-nobody2")[1]["credentials"]
    assert known["credentials"] == [base64url(paper.credential_id)]
    paper.origin, paper.flags = "sekisho-terminal://zeimu-03", UP
    assert forger.finish(stranger, user.password, paper.answer(stranger))[1]["verdict"] == "denied"
