# SPDX-License-Identifier: GPL-2.0-only
"""Cells, marks and folded lines of the litmus tests' table."""
import pytest
from fp.litmus import cells
from fp.report import litmus_table as table
from fp.report import matrix
from test_report import a_run, litmus, texts

MILLION, UP_TO = "1.0M", "≤3"


def tainted(test, by="thunderx-27456"):
    return test | {"more": (test.get("more") or {}) | {"tainted": by}}


def late(test, of=4, late_ones=2):
    return test | {"more": {"slices": of, "slices_late": late_ones}}


@pytest.mark.parametrize("test,words,style", [
    (None, [], "dim"),
    (litmus("SB", result="allowed-seen", weak=12345), ["A", "often", MILLION], "green"),
    (litmus("SB", result="allowed-seen", weak=9999), ["A", "seldom", MILLION], "green"),
    (litmus("SB", result="allowed-seen", weak=99), ["A", "rare", MILLION], "green"),
    (litmus("SB", result="allowed-seen", weak=11), ["A", "rare", "99%"], "green"),
    (litmus("SB", result="allowed-seen", weak=12), ["A", "rare", MILLION], "green"),
    (litmus("SB"), ["A", "never", UP_TO], "default"),
    (litmus("SB", "forbid", "forbidden-unseen"), ["F", "never", MILLION], "dim"),
    (litmus("SB", "forbid", "forbidden-seen", 7, "fail"), ["F!", "rare", MILLION], "bold red"),
    (litmus("SB", "forbid", "known-defect", 400), ["FD", "seldom", MILLION], "magenta"),
    (litmus("SB", "unknown", "unknown-seen", 3), ["?", "rare", "95%"], "yellow"),
    (litmus("SB", verdict="fail"), ["A", "never", "FAIL"], "bold red"),
    (litmus("SB", "forbid", "forbidden-unseen", verdict="fail"), ["F", "never", "FAIL"],
     "bold red"),
    (litmus("SB", verdict="timeout"), ["TIMEOUT"], "bold red"),
    (litmus("SB", result="allowed-seen", weak=5, verdict="crash"), ["CRASH"], "bold red"),
    ({"verdict": "skip"}, ["skip"], "yellow"), ({"verdict": "fail"}, ["FAIL"], "bold red"),
    (late(litmus("SB")), ["A", "never", UP_TO + "~"], "default"),
    (late(litmus("SB"), late_ones=1), ["A", "never", UP_TO], "default"),
    (tainted(litmus("SB")), ["A", "never", UP_TO + "e"], "default"),
    (tainted(late(litmus("SB", result="allowed-seen", weak=12345))),
     ["A", "often", MILLION + "e"], "green"),
    (litmus("SB", result="odd-seen", weak=7), ["?", "rare", MILLION], "default")])
def test_a_cell(test, words, style):
    text, got = table.cell_text(test)
    assert text.split() == words and got == style
    assert len(text) <= table.CELL


def test_rates_are_numbers_if_asked_for():
    text, _ = table.cell_text(litmus("SB", result="allowed-seen", weak=12345), rates=True)
    assert text.split() == ["A", "12k/M", MILLION]


@pytest.mark.parametrize("n,text", [(0, "0"), (950, "950"), (999, "999"), (1000, "1.0k"),
                                    (14508, "15k"), (999_400, "999k"), (999_600, "1.0M"),
                                    (8_100_000, "8.1M"), (12e9, "12G")])
def test_counts_have_four_characters(n, text):
    assert cells.count_text(n) == text and len(text) <= 4


SEEN = litmus("X", result="allowed-seen", weak=1)
UNSEEN, FORBIDDEN = litmus("X"), litmus("X", "forbid", "forbidden-unseen")
DEFECT = litmus("X", "forbid", "known-defect", 4, "skip")
NOBODY = litmus("X", "unknown", "unknown-unseen", 0, "skip")
SKIPPED = {"name": "litmus.X", "kind": "litmus", "verdict": "skip", "reason": "needs 2 CPUs"}


@pytest.mark.parametrize("row,mark", [
    ((SEEN, SEEN), ""), ((SEEN, UNSEEN), "s"), ((UNSEEN, FORBIDDEN), "m"),
    ((SEEN, FORBIDDEN), "ms"), ((UNSEEN, None), ""), ((UNSEEN, NOBODY), ""),
    ((UNSEEN, SKIPPED), ""), ((None, None), ""), ((FORBIDDEN, DEFECT), "s"), ((SEEN, DEFECT), "m")])
def test_the_mark_says_what_differs(row, mark):
    assert table.mark_of(row) == mark


ISAS = ("x86_64", "arm64", "riscv64", "powerpc64")


def four(*tests):
    return [a_run(a, *tests) for a in ISAS]


def flat(lines):
    return " ".join(" ".join(texts(lines)).split())


def test_what_was_not_seen_is_folded_by_what_the_models_say():
    runs = [a_run("x86_64", litmus("SB", result="allowed-seen", weak=9),
                  litmus("MP", "forbid", "forbidden-unseen"),
                  litmus("LB", "forbid", "forbidden-unseen") | {"iterations": 1234},
                  late(litmus("S"))),
            a_run("arm64", litmus("SB"), litmus("MP", "forbid", "forbidden-unseen"),
                  litmus("LB", "forbid", "forbidden-unseen"), litmus("S", "forbid",
                                                                     "forbidden-unseen"))]
    got = flat(table.render(runs))
    assert "s SB A rare" in got
    assert ("2 shapes forbidden everywhere, none seen (at least 1,234 iterations each: "
            "at most 2k in a million)") in got
    assert "1 shape allowed on x86_64, forbidden on arm64, none seen (at least 1,000,000 " \
        "iterations each: at most 3 in a million; 1 of 2 cells late~)" in got
    assert "MP" not in got
    assert "MP" in flat(table.render(runs, everything=True))
    assert "shapes" not in flat(table.render(runs, everything=True))


