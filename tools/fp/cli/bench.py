# SPDX-License-Identifier: GPL-2.0-only
"""`make bench`: speed of the litmus engine and the memory manager on each ISA, time to boot.

Uses the release build, whose spinlocks and sync points check nothing.
"""
import re
import statistics

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS
from ..base.host import host_busy, host_cores
from ..base.terminal import make_console
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, flavour
from ..images.line import FIXED_SEED
from ..report import live, report
from ..report.cells import big, test_note, time_text
from ..report.store import Store
from ..run import runner
from ..run.spec import Spec
from .compare import BUSY_SHARE

AIM_SHARE = 0.01  # weak outcomes at the best setting


def _print_knobs(out, knobs):
    if knobs:
        out.print(f"{'':<25} {knobs}", soft_wrap=True)


def growth_lines(tests):
    """The table of what has a time on 1, 2 and 4 CPUs: on more, with the ratio to one."""
    rows = []
    for test in tests:
        if "ns_2_cpus" not in test and "ns_best" not in test:
            continue
        cells = [time_text(test.get("ns"))]
        for cpus in (2, 4):
            time, ratio = test.get(f"ns_{cpus}_cpus"), test.get(f"ratio_time_{cpus}_cpus_to_1")
            cells.append(f"{time_text(time):>8} {ratio:.2f}x"
                         if isinstance(ratio, (int, float)) else time_text(time))
        rows.append((test["name"].removeprefix("bench."), *cells))
    if not rows:
        return []
    head = ("time of one operation", "1 CPU", "2 CPUs", "4 CPUs")
    return [f"  {name:<24} {one:>10} {two:>16} {four:>16}" for name, one, two, four in
            (head, *rows)]


_GROWTH = re.compile(r"ratio_time_[24]_cpus_to_1$")


def ratio_lines(tests):
    """A line for each other ratio: its test, what was divided by what, the ratio.

    "time" and "rate" say what of the two was divided: of times the smaller is the better one.
    """
    lines = []
    for test in tests:
        title = test["name"].removeprefix("bench.")
        for key, value in test.items():
            if (not key.startswith("ratio_") or _GROWTH.match(key)
                or not isinstance(value, (int, float))):
                continue
            what, _, names = key.removeprefix("ratio_").partition("_")
            one, _, two = names.partition("_to_")
            words = f"{what}: {one} to {two}".replace("_", " ")
            lines.append(f"  {title:<20} {words:<50} {value:>8.2f}x")
            title = ""
    return ["  compared in one run", *lines] if lines else []


def figure_lines(tests):
    """The remaining numbers of each benchmark's record, with the names it gave them."""
    standard = ("n", "name", "kind", "verdict", "us", "reason", "threads", "seed")
    table = ("ns", "ns_best", "ns_2_cpus", "ns_4_cpus")
    lines = []
    for test in tests:
        figures = [f"{k.removeprefix('ns_').removesuffix('_ns')} {time_text(v)}"
                   if k.startswith("ns_") or k.endswith("_ns") else f"{k} {big(v)}"
                   for k, v in test.items()
                   if k not in standard and k not in table and not k.startswith("ratio_")
                   and isinstance(v, (int, float))]
        note = "  ".join(figures) or ("" if "ns" in test else test_note(test))
        if note:
            lines.append(f"  {test['name'].removeprefix('bench.'):<20} {note}")
    return ["  figures", *lines] if lines else []


def _is_litmus(test):
    return isinstance(test.get("iters_per_s"), (int, float))


def print_arch(out, arch, tests):
    """One ISA's benchmarks: the litmus engine, then a table of all others."""
    for test in tests:
        if _is_litmus(test):
            _print_litmus(out, arch, test)
    others = [t for t in tests if not _is_litmus(t)]
    if not others:
        return
    out.print(arch)
    for lines in (growth_lines(others), ratio_lines(others), figure_lines(others)):
        for line in lines:
            out.print(line, soft_wrap=True)
    out.print()


def _print_litmus(out, arch, test):
    """A benchmark's figures: over the whole search, and of the settings best at something."""
    def rates(iters, weak):
        text = f"{big(test.get(iters)):>7} iterations/s"
        return text + (f" {big(test.get(weak)):>7} weak/s" if weak else "")

    whole = rates("iters_per_s", "weak_per_s")
    out.print(f"{arch:<10} {test['name']:<12} search as a whole   {whole}",
              soft_wrap=True)
    for title, first, second, knobs in (
            ("most weak outcomes", "iters_per_s_at_best_weak", "best_weak_per_s", "knobs"),
            ("most iterations", "best_iters_per_s", None, "knobs_fastest")):
        if first in test:
            out.print(f"{'':<23} {title:<19} {rates(first, second)}", soft_wrap=True)
            _print_knobs(out, test.get(knobs))
    share = test.get("weak_share_best")
    if isinstance(share, (int, float)):
        out.print(f"{'':<23} {'highest share':<19} {share:.2%} of iterations "
                  f"(aim {AIM_SHARE:.0%}{'' if share >= AIM_SHARE else ': missed'})",
                  soft_wrap=True)
        _print_knobs(out, test.get("knobs_best_share"))


def _boots(out, spec, count, log_dir):
    """Seconds to the first test of several boots, or None if one failed."""
    times = []
    for _ in range(count):
        result = runner.run_machine(spec, log_dir)
        if not result.ok() or result.first_test_s is None:
            live.print_summary(out, result)
            return None
        times.append(result.first_test_s)
    return times


def bench_arch(out, args, board, kept):
    """One ISA's benchmarks: an object for the report, kept; or None when a machine failed."""
    flav = flavour() or "release"
    image = build_dir(args.root, board.arch, flav) / board.image
    check_image(image)
    spec = Spec(board=board, image=image, smp=board.smp, tests="bench.*", secs=args.secs,
                seed=FIXED_SEED, flavour=flav)
    result = runner.run_machine(spec, kept.log, live.Show(out, each=False))
    if not result.ok():
        live.print_summary(out, result)
        return None
    short = Spec(board=board, image=image, smp=board.smp, tests="self.pass",
                 seed=FIXED_SEED, flavour=flav)
    boots = _boots(out, short, args.boots, kept.log)
    if boots is None:
        return None
    entry = report.run_entry(result)
    entry["first_test_s_all"] = [round(x, 3) for x in boots]
    entry["first_test_s_median"] = round(statistics.median(boots), 3)
    print_arch(out, board.arch, result.transcript.tests)
    return kept.add_entry(entry)


def run(args, arches):
    out = make_console()
    boards = Boards(args.root / "boards")
    busy = host_busy()
    if busy is not None and busy > BUSY_SHARE:
        out.print(f"warning: other programs use {busy:.0%} of this host's {host_cores()} cores")
    with Store(args.root, "bench", args.output, busy) as kept:
        try:
            entries = [bench_arch(out, args, boards.default(arch), kept) for arch in arches]
            kept.complete()
        finally:
            print_end(out, args, kept.data["runs"])
            out.print(kept.where(), soft_wrap=True)
    return EXIT_FAIL if None in entries or kept.trouble else EXIT_PASS


def print_end(out, args, entries):
    """Of all ISAs: how long they take to boot."""
    out.print()
    for entry in entries:
        aim = isas.find(entry["arch"]).first_test_secs
        median = entry["first_test_s_median"]
        out.print(f"{entry['arch']:<10} power-on to first test {median:.2f} s, median of "
                  f"{args.boots} (aim {aim} s{'' if median <= aim else ': missed'})")
