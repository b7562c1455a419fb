# SPDX-License-Identifier: GPL-2.0-only
"""What the tests of the thread's variants and claims said, as rows; and which rows are not there.

A row is an object of thread.json (docs/report.md). The kernel knows what it expects of each variant
and says so by its verdict; here we only refuse what cannot be: a variant caught by nobody, a clean
one that nothing was tried on, a row that is missing. A row that was skipped because the user asked
for fewer CPUs than its test needs is no failure, and nothing that was shown either.
"""
import re

from ..record.verdict import CONFIG, CRASH, NOT_STARTED, TIMEOUT, TRUNCATED, disagreements
from . import variants as variants_known

_ALL = variants_known.load()
VARIANTS = tuple(v.id for v in _ALL)
MECHANISMS = ("interleaving", "reuse", "release", "deadlock", "ordering")
FREE = "free"
# Free-running: every variant in both flavours of RCU. Those that some mechanism catches must be
# caught by it too, some under preemptible RCU only; all others must not.
FLAVOURS = ("classic", "preempt")
FREE_WRONG = tuple(v.id for v in _ALL if v.wrong)
FREE_PREEMPT_ONLY = tuple(v.id for v in _ALL if v.preempt_only)
CLAIMS = tuple(f"C{n}" for n in range(1, 18))
MODELS = "rmap.models"  # what memory models say of the variants' ordering
# Who follows the pointer to the anon_vma: the letters of that test's verdicts, in order.
PATHS = ("2 CPUs", "3 CPUs", "LRU")

SOME = 8  # names in a sentence

# What a row's result can be; the first three may be as expected.
CAUGHT, CLEAN, UNOBSERVABLE, MISSED = "caught", "clean", "unobservable", "missed"
UNKNOWN = "unknown"  # of a claim, where no model is known of the ISA
SKIPPED, FAILED, NOT_RUN, MISSING = "skipped", "failed", "not-run", "missing"
_OF_VERDICT = {TIMEOUT: "hung", CRASH: "crashed", TRUNCATED: "truncated",
               CONFIG: "refused", NOT_STARTED: "not-started",
               "timeout": "hung", "crash": "crashed", "skip": SKIPPED, "fail": FAILED}
_PROVENANCE = {"tcg": "tcg", "kvm": "silicon", "silicon": "silicon", "model": "model"}
_TEST = re.compile(r"rmap\.(\w+)\.(" + "|".join((*MECHANISMS, FREE)) + ")$")
_CLAIM = re.compile(r"rmap\.(C\d+)$")
_NEEDS_CPUS = re.compile(r"needs (\d+) CPUs, (\d+) are online$")  # tests/runner.c


def test_name(variant, mechanism):
    """The test behind a row."""
    return f"rmap.{variant.lower()}.{mechanism}"


def free_expected(variant, flavour):
    """What free-running must come to, under that flavour of RCU."""
    sound = variant not in FREE_WRONG or (variant in FREE_PREEMPT_ONLY and flavour == "classic")
    return CLEAN if sound else CAUGHT


def claim_name(claim):
    return f"rmap.{claim}"


def provenance(result):
    """What made a machine's results, as its kernel was told; "unknown" if that makes no sense."""
    begin = result.transcript.begin
    if begin is None:
        return result.spec.provenance()
    return _PROVENANCE.get(begin.get("accel"), "unknown")


def _number(rec, name):
    value = rec.get(name)
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _text(rec, name):
    value = rec.get(name)
    return value if isinstance(value, str) else ""


def last_words(result, name):
    """(result, sentence) of a test that has no record."""
    word = _OF_VERDICT.get(result.verdict)
    t = result.transcript
    if word is None:
        return MISSING, f"the kernel has no test {name}"
    here = t.current["name"] == name if t.current else not t.tests
    return word if here else NOT_RUN, f"{result.verdict}: {result.reason}"


