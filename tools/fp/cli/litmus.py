# SPDX-License-Identifier: GPL-2.0-only
"""`make litmus FILE=`: litmus files of the user on every core of every ISA, what was seen beside
what is allowed.

Files are read, judged (verdicts.py), dealt out to images of some hundred tests, and each image is
built and booted in turn: first all ISAs' first image, so that an interrupted command has seen the
same files on each of them.
"""
from collections import Counter
from dataclasses import fields, replace

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, EXIT_USAGE, UserError
from ..base.host import host_busy
from ..base.terminal import make_console
from ..images.boards import Boards
from ..images.builds import flavour
from ..images.line import FIXED_SEED
from ..litmusfile import building, files, herd, jobs, verdicts
from ..litmusfile.results import FileSpec, Runs
from ..report import live, matrix
from ..report.store import Store
from ..run import go_on
from ..run.options import spec_of
from . import compare

TESTS = "file.*"
PROCESS = "process"  # instead of a machine: the kernel as a process of this host, on its silicon
SHOWN = 20  # sentences of one kind on a terminal; all are in run.json


def counted(n):
    return f"{n} file{'' if n == 1 else 's'}"


class Work:
    """One command. Main thread."""

    def __init__(self, args, arches, out):
        self.args, self.arches, self.out = args, arches, out
        self.builder = building.Builder(args.root, flavour())
        self.boards = Boards(args.root / "boards")
        self.machines = {b.arch: b for b in
                         compare.choose_boards(self.boards, arches, args.machine)}
        self.process = None  # its Spec, if its results are silicon's
        self.jobs, self.rejected = [], []
        self.trouble = []  # images that could not be built: sentences

    # ---- before the first machine ----

    def read(self):
        """All files, judged; UserError if none can be run."""
        paths = files.find(self.args.files)
        asked = None if self.args.no_herd else herd.find(self.args.herd_linux,
                                                         self.args.herd_variant or "")
        self.jobs, self.rejected = jobs.read(paths)
        self.out.print(f"{counted(len(paths))}: {len(self.jobs)} read, {len(self.rejected)} "
                       "rejected", soft_wrap=True)
        jobs.judge(self.jobs, self.arches, asked, self.args.accel)
        if not self.jobs:
            self.print_some(self.rejected, "rejected")
            raise UserError("no file is left that could be run")
        if not any(j.runs_on(a) for j in self.jobs for a in self.arches):
            raise UserError("these files are of other ISAs than ARCH= names: " +
                            ", ".join(sorted({j.program.dialect for j in self.jobs})))

    def boots(self):
        """(ISA, machine or PROCESS or None, jobs): in turns of the ISAs."""
        decks = {arch: jobs.deal(self.jobs, arch) for arch in self.arches}
        for n in range(max(map(len, decks.values()))):
            for arch, deck in decks.items():
                if n < len(deck):
                    yield (arch, *deck[n])
                    if self.process and self.process.board.arch == arch:
                        yield arch, PROCESS, deck[n][1]

    def secs(self):
        """Of each test."""
        count = sum(job.runs_on(arch) for job in self.jobs for arch in self.arches)
        return self.args.secs or jobs.secs_of_each(count, self.args.total)

    # ---- machines ----

    def board(self, arch, machine):
        if machine == PROCESS:
            return self.process.board
        return self.boards.find(machine, arch) if machine and not self.args.machine else \
            self.machines[arch]

    def spec(self, board, directory):
        self.args.tests = None
        if board.is_process():
            spec = replace(self.process, tests=TESTS, secs=self.secs(), append=self.args.append)
        else:
            spec = spec_of(self.args, board, seed=FIXED_SEED, tests=TESTS, secs=self.secs())
        named = self.args.files[0] if len(self.args.files) == 1 else "..."
        spec = FileSpec(**{f.name: getattr(spec, f.name) for f in fields(spec)}, files=named,
                        paths={j.name: j.path for j in self.jobs})
        return compare.until_sure(replace(spec, image=directory / board.image))

    def run(self, kept, found):
        for number, (arch, machine, batch) in enumerate(self.boots(), 1):
            self.run_batch(kept, found, arch, machine, batch, kept.log / f"build-{number}.log")

    def run_batch(self, kept, found, arch, machine, batch, log):
        """One image and its boot; where it cannot be built, halves of it, down to the file that is
        to blame."""
        board = self.board(arch, machine)
        if not self.out.is_terminal:
            self.out.print(f"{arch} on {board.name}: {counted(len(batch))} ...", soft_wrap=True)
        try:
            directory, inside = self.builder.build(board, batch, log)
        except building.NotBuilt as e:
            self.not_built(kept, found, arch, machine, batch, log, e)
            return
        if inside:
            self.boot(kept, found, self.spec(board, directory))

    def not_built(self, kept, found, arch, machine, batch, log, error):
        blamed = error.blamed or ([(batch[0], error)] if len(batch) == 1 else [])
        for job, why in blamed:
            if arch not in job.trouble:
                job.trouble[arch] = f"{job.path}: it could not be built: {why}"
                self.trouble.append(f"{arch}: {job.trouble[arch]}")
        half = 0 if blamed else len(batch) // 2
        rest = [job for job in batch if arch not in job.trouble]
        for part in (rest[:half], rest[half:]):
            if part:
                self.run_batch(kept, found, arch, machine, part, log)

    def boot(self, kept, found, spec):
        show = live.Show(self.out, each=False)
        try:
            result = go_on.run(spec, kept.log, show)
        except BaseException:
            if show.partial:
                self.keep(kept, found, show.partial)
            raise
        self.keep(kept, found, result)
        if result.ok():
            self.out.print(f"  {spec.board.arch}/{spec.board.name}: "
                           f"{counted(len(result.transcript.tests))} in {result.duration:.0f} s",
                           soft_wrap=True)
        else:
            live.print_summary(self.out, result)

    def keep(self, kept, found, result):
        """All that is known so far, on the disk."""
        found.add(result)
        for name, text in found.logs().items():
            kept.write_text(f"{name}.litmus7.log", text)
        kept.put(runs=found.runs, litmus=self.summary())

    # ---- at the end ----

    def summary(self):
        """The member "litmus" of run.json."""
        return {"files": len(self.jobs), "rejected": self.rejected,
                "unfit": self.unfit(), "secs": self.secs(),
                "sources": self.sources(), "contradictions": self.contradictions(),
                "remarks": [f"{j.path}: herd7: {j.remark}" for j in self.jobs if j.remark]}

    def unfit(self):
        """Files that an ISA's image cannot hold, each once."""
        return list(dict.fromkeys(why for j in self.jobs for why in j.trouble.values()))

    def sources(self):
        """{who spoke: of how many files and ISAs}."""
        count = Counter()
        for job in self.jobs:
            for arch in self.arches:
                if job.runs_on(arch):
                    v = job.verdicts[arch]
                    said = v.source.partition(":")[0] + " (of LKMM alone)" * v.lkmm
                    count["contradiction" if v.contradiction else said or "nobody"] += 1
        return dict(count)

    def contradictions(self):
        return list(dict.fromkeys(f"{j.path}: {v.contradiction}" for j in self.jobs
                                  for v in j.verdicts.values() if v.contradiction))

    def print_some(self, sentences, word):
        """Sentences of one kind, the first of many."""
        for text in sentences[:SHOWN]:
            self.out.print(f"  {word:<9} {text}", soft_wrap=True, markup=False)
        if len(sentences) > SHOWN:
            self.out.print(f"  {word:<9} and {len(sentences) - SHOWN} more: run.json has all")

    def print_report(self, runs):
        """The matrix, and what is to be said besides."""
        compare.print_report(self.out, with_others(runs, self.jobs, self.arches), self.args.all,
                             self.args.rates)
        self.out.print()
        self.print_some(self.contradictions(), "contradiction")
        self.print_some([*self.trouble, *(w for w in self.unfit() if w not in
                                          " ".join(self.trouble))], "unfit")
        self.print_some(self.rejected, "rejected")
        said = ", ".join(f"{who} {n}" for who, n in sorted(self.sources().items(),
                                                           key=lambda item: -item[1]))
        self.out.print(f"{counted(len(self.jobs))} read, {len(self.rejected)} rejected, "
                       f"{len(self.unfit())} unfit; verdicts of {said}", soft_wrap=True)


