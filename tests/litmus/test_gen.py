# SPDX-License-Identifier: GPL-2.0-only
"""gen.py generates every row, and refuses rows that do not agree with its table."""

import pathlib
import re
import subprocess
import sys

import gen
import pytest
from fp.litmusfile import deps, emit, reader

HERE = pathlib.Path(__file__).parent
GEN = HERE / "gen.py"
SHAPES = HERE / "shapes.tsv"
EXPECT = {"Allow": "LITMUS_ALLOW", "Forbid": "LITMUS_FORBID", "n/a": "LITMUS_UNKNOWN"}


def run(*args):
    return subprocess.run([sys.executable, str(GEN), *map(str, args)], text=True,
                          capture_output=True, check=False)


def test_every_row_becomes_a_test(tmp_path):
    out = tmp_path / "gen.c"
    assert run("--expect", SHAPES, "-o", out).returncode == 0
    names = re.findall(r'LITMUS_CASE\(\w+, "litmus\.([^"]+)"', out.read_text())
    rows = [line.split("\t")[0] for line in SHAPES.read_text().splitlines()[1:]]
    assert len(names) == len(set(names))
    assert set(rows) <= set(names)
    for claim in ("C6", "C8", "C9", "C10"):
        assert any(n.startswith(claim + "-") for n in names)


def test_expectations_are_those_of_the_row(tmp_path):
    out = tmp_path / "gen.c"
    run("--expect", SHAPES, "-o", out)
    text = out.read_text()
    rows = SHAPES.read_text().splitlines()
    head = rows[0].split("\t")
    for row in rows[1::25]:
        cells = dict(zip(head, row.split("\t")))
        want = {f"MODEL_{m.strip('*').upper()}": EXPECT[cells[m]] for m in head[1:-1]}
        name = re.escape(cells["test"])
        m = re.search(rf'\.row = "{name}",.*?\.expect = {{([^}}]*)}}', text, re.S)
        assert m and dict(re.findall(r"\[(\w+)\] = (\w+),", m[1])) == want, cells["test"]


def test_the_models_verdicts_are_those_of_the_row(tmp_path):
    out = tmp_path / "gen.c"
    run("--expect", SHAPES, "-o", out)
    found = dict(re.findall(r'\{ "([^"]+)", "([AF-]+)" \}', out.read_text()))
    rows = SHAPES.read_text().splitlines()
    for row in rows[1:]:
        name, *verdicts = row.split("\t")[:-1]
        letters = "".join({"Allow": "A", "Forbid": "F"}.get(v, "-") for v in verdicts)
        assert found[name] == "-" + letters  # the first is that of no model


def enumerators(*args):
    """enum litmus_model and the image's own of it, as generated."""
    text = run("--expect", *args, "-o", "/dev/stdout").stdout
    return re.findall(r"^\t(MODEL_\w+),", text, re.M), re.findall(r"OWN_MODEL (\w+)", text)


def test_a_column_is_a_model(tmp_path):
    head, rest = SHAPES.read_text().split("\n", 1)
    more = tmp_path / "more.tsv"
    more.write_text(head.replace("\toutcome", "\tvax\toutcome") + "\n" +
                    re.sub(r"\t([^\t]*)$", r"\tn/a\t\1", rest.rstrip("\n"), flags=re.M) + "\n")
    names, own = enumerators(more, "--models", "vax")
    assert names[0] == "MODEL_NONE" and names[-2:] == ["MODEL_VAX", "MODEL_NR"]
    assert own == ["MODEL_VAX"] and "MODEL_ALPHA_RAW" in names
    assert run("--expect", more, "-o", tmp_path / "gen.c").returncode == 0
    assert "[MODEL_VAX] = LITMUS_UNKNOWN" in (tmp_path / "gen.c").read_text()


