# SPDX-License-Identifier: GPL-2.0-only
"""`make mutants` on a small tree whose image is a text that says what its tests do."""
import fcntl
import json
import os
import signal
import subprocess
import time

import pytest
from conftest import TOOL
from fp.base.errors import UserError
from fp.base.tree import Tree
from fp.lint import lint
from fp.mutants import catalogue, copies, tally, trial

SOURCE = "t.one pass\nt.two pass\nt.absent skip\n"
HEADER = 'X(FAKE, "fake_switch", "a mistake")\n'
BUILD = """\
image:
	@mkdir -p build/$(ARCH); touch build/$(ARCH)/lock
	@! grep -n REFUSED kernel/x.c
	@cp kernel/x.c build/$(ARCH)/fencepost.elf
"""
ENTRY = """
[[mutant]]
id = "x.{id}"
what = "what {id} does"
class = "{cls}"
file = "kernel/x.c"
from = '''{old}'''
to = '''{new}'''
tests = "{tests}"
"""


def entry(name, old="t.two pass", new="t.two fail", tests="t.two", cls="lock", more=""):
    return ENTRY.format(id=name, old=old, new=new, tests=tests, cls=cls) + more + "\n"


@pytest.fixture
def tree(project):
    """A project with a source, a build and a machine; add() writes its catalogue."""
    project.board("fake", "image")
    for name, text in (("kernel/x.c", SOURCE), ("build.mk", BUILD), (".gitignore", "/build/\n"),
                       ("include/kernel/busted.h", HEADER), ("tests/mutants/x.toml", "")):
        path = project.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def add(*entries):
        with open(project.root / "tests/mutants/x.toml", "a", encoding="utf-8") as f:
            f.write("".join(entries))
        return project
    project.add = add
    return project


def results(tree):
    data = json.loads((tree.root / "results/mutants.json").read_text())
    return {e["id"]: e for e in data["results"].values()}


def test_killed_survived_and_why(tree):
    tree.add(entry("killed"), entry("crashes", new="t.two crash"),
             entry("survives", new="t.two pass ", tests="t.one,t.*", cls="wait"),
             entry("known", new="t.two  pass", more='survives = "equivalent: a blank more"'))
    done = tree.run("mutants", "--jobs", "2")
    assert done.returncode == 1, done.stdout + done.stderr
    got = results(tree)
    assert {n: e["verdict"] for n, e in got.items()} == {
        "x.killed": "killed", "x.crashes": "killed", "x.survives": "survived",
        "x.known": "survived"}
    assert got["x.killed"]["how"] == "t.two: fail" and got["x.killed"]["why"] == "t.two says why"
    assert got["x.crashes"]["how"] == "t.two: crash"
    assert "SURVIVED" in done.stdout and "tests/mutants/x.toml:" in done.stdout
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["lock", "3", "2", "0", "1", "100", "%"] in [r[:7] for r in rows]
    assert ["wait", "1", "0", "1", "0", "0", "%"] in [r[:7] for r in rows]
    markdown = (tree.root / "results/mutants.md").read_text()
    assert "| x.known (x86_64) | what known does | equivalent: a blank more |" in markdown
    assert (tree.root / "kernel/x.c").read_text() == SOURCE  # the tree itself is never touched


def test_globs_in_order_and_the_first_failure_ends_it(tree):
    tree.add(entry("a", old="t.one pass\nt.two pass", new="t.one fail\nt.two fail",
                   tests="t.two,t.one"))
    assert tree.run("mutants").returncode == 0
    assert results(tree)["x.a"]["how"] == "t.two: fail"


def test_a_failing_baseline_proves_nothing(tree):
    source = SOURCE.replace("one pass", "one fail")
    (tree.root / "kernel/x.c").write_text("t.three crash\n" + source)
    tree.add(entry("crash", tests="t.three"), entry("flaky", tests="t.one"), entry("good"),
             entry("nothing", tests="t.absent"), entry("typo", tests="u.*,t.two"))
    done = tree.run("mutants")
    assert done.returncode == 1
    assert "UNPROVED x.flaky [x86_64]: t.one fails without a mutant" in done.stdout
    assert "UNPROVED x.nothing [x86_64]: t.absent is skipped" in done.stdout
    assert "UNPROVED x.typo [x86_64]: no test is named u.*" in done.stdout
    assert "UNPROVED x.crash [x86_64]: the machine ended as CRASH" in done.stdout
    assert list(results(tree)) == ["x.good"] and "4 were not tried" in done.stdout


