# SPDX-License-Identifier: GPL-2.0-only
"""The packages of the host tool stand in one order, and none imports what stands above it: so there
is no circle. An import inside a function counts like any other.
"""
import ast
from pathlib import PurePath

TOOL = "tools/fp/"
# From the ground up; __init__.py of each says what it holds.
ORDER = ("base", "record", "images", "litmus", "transport", "run", "report", "lab", "mailthread",
         "litmusfile", "html", "mutants", "lint", "selftest", "check", "cli")


def imported(name, source):
    """(package, line) of what a file of the tool imports from other packages of it."""
    own = PurePath(name).parts[2]
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.ImportFrom) or node.level == 1:
            continue
        words = (node.module or "").split(".")
        if node.level == 0 and words[0] != "fp":
            continue
        words = words[1:] if node.level == 0 else words
        for package in [words[0]] if words and words[0] else [a.name for a in node.names]:
            if package != own:
                yield package, node.lineno


def rule_packages(tree):
    """No package of the host tool imports one that stands above it."""
    for name in tree.ending(".py", dirs=(TOOL,)):
        parts = PurePath(name).parts
        if len(parts) != 4:
            if name != TOOL + "__init__.py":
                yield name, 1, "belongs into a package: see ORDER in lint/packages.py"
            continue
        own = parts[2]
        if own not in ORDER:
            yield name, 1, f"the package {own} has no place in ORDER of lint/packages.py"
            continue
        for package, line in imported(name, tree.text(name)):
            if package not in ORDER[:ORDER.index(own)]:
                yield name, line, f"{package} stands above {own}: see ORDER in lint/packages.py"
