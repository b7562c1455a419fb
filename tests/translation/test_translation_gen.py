# SPDX-License-Identifier: GPL-2.0-only
"""The generator of translation litmus tests makes what rows say, and refuses what makes none."""

import pathlib
import re
import subprocess
import sys

import pytest

HERE = pathlib.Path(__file__).parent
ROWS = [line.split("\t") for line in (HERE / "shapes.tsv").read_text().splitlines()]
HEAD, ROWS = ROWS[0], ROWS[1:]


def generate(tmp_path, rows, sources=None):
    shapes, clauses, out = tmp_path / "shapes.tsv", tmp_path / "sources.tsv", tmp_path / "gen.c"
    shapes.write_text("\n".join("\t".join(r) for r in [HEAD, *rows]) + "\n")
    if sources is None:
        used = {(m, r[HEAD.index(m)].partition(" ")[2]) for r in rows for m in HEAD[4:-2]}
        sources = [f"{m}\t{key}\ta clause" for m, key in sorted(used)]
    clauses.write_text("\n".join(["isa\tkey\tclause", *sources]) + "\n")
    p = subprocess.run([sys.executable, str(HERE / "gen.py"), str(shapes), str(clauses), "-o",
                        str(out)], text=True, capture_output=True, check=False)
    return p, out.read_text() if out.exists() else ""


def row(name="T", init="p=x", program="E p=0; r=*p", outcome="0:r0=0", verdict="Allow a",
        shows="-"):
    return [name, init, program, outcome, *[verdict] * 4, shows, "-"]


def body(text):
    """What the only thread of the only row does, on one line."""
    found = re.search(r"LITMUS_BODY\(trans_0_0\)\n(.*?)\n}", text, re.S)
    return " ".join(found[1].split())


def test_every_row_becomes_a_test(tmp_path):
    sources = (HERE / "sources.tsv").read_text().splitlines()[1:]
    p, text = generate(tmp_path, ROWS, sources)
    assert p.returncode == 0, p.stderr
    assert re.findall(r'TRANS_CASE\(\w+, "translation\.([^"]+)"', text) == [r[0] for r in ROWS]


def test_the_verdicts_are_those_of_the_row(tmp_path):
    _, text = generate(tmp_path, [["T", "p=x", "E p=0; r=*p", "0:r0=0", "Allow a", "Forbid b",
                                   "unsaid c", "Allow d", "-", "-"]])
    found = re.search(r"\.expect = {([^}]*)}", text)[1]
    assert dict(re.findall(r"\[(\w+)\] = LITMUS_(\w+),", found)) == {
        "MODEL_X86_64": "ALLOW", "MODEL_ARM64": "FORBID", "MODEL_RISCV64": "UNKNOWN",
        "MODEL_POWERPC64": "ALLOW"}


def test_the_weak_outcome_is_a_key(tmp_path):
    _, text = generate(tmp_path, [row(
        program="E p=0; x=1 || r=*p; r=(*p=1); r=E p", outcome="1:r0=0 /\\ 1:r1=denied /\\ x=1")])
    # Fields from the lowest: 1:r0, 1:r1, 1:r2, which the outcome does not name, and x.
    assert "LITMUS_WEAK(trans_0_weak, 0xcf, 0x4c)" in text
    assert ('.field = LITMUS_FIELDS(TRANS_REG(0, 1, 0), TRANS_REG(1, 1, 1), TRANS_REG(2, 1, 2), '
            'LITMUS_LAST(3, 0, "x"))') in text


