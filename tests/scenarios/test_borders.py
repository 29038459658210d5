"""The segment's border: strangers are not spoken to, and nothing is sent to where it does not reach."""
# labels: journey
# root

import json
import signal
import socket
import time

import pytest
from processes import until
from segment import Rule
from upstream import Application

INSIDE, OUTSIDE = "127.0.0.1", "127.0.0.9"


@pytest.fixture
def bordered(segment):
    """A segment of one address, on loopback, where everything outside it can be reached as well."""
    segment.settings["segment"] = {"networks": [f"{INSIDE}/32"]}
    segment.settings["proxies"] = {"trusted": [INSIDE]}
    return segment


# -- clients -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("listener", ["web", "terminal"])
def test_a_client_outside_the_segment_gets_not_a_word(bordered, listener):
    bordered.start()
    port = bordered.web_port if listener == "web" else bordered.terminal_port
    with socket.create_connection((INSIDE, port), 20, (OUTSIDE, 0)) as wire:
        received = b"never asked"
        try:
            # The beginning of a ClientHello; inside the segment it would be waited for.
            wire.sendall(b"\x16\x03\x01")
            received = wire.recv(1)
        except ConnectionError:
            received = b""
        assert received == b""
    bordered.gateway.until_written(f'"client_outside_segment","peer":"{OUTSIDE}"')


def test_a_client_inside_the_segment_is_served_beside_it(bordered):
    bordered.start()
    with pytest.raises((ConnectionError, OSError)):
        bordered.visitor(source=OUTSIDE).get(bordered.portal + "/")
    assert bordered.visitor(source=INSIDE).get(bordered.portal + "/").status == 200


def test_a_smaller_segment_counts_from_the_reload_on(segment):
    segment.start()
    assert segment.visitor(source=OUTSIDE).get(segment.portal + "/").status == 200
    segment.settings["segment"] = {"networks": [f"{INSIDE}/32"]}
    segment.reload()
    with pytest.raises((ConnectionError, OSError)):
        segment.visitor(source=OUTSIDE).get(segment.portal + "/")
    assert segment.visitor(source=INSIDE).get(segment.portal + "/").status == 200


def test_a_client_that_a_proxy_names_outside_the_segment_is_refused(bordered):
    """A rule without networks means the whole segment, and nothing beyond it."""
    bordered.add_application("tax", rules=[Rule(groups=("tax",), networks=())])
    bordered.start()
    inside = bordered.sign_in(bordered.add_user("hanako", groups=["tax"]))
    asked = {"X-Original-URL": bordered.url("tax", "/"), "X-Original-Method": "GET",
             "Cookie": inside.session_cookie()}
    check = bordered.portal + "/authz/auth-request"
    for client, status in ((INSIDE, 200), (OUTSIDE, 403), ("203.0.113.9", 403)):
        answer = bordered.visitor().get(check, {**asked, "X-Forwarded-For": client})
        assert answer.status == status, (client, answer)


@pytest.mark.parametrize("rule, reason, words", [
    (Rule(groups=("tax",), networks=("10.0.0.0/8",)), "other_network", "決められた場所の端末からだけ"),
    (Rule(groups=("tax",), hours="00:00-00:01", networks=()), "outside_hours", "00:00–00:01"),
    (Rule(groups=("roads",), networks=()), "forbidden", "権限が登録されていません")])
def test_who_is_refused_and_the_auditor_read_why(segment, upstream, rule, reason, words):
    now = time.gmtime()
    if (now.tm_hour, now.tm_min) in ((14, 59), (15, 0)):  # about midnight in Japan
        pytest.skip("the hour of the rule")
    segment.add_application("tax", upstream.url, rules=[rule])
    segment.start()
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    refused = inside.get(segment.url("tax", "/"))
    assert refused.status == 403 and words in refused.text, refused
    [row] = segment.until_audited(lambda row: row["event"] == "access", "the refusal")
    assert json.loads(row["detail"])["reason"] == reason


