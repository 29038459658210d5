"""Everything that is measured, started when it is first asked for and ended with the town."""

import subprocess
from pathlib import Path

from authorities import Glewlwyd, LemonLdap
from certificates import TownAuthority
from flood import PasswordFlood
from load import SERVER_CPU
from peers import Caddy, Nginx, ShippedNginx, Upstream
from processes import Keeper, free_port
from segment import DOMAIN, Segment, program
from sessions import add_sessions, write_cookies
from visitor import Visitor

IN_ROTATION = 500  # sessions that take turns where authorities are compared
AT_ONCE = 32  # password logins of "flood"
FEW, MANY = 1_000, 1_000_000  # sessions in the two stores of "sessions"
HELD = 10_000  # idle connections


def once(start):
    """What `start` returns, or raises, is kept: what did not start is not tried again."""
    def kept(town):
        if start.__name__ not in town.started:
            try:
                town.started[start.__name__] = (start(town), None)
            except Exception as failure:
                town.started[start.__name__] = (None, failure)
        result, failure = town.started[start.__name__]
        if failure:
            raise failure
        return result
    return kept


class Town:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.chmod(0o711)  # LemonLDAP::NG refuses to be root
        self.keeper = Keeper()
        self.segments, self.started, self.ports = [], {}, set()
        self.authority = TownAuthority(self.folder / "town")
        self.certificate = self.authority.issue("peer", "localhost", f"*.{DOMAIN}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for segment in self.segments:
            segment.close()
        self.keeper.stop_all()

    def visitor(self):
        return Visitor(self.authority.file)

    def new_port(self):
        """A free port that was not given out before: one configuration names several."""
        while (port := free_port()) in self.ports:
            pass
        self.ports.add(port)
        return port

    # -- Sekisho -----------------------------------------------------------------------------------
    def _gateway(self, name, sessions):
        """A gateway of one thread with that many live sessions, and its user.  Not started."""
        segment = Segment(self.folder / name)
        segment.authority = self.authority
        self.segments.append(segment)
        # Of the connections an eighth is not for browsers; and nobody is signed out in between.
        segment.settings = {"limits": {"threads": 1, "connections": HELD * 5 // 4,
                                        "connections_per_second": 100_000},
                            "sessions": {"idle": "12h", "absolute": "24h"}}
        segment.add_application("bench", f"http://127.0.0.1:{self.upstream.ports['HTTP']}",
                                groups=["bench"])
        segment.initialise()
        segment.user = segment.add_user("hanako", "関所 花子", groups=["bench"])
        tokens = add_sessions(segment.folder / "store.db", segment.user.name, sessions)
        most = min(sessions, FEW)
        segment.cookies = write_cookies(segment.folder / "cookies", tokens[::sessions // most])
        return segment

    def _started(self, segment):
        segment.start(wrapper=("taskset", "-c", SERVER_CPU))
        return segment

    @property
    @once
    def gateway(self):
        """The one that most is measured at; `cookie` is of a real sign-in."""
        segment = self._started(self._gateway("gateway", IN_ROTATION))
        segment.cookie = segment.sign_in(segment.user).session_cookie()
        return segment

    @property
    @once
    def gateway_with_few(self):
        return self._started(self._gateway("few", FEW))

    @property
    @once
    def gateway_with_many(self):
        return self._started(self._gateway("many", MANY))

    @property
    @once
    def stopped_gateway(self):
        return self._gateway("fresh", IN_ROTATION)

    def start_anew(self):
        """A gateway that has served nobody yet; to be stopped by the caller."""
        return self._started(self.stopped_gateway)

    @property
    @once
    def flood(self):
        return PasswordFlood(self.gateway, AT_ONCE)

    @property
    @once
    def terminal(self):
        """(certificate, key) of a terminal that has joined."""
        segment, folder = self.gateway, self.folder / "terminal"
        folder.mkdir()
        config = folder / "agent.toml"
        url = f"https://127.0.0.1:{segment.terminal_port}"
        config.write_text(f'gateways = ["{url}"]\nstate = "{folder}/state"\n', encoding="utf-8")
        added = segment.json("terminal", "add", "bench-01")
        subprocess.run([program("sekisho-agent"), "join", "--config", config, "--gateway", url,
                        "--ca-fingerprint", added["ca_fingerprint"], "--token", "-"],
                       input=added["token"] + "\n", text=True, capture_output=True, check=True)
        return folder / "state/terminal.pem", folder / "state/terminal.key"

    # -- peers -------------------------------------------------------------------------------------
    @property
    @once
    def upstream(self):
        return Upstream(self)

    @property
    @once
    def trivial_authority(self):
        return Nginx(self, "auth")

    @property
    @once
    def front(self):
        return self.new_front("front")

    def new_front(self, name):
        asked = self.trivial_authority
        return Nginx(self, "front", name, UPSTREAM=self.upstream.ports["HTTP"],
                     AUTHORITY=asked.ports["PLAIN"], AUTHORITY_SOCKET=asked.folder / "auth.sock",
                     TERMINAL_CA=self.gateway.folder / "keys/ca.pem")

    @property
    @once
    def shipped_front(self):
        return ShippedNginx(self, self.gateway)

    @property
    @once
    def caddy(self):
        return Caddy(self)

    @property
    @once
    def lemonldap(self):
        return LemonLdap(self, IN_ROTATION)

    @property
    @once
    def glewlwyd(self):
        return Glewlwyd(self, IN_ROTATION)
