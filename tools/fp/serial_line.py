# SPDX-License-Identifier: GPL-2.0-only
"""A board's console: a serial port, or a console server's TCP port ("host:port").

Reads what comes, and opens it again when it goes away: an adapter that is pulled out, a server that
is started anew, a board that powers its own USB port. termios knows each rate that Linux has.
"""
import fcntl
import os
import re
import select
import socket
import stat
import termios
import time

from .errors import UserError

RETRY_S = 0.5
CONNECT_S = 5.0
_TCP = re.compile(r"(?:\[([0-9a-fA-F:]+)\]|([^/\s:]+)):(\d+)$")


def baud_constant(baud):
    """The constant of termios for a rate; UserError if Linux has none."""
    value = getattr(termios, f"B{baud}", None)
    if value is None or not baud:
        rates = sorted(int(n[1:]) for n in dir(termios) if re.fullmatch(r"B[1-9]\d+", n))
        raise UserError(f"--baud {baud}: no such rate; there are "
                        f"{', '.join(str(r) for r in rates if r >= 9600)} and slower ones")
    return value


def _open_serial(path, rate):
    """Raw, eight bits, no parity, no flow control (termios(3)); for us alone."""
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        fcntl.ioctl(fd, termios.TIOCEXCL)
        cc = termios.tcgetattr(fd)[6]
        cc[termios.VMIN], cc[termios.VTIME] = 0, 0
        cflag = termios.CS8 | termios.CREAD | termios.CLOCAL
        termios.tcsetattr(fd, termios.TCSANOW, [0, 0, cflag, 0, rate, rate, cc])
    except termios.error as e:
        os.close(fd)
        raise OSError(*e.args) from None
    except OSError:
        os.close(fd)
        raise
    return fd


def _open_tcp(host, port):
    with socket.create_connection((host, port), CONNECT_S) as s:
        s.setblocking(False)
        return s.detach()


def check_port(port):
    """UserError where waiting is in vain: nothing that is plugged in makes a console of it."""
    if _TCP.match(port) and not os.path.exists(port):
        return
    if "/" not in port:
        raise UserError(f"--port {port}: neither a file such as /dev/ttyUSB0 nor host:port")
    if os.path.exists(port) and not stat.S_ISCHR(os.stat(port).st_mode):
        raise UserError(f"--port {port}: not a serial port")


class Line:
    """One console. read() never raises: without a connection it waits, and tries again."""

    def __init__(self, port, baud):
        self.port = port
        m = _TCP.match(port)
        self.tcp = (m[1] or m[2], int(m[3])) if m and not os.path.exists(port) else None
        self.rate = None if self.tcp else baud_constant(baud)
        self.fd = None
        self.why = ""  # why there is no connection
        self.connects = 0
        self._again = 0.0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close("closed")

    def close(self, why):
        if self.fd is not None:
            os.close(self.fd)
        self.fd, self.why = None, why
        self._again = time.monotonic() + RETRY_S

    def _connect(self):
        try:
            self.fd = _open_tcp(*self.tcp) if self.tcp else _open_serial(self.port, self.rate)
            self.connects += 1
        except OSError as e:
            self.close(e.strerror or str(e))

    def read(self, timeout):
        """Bytes that came within @timeout seconds; b"" if there were none."""
        if self.fd is None:
            wait = self._again - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, timeout))
                return b""
            self._connect()
            return b""
        try:
            if not select.select([self.fd], [], [], timeout)[0]:
                return b""
            data = os.read(self.fd, 65536)
        except BlockingIOError:
            return b""
        except OSError as e:
            self.close(e.strerror or str(e))
            return b""
        if not data:  # hung up
            self.close("hung up")
        return data

    def write(self, data):
        """Type; what does not go through is lost, as on any line."""
        if self.fd is None:
            return
        try:
            os.write(self.fd, data)
        except OSError as e:
            self.close(e.strerror or str(e))