def _judge(rec, variant, mode="forced"):
    """(result, ok, why) of a variant's record. Forced tests catch in every try, others once."""
    said, verdict = _text(rec, "result"), rec["verdict"]
    why = _text(rec, "why") or _text(rec, "reason")
    if verdict in ("timeout", "crash"):
        return _OF_VERDICT[verdict], False, _text(rec, "reason")
    if verdict == "skip":
        # A test that was not even begun (too few CPUs) has no variant in its record.
        return (UNOBSERVABLE, bool(why), why) if rec.get("variant") else (SKIPPED, False, why)
    if verdict == "fail":
        return said if said in (CAUGHT, MISSED) else FAILED, False, _text(rec, "reason") or why
    if rec.get("variant") != variant:
        return FAILED, False, f"its record is that of variant {rec.get('variant')!r}"
    tries, caught = _number(rec, "tries"), _number(rec, "caught")
    if said == CAUGHT:
        if not _text(rec, "detector"):
            return said, False, "caught, but no detector is named"
        if mode == FREE:
            timed = _number(rec, "seconds") is not None
            return said, timed, why if timed else "caught, but after how long is not said"
        every = tries if mode == "forced" else 1
        if not tries or not caught or caught < every:
            return MISSED, False, f"caught in {caught} of {tries} tries only"
        return said, True, why
    if said == CLEAN:
        if not tries and not _number(rec, "seconds"):
            return said, False, "called clean, but nothing was tried"
        return said, True, why
    if said == UNOBSERVABLE:
        return said, bool(why), why or "called unobservable, and no reason is given"
    return said if said == MISSED else FAILED, False, why or f"its result is {said!r}"


def few_cpus(spec, rec):
    """Was the test skipped for no other reason than that the user asked for too few CPUs? A
    machine's own number of CPUs must do for every test, and those asked for must all be there."""
    m = _NEEDS_CPUS.match(_text(rec, "reason")) if rec["verdict"] == "skip" else None
    return bool(m) and spec.smp != spec.board.smp and int(m[2]) == spec.smp < int(m[1])


def _base(result, name):
    spec = result.spec
    return {"arch": spec.board.arch, "column": spec.column(), "machine": spec.board.name,
            "provenance": provenance(result), "test": name, "smp": spec.smp, "seed": spec.seed,
            "log": str(result.log), "rerun": spec.rerun(name)}


def _races(result, row):
    """@row, with the race that its test printed if that is no part of what was expected."""
    race = () if row["ok"] else result.transcript.races.get(row["test"], ())
    return {**row, "race": list(race)} if race else row


def make_row(result, rec, variant, mechanism, flavour=""):
    """A variant's row under a mechanism; @rec is its TEST record, or None if there is none."""
    name = test_name(variant, mechanism)
    row = {"variant": variant, "mechanism": mechanism, **_base(result, name),
           "mode": FREE if mechanism == FREE else "forced", "flavour": flavour,
           "record": rec is not None}
    if rec is None:
        word, why = last_words(result, name)
        return {**row, "result": word, "ok": False, "why": why, "detector": "", "tries": None,
                "caught": None, "seconds": None, "scenarios": ""}
    mode = row["mode"] if mechanism == FREE else _text(rec, "mode") or row["mode"]
    word, ok, why = _judge(rec, variant, mode)
    ok = ok or few_cpus(result.spec, rec)
    seed = _number(rec, "seed")
    row.update(result=word, ok=ok, why=why, detector=_text(rec, "detector"),
               tries=_number(rec, "tries"), caught=_number(rec, "caught"),
               seconds=_number(rec, "seconds"), scenarios=_text(rec, "scenarios"),
               mode=mode,
               flavour=flavour or _text(rec, "flavours"),
               seed=row["seed"] if seed is None else seed)
    return _races(result, row)


