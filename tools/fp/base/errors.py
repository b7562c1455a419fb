# SPDX-License-Identifier: GPL-2.0-only
"""What ends the tool early: mistakes of its user, missing tools, signals."""

EXIT_PASS = 0
EXIT_FAIL = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class UserError(Exception):
    """One sentence with the place and the mend; the tool prints it and exits with status 2."""


class Interrupted(BaseException):
    """A signal asked the tool to end. Like KeyboardInterrupt no `except Exception` catches it."""

    def __init__(self, signum):
        super().__init__(signum)
        self.signum = signum
