# SPDX-License-Identifier: GPL-2.0-only
"""Which outcomes of a C program are sequentially consistent: all interleavings of its accesses.

Each thread becomes a list of steps that access memory once, over locals by number; a walk visits
every state once. Locks and grace periods wait as they do in Linux; a state where nobody can go on
has no outcome. An access to an address that is no cell reads 0 and stores nothing.
"""

from __future__ import annotations

from .ir import (Address, And, Assign, Binary, Call, Cast, Choice, Const, Deref, Equals, If, Local,
                 Not, Or, Place, Shared, Truth, Type, Unary)
from .primitives import PRIMITIVES, VALUE, Primitive
from .types import size

LIMIT = 200_000  # states
_LONG = Type("long")
_LOAD = Primitive("load", "load", ("place",), True)
_STORE = Primitive("store", "store", ("place", VALUE))
_BEGIN = Primitive("begin", "begin")  # of a grace period: which readers are there


def cut(value, what):
    """A word as @what keeps it."""
    bits = 8 * size(what)
    value &= (1 << bits) - 1
    signed = what.stars or not (what.unsigned or what.base.startswith("u"))
    return value - (1 << bits) if signed and value >> (bits - 1) else value


def _divided(left, right):
    quotient = abs(left) // abs(right) if right else 0
    return -quotient if (left < 0) != (right < 0) else quotient


_BINARY = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
    "/": _divided, "%": lambda a, b: a - b * _divided(a, b) if b else 0,
    "&": lambda a, b: a & b, "|": lambda a, b: a | b, "^": lambda a, b: a ^ b,
    "&~": lambda a, b: a & ~b, "<<": lambda a, b: a << (b & 63), ">>": lambda a, b: a >> (b & 63),
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "&&": lambda a, b: bool(a and b), "||": lambda a, b: bool(a or b),
}
_UNARY = {"-": lambda a: -a, "!": lambda a: not a, "~": lambda a: ~a}


class _Machine:
    """Where the variables of a program lie, and what they are at the start."""

    def __init__(self, program):
        self.variables = {one.name: one for one in program.variables}
        self.base = {name: (i + 1) << 16 for i, name in enumerate(self.variables)}
        self.start = {self.at(one.name, index): self.word(value)
                      for one in program.variables for index, value in enumerate(one.init)}

    def at(self, name, index=0):
        return self.base[name] + index * size(self.variables[name].type)

    def word(self, value):
        return self.at(value.var, value.index) if isinstance(value, Address) else value


def _pure(expr, env, machine):
    """The word that an expression without accesses is."""
    match expr:
        case Const(value):
            return value
        case Local(name):
            return env.get(name, 0)
        case Shared(var):
            return machine.base[var]
        case Unary(op, of):
            return cut(int(_UNARY[op](_pure(of, env, machine))), _LONG)
        case Cast(what, of):
            return cut(_pure(of, env, machine), what)
        case Binary(op, left, right):
            return cut(int(_BINARY[op](_pure(left, env, machine), _pure(right, env, machine))),
                       _LONG)
        case Choice(cond, then, other):
            return _pure(then if _pure(cond, env, machine) else other, env, machine)
    raise TypeError(expr)


