# SPDX-License-Identifier: GPL-2.0-only
"""herd7, where it is installed: what a model allows of a file. For the C dialect that is Linux's
memory model, whose files must be there (HERD_LINUX=, or a kernel's sources in /usr/src); for an
assembly dialect herd7's own model of the ISA.
"""
import re
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UserError
from ..base.host import host_cores
from ..base.process import kill_group, spawn
from ..base.text import printable

PROGRAM = "herd7"
CONFIGURATION = "linux-kernel.cfg"
PLACES = ("/usr/src/*/tools/memory-model", "/lib/modules/*/source/tools/memory-model",
          "/lib/modules/*/build/tools/memory-model")
SECS = 20.0  # for a file: some take for ever
SAID_MAX = 1 << 24  # bytes of an answer
_SAYS = re.compile(r"^Observation \S+ (Never|Sometimes|Always) ", re.M)


@dataclass(frozen=True)
class Herd:
    """How it is called. @linux: the directory of Linux's model, or None; @variant: or ""."""

    program: str
    linux: Path | None = None
    variant: str = ""

    def model(self, dialect):
        """What its verdict on a file is called; "" if it has none."""
        if dialect != "C":
            return "herd7"
        return f"herd7, LKMM{' ' + self.variant if self.variant else ''}" if self.linux else ""

    def command(self, program):
        """(argv, directory) for a file: Linux's configuration names its files by themselves."""
        argv = [self.program]
        if program.dialect == "C":
            argv += ["-conf", CONFIGURATION] + \
                (["-variant", self.variant] if self.variant else [])
        return [*argv, str(Path(program.path).absolute())], \
            self.linux if program.dialect == "C" else None


def _linux(given):
    """The directory of Linux's model; UserError if @given is none."""
    if given:
        for path in (Path(given), Path(given) / "tools" / "memory-model"):
            if (path / CONFIGURATION).is_file():
                return path.absolute()
        raise UserError(f"HERD_LINUX={given}: there is no {CONFIGURATION}, nor "
                        f"tools/memory-model/{CONFIGURATION}")
    found = sorted(p for place in PLACES for p in Path("/").glob(place[1:])
                   if (p / CONFIGURATION).is_file())
    return found[-1] if found else None


def find(linux=None, variant=""):
    """The Herd of this host, or None. UserError where something is asked for that is not there."""
    program = shutil.which(PROGRAM)
    if not program:
        if linux or variant:
            raise UserError(f"HERD_LINUX= and HERD_VARIANT= are for {PROGRAM}, which is not "
                            "installed")
        return None
    found = _linux(linux)
    if variant and not found:
        raise UserError(f"HERD_VARIANT={variant} is of Linux's model: HERD_LINUX= says where it is")
    return Herd(program, found, variant)


def _said(argv, directory):
    """What a command prints, or None if it takes longer than SECS. It ends, whatever it started."""
    proc = spawn(argv, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                 stderr=subprocess.STDOUT)
    late = threading.Event()

    def end():
        late.set()
        kill_group(proc)
    timer = threading.Timer(SECS, end)
    timer.start()
    try:
        text = proc.stdout.read(SAID_MAX).decode(errors="replace")
    finally:
        timer.cancel()
        kill_group(proc)
        proc.stdout.close()
    return None if late.is_set() else text


def ask(herd, program):
    """(word, remark): Never, Sometimes or Always, and nothing; or "" and why there is no answer."""
    argv, directory = herd.command(program)
    try:
        text = _said(argv, directory)
    except OSError as e:
        return "", f"{argv[0]}: {e.strerror}"
    if text is None:
        return "", f"no answer within {SECS:g} s"
    if "Flag data-race" in text:
        return "", "the model finds a data race: it says nothing then"
    found = _SAYS.search(text)
    if not found:
        said = printable(text).strip().splitlines()
        return "", said[-1][:200] if said else "it says nothing"
    return found[1], ""


def ask_all(herd, programs, tell=lambda n: None):
    """{index: (word, remark)} of those that it has a model for. @tell is called with the count."""
    mine = [n for n, p in enumerate(programs) if herd.model(p.dialect)]
    out = {}
    pool = ThreadPoolExecutor(host_cores())
    try:
        for n, answer in zip(mine, pool.map(lambda n: ask(herd, programs[n]), mine)):
            out[n] = answer
            tell(len(out))
    finally:  # interrupted: no more are asked
        pool.shutdown(cancel_futures=True)
    return out
