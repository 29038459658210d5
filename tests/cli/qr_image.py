"""Turns the QR code as it was printed back into a picture, and lets zbarimg read it."""

import struct
import subprocess
import zlib

# What of a cell's upper and lower half is painted; ink is light.
HALVES = {"█": (True, True), "▀": (True, False), "▄": (False, True), " ": (False, False)}


def rows_of_blocks(lines):
    """Rows of modules, True for light, from UTF-8 half blocks."""
    rows = []
    for line in lines:
        cells = [HALVES[character] for character in line]
        rows.append([upper for upper, _ in cells])
        rows.append([lower for _, lower in cells])
    return rows


def rows_of_ascii(lines):
    for line in lines:
        assert all(line[i] == line[i + 1] for i in range(0, len(line), 2)), "two characters a cell"
    return [[line[i] == "#" for i in range(0, len(line), 2)] for line in lines]


def png(rows, scale=6):
    width = len(rows[0]) * scale
    raw = b"".join((b"\0" + b"".join(b"\xff" * scale if light else b"\0" * scale for light in row))
                   * scale for row in rows)

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, len(rows) * scale, 8, 0, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(raw))
            + chunk(b"IEND", b""))


def read(rows, file):
    """The text that a camera would see in the drawing."""
    file.write_bytes(png(rows))
    return subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable",
                           str(file)], check=True, capture_output=True, text=True).stdout.strip()
