# SPDX-License-Identifier: GPL-2.0-only
"""Looks at an image as a board will: by tools that did not make it, and by what its file promises.

fsck.vfat, sgdisk and sfdisk for the card, mtools for what stands on it, mkimage and fdtget for what
U-Boot reads, a reader of ISO 9660 for GRUB's disk; addresses are held against the board's memory.
"""
import struct
import subprocess
import tempfile
from pathlib import Path

from . import line as built_in
from . import media_card

_PATH = "/usr/bin:/bin:/usr/sbin:/sbin"
TIMEOUT = 120.0


def _tool(*argv):
    """(status, output) of a tool; 127 if it is not installed."""
    try:
        done = subprocess.run([str(a) for a in argv], env={"PATH": _PATH}, timeout=TIMEOUT,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except OSError as e:
        return 127, f"{argv[0]}: {e.strerror}".encode()
    return done.returncode, done.stdout


def _demand(*argv, words=b""):
    """A sentence if the tool fails, or does not say @words."""
    status, said = _tool(*argv)
    if status or words not in said:
        yield f"{argv[0]}: {said.decode('utf-8', 'replace').strip()[-300:]}"


def in_memory(board, start, size):
    """Does the image, with its .bss, fit there?"""
    return board.ram_base <= start and start + size <= board.ram_base + board.ram_size


def run_size(image):
    """Bytes that the running image takes: of a header of Linux's Image, or the file's."""
    if image[56:60] in (b"ARM\x64", b"RSC\x05"):
        return struct.unpack_from("<Q", image, 16)[0]
    return len(image)


def _fit_faults(board, data, image, work):
    path = work / "fit"
    path.write_bytes(data)
    yield from _demand("mkimage", "-l", path, words=b"Fencepost")
    status, said = _tool("fdtget", "-t", "x", path, "/images/kernel", "load")
    words = said.split()
    if status or len(words) != 2:
        yield f"fdtget: {said.decode('utf-8', 'replace').strip()}"
        return
    load = int(words[0], 16) << 32 | int(words[1], 16)
    if load % (2 << 20):
        yield f"the load address {load:#x} is no multiple of 2 MiB"
    if not in_memory(board, load, run_size(image)):
        yield f"{run_size(image):#x} bytes at {load:#x} are not in the board's memory"
    status, said = _tool("dumpimage", "-T", "flat_dt", "-p", "0", "-o", work / "out", path)
    if status or (work / "out").read_bytes() != image:
        yield "the tree of images does not hold the image"


def _script_faults(board, data, line, work):
    path = work / "scr"
    path.write_bytes(data)
    yield from _demand("mkimage", "-l", path, words=b"Script")
    if f"setenv bootargs '{line}'\n".encode() not in data:
        yield "the boot script has another boot line"


def _efi_faults(board, data, line, work):
    pe, = struct.unpack_from("<I", data, 0x3c)
    if data[:2] != b"MZ" or data[pe:pe + 4] != b"PE\0\0":
        yield "the UEFI loader is no PE file"
    if built_in.MARK + line.encode() + b"\0" not in data:
        yield "the UEFI loader has another boot line"


# What is looked at in a file of a card, by its name's end.
def _file_faults(board, name, data, image, line, work):
    if name.endswith(".fit"):
        yield from _fit_faults(board, data, image, work)
    elif name.endswith(".scr"):
        yield from _script_faults(board, data, line, work)
    elif name.endswith(".EFI"):
        yield from _efi_faults(board, data, line, work)
    elif name.endswith("extlinux.conf"):
        if f"\n\tappend {line}\n".encode() not in data:
            yield "extlinux.conf has another boot line"
    elif name == "cmdline.txt" and data.split(b"-- ")[-1].strip() != line.encode():
        yield "cmdline.txt has another boot line"
    elif name in ("Image", "kernel8.img") and data != image:
        yield f"{name} is not the image"


def _table_faults(board, path):
    """The partition table, by sfdisk and, of UEFI's, by sgdisk."""
    label = "gpt" if board.medium == "gpt-card" else "dos"
    status, said = _tool("sfdisk", "--dump", path)
    text = " ".join(said.decode("utf-8", "replace").split())
    if status or f"label: {label}" not in text or \
            f"start= {media_card.FIRST // 512}, size= {media_card.SIZE // 512}," not in text:
        yield f"sfdisk finds no partition where it should be: {text[-300:]}"
    if label == "gpt":
        yield from _demand("sgdisk", "-v", path, words=b"No problems found")


def _card_faults(board, path, image, line, work):
    yield from _table_faults(board, path)
    part = work / "part"
    with open(path, "rb") as f:
        f.seek(media_card.FIRST)
        part.write_bytes(f.read(media_card.SIZE))
    yield from _demand("fsck.vfat", "-n", part)
    status, said = _tool("mdir", "-b", "-/", "-i", part, "::")
    names = [n[3:] for n in said.decode("utf-8", "replace").split() if not n.endswith("/")]
    if status or not names:
        yield f"mdir: {said.decode('utf-8', 'replace').strip()}"
    for name in names:
        status, data = _tool("mtype", "-i", part, f"::{name}")
        if status:
            yield f"mtype {name}: {data.decode('utf-8', 'replace').strip()}"
        else:
            yield from _file_faults(board, name, data, image, line, work)


def _disk_faults(board, path, image, line, work):
    """BIOS and UEFI entries of El Torito, a master boot record, and what GRUB is to load."""
    status, said = _tool("xorriso", "-indev", path, "-report_el_torito", "plain")
    if status or b"BIOS" not in said or b"UEFI" not in said:
        yield "not bootable by BIOS and by UEFI: " + said.decode("utf-8", "replace")[-300:]
    with open(path, "rb") as f:
        head = f.read(512)
    if head[510:] != b"\x55\xaa" or not any(head[:4]):
        yield "no boot record for a stick"
    for name in ("boot/fencepost.elf", "boot/grub/grub.cfg"):
        out = work / Path(name).name
        status, said = _tool("xorriso", "-osirrox", "on", "-indev", path, "-extract", f"/{name}",
                             out)
        if status or not out.is_file():
            yield f"{name} is not on the disk"
            return
    if (work / "fencepost.elf").read_bytes() != image:
        yield "boot/fencepost.elf is not the image"
    menu = (work / "grub.cfg").read_text(encoding="utf-8", errors="replace")
    if " ".join(f"'{w}'" for w in line.split()) not in menu:
        yield "grub.cfg has another boot line"


def _plain_faults(board, path, image, line, work):
    data = path.read_bytes()
    if built_in.MARK + line.encode() + b"\0" not in data:
        yield "the image has another boot line inside"
    if data != built_in.insert(image, line):
        yield "more than the boot line was changed"


_CHECKS = {"card": _card_faults, "gpt-card": _card_faults, "grub-disk": _disk_faults,
           "image": _plain_faults}


def faults(board, path, image, line):
    """What is wrong with the image at @path, made of the file @image with the boot line: sentences.
    """
    data = Path(image).read_bytes()
    if not in_memory(board, board.load, run_size(data)):
        yield f"{run_size(data):#x} bytes at {board.load:#x} are not in the board's memory"
    with tempfile.TemporaryDirectory(prefix="fencepost-") as work:
        check = _CHECKS.get(board.medium)
        if check:
            yield from check(board, path, data, line, Path(work))
