"""The terminal's door: login, su, sudo, sshd, a locker and pamtester with the built module."""
# labels: journey
# timeout: 600
# root

import os
import subprocess
import time

import pytest
from pam_room import PamRoom, run_as
from processes import free_port
from segment import program
from terminal import Terminal

# A system user that every Debian has, and root: who logs in must exist for login, su and sshd.
CLERK = "games"


@pytest.fixture
def place(segment):
    """A segment with one joined terminal, and a room for PAM services that ask it."""
    segment.start()
    terminal = Terminal(segment, "zeimu-03")
    terminal.join()
    terminal.start()
    # An ordinary user's locker must reach module and socket in this test's own folder.
    for folder in (segment.folder, *segment.folder.parents):
        if folder.is_relative_to("/tmp") and str(folder) != "/tmp":
            folder.chmod(folder.stat().st_mode | 0o011)
    room = PamRoom(segment.folder / "room")
    yield segment, terminal, room
    terminal.close()


def stack(terminal, *options):
    return (f"auth required {program('pam_sekisho.so')} socket={terminal.socket} nodelay "
            + " ".join(options), "account required pam_permit.so", "session required pam_permit.so",
            "password required pam_deny.so")


def answers(user, code):
    return {r"(?i)password[^\n]*: ?$": user.password, r"(?i)code[^\n]*: ?$": code}


def pamtester(terminal, room, user, code, as_user=None, **options):
    room.service("sekisho-test", *stack(terminal))
    command = ["pamtester", "sekisho-test", user.name, "authenticate"]
    return room.talk(run_as(as_user, *command) if as_user else command, answers(user, code),
                     **options)


