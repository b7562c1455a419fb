# SPDX-License-Identifier: GPL-2.0-only
"""`make thread`: every variant of the anon_vma code and every claim, on every ISA.

Of each ISA a machine, and the kernel as a process of this host where that shows what its processor
does. A machine's runs: one of all forced and claim tests; one for each variant and RCU flavour
that runs free, which ends with the first report where the variant is wrong.
A machine that dies is followed by another for the tests that it did not come to. Machines run in
threads of a pool, since each only waits for a QEMU; only the main thread prints.
"""
import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

from rich.text import Text

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.terminal import make_console
from ..images.boards import Boards
from ..images.builds import flavour
from ..images.line import FIXED_SEED
from ..report import live, report
from ..report.store import Store, results_dir
from ..run import process, runner
from ..run.options import spec_of
from ..run.result import Listener
from ..run.spec import RUN_LIMIT, Spec
from . import findings, wording
from .findings import CAUGHT, CLAIMS, FLAVOURS, FREE, MECHANISMS, VARIANTS
from .kept import Kept

FORMAT = "fencepost-thread"
VERSION = 1
TRIES = 100
SECS = "5"
WRONG_SECS = "180"  # free-running must catch a wrong variant within this, on a busy host too
FORCED_TIMEOUT = 300.0  # of one forced test: a hang detector
FORCED_TIMEOUT_TRY = 3.0  # or so much a try, if that is more; the kernel watches the tries
SLACK = 60.0  # seconds that a free-running test may take beyond secs=, on a busy host
TESTS_MAX = 1000  # characters of tests=; the kernel takes 1023
ROUNDS = 10  # machines of one ISA's forced tests: the first, and those that go on after a crash
WIDTH = 100  # columns of thread.txt


@dataclass
class Job:
    """One machine to run. @variant and @rcu: of a free-running one."""

    spec: Spec
    variant: str = ""
    rcu: str = ""
    round: int = 1

    def what(self):
        where = self.spec.column()
        if self.variant:
            return f"{where:<9}  {self.variant} free-running, rcu={self.rcu}"
        return f"{where:<9}  forced tests and claims" + \
            (f", machine {self.round}" if self.round > 1 else "")


def choose_variants(text):
    """The variants that --variants names, in our order; all without it."""
    if text is None:
        return list(VARIANTS)
    known = {v.lower(): v for v in VARIANTS}
    names = text.replace(",", " ").split()
    for name in names:
        if name.lower() not in known:
            raise UserError(f"VARIANTS={name}: there is no variant {name}; there are "
                            f"{', '.join(VARIANTS)}")
    if not names:
        raise UserError("VARIANTS=: no variant is named")
    return [v for v in VARIANTS if v.lower() in text.lower().replace(",", " ").split()]


def forced_spec(spec, tests, tries):
    """A machine for forced tests; @spec gives all but the tests and their limits."""
    limit = RUN_LIMIT + 20.0 * tries
    timeout = max(FORCED_TIMEOUT, FORCED_TIMEOUT_TRY * tries)
    return replace(spec, tests=tests, append=f"tries={tries}", timeout=timeout, limit=limit)


def free_spec(spec, variant, rcu, secs):
    """A machine for one free-running test."""
    timeout = float(secs) + SLACK
    return replace(spec, tests=findings.test_name(variant, FREE), secs=secs,
                   append=f"rcu={rcu}", timeout=timeout,
                   limit=spec.board.boot_timeout + timeout + 3 * spec.margin)


def free_jobs(spec, variants, secs):
    """A column's free-running machines, those that must catch something first."""
    jobs = [(findings.free_expected(v, rcu) == CAUGHT, v, rcu)
            for v in variants for rcu in FLAVOURS]
    for wrong, v, rcu in sorted(jobs, key=lambda j: not j[0]):
        yield Job(free_spec(spec, v, rcu, WRONG_SECS if wrong else secs), v, rcu)


def split_tests(names):
    """Lists of test names, each short enough for a boot line."""
    out = [""]
    for name in names:
        if out[-1] and len(out[-1]) + 1 + len(name) > TESTS_MAX:
            out.append("")
        out[-1] += ("," if out[-1] else "") + name
    return out


def forced_globs(variants, claims):
    """tests= of a forced run: globs for all variants, else their names."""
    if variants == list(VARIANTS):
        return [",".join([f"rmap.*.{m}" for m in MECHANISMS] +
                         (["rmap.C*", findings.MODELS] if claims else []))]
    return split_tests(findings.forced_names(variants, claims))