OF_A_ROW = [
    ({}, [".init = { TRANS_MAP(0, 0), TRANS_NONE, TRANS_NONE, TRANS_MAP(0, 0) }, .warm = true,",
          ".tables = false, .reuses = false,", ".ones = 0x0,",
          ".max_instances = TRANS_INSTANCES,"]),
    ({"init": "p=xo q=xc"}, [".init = { TRANS_OLD, TRANS_CLEAN, TRANS_NONE, TRANS_MAP(0, 0) }"]),
    ({"init": "p=yro q=x u=y"}, [
        ".init = { TRANS_MAP(1, 1), TRANS_MAP(0, 0), TRANS_TABLE(1), TRANS_MAP(0, 0) }",
        ".tables = true,", ".max_instances = TRANS_TABLES,"]),
    ({"init": "p=x cold"}, [".warm = false,"]),
    ({"init": "p=x y=1 g=1"}, [".ones = 0xa,"]),
    ({"program": "E p=0; reuse; r=*p || r=*p; r=x", "outcome": "0:r0=0"}, [
        ".reuses = true,", ".nr_threads = 2,", "{ trans_0_0, 1, { 0, 1, 2, 3 } }",
        "{ trans_0_1, 2, { 0, 1, 2, 3 } }", 'TRANS_CASE(trans_0, "translation.T", 2);']),
    ({"program": "r=x; r=y; addr; r=*p || E p=0", "outcome": "0:r1=1"}, [
        "r2 = trans_load(trans_va(TRANS_P, i) + litmus_zero(r1));",
        # x and y hold 0 for ever; the page shows x, or is absent already.
        ".nr_sc = 2, .sc = LITMUS_KEYS(0x0, 0x20),"]),
]


@pytest.mark.parametrize("change, want", OF_A_ROW)
def test_what_the_kernel_learns_of_a_row(tmp_path, change, want):
    p, text = generate(tmp_path, [row(**change)])
    assert p.returncode == 0, p.stderr
    text = " ".join(text.split())
    assert [w for w in want if w not in text] == []


@pytest.mark.parametrize("program, want", [
    ("E p=0; mb; r=*p", ["trans_entry_set(TRANS_P, i, TRANS_NONE);", "smp_mb();",
                         "r0 = trans_load(trans_va(TRANS_P, i));"]),
    ("E p=x; inv- p; r=(*p=0)", ["trans_entry_set(TRANS_P, i, TRANS_MAP(0, 0));",
                                   "trans_invalidate(TRANS_P, i, true, false);",
                                   "r0 = trans_store(trans_va(TRANS_P, i), 0);"]),
    ("r=await f; addr; r=*q", ["r0 = trans_await(litmus_cell(a, 2, i), &patience);",
                               "r1 = trans_load(trans_va(TRANS_Q, i) + litmus_zero(r0));"]),
    ("r=*p; ctrl; x=1; r=*p", ["if (litmus_branch(r0)) {",
                               "WRITE_ONCE(TRANS_CELL(litmus_cell(a, 0, i)), trans_word(1));"]),
    ("E u=0; E u=x; E u=block; E l=y; r=*u", [
        "trans_entry_set(TRANS_U, i, TRANS_NONE);", "trans_entry_set(TRANS_U, i, TRANS_TABLE(0));",
        "trans_entry_set(TRANS_U, i, TRANS_BLOCK);",
        "trans_entry_set(TRANS_L, i, TRANS_MAP(1, 0));", "r0 = trans_load(trans_va(TRANS_U, i));"]),
    ("r=D p; r=X p", ["r0 = trans_entry_dirty(TRANS_P, i, false);",
                      "r1 = trans_entry_dirty(TRANS_P, i, true);"]),
    ("r=*p; data; E p=y; r=*p", [
        "trans_entry_set(TRANS_P, i, TRANS_MAP(1, 0) + litmus_zero(r0));"]),
])
def test_events_and_edges(tmp_path, program, want):
    outcome = " /\\ ".join(f"0:r{i}=denied" for i in range(program.count("r=")))
    p, text = generate(tmp_path, [row(init="p=0 q=0 u=0", program=program, outcome=outcome)])
    assert p.returncode == 0, p.stderr
    at = [body(text).index(w) for w in want]
    assert at == sorted(at)


def test_an_edge_for_the_whole_batch_stands_between_loops(tmp_path):
    _, text = generate(tmp_path, [row(program="r=*p; E p=0; flush; r=*p",
                                      outcome="0:r0=0 /\\ 0:r1=0")])
    parts = body(text).split("trans_flush();")
    assert len(parts) == 2 and all(p.count("LITMUS_LOOP") == 1 for p in parts)
    assert "a->out[i] = r0 << 0;" in parts[0] and "a->out[i] |= r1 << 2;" in parts[1]


