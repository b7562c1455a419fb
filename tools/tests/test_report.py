# SPDX-License-Identifier: GPL-2.0-only
"""compare, its matrix and its files, and diff, over a fake QEMU."""
import copy
import json
import xml.etree.ElementTree as ET

import pytest
from fp.report import matrix, report
from fp.report.cells import rate_text


def compared(project, *args):
    done = project.run("compare", *args)
    path = project.root / "results" / "latest" / "run.json"
    return done, json.loads(path.read_text()) if path.is_file() else None


def litmus(name, expected="allow", result="allowed-unseen", weak=0, verdict="pass"):
    return {"name": f"litmus.{name}", "kind": "litmus", "verdict": verdict, "reason": "",
            "iterations": 1000000, "weak": weak, "expected": expected, "result": result,
            "outcomes": [{"outcome": "0:r0=0", "count": weak, "weak": True},
                         {"outcome": "0:r0=1", "count": 1000000 - weak, "weak": False}]}


def a_run(arch, *tests, **more):
    return {"arch": arch, "machine": "m", "provenance": "tcg", "accel": "tcg", "qemu": "7.2",
            "verdict": "PASS", "reason": "", "cpus_online": 4, "seed": 1, "build": "b",
            "duration_s": 1.0, "boot_s": 0.1, "tests": list(tests), **more}


def a_report(*runs):
    return {"format": "fencepost-run", "version": 1, "time": "2026-01-01T00:00:00+00:00",
            "host": {}, "runs": list(runs)}


def texts(lines):
    return [line.plain for line in lines]


def test_compare_prints_a_matrix_and_writes_the_report(project):
    project.four("pass", arm64="arm")
    done, data = compared(project)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "litmus test x86_64 arm64 riscv64 powerpc64" in lines
    assert "SB A often 1.0M A seldom 1.0M A often 1.0M A often 1.0M" in lines
    assert "s MP+po+rmb A never ≤3 A rare 99% A never ≤3 A never ≤3" in lines
    assert any("FD seldom 1.0M" in line for line in lines)
    assert report.schema_errors(data) == []
    assert [r["arch"] for r in data["runs"]] == ["x86_64", "arm64", "riscv64", "powerpc64"]
    run = data["runs"][0]
    assert run["provenance"] == "tcg" and run["cpus_online"] == 4 and run["qemu"] == "7.2.99"
    assert run["seed"] == 1 and run["build"] == "abc123"
    sb = run["tests"][0]
    assert sb["expected"] == "allow" and sb["result"] == "allowed-seen" and sb["weak"] == 12345
    assert sb["outcomes"][0] == {"outcome": "0:r0=0 1:r0=0", "count": 12345, "weak": True}


def test_compare_goes_on_after_a_failed_machine(project):
    project.four("pass", arm64="killed", riscv64="forbidden")
    done, data = compared(project)
    assert done.returncode == 1
    assert "arm64: TRUNCATED; again: make run ARCH=arm64" in done.stdout
    assert "F! rare" in " ".join(done.stdout.split())
    assert [r["verdict"] for r in data["runs"]] == ["PASS", "TRUNCATED", "FAIL", "PASS"]


def test_compare_when_no_machine_can_start(project):
    project.four("refuses")
    done, data = compared(project)
    assert done.returncode == 2 and "NOT-STARTED" in done.stdout
    assert data is None  # nothing was found: `latest` leads where it led


def test_compare_some_isas(project):
    project.four()
    done, data = compared(project, "--arch", "arm64,riscv64")
    assert done.returncode == 0 and len(data["runs"]) == 2


def test_junit_has_a_case_a_test_and_one_for_a_lost_machine(project):
    project.four("pass", arm64="killed", riscv64="forbidden", powerpc64="crash")
    compared(project)
    root = ET.parse(project.root / "results" / "latest" / "junit.xml").getroot()
    suites = {s.get("name").split(".")[0]: s for s in root}
    assert suites["x86_64"].get("tests") == "4" and suites["x86_64"].get("failures") == "0"
    assert suites["riscv64"].get("failures") == "1"
    assert suites["powerpc64"].get("errors") == "1"
    assert suites["arm64"].get("errors") == "1"
    assert suites["arm64"].findall("testcase")[-1].get("name") == "machine"
    assert suites["riscv64"].find(".//failure").text.startswith("again: make run ARCH=riscv64")


def test_xml_takes_any_console_text(project):
    project.board("fake", "garbage")
    done = project.run("compare", "--arch", "x86_64")
    assert done.returncode == 0
    ET.parse(project.root / "results" / "latest" / "junit.xml")


def other(name, verdict):
    return {"name": name, "kind": "assert", "verdict": verdict, "reason": "why"}


def test_what_did_not_pass_is_counted_and_named():
    bad = ("fail", "timeout", "crash")
    run = a_run("arm64", other("a.x", "pass"), *(other(f"a.{v}", v) for v in (*bad, "skip")),
                *(litmus(v, verdict=v) for v in bad))
    lines = [" ".join(line.split()) for line in texts(matrix.render_others([run]))]
    assert lines[1] == "a 3 FAIL of 5"
    assert lines[2:] == [f"{v} arm64 a.{v}: why" for v in (*bad, "skip")]
    names = [line.split()[0] for line in texts(matrix.render_failures([run]))]
    assert names == ["fail", "timeout", "crash"]
    defect = a_run("x86_64", litmus("SB", "forbid", "known-defect", 4))
    assert matrix.summary_counts([defect]).endswith("1 by a known emulator defect")