def test_a_code_opens_the_terminal_once_and_a_wrong_one_never(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    assert pamtester(terminal, room, hanako, hanako.token.wrong_code())[0] != 0
    code = hanako.token.next_code()
    status, screen = pamtester(terminal, room, hanako, code)
    assert status == 0, screen
    assert pamtester(terminal, room, hanako, code)[0] != 0


def test_one_enrolment_opens_both_doors_and_a_code_only_one_of_them(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    code = hanako.token.next_code()
    segment.sign_in(hanako, code=code)
    assert pamtester(terminal, room, hanako, code)[0] != 0
    status, screen = pamtester(terminal, room, hanako, hanako.token.next_code())
    assert status == 0, screen


def test_a_wrong_password_is_refused_and_spends_no_code(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    code = hanako.token.next_code()
    right, hanako.password = hanako.password, "wrong-password"
    assert pamtester(terminal, room, hanako, code)[0] != 0
    hanako.password = right
    status, screen = pamtester(terminal, room, hanako, code)
    assert status == 0, screen


def test_a_stranger_is_asked_the_same_and_refused(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    known = pamtester(terminal, room, hanako, hanako.token.wrong_code())
    hanako.name = "nobody-here"
    unknown = pamtester(terminal, room, hanako, "123456")
    assert unknown[0] == known[0] != 0
    assert unknown[1] == known[1]


def test_a_recovery_code_opens_the_terminal_once(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    code = segment.json("recovery", "issue", "hanako")["codes"][0]
    status, screen = pamtester(terminal, room, hanako, code)
    assert status == 0, screen
    assert pamtester(terminal, room, hanako, code)[0] != 0


def test_a_disabled_user_is_refused_at_once(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    assert pamtester(terminal, room, hanako, hanako.token.next_code())[0] == 0
    segment.command("user", "disable", "hanako")
    assert pamtester(terminal, room, hanako, hanako.token.next_code())[0] != 0


def test_the_prompts_follow_the_locale(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    room.service("sekisho-test", *stack(terminal))
    command = ["pamtester", "sekisho-test", "hanako", "authenticate"]
    code = hanako.token.next_code()
    status, screen = room.talk(command, {r"パスワード[^\n]*[:：] ?$": hanako.password,
                                         r"コード[^\n]*[:：] ?$": code}, language="ja_JP.UTF-8")
    assert status == 0, screen


def test_sudo_asks_for_the_callers_second_factor(place):
    segment, terminal, room = place
    clerk = segment.add_user(CLERK)
    room.service("sudo", *stack(terminal))
    room.put_over("/etc/sudoers", f"Defaults timestamp_timeout=0, passwd_tries=1\n{CLERK} ALL=(ALL:ALL) ALL\n",
                  0o440)
    command = run_as(CLERK, "sudo", "-k", "id", "-u")
    assert room.talk(command, {**answers(clerk, clerk.token.wrong_code())}, timeout=60)[0] != 0
    status, screen = room.talk(command, answers(clerk, clerk.token.next_code()))
    assert status == 0 and screen.rstrip().endswith("0"), screen


def test_su_asks_for_the_targets_second_factor(place):
    segment, terminal, room = place
    root = segment.add_user("root")
    room.service("su", *stack(terminal))
    command = run_as(CLERK, "su", "root", "-c", "id -u")
    assert room.talk(command, answers(root, root.token.wrong_code()))[0] != 0
    status, screen = room.talk(command, answers(root, root.token.next_code()))
    assert status == 0 and screen.rstrip().endswith("0"), screen


def test_login_on_a_console_opens_a_shell(place):
    segment, terminal, room = place
    root = segment.add_user("root")
    room.service("login", *stack(terminal))
    _, screen = room.talk(["login", "root"], answers(root, root.token.next_code()), last=r"[#$] $")
    assert screen.rstrip().endswith(("#", "$")), screen
    _, screen = room.talk(["timeout", "8", "login", "root"],
                          answers(root, root.token.wrong_code()), last=r"(?i)incorrect|[#$] $")
    assert "ncorrect" in screen, screen


@pytest.fixture
def sshd(place):
    segment, terminal, room = place
    room.service("sshd", *stack(terminal))
    folder, port = segment.folder / "sshd", free_port()
    folder.mkdir()
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder / "key"], check=True)
    (folder / "config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder}/key\nPidFile {folder}/pid\n"
        "UsePAM yes\nKbdInteractiveAuthentication yes\nPasswordAuthentication no\n"
        "PubkeyAuthentication no\nPermitRootLogin yes\nStrictModes no\nPrintMotd no\n")
    os.makedirs("/run/sshd", exist_ok=True)
    child = segment.keeper.start(
        "sshd", room.command("/usr/sbin/sshd", "-D", "-e", "-f", folder / "config"),
        segment.logs / "sshd.log")
    child.until_listening(port)
    return port


def ssh(room, port, user, code):
    command = ["ssh", "-p", port, "-F", "none", "-o", "StrictHostKeyChecking=no", "-o",
               "UserKnownHostsFile=/dev/null", "-o", "NumberOfPasswordPrompts=1", "-o",
               "PreferredAuthentications=keyboard-interactive", f"{user.name}@127.0.0.1", "id", "-u"]
    return room.talk(command, answers(user, code))


def test_sshd_asks_through_keyboard_interactive(place, sshd):
    segment, _, room = place
    root = segment.add_user("root")
    assert ssh(room, sshd, root, root.token.wrong_code())[0] != 0
    status, screen = ssh(room, sshd, root, root.token.next_code())
    assert status == 0 and screen.rstrip().endswith("0"), screen
    [row] = [row for row in segment.audit() if row["event"] == "login_totp"
             and row["outcome"] == "granted"]
    assert "sshd" in str(row["detail"]) and "127.0.0.1" in str(row["detail"])


def test_a_locker_runs_as_the_user_and_only_for_that_user(place):
    segment, terminal, room = place
    clerk, hanako = segment.add_user(CLERK), segment.add_user("hanako")
    status, screen = pamtester(terminal, room, clerk, clerk.token.next_code(), as_user=CLERK)
    assert status == 0, screen
    assert pamtester(terminal, room, hanako, hanako.token.next_code(), as_user=CLERK)[0] != 0
    # The refused login never reached the gateway: the code is unspent.
    assert pamtester(terminal, room, hanako, hanako.token.next_code())[0] == 0


def test_without_a_gateway_a_login_is_refused_in_time_and_told_why(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    segment.stop()
    begun = time.monotonic()
    status, screen = pamtester(terminal, room, hanako, "123456")
    assert status != 0 and time.monotonic() - begun < 15
    assert "gateway" in screen.lower(), screen


def test_without_an_agent_a_login_is_refused_and_told_why(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    terminal.agent.stop()
    segment.keeper.children.remove(terminal.agent)
    status, screen = pamtester(terminal, room, hanako, "123456")
    assert status != 0 and "cannot be reached" in screen, screen


def test_the_next_gateway_is_asked_when_the_first_does_not_answer(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    terminal.agent.stop()
    segment.keeper.children.remove(terminal.agent)
    # An address of the loopback network at which nobody listens comes first.
    text = terminal.config.read_text().replace(
        'gateways = [', f'gateways = ["https://127.0.0.9:{segment.terminal_port}", ')
    terminal.config.write_text(text)
    terminal.start()
    status, screen = pamtester(terminal, room, hanako, hanako.token.next_code())
    assert status == 0, screen


def test_a_revoked_terminal_is_refused_at_once(place):
    segment, terminal, room = place
    hanako = segment.add_user("hanako")
    assert pamtester(terminal, room, hanako, hanako.token.next_code())[0] == 0
    segment.command("terminal", "revoke", "zeimu-03")
    assert pamtester(terminal, room, hanako, hanako.token.next_code())[0] != 0
