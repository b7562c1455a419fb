# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's boot options as the sources declare them: those of an image, and no others."""
import os
import subprocess

import pytest
from conftest import HERE, TOOL
from fp.base import isas
from fp.base.errors import UserError
from fp.images import boot_options
from fp.images.boards import Boards

TOP = HERE.parents[1]


@pytest.mark.parametrize("arch", isas.names())
def test_they_are_those_of_the_image(arch):
    image = TOP / "build" / arch / "fencepost.elf"
    newest = max(f.stat().st_mtime for g in boot_options.SOURCES for f in TOP.glob(g))
    if not image.is_file() or image.stat().st_mtime < newest:
        pytest.skip(f"{image} has not been built of these sources")
    table = subprocess.run(["nm", image], capture_output=True, text=True).stdout
    inside = {w.removeprefix("__option_") for w in table.split() if w.startswith("__option_")}
    assert {o.name for o in boot_options.load(TOP) if o.is_of(arch)} == inside


def test_an_image_without_drivers_lacks_their_options():
    lacking = boot_options.without_drivers(TOP)
    assert lacking
    for port in lacking:
        with pytest.raises(UserError, match="no boot option earlycon"):
            boot_options.check(TOP, "earlycon=x", port)
    boot_options.check(TOP, "earlycon=x", isas.default())


def test_what_they_take_and_their_help():
    known = {(o.name, o.arch): o for o in boot_options.load(TOP)}
    assert known["rcu", ""].takes == "classic|preempt" and known["rcu", ""].help == "flavour of RCU"
    assert known["tries", ""].takes == "number" and known["secs", ""].takes == "seconds"
    assert known["extended", ""].takes == "0 or 1" and known["anon_vma", ""].takes == "text"
    assert known["exit", "arm64"].takes == "auto|semihosting|none"
    assert known["exit", "x86_64"].help.startswith("how the verdict gets to the host")
    assert all(o.help and o.takes for o in known.values())


@pytest.mark.parametrize("text,words", [
    ("nonsense=1", "no boot option nonsense "), ("trie=2", "did you mean tries?"),
    ("tries", "tries has no value"), ("seed=4", "give SEED=4 instead"),
    ("racers=4", "that is said by the tool"), ("tsc_by=pit", "no boot option tsc_by"),
    ("mmu_ad=0", "no boot option mmu_ad"),
])
def test_words_that_are_refused(text, words):
    with pytest.raises(UserError, match=words.replace("?", r"\?")):
        boot_options.check(TOP, "rcu=preempt " + text, "arm64")


def test_words_that_are_right(tmp_path):
    boot_options.check(TOP, "exit=semihosting tries=1  rcu=preempt", "arm64")
    boot_options.check(TOP, "tsc_by=pit", "x86_64")
    process = Boards(TOP / "boards").process("x86_64")  # has what its port has, not the ISA's
    boot_options.check(TOP, "mmu_ad=0 mmu_ids=66", process.port())
    with pytest.raises(UserError, match="no boot option tsc_by"):
        boot_options.check(TOP, "tsc_by=pit", process.port())
    boot_options.check(tmp_path, "whatever=1", "arm64")  # no sources there: the kernel will say


def test_the_command():
    env = {k: v for k, v in os.environ.items() if not k.startswith("OPTION_")}
    done = subprocess.run([TOOL, "options", "sec*"], capture_output=True, text=True, env=env)
    assert done.stdout == ("secs= seconds (SECS= behind make)\n"
                           "      time that a timed test takes\n")
    assert len(subprocess.run([TOOL, "options"], capture_output=True, text=True, env=env).stdout
               .splitlines()) == 2 * len(boot_options.load(TOP))
    done = subprocess.run([TOOL, "options", "nosuch*"], capture_output=True, text=True, env=env)
    assert done.returncode == 2 and "no boot option of the kernel is called nosuch*" in done.stderr
