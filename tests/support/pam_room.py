"""Programs that log people in, run with the PAM services that packaging/ ships.

libpam reads /etc/pam.d only.  Each program runs in a mount namespace of its own in which a folder
of the test's lies over it, so nothing of the machine is changed.  Needs root.
"""

import re
import shlex
import shutil
from pathlib import Path

SHIPPED = Path(__file__).resolve().parents[2] / "packaging/pam"


def shipped_comment(name, first_word):
    """The lines that a shipped file tells to put elsewhere, from the one that begins so."""
    lines = [line.removeprefix("#   ") for line in (SHIPPED / name).read_text().splitlines()]
    start = next(at for at, line in enumerate(lines) if line.startswith(first_word))
    end = next(at for at in range(start, len(lines)) if lines[at].startswith("#") or not lines[at])
    return lines[start:end]


class PamRoom:
    """Debian's services, with ours over them: each shipped file as it is, but for where the module
    and its agent are."""

    def __init__(self, folder, seat):
        self.folder, self.seat = folder, seat
        self.services = folder / "pam.d"
        shutil.copytree("/etc/pam.d", self.services)
        self.overlays = {"/etc/pam.d": self.services}
        for file in SHIPPED.iterdir():
            self.install(file.name)
        for log in ("wtmp", "btmp", "lastlog"):
            self.put_over(f"/var/log/{log}", "")

    def install(self, shipped, name=None):
        text = (SHIPPED / shipped).read_text(encoding="utf-8")
        ours = re.sub(r"^(\w+\s+\w+\s+)pam_sekisho\.so",
                      rf"\1{self.seat.module} socket={self.seat.socket}", text, flags=re.M)
        (self.services / (name or shipped)).write_text(ours, encoding="utf-8")

    def service(self, name, *lines):
        (self.services / name).write_text("\n".join(lines) + "\n")

    def put_over(self, path, text, mode=0o644):
        """Lets `path` read as `text` inside the room."""
        file = self.folder / path.strip("/").replace("/", "-")
        file.write_text(text)
        file.chmod(mode)
        self.overlays[path] = file

    def command(self, *arguments):
        """The command line that runs `arguments` inside the room."""
        mounts = " && ".join(f"mount --bind {shlex.quote(str(ours))} {shlex.quote(theirs)}"
                             for theirs, ours in self.overlays.items())
        line = " ".join(shlex.quote(str(part)) for part in arguments)
        return ["unshare", "--mount", "sh", "-c", f"{mounts} && exec {line}"]
