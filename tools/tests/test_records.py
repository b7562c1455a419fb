# SPDX-License-Identifier: GPL-2.0-only
"""Records and KTAP lines that were damaged on their way, for three readers: ours, one of KTAP, and
one that knows regular expressions alone, as LAVA does. None of them may believe what was not sent.
"""
import random
import re

import pytest

from fp.record import console as con
from fp.record import records
from fp.record.verdict import PASS, SKIP, Ending, judge

TRIALS = 1000
SHARE = 0.01
SENT = {"mm.cow": "pass", "rmap.v0.reuse": "fail", "rmap.v1.reuse": "pass", "lib.call": "skip",
        "litmus.SB+mb+mb": "pass", "rmap.C1": "crash", "rmap.C11": "pass", "self.hang": "timeout"}


def transcript():
    """The console of a run, as the kernel writes it."""
    lines = ["firmware", "# Fencepost", records.seal("BEGIN", {"planned": len(SENT)}),
             "KTAP version 1", f"1..{len(SENT)}"]
    for n, (name, verdict) in enumerate(SENT.items(), 1):
        lines.append(records.seal("START", {"n": n, "name": name, "kind": "assert"}))
        word = records.KTAP_OF[verdict]
        more = " # SKIP why" if verdict == "skip" else " # why" if word == "not ok" else ""
        lines.append(records.seal_ktap(f"{'ok' if word == 'skip' else word} {n} {name}{more}"))
        lines.append(records.seal("TEST", {"n": n, "name": name, "kind": "assert",
                                           "verdict": verdict, "us": 12, "reason": "why"}))
    lines.append(records.seal("END", {"planned": len(SENT), "run": len(SENT), "verdict": "crash"}))
    return "\n".join(lines).encode() + b"\n"


def damaged(rng, data, share=SHARE):
    """Of a hundred bytes one is another, is lost, is doubled or has a bit turned."""
    out = bytearray()
    for byte in data:
        if rng.random() >= share:
            out.append(byte)
            continue
        out += (bytes((rng.randrange(256),)), b"", bytes((byte, byte)),
                bytes((byte ^ 1 << rng.randrange(8),)))[rng.randrange(4)]
    return bytes(out)


def read_ours(data):
    console = con.Console()
    console.feed(data)
    console.finish()
    return console.t


def read_ktap(text):
    """A reader of KTAP that knows our sums: {name: ok, not ok or skip}, and what it has refused."""
    got, refused = {}, 0
    for line in text.split("\n"):
        try:
            result = records.read_ktap(line)
        except records.Refused:
            refused += 1
            continue
        if result:
            got[result[0]] = result[1]
    return got, refused


def read_pattern(text):
    return [(m["test_case_id"], m["result"]) for m in re.finditer(records.TEST_PATTERN, text)]


def read_strange_ktap(text):
    """The verdict of a reader that knows of no sums: every number from 1 to the plan's, all ok."""
    plan = re.findall(r"^1\.\.(\d+)\s*$", text, re.M)
    lines = re.findall(r"^(not )?ok (\d+)", text, re.M)
    return len(plan) == 1 and not any(bad for bad, _ in lines) and \
        [int(n) for _, n in lines] == list(range(1, int(plan[0]) + 1))


def test_all_three_read_what_was_sent():
    text = transcript().decode()
    t = read_ours(transcript())
    assert {x["name"]: x["verdict"] for x in t.tests} == SENT and not t.bad
    assert dict(read_pattern(text)) == SENT
    assert read_ktap(text) == ({n: records.KTAP_OF[v] for n, v in SENT.items()}, 0)


def test_no_damaged_record_is_believed():
    rng = random.Random(11)
    lost = whole = 0
    for _ in range(TRIALS):
        data = damaged(rng, transcript())
        text = data.decode("utf-8", "replace")
        t = read_ours(data)
        for test in t.tests:
            assert SENT[test["name"]] == test["verdict"] and test["reason"] == "why"
            assert test["us"] == 12
        assert all(SENT[name] == verdict for name, verdict in read_pattern(text))
        ktap, _ = read_ktap(text)
        assert all(records.KTAP_OF[SENT[name]] == word for name, word in ktap.items())
        assert judge(t, Ending(status=0))[0] not in (PASS, SKIP)
        assert not read_strange_ktap(text)
        lost += len(SENT) - len(t.tests)
        whole += len(t.tests)
        assert t.bad or len(t.tests) == len(SENT)
    assert lost > TRIALS and whole > TRIALS  # it did damage, and it left something


