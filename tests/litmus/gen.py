#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Generate the litmus tests: C from a compact table of shapes.

A shape is a line per family: its threads, their events in program order, and the condition that
tells the weak outcome. "~" between two events is a slot that a test's name fills with an edge (in
MP+wmb+addr the first slot is wmb, the second addr; a bare name leaves all slots to program order).

Every row of shapes.tsv becomes a test: the name says what to generate, the columns between the name
and the outcome what each memory model expects. The build fails if a row cannot be generated, if its
outcome text is not ours, or if the condition can come about in a sequentially consistent execution
(each shape is enumerated here).

Bodies that are alike but for the names of variables are emitted once. The name of a body spells
its events (litmus_body_W0v1_wmb_W1v1): tools/check_deps.py reads them back from the object code.
"""

import argparse
import fnmatch
import itertools
import re
import sys
from dataclasses import dataclass, field

import perpetual_gen

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
    bodies: list = field(default_factory=list)


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


def sc_outcomes(test):
    """Every outcome of a sequentially consistent execution, as field values in the key's order."""
    order = [t for t, evs in enumerate(test.threads) for _ in evs]
    seen = set()
    for inter in set(itertools.permutations(order)) if len(order) <= 6 else interleave(order):
        mem, pos, regs = {}, [0] * len(test.threads), {}
        for t in inter:
            e = test.threads[t][pos[t]]
            pos[t] += 1
            if e.write:
                mem[e.var] = e.val
            else:
                regs[t, sum(1 for x in test.threads[t][:pos[t] - 1] if not x.write)] = \
                    mem.get(e.var, 0)
        seen.add(tuple(mem.get(r, 0) if t is None else regs[t, r] for t, r in fields(test)))
    return seen


def interleave(order):
    """Distinct permutations of a multiset, without the duplicates of itertools.permutations()."""
    counts = {t: order.count(t) for t in order}

    def rec(left):
        if not any(left.values()):
            yield ()
            return
        for t in left:
            if left[t]:
                rest = dict(left)
                rest[t] -= 1
                for tail in rec(rest):
                    yield (t, *tail)
    return rec(counts)


def nr_regs(events):
    return sum(1 for e in events if not e.write)


def finals(test):
    return [r for t, r, _ in test.cond if t is None]


def fields(test):
    """What a key is made of, from its lowest bits on: registers by thread, then final values."""
    regs = [(t, r) for t, evs in enumerate(test.threads) for r in range(nr_regs(evs))]
    return regs + [(None, v) for v in finals(test)]


def key_of(values):
    key = 0
    for i, v in enumerate(values):
        key |= v << 2 * i
    return key


def weak_key(test):
    want = {(t, r): v for t, r, v in test.cond}
    if set(want) != set(fields(test)):
        raise Bad(f"{test.name}: the condition does not speak of each register")
    return key_of(want[f] for f in fields(test))


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


def emit_event(lines, indent, events, i, regs, val):
    """One event of a body, and the edge before it. Returns the new indentation."""
    e, prev = events[i], events[i - 1] if i else None
    edge = prev.edge if prev else ""
    tab = "\t" * indent
    vs = roles(events)
    addr = f"p{vs.index(e.var)}"
    dep = f"litmus_zero(r{regs - 1})"
    fence = {"mb": "smp_mb", "rmb": "smp_rmb", "wmb": "smp_wmb"}.get(edge)
    if fence:
        lines.append(f"{tab}{fence}();")
    elif edge in ("ctrl", "ctrlisync"):
        lines.append(f"{tab}if (litmus_branch(r{regs - 1})) {{")
        indent += 1
        tab += "\t"
        if edge == "ctrlisync":
            lines.append(f"{tab}arch_ctrl_isync();")
    elif edge == "addr":
        addr += f" + {dep}"
    elif edge == "data":
        val += f" + {dep}"
    cell = f"LITMUS_CELL({addr})"
    if e.write:
        if e.edge == "xchg":
            lines.append(f"{tab}(void)xchg(&{cell}, {val});")
        elif e.edge == "relacq" or edge == "rel":
            lines.append(f"{tab}smp_store_release(&{cell}, {val});")
        else:
            lines.append(f"{tab}WRITE_ONCE({cell}, {val});")
    elif e.edge == "acq" or edge == "relacq":
        lines.append(f"{tab}r{regs} = smp_load_acquire(&{cell});")
    else:
        lines.append(f"{tab}r{regs} = READ_ONCE({cell});")
    return indent


def emit_body(name, events, perpetual=False):
    """A thread's accesses in a loop: over instances, or without end over the same cells."""
    vs = roles(events)
    n = nr_regs(events)
    bits, word = (32, "u64") if perpetual else (2, "u8")
    unset = "0" if perpetual else "LITMUS_UNSET"
    lines = [f"LITMUS_BODY({name})", "{"]
    for i in range(len(vs)):
        lines.append(f"\tchar *p{i} = litmus_cell(a, {i}, first);")
    lines.append(f"\tunsigned long {'' if perpetual else 'stride = a->stride, '}i;")
    if n:
        lines.append(f"\t{word} *out = ({word} *)a->out;")
    lines += ["", "\tLITMUS_LOOP(i, first, end)", "\t{"]
    if n:
        names = ", ".join(f"r{i} = {unset}" for i in range(n))
        lines.append(f"\t\tunsigned long {names};")
        lines.append("")
    indent, regs = 2, 0
    for i, e in enumerate(events):
        indent = emit_event(lines, indent, events, i, regs, "i + 1" if perpetual else str(e.val))
        regs += not e.write
    while indent > 2:
        indent -= 1
        lines.append("\t" * indent + "}")
    if n:
        packed = " | ".join(f"r{i} << {bits * i}" if i else "r0" for i in range(n))
        lines.append(f"\t\tout[i] = {packed};")
    if not perpetual:
        lines += [f"\t\tp{i} += stride;" for i in range(len(vs))]
    lines += ["\t}", "}", ""]
    return lines


