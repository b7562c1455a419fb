# SPDX-License-Identifier: GPL-2.0-only
"""Files of assembly dialects, as diy7 writes them, to programs of the form (ir.py)."""
from dataclasses import replace

from . import asm_arm64, asm_columns, asm_powerpc64, asm_riscv64, asm_x86_64, ir, names
from .asm_pointers import Pointers
from .faults import Malformed

DIALECTS = {"AArch64": asm_arm64, "RISCV": asm_riscv64, "PPC": asm_powerpc64,
            "X86_64": asm_x86_64}
ARCH_OF = {dialect: isa.ARCH for dialect, isa in DIALECTS.items()}
_WORD = ir.Type("int")


# ---- registers have several names ----

def _place(isa, place, line):
    if not isinstance(place, ir.Place) or place.thread is None:
        return place
    name = isa.canonical(place.name)
    if not name:
        raise Malformed(line, f"{place} is no register of {isa.ARCH} that a test may use")
    return replace(place, name=name)


def _cond(isa, cond, line):
    """A condition with registers by the names that the instructions have them by."""
    if isinstance(cond, ir.Equals):
        return replace(cond, place=_place(isa, cond.place, line),
                       value=_place(isa, cond.value, line))
    if isinstance(cond, ir.Not):
        return ir.Not(_cond(isa, cond.of, line))
    if isinstance(cond, (ir.And, ir.Or)):
        return type(cond)(tuple(_cond(isa, part, line) for part in cond.parts))
    return cond


def _rename(isa, items, end, line):
    for item in items:
        if item.thread is not None:
            item.name = _place(isa, ir.Place(item.thread, item.name), item.line).name
    end.condition = _cond(isa, end.condition, line)
    end.filter = _cond(isa, end.filter, line) if end.filter else None
    end.locations = [_place(isa, place, line) for place in end.locations]


# ---- threads ----

def _used(column):
    """The registers that instructions name, in order."""
    return dict.fromkeys(r for _, p in column.instructions() for r in
                         (*p.reads, *p.writes, *(p.memory.regs if p.memory else ())))


def _wide(column):
    """Registers that 64 bits of memory are loaded into."""
    return {r for _, p in column.accesses() if p.size == 8 for r in p.writes}


def _complete(thread, column, isa, declared):
    """Registers, and what holds an address or 64 bits, unless the file says their type."""
    for name in _used(column):
        thread.locals.setdefault(name, _WORD)
        thread.init.setdefault(name, 0)
    wide = _wide(column)
    for name in thread.locals:
        if column.registers.get(name):
            thread.locals[name] = ir.Type("s64", 1)
        elif name in wide and (thread.number, name) not in declared:
            thread.locals[name] = ir.Type("s64")
    if len(thread.locals) > isa.REGS_MAX:
        raise Malformed(column.lines[0][0], f"P{thread.number} has {len(thread.locals)} registers; "
                        f"at most {isa.REGS_MAX} expected")
    thread.body = [ir.Instruction("{l:%s}:" % label if label else p.text, line)
                   for line, label, p in column.lines]
    thread.constraints = {name: isa.CONSTRAINT for name in thread.locals if isa.CONSTRAINT} | \
        {r: isa.FIXED[r] for _, p in column.instructions() for r in p.insn.fixed}


def _variables(found, columns):
    """Those that instructions alone name."""
    for column in columns:
        for _, p in column.accesses():
            if p.memory.var:
                found.variables.setdefault(p.memory.var, ir.Variable(p.memory.var, _WORD, [0]))


def _pointing(threads, columns):
    """What registers hold at the start."""
    for thread, column in zip(threads, columns):
        column.registers = {name: {value.var} for name, value in thread.init.items()
                            if isinstance(value, ir.Address)}


def read(parts, items, end, path):
    """The Program of a file whose parts, initial state and end were read; Malformed."""
    isa = DIALECTS[parts.dialect]
    columns = asm_columns.read(isa, parts.body.text, parts.body.line)
    _rename(isa, items, end, parts.end.line)
    threads = [ir.Thread(c.number, [], {}, {}, []) for c in columns]
    found = names.collect(items, [], threads, end)
    _variables(found, columns)
    _pointing(threads, columns)
    pointers = Pointers(columns, found.variables)
    pointers.widen({i.name for i in items if i.thread is None and i.words}, found.notes)
    pointers.check()
    declared = {(i.thread, i.name) for i in items if i.words}
    for thread, column in zip(threads, columns):
        _complete(thread, column, isa, declared)
    names.check_end(found, threads, end, parts.end)
    result, rest = parts.result()
    needs = {p.insn.needs for c in columns for _, p in c.instructions() if p.insn.needs}
    return ir.Program(parts.name, parts.dialect, path, list(found.variables.values()), threads,
                      end.quantifier, end.condition, " ".join(parts.end.text.split()), end.filter,
                      end.locations, result, parts.doc(), parts.meta, result_note=rest,
                      notes=found.notes, needs=needs)
