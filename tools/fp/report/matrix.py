# SPDX-License-Identifier: GPL-2.0-only
"""What machines said, side by side, but for the litmus tests' own table (litmus_table.py): order of
tests and columns, the other tests, what produced a column. Works on a report's runs[], fresh or
saved.
"""
import re
from collections import Counter

from rich.text import Text

from ..base import isas
from ..litmus import cells
from .cells import VERDICT_STYLES

CELL = 12
NARROW_CELL = 8
BAD = ("fail", "timeout", "crash")
TRANSLATION = "translation."
FILE = "file."  # litmus files of the user


def unknown(test):
    """Is nothing known of what the architecture allows?"""
    return str(test.get("result")).startswith("unknown")


# Families in the order in which they are taught, edges from none to the strongest.
FAMILIES = ("SB", "MP", "LB", "S", "R", "2+2W", "CoRR", "CoWW", "CoRW", "CoWR", "WRC", "RWC",
             "WWC", "ISA2", "IRIW", "Z6", "3.SB", "PPO")
_EDGES = ("po", "wmb", "rmb", "rel", "acq", "relacq", "addr", "data", "ctrl", "ctrlisync", "mb",
          "xchg")


def sort_key(name):
    """Orders litmus tests: claims (C2-...), then family by family, weaker edges first."""
    name = bare(name)
    claim = re.match(r"C(\d+)-", name)
    if claim:
        return 0, int(claim[1]), (), name
    family = next((f for f in sorted(FAMILIES, key=len, reverse=True) if name.startswith(f)), None)
    if family is None:
        return 2, 0, (), name
    edges = [e for e in name[len(family):].split("+") if e]
    known = tuple(_EDGES.index(e) if e in _EDGES else len(_EDGES) for e in edges)
    return 1, FAMILIES.index(family), (any(k == len(_EDGES) for k in known), *known), name


def bare(name):
    """The name of a litmus test without its suite."""
    return name.removeprefix("litmus.").removeprefix(TRANSLATION).removeprefix(FILE)


def is_file(name):
    """Is it of a litmus file of the user?"""
    return name.startswith(FILE)


def is_translation(name):
    """Is it a litmus test of page tables?"""
    return name.startswith(TRANSLATION)


def litmus_names(runs, translation=None):
    """Names of the litmus tests that any of the machines ran: all, or only those of page tables,
    or only the others."""
    names = {t["name"] for run in runs for t in run["tests"] if t["kind"] == "litmus"}
    return sorted((n for n in names if translation in (None, is_translation(n))), key=sort_key)


def by_name(run):
    return {t["name"]: t for t in run["tests"]}


def columns(runs):
    """Runs in the order of the ISAs; those of one that this tree does not have come last."""
    order = {name: n for n, name in enumerate(isas.names())}
    return sorted(runs, key=lambda r: order.get(r["arch"], len(order)))


def several(runs):
    """Has an ISA more than one column?"""
    return len({r["arch"] for r in runs}) < len(runs)


def label(runs, run):
    """What a line about one of @runs begins with."""
    return f"{run['arch']}/{run['machine']}" if several(runs) else run["arch"]


def column_heads(runs, cell):
    """What stands above each column: the ISA, or a number and the machine, as below the table."""
    if several(runs):
        return [f"{n} {r['machine']}"[:cell] for n, r in enumerate(runs, 1)]
    fits = all(len(r["arch"]) <= cell for r in runs)
    return [r["arch"] if fits else short_name(r["arch"]) for r in runs]


def short_name(arch):
    """For a narrow table."""
    isa = isas.load().get(arch)
    return isa.short if isa else arch


def _row(name, name_width, row, cell_width, bold):
    line = Text(name.ljust(name_width), style="bold" if bold else "default", no_wrap=True)
    for text, cell_style in row:
        line.append(" " + text.ljust(cell_width), style=cell_style)
    line.rstrip()
    return line


def provenance_notes(runs):
    """What results of these provenances can show: sentences."""
    how, notes = {r["provenance"] for r in runs}, []
    if "tcg" in how:
        notes.append("By tcg (QEMU's translation): it shows at most what the host does; on an x86 "
                     "host that is store buffering (SB), never load-load or store-store "
                     "reordering: for those use a board.")
        if litmus_names(runs, True):
            notes.append("Page tables by tcg: each CPU's TLB goes stale as a real one does, but "
                         "tables are walked at once, and nothing absent is kept.")
    if "unknown" in how:
        notes.append("By unknown: a process of a host of which nothing says that it shows what its "
                     "processor does.")
    if "silicon" in how:
        names = ", ".join(label(runs, r) for r in runs if r["provenance"] == "silicon")
        notes.append(f"By silicon ({names}): the processor itself.")
    return notes


def suite_counts(runs):
    """{suite: [{verdict: how many} of each run]} of the tests that are no litmus tests."""
    suites = {}
    for i, run in enumerate(runs):
        for t in run["tests"]:
            if t["kind"] != "litmus":
                counts = suites.setdefault(t["name"].partition(".")[0], [{} for _ in runs])[i]
                counts[t["verdict"]] = counts.get(t["verdict"], 0) + 1
    return suites


def _suite_cell(counts, cell):
    """How a suite's tests ended on one machine."""
    bad = sum(counts.get(v, 0) for v in BAD)
    text = f"{counts.get('pass', 0)} ok" if counts else ""
    if counts.get("skip"):
        text += f" {counts['skip']} skip" if cell == CELL else f" {counts['skip']}s"
    if bad:
        text = f"{bad} FAIL of {sum(counts.values())}" if cell == CELL else f"{bad} FAIL"
    return text, "bold red" if bad else "green"