def make_claim(result, rec, claim):
    """A claim's row."""
    name = claim_name(claim)
    row = {"claim": claim, **_base(result, name), "record": rec is not None}
    if rec is None:
        word, why = last_words(result, name)
        return {**row, "by": "", "result": word, "ok": False, "evidence": why, "tests": ""}
    said, verdict = _text(rec, "result"), rec["verdict"]
    evidence = _text(rec, "evidence")
    row.update(by=_text(rec, "by"), tests=_text(rec, "tests"), evidence=evidence, result=said,
               ok=True)
    if verdict == "skip" and said == UNKNOWN and evidence:
        pass  # as it should be: who does not know says so
    elif verdict in _OF_VERDICT:
        row.update(result=said if said and verdict == "fail" else _OF_VERDICT[verdict],
                   ok=few_cpus(result.spec, rec), evidence=_text(rec, "reason") or evidence)
    elif rec.get("claim") != claim:
        row.update(result=FAILED, ok=False, evidence=f"its record is that of {rec.get('claim')!r}")
    elif not said or not evidence:
        row.update(result=said or FAILED, ok=False,
                   evidence=evidence or "a result without evidence")
    return _races(result, row)


class Merged:
    """The records of several machines of one ISA: a run that was cut short is followed by another
    that goes on with what is left. A test counts once, where it was run first."""

    def __init__(self):
        self.found = {}  # name: (record or None, result)
        self.last = None

    def add(self, result):
        self.last = result
        for rec in result.transcript.tests:
            self.found.setdefault(rec["name"], (rec, result))
        current = result.transcript.current
        if current:  # it began, and has no record
            self.found.setdefault(current["name"], (None, result))

    def get(self, name):
        return self.found.get(name, (None, self.last))

    def lacks(self, names):
        """Which of @names have not even begun."""
        return [n for n in names if n not in self.found]


def forced_names(variants, claims):
    """The tests of a forced run."""
    return [test_name(v, m) for v in variants for m in MECHANISMS] + \
        [claim_name(c) for c in claims] + ([MODELS] if claims else [])


def model_rows(merged):
    """What the models say, or None where that test has no record. It is no measurement, the same
    on each ISA: @merged of one of them."""
    rec, _ = merged.get(MODELS)
    if rec is None:
        return None
    machines, rows = _text(rec, "machines").split(), []
    for part in _text(rec, "verdicts").split():
        variant, _, verdicts = part.partition(":")
        for machine, letters in zip(machines, verdicts.split(",")):
            rows += [{"variant": variant, "model": machine, "path": path, "provenance": "model",
                      "result": {"A": "allowed", "F": "forbidden"}.get(letter, "?")}
                     for path, letter in zip(PATHS, letters)]
    return rows


def forced_rows(merged, variants, claims):
    """(rows, claims) of one ISA: all that are wanted, then what else its machines said."""
    rows, out = [], []
    if merged.last is None:
        return rows, out
    for v in variants:
        for m in MECHANISMS:
            rec, result = merged.get(test_name(v, m))
            rows.append(make_row(result, rec, v, m))
    for c in claims:
        rec, result = merged.get(claim_name(c))
        out.append(make_claim(result, rec, c))
    wanted = set(forced_names(variants, claims))
    for name, (rec, result) in merged.found.items():
        m, c = _TEST.match(name), _CLAIM.match(name)
        if name in wanted or not (m or c):
            continue
        if m and m[2] != FREE:
            known = {v.lower(): v for v in VARIANTS}
            variant = known.get(m[1]) or (rec and _text(rec, "variant")) or m[1]
            rows.append(make_row(result, rec, variant, m[2]))
        elif c:
            out.append(make_claim(result, rec, c[1]))
    return rows, out


def free_row(result, variant, flavour):
    """The row of a free-running machine."""
    name = test_name(variant, FREE)
    rec = next((t for t in result.transcript.tests if t["name"] == name), None)
    row = make_row(result, rec, variant, FREE, flavour)
    # The kernel's table and ours must agree on what free-running shows.
    want = free_expected(variant, flavour)
    if row["ok"] and row["result"] not in (want, SKIPPED):
        row.update(ok=False, why=f"{row['result']}, though it should be {want}"
                   f"{': ' + row['why'] if row['why'] else ''}")
    return row


