# SPDX-License-Identifier: GPL-2.0-only
"""Reading object code, for tools/check_deps.py and tools/check_primitives.py: what a port's
arch/<isa>/decoder.py builds on.

A decoder knows just what compilers use in bodies of litmus tests and in the primitives of the
contract; else it raises Unknown.
"""
from dataclasses import dataclass


class Unknown(Exception):
    """The object code is not what we can read."""


@dataclass
class Insn:
    pc: int
    op: str
    args: list
    text: str


@dataclass
class Effect:
    """What one instruction does, as far as we care."""
    dst: tuple = ()  # registers written
    src: tuple = ()  # registers the result depends on
    load: tuple = ()  # address registers, if it reads memory
    store: tuple = ()  # address registers, if it writes memory
    data: tuple = ()  # registers stored
    size: int = 0
    form: str = ""  # acq, rel, ll, sc, rmw, rmw-full
    barrier: str = ""  # full, w, r, light, isync, acq, rel; hint: for the CPU's speed alone
    branch: int = -1  # target
    cond: tuple = ()  # registers of a conditional branch
    ends: bool = False  # return, or unconditional branch
    keep: bool = False  # dst keeps its old dependencies too


def split_args(text):
    out, depth, word = [], 0, ""
    for c in text:
        depth += c in "([{"
        depth -= c in ")]}"
        if c == "," and depth == 0:
            out.append(word.strip())
            word = ""
        else:
            word += c
    return out + [word.strip()] if word.strip() else out


class Base:
    """One instruction set; a port's class Decoder fills it in."""

    options = ()  # of objdump
    stack = ()  # registers by which the stack is addressed
    first_argument = ""  # the register that has it at a function's entry
    calls = False  # may there be calls? They keep what matters here in registers and on the stack
    # Barriers that serve as each kind: exactly those of Linux's mapping, or stronger. A kind that
    # is not there needs none.
    SERVES = {}
    control_orders_loads = False  # without an instruction barrier

    def decode(self, i):
        """The Effect of an instruction."""
        raise NotImplementedError

    def call(self):
        """The Effect of a call."""
        if not self.calls:
            raise Unknown("a call in a body")
        return Effect()

    def ordered(self, kind, access, before, after):
        """Is @access an acquire ("acq") or release ("rel"), with these barriers around it?"""
        return bool(self.SERVES[kind] & set(before if kind == "rel" else after))
