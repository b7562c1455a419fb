#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests of the table: from a compact list of shapes to programs, and so to C.

A shape is a line per family: its threads, their events in program order, and the condition that
tells the weak outcome. "~" between two events is a slot that a test's name fills with an edge (in
MP+wmb+addr the first slot is wmb, the second addr; a bare name leaves all slots to program order).

Every row of shapes.tsv becomes a test: the name says what to generate, the columns between the name
and the outcome what each memory model expects. A row's program is written in the form that litmus
files are read to (tools/fp/litmusfile/ir.py), and what makes C of those makes C of it. The build
fails if a row cannot be generated, if its outcome text is not ours, or if the condition can come
about in a sequentially consistent execution.

Bodies that are alike but for the names of variables are emitted once. The name of a body spells
its events (litmus_body_W0v1_wmb_W1v1): tools/check_deps.py reads them back from the object code.
Beside it each is held against its program, as those of files are (tools/check_file_deps.py).
"""

import argparse
import fnmatch
import functools
import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import perpetual_gen

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))

from fp.litmusfile import deps, emit, ir, sc  # noqa: E402

EDGES = ("po", "wmb", "rmb", "mb", "acq", "rel", "addr", "data", "ctrl", "ctrlisync", "relacq",
         "xchg")
VARS = "xyz"
# What a model says, as enum litmus_expect and as the letter of litmus_verdict().
WORDS = {"Allow": ("ALLOW", "A"), "Forbid": ("FORBID", "F"), "n/a": ("UNKNOWN", "-")}

SHAPES = {
    "SB": ("Wx1 ~ Ry | Wy1 ~ Rx", "0:r0=0 1:r0=0"),
    "MP": ("Wx1 ~ Wy1 | Ry ~ Rx", "1:r0=1 1:r1=0"),
    "LB": ("Rx ~ Wy1 | Ry ~ Wx1", "0:r0=1 1:r0=1"),
    "S": ("Wx2 ~ Wy1 | Ry ~ Wx1", "1:r0=1 x=2"),
    "R": ("Wx1 ~ Wy1 | Wy2 ~ Rx", "1:r0=0 y=2"),
    "2+2W": ("Wx2 ~ Wy1 | Wy2 ~ Wx1", "x=2 y=2"),
    "CoRR": ("Wx1 | Rx po Rx", "1:r0=1 1:r1=0"),
    "CoWW": ("Wx1 po Wx2", "x=1"),
    "CoRW1": ("Rx po Wx1", "0:r0=1"),
    "CoRW2": ("Wx1 | Rx po Wx2", "1:r0=1 x=1"),
    "CoWR0": ("Wx1 po Rx", "0:r0=0"),
    "CoWR": ("Wx1 po Rx | Wx2", "0:r0=2 x=1"),
    "SB+rfi-pos": ("Wx1 po Rx po Ry | Wy1 po Ry po Rx", "0:r0=1 0:r1=0 1:r0=1 1:r1=0"),
    "WRC": ("Wx1 | Rx ~ Wy1 | Ry ~ Rx", "1:r0=1 2:r0=1 2:r1=0"),
    "RWC": ("Wx1 | Rx ~ Ry | Wy1 ~ Rx", "1:r0=1 1:r1=0 2:r0=0"),
    "WWC": ("Wx2 | Rx ~ Wy1 | Ry ~ Wx1", "1:r0=2 2:r0=1 x=2"),
    "ISA2": ("Wx1 ~ Wy1 | Ry ~ Wz1 | Rz ~ Rx", "1:r0=1 2:r0=1 2:r1=0"),
    "Z6.0": ("Wx1 ~ Wy1 | Ry ~ Wz1 | Wz2 ~ Rx", "1:r0=1 2:r0=0 z=2"),
    "Z6.1": ("Wx2 ~ Wy1 | Wy2 ~ Wz1 | Rz ~ Wx1", "2:r0=1 y=2 x=2"),
    "Z6.4": ("Wx1 ~ Wy1 | Wy2 ~ Rz | Wz1 ~ Rx", "1:r0=0 2:r0=0 y=2"),
    "Z6.5": ("Wx1 ~ Wy1 | Wy2 ~ Wz1 | Wz2 ~ Rx", "2:r0=0 y=2 z=2"),
    "3.SB": ("Wx1 ~ Ry | Wy1 ~ Rz | Wz1 ~ Rx", "0:r0=0 1:r0=0 2:r0=0"),
    "IRIW": ("Wx1 | Rx ~ Ry | Wy1 | Ry ~ Rx", "1:r0=1 1:r1=0 3:r0=1 3:r1=0"),
}

# MP with a fixed first thread and a reader that ends in more than one edge.
READERS = {
    "PPOCA": ("Ry ctrl Wz1 po Rz addr Rx", "1:r0=1 1:r1=1 1:r2=0"),
    "PPOAA": ("Ry addr Wz1 po Rz addr Rx", "1:r0=1 1:r1=1 1:r2=0"),
    "ctrl-rfi-ctrl": ("Ry ctrl Wz1 po Rz ctrl Rx", "1:r0=1 1:r1=1 1:r2=0"),
    "data-rfi-addr": ("Ry data Wz1 po Rz addr Rx", "1:r0=1 1:r1=1 1:r2=0"),
    "addr-po-read": ("Ry addr Rz po Rx", "1:r0=1 1:r1=0 1:r2=0"),
    "addr-po-write_S": ("Ry addr Rz po Wx1", "1:r0=1 1:r1=0 x=2"),
}
for fence in ("mb", "wmb", "rel"):
    for tail, (reader, cond) in READERS.items():
        if tail.startswith("PPO"):
            row = tail if fence == "mb" else f"{tail}+{fence}"
        else:
            row = f"MP+{fence}+{tail}"
        SHAPES[row] = (f"Wx{2 if tail.endswith('_S') else 1} {fence} Wy1 | {reader}", cond)

# What runs by default: every shape, the edges that tell ISAs apart, and all claims. The other rows
# are in the image too and run with extended=1 or by their full name.
CORE = """
    SB* MP* R R+* 2+2W* Co* PPO* 3.SB*
    LB LB+po+* LB+mb+mb LB+acq+acq LB+rel+rel LB+addr+addr LB+data+data LB+ctrl+ctrl
    S S+wmb+* S+po+mb S+rel+acq S+mb+mb
    RWC RWC+*+mb RWC+mb+*
    WRC WRC+mb+* WRC+addr+addr WRC+data+addr WRC+data+rmb WRC+acq+acq WRC+rel+acq
    WWC WWC+mb+mb WWC+rel+rel WWC+acq+rel WWC+data+data WWC+addr+data WWC+ctrl+ctrl WWC+mb+data
    ISA2 ISA2+wmb+data+addr ISA2+wmb+mb+addr ISA2+po+data+addr ISA2+mb+mb+mb ISA2+rel+acq+acq
    ISA2+rel+rel+acq ISA2+wmb+rel+acq
    IRIW IRIW+rmb+rmb IRIW+mb+mb IRIW+acq+acq IRIW+addr+addr IRIW+ctrlisync+ctrlisync
    IRIW+ctrl+ctrl IRIW+mb+rmb
    Z6.0 Z6.0+wmb+mb+mb Z6.0+rel+data+mb Z6.0+rel+rel+mb Z6.0+mb+mb+mb Z6.0+rel+acq+po
    Z6.1 Z6.1+wmb+wmb+data Z6.1+mb+mb+mb Z6.1+rel+rel+rel Z6.1+wmb+wmb+rel
    Z6.4 Z6.4+mb+mb+mb Z6.4+wmb+mb+mb Z6.4+rel+mb+mb
    Z6.5 Z6.5+wmb+wmb+mb Z6.5+mb+mb+mb Z6.5+rel+rel+mb
