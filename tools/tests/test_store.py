# SPDX-License-Identifier: GPL-2.0-only
"""results/: a directory a run, kept as it goes on, as its schema has it: nothing is lost."""
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import TOOL
from fp.base.errors import UserError
from fp.base.files import write_file
from fp.base.tables import read_table
from fp.base.text import age
from fp.record import records
from fp.record.console import Console
from fp.record.verdict import FAIL, PASS, Ending, judge
from fp.report import report, store
from fp.report.store import Store
from fp.transport.machine import Machine

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"


def validator(name="run"):
    """Of docs/schema/, with references between its files, and the formats that are named there."""
    jsonschema = pytest.importorskip("jsonschema")
    known = {json.loads(p.read_text())["$id"]: json.loads(p.read_text())
             for p in SCHEMAS.glob("*.json")}
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return kind(schema, resolver=jsonschema.RefResolver.from_schema(schema, store=known))


def errors(data, name="run"):
    return [f"{list(e.absolute_path)}: {e.message}" for e in validator(name).iter_errors(data)]


def saved(project, which="latest"):
    return json.loads((project.root / "results" / which / "run.json").read_text())


def cases(project, which="latest"):
    root = ET.parse(project.root / "results" / which / "junit.xml").getroot()
    return [(s.get("name"), c.get("name"), [x.tag for x in c]) for s in root
            for c in s.iter("testcase")]


def runs_of(project):
    return sorted(p.name for p in (project.root / "results").iterdir() if not p.is_symlink())


# ---- each command, and its schema ----

def test_a_run_that_is_killed_leaves_a_report_that_says_so(project):
    """SIGKILL, or the host goes down, before any machine has ended."""
    kept = Store(project.root, "run")
    data = report.read_json(kept.dir)
    assert data["state"] == "incomplete" and not data["runs"] and not errors(data)
    assert not (project.root / "results" / "latest").exists()
    done = project.run("show", str(kept.dir))
    assert done.returncode == 0 and "incomplete: it goes on, or its host" in done.stdout


@pytest.mark.parametrize("outcomes, more, why", [
    ([("a", 7, False), ("w", 3, True)], 0, ""), ([("a", 5, False), ("w", 3, True)], 1, ""),
    ([("a", 5, False), ("w", 3, True)], 0, "8 outcomes in the histogram, not 10"),
    ([("a", 9, False), ("w", 3, True)], 1, "12 outcomes in the histogram, not 10"),
    ([("a", 8, False), ("w", 2, True)], 0, "2 weak outcomes in the histogram, not 3"),
    ([("a", 15, False), ("w", -5, True)], 0, "an outcome that was seen less than never"),
    ([("a", "5", False), ("w", 2, True)], 0, ""), ([], 0, "")])
def test_a_histogram_adds_up(outcomes, more, why):
    rec = {"iterations": 10, "weak": 3, "result": "allowed-seen"}
    names = ("outcome", "count", "weak")
    assert records.sums_of_litmus({**rec, "outcomes": [list(o) for o in outcomes],
                                   "outcomes_omitted": more}) == why
    assert records.sums_of_litmus({**rec, "outcomes": [dict(zip(names, o)) for o in outcomes],
                                   "more": {"outcomes_omitted": more}}) == why


@pytest.mark.parametrize("label, weak, why", [
    ("0:r0=0 1:r0=2 g=1", True, ""), ("0:r0=0 1:r0=2 g=0", False, ""),
    ("0:r0=0 1:r0=2 l=1", True, "outcome '0:r0=0 1:r0=2 l=1' is called weak"),
    ("0:r0=0 1:r0=2 g=1", False, "outcome '0:r0=0 1:r0=2 g=1' is not called weak")])
def test_weak_outcomes_are_those_of_the_condition(label, weak, why):
    rec = {"name": "litmus.T", "kind": "litmus", "verdict": "pass", "expected": "allow", "row": "T",
           "iterations": 4, "weak": 4 * weak, "result": f"allowed-{'seen' if weak else 'unseen'}",
           "outcomes": [[label, 4, int(weak)]], "weak_outcome": "0:r0=0 /\\ g=1"}
    assert records.check_members("TEST", rec) == (why or None)
    assert records.check_members("TEST", {**rec, "weak_outcome": "some sentence"}) is None


