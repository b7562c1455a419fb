# SPDX-License-Identifier: GPL-2.0-only
"""Which locals and variables may hold which addresses; with that the types are completed.

Litmus files declare loosely: herd7 has no types, so "int r1" may hold an address. An analysis of
what flows where, without regard to order (Andersen, "Program Analysis and Specialization for the
C Programming Language", chapter 4), finds all that may. Then every dereference knows its cell, and
what dereferences no address is refused here instead of on the machine.
"""

from __future__ import annotations

from collections import defaultdict

from .faults import Malformed
from .ir import (Address, Assign, Binary, Call, Cast, Choice, Const, Deref, Do, If, Local, Shared,
                 Type, Unary)
from .primitives import LOCK, PRIMITIVES, SRCU, VALUE
from .types import LOCK as LOCK_TYPE
from .types import OPAQUE, size
from .types import SRCU as SRCU_TYPE

_TRUTHS = frozenset("== != < <= > >= && ||".split())
_OPAQUE_KINDS = {LOCK: LOCK_TYPE, SRCU: SRCU_TYPE}
_NEEDS = {LOCK_TYPE: "spin_lock() and its like", SRCU_TYPE: "srcu_read_lock() and its like"}


def complete(variables, threads):
    """Gives all Variables (by name), locals and dereferences of @threads their final types, and
    brings sums of addresses to bytes. Malformed where no address can be."""
    flow = _Flow(variables, threads)
    flow.solve()
    flow.type_variables()
    for thread in threads:
        flow.type_locals(thread)
        _Rewriter(flow, thread).statements(thread.body)


def walk(stmts):
    """All statements of @stmts, those inside of others, too."""
    for stmt in stmts:
        yield stmt
        if isinstance(stmt, If):
            yield from walk(stmt.then)
            yield from walk(stmt.other)


class _Flow:
    """cells: what a variable may hold; locals: what a local may; names of variables each."""

    def __init__(self, variables, threads):
        self.variables = variables
        self.threads = threads
        self.cells = defaultdict(frozenset)
        self.locals = defaultdict(frozenset)
        self.opaque = {}
        self.changed = True
        self.sets = set()  # of each dereference
        for variable in variables.values():
            held = (value.var for value in variable.init if isinstance(value, Address))
            self.cells[variable.name] = frozenset(held)
        for thread in threads:
            for name, value in thread.init.items():
                if isinstance(value, Address):
                    self.locals[thread.number, name] = frozenset((value.var,))

    def solve(self):
        """Until nothing more flows; each round but the last adds one of finitely many."""
        while self.changed:
            self.changed = False
            for thread in self.threads:
                for stmt in walk(thread.body):
                    self.flow(stmt, thread.number)

    def flow(self, stmt, number):
        if isinstance(stmt, If):
            self.held(stmt.cond, number)
        elif isinstance(stmt, Do):
            self.held(stmt.what, number)
        elif isinstance(stmt, Assign):
            value = self.held(stmt.value, number)
            if isinstance(stmt.target, Local):
                self.add(self.locals, (number, stmt.target.name), value)
            else:
                self.store(stmt.target, value, number)

    def add(self, where, key, names):
        if not names <= where[key]:
            where[key] |= names
            self.changed = True

    def store(self, place, names, number):
        for name in self.pointed(place, number):
            self.add(self.cells, name, names)

    def pointed(self, place, number):
        """The variables that a Deref may access."""
        found = self.held(place.pointer, number)
        self.sets.add(found)
        return found

    def held(self, expr, number):
        """The variables whose addresses an expression may be; what it stores flows on."""
        match expr:
            case Local(name):
                return self.locals[number, name]
            case Shared(name):
                return frozenset((name,))
            case Deref():
                return self.contents(self.pointed(expr, number))
            case Unary(op, of):
                held = self.held(of, number)
                return frozenset() if op == "!" else held
            case Cast(_, of):
                return self.held(of, number)
            case Binary(op, left, right):
                held = self.held(left, number) | self.held(right, number)
                return frozenset() if op in _TRUTHS else held
            case Choice(cond, then, other):
                self.held(cond, number)
                return self.held(then, number) | self.held(other, number)
            case Call():
                return self.call(expr, number)
        return frozenset()

    def contents(self, names):
        return frozenset().union(*(self.cells[name] for name in names))

    def call(self, call, number):
        primitive = PRIMITIVES[call.name]
        result = frozenset()
        values = frozenset()
        for kind, arg in zip(primitive.args, call.args):
            if kind == VALUE:
                values |= self.held(arg, number)
                continue
            names = self.pointed(arg, number)
            result |= self.contents(names)
            for name in names if kind in _OPAQUE_KINDS else ():
                self.opaque[name] = _OPAQUE_KINDS[kind]
        if primitive.does in ("store", "store_mb", "xchg", "cmpxchg"):
            for kind, arg in zip(primitive.args, call.args):
                if kind != VALUE:
                    self.store(arg, values, number)
        return result if primitive.does in ("load", "xchg", "cmpxchg", "fetch_op") else frozenset()

    # ---- types ----

    def type_variables(self):
        """Of what may hold addresses a pointer; cells that one place may be have one width."""
        for name, variable in self.variables.items():
            if name in self.opaque:
                variable.type = self.opaque[name]
            elif variable.type in OPAQUE:  # declared so, and never used so
                variable.type = Type("int", 1) if self.cells[name] else Type("int")
            elif self.cells[name] and not variable.type.stars:
                variable.type = Type(variable.type.base, 1, variable.type.unsigned)
        again = True
        while again:
            again = any([self.widen(names) for names in self.sets])

    def widen(self, names):
        """Makes the variables @names as wide as the widest; True if that changed one."""
        found = [self.variables[name] for name in names]
        widest = max((size(one.type) for one in found), default=0)
        narrow = [one for one in found if size(one.type) < widest and one.type not in OPAQUE]
        for variable in narrow:
            variable.type = {2: Type("short"), 4: Type("int"), 8: Type("long")}[widest]
        return bool(narrow)

    def type_locals(self, thread):
        """Those that nothing declares are int; those that may hold addresses pointers."""
        for stmt in walk(thread.body):
            for name in _locals_of(stmt):
                thread.locals.setdefault(name, Type("int"))
        for name, what in thread.locals.items():
            held = self.locals[thread.number, name]
            if held and not what.stars:
                cell = self.variables[min(held)].type
                thread.locals[name] = Type(cell.base, cell.stars + 1, cell.unsigned)


