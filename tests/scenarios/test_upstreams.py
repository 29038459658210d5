"""Several servers of one application: who is asked, who is left out, who comes back."""
# labels: journey threads

import pytest
from processes import until
from segment import Application as Entry
from segment import Rule
from upstream import Application


@pytest.fixture
def servers():
    servers = [Application(), Application()]
    for server in servers:
        server.extra_headers = [("Connection", "close")]  # who is gone is gone at once
    yield servers
    for server in servers:
        server.close()


def is_up(segment):
    """How many servers of the application are well, by the metrics."""
    return [line.split()[-1] for line in segment.metrics().splitlines()
            if line.startswith("sekisho_upstream_up{")].count("1")


def with_servers(segment, servers, health=None):
    segment.applications.append(Entry("tax", segment.host("tax"), [one.url for one in servers],
                                      [Rule(groups=("tax",))], health=health or {}))
    segment.start()
    return segment.add_user("hanako", groups=["tax"])


def staff(segment, count):
    """Visitors who are signed in, each somebody else: nobody waits for a next code."""
    return [segment.sign_in(segment.add_user(f"shokuin{number}", groups=["tax"]))
            for number in range(count)]


def seen_by(server, path):
    return sum(1 for request in server.requests if request["path"] == path)


def test_a_session_stays_with_one_server(segment, servers):
    visitor = segment.sign_in(with_servers(segment, servers))
    for _ in range(6):
        assert visitor.get(segment.url("tax", "/")).status == 200
    assert sorted(seen_by(server, "/") for server in servers) == [0, 6]


def test_a_person_stays_with_one_server_over_sessions(segment, servers):
    user = with_servers(segment, servers)
    for path in ("/one", "/two", "/three"):
        visitor = segment.sign_in(user)
        assert visitor.get(segment.url("tax", path)).status == 200
    mine = next(server for server in servers if seen_by(server, "/one"))
    assert seen_by(mine, "/two") == seen_by(mine, "/three") == 1


def test_sessions_are_spread_over_the_servers(segment, servers):
    with_servers(segment, servers)
    for visitor in staff(segment, 8):
        assert visitor.get(segment.url("tax", "/")).status == 200
    assert all(seen_by(server, "/") for server in servers)


def test_when_a_server_is_gone_the_other_is_asked(segment, servers):
    visitor = segment.sign_in(with_servers(segment, servers))
    assert visitor.get(segment.url("tax", "/")).status == 200
    mine = next(server for server in servers if seen_by(server, "/"))
    other = next(server for server in servers if server is not mine)
    mine.close()
    for _ in range(5):
        assert visitor.get(segment.url("tax", "/again")).status == 200
    assert seen_by(other, "/again") == 5
    assert '"upstream_down"' in segment.gateway.written()


def test_a_server_that_says_it_is_ill_is_left_out_until_it_is_well(segment, servers):
    ill = servers[0]
    ill.health = 503
    with_servers(segment, servers,
                 {"path": "/health", "every": "1s", "timeout": "1s", "fall": 1, "rise": 1})
    segment.gateway.until_written('"upstream_down"')
    assert is_up(segment) == 1
    visitors = staff(segment, 8)
    for visitor in visitors:
        assert visitor.get(segment.url("tax", "/")).status == 200
    assert seen_by(ill, "/") == 0 and seen_by(servers[1], "/") == 8
    ill.health = 200
    segment.gateway.until_written('"upstream_up"')
    assert is_up(segment) == 2
    # Asked as the application, under the name it has for everybody.
    asked = next(request for request in ill.requests if request["path"] == "/health")
    assert ["Host", segment.host("tax")] in asked["headers"], asked

    def asked_again():
        for visitor in visitors:
            visitor.get(segment.url("tax", "/"))
        return seen_by(ill, "/") > 0
    until(asked_again, "the server that is well again to be asked")


def test_nobody_at_all_is_a_502(segment, servers):
    visitor = segment.sign_in(with_servers(segment, servers))
    for server in servers:
        server.close()
    assert visitor.get(segment.url("tax", "/")).status == 502
