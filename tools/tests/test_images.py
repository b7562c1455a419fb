# SPDX-License-Identifier: GPL-2.0-only
"""`make image`: each board's is made of its file alone; and one that is damaged is found."""
import re
import shutil
import struct
import subprocess
from dataclasses import replace
from types import SimpleNamespace

import pytest
from conftest import HERE, TOOL
from fp.base.errors import UserError
from fp.lab import trial
from fp.images import boards, boot_options, image, image_check, line, media
from test_media import TOOLS

TOP = HERE.parents[1]
REAL = boards.Boards(TOP / "boards")
LINE = "tests=litmus.* seed=1 accel=silicon"

pytestmark = pytest.mark.skipif(
    any(shutil.which(t, path="/usr/bin:/bin:/usr/sbin:/sbin") is None for t in TOOLS),
    reason="not all of Debian's tools are here: " + ", ".join(TOOLS))


def an_image(size=0x300000):
    """As much of an Image as is looked at: the letters MZ, its size with .bss, a PE header."""
    head = bytearray(b"MZ".ljust(128, b"\0"))
    struct.pack_into("<Q", head, 16, size)
    struct.pack_into("<4sI4s", head, 56, b"ARM\x64", 64, b"PE\0\0")
    return bytes(head) + b"A" * 5000 + line.MARK + bytes(line.ROOM)


class Made:
    """A board's image, and what is found in it."""

    def __init__(self, tmp_path, name, size=0x300000, **changes):
        self.board = replace(REAL.find_board(name), **changes)
        self.image = tmp_path / "Image"
        self.image.write_bytes(an_image(size))
        self.path = media.make(self.board, self.image, LINE, tmp_path / "images")

    def damage(self, old, new):
        """Replace bytes of the image wherever they stand."""
        data = self.path.read_bytes()
        assert old in data
        self.path.write_bytes(data.replace(old, new))

    def faults(self, text=LINE):
        return list(image_check.faults(self.board, self.path, self.image, text))


@pytest.mark.parametrize("name", ["uboot-generic", "rpi5", "uefi-arm64", "talos2"])
def test_an_image_of_each_kind_is_sound(tmp_path, name):
    assert Made(tmp_path, name).faults() == []


@pytest.mark.parametrize("name,old,new,words", [
    ("rk3399", b"\x55\xaa\0\0", b"\0\0\0\0", "sfdisk"),
    ("rk3399", b"\0\x80\0\0\0\x80\x01\0", b"\x01\x80\0\0\0\x80\x01\0", "sfdisk"),
    ("rk3399", b"\xf8\xff\xff\x0f" + b"\xff\xff\xff\x0f", bytes(8), "fsck.vfat"),
    ("rk3399", b"A" * 600, b"B" * 600, "is not the image"),
    ("rk3399", b"\tappend tests=litmus", b"\tappend tests=litMus", "extlinux.conf has another"),
    ("rk3399", b"setenv bootargs 'tests", b"setenv bootargs 'Tests", "mkimage"),
    ("rpi4", b"-- tests=litmus", b"-- tests=litMus", "cmdline.txt has another"),
    ("uefi-arm64", b"EFI PART", b"EFI TRAP", "sfdisk"),
    ("uefi-arm64", b"PE\0\0", b"PX\0\0", "no PE file"),
    ("uefi-arm64", line.MARK + b"tests=litmus", line.MARK + b"tests=litMus", "another boot line"),
    ("talos2", b"A" * 5000, b"B" * 5000, "more than the boot line"),
])
def test_damage_is_found(tmp_path, name, old, new, words):
    made = Made(tmp_path, name)
    made.damage(old, new)
    found = made.faults()
    assert any(words in sentence for sentence in found), found


@pytest.mark.parametrize("changes,words", [
    ({"size": 0x80000000}, "are not in the board's memory"),
    ({"load": 0x2300000 - 4096}, "no multiple of 2 MiB"),
    ({"load": 0x7ff00000}, "are not in the board's memory"),
])
def test_an_image_that_does_not_fit_its_board_is_refused(tmp_path, changes, words):
    made = Made(tmp_path, "rk3399", **changes)
    assert any(words in sentence for sentence in made.faults())


