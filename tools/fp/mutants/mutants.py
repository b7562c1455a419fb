# SPDX-License-Identifier: GPL-2.0-only
"""`make mutants`: plants every fault of the catalogue, one at a time, and sees that a test notices.

Each job has a copy of the tree (copies.py), so that several are tried at once and the tree
itself is never touched. First the tests that the chosen mutants name are run without any mutant,
once for each way of running them: a test that fails then proves nothing. The main thread prints and
writes the results; the jobs are threads, which wait for make, QEMU or pytest.
"""
import fcntl
import fnmatch
import os
import queue
import threading
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from rich.text import Text

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.host import host_cores
from ..base.terminal import make_console
from ..images.builds import flavour
from ..report.store import DIRECTORY
from . import catalogue, tally
from .copies import Copy, digest, tree_names
from .tally import Kept
from .trial import GUEST, KILLED, NOT_RUN, OF_AN_ISA, Trials, Verdict, machine_of

REFRESH = 0.2


@dataclass(frozen=True)
class Job:
    """A mutant on one ISA."""

    mutant: object
    arch: str

    def name(self):
        return f"{self.mutant.id}@{self.arch}"


@dataclass
class Run:
    """All that the jobs of a command share."""

    root: object
    out: object
    kept: Kept
    jobs: list
    workers: int
    lock: object  # a file
    names: list = field(default_factory=list)
    stop: object = field(default_factory=threading.Event)
    copies: object = field(default_factory=queue.SimpleQueue)
    digests: tuple = ("", "")

    def sources(self, mutant):
        """The digest of the sources that decide what becomes of it."""
        return self.digests[mutant.by in (*GUEST, "build")]

    def key(self, job):
        return f"{job.mutant.key()[:16]}-{self.sources(job.mutant)[:16]}"


def choose(mutants, args):
    """The jobs that the options name."""
    globs = " ".join(args.globs).replace(",", " ").split()
    for glob in globs:
        if not any(fnmatch.fnmatchcase(m.id, glob) for m in mutants):
            raise UserError(f"no mutant is named '{glob}'; tests/mutants/ has {len(mutants)}")
    if globs:
        mutants = [m for m in mutants if any(fnmatch.fnmatchcase(m.id, g) for g in globs)]
    if args.cls:
        classes = sorted({m.cls for m in mutants})
        if args.cls not in classes:
            raise UserError(f"--class {args.cls} is none of {', '.join(classes)}")
        mutants = [m for m in mutants if m.cls == args.cls]
    if args.sample:
        mutants = catalogue.sample(mutants, args.sample)
    arches = isas.arch_list(args.arch)
    jobs = [Job(m, a) for m in mutants for a in m.arches if a in arches]
    if not jobs:
        raise UserError("no mutant is chosen")
    # One ISA after the other: a copy then builds no more of them than it must.
    return sorted(jobs, key=lambda j: arches.index(j.arch))


# ---- the tests without a mutant ----

def _way(job):
    """A way of running tests: jobs of the same one share what is proved without a mutant."""
    m = job.mutant
    if m.by in GUEST:
        return m.by, machine_of(m, job.arch)
    return m.by, job.arch if m.by in OF_AN_ISA else ""


def _prove(trials, way, tests):
    """{test: what is wrong with it without a mutant, or ""}; @tests: {test: a mutant}."""
    if way[0] in GUEST:
        return trials.baseline_guest(way[1], tests)
    return {what: trials.baseline_host(m, way[1], what) for what, m in tests.items()}


def prove_baseline(run, pool, jobs):
    """Run without a mutant what the jobs name. Those whose tests pass; the others are printed."""
    ways = {}
    for job in jobs:
        if job.mutant.by != "build":
            tests = job.mutant.tests or ("",)
            ways.setdefault(_way(job), {}).update(dict.fromkeys(tests, job.mutant))
    run.out.print(f"without a mutant: {sum(map(len, ways.values()))} tests and globs in "
                  f"{len(ways)} ways of running them")
    futures = {pool.submit(_with_copy, run, lambda t, w=way: _prove(t, w, ways[w])): way
               for way in ways}
    trouble = {}
    for future in _each_ended(futures, lambda: None):
        trouble[futures[future]] = future.result()
    good = []
    for job in jobs:
        whys = trouble.get(_way(job), {})
        why = next(filter(None, (whys.get(w) for w in job.mutant.tests or ("",))), "")
        if why:
            run.out.print(Text(f"UNPROVED {job.mutant.id} [{job.arch}]: {why} "
                               f"({job.mutant.place})", style="bold red"), soft_wrap=True)
        else:
            good.append(job)
    return good


# ---- the mutants ----

def _with_copy(run, task):
    """Call @task with the Trials of a copy that nobody else uses meanwhile."""
    trials = run.copies.get()
    try:
        return task(trials)
    finally:
        run.copies.put(trials)


def _each_ended(futures, tick):
    """The futures as they end."""
    left = set(futures)
    while left:
        done, left = wait(left, timeout=REFRESH, return_when=FIRST_COMPLETED)
        tick()
        yield from done


