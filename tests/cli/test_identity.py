"""The keys that sign what applications are told: listed, and exchanged before their time."""

import json
import re

KID = re.compile(r"[\w-]{43}")


def keys(town):
    return town.json("identity", "keys")


def test_before_the_gateway_has_made_one_there_is_none(town):
    assert keys(town) == []
    assert "identity_token = true" in town("identity", "keys")
    assert "identity_token = true" in town("identity", "keys", "--lang", "ja")


def test_the_first_key_signs_at_once_and_the_next_waits_an_hour(town):
    first = town.json("identity", "rotate")
    second = town.json("identity", "rotate")
    assert KID.fullmatch(first["kid"]) and KID.fullmatch(second["kid"])
    signing, waiting = keys(town)
    assert (signing["kid"], signing["state"]) == (first["kid"], "signs")
    assert (waiting["kid"], waiting["state"]) == (second["kid"], "waits")
    assert waiting["created_at"] < waiting["signs_from"] < signing["retires_at"]
    assert waiting["retires_at"] is None
    shown = town("identity", "keys", "--lang", "ja")
    assert "署名中" in shown and "公開済み" in shown


def test_while_a_key_waits_no_other_is_made_in_turn(town):
    town("identity", "rotate")
    waiting = town.json("identity", "rotate")["kid"]
    assert waiting in town.refused(4, "identity", "rotate")
    assert "--now" in town.refused(4, "identity", "rotate", "--lang", "ja")
    assert len(keys(town)) == 2


def test_after_a_leak_a_yes_ends_every_key_at_once_and_writes_it_down(town):
    town("identity", "rotate")
    town("identity", "rotate")
    before = [key["kid"] for key in keys(town)]
    town.refused(6, "identity", "rotate", "--now")
    assert [key["kid"] for key in keys(town)] == before
    said = town("--yes", "identity", "rotate", "--now", "--lang", "ja")
    only, = keys(town)
    assert only["kid"] in said and only["kid"] not in before and only["state"] == "signs"
    rows = [row for row in town.json("audit", "tail", "-n", "100")
            if row["event"].startswith("identity_key")]
    assert [row["event"] for row in rows].count("identity_key_add") == 3
    ended = [row for row in rows if row["event"] == "identity_key_remove"]
    assert sorted(row["subject"] for row in ended) == sorted(f"identity_key:{kid}" for kid in before)
    assert all(row["actor"].startswith("admin:") and row["source"] == "console" for row in rows)


def test_no_private_key_is_shown_or_written_down(town):
    town("identity", "rotate")
    told = town("identity", "keys", "--json") + json.dumps(town.json("audit", "tail", "-n", "100"))
    assert "PRIVATE" not in told and '"d"' not in told
