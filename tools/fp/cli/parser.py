# SPDX-License-Identifier: GPL-2.0-only
"""The options of every command."""
import argparse
import re
from pathlib import Path

from ..base import isas
from ..base.errors import UserError
from ..images.builds import ROOT


def _as_make_says(message):
    """"argument --smp/-s: ..." with the name that make has for it."""
    return re.sub(r"^argument (?:--)?([\w-]+)(?:/-\w)?:",
                  lambda m: m[1].replace("-", "_").upper() + "=:", message)


class Parser(argparse.ArgumentParser):
    """argparse's, with one sentence instead of the usage block. by_make: options came by make."""

    by_make = False

    def error(self, message):
        if Parser.by_make:
            make = self.prog.replace("fencepost", "make", 1)
            raise UserError(f"{make}: {_as_make_says(message)} (see make help)")
        command = self.prog.partition(" ")[2]
        raise UserError(f"{command + ': ' if command else ''}{message} (see {self.prog} --help)")


def _number(low, high, kind=int):
    def convert(text):
        try:
            value = kind(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is not a number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low} and {high}")
        return value
    return convert


def _secs(text):
    """Seconds as the boot line wants them: digits and at most one point, kept as text."""
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", text) or not 0 < float(text) <= 3600:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of seconds between 0 and 3600")
    return "0" + text if text.startswith(".") else text


def _globs(text):
    """Globs of test names; blanks between them will do, too."""
    words = text.replace(",", " ").split()
    if not words:
        raise argparse.ArgumentTypeError("no test is named")
    return ",".join(words)


def _add_run_options(p, *, arch, tests=True):
    if arch:
        p.add_argument("--arch", default=isas.default(), help=f"ISA: {', '.join(isas.names())}")
    p.add_argument("--machine", help="a machine of boards/ instead of the ISA's default one")
    if tests:
        p.add_argument("--tests", type=_globs, help="globs of test names, -GLOB leaves some out: "
                       "'litmus.SB*,pgtable.*,-pgtable.pte_*'")
    p.add_argument("--smp", type=_number(1, 512), help="number of CPUs")
    p.add_argument("--seed", type=_number(0, 2**63 - 1), help="same seed, same decisions")
    p.add_argument("--secs", type=_secs, help="time of each timed test in seconds")
    p.add_argument("--append", default="", help="more words for the boot line")
    p.add_argument("--timeout", type=_number(0.1, 3600, float), help="limit of each test, seconds")
    p.add_argument("--limit", type=_number(1, 86400, float), help="limit of the run, seconds")
    p.add_argument("--margin", type=_number(0.1, 3600, float), default=10.0,
                   help="what our limits are above the kernel's own, seconds (10)")
    p.add_argument("--accel", choices=("tcg", "kvm"), default="tcg",
                   help="kvm: the host's own ISA, if the host's KVM is real")


def _add_output(p):
    p.add_argument("--output", type=Path, metavar="DIR",
                   help="a new directory for what is found (results/<time>-<command>/)")


def _add_heard_options(p):
    p.add_argument("--board", required=True, help="what it is, by its file in boards/")
    p.add_argument("--out", type=Path, metavar="RUN.json",
                   help="where the run is kept (results/boards/NAME-N.json)")


def _add_thread_options(p):
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--machine", help="a machine of boards/: hosted, for this host's own processor")
    p.add_argument("--variants", help="only these variants (V0,W3), and no claims")
    p.add_argument("--smp", type=_number(1, 512), help="number of CPUs")
    p.add_argument("--seed", type=_number(0, 2**63 - 1), help="same seed, same decisions")
    p.add_argument("--tries", type=_number(1, 10**5, int), default=100,
                   help="forced runs of each scenario (100)")
    p.add_argument("--secs", type=_secs, help="free-running time of each sound variant (5)")
    p.add_argument("--quick", action="store_true", help="forced tests and claims only")
    p.add_argument("--jobs", type=_number(1, 64, int), default=1, help="machines at once (1)")
    _add_output(p)
    p.add_argument("--resume", action="store_true",
                   help="take machines that have ended before, of the same image and options")
    p.add_argument("--margin", type=_number(0.1, 3600, float), default=10.0,
                   help="what our limits are above the kernel's own, seconds (10)")
    p.add_argument("--accel", choices=("tcg", "kvm"), default="tcg",
                   help="kvm: the host's own ISA, if the host's KVM is real")


def _add_table_options(p):
    p.add_argument("--all", action="store_true",
                   help="every litmus test, also those of which nothing was seen")
    p.add_argument("--rates", action="store_true", help="rates as numbers, not as magnitudes")


def _add_litmus_options(p):
    p.add_argument("files", nargs="*", metavar="FILE",
                   help="a litmus file, or a folder: all *.litmus in it and below")
    _add_run_options(p, arch=False, tests=False)
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--total", type=_number(1, 86400, float), metavar="SECS", help="time of all "
                   "tests together, in seconds (180; --secs is of each: at most 0.2)")
    p.add_argument("--herd-linux", metavar="DIR", help="Linux's memory model for herd7: a kernel's "
                   "sources, or their tools/memory-model")
    p.add_argument("--herd-variant", metavar="NAME", help="of that model, as lkmmv2")
    p.add_argument("--no-herd", action="store_true", help="do not ask herd7, though it is there")
    _add_output(p)
    _add_table_options(p)