def test_compare_is_kept_as_the_schema_has_it(project):
    project.four("pass", arm64="killed", riscv64="forbidden", powerpc64="crash")
    done = project.run("compare")
    data = saved(project)
    assert errors(data) == [] and report.schema_errors(data) == []
    assert (data["command"], data["state"], data["why"]) == ("compare", "complete", "")
    assert data["argv"][-1] == "compare" and data["ended"] >= data["time"]
    assert [r["verdict"] for r in data["runs"]] == ["PASS", "TRUNCATED", "FAIL", "CRASH"]
    assert data["runs"][1]["tail"] and "tail" not in data["runs"][0]
    name = runs_of(project)[0]
    assert name.endswith("-compare") and f"results/{name}/" in done.stdout
    assert Path(data["runs"][0]["log"]).parent == project.root / "results" / name / "log"


def test_run_writes_json_and_junit_too(project):
    project.board("fake", "fail")
    done = project.run("run")
    data = saved(project)
    assert errors(data) == [] and data["command"] == "run" and "results: " in done.stdout
    bad = [t for t in data["runs"][0]["tests"] if t["verdict"] == "fail"]
    assert all("make run" in t["rerun"] for t in bad)
    assert len(cases(project)) >= len(data["runs"][0]["tests"])


def test_thread_is_kept_as_its_schema_has_it(project):
    project.four("thread")
    project.run("thread", "--arch", "arm64", "--quick", "--variants", "V0", timeout=60)
    data = saved(project)
    assert errors(data) == [] and errors(data["thread"], "thread") == []
    assert data["thread"]["rows"] and saved(project, "latest-thread") == data


@pytest.mark.parametrize("change,where", [
    ({"state": "done"}, "state"), ({"runs": [{}]}, "runs"), ({"time": 7}, "time"),
    ({"state": "incomplete", "why": ""}, "why"), ({"format": "x"}, "format")])
def test_the_schema_refuses(change, where):
    data = {**report.make_report([]), **change}
    found = errors(data)
    assert found and where in found[0]


# ---- no run is lost to another ----

def test_a_mistyped_glob_overwrites_nothing(project):
    project.four("pass")
    project.run("compare", "--arch", "x86_64")
    before = os.readlink(project.root / "results" / "latest")
    project.four("config")
    project.run("compare", "--arch", "x86_64", "--tests", "litmus.NONE")
    assert len(runs_of(project)) == 2
    assert os.readlink(project.root / "results" / "latest") == before
    assert saved(project)["runs"][0]["verdict"] == "PASS"


def test_each_run_has_a_directory(tmp_path):
    names = [Store(tmp_path, "run").dir.name for _ in range(3)]
    assert len(set(names)) == 3


def test_output_is_not_overwritten(project):
    project.board("fake", "pass")
    assert project.run("run", "--output", project.root / "mine").returncode == 0
    assert (project.root / "mine" / "run.json").is_file()
    assert not (project.root / "results").exists()
    done = project.run("run", "--output", project.root / "mine")
    assert done.returncode == 2 and "would be overwritten" in done.stderr


def test_latest_is_never_put_in_the_place_of_a_file(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "latest").write_text("mine")
    with Store(tmp_path, "run") as kept:
        kept.put(bench={})
        kept.complete()
    assert (tmp_path / "results" / "latest").read_text() == "mine"


# ---- the end comes early ----

def started(project, *args):
    return subprocess.Popen([TOOL, "--root", project.root, *args], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL)