class _Code:
    """A thread's steps: ("set", local, type, expression), ("jump", expression or None, step): if it
    is 0, ("do", local or None, primitive, arguments, the cell's type)."""

    def __init__(self, thread):
        self.thread = thread
        self.steps = []
        self.temps = 0
        self.sections = {}  # local: the step of the srcu_read_lock() whose result it is
        self.block(thread.body)

    def temp(self):
        self.temps += 1
        return f"%{self.temps}"

    def block(self, stmts):
        for stmt in stmts:
            if isinstance(stmt, If):
                self.branch(self.expr(stmt.cond), lambda s=stmt: self.block(s.then),
                            lambda s=stmt: self.block(s.other))
            elif not isinstance(stmt, Assign):
                self.expr(stmt.what)
            elif isinstance(stmt.target, Deref):
                self.call(_STORE, (stmt.target, stmt.value), None)
            else:
                value, name = self.expr(stmt.value), stmt.target.name
                self.steps.append(("set", name, self.thread.locals[name], value))
                self.sections[name] = self.section(value)

    def branch(self, cond, then, other):
        at = len(self.steps)
        self.steps.append(None)
        then()
        over = len(self.steps)
        self.steps.append(None)
        self.steps[at] = ("jump", cond, len(self.steps))
        other()
        self.steps[over] = ("jump", None, len(self.steps))

    def expr(self, expr):
        """The expression with locals for what it accesses; the steps for that."""
        match expr:
            case Deref():
                return self.call(_LOAD, (expr,), self.temp())
            case Unary(op, of):
                return Unary(op, self.expr(of))
            case Cast(what, of):
                return Cast(what, self.expr(of))
            case Binary("&&", left, right):
                return self.choose(left, Unary("!", Unary("!", right)), Const(0))
            case Binary("||", left, right):
                return self.choose(left, Const(1), Unary("!", Unary("!", right)))
            case Binary(op, left, right):
                return Binary(op, self.expr(left), self.expr(right))
            case Choice(cond, then, other):
                return self.choose(cond, then, other)
            case Call(name, args):
                primitive = PRIMITIVES[name]
                return self.call(primitive, args, self.temp() if primitive.result else None)
        return expr

    def choose(self, cond, then, other):
        temp = self.temp()
        self.branch(self.expr(cond), lambda: self.let(temp, then), lambda: self.let(temp, other))
        return Local(temp)

    def let(self, temp, value):
        self.steps.append(("set", temp, _LONG, self.expr(value)))

    def section(self, value):
        """The step whose reader a value is the index of, -1 if that is not known."""
        return self.sections.get(getattr(value, "name", None), -1)

    def call(self, primitive, args, temp):
        places = [arg for kind, arg in zip(primitive.args, args) if kind != VALUE]
        pure = [self.expr(arg.pointer if kind != VALUE else arg)
                for kind, arg in zip(primitive.args, args)]
        if primitive.does == "srcu_lock":
            self.sections[temp] = len(self.steps)
        if primitive.does == "srcu_unlock":
            pure.append(Const(self.section(pure[1])))
        if primitive.does.endswith("_sync"):
            self.steps.append(("do", "%waits", _BEGIN, pure, None))
        if primitive.does != "fence":
            self.steps.append(("do", temp, primitive, pure, places[0].type if places else None))
        return Local(temp) if temp else Const(0)


class _Stuck(Exception):
    """A step that cannot be taken now."""


class _Step:
    """What a step does: to memory, to locals, to who reads. One object serves one step."""

    def __init__(self, machine, number, pc, env, memory, readers):
        self.machine = machine
        self.me = (number, pc)
        self.env, self.memory, self.readers = env, memory, readers

    def take(self, temp, primitive, args, what):
        """The step's effect; _Stuck if it must wait."""
        words = [_pure(arg, self.env, self.machine) for arg in args]
        kinds = primitive.args
        at = next((w for kind, w in zip(kinds, words) if kind != VALUE), words[0] if words else 0)
        values = [word for kind, word in zip(kinds, words) if kind == VALUE]
        values += words[len(kinds):]
        result = getattr(self, primitive.does, self.atomic)(primitive, at, values, what)
        if temp:
            self.env[temp] = result

    def put(self, at, value, what):
        if at in self.memory:
            self.memory[at] = cut(value, what)

    def load(self, _primitive, at, _values, _what):
        return self.memory.get(at, 0)

    def store(self, _primitive, at, values, what):
        self.put(at, values[0], what)

    store_mb = store

    def atomic(self, primitive, at, values, what):
        """All that reads, computes and stores: the result by what the primitive does."""
        old = self.memory.get(at, 0)
        does = primitive.does
        if does in ("xchg", "cmpxchg"):
            if does == "xchg" or old == cut(values[0], what):
                self.put(at, values[-1], what)
            return old
        operand = primitive.operand if primitive.operand is not None else values[0]
        new = cut(_BINARY[primitive.op](old, operand), what)
        stores = {"add_unless": lambda: old != values[1], "inc_not_zero": lambda: old != 0,
                  "fetch_add_unless": lambda: old != values[1],
                  "dec_if_positive": lambda: new >= 0}.get(does, lambda: True)()
        if stores:
            self.put(at, new, what)
        return {"fetch_op": old, "fetch_add_unless": old, "op_test": int(new == 0),
                "op_negative": int(new < 0), "add_unless": int(stores),
                "inc_not_zero": int(stores)}.get(does, new)

    def lock(self, primitive, at, _values, _what):
        if self.memory.get(at):
            raise _Stuck
        if primitive.does == "lock":
            self.memory[at] = 1

    unlock_wait = lock

    def unlock(self, _primitive, at, _values, _what):
        self.memory[at] = 0

    def trylock(self, _primitive, at, _values, _what):
        free = not self.memory.get(at)
        self.memory[at] = 1
        return int(free)

    def islocked(self, _primitive, at, _values, _what):
        return int(bool(self.memory.get(at)))

    def rcu_lock(self, _primitive, at, _values, _what):
        self.readers.append((at, self.me))
        return 0

    def rcu_unlock(self, _primitive, at, values, _what):
        """Ends the reader that @values name, or the thread's last, or another thread's first."""
        there = [one for one in self.readers if one[0] == at]
        mine = [one for one in there if one[1][0] == self.me[0]]
        named = [one for one in mine if one[1][1] in values[1:]]
        if there:
            self.readers.remove((named + mine[::-1] + there)[0])

    def begin(self, _primitive, at, _values, _what):
        return tuple(one for one in self.readers if one[0] == at)

    def rcu_sync(self, _primitive, _at, _values, _what):
        if set(self.env["%waits"]) & set(self.readers):
            raise _Stuck

    srcu_lock, srcu_unlock, srcu_sync = rcu_lock, rcu_unlock, rcu_sync


