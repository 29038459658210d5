"""A terminal and its people: the real module, agent and gateway, through libpam by pamtester."""

# root
# timeout: 600

import os
import re
import signal
import subprocess
import time

import pexpect
import pytest
from seat import LinuxUser, Seat, answer_prompts, password_and_code
from segment import program


@pytest.fixture
def locks_without_delays(segment):
    """For what must not depend on how long an attempt takes."""
    segment.settings["throttle"] = {"backoff_from": 100}


@pytest.fixture
def seat(segment):
    segment.start()
    with Seat(segment, "zeimu-03") as made:
        yield made


@pytest.fixture
def hanako(segment, seat):
    return segment.add_user("hanako", display="関所 花子")


def pamtester(service, user, answers, **options):
    return answer_prompts(["pamtester", service, user, "authenticate"], answers, **options)


def test_a_code_opens_the_terminal_once(segment, seat, hanako):
    service = seat.stack()
    code = hanako.token.next_code()
    status, shown = pamtester(service, "hanako", password_and_code(hanako, code))
    assert status == 0, shown
    assert hanako.password not in shown and code not in shown
    status, shown = pamtester(service, "hanako", password_and_code(hanako, code))
    assert status != 0 and "Authentication failed." in shown, shown
    status, shown = pamtester(service, "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown
    assert "Last login" in shown and "Failed attempts since then: 1" in shown, shown


def test_a_wrong_code_a_wrong_password_and_a_stranger_are_refused_alike(segment, seat, hanako):
    service = seat.stack()
    answers = []
    for user, password, code in (("hanako", hanako.password, hanako.token.wrong_code()),
                                 ("hanako", "wrong", hanako.token.next_code()),
                                 ("nobody-here", "wrong", "123456")):
        status, shown = pamtester(service, user, password_and_code(hanako, code, password))
        assert status != 0
        answers.append(shown)
    assert len(set(answers)) == 1, answers


@pytest.mark.usefixtures("locks_without_delays")
def test_from_afar_a_stranger_sees_what_a_known_user_sees_however_often(segment, seat, hanako):
    # sshd gives junk for whatever a stranger answers; what a known user answers it passes on.
    service = seat.stack()
    afar = ["pamtester", "-I", "rhost=192.0.2.7", service]
    seen = {"hanako": [], "nobody-here": []}
    for _ in range(6):
        for user, code in (("hanako", hanako.token.wrong_code()), ("nobody-here", "INCORR")):
            status, shown = answer_prompts([*afar, user, "authenticate"],
                                           password_and_code(hanako, code, "INCORRECT"))
            assert status != 0
            seen[user].append(re.sub(r"\d\d:\d\d", "HH:MM", shown.replace(user, "NAME")))
    assert seen["hanako"] == seen["nobody-here"]
    assert ["Locked" in shown for shown in seen["hanako"]] == [False] * 5 + [True], seen


def test_from_afar_a_password_for_the_code_prompt_does_not_travel_but_counts(segment, seat, hanako):
    service = seat.stack()
    status, shown = answer_prompts(
        ["pamtester", "-I", "rhost=192.0.2.7", service, "hanako", "authenticate"],
        password_and_code(hanako, hanako.password))
    assert status != 0 and "Authentication failed." in shown, shown
    rows = [(row["event"], row["outcome"]) for row in segment.audit()
            if row["event"].startswith("login_")]
    assert rows == [("login_password", "granted"), ("login_totp", "denied")], rows


def test_a_recovery_code_opens_the_terminal_once(segment, seat, hanako):
    service = seat.stack()
    code = segment.json("recovery", "issue", "hanako")["codes"][0]
    status, shown = pamtester(service, "hanako", password_and_code(hanako, code))
    assert status == 0, shown
    status, shown = pamtester(service, "hanako", password_and_code(hanako, code))
    assert status != 0, shown


def test_prompts_are_in_the_language_of_the_session(segment, seat, hanako):
    service = seat.stack()
    japanese = [("パスワード: $", hanako.password),
                (r"確認コード[^\n]*予備コード[^\n]*: $", hanako.token.wrong_code())]
    status, shown = pamtester(service, "hanako", japanese, locale="ja_JP.UTF-8")
    assert status != 0 and "認証できませんでした。" in shown, shown
    overruled = seat.stack("nodelay lang=ja")
    status, shown = pamtester(overruled, "hanako",
                              [(japanese[0][0], hanako.password),
                               (japanese[1][0], hanako.token.next_code())])
    assert status == 0, shown


def test_a_password_for_the_code_prompt_neither_travels_nor_counts(segment, seat, hanako):
    service = seat.stack()
    for _ in range(6):
        status, shown = pamtester(service, "hanako", [("assword[^\n]*: $", hanako.password)] +
                                  [("code[^\n]*: $", hanako.password)] * 2)
        assert status != 0 and "A one-time code is 6 or 8 digits." in shown, shown
    assert not [row for row in segment.audit() if row["event"].startswith("login_")]
    status, shown = pamtester(service, "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown


def test_who_proved_the_password_is_told_of_the_lock(segment, seat, hanako):
    service = seat.stack()
    shown = ""
    for _ in range(12):
        status, shown = pamtester(service, "hanako",
                                  password_and_code(hanako, hanako.token.wrong_code()))
        assert status != 0
        if "Locked after too many failures" in shown:
            break
    assert re.search(r"Locked after too many failures until (\d{4}-\d\d-\d\d )?\d\d:\d\d", shown)
    status, shown = pamtester(service, "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status != 0, shown
    segment.command("user", "unlock", "hanako")
    status, shown = pamtester(service, "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown


def test_a_locker_runs_as_the_person_and_asks_about_nobody_else(segment, seat):
    service = seat.stack()
    person, other = LinuxUser(), LinuxUser()
    try:
        user = segment.add_user(person.name)
        segment.add_user(other.name)
        status, shown = answer_prompts(
            person.command("pamtester", service, person.name, "authenticate"),
            password_and_code(user, user.token.next_code()))
        assert status == 0, shown
        for victim in (other.name, "root"):
            status, shown = answer_prompts(
                person.command("pamtester", service, victim, "authenticate"),
                password_and_code(user, user.token.next_code()))
            assert status != 0 and "Only your own user" in shown, shown
    finally:
        person.close()
        other.close()


@pytest.mark.parametrize("locale, text", [("C.UTF-8", "gateway cannot be reached"),
                                          ("ja_JP.UTF-8", "認証サーバーに接続できません")])
def test_a_gateway_that_is_down_means_refusal_with_its_own_words(segment, seat, hanako, locale,
                                                                 text):
    service = seat.stack()
    segment.kill()
    start = time.monotonic()
    status, shown = pamtester(service, "hanako", [], locale=locale)
    assert status != 0 and text in shown, shown
    assert time.monotonic() - start < 5


def test_a_gateway_that_hangs_is_given_up_in_two_seconds(segment, seat, hanako):
    service = seat.stack()
    segment.gateway.signal(signal.SIGSTOP)
    try:
        start = time.monotonic()
        status, shown = pamtester(service, "hanako", [])
        took = time.monotonic() - start
    finally:
        segment.gateway.signal(signal.SIGCONT)
    assert status != 0 and "gateway cannot be reached" in shown, shown
    assert 1.9 < took < 5, took


def test_the_next_gateway_in_the_list_is_tried(segment, seat, hanako):
    dead = "https://127.0.0.1:9"
    seat.restart(gateways=[dead, seat.gateway])
    status, shown = pamtester(seat.stack(), "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown


def test_without_an_agent_nobody_passes(segment, seat, hanako):
    service = seat.stack()
    seat.agent.stop()
    segment.keeper.children.remove(seat.agent)
    status, shown = pamtester(service, "hanako", [])
    assert status != 0 and "authentication service of this terminal" in shown, shown
    assert not seat.socket.exists()


def test_a_misspelt_option_lets_nobody_in(segment, seat, hanako):
    status, shown = pamtester(seat.stack("nodelay nullok"), "hanako", [])
    assert status != 0, shown


def test_a_revoked_terminal_is_refused_at_once(segment, seat, hanako):
    service = seat.stack()
    status, shown = pamtester(service, "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown
    segment.command("terminal", "revoke", seat.name)
    status, shown = pamtester(service, "hanako", [])
    assert status != 0 and "revoked" in shown, shown


def test_no_secret_is_in_the_agents_log(segment, seat, hanako):
    service = seat.stack("nodelay debug")
    code = hanako.token.next_code()
    for password in (hanako.password, "another password"):
        pamtester(service, "hanako", password_and_code(hanako, code, password))
    log = seat.agent.written()
    assert '"event":"login"' in log
    for secret in (hanako.password, "another password", code):
        assert secret not in log


def test_the_agent_stops_when_asked_while_somebody_types(segment, seat, hanako):
    screen = pexpect.spawn("pamtester", [seat.stack(), "hanako", "authenticate"],
                           encoding="utf-8", timeout=20, env={**os.environ, "LC_ALL": "C.UTF-8"})
    screen.expect("assword[^\n]*: $")
    start = time.monotonic()
    code = seat.agent.stop()
    segment.keeper.children.remove(seat.agent)
    assert code == 0 and time.monotonic() - start < 8
    screen.sendline("whatever")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus != 0


def agent(*arguments, input=None):
    return subprocess.run([str(part) for part in (program("sekisho-agent"), *arguments)],
                          capture_output=True, text=True, timeout=60, input=input)


def test_joining_writes_the_first_configuration_and_happens_once(segment, tmp_path):
    segment.start()
    added = segment.json("terminal", "add", "zeimu-09")
    config = tmp_path / "etc" / "agent.toml"
    config.parent.mkdir()
    config.write_text(f'gateways = ["https://127.0.0.1:{segment.terminal_port}"]\n'
                      f'state = "{tmp_path}/state"\n')
    line = ["join", "--config", config, "--gateway", f"https://127.0.0.1:{segment.terminal_port}",
            "--ca-fingerprint"]
    wrong = agent(*line, "0" * 64, "--token", added["token"])
    assert wrong.returncode == 1 and "nothing was sent" in wrong.stderr, wrong
    unjoined = agent("run", "--config", config)
    assert unjoined.returncode == 1 and "has not joined" in unjoined.stderr, unjoined
    joined = agent(*line, added["ca_fingerprint"], "--token", "-", input=added["token"] + "\n")
    assert joined.returncode == 0 and "zeimu-09" in joined.stdout, joined
    assert (tmp_path / "state/terminal.key").stat().st_mode & 0o777 == 0o600
    again = agent(*line, added["ca_fingerprint"], "--token", added["token"])
    assert again.returncode == 1 and "--replace" in again.stderr, again
    spent = agent(*line, added["ca_fingerprint"], "--token", added["token"], "--replace")
    assert spent.returncode == 1 and "token" in spent.stderr, spent
    status = agent("status", "--config", config)
    assert status.returncode == 0 and "zeimu-09" in status.stdout, status  # the old pair works on
    segment.kill()
    status = agent("status", "--config", config)
    assert status.returncode == 1 and "no gateway serves" in status.stderr, status

    other = agent("join", "--config", config, "--gateway", "https://127.0.0.1:9", *line[5:],
                  added["ca_fingerprint"], "--token", added["token"], "--replace")
    assert other.returncode == 1 and "names other gateways" in other.stderr, other

    fresh = tmp_path / "not" / "yet" / "agent.toml"
    refused = agent("join", "--config", fresh, *line[3:], added["ca_fingerprint"], "--token", "x")
    assert refused.returncode == 1 and not fresh.exists(), refused


def test_the_first_configuration_is_written_once_joined_and_the_agents_user_can_read_it(segment,
                                                                                        tmp_path):
    segment.start()
    added = segment.json("terminal", "add", "zeimu-10")
    # State is beside the configuration only when that says so: a namespace of its own keeps
    # /var/lib of this machine as it is.
    config = tmp_path / "etc" / "agent.toml"
    join = ["unshare", "--mount", "sh", "-c", 'umask 077; mount -t tmpfs none /var/lib && exec "$@"',
            "sh", program("sekisho-agent"), "join", "--config", config, "--ca-fingerprint",
            added["ca_fingerprint"], "--token", "-"]

    def outcome(gateway, locale="C.UTF-8"):
        return subprocess.run([str(part) for part in [*join, "--gateway", gateway]], text=True,
                              input=added["token"], capture_output=True, timeout=60,
                              env={**os.environ, "LC_ALL": locale})
    failed = outcome("https://127.0.0.1:9", "ja_JP.UTF-8")
    assert failed.returncode == 1 and "接続できません" in failed.stderr, failed
    assert not config.exists()
    joined = outcome(f"https://127.0.0.1:{segment.terminal_port}", "ja_JP.UTF-8")
    assert joined.returncode == 0 and "参加しました: zeimu-10。" in joined.stdout, joined
    assert f"https://127.0.0.1:{segment.terminal_port}" in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o644
    assert config.parent.stat().st_mode & 0o777 == 0o755


def test_a_token_is_typed_without_being_shown(segment, tmp_path):
    screen = pexpect.spawn(str(program("sekisho-agent")),
                           ["join", "--config", str(tmp_path / "agent.toml"), "--gateway",
                            "https://127.0.0.1:9", "--ca-fingerprint", "0" * 64, "--token", "-"],
                           encoding="utf-8", timeout=20, env={**os.environ, "LC_ALL": "C.UTF-8"})
    screen.expect("Join token: $")
    screen.sendline("ABCD-not-a-token")
    screen.expect(pexpect.EOF)
    screen.close()
    assert screen.exitstatus == 1 and "26 letters" in screen.before, screen.before
    assert "ABCD" not in screen.before


def test_a_terminal_that_joined_again_serves_without_a_restart(segment, seat, hanako):
    service = seat.stack()
    added = segment.json("terminal", "add", seat.name, "--again")
    status, shown = pamtester(service, "hanako", [])
    assert status != 0 and "revoked" in shown, shown
    joined = agent("join", "--config", seat.config, "--gateway", seat.gateway, "--ca-fingerprint",
                   added["ca_fingerprint"], "--token", "-", "--replace", input=added["token"])
    assert joined.returncode == 0 and "restart sekisho-agent" in joined.stdout, joined
    status, shown = pamtester(service, "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown


def test_a_broken_configuration_is_named_with_its_line(tmp_path):
    config = tmp_path / "agent.toml"
    config.write_text('gateways = ["https://127.0.0.1:1"]\nlangauge = "ja"\n')
    result = agent("run", "--config", config)
    assert result.returncode == 1 and "agent.toml:2:" in result.stderr, result
    assert agent("fly").returncode == 2


def test_an_agent_that_was_killed_comes_back(segment, seat, hanako):
    seat.agent.kill()
    segment.keeper.children.remove(seat.agent)
    assert seat.socket.exists()
    seat.start()
    seat.agent.until_written('"event":"listening"')
    status, shown = pamtester(seat.stack(), "hanako",
                              password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown
