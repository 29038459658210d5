"""Where a person sits down: a joined terminal with PAM services, and Linux users to log in as.

Everything it puts into the system (users, /etc/pam.d, /etc/sudoers.d) has a name of its own that
begins with "sekisho-test-" or "skt", and is removed by close()."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import pexpect
from segment import program
from terminal import PAM_FOLDER, Terminal

_serial = iter(range(10_000))


class Seat(Terminal):
    """A terminal whose socket and module every local user can reach, as once installed."""

    def __init__(self, segment, name, gateway=None):
        super().__init__(segment, name)
        self.public = Path(tempfile.mkdtemp(prefix="sekisho-test-"))
        self.public.chmod(0o755)
        self.module = shutil.copy(program("pam_sekisho.so"), self.public)
        self.socket = self.public / "agent.sock"
        self.gateway = gateway or f"https://127.0.0.1:{segment.terminal_port}"
        self.services = []
        self.write_config(gateways=[self.gateway])

    def write_config(self, gateways, language="en"):
        listed = ", ".join(f'"{gateway}"' for gateway in gateways)
        self.config.write_text(f'gateways = [{listed}]\nstate = "{self.folder}/state"\n'
                               f'socket = "{self.socket}"\nlanguage = "{language}"\n')

    def restart(self, key=None, **settings):
        self.agent.stop()
        self.segment.keeper.children.remove(self.agent)
        if settings:
            self.write_config(**settings)
        return self.start(key)

    def stack(self, options="nodelay", name=None):
        """A PAM service with the module as its only authentication; returns its name."""
        name = name or f"sekisho-test-{os.getpid()}-{next(_serial)}"
        path = PAM_FOLDER / name
        path.write_text(self.stack_text(options))
        self.services.append(path)
        return name

    def stack_text(self, options="nodelay"):
        return (f"auth required {self.module} socket={self.socket} {options}\n"
                f"account required {self.module} socket={self.socket} {options}\n"
                "session required pam_permit.so\n")

    def __enter__(self):
        """Joined, and its agent running."""
        try:
            self.join()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        super().close()
        for path in self.services:
            path.unlink(missing_ok=True)
        shutil.rmtree(self.public, ignore_errors=True)


class LinuxUser:
    """A user of this machine for as long as the test runs; the name is also the store's."""

    def __init__(self):
        self.name = f"skt{os.getpid()}x{next(_serial)}"
        subprocess.run(["useradd", "--no-create-home", "--home-dir", "/", "--shell", "/bin/sh",
                        self.name], check=True, capture_output=True)
        self.uid = int(subprocess.check_output(["id", "-u", self.name]))

    def command(self, *command):
        """The command line that runs `command` as this user."""
        return ["setpriv", f"--reuid={self.uid}", f"--regid={self.uid}", "--clear-groups", "--",
                *map(str, command)]

    def close(self):
        subprocess.run(["userdel", self.name], check=False, capture_output=True)


def answer_prompts(command, answers, locale="C.UTF-8", timeout=30, environment=None):
    """Runs a program on a terminal of its own and answers what it asks.

    `answers` is a list of (pattern of the prompt, answer), used in that order.  Returns the exit
    status and everything shown."""
    screen = pexpect.spawn(str(command[0]), [str(part) for part in command[1:]], encoding="utf-8",
                           timeout=timeout, env={**os.environ, "LC_ALL": locale, "LANG": locale,
                                                 **(environment or {})})
    shown = ""
    for prompt, answer in answers:
        which = screen.expect([re.compile(prompt), pexpect.EOF])
        shown += screen.before + (screen.after if which == 0 else "")
        if which == 1:
            break
        screen.sendline(answer)
    else:
        screen.expect(pexpect.EOF)
        shown += screen.before
    screen.close()
    status = screen.exitstatus if screen.exitstatus is not None else 128 + screen.signalstatus
    return status, shown.replace("\r", "")


def password_and_code(user, code, password=None):
    return [("assword[^\n]*: $", password or user.password), ("code[^\n]*: $", code)]
