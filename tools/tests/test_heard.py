# SPDX-License-Identifier: GPL-2.0-only
"""Consoles of boards: provenance, several boots in one log, import, runs side by side."""
import json

import pytest

from fp.base.errors import UserError
from fp.lab import heard
from fp.record import boots, records

PI = {"v": 1, "arch": "arm64", "machine": "Raspberry Pi 4 Model B Rev 1.4", "firmware": "spin",
      "version": "", "compatible": "raspberrypi,4-model-b brcm,bcm2711", "hypervisor": "",
      "cpu": "cortex-a72 r0p3", "hw_ids": "0 1 2 3", "cpu_ids": "0-3:410fd083",
      "cpus_found": 4, "cpus_online": 4, "memory": 1 << 30, "clock_hz": 54000000, "seed": 7,
      "build": "abc", "debug": True, "accel": "unknown", "boot_us": 1000, "planned": 3,
      "cmdline": "tests=a.* seed=7"}
US = iter(range(100, 10**6))


def begin(**more):
    return records.seal("BEGIN", {**PI, **more})


def start(n, name):
    return records.seal("START", {"n": n, "name": name, "kind": "assert"})


def ended(n, name, verdict="pass", us=None):
    word = records.KTAP_OF[verdict]
    return [start(n, name), records.seal_ktap(f"{word} {n} {name}"),
            records.seal("TEST", {"n": n, "name": name, "kind": "assert", "verdict": verdict,
                                  "us": us or next(US), "reason": ""})]


def end(run, verdict="pass", planned=3):
    return records.seal("END", {"planned": planned, "run": run, "verdict": verdict})


def whole(**more):
    return [begin(**more), *ended(1, "a.x"), *ended(2, "a.y"), *ended(3, "a.z"), end(3)]


def runs_of(*lines):
    heard_so_far = boots.Boots()
    heard_so_far.feed(("\n".join(lines) + "\n").encode())
    return heard_so_far.finish()


def judged(t):
    return heard.result_of(Board, t, "the log ends", "log")


class Board:
    name, arch, smp = "rpi4", "arm64", 4


@pytest.mark.parametrize("says, what", [
    ({}, "silicon"),
    ({"accel": "tcg"}, "tcg"),
    ({"machine": "linux,dummy-virt"}, "tcg"),
    ({"compatible": "qemu,powernv9 ibm,powernv"}, "tcg"),
    ({"hypervisor": "TCGTCGTCGTCG"}, "tcg"),
    ({"cpu": "QEMU TCG CPU version 2.5+"}, "tcg"),
    ({"machine": "Standard PC (Q35 + ICH9, 2009)"}, "tcg"),
    ({"clock_hz": 62500000}, "tcg"),
    ({"clock_hz": 62500000, "accel": "silicon"}, "silicon"),
    ({"machine": "linux,dummy-virt", "accel": "silicon"}, "tcg"),
])
def test_provenance_is_what_the_console_says(says, what):
    assert heard.provenance_of({**PI, **says}) == what


@pytest.mark.parametrize("says", [{"accel": "kvm"}, {"hypervisor": "KVMKVMKVM"},
                                  {"hypervisor": "xen,xen-4.17"}, {"hypervisor": "VMwareVMware"}])
def test_a_virtual_machine_is_no_board(says):
    with pytest.raises(UserError, match="virtual machine"):
        heard.provenance_of({**PI, **says})


def test_of_an_option_the_last_counts():
    says = heard.Heard(Board, {"cmdline": "secs=1 secsx=7 secs=2"})
    assert says.secs == "2" and says.word("sec") is None


def test_no_run_takes_the_place_of_another(tmp_path):
    assert heard.next_file(tmp_path, "rpi4").name == "rpi4-1.json"
    for n in (1, 3, "x"):
        (tmp_path / f"rpi4-{n}.json").touch()
    assert heard.next_file(tmp_path, "rpi4").name == "rpi4-4.json"


def test_one_whole_run():
    (t,) = runs_of("U-Boot 2024.01", *whole())
    result = judged(t)
    assert result.verdict == "PASS" and result.spec.provenance() == "silicon"
    assert result.spec.rerun("a.x") == "boot rpi4 with the boot line 'tests=a.x seed=7'"


