"""People: added, shown, changed, locked out, removed."""

import os
import subprocess

import pexpect
import pytest

from conftest import PASSWORD, program


def test_a_user_is_added_with_name_and_groups_and_shown(town):
    town.add_user("hanako", "--display-name", "関所花子", "--group", "tax", "--group", "resident")
    [user] = town.json("user", "list")
    assert user["name"] == "hanako" and user["display_name"] == "関所花子"
    assert user["groups"] == ["resident", "tax"] and user["enabled"] is True
    assert user["second_factors"] == 0 and user["last_login_at"] is None
    shown = town("user", "show", "hanako", env={"LANG": "ja_JP.UTF-8"})
    assert "関所花子" in shown and "TOTP 認証器はありません" in shown


def test_a_name_that_is_taken_is_a_conflict(town):
    town.add_user("hanako")
    said = town.refused(4, "user", "add", "hanako", "--password-stdin", input=PASSWORD + "\n")
    assert "there is a user hanako already" in said


@pytest.mark.parametrize("name", ["-x", "--help-me", ".hidden", "a b", "a\nb", "a\x1b[2J", "関所", "",
                                  "a" * 65, "../etc", "a;b", "\u202eevil"])
def test_a_name_that_could_do_harm_is_refused(town, name):
    said = town.refused(1, "user", "add", "--password-stdin", "--", name, input=PASSWORD + "\n")
    assert "must be 1 to 64 of" in said and "\x1b" not in said
    assert town.json("user", "list") == []


def test_a_name_that_looks_like_an_option_is_a_usage_error(town):
    said = town.refused(2, "user", "add", "-x", "--password-stdin", input=PASSWORD + "\n")
    assert "--help" in said


@pytest.mark.parametrize("display", ["a\nb", "\x1b]0;x\x07", "\u202eabc", "あ" * 43])
def test_a_display_name_with_control_characters_or_too_long_is_refused(town, display):
    town.refused(1, "user", "add", "taro", "--display-name", display, "--password-stdin",
                 input=PASSWORD + "\n")
    assert town.json("user", "list") == []


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaa", "password", "xy" * 150])
def test_a_refused_password_leaves_no_user_behind(town, password):
    town.refused(1, "user", "add", "hanako", "--password-stdin", input=password + "\n")
    assert town.json("user", "list") == []
    assert "user_add" not in town.events()


def test_a_password_is_never_taken_from_the_command_line(town):
    town.refused(2, "user", "add", "hanako", "--password", PASSWORD)
    town.refused(2, "user", "add", "hanako", PASSWORD)


def test_without_a_terminal_nobody_can_be_asked_for_a_password(town):
    result = subprocess.run(
        ["setsid", str(program()), "--config", str(town.config), "user", "add", "hanako"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert result.returncode == 6 and "use --password-stdin" in result.stderr
    assert town.json("user", "list") == []


def test_a_password_is_asked_for_twice_and_not_shown(town):
    person = pexpect.spawn(str(program()), ["--config", str(town.config), "user", "add", "hanako"],
                           env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}, encoding="utf-8",
                           timeout=30)
    person.expect("New password of hanako: ")
    person.waitnoecho()
    person.sendline(PASSWORD)
    person.expect("Once more: ")
    person.waitnoecho()
    person.sendline(PASSWORD)
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == 0 and PASSWORD not in (person.before or "")


@pytest.mark.parametrize("more,code,words", [
    (("add", "hanako"), 4, "there is a user hanako already"),
    (("add", "a b"), 1, "must be 1 to 64 of"),
    (("add", "taro", "--group", "a b"), 1, "a group name must be"),
    (("passwd", "nobody"), 3, "there is no user nobody")])
def test_nobody_types_a_password_for_a_name_that_is_refused(town, more, code, words):
    town.add_user("hanako")
    before = town.events()
    person = pexpect.spawn(str(program()), ["--config", str(town.config), "user", *more],
                           env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}, encoding="utf-8",
                           timeout=30)
    person.expect(pexpect.EOF)
    person.close()
    assert person.exitstatus == code and words in person.before
    assert "assword" not in person.before
    assert town.events() == before