def test_what_does_not_build(tree):
    tree.add(entry("refused", new="REFUSED", more='by = "build"'), entry("broken", new="REFUSED"))
    done = tree.run("mutants")
    got = results(tree)
    assert got["x.refused"]["verdict"] == "killed" and got["x.broken"]["verdict"] == "broken"
    assert done.returncode == 1 and "does not build" in done.stdout


def test_a_tree_that_does_not_build_is_an_error(tree):
    (tree.root / "kernel/x.c").write_text(SOURCE + "REFUSED\n")
    done = tree.add(entry("a")).run("mutants")
    assert done.returncode == 2 and "the tree itself does not build" in done.stderr


def test_switches(tree):
    tree.add('[[mutant]]\nid = "x.s"\nwhat = "s"\nclass = "tlb"\nswitch = "fake_switch"\n'
             'tests = "t.*"\n')
    done = tree.run("mutants")
    assert done.returncode == 0 and results(tree)["x.s"]["how"] == "t.two: fail"


def test_reasons(tree):
    tree.add(entry("stale", more='survives = "equivalent: it is not"'),
             entry("unseen", more='survives = "unobservable: for a reason"'))
    done = tree.run("mutants")
    assert done.returncode == 0 and "killed in spite of a reason" in done.stdout
    assert results(tree)["x.unseen"]["verdict"] == "not-run"
    assert tree.run("mutants", "--all").returncode == 0
    assert results(tree)["x.unseen"]["verdict"] == "killed"


def test_resume_keeps_what_still_holds(tree):
    tree.add(entry("a"), entry("b", new="t.two crash"))
    assert tree.run("mutants", "x.a").returncode == 0
    done = tree.run("mutants", "--resume")
    assert "1 of 2 need not be run" in done.stdout and "x.b [" in done.stdout
    assert done.returncode == 0 and "[x86_64]" not in tree.run("mutants", "--resume").stdout
    (tree.root / "kernel/x.c").write_text(SOURCE + "t.three pass\n")
    done = tree.run("mutants", "--resume")
    assert "need not be run" not in done.stdout and done.returncode == 0


def test_leftovers_of_an_interrupted_run_are_put_right(tree):
    tree.add(entry("a"))
    assert tree.run("mutants").returncode == 0
    copy = tree.root / "build/mutants/job0"
    (copy / "kernel/x.c").write_text("t.one crash\n")
    (copy / "kernel/old.c").write_text("gone from the tree\n")
    assert tree.run("mutants").returncode == 0
    assert (copy / "kernel/x.c").read_text() == SOURCE and not (copy / "kernel/old.c").exists()


