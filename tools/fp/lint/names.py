# SPDX-License-Identifier: GPL-2.0-only
"""Functions and files that documents and comments name, NAME() and dir/name.c, exist.

What is called somewhere exists, or nothing would link; so a name is known by its definition, by a
call, by an initialiser (a member) or as a label.
"""
import re

from .pairs import comments, strip_comments

# Of other systems, which the story is about, and what macros make by joining names.
FOREIGN = {
    "__anon_vma_prepare": "Linux, since 2016",
    "reusable_anon_vma": "Linux, since 2010",
    "page_move_anon_rmap": "Linux, since 2010",
    "clone": "the C library's",
    "function": "any",
    "Name": "ACPI's",
    "Package": "ACPI's",
    "arch_cmpxchg64": "made of arch_cmpxchg and a size, in include/arch/atomic.h",
}
FOREIGN_FILES = ("public/", "include/uapi/")  # Xen's, Linux's
DOCS = ("docs/", "README.md")

_NAME = re.compile(r"(?<![\w.>*-])([A-Za-z_]\w*)\(\)")
_KNOWN = re.compile(r"([A-Za-z_]\w*)\s*(?=\()|#\s*define\s+(\w+)|\(\*(?:const )?(\w+)|"
                    r"\.(\w+) = ")
_FILE = re.compile(r"(?<![\w./<*>-])((?:[\w.-]+/)*[\w-]+\.(?:c|h|S|py|md|toml|tsv|ld|mk|sh))\b"
                   r"(?!\.\w|\()")
_LABEL = re.compile(r"^(\w+):", re.M)


def known(tree):
    names = set(FOREIGN)
    for name in tree.ending(".c", ".h", ".S", ".py", ".lds", ".sh"):
        text = tree.text(name) if name.endswith((".py", ".sh")) else strip_comments(tree.text(name))
        names.update(*(filter(None, found) for found in _KNOWN.findall(text)))
        if name.endswith(".S"):
            names.update(_LABEL.findall(text))
    return names


def texts(tree):
    """(file, line, text) of each line of the documents and of comments in C and assembly."""
    for name in tree.ending(".md", dirs=DOCS):
        for n, line in enumerate(tree.lines(name), 1):
            yield name, n, line
    for name in tree.ending(".c", ".h", ".S"):
        for first, _, comment in comments(tree.text(name)):
            for n, line in enumerate(comment.split("\n"), first + 1):
                yield name, n, line


def rule_names(tree):
    """A function or file that a document or a comment names is there."""
    names = known(tree)
    ends = {n.split("/", up)[-1] for n in tree.names for up in range(n.count("/") + 1)}
    for name, n, line in texts(tree):
        for found in _NAME.findall(line):
            if found not in names:
                yield name, n, f"names {found}(), which does not exist"
        for found in _FILE.findall(line):
            test = found.startswith("litmus.")
            if found not in ends and not test and not found.startswith(FOREIGN_FILES):
                yield name, n, f"names the file {found}, which does not exist"
