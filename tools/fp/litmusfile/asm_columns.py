# SPDX-License-Identifier: GPL-2.0-only
"""The program of an assembly dialect: a column for each thread, rows that end with semicolons.

	 P0          | P1          ;
	 MOV W0,#1   | LDR W0,[X3] ;
	 L0:         |             ;
"""
import re
from dataclasses import dataclass, field

from . import asm_forms
from .faults import Malformed

INSTRUCTIONS_MAX = 400  # of a thread
_LABEL = re.compile(r"\s*([A-Za-z_.][\w.]*)\s*:\s*")


@dataclass
class Column:
    """A thread as it is read."""

    number: int
    lines: list = field(default_factory=list)  # (line, label or "", Parsed or None)
    registers: dict = field(default_factory=dict)  # {name: {variables that it may point to}}

    def instructions(self):
        """(line, Parsed), without the labels."""
        return [(line, parsed) for line, _, parsed in self.lines if parsed]

    def accesses(self):
        """Those that touch memory."""
        return [(line, p) for line, p in self.instructions() if p.memory]


def _cells(text, first_line):
    """[(line, [cell])]: rows end with a semicolon."""
    rows, line = [], first_line
    for row in text.split(";"):
        skipped = len(row) - len(row.lstrip())
        at = line + row[:skipped].count("\n")
        line += row.count("\n")
        if row.strip():
            rows.append((at, [c.strip() for c in row.split("|")]))
    return rows


def _header(rows, line):
    if not rows:
        raise Malformed(line, "a line of threads was expected: P0 | P1 ;")
    at, cells = rows[0]
    numbers = []
    for n, cell in enumerate(cells):
        if cell != f"P{n}":
            raise Malformed(at, f"P{n} was expected, and not {cell[:40]!r}")
        numbers.append(n)
    return [Column(n) for n in numbers]


def _add(column, isa, cell, line):
    """A cell: labels, and an instruction or none."""
    while m := _LABEL.match(cell):
        column.lines.append((line, m[1], None))
        cell = cell[m.end():]
    if not cell:
        return
    try:
        parsed = asm_forms.parse(isa, " ".join(cell.split()))
    except asm_forms.Bad as e:
        raise Malformed(line, f"P{column.number}: {e}") from None
    column.lines.append((line, "", parsed))
    if len(column.lines) > INSTRUCTIONS_MAX:
        raise Malformed(line, f"P{column.number} has more than {INSTRUCTIONS_MAX} instructions")


def read(isa, text, first_line):
    rows = _cells(text, first_line)
    columns = _header(rows, first_line)
    for line, cells in rows[1:]:
        if len(cells) > len(columns):
            raise Malformed(line, f"{len(cells)} columns, and there are {len(columns)} threads")
        for column, cell in zip(columns, cells):
            _add(column, isa, cell, line)
    for column in columns:
        _check_labels(column)
    return columns


def _check_labels(column):
    labels = [label for _, label, _ in column.lines if label]
    for line, label, parsed in column.lines:
        if label and labels.count(label) > 1:
            raise Malformed(line, f"P{column.number} has the label {label} twice")
        if parsed and parsed.target and parsed.target not in labels:
            raise Malformed(line, f"P{column.number} has no label {parsed.target}")
