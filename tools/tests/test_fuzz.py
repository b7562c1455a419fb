# SPDX-License-Identifier: GPL-2.0-only
"""`make fuzz`: what is made of a target that ends well, finds something, dies or hangs."""
import pathlib
import subprocess

import pytest
from fp.cli import fuzz

TOP = pathlib.Path(__file__).parents[2]


def test_every_file_of_the_directory_is_a_target_with_inputs():
    names = fuzz.targets(TOP)
    assert {"fdt", "acpi", "multiboot2", "options"} <= set(names) and "common" not in names
    for name in set(names) - set(fuzz.PYTHON_TARGETS):
        assert any((TOP / fuzz.SOURCES / "corpus" / name).iterdir()), name


def test_globs_choose_and_each_must_name_one():
    assert fuzz.choose(["acpi", "fdt", "mm"], []) == ["acpi", "fdt", "mm"]
    assert fuzz.choose(["acpi", "fdt", "mm"], ["f*", "mm"]) == ["fdt", "mm"]
    with pytest.raises(fuzz.UserError, match="no target is called fdx: there are acpi, fdt"):
        fuzz.choose(["acpi", "fdt"], ["fdx"])


def test_what_feeds_a_kernel_needs_a_port_of_the_host(monkeypatch):
    monkeypatch.setattr(fuzz.isas, "native", lambda: None)
    names, lines = fuzz.possible(["fdt", "mm"])
    assert names == ["fdt"] and lines == ["skip   mm: no port has the ISA of this host"]
    monkeypatch.setattr(fuzz.isas, "native", lambda: "arm64")
    assert fuzz.possible(["mm"]) == (["mm"], [])


def judge(tmp_path, script, limit=5):
    status, said, wall = fuzz.run_one(["/bin/sh", "-c", script], tmp_path / "log", limit)
    return fuzz.step("fdt", status, said, wall, tmp_path)


def test_a_target_that_ends_well_says_how_often_it_ran(tmp_path):
    entry = judge(tmp_path, "echo 'Done 1234567 runs in 3 second(s)'")
    assert (entry["passed"], entry["failed"]) == (1, 0)
    assert entry["note"].startswith("1,234,567 runs, 1 inputs kept")


@pytest.mark.parametrize("script,words", [
    ("echo 'SUMMARY: AddressSanitizer: heap-buffer-overflow lib/fdt.c:9'; exit 1", "heap-buffer"),
    ("echo 'wrong: a node is its own parent'; kill -ABRT $$", "its own parent"),
    ("echo 'Done 5 runs in 1 second(s)'; exit 77", "5 runs"),
    ("exit 0", "no run was counted"),
    ("echo 'Done 5 runs in 1 second(s)'; echo 'wrong: late'; exit 0", "late"),
])
def test_what_fails_says_why(tmp_path, script, words):
    entry = judge(tmp_path, script)
    assert (entry["passed"], entry["failed"]) == (0, 1) and words in entry["note"]


def test_a_target_that_does_not_end_fails(tmp_path):
    entry = judge(tmp_path, "sleep 100", limit=0.3)
    assert entry["failed"] and "did not end" in entry["note"] and entry["wall_s"] < 10


@pytest.mark.parametrize("name", fuzz.targets(TOP))
def test_the_inputs_that_are_kept_find_nothing(name, tmp_path):
    fuzzer = subprocess.run(["clang", "-print-file-name=libclang_rt.fuzzer-x86_64.a"],
                            capture_output=True, text=True, check=False) \
        if subprocess.run(["which", "clang"], capture_output=True).returncode == 0 else None
    if name in fuzz.KERNEL_TARGETS or name in fuzz.PYTHON_TARGETS:
        pytest.skip("it has no inputs, or feeds a kernel that is built for it: make fuzz")
    if not fuzzer or not pathlib.Path(fuzzer.stdout.strip()).is_absolute():
        pytest.skip("no libFuzzer: make fuzz installs it")
    subprocess.run(["make", "--no-print-directory", "-f", "tests/host/Makefile", "fuzzers"],
                   cwd=TOP, check=True, capture_output=True)
    argv = [TOP / fuzz.BUILT / name, "-runs=0", TOP / fuzz.SOURCES / "corpus" / name]
    done = subprocess.run(argv, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0 and "Done" in done.stderr, done.stderr[-2000:]


def test_a_finding_is_kept_with_the_line_that_repeats_it(tmp_path, capsys):
    (tmp_path / "fdt-crash-12").write_bytes(b"x")
    entry = {"name": "fuzz fdt", "failed": 1, "wall_s": 1.0, "note": "wrong: it"}

    class Out:
        @staticmethod
        def print(text, **_):
            print(text)
    fuzz.show(Out, entry, tmp_path, "fdt", TOP)
    said = capsys.readouterr().out
    assert said.startswith("FAIL") and "again: build/host/fuzz/fdt" in said and "crash-12" in said


def test_the_command_is_known_to_make_and_tool():
    done = subprocess.run(["tools/fencepost", "fuzz", "nothing-of-this-name"], cwd=TOP, text=True,
                          capture_output=True, check=False)
    assert done.returncode == 2 and "no target is called nothing-of-this-name" in done.stderr
