"""What the machine itself may ask: alive, ready, and counts of what happened.  Nobody else may."""
# labels: journey
# root

import socket
import sqlite3
from contextlib import closing

import pytest
from cable import Cable
from processes import until
from visitor import Visitor, connect


@pytest.fixture
def gated(segment, upstream):
    segment.settings["throttle"] = {"backoff_first": "0ms", "lock_after": 3}
    segment.settings["proxies"] = {"trusted": ["127.0.0.8"]}
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.add_application("gone", "http://127.0.0.1:1", groups=["tax"])
    segment.start()
    return segment


@pytest.fixture
def cable():
    made = Cable(3)
    yield made
    made.close()


def ask(segment, path, method="GET", **options):
    url = f"http://localhost:{segment.metrics_port}{path}"
    return Visitor(segment.authority.file, **options).request(method, url)


def counted(segment):
    """/metrics as {sample with its labels: value}; every line must be of the format."""
    values = {}
    for line in ask(segment, "/metrics").text.splitlines():
        if line.startswith("# "):
            assert line.split()[1] in ("HELP", "TYPE"), line
            continue
        sample, value = line.rsplit(" ", 1)
        assert sample not in values, line
        values[sample] = float(value)
    return values


def grown(segment, before):
    """What has grown since `before`, gauges left out."""
    now = counted(segment)
    return {sample: value - before.get(sample, 0) for sample, value in now.items()
            if "_total" in sample and value != before.get(sample, 0)}


def test_a_gateway_that_serves_says_so(gated):
    for path, text in (("/healthz", "ok\n"), ("/readyz", "ready\n")):
        answer = ask(gated, path)
        assert (answer.status, answer.text) == (200, text)
        assert answer.header("Cache-Control") == "no-store"
    metrics = ask(gated, "/metrics")
    assert metrics.header("Content-Type") == "text/plain; version=0.0.4; charset=utf-8"


def test_nothing_else_is_there_and_nothing_can_be_changed(gated):
    assert ask(gated, "/").status == 404
    assert ask(gated, "/authz/auth-request").status == 404
    for path in ("/healthz", "/readyz", "/metrics"):
        assert ask(gated, path, "POST").status == 405
        assert ask(gated, path, "DELETE").status == 405
        assert ask(gated, path, "HEAD").body == b""


def test_a_store_that_cannot_be_read_is_not_ready_and_lets_nobody_in(gated):
    inside = gated.sign_in(gated.add_user("hanako", groups=["tax"]))
    assert inside.get(gated.url("tax", "/")).status == 200
    with closing(sqlite3.connect(gated.folder / "store.db")) as store:
        store.execute("DROP TABLE changes")
        store.commit()
    assert ask(gated, "/healthz").status == 200
    assert ask(gated, "/readyz").status == 503
    assert inside.get(gated.url("tax", "/")).status == 503
    assert inside.get(gated.portal + "/").status == 503


# -- who may ask -------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_the_web_listener_has_none_of_it(gated, path):
    answer = gated.visitor().get(gated.portal + path)
    assert answer.status == 404 and "sekisho_" not in answer.text, answer
    assert gated.visitor().get(gated.url("tax", path)).status == 302


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_the_terminal_listener_has_none_of_it(gated, path):
    context = gated.visitor().context
    context.check_hostname = False
    context.load_verify_locations(str(gated.folder / "keys/ca.pem"))
    with connect(gated.terminal_port, f"gateway.{gated.domain}", context) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\n\r\n".encode())
        assert wire.recv(4096).startswith(b"HTTP/1.1 404 ")


