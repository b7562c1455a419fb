# SPDX-License-Identifier: GPL-2.0-only
"""Verdicts of runs whose records each make sense and together do not, one sort at a time."""
import argparse
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from fp.base.errors import UserError
from fp.base.files import write_file
from fp.base.terminal import make_console
from fp.check import base
from fp.cli.parser import _secs
from fp.images.boards import Boards
from fp.images.builds import FLAVOURS, flavour
from fp.record import console as con
from fp.record.verdict import (
    CONFIG, CRASH, Ending, FAIL, HOST_GAVE_UP, NOT_STARTED, PASS, SKIP, TIMEOUT, TRUNCATED, judge)
from fp.report import diff, report
from fp.report.junit import junit
from fp.run import runner
from fp.run.log import read_log
from fp.run.result import Result
from fp.run.spec import Spec
from test_console import GOOD, read, rec


def run_of(*tests, planned=None, run=None, end="pass", begin=True, last=False, **ending):
    """The verdict of a run of (name, verdict) pairs, and its reason."""
    data = rec("BEGIN", planned=planned or len(tests), cpus_online=4) if begin else b""
    for n, (name, verdict) in enumerate(tests, 1):
        word = b"ok" if verdict in ("pass", "skip") else b"not ok"
        skip = b" # SKIP" if verdict == "skip" else b""
        more = {"last": True} if last and n == len(tests) else {}
        data += rec("START", n=n, name=name, kind="assert") + word + \
            f" {n} {name}".encode() + skip + b"\n" + \
            rec("TEST", n=n, name=name, kind="assert", verdict=verdict, reason="why", **more)
    data += rec("END", planned=planned or len(tests), run=len(tests) if run is None else run,
                verdict=end)
    return judge(read(data), Ending(**{"status": 0, **ending}))


ONE, TWO = ("a.one", "pass"), ("a.two", "pass")


def test_all_well():
    assert run_of(ONE, TWO) == (PASS, "")
    assert run_of(ONE, ("a.two", "skip")) == (PASS, "")


def test_planned_tests_that_were_not_run():
    assert run_of(ONE, TWO, planned=3)[0] == TRUNCATED
    assert run_of(ONE, TWO, planned=3, last=True) == (PASS, "")


def test_records_that_did_not_arrive():
    assert run_of(ONE, TWO, planned=3, run=3)[0] == TRUNCATED
    assert run_of(ONE, begin=False)[0] == TRUNCATED


@pytest.mark.parametrize("verdict,end,want", [
    ("fail", "pass", FAIL), ("fail", "fail", FAIL), ("timeout", "fail", TIMEOUT),
    ("timeout", "pass", TIMEOUT), ("crash", "crash", CRASH), ("crash", "pass", CRASH),
    ("skip", "pass", PASS)])
def test_a_test_decides_whatever_the_end_says(verdict, end, want):
    got, why = run_of(ONE, ("a.two", verdict), end=end)
    assert got == want and (want == PASS or why == "a.two: why")


def test_an_end_that_says_more_than_its_tests():
    assert run_of(ONE, TWO, end="fail") == (FAIL, "END says fail, though no test did")
    assert run_of(ONE, TWO, end="crash")[0] == CRASH
    assert run_of(end="pass", planned=0)[0] == CONFIG
    assert run_of(("a.one", "skip"), ("a.two", "skip"))[0] == SKIP


def test_a_machine_that_does_not_end_as_it_should():
    assert run_of(ONE, status=-9) == (FAIL, "QEMU was killed by SIGKILL after END")
    assert run_of(ONE, status=None, timeout="it did not power off")[0] == TIMEOUT


def test_what_ends_twice_counts_once():
    end = rec("END", planned=1, run=1, verdict="pass")
    t = read(GOOD + end)
    assert t.end["run"] == 1 and len(t.bad) == 1 and "second" in t.bad[0].why
    test = rec("TEST", n=1, name="a.b", kind="assert", verdict="fail")
    t = read(GOOD.replace(end, test + end))
    assert [x["verdict"] for x in t.tests] == ["pass"] and len(t.bad) == 1


