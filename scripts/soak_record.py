"""What ./dev soak sees of the gateway's process, what it makes of it, and a picture of it."""

import csv
import statistics
from dataclasses import asdict, dataclass, fields
from pathlib import Path

MEMORY_MAY_GROW_KIB = 1024
# In a shorter run the gateway is still warming up: its caches fill and its allocator settles.
MEMORY_SETTLES_SECONDS = 480
# Between two quarters the floor of the descriptors moves by a few, with who happens to be connected.
DESCRIPTORS_MAY_GROW = 8


@dataclass
class Sample:
    seconds: float  # since the load began
    rss_kib: int
    anonymous_kib: int  # of which no file's
    descriptors: int
    threads: int
    cpu_seconds: float
    connections: int  # of clients, as /metrics says
    sessions: int
    done: int
    unexpected: int


def process_figures(pid, ticks_a_second=100):
    """The columns of a Sample that /proc tells."""
    folder = Path(f"/proc/{pid}")
    memory = {}
    for line in (folder / "smaps_rollup").read_text().splitlines()[1:]:
        name, value = line.split(":")
        memory[name] = int(value.split()[0])
    # The state is the third field, behind a name that may hold anything but is closed by ")".
    stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    return {"rss_kib": memory["Rss"], "anonymous_kib": memory["Anonymous"],
            "descriptors": sum(1 for _ in (folder / "fd").iterdir()), "threads": int(stat[17]),
            "cpu_seconds": (int(stat[11]) + int(stat[12])) / ticks_a_second}


def is_sanitized(pid):
    """Whether a sanitizer keeps memory back, so that what the process holds says nothing."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    return "/libasan" in maps or "/libtsan" in maps


# -- judging -----------------------------------------------------------------------------------------
def quarters(samples):
    """Four slices of equal time."""
    end = samples[-1].seconds
    return [[sample for sample in samples
             if end * number / 4 < sample.seconds <= end * (number + 1) / 4] for number in range(4)]


def median(samples, column):
    return statistics.median(getattr(sample, column) for sample in samples)


def lowest(samples, column):
    return min(getattr(sample, column) for sample in samples)


def cannot_judge_memory(samples, is_sanitized):
    """Why what the process holds says nothing; empty when it does."""
    if is_sanitized:
        return "the gateway was built with a sanitizer, which keeps it back"
    if samples[-1].seconds < MEMORY_SETTLES_SECONDS * 0.99:
        return f"the load lasted less than {MEMORY_SETTLES_SECONDS // 60} minutes"
    return ""


def growths(samples, is_sanitized=False):
    """What grew in the last quarter, a sentence each; see cannot_judge_memory for the one exception.

    Of memory the median counts.  Of descriptors and threads the lowest value: whatever leaks is
    never given back, so it lifts the floor, while load moves only what stands on it."""
    *_, before, last = quarters(samples)
    if not before or not last:
        return ["there are too few samples to judge"]
    found = []
    grown = median(last, "rss_kib") - median(before, "rss_kib")
    if not cannot_judge_memory(samples, is_sanitized) and grown > MEMORY_MAY_GROW_KIB:
        found.append(f"memory grew by {grown / 1024:.1f} MiB in the last quarter")
    for column, most in (("descriptors", DESCRIPTORS_MAY_GROW), ("threads", 0)):
        grown = lowest(last, column) - lowest(before, column)
        if grown > most:
            found.append(f"{column} grew by {grown} in the last quarter")
    return found


def table(samples):
    """The quarters side by side."""
    lines = ["  quarter   RSS MiB   anonymous   descriptors   threads   CPU s   done   unexpected"]
    done = cpu = unexpected = 0
    for number, part in enumerate(quarters(samples), 1):
        if not part:
            continue
        lines.append(
            f"  {number:7}   {median(part, 'rss_kib') / 1024:7.1f}   "
            f"{median(part, 'anonymous_kib') / 1024:9.1f}   "
            f"{lowest(part, 'descriptors'):4}..{max(s.descriptors for s in part):<5}   "
            f"{lowest(part, 'threads'):7}   {part[-1].cpu_seconds - cpu:5.1f}   "
            f"{part[-1].done - done:4}   {part[-1].unexpected - unexpected:10}")
        done, cpu, unexpected = part[-1].done, part[-1].cpu_seconds, part[-1].unexpected
    return "\n".join(lines)


# -- keeping -----------------------------------------------------------------------------------------
def write_csv(path, samples):
    with open(path, "w", newline="", encoding="ascii") as out:
        writer = csv.DictWriter(out, [field.name for field in fields(Sample)])
        writer.writeheader()
        writer.writerows(map(asdict, samples))


WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 960, 360, 60, 40, 20, 40


def write_svg(path, samples):
    """Memory over time: RSS, and below it what is anonymous."""
    longest = max(samples[-1].seconds, 1)
    step = next(size for size in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
                if max(sample.rss_kib for sample in samples) / 1024 / size < 8)
    highest = step * (int(max(sample.rss_kib for sample in samples) / 1024 / step) + 1)

    def x(seconds):
        return LEFT + (WIDTH - LEFT - RIGHT) * seconds / longest

    def y(mebibytes):
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * mebibytes / highest

    def curve(column, color):
        points = " ".join(f"{x(s.seconds):.1f},{y(getattr(s, column) / 1024):.1f}" for s in samples)
        return f'<polyline points="{points}" fill="none" stroke="{color}" stroke-width="1.5"/>'

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-family="sans-serif" font-size="12">',
             f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
             f'<text x="{LEFT}" y="22" font-size="14">sekishod under load: memory (MiB) over '
             'time (minutes)</text>',
             f'<text x="{WIDTH - RIGHT}" y="22" text-anchor="end"><tspan fill="#1b5e8c">RSS</tspan>'
             ' <tspan fill="#b5651d">anonymous</tspan></text>']
    for mebibytes in range(0, highest + 1, step):
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(mebibytes):.1f}" '
                     f'y2="{y(mebibytes):.1f}" stroke="#ddd"/><text x="{LEFT - 8}" '
                     f'y="{y(mebibytes) + 4:.1f}" text-anchor="end">{mebibytes}</text>')
    for quarter in range(5):
        seconds = longest * quarter / 4
        parts.append(f'<line x1="{x(seconds):.1f}" x2="{x(seconds):.1f}" y1="{TOP}" '
                     f'y2="{HEIGHT - BOTTOM}" stroke="#ddd"/><text x="{x(seconds):.1f}" '
                     f'y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{seconds / 60:.3g}</text>')
    parts += [curve("rss_kib", "#1b5e8c"), curve("anonymous_kib", "#b5651d"), "</svg>"]
    Path(path).write_text("\n".join(parts) + "\n", encoding="utf-8")
