# SPDX-License-Identifier: GPL-2.0-only
"""Listening to a board: a noisy pseudo-terminal that loses text and goes away; a TCP console."""
import contextlib
import fcntl
import json
import os
import random
import socket
import subprocess
import sys
import termios
import threading
import time
import tty

import pytest

from conftest import TOOL
from fp.transport import serial_line
from test_heard import begin, boots_in, end, ended, start, whole
from test_records import damaged


NOISE = 0.002  # of the characters; of 1 % no line of 600 is left


class Port(threading.Thread):
    """A serial adapter at @path: plays what @play(port) writes; a failure of that is kept."""

    def __init__(self, path, play):
        super().__init__(daemon=True)
        self.path, self.play, self.master = path, play, None
        self.typed = b""
        self.plug()
        self.start()

    def plug(self):
        self.master, slave = os.openpty()
        tty.setraw(slave)
        name = os.ttyname(slave)
        part = self.path.with_name("part")
        part.symlink_to(name)
        part.replace(self.path)
        self.slave = slave  # else what is written before somebody listens is lost

    def pull(self):
        os.close(self.slave)
        os.close(self.master)
        self.path.unlink()

    def say(self, data):
        while data:
            data = data[os.write(self.master, data):]

    def drain(self):
        """Wait until somebody has read all."""
        while int.from_bytes(fcntl.ioctl(self.slave, termios.FIONREAD, bytes(4)), sys.byteorder):
            time.sleep(0.02)

    def hear(self, n):
        while len(self.typed) < n:
            self.typed += os.read(self.master, n)

    def run(self):
        self.play(self)


def argv(project, port, *args):
    return [TOOL, "--root", project.root, "collect", "--port", str(port), "--board", "rpi4", *args]


def collect(project, port, *args, timeout=40):
    return subprocess.run(argv(project, port, *args), capture_output=True, text=True,
                          timeout=timeout, stdin=subprocess.DEVNULL)


def text(lines):
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.fixture
def board(project):
    return project.board("rpi4", "pass", arch="arm64")


def run_of(project, n=1):
    path = project.root / "results" / "boards" / f"rpi4-{n}.json"
    return json.loads(path.read_text())["runs"]


