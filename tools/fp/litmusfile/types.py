# SPDX-License-Identifier: GPL-2.0-only
"""Names of types in litmus files, and what they are."""

from __future__ import annotations

from .ir import Type

# Names that are no words of C, as one base and its sign.
_NAMED = {
    "u8": "u8", "u16": "u16", "u32": "u32", "u64": "u64",
    "s8": "s8", "s16": "s16", "s32": "s32", "s64": "s64",
    "__u8": "u8", "__u16": "u16", "__u32": "u32", "__u64": "u64",
    "__s8": "s8", "__s16": "s16", "__s32": "s32", "__s64": "s64",
    "uint8_t": "u8", "uint16_t": "u16", "uint32_t": "u32", "uint64_t": "u64",
    "int8_t": "s8", "int16_t": "s16", "int32_t": "s32", "int64_t": "s64",
    "intptr_t": "s64", "uintptr_t": "u64", "size_t": "u64", "ssize_t": "s64", "ptrdiff_t": "s64",
    "bool": "u8", "_Bool": "u8",
    "atomic_int": "int",
    "atomic_t": "atomic_t", "atomic64_t": "atomic64_t", "atomic_long_t": "atomic64_t",
    "spinlock_t": "spinlock_t", "raw_spinlock_t": "spinlock_t", "srcu_struct": "srcu_struct",
}
# What the C parser must be told; the rest are words of C. Those of 128 bits are refused later.
TYPEDEFS = (*(name for name in _NAMED if name not in ("_Bool", "srcu_struct")),
            "__uint128", "__int128_t", "__uint128_t")

_WORDS = ("signed", "unsigned", "char", "short", "int", "long")
_IGNORED = ("const", "volatile", "_Atomic", "struct", "register", "auto")

SIZES = {"char": 1, "short": 2, "int": 4, "long": 8, "u8": 1, "u16": 2, "u32": 4, "u64": 8,
         "s8": 1, "s16": 2, "s32": 4, "s64": 8, "atomic_t": 4, "atomic64_t": 8,
         "spinlock_t": 4, "srcu_struct": 8, "void": 1}
LOCK = Type("spinlock_t")
SRCU = Type("srcu_struct")
OPAQUE = (LOCK, SRCU)


def size(what):
    """Bytes of a Type's value."""
    return 8 if what.stars else SIZES[what.base]


def from_words(words, stars=0):
    """The Type of a name as C writes it; ValueError says what is wrong with it."""
    words = [word for word in words if word not in _IGNORED]
    if len(words) == 1 and words[0] in _NAMED:
        return Type(_NAMED[words[0]], stars)
    if words == ["void"] and stars:
        return Type("void", stars)
    strange = [word for word in words if word not in _WORDS]
    if any("128" in word for word in words):
        raise ValueError(f"'{' '.join(words)}' has 128 bits; 64 at most expected")
    if strange or not words:
        raise ValueError(f"the type '{' '.join(words)}' is not known: int, long, u32, atomic_t, "
                         "spinlock_t, struct srcu_struct or their like expected")
    base = next((word for word in ("char", "short", "long") if word in words), "int")
    return Type(base, stars, "unsigned" in words)
