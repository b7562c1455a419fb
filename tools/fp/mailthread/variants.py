# SPDX-License-Identifier: GPL-2.0-only
"""The variants of the anon_vma code, read where each is defined: tests/rmap/variants/.

A variant is one file; ANON_VMA_VARIANT() in it is all that makes it known, here as in the kernel.
"""
import re
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
DIRECTORY = "tests/rmap/variants"
DEFAULT = "default"
_RECORD = re.compile(r"^ANON_VMA_VARIANT\((\w+), \w+\) = \{\n(.*?)^\};", re.S | re.M)
_ID = re.compile(r'^\t\.id = "([^"]+)",$', re.M)
_MECH = re.compile(r"\[MECH_\w+\] = \{ EXPECT_CAUGHT(.*?)(?=\[MECH_|\Z)", re.S)
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Variant:
    """@name: its word in tests and on the boot line; @wrong: some mechanism catches it;
    @preempt_only: with preemptible RCU alone."""

    name: str
    id: str
    wrong: bool
    preempt_only: bool


def read(path):
    """The variant that a file defines, or None."""
    m = _RECORD.search(path.read_text(encoding="utf-8"))
    if not m:
        return None
    found = _ID.search(m[2])
    if not found or found[1].lower() != m[1]:
        raise UserError(f"{path}: ANON_VMA_VARIANT({m[1]}) has no line '.id = \"{m[1].upper()}\",'")
    caught = _MECH.findall(m[2])
    return Variant(m[1], found[1], bool(caught),
                   bool(caught) and all(".preempt_only = true" in c for c in caught))


def _order(variant):
    """By letter, then by number; the memory manager's own form last."""
    parts = _NUMBER.split(variant.id)
    return variant.name == DEFAULT, [int(p) if p.isdigit() else p for p in parts]


def load(root=ROOT):
    """All variants, in the order in which people read them."""
    found = [read(path) for path in sorted((root / DIRECTORY).glob("*.c"))]
    return tuple(sorted((v for v in found if v), key=_order))
