# SPDX-License-Identifier: GPL-2.0-only
"""Files of assembly dialects: what becomes of instructions, and what is refused, with its place."""
import random

import pytest
from fp.litmusfile import asm_forms, assembly, ir, reader
from fp.litmusfile.faults import LitmusError

MP = """AArch64 MP+po+addr
"PodWW Rfe DpAddrdR Fre"
{
 0:X1=x; 0:X3=y;
 1:X1=x; 1:X3=y;
}
 P0          | P1                  ;
 MOV W0,#1   | LDR W0,[X3]         ;
 STR W0,[X1] | EOR W2,W0,W0        ;
 MOV W2,#1   | LDR W4,[X1,W2,SXTW] ;
 STR W2,[X3] | L0: CBNZ W4,L0      ;

exists (1:X0=1 /\\ 1:W4=0)
"""


def read(text):
    return reader.read_text(text, "t.litmus")


def one(dialect, cell, state="", end="exists (x=1)"):
    """A file of one thread; @cell: its instructions with line ends between."""
    rows = "\n".join(f" {c} ;" for c in cell.split("\n"))
    return f"{dialect} t\n{{ {state} }}\n P0 ;\n{rows}\n{end}\n"


def texts(program, thread=0):
    return [i.text for i in program.threads[thread].body]


def test_columns_become_threads():
    p = read(MP)
    assert p.dialect == "AArch64" and len(p.threads) == 2
    assert texts(p) == ["mov {w:X0}, #1", "str {w:X0}, [{x:X1}]", "mov {w:X2}, #1",
                        "str {w:X2}, [{x:X3}]"]
    assert texts(p, 1)[2:] == ["ldr {w:X4}, [{x:X1}, {w:X2}, sxtw]", "{l:L0}:",
                               "cbnz {w:X4}, {l:L0}"]
    assert p.threads[0].init["X1"] == ir.Address("x") and p.threads[0].locals["X1"].stars
    assert not p.threads[0].locals["X0"].stars
    assert str(p.condition.parts[1].place) == "1:X4"
    assert p.threads[1].body[2].line == 10


# dialect, instruction of a file, what GNU as gets. X1, x6, r2 hold the address of x.
GOOD = """
AArch64	LDR X0,[X1,#0]	ldr {x:X0}, [{x:X1}, #0]
AArch64	LDAR W0,[X1]	ldar {w:X0}, [{x:X1}]
AArch64	STLR WZR,[X1]	stlr wzr, [{x:X1}]
AArch64	STXR W3,W0,[X1]	stxr {w:X3}, {w:X0}, [{x:X1}]
AArch64	LDADDAL W0,W2,[X1]	ldaddal {w:X0}, {w:X2}, [{x:X1}]
AArch64	STADD W0,[X1]	stadd {w:X0}, [{x:X1}]
AArch64	CAS W0,W2,[X1]	cas {w:X0}, {w:X2}, [{x:X1}]
AArch64	LDRB W0,[X1]	ldrb {w:X0}, [{x:X1}]
AArch64	LDRSW X0,[X1]	ldrsw {x:X0}, [{x:X1}]
AArch64	DMB ISHLD	dmb ishld
AArch64	ISB	isb
AArch64	MOV X0,#0xffff0000	mov {x:X0}, #4294901760
AArch64	ADD X0,X0,W2,SXTW	add {x:X0}, {x:X0}, {w:X2}, sxtw
AArch64	AND W0,W0,#255	and {w:X0}, {w:X0}, #255
AArch64	CSEL W0,W2,W3,EQ	csel {w:X0}, {w:X2}, {w:X3}, eq
AArch64	SXTW X0,W2	sxtw {x:X0}, {w:X2}
AArch64	UXTW X0,W2	mov {w:X0}, {w:X2}
RISCV	lw a5,0(x6)	lw {r:x15}, 0({r:x6})
RISCV	sd x0,(x6)	sd zero, 0({r:x6})
RISCV	lr.w.aq.rl x5,(x6)	lr.w.aqrl {r:x5}, ({r:x6})
RISCV	sc.w x7,x5,0(x6)	sc.w {r:x7}, {r:x5}, ({r:x6})
RISCV	amoswap.w.rl x0,x5,(x6)	amoswap.w.rl zero, {r:x5}, ({r:x6})
RISCV	ori x5,x0,1	ori {r:x5}, zero, 1
RISCV	fence rw,w	fence rw, w
RISCV	fence.tso	fence.tso
PPC	lwz r1,0(r2)	lwz {r:r1}, 0({r:r2})
PPC	lwzx r1,r3,r2	lwzx {r:r1}, {r:r3}, {r:r2}
PPC	lwarx r1,r0,r2	lwarx {r:r1}, 0, {r:r2}
PPC	stwcx. r1,r0,r2	stwcx. {r:r1}, 0, {r:r2}
PPC	cmpwi cr0,r1,0	cmpwi cr0, {r:r1}, 0
PPC	hwsync	sync
PPC	li r1,-1	li {r:r1}, -1
X86_64	movl $1,(x)	movl $1, ({a:x})
X86_64	MOVL $0x10,[x]	movl $16, ({a:x})
X86_64	mov (x),%eax	mov ({a:x}), {k:rax}
X86_64	movq 0(%rcx),%r9	movq ({q:rcx}), {q:r9}
X86_64	xchgl %ebx,(x)	xchgl {k:rbx}, ({a:x})
X86_64	lock addl $1,(x)	lock addl $1, ({a:x})
X86_64	lock cmpxchgl %ebx,(x)	lock cmpxchgl {k:rbx}, ({a:x})
X86_64	movzbl (x),%eax	movzbl ({a:x}), {k:rax}
X86_64	mfence	mfence
"""
STATE = {"AArch64": "int64_t x; 0:X1=x;", "RISCV": "int64_t x; 0:x6=x;",
         "PPC": "int64_t x; 0:r2=x;", "X86_64": "int64_t x; 0:rcx=x;"}


