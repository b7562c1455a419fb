# SPDX-License-Identifier: GPL-2.0-only
"""No list of ISAs: what counts as one, and that what is allowed can only shrink."""
from types import SimpleNamespace

import pytest
from fp.base.tree import Tree
from fp.lint import lists

TWO = 'NAMES = ("vax", "pdp11")\n'
KNOWN = [SimpleNamespace(name=n, cross=f"{t}-linux-gnu-", hosts=[t]) for n, t in
         (("vax", "vaxen"), ("pdp11", "pdp"))]


@pytest.fixture
def found(tmp_path):
    """Findings of the rule on one file beside the rule's own."""
    def judge(name, text, allowed=None):
        for path, what in ((tmp_path / name, text), (tmp_path / lists.HERE, "")):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(what)
        return [(n, line, sentence) for n, line, sentence in lists.rule_lists(
            Tree(tmp_path), allowed or {}, KNOWN)]
    return judge


@pytest.mark.parametrize("name,text,bad", [
    ("tools/a.py", TWO, 1), ("tools/a.py", '"vax"\n\n"vax"\n', 0),
    ("tools/a.py", '"vax"\n\n\n"pdp11"\n', 4), ("tools/a.py", "# vax, pdp11\n", 0),
    ("tools/a.py", '"""vax, pdp11"""\n', 0), ("tools/a.py", '"a # vax", "pdp11"\n', 1),
    ("tools/a.sh", "gcc-vaxen-linux-gnu gcc-pdp-linux-gnu\n", 1),
    ("Makefile", "A := vax pdp11\n", 1),
    ("kernel/a.c", "/* vax,\n pdp11 */\nint x;\n", 0), ("kernel/a.c", '"vax", /* */ "pdp11"\n', 1),
    ("kernel/a.c", 'x = "/* vax"; y = "pdp11";\n', 1), ("kernel/a.c", "vaxes(xpdp11);\n", 0),
    ("docs/a.py", TWO, 0), ("arch/vax/a.c", TWO, 0), ("tools/tests/a.py", TWO, 0)])
def test_what_a_list_is(found, name, text, bad):
    assert [line for _, line, _ in found(name, text)] == ([bad] if bad else [])


@pytest.mark.parametrize("count,says", [(2, None), (1, "2 times instead of 1"), (3, "lower that")])
def test_what_is_allowed_only_shrinks(found, count, says):
    got = found("tools/a.py", TWO, {"tools/a.py": (count, "why")})
    assert len(got) == bool(says) and all(says in sentence for _, _, sentence in got)


def test_what_has_gone_is_struck(found):
    assert "strike the line" in found("tools/a.py", "", {"tools/a.py": (1, "why")})[0][2]
    assert "b.py is not there" in found("tools/a.py", "", {"tools/b.py": (1, "why")})[0][2]
