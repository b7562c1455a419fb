# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost thread` over a fake QEMU: the matrix, the report, and that no row goes missing."""
import json
import os
import signal
import subprocess
import time
from types import SimpleNamespace

import pytest
from conftest import TOOL
from fp.base import isas
from fp.base.errors import UserError
from fp.base.host import host_cores
from fp.mailthread import findings, mailthread, wording

ARCHES = ("x86_64", "arm64", "riscv64", "powerpc64")
FORCED = len(findings.VARIANTS) * len(findings.MECHANISMS)
FREE = 2 * len(findings.VARIANTS)  # in both flavours of RCU
W2_MISSED = ["rmap.w2.free rcu=classic: missed", "rmap.w2.free rcu=preempt: missed"]


def threaded(project, *args, **kwargs):
    done = project.run("thread", "--jobs", "4", *args, timeout=120, **kwargs)
    path = project.root / "results" / "latest" / "run.json"
    data = json.loads(path.read_text())["thread"] if path.is_file() else None
    assert "Traceback" not in done.stderr, done.stderr
    return done, data


def squeezed(text):
    return [" ".join(line.split()) for line in text.splitlines()]


def rows_of(data, **wanted):
    return [r for r in data["rows"] if all(r[k] == v for k, v in wanted.items())]


def test_everything_as_expected(project):
    project.four("thread")
    done, data = threaded(project, "--tries", "20", "--seed", "7")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(data["rows"]) == 4 * (FORCED + FREE) and len(data["claims"]) == 4 * 17
    assert data["failures"] == [] and data["provenance"] == "tcg"
    assert all(r["ok"] for r in data["rows"] + data["claims"])
    row = rows_of(data, variant="V0", mechanism="interleaving", arch="riscv64")[0]
    assert row["result"] == "caught" and row["detector"] == "rmap-incomplete"
    assert row["tries"] == row["caught"] == 20 and row["seconds"] == 0.41
    assert row["mode"] == "forced" and row["provenance"] == "tcg"
    free = rows_of(data, variant="V0", mechanism="free", arch="arm64")
    assert [(r["result"], r["flavour"], r["seed"]) for r in free] == \
        [("caught", f, 7) for f in ("classic", "preempt")]
    w3 = rows_of(data, variant="W3", mechanism="free", arch="x86_64")
    assert [(r["result"], r["flavour"]) for r in w3] == \
        [("clean", "classic"), ("caught", "preempt")]
    assert "TESTS=rmap.v0.free" in free[1]["rerun"] and "APPEND=rcu=preempt" in free[1]["rerun"]
    sound = rows_of(data, variant="V7", mechanism="free", arch="arm64")
    assert sorted(r["flavour"] for r in sound) == ["classic", "preempt"]
    assert {r["seconds"] for r in sound} == {5.0}
    lines = squeezed(done.stdout)
    assert "V0 caught 20/20 caught 20/20 clean 20 clean 20 unobservable [1]" in lines
    assert "rmap-incomplete list-unlocked" in lines
    assert any(line.startswith("[1] 20k iterations") or line.startswith("[1] 20000 iterations")
               for line in lines)
    assert "C1 Nick Piggin shown shown shown shown" in lines
    assert "V1 reuse: list-unlocked: one, two" in lines
    assert "V0 classic caught 1.2 s caught 1.2 s caught 1.2 s caught 1.2 s" in lines
    assert "V0 preempt caught 1.2 s caught 1.2 s caught 1.2 s caught 1.2 s" in lines
    assert "only store buffering can be seen" in " ".join(lines) and "by tcg" in " ".join(lines)
    assert {m["provenance"] for m in data["models"]} == {"model"}
    assert len(data["models"]) == 4 * 2 * 3
    assert any(line.startswith("V1 V5 V6") for line in lines)
    assert any(line.startswith("ARMv8 allowed: 3 allowed") for line in lines)
    text = (project.root / "results" / "latest" / "thread.txt").read_text()
    assert max(map(len, text.splitlines())) <= 100 and "V3f" in text
    assert max(len(line) for line in done.stdout.splitlines()
               if "s  " not in line[:20] and not line.startswith("results:")) <= 100
    assert len(data["machines"]) == 4 * (1 + FREE) == len(data["commands"])


