# SPDX-License-Identifier: GPL-2.0-only
"""What to run: everything that makes a run repeatable, and the limits of its time."""
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from ..base.host import host_cores

# The kernel's own limit of a test without timeout= on the boot line: seconds, and times secs=.
TEST_TIMEOUT = 30.0
TEST_TIMEOUT_SECS = 4.0
DEFAULT_SECS = 0.2
TEST_MARGIN = 10.0  # what our limit of a test is above the kernel's
POWER_OFF_TIMEOUT = 10.0
RUN_LIMIT = 900.0
RUN_LIMIT_SECS = 2.0  # and times secs= for each planned test


def listed_cpus(text, most):
    """How many CPUs a cpu_list= leaves, the one that boots being among them: at most @most."""
    count = 0
    for entry in text.split(","):
        first, _, last = entry.partition("-")
        try:
            count += int(last or first, 0) - int(first, 0) + 1
        except ValueError:
            return most  # refused by the kernel, with words of its own
    return max(1, min(count, most))


@dataclass
class Spec:
    """What to run: everything that makes a run repeatable."""

    board: object
    image: Path
    smp: int
    tests: str = "*"
    seed: int = 1
    secs: str = None
    append: str = ""
    accel: str = "tcg"
    timeout: float = None
    margin: float = TEST_MARGIN
    boot_timeout: float = None
    power_off_timeout: float = POWER_OFF_TIMEOUT
    limit: float = None  # of the run; None: by secs= and the number of tests
    mem: str = None
    dtb: Path = None
    extra: list = field(default_factory=list)
    flavour: str = ""
    cpus: int = None  # how many of them the machine is known to bring up; None: all

    why: str = ""  # of a process: why its results are not this host's silicon's

    def provenance(self):
        return {"kvm": "silicon", "silicon": "silicon", "unknown": "unknown"}.get(self.accel, "tcg")

    def column(self):
        """What its results stand under: its ISA, or for this host's own processor "silicon"."""
        silicon = self.board.is_process() and self.provenance() == "silicon"
        return "silicon" if silicon else self.board.arch

    def boot_line(self):
        words = [f"tests={self.tests}", f"seed={self.seed}"]
        if self.secs is not None:
            words.append(f"secs={self.secs}")
        if self.timeout is not None:
            words.append(f"timeout={self.timeout:g}")
        words += [f"racers={min(host_cores(), 64)}", f"accel={self.accel}"]
        return " ".join(words + self.board.append.split() + self.append.split())

    def test_limit(self):
        """Seconds without a record after which we give up: above the kernel's own limit."""
        kernels = self.timeout
        if kernels is None:
            kernels = TEST_TIMEOUT + TEST_TIMEOUT_SECS * float(self.secs or DEFAULT_SECS)
        return kernels + self.margin

    def run_limit(self, planned):
        """Seconds that the run may take; @planned tests, or None while that is not known."""
        if self.limit is not None:
            return self.limit
        return RUN_LIMIT + RUN_LIMIT_SECS * float(self.secs or DEFAULT_SECS) * (planned or 1)

    def expected_cpus(self):
        """CPUs that must come up: all, or as many as the last cpus= leaves."""
        cpus, listed = self.cpus or self.smp, self.smp
        for word in self.append.split():
            # Numbers as lib/options.c takes them: others it refuses.
            m = re.fullmatch(r"cpus=(?:0[xX]([0-9a-fA-F]+)|([0-9]+))", word)
            if m:
                cpus = int(m[1], 16) if m[1] else int(m[2])
            if word.startswith("cpu_list="):
                listed = listed_cpus(word.partition("=")[2], self.smp)
        return min(cpus, listed, self.smp)

    def rerun(self, tests=None):
        """The line that runs this again, or only some of its tests."""
        words = ["make run", f"ARCH={self.board.arch}"]
        if not self.board.default:
            words.append(f"MACHINE={self.board.name}")
        if self.board.is_process():
            words[1:] = ["ARCH=hosted"] + ([] if self.board.is_native()
                                           else [f"HOST={self.board.arch}"])
        words.append(f"TESTS={shlex.quote(tests or self.tests)}")
        words.append(f"SMP={self.smp} SEED={self.seed}")
        if self.secs is not None:
            words.append(f"SECS={self.secs}")
        if self.timeout is not None:
            words.append(f"TIMEOUT={self.timeout:g}")
        if self.append:
            words.append(f"APPEND={shlex.quote(self.append)}")
        for part in self.flavour.split("-"):
            words += {"release": ["DEBUG=0"], "llvm": ["LLVM=1"], "mb": ["BUSTED=mb"]}.get(part, [])
        return " ".join(words)
