# SPDX-License-Identifier: GPL-2.0-only
"""Who includes or calls what stands above him is found, and a circle, and a needless exception."""
import os
import platform
import shutil
import subprocess

import pytest
from fp import lint, lint_floors

ISA = f"""order = 10
short = "x86"
elf_machine = 62
cross = "none-"
host_gcc = "{platform.machine()}"
clang_target = "x86_64-linux-gnu"
hosts = ["x86_64"]
first_test_secs = 0.1
packages = [
	"gcc=gcc",
]
"""


@pytest.fixture
def tree(tmp_path, monkeypatch):
    """A tree of one port, built with the host's compiler."""
    monkeypatch.setattr(lint_floors, "CIRCLES", ())
    monkeypatch.setattr(lint_floors, "CALLS", {})
    monkeypatch.setattr(lint_floors, "UP_CALLS", set())

    def make(**files):
        objects = []
        for name, text in {"arch/a/isa.toml": ISA, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if not name.endswith(".c"):
                continue
            obj = f"build/a/{name[:-2]}.o"
            (tmp_path / obj).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([shutil.which("gcc"), "-c", "-w", name, "-o", obj], cwd=tmp_path,
                           check=True)
            objects.append(obj)
        (tmp_path / "build/a/objects").write_text(" ".join(objects))
        return lint.Tree(tmp_path)
    return make


def calls(tree):
    return [(name, text) for name, _, text in lint.RULES["calls"](tree)]


@pytest.mark.parametrize("name,header,bad", [
    ("lib/x.c", "lib/list.h", 0), ("lib/x.c", "kernel/panic.h", 1), ("kernel/x.c", "mm/mm.h", 1),
    ("kernel/debug/x.c", "mm/mm.h", 1), ("include/kernel/x.h", "test/test.h", 1),
    ("mm/x.c", "kernel/sched.h", 0), ("mm/x.c", "test/test.h", 1), ("tests/x.c", "mm/mm.h", 0),
    ("include/arch/x.h", "kernel/smp.h", 1), ("arch/a/x.c", "mm/memory.h", 0)])
def test_includes(tree, name, header, bad):
    path = tree(**{"kernel/a.c": ""}).root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"\n#include <{header}>\n")
    found = [(n, line) for n, line, _ in lint.RULES["floors"](lint.Tree(path.parents[
        name.count("/")]))]
    assert found == [(name, 2)] * bad


def test_an_exception_that_is_not_needed(tree, monkeypatch):
    monkeypatch.setattr(lint_floors, "INCLUDES", {("kernel/a.c", "mm"): "it was once"})
    assert [n for n, _, _ in lint.RULES["floors"](tree(**{"kernel/a.c": "int a;"}))] == \
        ["kernel/a.c"]


@pytest.mark.parametrize("low,high,bad", [
    ("lib/a.c", "kernel/b.c", 1), ("kernel/a.c", "mm/b.c", 1), ("mm/a.c", "tests/b.c", 1),
    ("kernel/a.c", "lib/b.c", 0), ("mm/a.c", "kernel/b.c", 0), ("tests/a.c", "mm/b.c", 0),
    ("kernel/a.c", "arch/a/b.c", 0), ("arch/a/a.c", "kernel/b.c", 1)])
def test_calls(tree, low, high, bad):
    t = tree(**{low: "void b(void); void a(void) { b(); }", high: "void b(void) {}"})
    assert [n for n, _ in calls(t)] == [low] * bad


def test_a_circle_is_found_and_may_be_known(tree, monkeypatch):
    files = {"kernel/a.c": "void b(void); void a(void) { b(); }",
             "kernel/b.c": "void a(void); void b(void) { a(); }"}
    assert "circle of 2" in calls(tree(**files))[0][1]
    monkeypatch.setattr(lint_floors, "CIRCLES", (({"kernel/a.c", "kernel/b.c"}, "why"),))
    assert calls(tree(**files)) == []
    files["kernel/b.c"] = "void b(void) { }"
    assert "has gone" in calls(tree(**files))[0][1]


def test_what_is_not_built_is_not_judged(tree):
    t = tree(**{"kernel/a.c": "int a;"})
    (t.root / "kernel/a.c").write_text("int a, b;")
    newer = (t.root / "build/a/kernel/a.o").stat().st_mtime + 5
    os.utime(t.root / "kernel/a.c", (newer, newer))
    t = lint.Tree(t.root)
    assert calls(t) == [] and "older than kernel/a.c" in t.skips[0]