def test_quick_leaves_free_running_out(project):
    project.four("thread")
    done, data = threaded(project, "--quick", "--arch", "arm64")
    assert done.returncode == 0, done.stdout
    assert len(data["rows"]) == FORCED and not rows_of(data, mechanism="free")
    assert {r["arch"] for r in data["rows"] + data["claims"]} == {"arm64"}


@pytest.mark.skipif(host_cores() == 1, reason="on one core nothing is silicon")
def test_this_machine_has_a_column_beside_the_others(project):
    """Rows, claims and columns of its own, and every one of them is wanted."""
    project.four("thread").process("thread")
    done, data = threaded(project, "--variants", "V0,default")
    assert done.returncode == 0, done.stdout + done.stderr
    assert data["columns"] == [*ARCHES, "silicon"] and data["arches"] == list(ARCHES)
    assert data["provenance"] == "silicon tcg" and len(data["rows"]) == 5 * 2 * (5 + 2)
    mine = [r for r in data["rows"] if r["column"] == "silicon"]
    assert len(mine) == 2 * (5 + 2) and {r["provenance"] for r in mine} == {"silicon"}
    assert all("ARCH=hosted" in r["rerun"] for r in mine)
    lines = squeezed(done.stdout)
    assert "free-running x86_64 arm64 riscv64 powerpc64 silicon (this" in lines
    assert "V0 classic" + 5 * " caught 1.2 s" in lines
    assert lines.index("by tcg") < lines.index("by silicon")
    project.process("thread-lacks")
    done, data = threaded(project, "--quick")
    assert done.returncode == 1 and len(data["claims"]) == 5 * 17
    assert [(f["column"], f["provenance"], f["what"]) for f in data["failures"]] == \
        [("silicon", "silicon", "2 rows are missing")]
    assert "FAIL silicon 2 rows are missing" in squeezed(done.stdout)
    assert any(line.startswith("tcg: seen ") for line in squeezed(done.stdout))
    assert any(line.startswith("silicon: seen ") for line in squeezed(done.stdout))


