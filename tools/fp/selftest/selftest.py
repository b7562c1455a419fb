# SPDX-License-Identifier: GPL-2.0-only
"""Proves that each way of going wrong ends in a verdict of its own, within seconds.

Every case boots a real machine that fails on purpose (tests/self/runner_self.c, memory_crash.c), is
given too little, or is damaged from outside. A case that ends otherwise than expected fails.
"""
import os
import re
import signal
import struct
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.terminal import make_console
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, flavour
from ..images.line import FIXED_SEED
from ..record import console as con
from ..record.verdict import (
    CONFIG, CRASH, FAIL, HOST_GAVE_UP, NOT_STARTED, PASS, SKIP, TIMEOUT, TRUNCATED, disagreements)
from ..run import runner
from ..run.result import Listener
from ..run.spec import Spec
from . import aside, dtb, gdb

MARGIN = 4.0
# Groups of cases: wrong uses of memory, and much else, are found by portable code, alike on each
# ISA; a machine that is put aside takes long, and nothing of the host.
MISUSE, PORTABLE, PAUSE = "misuse", "portable", "pause"
# Who ended it: the kernel's watchdog, or this tool.
WATCHDOG = r"by the watchdog on cpu \d+"
HOST = HOST_GAVE_UP


@dataclass
class Case:
    """One way of going wrong; @expect: verdicts that tell it; @reason: a pattern of its words,
    which says who noticed. Patterns of console lines: @prints: they come in this order; @never:
    none has it; @once: one; @each: as many different ones as that many times the CPUs."""

    name: str
    expect: tuple
    reason: str = ""
    tests: str = "self.pass"
    append: str = ""
    timeout: float = 10.0
    action: str = ""
    needs: str = ""  # attribute of the board without which the case does not exist
    debug_only: bool = False
    group: str = ""  # one of these: those that have a step of their own in `make check`
    prints: tuple = ()
    never: str = ""
    once: str = ""
    each: tuple = ()


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
    return (Case(test.replace("_", "-"), _in(CRASH), says, f"self.{test}",
                 debug_only=debug_only, group=MISUSE) for test in tests)


def _paused(*args, never=""):
    """A machine that the host puts aside (aside.py), in all for longer than any limit of it."""
    yield Case(*args, timeout=6, action="pause", debug_only=True, group=PAUSE, never=never)


