# SPDX-License-Identifier: GPL-2.0-only
"""Puts a machine aside, or one of its vCPUs, as a host does that is suspended, or has no time: for
the self-tests. It is done by threads, while the tool's own time goes on."""
import ctypes
import functools
import os
import signal
import subprocess
import threading
import time
from pathlib import Path

from ..run.result import Listener

# Seconds: how long the whole machine is put aside, and when: after its start, and its test's.
SECS = 3.0
AT_BOOT = 0.05
IN_TEST = (0.0, 0.3, 0.2)
CPU_SECS = 11.0  # how long one vCPU is
CPU_IN_TEST = 0.3
CPU_THREAD = "CPU "  # what QEMU calls them, with debug-threads=on

# ptrace(2), waitpid(2).
_SEIZE, _INTERRUPT, _DETACH = 0x4206, 0x4207, 17
_WALL = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def qemu_pid():
    """Our child that is a QEMU, or the kernel as a process, or None."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as f:
                parent = int(f.read().rsplit(")", 1)[1].split()[1])
            with open(f"/proc/{entry}/cmdline", "rb") as f:
                name = f.read().split(b"\0")[0]
        except (OSError, IndexError, ValueError):
            continue
        if parent == os.getpid() and (b"qemu" in name or name.endswith(b"/fencepost")):
            return int(entry)
    return None


def _ptrace(request, tid):
    if _libc.ptrace(request, tid, None, None):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def stop_thread(tid, secs):
    """Let no instruction of a thread run for @secs; the caller must be a thread that stays."""
    _ptrace(_SEIZE, tid)
    _ptrace(_INTERRUPT, tid)
    os.waitpid(tid, _WALL)
    time.sleep(secs)
    _ptrace(_DETACH, tid)


@functools.cache
def trouble():
    """Why a single thread of a child cannot be stopped here, or ""."""
    child = subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL)
    try:
        stop_thread(child.pid, 0)
    except OSError as e:
        return f"a vCPU cannot be put aside: ptrace: {e.strerror}"
    finally:
        child.kill()
        child.wait()
    return ""


class _Aside(Listener):
    """@pauses: how many there were."""

    def __init__(self):
        self.threads, self.pauses = [], 0

    def later(self, fn, *args):
        """Call @fn with QEMU's number and @args, beside what goes on."""
        self.threads.append(threading.Thread(target=self._call, args=(fn, qemu_pid(), *args)))
        self.threads[-1].start()

    def _call(self, fn, *args):
        try:
            fn(*args)
        except (ProcessLookupError, FileNotFoundError, ValueError):
            pass  # the machine has ended before

    def on_close(self, result):
        for thread in self.threads:
            thread.join()


class Pauser(_Aside):
    """The whole machine: as it boots, when its test starts, and in the midst of that."""

    def on_start(self, spec):
        self.later(self.pause, AT_BOOT)

    def on_record(self, kind, record, transcript):
        if kind == "START":
            self.later(self.pause, *IN_TEST)

    def pause(self, pid, *delays):
        for delay in delays:
            time.sleep(delay)
            os.kill(pid, signal.SIGSTOP)
            time.sleep(SECS)
            os.kill(pid, signal.SIGCONT)
            self.pauses += 1


def _ticks(task):
    """The time that a thread has run."""
    fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class CpuPauser(_Aside):
    """The vCPU that has most to do, in the midst of the test."""

    def on_record(self, kind, record, transcript):
        if kind == "START":
            self.later(self.pause)

    def pause(self, pid):
        time.sleep(CPU_IN_TEST)
        cpus = [t for t in Path(f"/proc/{pid}/task").iterdir()
                if (t / "comm").read_text().startswith(CPU_THREAD)]
        stop_thread(int(max(cpus, key=_ticks).name), CPU_SECS)
        self.pauses += 1
