# SPDX-License-Identifier: GPL-2.0-only
"""What firmware boots from: a card with a file system, a bootable disk, one file for a flash chip.

A board's file says which (medium=) and, of a card, what stands on it (holds=): docs/boards.md. Each
is made of the image of a build and a boot line by Debian's own tools, and carries the line in the
form in which its firmware passes one on; where firmware passes none, inside the image (line.py).
The same makers serve `make image` and the machines that boot through real firmware.
"""
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UserError
from . import line, media_card, media_disk, media_flash

TOOL_TIMEOUT = 300.0


@dataclass
class Content:
    """What goes onto a medium. work: an empty directory to build it in."""

    board: object
    image: Path
    line: str
    work: Path

    def tool(self, *argv, **more):
        """Run one of Debian's tools in the work directory; UserError with its words if it fails."""
        env = dict(os.environ, PATH=os.environ.get("PATH", "") + ":/usr/sbin:/sbin",
                   SOURCE_DATE_EPOCH="0", MTOOLS_SKIP_CHECK="1")
        try:
            done = subprocess.run([str(a) for a in argv], cwd=self.work, env=env, text=True,
                                  errors="replace", timeout=TOOL_TIMEOUT, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, **({"stdin": subprocess.DEVNULL}
                                                               if "input" not in more else {}),
                                  **more)
        except FileNotFoundError:
            raise UserError(f"{argv[0]} is not installed: `make image BOARD={self.board.name}` or "
                            "`make check` installs what is needed") from None
        except subprocess.TimeoutExpired:
            raise UserError(f"{argv[0]} took longer than {TOOL_TIMEOUT:g} s") from None
        if done.returncode:
            raise UserError(f"{argv[0]} failed: {done.stdout.strip()[-500:]}")
        return done.stdout

    def image_with_line(self, name):
        """A copy of the image that carries the boot line itself."""
        path = self.work / name
        path.write_bytes(line.insert(self.image.read_bytes(), self.line))
        return path


def _plain(content, out):
    """The image alone, for what loads one file from a network, a debug probe or another kernel."""
    shutil.copyfile(content.image_with_line("image"), out)


# How each medium is made, by its name; and the suffix of its file.
KINDS = {
    "image": (_plain, "bin"),
    "card": (media_card.make, "img"),
    "gpt-card": (media_card.make_gpt, "img"),
    "grub-disk": (media_disk.make_grub, "img"),
    "opensbi-payload": (media_flash.make_opensbi, "bin"),
    "pnor": (media_flash.make_pnor, "pnor"),
}
HOLDS = media_card.HOLDS


def files_of(board, image, boot_line):
    """What stands on the board's card: {path: bytes}."""
    with tempfile.TemporaryDirectory(prefix="fencepost-") as work:
        return media_card.files_of(Content(board, image, boot_line, Path(work)))


def make(board, image, boot_line, directory):
    """Make the board's medium in @directory; its path. A file of that name is replaced when the new
    one is complete, and no sooner."""
    maker, suffix = KINDS[board.medium]
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / f"{board.name}.{suffix}"
    with tempfile.TemporaryDirectory(prefix=f".{board.name}-", dir=directory) as work:
        new = Path(work) / "new"
        os.mkdir(Path(work) / "files")
        maker(Content(board, image, boot_line, Path(work) / "files"), new)
        os.replace(new, path)
    return path
