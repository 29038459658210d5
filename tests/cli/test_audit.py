"""The audit log: shown, exported, and every kind of damage found."""

import json
import sqlite3
import subprocess

import pytest
from shifted_clock import ShiftedClock


@pytest.fixture
def lived(town):
    """A town with a few rows in its log, and an exported copy of them."""
    for name in ("hanako", "taro", "jiro"):
        town.add_user(name)
    town("user", "disable", "taro")
    town("audit", "export", "--output", "early.jsonl")
    return town


def damage(town, *statements):
    """What somebody with the file and a database tool could do; the triggers do not stop them."""
    database = sqlite3.connect(town.folder / "store.db")
    database.execute("DROP TRIGGER audit_log_is_not_changed")
    database.execute("DROP TRIGGER audit_log_is_not_deleted")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


def public_key(algorithm):
    key = subprocess.run(["openssl", "genpkey", "-algorithm", algorithm], check=True,
                         capture_output=True).stdout
    return subprocess.run(["openssl", "pkey", "-pubout"], input=key, check=True,
                          capture_output=True).stdout


def test_the_newest_rows_are_shown_last_and_can_be_chosen(lived):
    rows = lived.json("audit", "tail", "-n", "2")
    assert [row["seq"] for row in rows] == sorted(row["seq"] for row in rows) and len(rows) == 2
    assert [row["subject"] for row in lived.json("audit", "tail", "--event", "user_disable")] == [
        "user:taro"]
    assert {row["event"] for row in lived.json("audit", "tail", "--subject", "user:jiro")} == {
        "user_add", "user_password"}
    assert "user:jiro" in lived("audit", "tail")


def test_a_log_whose_signatures_were_taken_away_is_not_called_intact(lived, tmp_path):
    assert "intact" in lived("audit", "verify")
    damage(lived, "DELETE FROM audit_checkpoints")
    later = ShiftedClock(tmp_path, 3 * 3600).environment()
    told = lived("audit", "verify", code=1, env=later)
    assert "not signed" in told and "export" in told
    assert lived.json("audit", "verify", code=1, env=later)["finding"] == "unsigned"
    lived("audit", "export", "--output", "signed.jsonl", env=later)
    assert "intact" in lived("audit", "verify", env=later)


def test_an_export_holds_every_row_and_is_for_its_owner_only(lived):
    rows = [json.loads(line) for line in (lived.folder / "early.jsonl").read_text().splitlines()]
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    assert rows[-1]["event"] == "audit_export"
    checkpoint = json.loads((lived.folder / "early.jsonl.checkpoint").read_text())
    assert checkpoint["seq"] == rows[-1]["seq"] and checkpoint["hash"] == rows[-1]["hash"]
    for name in ("early.jsonl", "early.jsonl.checkpoint"):
        assert (lived.folder / name).stat().st_mode & 0o777 == 0o600
    lived.refused(4, "audit", "export", "--output", "early.jsonl")


def test_an_export_to_standard_output_is_json_lines(lived):
    rows = [json.loads(line) for line in lived("audit", "export").splitlines()]
    assert rows[0]["event"] == "init" and isinstance(json.loads(rows[1]["detail"]), dict)


def test_an_undamaged_log_verifies_with_and_without_a_checkpoint(lived):
    assert "intact" in lived("audit", "verify")
    assert "intact" in lived("audit", "verify", "--checkpoint", "early.jsonl.checkpoint")
    assert lived.json("audit", "verify")["intact"] is True
    assert lived.events()[-1] == "audit_verify"


@pytest.mark.parametrize("what,statements,finding", [
    ("changed", ["UPDATE audit_log SET subject = 'user:nobody' WHERE seq = 3"], "3 was changed"),
    ("missing", ["DELETE FROM audit_log WHERE seq = 3"], "row 3 is missing"),
    ("head", ["DELETE FROM audit_log WHERE seq <= 2"], "head of the log"),
    ("reordered", ["UPDATE audit_log SET seq = 1000 WHERE seq = 3",
                   "UPDATE audit_log SET seq = 3 WHERE seq = 4",
                   "UPDATE audit_log SET seq = 4 WHERE seq = 1000"], "audit row 3"),
    ("inserted", ["UPDATE audit_log SET seq = seq + 1000 WHERE seq > 3",
                  "INSERT INTO audit_log SELECT 4, at, event, outcome, actor, subject, source, "
                  "detail, previous_hash, hash FROM audit_log WHERE seq = 3",
                  "UPDATE audit_log SET seq = seq - 999 WHERE seq > 1000"], "audit row 4"),
    ("tail", ["DELETE FROM audit_log WHERE seq > 4"], "tail of the log is missing")])
