# SPDX-License-Identifier: GPL-2.0-only
"""The litmus tests on the terminal: what was seen, failed or is a known defect, a row each; the
rest is counted, by what the architectures say of it.

A cell, in fifteen columns: what the architecture says, how often it was seen, and how sure that is:
in how many turns, or of what was seen a few times how likely it shows again, or of what was never
seen how often it may happen in a million turns (cells.py).
	A  often  426k    allowed, seen
	A  rare    95%    allowed, seen three times
	A  never  ≤214    allowed, never seen: no coverage
	Ar never  ≤214    by whom: r: Result: of the file, h: herd7, t: table, l: LKMM alone
	F  never  8.1M~   forbidden, not seen; ~: many of its slices were late
	F! rare     2Me   forbidden and seen: a failure; e: an erratum may have spoiled it
	FD seldom  76k    forbidden, and seen because of a known defect of the emulator
	?  rare   100k    nobody knows whether the architecture allows it
"""
from rich.text import Text

from ..base.paragraph import paragraph
from ..litmus import cells
from . import matrix
from .cells import rate_text
from .matrix import is_file

CELL, NARROW, NARROW_RATES = 15, 11, 11
MARKS = 3
STYLES = {"allowed-seen": "green", "allowed-unseen": "default", "forbidden-unseen": "dim",
          "forbidden-seen": "bold red", "known-defect": "magenta", "unknown-seen": "yellow",
          "unknown-unseen": "yellow", "skip": "yellow", "none": "dim"}
_WORDS = {"skip": "skip", "timeout": "TIMEOUT", "crash": "CRASH", "fail": "FAIL", "none": ""}
_ADDED = {"forbidden-seen": "!", "known-defect": "D"}
_SAYS = {"A": "allowed", "F": "forbidden", "?": "of unknown verdict"}


def cell_text(test, narrow=False, rates=False):
    """(text, style) of a cell; @rates: numbers instead of magnitudes."""
    c = cells.cell_of(test)
    style = "bold red" if c.bad else STYLES.get(c.state, "default")
    if c.state == "skip" and str((test or {}).get("reason")).startswith("not here"):
        return "n/a", "dim"
    if not c.letter:
        return _WORDS.get(c.state, c.state), style
    how = rate_text(c.weak, c.iterations) if rates else c.how[:3] if narrow else c.how
    count = "FAIL" if c.bad and c.state != "forbidden-seen" else cells.sure_text(c)
    head = c.letter + (_ADDED.get(c.state) or c.source)
    text = f"{head:<2}{how:<5}" + (" FAIL" if count == "FAIL" else "") if rates and narrow else \
        f"{head:<2}{how:<3} {count:>4}" if narrow else f"{head:<2} {how:<6} {count:>4}"
    return text + ("e" if c.tainted else "~" if c.late else ""), style


def mark_of(tests):
    """What differs between the columns: m: the models, s: what was seen."""
    return ("m" if cells.models_differ(tests) else "") + \
        ("s" if cells.sights_differ(tests) else "")


def _line(mark, name, room, texts, cell):
    """A row; a name that leaves the cells no room stands on a line of its own."""
    line = Text(no_wrap=True)
    line.append(mark.ljust(MARKS), style="bold yellow")
    if len(name) > room:
        line.append(f"{name}\n{'':{MARKS + room}}")
    else:
        line.append(name.ljust(room))
    for text, style in texts:
        line.append(" " + text.ljust(cell), style=style)
    line.rstrip()
    return line


def _rows(runs, translation):
    """[(name, its test on each machine)]."""
    tables = [matrix.by_name(r) for r in runs]
    return [(name, [t.get(name) for t in tables])
            for name in matrix.litmus_names(runs, translation)]


