# SPDX-License-Identifier: GPL-2.0-only
"""`make run`: one machine, and what it says."""
import secrets

from ..base.errors import EXIT_FAIL
from ..base.terminal import make_console
from ..report import live
from ..report.store import Store
from ..run import go_on, runner
from ..run.options import board_of, exit_status, spec_of


def run(args):
    out = make_console()
    spec = spec_of(args, board_of(args), seed=secrets.randbelow(2**31), tests="*")
    if args.seed is None:
        out.print(f"seed {spec.seed}")
    if spec.why:
        out.print(f"not silicon: {spec.why}", soft_wrap=True)
    show = live.Show(out, each=not args.quiet, verbose=args.verbose)
    start = go_on.run if args.go_on else runner.run_machine
    with Store(args.root, "run", args.output) as kept:
        try:
            result = kept.machine(spec, show, start)
            kept.complete()
            live.print_summary(out, result)
        finally:
            out.print(kept.where(), soft_wrap=True)
    return (kept.trouble and EXIT_FAIL) or exit_status(result)
