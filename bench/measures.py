"""What is measured, as two tables: who is run, and which of them are compared."""

import time
from dataclasses import dataclass
from typing import Callable

from load import Holding, Target, download, must_answer, tls_client, wrk
from meters import cpu_seconds, resident_bytes
from peers import BENCH_HOST, Upstream
from town import AT_ONCE, FEW, HELD, MANY

MIB = 1 << 20
RATE = 200  # of the paced client, requests a second


@dataclass
class Reading:
    value: float  # what is compared
    told: str     # the rest, for the table of rounds


# -- how one run goes: each returns a function of the town that makes a function of the seconds ------

def per_request(target_of):
    """Microseconds of CPU a request, under wrk."""
    def prepare(town):
        target = target_of(town)

        def run(seconds):
            must_answer(target, town.visitor())
            wrk(target, 1)  # connections and caches warm
            before = cpu_seconds(target.pids)
            figures = wrk(target, seconds)
            spent = cpu_seconds(target.pids) - before
            rate = figures["requests"] / figures["seconds"]
            return Reading(spent * 1e6 / figures["requests"],
                           f"{rate:,.0f} requests/s, p50 {figures['p50_ms']:.2f} ms, "
                           f"p99 {figures['p99_ms']:.2f} ms")
        return run
    return prepare


def per_handshake(target_of, with_certificate=False):
    """Microseconds of CPU a full handshake."""
    def prepare(town):
        target, ca_file = target_of(town)
        pair = town.terminal if with_certificate else ()
        visitor = town.visitor()
        visitor.context.load_verify_locations(str(ca_file))
        if pair:
            visitor.context.load_cert_chain(*map(str, pair))

        def run(seconds):
            must_answer(target, visitor)
            before = cpu_seconds(target.pids)
            figures = tls_client("handshakes", target, ca_file, seconds, *pair)
            spent = cpu_seconds(target.pids) - before
            return Reading(spent * 1e6 / figures["handshakes"],
                           f"{figures['handshakes'] / figures['seconds']:,.0f} handshakes/s")
        return run
    return prepare


def per_download(target_of):
    """MiB a second of CPU."""
    def prepare(town):
        target = target_of(town)

        def run(_):
            before = cpu_seconds(target.pids)
            seconds = download(target, town.authority.file)  # looks at status and size itself
            spent = cpu_seconds(target.pids) - before
            size = target.body_bytes / MIB
            return Reading(size / spent, f"{size / seconds:,.0f} MiB/s")
        return run
    return prepare


def while_idle(server_of):
    """MiB resident while the connections are held, of a server that was just started."""
    def prepare(town):
        def run(_):
            target, stop = server_of(town)
            try:
                must_answer(target, town.visitor())
                before = resident_bytes(target.pids)
                with Holding(target, town.authority.file, HELD):
                    after = resident_bytes(target.pids)
            finally:
                stop()
            return Reading(after / MIB, f"{before / MIB:.1f} MiB before, "
                           f"{(after - before) / HELD / 1024:.1f} KiB a connection")
        return run
    return prepare


def p99(target_of, flooded):
    """Milliseconds, of a check at a low and steady rate."""
    def prepare(town):
        target = target_of(town)
        flood = town.flood if flooded else None

        def run(seconds):
            must_answer(target, town.visitor())
            if not flood:
                return reading(tls_client("paced", target, town.authority.file, seconds, RATE))
            with flood:
                begin, already = time.monotonic(), len(flood.logins)
                figures = tls_client("paced", target, town.authority.file, seconds, RATE)
                logins = (len(flood.logins) - already) / (time.monotonic() - begin)
            return reading(figures, f", {logins:.0f} logins/s")
        return run

    def reading(figures, more=""):
        return Reading(figures["p99_ms"], f"p50 {figures['p50_ms']:.3f} ms, "
                       f"most {figures['max_ms']:.3f} ms{more}")
    return prepare


# -- what is asked of whom -------------------------------------------------------------------------

# A reverse proxy's question.
ASKING = {"X-Original-URL": f"https://{BENCH_HOST}/1k", "X-Original-Method": "GET",
          "X-Forwarded-For": "127.0.0.1"}


def check(segment):
    return Target(f"{segment.portal}/authz/auth-request", [segment.gateway.pid],
                  {**ASKING, "Cookie": segment.cookie})


def check_in_rotation(segment):
    return Target(f"{segment.portal}/authz/auth-request", [segment.gateway.pid], ASKING,
                  cookies=segment.cookies)


def proxied(town, path="/1k", body_bytes=1024):
    segment = town.gateway
    return Target(segment.url("bench", path), [segment.gateway.pid], {"Cookie": segment.cookie},
                  body_bytes)


def fronted(town, port, authorities=(), **options):
    """At the nginx that is the peer."""
    options = {"headers": {"Cookie": town.gateway.cookie}, "body_bytes": 1024, **options}
    return Target(town.front.url(port, options.pop("path", "/1k")),
                  [town.front.pid, *(authority.pid for authority in authorities)], **options)


def shipped(town, **options):
    front = town.shipped_front
    return Target(front.url("HTTPS", host=BENCH_HOST), [front.pid, town.gateway.gateway.pid],
                  body_bytes=1024, **options)


