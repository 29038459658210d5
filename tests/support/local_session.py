"""A session of logind's making, without logind: the control group a process is born in and the file
that says who sits there, as systemd writes both.  Needs root, and a hierarchy of systemd's to write
in."""

import os
import shlex
from pathlib import Path

HIERARCHIES = (Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup"))
SESSIONS = Path("/run/systemd/sessions")


def hierarchy():
    """Where control groups of systemd's are made; None: no such hierarchy is mounted."""
    return next((top for top in HIERARCHIES if (top / "cgroup.procs").exists()), None)


def obstacle():
    """Why no session can be made here, to skip a test with; None: it can, or the test shall fail."""
    if os.geteuid() != 0:
        return "needs root"
    return None if hierarchy() else "no hierarchy of control groups is mounted"


class LocalSession:
    def __init__(self, user, is_remote=False):
        self.id = f"skt{os.getpid()}x{user.uid}" + ("r" if is_remote else "")
        user_slice = hierarchy() / "user.slice"
        self.folders = [user_slice, user_slice / f"user-{user.uid}.slice"]
        self.folders.append(self.folders[-1] / f"session-{self.id}.scope")
        self.made = []
        for folder in self.folders:
            if not folder.exists():
                folder.mkdir()
                self.made.append(folder)
        SESSIONS.mkdir(parents=True, exist_ok=True)
        self.file = SESSIONS / self.id
        self.file.write_text(f"UID={user.uid}\nUSER={user.name}\nACTIVE=1\n"
                             f"REMOTE={int(is_remote)}\n" + ("" if is_remote else "SEAT=seat0\n"))

    def command(self, *command):
        """The command line that runs `command` inside the session."""
        line = " ".join(shlex.quote(str(part)) for part in command)
        return ["sh", "-c", f"echo $$ > {self.folders[-1]}/cgroup.procs && exec {line}"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.file.unlink(missing_ok=True)
        for folder in reversed(self.made):
            try:
                folder.rmdir()
            except OSError:
                pass  # somebody else's process is in it by now
