# SPDX-License-Identifier: GPL-2.0-only
"""A card or stick: a partition table and one FAT32 partition, holding what each firmware looks for.

The partition begins at 16 MiB: Rockchip's, Allwinner's, Amlogic's and NXP's boot ROMs read their
loader from fixed sectors below (Rockchip: up to 16 MiB), so that a vendor's U-Boot can be written
there before or after.
"""
from ..base import isas
from ..base.errors import UserError

MEDIA = ("card", "gpt-card")
SECTOR = 512
FIRST = 16 << 20
SIZE = 48 << 20  # FAT32 has at least 65,525 clusters, of one sector each here
TYPE_FAT32, TYPE_ESP = "c", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"

# Linux, Documentation/arch/arm64/booting.rst and riscv/boot-image-header.rst: `booti` reads the
# header; the tree is the one that U-Boot itself was given.
SCRIPT = """\
setenv bootargs '{line}'
load ${{devtype}} ${{devnum}}:${{distro_bootpart}} ${{kernel_addr_r}} /Image
if test -n "${{fdt_addr}}"; then setenv tree ${{fdt_addr}}; else setenv tree ${{fdtcontroladdr}}; fi
booti ${{kernel_addr_r}} - ${{tree}}
"""
FIT_SCRIPT = """\
setenv bootargs '{line}'
load ${{devtype}} ${{devnum}}:${{distro_bootpart}} ${{ramdisk_addr_r}} /fencepost.fit
if test -n "${{fdt_addr}}"; then setenv tree ${{fdt_addr}}; else setenv tree ${{fdtcontroladdr}}; fi
bootm ${{ramdisk_addr_r}}#fencepost - ${{tree}}
"""
EXTLINUX = """\
timeout 1
default fencepost
label fencepost
	kernel /Image
	append {line}
"""
FIT = """\
/dts-v1/;
/ {{
	description = "Fencepost";
	#address-cells = <2>;
	images {{
		kernel {{
			data = /incbin/("Image");
			type = "kernel";
			arch = "{arch}";
			os = "linux";
			compression = "none";
			load = <{high:#x} {low:#x}>;
			entry = <{high:#x} {low:#x}>;
			hash {{ algo = "sha256"; }};
		}};
	}};
	configurations {{
		default = "fencepost";
		fencepost {{ description = "Fencepost"; kernel = "kernel"; }};
	}};
}};
"""
# Raspberry Pi documentation, config.txt: 64 bits, the image as it is, the UART at its own speed;
# the Pi 5 need not find out whether this is a Linux for it.
PI_CONFIG = """\
arm_64bit=1
kernel=kernel8.img
enable_uart=1
uart_2ndstage=1
disable_splash=1
os_check=0
{more}"""


def _names(c):
    """What U-Boot (doc/mkimage.1) and UEFI (2.10, section 3.5.1.1) call the ISA."""
    names = isas.find(c.board.arch).boot
    if not names:
        raise UserError(f"arch/{c.board.arch}/isa.toml has no [boot]: U-Boot and UEFI do not know "
                        "this ISA")
    return names


def _image(c):
    return {"Image": c.image.read_bytes()}


def _extlinux(c):
    return {**_image(c), "extlinux/extlinux.conf": EXTLINUX.format(line=c.line).encode()}


def _boot_script(c, text):
    (c.work / "boot.txt").write_text(text.format(line=c.line), encoding="ascii")
    c.tool("mkimage", "-A", _names(c)["mkimage"], "-T", "script", "-C", "none",
           "-n", "Fencepost", "-d", "boot.txt", "boot.out")
    return {"boot.scr": (c.work / "boot.out").read_bytes()}


def _script(c):
    return {**_image(c), **_boot_script(c, SCRIPT)}


def fit(c):
    """The image as U-Boot's flattened image tree, bytes; loaded to the board's address."""
    (c.work / "Image").write_bytes(c.image.read_bytes())
    (c.work / "fit.its").write_text(FIT.format(
        arch=_names(c)["mkimage"], high=c.board.load >> 32,
        low=c.board.load & 0xffffffff), encoding="ascii")
    c.tool("mkimage", "-f", "fit.its", "fit.out")
    return (c.work / "fit.out").read_bytes()


def _fit(c):
    return {"fencepost.fit": fit(c)}


def _fit_script(c):
    return {**_fit(c), **_boot_script(c, FIT_SCRIPT)}


def _efi(c):
    return {f"EFI/BOOT/{_names(c)['efi']}": c.image_with_line("efi").read_bytes()}


def _pi(c):
    """The firmware puts words of its own before those of cmdline.txt: "--" ends them."""
    config = PI_CONFIG.format(more=f"device_tree={c.board.dtb}\n" if c.board.dtb else "")
    return {"kernel8.img": c.image.read_bytes(), "config.txt": config.encode(),
            "cmdline.txt": f"-- {c.line}\n".encode()}


# What may stand on a card, by name: {file: bytes} of a Content.
HOLDS = {"extlinux": _extlinux, "script": _script, "fit": _fit, "fit-script": _fit_script,
         "efi": _efi, "pi": _pi}


def files_of(content):
    """Everything on the card: {path: bytes}."""
    files = {}
    for what in content.board.holds:
        files.update(HOLDS[what](content))
    return files


def _file_system(c, out):
    """Format the partition and copy the files into it."""
    c.tool("mkfs.vfat", "-F", "32", "-s", "1", "-n", "FENCEPOST", "-i", "46454e43", "--offset",
           str(FIRST // SECTOR), out, str(SIZE // 1024))
    at = f"{out}@@{FIRST}"
    made = set()
    for name, data in sorted(files_of(c).items()):
        for parent in reversed([str(p) for p in _parents(name)]):
            if parent not in made:
                c.tool("mmd", "-i", at, f"::{parent}")
                made.add(parent)
        (c.work / "one").write_bytes(data)
        c.tool("mcopy", "-i", at, "one", f"::{name}")


def _parents(name):
    parts = name.split("/")[:-1]
    return ["/".join(parts[:n]) for n in range(len(parts), 0, -1)]


def _card(c, out, table, after):
    """An empty file with the partition table @table, then the partition; @after: bytes behind it,
    for a table's copy."""
    with open(out, "wb") as f:
        f.truncate(FIRST + SIZE + after)
    _file_system(c, out)
    c.tool("sfdisk", "-q", "--no-reread", "--no-tell-kernel", out, input=table)


def make(c, out):
    """A card with a master boot record: what boot ROMs, the Pi's firmware and U-Boot read."""
    _card(c, out, f"label: dos\nlabel-id: 0x46454e43\nstart={FIRST // SECTOR}, "
          f"size={SIZE // SECTOR}, type={TYPE_FAT32}, bootable\n", 0)


def make_gpt(c, out):
    """A stick with a GUID partition table whose one partition is the EFI system partition."""
    _card(c, out, f"label: gpt\nlabel-id: 46454E43-0000-4000-8000-000000000000\n"
          f"start={FIRST // SECTOR}, size={SIZE // SECTOR}, type={TYPE_ESP}, name=Fencepost, "
          "uuid=46454E43-0000-4000-8000-000000000001\n", 1 << 20)
