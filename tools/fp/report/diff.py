# SPDX-License-Identifier: GPL-2.0-only
"""What changed between two saved compare.json: verdicts, seen or not seen, and large rate changes.

Rates vary several-fold between runs of the same thing, so that only a change by more than a factor
(10) is told; rates of different provenance are never compared.
"""
from rich.text import Text

from ..base.errors import EXIT_FAIL, EXIT_PASS
from ..base.terminal import make_console
from .cells import rate_text
from .report import read_json

# Fewer weak outcomes than this on both sides: the rate says too little.
FEW = 20


def _rate(test):
    return test.get("weak", 0) / test["iterations"] if test.get("iterations") else 0.0


def compare_runs(a, b, factor):
    """(changes, worse): lines about one ISA, and how many of them are new failures."""
    out, worse = [], 0
    if a["verdict"] != b["verdict"]:
        out.append(f"run: {a['verdict']} -> {b['verdict']}"
                   + (f" ({b['reason']})" if b["reason"] else ""))
        worse += b["verdict"] not in ("PASS", "SKIP")
    same_origin = a["provenance"] == b["provenance"]
    if not same_origin:
        out.append(f"provenance: {a['provenance']} -> {b['provenance']}: seen and rates are not "
                   "compared")
    old = {t["name"]: t for t in a["tests"]}
    new = {t["name"]: t for t in b["tests"]}
    gone = [n for n in old if n not in new]
    added = [n for n in new if n not in old]
    for names, word in ((gone, "only in A"), (added, "only in B")):
        if names:
            more = f" and {len(names) - 5} more" if len(names) > 5 else ""
            out.append(f"{word}: {', '.join(names[:5])}{more}")
    for name, x in old.items():
        y = new.get(name)
        if y is None:
            continue
        said = len(out)
        if x["verdict"] != y["verdict"]:
            out.append(f"{name}: {x['verdict']} -> {y['verdict']}"
                       + (f" ({y['reason']})" if y["reason"] else ""))
            worse += y["verdict"] in ("fail", "timeout", "crash")
        if x.get("expected") != y.get("expected") and "expected" in x and "expected" in y:
            out.append(f"{name}: expectation {x['expected']} -> {y['expected']}")
        if not same_origin or "result" not in x or "result" not in y:
            continue
        if x["result"] != y["result"] and len(out) == said:
            out.append(f"{name}: {x['result']} -> {y['result']} "
                       f"({rate_text(x.get('weak', 0), x.get('iterations', 0))} -> "
                       f"{rate_text(y.get('weak', 0), y.get('iterations', 0))})")
        elif max(x.get("weak", 0), y.get("weak", 0)) >= FEW and len(out) == said:
            low, high = sorted((_rate(x), _rate(y)))
            if low and high / low > factor:
                out.append(f"{name}: rate {rate_text(x['weak'], x['iterations'])} -> "
                           f"{rate_text(y['weak'], y['iterations'])}")
    return out, worse


def _name(run):
    return run["arch"] if run["provenance"] == "tcg" else f"{run['arch']} ({run['machine']})"


def _take(runs, fits):
    """The first of @runs that fits, taken out; or None."""
    found = next((r for r in runs if fits(r)), None)
    if found is not None:
        runs.remove(found)
    return found


def pairs(old, new):
    """Which run of @new is to be set beside which of @old: of the same machine; else of the same
    ISA. (None, run) and (run, None) have no other."""
    old, left = list(old), list(new)
    same = {id(r): _take(left, lambda x, r=r: (x["arch"], x["machine"], x["provenance"])
                         == (r["arch"], r["machine"], r["provenance"])) for r in old}
    out = [(r, same[id(r)] or _take(left, lambda x, r=r: x["arch"] == r["arch"])) for r in old]
    return out + [(None, r) for r in left]


def run(args):
    a, b = read_json(args.old), read_json(args.new)
    out = make_console()
    out.print(f"A: {args.old} of {a['time']}", soft_wrap=True)
    out.print(f"B: {args.new} of {b['time']}", soft_wrap=True)
    changes = worse = 0
    for old, new in pairs(a["runs"], b["runs"]):
        if old is None or new is None:
            out.print(f"{_name(old or new)}: only in {'A' if new is None else 'B'}")
            changes += 1
            continue
        lines, bad = compare_runs(old, new, args.factor)
        worse += bad
        changes += len(lines)
        for line in lines:
            out.print(Text.assemble((f"{new['arch']} ", "bold"), line), soft_wrap=True)
    if changes:
        out.print(f"{changes} changes, {worse} of them new failures")
    else:
        out.print(f"no change in verdicts, in what was seen, or in rates by more than "
                  f"{args.factor:g} times")
    return EXIT_FAIL if worse else EXIT_PASS