""".split()

# Claims of the thread that are one of the shapes as it stands: the claim's name, and the row.
CLAIMS = (
    ("C6", "causality holds across three CPUs", "WRC+mb+mb ISA2+mb+mb+mb WRC+mb+rmb"),
    ("C8", "full barriers are transitive; a data dependency alone may not order",
     "WRC+mb+mb MP+wmb+addr LB+data+data"),
    ("C9", "a control dependency orders no loads, except on x86; it does order stores",
     "MP+wmb+ctrl MP+wmb+ctrlisync S+wmb+ctrl LB+ctrl+ctrl"),
    ("C10", "x86 still lets loads pass stores", "SB SB+mb+mb SB+mb+po"),
)


class Bad(Exception):
    """The table and shapes.tsv do not agree."""


@dataclass
class Event:
    write: bool
    var: str
    val: int = 0
    edge: str = ""  # the edge to the next event of the thread


@dataclass
class Test:
    name: str
    row: str
    threads: list
    cond: list  # of (thread, reg, val) or (None, var, val)
    expect: dict  # by model: a word of WORDS
    claim: str = ""
    core: bool = False

    @functools.cached_property
    def program(self):
        """In the form of litmus files."""
        return program_of(self)

    @functools.cached_property
    def key(self):
        """What its outcomes are made of."""
        return emit.Key(self.program)


def parse_name(name):
    """The shape and the edges that a test's name asks for."""
    base = max((s for s in SHAPES if name == s or name.startswith(s + "+")), key=len, default=None)
    if base is None:
        raise Bad(f"{name}: no such shape in the table")
    edges = [e for e in name[len(base):].split("+") if e]
    return base, edges


