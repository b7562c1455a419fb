# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check`: machines that differ from the ones of boards/ in one thing.

tests/machines/<isa>.toml names them: what CPU, firmware and chipset may lack or have left behind,
each as words more for QEMU, and how the run ends: with all CPUs and a pass, or by the right words.
"""
import re
import tomllib
from dataclasses import dataclass, field

from . import console as con
from . import live, runner
from .check_base import Outcome, Step
from .errors import UserError
from .tables import check_keys

DIRECTORY = "tests/machines"
TESTS = "kernel.cpus_online,kernel.call_single,kernel.clock_across,pgtable.*"
_KEYS = {"name": str, "board": str, "args": list, "smp": int, "tests": str, "append": str,
         "verdict": str, "says": list, "never": list}


@dataclass
class Different:
    """A table [[machine]]: the keys of the file. says, never: patterns of console lines."""

    name: str
    board: str
    args: list = field(default_factory=list)
    smp: int = 4
    tests: str = TESTS
    append: str = ""
    verdict: str = con.PASS
    says: list = field(default_factory=list)
    never: list = field(default_factory=list)


def read(path):
    """The machines of a file; UserError names what is wrong in it."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as e:
        raise UserError(f"{path}: cannot be read: {e}") from None
    for table in data.get("machine", []):
        check_keys(f"{path}: {table.get('name')}", table, _KEYS, ("name", "board"))
    return [Different(**table) for table in data.get("machine", [])]


def complaint(machine, result):
    """What is wrong with how the run ended, or None."""
    if result.verdict != machine.verdict:
        return f"{result.verdict}, not {machine.verdict}: {result.reason}"
    lines = [con.clean_text(line) for line in result.log.read_bytes().split(b"\n")[1:]]
    for pattern in machine.says:
        if not any(re.search(pattern, line) for line in lines):
            return f"nothing like /{pattern}/"
    for pattern in machine.never:
        if any(re.search(pattern, line) for line in lines):
            return f"a line with /{pattern}/"
    return None


def run_one(checks, machine):
    """Boot it; an Outcome of 1."""
    spec = checks.spec(checks.boards.find(machine.board), machine.tests, smp=machine.smp,
                       append=machine.append)
    spec.extra = machine.args
    result = runner.run_machine(spec, checks.root / "build" / "log")
    why = complaint(machine, result)
    if not why:
        return Outcome(passed=1)
    checks.out.print(f"    {machine.name}: {why}", soft_wrap=True)
    live.print_summary(checks.out, result)
    return Outcome(failed=1)


def run_all(checks, path):
    out = Outcome()
    for machine in read(path):
        out.add(run_one(checks, machine))
    return out


def steps(checks):
    for path in sorted((checks.root / DIRECTORY).glob("*.toml")):
        yield Step(f"{path.stem}: machines that are different",
                   lambda checks, p=path: run_all(checks, p), beside=True)
