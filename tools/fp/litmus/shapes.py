# SPDX-License-Identifier: GPL-2.0-only
"""The generated litmus tests, by their names: what tests/litmus/gen.py makes of shapes.tsv."""
import functools
import importlib.util
import sys
from pathlib import Path

from ..base.errors import UserError

ROOT = Path(__file__).resolve().parents[3]
PREFIX = "litmus."


@functools.cache
def generator():
    """tests/litmus/gen.py as a module: it reads the table in one place only."""
    path = ROOT / "tests" / "litmus" / "gen.py"
    spec = importlib.util.spec_from_file_location("litmus_gen", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    if str(path.parent) not in sys.path:
        sys.path.append(str(path.parent))  # what it imports lies beside it
    spec.loader.exec_module(module)
    return module


@functools.cache
def load():
    """All of them, by name without "litmus."; UserError if the table is broken."""
    gen = generator()
    try:
        tests = gen.make_tests(ROOT / "tests" / "litmus" / "shapes.tsv")
    except (gen.Bad, OSError) as e:
        raise UserError(f"tests/litmus/gen.py: {e}") from None
    return {t.name: t for t in tests}


def find(name):
    """The test called @name, with or without "litmus."; None if it is not a generated one."""
    return load().get(name.removeprefix(PREFIX))


def bodies(test):
    """The name of the compiled function of each of its threads."""
    return [generator().body_name(events) for events in test.threads]


def condition(test):
    """The weak outcome, as the records have it."""
    return generator().cond_text(test.cond)


# ---- as a program ----

_FENCES = {"mb": "smp_mb();", "wmb": "smp_wmb();", "rmb": "smp_rmb();"}


def _statement(events, i, reg):
    """The access itself, as C; a dependency is written where it is."""
    e, before = events[i], events[i - 1].edge if i else ""
    place = f"*({e.var.upper()} + 0·r{reg - 1})" if before == "addr" else e.var
    value = f"{e.val} + 0·r{reg - 1}" if before == "data" else str(e.val)
    if not e.write:
        acquire = e.edge == "acq" or before == "relacq"
        return f"r{reg} = smp_load_acquire({place});" if acquire else f"r{reg} = {place};"
    if e.edge == "xchg":
        return f"xchg({place}, {value});"
    release = e.edge == "relacq" or before == "rel"
    return f"smp_store_release({place}, {value});" if release else f"{place} = {value};"


def _lead(edge, reg):
    """What stands on lines of its own before the second access of an edge."""
    if edge in _FENCES:
        return [_FENCES[edge]]
    if edge in ("ctrl", "ctrlisync"):
        return [f"if (r{reg - 1} == r{reg - 1})"] + (["  isync();"] * (edge == "ctrlisync"))
    return []


def thread_lines(events):
    """A thread of the program: a line a statement. Accesses are relaxed where nothing is said."""
    lines, reg, indent = [], 0, ""
    for i, e in enumerate(events):
        before = events[i - 1].edge if i else ""
        lines += [indent + line for line in _lead(before, reg)]
        indent += "  " if before in ("ctrl", "ctrlisync") else ""
        lines.append(indent + _statement(events, i, reg))
        reg += not e.write
    return lines


def program(test):
    """The program: a list of lines for each thread."""
    return [thread_lines(events) for events in test.threads]