@pytest.mark.parametrize("line", GOOD.strip().splitlines())
def test_an_instruction(line):
    dialect, cell, text = line.split("\t")
    assert texts(read(one(dialect, cell, STATE[dialect]))) == [text]


BAD = """
AArch64	MSR TTBR0_EL1,X0	instruction msr is not known
AArch64	MRS X0,CTR_EL0	instruction mrs is not known
AArch64	DC CIVAC,X1	instruction dc is not known
AArch64	TLBI VMALLE1	instruction tlbi is not known
AArch64	SVC #0	instruction svc is not known
AArch64	ERET	instruction eret is not known
AArch64	LDR W0,[X5]	X5 holds no address of a variable
AArch64	LDR W0,[X1,#8]	4 bytes at x\\+8, which has 8
AArch64	STR W1,[X1]	4 bytes of an address, that of x; 8 expected
AArch64	LDR W0,[X1],#4	ldr does not take
AArch64	LDR W0,[X1,#4]!	is no address that is known here
AArch64	STXR W0,W0,[X1]	its status in a register
AArch64	LDR W31,[X1]	there is no register W31
AArch64	MOV SP,X1	mov does not take
AArch64	ADD W0,W0,#4096	add does not take
AArch64	AND W0,W0,#5	and does not take
AArch64	MOV X0,#0x123456789	mov does not take
AArch64	ADD W0,W0,X2	registers of one width
AArch64	B L9	no label L9
AArch64	L0: L0: ISB	label L0 twice
AArch64	DMB FOO	dmb does not take
AArch64	LDAR W0,[X1,#0x10]	an address in one register
AArch64	LDR W0,[X1];.word 0	instruction .word is not known
AArch64	.inst 0	instruction .inst is not known
AArch64	MOV W0,#1\\nMSR x	msr
RISCV	ecall	instruction ecall is not known
RISCV	csrr x5,mstatus	instruction csrr is not known
RISCV	sfence.vma	instruction sfence.vma is not known
RISCV	mret	instruction mret is not known
RISCV	lw.aq x5,0(x6)	instruction lw.aq is not known
RISCV	addi x5,x5,4096	addi does not take
RISCV	lw x5,8(x6)	4 bytes at x\\+8
RISCV	sw x6,0(x6)	4 bytes of an address, that of x; 8 expected
RISCV	lw x5,0(x0)	x0 is no register that holds an address
RISCV	lr.w x5,4(x6)	without an offset
RISCV	fence q,w	fence does not take
PPC	mtmsr r1	instruction mtmsr is not known
PPC	tlbie r1	instruction tlbie is not known
PPC	sc	instruction sc is not known
PPC	dcbz r0,r2	instruction dcbz is not known
PPC	lwz r1,0(r0)	r0 is no register that holds an address
PPC	stw r2,0(r2)	4 bytes of an address, that of x; 8 expected
PPC	ld r1,2(r2)	multiple of 4
PPC	addi r1,r0,1	write li
PPC	li r1,40000	li does not take
X86_64	cli	instruction cli is not known
X86_64	wrmsr	instruction wrmsr is not known
X86_64	mov %cr3,%rax	there is no register %cr3
X86_64	movl %esp,(x)	there is no register %esp
X86_64	hlt	instruction hlt is not known
X86_64	invlpg (x)	instruction invlpg is not known
X86_64	lock movl $1,(x)	lock does not stand before movl
X86_64	lock addl (x),%eax	lock does not stand before addl
X86_64	mov $1,(x)	does not say how wide
X86_64	movl $1,%rax	registers of one width
X86_64	movb $300,(x)	does not fit into 8 bits
X86_64	movl (%rdx),%eax	rdx holds no address
"""


