# SPDX-License-Identifier: GPL-2.0-only
"""Which files are meant, and what each test of them is called."""
import os
import re
import stat
from pathlib import Path

from ..base.errors import UserError
from ..base.text import printable

SUFFIX = ".litmus"
PREFIX = "file."
NAME_MAX = 56  # of a test without its prefix: the kernel's names are short
_ODD = re.compile(r"[^A-Za-z0-9_.+-]+")


def _walk(folder):
    """Every litmus file below @folder, in the order of their names; links are not followed, so that
    none leads round in a circle. UserError where a folder cannot be read."""
    def refuse(e):
        raise UserError(f"FILE={e.filename}: cannot be read: {e.strerror}")

    for here, folders, names in os.walk(folder, onerror=refuse):
        folders.sort()
        for name in sorted(names):
            if name.endswith(SUFFIX):
                yield Path(here) / name


def _kind_of(path):
    """"folder" or "file"; UserError for anything else."""
    try:
        mode = path.stat().st_mode
    except OSError as e:
        raise UserError(f"FILE={printable(str(path))}: {e.strerror}") from None
    if stat.S_ISDIR(mode):
        return "folder"
    if stat.S_ISREG(mode):
        return "file"
    raise UserError(f"FILE={path}: neither a file nor a folder")


def find(paths):
    """The files that @paths mean, each once: files as they are, folders with all that is below.
    UserError if there is none."""
    found = []
    for path in map(Path, paths):
        if _kind_of(path) == "file":
            found.append(path)
            continue
        below = list(_walk(path))
        if not below:
            raise UserError(f"FILE={path}: no file *{SUFFIX} is in that folder, nor below it")
        found += below
    return list(dict.fromkeys(found))


def slug(path):
    """The name of a test for @path: what the kernel, globs and JSON take."""
    stem = _ODD.sub("_", path.name.removesuffix(SUFFIX)).strip("_") or "file"
    return stem[:NAME_MAX]


def names(paths):
    """A name for each path; files of one name in several folders get a number."""
    taken, out = set(), []
    for path in paths:
        base, n = slug(path), 1
        name = base
        while name in taken:
            n += 1
            name = f"{base[:NAME_MAX - len(str(n)) - 1]}.{n}"
        taken.add(name)
        out.append(PREFIX + name)
    return out


def common(paths):
    """The folder that all of @paths lie in: names in the summary are shorter without it."""
    try:
        return Path(os.path.commonpath([p.absolute().parent for p in paths]))
    except ValueError:
        return Path("/")
