# SPDX-License-Identifier: GPL-2.0-only
"""What firmware boots from, looked at by tools that did not make it; and what is refused."""
import shutil
import struct
import subprocess
from dataclasses import replace

import pytest
from conftest import HERE
from fp.base.errors import UserError
from fp.check import firmware
from fp.images import boards, line, media, media_flash

REAL = boards.Boards(HERE.parents[1] / "boards")
LINE = "tests=kernel.*,lib.glob seed=7 exit=none"
IMAGE = b"MZ\0\0" + b"A" * 5000 + line.MARK + bytes(line.ROOM) + b"tail"
TOOLS = ("mkfs.vfat", "mcopy", "sfdisk", "mkimage", "fsck.vfat", "sgdisk", "fdtget", "dumpimage")

pytestmark = pytest.mark.skipif(
    any(shutil.which(t, path="/usr/bin:/bin:/usr/sbin:/sbin") is None for t in TOOLS),
    reason="not all of Debian's tools are here: " + ", ".join(TOOLS))


def tool(*argv, **more):
    done = subprocess.run([str(a) for a in argv], capture_output=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin"}, **more)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def on_card(path, name):
    return tool("mtype", "-i", f"{path}@@{16 << 20}", f"::{name}")


def make(tmp_path, machine, **changes):
    """The medium of a machine of boards/, changed."""
    image = tmp_path / "Image"
    image.write_bytes(IMAGE)
    return media.make(replace(REAL.find(machine), **changes), image, LINE, tmp_path / "media")


def test_a_line_is_put_behind_the_mark_and_changes_nothing_else():
    new = line.insert(IMAGE, LINE)
    at = IMAGE.index(line.MARK) + len(line.MARK)
    assert len(new) == len(IMAGE) and new[:at] == IMAGE[:at] and new.endswith(b"\0tail")
    assert new[at:].split(b"\0")[0] == LINE.encode()
    assert line.insert(new, "x")[at:at + 20] == b"x" + bytes(19)


@pytest.mark.parametrize("image,text", [
    (b"no mark", LINE), (IMAGE + IMAGE, LINE), (IMAGE, "x" * line.ROOM)])
def test_where_no_line_fits_that_is_said(image, text):
    with pytest.raises(UserError):
        line.insert(image, text)


def test_the_kernel_has_the_same_mark_and_room():
    text = (HERE.parents[1] / "kernel/built_in_line.c").read_text()
    mark = line.MARK.decode().replace("\n", "\\n")
    assert f'#define MARK "{mark}"' in text and f"#define ROOM {line.ROOM}" in text


def test_a_card_has_a_sound_table_and_file_system(tmp_path):
    path = make(tmp_path, "uboot-arm64", holds=["extlinux", "script"])
    table = tool("sfdisk", "--dump", path).decode()
    assert "label: dos" in table and "start=       32768" in table
    assert "type=c, bootable" in table
    part = tmp_path / "part"
    part.write_bytes(path.read_bytes()[16 << 20:])
    assert len(part.read_bytes()) == 48 << 20
    tool("fsck.vfat", "-n", part)
    assert on_card(path, "Image") == IMAGE
    conf = on_card(path, "extlinux/extlinux.conf").decode()
    assert f"\tappend {LINE}\n" in conf and "\ndefault fencepost\nlabel fencepost\n" in conf
    (tmp_path / "scr").write_bytes(on_card(path, "boot.scr"))
    said = tool("mkimage", "-l", tmp_path / "scr").decode()
    assert "AArch64 Linux Script" in said and f"setenv bootargs '{LINE}'".encode() in \
        (tmp_path / "scr").read_bytes()


def test_a_tree_of_images_has_the_load_address(tmp_path):
    path = make(tmp_path, "uboot-arm64-el2", holds=["fit"], load=0x1_4020_0000)
    fit = tmp_path / "fit"
    fit.write_bytes(on_card(path, "fencepost.fit"))
    for where in ("load", "entry"):
        assert tool("fdtget", "-t", "x", fit, "/images/kernel", where).split() == \
            [b"1", b"40200000"]
    assert tool("fdtget", fit, "/images/kernel", "os") == b"linux\n"
    assert b"AArch64" in tool("mkimage", "-l", fit)
    tool("dumpimage", "-T", "flat_dt", "-p", "0", "-o", tmp_path / "out", fit)
    assert (tmp_path / "out").read_bytes() == IMAGE


def test_a_stick_for_uefi_has_a_sound_table_and_the_line_in_its_loader(tmp_path):
    path = make(tmp_path, "uboot-arm64", medium="gpt-card", holds=["efi"])
    said = tool("sgdisk", "-v", path).decode()
    assert "No problems found" in said
    assert "EF00" in tool("sgdisk", "-p", path).decode()
    assert on_card(path, "EFI/BOOT/BOOTAA64.EFI") == line.insert(IMAGE, LINE)


def test_a_pis_line_stands_behind_the_firmwares_words(tmp_path):
    path = make(tmp_path, "uboot-arm64", holds=["pi"])
    assert on_card(path, "cmdline.txt").decode() == f"-- {LINE}\n"
    assert on_card(path, "kernel8.img") == IMAGE
    for said in (b"arm_64bit=1", b"kernel=kernel8.img", b"enable_uart=1", b"os_check=0"):
        assert said in on_card(path, "config.txt").split(b"\n")
    assert b"device_tree" not in on_card(path, "config.txt")
    path = make(tmp_path, "uboot-arm64", holds=["pi"], dtb="some.dtb")
    assert b"\ndevice_tree=some.dtb\n" in on_card(path, "config.txt")


def test_a_card_may_hold_a_script_for_a_tree_of_images(tmp_path):
    path = make(tmp_path, "uboot-arm64", holds=["fit-script"])
    assert f"setenv bootargs '{LINE}'\n".encode() in on_card(path, "boot.scr")
    assert b"bootm ${ramdisk_addr_r}#fencepost" in on_card(path, "boot.scr")
    assert on_card(path, "fencepost.fit")[:4] == b"\xd0\x0d\xfe\xed"


def test_a_tool_that_fails_leaves_the_old_medium(tmp_path):
    path = make(tmp_path, "uboot-arm64")
    old = path.read_bytes()
    with pytest.raises(UserError, match="mkimage failed"):
        make(tmp_path, "uboot-arm64-el2", name="uboot-arm64", holds=["fit"], load=-1)
    assert path.read_bytes() == old and list(path.parent.iterdir()) == [path]


def partitions(data):
    """{name: (first byte, size)} of a PNOR chip, read as skiboot's libflash/ffs.c does."""
    def summed(part):
        total = 0
        for (word,) in struct.iter_unpack(">I", part):
            total ^= word
        assert total == 0
        return part
    magic, version, blocks, entry, count, block, total = struct.unpack_from(">7I", data)
    summed(data[:48])
    assert (magic, version, entry, block) == (0x50415254, 1, 128, 4096)
    assert total * block == len(data) == 64 << 20 and not any(data[28:44])  # kept for later
    assert 48 + count * entry <= blocks * block
    found = {}
    for n in range(count):
        row = summed(data[48 + n * entry:48 + (n + 1) * entry])
        first, size, parent, number, kind, flags, actual = struct.unpack_from(">7I", row, 16)
        assert parent == 0xffffffff and kind in (1, 3) and number == n + 1 and flags == 0
        assert (size - 1) * block < actual <= size * block and not any(row[44:124])
        found[row[:16].rstrip(b"\0").decode()] = (first * block, actual)
    return found


def test_a_flash_chip_has_a_sound_table(tmp_path, monkeypatch):
    used = []
    monkeypatch.setattr(media.Content, "tool", lambda self, *argv: used.append(argv[0]))
    data = make(tmp_path, "pnor-power9").read_bytes()
    found = partitions(data)
    assert sorted(found) == ["BOOTKERNEL", "part"] and found["part"][0] == 0
    assert len(used) == 1 and used[0].endswith("strip")
    at, size = found["BOOTKERNEL"]
    assert data[at:at + size] == line.insert(IMAGE, LINE)
    with pytest.raises(AssertionError):
        partitions(data.replace(b"BOOTKERNEL", b"BOOTKERNEX"))


def test_opensbis_payload_stands_where_it_jumps_to(tmp_path, monkeypatch):
    firmware = tmp_path / "fw_jump.bin"
    firmware.write_bytes(b"F" * 100000)
    monkeypatch.setattr(media_flash, "OPENSBI", firmware)
    data = make(tmp_path, "opensbi-payload").read_bytes()
    assert data[:100000] == b"F" * 100000 and data[2 << 20:] == line.insert(IMAGE, LINE)
    firmware.write_bytes(b"F" * (2 << 20) + b"F")
    with pytest.raises(UserError, match="longer than the place"):
        make(tmp_path, "opensbi-payload")


class Ran:
    """As much of a Result as complaints() looks at."""

    def __init__(self, cmdline, **verdicts):
        self.spec = self.transcript = self
        self.begin = {"cmdline": cmdline}
        self.tests = [{"name": n, "verdict": v} for n, v in verdicts.items()]

    def boot_line(self):
        return LINE


@pytest.mark.parametrize("text,ran,direct,words", [
    ("U-Boot 2023\n@BEGIN", Ran(LINE, a="pass"), {"a", "b"}, None),
    ("U-Boot 2023\n@BEGIN", Ran(f"console=x -- {LINE}", a="skip"), {"b"}, None),
    ("@BEGIN U-Boot 2023", Ran(LINE), set(), "never said"),
    ("U-Boot 2023\n@BEGIN", Ran("tests=kernel.*"), set(), "came through"),
    ("U-Boot 2023\n@BEGIN", Ran(LINE, a="skip"), {"a"}, "a passes when QEMU"),
])
def test_a_boot_path_counts_if_all_came_through(text, ran, direct, words):
    board = replace(REAL.find("uboot-arm64"), says="U-Boot 20")
    said = list(firmware.complaints(board, ran, text, direct))
    assert (words is None and not said) or words in said[0]


GOOD = dict(arch='"arm64"', description='"x"', image='"Image"', medium='"card"', load="0x1000",
            ram_base="0", ram_size="0x2000", firmware='"f"', console='"c"', flash='"f"')


@pytest.mark.parametrize("change,words", [
    ({}, None),
    ({"load": "0x2000"}, "load 0x2000 is not in the board's memory"),
    ({"medium": '"disc"'}, "medium 'disc' is none of"),
    ({"holds": '["extlinx"]'}, "holds: 'extlinx' is none of"),
    ({"standin": '"nobody"'}, "standin 'nobody' has no file"),
    ({"console": None}, "the key 'console' is missing"),
])
def test_a_boards_file_is_checked(tmp_path, change, words):
    path = tmp_path / "x.toml"
    path.write_text("".join(f"{k} = {v}\n" for k, v in {**GOOD, **change}.items() if v))
    if words is None:
        assert not boards.load_board(path).is_machine()
        return
    with pytest.raises(UserError, match=words):
        boards.load_board(path)


@pytest.mark.parametrize("name,why,lost", [
    ("OpenSBI 1.1, sbi 1.0", "it did not come up in time", True),
    ("OpenSBI 0.9, sbi 0.2", "it did not come up in time", True),
    ("OpenSBI 1.3, sbi 1.0", "it did not come up in time", False),
    ("OpenSBI 1.10, sbi 2.0", "it did not come up in time", False),
    ("OpenSBI 1.1, sbi 1.0", "SBI error -2", False),
    ("psci 1.1", "it did not come up in time", False),
])
def test_a_cpu_is_lost_to_old_opensbi_alone(name, why, lost):
    assert firmware.lost_a_cpu({"firmware": name}, [{"cpu": 1, "why": why}]) is lost
    assert not firmware.lost_a_cpu({"firmware": name}, [])
