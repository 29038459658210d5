"""A security key on paper: makes registrations and assertions (WebAuthn Level 3) as a browser would
post them, and as a browser never would.  ES256, attestation "none"; OpenSSL signs.

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
    return _head(5, len(value)) + b"".join(_cbor(k) + _cbor(v) for k, v in value.items())


UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


class PaperKey:
    def __init__(self, rp_id, origin, folder, flags=UP | UV):
        self.rp_id, self.origin, self.flags = rp_id, origin, flags
        self.credential_id = secrets.token_bytes(64)
        self.sign_count = 0
        self.user_handle = b""
        self._pem = folder / f"paper-{secrets.token_hex(4)}.pem"
        self._openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                      self._pem)
        # The end of a P-256 SubjectPublicKeyInfo is its uncompressed point.
        self._point = self._openssl("pkey", "-in", self._pem, "-pubout", "-outform", "DER")[-64:]

    @classmethod
    def copied(cls, credential, origin, folder):
        """From a credential in a software key's file (software_key_state.h); its clone."""
        key = cls(credential["rp_id"], origin, folder)
        key.credential_id = from_base64url(credential["credential_id"])
        key.user_handle = from_base64url(credential["user_handle"])
        key.sign_count = credential["sign_count"]
        pem = cls._openssl("pkey", "-inform", "DER", input=from_base64url(credential["private_key"]))
        key._pem.write_bytes(pem)
        key._point = cls._openssl("pkey", "-in", key._pem, "-pubout", "-outform", "DER")[-64:]
        return key

    @staticmethod
    def _openssl(*arguments, input=None):
        return subprocess.run(["openssl", *map(str, arguments)], input=input, check=True,
                              capture_output=True).stdout

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
        cose = _cbor({1: 2, 3: -7, -1: 1, -2: self._point[:32], -3: self._point[32:]})
        credential = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._authenticator_data(self.flags | AT, credential + cose)
        return {"client_data": base64url(self.client_data("create", options, changes)),
                "attestation_object": base64url(_cbor({"fmt": "none", "attStmt": {},
                                                       "authData": data})),
                "transports": "usb"}

    def answer(self, options, **changes):
        """The fields of POST /second-factor/key and /signin/key."""
        self.sign_count += 1
        client_data = self.client_data("get", options, changes)
        data = self._authenticator_data(self.flags)
        signature = self._openssl("dgst", "-sha256", "-sign", self._pem,
                                  input=data + hashlib.sha256(client_data).digest())
        return {"credential_id": base64url(self.credential_id),
                "client_data": base64url(client_data), "authenticator_data": base64url(data),
                "signature": base64url(signature), "user_handle": base64url(self.user_handle)}

    def exported(self):
        """As WebDriver's "Get Credentials" tells it, for SoftwareKey.import_credential: the same
        credential at a terminal."""
        private = self._openssl("pkcs8", "-topk8", "-nocrypt", "-in", self._pem, "-outform", "DER")
        return {"credentialId": base64url(self.credential_id), "privateKey": base64url(private),
                "rpId": self.rp_id, "userHandle": base64url(self.user_handle),
                "signCount": self.sign_count, "isResidentCredential": False}
