"""A terminal's certificate replaces itself at the real gateway, and fails without losing the old one.

The agent's clock is set to when its certificate has lived two thirds of its life."""

# root
# timeout: 300

import hashlib
import json
import os
import subprocess

import pytest
from seat import Seat, answer_prompts, password_and_code
from segment import program
from shifted_clock import LIBRARY, ShiftedClock

pytestmark = pytest.mark.skipif(not LIBRARY.exists(), reason="libfaketime is not installed")

HOUR = 3600
DAY = 24 * HOUR


class ClockedSeat(Seat):
    """A seat whose agent may live later than the gateway."""

    def __init__(self, segment, name, folder):
        super().__init__(segment, name)
        self.clock = ShiftedClock(folder)
        self.state = self.folder / "state"

    def start(self):
        self.agent = self.segment.keeper.start(
            f"sekisho-agent {self.name}", [program("sekisho-agent"), "run", "--config", self.config],
            self.segment.logs / f"agent-{self.name}.log", env={**os.environ, **self.clock.environment()})
        self.agent.until_written('"event":"listening"')
        return self

    def restart_later(self, seconds):
        self.agent.stop()
        self.segment.keeper.children.remove(self.agent)
        self.clock.advance(seconds)
        return self.start()

    def pair(self):
        """Digests of the key and the certificate."""
        return [hashlib.sha256((self.state / file).read_bytes()).hexdigest()
                for file in ("terminal.key", "terminal.pem")]

    def serial(self):
        return subprocess.run(["openssl", "x509", "-in", self.state / "terminal.pem", "-noout",
                               "-serial"], check=True, capture_output=True,
                              text=True).stdout.strip().split("=")[1].lower()

    def log_in(self, user):
        return answer_prompts(["pamtester", self.stack(), user.name, "authenticate"],
                              password_and_code(user, user.token.next_code()))


@pytest.fixture
def seat(segment, tmp_path):
    segment.settings["ca"] = {"terminal_days": 3}
    segment.start()
    with ClockedSeat(segment, "zeimu-03", tmp_path) as made:
        yield made


@pytest.fixture
def hanako(segment, seat):
    return segment.add_user("hanako")


def renewals(segment):
    return [row for row in segment.audit() if row["event"] == "terminal_renew"]


def test_a_certificate_is_not_renewed_before_its_time(segment, seat, hanako):
    before = seat.pair()
    seat.restart_later(DAY + 20 * HOUR)
    status, shown = seat.log_in(hanako)
    assert status == 0, shown
    assert seat.pair() == before and not renewals(segment)


def test_after_two_thirds_of_its_life_a_certificate_replaces_itself_with_a_new_key(segment, seat,
                                                                                  hanako):
    before, old_serial = seat.pair(), seat.serial()
    seat.restart_later(2 * DAY + HOUR)
    seat.agent.until_written('"event":"certificate_renewed"')
    key, certificate = seat.pair()
    assert key != before[0] and certificate != before[1]
    assert (seat.state / "terminal.key").stat().st_mode & 0o777 == 0o600
    row, = renewals(segment)
    assert (row["outcome"], row["actor"]) == ("done", "terminal:zeimu-03")
    assert seat.serial() != old_serial
    assert json.loads(row["detail"])["serial"].lower().lstrip("0") == seat.serial().lstrip("0")
    # The agent that runs uses the new pair, and so does the next one.
    status, shown = seat.log_in(hanako)
    assert status == 0, shown
    seat.restart_later(-(2 * DAY + HOUR))
    status, shown = seat.log_in(hanako)
    assert status == 0, shown
    assert len(renewals(segment)) == 1


def test_the_renewed_certificate_is_for_the_same_terminal(segment, seat):
    def told():
        return subprocess.run(["openssl", "x509", "-in", seat.state / "terminal.pem", "-noout",
                               "-ext", "subjectAltName,extendedKeyUsage", "-subject"], check=True,
                              capture_output=True, text=True).stdout
    before = told()
    seat.restart_later(2 * DAY + HOUR)
    seat.agent.until_written('"event":"certificate_renewed"')
    assert told() == before and "zeimu-03" in before


def test_a_gateway_that_is_away_at_renewal_costs_nothing(segment, seat, hanako):
    before = seat.pair()
    segment.kill()
    seat.restart_later(2 * DAY + HOUR)
    seat.agent.until_written('"event":"certificate_not_renewed"')
    assert seat.pair() == before
    segment.start()
    status, shown = seat.log_in(hanako)  # the old pair is in use until it ends
    assert status == 0, shown


def test_a_revoked_terminal_is_given_no_new_certificate(segment, seat):
    before = seat.pair()
    segment.command("terminal", "revoke", seat.name)
    seat.restart_later(2 * DAY + HOUR)
    seat.agent.until_written('"event":"certificate_not_renewed"')
    assert "revoked" in seat.agent.written()
    assert seat.pair() == before and not renewals(segment)
