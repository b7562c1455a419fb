# SPDX-License-Identifier: GPL-2.0-only
"""The verdict of a run: what the machine has said, held against how it ended."""
import signal
from dataclasses import dataclass

from .records import END_VERDICTS, KTAP_OF, TEST_VERDICTS

# What x86_64 adds to the verdict that it writes to isa-debug-exit: QEMU's own errors end in 1.
ISA_DEBUG_BASE = 0x10

# Verdicts of a run.
PASS, FAIL, SKIP, TIMEOUT, CRASH = "PASS", "FAIL", "SKIP", "TIMEOUT", "CRASH"
TRUNCATED, CONFIG, NOT_STARTED = "TRUNCATED", "CONFIG", "NOT-STARTED"

# Before the words of one of our own limits: the kernel's say which of its CPUs noticed.
HOST_GAVE_UP = "the host gave up: "


@dataclass
class Ending:
    """How the machine ended, as the host saw it."""

    who: str = "QEMU"  # what process it was
    status: int = None  # its exit status; negative: the signal; None: we ended it
    shutdown: str = ""  # the reason that QEMU gave (ShutdownCause of QMP), if it did
    timeout: str = ""  # which of our time limits ran out
    stderr: str = ""
    start_error: str = ""
    closed: str = ""  # no QEMU's: what ended the console


# How a machine ended without END, by the reason that QEMU gave.
_SHUTDOWN = {
    "guest-reset": "the machine was reset from inside",
    "guest-shutdown": "the machine powered itself off",
    "guest-panic": "the machine told QEMU that it panicked",
    "host-signal": "a signal from the host ended QEMU",
}


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_words(t):
    for line in reversed(t.tail):
        if line.strip():
            return f'; the last line was "{line[:100]}"'
    return "; the console stayed empty"


def _first_error(text):
    """Of what QEMU said: what comes behind the first error follows from it; warnings do not."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "warning: " not in line]
    return (errors or lines or [""])[0][:300]


def reboots_words(t, times):
    """Of a machine that a firmware's watchdog resets, or that is always lost in the same place."""
    last = f"; the last time it was in {t.current['name']}" if t.current else ""
    return f"reboots: the machine began the plan {times} times and never ended it{last}"


def exit_status_for(style, end_verdict):
    """QEMU's exit status that goes with a verdict (enum run_verdict), or None if it has none."""
    code = END_VERDICTS.index(end_verdict)
    if style == "code":
        return code
    if style == "isa-debug":
        return (ISA_DEBUG_BASE + code) << 1 | 1
    return None


def _no_end(t, ending):
    """Verdict of a run whose END never came."""
    during = f" during {t.current['name']}" if t.current else ""
    if t.reboots:
        return TRUNCATED, reboots_words(t, t.reboots + 1) + _last_words(t)
    if ending.timeout:
        return TIMEOUT, HOST_GAVE_UP + ending.timeout + during + _last_words(t)
    if t.crash:
        return CRASH, f"{t.crash.get('why', 'crash')}{during} (the report is cut: no END)"
    if t.restarts:
        return TRUNCATED, f"the machine restarted{during}" + _last_words(t)
    if t.begin is None and ending.status not in (0, None) and ending.status > 0:
        why = _first_error(ending.stderr)
        if why:
            return NOT_STARTED, f"{ending.who} ended with status {ending.status}: {why}"
    if ending.status is not None and ending.status < 0:
        why = f"{ending.who} was killed by {_signal_name(-ending.status)}"
    elif ending.closed:
        why = f"{ending.closed} without an END record"
    elif ending.shutdown:
        why = (_SHUTDOWN.get(ending.shutdown, "the machine ended")
               + f" without an END record (QEMU: {ending.shutdown})")
    else:
        why = f"{ending.who} ended with status {ending.status} and no END record"
    where = during or ("" if t.begin else " before the kernel's first record")
    if t.begin is None and t.errors:
        # It spoke, but could not come as far as records: its own words are the reason.
        return CRASH, f"stopped before the first test: {t.errors[0]}"
    return TRUNCATED, why + where + _last_words(t)


