# SPDX-License-Identifier: GPL-2.0-only
"""What documents and comments name is there."""
import pytest
from fp.base.tree import Tree
from fp.lint import lint


@pytest.fixture
def names(tmp_path):
    def find(text, file="docs/a.md"):
        files = {"mm/x.c": "int x_do(void)\n{\n\treturn 0;\n}\n#define x_macro(a) a\n",
                 "include/mm/x.h": "struct x_ops { int (*hook)(void); };\n",
                 "arch/arm64/boot.S": "boot_here:\n\tret\nbl boot_there\n", file: text}
        for name, body in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(body)
        return [(f, n, s) for f, n, s in lint.RULES["names"](Tree(tmp_path))]
    return find


@pytest.mark.parametrize("text", [
    "`x_do()`, x_macro() and hook(), from boot_here() on", "x_do(1) does it",
    "p->gone() and a.gone()", "mm/x.c, <mm/x.h>, x.c, arm64/boot.S", "litmus.S is a test",
    "build/report/a.json"])
def test_what_is_there_may_be_named(names, text):
    assert names(text) == []


@pytest.mark.parametrize("text,what", [
    ("line\n`x_gone()` does it", "x_gone()"), ("\nboot_there() does it", "boot_there()"),
    ("\nsee mm/y.c", "the file mm/y.c"), ("\nsee kernel/x.c", "the file kernel/x.c"),
    ("\nsee y.c.", "the file y.c"), ("\nsee `docs/b.md`", "the file docs/b.md")])
def test_what_is_not_there_is_found(names, text, what):
    assert names(text) == [("docs/a.md", 2, f"names {what}, which does not exist")]


def test_comments_are_looked_at_and_code_is_not(names):
    text = "/* One.\n * x_gone()\n */\nint y = gone(1);\nchar *s = \"z_gone()\";\n"
    found = names(text, "mm/z.c")
    assert [(f, n) for f, n, _ in found] == [("mm/z.c", 2)]


def test_a_name_in_a_comment_alone_is_not_known(names):
    assert names("/* x_gone(1) */\n/* x_gone() */\n", "mm/z.c")[0][1] == 2
