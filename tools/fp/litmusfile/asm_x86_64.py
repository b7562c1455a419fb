# SPDX-License-Identifier: GPL-2.0-only
"""Dialect X86_64, in AT&T's order: registers, operands, instructions (Intel SDM, volume 2)."""
import re
from dataclasses import replace

from .asm_forms import Bad, Insn, Operand, number

ARCH = "x86_64"
CONSTRAINT = ""
REGS_MAX = 10
FIXED = {"rax": "a"}  # registers that instructions use without naming them, for GCC
_OLD = ("ax", "bx", "cx", "dx", "si", "di")
_WIDTHS = {"b": 1, "w": 2, "k": 4, "q": 8}
SUFFIXES = {"b": 1, "w": 2, "l": 4, "q": 8}
_MEM = re.compile(r"(-?[0-9]\w*)?\s*\(\s*(%?\w+)\s*(?:,\s*(%\w+)\s*(?:,\s*([1248]))?\s*)?\)")
WORDS = {}
_NAMES = {}
for _old in _OLD:
    _NAMES.update({f"r{_old}": (f"r{_old}", "q"), f"e{_old}": (f"r{_old}", "k"),
                   _old: (f"r{_old}", "w"), (_old if _old[-1] == "i" else _old[0]) + "l":
                   (f"r{_old}", "b")})
for _n in range(8, 16):
    _NAMES.update({f"r{_n}": (f"r{_n}", "q"), f"r{_n}d": (f"r{_n}", "k"),
                   f"r{_n}w": (f"r{_n}", "w"), f"r{_n}b": (f"r{_n}", "b")})


def canonical(name):
    """The register that a name means, or None."""
    found = _NAMES.get(name.lower().removeprefix("%"))
    return found and found[0]


def _register(text):
    if not text.startswith("%"):
        return None
    found = _NAMES.get(text[1:].lower())
    if not found:
        raise Bad(f"there is no register {text} for a test")
    return Operand("reg", "{%s:%s}" % (found[1], found[0]), (found[0],), _WIDTHS[found[1]])


def _wide(text):
    found = _register(text)
    if not found or found.width != 8:
        raise Bad(f"{text} is no register of 64 bits")
    return found


def _memory(m):
    value = number(m[1]) if m[1] else 0
    index = _wide(m[3]) if m[3] else None
    inner = f", {index.text}, {m[4] or 1}" if index else ""
    more = index.regs if index else ()
    head = str(value) if value else ""
    if m[2].startswith("%"):
        base = _wide(m[2])
        return Operand("mem", f"{head}({base.text}{inner})", base.regs + more, value=value)
    return Operand("mem", f"{head}({{a:{m[2]}}}{inner})", more, value=value, var=m[2])


def operand(text):
    """One operand; Bad."""
    m = _MEM.fullmatch(text)
    if m:
        return _memory(m)
    if text.startswith("["):
        m = re.fullmatch(r"\[(\w+)\]", text)
        if not m or canonical(m[1]):
            raise Bad(f"{text} is no address that is known here")
        return Operand("mem", "({a:%s})" % m[1], var=m[1])
    if text.startswith("$"):
        value = number(text[1:])
        return Operand("imm", f"${value}", value=value)
    return _register(text) or Operand("word", text)


IMMEDIATES = {
    "i32": lambda v: -1 << 31 <= v < 1 << 31,
    "any": lambda v: -1 << 63 <= v < 1 << 64,
    "shift": lambda v: 0 <= v < 32,
}
_CONDITIONS = ("e", "ne", "z", "nz", "l", "le", "g", "ge", "b", "be", "a", "ae", "s", "ns")


def _table():
    out = {}

    def add(names, *forms, **more):
        for name in names.split():
            out[name] = Insn(forms, **more)

    for s, size in (("", 0), *SUFFIXES.items()):
        more = {"size": size, "effect": "any"}
        add(f"mov{s}", "s d", "i:i32 d", "m d", "s m", "i:i32 m", **more)
        add(f"add{s} sub{s} and{s} or{s} xor{s}", "s b", "i:i32 b", "m b", "s m", "i:i32 m", **more)
        add(f"inc{s} dec{s} neg{s} not{s}", "b", "m", **more)
        add(f"cmp{s} test{s}", "s s", "i:i32 s", "m s", "s m", "i:i32 m", **more)
        add(f"xchg{s}", "b b", "b m", "m b", **more)
        add(f"xadd{s}", "b b", "b m", **more)
        add(f"shl{s} shr{s} sar{s}", "i:shift b", size=size)
        add(f"cmpxchg{s}", "s m", fixed=("rax",), **more)
        for c in _CONDITIONS:
            add(f"cmov{c}{s}", "s b", "m b", **more)
    add("movabsq movabs", "i:any d", size=8)
    add("movzbl movsbl", "m d", "s d", effect="any", size=1)
    add("movzwl movswl", "m d", "s d", effect="any", size=2)
    add("movslq", "m d", "s d", effect="any", size=4)
    add("movnti movntil movntiq", "s m", effect="any")
    add("clflush clflushopt", "m", effect="any", size=1)
    add(" ".join(f"j{c}" for c in (*_CONDITIONS, "mp")), "l")
    add("mfence lfence sfence nop pause endbr64", "")
    return out


TABLE = _table()
_LOCKED = ("add", "sub", "and", "or", "xor", "inc", "dec", "neg", "not", "xchg", "xadd", "cmpxchg")
_ONLY_READ = ("cmp", "test", "cmov", "movz", "movs", "clflush")


def prefix(text):
    """`lock` stands before the instruction."""
    m = re.match(r"lock\s+(?=\S)", text, re.I)
    return (text[m.end():], "lock ") if m else (text, "")


def _effect(name, operands):
    """What it does to memory."""
    if name.startswith(("cmpxchg", "xchg", "xadd")):
        return "rmw"
    if name.startswith(_ONLY_READ) or len(operands) > 1 and operands[0].kind == "mem":
        return "load"
    return "store" if name.startswith("mov") else "rmw"


def check(name, parsed, operands, lock):
    """What forms do not say. Bad."""
    effect = _effect(name, operands) if parsed.memory else ""
    parsed.insn = replace(parsed.insn, effect=effect)
    if lock and not (effect == "rmw" and name.startswith(_LOCKED)):
        raise Bad(f"lock does not stand before {name} with these operands")
    widths = {o.width for o in operands if o.kind == "reg"}
    if name.startswith(("movz", "movs")):
        _check_stretch(name, parsed, operands)
    elif len(widths) > 1 or parsed.insn.size and widths - {parsed.insn.size}:
        raise Bad(f"{name} takes registers of one width")
    if parsed.memory and not parsed.size:
        raise Bad(f"{name} does not say how wide the access is: write {name}l, {name}q and so on")
    for o in operands:
        bits = 8 * parsed.size
        if o.kind == "imm" and bits in (8, 16) and not -(1 << bits - 1) <= o.value < 1 << bits:
            raise Bad(f"{o.value} does not fit into {bits} bits")


def _check_stretch(name, parsed, operands):
    """movzbl and the like: a narrow operand, and a register of 32 bits (movslq: of 64)."""
    wide = 8 if name == "movslq" else 4
    if operands[1].width != wide or \
            operands[0].kind == "reg" and operands[0].width != parsed.insn.size:
        raise Bad(f"{name} takes another width of registers")
