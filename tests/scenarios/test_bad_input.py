"""Bad input gets a clear error and loses nothing; the service goes on."""
# labels: journey
# root
# serial

import secrets
import os
import subprocess

import pytest
from segment import program
from visitor import connect


@pytest.fixture
def gated(segment, upstream):
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    return segment


@pytest.fixture
def hanako(gated):
    return gated.add_user("hanako", "関所 花子", groups=["tax"])


def raw(segment, data, host=None, half_close=True):
    """Sends bytes to the web listener and returns everything that comes back."""
    wire = connect(segment.web_port, host or segment.portal_host, segment.visitor().context)
    received = b""
    try:
        wire.sendall(data)
        while block := wire.recv(65536):
            received += block
    except (ConnectionError, TimeoutError, OSError):
        pass
    finally:
        wire.close()
    return received


def status_of(received):
    return int(received.split(b" ", 2)[1]) if received.startswith(b"HTTP/1.") else None


def serves(segment, user):
    """The proof that nothing was lost: the person can still sign in."""
    visitor = segment.sign_in(user)
    assert visitor.get(segment.url("tax", "/")).status == 200
    return visitor


MALFORMED = {
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: PORTAL\r\nHost: evil.test\r\n\r\n",
    "a space before the colon": b"GET / HTTP/1.1\r\nHost : PORTAL\r\n\r\n",
    "a folded header": b"GET / HTTP/1.1\r\nHost: PORTAL\r\nX-A: b\r\n c\r\n\r\n",
    "a bare CR": b"GET / HTTP/1.1\r\nHost: PORTAL\r\nX-A: b\rX-B: c\r\n\r\n",
    "a NUL": b"GET / HTTP/1.1\r\nHost: PORTAL\r\nX-A: b\0c\r\n\r\n",
    "length and chunks": b"POST /signin HTTP/1.1\r\nHost: PORTAL\r\nContent-Length: 5\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "two lengths": b"POST /signin HTTP/1.1\r\nHost: PORTAL\r\nContent-Length: 5\r\n"
                   b"Content-Length: 6\r\n\r\nabcdef",
    "a negative length": b"POST /signin HTTP/1.1\r\nHost: PORTAL\r\nContent-Length: -1\r\n\r\n",
    "a signed length": b"POST /signin HTTP/1.1\r\nHost: PORTAL\r\nContent-Length: +5\r\n\r\nabcde",
    "an unknown coding": b"POST /signin HTTP/1.1\r\nHost: PORTAL\r\n"
                         b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n",
    "a huge chunk": b"POST /signin HTTP/1.1\r\nHost: PORTAL\r\nTransfer-Encoding: chunked\r\n\r\n"
                    b"fffffffffffffffff\r\n",
    "no version": b"GET /\r\n\r\n",
    "noise": b"\x16\x03\x01\x00\xff\x00garbage\r\n\r\n",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One running gateway for the many small refusals."""
    from segment import Segment
    with Segment(tmp_path_factory.mktemp("bad") / "segment") as made:
        made.start()
        made.hanako = made.add_user("hanako")
        yield made


@pytest.mark.parametrize("what", MALFORMED)
def test_a_malformed_request_is_refused_and_the_connection_closed(shared, what):
    portal = f"{shared.portal_host}:{shared.web_port}".encode()
    received = raw(shared, MALFORMED[what].replace(b"PORTAL", portal) + b"GET /2 HTTP/1.1\r\n\r\n")
    assert status_of(received) in (400, 413, 501, None), received[:300]
    assert received.count(b"HTTP/1.1 ") <= 1, received
    assert shared.gateway.alive()


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "BREW"])
def test_a_method_nobody_needs_is_refused(shared, method):
    portal = f"{shared.portal_host}:{shared.web_port}"
    received = raw(shared, f"{method} / HTTP/1.1\r\nHost: {portal}\r\nConnection: close\r\n\r\n"
                   .encode())
    assert status_of(received) in (400, 405, 501)


def test_an_oversized_header_is_refused_with_431(shared):
    portal = f"{shared.portal_host}:{shared.web_port}"
    received = raw(shared, f"GET / HTTP/1.1\r\nHost: {portal}\r\nX-Big: {'a' * 100_000}\r\n\r\n"
                   .encode())
    assert status_of(received) == 431, received[:200]


def line_of(length):
    """The first line of a request, so many bytes without its end."""
    return b"GET /" + b"a" * (length - len("GET / HTTP/1.1")) + b" HTTP/1.1"


def test_a_request_line_over_its_limit_is_refused_with_414(shared):
    portal = f"{shared.portal_host}:{shared.web_port}"
    rest = f"\r\nHost: {portal}\r\nConnection: close\r\n\r\n".encode()
    assert status_of(raw(shared, line_of(8192) + rest)) == 404
    assert status_of(raw(shared, line_of(8193) + rest)) == 414
    assert status_of(raw(shared, line_of(8192)[:-1] + b"11")) == 414  # which never ends


def test_an_oversized_form_is_refused_with_413(shared):
    answer = shared.visitor().post(shared.portal + "/signin", b"user=" + b"a" * 300_000)
    assert answer.status == 413, answer


def logins(segment):
    """How many login attempts the audit log has seen."""
    return sum(row["event"].startswith("login_") for row in segment.audit())


def test_a_truncated_body_decides_nothing(shared):
    portal = f"{shared.portal_host}:{shared.web_port}".encode()
    before = logins(shared)
    wire = connect(shared.web_port, shared.portal_host, shared.visitor().context)
    wire.sendall(b"POST /signin HTTP/1.1\r\nHost: " + portal + b"\r\nContent-Length: 50\r\n"
                 b"Content-Type: application/x-www-form-urlencoded\r\n\r\nuser=hanako&pass")
    wire.close()
    shared.visitor().get(shared.portal + "/")
    assert logins(shared) == before


@pytest.mark.parametrize("name", [b"%FF%FE", b"%00", b"%ED%A0%80", b"a%0D%0ASet-Cookie:x=y",
                                  b"' OR 1=1 --", "関所".encode(), b"a" * 250, b""])
def test_a_name_of_any_bytes_is_refused_like_an_unknown_one(shared, name):
    visitor = shared.visitor()
    page = visitor.get(shared.portal + "/")
    from visitor import forms_of
    form = next(form for form in forms_of(page) if form.action.endswith("/signin"))
    answers = []
    # A stranger of its own for every case: strangers are throttled like anybody.
    for user in (name, b"nobody" + secrets.token_hex(4).encode()):
        fields = b"&".join(f"{key}={value}".encode() for key, value in form.fields.items()
                           if key not in ("user", "password"))
        answers.append(visitor.post(shared.portal + "/signin",
                                    fields + b"&user=" + user + b"&password=x"))
    assert answers[0].status in (answers[1].status, 400), answers
    assert not any(answer.status == 303 and "second" in answer.header("Location")
                   for answer in answers)
    assert not (answers[0].header("Set-Cookie") or "").startswith("x=")


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "１２３４５６７８９", "\0\0\0\0\0\0",
                                  "000000' OR '1'='1", "9" * 4000, "\U0001f511" * 6, "-00001"])
def test_a_code_of_any_bytes_is_refused(gated_people, code):
    segment, user = gated_people()
    visitor = segment.visitor()
    page = segment.present_password(user, visitor)
    answer = visitor.submit(page, "/second-factor", code=code)
    assert answer.status != 303, answer
    assert segment.gateway.alive()


@pytest.fixture
def gated_people(shared):
    """A new person for each try, so that no lockout speaks instead of the refusal."""
    def one():
        shared.count = getattr(shared, "count", 0) + 1
        return shared, shared.add_user(f"typist{shared.count}")
    return one


def test_a_name_that_is_not_utf8_is_refused_at_the_command_line(shared):
    command = [os.fsencode(program("sekisho")), b"--config", os.fsencode(shared.config), b"user",
               b"add", b"taro", b"--display-name", b"\x8a\xd6\x8f\x8a", b"--password-stdin"]
    result = subprocess.run(command, input=b"pw-long-enough-1\n", capture_output=True)
    assert result.returncode not in (0, -6, -11), result
    assert b"UTF-8" in result.stderr, result.stderr
    assert "taro" not in shared.command("user", "list").stdout


# -- configuration -----------------------------------------------------------------------------------
def check(segment):
    return subprocess.run([program("sekishod"), "--config", segment.config, "--check"],
                          capture_output=True, text=True, timeout=60)


BROKEN = {
    "a typing mistake": ("[sessions]\nidel = \"15m\"\n", "idel"),
    "no TOML": ("[sessions\n", ""),
    "an upstream outside the segment":
        ('[[application]]\nname = "out"\nhost = "out.sekisho.test"\nupstream = "http://8.8.8.8"\n'
         '[[application.rule]]\npath = "/"\n', "8.8.8.8"),
    "a listener outside the segment":
        ('[[listener]]\naddress = "192.0.2.1:443"\nkind = "web"\ncertificate = "tls/portal.pem"\n'
         'key = "tls/portal.key"\n', "192.0.2.1"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_configuration_is_named_with_its_line_and_nothing_starts(segment, what):
    segment.initialise()
    good = segment.config.read_text()
    addition, word = BROKEN[what]
    segment.config.write_text(good + "\n" + addition)
    result = check(segment)
    assert result.returncode != 0
    assert f"{segment.config.name}:" in result.stderr and word in result.stderr, result.stderr
    started = subprocess.run([program("sekishod"), "--config", segment.config],
                             capture_output=True, text=True, timeout=60)
    assert started.returncode != 0


def test_without_a_declared_segment_nothing_starts(segment):
    segment.initialise()
    lines = segment.config.read_text().replace('networks = ["127.0.0.0/8"]', "", 1)
    segment.config.write_text(lines)
    assert check(segment).returncode != 0


def test_a_good_configuration_passes_the_check(segment):
    segment.initialise()
    result = check(segment)
    assert result.returncode == 0, result.stderr


def test_a_reload_of_a_broken_configuration_keeps_the_old_one(gated, hanako):
    import signal
    good = gated.config.read_text()
    gated.config.write_text(good + "\n[nonsense]\nx = 1\n")
    gated.gateway.signal(signal.SIGHUP)
    gated.gateway.until_written("nonsense")
    serves(gated, hanako)


# -- a full disk -------------------------------------------------------------------------------------
@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", folder], check=True)


def fill(folder):
    """Writes until nothing more fits; returns the file."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 512, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue
    return filler


def test_on_a_full_disk_the_answer_is_no_and_service_resumes_with_space(small_disk, segment,
                                                                       upstream):
    segment.settings["store"] = {"path": str(small_disk / "store.db")}
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    hanako = segment.add_user("hanako", groups=["tax"])
    inside = segment.sign_in(hanako)
    jiro = segment.add_user("jiro", groups=["tax"])
    filler = fill(small_disk)

    refusals = 0
    for _ in range(40):  # the log may still have room in pages it owns
        visitor = segment.visitor()
        try:
            page = segment.present_password(jiro, visitor)
            answer = visitor.submit(page, "/second-factor", code=jiro.token.wrong_code())
        except LookupError:
            refusals += visitor.history[-1].status >= 500
            if refusals:
                break
            continue
        if answer.status >= 500:
            refusals += 1
            break
    assert refusals, "the disk never became full"
    assert segment.gateway.alive()
    assert inside.get(segment.url("tax", "/")).status in (200, 503)

    filler.unlink()
    segment.command("user", "unlock", "jiro")
    serves(segment, hanako)
    serves(segment, jiro)
    segment.command("audit", "verify")
