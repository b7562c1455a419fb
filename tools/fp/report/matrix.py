# SPDX-License-Identifier: GPL-2.0-only
"""The matrix: a row a litmus test, a column an ISA. Works on a report's runs[], fresh or saved.

A cell says what the architecture allows and what was seen:
	A 12k/M     allowed, seen, twelve thousand times in a million iterations
	A -         allowed, never seen (no coverage)
	F -         forbidden, not seen
	F 3.0/M !!  forbidden and seen: a failure
	D 400/M     seen because of a known defect of the emulator
	? 12k/M     nobody knows whether the architecture allows it: its model is not in the table
"""
import re

from rich.text import Text

from ..base import isas
from .cells import VERDICT_STYLES, rate_text

CELL = 12
NARROW_CELL = 8

_WORDS = {"skip": "skip", "timeout": "TIMEOUT", "crash": "CRASH", "fail": "FAIL"}
_STYLES = {"allowed-seen": "green", "allowed-unseen": "default", "forbidden-unseen": "dim",
           "forbidden-seen": "bold red", "known-defect": "magenta", "unknown-seen": "yellow",
           "unknown-unseen": "yellow"}
_LETTERS = {"allowed": "A", "forbidden": "F", "unknown": "?"}


def litmus_cell(test):
    """(text, style) of one test on one ISA; @test may be None."""
    if test is None:
        return "", "dim"
    result = test.get("result")
    if result is None or test["verdict"] in ("timeout", "crash"):
        return _WORDS.get(test["verdict"], "?"), \
            "yellow" if test["verdict"] == "skip" else "bold red"
    rate = rate_text(test.get("weak", 0), test.get("iterations", 0))
    if result == "known-defect":
        return f"D {rate}", _STYLES[result]
    letter = _LETTERS.get(result.partition("-")[0], "?")
    bad = result == "forbidden-seen"
    if test["verdict"] == "fail" and not bad:
        return f"{letter} {rate} FAIL", "bold red"
    return f"{letter} {rate}{' !!' if bad else ''}", _STYLES.get(result, "default")


def unknown(test):
    """Is nothing known of what the architecture allows?"""
    return str(test.get("result")).startswith("unknown")


def difference(cells):
    """The mark of a row: "*" the architectures differ, "~" only what was seen does, " " neither."""
    ran = [t for t in cells if t and t.get("result") and not unknown(t)]
    if len({t.get("expected") for t in ran}) > 1:
        return "*"
    return "~" if len({t["result"] for t in ran}) > 1 else " "


# Families in the order in which they are taught, edges from none to the strongest.
_FAMILIES = ("SB", "MP", "LB", "S", "R", "2+2W", "CoRR", "CoWW", "CoRW", "CoWR", "WRC", "RWC",
             "WWC", "ISA2", "IRIW", "Z6", "3.SB", "PPO")
_EDGES = ("po", "wmb", "rmb", "rel", "acq", "relacq", "addr", "data", "ctrl", "ctrlisync", "mb",
          "xchg")


def sort_key(name):
    """Orders litmus tests: claims (C2-...), then family by family, weaker edges first."""
    name = name.removeprefix("litmus.")
    claim = re.match(r"C(\d+)-", name)
    if claim:
        return 0, int(claim[1]), (), name
    family = next((f for f in sorted(_FAMILIES, key=len, reverse=True) if name.startswith(f)), None)
    if family is None:
        return 2, 0, (), name
    edges = [e for e in name[len(family):].split("+") if e]
    known = tuple(_EDGES.index(e) if e in _EDGES else len(_EDGES) for e in edges)
    return 1, _FAMILIES.index(family), (any(k == len(_EDGES) for k in known), *known), name


def litmus_names(runs):
    """Names of the litmus tests that any of the machines ran."""
    names = {t["name"] for run in runs for t in run["tests"] if t["kind"] == "litmus"}
    return sorted(names, key=sort_key)


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
    return [r["arch"] if cell == CELL else short_name(r["arch"]) for r in runs]


def short_name(arch):
    """For a narrow table."""
    isa = isas.load().get(arch)
    return isa.short if isa else arch


def _row(mark, name, name_width, cells, cell_width, bold):
    line = Text(no_wrap=True)
    line.append(f"{mark} ", style="bold yellow")
    style = "bold" if bold else "default"
    if len(name) > name_width:
        line.append(name + "\n", style=style)
        line.append(" " * (name_width + 2))
    else:
        line.append(name.ljust(name_width), style=style)
    for text, cell_style in cells:
        line.append(" " + text.ljust(cell_width), style=cell_style)
    line.rstrip()
    return line


def render_litmus(runs, width=100):
    """Lines (rich Text) of the matrix, or [] if no litmus test was run."""
    runs = columns(runs)
    names = litmus_names(runs)
    if not names:
        return []
    tables = [by_name(r) for r in runs]
    shown = {n: n.removeprefix("litmus.") for n in names}
    longest = max(len(s) for s in shown.values())
    cell = CELL if 2 + longest + len(runs) * (CELL + 1) <= width else NARROW_CELL
    heads = column_heads(runs, cell)
    # A name that leaves the cells no room stands on a line of its own.
    room = max(8, width - 2 - len(runs) * (cell + 1))
    name_width = min(longest, room)
    lines = [_row(" ", "litmus test", name_width, [(h, "bold") for h in heads], cell, True)]
    for name in names:
        tests = [table.get(name) for table in tables]
        cells = [litmus_cell(t) for t in tests]
        if cell == NARROW_CELL:
            cells = [(text.replace("/M", ""), style) for text, style in cells]
        mark = difference(tests)
        lines.append(_row(mark, shown[name], name_width, cells, cell, mark == "*"))
    return lines


