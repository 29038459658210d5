"""TLS as the gateway really speaks it: what is refused, what is accepted, what is never offered."""
# labels: journey

import contextlib
import os
import shutil
import socket
import ssl
import struct
import subprocess

import pytest
from certificates import RSA
from segment import program
from visitor import connect

# Python warns of the old versions this file offers on purpose.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

LISTENERS = ("web", "terminal")
MODERN = ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-AES128-GCM-SHA256")
WEAK = ("ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA",
        "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-CCM8", "ECDHE-ECDSA-NULL-SHA",
        "AECDH-AES256-SHA", "AECDH-NULL-SHA", "ADH-AES256-GCM-SHA384")
WEAK_WITH_RSA = ("AES256-GCM-SHA384", "AES128-SHA", "DHE-RSA-AES256-GCM-SHA384",
                 "ECDHE-RSA-AES256-SHA384", "ECDHE-RSA-AES128-SHA", "NULL-SHA256")


@pytest.fixture(scope="module")
def town(shared):
    shared.add_application("tax", "http://127.0.0.1:1")
    shared.start()
    return shared


def port_and_name(segment, listener):
    if listener == "web":
        return segment.web_port, segment.portal_host
    return segment.terminal_port, f"gateway.{segment.domain}"


def client(version=None, suites=None):
    """A client that would take anything; what is refused, the gateway has refused."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers(f"{suites or 'ALL'}:@SECLEVEL=0")
    context.minimum_version = version or ssl.TLSVersion.TLSv1
    if version:
        context.maximum_version = version
    return context


def shaken(segment, context, listener="web", name=None):
    port, host = port_and_name(segment, listener)
    return connect(port, name or host, context)


def asks(wire, host):
    """Sends a request and returns the first bytes of the answer."""
    wire.sendall(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    return wire.recv(16)


# -- versions and suites -----------------------------------------------------------------------------
@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("version", ["TLSv1", "TLSv1_1"])
def test_an_old_version_is_refused(town, listener, version):
    with pytest.raises(ssl.SSLError) as refusal:
        shaken(town, client(ssl.TLSVersion[version]), listener)
    assert refusal.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION", refusal.value


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_a_current_version_is_accepted(town, listener, version):
    with shaken(town, client(ssl.TLSVersion[version]), listener) as wire:
        assert wire.version() == version.replace("_", ".")
        assert asks(wire, town.portal_host).startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("suite", MODERN)
def test_a_modern_suite_of_tls_1_2_is_accepted(town, listener, suite):
    with shaken(town, client(ssl.TLSVersion.TLSv1_2, suite), listener) as wire:
        assert wire.cipher()[0] == suite


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("suite", WEAK)
def test_a_weak_suite_is_refused(town, listener, suite):
    with pytest.raises(ssl.SSLError) as refusal:
        shaken(town, client(ssl.TLSVersion.TLSv1_2, suite), listener)
    assert refusal.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE", refusal.value


def test_a_weak_suite_is_refused_with_an_rsa_certificate_too(segment):
    segment.initialise()
    chain, key = segment.authority.issue("rsa", segment.portal_host, algorithm=RSA)
    shutil.copy(chain, segment.folder / "tls/portal.pem")
    shutil.copy(key, segment.folder / "tls/portal.key")
    segment.start()
    for suite in WEAK_WITH_RSA:
        with pytest.raises(ssl.SSLError) as refusal:
            shaken(segment, client(ssl.TLSVersion.TLSv1_2, suite))
        assert refusal.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE", (suite, refusal.value)
    with shaken(segment, client(ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256")) as wire:
        assert asks(wire, segment.portal_host).startswith(b"HTTP/1.1 200")


def test_a_weak_curve_is_refused(town):
    weak = client(ssl.TLSVersion.TLSv1_2)
    weak.set_ecdh_curve("prime192v1")
    with pytest.raises(ssl.SSLError) as refusal:
        shaken(town, weak)
    assert refusal.value.reason == "SSLV3_ALERT_HANDSHAKE_FAILURE", refusal.value


@pytest.mark.parametrize("listener", LISTENERS)
def test_tls_1_2_without_an_extended_master_secret_gets_no_answer(town, listener):
    no_extended_master_secret = 1  # SSL_OP_NO_EXTENDED_MASTER_SECRET
    context = client(ssl.TLSVersion.TLSv1_2)
    context.options |= no_extended_master_secret
    with shaken(town, context, listener) as wire, contextlib.suppress(ConnectionError, ssl.SSLError):
        assert asks(wire, town.portal_host) == b""
    with shaken(town, client(ssl.TLSVersion.TLSv1_2), listener) as wire:
        assert asks(wire, town.portal_host).startswith(b"HTTP/1.1 ")


@pytest.mark.parametrize("weak", [("rsa:1024", "sha256"), ("rsa:2048", "sha1")],
                         ids=["RSA 1024", "SHA-1"])
def test_with_a_weak_certificate_of_its_own_it_does_not_start(segment, weak):
    segment.initialise()
    key, digest = weak
    folder = segment.folder / "tls"
    for command in (  # signed by another: a signature of its own protects nothing
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ca",
             "-keyout", "weak-ca.key", "-out", "weak-ca.pem"],
            ["req", "-newkey", key, "-nodes", "-subj", "/CN=weak",
             "-addext", f"subjectAltName=DNS:{segment.portal_host}",
             "-keyout", "portal.key", "-out", "portal.csr"],
            ["x509", "-req", f"-{digest}", "-in", "portal.csr", "-copy_extensions", "copy",
             "-CA", "weak-ca.pem", "-CAkey", "weak-ca.key", "-out", "portal.pem"]):
        subprocess.run(["openssl", *command], cwd=folder, check=True, capture_output=True)
    segment.write_config()
    started = subprocess.run([program("sekishod"), "--config", segment.config],
                             capture_output=True, text=True, timeout=60)
    assert started.returncode != 0
    assert "portal.pem" in started.stderr, started.stderr


# -- names and protocols -----------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["unknown.sekisho.test", "sekisho.test", "portal.sekisho.test.evil",
                                  "evil.example"])
def test_a_name_nobody_configured_is_refused_before_a_certificate_is_shown(town, name):
    with pytest.raises(ssl.SSLError) as refusal:
        shaken(town, client(), name=name)
    assert refusal.value.reason == "TLSV1_UNRECOGNIZED_NAME", refusal.value


@pytest.mark.parametrize("name", ["portal.sekisho.test", "PORTAL.Sekisho.test", "tax.sekisho.test"])
def test_a_configured_name_is_served(town, name):
    with shaken(town, client(), name=name) as wire:
        assert asks(wire, name).startswith(b"HTTP/1.1 ")


def test_without_a_name_the_host_field_decides(town):
    with client().wrap_socket(socket.create_connection(("127.0.0.1", town.web_port), 20)) as wire:
        assert asks(wire, town.portal_host).startswith(b"HTTP/1.1 200")
    with client().wrap_socket(socket.create_connection(("127.0.0.1", town.web_port), 20)) as wire:
        assert asks(wire, "evil.example").startswith(b"HTTP/1.1 421")


def test_a_client_that_insists_on_another_protocol_is_refused(town):
    other, ours = client(), client()
    other.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError) as refusal:
        shaken(town, other)
    assert "no application protocol" in str(refusal.value), refusal.value
    ours.set_alpn_protocols(["h2", "http/1.1"])
    with shaken(town, ours) as wire:
        assert wire.selected_alpn_protocol() == "http/1.1"


def test_plain_http_gets_no_page(town):
    with socket.create_connection(("127.0.0.1", town.web_port), 20) as wire:
        wire.sendall(f"GET / HTTP/1.1\r\nHost: {town.portal_host}\r\n\r\n".encode())
        received = b""
        try:
            while block := wire.recv(4096):
                received += block
        except ConnectionResetError:
            pass
    assert b"HTTP/" not in received


# -- what is never offered ---------------------------------------------------------------------------
@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_no_session_is_resumed_so_no_data_can_come_early(town, listener, version):
    context = client(ssl.TLSVersion[version])
    with shaken(town, context, listener) as first:
        asks(first, town.portal_host)  # tickets of TLS 1.3 would have come with the answer
        session = first.session
        assert not session.has_ticket
    port, host = port_and_name(town, listener)
    raw = socket.create_connection(("127.0.0.1", port), 20)
    with context.wrap_socket(raw, server_hostname=host, session=session) as second:
        assert not second.session_reused


@pytest.mark.parametrize("listener", LISTENERS)
def test_renegotiation_is_refused(town, listener):
    port, host = port_and_name(town, listener)
    # "R" at the beginning of a line asks s_client to renegotiate.
    result = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", host, "-tls1_2"],
        input="R\n", capture_output=True, text=True, timeout=60)
    assert "RENEGOTIATING" in result.stdout + result.stderr, result
    assert "no renegotiation" in result.stderr, result


def client_hello(host, compressions):
    """A ClientHello of TLS 1.2 that offers these compression methods (RFC 5246 section 7.4.1.2)."""
    def extension(number, body):
        return struct.pack(">HH", number, len(body)) + body

    name = host.encode()
    extensions = b"".join([
        extension(0, struct.pack(">HBH", len(name) + 3, 0, len(name)) + name),  # server_name
        extension(10, struct.pack(">HHH", 4, 29, 23)),                          # X25519, P-256
        extension(11, b"\x01\x00"),                                             # uncompressed points
        extension(13, struct.pack(">HHH", 4, 0x0403, 0x0804)),                  # ECDSA, RSA-PSS
        extension(23, b""),                                                     # extended master secret
    ])
    body = (b"\x03\x03" + os.urandom(32) + b"\x00" + struct.pack(">HHH", 4, 0xC02C, 0xC02B) +
            bytes([len(compressions)]) + bytes(compressions) +
            struct.pack(">H", len(extensions)) + extensions)
    handshake = b"\x01" + len(body).to_bytes(3, "big") + body
    return b"\x16\x03\x01" + struct.pack(">H", len(handshake)) + handshake


def first_record(port, hello):
    """(kind, body) of the first record that comes back."""
    with socket.create_connection(("127.0.0.1", port), 20) as wire:
        wire.sendall(hello)
        file = wire.makefile("rb")
        kind, _, length = struct.unpack(">BHH", file.read(5))
        return kind, file.read(length)


@pytest.mark.parametrize("listener", LISTENERS)
def test_compression_is_not_chosen_and_not_insisted_on(town, listener):
    deflate, null, handshake, alert = 1, 0, 22, 21
    port, host = port_and_name(town, listener)
    kind, hello = first_record(port, client_hello(host, [deflate, null]))
    assert kind == handshake and hello[0] == 2, (kind, hello)
    session_length = hello[38]
    assert hello[41 + session_length] == null, hello
    kind, words = first_record(port, client_hello(host, [deflate]))
    assert kind == alert and words[0] == 2, (kind, words)


@pytest.mark.parametrize("listener", LISTENERS)
@pytest.mark.parametrize("announced, pieces", [(16 * 1024 + 1, 1), (100_000, 1), (100_000, 4)])
def test_a_hello_that_announces_more_than_any_is_ends_at_once(town, listener, announced, pieces):
    """Long before the handshake's deadline: OpenSSL would keep as much memory until then."""
    port, _ = port_and_name(town, listener)
    head = b"\x01" + announced.to_bytes(3, "big")
    size = len(head) // pieces
    records = b"".join(b"\x16\x03\x01" + struct.pack(">H", size) + head[at:at + size]
                       for at in range(0, len(head), size))
    with socket.create_connection(("127.0.0.1", port), 5) as wire:
        wire.sendall(records)
        try:
            assert wire.recv(1) == b""
        except ConnectionResetError:
            pass


@pytest.mark.parametrize("listener", LISTENERS)
def test_a_second_hello_after_a_retry_request_is_taken(town, listener):
    """A client whose first key share is of a group that we do not have (RFC 8446 section 4.1.4)."""
    port, host = port_and_name(town, listener)
    result = subprocess.run(
        ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", host, "-msg",
         "-groups", "P-521:X25519"], input="", capture_output=True, text=True, timeout=60)
    assert result.stdout.count("ClientHello") == 2, result
    assert "New, TLSv1.3" in result.stdout, result
