# SPDX-License-Identifier: GPL-2.0-only
"""What the steps of `make check` share: their outcome, running a command, a build, a machine.

The steps themselves are functions of Checks in suites.py (machines that should pass),
firmware.py (by their firmware), other_builds.py (with other compilers and options),
proofs.py (what should be caught) and host_side.py (without a machine, or around one); each
of these modules has a steps(), which yields them in order. check.py runs them.
"""
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

from ..base.host import host_cores
from ..base.process import kill_group, spawn
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, find_dtb
from ..images.line import FIXED_SEED
from ..report import live
from ..run import process, runner
from ..run.spec import Spec

SECS = "0.03"
COMMAND_TIMEOUT = 600.0
RARE_SECS = ("0.5", "1", "3", "10", "20")  # tries, the first of which suffices on a quiet host
ONE_CORE = "unobservable: on one core no two CPUs run at once, and store buffering cannot show"


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


@dataclass
class Step:
    """@run: without arguments but Checks; an Outcome. @beside: runs in a process of its own while
    another step does, and so leaves nothing behind in Checks: what keeps one core busy, waits most
    of the time, or builds. What races CPUs, or is timed, comes before whatever else runs. @long:
    takes half a minute or more, and begins before those beside it that do not, lest it be the last.
    @builds: what others boot. @judges: what others left in Checks, and so begins behind them."""

    name: str
    run: Callable
    beside: bool = False
    long: bool = False
    builds: bool = False
    judges: bool = False


def skip(why):
    return Outcome(skipped=1, note=why)


def each_arch(arches, name, run, beside=False, long=False, builds=False, **more):
    """A step for each of @arches; @name has {} for the ISA, @run takes Checks and the ISA."""
    for arch in arches:
        yield Step(name.format(arch), lambda checks, a=arch: run(checks, a, **more), beside, long,
                   builds)


class Checks:
    """The project under test. results: of the default machines, for the steps that judge them;
    orders: of locks, which those and others saw, by machine; log:
    where consoles are kept."""

    def __init__(self, root, out):
        self.root, self.out = root, out
        self.boards = Boards(root / "boards")
        self.boards.check_all()
        self.results, self.orders = [], {}
        self.log = root / "build" / "log"

    def command(self, argv, **env):
        """Run a command; (status, output)."""
        try:
            proc = spawn(argv, cwd=self.root, env=dict(os.environ, **env), text=True,
                         errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT)
        except OSError as e:
            return -1, f"{argv[0]}: {e.strerror}"
        try:
            text, _ = proc.communicate(timeout=COMMAND_TIMEOUT)
            return proc.returncode, text
        except BaseException as e:
            kill_group(proc)
            if isinstance(e, subprocess.TimeoutExpired):
                return -1, f"took longer than {COMMAND_TIMEOUT:g} s"
            raise

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

    def spec(self, board, tests, *, smp=None, secs=SECS, seed=FIXED_SEED, flav="", append=""):
        """What machine() runs."""
        image = build_dir(self.root, board.target(), flav) / board.image
        check_image(image)
        spec = Spec(board=board, image=image, smp=smp or board.smp, tests=tests, secs=secs,
                    seed=seed, flavour=flav, append=append,
                    dtb=find_dtb(board, image.parent))
        return process.settle(spec, self.log)

    def machine(self, board, tests, *, show=True, **more):
        """Run one machine; its Result. @show: failures are printed as they come."""
        spec = self.spec(board, tests, **more)
        return runner.run_machine(spec, self.log,
                                  live.Show(self.out, each=False) if show else None)

    def judged(self, result):
        """Outcome of a run that should pass; a failure is shown."""
        t = result.transcript
        bad = len(result.failed_tests())
        if not result.ok() or t.bad:
            live.print_summary(self.out, result)
            bad = max(bad, 1)
        return Outcome(t.count("pass"), bad, t.count("skip"))
