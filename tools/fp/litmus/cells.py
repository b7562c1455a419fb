# SPDX-License-Identifier: GPL-2.0-only
"""What a litmus test came to on one machine, in a few words: for the terminal and for the page.

A rate is a magnitude unless somebody asks for the number: it depends on settings and on the host by
orders of magnitude. Beside it stands how sure that is: of what was never seen the rate that it may
still have (with 95 % confidence below 3 in n iterations), of what was seen x times how likely it
shows again in a run as long (1 - e^-x, sightings being Poisson's), and from 12 sightings on, which
is 99.999 %, the iterations.
"""
import math
from dataclasses import dataclass

# Of the iterations: at least so many in a million.
OFTEN, SELDOM = 10_000, 100
LATE_SHARE = 0.25  # of its slices cut short: its host was too busy to race
BOUND = 3  # none in n iterations: with 95 % confidence its rate is below 3 / n
SURE = 12  # sightings: seen again in a run of this length with 99.999 %

BAD = ("fail", "timeout", "crash")


# Who says what the architecture allows, of a file of the user: how a source begins, and its letter.
SOURCES = {"Result:": "r", "herd7": "h", "table:": "t"}


@dataclass
class Cell:
    """@state: allowed-seen and so on as in the report; none, skip, fail, timeout or crash where
    there is no such result. @letter: what the architecture says: A, F, ? or nothing."""

    state: str
    letter: str = ""
    how: str = ""
    iterations: int = 0
    weak: int = 0
    late: bool = False
    bad: bool = False
    tainted: bool = False  # by an erratum of the CPU
    source: str = ""  # of the verdict: a letter of SOURCES


def count_text(n):
    """A count in at most four characters: 950, 14k, 8.1M, 12G."""
    for limit, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if n >= 0.9995 * limit:
            n /= limit
            return f"{n:.1f}{unit}" if n < 9.95 else f"{n:.0f}{unit}"
    return f"{n:.0f}"


def magnitude(weak, iterations):
    """often: 1 in 100 or more; seldom: 1 in 10 000 or more; rare: less; never."""
    if not weak or not iterations:
        return "never"
    rate = weak * 1e6 / iterations
    return "often" if rate >= OFTEN else "seldom" if rate >= SELDOM else "rare"


def more_of(test, name):
    """A number that only "more" has; 0 without it."""
    value = (test.get("more") or {}).get(name, test.get(name))
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def confidence(weak):
    """How likely what was seen @weak times shows again in a run of this length."""
    return 1 - math.exp(-weak)


def bound_in_million(iterations):
    """What never showed happens, with 95 % confidence, at most so often in a million iterations;
    in at most four characters."""
    if iterations <= BOUND:
        return "≤all"
    rate = BOUND * 1e6 / iterations
    for limit, unit in ((999_500, "M"), (999.5, "k")):
        if rate >= limit:
            return f"≤{rate / (1e6 if unit == 'M' else 1e3):.0f}{unit}"
    if rate < 0.01:
        return "<.01"
    return f"≤{rate:.2f}".replace("0.", ".") if rate < 0.995 else \
        f"≤{rate:.1f}".removesuffix(".0") if rate < 9.95 else f"≤{rate:.0f}"


def sure_text(cell):
    """How sure a cell is, in at most four characters."""
    if cell.state in ("allowed-unseen", "unknown-unseen"):
        return bound_in_million(cell.iterations)
    if cell.state in ("allowed-seen", "unknown-seen") and cell.weak < SURE:
        return f"{math.floor(100 * confidence(cell.weak))}%"
    return count_text(cell.iterations)


def source_of(test):
    """The letter of who gave the verdict; l: of LKMM alone, which speaks of no ISA."""
    more = test.get("more") or {}
    if more.get("lkmm_only") is True:
        return "l"
    said = str(more.get("source", ""))
    return next((letter for head, letter in SOURCES.items() if said.startswith(head)), "")


def is_late(test):
    """Did the host cut so many of its slices short that it could hardly race?"""
    return more_of(test, "slices_late") > LATE_SHARE * max(more_of(test, "slices"), 1)


def tainted_by(test):
    """Names of the errata that may have spoiled a result, or ""."""
    return str((test.get("more") or {}).get("tainted", ""))


def letter_of(test):
    """What the architecture says of the outcome."""
    result = str(test.get("result") or "")
    if result == "known-defect":
        return {"allow": "A", "forbid": "F"}.get(test.get("expected"), "F")
    return {"allowed": "A", "forbidden": "F", "unknown": "?"}.get(result.partition("-")[0], "?")


def cell_of(test):
    """The Cell of a test; @test may be None."""
    if test is None:
        return Cell("none")
    verdict, result = test["verdict"], test.get("result")
    if result is None or verdict in ("timeout", "crash"):
        state = verdict if verdict in (*BAD, "skip") else "none"
        return Cell(state, bad=verdict in BAD)
    weak, iterations = test.get("weak", 0), test.get("iterations", 0)
    return Cell(result, letter_of(test), magnitude(weak, iterations), iterations, weak,
                is_late(test), verdict in BAD, bool(tainted_by(test)), source_of(test))


def bound_text(iterations):
    """What "never" in so many iterations bounds the rate by."""
    return f"below 1 in {count_text(iterations / BOUND)}" if iterations > BOUND else "not bounded"


def rate_words(test):
    """One sentence on how often."""
    weak, iterations = test.get("weak", 0), test.get("iterations", 0)
    if not iterations:
        return "not one iteration"
    if not weak:
        return f"never in {iterations:,} iterations (rate {bound_text(iterations)})"
    again = f", again in such a run: {100 * confidence(weak):.4g} %" if weak < SURE else ""
    return f"{weak:,} times in {iterations:,} iterations (1 in {count_text(iterations / weak)}" \
        f"{again})"


def is_seen(test):
    """Did the weak outcome show?"""
    return bool(test) and bool(test.get("result")) and bool(test.get("weak"))


def models_differ(tests):
    """Do the architectures say different things of a row?"""
    known = {letter_of(t) for t in tests if t and t.get("result")} - {"?"}
    return len(known) > 1


def sights_differ(tests):
    """Was the outcome seen on some machines of a row, and not on others?"""
    return len({is_seen(t) for t in tests if t and t.get("result")}) > 1


def is_failed(tests):
    return any(t and t["verdict"] in BAD for t in tests)


def is_notable(tests):
    """Was anything of a row seen, failed, or is it a known defect?"""
    return is_failed(tests) or any(is_seen(t) for t in tests)
