# SPDX-License-Identifier: GPL-2.0-only
"""From a program to C: names, keys, and what the C does, run on the host one thread after the other
and held against the interpreter of sequential consistency."""
import json
import platform
import re
import subprocess
import sys
import types

import pytest
from conftest import HERE
from fp.litmusfile import deps, emit, emit_body, emit_key, ir, objdeps, reader, sc
from fp.litmusfile.primitives import COUNTER, LOCK, PLACE, POINTER, PRIMITIVES, SRCU, VALUE

ROOT = HERE.parents[1]
SIM = ROOT / "tests/host/litmusfile/sim.c"
LITMUS = ROOT / "tests/litmus"
on_this_host = pytest.mark.skipif(platform.machine() != "x86_64",
                                  reason="the host's ISA is not x86_64, whose port is compiled")


def program(text, name="T"):
    return reader.read_text(f"C {name}\n{text}", f"{name}.litmus")


# ---- the host's program ----

def flags_for(out):
    """Of what is compiled for the host, as the kernel is."""
    include = subprocess.run(["gcc", "-print-file-name=include"], capture_output=True, text=True,
                             check=True).stdout.strip()
    return ["-nostdinc", "-isystem", include, f"-I{ROOT}/include", f"-I{ROOT}/arch/x86_64/isa",
             f"-I{ROOT}/arch/x86_64/priv", f"-I{LITMUS}", f"-I{out}", "-D__FENCEPOST__",
             '-DARCH_NAME="x86_64"', "-std=gnu11", "-O2", "-w", "-ffreestanding", "-fno-pie",
             "-mno-red-zone", "-fno-strict-aliasing", "-fno-common", "-fwrapv"]


def compiled(programs, out, leave_out=(), more=()):
    """The program that runs them all."""
    emitted = emit.write(programs, out / "src", leave_out=leave_out)
    assert all(e.test for e in emitted), [e.why for e in emitted]
    subprocess.run([sys.executable, LITMUS / "gen.py", "--expect", LITMUS / "shapes.tsv",
                    "--models", "x86_64", "-o", out / "litmus_models.h"], check=True)
    flags = [*flags_for(out), *more]
    objects = []
    engine = [LITMUS / f"{n}.c" for n in ("instances", "packed", "words", "histogram", "outcomes")]
    for source in [*sorted((out / "src").glob("*.c")), SIM, *engine]:
        objects.append(out / (source.stem + ".o"))
        subprocess.run(["gcc", *flags, "-c", source, "-o", objects[-1]], check=True)
        subprocess.run(["objcopy", "--rename-section", ".tests=file_tests", objects[-1]],
                       check=True)
    subprocess.run(["gcc", "-no-pie", *objects, "-o", out / "sim"], check=True)
    return out / "sim", {e.test: e.program for e in emitted}


def run(programs, out):
    """{test: (its program, the set of its outcomes)}."""
    sim, tests = compiled(programs, out)
    text = subprocess.run([sim], capture_output=True, text=True, check=True).stdout
    found = {}
    for line in text.splitlines():
        name, _, record = line.partition("\t")
        record = json.loads(record.replace('"outcomes_omitted"', ',"outcomes_omitted"')
                            .replace('"omitted_count"', ',"omitted_count"').replace(",,", ","))
        assert "error" not in record, (name, record)
        assert not record["outcomes_omitted"] and not record["omitted_count"]
        found[name] = (tests[name], {(label, bool(weak)) for label, _, weak in record["outcomes"]})
    assert set(found) == set(tests)
    return found


def word(prog, value):
    """As a label has it."""
    for n, v in enumerate(prog.variables):
        index = (value - ((n + 1) << 16)) // max(emit_key.scalar(v.type)[0], 1)
        if value >> 16 == n + 1 and index < v.length:
            return f"&{v.name}[{index}]" if index else f"&{v.name}"
    return str(value)


