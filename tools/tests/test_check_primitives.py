# SPDX-License-Identifier: GPL-2.0-only
"""tools/check_primitives.py where the ports as they are do not show it: what the contract asks for
and a table lacks, what a table has too much, what is read from object code.
"""
import importlib.util

import pytest
from conftest import HERE
from fp.base import isas
from fp.base.errors import UserError
from fp.images import decoder, objcode

_spec = importlib.util.spec_from_file_location("check_primitives",
                                               HERE.parent / "check_primitives.py")
prim = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(prim)

CONTRACT = """\
# 1 "include/arch/atomic.h"
static inline u32 arch_xchg32(volatile u32 *p, u32 v); static inline u32
# 7 "include/arch/atomic.h"
 arch_xchg32_relaxed(volatile u32 *p, u32 v);
static inline unsigned long arch_probe(const u8 *p, u8 *val);
static inline void cpu_relax(void);
static inline unsigned long arch_current_sp(void);
static inline u32 arch_xchg32(volatile u32 *p, u32 v)
{ return helper(p, v); }
"""


def code(isa, text):
    """The events of instructions of four bytes each from address 0, and the decoder."""
    machine = objcode.decoder_of(isas.find(isa))
    insns = []
    for n, line in enumerate(text.strip().splitlines()):
        op, _, args = line.strip().partition(" ")
        insns.append(decoder.Insn(4 * n, op, decoder.split_args(args), line))
    return machine, insns


def events(isa, text, faulting=()):
    return prim.events_of(*code(isa, text), faulting)


def test_prototypes_are_the_contract():
    found = prim.prototypes(CONTRACT)
    assert list(found) == ["arch_xchg32", "arch_xchg32_relaxed", "arch_probe", "cpu_relax"]
    assert found["arch_probe"] == ("unsigned long", ["const u8 *p", " u8 *val"])


def test_the_macros_are_those_that_the_contract_demands():
    assert {"mb", "rmb", "wmb", "smp_mb", "smp_load_acquire", "smp_mb__after_atomic",
            "arch_ctrl_isync"} <= set(prim.macros(isas.ROOT))


def test_each_is_done_once_and_its_twin_is_weaker():
    once = prim.statements(isas.ROOT, CONTRACT, twins=False)
    twin = prim.statements(isas.ROOT, CONTRACT, twins=True)
    assert once.keys() == twin.keys()
    assert once["arch_xchg32"] == "got = arch_xchg32(&s->cell32, a);"
    assert twin["arch_xchg32"] == "got = arch_xchg32_relaxed(&s->cell32, a);"
    more = CONTRACT.replace("arch_xchg32(", "arch_xchg32_acquire(")
    twin_of = prim.statements(isas.ROOT, more, twins=True)
    assert twin_of["arch_xchg32_acquire"] == "got = arch_xchg32_relaxed(&s->cell32, a);"
    assert twin["arch_xchg32_relaxed"] == "got = s->cell32; s->cell32 = a;"
    assert once["arch_probe"] == "got = arch_probe(&s->cell8, (u8 *)&out);"
    assert twin["arch_probe"] == "got = s->cell8;"
    assert once["cpu_relax"] == "cpu_relax();" and once["mb"] == "mb();" and twin["mb"] == ""
    assert once["smp_load_acquire16"] == "got = smp_load_acquire(&s->cell16);"
    assert twin["smp_store_release8"] == "WRITE_ONCE(s->cell8, a);"
    assert all(once[name] != twin[name] for name in once)


def test_each_stands_between_two_loads():
    text = prim.source(isas.ROOT, CONTRACT, False)
    assert "u64 early = s->side, got = 0, out = 0;\n\n\tmb();\n\treturn (got ^ out) + early + " \
        "s->side;\n" in text
    loose = text.partition("primitive_smp_read_barrier_depends(")[2].partition("}")[0]
    assert "side" not in loose and "early = 0" in loose


@pytest.mark.parametrize("text,rows", [
    ("mb\tsync", ["mb\tsync"]),
    ("x{32,64}\tl{w,d}arx/{}", ["x32\tlwarx/32", "x64\tldarx/64"])])
def test_braces_make_a_row_of_each(text, rows):
    assert list(prim.expand(text)) == rows