def parse_event(word):
    m = re.fullmatch(r"R([a-z])|W([a-z])(\d)", word)
    if not m:
        raise Bad(f"not an event: {word}")
    if m[1]:
        return Event(False, m[1])
    return Event(True, m[2], int(m[3]))


def build_threads(name):
    base, edges = parse_name(name)
    text, cond = SHAPES[base]
    slots = text.count("~")
    if not edges:
        edges = ["po"] * slots
    if len(edges) != slots:
        raise Bad(f"{name}: {base} has {slots} slots, the name has {len(edges)} edges")
    it = iter(edges)
    threads = []
    for part in text.split("|"):
        words = part.split()
        events = [parse_event(words[0])]
        for edge, word in zip(words[1::2], words[2::2]):
            edge = next(it) if edge == "~" else edge
            if edge not in EDGES:
                raise Bad(f"{name}: unknown edge {edge}")
            events[-1].edge = edge
            events.append(parse_event(word))
        check_edges(name, events)
        threads.append(events)
    return threads, parse_cond(cond)


def check_edges(name, events):
    """An edge must make sense between its two events: else the test would not be what it says."""
    for a, b in zip(events, events[1:]):
        ok = {
            "acq": not a.write, "rel": b.write, "addr": not a.write, "ctrl": not a.write,
            "data": not a.write and b.write, "ctrlisync": not a.write and not b.write,
            "relacq": a.write and not b.write, "xchg": a.write,
            "rmb": not a.write and not b.write, "wmb": a.write and b.write,
        }.get(a.edge, True)
        if not ok:
            raise Bad(f"{name}: edge {a.edge} cannot stand between these events")


def parse_cond(text):
    cond = []
    for word in text.split():
        m = re.fullmatch(r"(\d):r(\d)=(\d)|([a-z])=(\d)", word)
        if m[4]:
            cond.append((None, m[4], int(m[5])))
        else:
            cond.append((int(m[1]), int(m[2]), int(m[3])))
    return cond


def cond_text(cond):
    return " /\\ ".join(f"{t}:r{r}={v}" if t is not None else f"{r}={v}" for t, r, v in cond)


# ---- a row as a program ----

INT = ir.Type("int")
FENCES = {"mb": "smp_mb", "rmb": "smp_rmb", "wmb": "smp_wmb"}


def place_of(number, name):
    """What a part of a condition speaks of: a thread's register, or a variable."""
    return ir.Place(None, name) if number is None else ir.Place(number, f"r{name}")


