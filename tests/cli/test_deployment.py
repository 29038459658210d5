"""init, config check, terminals, sessions, policy, doctor: the deployment as a whole."""

import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import tempfile

import pytest

from conftest import PASSWORD, Town, program

APPLICATION = """
[[application]]
name = "tax"
host = "tax.town.example"
upstream = "http://127.0.0.1:9000"
  [[application.rule]]
  path = "/admin"
  access = "deny"
  [[application.rule]]
  path = "/"
  groups = ["tax"]
  networks = ["127.0.0.0/16"]
  hours = "08:00-18:00"
  [[application.rule]]
  path = "/open"
  require = "password"
"""


def with_application(town):
    town.config.write_text(town.config.read_text() + APPLICATION)
    return town


# -- init ------------------------------------------------------------------------------------------
def test_init_makes_everything_a_gateway_needs_and_says_what_comes_next(empty):
    said = empty.init("--lang", "ja")
    assert "次の手順" in said
    made = {str(path.relative_to(empty.folder)) for path in empty.folder.rglob("*")
            if path.is_file()}
    assert made == {"sekishod.toml", "store.db", "keys/seal.keys", "keys/audit.pem",
                    "keys/audit-public.pem", "keys/ca.pem", "keys/ca.key", "tls/portal.pem",
                    "tls/portal.key"}
    empty("config", "check")
    assert empty.events() == ["init"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_the_configuration_has_as_comments_may_be_taken_out_of_them(empty, language):
    empty.init("--lang", language)
    before, mark, rest = empty.config.read_text().partition("#[[application]]")
    bare = re.sub(r"^#(?! \S)", "", before, flags=re.M)
    assert "\n[security_keys]\n" in bare and "\n[terminals]\n" in bare
    empty.config.write_text(bare + mark + rest)
    settings = {row["setting"]: row["from"] for row in empty.json("config", "show")["settings"]}
    for name in ("privileged.idle", "security_keys.passwordless", "security_keys.model.aaguids",
                 "terminals.seat_life", "terminals.require", "terminals.service.require"):
        assert settings[name] == "file"


def test_no_secret_file_can_be_read_by_others_whatever_the_umask(empty):
    before = os.umask(0)
    try:
        empty.init()
    finally:
        os.umask(before)
    for name in ("keys/seal.keys", "keys/audit.pem", "keys/ca.key", "tls/portal.key", "store.db"):
        assert stat.S_IMODE((empty.folder / name).stat().st_mode) == 0o640, name


def test_the_portals_certificate_verifies_for_the_portal_and_its_applications(town):
    for host, good in (("portal.town.example", True), ("tax.town.example", True),
                       ("town.example", False), ("other.example", False)):
        verified = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-CAfile",
             town.folder / "keys/ca.pem", "-verify_hostname", host, town.folder / "tls/portal.pem"],
            capture_output=True)
        assert (verified.returncode == 0) == good, host


