# SPDX-License-Identifier: GPL-2.0-only
"""`make check`: every test of the project, step by step, on all four ISAs, one machine at a time.

The images of the default build exist already (make all); the other builds are made here.
"""
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass

from . import cli, live, report, runner, selftest, thread, thread_rows
from . import console as con
from .boards import ARCHES, Boards, host_cores
from .errors import EXIT_FAIL, EXIT_PASS, UserError

# What another machine or compiler can break, and what another number of CPUs can.
SOUND = "kernel.*,pgtable.*,self.*,tlb.*,threads.*"
SHORT = ("kernel.*,pgtable.*,self.*,threads.*,rcu.*,page_alloc.*,slab.*,tlb.*,mm.*,rmap.*,"
         "reclaim.*,torture.*")
FEW = "tries=3"  # forced races: ten each with every test, few where only CPUs or build differ
# The default is V9 with a second look. No detector may fire on V9 alone either, whatever is tested.
V9_SMP = 2
V9 = "anon_vma=v9"
MANY_CPUS = 32
MANY = "kernel.cpus_online,kernel.call_single,kernel.percpu"
SECS = "0.05"
FREE_WRONG = "V0"  # the variant that free-running has to catch here; `make thread` has them all
COMMAND_TIMEOUT = 600.0
RARE_SECS = ("0.5", "1", "3", "10", "20")  # tries, the first of which suffices on a quiet host
# Bits of enum mm_busted that torture.mm finds within seconds. For the others several CPUs must run
# at one moment, which mm.fork_flush_twin and mm.cow_mapcount_twin arrange.
PLANTED = {1: "copy on write without a flush", 8: "LRU without its lock",
           16: "slot of swap freed early"}
PLANTED_SECS = ("1", "3", "10", "20")
PLANTED_ARCH = "x86_64"  # boots fastest, and what is broken is portable code
SLOW_BOOT = ("powerpc64",)  # 3 s: what portable code does is left to the other ISAs