def test_results_printed_again_fill_what_was_lost():
    lines = whole()
    broken = [line for line in lines if '"name":"a.y","kind":"assert","verdict"' not in line]
    assert judged(runs_of(*broken)[0]).verdict == "TRUNCATED"
    for first, second in ((broken, lines), (broken[1:], lines), (broken[:-1], lines),
                          (lines[:-1], broken)):
        (t,) = runs_of(*first, *second)
        result = judged(t)
        assert result.verdict == "PASS", result.reason
        assert [x["name"] for x in t.tests] == ["a.x", "a.y", "a.z"]


def test_another_seed_is_another_run():
    runs = runs_of(*whole(), *whole(seed=8, boot_us=1001))
    assert [t.begin["seed"] for t in runs] == [7, 8]
    assert [judged(t).verdict for t in runs] == ["PASS", "PASS"]


def test_a_boot_that_goes_on_behind_a_crash_is_the_same_run():
    (t,) = runs_of(begin(), *ended(1, "a.x"), start(2, "a.y"), "U-Boot 2024.01",
                   begin(first=3, boot_us=1002), *ended(3, "a.z"), end(1))
    result = judged(t)
    assert result.verdict == "CRASH"
    assert result.reason == "a.y: the machine was reset while it ran"
    assert len(t.tests) == 3 and t.missing() == 0


def test_tests_that_no_boot_has_run_are_counted():
    (t,) = runs_of(begin(), *ended(1, "a.x"), start(2, "a.y"), begin(first=3, boot_us=1002),
                   start(3, "a.z"))
    result = judged(t)
    assert result.verdict == "TRUNCATED" and t.missing() == 1
    assert result.reason.startswith("the log ends without an END record during a.z")


def test_the_test_that_was_lost_is_known_from_either_print():
    """Of a line that goes away, or of a server that sends once more what it had."""
    first, behind = ended(1, "a.x"), [begin(first=3, boot_us=1002), *ended(3, "a.z"), end(1)]
    for before in ([*first, begin(), *first, start(2, "a.y")],
                   [begin(), *first, start(2, "a.y"), begin(), *first]):
        (t,) = runs_of(*before, *behind)
        assert judged(t).reason == "a.y: the machine was reset while it ran" and not t.missing()
    # The BEGIN behind the reset was damaged, so that the next START seems to follow; it came again.
    lost = [begin(), *first, start(2, "a.y"), *behind[1:], *behind]
    (t,) = runs_of(*lost)
    assert judged(t).reason == "a.y: the machine was reset while it ran" and not t.missing()
    assert [x["name"] for x in t.tests] == ["a.x", "a.y", "a.z"]


def test_a_number_that_is_none_names_no_test():
    for n in ([1], {"a": 1}, "1", None):
        (t,) = runs_of(begin(), records.seal("START", {"n": n, "name": "a.x", "kind": "assert"}),
                       begin(first=2, boot_us=5), *ended(2, "a.y"), end(1))
        assert judged(t).verdict == "CRASH" and t.missing() == 2


def test_a_reset_that_begins_again_leaves_two_runs():
    runs = runs_of(begin(), *ended(1, "a.x"), start(2, "a.y"), *whole(boot_us=1003))
    assert [judged(t).verdict for t in runs] == ["TRUNCATED", "PASS"]


def boots_in(name, n, first=2):
    """The console of @n boots that all end in @name."""
    return [line for i in range(n)
            for line in (begin(boot_us=2000 + i), *ended(1, "a.x"), start(first, name))]


def test_a_machine_that_boots_again_and_again_is_one_failure():
    (t,) = runs_of(*boots_in("a.y", 4))
    result = judged(t)
    assert t.reboots == 3 and result.verdict == "TRUNCATED"
    assert result.reason.startswith("reboots: the machine began the plan 4 times and never ended "
                                    "it; the last time it was in a.y; the last line was")


def test_fewer_resets_are_runs_of_their_own():
    assert [t.reboots for t in runs_of(*boots_in("a.y", 3))] == [0, 0, 0]


def test_one_that_comes_to_its_end_after_all_hides_no_loss():
    runs = runs_of(*boots_in("a.y", 3), *whole(boot_us=1003))
    assert [judged(t).verdict for t in runs] == ["TRUNCATED"] * 3 + ["PASS"]
    runs = runs_of(*whole(), *boots_in("a.y", 5), *whole(seed=8, boot_us=3))
    assert [t.reboots for t in runs] == [0, 4, 0]


def test_boots_of_different_plans_are_no_loop():
    lines = [x for i in range(5) for x in (begin(seed=i, boot_us=i), start(1, "a.x"))]
    assert [t.reboots for t in runs_of(*lines)] == [0] * 5


