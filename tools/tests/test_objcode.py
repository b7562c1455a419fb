# SPDX-License-Identifier: GPL-2.0-only
"""Object code as objdump shows it: whose it is, functions, words, and what no decoder may lose."""
import pytest
from fp.base import isas
from fp.images import decoder, objcode

DUMP = """\

0000000000001000 <body_a>:
    1000:	mov    %rdi,%rax
    1003:	jne    1010 <body_a+0x10>

0000000000001008 <.Lthere>:
    1008:	ldr	w2, [x0, #112]
    100c:	lea    0x10(%rip),%rax        # 2000 <x>
    1010:	ret

0000000000001020 <other>:
    1020:	nop
0000000000001030 <body_b>:
    1030:	add	x0, x0, #0x8	// of a page
"""


def elf(tmp_path, machine, order="little", magic=b"\x7fELF"):
    path = tmp_path / "x.elf"
    path.write_bytes(magic + b"\x02" + (b"\x01" if order == "little" else b"\x02") + bytes(12) +
                     machine.to_bytes(2, order) + bytes(40))
    return path


@pytest.mark.parametrize("name,order", [("x86_64", "little"), ("arm64", "little"),
                                        ("riscv64", "little"), ("powerpc64", "big")])
def test_the_isa_of_a_file_is_known(tmp_path, name, order):
    assert objcode.isa_of(elf(tmp_path, isas.find(name).elf_machine, order)).name == name


def test_what_is_no_file_of_an_isa_is_refused(tmp_path):
    with pytest.raises(decoder.Unknown, match="x.elf is no ELF file"):
        objcode.isa_of(elf(tmp_path, 62, magic=b"\x7fELG"))
    with pytest.raises(decoder.Unknown, match="has elf_machine = 75"):
        objcode.isa_of(elf(tmp_path, 75))


def test_functions_are_read_by_the_beginning_of_their_names(monkeypatch):
    asked = []
    monkeypatch.setattr(objcode, "run_objdump", lambda *args: asked.append(args) or DUMP)
    found = objcode.read_functions("x.elf", "objdump", ("-M", "max"), "body_")
    assert asked == [("objdump", ["-t"], "x.elf"),
                     ("objdump", ["-M", "max", "-d", "--no-show-raw-insn"], "x.elf")]
    assert list(found) == ["body_a", "body_b"]
    assert [(i.pc, i.op, i.args) for i in found["body_a"]] == [
        (0x1000, "mov", ["%rdi", "%rax"]), (0x1003, "jne", ["1010"]),
        (0x1008, "ldr", ["w2", "[x0, #112]"]), (0x100c, "lea", ["0x10(%rip)", "%rax"]),
        (0x1010, "ret", [])]
    assert [i.args for i in found["body_b"]] == [["x0", "x0", "#0x8"]]


SYMBOLS = """\
ffffffff80001020 l     F .text\t0000000000000010 other
ffffffff80001008 l       .text\t0000000000000000 body_no_function
ffffffff80001030 l     F .text\t0000000000000008 body_b
c000000000001000 g     F .text\t0000000000000020 0x60 body_c
ffffffff80001000 l     F .text.x\t0000000000000014 body_a
"""


@pytest.mark.parametrize("prefix,asked", [
    ("body_", ["--start-address=0xc000000000001000", "--stop-address=0xffffffff80001038"]),
    ("body_a", ["--start-address=0xffffffff80001000", "--stop-address=0xffffffff80001014"]),
    ("body_c", ["--start-address=0xc000000000001000", "--stop-address=0xc000000000001020"]),
    ("none_", [])])
def test_objdump_is_spared_what_lies_around(monkeypatch, prefix, asked):
    monkeypatch.setattr(objcode, "run_objdump", lambda *args: SYMBOLS)
    assert objcode.only_range("x.elf", "objdump", prefix) == asked


def test_a_function_whose_end_is_not_known_has_no_range(monkeypatch):
    monkeypatch.setattr(objcode, "run_objdump", lambda *args: SYMBOLS.replace("08 body", "00 body"))
    assert objcode.only_range("x.elf", "objdump", "body_") == []


