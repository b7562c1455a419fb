# SPDX-License-Identifier: GPL-2.0-only
"""One mutant against the tests that should notice it, and those tests without any mutant first.

Killed is a mutant if what was asked fails: a test, or the machine as a whole (crash, watchdog, a
limit of ours), or a command of the host. A mutant that does not build proves nothing of the tests,
unless the build is what should refuse it (by = "build").
"""
import fnmatch
import sys
import time
from dataclasses import dataclass, field

from ..base.errors import UserError
from ..images.boards import Boards
from ..images.builds import check_image, find_dtb
from ..images.line import FIXED_SEED
from ..record.verdict import NOT_STARTED
from ..run import runner
from ..run.result import Listener
from ..run.spec import Spec
from .copies import Build, Stopped, run_command

KILLED, SURVIVED, BROKEN, NOT_RUN = "killed", "survived", "broken", "not-run"
GUEST = ("guest", "process")  # whose tests the kernel runs
BUILT = (*GUEST, "selftest", "configurations", "deps", "build")  # what needs an image
OF_AN_ISA = (*BUILT, "primitives")
SECS = "0.05"  # as in `make check`
TEST_TIMEOUT = 20.0  # of each test, seconds: a hang that the kernel sees
COMMAND_TIMEOUT = 600.0
TESTS_MAX = 900  # characters of tests=; the kernel takes 1023
WHY_MAX = 200


@dataclass
class Verdict:
    """What became of a mutant: @how names the test and its end, @why its words."""

    verdict: str
    how: str = ""
    why: str = ""
    secs: float = 0.0
    build_secs: float = 0.0


class _Found(Exception):
    """A test has failed: the rest of the run is of no interest."""


class _Watch(Listener):
    """Ends a machine at its first failure, or when the command ends."""

    def __init__(self, stop, first=True):
        self.stop, self.first = stop, first

    def on_tick(self, t, elapsed):
        if self.stop.is_set():
            raise Stopped

    def on_record(self, kind, record, t):
        if self.first and kind == "TEST" and record["verdict"] in ("fail", "timeout", "crash"):
            raise _Found(f"{record['name']}: {record['verdict']}", record.get("reason", ""))


@dataclass(frozen=True)
class Machine:
    """What of a mutant's entry decides how a guest is run, but for its tests."""

    build: Build
    smp: int
    append: str
    secs: str


def build_of(mutant, arch):
    return Build(arch, mutant.by == "process", mutant.san)


def machine_of(mutant, arch):
    return Machine(build_of(mutant, arch), mutant.smp, mutant.append, mutant.secs)


def spec_for(copy, machine, tests, more=""):
    """The run of a machine in a copy."""
    boards, build = Boards(copy.root / "boards"), machine.build
    board = boards.process(build.arch) if build.process else boards.default(build.arch)
    image = copy.image_dir(build) / board.image
    check_image(image)
    append = f"{machine.append} {more}".strip()
    return Spec(board=board, image=image, smp=board.check_smp(machine.smp or None),
                tests=tests, secs=machine.secs or SECS, seed=FIXED_SEED, append=append,
                accel="unknown" if build.process else "tcg",
                timeout=max(TEST_TIMEOUT, 10 * float(machine.secs or 0)),
                dtb=find_dtb(board, image.parent))


def host_command(mutant, arch, what):
    """The command by which the host tests; @what is one of mutant.tests."""
    if mutant.by == "host":
        return ["make", "--no-print-directory", "-f", "tests/host/Makefile", what or "check"]
    if mutant.by == "pytest":
        return [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", what,
                "tools/tests", "tests"]
    if mutant.by == "deps":
        return [sys.executable, "tools/check_deps.py", f"build/{arch}/fencepost.elf"]
    if mutant.by == "primitives":
        return ["make", "--no-print-directory", "-f", "build.mk", f"ARCH={arch}", "primitives"]
    if mutant.by == "configurations":
        return [sys.executable, "tools/fencepost", "configurations", what]
    if mutant.by == "lint":
        return [sys.executable, "tools/fencepost", "lint", "--only", what]
    return [sys.executable, "tools/fencepost", "selftest", "--arch", arch, "--only", what]


def _run_host(copy, mutant, arch, what, stop, env):
    return run_command(host_command(mutant, arch, what), copy.root, stop, COMMAND_TIMEOUT,
                       dict(env, PYTHONDONTWRITEBYTECODE="1", MAKEFLAGS="", LLVM="", DEBUG="",
                            BUSTED=""))


