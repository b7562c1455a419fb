# SPDX-License-Identifier: GPL-2.0-only
"""How far `make check` has come: for people who watch, and for servers that end what is silent."""
import os
import signal
import sys
import time

EVERY = 60.0
LONGEST = 5


class Heartbeat:
    """While the `with` block runs, a line at least every minute where there is no terminal. By a
    signal and write(2): a thread would be in the way of fork(). Main thread."""

    def __init__(self, out, total, every=EVERY):
        self.fd = sys.stdout.fileno() if out.file is sys.stdout and not out.is_terminal else None
        self.total, self.every = total, every
        self.ended, self.start, self.old = 0, time.monotonic(), None

    def __enter__(self):
        if self.fd is not None:
            self.old = signal.signal(signal.SIGALRM, self._beat)
            signal.setitimer(signal.ITIMER_REAL, self.every, self.every)
        return self

    def __exit__(self, *_):
        if self.fd is not None:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, self.old)

    def _beat(self, *_):
        text = (f"...  step {self.ended + 1} of {self.total}, "
                f"{time.monotonic() - self.start:.0f} s\n")
        os.write(self.fd, text.encode())

    def step(self):
        """One more has ended, and its line is printed; "12/71" for it."""
        self.ended += 1
        if self.fd is not None:
            signal.setitimer(signal.ITIMER_REAL, self.every, self.every)
        return f"{self.ended}/{self.total}"


def longest(walls):
    """A sentence on the longest of @walls: (seconds, name)."""
    most = sorted(walls, reverse=True)[:LONGEST]
    return "longest: " + ", ".join(f"{name} {secs:.0f} s" for secs, name in most)
