# SPDX-License-Identifier: GPL-2.0-only
"""Who waits for another CPU says what for (include/kernel/spin_wait.h): no loop spins by itself."""
import re

# What spins by itself, and may: the header, the ports (devices, hands with firmware), and what is
# no part of the kernel.
OWN = ("include/kernel/spin_wait.h", "include/arch/", "arch/", "tests/host/", "tools/")
# The exceptions, with how many there are of them, and why. This list may only shrink.
RAW = {
    # Between two races of a litmus test nothing else is to touch memory, and its waits have limits
    # and sleeps of their own, in proportion to a race.
    "tests/litmus/engine.c": 1,
}

_RELAX = re.compile(r"\bcpu_relax\s*\(")
# A loop without a body that looks at what another CPU, or the time, changes.
_EMPTY = re.compile(
    r"\bwhile \([^;{}]*\b(?:READ_ONCE|smp_load_acquire|clock_ns|patience_is_over|\w*trylock|"
    r"\w*xchg\w*)\s*\([^;{}]*\)\n\s*;")


def findings(tree, strip):
    """As a rule of lint; @strip blanks comments and strings."""
    for name in tree.ending(".c", ".h"):
        if name.startswith(OWN):
            continue
        code = strip(tree.text(name))
        places = sorted(code.count("\n", 0, m.start()) + 1
                        for pattern in (_RELAX, _EMPTY) for m in pattern.finditer(code))
        allowed = RAW.get(name, 0)
        for line in places[allowed:]:
            yield name, line, ("spins by itself: what it waits for gets a name by "
                               "spin_until() and its like, include/kernel/spin_wait.h")
        if len(places) < allowed:
            yield name, 1, f"spins by itself {len(places)} times: RAW of lint/waits.py says more"
