# SPDX-License-Identifier: GPL-2.0-only
"""Proves that each way of going wrong ends in a verdict of its own, within seconds.

Every case boots a real machine that fails on purpose (tests/self/runner_self.c, memory_crash.c), is
given too little, or is damaged from outside. A case that ends otherwise than expected fails.
"""
import os
import re
import struct
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

from . import cli, dtb, gdb, live, runner
from . import console as con
from .boards import Boards
from .errors import EXIT_FAIL, EXIT_PASS, UserError

MARGIN = 4.0


@dataclass
class Case:
    """One way of going wrong; @expect: verdicts that tell it; @reason: a pattern in its words;
    @prints: patterns of console lines that come in this order."""

    name: str
    expect: tuple
    reason: str = ""
    tests: str = "self.pass"
    append: str = ""
    timeout: float = 10.0
    action: str = ""
    needs: str = ""  # attribute of the board without which the case does not exist
    debug_only: bool = False
    misuse: bool = False  # of memory: found by portable code, alike on each ISA
    prints: tuple = ()


def _in(*verdicts):
    return verdicts


def _race(function, detector, *, others=True):
    """What the report of a race looks like: columns, what was done in them, verdict, again."""
    return (r"^# .*us +CPU \d+ .*" + ("CPU [1-9]" if others else ""),
            rf"^# .* -\d+\.\d .*{function}\(\): ",
            rf"^# .*\b{detector}: .*\(\w+\+0x[0-9a-f]+ on cpu \d+\)",
            r"^# .*again: make run ARCH=")


def _misuse(says, *tests, debug_only=False):
    """Wrong uses of pages and objects (tests/self/memory_crash.c): a CRASH that @says what."""
    return (Case(test.replace("_", "-"), _in(con.CRASH), says, f"self.{test}",
                 debug_only=debug_only, misuse=True) for test in tests)


CASES = (
    Case("pass", _in(con.PASS)),
    Case("fail", _in(con.FAIL), r"self\.fail: .*as it should be", "self.fail"),
    Case("skip", _in(con.SKIP), "skipped on purpose", "self.skip"),
    Case("fail-and-skip", _in(con.FAIL), r"expected smp_nr_online\(\)", "self.fail_and_skip"),
    Case("long-record", _in(con.FAIL), "record is longer than", "self.long_record"),
    Case("too-few-cpus", _in(con.SKIP), r"needs \d+ CPUs", "self.too_few_cpus"),
    Case("empty-test", _in(con.FAIL), "checked nothing", "self.empty"),
    Case("timeout", _in(con.TIMEOUT), r"self\.timeout", "self.timeout", timeout=1),
    Case("hung-cpu", _in(con.TIMEOUT), r"self\.hang: .*CPU 1", "self.hang", "lockup=0.5",
         timeout=5),
    Case("hung-machine", _in(con.TIMEOUT), r"no record for .* during self\.hang_all",
         "self.hang_all", timeout=1),
    Case("crash", _in(con.CRASH), r"self\.crash", "self.crash"),
    Case("panic", _in(con.CRASH), "on purpose, \"quoted\"", "self.panic"),
    Case("stack-overflow", _in(con.CRASH), "stack overflow", "self.overflow"),
    Case("stack-overflow-cpu1", _in(con.CRASH), "stack overflow", "self.overflow_other"),
    Case("self-deadlock", _in(con.CRASH), "lock_a", "self.self_deadlock", debug_only=True),
    Case("columns", _in(con.PASS), "", "detect.columns", debug_only=True,
         prints=_race("noted_first", "assertion")),
    Case("forced-race", _in(con.PASS), "", "rmap.v0.interleaving", "tries=1 report=1",
         debug_only=True, prints=_race("prepare_v0", "rmap-incomplete")),
    Case("free-race", _in(con.PASS), "", "rmap.v3.free", debug_only=True,
         prints=_race("anon_vma_prepare_v3", "self-deadlock", others=False)),
    Case("deadlock", _in(con.CRASH, con.TIMEOUT), "lock_[ab]", "self.deadlock", "lock_timeout=0.5",
         debug_only=True),
    Case("kept-lock", _in(con.CRASH), "lock_b held by cpu 1 since self_keep_b", "self.lock_kept",
         "lock_timeout=0.2", debug_only=True),
    Case("bad-unlock", _in(con.CRASH), "lock_a", "self.bad_unlock", debug_only=True),
    *_misuse("page freed twice", "page_double_free"),
    *_misuse("page freed while it is mapped", "page_free_mapped"),
    *_misuse("page freed while it is in use", "page_free_in_use"),
    *_misuse("not the beginning of a block", "kfree_inside"),
    *_misuse("block freed with another order", "page_wrong_order"),
    *_misuse("reference to a free page", "page_get_free"),
    *_misuse("unhandled execution of address 0*40000000:", "exec_user", "exec_user_absent"),
    *_misuse("free page was written to", "page_use_after_free", debug_only=True),
    *_misuse("double free", "slab_double_free", "slab_double_free_rcu", "kfree_twice",
             debug_only=True),
    *_misuse("red zone overwritten", "slab_redzone", "slab_redzone_typesafe", debug_only=True),
    *_misuse("written to after it was freed", "slab_use_after_free", "slab_use_after_free_late",
             debug_only=True),
    *_misuse("wrong cache", "slab_wrong_cache", debug_only=True),
    *_misuse("not the beginning of an object", "slab_bad_pointer", debug_only=True),
    *_misuse("is in no slab", "slab_not_slab", debug_only=True),
    Case("truncated", _in(con.TRUNCATED), r"during self\.truncate", "self.truncate"),
    Case("dead-cpu", _in(con.FAIL), "CPU 1 ", append="self_dead_cpu=1"),
    Case("unknown-option", _in(con.CONFIG), "nonsense", append="nonsense=1"),
    Case("bad-option", _in(con.CONFIG), "cpus", append="cpus=many"),
    Case("unknown-switch", _in(con.CONFIG), "'nonsense' is none of cow_no_flush",
         append="busted=lru_no_lock,nonsense", debug_only=True),
    Case("no-such-test", _in(con.CONFIG), "no test matches", tests="self.nonexistent"),
    Case("too-little-memory", _in(con.CRASH), "memory", append="mem=0x100000"),
    Case("damaged-tree", _in(con.CRASH), "tree.*outside", action="tree:cells", needs="entry"),
    Case("damaged-tokens", _in(con.CRASH), "tree.*token", action="tree:tokens", needs="entry"),
    Case("tree-without-cpus", _in(con.CRASH, con.FAIL), "cpu", action="tree:cpus", needs="entry"),
    Case("damaged-acpi", _in(con.CRASH, con.FAIL), "acpi|madt|rsdp|cpus", action="acpi"),
    Case("killed-qemu", _in(con.TRUNCATED), "SIGKILL during self.timeout", "self.timeout",
         timeout=20, action="kill"),
    Case("missing-qemu", _in(con.NOT_STARTED), "not installed", action="no-qemu"),
    Case("missing-image", _in(con.NOT_STARTED), "nonexistent", action="no-image"),
)

