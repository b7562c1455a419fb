# SPDX-License-Identifier: GPL-2.0-only
"""What the screen shows of a failure: panics and races, with places, once."""
import stat
from types import SimpleNamespace

import pytest
from fp.base import isas
from fp.images.places import places, shorten
from fp.record.console import PANIC_LINES, Console
from fp.record.records import seal
from fp.report import failure

PANIC = """\
# [0] panic: unhandled write of address 10
# [0] while test self.crash ran
# [0] backtrace:
# [0]   ffffffff800872da self_crash_here+0xa/0x12
# [0]   ffffffff80085e10 tests_run+0x36c/0x3fa
# [1] cpu 1: thread idle/1, at work on nothing
# [1] backtrace:
# [1]   ffffffff8000d0a6 cpu_idle_loop+0x6c/0xbe
# [2] cpu 2: thread mm/2, at work on nothing
# [2] backtrace:
# [2]   ffffffff8000e000 try_to_unmap+0x10/0xbe
# [0] thread reclaim: sleeping, cpu 1
# [0]     in __schedule < schedule
# [0] thread tests: running, cpu 0
# [0] thread rcu: sleeping, cpu 1
"""
SHOWN = ["panic: unhandled write of address 10", "while test self.crash ran", "backtrace:",
         "  ffffffff800872da self_crash_here+0xa/0x12",
         "  ffffffff80085e10 tests_run+0x36c/0x3fa", "cpu 1: idle",
         "cpu 2: thread mm/2, at work on nothing", "backtrace:",
         "  ffffffff8000e000 try_to_unmap+0x10/0xbe", "thread tests: running, cpu 0",
         "2 threads sleep"]


def heard(text):
    console = Console()
    console.feed(text.encode())
    return console.t


def test_a_panic_is_kept_from_its_first_line_to_the_next_record():
    after = seal("CRASH", {"name": "self.crash", "why": "x"})
    t = heard(f"# before\n{PANIC}{after}\n# behind it\n# panic: a second one\n")
    assert t.panic == PANIC.splitlines()
    assert heard("# watchdog on cpu 2: late\n# more\n").panic[0] == "# watchdog on cpu 2: late"
    assert heard("# no panic: none\n# don't panic\n").panic == []
    assert len(heard("# panic: x\n" + "# y\n" * 9999).panic) == PANIC_LINES


def test_what_idles_and_sleeps_is_left_out():
    assert failure.condensed(failure.plain(PANIC.splitlines())) == SHOWN
    assert failure.condensed([]) == []


def test_a_call_is_looked_up_before_where_it_returns_to():
    assert failure.frames(SHOWN) == {3: 0xffffffff800872da, 4: 0xffffffff80085e0f,
                                     8: 0xffffffff8000e000}


def a_result(tmp_path, panic=PANIC, **more):
    spec = SimpleNamespace(board=SimpleNamespace(arch=isas.default(),
                                                 path=tmp_path / "boards" / "x.toml"),
                           image=tmp_path / "fencepost.elf")
    t = SimpleNamespace(panic=panic.splitlines(), races=more.get("races", {}))
    return SimpleNamespace(spec=spec, transcript=t, failed_tests=lambda: [{"name": "mm.a"}])


def test_places_stand_behind_their_functions(tmp_path, monkeypatch):
    (tmp_path / "fencepost.elf").write_bytes(b"")
    asked = []

    def fake(isa, elf, addresses, root):
        asked.append((isa.name, elf.name, len(addresses), root))
        return {0xffffffff80085e0f: "tests/runner.c:455"}

    monkeypatch.setattr(failure, "places", fake)
    lines = failure.lines_of(a_result(tmp_path))
    assert lines[4] == SHOWN[4] + "  tests/runner.c:455" and lines[3] == SHOWN[3]
    assert asked == [(isas.default(), "fencepost.elf", 3, tmp_path.resolve())]


def test_without_an_image_a_panic_is_shown_all_the_same(tmp_path):
    assert failure.lines_of(a_result(tmp_path)) == SHOWN
    assert failure.lines_of(a_result(tmp_path, panic="")) == []


def test_a_race_stands_before_and_without_the_kernels_own_line_to_repeat_it(tmp_path):
    races = {"mm.a": ["#       us  CPU 0", "#      0.0  stored", "# again: make run ARCH=x"]}
    assert failure.lines_of(a_result(tmp_path, panic="", races=races)) == [
        "      us  CPU 0", "     0.0  stored"]


@pytest.mark.parametrize("reason,said", [
    ("self.crash: unhandled write of address 10", True), ("unhandled write of address 10", True),
    ("self.crash: something else", False), ("", False)])
def test_a_reason_is_not_said_twice(reason, said):
    assert failure.says(SHOWN, reason) == said
    assert not failure.says([], reason)


# ---- addr2line ----

def a_tool(tmp_path, monkeypatch, text, status=0):
    tool = tmp_path / "addr2line"
    tool.write_text(f"#!/bin/sh\ncat <<'E'\n{text}\nE\nexit {status}\n")
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "mm").mkdir(exist_ok=True)
    (tmp_path / "mm" / "rmap.c").write_text("")
    elf = tmp_path / "a.elf"
    elf.write_bytes(b"")
    return SimpleNamespace(tool=lambda name: str(tmp_path / name)), elf


def test_places_are_from_the_top_of_the_tree(tmp_path, monkeypatch):
    isa, elf = a_tool(tmp_path, monkeypatch, "/elsewhere/mm/rmap.c:7 (discriminator 2)\n??:0\n"
                      "/usr/lib/odd.c:9\nmm/rmap.c:0")
    assert places(isa, elf, [1, 2, 3, 4], tmp_path) == {1: "mm/rmap.c:7", 3: "/usr/lib/odd.c:9"}
    assert shorten("mm/rmap.c", tmp_path) == "mm/rmap.c"


def test_no_tool_no_image_and_a_tool_that_fails_are_no_places(tmp_path, monkeypatch):
    isa, elf = a_tool(tmp_path, monkeypatch, "mm/rmap.c:7", status=1)
    assert places(isa, elf, [1], tmp_path) == {}
    assert places(isa, tmp_path / "none.elf", [1], tmp_path) == {}
    assert places(SimpleNamespace(tool=lambda name: "/no/such"), elf, [1], tmp_path) == {}
    assert places(isa, elf, [], tmp_path) == {}
