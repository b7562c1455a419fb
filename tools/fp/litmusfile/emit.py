# SPDX-License-Identifier: GPL-2.0-only
"""Programs as C: a directory of sources that make an image of tests file.NAME (build.mk,
LITMUS=DIR).

Bodies that are alike are written once, whatever file or thread they are from, and used by all. The
tests are spread over several sources, so that they are compiled side by side.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path

from . import deps, emit_body, ir
from .emit_key import Key, Unfit, scalar

THREADS_MAX = VARIABLES_MAX = 32  # LITMUS_MAX
NAME_MAX = 80
TESTS_A_SOURCE = 60
BODY = "litmus_file_"
HEAD = ["/* SPDX-License-Identifier: GPL-2.0-only */",
        "/* Litmus tests of files, by tools/fp/litmusfile/emit.py: do not edit. */",
        '#include "file.h"', "", "/* clang-format off */", ""]


@dataclass
class Emitted:
    """test: its name in the image; or None, and why. bodies: names of its functions."""

    program: ir.Program
    test: str | None
    why: str = ""
    bodies: tuple[str, ...] = ()


def c_string(text):
    """As a literal of C."""
    return '"' + "".join(c if c not in '"\\' else "\\" + c
                         for c in text.encode("ascii", "replace").decode()) + '"'


def struct(type_, members):
    """An array without a name, or NULL."""
    if not members:
        return "NULL"
    return f"(const struct {type_}[]){{ " + ", ".join(members) + " }"


def number_of_bytes(variable):
    """(of the whole, of a cell): the whole is a multiple of 8."""
    size = scalar(variable.type)[0]
    return (size * variable.length + 7) // 8 * 8, size


@dataclass
class Case:
    """How a test is registered. @expect: what expectations() takes; @members: more of its struct
    litmus_test."""

    name: str
    expect: object = None
    flags: str = "0"
    cpus: int = 1
    members: tuple = ()


class Test:
    """A program as the tables of its test. @names: of its bodies, where the caller chooses them;
    @flags: of its struct litmus_test."""

    def __init__(self, program, ident, leave_out=(), names=None, flags=()):
        self.program, self.ident, self.key = program, ident, Key(program)
        self.names, self.flags = names, list(flags)
        self.index = {v.name: n for n, v in enumerate(program.variables)}
        if len(program.threads) > THREADS_MAX or len(program.variables) > VARIABLES_MAX:
            raise Unfit(f"{len(program.threads)} threads and {len(program.variables)} variables: "
                        f"there may be {THREADS_MAX} of either")
        self.words = {t.number: [p.name for p in self.key.fields if p.thread == t.number]
                      for t in program.threads}
        self.bodies = self.written(leave_out, "packed" if self.key.packed else "words")

    def written(self, leave_out, kind):
        """The bodies of its threads."""
        widths = {v.name: scalar(v.type)[0] for v in self.program.variables}
        return [emit_body.Writer(t, self.words[t.number], self.program.needs, leave_out, kind,
                                 widths).body() for t in self.program.threads]

    def body_names(self):
        return self.names or [BODY + hashlib.sha1(b.text.encode()).hexdigest()[:16]
                              for b in self.bodies]

    def expected(self):
        """What the object code of each body must keep (deps.py)."""
        return {name: deps.expected(t, b.variables)
                for name, t, b in zip(self.body_names(), self.program.threads, self.bodies)}

    def fields(self):
        order = {t.number: n for n, t in enumerate(self.program.threads)}
        for p, f in self.key.fields.items():
            what = f".name = {c_string(str(p))}, .shift = {f.shift}, .width = {f.width}"
            if self.key.packed:
                what += ", .words = litmus_numbers"
            if p.thread is not None:
                where = f".thread = {order[p.thread]}, .word = {self.words[p.thread].index(p.name)}"
            else:
                size, unsigned = scalar(f.type)
                where = (f".var = {self.index[p.name]}, .offset = {p.index * size}, "
                         f".bytes = {size}, .is_unsigned = {str(unsigned).lower()}")
            yield f"{{ {what}, {where}, .address = {str(f.address).lower()} }}"

    def inits(self):
        domains = 0
        for v in self.program.variables:
            var = f".var = {self.index[v.name]}"
            if v.type.base == "srcu_struct" and not v.type.stars:
                yield f"{{ .kind = INIT_SRCU, {var}, .bytes = 8, .value = {domains} }}"
                domains += 1
                continue
            size = scalar(v.type)[0]
            for n, value in enumerate(v.init):
                where = f"{var}, .offset = {n * size}"
                if isinstance(value, ir.Address):
                    of = number_of_bytes(self.program.variables[self.index[value.var]])[1]
                    yield (f"{{ .kind = INIT_ADDRESS, {where}, .bytes = 8, "
                           f".of_var = {self.index[value.var]}, .of_offset = {value.index * of} }}")
                elif value:
                    yield (f"{{ {where}, .bytes = {size}, "
                           f".value = {emit_body.c_number(value)} }}")

    def threads(self):
        for name, b in zip(self.body_names(), self.bodies):
            order = ", ".join(str(self.index[v]) for v in b.variables)
            yield f"{{ {name}, {b.nr_words}, {{ {order or 0} }} }}"

    def condition(self, name, cond):
        return [f"static bool {self.ident}_{name}(u64 key)", "{",
                f"\treturn {self.key.c_condition(cond)};", "}", ""]

    def tables(self):
        """Members of struct litmus_test: what its threads, outcomes and cells are."""
        p = self.program
        variables = [f"{{ {c_string(v.name)}, {size}, {cell}, {v.length} }}"
                     for v in p.variables for size, cell in [number_of_bytes(v)]]
        fields, inits = list(self.fields()), list(self.inits())
        flags = [*self.flags, *["LITMUS_PACKED"] * self.key.packed,
                 *["LITMUS_SLEEPS"] * any(b.sleeps for b in self.bodies)]
        return [f"\t.nr_threads = {len(p.threads)}, .nr_vars = {len(p.variables)},",
                f"\t.nr_fields = {len(fields)}, .nr_inits = {len(inits)},",
                f"\t.nr_srcu = {sum('INIT_SRCU' in i for i in inits)},",
                f"\t.flags = {' | '.join(flags) or 0},",
                f"\t.thread = {struct('litmus_thread', list(self.threads()))},",
                f"\t.field = {struct('litmus_field', fields)},",
                *([] if self.key.packed else [
                    f"\t.var = {struct('litmus_variable', variables)},",
                    f"\t.init = {struct('litmus_init', inits)},"]),
                f"\t.weak = {self.ident}_weak,",
                *([f"\t.keep = {self.ident}_keep,"] if p.filter is not None else [])]

    def text(self, case):
        p = self.program
        weak = ir.Not(p.condition) if p.quantifier == "forall" else p.condition
        prefix = "not " if p.quantifier == "forall" else ""
        lines = self.condition("weak", weak)
        if p.filter is not None:
            lines += self.condition("keep", p.filter)
        return [*lines, f"static const struct litmus_test {self.ident} = {{", *self.tables(),
                f"\t.weak_outcome = {c_string(prefix + p.condition_text)},",
                *case.members, *expectations(case.expect), "};",
                f"LITMUS_CASE({self.ident}, {c_string(case.name)}, {case.flags}, {case.cpus});",
                ""]


def expectations(expect):
    """Of "allow", "forbid", a dictionary of them by model, or None."""
    if isinstance(expect, str):
        expect = {"[0 ... MODEL_NR - 1]": expect}
    else:
        expect = {f"[MODEL_{re.sub(r'[^A-Za-z0-9]', '', m).upper()}]": w
                  for m, w in (expect or {}).items()}
    if not expect:
        return []
    return ["\t.expect = { " +
            ", ".join(f"{m} = LITMUS_{w.upper()}" for m, w in expect.items()) + " },"]


class Names:
    """Each test another, of the characters that a record's name may have."""

    def __init__(self):
        self.taken = set()

    def take(self, name):
        base = "file." + re.sub(r"[^\w.+-]", "_", name, flags=re.ASCII)[:NAME_MAX]
        unique, n = base, 2
        while unique in self.taken:
            unique, n = f"{base}.{n}", n + 1
        self.taken.add(unique)
        return unique


