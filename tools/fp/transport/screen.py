# SPDX-License-Identifier: GPL-2.0-only
"""A QEMU whose guest speaks on a screen, which can be looked at while it runs, and still when it
has been switched off.
"""
import json
import select
import time

from ..base.errors import UserError
from .machine import Machine

ANSWER_TIMEOUT = 20.0


class Screen(Machine):
    """A running QEMU; what it says on its console is read and thrown away."""

    def __init__(self, argv, directory=None):
        super().__init__(argv + ["-no-shutdown"], directory)
        self._said = b""

    def pass_time(self, seconds):
        """Let it run; False if it has ended."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.running():
            self.read(0.1)
        return self.running()

    def _listen(self, timeout):
        """More of what its monitor says: whole lines."""
        if select.select([self._monitor], [], [], timeout)[0]:
            more = self._monitor.recv(65536)
            if not more:
                raise UserError("QEMU has ended, and its screen with it")
            self._said += more
        lines, _, self._said = self._said.rpartition(b"\n")
        return lines.splitlines()

    def ask(self, command, **arguments):
        """A command of QMP, until it is done; UserError if it is not."""
        words = {"execute": command, "arguments": arguments, "id": command}
        try:
            self._monitor.sendall(json.dumps(words).encode() + b"\n")
            end = time.monotonic() + ANSWER_TIMEOUT
            while time.monotonic() < end:
                for line in self._listen(0.1):
                    said = json.loads(line)
                    if said.get("id") != command:
                        continue  # an event, or the answer to what was asked before
                    if "error" in said:
                        raise UserError(f"QEMU: {command}: {said['error'].get('desc')}")
                    return
        except OSError as e:
            raise UserError(f"QEMU has ended, and its screen with it: {e.strerror}") from None
        raise UserError(f"QEMU does not answer to {command}")
