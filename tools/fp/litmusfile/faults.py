# SPDX-License-Identifier: GPL-2.0-only
"""What is wrong with a litmus file: a sentence with its place."""

from ..base.errors import UserError


class LitmusError(UserError):
    """"path:line: sentence": what is wrong there and what was expected; the next file goes on."""


class Malformed(Exception):
    """The same inside of the readers, which know lines but no path; reader.py adds it."""

    def __init__(self, line, text):
        super().__init__(line, text)
        self.line = line
        self.text = text
