# SPDX-License-Identifier: GPL-2.0-only
"""The instructions of a litmus body as the image has them: its loop, what races in it marked."""
import re
from dataclasses import dataclass

from ..images.decoder import Unknown
from ..images.objcode import decoder_of, read_functions

PREFIX = "litmus_body_"


@dataclass
class Line:
    """An instruction. @mark: load, store, barrier, branch, or nothing of interest."""

    text: str
    label: str = ""
    mark: str = ""


def read(isa, elf):
    """{body: its lines} of an image; {} if there is none, or its tools are missing."""
    if not elf.is_file():
        return {}
    try:
        machine = decoder_of(isa)
        found = read_functions(elf, isa.tool("objdump"), machine.options, PREFIX)
    except Unknown:
        return {}
    return {name: lines_of(machine, insns) for name, insns in found.items() if insns}


def _mark(machine, insn):
    """What an instruction is to the race: cells are touched with 32 bits, and off the stack."""
    try:
        e = machine.decode(insn)
    except (Unknown, ValueError, KeyError, StopIteration, IndexError):
        return ""
    regs = e.load or e.store
    if regs and e.size == 4 and not set(regs) <= set(machine.stack):
        return "store" if e.store else "load"
    if e.barrier and e.barrier != "hint":
        return "barrier"
    return "branch" if e.cond else ""


def _target(machine, insn):
    try:
        return machine.decode(insn).branch
    except (Unknown, ValueError, KeyError, StopIteration, IndexError):
        return -1


def loop_of(machine, insns):
    """The instructions from the target of the last jump backwards to that jump; all without one."""
    at = {i.pc: n for n, i in enumerate(insns)}
    for n in reversed(range(len(insns))):
        begin = at.get(_target(machine, insns[n]))
        if begin is not None and begin <= n:
            return insns[begin:n + 1]
    return insns


def lines_of(machine, insns):
    """The loop as lines, with numbers for the places that are jumped to."""
    loop = loop_of(machine, insns)
    here = {i.pc for i in loop}
    targets = sorted({t for i in loop if (t := _target(machine, i)) in here})
    labels = {pc: str(n) for n, pc in enumerate(targets, 1)}
    out = []
    for i in loop:
        text = _pretty(i, labels, _target(machine, i))
        mark = _mark(machine, i)
        out.append(Line(text, labels.get(i.pc, ""), "" if i is loop[-1] else mark))
    return out


def _pretty(insn, labels, target):
    """Without its address; a jump's target is a number, or "out" of the loop."""
    text = re.sub(r"^[0-9a-f]+:\s*", "", insn.text)
    text = re.split(r"\s+(?://|# )|\s+<", text)[0]
    if target >= 0:
        text = re.sub(r"[0-9a-f]{4,}$", f"→{labels.get(target, 'out')}", text)
    return re.sub(r"\s+", " ", text, count=1)
