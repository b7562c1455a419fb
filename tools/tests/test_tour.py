# SPDX-License-Identifier: GPL-2.0-only
"""docs/tour.md names commands, options, tests and files that exist."""
import re
import shlex
import subprocess

import pytest
from conftest import HERE, TOOL
from fp.cli.parser import make_parser
from fp.images import boot_options

TOP = HERE.parents[1]
TEXT = (TOP / "docs" / "tour.md").read_text()
COMMANDS = sorted(set(re.findall(r"^    \$ (.*)$", TEXT, re.M)) | {
    c for c in (" ".join(x.split()) for x in re.findall(r"`([^`]+)`", TEXT))
    if c.startswith(("make ", "tools/fencepost "))})
REFUSED = "make run TEST=mm.cow"


def test_there_are_commands_of_all_three_uses():
    assert len(COMMANDS) > 15 and len(re.findall(r"^## For ", TEXT, re.M)) == 3


@pytest.mark.parametrize("line", [c for c in COMMANDS if c.startswith("make ")])
def test_make_takes_it(line):
    done = subprocess.run(["make", "-n", *shlex.split(line)[1:], "DEPS=0"], cwd=TOP, text=True,
                          capture_output=True, stdin=subprocess.DEVNULL)
    assert (done.returncode != 0) == (line == REFUSED), done.stderr
    if line == REFUSED:
        assert re.sub(r"^\S+:\d+: ", "", done.stderr.strip()) in TEXT
    for words in re.findall(r"APPEND='([^']*)'", line):
        boot_options.check(TOP, words)


@pytest.mark.parametrize("line", [c for c in COMMANDS if c.startswith("tools/")])
def test_the_tool_takes_it(line):
    make_parser().parse_args(shlex.split(line)[1:])


def test_tests_and_files_that_it_names():
    known = subprocess.run([TOOL, "tests"], capture_output=True, text=True, cwd=TOP).stdout
    if not known:
        pytest.skip("no image has been built")
    names = {x.split()[0] for x in known.splitlines() if x.split()}
    for name in set(re.findall(r"\b((?:litmus|mm|rmap)\.[\w+.]*\w)", TEXT)) - {"mm.cow"}:
        assert name in names, name
    for file in re.findall(r"`(docs/\w+\.md|\.ci/run|Containerfile|\.github/[\w/.]+)`", TEXT):
        assert (TOP / file).is_file(), file
