# SPDX-License-Identifier: GPL-2.0-only
"""Did the compiler keep what litmus files are about?

Reads the object code of every body that emit.py wrote, and follows each path through it as
tools/check_deps.py does. What must be there stands in bodies.json, which emit.py writes beside the
sources (deps.py says what it holds). An access to a cell is one whose address comes from the table
of variables of struct litmus_args, or from a cell.
"""

import itertools
import re
from dataclasses import dataclass, field

from ..images.decoder import Unknown
from ..images.objcode import decoder_of, isa_of, read_functions

PATHS_MAX = 4096
ALIGNMENTS_MAX = 2000
# struct litmus_args of include/test/litmus.h: what its members lead to, by their offsets.
VARIABLES = range(0, 256)
GIVEN_UP = 272
ARGS, GIVEN = "args", "given"
ATOMIC = -1  # what an atomic has loaded, which is not followed: it may be the address of a cell
BODIES = ("litmus_file_", "litmus_body_")  # how names of bodies begin: of files, of the table


@dataclass(frozen=True)
class Cell:
    """What an address has that comes from the table: the variable's number there."""

    var: int


@dataclass
class Access:
    write: bool
    size: int
    cells: frozenset  # numbers of variables; empty: by an address from a cell
    form: str
    addr: frozenset
    data: frozenset
    before: list  # barriers since the access before
    branches: frozenset  # loads that a branch before it depended on


@dataclass
class Path:
    accesses: list = field(default_factory=list)
    after: list = field(default_factory=list)  # barriers since the last access
    branches: frozenset = frozenset()
    given_up: bool = False
    taint: dict = field(default_factory=dict)  # of registers, and of slots of the stack

    def copy(self):
        return Path(list(self.accesses), list(self.after), self.branches, self.given_up,
                    dict(self.taint))

    def of(self, regs):
        return frozenset().union(*(self.taint.get(r, frozenset()) for r in regs))


def memory_operand(insn):
    return next((a for a in insn.args if "(" in a or "[" in a), "")


def displacement(insn):
    m = re.search(r"(-?(?:0x[0-9a-f]+|\d+))\(|#(-?(?:0x[0-9a-f]+|\d+))\]?", memory_operand(insn))
    return int(m[1] or m[2], 0) if m else 0


