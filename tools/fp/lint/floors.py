# SPDX-License-Identifier: GPL-2.0-only
"""The floors of docs/architecture.md: who may include and call whom, and the circles there are.

Includes are read in the sources; calls off the objects of build/, by symbols, so of what was built
last: a build older than its sources is not judged, and that is said. The lists of exceptions may
only shrink: one that is not needed any more is a finding.
"""
import re
import subprocess
from collections import defaultdict

from ..base import isas
from ..base.errors import UserError

_INCLUDE = re.compile(r"^[ \t]*#\s*include\s+<(\w+)/([^>]+)>", re.M)

# A floor, where it lies, and which directories of headers it may include. The first match counts.
FLOORS = (
    ("lib", ("include/lib/", "lib/"), {"lib"}),
    ("drivers", ("include/drivers/", "drivers/"), {"lib", "arch", "drivers"}),
    ("contract", ("include/arch/",), {"lib", "arch", "asm"}),
    ("port", ("arch/",), {"lib", "arch", "asm", "drivers", "kernel", "mm"}),
    ("efi", ("efi/",), {"lib", "kernel"}),
    ("kernel", ("include/kernel/", "kernel/"), {"lib", "arch", "kernel"}),
    ("mm", ("include/mm/", "mm/"), {"lib", "arch", "kernel", "mm"}),
)
INCLUDES = {
    ("kernel/main.c", "mm"): "the boot order stands above both",
}
# Files that need one another, each set with the reason; no others, and not more.
CIRCLES = (
    ({"kernel/rcu.c", "kernel/rcu_callback.c", "kernel/rcu_preempt.c"},
     "RCU: grace periods, the thread that runs callbacks, the flavour with blocked readers"),
    ({"kernel/debug/panic.c", "kernel/debug/watchdog.c"},
     "the end of a run: a panic shows the other CPUs, a hang shows backtraces"),
)
# What stands above and is called by symbol all the same: (who, whose).
CALLS = {
    ("kernel/main.c", "mm/"): "the boot order stands above both",
}
# The way up from a port: what include/arch/ names as what the kernel gives, and nothing else.
UP_CALLS = {
    "boot_built_in_line", "boot_early_line", "boot_handover", "boot_add_memory", "boot_add_no_map",
    "boot_add_reserved", "boot_info", "boot_set_cmdline", "boot_stack", "errata_note",
    "fdt_reg", "fdt_reg_phys", "fdt_scan_boot_info", "kernel_main", "kimage_phys",
    "smp_add_cpu", "smp_leave_out", "smp_set_boot_cpu", "smp_set_place", "fdt_place_cpus",
    "secondary_start",
    "cpu_table", "cpu_number", "nr_cpus_found", "nr_cpus_named",
    "smp_nr_online", "smp_flush_each", "current_stack", "stack_set_current",
    "stack_contains", "overflow_stack", "trap_handle", "preempt_irq_exit",
    "ipi_interrupt", "nmi_interrupt", "timer_interrupt", "clock_delay_ns",
    "printk", "printk_console_ready", "ksym_lookup",
    "boot_map", "boot_map_framebuffer", "boot_map_linear", "boot_map_memory", "ioremap",
    "kernel_root", "kmap_framebuffer",
    "pgtable_lookup", "pgtable_root_alloc", "pgtable_root_free",
}


def floor_of(name):
    """(name, headers that it may include) of the floor that a file lies on, or None: the top."""
    for floor, places, headers in FLOORS:
        if name.startswith(places):
            return floor, headers
    return None


def rule_floors(tree):
    """Nobody includes what stands above him."""
    needed = set()
    for name in tree.ending(".c", ".h", ".S"):
        floor = floor_of(name)
        if not floor:
            continue
        for m in _INCLUDE.finditer(tree.text(name)):
            if m[1] in floor[1] or m[1] == "priv" and floor[0] in ("contract", "port"):
                continue
            if (name, m[1]) in INCLUDES:
                needed.add((name, m[1]))
                continue
            line = tree.text(name).count("\n", 0, m.start()) + 1
            yield name, line, (f"<{m[1]}/{m[2]}> stands above {floor[0]}: see "
                               "docs/architecture.md")
    for name, header in INCLUDES:
        if (name, header) not in needed and name in tree.names:
            yield name, 1, f"needs no exception for <{header}/...> any more: see lint/floors.py"


