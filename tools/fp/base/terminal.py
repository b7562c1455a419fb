# SPDX-License-Identifier: GPL-2.0-only
"""Where results are printed."""
import shutil
import sys

from rich.console import Console


def make_console(stream=None, width=None):
    """Where results go. Not a terminal: no control codes, and 100 columns unless COLUMNS says."""
    stream = stream or sys.stdout
    if width is None and not stream.isatty():
        width = shutil.get_terminal_size((100, 24)).columns
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False,
                   soft_wrap=False)
