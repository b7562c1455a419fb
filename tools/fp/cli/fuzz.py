# SPDX-License-Identifier: GPL-2.0-only
"""`make fuzz`: libFuzzer on what reads input of others, a target in each file of tests/host/fuzz/.

Each runs for the same time, from the inputs that the tree keeps and those that earlier runs have
found to cover more (results/fuzz/<target>/). A finding is an input in the results' directory, on
which the target dies.
"""
import fnmatch
import os
import re
import subprocess
import time

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.process import kill_group, spawn
from ..base.terminal import make_console
from ..base.text import printable
from ..report.store import Store, results_dir

SOURCES = "tests/host/fuzz"
BUILT = "build/host/fuzz"
LENGTH_MAX = 4096
SECS = "60"
LATE = 60  # seconds that a target may take to end, beyond its time
_RUNS = re.compile(r"^Done (\d+) runs in", re.M)
# What a line of the sanitizers' or of a target's own begins with that says what is wrong.
_WRONG = re.compile(r"^(?:SUMMARY: |wrong: |==\d+== ?ERROR: ).*$", re.M)


def targets(root):
    """Names of all targets."""
    return sorted(p.stem for p in (root / SOURCES).glob("*.c") if p.stem != "common")


def choose(names, globs):
    """Those that are asked for; each glob must name one."""
    for glob in globs:
        if not fnmatch.filter(names, glob):
            raise UserError(f"fuzz: no target is called {glob}: there are {', '.join(names)}")
    return [n for n in names if not globs or any(fnmatch.fnmatchcase(n, g) for g in globs)]


def build(root):
    """The programs, by clang, which alone has the fuzzer."""
    done = subprocess.run(["make", "--no-print-directory", f"-j{os.cpu_count()}", "-f",
                           "tests/host/Makefile", "fuzzers"], cwd=root, check=False)
    if done.returncode:
        raise UserError("fuzz: the targets could not be built (clang, and its libFuzzer?)")


def command(root, name, secs, seed, kept, found):
    """How a target is run; inputs that cover more go to the first directory."""
    return [str(root / BUILT / name), f"-max_total_time={secs}", f"-seed={seed}",
            f"-max_len={LENGTH_MAX}", "-timeout=10", "-rss_limit_mb=2048", "-verbosity=1",
            f"-artifact_prefix={found}/{name}-", str(kept), str(root / SOURCES / "corpus" / name)]


def run_one(argv, log, limit):
    """Until it ends. (exit status, what it said, seconds)"""
    start = time.monotonic()
    with open(log, "wb") as out:
        proc = spawn(argv, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
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
    note = f"{int(runs[1]):,} runs, {len(list(kept.iterdir()))} inputs kept" if runs else \
        "no run was counted"
    wrong = _WRONG.search(said)
    failed = bool(status or wrong or not runs)
    return {"name": f"fuzz {name}", "passed": int(not failed), "failed": int(failed), "skipped": 0,
            "note": printable(wrong[0]) if wrong else note, "wall_s": round(wall, 3),
            "cpu_s": round(wall, 3), "text": printable(said[-2000:]) if failed else ""}


def show(out, entry, found, name):
    """A line for the user, and where a finding lies."""
    word = "FAIL" if entry["failed"] else "ok"
    out.print(f"{word:<6} {entry['wall_s']:5.1f} s  {entry['name']}: {entry['note']}",
              soft_wrap=True)
    if entry["failed"]:
        for path in sorted(found.glob(f"{name}-*")):
            out.print(f"  again: {BUILT}/{name} {os.path.relpath(path)}", soft_wrap=True)


def run(args):
    """0: nothing was found."""
    names = choose(targets(args.root), args.globs)
    build(args.root)
    out = make_console()
    failed = 0
    with Store(args.root, "fuzz", args.output) as kept:
        kept.log.mkdir(exist_ok=True)
        for name in names:
            corpus = results_dir(args.root) / "fuzz" / name
            corpus.mkdir(parents=True, exist_ok=True)
            argv = command(args.root, name, int(float(args.secs)) or 1, args.seed, corpus, kept.dir)
            status, said, wall = run_one(argv, kept.log / f"{name}.log", float(args.secs) + LATE)
            entry = step(name, status, said, wall, corpus)
            kept.add_step(entry)
            show(out, entry, kept.dir, name)
            failed += entry["failed"]
        kept.complete()
    out.print(kept.where(), soft_wrap=True)
    return EXIT_FAIL if failed else EXIT_PASS