def _add_report_commands(sub):
    p = sub.add_parser("report", help="what was saved last, as one HTML file")
    p.add_argument("runs", nargs="*", type=Path, metavar="RUN.json",
                   help="these instead: files or directories, of boards too")
    p.add_argument("--output", "-o", type=Path, metavar="FILE",
                   help="where it goes (results/report.html)")

    p = sub.add_parser("show", help="all that is known of a test, or a saved run once more")
    p.add_argument("what", metavar="TEST|RUN", help="litmus.MP+wmb+addr; a file, a directory")
    _add_table_options(p)

    p = sub.add_parser("tests", help="the tests that there are, with kind, ISAs, needs")
    p.add_argument("globs", nargs="*", metavar="GLOB", help="only those; -GLOB leaves some out")


def make_parser():
    parser = Parser(prog="fencepost", description="Runs Fencepost's machines and reports. "
                    "`make help` lists the shorter ways in.")
    parser.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    parser.add_argument("--version", action="store_true", help="which commit this is")
    parser.add_argument("--try", dest="only_try", action="store_true", help=argparse.SUPPRESS)
    sub = parser.add_subparsers(dest="command", metavar="command",
                                parser_class=Parser)

    p = sub.add_parser("run", help="boot one machine and run tests")
    _add_run_options(p, arch=True)
    p.add_argument("--verbose", "-v", action="store_true", help="show the whole console")
    p.add_argument("--quiet", "-q", action="store_true", help="only failures and the summary")
    _add_output(p)
    p.add_argument("--go-on", action="store_true",
                   help="start a machine that crashed again, behind the test in which it did")

    p = sub.add_parser("compare", help="the ISAs side by side: prints a matrix, writes a report")
    _add_run_options(p, arch=False)
    _add_output(p)
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("runs", nargs="*", type=Path, metavar="RUN.json",
                   help="set saved runs side by side instead, of QEMU and of boards")
    _add_table_options(p)

    _add_litmus_options(sub.add_parser(
        "litmus", help="your own litmus files on every ISA: what was seen, what is allowed"))

    _add_report_commands(sub)

    _add_thread_options(sub.add_parser(
        "thread", help="the thread of 2008: every variant and claim, a matrix and a report"))

    p = sub.add_parser("import", help="a board's console, saved in a file, becomes a run")
    p.add_argument("log", type=Path, metavar="LOG", help="all that the serial line has said")
    _add_heard_options(p)

    p = sub.add_parser("collect", help="listen to a board's console until its run has arrived")
    p.add_argument("--port", required=True, help="/dev/ttyUSB0, or host:port of a console server")
    p.add_argument("--baud", type=_number(50, 4000000), default=115200,
                   help="rate of a serial port (115200)")
    p.add_argument("--runs", type=_number(1, 10**6), default=1, help="how many whole runs (1)")
    p.add_argument("--limit", type=_number(1, 10**7, float), help="seconds in all (none)")
    p.add_argument("--quiet", type=_number(0, 10**6, float), default=300.0, metavar="SECS",
                   help="give up when the board, once heard, says nothing for so long (300; 0: no)")
    p.add_argument("--prompt", default="", metavar="REGEX", help="of a loader that waits for words")
    p.add_argument("--send", default="", metavar="TEXT", help="what to type there; in it {first} "
                   "says behind which test a run that was lost goes on")
    p.add_argument("--failures-only", dest="quiet_tests", action="store_true",
                   help="show only tests that fail")
    p.add_argument("--verbose", "-v", action="store_true", help="show the whole console")
    _add_heard_options(p)

    p = sub.add_parser("export", help="a LAVA job, a labgrid environment; runs for KernelCI")
    kind = p.add_mutually_exclusive_group(required=True)
    kind.add_argument("--lava", action="store_true", help="a job for --board")
    kind.add_argument("--labgrid", action="store_true", help="an environment for --board")
    kind.add_argument("--kcidb", action="store_true", help="saved runs as kcidb JSON")
    p.add_argument("runs", nargs="*", type=Path, metavar="RUN.json")
    p.add_argument("--board", help="a board, by its file in boards/")
    p.add_argument("--url", default="http://example.org/Image", help="where LAVA gets the image")
    p.add_argument("--device-type", help="what LAVA calls the board (its file's name)")
    p.add_argument("--origin", default="fencepost", help="who reports, for --kcidb")

    p = sub.add_parser("diff", help="what changed between two runs; fails if anything is worse")
    p.add_argument("old", metavar="A", help="a directory of results/ or its run.json; A:MACHINE "
                   "for that machine or ISA alone")
    p.add_argument("new", metavar="B")
    p.add_argument("--allow", metavar="KINDS", help="what is no failure, with commas between: "
                   "failed, gone, isa, skip, expected, incomplete")
    p.add_argument("--factor", type=_number(1.0, 1e9, float), default=10.0,
                   help="report rates that differ by more than this factor (10)")

    p = sub.add_parser("check", help="every test of the project (make check)")
    _add_output(p)
    p.add_argument("--only", help="only steps whose name contains this")
    p.add_argument("--arch", help="without steps of other ISAs; with commas between")
    p.add_argument("--stop", action="store_true", help="at the first step that fails")
    p.add_argument("--last-failed", action="store_true", help="what failed in the last check")
    p.add_argument("--resume", action="store_true",
                   help="what has not passed in the last check, if no file has changed since")
    p.add_argument("--shard", metavar="N/M", help="the N-th of M shares, for M hosts")

    p = sub.add_parser("campaign", help="a long run in jobs, here or on other hosts")
    p.add_argument("kind", choices=("torture", "thread", "check", "mutants"))
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--secs", type=_secs, default="600", help="time of each timed test (600)")
    p.add_argument("--seeds", type=_number(1, 10**4), default=1, help="of torture (1)")
    p.add_argument("--shards", type=_number(1, 64), default=4, help="of check (4)")
    p.add_argument("--jobs", type=_number(1, 64), default=1, help="at once on each host (1)")
    p.add_argument("--on", metavar="LOGIN,...", help="hosts, as ssh knows them; each needs QEMU, "
                   "Python, rsync, and no compiler")
    p.add_argument("--resume", type=Path, metavar="DIR", help="go on with a campaign")
    _add_output(p)

    p = sub.add_parser("check-long", help="what takes hours (make check-long)")
    p.add_argument("--only", help="only steps whose name contains this")
    p.add_argument("--secs", type=_secs, help="torture of each machine in seconds (600)")
    p.add_argument("--resume", action="store_true",
                   help="leave out what has passed before, if no file has changed since")

    p = sub.add_parser("mutants", help="plant each fault of tests/mutants/: does a test notice?")
    p.add_argument("globs", nargs="*", metavar="GLOB", help="only mutants of these names")
    p.add_argument("--resume", action="store_true",
                   help="keep what is known of the same mutants in the same sources")
    p.add_argument("--jobs", type=_number(1, 64, int), help="so many at once (a core each)")
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--class", dest="cls", help="only mutants of this class")
    p.add_argument("--sample", type=_number(1, 10**5, int), metavar="N",
                   help="only N quick ones, of each class in turn")
    p.add_argument("--all", action="store_true", help="also those that are called unobservable")
    p.add_argument("--list", action="store_true", help="name them, and run nothing")

    p = sub.add_parser("fuzz", help="libFuzzer on what reads input of others (make fuzz)")
    p.add_argument("globs", nargs="*", metavar="GLOB", help="only targets of these names")
    p.add_argument("--secs", type=_secs, default="60", help="time of each target in seconds (60)")
    p.add_argument("--seed", type=_number(0, 2**32 - 1), default=0, help="0: another each time")
    _add_output(p)

    p = sub.add_parser("selftest", help="proves that each kind of failure gets its own verdict")
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--machine", help="another than the default one: hosted, for the process")
    p.add_argument("--only", help="only cases whose name contains this")

    p = sub.add_parser("configurations",
                       help="machines that are a little other: each boots, or says why not")
    p.add_argument("globs", nargs="*", metavar="GLOB", help="only those of these names")
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--list", action="store_true", help="name them, and run nothing")

    p = sub.add_parser("bench", help="speed of the litmus engine and of booting, per ISA")
    p.add_argument("--arch", help="only these ISAs, with commas between")
    p.add_argument("--secs", type=_secs, default="3", help="time of each benchmark")
    _add_output(p)
    p.add_argument("--boots", type=_number(1, 99), default=5, help="boots to take the median of")

    p = sub.add_parser("debug", help="QEMU stopped at its first instruction, gdb attached")
    _add_run_options(p, arch=True)
    p.add_argument("--batch", action="store_true",
                   help="show registers, go to kernel_main, backtrace, quit")

    p = sub.add_parser("lint", help="formatting and house rules")
    p.add_argument("--only", help="only rules whose name contains this")

    p = sub.add_parser("options", help="the boot options of the kernel, with their help")
    p.add_argument("globs", nargs="*", metavar="GLOB", help="only those of these names")

    p = sub.add_parser("paper", help="the man page, or bash's completion, as text")
    p.add_argument("what", choices=("man", "bash"))

    sub.add_parser("machines", help="list the machines of boards/")
    sub.add_parser("boards", help="list the boards of boards/, and what is proven of each")
    p = sub.add_parser("image", help="what to write to a board's card (make image BOARD=)")
    p.add_argument("board", metavar="BOARD", help="a board of boards/, or all")
    p.add_argument("--tests", type=_globs, help="globs of test names; all if not given")
    p.add_argument("--seed", type=_number(0, 2**63 - 1), help="same seed, same decisions")
    p.add_argument("--secs", type=_secs, help="time of each timed test in seconds")
    p.add_argument("--append", default="", help="more words for the boot line")
    return parser
