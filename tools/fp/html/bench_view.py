# SPDX-License-Identifier: GPL-2.0-only
"""bench.json on the page: the ISAs' bars side by side, a group a figure."""
from ..report.cells import big, time_text

_ORDER = ("iters_per_s", "best_weak_per_s", "best_iters_per_s")
_TITLES = {"iters_per_s": "iterations a second, over the whole search",
           "best_weak_per_s": "weak outcomes a second at the best setting",
           "best_iters_per_s": "iterations a second at the fastest setting"}


def _number(value):
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def figures(test):
    """What of a benchmark is drawn: {key: (title, value, text)}: times of 1, 2, 4 CPUs, rates."""
    all_of = {**(test.get("more") or {}), **test}
    out = {}
    for key in _ORDER:
        if _number(all_of.get(key)) is not None:
            out[key] = (_TITLES[key], all_of[key], big(all_of[key]) + "/s")
    for key, title in (("ns", "1 CPU"), ("ns_2_cpus", "2 CPUs"), ("ns_4_cpus", "4 CPUs"),
                       ("ns_best", "best")):
        if _number(all_of.get(key)) is not None:
            out[key] = (f"one operation, {title}", all_of[key],
                        time_text(all_of[key]))
    return out


def _bars(found):
    """@found: [(ISA, value, text)]."""
    most = max([v for _, v, _ in found] + [1e-9])
    return [{"arch": a, "text": text, "share": round(100 * max(v, 0) / most, 1)}
            for a, v, text in found]


def view(data):
    """Groups of bars; None without a bench.json."""
    if data is None:
        return None
    groups = {}
    for run in data["runs"]:
        for test in run["tests"]:
            for key, (title, value, text) in figures(test).items():
                group = groups.setdefault((test["name"], key), (title, []))
                group[1].append((run["arch"], value, text))
    tests = {}
    for (name, key), (title, found) in groups.items():
        tests.setdefault(name.removeprefix("bench."), []).append(
            {"title": title, "bars": _bars(found)})
    boots = [(r["arch"], r["first_test_s_median"], f"{r['first_test_s_median']:.2f} s")
             for r in data["runs"] if _number(r.get("first_test_s_median")) is not None]
    return {"tests": tests, "boots": _bars(boots) if boots else [],
            "provenance": sorted({r["provenance"] for r in data["runs"]})}
