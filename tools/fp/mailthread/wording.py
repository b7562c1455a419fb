# SPDX-License-Identifier: GPL-2.0-only
"""thread.json as text: the matrix of variants and mechanisms, the claims, what failed.

A cell speaks for all ISAs where they agree; where they do not, it says which ISA says what. Numbers
of several ISAs are given as a range, never added up. Each provenance has a matrix of its own, and
columns of its own where ISAs stand side by side.
"""
import re
import textwrap

from rich.text import Text

from ..base.paragraph import paragraph
from ..report import live
from ..report.matrix import short_name
from . import findings
from .findings import CAUGHT, CLEAN, FREE, MECHANISMS, SKIPPED, UNOBSERVABLE

TITLES = {"interleaving": "interleaving", "reuse": "type-safe reuse",
          "release": "early RCU release", "deadlock": "deadlock", "ordering": "ordering"}
_STYLES = {CAUGHT: "green", CLEAN: "default", UNOBSERVABLE: "dim", SKIPPED: "yellow"}
_WITH_WHY = (UNOBSERVABLE, SKIPPED)  # their cells have a footnote
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)")  # not that of x86 or V3f
FIRST = 8  # width of a table's first column
GAP = 1
NARROW = 13  # of a column: below that words are shortened
SHORT = {"unobservable": "unobs.", "UNOBSERVABLE": "UNOBS.", "interleaving": "interl.",
         "forbidden": "forbid", "contradicted": "contrad.", "powerpc64": "ppc64"}
TCG_NOTE = ("By tcg (QEMU's translation): it keeps the order that its host keeps. On an x86 PC "
            "only store buffering can be seen, so a fault of ordering alone cannot show: "
            "'unobservable' does not mean right, and 'clean' holds for what was explored, the "
            "number of tries or seconds beside it.")


# ---- columns ----

def column_of(row):
    """What a row, claim or failure stands under: an ISA's machine, or "silicon"."""
    return row.get("column") or row["arch"]


def columns_of(data, rows):
    """The columns that @rows have, in order."""
    mine = {column_of(r) for r in rows}
    return [c for c in data.get("columns") or data["arches"] if c in mine]


def head(column):
    """What stands above it."""
    return "silicon (this machine)" if column == "silicon" else column


def no_silicon(why):
    return f"no column of this machine's processor: {why}"


# ---- numbers ----

