"""Other programs that sign people in, as the authority behind nginx.  Optional packages of Debian.

Each has its database in a folder of its own, and `cookies` of sessions from real sign-ins."""

import gzip
import json
import os
import shutil
import sqlite3
from pathlib import Path

from load import Failed, Target
from peers import BENCH_HOST, Nginx, Peer, must_be_installed
from segment import DOMAIN


class Authority(Peer):
    """`front` is the nginx that asks it."""

    def target(self):
        return Target(self.front.url("HTTPS", host=BENCH_HOST), [self.front.pid, self.pid],
                      body_bytes=1024, cookies=self.cookies)

    def sign_in_often(self, count):
        """One session a line, as load.lua reads it."""
        stranger = self.town.visitor().get(self.front.url("HTTPS", host=BENCH_HOST))
        if stranger.status not in (302, 401):
            raise Failed(f"{self.name} lets strangers in: {stranger!r}")
        self.cookies = self.folder / "cookies"
        self.cookies.write_text("".join(self.sign_in() + "\n" for _ in range(count)),
                                encoding="ascii")


class LemonLdap(Authority):
    """LemonLDAP::NG with the demonstration accounts and the file sessions that its package sets up,
    under our names and in our folder."""

    PROGRAM = "/usr/sbin/llng-fastcgi-server"
    PACKAGED = Path("/var/lib/lemonldap-ng/conf/lmConf-1.json")
    PORTAL = f"auth.{DOMAIN}"
    USER = PASSWORD = "dwho"

    def __init__(self, town, sessions):
        must_be_installed(self.PROGRAM, "LemonLDAP::NG")
        super().__init__(town, "llng-server")
        self.socket = self.folder / "llng.sock"
        self.front = Nginx(town, "llng", UPSTREAM=town.upstream.ports["HTTP"], PORTAL=self.PORTAL,
                           SOCKET=self.socket)
        self.portal = self.front.url("PORTAL", "/", self.PORTAL)
        self._configure()
        # It refuses to be root.
        owner = "www-data" if os.geteuid() == 0 else Path.home().owner()
        if os.geteuid() == 0:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, owner, owner)
        self.run(self.PROGRAM, "--foreground", "-u", owner, "-g", owner, "-s", self.socket,
                 "-p", self.folder / "llng.pid", env={
                     "PATH": os.environ["PATH"],
                     "LLNG_DEFAULTCONFFILE": str(self.folder / "lemonldap-ng.ini"),
                     "LLNG_DEFAULTLOGGER": "Lemonldap::NG::Common::Logger::Std"})
        self.sign_in_often(sessions)

    def is_up(self):
        return self.socket.exists()

    def _configure(self):
        for name in ("conf", "sessions/lock", "persistent/lock", "notifications", "cache"):
            (self.folder / name).mkdir(parents=True)
        settings = json.loads(self.PACKAGED.read_text(encoding="utf-8"))
        settings.update(
            # What is not used here, and needs packages that ours do not bring along.
            captcha="::Main::Plugin", registerDB="Null", portalDisplayRegister=0,
            portalDisplayResetPassword=0,
            domain=DOMAIN, portal=self.portal, securedCookie=1, https=1, reloadUrls={},
            locationRules={BENCH_HOST: {"default": "accept"}, self.PORTAL: {"default": "accept"}},
            exportedHeaders={BENCH_HOST: {"Auth-User": "$uid"}})
        for options, folder in (("globalStorageOptions", "sessions"),
                                ("persistentStorageOptions", "persistent")):
            settings[options].update(Directory=str(self.folder / folder),
                                     LockDirectory=str(self.folder / folder / "lock"))
        settings["localSessionStorageOptions"]["cache_root"] = str(self.folder / "cache")
        settings["notificationStorageOptions"]["dirName"] = str(self.folder / "notifications")
        (self.folder / "conf/lmConf-1.json").write_text(json.dumps(settings), encoding="utf-8")
        self.fill("lemonldap-ng.ini")

    def sign_in(self):
        visitor = self.town.visitor()
        page = visitor.get(self.portal)
        answer = visitor.submit(page, "/", user=self.USER, password=self.PASSWORD)
        if "lemonldap" not in visitor.cookie_values:
            raise Failed(f"LemonLDAP::NG lets nobody in: {answer!r}")
        return f"lemonldap={visitor.cookie_values['lemonldap']}"


class Glewlwyd(Authority):
    """glewlwyd with SQLite and its stock account; it answers plain HTTP on loopback."""

    PROGRAM = "/usr/bin/glewlwyd"
    SCHEMA = Path("/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz")
    ACCOUNT = {"username": "admin", "password": "password"}

    def __init__(self, town, sessions):
        must_be_installed(self.PROGRAM, "glewlwyd")
        must_be_installed(self.SCHEMA, "glewlwyd's database schema")
        super().__init__(town, "glewlwyd")
        database = sqlite3.connect(self.folder / "glewlwyd.db")
        database.executescript(gzip.decompress(self.SCHEMA.read_bytes()).decode("utf-8"))
        database.close()
        self.run(self.PROGRAM, f"--config-file={self.fill('glewlwyd.conf')}")
        self.front = Nginx(town, "glewlwyd-front", UPSTREAM=town.upstream.ports["HTTP"],
                           GLEWLWYD=self.ports["HTTP"])
        self.sign_in_often(sessions)

    def sign_in(self):
        visitor = self.town.visitor()
        answer = visitor.request("POST", f"http://localhost:{self.ports['HTTP']}/api/auth",
                                 {"Content-Type": "application/json"}, json.dumps(self.ACCOUNT))
        if answer.status != 200 or not visitor.cookie_values:
            raise Failed(f"glewlwyd lets nobody in: {answer!r}")
        return "; ".join(f"{name}={value}" for name, value in visitor.cookie_values.items())