def expected(prog):
    """The same by the interpreter."""
    weak = prog.quantifier == "forall"
    return {(" ".join(f"{p}={word(prog, v)}" for p, v in sorted(outcome, key=order)), holds != weak)
            for outcome, holds in sc.outcomes(prog).items()}


def order(item):
    place, _ = item
    return (place.thread is None, place.thread or 0)


def sorted_label(label):
    return " ".join(sorted(label.split()))


def compare(found, alone):
    """@alone: all outcomes must be there, and not only no others."""
    for name, (prog, outcomes) in found.items():
        have = {(sorted_label(label), weak) for label, weak in outcomes}
        want = {(sorted_label(label), weak) for label, weak in expected(prog)}
        assert have <= want, (name, have - want)
        assert not alone or have == want, (name, want - have)


# ---- each primitive by itself ----

ARGUMENTS = {PLACE: "*x", POINTER: "x", COUNTER: "x", LOCK: "l", SRCU: "s"}
NUMBERS = ((0, 0, 0), (3, 5, 3), (-7, 2, -5), (5, -5, 5), (7, 6, 1), (8000, 1, 2))


def uses_of(p):
    """Programs of one thread that use the primitive, with several numbers."""
    counter = p.name.startswith(("atomic64", "atomic_long"))
    kind = ("atomic64_t" if counter else "atomic_t") if COUNTER in p.args else "int"
    for n, (first, *values) in enumerate(NUMBERS):
        values = iter(values)
        args = ", ".join(str(next(values)) if a == VALUE else ARGUMENTS[a] for a in p.args)
        call = f"r0 = {p.name}({args});" if p.result else f"{p.name}({args});"
        init = f"{kind} x = {first};" if {PLACE, POINTER, COUNTER} & set(p.args) else ""
        before, after = AROUND.get(p.does, ("", ""))
        yield program(f"{{{init}}}\nP0({kind} *x, spinlock_t *l, struct srcu_struct *s, int *y)\n"
                      f"{{ int r1; {before} {call} {after} WRITE_ONCE(*y, 7); }}\n"
                      f"locations [x;y;{'0:r0;' if p.result else ''}0:r1]\nexists (y=7)",
                      f"{p.name}.{n}")
        if not init:
            return


AROUND = {"unlock": ("spin_lock(l);", "r1 = spin_trylock(l);"),
          "lock": ("", "r1 = spin_is_locked(l);"), "trylock": ("", "r1 = spin_trylock(l);"),
          "rcu_lock": ("", "rcu_read_unlock();"), "rcu_unlock": ("rcu_read_lock();", ""),
          "srcu_unlock": ("r1 = srcu_read_lock(s);", "")}


@on_this_host
def test_each_primitive_does_what_the_interpreter_says(tmp_path):
    programs = [use for p in PRIMITIVES.values() for use in uses_of(p)]
    compare(run(programs, tmp_path), alone=True)