def not_passed(runs):
    """Tests that did not pass and are no litmus tests: (verdict, name, reason, [(run, test)]), what
    is the same on several machines once."""
    found = {}
    for run in runs:
        for t in run["tests"]:
            if t["kind"] != "litmus" and t["verdict"] != "pass":
                found.setdefault((t["verdict"], t["name"], t["reason"]), []).append((run, t))
    return [(*key, some) for key, some in found.items()]


def where(runs, some):
    """Which of @runs are @some: their labels, or nothing if that is all of several."""
    names = [label(runs, r) for r in some]
    return "" if len(names) == len(runs) > 1 else ", ".join(names)


def render_others(runs, width=80):
    """Every test that is no litmus test: a row a suite, then each that did not pass."""
    runs = columns(runs)
    suites = suite_counts(runs)
    if not suites:
        return []
    name_width = max([len("other tests")] + [len(s) for s in suites])
    cell = CELL if name_width + len(runs) * (CELL + 1) <= width else NARROW_CELL
    heads = [(h, "bold") for h in column_heads(runs, cell)]
    lines = [_row("other tests", name_width, heads, cell, True)]
    for suite, per_run in suites.items():
        differ = len({str(c) for c in per_run if c}) > 1
        lines.append(_row(suite, name_width, [_suite_cell(c, cell) for c in per_run], cell, differ))
    for verdict, name, reason, some in not_passed(runs):
        on = where(runs, [r for r, _ in some])
        style = "yellow" if verdict == "skip" else "bold red"
        lines.append(Text.assemble((f"  {verdict:<7} ", style),
                                   f"{on + ' ' if on else ''}{name}: {reason}"))
    return lines


def render_failures(runs):
    """Litmus tests that failed, with their reasons."""
    lines = []
    runs = columns(runs)
    for run in runs:
        for t in run["tests"]:
            if t["kind"] == "litmus" and t["verdict"] in BAD:
                what = f"{label(runs, run)} {t['name']}: {t['reason']}"
                lines.append(Text.assemble((f"  {t['verdict']:<7} ", "bold red"), what))
    return lines


def _origin(run):
    """Its provenance, and QEMU's version where one ran it."""
    return run["provenance"] + (f" (QEMU {run['qemu']})" if run["qemu"] != "none" else "")


def tainted(run):
    """The tests whose results an erratum of the CPU may have spoiled, by its name."""
    found = {}
    for test in run["tests"]:
        for name in cells.tainted_by(test).split():
            found.setdefault(name, []).append(test["name"])
    return found


def render_runs(runs):
    """One line an ISA: what produced its column."""
    lines = []
    for n, r in enumerate(columns(runs), 1):
        line = Text(f"{n} {r['arch']:<10} " if several(runs) else f"{r['arch']:<10} ")
        line.append(r["verdict"], style=VERDICT_STYLES.get(r["verdict"], "default"))
        online = "?" if r["cpus_online"] is None else r["cpus_online"]
        line.append(f"  {r['machine']}, {online} CPUs online, seed {r['seed']}, "
                    f"build {r['build']}, {_origin(r)}, "
                    f"{r['duration_s']:.1f} s", style="default")
        if r["reason"]:
            line.append(f"\n           {r['reason']}", style="default")
        for name, spoiled in tainted(r).items():
            line.append(f"\n           tainted by {name}: {spoiled[0]}" +
                        (f" and {len(spoiled) - 1} more" if spoiled[1:] else ""), style="yellow")
        lines.append(line)
    return lines


def _how_many(runs):
    isas_of = len({r["arch"] for r in runs})
    return f"{isas_of} ISAs" if not several(runs) else f"{len(runs)} machines of {isas_of} ISAs"


def _counts(runs, translation, what):
    """One sentence on the tests of a table; nothing if there are none."""
    names = litmus_names(runs, translation)
    tables = [by_name(r) for r in runs]
    rows = [[table.get(n) for table in tables] for n in names]
    found = Counter(t.get("result") for row in rows for t in row if t)
    differ = sum(1 for row in rows if cells.models_differ(row))
    nobody = found["unknown-seen"] + found["unknown-unseen"]
    what = "litmus files" if names and all(map(is_file, names)) else what
    return (f"{len(names)} {what} on {_how_many(runs)}; "
            f"the architectures differ in {differ}; {found['allowed-seen']} cells allowed and "
            f"seen, {found['allowed-unseen']} allowed and never seen, "
            f"{found['forbidden-seen']} forbidden and seen"
            + (f", {found['known-defect']} by a known emulator defect"
               if found["known-defect"] else "")
            + (f", {nobody} of which nobody knows" if nobody else "")) if names else ""


def _sure(runs):
    """One sentence on how sure it is what was seen; nothing if nothing was."""
    seen = [t["weak"] for r in runs for t in r["tests"]
            if t["kind"] == "litmus" and t.get("result") == "allowed-seen"]
    sure = sum(weak >= cells.SURE for weak in seen)
    return (f"{sure} of {len(seen)} cells allowed and seen are sure: seen {cells.SURE} times or "
            "more, they show again in a run as long with 99.999 %") if seen else ""


def summary_counts(runs):
    """For the foot of the matrix: a sentence for each table that is not empty, and one on both."""
    return "\n".join(filter(None, (_counts(runs, False, "litmus tests"),
                                   _counts(runs, True, "tests of page tables"), _sure(runs))))
