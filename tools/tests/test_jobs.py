# SPDX-License-Identifier: GPL-2.0-only
"""selftest, bench, check and debug as far as they go without a real machine."""
import json


def test_selftest_tells_right_from_wrong(project):
    project.board("fake", "by-test")
    done = project.run("selftest", "--arch", "x86_64", "--only", "skip")
    assert done.returncode == 1  # the fake skips for another reason than the real kernel
    assert "its reason does not name the cause" in done.stdout
    assert "0 passed, 1 failed, 0 skipped" in done.stdout
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
    assert "1.5 M iterations/s 20 k weak/s (25 times litmus7 under tcg)" in text
    assert "9.00% of iterations (aim 1%)" in text and "skew=9" in text
    assert "median of 3 (aim 0.2 s" in text
    data = json.loads((project.root / "build" / "report" / "bench.json").read_text())
    assert len(data["runs"][0]["first_test_s_all"]) == 3


def test_bench_wants_the_release_build(project):
    project.board("fake", "bench")
    done = project.run("bench", "--arch", "x86_64")
    assert done.returncode == 2 and "x86_64-release" in done.stderr


def test_check_knows_its_steps(project):
    project.board("fake", "pass")
    done = project.run("check", "--only", "nonsense")
    assert done.returncode == 2 and "no step" in done.stderr


def test_check_counts_and_goes_on_after_a_failure(project):
    project.four("pass", arm64="fail")
    done = project.run("check", "--only", "every test")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "13 passed, 1 failed, 0 skipped"
    assert "ok  " in done.stdout and "FAIL" in done.stdout


def test_machines(project):
    project.four()
    done = project.run("machines")
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 4
