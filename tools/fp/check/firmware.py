# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check`: the same tests behind real firmware as behind QEMU's own loader; and the
images of all boards, which no QEMU boots, looked at by independent tools.

A machine whose file has says= is started by that firmware. Its run counts only if the firmware has
spoken, if the kernel got the boot line of this run, and if every test passes that passes directly.
"""
import re

from ..run import runner
from .base import Outcome, Step, skip

BOOTS = 3  # of a machine whose firmware loses a CPU
PLAN = "kernel.cpus_online,kernel.call_single,kernel.percpu,lib.options*,pgtable.*"


def _passed_directly(checks, arch):
    """Names of tests that passed on the ISA's default machine."""
    return {t["name"] for r in checks.results if r.spec.board.arch == arch and r.spec.board.default
            for t in r.transcript.tests if t["verdict"] == "pass"}


def complaints(board, result, text, direct):
    """What is wrong with a run though its tests passed: sentences. @text: its log."""
    begin = result.transcript.begin or {}
    said = text.find(board.says)
    if not 0 <= said < text.find("@BEGIN"):
        yield f"the firmware never said '{board.says}'"
    if begin.get("cmdline", "").split("-- ")[-1].split() != result.spec.boot_line().split():
        yield f"the boot line that came through is '{begin.get('cmdline')}'"
    passed = {t["name"] for t in result.transcript.tests if t["verdict"] == "pass"}
    ran = {t["name"] for t in result.transcript.tests}
    for name in sorted((direct & ran) - passed):
        yield f"{name} passes when QEMU loads the image, and not here"


def lost_a_cpu(begin, failed):
    """Was one of @failed sent into another firmware by an OpenSBI that does so, as far as can be
    told (docs/harness-errata.md, E5)? @begin, @failed: records.
    """
    old = re.match(r"OpenSBI (0\.|1\.[0-2]\b)", begin.get("firmware", ""))
    return bool(old and any(f.get("why") == "it did not come up in time" for f in failed))


def boot_path(checks, board):
    """One machine, from power-on through its firmware to the end of the plan."""
    if runner.not_here(board):
        return skip(runner.not_here(board))
    for boots in range(1, BOOTS + 1):
        result = checks.machine(board, PLAN)
        if not lost_a_cpu(result.transcript.begin or {}, result.transcript.cpus_failed):
            break
    out = checks.judged(result)
    text = result.log.read_text(encoding="utf-8", errors="replace")
    if out.failed == 0:
        # The head of a log is QEMU's command, where the line stands too.
        text = text.partition("\n")[2]
        for sentence in complaints(board, result, text, _passed_directly(checks, board.arch)):
            checks.out.print("    " + sentence, soft_wrap=True)
            out.failed += 1
    begin = result.transcript.begin or {}
    out.note = f"{begin.get('cpus_online', 0)} CPUs, {begin.get('firmware', 'no firmware')}"
    if boots > 1:
        out.note += f"; boot {boots}: OpenSBI lost a CPU before (E5)"
    return out


def images(checks):
    """Every board's image is made, and is as its file says."""
    tool = str(checks.root / "tools" / "fencepost")
    status, text = checks.command([tool, "image", "all"], LLVM="", DEBUG="1", BUSTED="")
    bad = [line for line in text.splitlines() if not line.startswith("ok ")]
    if status or bad:
        checks.tail("\n".join(bad), 20)
    return Outcome(sum(line.startswith("ok ") for line in text.splitlines()),
                   max(sum(line.startswith("FAIL") for line in bad), int(bool(status or bad))))


def steps(checks):
    """They wait for their firmware most of the time."""
    yield Step("images of all boards", images, beside=True)
    for board in checks.boards.all.values():
        if board.says:
            yield Step(f"{board.arch}: booted by {board.name}",
                       lambda checks, b=board: boot_path(checks, b), beside=True, judges=True)
