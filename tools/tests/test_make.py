# SPDX-License-Identifier: GPL-2.0-only
"""The Makefile: options are honoured or refused, and two builds of one flavour take turns."""
import fcntl
import os
import re
import shutil
import subprocess

import pytest
from conftest import HERE, TOOL
from fp.base import isas

TOP = HERE.parents[1]


# What a make exports that runs these tests.
FOREIGN = ("ARCH", "BUILD", "LLVM", "DEBUG", "BUSTED", "V", "CROSS_COMPILE", "MAKEFLAGS",
           "MAKELEVEL")
FAKE = """\
#!/usr/bin/python3
import os, sys
print("TOOL", *sys.argv[1:], *sorted(f"{k}={v}" for k, v in os.environ.items()
                                     if k.startswith("OPTION_")), sep="|")
"""


class Tree:
    """A copy of the Makefile's world, in which the tool, the build and deps.sh say how they were
    called."""

    def __init__(self, root):
        self.root = root
        for name in ("Makefile", "options.mk", "isa.mk", "flavour.mk"):
            shutil.copy(TOP / name, root)
        shutil.copytree(TOP / "arch", root / "arch", ignore=lambda d, names: [
            n for n in names if "." in n and n != "isa.toml"])
        shutil.copytree(TOP / "boards", root / "boards")
        (root / "kernel" / "native").mkdir(parents=True)
        (root / "kernel" / "native" / "build.mk").touch()
        (root / "build.mk").write_text(
            "all:; @echo 'BUILD $(ARCH) DEBUG=$(DEBUG) LLVM=$(LLVM) V=$(V)'\n")
        tools = root / "tools"
        tools.mkdir()
        shutil.copy(TOP / "tools" / "nearest.sh", tools)
        shutil.copy(TOP / "tools" / "elsewhere.sh", tools)
        (tools / "fencepost").write_text(FAKE)
        (tools / "deps.sh").write_text('#!/bin/bash\necho "DEPS ONLY=$ONLY FOR=$FOR $*"\n')
        (tools / "deps.sh").chmod(0o755)

    def make(self, *args, **env):
        clean = {k: v for k, v in os.environ.items() if k not in FOREIGN}
        return subprocess.run(["make", *args], cwd=self.root, capture_output=True, text=True,
                              timeout=30, env={**clean, **env}, stdin=subprocess.DEVNULL)

    def tool(self, *args, **env):
        """The last call of the tool, as a list."""
        done = self.make(*args, **env)
        assert done.returncode == 0, done.stderr
        return [x for x in done.stdout.splitlines() if x.startswith("TOOL")][-1].split("|")[2:]


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path)


@pytest.mark.parametrize("args,words", [
    (("thread", "MACHINE=q35"), "make thread has no use for MACHINE: it takes only ARCH"),
    (("thread", "TESTS=a", "APPEND=b", "TIMEOUT=1"), "no use for TESTS APPEND TIMEOUT"),
    (("bench", "TESTS=a"), "make bench has no use for TESTS: it takes only ARCH SECS OUTPUT"),
    (("check-long", "SMP=2"), "make check-long has no use for SMP: it takes only SECS RESUME"),
    (("run", "TRIES=3"), "make run has no use for TRIES"),
    (("build", "MACHINE=q35"), "make build has no use for MACHINE: it takes only ARCH"),
    (("all", "ARCH=arm64"), "make all has no use for ARCH: it takes none of these options"),
    (("run", "LLVM=yes"), "LLVM=yes is none of: 0 1"),
    (("run", "DEBUG=2"), "DEBUG=2 is none of: 0 1"),
    (("build", "BUSTED=typo"), "BUSTED=typo is none of: mb"),
    (("run", "TEST=mm.*"), "TEST=: there is no such option; did you mean TESTS=?"),
    (("run", "tests=mm.*"), "tests=: there is no such option; did you mean TESTS=?"),
    (("run", "VERBOS=1"), "did you mean VERBOSE=?"),
    (("run", "TEST="), "TEST=: there is no such option"),
    (("run", "frobnicate=1"), "frobnicate=: there is no such option."),
    (("run", "a'$(id)`id`=1"), "there is no such option."),
    (("run", "TESTS="), "TESTS= is empty: give it a value, or leave it out"),
    (("run", "TESTS=  "), "TESTS= is empty"),
    (("compare", "ARCH="), "ARCH= is empty"),
    (("run", "VERBOSE=no"), "VERBOSE=no is neither 0 nor 1"),
    (("run", "DEPS=yes"), "DEPS=yes is neither 0 nor 1"),
    (("run", "ARCH=vax"), "ARCH=vax is none of: x86_64 arm64 riscv64 powerpc64."),
    (("run", "ARCH=arm46"), "did you mean arm64?"),
    (("run", "ARCH=arm64,riscv64"), "ARCH=arm64,riscv64: make run takes one ISA"),
    (("image",), "make image needs BOARD="), (("campaign",), "make campaign needs CAMPAIGN="),
])
def test_what_would_be_ignored_is_refused(tree, args, words):
    done = tree.make(*args)
    assert done.returncode == 2 and words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1 and "TOOL" not in done.stdout