def with_others(runs, all_jobs, arches):
    """@runs, with a line for each file that is of another ISA: "n/a"."""
    out = []
    for run in runs:
        have = {t["name"] for t in run["tests"]}
        more = [{"name": j.name, "kind": "litmus", "verdict": "skip", "reason": "not here: it is "
                 f"of dialect {j.program.dialect}"} for j in all_jobs if j.name not in have
                and not verdicts.runs_on(j.program, run["arch"])]
        out.append({**run, "tests": run["tests"] + more})
    return out


def conclude(work, runs, kept):
    """The exit status: 1 where something failed, 2 where files were rejected."""
    bad = [r for r in runs if r["verdict"] not in ("PASS", "SKIP")]
    for r in bad:
        work.out.print(f"{matrix.label(runs, r)}: {r['verdict']}; again: {r['rerun']}",
                       soft_wrap=True)
    if bad or work.trouble or kept.trouble or len(runs) < len({
            a for a in work.arches for j in work.jobs if j.runs_on(a)}):
        return EXIT_FAIL
    return EXIT_USAGE if work.rejected or work.unfit() else EXIT_PASS


def process_of(out, args, arches):
    """The Spec of this host's own column, or None; where it is not built there is none."""
    try:
        return next(iter(compare.silicon(out, args, arches)), None)
    except UserError as e:
        out.print(f"no column of this machine's processor: {e}", soft_wrap=True)
        return None


def run(args, arches):
    if not args.files:
        raise UserError("FILE= is missing: a litmus file, or a folder with some")
    out = make_console()
    work = Work(args, arches, out)
    work.read()
    args.tests = None
    work.process = process_of(out, args, arches)
    busy = host_busy()
    compare.warn_of_others(out, busy)
    with Store(args.root, "litmus", args.output, busy) as kept, work.builder:
        kept.put(litmus=work.summary())
        found = Runs(kept.data["runs"], work.jobs)
        try:
            work.run(kept, found)
            kept.complete()
        finally:
            if found.runs:
                work.print_report(found.runs)
            out.print(kept.where(), soft_wrap=True)
    return conclude(work, found.runs, kept)


def check(args):
    """`--try`: are the options right, before anything is built?"""
    if not args.files:
        raise UserError("FILE= is missing: a litmus file, or a folder with some")
    files.find(args.files)
    if not args.no_herd:
        herd.find(args.herd_linux, args.herd_variant or "")
    arches = isas.arch_list(args.arch)
    for board in compare.choose_boards(Boards(args.root / "boards"), arches, args.machine):
        board.check_smp(args.smp)