def short_number(n):
    """At most four characters and a unit: 100, 12k, 1.2M."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if n >= limit:
            n /= 1e3 if unit == "k" else limit
            return f"{n:.0f}{unit}" if n >= 10 else f"{n:.1f}{unit}"
    return f"{n:.0f}" if n == int(n) else f"{n:.2f}"


def span(numbers, form=short_number):
    """"100", or "80-100" where they differ; "?" without any."""
    known = [n for n in numbers if n is not None]
    if not known:
        return "?"
    low, high = form(min(known)), form(max(known))
    return low if low == high else f"{low}-{high}"


def seconds(n):
    """Seconds, shortly."""
    return f"{n:.2f}" if n < 1 else f"{n:.1f}" if n < 100 else f"{n:.0f}"


def merge_sentences(texts):
    """One sentence of several that differ only in their numbers, with ranges in their place; None
    if they differ in more."""
    if len({_NUMBER.sub("#", t) for t in texts}) > 1:
        return None
    columns = list(zip(*(_NUMBER.findall(t) for t in texts)))

    def number(column):
        low, high = min(column, key=float), max(column, key=float)
        return low if float(low) == float(high) else f"{low}..{high}"

    values = iter([number(c) for c in columns])
    return _NUMBER.sub(lambda _: next(values), texts[0])


# ---- tables ----

def _wrap(text, width):
    """Lines of at most @width columns; a detector's name is not broken at its hyphens where there
    is room, and long words are shortened where there is little."""
    narrow = width < NARROW
    for word, short in SHORT.items() if narrow else ():
        text = text.replace(word, short)
    return textwrap.wrap(text, width, break_on_hyphens=narrow) or [""]


def table_lines(cells, widths):
    """One row as lines of Text. A cell is (text, style), its lines separated by newlines."""
    columns = []
    for (text, style), width in zip(cells, widths):
        lines = [x for part in text.split("\n") for x in _wrap(part, width)]
        columns.append((lines, style))
    out = []
    for i in range(max(len(lines) for lines, _ in columns)):
        line = Text(no_wrap=True)
        for (lines, style), width in zip(columns, widths):
            line.append((lines[i] if i < len(lines) else "").ljust(width + GAP), style=style)
        line.rstrip()
        out.append(line)
    return out


def widths_of(count, width, first=FIRST):
    """Column widths of a table with @count equal columns beside its first."""
    return [first] + [max(6, (width - first - GAP) // count - GAP)] * count


# ---- cells ----

class Notes:
    """Footnotes: sentences that differ only in their numbers share one."""

    def __init__(self):
        self.found = {}  # the sentence without its numbers: (number, [sentences])

    def add(self, sentence):
        number, texts = self.found.setdefault(_NUMBER.sub("#", sentence),
                                              (len(self.found) + 1, []))
        texts.append(sentence)
        return number

    def lines(self, width):
        out = []
        for number, texts in self.found.values():
            out += paragraph(merge_sentences(texts), width, f"[{number}] ", "    ", "dim")
        return out


def _said(rows, notes):
    """What rows of the same result say, in short."""
    row = rows[0]
    # What is not as expected is in capitals: colours do not reach a file.
    word = row["result"] if row["ok"] else row["result"].upper()
    tries, caught = (span([r[k] for r in rows]) for k in ("tries", "caught"))
    if row["result"] in _WITH_WHY:
        return f"{word} [{notes.add(row['why'])}]"
    timed = row["mode"] == FREE or not row["tries"]
    if timed and row["seconds"] is not None:
        text = f"{word} {span([r['seconds'] for r in rows], seconds)} s"
    elif row["result"] == CLEAN:
        text = f"{word} {tries}"
    else:
        text = f"{word} {caught}/{tries}" if row["tries"] else word
    return f"{text}\n{row['detector']}" if row["result"] == CAUGHT else text


def _short_names(rows):
    return ",".join(short_name(column_of(r)) for r in rows)


def cell(rows, notes):
    """(text, style) of a variant under a mechanism; @rows: one an ISA."""
    if not rows:
        return "NO ROW", "bold red"
    groups = {}
    for r in rows:
        note = notes.add(r["why"]) if r["result"] in _WITH_WHY else ""
        groups.setdefault((r["result"], r["ok"], r["detector"], note), []).append(r)
    bad = not all(r["ok"] for r in rows)
    worst = next((r["result"] for r in rows if r["result"] == CAUGHT), rows[0]["result"])
    style = "bold red" if bad else _STYLES.get(worst, "bold red")
    if len(groups) == 1:
        return _said(rows, notes), style
    ordered = sorted(groups.values(), key=len)
    parts = []
    for group in ordered:
        most = group is ordered[-1] and len(group) > 1
        parts.append("else:" if most else _short_names(group) + ":")
        parts.append(_said(group, notes))
    return "\n".join(parts), style


# ---- parts ----

def render_matrix(rows, variants, width):
    """Variants and mechanisms under forced interleavings and litmus tests."""
    notes = Notes()
    widths = widths_of(len(MECHANISMS), width, 7)
    out = table_lines([("variant", "bold")] + [(TITLES[m], "bold") for m in MECHANISMS], widths)
    extra = [r["variant"] for r in rows if r["variant"] not in variants]
    for v in [*variants, *dict.fromkeys(extra)]:
        cells = [cell([r for r in rows if r["variant"] == v and r["mechanism"] == m], notes)
                 for m in MECHANISMS]
        out += table_lines([(v, "bold"), *cells], widths)
    return out + notes.lines(width)


def group_scenarios(text):
    """"a:det:3/3;b:det:3/3;c:clean:3/3" as "det: a, b; clean: c". A share below all is kept."""
    groups = {}
    for part in text.split(";"):
        name, _, rest = part.strip().partition(":")
        detector, _, share = rest.partition(":")
        got, _, of = share.partition("/")
        groups.setdefault(detector or "?", []).append(name if got == of else f"{name} {share}")
    return "; ".join(f"{detector}: {', '.join(names)}" for detector, names in groups.items())


def render_scenarios(rows, width):
    """Which scenario of a wrong variant was caught by what."""
    out = []
    groups = {}
    for r in rows:
        if r["result"] == CAUGHT and r["scenarios"]:
            groups.setdefault((r["variant"], r["mechanism"]), []).append(r)
    for (variant, mechanism), found in groups.items():
        texts = {}
        for r in found:
            texts.setdefault(group_scenarios(r["scenarios"]), []).append(r)
        for text, some in texts.items():
            where = "" if len(some) == len(found) else f" ({_short_names(some)})"
            out += paragraph(f"{variant} {mechanism}{where}: {text}", width, "", "    ")
    head = paragraph("what caught which scenario (in all tries, or in the share beside it)", width,
                     style="bold")
    return [*head, *out] if out else []


def model_groups(models):
    """(names of the models, {what they say: [variants of which they say it]})."""
    names = list(dict.fromkeys(m["model"] for m in models))
    groups = {}
    for v in dict.fromkeys(m["variant"] for m in models):
        said = tuple(model_says([m for m in models if (m["variant"], m["model"]) == (v, name)])
                     for name in names)
        groups.setdefault(said, []).append(v)
    return names, groups


def model_says(rows):
    """What one model says of one variant: by all ways to its anon_vma, or by which."""
    paths = [r["path"].removesuffix(" CPUs") for r in rows if r["result"] == "allowed"]
    return "forbidden" if not paths else "allowed" if len(paths) == len(rows) else \
        "allowed: " + ", ".join(paths)


def render_models(models, width):
    """What the models say of the variants' ordering: a row a model, a column for the variants of
    which they say the same."""
    if not models:
        return []
    names, groups = model_groups(models)
    widths = widths_of(len(groups), width, 10)
    out = paragraph("ordering, by models alone: nothing ran. May somebody see an anon_vma before "
                    "what its constructor wrote?", width, style="bold")
    out += table_lines([("", "bold")] + [(" ".join(v), "bold") for v in groups.values()], widths)
    for name, said in zip(names, zip(*groups)):
        out += table_lines([(name.replace("-", " "), "bold")] +
                           [(c, "dim" if c == "forbidden" else "default") for c in said], widths)
    return out + paragraph(
        "2: who found the pointer follows it; 3: a third one comes by page->mapping alone; LRU: "
        "one that has the page from the LRU lists. Sequentially consistent machines forbid all of "
        "it. V3 and V4 publish nothing. Alpha's verdicts are derived, and its locks are full "
        "barriers.",
        width, style="dim")


def render_free(rows, columns, width):
    """Free-running: seconds to the first report of wrong variants, clean seconds of sound ones."""
    if not rows:
        return []
    notes = Notes()
    widths = widths_of(len(columns), width, 16)
    out = table_lines([("free-running", "bold")] + [(head(c), "bold") for c in columns], widths)
    for v, rcu in dict.fromkeys((r["variant"], r["flavour"]) for r in rows):
        cells = []
        for c in columns:
            mine = [r for r in rows
                    if (r["variant"], r["flavour"], column_of(r)) == (v, rcu, c)]
            text, style = cell(mine, notes) if mine else ("", "dim")
            if mine and mine[0]["result"] == CAUGHT:
                text += f"\nseed {mine[0]['seed']}"
            cells.append((text, style))
        out += table_lines([(f"{v:<8}{rcu}", "bold"), *cells], widths)
    return out + notes.lines(width)


def render_claims(claims, columns, width):
    """The claims: what came of each, and its evidence."""
    if not claims:
        return []
    who = 22 if width >= 90 else 12
    widths = [4, who] + widths_of(len(columns), width - who - 6, 0)[1:]
    out = table_lines([("", "bold"), ("claim by", "bold")] + [(head(c), "bold") for c in columns],
                      widths)
    for c in dict.fromkeys(r["claim"] for r in claims):
        mine = [r for r in claims if r["claim"] == c]
        by = next((r["by"] for r in mine if r["by"]), "?")
        cells = []
        for column in columns:
            row = next((r for r in mine if column_of(r) == column), None)
            good = "yellow" if row and row["result"] == SKIPPED else "default"
            cells.append((row["result"] if row["ok"] else row["result"].upper(),
                          good if row["ok"] else "bold red") if row else
                         ("NO ROW", "bold red"))
        out += table_lines([(c, "bold"), (by, "default"), *cells], widths)
        out += render_evidence(mine, width)
    out += paragraph("Which tests each claim rests on: claims[].tests of thread.json.", width,
                     style="dim")
    return out


def merge_evidence(rows):
    """What several columns say, part by part (they stand between semicolons): [(rows, text)]; first
    what all of a provenance say, then what only some do. Provenances are not merged."""
    parts = {}
    for r in rows:
        seen = {}
        for part in r["evidence"].split("; "):
            key = r.get("provenance"), _NUMBER.sub("#", part)
            seen[key] = seen.get(key, 0) + 1
            parts.setdefault((key, seen[key]), []).append((r, part))
    groups = {}
    for found in parts.values():
        who = tuple(column_of(r) for r, _ in found)
        groups.setdefault(who, ([r for r, _ in found], []))[1].append(
            merge_sentences([text for _, text in found]))
    return sorted(((found, "; ".join(texts)) for found, texts in groups.values()),
                  key=lambda x: not is_whole(x[0], rows))


def is_whole(found, rows):
    """Are @found all of @rows that have their provenance?"""
    return len(found) == sum(r.get("provenance") == found[0].get("provenance") for r in rows)


def who_says(found, rows):
    """Whose evidence that is: "" where it is all @rows'."""
    if len(found) == len(rows):
        return ""
    return found[0]["provenance"] if is_whole(found, rows) else _short_names(found)


