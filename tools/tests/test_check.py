# SPDX-License-Identifier: GPL-2.0-only
"""How the steps of `make check` are run: in order, side by side, and ended."""
import io
import os
import signal
import time

import pytest
from fp.base.errors import UserError
from fp.base.terminal import make_console
from fp.check import base, beside, check, other_builds
from fp.check.base import Outcome, Step
from fp.report.store import Store
from test_store import cases, errors, saved


@pytest.fixture
def checks(project):
    project.four()
    return base.Checks(project.root, make_console(io.StringIO()))


def step(name, beside, run):
    return Step(name, run, beside)


def ends(got):
    """(name, passed, failed) in the order in which they came."""
    return [(s.name, e.got.passed, e.got.failed) for s, e in got]


def until(condition):
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return Outcome(passed=condition(), failed=not condition())


def test_steps_keep_their_order_and_neighbours_share_the_host(checks, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "host_cores", lambda: 2)

    def alone(c):
        return Outcome(passed=1)

    def neighbour_of(other, me):
        def run(c):
            (tmp_path / me).touch()
            return until((tmp_path / other).exists)
        return run
    steps = [step("a", False, alone), step("b", True, neighbour_of("c", "b")),
             step("c", True, neighbour_of("b", "c")), step("d", False, alone)]
    got = ends(check.run_steps(checks, steps))
    assert got[0] == ("a", 1, 0) and got[3] == ("d", 1, 0)
    assert sorted(got[1:3]) == [("b", 1, 0), ("c", 1, 0)]


def test_no_more_side_by_side_than_asked(checks, tmp_path):
    def run(c):
        mine = tmp_path / str(os.getpid())
        mine.touch()
        crowd = len(list(tmp_path.glob("[0-9]*")))
        time.sleep(0.1)
        mine.unlink()
        return Outcome(passed=crowd <= 2, failed=crowd > 2)
    got = ends(beside.run_beside(checks, [step(str(n), True, run) for n in range(6)], 2))
    assert len(got) == 6 and all(failed == 0 for _, _, failed in got)


def test_what_a_step_beside_says_comes_with_its_end(checks):
    def run(c):
        c.out.print("    a word")
        raise UserError("and why it cannot go on")
    (_, ended), = beside.run_beside(checks, [step("a", True, run)], 2)
    assert ended.text == "    a word\n    and why it cannot go on\n" and ended.got.failed == 1


def test_a_step_beside_that_breaks_is_a_failure(checks):
    def breaks(c):
        return 1 // 0

    def dies(c):
        os.kill(os.getpid(), signal.SIGKILL)
    got = dict((s.name, e) for s, e in beside.run_beside(
        checks, [step("breaks", True, breaks), step("dies", True, dies)], 1))
    assert got["breaks"].got.failed == 1 and "ZeroDivisionError" in got["breaks"].text
    assert got["dies"].got.failed == 1 and "without a result" in got["dies"].text


def ends_soon(pid_file):
    """Is the process whose number is in the file gone, at once or within seconds?"""
    stat = f"/proc/{pid_file.read_text().strip()}/stat"
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not os.path.exists(stat) or open(stat).read().rsplit(")", 1)[1].split()[0] == "Z":
            return True
        time.sleep(0.01)
    return False


def test_nothing_goes_on_running(checks, tmp_path):
    def run(c):
        c.command(["sh", "-c", f"echo $$ > {tmp_path}/pid; exec sleep 20"])
        return Outcome(passed=1)
    running = beside.run_beside(checks, [step("a", True, run), step("b", True,
                                        lambda c: Outcome(passed=1))], 2)
    next(running)  # b has ended
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        time.sleep(0.01)
    running.close()
    assert ends_soon(tmp_path / "pid")


