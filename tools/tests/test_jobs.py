# SPDX-License-Identifier: GPL-2.0-only
"""selftest, bench, check and debug as far as they go without a real machine."""
import io
import json
import re
from pathlib import Path

import pytest
from conftest import HERE
from fp.base.terminal import make_console
from fp.check import base, proofs, suites
from fp.images.boards import Boards
from fp.selftest import selftest

ROOT = Path(__file__).resolve().parents[2]


def test_selftest_tells_right_from_wrong(project):
    project.board("fake", "by-test")
    done = project.run("selftest", "--arch", "x86_64", "--only", "skip")
    assert done.returncode == 1  # the fake skips for another reason than the real kernel
    assert "its reason does not name the cause" in done.stdout
    assert re.search(r"^0 passed, [1-9]\d* failed, 0 skipped$", done.stdout, re.M)
    done = project.run("selftest", "--arch", "x86_64", "--only", "pass")
    assert done.returncode == 0 and "1 passed, 0 failed, 0 skipped" in done.stdout


def test_selftest_of_what_the_host_alone_sees(project):
    project.board("fake", "by-test")
    done = project.run("selftest", "--arch", "x86_64", "--only", "missing-qemu")
    assert done.returncode == 0 and "NOT-STARTED" in done.stdout


def test_selftest_knows_its_cases(project):
    project.board("fake", "by-test")
    done = project.run("selftest", "--arch", "x86_64", "--only", "nonsense")
    assert done.returncode == 2 and "damaged-tree" in done.stderr


def test_bench(project):
    project.board("fake", "bench")
    image = project.root / "build" / "x86_64-release"
    image.mkdir()
    (image / "fencepost.elf").write_bytes(b"image")
    done = project.run("bench", "--arch", "x86_64", "--boots", "3")
    assert done.returncode == 0, done.stdout + done.stderr
    text = " ".join(done.stdout.split())
    assert "1.5 M iterations/s 20 k weak/s" in text
    assert "9.00% of iterations (aim 1%)" in text and "skew=9" in text
    assert "median of 3 (aim 0.2 s" in text
    data = json.loads((project.root / "results" / "latest" / "run.json").read_text())
    assert len(data["runs"][0]["first_test_s_all"]) == 3


def test_bench_wants_the_release_build(project):
    project.board("fake", "bench")
    done = project.run("bench", "--arch", "x86_64")
    assert done.returncode == 2 and "x86_64-release" in done.stderr


def test_check_knows_its_steps(project):
    project.board("fake", "pass")
    done = project.run("check", "--only", "nonsense")
    assert done.returncode == 2 and "no step" in done.stderr
    done = project.run("check", "--only", "nonsense", env={"DEBUG": "0"})
    assert done.returncode == 2 and "DEBUG=" in done.stderr


def test_check_counts_and_goes_on_after_a_failure(project):
    project.four("pass", arm64="fail")
    done = project.run("check", "--only", "every test")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "13 passed, 1 failed, 0 skipped"
    assert "ok  " in done.stdout and "FAIL" in done.stdout


def test_check_wants_free_running_to_catch(project):
    project.four("thread")
    done = project.run("check", "--only", "caught free-running")
    assert done.returncode == 0, done.stdout
    assert "4 passed, 0 failed" in done.stdout and "list-unlocked after 1.2 s" in done.stdout
    project.four("thread-free-v0-missed")
    done = project.run("check", "--only", "arm64: V0 is caught")
    assert done.returncode == 1 and "rmap.v0.free: missed" in done.stdout


def test_check_wants_planted_mistakes_caught(project, monkeypatch):
    project.board("fake", "planted")
    out = make_console(io.StringIO())
    checks = base.Checks(project.root, out)
    got = proofs.planted(checks, "x86_64")
    assert (got.passed, got.failed) == (3, 0)
    assert got.note == ("cow_no_flush within 1 s, lru_no_lock within 3 s, "
                        "swap_free_early within 1 s")
    monkeypatch.setattr(proofs, "PLANTED", ("never_found",))
    monkeypatch.setattr(proofs, "PLANTED_SECS", ("1", "3"))
    got = proofs.planted(checks, "x86_64")
    assert (got.passed, got.failed) == (0, 1)
    assert "did not catch busted=never_found" in out.file.getvalue()


def test_misuse_of_memory_is_a_step_of_its_own():
    board = Boards(ROOT / "boards").default("powerpc64")
    misuse = {c.name for c in selftest.cases_for(board, group=selftest.MISUSE)}
    paused = {c.name for c in selftest.cases_for(board, group=selftest.PAUSE)}
    portable = {c.name for c in selftest.cases_for(board, group=selftest.PORTABLE)}
    others = {c.name for c in selftest.cases_for(board, group="")}
    assert "page-double-free" in misuse and "crash" in others and not misuse & others
    assert "set-aside" in paused and not paused & (misuse | others)
    assert "bad-option" in portable and not portable & (misuse | others | paused)
    assert misuse | paused | portable | others == {c.name for c in selftest.cases_for(board)}


@pytest.mark.parametrize("how,bad", [("", 0), ("-lacks", 2), ("-missed", 1)])
def test_check_wants_every_row(project, how, bad):
    project.board("fake", "thread" + how)
    out = make_console(io.StringIO())
    checks = base.Checks(project.root, out)
    checks.results = [checks.machine(checks.boards.default("x86_64"), "rmap.*", show=False)]
    got = suites.rows(checks)
    assert (got.passed, got.failed) == (17 * 5 + 17 - bad, bad)
    assert bad == 0 or "x86_64 " in out.file.getvalue()


def test_machines(project):
    project.four()
    done = project.run("machines")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 4


def test_one_core_cannot_show_store_buffering(monkeypatch, tmp_path):
    (tmp_path / "boards").mkdir()
    (tmp_path / "boards" / "q35.toml").write_text(
        (HERE.parents[1] / "boards" / "q35.toml").read_text())
    checks = base.Checks(tmp_path, make_console(io.StringIO()))
    monkeypatch.setattr(proofs, "host_cores", lambda: 1)
    monkeypatch.setattr(suites, "host_cores", lambda: 1)
    for got in (suites.store_buffering(checks), proofs.busted(checks, "x86_64"),
                proofs.twin(checks, "x86_64")):
        assert (got.passed, got.failed, got.skipped) == (0, 0, 1) and "unobservable" in got.note
