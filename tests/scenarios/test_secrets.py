"""No seed, code, token or password stands in the store, in its write-ahead log, or in any log."""
# labels: journey

import base64
import json
import re

import pytest


def spellings(secret):
    """The ways a secret's bytes could have been written down."""
    raw = secret if isinstance(secret, bytes) else secret.encode()
    yield raw
    yield base64.b64encode(raw).rstrip(b"=")
    yield base64.urlsafe_b64encode(raw).rstrip(b"=")
    yield base64.b32encode(raw).rstrip(b"=")
    yield raw.hex().encode()
    yield raw.hex().upper().encode()


def places(segment, secret):
    """Files of the deployment that hold the secret in any spelling."""
    found = []
    for file in sorted(segment.folder.rglob("*")):
        if file.is_file() and segment.folder / "keys" not in file.parents:
            content = file.read_bytes()
            found += [file.name for spelling in spellings(secret) if spelling in content]
    return found


def unbase32(text):
    text = re.sub(r"[^A-Z2-7]", "", text.upper())
    return base64.b32decode(text + "=" * (-len(text) % 8))


@pytest.fixture
def lived(segment, upstream):
    """A segment in which everything that has to do with secrets has happened once."""
    segment.settings["limits"] = {"threads": 1}
    segment.add_application("tax", upstream.url, groups=["tax"])
    segment.start()
    secrets = {}
    hanako = segment.add_user("hanako", "関所 花子", groups=["tax"])
    secrets["password"] = hanako.password
    secrets["seed"] = unbase32(hanako.token.seed)
    secrets["seed as text"] = hanako.token.seed

    inside = segment.sign_in(hanako)
    assert inside.get(segment.url("tax", "/")).status == 200
    for name, value in inside.cookie_values.items():
        secrets[f"cookie {name}"] = value
        try:
            secrets[f"cookie {name}, decoded"] = base64.urlsafe_b64decode(
                value + "=" * (-len(value) % 4))
        except ValueError:
            pass
    codes = segment.json("recovery", "issue", "hanako")["codes"]
    secrets["recovery code unused"], secrets["recovery code used"] = codes[0], codes[1]
    secrets["recovery code without marks"] = re.sub(r"[^A-Za-z0-9]", "", codes[0])
    page = segment.present_password(hanako, visitor := segment.visitor())
    assert visitor.submit(page, "/recovery", recovery_code=codes[1]).status == 303

    wrong = "Wrong-password-7261"
    secrets["wrong password"] = wrong
    stranger = segment.visitor()
    stranger.submit(stranger.get(segment.portal + "/"), "/signin", user="hanako", password=wrong)
    secrets["password typed as name"] = "S3cret-in-the-name-field"
    stranger.submit(stranger.get(segment.portal + "/"), "/signin",
                    user="x", password="S3cret-in-the-name-field")
    added = segment.json("terminal", "add", "zeimu-01")
    secrets["join token"] = added["token"]
    secrets["join token without marks"] = re.sub(r"[^A-Za-z0-9]", "", added["token"])
    segment.reload()
    return segment, secrets


def test_no_secret_stands_in_a_file_while_running_or_after_a_stop(lived):
    segment, secrets = lived
    for state in ("running", "stopped"):
        for what, secret in secrets.items():
            assert len(secret) >= 8, what
            assert not places(segment, secret), f"{what}, while {state}"
        if state == "running":
            assert (segment.folder / "store.db-wal").stat().st_size > 0
            segment.stop()


def test_the_search_itself_finds_what_is_there(lived):
    segment, secrets = lived
    assert places(segment, "関所 花子"), "names are stored in clear"
    (segment.folder / "log/leak.log").write_text("seed " + secrets["seed"].hex())
    assert places(segment, secrets["seed"]) == ["leak.log"]


def test_codes_are_in_no_log_and_no_audit_row(segment):
    segment.start()
    user = segment.add_user("hanako")
    shown = [user.token.next_code(), user.token.wrong_code()]
    segment.sign_in(user, code=shown[0])
    page = segment.present_password(user, visitor := segment.visitor())
    visitor.submit(page, "/second-factor", code=shown[1])
    # Six digits stand by chance in times and ids; what a code must not be is a value or a word.
    text = (segment.logs / "sekishod.log").read_text() + segment.command("audit", "export").stdout
    for code in shown:
        assert not re.search(rf"(?<![0-9a-zA-Z_.-]){code}(?![0-9a-zA-Z_.-])", text)


def test_listings_show_no_secret(lived):
    segment, secrets = lived
    listings = [segment.command("--json", *words).stdout for words in
                (("user", "show", "hanako"), ("totp", "list", "hanako"), ("session", "list"),
                 ("terminal", "list"), ("user", "list"))]
    for listing in listings:
        json.loads(listing)
        for what, secret in secrets.items():
            if isinstance(secret, str):
                assert secret not in listing, what


def test_every_file_with_a_secret_is_closed_to_others(lived):
    segment, _ = lived
    for file in (*(segment.folder / "keys").glob("*"), *segment.folder.glob("store.db*")):
        if file.suffix == ".pem" and "PRIVATE" not in file.read_text():
            continue
        assert file.stat().st_mode & 0o007 == 0, file
