# SPDX-License-Identifier: GPL-2.0-only
"""Is a file of the C dialect one of the rows of tests/litmus/shapes.tsv, but for its names? Then
what the table says of each ISA holds for it.

Both are brought into one form: of each thread its accesses (read or write, variable, value, how it
is made) and what stands between two of them; and the condition, of which a row speaks for each
read. Threads are tried in every order, variables numbered in that of their first use. Whatever has
something that no row has is no row: a verdict that does not fit would be worse than none.
"""
import functools
import itertools
import operator
from dataclasses import dataclass, field

from ..litmus import shapes
from . import ir

THREADS_MAX = 4
_FENCES = {"smp_mb": "mb", "smp_wmb": "wmb", "smp_rmb": "rmb"}
_READS = {"READ_ONCE": "", "smp_load_acquire": "acq", "rcu_dereference": ""}
_WRITES = {"WRITE_ONCE": "", "smp_store_release": "rel", "rcu_assign_pointer": "rel",
           "xchg": "xchg"}
# What an edge of a row is: of the access before it, of the one behind it, or between the two.
_BEFORE = {"acq": "acq", "relacq": "rel", "xchg": "xchg"}
_BEHIND = {"rel": "rel", "relacq": "acq"}
_BETWEEN = ("mb", "wmb", "rmb", "addr", "data", "ctrl", "ctrlisync")


_OPS = {"+": operator.add, "-": operator.sub, "^": operator.xor, "&": operator.and_,
        "|": operator.or_, "*": operator.mul}


class Unlike(Exception):
    """It has what no row has."""


@dataclass
class Form:
    """@threads: of each its accesses [(R or W, variable, value or None, made)] and links [str];
    @cond: {(thread, number of the read) or variable: value}."""

    accesses: list = field(default_factory=list)
    links: list = field(default_factory=list)
    cond: dict = field(default_factory=dict)

    def key(self):
        """The same for all that differ in names and in the order of threads only."""
        orders = itertools.permutations(range(len(self.accesses)))
        return min(self._in_order(order) for order in orders)

    def _in_order(self, order):
        number = {}
        threads = []
        for t in order:
            seen = tuple((kind, number.setdefault(var, len(number)), -1 if value is None else value,
                          made) for kind, var, value, made in self.accesses[t])
            threads.append((seen, tuple(self.links[t])))
        place = {t: n for n, t in enumerate(order)}
        said = sorted((0, place[p[0]], p[1], v) if isinstance(p, tuple) else
                      (1, number.get(p, -1), 0, v) for p, v in self.cond.items())
        return tuple(threads), tuple(said)


# ---- rows ----

def _form_of_row(test):
    form = Form(cond={v if t is None else (t, v): value for t, v, value in test.cond})
    for events in test.threads:
        made = [""] * len(events)
        for i, e in enumerate(events[:-1]):
            made[i] = _BEFORE.get(e.edge, made[i])
            made[i + 1] = _BEHIND.get(e.edge, "")
        form.accesses.append([("W", e.var, e.val, m) if e.write else ("R", e.var, None, m)
                              for e, m in zip(events, made)])
        form.links.append([e.edge if e.edge in _BETWEEN else "" for e in events[:-1]])
    return form


@functools.cache
def rows():
    """{key: the row's test}."""
    out = {}
    for test in shapes.load().values():
        if not test.claim:
            out.setdefault(_form_of_row(test).key(), test)
    return out


# ---- files ----

def _equalities(cond):
    """{place: value} of a condition that is one, or several joined by "and"."""
    if isinstance(cond, ir.And):
        out = {}
        for part in cond.parts:
            out.update(_equalities(part))
        return out
    if isinstance(cond, ir.Equals) and not cond.negated and not isinstance(cond.value, ir.Place) \
            and not cond.place.index:
        return {(cond.place.thread, cond.place.name): cond.value}
    raise Unlike


def _number(value):
    """An address stands for the one other value that a pointer of a row may have."""
    return 1 if isinstance(value, ir.Address) else value


def _check_start(program, wanted):
    """Every variable begins as 0, or as the address of one that nobody else speaks of."""
    for v in program.variables:
        if v.length != 1:
            raise Unlike
        for value in v.init:
            if value and not isinstance(value, ir.Address):
                raise Unlike
            if isinstance(value, ir.Address) and \
                    (value in wanted.values() or _is_named(program, value.var)):
                raise Unlike


def _is_named(program, var):
    return any(var in t.params for t in program.threads)