def program_of(test):
    cond = ir.And(tuple(ir.Equals(place_of(t, r), v) for t, r, v in test.cond))
    names = sorted({e.var for events in test.threads for e in events})
    return ir.Program(test.name, "C", "shapes.tsv", [ir.Variable(v, INT, [0]) for v in names],
                      [thread_of(n, events) for n, events in enumerate(test.threads)],
                      "exists", cond, cond_text(test.cond))


def thread_of(number, events):
    registers = {f"r{n}": INT for n in range(sum(not e.write for e in events))}
    return ir.Thread(number, roles(events), registers, {}, statements(events, 0, 0))


def statements(events, i, reg):
    """From event @i on, before which there were @reg loads; behind a branch they stand in it."""
    if i == len(events):
        return []
    edge = events[i - 1].edge if i else ""
    last = ir.Local(f"r{reg - 1}")
    rest = [access(events, i, reg), *statements(events, i + 1, reg + (not events[i].write))]
    if edge in FENCES:
        return [ir.Do(ir.Call(FENCES[edge], ())), *rest]
    if edge in ("ctrl", "ctrlisync"):
        isync = [ir.Do(ir.Call("arch_ctrl_isync", ()))] if edge == "ctrlisync" else []
        return [ir.If(ir.Binary("==", last, last), [*isync, *rest], [])]
    return rest


def depending(e, reg):
    """The same value, by what the last load returned: x ^ x is a dependency in every model."""
    last = ir.Local(f"r{reg - 1}")
    return ir.Binary("+", e, ir.Binary("^", last, last))


def access(events, i, reg):
    """Event @i as a statement."""
    e, edge = events[i], events[i - 1].edge if i else ""
    pointer, value = ir.Shared(e.var), ir.Const(e.val)
    cell = ir.Deref(depending(pointer, reg) if edge == "addr" else pointer, INT)
    if not e.write:
        acquire = e.edge == "acq" or edge == "relacq"
        name = "smp_load_acquire" if acquire else "READ_ONCE"
        return ir.Assign(ir.Local(f"r{reg}"), ir.Call(name, (cell,)))
    name = "xchg" if e.edge == "xchg" else \
        "smp_store_release" if e.edge == "relacq" or edge == "rel" else "WRITE_ONCE"
    return ir.Do(ir.Call(name, (cell, depending(value, reg) if edge == "data" else value)))


# ---- its outcomes ----

@functools.cache
def outcomes_of(shape):
    """Those of a sequentially consistent execution, {((place, value), ...): is it the weak one};
    edges do not matter for them. @shape: threads and condition of a test, as tuples."""
    threads, cond = shape
    plain = [[Event(write, var, val) for write, var, val in events] for events in threads]
    return sc.outcomes(program_of(Test("", "", plain, list(cond), {})))


def sc_outcomes(test):
    threads = tuple(tuple((e.write, e.var, e.val) for e in events) for events in test.threads)
    return outcomes_of((threads, tuple(test.cond)))


def sc_keys(test):
    return sorted(test.key.key_of(dict(outcome)) for outcome in sc_outcomes(test))


def weak_key(test):
    return test.key.key_of({place_of(t, r): v for t, r, v in test.cond})


def check_condition(test):
    """It speaks of each register, and of what reordering alone can bring about."""
    asked = {place for place in test.key.fields if place.thread is not None}
    there = {ir.Place(t.number, r) for t in test.program.threads for r in t.locals}
    if asked != there:
        raise Bad(f"{test.name}: the condition does not speak of each register")
    if any(sc_outcomes(test).values()):
        raise Bad(f"{test.name}: the weak outcome is sequentially consistent")


def roles(events):
    """The thread's variables in order of first use: a body knows them by this number."""
    out = []
    for e in events:
        if e.var not in out:
            out.append(e.var)
    return out


def body_name(events):
    vs = roles(events)
    words = []
    for e in events:
        words.append(f"W{vs.index(e.var)}v{e.val}" if e.write else f"R{vs.index(e.var)}")
        if e.edge:
            words.append(e.edge)
    return "litmus_body_" + "_".join(words)