@pytest.mark.parametrize("line", BAD.strip().splitlines())
def test_what_is_refused_is_named_with_its_place(line):
    dialect, cell, words = line.split("\t")
    cell = cell.replace("\\n", "\n")
    with pytest.raises(LitmusError, match=words.replace("\\\\", "\\")) as e:
        read(one(dialect, cell, STATE[dialect]))
    assert str(e.value).startswith(f"t.litmus:{5 if chr(10) in cell else 4}: ")


@pytest.mark.parametrize("text,words", [
    (MP.replace("P1  ", "P2  "), ":7: P1 was expected, and not 'P2'"),
    (MP.replace("STR W2,[X3] |", "STR W2,[X3] | | |"), ":11: 4 columns, and there are 2 threads"),
    (MP.replace("1:X0=1", "1:V0=1"), "1:V0 is no register of arm64"),
    (MP.replace("0:X1=x", "2:X1=x"), "there is no P2"),
    ("AArch64 t\n{}\nexists (x=1)\n", "a line of threads was expected"),
    ("ARM t\n{}\n P0 ;\n MOV R0,#1 ;\nexists (0:R0=1)\n", "the dialect ARM is not known"),
    (one("AArch64", "NOP\n" * 500), "more than 400 instructions"),
    (one("AArch64", "\n".join(f"MOV W{n},#1" for n in range(28))), "at most 22 expected")])
def test_what_is_wrong_with_a_file_is_said(text, words):
    with pytest.raises(LitmusError) as e:
        read(text)
    assert words in str(e.value)


def test_a_privileged_instruction_is_in_no_table():
    privileged = {"msr", "mrs", "hvc", "smc", "svc", "eret", "tlbi", "dc", "ic", "at", "wfi", "hlt",
                  "ecall", "ebreak", "mret", "sret", "wfi", "csrr", "csrw", "sfence.vma", "mtmsr",
                  "mtmsrd", "mtspr", "mfspr", "rfid", "hrfid", "tlbie", "slbie", "sc", "cli", "sti",
                  "in", "out", "inb", "outb", "wrmsr", "rdmsr", "invlpg", "lgdt", "iretq", "int",
                  "syscall", "call", "ret", "blr", "br", "bl", "jalr", "bctr", "blrl"}
    for isa in assembly.DIALECTS.values():
        assert not privileged & set(isa.TABLE), isa.ARCH


@pytest.mark.parametrize("cell,words", [
    ("LDR W0,[X1]", "4 bytes of an address, that of y"), ("LDR X0,[X1]", ""),
    ("LDR X0,[X1]\nLDR W2,[X0]", ""), ("MOV X2,X1\nSTR X2,[X1]", ""),
    ("MOV X2,X1\nSTR W2,[X1]", "4 bytes of an address, that of p; 8"),
    ("MOV W0,#1\nSWP W0,W2,[X1]", "4 bytes of an address, that of y"),
    ("STR W0,[X1]", "")])
