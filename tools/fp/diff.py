# SPDX-License-Identifier: GPL-2.0-only
"""What changed between two saved compare.json: verdicts, seen or not seen, and large rate changes.

Rates vary several-fold between runs of the same thing, so that only a change by more than a factor
(10) is told; rates of different provenance are never compared.
"""
from rich.text import Text

from .errors import EXIT_FAIL, EXIT_PASS
from .live import make_console, rate_text
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


def run(args):
    a, b = read_json(args.old), read_json(args.new)
    out = make_console()
    out.print(f"A: {args.old} of {a['time']}", soft_wrap=True)
    out.print(f"B: {args.new} of {b['time']}", soft_wrap=True)
    runs_a = {r["arch"]: r for r in a["runs"]}
    runs_b = {r["arch"]: r for r in b["runs"]}
    changes = worse = 0
    for arch in list(runs_a) + [x for x in runs_b if x not in runs_a]:
        if arch not in runs_a or arch not in runs_b:
            out.print(f"{arch}: only in {'A' if arch in runs_a else 'B'}")
            changes += 1
            continue
        lines, bad = compare_runs(runs_a[arch], runs_b[arch], args.factor)
        worse += bad
        changes += len(lines)
        for line in lines:
            out.print(Text.assemble((f"{arch} ", "bold"), line), soft_wrap=True)
    if changes:
        out.print(f"{changes} changes, {worse} of them new failures")
    else:
        out.print(f"no change in verdicts, in what was seen, or in rates by more than "
                  f"{args.factor:g} times")
    return EXIT_FAIL if worse else EXIT_PASS
