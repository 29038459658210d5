"""The servers that the gateway is measured beside: nginx in its roles, and Caddy."""

import os
import re
from pathlib import Path

from load import CLIENT_CPU, SERVER_CPU, Failed
from processes import listens
from segment import DOMAIN, ROOT

CONF = Path(__file__).resolve().parent / "conf"
BENCH_HOST = f"bench.{DOMAIN}"  # the guarded application


class Peer:
    """A program with a configuration of bench/conf, in a folder of its own.

    @NAME@ in the configuration stands for a value; @PORT_NAME@ for a free port, which `ports` tells.
    """

    cpu = SERVER_CPU

    def __init__(self, town, name, **values):
        self.town, self.name, self.ports = town, name, {}
        self.folder = town.folder / name
        self.folder.mkdir()
        chain, key = town.certificate
        self.values = {"F": self.folder, "CHAIN": chain, "KEY": key, "CA": town.authority.file,
                       "HOST": BENCH_HOST, "USER": "user root;" if os.geteuid() == 0 else "",
                       **values}

    def fill(self, name):
        """bench/conf/NAME with the values put in, and what it includes, in the peer's folder."""
        def value(found):
            word = found[1]
            if word.startswith("PORT_"):
                return str(self.ports.setdefault(word[5:], self.town.new_port()))
            return str(self.values[word])
        text = (CONF / name).read_text(encoding="utf-8")
        for included in re.findall(r"include @F@/(\S+);", text):
            if (CONF / included).exists():
                self.fill(included)
        path = self.folder / name
        path.write_text(re.sub(r"@(\w+)@", value, text), encoding="utf-8")
        return path

    def run(self, *command, **options):
        self.child = self.town.keeper.start(self.name, ["taskset", "-c", self.cpu, *command],
                                            self.folder / f"{self.name}.out", **options)
        self.child.until(self.is_up, "it listens")
        return self

    def is_up(self):
        return all(listens(port) for port in self.ports.values())

    @property
    def pid(self):
        return self.child.pid

    def url(self, port, path="/1k", host="localhost"):
        return f"https://{host}:{self.ports[port]}{path}"

    def stop(self):
        self.child.stop()
        self.town.keeper.children.remove(self.child)


class Nginx(Peer):
    """nginx with bench/conf/ROLE.conf."""

    def __init__(self, town, role, name=None, cpu=SERVER_CPU, **values):
        super().__init__(town, name or role, **values)
        self.cpu = cpu
        (self.folder / "tmp").mkdir()
        self.prepare()
        self.run("nginx", "-e", self.folder / "nginx.log", "-c", self.fill(f"{role}.conf"))

    def prepare(self):
        """Other files that the configuration includes."""


class Upstream(Nginx):
    """On the client's CPU: counts for nobody."""

    LARGE = 1 << 30

    def __init__(self, town):
        www = town.folder / "www"
        www.mkdir()
        (www / "1k").write_bytes(b"x" * 1024)
        with open(www / "large", "wb") as file:
            file.truncate(self.LARGE)
        super().__init__(town, "upstream", cpu=CLIENT_CPU, WWW=www)


class ShippedNginx(Nginx):
    """nginx with the files that packaging/ ships: `gateway` is the authority."""

    def __init__(self, town, gateway):
        self.gateway = gateway
        super().__init__(town, "shipped", UPSTREAM=town.upstream.ports["HTTP"],
                         PORTAL_HOST=gateway.portal_host)

    def prepare(self):
        replaced = {"/run/sekisho-gateway/check.sock": str(self.gateway.check_socket),
                    "/etc/nginx/sekisho": str(self.folder)}
        for name in ("sekisho-http.conf", "sekisho-server.conf", "sekisho-location.conf",
                     "sekisho-ask-socket.conf"):
            text = (ROOT / "packaging/nginx" / name).read_text(encoding="utf-8")
            for shipped, ours in replaced.items():
                text = text.replace(shipped, ours)
            (self.folder / name).write_text(text, encoding="utf-8")


class Caddy(Peer):
    """Caddy with forward_auth to the trivial authority."""

    def __init__(self, town):
        super().__init__(town, "caddy", UPSTREAM=town.upstream.ports["HTTP"],
                         AUTHORITY=town.trivial_authority.ports["PLAIN"])
        self.run("caddy", "run", "--config", self.fill("Caddyfile"), "--adapter", "caddyfile",
                 env={"HOME": str(self.folder), "XDG_DATA_HOME": str(self.folder),
                      "XDG_CONFIG_HOME": str(self.folder), "PATH": os.environ["PATH"]})


def must_be_installed(program, what):
    """`./dev` has tried."""
    if not Path(program).exists():
        raise NotInstalled(f"{what} is not installed; build/log/apt.log says why")


class NotInstalled(Failed):
    """An optional peer is not there: its comparison is left out, and nothing is wrong."""