# Where a kernel finds its device tree at entry: GDB's number of the register, byte order.
FDT_REGISTERS = {"arm64": (0, "little"), "riscv64": (11, "little"), "powerpc64": (3, "big")}


# Multiboot Specification 0.6.96, section 3.1: entry_addr stands 28 bytes behind the magic number.
MULTIBOOT_MAGIC = 0x1BADB002


class _Killer(runner.Listener):
    """Kills the QEMU of a running machine when its test starts, as a stranger would."""

    def on_record(self, kind, record, transcript):
        if kind != "START":
            return
        for entry in os.listdir("/proc"):
            if not entry.isdigit():
                continue
            try:
                with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as f:
                    parent = int(f.read().rsplit(")", 1)[1].split()[1])
                with open(f"/proc/{entry}/cmdline", "rb") as f:
                    name = f.read().split(b"\0")[0]
            except (OSError, IndexError, ValueError):
                continue
            if parent == os.getpid() and b"qemu" in name:
                os.kill(int(entry), 9)


class _Damage(runner.Listener):
    """Changes the memory of a machine that waits at its first instruction, then lets it run."""

    def __init__(self, sock, how):
        self.sock, self.how = sock, how

    def on_start(self, spec):
        client = gdb.GdbClient(self.sock)
        try:
            if self.how == "acpi":
                self._acpi(client, spec)
            else:
                self._tree(client, spec)
            client.go()
        finally:
            client.close()

    def _tree(self, client, spec):
        client.run_to(spec.board.entry)
        number, order = FDT_REGISTERS[spec.board.arch]
        address = client.register(number, order)
        total = struct.unpack(">I", client.read(address + 4, 4))[0]
        if not 0 < total <= 4 << 20:
            raise gdb.GdbError(f"no device tree at {address:#x}, where the entry register points")
        client.overwrite(address, dtb.damage_dtb(client.read(address, total), self.how))

    def _acpi(self, client, spec):
        head = spec.image.read_bytes()[:8192]
        at = head.find(struct.pack("<I", MULTIBOOT_MAGIC))
        if at < 0:
            raise gdb.GdbError(f"{spec.image} has no multiboot header")
        client.run_to(struct.unpack_from("<I", head, at + 28)[0])
        area = client.read(0xE0000, 0x20000)
        at = area.find(b"RSD PTR ")
        if at < 0:
            raise gdb.GdbError("no RSDP in the BIOS area")
        client.overwrite(0xE0000 + at + 9, b"BROKEN")  # the checksum no longer fits


