# SPDX-License-Identifier: GPL-2.0-only
"""Addresses of a kernel's code as places in its source, by addr2line of the ISA's binutils."""
import subprocess
from pathlib import PurePath

LIMIT = 20.0  # seconds; a large image takes one


def places(isa, elf, addresses, root):
    """{address: "file:line"} of those that are known; {} without the image, the tool or its debug
    information. @root: the top of the tree."""
    if not addresses or not elf.is_file():
        return {}
    argv = [isa.tool("addr2line"), "-e", str(elf), *(f"{a:x}" for a in addresses)]
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=LIMIT, check=True)
    except (OSError, subprocess.SubprocessError):
        return {}
    found = {}
    for address, line in zip(addresses, done.stdout.splitlines()):
        name, _, number = line.split(" (")[0].rpartition(":")
        if number.isdigit() and int(number) and "?" not in name:
            found[address] = f"{shorten(name, root)}:{number}"
    return found


def shorten(name, root):
    """A source's name from the top of the tree, wherever it was compiled; as it is otherwise."""
    parts = PurePath(name).parts
    for n in range(1, len(parts)):
        inner = PurePath(*parts[n:])
        if (root / inner).is_file():
            return str(inner)
    return name
