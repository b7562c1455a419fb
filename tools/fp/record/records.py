# SPDX-License-Identifier: GPL-2.0-only
"""One line of a console: is it a record or a KTAP line, and has it come as it was sent?

Both carry a check sum (include/test/record.h); one that does not fit, or a record that says what no
kernel of ours says, is refused with a reason, and is then lost: it is never half believed. What is
accepted can be written as JSON and printed on any terminal.
"""
import json
import re
import zlib

from ..base.text import printable_tree

TEST_VERDICTS = ("pass", "fail", "skip", "timeout", "crash")
TEST_KINDS = ("assert", "litmus", "race", "torture", "bench")
END_VERDICTS = ("pass", "fail", "crash", "config")
RESULTS = ("allowed-seen", "allowed-unseen", "forbidden-seen", "forbidden-unseen", "known-defect",
           "unknown-seen", "unknown-unseen")
# Which results say that the weak outcome was seen.
SEEN = {"allowed-seen": True, "allowed-unseen": False, "forbidden-seen": True,
        "forbidden-unseen": False, "known-defect": True, "unknown-seen": True,
        "unknown-unseen": False}
KINDS = ("BEGIN", "CPUFAIL", "ERRATUM", "START", "TEST", "CRASH", "CONFIG", "END")
# What KTAP calls each verdict.
KTAP_OF = {"pass": "ok", "skip": "skip", "fail": "not ok", "timeout": "not ok", "crash": "not ok"}

DIGITS_MAX = 20  # of a number: those of 2^64
DEPTH_MAX = 32  # of brackets; Pythons differ in how deep they read
HEADS_MAX = 4  # records whose line ends were lost, looked at from the last

# TEST for a reader that knows regular expressions alone: what stands three times on the line, each
# time the same. What was damaged does not match.
TEST_PATTERN = (r'@TEST \{"n":\d+,"name":"(?P<test_case_id>[\w.+-]+)","kind":"[a-z]+",'
                r'"verdict":"(?P<result>[a-z]+)",[^\r\n]*"check":"(?P=test_case_id) (?P=result) '
                r'(?P=test_case_id) (?P=result) [0-9a-f]{8}"\}')

_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_NAME = re.compile(r"[\w.+-]+\Z")
_HEAD = re.compile(rf"@({'|'.join(KINDS)}) (?=\{{)")
_CHECK = re.compile(r',"check":"([^"]*?)([0-9a-f]{8})"\}$')
_LIKE_RECORD = re.compile(r'@[A-Z]{2,16}(?: |$)|.*"check":"')
_KTAP = re.compile(r"(not )?ok \d+ (\S+)(?: # (.*?))? # sum ([0-9a-f]{8})$")
_SUM = re.compile(r" # sum [0-9a-f]{8}$")
_LIKE_KTAP = re.compile(r"(?:not )?ok \d+ |.* # sum [0-9a-f]")


class Refused(ValueError):
    """Why a line that looks like ours is not taken for what it says."""


def check_sum(text):
    """What the kernel's crc32() makes of it, in hexadecimal."""
    return f"{zlib.crc32(text.encode('utf-8', 'replace')):08x}"


def seal(kind, members):
    """The line of a record, as the kernel writes it."""
    body = json.dumps(members, separators=(",", ":")).rstrip("}")
    again = f"{members.get('name')} {members.get('verdict')} " * 2 if kind == "TEST" else ""
    text = f'@{kind} {body},"check":"{again}'
    return f'{text}{check_sum(text)}"}}'


def seal_ktap(text):
    return f"{text} # sum {check_sum(text)}"


def _whole(text):
    if len(text.lstrip("-")) > DIGITS_MAX:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _finite(text):
    value = float(text)
    if value - value:  # an infinity has no difference from itself
        raise ValueError(f"the number {text[:20]}")
    return value


def _no_constant(text):
    raise ValueError(f"the word {text}")


