"""Two terminals, each in a network of its own; one of them is revoked."""
# labels: journey
# root

import os
import subprocess

import pytest
from pam_room import PamRoom
from terminal import Terminal

NETWORK = "10.231.7"


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)


def inside(namespace):
    return ("ip", "netns", "exec", namespace)


@pytest.fixture
def networks():
    """A gateway's network namespace with a bridge, and two terminals' with a line to it."""
    town = f"sekisho-town-{os.getpid()}"
    names = [f"sekisho-t{n}-{os.getpid()}" for n in (1, 2)]
    made = []
    try:
        for name in (town, *names):
            ip("netns", "add", name)
            made.append(name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", town, "link", "add", "bridge0", "type", "bridge")
        ip("-n", town, "addr", "add", f"{NETWORK}.1/24", "dev", "bridge0")
        ip("-n", town, "link", "set", "bridge0", "up")
        for number, name in enumerate(names, 1):
            port = f"port{number}"
            ip("-n", town, "link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("-n", town, "link", "set", port, "master", "bridge0", "up")
            ip("-n", name, "addr", "add", f"{NETWORK}.{10 + number}/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
        yield town, names
    finally:
        for name in made:
            subprocess.run(["ip", "netns", "del", name], capture_output=True)


def login(room, terminal, user, code):
    room.service("sekisho-test", f"auth required {terminal.module} socket={terminal.socket} nodelay",
                 "account required pam_permit.so")
    answers = {r"(?i)password[^\n]*: ?$": user.password, r"(?i)code[^\n]*: ?$": code}
    status, screen = room.talk(["pamtester", "sekisho-test", user.name, "authenticate"], answers,
                               namespace=terminal.namespace)
    return status == 0, screen


def test_a_revoked_terminal_is_out_and_its_neighbour_stays_in(segment, networks):
    town, names = networks
    segment.terminal_address = f"{NETWORK}.1"
    segment.settings["segment"] = {"networks": ["127.0.0.0/8", f"{NETWORK}.0/24"]}
    segment.start(wrapper=inside(town))
    hanako = segment.add_user("hanako")
    room = PamRoom(segment.folder / "room")
    terminals = []
    for name, namespace in zip(("zeimu-01", "zeimu-02"), names):
        terminal = Terminal(segment, name, inside(namespace))
        terminal.join()
        terminal.start()
        terminals.append(terminal)
    try:
        for terminal in terminals:
            granted, screen = login(room, terminal, hanako, hanako.token.next_code())
            assert granted, screen
        segment.command("terminal", "revoke", "zeimu-01")
        # No restart, no waiting: the very next login there is refused.
        granted, screen = login(room, terminals[0], hanako, hanako.token.next_code())
        assert not granted, screen
        hanako.token = segment.add_token(hanako)
        granted, screen = login(room, terminals[1], hanako, hanako.token.next_code())
        assert granted, screen
    finally:
        for terminal in terminals:
            terminal.close()


def test_a_terminal_outside_the_segment_gets_no_answer(segment, networks):
    town, names = networks
    segment.terminal_address = f"{NETWORK}.1"
    # The first terminal's address is declared, the second's is not.
    segment.settings["segment"] = {
        "networks": ["127.0.0.0/8", f"{NETWORK}.1/32", f"{NETWORK}.11/32"]}
    segment.start(wrapper=inside(town))
    Terminal(segment, "inside", inside(names[0])).join()
    with pytest.raises(subprocess.CalledProcessError):
        Terminal(segment, "outside", inside(names[1])).join()
    assert "client_outside_segment" in segment.gateway.written()
