# SPDX-License-Identifier: GPL-2.0-only
"""The limits of a run: which one runs out when, and of whose time they are."""
import os
import signal
import subprocess
import time
from types import SimpleNamespace

import pytest

from fp.record import console as con
from fp.record.verdict import TIMEOUT, Ending, judge
from fp.run import runner
from fp.run.spec import TEST_MARGIN, Spec
from fp.transport import machine


class Clock:
    """time.monotonic() as the test wants it."""

    def __init__(self, monkeypatch):
        self.now = 100.0
        monkeypatch.setattr(runner.time, "monotonic", lambda: self.now)


def spec(**more):
    board = SimpleNamespace(boot_timeout=20.0, append="")
    return Spec(board=board, image=None, smp=4, **more)


def limit(t, now, last_record=0.0, **more):
    return runner._limits(spec(**more), t, now, last_record)


def begun(**more):
    return con.Transcript(begin={"planned": 3}, **more)


@pytest.mark.parametrize("step, stopped, counts", [
    (0.1, False, 0.1), (0.9, False, 0.9), (10.0, False, 1.0), (0.1, True, 0.0), (10.0, True, 0.0),
])
def test_time_put_aside_does_not_count(monkeypatch, step, stopped, counts):
    clock = Clock(monkeypatch)
    lived = runner.Lived()
    clock.now += step
    lived.look(lambda: stopped)
    assert lived.seconds == pytest.approx(counts)


def test_many_short_looks_add_up(monkeypatch):
    clock = Clock(monkeypatch)
    lived = runner.Lived()
    for _ in range(1000):
        clock.now += 0.01
        lived.look(lambda: False)
    assert lived.seconds == pytest.approx(10.0, abs=0.1)


def test_a_stopped_process_is_told_from_a_running_one():
    m = machine.Machine(["sleep", "60"])
    m.proc = subprocess.Popen(["sleep", "60"])
    try:
        time.sleep(0.1)  # until it sleeps
        assert not m.is_stopped()
        os.kill(m.proc.pid, signal.SIGSTOP)
        for _ in range(100):
            if m.is_stopped():
                break
            time.sleep(0.01)
        assert m.is_stopped()
        os.kill(m.proc.pid, signal.SIGCONT)
    finally:
        m.proc.kill()
        m.proc.wait()
    assert not m.is_stopped()


def test_each_limit_runs_out_at_its_time_and_says_so():
    assert limit(con.Transcript(), 19.9) is None
    assert limit(con.Transcript(), 20.1) == "no BEGIN record within 20 s of power-on"
    assert limit(con.Transcript(), 5.1, boot_timeout=5.0) == \
        "no BEGIN record within 5 s of power-on"
    assert limit(begun(), 111.9, 100.0, timeout=2.0) is None
    assert limit(begun(), 112.1, 100.0, timeout=2.0) == "no record for 12 s"
    ended = begun(end={"planned": 3, "run": 3})
    assert limit(ended, 109.9, 100.0) is None
    assert limit(ended, 110.1, 100.0) == "the machine did not power off within 10 s"
    assert limit(begun(), 30.1, 30.0, limit=30.0) == "the run took longer than 30 s"


def test_our_limit_of_a_test_is_above_the_kernels():
    assert spec(timeout=2.0).test_limit() == 2.0 + TEST_MARGIN
    assert spec().test_limit() == pytest.approx(30 + 4 * 0.2 + TEST_MARGIN)
    assert spec(secs="5").test_limit() == 30 + 4 * 5 + TEST_MARGIN


def test_who_gave_up_is_in_the_words():
    t = begun(current={"name": "a.b"})
    verdict, why = judge(t, Ending(timeout="no record for 12 s"))
    assert verdict == TIMEOUT
    assert why.startswith("the host gave up: no record for 12 s during a.b; ")
    t = begun(tests=[{"name": "a.b", "verdict": "timeout", "kind": "assert",
                      "reason": "the test's time is up, by the watchdog on cpu 1"}],
              end={"planned": 1, "run": 1, "verdict": "fail"})
    assert judge(t, Ending(status=0)) == (
        TIMEOUT, "a.b: the test's time is up, by the watchdog on cpu 1")


def test_a_machine_that_boots_again_and_again_is_ended():
    assert limit(begun(restarts=2), 5.0, last_record=4.9) is None
    t = begun(restarts=3, current={"n": 1, "name": "a.x"})
    assert limit(t, 5.0, last_record=4.9) == ("reboots: the machine began the plan 4 times and "
                                              "never ended it; the last time it was in a.x")