STATEMENTS = [
    ("r0 = 7 / -2 + 7 % -2 * 10;", ""), ("r0 = 7 / *x;", ""), ("r0 = 7 / *x - 7 % *x;", "x=-1"),
    ("r0 = (*x && *y) * 100 + (*x || *y) * 10; r1 = r0; r0 = r1 > 5 && r1 < 50;", "x=6"),
    ("r0 = *x; r1 = *y; r0 = r0 ? r1 ? 1 : 2 : r1 ? 3 : 4;", "y=6"),
    ("r0 = 5; r1 = 0; r0 = (r0 && r1) * 100 + (r0 || r1) * 10 + (r1 || r1);", ""),
    ("r0 = 1; r0 = r0 ? *x : 7; r1 = 0; *y = r1 ? *x : 7;", "x=5"),
    ("r0 = atomic_add_return(atomic_inc_return(x), y);", "x=5"),
    ("r0 = atomic_sub_and_test(atomic_fetch_inc(x), y);", "x=5;y=5"),
    ("r0 = atomic_add_negative(atomic_dec_return(x), y);", "x=-5;y=5"),
    ("r0 = atomic_add_unless(y, atomic_inc_return(x), atomic_inc_return(x) - 9);", "x=5"),
    ("r0 = atomic_fetch_or(atomic_fetch_inc(x), y);", "x=5;y=8"),
    ("r0 = atomic_inc_return(x) < 0; *x = 3;", "x=0x7fffffff"), ("r0 = 1 << 3 | 1 << 33;", ""),
    ("r0 = *x && 7;", "x=2"), ("r0 = *x || 7;", ""), ("r0 = *x ? 3 : ~4;", ""),
    ("if (!*x) { r0 = 1; } else r0 = 2;", ""), ("u8 r0 = 0x1ff;", ""),
    ("r0 = (char)0x80;", ""), ("r0 = -5 >> 1; *x = r0 ^ 3;", ""),
    ("if (*x == 2) { if (*y) r0 = 1; else r0 = 3; *y = r0; }", "x=2"),
    ("r0 = READ_ONCE(*x); r0 = r0 - r0 + 4; WRITE_ONCE(*y, r0);", "x=9"),
    ("*x = *x + 1; r0 = *x < 0; *x = r0;",
                                                    "x=0x7fffffff")]


@on_this_host
def test_statements(tmp_path):
    programs = [program(f"{{{state}}}\nP0(int *x, int *y) {{ {stmts} }}\n"
                        "locations [x;y;0:r0]\nexists (x=1)", f"s{n}")
                for n, (stmts, state) in enumerate(STATEMENTS)]
    compare(run(programs, tmp_path), alone=True)


THREADS = ["""{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=0)""", """{ int x = 3; int y = -4; int *p = &x; int a[2] = {5, 6}; }
P0(int **p, int *y) { rcu_assign_pointer(*p, y); }
P1(int **p, int *a) { r0 = rcu_dereference(*p); r1 = READ_ONCE(*r0); r2 = READ_ONCE(a[1]);
 WRITE_ONCE(a[0], r1); }
exists (1:r0=y /\\ 1:r1=-4 /\\ 1:r2=6 /\\ p=&y /\\ a[0]=-4)""", """{}
P0(int *x, spinlock_t *l) { spin_lock(l); *x = *x + 1; spin_unlock(l); }
P1(int *x, spinlock_t *l) { spin_lock(l); *x = *x + 1; spin_unlock(l); }
P2(int *x, spinlock_t *l) { spin_lock(l); *x = *x * 5; spin_unlock(l); }
filter (x!=2) forall (x=10)""", """{}
P0(int *x, int *y) { rcu_read_lock(); r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); rcu_read_unlock(); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); synchronize_rcu(); WRITE_ONCE(*x, 1); }
P2(int *x) { rcu_read_lock(); synchronize_rcu(); }
exists (0:r0=1 /\\ 0:r1=0)""", """{ u8 b; s64 w = 0x100000000; }
P0(u8 *b, s64 *w) { WRITE_ONCE(*b, 0x1ff); s64 r0 = READ_ONCE(*w); }
P1(u8 *b, s64 *w) { r1 = READ_ONCE(*b); WRITE_ONCE(*w, r1 << 40); }
exists (1:r1=255 /\\ b=255 /\\ (0:r0=1 \\/ ~(0:r0=1)))""", """{}
P0(struct srcu_struct *s, int *x) { r0 = srcu_down_read(s); *x = 1; }
P1(struct srcu_struct *s, int *x) { r1 = READ_ONCE(*x); if (r1) srcu_up_read(s, 0); }
P2(struct srcu_struct *s) { synchronize_srcu(s); }
exists (1:r1=1)"""]


@on_this_host
def test_threads_one_after_the_other_show_what_is_sequentially_consistent(tmp_path):
    found = run([program(text, f"t{n}") for n, text in enumerate(THREADS)], tmp_path)
    labels = {name: {label for label, _ in outcomes} for name, (_, outcomes) in found.items()}
    assert {o for o in labels.pop("file.t4") if "0:r0=other" in o}
    assert not labels["file.t3"]
    found.pop("file.t4")
    compare(found, alone=False)


