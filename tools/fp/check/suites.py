# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check`: machines that should pass, of every ISA, number of CPUs and build."""
import shutil
import tempfile

from ..base import isas
from ..base.errors import EXIT_FAIL
from ..base.host import host_cores
from ..lint import lock_order
from ..mailthread import findings, mailthread
from ..report import live, report
from ..run import runner
from . import configurations
from .base import ONE_CORE, RARE_SECS, SECS, Outcome, Step, each_arch, skip

# What another machine or compiler can break, and what another number of CPUs can.
SOUND = "kernel.*,lib.*,pgtable.*,tlb.*,threads.*"
SHORT = ("kernel.*,lib.*,pgtable.*,threads.*,rcu.*,page_alloc.*,slab.*,tlb.*,mm.*,rmap.*,"
         "reclaim.*,torture.*")
# Of that, what more CPUs than the default can break: a forced race has as many actors as ever.
CROWD = "kernel.*,threads.*,rcu.*,page_alloc.*,slab.*,tlb.*,mm.*,reclaim.*,torture.*"
# What waits for the clock on purpose, and what has to be wrong for a while until that shows: it
# tells as much once on each ISA, on the default machine, as everywhere.
ONCE = ",-rcu.hold_*,-rcu.stall_*,-rcu.long_*,-threads.sleep_many,-*_twin,-*_twin_*"
# Forced races: some tries of each with every test (`make thread`: a hundred); all tries of one are
# alike, so that one is enough where only the number of CPUs or the build is another.
SOME = "tries=4"
FEW = "tries=1"
# The default is V9 with a second look. No detector may fire on V9 alone either, whatever is tested.
V9 = "anon_vma=v9"
# The flavour of RCU is changed by many tests, but the memory manager is under it in all of a run.
PREEMPT = "rcu=preempt"
MORE = {2: (V9,), 8: (PREEMPT,)}
ORDER = "lock_order=1"
# What a process of another ISA's can break; what races runs by the host's own processor.
PROCESS = "kernel.*,lib.*,pgtable.*,page_alloc.*,slab.*,tlb.*,mm.*,reclaim.*"
# Of each timed test of a process of this host's: its processor does in that more iterations of a
# litmus test, and of one of page tables ten times more, than an emulator in SECS.
PROCESS_SECS = "0.01"
# The process's MMU (arch/hosted/mmu.h) sets bits itself and keeps what is absent; once it is as
# forgetful, eager and short of ids as may be, and faults for each bit; once like an emulator's.
MMU_WAYS = ("mmu_ad=0 mmu_ids=66 mmu_early=2 mmu_evict=3", "mmu_absent=0 mmu_ids=1 mmu_early=0")
MMU_TESTS = "tlb.*,mm.*,reclaim.*,torture.mm"
MANY_CPUS = 32
MANY = "kernel.cpus_online,kernel.call_single,kernel.percpu"
# Elsewhere the torture is as short as all timed tests: too short for what needs two at one moment.
TORTURE_SECS = "10"
# Litmus files, and those that are wrong on purpose, which must be noticed.
FILES, WRONG_FILES = "tests/litmus/files", "tests/litmus/files_wrong"
FREE_WRONG = "V0"  # the variant that free-running has to catch here; `make thread` has them all


def _saw_sb(result):
    return any(t["name"] == "litmus.SB" and t.get("result") == "allowed-seen"
               for t in result.transcript.tests)


def whole_suite(checks, arch):
    """Every test of the default build; kept for the steps that judge all ISAs."""
    result = checks.machine(checks.boards.default(arch), "*", append=f"{SOME} {ORDER}")
    checks.results.append(result)
    checks.orders[arch] = result.transcript.orders
    return checks.judged(result)


def store_buffering(checks):
    """The one relaxation that TCG shows must be seen on every ISA, and nothing forbidden."""
    if host_cores() == 1:
        return skip(ONE_CORE)
    out = Outcome()
    for result in checks.results:
        board = result.spec.board
        if _saw_sb(result) or any(_saw_sb(checks.machine(board, "litmus.SB", secs=secs))
                                  for secs in RARE_SECS):
            out.passed += 1
        else:
            checks.out.print(f"    {board.arch}: litmus.SB was not seen")
            out.failed += 1
    return out if checks.results else skip("no machine was run")


