# SPDX-License-Identifier: GPL-2.0-only
"""Every flush in mm/ names the translation test that stands for it (tests/translation)."""
import re

LINES = 16  # before the call: a comment is that near

# Calls, and not definitions, which begin a line.
_FLUSH = re.compile(r"^\t.*\b(tlb_flush_(?:page|range|mm)|(?:arch_tlb_flush_\w+))\(", re.M)
_NAMED = re.compile(r"tests:[^;]*?\btranslation\.", re.S)


def findings(tree, strip):
    """As a rule of lint; @strip blanks comments and strings."""
    for name in tree.ending(".c", dirs=("mm/",)):
        lines = tree.lines(name)
        for m in _FLUSH.finditer(strip(tree.text(name))):
            at = strip(tree.text(name)).count("\n", 0, m.start(1))
            if not _NAMED.search("\n".join(lines[max(0, at - LINES):at + 1])):
                yield name, at + 1, (f"{m[1]}() without a comment in the {LINES} lines before it "
                                     "that names its test: tests: translation.NAME")