CASES = (
    Case("pass", _in(PASS)),
    Case("fail", _in(FAIL), r"self\.fail: .*as it should be", "self.fail"),
    Case("two-failures", _in(FAIL), r"^self\.fail_twice: the first of two$",
         "self.fail_twice", group=PORTABLE),
    Case("skip", _in(SKIP), "skipped on purpose", "self.skip"),
    Case("failed-before", _in(FAIL), r"expected smp_nr_online\(\)", "self.fail_and_skip",
         group=PORTABLE),
    Case("litmus-unknown", _in(SKIP), r"no model of \w+ says whether",
         "self.litmus_unknown", group=PORTABLE),
    Case("too-few-cpus", _in(SKIP), r"needs \d+ CPUs", "self.too_few_cpus"),
    Case("missing-cpu", _in(FAIL), "^CPU 1 is not online: it did not come up in time$",
         "self.two_cpus", "self_dead_cpu=1",
         prints=("^ok 1 self.two_cpus # SKIP needs CPUs 0 to 1, and one of them is not online$",)),
    Case("heartbeat", _in(PASS), "", "lib.crc32,litmus.SB", "heartbeat=0.1 secs=0.5",
         prints=(r"^# .* \d+ s since boot, and still in litmus\.SB$",), group=PORTABLE),
    Case("long-record", _in(FAIL), r"^self\.long_record: the test's record is longer than ",
         "self.long_record", group=PORTABLE),
    Case("empty-test", _in(FAIL), "checked nothing", "self.empty", group=PORTABLE),
    Case("timeout", _in(TIMEOUT), rf"^self\.timeout: the test's time is up, {WATCHDOG}$",
         "self.timeout", timeout=1, each=(r"^# \[\d+\] (cpu \d+): thread \S+, at work on ", 1),
         prints=(r"^# .*watchdog on cpu \d+: the test's time is up", r"^#.* watchdog_tick\+0x",
                 r"^# .*thread reclaim: sleeping, ", r"^# .* in \w+ < \w+")),
    Case("hung-cpu", _in(TIMEOUT), rf"^self\.hang: cpu 1 takes no interrupts, {WATCHDOG}$",
         "self.hang", "lockup=0.5", timeout=5,
         prints=(r"^# .*watchdog on cpu \d+: cpu 1 takes no interrupts",
                 r"^# .*cpu 1: thread \S+, at work on self_spin_irqs_off"),
         never=r"its last tick, at \d+ us, found it in \?"),
    Case("call-unanswered", _in(CRASH),
         r"^self\.call: cpu 1 does not answer cpu 0, which has called it for self_asked$",
         "self.call", "call_timeout=0.3", timeout=5,
         prints=(r"^# .*cpu 1: thread worker/1, at work on self_spin_irqs_off, .*"
                 r"waits for the end of the run$",
                 r"^# .*thread worker/1: running, .*waits for the end of the run$")),
    Case("call-never-done", _in(CRASH),
         r"^self\.call_again: cpu 1 does not answer cpu 0, which has called it for "
         "self_never_answer$", "self.call_again", "call_timeout=0.3", timeout=5),
    Case("hung-machine", _in(TIMEOUT),
         rf"^{HOST}no record for \d+ s during self\.hang_all; the last line was \"@START",
         "self.hang_all", timeout=1),
    Case("busy-console", _in(PASS), "", "self.console_busy", timeout=20,
         each=(r"^# \[\d+\] (self line \d+ of cpu \d+), whole$", 40)),
    *_paused("set-aside", _in(PASS), "", "self.lives",
             "lockup=0.5 lock_timeout=1 rcu_stall=1", never="a grace period takes"),
    Case("cpu-set-aside", _in(PASS), "", "self.lives", timeout=30, action="pause-cpu",
         debug_only=True, group=PAUSE),
    *_paused("hung-after-all", _in(TIMEOUT),
             rf"^self\.hang: cpu 1 takes no interrupts, {WATCHDOG}$", "self.hang", "lockup=0.5"),
    Case("panic-of-all", _in(CRASH), r"^self\.panic_all: on purpose, cpu \d+$",
         "self.panic_all", once="panic: on purpose, cpu", never="does not answer"),
    Case("dead-console", _in(CRASH), "^self\\.console_dies: on purpose, with the console$",
         "self.console_dies", debug_only=True,
         never="does not answer|line that is cut|chatter in the report"),
    Case("late-console", _in(CRASH), "^self\\.console_late: on purpose, with a line under way$",
         "self.console_late", debug_only=True, never="line that is too late|does not answer"),
    Case("console-in-use", _in(CRASH),
         "^self\\.console_midst: on purpose, in the midst of a line$", "self.console_midst",
         debug_only=True, prints=("self line that is ended$", "panic: on purpose, in the midst")),
    Case("crash", _in(CRASH), r"^self\.crash: unhandled write of address 0*10: ", "self.crash",
         prints=(r"^#.*\b(pc|rip) +[0-9a-f]{16}\b", r"^#.* self_crash_here\+0x",
                 r"^#.* thread_entry\+0x",
                 r'^@CRASH \{"name":"self\.crash","why":"')),
    Case("panic", _in(CRASH), r'^self\.panic: on purpose, "quoted" and with a \\ backslash$',
         "self.panic", prints=(r"^# .*cpu 1: thread \S+, at work on nothing",)),
    Case("stands-by", _in(CRASH), r"^self\.stands_by: on purpose, first$", "self.stands_by",
         never="panic: on purpose, second",
         prints=(r"^# .*cpu 1: thread worker/1, at work on self_panic_second",)),
    Case("crash-beside", _in(CRASH), r"^self\.panic_beside: on purpose, beside$",
         "self.panic_beside"),
    Case("stack-overflow", _in(CRASH), "stack overflow", "self.overflow"),
    Case("stack-overflow-cpu1", _in(CRASH), "stack overflow", "self.overflow_other"),
    Case("last-point", _in(CRASH), r"^self\.last_point: on purpose, beyond a point$",
         "self.last_point", debug_only=True,
         prints=(r"^# .*cpu 1: thread worker/1, at work on self_pass_point, last sync point "
                 r"test\.the_last, waits for the end of the run$",), group=PORTABLE),
    Case("panic-in-panic", _in(TRUNCATED), "", "self.panic_twice",
         prints=("^# .*panic: on purpose, once$", "^# .*panic in panic: on purpose, again$")),
    Case("report-in-report", _in(TRUNCATED), "", "self.report_twice", debug_only=True,
         prints=("^# .*panic: assertion: on purpose, in a test$",
                 "^# .*panic in panic: assertion: on purpose, in a report$")),
    Case("self-deadlock", _in(CRASH), r"^self\.self_deadlock: self-deadlock: lock lock_a is "
         "already held by this cpu, since self_deadlock_once$", "self.self_deadlock",
         debug_only=True, group=PORTABLE),
    Case("columns", _in(PASS), "", "detect.columns", debug_only=True,
         prints=(_race("noted_first", "assertion")[0], r"^#.*noted_first\(\): page \d+ freed",
                 r"^#.*noted_first\(\): test\.done", _race("test_columns", "assertion")[1],
                 *(rf"^# .*note_unknown\(\): {what}( |$)" for what in (
                     "thing 1 lost", "thing 2 kept", "thin 1 sold", "gone object 1",
                     "thing 1 found")),
                 r"^# .*\bthing 2 = 0x\w+, thin 1 = 0x", *_race("test_columns", "assertion")[2:]),
         group=PORTABLE),
    Case("forced-race", _in(PASS), "", "rmap.v0.interleaving", "tries=1 report=1",
         debug_only=True, prints=_race("prepare_v0", "rmap-incomplete")),
    Case("free-race", _in(PASS), "", "rmap.v3.free", debug_only=True,
         prints=_race("anon_vma_prepare_v3", "self-deadlock", others=False), group=PORTABLE),
    Case("deadlock", _in(CRASH),
         r"^self\.deadlock: lock-order: lock lock_([ab]) is taken under lock_([ab]), which is "
         r"taken under lock_\1$", "self.deadlock", "lock_timeout=0.5", debug_only=True,
         group=PORTABLE),
    Case("kept-lock", _in(CRASH),
         r"^self\.lock_kept: deadlock: lock lock_b held by cpu 1 since self_keep_b$",
         "self.lock_kept", "lock_timeout=0.2", debug_only=True,
         prints=(r"^# .*in thread tests, which waits for a spinlock$",
                 r"^#.* self_lock_kept\+0x",
                 r"^# .*cpu 0 waits for lock lock_b, held by cpu 1$",
                 r"^# .*cpu 1: thread worker/1, at work on self_keep_b, last sync point none, "
                 r"waits for the end of the run$",
                 r"^#.* self_keep_b\+0x",
                 r"^# .*cpu 1 holds lock lock_b, taken at self_keep_b\+0x")),
    Case("late-lock", _in(PASS), "", "self.lock_late", "lock_timeout=0.2", debug_only=True,
         group=PORTABLE),
    Case("bad-unlock", _in(CRASH), r"^self\.bad_unlock: lock-stolen: lock lock_a is released "
         "by cpu 0, held by cpu -1$", "self.bad_unlock", debug_only=True, group=PORTABLE),
    *_misuse("page freed twice", "page_double_free"),
    *_misuse("mapcount was 0", "page_unmapped_twice"),
    *_misuse("page freed while it is mapped", "page_free_mapped"),
    *_misuse("page freed while it is in use", "page_free_in_use"),
    *_misuse("not the beginning of a block", "kfree_inside"),
    *_misuse("block freed with another order", "page_wrong_order"),
    *_misuse("reference to a free page", "page_get_free"),
    *_misuse("unhandled execution of address 0*40000000:", "exec_user", "exec_user_absent",
             "exec_astray"),
    *_misuse(r"free page was written to: .*, freed last by self_page_use_after_free\+",
             "page_use_after_free", debug_only=True),
    *_misuse(r"double free: .*, freed last by self_\w+\+0x\w+, allocated last by self_\w+\+",
             "slab_double_free", "slab_double_free_rcu", "kfree_twice", debug_only=True),
    *_misuse("red zone overwritten", "slab_redzone", "slab_redzone_typesafe", debug_only=True),
    *_misuse("written to after it was freed", "slab_use_after_free", "slab_use_after_free_late",
             "slab_use_after_free_end", debug_only=True),
    *_misuse("wrong cache", "slab_wrong_cache", debug_only=True),
    *_misuse("not the beginning of an object", "slab_bad_pointer", debug_only=True),
    *_misuse("is in no slab", "slab_not_slab", debug_only=True),
    *_misuse("given out twice", "slab_given_twice", debug_only=True),
    Case("slab-destroy-busy", _in(PASS), "", "self.slab_destroy_busy", debug_only=True,
         group=MISUSE, prints=(r"cache victims is to be destroyed with 1 objects in use",
                               r"object 0x\w+, allocated by self_slab_destroy_busy\+")),
    Case("truncated", _in(TRUNCATED), r"during self\.truncate", "self.truncate"),
    Case("dead-cpu", _in(FAIL), "^CPU 1 is not online: it did not come up in time$",
         append="self_dead_cpu=1", prints=(r'^@CPUFAIL \{"cpu":1,',)),
    Case("unknown-option", _in(CONFIG), "nonsense", append="nonsense=1"),
    Case("bad-option", _in(CONFIG), "cpus", append="cpus=many", group=PORTABLE),
    Case("fewer-cpus", _in(PASS), "", append="cpus=2",
         prints=(r"^# \[0\] 2 more CPUs are left alone",), group=PORTABLE),
    Case("option-twice", _in(PASS), "", append="rcu=preempt rcu=classic",
         prints=("boot line: option 'rcu' is given more than once, the last one counts$",),
         group=PORTABLE),
    Case("unknown-switch", _in(CONFIG), "'rcu' is none of cow_no_flush",
         append="busted=lru_no_lock,rcu", debug_only=True, group=PORTABLE),
    Case("unknown-variant", _in(CONFIG), "'v99' is none of .*default", append="anon_vma=v99",
         group=PORTABLE),
    Case("glob-of-none", _in(CONFIG), "^'mm.cow' of tests= chooses no test$",
         "lib.glob*,mm.cow,-mm.nothing", group=PORTABLE),
    Case("nothing-left-out", _in(CONFIG), "'-mm.nothing' of tests=", "lib.glob*,-mm.nothing",
         group=PORTABLE),
    Case("only-extended", _in(CONFIG), r"'litmus.Z6.5\+rel\+rel\+p\?' .* without extended=1",
         "lib.glob*,litmus.Z6.5+rel+rel+p?", group=PORTABLE),
    Case("only-manual", _in(CONFIG), r"'self.timeou\*' .* or the full name",
         "lib.*,self.timeou*", group=PORTABLE),
    Case("glob-of-letters", _in(PASS), "", "lib.glo[a-c],lib.glob_[!a-k]ist",
         prints=(r"^ok 1 lib\.glob_list( |$)", r"^ok 2 lib\.glob( |$)"), group=PORTABLE),
    Case("left-out", _in(PASS), "", "lib.list*,self.truncate,-self.trunc*", group=PORTABLE),
    Case("all-else", _in(PASS), "", "-k*,-d*,-t*,-li*,-e*,-m*,-p*,-r*",
         prints=(r"^ok \d+ slab\.",), group=PORTABLE),
    Case("no-such-test", _in(CONFIG), "no test matches", tests="self.nonexistent", group=PORTABLE),
    Case("too-little-memory", _in(CRASH), "memory", append="mem=0x100000"),
    Case("damaged-tree", _in(CRASH), "tree.*outside", action="tree:cells", needs="entry"),
    Case("damaged-tokens", _in(CRASH), "tree.*token", action="tree:tokens", needs="entry"),
    Case("tree-without-cpus", _in(CRASH, FAIL), "cpu", action="tree:cpus", needs="entry"),
    Case("damaged-acpi", _in(CRASH, FAIL), "acpi|madt|rsdp|cpus", action="acpi"),
    Case("killed-qemu", _in(TRUNCATED), "SIGKILL during self.timeout", "self.timeout",
         timeout=20, action="kill", group=PORTABLE),
    Case("missing-qemu", _in(NOT_STARTED), "not installed", action="no-qemu", group=PORTABLE),
    Case("missing-image", _in(NOT_STARTED), "nonexistent", action="no-image", group=PORTABLE),
)

