"""A security key on paper: makes registrations and assertions (WebAuthn Level 3) as a browser would
post them, and as a browser never would.  OpenSSL signs.  ES256 and attestation "none", unless told
otherwise.

    key = PaperKey("portal.sekisho.test", "https://portal.sekisho.test:8443")
    fields = key.register(options_of(page))       # for POST /keys/add
    fields = key.answer(options_of(page))         # for POST /second-factor/key
"""

import base64
import hashlib
import html
import json
import re
import secrets
import struct
import subprocess


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def options_of(page):
    """What the page hands to the script of its ceremony."""
    found = re.search(r'data-options="([^"]*)"', page.text)
    assert found, f"no ceremony in the page:\n{page.text[:2000]}"
    return json.loads(html.unescape(found.group(1)))


def _head(major, value):
    if value < 24:
        return bytes([major << 5 | value])
    if value < 256:
        return bytes([major << 5 | 24, value])
    return bytes([major << 5 | 25]) + struct.pack(">H", value)


def _cbor(value):
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        return _head(3, len(value.encode())) + value.encode()
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(_cbor, value))
    return _head(5, len(value)) + b"".join(_cbor(k) + _cbor(v) for k, v in value.items())


UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
ES256, EDDSA, ES384 = -7, -8, -35


def _openssl(*arguments, input=None):
    return subprocess.run(["openssl", *map(str, arguments)], input=input, check=True,
                          capture_output=True).stdout


class PaperMaker:
    """Who makes keys of one model and vouches for them (attestation "packed" with x5c, WebAuthn
    Level 3 section 8.2.1)."""

    def __init__(self, folder, aaguid):
        self.aaguid = aaguid
        self._folder = folder
        self.root = self._file("root.pem")
        self._leaf_key = self._file("leaf.key")
        _openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", self._file("root.key"), "-out", self.root, "-days", 3650,
                 "-subj", "/C=JP/O=Paper Keys/CN=Paper Root")
        _openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                 "-keyout", self._leaf_key, "-out", self._file("leaf.csr"),
                 "-subj", "/C=JP/O=Paper Keys/OU=Authenticator Attestation/CN=Paper 1")
        # id-fido-gen-ce-aaguid (section 8.2.1): an OCTET STRING inside the extension's own.
        extensions = self._file("leaf.conf")
        extensions.write_text("basicConstraints=critical,CA:FALSE\n"
                              "1.3.6.1.4.1.45724.1.1.4=DER:0410" + aaguid.hex() + "\n")
        leaf = _openssl("x509", "-req", "-in", self._file("leaf.csr"), "-CA", self.root, "-CAkey",
                        self._file("root.key"), "-days", 3650, "-extfile", extensions)
        self.certificate = _openssl("x509", "-outform", "DER", input=leaf)

    def _file(self, name):
        return self._folder / f"maker-{self.aaguid.hex()}-{name}"

    def statement(self, signed):
        return {"alg": ES256, "sig": _openssl("dgst", "-sha256", "-sign", self._leaf_key,
                                              input=signed),
                "x5c": [self.certificate]}


class PaperKey:
    def __init__(self, rp_id, origin, folder, flags=UP | UV, algorithm=ES256, maker=None):
        self.rp_id, self.origin, self.flags = rp_id, origin, flags
        self.algorithm, self.maker = algorithm, maker
        self.credential_id = secrets.token_bytes(64)
        self.sign_count = 0
        self.user_handle = b""
        self._pem = folder / f"paper-{secrets.token_hex(4)}.pem"
        kind = {ES256: ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
                ES384: ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"], EDDSA: ["ED25519"]}[algorithm]
        self._openssl("genpkey", "-algorithm", *kind, "-out", self._pem)
        self._point = self._public_point()

    def _public_point(self):
        # The end of a SubjectPublicKeyInfo is the point, uncompressed on a NIST curve.
        size = {ES256: 64, ES384: 96, EDDSA: 32}[self.algorithm]
        return self._openssl("pkey", "-in", self._pem, "-pubout", "-outform", "DER")[-size:]

    @classmethod
    def copied(cls, credential, origin, folder):
        """From a credential in a software key's file (software_key_state.h); its clone."""
        key = cls(credential["rp_id"], origin, folder)
        key.credential_id = from_base64url(credential["credential_id"])
        key.user_handle = from_base64url(credential["user_handle"])
        key.sign_count = credential["sign_count"]
        pem = cls._openssl("pkey", "-inform", "DER", input=from_base64url(credential["private_key"]))
        key._pem.write_bytes(pem)
        key._point = key._public_point()
        return key

    _openssl = staticmethod(_openssl)

    def client_data(self, kind, options, changes):
        return json.dumps({"type": f"webauthn.{kind}", "challenge": options["challenge"],
                           "origin": self.origin, "crossOrigin": False, **changes},
                          separators=(",", ":")).encode()

    def _authenticator_data(self, flags, credential=b""):
        return (hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) +
                struct.pack(">I", self.sign_count) + credential)

    def register(self, options, **changes):
        """The fields of POST /keys/add but its label."""
        self.user_handle = from_base64url(options["user"]["id"])
        half = len(self._point) // 2
        cose = _cbor({1: 1, 3: EDDSA, -1: 6, -2: self._point} if self.algorithm == EDDSA else
                     {1: 2, 3: self.algorithm, -1: {ES256: 1, ES384: 2}[self.algorithm],
                      -2: self._point[:half], -3: self._point[half:]})
        aaguid = self.maker.aaguid if self.maker else bytes(16)
        credential = aaguid + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._authenticator_data(self.flags | AT, credential + cose)
        client_data = self.client_data("create", options, changes)
        signed = data + hashlib.sha256(client_data).digest()
        statement = self.maker.statement(signed) if self.maker else {}
        return {"client_data": base64url(client_data),
                "attestation_object": base64url(_cbor({"fmt": "packed" if self.maker else "none",
                                                       "attStmt": statement, "authData": data})),
                "transports": "usb"}

    def answer(self, options, **changes):
        """The fields of POST /second-factor/key and /signin/key."""
        self.sign_count += 1
        client_data = self.client_data("get", options, changes)
        data = self._authenticator_data(self.flags)
        signature = self._sign(data + hashlib.sha256(client_data).digest())
        return {"credential_id": base64url(self.credential_id),
                "client_data": base64url(client_data), "authenticator_data": base64url(data),
                "signature": base64url(signature), "user_handle": base64url(self.user_handle)}

    def _sign(self, text):
        if self.algorithm == EDDSA:  # which OpenSSL signs from a file only
            message = self._pem.with_suffix(".message")
            message.write_bytes(text)
            return self._openssl("pkeyutl", "-sign", "-rawin", "-inkey", self._pem, "-in", message)
        digest = "-sha384" if self.algorithm == ES384 else "-sha256"
        return self._openssl("dgst", digest, "-sign", self._pem, input=text)

    def exported(self):
        """As WebDriver's "Get Credentials" tells it, for SoftwareKey.import_credential: the same
        credential at a terminal."""
        private = self._openssl("pkcs8", "-topk8", "-nocrypt", "-in", self._pem, "-outform", "DER")
        return {"credentialId": base64url(self.credential_id), "privateKey": base64url(private),
                "rpId": self.rp_id, "userHandle": base64url(self.user_handle),
                "signCount": self.sign_count, "isResidentCredential": False}