@on_this_host
def test_an_access_to_what_is_no_cell_gives_the_instance_up(tmp_path):
    found = run([program("{}\nP0(int **p) { r0 = READ_ONCE(*p); WRITE_ONCE(*r0, 5); }\n"
                         "P1(int **p, int *x) { WRITE_ONCE(*p, x); }\n"
                         "locations [p] exists (x=5)", "wild")], tmp_path)
    assert found["file.wild"][1] == {("p=&x x=5", True)}


def test_orders_are_written_as_they_are_asked_for(tmp_path):
    emit.write([program("{}\nP0(int *x) { r0 = smp_load_acquire(x); smp_store_release(x, 1);\n"
                        "r1 = xchg_release(x, 2); r2 = atomic_fetch_or_acquire(1, x); smp_wmb(); }"
                        "\nexists (0:r0=1)")], tmp_path)
    text = (tmp_path / "litmus_file_000.c").read_text()
    for word_ in ("smp_load_acquire(&", "smp_store_release(&", "xchg_release(&",
                  "FILE_FETCH_OP(_acquire", "smp_wmb()"):
        assert word_ in text


def words_of(name):
    """What stands for a primitive in a body, as a pattern."""
    suffix = next((s for s in ("_relaxed", "_acquire", "_release") if name.endswith(s)), "")
    if name in WORDS:
        return WORDS[name]
    if "read" in name and suffix == "_acquire":
        return r"smp_load_acquire\(&"
    if "set" in name and suffix == "_release":
        return r"smp_store_release\(&"
    if re.search("add_unless|inc_not_zero|dec_if_positive", name):
        return r"FILE_ADD_UNLESS\("
    if re.fullmatch(r"atomic(64|_long)?_(add|sub|inc|dec|and|or|xor|andnot)", name):
        suffix = "_relaxed"
    if re.search("_(and|or|xor|andnot)", name) and "_and_test" not in name:
        return rf"FILE_FETCH_OP\({suffix}, "
    kind = next((k for k in ("cmpxchg", "xchg") if k in name), "fetch_add")
    return rf"\b{kind}{suffix}\("


WORDS = {name: rf"\b{name}\(" for name in (
    "READ_ONCE", "WRITE_ONCE", "smp_mb", "smp_rmb", "smp_wmb", "mb", "rmb", "wmb", "barrier",
    "smp_mb__before_atomic", "smp_mb__after_atomic", "smp_read_barrier_depends",
    "arch_ctrl_isync")} | {
    "smp_load_acquire": r"smp_load_acquire\(&", "smp_store_release": r"smp_store_release\(&",
    "rcu_assign_pointer": r"smp_store_release\(&", "RCU_INIT_POINTER": "WRITE_ONCE",
    "smp_store_mb": r"WRITE_ONCE\(.*; smp_mb\(\)", "rcu_access_pointer": "READ_ONCE",
    "smp_mb__after_spinlock": r"smp_mb\(", "smp_mb__after_unlock_lock": r"smp_mb\(",
    "smp_mb__after_srcu_read_unlock": r"smp_mb\(", "synchronize_rcu_expedited": "sync\\(true"} | {
    name: "rcu_dereference" for name in PRIMITIVES if "dereference" in name} | {
    f"atomic{n}_read": "READ_ONCE" for n in ("", "64", "_long")} | {
    f"atomic{n}_set": "WRITE_ONCE" for n in ("", "64", "_long")} | {
    f"{beg}{name}": f"file_{of}\\(" for beg, name, of in (
        ("spin_", "lock", "lock"), ("spin_", "unlock", "unlock"), ("spin_", "trylock", "trylock"),
        ("spin_", "is_locked", "is_locked"), ("spin_", "unlock_wait", "unlock_wait"),
        ("srcu_", "read_lock", "srcu_lock"), ("srcu_", "down_read", "srcu_lock"),
        ("srcu_", "read_unlock", "srcu_unlock"), ("srcu_", "up_read", "srcu_unlock"),
        ("synchronize_", "srcu", "srcu_sync"), ("synchronize_", "srcu_expedited", "srcu_sync"))} | {
    f"{verb}{flavour}": f"file_rcu_{of}\\(" for flavour in ("", "_sched", "_bh") for verb, of in (
        ("rcu_read_lock", "lock"), ("rcu_read_unlock", "unlock"))} | {
    f"synchronize_{flavour}": r"file_rcu_sync\(false" for flavour in ("rcu", "sched", "bh")}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_each_primitive_is_written_as_the_kernels_that_is_as_strong(name):
    prog = next(iter(uses_of(PRIMITIVES[name])))
    writer = emit_body.Writer(prog.threads[0], [])
    lines = [line for line in writer.body().text.splitlines() if "\t\t" in line]
    assert [line for line in lines if re.search(words_of(name), line)], (words_of(name), lines)