def test_every_kind_of_damage_is_found(lived, what, statements, finding):
    damage(lived, *statements)
    assert finding in lived.refused(1, "audit", "verify")
    assert finding in lived.json("audit", "verify", code=1)["finding"]


def test_a_missing_tail_shows_against_a_checkpoint_kept_elsewhere(lived):
    damage(lived, "DELETE FROM audit_log WHERE seq > 4", "DELETE FROM audit_checkpoints")
    lived("audit", "verify")  # nothing left on this machine remembers more
    said = lived.refused(1, "audit", "verify", "--checkpoint", "early.jsonl.checkpoint")
    assert "tail" in said or "written anew" in said


def test_an_exported_copy_verifies_without_the_store(lived):
    (lived.folder / "store.db").unlink()
    lived.config.unlink()
    assert lived.json("audit", "verify", "--log", "early.jsonl", "--key",
                      "keys/audit-public.pem")["intact"] is True


@pytest.mark.parametrize("change,finding", [
    (lambda lines: lines[:2] + lines[3:], "missing"),
    (lambda lines: lines[1:], "head"),
    (lambda lines: lines[:-1], "tail"),
    (lambda lines: [lines[1], lines[0], *lines[2:]], "missing"),
    (lambda lines: [line.replace("user:taro", "user:nobody") for line in lines], "was changed"),
    (lambda lines: [*lines[:2], lines[2].replace('"seq"', '"sequence"'), *lines[3:]], "as we write"),
    (lambda lines: [*lines[:2], lines[2][:-5], *lines[3:]], "not a JSON object"),
    (lambda lines: [], "tail")])
def test_a_damaged_copy_is_found(lived, change, finding):
    copy = lived.folder / "early.jsonl"
    copy.write_text("".join(line + "\n" for line in change(copy.read_text().splitlines())))
    assert finding in lived.refused(1, "audit", "verify", "--log", "early.jsonl", "--key",
                                    "keys/audit-public.pem")


@pytest.mark.parametrize("command", ["audit verify", "audit verify --log early.jsonl"])
def test_another_key_is_not_taken_for_a_log_that_was_tampered_with(lived, command):
    other = lived.folder / "other.pem"
    other.write_bytes(public_key("ED25519"))
    said = lived.refused(7, *command.split(), "--key", other)
    assert str(other) in said and "not the key that signed" in said
    assert "署名した鍵ではない" in lived.refused(7, *command.split(), "--key", other, "--lang", "ja")
    other.write_bytes(public_key("RSA"))
    said = lived.refused(5, *command.split(), "--key", other)
    assert str(other) in said and "not an Ed25519 public key" in said
    other.unlink()
    lived.refused(3, *command.split(), "--key", other)


def test_a_tampered_log_is_told_with_the_right_key_however_it_is_named(lived):
    damage(lived, "UPDATE audit_log SET subject = 'user:nobody' WHERE seq = 3")
    assert "3 was changed" in lived.refused(1, "audit", "verify", "--key", "keys/audit-public.pem")


def test_a_forged_checkpoint_is_found(lived):
    path = lived.folder / "early.jsonl.checkpoint"
    checkpoint = json.loads(path.read_text())
    checkpoint["seq"] -= 1
    path.write_text(json.dumps(checkpoint))
    assert "does not verify" in lived.refused(1, "audit", "verify", "--checkpoint", path)
    path.write_text("{}")
    lived.refused(1, "audit", "verify", "--checkpoint", path)
    lived.refused(3, "audit", "verify", "--checkpoint", "none")
