# SPDX-License-Identifier: GPL-2.0-only
"""The two parts of a litmus file that are not of its dialect: the initial state, and the end with
its locations, filter and condition. The grammars are those of herd7 (its stateParser.mly), less
what speaks of page tables, tags and faults."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

import lark

from .faults import Malformed
from .ir import Address, And, Cond, Equals, Not, Or, Place, Truth, Value

MAX_DEPTH = 100  # of parentheses
MAX_LENGTH = 1 << 10  # of an array

_LEXEMES = r"""
NAME: /[A-Za-z_.$%][A-Za-z0-9_.$]*/
NUMBER: /-?(0[xX][0-9A-Fa-f]+|[0-9]+)(?![\w.])/
ref: NAME -> name
    | NAME "[" NUMBER "]" -> element
register: NUMBER ":" NAME
    | NAME ":" NAME
%ignore /[ \t\n\f\v]+/
"""

_STATE = r"""
start: item? (";" item?)*
item: word* STAR* target ["=" init]
    | "[" NAME "]" ["=" init] -> bracketed
word: NAME
STAR: "*"
target: ref | register
init: value | "{" value ("," value)* ","? "}" -> values
value: number | "&"? ref -> address | "ATOMIC_INIT" "(" value ")" -> same
number: NUMBER
""" + _LEXEMES

_END = r"""
start: part* final? ";"?
part: "locations" "[" (location? ";")* location? "]" -> locations
    | "filter" prop -> filter
location: place word? STAR*
word: NAME
STAR: "*"
final: quantifier prop
quantifier: "exists" -> exists | ("~" | "not") "exists" -> not_exists | "forall" -> forall
    | "final" -> exists
?prop: prop "\\/" conj -> either | conj
?conj: conj "/\\" implied -> both | implied
?implied: negated "=>" implied -> implies | negated
?negated: ("~" | "not") negated -> negation | atom
?atom: "(" prop ")" | "true" -> true | "false" -> false
    | place _is side -> equals | place _isnt side -> differs
    | place _is "{" side ("," side)* "}" -> holds
_is: "=" | "=="
_isnt: "!=" | "<>"
place: ref | register | "[" NAME "]" -> bracketed | "*" NAME -> bracketed
side: number | "&"? ref -> address | register -> other | "[" NAME "]" -> content
    | "*" register -> other | "*" NAME -> content
number: NUMBER
""" + _LEXEMES

_WORDS = {
    "NAME": "a name", "NUMBER": "a number", "$END": "the end", "STAR": "'*'",
}


@dataclass
class Item:
    """One of the initial state. words, stars: the type as written; thread: of a register; length:
    of an array, else None; values: None where none is given."""

    line: int
    words: tuple[str, ...]
    stars: int
    name: str
    thread: int | None = None
    length: int | None = None
    values: tuple[Value, ...] | None = None


@dataclass
class End:
    """All behind the program."""

    quantifier: str = "forall"
    condition: Cond = Truth(True)
    filter: Cond | None = None
    locations: list[Place] = field(default_factory=list)


def number(text, line):
    """The value of a constant, as a signed word; Malformed if it fits none of 64 bits."""
    digits = text.lstrip("-")
    if len(digits) > 66:
        raise Malformed(line, f"a number of {len(digits)} digits does not fit 64 bits")
    value = int(digits, 16 if digits[:2] in ("0x", "0X") else 10)
    value = -value if text[0] == "-" else value
    if not -(1 << 63) <= value < 1 << 64:
        raise Malformed(line, f"{text} does not fit 64 bits")
    return value - (1 << 64) if value >> 63 > 0 else value


class _Leaves(lark.Transformer):
    """What both grammars share; nodes come as their values, names as tokens with their lines."""

    def name(self, parts):
        return parts[0], None

    def element(self, parts):
        return parts[0], number(parts[1], parts[1].line)

    def register(self, parts):
        first, name = parts
        digits = first.removeprefix("P")
        if not digits.isdecimal() or len(digits) > 3:
            raise Malformed(first.line, f"{first}:{name}: a register is 'thread:name', like 1:r0")
        return int(digits), name

    def number(self, parts):
        return number(parts[0], parts[0].line)

    def address(self, parts):
        name, index = parts[0]
        return 0 if name == "NULL" else Address(str(name), index or 0)

    def value(self, parts):
        return parts[0]

    same = value

    def word(self, parts):
        return parts[0]


class _ToItems(_Leaves):
    """The initial state's tree to a list of Item."""

    def target(self, parts):
        return parts[0]

    def init(self, parts):
        return (parts[0],)

    def values(self, parts):
        return tuple(parts)

    def item(self, parts):
        *words, target, values = parts
        stars = sum(word.type == "STAR" for word in words)
        words = tuple(str(one) for one in words if one.type != "STAR")
        if isinstance(target[0], int):
            thread, name = target
            item = Item(name.line, words, stars, str(name), thread, None, values)
        else:
            name, length = target
            item = Item(name.line, words, stars, str(name), None, length, values)
        _check_length(item)
        return item

    def bracketed(self, parts):
        return Item(parts[0].line, (), 0, str(parts[0]), values=parts[1])

    def start(self, parts):
        return parts


