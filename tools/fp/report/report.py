# SPDX-License-Identifier: GPL-2.0-only
"""Saved results: the members of run.json. docs/report.md and docs/schema/ describe the format."""
import json
from datetime import datetime, timezone

from ..base.errors import UserError
from ..base.files import digest, write_file
from ..base.host import host_entry
from ..base.text import printable
from ..record import records
from . import failure

FORMAT = "fencepost-run"
OLD_FORMAT = "fencepost-compare"  # of runs that are older than the directories of results/
VERSION = 1
PROVENANCES = ("silicon", "tcg", "model", "unknown")
FAILED = ("fail", "timeout", "crash")
RUN = "run.json"  # of a directory of results/
STDERR_LINES = 20

_LITMUS_MEMBERS = ("iterations", "weak", "result", "threads", "weak_outcome", "knobs", "best_rate",
                   "warning")


def test_entry(test):
    """One test of the report from its TEST record."""
    entry = {"name": test["name"], "kind": test["kind"], "verdict": test["verdict"],
             "reason": str(test.get("reason") or "")}
    if isinstance(test.get("us"), (int, float)):
        entry["us"] = test["us"]
    for name in _LITMUS_MEMBERS:
        if name in test:
            entry[name] = test[name]
    if test.get("expected") in ("allow", "forbid", "unknown"):
        entry["expected"] = test["expected"]
    outcomes = test.get("outcomes")
    if isinstance(outcomes, list):
        entry["outcomes"] = [
            {"outcome": str(o[0]), "count": o[1], "weak": bool(o[2])} for o in outcomes
            if isinstance(o, list) and len(o) == 3 and isinstance(o[1], int)]
    known = set(entry) | {"n", "expected", "outcomes"}
    more = {k: v for k, v in test.items() if k not in known}
    if more:
        entry["more"] = more
    return entry


def test_entries(result):
    """Its tests; one that failed says how it is run again, and what the kernel drew of a race."""
    races, out = result.transcript.races, []
    for test in result.transcript.tests:
        entry = test_entry(test)
        if test["name"] in races:
            entry["race"] = list(races[test["name"]])
        if test["verdict"] in FAILED:
            entry["rerun"] = result.spec.rerun(test["name"])
        out.append(entry)
    return out


def words_of_failure(result):
    """Of a machine that failed: what QEMU said, and the end of the console."""
    if result.ok():
        return {}
    return {"stderr": [printable(x) for x in result.ending.stderr.splitlines()[-STDERR_LINES:]],
            "tail": list(result.transcript.tail), **_panic_of(result)}


def _panic_of(result):
    lines = failure.panic_of(result)
    return {"panic": lines} if lines else {}


def run_entry(result):
    """One machine of the report."""
    t, spec = result.transcript, result.spec
    begin = t.begin or {}

    def number(name):
        return begin.get(name) if isinstance(begin.get(name), int) else None

    return {
        "arch": spec.board.arch, "machine": spec.board.name, "provenance": spec.provenance(),
        "accel": spec.accel, "qemu": result.qemu, "verdict": result.verdict,
        "reason": result.reason, "smp": spec.smp, "cpus_found": number("cpus_found"),
        "cpus_online": number("cpus_online"), "memory": number("memory"),
        "clock_hz": number("clock_hz"), "seed": spec.seed, "secs": spec.secs,
        "build": str(begin.get("build", "unknown")), "cpu": str(begin.get("cpu", "unknown")),
        "firmware": str(begin.get("firmware", "unknown")),
        "model": str(begin.get("machine", "unknown")),
        "compatible": str(begin.get("compatible", "")),
        "firmware_version": str(begin.get("version", "")), "hw_ids": str(begin.get("hw_ids", "")),
        "cpu_ids": str(begin.get("cpu_ids", "")), "places": str(begin.get("places", "")),
        "debug": begin.get("debug"),
        "errata": t.errata, "image": _digest(getattr(spec, "image", None)),
        "boot_line": spec.boot_line(), "command": result.argv, "log": str(result.log),
        "duration_s": round(result.duration, 3),
        "boot_s": None if result.boot_s is None else round(result.boot_s, 3),
        "first_test_s": None if result.first_test_s is None else round(result.first_test_s, 3),
        "planned": t.planned(), "not_run": t.not_run(), "missing": t.missing(),
        "malformed_records": len(t.bad),
        "rerun": spec.rerun(), **words_of_failure(result), "tests": test_entries(result),
    }


def now():
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def header(command, argv, busy=None):
    """run.json of a command that has found nothing yet."""
    return {"format": FORMAT, "version": VERSION, "command": command, "argv": list(argv),
            "state": "incomplete", "why": "it goes on, or its host went down", "time": now(),
            "ended": None, "host": host_entry(busy), "runs": []}


def make_report(results, command="import", argv=()):
    """The whole of a run.json, of machines that have ended."""
    return {**header(command, argv), "state": "complete", "why": "", "ended": now(),
            "runs": [run_entry(r) for r in results]}


