"""The systemd units keep the promises that only they can keep."""

import re
from pathlib import Path

import pytest

UNITS = Path(__file__).resolve().parents[2] / "packaging/systemd"


def settings(name):
    """{(section, key): the values joined} of a unit."""
    found, section = {}, None
    for line in (UNITS / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            key, value = line.split("=", 1)
            found[section, key] = " ".join([found.get((section, key), ""), value]).strip()
    return found


@pytest.mark.parametrize("name", ["sekisho-agent.service", "sekishod.service"])
def test_a_service_comes_back_however_often_it_fell_and_leaves_no_core(name):
    unit = settings(name)
    assert unit["Unit", "StartLimitIntervalSec"] == "0"  # in [Service] systemd ignores it
    assert unit["Service", "Restart"] in ("always", "on-failure")
    assert unit["Service", "LimitCORE"] == "0"


def test_logins_do_not_wait_for_the_network():
    unit = settings("sekisho-agent.service")
    assert "getty.target" in unit["Unit", "Before"]
    assert not [value for value in unit.values() if "network-online.target" in value]


def test_the_gateway_is_not_killed_before_it_has_stopped():
    text = (UNITS.parents[1] / "settings/settings.h").read_text(encoding="utf-8")
    milliseconds = re.search(r"stop_timeout\{([\d']+)\}", text)[1].replace("'", "")
    longest = int(milliseconds) / 1000
    assert int(settings("sekishod.service")["Service", "TimeoutStopSec"]) >= longest + 10


def test_the_agent_sees_whose_session_asks_it():
    unit = settings("sekisho-agent.service")
    assert unit["Service", "ProtectProc"] == "default"  # invisible hides /proc/PID/cgroup of others
    assert ("Service", "PrivatePIDs") not in unit


def test_the_agent_reaches_security_keys_and_no_other_device():
    unit = settings("sekisho-agent.service")
    assert unit["Service", "DevicePolicy"] == "closed"
    assert unit["Service", "DeviceAllow"] == "char-hidraw rw"
    assert ("Service", "PrivateDevices") not in unit  # it hides hidraw, whatever is allowed
    assert "modprobe@hid.service" in unit["Unit", "Wants"]
    assert "modprobe@hid.service" in unit["Unit", "After"]
    rules = UNITS.parent / "udev/70-sekisho-security-keys.rules"
    lines = [line for line in rules.read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")]
    assert lines == ['ACTION!="remove", SUBSYSTEM=="hidraw", ENV{ID_FIDO_TOKEN}=="1", '
                     f'GROUP="{unit["Service", "Group"]}", MODE="0660"']


def test_the_gateways_secrets_do_not_go_to_swap():
    assert settings("sekishod.service")["Service", "MemorySwapMax"] == "0"