def legend(runs, narrow=False):
    """What cells mean, and what results of this provenance can show."""
    per = "times in a million iterations"
    lines = [Text("A/F: the architecture allows/forbids the outcome. "
                  f"A 12k{'' if narrow else '/M'}: allowed and seen, 12 000 {per}. "
                  "A -: allowed, never seen: no coverage. F -: forbidden, not seen. "
                  "!!: forbidden and seen. D: a known defect of the emulator. "
                  "*: the architectures differ; ~: only what was seen.", style="dim")]
    if any(unknown(t) for r in runs for t in r["tests"]):
        lines.append(Text("?: unknown: no model of that architecture is in the table of verdicts, "
                          "so that what was seen there can be neither right nor wrong.",
                          style="dim"))
    how = {r["provenance"] for r in runs}
    if "tcg" in how:
        lines.append(Text("By tcg (QEMU's translation): it shows at most what the host does; on an "
                          "x86 host that is store buffering (SB), never load-load or store-store "
                          "reordering: for those use a board.", style="dim"))
    if "silicon" in how:
        names = ", ".join(label(runs, r) for r in runs if r["provenance"] == "silicon")
        lines.append(Text(f"By silicon ({names}): the processor itself.", style="dim"))
    return lines


def render_others(runs, width=100):
    """Every test that is no litmus test: a row a suite, then each that did not pass."""
    runs = columns(runs)
    suites, odd = {}, []
    for i, run in enumerate(runs):
        for t in run["tests"]:
            if t["kind"] == "litmus":
                continue
            suite = t["name"].partition(".")[0]
            counts = suites.setdefault(suite, [{} for _ in runs])[i]
            counts[t["verdict"]] = counts.get(t["verdict"], 0) + 1
            if t["verdict"] != "pass":
                odd.append((label(runs, run), t))
    if not suites:
        return []
    name_width = max([len("other tests")] + [len(s) for s in suites])
    cell = CELL if 2 + name_width + len(runs) * (CELL + 1) <= width else NARROW_CELL
    heads = column_heads(runs, cell)
    lines = [_row(" ", "other tests", name_width, [(h, "bold") for h in heads], cell, True)]
    for suite, per_run in suites.items():
        cells = []
        for counts in per_run:
            bad = sum(counts.get(v, 0) for v in ("fail", "timeout", "crash"))
            text = f"{counts.get('pass', 0)} ok" if counts else ""
            if counts.get("skip"):
                text += f" {counts['skip']} skip" if cell == CELL else f" {counts['skip']}s"
            if bad:
                text = f"{bad} FAIL of {sum(counts.values())}" if cell == CELL else f"{bad} FAIL"
            cells.append((text, "bold red" if bad else "green"))
        differ = len({str(c) for c in per_run if c}) > 1
        lines.append(_row("*" if differ else " ", suite, name_width, cells, cell, differ))
    for arch, t in odd:
        style = "yellow" if t["verdict"] == "skip" else "bold red"
        lines.append(Text.assemble((f"  {t['verdict']:<7} ", style),
                                   f"{arch} {t['name']}: {t['reason']}"))
    return lines


def render_failures(runs):
    """Litmus tests that failed, with their reasons."""
    lines = []
    runs = columns(runs)
    for run in runs:
        for t in run["tests"]:
            if t["kind"] == "litmus" and t["verdict"] in ("fail", "timeout", "crash"):
                what = f"{label(runs, run)} {t['name']}: {t['reason']}"
                lines.append(Text.assemble((f"  {t['verdict']:<7} ", "bold red"), what))
    return lines


def _origin(run):
    """Its provenance, and QEMU's version where one ran it."""
    return run["provenance"] + (f" (QEMU {run['qemu']})" if run["qemu"] != "none" else "")


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
        lines.append(line)
    return lines


def _how_many(runs):
    isas_of = len({r["arch"] for r in runs})
    return f"{isas_of} ISAs" if not several(runs) else f"{len(runs)} machines of {isas_of} ISAs"


def summary_counts(runs):
    """One sentence for the foot of the matrix."""
    names = litmus_names(runs)
    tables = [by_name(r) for r in runs]
    rows = [[table.get(n) for table in tables] for n in names]
    seen = sum(1 for row in rows for t in row if t and t.get("result") == "allowed-seen")
    unseen = sum(1 for row in rows for t in row if t and t.get("result") == "allowed-unseen")
    bad = sum(1 for row in rows for t in row if t and t.get("result") == "forbidden-seen")
    defect = sum(1 for row in rows for t in row if t and t.get("result") == "known-defect")
    nobody = sum(1 for row in rows for t in row if t and unknown(t))
    differ = sum(1 for row in rows if difference(row) == "*")
    text = (f"{len(names)} litmus tests on {_how_many(runs)}; "
            f"the architectures differ in {differ}; {seen} cells allowed and seen, "
            f"{unseen} allowed and never seen, {bad} forbidden and seen")
    return text + (f", {defect} by a known emulator defect" if defect else "") + \
        (f", {nobody} of which nobody knows" if nobody else "")
