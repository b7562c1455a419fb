# SPDX-License-Identifier: GPL-2.0-only
"""What a run is asked for, and how it is asked for again: words, limits, files."""
from pathlib import Path
from types import SimpleNamespace

import pytest
from fp.base.errors import UserError
from fp.images.builds import check_image, find_dtb
from fp.record import console as con
from fp.record.verdict import CONFIG, FAIL, NOT_STARTED, PASS, SKIP, TIMEOUT, Ending
from fp.run import runner
from fp.run.result import Result
from fp.run.spec import TEST_MARGIN, Spec


def spec(board=(), **more):
    known = {"arch": "arm64", "name": "virt", "default": True, "append": "", "dtb": None,
             "medium": None, "path": Path("/x/boards/virt.toml"), "qemu": "no-qemu",
             "qemu_since": 9, "packages": [], "is_process": lambda: False,
             "starter": lambda: "no-qemu", **dict(board)}
    return Spec(board=SimpleNamespace(**known), image=Path("/x/build/arm64/Image"), smp=4,
                **more)


@pytest.mark.parametrize("more,limit", [
    ({}, 30.8 + TEST_MARGIN), ({"secs": "10"}, 70.0 + TEST_MARGIN),
    ({"timeout": 5.0}, 5.0 + TEST_MARGIN), ({"timeout": 0.0, "margin": 2.0}, 2.0),
    ({"secs": "10", "timeout": 5.0}, 5.0 + TEST_MARGIN)])
def test_the_limit_of_a_test_is_above_the_kernel_s(more, limit):
    assert spec(**more).test_limit() == pytest.approx(limit)


@pytest.mark.parametrize("more,planned,limit", [
    ({}, None, 900.4), ({}, 100, 940.0), ({"secs": "10"}, 100, 2900.0), ({"secs": "10"}, 0, 920.0),
    ({"limit": 7.0, "secs": "10"}, 100, 7.0), ({"limit": 0.0}, 100, 0.0)])
def test_the_limit_of_a_run_grows_with_its_tests(more, planned, limit):
    assert spec(**more).run_limit(planned) == pytest.approx(limit)


def test_the_boot_line(monkeypatch):
    monkeypatch.setattr("fp.run.spec.host_cores", lambda: 100)
    assert spec().boot_line() == "tests=* seed=1 racers=64 accel=tcg"
    monkeypatch.setattr("fp.run.spec.host_cores", lambda: 2)
    full = spec({"append": "console=a  b"}, tests="mm.*", seed=7, secs="0.5", timeout=5.0,
                accel="kvm", append="tries=1")
    assert full.boot_line() == \
        "tests=mm.* seed=7 secs=0.5 timeout=5 racers=2 accel=kvm console=a b tries=1"


@pytest.mark.parametrize("board,more,tests,line", [
    ((), {}, None, "make run ARCH=arm64 TESTS='*' SMP=4 SEED=1"),
    ({"default": False}.items(), {}, "mm.a,mm.b",
     "make run ARCH=arm64 MACHINE=virt TESTS=mm.a,mm.b SMP=4 SEED=1"),
    ((), {"secs": "2", "timeout": 5.0, "append": "tries=1 x=2", "flavour": "release-llvm"}, "a.b",
     "make run ARCH=arm64 TESTS=a.b SMP=4 SEED=1 SECS=2 TIMEOUT=5 APPEND='tries=1 x=2' DEBUG=0 "
     "LLVM=1"),
    ((), {"flavour": "busted-mb"}, "a.b", "make run ARCH=arm64 TESTS=a.b SMP=4 SEED=1 BUSTED=mb")])
def test_the_line_that_runs_it_again(board, more, tests, line):
    assert spec(board, **more).rerun(tests) == line


def ended(*tests, current=None, verdict=FAIL):
    t = con.Transcript(tests=[{"name": n, "verdict": v} for n, v in tests], current=current)
    return Result(spec(), verdict, "", t, Ending(), [], None, 1.0)


@pytest.mark.parametrize("result,tests", [
    (ended(("a.a", "pass"), ("a.b", "fail"), ("a.c", "crash"), ("a.d", "timeout"), ("a.e", "skip")),
     "a.b,a.c,a.d"),
    (ended(*((f"a.{n}", "fail") for n in range(9))), "a.0,a.1,a.2,a.3,a.4"),
    (ended(("a.a", "pass"), current={"name": "a.b"}), "a.b"),
    (ended(("a.a", "fail"), current={"name": "a.b"}), "a.a"), (ended(("a.a", "pass")), "'*'")])
def test_only_what_failed_is_run_again(result, tests):
    assert f" TESTS={tests} " in result.rerun()


@pytest.mark.parametrize("verdict,ok", [(PASS, True), (SKIP, True), (FAIL, False),
                                        (TIMEOUT, False), (CONFIG, False),
                                        (NOT_STARTED, False)])
def test_what_is_well(verdict, ok):
    assert ended(verdict=verdict).ok() is ok


@pytest.mark.parametrize("accel,origin", [("tcg", "tcg"), ("kvm", "silicon"),
                                          ("silicon", "silicon"), ("hvf", "tcg")])
def test_where_a_result_comes_from(accel, origin):
    assert spec(accel=accel).provenance() == origin


def test_files_that_are_not_there_are_named(tmp_path):
    board = SimpleNamespace(dtb="x.dtb", arch="arm64")
    with pytest.raises(UserError, match="x.dtb: there is no such device tree; `make build A"):
        find_dtb(board, tmp_path)
    (tmp_path / "x.dtb").touch()
    assert find_dtb(board, tmp_path) == tmp_path / "x.dtb"
    assert find_dtb(SimpleNamespace(dtb=None), tmp_path) is None
    with pytest.raises(UserError, match="Image: there is no such image"):
        check_image(tmp_path / "Image")


def test_a_medium_is_made_only_for_firmware_that_boots_from_one(monkeypatch):
    made = []
    monkeypatch.setattr(runner.media, "make", lambda *args: made.append(args) or "card")
    assert runner.make_medium(spec()) is None and made == []
    with_one = spec({"medium": "card"}.items())
    assert runner.make_medium(with_one) == "card"
    assert made[0][1:] == (with_one.image, with_one.boot_line(), Path("/x/build/arm64/media"))


def test_qemu_gets_its_files_by_their_names_in_the_tree():
    asked = {}
    one = spec({"command": lambda **more: asked.update(more) or ["qemu"]}.items(),
               dtb=Path("/elsewhere/x.dtb"), mem="1G")
    assert runner.qemu_command(one, ["-s"]) == (["qemu"], Path("/x"))
    assert (str(asked["image"]), str(asked["dtb"]), asked["medium"]) == \
        ("build/arm64/Image", "/elsewhere/x.dtb", None)
    assert (asked["smp"], asked["mem"], asked["extra"], asked["append"]) == \
        (4, "1G", ["-s"], one.boot_line())
