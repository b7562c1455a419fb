# SPDX-License-Identifier: GPL-2.0-only
"""`make check-long`: its steps, what is remembered of them, and the other Debian's chroot."""
import io
import os
import subprocess
import time

import pytest
from conftest import HERE
from fp.base.terminal import make_console
from fp.check import long
from fp.check.long import Command, Passed
from fp.images.boards import Boards

SCRIPT = HERE.parent / "other_debian.sh"


def steps_of(host, where):
    return [c.name for c in long.commands(where, "5", host)]


def test_the_debian_that_is_not_here_is_tried(tmp_path):
    assert [n[:9] for n in steps_of("bookworm", tmp_path)[:2]] == ["Debian 13", "x86_64: t"]
    assert steps_of("trixie", tmp_path)[0].startswith("Debian 12")
    assert sum(n.startswith("Debian") for n in steps_of(None, tmp_path)) == 2


def test_torture_is_of_each_isa_in_both_flavours(tmp_path):
    lines = [" ".join(c.argv) for c in long.commands(tmp_path, "5", "trixie")
             if "torture" in c.name]
    assert len(set(lines)) == 8 and all("--secs 5" in line for line in lines)
    assert sum("rcu=classic" in line for line in lines) == 4


def test_page_tables_are_tried_on_each_second_machine(tmp_path):
    lines = [" ".join(c.argv) for c in long.commands(tmp_path, "5", "trixie")
             if "page tables" in c.name]
    second = [b for b in Boards(long.ROOT / "boards").all.values() if not b.default and not b.says]
    assert len(lines) == len(second) > 5
    for b in second:
        assert any(f"--arch {b.arch} --machine {b.name} --tests translation.*" in li
                   for li in lines)


def test_logs_are_one_a_step(tmp_path):
    logs = [c.log for c in long.commands(tmp_path, "5", None)]
    assert len(logs) == len(set(logs))


@pytest.fixture
def steps(tmp_path):
    """Runs shell commands as steps; (counts, what was printed)."""
    def run(*scripts, tree="t", resume=False):
        out = make_console(io.StringIO())
        commands = [Command(f"step {n}", f"s{n}", ["sh", "-c", s]) for n, s in enumerate(scripts)]
        passed = Passed(tmp_path / "passed.json", tree, resume)
        counts = tuple(long.run_steps(out, tmp_path, commands, tmp_path, passed))
        return counts, out.file.getvalue()
    return run


def test_each_status_has_its_word(steps):
    counts, text = steps("echo a; echo done", "echo why not; exit 77", "echo broken; echo; exit 3")
    assert counts == (1, 1, 1)
    lines = [line for line in text.splitlines() if not line.startswith("...")]
    assert lines[0].startswith("ok ") and lines[0].endswith("step 0: done")
    assert lines[1].startswith("skip ") and lines[1].endswith("step 1: why not")
    assert lines[2].startswith("FAIL ") and lines[2].endswith("step 2: broken")


def test_resume_leaves_out_what_has_passed_on_this_tree(steps, tmp_path):
    count = f"echo x >> {tmp_path}/ran; echo fine"
    fails = f"echo x >> {tmp_path}/ran; exit 1"

    def ran():
        return (tmp_path / "ran").read_text().count("x")
    steps(count, fails)
    assert ran() == 2
    counts, text = steps(count, fails, resume=True)
    assert ran() == 3 and counts == (1, 1, 0) and "seconds old)  step 0: fine" in text
    steps(count, fails)  # not asked to
    assert ran() == 5
    steps(count, fails, tree="changed", resume=True)
    assert ran() == 7


def test_a_damaged_memory_of_steps_is_none(steps, tmp_path):
    (tmp_path / "passed.json").write_text("{")
    assert steps("true", resume=True)[0] == (1, 0, 0)


def test_a_step_that_cannot_start_has_failed(tmp_path):
    out = make_console(io.StringIO())
    counts = long.run_steps(out, tmp_path, [Command("a", "a", ["/nonexistent/x"])], tmp_path,
                            Passed(tmp_path / "p", "t", False))
    assert tuple(counts) == (0, 1, 0) and "No such file" in out.file.getvalue()


