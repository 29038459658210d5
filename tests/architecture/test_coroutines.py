"""What g++ 12 gets wrong about coroutines stays out of the code: a temporary in an operand that may not be
evaluated (of `?:`, `&&` or `||`) may be destroyed twice, or not at all, when the operand awaits."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("agent", "gateway", "tests")
CHOOSES = re.compile(r"\?|&&|\|\|")


def statements(text):
    """(line, statement) of a source file, without comments, strings and characters."""
    def blank(match):
        return '""' + "\n" * match[0].count("\n")

    text = re.sub(r'//[^\n]*|/\*.*?\*/|R"\w*\(.*?\)\w*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\'',
                  blank, text, flags=re.DOTALL)
    line = 1
    for part in re.split(r"([;{}])", text):
        yield line, part
        line += part.count("\n")


def is_chosen(before):
    """Whether what follows is evaluated only if an operator of the same expression says so."""
    closed = re.compile(r"\([^()]*\)")
    while closed.search(before):
        before = closed.sub("", before)
    return CHOOSES.search(before) is not None


def hazards(text):
    """The lines on which an expression awaits that may not be evaluated."""
    return [line + statement[:found.start()].count("\n")
            for line, statement in statements(text)
            for found in re.finditer(r"\bco_await\b", statement)
            if is_chosen(statement[:found.start()])]


def test_nothing_awaits_where_it_may_not_be_evaluated():
    found = []
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in (".cpp", ".h"):
                found += [f"{path.relative_to(ROOT)}:{line}"
                          for line in hazards(path.read_text(encoding="utf-8"))]
    assert found == []


def test_the_hazards_are_found_and_nothing_else():
    assert hazards("a = is_b ? co_await c() : d;") == [1]
    assert hazards("a = is_b ? c : co_await d();") == [1]
    assert hazards("int x;\nif (a(1, 2) &&\n    co_await b()) {") == [3]
    assert hazards("call(a || co_await b());") == [1]
    assert hazards("if (a && b) co_await c();") == []
    assert hazards("a = co_await b() ? c : d;\nco_await (e() && f());") == []
    assert hazards("const auto a = co_await b();\nif (a && c) return;  // co_await") == []
    assert hazards('log("a ? b : co_await");') == []
