# SPDX-License-Identifier: GPL-2.0-only
"""Cells, marks, orders and sentences of the matrix, one at a time; entries of a report."""
import pytest
from fp.report import matrix, report
from test_report import a_report, a_run, litmus, texts


def plain(**more):
    return {"name": "mm.fork", "kind": "assert", "verdict": "pass", "reason": "", **more}


NOBODY = litmus("X", "unknown", "unknown-unseen")
SEEN = litmus("X", result="allowed-seen", weak=1)
FORBIDDEN = litmus("X", "forbid", "forbidden-unseen")


EDGES = "po wmb rmb rel acq relacq addr data ctrl ctrlisync mb xchg".split()
ORDER = ["C2-a", "C10-a", "SB", "SB+po+po", "SB+wmb+wmb", "SB+mb+po", "SB+mb+mb", "SB+po+odd", "MP",
         *(f"MP+wmb+{edge}" for edge in EDGES), "LB", "S", "R", "2+2W", "CoRR", "CoWW", "CoRW",
         "CoWR", "WRC", "RWC", "WWC", "ISA2", "IRIW", "Z6", "3.SB", "PPO", "AAA", "atomic-xchg",
         "lock-MP"]


def test_rows_are_in_the_order_in_which_they_are_taught():
    run = a_run("arm64", *(litmus(n) for n in sorted(ORDER)), plain())
    assert matrix.litmus_names([run]) == ["litmus." + n for n in ORDER]


def walk(name, **more):
    return litmus("X", **more) | {"name": f"translation.{name}"}


def test_page_tables_are_counted_by_themselves():
    run = a_run("arm64", litmus("SB"), walk("B"), walk("A", result="allowed-seen", weak=1))
    assert matrix.litmus_names([run], translation=False) == ["litmus.SB"]
    assert matrix.litmus_names([run], translation=True) == ["translation.A", "translation.B"]
    assert len(matrix.litmus_names([run])) == 3
    first, second, _ = matrix.summary_counts([run]).split("\n")
    assert first.startswith("1 litmus tests on 1 ISAs; ") and "0 cells allowed and seen" in first
    assert second.startswith("2 tests of page tables on 1 ISAs; ")
    assert "1 cells allowed and seen, 1 allowed and never" in second
    alone = matrix.summary_counts([a_run("arm64", walk("A"))])
    assert alone.startswith("1 tests of page tables") and "\n" not in alone


def test_what_tcg_shows_of_page_tables_is_said_where_there_are_any():
    assert "TLB" in " ".join(matrix.provenance_notes([a_run("arm64", walk("A"))]))
    assert "TLB" not in " ".join(matrix.provenance_notes([a_run("arm64", litmus("SB"))]))


def test_columns_are_in_the_order_of_the_isas():
    runs = [a_run(a) for a in ("vax", "powerpc64", "x86_64")]
    assert [r["arch"] for r in matrix.columns(runs)] == ["x86_64", "powerpc64", "vax"]
    assert matrix.short_name("powerpc64") == "ppc64" and matrix.short_name("vax") == "vax"


def test_two_machines_of_an_isa_have_numbers():
    one = a_run("arm64", litmus("SB"), machine="virt")
    two = a_run("arm64", litmus("SB"), machine="a-board-with-a-long-name")
    assert matrix.label([one, two], two) == "arm64/a-board-with-a-long-name"
    assert matrix.label([one], one) == "arm64"
    assert matrix.column_heads([one, two], 12) == ["1 virt", "2 a-board-wi"]
    assert [line[:7] for line in texts(matrix.render_runs([one, two]))] == ["1 arm64", "2 arm64"]
    assert matrix.summary_counts([one, two]).startswith("1 litmus tests on 2 machines of 1 ISAs; ")


def test_what_a_provenance_can_show_is_said_of_it_alone():
    def said(*runs):
        return " ".join(matrix.provenance_notes(list(runs)))
    assert "By tcg" in said(a_run("arm64")) and "silicon" not in said(a_run("arm64"))
    both = said(a_run("arm64", provenance="silicon"), a_run("x86_64"))
    assert "By tcg" in both and "By silicon (arm64): the processor itself." in both
    assert "By tcg" not in said(a_run("arm64", provenance="silicon"))


def test_other_tests_are_counted_by_suite():
    one = a_run("x86_64", plain(), plain(name="mm.zap"), plain(name="rcu.a", verdict="skip",
                                                               reason="two CPUs"), litmus("SB"))
    two = a_run("arm64", plain(), plain(name="mm.zap", verdict="fail", reason="lost"),
                plain(name="mm.x", verdict="timeout", reason="hung"),
                plain(name="rcu.a", verdict="skip", reason="two CPUs"))
    lines = [" ".join(line.split()) for line in texts(matrix.render_others([two, one]))]
    assert lines == ["other tests x86_64 arm64", "mm 2 ok 2 FAIL of 3",
                     "rcu 0 ok 1 skip 0 ok 1 skip", "skip rcu.a: two CPUs",
                     "fail arm64 mm.zap: lost", "timeout arm64 mm.x: hung"]
    assert matrix.render_others([a_run("arm64", litmus("SB"))]) == []


