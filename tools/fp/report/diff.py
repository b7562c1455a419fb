# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost diff A B`: what changed between two runs, and whether B may pass.

Told is every change of a verdict, of what was seen, of an expectation, and a rate that differs by
more than a factor (10): rates vary several-fold between runs of the same thing, and those of
different provenance are never compared. What makes B worse has a kind (KINDS) and is a failure,
unless --allow names that kind; a test that is gone tells nothing, so that it is no better than one
that fails. Machines are set beside one another by what they are; a run of one ISA alone beside any
other of that ISA: another machine, another CPU model.
"""
from dataclasses import dataclass
from pathlib import Path

from rich.text import Text

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.terminal import make_console
from .cells import rate_text
from .report import FAILED, read_json

# What is worse in B, and so a failure.
KINDS = {
    "failed": "it passed or was skipped, and fails",
    "gone": "a test, row or step that is not there any more",
    "isa": "no machine of that ISA any more",
    "skip": "it ran, and is skipped",
    "expected": "another outcome is expected of the architecture",
    "incomplete": "the run did not come to its end",
}
# Fewer weak outcomes than this on both sides: the rate says too little.
FEW = 20
NAMED = 20  # names in a list
BENCH_FACTOR = 1.5  # figures of a benchmark that are further apart are told


@dataclass
class Change:
    """One line. @kind: of KINDS, or "" where nothing is worse."""

    text: str
    kind: str = ""
    of: str = ""


def _rate(test):
    return test.get("weak", 0) / test["iterations"] if test.get("iterations") else 0.0


def _rates(x, y):
    return " -> ".join(rate_text(t.get("weak", 0), t.get("iterations", 0)) for t in (x, y))


def verdict_kind(old, new):
    """What kind of change of a test's verdict that is."""
    if new in FAILED:
        return "failed"
    return "skip" if new == "skip" and old == "pass" else ""


def presence(old, new):
    """Changes: names that only one side has."""
    for names, word, kind in (([n for n in old if n not in new], "only in A", "gone"),
                              ([n for n in new if n not in old], "only in B", "")):
        if names:
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            yield Change(f"{word}: {', '.join(names[:NAMED])}{more}", kind)


def _figures(test):
    """Numbers that a benchmark has measured."""
    return {k: v for k, v in test.get("more", {}).items()
            if isinstance(v, (int, float)) and not isinstance(v, bool) and v > 0}


def bench_changes(name, x, y):
    """Figures that are far apart."""
    old, new = _figures(x), _figures(y)
    for key in old.keys() & new.keys():
        ratio = new[key] / old[key]
        if max(ratio, 1 / ratio) > BENCH_FACTOR:
            yield Change(f"{name}: {key} {old[key]:.4g} -> {new[key]:.4g} ({ratio:.2f} times)")


def seen_changes(name, x, y, factor):
    """What was seen of a litmus test on both sides, by machines of one provenance."""
    if x["result"] != y["result"]:
        yield Change(f"{name}: {x['result']} -> {y['result']} ({_rates(x, y)})")
    elif max(x.get("weak", 0), y.get("weak", 0)) >= FEW:
        low, high = sorted((_rate(x), _rate(y)))
        if low and high / low > factor:
            yield Change(f"{name}: rate {_rates(x, y)}")


def test_changes(name, x, y, factor, same_origin):
    """Changes of one test that both sides have."""
    verdict = x["verdict"] != y["verdict"]
    flipped = "expected" in x and "expected" in y and x["expected"] != y["expected"]
    if verdict:
        yield Change(f"{name}: {x['verdict']} -> {y['verdict']}"
                     + (f" ({y['reason']})" if y["reason"] else ""),
                     verdict_kind(x["verdict"], y["verdict"]))
    if flipped:
        yield Change(f"{name}: expectation {x['expected']} -> {y['expected']}", "expected")
    if not same_origin or verdict or flipped:
        return
    if "result" in x and "result" in y:
        yield from seen_changes(name, x, y, factor)
    if x.get("kind") == "bench":
        yield from bench_changes(name, x, y)


def compare_runs(a, b, factor):
    """Changes between two runs of one ISA."""
    if a["verdict"] != b["verdict"]:
        yield Change(f"run: {a['verdict']} -> {b['verdict']}"
                     + (f" ({b['reason']})" if b["reason"] else ""),
                     "" if b["verdict"] in ("PASS", "SKIP") else "failed")
    same_origin = a["provenance"] == b["provenance"]
    if not same_origin:
        yield Change(f"provenance: {a['provenance']} -> {b['provenance']}: seen and rates are not "
                     "compared")
    old = {t["name"]: t for t in a["tests"]}
    new = {t["name"]: t for t in b["tests"]}
    yield from presence(old, new)
    for name in [n for n in old if n in new]:
        yield from test_changes(name, old[name], new[name], factor, same_origin)


# ---- the thread, steps of make check ----

