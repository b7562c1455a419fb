# SPDX-License-Identifier: GPL-2.0-only
"""Reads what a machine says: bytes in, lines and records out, and the verdict of a run.

A console is not to be trusted: firmware writes escape codes, output is cut in the middle of a line,
bytes are lost. Nothing here raises on bad input; what was not understood is counted and kept, and a
run that does not add up is never PASS.
"""
import re
import signal
from collections import deque
from dataclasses import dataclass, field

from .records import END_VERDICTS, KTAP_OF, Refused, read_ktap, read_record

LINE_MAX = 65536
TAIL_LINES = 30
BAD_MAX = 1000
RACE_LINES = 100

# What x86_64 adds to the verdict that it writes to isa-debug-exit: QEMU's own errors end in 1.
ISA_DEBUG_BASE = 0x10

# Verdicts of a run.
PASS, FAIL, SKIP, TIMEOUT, CRASH = "PASS", "FAIL", "SKIP", "TIMEOUT", "CRASH"
TRUNCATED, CONFIG, NOT_STARTED = "TRUNCATED", "CONFIG", "NOT-STARTED"

# Before the words of one of our own limits: the kernel's say which of its CPUs noticed.
HOST_GAVE_UP = "the host gave up: "

# Control sequences of terminals (ECMA-48, section 5.4), and what else must not reach a terminal.
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[@-_])")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LOCK_ORDER = re.compile(r"# (?:\[\d+\] )?lock order: (.+) > (.+)$")
# A race as the kernel draws it: from the heads of its columns to the line that runs it again.
_RACE_HEAD = re.compile(r"#\s+us(\s+CPU \d+\b|$)")
_RACE_END = re.compile(r"# .*\bagain: make run ")


def clean_text(raw):
    """Printable text of a line as it came."""
    text = raw.decode("utf-8", "replace")
    return _CONTROL.sub("", _ESCAPES.sub("", text)).replace("\t", "    ").rstrip()


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
    tests: list = field(default_factory=list)
    crash: dict = None
    config: list = field(default_factory=list)
    end: dict = None
    restarts: int = 0
    bad: list = field(default_factory=list)
    ktap: dict = field(default_factory=dict)  # name: "ok", "not ok" or "skip"
    errors: list = field(default_factory=list)  # "error:" lines of the kernel
    races: dict = field(default_factory=dict)  # name of a test: lines of the first report in it
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
            return
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


@dataclass
class Ending:
    """How the machine ended, as the host saw it."""

    status: int = None  # QEMU's exit status; negative: the signal; None: we ended it
    shutdown: str = ""  # the reason that QEMU gave (ShutdownCause of QMP), if it did
    timeout: str = ""  # which of our time limits ran out
    stderr: str = ""
    start_error: str = ""
    closed: str = ""  # no QEMU's: what ended the console


# How a machine ended without END, by the reason that QEMU gave.
_SHUTDOWN = {
    "guest-reset": "the machine was reset from inside",
    "guest-shutdown": "the machine powered itself off",
    "guest-panic": "the machine told QEMU that it panicked",
    "host-signal": "a signal from the host ended QEMU",
}


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_words(t):
    for line in reversed(t.tail):
        if line.strip():
            return f'; the last line was "{line[:100]}"'
    return "; the console stayed empty"


def _first_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1][:300] if lines else ""


def exit_status_for(style, end_verdict):
    """QEMU's exit status that goes with a verdict (enum run_verdict), or None if it has none."""
    code = END_VERDICTS.index(end_verdict)
    if style == "code":
        return code
    if style == "isa-debug":
        return (ISA_DEBUG_BASE + code) << 1 | 1
    return None


