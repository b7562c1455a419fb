# SPDX-License-Identifier: GPL-2.0-only
"""Who includes or calls what stands above him is found, and a circle, and a needless exception."""
import os
import platform
import shutil
import subprocess

import pytest
from fp.base import isas
from fp.base.tree import Tree
from fp.lint import floors, lint

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
    monkeypatch.setattr(floors, "CIRCLES", ())
    monkeypatch.setattr(floors, "CALLS", {})
    monkeypatch.setattr(floors, "UP_CALLS", set())

    def make(**files):
        objects = []
        for name, text in {"arch/a/isa.toml": ISA, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            if not name.endswith((".c", ".S")):
                continue
            obj = f"build/a/{name.removesuffix('.c')}.o"
            (tmp_path / obj).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([shutil.which("gcc"), "-c", "-w", name, "-o", obj], cwd=tmp_path,
                           check=True)
            objects.append(obj)
        (tmp_path / "build/a/objects").write_text(" ".join(objects))
        return Tree(tmp_path)
    return make


def calls(tree):
    return [(name, text) for name, _, text in lint.RULES["calls"](tree)]


@pytest.mark.parametrize("name,header,bad", [
    ("lib/x.c", "lib/list.h", 0), ("lib/x.c", "kernel/panic.h", 1), ("kernel/x.c", "mm/mm.h", 1),
    ("kernel/debug/x.c", "mm/mm.h", 1), ("include/kernel/x.h", "test/test.h", 1),
    ("mm/x.c", "kernel/sched.h", 0), ("mm/x.c", "test/test.h", 1), ("tests/x.c", "mm/mm.h", 0),
    ("include/arch/x.h", "kernel/smp.h", 1), ("arch/a/x.c", "mm/memory.h", 0),
    ("arch/a/x.c", "priv/x.h", 0), ("kernel/x.c", "priv/x.h", 1)])
@pytest.mark.parametrize("directive", ["#include", "  # include"])
def test_includes(tree, name, header, bad, directive):
    path = tree(**{"kernel/a.c": ""}).root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"\n{directive} <{header}>\n")
    found = [(n, line) for n, line, _ in lint.RULES["floors"](Tree(path.parents[
        name.count("/")]))]
    assert found == [(name, 2)] * bad


def test_an_exception_that_is_not_needed(tree, monkeypatch):
    monkeypatch.setattr(floors, "INCLUDES", {("kernel/a.c", "mm"): "it was once"})
    assert [n for n, _, _ in lint.RULES["floors"](tree(**{"kernel/a.c": "int a;"}))] == \
        ["kernel/a.c"]


@pytest.mark.parametrize("low,high,bad", [
    ("lib/a.c", "kernel/b.c", 1), ("kernel/a.c", "mm/b.c", 1), ("mm/a.c", "tests/b.c", 1),
    ("kernel/a.c", "lib/b.c", 0), ("mm/a.c", "kernel/b.c", 0), ("tests/a.c", "mm/b.c", 0),
    ("kernel/a.c", "arch/a/b.c", 0), ("arch/a/a.c", "kernel/b.c", 1),
    ("arch/a/a.c", "tests/b.c", 1)])
@pytest.mark.parametrize("what", [
    "void b(void) {}", "char b[9];", "char b[9] = \"x\";", "const char b[9] = \"x\";",
    "__attribute__((weak)) void b(void) {}"])
def test_calls(tree, low, high, bad, what):
    t = tree(**{low: "extern char b[]; void *a(void) { return b; }", high: what})
    assert [n for n, _ in calls(t)] == [low] * bad


def test_an_entry_point_that_no_port_needs(tree, monkeypatch):
    files = {"arch/a/a.c": "void b(void); void a(void) { b(); }", "kernel/b.c": "void b(void) {}"}
    monkeypatch.setattr(floors, "UP_CALLS", {"b"})
    assert calls(tree(**files)) == []
    monkeypatch.setattr(floors, "UP_CALLS", {"b", "c"})
    assert [text for _, text in calls(tree(**files))] == ["no port needs c any more"]
    other = ISA.replace("order = 10", "order = 20")
    isas.load.cache_clear()
    assert calls(tree(**files, **{"arch/b/isa.toml": other})) == []  # which may need it


def test_a_circle_is_found_and_may_be_known(tree, monkeypatch):
    files = {"kernel/a.c": "void b(void); void a(void) { b(); }",
             "kernel/b.c": "void a(void); void b(void) { a(); }"}
    assert "circle of 2" in calls(tree(**files))[0][1]
    monkeypatch.setattr(floors, "CIRCLES", (({"kernel/a.c", "kernel/b.c"}, "why"),))
    assert calls(tree(**files)) == []
    files["kernel/b.c"] = "void b(void) { }"
    assert "has gone" in calls(tree(**files))[0][1]


def test_a_circle_of_three_that_shrinks(tree, monkeypatch):
    text = "void {1}(void); void {0}(void) {{ {1}(); }}"
    files = {f"kernel/{a}.c": text.format(a, b) for a, b in ("ab", "bc", "ca")}
    assert [t for _, t in calls(tree(**files))] == [
        "a circle of 3: kernel/a.c, kernel/b.c, kernel/c.c"]
    monkeypatch.setattr(floors, "CIRCLES", (
        ({"kernel/a.c", "kernel/b.c", "kernel/c.c"}, "why"),))
    assert calls(tree(**files)) == []
    files |= {"kernel/b.c": text.format("b", "a"), "kernel/c.c": "void c(void) { }"}
    assert ["has gone" in t for _, t in calls(tree(**files))] == [True]


@pytest.mark.parametrize("name", ["kernel/a.c", "arch/a/b.S"])
def test_what_is_not_built_is_not_judged(tree, name):
    t = tree(**{"kernel/a.c": "int a;", "arch/a/b.S": ".globl b\nb:\n"})
    assert not any("older" in s for s in skips(t))
    newer = (t.root / "build/a/arch/a/b.S.o").stat().st_mtime + 5
    os.utime(t.root / name, (newer, newer))
    assert [s for s in skips(t) if f"older than {name}" in s]


def test_an_object_that_is_missing(tree):
    t = tree(**{"kernel/a.c": "int a;"})
    (t.root / "build/a/kernel/a.o").unlink()
    assert [s for s in skips(t) if "older than kernel/a.c" in s]


def skips(tree):
    """What the rule says that it did not look at, of this tree as it is now."""
    again = Tree(tree.root)
    calls(again)
    return again.skips
