# SPDX-License-Identifier: GPL-2.0-only
"""Options that `make` hands on: SEED=7 behind it is OPTION_SEED=7 in our environment (options.mk),
where neither a shell nor make has looked at the value.
"""
PREFIX = "OPTION_"
ON_OFF = ("VERBOSE", "QUICK", "RESUME", "STOP", "LAST_FAILED", "NO_HERD")  # so has options.mk
NAMES = ("MUTANTS", "FUZZ", "BOARD", "CAMPAIGN")  # arguments without an option of the tool's
PATHS = ("FILE",)  # the same, and blanks belong to it


def take(environ):
    """Those that are there, by their names; they are taken out, so that no child has them."""
    found = sorted(n for n in environ if n.startswith(PREFIX))
    return {n.removeprefix(PREFIX): environ.pop(n) for n in found}


def arguments(argv, given):
    """The tool's arguments @argv, with what was @given to make."""
    options, names = [], []
    for name, value in given.items():
        option = "--" + name.lower().replace("_", "-")
        if name in ON_OFF:
            options += [option] if value == "1" else []
        elif name in PATHS:
            names.append(value)
        elif name in NAMES:
            names += value.split()
        else:
            options.append(f"{option}={value}")
    return [*argv, *options, *(["--", *names] if names else [])]
