# SPDX-License-Identifier: GPL-2.0-only
"""Sync points without a test, and tests without a sync point, are found."""
import pytest
from fp.base.tree import Tree
from fp.lint import lint, pairs

POINTS = 'void f(void)\n{\n\tsync_point_on("cow.copied", page);\n\t' \
         'sync_point("zap.cleared");\n}\n'
FORCED = """\
#include "zap.h"
static struct sync_rule r[] = {
	{ "cow.copied", 0, "test.go", 1 },
	{ .at = "zap.cleared" },
};
void g(void) { sync_point("test.go"); }
"""
LOADS = {name: 'struct sync_rule *r;\n{ "*", 8, 10, 14 },\n'
         for name in ("tests/rmap/free_knobs.c", "tests/torture/mm_torture.c")}


@pytest.fixture
def found(tmp_path):
    """What the rule says of a tree: (file, a word of the sentence)."""
    def run(points=POINTS, forced=FORCED, **loads):
        files = {"mm/a.c": points, "tests/mm/a.c": forced, **LOADS, **loads}
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return [(name, line, text) for name, line, text in
                lint.RULES["sync"](Tree(tmp_path))]
    return run


def test_good(found):
    assert not found()


def test_point_without_test(found):
    got = found(points=POINTS + 'void h(void) { sync_point("exit.unlinked"); }\n')
    assert [(n, line) for n, line, _ in got] == [("mm/a.c", 6)]
    assert "no test forces the window at sync point exit.unlinked" in got[0][2]


def test_a_load_is_no_test(found):
    load = 'struct sync_rule *r = { "*", 8 }, { "zap.cleared", 2 };\n'
    got = found(forced=FORCED.replace('{ .at = "zap.cleared" },', ""),
                **{"tests/rmap/free_knobs.c": load})
    assert [text for _, _, text in got] == ["no test forces the window at sync point zap.cleared"]


@pytest.mark.parametrize("wrong", ['{ "cow.copid", 0 },', '{ .until = "nothing.known" },',
                                   'if (!strcmp(at, "zap.clear"))'])
def test_name_without_point(found, wrong):
    got = found(forced=FORCED + wrong + "\n")
    assert [(n, line) for n, line, _ in got] == [("tests/mm/a.c", 7)]
    assert "there is no sync point" in got[0][2]


def test_load_without_rest(found):
    got = found(**{"tests/torture/mm_torture.c": 'struct sync_rule r = { .at = "cow.copied" };\n'})
    assert [n for n, _, _ in got] == ["mm/a.c"]
    assert "tests/torture/mm_torture.c has no delay at sync point zap.cleared" in got[0][2]


def test_windows_count_as_tests(tmp_path):
    path = tmp_path / "tests/mm/w.c"
    path.parent.mkdir(parents=True)
    path.write_text("WINDOW(mm, fork_order, .at = 1);\n")
    assert "mm.window_fork_order" in pairs.known_tests(Tree(tmp_path))
