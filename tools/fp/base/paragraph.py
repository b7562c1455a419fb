# SPDX-License-Identifier: GPL-2.0-only
"""Sentences in lines."""
import textwrap

from rich.text import Text


def paragraph(text, width, first="", rest="  ", style="default"):
    """A sentence broken to @width columns."""
    lines = textwrap.wrap(text, max(width, 40), initial_indent=first, subsequent_indent=rest,
                          break_long_words=False, break_on_hyphens=False)
    return [Text(line, style=style) for line in lines]
