# SPDX-License-Identifier: GPL-2.0-only
"""What became of the mutants: results/mutants.json, a table by class, the survivors.

The file is written after each mutant, so that --resume goes on where a run was interrupted. An
entry counts as long as its key holds: the mutant, and the sources that it was planted in.
"""
import json
from collections import defaultdict

from ..base.files import write_file
from .trial import BROKEN, KILLED, SURVIVED

FORMAT = "fencepost-mutants"
VERSION = 1


class Kept:
    """The file of results. Main thread."""

    def __init__(self, path):
        self.path = path
        self.results = {}
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if (data["format"], data["version"]) == (FORMAT, VERSION):
                self.results = {name: e for name, e in data["results"].items() if "key" in e}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            pass  # none yet, or of another time: everything is run

    def get(self, name, key):
        entry = self.results.get(name)
        return entry if entry and entry["key"] == key else None

    def save(self):
        write_file(self.path, json.dumps(
            {"format": FORMAT, "version": VERSION, "results": self.results}, indent=1) + "\n")


def entry_of(mutant, arch, key, verdict):
    """An entry of the file."""
    return {"id": mutant.id, "arch": arch, "class": mutant.cls, "what": mutant.what,
            "by": mutant.by, "key": key, "verdict": verdict.verdict, "how": verdict.how,
            "why": verdict.why, "secs": verdict.secs, "build_secs": verdict.build_secs,
            "survives": mutant.survives, "place": mutant.place}


def is_bad(entry):
    """Does it need somebody to look at it?"""
    return entry["verdict"] == BROKEN or (entry["verdict"] == SURVIVED and not entry["survives"])


def is_stale(entry):
    """Killed, though a reason says that it cannot be."""
    return entry["verdict"] == KILLED and bool(entry["survives"])


def line_of(entry):
    """One result in one line."""
    name = f"{entry['id']} [{entry['arch']}]"
    took = f"{entry['build_secs'] + entry['secs']:6.1f} s"
    if entry["verdict"] == KILLED:
        note = f"{entry['how']}: {entry['why']}" if entry["why"] else entry["how"]
        note += "  (STALE reason: " + entry["survives"] + ")" if is_stale(entry) else ""
        return f"killed   {took}  {name}: {note}"
    if entry["verdict"] == BROKEN:
        return f"BROKEN   {took}  {name}: does not build: {entry['why']}"
    if entry["survives"]:
        return f"survives {took}  {name}: {entry['survives']}"
    return f"SURVIVED {took}  {name}: {entry['what']} ({entry['place']})"


def by_class(entries):
    """Rows of the table: (class, n, killed, survived, with a reason, seconds)."""
    groups = defaultdict(list)
    for e in entries:
        groups[e["class"]].append(e)
    rows = [_row(cls, groups[cls]) for cls in sorted(groups)]
    return rows + [_row("all", entries)]


def _row(cls, entries):
    killed = sum(e["verdict"] == KILLED for e in entries)
    bad = sum(is_bad(e) for e in entries)
    secs = sum(e["secs"] for e in entries if e["verdict"] == KILLED)
    return cls, len(entries), killed, bad, len(entries) - killed - bad, secs / max(killed, 1)


def rate(row):
    """Killed of those that can be, in percent."""
    return 100.0 * row[2] / (row[2] + row[3]) if row[2] + row[3] else 100.0


HEAD = ("class", "mutants", "killed", "survived", "with a reason", "rate", "mean s to kill")


def _cells(row):
    return [row[0], str(row[1]), str(row[2]), str(row[3]), str(row[4]), f"{rate(row):.0f} %",
            f"{row[5]:.1f}"]


def table_text(entries):
    """The table as plain text."""
    rows = [HEAD] + [_cells(r) for r in by_class(entries)]
    widths = [max(len(r[i]) for r in rows) for i in range(len(HEAD))]
    return "\n".join("  ".join([r[0].ljust(widths[0])] + [
        c.rjust(w) for c, w in zip(r[1:], widths[1:])]) for r in rows)


def _markdown_row(cells):
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def markdown(entries):
    """The table and all that was not killed, for docs/mutants.md."""
    lines = [_markdown_row(HEAD), "|---|" + "---:|" * (len(HEAD) - 1)]
    lines += [_markdown_row(_cells(r)) for r in by_class(entries)]
    left = [e for e in entries if e["verdict"] != KILLED]
    if left:
        lines += ["", _markdown_row(("mutant", "what it does", "why it survives")), "|---|---|---|"]
        lines += [_markdown_row((f"{e['id']} ({e['arch']})", e["what"],
                                 e["survives"] or "no reason: a test is missing")) for e in left]
    return "\n".join(lines) + "\n"
