# SPDX-License-Identifier: GPL-2.0-only
"""Images of litmus files: C is written of a batch of programs, and make builds it into a kernel."""
import os
import subprocess
from pathlib import Path

from ..base.errors import UserError
from ..base.files import write_file
from ..base.host import host_cores
from ..images.builds import FLAVOURS, build_dir
from . import emit

DIRECTORY = "litmus"  # of build/: the sources
LINES_OF_ERROR = 3


class NotBuilt(Exception):
    """make has failed on the files' own sources; the text says how, in a line."""


def _make(root, arch, sources, log):
    """Build the image of @sources; NotBuilt."""
    argv = ["make", "--no-print-directory", f"-j{host_cores()}", "-f", "build.mk", f"ARCH={arch}",
            f"LITMUS={sources}"]
    argv += [f"{name}={os.environ[name]}" for name in FLAVOURS if os.environ.get(name)]
    env = {k: v for k, v in os.environ.items()
           if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", *FLAVOURS)}
    done = subprocess.run(argv, cwd=root, env=env, capture_output=True, text=True, errors="replace",
                          stdin=subprocess.DEVNULL)
    if done.returncode:
        write_file(log, done.stdout + done.stderr)
        lines = [x for x in done.stderr.splitlines() if "error" in x.lower()] or \
            done.stderr.splitlines()
        said = " / ".join(lines[:LINES_OF_ERROR]) or f"make ended with {done.returncode}"
        if not any(str(sources) in line for line in lines):
            raise UserError(f"{arch}: the kernel itself was not built: {said} ({log} has all)")
        raise NotBuilt(said)


def build(root, arch, flav, jobs, log):
    """(directory of the image, jobs that are in it); a job that fits into none gets a trouble.
    NotBuilt."""
    sources = Path("build") / DIRECTORY / f"{arch}-{flav}" if flav else \
        Path("build") / DIRECTORY / arch
    expect = {id(j.program): j.expect(arch) for j in jobs}
    emitted = emit.write([j.program for j in jobs], Path(root) / sources,
                         lambda program: expect[id(program)], names=[j.name for j in jobs])
    inside = []
    for job, e in zip(jobs, emitted):
        if e.test:
            inside.append(job)
        else:
            job.trouble[arch] = e.why
    if inside:
        _make(root, arch, sources, log)
    return build_dir(root, arch, flav).parent / f"{build_dir(root, arch, flav).name}-{DIRECTORY}-" \
        f"{sources.name}", inside