def test_the_first_crash_counts():
    t = read(rec("CRASH", name="a.b", why="first") + rec("CRASH", name="a.b", why="second"))
    assert judge(t, Ending(status=0))[1].startswith("first")


def test_of_two_ends_the_one_that_was_waited_for_counts():
    assert run_of(("a.one", "crash"), ("a.two", "timeout"), end="crash")[0] == TIMEOUT
    t = read(rec("CRASH", name="a.b", why="x"))
    assert judge(t, Ending(timeout="no record for 9 s"))[0] == TIMEOUT


def test_a_restarted_machine_is_truncated():
    again = rec("BEGIN", planned=1, cpus_online=4)
    assert judge(read(GOOD.replace(b"@START", again + b"@START")), Ending(status=0)) == \
        (TRUNCATED, "the machine restarted in the middle of the run")


LITMUS = {"n": 1, "name": "litmus.SB", "kind": "litmus", "verdict": "pass", "iterations": 5,
          "weak": 1, "result": "allowed-seen", "expected": "allow"}


@pytest.mark.parametrize("change,why", [
    ({}, None), ({"weak": True}, "without weak"), ({"iterations": None}, "without iterations"),
    ({"weak": 1.5}, "without weak"), ({"result": "seen"}, "result 'seen'"),
    ({"expected": "maybe"}, "expected 'maybe'"), ({"verdict": "good"}, "verdict 'good'"),
    ({"kind": "x"}, "kind 'x'"), ({"name": 7}, "no name"),
    ({"verdict": "skip", "weak": None}, None)])
def test_a_record_lacks_what_its_kind_needs(change, why):
    t = read(rec("TEST", **{**LITMUS, **change}))
    assert (len(t.tests), len(t.bad)) == ((0, 1) if why else (1, 0))
    assert not why or why in t.bad[0].why


def test_an_endless_line_is_cut():
    reader = con.LineReader()
    lines = [line for _ in range(10) for line in reader.feed(b"x" * con.LINE_MAX)]
    assert len(reader.partial) <= con.LINE_MAX and sum(map(len, lines)) >= 4 * con.LINE_MAX
    assert reader.too_long >= 4


def test_of_two_races_of_a_test_the_first_is_kept():
    race = "#   us  CPU 0 a  CPU 1 b\n#  0.0  f(): {}\n# again: make run ARCH=arm64\n"
    t = read(rec("START", n=1, name="a.b", kind="race") + race.format("first").encode()
             + race.format("second").encode())
    assert t.races == {"a.b": race.format("first").splitlines()}


def test_a_cpu_that_is_online_in_words_only():
    got = judge(read(GOOD), Ending(status=0), expect_cpus=4)
    assert got == (PASS, "")
    assert judge(read(GOOD), Ending(status=0), expect_cpus=5)[0] == FAIL


# ---- limits, logs, options, comparisons: pieces that whole runs hide ----

@pytest.fixture
def spec(project):
    project.board("fake", "pass")
    board = Boards(project.root / "boards").default("x86_64")
    return Spec(board=board, image=project.root, smp=4, limit=100.0, timeout=5.0,
                margin=2.0, power_off_timeout=3.0, boot_timeout=9.0)


def test_every_limit_runs_out(spec):
    silent, begun, ended = read(b""), read(GOOD[:GOOD.index(b"@START")]), read(GOOD)
    assert runner._limits(spec, silent, 9.0, 0.0) is None
    assert "no BEGIN record within 9 s" in runner._limits(spec, silent, 9.1, 0.0)
    assert runner._limits(spec, begun, 17.0, 10.0) is None
    assert "no record for 7 s" in runner._limits(spec, begun, 17.1, 10.0)
    assert "did not power off within 3 s" in runner._limits(spec, ended, 13.1, 10.0)
    assert "longer than 100 s" in runner._limits(spec, begun, 100.1, 100.0)


