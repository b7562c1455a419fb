# SPDX-License-Identifier: GPL-2.0-only
"""What the kernel printed of a failure, for the screen: its race in columns, its panic with the
lines of the source. CPUs that idle and threads that sleep are in the log."""
import re

from ..base import isas
from ..images.places import places

_PREFIX = re.compile(r"# (?:\[\d+\] )?")
_FRAME = re.compile(r"  ([0-9a-f]{6,16}) \S+\+0x[0-9a-f]+/0x[0-9a-f]+$")
_IDLE = re.compile(r"cpu (\d+): thread idle/")
_CPU = re.compile(r"cpu \d+\b")
_ASLEEP = re.compile(r"thread .*: sleeping\b")


def plain(lines):
    """Without what makes each a comment of KTAP, and the number of the CPU that printed it."""
    return [_PREFIX.sub("", line, count=1) for line in lines]


def condensed(lines):
    """A panic's lines but for what CPUs that idle and threads that sleep were at."""
    out, asleep, leave_out = [], 0, False
    for line in lines:
        idle = _IDLE.match(line)
        if _ASLEEP.match(line):
            asleep += 1
            leave_out = True
        elif idle:
            out.append(f"cpu {idle[1]}: idle")
            leave_out = True
        elif _CPU.match(line) or line.startswith("thread "):
            leave_out = False
        if not leave_out:
            out.append(line)
    return out + [f"{asleep} threads sleep"] * (asleep > 0)


def frames(lines):
    """{number of the line: address to look up} of backtraces. The address of a call is where it
    returns to, the first one is where the CPU was."""
    out = {}
    for n, line in enumerate(lines):
        m = _FRAME.match(line)
        if m:
            first = lines[n - 1].startswith("backtrace:")
            out[n] = int(m[1], 16) - (not first)
    return out


def with_places(lines, spec):
    """Backtraces with file and line behind each function, where the image tells."""
    at = frames(lines)
    isa, image = isas.load().get(spec.board.arch), spec.image
    if not isa or not image:
        return lines
    root = spec.board.path.parent.parent.resolve()
    found = places(isa, image.parent / "fencepost.elf", list(at.values()), root)
    return [f"{line}  {found[at[n]]}" if at.get(n) in found else line
            for n, line in enumerate(lines)]


def race_of(result):
    """The first race that a failed test has drawn, without its own line that repeats it."""
    t = result.transcript
    race = next((t.races[x["name"]] for x in result.failed_tests() if x["name"] in t.races), [])
    return [line for line in race if " again: make run " not in line]


def panic_of(result):
    """The kernel's report of its end; [] without one."""
    return with_places(condensed(plain(result.transcript.panic)), result.spec)


def lines_of(result):
    """What is shown of a failed run."""
    return plain(race_of(result)) + panic_of(result)


def says(lines, reason):
    """Do the lines begin with the reason, so that it need not stand there twice?"""
    return bool(lines) and bool(reason) and lines[0].endswith(reason.partition(": ")[2] or reason)
