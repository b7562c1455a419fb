# SPDX-License-Identifier: GPL-2.0-only
"""Copies of the project under build/mutants/, in which mutants are planted, built and taken out.

A copy has the state of the tree as it is, whether committed or not, and a build directory of its
own, in which only what a mutant touches is built anew. It is a git repository without a commit, so
that the tools that ask git for the files find them. Whatever a run that was interrupted has left
there, the next one brings into line with the tree first.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UserError
from ..base.process import kill_group, spawn
from ..base.tree import Tree
from ..images.builds import FLAVOURS, build_dir
from . import catalogue

POLL = 0.1
BUILD_TIMEOUT = 600.0
# What becomes part of an image, or of how it is run: nothing else decides what a guest's tests say.
_GUEST = ("arch/", "boards/", "include/", "kernel/", "lib/", "linker/", "mm/", "tests/", "build.mk",
          "flavour.mk", "isa.mk", "tools/ksyms.py", "drivers/")
_NEVER = (catalogue.DIRECTORY + "/", "docs/", "README.md")


class Stopped(Exception):
    """The command ends early, and so does all that it started."""


def digest(root, names, guest):
    """What the sources are; of an image's alone with @guest."""
    total = hashlib.sha256()
    for name in names:
        if name.startswith(_NEVER) or (guest and not name.startswith(_GUEST)):
            continue
        total.update(f"{name}\0".encode())
        total.update(hashlib.sha256((Path(root) / name).read_bytes()).digest())
    return total.hexdigest()


def run_command(argv, cwd, stop, timeout, env=None):
    """(status, output) of a command; its status is None if it took longer than @timeout. Stopped
    when @stop, an Event, is set."""
    proc = spawn(argv, cwd=cwd, env=env, text=True, errors="replace", stdin=subprocess.DEVNULL,
                 stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    left = timeout
    try:
        while True:
            try:
                text, _ = proc.communicate(timeout=POLL)
                return proc.returncode, text
            except subprocess.TimeoutExpired:
                left -= POLL
            if stop.is_set():
                raise Stopped
            if left <= 0:
                return None, f"took longer than {timeout:g} s"
    finally:
        kill_group(proc)


@dataclass(frozen=True)
class Build:
    """What is made of a copy: an ISA's image, or its process, with sanitizers."""

    arch: str
    process: bool = False
    san: str = ""

    def words(self):
        """For build.mk."""
        port = ["ARCH=hosted", f"HOST={self.arch}"] if self.process else [f"ARCH={self.arch}"]
        return port + ([f"SAN={self.san}"] if self.san else [])

    def directory(self):
        """Its name below build/."""
        target = f"hosted-{self.arch}" if self.process else self.arch
        return build_dir("", target, FLAVOURS["SAN"][self.san]).name


class Copy:
    """One copy of the tree; used by one thread at a time."""

    def __init__(self, root, number, cores):
        self.origin = Path(root)
        self.root = self.origin / "build" / "mutants" / f"job{number}"
        self.cores = cores
        self.planted = {}  # file: text without the mutant

    def sync(self, names):
        """Make it what the tree is."""
        fresh = not self.root.exists()
        self.root.mkdir(parents=True, exist_ok=True)
        if not (self.root / ".git").exists() and shutil.which("git"):
            subprocess.run(["git", "init", "-q", str(self.root)], check=False,
                           stdin=subprocess.DEVNULL)
        wanted = set(names)
        for path in self.root.rglob("*"):
            name = str(path.relative_to(self.root))
            if not name.startswith(("build/", ".git/")) and path.is_file() and name not in wanted:
                path.unlink()
        for name in names:
            self._copy_file(name, fresh)

    def _copy_file(self, name, fresh):
        """In a @fresh copy the file keeps its time, as the builds that are taken along keep theirs.
        Later it gets the time of now: what was built of another text is older."""
        source, target = self.origin / name, self.root / name
        if target.is_file() and target.read_bytes() == source.read_bytes():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)
        if not fresh:
            os.utime(target)

    def take_build(self, build):
        """Begin with the tree's own build, if there is one and the copy has none."""
        theirs, ours = (r / "build" / build.directory() for r in (self.origin, self.root))
        if ours.exists() or not (theirs / "lock").is_file():
            return
        with open(theirs / "lock", "rb") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            shutil.copytree(theirs, ours)

    def build(self, build, stop):
        """(status, output) of making it."""
        env = dict(os.environ, LLVM="", DEBUG="1", BUSTED="", MAKEFLAGS="")
        return run_command(["make", "--no-print-directory", "-j", str(self.cores), "-f",
                            "build.mk", *build.words()], self.root, stop, BUILD_TIMEOUT, env)

    def build_sound(self, build, stop):
        """The tree without a mutant must build: else UserError."""
        status, text = self.build(build, stop)
        if status:
            tail = "\n".join(text.rstrip().splitlines()[-10:])
            raise UserError(f"the tree itself does not build for {build.directory()}:\n{tail}")

    def read(self, name):
        return (self.root / name).read_text(encoding="utf-8")

    def plant(self, mutant):
        """Put the mutant in."""
        texts = catalogue.apply_edits(self.read, mutant.edits)
        for name, text in texts.items():
            self.planted[name] = self.read(name)
            (self.root / name).write_text(text, encoding="utf-8")

    def restore(self):
        """Take out what was planted; the files are written anew, so that make notices."""
        for name, text in self.planted.items():
            (self.root / name).write_text(text, encoding="utf-8")
        self.planted = {}

    def image_dir(self, build):
        return self.root / "build" / build.directory()


def tree_names(root):
    """The files of the tree: tracked and new ones, not what is ignored."""
    return Tree(root).names
