#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What Debian's own kernel needs for page faults and forks in the machines that our tests run in.

Fetches Debian's kernel package, puts the small program bench.c into an initramfs as process 1,
boots both in the QEMU machine of boards/*.toml, and tells medians; with --fencepost it boots our
own release build in turn with Linux, and tells the ratios. docs/linux-comparison.md says how to
read them. Nothing outside build/ is changed: apt works there with an index of its own.
"""
import argparse
import json
import os
import re
import resource
import shlex
import shutil
import subprocess
import sys
import tarfile
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

# The path must be set first.
from fp.base import isas  # noqa: E402
from fp.base.errors import (EXIT_FAIL, EXIT_INTERRUPTED, EXIT_PASS, EXIT_USAGE,  # noqa: E402
                            UserError)
from fp.base.host import host_busy, host_entry  # noqa: E402
from fp.cli.compare import BUSY_SHARE  # noqa: E402
from fp.images.boards import Boards  # noqa: E402
from fp.images.builds import build_dir  # noqa: E402
from fp.images.line import FIXED_SEED  # noqa: E402
from fp.report.report import write_json  # noqa: E402
from fp.report.store import DIRECTORY  # noqa: E402
from fp.run import runner  # noqa: E402
from fp.run.spec import Spec  # noqa: E402
from fp.transport.machine import Machine, qemu_version  # noqa: E402
from records import (RunFailed, Transcript, check_clock, check_transcript, is_bench,  # noqa: E402
                     parse_console, summarize)

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
MIRROR = "http://deb.debian.org/debian"
SUITE = "bookworm"
LOG_MAX = 1 << 20
AIM_TIMES = 3  # so many times faster than Linux we want to be at these
AIM_OF = ("fault.anon", "fault.cow", "munmap", "fork.empty", "fork.pages", "fault.threads.2")
OUR_BENCHES = "bench.mm_*"
ROUNDS_OF = "rounds."  # members of our records: the rounds of the measurement of that name

# A fault that the kernel itself takes, as ours are: Linux's is the difference of two measurements.
IN_KERNEL, IN_KERNEL_OF, IN_KERNEL_OURS = (
    "fault in the kernel", ("syscall.fault", "syscall.mapped"), "fault.anon")


@dataclass(frozen=True)
class Arch:
    """What differs between the ISAs."""

    debian: str  # Debian's name of it
    uname: str  # `uname -m` says this
    compiler: str
    cflags: tuple
    tty: str  # the machine's serial port, as Linux calls it


# Those whose isa.toml says what their Linux is like.
ARCHES = {name: Arch(isa.linux["arch"], isa.hosts[0], isa.cross + "gcc",
                     tuple(isa.linux["cflags"]), isa.linux["tty"])
          for name, isa in isas.load().items() if isa.linux}
CFLAGS = ("-O2 -Wall -Wextra -Werror -static -nostdlib -ffreestanding -fno-stack-protector "
          "-fno-pie -no-pie -fno-asynchronous-unwind-tables -fno-tree-loop-distribute-patterns "
          "-Wl,-z,max-page-size=4096 -Wl,--build-id=none").split()

# What the kernel is asked for, beside its console. docs/linux-comparison.md gives the reasons.
BOOT_LINE = ("quiet loglevel=1 panic=-1 mitigations=off nokaslr transparent_hugepage=never")


# ---- tools and packages ----

def call(argv, **kwargs):
    """Run a tool and return what it prints; UserError if it is missing or fails."""
    try:
        done = subprocess.run(argv, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              timeout=900, **kwargs)
    except FileNotFoundError:
        raise UserError(f"{argv[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise UserError(f"{shlex.join(argv[:3])} … did not end within 900 s") from None
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        # apt and compilers mark what was wrong; what they say last is but the consequence.
        marked = [line for line in said if re.match(r"E: |.*\berror:|.*undefined reference", line)]
        raise UserError(f"{argv[0]} failed: {(marked or said[-1:] or ['no message'])[0]}")
    return done.stdout


def apt_config(directory, debian_arch, mirror, suite):
    """Files for an apt that knows one ISA and one mirror and keeps all it writes in @directory."""
    for sub in ("lists/partial", "cache/archives/partial"):
        (directory / sub).mkdir(parents=True, exist_ok=True)
    (directory / "status").write_text("")
    (directory / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {suite} main\n")
    config = directory / "apt.conf"
    # Hooks of the system's apt are for the system's packages.
    config.write_text(f"""\
#clear APT::Architectures;
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
APT::Architecture "{debian_arch}";
APT::Architectures {{ "{debian_arch}"; }};
APT::Update::Error-Mode "any";
Acquire::Languages "none";
Dir::State::Lists "{directory}/lists";
Dir::State::status "{directory}/status";
Dir::Cache "{directory}/cache";
Dir::Etc::SourceList "{directory}/sources.list";
Dir::Etc::SourceParts "-";
""")
    return config


def package_fields(text):
    """The first paragraph of `apt-cache show` as a dictionary."""
    fields = {}
    for line in text.split("\n\n")[0].splitlines():
        name, colon, value = line.partition(": ")
        if colon and not line.startswith(" "):
            fields[name] = value.strip()
    return fields


def real_package(fields):
    """The package with the kernel, of which linux-image-<arch> is the newest's name."""
    for word in fields.get("Depends", "").split(","):
        m = re.match(r"\s*(linux-image-\d\S*)", word)
        if m:
            return m[1]
    raise UserError(f"{fields.get('Package', 'linux-image')}: Debian's index names no kernel "
                    "package for it; try another --suite")


def extract_kernel(deb, target):
    """Take /boot/vmlinuz-* out of a package."""
    with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as p:
        try:
            with tarfile.open(fileobj=p.stdout, mode="r|") as tar:
                for member in tar:
                    if re.fullmatch(r"(\./)?boot/vmlinuz-.*", member.name) and member.isfile():
                        part = target.with_name(target.name + ".part")
                        with open(part, "wb") as f:
                            shutil.copyfileobj(tar.extractfile(member), f)
                        part.replace(target)
                        return
        except tarfile.TarError:
            pass
        finally:
            p.kill()
    raise UserError(f"{deb}: there is no /boot/vmlinuz-* in this package, or it is damaged")


def fetch_kernel(directory, debian_arch, mirror, suite, say):
    """Debian's kernel of one ISA, from @directory or from the network: path and description."""
    kernel, note = directory / "vmlinuz", directory / "kernel.json"
    wanted = {"mirror": mirror, "suite": suite}
    if kernel.is_file() and note.is_file():
        try:
            known = json.loads(note.read_text())
            if wanted.items() <= known.items():
                return kernel, known
        except ValueError:
            pass
    for tool in ("apt-get", "apt-cache", "dpkg-deb"):
        if not shutil.which(tool):
            raise UserError(f"{tool} is not installed: Debian's kernel is fetched on Debian or its "
                            "like only; --kernel FILE takes one that you have")
    if not KEYRING.is_file():
        raise UserError(f"{KEYRING} is missing: apt-get install debian-archive-keyring")
    apt = directory / "apt"
    config = ["-c", str(apt_config(apt, debian_arch, mirror, suite))]
    try:
        say(f"fetching the package index of {suite} for {debian_arch} from {mirror}")
        call(["apt-get", "-qq", *config, "update"])
        meta = package_fields(call(["apt-cache", *config, "show", f"linux-image-{debian_arch}"]))
        name = real_package(meta)
        version = package_fields(call(["apt-cache", *config, "show", name])).get("Version", "?")
        say(f"fetching {name} {version}")
        call(["apt-get", "-qq", *config, "download", name], cwd=apt)
        debs = list(apt.glob("*.deb"))
        if len(debs) != 1:
            raise UserError(f"apt-get download {name} left {len(debs)} packages in {apt}")
        extract_kernel(debs[0], kernel)
    except UserError as e:
        raise UserError(f"no kernel from {mirror} ({e}); is there a network? --kernel FILE takes "
                        "one that you have") from None
    finally:
        shutil.rmtree(apt, ignore_errors=True)
    known = {"package": name, "version": version, **wanted}
    note.write_text(json.dumps(known) + "\n")
    return kernel, known


def build_init(directory, arch):
    """Compile bench.c for an ISA; the path of the program."""
    isa = ARCHES[arch]
    compiler = isa.compiler
    if not shutil.which(compiler) and os.uname().machine == isa.uname:
        compiler = "gcc"
    if not shutil.which(compiler):
        raise UserError(f"{isa.compiler} is not installed: `make deps` installs the compilers")
    target = directory / "init"
    call([compiler, *CFLAGS, *isa.cflags, "-o", str(target), str(HERE / "bench.c")])
    return target


def cpio_entry(name, mode, data=b"", rdev=(0, 0), ino=0):
    """One file of an initramfs: "new ASCII" cpio, Documentation/driver-api/early-userspace."""
    path = name.encode() + b"\0"
    numbers = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(path), 0)
    head = b"070701" + b"".join(b"%08x" % n for n in numbers) + path
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def make_initramfs(program):
    """A root file system with @program as /init, and what it opens."""
    return b"".join((
        cpio_entry("dev", 0o40755, ino=1), cpio_entry("proc", 0o40755, ino=2),
        cpio_entry("sys", 0o40755, ino=3),
        cpio_entry("dev/console", 0o20600, rdev=(5, 1), ino=4),  # Documentation: devices.txt
        cpio_entry("init", 0o100755, program, ino=5), cpio_entry("TRAILER!!!", 0)))


# ---- running ----

class OtherLoad:
    """Share of the host's cores that neither idled nor ran our children."""

    def __init__(self):
        self.start = self._read()

    @staticmethod
    def _read():
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open("/proc/stat", encoding="ascii") as f:
            ticks = [int(x) for x in f.readline().split()[1:9]]
        hz = os.sysconf("SC_CLK_TCK")
        return sum(ticks) / hz, (ticks[3] + ticks[4]) / hz, usage.ru_utime + usage.ru_stime

    def share(self):
        total, idle, ours = (b - a for a, b in zip(self.start, self._read()))
        return round(min(1, max(0, total - idle - ours) / total), 2) if total > 0 else None


def run_once(argv, timeout, log):
    """Boot, wait for the power-off, parse."""
    data = b""
    limit = time.monotonic() + timeout
    seen = {}
    with Machine(argv) as m:
        while m.running():
            data += m.read(0.1)
            for mark in (b"@LINUX ", b"@DONE "):
                if mark not in seen and mark in data:
                    seen[mark] = time.monotonic()
            if time.monotonic() > limit:
                m.stop(f"no power-off within {timeout:g} s")
                break
            if len(data) > LOG_MAX:
                m.stop("the machine prints without end")
                break
        else:
            m.wait(10)
        m.kill()
        ending = m.ending
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(f"## {shlex.join(argv)}\n".encode() + data + ending.stderr.encode())
    if ending.start_error:
        raise UserError(ending.start_error)
    t = parse_console(data)
    try:
        check_transcript(t)
        check_clock(t, seen[b"@DONE "] - seen[b"@LINUX "])
    except RunFailed as e:
        why = f"; {ending.timeout}" if ending.timeout else ""
        err = ending.stderr.strip().splitlines()
        raise RunFailed(f"{e}{why}{f'; QEMU said: {err[-1]}' if err else ''} (console: {log})") \
            from None
    return t


@dataclass
class Job:
    """One machine, ready to boot."""

    board: object
    smp: int
    argv: list
    kernel: dict  # where the kernel is from
    log: Path


def prepare(root, board, smp, args, say=lambda text: None):
    """Fetch and build what a machine with @smp CPUs needs: a Job, or UserError.

    @args: kernel (a path or None), mirror, suite, rounds, pages, append.
    """
    if board.arch not in ARCHES:
        raise UserError(f"{board.arch}: Linux is measured on {', '.join(ARCHES)} only")
    isa = ARCHES[board.arch]
    smp = board.check_smp(smp)
    directory = root / "build" / "linux" / board.arch
    directory.mkdir(parents=True, exist_ok=True)
    if args.kernel:
        kernel, known = Path(args.kernel), {"file": str(args.kernel)}
        if not kernel.is_file():
            raise UserError(f"--kernel {kernel}: there is no such file")
    else:
        kernel, known = fetch_kernel(directory, isa.debian, args.mirror, args.suite, say)
    initramfs = directory / "initramfs"
    initramfs.write_bytes(make_initramfs(build_init(directory, board.arch).read_bytes()))
    words = [f"console={isa.tty}", BOOT_LINE, args.append,
             f"-- rounds={args.rounds} pages={args.pages}"]
    argv = board.command(smp=smp, image=kernel, append=" ".join(w for w in words if w),
                         extra=["-initrd", str(initramfs)])
    log = root / "build" / "log" / f"linux-bench-{board.arch}-{smp}.log"
    return Job(board, smp, argv, known, log)


def measure(job, boots, timeout, ours=None):
    """Boot the machine @boots times, each for @timeout seconds at most: a run of the report.

    @ours: a runner.Spec of our own kernel, to boot in turn with Linux. RunFailed when one does not
    measure what it should.
    """
    loads, transcripts, our_loads, our_runs = [], [], [], []
    for _ in range(boots):
        other = OtherLoad()
        transcripts.append(run_once(job.argv, timeout, job.log))
        loads.append(other.share())
        cpus = transcripts[-1].linux.get("cpus")
        if cpus != job.smp:
            raise RunFailed(f"Linux has {cpus} CPUs instead of {job.smp}")
        if ours:
            other = OtherLoad()
            our_runs.append(run_ours(ours, job.log.parent))
            our_loads.append(other.share())
    entry = {"arch": job.board.arch, "machine": job.board.name, "smp": job.smp, "accel": "tcg",
             "qemu": qemu_version(job.board.qemu), "command": job.argv, "kernel": job.kernel,
             "linux": transcripts[0].linux, "boots": boots, "other_load": loads,
             "results": summarize(transcripts)}
    if ours:
        begin, argv = our_runs[0][1:]
        entry["fencepost"] = {"build": begin.get("build"), "debug": begin.get("debug"),
                              "command": argv, "other_load": our_loads,
                              "results": summarize([run[0] for run in our_runs])}
        entry["ratios"] = ratios(entry)
    return entry


# ---- our own kernel ----

def our_spec(root, board, smp, timeout):
    """What to run of our own release build, or UserError."""
    image = build_dir(root, board.arch, "release") / board.image
    if not image.is_file():
        raise UserError(f"{image}: there is no such image; `make build ARCH={board.arch} DEBUG=0` "
                        "makes it")
    return Spec(board=board, image=image, smp=smp, tests=OUR_BENCHES, seed=FIXED_SEED,
                timeout=timeout, limit=timeout, flavour="release")


def our_rounds(tests):
    """The measurements in the records of our tests, as those of Linux's console."""
    t = Transcript()
    for test in tests:
        for name, rounds in test.items():
            if not name.startswith(ROUNDS_OF):
                continue
            record = {"name": name[len(ROUNDS_OF):], "per": "", "unit": "ns", "rounds": rounds}
            if not is_bench(record):
                raise RunFailed(f"{test['name']}: the rounds of {record['name']} are damaged")
            t.benches.append(record)
    if not t.benches:
        raise RunFailed("Fencepost measured nothing: is the image an old one?")
    return t


def run_ours(spec, log_dir):
    """Boot Fencepost once: its measurements, its BEGIN record, and QEMU's command line."""
    result = runner.run_machine(spec, log_dir)
    if result.ending.start_error:
        raise UserError(result.ending.start_error)
    if not result.ok():
        raise RunFailed(f"Fencepost: {result.verdict} {result.reason} (console: {result.log})")
    begin = result.transcript.begin or {}
    if begin.get("debug"):
        raise RunFailed(f"{spec.image} is a debug build, whose times mean nothing")
    return our_rounds(result.transcript.tests), begin, result.argv


def in_kernel(results):
    """Linux's fault without the way from user mode: the difference of two measurements."""
    by_name = {r["name"]: r for r in results}
    if not by_name.keys() >= set(IN_KERNEL_OF):
        return None
    fault, mapped = (by_name[name] for name in IN_KERNEL_OF)
    return {"name": IN_KERNEL, "per": fault["per"],
            "median": fault["median"] - mapped["median"], "min": fault["min"] - mapped["min"]}


def ratios(run):
    """Linux's time over ours, for all that both measured."""
    ours = {r["name"]: r for r in run["fencepost"]["results"]}
    pairs = [(r, ours[r["name"]]) for r in run["results"] if r["name"] in ours]
    kernel = in_kernel(run["results"])
    if kernel and IN_KERNEL_OURS in ours:
        pairs.append((kernel, ours[IN_KERNEL_OURS]))
    return [{"name": a["name"], "per": a["per"], "linux": a["median"], "linux_min": a["min"],
             "fencepost": b["median"], "fencepost_min": b["min"],
             "ratio": round(a["median"] / b["median"], 2),
             "ratio_min": round(a["min"] / b["min"], 2)} for a, b in pairs]


# ---- telling ----

def markdown(rows):
    """Rows of cells, the first a heading, as the lines of a Markdown table."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ["| " + " | ".join(c.ljust(w) for c, w in zip(row, widths)) + " |" for row in rows]
    lines.insert(1, "|" + "|".join("-" * (w + 2) for w in widths) + "|")
    return lines


def table(runs):
    """Medians in µs, the fastest round in brackets, as the lines of a Markdown table."""
    names = []
    for run in runs:
        names += [(r["name"], r["per"]) for r in run["results"]
                  if (r["name"], r["per"]) not in names]
    rows = [["measurement", "µs for one"]
            + [f"{r['arch']}, {cpus_text(r['smp'])}" for r in runs]]
    for name, per in names:
        row = [name, per]
        for run in runs:
            found = [r for r in run["results"] if r["name"] == name]
            row.append(time_cell(found[0]["median"], found[0]["min"]) if found else "")
        rows.append(row)
    return markdown(rows)


def ratio_table(run):
    """Linux and Fencepost side by side, as the lines of a Markdown table."""
    rows = [[f"{run['arch']}, {cpus_text(run['smp'])}", "µs for one", "Linux", "Fencepost",
             "Linux / Fencepost"]]
    for r in run["ratios"]:
        rows.append([r["name"], r["per"], time_cell(r["linux"], r["linux_min"]),
                     time_cell(r["fencepost"], r["fencepost_min"]),
                     f"{r['ratio']:.1f} ({r['ratio_min']:.1f})"])
    return markdown(rows)


def aim_text(runs):
    """Which of the measurements that have an aim miss it, by medians."""
    missed = [f"{r['name']} on {run['arch']} with {cpus_text(run['smp'])} ({r['ratio']:.1f})"
              for run in runs for r in run["ratios"]
              if r["name"] in AIM_OF and r["ratio"] < AIM_TIMES]
    return (f"Aim: {AIM_TIMES} times faster at {', '.join(AIM_OF)}; "
            + (f"missed by {', '.join(missed)}." if missed else "met."))


def time_cell(median, fastest):
    return f"{micros(median)} ({micros(fastest)})"


def cpus_text(count):
    return f"{count} CPU" if count == 1 else f"{count} CPUs"


def micros(ns):
    """Three significant digits of microseconds."""
    us = ns / 1000
    return f"{us:.0f}" if us >= 100 else f"{us:.1f}" if us >= 10 else f"{us:.2f}"


def _number(low, high):
    def convert(text):
        if not text.isdigit() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is no number from {low} to {high}")
        return int(text)
    return convert


def make_parser():
    p = argparse.ArgumentParser(prog="linux_bench.py", description=__doc__.splitlines()[0])
    p.add_argument("--arch", default=",".join(ARCHES), help=f"ISAs ({','.join(ARCHES)})")
    p.add_argument("--smp", default="2", help="CPUs; several numbers, several machines (2)")
    p.add_argument("--boots", type=_number(1, 100), default=3, help="of each machine (3)")
    p.add_argument("--rounds", type=_number(1, 64), default=15, help="a boot (15)")
    p.add_argument("--pages", type=_number(1, 1 << 16), default=4096, help="a round (4096)")
    p.add_argument("--fencepost", action="store_true",
                   help="boot our release build in turn with Linux, and tell the ratios")
    p.add_argument("--append", default="", metavar="WORDS", help="more for Linux's boot line")
    p.add_argument("--kernel", metavar="FILE", help="a kernel of yours instead of Debian's")
    p.add_argument("--mirror", default=MIRROR, help=f"Debian mirror ({MIRROR})")
    p.add_argument("--suite", default=SUITE, help=f"Debian release ({SUITE})")
    p.add_argument("--timeout", type=_number(1, 3600), default=180, help="s, of one boot (180)")
    p.add_argument("--root", type=Path, default=HERE.parent.parent, help="the project's directory")
    p.add_argument("--out", type=Path, help="JSON (results/linux-bench.json)")
    return p


def run(args):
    def say(text):
        print(text, flush=True)

    arches = args.arch.split(",")
    for arch in arches:
        if arch not in ARCHES:
            raise UserError(f"--arch {arch}: Linux is measured on {', '.join(ARCHES)} only")
    if args.kernel and len(arches) > 1:
        raise UserError("--kernel FILE is of one ISA: name it with --arch")
    counts = args.smp.split(",")
    if not all(c.isdigit() for c in counts):
        raise UserError(f"--smp {args.smp}: numbers with commas between them are wanted, like 1,2")
    boards = Boards(args.root / "boards")
    # All that can be a mistake comes before the first measurement.
    machines = [(boards.default(arch), int(smp)) for arch in arches for smp in counts]
    ours = [our_spec(args.root, board, board.check_smp(smp), args.timeout)
            if args.fencepost else None for board, smp in machines]
    jobs = [prepare(args.root, board, smp, args, say) for board, smp in machines]
    busy = host_busy()
    if busy is not None and busy > BUSY_SHARE:
        say(f"warning: other programs use {busy:.0%} of this host's cores")
    runs = []
    for job, spec in zip(jobs, ours):
        name = f"{job.board.arch}, {cpus_text(job.smp)}"
        try:
            entry = measure(job, args.boots, args.timeout, spec)
        except RunFailed as e:
            print(f"{name}: {e}", file=sys.stderr)
            continue
        runs.append(entry)
        loads = ", ".join("?" if x is None else f"{x:.0%}" for x in entry["other_load"])
        say(f"{name}: Linux {entry['linux'].get('release')} ({entry['linux'].get('version')}), "
            f"machine {entry['machine']}, QEMU {entry['qemu']}; other programs used {loads} of "
            "the host's cores")
    if runs:
        say("")
        for line in table(runs):
            say(line)
        say("")
        if args.fencepost:
            for entry in runs:
                for line in ratio_table(entry):
                    say(line)
                say("")
            say(aim_text(runs))
        say("Medians of all rounds of all boots; in brackets the fastest round"
            + (", and the ratio of the fastest." if args.fencepost else "."))
        out = args.out or args.root / DIRECTORY / "linux-bench.json"
        write_json(out, {"format": "fencepost-linux-bench", "version": 1,
                         "time": datetime.now(timezone.utc).isoformat(timespec="seconds"),
                         "host": host_entry(busy), "runs": runs})
        say(f"report: {out}")
    return EXIT_PASS if len(runs) == len(jobs) else EXIT_FAIL


def main(argv=None):
    args = make_parser().parse_args(argv)
    try:
        return run(args)
    except UserError as e:
        print(f"linux_bench.py: {e}", file=sys.stderr)
        return EXIT_USAGE
    except OSError as e:
        print(f"linux_bench.py: {e.filename or 'input or output'}: {e.strerror}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
