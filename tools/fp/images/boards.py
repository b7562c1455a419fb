# SPDX-License-Identifier: GPL-2.0-only
"""Machines and boards as data: reads boards/*.toml and makes QEMU command lines of them.

What QEMU can start is a machine; what it cannot is a board, for which `make image` makes something
to put on a card, and which may name the machine that stands in for it. The kernel as a program of
this host is a process. docs/boards.md describes the format. A file that is wrong is refused with
its name, the key and what it should be, so that a new board does not need this file read.
"""
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from ..base import isas
from ..base.errors import UserError
from ..base.tables import read_table
from . import media

PLACEHOLDERS = ("smp", "mem", "image", "append", "accel", "medium")  # of args: Board.command()
SMP_MOST = 512
EXIT_STYLES = ("none", "code", "isa-debug")

_KEYS = {
    "arch": str, "description": str, "default": bool, "qemu": str, "program": str,
    "args": list, "kvm_args": list, "image": str, "dtb": str, "append": str, "mem": str, "smp": int,
    "smp_max": int, "smp_fixed": bool, "smp_extra": int, "boot_timeout": (int, float),
    "exit_status": str, "entry": int, "gdb_arch": str, "gdb_cluster": int,
    "packages": list, "medium": str, "holds": list, "load": int, "ram_base": int, "ram_size": int,
    "firmware": str, "console": str, "flash": str, "vendor": str, "standin": str,
    "says": str, "qemu_since": int, "newer_args": dict,
}
_REQUIRED = ("arch", "description", "image")
_MACHINE = ("qemu", "args", "mem", "smp", "smp_max")
_PROCESS = ("program", "args", "mem", "smp", "smp_max")
_BOARD = ("medium", "load", "ram_base", "ram_size", "firmware", "console", "flash")


@dataclass
class Board:
    """One machine or board; the fields are the keys of its file."""

    name: str
    path: Path
    arch: str
    description: str
    image: str
    qemu: str = ""
    program: str = ""  # what runs it on a host of another ISA: QEMU's user mode
    args: list = field(default_factory=list)
    mem: str = ""
    smp: int = 0
    smp_max: int = 0
    default: bool = False
    kvm_args: list = field(default_factory=list)
    dtb: str = ""
    append: str = ""
    smp_fixed: bool = False
    smp_extra: int = 0
    boot_timeout: float = 30.0
    exit_status: str = "none"
    entry: int = 0
    gdb_arch: str = ""
    gdb_cluster: int = 0
    packages: list = field(default_factory=list)
    medium: str = ""
    holds: list = field(default_factory=list)
    load: int = 0
    ram_base: int = 0
    ram_size: int = 0
    firmware: str = ""
    console: str = ""
    flash: str = ""
    vendor: str = ""
    standin: str = ""
    says: str = ""
    qemu_since: int = 0
    newer_args: dict = field(default_factory=dict)

    def is_machine(self):
        """Can QEMU start it?"""
        return bool(self.qemu)

    def is_process(self):
        """Is it a program of this host?"""
        return bool(self.program)

    def port(self):
        """The directory of arch/ that its kernel is made of, and whose boot options it has."""
        return "hosted" if self.is_process() else self.arch

    def target(self):
        """What the directory of its build is called."""
        return f"hosted-{self.arch}" if self.is_process() else self.arch

    def starter(self):
        """The program that runs it: a QEMU, or "" where this host does by itself."""
        if not self.is_process():
            return self.qemu
        if self.is_native():
            return ""
        return self.program if shutil.which(self.program) else self.program + "-static"

    def check_smp(self, smp):
        """The number of CPUs to ask for, or UserError where the machine cannot have it."""
        if smp is None:
            return self.smp
        if self.smp_fixed and smp != self.smp:
            raise UserError(f"SMP={smp}: machine {self.name} always has {self.smp} CPUs; use "
                            f"APPEND=cpus={smp} to bring up fewer")
        if not 1 <= smp <= self.smp_max:
            raise UserError(f"SMP={smp}: machine {self.name} has 1 to {self.smp_max} CPUs")
        return smp

    def is_native(self):
        return isas.find(self.arch).is_native()

    def command(self, *, smp, image, append, accel="tcg", mem=None, dtb=None, medium=None,
                qemu_major=0, extra=()):
        """The argument vector of a QEMU of that major version; 0: it is not known."""
        words = {
            "smp": str(smp + self.smp_extra), "mem": mem or self.mem, "image": str(image),
            "append": append, "accel": "kvm" if accel == "kvm" else "tcg,thread=multi",
            "medium": str(medium),
        }
        argv = [self.starter()] if self.starter() else []
        argv += [str(image)] if self.is_process() else []
        for arg in self.args:
            for key, value in words.items():
                # One placeholder an argument: a value is never searched for placeholders itself.
                if "{" + key + "}" in arg:
                    arg = arg.replace("{" + key + "}", value)
                    break
            argv.append(arg)
        for since, more in self.newer_args.items():
            argv += more if qemu_major >= int(since) else []
        if accel == "kvm":
            argv += self.kvm_args
        if dtb:
            argv += ["-dtb", str(dtb)]
        return argv + list(extra)


