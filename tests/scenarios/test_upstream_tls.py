"""An https application is whom its certificate proves it to be, today, or it is not asked at all."""
# labels: journey

import dataclasses
import json
import re
import signal
import subprocess
import urllib.request

import pytest
from certificates import TownAuthority
from segment import Application as Entry
from segment import Rule
from upstream import Application

ADDRESS = "127.0.0.1"


@dataclasses.dataclass
class Listed(Entry):
    """An application whose certificates may be withdrawn."""
    upstream_crl: str = ""

    def toml(self):
        line = f"upstream_crl = {json.dumps(self.upstream_crl)}\n" if self.upstream_crl else ""
        return super().toml().replace("upstream_ca", line + "upstream_ca", 1)


class Authority(TownAuthority):
    """A town's authority that also withdraws certificates, and signs wrong ones."""

    def __init__(self, folder):
        super().__init__(folder)
        self.config = self.folder / "ca.cnf"
        (self.folder / "index").touch()
        self.config.write_text(f"[ca]\ndefault_ca=town\n[town]\ndatabase={self.folder}/index\n"
                               "default_md=sha256\n")

    def sign_again(self, name, usage="serverAuth", days=29):
        """Another certificate for the same key and names."""
        extensions, chain = self.folder / f"{name}.ext", self.folder / f"{name}.pem"
        extensions.write_text(extensions.read_text().replace("serverAuth", usage))
        self._openssl("x509", "-req", "-in", self.folder / f"{name}.csr", "-CA", self.file, "-CAkey",
                      self.folder / "town-ca.key", "-CAcreateserial", "-days", days, "-extfile",
                      extensions, "-out", chain)
        chain.write_text(chain.read_text() + self.file.read_text())

    def withdraw(self, name):
        self._ca("-revoke", self.folder / f"{name}.pem")

    def crl(self, name, *times):
        """A list, as PEM, of what was withdrawn before now."""
        file = self.folder / f"{name}.crl"
        self._ca("-gencrl", "-out", file, *(times or ("-crldays", 30)))
        return str(file)

    def _ca(self, *arguments):
        self._openssl("ca", "-config", self.config, "-cert", self.file, "-keyfile",
                      self.folder / "town-ca.key", *arguments)

    @staticmethod
    def _openssl(*arguments):
        result = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
        assert result.returncode == 0, result.stderr


class Street:
    """Applications, each with a certificate and a list of its own, on one segment."""

    def __init__(self, segment, folder):
        self.segment, self.ours = segment, Authority(folder / "ours")
        self.others = Authority(folder / "others")
        self.applications = {}

    def add(self, name, names=(ADDRESS,), issuer=None, crl="", spoil=None, at=ADDRESS):
        issuer = issuer or self.ours
        tls = issuer.issue(name, *names)
        if spoil:
            issuer.sign_again(name, **spoil)
        application = self.applications[name] = Application(tls=tls)
        self.segment.applications.append(Listed(
            name, self.segment.host(name), application.url.replace(ADDRESS, at),
            [Rule(groups=("tax",))], upstream_ca=str(self.ours.file), upstream_crl=crl))

    def open(self):
        self.segment.settings["limits"] = {"threads": 1}  # every kept connection may be used again
        self.segment.start()
        self.inside = self.segment.sign_in(self.segment.add_user("hanako", groups=["tax"]))

    def is_asked(self, name):
        """Whether the gateway trusts this application; otherwise it says why and asks it nothing."""
        seen, log = self.applications[name].requests, self.segment.gateway
        before = len(seen)
        answer = self.inside.get(self.segment.url(name, "/"))
        if answer.status == 200:
            return len(seen) == before + 1
        told = [line for line in log.written().splitlines() if f'"application":"{name}"' in line]
        assert answer.status == 502 and len(seen) == before, answer
        assert "certificate verify failed" in told[-1], told
        return False

    def close(self):
        for application in self.applications.values():
            application.close()


