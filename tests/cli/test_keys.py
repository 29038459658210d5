"""Security keys at the desk, and the codes with which people register their own."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from pathlib import Path

import pexpect
import pytest

from conftest import program
from software_key import SoftwareKey

MODEL = "73656b69-7368-6f20-736f-667477617265"  # the software key's
CODE = re.compile(r"\b[A-Z2-7]{4}-[A-Z2-7]{4}-[A-Z2-7]{5}\b")


def with_keys():
    return Path(os.environ["SEKISHO_BUILD"]).resolve() / "tests/cli/sekisho-with-software-key"


class Desk:
    """The command with a town and the keys that are plugged in."""

    def __init__(self, town):
        self.town = town
        self.keys = []

    def plug_in(self, name, **members):
        key = SoftwareKey(self.town.folder / f"{name}.json", **members)
        self.keys.append(key)
        return key

    def environment(self, language="en"):
        keys = self.keys[0].environment(*self.keys[1:]) if self.keys else {}
        return {"PATH": os.environ["PATH"], "TZ": "Asia/Tokyo", "SUDO_USER": "tanaka",
                "LANG": {"en": "C.UTF-8", "ja": "ja_JP.UTF-8"}[language], **keys}

    def command(self, *arguments):
        return [str(with_keys()), "--config", str(self.town.config), "key", "add",
                *map(str, arguments)]

    def add(self, *arguments, code=0, language="en"):
        """A run without a terminal to ask on."""
        result = subprocess.run(["setsid", "-w", *self.command(*arguments)], text=True, timeout=60,
                                stdin=subprocess.DEVNULL, capture_output=True,
                                env=self.environment(language))
        assert result.returncode == code, (arguments, result)
        assert "Sanitizer" not in result.stderr and "runtime error" not in result.stderr
        return result.stderr if code else result.stdout

    def at_terminal(self, *arguments, language="en"):
        words = self.command(*arguments)
        return pexpect.spawn(words[0], words[1:], env=self.environment(language),
                             encoding="utf-8", timeout=60)

    def add_with_pin(self, pin, *arguments, prompt="PIN of Software key", language="en"):
        """(exit code, all that was shown)"""
        person = self.at_terminal(*arguments, language=language)
        person.expect(prompt)
        shown = person.before + person.after
        person.waitnoecho()
        person.sendline(pin)
        person.expect(pexpect.EOF)
        person.close()
        shown += person.before
        assert "Sanitizer" not in shown and "runtime error" not in shown
        assert not pin or pin not in shown
        return person.exitstatus, shown

    def listed(self, user="hanako"):
        return self.town.json("key", "list", user)

    def rows(self, event):
        return [row for row in self.town.json("audit", "tail", "-n", "1000")
                if row["event"] == event]


@pytest.fixture
def desk(town):
    town.add_user("hanako", "--group", "tax")
    return Desk(town)


def configured(town, text):
    town.config.write_text(town.config.read_text() + text)


# -- add -------------------------------------------------------------------------------------------
def test_a_key_without_a_pin_is_registered_by_a_touch(desk):
    desk.plug_in("key")
    said = desk.add("hanako", "--label", "青 0042")
    assert 'registered the key "青 0042" to hanako as number 1' in said
    [key] = desk.listed()
    assert (key["id"], key["label"], key["model"]) == (1, "青 0042", MODEL)
    assert key["attestation"] == "self" and key["user_verification"] is False
    assert key["added_from"] == "console" and key["last_used_at"] is None
    assert key["last_used_from"] is None and key["suspected_at"] is None
    [shown] = desk.town.json("user", "show", "hanako")["security_keys"]
    assert shown == key
    assert desk.town.json("user", "list")[0]["second_factors"] == 1


def test_a_key_with_a_pin_is_registered_as_one_that_verifies(desk):
    desk.plug_in("key", pin="1234")
    code, shown = desk.add_with_pin("1234", "hanako")
    assert code == 0 and "tries left: 8" in shown and "touch Software key" in shown
    [key] = desk.listed()
    assert key["user_verification"] is True and key["label"] == "Software key"


def test_a_registration_is_written_down_with_the_administrators_name(desk):
    desk.plug_in("key")
    desk.add("hanako")
    [row] = desk.rows("key_add")
    assert "sudo: tanaka" in row["actor"] and row["outcome"] == "done"
    assert row["subject"] == "user:hanako" and row["source"] == "console"
    assert json.loads(row["detail"])["attestation"] == "self"


def test_a_registered_key_is_told_to_scripts(desk):
    desk.plug_in("key")
    assert json.loads(desk.add("hanako", "--label", "blue", "--json")) == {
        "done": "key_add", "user": "hanako", "key": 1, "label": "blue", "aaguid": MODEL,
        "attestation": "self", "user_verification": False}


def test_a_registration_is_told_in_japanese(desk):
    desk.plug_in("key")
    assert "鍵「青」を hanako に登録しました(番号 1)" in desk.add("hanako", "--label", "青",
                                                                  language="ja")
    assert "製造元" not in desk.town("key", "list", "hanako", "--lang", "ja")
    assert "鍵自身" in desk.town("key", "list", "hanako", "--lang", "ja")


@pytest.mark.parametrize("language,prompt,words", [
    ("en", "PIN of Software key", "the PIN is wrong; tries left: 7: run the command again"),
    ("ja", "Software key の PIN", "PIN が違います(残り 7 回)")])
def test_a_wrong_pin_costs_one_try_and_is_not_sent_again(desk, language, prompt, words):
    key = desk.plug_in("key", pin="1234")
    code, shown = desk.add_with_pin("4321", "hanako", prompt=prompt, language=language)
    assert code == 1 and words in shown
    assert key.state["pin_tries"] == 7 and desk.listed() == []


@pytest.mark.parametrize("pin,code,words", [("", 6, "cancelled"),
                                            ("12345", 1, "has 6 characters or more"),
                                            ("1" * 64, 1, "at most 63 bytes")])
def test_a_pin_that_is_none_is_never_sent(desk, pin, code, words):
    key = desk.plug_in("key", pin="123456", least_pin=6)
    exit_code, shown = desk.add_with_pin(pin, "hanako")
    assert exit_code == code and words in shown
    assert key.state.get("pin_tries", 8) == 8 and desk.listed() == []


def test_a_pin_that_is_too_short_is_told_its_least_length_in_japanese(desk):
    key = desk.plug_in("key", pin="123456", least_pin=6)
    code, shown = desk.add_with_pin("12345", "hanako", prompt="Software key の PIN", language="ja")
    assert code == 1 and "この鍵の PIN は 6 文字以上です" in shown
    assert key.state.get("pin_tries", 8) == 8 and desk.listed() == []


def test_without_a_terminal_nobody_can_be_asked_for_a_pin(desk):
    desk.plug_in("key", pin="1234")
    assert "no terminal to ask for the PIN on" in desk.add("hanako", code=6)
    assert "PIN を尋ねる端末がありません" in desk.add("hanako", code=6, language="ja")


@pytest.mark.parametrize("members,code,words", [
    ({"pin": "1234", "needs_new_pin": True}, 1, "demands a new PIN first"),
    ({"pin": "1234", "pin_tries": 0}, 1, "no tries left"),
    ({"speaks_ctap2": False}, 1, "does not know FIDO2"),
    ({"faults": ["touch_times_out"]}, 6, "nobody touched the key in time"),
    ({"faults": ["unplugged_halfway"]}, 6, "the key was pulled out"),
    ({"faults": ["garbage"]}, 1, "no sound answer"),
    ({"faults": ["full"]}, 1, "no room left")])
def test_what_a_key_cannot_do_has_its_own_words(desk, members, code, words):
    desk.plug_in("key", **members)
    assert words in desk.add("hanako", code=code)
    desk.add("hanako", code=code, language="ja")
    assert desk.listed() == []


def test_a_key_that_no_one_plugs_in_is_waited_for(desk):
    for language, words in (("en", "no security key is plugged in"),
                            ("ja", "セキュリティキーが差し込まれていません")):
        assert words in desk.add("hanako", "--wait", 0, code=6, language=language)
    key = desk.plug_in("key", attached=False)
    person = desk.at_terminal("hanako", "--wait", 60)
    person.expect(r"plug the security key in \(60 s\)")
    key.replug()
    person.expect("registered the key")
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 0 and len(desk.listed()) == 1


def test_several_keys_are_told_apart_by_number(desk):
    desk.plug_in("one", product="Blue key")
    desk.plug_in("two", product="Red key")
    said = desk.add("hanako", code=1)
    assert "several security keys are plugged in" in said and "--key" in said
    assert re.search(r"1  \S.*key", said) and re.search(r"2  \S.*key", said)
    assert "there is no security key number 3 plugged in" in desk.add("hanako", "--key", 3, code=3)
    assert desk.listed() == []
    desk.add("hanako", "--key", 2)
    [key] = desk.listed()
    assert key["label"] in said


def test_a_key_is_registered_to_one_person_once(desk):
    desk.plug_in("key")
    desk.add("hanako")
    assert "the user has registered this key already" in desk.add("hanako", code=4)
    assert "この鍵はこの利用者に登録済みです" in desk.add("hanako", code=4, language="ja")
    assert len(desk.listed()) == 1
    desk.town.add_user("taro")
    desk.add("taro")  # a credential of its own


def test_a_key_with_a_pin_is_known_again_behind_it(desk):
    desk.plug_in("key", pin="1234")
    assert desk.add_with_pin("1234", "hanako")[0] == 0
    code, shown = desk.add_with_pin("1234", "hanako")
    assert code == 4 and "the user has registered this key already" in shown
    assert len(desk.listed()) == 1


@pytest.mark.parametrize("faults,finger", [([], True), (["no_verification"], False)])
def test_a_key_that_verifies_by_itself_is_taken_at_its_signed_word(desk, faults, finger):
    desk.plug_in("key", verifies_by_itself=True, faults=faults)
    if finger:
        desk.add("hanako")
        assert desk.listed()[0]["user_verification"] is True
    else:
        assert "no sound answer" in desk.add("hanako", code=1)
        assert desk.listed() == []


def test_a_key_is_not_bound_to_who_got_the_name_while_it_blinked(desk):
    key = desk.plug_in("key", faults=["slow_touch"])
    person = desk.at_terminal("hanako")
    key.wait_until_it_blinks()
    desk.town("user", "remove", "hanako", "--yes")
    desk.town.add_user("hanako")
    key.touch()
    person.expect("there is no user hanako")
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 3 and desk.listed() == []


def test_scripts_read_json_alone_on_standard_error(desk):
    desk.plug_in("key", faults=["touch_times_out"])
    lines = [json.loads(line) for line in desk.add("hanako", "--json", code=6).splitlines()]
    assert [set(line) for line in lines] == [{"note"}, {"error", "message"}]
    assert "touch Software key" in lines[0]["note"]


def test_ctrl_c_stops_a_key_that_blinks(desk):
    key = desk.plug_in("key", faults=["slow_touch"])
    person = desk.at_terminal("hanako")
    person.expect("touch Software key")
    key.wait_until_it_blinks()
    person.sendintr()
    person.expect("cancelled; no key was registered")
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 6 and not key.state["blinking"] and desk.listed() == []


def test_sigterm_stops_it_too(desk):
    key = desk.plug_in("key", faults=["slow_touch"])
    person = desk.at_terminal("hanako")
    key.wait_until_it_blinks()
    person.kill(signal.SIGTERM)
    person.expect("cancelled; no key was registered")
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 6 and desk.listed() == []


@pytest.mark.parametrize("label", ["", "a" * 65, "a\x1b[2J", "a\u202eb"])
def test_a_label_that_is_none_is_refused_before_anybody_is_asked(desk, label):
    desk.plug_in("key", pin="1234")
    said = desk.add("hanako", "--label", label, code=1)
    assert "a key's name must be UTF-8" in said and "touch" not in said
    assert "鍵の名前は" in desk.add("hanako", "--label", label, code=1, language="ja")


def test_nobody_is_asked_for_a_user_who_is_not_there(desk):
    desk.plug_in("key")
    said = desk.add("nobody", code=3)
    assert "there is no user nobody" in said and "touch" not in said


def test_the_configured_number_of_keys_is_the_most(desk):
    configured(desk.town, "\n[security_keys]\nkeys_most = 2\n")
    for name in ("one", "two"):
        desk.keys = []
        desk.plug_in(name)
        desk.add("hanako")
    desk.keys = []
    desk.plug_in("three")
    said = desk.add("hanako", code=1)
    assert "as many keys as [security_keys] keys_most allows" in said and "touch" not in said


def test_a_key_without_a_pin_is_refused_where_verification_is_required(desk):
    configured(desk.town, '\n[security_keys]\nuser_verification = "required"\n')
    desk.plug_in("key")
    assert "a PIN is demanded and the key has none" in desk.add("hanako", code=1)


def test_a_model_that_nobody_vouches_for_is_refused_and_written_down(desk):
    anchors = desk.town.folder / "anchors"
    anchors.mkdir()
    (anchors / "ca.pem").write_bytes((desk.town.folder / "keys/ca.pem").read_bytes())
    configured(desk.town, f"""
