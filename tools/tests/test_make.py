# SPDX-License-Identifier: GPL-2.0-only
"""The Makefile: options are honoured or refused, and two builds of one flavour take turns."""
import fcntl
import os
import shutil
import subprocess

import pytest
from conftest import HERE

TOP = HERE.parents[1]


def make(*args, **env):
    """make -n: what would be run."""
    clean = {k: v for k, v in os.environ.items()
             if k not in ("ARCH", "LLVM", "DEBUG", "BUSTED", "MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(["make", "-n", *args], cwd=TOP, capture_output=True, text=True,
                          timeout=30, env={**clean, **env}, stdin=subprocess.DEVNULL)


@pytest.mark.parametrize("args,words", [
    (("thread", "MACHINE=q35"), "make thread has no use for MACHINE: it takes only ARCH"),
    (("thread", "TESTS=a", "APPEND=b", "TIMEOUT=1"), "no use for TESTS APPEND TIMEOUT"),
    (("bench", "TESTS=a"), "make bench has no use for TESTS: it takes only ARCH SECS"),
    (("check", "ARCH=arm64"), "make check has no use for ARCH: it takes none"),
    (("check-long", "SMP=2"), "make check-long has no use for SMP: it takes only SECS RESUME"),
    (("run", "TRIES=3"), "make run has no use for TRIES"),
    (("run", "ARCH=vax"), "ARCH=vax is none of"),
    (("run", "LLVM=yes"), "LLVM=yes is none of: 0 1"),
    (("run", "DEBUG=2"), "DEBUG=2 is none of: 0 1"),
    (("build", "BUSTED=typo"), "BUSTED=typo is none of: mb"),
    (("-f", "build.mk", "ARCH=arm64", "BUSTED=typo"), "BUSTED=typo is none of: mb"),
])
def test_what_would_be_ignored_is_refused(args, words):
    done = make(*args)
    assert done.returncode == 2 and words in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("args,words", [
    (("bench", "SECS=1", "ARCH=arm64"), ["for a in arm64;", "bench --arch arm64 --secs 1"]),
    (("bench",), ["for a in x86_64 arm64 riscv64 powerpc64;"]),
    (("compare", "ARCH=riscv64", "SMP=2"), ["compare --arch riscv64", "--smp 2"]),
    (("thread", "ARCH=arm64", "RESUME=1"), ["thread --arch arm64", "--resume"]),
    (("check-long", "SECS=5", "RESUME=1"), ["check-long --secs 5 --resume"]),
    (("run", "MACHINE=pc", "TESTS=a.*", "VERBOSE=1"),
     ["run --arch x86_64 --machine pc --tests 'a.*'", "--verbose"]),
])
def test_options_reach_the_tool(args, words):
    done = make(*args)
    assert done.returncode == 0, done.stderr
    for word in words:
        assert word in done.stdout


@pytest.mark.parametrize("args,option", [
    (("run", "VERBOSE"), "--verbose"), (("thread", "QUICK"), "--quick"),
    (("thread", "RESUME"), "--resume"), (("mutants", "RESUME"), "--resume"),
    (("check-long", "RESUME"), "--resume"),
])
def test_what_is_0_is_off(args, option):
    for value in "01":
        done = make(args[0], f"{args[1]}={value}")
        assert done.returncode == 0, done.stderr
        assert (option in done.stdout) == (value == "1")


@pytest.mark.parametrize("args,there,absent", [
    (("run", "MACHINE=grub-bios"), "ONLY=x86_64 tools/deps.sh boards/grub-bios.toml\n", "uboot"),
    (("run", "ARCH=arm64"), "ONLY=arm64 tools/deps.sh \n", "boards/"),
    (("image", "BOARD=visionfive2"), "ONLY=riscv64 tools/deps.sh boards/visionfive2.toml", "rk33"),
    (("run", "lint"), "ONLY= tools/deps.sh \n", "boards/"),
    (("compare",), "ONLY= tools/deps.sh \n", "boards/"),
    (("images",), "boards/talos2.toml", None),
    (("check",), "boards/uboot-arm64.toml", None),
])
def test_firmware_is_installed_for_what_boots_by_it(args, there, absent):
    said = make(*args).stdout.split("\n", 1)[0] + "\n"
    assert there in said and (absent is None or absent not in said)


def test_compare_and_thread_are_of_all_isas_unless_told():
    for goal in ("compare", "thread"):
        assert "--arch" not in make(goal).stdout


@pytest.mark.parametrize("flags,suffix", [
    ({}, ""), ({"LLVM": "0"}, ""), ({"LLVM": "1"}, "-llvm"), ({"DEBUG": ""}, ""),
    ({"DEBUG": "0", "LLVM": "1", "BUSTED": "mb"}, "-release-llvm-busted-mb"),
])
def test_flavours_have_the_same_names_in_make_and_the_tool(monkeypatch, flags, suffix):
    from fp.images.builds import flavour
    text = "include flavour.mk\n$(info <$(FLAVOUR)>)\nall:;\n"
    for env, args in ((flags, []), ({}, [f"{k}={v}" for k, v in flags.items()])):
        clean = {k: v for k, v in os.environ.items() if k not in ("LLVM", "DEBUG", "BUSTED")}
        done = subprocess.run(["make", "-f", "-", *args], cwd=TOP, input=text, text=True,
                              capture_output=True, timeout=30, env={**clean, **env})
        assert f"<{suffix}>" in done.stdout
    for name in ("LLVM", "DEBUG", "BUSTED"):
        monkeypatch.delenv(name, raising=False)
    for name, value in flags.items():
        monkeypatch.setenv(name, value)
    assert flavour() == suffix.removeprefix("-")


def test_a_second_build_waits_for_the_first(tmp_path):
    for name in ("build.mk", "isa.mk", "flavour.mk"):
        shutil.copy(TOP / name, tmp_path)
    (tmp_path / "kernel" / "native").mkdir(parents=True)
    (tmp_path / "kernel" / "native" / "build.mk").touch()
    (tmp_path / "build" / "arm64").mkdir(parents=True)
    with open(tmp_path / "build" / "arm64" / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # As one that no other make has started: that would say more.
        env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
        second = subprocess.Popen(["make", "-f", "build.mk", "ARCH=arm64", "LLVM=", "DEBUG=1"],
                                  cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, env=env)
        assert "another build is at work" in second.stdout.readline()
        with pytest.raises(subprocess.TimeoutExpired):
            second.wait(0.3)
    # Its turn: it gets as far as what this tree lacks.
    assert "arch.mk: No such file" in second.communicate(timeout=30)[0]
