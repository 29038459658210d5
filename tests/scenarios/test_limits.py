"""Every wait has an end and every number a limit: with short values, the gateway hangs up.

Deadlines are looked at once a second (gateway/stream.h), so each holds to within a second."""
# labels: journey threads
# timeout: 600

import socket
import ssl
import threading
import time

import pytest
from processes import until
from visitor import Visitor, connect

SECOND = 1.0
LATE = 15.0  # seconds until a test gives up on a deadline of one second


def started(segment, upstream, websocket_echo=None, **limits):
    segment.settings["limits"] = {name: f"{value}s" if name.endswith("timeout") else value
                                  for name, value in limits.items()}
    # Nobody stands in front of the gateway here: a proxy's connections are not limited by source.
    segment.settings["proxies"] = {"trusted": ["127.0.0.8"]}
    segment.add_application("tax", upstream.url, groups=["tax"])
    if websocket_echo:
        segment.add_application("chat", websocket_echo.url, groups=["tax"], websocket=True)
    segment.start()
    return segment


def hung_up(wire):
    """Reads until the gateway ends the connection; (what it said, after how many seconds)."""
    wire.settimeout(LATE)
    start, received = time.monotonic(), b""
    try:
        while block := wire.recv(65536):
            received += block
    except (ConnectionError, ssl.SSLEOFError):
        pass
    return received, time.monotonic() - start


def ended_in_time(wire, most=4 * SECOND):
    """The deadline of a second passed, and no earlier: the connection is closed without a word."""
    received, seconds = hung_up(wire)
    assert received == b"", received
    assert 0.5 * SECOND < seconds < most, seconds


def web(segment, host=None, source="127.0.0.1"):
    return connect(segment.web_port, host or segment.portal_host, segment.visitor().context,
                   source=source)


def counted(segment, name):
    """A value of /metrics."""
    return next(int(line.split()[1]) for line in segment.metrics().splitlines()
                if line.startswith(f"sekisho_{name} "))


