# SPDX-License-Identifier: GPL-2.0-only
"""Is a program small enough to be packed (LITMUS_PACKED of include/test/litmus.h)? Its outcomes are
then counted several times as fast: at most four parts, each always a number from 0 to 3.

That is told by the values that its stores have, so that a program with arithmetic, pointers, locks
or RCU is not.
"""

from __future__ import annotations

from . import ir
from .primitives import PRIMITIVES

PARTS_MAX = 4  # LITMUS_PACKED_MAX
VALUE_MAX = 3


def is_zero(e):
    """0 whatever its locals hold: what only makes one access depend on another."""
    if not isinstance(e, ir.Binary):
        return False
    if e.op == "*":
        return is_zero(e.left) and isinstance(e.right, ir.Const)
    return e.op in "^-" and e.left == e.right and isinstance(e.left, ir.Local)


def fits(program, observed):
    """@observed: the places that its outcomes are made of."""
    return (program.dialect == "C" and not program.needs
            and max(len(program.threads), len(program.variables), len(observed)) <= PARTS_MAX
            and all(_is_small_variable(v) for v in program.variables)
            and all(_is_small_thread(t) for t in program.threads))


def _is_small(value):
    return isinstance(value, int) and 0 <= value <= VALUE_MAX


def _is_small_variable(v):
    return v.length == 1 and v.type in (ir.Type("int"), ir.Type("s32"), ir.Type("u32")) and \
        all(value == 0 for value in v.init)


def _is_small_thread(thread):
    return all(t == ir.Type("int") for t in thread.locals.values()) and \
        all(_is_small(v) for v in thread.init.values()) and \
        all(_is_small_statement(s) for s in thread.body)


def _is_small_statement(s):
    if isinstance(s, ir.If):
        return _has_no_effect(s.cond) and all(_is_small_statement(x) for x in s.then + s.other)
    if isinstance(s, ir.Assign):
        return isinstance(s.target, ir.Local) and isinstance(s.value, ir.Call) and \
            PRIMITIVES[s.value.name].does == "load" and _is_small_place(s.value.args[0])
    return isinstance(s, ir.Do) and isinstance(s.what, ir.Call) and _is_small_call(s.what)


def _is_small_call(call):
    does = PRIMITIVES[call.name].does
    if does == "fence":
        return True
    return does in ("store", "store_mb", "xchg") and _is_small_place(call.args[0]) and \
        _is_small_value(call.args[1])


def _is_small_place(place):
    """An int, by the name of its variable, or by that and a dependency."""
    p = place.pointer
    if isinstance(p, ir.Binary) and p.op == "+" and is_zero(p.right):
        p = p.left
    return isinstance(p, ir.Shared) and place.type in (ir.Type("int"), ir.Type("s32"),
                                                       ir.Type("u32"))


def _is_small_value(e):
    if isinstance(e, ir.Binary) and e.op == "+" and is_zero(e.right):
        e = e.left
    return isinstance(e, ir.Const) and _is_small(e.value)


def _has_no_effect(e):
    """Of locals and constants alone."""
    if isinstance(e, ir.Binary):
        return _has_no_effect(e.left) and _has_no_effect(e.right)
    return isinstance(e, ir.Local | ir.Const)
