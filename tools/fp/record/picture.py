# SPDX-License-Identifier: GPL-2.0-only
"""Reads what the kernel has written onto a screen: a picture in, lines of text out.

The glyphs are those of the kernel's own source (drivers/screen_font.c), where they stand as they
look: eight side by side, from the blank on. A cell that is none of them, in any of its pixels, is
no character: what was drawn wrongly is not read as if it were right.
"""
import re
from dataclasses import dataclass

from ..base.errors import UserError

FONT = "drivers/screen_font.c"
WIDTH, ROWS, HEIGHT = 6, 8, 9  # of a cell, of a glyph, of a cell: include/drivers/screen.h
BAND = 8
COLUMNS_MAX, LINES_MAX = 160, 96
SCALE_WIDTH = 640
UNKNOWN = "\ufffd"
_ROW = re.compile(r'"([.#]{%d})"' % (BAND * WIDTH))


@dataclass
class Picture:
    """Lit or not: a bytes object a line, a byte a pixel, 0 or 1; 2 is neither black nor white."""

    width: int
    lines: list


def load_font(root):
    """{what a cell looks like: its character}."""
    rows = _ROW.findall((root / FONT).read_text(encoding="ascii"))
    glyphs = {}
    for n in range(len(rows) // ROWS * BAND):
        band, at = n // BAND * ROWS, n % BAND * WIDTH
        cell = tuple(bytes(c == "#" for c in rows[band + y][at:at + WIDTH]) for y in range(ROWS))
        glyphs[cell + (bytes(WIDTH),) * (HEIGHT - ROWS)] = chr(ord(" ") + n)
    return glyphs


def from_ppm(data):
    """A PPM file as QEMU dumps its screen: "P6", width, height, 255, three bytes a pixel."""
    m = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not m:
        raise UserError("QEMU's dump of its screen is no PPM file")
    width, height = int(m[1]), int(m[2])
    if len(data) - m.end() != width * height * 3:
        raise UserError("QEMU's dump of its screen is cut short")
    return _picture(data[m.end():], width, height, 3 * width, 3, 0xffffff)


def from_memory(data, width, height, pitch, size, white):
    """A frame buffer as it is in memory: little-endian pixels of @size bytes."""
    return _picture(data, width, height, pitch, size, white)


def _picture(data, width, height, pitch, size, white):
    kinds = {bytes(size): 0, white.to_bytes(size, "little"): 1}
    lines = []
    for y in range(height):
        line = data[y * pitch:y * pitch + width * size]
        lines.append(bytes(kinds.get(line[x:x + size], 2) for x in range(0, len(line), size)))
    return Picture(width, lines)


def _cell(picture, x, y, scale):
    """One cell as the font has it; None where the pixels of one of the font's differ."""
    out = []
    for row in range(HEIGHT):
        lines = {line[x:x + WIDTH * scale]
                 for line in picture.lines[y + row * scale:y + (row + 1) * scale]}
        line = lines.pop()
        small = line[::scale]
        if lines or bytes(v for v in small for _ in range(scale)) != line:
            return None
        out.append(small)
    return tuple(out)


def read_text(picture, glyphs):
    """The lines on it, blanks at their ends taken off; and how many characters one has."""
    scale = max(picture.width // SCALE_WIDTH, 1)
    columns = min(picture.width // (WIDTH * scale), COLUMNS_MAX)
    nr_lines = min(len(picture.lines) // (HEIGHT * scale), LINES_MAX)
    text = []
    for line in range(nr_lines):
        cells = [_cell(picture, column * WIDTH * scale, line * HEIGHT * scale, scale)
                 for column in range(columns)]
        text.append("".join(glyphs.get(cell, UNKNOWN) for cell in cells).rstrip())
    return text, columns


def joined(text, columns):
    """Lines as they were written: one that is full goes on in the next."""
    out, full = [], False
    for line in text:
        if full:
            out[-1] += line
        else:
            out.append(line)
        full = len(line) == columns
    return out
