# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost campaign`: a long run cut into jobs, which GNU parallel runs on this host's cores or,
by ssh, on others; their results become one report that names the hosts and how busy they were.

What other hosts get is the tool and the images: they need QEMU and Python, and no compiler. A host
that dies loses its running job, which is tried elsewhere; parallel's log of jobs says what has
ended, so that --resume goes on behind it.
"""
import json
import os
import shlex
import shutil
import subprocess
import tarfile
from datetime import datetime

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.files import write_file
from ..base.terminal import make_console
from ..base.tree import VERSION, Tree, version
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, flavour
from ..mailthread.mailthread import VARIANTS
from ..report.store import Store, results_dir

JOB = "campaign_job.sh"
SHELL = "/bin/bash"
TRIES = "3"
HOST = ("host", "cores", "load_before", "load_after", "seconds", "status")


def torture(args, arches):
    """Each ISA in both flavours of RCU, with several seeds."""
    for seed in range(1, args.seeds + 1):
        for arch in arches:
            for rcu in ("classic", "preempt"):
                yield ["run", "--arch", arch, "--tests", "torture.*", "--secs", args.secs,
                       "--seed", str(seed), "--append", f"rcu={rcu}"]


def the_thread(args, arches):
    """Claims and forced tests of each ISA; then each variant, free-running."""
    for arch in arches:
        yield ["thread", "--arch", arch, "--quick"]
    for variant in VARIANTS:
        for arch in arches:
            yield ["thread", "--arch", arch, "--variants", variant, "--secs", args.secs]


def check(args, arches):
    """Shares of all steps; they build, and so need compilers."""
    names = ",".join(arches)
    for n in range(1, args.shards + 1):
        yield ["check", "--arch", names, "--shard", f"{n}/{args.shards}"]


KINDS = {"torture": torture, "thread": the_thread, "check": check}


def make_kit(root, path, arches):
    """The files of the project and the images of @arches, in one file."""
    boards = Boards(root / "boards").all.values()
    with tarfile.open(path, "w") as kit:
        for name in Tree(root).names:
            kit.add(root / name, name)
        for arch in arches:
            where = build_dir(root, arch, flavour())
            images = {"fencepost.elf", *(b.image for b in boards if b.arch == arch)}
            for file in [*(where / i for i in images), *where.glob("*.dtb")]:
                check_image(file)
                kit.add(file, str(file.relative_to(root)))
        text = path.with_name(VERSION)
        text.write_text(version(root) + "\n", encoding="utf-8")
        kit.add(text, VERSION)


def prepare(args, where, arches):
    """A directory with all that jobs need."""
    jobs = list(KINDS[args.kind](args, arches))
    where.mkdir(parents=True)
    make_kit(args.root, where / "kit.tar", arches)
    shutil.copy(args.root / "tools" / JOB, where)
    (where / "jobs").write_text("".join(shlex.join(j) + "\n" for j in jobs), encoding="utf-8")


def command(where, count, args):
    """parallel's arguments; the jobs are numbers."""
    argv = ["parallel", "--will-cite", "--joblog", "joblog", "--resume-failed", "--retries", TRIES]
    argv += ["--jobs", str(args.jobs)] if args.jobs else []
    if args.on:
        argv += ["--sshlogin", args.on, "--workdir", f"fencepost-{where.name}",
                 "--return", "{}.tgz", "--cleanup"]
        argv += [x for name in ("kit.tar", "jobs", JOB) for x in ("--basefile", name)]
    return argv + [f"bash {JOB} {{}}", ":::", *map(str, range(1, count + 1))]


