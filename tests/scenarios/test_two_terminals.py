"""Two terminals on a network: each in a network namespace of its own, one of them revoked."""

# root
# timeout: 300

import subprocess
import time

import pytest
import segment as segments
from cable import Cable
from seat import Seat, answer_prompts, password_and_code


class NetworkSegment(segments.Segment):
    """A segment whose terminal listener is on a network instead of loopback."""

    address = "127.0.0.1"

    def write_config(self):
        super().write_config()
        text = self.config.read_text(encoding="utf-8")
        text = text.replace(f'"127.0.0.1:{self.terminal_port}"',
                            f'"{self.address}:{self.terminal_port}"')
        text = text.replace(f'names = ["gateway.{self.domain}", "127.0.0.1"]',
                            f'names = ["gateway.{self.domain}", "{self.address}"]')
        self.config.write_text(text, encoding="utf-8")


class RemoteSeat(Seat):
    """A seat whose agent lives behind a cable."""

    def __init__(self, segment, name, cable):
        super().__init__(segment, name,
                         gateway=f"https://{segment.address}:{segment.terminal_port}")
        self.cable = cable

    def join(self):
        added = self.segment.json("terminal", "add", self.name)
        subprocess.run(self.cable.inside(
            segments.program("sekisho-agent"), "join", "--gateway", self.gateway,
            "--ca-fingerprint", added["ca_fingerprint"], "--token", added["token"],
            "--config", self.config), check=True, capture_output=True, text=True, timeout=60)

    def start(self):
        self.agent = self.segment.keeper.start(
            f"sekisho-agent {self.name}",
            self.cable.inside(segments.program("sekisho-agent"), "run", "--config", self.config),
            self.segment.logs / f"agent-{self.name}.log")
        self.agent.until(self.socket.exists, "its socket to appear")
        self.name_of_service = self.stack()
        return self

    def log_in(self, user, answers):
        return answer_prompts(self.cable.inside("pamtester", self.name_of_service, user.name,
                                                "authenticate"), answers)


@pytest.fixture
def cables():
    made = [Cable(1), Cable(2)]
    yield made
    for cable in made:
        cable.close()


@pytest.fixture
def seats(tmp_path, cables):
    segment = NetworkSegment(tmp_path / "segment")
    segment.address = cables[0].here
    segment.settings["segment"] = {"networks": ["127.0.0.0/8", "198.51.100.0/24"]}
    segment.start()
    made = []
    try:
        for name, cable in zip(("zeimu-01", "zeimu-02"), cables):
            made.append(RemoteSeat(segment, name, cable))
            made[-1].join()
            made[-1].start()
        yield made
    finally:
        for seat in made:
            seat.close()
        segment.close()


def test_one_token_opens_both_terminals_until_one_is_revoked(seats):
    first, second = seats
    segment = first.segment
    hanako = segment.add_user("hanako")
    code = hanako.token.next_code()
    status, shown = first.log_in(hanako, password_and_code(hanako, code))
    assert status == 0, shown
    status, shown = second.log_in(hanako, password_and_code(hanako, code))
    assert status != 0 and "Authentication failed." in shown, shown  # spent at the other terminal
    status, shown = second.log_in(hanako, password_and_code(hanako, hanako.token.next_code()))
    assert status == 0 and "Last login" in shown, shown

    segment.command("terminal", "revoke", "zeimu-02")
    status, shown = second.log_in(hanako, [])
    assert status != 0 and "revoked" in shown, shown
    status, shown = first.log_in(hanako, password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown


def test_a_pulled_cable_means_refusal_in_time_and_mends_itself(seats):
    first, second = seats
    hanako = first.segment.add_user("hanako")
    second.cable.pull()
    start = time.monotonic()
    status, shown = second.log_in(hanako, [])
    assert status != 0 and "gateway cannot be reached" in shown, shown
    assert time.monotonic() - start < 5
    status, shown = first.log_in(hanako, password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown
    second.cable.plug_in()
    subprocess.run(second.cable.inside("ip", "route", "replace", "default", "via",
                                       second.cable.here), check=True)
    status, shown = second.log_in(hanako, password_and_code(hanako, hanako.token.next_code()))
    assert status == 0, shown