def _last_words(text):
    """The line that says most of why a command failed; make's own says nothing."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not line.startswith(("make: ", "make["))] or lines
    telling = [line for line in lines if line.startswith(("E  ", "FAILED", "FAIL", "error"))
               or " error: " in line or "Error" in line]
    return (telling or lines or [""])[-1]


@dataclass
class Trials:
    """Runs mutants in one copy. @log: directory; @env: of commands; @stop: an Event."""

    copy: object
    log: object
    stop: object
    env: dict
    built: set = field(default_factory=set)

    def try_one(self, mutant, arch):
        """Plant, build, run, take out."""
        if mutant.by in BUILT:
            self.build_sound(build_of(mutant, arch))
        start = time.monotonic()
        try:
            self.copy.plant(mutant)
            got = self._build(mutant, arch) or self._judge(mutant, arch)
        except ValueError as e:
            raise UserError(f"{mutant.place}: mutant {mutant.id}: {e}") from None
        finally:
            self.copy.restore()
        got.secs = round(time.monotonic() - start - got.build_secs, 2)
        got.why = got.why[:WHY_MAX]
        return got

    def build_sound(self, build):
        if build not in self.built:
            self.copy.take_build(build)
            self.copy.build_sound(build, self.stop)
            self.built.add(build)

    def _build(self, mutant, arch):
        """A Verdict if the build ends it, else None."""
        self.build_secs = 0.0
        if mutant.by not in BUILT or not mutant.edits:
            return None
        start = time.monotonic()
        status, text = self.copy.build(build_of(mutant, arch), self.stop)
        self.build_secs = time.monotonic() - start
        if status:
            verdict = KILLED if mutant.by == "build" else BROKEN
            return Verdict(verdict, "build: refused", _last_words(text))
        return Verdict(SURVIVED) if mutant.by == "build" else None

    def _judge(self, mutant, arch):
        for what in mutant.tests or ("",):
            got = self._guest(mutant, arch, what) if mutant.by in GUEST else \
                self._host(mutant, arch, what)
            if got:
                got.build_secs = round(self.build_secs, 2)
                return got
        return Verdict(SURVIVED, build_secs=round(self.build_secs, 2))

    def _host(self, mutant, arch, what):
        status, text = _run_host(self.copy, mutant, arch, what, self.stop, self.env)
        if status == 0:
            return None
        end = "took too long" if status is None else "failed"
        return Verdict(KILLED, f"{mutant.by} {what}: {end}".replace(" :", ":"), _last_words(text))

    def _guest(self, mutant, arch, tests):
        more = f"busted={mutant.switch}" if mutant.switch else ""
        spec = spec_for(self.copy, machine_of(mutant, arch), tests, more)
        try:
            result = runner.run_machine(spec, self.log, _Watch(self.stop))
        except _Found as e:
            return Verdict(KILLED, *e.args)
        if result.verdict == NOT_STARTED:
            raise UserError(result.reason)
        t = result.transcript
        if result.ok() and not t.bad:
            return None
        bad = result.failed_tests()
        name = bad[0]["name"] if bad else (t.current or {}).get("name", "machine")
        return Verdict(KILLED, f"{name}: {result.verdict.lower()}",
                       result.reason or "broken records")

    # ---- without a mutant ----

    def baseline_guest(self, machine, globs):
        """{glob: what is wrong with it without any mutant, or ""}, for tests that a guest runs."""
        self.build_sound(machine.build)
        out, left = {}, chunks(sorted(globs))
        while left:
            chunk = left.pop()
            result = runner.run_machine(spec_for(self.copy, machine, ",".join(chunk)), self.log,
                                        _Watch(self.stop, first=False))
            if result.verdict == NOT_STARTED:
                raise UserError(result.reason)
            if not result.transcript.end and len(chunk) > 1:
                left += [[glob] for glob in chunk]  # one of them has ended it for all
            else:
                out.update({glob: glob_trouble(glob, result) for glob in chunk})
        return out

    def baseline_host(self, mutant, arch, what):
        """What is wrong with a command of the host without any mutant, or ""."""
        if mutant.by in BUILT:
            self.build_sound(build_of(mutant, arch))
        status, text = _run_host(self.copy, mutant, arch, what, self.stop, self.env)
        return "" if status == 0 else _last_words(text) or "it failed"


def chunks(globs):
    """Lists of globs that fit on a boot line."""
    out = []
    for glob in globs:
        if not out or sum(len(g) + 1 for g in out[-1]) + len(glob) > TESTS_MAX:
            out.append([])
        out[-1].append(glob)
    return out


def glob_trouble(glob, result):
    """Why the tests that @glob names prove nothing: a sentence, or ""."""
    mine = [t for t in result.transcript.tests if fnmatch.fnmatchcase(t["name"], glob)]
    for test in mine:
        if test["verdict"] not in ("pass", "skip"):
            return f"{test['name']} fails without a mutant: {test.get('reason', '')}"
    if not mine and result.transcript.end:
        return f"no test is named {glob}"
    if not mine or not (result.ok() or result.failed_tests()):
        return f"the machine ended as {result.verdict} without a mutant: {result.reason}"
    if all(t["verdict"] == "skip" for t in mine):
        return f"{glob} is skipped: {mine[0].get('reason', '')}"
    return ""
