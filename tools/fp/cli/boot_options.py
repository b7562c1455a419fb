# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost options`: what APPEND= may hold, from the kernel's sources."""
from fnmatch import fnmatchcase

from ..base.errors import EXIT_PASS, UserError
from ..base.terminal import make_console
from ..images import boot_options


def run(args):
    out = make_console()
    known = [o for o in boot_options.load(args.root)
             if not args.globs or any(fnmatchcase(o.name, g) for g in args.globs)]
    if not known:
        raise UserError(f"options: no boot option of the kernel is called {' '.join(args.globs)}"
                        if args.globs else f"{args.root}: the kernel's sources are not there")
    for option in known:
        own = boot_options.OWN.get(option.name)
        notes = ([f"{option.arch} only"] if option.arch else []) + \
            ([f"{own}= behind make"] if own else [])
        out.print(f"{option.name}=", option.takes, f"({', '.join(notes)})" if notes else "",
                  soft_wrap=True)
        out.print(f"      {option.help}", soft_wrap=True)
    return EXIT_PASS