def test_seconds_of_all_cpus_are_counted(checks):
    def run(c):
        c.command(["sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])
        return Outcome(passed=1)
    ended = beside.run_step(checks, step("a", False, run))
    assert 0.02 < ended.cpu <= ended.wall + 0.1
    (_, there), = beside.run_beside(checks, [step("a", True, run)], 1)
    assert 0.02 < there.cpu <= there.wall + 0.1


def test_names_of_steps_are_unique(checks):
    names = [s.name for s in check.all_steps(checks)]
    assert len(names) == len(set(names)) > 50


def test_a_command_has_a_limit(checks, tmp_path, monkeypatch):
    monkeypatch.setattr(base, "COMMAND_TIMEOUT", 1.0)
    began = time.monotonic()
    status, text = checks.command(["sh", "-c", f"sleep 20 & echo $! > {tmp_path}/pid; wait"])
    assert ends_soon(tmp_path / "pid")
    assert status == -1 and "took longer" in text and time.monotonic() - began < 15
    assert checks.command(["/nonexistent/command"])[0] == -1


def test_idle_time_is_used_by_steps_whose_turn_comes_later(checks, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "host_cores", lambda: 2)
    ran = tmp_path / "ran"

    def filler(c):
        with ran.open("a") as f:
            f.write(f"{os.sched_getscheduler(0)}\n")
        return Outcome(passed=2)
    idle = []
    monkeypatch.setattr(check, "Idle", lambda *args: idle.append(beside.Idle(*args)) or idle[0])
    steps = [step("a", False, lambda c: until(lambda: idle[0].conn.poll())),
             step("b", True, filler)]
    assert sorted(ends(check.run_steps(checks, steps))) == [("a", 1, 0), ("b", 2, 0)]
    assert ran.read_text() == f"{os.SCHED_IDLE}\n"  # once, and on what others leave


def test_what_judges_others_begins_behind_them(checks, monkeypatch):
    monkeypatch.setattr(check, "host_cores", lambda: 2)

    def leaves(c):
        time.sleep(0.3)
        c.results.append("a result")
        return Outcome(passed=1)
    steps = [step("a", False, leaves),
             Step("b", lambda c: Outcome(passed=len(c.results)), beside=True, judges=True)]
    assert ends(check.run_steps(checks, steps)) == [("a", 1, 0), ("b", 1, 0)]


def test_what_fails_in_idle_time_runs_again(checks, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "host_cores", lambda: 2)

    def late(c):
        again = (tmp_path / "starved").exists()
        (tmp_path / "starved").touch()
        return Outcome(passed=int(again), failed=int(not again))

    def wrong(c):
        return Outcome(failed=1)
    steps = [step("a", False, lambda c: until((tmp_path / "starved").exists)),
             step("late", True, late), step("wrong", True, wrong)]
    assert sorted(ends(check.run_steps(checks, steps))) == [
        ("a", 1, 0), ("late", 1, 0), ("wrong", 0, 1)]


def test_what_failed_in_idle_time_is_not_silent_about_it(checks, tmp_path, monkeypatch):
    idle = []
    monkeypatch.setattr(check, "host_cores", lambda: 2)
    monkeypatch.setattr(check, "Idle", lambda *args: idle.append(beside.Idle(*args)) or idle[0])

    def late(c):
        again = (tmp_path / "starved").exists()
        (tmp_path / "starved").touch()
        c.out.print("second" if again else "first")
        return Outcome(passed=int(again), failed=int(not again))
    steps = [step("a", False, lambda c: until(lambda: idle[0].conn.poll())),
             step("late", True, late)]
    (_, (_, ended)) = check.run_steps(checks, steps)
    assert ended.text == "first\nsecond\n" and ended.got.passed == 1
    assert ended.got.note == "in idle time before: 1 failed"


def test_what_idle_time_has_not_ended_begins_anew(checks, tmp_path, monkeypatch):
    monkeypatch.setattr(check, "host_cores", lambda: 2)
    pid = tmp_path / "pid"

    def slow(c):
        if not pid.exists():
            c.command(["sh", "-c", f"echo $$ > {pid}; exec sleep 60"])
        return Outcome(passed=1, failed=0)
    began = time.monotonic()
    steps = [step("a", False, lambda c: until(lambda: pid.exists() and pid.read_text() > "")),
             step("slow", True, slow)]
    assert sorted(ends(check.run_steps(checks, steps))) == [("a", 1, 0), ("slow", 1, 0)]
    assert ends_soon(pid) and time.monotonic() - began < 30


@pytest.mark.parametrize("cores,beside_only,idle", [(1, False, 0), (2, False, 3), (64, False, 4),
                                                    (2, True, 0)])
def test_how_many_in_idle_time(monkeypatch, cores, beside_only, idle):
    monkeypatch.setattr(check, "host_cores", lambda: cores)
    assert check.idle_workers([step("a", beside_only, None), step("b", True, None)]) == idle


def test_builds_come_before_what_boots_them(checks):
    steps = check.all_steps(checks)
    names = [s.name for s in steps]
    for name in names:
        arch = name.split(":")[0]
        if name.endswith((": release build", ": clang build", "smp_mb() is caught")):
            assert names.index(f"{arch}: all other builds") < names.index(name)
    assert names[0] == "x86_64: every test, 4 CPUs"
    assert steps[-1].beside and not any(s.beside for s in steps[:names.index(
        "x86_64: all other builds")])  # what races is first, with all that may fill its idle time


def test_one_step_of_each_module_in_turn():
    assert check.in_turn([1, 2, 3], [], [4], [5, 6]) == [1, 4, 5, 2, 6, 3]


@pytest.mark.parametrize("cores,workers", [(1, 1), (2, 3), (3, 4), (64, 4)])
def test_how_many_at_once(monkeypatch, cores, workers):
    monkeypatch.setattr(check, "host_cores", lambda: cores)
    assert check.workers() == workers


def test_other_builds_fail_one_by_one(checks, monkeypatch):
    monkeypatch.setattr(other_builds, "_have_clang", lambda: False)
    monkeypatch.setattr(checks, "build", lambda arch, **f: None if "BUSTED" in f else "release")
    got = other_builds.builds(checks, "arm64")
    assert (got.passed, got.failed) == (1, 1)
    assert other_builds.clang_build(checks, "arm64").skipped == 1


def test_check_counts_a_bad_end_though_no_test_failed(project):
    project.four("truncated")
    checks = base.Checks(project.root, make_console(io.StringIO()))
    result = checks.machine(checks.boards.default("x86_64"), "*", show=False)
    assert not result.failed_tests()
    got = checks.judged(result)
    assert got.failed == 1 and "TRUNCATED" in checks.out.file.getvalue()


def test_every_step_is_in_the_results(checks, project):
    def skipped(c):
        return Outcome(skipped=1, note="no such tool")

    def failed(c):
        c.out.print("    why \x1b[1mit failed")
        return Outcome(passed=1, failed=2)
    steps = [step("a", False, lambda c: Outcome(passed=3)), step("b", True, failed),
             step("c", False, skipped), step("d", False, failed)]
    with Store(project.root, "check") as kept:
        total = check.run_and_keep(checks, steps, kept)
        kept.complete()
    assert (total.passed, total.failed, total.skipped) == (5, 4, 1)
    data = saved(project)
    assert errors(data) == [] and [s["name"] for s in data["steps"]] == list("abcd")
    assert "it failed" in data["steps"][1]["text"] and "\x1b" not in data["steps"][1]["text"]
    assert cases(project) == [("steps", "a", []), ("steps", "b", ["failure"]),
                              ("steps", "c", ["skipped"]), ("steps", "d", ["failure"])]


def test_steps_that_an_interrupted_check_has_done_are_kept(checks, project):
    def interrupt(c):
        raise KeyboardInterrupt
    steps = [step("a", False, lambda c: Outcome(passed=3)), step("b", False, interrupt)]
    with pytest.raises(KeyboardInterrupt), Store(project.root, "check") as kept:
        check.run_and_keep(checks, steps, kept)
    data = saved(project, kept.dir.name)
    assert [s["name"] for s in data["steps"]] == ["a"] and data["state"] == "incomplete"
    assert ("check", "complete", ["error"]) in cases(project, kept.dir.name)
