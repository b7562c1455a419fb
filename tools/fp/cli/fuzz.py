# SPDX-License-Identifier: GPL-2.0-only
"""`make fuzz`: libFuzzer on what reads input of others, and on the memory manager of a kernel that
runs as a process; a target in each file of tests/host/fuzz/.

Each runs for the same time, from the inputs that the tree keeps and those that earlier runs have
found to cover more (results/fuzz/<target>/). A finding is an input in the results' directory, on
which the target dies.
"""
import fnmatch
import os
import re
import subprocess
import sys
import time

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.process import kill_group, spawn
from ..base.terminal import make_console
from ..base.text import printable
from ..report.store import Store, results_dir

SOURCES = "tests/host/fuzz"
BUILT = "build/host/fuzz"
LENGTH_MAX = 4096
SECS = "60"
KERNEL_TARGETS = ("mm",)  # they feed a kernel, which is built with these sanitizers
SANITIZERS = "address,coverage,undefined"
PYTHON_TARGETS = {"litmus": "tools/tests/test_litmusfile_fuzz.py"}  # damage at random, no libFuzzer
LATE = 60  # seconds that a target may take to end, beyond its time
_RUNS = re.compile(r"^Done (\d+) runs in", re.M)
# What a line of the sanitizers' or of a target's own begins with that says what is wrong.
_WRONG = re.compile(r"^(?:SUMMARY: |wrong: |==\d+== ?ERROR: |\w*Error: ).*$", re.M)


def targets(root):
    """Names of all targets."""
    return sorted([*PYTHON_TARGETS,
                   *(p.stem for p in (root / SOURCES).glob("*.c") if p.stem != "common")])


def choose(names, globs):
    """Those that are asked for; each glob must name one."""
    for glob in globs:
        if not fnmatch.filter(names, glob):
            raise UserError(f"fuzz: no target is called {glob}: there are {', '.join(names)}")
    return [n for n in names if not globs or any(fnmatch.fnmatchcase(n, g) for g in globs)]


def _make(root, *args):
    done = subprocess.run(["make", "--no-print-directory", f"-j{os.cpu_count()}", "-f", *args],
                          cwd=root, check=False)
    return done.returncode == 0


def build(root, names):
    """The programs, by clang, which alone has the fuzzer, and the kernel that some feed."""
    if not _make(root, "tests/host/Makefile", "fuzzers"):
        raise UserError("fuzz: the targets could not be built (clang, and its libFuzzer?)")
    if set(names) & set(KERNEL_TARGETS) and \
            not _make(root, "build.mk", "ARCH=hosted", f"SAN={SANITIZERS}", "image"):
        raise UserError("fuzz: the kernel could not be built")


def kernel(root):
    """The kernel that targets feed: of the host's ISA."""
    where = f"hosted-{isas.native()}-san-{SANITIZERS.replace(',', '-')}"
    return root / "build" / where / "fencepost"


def possible(names):
    """Those that can run here, and a line for each that cannot."""
    here = isas.native()
    left_out = [] if here else [n for n in names if n in KERNEL_TARGETS]
    return [n for n in names if n not in left_out], \
        [f"skip   {n}: no port has the ISA of this host" for n in left_out]


def command(root, name, secs, seed, kept, found):
    """How a target is run; inputs that cover more go to the first directory."""
    if name in PYTHON_TARGETS:
        return [sys.executable, str(root / PYTHON_TARGETS[name]), str(secs),
                *([str(seed)] if seed else [])]
    return [str(root / BUILT / name), f"-max_total_time={secs}", f"-seed={seed}",
            f"-max_len={LENGTH_MAX}", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=1",
            f"-artifact_prefix={found}/{name}-", str(kept), str(root / SOURCES / "corpus" / name)]


def run_one(argv, log, limit, **env):
    """Until it ends. (exit status, what it said, seconds)"""
    start = time.monotonic()
    with open(log, "wb") as out:
        proc = spawn(argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL,
                     env={**os.environ, **env})
        try:
            proc.wait(limit)
        except subprocess.TimeoutExpired:
            out.write(b"wrong: it did not end by itself\n")
        finally:
            kill_group(proc)
    return proc.returncode, log.read_text(encoding="utf-8", errors="replace"), \
        time.monotonic() - start


def step(name, status, said, wall, kept):
    """The entry of run.json: one check that passed, or what is wrong."""
    runs = _RUNS.search(said)
    inputs = len(list(kept.iterdir()))
    note = f"{int(runs[1]):,} runs" if runs else "no run was counted"
    note += f", {inputs} inputs kept" if runs and inputs else ""
    wrong = _WRONG.search(said)
    failed = bool(status or wrong or not runs)
    return {"name": f"fuzz {name}", "passed": int(not failed), "failed": int(failed), "skipped": 0,
            "note": printable(wrong[0]) if wrong else note, "wall_s": round(wall, 3),
            "cpu_s": round(wall, 3), "text": printable(said[-2000:]) if failed else ""}


def show(out, entry, found, name, root):
    """A line for the user, and where a finding lies."""
    word = "FAIL" if entry["failed"] else "ok"
    out.print(f"{word:<6} {entry['wall_s']:5.1f} s  {entry['name']}: {entry['note']}",
              soft_wrap=True)
    if entry["failed"]:
        for path in sorted(found.glob(f"{name}-*")):
            fed = f"FENCEPOST_KERNEL={KERNEL} " if name in KERNEL_TARGETS else ""
            out.print(f"  again: {fed}{BUILT}/{name} {os.path.relpath(path)}", soft_wrap=True)


def run(args):
    """0: nothing was found."""
    names, left_out = possible(choose(targets(args.root), args.globs))
    build(args.root, names)
    out = make_console()
    for line in left_out:
        out.print(line)
    failed = 0
    with Store(args.root, "fuzz", args.output) as kept:
        kept.log.mkdir(exist_ok=True)
        for name in names:
            corpus = results_dir(args.root) / "fuzz" / name
            corpus.mkdir(parents=True, exist_ok=True)
            argv = command(args.root, name, int(float(args.secs)) or 1, args.seed, corpus, kept.dir)
            status, said, wall = run_one(argv, kept.log / f"{name}.log", float(args.secs) + LATE,
                                         FENCEPOST_KERNEL=str(kernel(args.root)))
            entry = step(name, status, said, wall, corpus)
            kept.add_step(entry)
            show(out, entry, kept.dir, name, args.root)
            failed += entry["failed"]
        kept.complete()
    out.print(kept.where(), soft_wrap=True)
    return EXIT_FAIL if failed else EXIT_PASS
