# SPDX-License-Identifier: GPL-2.0-only
"""Are the results of a process this host's silicon's?

They are where its instructions are the processor's own and two of its CPUs can run at once: not by
QEMU's user mode, not on one core, and not in a machine that is itself emulated. A virtual machine
on real hardware is silicon. What the host is tells, on x86, the processor itself (CPUID); elsewhere
firmware's names, and where they are QEMU's, which has machines of either kind, nothing does: such a
host is called unknown.
"""
from dataclasses import replace

from ..base import isas
from ..base.host import host_cores
from ..images.boards import Boards
from . import kvm, runner


def beside(args, arches):
    """The process whose results stand beside those of @arches' machines, as this host's own
    processor's; None where that is not asked for."""
    board = Boards(args.root / "boards").process(isas.native())
    if not board or board.arch not in arches or args.machine or args.accel == "kvm":
        return None
    return board


def settle(spec, log_dir):
    """Of a process: what the kernel is told of the processor, and why it is not silicon."""
    if spec.board.is_process():
        spec.accel, spec.why = accel_of(spec, log_dir)
    return spec


def accel_of(spec, log_dir):
    """accel=, and why its results are not silicon's, or ""."""
    board = spec.board
    if not board.is_native():
        return "tcg", f"{board.starter()} translates it"
    if host_cores() == 1:
        return "unknown", "on one core no two CPUs run at once"
    begin = runner.run_machine(replace(spec, tests="lib.crc32", append="", accel="unknown"),
                               log_dir).transcript.begin or {}
    emulator = begin.get("hypervisor") or ""
    if "TCG" in emulator or "qemu" in emulator.lower():
        return "tcg", f"this host is emulated ({emulator})"
    if board.arch != "x86_64" and kvm.EMULATED.search(kvm.host_says()):
        return "unknown", "firmware names QEMU, which may translate this host"
    turns = begin.get("turns_us")
    if not isinstance(turns, int):
        return "unknown", "the kernel did not come up to measure its loop"
    if kvm.is_slow(turns):
        return "unknown", f"{kvm.KERNEL_TURNS} turns of an empty loop took {turns} us"
    return "silicon", ""
