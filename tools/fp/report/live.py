# SPDX-License-Identifier: GPL-2.0-only
"""What is shown while a machine runs: a progress bar on a terminal, plain lines elsewhere."""
import time

from rich.text import Text

from ..record.verdict import disagreements
from ..run.result import Listener
from . import failure
from .cells import TEST_MARKS, VERDICT_STYLES, test_note

REFRESH = 0.12


class Show(Listener):
    """Prints a run. @each: a line a test; else only those that fail. @verbose: the console too."""

    def __init__(self, out, each=True, verbose=False):
        self.out = out
        self.each = each
        self.verbose = verbose
        self.bar = None
        self.task = None
        self.last = 0.0
        self.spec = None
        self.partial = None  # what an interrupted machine has said

    # The bar is drawn from on_tick() alone: no thread, so a signal finds us in one place.
    def on_open(self, spec, log):
        self.spec = spec
        if self.out.is_terminal and not self.out.is_dumb_terminal:
            # Imported where it is used: half of the tool's start-up time.
            from rich.progress import BarColumn, Progress, TextColumn
            from rich.table import Column
            self.bar = Progress(
                TextColumn("{task.fields[what]}"), BarColumn(20, complete_style="green"),
                TextColumn("{task.completed:.0f}/{task.total:.0f} {task.fields[counts]} "
                           "{task.fields[secs]} {task.fields[test]}",
                           table_column=Column(no_wrap=True, overflow="ellipsis")),
                console=self.out, auto_refresh=False, transient=True, redirect_stdout=False,
                redirect_stderr=False)
            self.task = self.bar.add_task("", total=1, what=f"{spec.board.arch} boots",
                                          counts="", secs="", test="")
            self.bar.start()

    def on_line(self, text):
        if self.verbose:
            self.out.print(Text(text), soft_wrap=True)

    def on_record(self, kind, record, t):
        if kind == "BEGIN" and not self.verbose and self.each:
            self.out.print(Text(begin_line(record, self.spec), style="dim"), soft_wrap=True)
        if kind == "TEST" and not self.verbose:
            if self.each or record["verdict"] in ("fail", "timeout", "crash"):
                mark, style = TEST_MARKS[record["verdict"]]
                us = record.get("us")
                took = f"{us / 1e6:6.2f} s" if isinstance(us, (int, float)) else " " * 8
                line = Text.assemble((f"{mark} ", style), f"{took}  {record['name']}")
                note = test_note(record)
                if note:
                    line.append(f"  {note}", style="dim")
                self.out.print(line, soft_wrap=True)

    def on_tick(self, t, elapsed):
        if self.bar is None or time.monotonic() - self.last < REFRESH:
            return
        self.last = time.monotonic()
        failed = t.count("fail") + t.count("timeout") + t.count("crash")
        counts = f"{t.count('pass')} ok" + (f" {failed} FAILED" if failed else "") + \
            (f" {t.count('skip')} skip" if t.count("skip") else "")
        self.bar.update(self.task, total=t.planned() or 1, completed=len(t.tests),
                        what=f"{self.spec.board.arch}" + ("" if t.begin else " boots"),
                        counts=counts, secs=f"{elapsed:.0f}s",
                        test=(t.current or {}).get("name", ""))
        self.bar.refresh()

    def close_bar(self):
        if self.bar is not None:
            self.bar.stop()
            self.bar = None

    def on_close(self, result):
        self.close_bar()

    def on_abort(self, result):
        self.partial = result
        self.close_bar()


def begin_line(begin, spec):
    """The machine as it described itself."""
    def get(name):
        return begin.get(name, "?")

    mem = begin.get("memory")
    size = f", {mem >> 20} MiB" if isinstance(mem, int) else ""
    return (f"{get('arch')} on {spec.board.name} ({get('machine')}, {get('cpu')}, "
            f"{get('firmware')}): {get('cpus_online')} of {get('cpus_found')} CPUs{size}, "
            f"build {get('build')}, seed {begin.get('seed', spec.seed)}, {spec.provenance()}")


def counts_text(t):
    """"12 passed, 1 failed, 3 skipped" of a run."""
    parts = [f"{t.count('pass')} passed", f"{t.count('fail')} failed"]
    for verdict, word in (("timeout", "timed out"), ("crash", "crashed"), ("skip", "skipped")):
        if t.count(verdict):
            parts.append(f"{t.count(verdict)} {word}")
    return ", ".join(parts)


def print_summary(out, result):
    """The verdict of a run, and for a failure all that helps: reason, log, QEMU's words, rerun."""
    t = result.transcript
    head = f"  {result.spec.board.arch}/{result.spec.board.name}"
    if t.tests:
        head += f": {counts_text(t)}"
    out.print(Text.assemble((result.verdict, VERDICT_STYLES[result.verdict]),
                            f"{head} in {result.duration:.1f} s"), soft_wrap=True)

    def note(text):
        out.print(Text("  " + text), soft_wrap=True)

    report = [] if result.ok() else failure.lines_of(result)
    if result.reason and not failure.says(report, result.reason):
        note(result.reason)
    if t.not_run():
        note(f"{t.not_run()} of {t.planned()} planned tests were not run: "
             f"{t.tests[-1]['name']} was the last, as it said")
    if t.missing() and t.begin:
        note(f"{t.missing()} of {t.planned()} planned tests have no record")
    for sentence in disagreements(t):
        note(sentence)
    for bad in t.bad[:5]:
        note(f"{result.log}:{bad.line + 1}: record not understood ({bad.why}): {bad.text[:80]}")
    if len(t.bad) > 5:
        note(f"and {len(t.bad) - 5} more records that were not understood")
    if result.ok():
        return
    for line in report:
        note(line)
    stderr = [x for x in result.ending.stderr.splitlines() if x.strip()]
    if stderr and result.reason.find(stderr[-1].strip()) < 0:
        note("QEMU said: " + " / ".join(stderr[-3:]))
    note(f"console: {result.log}")
    note(f"again:   {result.rerun()}")