class Bar:
    """On a terminal: how many have been tried. Main thread."""

    def __init__(self, out, total):
        self.bar = None
        self.done = 0
        if out.is_terminal and not out.is_dumb_terminal:
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
            self.bar = Progress(TextColumn("mutants"), BarColumn(30), TextColumn(
                "{task.completed:.0f}/{task.total:.0f}"), TimeElapsedColumn(), console=out,
                auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False)
            self.task = self.bar.add_task("", total=total)
            self.bar.start()

    def tick(self):
        if self.bar:
            self.bar.update(self.task, completed=self.done)
            self.bar.refresh()

    def close(self):
        if self.bar:
            self.bar.stop()


def _style(entry):
    if tally.is_bad(entry):
        return "bold red"
    return "green" if entry["verdict"] == KILLED and not entry["survives"] else "yellow"


def _take(run, job, verdict, bar):
    """A mutant has ended: keep it and say so."""
    entry = tally.entry_of(job.mutant, job.arch, run.key(job), verdict)
    run.kept.results[job.name()] = entry
    run.kept.save()
    bar.done += 1
    run.out.print(Text(tally.line_of(entry), style=_style(entry)), soft_wrap=True)


def run_jobs(run, pool, jobs):
    """Try all; results are kept and printed as they come."""
    bar = Bar(run.out, len(jobs))
    try:
        futures = {pool.submit(_with_copy, run, lambda t, j=j: t.try_one(j.mutant, j.arch)): j
                   for j in jobs}
        for future in _each_ended(futures, bar.tick):
            _take(run, futures[future], future.result(), bar)
    finally:
        bar.close()


def _split(run, args):
    """The jobs that must be run; the others are kept as they are, or not run for a reason."""
    todo = []
    for job in run.jobs:
        if job.mutant.unobservable() and not args.all:
            entry = tally.entry_of(job.mutant, job.arch, run.key(job), Verdict(NOT_RUN))
            run.kept.results[job.name()] = entry
        elif not (args.resume and run.kept.get(job.name(), run.key(job))):
            todo.append(job)
    return todo


def take_lock(root):
    """The copies are this command's alone, until it ends: the file keeps the lock."""
    path = root / "build" / "mutants" / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    file = open(path, "w", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UserError(f"{path}: another run of mutants is at work in this tree") from None
    return file


def prepare(args, out):
    """Read the catalogue and the tree, make the copies."""
    jobs = choose(catalogue.load(args.root), args)
    workers = min(args.jobs or host_cores(), len(jobs))
    lock = take_lock(args.root)
    run = Run(args.root, out, Kept(args.root / DIRECTORY / "mutants.json"), jobs, workers, lock)
    run.names = tree_names(args.root)
    run.digests = (digest(args.root, run.names, False), digest(args.root, run.names, True))
    log = args.root / "build" / "mutants" / "log"
    for number in range(workers):
        copy = Copy(args.root, number, max(1, host_cores() // workers))
        copy.sync(run.names)
        run.copies.put(Trials(copy, log, run.stop, dict(os.environ)))
    return run


def try_all(run, todo):
    """Baseline, then the mutants; however it is left, nothing goes on running."""
    with ThreadPoolExecutor(run.workers) as pool:
        try:
            run_jobs(run, pool, prove_baseline(run, pool, todo))
        except BaseException:
            run.stop.set()
            pool.shutdown(cancel_futures=True)
            raise


def summary(run):
    """Print and write what came of it; the exit status."""
    entries = [run.kept.results[j.name()] for j in run.jobs
               if run.kept.get(j.name(), run.key(j))]
    run.kept.save()
    tally.write_file(run.kept.path.with_suffix(".md"), tally.markdown(entries))
    run.out.print("\n" + tally.table_text(entries))
    bad = [e for e in entries if tally.is_bad(e)]
    for title, some in (("no reason:", bad), ("killed in spite of a reason:", [
            e for e in entries if tally.is_stale(e)])):
        if some:
            run.out.print(f"\n{title}")
        for e in some:
            run.out.print(tally.line_of(e), soft_wrap=True)
    unproved = len(run.jobs) - len(entries)
    if unproved:
        run.out.print(f"\n{unproved} were not tried: their tests fail or are skipped without them")
    run.out.print(f"\nwritten: {run.kept.path}, {run.kept.path.with_suffix('.md')}")
    return EXIT_FAIL if bad or unproved else EXIT_PASS


def list_mutants(out, jobs):
    for j in jobs:
        m = j.mutant
        out.print(f"{m.id:<36} {m.cls:<12} {j.arch:<10} {m.by:<8} {m.what}"
                  + (f" [{m.survives}]" if m.survives else ""), soft_wrap=True)
    return EXIT_PASS


def run(args):
    out = make_console()
    if flavour():
        raise UserError("mutants are planted in the default build: give no DEBUG=, LLVM= or "
                        "BUSTED=")
    if args.list:
        return list_mutants(out, choose(catalogue.load(args.root), args))
    state = prepare(args, out)
    todo = _split(state, args)
    if len(todo) < len(state.jobs):
        out.print(f"{len(state.jobs) - len(todo)} of {len(state.jobs)} need not be run")
    if todo:
        try_all(state, todo)
    return summary(state)
