# SPDX-License-Identifier: GPL-2.0-only
"""Runs that this tool did not start: a board's console, from a log or a serial line.

Whether silicon has produced the results is read from the console, never taken on trust: a log of
QEMU's is *tcg* whatever it is called, and one of a virtual machine is refused, since nobody can see
afterwards whether its hypervisor was itself emulated.
"""
import re
from dataclasses import dataclass

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.terminal import make_console
from ..images.boards import Boards
from ..record import boots
from ..record.verdict import Ending, judge
from ..report import live, report
from ..report.store import results_dir
from ..run.log import LOG_MAX
from ..run.result import Result
from ..transport.transport import SavedLog

_EMULATED = re.compile(r"qemu|\btcg|dummy-virt|standard pc \(", re.I)
_VIRTUAL = re.compile(r"kvm|xen|vmware|microsoft hv|hyper-?v|vbox|bhyve|acrn|prl", re.I)
_SAYS = ("machine", "compatible", "firmware", "version", "hypervisor", "cpu")
# QEMU's generic timer before 9.0; where the tree is a real board's, nothing else tells.
QEMU_ARM_CLOCK = 62_500_000


def provenance_of(begin):
    """"silicon" or "tcg", as the BEGIN record has it; UserError where it cannot tell."""
    said = " ".join(str(begin.get(k, "")) for k in _SAYS)
    accel = begin.get("accel")
    if accel == "kvm" or _VIRTUAL.search(str(begin.get("hypervisor", ""))):
        raise UserError("the console is of a virtual machine "
                        f"({begin.get('hypervisor') or 'accel=kvm'}): only `make run ACCEL=kvm` on "
                        "its host can tell whether that is silicon")
    if accel == "tcg" or _EMULATED.search(said):
        return "tcg"
    if accel != "silicon" and begin.get("arch") == "arm64" \
            and begin.get("clock_hz") == QEMU_ARM_CLOCK:
        return "tcg"
    return "silicon"


@dataclass
class Heard:
    """What was run, as its console tells; stands where a runner.Spec does."""

    board: object
    begin: dict
    image = None  # the board's own: nothing here is sure to be what it ran

    def word(self, name):
        """The value of an option on the boot line, the last one; or None."""
        words = str(self.begin.get("cmdline", "")).split()
        return next((w.partition("=")[2] for w in reversed(words) if w.startswith(name + "=")),
                    None)

    def provenance(self):
        return provenance_of(self.begin)

    @property
    def accel(self):
        return self.provenance()

    @property
    def seed(self):
        seed = self.begin.get("seed")
        return seed if isinstance(seed, int) else 0

    @property
    def secs(self):
        return self.word("secs")

    @property
    def smp(self):
        found = self.begin.get("cpus_found")
        return found if isinstance(found, int) else None

    def expected_cpus(self):
        """Those that the board's file names, where the boot line asks for no fewer."""
        return None if self.word("cpus") else self.board.smp or None

    def boot_line(self):
        return str(self.begin.get("cmdline", ""))

    def rerun(self, tests=None):
        """What to do to run this again, or some of its tests."""
        words = [w for w in self.boot_line().split() if not (tests and w.startswith("tests="))]
        line = " ".join(([f"tests={tests}"] if tests else []) + words)
        return f"boot {self.board.name} with the boot line '{line}'"


def _seconds(t):
    """What a run has taken by its own clock."""
    parts = [(t.begin or {}).get("boot_us")] + [x.get("us") for x in t.tests]
    return sum(p for p in parts if isinstance(p, (int, float)) and not isinstance(p, bool)) / 1e6


def _why_no_run(t):
    """Of a console without a BEGIN record: one sentence."""
    if t.config:
        return f"the boot line was refused: {'; '.join(t.config)}"
    if not t.lines and not t.cut_line:
        return "nothing was heard"
    return ("no BEGIN record arrived whole: nobody can tell what was run on what, so that nothing "
            "of it is kept")


def result_of(board, t, closed, log):
    """A runner.Result of one run; UserError where its results cannot be placed."""
    if t.begin is None:
        raise UserError(f"{log}: {_why_no_run(t)}")
    if t.begin.get("arch") != board.arch:
        raise UserError(f"{log}: it is of {t.begin.get('arch')}, {board.name} is {board.arch}")
    spec = Heard(board, t.begin)
    spec.provenance()
    ending = Ending(closed=closed)
    verdict, reason = judge(t, ending, expect_cpus=spec.expected_cpus())
    boot = t.begin.get("boot_us")
    return Result(spec, verdict, reason, t, ending, [], log, _seconds(t),
                  boot / 1e6 if isinstance(boot, int) else None, qemu="none")


def next_file(directory, stem):
    """A name that no run has yet."""
    used = [int(p.stem.rpartition("-")[2]) for p in directory.glob(f"{stem}-*.json")
            if p.stem.rpartition("-")[2].isdigit()]
    return directory / f"{stem}-{max(used, default=0) + 1}.json"


def store(root, board, results, path=None):
    """Write what was heard as a report; its file."""
    path = path or next_file(results_dir(root) / "boards", board.name)
    report.write_json(path, report.make_report(results))
    return path


def judged(board, runs, closed, log):
    """(results, why others are none) of the runs of a console; UserError if there is no result."""
    results, refused = [], []
    for n, t in enumerate(runs, 1):
        try:
            results.append(result_of(board, t, closed, log))
        except UserError as e:
            refused.append(f"run {n} of {len(runs)} is not kept: {e}" if len(runs) > 1 else str(e))
    if not results:
        raise UserError("; ".join(refused))
    return results, refused


def conclude(out, args, board, runs, closed, log):
    """Judge, print and store the runs of a console, those that are some; the exit status."""
    results, refused = judged(board, runs, closed, log)
    for result in results:
        out.print(live.begin_line(result.transcript.begin, result.spec), soft_wrap=True)
        live.print_summary(out, result)
    for why in refused:
        out.print(why, soft_wrap=True, style="bold red", highlight=False, markup=False)
    out.print(f"stored: {store(args.root, board, results, args.out)}", soft_wrap=True)
    return EXIT_PASS if not refused and all(r.ok() for r in results) else EXIT_FAIL


def read_log(path):
    """The boots of a saved console."""
    heard = boots.Boots()
    with SavedLog(path, LOG_MAX) as log:
        while log.running():
            heard.feed(log.read(0))
    return heard.finish()


def find_board(args):
    boards = Boards(args.root / "boards")
    known = boards.boards | boards.all
    if args.board not in known:
        raise UserError(f"--board {args.board}: there is no {boards.dir / args.board}.toml; there "
                        f"are {', '.join(known)}")
    return known[args.board]


def cmd_import(args):
    """`fencepost import`."""
    board, runs = find_board(args), read_log(args.log)
    return conclude(make_console(), args, board, runs, "the log ends", args.log)
