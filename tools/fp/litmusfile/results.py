# SPDX-License-Identifier: GPL-2.0-only
"""What the machines said of the files, as one run for each ISA, however many boots it took."""
import shlex
from dataclasses import dataclass, field

from ..report import report
from ..run.spec import Spec
from . import litmus7, verdicts

_WORST = ("PASS", "SKIP", "CONFIG", "NOT-STARTED", "FAIL", "TIMEOUT", "TRUNCATED", "CRASH")
_SUMS = ("duration_s", "planned", "not_run", "missing", "malformed_records")


def rerun(path, arch, seed, smp, secs):
    """The command that runs a file, or a folder, again as it was run."""
    words = ["make litmus", f"FILE={shlex.quote(str(path))}", f"ARCH={arch}", f"SEED={seed}",
             f"SMP={smp}"]
    return " ".join(words + ([f"SECS={secs}"] if secs else []))


@dataclass
class FileSpec(Spec):
    """A run of files: @files is what the user named, @paths where each test is from."""

    files: str = "..."
    paths: dict = field(default_factory=dict)

    def rerun(self, tests=None):
        names = (tests or "").split(",")
        path = self.paths.get(names[0], self.files) if len(names) == 1 else self.files
        return rerun(path, self.board.arch, self.seed, self.smp, self.secs)


def _fail_always(entry, verdict, job):
    """Of an outcome that must show: a run without it is the failure."""
    others = entry["iterations"] - entry["weak"]
    if verdict.always and others and entry["verdict"] != "fail":
        entry.update(verdict="fail", reason=f"{others} of {entry['iterations']} iterations without "
                     f"the outcome that must show ({job.program.condition_text})")


def _weigh_defect(entry, defect, accel):
    """Of a forbidden outcome that the kernel did not judge, as it may be the emulator's."""
    if not defect or entry["verdict"] != "pass":
        return
    if entry["weak"] and accel != "tcg":
        entry.update(expected="forbid", result="forbidden-seen", verdict="fail",
                     reason=f"forbidden outcome seen {entry['weak']} times")
        return
    entry.update(expected="forbid", result="known-defect" if entry["weak"] else "forbidden-unseen")
    if entry["weak"]:
        entry.update(verdict="skip", reason=f"known emulator defect: {defect} (seen "
                     f"{entry['weak']} times in {entry['iterations']})")


def complete(entry, job, arch, run):
    """Add to a test's entry what only the host knows: file, sources, and how it is run again."""
    verdict = job.verdicts[arch]
    more = entry.setdefault("more", {})
    more.update(file=str(job.path), dialect=job.program.dialect, source=verdict.source,
                lkmm_only=verdict.lkmm, contradiction=verdict.contradiction,
                said=[[s.source, s.word] for s in job.said if s.arch in (None, arch)],
                notes=list(job.program.notes))
    entry["weak_outcome"] = job.program.condition_text
    if "iterations" in entry and "weak" in entry:
        if entry["verdict"] == "skip" and str(entry.get("result")).startswith("unknown-"):
            # The kernel was not told what to expect: it has run all the same.
            entry["verdict"], entry["reason"] = "pass", ""
        _weigh_defect(entry, job.defects.get(arch), run.get("accel"))
        if entry["verdict"] == "fail" and entry.get("result") == "forbidden-seen":
            entry["reason"] += f" ({verdict.source} forbids it)"
        _fail_always(entry, verdict, job)
    if entry["verdict"] in report.FAILED:
        entry["rerun"] = rerun(job.path, arch, run["seed"], run["smp"], run.get("secs"))
    return entry


def _joined(a, b):
    """An ISA's run, and one more boot of it."""
    out = {**a, "tests": a["tests"] + b["tests"], "boots": a["boots"] + b["boots"]}
    for name in _SUMS:
        out[name] = (a.get(name) or 0) + (b.get(name) or 0)
    if _WORST.index(b["verdict"]) > _WORST.index(a["verdict"]):
        for name in ("verdict", "reason", "log", "stderr", "tail", "panic"):
            out[name] = b.get(name, out.get(name))
    return {k: v for k, v in out.items() if v is not None or k in a}


def _column(run):
    """What stands in one column: machines of an ISA, but for silicon's beside the emulator's."""
    return run["arch"] + ("-silicon" if run["provenance"] == "silicon" else "")


class Runs:
    """One entry for each column, in @runs of a run.json."""

    def __init__(self, runs, jobs):
        self.runs = runs
        self.jobs = {job.name: job for job in jobs}

    def add(self, result):
        """A boot has ended, or was interrupted."""
        run = report.run_entry(result)
        arch = run["arch"]
        for test in run["tests"]:
            if test["name"] in self.jobs:
                complete(test, self.jobs[test["name"]], arch, run)
        run["boots"] = [{k: run[k] for k in ("machine", "verdict", "reason", "image", "boot_line",
                                             "log", "duration_s")} | {"tests": len(run["tests"])}]
        run = _judged(run)
        at = next((n for n, r in enumerate(self.runs) if _column(r) == _column(run)), None)
        if at is None:
            self.runs.append(run)
        else:
            self.runs[at] = _judged(_joined(self.runs[at], run))

    def logs(self):
        """{column: text in litmus7's format}."""
        out = {}
        for run in self.runs:
            pairs = [(self.jobs[t["name"]].program, t) for t in run["tests"]
                     if t["name"] in self.jobs]
            out[_column(run)] = litmus7.log(pairs)
        return out


def _judged(run):
    """A run whose tests were judged anew: SKIP becomes PASS where they now pass, PASS FAIL."""
    passed = any(t["verdict"] == "pass" for t in run["tests"])
    failed = any(t["verdict"] in report.FAILED for t in run["tests"])
    if run["verdict"] == "SKIP" and passed:
        run = {**run, "verdict": "PASS", "reason": ""}
    if run["verdict"] in ("PASS", "SKIP") and failed:
        run = {**run, "verdict": "FAIL", "reason": "a test has failed"}
    return run