def skipped(rows):
    """The rows and claims that the number of CPUs asked for has left out."""
    return [r for r in rows if r["result"] == SKIPPED and r["ok"]]


# ---- failures ----

def _failure(result, what, why):
    spec = result.spec
    return {"arch": spec.board.arch, "column": spec.column(), "provenance": provenance(result),
            "what": what, "why": why, "rerun": result.rerun(), "log": str(result.log)}


def row_name(row):
    """Its test; of a free-running one, also the flavour of RCU."""
    return row["test"] + (f" rcu={row['flavour']}" if row.get("mode") == FREE else "")


def row_failures(rows):
    """One failure each for the rows and claims whose test said what was not expected."""
    return [{"arch": r["arch"], "column": r["column"], "provenance": r["provenance"],
             "what": f"{row_name(r)}: {r['result']}",
             "why": r["evidence" if "claim" in r else "why"], "race": r.get("race", []),
             "rerun": r["rerun"], "log": r["log"]}
            for r in rows if not r["ok"] and r["record"]]


def some_names(names):
    """A list of names for a sentence; rows[] has all of them."""
    more = f" and {len(names) - SOME} more" if len(names) > SOME else ""
    return ", ".join(names[:SOME]) + more


def silent_failures(results, rows):
    """One failure for all rows of a machine that are not there for the same reason."""
    out, groups = [], {}
    rerun = {str(r.log): r.spec.rerun() for r in results}
    for r in rows:
        if not r["record"]:
            groups.setdefault((r["column"], r["result"], r["log"]), []).append(r)
    for (column, word, log), found in groups.items():
        first, names = found[0], [row_name(r) for r in found]
        why = first["evidence" if "claim" in first else "why"]
        if len(found) == 1:
            what = f"{names[0]}: {word}"
        else:
            what = f"{len(found)} rows are {word}"
            why = "the kernel has no test" if word == MISSING else why
            why += f": {some_names(names)}"
        out.append({"arch": first["arch"], "column": column, "provenance": first["provenance"],
                    "what": what, "why": why, "log": log,
                    "rerun": first["rerun"] if len(found) == 1 else rerun[log]})
    return out


def machine_failures(results, rows):
    """Machines that failed otherwise than by a test which has a row that says so."""
    told = {(r["log"], r["test"]) for r in rows if not r["ok"]}
    silent = {r["log"] for r in rows if not r["record"] and r["result"] != MISSING}
    out = []
    for r in results:
        log, t = str(r.log), r.transcript
        if t.bad:
            out.append(_failure(r, f"{len(t.bad)} records were not understood",
                                f"{log}:{t.bad[0].line + 1}: {t.bad[0].why}"))
        out += [_failure(r, "the console contradicts itself", s) for s in disagreements(t)]
        if provenance(r) == "unknown":
            out.append(_failure(r, "unknown provenance",
                                f"the kernel was told accel={t.begin.get('accel')!r}"))
        names = [x["name"] for x in r.failed_tests()]
        if not r.ok() and log not in silent and (not names or
                                                 any((log, n) not in told for n in names)):
            out.append(_failure(r, r.verdict, r.reason))
    return out


def failures(results, rows):
    """Everything that keeps the command from succeeding; @rows: rows and claims."""
    return row_failures(rows) + silent_failures(results, rows) + machine_failures(results, rows)


def culprits(result):
    """Names of the tests that ended a run before its end."""
    t = result.transcript
    names = [x["name"] for x in t.tests if x["verdict"] in ("timeout", "crash")]
    return names + ([t.current["name"]] if t.current else [])


def was_cut(result):
    """Did the run end before its tests, in a way that another machine may go past?"""
    return result.verdict in (TIMEOUT, CRASH, TRUNCATED)
