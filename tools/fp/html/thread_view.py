# SPDX-License-Identifier: GPL-2.0-only
"""The thread of 2008 on the page: its story, its two matrices, its claims."""
from markupsafe import Markup

from ..mailthread import wording
from ..mailthread.findings import FREE, MECHANISMS

_STYLES = {"green": "good", "default": "plain", "dim": "dim", "yellow": "warn", "bold red": "bad"}


def _cell(rows, notes):
    text, style = wording.cell(rows, notes)
    text = text.replace(":\n", ": ")  # the page has room for an ISA and its result in a line
    return {"lines": text.split("\n"), "style": _STYLES.get(style, "plain")}


def matrix_of(rows, variants):
    """Variants under mechanisms."""
    notes = wording.Notes()
    names = list(dict.fromkeys([*variants, *(r["variant"] for r in rows)]))
    table = [{"name": v, "rcu": "", "cells": [
        _cell([r for r in rows if (r["variant"], r["mechanism"]) == (v, m)], notes)
        for m in MECHANISMS]} for v in names]
    return {"heads": [wording.TITLES[m] for m in MECHANISMS], "rows": table,
            "notes": [line.plain for line in notes.lines(10_000)]}


def free_of(rows, columns):
    """Free-running: a row a variant and flavour of RCU."""
    notes, table = wording.Notes(), []
    for v, rcu in dict.fromkeys((r["variant"], r["flavour"]) for r in rows):
        mine = {c: [r for r in rows
                    if (r["variant"], r["flavour"], wording.column_of(r)) == (v, rcu, c)]
                for c in columns}
        table.append({"name": v, "rcu": rcu, "cells": [
            _cell(found, notes) if found else {"lines": [""], "style": "dim"}
            for found in mine.values()]})
    return {"heads": [wording.head(c) for c in columns], "rows": table,
            "notes": [line.plain for line in notes.lines(10_000)]}


def models_of(models):
    """What the models say of the variants' ordering."""
    names, groups = wording.model_groups(models)
    return {"heads": [" ".join(v) for v in groups.values()], "notes": [], "rows": [
        {"name": name.replace("-", " "), "rcu": "", "cells": [
            {"lines": [c], "style": "dim" if c == "forbidden" else "warn"} for c in said]}
        for name, said in zip(names, zip(*groups))]}


def claims_of(claims, columns):
    """A row a claim."""
    out = []
    for c in dict.fromkeys(r["claim"] for r in claims):
        mine = {wording.column_of(r): r for r in claims if r["claim"] == c}
        rows = list(mine.values())
        out.append({"name": c, "by": next((r["by"] for r in rows if r["by"]), ""),
                    "cells": [{"text": mine[a]["result"] if a in mine else "",
                               "style": "plain" if a in mine and mine[a]["ok"] else "bad"}
                              for a in columns],
                    "evidence": evidence_of([r for r in rows if r["record"]])})
    return out


def evidence_of(rows):
    """[(who says it, or "" where all do; what)]."""
    return [(wording.who_says(found, rows), text) for found, text in wording.merge_evidence(rows)]


def story(root):
    """docs/thread.md as HTML; None without it."""
    path = root / "docs" / "thread.md"
    if not path.is_file():
        return None
    import markdown  # where it is needed: the other commands do without it
    text = path.read_text(encoding="utf-8")
    return Markup(markdown.markdown(text, extensions=["tables"]))


def view(data, root):
    """The section; @data: a thread.json, or None."""
    if data is None:
        return {"story": story(root), "matrices": []}
    forced = [r for r in data["rows"] if r["mechanism"] != FREE]
    free = [r for r in data["rows"] if r["mechanism"] == FREE]
    columns = wording.columns_of(data, data["rows"] + data["claims"])
    return {"story": story(root), "headline": wording.headline(data),
            "summary": wording.summary(data), "tcg": "tcg" in data["provenance"].split(),
            "note": wording.TCG_NOTE, "matrices": [
                (how, matrix_of(rows, data["variants"]))
                for how, rows in wording.by_provenance(forced)],
            "models": models_of(data["models"]) if data["models"] else None,
            "free": free_of(free, columns) if free else None,
            "claims": claims_of(data["claims"], columns),
            "heads": [wording.head(c) for c in columns],
            "failures": [{**f, "where": wording.column_of(f)} for f in data["failures"]]}
