# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check`: the builds besides the default one, and machines that run them."""
import shutil

from ..base import isas
from . import host_side
from .base import Outcome, each_arch, skip
from .suites import FEW, ONCE, SHORT, SOUND


def _have_clang():
    return shutil.which("clang") and shutil.which("ld.lld")


def builds(checks, arch):
    """All that later steps boot; they make sure of it again, which takes no time then."""
    flavours = [{"DEBUG": "0"}, {"BUSTED": "mb"}] + [{"LLVM": "1"}] * bool(_have_clang())
    failed = sum(checks.build(arch, **flags) is None for flags in flavours)
    return Outcome(len(flavours) - failed, failed)


def other_build(checks, arch, **flags):
    """Another compiler or the release build: builds, boots, passes."""
    flav = checks.build(arch, **flags)
    if flav is None:
        return Outcome(failed=1)
    tests = (SOUND if flags.get("LLVM") else SHORT) + ",litmus.SB*" + ONCE
    out = checks.judged(checks.machine(checks.boards.default(arch), tests, flav=flav, append=FEW))
    if flags.get("LLVM"):
        out.add(host_side.dependencies(checks, arch, flav))
        out.add(host_side.file_dependencies(checks, arch, **flags))
        out.add(host_side.primitives(checks, arch, **flags))
    return out


def clang_build(checks, arch):
    if not _have_clang():
        return skip("clang and lld are not installed")
    return other_build(checks, arch, LLVM="1")


def steps(checks):
    arches = isas.names()
    yield from each_arch(arches, "{}: all other builds", builds, beside=True, long=True,
                         builds=True)
    yield from each_arch(arches, "{}: release build", other_build, DEBUG="0")
    yield from each_arch(arches, "{}: clang build", clang_build)