def test_a_quiet_line(board):
    port = Port(board.root / "tty", lambda p: p.say(text(["U-Boot 2024.01", "", *whole()])))
    done = collect(board, port.path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "arm64 on rpi4" in done.stdout and "a.y" in done.stdout
    (run,) = run_of(board)
    assert run["provenance"] == "silicon" and run["verdict"] == "PASS"
    log = board.root / "results" / "boards" / "log" / "arm64-rpi4-1.log"
    assert log.read_bytes().startswith(b"U-Boot")


def test_noise_loss_and_reconnects(board):
    rng = random.Random(5)
    lines = whole(cmdline="tests=a.* seed=7 again=1")

    lost = [line for line in lines if '"name":"a.y","kind":"assert","verdict"' not in line]

    def play(port):
        for _ in range(4):
            port.say(damaged(rng, text(lost), NOISE))
        port.say(text(lines)[:700])  # in the midst of a line
        port.drain()
        port.pull()
        time.sleep(0.3)
        port.plug()
        for _ in range(40):
            port.say(damaged(rng, text(lines), NOISE))
            time.sleep(0.02)

    port = Port(board.root / "tty", play)
    done = collect(board, port.path, "--quiet", "5")
    assert done.returncode == 0, done.stdout + done.stderr
    (run,) = run_of(board)
    assert run["verdict"] == "PASS" and run["missing"] == 0 and run["malformed_records"]
    assert [t["name"] for t in run["tests"]] == ["a.x", "a.y", "a.z"]


def test_a_board_that_falls_silent(board):
    port = Port(board.root / "tty", lambda p: p.say(text(whole()[:4])))
    done = collect(board, port.path, "--quiet", "0.5")
    assert done.returncode == 1 and "silent for 0.5 s" in done.stdout
    (run,) = run_of(board)
    assert run["verdict"] == "TRUNCATED" and run["missing"] == 2


def test_a_loader_is_told_to_go_on_behind_the_crash(board):
    def play(port):
        port.say(text([begin(), *ended(1, "a.x"), start(2, "a.y"), "reset", "U-Boot 2024.01"]))
        port.say(b"=> ")
        port.hear(len("boot first=3\r"))
        time.sleep(0.3)  # the prompt stands there still: it is answered once
        port.say(text(["", begin(first=3, boot_us=1002), *ended(3, "a.z"), end(1)]))

    port = Port(board.root / "tty", play)
    done = collect(board, port.path, "--prompt", "=> $", "--send", "boot {first}")
    os.set_blocking(port.master, False)
    with pytest.raises(BlockingIOError):
        port.typed += os.read(port.master, 99)
    assert port.typed == b"boot first=3\r"
    assert done.returncode == 1, done.stdout + done.stderr
    (run,) = run_of(board)
    assert run["verdict"] == "CRASH" and run["missing"] == 0
    assert [t["verdict"] for t in run["tests"]] == ["pass", "crash", "pass"]


def test_a_board_that_talks_on_is_listened_to_for_as_long_as_was_said(board):
    def play(port):
        with contextlib.suppress(OSError):
            for n in range(100):
                port.say(text([f"# {n}"]))
                time.sleep(0.1)

    begun = time.monotonic()
    done = collect(board, Port(board.root / "tty", play).path, "--limit", "1.5")
    assert done.returncode == 2 and time.monotonic() - begun < 8, done.stdout
    assert "no BEGIN record arrived whole" in done.stderr


def test_the_speed_is_what_was_asked_for(board):
    port = Port(board.root / "tty", lambda p: p.say(text(whole())))
    assert collect(board, port.path, "--baud", "9600").returncode == 0
    assert termios.tcgetattr(port.slave)[4:6] == [termios.B9600, termios.B9600]


def test_of_two_that_listen_one_is_told(board):
    """Each would have half of the text."""
    port = Port(board.root / "tty", lambda p: p.say(text(whole())))
    with open(port.path, "rb", buffering=0) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        done = collect(board, port.path, "--limit", "1")
        assert "another program has it" in done.stdout and done.returncode == 2


def test_a_port_that_is_not_there_is_not_tried_all_the_time(monkeypatch):
    tried = []

    def fail(*_):
        tried.append(1)
        raise OSError(2, "x")

    monkeypatch.setattr(serial_line, "open_port", fail)
    end = time.monotonic() + 0.6
    with serial_line.Line("/dev/none", 9600) as line:
        while time.monotonic() < end:
            line.read(0.05)
    assert 1 <= len(tried) <= 2


def test_a_console_servers_address_may_have_colons():
    serial_line.check_port("[2001:db8::7]:4000")
    assert serial_line.Line("[2001:db8::7]:4000", 9600).url == "socket://[2001:db8::7]:4000"


def test_a_board_that_reboots_is_not_waited_for(board):
    port = Port(board.root / "tty", lambda p: p.say(text(boots_in("a.y", 5))))
    done = collect(board, port.path)
    assert done.returncode == 1 and "reboots: the machine began the plan" in done.stdout
    (run,) = run_of(board)
    assert run["verdict"] == "TRUNCATED" and "a.y" in run["reason"]


def test_several_runs_of_a_loop(board):
    lines = [*whole(cmdline="loop=9"), *whole(cmdline="loop=9", seed=8, boot_us=2)]
    port = Port(board.root / "tty", lambda p: p.say(text(lines)))
    done = collect(board, port.path, "--runs", "2")
    assert done.returncode == 0 and [r["seed"] for r in run_of(board)] == [7, 8]


def test_a_console_server(board):
    def serve(server):
        lines = text(whole())
        for part in (lines[:900], lines):
            conn, _ = server.accept()
            with conn:
                conn.sendall(part)
                time.sleep(0.2)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        done = collect(board, f"127.0.0.1:{server.getsockname()[1]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "hung up" in done.stdout and "connected" in done.stdout


def test_what_a_server_says_at_once_is_kept(monkeypatch):
    """pyserial would empty a port that it opens."""
    serial, connect = pytest.importorskip("serial"), socket.create_connection

    def slowly(*args, **more):
        conn = connect(*args, **more)
        time.sleep(0.2)
        return conn

    monkeypatch.setattr(socket, "create_connection", slowly)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].sendall(b"early"), daemon=True).start()
        port = serial_line.open_port(serial, f"socket://127.0.0.1:{server.getsockname()[1]}", 0)
        with port:
            assert port.read(5) == b"early"


