"""Reads every #include and every CMake link line and names what the plan forbids."""

import re
from pathlib import Path

import rooms

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
LINK = re.compile(r"target_link_libraries\s*\(\s*(\S+)\s+([^)]*)\)", re.S)
SOURCE_ENDINGS = {".cpp", ".h", ".c", ".in"}


def room_of(path):
    """The room that a path relative to the root lies in, or None (tests, bench, ...)."""
    text = str(path).replace("\\", "/")
    inside = [room for room in rooms.MAY_INCLUDE if text.startswith(room + "/")]
    return max(inside, key=len) if inside else None


def product_files(root):
    for top in sorted({room.split("/")[0] for room in rooms.MAY_INCLUDE}):
        for path in sorted((root / top).rglob("*")):
            if path.is_file() and path.suffix in SOURCE_ENDINGS:
                yield path.relative_to(root)


def test_files(root):
    for path in sorted((root / "tests").rglob("*")):
        if path.is_file() and path.suffix in SOURCE_ENDINGS | {".py"}:
            yield path.relative_to(root)


def include_faults(path, text):
    room = room_of(path)
    for _, name in INCLUDE.findall(text):
        yield from arrow_faults(path, room, name)
        yield from library_faults(path, room, name)


def arrow_faults(path, room, included):
    if included.startswith("tests/"):
        yield f"{path}: the product includes a test file, {included}"
        return
    other = room_of(included)
    if other and other != room and other not in rooms.MAY_INCLUDE[room]:
        yield f"{path}: {room} must not include {other} ({included})"


def library_faults(path, room, included):
    place = str(path.with_suffix(""))
    for library, (pattern, places) in rooms.LIBRARIES.items():
        if re.match(pattern, included) and room not in places and place not in places:
            yield f"{path}: {library} ({included}) may be named only in {', '.join(sorted(places))}"


def relative_faults(path, text):
    """Includes are root-relative: a quoted name must not climb or stay local."""
    for quote, name in INCLUDE.findall(text):
        if quote == '"' and (name.startswith(".") or "/" not in name) and not name.startswith(
                "generated"):
            yield f"{path}: \"{name}\" is not relative to the root"


def link_faults(path, text):
    """Link lines in the CMakeLists.txt of a room point along the same arrows."""
    folder = room_of(path)
    if not folder:
        return
    for target, rest in LINK.findall(re.sub(r"#.*", "", text)):
        room = rooms.TARGET_ROOM.get(target, folder)
        for item in rest.split():
            other = rooms.TARGET_ROOM.get(item)
            if other and other != room and other not in rooms.MAY_INCLUDE[room]:
                yield f"{path}: {target} ({room}) must not link {item} ({other})"
            for pattern, places in rooms.LIBRARY_TARGETS.items():
                if re.search(pattern, item) and room not in places:
                    yield f"{path}: {target} ({room}) must not link {item}"
        if target == "pam_sekisho" and re.search(r"OpenSSL|Boost|sekisho_crypto", rest):
            yield f"{path}: the PAM module must not link {rest.strip()}"


def length_faults(path, text):
    lines = text.count("\n")
    most = rooms.LONGEST_TEST if path.parts[0] == "tests" else rooms.LONGEST_FILE
    if lines > most:
        yield f"{path}: {lines} lines, more than {most}"


def faults_of_tree(root):
    """Every fault of the checkout at `root`, as sentences."""
    root = Path(root)
    found = []
    for path in product_files(root):
        text = (root / path).read_text(encoding="utf-8")
        for rule in (include_faults, relative_faults, length_faults):
            found += rule(path, text)
    for path in test_files(root):
        found += length_faults(path, (root / path).read_text(encoding="utf-8"))
    for path in sorted(root.rglob("CMakeLists.txt")):
        relative = path.relative_to(root)
        if relative.parts[0] not in ("build", "tests"):
            found += link_faults(relative, path.read_text(encoding="utf-8"))
    return found
