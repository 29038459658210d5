"""The programs people log in with, each with its own habits: sudo, su, login and sshd, all real,
with the PAM services that packaging/pam ships."""

# labels: journey threads
# root
# timeout: 300

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from pam_room import shipped_comment
from processes import free_port
from seat import LinuxUser, answer_prompts, password_and_code

SSH_OPTIONS = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
               "-o", "LogLevel=ERROR", "-o", "IdentitiesOnly=yes", "-F", "/dev/null"]


def pamtester(room, service, name, answers):
    return answer_prompts(room.command("pamtester", service, name, "authenticate"), answers)


@pytest.mark.parametrize("service", ["gdm-password", "screen-locker", "login", "sshd", "su", "sudo",
                                     "sudo-i", "including"])
def test_no_shipped_service_opens_without_the_code(seat, room, person, user, service):
    room.service("including", "@include sekisho-auth")
    status, shown = pamtester(room, service, person.name,
                              password_and_code(user, user.token.wrong_code()))
    # su asks root nothing, which pamtester is here: its journey is below.
    assert (status == 0) == (service == "su"), shown
    status, shown = pamtester(room, service, person.name,
                              password_and_code(user, user.token.next_code()))
    assert status == 0, shown
    seat.agent.stop()
    if service != "su":
        status, shown = pamtester(room, service, person.name, [])
        assert status != 0, shown


# -- sudo ------------------------------------------------------------------------------------------
@pytest.fixture
def sudo(room, person):
    """Makes the command line by which the person runs something as root."""
    room.put_over("/etc/sudoers", "\n".join(
        [*shipped_comment("sudo", "Defaults"), "Defaults !lecture, passwd_tries=1",
         "root ALL=(ALL) ALL", f"{person.name} ALL=(root) ALL", ""]), 0o440)
    return lambda *options: room.command(*person.command("sudo", *options, "/usr/bin/id", "-u"))


@pytest.mark.parametrize("options", [[], ["-i"]], ids=["sudo", "sudo -i"])
def test_sudo_asks_the_person_who_calls_it(seat, user, sudo, options):
    code = user.token.next_code()
    status, shown = answer_prompts(sudo(*options), password_and_code(user, code))
    assert status == 0 and shown.rstrip().endswith("\n0"), shown
    status, shown = answer_prompts(sudo(*options), password_and_code(user, code))
    assert status != 0 and "\n0\n" not in shown, shown


def test_sudo_that_cannot_ask_counts_nothing(segment, seat, user, sudo):
    for _ in range(6):
        result = subprocess.run(sudo("-n"), capture_output=True, text=True, timeout=30,
                                stdin=subprocess.DEVNULL)
        assert result.returncode != 0
    assert not [row for row in segment.audit() if row["event"].startswith("login_")]
    status, shown = answer_prompts(sudo(), password_and_code(user, user.token.next_code()))
    assert status == 0, shown


# -- su --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("options", [[], ["-"]], ids=["su", "su -"])
def test_su_becomes_the_other_person_with_that_persons_factors(room, person, user, options):
    caller = LinuxUser()
    try:
        su = room.command(*caller.command("su", *options, person.name, "-c", "id -un"))
        status, shown = answer_prompts(su, password_and_code(user, user.token.next_code()))
        assert status == 0 and shown.rstrip().endswith(person.name), shown
        status, shown = answer_prompts(su, password_and_code(user, user.token.wrong_code()))
        assert status != 0 and "Authentication failed." in shown, shown
    finally:
        caller.close()


# -- login -----------------------------------------------------------------------------------------
def log_in_at_the_console(room, name, answers):
    """login(1) as getty starts it, as root, with one try; the shell says who came in, and ends."""
    room.put_over("/etc/login.defs", re.sub(r"(?m)^(LOGIN_RETRIES\s+)\d+", r"\g<1>1",
                                            Path("/etc/login.defs").read_text()))
    shell = [(r"\$ $", "echo came in as $(id -un); exit")]
    return answer_prompts(room.command("login", name), answers + shell)


def test_login_opens_the_console_with_password_and_code(segment, room, person, user):
    code = user.token.next_code()
    status, shown = log_in_at_the_console(room, person.name, password_and_code(user, code))
    assert status == 0 and f"came in as {person.name}\n" in shown, shown
    assert user.password not in shown and code not in shown


