# SPDX-License-Identifier: GPL-2.0-only
"""Text from outside that is to be printed: no word of it may command a terminal. Ages in words."""
import re
import time

# Control sequences of terminals (ECMA-48, section 5.4), all other control characters, and what
# turns the direction of writing (Unicode Standard Annex 9).
_ESCAPES = re.compile(r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|"
                      r"(?:\x1b\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)|\x1b[@-_]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text):
    """@text without what is no character; a line end and a tab stay."""
    return _CONTROL.sub("", _ESCAPES.sub("", text))


def printable_tree(value):
    """A value of JSON in which every text, names too, is printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [printable_tree(v) for v in value]
    if isinstance(value, dict):
        return {printable(k): printable_tree(v) for k, v in value.items()}
    return value


def age(then):
    """How old what was found at @then (seconds since 1970) is, in words."""
    secs = max(0, int(time.time() - then))
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if secs >= 2 * size:
            return f"{secs // size} {unit} old"
    return f"{secs} seconds old"
