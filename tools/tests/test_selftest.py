# SPDX-License-Identifier: GPL-2.0-only
"""The self-tests' own judgement: each thing that a case asks for is a reason to refuse."""
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from fp.images.boards import Boards
from fp.record import console as con
from fp.record.verdict import CONFIG, CRASH, FAIL, NOT_STARTED, PASS, SKIP, TIMEOUT, TRUNCATED
from fp.selftest import gdb, selftest

LOG = b"""# [0] watchdog on cpu 0: late
# [1] self line 0 of cpu 0, whole\r
# [1] self line 0 of cpu 1, whole
"""


def ended(tmp_path, verdict=TIMEOUT, reason="a.b: late", end="fail", **more):
    log = tmp_path / "log"
    log.write_bytes(LOG)
    t = con.Transcript(end={"verdict": end} if end else None, **more)
    return SimpleNamespace(verdict=verdict, reason=reason, transcript=t, log=log)


def complaint(tmp_path, case=None, cpus=2, **more):
    case = dict({"name": "x", "expect": (TIMEOUT,), "reason": "^a\\.b: late$"}, **(case or {}))
    return selftest.complaint(selftest.Case(**case), ended(tmp_path, **more), cpus)


def test_what_is_as_it_should_be_is_not_complained_of(tmp_path):
    assert complaint(tmp_path) is None
    case = {"prints": ("watchdog", "line 0 of cpu 0"), "never": "cut", "once": "watchdog",
            "each": (r"(line \d of cpu \d), whole$", 1)}
    assert complaint(tmp_path, case) is None


@pytest.mark.parametrize("more, says", [
    ({"verdict": FAIL}, "expected TIMEOUT"),
    ({"reason": "a.b: late, says the host"}, "does not name the cause"),
    ({"end": "pass"}, "END says pass"),
    ({"bad": [con.Bad(3, "cut", "x")]}, "line 3: cut"),
    ({"tests": [{"name": "a.b", "verdict": "timeout"}], "ktap": {"a.b": "ok"}}, "KTAP says 'ok'"),
])
def test_each_wrong_ending_is_refused(tmp_path, more, says):
    assert says in complaint(tmp_path, **more)


@pytest.mark.parametrize("case, says", [
    ({"prints": ("line 0 of cpu 0", "watchdog")}, "nothing like /watchdog/"),
    ({"never": "watchdog"}, "a line with /watchdog/"),
    ({"once": "self line"}, "not one line"),
    ({"once": "absent"}, "not one line"),
    ({"each": (r"(line \d of cpu \d), whole$", 2)}, "2 lines, 2 different"),
    ({"each": (r"(line \d)", 1)}, "2 lines, 1 different"),
])
def test_each_wrong_line_is_refused(tmp_path, case, says):
    assert says in complaint(tmp_path, case)


def test_an_error_line_can_be_the_cause(tmp_path):
    case = {"reason": "^cpu 3 is gone$"}
    assert complaint(tmp_path, case, errors=["cpu 3 is gone"]) is None


def test_every_verdict_and_who_gave_up_are_asked_for():
    asked = {v for case in selftest.CASES for v in case.expect}
    assert asked == {PASS, FAIL, SKIP, TIMEOUT, CRASH, TRUNCATED,
                     CONFIG, NOT_STARTED}
    for case in selftest.CASES:
        if TIMEOUT in case.expect:
            assert case.reason.startswith("^") and case.expect == (TIMEOUT,)
            assert bool(re.search("watchdog", case.reason)) != case.reason.startswith(
                "^" + selftest.HOST)


@pytest.mark.parametrize("action, says", [("tree:cells", "could not damage the machine"),
                                          ("pause", "never put aside")])
def test_what_was_not_done_to_the_machine_is_no_pass(tmp_path, monkeypatch, action, says):
    def run_machine(*_):
        if action != "pause":
            raise gdb.GdbError("the stub is gone")
        return ended(tmp_path)

    monkeypatch.setattr(selftest.runner, "run_machine", run_machine)
    board = Boards(Path(__file__).parents[2] / "boards").default("riscv64")
    case = selftest.Case("x", (TIMEOUT,), "late", action=action)
    ok, _, why, _ = selftest.run_case(board, Path("image"), case, tmp_path)
    assert not ok and says in why
