# SPDX-License-Identifier: GPL-2.0-only
"""Images' tables of tests, of a file made here: both byte orders, and damaged ones."""
import struct

import pytest
from fp.base.errors import UserError
from fp.cli import test_list
from fp.images.elf import Elf

BASE = 0x1000
NAMES = (b"mm.cow\0", b"self.crash\0", b"litmus.SB\0")
ROWS = ((0, 0, 0), (0, 1, 3), (1, 2, 2))  # kind, flags, min_cpus


def an_image(path, order="<", count=3):
    """A file with a table of tests in one section, and its symbols."""
    text = b"".join(NAMES)
    at = [BASE + sum(map(len, NAMES[:n])) for n in range(3)]
    table = BASE + 64
    body = text.ljust(64, b"\0") + b"".join(
        struct.pack(order + "QIIQQI4x", at[n], kind, flags, 0, 0, cpus)
        for n, (kind, flags, cpus) in enumerate(ROWS[:count]))
    strings = b"\0__tests_start\0__tests_end\0"
    symbols = b"".join(struct.pack(order + "IBBHQQ", name, 0, 0, 0, value, 0) for name, value in
                       ((1, table), (15, table + 40 * count)))
    parts, offset = [], 64
    for kind, address, data, link in ((1, BASE, body, 0), (2, 0, symbols, 2), (3, 0, strings, 0)):
        parts.append((kind, address, offset, data, link))
        offset += len(data)
    heads = b"".join(struct.pack(order + "IIQQQQIIQQ", 0, kind, 0, address, start, len(data), link,
                                 0, 0, 0) for kind, address, start, data, link in parts)
    head = b"\x7fELF\x02" + (b"\1" if order == "<" else b"\2") + bytes(10) + \
        struct.pack(order + "HHIQQQIHHHHHH", 2, 0, 1, 0, 0, offset, 0, 64, 0, 0, 64, 3, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + b"".join(p[3] for p in parts) + heads)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
def test_an_image_names_its_tests(tmp_path, order):
    got = test_list.read_image(an_image(tmp_path / "a.elf", order))
    assert [(t.name, t.kind, t.needs()) for t in got] == [
        ("mm.cow", "assert", ""), ("self.crash", "assert", "3 CPUs, its full name in TESTS="),
        ("litmus.SB", "litmus", "2 CPUs, extended=1, or its full name")]


def test_damaged_files_are_refused_and_not_read_beyond(tmp_path):
    whole = an_image(tmp_path / "a.elf").read_bytes()
    for n in (0, 3, 40, 63, len(whole) - 30, len(whole) // 2):
        (tmp_path / "b.elf").write_bytes(whole[:n])
        with pytest.raises(UserError):
            test_list.read_image(tmp_path / "b.elf")
    with pytest.raises(UserError, match="cannot read"):
        Elf(tmp_path / "none.elf")
    with pytest.raises(UserError, match="nothing is at"):
        Elf(tmp_path / "a.elf").read("Q", 0x99)


def test_the_command_lists_what_the_globs_choose(project):
    an_image(project.root / "build" / "x86_64" / "fencepost.elf")
    an_image(project.root / "build" / "arm64" / "fencepost.elf", count=1)
    done = project.run("tests")
    assert done.returncode == 0, done.stderr
    assert [" ".join(line.split()) for line in done.stdout.splitlines()] == [
        "litmus.SB litmus 2 CPUs, extended=1, or its full name; only x86_64", "mm.cow assert",
        "self.crash assert 3 CPUs, its full name in TESTS=; only x86_64",
        "3 tests; images of x86_64, arm64"]
    assert project.run("tests", "mm.*").stdout.splitlines()[-1].startswith("1 tests")
    done = project.run("tests", "nm.*")
    assert done.returncode == 2 and "no test is called nm.*" in done.stderr


def test_without_an_image_it_says_so(project):
    done = project.run("tests")
    assert done.returncode == 2 and "no image has been built" in done.stderr


@pytest.mark.parametrize("globs,names", [
    ([], ["a.x", "b.x", "b.y"]), (["b.*"], ["b.x", "b.y"]), (["-b.*"], ["a.x"]),
    (["b.*", "-b.y"], ["b.x"]), (["c.*"], [])])
def test_globs_choose_as_the_kernel_does(globs, names):
    assert test_list.choose(["a.x", "b.x", "b.y"], globs) == names
