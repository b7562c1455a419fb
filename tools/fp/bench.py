# SPDX-License-Identifier: GPL-2.0-only
"""`make bench`: speed of the litmus engine and the memory manager on each ISA, time to boot.

Uses the release build, whose spinlocks and sync points check nothing.
"""
import json
import statistics

from . import cli, live, report, runner
from .boards import Boards, host_cores
from .compare import BUSY_SHARE, host_busy
from .errors import EXIT_FAIL, EXIT_PASS

# Figures of litmus7 7.58 on the same kind of machine, for scale: name, iterations and weak outcomes
# a second. The first two are native, the last is its bare-metal mode in a machine under TCG.
PEERS = (
    ("litmus7 native, default settings", 7.5e6, 3.8e3),
    ("litmus7 native, best of 70 settings", 11.0e6, 3.05e6),
    ("litmus7 kvm-unit-tests mode, tcg", 60e3, 0.0),
)
PEER_TCG = 60e3
AIM_TIMES = 20  # iterations a second, times those of litmus7 under TCG
AIM_SHARE = 0.01  # weak outcomes at the best setting
AIM_BOOT = {"x86_64": 0.2, "arm64": 0.2, "riscv64": 0.2, "powerpc64": 1.5}


def _big(number):
    if not isinstance(number, (int, float)):
        return "?"
    for limit, unit in ((1e6, "M"), (1e3, "k")):
        if number >= limit:
            return f"{number / limit:.3g} {unit}"
    return f"{number:.3g}"


def _print_knobs(out, knobs):
    if knobs:
        out.print(f"{'':<25} {knobs}", soft_wrap=True)


def _figures(test):
    """The numbers of any other benchmark's record, with the names it gave them."""
    standard = ("n", "name", "kind", "verdict", "us", "reason", "threads", "seed")
    return "  ".join(f"{k}={_big(v)}" for k, v in test.items()
                     if k not in standard and isinstance(v, (int, float)))


def _print_test(out, arch, test):
    """A benchmark's figures: over the whole search, and of the settings best at something."""
    def rates(iters, weak):
        text = f"{_big(test.get(iters)):>7} iterations/s"
        return text + (f" {_big(test.get(weak)):>7} weak/s" if weak else "")

    iters = test.get("iters_per_s")
    if not isinstance(iters, (int, float)):
        figures = _figures(test) or live.test_note(test)
        out.print(f"{arch:<10} {test['name']}: {figures}", soft_wrap=True)
        return
    whole = rates("iters_per_s", "weak_per_s")
    out.print(f"{arch:<10} {test['name']:<12} search as a whole   {whole}  "
              f"({iters / PEER_TCG:.0f} times litmus7 under tcg)", soft_wrap=True)
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


def bench_arch(out, args, board):
    """One ISA's benchmarks: an object for the report, or None when a machine failed."""
    log_dir = args.root / "build" / "log"
    flav = cli.flavour() or "release"
    image = cli.build_dir(args.root, board.arch, flav) / board.image
    runner.check_image(image)
    spec = runner.Spec(board=board, image=image, smp=board.smp, tests="bench.*", secs=args.secs,
                       seed=cli.FIXED_SEED, flavour=flav)
    result = runner.run_machine(spec, log_dir, live.Show(out, each=False))
    if not result.ok():
        live.print_summary(out, result)
        return None
    short = runner.Spec(board=board, image=image, smp=board.smp, tests="self.pass",
                        seed=cli.FIXED_SEED, flavour=flav)
    boots = _boots(out, short, args.boots, log_dir)
    if boots is None:
        return None
    entry = report.run_entry(result)
    entry["first_test_s_all"] = [round(x, 3) for x in boots]
    entry["first_test_s_median"] = round(statistics.median(boots), 3)
    for test in result.transcript.tests:
        _print_test(out, board.arch, test)
    return entry


def run(args, arches):
    out = live.make_console()
    boards = Boards(args.root / "boards")
    busy = host_busy()
    if busy is not None and busy > BUSY_SHARE:
        out.print(f"warning: other programs use {busy:.0%} of this host's {host_cores()} cores")
    entries, failed = [], []
    for arch in arches:
        entry = bench_arch(out, args, boards.default(arch))
        if entry is None:
            failed.append(arch)
        else:
            entries.append(entry)
    out.print()
    for entry in entries:
        aim = AIM_BOOT[entry["arch"]]
        median = entry["first_test_s_median"]
        out.print(f"{entry['arch']:<10} power-on to first test {median:.2f} s, median of "
                  f"{args.boots} (aim {aim} s{'' if median <= aim else ': missed'})")
    out.print()
    out.print("For scale, on the same kind of machine:")
    for name, iters, weak in PEERS:
        out.print(f"  {name:<38} {_big(iters):>8} iterations/s {_big(weak):>8} weak/s")
    out.print(f"Aim under tcg: {AIM_TIMES} times the last line's iterations, weak outcomes above "
              f"{AIM_SHARE:.0%} at the best setting.")
    data = {"format": "fencepost-bench", "version": 1, "host": report.host_entry(busy),
            "peers": [{"name": n, "iters_per_s": i, "weak_per_s": w} for n, i, w in PEERS],
            "runs": entries}
    path = args.root / "build" / "report" / "bench.json"
    report.write_file(path, json.dumps(data, indent=1) + "\n")
    out.print(f"report: {path}", soft_wrap=True)
    return EXIT_FAIL if failed else EXIT_PASS
