"""Applications for those who have signed in at a terminal, and ask from it: through both doors of the
web, with a real agent and PAM module."""

# root
# timeout: 600

import json
import sqlite3
import time

import pytest
from forger import Forger
from local_session import LocalSession, obstacle
from seat import LinuxUser, Seat, answer_prompts, password_and_code
from segment import Rule
from visitor import connect

HERE, ELSEWHERE, PROXY = "127.0.0.1", "127.0.0.4", "127.0.0.8"


@pytest.fixture
def town(segment, upstream):
    """The agent comes from 127.0.0.1, and so does whoever sits at its terminal."""
    segment.settings["proxies"] = {"trusted": [PROXY]}
    segment.add_application("tax", upstream.url, rules=[Rule(terminals=("zeimu-*",))])
    segment.add_application("open", upstream.url)
    segment.start()
    return segment


@pytest.fixture
def hanako(town):
    return town.add_user("hanako", "関所 花子")


@pytest.fixture
def seat(town):
    with Seat(town, "zeimu-03") as made:
        yield made


def sit_down(seat, user):
    status, shown = answer_prompts(
        ["pamtester", seat.stack(), user.name, "authenticate"],
        password_and_code(user, user.token.next_code()))
    assert status == 0, shown


def status_at_proxy(town, visitor):
    return visitor.get(town.url("tax", "/list")).status


def status_of_check(town, visitor, client=HERE):
    asked = {"X-Original-URL": town.url("tax", "/list"), "X-Original-Method": "GET",
             "X-Forwarded-For": client, "Cookie": visitor.session_cookie()}
    return town.visitor(source=PROXY).get(town.portal + "/authz/auth-request", asked).status


def test_it_opens_where_one_has_signed_in_and_nowhere_else(town, seat, hanako):
    visitor = town.sign_in(hanako)
    refused = visitor.get(town.url("tax", "/list"))
    assert refused.status == 403 and "zeimu-*" in refused.text and "関所 花子" in refused.text
    assert status_of_check(town, visitor) == 403
    sit_down(seat, hanako)
    assert status_at_proxy(town, visitor) == 200
    assert status_of_check(town, visitor) == 200
    # The same session from another address.
    elsewhere = town.visitor(source=ELSEWHERE)
    elsewhere.cookies = visitor.cookies
    assert status_at_proxy(town, elsewhere) == 403
    assert status_of_check(town, visitor, client=ELSEWHERE) == 403
    assert elsewhere.get(town.url("open")).status == 200
    # Somebody else at the same address, who has not signed in at the terminal.
    taro = town.sign_in(town.add_user("taro"))
    assert status_at_proxy(town, taro) == 403


def test_the_auditor_reads_why_and_the_administrator_can_ask(town, seat, hanako):
    visitor = town.sign_in(hanako)
    assert status_at_proxy(town, visitor) == 403
    told = town.until_audited(lambda row: row["event"] == "access" and row["outcome"] == "denied",
                              "the refusal")
    assert json.loads(told[0]["detail"])["reason"] == "other_terminal", told
    explain = ["--json", "policy", "explain", "--user", "hanako", "--url", town.url("tax", "/list"),
               "--from", HERE]
    refused = town.command(*explain, check=False)
    assert refused.returncode == 1
    assert json.loads(refused.stdout)["rules"][0]["verdict"] == "terminal", refused.stdout
    assert town.command(*explain, "--terminal", "zeimu-03").returncode == 0
    assert town.command(*explain, "--terminal", "juki-01", check=False).returncode == 1
    sit_down(seat, hanako)
    assert town.command(*explain).returncode == 0
    rows = town.until_audited(lambda row: row["event"] == "login_totp" and
                              row["source"].startswith("terminal:"), "the login")
    assert json.loads(rows[-1]["detail"])["address"] == HERE
    shown = town.json("user", "show", "hanako")["terminals"]
    assert [(row["terminal"], row["address"]) for row in shown] == [("zeimu-03", HERE)]


def test_it_closes_at_once_when_the_terminal_is_revoked(town, seat, hanako):
    visitor = town.sign_in(hanako)
    sit_down(seat, hanako)
    assert status_at_proxy(town, visitor) == 200
    town.command("terminal", "revoke", "zeimu-03")
    assert status_at_proxy(town, visitor) == 403


def test_another_terminal_does_not_count(town, hanako):
    visitor = town.sign_in(hanako)
    with Seat(town, "juki-01") as other:
        sit_down(other, hanako)
        assert status_at_proxy(town, visitor) == 403