def test_a_client_from_another_address_than_loopback_gets_not_a_word(gated, cable):
    before = counted(gated)
    with socket.create_connection(("127.0.0.1", gated.metrics_port), 20, (cable.here, 0)) as wire:
        assert said_to(wire, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n") == b""
    gated.gateway.until_written(f'"client_outside_segment","peer":"{cable.here}"')
    assert grown(gated, before)["sekisho_connections_refused_total"] == 1


def test_the_listener_is_at_no_other_address_of_the_machine(gated, cable):
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((cable.here, gated.metrics_port), 20)


def said_to(wire, request):
    received = b""
    try:
        wire.sendall(request)
        while block := wire.recv(4096):
            received += block
    except ConnectionError:
        pass
    return received


# -- what is counted ---------------------------------------------------------------------------------
def logins(counts):
    return {sample.split('"')[1]: count for sample, count in counts.items()
            if sample.startswith("sekisho_logins_total")}


def decisions(counts):
    return {sample.split('"')[1]: count for sample, count in counts.items()
            if sample.startswith("sekisho_decisions_total")}


def test_each_factor_is_counted_as_it_was_judged(gated):
    user = gated.add_user("hanako", groups=["tax"])
    before = counted(gated)
    visitor = gated.visitor()
    page = visitor.get(gated.portal + "/")
    visitor.submit(page, "/signin", user="hanako", password="wrong")
    assert logins(grown(gated, before)) == {"denied": 1}
    page = gated.present_password(user, visitor)
    assert logins(grown(gated, before)) == {"denied": 1, "granted": 1}
    visitor.submit(page, "/second-factor", code=user.token.next_code())
    assert logins(grown(gated, before)) == {"denied": 1, "granted": 2}


def test_a_refused_guess_is_counted_apart(gated):
    user = gated.add_user("hanako", groups=["tax"])
    page = gated.present_password(user, visitor := gated.visitor())
    before = counted(gated)
    for _ in range(3):
        visitor.submit(page, "/second-factor", code=user.token.wrong_code())
    assert logins(grown(gated, before)) == {"denied": 3}
    visitor.submit(page, "/second-factor", code=user.token.next_code())
    assert logins(grown(gated, before)) == {"denied": 3, "locked": 1}


def test_each_decision_is_counted_by_its_outcome(gated):
    stranger, halfway = gated.visitor(), gated.visitor()
    user = gated.add_user("hanako", groups=["tax"])
    gated.present_password(user, halfway)
    inside = gated.sign_in(user)
    colleague = gated.sign_in(gated.add_user("jiro", groups=["roads"]))
    before = counted(gated)
    for visitor, path, status in ((stranger, "/", 302), (halfway, "/", 302), (inside, "/", 200),
                                  (inside, "/again", 200), (colleague, "/", 403),
                                  (inside, "/%2e%2e/x", 400)):
        assert visitor.get(gated.url("tax", path)).status == status
    counts = grown(gated, before)
    assert decisions(counts) == {"sign_in": 1, "second_factor": 1, "allowed": 2, "forbidden": 1,
                                 "bad_path": 1}
    assert counts['sekisho_responses_total{class="3xx"}'] == 2
    assert counts['sekisho_responses_total{class="4xx"}'] == 2
    line = 1 + gated.config.read_text().splitlines().index("[[application.rule]]")
    rule = f'sekisho_rule_decisions_total{{application="tax",rule="{line}",outcome="allowed"}}'
    assert counts[rule] == 2
    nobody = 'sekisho_rule_decisions_total{application="tax",rule="none",outcome="forbidden"}'
    assert counts[nobody] == 1


def test_servers_and_queues_are_told_as_they_are_now(gated):
    counts = counted(gated)
    assert counts["sekisho_store_queue"] >= 0 and counts["sekisho_password_queue"] == 0
    up = [value for sample, value in counts.items() if sample.startswith("sekisho_upstream_up{")]
    assert up and set(up) == {1.0}


def test_how_long_answers_took_is_told_in_buckets(gated):
    inside = gated.sign_in(gated.add_user("hanako", groups=["tax"]))
    before = counted(gated)
    for _ in range(3):
        assert inside.get(gated.url("tax", "/")).status == 200
    now = counted(gated)
    buckets = [value - before[sample] for sample, value in now.items()
               if sample.startswith("sekisho_proxy_seconds_bucket")]
    assert buckets == sorted(buckets) and buckets[-1] == 3
    assert now["sekisho_proxy_seconds_count"] - before["sekisho_proxy_seconds_count"] == 3
    assert 0 < now["sekisho_proxy_seconds_sum"] - before["sekisho_proxy_seconds_sum"] < 10


def test_a_decision_for_a_proxy_is_counted_like_one_of_our_own(gated):
    inside = gated.sign_in(gated.add_user("hanako", groups=["tax"]))
    before = counted(gated)
    asked = {"X-Original-URL": gated.url("tax", "/"), "X-Original-Method": "GET",
             "X-Forwarded-For": "127.0.0.1", "Cookie": inside.session_cookie()}
    proxy = gated.visitor(source="127.0.0.8")
    assert proxy.get(gated.portal + "/authz/auth-request", asked).status == 200
    assert decisions(grown(gated, before)) == {"allowed": 1}


def test_an_application_that_is_down_is_counted(gated):
    inside = gated.sign_in(gated.add_user("hanako", groups=["tax"]))
    before = counted(gated)
    assert inside.get(gated.url("gone", "/")).status == 502
    counts = grown(gated, before)
    assert counts["sekisho_upstream_failures_total"] == 1
    assert counts['sekisho_application_failures_total{application="gone"}'] == 1
    assert counts['sekisho_responses_total{class="5xx"}'] == 1


def test_a_connection_and_a_handshake_that_fails_are_counted(gated):
    before = counted(gated)
    with socket.create_connection(("127.0.0.1", gated.web_port), 20) as wire:
        assert b"HTTP/" not in said_to(wire, b"GET / HTTP/1.1\r\n\r\n")
    until(lambda: grown(gated, before).get("sekisho_handshakes_failed_total") == 1,
          "the failed handshake to be counted")
    with connect(gated.web_port, gated.portal_host, gated.visitor().context):
        until(lambda: counted(gated)["sekisho_connections_open"] == 2, "both to be counted as open")
    until(lambda: counted(gated)["sekisho_connections_open"] == 1, "ours to be the last")


def test_sessions_are_counted_and_nobody_is_named(gated):
    before = counted(gated)["sekisho_sessions"]
    inside = gated.sign_in(gated.add_user("hanako", groups=["tax"]),
                           gated.visitor(source="127.0.0.9"))
    assert inside.get(gated.url("tax", "/secret-path")).status == 200
    assert counted(gated)["sekisho_sessions"] == before + 1
    text = ask(gated, "/metrics").text
    for word in ("hanako", "secret-path", "127.0.0.9", inside.session_cookie()):
        assert word not in text
