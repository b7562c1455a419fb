# SPDX-License-Identifier: GPL-2.0-only
"""`make litmus` without machines: which files are meant, who says what of them, images, results,
the log of litmus7, and what a user sees of files that are none."""
import os
import time
from types import SimpleNamespace

import pytest
from fp.base.errors import UserError
from fp.litmusfile import (building, defects, files, herd, jobs, litmus7, reader, results, shape,
                           verdicts)

SB = """C SB+own

(* Result: Sometimes *)

{}

P0(int *a, int *b)
{
	int r1;

	WRITE_ONCE(*a, 1);
	r1 = READ_ONCE(*b);
}

P1(int *a, int *b)
{
	int r7;

	WRITE_ONCE(*b, 1);
	r7 = READ_ONCE(*a);
}

exists (1:r7=0 /\\ 0:r1=0)
"""
FENCED = SB.replace("1);\n", "1);\n\tsmp_mb();\n").replace("Sometimes", "Never")
LB_DATA = """C LB
{}
P0(int *y, int *x)
{
	int r0 = READ_ONCE(*x);
	WRITE_ONCE(*y, (r0 ^ r0) + 1);
}
P1(int *x, int *y)
{
	int r0 = READ_ONCE(*y);
	if (r0)
		WRITE_ONCE(*x, 1);
}
exists (0:r0=1 /\\ 1:r0=1)
"""
MP_ADDR = """C MP
{ p=z; }
P0(int *x, int **p)
{
	WRITE_ONCE(*x, 1);
	smp_store_release(p, x);
}
P1(int **p)
{
	int *r0 = READ_ONCE(*p);
	int r1 = READ_ONCE(*r0);
}
exists (1:r0=x /\\ 1:r1=0)
"""
ISAS = ("x86_64", "arm64", "riscv64", "powerpc64")


def program(text, path="t.litmus"):
    return reader.read_text(text, path)


# ---- which files ----

@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a b").mkdir()
    for name in ("a b/SB.litmus", "a b/x y.litmus", "SB.litmus", "notes.txt"):
        (tmp_path / name).write_text(SB)
    return tmp_path


def test_a_folder_means_all_litmus_files_below(folder):
    found = files.find([folder])
    assert [str(p.relative_to(folder)) for p in found] == \
        ["SB.litmus", "a b/SB.litmus", "a b/x y.litmus"]
    assert files.find([folder / "notes.txt"]) == [folder / "notes.txt"]
    assert len(files.find([folder, folder / "SB.litmus"])) == 3


def test_names_of_tests_are_the_kernels_and_occur_once(folder):
    assert files.names(files.find([folder])) == ["file.SB", "file.SB.2", "file.x_y"]
    long = [folder / f"{'n' * 300}{i}.litmus" for i in range(12)]
    names = files.names(long)
    assert len(set(names)) == 12 and max(map(len, names)) <= files.NAME_MAX + len(files.PREFIX)
    assert files.names([folder / "-.litmus", folder / "ä.litmus"]) == ["file.-", "file.file"]


@pytest.mark.parametrize("make,words", [
    (lambda p: p / "none", "No such file"), (lambda p: p, "no file .*litmus is in that folder"),
    (lambda p: os.mkfifo(p / "f") or p / "f", "neither a file nor a folder")])
def test_what_cannot_be_a_file_is_said(tmp_path, make, words):
    with pytest.raises(UserError, match=words):
        files.find([make(tmp_path)])


def test_a_link_to_itself_is_not_followed(folder):
    (folder / "loop").symlink_to(folder)
    assert len(files.find([folder])) == 3


# ---- rows of the table ----

@pytest.mark.parametrize("text,row", [
    (SB, "SB"), (FENCED, "SB+mb+mb"), (LB_DATA, "LB+data+ctrl"), (MP_ADDR, "MP+rel+addr")])
def test_a_row_by_other_names(text, row):
    found = shape.find(program(text))
    assert found and shape._form_of_row(found).key() == \
        shape._form_of_row(shape.shapes.load()[row]).key() if row in shape.shapes.load() else \
        found is None