def _check_machine(path, data):
    """UserError unless the values make a QEMU of it that ends with the guest."""
    smp, most = data["smp"], data["smp_max"]
    if not 1 <= smp <= most <= SMP_MOST:
        raise UserError(f"{path}: smp {smp}, smp_max {most}: 1 <= smp <= smp_max <= {SMP_MOST}")
    if data.get("smp_extra", 0) < 0 or data.get("boot_timeout", 1) <= 0:
        raise UserError(f"{path}: smp_extra and boot_timeout are not negative")
    if not re.fullmatch(r"[1-9]\d*[KMGT]?", data["mem"]):
        raise UserError(f"{path}: mem '{data['mem']}' is no size, such as 512M or 1G")
    for key in ("args", "kvm_args"):
        for name in re.findall(r"\{(\w+)\}", " ".join(data.get(key, ()))):
            if key != "args" or name not in PLACEHOLDERS:
                raise UserError(f"{path}: {key}: '{{{name}}}' is none of "
                                f"{', '.join(f'{{{p}}}' for p in PLACEHOLDERS)}, in args only")
    if "-no-reboot" not in data["args"]:
        raise UserError(f"{path}: args: without -no-reboot a machine that crashes starts again, "
                        "for ever")


def _check_kind(path, data):
    """UserError unless all is there that a machine needs, or a board, and what it names exists."""
    keys = _MACHINE if "qemu" in data else _PROCESS if "program" in data else _BOARD
    for key in keys:
        if key not in data:
            raise UserError(f"{path}: the key '{key}' is missing")
    if data.get("medium", "image") not in media.KINDS:
        raise UserError(f"{path}: medium '{data['medium']}' is none of {', '.join(media.KINDS)}")
    for since in data.get("newer_args", ()):
        if not since.isdigit() or not isinstance(data["newer_args"][since], list):
            raise UserError(f"{path}: newer_args: a list of arguments by a version of QEMU, as in "
                            '{ 9 = ["-x", "y"] }')
    for what in data.get("holds", ()):
        if what not in media.HOLDS:
            raise UserError(f"{path}: holds: '{what}' is none of {', '.join(media.HOLDS)}")
    if "qemu" in data:
        _check_machine(path, data)
    if keys is _BOARD and not (data["ram_base"] <= data["load"] <
                                   data["ram_base"] + data["ram_size"]):
        raise UserError(f"{path}: load {data['load']:#x} is not in the board's memory")
    where = Path(path).parent / f"{data.get('standin')}.toml"
    if "standin" in data and not where.is_file():
        raise UserError(f"{path}: standin '{data['standin']}' has no file {where}")


def load_board(path):
    """Read one file; UserError names what is wrong in it."""
    data = read_table(path, _KEYS, _REQUIRED)
    if data["arch"] not in isas.names():
        raise UserError(f"{path}: arch '{data['arch']}' is none of {', '.join(isas.names())}")
    if data.get("exit_status", "none") not in EXIT_STYLES:
        raise UserError(f"{path}: exit_status must be one of {', '.join(EXIT_STYLES)}")
    _check_kind(path, data)
    return Board(name=Path(path).stem, path=Path(path), **data)


class Boards:
    """Every machine (all), board (boards) and process (processes) of a directory, by name."""

    def __init__(self, directory):
        self.dir = Path(directory)
        files = sorted(self.dir.glob("*.toml"))
        if not files:
            raise UserError(f"{self.dir}: no machine is described there (*.toml)")
        self.wrong, known = {}, {}
        for f in files:
            try:
                known[f.stem] = load_board(f)
            except UserError as e:
                self.wrong[f.stem] = e  # hurts who asks for it, and nobody else
        self.all = {n: b for n, b in known.items() if b.is_machine()}
        self.processes = {n: b for n, b in known.items() if b.is_process()}
        self.boards = {n: b for n, b in known.items() if n not in self.all | self.processes}

    def check_all(self):
        """UserError if a file is wrong: for what is of all machines."""
        for e in self.wrong.values():
            raise e

    def _check_name(self, name):
        """UserError if it is that of a file that is wrong."""
        if name in self.wrong:
            raise self.wrong[name]

    def default(self, arch):
        """The machine that an ISA's tests run on if none is named."""
        found = [b for b in self.all.values() if b.arch == arch and b.default]
        if len(found) != 1:
            self.check_all()
            raise UserError(f"{self.dir}: {arch} has {len(found)} default machines instead of one")
        return found[0]

    def process(self, arch):
        """The process of an ISA, or None."""
        return next((b for b in self.processes.values() if b.arch == arch), None)

    def find_board(self, name):
        """What `make image` makes something for, by name; a part that fits one board will do."""
        self._check_name(name)
        if name in self.boards:
            return self.boards[name]
        near = [b for b in self.boards.values() if name in b.name]
        if len(near) == 1:
            return near[0]
        choice = ", ".join(b.name for b in near) or ", ".join(self.boards)
        raise UserError(f"BOARD={name}: {'several boards' if near else 'no board'} of that name: "
                        f"there are {choice}")

    def find(self, name, arch=None):
        """By name; a part that fits one machine of @arch alone will do ("virt", "pi")."""
        self._check_name(name)
        startable = self.all | self.processes
        if name in startable:
            board = startable[name]
            if arch and board.arch != arch:
                raise UserError(f"MACHINE={name} is {board.arch}, not {arch}: give "
                                f"ARCH={board.arch}")
            return board
        near = [b for b in startable.values() if name in b.name and arch in (None, b.arch)]
        if len(near) == 1:
            return near[0]
        if name in self.boards:
            raise UserError(f"MACHINE={name}: QEMU has no such machine; for the board itself: "
                            f"make image BOARD={name}")
        choice = ", ".join(n for n, b in startable.items() if arch in (None, b.arch))
        raise UserError(f"MACHINE={name}: no such machine{f' for {arch}' if arch else ''}; there "
                        f"are {choice}")
