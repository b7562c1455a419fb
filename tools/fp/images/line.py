# SPDX-License-Identifier: GPL-2.0-only
"""The boot line that an image carries inside, for firmware that passes none on.

kernel/built_in_line.c keeps room for it behind a mark that occurs once in an image, in the ELF file
and in the flat one alike.
"""
from ..base.errors import UserError

FIXED_SEED = 1  # of a boot line whose seed nobody has chosen
MARK = b"FENCEPOST-LINE=\n"  # built_in_line.c has the same
ROOM = 1024


def insert(image, text):
    """A copy of @image, bytes, with the line @text."""
    data = text.encode("ascii", "replace")
    if len(data) >= ROOM:
        raise UserError(f"the boot line has {len(data)} characters: an image holds {ROOM - 1}")
    at = image.find(MARK)
    if at < 0 or image.find(MARK, at + 1) >= 0:
        raise UserError("the image has no place for a boot line, or several")
    at += len(MARK)
    return image[:at] + data.ljust(ROOM, b"\0") + image[at + ROOM:]
