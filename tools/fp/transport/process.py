# SPDX-License-Identifier: GPL-2.0-only
"""A process whose standard output is a console: the kernel as a program of this host, or a QEMU
(machine.py). Started in a process group of its own, read without blocking, always ended.

The group is killed when the `with` block is left, however that happens; should the tool itself be
killed, Linux kills the process (PR_SET_PDEATHSIG, prctl(2)).
"""
import os
import selectors
import subprocess

from ..base.process import kill_group, spawn
from ..base.text import printable
from .transport import Transport

STDERR_MAX = 65536


class Process(Transport):
    """One that runs. read() gives its console; ending says how it ended."""

    def __init__(self, argv, directory=None):
        super().__init__()
        self.argv, self.directory = argv, directory
        self.ending.who = "the process"
        self.proc = None
        self._err = b""
        self._open = 0
        self._sel = selectors.DefaultSelector()

    def __enter__(self):
        self.start(self.argv)
        return self

    def start(self, argv, pass_fds=()):
        """Start it; what fails is said in ending."""
        try:
            self.proc = spawn(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, bufsize=0, pass_fds=pass_fds,
                              cwd=self.directory)
        except FileNotFoundError:
            self.ending.start_error = (f"{argv[0]} is not installed; `make deps` installs "
                                       "what the tests need")
            return
        except OSError as e:
            self.ending.start_error = f"{argv[0]} cannot be started: {e.strerror}"
            return
        for stream, name in ((self.proc.stdout, "out"), (self.proc.stderr, "err")):
            os.set_blocking(stream.fileno(), False)
            self._sel.register(stream, selectors.EVENT_READ, name)
            self._open += 1

    def __exit__(self, *_):
        self.kill()
        self._sel.close()

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

    def wait(self, timeout):
        """After the last read(): how it ended into ending."""
        if self.proc:
            try:
                self.ending.status = self.proc.wait(timeout)
            except subprocess.TimeoutExpired:
                self.stop(f"{self.ending.who} closed its console and did not end within "
                          f"{timeout:g} s")

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
