# SPDX-License-Identifier: GPL-2.0-only
"""Campaigns: jobs by GNU parallel here, and on hosts of a fake ssh, one of which dies."""
import json
import os
import shutil

import pytest
from conftest import HERE
from fp.base.errors import UserError
from fp.cli import campaign

TOP = HERE.parents[1]
needs_parallel = pytest.mark.skipif(not shutil.which("parallel") or not shutil.which("rsync"),
                                    reason="GNU parallel or rsync is not installed")
# Each host is a directory; "dies" answers until it is to run a job.
SSH = """\
#!/bin/bash
while [[ $1 == -* ]]; do case $1 in -p|-l|-o|-S|-i) shift 2 ;; *) shift ;; esac; done
host=$1
shift
[ "$1" = -- ] && shift
[[ $host == dies && $* == *perl* ]] && exit 255
mkdir -p "$FAKE_HOSTS/$host" && cd "$FAKE_HOSTS/$host" && HOME=$PWD exec bash -c "$*"
"""


@pytest.fixture
def four(project):
    """A project with a tool of its own, whose machines are fake."""
    for path in (TOP / "tools" / "fencepost", TOP / "tools" / campaign.JOB,
                 *(TOP / "tools" / "fp").rglob("*.py"), *TOP.glob("arch/*/isa.toml"),
                 *TOP.glob("kernel/*/build.mk"), TOP / "kernel" / "rcu.c",
                 *TOP.glob("tests/rmap/variants/*")):
        copy = project.root / path.relative_to(TOP)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    return project.four()


def start(project, *words):
    from fp.cli.parser import make_parser
    return campaign.run(make_parser().parse_args(
        ["--root", str(project.root), "campaign", *words]))


def hosts_of(where):
    return [j["host"] for j in json.loads((where / "campaign.json").read_text())["jobs"]]


@needs_parallel
def test_jobs_on_this_host(four, capfd):
    where = four.root / "mine"
    assert start(four, "torture", "--arch", "arm64,riscv64", "--secs", "1", "--output",
                 str(where)) == 0
    said = capfd.readouterr().out
    assert f"{os.uname().nodename}: 4 jobs, " in said and "4 of 4 jobs passed" in said
    data = json.loads((where / "merged" / "run.json").read_text())
    assert data["state"] == "complete" and len(data["runs"]) == 4
    assert [r["arch"] for r in data["runs"]] == ["arm64", "arm64", "riscv64", "riscv64"]
    assert "rcu=preempt" in data["runs"][1]["boot_line"]
    assert (where / "jobs.d" / "3" / "console.txt").is_file()


@needs_parallel
def test_a_host_that_dies_loses_its_running_job_only(four, tmp_path, monkeypatch, capfd):
    ssh = tmp_path / "fake_ssh"
    ssh.write_text(SSH)
    ssh.chmod(0o755)
    monkeypatch.setenv("PARALLEL_SSH", str(ssh))
    monkeypatch.setenv("FAKE_HOSTS", str(tmp_path / "hosts"))
    where = four.root / "far"
    assert start(four, "torture", "--arch", "x86_64", "--secs", "1", "--seeds", "2", "--on",
                 "one,dies", "--output", str(where)) == 0
    assert "4 of 4 jobs passed" in capfd.readouterr().out
    assert len((where / "joblog").read_text().splitlines()) >= 5
    assert (tmp_path / "hosts" / "one" / "fencepost-far").is_dir()
    assert not list((tmp_path / "hosts").glob("*/fencepost-far/build*"))


@needs_parallel
def test_an_interrupted_campaign_goes_on(four, capfd):
    where = four.root / "again"
    words = ["torture", "--arch", "x86_64", "--secs", "1"]
    assert start(four, *words, "--output", str(where)) == 0
    (where / "2.tgz").unlink()
    shutil.rmtree(where / "jobs.d")
    log = (where / "joblog").read_text().splitlines()
    (where / "joblog").write_text("\n".join(x for x in log if not x.endswith(" 2")) + "\n")
    before = (where / "1.tgz").stat().st_mtime_ns
    assert start(four, *words, "--resume", str(where)) == 0
    assert (where / "1.tgz").stat().st_mtime_ns == before and (where / "2.tgz").is_file()
    assert "2 of 2 jobs passed" in capfd.readouterr().out


def test_mutants_are_no_campaign(project):
    with pytest.raises(UserError, match="RESUME=1, and CLASS= cuts it into shares"):
        start(project, "mutants")


def test_what_fails_or_is_missing_is_named():
    jobs = [{"job": 1, "argv": ["run"], "host": "a", "runs": [], "cores": 4.0, "load_before": 0.5,
             "load_after": 3.25, "seconds": 7.0, "status": 0.0},
            {"job": 2, "argv": ["run", "x y"], "host": "a", "runs": [], "cores": 4.0,
             "load_before": 1.0, "load_after": 1.0, "seconds": 5.0, "status": 1.0},
            {"job": 3, "argv": ["thread"], "host": None, "runs": []}]
    assert list(campaign.table(jobs)) == [
        "a: 2 jobs, 12 s of them, 4 cores, load up to 3.2",
        "job 2 on a failed (jobs.d/2/console.txt): run 'x y'", "job 3 was not done: thread"]


@pytest.mark.parametrize("kind,count", [("torture", 24), ("thread", 72), ("check", 3)])
def test_jobs(kind, count):
    from fp.base import isas
    args = type("A", (), {"seeds": 3, "secs": "9", "shards": 3})
    jobs = list(campaign.KINDS[kind](args, isas.names()))
    assert len(jobs) == count and len({tuple(j) for j in jobs}) == count