def judge(t, ending, *, expect_cpus=None, exit_style="none"):
    """Verdict of a run and its reason in one sentence (empty for PASS)."""
    if ending.start_error:
        return NOT_STARTED, ending.start_error
    if t.config:
        return CONFIG, "; ".join(t.config)
    if t.end is None:
        return _no_end(t, ending)
    if t.end["verdict"] == "config":
        return CONFIG, t.errors[0] if t.errors else "the kernel refused the boot line"
    if t.restarts:
        return TRUNCATED, "the machine restarted in the middle of the run"
    for verdict, name in ((TIMEOUT, "timeout"), (CRASH, "crash")):
        for test in t.tests:
            if test["verdict"] == name:
                reason = test.get("reason") or (t.crash or {}).get("why", name)
                return verdict, f"{test['name']}: {reason}"
    if t.crash or t.end["verdict"] == "crash":
        name = (t.crash or {}).get("name")
        why = (t.crash or {}).get("why", "crash")
        if t.begin is None and t.errors:
            why += f": {t.errors[-1]}"  # early panics say what, the line before says why
        return CRASH, f"{name}: {why}" if name else why
    lost = t.end["run"] - len(t.tests)
    if lost > 0 or t.end["run"] + t.not_run() < t.end["planned"]:
        return TRUNCATED, (f"{t.end['planned']} tests were planned, {t.end['run']} run, "
                           f"{len(t.tests)} of their records arrived")
    if t.begin is None:
        return TRUNCATED, "the BEGIN record did not arrive"
    online = t.begin.get("cpus_online")
    if t.cpus_failed:
        cpu = t.cpus_failed[0]
        more = f" (and {len(t.cpus_failed) - 1} more)" if len(t.cpus_failed) > 1 else ""
        return FAIL, f"CPU {cpu.get('cpu', '?')} is not online: {cpu.get('why', '?')}{more}"
    if expect_cpus and isinstance(online, int) and online < expect_cpus:
        said = next((e for e in t.errors if "cpu" in e.lower()), "")
        return FAIL, (f"{online} of {expect_cpus} CPUs are online"
                      + (f": {said}" if said else ""))
    failed = [x for x in t.tests if x["verdict"] == "fail"]
    if failed:
        more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
        return FAIL, f"{failed[0]['name']}: {failed[0].get('reason', '')}{more}"
    if t.end["verdict"] == "fail":
        return FAIL, t.errors[0] if t.errors else "END says fail, though no test did"
    if ending.timeout:
        return TIMEOUT, f"END was printed, but {HOST_GAVE_UP}{ending.timeout}"
    want = exit_status_for(exit_style, t.end["verdict"])
    if want is not None and ending.status != want:
        return FAIL, (f"{ending.who}'s exit status is {ending.status}, the END record "
                      f"stands for {want}")
    if ending.status is not None and ending.status < 0:
        return FAIL, f"{ending.who} was killed by {_signal_name(-ending.status)} after END"
    if disagreements(t):
        return FAIL, disagreements(t)[0]
    if miscounted(t):
        return FAIL, miscounted(t)
    if not t.tests:
        return CONFIG, "no test matches the globs of tests="
    if all(x["verdict"] == "skip" for x in t.tests):
        return SKIP, f"every test was skipped: {t.tests[0].get('reason', '')}"
    return PASS, ""


def miscounted(t):
    """The counts of END against the records, of one boot: a sentence, or ""."""
    for verdict in TEST_VERDICTS if not t.more_begins else ():
        said, there = t.end.get(verdict), t.count(verdict)
        if isinstance(said, int) and said != there:
            return f"END counts {said} tests of the verdict '{verdict}', the records {there}"
    return ""


def disagreements(t):
    """KTAP lines and records that contradict each other: one sentence each."""
    out = []
    for test in t.tests:
        ktap = t.ktap.get(test["name"])
        if ktap and ktap != KTAP_OF[test["verdict"]]:
            out.append(f"{test['name']}: KTAP says '{ktap}', the record '{test['verdict']}'")
    return out
