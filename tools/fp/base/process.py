# SPDX-License-Identifier: GPL-2.0-only
"""Processes of ours: each in a group of its own, none of which outlives the tool."""
import ctypes
import os
import signal
import subprocess

_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(parent):
    """In the new process, before exec: ask to be killed when the tool ends."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended between fork and prctl
        os._exit(1)


def spawn(argv, **kwargs):
    """Popen in a process group of its own that dies with us. OSError as Popen has it."""
    parent = os.getpid()
    return subprocess.Popen(argv, process_group=0, preexec_fn=lambda: die_with_parent(parent),
                            **kwargs)


def kill_group(proc):
    """Kill a spawn()ed process and what it started; reap it."""
    try:
        os.killpg(proc.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    proc.wait()
