# SPDX-License-Identifier: GPL-2.0-only
"""Where a console comes from. Whoever reads one knows no more than this of it: a QEMU
(machine.Machine), a serial port or console server (serial_line.Line), a saved log (SavedLog).
"""
from ..base.errors import UserError
from ..record.verdict import Ending


class Transport:
    """A console, inside a `with` block, which leaves nothing behind however it is left."""

    def __init__(self):
        self.ending = Ending()  # how it ended, once nothing is left to read

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Let go of it."""

    def running(self):
        """May more come?"""
        return True

    def read(self, timeout):
        """Bytes that came within @timeout seconds; b"" if there were none. Never raises because of
        what is at the other end."""
        raise NotImplementedError

    def write(self, data):
        """Type; what cannot be typed is lost, as on any line."""


class SavedLog(Transport):
    """All that a serial line has once said, from a file. @most: bytes of it."""

    CHUNK = 1 << 20

    def __init__(self, path, most):
        super().__init__()
        self.path, self.left = path, most
        try:
            self.file = open(path, "rb")
        except OSError as e:
            raise UserError(f"{path}: cannot read: {e.strerror}") from None

    def __exit__(self, *_):
        self.file.close()

    def running(self):
        return self.left > 0

    def read(self, timeout):
        try:
            data = self.file.read(min(self.left, self.CHUNK))
        except OSError as e:
            raise UserError(f"{self.path}: cannot read: {e.strerror}") from None
        self.left -= len(data)
        if not data:
            self.left = 0
            self.ending.closed = "the log ends"
        return data
