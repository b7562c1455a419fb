# SPDX-License-Identifier: GPL-2.0-only
"""The images as UEFI applications, read by the rules of Microsoft's PE Format."""
import struct

import pytest
from conftest import HERE

BUILD = HERE.parents[1] / "build"
MACHINES = {"arm64": 0xaa64, "riscv64": 0x5064, "x86_64": 0x8664}
NAMES = {"x86_64": "fencepost.efi"}  # where it is not the Image that other loaders take, too


def faults(data):
    """What a loader would refuse, or load wrongly: sentences. @data: a PE32+ file."""
    pe, = struct.unpack_from("<I", data, 0x3c)
    if data[:2] != b"MZ" or data[pe:pe + 4] != b"PE\0\0":
        yield "no PE file"
        return
    count, optional = struct.unpack_from("<xxH12xH", data, pe + 4)
    magic, entry = struct.unpack_from("<H14xI", data, pe + 24)
    in_memory, in_file, size, headers = struct.unpack_from("<II16xII", data, pe + 24 + 32)
    subsystem, = struct.unpack_from("<H", data, pe + 24 + 68)
    directories, = struct.unpack_from("<I", data, pe + 24 + 108)
    table = pe + 24 + optional
    if magic != 0x20b or subsystem != 10:
        yield "no UEFI application of 64 bits"
    if directories < 6 or optional != 112 + 8 * directories:
        yield "U-Boot reads the 6th directory, whether it is there or not"
    if table + 40 * count > headers:
        yield "the headers are longer than they say"
    end, entered = headers, False
    for n in range(count):
        where = struct.unpack_from("<8x4I12xI", data, table + 40 * n)
        length, start, raw, offset, flags = where
        if start % in_memory or offset % in_file or start != end or offset != start:
            yield f"section {n} is not where the flat image has it"
        if raw > length or offset + raw > len(data):
            yield f"section {n} is longer than the file"
        if flags & 0x20000000 and flags & 0x80000000:
            yield f"section {n} is writable and executable"
        entered |= bool(flags & 0x20000000) and start <= entry < start + length
        end = start + length
    if not entered:
        yield "the entry point is in no code"
    if end != size:
        yield "the sections do not fill the image"


def image(arch):
    path = BUILD / arch / NAMES.get(arch, "Image")
    if not path.is_file():
        pytest.skip(f"{path} is not built")
    return path.read_bytes()


@pytest.mark.parametrize("arch", MACHINES)
def test_an_image_is_a_uefi_application(arch):
    data = image(arch)
    assert list(faults(data)) == []
    pe, = struct.unpack_from("<I", data, 0x3c)
    assert struct.unpack_from("<H", data, pe + 4) == (MACHINES[arch],)
    if arch in NAMES:
        return
    # What Linux's boot protocols want is still there: magic, size with .bss.
    assert data[56:60] == {"arm64": b"ARM\x64", "riscv64": b"RSC\x05"}[arch]
    assert struct.unpack_from("<Q", data, 16)[0] == struct.unpack_from("<I", data, pe + 24 + 56)[0]


@pytest.mark.parametrize("at,value,words", [
    (-1, b"X", "no PE file"),
    (24 + 16, b"\x10\0\0\0", "entry point"),
    (24 + 60, b"\0\x01\0\0", "headers are longer"),
    (24 + 108, b"\0\0\0\0", "6th directory"),
    (24 + 160 + 16, b"\xff\xff\xff\x7f", "longer than the file"),
    (24 + 160 + 36, b"\x20\0\0\xe0", "writable and executable"),
    (24 + 160 + 40 + 12, b"\0\x10\0\0", "not where the flat image has it"),
])
def test_what_a_loader_would_get_wrong_is_found(at, value, words):
    data = bytearray(image("arm64"))
    pe, = struct.unpack_from("<I", data, 0x3c)
    at = 0 if at < 0 else pe + at
    data[at:at + len(value)] = value
    assert any(words in sentence for sentence in faults(bytes(data)))