@pytest.fixture(scope="module")
def street(shared, tmp_path_factory):
    made = Street(shared, tmp_path_factory.mktemp("street"))
    ours, others = made.ours, made.others
    made.add("right")
    made.add("right-by-name", names=("localhost",), at="localhost")
    made.add("of-another-name", names=("app.localhost", "*.localhost", ADDRESS), at="localhost")
    made.add("of-another-authority", issuer=others)
    made.add("of-another-address", names=("127.0.0.2",))
    made.add("of-a-name", names=("localhost",))
    made.add("run-out", spoil={"days": -1})
    made.add("of-a-client", spoil={"usage": "clientAuth"})
    made.add("withdrawn")
    ours.withdraw("withdrawn")
    current = ours.crl("current")
    made.segment.applications[-1].upstream_crl = current
    made.add("not-in-the-list", crl=current)
    made.add("with-a-list-that-ran-out",
             crl=ours.crl("old", "-crl_lastupdate", "20200101000000Z",
                          "-crl_nextupdate", "20200201000000Z"))
    made.add("with-a-list-of-tomorrow",
             crl=ours.crl("early", "-crl_lastupdate", "20400101000000Z",
                          "-crl_nextupdate", "20400201000000Z"))
    made.add("with-a-list-of-others", crl=others.crl("current"))
    made.open()
    yield made
    made.close()


@pytest.fixture
def lane(segment, tmp_path):
    """The same for a test that changes something."""
    made = Street(segment, tmp_path / "lane")
    yield made
    made.close()


@pytest.mark.parametrize("name", ["right", "right-by-name"])
def test_a_certificate_of_the_authority_for_the_address_or_name_is_taken(street, name):
    assert street.is_asked(name)


@pytest.mark.parametrize("name", ["of-another-authority", "of-another-address", "of-another-name",
                                  "of-a-name", "run-out", "of-a-client"])
def test_any_other_certificate_is_a_502_and_nothing_is_asked(street, name):
    assert not street.is_asked(name)


def test_a_certificate_that_the_list_does_not_withdraw_is_taken(street):
    assert street.is_asked("not-in-the-list")


def test_a_withdrawn_certificate_is_a_502_and_nothing_is_asked(street):
    assert not street.is_asked("withdrawn")
    assert "certificate revoked" in street.segment.gateway.written()


def test_a_refused_certificate_is_for_the_auditor_once_a_minute(street):
    for _ in range(3):
        assert not street.is_asked("run-out")
    rows = street.segment.until_audited(lambda row: row["event"] == "upstream" and
                                        row["subject"] == "application:run-out", "the refusal")
    assert len(rows) == 1 and rows[0]["outcome"] == "denied"
    assert json.loads(rows[0]["detail"])["reason"] == "bad_certificate"
    with urllib.request.urlopen(f"http://127.0.0.1:{street.segment.metrics_port}/metrics") as page:
        told = page.read().decode()
    refused = re.search(r'certificates_refused_total{application="run-out"} (\d+)', told)
    assert int(refused[1]) >= 3


@pytest.mark.parametrize("name", ["with-a-list-that-ran-out", "with-a-list-of-tomorrow",
                                  "with-a-list-of-others"])
def test_where_no_list_of_today_says_so_no_certificate_is_taken(street, name):
    assert not street.is_asked(name)


def test_a_certificate_that_is_withdrawn_counts_from_the_reload_on(lane):
    lane.add("tax", crl=lane.ours.crl("current"))
    lane.open()
    assert lane.is_asked("tax")  # and the connection is kept
    lane.ours.withdraw("tax")
    lane.ours.crl("current")
    assert lane.is_asked("tax")  # nothing changes before it is said
    assert len({seen["peer"] for seen in lane.applications["tax"].requests}) == 1
    lane.segment.reload()
    assert not lane.is_asked("tax")


def missing(folder):
    return folder / "no.crl"


def garbage(folder):
    (folder / "garbage.crl").write_bytes(b"-----BEGIN X509 CRL-----\nkore wa\n-----END X509 CRL-----\n")
    return folder / "garbage.crl"


def empty(folder):
    (folder / "empty.crl").touch()
    return folder / "empty.crl"


def certificate(folder):
    return folder / "town-ca.pem"


@pytest.mark.parametrize("spoilt", [missing, garbage, empty, certificate])
def test_what_is_no_list_refuses_the_start_by_its_path(lane, spoilt):
    path = spoilt(lane.ours.folder)
    lane.add("tax", crl=str(path))
    with pytest.raises(RuntimeError, match=str(path)):
        lane.segment.start()


def test_what_is_no_list_refuses_a_reload_by_its_path_and_the_old_one_counts(lane):
    lane.add("tax", crl=lane.ours.crl("current"))
    lane.open()
    path = garbage(lane.ours.folder)
    lane.segment.applications[0].upstream_crl = str(path)
    lane.segment.write_config()
    lane.segment.gateway.signal(signal.SIGHUP)
    lane.segment.gateway.until_written('"reload_refused"')
    told, = [line for line in lane.segment.gateway.written().splitlines() if "reload_refused" in line]
    assert str(path) in told
    assert lane.is_asked("tax")
