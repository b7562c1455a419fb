# SPDX-License-Identifier: GPL-2.0-only
"""The little of an image's ELF file that its own tables need: symbols, and what is at an address.

Of 64 bits and either byte order (System V ABI, chapters 4 and 5); what is damaged is a UserError.
"""
import struct

from ..base.errors import UserError

_SYMTAB, _NOBITS = 2, 8


class Elf:
    """A file, read whole."""

    def __init__(self, path):
        self.path = path
        try:
            self.data = path.read_bytes()
        except OSError as e:
            raise UserError(f"{path}: cannot read: {e.strerror}") from None
        if self.data[:5] != b"\x7fELF\x02" or len(self.data) < 64:
            raise UserError(f"{path}: no ELF file of 64 bits")
        self.order = "<" if self.data[5] == 1 else ">"
        try:
            self.sections = self._sections()
            self.symbols = self._symbols()
        except (struct.error, IndexError, ValueError):
            raise UserError(f"{path}: a damaged ELF file") from None

    def _unpack(self, layout, at):
        return struct.unpack_from(self.order + layout, self.data, at)

    def _sections(self):
        """[(type, address, offset, size, link)]."""
        at, = self._unpack("Q", 0x28)
        size, count = self._unpack("HH", 0x3a)
        out = []
        for n in range(count):
            _, kind, _, address, offset, length, link = self._unpack("IIQQQQI", at + n * size)
            out.append((kind, address, offset, length, link))
        return out

    def _symbols(self):
        """{name: address}."""
        out = {}
        for kind, _, offset, length, link in self.sections:
            if kind != _SYMTAB:
                continue
            names = self.sections[link][2]
            for at in range(offset, offset + length, 24):
                name, = self._unpack("I", at)
                value, = self._unpack("Q", at + 8)
                end = self.data.index(b"\0", names + name)
                out[self.data[names + name:end].decode("ascii", "replace")] = value
        return out

    def offset_of(self, address):
        """Where in the file an address is; UserError if no section has it."""
        for kind, start, offset, length, _ in self.sections:
            if start and kind != _NOBITS and start <= address < start + length:
                return offset + address - start
        raise UserError(f"{self.path}: nothing is at {address:#x}")

    def read(self, layout, address):
        """Numbers at an address, as struct.unpack() has them."""
        try:
            return self._unpack(layout, self.offset_of(address))
        except struct.error:
            raise UserError(f"{self.path}: too short at {address:#x}") from None

    def text(self, address):
        """The string that ends with a zero."""
        at = self.offset_of(address)
        return self.data[at:self.data.find(b"\0", at)].decode("utf-8", "replace")