def test_init_uses_a_configuration_that_is_there_already(empty):
    empty.init()
    text = empty.config.read_text()
    for path in sorted(empty.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    empty.config.write_text(text)
    empty("init")
    assert empty.config.read_text() == text
    empty("config", "check")


@pytest.mark.parametrize("option", ["--segment", "--portal-url", "--listen", "--organization",
                                    "--cookie-domain", "--terminal-name", "--store"])
def test_init_does_not_ignore_an_option_because_a_configuration_is_there(town, option):
    text = town.config.read_text()
    for path in sorted(town.folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    town.config.write_text(text)
    assert "used as it is" in town.refused(4, "init", option, "10.9.0.0/16")
    assert "そのまま使います" in town.refused(4, "init", option, "x", "--lang", "ja")
    assert list(town.folder.iterdir()) == [town.config]


def test_init_overwrites_nothing(town):
    before = {path: path.read_bytes() for path in town.folder.rglob("*") if path.is_file()}
    town.refused(4, "init")
    town.refused(4, "init", "--segment", "10.0.0.0/8", "--portal-url", "https://p.example.jp",
                 "--listen", "10.0.0.1")
    after = {path: path.read_bytes() for path in town.folder.rglob("*") if path.is_file()}
    assert before == after


@pytest.mark.parametrize("there", ["keys/seal.keys", "keys/ca.pem", "keys/ca.key",
                                   "keys/audit.pem", "store.db", "keys/audit-public.pem"])
def test_init_stops_at_one_file_that_is_there_and_takes_its_own_back(empty, there):
    (empty.folder / "keys").mkdir()
    (empty.folder / there).write_text("mine")
    result = empty.run("init", "--segment", "127.0.0.0/8", "--portal-url",
                       "https://portal.town.example", "--listen", "127.0.0.1")
    assert result.returncode == 4 and there in result.stderr
    files = [path for path in empty.folder.rglob("*") if path.is_file()]
    assert files == [empty.folder / there] and files[0].read_text() == "mine"


@pytest.mark.parametrize("segment,url,listen", [
    ("10.0.0.0/8", "https://portal.town.example", "192.168.0.1"),
    ("10.0.0.1/8", "https://portal.town.example", "10.0.0.1"),
    ("10.0.0.0/8", "http://portal.town.example", "10.0.0.1"),
    ("10.0.0.0/8", "https://10.0.0.1", "10.0.0.1"),
    ('10.0.0.0/8"]\n[x', "https://portal.town.example", "10.0.0.1")])
def test_init_refuses_a_plan_that_the_gateway_would_refuse(empty, segment, url, listen):
    empty.refused(1, "init", "--segment", segment, "--portal-url", url, "--listen", listen)
    assert list(empty.folder.iterdir()) == []


def test_init_without_a_plan_says_what_is_needed(empty):
    assert "--segment" in empty.refused(1, "init")


# -- config check --------------------------------------------------------------------------------
def test_config_check_tells_every_mistake_with_its_line(town):
    text = town.config.read_text().replace("terminal_days = 90", "terminal_days = 9000")
    town.config.write_text(text + "\n[sessions]\nidel = \"15m\"\n")
    answer = town.json("config", "check", code=1)
    assert answer["valid"] is False and len(answer["mistakes"]) == 2
    lines = text.splitlines()
    assert lines[answer["mistakes"][0]["line"] - 1].startswith("terminal_days")
    said = town.refused(5, "user", "list")
    assert said.count("sekishod.toml:") == 2


def test_config_check_finds_a_key_that_others_can_read_and_one_of_another(town):
    (town.folder / "keys/seal.keys").chmod(0o644)
    answer = town.json("config", "check", code=1)
    assert any("seal.keys" in row["finding"] for row in answer["files"])
    (town.folder / "keys/seal.keys").chmod(0o640)
    key = subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt",
                          "ec_paramgen_curve:P-256"], capture_output=True, check=True).stdout
    (town.folder / "tls/portal.key").write_bytes(key)
    answer = town.json("config", "check", code=1)
    assert any("do not belong together" in row["finding"] for row in answer["files"])


def test_the_portals_certificate_is_renewed_after_a_yes(town):
    paths = [town.folder / "tls/portal.pem", town.folder / "tls/portal.key"]
    before = [path.read_bytes() for path in paths]
    modes = [path.stat().st_mode for path in paths]
    town.refused(6, "config", "renew")
    assert [path.read_bytes() for path in paths] == before
    town("config", "renew", "--yes")
    assert all(path.read_bytes() != old for path, old in zip(paths, before))
    assert [path.stat().st_mode for path in paths] == modes
    town("config", "check")
    assert town.events()[-1] == "certificate_issue"
    (town.folder / "keys/ca.key").unlink()
    town.refused(5, "config", "renew", "--yes")


# -- terminals and sessions ----------------------------------------------------------------------
def test_a_terminal_gets_a_token_and_the_line_to_type(town):
    added = town.json("terminal", "add", "zeimu-03")
    assert len(added["token"]) == 26
    fingerprint = subprocess.run(
        ["openssl", "x509", "-in", town.folder / "keys/ca.pem", "-noout", "-fingerprint", "-sha256"],
        capture_output=True, text=True).stdout.split("=")[1].strip().replace(":", "").lower()
    assert added["command"] == (
        "sekisho-agent join --gateway https://gateway.town.example:8444 "
        f"--ca-fingerprint {fingerprint} --token {added['token']}")
    [terminal] = town.json("terminal", "list")
    assert terminal["state"] == "waiting" and terminal["generation"] == 0
    town.refused(4, "terminal", "add", "zeimu-03")
    assert town.json("terminal", "add", "zeimu-03", "--again")["token"] != added["token"]
    assert added["token"] not in town("terminal", "list")