def test_words_are_asked_for_with_their_section(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(objcode, "run_objdump", lambda *args: asked.append(args[1]) or "")
    assert objcode.read_words(elf(tmp_path, 62), "objdump", (), "x") == [] and asked == [["-s"]]


def test_an_objdump_that_fails_is_no_empty_file(tmp_path):
    path = elf(tmp_path, 62)
    with pytest.raises(decoder.Unknown, match="no-such-objdump is missing"):
        objcode.run_objdump("no-such-objdump", [], path)
    with pytest.raises(decoder.Unknown, match="^false: "):
        objcode.run_objdump("false", [], path)
    assert objcode.run_objdump("echo", ["-s"], path) == f"-s {path}\n"


@pytest.mark.parametrize("text,words", [
    ("", []), ("%rax", ["%rax"]), ("x0, [x1, #8]", ["x0", "[x1, #8]"]),
    ("$0x1,-0x4(%rsp,%rax,2)", ["$0x1", "-0x4(%rsp,%rax,2)"]), ("{a, b}, c", ["{a, b}", "c"]),
    ("a,,b", ["a", "", "b"]), ("a, ", ["a"])])
def test_operands_are_cut_between_and_not_inside_brackets(text, words):
    assert decoder.split_args(text) == words


@pytest.mark.parametrize("kind,before,after,there", [
    ("rel", ["light"], [], True), ("rel", [], ["light"], False), ("acq", [], ["light"], True),
    ("acq", ["light"], [], False), ("rel", ["w"], [], False)])
def test_a_barrier_makes_an_acquire_behind_and_a_release_before(kind, before, after, there):
    class Machine(decoder.Base):
        SERVES = {"acq": {"light", "full"}, "rel": {"light", "full"}}
    assert Machine().ordered(kind, None, before, after) == there


EFFECTS = """
x86_64 | mov %rax,8(%rdi)          | store=di data=ax size=8
x86_64 | movzbl (%rdi),%eax        | load=di dst=ax size=1
x86_64 | mov (%rdi,%rcx,4),%r10d   | load=di,cx dst=r10 size=4
x86_64 | movw %cx,(%rsi)           | store=si data=cx size=2
x86_64 | mov %sil,(%rdi)           | store=di data=si size=1
x86_64 | mov %ah,(%rdi)            | store=di data=ax size=1
x86_64 | mov %r8b,(%rdi)           | store=di data=r8 size=1
x86_64 | xchg %eax,(%rdi)          | load=di store=di data=ax dst=ax size=4 form=rmw-full
x86_64 | xchg %rax,(%rdi)          | size=8 barrier=full
x86_64 | xchg %ax,%bx              | dst=ax,bx
x86_64 | lock xadd %rax,(%rdi)     | load=di store=di data=ax size=8 form=rmw-full barrier=full
x86_64 | lock cmpxchg %edx,(%rdi)  | load=di store=di size=4 form=rmw-full barrier=full
x86_64 | lock addl $0x0,-0x4(%rsp) | store=sp form= barrier=full
x86_64 | xadd %eax,(%rdi)          | load=di store=di form= barrier=
x86_64 | mfence                    | barrier=full
x86_64 | lfence                    | barrier=r
x86_64 | sfence                    | barrier=w
x86_64 | pause                     | barrier=hint
x86_64 | clflush (%rdi)            | barrier=hint store= load=
x86_64 | jmp 40                    | branch=64 ends=1 cond=
x86_64 | jne 40                    | branch=64 ends=0 cond=flags
x86_64 | ret                       | ends=1
x86_64 | leave                     | dst=sp,bp
x86_64 | cmp %eax,(%rdi)           | load=di dst=flags src=ax size=4
x86_64 | xor %eax,%eax             | dst=ax,flags src=
x86_64 | xor %eax,%edx             | dst=dx,flags src=ax
x86_64 | sbb %rdx,%rdx             | dst=dx,flags src=flags
x86_64 | sbb %rax,%rdx             | dst=dx,flags src=ax,flags
x86_64 | adc $0x0,%rdx             | dst=dx,flags src=flags
x86_64 | cqto                      | dst=dx src=ax
x86_64 | idiv %rcx                 | dst=ax,dx,flags src=ax,dx,cx
x86_64 | lea 4(%rax,%rbx,1),%rcx   | dst=cx src=ax,bx load=
x86_64 | cltq                      | dst=ax src=ax
arm64  | ldr x1, [x0, #8]          | load=x0 dst=x1 size=8 form=
arm64  | ldrb w1, [x0]             | load=x0 dst=x1 size=1
arm64  | ldrh w1, [x0, x2]         | load=x0,x2 dst=x1 size=2
arm64  | ldar w1, [x0]             | load=x0 dst=x1 size=4 form=acq
arm64  | ldarb w1, [x0]            | load=x0 dst=x1 size=1 form=acq
arm64  | ldarh w1, [x0]            | load=x0 size=2 form=acq
arm64  | stlr x1, [x0]             | store=x0 data=x1 size=8 form=rel
arm64  | stlrb w1, [x0]            | store=x0 size=1 form=rel
arm64  | stlrh w1, [x0]            | store=x0 size=2 form=rel
arm64  | str wzr, [x0]             | store=x0 data= size=4 form=
arm64  | ldxr x2, [x0]             | load=x0 dst=x2 size=8 form=ll
arm64  | ldaxr w2, [x0]            | load=x0 dst=x2 size=4 form=ll
arm64  | stxr w1, x2, [x0]         | store=x0 dst=x1 data=x2 size=8 form=sc
arm64  | stlxr w1, w2, [x0]        | store=x0 dst=x1 data=x2 size=4 form=sc-rel
arm64  | stp x29, x30, [sp, #-16]! | store=sp size=8
arm64  | dmb ish                   | barrier=full
arm64  | dmb ishld                 | barrier=r
arm64  | dsb st                    | barrier=w
arm64  | dsb ld                    | barrier=r
arm64  | isb                       | barrier=isync
arm64  | yield                     | barrier=hint
arm64  | dc civac, x0              | barrier=hint
arm64  | hint #0x22                | barrier= dst=
arm64  | nop                       | barrier= dst= src=
arm64  | ldp x1, x2, [x0]          | load=x0 dst=x1,x2 size=8
arm64  | bfi x1, x2, #0, #8        | dst=x1 src=x2 keep=1
arm64  | mov x1, x2                | dst=x1 src=x2 keep=0
arm64  | cinc w1, w2, ne           | dst=x1 src=x2,flags
arm64  | abs x1, x2                | dst=x1
arm64  | cbz w1, 40                | cond=x1 branch=64 ends=0
arm64  | cbnz x1, 40               | cond=x1 branch=64
arm64  | tbz w3, #4, 40            | cond=x3 branch=64
arm64  | b.ne 40                   | cond=flags branch=64 ends=0
arm64  | b 40                      | branch=64 ends=1
arm64  | cmp x1, x2                | dst=flags src=x1,x2 size=8
arm64  | eor w1, w2, w2            | dst=x1 src=
arm64  | eor w1, w2, w3            | dst=x1 src=x2,x3
arm64  | cset w1, ne               | dst=x1 src=flags
arm64  | csel w1, w2, w3, eq       | dst=x1 src=x2,x3,flags
arm64  | adds x1, x2, x3           | dst=x1,flags src=x2,x3
arm64  | lsl x1, x2, #3            | dst=x1 src=x2
arm64  | swpal w1, w2, [x0]        | load=x0 store=x0 form=rmw-full barrier=full size=4
arm64  | ldadd w1, w2, [x0]        | load=x0 store=x0 form=rmw barrier=
riscv64 | fence rw,rw              | barrier=full
riscv64 | fence                    | barrier=full
riscv64 | fence r,rw               | barrier=acq
riscv64 | fence rw,w               | barrier=rel
riscv64 | fence w,r                | barrier=other
riscv64 | fence r,r                | barrier=r
riscv64 | fence w,w                | barrier=w
riscv64 | fence iorw,iorw          | barrier=full
riscv64 | fence ir,ir              | barrier=r
riscv64 | fence ow,ow              | barrier=w
riscv64 | mv a1,fp                 | dst=a1 src=s0
riscv64 | li a1,5                  | dst=a1 src=
riscv64 | sd zero,0(a0)            | store=a0 data= size=8
riscv64 | c.sdsp a1,8(sp)          | store=sp data=a1 size=8
riscv64 | c.nop                    | barrier= dst=
riscv64 | fence.i                  | barrier=isync
riscv64 | amoswap.w.aqrl a1,a2,(a0) | load=a0 store=a0 data=a2 dst=a1 size=4 form=rmw-full
riscv64 | amoadd.d.aqrl a1,a2,(a0) | size=8 barrier=full
riscv64 | amoadd.d.rl a1,a2,(a0)   | load=a0 store=a0 size=8 form=rmw barrier=
riscv64 | lr.w.aq a1,(a0)          | load=a0 dst=a1 size=4 form=ll
riscv64 | sc.d a1,a2,(a0)          | store=a0 dst=a1 data=a2 size=8 form=sc
riscv64 | sc.w.aqrl a1,a2,(a0)     | store=a0 size=4 form=sc-rel
riscv64 | lbu a1,0(a0)             | load=a0 dst=a1 size=1
riscv64 | sh a1,0(a0)              | store=a0 data=a1 size=2
riscv64 | c.ld a1,8(a0)            | load=a0 dst=a1 size=8
riscv64 | bnez a1,40               | cond=a1 branch=64 ends=0
riscv64 | bne a1,a2,40             | cond=a1,a2 branch=64
riscv64 | bltu a1,a2,40            | cond=a1,a2 branch=64
riscv64 | bgez a1,40               | cond=a1 branch=64
riscv64 | j 40                     | branch=64 ends=1
riscv64 | ret                      | ends=1
riscv64 | xor a1,a2,a2             | dst=a1 src=
powerpc64 | hwsync                 | barrier=full
powerpc64 | nop                    | barrier= dst= src=
powerpc64 | ori r0,r0,0            | barrier= dst= src=
powerpc64 | ori r9,r4,5            | dst=r9 src=r4
powerpc64 | rldimi r9,r4,32,0      | dst=r9 src=r4 keep=1
powerpc64 | sync                   | barrier=full
powerpc64 | lwsync                 | barrier=light
powerpc64 | isync                  | barrier=isync
powerpc64 | dcbf 0,r3              | barrier=hint
powerpc64 | lwarx r9,0,r3          | load=r3 dst=r9 size=4 form=ll
powerpc64 | stdcx. r5,0,r3         | store=r3 data=r5 dst=cr0 size=8 form=sc
powerpc64 | lbz r9,0(r3)           | load=r3 dst=r9 size=1
powerpc64 | lwz r9,8(r3)           | load=r3 dst=r9 size=4
powerpc64 | ldx r9,r3,r4           | load=r3,r4 dst=r9 size=8
powerpc64 | sth r9,0(r3)           | store=r3 data=r9 size=2
powerpc64 | std r31,-8(r1)         | store=r1 data=r31 size=8
powerpc64 | bne- 40                | cond=cr0 branch=64 ends=0
powerpc64 | beq cr7,40             | cond=cr7 branch=64
powerpc64 | b 40                   | branch=64 ends=1
powerpc64 | blr                    | ends=1
powerpc64 | bdnz 40                | cond=ctr branch=64 ends=0
powerpc64 | bdz 40                 | cond=ctr branch=64 ends=0
powerpc64 | beqlr cr7              | cond=cr7 ends=0 branch=-1
powerpc64 | mtctr r9               | dst=ctr src=r9
powerpc64 | la r9,8(r3)            | dst=r9 src=r3 load=
powerpc64 | rlwimi r9,r4,0,0,31    | dst=r9 src=r4 keep=1
powerpc64 | cmpd r9,r4             | dst=cr0 src=r9,r4
powerpc64 | cmpw cr7,r9,r4         | dst=cr7 src=r9,r4
powerpc64 | xor r9,r3,r3           | dst=r9 src=
powerpc64 | subfe r9,r9,r9         | dst=r9,ca src=ca
powerpc64 | subfe r9,r3,r4         | dst=r9,ca src=r3,r4,ca
powerpc64 | addic r9,r3,-1         | dst=r9,ca src=r3
powerpc64 | addze r9,r3            | dst=r9,ca src=r3,ca
powerpc64 | add r9,r3,r4           | dst=r9 src=r3,r4
powerpc64 | addi r9,r3,1           | dst=r9 src=r3
powerpc64 | add. r9,r3,r4          | dst=r9,cr0 src=r3,r4
"""


def effect_of(isa, text):
    op, _, args = text.partition(" ")
    return objcode.decoder_of(isas.find(isa)).decode(
        decoder.Insn(0, op, decoder.split_args(args), text))


@pytest.mark.parametrize("line", EFFECTS.strip().splitlines())
def test_what_an_instruction_does(line):
    isa, text, want = (part.strip() for part in line.split("|"))
    effect = effect_of(isa, text)
    for word in want.split():
        field, _, value = word.partition("=")
        got = getattr(effect, field)
        if isinstance(got, tuple):
            assert got == tuple(value.split(",") if value else ()), (word, got)
        else:
            assert str(int(got) if isinstance(got, (bool, int)) else got) == value, (word, got)


@pytest.mark.parametrize("isa,text", [
    ("x86_64", "call 40"), ("arm64", "bl 40"), ("arm64", "blr x1"), ("riscv64", "jal 40"),
    ("riscv64", "call 40"), ("riscv64", "jalr a0"), ("powerpc64", "bl 40"), ("powerpc64", "bctrl")])
def test_a_call_is_no_part_of_a_body(isa, text):
    with pytest.raises(decoder.Unknown, match="a call"):
        effect_of(isa, text)
