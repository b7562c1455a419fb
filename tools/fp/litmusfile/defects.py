# SPDX-License-Identifier: GPL-2.0-only
"""Files whose forbidden outcome a known defect of the emulator may show, by their form.

TCG translates stlr; ldar to two accesses between which the host may let the load pass the store
(tests/litmus/defects.c, docs/harness-errata.md): a thread that has nothing but a release and an
acquire between a store and a later load can show that on arm64.
"""
from . import ir

STLR_LDAR = "TCG lets the load of stlr; ldar pass the store"
_FULL = ("smp_mb", "smp_store_mb", "synchronize_rcu", "synchronize_rcu_expedited",
         "synchronize_srcu", "dmb", "dsb")


def _calls(statements):
    """Names of the primitives in the order of the text."""
    for s in statements:
        if isinstance(s, ir.Instruction):
            yield s.text.partition(" ")[0] + (" ld" if s.text.endswith("ld") else "")
        elif isinstance(s, ir.If):
            yield from _calls(s.then)
            yield from _calls(s.other)
        else:
            value = s.value if isinstance(s, ir.Assign) else s.what
            if isinstance(value, ir.Call):
                yield value.name


def _has_pair(thread):
    """A release, and an acquire behind it, without a full fence between."""
    released = False
    for name in _calls(thread.body):
        if name.startswith(_FULL) and not name.endswith(" ld"):
            released = False
        released |= name.startswith("stl") or "release" in name or name == "rcu_assign_pointer"
        if released and (name.startswith(("ldar", "ldapr", "ldaxr")) or "acquire" in name):
            return True
    return False


def known(program, arch, accel):
    """Why the outcome may show though it is forbidden, or ""."""
    if arch == "arm64" and accel == "tcg" and any(_has_pair(t) for t in program.threads):
        return STLR_LDAR
    return ""