def test_a_tree_of_images_is_held_against_memory_itself(tmp_path):
    made = Made(tmp_path, "rk3399", load=0x7fe00000)
    made.board = replace(made.board, load=0x2200000)  # of which the tree knows nothing
    assert sum("are not in the board's memory" in sentence for sentence in made.faults()) == 1


def test_each_file_of_a_card_is_looked_at(tmp_path):
    made = Made(tmp_path, "rk3399", holds=["fit"])
    made.damage(b"A" * 5000, b"B" * 5000)
    assert any("tree of images does not hold" in sentence for sentence in made.faults())


def test_memory_need_not_begin_at_0(tmp_path):
    high = {"ram_base": 1 << 32, "ram_size": 0x80000000}
    assert Made(tmp_path, "rk3399", load=0x1_0220_0000, **high).faults() == []
    made = Made(tmp_path, "rk3399", load=0x220_0000, **high)
    assert sum("are not in the board's memory" in sentence for sentence in made.faults()) == 2


def test_a_disk_boots_both_ways(tmp_path, monkeypatch):
    path = tmp_path / "disk"
    path.write_bytes(bytes(512))
    for said, why in ((b"BIOS UEFI", "no boot record"), (b"BIOS", "not bootable by BIOS and"),
                      (b"UEFI", "not bootable by BIOS and")):
        monkeypatch.setattr(image_check, "_tool", lambda *argv, said=said: (0, said))
        found = list(image_check._disk_faults(None, path, b"", LINE, tmp_path))
        assert found[0].startswith(why) and "boot/fencepost.elf is not on the disk" in found


def test_a_recipe_has_the_consoles_speed_and_the_boards_words():
    assert "--board rk3399 --baud 1500000" in "\n".join(
        image.recipe(REAL.find_board("rk3399"), "IMAGE", "LOOSE", LINE))
    assert "--baud" not in "\n".join(
        image.recipe(REAL.find_board("visionfive2"), "IMAGE", "LOOSE", LINE))
    board = replace(REAL.find_board("rk3399"), append="exit=none  x=1")
    args = SimpleNamespace(tests="lib.*", seed=0, secs="3", append="x=2")
    assert image.boot_line(args, board) == \
        "tests=lib.* seed=0 secs=3 accel=silicon exit=none x=1 x=2"


def test_boards_are_listed_with_what_is_proven(project):
    project.four()
    text = (TOP / "boards" / "rpi5.toml").read_text()
    (project.root / "boards" / "mine.toml").write_text(text)
    (project.root / "boards" / "near.toml").write_text(text + 'standin = "fake-arm64"\n')
    done = project.run("boards")
    assert done.returncode == 0
    first, second = done.stdout.split("near", 1)
    assert "mine" in first and "never run, nor its path" in first
    assert "never run; make check boots its path as fake-arm64" in second
    assert "mine" not in project.run("machines").stdout
    done = project.run("run", "--arch", "arm64", "--machine", "mine")
    assert done.returncode == 2 and "make image BOARD=mine" in done.stderr


