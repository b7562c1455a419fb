# SPDX-License-Identifier: GPL-2.0-only
"""tools/check_deps.py where no compiler shows it: instructions that objdump does not know."""
import importlib.util

import pytest
from conftest import HERE

_spec = importlib.util.spec_from_file_location("check_deps", HERE.parent / "check_deps.py")
deps = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(deps)

CTRL_ISYNC = """\
lwu a3,0(a4)
bne a5,a3,10
fence.i
lwu a7,0(a0)
ret
"""


def body(text):
    """Instructions of four bytes each from address 0."""
    out = []
    for n, line in enumerate(text.strip().splitlines()):
        op, _, args = line.partition(" ")
        out.append(deps.Insn(4 * n, op, deps.split_args(args), line))
    return out


def test_a_barrier_is_found_on_each_path():
    paths = deps.walk(deps.Riscv(), body(CTRL_ISYNC))
    two = [p for p in paths if len(p.accesses) == 2]
    assert len(paths) == 2 and len(two) == 1 and two[0].accesses[1].before == ["isync"]


@pytest.mark.parametrize("unknown", [".insn 4, 0x100f", ".word 0x0000100f", "(bad)"])
def test_what_objdump_does_not_know_is_no_nothing(unknown):
    with pytest.raises(deps.Unknown, match="does not know"):
        deps.walk(deps.Riscv(), body(CTRL_ISYNC.replace("fence.i", unknown)))


def test_what_no_path_reaches_does_no_harm():
    """powerpc64 has a table behind the code of a function."""
    assert deps.walk(deps.Riscv(), body(CTRL_ISYNC + ".long 0x0"))


def accesses(*sort):
    """Accesses of (write, barriers before it, form)."""
    return deps.Path([deps.Access(w, form, frozenset(), frozenset(), list(before), frozenset())
                      for w, before, form in sort])


@pytest.mark.parametrize("isa,edge,between,there", [
    ("Arm64", "mb", ("full",), True), ("Arm64", "mb", (), False), ("Arm64", "mb", ("w",), False),
    ("Arm64", "rmb", ("r",), True), ("Arm64", "rmb", ("w",), False),
    ("Arm64", "wmb", ("r",), False),
    ("Riscv", "wmb", ("w",), True), ("Riscv", "rmb", ("w",), False), ("Riscv", "mb", ("r",), False),
    ("Power", "mb", ("light",), False), ("Power", "rmb", ("light",), True),
    ("Power", "wmb", (), False), ("X86", "mb", (), False), ("X86", "rmb", (), True)])
def test_a_barrier_that_is_missing_or_too_weak(isa, edge, between, there):
    path = accesses((True, (), ""), (False, between, ""))
    assert (deps.check_edge(isa, edge, 0, path) is None) == there


@pytest.mark.parametrize("isa,edge,form,between,there", [
    ("Arm64", "acq", "acq", (), True), ("Arm64", "acq", "", ("full",), False),
    ("Riscv", "acq", "", ("acq",), True), ("Riscv", "acq", "", (), False),
    ("Riscv", "acq", "", ("rel",), False), ("Power", "acq", "", ("light",), True),
    ("Power", "acq", "", (), False)])
def test_an_acquire_that_is_none(isa, edge, form, between, there):
    path = accesses((False, (), form), (False, between, ""))
    assert (deps.check_edge(isa, edge, 0, path) is None) == there
