# SPDX-License-Identifier: GPL-2.0-only
"""Sync points and the tests that name them, held against each other.

A point is a place where the kernel's code says sync_point("name"); a test names it in a rule, as a
string. Every point outside of tests/ is a window that some test forces, and the loads that delay at
random reach all those of the memory manager.
"""
import re

TESTS = "tests/"
# What delays at random: by a rule "*", or by naming each point.
RANDOM = ("tests/rmap/free_knobs.c", "tests/torture/mm_torture.c")
REST = "*"
NEVER = "test.never"  # what a test waits for that is to wait in vain
LOADED = "mm/"  # the loads come to all points of this directory

_POINT = re.compile(r'\bsync_point(?:_quiet)?(?:_on)?\(\s*"([^"]+)"')
_LITERAL = re.compile(r'"((?:[a-z_]+\.[a-z_0-9]+)|\*)"')
_RULE = re.compile(r'\.(?:at|until)\s*=\s*"([^"]+)"')
_NO_CODE = re.compile(r"\s*(?:#\s*include\b|/?\*)")
_NAMES_POINTS = re.compile(r"\bsync_rule\b|\brules = \{|\bWINDOW\(|\blast_sync_point\b")


def _code(tree, name):
    """Lines that may hold names, by number."""
    return [(n, line) for n, line in enumerate(tree.lines(name), 1) if not _NO_CODE.match(line)]


def points(tree):
    """Where each point is: of the kernel, and of the tests."""
    kernel, tests = {}, {}
    for name in tree.ending(".c", ".h"):
        into = tests if name.startswith(TESTS) else kernel
        for n, line in _code(tree, name):
            for point in _POINT.findall(line):
                into.setdefault(point, (name, n))
    return kernel, tests


def uses(tree, prefixes):
    """(name, file, line) of each string in tests/ that is meant to be a point's name."""
    for name in tree.ending(".c", ".h", dirs=(TESTS,)):
        if not _NAMES_POINTS.search(tree.text(name)):
            continue
        for n, line in _code(tree, name):
            line = _POINT.sub("", line)
            rules = _RULE.findall(line)
            for word in rules + [w for w in _LITERAL.findall(line) if w not in rules]:
                if word in rules or word == REST or word.partition(".")[0] in prefixes:
                    yield word, name, n


def rule_sync(tree):
    """Each sync point is named by a test that exists for it, and no test names one that is not."""
    kernel, tests = points(tree)
    known = kernel.keys() | tests.keys() | {NEVER}
    forced, random = set(), {name: set() for name in RANDOM if name in tree.names}
    for word, name, n in uses(tree, {p.partition(".")[0] for p in known}):
        (random[name] if name in random else forced).add(word)
        if word != REST and word not in known:
            yield name, n, f"there is no sync point {word}"
    for point, (name, n) in sorted(kernel.items()):
        if point not in forced:
            yield name, n, f"no test forces the window at sync point {point}"
        if not name.startswith(LOADED):
            continue
        for load, words in random.items():
            if REST not in words and point not in words:
                yield name, n, f"{load} has no delay at sync point {point}, and no rule \"*\""
