# SPDX-License-Identifier: GPL-2.0-only
"""run.json as JUnit XML: a suite a machine, a case a test; of `make check` a case a step, too.

There is no one schema. Attributes and elements are those that Ant's and Jenkins' schemas both have,
in the order that the stricter one (Ant's) wants, and nothing besides.
"""
import platform
import re
import xml.etree.ElementTree as ET

from ..record.verdict import PASS, SKIP

_BAD = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TAGS = {"fail": "failure", "crash": "error", "timeout": "error", "skip": "skipped"}
FAILED = ("fail", "crash", "timeout")


def _text(text):
    return _BAD.sub("?", str(text))


def _case(suite, name, secs, verdict, reason, text=""):
    """One testcase; @verdict as of a test."""
    case = ET.SubElement(suite, "testcase", classname=suite.get("name"), name=_text(name),
                         time=f"{secs:.3f}")
    tag = _TAGS.get(verdict)
    if tag == "skipped":
        ET.SubElement(case, tag, message=_text(reason))
    elif tag:
        node = ET.SubElement(case, tag, type=verdict, message=_text(reason or verdict))
        node.text = _text(text)


def _suite(root, name, secs, time, properties):
    """A testsuite without its cases and counts."""
    suite = ET.SubElement(root, "testsuite", id=str(len(root)), package="fencepost",
                          name=_text(name), timestamp=time[:19], hostname=_text(platform.node() or
                                                                                "unknown"),
                          time=f"{secs:.3f}")
    props = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        ET.SubElement(props, "property", name=key, value=_text(value))
    return suite


def _close(suite):
    """Counts, and the elements that a strict reader wants at the end."""
    suite.set("tests", str(len(suite.findall("testcase"))))
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(len(suite.findall(f"testcase/{tag}"))))
    ET.SubElement(suite, "system-out")
    ET.SubElement(suite, "system-err")


def _run(root, run, time):
    """One machine. If it failed as a whole, with no failed test, that is a case of its own."""
    suite = _suite(root, f"{run['arch']}.{run['machine']}", run["duration_s"], time,
                   {k: run[k] for k in ("verdict", "provenance", "seed", "build", "cpus_online")})
    for t in run["tests"]:
        _case(suite, t["name"], t.get("us", 0) / 1e6, t["verdict"], t["reason"],
              f"again: {t.get('rerun', run.get('rerun', ''))}\nconsole: {run.get('log', '')}")
    bad = any(t["verdict"] in FAILED for t in run["tests"])
    if run["verdict"] not in (PASS, SKIP) and not bad:
        _case(suite, "machine", 0, "crash", f"{run['verdict']}: {run['reason']}",
              "\n".join(run.get("tail", ())))
    _close(suite)


def _steps(root, steps, time):
    suite = _suite(root, "steps", sum(s["wall_s"] for s in steps), time, {})
    for s in steps:
        verdict = "fail" if s["failed"] else "skip" if s["skipped"] and not s["passed"] else "pass"
        counts = f"{s['passed']} passed, {s['failed']} failed, {s['skipped']} skipped"
        _case(suite, s["name"], s["wall_s"], verdict, s["note"] or counts, s["text"])
    _close(suite)


def _incomplete(root, data):
    """What had not come to its end is no success: an error of its own."""
    suite = _suite(root, data["command"], 0, data["time"], {})
    _case(suite, "complete", 0, "crash", f"incomplete: {data['why']}")
    _close(suite)


def junit(data):
    """The text of junit.xml; @data as in run.json."""
    root = ET.Element("testsuites")
    if "steps" in data:
        _steps(root, data["steps"], data["time"])
    for run in data["runs"]:
        _run(root, run, data["time"])
    if data.get("state") == "incomplete":
        _incomplete(root, data)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