class _Thread:
    """Reads a thread of a file into accesses and links."""

    def __init__(self, thread, wanted):
        self.thread = thread
        self.wanted = wanted  # {local: value} by the condition
        self.accesses, self.links = [], []
        self.between = []  # since the last access
        self.reads = {}  # local: number of its read
        self.last_read = ""  # the local, if the last access is a read
        self._take(thread.body)
        if self.between:
            raise Unlike

    def _take(self, body):
        for n, s in enumerate(body):
            if isinstance(s, ir.If):
                if n + 1 < len(body) or s.other:
                    raise Unlike
                self._branch(s.cond)
                self._take(s.then)
            elif isinstance(s, ir.Do):
                self._do(s.what)
            elif isinstance(s, ir.Assign):
                self._read(s)

    def _branch(self, cond):
        """A branch that is taken when the last read's value is what the condition wants."""
        op, left, right = (cond.op, cond.left, cond.right) if isinstance(cond, ir.Binary) else \
            ("!=", cond, ir.Const(0))
        if left != ir.Local(self.last_read) or not isinstance(right, ir.Const) or \
                op not in ("==", "!="):
            raise Unlike
        if (self.wanted.get(self.last_read) == right.value) != (op == "=="):
            raise Unlike
        self.between.append("ctrl")

    def _do(self, call):
        if not isinstance(call, ir.Call):
            raise Unlike
        if call.name in _FENCES:
            self.between.append(_FENCES[call.name])
        elif call.name in _WRITES and len(call.args) == 2:
            self._access("W", call.args[0], self._value(call.args[1]), _WRITES[call.name])
        else:
            raise Unlike

    def _read(self, s):
        if not isinstance(s.target, ir.Local) or not isinstance(s.value, ir.Call) or \
                s.value.name not in _READS or s.target.name in self.reads:
            raise Unlike
        self._access("R", s.value.args[0], None, _READS[s.value.name])
        self.reads[s.target.name] = len(self.reads)
        self.last_read = s.target.name

    def _value(self, e):
        """The value that is written, if the reads were as the condition wants."""
        if isinstance(e, ir.Shared) or isinstance(e, ir.Local) and e.name in self.thread.params:
            return 1
        if self._depends(e):
            self.between.append("data")
        return self._computed(e)

    def _depends(self, e):
        """Does an expression hold the register that was read last?"""
        if isinstance(e, ir.Binary):
            return self._depends(e.left) or self._depends(e.right)
        return isinstance(e, ir.Local) and e.name == self.last_read

    def _computed(self, e):
        """A number from constants and the register that was read last."""
        if isinstance(e, ir.Const):
            return e.value
        if isinstance(e, ir.Binary) and e.op in _OPS:
            return _OPS[e.op](self._computed(e.left), self._computed(e.right))
        if isinstance(e, ir.Local) and e.name == self.last_read and e.name in self.wanted:
            return _number(self.wanted[e.name])
        raise Unlike

    def _variable(self, e):
        """Of an argument *x or x: the shared variable, if the reads were as wanted."""
        e = e.pointer if isinstance(e, ir.Deref) else e
        if isinstance(e, ir.Shared):
            return e.var
        if isinstance(e, ir.Local) and e.name in self.thread.params:
            return e.name
        target = self.wanted.get(e.name) if isinstance(e, ir.Local) else None
        if isinstance(target, ir.Address) and e.name == self.last_read:
            self.between.append("addr")
            return target.var
        raise Unlike

    def _access(self, kind, place, value, made):
        self.accesses.append((kind, self._variable(place), value, made))
        if len(self.accesses) > 1:
            if len(self.between) > 1:
                raise Unlike
            self.links.append(self.between[0] if self.between else "")
        elif self.between:
            raise Unlike
        self.between, self.last_read = [], ""


def _form_of_file(program):
    wanted = _equalities(program.condition)
    _check_start(program, wanted)
    form = Form()
    for n, thread in enumerate(program.threads):
        t = _Thread(thread, {name: v for (of, name), v in wanted.items() if of == thread.number})
        form.accesses.append(t.accesses)
        form.links.append(t.links)
        for name, number in t.reads.items():
            if (thread.number, name) not in wanted:
                raise Unlike
            form.cond[n, number] = _number(wanted.pop((thread.number, name)))
    for (thread, name), value in wanted.items():
        if thread is not None:
            raise Unlike
        form.cond[name] = _number(value)
    return form


def find(program):
    """The row's test that @program is but for its names, or None."""
    if program.dialect != "C" or program.filter or len(program.threads) > THREADS_MAX or \
            program.quantifier == "forall":
        return None
    try:
        return rows().get(_form_of_file(program).key())
    except Unlike:
        return None