class Links:
    """Who refers to whom, of the objects of one build, by their sources' names."""

    def __init__(self, tree, isa, build):
        self.prefix = f"{build.relative_to(tree.root)}/"
        self.objects = (build / "objects").read_text().split()
        self.defined, self.uses = {}, defaultdict(set)
        out = subprocess.run([isa.tool("nm"), "-A", *self.objects], cwd=tree.root,
                             capture_output=True, text=True, check=True,
                             stdin=subprocess.DEVNULL).stdout
        for line in out.splitlines():
            obj, _, rest = line.partition(":")
            *_, kind, symbol = rest.split()
            if kind == "U":
                self.uses[self.source(obj)].add(symbol)
            elif kind in "TDBRVWC":
                self.defined.setdefault(symbol, self.source(obj))

    def source(self, obj):
        stem = obj.removeprefix(self.prefix).removesuffix(".o")
        return stem if stem.endswith(".S") else stem + ".c"

    def edges(self):
        """(who, whose, symbol), in order."""
        for who in sorted(self.uses):
            for symbol in sorted(self.uses[who]):
                whose = self.defined.get(symbol)
                if whose and whose != who:
                    yield who, whose, symbol


def circles(graph):
    """The sets of more than one file that reach one another, of {file: set of files}. Tarjan's."""
    index, low, stack, on, found = {}, {}, [], set(), []

    def visit(x):
        index[x] = low[x] = len(index)
        stack.append(x)
        on.add(x)
        for y in sorted(graph.get(x, ())):
            if y not in index:
                visit(y)
                low[x] = min(low[x], low[y])
            elif y in on:
                low[x] = min(low[x], index[y])
        if low[x] == index[x]:
            part = set()
            while x not in part:
                part.add(stack.pop())
            on.difference_update(part)
            if len(part) > 1:
                found.append(part)

    for x in sorted(graph):
        if x not in index:
            visit(x)
    return found


def stale(tree, build):
    """A source that is newer than its object, or None."""
    for obj in (build / "objects").read_text().split():
        path = tree.root / obj
        source = obj.removeprefix(f"{build.relative_to(tree.root)}/").removesuffix(".o")
        source = source if source.endswith(".S") else source + ".c"
        if not path.is_file():
            return source
        if (tree.root / source).is_file() and \
                (tree.root / source).stat().st_mtime > path.stat().st_mtime:
            return source
    return None


def all_isas(tree):
    try:
        return list(isas.load(tree.root).values())
    except UserError:
        return []  # a tree without ports; a description that is wrong is found elsewhere


def builds(tree):
    """(isa, directory) of each build that can be judged; says which cannot."""
    for isa in all_isas(tree):
        build = tree.root / "build" / isa.name
        if not (build / "objects").is_file():
            continue
        newer = stale(tree, build)
        if newer:
            tree.skips.append(f"calls: {build.name} is older than {newer}: build it first")
        else:
            yield isa, build


def _calls(links, needed):
    for who, whose, symbol in links.edges():
        if who.startswith("arch/") and whose.startswith(("kernel/", "mm/", "tests/")):
            needed.add(symbol)
            if symbol not in UP_CALLS:
                yield who, 1, f"{symbol}() of {whose} is no entry point for a port"
            continue
        mine, above = floor_of(who), floor_of(whose)
        rank = {"lib": 0, "drivers": 1, "kernel": 2, "mm": 3}
        if not mine or mine[0] not in rank or whose.startswith("arch/"):
            continue
        if above and rank.get(above[0], 0) <= rank[mine[0]]:
            continue
        exception = next((e for e in CALLS if who == e[0] and whose.startswith(e[1])), None)
        needed.add(exception)
        if not exception:
            yield who, 1, f"{symbol}() of {whose} stands above {mine[0]}: register a pointer"


def _circles(links, met):
    graph = defaultdict(set)
    for who, whose, _ in links.edges():
        if who.startswith(("lib/", "drivers/", "kernel/", "mm/")) and \
                whose.startswith(("lib/", "drivers/", "kernel/", "mm/")):
            graph[who].add(whose)
    for found in circles(graph):
        allowed = next((names for names, _ in CIRCLES if found <= names), None)
        if allowed is None:
            yield sorted(found)[0], 1, f"a circle of {len(found)}: {', '.join(sorted(found))}"
        elif found == allowed:
            met.add(frozenset(found))


def rule_calls(tree):
    """Nobody calls what stands above him, and only the circles that are known exist: by symbols."""
    needed, met, judged, seen = set(), set(), set(), set()
    for isa, build in builds(tree):
        judged.add(isa.name)
        links = Links(tree, isa, build)
        for finding in (*_calls(links, needed), *_circles(links, met)):
            if finding not in seen:
                seen.add(finding)
                yield finding
    if not judged:
        tree.notes.append("calls: nothing is built that could be judged")
    if not judged or judged != {isa.name for isa in all_isas(tree)}:
        return
    for symbol in sorted(UP_CALLS - needed):
        yield "tools/fp/lint/floors.py", 1, f"no port needs {symbol} any more"
    for names, _ in CIRCLES:
        if frozenset(names) not in met:
            yield sorted(names)[0], 1, f"the circle with {', '.join(sorted(names)[1:])} has gone"
    for exception in set(CALLS) - needed:
        yield exception[0], 1, f"needs no exception for {exception[1]} any more"
