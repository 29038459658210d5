"""The table of commands as a person sees it."""

import json

import pytest

COMMANDS = [words.split() for words in """
init
user add
user list
user show
user passwd
user groups
user rename
user disable
user enable
user unlock
user remove
totp add
totp confirm
totp resync
totp list
totp remove
key add
key list
key rename
key remove
enroll code
recovery issue
terminal add
terminal list
terminal revoke
session list
session end
identity keys
identity rotate
audit tail
audit verify
audit export
config check
config show
config renew
policy explain
backup
doctor
""".split("\n") if words]


@pytest.mark.parametrize("words", [["sekisho"], *COMMANDS], ids=" ".join)
def test_help_explains_itself_in_both_languages(empty, words):
    words = words if words != ["sekisho"] else []
    english = empty(*words, "--help")
    japanese = empty("--lang", "ja", *words, "--help")
    by_locale = empty(*words, "--help", env={"LC_ALL": "ja_JP.UTF-8"})
    assert japanese == by_locale
    assert "使い方" in japanese and "Usage" in english
    if words:
        assert "Examples:" in english and "例:" in japanese
        assert f"sekisho {' '.join(words)}" in english
    else:
        assert "Exit codes:" in english and "終了コード:" in japanese


@pytest.mark.parametrize("words", [[], ["user"], ["user", "add"], ["nonsense"], ["user", "nonsense"],
                                   ["user", "list", "--nonsense"], ["--lang", "fr", "user", "list"],
                                   ["user", "list", "user", "list"]], ids=" ".join)
def test_a_wrong_command_line_changes_nothing_and_points_to_help(empty, words):
    said = empty.refused(2, *words)
    assert "--help" in said
    assert list(empty.folder.iterdir()) == []


@pytest.mark.parametrize("words,place,english,japanese", [
    ("frobnicate", "sekisho", "there is no command frobnicate", "コマンド frobnicate はありません"),
    ("user frobnicate", "sekisho user", "there is no command frobnicate",
     "コマンド frobnicate はありません"),
    ("user", "sekisho user", "a command is missing", "コマンドがありません"),
    ("user show", "sekisho user show", "NAME is missing", "NAME がありません"),
    ("user show a b", "sekisho user show", "too much: b", "余分な引数があります: b"),
    ("totp confirm abc", "sekisho totp confirm", "abc is not a number like 12",
     "abc は 12 のような番号ではありません"),
    ("session end 0", "sekisho session end", "0 is not a number like 12", "番号ではありません"),
    ("totp add a --confirmed", "sekisho totp add", "--confirmed needs --seed-stdin", "同時に使います"),
    ("totp add a --period 0", "sekisho totp add", "not a number from 1 to 120", "1〜120 の数"),
    ("totp add a --label", "sekisho totp add", "--label needs a value", "--label の値がありません"),
    ("session end 1 --user a", "sekisho session end", "cannot be used with", "同時に使えません"),
    ("session end", "sekisho session end", "one of these is needed", "が必要です")])
def test_what_is_wrong_with_a_command_line_is_said_in_both_languages(empty, words, place, english,
                                                                     japanese):
    said = empty.refused(2, *words.split())
    assert english in said and f"see {place} --help" in said and len(said) < 200
    said = empty.refused(2, "--lang", "ja", *words.split())
    assert japanese in said and f"使い方: {place} --help" in said and len(said) < 200
    told = json.loads(empty.refused(2, "--json", *words.split()))
    assert told["error"] == "usage" and english in told["message"]
    assert told["help"] == f"{place} --help"


def test_the_version_is_told(empty):
    assert empty("--version").startswith("sekisho ")


def test_options_for_all_commands_may_stand_before_or_after(town):
    assert town("--json", "user", "list") == town("user", "list", "--json") == "[]\n"


def test_an_error_is_json_for_scripts_and_words_for_people(town):
    said = json.loads(town.refused(3, "user", "show", "nobody", "--json"))
    assert said == {"error": "not_found", "message": "there is no user nobody"}
    assert town.refused(3, "user", "show", "nobody", env={"LANG": "ja_JP.UTF-8"}) == (
        "sekisho: 利用者 nobody はいません\n")
