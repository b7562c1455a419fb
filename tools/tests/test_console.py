# SPDX-License-Identifier: GPL-2.0-only
"""The console reader on damaged input, and the verdicts."""
import random

from fp.record import console as con
from fp.record import records
from fp.record.verdict import (
    Ending, FAIL, NOT_STARTED, PASS, TIMEOUT, TRUNCATED, disagreements, judge)
from fp.transport import machine


def read(*chunks):
    c = con.Console()
    for chunk in chunks:
        c.feed(chunk)
    c.finish()
    return c.t


def rec(kind, /, **members):
    return f"{records.seal(kind, members)}\n".encode()


def ktap(text):
    return f"{records.seal_ktap(text)}\n".encode()


GOOD = (rec("BEGIN", planned=1, cpus_online=4) + rec("START", n=1, name="a.b", kind="assert")
        + ktap("ok 1 a.b") + rec("TEST", n=1, name="a.b", kind="assert", verdict="pass")
        + rec("END", planned=1, run=1, verdict="pass"))


def verdict(data, **ending):
    ending.setdefault("status", 0)
    return judge(read(data), Ending(**ending))


def test_bytes_may_arrive_in_any_pieces():
    for size in (1, 2, 3, 7, 1000):
        t = read(*[GOOD[i:i + size] for i in range(0, len(GOOD), size)])
        assert [x["name"] for x in t.tests] == ["a.b"]
        assert t.end["verdict"] == "pass" and not t.bad and t.current is None


def test_carriage_returns_and_escapes_are_dropped():
    t = read(GOOD.replace(b"\n", b"\r\n").replace(b"@TEST", b"\x1b[2J\x1b[0m@TEST"))
    assert len(t.tests) == 1 and not t.bad
    assert con.clean_text(b"\x1b[31mred\x1b[0m\x07\tx\r") == "red    x"


def test_the_first_race_of_a_test_is_kept_whole():
    race = b"#   us  CPU 0 a  CPU 1 b\n#  0.0  f(): x\n# again: make run ARCH=arm64\n"
    start = rec("START", n=1, name="a.b", kind="race")
    t = read(race + start + b"# before\n" + race + b"# after\n" + race)
    assert t.races == {"a.b": race.decode().splitlines()}
    # One that is cut ends with its test, one without an end at some length.
    cut = race.splitlines(True)[0]
    t = read(start + cut + rec("START", n=2, name="c.d", kind="race") + b"# more\n" + cut +
             b"# x\n" * 1000)
    assert len(t.races["a.b"]) == 1 and len(t.races["c.d"]) == con.RACE_LINES


def test_errata_are_kept():
    t = read(rec("ERRATUM", name="x-1", done="") + GOOD)
    assert t.errata[0]["name"] == "x-1" and not t.bad


def test_record_after_an_open_line_is_found():
    t = read(b"Booting... " + GOOD)
    assert t.begin and len(t.tests) == 1


def test_diagnostics_are_not_records():
    t = read(b'# [0] said @TEST {"n":1,"name":"x","kind":"assert","verdict":"pass"}\n')
    assert not t.tests and not t.bad


def test_malformed_records_are_counted_not_raised():
    t = read(rec("TEST") + b"@TEST {\n@END []\n" + rec("END", run=1) + b"@WHAT {}\n@TEST\n"
             + rec("TEST", name="a", kind="assert", verdict="maybe")
             + rec("TEST", name="a", kind="litmus", verdict="pass")
             + rec("TEST", name=3, kind="assert", verdict="pass"))
    assert len(t.bad) == 9 and not t.tests and t.end is None
    assert t.bad[0].line == 1 and t.bad[0].why.startswith("@TEST: not JSON")
    assert t.bad[1].why == "a record cut short" and t.bad[3].why == "@END: verdict None"


def test_deep_nesting_does_not_end_the_tool():
    deep = '@TEST {"a":' + "[" * 20000 + "]" * 20000 + ',"check":"'
    t = read(f'{deep}{records.check_sum(deep)}"}}\n'.encode())
    assert len(t.bad) == 1 and "32 levels" in t.bad[0].why


def test_invalid_utf8_and_endless_lines():
    t = read(b"\xff\xfe\x80\n" + b"y" * 300000, b"y" * 10, b"\n" + GOOD)
    assert len(t.tests) == 1


def test_a_last_line_without_its_end_is_no_record():
    t = read(GOOD[:-1])
    assert t.end is None and t.cut_line.startswith("@END")
    assert judge(t, Ending(status=0))[0] == TRUNCATED