@on_this_host
@pytest.mark.parametrize("order", ["", "_relaxed", "_acquire", "_release"])
def test_what_files_add_to_the_atomics_is_made_of_the_contracts(order, tmp_path):
    uses = f"FILE_FETCH_OP({order}, p, &, 3)"
    uses += "; FILE_ADD_UNLESS(p, 1, ==, 0, __old)" * (not order)
    made = expanded(f"int f(s32 *p) {{ return {uses}; }}", tmp_path)
    assert set(re.findall(r"arch_cmpxchg32(\w*)", made)) == {order}


def expanded(text, out):
    """C behind the preprocessor, with the words of bodies."""
    compiled([program("{}\nP0(int *x) { }\nexists (x=0)")], out)
    source = out / "t.c"
    source.write_text(f'#include "file.h"\n{text}')
    made = subprocess.run(["gcc", "-E", *flags_for(out), source], capture_output=True, text=True,
                          check=True).stdout
    return made[made.rindex('t.c"'):]


# ---- outcomes and conditions ----

ADDRESSES = """{ int a[3]={4,5,6}; int *p=&a[1]; int *q=&b[1]; int b[2]={8,9}; 0:r1=a[2]; 0:r2=7; }
P0(int *a, int **p, int **q) { int r0 = READ_ONCE(*r1); int *r3 = READ_ONCE(*p);
 int r4 = READ_ONCE(*r3); WRITE_ONCE(a[1], r2); int *r5 = READ_ONCE(*q); int r6 = READ_ONCE(*r5);
 WRITE_ONCE(*p, &a[2]); long r7 = 1; r7 = r7 << 40; long r8 = r7 << 1; u8 r9 = 0xff; }
locations [0:r0; 0:r4; 0:r6; a[1]; a[0]]
"""
HOLDS = [
    "0:r3=a[1]", "p=a[2]", "0:r0=6", "0:r1=a[2]", "~0:r3=a[0]", "0:r3=x \\/ 0:r4=5", "0:r5=&b[1]",
    "0:r0=1 \\/ 0:r0=6", "~(0:r0=6 /\\ 0:r4=6)", "~(0:r7=0:r8)", "~(0:r3=0:r5)", "~(0:r1=0:r3)",
    "0:r3=0:r3 /\\ 0:r1=[p] /\\ ~p=[q]", "0:r9=255", "0:r9=-1", "0:r1=[p] /\\ ~q=[p] /\\ q=0:r5",
    "a[1]=7 /\\ a[0]=4", "0:r2=7 => 0:r6=9", "~(0:r2=7 => 0:r6=8)", "a={4,7,6}", "0:r0!=5",
    "~0:r0<>6"]