def test_login_refuses_a_wrong_code_and_a_wrong_password(room, person, user):
    for code, password in ((user.token.wrong_code(), user.password),
                           (user.token.next_code(), "wrong")):
        _, shown = log_in_at_the_console(room, person.name,
                                         password_and_code(user, code, password))
        assert "Authentication failed." in shown and "came in" not in shown, shown
        assert "Maximum number of tries exceeded" in shown, shown  # login's status is 0 even so


def test_without_an_agent_login_opens_to_nobody_not_even_root(seat, room, person, user):
    seat.agent.stop()
    for name in (person.name, "root"):
        _, shown = log_in_at_the_console(room, name, [])
        assert "cannot be reached" in shown and "assword" not in shown, shown
        assert "Maximum number of tries exceeded" in shown, shown


# -- sshd ------------------------------------------------------------------------------------------
AS_SHIPPED = tuple(shipped_comment("sshd", "UsePAM"))
WITH_A_KEY = (*AS_SHIPPED[:-1], *shipped_comment("sshd", "AuthenticationMethods publickey"))
BY_PASSWORD = ("UsePAM yes", "KbdInteractiveAuthentication no", "PasswordAuthentication yes")


class Sshd:
    """A private sshd in the room, with a key that it takes for everybody's."""

    def __init__(self, room, settings=AS_SHIPPED):
        self.port = free_port()
        host_key, self.key = room.seat.public / "host_key", room.seat.public / "persons_key"
        for key in (host_key, self.key):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        config = room.folder / "sshd_config"
        config.write_text("\n".join([
            *settings, f"Port {self.port}", "ListenAddress 127.0.0.1", f"HostKey {host_key}",
            "PidFile none", "StrictModes no", f"AuthorizedKeysFile {self.key}.pub", "PrintMotd no",
            ""]))
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        segment = room.seat.segment
        self.server = segment.keeper.start(
            "sshd", room.command("/usr/sbin/sshd", "-D", "-e", "-f", config),
            segment.logs / "sshd.log")
        self.server.until_listening(self.port)

    def log_in(self, name, methods, answers):
        return answer_prompts(
            ["ssh", *SSH_OPTIONS, "-i", str(self.key), "-o", f"PreferredAuthentications={methods}",
             "-o", "NumberOfPasswordPrompts=1", "-p", str(self.port), f"{name}@127.0.0.1",
             "echo came in as $(id -un)"], answers)


@pytest.mark.parametrize("settings", [AS_SHIPPED, WITH_A_KEY], ids=["code", "key and code"])
def test_a_key_alone_opens_nothing(room, person, user, settings):
    sshd = Sshd(room, settings)
    status, shown = sshd.log_in(person.name, "publickey", [])
    assert status != 0 and "came in" not in shown, shown
    methods = "keyboard-interactive" if settings == AS_SHIPPED else "publickey,keyboard-interactive"
    status, shown = sshd.log_in(person.name, methods,
                                password_and_code(user, user.token.next_code()))
    assert status == 0 and f"came in as {person.name}" in shown, shown


def test_sshd_asks_for_password_and_code(segment, room, person, user):
    sshd = Sshd(room)
    code = user.token.next_code()
    status, shown = sshd.log_in(person.name, "keyboard-interactive", password_and_code(user, code))
    assert status == 0 and f"came in as {person.name}" in shown, shown
    status, shown = sshd.log_in(person.name, "keyboard-interactive", password_and_code(user, code))
    assert status != 0 and "came in" not in shown, shown
    rows = [row for row in segment.audit() if row["event"] == "login_totp"]
    assert [row["outcome"] for row in rows] == ["granted", "denied"], rows


def test_sshd_asks_a_stranger_the_same_and_refuses_him_the_same(room, person, user):
    sshd = Sshd(room)
    seen = []
    for name, code in (("skt-nobody", "123456"), (person.name, user.token.wrong_code())):
        status, shown = sshd.log_in(name, "keyboard-interactive", password_and_code(user, code))
        assert status != 0 and "came in" not in shown, shown
        seen.append(shown.replace(name, "NAME"))
    assert seen[0] == seen[1]


def test_the_password_method_of_sshd_fails_without_a_wrong_code(segment, seat, room, person, user):
    sshd = Sshd(room, BY_PASSWORD)
    for _ in range(6):
        status, shown = sshd.log_in(person.name, "password", [("assword: $", user.password)])
        assert status != 0 and "came in" not in shown, shown
    reasons = {json.loads(row["detail"])["reason"] for row in segment.audit()
               if row["event"].startswith("login_") and row["outcome"] != "granted"}
    assert reasons == {"no_code"}
    assert os.path.exists(seat.socket)
