# SPDX-License-Identifier: GPL-2.0-only
"""One interface to a console, wherever it comes from: each is read in the same way to its end."""
import os
import pty
import sys
import threading
import tty

import pytest
from fp.base.errors import UserError
from fp.transport.machine import Machine
from fp.transport.serial_line import Line
from fp.transport.transport import SavedLog, Transport

SAID = b"@BEGIN\n" * 1000


def a_machine(_path):
    program = f"import os, sys; os.write(1, b{SAID.decode()!r})"
    return Machine([sys.executable, "-c", program, "ignores"])


def a_log(path):
    (path / "log").write_bytes(SAID)
    return SavedLog(path / "log", 1 << 20)


def a_line(_path):
    pytest.importorskip("serial")
    board, ours = pty.openpty()
    tty.setraw(ours)
    name = os.ttyname(ours)

    def talk():
        sent = 0
        while sent < len(SAID):
            sent += os.write(board, SAID[sent:sent + 1000])
    threading.Thread(target=talk, daemon=True).start()
    return Line(name, 115200)


@pytest.mark.parametrize("make", [a_machine, a_log, a_line])
def test_each_is_read_in_the_same_way(tmp_path, make):
    with make(tmp_path) as console:
        assert isinstance(console, Transport)
        data = b""
        while console.running() and len(data) < len(SAID):
            data += console.read(5.0)
        console.write(b"x")
        assert data == SAID and not console.ending.timeout


def test_a_log_ends_and_is_bounded(tmp_path):
    (tmp_path / "log").write_bytes(b"y" * 100)
    for most, there in ((1000, 100), (30, 30)):
        with SavedLog(tmp_path / "log", most) as log:
            data = b""
            while log.running():
                data += log.read(0)
        assert len(data) == there and (log.ending.closed == "the log ends") == (most > 100)
    with pytest.raises(UserError, match="cannot read"):
        SavedLog(tmp_path / "none", 1)
    with pytest.raises(UserError, match="cannot read"):
        SavedLog(tmp_path, 1)


def test_a_transport_must_say_how_it_is_read():
    with Transport() as console, pytest.raises(NotImplementedError):
        console.read(0)