@pytest.mark.parametrize("member", [
    r'"why":"\ud800"', '"us":1e999', '"us":-1e999', '"us":NaN', '"us":Infinity',
    '"us":' + "9" * 400, '"us":' + "9" * 5000, r'"\udfff":1', '"a":' + "[" * 9000 + "]" * 9000,
    '"a":' + "[" * 32 + "]" * 32,
])
def test_what_cannot_be_written_again_is_refused(member):
    line = f'@TEST {{"n":1,"name":"a.b","kind":"assert","verdict":"pass",{member}' \
        ',"check":"a.b pass a.b pass '
    t = read_ours(f'{line}{records.check_sum(line)}"}}\n'.encode())
    assert not t.tests and len(t.bad) == 1 and "not JSON" in t.bad[0].why
    assert t.bad[0].why.encode("ascii")


def test_brackets_in_text_are_no_levels():
    assert records.loads('{"a":"[[[%s","b":"\\"[","c":[[]]}' % ("{" * 99))["c"] == [[]]
    assert records.loads('{"a":%s}' % ("[" * 31 + "]" * 31))


def test_a_record_that_contradicts_itself_is_refused():
    line = '@TEST {"n":1,"name":"a.b","kind":"assert","verdict":"pass","check":"a.b fail a.b fail '
    with pytest.raises(records.Refused, match="contradicts itself"):
        records.read_record(f'{line}{records.check_sum(line)}"}}')


def test_a_lost_line_end_costs_one_record():
    start = records.seal("START", {"name": "a.b"})
    kind, record = records.read_record(start + records.seal("CRASH", {"why": "x"}))
    assert kind == "CRASH" and record == {"why": "x"}


def test_other_lines_are_not_ours():
    for line in ("", "hello", "user@HOST ok", "not okay", "ok", "# ok 1 a.b", "@", "@x {}"):
        assert records.read_record(line) is None and records.read_ktap(line) is None


LITMUS = {"n": 1, "name": "litmus.MP", "kind": "litmus", "verdict": "pass", "iterations": 5,
          "weak": 0, "result": "forbidden-unseen", "expected": "forbid"}


@pytest.mark.parametrize("change", [
    {}, {"expected": "allow"}, {"verdict": "skip", "iterations": None}, {"us": 0.5}, {"us": -1.5},
    {"us": 18446744073709551615}, {"result": "allowed-unseen"},
    {"weak": 5, "result": "known-defect"},
    *({"weak": 1, "result": r} for r in ("allowed-seen", "forbidden-seen")),
    *({"kind": k} for k in ("assert", "race", "torture", "bench")),
])
def test_what_a_kernel_says_is_taken(change):
    sent = {**LITMUS, **change}
    assert records.read_record(records.seal("TEST", sent)) == ("TEST", sent)


@pytest.mark.parametrize("change,why", [
    ({"kind": "other"}, "kind 'other'"), ({"verdict": "passed"}, "verdict 'passed'"),
    ({"iterations": "5"}, "without iterations"), ({"weak": None}, "without weak"),
    ({"weak": True}, "without weak"), ({"result": "seen"}, "result 'seen'"),
    ({"expected": "permit"}, "expected 'permit'"), ({"expected": None}, "expected None"),
    ({"verdict": "fail", "iterations": None}, "without iterations"), ({"name": 7}, "no name"),
])
def test_what_no_kernel_says_is_refused(change, why):
    with pytest.raises(records.Refused, match=why):
        records.read_record(records.seal("TEST", {**LITMUS, **change}))


@pytest.mark.parametrize("kind", ["CPUFAIL", "ERRATUM", "CONFIG", "CRASH"])
def test_each_kind_of_record_is_read(kind):
    assert records.read_record(records.seal(kind, {"why": "x{}"})) == (kind, {"why": "x{}"})


def test_a_record_is_an_object():
    for body in ("[]", '"x"', "7"):
        with pytest.raises(records.Refused):
            records.read_record(records.seal("END", {}).replace("{", body + "{", 1))
    assert "JSON object" in records.check_members("END", [])
