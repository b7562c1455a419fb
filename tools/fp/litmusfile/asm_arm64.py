# SPDX-License-Identifier: GPL-2.0-only
"""Dialect AArch64: registers, operands, instructions (Arm ARM DDI 0487, part C; LSE: FEAT_LSE)."""
import re

from .asm_forms import Bad, Insn, Operand, number

ARCH = "arm64"
CONSTRAINT = ""
REGS_MAX = 22
FIXED = {}
_REG = re.compile(r"([wx])(\d{1,2}|zr)", re.I)
_MEM = re.compile(r"\[\s*(\w+)\s*(?:,\s*(#\S+|\w+)\s*(?:,\s*([A-Za-z]+(?:\s*#\d+)?)\s*)?)?\]")
_EXTEND = re.compile(r"(sxtw|uxtw|sxtx|lsl)(?:\s*#([0-3]))?", re.I)
_SHIFT = re.compile(r"(lsl|lsr|asr|sxtw|uxtw|sxtb|uxtb|sxth|uxth)(?:\s*#(\d{1,2}))?", re.I)
_CONDITIONS = ("eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt",
               "gt", "le")
WORDS = {"cond": _CONDITIONS, "barrier": ("sy", "st", "ld", "ish", "ishst", "ishld", "nsh", "nshst",
                                          "nshld", "osh", "oshst", "oshld")}


def canonical(name):
    """The register that a name means, or None."""
    m = _REG.fullmatch(name)
    if not m or m[2].lower() == "zr" or int(m[2]) > 30:
        return None
    return f"X{int(m[2])}"


def _register(text):
    m = _REG.fullmatch(text)
    if not m:
        return None
    wide = m[1].lower() == "x"
    if m[2].lower() == "zr":
        return Operand("reg", "xzr" if wide else "wzr", (), 8 if wide else 4)
    name = canonical(text)
    if not name:
        raise Bad(f"there is no register {text}")
    return Operand("reg", "{%s:%s}" % ("x" if wide else "w", name), (name,), 8 if wide else 4)


def _memory(text):
    m = _MEM.fullmatch(text)
    base = m and _register(m[1])
    if not base or base.width != 8 or not base.regs:
        raise Bad(f"{text} is no address that is known here: [X1], [X1,#8], [X1,X2] or "
                  "[X1,W2,SXTW]")
    if not m[2]:
        return Operand("mem", f"[{base.text}]", base.regs)
    if m[2].startswith("#"):
        if m[3]:
            raise Bad(f"{text} has an offset and more")
        value = number(m[2][1:])
        return Operand("mem", f"[{base.text}, #{value}]", base.regs, value=value)
    index, how = _register(m[2]), ""
    if not index:
        raise Bad(f"{m[2]} is no register")
    if m[3]:
        e = _EXTEND.fullmatch(m[3])
        if not e:
            raise Bad(f"{m[3]} is no extension of an index")
        how = f", {e[1].lower()}" + (f" #{e[2]}" if e[2] else "")
    if (index.width == 4) != ("xtw" in how):
        raise Bad(f"{text}: an index of 32 bits is extended, one of 64 is not")
    if how == ", lsl":
        how = ""
    return Operand("mem", f"[{base.text}, {index.text}{how}]", base.regs + index.regs)


def operand(text):
    """One operand; Bad."""
    if text.startswith("["):
        return _memory(text)
    if text.startswith("#"):
        value = number(text[1:])
        return Operand("imm", f"#{value}", value=value)
    found = _register(text)
    if found:
        return found
    shift = _SHIFT.fullmatch(text)
    if shift:
        amount = f" #{int(shift[2])}" if shift[2] else ""
        return Operand("how", shift[1].lower() + amount, value=int(shift[2] or 0))
    return Operand("word", text)


def _is_mask(value, bits=64):
    """Can the number be an immediate of and, orr, eor: ones in a row, turned, repeated?"""
    value &= (1 << bits) - 1
    for size in (2, 4, 8, 16, 32, 64):
        part = value & ((1 << size) - 1)
        if sum(part << n for n in range(0, bits, size)) & ((1 << bits) - 1) != value:
            continue
        turned = [(part >> n | part << size - n) & ((1 << size) - 1) for n in range(size)]
        return any(t and t & (t + 1) == 0 and t + 1 < 1 << size for t in turned)
    return False


def _is_movable(value):
    """One instruction moves it: 16 bits anywhere, or all others set."""
    value &= (1 << 64) - 1
    for v in (value, value ^ (1 << 64) - 1):
        if any(not v & ~(0xffff << n) for n in (0, 16, 32, 48)):
            return True
    return 0 <= value < 1 << 32 and any(
        not (value ^ 0xffffffff) & ~(0xffff << n) for n in (0, 16)) or _is_mask(value)