def test_a_terminal_that_has_joined_gets_a_new_token_after_a_yes(town):
    town("terminal", "add", "zeimu-03")
    store = sqlite3.connect(town.folder / "store.db")
    store.execute("UPDATE terminals SET token_hash = NULL, token_expires_at = NULL, "
                  "joined_at = 1, generation = 1, certificate_expires_at = 4102444800000")
    store.commit()
    store.close()
    assert "--yes" in town.refused(6, "terminal", "add", "zeimu-03", "--again")
    [terminal] = town.json("terminal", "list")
    assert terminal["state"] == "joined" and terminal["generation"] == 1
    town("terminal", "add", "zeimu-03", "--again", "--yes")
    assert town.json("terminal", "list")[0]["state"] == "waiting"


def test_a_terminal_is_revoked_after_a_yes(town):
    town("terminal", "add", "zeimu-03")
    town.refused(6, "terminal", "revoke", "zeimu-03")
    town("terminal", "revoke", "zeimu-03", "--yes")
    assert town.json("terminal", "list")[0]["state"] == "revoked"
    town.refused(4, "terminal", "revoke", "zeimu-03", "--yes")
    town.refused(3, "terminal", "revoke", "other", "--yes")
    town.refused(1, "terminal", "add", "--", "-rf")


def test_ending_sessions_that_are_not_there(town):
    town.add_user()
    assert town.json("session", "list") == []
    assert town.json("session", "end", "--user", "hanako")["ended"] == 0
    town.refused(3, "session", "end", "17")
    town.refused(3, "session", "end", "--user", "nobody")
    town.refused(2, "session", "end")
    town.refused(2, "session", "end", "17", "--user", "hanako")


# -- policy explain ------------------------------------------------------------------------------
def explain(town, url, user="hanako", source="127.0.0.1", at="2026-11-24T10:00", more=(), code=0):
    return town.json("policy", "explain", "--user", user, "--url", url, "--from", source, "--at",
                     at, *more, code=code)


@pytest.fixture
def ruled(town):
    with_application(town)
    town.add_user("hanako", "--group", "tax")
    town.add_user("taro")
    return town


def test_the_rule_that_decides_is_named_with_its_line(ruled):
    answer = explain(ruled, "https://tax.town.example/list?year=2026")
    assert answer["decision"] == "allowed"
    assert ruled.config.read_text().splitlines()[answer["rule_line"] - 1].strip() in (
        "[[application.rule]]", 'path = "/"')
    assert [rule["verdict"] for rule in answer["rules"]] == ["path", "decides", "not_reached"]


@pytest.mark.parametrize("asked,verdicts,decision", [
    (dict(url="https://tax.town.example/admin/x"), ["decides", "not_reached", "not_reached"],
     "forbidden"),
    (dict(url="https://tax.town.example/list", user="taro"), ["path", "group", "path"], "forbidden"),
    (dict(url="https://tax.town.example/list", at="2026-11-24T20:00"), ["path", "hours", "path"],
     "forbidden"),
    (dict(url="https://tax.town.example/list", source="127.9.0.1"), ["path", "network", "path"],
     "forbidden"),
    (dict(url="https://tax.town.example/list", more=("--proven", "password")),
     ["path", "decides", "not_reached"], "second_factor"),
    (dict(url="https://tax.town.example/a/../admin"), None, "bad_path"),
    (dict(url="https://unknown.town.example/"), None, "forbidden"),
    (dict(url="https://tax.town.example/list", source="192.0.2.1"), ["path", "network", "path"],
     "forbidden")])
def test_each_rule_tells_why_it_did_not_match(ruled, asked, verdicts, decision):
    answer = explain(ruled, code=1, **asked)
    assert answer["decision"] == decision and answer["reason"]
    if verdicts:
        assert [rule["verdict"] for rule in answer["rules"]] == verdicts