def test_a_reset_and_noise_behind_a_console_server(board):
    """The server is started anew in the midst of a line, the board in the midst of a test; it goes
    on behind that, and prints again what was damaged."""
    rng, more = random.Random(8), {"cmdline": "tests=a.* seed=7 again=1"}
    before = text([begin(**more), *ended(1, "a.x"), start(2, "a.y")])
    behind = ["U-Boot 2024.01", begin(first=3, boot_us=1002, **more), *ended(3, "a.z"), end(1)]

    def serve(server):
        for parts in ([before[:300]], [before[300:-9]],
                      [before, *(damaged(rng, text(behind), NOISE) for _ in range(40))]):
            conn, _ = server.accept()
            with conn, contextlib.suppress(BrokenPipeError):  # who listens has enough
                for part in parts:
                    conn.sendall(part)
                    time.sleep(0.02)

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        done = collect(board, f"127.0.0.1:{server.getsockname()[1]}", "--quiet", "5")
    (run,) = run_of(board)
    assert done.returncode == 1 and run["verdict"] == "CRASH", done.stdout + done.stderr
    assert "a.y: the machine was reset while it ran" in run["reason"]
    assert [t["verdict"] for t in run["tests"]] == ["pass", "crash", "pass"] and run["missing"] == 0


def test_a_port_that_is_not_there_yet_is_waited_for(board):
    listener = subprocess.Popen(argv(board, board.root / "tty"), stdout=subprocess.PIPE, text=True,
                                stdin=subprocess.DEVNULL)
    while "No such file or directory; waiting for it" not in (line := listener.stdout.readline()):
        assert line, "it ended"
    Port(board.root / "tty", lambda p: p.say(text(whole())))
    assert "PASS" in listener.communicate(timeout=40)[0] and listener.returncode == 0


def test_a_port_that_can_be_none_is_refused_at_once(board):
    for port, words in ((board.root, "not a serial port"), ("localhost", "nor host:port"),
                        ("localhost:x", "nor host:port")):
        done = collect(board, port)
        assert done.returncode == 2 and words in done.stderr and not done.stdout
    assert not (board.root / "results" / "boards" / "log").exists()


def test_a_device_that_is_no_terminal_is_refused(board):
    done = collect(board, "/dev/null")
    assert done.returncode == 2 and "--port /dev/null: not a serial port" in done.stderr


def test_who_may_not_have_the_port_is_told_how(monkeypatch):
    def fail(*_):
        raise OSError(13, "x")

    monkeypatch.setattr(serial_line, "open_port", fail)
    with serial_line.Line("/dev/ttyUSB0", 9600) as line:
        line.read(0)
        assert "adduser $USER dialout" in line.why


def test_mistakes_give_one_sentence(board):
    for args, words in ((("--baud", "0"), "0 is not between"), (("--prompt", "x"), "give both"),
                        (("--prompt", "(", "--send", "x"), "not a regular expression")):
        done = collect(board, board.root / "tty", *args)
        assert done.returncode == 2 and words in done.stderr and len(done.stderr.split("\n")) == 2
    done = subprocess.run([sys.executable, TOOL, "collect", "--board", "x"], capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 2 and "--port" in done.stderr
    assert done.stderr.startswith("fencepost: collect: the ")