def write_json(path, report):
    write_file(path, json.dumps(report, indent=1, allow_nan=False) + "\n")


def _digest(image):
    """SHA-256 of a kernel's image; None where there is no such file any more."""
    try:
        return digest(image) if image else None
    except OSError:
        return None


# ---- reading back ----

# name: (types, required); a "None" type stands for null.
_NONE = type(None)
_TOP = {"format": (str,), "version": (int,), "time": (str,), "host": (dict,), "runs": (list,)}
_RUN = {"arch": (str,), "machine": (str,), "provenance": (str,), "accel": (str,), "qemu": (str,),
        "verdict": (str,), "reason": (str,), "cpus_online": (int, _NONE), "seed": (int,),
        "build": (str,), "duration_s": (int, float), "boot_s": (int, float, _NONE),
        "tests": (list,)}
_TEST = {"name": (str,), "kind": (str,), "verdict": (str,), "reason": (str,)}
_IF_THERE = {"iterations": (int,), "weak": (int,), "expected": (str,), "result": (str,)}
_LITMUS = {"iterations": (int,), "weak": (int,), "expected": (str,), "result": (str,),
           "outcomes": (list,)}
_OUTCOME = {"outcome": (str,), "count": (int,), "weak": (bool,)}


def _check_members(where, obj, members):
    if not isinstance(obj, dict):
        return [f"{where} is not an object"]
    out = []
    for name, types in members.items():
        value = obj.get(name, ...)
        if value is ...:
            out.append(f"{where} has no '{name}'")
        elif not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
            out.append(f"{where}.{name} is {value!r}")
    return out


def schema_errors(report):
    """What is wrong with a report: sentences that name the place."""
    out = _check_members("the file", report, _TOP)
    if out:
        return out
    if report["format"] not in (FORMAT, OLD_FORMAT) or report["version"] != VERSION:
        return [f"it is {report['format']!r} version {report['version']}, "
                f"not {FORMAT!r} version {VERSION}"]
    for i, run in enumerate(report["runs"]):
        where = f"runs[{i}]"
        bad = _check_members(where, run, _RUN)
        if bad:
            out += bad
            continue
        if run["provenance"] not in PROVENANCES:
            out.append(f"{where}.provenance is {run['provenance']!r}")
        before = len(out)
        for j, test in enumerate(run["tests"]):
            at = f"{where}.tests[{j}]"
            bad = _check_members(at, test, _TEST)
            bad += _check_members(at, test, {k: v for k, v in _IF_THERE.items() if k in test}) \
                if not bad else []
            if not bad and test["verdict"] not in records.TEST_VERDICTS:
                bad = [f"{at}.verdict is {test['verdict']!r}"]
            if not bad and test["kind"] == "litmus" and test["verdict"] in ("pass", "fail"):
                bad = _check_members(at, test, _LITMUS)
                for k, outcome in enumerate(test["outcomes"] if not bad else []):
                    bad += _check_members(f"{at}.outcomes[{k}]", outcome, _OUTCOME)
            out += bad
        if len(out) == before:
            out += [f"{where}: {sentence}" for sentence in contradictions(run)]
    return out


def contradictions(run):
    """What does not add up in a run whose members are as they should be: sentences."""
    bad = [t["name"] for t in run["tests"] if t["verdict"] in FAILED]
    if run["verdict"] in ("PASS", "SKIP") and bad:
        yield f"it says {run['verdict']}, though {bad[0]} failed"
    if run["verdict"] == "PASS" and run["tests"] and \
            not any(t["verdict"] == "pass" for t in run["tests"]):
        yield "it says PASS, though no test passed"
    planned, missing, left = (run.get(k) for k in ("planned", "missing", "not_run"))
    if run["verdict"] == "PASS" and None not in (planned, missing, left) and \
            (missing or planned != len(run["tests"]) + left):
        yield f"it says PASS, though of {planned} tests it has {len(run['tests'])}"
    for test in run["tests"]:
        why = records.sums_of_litmus(test)
        if why:
            yield f"{test['name']}: {why}"


def find(path):
    """The file of a run that is named by its directory."""
    return path / RUN if path.is_dir() else path


def read_json(path):
    """A saved run, by its file or its directory, checked; UserError says what is wrong with it."""
    path = find(path)
    try:
        text = path.read_text(encoding="utf-8-sig")  # editors of other systems put a mark there
    except OSError as e:
        raise UserError(f"{path}: cannot read: {e.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not a text file; a run.json was expected") from None
    try:
        report = records.loads(text)
    except json.JSONDecodeError as e:
        raise UserError(f"{path}:{e.lineno}: not JSON: {e.msg}") from None
    except ValueError as e:
        raise UserError(f"{path}: not a run.json: {e}") from None
    except RecursionError:
        raise UserError(f"{path}: not a run.json: nested too deeply") from None
    bad = schema_errors(report)
    if bad:
        more = f" (and {len(bad) - 1} more such)" if len(bad) > 1 else ""
        raise UserError(f"{path}: not a run.json: {bad[0]}{more}")
    return report
