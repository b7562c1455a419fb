# SPDX-License-Identifier: GPL-2.0-only
"""Results in the format of litmus7's logs, which mcompare7, msum7 and others read."""
import re
from collections import Counter

from .emit_key import asked

_KINDS = {"exists": "Allowed", "~exists": "Forbidden", "forall": "Required"}
_ODD = re.compile(r"[^A-Za-z0-9_/.+:\[\]-]")


def test_name(program):
    """The name that the file gives itself, in characters that those readers take."""
    return _ODD.sub("_", program.name) or "test"


def _condition(program):
    """The condition of the file's end, which has locations and filter before it."""
    found = re.search(r"(~\s*exists|not\s+exists|exists|forall)\b.*", program.condition_text)
    return found[0] if found else f"{program.quantifier} true"


def _state(label, places):
    """An outcome as litmus7 writes it: "0:r0=1; x=2;". What only the filter names is not shown."""
    return " ".join(f"{part.replace('=&', '=', 1)};" for part in label.split()
                    if part.partition("=")[0] in places)


def _histogram(program, entry):
    """Lines of the outcomes; a star where the condition speaks of it."""
    counts = Counter()
    places = set(map(str, asked(program)))
    for o in entry.get("outcomes") or []:
        counts[_state(o["outcome"], places), bool(o["weak"])] += o["count"]
    lines = [f"{count:<8}{'*' if weak else ':'}>{state}"
             for (state, weak), count in counts.items() if count]
    return [f"Histogram ({len(lines)} states)", *lines]


def _counts(program, entry):
    """(runs in which the condition's property held, the others)."""
    weak, others = entry["weak"], entry["iterations"] - entry["weak"]
    return (others, weak) if program.quantifier == "forall" else (weak, others)


def of_test(program, entry):
    """Lines of one test's result."""
    held, failed = _counts(program, entry)
    valid = held > 0 if program.quantifier == "exists" else not entry["weak"]
    witnesses = (failed, held) if program.quantifier == "~exists" else (held, failed)
    name = test_name(program)
    observed = "Never" if not held else "Sometimes" if failed else "Always"
    condition = _condition(program)
    about = [f"{key}={value}" for key, value in program.meta.items()
             if key in ("Hash", "Com", "Orig", "Cycle")]
    return [f"Test {name} {_KINDS[program.quantifier]}", *_histogram(program, entry),
            "Ok" if valid else "No", "", "Witnesses",
            f"Positive: {witnesses[0]}, Negative: {witnesses[1]}",
            f"Condition {condition} is {'' if valid else 'NOT '}validated", *about,
            f"Observation {name} {observed} {held} {failed}",
            f"Time {name} {entry.get('us', 0) / 1e6:.2f}", ""]


def log(pairs):
    """The text of a log; @pairs: (program, entry of its test in a report)."""
    lines = []
    for program, entry in pairs:
        if "iterations" in entry and "weak" in entry and entry["iterations"]:
            lines += of_test(program, entry)
    return "\n".join(lines) + "\n" if lines else ""
