# SPDX-License-Identifier: GPL-2.0-only
"""ISAs as data: each is a directory of arch/ with a file isa.toml.

docs/porting.md describes the keys. make and tools/deps.sh read some of them line by line, before
there is a Python on the machine (isa.mk): that is checked here, too.
"""
import difflib
import functools
import platform
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from .errors import UserError
from .tables import check_keys, read_table

ROOT = Path(__file__).resolve().parents[3]
ORDERS = range(10, 100)  # two digits, which make sorts as text

_FDT = {"register": int, "byte_order": str}
_LINUX = {"arch": str, "cflags": list, "tty": str}
_BOOT = {"mkimage": str, "efi": str}
_KEYS = {
    "order": int, "short": str, "aliases": str, "model": str, "elf_machine": int, "cross": str,
    "host_gcc": str, "clang_target": str, "hosts": list, "first_test_secs": (int, float),
    "packages": list,
    "fdt": dict, "linux": dict, "boot": dict,
}
_REQUIRED = ("order", "short", "elf_machine", "cross", "clang_target", "hosts",
             "first_test_secs", "packages")
READ_BY_MAKE = ("order", "aliases", "model", "cross", "host_gcc", "clang_target")


@dataclass(frozen=True)
class Isa:
    """One ISA; the fields are the keys of its file."""

    name: str
    order: int
    short: str
    elf_machine: int
    cross: str
    clang_target: str
    hosts: list
    first_test_secs: float
    packages: list
    aliases: str = ""
    model: str = ""
    host_gcc: str = ""
    fdt: dict = field(default_factory=dict)
    linux: dict = field(default_factory=dict)
    boot: dict = field(default_factory=dict)

    def tool(self, name):
        """How this host calls the compiler, or a tool of binutils, for the ISA."""
        if platform.machine() == self.host_gcc:
            return name
        prefixes = self.cross.split("|")
        return next((p for p in prefixes if shutil.which(p + "gcc")), prefixes[0]) + name

    def is_native(self):
        return platform.machine() in self.hosts


def _check_lines(path, data):
    """What others than Python read stands as they read it."""
    text = path.read_text(encoding="utf-8")
    for key in READ_BY_MAKE:
        if key in data and not re.search(rf'^{key} = ("[^"\s]+"|\d+)$', text, re.M):
            raise UserError(f"{path}: '{key}' is read by make: it stands alone on a line, as "
                            f'{key} = "value", and its value holds no blank')
    for package in data["packages"]:
        if not re.fullmatch(r"[^=\s]+=[^=\s]+", package) or f'\n\t"{package}",\n' not in text:
            raise UserError(f"{path}: 'packages' is read by tools/deps.sh: a line each, a tab and "
                            '"package=command",')


def load_isa(path):
    """Read one file; UserError names what is wrong in it."""
    path = Path(path)
    data = read_table(path, _KEYS, _REQUIRED)
    if data["order"] not in ORDERS:
        raise UserError(f"{path}: 'order' is a number of two digits")
    for key, keys in (("fdt", _FDT), ("linux", _LINUX), ("boot", _BOOT)):
        if key in data:
            check_keys(f"{path}: [{key}]", data[key], keys, keys)
    if data.get("fdt", {}).get("byte_order", "big") not in ("little", "big"):
        raise UserError(f"{path}: [fdt]: 'byte_order' is little or big")
    _check_lines(path, data)
    return Isa(name=path.parent.name, **data)


@functools.cache
def load(root=ROOT):
    """All ISAs of a tree by name, in their order; the first is the default one."""
    files = sorted(Path(root).glob("arch/*/isa.toml"))
    if not files:
        raise UserError(f"{root}/arch: no ISA is described there (*/isa.toml)")
    found = sorted((load_isa(f) for f in files), key=lambda i: (i.order, i.name))
    return {i.name: i for i in found}


def names():
    """Of the tree that this tool is of."""
    return list(load())


def native():
    """The ISA of this host's programs, or None."""
    return next((i.name for i in load().values() if i.is_native()), None)


def default():
    return names()[0]


def find(name):
    """By its name, or by what other projects call it. UserError if there is none."""
    for isa in load().values():
        if name == isa.name or name in isa.aliases.split(","):
            return isa
    near = difflib.get_close_matches(name, names(), 1)
    raise UserError(f"ARCH={name}: no such ISA; there are {', '.join(names())}" +
                    (f"; did you mean {near[0]}?" if near else ""))


def arch_list(text):
    """The names that --arch gives, with commas between; all ISAs if it was not given."""
    if text is None:
        return names()
    chosen = [find(name).name for name in text.replace(",", " ").split()]
    if not chosen:
        raise UserError("--arch: no ISA is named")
    return list(dict.fromkeys(chosen))
