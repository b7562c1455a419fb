# SPDX-License-Identifier: GPL-2.0-only
"""Saved results: compare.json and JUnit XML. docs/report.md describes the format."""
import json
import re
import xml.etree.ElementTree as ET
from datetime import datetime, timezone

from ..base.errors import UserError
from ..base.files import write_file
from ..base.host import host_entry
from ..record import records

FORMAT = "fencepost-compare"
VERSION = 1
PROVENANCES = ("silicon", "tcg", "model")

_LITMUS_MEMBERS = ("iterations", "weak", "result", "threads", "weak_outcome", "knobs", "best_rate",
                   "warning")
_XML_BAD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def test_entry(test):
    """One test of the report from its TEST record."""
    entry = {"name": test["name"], "kind": test["kind"], "verdict": test["verdict"],
             "reason": str(test.get("reason") or "")}
    if isinstance(test.get("us"), (int, float)):
        entry["us"] = test["us"]
    for name in _LITMUS_MEMBERS:
        if name in test:
            entry[name] = test[name]
    if test.get("expect") in ("allow", "forbid", "unknown"):
        entry["expected"] = test["expect"]
    outcomes = test.get("outcomes")
    if isinstance(outcomes, list):
        entry["outcomes"] = [
            {"outcome": str(o[0]), "count": o[1], "weak": bool(o[2])} for o in outcomes
            if isinstance(o, list) and len(o) == 3 and isinstance(o[1], int)]
    known = set(entry) | {"n", "expect", "outcomes"}
    more = {k: v for k, v in test.items() if k not in known}
    if more:
        entry["more"] = more
    return entry


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
        "cpu_ids": str(begin.get("cpu_ids", "")), "debug": begin.get("debug"),
        "errata": t.errata,
        "boot_line": spec.boot_line(), "command": result.argv, "log": str(result.log),
        "duration_s": round(result.duration, 3),
        "boot_s": None if result.boot_s is None else round(result.boot_s, 3),
        "first_test_s": None if result.first_test_s is None else round(result.first_test_s, 3),
        "planned": t.planned(), "not_run": t.not_run(), "missing": t.missing(),
        "malformed_records": len(t.bad),
        "rerun": spec.rerun(), "tests": [test_entry(x) for x in t.tests],
    }


def make_report(results, busy=None):
    return {"format": FORMAT, "version": VERSION,
            "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
            "host": host_entry(busy), "runs": [run_entry(r) for r in results]}


def write_json(path, report):
    write_file(path, json.dumps(report, indent=1, allow_nan=False) + "\n")


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
    if report["format"] != FORMAT or report["version"] != VERSION:
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
    return out


def read_json(path):
    """A saved report, checked; UserError says what is wrong with it."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as e:
        raise UserError(f"{path}: cannot read: {e.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not a text file; a compare.json was expected") from None
    try:
        report = records.loads(text)
    except json.JSONDecodeError as e:
        raise UserError(f"{path}:{e.lineno}: not JSON: {e.msg}") from None
    except ValueError as e:
        raise UserError(f"{path}: not a compare.json: {e}") from None
    except RecursionError:
        raise UserError(f"{path}: not a compare.json: nested too deeply") from None
    bad = schema_errors(report)
    if bad:
        more = f" (and {len(bad) - 1} more such)" if len(bad) > 1 else ""
        raise UserError(f"{path}: not a compare.json: {bad[0]}{more}")
    return report


# ---- JUnit ----

def _xml_text(text):
    return _XML_BAD.sub("?", str(text))


def junit(results):
    """JUnit XML of several runs: a suite a machine, a case a test."""
    root = ET.Element("testsuites", name="fencepost")
    for r in results:
        tests = r.transcript.tests
        verdicts = [t["verdict"] for t in tests]
        name = f"{r.spec.board.arch}.{r.spec.board.name}"
        # A machine that failed as a whole, with no failed test, is a case of its own.
        whole = not r.ok() and not r.failed_tests()
        suite = ET.SubElement(
            root, "testsuite", name=name, tests=str(len(tests) + whole),
            failures=str(verdicts.count("fail")),
            errors=str(verdicts.count("crash") + verdicts.count("timeout") + whole),
            skipped=str(verdicts.count("skip")), time=f"{r.duration:.3f}")
        props = ET.SubElement(suite, "properties")
        begin = r.transcript.begin or {}
        for key, value in (("verdict", r.verdict), ("provenance", r.spec.provenance()),
                           ("seed", r.spec.seed), ("build", begin.get("build", "unknown")),
                           ("cpus_online", begin.get("cpus_online", "unknown"))):
            ET.SubElement(props, "property", name=key, value=_xml_text(value))
        for t in tests:
            us = t.get("us")
            case = ET.SubElement(suite, "testcase", classname=name, name=_xml_text(t["name"]),
                                 time=f"{(us if isinstance(us, (int, float)) else 0) / 1e6:.3f}")
            reason = _xml_text(t.get("reason") or t["verdict"])
            tag = {"fail": "failure", "crash": "error", "timeout": "error",
                   "skip": "skipped"}.get(t["verdict"])
            if tag:
                node = ET.SubElement(case, tag, message=reason)
                if tag != "skipped":
                    node.text = _xml_text(f"again: {r.spec.rerun(t['name'])}\nconsole: {r.log}")
        if whole:
            case = ET.SubElement(suite, "testcase", classname=name, name="machine")
            node = ET.SubElement(case, "error", message=_xml_text(f"{r.verdict}: {r.reason}"))
            node.text = _xml_text("\n".join(r.transcript.tail))
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
