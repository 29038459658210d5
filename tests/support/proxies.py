"""Real reverse proxies in front of an application, run with the files that packaging/ ships.

Each takes the shipped text, puts this segment's names, ports and paths in, and starts the program.
"""

from processes import free_port
from segment import DOMAIN, ROOT

SHIPPED = ROOT / "packaging"
EXAMPLE_HOST = "tax.town.example"


class Proxy:
    """A guarded application at `url`, reached through a proxy on loopback."""

    def __init__(self, segment, upstream, name):
        self.segment, self.upstream = segment, upstream
        self.folder = segment.folder / name
        self.folder.mkdir()
        self.port = free_port()
        self.chain, self.key = segment.authority.issue(name, f"tax.{DOMAIN}", "localhost")
        self.url = f"https://tax.{DOMAIN}:{self.port}"

    def adapted(self, file):
        """A shipped file with this segment's values for the example's."""
        text = (SHIPPED / file).read_text(encoding="utf-8")
        for example, ours in self.replacements().items():
            text = text.replace(example, str(ours))
        return text

    def replacements(self):
        return {"portal.town.example": self.segment.portal_host, EXAMPLE_HOST: f"tax.{DOMAIN}",
                "127.0.0.1:8443": f"127.0.0.1:{self.segment.web_port}",
                "127.0.0.1:9000": f"127.0.0.1:{self.upstream.port}",
                "/etc/sekisho/tls/portal-ca.pem": self.segment.authority.file}

    def run(self, command, **options):
        name = type(self).__name__.lower()
        child = self.segment.keeper.start(name, command, self.segment.logs / f"{name}.log",
                                          **options)
        child.until_listening(self.port)
        return child


class Nginx(Proxy):
    """It asks by the gateway's own socket, or as from another machine."""

    def __init__(self, segment, upstream, by_socket=True):
        super().__init__(segment, upstream, "nginx")
        self.by_socket = by_socket
        (self.folder / "tmp").mkdir()
        for file in ("sekisho-http.conf", "sekisho-server.conf", "sekisho-location.conf",
                     "sekisho-ask-socket.conf", "sekisho-ask-tls.conf", "example-site.conf"):
            (self.folder / file).write_text(self.adapted(f"nginx/{file}"), encoding="utf-8")
        temporary = "".join(f"{kind}_temp_path {self.folder}/tmp/{kind};\n" for kind in
                            ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        import os
        (self.folder / "nginx.conf").write_text(
            ("user root;\n" if os.geteuid() == 0 else "") +
            f"daemon off; worker_processes 1; pid {self.folder}/nginx.pid;\n"
            f"error_log {segment.logs}/nginx-error.log info;\nevents {{ }}\n"
            f"http {{\naccess_log off;\n{temporary}"
            f"include {self.folder}/sekisho-http.conf;\n"
            f"include {self.folder}/example-site.conf;\n}}\n")
        self.run(["nginx", "-e", segment.logs / "nginx-error.log", "-c", self.folder / "nginx.conf"])

    def replacements(self):
        door = ({"unix:/run/sekisho-gateway/check.sock": f"unix:{self.segment.check_socket}"}
                if self.by_socket else
                {"server unix:/run/sekisho-gateway/check.sock": f"server 127.0.0.1:{self.segment.web_port}",
                 "sekisho-ask-socket.conf;": "sekisho-ask-tls.conf;"})
        return {**super().replacements(), **door,
                "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
                "/etc/nginx/sekisho": self.folder, "/etc/nginx/tls/tax.pem": self.chain,
                "/etc/nginx/tls/tax.key": self.key}


class Caddy(Proxy):
    def __init__(self, segment, upstream):
        super().__init__(segment, upstream, "caddy")
        file = self.folder / "Caddyfile"
        file.write_text("{\n  admin off\n  auto_https off\n}\n" +
                        self.adapted("caddy/Caddyfile"), encoding="utf-8")
        self.run(["caddy", "run", "--config", file, "--adapter", "caddyfile"],
                 env={"XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder),
                      "HOME": str(self.folder), "PATH": "/usr/bin:/bin"})

    def replacements(self):
        return {"tax.town.example {": f"https://tax.{DOMAIN}:{self.port} {{", **super().replacements(),
                "/etc/caddy/tls/tax.pem": self.chain, "/etc/caddy/tls/tax.key": self.key}


class Haproxy(Proxy):
    def __init__(self, segment, upstream):
        super().__init__(segment, upstream, "haproxy")
        (self.folder / "tax.pem").write_text(self.chain.read_text() + self.key.read_text())
        (self.folder / "sekisho.lua").write_text(self.adapted("haproxy/sekisho.lua"))
        file = self.folder / "haproxy.cfg"
        file.write_text(self.adapted("haproxy/haproxy.cfg"), encoding="utf-8")
        self.run(["haproxy", "-db", "-f", file])

    def replacements(self):
        return {**super().replacements(), "bind 0.0.0.0:443": f"bind 127.0.0.1:{self.port}",
                "/etc/haproxy/tls/tax.pem": self.folder / "tax.pem",
                "/etc/haproxy/sekisho.lua": self.folder / "sekisho.lua"}
