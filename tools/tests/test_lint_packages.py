# SPDX-License-Identifier: GPL-2.0-only
"""The packages of the host tool have an order, and nobody imports what stands above him."""
from pathlib import Path

import pytest
from fp.lint import lint, packages


class Files:
    """What rule_packages() asks of a tree."""

    def __init__(self, **files):
        self.files = {"tools/fp/" + name.replace("__", "/") + ".py": text
                      for name, text in files.items()}

    def ending(self, *suffixes, dirs=()):
        return list(self.files)

    def text(self, name):
        return self.files[name]


def found(**files):
    return [(name.removeprefix("tools/fp/"), line) for name, line, _ in
            packages.rule_packages(Files(**files))]


@pytest.mark.parametrize("text", [
    "import os\nfrom pathlib import Path\n", "from . import spec\n", "from .spec import Spec\n",
    "from ..base import isas\nfrom ..base.errors import UserError\n", "from .. import base\n",
    "from fp.base import isas\n"])
def test_what_lies_below_may_be_imported(text):
    assert found(run__runner=text) == []


@pytest.mark.parametrize("text,line", [
    ("from ..report import live\n", 1), ("import os\nfrom ..cli.main import main\n", 2),
    ("def f():\n    from ..check import check\n", 2), ("from .. import base, report\n", 1),
    ("from fp.report import live\n", 1), ("from ..nowhere import x\n", 1)])
def test_what_stands_above_may_not(text, line):
    assert found(run__runner=text) == [("run/runner.py", line)]


def test_every_file_has_a_place():
    assert found(odd="", new__x="") == [("odd.py", 1), ("new/x.py", 1)]


def test_the_rule_is_one_of_lint_s_and_knows_every_package():
    assert lint.RULES["packages"] is packages.rule_packages
    here = Path(packages.__file__).parents[1]
    assert set(packages.ORDER) == {p.parent.name for p in here.glob("*/__init__.py")}