@pytest.mark.parametrize("init, program, outcome, weak", [
    ("p=xc", "r=D p; *p=1; r=D p", "0:r0=0 /\\ 0:r1=0", True),
    ("p=xc", "r=D p; *p=1; r=D p", "0:r0=0 /\\ 0:r1=1", False),
    ("p=xo", "*p; r=D p", "0:r0=1", True),
    ("p=xo", "*p; r=A p; r=D p", "0:r0=1 /\\ 0:r1=0", False),
    ("p=xc", "*p=1; r=X p; r=*p", "0:r0=1 /\\ 0:r1=fault", False),
    ("p=xc", "*p; r=X p; r=*p", "0:r0=0 /\\ 0:r1=fault", False),
    ("u=x y=1", "E l=y; r=*u", "0:r0=1", False),
    ("u=y y=1", "E l=0; r=*u", "0:r0=1", False),
    ("u=block", "E l=0; r=*u", "0:r0=0", False),
    ("u=block", "E u=0; r=*u", "0:r0=fault", False),
    ("p=xro", "r=(*p=1); r=*p", "0:r0=denied /\\ 0:r1=0", False),
    ("p=y", "r=E p; E p=0; r=E p", "0:r0=1 /\\ 0:r1=fault", False),
])
def test_what_strong_hardware_shows(tmp_path, init, program, outcome, weak):
    p, _ = generate(tmp_path, [row(init=init, program=program, outcome=outcome)])
    assert p.returncode == (0 if weak else 2), p.stderr
    assert weak or "is one of a machine without TLB or reordering" in p.stderr


def test_a_row_that_is_not_for_an_isa_says_why(tmp_path):
    r = row()
    r[HEAD.index("arm64")] = "n/a why"
    sources = [f"{m}\t{'why' if m == 'arm64' else 'a'}\tbecause of {m}" for m in HEAD[4:-2]]
    _, text = generate(tmp_path, [r], sources)
    assert '.not_here[MODEL_ARM64] = "because of arm64",' in text
    assert text.count(".not_here") == 1
    assert "[MODEL_ARM64] = LITMUS_UNKNOWN," in text


def test_a_thread_that_loads_the_space_begins_without(tmp_path):
    _, text = generate(tmp_path, [row(program="E p=0; mb; r=f || f=1; load; r=*p",
                                      outcome="0:r0=0 /\\ 1:r0=0")])
    assert ".unloaded = 0x2," in text


@pytest.mark.parametrize("change, says", [
    ({"program": "E p=z; r=*p"}, "not an event or an edge: 'E p=z'"),
    ({"program": "E p=0; dmb; r=*p"}, "unknown edge 'dmb'"),
    ({"program": "x; r=*p"}, "'x' is a load whose value nobody takes"),
    ({"program": "E p; r=*p"}, "is for its value"),
    ({"program": "E p=0; addr; r=*p"}, "addr comes right behind a load"),
    ({"program": "r=x; addr; E p=0; r=*p"}, "addr is not carried"),
    ({"program": "r=x; data; r=*p"}, "data is not carried"),
    ({"program": "r=x; addr; mb; r=*p"}, "addr is not carried"),
    ({"program": "r=E u; r=*p"}, "not an event or an edge: 'r=E u'"),
    ({"program": "inv u; r=*p"}, "not an event or an edge: 'inv u'"),
    ({"program": "E p=0; r=*p; mb"}, "an edge at the end"),
    ({"program": "E p=0; r=*p; data"}, "an edge at the end"),
    ({"program": "r=*p || r=*p || r=*p || r=*p || r=*p"}, "more than four threads"),
    ({"program": "r=*p; r=*p; r=*p; r=*p; r=*p"}, "four fields at most"),
    ({"init": "p=z"}, "init: 'p=z'"),
    ({"init": "p=block"}, "p is never block"),
    ({"program": "E u=xro; r=*p"}, "u is never xro"),
    ({"program": "E u=0; r=*p"}, "init says nothing of u"),
    ({"outcome": "0:r1=0"}, "there is no 0:r1"),
    ({"outcome": "0:r0=2"}, "outcome: '0:r0=2'"),
    ({"outcome": "0:r0=fault"}, "is one of a machine without TLB or reordering"),
    ({"verdict": "Perhaps a"}, "begins with none of Allow, Forbid, unsaid, n/a"),
    ({"shows": "never"}, "shows 'never'"),
    ({"shows": "twin", "verdict": "Forbid a"}, "a twin is allowed somewhere"),
])
def test_rows_that_make_no_sense(tmp_path, change, says):
    p, text = generate(tmp_path, [row(**change)])
    assert p.returncode == 2 and says in p.stderr and "shapes.tsv:2: T: " in p.stderr
    assert not text


