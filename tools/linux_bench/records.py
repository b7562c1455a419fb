# SPDX-License-Identifier: GPL-2.0-only
"""What the benchmark in a Linux machine prints, and what is made of it."""
import json
import re
import statistics
from dataclasses import dataclass, field

from fp.record.console import clean_text

CLOCK_SHARE, CLOCK_SECS = 0.05, 0.5  # how far Linux's clock may be off: share, and seconds
LAST_LINES = 3  # of the console, in a message about a run that failed

_RECORD = re.compile(r"@(LINUX|BENCH|DONE|ERROR) (.*)$")


class RunFailed(Exception):
    """A machine did not measure what it should; one sentence."""


@dataclass
class Transcript:
    """One boot's records."""

    linux: dict = None
    benches: list = field(default_factory=list)
    done: dict = None
    error: dict = None
    bad: list = field(default_factory=list)
    tail: list = field(default_factory=list)


def parse_console(data):
    """Records from the bytes of a console. Damaged ones are kept in .bad, and raise nothing."""
    t = Transcript()
    for raw in data.split(b"\n"):
        line = clean_text(raw)
        if not line:
            continue
        t.tail = (t.tail + [line])[-LAST_LINES:]
        m = _RECORD.search(line)
        if not m:
            continue
        try:
            record = json.loads(m[2])
        except ValueError:
            record = None
        if not isinstance(record, dict):
            t.bad.append(line)
        elif m[1] == "LINUX":
            t.linux = record
        elif m[1] == "BENCH":
            if is_bench(record):
                t.benches.append(record)
            else:
                t.bad.append(line)
        elif m[1] == "DONE":
            t.done = record
        else:
            t.error = record
    return t


def is_bench(record):
    """Is this a measurement that can be used?"""
    rounds = record.get("rounds")
    return (isinstance(record.get("name"), str) and isinstance(record.get("per"), str)
            and record.get("unit") == "ns" and isinstance(rounds, list) and len(rounds) > 0
            and all(type(x) is int and x > 0 for x in rounds))


def check_transcript(t):
    """RunFailed unless every measurement came through whole."""
    if t.error:
        raise RunFailed(f"the benchmark gave up: {t.error.get('what')}, errno "
                        f"{t.error.get('errno')}")
    if t.bad:
        raise RunFailed(f"a record of the console is damaged: {t.bad[0][:100]}")
    if not t.linux:
        said = f'; its last lines were "{" / ".join(t.tail)}"' if t.tail else ", nor did it speak"
        raise RunFailed(f"Linux did not start the benchmark{said}")
    names = [b["name"] for b in t.benches]
    if not t.done or t.done.get("benches") != len(names) or len(set(names)) != len(names):
        raise RunFailed(f"the console ends early, after {len(names)} measurements")
    for b in t.benches:
        if len(b["rounds"]) != t.linux.get("rounds"):
            raise RunFailed(f"{b['name']} has {len(b['rounds'])} rounds instead of "
                            f"{t.linux.get('rounds')}")


def check_clock(t, host_secs):
    """RunFailed if Linux measured with a clock that is wrong.

    @host_secs: the host's time from the LINUX record to DONE. A guest may mistake the rate of its
    own time-stamp counter, above all under a host that is virtual itself.
    """
    elapsed = t.done.get("elapsed_ns")
    if type(elapsed) is not int:
        raise RunFailed("the DONE record does not tell the time")
    secs = elapsed / 1e9
    if abs(secs - host_secs) > max(CLOCK_SECS, CLOCK_SHARE * host_secs):
        raise RunFailed(f"Linux's clock ({t.linux.get('clocksource')}) is wrong: it counted "
                        f"{secs:.1f} s while {host_secs:.1f} s went by")


def summarize(transcripts):
    """Each measurement over the rounds of all boots: name, unit, per, median, min, max, rounds."""
    results = []
    for first in transcripts[0].benches:
        rounds = [x for t in transcripts for b in t.benches if b["name"] == first["name"]
                  for x in b["rounds"]]
        results.append({"name": first["name"], "unit": first["unit"], "per": first["per"],
                        "median": statistics.median(rounds), "min": min(rounds),
                        "max": max(rounds), "rounds": rounds})
    return results
