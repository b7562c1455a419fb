# SPDX-License-Identifier: GPL-2.0-only
"""The order of locks: one tree, in docs/locking.md, held against the sources and against what the
kernels of `make check` saw (kernel/debug/lock_order.c, with lock_order=1 on the boot line).

A line of the tree names one or more classes, and what stands further right below it may be taken
with them held, however far below. A class stands in as many places as it has locks around it.
"""
import re

from .pairs import comments, one_line

DOC = "docs/locking.md"
DIRS = ("kernel/", "lib/", "drivers/", "mm/", "arch/")
WAITS = ("(interrupts that come)", "(CPUs that are called)")  # classes that are no locks
QUEUE = ":queue"  # the spinlock of a lock that sleeps

_TREE_LINE = re.compile(r"^( {4,})(\S.*?)(?: {2,}|$)")
_UNSEEN = re.compile(r"^\| `(.+?) > (.+?)` \| (.+?) \|$")
_CLASS = re.compile(r"\b(?:spin_lock_init|mutex_init|init_rwsem|wait_queue_init)"
                    r"\([^,()]*(?:\([^()]*\))?[^,()]*,\s*\"(\w+)\"\)|"
                    r"\bDEFINE_SPINLOCK\((\w+)\)|\bSPINLOCK_INIT\(\"(\w+)\"\)")

_REPEATED = re.compile(r"\b[Ll]ock order(?!: docs/locking\.md)|\b(?:inner|outer)most lock\b|"
                       r"\block\b[^.;]*\b(?:inner|outer)most\b")


class Written:
    """What the document says: edges {(outer, inner): line}, classes {name: line}, unseen {edge:
    (line, reason)}."""

    def __init__(self, text):
        self.edges, self.classes, self.unseen = {}, {}, {}
        above, in_tree = [], False
        for n, line in enumerate(text.split("\n"), 1):
            m = _UNSEEN.match(line)
            if m:
                self.unseen[m[1], m[2]] = (n, m[3])
            if line.startswith("#"):
                in_tree = line == "## The order"
            m = _TREE_LINE.match(line) if in_tree else None
            if m:
                above = self._add(n, len(m[1]), m[2].split(", "), above)
            elif line.strip():
                above = []

    def _add(self, n, indent, names, above):
        above = [(i, outer) for i, outer in above if i < indent]
        for name in names:
            self.classes.setdefault(name, n)
            for outer in above[-1][1] if above else ():
                self.edges.setdefault((outer, name), n)
        return above + [(indent, names)]

    def allowed(self):
        """All pairs that the tree allows: its edges, and what follows from several of them."""
        under = {}
        for outer, inner in self.edges:
            under.setdefault(outer, set()).add(inner)
        pairs = set()
        for outer in under:
            todo = list(under[outer])
            while todo:
                inner = todo.pop()
                if (outer, inner) not in pairs:
                    pairs.add((outer, inner))
                    todo += under.get(inner, ())
        return pairs


def read(root):
    return Written((root / DOC).read_text(encoding="utf-8"))


def _is_allowed(allowed, outer, inner):
    """A queue's spinlock is wherever its lock is, and inside it, and inside what may be held with
    it, since the lock may be given back first; only interrupts come inside."""
    if inner.endswith(QUEUE):
        lock = inner.removesuffix(QUEUE)
        return outer in WAITS or outer == lock or \
            (outer, lock) in allowed or (lock, outer) in allowed
    if outer.endswith(QUEUE):
        return inner == WAITS[0] or (WAITS[0], inner) in allowed
    return outer == inner or (outer, inner) in allowed


def against(written, seen):
    """Sentences on @seen, {machine: edges}: (what is wrong, what is only to be said). Locks that
    the tree does not have are the tests'."""
    allowed, every = written.allowed(), set().union(*seen.values())
    wrong = []
    for outer, inner in sorted(every):
        known = {outer.removesuffix(QUEUE), inner.removesuffix(QUEUE)} <= set(written.classes)
        if known and not _is_allowed(allowed, outer, inner):
            where = ", ".join(m for m in seen if (outer, inner) in seen[m])
            wrong.append(f"{inner} was taken under {outer}, which {DOC} does not say: on {where}")
    said = [f"{DOC}:{n}: {inner} under {outer} was never seen" for (outer, inner), n in
            written.edges.items() if (outer, inner) not in every | set(written.unseen)]
    said += [f"{DOC}:{n}: {outer} > {inner} was seen: its reason is stale"
             for (outer, inner), (n, _) in written.unseen.items() if (outer, inner) in every]
    return wrong, said


def source_classes(tree):
    """{class: (file, line)} of the locks that are not the tests'."""
    found = {}
    for name in tree.ending(".c", ".h", dirs=DIRS):
        text = tree.text(name)
        for m in _CLASS.finditer(text):
            found.setdefault(m[1] or m[2] or m[3], (name, text.count("\n", 0, m.start()) + 1))
    return found


def repetitions(tree):
    """Comments that tell the order once more."""
    for name in tree.ending(".c", ".h", dirs=DIRS + ("include/",)):
        if "lock_order" in name:
            continue
        for first, _, comment in comments(tree.text(name)):
            if _REPEATED.search(one_line(comment)):
                yield name, first + 1, f"tells the order of locks: 'Lock order: {DOC}' is enough"


def rule_locks(tree):
    """docs/locking.md, and nothing else, has every lock's place in the order; no circle."""
    if DOC not in tree.names:
        return
    yield from repetitions(tree)
    written, there = Written(tree.text(DOC)), source_classes(tree)
    for name, (file, n) in sorted(there.items()):
        if name not in written.classes:
            yield file, n, f"{DOC} does not say where lock {name} stands in the order"
    for name, n in written.classes.items():
        if name not in there and name not in WAITS:
            yield DOC, n, f"there is no lock {name}"
    for outer, inner in sorted(written.allowed()):
        if outer == inner:
            yield DOC, written.classes[outer], f"{outer} is inside itself"
    for edge, (n, _) in written.unseen.items():
        if edge not in written.edges:
            yield DOC, n, f"the tree does not have {edge[1]} directly under {edge[0]}"
