# SPDX-License-Identifier: GPL-2.0-only
"""`make check`: every test of the project, step by step, on all four ISAs.

The images of the default build exist already (make all); the other builds are made here. A step
that races CPUs has the host to itself; those that do not run side by side, each in a process of
its own (base.Step).
"""
import io
import multiprocessing
import multiprocessing.connection
import os
import resource
import time
import traceback
from dataclasses import asdict, dataclass
from itertools import groupby, zip_longest

from ..base.errors import EXIT_FAIL, EXIT_PASS, Interrupted, UserError
from ..base.host import host_cores
from ..base.process import die_with_parent
from ..base.terminal import make_console
from ..base.text import printable
from ..images.builds import flavour
from ..report.store import Store
from . import firmware, host_side, other_builds, proofs, suites, unattended
from .base import Checks, Outcome

FIRST = suites  # the default machines: what is most likely to be broken shows soonest
REST = (host_side, other_builds, proofs, firmware, unattended)
BESIDE_MAX = 4  # more at once take no time off the longest of them
STOP_TIMEOUT = 10.0
_fork = multiprocessing.get_context("fork")


@dataclass
class Ended:
    """A step that has ended: what it found, seconds by the clock and of all CPUs, its words."""

    got: Outcome
    wall: float
    cpu: float
    text: str = ""


def cpu_seconds():
    """Of this process and of what it started and has waited for."""
    return sum(u.ru_utime + u.ru_stime for u in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def run_step(checks, step):
    """Run one step here."""
    wall, cpu = time.monotonic(), cpu_seconds()
    try:
        got = step.run(checks)
    except UserError as e:
        checks.out.print(f"    {e}", soft_wrap=True)
        got = Outcome(failed=1)
    return Ended(got, time.monotonic() - wall, cpu_seconds() - cpu)


class Beside:
    """A step in a process of its own, whose words are kept until it has ended."""

    def __init__(self, checks, step):
        self.step = step
        self.conn, theirs = _fork.Pipe(duplex=False)
        self.process = _fork.Process(target=_child, args=(checks, step, theirs, os.getpid()))
        self.process.start()
        theirs.close()

    def ended(self):
        """What came of it, as soon as conn can be read."""
        try:
            got = self.conn.recv()
        except EOFError:
            got = Ended(Outcome(failed=1), 0, 0, "    ended without a result\n")
        self.process.join()
        return got

    def stop(self):
        """End it, and the machines and commands that it started."""
        self.process.terminate()
        self.process.join(STOP_TIMEOUT)
        self.process.kill()


def _child(checks, step, conn, parent):
    """A child's life. Ctrl-C on the terminal is for the parent, which stops its children."""
    os.setpgid(0, 0)
    die_with_parent(parent)
    checks.out = make_console(io.StringIO(), width=checks.out.width)
    try:
        ended = run_step(checks, step)
    except (Interrupted, KeyboardInterrupt):
        return  # by stop(): what it ran has been ended on the way here
    except Exception:
        checks.out.print(traceback.format_exc(), soft_wrap=True)
        ended = Ended(Outcome(failed=1), 0, 0)
    ended.text = checks.out.file.getvalue()
    conn.send(ended)


def run_beside(checks, steps, workers):
    """Run @steps, @workers at once; yields (step, Ended) as they end. However it is left, nothing
    goes on running."""
    steps, running = list(steps), {}
    try:
        while steps or running:
            while steps and len(running) < workers:
                job = Beside(checks, steps.pop(0))
                running[job.conn] = job
            for conn in multiprocessing.connection.wait(list(running)):
                job = running[conn]
                ended = job.ended()
                del running[conn]
                yield job.step, ended
    finally:
        for job in running.values():
            job.stop()


def run_steps(checks, steps):
    """Run all in order, neighbours side by side where they may; yields (step, Ended)."""
    for beside, group in groupby(steps, key=lambda s: s.beside):
        if beside:
            yield from run_beside(checks, group, workers())
        else:
            yield from ((s, run_step(checks, s)) for s in group)


def _line(step, ended):
    got = ended.got
    mark = "FAIL" if got.failed else "skip" if got.skipped and not got.passed else "ok  "
    counts = f"{got.passed} passed" + (f", {got.failed} FAILED" if got.failed else "") + \
        (f", {got.skipped} skipped" if got.skipped else "")
    note = f" ({got.note})" if got.note else ""
    return f"{mark} {ended.wall:6.1f} s {ended.cpu:6.1f} CPU s  {step.name}: {counts}{note}"


def in_turn(*lists):
    """The elements of all, one of each list after the other."""
    return [x for turn in zip_longest(*lists) for x in turn if x is not None]


def all_steps(checks, only=None):
    """The steps in the order in which they run, or those with @only in their name. Builds, which
    fill the cores, go beside machines that wait; what needs the builds comes behind them."""
    rest = [list(m.steps(checks)) for m in REST]
    first = list(FIRST.steps(checks))
    beside = in_turn(*([s for s in some if s.beside] for some in (first, *rest)))
    steps = [s for s in first if not s.beside] + sorted(beside, key=lambda s: not s.long)
    steps += [s for some in rest for s in some if not s.beside]
    chosen = [s for s in steps if not only or only in s.name]
    if not chosen:
        raise UserError(f"--only '{only}': no step has that in its name")
    return chosen


def workers():
    """Steps at once: one more than cores, as most of them wait now and then."""
    return 1 if host_cores() == 1 else min(host_cores() + 1, BESIDE_MAX)


def run(args):
    out = make_console()
    if flavour():
        raise UserError("the default build is what is checked, and every other one is made on the "
                        "way: give no DEBUG=, LLVM= or BUSTED=")
    checks = Checks(args.root, out)
    steps = all_steps(checks, args.only)
    with Store(args.root, "check", args.output) as kept:
        checks.log = kept.log
        try:
            total = run_and_keep(checks, steps, kept)
            kept.complete()
        finally:
            out.print(kept.where(), soft_wrap=True)
    out.print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return EXIT_FAIL if total.failed or kept.trouble else EXIT_PASS


def run_and_keep(checks, steps, kept):
    """Every step is in the results, too, and the machines that later steps judge."""
    total, start, runs = Outcome(), time.monotonic(), 0
    for step, ended in run_steps(checks, steps):
        total.add(ended.got)
        checks.out.print(ended.text + _line(step, ended), soft_wrap=True)
        kept.add_step({"name": step.name, **asdict(ended.got), "wall_s": round(ended.wall, 3),
                       "cpu_s": round(ended.cpu, 3), "text": printable(ended.text)})
        for result in checks.results[runs:]:
            kept.add(result)
        runs = len(checks.results)
    checks.out.print(f"{len(steps)} steps in {time.monotonic() - start:.0f} s")
    return total
