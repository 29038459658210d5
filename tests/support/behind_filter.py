"""Becomes a program that may call what a systemd unit of ours lets it call, and is killed for more:

    behind_filter.py UNIT PROGRAM ARGUMENTS

The sets' meaning is systemd's own (systemd-analyze syscall-filter); the filter is what
SystemCallFilter= makes, without SystemCallErrorNumber=, so that nothing goes by unnoticed."""

import os
import subprocess
import sys
from pathlib import Path

import seccomp


def members(name):
    """The calls of "@set", or the one call that is named."""
    if not name.startswith("@"):
        return {name}
    listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager", name], text=True,
                            capture_output=True, check=True).stdout.splitlines()
    words = [line.strip() for line in listed[1:] if line.strip() and not line.strip().startswith("#")]
    return set().union(*(members(word) for word in words))


def allowed(unit):
    """As systemd.exec(5) has it: the first line says that only what is listed may be called."""
    calls = members("@default")
    lines = [line.partition("=")[2] for line in Path(unit).read_text(encoding="utf-8").splitlines()
             if line.startswith("SystemCallFilter=")]
    assert lines and not lines[0].startswith("~"), lines
    for line in lines:
        named = set().union(*(members(word) for word in line.removeprefix("~").split()))
        calls = calls - named if line.startswith("~") else calls | named
    return calls


if __name__ == "__main__":
    rules = seccomp.SyscallFilter(seccomp.KILL_PROCESS)
    for call in allowed(sys.argv[1]):
        try:
            rules.add_rule(seccomp.ALLOW, call)
        except (RuntimeError, OSError, ValueError):
            pass  # of another architecture, or newer than the library
    rules.load()
    os.execvp(sys.argv[2], sys.argv[2:])
