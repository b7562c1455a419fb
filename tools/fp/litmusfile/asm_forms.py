# SPDX-License-Identifier: GPL-2.0-only
"""What the assembly dialects have in common: an instruction is one of a table, with operands of one
of its forms, or it is refused. Its text is put together anew from what was understood, so that
nothing else of a file ever comes before an assembler.

A form is a word an operand:
	d	register that is written		s	register that is read
	b	both					m	memory
	l	label					h	shift or extension
	i:NAME	immediate that isa.IMMEDIATES[NAME] takes
	w:NAME	word of isa.WORDS[NAME]
"""
import re
from dataclasses import dataclass, field


class Bad(Exception):
    """Why an instruction is not taken: a sentence without its place."""


@dataclass
class Operand:
    """@kind: reg, imm, mem, how or word. @text: as in ir.Instruction."""

    kind: str
    text: str
    regs: tuple = ()  # a register, or those of an address
    width: int = 0  # of a register, in bytes; 0 where the instruction says it
    value: int = 0  # of an immediate; of an address what is added to it
    var: str = ""  # of an address that names a variable


@dataclass(frozen=True)
class Insn:
    """An instruction of a table. @effect: load, store, rmw or nothing; @size: bytes of memory, 0
    where the width of the data register says it; @needs: as ir.Program.needs; @exact: its address
    is a multiple of its size."""

    forms: tuple
    effect: str = ""
    size: int = 0
    needs: str = ""
    exact: bool = False
    fixed: tuple = ()  # registers that it uses besides those that are named


@dataclass
class Parsed:
    """An instruction of a file."""

    text: str
    insn: Insn
    reads: list = field(default_factory=list)
    writes: list = field(default_factory=list)
    memory: Operand | None = None
    size: int = 0
    width: int = 0  # of what it writes to a register
    target: str = ""  # label


def split(text):
    """Operands: at the commas outside of brackets."""
    out, depth = [""], 0
    for c in text:
        depth += (c in "[(") - (c in "])")
        if c == "," and not depth:
            out.append("")
        else:
            out[-1] += c
    return [o.strip() for o in out] if text.strip() else []


def number(text):
    """A decimal or hexadecimal number; Bad."""
    if not re.fullmatch(r"-?(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})", text):
        raise Bad(f"{text!r} is no number")
    return int(text, 0) if "x" in text.lower() else int(text)


def _fits(isa, kind, operand):
    kind, _, name = kind.partition(":")
    if kind in ("d", "s", "b"):
        return operand.kind == "reg"
    if kind in ("m", "h"):
        return operand.kind == {"m": "mem", "h": "how"}[kind]
    if kind == "i":
        return operand.kind == "imm" and isa.IMMEDIATES[name](operand.value)
    if kind == "w":
        return operand.kind == "word" and operand.text.lower() in isa.WORDS[name]
    return operand.kind == "word" and re.fullmatch(r"[A-Za-z_.][\w.]*", operand.text)


def _take(parsed, kind, operand):
    """Note what an operand is to its instruction; its text."""
    if kind in ("s", "b"):
        parsed.reads += operand.regs
    if kind in ("d", "b"):
        parsed.writes += operand.regs
        parsed.width = max(parsed.width, operand.width)
    if kind == "m":
        parsed.memory = operand
    if kind == "l":
        parsed.target = operand.text
        return "{l:%s}" % operand.text
    return operand.text.lower() if operand.kind == "word" else operand.text


def _form_of(isa, name, insn, operands, rest):
    for form in insn.forms:
        kinds = form.split()
        if len(kinds) == len(operands) and all(_fits(isa, k, o) for k, o in zip(kinds, operands)):
            return kinds
    raise Bad(f"{name} does not take {rest!r}" if rest else f"{name} takes operands")


def parse(isa, text):
    """The Parsed of one instruction; Bad."""
    text, prefix = isa.prefix(text) if hasattr(isa, "prefix") else (text, "")
    name, _, rest = text.partition(" ")
    name, rest = name.lower(), rest.strip()
    insn = isa.TABLE.get(name)
    if insn is None:
        raise Bad(f"the instruction {name} is not known here: those of ordinary memory tests are, "
                  "without privilege")
    operands = [isa.operand(o) for o in split(rest)]
    kinds = _form_of(isa, name, insn, operands, rest)
    parsed = Parsed("", insn)
    parts = [_take(parsed, kind.partition(":")[0], o) for kind, o in zip(kinds, operands)]
    parsed.text = f"{prefix}{name} {', '.join(parts)}".strip()
    parsed.reads += insn.fixed
    parsed.writes += insn.fixed
    data = [o.width for o in operands if o.kind == "reg" and o.width]
    parsed.size = insn.size or (data[-1] if data else 0)
    isa.check(name, parsed, operands, prefix)
    return parsed