def render_evidence(rows, width):
    """A claim's evidence: what all ISAs say, numbers as ranges, then what each says alone."""
    rows = [r for r in rows if r["record"]]  # else a failure says why there is none
    out = []
    for found, text in merge_evidence(rows):
        who = who_says(found, rows)
        where = f"{who}: " if who else ""
        out += paragraph(where + text, width, "     ", "       " if where else "     ", "dim")
    return out


def render_failures(failures, width):
    """All that keeps the command from succeeding, each with the line that runs it again."""
    out = []
    for f in failures:
        out += [Text(line.plain, style="bold red")
                for line in paragraph(f"{column_of(f)} {f['what']}", width, "FAIL ", "     ")]
        if f["why"]:
            out += paragraph(f["why"], width, "     ", "     ")
        out += [Text(f"     {line}", no_wrap=True) for line in f.get("race", ())]
        out.append(Text(f"     again:   {f['rerun']}", no_wrap=True))
        if f["log"]:
            out.append(Text(f"     console: {f['log']}", no_wrap=True))
    return out


def headline(data):
    """What was run, on what, and by what."""
    smp = "/".join(map(str, data["smp"]))
    return (f"The thread of 2008 on {', '.join(data['arches'])}: {len(data['variants'])} variants, "
            f"{len(MECHANISMS)} mechanisms, {len({c['claim'] for c in data['claims']})} claims; by "
            f"{where_run(data)}, {smp} CPUs, seed {data['seed']}, build {data['build']}")