def test_a_log_is_whole_or_none(tmp_path):
    path, argv, end = tmp_path / "x.log", ["qemu", "-a b"], "PASS "
    data = b"## qemu '-a b'\n" + GOOD + b"\n## PASS \n"
    for text, there in ((data, True), (data[:-2], False), (data[1:], False),
                        (data.replace(b"PASS \n", b"FAIL \n"), False)):
        path.write_bytes(text)
        assert (read_log(path, argv, end) is not None) == there
    assert read_log(tmp_path / "none", argv, end) is None


@pytest.mark.parametrize("text,value", [("0", None), ("0.0", None), (".5", "0.5"), ("3600", "3600"),
                                        ("3601", None), ("1e3", None), ("-1", None), ("2.", None)])
def test_seconds_as_the_boot_line_wants_them(text, value):
    if value:
        assert _secs(text) == value
    else:
        with pytest.raises(argparse.ArgumentTypeError):
            _secs(text)


def test_a_build_that_does_not_exist_is_refused(monkeypatch):
    for name in FLAVOURS:
        monkeypatch.delenv(name, raising=False)
    assert flavour() == ""
    for name in FLAVOURS:
        monkeypatch.setenv(name, "typo")
        with pytest.raises(UserError, match=f"{name}=typo is none of"):
            flavour()
        monkeypatch.delenv(name)


def a_run(*tests, verdict="PASS"):
    return {"verdict": verdict, "reason": "", "provenance": "tcg", "tests": [
        {"name": n, "verdict": v, "reason": "", **more} for n, v, more in tests]}


def changed(a, b, factor=10):
    """(lines, kinds that are worse) between two runs."""
    found = list(diff.compare_runs(a, b, factor))
    return [c.text for c in found], [c.kind for c in found if c.kind]


@pytest.mark.parametrize("old,new,worse", [
    ("pass", "fail", ["failed"]), ("pass", "timeout", ["failed"]), ("pass", "crash", ["failed"]),
    ("pass", "skip", ["skip"]), ("fail", "pass", []), ("fail", "fail", []),
    ("skip", "fail", ["failed"]), ("fail", "skip", []), ("skip", "pass", [])])
def test_a_test_that_fails_or_is_skipped_now_is_worse(old, new, worse):
    lines, bad = changed(a_run(("a", old, {})), a_run(("a", new, {})))
    assert bad == worse and len(lines) == (old != new)


def test_what_is_gone_or_expected_otherwise_is_worse():
    a = a_run(("a", "pass", {"expected": "allow"}), ("b", "pass", {}))
    b = a_run(("a", "pass", {"expected": "forbid"}), ("c", "pass", {}))
    lines, bad = changed(a, b)
    assert sorted(lines) == ["a: expectation allow -> forbid", "only in A: b", "only in B: c"]
    assert sorted(bad) == ["expected", "gone"]
    assert changed(a, dict(a, verdict="CRASH"))[1] == ["failed"]
    assert changed(dict(a, verdict="CRASH"), a)[1] == []


@pytest.mark.parametrize("old,new,told", [
    (0, 19, 0), (1, 19, 0), (1, 20, 1), (20, 1, 1), (2, 20, 0), (2, 21, 1), (0, 20, 0)])
def test_rates_are_told_of_many_and_far_apart(old, new, told):
    a, b = (a_run(("a", "pass", {"result": "allowed-seen", "weak": weak, "iterations": 1000}))
            for weak in (old, new))
    assert len(changed(a, b)[0]) == told
    lines, bad = changed(a, dict(b, provenance="silicon"))
    assert len(lines) == 1 and "not compared" in lines[0] and not bad


