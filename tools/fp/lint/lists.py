# SPDX-License-Identifier: GPL-2.0-only
"""No file lists the ISAs: that there is one, and what it is like, is said in its isa.toml.

A list is code that names two of them or more; comments may. Files that belong to an ISA or a
machine, and what tests are given to read, are not looked at.
"""
import re

from ..base import isas

HERE = "tools/fp/lint/lists.py"
NOT_HERE = ("arch/", "linker/", "boards/", "docs/", "tests/mutants/", "tools/tests/",
            "tests/litmus/test_gen.py", "tests/translation/test_translation_gen.py",
            "tests/litmus/models.toml")  # memory models, some of which are called as their ISA
# How often a file may name an ISA all the same, and why. A new list is no reason for a line here:
# the numbers only fall.
ALLOWED = {
    "tests/rmap/variants/v0.c": (3, "sentences on what breaks a variant where"),
    "tests/rmap/variants/variant.h": (3, "sentences on what breaks a variant where"),
    "tests/rmap/variants/w2.c": (3, "sentences on what breaks a variant where"),
}

_C = re.compile(r'/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\\n])*")', re.S)
_HASH = re.compile(r'"""(?:[^"]|"(?!""))*"""|(?<!\S)#[^\n]*|("(?:\\.|[^"\\\n])*")')
_C_FILES = (".c", ".h", ".S", ".ld", ".dts")


def code(name, text):
    """The text with its comments blanked, line by line; strings stay."""
    pattern = _C if name.endswith(_C_FILES) else _HASH
    return pattern.sub(lambda m: m[1] or re.sub(r"[^\n]", " ", m[0]), text)


def pattern_of(known):
    """Matches each name that an ISA goes by: its own, its tools' and its hosts'."""
    names = {}
    for isa in known:
        for word in (isa.name, isa.cross.partition("-")[0], *isa.hosts):
            names[word] = isa.name
    words = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    return re.compile(rf"(?<![A-Za-z0-9_])(?:{words})(?![A-Za-z0-9_])"), names


def mentions(tree, name, pattern, names):
    """[(line, ISA)] of a file's code."""
    return [(n, names[word]) for n, line in enumerate(code(name, tree.text(name)).split("\n"), 1)
            for word in pattern.findall(line)]


def judge(name, found, allowed):
    """(line, sentence) of what is wrong with a file that names ISAs as @found says."""
    count, reason = allowed.get(name, (0, ""))
    several = len({isa for _, isa in found}) > 1
    number = len(found) if several else 0
    if number > count:
        line, isa = next(f for f in found if f[1] != found[0][1])
        more = f", {number} times instead of {count} ({reason})" if reason else ""
        yield line, (f"names {isa} beside {found[0][1]}{more}: what ISAs differ in is said in "
                     "arch/<isa>/isa.toml, once")
    elif number < count:
        yield 1, (f"names ISAs {number} times; {count} are allowed in {HERE}: lower that"
                  + ("" if number else ", or strike the line"))


def rule_lists(tree, allowed=None, known=None):
    """No list of ISAs outside the directories of ports and machines."""
    allowed = ALLOWED if allowed is None else allowed
    pattern, names = pattern_of(known or isas.load().values())
    files = [n for n in tree.sources() if not n.startswith(NOT_HERE)]
    for name in set(allowed) - set(files) if HERE in tree.names else ():
        yield HERE, 1, f"{name} is not there any more: strike it from ALLOWED"
    for name in files:
        for line, sentence in judge(name, mentions(tree, name, pattern, names), allowed):
            yield name, line, sentence