def test_a_row_that_failed_is_never_folded():
    for verdict in cells.BAD:
        assert "LB" in flat(table.render(four(litmus("LB", verdict=verdict))))
    assert "LB" in flat(table.render(four(litmus("LB", "forbid", "known-defect", 4))))
    assert "LB" in flat(table.render(four(litmus("LB", "unknown", "unknown-seen", 4, "skip"))))


def test_what_did_not_run_is_folded_as_such():
    got = flat(table.render([a_run("x86_64", SKIPPED), a_run("arm64", UNSEEN), a_run("riscv64")]))
    assert got == ("1 shape skipped on x86_64, allowed on arm64, not run on riscv64, none seen "
                   "(at least 1,000,000 iterations each: at most 3 in a million)")
    assert flat(table.render([a_run("x86_64", SKIPPED)])) == "1 shape skipped"
    assert table.render([a_run("x86_64")]) == [] and table.render([]) == []


@pytest.mark.parametrize("width", [100, 80, 60])
@pytest.mark.parametrize("rates", [False, True])
def test_the_table_fits_its_width(width, rates):
    tests = [late(litmus("SB", weak=12345, result="allowed-seen")),
             late(litmus("a-very-long-name+of+a+test", weak=5, result="allowed-seen")),
             litmus("SB+mb+mb", "forbid", "forbidden-seen", 3, "fail"), litmus("MP")]
    lines = [part for line in texts(table.render(four(*tests), width, rates=rates))
             for part in line.split("\n")]
    assert max(map(len, lines)) <= width
    assert any("a-very-long-name+of+a+test" in line for line in lines)
    assert sum("12k/M" in line for line in lines) == rates


def test_a_long_name_has_its_own_line_and_the_cells_stand_in_line():
    long = "MP" + "+wmb" * 12
    runs = four(litmus(long, weak=1, result="allowed-seen"), litmus("SB", weak=1,
                                                                    result="allowed-seen"))
    head, short, row = texts(table.render(runs, 80))
    first, second = row.split("\n")
    assert first.strip() == long
    assert second.index("A") == short.index("A ") == head.index("x86_64")


def test_what_an_erratum_may_have_spoiled_is_marked_wherever_it_stands():
    runs = [a_run("arm64", tainted(litmus("SB", result="allowed-seen", weak=9)),
                  tainted(litmus("MP", "forbid", "forbidden-unseen"), "a-1 b-2"),
                  litmus("S", "forbid", "forbidden-unseen"),
                  tainted({"name": "tlb.access", "kind": "assert", "verdict": "pass",
                           "reason": ""}, "b-2"))]
    got = flat(table.render(runs))
    assert "SB A rare 99%e" in got and "1 of 2 tainted by errata" in got
    assert any(line.startswith("e: an erratum") for line in table.legend(runs))
    (line,) = texts(matrix.render_runs(runs))
    assert [part.strip() for part in line.split("\n")[1:]] == [
        "tainted by thunderx-27456: litmus.SB", "tainted by a-1: litmus.MP",
        "tainted by b-2: litmus.MP and 1 more"]
    plain = [a_run("arm64", litmus("SB"))]
    assert not any(line.startswith("e:") for line in table.legend(plain))
    assert "tainted" not in flat(table.render(plain)) + flat(matrix.render_runs(plain))


def test_the_legend_says_what_is_there():
    assert any(line.startswith("?: no model") for line in table.legend([a_run("vax", NOBODY)]))
    assert not any(line.startswith("?: no model") for line in table.legend([a_run("vax")]))
    assert "--all" in table.legend([])[-1] and "--all" not in table.legend([], everything=True)[-1]


@pytest.mark.parametrize("weak,iterations,words", [
    (0, 0, "not one iteration"), (0, 3000, "never in 3,000 iterations (rate below 1 in 1.0k)"),
    (0, 2, "never in 2 iterations (rate not bounded)"),
    (5, 50000, "5 times in 50,000 iterations (1 in 10k, again in such a run: "
     "99.33 %)"), (12, 120000, "12 times in 120,000 iterations (1 in 10k)")])
def test_how_often_in_words(weak, iterations, words):
    assert cells.rate_words({"weak": weak, "iterations": iterations}) == words


def skipped(name, reason):
    return {"name": f"translation.{name}", "kind": "litmus", "verdict": "skip", "reason": reason}


def test_page_tables_have_a_table_of_their_own():
    seen = SEEN | {"name": "translation.MP.shoot+none+mb"}
    run = a_run("arm64", litmus("SB", result="allowed-seen", weak=7), seen,
                skipped("A", "unobservable: TCG walks at once"), skipped("B", "not here: no bit"),
                skipped("C", "needs 2 CPUs"))
    walks = texts(table.render([run], translation=True))
    assert walks[0].split()[:2] == ["page", "tables"]
    assert walks[1].split()[:4] == ["MP.shoot+none+mb", "A", "rare", "63%"]
    assert {" ".join(line.split()) for line in walks[3:]} == {
        "1 shape unobservable", "1 shape not here", "1 shape skipped"}
    assert "translation" not in "".join(texts(table.render([run])))
    assert table.render([a_run("arm64", litmus("SB"))], translation=True) == []