def test_an_isa_without_a_model_knows_nothing():
    assert enumerators(SHAPES, "--models", "")[1] == ["MODEL_NONE"]
    r = run("--expect", SHAPES, "--models", "vax", "-o", "/dev/null")
    assert r.returncode == 2 and "has no column vax" in r.stderr


def test_broken_dependencies_differ(tmp_path):
    good, bad = tmp_path / "good.c", tmp_path / "bad.c"
    assert run("--expect", SHAPES, "-o", good).returncode == 0
    assert run("--expect", SHAPES, "--break-deps", "-o", bad).returncode == 0
    assert "FILE_BREAK_DEPS" in bad.read_text()
    assert "FILE_BREAK_DEPS" not in good.read_text()


FILES = {
    "MP+wmb+addr": ("WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);",
                    "r0 = READ_ONCE(*y); r1 = READ_ONCE(x[r0 ^ r0]);"),
    "SB+relacq+xchg": ("smp_store_release(x, 1); r0 = smp_load_acquire(y);",
                       "xchg(y, 1); r0 = READ_ONCE(*x);"),
    "LB+ctrl+data": ("r0 = READ_ONCE(*x); if (r0 == r0) WRITE_ONCE(*y, 1);",
                     "r0 = READ_ONCE(*y); WRITE_ONCE(*x, 1 + (r0 ^ r0));"),
    "R+rel+mb": ("WRITE_ONCE(*x, 1); smp_store_release(y, 1);",
                 "WRITE_ONCE(*y, 2); smp_mb(); r0 = READ_ONCE(*x);"),
    "MP+wmb+ctrlisync": ("WRITE_ONCE(*x, 1); smp_wmb(); WRITE_ONCE(*y, 1);",
                         "r0 = READ_ONCE(*y); if (r0 == r0) { arch_ctrl_isync();"
                         " r1 = READ_ONCE(*x); }"),
}


@pytest.mark.parametrize("row", FILES)
def test_a_row_is_the_program_that_a_file_of_it_is(row):
    test = next(t for t in gen.make_tests(SHAPES) if t.name == row)
    threads = "\n".join(f"P{n}(int *x, int *y) {{ {body} }}" for n, body in enumerate(FILES[row]))
    file = reader.read_text(f"C {row}\n{{}}\n{threads}\nexists ({test.program.condition_text})",
                            "row.litmus")
    file.condition_text = test.program.condition_text
    want = emit.Test(file, "t")
    have = emit.Test(test.program, "t")
    assert [deps.expected(t, b.variables) for t, b in zip(file.threads, want.bodies)] == \
        [deps.expected(t, b.variables) for t, b in zip(test.program.threads, have.bodies)]
    assert have.key.packed and want.key.packed and \
        [t for t in have.text(emit.Case("t")) if ".thread" not in t] == \
        [t for t in want.text(emit.Case("t")) if ".thread" not in t]


@pytest.mark.parametrize("pattern, by, says", [
    (r"^SB\t", "XX\t", "no such shape"),
    (r"0:r0=0 /\\ 1:r0=0", r"0:r0=1 /\\ 1:r0=0", "outcome is"),
    (r"MP\+wmb\+rmb", "MP+rmb+wmb", "cannot stand between"),
    (r"^SB\+po\+mb\t", "SB+po\t", "2 slots"),
    (r"^(SB\tAllow\t)Allow", r"\1Maybe", "a verdict is none of"),
    (r"\toutcome$", "\tresult", "the columns are"),
    (r"^MP\t\w+", "MP", "columns"),
])
def test_bad_rows_are_refused(tmp_path, pattern, by, says):
    bad = tmp_path / "bad.tsv"
    bad.write_text(re.sub(pattern, by, SHAPES.read_text(), count=1, flags=re.M))
    r = run("--expect", bad, "-o", tmp_path / "gen.c")
    assert r.returncode == 2
    assert says in r.stderr
    assert "Traceback" not in r.stderr
    assert not (tmp_path / "gen.c").exists()