def _depth(text):
    """How many brackets of a line of JSON are open at once."""
    depth = most = 0
    for bracket in re.findall(r"[][{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    return most


def loads(text):
    """json.loads() of what can be written and read again by any other: numbers are finite, text has
    whole characters, nothing is deeply nested. What would command a terminal is left out.
    ValueError or RecursionError."""
    if _depth(text) > DEPTH_MAX:
        raise ValueError(f"more than {DEPTH_MAX} levels")
    value = json.loads(text, parse_int=_whole, parse_float=_finite, parse_constant=_no_constant)
    json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no character
    return printable_tree(value)


def _bad_member(rec, name, types):
    return not isinstance(rec.get(name), types) or isinstance(rec.get(name), bool)


def _sums_of_outcomes(rec, runs, weak):
    """The same of its histogram: triples in a record, objects in a report. One that is not whole
    says nothing."""
    found = [(o.get("count"), o.get("weak")) if isinstance(o, dict) else tuple(o[1:])
             for o in rec.get("outcomes") or () if isinstance(o, (dict, list))]
    if any(len(o) != 2 or not isinstance(o[0], int) for o in found):
        return ""
    if any(n < 0 for n, _ in found):
        return "an outcome that was seen less than never"
    omitted = rec.get("outcomes_omitted") or (rec.get("more") or {}).get("outcomes_omitted")
    both = ((sum(n for n, _ in found), runs, "outcomes"),
            (sum(n for n, is_weak in found if is_weak), weak, "weak outcomes"))
    for has, want, what in both if found else ():
        if has > want or (has < want and not omitted):
            return f"{has} {what} in the histogram, not {want}"
    return ""


_TERM = re.compile(r"(?:\d:r\d|[a-z])=\w+")


def _labels_of_outcomes(rec):
    """Of a record: are the outcomes that are called weak those which fulfil the condition? Asked of
    the rows of tables, whose condition is a conjunction."""
    terms = set(str(rec.get("weak_outcome") or "").split(" /\\ "))
    if not rec.get("row") or not all(_TERM.fullmatch(t) for t in terms):
        return ""
    for o in rec.get("outcomes") or ():
        if not isinstance(o, list) or len(o) != 3:
            continue
        label, weak = str(o[0]), o[2]
        if (terms <= set(label.split())) != bool(weak):
            return f"outcome {label!r} is {'' if weak else 'not '}called weak"
    return ""


def sums_of_litmus(rec):
    """Of a litmus test, a record or an entry of a report: why its numbers do not add up, or ""."""
    runs, weak, result = (rec.get(k) for k in ("iterations", "weak", "result"))
    if not isinstance(runs, int) or not isinstance(weak, int):
        return ""
    if not 0 <= weak <= runs:
        return f"{weak} weak outcomes in {runs} iterations"
    if result in SEEN and (weak > 0) != SEEN[result]:
        return f"result {result!r} with {weak} weak outcomes"
    return _sums_of_outcomes(rec, runs, weak)


def _check_test(rec):
    if rec.get("verdict") not in TEST_VERDICTS:
        return f"verdict {rec.get('verdict')!r}"
    if rec.get("kind") not in TEST_KINDS:
        return f"kind {rec.get('kind')!r}"
    if rec["kind"] == "litmus" and rec["verdict"] in ("pass", "fail"):
        for name in ("iterations", "weak"):
            if _bad_member(rec, name, int):
                return f"a litmus test without {name}"
        if rec.get("result") not in RESULTS:
            return f"result {rec.get('result')!r}"
        if rec.get("expected") not in ("allow", "forbid", "unknown"):
            return f"expected {rec.get('expected')!r}"
        return sums_of_litmus(rec) or _labels_of_outcomes(rec) or None
    return None


def check_members(kind, rec):
    """Why a record cannot be used, or None."""
    if not isinstance(rec, dict):
        return "not a JSON object"
    if kind in ("START", "TEST") and (_bad_member(rec, "name", str)
                                      or not _NAME.match(rec["name"])):
        return "no name of a test"
    if kind == "TEST":
        return _check_test(rec)
    if kind == "END":
        if rec.get("verdict") not in END_VERDICTS:
            return f"verdict {rec.get('verdict')!r}"
        for name in ("planned", "run"):
            if _bad_member(rec, name, int):
                return f"no {name}"
    return None


def _unseal(kind, text, again):
    """The record of a line whose sum fits; Refused."""
    try:
        rec = loads(text)
        why = check_members(kind, rec)
    except (ValueError, RecursionError) as e:
        why = f"not JSON: {e}"
    if not why and kind == "TEST" and again != f"{rec['name']} {rec['verdict']} " * 2:
        why = "it contradicts itself"
    if why:
        raise Refused(f"@{kind}: {why}")
    del rec["check"]
    return rec


def read_record(line):
    """(kind, record), or None if the line is no record; Refused. Firmware may leave its last line
    open, so a record need not start its line."""
    check = _CHECK.search(line)
    for head in reversed(list(_HEAD.finditer(line))[-HEADS_MAX:]) if check else ():
        if check_sum(line[head.start():check.start(2)]) == check[2]:
            return head[1], _unseal(head[1], line[head.end():], check[1])
    if _LIKE_RECORD.match(line) or _HEAD.search(line):
        raise Refused("a record whose check sum does not fit" if check else "a record cut short")
    return None


def read_ktap(line):
    """(name, "ok", "not ok" or "skip"), or None if the line is no result; Refused. As with records
    a terminal program may have put the time of day in front."""
    m = _SUM.match(line[-15:]) and _KTAP.search(line)
    if m and check_sum(line[m.start():m.start(4) - len(" # sum ")]) == m[4]:
        skip = (m[3] or "").upper().startswith("SKIP")
        return m[2], "skip" if skip else "not ok" if m[1] else "ok"
    if _LIKE_KTAP.match(line):
        raise Refused("a KTAP line whose check sum does not fit")
    return None
