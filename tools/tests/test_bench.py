# SPDX-License-Identifier: GPL-2.0-only
"""How `make bench` renders the records of benchmarks."""
import io

from fp.cli import bench
from rich.console import Console

FAULT = {"n": 1, "name": "bench.mm_fault", "kind": "bench", "verdict": "pass", "us": 9,
         "reason": "", "rounds.fault.anon": [5000, 6000], "ns": 5640, "ns_best": 5257,
         "ns_2_cpus": 9267, "ratio_time_2_cpus_to_1": 1.64,
         "ns_4_cpus": 20100, "ratio_time_4_cpus_to_1": 3.56}
RCU = {"n": 2, "name": "bench.rcu", "kind": "bench", "verdict": "pass", "us": 9, "reason": "",
       "classic_ns": 8000000, "preempt_ns": 9000000, "ratio_time_preempt_to_classic": 1.12}
SKIPPED = {"n": 3, "name": "bench.try_to_unmap", "kind": "bench", "verdict": "skip", "us": 1,
           "reason": "there is no swap"}
SB = {"n": 4, "name": "bench.sb", "kind": "bench", "verdict": "pass", "us": 9, "reason": "",
      "iters_per_s": 2400000, "weak_per_s": 31000}


def squeezed(lines):
    return [" ".join(line.split()) for line in lines]


def rendered(*tests):
    out = io.StringIO()
    bench.print_arch(Console(file=out, width=200), "arm64", tests)
    return out.getvalue()


def test_growth_has_times_and_ratios():
    assert squeezed(bench.growth_lines([FAULT, RCU, SKIPPED])) == [
        "time of one operation 1 CPU 2 CPUs 4 CPUs",
        "mm_fault 5.64 us 9.27 us 1.64x 20.1 us 3.56x"]


def test_growth_on_fewer_cpus_leaves_the_others_blank():
    one = {k: v for k, v in FAULT.items() if "cpus" not in k}
    assert squeezed(bench.growth_lines([one]))[1] == "mm_fault 5.64 us"


def test_growth_columns_are_aligned():
    lines = bench.growth_lines([FAULT, dict(FAULT, name="bench.mm_fork_pages_one_cpu", ns=3.2e6)])
    assert len({len(line) for line in lines}) == 1


def test_ratios_say_what_was_divided_by_what():
    assert squeezed(bench.ratio_lines([FAULT, RCU])) == [
        "compared in one run", "rcu time: preempt to classic 1.12x"]


def test_a_test_is_named_once():
    two = dict(RCU, ratio_time_preempt_to_classic_expedited=2.5)
    assert squeezed(bench.ratio_lines([two]))[2] == "time: preempt to classic expedited 2.50x"


def test_other_figures_and_reasons_are_shown():
    assert squeezed(bench.figure_lines([FAULT, RCU, SKIPPED])) == [
        "figures", "rcu classic 8 ms preempt 9 ms", "try_to_unmap there is no swap"]


def test_one_table_an_isa():
    text = rendered(SB, FAULT, RCU)
    assert text.count("arm64") == 2 and "2.4 M iterations/s" in text
    assert text.index("iterations/s") < text.index("mm_fault") < text.index("preempt to classic")


def test_a_damaged_record_does_no_harm():
    odd = dict(FAULT, ns="many", ns_2_cpus=None, ratio_time_2_cpus_to_1="x", ratio_odd="y",
               ratio_time_="z", ratio_=3)
    assert "mm_fault" in rendered(odd)


def test_nothing_but_litmus_makes_no_table():
    assert "time of one operation" not in rendered(SB)