def test_a_rule_may_ask_for_a_password_only(ruled):
    assert explain(ruled, "https://tax.town.example/open", user="taro",
                   more=("--proven", "password"))["decision"] == "allowed"


def test_a_disabled_user_is_refused_before_any_rule(ruled):
    ruled("user", "disable", "hanako")
    assert "disabled" in explain(ruled, "https://tax.town.example/list", code=1)["reason"]


@pytest.mark.parametrize("url,source", [("tax.town.example", "127.0.0.1"), ("ftp://x/", "127.0.0.1"),
                                        ("https://a@b/", "127.0.0.1"),
                                        ("https://tax.town.example/", "localhost")])
def test_a_question_that_makes_no_sense_is_refused(ruled, url, source):
    ruled.refused(1, "policy", "explain", "--user", "hanako", "--url", url, "--from", source)


# -- doctor --------------------------------------------------------------------------------------
def findings(town, health, code):
    return [row["check"] + ": " + row["finding"] for row in town.json("doctor", code=code)
            if row["health"] == health]


def test_doctor_finds_nothing_wrong_with_a_new_deployment(town):
    assert findings(town, "failure", 0) == []


def test_doctor_names_users_who_cannot_log_in(town):
    town.add_user()
    town("user", "add", "taro", "--no-password")
    text = "\n".join(findings(town, "warning", 0))
    assert "2 users without a second factor: hanako, taro" in text
    assert "1 users without a password: taro" in text


def test_doctor_finds_a_store_that_is_broken_a_wrong_key_and_a_missing_one(town):
    keys = town.folder / "keys/seal.keys"
    good = keys.read_bytes()
    keys.unlink()
    assert any(line.startswith("keys") for line in findings(town, "failure", 1))
    keys.write_text("k1 " + "A" * 43 + "\n")
    keys.chmod(0o640)
    assert any(line.startswith("store") for line in findings(town, "failure", 1))
    keys.write_bytes(good)
    store = town.folder / "store.db"
    store.write_bytes(b"not a database at all" * 100)
    assert any(line.startswith("store") for line in findings(town, "failure", 1))


def test_doctor_finds_an_expired_certificate(town):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=x", "-addext",
                    "subjectAltName=DNS:portal.town.example", "-days", "10", "-keyout",
                    town.folder / "tls/portal.key", "-out", town.folder / "tls/portal.pem"],
                   check=True, capture_output=True)
    assert any("expires on" in line for line in findings(town, "warning", 0))


