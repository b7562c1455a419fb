# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check` that test the tests: what is wrong on purpose must be caught."""
import sys

from ..base import isas
from ..base.host import host_cores
from ..images.builds import build_dir
from ..images.line import FIXED_SEED
from ..mutants import catalogue
from ..record.verdict import CONFIG, FAIL
from ..report.cells import rate_text
from ..run import runner
from ..selftest import selftest
from . import host_side
from .base import ONE_CORE, RARE_SECS, Outcome, Step, each_arch, skip

# Switches of kernel/busted.h that torture.mm finds within seconds. For others several CPUs must run
# at one moment, which mm.fork_flush_twin and mm.cow_put_twin arrange.
PLANTED = ("cow_no_flush", "lru_no_lock", "swap_free_early")
SWITCHES = b"busted_mask"  # the symbol that every one of them needs
PLANTED_SECS = ("1", "3", "10", "20")
MUTANTS = 8  # in the sample
NOTHING = b"nothing to run is linked into this kernel"
PAUSED_ARCH = "riscv64"  # one that cannot be asked by an NMI; the limits are portable code
SLOW_BOOT_SECS = 1.0  # from here on what portable code does is left to the other ISAs


def verdicts(checks, arch, group=""):
    """Each way of going wrong (selftest.py) ends as it should."""
    return Outcome(*selftest.run_arch(checks.out, checks.root, arch, quiet=True, group=group))


def planted(checks, arch):
    """Each mistake planted in the memory manager, alone, makes its torture fail or crash."""
    out, caught = Outcome(), []
    for switch in PLANTED:
        secs = planted_found(checks, arch, switch)
        if secs is None:
            checks.out.print(f"    torture.mm did not catch busted={switch}")
            out.failed += 1
        else:
            caught.append(f"{switch} within {secs} s")
            out.passed += 1
    out.note = ", ".join(caught)
    return out


def planted_found(checks, arch, switch):
    """In how many seconds of torture the mistake was caught, or None."""
    for turn, secs in enumerate(PLANTED_SECS):
        result = checks.machine(checks.boards.default(arch), "torture.mm", secs=secs, show=False,
                                seed=FIXED_SEED + turn, append=f"busted={switch}")
        ended = next(iter(result.transcript.tests), {})
        if ended.get("name") == "torture.mm" and ended["verdict"] in ("fail", "crash"):
            return secs
    return None


def mutants_killed(checks):
    """A sample of the catalogue, always the same: `make mutants` has all of it."""
    argv = [sys.executable, str(checks.root / "tools" / "fencepost"), "mutants", "--sample",
            str(MUTANTS)]
    status, text = checks.command(argv, LLVM="", DEBUG="1", BUSTED="", MAKEFLAGS="")
    chosen = len(catalogue.sample(catalogue.load(checks.root), MUTANTS))
    killed = sum(line.startswith("killed ") for line in text.splitlines())
    if status or killed != chosen:
        checks.tail(text, 60)
    return Outcome(killed, max(chosen - killed, int(status != 0)))


def busted(checks, arch):
    """A build whose smp_mb() is only a compiler barrier must be caught."""
    if host_cores() == 1:
        return skip(ONE_CORE)
    flav = checks.build(arch, BUSTED="mb")
    return Outcome(failed=1) if flav is None else reported(checks, arch, "litmus.SB+mb+mb", flav)


def twin(checks, arch):
    """Plain SB whose expectation says "never": seen, it must be a failure."""
    if host_cores() == 1:
        return skip(ONE_CORE)
    return reported(checks, arch, "self.litmus_twin", "")


def reported(checks, arch, test, flav):
    """A litmus test that must end as forbidden and seen."""
    for secs in RARE_SECS:
        result = checks.machine(checks.boards.default(arch), test, secs=secs, flav=flav,
                                show=False)
        seen = next(iter(result.transcript.tests), {})
        if result.verdict == FAIL and seen.get("result") == "forbidden-seen":
            rate = rate_text(seen["weak"], seen["iterations"])
            return Outcome(passed=1, note=f"{rate} within {secs} s")
    checks.out.print(f"    {test} did not see what it must: {result.verdict} {result.reason} "
                     f"(console: {result.log})", soft_wrap=True)
    return Outcome(failed=1)


def no_switches(checks, arch):
    """The release build has none of the switches that the default build has, and says so."""
    out = Outcome()
    if checks.build(arch, DEBUG="0") is None:
        return Outcome(failed=1)
    for flav, there in (("", True), ("release", False)):
        elf = build_dir(checks.root, arch, flav) / "fencepost.elf"
        if (SWITCHES in elf.read_bytes()) != there:
            checks.out.print(f"    {elf}: {SWITCHES.decode()} is {'not ' * there}there")
            out.failed += 1
    result = checks.machine(checks.boards.default(arch), "self.pass", flav="release", show=False,
                            append=f"busted={PLANTED[0]}")
    if result.verdict != CONFIG or "no switches" not in result.reason:
        checks.out.print(f"    busted= ended as {result.verdict}: {result.reason}")
        out.failed += 1
    out.passed += not out.failed
    return out


def dependencies_twin(checks, arch):
    """The compiler kept those of the sample of litmus files; a copy of the table's bodies whose
    dependencies are folded away must be noticed."""
    if not host_side.has_decoder(checks, arch):
        return skip(f"there is no arch/{arch}/decoder.py")
    return checks.simple(["make", "--no-print-directory", "-f", "build.mk", f"ARCH={arch}",
                          "litmus_deps", "file_deps"], LLVM="", DEBUG="1", BUSTED="", MAKEFLAGS="")


def alone(checks, arch):
    """The kernel is whole without the tests, which it knows by kernel/run.h only; started, it says
    that it has nothing to run."""
    out = checks.simple(["make", "--no-print-directory", "-f", "build.mk", f"ARCH={arch}",
                         "alone"], LLVM="", DEBUG="1", BUSTED="", MAKEFLAGS="")
    if out.failed or arch != isas.default():
        return out
    spec = checks.spec(checks.boards.default(arch), "self.pass")
    spec.image = spec.image.with_name("alone.elf")
    result = runner.run_machine(spec, checks.log)
    if NOTHING not in result.log.read_bytes() or result.ok():
        checks.out.print(f"    without tests it ended as {result.verdict}: {result.reason}")
        return Outcome(failed=1)
    return out


def steps(checks):
    arches = isas.names()
    yield from each_arch(reversed(arches), "{}: each failure has its verdict", verdicts,
                         beside=True, long=True)
    quick = [i.name for i in isas.load().values() if i.first_test_secs < SLOW_BOOT_SECS]
    yield from each_arch(quick, "{}: misuse of memory is a crash that says so", verdicts,
                         beside=True, group=selftest.MISUSE)
    yield from each_arch(quick, "{}: portable code says what is wrong", verdicts, beside=True,
                         group=selftest.PORTABLE)
    yield from each_arch([PAUSED_ARCH], "{}: a machine that is put aside is not hung", verdicts,
                         beside=True, long=True, group=selftest.PAUSE)
    yield from each_arch([isas.default()], "torture catches planted mistakes ({})", planted)
    yield Step("a sample of the mutants is killed", mutants_killed)
    yield from each_arch(arches, "{}: broken smp_mb() is caught", busted)
    yield from each_arch(arches, "{}: forbidden and seen is a failure", twin)
    yield from each_arch(arches, "{}: no switches in the release build", no_switches, beside=True)
    yield from each_arch(arches, "{}: broken dependencies are noticed", dependencies_twin,
                         beside=True)
    yield from each_arch(arches, "{}: the kernel without its tests", alone, beside=True)
