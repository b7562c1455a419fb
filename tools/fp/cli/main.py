# SPDX-License-Identifier: GPL-2.0-only
"""The command line: options, the choice of machines and images, exit statuses.

0: everything passed. 1: a test or a machine failed. 2: wrong use, a missing tool or file.
130: interrupted.
"""
import os
import signal
import sys

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_INTERRUPTED, EXIT_PASS, EXIT_USAGE, Interrupted, UserError
from . import make_options
from .parser import Parser, make_parser


def cmd_run(args):
    from . import run
    return run.run(args)


def cmd_compare(args):
    from . import compare
    if args.runs:
        return compare.saved(args)
    return compare.run(args, isas.arch_list(args.arch))


def cmd_litmus(args):
    from . import litmus
    return litmus.run(args, isas.arch_list(args.arch))


def cmd_report(args):
    from . import report_page
    return report_page.run(args)


def cmd_show(args):
    from . import show
    return show.run(args)


def cmd_tests(args):
    from . import test_list
    return test_list.run(args)


def cmd_thread(args):
    from ..mailthread import mailthread
    return mailthread.run(args, isas.arch_list(args.arch))


def cmd_import(args):
    from ..lab import heard
    return heard.cmd_import(args)


def cmd_collect(args):
    from ..lab import collect
    return collect.run(args)


def cmd_export(args):
    from ..lab import export
    return export.run(args)


def cmd_diff(args):
    from ..report import diff
    return diff.run(args)


def cmd_check(args):
    from ..check import check
    return check.run(args)


def cmd_check_long(args):
    from ..check import long
    return long.run(args)


def cmd_mutants(args):
    from ..mutants import mutants
    return mutants.run(args)


def cmd_fuzz(args):
    from . import fuzz
    return fuzz.run(args)


def cmd_selftest(args):
    from ..selftest import selftest
    return selftest.run(args, isas.arch_list(args.arch))


def cmd_configurations(args):
    from ..check import configurations
    return configurations.run(args)


def cmd_bench(args):
    from . import bench
    return bench.run(args, isas.arch_list(args.arch))


def cmd_debug(args):
    from ..run import debug
    from ..run.options import board_of, spec_of
    from ..images.line import FIXED_SEED
    spec = spec_of(args, board_of(args), seed=FIXED_SEED, tests="*")
    return debug.run(args, spec)


def cmd_lint(args):
    from ..lint import lint
    return lint.run(args)


def cmd_boards(args):
    from ..images import image
    return image.run_list(args)


def cmd_image(args):
    from ..lab import trial
    from ..images import image
    return image.run(args, trial.refusal)


def cmd_machines(args):
    from ..base.terminal import make_console
    from ..images.boards import Boards
    out, boards = make_console(), Boards(args.root / "boards")
    for board in sorted(boards.all.values(),
                        key=lambda b: (b.arch, not b.default, b.name)):
        cpus = f"1-{board.smp_max}"
        out.print(f"{board.arch:<9} {board.name:<15} {'default' if board.default else '':<7} "
                  f"{cpus:>4} CPUs  {board.description}", soft_wrap=True)
    boards.check_all()
    return EXIT_PASS


def cmd_paper(args):
    from . import paper
    return paper.run(args)


def cmd_campaign(args):
    from . import campaign
    return campaign.run(args)


def cmd_version(args):
    from ..base.tree import version
    print(f"fencepost {version(args.root)}")
    return EXIT_PASS


def cmd_options(args):
    from . import boot_options
    return boot_options.run(args)


# What builds or reads the whole of the sources.
OF_THE_TREE = ("check", "check-long", "mutants", "fuzz", "lint", "configurations")


def check_place(args):
    """An installed tool has images and what runs them, no more."""
    from ..base.tree import VERSION
    if args.command in OF_THE_TREE and (args.root / VERSION).is_file():
        raise UserError(f"{args.command} is for the project's tree: {args.root} has only what was "
                        "installed")


# Modules of Debian's that commands cannot do without, and what installs them.
MODULES = {"rich": "make deps", "lark": "make litmus", "pycparser": "make litmus"}

COMMANDS = {
    "run": cmd_run, "compare": cmd_compare, "litmus": cmd_litmus, "thread": cmd_thread,
    "diff": cmd_diff,
    "report": cmd_report, "show": cmd_show, "tests": cmd_tests,
    "import": cmd_import, "collect": cmd_collect,
    "export": cmd_export,
    "check": cmd_check, "campaign": cmd_campaign,
    "check-long": cmd_check_long, "mutants": cmd_mutants, "fuzz": cmd_fuzz,
    "selftest": cmd_selftest, "configurations": cmd_configurations,
    "bench": cmd_bench, "debug": cmd_debug, "lint": cmd_lint,
    "options": cmd_options, "paper": cmd_paper,
    "machines": cmd_machines, "boards": cmd_boards, "image": cmd_image,
}


def open_standard_streams():
    """Those that the caller has closed: to nowhere, rather than to the next file that is opened."""
    for fd, name in ((0, "stdin"), (1, "stdout"), (2, "stderr")):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            setattr(sys, name, open(fd, "w" if fd else "r", encoding="utf-8"))
    # What the user's encoding has no character for is a question mark, and no traceback.
    sys.stdout.reconfigure(errors="replace")


def _on_signal(signum, _frame):
    raise Interrupted(signum)


def parse(argv):
    """What is asked for, here or behind make."""
    Parser.by_make = argv[:1] == ["--make"]
    if Parser.by_make:
        argv = make_options.arguments(argv[1:], make_options.take(os.environ))
    parser = make_parser()
    args = parser.parse_args(argv)
    if not args.command and not args.version:
        parser.error("a command is required")
    return args


def main(argv=None):
    """Run one command; returns the exit status. No exception of the tool's own making gets out."""
    open_standard_streams()
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, _on_signal)
    try:
        args = parse(sys.argv[1:] if argv is None else argv)
        if args.version:
            return cmd_version(args)
        if args.only_try:
            from . import tries
            tries.run(args)
            return EXIT_PASS
        check_place(args)
        return COMMANDS[args.command](args)
    except UserError as e:
        print(f"fencepost: {e}", file=sys.stderr)
        return EXIT_USAGE
    except (Interrupted, KeyboardInterrupt) as e:
        signum = getattr(e, "signum", signal.SIGINT)
        print("\nfencepost: interrupted", file=sys.stderr)
        return 128 + signum if signum != signal.SIGINT else EXIT_INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; keep the interpreter from saying so at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_FAIL
    except ModuleNotFoundError as e:
        module = (e.name or "").split(".")[0]
        if module not in MODULES:
            raise
        print(f"fencepost: Debian's python3-{module} is missing: `{MODULES[module]}` installs it "
              "(start the tool with /usr/bin/python3)", file=sys.stderr)
        return EXIT_USAGE
    except OSError as e:
        place = f"{e.filename}: " if e.filename else ""
        print(f"fencepost: {place}{e.strerror or e}", file=sys.stderr)
        return EXIT_USAGE