@on_this_host
def test_conditions_are_true_of_what_they_say(tmp_path):
    programs = [program(f"{ADDRESSES}exists ({cond})", f"k{n}")
                for n, cond in enumerate(HOLDS)]
    found = run(programs, tmp_path)
    for n, cond in enumerate(HOLDS):
        outcomes = found[f"file.k{n}"][1]
        assert [(weak, "0:r0=6 " in label and "0:r4=5 " in label and "0:r6=9" in label and
                 "a[1]=7" in label) for label, weak in outcomes] == [(True, True)], (cond, outcomes)


def test_bodies_that_wait_for_grace_periods_are_told():
    def sleeps(*bodies):
        threads = "\n".join(f"P{n}(int *x, struct srcu_struct *s) {{ {body} }}"
                            for n, body in enumerate(bodies))
        prog = program(f"{{}}\n{threads}\nexists (x=1)")
        return "LITMUS_SLEEPS" in " ".join(emit.Test(prog, "t").tables())
    assert not sleeps("*x = 1;", "*x = 2;", "rcu_read_lock(); rcu_read_unlock();")
    assert sleeps("*x = 1;", "synchronize_rcu();") and sleeps("synchronize_srcu(s);", "*x = 1;")
    assert sleeps("if (*x) synchronize_srcu_expedited(s);")


@pytest.mark.parametrize("number", [*range(-9, 10), 1 << 33, -(1 << 20)])
def test_a_field_has_room_for_a_number_and_another_beside_it(number):
    width = emit_key.bits_for(number)
    assert abs(number) <= (1 << (width - 1)) - 1


# ---- names, keys ----

def test_tests_have_different_names_of_the_characters_of_a_record():
    names = emit.Names()
    assert [names.take(n) for n in ("SB+a b", "SB+a/b", "SB+a_b.2")] == \
        ["file.SB+a_b", "file.SB+a_b.2", "file.SB+a_b.2.2"]


def test_fields_have_room_for_what_the_condition_names():
    key = emit_key.Key(program("{int x; int y;}\nP0(int *x) { r0 = READ_ONCE(*x); }\n"
                               "exists (0:r0=1000 /\\ x=-3 /\\ y=70000)"))
    fields = list(key.fields.values())
    assert all(f.need <= f.width for f in fields)
    assert sum(f.width for f in fields) <= 64
    assert len({f.shift for f in fields}) == 3
    pointer, = emit_key.Key(program("{int a[300]; int *p;}\nP0(int *a, int **p) { }\n"
                                    "exists (p=700)")).fields.values()
    assert pointer.need >= emit_key.bits_for(1000)


def test_an_outcome_beyond_64_bits_is_refused_with_its_reason(tmp_path):
    registers = [f"r{n}" for n in range(40)]
    loads = " ".join(f"{r} = READ_ONCE(*x);" for r in registers)
    terms = " /\\ ".join(f"0:{r}=1" for r in registers)
    big = program(f"{{}}\nP0(int *x) {{ {loads} }}\nexists ({terms})")
    one, = emit.write([big], tmp_path)
    assert one.test is None and "40 parts that need" in one.why