def test_build_mk_refuses_a_build_that_is_none():
    done = subprocess.run(["make", "-f", "build.mk", "ARCH=arm64", "BUSTED=typo"], cwd=TOP,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "BUSTED=typo is none of: mb" in done.stderr


@pytest.mark.parametrize("args,words", [
    (("bench", "SECS=1", "ARCH=arm64"), ["bench", "OPTION_ARCH=arm64", "OPTION_SECS=1"]),
    (("bench",), ["bench"]),
    (("compare", "ARCH=riscv64", "SMP=2"), ["compare", "OPTION_ARCH=riscv64", "OPTION_SMP=2"]),
    (("compare", "ARCH=ppc64,x86"), ["compare", "OPTION_ARCH=powerpc64,x86_64"]),
    (("thread", "RESUME=1"), ["thread", "OPTION_RESUME=1"]),
    (("check-long", "SECS=5"), ["check-long", "OPTION_SECS=5"]),
    (("run", "ARCH=aarch64", "TESTS=-a.*"), ["run", "OPTION_ARCH=arm64", "OPTION_TESTS=-a.*"]),
    (("images", "SEED=3"), ["image", "OPTION_BOARD=all", "OPTION_SEED=3"]),
    (("mutants", "MUTANTS=a b"), ["mutants", "OPTION_MUTANTS=a b"]),
    (("campaign", "CAMPAIGN=thread", "ON=a,b"),
     ["campaign", "OPTION_CAMPAIGN=thread", "OPTION_ON=a,b"]),
])
def test_options_reach_the_tool(tree, args, words):
    assert tree.tool(*args) == words


@pytest.mark.parametrize("value", [
    "1;touch evil", "$(touch evil)", "`touch evil`", "$(shell touch evil)", "a'b\"c", "$$HOME",
    "*", "a b  c", "${SEED}", "#x", "\\"])
def test_values_reach_the_tool_unread(tree, value):
    names = ("APPEND", "MACHINE", "SEED", "TESTS")
    assert tree.tool("run", *(f"{n}={value}" for n in names)) == \
        ["run", *(f"OPTION_{n}={value}" for n in names)]
    assert not (tree.root / "evil").exists()


def test_options_are_tried_before_anything_is_built(tree):
    for goal in ("run", "debug", "compare", "thread", "bench", "check", "image"):
        more = ["BOARD=rpi4"] if goal == "image" else []
        said = tree.make(goal, *more).stdout.splitlines()
        built = [x.split()[0] for x in said if x.startswith(("TOOL", "BUILD"))]
        assert "DEPS" in said[0] and f"--try|{goal}" in said[1], said
        assert built.index("BUILD") == 1 and said[-1].startswith(f"TOOL|--make|{goal}")


# The process of this host's ISA.
OWN = {a: ["hosted DEBUG=1"] if a == isas.native() else [] for a in isas.names()}


@pytest.mark.parametrize("args,built", [
    (("bench", "ARCH=arm64"), ["arm64 DEBUG=0"]),
    (("compare", "ARCH=x86"), ["x86_64 DEBUG=1", *OWN["x86_64"]]),
    (("build", "ARCH=riscv", "DEBUG=0"), ["riscv64 DEBUG=0"]),
    (("thread", "ARCH=arm64,amd64"), ["arm64 DEBUG=1", "x86_64 DEBUG=1", *OWN["x86_64"]]),
    (("thread", "ARCH=hosted"), ["hosted DEBUG=1"]),
    (("all",), [f"{a} DEBUG=1" for a in ("x86_64", "arm64", "riscv64", "powerpc64")] +
     sum(OWN.values(), [])),
    (("build", "ARCH=hosted"), ["hosted DEBUG=1"]),
    (("run", "ARCH=hosted", "HOST=riscv64"), ["hosted DEBUG=1"]),
])
def test_what_is_built(tree, args, built):
    said = tree.make(*args).stdout.splitlines()
    assert [x.removeprefix("BUILD ").partition(" LLVM")[0] for x in said if "BUILD" in x] == built


def test_the_environment_changes_no_run(tree):
    foreign = {"ARCH": "arm", "LLVM": "1", "DEBUG": "yes", "MACHINE": "x", "TESTS": "y", "V": "1",
               "CROSS_COMPILE": "arm-linux-gnueabi-", "SMP": ""}
    assert tree.make("help", **foreign).stderr == ""
    assert "note" not in tree.make("help", **foreign).stdout
    done = tree.make("run", **foreign)
    assert done.returncode == 0, done.stderr
    assert "BUILD x86_64 DEBUG=1 LLVM= V=\n" in done.stdout
    assert done.stdout.endswith("TOOL|--make|run\n")
    for name in ("ARCH=arm", "LLVM=1", "DEBUG=yes", "MACHINE=x", "TESTS=y", "V=1"):
        assert f"note: {name} of the environment is not used" in done.stdout
    assert "SMP" not in done.stdout and "TRIES" not in done.stdout
    assert "BUILD x86_64 DEBUG=1 LLVM=1 V=1" in tree.make("run", "LLVM=1", "V=1").stdout


def test_check_takes_options(tree):
    assert tree.tool("check", "STOP=1", "ARCH=aarch64") == \
        ["check", "OPTION_ARCH=arm64", "OPTION_STOP=1"]


def test_make_and_the_tool_know_the_same_options(tree):
    from fp.cli import make_options
    text = "include isa.mk\ninclude options.mk\n$(info $(ON_OFF):$(OPTIONS))\nhelp:;\n"
    done = subprocess.run(["make", "-f", "-", "help"], cwd=tree.root, input=text, text=True,
                          capture_output=True, timeout=30,
                          env={k: v for k, v in os.environ.items() if k not in FOREIGN})
    on_off, options = (x.split() for x in done.stdout.splitlines()[0].split(":"))
    assert set(on_off) == set(make_options.ON_OFF) and set(make_options.NAMES) <= set(options)


def test_arguments_of_what_make_was_given():
    from fp.cli import make_options
    environ = {"OPTION_TESTS": "-a.*", "OPTION_RESUME": "1", "OPTION_QUICK": "0",
               "OPTION_MUTANTS": "b c", "PATH": "/bin"}
    given = make_options.take(environ)
    assert environ == {"PATH": "/bin"}
    assert make_options.arguments(["x"], given) == ["x", "--resume", "--tests=-a.*", "--", "b", "c"]


@pytest.mark.parametrize("goal,given,words", [
    ("run", {"SMP": "x"}, "make run: SMP=: 'x' is not a number"),
    ("run", {"SEED": "1;id"}, "make run: SEED=: '1;id' is not a number"),
    ("run", {"MACHINE": "nope"}, "MACHINE=nope: no such machine"),
    ("run", {"SMP": "70"}, "SMP=70: machine q35 has 1 to 64 CPUs"),
    ("run", {"APPEND": "trie=1"}, "no boot option trie; did you mean tries?"),
    ("run", {"APPEND": "tries="}, "APPEND='tries=': tries has no value"),
    ("run", {"APPEND": "rcu=preempt secs=5"}, "APPEND='secs=5': give SECS=5 instead"),
    ("compare", {"APPEND": "timeout=9"}, "give TIMEOUT=9 instead"),
    ("debug", {"ARCH": "arm64", "APPEND": "tsc_by=pit"}, "no boot option tsc_by"),
    ("thread", {"VARIANTS": "V99"}, "VARIANTS=V99: there is no variant V99; there are V0"),
    ("image", {"BOARD": "rpi4", "APPEND": "nonsense=1"}, "no boot option nonsense"),
    ("image", {"BOARD": "nope"}, "BOARD=nope: no board"),
    ("check", {"SHARD": "5/4"}, "SHARD=5/4: as in 2/4"),
    ("campaign", {"CAMPAIGN": "mutants"}, "campaign mutants: each is built"),
])
def test_options_are_tried_by_the_tool(goal, given, words):
    env = {k: v for k, v in os.environ.items() if k not in FOREIGN}
    env.update({f"OPTION_{k}": v for k, v in given.items()})
    done = subprocess.run([TOOL, "--make", "--try", goal], env=env, text=True, capture_output=True,
                          timeout=30, cwd=TOP)
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert done.stdout == "" and len(done.stderr.splitlines()) == 1


def test_help_has_its_lines_whole():
    done = subprocess.run(["make", "help"], cwd=TOP, text=True, capture_output=True)
    described = re.findall(r"^([a-z_.-]+):.*## (.*)$", (TOP / "Makefile").read_text(), re.M)
    assert len(described) > 20
    for goal, words in described:
        line = rf"^  make {re.escape(goal)} +{re.escape(words)}$"
        assert re.search(line, done.stdout, re.M), goal


@pytest.mark.parametrize("args,only,what,there", [
    (("run", "MACHINE=grub-bios"), "x86_64", "", "boards/grub-bios.toml"),
    (("run", "ARCH=arm64"), "arm64", "", ""), (("debug",), "x86_64", "debug", ""),
    (("image", "BOARD=visionfive2"), "riscv64", "", "boards/visionfive2.toml"),
    (("run", "lint"), "", "tests", ""),
    (("compare",), "x86_64 arm64 riscv64 powerpc64", "", ""),
    (("compare", "ARCH=arm64,x86"), "arm64 x86_64", "", ""),
    (("images",), "", "", "boards/talos2.toml"), (("deps",), "", "tests debug", ""),
    (("check",), "", "tests", "boards/uboot-arm64.toml"),
])
def test_what_is_installed_for_what(tree, args, only, what, there):
    said = tree.make(*args).stdout.splitlines()[0]
    assert said.startswith(f"DEPS ONLY={only} FOR={what} ") and there in said
    assert there or "boards/" not in said
    assert "DEPS" not in tree.make(*args, "DEPS=0").stdout


@pytest.mark.parametrize("flags,suffix", [
    ({}, ""), ({"LLVM": "0"}, ""), ({"LLVM": "1"}, "-llvm"), ({"DEBUG": ""}, ""),
    ({"DEBUG": "0", "LLVM": "1", "BUSTED": "mb"}, "-release-llvm-busted-mb"),
])
def test_flavours_have_the_same_names_in_make_and_the_tool(monkeypatch, flags, suffix):
    from fp.images.builds import flavour
    text = "include flavour.mk\n$(info <$(FLAVOUR)>)\nall:;\n"
    for env, args in ((flags, []), ({}, [f"{k}={v}" for k, v in flags.items()])):
        clean = {k: v for k, v in os.environ.items() if k not in ("LLVM", "DEBUG", "BUSTED")}
        done = subprocess.run(["make", "-f", "-", *args], cwd=TOP, input=text, text=True,
                              capture_output=True, timeout=30, env={**clean, **env})
        assert f"<{suffix}>" in done.stdout
    for name in ("LLVM", "DEBUG", "BUSTED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in flags.items():
        monkeypatch.setenv(name, value)
    assert flavour() == suffix.removeprefix("-")


def test_a_second_build_waits_for_the_first(tmp_path):
    for name in ("build.mk", "isa.mk", "flavour.mk"):
        shutil.copy(TOP / name, tmp_path)
    (tmp_path / "kernel" / "native").mkdir(parents=True)
    (tmp_path / "kernel" / "native" / "build.mk").touch()
    (tmp_path / "build" / "arm64").mkdir(parents=True)
    with open(tmp_path / "build" / "arm64" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # As one that no other make has started: that would say more.
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        second = subprocess.Popen(["make", "-f", "build.mk", "ARCH=arm64", "LLVM=", "DEBUG=1"],
                                  cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, env=env)
        assert "another build is at work" in second.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.3)
    # Its turn: it gets as far as what this tree lacks.
    assert "arch.mk: No such file" in second.communicate(timeout=30)[0]


def test_what_is_built_goes_elsewhere(tree, tmp_path):
    away = tmp_path / "a way's $(id)"
    assert tree.make("build", f"O={away}").returncode == 0
    link = tree.root / "build"
    assert link.is_symlink() and link.resolve() == (away / "build").resolve()
    (link / "x").touch()
    assert tree.make("clean").returncode == 0
    assert not link.exists() and not link.is_symlink() and not (away / "build").exists()


def test_another_place_is_taken_from_then_on(tree, tmp_path):
    for name in ("one", "two"):
        assert tree.make("build", f"O={tmp_path / name}").returncode == 0
    assert (tree.root / "build").resolve() == tmp_path / "two" / "build"


@pytest.mark.parametrize("where,says", [
    ("", "O= is empty"), ("/proc/none", "no directory can be made there")])
def test_a_place_that_is_none(tree, where, says):
    done = tree.make("build", f"O={where}")
    assert done.returncode and says in done.stderr and not (tree.root / "build").exists()


def test_a_directory_that_is_there_is_not_hidden(tree, tmp_path):
    (tree.root / "build").mkdir()
    done = tree.make("build", f"O={tmp_path / 'x'}")
    assert done.returncode and "there is a directory build/ already" in done.stderr
