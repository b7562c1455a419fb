# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost configurations` over a fake QEMU: what a row may say, and what is held against it."""
import pytest
from conftest import TOOL
from fp.check.configurations import load, with_options

ROOT = TOOL.parent.parent


def rows(project, *tables):
    (project.root / "tests" / "machines").mkdir(parents=True)
    text = "".join(f'[[machine]]\nname = "m{i}"\nwhat = "other"\nmachine = "fake"\n{t}\n'
                   for i, t in enumerate(tables))
    (project.root / "tests" / "machines" / "fake.toml").write_text(text)
    return project.run("configurations")


@pytest.mark.parametrize("scenario, table, said", [
    ("pass", "", None),
    ("pass", "smp = 5", None),
    ("pass", 'says = ["no such words"]', "no line has 'no such words': PASS"),
    ("pass", 'says = ["^ok 1 "]\nnever = ["^not ok "]', None),
    ("pass", 'never = ["^ok 1 "]', "a line has '^ok 1 ': PASS"),
    ("pass", 'stops = "panic"', "it passed, and should have stopped"),
    ("fail", "", "FAIL: "),
    ("missing-cpu", "", "FAIL: 3 of 4 CPUs are online"),
    ("missing-cpu", "cpus = 3", None),
    ("missing-cpu", "cpus = 2", "3 CPUs are online instead of 2"),
    ("early-crash", 'stops = "out of memory"', None),
    ("early-crash", 'stops = "no radix"', "no line has 'no radix': CRASH: "),
    ("early-crash", "", "CRASH: "),
    ("silent", 'stops = "no radix"', "no line has 'no radix': TIMEOUT: "),
    ("no-power-off", "stays = true", None),
    ("crash", "stays = true", "CRASH: "),
    ("fail", "stays = true", "FAIL: "),
])
def test_row(project, scenario, table, said):
    # Who says something may take long for it, on a crowded host.
    project.board("fake", scenario, boot_timeout=1.0 if scenario == "silent" else 60.0)
    done = rows(project, table)
    text = " ".join(done.stdout.split())
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == (1 if said else 0), done.stdout
    assert ("FAIL" in text) == bool(said) and (said or "ok") in text, done.stdout
    assert text.endswith("0 passed, 1 failed, 0 skipped" if said else
                         "1 passed, 0 failed, 0 skipped")


@pytest.mark.parametrize("table, said", [
    ("cpu = 3", "unknown key 'cpu'"),
    ("smp = '3'", "'smp' has the wrong type"),
    ('[[machine]]\nname = "m0"\nwhat = "x"\nmachine = "fake"', "m0 is there more than once"),
    ("[other]", "must hold tables [[machine]]"),
    ("[[machine]]\nname = 'a'", "the key 'what' is missing"),
])
def test_bad_file(project, table, said):
    done = rows(project.board("fake", "pass"), table)
    assert done.returncode == 2 and said in done.stderr and "Traceback" not in done.stderr


def test_no_such_machine(project):
    project.board("real", "pass")
    done = rows(project, "")
    assert done.returncode == 2 and "MACHINE=fake: no such machine" in done.stderr


def test_options():
    args = ["-M", "virt", "-cpu", "max", "-serial", "stdio", "-no-reboot"]
    assert with_options(args, {}) == args
    assert with_options(args, {"-cpu": "a53", "-serial": "", "-bios": "none", "-x": ""}) == [
        "-M", "virt", "-cpu", "a53", "-no-reboot", "-bios", "none"]


def test_every_row_of_the_project_is_well_formed():
    there = load(ROOT)
    assert {c.name.split(".")[0] for c in there} == {"arm64", "powerpc64", "riscv64", "x86_64"}


@pytest.mark.parametrize("wanted", ["1", "8", "8+", "10+"])
def test_another_qemu_skips(project, wanted):
    done = rows(project.board("fake", "pass"), f'qemu = "{wanted}"')
    assert done.returncode == 0 and f"m0: other: QEMU {wanted} has it so, and this is 7.2.99" in \
        done.stdout, done.stdout
    assert "0 passed, 0 failed, 1 skipped" in done.stdout


@pytest.mark.parametrize("wanted", ["", "7", "7+", "6+"])
def test_the_qemu_that_is_here_runs_it(project, wanted):
    assert "1 passed, 0 failed" in rows(project.board("fake", "pass"), f'qemu = "{wanted}"').stdout


def test_a_machine_that_this_qemu_has_not(project):
    project.board("fake", "pass")
    path = project.root / "boards" / "fake.toml"
    path.write_text(path.read_text() + "qemu_since = 8\n")
    done = rows(project, "")
    assert done.returncode == 0 and "QEMU 8 or later has it, and this is 7.2.99" in done.stdout
    done = project.run("run", "--arch", "x86_64")
    assert done.returncode == 2 and "MACHINE=fake: QEMU 8 or later has it" in done.stderr


def test_a_machine_whose_firmware_only_newer_releases_have(project):
    project.board("fake", "pass")
    path, rom = project.root / "boards" / "fake.toml", project.root / "rom.fd"
    path.write_text(path.read_text() + f'qemu_since = 7\npackages = ["new-rom={rom}"]\n')
    done = rows(project, "")
    assert done.returncode == 0 and f"{rom} is not here: the package new-rom" in done.stdout
    rom.touch()
    assert "1 passed, 0 failed" in project.run("configurations").stdout
