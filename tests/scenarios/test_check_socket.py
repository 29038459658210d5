"""The socket at which a reverse proxy on the same machine asks: who can open it, and for what."""
# labels: journey
# root

import os
import pwd
import socket
import stat
import subprocess
import sys
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from segment import Rule

HAND_OVER = Path(__file__).resolve().parent.parent / "support/hand_over.py"
AUTH_REQUEST = "/authz/auth-request"


class Socket(HTTPConnection):
    def __init__(self, path):
        super().__init__("portal.invalid", timeout=20)  # the name decides nothing here
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, target=AUTH_REQUEST, method="GET", body=None, **headers):
        self.request(method, target, body, {name.replace("_", "-"): value
                                            for name, value in headers.items()})
        answer = self.getresponse()
        answer.read()
        return answer


@pytest.fixture
def hanako(segment):
    segment.add_application("tax", rules=[
        Rule("/office", groups=["tax"], networks=["127.0.0.9/32"]), Rule("/zei", groups=["tax"])])
    segment.start()
    return segment.add_user("hanako", "関所 花子", groups=["tax"])


def asking(segment, path="/zei", **more):
    return {"X_Original_URL": f"https://tax.{segment.domain}{path}", **more}


def test_a_check_is_answered_and_the_connection_kept(segment, hanako):
    cookie = segment.sign_in(hanako).session_cookie()
    proxy = Socket(segment.check_socket)
    for _ in range(3):
        assert proxy.ask(**asking(segment)).status == 401
        answer = proxy.ask(**asking(segment, Cookie=cookie))
        assert answer.status == 200 and answer.getheader("Remote-User") == "hanako"


def test_the_client_is_whom_the_proxy_names(segment, hanako):
    cookie = segment.sign_in(hanako).session_cookie()
    proxy = Socket(segment.check_socket)
    for address, status in (("127.0.0.9", 200), ("127.0.0.1", 403), ("198.51.100.1", 403),
                            ("nobody", 400)):
        asked = asking(segment, "/office", Cookie=cookie, X_Forwarded_For=address)
        assert proxy.ask(**asked).status == status, address


def test_only_checks_are_answered(segment, hanako):
    for target in ("/", "/sign-in", "/authz", "/authz/", "/metrics", "/.well-known/jwks.json",
                   f"https://portal.{segment.domain}/"):
        answer = Socket(segment.check_socket).ask(target)
        assert answer.status in (400, 404), target
        assert not answer.getheader("Set-Cookie")
    assert Socket(segment.check_socket).ask(method="POST", body="a=b").status == 404


def test_what_is_no_http_is_refused(segment, hanako):
    with socket.socket(socket.AF_UNIX) as wire:
        wire.settimeout(20)
        wire.connect(str(segment.check_socket))
        wire.sendall(b"\x16\x03\x01\x00\x05hello\r\n\r\n")
        assert wire.recv(64).startswith(b"HTTP/1.1 400 ")


def test_others_cannot_open_it(segment, hanako):
    status = segment.check_socket.stat()
    assert stat.S_ISSOCK(status.st_mode) and stat.S_IMODE(status.st_mode) == 0o660
    for folder in (segment.folder, *segment.folder.parents):
        if stat.S_IMODE(folder.stat().st_mode) & 0o001 == 0:
            folder.chmod(folder.stat().st_mode | 0o001)
    tried = subprocess.run(
        [sys.executable, "-c", "import socket, sys\n"
         "socket.socket(socket.AF_UNIX).connect(sys.argv[1])", segment.check_socket],
        user=pwd.getpwnam("nobody").pw_uid, group=pwd.getpwnam("nobody").pw_gid, extra_groups=[],
        capture_output=True, text=True)
    assert "PermissionError" in tried.stderr


def test_the_group_that_is_named_can(segment):
    segment.check_socket_group = "www-data"
    segment.start()
    assert segment.check_socket.group() == "www-data"
    assert not list(segment.folder.glob("check.sock.*"))


def test_a_restart_and_a_killed_gateway_leave_no_obstacle(segment, hanako):
    segment.stop()
    segment.start()
    assert Socket(segment.check_socket).ask(**asking(segment)).status == 401
    segment.kill()
    (segment.folder / "check.sock.new").touch()
    with pytest.raises(RuntimeError, match=r"check.sock.new is there already, and is no socket"):
        segment.start()
    (segment.folder / "check.sock.new").unlink()
    segment.start()
    assert Socket(segment.check_socket).ask(**asking(segment)).status == 401


def open_to_all(segment):
    segment.folder.chmod(0o777)


def test_one_that_everybody_can_open_is_not_taken_over(segment):
    with kept_socket(segment, 0o666) as handed:
        with pytest.raises(RuntimeError, match="everybody can open .*check.sock"):
            segment.start(**handed)


def open_to_a_group(segment):
    segment.folder.chmod(0o770)


def of_somebody_else(segment):
    os.chown(segment.folder, pwd.getpwnam("nobody").pw_uid, -1)


def open_to_all_above(segment):
    segment.folder.parent.chmod(0o777)


def taken_by_a_file(segment):
    segment.check_socket.write_text("mine")


def of_no_group(segment):
    segment.check_socket_group = "no-such-group"


@pytest.mark.parametrize("spoil, told", [
    (open_to_all, "others can write to"), (open_to_all_above, "others can write to"),
    (open_to_a_group, "others can write to"), (of_somebody_else, "others can write to"),
    (taken_by_a_file, "is there already, and is no socket"),
    (of_no_group, "there is no group no-such-group")])
def test_where_it_cannot_be_safe_nothing_starts(segment, spoil, told):
    segment.initialise()
    spoil(segment)
    with pytest.raises(RuntimeError, match=told):
        segment.start()
    if spoil is taken_by_a_file:
        assert segment.check_socket.read_text() == "mine"


@contextmanager
def kept_socket(segment, mode):
    """As a .socket unit would make it, at a descriptor out of the way."""
    with socket.socket(socket.AF_UNIX) as kept:
        kept.bind(str(segment.check_socket))
        segment.check_socket.chmod(mode)
        kept.listen(16)
        number = os.dup2(kept.fileno(), 50)
        try:
            yield {"wrapper": [sys.executable, "-B", HAND_OVER, number, "--"], "pass_fds": [number]}
        finally:
            os.close(number)


def test_a_service_manager_may_keep_it(segment):
    with kept_socket(segment, 0o660) as handed:
        segment.start(**handed)
        proxy = Socket(segment.check_socket)
        assert proxy.ask(**asking(segment)).status == 403  # no application has this host


def test_a_check_takes_nothing_from_the_clients_of_this_machine(segment):
    segment.settings["limits"] = {"connections_per_second": 1}
    segment.settings["proxies"] = {"trusted": ["127.0.0.8"]}
    segment.start()
    assert Socket(segment.check_socket).ask().status == 400
    assert segment.visitor().get(segment.portal + "/").status == 200