def table(monkeypatch, tmp_path, text):
    """The rows of a table with this text; text None: there is none."""
    isa = isas.find("arm64")
    (tmp_path / "arch" / isa.name).mkdir(parents=True)
    if text is not None:
        (tmp_path / "arch" / isa.name / "primitives.tsv").write_text(text)
    monkeypatch.setattr(isas, "ROOT", tmp_path)
    return prim.table_of(isa)


def test_a_table_is_read(monkeypatch, tmp_path):
    text = "# a comment\n\nmb\t\tdsb sy\nsmp_rmb\t-\nx{8,16}\ta/{}; b\n"
    assert table(monkeypatch, tmp_path, text) == {
        "mb": ["dsb sy"], "smp_rmb": [], "x8": ["a/8", "b"], "x16": ["a/16", "b"]}


@pytest.mark.parametrize("text,says", [
    ("mb\tsync\nmb\tsync\n", "tsv:2: a second row of mb"), ("mb sync\n", "tsv:1: "),
    ("x{8,16}\ty{a,b,c}\n", "tsv:1: its lists in braces differ")])
def test_what_is_wrong_with_a_table_is_named(monkeypatch, tmp_path, text, says):
    with pytest.raises(UserError, match=says):
        table(monkeypatch, tmp_path, text)


def test_without_a_table_nothing_passes(monkeypatch, tmp_path):
    with pytest.raises(decoder.Unknown, match="primitives.tsv is missing"):
        table(monkeypatch, tmp_path, None)


def test_each_port_has_a_row_for_what_the_contract_demands():
    for name in isas.names():
        rows = prim.table_of(isas.find(name))
        have = {"".join(c for c in row if not c.isdigit()) for row in rows}
        assert set(prim.macros(isas.ROOT)) <= have


@pytest.mark.parametrize("made,says", [
    ({"mb": ["side", "sync", "side"]}, []),
    ({"mb": ["side", "lwsync", "side"]}, ["mb should be"]),
    ({"mb": ["sync", "side"]}, ["mb should be"]),  # it does not hold the compiler
    ({"mb": ["side", "sync", "sync", "side"]}, ["mb should be"]),
    ({"mb": ["side", "sync", "side"], "wmb": ["side", "side"]}, ["wmb has no row"]),
    ({}, ["mb has a row"])])
def test_what_is_not_as_written_is_a_fault(made, says):
    found = [f"{name} {sentence}" for name, sentence in prim.compare({"mb": ["sync"]}, made)]
    assert len(found) == len(says) and all(f.startswith(s) for f, s in zip(found, says))


def test_a_twin_may_look_the_same_only_if_the_manual_has_them_the_same():
    rows = {"mb": ["sync"], "arch_x32": ["xchg"], "arch_x32_relaxed": ["xchg"],
            "arch_y32_acquire": ["l", "s"], "arch_y32_relaxed": ["l"], "smp_rmb": [],
            "smp_read_barrier_depends": []}
    assert set(prim.unnoticed(rows, {})) == {"mb", "arch_x32_relaxed", "arch_y32_acquire",
                                             "arch_y32_relaxed", "smp_rmb"}
    assert list(prim.unnoticed(rows, dict.fromkeys(rows, ""))) == []


def test_what_may_fault_is_at_its_own_distance(monkeypatch):
    monkeypatch.setattr(prim, "read_words",
                        lambda *_: [(0x2000, -0xf00), (0x2004, 8), (0x2008, -0x1008), (0x200c, 8)])
    isa = isas.find("arm64")
    assert prim.faulting_of("x.elf", isa, objcode.decoder_of(isa)) == {0x1100, 0x1000}


CAS = """\
ldr w2, [x0, #112]
ldxr x3, [x0]
cmp x3, x1
b.ne 18
stlxr w4, x2, [x0]
cbnz w4, 4
{after}
ldr w2, [x0, #112]
ret
"""


def test_what_matters_of_the_code_is_read():
    want = ["side", "ldxr/64", "cmp/64", "b.ne @end", "stlxr/64", "cbnz @0", "side"]
    assert events("arm64", CAS.format(after="mov x5, x3")) == want
    fenced = CAS.format(after="dmb ish").replace("b.ne 18", "b.ne 1c")
    assert events("arm64", fenced, {4}) == [want[0], "ldxr/64!", *want[2:6], "dmb ish", "side"]
    assert events("arm64", fenced.replace("b.ne 1c", "b.ne 18"))[3] == "b.ne @5"
    assert events("arm64", fenced.replace("cbnz w4, 4", "cbnz w4, 10"))[5] == "cbnz @3"


