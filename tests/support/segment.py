"""A whole deployment of Sekisho in a throwaway folder, on loopback, made by its own command line.

    with Segment(folder) as segment:
        segment.add_application("tax", upstream.url, groups=["tax"])
        segment.start()
        hanako = segment.add_user("hanako", groups=["tax"])
        visitor = segment.sign_in(hanako)

Names end in .sekisho.test and are never resolved; see visitor.py.  Everything is stopped by its
process id when the segment closes.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from certificates import TownAuthority
from otp_token import Token
from processes import Keeper, free_ports, until
from visitor import Visitor

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "sekisho.test"


def build_folder():
    """Where the programs to test were built; CTest says so in SEKISHO_BUILD."""
    named = os.environ.get("SEKISHO_BUILD")
    if not named:
        raise RuntimeError("SEKISHO_BUILD must name the build folder, such as build/sanitize")
    return Path(named).resolve()


PROGRAMS = {"sekishod": "gateway/sekishod", "sekisho": "cli/sekisho",
            "sekisho-agent": "agent/sekisho-agent", "pam_sekisho.so": "pam_module/pam_sekisho.so",
            "sekisho-agent-with-software-key": "tests/agent/sekisho-agent-with-software-key",
            "sekisho-with-software-key": "tests/cli/sekisho-with-software-key"}


def program(name):
    path = build_folder() / PROGRAMS[name]
    if not path.exists():
        raise RuntimeError(f"{path} is not built")
    return path


class CommandFailed(AssertionError):
    def __init__(self, command, result):
        self.code, self.stdout, self.stderr = result.returncode, result.stdout, result.stderr
        super().__init__(f"{' '.join(map(str, command))} exited {result.returncode}\n"
                         f"{result.stdout[-2000:]}{result.stderr[-2000:]}")


@dataclass
class Rule:
    path: str = "/"
    groups: tuple = ()
    networks: tuple = ("127.0.0.0/8",)
    hours: str = ""
    terminals: tuple = ()
    require: str = "any-second-factor"
    fresh: str = ""

    def toml(self):
        lines = ["[[application.rule]]", f"path = {json.dumps(self.path)}",
                 f"require = {json.dumps(self.require)}"]
        if self.groups:
            lines.append(f"groups = {json.dumps(list(self.groups))}")
        if self.networks:
            lines.append(f"networks = {json.dumps(list(self.networks))}")
        if self.hours:
            lines.append(f"hours = {json.dumps(self.hours)}")
        if self.terminals:
            lines.append(f"terminals = {json.dumps(list(self.terminals))}")
        if self.fresh:
            lines.append(f"fresh = {json.dumps(self.fresh)}")
        return "\n  ".join(lines)


@dataclass
class Application:
    name: str
    host: str
    upstream: str
    rules: list
    websocket: bool = False
    upstream_ca: str = ""
    health: dict = field(default_factory=dict)
    identity_token: bool = False

    def toml(self):
        lines = ["[[application]]", f"name = {json.dumps(self.name)}",
                 f"host = {json.dumps(self.host)}"]
        if isinstance(self.upstream, (list, tuple)):
            lines.append(f"upstreams = {json.dumps(list(self.upstream))}")
        elif self.upstream:
            lines.append(f"upstream = {json.dumps(self.upstream)}")
        if self.upstream_ca:
            lines.append(f"upstream_ca = {json.dumps(self.upstream_ca)}")
        if self.websocket:
            lines.append("websocket = true")
        if self.identity_token:
            lines.append("identity_token = true")
        if self.health:
            lines += ["[application.health]",
                      *(f"{key} = {json.dumps(value)}" for key, value in self.health.items())]
        return "\n".join(lines + [rule.toml() for rule in self.rules]) + "\n"


@dataclass
class User:
    name: str
    password: str
    token: Token = None
    display: str = ""
    recovery_codes: list = field(default_factory=list)


class Segment:
    def __init__(self, folder, organization="関所町", domain=DOMAIN):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.organization, self.domain = organization, domain
        self.logs = self.folder / "log"
        self.logs.mkdir(exist_ok=True)
        self.keeper = Keeper()
        self.authority = TownAuthority(self.folder / "town")
        self.applications = []
        self.settings = {}  # section -> {key: value}, laid over the defaults
        self.terminal_address = "127.0.0.1"
        self.check_socket_group = ""
        self.web_port, self.terminal_port, self.metrics_port = free_ports(3)
        self.config = self.folder / "sekishod.toml"
        self.gateway = None
        self._initialised = False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.keeper.stop_all()

    # -- names -----------------------------------------------------------------------------------
    @property
    def check_socket(self):
        return self.folder / "check.sock"

    @property
    def portal_host(self):
        return f"portal.{self.domain}"

    @property
    def portal(self):
        return f"https://{self.portal_host}:{self.web_port}"

    def host(self, application):
        return f"{application}.{self.domain}"

    def url(self, application, path="/"):
        """An application's address through the built-in proxy."""
        return f"https://{self.host(application)}:{self.web_port}{path}"

    # -- configuration ---------------------------------------------------------------------------
    def add_application(self, name, upstream="", rules=None, websocket=False, groups=(),
                        upstream_ca="", require="any-second-factor", identity_token=False):
        rules = rules or [Rule(groups=tuple(groups), require=require)]
        self.applications.append(Application(name, self.host(name), upstream, rules, websocket,
                                             upstream_ca, identity_token=identity_token))

    def write_config(self):
        """Writes sekishod.toml from what is known now."""
        defaults = {
            "segment": {"networks": ["127.0.0.0/8"]},
            "store": {"path": "store.db", "seal_keys": "keys/seal.keys",
                      "audit_key": "keys/audit.pem"},
            "ca": {"certificate": "keys/ca.pem", "key": "keys/ca.key"},
            "portal": {"url": self.portal, "organization": self.organization,
                       "cookie_domain": self.domain},
            "proxies": {"trusted": ["127.0.0.1"]},
        }
        for section, values in self.settings.items():
            defaults.setdefault(section, {}).update(values)
        parts = [f"[{section}]\n" + "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
                                            for key, value in values.items())
                 for section, values in defaults.items()]
        parts += [f'[[listener]]\naddress = "127.0.0.1:{self.web_port}"\nkind = "web"\n'
                  'certificate = "tls/portal.pem"\nkey = "tls/portal.key"\n',
                  f'[[listener]]\naddress = "{self.terminal_address}:{self.terminal_port}"\n'
                  f'kind = "terminal"\nnames = ["gateway.{self.domain}", "{self.terminal_address}"]\n',
                  f'[[listener]]\naddress = "127.0.0.1:{self.metrics_port}"\nkind = "metrics"\n']
        parts += [f'[[listener]]\nkind = "check"\npath = "{self.check_socket}"\n'
                  f'group = "{self.check_socket_group}"\n']
        parts += [application.toml() for application in self.applications]
        self.config.write_text("\n".join(parts), encoding="utf-8")

    def initialise(self):
        """Certificates, keys and an empty store; `sekisho init` makes what is Sekisho's own."""
        if self._initialised:
            return
        (self.folder / "tls").mkdir(exist_ok=True)
        hosts = [self.portal_host, f"*.{self.domain}", "localhost", "127.0.0.1"]
        chain, key = self.authority.issue("portal", *hosts)
        shutil.copy(chain, self.folder / "tls/portal.pem")
        shutil.copy(key, self.folder / "tls/portal.key")
        self.write_config()
        self.command("init")
        self._initialised = True

    # -- the gateway -----------------------------------------------------------------------------
    def start(self, wrapper=(), environment=None, pass_fds=()):
        """Starts sekishod and returns when it says it is ready."""
        self.initialise()
        self.write_config()
        ready_read, ready_write = os.pipe()
        try:
            self.gateway = self.keeper.start(
                "sekishod", [*wrapper, program("sekishod"), "--config", self.config,
                             "--ready-fd", ready_write],
                self.logs / "sekishod.log", pass_fds=(ready_write, *pass_fds), cwd=self.folder,
                env={**os.environ, **(environment or {})})
        finally:
            os.close(ready_write)
        os.set_blocking(ready_read, False)
        try:
            self.gateway.until(lambda: _read_some(ready_read), "it is ready", 60)
        finally:
            os.close(ready_read)
        return self.gateway

    def stop(self):
        code = self.gateway.stop()
        self.keeper.children.remove(self.gateway)
        self.gateway = None
        return code

    def kill(self):
        """kill -9, and what the kernel keeps."""
        self.gateway.kill()
        self.keeper.children.remove(self.gateway)
        self.gateway = None

    def reload(self):
        """SIGHUP, after the configuration was written again."""
        self.write_config()
        before = self.gateway.written().count('"reloaded"')
        self.gateway.signal(signal.SIGHUP)
        self.gateway.until(lambda: self.gateway.written().count('"reloaded"') > before, "a reload")

    # -- the command line ------------------------------------------------------------------------
    def command(self, *arguments, input="", check=True):
        """Runs `sekisho ARGUMENTS --config ...`; every call's output is kept among the logs."""
        command = [program("sekisho"), "--config", self.config, "--yes", *arguments]
        result = subprocess.run([str(part) for part in command], input=input, text=True,
                                capture_output=True, timeout=120)
        if check and result.returncode:
            raise CommandFailed(command, result)
        return result

    def program_line(self):
        """What a person types to use the command line on this segment."""
        return f"{program('sekisho')} --config {self.config} --help"

    def json(self, *arguments, **options):
        return json.loads(self.command("--json", *arguments, **options).stdout)

    # -- people ----------------------------------------------------------------------------------
    def add_user(self, name, display="", groups=(), password=None, totp=True):
        password = password or "pw-" + secrets.token_urlsafe(12)
        user = User(name, password, display=display or name)
        options = [part for group in groups for part in ("--group", group)]
        self.command("user", "add", name, "--display-name", user.display, *options,
                     "--password-stdin", input=password + "\n")
        if totp:
            user.token = self.add_token(user)
        return user

    def add_token(self, user, digits=6, algorithm="sha1"):
        """Binds a hardware token to the user: it counts at once, and no code is spent."""
        token = Token.new(digits, algorithm)
        self.command("totp", "add", user.name, "--seed-stdin", "--confirmed", "--digits", digits,
                     "--algorithm", algorithm, input=token.seed + "\n")
        return token

    def enrol_phone(self, user):
        """The way of an app: the seed comes in a QR, and its first code confirms it."""
        enrolled = self.json("totp", "add", user.name)
        token = Token.from_uri(enrolled["uri"])
        self.command("totp", "confirm", enrolled["credential"], token.next_code())
        return token

    def visitor(self, **options):
        return Visitor(self.authority.file, **options)

    def metrics(self):
        """The page of /metrics, asked from an address of its own: connections are limited by source."""
        page = self.visitor(source="127.0.0.6").get(f"http://localhost:{self.metrics_port}/metrics")
        return page.text

    def sign_in(self, user, visitor=None, code=None, return_to=""):
        """Goes through the portal's forms with password and code; returns the signed-in visitor.

        Raises AssertionError, with what the portal said, when it does not end signed in."""
        visitor = visitor or self.visitor()
        page = self.present_password(user, visitor, return_to)
        answer = visitor.submit(page, "/second-factor", code=code or user.token.next_code())
        assert answer.status == 303, answer
        visitor.landed = answer
        return visitor

    def present_password(self, user, visitor, return_to=""):
        """The first factor; returns the page that asks for the second."""
        start = self.portal + ("/?rd=" + quote(return_to, safe="") if return_to else "/")
        page = visitor.follow(visitor.get(start))
        answer = visitor.submit(page, "/signin", user=user.name, password=user.password)
        return visitor.follow(answer)

    # -- what it wrote ---------------------------------------------------------------------------
    def audit(self):
        """The audit log, oldest first, as the command line exports it."""
        return [json.loads(line) for line in
                self.command("audit", "export").stdout.splitlines() if line.strip()]

    def until_audited(self, question, what, seconds=10):
        return until(lambda: [row for row in self.audit() if question(row)], what, seconds)


def _read_some(descriptor):
    try:
        return os.read(descriptor, 64)
    except BlockingIOError:
        return b""