# What a kernel that came to its END says there, of each verdict of a run.
END_WORDS = {PASS: "pass", SKIP: "pass", FAIL: "fail", TIMEOUT: "fail",
             CRASH: "crash", CONFIG: "config"}

# Multiboot Specification 0.6.96, section 3.1: entry_addr stands 28 bytes behind the magic number.
MULTIBOOT_MAGIC = 0x1BADB002

_SUM = re.compile(r" # sum [0-9a-f]{8}$")  # what a KTAP line ends with


class _Killer(Listener):
    """Kills the QEMU of a running machine when its test starts, as a stranger would."""

    def on_record(self, kind, record, transcript):
        pid = aside.qemu_pid() if kind == "START" else None
        if pid:
            os.kill(pid, signal.SIGKILL)


class _Damage(Listener):
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
        fdt = isas.find(spec.board.arch).fdt
        address = client.register(fdt["register"], fdt["byte_order"])
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
        # Without ACPI, the CPUs would be those of the MP table.
        for m in re.finditer(b"_MP_", area):
            client.overwrite(0xE0000 + m.start(), b"NONE")


NOT_DAMAGED = "?"


def _spec(board, image, case, flav):
    spec = Spec(board=board, image=image, smp=min(4, board.smp_max), tests=case.tests,
                seed=FIXED_SEED, append=case.append, timeout=case.timeout,
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
        listener = Listener()
        if case.action == "kill":
            listener = _Killer()
        elif case.action == "pause-cpu":
            listener = aside.CpuPauser()
            spec.extra = ["-name", "debug-threads=on"]
        elif case.action == "pause":
            listener = aside.Pauser()
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
    why = complaint(case, result, spec.smp)
    if not why and case.action.startswith("pause") and not listener.pauses:
        why = "the machine was never put aside"
    if why:
        return False, result.verdict, f"{why} (console: {result.log})", took
    return True, result.verdict, result.reason, took


def complaint(case, result, cpus):
    """What is wrong with how @case ended, or None."""
    t = result.transcript
    said = result.reason + "\n" + "\n".join(t.errors)
    if result.verdict not in case.expect:
        return f"expected {' or '.join(case.expect)}; {result.reason}"
    if case.reason and not re.search(case.reason, said, re.I | re.M):
        return f"its reason does not name the cause /{case.reason}/: {result.reason}"
    # A machine damaged from outside may be sound in the kernel's own eyes.
    if t.end and not case.action and t.end["verdict"] != END_WORDS.get(result.verdict):
        return f"END says {t.end['verdict']}"
    # What is cut off may be cut in the middle of a record: then firmware goes on in its line.
    bad = t.bad if result.verdict != TRUNCATED else ()
    contrary = disagreements(t) + [f"line {b.line}: {b.why}" for b in bad]
    if contrary:
        return contrary[0]
    return _wrong_lines(case, cpus, [_SUM.sub("", con.clean_text(line)) for line in
                                     result.log.read_bytes().split(b"\n")])


def _wrong_lines(case, cpus, lines):
    """What is wrong with what was printed, or None."""
    absent = _absent(case.prints, lines)
    if absent:
        return f"nothing like /{absent}/"
    if case.never and any(re.search(case.never, line) for line in lines):
        return f"a line with /{case.never}/"
    if case.once and sum(1 for line in lines if re.search(case.once, line)) != 1:
        return f"not one line with /{case.once}/"
    if case.each:
        pattern, number = case.each
        found = [m[1] for m in (re.search(pattern, line) for line in lines) if m]
        if len(found) != cpus * number or len(set(found)) != len(found):
            return f"{len(found)} lines, {len(set(found))} different ones, like /{pattern}/"
    return None


def _absent(patterns, lines):
    """The first of @patterns that no line has behind the line of the one before it, or None."""
    lines = iter(lines)
    return next((p for p in patterns if not any(re.search(p, line) for line in lines)), None)


def cases_for(board, only=None, debug=True, group=None):
    """The cases that a machine can run. @group: only those of it; "": only those of none.
    Firmware describes a machine by a device tree or by ACPI: one of them can be damaged. A process
    has neither firmware nor a QEMU."""
    has_tree = bool(isas.find(board.arch).fdt)
    for case in CASES:
        if board.is_process() and case.action not in ("", "kill", "pause", "no-image"):
            continue
        if only and only not in case.name:
            continue
        if group is not None and case.group != group:
            continue
        if case.needs and not getattr(board, case.needs):
            continue
        if case.action.startswith("tree:") and not has_tree:
            continue
        if (case.action == "acpi" and has_tree) or (case.debug_only and not debug):
            continue
        yield case


def run_arch(out, root, arch, only=None, quiet=False, group=None, machine=None):
    """The cases of an ISA (cases_for()), on its default machine or on @machine; how many passed,
    failed, were skipped. @quiet: those that passed are not printed."""
    boards = Boards(root / "boards")
    board = boards.find(machine, arch) if machine else boards.default(arch)
    flav = flavour()
    image = build_dir(root, board.target(), flav) / board.image
    check_image(image)
    count = Counter()
    for case in cases_for(board, only, "release" not in flav, group):
        if case.action == "pause-cpu" and aside.trouble():
            mark, took, verdict, why = "skip", 0.0, "", aside.trouble()
        else:
            ok, verdict, why, took = run_case(board, image, case, root / "build" / "log", flav)
            mark = "ok" if ok else "FAIL"
        count[mark] += 1
        if mark != "ok" or not quiet:
            out.print(f"{mark:<4} {took:6.2f} s  {board.port():<9}  {case.name:<20} {verdict:<11} "
                      f"{why}", soft_wrap=True)
    return count["ok"], count["FAIL"], count["skip"]


def run(args, arches):
    out = make_console()
    counts = [run_arch(out, args.root, arch, args.only, machine=args.machine)
              for arch in arches]
    passed, failed, skipped = (sum(column) for column in zip(*counts))
    if not passed + failed + skipped:
        raise UserError(f"--only {args.only}: no such case; there are "
                        f"{', '.join(c.name for c in CASES)}")
    out.print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return EXIT_FAIL if failed else EXIT_PASS