@pytest.mark.parametrize("args,env,words", [
    ((), {"FAKE_TURNS_US": "500000"}, "no column of this machine's processor: 100000 turns"),
    (("--arch", "arm64,riscv64"), {}, ""),  # it is none of those
    (("--machine", "fake-x86_64", "--arch", "x86_64"), {}, ""),
])
def test_no_column_without_silicon(project, args, env, words):
    project.four("thread").process("thread")
    done, data = threaded(project, "--quick", *args, env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "silicon" not in data["columns"] and data["provenance"] == "tcg"
    assert bool(data["no_silicon"]) == bool(words)
    if words and host_cores() > 1 and isas.native() == "x86_64":
        assert words in done.stdout


def test_a_process_that_is_not_built_is_no_column(project):
    project.four("thread").process("thread")
    (project.root / "build" / f"hosted-{isas.native()}" / "fencepost").unlink()
    done, data = threaded(project, "--quick")
    assert done.returncode == 0 and "no column of this machine's processor" in done.stdout
    assert data["provenance"] == "tcg"


def test_some_variants(project):
    project.four("thread")
    done, data = threaded(project, "--variants", "w3 V0,default", "--arch", "x86_64")
    assert done.returncode == 0, done.stdout
    assert data["variants"] == ["V0", "W3", "default"] and data["claims"] == []
    assert len(data["rows"]) == 3 * (5 + 2)


@pytest.mark.parametrize("args,words", [
    (["--variants", "V11"], "no variant V11; there are V0, V1"),
    (["--variants", ","], "no variant is named"),
    (["--arch", "vax"], "no such ISA"),
    (["--arch", ","], "no ISA is named"),
    (["--tries", "0"], "not between"),
    (["--tries", "100001"], "not between"),
    (["--quick", "--secs", "3"], "one of them"),
])
def test_wrong_use_is_one_sentence(project, args, words):
    project.four("thread")
    done, _ = threaded(project, *args)
    assert done.returncode == 2 and words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_the_release_build_has_no_detectors(project):
    project.four("thread")
    done, _ = threaded(project, env={"DEBUG": "0"})
    assert done.returncode == 2 and "DEBUG=0" in done.stderr


def test_a_missed_variant_fails(project):
    project.four("thread", arm64="thread-missed")
    done, data = threaded(project, "--quick")
    assert done.returncode == 1
    row = rows_of(data, variant="V1", mechanism="reuse", arch="arm64")[0]
    assert row["result"] == "missed" and not row["ok"] and row["caught"] == 97
    assert len(data["failures"]) == 1
    text = " ".join(squeezed(done.stdout))
    assert "arm64: " in text and "MISSED 97/100 " in text and "else: " in text
    assert "FAIL arm64 rmap.v1.reuse: missed" in text
    assert len(data["failures"][0]["race"]) == len(row["race"]) == 6
    assert "# [0] list-check: broken (walk+0x1 on cpu 1)" in text
    assert "again: make run ARCH=arm64 TESTS=rmap.v1.reuse SMP=4 SEED=1" in text
    assert "APPEND=tries=100" in text


def test_free_running_that_catches_nothing_fails(project):
    project.four("thread-free-w2-missed")
    done, data = threaded(project, "--variants", "W2", "--arch", "x86_64")
    assert done.returncode == 1
    for row in rows_of(data, mechanism="free"):
        assert row["result"] == "missed" and row["seconds"] == 60
    assert [f["what"] for f in data["failures"]] == W2_MISSED


def test_a_machine_that_dies_is_a_row(project):
    project.four("thread-free-hang")
    done, data = threaded(project, "--variants", "W2,W3", "--arch", "riscv64")
    assert done.returncode == 1
    row = rows_of(data, variant="W2", mechanism="free")[0]
    assert row["result"] == "truncated" and not row["record"] and "SIGKILL" in row["why"]
    assert rows_of(data, variant="W3", mechanism="free")[0]["ok"]
    assert [f["what"] for f in data["failures"]] == \
        ["rmap.w2.free rcu=classic: truncated", "rmap.w2.free rcu=preempt: truncated"]
    assert "TRUNCATED" in done.stdout


@pytest.mark.parametrize("how,word,tests", [
    ("crash", "crashed", ["rmap.v3.deadlock"]),
    ("dies", "truncated", ["rmap.v1.reuse", "rmap.C3"]),
])
def test_tests_behind_a_crash_are_still_run(project, how, word, tests):
    project.four("thread", powerpc64=f"thread-{how}")
    done, data = threaded(project, "--quick")
    assert done.returncode == 1
    bad = [r for r in data["rows"] + data["claims"] if not r["ok"]]
    assert [(r["arch"], r["test"], r["result"]) for r in bad] == \
        [("powerpc64", t, word) for t in tests]
    assert len(data["failures"]) == len(tests), data["failures"]
    assert len(data["rows"]) == 4 * FORCED and len(data["claims"]) == 4 * 17


def test_missing_rows_are_failures(project):
    project.four("thread", arm64="thread-lacks")
    done, data = threaded(project, "--quick")
    assert done.returncode == 1
    assert len(data["failures"]) == 1
    failure = data["failures"][0]
    assert failure["arch"] == "arm64" and failure["what"] == "2 rows are missing"
    assert "rmap.v4.deadlock, rmap.C9" in failure["why"]
    assert rows_of(data, variant="V4", mechanism="deadlock", arch="arm64")[0]["result"] == "missing"


def test_isas_must_be_told_the_same_by_the_models(project):
    project.four("thread", arm64="thread-models")
    done, data = threaded(project, "--quick")
    assert done.returncode == 1 and data["models"] == []
    assert [f["what"] for f in data["failures"]] == [
        "rmap.models: the models' verdicts are not there, or not the same on each ISA"]


def test_a_test_not_begun_is_not_called_unobservable(project):
    project.four("thread-unbegun")
    done, data = threaded(project, "--variants", "V2", "--quick", "--arch", "arm64")
    assert done.returncode == 1
    row = rows_of(data, mechanism="reuse")[0]
    assert row["result"] == "skipped" and "needs 2 CPUs" in row["why"]


def test_too_few_cpus_asked_for_is_said_and_no_failure(project):
    project.four("thread")
    done, data = threaded(project, "--quick", "--smp", "2")
    assert done.returncode == 0, done.stdout
    left_out = [r for r in data["rows"] + data["claims"] if r["result"] == "skipped"]
    assert {r["test"] for r in left_out} == {"rmap.C3", "rmap.C6", "rmap.C11"}
    assert all(r["ok"] and r["evidence"] == "needs 3 CPUs, 2 are online" for r in left_out)
    assert data["skipped"] == len(left_out) == 12 and data["failures"] == []
    lines = squeezed(done.stdout)
    assert "needs 3 CPUs, 2 are online" in lines
    total = 4 * (FORCED + 17)
    assert f"{total} rows, {total - 12} as expected, 12 SKIPPED FOR WANT OF CPUS: THE MATRIX IS " \
        "INCOMPLETE;" in " ".join(lines)


def test_one_cpu_leaves_out_free_running_too(project):
    project.four("thread")
    done, data = threaded(project, "--variants", "V0,V5", "--smp", "1", "--arch", "arm64")
    assert done.returncode == 0, done.stdout
    assert {r["result"] for r in data["rows"]} == {"skipped"} and data["skipped"] == 10 + 4
    lines = squeezed(done.stdout)
    assert any(line.startswith("V0 skipped [1] skipped [1]") for line in lines)
    assert "[1] needs 2 CPUs, 1 are online" in lines


@pytest.mark.parametrize("smp,reason,ok", [
    (2, "needs 3 CPUs, 2 are online", True),
    (6, "needs 8 CPUs, 6 are online", True),
    (4, "needs 5 CPUs, 4 are online", False),  # what the machine has if nothing is asked for
    (2, "needs 3 CPUs, 1 are online", False),  # one did not come up
    (2, "needs 2 CPUs, 2 are online", False),
    (2, "one CPU at a time: store buffers have no time to show", False),
])
def test_only_the_cpus_asked_for_excuse_a_skip(smp, reason, ok):
    spec = SimpleNamespace(smp=smp, board=SimpleNamespace(smp=4))
    assert findings.few_cpus(spec, {"verdict": "skip", "reason": reason}) is ok
    assert not findings.few_cpus(spec, {"verdict": "fail", "reason": reason})


def test_more_tries_have_more_time():
    spec = mailthread.Spec(board=None, image=None, smp=2)
    assert mailthread.forced_spec(spec, "rmap.*", 100).test_limit() == 310
    assert mailthread.forced_spec(spec, "rmap.*", 1000).test_limit() == 3010


@pytest.mark.parametrize("scenario,word,said", [
    ("refuses", "not-started", "could not load kernel"), ("config", "refused", "unknown option"),
    ("silent", "hung", "no BEGIN record"), ("missing-cpu", "missing", "3 of 4 CPUs"),
])
def test_a_machine_that_never_ran(project, scenario, word, said):
    for arch in ARCHES:
        project.board(f"fake-{arch}", scenario if arch == "arm64" else "thread", arch=arch,
                      boot_timeout=3)
    done, data = threaded(project, "--quick")
    assert done.returncode == 1
    assert {r["result"] for r in data["rows"] if r["arch"] == "arm64"} == {word}
    assert len(rows_of(data, arch="arm64")) == FORCED
    assert any(said in f["why"] for f in data["failures"])


def test_interrupted_keeps_what_was_found(project):
    project.four("thread-free-slow")
    tool = subprocess.Popen([TOOL, "--root", project.root, "thread", "--arch", "arm64",
                             "--variants", "V0,W1"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    notes = []
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not (notes and notes[0].read_text()):
        time.sleep(0.05)
        notes = list(project.root.glob("build/thread-*/arm64-fencepost.elf.pid"))
    pid = int(notes[0].read_text())
    tool.send_signal(signal.SIGTERM)
    _, err = tool.communicate(timeout=10)
    assert tool.returncode == 143 and "interrupted" in err and "Traceback" not in err
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    data = json.loads((project.root / "results" / "latest" / "run.json").read_text())["thread"]
    assert data["interrupted"] and len(data["rows"]) == 10
    assert ["no machine was run for 4 rows"] == [f["what"] for f in data["failures"]]
    # Only what had not ended is run again, and only for the same image and options.
    project.four("thread")
    args = ("--arch", "arm64", "--variants", "V0,W1", "--resume")
    done, data = threaded(project, *args)
    assert done.returncode == 0, done.stdout
    assert data["resumed"] == 1 and len(data["rows"]) == 14 and not list(
        project.root.glob("build/thread-*"))
    assert "seconds old)" in done.stdout  # and says how old what it takes is
    assert "1 machines had ended in an earlier run" in " ".join(squeezed(done.stdout))
    assert threaded(project, *args)[1]["resumed"] == 5
    assert threaded(project, *args, "--tries", "7")[1]["resumed"] == 4
    assert threaded(project, *args, "--seed", "7")[1]["resumed"] == 0
    (project.root / "build" / "arm64" / "fencepost.elf").write_bytes(b"other")
    assert threaded(project, *args)[1]["resumed"] == 0


def test_resume_keeps_what_was_found_wrong(project):
    project.four("thread-free-w2-missed")
    args = ("--variants", "W2", "--arch", "x86_64", "--resume")
    assert threaded(project, *args)[1]["resumed"] == 0
    for log in sorted((project.root / "results").glob("2*/log/*.log"))[:1]:
        log.unlink()  # and what has no log is run again
    done, data = threaded(project, *args)
    assert done.returncode == 1 and data["resumed"] == 2
    assert [f["what"] for f in data["failures"]] == W2_MISSED


def test_terminal_gets_bars_and_leaves_the_cursor(project):
    import pty
    project.four("thread")
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(TOOL, [str(TOOL), "--root", str(project.root), "thread", "--variants", "V0,W1",
                        "--arch", "arm64"])
    data = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:
            break
        if not part:
            break
        data += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"machines" in data and b"V0 free-running" in data
    assert data.rfind(b"\x1b[?25h") > data.rfind(b"\x1b[?25l") >= 0


def test_a_last_test_is_not_a_truncated_run(project):
    project.board("fake", "last")
    done = project.run("run", "--seed", "1")
    assert done.returncode == 0, done.stdout
    assert "1 of 3 planned tests were not run: self.last was the last" in " ".join(
        done.stdout.split())


# ---- without machines ----

def row(arch="x86_64", result="caught", **more):
    return {"variant": "V0", "mechanism": "reuse", "arch": arch, "provenance": "tcg",
            "result": result, "ok": True, "detector": "list-check" if result == "caught" else "",
            "why": "", "tries": 100, "caught": 100, "seconds": 0.5, "mode": "forced",
            "flavour": "", "scenarios": "", "test": "rmap.v0.reuse", **more}


def cell(*rows):
    return wording.cell(list(rows), wording.Notes())


def test_cells():
    assert cell(row(), row("arm64")) == ("caught 100/100\nlist-check", "green")
    assert cell(row(result="clean"), row("arm64", "clean", tries=20000))[0] == "clean 100-20k"
    assert cell(row(result="clean", tries=None))[0] == "clean 0.50 s"
    text, style = cell(row(result="clean"), row("arm64", "unobservable", why="w"),
                       row("riscv64", "unobservable", why="w"))
    assert text == "x86:\nclean 100\nelse:\nunobservable [1]" and style == "default"
    text, style = cell(row(), row("arm64", "missed", caught=3, ok=False))
    assert "MISSED 3/100" in text and style == "bold red"
    text, style = cell(row(mode="free", seconds=3.0, ok=False))  # a sound one, reported
    assert text == "CAUGHT 3.0 s\nlist-check" and style == "bold red"
    assert cell(row(result="missed", mode="free", seconds=60.5, ok=False))[0] == "MISSED 60.5 s"
    assert cell() == ("NO ROW", "bold red")


def test_scenarios_are_grouped_by_what_caught_them():
    text = "a:list-check:3/3;b/swap:list-check:2/3;c:clean:5/5"
    assert wording.group_scenarios(text) == "list-check: a, b/swap 2/3; clean: c"
    assert wording.group_scenarios("odd") == "?: odd"


def test_sentences_that_differ_in_numbers_are_merged():
    assert wording.merge_sentences(["seen 7 of 10", "seen 9 of 10"]) == "seen 7..9 of 10"
    assert wording.merge_sentences(["seen 7", "heard 7"]) is None
    assert wording.merge_sentences(["x", "x"]) == "x"
    assert wording.merge_sentences(["x86 V1", "x86 V2"]) is None  # names, not numbers
    says = {"x86_64": "a 1; never; b 3; b 4", "arm64": "a 2; seen 5; b 3; b 6"}
    rows = [{"arch": a, "evidence": text} for a, text in says.items()]
    assert [([r["arch"] for r in found], text)
            for found, text in wording.merge_evidence(rows)] == \
        [(["x86_64", "arm64"], "a 1..2; b 3; b 4..6"), (["x86_64"], "never"), (["arm64"], "seen 5")]


def test_provenances_are_not_mixed():
    rows = [row(), row("arm64", provenance="silicon", tries=7, caught=7)]
    data = {"arches": ["x86_64", "arm64"], "variants": ["V0"], "smp": [4], "seed": 1, "qemu": "7",
            "build": "b", "models": [], "provenance": "silicon tcg", "rows": rows, "claims": [],
            "failures": [], "interrupted": False, "resumed": 0, "machines": [], "duration_s": 1.0}
    text = "\n".join(line.plain for line in wording.render(data, 100))
    assert text.index("by tcg\n") < text.index("100/100") < text.index("by silicon\n") < \
        text.index("7/7")
    claims = [{"claim": "C1", "by": "", "result": "shown", "ok": True, "record": True, **r}
              for r in ({"arch": "x86_64", "provenance": "tcg", "evidence": "seen 1; a"},
                        {"arch": "arm64", "provenance": "tcg", "evidence": "seen 3; b"},
                        {"arch": "x86_64", "column": "silicon", "provenance": "silicon",
                         "evidence": "seen 9; a"})]
    text = " ".join(line.plain.strip() for line in wording.render_evidence(claims, 100))
    assert text == "tcg: seen 1..3 silicon: seen 9; a x86: a arm64: b"


@pytest.mark.parametrize("change,word", [
    ({"detector": ""}, "no detector"), ({"caught": 99}, "99 of 100"),
    ({"caught": 0, "tries": 0}, "0 of 0"), ({"caught": 0, "mode": "litmus"}, "0 of 100"),
    ({"variant": "V1"}, "V1"),
    ({"result": "clean", "tries": 0, "seconds": 0}, "nothing was tried"),
    ({"result": "unobservable"}, "no reason"), ({"result": None}, "''"),
    ({"result": "missed"}, "missed"),
])
def test_a_record_that_cannot_be_is_not_as_expected(change, word):
    rec = {"verdict": "pass", "variant": "V0", "result": "caught", "detector": "d", "tries": 100,
           "caught": 100}
    assert findings._judge(rec, "V0")[1]
    assert findings._judge({**rec, "caught": 1}, "V0", "litmus")[1]
    said, ok, why = findings._judge({**rec, **change}, "V0", change.get("mode", "forced"))
    assert not ok and word in said + " " + why


@pytest.mark.parametrize("change,result,ok", [
    ({}, "unknown", True), ({"evidence": ""}, "skipped", False),
    ({"result": "shown"}, "skipped", False), ({"verdict": "fail"}, "unknown", False),
])
def test_a_claim_of_which_no_model_speaks(change, result, ok):
    rec = {"verdict": "skip", "claim": "C6", "result": "unknown", "evidence": "SB", **change}
    board = SimpleNamespace(arch="vax", name="m", smp=4)
    spec = SimpleNamespace(board=board, smp=4, seed=1, accel="tcg", rerun=lambda name: name,
                           column=lambda: "vax")
    said = SimpleNamespace(races={}, begin={"accel": "tcg"})
    got = SimpleNamespace(spec=spec, log="log", transcript=said)
    row = findings.make_claim(got, rec, "C6")
    assert (row["result"], row["ok"]) == (result, ok)


def test_boot_lines_are_not_too_long():
    parts = mailthread.split_tests(findings.forced_names(findings.VARIANTS, findings.CLAIMS))
    assert len(parts) > 1 and max(map(len, parts)) <= 1000
    assert sum(len(p.split(",")) for p in parts) == FORCED + 17 + 1
    with pytest.raises(UserError):
        mailthread.choose_variants("v5,W9")