def test_who_comes_to_the_terminal_over_the_network_does_not_sit_there(town, seat, hanako):
    """PAM says where somebody comes from, as sshd does."""
    visitor = town.sign_in(hanako)
    status, shown = answer_prompts(
        ["pamtester", "-I", "rhost=10.9.9.9", seat.stack(), "hanako", "authenticate"],
        password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown
    assert status_at_proxy(town, visitor) == 403


needs_hierarchy = pytest.mark.skipif(obstacle() is not None, reason=str(obstacle()))


@needs_hierarchy
@pytest.mark.parametrize("is_remote", [True, False])
def test_only_who_sits_there_has_a_seat_whatever_asks_in_the_session(town, seat, is_remote):
    """As sudo does, and as anybody may with the agent's socket: neither names a remote host."""
    person = LinuxUser()
    try:
        user = town.add_user(person.name)
        visitor = town.sign_in(user)
        service = seat.stack()
        with LocalSession(person, is_remote=is_remote) as session:
            for command in (["pamtester", service, person.name, "authenticate"],
                            person.command("pamtester", service, person.name, "authenticate")):
                status, shown = answer_prompts(
                    session.command(*command), password_and_code(user, user.token.next_code()))
                assert status == 0, shown
                assert (status_at_proxy(town, visitor) == 200) == (not is_remote)
    finally:
        person.close()


def test_the_persons_page_lists_it_only_where_it_opens(town, seat, hanako):
    visitor = town.sign_in(hanako)
    assert f'https://{town.host("open")}' in visitor.get(town.portal + "/").text
    assert f'https://{town.host("tax")}' not in visitor.get(town.portal + "/").text
    sit_down(seat, hanako)
    assert f'https://{town.host("tax")}' in visitor.get(town.portal + "/").text


def test_a_stream_ends_with_the_seat(town, seat, hanako, upstream):
    visitor = town.sign_in(hanako)
    sit_down(seat, hanako)
    host = town.host("tax")
    with connect(town.web_port, host, visitor.context, timeout=10) as wire:
        wire.sendall(f"GET /events?n=1000 HTTP/1.1\r\nHost: {host}:{town.web_port}\r\n"
                     f"Cookie: {visitor.session_cookie()}\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert b"data" in wire.recv(4096)
        town.command("terminal", "revoke", "zeimu-03")
        end = time.monotonic() + 10
        while wire.recv(4096):
            assert time.monotonic() < end, "the stream goes on"


def test_a_terminal_cannot_say_that_it_is_elsewhere(town, seat, hanako):
    """X-Forwarded-For is for proxies; nothing stands between a terminal and the gateway."""
    town.settings["proxies"] = {"trusted": [PROXY, HERE]}
    town.reload()
    forger, lie = Forger(town, seat), {"X-Forwarded-For": ELSEWHERE}
    for seated, seats in ((0, []), (1, [HERE])):
        _, begun = forger.begin("hanako", headers=lie, seated=seated)
        _, finished = forger.finish(begun, hanako.password, {"code": hanako.token.next_code()},
                                    "totp", lie)
        assert finished["verdict"] == "granted", finished
        shown = town.json("user", "show", "hanako")["terminals"]
        assert [row["address"] for row in shown] == seats


def test_a_seat_outlives_the_gateway_but_not_its_setting(town, seat, hanako):
    town.settings["sessions"] = {"idle": "2h"}
    visitor = town.sign_in(hanako)
    sit_down(seat, hanako)
    town.stop()
    town.start()
    assert status_at_proxy(town, visitor) == 200
    # A minute is the least; the store says when the seat was taken.
    town.stop()
    town.settings["terminals"] = {"seat_life": "1m"}
    town.start()
    assert status_at_proxy(town, visitor) == 200
    town.stop()
    move_seats_back(town, minutes=1)
    town.start()
    assert status_at_proxy(town, visitor) == 403


def move_seats_back(town, minutes):
    with sqlite3.connect(town.folder / "store.db") as store:
        moved = store.execute("UPDATE seats SET taken_at = taken_at - ?", (minutes * 60_000,))
        assert moved.rowcount == 1
    store.close()


def test_a_misspelt_terminal_is_refused_before_anything_starts(town):
    town.applications[0].rules[0].terminals = ("zei*mu",)
    town.write_config()
    told = town.command("config", "check", check=False)
    assert told.returncode != 0 and "zei*mu" in told.stdout + told.stderr
