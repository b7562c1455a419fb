# SPDX-License-Identifier: GPL-2.0-only
"""Which steps of `make check` are run, and what is said while they do."""
import argparse
import io
import json
import subprocess
import sys

import pytest
from conftest import HERE
from fp.base.errors import UserError
from fp.base.terminal import make_console
from fp.check import base, check, choose
from fp.check.base import Outcome, Step

TOP = HERE.parents[1]
NAMES = ("arm64: one", "riscv64: one", "every ISA: two", "three", "build", "judge")


def steps(run=None):
    return [Step(n, run or (lambda c: Outcome(passed=1)), builds=n == "build", judges=n == "judge")
            for n in NAMES]


def options(root=TOP, **more):
    return argparse.Namespace(**{"root": root, "arch": None, "last_failed": False, "resume": False,
                                 "shard": None, "stop": False, "only": None, "output": None,
                                 **more})


def names(root=TOP, **more):
    return [s.name for s in choose.chosen(steps(), options(root, **more))]


def write_last(root, tree="", **failed):
    where = root / "results" / "latest-check"
    where.mkdir(parents=True)
    (where / "tree").write_text(tree)
    (where / "run.json").write_text(json.dumps(
        {"steps": [{"name": n, "failed": n in failed["failed"]} for n in failed["ran"]]}))


def test_of_some_isas():
    assert names() == list(NAMES)
    assert names(arch="arm64") == ["arm64: one", "every ISA: two", "three", "build", "judge"]
    assert names(arch="aarch64,riscv") == list(NAMES)
    with pytest.raises(UserError, match="no such ISA"):
        names(arch="vax")


def test_shares_are_all_together_and_none_twice():
    shares = [names(shard=f"{n}/3") for n in (1, 2, 3)]
    assert all({"build", "judge"} <= set(s) for s in shares)
    plain = [n for s in shares for n in s if n not in ("build", "judge")]
    assert sorted(plain) == sorted(NAMES[:4]) and max(map(len, shares)) == 4


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/0", "1/2/3"])
def test_a_share_that_is_none(text):
    with pytest.raises(UserError, match="as in 2/4"):
        names(shard=text)


def test_what_failed_last(tmp_path):
    with pytest.raises(UserError, match="no check has been run before"):
        names(tmp_path, last_failed=True)
    write_last(tmp_path, ran=NAMES[:3], failed=["riscv64: one"])
    assert names(tmp_path, last_failed=True) == ["riscv64: one", "build", "judge"]


def test_nothing_failed_last(tmp_path):
    write_last(tmp_path, ran=NAMES[:3], failed=[])
    with pytest.raises(UserError, match="no step failed in latest-check"):
        names(tmp_path, last_failed=True)


def test_nothing_is_left_out_when_files_have_changed(tmp_path):
    (tmp_path / "a.c").write_text("1")
    write_last(tmp_path, choose.fingerprint(tmp_path), ran=NAMES, failed=[NAMES[2]])
    assert names(tmp_path, resume=True) == [NAMES[2], "build", "judge"]
    (tmp_path / "a.c").write_text("2")
    with pytest.raises(UserError, match="files have changed since latest-check"):
        names(tmp_path, resume=True)


def test_resume_on_the_same_files(tmp_path, monkeypatch):
    monkeypatch.setattr(choose, "fingerprint", lambda root: "same")
    write_last(tmp_path, "same", ran=NAMES[:3], failed=["riscv64: one"])
    assert names(tmp_path, resume=True) == ["riscv64: one", "three", "build", "judge"]


def run_check(project, monkeypatch, run, **more):
    out = make_console(io.StringIO(), width=200)
    monkeypatch.setattr(check, "all_steps", lambda checks, only: steps(run))
    monkeypatch.setattr(check, "make_console", lambda: out)
    status = check.run(options(project.root, output=project.root / "kept", **more))
    return status, out.file.getvalue(), json.loads((project.root / "kept" / "run.json").read_text())


def test_steps_are_counted_and_the_longest_named(project, monkeypatch):
    status, text, data = run_check(project.four(), monkeypatch, lambda c: Outcome(passed=1))
    assert status == 0 and data["state"] == "complete"
    assert " 1/6  arm64: one: 1 passed" in text and " 6/6  judge" in text
    assert "6 steps in 0 s; longest: " in text and "(root" not in text
    assert len((project.root / "kept" / "tree").read_text()) == 64


def test_stop_at_the_first_failure(project, monkeypatch):
    seen = []

    def run(c):
        seen.append(1)
        return Outcome(failed=len(seen) == 2)
    status, text, data = run_check(project.four(), monkeypatch, run, stop=True)
    assert status == 1 and len(seen) == 2 and data["state"] == "incomplete"
    assert "2/6" in text and "3/6" not in text and len(data["steps"]) == 2


def test_a_line_now_and_then_where_there_is_no_terminal():
    code = ("import sys, time; sys.path.insert(0, 'tools')\n"
            "from fp.base.terminal import make_console\n"
            "from fp.check.progress import Heartbeat\n"
            "with Heartbeat(make_console(), 71, 0.2) as beat:\n"
            "    beat.step(); time.sleep(0.7)\n"
            "time.sleep(0.4)\n")
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True)
    lines = done.stdout.splitlines()
    assert 2 <= len(lines) <= 3 and all(x.startswith("...  step 2 of 71, ") for x in lines), done
