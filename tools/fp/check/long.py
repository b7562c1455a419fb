# SPDX-License-Identifier: GPL-2.0-only
"""`make check-long`: what takes hours. Each step is a command with a log of its own in build/long/.

A step that has passed is remembered with what the tree was then: --resume goes on behind it, if no
file has changed since.
"""
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.process import kill_group, spawn
from ..base.terminal import make_console
from ..base.text import age
from ..base.tree import fingerprint
from ..images.boards import Boards
from ..images.builds import ROOT, flavour
from .beside import cpu_seconds

EXIT_SKIP = 77  # of a command that could not be tried here; its last line says why
TORTURE_SECS = "600"
# Under both sanitizers, of a process of any ISA: what does not ask when things happen, which the
# translation of code that is several times as long does not show.
SANITIZED = "-litmus.*,-rmap.*,-rcu.hold_*,-rcu.stall_*,-rcu.long_*,-torture.*"
DEBIANS = {"bookworm": 12, "trixie": 13}


@dataclass
class Command:
    """A step: its log is build/long/@log.log."""

    name: str
    log: str
    argv: Sequence[str]


def host_debian():
    """The code name of this machine's release, or None."""
    try:
        text = Path("/etc/os-release").read_text(encoding="utf-8")
    except OSError:
        return None
    m = re.search(r'^VERSION_CODENAME="?(\w+)', text, re.M)
    return m and m[1]


def commands(where, secs, host):
    """The steps in order; @secs of each machine under torture, @host: this machine's release."""
    tool = str(ROOT / "tools" / "fencepost")
    for suite, number in DEBIANS.items():
        if suite != host:
            yield Command(f"Debian {number}: make check of a clean clone", suite,
                          [str(ROOT / "tools" / "other_debian.sh"), suite, str(where / suite)])
    for arch in isas.names():
        for rcu in ("classic", "preempt"):
            yield Command(f"{arch}: torture for {secs} s, rcu={rcu}", f"torture-{arch}-{rcu}",
                          [tool, "run", "--arch", arch, "--tests", "torture.*", "--secs", secs,
                           "--append", f"rcu={rcu}"])
    for board in Boards(ROOT / "boards").all.values():
        if not board.default and not board.says:
            yield Command(f"{board.arch}: page tables on {board.name}", f"translation-{board.name}",
                          [tool, "run", "--arch", board.arch, "--machine", board.name,
                           "--tests", "translation.*"])
    if isas.native():
        yield Command("each way of going wrong, as a process", "selftest-process",
                      [tool, "selftest", "--arch", isas.native(), "--machine", "hosted"])
    for arch in isas.names():
        yield Command(f"{arch}: sanitizers, as a process", f"sanitizers-{arch}",
                      ["make", "--no-print-directory", "DEPS=0", "run", "ARCH=hosted",
                       f"HOST={arch}", "SAN=address,undefined", f"TESTS={SANITIZED}", "SMP=2",
                       "SECS=0.03", "APPEND=tries=1"])
    yield Command("machines that are a little other", "configurations", [tool, "configurations"])
    yield Command("TLBs of simulated CPUs, one step more out of turn", "tlb-model",
                  ["make", "--no-print-directory", "-f", "tests/host/Makefile", "tlb", "SIM_MORE=1",
                   f"SIM_SECS={secs}"])
    yield Command("fuzzers of what others hand over", "fuzz", [tool, "fuzz", "--secs", secs])
    yield Command("a fifth ISA is built, booted and judged", "fifth-isa",
                  ["env", "FENCEPOST_LONG=1", sys.executable, "-m", "pytest", "-q", "-p",
                   "no:cacheprovider", str(ROOT / "tools/tests/test_fifth_isa.py")])
    yield Command("every mutant of the catalogue", "mutants", [tool, "mutants", "--resume"])
    yield Command("every variant and claim of the thread", "thread", [tool, "thread", "--resume"])
    yield Command("the ISAs side by side", "compare", [tool, "compare"])


class Passed:
    """The steps that have passed before, in a file: {log: [fingerprint, last line, when]}."""

    def __init__(self, path, tree, resume):
        self.path, self.tree, self.resume = path, tree, resume
        try:
            self.done = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.done = {}

    def before(self, command):
        """(last line of the step's log, how old it is) if it has passed on this tree and need not
        run again; or None."""
        tree, last, when = self.done.get(command.log, (None, None, 0))
        return (last, age(when)) if self.resume and tree == self.tree else None

    def add(self, command, last):
        self.done[command.log] = [self.tree, last, int(time.time())]
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(self.done, indent=1), encoding="utf-8")
        os.replace(new, self.path)


def last_line(path):
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "no output")


def run_command(command, path, root):
    """Run a step to its end, with nothing left running however this ends; its exit status."""
    with open(path, "wb") as log:
        try:
            proc = spawn(command.argv, cwd=root, stdin=subprocess.DEVNULL, stdout=log,
                         stderr=subprocess.STDOUT)
        except OSError as e:
            log.write(f"{command.argv[0]}: {e.strerror}\n".encode())
            return -1
        try:
            return proc.wait()
        except BaseException:
            kill_group(proc)
            raise


def run_steps(out, root, steps, where, passed):
    """Run all; (passed, failed, skipped)."""
    counts = {"ok": 0, "FAIL": 0, "skip": 0}
    for command in steps:
        path = where / f"{command.log}.log"
        before = passed.before(command)
        if before is not None:
            out.print(f"ok   ({before[1]})  {command.name}: {before[0]}", soft_wrap=True)
            counts["ok"] += 1
            continue
        out.print(f"...  {command.name} (log: {path})", soft_wrap=True)
        wall, cpu = time.monotonic(), cpu_seconds()
        status = run_command(command, path, root)
        wall, cpu = time.monotonic() - wall, cpu_seconds() - cpu
        mark = {0: "ok", EXIT_SKIP: "skip"}.get(status, "FAIL")
        counts[mark] += 1
        last = last_line(path)
        if mark == "ok":
            passed.add(command, last)
        out.print(f"{mark:<4} {wall:7.0f} s {cpu:8.0f} CPU s  {command.name}: {last}",
                  soft_wrap=True)
    return counts.values()


def run(args):
    out = make_console()
    if flavour():
        raise UserError("the default build is what is checked: give no DEBUG=, LLVM= or BUSTED=")
    where = args.root / "build" / "long"
    steps = [c for c in commands(where, args.secs or TORTURE_SECS, host_debian())
             if not args.only or args.only in c.name]
    if not steps:
        raise UserError(f"--only '{args.only}': no step has that in its name")
    where.mkdir(parents=True, exist_ok=True)
    passed = Passed(where / "passed.json", fingerprint(args.root), args.resume)
    ok, failed, skipped = run_steps(out, args.root, steps, where, passed)
    out.print(f"{ok} steps passed, {failed} failed, {skipped} skipped")
    return EXIT_FAIL if failed else EXIT_PASS