def test_half_an_address_is_refused(cell, words):
    text = one("AArch64", cell, "p=y; 0:X1=p;")
    if not words:
        read(text)
        return
    with pytest.raises(LitmusError, match=words):
        read(text)


# ---- variables and registers ----

def variable(program, name):
    return next(v for v in program.variables if v.name == name)


@pytest.mark.parametrize("text,base", [
    (one("PPC", "std r1,0(r2)", "0:r2=x;"), "s64"), (one("PPC", "stw r1,0(r2)", "0:r2=x;"), "int"),
    (one("AArch64", "STR W0,[X1]", "uint8_t x; 0:X1=x;"), "int"),
    (one("X86_64", "movq $1,(x)"), "s64")])
def test_a_variable_is_as_wide_as_its_accesses(text, base):
    assert variable(read(text), "x").type.base == base


def test_two_sizes_of_a_variable_need_its_type():
    text = one("PPC", "sth r1,0(r2)\nlwz r1,0(r2)", "uint16_t x; 0:r2=x;")
    with pytest.raises(LitmusError, match="4 bytes at x, which has 2"):
        read(text)
    assert read(text.replace("uint16_t", "uint32_t"))


def test_an_address_is_followed_through_memory_and_arithmetic():
    p = read(one("AArch64", "LDR X0,[X1]\nMOV X2,X0\nADD X3,X2,#0\nSTR W5,[X3]", "p=x; 0:X1=p;"))
    assert p.threads[0].locals["X3"].stars == 1 and variable(p, "p").type.stars == 1


def test_cmpxchg_has_its_register_and_lse_is_a_need():
    assert read(one("X86_64", "lock cmpxchgl %ebx,(x)")).threads[0].constraints == {"rax": "a"}
    assert read(one("AArch64", "SWP W0,W2,[X1]", STATE["AArch64"])).needs == {"lse"}
    assert read(one("PPC", "nop", "0:r2=x;")).threads[0].constraints == {"r2": "b"}


@pytest.mark.parametrize("value,is_mask", [
    (0, False), (0xffffffff, False), (1, True), (0xff, True), (0x55555555, True), (5, False),
    (0x80000001, True), (0x00ff00ff, True), (0x7fffffff, True)])
def test_immediates_of_logic(value, is_mask):
    assert assembly.asm_arm64._is_mask(value, 32) == is_mask


def test_operands_are_split_outside_of_brackets():
    assert asm_forms.split("W0, [X1,W2,SXTW],#1") == ["W0", "[X1,W2,SXTW]", "#1"]


# ---- whatever stands there ----

def _mutated(text, rng):
    text = list(text)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(text))
        how = rng.randrange(4)
        if how == 0:
            text[at] = rng.choice("\0;|:[](){},#%$ \n0X1xWr=/\\~")
        elif how == 1:
            del text[at:at + rng.randint(1, 8)]
        elif how == 2:
            text[at:at] = text[at:at + rng.randint(1, 20)]
        else:
            text[at:at] = rng.choice(["\n", ";", "|", "P0", "[X1]", "0x" + "f" * 40, "((((", "L0:"])
        if not text:
            return ""
    return "".join(text)


SEEDS = [MP, *(one(line.split("\t")[0], line.split("\t")[1], STATE[line.split("\t")[0]])
               for line in GOOD.strip().splitlines())]


@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_file_is_a_program_or_one_sentence(seed):
    rng = random.Random(seed)
    for _ in range(150):
        try:
            p = read(_mutated(rng.choice(SEEDS), rng))
        except LitmusError as e:
            assert str(e).startswith("t.litmus:") and "\n" not in str(e)
            continue
        for thread in p.threads:
            for i in thread.body:
                word = i.text.split()[0] if isinstance(i, ir.Instruction) and i.text else ""
                if p.dialect in assembly.DIALECTS and not word.startswith("{l:"):
                    names = assembly.DIALECTS[p.dialect].TABLE
                    assert word in names or word == "lock" or "aqrl" in word, i.text
