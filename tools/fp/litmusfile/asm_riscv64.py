# SPDX-License-Identifier: GPL-2.0-only
"""Dialect RISCV: registers, operands, instructions (The RISC-V Instruction Set Manual, volume I: I,
M, A)."""
import re

from .asm_forms import Bad, Insn, Operand, number

ARCH = "riscv64"
CONSTRAINT = ""
REGS_MAX = 22
FIXED = {}
_ABI = ["zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1",
        *(f"a{n}" for n in range(8)), *(f"s{n}" for n in range(2, 12)),
        *(f"t{n}" for n in range(3, 7))]
_MEM = re.compile(r"(-?\w*)\s*\(\s*(\w+)\s*\)")
_SETS = [a + b + c + d for a in ("", "i") for b in ("", "o") for c in ("", "r") for d in ("", "w")]
WORDS = {"set": [s for s in _SETS if s]}


def canonical(name):
    """The register that a name means, or None."""
    name = name.lower()
    if re.fullmatch(r"x\d{1,2}", name) and int(name[1:]) < 32:
        n = int(name[1:])
    elif name in _ABI or name == "fp":
        n = 8 if name == "fp" else _ABI.index(name)
    else:
        return None
    return f"x{n}" if n else None


def operand(text):
    """One operand; Bad."""
    m = _MEM.fullmatch(text)
    if m:
        base = canonical(m[2])
        if not base:
            raise Bad(f"{m[2]} is no register that holds an address")
        value = number(m[1]) if m[1] else 0
        return Operand("mem", f"{value}({{r:{base}}})", (base,), value=value)
    if re.fullmatch(r"-?\d\w*", text):
        value = number(text)
        return Operand("imm", str(value), value=value)
    if text.lower() in ("x0", "zero"):
        return Operand("reg", "zero")
    found = canonical(text)
    return Operand("reg", "{r:%s}" % found, (found,)) if found else Operand("word", text)


IMMEDIATES = {
    "i12": lambda v: -2048 <= v < 2048,
    "i32": lambda v: -1 << 31 <= v < 1 << 32,
    "u20": lambda v: 0 <= v < 1 << 20,
    "shift": lambda v: 0 <= v < 64,
    "shiftw": lambda v: 0 <= v < 32,
}
_ORDERS = ("", ".aq", ".rl", ".aqrl", ".aq.rl")


def _table():
    out = {}

    def add(names, *forms, **more):
        for name in names.split():
            out[name] = Insn(forms, **more)

    for suffix, size in (("b", 1), ("h", 2), ("w", 4), ("d", 8)):
        add(f"l{suffix}", "d m", effect="load", size=size)
        add(f"s{suffix}", "s m", effect="store", size=size)
        if size < 8:
            add(f"l{suffix}u", "d m", effect="load", size=size)
    for suffix, size in ((".w", 4), (".d", 8)):
        for order in _ORDERS:
            add(f"lr{suffix}{order}", "d m", effect="load", size=size, exact=True)
            add(f"sc{suffix}{order}", "d s m", effect="store", size=size, exact=True)
            for op in ("swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu"):
                add(f"amo{op}{suffix}{order}", "d s m", effect="rmw", size=size, exact=True)
    add("addi ori andi xori slti sltiu addiw", "d s i:i12")
    add("add sub xor or and slt sltu sll srl sra addw subw sllw srlw sraw mul mulw", "d s s")
    add("slli srli srai", "d s i:shift")
    add("slliw srliw sraiw", "d s i:shiftw")
    add("li", "d i:i32")
    add("lui", "d i:u20")
    add("mv neg not sext.w seqz snez negw", "d s")
    add("beq bne blt bge bltu bgeu bgt ble", "s s l")
    add("beqz bnez bltz bgez bgtz blez", "s l")
    add("j", "l")
    add("fence", "", "w:set w:set")
    add("fence.tso fence.i nop", "")
    return out


TABLE = _table()


def prefix(text):
    """`.aq.rl` is .aqrl for GNU as."""
    return text.replace(".aq.rl", ".aqrl", 1), ""


def check(name, parsed, _operands, _prefix):
    """What forms do not say. Bad."""
    if parsed.insn.exact:
        if parsed.memory.value:
            raise Bad(f"{name} takes an address without an offset")
        base = parsed.memory.regs[0]
        parsed.text = parsed.text.replace("0({r:%s})" % base, "({r:%s})" % base)
    parsed.width = 4 if parsed.size == 4 and parsed.insn.effect else 8