def test_random_damage_never_raises_and_never_passes_unseen_tests():
    rng = random.Random(7)
    for _ in range(400):
        data = bytearray(GOOD)
        for _ in range(rng.randrange(1, 6)):
            at = rng.randrange(len(data))
            if rng.random() < 0.5:
                data[at] = rng.randrange(256)
            else:
                del data[at:at + rng.randrange(1, 40)]
        t = read(bytes(data))
        got, _ = judge(t, Ending(status=0))
        if got == PASS:
            assert len(t.tests) == 1 and t.tests[0]["verdict"] == "pass"


def test_every_truncation_is_told():
    # To the very end of the last line: without its newline it may go on.
    for cut in range(len(GOOD)):
        assert verdict(GOOD[:cut])[0] == TRUNCATED


def test_a_test_ends_once_and_a_machine_starts_once():
    line = rec("TEST", n=1, name="a.b", kind="assert", verdict="pass")
    t = read(GOOD.replace(line, line + line))
    assert len(t.tests) == 1 and "already ended" in t.bad[0].why
    begin = rec("BEGIN", planned=1, cpus_online=4)
    got, why = verdict(begin + GOOD)
    assert got == TRUNCATED and why == "the machine restarted in the middle of the run"


def test_a_record_that_did_not_arrive_is_missed():
    line = rec("TEST", n=1, name="a.b", kind="assert", verdict="pass")
    got, why = verdict(GOOD.replace(line, b""))
    assert got == TRUNCATED and why.endswith("0 of their records arrived")


def test_pass_and_its_exit_status():
    assert verdict(GOOD) == (PASS, "")
    t = read(GOOD)
    assert judge(t, Ending(status=33), exit_style="isa-debug")[0] == PASS
    got, why = judge(t, Ending(status=35), exit_style="isa-debug")
    assert got == FAIL and "35" in why
    # Nor one that stands for no verdict: QEMU's own 0, or none that was seen.
    for status in (0, None):
        got, why = judge(t, Ending(status=status), exit_style="isa-debug")
        assert got == FAIL and f"is {status}" in why
    assert judge(t, Ending(status=0), exit_style="code")[0] == PASS


def test_fewer_cpus_than_asked_for_is_a_failure():
    got, why = judge(read(GOOD), Ending(status=0), expect_cpus=8)
    assert got == FAIL and "4 of 8" in why


def test_a_cpu_that_did_not_start_is_named():
    data = GOOD.replace(b"@START", rec("CPUFAIL", cpu=2, hw_id=2, why="no answer") + b"@START")
    got, why = verdict(data.replace(rec("END", planned=1, run=1, verdict="pass"),
                                    rec("END", planned=1, run=1, verdict="fail")))
    assert got == FAIL and why == "CPU 2 is not online: no answer"


def test_limits_signals_and_start_errors():
    assert verdict(b"", status=None, timeout="no BEGIN record within 1 s")[0] == TIMEOUT
    assert verdict(b"", status=1, stderr="qemu: no such file\n") == (
        NOT_STARTED, "QEMU ended with status 1: qemu: no such file")
    assert verdict(b"", start_error="gone")[0] == NOT_STARTED
    got, why = verdict(GOOD[:60], status=-9)
    assert got == TRUNCATED and "SIGKILL" in why


def test_qemus_own_reason_is_told():
    cut = GOOD[:GOOD.index(b"ok 1")]
    got, why = verdict(cut, shutdown="guest-reset")
    assert got == TRUNCATED and "reset from inside" in why and "during a.b" in why
    got, why = verdict(b"", shutdown="host-signal")
    assert got == TRUNCATED and "signal from the host" in why
    got, why = verdict(cut, shutdown="some-new-reason")
    assert got == TRUNCATED and "some-new-reason" in why
    assert verdict(GOOD, shutdown="guest-shutdown") == (PASS, "")


def test_monitor_output_need_not_make_sense():
    event = b'{"event": "SHUTDOWN", "data": {"guest": true, "reason": "guest-reset"}}\r\n'
    assert machine.shutdown_reason(b'{"QMP": {}}\r\n{"return": {}}\r\n' + event) == "guest-reset"
    assert machine.shutdown_reason(event[:40]) == ""
    for junk in (b"", b"\xff\xfe\n", b"[1]\n", b'{"event":"SHUTDOWN"}\n',
                 b'{"event":"SHUTDOWN","data":7}\n'):
        assert machine.shutdown_reason(junk) == ""
        assert machine.shutdown_reason(junk + event) == "guest-reset"


def test_ktap_and_record_must_agree():
    assert disagreements(read(GOOD)) == []
    liar = GOOD.replace(ktap("ok 1 a.b"), ktap("not ok 1 a.b"))
    assert len(disagreements(read(liar))) == 1
    assert verdict(liar) == (FAIL, "a.b: KTAP says 'not ok', the record 'pass'")