@dataclass
class Outcome:
    """What a step found, in tests."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    note: str = ""

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped


def _skip(why):
    return Outcome(skipped=1, note=why)


ONE_CORE = "unobservable: on one core no two CPUs run at once, and store buffering cannot show"


def _saw_sb(result):
    return any(t["name"] == "litmus.SB" and t.get("result") == "allowed-seen"
               for t in result.transcript.tests)


class Checks:
    """The steps, as methods that return an Outcome, and what they share."""

    def __init__(self, root, out):
        self.root, self.out = root, out
        self.boards = Boards(root / "boards")
        self.results = []

    def command(self, argv, **env):
        """Run a command; (status, output)."""
        try:
            done = subprocess.run(
                argv, cwd=self.root, env=dict(os.environ, **env), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
                timeout=COMMAND_TIMEOUT)
        except subprocess.TimeoutExpired:
            return -1, f"took longer than {COMMAND_TIMEOUT:g} s"
        except OSError as e:
            return -1, f"{argv[0]}: {e.strerror}"
        return done.returncode, done.stdout

    def tail(self, text, lines=15):
        for line in text.rstrip().splitlines()[-lines:]:
            self.out.print("    " + line, soft_wrap=True)

    def simple(self, argv, **env):
        """A command that passes or fails as a whole."""
        status, text = self.command(argv, **env)
        if status:
            self.tail(text)
            return Outcome(failed=1)
        return Outcome(passed=1)

    def build(self, arch, **flags):
        """Build one flavour; its directory's suffix, or None if it failed."""
        argv = ["make", "--no-print-directory", "-j", str(host_cores()), "-f", "build.mk",
                f"ARCH={arch}"]
        argv += [f"{k}={v}" for k, v in flags.items()]
        env = {"LLVM": "", "DEBUG": "1", "BUSTED": "", "MAKEFLAGS": ""}
        status, text = self.command(argv, **env)
        if status:
            self.tail(text)
            return None
        parts = (["release"] if flags.get("DEBUG") == "0" else []) + \
            (["llvm"] if flags.get("LLVM") else []) + \
            (["busted", flags["BUSTED"]] if flags.get("BUSTED") else [])
        return "-".join(parts)

    def spec(self, board, tests, *, smp=None, secs=SECS, seed=cli.FIXED_SEED, flav="", append=""):
        """What machine() runs."""
        image = cli.build_dir(self.root, board.arch, flav) / board.image
        runner.check_image(image)
        return runner.Spec(board=board, image=image, smp=smp or board.smp, tests=tests, secs=secs,
                           seed=seed, flavour=flav, append=append,
                           dtb=runner.find_dtb(board, image.parent))

    def machine(self, board, tests, *, show=True, **more):
        """Run one machine; its Result. @show: failures are printed as they come."""
        spec = self.spec(board, tests, **more)
        return runner.run_machine(spec, self.root / "build" / "log",
                                  live.Show(self.out, each=False) if show else None)

    def judged(self, result):
        """Outcome of a run that should pass; a failure is shown."""
        t = result.transcript
        bad = len(result.failed_tests())
        if not result.ok() or con.disagreements(t) or t.bad:
            live.print_summary(self.out, result)
            bad = max(bad, 1)
        return Outcome(t.count("pass"), bad, t.count("skip"))

    # ---- steps ----

    def host_tests(self):
        status, text = self.command(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tools/tests",
             "tests/litmus"],
            PYTHONDONTWRITEBYTECODE="1")
        counts = {w: int(n) for n, w in re.findall(r"(\d+) (passed|failed|skipped|error)", text)}
        out = Outcome(counts.get("passed", 0), counts.get("failed", 0) + counts.get("error", 0),
                      counts.get("skipped", 0))
        if status or not out.passed:
            self.tail(text, 40)
            out.failed = max(out.failed, 1)
        return out

    def host_parsers(self):
        if not (self.root / "tests/host/Makefile").is_file():
            return _skip("there is no tests/host/Makefile")
        return self.simple(["make", "--no-print-directory", "-f", "tests/host/Makefile", "check"],
                           MAKEFLAGS="")

    def dependencies(self, arch, flav=""):
        tool = self.root / "tools/check_deps.py"
        if not tool.is_file():
            return _skip("there is no tools/check_deps.py")
        elf = cli.build_dir(self.root, arch, flav) / "fencepost.elf"
        return self.simple([sys.executable, str(tool), str(elf)])

    def dependencies_twin(self, arch):
        """A copy of the bodies whose dependencies are folded away must be noticed."""
        return self.simple(["make", "--no-print-directory", "-f", "build.mk", f"ARCH={arch}",
                            "litmus_deps"], LLVM="", DEBUG="1", BUSTED="", MAKEFLAGS="")

    def whole_suite(self, arch):
        result = self.machine(self.boards.default(arch), "*")
        self.results.append(result)
        return self.judged(result)

    def cpus(self, arch, smp):
        append = FEW + (f" {V9}" if smp == V9_SMP else "")
        return self.judged(self.machine(self.boards.default(arch), SHORT, smp=smp, append=append))

    def many_cpus(self, arch):
        """Half of what the kernel can hold: 64 virtual CPUs are too many for a busy host."""
        mine = [b for b in self.boards.all.values() if b.arch == arch]
        board = max(mine, key=lambda b: (b.smp_max, b.default))
        smp = min(MANY_CPUS, board.smp_max)
        out = self.judged(self.machine(board, MANY, smp=smp))
        out.note = f"{smp} on {board.name}"
        return out

    def second_machine(self, board):
        return self.judged(self.machine(board, SOUND + ",litmus.SB,litmus.SB+mb+mb"))

    def report(self):
        if not self.results:
            return _skip("no machine was run")
        data = report.make_report(self.results)
        path = self.root / "build" / "report" / "check.json"
        report.write_json(path, data)
        report.write_file(path.with_suffix(".xml"), report.junit(self.results))
        bad = report.schema_errors(data)
        for sentence in bad[:10]:
            self.out.print("    " + sentence, soft_wrap=True)
        return Outcome(0 if bad else 1, len(bad))

    def thread_rows(self):
        """Every variant and claim has its row, as it should be, on each ISA."""
        out = Outcome()
        for result in self.results:
            merged = thread_rows.Merged()
            merged.add(result)
            rows, claims = thread_rows.forced_rows(merged, thread_rows.VARIANTS,
                                                   thread_rows.CLAIMS)
            bad = [r for r in rows + claims if not r["ok"]]
            for f in thread_rows.row_failures(bad) + thread_rows.silent_failures([result], bad):
                self.out.print(f"    {f['arch']} {f['what']}: {f['why']}", soft_wrap=True)
            out.add(Outcome(len(rows + claims) - len(bad), len(bad)))
        return out if self.results else _skip("no machine was run")

    def free_running(self, arch):
        """Left to chance, with nothing forced, a variant known to be wrong is caught."""
        board = self.boards.default(arch)
        spec = thread.free_spec(self.spec(board, "", smp=board.smp), FREE_WRONG, "preempt",
                                thread.WRONG_SECS)
        result = runner.run_machine(spec, self.root / "build" / "log",
                                    live.Show(self.out, each=False))
        out = self.judged(result)
        row = thread_rows.free_row(result, FREE_WRONG, "preempt")
        if row["ok"]:
            out.note = f"{row['detector']} after {row['seconds']:.1f} s"
        else:
            self.out.print(f"    {row['test']}: {row['result']}: {row['why']}", soft_wrap=True)
            out.failed = max(out.failed, 1)
        return out

    def store_buffering(self):
        """The one relaxation that TCG shows must be seen on every ISA, and nothing forbidden."""
        if host_cores() == 1:
            return _skip(ONE_CORE)
        out = Outcome()
        for result in self.results:
            board = result.spec.board
            if _saw_sb(result) or any(_saw_sb(self.machine(board, "litmus.SB", secs=secs))
                                      for secs in RARE_SECS):
                out.passed += 1
            else:
                self.out.print(f"    {board.arch}: litmus.SB was not seen")
                out.failed += 1
        return out if self.results else _skip("no machine was run")

    def verdicts(self, arch, misuse=False):
        passed, failed = selftest.run_arch(self.out, self.root, arch, quiet=True, misuse=misuse)
        return Outcome(passed, failed)

    def planted(self, arch):
        """Each mistake planted in the memory manager, alone, makes its torture fail or crash."""
        out, caught = Outcome(), []
        for bit, what in PLANTED.items():
            secs = self.planted_found(arch, bit)
            if secs is None:
                self.out.print(f"    {what} (torture_busted={bit}) was not caught")
                out.failed += 1
            else:
                caught.append(f"{bit} within {secs} s")
                out.passed += 1
        out.note = ", ".join(caught)
        return out

    def planted_found(self, arch, bit):
        """In how many seconds of torture the mistake was caught, or None."""
        for turn, secs in enumerate(PLANTED_SECS):
            result = self.machine(self.boards.default(arch), "torture.mm", secs=secs, show=False,
                                  seed=cli.FIXED_SEED + turn, append=f"torture_busted={bit}")
            ended = next(iter(result.transcript.tests), {})
            if ended.get("name") == "torture.mm" and ended["verdict"] in ("fail", "crash"):
                return secs
        return None

    def busted(self, arch):
        """A build whose smp_mb() is only a compiler barrier must be caught."""
        if host_cores() == 1:
            return _skip(ONE_CORE)
        flav = self.build(arch, BUSTED="mb")
        return Outcome(failed=1) if flav is None else self.reported(arch, "litmus.SB+mb+mb", flav)

    def twin(self, arch):
        """Plain SB whose expectation says "never": seen, it must be a failure."""
        if host_cores() == 1:
            return _skip(ONE_CORE)
        return self.reported(arch, "self.litmus_twin", "")

    def reported(self, arch, test, flav):
        """A litmus test that must end as forbidden and seen."""
        for secs in RARE_SECS:
            result = self.machine(self.boards.default(arch), test, secs=secs, flav=flav,
                                  show=False)
            seen = next(iter(result.transcript.tests), {})
            if result.verdict == con.FAIL and seen.get("result") == "forbidden-seen":
                rate = live.rate_text(seen["weak"], seen["iterations"])
                return Outcome(passed=1, note=f"{rate} within {secs} s")
        self.out.print(f"    {test} did not see what it must: {result.verdict} {result.reason} "
                       f"(console: {result.log})", soft_wrap=True)
        return Outcome(failed=1)

    def other_build(self, arch, **flags):
        """Another compiler or the release build: builds, boots, passes."""
        flav = self.build(arch, **flags)
        if flav is None:
            return Outcome(failed=1)
        tests = (SOUND if flags.get("LLVM") else SHORT) + ",litmus.SB*"
        out = self.judged(self.machine(self.boards.default(arch), tests, flav=flav, append=FEW))
        if flags.get("LLVM"):
            out.add(self.dependencies(arch, flav))
        return out

    def debugger(self, arch):
        if not shutil.which("gdb-multiarch"):
            return _skip("gdb-multiarch is not installed")
        return self.simple([str(self.root / "tools" / "fencepost"), "debug", "--arch", arch,
                            "--batch"], LLVM="", DEBUG="1", BUSTED="")

    def steps(self):
        """(name, function) in the order in which they run."""
        for arch in ARCHES:
            yield f"{arch}: every test, 4 CPUs", lambda a=arch: self.whole_suite(a)
        yield "SB is seen on every ISA", self.store_buffering
        yield "every variant and claim has its row", self.thread_rows
        yield "the report is well formed", self.report
        for arch in ARCHES:
            yield f"{arch}: {FREE_WRONG} is caught free-running", \
                lambda a=arch: self.free_running(a)
        for arch in ARCHES:
            for smp in (1, 2, 8):
                yield f"{arch}: {smp} CPUs{', ' + V9 if smp == V9_SMP else ''}", \
                    lambda a=arch, n=smp: self.cpus(a, n)
            yield f"{arch}: many CPUs", lambda a=arch: self.many_cpus(a)
        for board in self.boards.all.values():
            if not board.default:
                yield f"{board.arch}: machine {board.name}", \
                    lambda b=board: self.second_machine(b)
        for arch in ARCHES:
            yield f"{arch}: each failure has its verdict", lambda a=arch: self.verdicts(a)
        for arch in ARCHES:
            if arch not in SLOW_BOOT:
                yield f"{arch}: misuse of memory is a crash that says so", \
                    lambda a=arch: self.verdicts(a, misuse=True)
        yield f"torture catches planted mistakes ({PLANTED_ARCH})", \
            lambda: self.planted(PLANTED_ARCH)
        for arch in ARCHES:
            yield f"{arch}: broken smp_mb() is caught", lambda a=arch: self.busted(a)
            yield f"{arch}: forbidden and seen is a failure", lambda a=arch: self.twin(a)
        for arch in ARCHES:
            yield f"{arch}: litmus dependencies are in the code", \
                lambda a=arch: self.dependencies(a)
            yield f"{arch}: broken dependencies are noticed", \
                lambda a=arch: self.dependencies_twin(a)
        for arch in ARCHES:
            yield f"{arch}: gdb stops at kernel_main()", lambda a=arch: self.debugger(a)
        for arch in ARCHES:
            yield f"{arch}: release build", lambda a=arch: self.other_build(a, DEBUG="0")
        for arch in ARCHES:
            if shutil.which("clang") and shutil.which("ld.lld"):
                yield f"{arch}: clang build", lambda a=arch: self.other_build(a, LLVM="1")
            else:
                yield f"{arch}: clang build", lambda: _skip("clang and lld are not installed")
        yield "parsers under sanitizers", self.host_parsers
        yield "host tool", self.host_tests


def run(args):
    out = live.make_console()
    if cli.flavour():
        raise UserError("the default build is what is checked, and every other one is made on the "
                        "way: give no DEBUG=, LLVM= or BUSTED=")
    checks = Checks(args.root, out)
    total, start = Outcome(), time.monotonic()
    ran = 0
    for name, step in checks.steps():
        if args.only and args.only not in name:
            continue
        ran += 1
        began = time.monotonic()
        try:
            got = step()
        except UserError as e:
            out.print(f"    {e}", soft_wrap=True)
            got = Outcome(failed=1)
        total.add(got)
        mark = "FAIL" if got.failed else "skip" if got.skipped and not got.passed else "ok  "
        counts = f"{got.passed} passed" + (f", {got.failed} FAILED" if got.failed else "") + \
            (f", {got.skipped} skipped" if got.skipped else "")
        note = f" ({got.note})" if got.note else ""
        out.print(f"{mark} {time.monotonic() - began:6.1f} s  {name}: {counts}{note}",
                  soft_wrap=True)
    if not ran:
        raise UserError(f"--only '{args.only}': no step has that in its name")
    out.print(f"{ran} steps in {time.monotonic() - start:.0f} s")
    out.print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return EXIT_FAIL if total.failed else EXIT_PASS