def web_listener(town):
    """With the CA to trust, as the others that handshakes are made with."""
    return check(town.gateway), town.authority.file


def terminal_listener(town):
    segment = town.gateway
    return Target(f"https://gateway.{segment.domain}:{segment.terminal_port}/v1/terminal/status",
                  [segment.gateway.pid], body_bytes=None), segment.folder / "keys/ca.pem"


def fresh_gateway(town):
    segment = town.start_anew()
    target = Target(segment.url("bench", "/1k"), [segment.gateway.pid],
                    {"Cookie": segment.cookies.read_text().split()[0]}, 1024)
    return target, segment.stop


def fresh_nginx(town):
    peer = town.new_front("fresh-nginx")
    return Target(peer.url("PLAIN"), [peer.pid], body_bytes=1024), peer.stop


# -- who is run, in this order and in the next round backwards ---------------------------------------

RUNS = {
    "check": per_request(lambda town: check(town.gateway)),
    "check nginx": per_request(lambda town: fronted(
        town, "CHECK", headers={**ASKING, "Cookie": town.gateway.cookie}, body_bytes=0)),
    "authority": per_request(lambda town: shipped(town, headers={"Cookie": town.gateway.cookie})),
    "guarded nginx": per_request(lambda town: fronted(town, "GUARDED", [town.trivial_authority])),
    "guarded nginx socket": per_request(lambda town: fronted(town, "GUARDED_SOCKET",
                                                             [town.trivial_authority])),
    "proxy": per_request(proxied),
    "caddy": per_request(lambda town: Target(
        town.caddy.url("HTTPS"), [town.caddy.pid, town.trivial_authority.pid],
        {"Cookie": town.gateway.cookie}, 1024)),
    "plain nginx": per_request(lambda town: fronted(town, "PLAIN")),
    "authority 500": per_request(lambda town: shipped(town, cookies=town.gateway.cookies)),
    "llng": per_request(lambda town: town.lemonldap.target()),
    "glewlwyd": per_request(lambda town: town.glewlwyd.target()),
    "download": per_download(lambda town: proxied(town, "/large", Upstream.LARGE)),
    "download nginx": per_download(lambda town: fronted(town, "PLAIN", path="/large",
                                                        body_bytes=Upstream.LARGE)),
    "handshake": per_handshake(web_listener),
    "handshake nginx": per_handshake(lambda town: (fronted(town, "CHECK", body_bytes=0),
                                                   town.authority.file)),
    "handshake-mtls": per_handshake(terminal_listener, with_certificate=True),
    "handshake-mtls nginx": per_handshake(lambda town: (fronted(town, "MTLS", body_bytes=0),
                                                        town.authority.file),
                                          with_certificate=True),
    "idle-memory": while_idle(fresh_gateway),
    "idle-memory nginx": while_idle(fresh_nginx),
    "sessions few": per_request(lambda town: check_in_rotation(town.gateway_with_few)),
    "sessions many": per_request(lambda town: check_in_rotation(town.gateway_with_many)),
    "check paced": p99(lambda town: check(town.gateway), flooded=False),
    "check flooded": p99(lambda town: check(town.gateway), flooded=True),
}
ONCE = {"idle-memory", "idle-memory nginx"}  # hardly differs from round to round


@dataclass
class Comparison:
    ours: str
    peer: str
    names: tuple = ("ours", "nginx")
    unit: Callable = "{:.1f} us".format
    more_is_better: bool = False

    def ratio(self, ours, peer):
        return ours / peer if self.more_is_better else peer / ours


RATIOS = {
    "check": Comparison("check", "check nginx"),
    "authority": Comparison("authority", "guarded nginx"),
    "authority-llng": Comparison("authority 500", "llng", ("ours", "LemonLDAP::NG")),
    "authority-glewlwyd": Comparison("authority 500", "glewlwyd", ("ours", "glewlwyd")),
    "proxy": Comparison("proxy", "guarded nginx"),
    "proxy-caddy": Comparison("proxy", "caddy", ("ours", "Caddy")),
    "download": Comparison("download", "download nginx", unit="{:,.0f} MiB per CPU s".format,
                           more_is_better=True),
    "handshake": Comparison("handshake", "handshake nginx"),
    "handshake-mtls": Comparison("handshake-mtls", "handshake-mtls nginx"),
    "idle-memory": Comparison("idle-memory", "idle-memory nginx", unit="{:.1f} MiB".format),
    "flood": Comparison("check flooded", "check paced", (f"{AT_ONCE} logins", "idle"),
                        "{:.3f} ms".format),
    "sessions": Comparison("sessions many", "sessions few", (f"{MANY:,}", f"{FEW:,}")),
}

# Of interest beside a ratio, but no goal: printed when the ratio of that name is.
INFORMATION = {
    "authority": ("authority-socket", Comparison("authority", "guarded nginx socket",
                                                 ("ours", "nginx asking by a socket"))),
    "proxy": ("proxy-unguarded", Comparison("proxy", "plain nginx",
                                            ("ours", "nginx without authentication"))),
}
