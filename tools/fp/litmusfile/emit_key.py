# SPDX-License-Identifier: GPL-2.0-only
"""The key of a program's outcomes: which bits say what (struct litmus_field of
include/test/litmus.h), and its condition as a function of the key.

A field is a signed number. Addresses are its highest numbers, downwards, cell by cell; the lowest
one stands for values that do not fit. So that conditions are exact, a field has room for each
number that they name.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import ir, packed

KEY_BITS = 64
FIELD_MAX = 34  # bits, where there are few fields: each number of 32 bits fits
FIELD_MIN = 2
PACKED_BITS = 2

# Names of scalars: their bytes, and whether they are unsigned.
SCALARS = {
    "bool": (1, True), "char": (1, False), "short": (2, False), "int": (4, False),
    "long": (8, False), "s8": (1, False), "s16": (2, False), "s32": (4, False), "s64": (8, False),
    "u8": (1, True), "u16": (2, True), "u32": (4, True), "u64": (8, True),
    "atomic_t": (4, False), "atomic64_t": (8, False), "atomic_long_t": (8, False),
    "spinlock_t": (8, False), "srcu_struct": (8, False),
}


class Unfit(Exception):
    """A program that no image can have, and why."""


def scalar(type_):
    """(bytes, unsigned) of a Type."""
    if type_.stars:
        return 8, False
    try:
        size, unsigned = SCALARS[type_.base]
    except KeyError:
        raise Unfit(f"the type {type_.base} has no size here") from None
    return size, unsigned or type_.unsigned


def cut(value, type_):
    """The number that an object of the type holds when @value is stored to it."""
    size, unsigned = scalar(type_)
    value &= (1 << 8 * size) - 1
    return value - (1 << 8 * size) if not unsigned and value >> (8 * size - 1) else value


@dataclass
class Field:
    place: ir.Place
    type: ir.Type
    address: bool
    need: int  # bits
    width: int = 0
    shift: int = 0

    @property
    def max(self):
        return (1 << (self.width - 1)) - 1


def equalities(cond):
    """All Equals of a condition."""
    if isinstance(cond, ir.Equals):
        yield cond
    elif isinstance(cond, ir.Not):
        yield from equalities(cond.of)
    elif isinstance(cond, ir.And | ir.Or):
        for part in cond.parts:
            yield from equalities(part)


def conditions(program):
    return [c for c in (program.condition, program.filter) if c is not None]


def places_of(cond):
    """What a condition or None speaks of."""
    return [p for e in (equalities(cond) if cond else ()) for p in (e.place, e.value)
            if isinstance(p, ir.Place)]


def asked(program):
    """The places whose values the file asks for."""
    return [*program.locations, *places_of(program.condition)]


def observed(program):
    """These and those of the filter: registers by thread, then variables."""
    unique = dict.fromkeys([*asked(program), *places_of(program.filter)])
    return sorted((p for p in unique if p.thread is not None), key=lambda p: p.thread) + \
        [p for p in unique if p.thread is None]


def bits_for(number):
    """Of a signed field in which @number is neither the lowest nor missing."""
    return max(abs(number).bit_length() + 1, FIELD_MIN)


class Key:
    """The fields of a program, and C that speaks of them."""

    def __init__(self, program):
        self.program = program
        self.variables = {v.name: v for v in program.variables}
        self.first_cell, self.nr_cells = {}, 0
        for v in program.variables:
            self.first_cell[v.name] = self.nr_cells
            self.nr_cells += v.length
        self.fields = {p: self._field(p) for p in observed(program)}
        self.packed = packed.fits(program, self.fields)
        if self.packed:
            self._pack()
            return
        for cond in conditions(program):
            for e in equalities(cond):
                self._make_room(e)
        self._lay_out()

    def _field(self, place):
        if place.thread is None:
            type_ = self.variables[place.name].type
        else:
            threads = {t.number: t for t in self.program.threads}
            type_ = threads[place.thread].locals[place.name]
        return Field(place, type_, type_.stars > 0, self._address_bits() if type_.stars else 2)

    def _address_bits(self):
        return bits_for(self.nr_cells + 4)

    def _make_room(self, e):
        f = self.fields[e.place]
        if isinstance(e.value, ir.Place):
            other = self.fields[e.value]
            f.address = other.address = f.address or other.address
            f.need = other.need = max(f.need, other.need)
            return
        if isinstance(e.value, ir.Address):
            f.address = True
            f.need = max(f.need, self._address_bits())
            return
        reserve = self.nr_cells if f.address else 0
        f.need = max(f.need, bits_for(abs(cut(e.value, f.type)) + reserve))

    def _pack(self):
        for n, f in enumerate(self.fields.values()):
            f.width, f.shift = PACKED_BITS, PACKED_BITS * n

    def _lay_out(self):
        fields = list(self.fields.values())
        spare = KEY_BITS - sum(f.need for f in fields)
        if spare < 0:
            raise Unfit(f"its outcome has {len(fields)} parts that need {KEY_BITS - spare} bits, "
                        f"and there are {KEY_BITS}")
        shift = 0
        for n, f in enumerate(sorted(fields, key=lambda f: -f.need)):
            more = min(spare // (len(fields) - n), max(FIELD_MAX - f.need, 0))
            f.width = f.need + more
            spare -= more
        self._level(fields)
        for f in fields:
            f.shift, shift = shift, shift + f.width

    def _level(self, fields):
        """What is compared with each other has one width."""
        for cond in conditions(self.program):
            for e in equalities(cond):
                if isinstance(e.value, ir.Place):
                    a, b = self.fields[e.place], self.fields[e.value]
                    a.width = b.width = min(a.width, b.width)

    # ---- conditions ----

    def number(self, f, value):
        """What the field reads as when its place holds @value."""
        if isinstance(value, ir.Address):
            return f.max - self.first_cell[value.var] - value.index
        return cut(value, f.type)

    def _read(self, f):
        """C for what a field has in `key`."""
        if self.packed:
            return f"litmus_field_packed(key, {f.shift})"
        return f"litmus_field_value(key, {f.shift}, {f.width})"

    def key_of(self, outcome):
        """The key of an outcome: {place: number}."""
        return sum((value & (1 << self.fields[p].width) - 1) << self.fields[p].shift
                   for p, value in outcome.items())

    def _equals(self, e):
        f = self.fields[e.place]
        read = self._read(f)
        if isinstance(e.value, ir.Place):
            text = f"({read} == {self._read(self.fields[e.value])}" + \
                ("" if self.packed else f" && {read} != {-f.max - 1}L") + ")"
        else:
            text = f"{read} == {self.number(f, e.value)}L"
        return f"!({text})" if e.negated else text

    def c_condition(self, cond):
        """A C expression of `key`."""
        if isinstance(cond, ir.Truth):
            return "true" if cond.value else "false"
        if isinstance(cond, ir.Equals):
            return self._equals(cond)
        if isinstance(cond, ir.Not):
            return f"!({self.c_condition(cond.of)})"
        op, empty = (" && ", "true") if isinstance(cond, ir.And) else (" || ", "false")
        return "(" + (op.join(self.c_condition(p) for p in cond.parts) or empty) + ")"