def wait_for(what, secs=100):
    end = time.monotonic() + secs
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_what_had_ended_is_kept_and_printed(project, signum):
    project.four("pass", arm64="hang")
    tool = started(project, "compare", "--arch", "x86_64,arm64,riscv64")
    log = project.root / "results"
    wait_for(lambda: any(b"@START" in p.read_bytes() for p in log.glob("*/log/arm64*.log")))
    tool.send_signal(signum)
    out, _ = tool.communicate(timeout=100)
    data = saved(project)
    assert tool.returncode == 128 + signum
    assert errors(data) == [] and (data["state"], data["why"]) == ("incomplete", "interrupted")
    assert [r["verdict"] for r in data["runs"]] == ["PASS", "TRUNCATED"]
    assert data["runs"][1]["reason"] == "it was interrupted"
    assert "litmus test" in out and "(incomplete)" in out
    assert ("compare", "complete", ["error"]) in cases(project)


def test_what_was_killed_says_that_it_is_incomplete(project):
    project.four("pass", arm64="hang")
    tool = started(project, "compare", "--arch", "x86_64,arm64")
    wait_for(lambda: (project.root / "results" / "latest" / "run.json").is_file())
    tool.kill()
    tool.communicate(timeout=100)
    data = saved(project)
    assert data["state"] == "incomplete" and len(data["runs"]) == 1 and data["ended"] is None


def test_a_full_disk_ends_no_run(project, monkeypatch, capsys):
    project.board("fake", "pass")
    kept = Store(project.root, "run")
    monkeypatch.setattr(store, "write_file", full)
    monkeypatch.setattr(report, "write_file", full)
    with kept:
        kept.put(bench={})
        kept.complete()
    assert "No space left on device" in kept.where() and "could not be kept" in kept.where()
    assert not (project.root / "results" / "latest").is_symlink()


def full(path, text):
    raise OSError(28, "No space left on device", str(path))


def test_half_a_file_is_taken_away(tmp_path, monkeypatch):
    monkeypatch.setattr(Path, "write_text", lambda self, text, **_: full(self, self.touch()))
    with pytest.raises(OSError):
        write_file(tmp_path / "x", "text")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="/dev/full is not there")
def test_a_log_on_a_full_disk_ends_no_run(project, tmp_path):
    from fp.run.log import Log
    log = Log(open("/dev/full", "wb", buffering=0))
    log.write(b"x" * 100)
    log.end(b"end")
    assert log.trouble == "No space left on device"


def test_a_log_is_bounded(tmp_path, monkeypatch):
    from fp.run import log as logs
    monkeypatch.setattr(logs, "LOG_MAX", 1000)
    with logs.Log(open(tmp_path / "x", "wb", buffering=0)) as log:
        for _ in range(50):
            log.write(b"y" * 100)
        log.end(b"\n## PASS \n")
    text = (tmp_path / "x").read_bytes()
    assert len(text) < 1100 and b"not kept" in text and text.endswith(b"## PASS \n")


def test_an_exception_is_named(tmp_path):
    with pytest.raises(UserError), Store(tmp_path, "run") as kept:
        raise UserError("no such thing")
    data = json.loads((kept.dir / "run.json").read_text())
    assert (data["state"], data["why"]) == ("incomplete", "UserError: no such thing")


def test_clean_leaves_results_alone():
    make = Path(__file__).resolve().parents[2] / "Makefile"
    assert "results" not in make.read_text().partition("\nclean:")[2]
    assert shutil.which("git")


# ---- what does not add up, or is no text ----

def a_test(**more):
    return {"name": "litmus.SB", "kind": "litmus", "verdict": "pass", "reason": "", "weak": 5,
            "iterations": 10, "expected": "allow", "result": "allowed-seen", "outcomes": [], **more}


def run_of(*tests, **more):
    return {"arch": "arm64", "machine": "m", "provenance": "tcg", "accel": "tcg", "qemu": "7",
            "verdict": "PASS", "reason": "", "cpus_online": 4, "seed": 1, "build": "b",
            "duration_s": 1.0, "boot_s": 0.1, "tests": list(tests), **more}


