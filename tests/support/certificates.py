"""Throwaway certificates by the openssl command: a town's own CA and leaves for its web names."""

import subprocess
from pathlib import Path

P256 = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
RSA = ("rsa:2048",)


def _openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class TownAuthority:
    """Signs web certificates; `file` is what clients trust."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.file, self._key = self.folder / "town-ca.pem", self.folder / "town-ca.key"
        _openssl("req", "-x509", "-newkey", *P256, "-nodes", "-keyout", self._key, "-out", self.file,
                 "-days", "30", "-subj", "/CN=Town CA", "-addext",
                 "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, *hosts, algorithm=P256):
        """Writes NAME.pem (leaf and CA) and NAME.key for the host names; returns both paths."""
        key, chain = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        names = ",".join(("IP:" if host[0].isdigit() else "DNS:") + host for host in hosts)
        usage = "digitalSignature,keyEncipherment" if algorithm == RSA else "digitalSignature"
        extensions.write_text(f"subjectAltName={names}\nbasicConstraints=critical,CA:FALSE\n"
                              f"extendedKeyUsage=serverAuth\nkeyUsage=critical,{usage}\n")
        _openssl("req", "-newkey", *algorithm, "-nodes", "-keyout", key, "-out", request, "-subj",
                 f"/CN={hosts[0]}")
        _openssl("x509", "-req", "-in", request, "-CA", self.file, "-CAkey", self._key,
                 "-CAcreateserial", "-days", "29", "-extfile", extensions, "-out", chain)
        chain.write_text(chain.read_text() + self.file.read_text())
        key.chmod(0o600)
        return chain, key