class Plan:
    """What has to be run, what was, and what comes of it."""

    def __init__(self, specs, variants, *, tries, secs, quick, claims):
        self.specs, self.variants, self.claims = specs, variants, claims
        self.tries, self.secs, self.quick = tries, secs, quick
        self.done = []  # (job, result) in the order in which they ended
        self.resumed = 0  # of them, those of an earlier run
        self.no_silicon = ""  # why no column is this host's own processor's, if one might be
        self.merged = {s.column(): findings.Merged() for s in specs}

    def jobs(self):
        out = []
        for spec in self.specs:
            out += [Job(forced_spec(spec, t, self.tries))
                    for t in forced_globs(self.variants, self.claims)]
            if not self.quick:
                out += free_jobs(spec, self.variants, self.secs)
        return out

    def add(self, job, result):
        """A machine has ended; the jobs that go on where it could not."""
        self.done.append((job, result))
        if job.variant:
            return []
        merged = self.merged[job.spec.column()]
        merged.add(result)
        if not findings.was_cut(result) or job.round >= ROUNDS or \
                not findings.culprits(result):
            return []
        # What it would have run: of the names wanted, those that its own list or globs choose.
        names = findings.forced_names(self.variants, self.claims)
        if "*" not in job.spec.tests:
            names = [n for n in names if n in job.spec.tests.split(",")]
        left = merged.lacks(names)
        return [replace(job, spec=replace(job.spec, tests=t), round=job.round + 1)
                for t in split_tests(left) if t]

    def results(self):
        return [r for _, r in self.done]

    def columns(self):
        return [s.column() for s in self.specs]

    def rows(self):
        """(rows, claims), of what has been run and of what should have been."""
        rows, claims = [], []
        for spec in self.specs:
            more = findings.forced_rows(self.merged[spec.column()], self.variants, self.claims)
            rows += more[0]
            claims += more[1]
        free = [(j, r) for j, r in self.done if j.variant]
        free.sort(key=lambda x: (self.columns().index(x[0].spec.column()),
                                 VARIANTS.index(x[0].variant), x[0].rcu))
        rows += [findings.free_row(r, j.variant, j.rcu) for j, r in free]
        return rows, claims

    def models(self):
        """What the models say: [] without that test, or if two ISAs were told different things."""
        said = [findings.model_rows(m) for m in self.merged.values()]
        return said[0] if said and said[0] and all(s == said[0] for s in said) else []

    def wanted(self):
        """What must be there in the end: (column, test, RCU flavour of a free-running one)."""
        out = set()
        for column in self.columns():
            out |= {(column, n, "") for n in findings.forced_names(self.variants, self.claims)}
            if not self.quick:
                out |= {(column, findings.test_name(v, FREE), rcu) for v in self.variants
                        for rcu in FLAVOURS}
        return out

    def models_missing(self):
        """A failure if an ISA that ran its forced tests lacks what the models say, or differs."""
        if not self.claims or self.models():
            return []
        ran = [s for s in self.specs if self.merged[s.column()].last is not None]
        return [{"arch": s.board.arch, "column": s.column(), "provenance": "model",
                 "what": f"{findings.MODELS}: the models' verdicts are not there, or not the "
                 "same on each ISA",
                 "why": "", "rerun": s.rerun(findings.MODELS), "log": ""} for s in ran[:1]]

    def absent(self, rows):
        """A failure for each column that lacks rows: nothing may go missing unsaid."""
        have = {(r["column"], r["test"], r["flavour"] if r.get("mode") == FREE else "")
                for r in rows}
        have |= {(column, findings.MODELS, "") for column, m in self.merged.items()
                 if m.last is not None}
        left = {}
        for column, test, rcu in sorted(self.wanted() - have):
            left.setdefault(column, []).append(f"{test} rcu={rcu}" if rcu else test)
        return [{"arch": s.board.arch, "column": s.column(), "provenance": s.provenance(),
                 "what": f"no machine was run for {len(left[s.column()])} rows",
                 "why": findings.some_names(left[s.column()]),
                 "rerun": f"make thread ARCH={s.board.port()}", "log": ""}
                for s in self.specs if s.column() in left]


# ---- running ----

class Stopped(Exception):
    """The command ends early, and so does every machine."""