def emit_perpetual(test, ident):
    bodies = ", ".join(perpetual_gen.body_name(body_name(evs)) for evs in test.threads)
    return [f"static const struct litmus_perpetual {ident} = {{", f"\t.body = {{ {bodies} }},",
            f"\t.tally = {perpetual_gen.tally_name(test)},", "};", ""]


def c_string(s):
    return '"' + s.replace("\\", "\\\\") + '"'


def emit_test(test, ident):
    lines = []
    if perpetual_gen.fits(test):
        lines += emit_perpetual(test, f"{ident}_perpetual")
    mask = (1 << 2 * len(fields(test))) - 1
    lines += [f"LITMUS_WEAK({ident}_weak, {mask:#x}, {weak_key(test):#x})",
              f"static const struct litmus_test {ident} = {{",
              f"\t.row = {c_string(test.row)},"]
    if perpetual_gen.fits(test):
        lines.append(f"\t.perpetual = &{ident}_perpetual,")
    if test.claim:
        lines.append(f"\t.claim = {c_string(test.claim)},")
    names = sorted({e.var for evs in test.threads for e in evs})
    threads = [f"{{ {body_name(evs)}, {nr_regs(evs)}, "
               f"{{ {', '.join(str(names.index(v)) for v in roles(evs))} }} }}"
               for evs in test.threads]
    parts = [f'LITMUS_LAST({n}, {names.index(r)}, "{r}")' if t is None else
             f"LITMUS_REG({n}, {t}, {r})" for n, (t, r) in enumerate(fields(test))]
    lines += [f"\t.nr_threads = {len(test.threads)}, .nr_vars = {len(names)},",
              f"\t.nr_fields = {len(parts)}, .flags = LITMUS_PACKED,",
              "\t.thread = LITMUS_THREADS(" + ",\n\t\t".join(threads) + "),",
              "\t.field = LITMUS_FIELDS(" + ", ".join(parts) + "),",
              f"\t.weak = {ident}_weak,"]
    lines.append(f"\t.weak_outcome = {c_string(cond_text(test.cond))},")
    sc = sorted(key_of(o) for o in sc_outcomes(test))
    lines.append(f"\t.nr_sc = {len(sc)},")
    lines.append(f"\t.sc = LITMUS_KEYS({', '.join(f'{k:#x}' for k in sc)}),")
    lines.append("\t.expect = {")
    lines += [f"\t\t[{model_id(m)}] = LITMUS_{WORDS[w][0]}," for m, w in test.expect.items()]
    lines.append("\t},")
    lines.append("};")
    flags = "0" if test.core else "TEST_EXTENDED"
    lines.append(f"LITMUS_CASE({ident}, {c_string('litmus.' + test.name)}, {flags}, "
                 f"{len(test.threads)});")
    return lines + [""]


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
        if weak_key(test) in {key_of(o) for o in sc_outcomes(test)}:
            raise Bad(f"{name}: the weak outcome is sequentially consistent")
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
            lines.append(f"\t{{ {c_string(test.row)}, \"{letters}\" }},")
    lines.append("};")
    lines.append("const unsigned int nr_litmus_verdicts = ARRAY_SIZE(litmus_verdicts);")
    return lines + [""]


def generate(path, break_deps):
    tests = make_tests(path)
    lines = ["/* SPDX-License-Identifier: GPL-2.0-only */",
             "/* Litmus tests, generated by tests/litmus/gen.py from shapes.tsv: do not edit. */"]
    if break_deps:
        lines.append("#define LITMUS_BREAK_DEPS /* for tools/check_deps.py --self-test */")
    lines += ["#include <test/litmus.h>", "#include <test/perpetual.h>", "",
              "/* clang-format off */", ""]
    bodies, tallies = {}, {}
    for test in tests:
        perpetual = perpetual_gen.fits(test)
        if perpetual:
            tallies.setdefault(perpetual_gen.tally_name(test), test)
        for events in test.threads:
            name = body_name(events)
            bodies.setdefault(name, (events, False))
            if perpetual:
                bodies.setdefault(perpetual_gen.body_name(name), (events, True))
    for name, (events, perpetual) in bodies.items():
        lines += emit_body(name, events, perpetual)
    for test in tallies.values():
        lines += perpetual_gen.emit_tally(test)
    for i, test in enumerate(tests):
        lines += emit_test(test, f"litmus_{i}")
    if not break_deps:
        lines += emit_verdicts(tests)
    return "\n".join(lines), tests, bodies


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
    if args.out:
        with open(args.out, "w", encoding="utf-8") as f:
            f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
