# SPDX-License-Identifier: GPL-2.0-only
"""The files of a command as jobs: read, named, judged for each ISA, and dealt out to images."""
from dataclasses import dataclass, field
from pathlib import Path

from . import defects, files, herd, reader, verdicts
from .faults import LitmusError

A_BOOT = 400  # tests of one image
SECS_MOST, SECS_LEAST = 0.2, 0.01
TOTAL = 180.0  # seconds of racing of a whole command, unless the user says otherwise
OTHER_MACHINE = {"arm64": "arm64-el2"}  # where programs run whose needs the default one lacks


@dataclass
class Job:
    """@trouble: {ISA: why it does not run there}; @remark: why herd7 said nothing."""

    name: str
    path: Path
    program: object
    said: list = field(default_factory=list)
    verdicts: dict = field(default_factory=dict)
    trouble: dict = field(default_factory=dict)
    defects: dict = field(default_factory=dict)  # {ISA: what may show a forbidden outcome}
    remark: str = ""

    def runs_on(self, arch):
        return verdicts.runs_on(self.program, arch) and arch not in self.trouble

    def expect(self, arch):
        """What the kernel is told: nothing, where a forbidden outcome may be the emulator's."""
        return verdicts.UNKNOWN if self.defects.get(arch) else self.verdicts[arch].expect


def read(paths):
    """(jobs, rejections): a Job without verdicts of each file that is one, a sentence with its
    place of each other."""
    sound, rejected = [], []
    for path, got in reader.read_files(paths):
        if isinstance(got, LitmusError):
            rejected.append(str(got))
        else:
            sound.append((path, got))
    names = files.names([path for path, _ in sound])
    return [Job(name, path, program) for name, (path, program) in zip(names, sound)], rejected


def judge(jobs, arches, asked=None, accel="tcg", tell=lambda n: None):
    """Fill in what everybody says; @asked: the Herd of this host, or None."""
    answers = herd.ask_all(asked, [j.program for j in jobs], tell) if asked else {}
    for n, job in enumerate(jobs):
        word, job.remark = answers.get(n, ("", ""))
        job.said = verdicts.sayings(job.program, word, asked)
        job.verdicts = {arch: verdicts.judge(job.said, arch) for arch in arches}
        job.defects = {arch: defects.known(job.program, arch, accel) for arch in arches
                       if job.verdicts[arch].expect == verdicts.FORBID}


def deal(jobs, arch):
    """[(machine or None, jobs)]: the images of an ISA; those of programs that need more than the
    default machine has come last."""
    mine = [j for j in jobs if j.runs_on(arch)]
    plain = [j for j in mine if not j.program.needs]
    needy = [j for j in mine if j.program.needs]
    return [(None, plain[n:n + A_BOOT]) for n in range(0, len(plain), A_BOOT)] + \
        [(OTHER_MACHINE.get(arch), needy[n:n + A_BOOT]) for n in range(0, len(needy), A_BOOT)]


def secs_of_each(count, total=None):
    """Seconds of a test, as the boot line has them: @total is spent on @count tests."""
    secs = min(SECS_MOST, max(SECS_LEAST, (total or TOTAL) / max(count, 1)))
    return f"{secs:.3f}"