class Watch(Listener):
    """One machine as the main thread sees it. Written by the machine's thread, only read by the
    main one, which may see a moment's old state."""

    def __init__(self, job, stop):
        self.job, self.stop = job, stop
        self.elapsed = 0.0
        self.current, self.ran, self.planned = "boots", 0, 1

    def on_tick(self, t, elapsed):
        if self.stop.is_set():
            raise Stopped
        self.elapsed = elapsed
        self.ran, self.planned = len(t.tests), t.planned() or 1
        if t.begin:
            self.current = (t.current or {}).get("name", "")


class Display:
    """A line for each machine that has ended; on a terminal a bar for all and one for each that
    runs. Main thread."""

    def __init__(self, out, total):
        self.out, self.total, self.ended = out, total, 0
        self.bars, self.rows = None, {}
        if out.is_terminal and not out.is_dumb_terminal:
            from rich.progress import BarColumn, Progress, TextColumn
            from rich.table import Column
            self.bars = Progress(
                TextColumn("{task.description}"), BarColumn(20, complete_style="green"),
                TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[note]}",
                           table_column=Column(no_wrap=True, overflow="ellipsis")),
                console=out, auto_refresh=False, transient=True, redirect_stdout=False,
                redirect_stderr=False)
            self.all = self.bars.add_task("machines", total=total, note="")
            self.bars.start()

    def refresh(self, watches):
        """@watches: the machines that may be running."""
        if not self.bars:
            return
        for w in watches:
            if id(w) not in self.rows and w.elapsed:
                self.rows[id(w)] = self.bars.add_task(w.job.what(), total=1, note="")
            if id(w) in self.rows:
                self.bars.update(self.rows[id(w)], total=w.planned, completed=w.ran,
                                 note=f"{w.elapsed:.0f}s {w.current}")
        self.bars.update(self.all, total=self.total, completed=self.ended)
        self.bars.refresh()

    def machine(self, watch, result, when=""):
        """A machine has ended."""
        self.ended += 1
        task = self.rows.pop(id(watch), None)
        if task is not None:
            self.bars.remove_task(task)
        ok, note = wording.machine_note(watch.job, result)
        line = Text.assemble(("ok   " if ok else "FAIL ", "green" if ok else "bold red"),
                             f"{result.duration:7.1f} s  {watch.job.what()}{when}: {note}")
        self.out.print(line, soft_wrap=True)

    def close(self):
        if self.bars:
            self.bars.stop()


def run_jobs(plan, jobs, workers, log_dir, display, kept):
    """Run all that @kept has not, @workers at once. An exception stops every machine before it goes
    on."""
    stop = threading.Event()
    watches = {}

    def submit(pool, new):
        for job in new:
            watch = Watch(job, stop)
            before = kept.get(job.spec)
            if before:
                plan.resumed += 1
                ended(pool, watch, before, f" ({kept.age(job.spec)})")
                continue
            watches[pool.submit(runner.run_machine, job.spec, log_dir, watch)] = watch

    def ended(pool, watch, result, when=""):
        display.machine(watch, result, when)
        more = plan.add(watch.job, result)
        display.total += len(more)
        submit(pool, more)

    with ThreadPoolExecutor(workers) as pool:
        try:
            submit(pool, jobs)
            while watches:
                done, _ = wait(watches, timeout=live.REFRESH, return_when=FIRST_COMPLETED)
                for future in done:
                    watch = watches.pop(future)
                    result = future.result()
                    kept.add(result)
                    ended(pool, watch, result)
                display.refresh(watches.values())
        except BaseException:
            stop.set()
            pool.shutdown(wait=True, cancel_futures=True)
            raise


# ---- the report ----

def make_data(plan, took, interrupted):
    """thread.json as an object."""
    rows, claims = plan.rows()
    results = plan.results()
    begins = [r.transcript.begin for r in results if r.transcript.begin]
    machines = []
    for job, result in plan.done:
        entry = report.run_entry(result)
        del entry["tests"]
        machines.append({**entry, "provenance": findings.provenance(result),
                         "what": "free" if job.variant else "forced", "variant": job.variant,
                         "rcu": job.rcu})
    return {
        "format": FORMAT, "version": VERSION,
        "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "interrupted": interrupted,
        "provenance": " ".join(sorted({r["provenance"] for r in rows + claims})) or "none",
        "build": " ".join(sorted({str(b.get("build", "unknown")) for b in begins})) or "unknown",
        "qemu": " ".join(sorted({r.qemu for r in results})) or "unknown",
        "arches": list(dict.fromkeys(s.board.arch for s in plan.specs)),
        "columns": plan.columns(), "no_silicon": plan.no_silicon, "variants": plan.variants,
        "smp": sorted({s.smp for s in plan.specs}), "seed": plan.specs[0].seed,
        "tries": plan.tries, "secs": plan.secs, "wrong_secs": WRONG_SECS,
        "quick": plan.quick, "duration_s": round(took, 1), "rows": rows, "claims": claims,
        "models": plan.models(),
        "resumed": plan.resumed, "skipped": len(findings.skipped(rows + claims)),
        "failures": findings.failures(results, rows + claims) + plan.absent(rows + claims) +
        plan.models_missing(),
        "commands": [j.spec.rerun() for j, _ in plan.done], "machines": machines,
    }