def test_what_the_compiler_does_behind_the_primitive_does_not_matter():
    text = "ldrb w1, [x0]\ncmp w1, w2\nb.ne 10\nmov w1, w2\nldr w2, [x0, #112]\nret"
    assert events("arm64", text) == ["load/8", "side"]
    assert events("arm64", "dmb ish\nldr w1, [sp, #112]\nret") == ["dmb ish"]


@pytest.mark.parametrize("name,made,settled", [
    ("smp_load_acquire8", ["load/8", "side", "side"], ["side", "load/8", "side"]),
    ("smp_load_acquire8", ["load/8", "side"], ["side", "load/8"]),
    ("smp_store_release8", ["side", "side", "store/8"], ["side", "store/8", "side"]),
    ("smp_store_release8", ["side", "store/8"], ["store/8", "side"]),
    ("mb", ["side", "side", "sync"], ["side", "side", "sync"])])
def test_what_may_pass_an_acquire_or_a_release(name, made, settled):
    assert prim.settle(name, made) == settled


def test_a_jump_is_no_nothing_but_behind_the_primitive():
    assert events("arm64", "dmb ish\nb 8\ndmb ish\n") == ["dmb ish", "b @2", "dmb ish"]
    assert events("arm64", "dmb ish\nldr w2, [x0, #112]\nret\nb 4\n") == ["dmb ish", "side"]


RELAX = """\
lwz r9,112(r3)
cmpwi r10,0
beq 18
or r1,r1,r1
lwz r4,112(r3)
blr
{other}
blr
"""


@pytest.mark.parametrize("text,sides", [
    (RELAX.format(other="lwz r4,112(r3)"), 2), (RELAX.format(other="mr r4,r9"), 1),
    (RELAX.format(other="b 0"), 1), (RELAX.format(other="b 10"), 2),
    ("lwz r9,112(r3)\nbeqlr\nlwz r4,112(r3)\nblr", 1), ("blr\nlwz r9,112(r3)", 0)])
def test_what_is_up_to_the_port_holds_the_compiler_on_every_path(text, sides):
    assert prim.fewest_sides(*code("powerpc64", text)) == sides


@pytest.mark.parametrize("made,well", [(["side", "side"], True), (["side"], False), ([], False)])
def test_what_is_up_to_the_port_holds_the_compiler_all_the_same(made, well):
    assert (not list(prim.compare({"cpu_relax": ["*"]}, {"cpu_relax": made}))) == well


@pytest.mark.parametrize("isa,text,want", [
    ("x86_64", "mov 0x70(%rdi),%eax\nlock xadd %esi,(%rdi)", ["side", "lock xadd/32"]),
    ("x86_64", "movb %sil,(%rdi)\nsfence\nlock addl $0x0,-0x4(%rsp)",
     ["store/8", "sfence", "lock addl"]),
    ("riscv64", "sc.d.rl a1,a2,(a0)\nbnez a1,0\nfence rw,rw",
     ["sc.d.rl/64", "bnez @0", "fence rw,rw"]),
    ("powerpc64", "hwsync\nldarx r9,0,r3\ncmpd r9,r4\nbne- 14\nstdcx. r5,0,r3\nlwsync",
     ["sync", "ldarx/64", "cmpd", "bne @5", "stdcx./64", "lwsync"]),
    ("arm64", "ldarh w1, [x0]\nstlrb w1, [x0]\ndsb ld\ndc civac, x0",
     ["ldarh/16", "stlrb/8", "dsb ld", "dc civac"])])
def test_instructions_are_told_without_their_registers(isa, text, want):
    assert events(isa, text) == want


def test_words_of_a_section(monkeypatch, tmp_path):
    dump = ("Contents of section .text:\n 0000 aabbccdd  ....\n"
            "Contents of section __ex_table:\n 1000 f0ffffff 10000000  ........\n"
            "Contents of section .end:\n 2000 01000000  ....\n")
    monkeypatch.setattr(objcode, "run_objdump", lambda *_: dump)
    for order, first in ((1, -16), (2, 0xf0ffffff - (1 << 32))):
        path = tmp_path / "x.elf"
        path.write_bytes(b"\x7fELF\x02" + bytes([order]))
        words = objcode.read_words(path, "objdump", (), "__ex_table")
        assert words[0] == (0x1000, first) and [at for at, _ in words] == [0x1000, 0x1004]
        assert objcode.read_words(path, "objdump", (), "none") == []
