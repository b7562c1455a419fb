# SPDX-License-Identifier: GPL-2.0-only
"""`make debug`: QEMU stopped at its first instruction, gdb attached with the kernel's symbols."""
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.process import kill_group, spawn
from ..images.builds import check_image
from . import runner
from .log import next_log

BATCH_TIMEOUT = 60.0


def connect(sock, cluster, elf):
    """To all CPUs; or, where they are of several kinds, each of which is a process to gdb, to those
    of @cluster, while the others run along (QEMU manual, "GDB usage", multicore)."""
    if not cluster:
        return [f"target remote {sock}"]
    return [f"target extended-remote {sock}", f"add-inferior -exec {elf}", "inferior 2",
            f"attach {cluster}", "set schedule-multiple on"]


def gdb_command(spec, elf, sock, batch):
    """gdb's argument vector: the machine's architecture, a stop at kernel_main()."""
    argv = ["gdb-multiarch", "-nx", "-q"]
    if batch:
        argv.append("-batch")
    steps = ["set confirm off", "set pagination off"]
    if spec.board.gdb_arch:
        steps.append(f"set architecture {spec.board.gdb_arch}")
    steps += connect(sock, spec.board.gdb_cluster, elf) + ["hbreak kernel_main"]
    if batch:
        steps += ["info registers", "continue", "backtrace", "kill"]
    for step in steps:
        argv += ["-ex", step]
    return argv + [str(elf)]


def _wait_for(proc, sock, stderr):
    for _ in range(500):
        if sock.exists():
            return
        if proc.poll() is not None:
            break
        time.sleep(0.02)
    stderr.seek(0)
    raise UserError(f"QEMU did not start: {stderr.read().decode('utf-8', 'replace').strip()}")


def run(args, spec):
    if not shutil.which("gdb-multiarch"):
        raise UserError("gdb-multiarch is not installed: apt-get install gdb-multiarch")
    elf = spec.image.parent / "fencepost.elf"
    check_image(elf)
    path, log = next_log(args.root / "build" / "log", spec.board)
    with tempfile.TemporaryDirectory(prefix="fencepost-") as tmp, log, \
            tempfile.TemporaryFile() as stderr:
        sock = Path(tmp) / "gdb"
        argv, directory = runner.qemu_command(
            spec, ["-S", "-gdb", f"unix:{sock},server=on,wait=off"])
        try:
            qemu = spawn(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=stderr,
                         cwd=directory)
        except OSError as e:
            raise UserError(f"{argv[0]} cannot be started: {e.strerror}") from None
        try:
            _wait_for(qemu, sock, stderr)
            print(f"console: {path} (tail -f shows it); 'continue' goes to kernel_main()",
                  flush=True)
            return _gdb(gdb_command(spec, elf, sock, args.batch), args.batch)
        finally:
            kill_group(qemu)


def _gdb(argv, batch):
    if batch:
        try:
            done = subprocess.run(argv, timeout=BATCH_TIMEOUT, stdin=subprocess.DEVNULL,
                                  capture_output=True, text=True)
        except subprocess.TimeoutExpired:
            print("gdb did not reach kernel_main() in time")
            return EXIT_FAIL
        print(done.stdout)
        reached = any(line.startswith("#0") and "kernel_main" in line
                      for line in done.stdout.splitlines())
        if not reached:
            print(done.stderr)
            print("gdb did not stop in kernel_main()")
        return EXIT_PASS if reached else EXIT_FAIL
    # Ctrl-C is gdb's: it stops the machine, not the tool. A handler is not inherited through exec.
    old = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        subprocess.run(argv)
    finally:
        signal.signal(signal.SIGINT, old)
    return EXIT_PASS