def read_job(where, n, argv):
    """What is known of job @n."""
    found = {"job": n, "argv": argv, "host": None, "runs": []}
    (where / "jobs.d").mkdir(exist_ok=True)
    if (where / f"{n}.tgz").is_file():
        subprocess.run(["tar", "xzf", f"../{n}.tgz"], cwd=where / "jobs.d")
    try:
        words = (where / "jobs.d" / str(n) / "host").read_text(encoding="utf-8").split("\n")
        found.update(zip(HOST, words[:1] + [float(w) for w in words[1:6]], strict=True))
        text = (where / "jobs.d" / str(n) / "run.json").read_text(encoding="utf-8")
        found["runs"] = json.loads(text)["runs"]
    except (OSError, ValueError, LookupError):
        found["host"] = None
    return found


def table(jobs):
    """A line a host, and one for each job that failed or is not there."""
    for host in sorted({j["host"] for j in jobs if j["host"]}):
        mine = [j for j in jobs if j["host"] == host]
        load = max(max(j["load_before"], j["load_after"]) for j in mine)
        yield (f"{host}: {len(mine)} jobs, {sum(j['seconds'] for j in mine):.0f} s of them, "
               f"{mine[0]['cores']:.0f} cores, load up to {load:.1f}")
    for j in jobs:
        if j["host"] is None:
            yield f"job {j['job']} was not done: {shlex.join(j['argv'])}"
        elif j["status"]:
            yield (f"job {j['job']} on {j['host']} failed (jobs.d/{j['job']}/console.txt): "
                   f"{shlex.join(j['argv'])}")


def merge(args, where, out):
    """One report of all jobs; how many failed or are missing."""
    lines = (where / "jobs").read_text(encoding="utf-8").splitlines()
    jobs = [read_job(where, n, shlex.split(x)) for n, x in enumerate(lines, 1)]
    shutil.rmtree(where / "merged", ignore_errors=True)
    with Store(args.root, "campaign", where / "merged") as kept:
        for job in jobs:
            for run in job["runs"]:
                kept.add_entry({**run, "log": f"jobs.d/{job['job']}/{run.get('log', '')}"})
        kept.complete()
    text = list(table(jobs))
    write_file(where / "campaign.json", json.dumps(
        {"format": "fencepost-campaign", "version": 1,
         "jobs": [{**j, "runs": len(j["runs"])} for j in jobs]}, indent=1) + "\n")
    write_file(where / "campaign.txt", "\n".join(text) + "\n")
    for line in text:
        out.print(line, soft_wrap=True)
    return sum(j["host"] is None or bool(j["status"]) for j in jobs)


def find_tools(args):
    """UserError if this cannot be done here."""
    if args.kind == "mutants":
        raise UserError("campaign mutants: each is built, which hosts without compilers cannot; "
                        "make mutants uses this host's cores (JOBS=) and goes on by RESUME=1, and "
                        "CLASS= cuts it into shares for clones on others")
    for tool in ("parallel", "rsync") if args.on else ("parallel",):
        if not shutil.which(tool):
            raise UserError(f"{tool} is not installed: apt-get install {tool}")
    if args.on and args.kind == "check":
        raise UserError("campaign check: other hosts get no compilers; run SHARD= of make check on "
                        "clones there")


def run(args):
    out = make_console()
    find_tools(args)
    where = args.resume or args.output or \
        results_dir(args.root) / f"{datetime.now():%Y%m%d-%H%M%S}-campaign"
    if not args.resume:
        if where.exists():
            raise UserError(f"{where}: it is there already; --resume {where} goes on with it")
        prepare(args, where, isas.arch_list(args.arch))
    count = len((where / "jobs").read_text(encoding="utf-8").splitlines())
    # What it says to other hosts is quoted for this shell, which not every environment names.
    subprocess.run(command(where, count, args), cwd=where, stdin=subprocess.DEVNULL,
                   env={**os.environ, "PARALLEL_SHELL": SHELL, "SHELL": SHELL})
    bad = merge(args, where, out)
    out.print(f"{count - bad} of {count} jobs passed: {where}/ (campaign.txt, campaign.json, "
              "merged/, jobs.d/)", soft_wrap=True)
    return EXIT_FAIL if bad else EXIT_PASS