def rows(checks):
    """Every variant and claim has its row, as it should be, on each ISA."""
    out = Outcome()
    for result in checks.results:
        merged = findings.Merged()
        merged.add(result)
        there = sum(findings.forced_rows(merged, findings.VARIANTS, findings.CLAIMS), [])
        bad = [r for r in there if not r["ok"]]
        for f in findings.row_failures(bad) + findings.silent_failures([result], bad):
            checks.out.print(f"    {f['arch']} {f['what']}: {f['why']}", soft_wrap=True)
        out.add(Outcome(len(there) - len(bad), len(bad)))
    return out if checks.results else skip("no machine was run")


def written_report(checks):
    """What the machines said makes a report as docs/report.md has it."""
    if not checks.results:
        return skip("no machine was run")
    bad = report.schema_errors(report.make_report(checks.results))
    for sentence in bad[:10]:
        checks.out.print("    " + sentence, soft_wrap=True)
    return Outcome(0 if bad else 1, len(bad))


def free_running(checks, arch):
    """Left to chance, with nothing forced, a variant known to be wrong is caught."""
    board = checks.boards.default(arch)
    spec = mailthread.free_spec(checks.spec(board, "", smp=board.smp), FREE_WRONG, "preempt",
                                mailthread.WRONG_SECS)
    result = runner.run_machine(spec, checks.log,
                                live.Show(checks.out, each=False))
    out = checks.judged(result)
    row = findings.free_row(result, FREE_WRONG, "preempt")
    if row["ok"]:
        out.note = f"{row['detector']} after {row['seconds']:.1f} s"
    else:
        checks.out.print(f"    {row['test']}: {row['result']}: {row['why']}", soft_wrap=True)
        out.failed = max(out.failed, 1)
    return out


def own_files(checks, arch):
    """Litmus files, as a user has them: read, built, run, none forbidden seen; and, on one ISA, a
    file that says "never" of what every ISA shows makes the command fail."""
    tool = [str(checks.root / "tools" / "fencepost"), "litmus", "--arch", arch, "--secs", SECS,
            "--machine", checks.boards.default(arch).name]
    with tempfile.TemporaryDirectory() as kept:
        out = checks.simple([*tool, "--output", f"{kept}/files", str(checks.root / FILES)])
        if host_cores() == 1 or arch != isas.default():
            return out
        for secs in RARE_SECS:
            status, text = checks.command([*tool, "--output", f"{kept}/{secs}", "--secs", secs,
                                           str(checks.root / WRONG_FILES)])
            if status:
                break
    if status == EXIT_FAIL:
        out.passed += 1
        return out
    checks.tail(text)
    checks.out.print(f"    {WRONG_FILES}: it should have failed, and ended with {status}")
    out.failed += 1
    return out


def cpus(checks, arch, smp):
    """Another number of CPUs than the default."""
    board = checks.boards.default(arch)
    append = " ".join((FEW, ORDER, *MORE.get(smp, ())))
    tests = (CROWD if smp > board.smp else SHORT) + ONCE
    result = checks.machine(board, tests, smp=smp, append=append)
    checks.orders[f"{arch} with {smp} CPUs"] = result.transcript.orders
    return checks.judged(result)


def locks(checks):
    """Locks were taken in the order that docs/locking.md writes, and in no other."""
    if not checks.orders:
        return skip("no machine was run")
    wrong, said = lock_order.against(lock_order.read(checks.root), checks.orders)
    for sentence in wrong + said:
        checks.out.print("    " + sentence, soft_wrap=True)
    pairs = len(set().union(*checks.orders.values()))
    return Outcome(1 if pairs else 0, len(wrong) if pairs else 1,
                   note=f"{pairs} pairs on {len(checks.orders)} machines")


