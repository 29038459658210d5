"""config show: what holds is shown whole, and it is what the gateway reads."""

import json
import re
from pathlib import Path

from test_deployment import with_application

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r"""(?:\.(?:text|required_text|number|duration|flag|texts|networks)(?:<[^>]*>)?\(
                      |\bpath\(\w+,)\s*"(\w+)\"""", re.X)


TABLES = """
[security_keys]
trust_anchors = "anchors"
  [[security_keys.model]]
  groups = ["tax"]
  aaguids = ["ee882879-721c-4913-9775-3dfcce97072a"]
[[terminals.service]]
name = "sudo"
require = "fido2+uv"
[[listener]]
kind = "check"
path = "/run/sekisho-gateway/check.sock"
"""


def shown(town):
    return town.json("config", "show")["settings"]


def test_every_setting_that_the_gateway_reads_is_shown_with_its_unit(town):
    with_application(town)
    town.config.write_text(town.config.read_text() + TABLES)
    rows = shown(town)
    read = {key for source in (ROOT / "settings").glob("*.cpp") if source.stem != "table_reader"
            for key in READ.findall(source.read_text())}
    assert len(read) > 50
    assert {row["setting"].split(".")[-1] for row in rows} == read
    numbers = [row for row in rows if isinstance(row["value"], int) and row["value"] is not True
               and row["value"] is not False]
    assert [row["setting"] for row in numbers if not row["unit"]] == []


def as_toml(row):
    if row["unit"] in ("ms", "s", "m", "h", "d") and not row["setting"].endswith("_days"):
        return json.dumps(f"{row['value']}{row['unit']}")
    return json.dumps(row["value"], ensure_ascii=False)


def test_what_is_shown_is_what_the_file_would_say(town):
    before = shown(town)
    text = town.config.read_text()
    arrays = {"listener", "application", "application.rule", "application.health"}
    for row in before:
        table, _, key = row["setting"].rpartition(".")
        if row["from"] == "file" or table in arrays:
            continue
        if f"\n[{table}]\n" not in text:  # one that is commented out is not there
            text += f"\n[{table}]\n"
        text = text.replace(f"\n[{table}]\n", f"\n[{table}]\n{key} = {as_toml(row)}\n")
    town.config.write_text(text)
    after = shown(town)
    assert [(row["setting"], row["value"], row["unit"]) for row in after] == [
        (row["setting"], row["value"], row["unit"]) for row in before]
    assert [row["setting"] for row in after
            if row["from"] == "default" and row["setting"].split(".")[0] not in arrays] == []


def test_a_setting_tells_where_it_comes_from(town):
    town.config.write_text(town.config.read_text() + '\n[sessions]\nidle = "300s"\n')
    rows = {row["setting"]: row for row in shown(town)}
    idle, absolute = rows["sessions.idle"], rows["sessions.absolute"]
    assert (idle["value"], idle["unit"], idle["from"]) == (5, "m", "file")
    assert town.config.read_text().splitlines()[idle["line"] - 1] == 'idle = "300s"'
    assert (absolute["value"], absolute["unit"], absolute["from"]) == (12, "h", "default")
    assert absolute["line"] is None
    said = town("config", "show", "--lang", "ja")
    assert re.search(r"sessions\.idle +5 +分 +設定", said)


def test_numbers_that_no_setting_changes_are_those_of_the_code(town):
    fixed = {row["name"]: row["value"] for row in town.json("config", "show")["fixed"]}
    assert fixed["password.argon2id.memory"] == 19456
    assert fixed["tls.oldest_version"] == "1.2"
    assert "(native, TLS1_2_VERSION)" in (ROOT / "gateway/tls.cpp").read_text()


def test_a_configuration_with_a_mistake_is_not_shown(town):
    town.config.write_text(town.config.read_text().replace("terminal_days = 90",
                                                           "terminal_days = 9000"))
    assert "terminal_days" in town.refused(5, "config", "show")
