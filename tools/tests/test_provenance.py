# SPDX-License-Identifier: GPL-2.0-only
"""The kernel as a process: where its results are this host's silicon's, and why not elsewhere."""
import platform
import types

import pytest
from conftest import HERE
from fp.images import boards
from fp.run import kvm, process
from fp.run.spec import Spec

BOARDS = boards.Boards(HERE.parents[1] / "boards")
MACHINES = {"x86_64": "x86_64", "aarch64": "arm64", "riscv64": "riscv64", "ppc64le": "powerpc64"}


@pytest.fixture
def accel(monkeypatch, tmp_path):
    """accel_of() of a process of @arch on such a host, whose kernel's BEGIN record says @begin."""
    def of(machine="x86_64", arch=None, cores=2, firmware="", **begin):
        asked = []

        def run_machine(spec, log_dir):
            asked.append((spec.tests, spec.append, spec.accel))
            record = {"turns_us": 100, **begin}
            return types.SimpleNamespace(transcript=types.SimpleNamespace(
                begin={k: v for k, v in record.items() if v is not None} if begin != {
                    "none": 1} else None))
        (tmp_path / "host").write_text(firmware)
        monkeypatch.setattr(platform, "machine", lambda: machine)
        monkeypatch.setattr(kvm, "HOST_NAMES", (tmp_path / "host",))
        monkeypatch.setattr(process, "host_cores", lambda: cores)
        monkeypatch.setattr(process.runner, "run_machine", run_machine)
        spec = Spec(board=BOARDS.process(arch or MACHINES[machine]), image=tmp_path / "fencepost",
                    smp=2, tests="litmus.*", append="extended=1")
        process.settle(spec, tmp_path)
        assert asked in ([], [("lib.crc32", "", "unknown")])
        assert (spec.tests, spec.append) == ("litmus.*", "extended=1")
        assert bool(spec.why) == (spec.accel != "silicon")
        return spec.accel, spec.why
    return of


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("hypervisor", [None, "KVMKVMKVM", "Microsoft Hv"])
def test_the_host_s_own_instructions_on_two_cores_are_silicon(accel, machine, hypervisor):
    assert accel(machine, hypervisor=hypervisor) == ("silicon", "")


@pytest.mark.parametrize("arch", ["arm64", "riscv64", "powerpc64"])
def test_what_is_translated_is_not(accel, arch):
    what, why = accel("x86_64", arch)
    assert what == "tcg" and why.startswith(BOARDS.process(arch).program) and "translates" in why


def test_one_core_races_with_nobody(accel):
    assert accel(cores=1) == ("unknown", "on one core no two CPUs run at once")


@pytest.mark.parametrize("hypervisor", ["TCGTCGTCGTCG", "qemu-x86_64-static", "qemu-x86_64"])
def test_an_emulator_names_itself(accel, hypervisor):
    assert accel(hypervisor=hypervisor) == ("tcg", f"this host is emulated ({hypervisor})")


@pytest.mark.parametrize("firmware", ["QEMU\n", "linux,dummy-virt\0", "qemu,powernv\0"])
@pytest.mark.parametrize("machine", ["aarch64", "riscv64", "ppc64le"])
def test_firmware_s_names_leave_it_open_where_nothing_else_tells(accel, machine, firmware):
    assert accel(machine, firmware=firmware) == \
        ("unknown", "firmware names QEMU, which may translate this host")


def test_on_x86_the_processor_itself_has_told(accel):
    assert accel("x86_64", firmware="QEMU\n") == ("silicon", "")


@pytest.mark.parametrize("begin", [{"turns_us": None}, {"turns_us": "many"}, {"none": 1}])
def test_what_did_not_come_up_is_not_known(accel, begin):
    assert accel(**begin) == ("unknown", "the kernel did not come up to measure its loop")


def test_a_loop_that_is_slower_than_on_any_processor(accel):
    at_most = int(kvm.LIMIT_S * 1e6 * kvm.KERNEL_TURNS / kvm.TURNS)
    assert accel(turns_us=at_most)[0] == "silicon"
    what, why = accel(turns_us=at_most + 1)
    assert what == "unknown" and f"took {at_most + 1} us" in why


def test_a_machine_is_none_of_these(tmp_path):
    spec = Spec(board=BOARDS.default("x86_64"), image=tmp_path / "fencepost.elf", smp=2)
    before = spec.accel
    assert process.settle(spec, tmp_path).accel == before
