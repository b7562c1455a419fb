# SPDX-License-Identifier: GPL-2.0-only
"""Steps of `make check`: runs that nobody watches. A machine that crashes is reset, by itself, and
goes on behind the test that crashed; `fencepost collect` listens to QEMU's serial port through a
pseudo-terminal that damages characters and is pulled out.
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import tty
from pathlib import Path

from ..base import isas
from ..record import boots
from ..record.verdict import PASS
from ..run.runner import qemu_command
from ..transport.machine import Machine
from .base import Outcome, each_arch

PLAN = "lib.crc32,self.crash,self.panic,slab.create_invalid"
WANT = {"lib.crc32": "pass", "self.crash": "crash", "self.panic": "crash",
        "slab.create_invalid": "pass"}
LIMIT_S = 60.0
NOISE = 0.0005  # of the characters
PULL_AFTER = 8192  # bytes: in the midst of the first results
TICK = 0.05


def _machine(checks, board, tests, append):
    """QEMU as it is for a run, but that a reset boots it again."""
    argv, directory = qemu_command(checks.spec(board, tests, append=append))
    return Machine([a for a in argv if a != "-no-reboot"], directory)


def _fail(checks, why):
    checks.out.print(f"    {why}", soft_wrap=True)
    return Outcome(failed=1)


def goes_on(checks, arch):
    """Two tests of four crash: three boots, one run, no test missing."""
    heard, end = boots.Boots(), time.monotonic() + LIMIT_S
    with _machine(checks, checks.boards.default(arch), PLAN, "go_on=1") as m:
        while m.running() and time.monotonic() < end:
            heard.feed(m.read(TICK))
    runs = heard.finish()
    got = {t["name"]: t["verdict"] for t in runs[0].tests}
    if len(runs) != 1 or got != WANT or runs[0].missing() or len(runs[0].more_begins) != 2:
        return _fail(checks, f"{len(runs)} runs, {got}, {runs[0].missing()} missing")
    return Outcome(passed=1)


class NoisyPort:
    """Between a machine and who listens: a terminal behind a name, on which characters suffer."""

    def __init__(self, directory):
        self.name, self.rng = Path(directory) / "tty", random.Random(3)
        self.plug()

    def plug(self):
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, False)
        self.name.unlink(missing_ok=True)
        self.name.symlink_to(os.ttyname(self.slave))

    def pull(self):
        os.close(self.master)
        os.close(self.slave)

    def say(self, data):
        """What the listener is too slow for is lost, as on any line."""
        damaged = bytes(b if self.rng.random() > NOISE else b ^ 1 << self.rng.randrange(8)
                        for b in data)
        try:
            os.write(self.master, damaged)
        except BlockingIOError:
            pass


def _pass_on(m, port, listener):
    """From the machine to the port until the listener has enough; pulled out once on the way."""
    start, passed, pulled = time.monotonic(), 0, False
    while listener.poll() is None and time.monotonic() < start + LIMIT_S:
        data = m.read(TICK)
        for i in range(0, len(data), 256):
            port.say(data[i:i + 256])
            time.sleep(0.002)
        passed += len(data)
        if passed > PULL_AFTER and not pulled:
            port.pull()
            port.plug()
            pulled = True


def collected(checks, arch):
    """`collect` keeps a whole run of a board that prints its results again."""
    board = checks.boards.default(arch)
    with tempfile.TemporaryDirectory() as directory:
        out, port = Path(directory) / "run.json", NoisyPort(directory)
        argv = [sys.executable, str(checks.root / "tools" / "fencepost"), "--root",
                str(checks.root), "collect", "--port", str(port.name), "--board", board.name,
                "--out", str(out), "--limit", str(LIMIT_S)]
        listener = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                    text=True, stdin=subprocess.DEVNULL)
        try:
            with _machine(checks, board, "lib.*", "again=0.3") as m:
                _pass_on(m, port, listener)
            text, _ = listener.communicate(timeout=LIMIT_S)
        finally:
            listener.kill()
            port.pull()
        run = json.loads(out.read_text(encoding="utf-8"))["runs"][0] if out.is_file() else {}
    if listener.returncode or run.get("verdict") != PASS or run.get("missing") != 0 \
            or run.get("provenance") != "tcg":
        checks.tail(text)
        return Outcome(failed=1)
    return Outcome(passed=1, note=f"{run['malformed_records']} lines were damaged")


def steps(checks):
    arches = isas.names()
    yield from each_arch(arches, "{}: a crash, a reset, and on behind it", goes_on, beside=True)
    yield from each_arch(arches[:1], "{}: collect over a noisy line", collected, beside=True)
