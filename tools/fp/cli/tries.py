# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost --try COMMAND`: are the options right? make asks before it builds what they need, as
far as that can be told without an image.
"""
from ..base import isas
from ..images import image
from ..images.boards import Boards
from ..run.options import board_of, check_append
from . import compare


def one_machine(args):
    board = board_of(args)
    board.check_smp(args.smp)
    check_append(args, board.port())


def side_by_side(args):
    for board in compare.choose_boards(Boards(args.root / "boards"), isas.arch_list(args.arch),
                                       args.machine):
        board.check_smp(args.smp)
        check_append(args, board.port())


def the_thread(args):
    from ..mailthread import mailthread
    mailthread.choose_variants(args.variants)
    boards = Boards(args.root / "boards")
    for arch in isas.arch_list(args.arch):
        boards.default(arch).check_smp(args.smp)


def a_card(args):
    for board in image.chosen(args, Boards(args.root / "boards")):
        check_append(args, board.port())


def steps(args):
    from ..check import choose
    choose.chosen([], args)


def jobs(args):
    from . import campaign
    campaign.find_tools(args)


def own_files(args):
    from . import litmus
    litmus.check(args)


TRIES = {"run": one_machine, "debug": one_machine, "compare": side_by_side, "thread": the_thread,
         "image": a_card, "check": steps, "campaign": jobs, "litmus": own_files}


def run(args):
    """UserError if something is wrong."""
    TRIES.get(args.command, lambda args: None)(args)
