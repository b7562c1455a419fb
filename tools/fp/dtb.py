# SPDX-License-Identifier: GPL-2.0-only
"""Damages device trees, for tests. The header's fields are those of the Devicetree Specification
v0.4, section 5.2.
"""
import struct

from .errors import UserError

MAGIC = 0xD00DFEED


def damage_dtb(blob, how):
    """A damaged copy of the same size.

    "cells": the structure block's size runs past the end of the blob; "tokens": a token in the
    middle of the structure is none; "cpus": the node /cpus has lost its name.
    """
    blob = bytearray(blob)
    magic, total, off_struct = struct.unpack_from(">III", blob)
    if magic != MAGIC or total > len(blob):
        raise UserError("what should be damaged is no device tree")
    if how == "cells":
        struct.pack_into(">I", blob, 36, total * 2)
    elif how == "tokens":
        size = struct.unpack_from(">I", blob, 36)[0]
        middle = off_struct + (size // 2 & ~3)
        for at in range(middle, middle + 64, 4):
            struct.pack_into(">I", blob, at, 0x7F)
    elif how == "cpus":
        at = blob.find(b"cpus\0", off_struct)
        if at < 0:
            raise UserError("the device tree to damage has no /cpus")
        blob[at:at + 4] = b"cpux"
    else:
        raise ValueError(how)
    return bytes(blob)
