# SPDX-License-Identifier: GPL-2.0-only
"""The order of locks: what is written against what was seen, and against the sources."""
from pathlib import Path

import pytest
from fp.base.tree import Tree
from fp.lint import lint, lock_order
from fp.record import console

ROOT = Path(__file__).resolve().parents[2]
DOC = """\
# Locks

## The order

    sem                    areas
      big                  entries
        left, right        lists
          (interrupts that come)
            small          free blocks
    mutex                  files
      right

| never seen | why |
|---|---|
| `left > (interrupts that come)` | too short |

## More

    other                  no part of it
"""
SEEN = {("sem", "big"), ("big", "left"), ("big", "right"), ("left", "small"), ("sem", "small"),
        ("right", "(interrupts that come)"), ("(interrupts that come)", "small"),
        ("mutex", "right"), ("mutex", "small"), ("a_test", "sem"), ("small", "a_test")}


def against(seen=frozenset(SEEN), doc=DOC, more=frozenset()):
    return lock_order.against(lock_order.Written(doc), {"arm64": set(seen), "riscv64": set(more)})


def test_what_is_written_is_read():
    written = lock_order.Written(DOC)
    assert set(written.classes) == {"sem", "big", "left", "right", "(interrupts that come)",
                                    "small", "mutex"}
    assert ("big", "right") in written.edges and ("mutex", "right") in written.edges
    assert ("sem", "left") not in written.edges and ("sem", "left") in written.allowed()
    assert ("left", "right") not in written.allowed()
    assert ("mutex", "left") not in written.allowed()


@pytest.mark.parametrize("between,inside", [("", True), ("Words.\n", False), ("Words.\n\n", False)])
def test_words_between_end_a_tree_and_an_empty_line_does_not(between, inside):
    written = lock_order.Written(DOC.replace("      big", f"\n{between}      big"))
    assert (("sem", "big") in written.edges) == inside
    assert ("big", "left") in written.edges


def test_what_is_as_written_passes():
    assert against() == ([], [])


@pytest.mark.parametrize("edge", [("big", "sem"), ("left", "right"), ("mutex", "big"),
                                  ("small", "(interrupts that come)")])
def test_an_order_that_is_not_written_is_wrong(edge):
    wrong, said = against(more={edge})
    assert len(wrong) == 1 and f"{edge[1]} was taken under {edge[0]}" in wrong[0]
    assert wrong[0].endswith(": on riscv64") and said == []


def test_an_order_that_was_never_seen_is_said_with_its_place():
    wrong, said = against(SEEN - {("big", "right")})
    assert wrong == []
    assert said == ["docs/locking.md:7: right under big was never seen"]


def test_that_it_follows_from_others_is_not_to_be_seen():
    assert ("sem", "left") not in SEEN and against() == ([], [])


def test_what_only_one_machine_saw_was_seen():
    assert against(SEEN - {("big", "left")}, more={("big", "left")}) == ([], [])


def test_a_reason_for_what_was_seen_is_stale():
    wrong, said = against(SEEN | {("left", "(interrupts that come)")})
    assert wrong == [] and len(said) == 1 and "its reason is stale" in said[0]


def test_locks_of_one_class_have_no_order():
    assert against(SEEN | {("big", "big")}) == ([], [])


@pytest.mark.parametrize("edge,bad", [
    (("sem", "big:queue"), 0), (("big", "big:queue"), 0), (("big", "sem:queue"), 0),
    (("mutex", "sem:queue"), 1),
    (("(CPUs that are called)", "sem:queue"), 0), (("sem:queue", "small"), 0),
    (("sem:queue", "big"), 1), (("sem:queue", "a_test"), 0)])
def test_the_spinlock_of_a_lock_that_sleeps_is_inside_of_what_goes_with_it(edge, bad):
    doc = DOC.replace("    mutex  ", "    (CPUs that are called)\n      right\n    mutex  ")
    assert len(against(SEEN | {edge}, doc)[0]) == bad


def test_the_kernel_is_understood():
    c = console.Console()
    c.feed(b"# [0] lock order: mmap_sem > (interrupts that come)\n"
           b"# [3] lock order: page_lock:queue > buddy\nlock order: a > b\n")
    assert c.t.orders == {("mmap_sem", "(interrupts that come)"), ("page_lock:queue", "buddy")}


@pytest.fixture
def rule(tmp_path):
    """Findings of the rule in a tree with these files."""
    def find(doc=DOC, **files):
        files = {"kernel/a.c": 'init_rwsem(&x, "sem");\nstatic DEFINE_SPINLOCK(big);\n',
                 "mm/b.c": 'spin_lock_init(&y->lock, "left");\nwait_queue_init(&q[i], "right");\n',
                 "mm/c.c": 'struct s = { .lock = SPINLOCK_INIT("small") };\n',
                 "lib/d.c": 'mutex_init(&z, "mutex");\n', "tests/e.c": "DEFINE_SPINLOCK(test);\n",
                 "docs/locking.md": doc, **files}
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return list(lint.RULES["locks"](Tree(tmp_path)))
    return find


def test_the_sources_have_what_is_written(rule):
    assert rule() == []


def test_a_lock_that_is_not_written(rule):
    assert rule(**{"mm/f.c": "int a;\nDEFINE_SPINLOCK(new_lock);\n"}) == [
        ("mm/f.c", 2, "docs/locking.md does not say where lock new_lock stands in the order")]


@pytest.mark.parametrize("name", ["kernel/f.c", "lib/f.c", "drivers/f.c", "mm/f.c", "arch/vax/f.c",
                                  "mm/f.h"])
def test_a_lock_is_found_wherever_it_is(rule, name):
    assert [f[:2] for f in rule(**{name: "DEFINE_SPINLOCK(new_lock);\n"})] == [(name, 1)]


def test_a_lock_that_is_not_there(rule):
    assert rule(DOC.replace("mutex   ", "rwlock  ")) == [
        ("lib/d.c", 1, "docs/locking.md does not say where lock mutex stands in the order"),
        ("docs/locking.md", 10, "there is no lock rwlock")]


def test_a_circle_in_the_tree(rule):
    circle = DOC.replace("      right\n", "      right\n        mutex\n")
    assert {s for _, _, s in rule(circle)} == {"mutex is inside itself", "right is inside itself"}


def test_a_reason_needs_its_place_in_the_tree(rule):
    found = rule(DOC.replace("`left >", "`sem >"))
    assert len(found) == 1 and found[0][1] == 15 and "does not have" in found[0][2]


@pytest.mark.parametrize("text,bad", [
    ("/* Lock order: docs/locking.md. */\n", 0), ("/*\n * Lock order, from the outside:\n */\n", 1),
    ("/* Lock order: see mm.h. */\n", 1), ("/* buddy.lock is the innermost lock. */\n", 1),
    ("/* The outermost lock. */\n", 1), ("/* The innermost lock. */\n", 1),
    ("/* This lock is innermost. */\n", 1), ("/* The innermost loop. */\n", 0)])
def test_no_other_place_repeats_it(rule, text, bad):
    assert [f[0] for f in rule(**{"mm/g.c": text})] == ["mm/g.c"] * bad


def test_the_document_of_this_tree_is_read():
    written = lock_order.read(ROOT)
    assert ("anon_vma", "page_table_lock") in written.edges
    assert ("mmap_sem", "buddy") in written.allowed()
