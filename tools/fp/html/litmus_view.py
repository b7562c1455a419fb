# SPDX-License-Identifier: GPL-2.0-only
"""The matrix and a section for each litmus test: what the templates fill in.

A report may be of a tree that knows other tests, or of a run that was cut short: whatever is not
there is left out, and nothing that a machine said is trusted to be short, or to be text.
"""
import shlex

from ..litmus import cells, cycle, listing, models, shapes
from ..report import matrix
from . import svg

# A mark for each state: what colours say, for those who do not see them.
GLYPHS = {"allowed-seen": "●", "allowed-unseen": "○", "forbidden-unseen": "·",
          "forbidden-seen": "✖", "known-defect": "◆", "unknown-seen": "?", "unknown-unseen": "?",
          "none": " ", "skip": "–", "fail": "✖", "crash": "✖", "timeout": "✖"}
WORDS = {"allowed-seen": "allowed and seen", "allowed-unseen": "allowed, never seen: no coverage",
         "forbidden-unseen": "forbidden, not seen", "forbidden-seen": "forbidden and SEEN",
         "known-defect": "a known defect of the emulator", "unknown-seen": "seen, nobody knows "
         "whether it is allowed", "unknown-unseen": "not seen, nobody knows whether it is allowed",
         "none": "not run", "skip": "skipped", "fail": "FAILED", "crash": "CRASHED",
         "timeout": "TIMED OUT"}
FAMILY_TITLES = {
    "SB": "store buffering", "MP": "message passing", "LB": "load buffering", "S": "store, then a "
    "message back", "R": "a message against a store", "2+2W": "two stores against two",
    "Co": "coherence of one variable", "WRC": "write to read causality", "RWC": "read to write "
    "causality", "WWC": "write to write causality", "ISA2": "message passing through a third",
    "IRIW": "two readers of two writers", "Z6": "three threads, stores in a ring",
    "3.SB": "store buffering of three", "PPO": "order through a local load",
    "translation": "page tables and their walks",
    "file": "litmus files of the user",
    "claims": "claims of the mail thread", "other": "locks and atomic operations"}


def family_of(name):
    """The family of a test's name: a key of FAMILY_TITLES, or the suite of another one."""
    if not name.startswith(shapes.PREFIX):
        return name.partition(".")[0]
    kind, number, _, _ = matrix.sort_key(name)
    if kind != 1:
        return "other" if kind else "claims"
    found = matrix.FAMILIES[number]
    return "Co" if found.startswith("Co") else found


def cell_view(test):
    """A cell of the matrix."""
    cell = cells.cell_of(test)
    seen = f"{cells.sure_text(cell)}" if cell.iterations else ""
    title = WORDS.get(cell.state, cell.state)
    source = str(((test or {}).get("more") or {}).get("source", ""))
    title += f" ({source})" if source else ""
    if cell.iterations:
        title += f": {cells.rate_words(test)}"
    return {"state": cell.state, "glyph": GLYPHS.get(cell.state, "?"), "letter": cell.letter,
            "how": cell.how, "count": seen, "late": cell.late, "bad": cell.bad, "title": title}


def row_of(name, tests, number):
    """A row of the matrix."""
    bare = matrix.bare(name) if matrix.is_file(name) else name.removeprefix(shapes.PREFIX)
    return {"id": f"t{number}", "full": name, "name": bare,
            "cells": [cell_view(t) for t in tests],
            "models": cells.models_differ(tests), "sights": cells.sights_differ(tests),
            "seen": any(cells.is_seen(t) for t in tests), "failed": cells.is_failed(tests)}


def _outcomes(test):
    """The histogram: every outcome with its share of the largest."""
    found = sorted(test.get("outcomes") or [], key=lambda o: -o["count"])
    most = max([o["count"] for o in found] + [1])
    return [{"text": o["outcome"], "count": f"{o['count']:,}", "weak": o["weak"],
             "share": round(100 * o["count"] / most, 1)} for o in found]


def _rates(test):
    """What each setting brought, in 10^9 iterations; nothing that is no number."""
    rates = (test.get("more") or {}).get("setting_rates")
    rates = rates if isinstance(rates, list) else []
    return [r for r in rates if isinstance(r, int) and not isinstance(r, bool) and r >= 0]


def result_view(run, test):
    """What a machine said of a test."""
    view = cell_view(test)
    rates = _rates(test)
    view.update(
        arch=run["arch"], machine=run["machine"], provenance=run["provenance"],
        verdict=test["verdict"], reason=test["reason"], outcomes=_outcomes(test),
        rate=cells.rate_words(test) if "iterations" in test else "",
        knobs=test.get("knobs", ""), spread=svg.spread_drawing(rates) if rates else "",
        settings=len(rates), warning=test.get("warning", ""),
        late_slices=cells.more_of(test, "slices_late"), slices=cells.more_of(test, "slices"))
    return view


def _groups(whys):
    """Models that say the same, together."""
    out = {}
    for w in whys:
        out.setdefault((w.verdict, w.text), []).append(models.title(w.model))
    return [{"verdict": verdict, "models": names, "text": text}
            for (verdict, text), names in out.items()]


def _shape_view(test):
    """Program, condition and reasons of a generated test."""
    parts = cycle.find(test)
    return {"condition": shapes.condition(test), "program": shapes.program(test),
            "bodies": shapes.bodies(test),
            "cycle": cycle.in_words(test, parts), "drawing": svg.cycle_drawing(test, parts),
            "models": _groups(cycle.explain(test)), "claim": test.claim}


def page_of(row, runs, tests):
    """A test's own section."""
    shape = shapes.find(row["full"]) if row["full"].startswith(shapes.PREFIX) else None
    some = next((t for t in tests if t and t.get("weak_outcome")), {})
    return {**row, "condition": some.get("weak_outcome", ""),
            "shape": _shape_view(shape) if shape else None,
            "claim": (some.get("more") or {}).get("claim", ""),
            "results": [result_view(r, t) if t else None for r, t in zip(runs, tests)],
            "rerun": _rerun(row["full"], tests)}


def _rerun(name, tests):
    """The command that runs a test on all ISAs again."""
    path = next((t["more"]["file"] for t in tests
                 if t and isinstance((t.get("more") or {}).get("file"), str)), "")
    return f"make litmus FILE={shlex.quote(path)}" if path else f"make run TESTS='{name}'"


def listings(runs, root, isas_of):
    """{ISA: {body: lines}} of the images that are there."""
    out = {}
    for arch in dict.fromkeys(r["arch"] for r in runs):
        isa = isas_of.get(arch)
        found = listing.read(isa, root / "build" / arch / "fencepost.elf") if isa else {}
        if found:
            out[arch] = found
    return out


def view(runs):
    """Everything about litmus tests of @runs."""
    tables = [matrix.by_name(r) for r in runs]
    families, pages = {}, []
    for number, name in enumerate(matrix.litmus_names(runs)):
        tests = [table.get(name) for table in tables]
        row = row_of(name, tests, number)
        families.setdefault(family_of(name), []).append(row)
        pages.append(page_of(row, runs, tests))
    return {"families": [{"key": k, "title": FAMILY_TITLES.get(k, k), "rows": rows}
                         for k, rows in families.items()], "pages": pages}
