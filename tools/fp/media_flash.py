# SPDX-License-Identifier: GPL-2.0-only
"""One file for a flash chip, or to be loaded at the address where a machine starts."""
from pathlib import Path

from .errors import UserError

OPENSBI = Path("/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin")
JUMP_OFFSET = 2 << 20  # OpenSBI, platform/generic: FW_JUMP_OFFSET


def make_opensbi(c, out):
    """OpenSBI with the image behind it, where fw_jump goes: what fw_payload.bin would be. Debian
    has no fw_payload, which is linked with what it carries."""
    firmware = OPENSBI.read_bytes()
    if len(firmware) > JUMP_OFFSET:
        raise UserError(f"{OPENSBI} is longer than the place of its payload allows")
    image = c.image_with_line("image").read_bytes()
    out.write_bytes(firmware.ljust(JUMP_OFFSET, b"\0") + image)