def test_failures_of_litmus_tests_have_their_reasons():
    run = a_run("arm64", litmus("SB"), litmus("MP", verdict="fail") | {"reason": "seen"},
                litmus("LB", verdict="crash") | {"reason": "gone"}, plain(verdict="fail"))
    assert [" ".join(line.split()) for line in texts(matrix.render_failures([run]))] == [
        "fail arm64 litmus.MP: seen", "crash arm64 litmus.LB: gone"]


def test_what_produced_a_column():
    run = a_run("arm64", reason="one failed", cpus_online=None, verdict="FAIL")
    assert texts(matrix.render_runs([run])) == [
        "arm64      FAIL  m, ? CPUs online, seed 1, build b, tcg (QEMU 7.2), 1.0 s\n"
        "           one failed"]
    board = a_run("arm64", qemu="none", provenance="silicon")
    assert ", build b, silicon, 1.0 s" in texts(matrix.render_runs([board]))[0]


def test_the_foot_counts_cells():
    runs = [a_run("x86_64", SEEN, litmus("Y"), litmus("Z", result="known-defect", weak=3)),
            a_run("arm64", FORBIDDEN, litmus("Y", result="forbidden-seen", verdict="fail"))]
    assert matrix.summary_counts(runs) == (
        "3 litmus tests on 2 ISAs; the architectures differ in 2; 1 cells allowed and seen, "
        "1 allowed and never seen, 1 forbidden and seen, 1 by a known emulator defect\n"
        "0 of 1 cells allowed and seen are sure: seen 12 times or more, they show again in a run "
        "as long with 99.999 %")
    assert matrix.summary_counts([a_run("vax", NOBODY)]).endswith(", 1 of which nobody knows")


# ---- a report ----

def test_an_entry_has_what_the_record_says_and_no_more():
    record = {"n": 3, "name": "litmus.SB", "kind": "litmus", "verdict": "pass", "us": 12.5,
              "iterations": 7, "weak": 1, "result": "allowed-seen", "expected": "allow",
              "knobs": "far", "threads": 2, "racers": 4, "reason": None,
              "outcomes": [["0:r0=0", 7, 1], ["cut", 1], "odd", ["x", "7", 0]]}
    assert report.test_entry(record) == {
        "name": "litmus.SB", "kind": "litmus", "verdict": "pass", "reason": "", "us": 12.5,
        "iterations": 7, "weak": 1, "result": "allowed-seen", "threads": 2, "knobs": "far",
        "expected": "allow", "outcomes": [{"outcome": "0:r0=0", "count": 7, "weak": True}],
        "more": {"racers": 4}}
    assert report.test_entry(plain(us="soon", expected="maybe")) == {
        "name": "mm.fork", "kind": "assert", "verdict": "pass", "reason": "",
        "more": {"us": "soon"}}


@pytest.mark.parametrize("change,says", [
    ({}, None), ({"arch": 7}, "runs[0].arch is 7"), ({"seed": True}, "runs[0].seed is True"),
    ({"boot_s": None}, None), ({"boot_s": "1"}, "runs[0].boot_s is '1'"),
    ({"cpus_online": None}, None), ({"seed": None}, "runs[0].seed is None"),
    ({"duration_s": 2}, None), ({"provenance": "dream"}, "runs[0].provenance is 'dream'"),
    ({"tests": [7]}, "runs[0].tests[0] is not an object"),
    ({"tests": [plain(verdict="good")]}, "runs[0].tests[0].verdict is 'good'"),
    ({"tests": [plain(weak="1")]}, "runs[0].tests[0].weak is '1'"),
    ({"tests": [litmus("SB") | {"weak": 0.5}]}, "runs[0].tests[0].weak is 0.5"),
    ({"tests": [litmus("SB") | {"outcomes": [{"outcome": "x", "count": 1, "weak": 1}]}]},
     "runs[0].tests[0].outcomes[0].weak is 1"),
    ({"tests": [{k: v for k, v in litmus("SB").items() if k != "result"}]},
     "runs[0].tests[0] has no 'result'"),
    ({"verdict": "SKIP", "tests": [{"name": "litmus.SB", "kind": "litmus", "verdict": "skip",
                                    "reason": ""}]}, None)])
def test_what_is_wrong_with_a_report_is_named_with_its_place(change, says):
    got = report.schema_errors(a_report(a_run("arm64") | change))
    assert got == ([says] if says else [])


def test_a_report_of_another_sort_is_none():
    good = a_report()
    assert report.schema_errors(good) == []
    assert report.schema_errors(good | {"version": 2}) == [
        "it is 'fencepost-run' version 2, not 'fencepost-run' version 1"]
    assert "it is 'x' version 1" in report.schema_errors(good | {"format": "x"})[0]
    assert report.schema_errors({"runs": []}) and report.schema_errors([]) == [
        "the file is not an object"]