def test_order_of_rows():
    names = ["WRC", "SB+mb+mb", "MP", "C10-SB", "lock-MP", "SB+po+mb", "SB", "2+2W+po+wmb",
             "C2-rcu", "S", "S+wmb+acq"]
    assert sorted(names, key=matrix.sort_key) == [
        "C2-rcu", "C10-SB", "SB", "SB+po+mb", "SB+mb+mb", "MP", "S", "S+wmb+acq", "2+2W+po+wmb",
        "WRC", "lock-MP"]


@pytest.mark.parametrize("weak,iterations,text", [
    (0, 100, "-"), (5, 0, "-"), (1, 1, "1000k/M"), (12345, 10**6, "12k/M"), (1234, 10**6, "1.2k/M"),
    (999, 10**6, "1.0k/M"), (42, 10**6, "42/M"), (7, 10**6, "7.0/M"), (1, 10**7, "0.1/M"),
    (1, 10**9, "<.1/M")])
def test_rates_are_short(weak, iterations, text):
    assert rate_text(weak, iterations) == text


# ---- diff ----

def save(path, data):
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    return path


def diffed(project, a, b, *args):
    (project.root / "boards" / "x.toml").write_text("")
    return project.run("diff", save(project.root / "a.json", a), save(project.root / "b.json", b),
                       *args)


def test_diff_of_the_same_is_empty(project):
    data = a_report(a_run("x86_64", litmus("SB", weak=100, result="allowed-seen")))
    done = diffed(project, data, data)
    assert done.returncode == 0 and "no change" in done.stdout


def test_diff_names_what_changed(project):
    a = a_report(a_run("x86_64", litmus("SB", weak=100, result="allowed-seen"),
                       litmus("MP"), litmus("R", weak=10000, result="allowed-seen"),
                       litmus("gone")))
    b = copy.deepcopy(a)
    tests = b["runs"][0]["tests"]
    tests[0] = litmus("SB", weak=500, result="allowed-seen")  # five times: says nothing
    tests[1] = litmus("MP", weak=3, result="allowed-seen")
    tests[2] = litmus("R", weak=100, result="allowed-seen")
    tests[3] = litmus("new")
    done = diffed(project, a, b)
    assert done.returncode == 1 and "[gone]" in done.stdout
    assert diffed(project, a, b, "--allow", "gone").returncode == 0
    assert "litmus.SB" not in done.stdout
    assert "litmus.MP: allowed-unseen -> allowed-seen" in done.stdout
    assert "litmus.R: rate 10k/M -> 100/M" in done.stdout
    assert "only in A: litmus.gone" in done.stdout and "only in B: litmus.new" in done.stdout
    assert "litmus.SB: rate" in diffed(project, a, b, "--factor", "2").stdout


def test_diff_tells_new_failures_by_its_status(project):
    a = a_report(a_run("x86_64", litmus("SB")))
    b = copy.deepcopy(a)
    b["runs"][0]["verdict"] = "FAIL"
    b["runs"][0]["tests"][0]["verdict"] = "fail"
    assert diffed(project, a, b).returncode == 1
    assert diffed(project, b, a).returncode == 0


def test_diff_never_compares_rates_of_different_origin(project):
    a = a_report(a_run("x86_64", litmus("SB", weak=10000, result="allowed-seen")))
    b = a_report(a_run("x86_64", litmus("SB"), provenance="silicon"))
    done = diffed(project, a, b)
    assert "tcg -> silicon" in done.stdout and "not compared" in done.stdout
    assert "litmus.SB" not in done.stdout


@pytest.mark.parametrize("text,words", [
    ("", "not JSON"), ("{", "not JSON"), ("[]", "not an object"), ("{}", "has no 'format'"),
    ('{"format":"x","version":1,"time":"","host":{},"runs":[]}', "not 'fencepost-run'"),
    (json.dumps(a_report({"arch": 1})), "runs[0]"),
    (json.dumps(a_report(a_run("x86_64", {"name": "x"}))), "tests[0] has no 'kind'"),
    (json.dumps(a_report(a_run("x86_64", provenance="guess"))), "provenance"),
    ("[" * 100000, "more than 32 levels"),
    ('{"format":' + "1" * 5000 + "}", "not a run.json"),
    (json.dumps(a_report(a_run("x86_64", {"name": "x", "kind": "race", "verdict": "pass",
                                          "reason": "", "weak": "many"}))), "weak is 'many'"),
])
def test_diff_refuses_a_bad_file_in_one_sentence(project, text, words):
    done = diffed(project, text, a_report())
    assert done.returncode == 2
    assert words in done.stderr and "a.json" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_diff_of_a_missing_file(project):
    done = project.run("diff", "nowhere.json", "nowhere.json")
    assert done.returncode == 2 and "nowhere.json: cannot read" in done.stderr
