"""The programs people log in with, each with its own habits: sudo, su and sshd, all real."""

# root
# timeout: 300

import os
import subprocess
from pathlib import Path

import pytest
from processes import free_port
from seat import LinuxUser, Seat, answer_prompts, password_and_code

SSH_OPTIONS = ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
               "-o", "LogLevel=ERROR", "-o", "PubkeyAuthentication=no", "-F", "/dev/null"]


@pytest.fixture
def seat(segment):
    segment.start()
    made = Seat(segment, "zeimu-03")
    try:
        made.join()
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def person():
    made = LinuxUser()
    yield made
    made.close()


@pytest.fixture
def user(segment, seat, person):
    return segment.add_user(person.name)


# -- sudo ------------------------------------------------------------------------------------------
@pytest.fixture
def sudo(seat, person):
    """The command line by which the person runs something as root."""
    service = seat.stack()
    rules = Path(f"/etc/sudoers.d/{service}")
    rules.write_text(f"Defaults:{person.name} pam_service={service}, timestamp_timeout=0, "
                     f"passwd_tries=1, !lecture\n{person.name} ALL=(root) /usr/bin/id\n")
    rules.chmod(0o440)
    yield person.command("sudo", "/usr/bin/id", "-u")
    rules.unlink()


def test_sudo_asks_the_person_who_calls_it(seat, user, sudo):
    code = user.token.next_code()
    status, shown = answer_prompts(sudo, password_and_code(user, code))
    assert status == 0 and shown.rstrip().endswith("\n0"), shown
    status, shown = answer_prompts(sudo, password_and_code(user, code))
    assert status != 0 and "\n0\n" not in shown, shown


def test_sudo_that_cannot_ask_counts_nothing(segment, seat, user, sudo):
    for _ in range(6):
        result = subprocess.run([*sudo[:-3], "sudo", "-n", *sudo[-2:]], capture_output=True,
                                text=True, timeout=30, stdin=subprocess.DEVNULL)
        assert result.returncode != 0
    assert not [row for row in segment.audit() if row["event"].startswith("login_")]
    status, shown = answer_prompts(sudo, password_and_code(user, user.token.next_code()))
    assert status == 0, shown


# -- su --------------------------------------------------------------------------------------------
def test_su_becomes_the_other_person_with_that_persons_factors(segment, seat, person, user,
                                                               tmp_path):
    caller = LinuxUser()
    try:
        # su's service has the fixed name "su": it gets ours in a mount namespace of its own.
        stack = tmp_path / "su"
        stack.write_text(seat.stack_text())
        su = ["unshare", "--mount", "sh", "-c",
              'mount --bind "$0" /etc/pam.d/su && exec "$@"', str(stack),
              *caller.command("su", person.name, "-c", "id -un")]
        status, shown = answer_prompts(su, password_and_code(user, user.token.next_code()))
        assert status == 0 and shown.rstrip().endswith(person.name), shown
        status, shown = answer_prompts(su, password_and_code(user, user.token.wrong_code()))
        assert status != 0 and "Authentication failed." in shown, shown
    finally:
        caller.close()


# -- sshd ------------------------------------------------------------------------------------------
class Sshd:
    """A private sshd whose PAM service is its own name, as OpenSSH takes it from argv[0]."""

    def __init__(self, seat, folder, options="nodelay lang=en", methods="KbdInteractive"):
        self.service = seat.stack(options)
        self.port = free_port()
        program = folder / self.service
        program.symlink_to("/usr/sbin/sshd")
        key = folder / "host_key"
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {key}\nPidFile none\n"
            "UsePAM yes\nStrictModes no\nAuthorizedKeysFile none\nPrintMotd no\n"
            f"KbdInteractiveAuthentication {'yes' if methods == 'KbdInteractive' else 'no'}\n"
            f"PasswordAuthentication {'yes' if methods == 'Password' else 'no'}\n")
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        self.server = seat.segment.keeper.start("sshd", [program, "-D", "-e", "-f", config],
                                                seat.segment.logs / "sshd.log")
        self.server.until_listening(self.port)

    def log_in(self, name, method, answers):
        return answer_prompts(
            ["ssh", *SSH_OPTIONS, "-o", f"PreferredAuthentications={method}", "-o",
             "NumberOfPasswordPrompts=1", "-p", str(self.port), f"{name}@127.0.0.1",
             "echo came in as $(id -un)"], answers)


def test_sshd_asks_for_password_and_code(segment, seat, person, user, tmp_path):
    sshd = Sshd(seat, tmp_path)
    code = user.token.next_code()
    status, shown = sshd.log_in(person.name, "keyboard-interactive", password_and_code(user, code))
    assert status == 0 and f"came in as {person.name}" in shown, shown
    status, shown = sshd.log_in(person.name, "keyboard-interactive", password_and_code(user, code))
    assert status != 0 and "came in" not in shown, shown
    rows = [row for row in segment.audit() if row["event"] == "login_totp"]
    assert [row["outcome"] for row in rows] == ["granted", "denied"], rows


def test_sshd_asks_a_stranger_the_same_and_refuses_him_the_same(seat, person, user, tmp_path):
    sshd = Sshd(seat, tmp_path)
    seen = []
    for name, code in (("skt-nobody", "123456"), (person.name, user.token.wrong_code())):
        status, shown = sshd.log_in(name, "keyboard-interactive", password_and_code(user, code))
        assert status != 0 and "came in" not in shown, shown
        seen.append(shown.replace(name, "NAME"))
    assert seen[0] == seen[1]


def test_the_password_method_of_sshd_fails_without_a_wrong_code(segment, seat, person, user,
                                                                tmp_path):
    sshd = Sshd(seat, tmp_path, methods="Password")
    for _ in range(6):
        status, shown = sshd.log_in(person.name, "password", [("assword: $", user.password)])
        assert status != 0 and "came in" not in shown, shown
    assert not [row for row in segment.audit() if row["event"].startswith("login_")]
    assert os.path.exists(seat.socket)