[security_keys]
trust_anchors = "anchors"
[[security_keys.model]]
groups = ["tax"]
aaguids = ["{MODEL}"]
""")
    desk.plug_in("key")
    assert "demand another model of key" in desk.add("hanako", code=1)
    [row] = desk.rows("key_add")
    assert row["outcome"] == "denied" and "sudo: tanaka" in row["actor"]
    assert json.loads(row["detail"])["reason"] == "model_refused"
    assert desk.listed() == []


def test_trust_anchors_that_cannot_be_read_stop_a_registration_at_once(desk):
    configured(desk.town, '\n[security_keys]\ntrust_anchors = "anchors"\n')
    desk.plug_in("key")
    said = desk.add("hanako", code=5)
    assert "there is no folder" in said and "touch" not in said


def test_a_credential_is_made_for_the_portal_under_a_handle_that_tells_no_name(desk):
    key = desk.plug_in("key")
    desk.add("hanako")
    [credential] = key.state["credentials"]
    assert credential["rp_id"] == "portal.town.example"
    assert credential.get("discoverable", False) is False and len(credential["user_handle"]) == 86


@pytest.mark.parametrize("policy,level", [("preferred", 2), ("required", 3)])
def test_a_credential_hides_behind_the_pin_only_where_policy_requires_verification(desk, policy,
                                                                                   level):
    configured(desk.town, f'\n[security_keys]\nuser_verification = "{policy}"\n')
    key = desk.plug_in("key", pin="1234")
    assert desk.add_with_pin("1234", "hanako")[0] == 0
    assert key.state["credentials"][0]["protect"] == level
    assert desk.listed()[0]["user_verification"] is True


def test_a_passwordless_town_asks_the_key_to_remember_the_person(desk):
    configured(desk.town, "\n[security_keys]\npasswordless = true\n")
    key = desk.plug_in("key", pin="1234")
    assert desk.add_with_pin("1234", "hanako")[0] == 0
    assert key.state["credentials"][0]["discoverable"] is True


# -- list, rename, remove --------------------------------------------------------------------------
def test_a_person_without_keys_has_an_empty_list(desk):
    assert desk.listed() == []
    assert desk.town("key", "list", "hanako") == "no security keys\n"
    assert desk.town("key", "list", "hanako", "--lang", "ja") == "セキュリティキーはありません\n"
    desk.town.refused(3, "key", "list", "nobody")


def test_a_key_is_given_another_name(desk):
    desk.plug_in("key")
    desk.add("hanako")
    assert 'the key 1 is now "青"' in desk.town("key", "rename", 1, "青")
    assert desk.listed()[0]["label"] == "青"
    [row] = desk.rows("key_rename")
    assert "sudo: tanaka" in row["actor"] and json.loads(row["detail"])["to"] == "青"
    for label in ("", "a" * 65, "a\nb"):
        assert "a key's name must be" in desk.town.refused(1, "key", "rename", 1, label)
    assert "there is no security key 2" in desk.town.refused(3, "key", "rename", 2, "x")
    assert "セキュリティキー 2 はありません" in desk.town.refused(3, "key", "rename", 2, "x",
                                                                  "--lang", "ja")
    assert desk.listed()[0]["label"] == "青"


def sign_in(town):
    """A live session of the first user, as the gateway would have left it."""
    now = int(time.time() * 1000)
    with sqlite3.connect(town.folder / "store.db") as store:
        store.execute("INSERT INTO sessions (token_hash, user_id, assurance, factors, source, "
                      "created_at, last_seen_at, idle_limit, expires_at) "
                      "VALUES (?, 1, 2, 'password totp', '127.0.0.1', ?, ?, 900000, ?)",
                      (os.urandom(32), now, now, now + 3_600_000))


def test_a_lost_key_is_removed_by_one_command_that_ends_the_sessions(desk):
    desk.plug_in("key")
    desk.add("hanako", "--label", "lost")
    sign_in(desk.town)
    assert len(desk.town.json("session", "list")) == 1
    said = desk.town.refused(6, "key", "remove", 1)
    assert "--yes" in said and len(desk.listed()) == 1
    said = desk.town("key", "remove", 1, "--yes")
    assert "removed the key 1 of hanako" in said and "sessions ended: 1" in said
    assert desk.listed() == [] and desk.town.json("session", "list") == []
    [row] = desk.rows("key_remove")
    assert "sudo: tanaka" in row["actor"] and row["subject"] == "user:hanako"
    assert json.loads(row["detail"]) == {"key": 1, "label": "lost", "sessions_ended": 1}
    assert "there is no security key 1" in desk.town.refused(3, "key", "remove", 1, "--yes")


def test_removal_asks_with_the_owners_name_and_takes_a_yes(desk):
    desk.plug_in("key")
    desk.add("hanako", "--label", "lost")
    for answer, code, left in (("n", 6, 1), ("y", 0, 0)):
        person = pexpect.spawn(str(program()),
                               ["--config", str(desk.town.config), "key", "remove", "1"],
                               env=desk.environment(), encoding="utf-8", timeout=60)
        person.expect('Remove the key of hanako, number 1 "lost"')
        person.sendline(answer)
        person.expect(pexpect.EOF)
        person.close()
        assert person.exitstatus == code and len(desk.listed()) == left


def test_removal_is_told_to_scripts_and_in_japanese(desk):
    for name in ("one", "two"):
        desk.keys = []
        desk.plug_in(name)
        desk.add("hanako")
    assert desk.town.json("key", "remove", 1, "--yes") == {
        "done": "key_remove", "user": "hanako", "key": 1, "sessions_ended": 0}
    said = desk.town("key", "remove", 2, "--yes", "--lang", "ja")
    assert "hanako の鍵 2 を削除しました" in said and "終了したセッション: 0" in said


def test_the_command_itself_takes_no_keys_of_software(desk):
    desk.plug_in("key")
    result = desk.town.run("key", "add", "hanako", "--wait", 0,
                           env=desk.keys[0].environment())
    assert result.returncode != 0 and desk.listed() == []


# -- enroll ----------------------------------------------------------------------------------------
def test_an_enrolment_code_is_printed_with_name_end_and_place(desk):
    said = desk.town("enroll", "code", "hanako")
    [code] = CODE.findall(said)
    assert "Enrolment code of hanako, good once and until 20" in said
    assert "https://portal.town.example:8443/" in said and code
    said = desk.town("enroll", "code", "hanako", "--lang", "ja")
    assert len(CODE.findall(said)) == 1
    assert "hanako の登録コード(一度だけ、20" in said and "https://portal.town.example:8443/" in said


def stored_hash(town):
    with sqlite3.connect(town.folder / "store.db") as store:
        return store.execute("SELECT * FROM enrolment_codes").fetchall()


def test_an_enrolment_code_is_replaced_by_the_next_and_never_written_down(desk):
    first = desk.town.json("enroll", "code", "hanako")
    [before] = stored_hash(desk.town)
    second = desk.town.json("enroll", "code", "hanako")
    [after] = stored_hash(desk.town)
    assert first["code"] != second["code"] and before != after
    assert second["user"] == "hanako" and second["portal"] == "https://portal.town.example:8443"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", second["expires_at"])
    rows = desk.rows("enrolment_code_issue")
    assert len(rows) == 2 and all("sudo: tanaka" in row["actor"] for row in rows)
    text = json.dumps(rows) + str(after)
    assert second["code"] not in text and second["code"].replace("-", "") not in text


def test_an_enrolment_code_is_not_issued_to_who_could_not_use_it(desk):
    desk.town.refused(3, "enroll", "code", "nobody")
    desk.town("user", "disable", "hanako")
    assert "hanako is disabled" in desk.town.refused(1, "enroll", "code", "hanako")
    assert "先に有効にしてください" in desk.town.refused(1, "enroll", "code", "hanako", "--lang", "ja")
    assert stored_hash(desk.town) == []


def test_somebody_without_a_password_is_told_to_need_one(desk):
    desk.town("user", "add", "taro", "--no-password")
    result = desk.town.run("enroll", "code", "taro")
    assert result.returncode == 0 and "taro has no password" in result.stderr


# -- doctor ----------------------------------------------------------------------------------------
def findings(town, check, code=0):
    return [(row["health"], row["finding"]) for row in town.json("doctor", code=code)
            if row["check"] == check]


def test_doctor_tells_how_many_have_no_key_and_takes_a_key_for_a_second_factor(desk):
    desk.town.add_user("taro")
    desk.plug_in("key")
    desk.add("hanako")
    assert findings(desk.town, "security_keys") == [
        ("ok", "2 enabled users, of whom 1 have no security key")]
    [(_, warning)] = findings(desk.town, "users")
    assert warning == "1 users without a second factor: taro"


def certificate(path, days):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=maker", "-days", str(days),
                    "-keyout", "/dev/null", "-out", path], check=True, capture_output=True)


def test_doctor_finds_trust_anchors_that_are_missing_empty_broken_or_ending(desk):
    assert findings(desk.town, "trust_anchors") == []
    configured(desk.town, '\n[security_keys]\ntrust_anchors = "anchors"\n')
    folder = desk.town.folder / "anchors"

    def found(code):
        [finding] = findings(desk.town, "trust_anchors", code)
        return finding

    assert found(1) == ("failure", f"there is no folder {folder}")
    folder.mkdir()
    health, words = found(0)
    assert health == "warning" and "holds no certificate" in words
    certificate(folder / "maker.pem", 100)
    assert found(0) == ("ok", "1 makers' certificates, none of them ending soon")
    certificate(folder / "maker.pem", 89)
    health, words = found(0)
    assert health == "warning" and f"{folder}/maker.pem expires on" in words
    (folder / "maker.pem").write_text("no certificate")
    health, words = found(1)
    assert health == "failure" and "maker.pem" in words
    configured(desk.town, f'[[security_keys.model]]\ngroups = ["tax"]\naaguids = ["{MODEL}"]\n')
    (folder / "maker.pem").unlink()
    assert found(1)[0] == "failure"
