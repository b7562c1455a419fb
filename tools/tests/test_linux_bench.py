# SPDX-License-Identifier: GPL-2.0-only
"""The comparison with Debian's kernel: reading its console, its packages, its initramfs."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DIR = Path(__file__).resolve().parents[1] / "linux_bench"
sys.path.insert(0, str(DIR))

import linux_bench as lb  # noqa: E402 (the path must be set first)
from fp.base.errors import UserError  # noqa: E402
from fp.record import records as sealed  # noqa: E402


def rec(kind, /, **members):
    return f"@{kind} {json.dumps(members)}\n".encode()


def bench(name, *rounds):
    return rec("BENCH", unit="ns", name=name, per="page", rounds=rounds)


LINUX = rec("LINUX", v=1, release="6.1", cpus=2, rounds=3)
GOOD = (LINUX + bench("a", 30, 10, 20) + bench("b", 7, 7, 7)
        + rec("DONE", v=1, benches=2, elapsed_ns=10))


def why(data):
    with pytest.raises(lb.RunFailed) as e:
        lb.check_transcript(lb.parse_console(data))
    return str(e.value)


def test_good_console():
    t = lb.parse_console(GOOD.replace(b"\n", b"\r\n"))
    lb.check_transcript(t)
    assert t.linux["cpus"] == 2 and [b["name"] for b in t.benches] == ["a", "b"]


def test_record_after_an_open_line_and_escapes():
    t = lb.parse_console(b"\x1b[2JBooting... " + GOOD + b"reboot: Power down\n")
    lb.check_transcript(t)


def test_truncated_console():
    assert "after 1 measurements" in why(LINUX + bench("a", 1, 2, 3))
    assert "after 2 measurements" in why(GOOD.replace(b"@DONE", b"done"))
    assert "after 1 measurements" in why(GOOD.replace(bench("b", 7, 7, 7), b""))
    assert "after 2 measurements" in why(GOOD.replace(b'"b"', b'"a"'))
    assert "rounds instead of 3" in why(GOOD.replace(b"[7, 7, 7]", b"[7, 7]"))


@pytest.mark.parametrize("line", [
    b"@BENCH {\n", b"@BENCH []\n", b"@BENCH {}\n", b"@DONE x\n", bench("a"), bench("a", 0, 1, 2),
    bench("a", 1.5, 2, 3), bench("a", True, 2, 3), bench(3, 1, 2, 3), bench("a", "1"),
    bench("a", 1, 2, 3).replace(b'"ns"', b'"s"')])
def test_damaged_records(line):
    assert "damaged" in why(LINUX + line + rec("DONE", benches=0))


def test_every_truncation_is_noticed():
    for size in range(len(GOOD) - 1):
        if GOOD[:size].rstrip() != GOOD.rstrip():
            why(GOOD[:size])


def test_kernel_that_never_speaks_or_panics():
    assert "nor did it speak" in why(b"\n\n")
    assert "VFS: Unable to mount" in why(b"Kernel panic - not syncing: VFS: Unable to mount\n")
    assert "mmap, errno 12" in why(LINUX + rec("ERROR", errno=12, what="mmap"))


def test_wrong_clock():
    def check(elapsed, host):
        done = rec("DONE", benches=0, elapsed_ns=elapsed)
        lb.check_clock(lb.parse_console(LINUX + done), host)
    check(100_000_000, 0.5)
    check(20_000_000_000, 20.9)
    for elapsed, host in ((20_000_000_000, 22), (500_000_000_000, 20), ("1", 1), (None, 0)):
        with pytest.raises(lb.RunFailed):
            check(elapsed, host)


def test_summary_pools_the_boots():
    other = GOOD.replace(b"[30, 10, 20]", b"[40, 50, 60]")
    results = lb.summarize([lb.parse_console(GOOD), lb.parse_console(other)])
    assert results[0] == {"name": "a", "unit": "ns", "per": "page", "median": 35, "min": 10,
                          "max": 60, "rounds": [30, 10, 20, 40, 50, 60]}
    assert [r["name"] for r in results] == ["a", "b"]


def test_table():
    results = lb.summarize([lb.parse_console(GOOD)])
    lines = lb.table([{"arch": "x86_64", "smp": 1, "results": results},
                      {"arch": "arm64", "smp": 2, "results": results[:1]}])
    assert len({len(line) for line in lines}) == 1 and len(lines) == 4
    assert "x86_64, 1 CPU " in lines[0] and "arm64, 2 CPUs" in lines[0]
    assert lines[2].split("|")[3].strip() == "0.02 (0.01)" and lines[3].split("|")[4].strip() == ""
    assert [lb.micros(x) for x in (1234567, 14400, 1500)] == ["1235", "14.4", "1.50"]


def ours(*tests):
    return lb.our_rounds([dict(name=f"bench.mm_{i}", **t) for i, t in enumerate(tests)])


def test_our_own_measurements():
    t = ours({"ns": 5, "rounds.a": [3, 4, 5]}, {"rounds.b.2": [7, 7, 7], "growth": 1.5})
    assert [b["name"] for b in t.benches] == ["a", "b.2"]
    assert lb.summarize([t])[0]["median"] == 4
    for wrong in ([], [0], ["1"], 3, None, [1.5]):
        with pytest.raises(lb.RunFailed, match="bench.mm_0: the rounds of a are damaged"):
            ours({"rounds.a": wrong})
    with pytest.raises(lb.RunFailed, match="measured nothing"):
        ours({"ns": 5})


def test_ratios():
    linux = LINUX + b"".join(bench(n, *r) for n, r in (
        ("fault.anon", (10, 12, 14)), ("fault.cow", (20, 20, 20)), ("only.linux", (1, 1, 1)),
        ("syscall.mapped", (2, 2, 2)), ("syscall.fault", (9, 10, 11))))
    run = {"arch": "x86_64", "smp": 2, "results": lb.summarize([lb.parse_console(linux)]),
           "fencepost": {"results": lb.summarize([ours(
               {"rounds.fault.anon": [2, 4, 5], "rounds.fault.cow": [10, 10, 8],
                "rounds.only.ours": [1]})])}}
    run["ratios"] = lb.ratios(run)
    assert [(r["name"], r["ratio"], r["ratio_min"]) for r in run["ratios"]] == [
        ("fault.anon", 3.0, 5.0), ("fault.cow", 2.0, 2.5), ("fault in the kernel", 2.0, 3.5)]
    lines = lb.ratio_table(run)
    assert len({len(line) for line in lines}) == 1 and len(lines) == 5
    assert [c.strip() for c in lines[2].split("|")[1:-1]] == [
        "fault.anon", "page", "0.01 (0.01)", "0.00 (0.00)", "3.0 (5.0)"]
    text = lb.aim_text([run])
    assert "fault.cow on x86_64 with 2 CPUs (2.0)" in text and text.count("x86_64") == 1
    run["ratios"] = run["ratios"][:1]
    assert lb.aim_text([run]).endswith("; met.")


def test_package_index():
    text = ("Package: linux-image-arm64\nVersion: 6.1.176-1\nDepends: wireless-regdb, "
            "linux-image-6.1.0-50-arm64 (= 6.1.176-1)\nDescription: Linux: new\n more: text\n\n"
            "Package: linux-image-arm64\nVersion: 6.1.1-1\n")
    fields = lb.package_fields(text)
    assert fields["Version"] == "6.1.176-1" and fields["Description"] == "Linux: new"
    assert lb.real_package(fields) == "linux-image-6.1.0-50-arm64"
    with pytest.raises(UserError):
        lb.real_package({"Depends": "linux-image-generic"})


def test_initramfs():
    data = lb.make_initramfs(b"program")
    assert len(data) % 4 == 0 and data.startswith(b"070701") and data.count(b"070701") == 6
    # Walk it as the kernel does: header, name, contents, each padded to 4 bytes.
    at, files = 0, {}
    while at < len(data):
        f = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
        name = data[at + 110:at + 110 + f[11] - 1].decode()
        body = (at + 110 + f[11] + 3) & ~3
        files[name] = (f[1], data[body:body + f[6]], (f[9], f[10]))
        at = (body + f[6] + 3) & ~3
    assert files["init"] == (0o100755, b"program", (0, 0))
    assert files["dev/console"] == (0o20600, b"", (5, 1))
    assert list(files)[-1] == "TRAILER!!!"


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="needs dpkg-deb")
def test_kernel_is_taken_out_of_a_package(tmp_path):
    tree = tmp_path / "tree"
    (tree / "DEBIAN").mkdir(parents=True)
    (tree / "DEBIAN" / "control").write_text(
        "Package: x\nVersion: 1\nArchitecture: all\nMaintainer: x <x@example.org>\n"
        "Description: x\n")
    (tree / "boot").mkdir()
    (tree / "boot" / "vmlinuz-6.1.0-50-amd64").write_bytes(b"kernel")
    subprocess.run(["dpkg-deb", "--build", tree, tmp_path / "x.deb"], check=True,
                   capture_output=True)
    lb.extract_kernel(tmp_path / "x.deb", tmp_path / "vmlinuz")
    assert (tmp_path / "vmlinuz").read_bytes() == b"kernel"
    (tmp_path / "bad.deb").write_bytes(b"no package")
    with pytest.raises(UserError, match="bad.deb"):
        lb.extract_kernel(tmp_path / "bad.deb", tmp_path / "vmlinuz2")
    assert not (tmp_path / "vmlinuz2").exists()


def tool(*args, path=None):
    env = dict(os.environ, PATH=path if path is not None else os.environ["PATH"])
    return subprocess.run(["/usr/bin/python3", DIR / "linux_bench.py", *args], text=True, env=env,
                          capture_output=True, timeout=60, stdin=subprocess.DEVNULL)


def one_sentence(done, *words):
    assert done.returncode == 2, done
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("linux_bench.py: ")
    for word in words:
        assert word in done.stderr


def test_mistakes_give_one_sentence(project, tmp_path):
    project.four()
    root = ("--root", tmp_path)
    one_sentence(tool(*root, "--arch", "vax"), "--arch vax")
    one_sentence(tool(*root, "--smp", "two"), "--smp two")
    one_sentence(tool(*root, "--arch", "x86_64", "--smp", "99"), "1 to 8 CPUs")
    one_sentence(tool(*root, "--kernel", "/no/such"), "--arch")
    one_sentence(tool(*root, "--arch", "x86_64", "--kernel", "/no/such"), "/no/such")
    assert tool(*root, "--boots", "0").returncode == 2
    one_sentence(tool(*root, "--arch", "x86_64", "--fencepost"), "fencepost.elf",
                 "make build ARCH=x86_64 DEBUG=0")


def test_missing_tools_and_network(project, tmp_path):
    project.four()
    root = ("--root", tmp_path, "--arch", "x86_64")
    one_sentence(tool(*root, path="/nowhere"), "apt-get is not installed")
    kernel = tmp_path / "kernel"
    kernel.write_bytes(b"")
    one_sentence(tool(*root, "--kernel", kernel, path="/nowhere"), "gcc is not installed")
    if shutil.which("apt-get") and lb.KEYRING.is_file():
        # A port where nobody listens stands for a network that is not there.
        done = tool(*root, "--mirror", "http://127.0.0.1:9/debian")
        one_sentence(done, "127.0.0.1:9", "--kernel FILE")
        assert not (tmp_path / "build" / "linux" / "x86_64" / "apt").exists()


FAKE_QEMU = """\
#!/bin/sh
printf '%s' '{console}'
exit 0
"""


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_a_whole_run_with_a_fake_machine(project, tmp_path):
    fake = tmp_path / "qemu"
    fake.write_text(FAKE_QEMU.format(console=GOOD.decode()))
    fake.chmod(0o755)
    project.board("fake", "pass", qemu=fake)
    kernel = tmp_path / "kernel"
    kernel.write_bytes(b"")
    args = ("--root", tmp_path, "--arch", "x86_64", "--kernel", kernel, "--boots", "2")
    done = tool(*args)
    if done.returncode == 2 and "gcc is not installed" in done.stderr:
        pytest.skip("no compiler for x86_64")
    assert done.returncode == 0, done
    report = json.loads((tmp_path / "results" / "linux-bench.json").read_text())
    assert report["format"] == "fencepost-linux-bench"
    entry = report["runs"][0]
    assert entry["results"][0]["rounds"] == [30, 10, 20] * 2 and len(entry["other_load"]) == 2
    assert "-- rounds=15 pages=4096" in " ".join(entry["command"])
    # A machine with other CPUs than were asked for, and one that dies early, fail the run.
    assert tool(*args, "--smp", "1").returncode == 1
    fake.write_text(FAKE_QEMU.format(console=GOOD[:-20].decode()))
    done = tool(*args)
    assert done.returncode == 1 and ("ends early" in done.stderr or "damaged" in done.stderr)


def our_console(debug, verdict):
    """What our kernel says of one benchmark."""
    counts = {v: int(v == verdict) for v in ("pass", "fail", "skip", "timeout", "crash")}
    return "\n".join((
        sealed.seal("BEGIN", {"v": 1, "cpus_found": 2, "cpus_online": 2, "planned": 1,
                               "build": "abc", "debug": debug}),
        "KTAP version 1", "1..1",
        sealed.seal("START", {"n": 1, "name": "bench.mm_a", "kind": "bench"}),
        sealed.seal_ktap(f"{'' if verdict == 'pass' else 'not '}ok 1 bench.mm_a"),
        sealed.seal("TEST", {"n": 1, "name": "bench.mm_a", "kind": "bench", "verdict": verdict,
                              "us": 1, "rounds.a": [5, 4, 3]}),
        sealed.seal("END", {"planned": 1, "run": 1, "verdict": verdict, **counts}), ""))


FAKE_PAIR = """\
#!/bin/sh
case "$*" in
*tests=bench.mm_*) printf '%s' '{ours}'; exit {status};;
*) printf '%s' '{linux}';;
esac
"""


@pytest.mark.skipif(not shutil.which("gcc"), reason="needs gcc")
def test_fencepost_in_turn_with_linux(project, tmp_path):
    fake = tmp_path / "qemu"

    def machines(debug=False, verdict="pass", status=0):
        fake.write_text(FAKE_PAIR.format(ours=our_console(debug, verdict), linux=GOOD.decode(),
                                         status=status))
        fake.chmod(0o755)

    machines()
    project.board("fake", "pass", qemu=fake)
    build = tmp_path / "build" / "x86_64-release"
    build.mkdir()
    (build / "fencepost.elf").write_bytes(b"image")
    kernel = tmp_path / "kernel"
    kernel.write_bytes(b"")
    args = ("--root", tmp_path, "--arch", "x86_64", "--kernel", kernel, "--boots", "2",
            "--fencepost")
    done = tool(*args)
    if done.returncode == 2 and "gcc is not installed" in done.stderr:
        pytest.skip("no compiler for x86_64")
    assert done.returncode == 0, done
    report = json.loads((tmp_path / "results" / "linux-bench.json").read_text())
    entry = report["runs"][0]
    assert entry["fencepost"]["results"][0]["rounds"] == [5, 4, 3] * 2
    assert len(entry["fencepost"]["other_load"]) == 2 and entry["fencepost"]["build"] == "abc"
    assert entry["ratios"][0]["ratio"] == 5.0 and "5.0 (3.3)" in done.stdout
    # Ours must be sound too, and a release build.
    machines(debug=True)
    done = tool(*args)
    assert done.returncode == 1 and "debug build" in done.stderr
    machines(verdict="fail", status=1)
    done = tool(*args)
    assert done.returncode == 1 and "Fencepost: FAIL" in done.stderr