def test_a_clause_is_there_and_is_used(tmp_path):
    isas = HEAD[4:-2]
    p, _ = generate(tmp_path, [row()], [f"{m}\ta\tclause" for m in isas[1:]])
    assert p.returncode == 2 and f"{isas[0]}: sources.tsv has no 'a'" in p.stderr
    p, _ = generate(tmp_path, [row()], [f"{m}\t{k}\tclause" for m in isas for k in "ab"])
    assert p.returncode == 2 and "no row names" in p.stderr


def test_a_clause_is_for_one_verdict(tmp_path):
    p, _ = generate(tmp_path, [row(), row(name="S", verdict="Forbid a")])
    assert p.returncode == 2 and "S: x86_64: the clause 'a' is one of others for Allow" in p.stderr


def test_a_name_stands_once(tmp_path):
    p, _ = generate(tmp_path, [row(), row()])
    assert p.returncode == 2 and "T stands there twice" in p.stderr


def test_columns_are_counted(tmp_path):
    p, _ = generate(tmp_path, [row()[:-1]])
    assert p.returncode == 2 and "9 columns, not 10" in p.stderr


def test_the_document_has_the_tables():
    doc = (HERE.parents[1] / "docs/translation.md").read_text()
    for option in (["--questions"], ["--edges", str(HERE / "sequences.tsv")]):
        p = subprocess.run([sys.executable, str(HERE / "gen.py"), str(HERE / "shapes.tsv"),
                            str(HERE / "sources.tsv"), *option], text=True, capture_output=True,
                           check=True)
        assert p.stdout.count("\n") > 5
        assert p.stdout in doc, f"docs/translation.md: put in what gen.py {option[0]} prints"


def test_other_verdicts_on_arm_are_ours_or_explained():
    ours = {r[0]: r[HEAD.index("arm64")].split()[0].lower() for r in ROWS}
    lines = (HERE / "arm-published.tsv").read_text().splitlines()[2:]
    assert len(lines) > 30
    for name, of, test, verdict, differs in (line.split("\t") for line in lines):
        assert (ours[name] != verdict) == (differs != "-"), f"{name}: {of} {test}: {verdict}"


def test_rows_stand_for_functions_that_exist():
    text = "".join(p.read_text() for d in ("mm", "arch", "include") for p in
                   (HERE.parents[1] / d).rglob("*.[ch]"))
    for r in ROWS:
        if r[-1] != "-":
            assert re.search(rf"\b{r[-1].removesuffix('()')}\(", text), f"{r[0]}: {r[-1]}"


# ---- the hosted MMU's verdicts ----