def row_name(row):
    """What a row or claim of `thread` is about."""
    what = row.get("claim") or f"{row['variant']} {row['mechanism']}"
    rcu = f" rcu={row['flavour']}" if row.get("mode") == "free" else ""
    return f"{row['arch']} {what}{rcu}"


def thread_changes(a, b):
    """Between two `thread` members."""
    old, new = ({row_name(r): r for r in t["rows"] + t["claims"]} for t in (a, b))
    yield from presence(old, new)
    for name in [n for n in old if n in new]:
        x, y = old[name], new[name]
        if x["result"] != y["result"]:
            kind = "failed" if x["ok"] and not y["ok"] else \
                "skip" if y["result"] == "skipped" else ""
            yield Change(f"{name}: {x['result']} -> {y['result']}", kind)


def step_verdict(step):
    if step["failed"]:
        return "fail"
    return "skip" if step["skipped"] and not step["passed"] else "pass"


def step_changes(a, b):
    """Between two lists of steps."""
    old, new = ({s["name"]: s for s in steps} for steps in (a, b))
    yield from presence(old, new)
    for name in [n for n in old if n in new]:
        x, y = step_verdict(old[name]), step_verdict(new[name])
        if x != y:
            yield Change(f"{name}: {x} -> {y}", verdict_kind(x, y))


# ---- two files ----

def _name(run):
    return run["arch"] if run["provenance"] == "tcg" else f"{run['arch']} ({run['machine']})"


# By what two runs are the same thing, the best first.
_SAME = (("arch", "machine", "provenance", "cpu", "smp"), ("arch", "machine", "provenance", "cpu"),
         ("arch", "machine", "provenance"), ("arch", "machine"), ("arch",))


def pairs(old, new):
    """Which run of @new is to be set beside which of @old: of the same machine; else of the same
    ISA. (None, run) and (run, None) have no other."""
    left, partner = list(new), {}
    for members in _SAME:
        for a in old:
            if id(a) in partner:
                continue
            b = next((r for r in left if all(r.get(m) == a.get(m) for m in members)), None)
            if b is not None:
                partner[id(a)] = b
                left = [r for r in left if r is not b]
    return [(a, partner.get(id(a))) for a in old] + [(None, b) for b in left]


def run_changes(a, b, factor):
    """Between all machines of two files."""
    for old, new in pairs(a["runs"], b["runs"]):
        if new is None:
            yield Change(f"{_name(old)}: only in A", "isa")
        elif old is None:
            yield Change(f"{_name(new)}: only in B")
        else:
            of = old["arch"] if old["machine"] == new["machine"] else \
                f"{old['arch']} {old['machine']} -> {new['machine']}"
            for change in compare_runs(old, new, factor):
                change.of = of
                yield change


def changes(a, b, factor):
    """All changes between two run.json."""
    if b.get("state") == "incomplete" and a.get("state") != "incomplete":
        yield Change(f"B is incomplete: {b.get('why')}", "incomplete")
    yield from run_changes(a, b, factor)
    for member, compare in (("thread", thread_changes), ("steps", step_changes)):
        if member in a and member in b:
            yield from compare(a[member], b[member])
        elif member in a:
            yield Change(f"{member}: only in A", "gone")


def read(name):
    """A saved run; "RUN:machine" for that machine's part alone."""
    path, _, machine = str(name).rpartition(":")
    if not path or Path(name).exists():
        return read_json(Path(name))
    data = read_json(Path(path))
    data["runs"] = [r for r in data["runs"] if machine in (r["machine"], r["arch"])]
    if not data["runs"]:
        raise UserError(f"{path}: no run in it is of the machine or ISA '{machine}'")
    for member in ("thread", "steps"):
        data.pop(member, None)
    return data


def allowed_kinds(text):
    """The kinds that --allow names."""
    names = (text or "").replace(",", " ").split()
    for name in names:
        if name not in KINDS:
            raise UserError(f"--allow {name}: there is no such kind; there are {', '.join(KINDS)}")
    return names


def print_change(out, change, allowed):
    mark = "" if not change.kind else f" [{change.kind}{', allowed' if allowed else ''}]"
    out.print(Text.assemble((f"{change.of} " if change.of else "", "bold"), change.text,
                            (mark, "yellow" if allowed else "bold red")), soft_wrap=True)


def run(args):
    allow = allowed_kinds(args.allow)
    a, b = read(args.old), read(args.new)
    out = make_console()
    out.print(f"A: {args.old} of {a['time']}", soft_wrap=True)
    out.print(f"B: {args.new} of {b['time']}", soft_wrap=True)
    found = list(changes(a, b, args.factor))
    for change in found:
        print_change(out, change, change.kind in allow)
    worse = [c for c in found if c.kind and c.kind not in allow]
    if found:
        out.print(f"{len(found)} changes, {len(worse)} of them for the worse")
    else:
        out.print(f"no change in verdicts, in what was seen, or in rates by more than "
                  f"{args.factor:g} times")
    return EXIT_FAIL if worse else EXIT_PASS
