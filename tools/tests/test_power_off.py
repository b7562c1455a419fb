# SPDX-License-Identifier: GPL-2.0-only
"""How x86_64's kernel powers off, seen in the chipset's registers of a machine that has stopped."""
import json
import shutil
import socket
import subprocess

import pytest
from conftest import HERE

IMAGE = HERE.parents[1] / "build" / "x86_64" / "fencepost.elf"
QEMU = "qemu-system-x86_64"
PM1_CNT = 0x604  # of QEMU's q35
SCI_EN = 1


class Monitor:
    """QMP on a pair of sockets, one end of which QEMU has inherited."""

    def __init__(self, sock):
        self.lines = sock.makefile("rw", encoding="utf-8")

    def until(self, key, value=None):
        """The next message that has @key, and @value there."""
        for line in self.lines:
            said = json.loads(line)
            if key in said and value in (None, said[key]):
                return said
        return {}

    def ask(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        return self.until("return")


def test_the_chipset_is_in_acpi_mode_when_it_is_told_to_sleep():
    if not IMAGE.is_file() or not shutil.which(QEMU):
        pytest.skip(f"{IMAGE} is not built, or {QEMU} not installed")
    ours, theirs = socket.socketpair()
    ours.settimeout(60)
    # Nothing but S5: no debug device, and a reset ends QEMU.
    proc = subprocess.Popen(
        [QEMU, "-M", "q35", "-accel", "tcg", "-cpu", "max", "-m", "256M", "-nodefaults",
         "-display", "none", "-no-reboot", "-action", "shutdown=pause", "-kernel", IMAGE,
         "-append", "tests=kernel.cpus_online",
         "-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        pass_fds=(theirs.fileno(),))
    try:
        theirs.close()
        monitor = Monitor(ours)
        monitor.ask("qmp_capabilities")
        assert monitor.until("event", "SHUTDOWN")["data"]["reason"] == "guest-shutdown"
        said = monitor.ask("human-monitor-command", **{"command-line": f"i /h {PM1_CNT:#x}"})
        assert int(said["return"].split("=")[1], 16) & SCI_EN
    finally:
        proc.kill()
        proc.wait()
        ours.close()
