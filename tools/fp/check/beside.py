# SPDX-License-Identifier: GPL-2.0-only
"""Steps in processes of their own: side by side, and in the time that racing steps leave idle."""
import io
import multiprocessing
import multiprocessing.connection
import os
import resource
import time
import traceback
from dataclasses import dataclass

from ..base.errors import Interrupted, UserError
from ..base.process import die_with_parent
from ..base.terminal import make_console
from .base import Outcome

STOP_TIMEOUT = 10.0
_fork = multiprocessing.get_context("fork")


@dataclass
class Ended:
    """A step that has ended: what it found, seconds by the clock and of all CPUs, its words."""

    got: Outcome
    wall: float
    cpu: float
    text: str = ""


def cpu_seconds():
    """Of this process and of what it started and has waited for."""
    return sum(u.ru_utime + u.ru_stime for u in map(
        resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))


def run_step(checks, step):
    """Run one step here."""
    wall, cpu = time.monotonic(), cpu_seconds()
    try:
        got = step.run(checks)
    except UserError as e:
        checks.out.print(f"    {e}", soft_wrap=True)
        got = Outcome(failed=1)
    return Ended(got, time.monotonic() - wall, cpu_seconds() - cpu)


class _Child:
    """A process that runs @life(conn, @args), conn being the end of a pipe to us."""

    def __init__(self, life, *args):
        self.conn, theirs = _fork.Pipe(duplex=False)
        self.process = _fork.Process(target=self._begin, args=(life, theirs, os.getpid(), args))
        self.process.start()
        theirs.close()

    @staticmethod
    def _begin(life, conn, parent, args):
        """Ctrl-C on the terminal is for the parent, which stops its children."""
        os.setpgid(0, 0)
        die_with_parent(parent)
        try:
            life(conn, *args)
        except (Interrupted, KeyboardInterrupt):
            pass  # by stop(): what it ran has been ended on the way here

    def stop(self):
        """End it, and the machines and commands that it started."""
        if self.process:
            self.process.terminate()
            self.process.join(STOP_TIMEOUT)
            self.process.kill()


class Beside(_Child):
    """A step in a process of its own, whose words are kept until it has ended."""

    def __init__(self, checks, step):
        self.step = step
        super().__init__(_step_life, checks, step)

    def ended(self):
        """What came of it, as soon as conn can be read."""
        try:
            got = self.conn.recv()
        except EOFError:
            got = Ended(Outcome(failed=1), 0, 0, "    ended without a result\n")
        self.process.join()
        return got


def _step_life(conn, checks, step):
    checks.out = make_console(io.StringIO(), width=checks.out.width)
    try:
        ended = run_step(checks, step)
    except Exception:
        checks.out.print(traceback.format_exc(), soft_wrap=True)
        ended = Ended(Outcome(failed=1), 0, 0)
    ended.text = checks.out.file.getvalue()
    conn.send(ended)


def run_beside(checks, steps, workers):
    """Run @steps, @workers at once; yields (step, Ended) as they end. However it is left, nothing
    goes on running."""
    steps, running = list(steps), {}
    try:
        while steps or running:
            while steps and len(running) < workers:
                job = Beside(checks, steps.pop(0))
                running[job.conn] = job
            for conn in multiprocessing.connection.wait(list(running)):
                job = running[conn]
                ended = job.ended()
                del running[conn]
                yield job.step, ended
    finally:
        for job in running.values():
            job.stop()


class Idle(_Child):
    """Steps that run while others race, @workers at once, on what these leave of the cores and on
    nothing else: whoever races takes a core back at once (SCHED_IDLE, sched(7)).

    On a host that is busy with something else that may be too little for their limits of time. So a
    step counts only if it passes; what fails, or has not ended, is left for who asks at the end.
    What it said then is not lost: a fault that shows now and then must not hide behind a second
    try."""

    def __init__(self, checks, steps, workers):
        self.left, self.process, self.failed = list(steps), None, {}
        if workers:
            super().__init__(_idle_life, checks, self.left, workers)

    def passed(self):
        """(step, Ended) of those that have passed since the last look."""
        try:
            while self.process and self.conn.poll():
                name, ended = self.conn.recv()
                if ended.got.failed:
                    self.failed[name] = ended
                    continue
                step = next(s for s in self.left if s.name == name)
                self.left.remove(step)
                yield step, ended
        except EOFError:
            pass  # it has ended

    def again(self, step, ended):
        """@ended, with what the step said if it had failed in idle time before."""
        before = self.failed.get(step.name)
        if before:
            ended.text = before.text + ended.text
            ended.got.note = ", ".join(filter(None, (
                ended.got.note, f"in idle time before: {before.got.failed} failed")))
        return step, ended


def _idle_life(conn, checks, steps, workers):
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    for step, ended in run_beside(checks, steps, workers):
        conn.send((step.name, ended))
