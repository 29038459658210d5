"""A network of its own for a client: a namespace at the other end of a virtual cable.  Needs root."""

import os
import subprocess


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)


class Cable:
    """A network namespace, and the cable from it to this machine."""

    def __init__(self, number):
        tag = f"{os.getpid() % 100000}{number}"
        self.namespace = f"sekisho-test-{tag}"
        self.plug = f"skt{tag}"
        # Documentation addresses (RFC 5737): no real network can be in the way.
        self.here, self.there = f"198.51.100.{16 * number + 1}", f"198.51.100.{16 * number + 2}"
        ip("netns", "add", self.namespace)
        try:
            ip("link", "add", self.plug, "type", "veth", "peer", "name", "eth0", "netns",
               self.namespace)
            ip("addr", "add", f"{self.here}/28", "dev", self.plug)
            ip("link", "set", self.plug, "up")
            ip("-n", self.namespace, "addr", "add", f"{self.there}/28", "dev", "eth0")
            ip("-n", self.namespace, "link", "set", "eth0", "up")
            ip("-n", self.namespace, "route", "add", "default", "via", self.here)
        except subprocess.CalledProcessError:
            self.close()
            raise

    def pull(self):
        ip("link", "set", self.plug, "down")

    def plug_in(self):
        ip("link", "set", self.plug, "up")

    def inside(self, *command):
        return ["ip", "netns", "exec", self.namespace, *map(str, command)]

    def close(self):
        subprocess.run(["ip", "netns", "del", self.namespace], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self.plug], check=False, capture_output=True)
