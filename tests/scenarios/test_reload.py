"""SIGHUP: what was changed counts from now on, for everybody, and nobody is cut off for it."""
# labels: journey threads

import hashlib
import shutil
import signal
import time

import pytest
from segment import Rule
from visitor import connect


@pytest.fixture
def gated(segment, upstream):
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    return segment


def web(segment, host=None):
    return connect(segment.web_port, host or segment.portal_host, segment.visitor().context)


def shown(wire):
    """The certificate that this connection was shown."""
    return hashlib.sha256(wire.getpeercert(binary_form=True)).hexdigest()


def status_on(wire, host, cookie=""):
    """The status of a request on a connection that stays open."""
    wire.sendall(f"HEAD / HTTP/1.1\r\nHost: {host}\r\nAccept: text/html\r\nCookie: {cookie}\r\n\r\n"
                 .encode())
    received = b""
    while b"\r\n\r\n" not in received:
        block = wire.recv(65536)
        assert block, received
        received += block
    return int(received.split()[1])


def put_in_place(segment, chain, key):
    shutil.copy(chain, segment.folder / "tls/portal.pem")
    shutil.copy(key, segment.folder / "tls/portal.key")


def test_a_replaced_certificate_is_shown_to_new_connections_and_the_old_go_on(gated):
    names = [gated.portal_host, f"*.{gated.domain}"]
    with web(gated) as old:
        before = shown(old)
        assert status_on(old, gated.portal_host) == 200
        put_in_place(gated, *gated.authority.issue("portal-next-year", *names))
        with web(gated) as unasked:
            assert shown(unasked) == before  # nothing changes before it is said
        gated.reload()
        with web(gated) as new:
            assert shown(new) != before
            assert status_on(new, gated.portal_host) == 200
        assert status_on(old, gated.portal_host) == 200


def test_a_certificate_with_another_key_is_refused_and_the_old_one_stays(gated):
    with web(gated) as wire:
        before = shown(wire)
    chain, _ = gated.authority.issue("portal-next-year", gated.portal_host)
    shutil.copy(chain, gated.folder / "tls/portal.pem")
    gated.gateway.signal(signal.SIGHUP)
    gated.gateway.until_written("the certificate and the key do not belong together")
    with web(gated) as wire:
        assert shown(wire) == before
        assert status_on(wire, gated.portal_host) == 200


def test_changed_rules_apply_both_ways_on_an_open_connection(gated, upstream):
    visitor = gated.sign_in(gated.add_user("hanako", groups=["roads"]))
    host, cookie = gated.host("tax"), visitor.session_cookie()
    with web(gated, host) as wire:
        assert status_on(wire, host, cookie) == 403
        gated.applications[0].rules = [Rule(groups=("roads",))]
        gated.reload()
        assert status_on(wire, host, cookie) == 200
        gated.applications[0].rules = [Rule(groups=("roads",), networks=("127.0.0.9/32",))]
        gated.reload()
        assert status_on(wire, host, cookie) == 403
    assert len(upstream.requests) == 1


def test_an_application_that_is_added_or_taken_away_is_so_at_once(gated, upstream):
    visitor = gated.sign_in(gated.add_user("hanako", groups=["tax"]))
    gated.add_application("roads", upstream.url, groups=["tax"])
    gated.reload()
    assert visitor.get(gated.url("roads", "/")).status == 200
    host, cookie = gated.host("roads"), visitor.session_cookie()
    with web(gated, host) as wire:
        assert status_on(wire, host, cookie) == 200
        gated.applications.pop()
        gated.reload()
        assert status_on(wire, host, cookie) == 421
    assert visitor.get(gated.url("tax", "/")).status == 200


def test_a_reload_is_written_down_with_the_configuration_it_read(gated):
    gated.applications[0].rules = [Rule(groups=("roads",))]
    gated.reload()
    row, = [row for row in gated.audit() if row["event"] == "gateway_reload"]
    digest = hashlib.sha256(gated.config.read_bytes()).hexdigest()[:16]
    assert digest in row["detail"], row


def move_a_listener(segment):
    segment.metrics_port += 1


def move_the_store(segment):
    segment.settings["store"] = {"path": "elsewhere.db"}


def shorten_sessions(segment):
    segment.settings["sessions"] = {"idle": "1m"}


def loosen_the_throttle(segment):
    segment.settings["throttle"] = {"lock_after": 100}


@pytest.mark.parametrize("change, word", [
    (move_a_listener, "listeners"), (move_the_store, "store"), (shorten_sessions, "[sessions]"),
    (loosen_the_throttle, "[throttle]")])
def test_what_needs_a_restart_is_refused_by_name_and_nothing_of_it_counts(gated, change, word):
    visitor = gated.sign_in(gated.add_user("hanako", groups=["tax"]))
    change(gated)
    gated.applications[0].rules = [Rule(groups=("nobody",))]
    gated.write_config()
    gated.gateway.signal(signal.SIGHUP)
    gated.gateway.until_written('"reload_refused"')
    line, = [line for line in gated.gateway.written().splitlines() if "reload_refused" in line]
    assert word in line and "restart" in line, line
    assert visitor.get(gated.url("tax", "/")).status == 200


def test_reloads_asked_for_all_at_once_do_not_end_the_gateway(gated):
    for _ in range(20):
        gated.gateway.signal(signal.SIGHUP)
        time.sleep(0.004)  # while the one before is being done
    gated.reload()
    assert gated.gateway.alive()
