# SPDX-License-Identifier: GPL-2.0-only
"""A flush in mm/ names the translation test that stands for it."""
import pytest
from fp.base.tree import Tree
from fp.lint import lint

HEAD = "/* SPDX */\n/* What it is for. */\n"


def found(tmp_path, body, name="mm/x.c"):
    path = tmp_path / name
    path.parent.mkdir(parents=True)
    path.write_text(HEAD + body)
    return [line for _, line, _ in lint.RULES["flushes"](Tree(tmp_path))]


@pytest.mark.parametrize("call", ["tlb_flush_page(mm, a)", "tlb_flush_range(mm, a, b)",
                                  "tlb_flush_mm(mm)", "arch_tlb_flush_user_page_local(id, a)"])
def test_a_flush_without_a_test_is_found(tmp_path, call):
    assert found(tmp_path, f"/* It flushes. */\nvoid f(void)\n{{\n\t{call};\n}}\n") == [6]


@pytest.mark.parametrize("comment", ["tests: translation.MP.shoot+flush+mb",
                                     "why; tests: tlb.remap, translation.Reuse.*"])
def test_a_flush_with_its_test_is_not(tmp_path, comment):
    assert not found(tmp_path, f"/* {comment} */\nvoid f(void)\n{{\n\ttlb_flush_mm(mm);\n}}\n")


@pytest.mark.parametrize("body, name", [
    ("/* tests: tlb.remap; */\nvoid f(void)\n{\n\t/* not tlb_flush_mm(mm) */\n}\n", "mm/x.c"),
    ("void tlb_flush_mm(struct mm_struct *mm)\n{\n}\n", "mm/x.c"),
    ("void f(void)\n{\n\ttlb_flush_mm(mm);\n}\n", "tests/x.c"),
])
def test_what_is_no_flush_of_mm_is_not(tmp_path, body, name):
    assert not found(tmp_path, body, name)


def test_another_suite_is_not_enough(tmp_path):
    body = "/* tests: tlb.remap */\nvoid f(void)\n{\n\ttlb_flush_mm(mm);\n}\n"
    assert found(tmp_path, body) == [6]
