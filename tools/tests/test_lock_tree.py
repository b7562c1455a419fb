# SPDX-License-Identifier: GPL-2.0-only
"""docs/locking.md, the head of mm/rmap.c and the kernel's own test draw one tree of locks."""
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# What the documents call a lock, and its class.
CLASSES = {"mm->mmap_sem": "mmap_sem", "page lock": "page_lock", "anon_vma->lock": "anon_vma",
           "mm->page_table_lock": "page_table_lock", "mm->prepare_lock": "prepare_lock",
           "swap_lock": "swap_lock", "lru_lock": "lru_lock", "slab: a cache's lock": "kmem_cache",
           "page allocator's lock": "buddy"}


def _tree(lines):
    """{class: depth} of an indented tree, as far as the names are known."""
    found = {}
    for line in lines:
        text = re.sub(r"^ ?\*", " ", line)
        indent = len(text) - len(text.lstrip())
        for name, cls in CLASSES.items():
            if text.lstrip().startswith(name):
                found.setdefault(cls, indent)
    indents = sorted(set(found.values()))
    return {cls: indents.index(indent) for cls, indent in found.items()}


def _between(path, first, last):
    text = (ROOT / path).read_text(encoding="utf-8")
    return text.split(first, 1)[1].split(last, 1)[0].splitlines()


def _documented():
    return _tree(_between("docs/locking.md", "The memory manager's locks", "A debug build"))


def test_the_trees_agree():
    docs = _documented()
    test = {m[1]: int(m[2]) for m in re.finditer(
        r'\{ "(\w+)", (\d) \}', (ROOT / "tests/mm/lock_tree.c").read_text(encoding="utf-8"))}
    assert set(docs) == set(CLASSES.values())
    assert test == docs


def test_the_head_of_the_reverse_map_agrees():
    docs = _documented()
    head = _tree(_between("mm/rmap.c", "Lock order, from the outside", "Reclaim is entered"))
    assert len(head) == 7
    assert head == {cls: docs[cls] for cls in head}