def test_what_failed_is_run_again(spec):
    t = read(b"".join(rec("TEST", n=n, name=f"a.{n}", kind="assert", verdict=v)
                      for n, v in enumerate(("fail", "pass", "crash", "timeout", "skip"))))
    result = Result(spec, FAIL, "x", t, Ending(), [], Path("log"), 1.0)
    assert "TESTS=a.0,a.2,a.3 " in result.rerun()


@pytest.mark.parametrize("verdict,tag", [("fail", "failure"), ("crash", "error"),
                                         ("timeout", "error"), ("skip", "skipped"), ("pass", None)])
def test_junit_has_an_element_for_each_verdict(spec, verdict, tag):
    t = read(rec("TEST", n=1, name="a.b", kind="assert", verdict=verdict, reason="w\x01\x1by"))
    result = Result(spec, CRASH, "x", t, Ending(), [], Path("log"), 1.0)
    suite = ET.fromstring(junit(report.make_report([result]))).find("testsuite")
    assert {k: suite.get(k) for k in ("failures", "errors", "skipped")} == {
        "failures": str(int(tag == "failure")), "skipped": str(int(tag == "skipped")),
        "errors": str(int(tag == "error" or verdict in ("skip", "pass")))}  # else the machine
    case = suite.find("testcase")
    assert [e.tag for e in case] == ([tag] if tag else []) and case.get("name") == "a.b"


def test_an_isa_that_one_report_lacks_is_named(project):
    run = dict(a_run(("a", "pass", {"kind": "assert"})), arch="x86_64", machine="q35", accel="tcg",
               qemu="7", cpus_online=4, seed=1, build="x", duration_s=1.0, boot_s=None)
    both = {"format": report.FORMAT, "version": report.VERSION, "time": "", "host": {},
            "runs": [run, dict(run, arch="arm64")]}
    assert report.schema_errors(both) == []
    assert "version 2" in report.schema_errors(dict(both, version=2))[0]
    assert report.schema_errors(dict(both, runs=[dict(run, seed=True)])) == ["runs[0].seed is True"]
    litmus = {"name": "litmus.SB", "kind": "litmus", "verdict": "pass", "reason": ""}
    assert "iterations" in report.schema_errors(dict(both, runs=[dict(run, tests=[litmus])]))[0]
    for name, data in (("both", both), ("one", dict(both, runs=[run]))):
        (project.root / f"{name}.json").write_text(json.dumps(data))
    for old, new, side in (("both", "one", "A"), ("one", "both", "B")):
        done = project.run("diff", project.root / f"{old}.json", project.root / f"{new}.json")
        assert f"arm64: only in {side}" in done.stdout, done.stdout + done.stderr
        assert f"\n1 changes, {int(side == 'A')} of them" in done.stdout
        assert done.returncode == (side == "A")


@pytest.mark.parametrize("scenario,failed", [("pass", 0), ("ktap-liar", 1), ("garbage", 1)])
def test_make_check_wants_records_and_ktap_to_agree(project, scenario, failed):
    project.board("fake", scenario)
    checks = base.Checks(project.root, make_console(io.StringIO()))
    result = checks.machine(checks.boards.default("x86_64"), "self.*", show=False)
    assert (result.verdict == PASS) == (scenario != "ktap-liar")
    assert checks.judged(result).failed == failed


def test_a_report_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "report.json"
    path.write_text("old")

    def write_half(self, text, **_):
        with open(self, "w", encoding="utf-8") as f:
            f.write(text[:1])
        raise OSError("no space left")
    monkeypatch.setattr(Path, "write_text", write_half)
    with pytest.raises(OSError):
        write_file(path, "new")
    assert path.read_text() == "old"


def judged(data, **ending):
    return judge(read(data), Ending(**{"status": None if "shutdown" in ending else 0,
                                       **ending}))


BEGIN = rec("BEGIN", planned=1, cpus_online=4)


def test_a_boot_line_that_is_refused_says_all_that_is_wrong_with_it():
    t = read(rec("CONFIG", error="no such option: foo") + rec("CONFIG", error="secs= is big"))
    assert judge(t, Ending(status=0)) == \
        (CONFIG, "no such option: foo; secs= is big")