def _check_length(item):
    """Malformed if an array has not as many values as it says."""
    given = len(item.values or ())
    if item.length is None:
        if given > 1:
            raise Malformed(item.line, f"{item.name} is no array: one value expected, not {given}")
        return
    if not 1 <= item.length <= MAX_LENGTH:
        raise Malformed(item.line, f"{item.name}[{item.length}]: an array has 1 to {MAX_LENGTH} "
                        "elements")
    if item.values is not None and given != item.length:
        raise Malformed(item.line, f"{item.name}[{item.length}]: {item.length} values expected, "
                        f"not {given}")


def _joined(kind, left, right):
    """And or Or of two, flat."""
    parts = ()
    for one in (left, right):
        parts += one.parts if isinstance(one, kind) else (one,)
    return kind(parts)


def negation(cond):
    """Its opposite, without double negation."""
    return cond.of if isinstance(cond, Not) else Not(cond)


class _ToEnd(_Leaves):
    """The end's tree to an End."""

    def place(self, parts):
        first, second = parts[0]
        if isinstance(first, int):
            return Place(first, str(second))
        return Place(None, str(first), second or 0)

    def bracketed(self, parts):
        return Place(None, str(parts[0]))

    content = bracketed

    def other(self, parts):
        thread, name = parts[0]
        return Place(thread, str(name))

    def side(self, parts):
        return parts[0]

    def equals(self, parts):
        return Equals(*parts)

    def differs(self, parts):
        return Equals(*parts, negated=True)

    def holds(self, parts):
        place, *values = parts
        return And(tuple(Equals(Place(place.thread, place.name, i), value)
                         for i, value in enumerate(values)))

    def true(self, _parts):
        return Truth(True)

    def false(self, _parts):
        return Truth(False)

    def both(self, parts):
        return _joined(And, *parts)

    def either(self, parts):
        return _joined(Or, *parts)

    def negation(self, parts):
        return negation(parts[0])

    def implies(self, parts):
        return _joined(Or, negation(parts[0]), parts[1])

    def location(self, parts):
        return parts[0]

    def locations(self, parts):
        return "locations", [part for part in parts if part]

    def filter(self, parts):
        return "filter", parts[0]

    def exists(self, _parts):
        return "exists"

    def not_exists(self, _parts):
        return "~exists"

    def forall(self, _parts):
        return "forall"

    def final(self, parts):
        return "final", parts

    def start(self, parts):
        end = End()
        for what, value in parts:
            if what == "final":
                end.quantifier, end.condition = value
            elif what == "filter":
                end.filter = value if end.filter is None else _joined(And, end.filter, value)
            else:
                end.locations += value
        return end


@functools.cache
def _parser(grammar, transformer):
    return lark.Lark(grammar, parser="lalr", transformer=transformer(),
                     maybe_placeholders=True)


def _expected(parser, names):
    """What the grammar would have taken, in words."""
    shown = []
    for terminal in parser.terminals:
        if terminal.name in names:
            literal = terminal.pattern.value
            shown.append(_WORDS.get(terminal.name, f"'{literal}'"))
    shown += ["the end"] if "$END" in names else []
    return ", ".join(sorted(set(shown))[:8]) or "something else"


def _parse(section, grammar, transformer, where):
    """What @transformer makes of the Section; Malformed names the place and what was expected."""
    _check_depth(section)
    parser = _parser(grammar, transformer)
    try:
        return parser.parse(section.text)
    except lark.exceptions.VisitError as error:
        raise _moved(error.orig_exc, section) from None
    except Malformed as error:
        raise _moved(error, section) from None
    except lark.UnexpectedCharacters as error:
        raise Malformed(section.line + error.line - 1,
                        f"{where}: '{error.char}' is not understood; "
                        f"{_expected(parser, error.allowed or ())} expected") from None
    except lark.UnexpectedToken as error:
        last = error.token.type == "$END"
        line = section.text.rstrip().count("\n") + 1 if last else error.token.line
        found = "it ends" if last else f"'{error.token}' is not understood"
        raise Malformed(section.line + line - 1,
                        f"{where}: {found}; {_expected(parser, _taken(error))} expected") from None


def _taken(error):
    """Names of the terminals that could stand where an UnexpectedToken is: its own list holds some
    that only fit elsewhere."""
    try:
        return error.accepts or error.expected
    except Malformed:  # what stands before is complete, and wrong in itself
        return error.expected


def _moved(error, section):
    """A Malformed with the line of the file; anything else is a fault of ours."""
    if not isinstance(error, Malformed):
        raise error
    return Malformed(section.line + error.line - 1, error.text)


def _check_depth(section):
    depth = 0
    for at, char in enumerate(section.text):
        depth += {"(": 1, ")": -1}.get(char, 0)
        if depth > MAX_DEPTH:
            raise Malformed(section.line_of(at), f"more than {MAX_DEPTH} parentheses are open")


def read_state(section):
    """The items of an initial state, a list of Item."""
    if not section.text.strip():
        return []
    items = [item for item in _parse(section, _STATE, _ToItems, "initial state") if item]
    for item in items:
        item.line += section.line - 1
    return items


def read_end(section):
    """The End that the Section holds; an empty one asks nothing: forall true."""
    if not section.text.strip():
        return End()
    return _parse(section, _END, _ToEnd, "condition")
