# SPDX-License-Identifier: GPL-2.0-only
"""The main job: the ISAs in turn, one machine at a time, and their results side by side."""
from dataclasses import replace

from ..base.errors import EXIT_FAIL, EXIT_PASS, EXIT_USAGE, UserError
from ..base.host import host_busy, host_cores
from ..base.terminal import make_console
from ..images.boards import Boards
from ..images.line import FIXED_SEED
from ..record.verdict import CONFIG, NOT_STARTED
from ..litmus import cells
from ..report import litmus_table, live, matrix, report
from ..report.store import Store
from ..run import process
from ..run.options import spec_of

# Ordering, that of page tables too, and that the machine is sound.
TESTS = "litmus.*,translation.*,kernel.*,lib.*,pgtable.*"
SECS = "0.1"  # a litmus test; 350 of them on four ISAs stay near three minutes
# What was seen so often is sure (cells.SURE), and ends; what was seen less often gets more time.
SURE = f"litmus_sightings={cells.SURE} litmus_longer=4"
BUSY_SHARE = 0.25


def choose_boards(boards, arches, machines):
    """The default machines, but for the ISAs of which --machine names some: all that it names."""
    named = {arch: [] for arch in arches}
    for name in (machines or "").replace(",", " ").split():
        board = boards.find(name)
        if board.arch not in named:
            raise UserError(f"MACHINE={name} is {board.arch}, which is not to be compared")
        if board not in named[board.arch]:
            named[board.arch].append(board)
    return [b for arch in arches for b in named[arch] or [boards.default(arch)]]


def print_report(out, runs, everything=False, rates=False):
    """The matrix and all that belongs to it. @everything: also what nothing was seen of; @rates:
    numbers instead of magnitudes."""
    width = out.width
    litmus = litmus_table.render(runs, width, everything, rates)
    walks = litmus_table.render(runs, width, everything, rates, translation=True)
    said = litmus_table.legend(runs, rates, everything) if litmus or walks else []
    if said:
        said += matrix.provenance_notes(runs)
    for part in (litmus, walks, said, matrix.render_failures(runs),
                 matrix.render_others(runs, width), matrix.render_runs(runs)):
        if part:
            out.print()
        for line in part:
            # Tables fit; sentences are broken between words, but only on a terminal.
            out.print(line, soft_wrap=part in (litmus, walks) or not out.is_terminal,
                      style="dim" if part is said else None)
    if said:
        out.print()
        out.print(matrix.summary_counts(runs), soft_wrap=not out.is_terminal)


def until_sure(spec):
    """The same, and each test goes on until it is sure of what it has seen, or for 4 s."""
    return replace(spec, append=f"{SURE} {spec.append}".strip())


def saved(args):
    """Runs of several files side by side: boards beside QEMU. None is run."""
    if args.arch or args.machine or args.tests or args.append:
        raise UserError("saved runs are shown as they are: give no --arch, --machine, --tests or "
                        "--append with them")
    runs = [run for path in args.runs for run in report.read_json(path)["runs"]]
    print_report(make_console(), runs, args.all, args.rates)
    return EXIT_PASS


def warn_of_others(out, busy):
    """Other programs take the CPUs that should race."""
    if busy is not None and busy > BUSY_SHARE:
        out.print(f"warning: other programs use {busy:.0%} of this host's {host_cores()} cores: "
                  "weak outcomes will be rarer than they could be", soft_wrap=not out.is_terminal)


def silicon(out, args, arches):
    """The column of this machine's own processor: the kernel as a process, of its ISA. [] where
    that is not asked for, or where its results would be none of silicon's."""
    board = process.beside(args, arches)
    if not board:
        return []
    spec = until_sure(spec_of(args, board, seed=FIXED_SEED, tests=TESTS, secs=SECS))
    if spec.provenance() == "silicon":
        return [spec]
    out.print(f"no column of this machine's processor: {spec.why}", soft_wrap=True)
    return []


def run_machines(out, specs, kept):
    """Run one after the other; the results, each kept as it ends."""
    results = []
    for spec in specs:
        if not out.is_terminal:
            out.print(f"{spec.board.arch} on {spec.board.name} ...")
        result = kept.machine(spec, live.Show(out, each=False))
        results.append(result)
        live.print_summary(out, result)
    return results


def run(args, arches):
    out = make_console()
    boards = choose_boards(Boards(args.root / "boards"), arches, args.machine)
    specs = [until_sure(spec_of(args, b, seed=FIXED_SEED, tests=TESTS, secs=SECS))
             for b in boards]
    specs += silicon(out, args, arches)
    busy = host_busy()
    warn_of_others(out, busy)
    with Store(args.root, "compare", args.output, busy) as kept:
        try:
            results = run_machines(out, specs, kept)
            kept.complete()
        finally:
            # Also of what was interrupted: all that had ended.
            if kept.data["runs"]:
                print_report(out, kept.data["runs"], args.all, args.rates)
            out.print(kept.where(), soft_wrap=True)
    return conclude(out, results, kept)


def conclude(out, results, kept):
    """What failed, and how it is run again; the exit status."""
    bad = [r for r in results if not r.ok()]
    for r in bad:
        out.print(f"{r.spec.board.arch}: {r.verdict}; again: {r.rerun()}", soft_wrap=True)
    if bad and all(r.verdict in (CONFIG, NOT_STARTED) for r in bad):
        return EXIT_USAGE
    return EXIT_FAIL if bad or kept.trouble else EXIT_PASS
