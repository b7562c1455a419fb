# SPDX-License-Identifier: GPL-2.0-only
"""tools/check_deps.py where no compiler shows it: instructions that objdump does not know."""
import importlib.util
from dataclasses import replace

import pytest
from conftest import HERE
from fp.base import isas
from fp.images import decoder

_spec = importlib.util.spec_from_file_location("check_deps", HERE.parent / "check_deps.py")
deps = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(deps)

RISCV = deps.decoder_of(isas.find("riscv64"))

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
        out.append(decoder.Insn(4 * n, op, decoder.split_args(args), line))
    return out


def test_a_barrier_is_found_on_each_path():
    paths = deps.walk(RISCV, body(CTRL_ISYNC))
    two = [p for p in paths if len(p.accesses) == 2]
    assert len(paths) == 2 and len(two) == 1 and two[0].accesses[1].before == ["isync"]


@pytest.mark.parametrize("unknown", [".insn 4, 0x100f", ".word 0x0000100f", "(bad)"])
def test_what_objdump_does_not_know_is_no_nothing(unknown):
    with pytest.raises(deps.Unknown, match="does not know"):
        deps.walk(RISCV, body(CTRL_ISYNC.replace("fence.i", unknown)))


def test_what_no_path_reaches_does_no_harm():
    """powerpc64 has a table behind the code of a function."""
    assert deps.walk(RISCV, body(CTRL_ISYNC + ".long 0x0"))


def edge_of(isa, edge, path):
    """What is missing of the edge between the first two accesses, or None."""
    return deps.check_edge(deps.decoder_of(isas.find(isa)), edge, 0, path)


def test_each_port_has_a_decoder_and_another_isa_none():
    for isa in isas.load().values():
        assert deps.decoder_of(isa).stack
    vax = replace(isa, name="vax")
    with pytest.raises(deps.Unknown, match="vax/decoder.py is missing"):
        deps.decoder_of(vax)


def accesses(*sort):
    """Accesses of (write, barriers before it, form)."""
    return deps.Path([deps.Access(w, form, frozenset(), frozenset(), list(before), frozenset())
                      for w, before, form in sort])


@pytest.mark.parametrize("isa,edge,between,there", [
    ("arm64", "mb", ("full",), True), ("arm64", "mb", (), False), ("arm64", "mb", ("w",), False),
    ("arm64", "rmb", ("r",), True), ("arm64", "rmb", ("w",), False),
    ("arm64", "wmb", ("r",), False),
    ("riscv64", "wmb", ("w",), True), ("riscv64", "rmb", ("w",), False),
    ("riscv64", "mb", ("r",), False),
    ("powerpc64", "mb", ("light",), False), ("powerpc64", "rmb", ("light",), True),
    ("arm64", "wmb", ("full",), True), ("arm64", "rmb", ("full",), True),
    ("riscv64", "wmb", ("full",), True), ("riscv64", "rmb", ("full",), True),
    ("powerpc64", "wmb", ("full",), True), ("powerpc64", "rmb", ("full",), True),
    ("powerpc64", "mb", ("full",), True), ("x86_64", "mb", ("full",), True),
    ("powerpc64", "wmb", (), False), ("x86_64", "mb", (), False), ("x86_64", "rmb", (), True)])
def test_a_barrier_that_is_missing_or_too_weak(isa, edge, between, there):
    path = accesses((True, (), ""), (False, between, ""))
    assert (edge_of(isa, edge, path) is None) == there


@pytest.mark.parametrize("isa,edge,form,between,there", [
    ("arm64", "acq", "acq", (), True), ("arm64", "acq", "", ("full",), False),
    ("riscv64", "acq", "", ("acq",), True), ("riscv64", "acq", "", (), False),
    ("riscv64", "acq", "", ("rel",), False), ("powerpc64", "acq", "", ("light",), True),
    ("powerpc64", "acq", "", (), False)])
def test_an_acquire_that_is_none(isa, edge, form, between, there):
    path = accesses((False, (), form), (False, between, ""))
    assert (edge_of(isa, edge, path) is None) == there


@pytest.mark.parametrize("isa,form,before,after,there", [
    ("arm64", "rel", (), (), True), ("arm64", "", ("full",), (), False),
    ("riscv64", "", ("rel",), (), True), ("riscv64", "", ("full",), (), True),
    ("riscv64", "", ("acq",), (), False), ("riscv64", "", (), ("rel",), False),
    ("powerpc64", "", ("light",), (), True), ("powerpc64", "", (), ("light",), False),
    ("x86_64", "", (), (), True)])
def test_a_release_that_is_none(isa, form, before, after, there):
    path = accesses((True, (), ""), (True, before, form), (True, after, ""))
    assert (edge_of(isa, "rel", path) is None) == there


@pytest.mark.parametrize("edge,before,form,between,there", [
    ("xchg", (), "rmw-full", (), True), ("xchg", ("full",), "rmw", ("full",), True),
    ("xchg", ("full",), "rmw", (), False), ("xchg", (), "rmw", ("full",), False),
    ("xchg", (), "sc-rel", ("full",), True), ("xchg", ("full",), "", ("full",), False)])
def test_an_exchange_that_is_not_full(edge, before, form, between, there):
    path = accesses((True, before, form), (False, between, ""))
    assert (edge_of("arm64", edge, path) is None) == there
