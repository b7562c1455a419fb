# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost run --go-on`: a machine that crashed or hung is started again, behind the test in
which it did, until the plan has been run to its end; the results of all its boots are one run.
"""
from dataclasses import replace

from ..record import boots
from ..record.verdict import CRASH, TIMEOUT, TRUNCATED, judge
from . import runner

LOST = {CRASH: "crash", TIMEOUT: "timeout", TRUNCATED: "crash"}


def lost_at(result):
    """The number of the test that was the end of a boot; None: there is nothing to go on with."""
    t = result.transcript
    if result.verdict not in LOST or not t.begin:
        return None
    if t.current:
        n = t.current.get("n")
    else:
        n = next((x.get("n") for x in reversed(t.tests) if x["verdict"] in ("crash", "timeout")),
                 None)
    planned = t.planned()
    return n if isinstance(n, int) and planned and n < planned else None


def joined(a, b):
    """The Result of @a, and of the boot @b that went on behind it."""
    t = boots.copy_of(a.transcript)
    if not t.end and t.current:
        t.tests.append(boots.lost_test(t.current, a.reason, LOST[a.verdict]))
        t.current = None
    if b.transcript.begin:
        boots.append(t, b.transcript)
    verdict, reason = judge(t, b.ending, expect_cpus=b.spec.expected_cpus(),
                            exit_style=b.spec.board.exit_status)
    return replace(a, transcript=t, verdict=verdict, reason=reason, ending=b.ending, log=b.log,
                   duration=a.duration + b.duration)


def run(spec, log_dir, show):
    """As runner.run_machine(), for as many boots as the plan takes."""
    result = last = runner.run_machine(spec, log_dir, show)
    while (n := lost_at(last)) is not None:
        more = replace(spec, append=f"{spec.append} first={n + 1}".strip())
        last = runner.run_machine(more, log_dir, show)
        result = joined(result, last)
    return result
