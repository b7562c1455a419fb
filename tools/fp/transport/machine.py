# SPDX-License-Identifier: GPL-2.0-only
"""One QEMU: a process that says why its machine stopped.

QEMU exits with status 0 whether the guest powered off, was reset, or a signal from the host ended
it. Which one it was it tells a QMP monitor, for which it inherits one end of a pair of sockets.
What it says there waits in the socket until it has ended.
"""
import functools
import json
import socket
import subprocess

from .process import Process


def shutdown_reason(data):
    """Why the machine stopped, from what QEMU wrote to its monitor: ShutdownCause of QMP, or ""."""
    reason = ""
    for line in data.splitlines():
        try:
            said = json.loads(line)
            if said.get("event") == "SHUTDOWN":
                reason = str(said["data"]["reason"])
        except (ValueError, AttributeError, KeyError, TypeError):
            continue  # cut short, or nothing that we know
    return reason


class Machine(Process):
    """A running QEMU. read() gives its console; ending says how it ended."""

    def __init__(self, argv, directory=None):
        super().__init__(argv, directory)
        self.ending.who = "QEMU"
        self._monitor, self._qemus_end = socket.socketpair()

    def __enter__(self):
        fd = self._qemus_end.fileno()
        monitor = ["-chardev", f"socket,id=events,fd={fd}", "-mon", "chardev=events,mode=control"]
        # Without it there are no events; sent ahead, it waits for QEMU.
        self._monitor.sendall(b'{"execute":"qmp_capabilities"}\n')
        try:
            self.start(self.argv + monitor, (fd,))
        finally:
            self._qemus_end.close()
        return self

    def __exit__(self, *how):
        super().__exit__(*how)
        self._monitor.close()

    def _monitor_read(self):
        """All that QEMU wrote to its monitor."""
        data = b""
        self._monitor.setblocking(False)
        try:
            while more := self._monitor.recv(65536):
                data += more
        except OSError:
            pass  # nothing left, or it left our words unread
        return data

    def wait(self, timeout):
        super().wait(timeout)
        if self.ending.status is not None:
            self.ending.shutdown = shutdown_reason(self._monitor_read())


def qemu_major(binary):
    """The first number of its version; 0 where that is not known."""
    number = qemu_version(binary).partition(".")[0]
    return int(number) if number.isdigit() else 0


@functools.lru_cache
def qemu_version(binary):
    """The version number a QEMU prints, or "unknown"."""
    try:
        words = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10,
                               stdin=subprocess.DEVNULL).stdout.split()
        return words[words.index("version") + 1]
    except (OSError, subprocess.TimeoutExpired, ValueError, IndexError):
        return "unknown"