def render(runs, width=80, everything=False, rates=False, translation=False):
    """Lines of the table; [] if no litmus test was run. @translation: of those of page tables."""
    runs = matrix.columns(runs)
    rows = _rows(runs, translation)
    title = "page tables" if translation else "litmus test"
    if rows and all(is_file(n) for n, _ in rows):
        title = "litmus file"
    if not rows:
        return []
    shown = [(matrix.bare(n), tests)
             for n, tests in rows
             if everything or cells.is_notable(tests)]
    narrow = MARKS + len(runs) * (CELL + 1) > width
    cell = CELL if not narrow else NARROW_RATES if rates else NARROW
    room = max(6, width - MARKS - len(runs) * (cell + 1))
    room = min(room, max([len(n) for n, _ in shown] + [len(title)]))
    heads = [(h, "bold") for h in matrix.column_heads(runs, cell)]
    lines = [_line("", title, room, heads, cell)] if shown else []
    for name, tests in shown:
        texts = [cell_text(t, narrow, rates) for t in tests]
        lines.append(_line(mark_of(tests), name, room, texts, cell))
    rest = [] if everything else [r for r in rows if not cells.is_notable(r[1])]
    folded = [line for text in fold(runs, rest) for line in paragraph(text, width, "", " " * 5)]
    return lines + ([Text()] if lines and folded else []) + folded


# ---- what is folded ----

def _saying(test):
    """What a folded cell says, as a group's key."""
    if test is None:
        return "not run"
    if test.get("result"):
        return _SAYS[cells.letter_of(test)]
    word = str(test["reason"]).partition(":")[0]
    return word if word in ("unobservable", "not here") else "skipped"


def _description(runs, says):
    """"forbidden on x86_64, allowed on arm64"; "... everywhere" where all say the same."""
    if len(set(says)) == 1:
        return says[0] + (" everywhere" if len(runs) > 1 else "")
    where = {}
    for run, word in zip(runs, says):
        where.setdefault(word, []).append(matrix.label(runs, run))
    return ", ".join(f"{word} on {' '.join(names)}" for word, names in where.items())


def _iterations(groups):
    """The end of a group's sentence: how much was looked, and under what reserve."""
    counts = [t.get("iterations", 0) for tests in groups for t in tests if t and t.get("result")]
    if not counts:
        return ""
    late = sum(cells.is_late(t) for tests in groups for t in tests if t and t.get("result"))
    reserve = f"; {late} of {len(counts)} cells late~" if late else ""
    tainted = sum(bool(cells.tainted_by(t)) for tests in groups for t in tests if t)
    reserve += f"; {tainted} of {len(counts)} tainted by errata" if tainted else ""
    bound = cells.bound_in_million(min(counts)).removeprefix("≤")
    return f", none seen (at least {min(counts):,} iterations each: at most {bound} in a " \
        f"million{reserve})"


def fold(runs, rows):
    """A sentence for all rows of which the architectures say the same, the largest group first."""
    what = "file" if rows and all(is_file(name) for name, _ in rows) else "shape"
    groups = {}
    for _, tests in rows:
        groups.setdefault(tuple(_saying(t) for t in tests), []).append(tests)
    return [f"{len(found):>4} {what}{'s' if len(found) > 1 else ''} "
            f"{_description(runs, says)}{_iterations(found)}"
            for says, found in sorted(groups.items(), key=lambda g: -len(g[1]))]


def legend(runs, rates=False, everything=False):
    """What the cells mean: sentences."""
    how = "in a million iterations: 12k/M is 12 000" if rates else \
        "often: 1 in 100 iterations or more; seldom: 1 in 10 000; rare: less"
    lines = ["A, F: the architecture allows, forbids the outcome. F!: forbidden and seen. FD: "
             "forbidden, seen by a known defect of the emulator. "
             f"How often it was seen ({how}), then the iterations, or how sure it is: 95%: so "
             "likely it shows again in a run as long (from 12 sightings on that is 99.999 %, and "
             "not said); ≤3: never seen, and with 95 % confidence it happens at most 3 times in a "
             "million. ~: a quarter of its slices or more were late, the host was too busy. "
             "m: the models differ between the columns; s: what was seen does."]
    if any(matrix.unknown(t) for r in runs for t in r["tests"]):
        lines.append("?: no model of that architecture is in the table of verdicts, or of page "
                     "tables its manual does not say: what was seen there can be neither right "
                     "nor wrong.")
    if any(is_file(t["name"]) for r in runs for t in r["tests"]):
        lines.append("Who says so: r: the line \"Result:\" of the file, h: herd7, t: the table of "
                     "the ISAs, which has a test of this form; l: Linux's memory model allows it, "
                     "and nobody speaks of the ISA.")
    if any(cells.tainted_by(t) for r in runs for t in r["tests"]):
        lines.append("e: an erratum of that CPU may have spoiled it: see the line of its run.")
    if not everything:
        lines.append("--all shows every test.")
    return lines
