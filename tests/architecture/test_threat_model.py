"""Every row of the threat model names its test, and the test exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODEL = ROOT / "docs/threat_model.md"
NAMED = re.compile(r'`(tests/[^`]+)` "([^"]+)"')


def rows(text):
    """The body rows of every table whose last column is headed 'test'."""
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[-1] == "test":
            inside = True
        elif inside and not set(line) <= set("|-: "):
            yield cells


def names_in(path):
    """The names of the tests a file holds."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return set(re.findall(r"^def (test_\w+)", text, re.M))
    joined = re.sub(r'"\s*\n\s*"', "", text)
    return set(re.findall(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)"', joined))


def faults(text, root=ROOT):
    for cells in rows(text):
        named = NAMED.findall(cells[-1])
        if not named:
            yield f"no test in the row: {cells[0]}"
        for file, name in named:
            if not (root / file).exists():
                yield f"{cells[0]}: there is no {file}"
            elif name not in names_in(root / file):
                yield f"{cells[0]}: {file} has no test \"{name}\""


def test_every_row_names_a_test_that_exists():
    found = list(faults(MODEL.read_text(encoding="utf-8")))
    assert not found, "\n" + "\n".join(found)


def test_the_model_has_rows():
    assert len(list(rows(MODEL.read_text(encoding="utf-8")))) > 40


def test_a_missing_name_is_noticed():
    here = "tests/architecture/test_threat_model.py"
    table = "| threat | test |\n|---|---|\n"
    assert not list(faults(table + f'| a | `{here}` "test_the_model_has_rows" |'))
    assert list(faults(table + f'| a | `{here}` "test_nobody_wrote" |'))
    assert list(faults(table + '| a | `tests/none.py` "test_x" |'))
    assert list(faults(table + "| a | one day |"))
