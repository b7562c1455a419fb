# SPDX-License-Identifier: GPL-2.0-only
"""The tool as a program: its version, an interpreter that is too old, what ships beside it."""
import re
import subprocess

from conftest import HERE, TOOL

TOP = HERE.parents[1]


def test_version(tmp_path):
    done = subprocess.run([TOOL, "--version"], capture_output=True, text=True)
    assert done.returncode == 0 and re.fullmatch(r"fencepost \S+\n", done.stdout)
    (tmp_path / "VERSION").write_text("1.2-3\n")
    done = subprocess.run([TOOL, "--root", tmp_path, "--version"], capture_output=True, text=True)
    assert done.stdout == "fencepost 1.2-3\n"


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