def many_cpus(checks, arch):
    """Half of what the kernel can hold: 64 virtual CPUs are too many for a busy host."""
    mine = [b for b in checks.boards.all.values() if b.arch == arch]
    board = max(mine, key=lambda b: (b.smp_max, b.default))
    smp = min(MANY_CPUS, board.smp_max)
    out = checks.judged(checks.machine(board, MANY, smp=smp))
    out.note = f"{smp} on {board.name}"
    return out


def whole_process(checks, arch):
    """Every test once more, by this host's own processor: the kernel as a process."""
    result = checks.machine(checks.boards.process(arch), "*", secs=PROCESS_SECS, append=FEW)
    if result.spec.provenance() == "silicon":
        checks.results.append(result)
    out = checks.judged(result)
    out.note = result.spec.why
    return out


def process_mmu(checks, arch):
    """Both ways of mm/ with accessed and dirty bits, and TLBs that keep more, and less."""
    out = Outcome()
    for way in MMU_WAYS:
        out.add(checks.judged(checks.machine(checks.boards.process(arch), MMU_TESTS + ONCE,
                                             secs=PROCESS_SECS, append=f"{FEW} {way}")))
    return out


def process(checks, arch):
    """The kernel as a process of another ISA's, by QEMU's user mode: does it work?"""
    board = checks.boards.process(arch)
    if not shutil.which(board.starter()):
        return skip(f"{board.starter()} is not installed (Debian's qemu-user-static)")
    if checks.build("hosted", HOST=arch) is None:
        return Outcome(failed=1)
    return checks.judged(checks.machine(board, PROCESS + ONCE, smp=2, append=FEW))


def torture(checks):
    """The torture for as long as rare meetings need, on one ISA."""
    board = checks.boards.default(isas.default())
    return checks.judged(checks.machine(board, "torture.*", secs=TORTURE_SECS))


def second_machine(checks, board):
    """What another machine of the same ISA can break."""
    if runner.not_here(board):
        return skip(runner.not_here(board))
    return checks.judged(checks.machine(board, SOUND + ",litmus.SB,litmus.SB+mb+mb" + ONCE))


def little_other(checks, arch):
    """CPUs, firmware, topologies and device trees of tests/machines/: boots, or says why not."""
    mine = [c for c in configurations.load(checks.root)
            if not c.long and checks.boards.find(c.machine).arch == arch]
    return Outcome(*configurations.run_all(checks.root, checks.out, mine, passed=False))


def steps(checks):
    """The default machines first: what is most likely to be broken shows soonest."""
    arches = isas.names()
    yield from each_arch(arches, "{}: every test, 4 CPUs", whole_suite)
    yield Step(f"{isas.default()}: torture for {TORTURE_SECS} s", torture)
    host = [arch for arch in arches if arch == isas.native()]
    yield from each_arch(host, "{}: the suites as a process of this host", whole_process)
    yield from each_arch(host, "{}: the process's own MMU, in other ways", process_mmu)
    yield Step("SB is seen on every ISA", store_buffering)
    yield Step("every variant and claim has its row", rows)
    yield Step("the report is well formed", written_report)
    yield from each_arch(arches, "{}: " + FREE_WRONG + " is caught free-running", free_running)
    yield from each_arch(arches, "{}: litmus files", own_files)
    yield from each_arch([a for a in arches if a not in host], "{}: as a process, by QEMU's user "
                         "mode", process, beside=True)
    for smp, more in MORE.items():
        yield from each_arch(arches, "{}: %d CPUs, %s" % (smp, *more), cpus, smp=smp)
    yield Step("locks are taken in the order that is written", locks)
    yield from each_arch(arches, "{}: many CPUs", many_cpus)
    for board in checks.boards.all.values():
        if not board.default and not board.says:
            yield Step(f"{board.arch}: machine {board.name}",
                       lambda checks, b=board: second_machine(checks, b))
    yield from each_arch(arches, "{}: 1 CPU", cpus, smp=1, beside=True)
    yield from each_arch(arches, "{}: machines that are a little other", little_other, beside=True)
