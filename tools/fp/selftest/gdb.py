# SPDX-License-Identifier: GPL-2.0-only
"""A small client of GDB's remote serial protocol, for tests that change a machine's memory before
the kernel sees it (GDB manual, appendix "GDB Remote Serial Protocol"; QEMU manual, "GDB usage").
"""
import socket
import time


class GdbError(Exception):
    """The stub did not do as it was asked."""


class GdbClient:
    """One connection to QEMU's stub on a Unix socket. Numbers of registers are GDB's own."""

    def __init__(self, path, timeout=20.0):
        deadline = time.monotonic() + timeout
        while True:
            self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self.sock.connect(str(path))
                break
            except OSError:
                self.sock.close()
                if time.monotonic() > deadline:
                    raise GdbError(f"{path}: QEMU does not listen") from None
                time.sleep(0.02)
        self.sock.settimeout(timeout)
        self.buf = b""
        # A client that has not asked for the description of the registers is taken for one that
        # cannot know them all: QEMU then fails to read some ISA's.
        self.ask("qXfer:features:read:target.xml:0,ffb")

    def close(self):
        self.sock.close()

    def _byte(self):
        if not self.buf:
            try:
                self.buf = self.sock.recv(65536)
            except (OSError, TimeoutError) as e:
                raise GdbError(f"no answer from QEMU's gdb stub: {e}") from None
            if not self.buf:
                raise GdbError("QEMU closed its gdb stub")
        byte, self.buf = self.buf[:1], self.buf[1:]
        return byte

    def _reply(self):
        while self._byte() != b"$":
            pass
        data = b""
        while (byte := self._byte()) != b"#":
            data += byte
        self._byte(), self._byte()  # the checksum; the socket loses nothing
        self._write(b"+")
        return data.decode("ascii", "replace")

    def _send(self, text):
        data = text.encode("ascii")
        self._write(b"$" + data + b"#%02x" % (sum(data) & 0xFF))

    def _write(self, data):
        try:
            self.sock.sendall(data)
        except OSError as e:
            raise GdbError(f"QEMU closed its gdb stub: {e.strerror}") from None

    def ask(self, text):
        """Send a packet; its answer. GdbError for an error or an unknown packet."""
        self._send(text)
        reply = self._reply()
        if reply == "" or (len(reply) == 3 and reply[0] == "E"):
            raise GdbError(f"QEMU's gdb stub answers '{reply}' to '{text[:40]}'")
        return reply

    def run_to(self, address):
        """Continue until a CPU is about to execute @address."""
        self.ask(f"Z1,{address:x},4")
        self.ask("c")  # the answer is the stop
        self.ask(f"z1,{address:x},4")

    def register(self, number, byteorder):
        """A general register; of 64 bits on every ISA, and they stand first in the packet."""
        return int.from_bytes(bytes.fromhex(self.ask("g"))[8 * number:8 * number + 8], byteorder)

    def read(self, address, length):
        out = b""
        while len(out) < length:
            part = min(1024, length - len(out))
            out += bytes.fromhex(self.ask(f"m{address + len(out):x},{part:x}"))
        return out

    def write(self, address, data):
        for at in range(0, len(data), 1024):
            part = data[at:at + 1024]
            self.ask(f"M{address + at:x},{len(part):x}:{part.hex()}")

    def overwrite(self, address, data):
        """write(), of bytes that differ from what is there, and that are there afterwards."""
        before = self.read(address, len(data))
        if before == data:
            raise GdbError(f"the damage at {address:#x} would change nothing")
        self.write(address, data)
        if self.read(address, len(data)) != data:
            raise GdbError(f"the memory at {address:#x} cannot be written")

    def go(self):
        """Let the machine run, and leave it."""
        self._send("D")
        self._reply()
        self.close()