def list_of_withdrawn(folder, *times):
    """A CA, and the list of what it withdrew, as PEM files."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", "/CN=apps", "-days", "1000", "-keyout", "apps.key", "-out", "apps.pem")
    (folder / "apps.index").touch()
    (folder / "apps.cnf").write_text("[ca]\ndefault_ca=a\n[a]\ndatabase=apps.index\ndefault_md=sha256\n")
    openssl("ca", "-config", "apps.cnf", "-cert", "apps.pem", "-keyfile", "apps.key", "-gencrl",
            "-out", "apps.crl", *times)


@pytest.mark.parametrize("times, health, code, words", [
    (["-crldays", "30"], "ok", 0, "holds until"),
    (["-crldays", "2"], "warning", 0, "replace it and reload before then"),
    (["-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z"], "failure", 1,
     "ended on 2020-02-01"),
])
def test_doctor_tells_when_a_list_of_withdrawn_certificates_ends(town, times, health, code, words):
    list_of_withdrawn(town.folder, *times)
    town.config.write_text(town.config.read_text() + APPLICATION.replace(
        'upstream = "http://127.0.0.1:9000"',
        'upstream = "https://127.0.0.1:9000"\nupstream_ca = "apps.pem"\nupstream_crl = "apps.crl"'))
    told = findings(town, health, code)
    assert any(line.startswith("upstream_trust") and "apps.crl" in line and words in line
               for line in told), told
    assert any("apps.pem holds until" in line for line in findings(town, "ok", code))


def test_doctor_says_which_list_cannot_be_read(town):
    list_of_withdrawn(town.folder, "-crldays", "30")
    crl = town.folder / "apps.crl"
    crl.write_text(crl.read_text() + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n")
    town.config.write_text(town.config.read_text() + APPLICATION.replace(
        'upstream = "http://127.0.0.1:9000"',
        'upstream = "https://127.0.0.1:9000"\nupstream_ca = "apps.pem"\nupstream_crl = "apps.crl"'))
    assert any("apps.crl" in line for line in findings(town, "failure", 1))


def test_doctor_warns_of_an_upstream_whose_name_leads_nowhere(town):
    # An address outside is refused with the configuration; of a name only doctor can tell.
    town.config.write_text(town.config.read_text() +
                           APPLICATION.replace("127.0.0.1:9000", "gone.invalid:9000"))
    assert any("does not resolve" in line for line in findings(town, "warning", 0))


# -- the command line itself -----------------------------------------------------------------------
def test_broken_deployments_have_their_own_exit_code(empty):
    empty.refused(5, "user", "list")
    empty.init()
    (empty.folder / "keys/ca.pem").unlink()
    empty.refused(5, "terminal", "add", "zeimu-03")
    (empty.folder / "keys/audit.pem").unlink()
    empty.refused(5, "audit", "verify")
    empty.refused(5, "audit", "export")
    (empty.folder / "store.db").unlink()
    empty.refused(5, "user", "list")
    empty.refused(5, "user", "add", "x", "--password-stdin", input=PASSWORD + "\n")


@pytest.fixture
def shared_town():
    """Where somebody who is not root may look: pytest's own folders are closed."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(folder)
        town.init()
        town.program = shutil.copy(program(), folder)  # the build may be closed, too
        for path in (town.folder, *town.folder.rglob("*")):
            os.chown(path, 0, 65534)
            path.chmod(0o750 if path.is_dir() or str(path) == town.program else 0o640)
        yield town


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize("closed,command", [
    ("sekishod.toml", "user list"), ("sekishod.toml", "config check"), ("store.db", "user list"),
    ("keys/seal.keys", "user enable x"), (None, "user enable x"), (None, "backup copy.db")])
def test_a_member_of_the_gateways_group_is_told_which_file_and_to_become_root(shared_town, closed,
                                                                              command):
    if closed:
        (shared_town.folder / closed).chmod(0o600)
    for language, words in (("en", "as root (sudo"), ("ja", "root として")):
        result = subprocess.run(
            ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
             shared_town.program, "--config", str(shared_town.config), "--lang", language,
             *command.split()], capture_output=True, text=True, cwd=shared_town.folder)
        assert result.returncode == 5 and words in result.stderr, result.stderr
        assert str(shared_town.folder / (closed or "store.db")) in result.stderr
        assert "PRAGMA" not in result.stderr


def test_a_damaged_store_is_told_without_sql_and_with_what_to_do(town):
    town.add_user()
    store = town.folder / "store.db"
    page = int.from_bytes(store.read_bytes()[16:18], "big")
    with open(store, "r+b") as file:  # every page but the first, which says what the file is
        file.seek(page)
        file.write(b"\xa5" * (store.stat().st_size - page))
    for command in ("user list", "user show hanako", "audit tail", "user disable hanako"):
        for language, words in (("en", "restore a copy"), ("ja", "控えから戻し")):
            said = town.refused(5, *command.split(), "--lang", language)
            assert words in said and "SELECT" not in said and "PRAGMA" not in said, said
        said = town.refused(5, *command.split(), "--json")
        assert json.loads(said)["error"] == "corrupt" and "SELECT" not in said


def test_a_file_that_is_not_there_is_named_with_what_to_do(empty):
    for command in ("user list", "config check", "config show"):
        said = empty.refused(5, *command.split())
        assert str(empty.config) in said and "sekisho init" in said and "--config" in said
    empty.init()
    (empty.folder / "store.db").unlink()
    for command in ("user list", "user enable x"):
        said = empty.refused(5, *command.split())
        assert str(empty.folder / "store.db") in said and "restore" in said
        assert "控え" in empty.refused(5, *command.split(), "--lang", "ja")


def test_a_result_that_cannot_be_written_is_a_failure(town):
    with open("/dev/full", "w") as full:
        result = subprocess.run([str(program()), "--config", str(town.config), "user", "list"],
                                stdout=full, stderr=subprocess.PIPE, text=True)
    assert result.returncode == 5 and result.stderr