class Follower:
    """One instruction after the other."""

    def __init__(self, machine):
        self.machine = machine

    def on_stack(self, regs):
        return regs and set(regs) <= set(self.machine.stack)

    def step(self, insn, e, path):
        if e.barrier and not e.form:
            path.after.append(e.barrier)
        src = path.of(e.src)
        if e.keep:
            src |= path.of(r for r in e.dst if r != "flags")
        loaded = self.access(insn, e, path) if e.load or e.store else frozenset()
        for n, r in enumerate(e.dst):
            path.taint[r] = src | (self.member(insn, n) if loaded is None else loaded)

    def member(self, insn, n):
        """What the load of a member of struct litmus_args leads to; a pair loads two."""
        off = displacement(insn) + (8 * n if insn.op == "ldp" else 0)
        return frozenset({Cell(off // 8)} if off in VARIABLES else
                         {GIVEN} if off == GIVEN_UP else {})

    def access(self, insn, e, path):
        """Note an access; what the value that it loads depends on. None: it is a member of struct
        litmus_args."""
        regs = e.load or e.store
        where = path.of(regs)
        if self.on_stack(regs):
            return self.slot(insn, e, path, regs)
        if ARGS in where:
            return None
        path.given_up |= GIVEN in where and bool(e.store)
        if e.form == "ll" or not self.is_cell(where):
            return frozenset({ATOMIC}) if self.is_cell(where) else frozenset()
        numbers = frozenset(x for x in where if isinstance(x, int))
        cells = frozenset(x.var for x in where if isinstance(x, Cell))
        data = frozenset(x for x in path.of(e.data) if isinstance(x, int))
        path.accesses.append(Access(bool(e.store), e.size, cells, e.form, numbers, data,
                                    path.after, path.branches))
        path.after = []
        return frozenset() if e.store and not e.form.startswith("rmw") \
            else frozenset({len(path.accesses) - 1})

    @staticmethod
    def slot(insn, e, path, regs):
        """What is kept on the stack for a while; a pair is two words."""
        slots = [(regs, displacement(insn) + 8 * n)
                 for n in range(2 if insn.op in ("stp", "ldp") else 1)]
        if e.store:
            for slot, data in zip(slots, e.data if len(slots) > 1 else [None]):
                path.taint[slot] = path.of(e.data if data is None else [data])
        return frozenset().union(*(path.taint.get(s, frozenset()) for s in slots)) if e.load \
            else frozenset()

    @staticmethod
    def is_cell(where):
        return any(isinstance(x, Cell | int) for x in where)


def walk(machine, insns):
    """Every path from the entry to a return, or back to an instruction that it has been at."""
    follower = Follower(machine)
    at = {i.pc: n for n, i in enumerate(insns)}
    start = Path(taint={machine.first_argument: frozenset({ARGS})})
    paths, todo = [], [(0, start, frozenset())]
    while todo:
        n, path, seen = todo.pop()
        while n < len(insns) and n not in seen:
            seen |= {n}
            if not insns[n].op[0].isalpha():  # .insn, .word, (bad)
                raise Unknown(f"objdump does not know: {insns[n].text}")
            e = machine.decode(insns[n])
            follower.step(insns[n], e, path)
            if e.cond:
                path.branches |= frozenset(x for x in path.of(e.cond) if isinstance(x, int))
            target = at.get(e.branch) if e.branch >= 0 else None
            if e.ends:
                n = len(insns) if target is None else target
                continue
            if target is not None:
                todo.append((target, path.copy(), seen))
                if len(todo) + len(paths) > PATHS_MAX:
                    raise Unknown("too many paths")
            n += 1
        paths.append(path)
    return paths


# ---- what was expected ----

def fits(event, access):
    if access.form.startswith(("rmw", "sc")):
        return False  # an atomic's
    return event["write"] == access.write and event["size"] == access.size and \
        (event["var"] is None or event["var"] in access.cells)


def alignments(events, path, others, start=0):
    """Where the events may be among the path's accesses: lists of numbers. Without @others there
    are no accesses but those."""
    if not events:
        if others or start == len(path.accesses):
            yield []
        return
    last = len(path.accesses) if others else min(start + 1, len(path.accesses))
    for n in range(start, last):
        if fits(events[0], path.accesses[n]):
            for rest in alignments(events[1:], path, others, n + 1):
                yield [n, *rest]


def barriers(path, first, last):
    """Between accesses @first and @last."""
    return {b for a in path.accesses[first + 1:last + 1] for b in a.before}


def after(path, n):
    return path.accesses[n + 1].before if n + 1 < len(path.accesses) else path.after


def needed(machine, fence):
    """The barriers of which one must be there; None: the machine orders that as it is."""
    if fence == "isync":
        return None if machine.control_orders_loads else {"isync"}
    return machine.SERVES.get(fence)


def faults(machine, events, path, where):
    """What is wrong with the events at these places of the path."""
    for n, event in enumerate(events):
        access = path.accesses[where[n]]
        for fence in event["fences"] if n else []:
            need = needed(machine, fence)
            if need and not need & barriers(path, where[n - 1], where[n]):
                yield f"no {fence} barrier between accesses {n - 1} and {n}"
        if event["order"] and not machine.ordered(event["order"], access, access.before,
                                                  after(path, where[n])):
            yield f"access {n} is no {'acquire' if event['order'] == 'acq' else 'release'}"
        yield from lost(event, access, n, where)


def lost(event, access, n, where):
    """Dependencies. What C computes by branches (&&, ?:) controls a store, which orders as well."""
    for load in event["addr"]:
        if where[load] not in access.addr:
            yield f"the address of access {n} does not depend on load {load}"
    for load in event["data"]:
        if where[load] not in access.data | access.branches:
            yield f"the value stored by access {n} does not depend on load {load}"
    for load in event["ctrl"]:
        if where[load] not in access.branches:
            yield f"no branch before access {n} depends on load {load}"


def best(machine, events, path, others):
    """The faults where the events fit best; None if they do not fit."""
    found = None
    for tried, where in enumerate(alignments(events, path, others)):
        wrong = list(faults(machine, events, path, where))
        if found is None or len(wrong) < len(found):
            found = wrong
        if not found or tried > ALIGNMENTS_MAX:
            break
    return found


def begins(machine, expected, path):
    """Is the path's begin a whole one of the file? The next instance may have code of its own."""
    for events in expected:
        rest = path.accesses[len(events):]
        first = Path(path.accesses[:len(events)], rest[0].before if rest else path.after)
        if events and best(machine, events, first, False) == []:
            return True
    return False


def check_body(machine, expected, insns):
    """What is wrong with this body: a list of sentences."""
    others, met, wrong = expected["others"], set(), []
    paths = walk(machine, insns)
    whole = [p for p in paths if not p.given_up]
    if len(whole) < len(paths) and not any(p.accesses for p in whole):
        return []  # whatever happens, the instance is given up
    for path in whole:
        results = [(n, best(machine, events, path, others))
                   for n, events in enumerate(expected["paths"])]
        fitting = [(n, w) for n, w in results if w is not None]
        met |= {n for n, w in fitting if not w}
        if fitting and all(w for _, w in fitting):
            wrong += min((w for _, w in fitting), key=len)
        elif not fitting and path.accesses and not others and \
                not begins(machine, expected["paths"], path):
            wrong.append("a path has not the accesses of the file, or not in its order")
    missing = len(expected["paths"]) - len(met)
    if missing and not wrong:
        wrong.append(f"{missing} of {len(expected['paths'])} paths of the file are not there")
    return sorted(set(wrong))


def faults_of(expected, objects):
    """{body: what it has lost, a list of sentences}, and the same of bodies that cannot be read;
    of those that stand in these files and have something to keep. Unknown."""
    isa = isa_of(objects[0])
    machine = decoder_of(isa)
    machine.calls = True
    lost, unread, found = {}, {}, {}
    prefixes = [p for p in BODIES if any(name.startswith(p) for name in expected)]
    for path, prefix in itertools.product(objects, prefixes):
        found |= read_functions(path, isa.tool("objdump"), machine.options, prefix)
    for name, insns in sorted(found.items()):
        if not expected.get(name):
            continue
        try:
            wrong = check_body(machine, expected[name], insns)
            if wrong:
                lost[name] = wrong
        except (Unknown, ValueError, KeyError, StopIteration, IndexError) as e:
            unread[name] = [f"cannot be read: {e!r}"]
    missing = {name for name, want in expected.items() if want} - set(found)
    if missing:
        raise Unknown(f"{objects[0]}: no body {min(missing)} in it")
    return lost, unread
