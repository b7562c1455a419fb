# SPDX-License-Identifier: GPL-2.0-only
"""`make check`: every test of the project, step by step, on all four ISAs.

The images of the default build exist already (make all); the other builds are made here. A step
that races CPUs comes before all else on the host; those that do not run side by side, each in a
process of its own (base.Step), behind the others or in the time that these leave idle.
"""
import time
from contextlib import closing
from dataclasses import asdict
from itertools import groupby, zip_longest

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.host import host_cores
from ..base.terminal import make_console
from ..base.text import printable
from ..base.tree import fingerprint
from ..images.builds import flavour
from ..report.store import Store
from . import choose, firmware, host_side, other_builds, proofs, suites, unattended
from .base import Checks, Outcome
from .beside import Idle, run_beside, run_step
from .progress import Heartbeat, longest

FIRST = suites  # the default machines: what is most likely to be broken shows soonest
REST = (host_side, other_builds, proofs, firmware, unattended)
BESIDE_MAX = 4  # more at once take no time off the longest of them


def run_steps(checks, steps):
    """Run all in order, neighbours side by side where they may; those also before their turn, in
    the time that racing steps leave idle. Yields (step, Ended)."""
    idle = Idle(checks, [s for s in steps if s.beside and not s.judges], idle_workers(steps))
    try:
        for beside, group in groupby(steps, key=lambda s: s.beside):
            if beside:
                yield from _run_left(checks, list(group), idle)
                continue
            for step in group:
                yield step, run_step(checks, step)
                yield from idle.passed()
    finally:
        idle.stop()


def _run_left(checks, steps, idle):
    """Those of @steps that did not pass in idle time; what has begun there begins anew."""
    yield from idle.passed()
    if any(s.judges or s in idle.left for s in steps):
        idle.stop()
        yield from idle.passed()
        for step, ended in run_beside(checks, [s for s in steps if s.judges or s in idle.left],
                                      workers()):
            yield idle.again(step, ended)


def _line(step, ended, number):
    got = ended.got
    mark = "FAIL" if got.failed else "skip" if got.skipped and not got.passed else "ok  "
    counts = f"{got.passed} passed" + (f", {got.failed} FAILED" if got.failed else "") + \
        (f", {got.skipped} skipped" if got.skipped else "")
    note = f" ({got.note})" if got.note else ""
    return f"{mark} {ended.wall:6.1f} s {ended.cpu:6.1f} CPU s  {number:>7}  " \
        f"{step.name}: {counts}{note}"


def in_turn(*lists):
    """The elements of all, one of each list after the other."""
    return [x for turn in zip_longest(*lists) for x in turn if x is not None]


def all_steps(checks, only=None):
    """The steps in the order in which they run, or those with @only in their name. What races comes
    first, lest there be nothing left for its idle time; builds before what needs them."""
    every = [list(m.steps(checks)) for m in (FIRST, *REST)]
    first, *rest = ([s for s in some if not s.beside] for some in every)
    beside = in_turn(*([s for s in some if s.beside] for some in every))
    steps = first + [s for s in beside if s.builds] + [s for some in rest for s in some]
    steps += sorted((s for s in beside if not s.builds), key=lambda s: not s.long)
    chosen = [s for s in steps if not only or only in s.name]
    if not chosen:
        raise UserError(f"--only '{only}': no step has that in its name")
    return chosen


def workers():
    """Steps at once: one more than cores, as most of them wait now and then."""
    return 1 if host_cores() == 1 else min(host_cores() + 1, BESIDE_MAX)


def idle_workers(steps):
    """Steps at once in the idle time of others: none where there is no such time."""
    return 0 if host_cores() == 1 or all(s.beside for s in steps) else workers()


def run(args):
    out = make_console()
    if flavour():
        raise UserError("the default build is what is checked, and every other one is made on the "
                        "way: give no DEBUG=, LLVM= or BUSTED=")
    checks = Checks(args.root, out)
    steps = choose.chosen(all_steps(checks, args.only), args)
    with Store(args.root, "check", args.output) as kept:
        checks.log = kept.log
        (kept.dir / choose.TREE).write_text(fingerprint(args.root), encoding="ascii")
        try:
            total = run_and_keep(checks, steps, kept, args.stop)
            if not (args.stop and total.failed):
                kept.complete()
        finally:
            out.print(kept.where(), soft_wrap=True)
    out.print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped")
    return EXIT_FAIL if total.failed or kept.trouble else EXIT_PASS


def run_and_keep(checks, steps, kept, stop=False):
    """Every step is in the results, too, and the machines that later steps judge. @stop: at the
    first that fails."""
    with Heartbeat(checks.out, len(steps)) as beat, closing(run_steps(checks, steps)) as ends:
        return _keep_all(checks, ends, kept, stop, beat)


def _keep_all(checks, ends, kept, stop, beat):
    total, start, runs, walls = Outcome(), time.monotonic(), 0, []
    for step, ended in ends:
        total.add(ended.got)
        walls.append((ended.wall, step.name))
        checks.out.print(ended.text + _line(step, ended, beat.step()), soft_wrap=True)
        kept.add_step({"name": step.name, **asdict(ended.got), "wall_s": round(ended.wall, 3),
                       "cpu_s": round(ended.cpu, 3), "text": printable(ended.text)})
        for result in checks.results[runs:]:
            kept.add(result)
        runs = len(checks.results)
        if stop and ended.got.failed:
            break
    checks.out.print(f"{len(walls)} steps in {time.monotonic() - start:.0f} s; {longest(walls)}",
                     soft_wrap=True)
    return total
