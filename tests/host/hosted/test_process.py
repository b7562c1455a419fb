# SPDX-License-Identifier: GPL-2.0-only
"""The kernel as a process of this host: what Linux sees of it, and what it makes of a Linux that
gives less than usual. Needs the program; `make -f tests/host/Makefile hosted-process` builds it.
"""
import ctypes
import os
import platform
import resource
import signal
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(TOP / "tools"))
from fp.base import isas  # noqa: E402

PROGRAM = TOP / "build" / f"hosted-{isas.native()}" / "fencepost"
CORES = sorted(os.sched_getaffinity(0))
CPUS = 3
LIMIT = 60  # a hang detector

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason=f"{PROGRAM} is not built")


def run(*words, smp=2, **more):
    """It has ended: what it printed, both ways, and its status."""
    return subprocess.run([PROGRAM, "-smp", str(smp), *words], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", timeout=LIMIT, check=False, **more)


SPINS = 1  # the CPU


@pytest.fixture
def busy():
    """It runs, one CPU in a loop that does not end."""
    proc = subprocess.Popen([PROGRAM, "-smp", str(CPUS), "tests=self.hang", "lockup=50"],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    for line in proc.stdout:
        if b"@START" in line:
            break
    yield proc
    proc.kill()
    proc.wait()
    proc.stdout.close()


def tasks(proc):
    """Its threads, in the order of their CPUs."""
    return sorted(Path(f"/proc/{proc.pid}/task").iterdir(), key=lambda p: int(p.name))


def cpu_seconds(task):
    fields = (task / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_cpus_are_bound_to_cores(busy):
    """In turn, as Linux shows it."""
    found = [next(line.split()[1] for line in (t / "status").read_text().splitlines()
                  if line.startswith("Cpus_allowed_list")) for t in tasks(busy)]
    assert found == [str(CORES[cpu % len(CORES)]) for cpu in range(CPUS)]


def test_idle_cpus_use_no_time(busy):
    """Beside the one that spins."""
    before = [cpu_seconds(t) for t in tasks(busy)]
    for _ in range(100):
        time.sleep(0.1)
        took = [cpu_seconds(t) - b for t, b in zip(tasks(busy), before)]
        if took[SPINS] > 0.2:
            break
    assert max(took[:SPINS] + took[SPINS + 1:]) < took[SPINS] / 3, took


def test_its_clock_is_not_too_fast():
    """A limit of its own is not over before that of this host's clock."""
    start = time.monotonic()
    done = run("tests=self.timeout", "timeout=1")
    assert time.monotonic() - start >= 1 and "test's time is up" in done.stdout, done.stdout


def test_a_cpu_without_interrupts_is_asked_what_it_does():
    done = run("tests=self.hang", "lockup=0.5", "timeout=5")
    lines = done.stdout.partition("cpu 1 takes no interrupts")[2].splitlines()
    assert any(" self_spin_irqs_off+0x" in line for line in lines), done.stdout


@pytest.mark.parametrize("words,status", [
    (["tests=self.pass"], 0), (["tests=self.fail"], 1), (["tests=self.panic"], 2),
    (["nonsense=1"], 3)])
def test_the_exit_status_is_the_verdict(words, status):
    done = run(*words)
    assert done.returncode == status, done.stdout


@pytest.mark.parametrize("argv,words", [
    (["-smp", "0"], "-smp"), (["-smp", "65"], "-smp"), (["-smp"], "-smp"), (["-m", "x"], "-m"),
    (["-help"], "-help"), (["-m", "1000000"], "-m")])
def test_wrong_arguments_are_refused_in_a_line(argv, words):
    done = subprocess.run([PROGRAM, *argv], capture_output=True, text=True, timeout=LIMIT,
                          check=False)
    assert done.returncode == 3 and done.stdout.count("\n") == 1
    assert done.stdout.startswith(words + ": fencepost [-smp CPUS]")


def test_ctrl_c_ends_it(busy):
    busy.send_signal(signal.SIGINT)
    assert busy.wait(timeout=5) == -signal.SIGINT


def test_who_reads_its_output_may_leave(busy):
    busy.kill()  # of this one the reader goes first
    reader, writer = os.pipe()
    proc = subprocess.Popen([PROGRAM, "-smp", "2", "tests=lib.*"], stdin=subprocess.DEVNULL,
                            stdout=writer)
    os.close(writer)
    os.read(reader, 1)
    os.close(reader)
    assert proc.wait(timeout=LIMIT) in (0, -signal.SIGPIPE)


def test_nobody_need_listen():
    """Standard input and output are closed: the status still says what came of it."""
    shell = f'exec "{PROGRAM}" -smp 2 "$1" <&- >&- 2>&-'
    for test, status in (("self.pass", 0), ("self.fail", 1)):
        assert subprocess.run(["sh", "-c", shell, "sh", f"tests={test}"], timeout=LIMIT,
                              check=False).returncode == status


def test_one_core():
    """More CPUs than cores: all come up, none of them is told that two can run at once."""
    done = run("tests=kernel.cpus_online,kernel.call_single,litmus.SB", "secs=0.03", smp=CPUS,
               preexec_fn=lambda: os.sched_setaffinity(0, CORES[:1]))
    assert done.returncode == 0, done.stdout
    assert "racers=1" in done.stdout and f'"cpus_online":{CPUS}' in done.stdout


def test_a_limit_of_address_space_is_named():
    done = run("tests=self.pass", preexec_fn=lambda: resource.setrlimit(
        resource.RLIMIT_AS, (1 << 30, 1 << 30)))
    assert done.returncode == 2 and "ulimit -v" in done.stdout, done.stdout


# ---- a Linux that refuses system calls, as a container's filter may ----

NUMBERS = {"x86_64": {"sched_setaffinity": 203, "timer_create": 222, "memfd_create": 319,
                      "sched_getaffinity": 204, "clone": 56, "sigaltstack": 131}}
EPERM = 1


def refuse(nr):
    """Answer this thread's calls of that number with EPERM: seccomp(2), a filter of BPF."""
    code = struct.pack("<HBBIHBBIHBBIHBBI", 0x20, 0, 0, 0,  # load the number
                       0x15, 0, 1, nr, 0x06, 0, 0, 0x00050000 | EPERM, 0x06, 0, 0, 0x7fff0000)
    text = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", 4, ctypes.addressof(text)))
    libc = ctypes.CDLL(None)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, program, 0, 0):
        raise OSError("no filter of system calls can be set here")


@pytest.mark.parametrize("call,status,words", [
    ("sched_setaffinity", 0, "CPU 1 cannot be bound to core"),
    ("timer_create", 2, "Linux gives CPU 0 no timer (error 1)"),
    ("memfd_create", 2, "Linux gives no 256 MiB of memory and 32 GiB of addresses (error 1"),
    ("sched_getaffinity", 2, "Linux does not say which cores this process may use (error 1)"),
    ("clone", 1, "Linux makes no thread for CPU 1 (error 1)"),
    ("sigaltstack", 2, "Linux wants a larger stack for signals (error 1)")])
def test_what_linux_refuses_is_said(call, status, words):
    numbers = NUMBERS.get(platform.machine())
    if not numbers:
        pytest.skip("the numbers of system calls are known of x86_64 alone")
    done = run("tests=self.pass", preexec_fn=lambda: refuse(numbers[call]))
    assert done.returncode == status and words in done.stdout, done.stdout
