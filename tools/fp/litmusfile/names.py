# SPDX-License-Identifier: GPL-2.0-only
"""The shared variables of a program, from its initial state, parameters and addresses; and are the
names of its condition some that it has?"""

from __future__ import annotations

from dataclasses import dataclass, field

from .faults import Malformed
from .ir import Address, And, Equals, Not, Or, Place, Type, Variable
from .types import OPAQUE, from_words

_INT = Type("int")
_PLAIN = (_INT, Type("long"), Type("s64"))


@dataclass
class Found:
    """variables by name; notes: what is accepted and looks like a mistake."""

    variables: dict[str, Variable] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def collect(items, pointed, threads, end):
    """The Found of initial @items, @pointed: types behind each thread's parameters, and @end. The
    registers among the items go to @threads."""
    found = Found()
    declared = set()
    for item in items:
        if item.thread is not None:
            _set_register(item, threads)
        else:
            _declare(found, item, declared)
    for params in pointed:
        for name, what in params.items():
            _add(found, name, what, name in declared)
    _add_addressed(found, items, end)
    return found


def _item_type(item):
    """The Type that an item says, or None."""
    if not item.words:
        return Type("int", item.stars) if item.stars else None
    try:
        return from_words(item.words, item.stars)
    except ValueError as error:
        raise Malformed(item.line, str(error)) from None


def _default_type(values):
    """Of a variable whose type nothing says: wide enough for its values."""
    wide = any(isinstance(value, int) and not -1 << 31 <= value < 1 << 32 for value in values)
    return Type("long") if wide else _INT


def _declare(found, item, declared):
    """A variable of the initial state; a later item of the same name wins, as for herd7."""
    what = _item_type(item)
    length = item.length or 1
    values = list(item.values or (0,) * length)
    if item.name in found.variables:
        found.notes.append(f"line {item.line}: {item.name} has two initial values")
        if found.variables[item.name].length != length:
            raise Malformed(item.line, f"{item.name} is declared before, otherwise")
    declared.discard(item.name)
    if what is not None:
        declared.add(item.name)
    found.variables[item.name] = Variable(item.name, what or _default_type(values), values, length)


def _add(found, name, what, declared):
    """What a parameter says of a variable; the special type wins over the plain one."""
    known = found.variables.get(name)
    if known is None:
        found.variables[name] = Variable(name, what, [0])
    elif not declared and known.type in _PLAIN and what.base != "void":
        if what != _INT or known.type == _INT:
            known.type = what


def _add_addressed(found, items, end):
    """Variables that only their addresses name."""
    values = [value for item in items for value in item.values or ()]
    values += [side for cond in (end.condition, end.filter) for side in _sides(cond)]
    for value in values:
        if isinstance(value, Address):
            found.variables.setdefault(value.var, Variable(value.var, _INT, [0]))


def _set_register(item, threads):
    """A register of the initial state."""
    thread = _thread(item.thread, threads, item.line)
    what = _item_type(item) or _INT
    if item.name in thread.params and item.name not in thread.init:
        raise Malformed(item.line, f"{item.thread}:{item.name} is a parameter of "
                        f"P{item.thread}, which is always the address of {item.name}")
    if item.length is not None:
        raise Malformed(item.line, f"{item.thread}:{item.name} is a register, no array")
    thread.locals.setdefault(item.name, what)
    thread.init[item.name] = item.values[0] if item.values else 0


def _thread(number, threads, line):
    if number >= len(threads):
        raise Malformed(line, f"there is no P{number}: the last thread is P{len(threads) - 1}")
    return threads[number]


def _equalities(cond):
    """All Equals of a condition or None."""
    todo = [cond]
    while todo:
        match todo.pop():
            case Equals() as one:
                yield one
            case Not(of):
                todo.append(of)
            case And(parts) | Or(parts):
                todo += reversed(parts)


def _sides(cond):
    for one in _equalities(cond):
        yield one.value


def check_end(found, threads, end, section):
    """Each Place of @end is a variable or a local; Malformed where it cannot be. What only the end
    names is 0, as herd7 has it, with a note."""
    places = list(end.locations)
    for cond in (end.filter, end.condition):
        for one in _equalities(cond):
            places += [one.place] + [one.value] * isinstance(one.value, Place)
            if isinstance(one.value, Address):
                _check_index(found, one.value.var, one.value.index, section)
    for place in places:
        if place.thread is None:
            _check_variable(found, place, section)
        else:
            _check_register(found, threads, place, section)
    for variable in found.variables.values():
        for value in variable.init:
            if isinstance(value, Address):
                _check_index(found, value.var, value.index, section)


def _line_of(section, name):
    at = section.text.find(name)
    return section.line_of(max(at, 0))


def _check_index(found, name, index, section):
    length = found.variables[name].length
    if index and not 0 <= index < length:
        raise Malformed(_line_of(section, name), f"{name}[{index}] does not exist: {name} has "
                        f"{length} element{'s' if length > 1 else ''}")


def _check_variable(found, place, section):
    name = place.name
    if name not in found.variables:
        found.variables[name] = Variable(name, _INT, [0])
        found.notes.append(f"{name} is no variable of any thread; it stays 0")
    _check_index(found, name, place.index, section)
    if found.variables[name].type in OPAQUE:
        raise Malformed(_line_of(section, name), f"{name} is a {found.variables[name].type.base}, "
                        "which has no value; an int or its like expected")


def _check_register(found, threads, place, section):
    thread = _thread(place.thread, threads, _line_of(section, f"{place.thread}:"))
    name = place.name
    if name in thread.locals:
        return
    if name in thread.params:
        thread.locals[name] = Type(found.variables[name].type.base, 1)
        thread.init[name] = Address(name)
        return
    thread.locals[name] = _INT
    found.notes.append(f"{place} is never set; it reads 0")