def where_run(data):
    """Each provenance with its columns, where there are several; and the QEMU, if there is one."""
    qemu = " ".join(v for v in data["qemu"].split() if v != "none")
    every, parts = data["rows"] + data["claims"], []
    for how in data["provenance"].split():
        mine = [r for r in every if r["provenance"] == how]
        names = ", ".join(dict.fromkeys(r["arch"] for r in mine))
        by = f"{how} (QEMU {qemu})" if how == "tcg" and qemu else how
        parts.append(f"{by} on {names}" if " " in data["provenance"] else by)
    return " and ".join(parts)


def slowest(rows):
    """One sentence on how long forced tests take."""
    timed = [r for r in rows if r["seconds"] is not None and r["result"] == CAUGHT]
    if not timed:
        return ""
    r = max(timed, key=lambda x: x["seconds"])
    return f"the slowest forced catch took {seconds(r['seconds'])} s ({r['test']}, {column_of(r)})"


def summary(data):
    """The last sentence."""
    every = data["rows"] + data["claims"]
    left_out = len(findings.skipped(every))
    bad = sum(not r["ok"] for r in every)
    text = f"{len(every)} rows, {len(every) - left_out - bad} as expected"
    if bad:
        text += f", {bad} NOT"
    if left_out:
        text += f", {left_out} SKIPPED FOR WANT OF CPUS: THE MATRIX IS INCOMPLETE"
    if data["failures"]:
        text += f"; {len(data['failures'])} failures"
    if data["interrupted"]:
        text += "; INTERRUPTED"
    if data["resumed"]:
        text += f"; {data['resumed']} machines had ended in an earlier run"
    note = slowest([r for r in data["rows"] if r["mode"] != FREE])
    return f"{text}; {len(data['machines'])} machines in {data['duration_s']:.0f} s" + \
        (f"; {note}" if note else "")