def _no_end(t, ending):
    """Verdict of a run whose END never came."""
    during = f" during {t.current['name']}" if t.current else ""
    if ending.timeout:
        return TIMEOUT, HOST_GAVE_UP + ending.timeout + during + _last_words(t)
    if t.crash:
        return CRASH, f"{t.crash.get('why', 'crash')}{during} (the report is cut: no END)"
    if t.restarts:
        return TRUNCATED, f"the machine restarted{during}" + _last_words(t)
    if t.begin is None and ending.status not in (0, None) and ending.status > 0:
        why = _first_line(ending.stderr)
        if why:
            return NOT_STARTED, f"QEMU ended with status {ending.status}: {why}"
    if ending.status is not None and ending.status < 0:
        why = f"QEMU was killed by {_signal_name(-ending.status)}"
    elif ending.closed:
        why = f"{ending.closed} without an END record"
    elif ending.shutdown:
        why = (_SHUTDOWN.get(ending.shutdown, "the machine ended")
               + f" without an END record (QEMU: {ending.shutdown})")
    else:
        why = f"QEMU ended with status {ending.status} and no END record"
    where = during or ("" if t.begin else " before the kernel's first record")
    if t.begin is None and t.errors:
        # It spoke, but could not come as far as records: its own words are the reason.
        return CRASH, f"stopped before the first test: {t.errors[0]}"
    return TRUNCATED, why + where + _last_words(t)


def judge(t, ending, *, expect_cpus=None, exit_style="none"):
    """Verdict of a run and its reason in one sentence (empty for PASS)."""
    if ending.start_error:
        return NOT_STARTED, ending.start_error
    if t.config:
        return CONFIG, "; ".join(t.config)
    if t.end is None:
        return _no_end(t, ending)
    if t.end["verdict"] == "config":
        return CONFIG, t.errors[0] if t.errors else "the kernel refused the boot line"
    if t.restarts:
        return TRUNCATED, "the machine restarted in the middle of the run"
    for verdict, name in ((TIMEOUT, "timeout"), (CRASH, "crash")):
        for test in t.tests:
            if test["verdict"] == name:
                reason = test.get("reason") or (t.crash or {}).get("why", name)
                return verdict, f"{test['name']}: {reason}"
    if t.crash or t.end["verdict"] == "crash":
        name = (t.crash or {}).get("name")
        why = (t.crash or {}).get("why", "crash")
        if t.begin is None and t.errors:
            why += f": {t.errors[-1]}"  # early panics say what, the line before says why
        return CRASH, f"{name}: {why}" if name else why
    lost = t.end["run"] - len(t.tests)
    if lost > 0 or t.end["run"] + t.not_run() < t.end["planned"]:
        return TRUNCATED, (f"{t.end['planned']} tests were planned, {t.end['run']} run, "
                           f"{len(t.tests)} of their records arrived")
    if t.begin is None:
        return TRUNCATED, "the BEGIN record did not arrive"
    online = t.begin.get("cpus_online")
    if t.cpus_failed:
        cpu = t.cpus_failed[0]
        more = f" (and {len(t.cpus_failed) - 1} more)" if len(t.cpus_failed) > 1 else ""
        return FAIL, f"CPU {cpu.get('cpu', '?')} is not online: {cpu.get('why', '?')}{more}"
    if expect_cpus and isinstance(online, int) and online < expect_cpus:
        said = next((e for e in t.errors if "cpu" in e.lower()), "")
        return FAIL, (f"{online} of {expect_cpus} CPUs are online"
                      + (f": {said}" if said else ""))
    failed = [x for x in t.tests if x["verdict"] == "fail"]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        return FAIL, f"{failed[0]['name']}: {failed[0].get('reason', '')}{more}"
    if t.end["verdict"] == "fail":
        return FAIL, t.errors[0] if t.errors else "END says fail, though no test did"
    if ending.timeout:
        return TIMEOUT, f"END was printed, but {HOST_GAVE_UP}{ending.timeout}"
    want = exit_status_for(exit_style, t.end["verdict"])
    if want is not None and ending.status != want:
        return FAIL, f"QEMU's exit status is {ending.status}, the END record stands for {want}"
    if ending.status is not None and ending.status < 0:
        return FAIL, f"QEMU was killed by {_signal_name(-ending.status)} after END"
    if disagreements(t):
        return FAIL, disagreements(t)[0]
    if not t.tests:
        return CONFIG, "no test matches the globs of tests="
    if all(x["verdict"] == "skip" for x in t.tests):
        return SKIP, f"every test was skipped: {t.tests[0].get('reason', '')}"
    return PASS, ""


def disagreements(t):
    """KTAP lines and records that contradict each other: one sentence each."""
    out = []
    for test in t.tests:
        ktap = t.ktap.get(test["name"])
        if ktap and ktap != KTAP_OF[test["verdict"]]:
            out.append(f"{test['name']}: KTAP says '{ktap}', the record '{test['verdict']}'")
    return out
