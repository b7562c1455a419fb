# SPDX-License-Identifier: GPL-2.0-only
"""One file for a flash chip, or to be loaded at the address where a machine starts."""
import struct
from pathlib import Path

from ..base import isas
from ..base.errors import UserError

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


# skiboot, libflash/ffs.h: a table of big-endian words, the XOR of each part of it being zero.
FFS_MAGIC, FFS_VERSION = 0x50415254, 1
FFS_BLOCK = 4096
FFS_DATA, FFS_PARTITION = 1, 3
FFS_NO_PARENT = 0xffffffff
PNOR_BLOCKS = (64 << 20) // FFS_BLOCK


def _words(*numbers):
    return struct.pack(f">{len(numbers)}I", *numbers)


def _summed(data):
    """@data and the word that makes the XOR of all zero."""
    total = 0
    for (word,) in struct.iter_unpack(">I", data):
        total ^= word
    return data + _words(total)


def _ffs_entry(number, name, kind, first, size):
    """A row of the table: partition @name of @size bytes from block @first on."""
    blocks = -(-size // FFS_BLOCK)
    return _summed(name.ljust(16, b"\0") + _words(first, blocks, FFS_NO_PARENT, number, kind, 0,
                                                  size, 0, 0, 0, 0) + bytes(64))


def make_pnor(c, out):
    """The flash chip of an OpenPOWER machine, as far as skiboot reads it: the table and BOOTKERNEL,
    which is an ELF file."""
    path = c.image_with_line("image")
    c.tool(isas.find(c.board.arch).tool("strip"), path)
    image = path.read_bytes()
    entries = [_ffs_entry(1, b"part", FFS_PARTITION, 0, FFS_BLOCK),
               _ffs_entry(2, b"BOOTKERNEL", FFS_DATA, 1, len(image))]
    header = _summed(_words(FFS_MAGIC, FFS_VERSION, 1, len(entries[0]), len(entries), FFS_BLOCK,
                            PNOR_BLOCKS, 0, 0, 0, 0))
    with open(out, "wb") as f:
        f.truncate(PNOR_BLOCKS * FFS_BLOCK)
        f.write(header + b"".join(entries))
        f.seek(FFS_BLOCK)
        f.write(image)
