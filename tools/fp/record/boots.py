# SPDX-License-Identifier: GPL-2.0-only
"""Cuts a console into boots, and makes runs of them.

One log may hold many boots: a board is reset in the midst of a run and goes on behind the test that
was lost, prints its results again until somebody has them, or begins a new run with another seed.
What is printed twice is the same boot's, as its BEGIN record says, which no two boots share; what
was lost the first time is taken from the second.
"""
from . import console as con
from .console import Bad, Console, LineReader
from .records import Refused, read_record

# What two boots of one plan have in common; "first" tells where the second begins.
_PLAN = ("arch", "machine", "build", "debug", "seed", "planned")
_WORST = ("crash", "fail", "pass")
# So many boots of a plan, one after the other and none with an end, are no accident.
REBOOTS = 3


def _is(kind, line):
    """Is the line a whole record of this kind?"""
    if f"@{kind} " not in line:
        return False
    try:
        got = read_record(line)
    except Refused:
        return False
    return bool(got) and got[0] == kind


def _is_another(t, line):
    """Does a line come of another boot than what was heard so far? A boot begins with BEGIN, or its
    line is refused, without one."""
    if t.begin or t.tests or t.current or t.end:
        return _is("BEGIN", line) or _is("CONFIG", line)
    return bool(t.config) and _is("BEGIN", line)


class Boots:
    """Feeds a Console a boot; feed() returns the events of Console.feed()."""

    def __init__(self):
        self.reader = LineReader()
        self.consoles = [Console()]

    @property
    def now(self):
        """What the boot that goes on has said."""
        return self.consoles[-1].t

    def feed(self, data):
        events = []
        for line in self.reader.feed(data):
            if _is_another(self.now, line):
                self.consoles.append(Console())
            events += self.consoles[-1].line(line)
        return events

    def finish(self):
        """The console is closed: the runs that were heard, in order."""
        console = self.consoles[-1]
        console.reader = self.reader
        console.finish()
        return self.runs()

    def runs(self):
        out = []
        for console in self.consoles:
            same = next((r for r in reversed(out) if is_same_boot(r, console.t)), None)
            if same:
                fill(same, console.t)
            elif out and goes_on(out[-1], console.t):
                append(out[-1], console.t)
            else:
                out.append(copy_of(console.t))
        return folded(out)


def begins_anew(a, b):
    """Has @b begun the plan of @a from the same place, which had not come to its end?"""
    return bool(a.begin and b.begin) and not a.end and _plan(a.begin) == _plan(b.begin) and \
        a.begin.get("first") == b.begin.get("first")


def folded(runs):
    """Of a machine that boots again and again the last boot alone, which knows of the others: they
    are one failure, and not as many."""
    series = []
    for run in runs:
        if series and begins_anew(series[-1][-1], run):
            series[-1].append(run)
        else:
            series.append([run])
    out = []
    for boots in series:
        if len(boots) > REBOOTS and not boots[-1].end:
            boots[-1].reboots = len(boots) - 1
            del boots[:-1]
        out += boots
    return out


def copy_of(t):
    out = con.Transcript()
    fill(out, t)
    out.current, out.orders = t.current, set(t.orders)
    out.cut_line = t.cut_line
    return out


def is_same_boot(a, b):
    """Have these two been printed by one boot? Without its BEGIN record, a test that took the same
    number of microseconds tells."""
    if a.begin and b.begin:
        return b.begin in (a.begin, *a.more_begins)
    took = {(x["name"], x.get("us")) for x in a.tests if x.get("us")}
    return any((x["name"], x.get("us")) in took for x in b.tests)


def _plan(begin):
    """All that makes a plan; where a boot begins is no part of it."""
    words = [w for w in str(begin.get("cmdline")).split() if not w.startswith("first=")]
    return [begin.get(k) for k in _PLAN] + words


def goes_on(a, b):
    """Is @b a boot of the same plan, behind the test in which @a was lost?"""
    return bool(a.begin and b.begin) and isinstance(b.begin.get("first"), int) and \
        b.begin["first"] > 1 and _plan(a.begin) == _plan(b.begin)


def _worse(a, b):
    return next((v for v in _WORST if v in (a, b)), b)


def _number(test):
    """Its place in the plan."""
    return test["n"] if isinstance(test.get("n"), int) else 0


def fill(a, b):
    """Into @a what @b has besides: it is of the same boot."""
    a.begin = a.begin or b.begin
    a.end = a.end or b.end
    a.crash = a.crash or b.crash
    a.config = a.config or list(b.config)
    a.errata = a.errata or list(b.errata)
    a.cpus_failed += [x for x in b.cpus_failed if x not in a.cpus_failed]
    known = {x["name"]: x for x in a.tests}
    for test in b.tests:
        if test["name"] not in known:
            a.tests.append(test)
        elif test != known[test["name"]]:
            a.bad.append(Bad(a.lines, "printed again otherwise", str(test)[:200]))
    a.tests.sort(key=_number)
    for name, word in b.ktap.items():
        a.ktap.setdefault(name, word)
    # What was going on at the end: the START may have been lost in one of the two.
    a.current = a.current or b.current
    a.starts = {**b.starts, **a.starts}
    if a.end or a.current and a.current["name"] in {x["name"] for x in a.tests}:
        a.current = None
    _add_rest(a, b)


def _add_rest(a, b):
    a.bad += b.bad[:max(0, con.BAD_MAX - len(a.bad))]
    a.errors += b.errors
    a.races.update({k: v for k, v in b.races.items() if k not in a.races})
    a.panic = a.panic or b.panic
    a.orders |= b.orders
    a.lines += b.lines
    a.restarts += b.restarts
    a.tail.extend(b.tail)


def lost_test(start, why, verdict="crash"):
    """The record of a test that was begun and whose end nobody has seen."""
    return {"n": start.get("n", 0), "name": start["name"], "kind": start.get("kind", "assert"),
            "verdict": verdict, "us": 0, "reason": why}


def append(a, b):
    """Behind @a the boot @b, which goes on with its plan."""
    first = b.begin["first"]
    names = {x["name"] for x in a.tests}
    lost = a.starts.get(first - 1)
    if lost and lost["name"] not in names:
        a.tests.append(lost_test(lost, "the machine was reset while it ran"))
    ran = first - a.begin.get("first", 1)
    a.tests += [x for x in b.tests if x["name"] not in names]
    a.tests.sort(key=_number)
    a.ktap.update(b.ktap)
    a.crash = a.crash or b.crash
    a.current = b.current
    a.starts.update(b.starts)
    a.more_begins.append(b.begin)
    verdict = a.end["verdict"] if a.end else "crash"
    a.end = b.end and {**b.end, "run": b.end["run"] + ran,
                       "verdict": _worse(verdict, b.end["verdict"])}
    _add_rest(a, b)
