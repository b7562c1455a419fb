# SPDX-License-Identifier: GPL-2.0-only
"""Runs one machine from power-on to its verdict.

Four time limits keep any run finite: to the first record (boot), of each test, between END and
power-off, and of the whole run. The kernel's own watchdog ends a hung test at timeout=; ours comes
later and only matters when the kernel can no longer speak. Ours are of the time that the machine
had (class Lived), as the kernel's are: one that is put aside, or with this host, is not hung.
"""
import os
import shlex
import time

from ..base.errors import UserError
from ..images import media
from ..record import boots
from ..record import console as con
from ..record.verdict import TRUNCATED, judge, reboots_words
from ..transport.machine import Machine, qemu_major, qemu_version
from ..transport.process import Process
from .log import STDERR_HEAD, next_log
from .result import Listener, Result

TICK = 0.1
STEP_MAX = 1.0  # a look at the time that comes later has been put aside itself


class Lived:
    """The seconds that a machine had: not those in which it, or this tool, was put aside."""

    def __init__(self):
        self.seconds = 0.0
        self._last = time.monotonic()

    def look(self, is_stopped):
        """Count the time since the last look; @is_stopped() is asked now and then."""
        now = time.monotonic()
        step = now - self._last
        if step < TICK / 2:
            return
        self._last = now
        if not is_stopped():
            self.seconds += min(step, STEP_MAX)


def _limits(spec, t, now, last_record):
    """The limit that has run out at @now, as words for a sentence, or None. Times as of Lived."""
    limit = spec.run_limit(t.planned())
    if now > limit:
        return f"the run took longer than {limit:g} s"
    if t.restarts >= boots.REBOOTS:
        return reboots_words(t, t.restarts + 1)
    if t.end is not None:
        if now - last_record > spec.power_off_timeout:
            return f"the machine did not power off within {spec.power_off_timeout:g} s"
    elif t.begin is None:
        boot = spec.boot_timeout or spec.board.boot_timeout
        if now > boot:
            return f"no BEGIN record within {boot:g} s of power-on"
    elif now - last_record > spec.test_limit():
        return f"no record for {spec.test_limit():g} s"
    return None


def not_here(board):
    """Why this host cannot have such a machine, or "": its QEMU is older, or its release of Debian,
    whose packages have no such firmware."""
    if not board.qemu or not board.qemu_since:
        return ""
    if 0 < qemu_major(board.qemu) < board.qemu_since:
        return f"QEMU {board.qemu_since} or later has it, and this is {qemu_version(board.qemu)}"
    for package, _, what in (p.partition("=") for p in board.packages):
        if what.startswith("/") and not os.path.exists(what):
            return f"{what} is not here: the package {package}, of newer releases of Debian, has it"
    return ""


def qemu_command(spec, extra=()):
    """(argv, directory): QEMU is run in the project's directory and gets its files by their names
    from there. Its multiboot loader puts the image's name before the boot line, where a blank in it
    looks like any other: the tree's own names have none, those of the directories above may."""
    root = spec.board.path.parent.parent
    if not_here(spec.board):
        raise UserError(f"MACHINE={spec.board.name}: {not_here(spec.board)}")

    def name(path):
        return path.relative_to(root) if path and path.is_relative_to(root) else path

    return spec.board.command(
        smp=spec.smp, image=name(spec.image), append=spec.boot_line(), accel=spec.accel,
        mem=spec.mem, dtb=name(spec.dtb), medium=name(make_medium(spec)),
        qemu_major=qemu_major(spec.board.qemu) if spec.board.qemu else 0, extra=extra), root


def qemu_of(board):
    """The version of the QEMU that runs it, or "none"."""
    return qemu_version(board.starter()) if board.starter() else "none"


def make_medium(spec):
    """The file that the machine's firmware boots from, with this run's boot line; None if it has
    none."""
    if not spec.board.medium:
        return None
    return media.make(spec.board, spec.image, spec.boot_line(), spec.image.parent / "media")


def run_machine(spec, log_dir, listener=None):
    """Run it and return a Result. Exceptions and signals leave no process behind."""
    listener = listener or Listener()
    cut = []
    try:
        result = _run_machine(spec, log_dir, listener, cut)
    except BaseException:
        listener.on_abort(cut[0]() if cut else None)
        raise
    listener.on_close(result)
    return result


def _run_machine(spec, log_dir, listener, cut):
    """@cut gets what makes a Result of a run that is ended from outside."""
    board = spec.board
    argv, directory = qemu_command(spec, spec.extra)
    console = con.Console()
    t = console.t
    path, log = next_log(log_dir, board)
    boot_s = first_test_s = None
    start = time.monotonic()
    lived, last_record = Lived(), 0.0

    def result(verdict, reason, ending):
        return Result(spec, verdict, reason, t, ending, argv, path, time.monotonic() - start,
                      boot_s, first_test_s, qemu_of(board))

    with log, (Process if board.is_process() else Machine)(argv, directory) as m:
        cut.append(lambda: result(TRUNCATED, "it was interrupted", m.ending))
        log.end(f"## {shlex.join(argv)}\n".encode())
        listener.on_open(spec, path)
        if m.proc:
            listener.on_start(spec)

        def take(events):
            nonlocal boot_s, first_test_s, last_record
            for event in events:
                if event[0] == "line":
                    listener.on_line(event[1])
                    continue
                now = time.monotonic()
                last_record = lived.seconds
                if event[1] == "BEGIN":
                    boot_s = now - start
                elif event[1] == "START" and first_test_s is None:
                    first_test_s = now - start
                listener.on_record(event[1], event[2], t)

        while m.running():
            data = m.read(TICK)
            if data:
                log.write(data)
                take(console.feed(data))
            lived.look(m.is_stopped)
            listener.on_tick(t, time.monotonic() - start)
            why = _limits(spec, t, lived.seconds, last_record)
            if why:
                m.stop(why)
                break
        else:
            m.wait(spec.power_off_timeout)
        take(console.finish())
        m.kill()
        ending = m.ending
        if ending.stderr:
            log.end(STDERR_HEAD + ending.stderr.encode())
        verdict, reason = judge(t, ending, expect_cpus=spec.expected_cpus(),
                                exit_style=board.exit_status)
        log.end(f"\n## {verdict} {reason}\n".encode())
    return result(verdict, reason, ending)