def bodies_of(test):
    return [body_name(events) for events in test.threads]


# ---- as C ----

def perpetual_bodies(test):
    """Names and bodies of the perpetual form."""
    compiled = emit.Test(test.program, "")
    return [perpetual_gen.body_name(name) for name in bodies_of(test)], \
        compiled.written((), "perpetual")


def emit_perpetual(test, ident):
    bodies = ", ".join(perpetual_gen.body_name(name) for name in bodies_of(test))
    return [f"static const struct litmus_perpetual {ident} = {{",
            f"\t.body = {{ {bodies} }},",
            f"\t.tally = {perpetual_gen.tally_name(test)},", "};", ""]


def case_of(test, ident):
    """How it is registered."""
    keys = ", ".join(f"{key:#x}" for key in sc_keys(test))
    members = [f"\t.row = {emit.c_string(test.row)},",
               f"\t.nr_sc = {len(sc_outcomes(test))}, .sc = LITMUS_KEYS({keys}),"]
    if test.claim:
        members.append(f"\t.claim = {emit.c_string(test.claim)},")
    if perpetual_gen.fits(test):
        members.append(f"\t.perpetual = &{ident}_perpetual,")
    members.append("\t.expect = { " + " ".join(
        f"[{model_id(m)}] = LITMUS_{WORDS[w][0]}," for m, w in test.expect.items()) + " },")
    return emit.Case(f"litmus.{test.name}", None, "0" if test.core else "TEST_EXTENDED",
                     len(test.threads), tuple(members))


def columns(line, path):
    """The heads of all columns: the test's name, the models, the outcome."""
    head = line.rstrip("\n").split("\t")
    if head[0] != "test" or head[-1] != "outcome" or len(set(head)) != len(head):
        raise Bad(f"{path}: the columns are test, a memory model each, outcome")
    return head


def read_models(path):
    with open(path, encoding="utf-8") as f:
        return columns(f.readline(), path)[1:-1]


def model_id(column):
    """Its enumerator in C."""
    return "MODEL_" + re.sub(r"\W", "", column).upper()


def read_rows(path):
    with open(path, encoding="utf-8") as f:
        head = columns(f.readline(), path)
        for n, line in enumerate(f, 2):
            cells = line.rstrip("\n").split("\t")
            if len(cells) != len(head):
                raise Bad(f"{path}:{n}: {len(cells)} columns, not {len(head)}")
            yield n, dict(zip(head, cells))


def make_tests(path):
    tests = []
    for n, cells in read_rows(path):
        name = cells["test"]
        try:
            threads, cond = build_threads(name)
        except Bad as e:
            raise Bad(f"{path}:{n}: {e}") from None
        if cond_text(cond) != cells["outcome"]:
            raise Bad(f"{path}:{n}: {name}: outcome is '{cells['outcome']}', "
                      f"the table's is '{cond_text(cond)}'")
        expect = {c: word for c, word in cells.items() if c not in ("test", "outcome")}
        if not set(expect.values()) <= set(WORDS):
            raise Bad(f"{path}:{n}: {name}: a verdict is none of {', '.join(WORDS)}")
        core = any(fnmatch.fnmatchcase(name, g) for g in CORE)
        test = Test(name, name, threads, cond, expect, core=core)
        check_condition(test)
        tests.append(test)
    rows = {t.name: t for t in tests}
    for glob in CORE:
        if not fnmatch.filter(rows, glob):
            raise Bad(f"core list: {glob} matches no row")
    for claim, text, names in CLAIMS:
        for name in names.split():
            if name not in rows:
                raise Bad(f"claim {claim}: no row {name}")
            row = rows[name]
            tests.append(Test(f"{claim}-{name}", name, row.threads, row.cond, row.expect,
                              claim=f"{claim}: {text}", core=True))
    return tests


