# SPDX-License-Identifier: GPL-2.0-only
"""A run as the command line asks for it."""
from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, EXIT_USAGE
from ..images import boot_options
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, find_dtb, flavour
from ..record.verdict import CONFIG, NOT_STARTED
from . import kvm, process
from .spec import Spec


def board_of(args):
    arch = isas.find(args.arch).name
    boards = Boards(args.root / "boards")
    return boards.find(args.machine, arch) if args.machine else boards.default(arch)


def check_append(args, arch=None):
    """UserError where the kernel would refuse --append, or our limits would not follow it."""
    boot_options.check(args.root, args.append, arch)


def spec_of(args, board, *, seed, tests, secs=None, flav=None):
    """A Spec from command-line options."""
    flav = flavour() if flav is None else flav
    check_append(args, board.port())
    if args.accel == "kvm":
        kvm.check_kvm(board)
    image = build_dir(args.root, board.target(), flav) / board.image
    check_image(image)
    spec = Spec(
        board=board, image=image, smp=board.check_smp(args.smp), tests=args.tests or tests,
        seed=args.seed if args.seed is not None else seed, secs=args.secs or secs,
        append=args.append, accel=args.accel, timeout=args.timeout,
        margin=args.margin, power_off_timeout=args.margin,
        limit=args.limit, flavour=flav,
        dtb=find_dtb(board, image.parent))
    process.settle(spec, args.root / "build" / "log")
    if args.accel == "kvm" and not kvm.is_probed_here():
        kvm.check_by_kernel(spec, args.root / "build" / "log")
    return spec


def exit_status(result):
    if result.ok():
        return EXIT_PASS
    return EXIT_USAGE if result.verdict in (CONFIG, NOT_STARTED) else EXIT_FAIL
