"""The soak a maintainer runs before a release: its load works, and its verdict sees what leaks."""
# labels: journey slow
# timeout: 300

import os
import subprocess
import sys
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from segment import ROOT, build_folder

sys.path.insert(0, str(ROOT / "scripts"))

import soak_record as record  # noqa: E402


def test_a_short_soak_meets_nothing_unexpected_and_leaves_its_samples(tmp_path):
    soak = subprocess.run(
        ["/usr/bin/python3", "-B", ROOT / "scripts/soak.py", "0.5", "--into", tmp_path],
        env={**os.environ, "SEKISHO_BUILD": str(build_folder())}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=240)
    assert "UNEXPECTED" not in soak.stdout, soak.stdout
    assert soak.returncode == 0, soak.stdout + soak.stderr
    for activity in ("check: 200", "upload_in_chunks: 200", "websocket: echoed", "events: 200",
                     "in and out", "reload: reloaded", "short: cut off"):
        assert activity in soak.stdout, soak.stdout
    assert len((tmp_path / "samples.csv").read_text().splitlines()) >= 20
    assert ElementTree.parse(tmp_path / "memory.svg").getroot().tag.endswith("svg")


# -- the verdict -------------------------------------------------------------------------------------
def hour(**changed):
    """Samples of an hour; `changed` says how a column comes from the number of the sample."""
    quiet = record.Sample(seconds=0, rss_kib=30_000, anonymous_kib=20_000, descriptors=40, threads=5,
                          cpu_seconds=0, connections=20, sessions=2, done=0, unexpected=0)
    return [replace(quiet, seconds=number * 10.0,
                    **{column: value(number) for column, value in changed.items()})
            for number in range(1, 361)]


@pytest.mark.parametrize("changed", [
    {}, {"rss_kib": lambda number: 30_000 + 500 * (number % 7)},
    {"rss_kib": lambda number: 30_000 + 40 * min(number, 180)},  # grows while it warms up
    {"rss_kib": lambda number: 90_000 if number == 300 else 30_000},
    {"descriptors": lambda number: 40 + number % 25}])
def test_what_moves_and_comes_back_passes(changed):
    assert record.growths(hour(**changed)) == []


@pytest.mark.parametrize("changed, what", [
    ({"rss_kib": lambda number: 30_000 + 13 * number}, "memory grew by 1.1 MiB"),
    ({"descriptors": lambda number: 40 + number // 6 + number % 6}, "descriptors grew by 15"),
    ({"threads": lambda number: 5 + number // 271}, "threads grew by 1")])
def test_what_only_grows_fails_by_its_name(changed, what):
    found, = record.growths(hour(**changed))
    assert what in found


def test_memory_is_not_judged_while_it_settles_nor_under_a_sanitizer():
    growing = hour(rss_kib=lambda number: 30_000 + 100 * number)
    assert record.growths(growing)
    assert record.growths(growing, is_sanitized=True) == []
    assert record.growths(growing[:47]) == [] and record.growths(growing[:48])


def test_a_soak_that_saw_too_little_does_not_pass():
    assert record.growths(hour()[:1])