def test_interrupted_nothing_goes_on(tree):
    tree.add(entry("a"), entry("b"))
    (tree.root / "build.mk").write_text(BUILD.replace("@cp", "@sleep 77; cp"))
    proc = subprocess.Popen([TOOL, "--root", tree.root, "mutants"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True,
                            env={k: v for k, v in os.environ.items() if k != "DEBUG"})
    time.sleep(2)
    proc.send_signal(signal.SIGINT)
    _, err = proc.communicate(timeout=10)
    assert proc.returncode == 130 and "interrupted" in err


def test_one_run_at_a_time(tree):
    tree.add(entry("a"))
    (tree.root / "build/mutants").mkdir(parents=True)
    with open(tree.root / "build/mutants/lock", "w", encoding="utf-8") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        done = tree.run("mutants")
    assert done.returncode == 2 and "another run of mutants" in done.stderr
    assert tree.run("mutants").returncode == 0


def test_choice(tree):
    tree.add(entry("a"), entry("b", cls="wait"), entry("c", more='arch = ["x86_64", "arm64"]'))
    assert tree.run("mutants", "--list", "x.a").stdout.count("x.") == 1
    assert tree.run("mutants", "--list", "--class", "wait").stdout.startswith("x.b ")
    assert tree.run("mutants", "--list", "--arch", "arm64").stdout.startswith("x.c ")
    for wrong, says in ((("y.*",), "no mutant is named 'y.*'"), (("--class", "rcu"), "lock, wait"),
                        (("--arch", "vax"), "no such ISA"), (("x.a", "--arch", "arm64"), "chosen")):
        done = tree.run("mutants", *wrong)
        assert done.returncode == 2 and says in done.stderr, done.stderr


def test_a_header_makes_a_mutant_slow(tree):
    tree.add(entry("a"), entry("b").replace("kernel/x.c", "include/kernel/busted.h").replace(
        "t.two pass", "a mistake"))
    got = catalogue.sample(catalogue.load(tree.root), 5)
    assert [m.id for m in got] == ["x.a"]


def test_all_that_an_entry_says_is_read(tree):
    tree.add(entry("a", more='smp = 3\nsecs = "0.5"\nappend = "tries=1 rcu=classic"\n'
                             'arch = ["arm64", "x86_64"]'),
             entry("b", tests="t.one, t.two ,t.three", more='by = "selftest"'),
             entry("c", tests="one, or two", more='by = "pytest"'),
             entry("d", tests="", more='by = "primitives"'))
    a, b, c, d = catalogue.load(tree.root)
    assert (a.smp, a.secs, a.append, a.arches) == (3, "0.5", "tries=1 rcu=classic",
                                                   ("arm64", "x86_64"))
    assert b.tests == ("t.one", "t.two", "t.three") and c.tests == ("one, or two",)
    assert d.tests == () and (b.arches, b.smp, b.secs) == (("x86_64",), 0, "")
    assert len({m.key() for m in (a, b, c, d)}) == 4


def test_what_is_done_for_each_way_of_noticing(tree):
    tree.add(*(entry(by, tests="what", more=f'by = "{by}"') for by in
               ("host", "pytest", "deps", "primitives", "lint", "selftest")))
    got = {m.by: trial.host_command(m, "arm64", "what")
           for m in catalogue.load(tree.root)}
    assert got["host"][-3:] == ["-f", "tests/host/Makefile", "what"]
    assert got["pytest"][got["pytest"].index("-k") + 1] == "what"
    assert got["deps"][1:] == ["tools/check_deps.py", "build/arm64/fencepost.elf"]
    assert got["primitives"][-2:] == ["ARCH=arm64", "primitives"]
    assert got["lint"][-3:] == ["lint", "--only", "what"]
    assert got["selftest"][-5:] == ["selftest", "--arch", "arm64", "--only", "what"]


@pytest.mark.parametrize("name,image,any_test", [
    *((f"{d}/x", True, True) for d in ("arch", "boards", "drivers", "include", "kernel", "lib",
                                       "linker", "mm", "tests")),
    ("build.mk", True, True), ("flavour.mk", True, True), ("isa.mk", True, True),
    ("tools/ksyms.py", True, True), ("tools/fp/x.py", False, True), ("Makefile", False, True),
    ("tests/mutants/x.toml", False, False), ("docs/x.md", False, False),
    ("README.md", False, False)])
def test_a_result_holds_as_long_as_what_it_came_of(tmp_path, name, image, any_test):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    before = {}
    for text in ("one", "two"):
        path.write_text(text)
        for guest in (True, False):
            now = copies.digest(tmp_path, [name], guest)
            before.setdefault(guest, now)
            if text == "two":
                assert (now != before[guest]) == (image if guest else any_test)


def a_result(**more):
    return {"id": "x.a", "arch": "arm64", "class": "lock", "what": "it does", "place": "x.toml:3",
            "verdict": "killed", "how": "t.one: fail", "why": "", "survives": "", "secs": 1.0,
            "build_secs": 2.5, **more}


@pytest.mark.parametrize("more,line", [
    ({}, "killed      3.5 s  x.a [arm64]: t.one: fail"),
    ({"why": "so"}, "killed      3.5 s  x.a [arm64]: t.one: fail: so"),
    ({"survives": "equivalent: no"},
     "killed      3.5 s  x.a [arm64]: t.one: fail  (STALE reason: equivalent: no)"),
    ({"verdict": "broken", "why": "so"}, "BROKEN      3.5 s  x.a [arm64]: does not build: so"),
    ({"verdict": "survived", "survives": "equivalent: no"},
     "survives    3.5 s  x.a [arm64]: equivalent: no"),
    ({"verdict": "survived"}, "SURVIVED    3.5 s  x.a [arm64]: it does (x.toml:3)")])
def test_a_result_in_one_line(more, line):
    assert tally.line_of(a_result(**more)) == line


def test_the_table_counts_by_class_in_their_order():
    rows = tally.by_class([
        a_result(**{"class": "wait"}), a_result(secs=3.0), a_result(verdict="survived"),
        a_result(verdict="survived", survives="equivalent: no"), a_result(verdict="broken")])
    assert rows == [("lock", 4, 1, 2, 1, 3.0), ("wait", 1, 1, 0, 0, 1.0), ("all", 5, 2, 2, 1, 2.0)]
    assert [round(tally.rate(row)) for row in rows] == [33, 100, 50]
    assert tally.rate(("x", 0, 0, 0, 0, 0.0)) == 100.0


def test_the_sample_is_quick_and_spreads_over_classes(tree):
    tree.add(*(entry(f"{cls}{i}", cls=cls) for cls in ("lock", "rcu", "wait") for i in range(5)),
             entry("slow", cls="slow", more='secs = "1"'), entry("g", cls="glob", tests="t.*"),
             entry("far", cls="far", more='arch = "arm64"'),
             entry("hangs", cls="hangs", more='ends = "limit"'))
    mutants = catalogue.load(tree.root)
    got = catalogue.sample(mutants, 7)
    assert sorted(m.cls for m in got) == ["lock"] * 3 + ["rcu"] * 2 + ["wait"] * 2
    assert got == catalogue.sample(list(reversed(mutants)), 7)


@pytest.mark.parametrize("old,new,says", [
    ('id = "x.a"', 'id = "a"', "'id' is area.name"),
    ('id = "x.a"', "", "the key 'id' is missing"),
    ('class = "lock"', 'class = 3', "'class' has the wrong type"),
    ('class = "lock"', 'class = "Lock"', "'class' is one word in small letters"),
    ('tests = "t.two"', 'tests = "t.two"\nsmp = 65', "'smp' is a number of CPUs"),
    ('tests = "t.two"', 'tests = "t.two"\nsmp = true', "'smp' has the wrong type"),
    ('tests = "t.two"', 'tests = "t.two"\nends = "soon"', "'ends' is 'limit'"),
    ('tests = "t.two"', "", "'tests' is missing"),
    ('tests = "t.two"', 'tests = "t.two"\nby = "me"', "by = 'me' is none of"),
    ('tests = "t.two"', 'tests = "t.two"\nsan = "address"', "san = 'address' is none of"),
    ('tests = "t.two"', 'tests = "t.two"\nby = "process"\nsan = "x"', "san = 'x' is none of"),
    ('tests = "t.two"', 'tests = "t.two"\nmore = 1', "unknown key 'more'"),
    ('tests = "t.two"', 'tests = "t.two"\nswitch = "fake_switch"', "one of 'file'"),
    ('tests = "t.two"', 'tests = "t.two"\nsurvives = "so it is"', "'survives' begins with"),
    ('tests = "t.two"', 'tests = "t.two"\narch = "vax"', "'arch' is one of"),
    ('tests = "t.two"', 'tests = "t.two"\nsecs = "much"', "'secs' is a number"),
    ("t.two fail", "t.two pass", "are the same"),
    ("'''t.two pass'''", "'''t.'''", "3 times, and not once, in kernel/x.c"),
    ("'''t.two pass'''", "'''t.four'''", "'from' is not in kernel/x.c"),
    ('"kernel/x.c"', '"kernel/y.c"', "there is no kernel/y.c"),
    ("[[mutant]]", "[[mutant]", "not valid TOML"),
    ("[[mutant]]", "[[mutants]]", "tables [[mutant]] and nothing else"),
])
def test_what_is_wrong_with_an_entry(tree, old, new, says):
    tree.add("# a line\n" + entry("a").replace(old, new, 1))
    with pytest.raises(UserError) as e:
        catalogue.load(tree.root)
    assert says in str(e.value) and str(e.value).startswith("tests/mutants/x.toml:")
    assert len(list(lint.rule_mutants(Tree(tree.root)))) == 1


def test_ids_are_unique_and_switches_exist(tree):
    tree.add(entry("a"), entry("a"), '[[mutant]]\nid = "x.s"\nwhat = "s"\nclass = "tlb"\n'
             'switch = "nobody"\ntests = "t.*"\n')
    says = [f"{n}: {what}" for _, n, what in catalogue.load_all(tree.root)[1]]
    assert len(says) == 2 and "21: mutant x.s: switch = 'nobody' is none of" in says[0]
    assert "12: mutant x.a: the id is there 2 times" in says[1]


def test_edits_follow_one_another(tree):
    tree.add("""[[mutant]]
id = "x.two"
what = "two places"
class = "lock"
edits = [ { file = "kernel/x.c", from = "one pass", to = "one  pass" },
	{ file = "kernel/x.c", from = "t.two pass", to = "t.two fail" } ]
tests = "t.two"
""")
    assert tree.run("mutants").returncode == 0
    assert results(tree)["x.two"]["verdict"] == "killed"


def test_a_kept_file_that_is_broken_is_begun_anew(tmp_path):
    path = tmp_path / "mutants.json"
    for text in ("{", "[]", '{"format": "x"}', '{"format": "fencepost-mutants", "version": 1}'):
        path.write_text(text)
        assert tally.Kept(path).results == {}


def test_what_make_says_of_itself_is_not_why():
    why = trial._last_words
    assert why("x.elf: 1 faults\nmake[1]: *** Error 1\nmake: *** [primitives] Error 2\n") == \
        "x.elf: 1 faults"
    assert why("make: *** No rule\n") == "make: *** No rule"
