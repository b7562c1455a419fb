# SPDX-License-Identifier: GPL-2.0-only
"""Tables of the documents that list what the tree has."""
import re
from pathlib import Path

from fp.base import isas

ROOT = Path(__file__).resolve().parents[2]


def test_the_files_of_a_port_are_those_that_all_have():
    text = (ROOT / "docs/porting.md").read_text(encoding="utf-8")
    table = text.split("## The files of a port", 1)[1].split("\n\n", 2)[1]
    listed = {name for line in table.splitlines()
              for name in re.findall(r"`([\w.]+)`", line.split("|")[1])}
    ports = [{p.name for p in (ROOT / "arch" / name).iterdir() if p.is_file()}
             for name in isas.names()]
    assert listed == set.intersection(*ports)
