"""Second factors: enrolled, confirmed, found again, removed; the QR code read by a real reader."""

import base64
import re
import subprocess
import time

import pytest

import qr_image
from conftest import program
from otp_token import Token

URI = re.compile(r"^otpauth://totp/\S+$", re.M)


def drawn(output):
    return [line for line in output.split("\n\n")[0].splitlines() if line]


@pytest.fixture
def people(town):
    town.add_user("hanako")
    return town


def test_the_printed_qr_code_is_read_as_the_printed_uri(people, tmp_path):
    output = people("totp", "add", "hanako")
    [uri] = URI.findall(output)
    assert qr_image.read(qr_image.rows_of_blocks(drawn(output)), tmp_path / "qr.png") == uri


def test_the_ascii_qr_code_is_read_as_the_printed_uri(people, tmp_path):
    output = people("totp", "add", "hanako", "--ascii", "--algorithm", "sha512", "--digits", "8")
    [uri] = URI.findall(output)
    assert output[:output.index("otpauth")].isascii()
    assert qr_image.read(qr_image.rows_of_ascii(drawn(output)), tmp_path / "qr.png") == uri
    assert "algorithm=SHA512&digits=8&period=30" in uri


def test_the_uri_names_the_organization_and_the_account(people):
    uri = people.json("totp", "add", "hanako")["uri"]
    assert uri.startswith("otpauth://totp/%E9%96%A2%E6%89%80%E7%94%BA:hanako?secret=")
    assert "issuer=%E9%96%A2%E6%89%80%E7%94%BA" in uri


@pytest.mark.parametrize("algorithm,characters", [("sha1", 32), ("sha256", 52), ("sha512", 103)])
def test_a_new_seed_is_as_long_as_the_hash(people, algorithm, characters):
    uri = people.json("totp", "add", "hanako", "--algorithm", algorithm)["uri"]
    assert len(Token.from_uri(uri).seed) == characters


@pytest.mark.parametrize("algorithm,digits", [("sha1", 6), ("sha256", 8), ("sha512", 6)])
def test_a_credential_counts_once_a_code_confirmed_it(people, algorithm, digits):
    added = people.json("totp", "add", "hanako", "--algorithm", algorithm, "--digits", digits,
                        "--label", "スマートフォン")
    assert people.json("user", "list")[0]["second_factors"] == 0
    [shown] = people.json("totp", "list", "hanako")
    assert shown["state"] == "unconfirmed" and shown["label"] == "スマートフォン"
    token = Token.from_uri(added["uri"])
    said = people.refused(1, "totp", "confirm", added["credential"], token.wrong_code())
    assert "the code is wrong" in said
    people("totp", "confirm", added["credential"], token.next_code())
    assert people.json("user", "list")[0]["second_factors"] == 1
    people.refused(4, "totp", "confirm", added["credential"], token.next_code())


@pytest.mark.parametrize("command,what,instead", [("confirm", "code on", "コードを書いてください"),
                                                  ("resync", "codes on", "2 つのコードを書いて")])
def test_without_a_terminal_nobody_can_be_asked_for_a_code(people, command, what, instead):
    added = people.json("totp", "add", "hanako")
    for language, words in (("en", what), ("ja", instead)):
        result = subprocess.run(["setsid", str(program()), "--config", str(people.config), "--lang",
                                 language, "totp", command, str(added["credential"])],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert result.returncode == 6 and words in result.stderr
        assert "password" not in result.stderr


def test_a_hardware_token_is_bound_by_its_seed_in_base32_or_hexadecimal(people):
    one, two = Token.new(), "0123456789abcdef" * 2
    people("totp", "add", "hanako", "--seed-stdin", "--confirmed", input=one.seed + "\n")
    people("totp", "add", "hanako", "--seed-stdin", input=two.upper() + "\n")
    same = Token(base64.b32encode(bytes.fromhex(two)).decode().rstrip("="))
    people("totp", "confirm", 2, same.next_code())
    assert [row["state"] for row in people.json("totp", "list", "hanako")] == ["confirmed"] * 2


def test_the_seed_of_a_hardware_token_is_not_printed(people):
    token = Token.new()
    for more in ((), ("--json",)):
        output = people.run("totp", "add", "hanako", "--seed-stdin", "--label", str(more), *more,
                            input=token.seed + "\n")
        assert token.seed not in output.stdout + output.stderr
        token = Token.new()


@pytest.mark.parametrize("seed", ["", "0123456789abcdef0123456789abcd", "GEZDGNBVGY3TQOJQ",
                                  "not a seed!", "8" * 31, "A" * 5000])
def test_a_seed_that_is_short_or_malformed_is_refused(people, seed):
    people.refused(1, "totp", "add", "hanako", "--seed-stdin", input=seed + "\n")
    assert people.json("totp", "list", "hanako") == []


def test_one_seed_never_belongs_to_two_people(people):
    people.add_user("taro")
    token = Token.new()
    people("totp", "add", "hanako", "--seed-stdin", "--confirmed", input=token.seed + "\n")
    people.refused(4, "totp", "add", "taro", "--seed-stdin", "--confirmed", input=token.seed + "\n")


def test_an_administrator_does_not_choose_an_apps_seed_nor_skip_its_confirmation(people):
    people.refused(2, "totp", "add", "hanako", "--confirmed")
    people.refused(2, "totp", "add", "hanako", "--seed", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")


@pytest.mark.parametrize("options", [("--digits", "7"), ("--period", "0"), ("--period", "121"),
                                     ("--algorithm", "md5")])
def test_parameters_outside_the_standard_are_usage_errors(people, options):
    people.refused(2, "totp", "add", "hanako", *options)


def test_a_token_whose_clock_is_an_hour_off_is_found_by_two_codes_in_a_row(people):
    token = Token.new()
    added = people.json("totp", "add", "hanako", "--seed-stdin", "--confirmed",
                        input=token.seed + "\n")
    step = token.step(time.time() - 40 * 30)
    first, second = token.code_of_step(step), token.code_of_step(step + 1)
    people.refused(1, "totp", "resync", added["credential"], second, first)
    drift = people.json("totp", "resync", added["credential"], first, second)["drift"]
    assert -40 <= drift <= -38
    assert people.json("totp", "list", "hanako")[0]["drift"] == drift
    people.refused(1, "totp", "resync", added["credential"], first, second)


def test_a_credential_is_removed_after_a_yes(people):
    added = people.json("totp", "add", "hanako")
    people.refused(6, "totp", "remove", added["credential"])
    people("totp", "remove", added["credential"], "--yes")
    assert people.json("totp", "list", "hanako") == []
    people.refused(3, "totp", "remove", added["credential"], "--yes")
    assert people.events()[-2:] == ["totp_add", "totp_remove"]


def test_recovery_codes_are_shown_once_and_replaced_after_a_yes(people):
    codes = people.json("recovery", "issue", "hanako")["codes"]
    assert len(codes) == len(set(codes)) == 8
    assert all(re.fullmatch(r"([A-Z2-7]{4}-){3}[A-Z2-7]{4}", code) for code in codes)
    assert people.json("user", "show", "hanako")["recovery_codes_left"] == 8
    people.refused(6, "recovery", "issue", "hanako")
    again = people("recovery", "issue", "hanako", "--yes")
    assert not any(code in again for code in codes)
    people.refused(3, "recovery", "issue", "nobody")