NOT_DAMAGED = "?"


def _spec(board, image, case, flav):
    spec = runner.Spec(board=board, image=image, smp=min(4, board.smp_max), tests=case.tests,
                       seed=cli.FIXED_SEED, append=case.append, timeout=case.timeout,
                       margin=MARGIN, flavour=flav)
    if case.action == "no-qemu":
        spec.board = replace(board, qemu="/nonexistent/qemu")
    elif case.action == "no-image":
        spec.image = Path("/nonexistent/image")
    return spec


def run_case(board, image, case, log_dir, flav=""):
    """Run one case; (ok, verdict, sentence, seconds). A machine that could not be damaged (QEMU's
    gdb stub now and then drops its client on a busy host) says nothing of the kernel: try again."""
    for _ in range(3):
        result = _run_case(board, image, case, log_dir, flav)
        if result[1] != NOT_DAMAGED:
            break
    return result


def _run_case(board, image, case, log_dir, flav):
    spec = _spec(board, image, case, flav)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fencepost-") as tmp:
        listener = runner.Listener()
        if case.action == "kill":
            listener = _Killer()
        elif case.action.startswith("tree:") or case.action == "acpi":
            sock = Path(tmp) / "gdb"
            spec.extra = ["-S", "-gdb", f"unix:{sock},server=on,wait=off"]
            listener = _Damage(sock, case.action.removeprefix("tree:"))
        try:
            result = runner.run_machine(spec, log_dir, listener)
        except (gdb.GdbError, UserError) as e:
            why = f"could not damage the machine: {e}"
            return False, NOT_DAMAGED, why, time.monotonic() - start
    took = time.monotonic() - start
    said = result.reason + "\n" + "\n".join(result.transcript.errors)
    if result.verdict not in case.expect:
        return False, result.verdict, (f"expected {' or '.join(case.expect)}; {result.reason} "
                                       f"(console: {result.log})"), took
    if case.reason and not re.search(case.reason, said, re.I):
        return False, result.verdict, (f"its reason does not name the cause /{case.reason}/: "
                                       f"{result.reason} (console: {result.log})"), took
    absent = _absent(case.prints, result.log)
    if absent:
        return False, result.verdict, f"nothing like /{absent}/ on the console: {result.log}", took
    return True, result.verdict, result.reason, took


def _absent(patterns, log):
    """The first of @patterns that no line has behind the line of the one before it, or None."""
    lines = iter(log.read_text(encoding="utf-8", errors="replace").splitlines())
    return next((p for p in patterns if not any(re.search(p, line) for line in lines)), None)


def cases_for(board, only=None, debug=True, misuse=None):
    """The cases that a machine can run. @misuse: only those of memory, or only the others."""
    for case in CASES:
        if only and only not in case.name:
            continue
        if misuse is not None and case.misuse != misuse:
            continue
        if case.needs and not getattr(board, case.needs):
            continue
        if case.action.startswith("tree:") and board.arch not in FDT_REGISTERS:
            continue
        if (case.action == "acpi" and board.arch != "x86_64") or (case.debug_only and not debug):
            continue
        yield case


def run_arch(out, root, arch, only=None, quiet=False, misuse=None):
    """The cases of an ISA (cases_for()); (passed, failed). @quiet: only failures are printed."""
    board = Boards(root / "boards").default(arch)
    flav = cli.flavour()
    image = cli.build_dir(root, arch, flav) / board.image
    runner.check_image(image)
    passed = failed = 0
    for case in cases_for(board, only, "release" not in flav, misuse):
        ok, verdict, why, took = run_case(board, image, case, root / "build" / "log", flav)
        passed, failed = passed + ok, failed + (not ok)
        if not ok or not quiet:
            out.print(f"{'ok  ' if ok else 'FAIL'} {took:6.2f} s  {arch:<9}  {case.name:<20} "
                      f"{verdict:<11} {why}", soft_wrap=True)
    return passed, failed


def run(args, arches):
    out = live.make_console()
    passed = failed = 0
    for arch in arches:
        p, f = run_arch(out, args.root, arch, args.only)
        passed, failed = passed + p, failed + f
    if not passed + failed:
        raise UserError(f"--only {args.only}: no such case; there are "
                        f"{', '.join(c.name for c in CASES)}")
    out.print(f"{passed} passed, {failed} failed, 0 skipped")
    return EXIT_FAIL if failed else EXIT_PASS