@pytest.mark.parametrize("old,new", [
    ("*a, 1", "*a, 2"), ("exists (1:r7=0", "exists (1:r7=1"), ("exists", "forall"),
    (" /\\ 0:r1=0", ""), ("READ_ONCE(*b)", "smp_load_acquire(b)"), ("{}", "{ a=1; }"),
    ("r1 = READ_ONCE(*b);", "r1 = READ_ONCE(*b); smp_mb();"),
    ("WRITE_ONCE(*a, 1);", "WRITE_ONCE(*a, 1); smp_mb(); smp_mb();"),
    ("WRITE_ONCE(*a, 1);", "smp_store_release(a, 1);"), ("WRITE_ONCE(*a, 1)", "*a = 1"),
    ("exists", "filter (a=1) exists")])
def test_what_differs_is_no_row_or_another(old, new):
    assert old in SB
    found = shape.find(program(SB.replace(old, new, 1)))
    assert found is None or found.name not in ("SB", "SB+po+po")


@pytest.mark.parametrize("old,new", [
    ("1);\n", "1);\n\tsmp_mb();\n\tsmp_mb();\n"), ("WRITE_ONCE(*a, 1);", "xchg(a, 1); smp_wmb();"),
    ("r1 = READ_ONCE(*b);", "r1 = READ_ONCE(*b); if (r1 == 0) { } else { smp_mb(); }"),
    ("0:r1=0", "0:r1=0 /\\ 0:r9=0"), ("1:r7=0", "1:r7!=0"), ("1:r7=0", "1:r7=0:r1")])
def test_what_no_row_has_is_none(old, new):
    assert old in SB and shape.find(program(SB.replace(old, new))) is None


def test_each_fence_is_a_row_of_its_own():
    names = [getattr(shape.find(program(FENCED.replace("smp_mb", fence))), "name", None)
             for fence in ("smp_mb", "smp_rmb", "smp_wmb")]
    assert names[0] == "SB+mb+mb" and names[0] not in names[1:]


def test_threads_in_another_order_are_the_same_row():
    swapped = SB.replace("P0", "P9").replace("P1", "P0").replace("P9", "P1")
    first, second = swapped.index("P1("), swapped.index("P0(")
    text = swapped[:first] + swapped[second:swapped.index("exists")] + swapped[first:second] + \
        "exists (0:r7=0 /\\ 1:r1=0)\n"
    assert shape.find(program(text)).name == shape.find(program(SB)).name


# ---- verdicts ----

def judged(text, arch, answer=None, asked=None):
    return verdicts.judge(verdicts.sayings(program(text), answer, asked), arch)


def test_what_lkmm_forbids_no_isa_may_show():
    for arch in ISAS:
        v = judged(FENCED, arch)
        assert (v.expect, v.source) == ("forbid", "Result: (LKMM)")


def test_what_lkmm_allows_says_nothing_of_an_isa():
    text = SB.replace("READ_ONCE(*b)", "READ_ONCE(*b); smp_mb(); smp_mb()")
    v = judged(text, "x86_64")
    assert (v.expect, v.source, v.lkmm) == ("allow", "Result: (LKMM)", True)
    v = judged(SB, "x86_64")
    assert (v.expect, v.lkmm) == ("allow", False) and v.source.startswith("table: SB")


def test_who_forbids_is_named_and_not_who_spoke_first():
    said = [verdicts.Said("Result: (LKMM)", "Sometimes"),
            verdicts.Said("table: X", "Never", "arm64")]
    assert verdicts.judge(said, "arm64").source == "table: X"


def test_nobody_speaks():
    v = judged(SB.replace("(* Result: Sometimes *)", "").replace("*a, 1", "*a, 3"), "arm64")
    assert (v.expect, v.source, v.contradiction) == ("unknown", "", "")


def test_who_contradicts_whom_is_said_and_nobody_is_believed():
    v = judged(SB.replace("Sometimes", "Never"), "x86_64")
    assert v.expect == "unknown" and "Result: (LKMM) forbids it" in v.contradiction
    asked = herd.Herd("herd7", "/m")
    v = judged(FENCED.replace("*a, 1", "*a, 3"), "arm64", "Sometimes", asked)
    assert v.expect == "unknown" and "herd7, LKMM allows it" in v.contradiction


def test_a_data_race_is_no_verdict():
    v = judged(FENCED.replace("Never", "Never DATARACE").replace("*a, 1", "*a, 3"), "arm64")
    assert v.expect == "unknown"


