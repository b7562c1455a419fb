# SPDX-License-Identifier: GPL-2.0-only
"""A board's console: a serial port, or a console server's TCP port ("host:port"), by pyserial.

Reads what comes, and opens it again when it goes away: an adapter that is pulled out, a server that
is started anew, a board that powers its own USB port.
"""
import errno
import os
import re
import select
import stat
import time

from ..base.errors import UserError
from .transport import Transport

RETRY_S = 0.5
_TCP = re.compile(r"(\[[0-9a-fA-F:]+\]|[^/\s:]+):(\d+)$")


def _pyserial():
    try:
        import serial
    except ModuleNotFoundError:
        raise UserError("Debian's python3-serial is missing; as root: "
                        "apt-get install python3-serial") from None
    return serial


def open_port(serial, url, baud):
    """Eight bits, no parity, no flow control: pyserial's own settings. What came before we listened
    is worth having: pyserial would drop it."""
    if "://" in url:
        port = serial.serial_for_url(url, timeout=0, do_not_open=True)
        port.reset_input_buffer = lambda: None
        port.open()
        return port

    class Port(serial.Serial):
        def _reset_input_buffer(self):
            pass

    return Port(url, baud, timeout=0, write_timeout=0, exclusive=True)


def check_port(port):
    """UserError where waiting is in vain: nothing that is plugged in makes a console of it."""
    if _TCP.match(port) and not os.path.exists(port):
        return
    if "/" not in port:
        raise UserError(f"--port {port}: neither a file such as /dev/ttyUSB0 nor host:port")
    if os.path.exists(port) and not stat.S_ISCHR(os.stat(port).st_mode):
        raise UserError(f"--port {port}: not a serial port")


def _why(error, otherwise):
    """Why a port cannot be used, an OSError, in words; @otherwise: of one without a number."""
    if error.errno == errno.EAGAIN:  # pyserial locks it: exclusive=True
        return "another program has it"
    if error.errno == errno.EACCES:  # udev's rules; it is theirs to give as soon as it is there
        return "permission denied (Debian: sudo adduser $USER dialout, and log in again)"
    return os.strerror(error.errno) if error.errno else otherwise


class Line(Transport):
    """One console. Without a connection read() waits, and tries again."""

    def __init__(self, port, baud):
        super().__init__()
        self.serial = _pyserial()
        m = _TCP.match(port)
        tcp = m and not os.path.exists(port)
        self.url = f"socket://{m[1]}:{m[2]}" if tcp else port
        self.port, self.baud = port, baud
        self.open = None
        self.why = ""  # why there is no connection
        self.connects = 0
        self._again = 0.0

    def __exit__(self, *_):
        self.close("closed")

    def close(self, why):
        if self.open is not None:
            self.open.close()
        self.open, self.why = None, why
        self._again = time.monotonic() + RETRY_S

    def _connect(self):
        try:
            self.open = open_port(self.serial, self.url, self.baud)
            self.connects += 1
        except ValueError as e:  # a rate that Linux or the port does not have
            raise UserError(f"{self.port}: {e}") from None
        except OSError as e:
            if os.strerror(errno.ENOTTY) in str(e):  # of pyserial's own words
                raise UserError(f"--port {self.port}: not a serial port") from None
            self.close(_why(e, str(e)))

    def read(self, timeout):
        if self.open is None:
            wait = self._again - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, timeout))
                return b""
            self._connect()
            return b""
        try:
            if not select.select([self.open], [], [], timeout)[0]:
                return b""
            return self.open.read(65536)
        except OSError as e:  # SerialException is one
            self.close(_why(e, "hung up"))
            return b""

    def write(self, data):
        if self.open is None:
            return
        try:
            self.open.write(data)
        except OSError as e:
            self.close(_why(e, str(e)))
