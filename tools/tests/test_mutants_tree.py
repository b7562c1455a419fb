# SPDX-License-Identifier: GPL-2.0-only
"""A copy in which mutants are planted is the tree, becomes it again, and keeps what was built."""
import os
import threading
import time
from types import SimpleNamespace

import pytest
from fp.mutants import copies, trial
from fp.mutants.catalogue import Edit

NAMES = ["kernel/x.c", "mm/y.c"]
OLD = 1_000_000_000


@pytest.fixture
def tree(tmp_path):
    for name in NAMES:
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text(f"of {name}\n")
        os.utime(path, (OLD, OLD))
    return tmp_path


def a_copy(tree):
    copy = copies.Copy(tree, 0, 1)
    copy.sync(NAMES)
    return copy


def files(root):
    return sorted(str(p.relative_to(root)) for p in root.rglob("*")
                  if p.is_file() and ".git" not in p.parts)


def test_a_fresh_copy_has_the_files_with_their_times(tree):
    copy = a_copy(tree)
    assert copy.root == tree / "build/mutants/job0" and files(copy.root) == NAMES
    assert {(copy.root / n).stat().st_mtime for n in NAMES} == {OLD}
    assert copy.read("mm/y.c") == "of mm/y.c\n"
    assert (copy.root / ".git").is_dir()  # of its own: git finds its files there


def test_a_copy_follows_the_tree_and_make_notices(tree):
    copy = a_copy(tree)
    (copy.root / "build/arm64").mkdir(parents=True)
    (copy.root / "build/arm64/x.o").write_text("built")
    (copy.root / "lib").mkdir()
    (copy.root / "lib/left.c").write_text("of a run that was interrupted")
    (copy.root / "mm/y.c").write_text("a mutant")
    (tree / "kernel/x.c").write_text("another\n")
    os.utime(tree / "kernel/x.c", (OLD, OLD))
    before = time.time() - 5
    copy.sync(NAMES)
    assert files(copy.root) == ["build/arm64/x.o", *NAMES]
    assert copy.read("kernel/x.c") == "another\n" and copy.read("mm/y.c") == "of mm/y.c\n"
    assert min((copy.root / n).stat().st_mtime for n in NAMES) > before


def test_what_is_as_it_was_is_not_touched(tree):
    copy = a_copy(tree)
    os.utime(copy.root / "mm/y.c", (OLD - 5, OLD - 5))
    copy.sync(NAMES)
    assert (copy.root / "mm/y.c").stat().st_mtime == OLD - 5


def test_a_mutant_is_planted_and_taken_out(tree):
    copy = a_copy(tree)
    mutant = SimpleNamespace(edits=(Edit("kernel/x.c", "of ", "off "), Edit("mm/y.c", "of", "on"),
                                    Edit("mm/y.c", "on mm", "in mm")))
    copy.plant(mutant)
    assert copy.read("kernel/x.c") == "off kernel/x.c\n" and copy.read("mm/y.c") == "in mm/y.c\n"
    os.utime(copy.root / "kernel/x.c", (OLD, OLD))
    copy.restore()
    assert [copy.read(n) for n in NAMES] == [f"of {n}\n" for n in NAMES]
    assert (copy.root / "kernel/x.c").stat().st_mtime > OLD and copy.planted == {}
    assert (tree / "kernel/x.c").read_text() == "of kernel/x.c\n"


def test_the_tree_s_own_build_is_taken_along_once(tree):
    copy = a_copy(tree)
    theirs = tree / "build/arm64"
    theirs.mkdir()
    (theirs / "x.o").write_text("built")
    copy.take_build(copies.Build("arm64"))
    assert not (copy.root / "build/arm64").exists()  # it is no build: nothing locks it
    (theirs / "lock").touch()
    copy.take_build(copies.Build("arm64"))
    assert (copy.root / "build/arm64/x.o").read_text() == "built"
    (theirs / "x.o").write_text("anew")
    copy.take_build(copies.Build("arm64"))
    assert (copy.root / "build/arm64/x.o").read_text() == "built"


def test_a_command_is_waited_for_limited_and_stopped(tmp_path):
    stop = threading.Event()
    assert copies.run_command(["sh", "-c", "echo one; echo two >&2; exit 3"], tmp_path, stop,
                              10) == (3, "one\ntwo\n")
    status, text = copies.run_command(["sleep", "30"], tmp_path, stop, 0.3)
    assert status is None and text == "took longer than 0.3 s"
    pid = tmp_path / "pid"
    stop.set()
    with pytest.raises(copies.Stopped):
        copies.run_command(["sh", "-c", f"sleep 30 & echo $! > {pid}.new; mv {pid}.new {pid};"
                            "wait"], tmp_path, stop, 10)
    if pid.exists():  # nothing that it has started goes on without it
        with pytest.raises(ProcessLookupError):
            for _ in range(100):
                os.kill(int(pid.read_text()), 0)
                time.sleep(0.05)


@pytest.mark.parametrize("secs,timeout", [("", 20.0), ("0.05", 20.0), ("5", 50.0)])
def test_a_long_test_gets_its_time(project, monkeypatch, secs, timeout):
    project.board("fake", "pass", arch="arm64")
    monkeypatch.setattr(trial, "find_dtb", lambda *_: None)
    copy = copies.Copy(project.root, 0, 1)
    copy.root = project.root
    arm64 = copies.Build("arm64")
    machine = trial.Machine(arm64, 0, "tries=1", secs)
    spec = trial.spec_for(copy, machine, "mm.*", "busted=x")
    assert (spec.timeout, spec.secs, spec.smp) == (timeout, secs or trial.SECS, 4)
    assert spec.append == "tries=1 busted=x" and spec.tests == "mm.*"
    assert trial.spec_for(copy, trial.Machine(arm64, 2, "", ""), "x").smp == 2


def test_a_process_is_built_and_started_as_one(project):
    project.board("fake", "pass", arch="arm64").process(arch="arm64")
    build = copies.Build("arm64", process=True, san="address,undefined")
    assert build.directory() == "hosted-arm64-san-address-undefined"
    assert build.words() == ["ARCH=hosted", "HOST=arm64", "SAN=address,undefined"]
    assert copies.Build("arm64").words() == ["ARCH=arm64"]
    copy = copies.Copy(project.root, 0, 1)
    copy.root = project.root
    process = copies.Build("arm64", process=True)
    spec = trial.spec_for(copy, trial.Machine(process, 0, "", ""), "x")
    assert spec.board.is_process() and spec.accel == "unknown"
    assert spec.image == project.root / "build/hosted-arm64/fencepost"


@pytest.mark.parametrize("text,words", [
    ("a\nE   assert 1 == 2\nmore\n", "E   assert 1 == 2"),
    ("FAILED x::y\n= 1 failed =\n", "FAILED x::y"),
    ("x.c:3: error: no\nmore\n", "x.c:3: error: no"),
    ("KeyError: 'x'\nmore", "KeyError: 'x'"), ("one\n two \n\n", "two"), ("", "")])
def test_the_words_that_say_most(text, words):
    assert trial._last_words(text) == words
