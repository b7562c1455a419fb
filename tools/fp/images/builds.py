# SPDX-License-Identifier: GPL-2.0-only
"""The builds of the kernel: what selects one, where it lies, what a machine needs of it."""
import os
from itertools import combinations
from pathlib import Path

from ..base.errors import UserError

ROOT = Path(__file__).resolve().parents[3]

# What selects a build, as in flavour.mk: values, and what each adds to the directory's name.
BUILDS = sorted(p.parent.name for p in ROOT.glob("kernel/*/build.mk"))
SANITIZERS = ("address", "coverage", "undefined")
FLAVOURS = {"BUILD": {"": "", "native": ""} | {b: b for b in BUILDS if b != "native"},
            "DEBUG": {"": "", "1": "", "0": "release"},
            "SAN": {",".join(some): "-".join(("san",) * bool(some) + some)
                    for n in range(len(SANITIZERS) + 1) for some in combinations(SANITIZERS, n)},
            "LLVM": {"": "", "0": "", "1": "llvm"},
            "BUSTED": {"": "", "mb": "busted-mb"}}


def flavour():
    """Which build: the suffix that flavour.mk gives its directory for what stands in FLAVOURS."""
    parts = []
    for name, values in FLAVOURS.items():
        value = os.environ.get(name, "")
        if value not in values:
            raise UserError(f"{name}={value} is none of: {' '.join(v for v in values if v)}")
        if values[value]:
            parts.append(values[value])
    files = os.environ.get("LITMUS", "").rstrip("/")
    return "-".join(parts + ([f"litmus-{Path(files).name}"] if files else []))


def build_dir(root, arch, flav):
    return Path(root) / "build" / (f"{arch}-{flav}" if flav else arch)


def check_image(image):
    """UserError unless the kernel has been built."""
    if not image.is_file():
        raise UserError(f"{image}: there is no such image; `make build` makes it")


def find_dtb(board, directory):
    """The device tree that a machine must be given, from the build; None if it has its own."""
    if not board.dtb:
        return None
    path = directory / board.dtb
    if not path.is_file():
        raise UserError(f"{path}: there is no such device tree; `make build ARCH={board.arch}` "
                        "makes it")
    return path
