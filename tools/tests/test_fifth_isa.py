# SPDX-License-Identifier: GPL-2.0-only
"""A fifth ISA and one more machine, in a copy of the tree: files of their own, and no list touched.

The stand-in is the default port under another name, of which no memory model is known. Here some
of it is compiled, and its machines are fake; with FENCEPOST_LONG=1 (make check-long) it is built
whole and booted.
"""
import json
import os
import re
import shutil
import subprocess
import sys

import pytest
from conftest import BOARD, FAKE, HERE
from fp.base import isas
from fp.images.boards import Boards
from fp.mutants.copies import tree_names

TOP = HERE.parents[1]
FIFTH = "vax"
OBJECTS = (f"arch/{FIFTH}/setup.o", f"arch/{FIFTH}/boot.S.o", "kernel/main.o",
           "tests/litmus/litmus.o", f"gen/{FIFTH}.lds")
SLOW = pytest.mark.skipif(not os.environ.get("FENCEPOST_LONG"),
                          reason="a whole build: make check-long has it")


class Copy:
    """The tree, and what a port and a machine consist of."""

    def __init__(self, root):
        self.root = root
        for name in tree_names(TOP):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, root / name)
        self.port(isas.load()[isas.default()])
        self.machine("standin", arch=isas.names()[1])

    def port(self, like):
        arch = self.root / "arch"
        shutil.copytree(arch / like.name, arch / FIFTH)
        shutil.copy(self.root / f"linker/{like.name}.ld", self.root / f"linker/{FIFTH}.ld")
        isa = arch / FIFTH / "isa.toml"
        isa.write_text(re.sub(r"^model = .*\n", "", isa.read_text().replace(
            f"order = {like.order}", "order = 99").replace(
                f'short = "{like.short}"', f'short = "{FIFTH}"'), flags=re.M))
        board = Boards(self.root / "boards").default(like.name).path
        self.board = self.root / "boards" / f"{FIFTH}.toml"
        self.board.write_text(board.read_text().replace(f'arch = "{like.name}"',
                                                        f'arch = "{FIFTH}"'))

    def machine(self, name, arch, scenario="pass", default="false"):
        """A machine that is a script; what it boots is there."""
        text = BOARD.format(arch=arch, scenario=scenario, qemu=FAKE, default=default,
                            exit_status="code", boot_timeout=10.0)
        (self.root / "boards" / f"{name}.toml").write_text(text)
        image = self.root / "build" / arch / "fencepost.elf"
        image.parent.mkdir(parents=True, exist_ok=True)
        image.touch()

    def run(self, *argv, timeout=60):
        env = {k: v for k, v in os.environ.items()
               if not k.startswith("MAKE") and k not in ("ARCH", "LLVM", "DEBUG", "BUSTED")}
        return subprocess.run(argv, cwd=self.root, capture_output=True, text=True, env=env,
                              timeout=timeout, stdin=subprocess.DEVNULL)

    def tool(self, *args, **more):
        return self.run(sys.executable, "tools/fencepost", *args, **more)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return Copy(tmp_path_factory.mktemp("tree"))


def test_make_knows_it(copy):
    names = " ".join([*isas.names(), FIFTH])
    assert copy.run("make", "help").stdout.startswith("Fencepost: a bare-metal SMP test kernel for "
                                                      + names + "\n")
    assert f"ARCH=pdp11 is none of: {names}" in copy.run("make", "-n", "build",
                                                         "ARCH=pdp11").stderr
    done = copy.run("make", "-n", "bench", f"ARCH={FIFTH}")
    assert done.returncode == 0 and f"for a in {FIFTH};" in done.stdout
    assert f"for a in {names};" in copy.run("make", "-n", "all").stdout


def test_the_tool_knows_it_and_the_machine(copy):
    lines = copy.tool("machines").stdout.splitlines()
    assert any(re.match(rf"{FIFTH} +{FIFTH} +default ", line) for line in lines)
    assert any(re.match(rf"{isas.names()[1]} +standin +1-8 CPUs +fake", line) for line in lines)
    done = copy.tool("run", "--arch", "pdp11")
    assert done.returncode == 2 and done.stderr.endswith(f", {FIFTH}\n")
    assert copy.tool("run", "--arch", isas.names()[1], "--machine", "standin").returncode == 0


def test_no_rule_is_broken(copy):
    for rule in ("lists", "boards", "mutants"):
        done = copy.tool("lint", "--only", rule)
        assert done.returncode == 0, done.stdout


def test_objects_are_compiled_for_it(copy):
    done = copy.run("make", "--no-print-directory", "-j2", "-f", "build.mk", f"ARCH={FIFTH}",
                    *(f"build/{FIFTH}/{name}" for name in OBJECTS))
    assert done.returncode == 0, done.stderr
    models = (copy.root / "build" / FIFTH / "gen" / "litmus_models.h").read_text()
    assert "#define LITMUS_OWN_MODEL MODEL_NONE" in models


def test_what_no_model_says_is_said_to_be_unknown(copy):
    real = {p: p.read_text() for p in (copy.root / "boards").glob("*.toml")}
    try:
        for path in real:
            path.unlink()
        copy.machine("known", isas.default(), "pass", "true")
        copy.machine("unknown", FIFTH, "unknown", "true")
        done = copy.tool("compare", "--arch", f"{FIFTH},{isas.default()}")
    finally:
        for path, text in real.items():
            path.write_text(text)
    lines = [line.split() for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stdout
    assert ["litmus", "test", isas.default(), FIFTH] in lines
    assert ["SB", "A", "often", "1.0M", "?", "rare", "99%"] in lines, done.stdout
    assert "2 of which nobody knows" in done.stdout and "the architectures differ in 0" in \
        done.stdout
    runs = json.loads((copy.root / "results" / "latest" / "run.json").read_text())["runs"]
    assert {t["expected"] for t in runs[0]["tests"]} == {"unknown"}


@SLOW
def test_it_boots_and_knows_nothing_of_its_model(copy):
    done = copy.run("make", "-j2", "build", f"ARCH={FIFTH}", timeout=900)
    assert done.returncode == 0, done.stderr
    done = copy.tool("run", "--arch", FIFTH, "--secs", "0.05", "--tests",
                     "self.pass,litmus.SB,litmus.atomic-*,rmap.C6,rmap.C14,rmap.v9.ordering",
                     timeout=600)
    assert done.returncode == 0, done.stdout
    ended = {name: verdict for verdict, name in
             re.findall(r"^(\w+) +[\d.]+ s +(\S+)", done.stdout, re.M)}
    assert ended["litmus.SB"] == ended["rmap.C6"] == "skip"
    assert ended["litmus.atomic-xchg"] == ended["rmap.v9.ordering"] == ended["self.pass"] == "ok"
    assert f"no model of {FIFTH}" in done.stdout
