# SPDX-License-Identifier: GPL-2.0-only
"""Programs of others read what we write: prove and the rules of Linux's kunit_parser our KTAP, a
strict schema our JUnit. Each is shown to refuse what is damaged."""
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from fp.record import records
from fp.report import report
from fp.report.junit import junit
from test_report import a_run, litmus, other

XSD = Path(__file__).with_name("junit.xsd")


def console(*results, plan=None):
    """A console as the kernel writes it: KTAP and records, each with its sum."""
    lines = ["KTAP version 1", f"1..{plan or len(results)}"]
    for n, (name, verdict, note) in enumerate(results, 1):
        lines.append(records.seal("TEST", {"n": n, "name": name, "kind": "assert",
                                           "verdict": verdict, "us": 5, "reason": note}))
        if verdict not in ("pass", "skip"):
            lines.append(f"# {name}: {note}")
        word = "not ok" if verdict not in ("pass", "skip") else "ok"
        skip = f" # SKIP {note}" if verdict == "skip" else ""
        lines.append(records.seal_ktap(f"{word} {n} {name}{skip}"))
    return "\n".join(lines) + "\n"


GOOD = console(("lib.a", "pass", ""), ("rmap.v0.reuse", "skip", "needs 2 CPUs"),
               ("litmus.SB+mb+mb", "pass", ""))
BAD = console(("lib.a", "pass", ""), ("lib.b", "fail", "1 != 2"))
SHORT = console(("lib.a", "pass", ""), plan=3)


# ---- prove (TAP::Harness, Debian's perl) ----

def prove(tmp_path, text):
    (tmp_path / "console.tap").write_text(text)
    return subprocess.run(["prove", "-e", "cat", tmp_path / "console.tap"], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)


@pytest.mark.skipif(not shutil.which("prove"), reason="prove is not installed")
@pytest.mark.parametrize("text,words", [
    (GOOD, "Result: PASS"), (BAD, "Failed test:  2"), (SHORT, "planned 3 tests but ran 1")])
def test_prove_reads_the_console(tmp_path, text, words):
    done = prove(tmp_path, text)
    assert words in done.stdout and (done.returncode == 0) == (text is GOOD), done.stdout


# ---- the rules of tools/testing/kunit/kunit_parser.py (Linux 6.1; dev-tools/ktap.rst)

_START = re.compile(r"\s*KTAP version ([0-9]+)$")
_PLAN = re.compile(r"^\s*1\.\.([0-9]+)")
_RESULT = re.compile(r"^\s*(ok|not ok) ([0-9]+) (- )?([^#]*)( # .*)?$")
_SKIP = re.compile(r"^\s*(ok|not ok) ([0-9]+) (- )?(.*) # SKIP(.*)$")


def kunit(text):
    """(results by name, errors) as that parser finds them; other lines are a test's log."""
    lines = text.splitlines()
    assert _START.match(lines[0])[1] == "1"
    plan = int(_PLAN.match(lines[1])[1])
    found, wrong = {}, []
    for line in lines[2:]:
        m = _SKIP.match(line) or _RESULT.match(line)
        if not m:
            continue
        if int(m[2]) != len(found) + 1:
            wrong.append(f"expected number {len(found) + 1}, not {m[2]}")
        found[m[4].strip()] = "skip" if _SKIP.match(line) else m[1]
    if len(found) != plan:
        wrong.append(f"planned {plan} subtests, saw {len(found)}")
    return found, wrong


def test_kunit_s_rules_read_the_console():
    assert kunit(GOOD) == ({"lib.a": "ok", "rmap.v0.reuse": "skip", "litmus.SB+mb+mb": "ok"}, [])
    assert kunit(BAD) == ({"lib.a": "ok", "lib.b": "not ok"}, [])
    assert kunit(SHORT)[1] == ["planned 3 subtests, saw 1"]
    assert kunit(GOOD.replace("ok 3 ", "ok 4 "))[1] == ["expected number 3, not 4"]


# ---- JUnit ----

def complaints(tmp_path, text):
    if not shutil.which("xmllint"):
        pytest.skip("xmllint is not installed (libxml2-utils)")
    (tmp_path / "junit.xml").write_text(text)
    done = subprocess.run(["xmllint", "--noout", "--schema", XSD, tmp_path / "junit.xml"],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return "" if done.returncode == 0 else done.stderr


def data(**more):
    runs = [a_run("x86_64", litmus("SB"), *(other(f"a.{v}", v) for v in
                                            ("fail", "crash", "timeout", "skip"))),
            a_run("arm64", verdict="TRUNCATED", tail=["the end \x1b[1m\x00\ufffe"])]
    steps = [{"name": f"{n} steps, \"odd\" <name>", "passed": n, "failed": 1 - n, "skipped": 1,
              "note": "", "wall_s": 1.5, "cpu_s": 1, "text": "why\n"} for n in (0, 1)]
    return {**report.make_report([]), "runs": runs, "steps": steps, **more}


@pytest.mark.parametrize("more", [{}, {"state": "incomplete", "why": "interrupted"}, {"runs": []}])
def test_a_strict_schema_takes_our_junit(tmp_path, more):
    assert complaints(tmp_path, junit(data(**more))) == ""


@pytest.mark.parametrize("old,new", [
    (' hostname=', ' host='), ("<system-out />", ""), ('type="fail"', ""),
    ('tests="5"', 'tests="many"'), ("<testsuites>", '<testsuites name="x">')])
def test_it_would_notice(tmp_path, old, new):
    text = junit(data())
    assert old in text and complaints(tmp_path, text.replace(old, new)) != ""