def save(data, kept):
    """Into run.json, and what is printed as thread.txt."""
    kept.put(thread=data)
    text = "\n".join(line.plain.rstrip() for line in wording.render(data, WIDTH))
    kept.write_text("thread.txt", text + "\n")


def make_plan(args, arches):
    """The plan that the options ask for."""
    if "release" in flavour():
        raise UserError("the detectors are in the debug build only: `make thread` without DEBUG=0")
    if args.quick and args.secs:
        raise UserError("--quick leaves free-running out, which --secs is for: give one of them")
    boards = Boards(args.root / "boards")
    variants = choose_variants(args.variants)
    chosen = [boards.find(args.machine, a) if args.machine else boards.default(a) for a in arches]
    beside = process.beside(args, arches)
    args.timeout = args.limit = args.machine = args.tests = None
    args.append = ""
    secs, args.secs = args.secs or SECS, None
    specs = [spec_of(args, b, seed=FIXED_SEED, tests="rmap.*") for b in chosen]
    own, why = silicon(args, beside)
    # Claims compare variants: they belong to a run of all.
    claims = CLAIMS if args.variants is None else ()
    plan = Plan(specs + own, variants, tries=args.tries, secs=secs, quick=args.quick, claims=claims)
    plan.no_silicon = why
    return plan


def silicon(args, board):
    """([the column of this host's own processor], "") or ([], why there is none)."""
    if board is None:
        return [], ""
    try:
        spec = spec_of(args, board, seed=FIXED_SEED, tests="rmap.*")
    except UserError as e:  # it is not built here
        return [], str(e)
    return ([spec], "") if spec.provenance() == "silicon" else ([], spec.why)


def own_images(plan, directory):
    """Copies of the images: the run may take a night, and a build in between changes them."""
    for i, spec in enumerate(plan.specs):
        image = directory / f"{spec.board.target()}-{spec.image.name}"
        shutil.copy(spec.image, image)  # with its mode: it may be a program
        plan.specs[i] = replace(spec, image=image)


def run(args, arches):
    plan = make_plan(args, arches)
    build = args.root / "build"  # of an installed tool, another user's
    with tempfile.TemporaryDirectory(prefix="thread-",
                                     dir=build if os.access(build, os.W_OK) else None) as tmp:
        own_images(plan, Path(tmp))
        return run_plan(plan, args)


def run_plan(plan, args):
    """Run it in a directory of results; what has ended is kept, however this does."""
    out = make_console()
    before = Kept(results_dir(args.root) / "thread.kept", args.resume)
    if plan.no_silicon:
        out.print(wording.no_silicon(plan.no_silicon), soft_wrap=True)
    jobs = plan.jobs()
    with Store(args.root, "thread", args.output) as kept:
        data = run_and_save(plan, args, jobs, Display(out, len(jobs)), before, kept)
        kept.complete()
        out.print()
        for line in wording.render(data, out.width):
            out.print(line, soft_wrap=True)
        out.print(kept.where(), soft_wrap=True)
    return EXIT_FAIL if data["failures"] or kept.trouble else EXIT_PASS


def run_and_save(plan, args, jobs, display, before, kept):
    """What `thread` of run.json says in the end. Hours may have gone into what has ended before an
    interruption: that is saved, too."""
    start, interrupted = time.monotonic(), True
    try:
        run_jobs(plan, jobs, args.jobs, kept.log, display, before)
        interrupted = False
    finally:
        display.close()
        data = None
        if plan.done or not interrupted:
            data = make_data(plan, time.monotonic() - start, interrupted)
            save(data, kept)
        if interrupted and plan.done:
            display.out.print(f"what was found so far: {kept}/thread.txt", soft_wrap=True)
    return data
