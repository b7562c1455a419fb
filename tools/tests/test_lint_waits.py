# SPDX-License-Identifier: GPL-2.0-only
"""Loops that spin by themselves are found, and only those."""
from pathlib import Path

import pytest
from fp.base.tree import Tree
from fp.lint import lint, waits

HEAD = "/* SPDX */\n/* What it is for. */\nvoid f(void)\n{\n"


@pytest.fixture
def found(tmp_path):
    """Files and lines of what the rule says of a tree."""
    def run(**files):
        for name, body in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(HEAD + body + "}\n")
        return [(name, line) for name, line, _ in lint.RULES["waits"](Tree(tmp_path))]
    return run


@pytest.mark.parametrize("body", [
    "\twhile (!x)\n\t\tcpu_relax();\n",
    "\tfor (;;) {\n\t\tcpu_relax();\n\t}\n",
    "\twhile (!READ_ONCE(x))\n\t\t;\n",
    "\twhile (smp_load_acquire(&x) != 1 &&\n\t       y)\n\t\t;\n",
    "\twhile (clock_ns() < end)\n\t\t;\n",
    "\twhile (!raw_spin_trylock(&l))\n\t\t;\n",
    "\twhile (xchg_acquire(&x, 1))\n\t\t;\n",
])
@pytest.mark.parametrize("name", ["kernel/x.c", "mm/x.c", "tests/rmap/x.c", "lib/x.c",
                                  "include/kernel/x.h"])
def test_spins_by_itself(found, name, body):
    assert [n for n, _ in found(**{name: body})] == [name]


@pytest.mark.parametrize("body", [
    '\tspin_until("x", READ_ONCE(x));\n',
    "\twhile (!READ_ONCE(x))\n\t\tyield();\n",
    "\twhile (--i >= 0 && held[i] != lock)\n\t\t;\n",
    "\tdo\n\t\tv = READ_ONCE(x);\n\twhile (cmpxchg(&x, v, v + 1) != v);\n",
    "\t/* cpu_relax() */\n",
])
def test_what_does_not(found, body):
    assert found(**{"kernel/x.c": body}) == []


def test_who_may(found):
    body = "\twhile (!x)\n\t\tcpu_relax();\n"
    assert found(**{n: body for n in (
        "include/kernel/spin_wait.h", "arch/arm64/gic.c", "include/arch/cpu.h",
        "tests/host/tlb/x.c", "tools/linux_bench/bench.c")}) == []


def test_exceptions_only_shrink(found, monkeypatch):
    body = "\twhile (!x)\n\t\tcpu_relax();\n"
    monkeypatch.setattr(waits, "RAW", {"kernel/x.c": 1})
    assert found(**{"kernel/x.c": body}) == []
    assert found(**{"kernel/x.c": body + body}) == [("kernel/x.c", 8)]
    assert found(**{"kernel/x.c": ""}) == [("kernel/x.c", 1)]


def test_exceptions_exist():
    root = waits.__file__.rpartition("/tools/")[0]
    for name in waits.RAW:
        assert (Path(root) / name).is_file()