def listed(what):
    done = subprocess.run([TOOL, what], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_the_columns_of_lists_stand_below_one_another():
    machines = listed("machines")
    assert len({line.index(" CPUs  ") for line in machines}) == 1
    boards = listed("boards")
    assert all(line[30] == " " and line[31].strip() for line in boards)


def test_a_new_board_is_a_file_and_no_list(project):
    project.four()
    (project.root / "build" / "arm64" / "Image").write_bytes(an_image())
    (project.root / "boards" / "mine.toml").write_text(
        (TOP / "boards" / "rk3588.toml").read_text().replace('standin = "uboot-arm64"\n', ""))
    done = project.run("image", "min", "--tests", "rmap.*", "--seed", "5", "--append", "x=1")
    assert done.returncode == 0, done.stderr
    for words in ("build/images/mine.img", "UART2", "booti", "setenv serverip ADDRESS",
                  "from the vendor", "tests=rmap.* seed=5 accel=silicon x=1", "--board mine"):
        assert words in done.stdout
    assert (project.root / "build/images/mine/extlinux/extlinux.conf").is_file()
    assert "ok   mine" in project.run("image", "all").stdout
    (project.root / "build" / "arm64" / "Image").write_bytes(an_image(size=0x100000000))
    for what in ("mine", "all"):
        done = project.run("image", what)
        assert done.returncode == 1 and "are not in the board's memory" in done.stdout


@pytest.fixture
def mine(project):
    """A board whose boot lines are tried on a machine that plays a scenario."""
    def asked(scenario, *args, **more):
        project.board("fake", scenario, arch="arm64", **more)
        (project.root / "build" / "arm64" / "Image").write_bytes(an_image())
        (project.root / "boards" / "mine.toml").write_text(
            (TOP / "boards" / "rk3588.toml").read_text().replace('standin = "uboot-arm64"\n', ""))
        return project.run("image", "mine", *args), project.root / "build/images/mine.img"

    return asked


def test_a_boot_line_that_the_kernel_refuses_goes_onto_no_card(mine):
    done, path = mine("config", "--append", "foo=1")
    assert done.returncode == 2 and not path.exists()
    assert "refuses the boot line 'tests=* seed=1 accel=silicon foo=1': unknown option" in \
        done.stderr


def test_a_boot_line_that_cannot_be_tried_is_said(mine):
    for more, words in (({"qemu": "no-such-qemu"}, "no-such-qemu is not installed"),
                        ({"boot_timeout": 0.2}, "no record came within 0.6 s")):
        done, path = mine("silent", **more)
        assert done.returncode == 0 and path.exists() and words in done.stdout, done.stdout


def test_a_console_that_qemu_does_not_have_is_left_out_of_the_trial(project, monkeypatch):
    monkeypatch.setattr(trial, "SILENT_S", 2.0)
    project.board("fake", "deaf", arch="arm64")
    assert trial.refusal(project.root, "arm64", "seed=1 earlycon=x,1") == ""
    (log,) = project.root.glob("asked")
    assert log.read_text().splitlines() == ["seed=1 earlycon=x,1", "seed=1"]
    project.board("fake", "early-crash", arch="arm64")
    with pytest.raises(UserError, match="not tried on fake: out of memory"):
        trial.refusal(project.root, "arm64", "seed=2 earlycon=x,1")


def test_a_log_of_a_board_is_imported(project):
    project.four()
    (project.root / "boards" / "mine.toml").write_text(
        (TOP / "boards" / "any-pc.toml").read_text().replace('standin = "grub-uefi"\n', ""))
    project.run("run", "--arch", "x86_64")
    log, = (project.root / "results").glob("2*/log/x86_64-*.log")
    done = project.run("import", str(log), "--board", "mine")
    assert done.returncode == 0 and "/mine-1.json" in done.stdout, done.stdout + done.stderr


def test_a_board_that_is_not_there(project):
    project.four()
    done = project.run("image", "vax")
    assert done.returncode == 2 and "no board of that name" in done.stderr
    assert "several boards" in str(pytest.raises(UserError, REAL.find_board, "rpi").value)


def test_a_board_names_no_option_that_the_kernel_has_not():
    known = {o.name: o for o in boot_options.load(TOP)}
    for board in REAL.boards.values():
        for name in re.findall(r"\b(\w+)=", f"{board.console} {board.firmware} {board.vendor}"):
            assert name in known and known[name].is_of(board.arch), f"{board.name}: {name}="


def test_every_board_says_what_an_owner_needs():
    for board in REAL.boards.values():
        assert "{image}" in board.flash, board.name
        assert list(image.recipe(board, "IMAGE", "LOOSE", LINE))


def test_the_document_has_every_board_and_path():
    text = (TOP / "docs/boards.md").read_text(encoding="utf-8")
    rows = [*image.table(REAL), *image.paths_table(REAL)]
    assert [r for r in rows if r not in text] == []
    assert [r for r in text.splitlines() if "never run |" in r] == list(image.table(REAL))
    for board in REAL.boards.values():
        assert not board.vendor or f"- `{board.name}`: {board.vendor}\n" in text
