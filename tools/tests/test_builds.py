# SPDX-License-Identifier: GPL-2.0-only
"""BUILD= replaces kernel/native/ by a directory that nothing names, with flags for directories."""
import shutil
import subprocess

import pytest
from fp.base import isas
from fp.images.builds import ROOT

ISA = isas.default()
SOURCES = ("kernel/a.c", "kernel/native/b.c", "kernel/standin/b.c", "kernel/debug/d.c", "mm/c.c",
           "tests/litmus/bench.c", "tests/litmus/engine.c")


@pytest.fixture
def plan(tmp_path):
    """What make would do in a small tree, as text."""
    for name in ("build.mk", "flavour.mk", "isa.mk", f"arch/{ISA}/isa.toml", f"arch/{ISA}/arch.mk",
                 "kernel/native/build.mk"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    generator = [str(p.relative_to(ROOT)) for p in (ROOT / "tools/fp/litmusfile").glob("*.py")]
    for name in (*SOURCES, f"linker/{ISA}.ld", "linker/sections.inc", "tests/litmus/gen.py",
                 "tests/litmus/perpetual_gen.py",
                 "tests/litmus/shapes.tsv", "tools/ksyms.py", *generator):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "kernel/standin/build.mk").write_text(
        "LEAVE_OUT := tests/litmus/b%.c\nCFLAGS_mm := -DSTANDIN\n")

    def make(**variables):
        words = [f"{k}={v}" for k, v in variables.items()]
        done = subprocess.run(["make", "-n", "-f", "build.mk", "LOCKED=1", f"ARCH={ISA}", *words],
                              cwd=tmp_path, capture_output=True, text=True)
        return done.stdout + done.stderr
    return make


def compiled(text):
    return {name: any(f" -c {name} " in line for line in text.splitlines()) for name in SOURCES}


def test_native_is_the_default(plan):
    assert compiled(plan()) == {name: name != "kernel/standin/b.c" for name in SOURCES}
    assert "-DSTANDIN" not in plan()


def test_another_takes_its_place(plan):
    text = plan(BUILD="standin")
    assert compiled(text) == {
        name: name not in ("kernel/native/b.c", "tests/litmus/bench.c") for name in SOURCES}
    flagged = [line for line in text.splitlines() if "-DSTANDIN" in line and " -c " in line]
    assert len(flagged) == 1 and "-c mm/c.c" in flagged[0]
    assert f"build/{ISA}-standin/" in text


def test_one_that_does_not_exist(plan):
    assert "BUILD=nowhere is none of" in plan(BUILD="nowhere")
