# SPDX-License-Identifier: GPL-2.0-only
"""The files of the project."""
import hashlib
import subprocess
from pathlib import Path

VERSION = "VERSION"  # a file of what `make install` has put somewhere, where there is no git
SOURCE = (".c", ".h", ".S", ".ld", ".py", ".sh", ".mk", ".dts")


def version(root):
    """The commit, behind the last tag if there is one, and whether files differ from it."""
    try:
        return (Path(root) / VERSION).read_text(encoding="utf-8").strip()
    except OSError:
        pass
    try:
        done = subprocess.run(["git", "-C", str(root), "describe", "--tags", "--always", "--dirty"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return "unknown"
    return done.stdout.strip() or "unknown"


class Tree:
    """The project's files: tracked and new ones, not what is ignored."""

    def __init__(self, root):
        self.root = Path(root)
        self.notes, self.skips = [], []
        try:
            done = subprocess.run(["git", "-C", str(root), "ls-files", "-co", "--exclude-standard"],
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL)
            ok = done.returncode == 0
        except FileNotFoundError:
            ok = False
        if ok:
            names = sorted(set(done.stdout.splitlines()))
        else:
            self.notes.append("not a git checkout: every file but build/ and results/ is "
                              "looked at")
            names = sorted(str(p.relative_to(root)) for p in self.root.rglob("*")
                           if p.is_file() and ".git" not in p.parts)
            names = [n for n in names if not n.startswith(("build/", "results/"))
                     and "__pycache__" not in n]
        self.names = [n for n in names if (self.root / n).is_file()]
        self._text = {}

    def text(self, name):
        if name not in self._text:
            self._text[name] = (self.root / name).read_text(encoding="utf-8", errors="replace")
        return self._text[name]

    def lines(self, name):
        return self.text(name).split("\n")

    def ending(self, *suffixes, dirs=("",)):
        return [n for n in self.names if n.endswith(suffixes) and n.startswith(dirs)]

    def sources(self):
        extra = {"Makefile", "tools/fencepost", ".ci/run"}
        return [n for n in self.names if n.endswith(SOURCE) or n in extra or n.endswith(".toml")
                or n.endswith("/Makefile")]


def fingerprint(root):
    """Of the names and contents of all files of the tree."""
    tree, sum_ = Tree(root), hashlib.sha256()
    for name in tree.names:
        data = (tree.root / name).read_bytes()
        sum_.update(f"{name}\0{len(data)}\0".encode() + data)
    return sum_.hexdigest()