def request(host, *lines, method="GET", path="/"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {host}", *lines, "", ""]).encode()


# -- deadlines ---------------------------------------------------------------------------------------
def test_a_client_that_does_not_shake_hands_is_hung_up_on(segment, upstream):
    started(segment, upstream, handshake_timeout=1)
    for first in (b"", b"\x16\x03\x01\x02\x00\x01"):
        with socket.create_connection(("127.0.0.1", segment.web_port), 20) as wire:
            wire.sendall(first)
            ended_in_time(wire)
    assert counted(segment, "deadlines_passed_total") == 2
    assert counted(segment, "handshakes_failed_total") == 2


def test_a_client_that_asks_nothing_is_hung_up_on(segment, upstream):
    started(segment, upstream, idle_timeout=1)
    with web(segment) as wire:
        ended_in_time(wire)


def test_a_kept_connection_is_hung_up_on_when_nothing_more_is_asked(segment, upstream):
    started(segment, upstream, idle_timeout=1)
    with web(segment) as wire:
        wire.sendall(request(segment.portal_host, method="HEAD"))
        assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")
        ended_in_time(wire)


def test_a_head_that_drips_is_cut_off_however_steadily_it_drips(segment, upstream):
    started(segment, upstream, header_timeout=1)
    with web(segment) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {segment.portal_host}\r\nX-A: ".encode())
        wire.settimeout(0.1)
        start = time.monotonic()

        def is_over():
            try:
                wire.sendall(b"a")
                return wire.recv(1) == b""
            except TimeoutError:
                return False
            except OSError:
                return True
        until(is_over, "the gateway to lose patience", LATE)
        assert 0.5 * SECOND < time.monotonic() - start < 4 * SECOND


def test_a_form_that_stays_away_is_cut_off_and_decides_nothing(segment, upstream):
    started(segment, upstream, body_timeout=1)
    with web(segment) as wire:
        wire.sendall(request(segment.portal_host, "Content-Length: 50", method="POST",
                             path="/signin") + b"user=hanako&pass")
        ended_in_time(wire)
    assert not [row for row in segment.audit() if row["event"].startswith("login")]


def test_an_applications_body_that_stays_away_is_not_passed_off_as_whole(segment, upstream):
    started(segment, upstream, body_timeout=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    with web(segment, segment.host("tax")) as wire:
        wire.sendall(request(segment.host("tax"), f"Cookie: {inside.session_cookie()}",
                             "Content-Length: 50", method="POST", path="/digest") + b"half")
        ended_in_time(wire)
    assert not upstream.requests


def test_a_body_that_comes_slowly_but_comes_is_taken(segment, upstream):
    """The limit is between bytes: whoever sends is not cut off for being slow."""
    started(segment, upstream, body_timeout=2, header_timeout=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    with web(segment, segment.host("tax")) as wire:
        wire.sendall(request(segment.host("tax"), f"Cookie: {inside.session_cookie()}",
                             "Content-Length: 10", method="POST", path="/digest"))
        start = time.monotonic()
        for seen in range(1, 11):
            wire.sendall(b"x")
            until(lambda: time.monotonic() - start > 0.4 * SECOND * seen, "the next byte to be due")
        assert wire.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_an_application_may_think_longer_than_a_head_may_take(segment, upstream):
    started(segment, upstream, header_timeout=1, idle_timeout=1, body_timeout=1,
            upstream_answer_timeout=30)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    upstream.pause_before_answer = 4 * SECOND
    answer = inside.get(segment.url("tax", "/slow"))
    assert answer.status == 200, answer


def test_an_application_that_does_not_answer_is_given_up_with_504(segment, upstream):
    started(segment, upstream, upstream_answer_timeout=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    upstream.pause_before_answer = LATE
    start = time.monotonic()
    answer = inside.get(segment.url("tax", "/slow"))
    assert answer.status == 504, answer
    assert 0.5 * SECOND < time.monotonic() - start < 4 * SECOND


def test_a_request_that_was_given_up_on_a_kept_connection_is_not_repeated(segment, upstream):
    started(segment, upstream, upstream_answer_timeout=1, threads=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    assert inside.get(segment.url("tax", "/first")).status == 200
    upstream.pause_before_answer = LATE
    assert inside.get(segment.url("tax", "/slow")).status == 504
    assert [seen["path"] for seen in upstream.requests].count("/slow") == 1
    assert len({seen["peer"] for seen in upstream.requests}) == 1  # it was the kept one


def test_an_answer_nobody_reads_does_not_wait_for_ever(segment, upstream):
    started(segment, upstream, body_timeout=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    with web(segment, segment.host("tax")) as wire:
        wire.sendall(request(segment.host("tax"), f"Cookie: {inside.session_cookie()}",
                             path=f"/large?n={256 * 1024 * 1024}"))
        until(lambda: counted(segment, "deadlines_passed_total") == 1, "the gateway to hang up",
              LATE)
        assert len(hung_up(wire)[0]) < 256 * 1024 * 1024


def opened_tunnel(segment, inside):
    host = segment.host("chat")
    wire = web(segment, host)
    wire.sendall(request(host, f"Cookie: {inside.session_cookie()}", "Upgrade: websocket",
                         "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                         "Sec-WebSocket-Key: c2VraXNobyBqb3VybmV5IQ==", path="/ws"))
    assert wire.recv(4096).startswith(b"HTTP/1.1 101 ")
    return wire


def test_a_tunnel_in_which_nothing_is_said_ends(segment, upstream, websocket_echo):
    started(segment, upstream, websocket_echo, tunnel_idle_timeout=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    with opened_tunnel(segment, inside) as wire:
        ended_in_time(wire)


def test_a_tunnel_in_which_something_is_said_goes_on(segment, upstream, websocket_echo):
    started(segment, upstream, websocket_echo, tunnel_idle_timeout=2, idle_timeout=1,
            header_timeout=1, body_timeout=1)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    with opened_tunnel(segment, inside) as wire:
        start = time.monotonic()
        while time.monotonic() - start < 5 * SECOND:
            wire.sendall(b"\x81\x81\0\0\0\0a")  # a text frame, masked with zeros
            assert wire.recv(16) == b"\x81\x01a"


# -- numbers -----------------------------------------------------------------------------------------
def test_one_source_has_as_many_connections_as_it_may_and_no_more(segment, upstream):
    started(segment, upstream, connections_per_source=3)
    mine = [web(segment) for _ in range(3)]
    with pytest.raises((ConnectionError, ssl.SSLError)):
        web(segment)
    segment.gateway.until_written('"too_many_connections","peer":"127.0.0.1"')
    assert counted(segment, "connections_refused_total") == 1
    web(segment, source="127.0.0.5").close()  # nobody else is in the way
    for wire in mine:  # those who were there first go on
        wire.sendall(request(segment.portal_host))
        assert wire.recv(64).startswith(b"HTTP/1.1 200 ")
    mine.pop().close()
    until(lambda: can_connect(segment), "the place to be free again")
    for wire in mine:
        wire.close()


def is_ended(wire):
    wire.settimeout(0.05)
    try:
        return wire.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def test_a_flood_from_one_source_is_held_to_its_pace_and_delays_nobody_else(segment, upstream):
    started(segment, upstream, connections_per_second=5)
    wires = [socket.create_connection(("127.0.0.1", segment.web_port), 20, ("127.0.0.6", 0))
             for _ in range(60)]
    # None of them says hello, so nothing but the pace ends any before its deadline.
    ended = [wire for wire in wires if is_ended(wire)]
    assert len(ended) >= 30, len(ended)
    assert counted(segment, "connections_refused_total") == len(ended)
    assert segment.visitor(source="127.0.0.5").get(segment.portal + "/").status == 200
    for wire in wires:
        wire.close()
    until(lambda: can_connect(segment, source="127.0.0.6"), "the source to be served again")


def test_whole_handshakes_from_one_source_are_held_to_its_pace_while_others_work(segment, upstream):
    pace, most_seconds = 10, 3 * SECOND
    started(segment, upstream, connections_per_second=pace)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    shaken, refused = [], []
    start = time.monotonic()

    def shake_hands():
        while time.monotonic() - start < most_seconds:
            (shaken if can_connect(segment, source="127.0.0.6") else refused).append(True)

    flood = [threading.Thread(target=shake_hands) for _ in range(4)]
    for thread in flood:
        thread.start()
    while any(thread.is_alive() for thread in flood):
        assert inside.get(segment.url("tax", "/")).status == 200
        time.sleep(0.3)  # the pace holds for this person, too
    for thread in flood:
        thread.join()
    # As many as are in hand at first, and those of the seconds that passed.
    assert 0 < len(shaken) <= pace * (2 + time.monotonic() - start), len(shaken)
    assert len(refused) > len(shaken)


def test_a_proxys_connections_are_everybodys_and_not_limited_by_source(segment, upstream):
    started(segment, upstream, connections_per_source=3)
    wires = [web(segment, source="127.0.0.8") for _ in range(10)]
    wires[-1].sendall(request(segment.portal_host))
    assert wires[-1].recv(64).startswith(b"HTTP/1.1 200 ")
    for wire in wires:
        wire.close()


def test_the_gateway_has_as_many_connections_as_it_may_and_no_more(segment, upstream):
    most = 40
    started(segment, upstream, connections=most)
    wires = []
    # Everyone from an address of their own; some places may be kept for proxies and terminals.
    with pytest.raises((ConnectionError, ssl.SSLError)):
        while len(wires) <= most:
            wires.append(web(segment, source=f"127.0.0.{20 + len(wires)}"))
    assert most * 3 // 4 < len(wires) <= most
    segment.gateway.until_written(f'"too_many_connections","peer":"127.0.0.{20 + len(wires)}"')
    wires.pop().close()
    until(lambda: can_connect(segment, "127.0.0.100"), "the place to be free again")
    wires[0].sendall(request(segment.portal_host))
    assert wires[0].recv(64).startswith(b"HTTP/1.1 200 ")
    for wire in wires:
        wire.close()


def test_when_all_places_are_taken_the_proxy_and_the_watch_still_get_in(segment, upstream):
    started(segment, upstream, connections=40)
    wires = []
    with pytest.raises((ConnectionError, ssl.SSLError)):
        while len(wires) <= 40:
            wires.append(web(segment, source=f"127.0.0.{20 + len(wires)}"))
    with web(segment, source="127.0.0.8") as proxy:
        proxy.sendall(request(segment.portal_host))
        assert proxy.recv(64).startswith(b"HTTP/1.1 200 ")
    assert counted(segment, "connections_refused_total") == 1
    for wire in wires:
        wire.close()


def can_connect(segment, source="127.0.0.1"):
    try:
        web(segment, source=source).close()
        return True
    except (ConnectionError, ssl.SSLError):
        return False


def test_a_flood_of_passwords_is_told_to_wait_and_keeps_no_check_waiting(segment, upstream):
    started(segment, upstream, threads=1, password_workers=1, password_queue=1)
    hanako = segment.add_user("hanako", groups=["tax"])
    inside = segment.sign_in(hanako)
    answers = []

    def guess(number):
        visitor = Visitor(segment.authority.file, source=f"127.0.0.{100 + number}")
        page = visitor.get(segment.portal + "/")
        ready.wait()
        answers.append(visitor.submit(page, "/signin", user=f"nobody-{number}", password="x" * 15))

    ready = threading.Barrier(17)
    guesses = [threading.Thread(target=guess, args=(number,)) for number in range(16)]
    for thread in guesses:
        thread.start()
    ready.wait()
    until(lambda: any(answer.status == 503 for answer in answers), "the queue to be full")
    assert inside.get(segment.url("tax", "/")).status == 200
    for thread in guesses:
        thread.join()
    told = [answer for answer in answers if answer.status == 503]
    assert len(told) < len(answers) == 16  # some were looked at all the same
    for answer in told:
        assert answer.header("Retry-After") == "5", answer
        assert "5秒ほど" in answer.text, answer


def test_a_stop_waits_for_who_is_being_served_and_no_longer_than_it_may(segment, upstream):
    started(segment, upstream, stop_timeout=2)
    inside = segment.sign_in(segment.add_user("hanako", groups=["tax"]))
    host = segment.host("tax")
    upstream.pause_before_answer = LATE
    with web(segment, host) as wire:
        wire.sendall(request(host, f"Cookie: {inside.session_cookie()}", path="/slow"))
        until(lambda: any(seen["path"] == "/slow" for seen in upstream.requests), "the question")
        start = time.monotonic()
        assert segment.stop() == 0
        assert 1.5 * SECOND < time.monotonic() - start < LATE / 2
        assert hung_up(wire)[0] == b""