@pytest.fixture
def board(project):
    project.board("rpi4", "pass", arch="arm64").board("q35", "pass")
    return project


def imported(board, *lines, name="rpi4"):
    log = board.root / "uart.log"
    log.write_text("\r\n".join(lines) + "\r\n")
    return board.run("import", log, "--board", name)


def test_import_keeps_a_run_that_compare_and_diff_read(board):
    done = imported(board, *whole())
    assert done.returncode == 0, done.stdout + done.stderr
    path = board.root / "results" / "boards" / "rpi4-1.json"
    (run,) = json.loads(path.read_text())["runs"]
    assert run["provenance"] == "silicon" and run["verdict"] == "PASS" and run["missing"] == 0
    assert run["cpu_ids"] == "0-3:410fd083" and run["compatible"].startswith("raspberrypi,")
    imported(board, *whole(accel="tcg"))
    done = board.run("compare", path, path.with_name("rpi4-2.json"))
    assert done.returncode == 0 and "1 rpi4" in done.stdout and "silicon" in done.stdout
    assert "1 arm64" in done.stdout and ", tcg, " in done.stdout
    done = board.run("diff", path, path.with_name("rpi4-2.json"))
    assert "provenance: silicon -> tcg" in done.stdout
    done = board.run("compare", path, "--tests", "a.*")
    assert done.returncode == 2 and "as they are" in done.stderr


def test_import_reads_behind_the_time_of_day(board):
    done = imported(board, *(f"[12:00:01.123] {line}" for line in whole()))
    assert done.returncode == 0 and "not understood" not in done.stdout, done.stdout
    lines = [f"[12:00:01.123] {line}".replace(" ok 2", " not ok 2") for line in whole()]
    done = imported(board, *lines)
    assert "check sum does not fit" in done.stdout


def test_import_refuses_what_it_cannot_place(board):
    done = imported(board, *whole()[1:])
    assert done.returncode == 2 and "no BEGIN record" in done.stderr
    done = imported(board, "U-Boot", records.seal("CONFIG", {"error": "unknown option 'x'"}))
    assert done.returncode == 2 and "line was refused: unknown option 'x'" in done.stderr
    (board.root / "none.log").touch()
    done = board.run("import", board.root / "none.log", "--board", "rpi4")
    assert done.returncode == 2 and "nothing was heard" in done.stderr
    done = imported(board, *whole(), name="q35")
    assert done.returncode == 2 and "it is of arm64, q35 is x86_64" in done.stderr
    done = imported(board, *whole(), name="rpi9")
    assert done.returncode == 2 and "there are q35, rpi4" in done.stderr
    done = imported(board, *whole(hypervisor="KVMKVMKVM"))
    assert done.returncode == 2 and "virtual machine" in done.stderr
    assert not (board.root / "results" / "boards").exists()
    done = imported(board, begin(), start(1, "a.x"))
    assert done.returncode == 1 and "TRUNCATED" in done.stdout


@pytest.mark.parametrize("bad, why", [
    (whole(arch="riscv64", seed=8, boot_us=5), "it is of riscv64, rpi4 is arm64"),
    (whole(hypervisor="KVMKVMKVM", seed=8, boot_us=5), "virtual machine"),
    ([records.seal("CONFIG", {"error": "unknown option 'x'"}), "U-Boot"], "line was refused"),
])
def test_a_run_that_cannot_be_kept_costs_no_other(board, bad, why):
    """It is named, and the log is no success."""
    path = board.root / "results" / "boards" / "rpi4-1.json"
    for lines, n in ((bad + whole(), 1), (whole() + bad + whole(seed=9, boot_us=9), 2)):
        done = imported(board, *lines)
        assert done.returncode == 1 and why in done.stdout, done.stdout + done.stderr
        assert f"run {n} of {n + 1} is not kept: " in done.stdout
        assert [r["verdict"] for r in json.loads(path.read_text())["runs"]] == ["PASS"] * n
        path.unlink()
    done = imported(board, *bad, *bad)
    assert done.returncode == 2 and why in done.stderr


def test_fewer_cpus_than_the_board_has_are_a_failure(board):
    done = imported(board, *whole(cpus_found=2, cpus_online=2))
    assert done.returncode == 1 and "2 of 4 CPUs are online" in done.stdout
    done = imported(board, *whole(cpus_found=2, cpus_online=2, cmdline="cpus=2"))
    assert done.returncode == 0