def generate_hosted(tmp_path, rows, hosted, model="x86_64"):
    """By a table of its own for the hosted MMU; each key of it is in sources.tsv."""
    table = tmp_path / "hosted.tsv"
    table.write_text("\n".join("\t".join(r) for r in [("test", "hosted", "shows"), *hosted]) + "\n")
    used = {(m, r[HEAD.index(m)].partition(" ")[2]) for r in rows for m in HEAD[4:-2]}
    sources = [f"{m}\t{key}\ta clause" for m, key in sorted(used)] + ["hosted\trule\ta rule"]
    (tmp_path / "shapes.tsv").write_text("\n".join("\t".join(r) for r in [HEAD, *rows]) + "\n")
    (tmp_path / "sources.tsv").write_text("\n".join(["isa\tkey\tclause", *sources]) + "\n")
    out = tmp_path / "gen.c"
    p = subprocess.run([sys.executable, str(HERE / "gen.py"), str(tmp_path / "shapes.tsv"),
                        str(tmp_path / "sources.tsv"), "-o", str(out), "--hosted", str(table),
                        model], text=True, capture_output=True, check=False)
    return p, out.read_text() if out.exists() else ""


@pytest.mark.parametrize("verdict, shows, word, constant", [
    ("Forbid rule", "-", "FORBID", "TRANS_MAY_SHOW"),
    ("Allow rule", "absent", "ALLOW", "TRANS_KEEPS_ABSENT"),
    ("host rule", "-", "UNKNOWN", "TRANS_MAY_SHOW"),
])
def test_the_hosted_mmu_stands_in_the_place_of_one_model(tmp_path, verdict, shows, word, constant):
    p, text = generate_hosted(tmp_path, [row(verdict="unsaid a", shows="walks")],
                              [("T", verdict, shows)])
    assert p.returncode == 0, p.stderr
    found = dict(re.findall(r"\[MODEL_(\w+)\] = LITMUS_(\w+),", text))
    assert found == {"X86_64": word, "ARM64": "UNKNOWN", "RISCV64": "UNKNOWN",
                     "POWERPC64": "UNKNOWN"}
    assert f".shows = {constant}" in text


def test_what_an_isa_has_not_the_hosted_mmu_may_have(tmp_path):
    rows = [row(verdict="n/a a")]
    _, text = generate_hosted(tmp_path, rows, [("T", "Allow rule", "twin")])
    assert ".not_here[MODEL_X86_64]" not in text and ".not_here[MODEL_ARM64]" in text
    _, text = generate_hosted(tmp_path, rows, [("T", "host rule", "-")])
    assert ".not_here[MODEL_X86_64]" in text


@pytest.mark.parametrize("hosted, says", [
    ([], "not the rows of shapes.tsv"),
    ([("U", "Allow rule", "-")], "not the rows of shapes.tsv"),
    ([("T", "Allow rumour", "-")], "T: 'Allow rumour'"),
    ([("T", "Maybe rule", "-")], "T: 'Maybe rule'"),
    ([("T", "Forbid rule", "twin")], "a twin is allowed"),
    ([("T", "host rule", "absent")], "a twin is allowed"),
])
def test_a_table_that_makes_no_sense_is_refused(tmp_path, hosted, says):
    p, _ = generate_hosted(tmp_path, [row()], hosted)
    assert p.returncode == 2 and says in p.stderr


def test_the_table_of_the_hosted_mmu_fits_the_rows(tmp_path):
    out = tmp_path / "gen.c"
    p = subprocess.run([sys.executable, str(HERE / "gen.py"), str(HERE / "shapes.tsv"),
                        str(HERE / "sources.tsv"), "-o", str(out), "--hosted",
                        str(HERE / "hosted.tsv"), "arm64"], text=True, capture_output=True,
                       check=False)
    assert p.returncode == 0, p.stderr


def test_pages_that_are_accessed_are_known(tmp_path):
    _, text = generate(tmp_path, [row(init="p=x q=x u=x", program="E p=0; *u; r=*p")])
    assert ".used = 0x5," in text


def test_who_loads_a_space_has_one_instance_a_batch(tmp_path):
    """For the second one the space was there, and walks may have been early."""
    sources = (HERE / "sources.tsv").read_text().splitlines()[1:]
    _, text = generate(tmp_path, ROWS, sources)
    found = re.findall(r"\.unloaded = (\w+),.*?\.max_instances = (\w+),", text, re.S)
    assert {room for unloaded, room in found if unloaded != "0x0"} == {"1"}
    assert "1" not in {room for unloaded, room in found if unloaded == "0x0"}