def test_two_different_passwords_and_ctrl_c_change_nothing(town):
    for answers, code in ((["one password", "other password"], 1), (["\x03"], 6)):
        person = pexpect.spawn(str(program()),
                               ["--config", str(town.config), "user", "add", "hanako"],
                               env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}, encoding="utf-8",
                               timeout=30)
        for prompt, answer in zip(("New password", "Once more"), answers):
            person.expect(prompt)
            person.waitnoecho()
            person.send(answer + ("" if answer == "\x03" else "\n"))
        person.expect(pexpect.EOF)
        person.close()
        assert person.exitstatus == code
    assert town.json("user", "list") == []


def test_groups_change_all_together_or_not_at_all(town):
    town.add_user("hanako", "--group", "tax")
    town("user", "groups", "hanako", "--add", "resident", "--remove", "tax")
    assert town.json("user", "show", "hanako")["groups"] == ["resident"]
    town.refused(4, "user", "groups", "hanako", "--add", "new", "--add", "resident")
    town.refused(3, "user", "groups", "hanako", "--add", "new", "--remove", "tax")
    assert town.json("user", "show", "hanako")["groups"] == ["resident"]


def test_a_user_is_disabled_and_enabled_once(town):
    town.add_user()
    town("user", "disable", "hanako")
    assert town.json("user", "list")[0]["enabled"] is False
    town.refused(4, "user", "disable", "hanako")
    town("user", "enable", "hanako")
    town.refused(4, "user", "enable", "hanako")


def test_a_user_is_not_removed_without_a_yes(town):
    town.add_user()
    said = town.refused(6, "user", "remove", "hanako")
    assert "--yes" in said
    assert len(town.json("user", "list")) == 1
    for answer, code, left in (("n", 6, 1), ("maybe\nmaybe\nmaybe", 6, 1), ("y", 0, 0)):
        person = pexpect.spawn(str(program()),
                               ["--config", str(town.config), "user", "remove", "hanako"],
                               env={"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}, encoding="utf-8",
                               timeout=30)
        person.expect("cannot be undone")
        person.sendline(answer)
        person.expect(pexpect.EOF)
        person.close()
        assert person.exitstatus == code
        assert len(town.json("user", "list")) == left


def test_yes_answers_for_a_script(town):
    town.add_user()
    town("user", "remove", "hanako", "--yes")
    assert town.json("user", "list") == []
    town.refused(3, "user", "remove", "hanako", "--yes")


def test_users_with_the_names_of_commands_are_ordinary_users(town):
    for name in ("list", "add", "totp", "user", "help"):
        town.add_user(name)
    assert town.json("user", "show", "list")["name"] == "list"
    assert town.json("user", "show", "totp")["name"] == "totp"
    town("user", "disable", "add")


@pytest.mark.parametrize("command", [("show",), ("passwd", "--password-stdin"), ("disable",),
                                     ("enable",), ("unlock",), ("remove", "--yes")])
def test_a_user_who_is_not_there_is_not_found(town, command):
    said = town.refused(3, "user", command[0], "nobody", *command[1:], input=PASSWORD + "\n")
    assert "there is no user nobody" in said


def test_every_change_is_in_the_audit_log_with_the_administrators_name(town):
    town.add_user()
    town("user", "passwd", "hanako", "--password-stdin", input=PASSWORD + "!\n")
    town("user", "rename", "hanako", "--display-name", "峠花子")
    town("user", "groups", "hanako", "--add", "tax")
    town("user", "disable", "hanako")
    town("user", "enable", "hanako")
    town("user", "unlock", "hanako")
    town("user", "remove", "hanako", "--yes")
    rows = town.json("audit", "tail", "-n", "100")
    assert [row["event"] for row in rows] == [
        "init", "user_add", "user_password", "user_password", "user_rename", "group_add",
        "user_disable", "user_enable", "user_unlock", "user_remove"]
    assert len({row["actor"] for row in rows}) == 1
    if os.getuid() == 0:  # only from root is SUDO_USER believed
        assert rows[0]["actor"] == "admin:root (sudo: tanaka)"
    assert {row["subject"] for row in rows[1:]} == {"user:hanako"}
    assert {row["outcome"] for row in rows} == {"done"}
