"""backup: a copy of the store in use, which a restored deployment starts from."""

import os
import shutil
import sqlite3
import stat


def test_a_copy_holds_what_was_there_and_opens_in_the_stores_place(town):
    town.add_user("hanako", "--group", "tax")
    before = town.json("user", "show", "hanako")
    made = town.json("backup", "copy.db")
    assert made["store"] == str(town.folder / "copy.db")
    assert made["keys"] == str(town.folder / "keys/seal.keys")
    town("user", "remove", "hanako", "--yes")
    for ending in ("", "-wal", "-shm"):
        (town.folder / f"store.db{ending}").unlink(missing_ok=True)
    shutil.copy(town.folder / "copy.db", town.folder / "store.db")
    os.chmod(town.folder / "store.db", 0o640)
    assert town.json("user", "show", "hanako") == before
    town("totp", "add", "hanako")
    town("audit", "verify")
    assert town("doctor")


def test_what_another_process_has_committed_but_not_checkpointed_is_in_the_copy(town):
    other = sqlite3.connect(town.folder / "store.db")
    other.execute("SELECT count(*) FROM users").fetchall()  # keeps the write-ahead log alive
    town.add_user("hanako")
    assert (town.folder / "store.db-wal").stat().st_size > 0
    town("backup", "copy.db")
    other.close()
    copy = sqlite3.connect(town.folder / "copy.db")
    assert copy.execute("SELECT name FROM users").fetchall() == [("hanako",)]
    copy.close()


def test_a_copy_is_for_its_owner_alone_and_tells_of_itself(town):
    before = os.umask(0)
    try:
        town("backup", "copy.db")
    finally:
        os.umask(before)
    assert stat.S_IMODE((town.folder / "copy.db").stat().st_mode) == 0o600
    assert {path.name for path in town.folder.glob("copy.db*")} == {"copy.db"}
    row = town.json("audit", "tail")[-1]
    assert (row["event"], row["outcome"], row["subject"]) == ("store_backup", "done", "store")
    assert row["actor"].startswith("admin:") and "copy.db" in row["detail"]
    copy = sqlite3.connect(town.folder / "copy.db")
    assert copy.execute("SELECT event FROM audit_log ORDER BY seq").fetchall()[-1] == (
        "store_backup",)
    copy.close()


def test_nothing_is_overwritten_and_a_refusal_leaves_no_row(town):
    (town.folder / "copy.db").write_bytes(b"")
    (town.folder / "link.db").symlink_to(town.folder / "nowhere")
    for name in ("copy.db", "link.db", "store.db"):
        assert "exists already" in town.refused(4, "backup", name)
    assert (town.folder / "copy.db").read_bytes() == b""
    assert town.events() == ["init"]


def test_a_copy_that_cannot_be_made_is_written_down_and_leaves_nothing(town):
    town.refused(3, "backup", "no/such/folder/copy.db")
    rows = [row for row in town.json("audit", "tail") if row["event"] == "store_backup"]
    assert rows[-1]["outcome"] == "error"