def emit_verdicts(tests):
    """Every row with the word of each model, also of machines that this image is not for."""
    lines = ["const struct litmus_verdicts litmus_verdicts[] = {"]
    for test in tests:
        if not test.claim:
            letters = "-" + "".join(WORDS[w][1] for w in test.expect.values())
            lines.append(f"\t{{ {emit.c_string(test.row)}, \"{letters}\" }},")
    lines.append("};")
    lines.append("const unsigned int nr_litmus_verdicts = ARRAY_SIZE(litmus_verdicts);")
    return lines + [""]


def head(break_deps):
    return ["/* SPDX-License-Identifier: GPL-2.0-only */",
            "/* Litmus tests, generated by tests/litmus/gen.py from shapes.tsv: do not edit. */",
            *["#define FILE_BREAK_DEPS /* for tools/check_deps.py --broken */"] * break_deps,
            '#include "file.h"', "#include <test/perpetual.h>", "", "/* clang-format off */", ""]


def generate(path, break_deps):
    """The C text, the tests, and what the object code of each body must keep."""
    tests = make_tests(path)
    source, written, expected, tallies = emit.Source(head(break_deps)), set(), {}, {}
    for i, test in enumerate(tests):
        ident = f"litmus_{i}"
        compiled = emit.Test(test.program, ident, names=bodies_of(test))
        expected |= compiled.expected()
        if perpetual_gen.fits(test):
            names, bodies = perpetual_bodies(test)
            source.add_bodies(names, bodies, written)
            expected |= {n: deps.expected(t, b.variables)
                         for n, t, b in zip(names, test.program.threads, bodies)}
            tallies.setdefault(perpetual_gen.tally_name(test), test)
            source.tests += emit_perpetual(test, f"{ident}_perpetual")
        source.add(compiled, case_of(test, ident), written)
    for test in tallies.values():
        source.bodies += perpetual_gen.emit_tally(test)
    if not break_deps:
        source.tests += emit_verdicts(tests)
    return source.text(), tests, expected


def generate_models(path, own):
    """The header that names the models, and the one that this image's ISA has."""
    models = read_models(path)
    if own and own not in models:
        raise Bad(f"{path} has no column {own}, which isa.toml names as the ISA's model: leave the "
                  f"key out where the model is not known; there are {', '.join(models)}")
    return "\n".join([
        "/* SPDX-License-Identifier: GPL-2.0-only */",
        "/* Memory models: the columns of shapes.tsv. By tests/litmus/gen.py: do not edit. */",
        "#pragma once", "", "enum litmus_model {",
        "\tMODEL_NONE, /* of an ISA whose model is in no column: its verdicts are unknown */",
        *(f"\t{model_id(m)}," for m in models), "\tMODEL_NR,", "};", "",
        f"#define LITMUS_OWN_MODEL {model_id(own or 'none')}", ""])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--expect", required=True, metavar="TSV", help="rows and their verdicts")
    p.add_argument("-o", dest="out", metavar="FILE", help="where the C text goes")
    p.add_argument("--bodies", metavar="FILE", help="where goes what each body must keep")
    p.add_argument("--break-deps", action="store_true",
                   help="fold every dependency away: what the checker must catch")
    p.add_argument("--models", metavar="OWN", help="the header of all models instead, of which the "
                   "image's ISA has this one (none: '')")
    p.add_argument("--list", action="store_true", help="print the tests that run by default")
    args = p.parse_args()
    try:
        if args.models is not None:
            text, tests, bodies = generate_models(args.expect, args.models), [], []
        else:
            text, tests, bodies = generate(args.expect, args.break_deps)
    except (Bad, OSError) as e:
        print(f"gen.py: {e}", file=sys.stderr)
        return 2
    if args.list:
        print("\n".join(t.name for t in tests if t.core))
        print(f"{len(tests)} tests, {sum(t.core for t in tests)} of them by default, "
              f"{len(bodies)} bodies", file=sys.stderr)
    if args.bodies:
        Path(args.bodies).write_text(json.dumps(bodies, indent=0), encoding="utf-8")
    if args.out:
        with open(args.out, "w", encoding="utf-8") as f:
            f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
