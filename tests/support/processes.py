"""Programs under a test's care: started, watched by what they write, ended by their process id."""

import os
import random
import signal
import socket
import subprocess
import time
from contextlib import ExitStack, suppress
from pathlib import Path


def until(question, what, seconds=20.0):
    """Asks until the answer is true, and returns it.  Polls; fails loudly at the deadline."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain for {what}")
        time.sleep(0.02)


def free_ports(count, address="127.0.0.1"):
    """Different ports nobody listens on.  Used where a program must be told its ports before it starts:
    below those that the system gives to connections, or one of these might have it by then."""
    ports = []
    with ExitStack() as held:  # all at once: a port let go may come again
        while len(ports) < count:
            probe = held.enter_context(socket.socket())
            with suppress(OSError):
                port = random.randrange(10_000, 32_000)
                probe.bind((address, port))
                ports.append(port)
    return ports


def free_port(address="127.0.0.1"):
    return free_ports(1, address)[0]


def listens(port, address="127.0.0.1"):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((address, port)) == 0


class Child:
    """One running program.  Its standard error and output go to `log`, a file."""

    def __init__(self, name, command, log, **options):
        self.name = name
        self.log = Path(log)
        self._from = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as out:
            # setpriv becomes the program, and has the kernel end it should the test be killed.
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *map(str, command)], stdout=out,
                stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)

    @property
    def pid(self):
        return self.process.pid

    def alive(self):
        return self.process.poll() is None

    def written(self):
        """What this program has written since it started."""
        with open(self.log, "rb") as log:
            log.seek(self._from)
            return log.read().decode("utf-8", "replace")

    def until(self, question, what, seconds=20.0):
        """As until(), but fails at once, with the log, when the program ends."""
        def answer():
            if not self.alive():
                raise RuntimeError(f"{self.name} ended ({self.process.returncode}) before {what}:\n"
                                   f"{self.written()[-4000:]}")
            return question()
        try:
            return until(answer, f"{self.name}: {what}", seconds)
        except TimeoutError as late:
            raise TimeoutError(f"{late}\n{self.written()[-4000:]}") from None

    def until_written(self, text, seconds=20.0):
        self.until(lambda: text in self.written(), f"it writes {text!r}", seconds)

    def until_listening(self, port, address="127.0.0.1", seconds=20.0):
        self.until(lambda: listens(port, address), f"port {port} opens", seconds)

    def signal(self, number):
        if self.alive():
            os.kill(self.pid, number)

    def kill(self):
        """kill -9, as a power cut would."""
        self.signal(signal.SIGKILL)
        return self.process.wait()

    def stop(self, seconds=15.0):
        """Asks it to end and returns its exit code; -9 when it would not."""
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.signal(signal.SIGKILL)
            self.process.wait()
            return -signal.SIGKILL


class Keeper:
    """Ends, in reverse order, everything that was started under it."""

    def __init__(self):
        self.children = []

    def start(self, *arguments, **options):
        child = Child(*arguments, **options)
        self.children.append(child)
        return child

    def stop_all(self):
        while self.children:
            self.children.pop().stop()
