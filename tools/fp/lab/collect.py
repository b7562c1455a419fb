# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost collect`: listens to a board until its run has arrived, and keeps it.

A board is not ours to end or to start: it may be silent for long, be reset, go on behind the test
that it was lost in, or print its results again until they have come through whole. All that is
heard goes into a log first, which `fencepost import` reads the same way.
"""
import re
import time

from ..base.errors import UserError
from ..base.terminal import make_console
from ..record import boots
from ..record.verdict import HOST_GAVE_UP
from ..report import live
from ..report.store import results_dir
from ..run.log import next_log
from ..transport.serial_line import Line, check_port
from . import heard

TICK = 0.1
AFTER_END_S = 3.0  # without a word: no more will come


class Collector:
    """What has been heard so far, and whether it is enough."""

    def __init__(self, args, board, show):
        self.args, self.board, self.show = args, board, show
        self.boots = boots.Boots()
        self.start = self.last_byte = time.monotonic()
        self.first_byte = None
        self.shown = None  # the BEGIN record of the boot that is shown
        self.tail = b""
        self.counted = (None, 0)  # how much had been heard, and whole runs in it
        self.judged = (0, 0)  # how many boots had been heard, and how often the last one's plan

    def take(self, data):
        now = time.monotonic()
        self.first_byte = self.first_byte or now
        self.last_byte = now
        self.tail = (self.tail + data)[-200:]
        for event in self.boots.feed(data):
            if event[0] == "line":
                self.show.on_line(event[1])
            else:
                self.record(event[1], event[2])

    def record(self, kind, record):
        t = self.boots.now
        if kind == "BEGIN":
            if self.shown == record:
                self.show.on_line("# the results, once more")
            self.shown = record
            self.show.spec = heard.Heard(self.board, record)
            heard.provenance_of(record)
        self.show.on_record(kind, record, t)

    def whole_runs(self):
        """How many runs have ended with a record of every test."""
        heard_now = len(self.boots.consoles), self.boots.now.lines
        if self.counted[0] != heard_now:
            whole = [t for t in self.boots.runs() if t.begin and t.end and not t.missing()]
            self.counted = heard_now, len(whole)
        return self.counted[1]

    def reboots(self):
        """How many boots of the plan of the one that goes on have come to nothing, if too many."""
        heard_now = len(self.boots.consoles)
        if self.judged[0] != heard_now:
            runs = self.boots.runs()
            self.judged = heard_now, runs[-1].reboots if runs else 0
        return self.judged[1]

    def done(self):
        """Why there is no need to listen any longer, in words; or None."""
        now, args = time.monotonic(), self.args
        quiet = now - self.last_byte
        if self.boots.now.end and self.whole_runs() >= args.runs:
            return "all has arrived"
        if self.reboots():
            return f"{HOST_GAVE_UP}the board reboots"
        if args.limit and now - self.start > args.limit:
            return f"{HOST_GAVE_UP}it took longer than {args.limit:g} s"
        if self.boots.now.end and not self.prints_again() and quiet > AFTER_END_S:
            return "the run has ended"
        if self.first_byte and args.quiet and quiet > args.quiet:
            return f"{HOST_GAVE_UP}the board has been silent for {args.quiet:g} s"
        return None

    def prints_again(self):
        """May the board go on by itself: print its results again, or begin another run? Where
        BEGIN was lost nobody knows."""
        words = heard.Heard(self.board, self.boots.now.begin or {"cmdline": "again=?"})
        return bool(words.word("again") or words.word("loop") or self.args.runs > 1)

    def reply(self, line):
        """Type what was asked for when the prompt stands at the end of what came."""
        args = self.args
        if args.send and re.search(args.prompt.encode(), self.tail):
            self.tail = b""
            line.write(typed(args.send, self.boots) + b"\r")


def typed(send, heard_so_far):
    """What to type: @send, in which {first} says where a run that was lost goes on."""
    t = next((t for t in reversed(heard_so_far.runs()) if t.begin), None)
    lost = t and not t.end and t.current
    first = f"first={t.current['n'] + 1}" if lost and isinstance(t.current.get("n"), int) else ""
    return send.replace("{first}", first).encode()


def _say_connection(out, line, said):
    """Tell of each change once; what was told."""
    now = "connected" if line.open is not None else line.why
    if now != said and (now != "connected" or said):
        waits = "" if now == "connected" else "; waiting for it (Ctrl-C ends)"
        out.print(f"{line.port}: {now}{waits}", soft_wrap=True)
    return now


def listen(line, collector, log, out):
    """Until done; why it was."""
    said = ""
    while True:
        data = line.read(TICK)
        if data:
            log.write(data)
            collector.take(data)
        said = _say_connection(out, line, said)
        collector.reply(line)
        collector.show.on_tick(collector.boots.now, time.monotonic() - collector.start)
        why = collector.done()
        if why:
            return why


def check_prompt(args):
    if bool(args.prompt) != bool(args.send):
        raise UserError("--prompt says when to type and --send what: give both, or none")
    try:
        re.compile(args.prompt.encode())
    except re.error as e:
        raise UserError(f"--prompt: not a regular expression: {e}") from None


def run(args):
    check_prompt(args)
    out = make_console()
    check_port(args.port)
    board = heard.find_board(args)
    path, log = next_log(results_dir(args.root) / "boards" / "log", board)
    show = live.Show(out, each=not args.quiet_tests, verbose=args.verbose)
    with log, Line(args.port, args.baud) as line:
        out.print(f"listening to {args.port}; log: {path}", soft_wrap=True)
        show.on_open(heard.Heard(board, {}), path)
        try:
            collector = Collector(args, board, show)
            why = listen(line, collector, log, out)
        finally:
            show.close_bar()
    runs = collector.boots.finish()
    return heard.conclude(out, args, board, runs, why, path)