def test_every_file_counts(project):
    project.board("fake", "pass")
    before = long.fingerprint(project.root)
    assert before == long.fingerprint(project.root)
    (project.root / "boards" / "fake.toml").write_text("x")
    changed = long.fingerprint(project.root)
    (project.root / "boards" / "fake.toml").rename(project.root / "boards" / "other.toml")
    assert len({before, changed, long.fingerprint(project.root)}) == 3


def test_interrupted_nothing_goes_on(tmp_path, monkeypatch):
    def interrupted(self):
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
            time.sleep(0.01)
        monkeypatch.undo()
        raise KeyboardInterrupt
    monkeypatch.setattr(subprocess.Popen, "wait", interrupted)
    command = Command("a", "a", ["sh", "-c", f"sleep 60 & echo $! > {tmp_path}/pid; wait"])
    with pytest.raises(KeyboardInterrupt):
        long.run_command(command, tmp_path / "log", tmp_path)
    pid = (tmp_path / "pid").read_text().strip()
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not alive(pid)


def alive(pid):
    try:
        return open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# ---- tools/other_debian.sh, with fake commands ----

FAKES = {
    "debootstrap": 'mkdir -p "$3/etc"',
    "unshare": 'exit $UNSHARE_STATUS',
    "git": 'case "$*" in *rev-parse*) echo abc1234;; esac',
    "apt-get": 'echo http://mirror/debian/',
    "apt-config": 'echo "found=\'http://proxy:1\'"',
}


@pytest.fixture
def world(tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bootstrap" / "scripts").mkdir(parents=True)
    (tmp_path / "bootstrap" / "scripts" / "trixie").touch()
    for name, text in FAKES.items():
        path = tmp_path / "bin" / name
        path.write_text(f'#!/bin/bash\necho "{name} $* $http_proxy" >> {tmp_path}/log\n{text}\n')
        path.chmod(0o755)
    return tmp_path


def other_debian(world, *args, **env):
    done = subprocess.run(
        [SCRIPT, *(args or ("trixie", world / "root"))], capture_output=True, text=True, timeout=30,
        stdin=subprocess.DEVNULL,
        env={"PATH": f"{world}/bin:{os.environ['PATH']}", "FENCEPOST_UID": "0",
             "DEBOOTSTRAP_DIR": f"{world}/bootstrap", "UNSHARE_STATUS": "0", **env})
    log = world / "log"
    return done, log.read_text() if log.exists() else ""


def test_a_chroot_is_made_once_by_this_machines_mirror_and_proxy(world):
    done, log = other_debian(world)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"debootstrap --variant=minbase trixie {world}/root http://mirror/debian " in log
    assert "http_proxy=http://proxy:1" in log and log.count("debootstrap ") == 1
    assert log.rstrip().split("\n")[-1].split(" http_proxy")[1].split()[1:4] == [
        "make", "-C", "/fencepost"]
    other_debian(world)
    assert (world / "log").read_text().count("debootstrap ") == 1


@pytest.mark.parametrize("env,args,status,why", [
    ({"FENCEPOST_UID": "1000"}, (), 77, "only root"),
    ({"UNSHARE_STATUS": "1"}, (), 77, "may not mount"),
    ({}, ("sid", "/nonexistent/place"), 77, "does not know sid"),
    ({}, ("trixie",), 2, "usage"),
])
def test_what_it_cannot_do_it_says(world, env, args, status, why):
    done, log = other_debian(world, *args, **env)
    assert done.returncode == status and why in done.stdout + done.stderr
    assert "debootstrap " not in log


@pytest.mark.parametrize("name,why", [("debootstrap", "debootstrap failed"),
                                      ("git", "no git checkout")])
def test_what_fails_is_named(world, name, why):
    (world / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
    done, _ = other_debian(world)
    assert done.returncode == (77 if name == "git" else 1)
    assert why in done.stdout.rstrip().split("\n")[-1]


@pytest.mark.parametrize("what", ["check", "compare"])
def test_a_failed_check_there_is_a_failure_here(world, what):
    (world / "bin" / "unshare").write_text(
        f'#!/bin/sh\ncase "$*" in *" make -C /fencepost {what}") exit 2;; esac\n')
    done, _ = other_debian(world)
    assert done.returncode == 1
    assert done.stdout.endswith(f"make {what} of abc1234 failed on trixie\n")