def _locals_of(stmt):
    """Names of locals in a statement, without the statements inside."""
    todo = [getattr(stmt, key) for key in ("target", "value", "what", "cond") if hasattr(stmt, key)]
    while todo:
        expr = todo.pop()
        if isinstance(expr, Local):
            yield expr.name
        elif isinstance(expr, Call):
            todo += expr.args
        else:
            todo += [getattr(expr, key) for key in _PARTS if hasattr(expr, key)]


_PARTS = ("pointer", "of", "left", "right", "cond", "then", "other")


class _Rewriter:
    """Puts what the flow found into one thread's expressions."""

    def __init__(self, flow, thread):
        self.flow = flow
        self.thread = thread
        self.line = 0

    def statements(self, stmts):
        for stmt in walk(stmts):
            self.line = stmt.line
            for key in ("target", "value", "what", "cond"):
                if hasattr(stmt, key):
                    setattr(stmt, key, self.expr(getattr(stmt, key)))

    def held(self, expr):
        return self.flow.held(expr, self.thread.number)

    def expr(self, expr):
        match expr:
            case Deref():
                return self.place(expr, OPAQUE)
            case Unary(op, of):
                return Unary(op, self.expr(of))
            case Cast(what, of):
                inner = self.expr(of)
                return inner if size(what) == 8 or self.held(of) else Cast(what, inner)
            case Binary(op, left, right):
                return self.binary(op, left, right)
            case Choice(cond, then, other):
                return Choice(self.expr(cond), self.expr(then), self.expr(other))
            case Call(name, args):
                return Call(name, tuple(self.argument(name, kind, arg) for kind, arg
                                        in zip(PRIMITIVES[name].args, args)))
        return expr

    def argument(self, name, kind, arg):
        if kind == VALUE:
            return self.expr(arg)
        return self.place(arg, () if kind in _OPAQUE_KINDS else OPAQUE, name)

    def place(self, place, refused, name=""):
        """The Deref with its type; Malformed if no address can be there, or one of @refused."""
        names = sorted(self.held(place.pointer))
        where = _shown(place.pointer)
        if not names:
            raise Malformed(self.line, f"P{self.thread.number}: " + _no_address(where, name))
        what = self.flow.variables[names[0]].type
        if what in refused:
            raise Malformed(self.line, f"P{self.thread.number}: {names[0]} is a {what.base}; "
                            f"{_NEEDS[what]} expected, not {name or 'a plain access'}")
        return Deref(self.expr(place.pointer), what)

    def binary(self, op, left, right):
        new_left, new_right = self.expr(left), self.expr(right)
        if op in "+-":
            if width := self.element(left):
                new_right = _scaled(new_right, width) if not self.element(right) else new_right
            elif op == "+" and (width := self.element(right)):
                new_left = _scaled(new_left, width)
        return Binary(op, new_left, new_right)

    def element(self, expr):
        """Bytes of what C says that an expression points to; 0 if C says that it does not."""
        match expr:
            case Local(name):
                pointer = self.thread.locals[name].stars and self.held(expr)
                return self.width(expr) if pointer else 0
            case Shared():
                return self.width(expr)
            case Binary("+" | "-", left, right):
                return self.element(left) or self.element(right)
            case Cast(what, of):
                return self.width(of) if what.stars and self.held(of) else 0
        return 0

    def width(self, expr):
        return size(self.flow.variables[min(self.held(expr))].type)


def _scaled(index, width):
    """An index in bytes."""
    if isinstance(index, Const):
        return Const(index.value * width)
    return Binary("*", index, Const(width)) if width > 1 else index


def _shown(expr):
    """A pointer as a reader knows it."""
    match expr:
        case Local(name) | Shared(name):
            return name
        case Deref(pointer):
            return f"*{_shown(pointer)}"
    return "the pointer"


def _no_address(where, name):
    if where.startswith("*") and name:
        return (f"{name}() takes an address, and {where} holds none; {where[1:]} expected?")
    return (f"{where} holds no address that could be accessed; a parameter, or what an address "
            "was stored in, expected")
