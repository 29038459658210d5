"""A town of its own for each test: a folder that `sekisho init` filled, and the command itself."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))

PASSWORD = "correct horse 7261"


def program():
    build = os.environ.get("SEKISHO_BUILD")
    if not build:
        raise RuntimeError("SEKISHO_BUILD must name the build folder, such as build/sanitize")
    return Path(build).resolve() / "cli" / "sekisho"


class Town:
    """sekisho("user", "list") runs the command as an administrator would type it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.config = self.folder / "sekishod.toml"

    def run(self, *arguments, input="", env=None):
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "Asia/Tokyo",
                       "SUDO_USER": "tanaka", **(env or {})}
        return subprocess.run([str(program()), "--config", str(self.config), *map(str, arguments)],
                              input=input, text=True, capture_output=True, timeout=60,
                              env=environment, cwd=self.folder)

    def __call__(self, *arguments, code=0, **options):
        """Standard output of a run that must end with `code`."""
        result = self.run(*arguments, **options)
        assert result.returncode == code, (arguments, result.returncode, result.stdout,
                                           result.stderr)
        assert "Sanitizer" not in result.stderr and "runtime error" not in result.stderr
        return result.stdout

    def refused(self, code, *arguments, **options):
        """What a run that must fail with `code` says on standard error; it prints no result."""
        result = self.run(*arguments, **options)
        assert result.returncode == code, (arguments, result.returncode, result.stdout,
                                           result.stderr)
        assert result.stderr.strip(), "a refusal must say why"
        assert "Sanitizer" not in result.stderr and "runtime error" not in result.stderr
        return result.stderr

    def json(self, *arguments, code=0, **options):
        return json.loads(self("--json", *arguments, code=code, **options))

    def init(self, *more):
        return self("init", "--segment", "127.0.0.0/8", "--portal-url",
                    "https://portal.town.example:8443", "--listen", "127.0.0.1", "--organization",
                    "関所町", "--cookie-domain", "town.example", "--terminal-name",
                    "gateway.town.example", *more)

    def add_user(self, name="hanako", *options):
        self("user", "add", name, *options, "--password-stdin", input=PASSWORD + "\n")

    def events(self):
        return [row["event"] for row in self.json("audit", "tail", "-n", "1000")]


@pytest.fixture
def empty(tmp_path):
    return Town(tmp_path)


@pytest.fixture
def town(empty):
    empty.init()
    return empty
