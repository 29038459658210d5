"""One request is one request: what we forward, nginx and the application count alike.

Every case of support/wire_corpus.py goes three ways: to the gateway, whose application writes down
what arrives; to a real nginx in our place; and what we forwarded goes to an nginx behind us.  Where
nginx and we judge differently, the case stands below with its reason (RFC 9110, 9112; requirements
H-01 to H-24)."""
# labels: journey
# timeout: 900

import os
import re
import socket
from types import SimpleNamespace

import pytest
from processes import free_port
from recorder import Recorder
from segment import Rule
from visitor import connect
from wire_corpus import CASES, END, HOST, head

def by_reason(reasons):
    return {name: reason for reason, names in reasons.items() for name in names}


# We refuse what nginx forwards.
STRICTER = by_reason({
    "a bare LF or CR ends nothing (H-01)": [
        "chunked behind a bare LF", "a size line of a bare LF", "a bare LF after the chunk",
        "a bare LF after the last size", "a chunk shorter than its size",
        "an extension that a bare LF ends", "the last chunk's extension with LF in quotes",
        "a trailer that a bare LF ends", "a CR before the end of a line",
        "a bare LF after the request line", "a bare LF between fields", "bare LF everywhere",
        "a bare LF for the empty line", "two bare LF for the end"],
    "a size is digits, and an extension is well formed and short (H-14)": [
        "a size with a space after", "a size with a tab after", "a size in two words",
        "an extension without a name", "an extension whose quotes stay open",
        "an extension with NUL in quotes", "an extension of 2 KiB"],
    "nginx skips trailers unread; we read them as fields before we drop them (H-14)": [
        "no empty line, and a request behind", "a trailer that gives a length",
        "a trailer that gives a coding", "a trailer with a space before the colon",
        "a trailer without a colon", "a trailer with NUL", "200 trailers"],
    "nginx leaves such a field out; we take no request that has one (RFC 9112 section 5)": [
        "a line without a colon", "a bracket in a name", "a name that is no ASCII"],
    "RFC 9112 section 2.2 would have it skipped, and no client of today sends it": [
        "an empty line before the request"],
    "a head has 128 fields": ["200 fields"],
    "a target has a path, and nothing is added to make it one (H-07)": [
        "absolute form of its host alone"],
    "Host is a name and a port, and nothing is cut off to make it one (H-06)": [
        "Host with a port of letters", "Host with a port too large", "Host with two ports"],
    "a request line is not corrected (H-05)": [
        "two spaces before the target", "two spaces before the version",
        "a space after the version", "a fragment", "a target that is no ASCII"],
    "a method begins with a letter": [
        "a method that begins with an underscore", "a method that begins with a hyphen"],
    "we speak HTTP/1.0 and HTTP/1.1": ["HTTP/1.2", "HTTP/1.10"],
    "a path that two servers may read in two ways is refused, not judged (H-22)": [
        f"the path {path}" for path in (
            "/a/..", "/./x", "/a/.", "/a%2fb", "/a%2Fb", "/a//b", "//", "/..;/admin",
            "/a/..;x=1/admin", "/;/admin", "/a\\b", "/a%5cb", "/..%5cadmin", "/a%0d%0ab",
            "/%252e%252e/admin", "/a%252fb", "/%25%36%31dmin", "/...", "/%7f", "/a/%2e?b")],
    "a rule holds for every spelling that some server takes for its path (H-22)": [
        f"the path {path}" for path in (
            "/ADMIN", "/admin;a=b", "/admin;a=b/x", "/admin.", "/admin%20")],
    "who goes round in circles is stopped (H-18)": ["Via of ours", "Via of ours in a list"],
    "nginx does not count (H-19)": ["Max-Forwards of OPTIONS at its end"],
    "nginx knows nobody": ["a stranger's body"],
})

# We forward what nginx refuses.
LOOSER = by_reason({
    "a tab is white space too (RFC 9110 section 5.6.3), and goes no farther": [
        "a length with a tab after", "chunked after a tab"],
    "a limit, and ours is 32 KiB for the whole head (H-20)": ["a field of 20 KiB"],
    "methods are tokens, and an unknown one is the application's matter (RFC 9110 section 9.1)": [
        "a method in small letters"],
})

