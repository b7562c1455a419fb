# SPDX-License-Identifier: GPL-2.0-only
"""diff as a gate: what is worse is named with its kind and fails, unless that kind is allowed."""
import copy
import json

import pytest
from fp.base.errors import UserError
from fp.report import diff, report
from test_report import a_run, litmus, other


def saved(*runs, **more):
    return {**report.make_report([]), "runs": list(runs), **more}


def gate(project, a, b, *args):
    for name, data in (("a", a), ("b", b)):
        (project.root / name).mkdir(exist_ok=True)
        (project.root / name / "run.json").write_text(json.dumps(data))
    return project.run("diff", project.root / "a", project.root / "b", *args)


BASE = saved(a_run("x86_64", litmus("SB"), other("mm.a", "pass")), a_run("arm64", litmus("SB")))


def without_isa(data):
    del data["runs"][1]


def without_test(data):
    del data["runs"][0]["tests"][1]


def skipped(data):
    data["runs"][0]["tests"][1]["verdict"] = "skip"


def flipped(data):
    data["runs"][0]["tests"][0].update(expected="forbid", result="forbidden-unseen")


def failed(data):
    data["runs"][0]["tests"][1]["verdict"] = "fail"
    data["runs"][0]["verdict"] = "FAIL"


def cut(data):
    data.update(state="incomplete", why="interrupted")


@pytest.mark.parametrize("change,kind,words", [
    (without_isa, "isa", "arm64: only in A"), (without_test, "gone", "only in A: mm.a"),
    (skipped, "skip", "mm.a: pass -> skip"), (flipped, "expected", "expectation allow -> forbid"),
    (failed, "failed", "mm.a: pass -> fail"), (cut, "incomplete", "B is incomplete")])
def test_each_kind_fails_unless_it_is_allowed(project, change, kind, words):
    b = copy.deepcopy(BASE)
    change(b)
    done = gate(project, BASE, b)
    assert done.returncode == 1 and words in done.stdout and f"[{kind}]" in done.stdout
    done = gate(project, BASE, b, "--allow", kind)
    assert done.returncode == 0 and f"[{kind}, allowed]" in done.stdout, done.stdout
    others = ",".join(k for k in diff.KINDS if k != kind)
    assert gate(project, BASE, b, "--allow", others).returncode == 1
    assert gate(project, b, BASE).returncode == (change is flipped)


def test_a_kind_that_nobody_knows_is_refused(project):
    done = gate(project, BASE, BASE, "--allow", "gone,gnoe")
    assert done.returncode == 2 and "--allow gnoe" in done.stderr


def test_all_that_is_gone_is_named_or_counted():
    old = {f"a.{n}": {} for n in range(25)}
    change, = diff.presence(old, {})
    assert change.kind == "gone" and "a.19 and 5 more" in change.text


# ---- any two runs ----

def test_machines_are_paired_by_what_they_are():
    a = [a_run("arm64", machine="virt", cpu="a53"), a_run("arm64", machine="virt", cpu="a72"),
         a_run("arm64", machine="raspi3b", cpu="a53")]
    b = [a[2], a[1], a_run("arm64", machine="virt", cpu="max"), a_run("x86_64")]
    found = [(x and (x["machine"], x.get("cpu")), y and (y["machine"], y.get("cpu")))
             for x, y in diff.pairs(a, b)]
    assert found == [(("virt", "a53"), ("virt", "max")), (("virt", "a72"), ("virt", "a72")),
                     (("raspi3b", "a53"), ("raspi3b", "a53")), (None, ("m", None))]


def test_two_machines_of_one_isa_are_compared(project):
    a = saved(a_run("arm64", litmus("SB"), machine="virt"))
    b = saved(a_run("arm64", litmus("SB", weak=7, result="allowed-seen"), machine="raspi3b"))
    done = gate(project, a, b)
    assert done.returncode == 0
    assert "arm64 virt -> raspi3b litmus.SB: allowed-unseen -> allowed-seen" in done.stdout


def test_two_machines_of_one_file(project, tmp_path):
    both = saved(a_run("arm64", litmus("SB"), machine="virt"),
                 a_run("arm64", litmus("SB", weak=7, result="allowed-seen"), machine="raspi3b"))
    assert gate(project, both, both).stdout.count("litmus.SB") == 0
    path = project.root / "a"
    done = project.run("diff", f"{path}:virt", f"{path}:raspi3b")
    assert "allowed-unseen -> allowed-seen" in done.stdout, done.stderr
    with pytest.raises(UserError, match="no run in it is of the machine or ISA 'q35'"):
        diff.read(f"{path}:q35")


def row(result="caught", ok=True, **more):
    return {"arch": "arm64", "variant": "V0", "mechanism": "reuse", "mode": "forced",
            "flavour": "classic", "test": "rmap.v0.reuse", "result": result, "ok": ok, **more}


def test_the_thread_is_compared_by_rows_and_claims():
    claim = {"arch": "arm64", "claim": "C1", "result": "confirmed", "ok": True}
    a = {"rows": [row(), row(mode="free", mechanism="free")], "claims": [claim]}
    assert list(diff.thread_changes(a, a)) == []
    b = {"rows": [row("missed", False)], "claims": [dict(claim, result="skipped")]}
    assert [(c.text, c.kind) for c in diff.thread_changes(a, b)] == [
        ("only in A: arm64 V0 free rcu=classic", "gone"),
        ("arm64 V0 reuse: caught -> missed", "failed"),
        ("arm64 C1: confirmed -> skipped", "skip")]
    gone = list(diff.changes(saved(thread=a), saved(), 10))
    assert [(c.text, c.kind) for c in gone] == [("thread: only in A", "gone")]


def step(name, passed=1, failed=0, skipped=0):
    return {"name": name, "passed": passed, "failed": failed, "skipped": skipped}


def test_steps_of_make_check_are_compared():
    a = [step("a"), step("b"), step("c"), step("d")]
    b = [step("a", failed=1), step("b", 0, 0, 1), step("c", 1, 0, 3)]
    assert [(c.text, c.kind) for c in diff.step_changes(a, b)] == [
        ("only in A: d", "gone"), ("a: pass -> fail", "failed"), ("b: pass -> skip", "skip")]


@pytest.mark.parametrize("new,told", [(100, 0), (140, 0), (160, 1), (60, 1), (70, 0)])
def test_figures_of_benchmarks_are_told_if_they_are_far_apart(new, told):
    a, b = (a_run("arm64", {**other("bench.slab", "pass"), "kind": "bench", "more": {"ns": ns}})
            for ns in (100, new))
    found = list(diff.compare_runs(a, b, 10))
    assert len(found) == told and not any(c.kind for c in found)
    assert all("ns 100 ->" in c.text for c in found)


def test_compare_shows_two_machines_of_one_isa(project):
    project.board("one", "pass", arch="arm64").board("two", "arm", arch="arm64", default=False)
    done = project.run("compare", "--arch", "arm64", "--machine", "one,two")
    assert done.returncode == 0, done.stdout + done.stderr
    runs = json.loads((project.root / "results" / "latest" / "run.json").read_text())["runs"]
    assert [r["machine"] for r in runs] == ["one", "two"]
    assert "1 one" in done.stdout and "2 two" in done.stdout
