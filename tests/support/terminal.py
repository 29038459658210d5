"""A terminal of the segment: a joined agent, and logins through the real PAM module by pamtester."""

import os
import re
import subprocess
from pathlib import Path

import pexpect
from segment import program

PAM_FOLDER = Path("/etc/pam.d")


class Terminal:
    """`sekisho terminal add`, `sekisho-agent join`, `sekisho-agent run`, and a PAM service of its own.

    Needs root: libpam reads services from /etc/pam.d only."""

    def __init__(self, segment, name, namespace=()):
        self.segment, self.name = segment, name
        self.namespace = namespace  # a command line that runs what follows in its network
        self.gateway = f"https://{segment.terminal_address}:{segment.terminal_port}"
        self.folder = segment.folder / f"terminal-{name}"
        self.folder.mkdir()
        self.module = program("pam_sekisho.so")
        self.config, self.socket = self.folder / "agent.toml", self.folder / "agent.sock"
        self.service = PAM_FOLDER / f"sekisho-demo-{os.getpid()}-{name}"
        self.config.write_text(
            f'gateways = ["{self.gateway}"]\n'
            f'state = "{self.folder}/state"\nsocket = "{self.socket}"\nlanguage = "en"\n')

    def join(self):
        added = self.segment.json("terminal", "add", self.name)
        self._agent("join", "--gateway", self.gateway, "--ca-fingerprint", added["ca_fingerprint"],
                    "--token", added["token"])

    def start(self, key=None):
        """With `key`, a SoftwareKey: plugged into this terminal."""
        name = "sekisho-agent-with-software-key" if key else "sekisho-agent"
        self.agent = self.segment.keeper.start(
            f"sekisho-agent {self.name}",
            [*self.namespace, program(name), "run", "--config", self.config],
            self.segment.logs / f"agent-{self.name}.log",
            env={**os.environ, **(key.environment() if key else {})})
        self.agent.until(self.socket.exists, "its socket to appear")
        self.service.write_text(
            f"auth required {self.module} socket={self.socket} lang=en nodelay\n"
            "account required pam_permit.so\n")
        return self

    def close(self):
        self.service.unlink(missing_ok=True)

    def login(self, user, code):
        """(granted, what was on the screen) of one login with the password and a code."""
        answers = {"assword": user.password, "ode": code}
        screen = pexpect.spawn("pamtester", [self.service.name, user.name, "authenticate"],
                               encoding="utf-8", timeout=30, env={**os.environ, "LC_ALL": "C.UTF-8"})
        prompts = [re.compile(f"{word}[^\\n]*: ?$") for word in answers]
        shown = ""
        while (which := screen.expect([*prompts, pexpect.EOF])) < len(prompts):
            shown += screen.before + screen.after
            screen.sendline(list(answers.values())[which])
        shown += screen.before
        screen.close()
        return screen.exitstatus == 0, shown.replace("\r", "")

    def _agent(self, *arguments):
        command = (*self.namespace, program("sekisho-agent"), *arguments, "--config", self.config)
        subprocess.run([str(part) for part in command],
                       check=True, capture_output=True, text=True, timeout=60)
