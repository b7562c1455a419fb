# SPDX-License-Identifier: GPL-2.0-only
"""A screen is read as it was drawn, or not at all."""
import pytest
from conftest import TOOL
from fp.base.errors import UserError
from fp.record.picture import (HEIGHT, UNKNOWN, WIDTH, from_memory, from_ppm, joined, load_font,
                               read_text)

ROOT = TOOL.parent.parent
FONT = load_font(ROOT)
LOOKS = {c: cell for cell, c in FONT.items()}


def drawn(lines, width, height, scale):
    """Rows of pixels, 0 or 1, with @lines on them."""
    rows = [bytearray(width) for _ in range(height)]
    for n, line in enumerate(lines):
        for at, c in enumerate(line):
            for y in range(HEIGHT * scale):
                for x in range(WIDTH * scale):
                    rows[n * HEIGHT * scale + y][at * WIDTH * scale + x] = \
                        LOOKS[c][y // scale][x // scale]
    return rows


def ppm(rows):
    pixels = b"".join(b"\xff\xff\xff" if v == 1 else bytes((v,)) * 3 for row in rows for v in row)
    return b"P6\n%d %d\n255\n" % (len(rows[0]), len(rows)) + pixels


def test_font_has_each_character_once():
    assert len(FONT) == 96
    assert {c for c in FONT.values()} == {chr(c) for c in range(32, 128)}


@pytest.mark.parametrize("width, height, scale", [
    (60, 27, 1), (65, 33, 1), (1280, 60, 2), (1921, 83, 3),
])
def test_read(width, height, scale):
    text = ["ok 1 a", "", "~{|}!"]
    rows = drawn(text, width, height, scale)
    assert read_text(from_ppm(ppm(rows)), FONT)[0][:3] == text
    pitch = width * 2 + 6
    data = b"".join(b"".join(b"\xff\x7f" if v else b"\0\0" for v in row) + b"junk.."
                    for row in rows)
    assert read_text(from_memory(data, width, height, pitch, 2, 0x7fff), FONT)[0][:3] == text


@pytest.mark.parametrize("y, x, value", [(0, 0, 1), (17, 5, 1), (1, 1, 7), (3, 4, 7)])
def test_a_wrong_pixel_makes_no_character(y, x, value):
    rows = drawn(["...", "..."], 1280, 40, 2)
    rows[y][x] = value
    text, _ = read_text(from_ppm(ppm(rows)), FONT)
    assert text[0] == UNKNOWN + ".."


def test_cut_and_strange_dumps_are_refused():
    for data in (b"", b"P5\n1 1\n255\n0", ppm(drawn([], 60, 27, 1))[:-1]):
        with pytest.raises(UserError, match="QEMU's dump"):
            from_ppm(data)


def test_lines_that_were_too_long_are_joined():
    assert joined(["abc", "d", "", "xyz", "xyz", "!"], 3) == ["abcd", "", "xyzxyz!"]
