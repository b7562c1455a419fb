# SPDX-License-Identifier: GPL-2.0-only
"""The tool as a program: its version, an interpreter that is too old, what ships beside it."""
import json
import os
import re
import shlex
import shutil
import subprocess

import pytest
from conftest import HERE, TOOL

TOP = HERE.parents[1]


def test_version(tmp_path):
    done = subprocess.run([TOOL, "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and re.fullmatch(r"fencepost \S+\n", done.stdout)
    (tmp_path / "VERSION").write_text("1.2-3\n")
    done = subprocess.run([TOOL, "--root", tmp_path, "--version"], capture_output=True, text=True)
    assert done.stdout == "fencepost 1.2-3\n"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_without_the_characters(encoding):
    done = subprocess.run([TOOL, "show", "litmus.SB"], capture_output=True,
                          env=os.environ | {"PYTHONIOENCODING": encoding})
    assert done.returncode == 0 and b"store x ?po? load y" in done.stdout, done.stderr


def test_a_python_that_is_too_old_gets_one_sentence():
    code = ("import sys, runpy; sys.version_info = (3, 9, 2, 'final', 0); "
            f"runpy.run_path({str(TOOL)!r}, run_name='__main__')")
    done = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr == ("fencepost: Python 3.9 is too old: 3.11 or newer is needed "
                           "(Debian 12 has it)\n")


def test_the_changelog_begins_with_what_is_not_released():
    text = (TOP / "CHANGELOG.md").read_text()
    assert re.match(r"# Changes\n\n.*?\n\n## ", text, re.S)


def test_the_man_page_has_every_command_and_reads_well():
    page = subprocess.run([TOOL, "paper", "man"], capture_output=True, text=True).stdout
    for command in ("run", "compare", "campaign", "check\\-long"):
        assert f"\n.SS {command}\n" in page
    if not shutil.which("groff"):
        pytest.skip("groff is not installed")
    done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, text=True,
                          capture_output=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("line,reply", [
    ("fencepost comp", "compare"), ("fencepost run --arch ris", "riscv64"),
    ("fencepost run --machine raspi3", "raspi3b"), ("fencepost check --la", "--last-failed"),
    ("fencepost run --arch = ris", "riscv64"),
    ("fencepost run --arch =", "x86_64 arm64 riscv64 powerpc64"),
])
def test_bash_completes(tmp_path, line, reply):
    script = subprocess.run([TOOL, "paper", "bash"], capture_output=True, text=True).stdout
    words = line.split()
    done = subprocess.run(["bash", "-ec", f"{script}\nCOMP_WORDS=({line}); "
                           f"COMP_CWORD={len(words) - 1}; _fencepost; echo ${{COMPREPLY[@]}}"],
                          capture_output=True, text=True)
    assert done.stdout.split() == reply.split(), done.stderr


def test_install(tmp_path):
    if not list(TOP.glob("build/*/fencepost.elf")):
        pytest.skip("no image has been built")
    env = dict(os.environ, DESTDIR=str(tmp_path), PREFIX="/usr")
    done = subprocess.run([TOP / "tools" / "install.sh"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    there = subprocess.run([tmp_path / "usr/bin/fencepost", "machines"], capture_output=True,
                           text=True, cwd=tmp_path)
    assert "q35" in there.stdout and there.returncode == 0
    assert (tmp_path / "usr/share/man/man1/fencepost.1").stat().st_size > 1000
    tool, home = tmp_path / "usr/bin/fencepost", tmp_path / "home"
    home.mkdir()

    def run(*words, **env):
        return subprocess.run([tool, *words], capture_output=True, text=True, cwd=home,
                              env=os.environ | env)
    assert run("options").stdout == subprocess.run([TOOL, "options"], capture_output=True,
                                                   text=True).stdout
    assert run("--make", "--try", "run", OPTION_APPEND="tries=1").returncode == 0
    shown = run("show", "litmus.SB")
    assert shown.returncode == 0 and "the cycle" in shown.stdout
    for name in ("check", "check-long", "lint", "mutants", "configurations"):
        done = run(name)
        assert done.returncode == 2 and "is for the project's tree" in done.stderr, name
    # Results are the user's, who may not write where the tool is.
    done = run("run", "--machine", "pc", "--tests", "litmus.SB", PATH="/nowhere")
    assert done.returncode == 2 and [p.name for p in home.iterdir()] == ["results"]
    assert (tmp_path / "usr/share/bash-completion/completions/fencepost").is_file()


def test_compile_commands(tmp_path):
    if not (TOP / "build/x86_64/gen/litmus_gen.c").is_file():
        pytest.skip("x86_64 has not been built")
    done = subprocess.run(["make", "-f", "build.mk", "ARCH=x86_64", "compile_commands.json"],
                          cwd=TOP, capture_output=True, text=True,
                          env={k: v for k, v in os.environ.items() if not k.startswith("MAKE")})
    assert done.returncode == 0, done.stderr
    entries = {e["file"]: e for e in json.loads((TOP / "compile_commands.json").read_text())}
    words = shlex.split(entries["mm/rmap.c"]["command"])
    assert '-DARCH_NAME="x86_64"' in words and words[-2:] == ["-c", "mm/rmap.c"]
    assert "tests/runner.c" in entries and "arch/arm64/smp.c" not in entries


def test_commands_of_the_workflow_and_the_container_exist():
    text = (TOP / ".github/workflows/check.yml").read_text() + (TOP / "Containerfile").read_text()
    makefile = (TOP / "Makefile").read_text()
    for goal in set(re.findall(r"make (check|deps|compare)\b", text)):
        assert f"\n{goal}: " in makefile
