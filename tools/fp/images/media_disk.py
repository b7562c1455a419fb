# SPDX-License-Identifier: GPL-2.0-only
"""A disk that any PC boots, by BIOS or UEFI, from a stick or as a CD: GRUB and the kernel."""

# Output goes to the serial line, too, should GRUB have something to say.
MENU = """\
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=0
menuentry Fencepost {{
	echo 'GRUB loads Fencepost'
	multiboot2 /boot/fencepost.elf {line}
	boot
}}
"""


def quoted(line):
    """Words as GRUB's script takes them: nothing in single quotes means anything to it."""
    return " ".join(f"'{word}'" for word in line.split())


def make_grub(c, out):
    """A hybrid image by grub-mkrescue: BIOS (MBR and El Torito) and UEFI (ESP), as far as GRUB's
    platforms are installed."""
    tree = c.work / "tree"
    (tree / "boot" / "grub").mkdir(parents=True)
    (tree / "boot" / "fencepost.elf").write_bytes(c.image.read_bytes())
    (tree / "boot" / "grub" / "grub.cfg").write_text(
        MENU.format(line=quoted(c.line)), encoding="ascii")
    c.tool("grub-mkrescue", "-o", out, "tree", "--", "-volid", "FENCEPOST")