class Source:
    """One of the C files."""

    def __init__(self, head=None):
        self.head = head or HEAD
        self.declared, self.bodies, self.tests, self.nr_tests = [], [], [], 0
        self.here = set()  # names of bodies that it has or declares

    def add(self, test, case, written):
        """@written: names of the bodies that there are, in this source or another."""
        self.add_bodies(test.body_names(), test.bodies, written)
        self.tests += test.text(case)
        self.nr_tests += 1

    def add_bodies(self, names, bodies, written):
        for body_name, body in zip(names, bodies):
            if body_name not in written:
                written.add(body_name)
                self.here.add(body_name)
                self.bodies += [f"FILE_BODY({body_name})", body.text]
            elif body_name not in self.here:
                self.here.add(body_name)
                self.declared.append(f"FILE_DECLARE({body_name});")

    def text(self):
        return "\n".join([*self.head, *self.declared, "", *self.bodies, *self.tests])


def put(path, text):
    """Write, unless it is there: what has not changed is not compiled again."""
    if not path.is_file() or path.read_text() != text:
        path.write_text(text)


def write(programs, out, expect=None, names=None, leave_out=()):
    """Write the sources of all programs to directory @out; list[Emitted], in their order.

    @expect: a function of a program, what expectations() takes. @names: of the tests, by program,
    where the caller chooses them. @leave_out: of what the programs say, for twins that a test must
    notice: "fences".
    """
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    chosen, written, sources, emitted, expected = Names(), set(), [Source()], [], {}
    for n, program in enumerate(programs):
        try:
            test = Test(program, f"file_{n}", leave_out, flags=["LITMUS_FILE"])
        except Unfit as e:
            emitted.append(Emitted(program, None, f"{program.path}: {e}"))
            continue
        name = names[n] if names else chosen.take(program.name)
        if sources[-1].nr_tests == TESTS_A_SOURCE:
            sources.append(Source())
        expected |= test.expected()
        sources[-1].add(test, Case(name, expect(program) if expect else None), written)
        emitted.append(Emitted(program, name, bodies=tuple(test.body_names())))
    put(out / "bodies.json", json.dumps(expected, indent=0))
    files = {f"litmus_file_{n:03}.c": s.text() for n, s in enumerate(sources) if s.nr_tests}
    for stale in set(out.glob("litmus_file_*.c")) - {out / f for f in files}:
        stale.unlink()
    for file, text in files.items():
        put(out / file, text)
    return emitted