class _Walk:
    """All states of a program."""

    def __init__(self, program):
        self.machine = _Machine(program)
        self.codes = [_Code(thread) for thread in program.threads]
        self.program = program

    def first(self):
        machine = self.machine
        threads = []
        for thread, code in zip(self.program.threads, self.codes):
            env = {name: machine.word(value) for name, value in thread.init.items()}
            threads.append(self.run(code, 0, env))
        return tuple(threads), tuple(machine.start.items()), ()

    def run(self, code, pc, env):
        """(pc, locals) after all steps from @pc on that do not access memory."""
        while pc < len(code.steps) and code.steps[pc][0] != "do":
            step = code.steps[pc]
            pc += 1
            if step[0] == "set":
                env[step[1]] = cut(_pure(step[3], env, self.machine), step[2])
            elif step[1] is None or not _pure(step[1], env, self.machine):
                pc = step[2]
        return pc, tuple(sorted(env.items()))

    def after(self, state):
        """The states that may follow; None if the program has ended."""
        threads, memory, readers = state
        live = [i for i, (pc, _) in enumerate(threads) if pc < len(self.codes[i].steps)]
        if not live:
            return None
        found = []
        for i in live:
            pc, env = threads[i]
            step = _Step(self.machine, i, pc, dict(env), dict(memory), list(readers))
            try:
                step.take(*self.codes[i].steps[pc][1:])
            except _Stuck:
                continue
            moved = self.run(self.codes[i], pc + 1, step.env)
            found.append((threads[:i] + (moved,) + threads[i + 1:], tuple(step.memory.items()),
                          tuple(step.readers)))
        return found

    def ends(self, limit):
        """The states in which all threads have ended; None if there are more than @limit."""
        first = self.first()
        seen, todo, ends = {first}, [first], []
        while todo:
            state = todo.pop()
            after = self.after(state)
            if after is None:
                ends.append(state)
            fresh = [one for one in after or () if one not in seen]
            seen.update(fresh)
            todo += fresh
            if len(seen) > limit:
                return None
        return ends


def holds(cond, value_of):
    """Is a condition true where @value_of gives the word of a Place or an Address?"""
    match cond:
        case Truth(value):
            return value
        case Not(of):
            return not holds(of, value_of)
        case And(parts):
            return all(holds(part, value_of) for part in parts)
        case Or(parts):
            return any(holds(part, value_of) for part in parts)
        case Equals(place, value, negated):
            other = value if isinstance(value, int) else value_of(value)
            return (value_of(place) == other) != negated
    raise TypeError(cond)


def _places(program):
    """All that the condition and "locations" name, in order, once."""
    todo, found = [program.condition], dict.fromkeys(program.locations)
    while todo:
        match todo.pop(0):
            case Equals(place, value):
                found[place] = None
                if isinstance(value, Place):
                    found[value] = None
            case Not(of):
                todo.insert(0, of)
            case And(parts) | Or(parts):
                todo[:0] = parts
    return list(found)


def outcomes(program, limit=LIMIT):
    """{outcome: does the condition hold there} of all sequentially consistent runs that the filter
    takes; an outcome is a tuple of (Place, word). None if there are more than @limit states."""
    walk = _Walk(program)
    ends = walk.ends(limit)
    if ends is None:
        return None
    found = {}
    places = _places(program)
    for threads, memory, _ in ends:
        cells, locals_ = dict(memory), [dict(env) for _, env in threads]

        def value_of(what, cells=cells, locals_=locals_):
            if isinstance(what, Address):
                return walk.machine.word(what)
            if what.thread is None:
                return cells[walk.machine.at(what.name, what.index)]
            return locals_[what.thread].get(what.name, 0)
        if program.filter is None or holds(program.filter, value_of):
            outcome = tuple((place, value_of(place)) for place in places)
            found[outcome] = holds(program.condition, value_of)
    return found
