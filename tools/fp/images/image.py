# SPDX-License-Identifier: GPL-2.0-only
"""`make image`, `make images`, `fencepost boards`: what to write to a card, and how it is started.

Every image is looked at by tools that did not make it (image_check.py) before it is called done.
"""
import re
from pathlib import Path

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.terminal import make_console
from . import image_check, media, media_card
from .boards import Boards
from .builds import build_dir, check_image, flavour
from .line import FIXED_SEED

# Of the words that a board is given: any test, and that this is no emulator's run.
TESTS, SEED = "*", FIXED_SEED
ALWAYS = "accel=silicon"

_TFTP = """\
  Without a card, over a network (the files are in {loose}; ADDRESS: of the TFTP server):
      setenv autoload no; dhcp; setenv serverip ADDRESS
      setenv bootargs '{line}'
      tftpboot ${{kernel_addr_r}} Image; booti ${{kernel_addr_r}} - ${{fdtcontroladdr}}"""
_TFTP_FIT = """\
    or, where there is no booti:
      tftpboot ${ramdisk_addr_r} fencepost.fit
      bootm ${ramdisk_addr_r}#fencepost - ${fdtcontroladdr}"""


def boot_line(args, board):
    """The words that the kernel is to find."""
    words = [f"tests={args.tests or TESTS}", f"seed={SEED if args.seed is None else args.seed}"]
    if args.secs:
        words.append(f"secs={args.secs}")
    return " ".join(words + [ALWAYS] + board.append.split() + args.append.split())


def proof(boards, board):
    """What is known of a board: a sentence."""
    if board.is_machine():
        return "booted by make check"
    if not board.standin:
        return "never run, nor its path booted"
    return f"never run; make check boots its path as {board.standin}"


def table(boards):
    """The rows of docs/boards.md."""
    for board in boards.boards.values():
        holds = f" ({', '.join(board.holds)})" if board.holds else ""
        standin = f"`{board.standin}`" if board.standin else "no machine of QEMU's"
        yield (f"| `{board.name}` | {board.description} | `{board.medium}`{holds} | {standin} | "
               "never run |")


def paths_table(boards):
    """The rows of docs/boards.md about machines that real firmware boots."""
    for board in boards.all.values():
        if board.says:
            yield f"| `{board.name}` | {board.description} |"


def _loose_files(board, image, line, where):
    """What stands on the card once more as single files, for a network; their directory."""
    loose = where / board.name
    for name, data in media.files_of(board, image, line).items():
        path = loose / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return loose


def _baud(board):
    """The option for a speed that is not the usual one, from what its file says of the console."""
    m = re.search(r"\b(\d{4,7}) 8N1", board.console)
    return f" --baud {m[1]}" if m and m[1] != "115200" else ""


def recipe(board, path, loose, line):
    """How to start it, in lines."""
    yield f"{board.description}: {path}"
    yield f"  firmware: {board.firmware}"
    yield f"  console:  {board.console}"
    if board.vendor:
        yield f"  from the vendor, and not in this image: {board.vendor}"
    for n, step in enumerate(board.flash.format(image=path, line=line).strip().splitlines()):
        yield f"  {'start it: ' if n == 0 else '          '}{step}"
    if {"extlinux", "script", "fit"} & set(board.holds):
        yield _TFTP.format(loose=loose, line=line)
        if "fit" in board.holds:
            yield _TFTP_FIT
    yield "  listen:   tools/fencepost collect --port /dev/ttyUSB0 " \
        f"--board {board.name}{_baud(board)}"
    yield "            or keep the console as a file: tools/fencepost import LOG " \
        f"--board {board.name}"


def check_line(args, board, line, ask, out):
    """UserError if the kernel refuses the boot line; a warning where it cannot be asked."""
    try:
        why = ask(args.root, board.arch, line)
    except UserError as e:
        out.print(f"warning: {e}", soft_wrap=True, highlight=False, markup=False)
        return
    if why:
        raise UserError(f"the kernel refuses the boot line '{line}': {why}")


def make_one(args, board, ask, out):
    """Make and check one board's image; the faults that were found."""
    image = build_dir(args.root, board.arch, flavour()) / board.image
    check_image(image)
    where = args.root / "build" / "images"
    line = boot_line(args, board)
    check_line(args, board, line, ask, out)
    path = media.make(board, image, line, where)
    loose = _loose_files(board, image, line, where) if board.medium in media_card.MEDIA else None
    faults = list(image_check.faults(board, path, image, line))
    for fault in faults:
        out.print(f"{path}: {fault}", soft_wrap=True)
    return path, loose, line, faults


def chosen(args, boards):
    """The boards that are asked for."""
    if args.board == "all":
        boards.check_all()
        return list(boards.boards.values())
    return [boards.find_board(args.board)]


def run(args, ask):
    """@ask(root, arch, line) says why the kernel refuses a boot line, or "" (lab/trial.py)."""
    out = make_console()
    boards = Boards(args.root / "boards")
    bad = 0
    for board in chosen(args, boards):
        path, loose, line, faults = make_one(args, board, ask, out)
        bad += bool(faults)
        if args.board == "all":
            out.print(f"{'FAIL' if faults else 'ok  '} {board.name:<20} {_size(path)}  {path}",
                      soft_wrap=True, highlight=False)
            continue
        for text in recipe(board, _short(path, args.root), _short(loose, args.root), line):
            out.print(text, soft_wrap=True, highlight=False, markup=False)
    return EXIT_FAIL if bad else EXIT_PASS


def _short(path, root):
    """As seen from the project's directory, where make is started."""
    return path.relative_to(root) if path and path.is_relative_to(Path(root)) else path


def _size(path):
    return f"{path.stat().st_size / (1 << 20):6.1f} MiB"


def run_list(args):
    """`fencepost boards`."""
    out = make_console()
    boards = Boards(args.root / "boards")
    order = isas.names()
    for board in sorted(boards.boards.values(), key=lambda b: (order.index(b.arch), b.name)):
        out.print(f"{board.arch:<9} {board.name:<20} {board.description}\n{'':30} "
                  f"{proof(boards, board)}", soft_wrap=True, highlight=False, markup=False)
    if not boards.boards:
        raise UserError(f"{boards.dir}: no board is described there")
    boards.check_all()
    return EXIT_PASS
