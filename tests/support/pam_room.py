"""Programs that log people in, run with PAM services of the test's own.

libpam reads /etc/pam.d only.  Each program runs in a mount namespace of its own in which a folder
of the test's lies over it, so nothing of the machine is changed.  Needs root.
"""

import os
import re
import shlex
import subprocess

import pexpect


class PamRoom:
    def __init__(self, folder):
        self.folder = folder
        self.services = folder / "pam.d"
        self.services.mkdir(parents=True)
        self.overlays = {"/etc/pam.d": self.services}

    def service(self, name, *lines):
        (self.services / name).write_text("\n".join(lines) + "\n")

    def put_over(self, path, text, mode=0o644):
        """Lets `path` read as `text` inside the room."""
        file = self.folder / path.strip("/").replace("/", "-")
        file.write_text(text)
        file.chmod(mode)
        self.overlays[path] = file

    def command(self, *arguments, namespace=()):
        """The command line that runs `arguments` inside the room."""
        mounts = " && ".join(f"mount --bind {shlex.quote(str(ours))} {shlex.quote(theirs)}"
                             for theirs, ours in self.overlays.items())
        line = " ".join(shlex.quote(str(part)) for part in arguments)
        return [*namespace, "unshare", "--mount", "sh", "-c", f"{mounts} && exec {line}"]

    def talk(self, arguments, answers, language="C.UTF-8", timeout=30, namespace=(), last=None):
        """Runs a program and answers its prompts: `answers` maps a pattern to what is typed.

        Returns (exit status, everything shown).  Each answer is typed once; `last` is a pattern at
        which talking ends, for a program that goes on with a shell."""
        command = self.command(*arguments, namespace=namespace)
        screen = pexpect.spawn(command[0], command[1:], encoding="utf-8", timeout=timeout,
                               env={**os.environ, "LC_ALL": language, "LANG": language})
        patterns = [re.compile(pattern) for pattern in answers]
        typed = list(answers.values())
        shown = ""
        while True:
            ends = [re.compile(last)] if last else []
            which = screen.expect([pexpect.EOF, *ends, *patterns])
            shown += screen.before + (screen.after if isinstance(screen.after, str) else "")
            if which <= len(ends):
                break
            screen.sendline(typed[which - 1 - len(ends)])
        screen.close(force=True)
        return screen.exitstatus, shown.replace("\r", "")


def run_as(user, *arguments):
    """The command line that runs `arguments` as an ordinary system user."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *arguments]


def exists(program):
    return subprocess.run(["sh", "-c", f"command -v {program}"], capture_output=True).returncode == 0