ENDING = (b"GET", b"/end", b"")
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; {user}
error_log {folder}/error.log info;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  client_header_timeout 1s; client_body_timeout 1s; keepalive_timeout 1s; lingering_close off;
  proxy_http_version 1.1; proxy_ignore_client_abort on; proxy_set_header Host $http_host;
  server {{ listen 127.0.0.1:{port} default_server; return 421; }}
  server {{
    listen 127.0.0.1:{port};
    server_name tax.sekisho.test;
    location / {{ proxy_pass {url}; }}
    location = /admin {{ return 403; }}
    location /admin/ {{ return 403; }}
  }}
}}
"""


class Denied(Rule):
    """A path nobody may reach."""

    def toml(self):
        return f'[[application.rule]]\npath = "{self.path}"\naccess = "deny"'


@pytest.fixture(scope="module")
def bench(shared, tmp_path_factory):
    """The gateway and an nginx with the same rules, each before an application of its own."""
    ours, theirs = Recorder(), Recorder()
    shared.add_application("tax", ours.url, rules=[Denied("/admin"),
                                                   Rule("/", groups=["tax"])])
    shared.settings["proxies"] = {"trusted": ["127.0.0.9"]}
    shared.settings["limits"] = {"threads": 1, "header_timeout": "2s", "body_timeout": "2s"}
    shared.start()
    visitor = shared.sign_in(shared.add_user("hanako", groups=["tax"]))
    folder = tmp_path_factory.mktemp("nginx")
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(
        folder=folder, port=port, url=theirs.url,
        user="user root;" if os.geteuid() == 0 else ""))
    nginx = shared.keeper.start("nginx", ["nginx", "-e", folder / "error.log", "-c",
                                          folder / "nginx.conf"], folder / "nginx.log")
    nginx.until_listening(port)
    yield SimpleNamespace(
        segment=shared, ours=ours, theirs=theirs,
        cookie=visitor.session_cookie().encode(),
        to_us=lambda: connect(shared.web_port, HOST.decode(), visitor.context, timeout=10),
        to_nginx=lambda: socket.create_connection(("127.0.0.1", port), 10))
    for recorder in (ours, theirs):
        recorder.close()


def statuses(wire, pieces, cut=False):
    """Sends `pieces`; the statuses of all answers until the other side closes."""
    received = b""
    with wire:
        try:
            for piece in pieces:
                wire.sendall(piece)
            if cut:  # of the TCP connection alone, so that the answer can still be read under TLS
                with socket.socket(fileno=os.dup(wire.fileno())) as same:
                    same.shutdown(socket.SHUT_WR)
        except ConnectionError:
            pass  # whoever refuses need not read the rest
        try:
            while block := wire.recv(65536):
                received += block
        except ConnectionError:
            pass
    return tuple(int(code) for code in re.findall(rb"HTTP/1\.1 (\d{3}) ", received))


def judged(requests):
    """What arrived, without END: () when the request was refused."""
    return tuple(request.message for request in requests if request.message != ENDING)


def text_of(bench, case):
    """The case and END, as this session's person sends them."""
    return (case.raw + (b"" if case.cut else END)).replace(b"COOKIE", bench.cookie)


def reaches_the_application_as_promised(bench, case, pieces):
    """Sends the case to the gateway and returns (statuses, requests that arrived)."""
    said = statuses(bench.to_us(), pieces, case.cut)
    requests = bench.ours.take()
    assert judged(requests) == case.arrives, said
    # END is answered after a clear request, and never after a refusal that leaves doubt.
    is_end_answered = len(requests) > len(case.arrives)
    assert said == (*case.statuses, 200) if is_end_answered else said == case.statuses
    assert case.goes_on or not is_end_answered
    assert is_end_answered or not case.arrives or not case.goes_on or case.cut
    for field, values in (case.sees or {}).items():
        assert requests[0].values(field) == values, requests[0].fields
    assert not bench.ours.unreadable
    return said, requests


@pytest.mark.parametrize("name", CASES)
def test_one_request_is_one_request_to_everybody(bench, name):
    case, data = CASES[name], text_of(bench, CASES[name])
    said, requests = reaches_the_application_as_promised(bench, case, [data])
    nginx_behind_us_reads_the_same(bench, name, requests)

    said_by_nginx = statuses(bench.to_nginx(), [data], case.cut)
    there = judged(bench.theirs.take())
    listed = (name in STRICTER, name in LOOSER)
    note = f"we: {said} {case.arrives}; nginx: {said_by_nginx} {there}"
    if case.arrives == there:
        assert listed == (False, False), note
    else:
        assert listed == (not case.arrives, not there), note


@pytest.mark.parametrize("name", CASES)
def test_a_request_is_judged_alike_when_it_comes_a_byte_at_a_time(bench, name):
    data = text_of(bench, CASES[name])
    step = 1 if len(data) < 2000 else 1021
    reaches_the_application_as_promised(
        bench, CASES[name], (data[at:at + step] for at in range(0, len(data), step)))


def nginx_behind_us_reads_the_same(bench, name, requests):
    """Every request that we sent is one request to an nginx, and none is of /admin."""
    for request in requests:
        if request.message == ENDING:
            continue
        said = statuses(bench.to_nginx(), [request.raw, END])
        there = tuple(arrived.message for arrived in bench.theirs.take())
        refuses = name in LOOSER and not there
        assert there == (request.message, ENDING) or refuses, (name, said, there)


def test_the_lists_of_differences_name_cases_of_the_corpus():
    for listed in (STRICTER, LOOSER):
        assert not set(listed) - set(CASES)


@pytest.mark.parametrize("name", ["a bare LF for the empty line", "two bare LF for the end"])
def test_a_head_that_a_bare_lf_ends_is_refused_though_nothing_else_comes(bench, name):
    with bench.to_us() as wire:
        wire.sendall(CASES[name].raw.replace(b"COOKIE", bench.cookie))
        assert wire.recv(64).startswith(b"HTTP/1.1 400 ")


def test_a_last_chunk_in_pieces_does_not_end_the_gateway(segment):
    """Of a stranger's form: nobody need sign in for it."""
    segment.start()
    host = segment.portal_host
    form = head(b"POST /signin HTTP/1.1", b"Host: " + host.encode(), b"Transfer-Encoding: chunked",
                b"Connection: close")
    said = statuses(connect(segment.web_port, host, segment.visitor().context),
                    [form, b"0\r\n", b"\r", b"\n"])
    assert segment.gateway.alive(), segment.gateway.written()[-400:]
    assert len(said) == 1 and said[0] < 500, said
