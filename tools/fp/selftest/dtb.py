# SPDX-License-Identifier: GPL-2.0-only
"""Damages device trees, for tests. The header's fields and the tokens are those of the Devicetree
Specification v0.4, sections 5.2 and 5.4.

What a tree holds, and where, is its firmware's matter: a place to damage is found by its tokens.
"""
import struct

from ..base.errors import UserError

MAGIC = 0xD00DFEED
BEGIN_NODE, END_NODE, PROP, NOP, END = 1, 2, 3, 4, 9
NO_TOKEN = 0x7F
SIZE_STRUCT = 36  # offset of size_dt_struct in the header


def _word(blob, at):
    if at + 4 > len(blob):
        raise UserError(f"the device tree to damage ends before {at:#x}")
    return struct.unpack_from(">I", blob, at)[0]


def tokens(blob):
    """(offset, token, name of the node that begins there or None) of a sound tree's structure."""
    at = _word(blob, 8)
    while True:
        token, name, start = _word(blob, at), None, at
        at += 4
        if token == BEGIN_NODE:
            end = blob.find(b"\0", at)
            name = bytes(blob[at:end])
            at = end + 1
        elif token == PROP:
            at += 8 + _word(blob, at)
        elif token not in (END_NODE, NOP, END):
            raise UserError(f"the device tree to damage has no token at {start:#x}")
        at = (at + 3) & ~3
        yield start, token, name
        if token == END:
            return


def _damage_tokens(blob):
    """Of all tokens the middle one is none any more."""
    places = [at for at, _, _ in tokens(blob)]
    struct.pack_into(">I", blob, places[len(places) // 2], NO_TOKEN)


def _damage_cpus(blob):
    for at, _, name in tokens(blob):
        if name == b"cpus":
            blob[at + 4:at + 8] = b"cpux"
            return
    raise UserError("the device tree to damage has no /cpus")


def damage_dtb(blob, how):
    """A damaged copy of the same size.

    "cells": the structure block's size runs past the end of the blob; "tokens": a token in the
    middle of the structure is none; "cpus": the node /cpus has lost its name.
    """
    blob = bytearray(blob)
    if len(blob) < 40 or _word(blob, 0) != MAGIC or _word(blob, 4) > len(blob):
        raise UserError("what should be damaged is no device tree")
    if how == "cells":
        struct.pack_into(">I", blob, SIZE_STRUCT, _word(blob, 4) * 2)
    elif how == "tokens":
        _damage_tokens(blob)
    elif how == "cpus":
        _damage_cpus(blob)
    else:
        raise ValueError(how)
    return bytes(blob)
