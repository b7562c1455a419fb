# SPDX-License-Identifier: GPL-2.0-only
"""Is this host's KVM the real thing? Some cloud machines have a /dev/kvm that is itself emulated:
it runs, very slowly, and shows none of the hardware's reordering. Its results would be worse than
wrong: they would be called silicon.

The probe runs a million turns of an empty loop in a virtual machine of one page (KVM API, Linux
Documentation/virt/kvm/api.rst) and takes the time: about a millisecond on hardware, more than a
second when emulated. That one is x86's; on other hosts our kernel takes the time of such a loop.
"""
import ctypes
import fcntl
import mmap
import os
import platform
import re
import struct
import time
from dataclasses import replace

from ..base.errors import UserError
from . import runner

TURNS = 1_000_000
KERNEL_TURNS = 100_000  # of tests/begin.c
HOST_NAMES = ("/proc/device-tree/compatible", "/sys/class/dmi/id/sys_vendor")
EMULATED = re.compile("qemu|dummy-virt", re.I)
LIMIT_S = 0.05

# ioctl numbers of <linux/kvm.h> for x86_64
_GET_API_VERSION = 0xAE00
_CREATE_VM = 0xAE01
_GET_VCPU_MMAP_SIZE = 0xAE04
_SET_USER_MEMORY_REGION = 0x4020AE46
_CREATE_VCPU = 0xAE41
_RUN = 0xAE80
_SET_REGS = 0x4090AE82
_GET_SREGS = 0x8138AE83
_SET_SREGS = 0x4138AE84
_EXIT_HLT = 5

# 16-bit code at address 0x1000: mov $TURNS, %ecx; 1: dec %ecx; jnz 1b; hlt
_CODE = b"\x66\xb9" + struct.pack("<I", TURNS) + b"\x66\x49\x75\xfc\xf4"
_BASE = 0x1000


def time_loop():
    """Seconds that the loop takes under KVM. OSError where KVM cannot be used."""
    fds = []
    try:
        kvm = os.open("/dev/kvm", os.O_RDWR | os.O_CLOEXEC)
        fds.append(kvm)
        if fcntl.ioctl(kvm, _GET_API_VERSION) != 12:
            raise OSError(0, "unknown version of the KVM interface")
        vm = fcntl.ioctl(kvm, _CREATE_VM, 0)
        fds.append(vm)
        memory = mmap.mmap(-1, 4096)
        memory[:len(_CODE)] = _CODE
        address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
        fcntl.ioctl(vm, _SET_USER_MEMORY_REGION,
                    struct.pack("<IIQQQ", 0, 0, _BASE, 4096, address))
        vcpu = fcntl.ioctl(vm, _CREATE_VCPU, 0)
        fds.append(vcpu)
        run = mmap.mmap(vcpu, fcntl.ioctl(kvm, _GET_VCPU_MMAP_SIZE))
        return _run_loop(vcpu, run)
    finally:
        for fd in reversed(fds):
            os.close(fd)


def _run_loop(vcpu, run):
    sregs = bytearray(312)
    fcntl.ioctl(vcpu, _GET_SREGS, sregs)
    struct.pack_into("<Q", sregs, 0, 0)  # cs.base
    struct.pack_into("<H", sregs, 12, 0)  # cs.selector
    fcntl.ioctl(vcpu, _SET_SREGS, bytes(sregs))
    # rax rbx rcx rdx rsi rdi rsp rbp r8..r15 rip rflags
    fcntl.ioctl(vcpu, _SET_REGS, struct.pack("<18Q", *([0] * 16), _BASE, 2))
    start = time.monotonic()
    fcntl.ioctl(vcpu, _RUN, 0)
    took = time.monotonic() - start
    reason = struct.unpack_from("<I", run, 8)[0]
    if reason != _EXIT_HLT:
        raise OSError(0, f"the probe's virtual CPU stopped for reason {reason}")
    return took


def is_probed_here():
    """Does the loop of this file run on this host's processor?"""
    return platform.machine() in ("x86_64", "amd64")


def _slow(took):
    return UserError(f"ACCEL=kvm: this KVM is itself emulated (a million loop turns took "
                     f"{took * 1000:.0f} ms, hardware takes about 1); use ACCEL=tcg")


def check_kvm(board):
    """UserError unless results of @board under KVM would be this host's silicon's, as far as the
    host can tell; where is_probed_here() says no, check_by_kernel() says the rest."""
    if not board.is_native():
        raise UserError(f"ACCEL=kvm: this host is {platform.machine()}, machine {board.name} is "
                        f"{board.arch}; only the host's own ISA can run under KVM")
    if not board.kvm_args:
        raise UserError(f"ACCEL=kvm: machine {board.name} is none that KVM can be: {board.path} "
                        "has no kvm_args")
    if not is_probed_here():
        return None
    try:
        took = time_loop()
    except OSError as e:
        raise UserError(f"ACCEL=kvm: /dev/kvm cannot be used: {e.strerror}; "
                        "use ACCEL=tcg") from None
    if took > LIMIT_S:
        raise _slow(took)
    return took


def host_says():
    """What firmware calls the host, where something else than firmware may have written it."""
    out = ""
    for path in HOST_NAMES:
        try:
            with open(path, encoding="utf-8", errors="replace") as f:
                out += f.read(4096)
        except OSError:
            continue
    return out


def check_by_kernel(spec, log_dir):
    """The same, on any ISA: our own kernel measures the loop, in a run of one test under KVM
    (BEGIN's turns_us). A host that QEMU emulates as a whole is told by its device tree."""
    if EMULATED.search(host_says()):
        raise UserError("ACCEL=kvm: this host is itself a machine of QEMU's; use ACCEL=tcg")
    result = runner.run_machine(replace(spec, tests="lib.crc32", append=""), log_dir)
    took = (result.transcript.begin or {}).get("turns_us")
    if not isinstance(took, int):
        raise UserError(f"ACCEL=kvm: the kernel did not come up under KVM to measure it: "
                        f"{result.verdict} {result.reason}; console: {result.log}")
    if is_slow(took):
        raise _slow(seconds_of(took))
    return seconds_of(took)


def seconds_of(turns_us):
    """What TURNS take, if the kernel's turns took @turns_us."""
    return turns_us / 1e6 * TURNS / KERNEL_TURNS


def is_slow(turns_us):
    """Did the kernel's loop take longer than on any processor?"""
    return seconds_of(turns_us) > LIMIT_S
