# SPDX-License-Identifier: GPL-2.0-only
"""Machines that differ in one thing: their table is checked, and so is how each run ends."""
import io
from pathlib import Path

import pytest
from fp import check_base, check_machines, live
from fp.errors import UserError

TABLE = """\
[[machine]]
name = "one"
board = "fake"
args = ["--smp", "4"]
tests = "a.*"
"""


@pytest.fixture
def checks(project):
    project.board("fake", "pass")
    return check_base.Checks(project.root, live.make_console(io.StringIO(), width=200))


def ended(checks, text):
    """(passed, failed) of the machines of a table, and what was said."""
    where = checks.root / "table.toml"
    where.write_text(text)
    got = check_machines.run_all(checks, where)
    return (got.passed, got.failed), checks.out.file.getvalue()


def test_passes_with_the_right_words(checks):
    assert ended(checks, TABLE + 'says = ["^@END"]\nnever = ["nonsense"]\n')[0] == (1, 0)


@pytest.mark.parametrize("more, why", [
    ('says = ["nonsense"]', "nothing like /nonsense/"),
    ('never = ["^@END"]', "a line with /^@END/"),
    ('verdict = "CRASH"', "PASS, not CRASH"),
])
def test_anything_else_fails(checks, more, why):
    counts, said = ended(checks, TABLE + more + "\n")
    assert counts == (0, 1) and f"one: {why}" in said


def test_command_lines_of_qemu_are_no_console_lines(checks):
    assert ended(checks, TABLE + 'never = ["--smp 4"]\n')[0] == (1, 0)


@pytest.mark.parametrize("text, why", [
    ("[[machine]]\nname = 1", "cannot|wrong type"),
    (TABLE + "colour = 1\n", "unknown key 'colour'"),
    ('[[machine]]\nname = "x"\n', "'board' is missing"),
    ("[[machine", "cannot be read"),
])
def test_a_wrong_table_is_refused(tmp_path, text, why):
    path = tmp_path / "t.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=why):
        check_machines.read(path)


def test_the_tables_of_the_project_can_be_read():
    for path in (Path(__file__).parents[2] / check_machines.DIRECTORY).glob("*.toml"):
        assert check_machines.read(path)
