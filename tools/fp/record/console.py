# SPDX-License-Identifier: GPL-2.0-only
"""Reads what a machine says: bytes in, lines and records out, and the verdict of a run.

A console is not to be trusted: firmware writes escape codes, output is cut in the middle of a line,
bytes are lost. Nothing here raises on bad input; what was not understood is counted and kept, and a
run that does not add up is never PASS.
"""
import re
from collections import deque
from dataclasses import dataclass, field

from ..base.text import printable
from .records import Refused, read_ktap, read_record

LINE_MAX = 65536
TAIL_LINES = 30
BAD_MAX = 1000
RACE_LINES = 100
PANIC_LINES = 400


_LOCK_ORDER = re.compile(r"# (?:\[\d+\] )?lock order: (.+) > (.+)$")
# A race as the kernel draws it: from the heads of its columns to the line that runs it again.
_RACE_HEAD = re.compile(r"#\s+us(\s+CPU \d+\b|$)")
_RACE_END = re.compile(r"# .*\bagain: make run ")
_PANIC_HEAD = re.compile(r"# (?:\[\d+\] )?(?:panic|watchdog on cpu \d+): ")


def clean_text(raw):
    """Printable text of a line as it came."""
    text = raw.decode("utf-8", "replace")
    return printable(text).replace("\t", "    ").rstrip()


class LineReader:
    """Cuts a byte stream into lines, however they arrive."""

    def __init__(self):
        self.partial = b""
        self.too_long = 0

    def feed(self, data):
        self.partial += data
        lines = self.partial.split(b"\n")
        self.partial = lines.pop()
        if len(self.partial) > LINE_MAX:
            lines.append(self.partial[:LINE_MAX])
            self.partial = b""
            self.too_long += 1
        return [clean_text(line) for line in lines]

    def finish(self):
        """What is left without a line end, or None."""
        rest, self.partial = self.partial, b""
        return clean_text(rest) if rest.strip() else None


@dataclass
class Bad:
    """A record that was not understood."""

    line: int
    why: str
    text: str


@dataclass
class Transcript:
    """What one run has said so far."""

    begin: dict = None
    more_begins: list = field(default_factory=list)  # of boots that went on with the plan
    cpus_failed: list = field(default_factory=list)  # CPUFAIL records
    errata: list = field(default_factory=list)  # ERRATUM records
    current: dict = None  # the START without its TEST
    starts: dict = field(default_factory=dict)  # START records by the tests' numbers
    tests: list = field(default_factory=list)
    crash: dict = None
    config: list = field(default_factory=list)
    end: dict = None
    restarts: int = 0
    reboots: int = 0  # boots of the same plan before this one, none of which came to its end
    bad: list = field(default_factory=list)
    ktap: dict = field(default_factory=dict)  # name: "ok", "not ok" or "skip"
    errors: list = field(default_factory=list)  # "error:" lines of the kernel
    races: dict = field(default_factory=dict)  # name of a test: lines of the first report in it
    panic: list = field(default_factory=list)  # lines of the first panic or watchdog report
    orders: set = field(default_factory=set)  # (lock, one that was taken with it held)
    lines: int = 0
    tail: deque = field(default_factory=lambda: deque(maxlen=TAIL_LINES))
    cut_line: str = None

    def planned(self):
        for record in (self.end, self.begin):
            if record and isinstance(record.get("planned"), int):
                return record["planned"]
        return None

    def not_run(self):
        """How many planned tests a test that declared itself the last has left out; 0 without one.

        A test that leaves the kernel in pieces ends the run: its record says "last", END follows.
        """
        if self.end and self.tests and self.tests[-1].get("last") is True:
            return max(0, self.end["planned"] - self.end["run"])
        return 0

    def missing(self):
        """How many planned tests have no record, and should."""
        return max(0, (self.planned() or 0) - len(self.tests) - self.not_run())

    def count(self, verdict):
        return sum(1 for t in self.tests if t["verdict"] == verdict)


class Console:
    """Feeds a Transcript. feed() returns events: ("line", text) and ("record", kind, object)."""

    def __init__(self):
        self.reader = LineReader()
        self.t = Transcript()
        self.race = None  # of t.races, while it is being printed
        self.in_panic = False  # is t.panic being printed?

    def feed(self, data):
        events = []
        for line in self.reader.feed(data):
            self._line(line, events)
        return events

    def line(self, text):
        """The events of one line that somebody else has cut off."""
        events = []
        self._line(text, events)
        return events

    def finish(self):
        """The machine is gone: a last line without its end is not taken for a record."""
        rest = self.reader.finish()
        if rest is None:
            return []
        self.t.cut_line = rest
        self.t.lines += 1
        self.t.tail.append(rest)
        return [("line", rest)]

    def _line(self, line, events):
        t = self.t
        t.lines += 1
        t.tail.append(line)
        events.append(("line", line))
        if line.startswith("#"):
            at = line.find("error: ")
            if at >= 0 and len(t.errors) < 20:
                t.errors.append(line[at + 7:])
            self._comment(line)
            self._panic(line)
            return
        self.in_panic = False
        try:
            self._result(line, events)
        except Refused as e:
            self._refuse(str(e), line)

    def _result(self, line, events):
        """A line that may be a record or a result of KTAP; Refused."""
        got = read_record(line)
        if got:
            self._record(*got, line, events)
            return
        got = read_ktap(line)
        if got:
            self.t.ktap[got[0]] = got[1]

    def _comment(self, line):
        t = self.t
        m = _LOCK_ORDER.match(line)
        if m:
            t.orders.add((m[1], m[2]))
        if _RACE_HEAD.match(line) and t.current and t.current["name"] not in t.races:
            self.race = t.races[t.current["name"]] = []
        if self.race is None:
            return
        self.race.append(line)
        if _RACE_END.match(line) or len(self.race) == RACE_LINES:
            self.race = None

    def _panic(self, line):
        """A comment that may belong to the first panic: all up to the next line that is none."""
        if not self.t.panic and _PANIC_HEAD.match(line):
            self.in_panic = True
        if self.in_panic and len(self.t.panic) < PANIC_LINES:
            self.t.panic.append(line)

    def _refuse(self, why, line):
        if len(self.t.bad) < BAD_MAX:
            self.t.bad.append(Bad(self.t.lines, why, line[:200]))

    def _record(self, kind, rec, line, events):
        t = self.t
        if kind == "BEGIN":
            if t.begin is not None:
                t.restarts += 1
                return
            t.begin = rec
        elif kind == "CPUFAIL":
            t.cpus_failed.append(rec)
        elif kind == "ERRATUM":
            t.errata.append(rec)
        elif kind == "START":
            t.current = rec
            if isinstance(rec.get("n"), int):
                t.starts[rec["n"]] = rec
            self.race = None
        elif kind == "TEST":
            if any(o["name"] == rec["name"] for o in t.tests):
                self._refuse("@TEST: this test has already ended", line)
                return
            t.tests.append(rec)
            t.current = None
        elif kind == "CRASH":
            t.crash = t.crash or rec
        elif kind == "CONFIG":
            t.config.append(str(rec.get("error", "boot line refused")))
        elif kind == "END":
            if t.end is not None:
                self._refuse("@END: a second one", line)
                return
            t.end = rec
        events.append(("record", kind, rec))