IMMEDIATES = {
    "move": _is_movable,
    "add": lambda v: 0 <= v < 4096,
    "mask": lambda v: 0 <= v < 1 << 31 and _is_mask(v, 32) and _is_mask(v),
    "u16": lambda v: 0 <= v < 65536,
    "shift": lambda v: 0 <= v < 32,
    "bit": lambda v: 0 <= v < 32,
}


def _table():
    out = {}

    def add(names, *forms, **more):
        for name in names.split():
            out[name] = Insn(forms, **more)

    for suffix, size in (("", 0), ("b", 1), ("h", 2)):
        add(f"ldr{suffix} ldur{suffix}", "d m", effect="load", size=size)
        add(f"str{suffix} stur{suffix}", "s m", effect="store", size=size)
        add(f"ldar{suffix} ldaxr{suffix} ldxr{suffix}", "d m", effect="load", size=size, exact=True)
        add(f"ldapr{suffix}", "d m", effect="load", size=size, exact=True, needs="rcpc")
        add(f"stlr{suffix}", "s m", effect="store", size=size, exact=True)
        add(f"stxr{suffix} stlxr{suffix}", "d s m", effect="store", size=size, exact=True)
        for order in ("", "a", "l", "al"):
            lse = {"effect": "rmw", "size": size, "exact": True, "needs": "lse"}
            add(f"cas{order}{suffix}", "b s m", **lse)
            add(f"swp{order}{suffix}", "s d m", **lse)
            for op in ("add", "clr", "eor", "set", "smax", "smin", "umax", "umin"):
                add(f"ld{op}{order}{suffix}", "s d m", **lse)
                if "a" not in order:
                    add(f"st{op}{order}{suffix}", "s m", **lse)
    for suffix, size in (("sb", 1), ("sh", 2), ("sw", 4)):
        add(f"ldr{suffix}", "d m", effect="load", size=size)
    add("mov", "d s", "d i:move")
    add("movz", "d i:u16", "d i:u16 h")
    add("movk", "b i:u16", "b i:u16 h")
    add("add sub adds subs", "d s s", "d s i:add", "d s s h")
    add("eor orr and ands", "d s s", "d s i:mask", "d s s h")
    add("bic orn eon", "d s s")
    add("mvn neg sxtw uxtw", "d s")
    add("lsl lsr asr", "d s i:shift", "d s s")
    add("mul sdiv udiv", "d s s")
    add("madd msub", "d s s s")
    add("cmp cmn", "s s", "s i:add", "s s h")
    add("tst", "s s", "s i:mask")
    add("csel csinc csinv csneg", "d s s w:cond")
    add("cset csetm", "d w:cond")
    add("b", "l")
    add(" ".join(f"b.{c}" for c in _CONDITIONS), "l")
    add("cbz cbnz", "s l")
    add("tbz tbnz", "s i:bit l")
    add("dmb dsb", "w:barrier")
    add("isb", "", "w:barrier")
    add("nop", "")
    return out


TABLE = _table()


def _same_width(parsed, operands):
    """Data registers of one instruction are as wide as one another."""
    return len({o.width for o in operands if o.kind == "reg"}) <= 1


def check(name, parsed, operands, _prefix):
    """What forms do not say. Bad."""
    if name == "isb" and operands and operands[0].text.lower() != "sy":
        raise Bad("isb takes nothing, or sy")
    regs = [o for o in operands if o.kind == "reg"]
    if name.startswith(("stxr", "stlxr")):
        if regs[0].width != 4 or regs[0].regs and regs[0].regs[0] in \
                (*regs[1].regs, *parsed.memory.regs):
            raise Bad(f"{name} takes its status in a register of 32 bits that is no other's")
    elif name in ("ldrsw", "sxtw", "uxtw"):
        pass
    elif not _same_width(parsed, operands) and not any(o.kind == "how" for o in operands):
        raise Bad(f"{name} takes registers of one width")
    if name in ("sxtw", "uxtw"):
        _check_extend(name, parsed, regs)
    if parsed.insn.size in (1, 2) and not name.startswith("ldrs") and regs[-1].width != 4:
        raise Bad(f"{name} takes a register of 32 bits")
    if name == "ldrsw" and regs[0].width != 8:
        raise Bad("ldrsw takes a register of 64 bits")
    plain = name.startswith(("ldr", "str"))
    if parsed.memory and not plain and len(parsed.memory.regs) > 1 or \
            parsed.insn.exact and parsed.memory.value:
        raise Bad(f"{name} takes an address in one register, without more")


def _check_extend(name, parsed, regs):
    """sxtw X, W; uxtw is a move of 32 bits."""
    if regs[1].width != 4 or name == "sxtw" and regs[0].width != 8:
        raise Bad(f"{name} takes a register of 64 bits and one of 32")
    if name == "uxtw":
        parsed.text = f"mov {regs[0].text.replace('{x:', '{w:')}, {regs[1].text}"