def test_a_run_that_never_ended_says_in_what_and_its_last_words():
    start = rec("START", n=1, name="a.one", kind="assert")
    words = b"y" * 120 + b"\n" + b"  \n"
    got, why = judged(BEGIN + start + words, timeout="no record for 9 s")
    assert got == TIMEOUT
    assert why == (HOST_GAVE_UP + "no record for 9 s during a.one; the last line was \"" +
                   "y" * 100 + "\"")
    assert judged(b"", timeout="nothing") == \
        (TIMEOUT, HOST_GAVE_UP + "nothing; the console stayed empty")


@pytest.mark.parametrize("data,ending,want,says", [
    (b"", {"status": 1, "stderr": "\nno such machine\n\nb\n \n"}, NOT_STARTED,
     "QEMU ended with status 1: no such machine"),
    (b"", {"status": 1, "stderr": "qemu: warning: old\nqemu: no such file\nqemu: failed\n"},
     NOT_STARTED, "QEMU ended with status 1: qemu: no such file"),
    (b"", {"status": 1}, TRUNCATED,
     "QEMU ended with status 1 and no END record before the kernel's first record"),
    (BEGIN, {"status": 1, "stderr": "some noise"}, TRUNCATED,
     "QEMU ended with status 1 and no END record"),
    (BEGIN, {"status": 0, "stderr": "some noise"}, TRUNCATED, "QEMU ended with status 0 and"),
    (BEGIN, {"status": -11}, TRUNCATED, "QEMU was killed by SIGSEGV;"),
    (BEGIN, {"status": -111}, TRUNCATED, "QEMU was killed by signal 111;"),
    (BEGIN, {"shutdown": "host-signal"}, TRUNCATED,
     "a signal from the host ended QEMU without an END record (QEMU: host-signal)"),
    (BEGIN, {"shutdown": "odd"}, TRUNCATED,
     "the machine ended without an END record (QEMU: odd)"),
    (b"# [0] error: no memory\n# error: more\n", {}, CRASH,
     "stopped before the first test: no memory"),
    (BEGIN + b"# error: no memory\n", {}, TRUNCATED, "QEMU ended with status 0"),
    (BEGIN + rec("START", n=1, name="a.one", kind="assert") + rec("CRASH", why="bad"), {},
     CRASH, "bad during a.one (the report is cut: no END)")])
def test_a_machine_that_went_without_an_end(data, ending, want, says):
    got, why = judged(data, **ending)
    assert got == want and why.startswith(says), why


def test_a_crash_lends_its_words_to_a_test_that_has_none():
    test = rec("TEST", n=1, name="a.one", kind="assert", verdict="crash")
    end = rec("END", planned=1, run=1, verdict="crash")
    crash = rec("CRASH", name="a.one", why="the list is broken")
    ok = b"not ok 1 a.one\n"
    assert judged(BEGIN + crash + ok + test + end) == (CRASH, "a.one: the list is broken")
    assert judged(BEGIN + ok + test + end) == (CRASH, "a.one: crash")


def test_how_many_more_have_failed():
    assert run_of(("a.one", "fail"), end="fail") == (FAIL, "a.one: why")
    assert run_of(("a.one", "fail"), ("a.four", "pass"), ("a.two", "fail"), ("a.three", "fail"),
                  end="fail")[1] == "a.one: why (and 2 more)"


def test_a_plan_that_is_no_number_is_none():
    t = read(GOOD)
    t.end["planned"] = "all"
    assert t.planned() == 1
    t.begin["planned"] = None
    assert t.planned() is None and t.missing() == 0


def test_the_last_test_without_an_end_has_left_nothing_out():
    test = rec("TEST", n=1, name="a.b", kind="assert", verdict="pass", last=True)
    t = read(rec("BEGIN", planned=3, cpus_online=4) + test)
    assert t.not_run() == 0 and t.missing() == 2
