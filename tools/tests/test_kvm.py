# SPDX-License-Identifier: GPL-2.0-only
"""ACCEL=kvm on hosts of other ISAs: our kernel measures, and what it says decides."""
import platform

import pytest
from conftest import HERE
from fp.base.errors import UserError
from fp.images import boards
from fp.run import kvm
from fp.run.spec import Spec

REAL = boards.Boards(HERE.parents[1] / "boards")


@pytest.fixture
def spec(project, monkeypatch):
    """A run on a host of arm64 whose firmware says nothing."""
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    monkeypatch.setattr(kvm, "HOST_NAMES", (project.root / "host",))
    project.board("fake", "turns", arch="arm64")
    board = boards.Boards(project.root / "boards").default("arm64")
    return Spec(board=board, image=project.root / "build" / "arm64" / "fencepost.elf",
                smp=2, accel="kvm")


def measured(spec, turns_us):
    spec.mem = None
    spec.board.args = [a.replace("turns", f"turns-{turns_us}") for a in spec.board.args]
    return kvm.check_by_kernel(spec, spec.board.path.parent / "log")


def native(monkeypatch, machine, name):
    monkeypatch.setattr(platform, "machine", lambda: machine)
    return REAL.find(name)


@pytest.mark.parametrize("machine, name", [("aarch64", "arm64-virt"), ("riscv64", "riscv64-virt")])
def test_the_virtual_machine_is_of_the_host_s_own_cpus(monkeypatch, machine, name):
    board = native(monkeypatch, machine, name)
    assert kvm.check_kvm(board) is None
    argv = board.command(smp=2, image="Image", append="", accel="kvm")
    assert argv[argv.index("-accel") + 1] == "kvm"
    assert [b for a, b in zip(argv, argv[1:]) if a == "-cpu"][-1] == "host"


@pytest.mark.parametrize("machine, name", [("ppc64le", "powernv9"), ("aarch64", "raspi3b"),
                                           ("x86_64", "uboot-x86_64")])
def test_a_machine_that_kvm_cannot_be_is_refused(monkeypatch, machine, name):
    with pytest.raises(UserError, match=f"{name} is none that KVM can be"):
        kvm.check_kvm(native(monkeypatch, machine, name))
    with pytest.raises(UserError, match="only the host's own ISA"):
        kvm.check_kvm(native(monkeypatch, "vax", name))


def test_a_real_one_is_told_from_an_emulated_one(spec):
    assert not kvm.is_probed_here()
    assert measured(spec, 100) == pytest.approx(0.001)


def test_an_emulated_one_is_refused(spec):
    with pytest.raises(UserError, match="itself emulated .* 900 ms"):
        measured(spec, 90000)


def test_a_kernel_that_does_not_come_up_proves_nothing(spec):
    with pytest.raises(UserError, match="did not come up under KVM"):
        measured(spec, "none")


def test_a_host_that_qemu_emulates_is_refused(spec):
    kvm.HOST_NAMES[0].write_text("linux,dummy-virt\0")
    with pytest.raises(UserError, match="itself a machine of QEMU"):
        measured(spec, 100)
