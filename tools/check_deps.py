#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Did the compiler keep what the litmus tests are about?

Reads the object code of every litmus body (its name spells its events: see tests/litmus/gen.py),
follows each path through it, and tracks which loads each register depends on. A body is in order
when its accesses come in the order of its name, and each edge is there: an address, a stored value
or a branch that depends on the load; the barrier instruction between; the acquire or release form
of the access. What the instructions must be is Linux's mapping, for which the expectations were
computed.

What an instruction does, and which barriers serve as what, each port says in arch/<isa>/decoder.py.

    check_deps.py build/arm64/fencepost.elf          exit 0: all kept, 1: some lost, 2: cannot tell
    check_deps.py --broken build/arm64/gen/litmus_broken.o   must find every broken dependency
"""

import argparse
import re
import sys
from dataclasses import dataclass, field

from fp.base.errors import UserError
from fp.images.decoder import Unknown
from fp.images.objcode import decoder_of, isa_of, read_functions

PREFIX = "litmus_body_"
PERPETUAL = "perpetual_"
DEPENDENCIES = ("addr", "data", "ctrl", "ctrlisync")
PATHS_MAX = 4096


# ---- following the paths ----

@dataclass
class Access:
    write: bool
    form: str
    addr: frozenset
    data: frozenset
    before: list  # barriers since the access before
    branches: frozenset  # loads that branches since the access before depended on


@dataclass
class Path:
    accesses: list = field(default_factory=list)
    after: list = field(default_factory=list)  # barriers since the last access
    branches: frozenset = frozenset()


def union(taint, regs):
    return frozenset().union(*(taint.get(r, frozenset()) for r in regs))


def is_cell(machine, e):
    """Cells of variables are what bodies touch with 32-bit accesses, off the stack."""
    regs = e.load or e.store
    return e.size == 4 and regs and not set(regs) <= set(machine.stack)


def step(machine, e, taint, path):
    """One instruction's effect on the dependencies and on the path's record."""
    if e.barrier and not e.form:
        path.after.append(e.barrier)
    src = union(taint, e.src)
    if is_cell(machine, e) and e.form != "ll":
        write = bool(e.store)
        path.accesses.append(Access(write, e.form, union(taint, e.load or e.store),
                                    union(taint, e.data), path.after, path.branches))
        path.after, path.branches = [], frozenset()
        if not write or e.form.startswith("rmw"):
            src |= {len(path.accesses) - 1}
    if e.keep:
        src |= union(taint, e.dst)
    for r in e.dst:
        taint[r] = src


def walk(machine, insns):
    """Every path from the entry to a return, or back to an instruction that it has been at."""
    at = {i.pc: n for n, i in enumerate(insns)}
    effects = [machine.decode(i) for i in insns]
    paths = []
    todo = [(0, {}, Path(), frozenset())]
    while todo:
        n, taint, path, seen = todo.pop()
        while True:
            if n >= len(insns) or n in seen:
                paths.append(path)
                break
            seen |= {n}
            e = effects[n]
            if not insns[n].op[0].isalpha():  # .insn, .word, (bad)
                raise Unknown(f"objdump does not know: {insns[n].text}")
            step(machine, e, taint, path)
            if e.cond:
                path.branches |= union(taint, e.cond)
            if e.branch >= 0 and e.branch in at:
                other = Path(list(path.accesses), list(path.after), path.branches)
                if e.ends:
                    n = at[e.branch]
                    continue
                todo.append((at[e.branch], dict(taint), other, seen))
                if len(todo) + len(paths) > PATHS_MAX:
                    raise Unknown("too many paths")
            elif e.ends:
                paths.append(path)
                break
            n += 1
    return paths


# ---- what the name asks for ----

def parse_name(name):
    """Events (True: write) and the edges between them."""
    events, edges = [], []
    for word in name.removeprefix(PREFIX).removeprefix(PERPETUAL).split("_"):
        if re.fullmatch(r"W\d+v\d+", word):
            events.append(True)
        elif re.fullmatch(r"R\d+", word):
            events.append(False)
        else:
            edges.append(word)
    if len(edges) != len(events) - 1:
        raise Unknown("the name does not alternate events and edges")
    return events, edges


def check_edge(machine, edge, i, path):
    """None if the edge between accesses i and i + 1 is there; else what is missing."""
    a, b = path.accesses[i], path.accesses[i + 1]
    after_b = path.accesses[i + 2].before if i + 2 < len(path.accesses) else path.after
    between = set(b.before)
    if edge in ("mb", "wmb", "rmb"):
        need = machine.SERVES.get(edge)
        if need and not need & between:
            return f"no {edge} barrier between accesses {i} and {i + 1}"
    elif edge == "addr" and i not in b.addr:
        return f"the address of access {i + 1} does not depend on load {i}"
    elif edge == "data" and i not in b.data:
        return f"the value stored by access {i + 1} does not depend on load {i}"
    elif edge in ("ctrl", "ctrlisync"):
        if i not in b.branches:
            return f"no branch between accesses {i} and {i + 1} depends on load {i}"
        if edge == "ctrlisync" and not (machine.control_orders_loads or "isync" in between):
            return f"no instruction barrier between accesses {i} and {i + 1}"
    elif edge == "acq" and not machine.ordered("acq", a, a.before, b.before):
        return f"access {i} is no acquire"
    elif edge == "rel" and not machine.ordered("rel", b, b.before, after_b):
        return f"access {i + 1} is no release"
    elif edge == "relacq":
        if not machine.ordered("rel", a, a.before, b.before):
            return f"access {i} is no release"
        if not machine.ordered("acq", b, b.before, after_b):
            return f"access {i + 1} is no acquire"
    elif edge == "xchg":
        return check_xchg(a, b, i)
    return None


def check_xchg(a, b, i):
    """A fully ordered exchange: as an instruction, or with barriers around a relaxed one."""
    if a.form == "rmw-full":
        return None
    before = "full" in a.before or a.form == "sc-rel"
    if a.form and before and "full" in b.before:
        return None
    return f"access {i} is no fully ordered exchange"


def check_body(machine, name, insns):
    """What is wrong with this body: a list of sentences."""
    events, edges = parse_name(name)
    paths = walk(machine, insns)
    complete = [p for p in paths if len(p.accesses) == len(events)]
    wrong = []
    if not complete:
        most = max(len(p.accesses) for p in paths)
        wrong.append(f"no path has the {len(events)} accesses of the name; at most {most} found")
    for p in paths:
        kinds = [a.write for a in p.accesses]
        if kinds != events[:len(kinds)]:
            wrong.append("the accesses are not those of the name, or not in its order")
    for i, edge in enumerate(edges):
        wrong += [w for w in (check_edge(machine, edge, i, p) for p in complete) if w]
        if edge.startswith("ctrl") and not any(len(p.accesses) == i + 1 for p in paths):
            wrong.append(f"no path leaves out access {i + 1}: nothing controls it")
    return sorted(set(wrong))


def has_dependency(name):
    return any(e in DEPENDENCIES for e in parse_name(name)[1])


def check_file(path, broken):
    """Print what is wrong. Returns the exit status."""
    isa = isa_of(path)
    machine = decoder_of(isa)
    bodies = read_functions(path, isa.tool("objdump"), machine.options, PREFIX)
    if not bodies:
        raise Unknown(f"{path}: no litmus bodies in it (was it stripped?)")
    failures = missed = 0
    for name, insns in sorted(bodies.items()):
        try:
            wrong = check_body(machine, name, insns)
        except (Unknown, ValueError, KeyError, StopIteration, IndexError) as e:
            wrong = [f"cannot be read: {e!r}"]
            if broken:
                raise Unknown(f"{path}: {name} {wrong[0]}") from None
        if broken:
            lost = [w for w in wrong if "depend" in w or "controls" in w]
            if has_dependency(name) and not lost:
                missed += 1
                print(f"{path}: {name}: its dependency is broken and we did not notice")
            continue
        for w in wrong:
            failures += 1
            print(f"{path}: {name}: {w}")
    deps = sum(has_dependency(n) for n in bodies)
    if broken:
        print(f"{path}: {deps - missed} of {deps} broken dependencies noticed")
        return 1 if missed or not deps else 0
    print(f"{path}: {len(bodies)} bodies, {deps} with dependencies, {failures} faults")
    return 1 if failures else 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--broken", action="store_true",
                   help="the file was made by gen.py --break-deps: every dependency must be missed")
    p.add_argument("files", nargs="+", metavar="ELF")
    args = p.parse_args()
    status = 0
    try:
        for f in args.files:
            status = max(status, check_file(f, args.broken))
    except (Unknown, UserError, OSError) as e:
        print(f"check_deps.py: {e}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
