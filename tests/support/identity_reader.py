"""An application that believes nothing but the signed token: it fetches the key set, has openssl
verify the signature, and reads what the token says (RFC 7515, 7517, 7519)."""

import base64
import json
import subprocess
import tempfile
import time
from pathlib import Path

# SubjectPublicKeyInfo of a P-256 key, up to the point (RFC 5480).
P256 = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _der_integer(number):
    number = number.lstrip(b"\0") or b"\0"
    if number[0] & 0x80:
        number = b"\0" + number
    return bytes([2, len(number)]) + number


def _der_signature(raw):
    assert len(raw) == 64, len(raw)
    pair = _der_integer(raw[:32]) + _der_integer(raw[32:])
    return bytes([0x30, len(pair)]) + pair


def is_signed(token, jwk):
    """Whether the owner of `jwk` signed the token, by the openssl program."""
    signed, _, signature = token.rpartition(".")
    point = b"\x04" + decoded(jwk["x"]) + decoded(jwk["y"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "key.der").write_bytes(P256 + point)
        (folder / "signature").write_bytes(_der_signature(decoded(signature)))
        (folder / "signed").write_text(signed)
        made = subprocess.run(["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify",
                               folder / "key.der", "-signature", folder / "signature",
                               folder / "signed"], capture_output=True, text=True, timeout=30)
    return made.returncode == 0 and "Verified OK" in made.stdout


def header_of(token):
    return json.loads(decoded(token.split(".")[0]))


def key_set(segment):
    """kid -> JWK, as anybody in the segment gets it."""
    answer = segment.visitor().get(segment.portal + "/.well-known/jwks.json", cookies=False)
    assert answer.status == 200, answer
    return {key["kid"]: key for key in json.loads(answer.body)["keys"]}


def claims_of(segment, token, audience, keys=None):
    """What the token says, or AssertionError when an application must not believe it."""
    header = header_of(token)
    assert (header["alg"], header["typ"]) == ("ES256", "JWT"), header
    jwk = (keys or key_set(segment))[header["kid"]]
    assert (jwk["kty"], jwk["crv"], jwk["use"], jwk["alg"]) == ("EC", "P-256", "sig", "ES256"), jwk
    assert is_signed(token, jwk), token
    claims = json.loads(decoded(token.split(".")[1]))
    assert claims["iss"] == segment.portal and claims["aud"] == audience, claims
    assert claims["iat"] <= time.time() < claims["exp"], claims
    return claims