# -- applications ------------------------------------------------------------------------------------
class Beyond:
    """A door outside the segment that sees whoever knocks."""

    def __init__(self, port):
        self.socket = socket.socket()
        self.socket.bind((OUTSIDE, port))
        self.socket.listen()
        self.socket.setblocking(False)

    def was_knocked_at(self):
        try:
            self.socket.accept()[0].close()
            return True
        except BlockingIOError:
            return False


@pytest.fixture
def beyond(upstream):
    door = Beyond(upstream.port)  # the same port as the application inside
    yield door
    door.socket.close()


class Names:
    """/etc/hosts as the gateway sees it, in a mount namespace of its own."""

    def __init__(self, folder):
        self.file = folder / "hosts"
        self.say()

    def say(self, **addresses):
        """Which addresses each name under .internal has, from now on."""
        lines = [f"{address} {name}.internal" for name, listed in addresses.items()
                 for address in listed]
        with open(self.file, "w", encoding="ascii") as file:  # in place: the file is mounted
            file.write("\n".join(["127.0.0.1 localhost", *lines, ""]))

    def wrapper(self):
        return ["unshare", "--mount", "sh", "-c",
                f'mount --bind "{self.file}" /etc/hosts && exec "$0" "$@"']


@pytest.fixture
def names(tmp_path):
    return Names(tmp_path)


def visitor_of(segment, names, application, upstream):
    segment.add_application(application, f"http://{application}.internal:{upstream.port}",
                            groups=["tax"])
    segment.start(wrapper=names.wrapper())
    return segment.sign_in(segment.add_user("hanako", groups=["tax"]))


def test_a_name_inside_the_segment_is_reached(bordered, names, upstream):
    names.say(tax=[INSIDE])
    inside = visitor_of(bordered, names, "tax", upstream)
    assert inside.get(bordered.url("tax", "/")).status == 200
    assert len(upstream.requests) == 1


def test_a_name_that_leads_outside_is_a_502_and_nobody_is_called(bordered, names, upstream, beyond):
    names.say(tax=[OUTSIDE])
    inside = visitor_of(bordered, names, "tax", upstream)
    answer = inside.get(bordered.url("tax", "/"))
    assert answer.status == 502, answer
    assert not beyond.was_knocked_at()
    bordered.gateway.until_written("tax.internal has no address inside the segment")


def test_of_several_addresses_only_those_inside_are_tried(bordered, names, upstream, beyond):
    names.say(tax=[OUTSIDE, INSIDE])
    inside = visitor_of(bordered, names, "tax", upstream)
    assert inside.get(bordered.url("tax", "/")).status == 200
    assert not beyond.was_knocked_at()


def test_a_name_that_begins_to_lead_outside_is_not_followed(bordered, names, upstream, beyond):
    names.say(tax=[INSIDE])
    inside = visitor_of(bordered, names, "tax", upstream)
    assert inside.get(bordered.url("tax", "/")).status == 200
    names.say(tax=[OUTSIDE])
    # A connection that was kept may serve for some seconds more; it leads inside.
    until(lambda: inside.get(bordered.url("tax", "/")).status == 502, "the name to be asked again")
    assert not beyond.was_knocked_at()


def test_a_name_that_leads_nowhere_is_a_502(bordered, names, upstream):
    inside = visitor_of(bordered, names, "tax", upstream)
    assert inside.get(bordered.url("tax", "/")).status == 502


def test_an_address_that_a_reload_leaves_outside_is_refused_with_its_line(segment):
    application = Application(address=OUTSIDE)
    try:
        segment.add_application("tax", application.url, groups=["tax"])
        segment.start()
        inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
        segment.settings["segment"] = {"networks": [f"{INSIDE}/32"]}
        segment.write_config()
        segment.gateway.signal(signal.SIGHUP)
        segment.gateway.until_written(f"{OUTSIDE} is outside [segment] networks")
        assert inside.get(segment.url("tax", "/")).status == 200  # the old configuration stands
    finally:
        application.close()
