# SPDX-License-Identifier: GPL-2.0-only
"""What stands in one cell or line: a rate, a note, the colour of a verdict."""
from ..record.verdict import CONFIG, CRASH, FAIL, NOT_STARTED, PASS, SKIP, TIMEOUT, TRUNCATED

VERDICT_STYLES = {
    PASS: "bold green", SKIP: "bold yellow", FAIL: "bold red", CRASH: "bold red",
    TIMEOUT: "bold red", TRUNCATED: "bold red", CONFIG: "bold magenta",
    NOT_STARTED: "bold red",
}
TEST_MARKS = {
    "pass": ("ok     ", "green"), "fail": ("FAIL   ", "bold red"), "skip": ("skip   ", "yellow"),
    "timeout": ("TIMEOUT", "bold red"), "crash": ("CRASH  ", "bold red"),
}


def rate_text(weak, iterations):
    """How often, per million iterations, in at most five characters and "/M"."""
    if not iterations or not weak:
        return "-"
    rate = weak * 1e6 / iterations
    if rate >= 99500:
        return f"{rate / 1000:.0f}k/M"
    if rate >= 9950:
        return f"{rate / 1000:.0f}k/M"
    if rate >= 995:
        return f"{rate / 1000:.1f}k/M"
    if rate >= 9.95:
        return f"{rate:.0f}/M"
    if rate >= 0.095:
        return f"{rate:.1f}/M"
    return "<.1/M"


def test_note(test):
    """What is worth saying of a test beside its verdict."""
    if test["kind"] == "litmus" and test.get("result"):
        words = test["result"].replace("-", ", ", 1) if test["result"] != "known-defect" \
            else "known emulator defect"
        if test.get("weak"):
            words += " " + rate_text(test["weak"], test.get("iterations", 0))
        reason = str(test.get("reason") or "").removeprefix("known emulator defect: ")
        return words + (f": {reason}" if reason else "")
    return test.get("reason", "")


def big(number):
    """A number with three digits and a unit."""
    if not isinstance(number, (int, float)):
        return "?"
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {unit}"
    return f"{number:.3g}"


def time_text(ns):
    """A duration in a unit that suits it; blank for one that was not measured."""
    if not isinstance(ns, (int, float)):
        return ""
    for limit, unit in ((1e9, "s"), (1e6, "ms"), (1e3, "us")):
        if ns >= limit:
            return f"{ns / limit:.3g} {unit}"
    return f"{ns:.3g} ns"
