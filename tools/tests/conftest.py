# SPDX-License-Identifier: GPL-2.0-only
"""Shared by the tests of the host tool: a project directory whose machines are a fake QEMU."""
import os
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
TOOL = HERE.parent / "fencepost"
FAKE = HERE / "fake_qemu.py"
sys.path.insert(0, str(HERE.parent))
from fp.base import isas  # noqa: E402

BOARD = """\
arch = "{arch}"
description = "fake"
default = {default}
qemu = "{qemu}"
args = ["--scenario", "{scenario}", "--smp", "{{smp}}", "--kernel", "{{image}}",
	"--append", "{{append}}", "-no-reboot"]
image = "fencepost.elf"
mem = "1G"
smp = 4
smp_max = 8
boot_timeout = {boot_timeout}
exit_status = "{exit_status}"
"""


PROCESS = """\
arch = "{arch}"
description = "fake"
program = "no-such-qemu"
args = ["--smp", "{{smp}}", "--append", "{{append}}"]
image = "fencepost"
mem = "256"
smp = 4
smp_max = 8
exit_status = "code"
"""


class Project:
    """A directory with boards/ and build/ whose machines play scenarios of fake_qemu.py."""

    def __init__(self, root):
        self.root = root
        (root / "boards").mkdir()

    def board(self, name, scenario, arch="x86_64", default=True, exit_status="code",
              boot_timeout=10.0, qemu=None):
        text = BOARD.format(arch=arch, scenario=scenario, qemu=qemu or FAKE,
                            default=str(default).lower(), exit_status=exit_status,
                            boot_timeout=boot_timeout)
        (self.root / "boards" / f"{name}.toml").write_text(text)
        build = self.root / "build" / arch
        build.mkdir(parents=True, exist_ok=True)
        (build / "fencepost.elf").write_bytes(b"image")
        return self

    def four(self, scenario="pass", **others):
        """All four ISAs; @others: scenarios of single ones."""
        for arch in ("x86_64", "arm64", "riscv64", "powerpc64"):
            self.board(f"fake-{arch}", others.get(arch, scenario), arch=arch)
        return self

    def process(self, scenario="pass", arch=None):
        """The kernel as a process, of this host's ISA if nothing else is said."""
        arch = arch or isas.native()
        (self.root / "boards" / f"hosted-{arch}.toml").write_text(PROCESS.format(arch=arch))
        build = self.root / "build" / f"hosted-{arch}"
        build.mkdir(parents=True, exist_ok=True)
        image = build / "fencepost"
        image.write_text(f'#!/bin/sh\nexec {FAKE} --scenario {scenario} "$@"\n')
        image.chmod(0o755)
        return self

    def run(self, *args, env=None, timeout=30):
        """Run the tool as a user does; stdout is a pipe, so no terminal."""
        full = dict(os.environ, **(env or {}))
        for name in ("LLVM", "DEBUG", "BUSTED", "COLUMNS"):
            if name not in (env or {}):
                full.pop(name, None)
        return subprocess.run([TOOL, "--root", self.root, *args], capture_output=True, text=True,
                              timeout=timeout, env=full, stdin=subprocess.DEVNULL)


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)