def render(data, width):
    """All of it, as lines."""
    out = paragraph(headline(data), width, style="bold")
    if "tcg" in data["provenance"].split():
        out += paragraph(TCG_NOTE, width, style="dim")
    if data.get("no_silicon"):
        out += paragraph(no_silicon(data["no_silicon"]), width, style="dim")
    for how, forced in by_provenance([r for r in data["rows"] if r["mechanism"] != FREE]):
        if " " in data["provenance"]:
            out += [Text(), Text(f"by {how}", style="bold")]
        for part in (render_matrix(forced, data["variants"], width),
                     render_scenarios(forced, width)):
            out += [Text(), *part] if part else []
    free = [r for r in data["rows"] if r["mechanism"] == FREE]
    columns = columns_of(data, data["rows"] + data["claims"])
    for part in (render_free(free, columns, width),
                 render_claims(data["claims"], columns, width),
                 render_models(data["models"], width), render_failures(data["failures"], width)):
        out += [Text(), *part] if part else []
    return out + [Text(), *paragraph(summary(data), width, style="bold")]


def by_provenance(rows):
    """[(provenance, its rows)]."""
    return [(how, [r for r in rows if r["provenance"] == how])
            for how in sorted({r["provenance"] for r in rows}, reverse=True)]


def machine_note(job, result):
    """(ok, text) for the line of a machine that has ended."""
    if not job.variant:
        text = live.counts_text(result.transcript)
        return result.ok(), text if result.ok() else f"{result.verdict}, {text}; {result.reason}"
    row = findings.free_row(result, job.variant, job.rcu)
    text = _said([row], Notes()).replace("\n", " by ")
    if row["result"] in _WITH_WHY or not row["ok"]:
        text = f"{row['result']}: {row['why']}"
    ok = row["ok"] and result.ok()
    return ok, text if ok or not row["ok"] else f"{text}; {result.verdict}: {result.reason}"