@pytest.mark.parametrize("run,words", [
    (run_of(a_test()), None), (run_of(a_test(verdict="fail")), "says PASS, though litmus.SB"),
    (run_of(a_test(verdict="skip")), "no test passed"),
    (run_of(planned=1, missing=1, not_run=0), "of 1 tests it has 0"),
    (run_of(a_test(), planned=2, missing=0, not_run=0), "of 2 tests"),
    (run_of(a_test(), planned=2, missing=1, not_run=0), "of 2 tests it has 1"),
    (run_of(a_test(), planned=2, missing=0, not_run=1), None),
    (run_of(a_test(weak=11)), "11 weak outcomes in 10"), (run_of(a_test(weak=-1)), "-1 weak"),
    (run_of(a_test(weak=0)), "result 'allowed-seen' with 0"),
    (run_of(a_test(result="forbidden-unseen", expected="forbid")), "with 5 weak")])
def test_a_file_that_does_not_add_up_is_refused(run, words):
    found = report.schema_errors({**report.make_report([]), "runs": [run]})
    assert (words is None) == (found == []) and words in "".join(found) if words else not found


@pytest.mark.parametrize("members", [{"weak": 2000000}, {"weak": 0}])
def test_a_record_that_does_not_add_up_is_lost(members):
    rec = {"n": 1, "name": "litmus.SB", "kind": "litmus", "verdict": "pass", "iterations": 1000000,
           "weak": 5, "result": "allowed-seen", "expected": "allow"}
    assert records.read_record(records.seal("TEST", rec))
    with pytest.raises(records.Refused, match="weak outcomes"):
        records.read_record(records.seal("TEST", {**rec, **members}))


@pytest.mark.parametrize("counts,verdict", [({}, PASS), ({"pass": 1, "skip": 0}, PASS),
                                            ({"pass": 2}, FAIL), ({"fail": 1}, FAIL)])
def test_an_end_that_does_not_add_up_is_no_pass(counts, verdict):
    console = Console()
    for kind, rec in (("BEGIN", {"planned": 1}),
                      ("TEST", {"n": 1, "name": "a.b", "kind": "assert", "verdict": "pass"}),
                      ("END", {"planned": 1, "run": 1, "verdict": "pass", **counts})):
        console.feed((records.seal(kind, rec) + "\n").encode())
    assert judge(console.t, Ending())[0] == verdict


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '{"a": 1e999}',
                                  '{"a": "\\ud800"}', '{"\\udfff": 1}'])
def test_no_number_or_text_gets_in_that_cannot_be_written(text):
    with pytest.raises(ValueError):
        records.loads(text)


def test_a_name_commands_no_terminal(tmp_path):
    evil = "x\\u001b[2J\\u001b]0;title\\u0007\\u009b31m\\u202ey\\u2066"
    assert records.loads(f'{{"{evil}": ["{evil}"]}}') == {"xy": ["xy"]}
    with pytest.raises(records.Refused, match="no name of a test"):
        records.read_record(records.seal("START", {"n": 1, "name": "a\nb"}))
    data = {**report.make_report([]), "runs": [run_of(a_test(name="a\x1b[2Jb"))]}
    (tmp_path / "run.json").write_text(json.dumps(data))
    assert report.read_json(tmp_path)["runs"][0]["tests"][0]["name"] == "ab"
    assert "name" in errors({**data, "runs": [run_of(a_test(name="a\x1bb"))]})[0]


def test_a_board_s_file_and_qemu_command_no_terminal(tmp_path):
    for key, value in (("x", '"a\\u001b[2Jb"'), ("y", '["a", "\\u0007"]')):
        (tmp_path / "a.toml").write_text(f"{key} = {value}\n")
        with pytest.raises(UserError, match=f"'{key}' has control characters"):
            read_table(tmp_path / "a.toml", {"x": str, "y": list}, ())
    program = r"import sys; sys.stderr.write('bad \x1b[31moption\n')"
    with Machine([sys.executable, "-c", program]) as m:
        while m.running():
            m.read(5)
        m.wait(5)
    assert m.ending.stderr == "bad option\n"


@pytest.mark.parametrize("secs,words", [(0, "0 seconds old"), (119, "119 seconds old"),
                                        (7199, "119 minutes old"), (7200, "2 hours old"),
                                        (400000, "4 days old"), (-50, "0 seconds old")])
def test_ages_in_words(monkeypatch, secs, words):
    monkeypatch.setattr("fp.base.text.time.time", lambda: 1e9 + secs)
    assert age(1e9) == words
