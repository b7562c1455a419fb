# SPDX-License-Identifier: GPL-2.0-only
"""One QEMU process: started in a process group of its own, read without blocking, always ended.

The group is killed when the `with` block is left, however that happens; should the tool itself be
killed, the kernel kills QEMU (PR_SET_PDEATHSIG, prctl(2)).

QEMU exits with status 0 whether the guest powered off, was reset, or a signal from the host ended
it. Which one it was it tells a QMP monitor, for which it inherits one end of a pair of sockets.
What it says there waits in the socket until it has ended.
"""
import functools
import json
import os
import selectors
import socket
import subprocess

from ..base.process import kill_group, spawn
from ..base.text import printable
from .transport import Transport

STDERR_MAX = 65536


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


class Machine(Transport):
    """A running QEMU. read() gives its console; ending says how it ended."""

    def __init__(self, argv, directory=None):
        super().__init__()
        self.argv, self.directory = argv, directory
        self.proc = None
        self._err = b""
        self._open = 0
        self._sel = selectors.DefaultSelector()
        self._monitor, self._qemus_end = socket.socketpair()

    def __enter__(self):
        fd = self._qemus_end.fileno()
        monitor = ["-chardev", f"socket,id=events,fd={fd}", "-mon", "chardev=events,mode=control"]
        # Without it there are no events; sent ahead, it waits for QEMU.
        self._monitor.sendall(b'{"execute":"qmp_capabilities"}\n')
        try:
            self.proc = spawn(self.argv + monitor, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0,
                              pass_fds=(fd,), cwd=self.directory)
        except FileNotFoundError:
            self.ending.start_error = (f"{self.argv[0]} is not installed; `make deps` installs "
                                       "what the tests need")
            return self
        except OSError as e:
            self.ending.start_error = f"{self.argv[0]} cannot be started: {e.strerror}"
            return self
        finally:
            self._qemus_end.close()
        for stream, name in ((self.proc.stdout, "out"), (self.proc.stderr, "err")):
            os.set_blocking(stream.fileno(), False)
            self._sel.register(stream, selectors.EVENT_READ, name)
            self._open += 1
        return self

    def __exit__(self, *_):
        self.kill()
        self._sel.close()
        self._monitor.close()

    def running(self):
        return self._open > 0

    def read(self, timeout):
        out = b""
        for key, _ in self._sel.select(timeout):
            try:
                data = os.read(key.fileobj.fileno(), 65536)
            except BlockingIOError:
                continue
            if not data:
                self._sel.unregister(key.fileobj)
                self._open -= 1
            elif key.data == "out":
                out += data
            else:
                self._err = (self._err + data)[-STDERR_MAX:]
        return out

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
        """After the last read(): the exit status and the reason into ending."""
        if self.proc:
            try:
                self.ending.status = self.proc.wait(timeout)
                self.ending.shutdown = shutdown_reason(self._monitor_read())
            except subprocess.TimeoutExpired:
                self.stop(f"QEMU closed its console and did not end within {timeout:g} s")

    def is_stopped(self):
        """Has a signal or a debugger put the whole process aside?"""
        try:
            with open(f"/proc/{self.proc.pid}/stat", encoding="utf-8", errors="replace") as f:
                return f.read().rsplit(")", 1)[1].split()[0] in "Tt"
        except (OSError, IndexError):
            return False

    def stop(self, why):
        """End it because one of our limits ran out."""
        self.ending.timeout = why
        self.kill()

    def kill(self):
        if self.proc:
            kill_group(self.proc)
            for stream in (self.proc.stdout, self.proc.stderr):
                stream.close()
            self.ending.stderr = printable(self._err.decode("utf-8", "replace"))


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
