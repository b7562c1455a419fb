# SPDX-License-Identifier: GPL-2.0-only
"""What the object code of a body must keep of its thread: the accesses of each path, in order, with
the fences, acquires, releases and dependencies that the file asks for.

Followed is what the dialect orders: marked accesses. What else touches memory (plain accesses,
locks, atomics, RCU) may stand in between, and is not looked at. A dependency is syntactic: each use
of a local counts, whatever the formula. A control dependency reaches what stands in the arms.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from . import ir
from .emit_key import scalar
from .primitives import ACQUIRE, PRIMITIVES, RELEASE

PATHS_MAX = 64
FENCES = {"smp_mb": "mb", "smp_rmb": "rmb", "smp_wmb": "wmb", "mb": "mb", "rmb": "rmb",
          "wmb": "wmb", "smp_mb__after_spinlock": "mb", "smp_mb__after_unlock_lock": "mb",
          "smp_mb__after_srcu_read_unlock": "mb", "arch_ctrl_isync": "isync"}
NOTHING = frozenset()


class Unclear(Exception):
    """C leaves the order open, or there are too many paths."""


@dataclass
class Event:
    """var: the number of the variable in the body, where the address names it. addr, data, ctrl:
    numbers of the loads in the path that it depends on."""

    write: bool
    size: int
    var: int | None = None
    order: str = ""
    fences: list[str] = field(default_factory=list)  # since the event before
    addr: list[int] = field(default_factory=list)
    data: list[int] = field(default_factory=list)
    ctrl: list[int] = field(default_factory=list)


@dataclass
class State:
    """A path as far as it is followed; deps: loads that a local depends on."""

    events: list[Event] = field(default_factory=list)
    fences: list[str] = field(default_factory=list)
    deps: dict[str, frozenset] = field(default_factory=dict)
    ctrl: frozenset = NOTHING
    others: bool = False  # something not followed touches memory

    def copy(self):
        return State(list(self.events), list(self.fences), dict(self.deps), self.ctrl, self.others)


class Walk:
    """All paths of a thread of the C dialect."""

    def __init__(self, thread, variables):
        self.variables = variables
        self.paths = self.block(thread.body, [State()])

    # ---- statements: a list of states each ----

    def block(self, statements, states):
        for s in statements:
            states = [after for state in states for after in self.statement(s, state)]
            if len(states) > PATHS_MAX:
                raise Unclear("too many paths")
        return states

    def statement(self, s, state):
        if isinstance(s, ir.If):
            return self.branch(s, state)
        before = len(state.events)
        if isinstance(s, ir.Do):
            self.value(s.what, state)
        else:
            self.assign(s, state)
        if len(state.events) > before + 1:
            raise Unclear("an expression with several accesses")
        return [state]

    def assign(self, s, state):
        deps = self.value(s.value, state)
        if isinstance(s.target, ir.Deref):
            state.others = True
        else:
            state.deps[s.target.name] = deps

    def branch(self, s, state):
        before = len(state.events)
        deps, outer = self.value(s.cond, state), state.ctrl
        if len(state.events) > before + 1:
            raise Unclear("a condition with several accesses")
        states = []
        for arm in (s.then, s.other):
            inner = state.copy()
            inner.ctrl = outer | deps
            states += self.block(arm, [inner])
        for one in states:
            one.ctrl = outer
        return states

    # ---- expressions: the loads that the value depends on ----

    def value(self, e, state):
        if isinstance(e, ir.Local):
            return state.deps.get(e.name, NOTHING)
        if isinstance(e, ir.Const | ir.Shared):
            return NOTHING
        if isinstance(e, ir.Deref):
            self.value(e.pointer, state)
            state.others = True
            return NOTHING
        if isinstance(e, ir.Call):
            return self.call(e, state)
        if isinstance(e, ir.Choice) and (ir.acts(e.then) or ir.acts(e.other)) or \
                isinstance(e, ir.Binary) and e.op in ("&&", "||") and ir.acts(e.right):
            raise Unclear("an access that a condition guards within an expression")
        parts = [getattr(e, n) for n in ("of", "left", "right", "cond", "then", "other")
                 if hasattr(e, n)]
        return NOTHING.union(*(self.value(p, state) for p in parts))

    def call(self, e, state):
        p = PRIMITIVES[e.name]
        if p.does == "fence":
            state.fences += [FENCES[e.name]] if e.name in FENCES else []
            return NOTHING
        if p.does == "load":
            return self.access(p, e.args[0], None, state)
        if p.does in ("store", "store_mb"):
            self.access(p, e.args[0], e.args[1], state)
            state.fences += ["mb"] if p.does == "store_mb" else []
            return NOTHING
        for arg in e.args:
            self.value(arg.pointer if isinstance(arg, ir.Deref) else arg, state)
        state.others = True
        return NOTHING

    def access(self, p, place, value, state):
        addr = self.value(place.pointer, state)
        data = self.value(value, state) if value is not None else NOTHING
        order = {ACQUIRE: "acq", RELEASE: "rel"}.get(p.order, "")
        var = self.variables.index(place.pointer.var) if isinstance(place.pointer, ir.Shared) \
            else None
        state.events.append(Event(value is not None, scalar(place.type)[0], var, order,
                                  state.fences, sorted(addr), sorted(data), sorted(state.ctrl)))
        state.fences = []
        return NOTHING if value is not None else frozenset({len(state.events) - 1})


def expected(thread, variables):
    """What the body of @thread must keep, which numbers the variables so: {"paths": of events,
    "others": may there be more accesses?}; or None where nothing is to be kept: an assembly thread,
    which is one asm, or an order that C leaves open."""
    if thread.body and isinstance(thread.body[0], ir.Instruction):
        return None
    try:
        walk = Walk(thread, variables)
    except Unclear:
        return None
    paths = []
    for state in walk.paths:
        events = [asdict(e) for e in state.events]
        if events not in paths:
            paths.append(events)
    return {"paths": paths, "others": any(s.others for s in walk.paths)}