def test_what_is_written_again_is_left_alone(tmp_path):
    programs = [program(THREADS[0])]
    emit.write(programs, tmp_path)
    stamps = {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
    emit.write(programs, tmp_path)
    assert stamps == {p: p.stat().st_mtime_ns for p in tmp_path.iterdir()}


# ---- packed programs ----

PACKED = ["""{}
P0(int *x, int *y) { WRITE_ONCE(*x, 2); r0 = smp_load_acquire(y); }
P1(int *x, int *y) { xchg(y, 1); r1 = READ_ONCE(x[r0 ^ r0]); r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=r1 /\\ x!=3 /\\ 1:r0!=-1)""".replace("=r1", "=1:r1"), """{}
P0(int *x) { r0 = READ_ONCE(*x); if (r0 == 3) { WRITE_ONCE(*x, 1); } else smp_mb(); }
P1(int *x) { WRITE_ONCE(*x, 3); }
P2(int *x) { WRITE_ONCE(*x, 2); }
filter (0:r0!=2) forall (x=3 \\/ 0:r0=0)"""]
NOT_PACKED = ["WRITE_ONCE(*x, 4);", "r0 = READ_ONCE(*x); WRITE_ONCE(*x, r0 + 1);", "*x = 1;",
              "r0 = atomic_inc_return(x);", "r0 = xchg(x, 1);", "r0 = READ_ONCE(x[r0]);",
              "spin_lock(l); WRITE_ONCE(*x, 1); spin_unlock(l);", "if (READ_ONCE(*x)) smp_mb();",
              "rcu_read_lock(); rcu_read_unlock();", "r0 = 1;"]


@on_this_host
def test_packed_programs_show_what_is_sequentially_consistent(tmp_path):
    programs = [program(text, f"p{n}") for n, text in enumerate(PACKED)]
    assert all(emit_key.Key(p).packed for p in programs)
    compare(run(programs, tmp_path), alone=False)


@pytest.mark.parametrize("body", NOT_PACKED)
def test_what_may_be_more_than_two_bits_is_not_packed(body):
    text = f"{{}}\nP0(int *x, spinlock_t *l) {{ {body} }}\nexists (x=1)"
    assert not emit_key.Key(program(text)).packed


def test_five_parts_or_a_first_value_are_not_packed():
    loads = " ".join(f"r{n} = READ_ONCE(*x);" for n in range(5))
    text = f"{{{{{{}}}}}}\nP0(int *x) {{{{ {loads} }}}}\nexists ({{}})"
    four, five = (" /\\ ".join(f"0:r{n}=0" for n in range(count)) for count in (4, 5))
    assert emit_key.Key(program(text.format("", four))).packed
    assert not emit_key.Key(program(text.format("", five))).packed
    assert not emit_key.Key(program(text.format("x=1;", four))).packed


# ---- what object code must keep ----

def test_dependencies_of_a_thread():
    prog = program("{}\nP0(int *x, int *y, int *z) { r0 = READ_ONCE(*x); r1 = r0 ^ r0; smp_wmb();\n"
                   "if (r0) WRITE_ONCE(*y, r1); smp_store_release(z, 1); }\nexists (0:r0=1)")
    both = deps.expected(prog.threads[0], ["x", "y", "z", "l"])["paths"]
    taken = max(both, key=len)
    assert sorted(len(p) for p in both) == [2, 3]
    assert taken[1]["data"] == [0] and taken[1]["ctrl"] == [0] and taken[1]["fences"] == ["wmb"]
    assert taken[2]["order"] == "rel" and not taken[2]["ctrl"]


def test_a_barrier_behind_a_branch_is_asked_for_where_a_branch_orders_no_loads():
    prog = program("{}\nP0(int *x) { r0 = READ_ONCE(*x); if (r0 == r0) { arch_ctrl_isync();\n"
                   "r1 = READ_ONCE(*x); } }\nexists (0:r1=1)")
    events = max(deps.expected(prog.threads[0], ["x"])["paths"], key=len)
    assert events[1]["fences"] == ["isync"] and events[1]["ctrl"] == [0]
    assert objdeps.needed(types.SimpleNamespace(control_orders_loads=False), "isync") == {"isync"}
    assert objdeps.needed(types.SimpleNamespace(control_orders_loads=True), "isync") is None


def test_other_accesses_may_stand_between():
    prog = program(THREADS[2])
    assert deps.expected(prog.threads[0], ["l", "x"])["others"]


@pytest.mark.parametrize("stmt", [
    "r0 = READ_ONCE(*x) + READ_ONCE(*y);", "if (READ_ONCE(*x) == READ_ONCE(*y)) r0 = 1;",
    "r0 = r1 && READ_ONCE(*y);", "r0 = r1 ? READ_ONCE(*y) : 3;", "if (r1 || READ_ONCE(*y)) ;"])
def test_an_order_that_c_leaves_open_is_not_asked_for(stmt):
    prog = program(f"{{}}\nP0(int *x, int *y) {{ r0 = 1; {stmt} }}\nexists (0:r0=1)")
    assert deps.expected(prog.threads[0], ["x", "y", "z", "l"]) is None
    assert isinstance(prog.threads[0].body[0], ir.Assign)


# ---- object code against it ----

KEEPS = """{ int *p = &y; }
P0(int *x, int *y, int *z) { r0 = READ_ONCE(*x); r1 = r0 ^ r0; smp_wmb(); smp_mb();
 if (r0) { WRITE_ONCE(*y, r1); } else { WRITE_ONCE(*y, 2); } smp_store_release(z, 1); }
P1(int *x, int *y, int *a) { r0 = smp_load_acquire(x); r1 = READ_ONCE(a[r0 & 0]);
 if (r0 | 1) WRITE_ONCE(*y, 1); else WRITE_ONCE(*y, 2); }
P2(int **p, int *y) { r0 = rcu_dereference(*p); r1 = READ_ONCE(*r0); smp_mb();
 WRITE_ONCE(*y, r1 + 1); }
P3(int *x, int *y, spinlock_t *l) { spin_lock(l); r0 = READ_ONCE(*x); smp_mb();
 WRITE_ONCE(*y, r0 - r0); spin_unlock(l); }
exists (0:r0=1 /\\ 1:r1=1 /\\ 2:r1=1 /\\ 3:r0=1)"""


def faults(out, leave_out=(), text=KEEPS, **flags):
    """(lost, unread) of a file, compiled for the host."""
    compiled([program(text)], out, leave_out, **flags)
    return objdeps.faults_of(json.loads((out / "src" / "bodies.json").read_text()),
                             [out / "litmus_file_000.o"])


@on_this_host
def test_what_the_compiler_makes_has_what_the_file_asks_for(tmp_path):
    assert faults(tmp_path) == ({}, {})


@on_this_host
def test_dependencies_that_are_folded_away_are_noticed(tmp_path):
    lost, unread = faults(tmp_path, more=["-DFILE_BREAK_DEPS"])
    said = " ".join(s for wrong in lost.values() for s in wrong)
    assert not unread
    assert "the value stored" in said and "no branch before" in said and "the address" in said


CONDITIONS = """{ int *p = &y; int a[2]; }
P0(int *x, int *y, int *z) { r0 = READ_ONCE(*x); r1 = READ_ONCE(*y);
 if (r0 == 1 && (r1 != 1 || r0 < r1)) { WRITE_ONCE(*z, 1); }
 else if (r1 && !r0) WRITE_ONCE(*z, 2); }
P1(int *x, int *y, int *z) { r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); WRITE_ONCE(*z, r0 && r1);
 WRITE_ONCE(*z, r0 ? r1 : 7); }
P2(int *x, int *y, int *a) { r0 = READ_ONCE(*x); r1 = READ_ONCE(*y);
 if (r0) WRITE_ONCE(*y, 1); else WRITE_ONCE(*y, 1);
 r2 = READ_ONCE(a[(r0 || r1) & 0]); int *r3 = r2 ? x : y; WRITE_ONCE(*r3, 10 / (r2 + 1)); }
P3(int *x, int *y) { r0 = READ_ONCE(*x); WRITE_ONCE(*y, -r0 % 2); }
P4(int **p, int *x) { int *r0 = xchg(p, x); r1 = READ_ONCE(*r0); WRITE_ONCE(*x, r1); }
exists (0:r0=1 /\\ 1:r1=1)"""


@on_this_host
def test_each_way_of_an_expression_depends_on_all_that_it_holds(tmp_path):
    assert faults(tmp_path, text=CONDITIONS) == ({}, {})


@on_this_host
def test_fences_that_are_left_out_are_noticed(tmp_path):
    lost, unread = faults(tmp_path, ("fences",))
    assert not unread and len(lost) == 3
    assert all("no mb barrier" in wrong[0] for wrong in lost.values())
