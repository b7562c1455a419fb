# SPDX-License-Identifier: GPL-2.0-only
"""Puts the page together from saved results. Everything from outside goes through the templates,
which escape it; what is Markup was made here."""
from pathlib import Path

from ..base import isas
from ..report import matrix
from . import bench_view, litmus_view, svg, thread_view

TEMPLATES = Path(__file__).resolve().parent / "templates"
FILTERS = (("all", "all"), ("models", "models differ"), ("sights", "what was seen differs"),
           ("seen", "seen"), ("failed", "failed"))
KEYS = ("allowed-seen", "allowed-unseen", "forbidden-unseen", "forbidden-seen", "known-defect",
        "unknown-unseen", "skip")


def environment():
    """Jinja2's, which escapes whatever a template prints."""
    import jinja2  # the other commands do without it
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True,
        lstrip_blocks=True, undefined=jinja2.StrictUndefined)


def run_view(runs, run, head):
    """What produced a column."""
    online = run["cpus_online"]
    return {"arch": run["arch"], "machine": run["machine"], "head": head,
            "provenance": run["provenance"], "verdict": run["verdict"], "reason": run["reason"],
            "panic": run.get("panic") or [],
            "ok": run["verdict"] in ("PASS", "SKIP"), "cpus": "?" if online is None else online,
            "qemu": "" if run["qemu"] == "none" else run["qemu"], "build": run["build"],
            "seed": run["seed"], "secs": f"{run['duration_s']:.0f}"}


def _suite_cell(counts):
    bad = sum(counts.get(v, 0) for v in ("fail", "timeout", "crash"))
    text = f"{counts.get('pass', 0)} passed" if counts else ""
    if counts.get("skip"):
        text += f", {counts['skip']} skipped"
    if bad:
        text += f", {bad} FAILED"
    return {"text": text, "style": "bad" if bad else "good" if counts.get("pass") else "dim"}


def others_view(runs):
    """A row a suite of tests that are no litmus tests."""
    return [{"name": suite, "cells": [_suite_cell(c) for c in per_run]}
            for suite, per_run in matrix.suite_counts(runs).items()]


def odd_view(runs):
    """Tests that did not pass, each reason once."""
    found = {}
    for run in runs:
        for t in run["tests"]:
            if t["verdict"] != "pass" and not (t["kind"] == "litmus" and t.get("result")):
                found.setdefault((t["verdict"], t["name"], t["reason"]), []).append(
                    (matrix.label(runs, run), t))
    return [{"verdict": verdict, "name": name, "reason": reason,
             "where": ", ".join(w for w, _ in some),
             "lines": next((t["race"] for _, t in some if t.get("race")), [])}
            for (verdict, name, reason), some in found.items()]


def warnings_of(report, runs):
    """What a reader must know before the first number."""
    out = []
    if report.get("incomplete"):
        out.append(f"This run is incomplete: {report['incomplete']}. What is not here was not run.")
    for r in runs:
        if r.get("missing") or r.get("not_run"):
            left = (r.get("missing") or 0) + (r.get("not_run") or 0)
            out.append(f"{matrix.label(runs, r)}: {left} planned tests were not run")
    busy = report["host"].get("busy_share")
    if isinstance(busy, (int, float)) and busy > 0.25:
        out.append(f"Other programs used {busy:.0%} of the host's cores when this began: weak "
                   "outcomes are rarer than they could be.")
    return out


def _subtitle(report):
    host = report["host"]
    return (f"{report['time']}, on a host with {host.get('cores', '?')} cores "
            f"({host.get('machine', '?')}, {host.get('cpu', '?')})")


def _title(runs):
    names = list(dict.fromkeys(r["arch"] for r in runs))
    return ", ".join(names) if names else "no machine"


def render(report, thread, bench, root):
    """The page as text. @report: a compare.json; @thread, @bench: theirs, or None."""
    runs = matrix.columns(report["runs"])
    heads = matrix.column_heads(runs, matrix.CELL if not matrix.several(runs) else 40)
    litmus = litmus_view.view(runs)
    return environment().get_template("report.html.j2").render(
        title=_title(runs), subtitle=_subtitle(report),
        runs=[run_view(runs, r, h) for r, h in zip(runs, heads)], litmus=litmus,
        counts=matrix.summary_counts(runs).replace("\n", "; "), warnings=warnings_of(report, runs),
        notes=matrix.provenance_notes(runs), drawings=svg.shared_parts(), filters=FILTERS,
        keys=[(k, litmus_view.GLYPHS[k], litmus_view.WORDS[k]) for k in KEYS],
        code=litmus_view.listings(runs, root, isas.load()) if litmus["pages"] else {},
        others=others_view(runs), odd=odd_view(runs), thread=thread_view.view(thread, root),
        bench=bench_view.view(bench))
