# SPDX-License-Identifier: GPL-2.0-only
"""Which variables' addresses the registers of an assembly file may hold: an access must be to one.

Followed through moves, arithmetic and memory, whatever way a thread takes: the least sets that all
instructions agree with, in whatever order (Andersen's analysis).
"""
from . import ir, types
from .faults import Malformed

_BASES = {1: "s8", 2: "s16", 4: "int", 8: "s64"}
_POINTER = ir.Type("void", 1)


class Pointers:
    """@columns: their registers' sets are filled in; @variables: by name."""

    def __init__(self, columns, variables):
        self.columns = columns
        self.variables = variables
        self.held = {v.name: {a.var for a in v.init if isinstance(a, ir.Address)}
                     for v in variables.values()}
        while self._round():
            pass

    def base(self, column, memory):
        """The variables that an address may be of."""
        found = {memory.var} if memory.var else set()
        for reg in memory.regs:
            found |= column.registers.get(reg, set())
        return found

    def _round(self):
        """Once through all instructions; has anything changed?"""
        before = self._size()
        for column in self.columns:
            for _, parsed in column.instructions():
                self._step(column, parsed)
        return self._size() != before

    def _size(self):
        return sum(map(len, self.held.values())) + \
            sum(len(s) for c in self.columns for s in c.registers.values())

    def _step(self, column, p):
        read = set()
        for reg in p.reads:
            read |= column.registers.get(reg, set())
        if p.memory:
            for var in self.base(column, p.memory):
                if p.insn.effect in ("store", "rmw"):
                    self.held[var] |= read
                if p.insn.effect in ("load", "rmw"):
                    read = read | self.held[var]
        for reg in p.writes:
            column.registers.setdefault(reg, set()).update(read)

    # ---- what follows for variables ----

    def widen(self, declared, notes):
        """A variable that only wider accesses are made to is as wide as they are, whatever the file
        declares (diy7 gives words to bytes); what holds an address is a pointer."""
        for name, sizes in self._sizes().items():
            v = self.variables[name]
            room = types.size(v.type)
            if v.length > 1 or max(sizes) <= room or len(sizes) > 1 and name in declared:
                continue
            v.type = ir.Type(_BASES[max(sizes)])
            if name in declared:
                notes.append(f"{name} is accessed with {max(sizes)} bytes and declared with {room}")
        for v in self.variables.values():
            if self.held[v.name]:
                v.type = ir.Type(v.type.base, max(1, v.type.stars), v.type.unsigned)

    def _sizes(self):
        """{variable: sizes in bytes of the accesses to it}."""
        out = {}
        for column in self.columns:
            for _, p in column.accesses():
                for name in self.base(column, p.memory):
                    out.setdefault(name, set()).add(p.size)
        return out

    def check(self):
        """Each access is to a variable, and in it. Malformed."""
        for column in self.columns:
            for line, p in column.accesses():
                found = self.base(column, p.memory)
                if not found:
                    raise Malformed(line, f"P{column.number}: {' and '.join(p.memory.regs)} holds "
                                    "no address of a variable")
                for name in sorted(found):
                    self._check_room(column, line, p, self.variables[name])
                self._check_whole(column, line, p, found)

    def _check_whole(self, column, line, p, found):
        """Half an address is none: what it leads to nobody knows."""
        moved = set().union(*(self.held[name] for name in found)) if p.insn.effect != "store" \
            else set()
        for reg in p.reads if p.insn.effect in ("store", "rmw") else ():
            moved |= column.registers.get(reg, set())
        if moved and p.size < types.size(_POINTER):
            raise Malformed(line, f"P{column.number}: {p.size} bytes of an address, that of "
                            f"{' or '.join(sorted(moved))}; {types.size(_POINTER)} expected")

    def _check_room(self, column, line, p, variable):
        room = types.size(variable.type) * variable.length
        if not 0 <= p.memory.value <= room - p.size:
            at = f"+{p.memory.value}" if p.memory.value else ""
            raise Malformed(line, f"P{column.number}: {p.size} bytes at {variable.name}{at}, which "
                            f"has {room}; a type in the initial state, like 'int64_t "
                            f"{variable.name};', makes it wider")
