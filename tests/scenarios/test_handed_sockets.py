"""Listening sockets that a service manager keeps: a restart refuses nobody."""
# labels: journey

import os
import socket
import sys
import threading
from pathlib import Path

import pytest
from processes import free_port, until
from visitor import connect

HAND_OVER = Path(__file__).resolve().parent.parent / "support/hand_over.py"


def listening(address, port):
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((address, port))
    sock.listen(1024)
    return sock


@pytest.fixture
def sockets(segment):
    """What a sekishod.socket with the configured addresses would keep, out of the way of 3 and up."""
    kept = [listening("127.0.0.1", segment.web_port),
            listening(segment.terminal_address, segment.terminal_port)]
    high = [os.dup2(sock.fileno(), 50 + place) for place, sock in enumerate(kept)]
    yield high
    for sock in kept:
        sock.close()
    for number in high:
        os.close(number)


def start(segment, sockets, **options):
    return segment.start(wrapper=[sys.executable, "-B", HAND_OVER, *sockets, "--"],
                         pass_fds=sockets, **options)


def test_a_restart_refuses_nobody(segment, sockets):
    start(segment, sockets)
    outcomes, enough = [], threading.Event()

    def knock():
        while not enough.is_set():
            try:
                with connect(segment.web_port, segment.portal_host,
                             segment.visitor().context) as wire:
                    wire.sendall(b"GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                                 % segment.portal_host.encode())
                    outcomes.append(wire.recv(15))
            except OSError as failure:
                outcomes.append(failure)

    visitors = [threading.Thread(target=knock) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    try:
        for _ in range(3):
            before = len(outcomes)
            until(lambda: len(outcomes) > before + 5, "visitors to be answered")
            assert segment.stop() == 0
            start(segment, sockets)
        before = len(outcomes)
        until(lambda: len(outcomes) > before + 5, "visitors to be answered at the end")
    finally:
        enough.set()
        for visitor in visitors:
            visitor.join()
    assert set(outcomes) == {b"HTTP/1.1 200 OK"}, set(map(repr, outcomes))


def test_a_socket_that_no_listener_wants_is_refused(segment, sockets):
    other = listening("127.0.0.1", free_port())
    try:
        with pytest.raises(RuntimeError, match="where no .*listener.* is configured"):
            start(segment, [*sockets, os.dup2(other.fileno(), 60)])
    finally:
        other.close()
        os.close(60)


def test_what_is_no_listening_socket_is_refused(segment, sockets):
    read, write = os.pipe()
    try:
        with pytest.raises(RuntimeError, match="is no listening stream socket"):
            start(segment, [*sockets, read])
    finally:
        os.close(read)
        os.close(write)


def test_the_service_manager_hears_when_it_is_ready_and_when_it_stops(segment, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(20)
        segment.start(environment={"NOTIFY_SOCKET": str(tmp_path / "notify")})
        assert manager.recv(64) == b"READY=1"
        segment.stop()
        assert manager.recv(64) == b"STOPPING=1"
