# SPDX-License-Identifier: GPL-2.0-only
"""A boot line is tried before it goes onto a card: only the kernel knows its options and its tests,
so that it is asked, on the machine of QEMU that `make run` would take. It is ended when it has
refused the line or begins with its first test.
"""
import functools
import time
from dataclasses import dataclass

from ..base.errors import UserError
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, find_dtb, flavour
from ..record.console import Console
from ..run.runner import TICK, qemu_command
from ..run.spec import Spec
from ..transport.machine import Machine

# Where earlycon= names a port that QEMU does not have, silence is right.
EARLYCON = "earlycon="
SILENT_S = 10.0
# By the clock, and not by what the machine had of it: the host may be crowded.
PATIENCE = 3


@dataclass
class Trial(Spec):
    """A run with the words of another machine, and no others."""

    line: str = ""

    def boot_line(self):
        return self.line


def _says(spec, limit):
    """What was said within @limit seconds, up to the first test or a refusal; why no more was."""
    argv, directory = qemu_command(spec)
    console, end = Console(), time.monotonic() + limit
    with Machine(argv, directory) as machine:
        while machine.running() and time.monotonic() < end:
            console.feed(machine.read(TICK))
            if console.t.current or console.t.tests or console.t.end:
                break
    t = console.t
    return t, machine.ending.start_error or (t.errors or [f"no record came within {limit:g} s"])[-1]


@functools.cache
def refusal(root, arch, line):
    """Why the kernel refuses @line, in its words; "" if it takes it. UserError where that cannot
    be told."""
    board = Boards(root / "boards").default(arch)
    image = build_dir(root, arch, flavour()) / board.image
    check_image(image)
    spec = Trial(board=board, image=image, smp=board.smp, dtb=find_dtb(board, image.parent),
                 line=line)
    words = line.split()
    kept = [w for w in words if not w.startswith(EARLYCON)]
    limit = PATIENCE * board.boot_timeout
    t, why = _says(spec, limit if kept == words else SILENT_S)
    if not t.begin and not t.config and kept != words:
        spec.line = " ".join(kept)
        t, why = _says(spec, limit)
    if t.config:
        return "; ".join(t.config)
    if not t.begin:
        raise UserError(f"the boot line '{line}' was not tried on {board.name}: {why}")
    return ""
