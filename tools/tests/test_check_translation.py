# SPDX-License-Identifier: GPL-2.0-only
"""What a body of a translation test executes is held against the table, each way it may differ."""
import importlib.util
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from fp.images.decoder import Insn

TOOL = Path(__file__).parents[1] / "check_translation.py"
SPEC = importlib.util.spec_from_file_location("check_translation", TOOL)
tool = importlib.util.module_from_spec(SPEC)
sys.modules[SPEC.name] = tool
SPEC.loader.exec_module(tool)
GEN = tool.load_gen()
SEQUENCES = {"inv": ["dsb nshst", "tlbi vale1", "dsb nsh", "isb"],
             "inv-": ["dsb nshst", "tlbi vale1"], "arch_order_walks()": ["dsb ish"],
             "arch_pte_added_local()": [], "arch_tlb_flush_user_page()": None}


def insns(*lines):
    out = []
    for n, line in enumerate(lines):
        op, _, rest = line.partition(" ")
        out.append(Insn(4 * n, op, rest.split(" <")[0].split(", "), line))
    return out


def events(text):
    return GEN.parse_thread(text)


INV = ("dsb nshst", "orr x0, x1, x0", "tlbi vale1, x0", "dsb nsh", "isb")


@pytest.fixture
def body_is_right(monkeypatch):
    """Is the body of the only row, of one thread, in order?"""
    def run(program, code):
        row = SimpleNamespace(name="T", threads=[events(program)])
        monkeypatch.setattr(GEN, "read_rows", lambda *_: ([row], {}))
        return not list(tool.check_bodies(GEN, SEQUENCES, {"trans_0_0": insns(*code)}))
    return run


@pytest.mark.parametrize("program, code", [
    ("E p=0; inv p; r=*p", INV),
    ("E p=0; inv- p; r=*p", INV[:3]),
    ("E p=0; flush; r=*p", ("bl ffff <trans_flush>",)),
    ("E p=0; flush; r=*p", ("bl ffff <trans_flush+0x8>",)),
    ("E p=x; publish p; r=*p", ("bl ffff <arch_pte_added_local>",)),
    ("E p=x; mb; r=*p", ("dmb ish", "ldr x0, [x1]")),
    ("x=1; trap; r=f", ("bl ffff <trans_trap>",)),
])
def test_what_is_there(body_is_right, program, code):
    assert body_is_right(program, code)


@pytest.mark.parametrize("program, code", [
    ("E p=0; inv p; r=*p", INV[:-1]),
    ("E p=0; inv p; r=*p", INV[1:]),
    ("E p=0; inv p; r=*p", (INV[2], INV[0], *INV[3:])),
    ("E p=0; inv p; r=*p", (*INV[:2], "tlbi vale1is, x0", *INV[3:])),
    ("E p=0; inv- p; r=*p", INV),
    ("E p=0; mb; r=*p", ("isb",)),
    ("E p=0; flush; r=*p", ("bl ffff <trans_flush_own>",)),
    ("E p=0; flush; r=*p", ()),
    ("E p=0; r=*p", ("bl ffff <trans_flush>",)),
])
def test_what_is_not(body_is_right, program, code):
    assert not body_is_right(program, code)


@pytest.mark.parametrize("code, says", [
    ({"arch_order_walks": ["dsb ish"], "arch_pte_added_local": ["ret"]}, ""),
    ({"arch_order_walks": ["dsb ishst"], "arch_pte_added_local": ["ret"]}, "executes"),
    ({"arch_order_walks": ["dsb ish"], "arch_pte_added_local": ["isb"]}, "executes"),
    ({"arch_pte_added_local": ["ret"]}, "is not in the image"),
    ({"arch_order_walks": ["dsb ish"], "arch_pte_added_local": ["ret"],
      "arch_tlb_flush_user_page": ["isb"]}, "is in the image"),
])
def test_functions(code, says):
    wrong = list(tool.check_functions(SEQUENCES, {f: insns(*c) for f, c in code.items()}))
    assert (len(wrong) == 1 and says in wrong[0]) if says else not wrong


def test_a_body_that_is_missing():
    assert any("is not in the image" in w for w in tool.check_bodies(GEN, SEQUENCES, {}))


def test_a_file_that_is_no_image(tmp_path, capsys):
    (tmp_path / "x").write_text("no ELF")
    sys.argv = ["check_translation.py", str(tmp_path / "x")]
    assert tool.main() == 2 and "no ELF file" in capsys.readouterr().err


def test_an_image_without_any_of_it_fails(monkeypatch, capsys):
    from fp.base import isas
    monkeypatch.setattr(tool, "isa_of", lambda path: isas.load()["arm64"])
    monkeypatch.setattr(tool, "read_functions", lambda *args: {})
    assert tool.check_file("an.elf") == 1
    out = capsys.readouterr().out
    assert "arch_mm_switch() is not in the image" in out
    assert "CoWT.inv+inv: thread 0 is not in the image" in out


def test_a_fence_of_the_table_is_wanted():
    gen = tool.load_gen()
    events = gen.parse_thread("x=1; sync; r=y")
    assert tool.wanted(gen, events, {"sync": ["isb"]}) == ["isb"]
