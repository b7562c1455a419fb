# SPDX-License-Identifier: GPL-2.0-only
"""Images of litmus files: C is written of a batch of programs, and make builds it into a kernel.

A command has directories of its own below build/, which go with it: two commands at once must not
write one image, and what was built of one batch serves no other.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

from ..base.errors import UserError
from ..base.files import write_file
from ..base.host import host_cores
from ..images.builds import FLAVOURS, build_dir
from ..images.decoder import Unknown
from . import emit, objdeps

DIRECTORY = "litmus"  # of build/: the sources
LINES_OF_ERROR = 3


class NotBuilt(Exception):
    """make has failed on the files' own sources; the text says how, in a line.

    @blamed: [(job, sentence)] where it is known which files are to blame; the others can be built
    without them.
    """

    def __init__(self, text, blamed=()):
        super().__init__(text)
        self.blamed = list(blamed)


class Builder:
    """Builds images of one flavour in directories of this process; a context, it removes them."""

    def __init__(self, root, flav):
        self.root, self.flav = Path(root), flav
        self.used = set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for path in self.used:
            shutil.rmtree(self.root / path, ignore_errors=True)

    def _places(self, board):
        """(sources, directory of the image), below the root."""
        sources = Path("build") / DIRECTORY / f"{os.getpid()}-{board.target()}"
        out = build_dir("", board.target(), self.flav)
        out = out.with_name(f"{out.name}-{DIRECTORY}-{sources.name}")
        self.used |= {sources, out}
        return sources, out

    def build(self, board, jobs, log):
        """(directory of the image, jobs that are in it); a job that no image can hold gets its
        trouble. NotBuilt."""
        arch = board.arch
        sources, out = self._places(board)
        expect = {id(j.program): j.expect(arch) for j in jobs}
        emitted = emit.write([j.program for j in jobs], self.root / sources,
                             lambda program: expect[id(program)], names=[j.name for j in jobs])
        inside = [job for job, e in zip(jobs, emitted) if e.test]
        for job, e in zip(jobs, emitted):
            if not e.test:
                job.trouble[arch] = e.why
        if inside:
            self._make(board, sources, log)
            if not board.is_process():
                self._hold_against(sources, out, list(zip(jobs, emitted)))
        return self.root / out, inside

    def _make(self, board, sources, log):
        of = ["ARCH=hosted", f"HOST={board.arch}"] if board.is_process() else [f"ARCH={board.arch}"]
        argv = ["make", "--no-print-directory", f"-j{host_cores()}", "-f", "build.mk",
                *of, f"LITMUS={sources}"]
        argv += [f"{name}={os.environ[name]}" for name in FLAVOURS if os.environ.get(name)]
        env = {k: v for k, v in os.environ.items()
               if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", *FLAVOURS)}
        done = subprocess.run(argv, cwd=self.root, env=env, capture_output=True, text=True,
                              errors="replace", stdin=subprocess.DEVNULL)
        if done.returncode:
            write_file(log, done.stdout + done.stderr)
            self._refuse(board.arch, sources, log, done)

    def _hold_against(self, sources, out, pairs):
        """The compiler has kept what the files are about; else NotBuilt. @pairs: (job, Emitted)."""
        expected = json.loads((self.root / sources / "bodies.json").read_text())
        objects = sorted((self.root / out / "file").glob("*.o"))
        try:
            lost, unread = objdeps.faults_of(expected, objects)
        except Unknown as e:
            raise UserError(f"whether dependencies were kept cannot be told: {e}") from None
        for job, e in pairs:
            job.program.notes += [f"{name} {unread[name][0]}: whether the compiler has kept what "
                                  "it is about is not known" for name in e.bodies
                                  if name in unread]
        blamed = [(job, f"the compiler has not kept what it is about: {name}: {lost[name][0]}")
                  for job, e in pairs for name in e.bodies if name in lost]
        if lost:
            raise NotBuilt(f"the compiler has not kept what {len(lost)} bodies are about", blamed)

    def _refuse(self, arch, sources, log, done):
        """NotBuilt; UserError if it is not for what the files hold."""
        lines = [x for x in done.stderr.splitlines() if "error" in x.lower()] or \
            done.stderr.splitlines()
        said = " / ".join(lines[:LINES_OF_ERROR]) or f"make ended with {done.returncode}"
        if not any(str(sources) in line for line in lines):
            raise UserError(f"{arch}: the kernel itself was not built: {said} ({log} has all)")
        raise NotBuilt(said)