@pytest.mark.parametrize("word,quantifier,expect,always", [
    ("Never", "exists", "forbid", False), ("Never", "~exists", "forbid", False),
    ("Always", "forall", "forbid", False), ("Sometimes", "forall", "allow", False),
    ("Always", "exists", "allow", True), ("Never", "forall", "allow", True)])
def test_words_are_of_the_condition(word, quantifier, expect, always):
    text = SB.replace("Sometimes", word).replace("exists", quantifier).replace("*a, 1", "*a, 3")
    v = judged(text, "riscv64")
    assert (v.expect, v.always) == (expect, always)


# ---- herd7 ----

@pytest.fixture
def own_herd(tmp_path, monkeypatch):
    """A herd7 that says what FAKE says."""
    path = tmp_path / "bin" / "herd7"
    path.parent.mkdir()
    path.write_text("#!/bin/sh\necho \"$FAKE\"\necho \"$@\" > " + str(tmp_path / "argv") + "\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    model = tmp_path / "linux" / "tools" / "memory-model"
    model.mkdir(parents=True)
    (model / herd.CONFIGURATION).write_text("")
    return tmp_path


def test_herd_is_asked_with_linuxs_model(own_herd, monkeypatch):
    monkeypatch.setenv("FAKE", "Observation SB Never 0 3")
    asked = herd.find(own_herd / "linux", "lkmmv2")
    p = program(SB, str(own_herd / "t.litmus"))
    assert herd.ask(asked, p) == ("Never", "")
    assert (own_herd / "argv").read_text().split() == \
        ["-conf", "linux-kernel.cfg", "-variant", "lkmmv2", str(own_herd / "t.litmus")]
    assert asked.model("C") == "herd7, LKMM lkmmv2" and asked.model("PPC") == "herd7"


@pytest.mark.parametrize("said,words", [
    ("", "says nothing"), ("Flag data-race\nObservation SB Never 0 3", "data race"),
    ("Warning: no such primitive", "no such primitive")])
def test_why_herd_did_not_answer(own_herd, monkeypatch, said, words):
    monkeypatch.setenv("FAKE", said)
    word, remark = herd.ask(herd.find(own_herd / "linux"), program(SB))
    assert word == "" and words in remark


def test_answers_are_of_the_files_that_were_asked_for(own_herd, monkeypatch):
    monkeypatch.setenv("FAKE", "Observation t Never 0 3")
    ppc = program("PPC t\n{ 0:r2=x; }\n P0 ;\n lwz r1,0(r2) ;\nexists (0:r1=1)\n")
    without_model = herd.Herd("herd7")
    assert herd.ask_all(without_model, [program(SB), ppc]) == {1: ("Never", "")}


def test_a_word_counts_only_where_herd_observes(own_herd, monkeypatch):
    monkeypatch.setenv("FAKE", "Warning: Never say Never ")
    assert herd.ask(herd.find(own_herd / "linux"), program(SB))[0] == ""


def test_herd_that_does_not_end_is_ended_with_what_it_started(own_herd, monkeypatch):
    monkeypatch.setattr(herd, "SECS", 0.3)
    (own_herd / "bin" / "herd7").write_text("#!/bin/sh\nsleep 600 &\nsleep 600\n")
    begin = time.monotonic()
    assert herd.ask(herd.find(own_herd / "linux"), program(SB)) == ("", "no answer within 0.3 s")
    assert time.monotonic() - begin < 60


def test_herd_that_talks_without_end_is_heard_for_a_while(own_herd, monkeypatch):
    monkeypatch.setattr(herd, "SAID_MAX", 1000)
    (own_herd / "bin" / "herd7").write_text("#!/bin/sh\nyes\n")
    assert herd.ask(herd.find(own_herd / "linux"), program(SB)) == ("", "y")


def test_options_of_herd_need_what_they_speak_of(own_herd, monkeypatch):
    with pytest.raises(UserError, match="there is no linux-kernel.cfg"):
        herd.find(own_herd)
    monkeypatch.setenv("PATH", "/nonexistent")
    assert herd.find() is None
    with pytest.raises(UserError, match="not installed"):
        herd.find(own_herd / "linux")


# ---- images ----

def a_job(text=SB, name="file.SB", path="t.litmus"):
    job = jobs.Job(name, path, program(text, path))
    jobs.judge([job], ISAS)
    return job


def test_files_are_dealt_out_to_images():
    many = [a_job(name=f"file.{n}") for n in range(3)]
    many[1].program.needs = {"lse"}
    assert jobs.deal(many, "arm64") == [(None, [many[0], many[2]]), ("arm64-el2", [many[1]])]
    many[2].trouble["arm64"] = "too large"
    assert jobs.deal(many, "arm64")[0] == (None, [many[0]])


def test_images_have_a_limit(monkeypatch):
    monkeypatch.setattr(jobs, "A_BOOT", 2)
    many = [a_job(name=f"file.{n}") for n in range(5)]
    assert [len(batch) for _, batch in jobs.deal(many, "x86_64")] == [2, 2, 1]


@pytest.mark.parametrize("count,total,secs", [
    (1, None, "0.200"), (100000, None, "0.010"), (1000, 50, "0.050"), (0, None, "0.200")])
def test_the_time_of_each_test(count, total, secs):
    assert jobs.secs_of_each(count, total) == secs


# ---- results ----

RUN = {"seed": 1, "smp": 4, "secs": "0.1", "accel": "tcg"}


def an_entry(weak=7, iterations=1000, **more):
    return {"name": "file.SB", "kind": "litmus", "verdict": "pass", "reason": "", "us": 1500000,
            "iterations": iterations, "weak": weak, "expected": "allow", "result": "allowed-seen",
            "outcomes": [{"outcome": "0:r1=0 1:r7=0", "count": weak, "weak": True},
                         {"outcome": "0:r1=1 1:r7=&a", "count": iterations - weak, "weak": False}],
            **more}


def test_an_entry_names_file_and_source():
    entry = results.complete(an_entry(), a_job(), "x86_64", RUN)
    assert entry["more"]["file"] == "t.litmus" and entry["more"]["source"].startswith("table: SB")
    assert ["Result: (LKMM)", "Sometimes"] in entry["more"]["said"]
    assert entry["weak_outcome"].startswith("exists (1:r7=0")


def test_a_file_that_nobody_speaks_of_has_run():
    job = a_job(SB.replace("(* Result: Sometimes *)", "").replace("*a, 1", "*a, 3"))
    entry = results.complete(an_entry(verdict="skip", reason="no model", result="unknown-seen"),
                             job, "x86_64", RUN)
    assert (entry["verdict"], entry["reason"]) == ("pass", "")


def test_what_is_forbidden_and_seen_names_who_forbids_it_and_the_command():
    entry = results.complete(an_entry(verdict="fail", reason="seen", result="forbidden-seen"),
                             a_job(FENCED), "arm64", RUN)
    assert "Result: (LKMM) forbids it" in entry["reason"]
    assert entry["rerun"] == "make litmus FILE=t.litmus ARCH=arm64 SEED=1 SMP=4 SECS=0.1"


def test_an_outcome_that_must_show_fails_where_it_did_not():
    job = a_job(SB.replace("Sometimes", "Always").replace("*a, 1", "*a, 3"))
    assert results.complete(an_entry(), job, "arm64", RUN)["verdict"] == "fail"
    assert results.complete(an_entry(1000), job, "arm64", RUN)["verdict"] == "pass"


def a_boot(*tests, verdict="PASS", arch="x86_64"):
    return {"arch": arch, "verdict": verdict, "reason": "", "tests": list(tests), "boots": [1],
            "duration_s": 2.0, "planned": len(tests), "not_run": 0, "missing": 0,
            "malformed_records": 0}


def test_boots_of_an_isa_are_one_run():
    run = results._joined(a_boot(an_entry()), a_boot(an_entry(), verdict="CRASH"))
    assert (run["verdict"], run["planned"], run["duration_s"]) == ("CRASH", 2, 4.0)
    assert len(run["tests"]) == len(run["boots"]) == 2
    assert results._joined(run, a_boot(an_entry()))["verdict"] == "CRASH"


@pytest.mark.parametrize("verdict,of_test,is_", [("SKIP", "pass", "PASS"), ("PASS", "fail", "FAIL"),
                                                 ("CRASH", "pass", "CRASH")])
def test_a_run_is_as_its_tests_were_judged(verdict, of_test, is_):
    assert results._judged(a_boot(an_entry(verdict=of_test), verdict=verdict))["verdict"] == is_


RELACQ = SB.replace("WRITE_ONCE(", "smp_store_release(").replace("(*a, 1", "(a, 1").replace(
    "(*b, 1", "(b, 1").replace("READ_ONCE(*", "smp_load_acquire(")


def test_a_known_defect_of_the_emulator_is_no_failure():
    job = a_job(RELACQ)
    assert job.verdicts["arm64"].expect == "forbid" and job.verdicts["x86_64"].expect == "allow"
    assert (job.expect("arm64"), job.expect("x86_64")) == ("unknown", "allow")
    seen = results.complete(an_entry(verdict="skip", result="unknown-seen"), job, "arm64", RUN)
    assert (seen["result"], seen["verdict"], seen["expected"]) == ("known-defect", "skip", "forbid")
    none = results.complete(an_entry(0, verdict="skip", result="unknown-unseen"), job, "arm64", RUN)
    assert (none["result"], none["verdict"]) == ("forbidden-unseen", "pass")
    own = results.complete(an_entry(verdict="skip", result="unknown-seen"), job, "arm64",
                           RUN | {"accel": "silicon"})
    assert (own["result"], own["verdict"]) == ("forbidden-seen", "fail")
    jobs.judge([job], ISAS, accel="kvm")
    assert job.expect("arm64") == "forbid"


def test_a_fence_between_release_and_acquire_is_no_defect():
    fenced = RELACQ.replace("1);\n", "1);\n\tsmp_mb();\n")
    assert defects.known(program(RELACQ), "arm64", "tcg")
    assert not defects.known(program(fenced), "arm64", "tcg")
    assert not defects.known(program(RELACQ), "riscv64", "tcg")


# ---- litmus7's log ----

def test_a_log_of_litmus7():
    lines = litmus7.of_test(program(SB), an_entry())
    assert lines == [
        "Test SB+own Allowed", "Histogram (2 states)", "7       *>0:r1=0; 1:r7=0;",
        "993     :>0:r1=1; 1:r7=a;", "Ok", "", "Witnesses", "Positive: 7, Negative: 993",
        "Condition exists (1:r7=0 /\\ 0:r1=0) is validated",
        "Observation SB+own Sometimes 7 993", "Time SB+own 1.50", ""]


def test_a_log_shows_what_the_condition_and_the_locations_name():
    text = SB.replace("exists (1:r7=0 /\\ 0:r1=0)", "locations [a] filter (0:r1=1) exists (1:r7=0)")
    entry = an_entry(outcomes=[
        {"outcome": f"0:r1={n} 1:r7=0 a=1", "count": 2 + n, "weak": True} for n in (0, 1)])
    lines = litmus7.of_test(program(text), entry)
    assert lines[1:3] == ["Histogram (1 states)", "5       *>1:r7=0; a=1;"]


@pytest.mark.parametrize("quantifier,weak,ok,witnesses,observed", [
    ("exists", 0, "No", "0, Negative: 1000", "Never 0 1000"),
    ("exists", 1000, "Ok", "1000, Negative: 0", "Always 1000 0"),
    ("~exists", 0, "Ok", "1000, Negative: 0", "Never 0 1000"),
    ("~exists", 4, "No", "996, Negative: 4", "Sometimes 4 996"),
    ("forall", 0, "Ok", "1000, Negative: 0", "Always 1000 0"),
    ("forall", 4, "No", "996, Negative: 4", "Sometimes 996 4")])
def test_counts_are_of_the_condition(quantifier, weak, ok, witnesses, observed):
    lines = litmus7.of_test(program(SB.replace("exists", quantifier)), an_entry(weak))
    assert lines[4 if 0 < weak < 1000 else 3] == ok
    assert f"Positive: {witnesses}" in lines and f"Observation SB+own {observed}" in lines


def test_a_log_leaves_out_what_did_not_run():
    assert litmus7.log([(program(SB), {"name": "file.SB"}), (program(SB), an_entry(0, 0))]) == ""


# ---- as a user sees it ----

def ask(project, *args):
    return project.run("litmus", *args)


@pytest.mark.parametrize("args,words", [
    ((), "FILE= is missing"), (("/none",), "FILE=/none: No such file"),
    (("--herd-linux=/x", "."), "no file \\*.litmus|not installed|no linux-kernel.cfg")])
def test_wrong_use_is_one_sentence(project, args, words):
    import re
    done = ask(project.four(), *args)
    assert done.returncode == 2 and re.search(words, done.stderr), done.stderr
    assert len(done.stderr.splitlines()) == 1


BAD = {"binary": bytes(range(256)) * 20, "empty": b"", "cut": SB.encode()[:60],
       "long": b"C x\n{}\n" + b"P0(int *x) { " * 3000, "nul": SB.encode().replace(b"a", b"\0")}


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_none_is_rejected_with_its_place(project, tmp_path, kind):
    path = tmp_path / f"{kind} x.litmus"
    path.write_bytes(BAD[kind])
    done = ask(project.four(), str(path))
    assert done.returncode == 2 and "no file is left that could be run" in done.stderr
    assert f"rejected  {path}:" in done.stdout and "Traceback" not in done.stderr


@pytest.mark.parametrize("make,words", [
    (os.mkfifo, "no regular file"), (lambda p: os.symlink("/dev/zero", p), "no regular file"),
    (lambda p: os.symlink("nowhere", p), "No such file"), (os.mkdir, "directory"),
    (lambda p: os.truncate(os.open(p, os.O_CREAT | os.O_WRONLY), 1 << 36), "68719476736 bytes")])
def test_what_only_looks_like_a_file_is_rejected(project, tmp_path, make, words):
    (tmp_path / "d").mkdir()
    make(tmp_path / "d" / "a\nb.litmus")
    done = ask(project.four(), str(tmp_path / "d"))
    assert done.returncode == 2 and "Traceback" not in done.stderr
    if words != "directory":
        assert "/d/a?b.litmus:" in done.stdout and words in done.stdout


def test_the_files_that_are_to_blame_are_taken_out_at_once():
    from fp.cli import litmus
    work = litmus.Work.__new__(litmus.Work)
    work.trouble = []
    many, built = [a_job(name=f"file.{n}") for n in range(5)], []
    work.run_batch = lambda kept, found, arch, machine, batch, log: built.append(batch)
    work.not_built(None, None, "arm64", None, many, None,
                   building.NotBuilt("two", [(many[1], "lost"), (many[3], "lost")]))
    assert built == [[many[0], many[2], many[4]]] and len(work.trouble) == 2
    assert many[1].trouble == {"arm64": "t.litmus: it could not be built: lost"}
    built.clear()
    work.not_built(None, None, "x86_64", None, many, None, building.NotBuilt("gcc: error"))
    assert built == [many[:2], many[2:]]
    built.clear()
    work.not_built(None, None, "x86_64", None, many[:1], None, building.NotBuilt("gcc: error"))
    assert not built and "gcc: error" in many[0].trouble["x86_64"]


@pytest.mark.parametrize("rejected,unfit,verdict,runs,status", [
    ([], [], "PASS", 1, 0), (["a"], [], "PASS", 1, 2), ([], ["b"], "PASS", 1, 2),
    (["a"], ["b"], "FAIL", 1, 1), ([], [], "PASS", 0, 1)])
def test_the_status_at_the_end(rejected, unfit, verdict, runs, status):
    from fp.cli import litmus
    work = SimpleNamespace(rejected=rejected, unfit=lambda: unfit, trouble=[], arches=["arm64"],
                           jobs=[a_job()], out=SimpleNamespace(print=lambda *_, **__: None))
    run = {"verdict": verdict, "arch": "arm64", "rerun": "make", "machine": "m", "smp": 4,
           "provenance": "tcg"}
    assert litmus.conclude(work, [run] * runs, SimpleNamespace(trouble=[])) == status


def test_the_files_of_another_isa_are_said(project, tmp_path):
    path = tmp_path / "t.litmus"
    path.write_text("PPC t\n{ 0:r2=x; }\n P0 ;\n lwz r1,0(r2) ;\nexists (0:r1=1)\n")
    done = ask(project.four(), "--arch=arm64", str(path))
    assert done.returncode == 2 and "of other ISAs than ARCH= names: PPC" in done.stderr


def test_a_cell_says_not_here_for_a_file_of_another_isa():
    from fp.cli import litmus
    job = SimpleNamespace(name="file.a", program=SimpleNamespace(dialect="PPC"))
    runs = litmus.with_others([{"arch": "arm64", "tests": []}, {"arch": "powerpc64", "tests": []}],
                              [job], ISAS)
    assert runs[0]["tests"][0]["reason"].startswith("not here:") and not runs[1]["tests"]
