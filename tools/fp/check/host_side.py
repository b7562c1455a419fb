# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check` without a machine, or around one: the host tool's own tests, what compilers
made of the litmus bodies and of the primitives, parsers on the host, the debugger.
"""
import re
import shutil
import sys

from ..base import isas
from ..images.builds import build_dir
from .base import Outcome, Step, each_arch, skip

HOST_PARTS = 3  # of the longest that runs on one core


def has_decoder(checks, arch):
    """Can the dependencies be looked for in the object code?"""
    return (checks.root / "arch" / arch / "decoder.py").is_file()


def dependencies(checks, arch, flav=""):
    """The compiler kept the dependencies of the litmus bodies."""
    tool = checks.root / "tools/check_deps.py"
    if not has_decoder(checks, arch):
        return skip(f"there is no arch/{arch}/decoder.py")
    elf = build_dir(checks.root, arch, flav) / "fencepost.elf"
    return checks.simple([sys.executable, str(tool), str(elf)])


def file_dependencies(checks, arch, **flags):
    """The same of the sample of litmus files."""
    if not has_decoder(checks, arch):
        return skip(f"there is no arch/{arch}/decoder.py")
    return checks.simple(["make", "--no-print-directory", "-f", "build.mk", f"ARCH={arch}",
                          "file_deps"], **{"DEBUG": "1", "BUSTED": "", "MAKEFLAGS": "", **flags})


def translation_edges(checks, arch):
    """Each edge of the translation tests is what the table says that the ISA executes."""
    if not has_decoder(checks, arch):
        return skip(f"there is no arch/{arch}/decoder.py")
    elf = build_dir(checks.root, arch, "") / "fencepost.elf"
    return checks.simple([sys.executable, str(checks.root / "tools/check_translation.py"),
                          str(elf)])


def primitives(checks, arch, **flags):
    """They are the instructions that the manual asks for, and weaker ones are noticed."""
    if not has_decoder(checks, arch):
        return skip(f"there is no arch/{arch}/decoder.py")
    return checks.simple(["make", "--no-print-directory", "-f", "build.mk", f"ARCH={arch}",
                          "primitives"], **{"LLVM": "", "DEBUG": "1", "BUSTED": "",
                                            "MAKEFLAGS": "", **flags})


def debugger(checks, arch, machine=()):
    """`make debug` as a user has it, without its prompt."""
    if not shutil.which("gdb-multiarch"):
        return skip("gdb-multiarch is not installed")
    return checks.simple([str(checks.root / "tools" / "fencepost"), "debug", "--arch", arch,
                          "--batch", *machine], LLVM="", DEBUG="1", BUSTED="")


def host_parsers(checks):
    """The kernel's readers of firmware's tables, on the host, under sanitizers."""
    if not (checks.root / "tests/host/Makefile").is_file():
        return skip("there is no tests/host/Makefile")
    return checks.simple(["make", "--no-print-directory", "-f", "tests/host/Makefile", "check"],
                         MAKEFLAGS="")


def host_tlb(checks):
    """Shoot-down, address-space ids, stale faults on simulated CPUs: of the code and a model, of no
    ISA.
    """
    got = checks.simple(["make", "--no-print-directory", "-f", "tests/host/Makefile", "tlb",
                         "riscv"], MAKEFLAGS="")
    got.note = got.note or "model"
    return got


def host_tests(checks, part=0):
    """The tests of the host tool and of the generators: every file of HOST_PARTS-th."""
    files = sorted(str(p.relative_to(checks.root)) for d in ("tools/tests", "tests")
                   for p in (checks.root / d).rglob("test_*.py"))
    status, text = checks.command(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
         *files[part::HOST_PARTS]], PYTHONDONTWRITEBYTECODE="1")
    counts = {w: int(n) for n, w in re.findall(r"(\d+) (passed|failed|skipped|error)", text)}
    out = Outcome(counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0),
                  counts.get("skipped", 0))
    if status or not out.passed:
        checks.tail(text, 40)
        out.failed = max(out.failed, 1)
    return out


def lint(checks):
    """House rules, which read the objects of the default build too."""
    return checks.simple([sys.executable, str(checks.root / "tools" / "fencepost"), "lint"],
                         LLVM="", DEBUG="1", BUSTED="")


def steps(checks):
    """None of them needs more than a core."""
    arches = isas.names()
    yield Step("lint", lint, beside=True)
    for part in range(HOST_PARTS):
        yield Step(f"host tool, {part + 1} of {HOST_PARTS}",
                   lambda checks, p=part: host_tests(checks, p), beside=True, long=True)
    yield Step("parsers under sanitizers", host_parsers, beside=True)
    yield Step("TLBs of simulated CPUs", host_tlb, beside=True)
    yield from each_arch(arches, "{}: litmus dependencies are in the code", dependencies,
                         beside=True)
    yield from each_arch(arches, "{}: what translation tests execute", translation_edges,
                         beside=True)
    yield from each_arch(arches, "{}: barriers and atomics are the manual's", primitives,
                         beside=True)
    yield from each_arch(arches, "{}: gdb stops at kernel_main()", debugger, beside=True)
    for board in checks.boards.all.values():
        if board.gdb_cluster:
            yield Step(f"{board.arch}: gdb finds the CPUs of {board.name}",
                       lambda checks, b=board: debugger(checks, b.arch, ("--machine", b.name)),
                       beside=True)
