# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost paper`: a man page, or words for bash to complete; both are made of the options that
the parser knows, so that neither can be out of date.
"""
import argparse

from ..base import isas
from ..base.errors import EXIT_PASS
from ..base.tree import version
from ..images.boards import Boards
from .parser import make_parser

_SEE = ".SH EXIT STATUS\n0: everything passed. 1: a test or a machine failed. 2: wrong use, a " \
    "missing tool or file. 130: interrupted.\n"
_BASH = """\
# bash completion for fencepost
_fencepost() {{
	local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} words
	# --arch=x is three words of a command line.
	[ "$cur" != = ] || cur=
	[ "$prev" != = ] || prev=${{COMP_WORDS[COMP_CWORD-2]}}
	case $prev in
	--arch) words="{arches}" ;;
	--machine) words="{machines}" ;;
	--board) words="{boards}" ;;
	*)
		case ${{COMP_WORDS[1]}} in
{cases}
		*) words="{commands}" ;;
		esac
		[ "$COMP_CWORD" -eq 1 ] && words="{commands}" ;;
	esac
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}}
complete -o default -F _fencepost fencepost tools/fencepost
"""


def commands(parser):
    """(name, help, its parser), in order."""
    sub = next(a for a in parser._actions if isinstance(a, argparse._SubParsersAction))
    return [(c.dest, c.help, sub.choices[c.dest]) for c in sub._choices_actions]


def options(parser):
    """(flags, what it takes, help) of each that is shown."""
    for a in parser._actions:
        if a.help not in (argparse.SUPPRESS, None) and a.dest != "help":
            takes = "" if a.nargs == 0 else a.metavar or a.dest.upper()
            yield a.option_strings, takes, a.help.replace("%%", "%")


def _roff(text):
    """Text in which nothing is a request or an escape."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text


def man(root):
    parts = [f'.TH FENCEPOST 1 "" "{version(root)}" "Fencepost"\n.SH NAME\nfencepost \\- runs '
             "memory\\-ordering tests and a small memory manager on bare machines\n.SH SYNOPSIS\n"
             ".B fencepost\n.I command\n[options]\n.SH COMMANDS\n"]
    for name, help_, parser in commands(make_parser()):
        parts.append(f".SS {_roff(name)}\n{_roff(help_)}\n")
        for flags, takes, text in options(parser):
            head = f".B {_roff(', '.join(flags))}" if flags else ""
            parts.append(f".TP\n{head}{' ' if flags else '.I '}{_roff(takes)}\n{_roff(text)}\n"
                         .replace(" \n", "\n"))
    return "".join(parts) + _SEE


def bash(root):
    known, boards = commands(make_parser()), Boards(root / "boards")
    flags = {name: " ".join(f for all_, _, _ in options(p) for f in all_) for name, _, p in known}
    cases = "\n".join(f'\t\t{name}) words="{words}" ;;' for name, words in flags.items())
    return _BASH.format(arches=" ".join(isas.names()), machines=" ".join(boards.all),
                        boards=" ".join(boards.boards), cases=cases,
                        commands=" ".join(name for name, _, _ in known))


def run(args):
    print(man(args.root) if args.what == "man" else bash(args.root), end="")
    return EXIT_PASS
