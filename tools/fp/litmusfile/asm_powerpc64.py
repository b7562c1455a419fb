# SPDX-License-Identifier: GPL-2.0-only
"""Dialect PPC: registers, operands, instructions (Power ISA 3.0B, book I and II). Where an address
is computed, or addi adds, r0 as the first register means zero."""
import re

from .asm_forms import Bad, Insn, Operand, number

ARCH = "powerpc64"
CONSTRAINT = "b"  # any but r0, which means zero in an address
REGS_MAX = 22
FIXED = {}
_REG = re.compile(r"r(\d{1,2})", re.I)
_MEM = re.compile(r"(-?\w*)\s*\(\s*(\w+)\s*\)")
WORDS = {"cr0": ("cr0",)}


def canonical(name):
    """The register that a name means, or None."""
    m = _REG.fullmatch(name)
    return f"r{int(m[1])}" if m and int(m[1]) < 32 else None


def operand(text):
    """One operand; Bad."""
    m = _MEM.fullmatch(text)
    if m:
        base = canonical(m[2])
        if not base or base == "r0":
            raise Bad(f"{m[2]} is no register that holds an address")
        value = number(m[1]) if m[1] else 0
        return Operand("mem", f"{value}({{r:{base}}})", (base,), value=value)
    if re.fullmatch(r"-?\d\w*", text):
        value = number(text)
        return Operand("imm", str(value), value=value)
    found = canonical(text)
    return Operand("reg", "{r:%s}" % found, (found,)) if found else Operand("word", text)


IMMEDIATES = {
    "i16": lambda v: -32768 <= v < 32768,
    "u16": lambda v: 0 <= v < 65536,
    "shift": lambda v: 0 <= v < 32,
}


def _table():
    out = {}

    def add(names, *forms, **more):
        for name in names.split():
            out[name] = Insn(forms, **more)

    for names, size in (("lbz", 1), ("lhz lha", 2), ("lwz lwa", 4), ("ld", 8)):
        add(names, "d m", effect="load", size=size)
        add(" ".join(n + "x" for n in names.split()), "d s s", effect="load", size=size)
    for name, size in (("stb", 1), ("sth", 2), ("stw", 4), ("std", 8)):
        add(name, "s m", effect="store", size=size)
        add(name + "x", "s s s", effect="store", size=size)
    for name, size in (("w", 4), ("d", 8)):
        add(f"l{name}arx", "d s s", effect="load", size=size, exact=True)
        add(f"st{name}cx.", "s s s", effect="store", size=size, exact=True)
    add("li", "d i:i16")
    add("lis", "d i:i16")
    add("addi addis subi", "d s i:i16")
    add("add subf sub xor or and nor nand andc add. subf. xor. or. and. mullw mulld slw srw sld "
        "srd", "d s s")
    add("ori xori oris xoris andi. andis.", "d s i:u16")
    add("mr extsw neg not extsb extsh", "d s")
    add("slwi srwi sldi srdi", "d s i:shift")
    add("cmpw cmplw cmpd cmpld", "s s", "w:cr0 s s")
    add("cmpwi cmpdi", "s i:i16", "w:cr0 s i:i16")
    add("cmplwi cmpldi", "s i:u16", "w:cr0 s i:u16")
    add("beq bne blt bgt ble bge beq- bne- beq+ bne+", "l", "w:cr0 l")
    add("b", "l")
    add("sync hwsync lwsync isync eieio nop", "")
    return out


TABLE = _table()
# In these the second operand is zero where it is r0.
_ZERO = ("addi", "addis", "subi")


def prefix(text):
    """hwsync has a name of its own, which not every assembler knows."""
    return ("sync", "") if text.lower() == "hwsync" else (text, "")


def _as_address(name, parsed, operands):
    """Of rX, rA, rB: the last two are an address, rA as r0 is none."""
    a, b = operands[1], operands[2]
    parsed.memory = Operand("mem", "", (*(a.regs if a.regs != ("r0",) else ()), *b.regs))
    data = operands[0]
    parsed.reads = list(data.regs) if name.startswith("st") else []
    first = "0" if a.regs == ("r0",) else a.text
    parsed.text = f"{name} {data.text}, {first}, {b.text}"


def check(name, parsed, operands, _prefix):
    """What forms do not say. Bad."""
    if parsed.insn.effect and not parsed.memory:
        _as_address(name, parsed, operands)
    if name in _ZERO and operands[1].regs == ("r0",):
        raise Bad(f"{name} takes r0 for zero: write li or lis")
    if name in ("ld", "lwa", "std") and parsed.memory.value % 4:
        raise Bad(f"{name} takes an offset that is a multiple of 4")
    if parsed.target and len(operands) == 2:
        parsed.text = parsed.text.replace("cr0, ", "")
    parsed.width = 4 if parsed.size == 4 and parsed.insn.effect else 8
