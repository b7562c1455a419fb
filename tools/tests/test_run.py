# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost run` over a fake QEMU: verdicts, exit statuses, time limits, nothing left behind."""
import os
import signal
import subprocess
import time

import pytest
from conftest import TOOL, Project

# scenario: verdict, exit status, a part of what must be said
CASES = {
    "pass": ("PASS", 0, "4 passed, 0 failed"),
    "fail": ("FAIL", 1, "expected 1 == 2"),
    "skip": ("SKIP", 0, "needs 9 CPUs"),
    "none": ("CONFIG", 2, "no test matches"),
    "crash": ("CRASH", 1, "panic: null pointer"),
    "watchdog": ("TIMEOUT", 1, "deadline of 1 s"),
    "early-crash": ("CRASH", 1, "out of memory"),
    "hang": ("TIMEOUT", 1, "during self.hang"),
    "chatty-hang": ("TIMEOUT", 1, "during self.hang"),
    "silent": ("TIMEOUT", 1, "no BEGIN record"),
    "truncated": ("TRUNCATED", 1, "QEMU ended with status 0"),
    "lost-record": ("TRUNCATED", 1, "1 of their records arrived"),
    "garbage": ("PASS", 0, "record not understood"),
    "reset": ("TRUNCATED", 1, "restarted"),
    "reset-at-once": ("TRUNCATED", 1, "was reset from inside without an END record (QEMU: guest-"),
    "killed": ("TRUNCATED", 1, "SIGKILL"),
    "config": ("CONFIG", 2, "did you mean 'fool'"),
    "refuses": ("NOT-STARTED", 2, "could not load kernel"),
    "missing-cpu": ("FAIL", 1, "3 of 4 CPUs are online: CPU 1 did not start"),
    "wrong-status": ("FAIL", 1, "exit status is 1"),
    "no-power-off": ("TIMEOUT", 1, "did not power off"),
    "ktap-liar": ("FAIL", 1, "KTAP says 'not ok'"),
}


@pytest.mark.parametrize("scenario", CASES)
def test_verdict(project, scenario):
    verdict, status, words = CASES[scenario]
    project.board("fake", scenario, boot_timeout=0.5 if scenario == "silent" else 10)
    # Our own limits are short where they are to end it; elsewhere the host may be slow.
    margin = "0.3" if verdict == "TIMEOUT" else "10"
    done = project.run("run", "--timeout", "0.2", "--margin", margin, "--seed", "7")
    text = " ".join(done.stdout.split())
    assert done.returncode == status, done.stdout + done.stderr
    assert any(line.split()[:1] == [verdict] for line in done.stdout.splitlines()), done.stdout
    assert words in text
    assert "Traceback" not in done.stderr
    assert "\x1b" not in done.stdout  # not a terminal
    if verdict not in ("PASS", "SKIP"):
        assert "console: " in text and "make run ARCH=x86_64" in text and "SEED=7" in text
        assert list((project.root / "results").glob("*-run/log/x86_64-fake-1.log"))


def test_rerun_line_names_the_failed_test(project):
    project.board("fake", "fail", default=False).board("other", "pass")
    done = project.run("run", "--machine", "fake", "--seed", "3", "--smp", "2")
    text = " ".join(done.stdout.split())
    assert "make run ARCH=x86_64 MACHINE=fake TESTS=self.bad SMP=2 SEED=3" in text


def test_a_failed_test_shows_its_race(project):
    project.board("fake", "fail")
    lines = [x.strip() for x in project.run("run").stdout.splitlines()]
    first = lines.index("us  CPU 0 crew       CPU 1 crew")
    assert not any("another" in x for x in lines)
    again = [x for x in lines[first:] if "again" in x]
    assert len(again) == 1 and again[0].startswith("again:   make run ARCH=x86_64")


def test_boot_line(project):
    project.board("fake", "pass")
    done = project.run("run", "--verbose", "--tests", "a.* b.*", "--secs", ".5", "--append", "x=1")
    line = next(x for x in done.stdout.splitlines() if "@BEGIN" in x)
    for word in ("tests=a.*,b.*", "secs=0.5", "racers=", "accel=tcg", "x=1"):
        assert word in line.replace("\n", "")


def test_image_in_a_directory_with_a_blank(tmp_path):
    root = tmp_path / "my dir"
    root.mkdir()
    project = Project(root).board("fake", "pass")
    for top, directory in ((root, "/"), ("my dir", tmp_path), (".", root)):
        done = subprocess.run([TOOL, "--root", top, "run"], cwd=directory, capture_output=True,
                              text=True, timeout=30)
        assert done.returncode == 0, done.stdout + done.stderr
    logs = sorted((project.root / "results").glob("2*/log/*.log"))
    assert len(logs) == 3
    for log in logs:
        assert "--kernel build/x86_64/fencepost.elf" in log.read_text().splitlines()[0]


@pytest.mark.parametrize("closed", [">&-", ">&- 2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("scenario,status", [("pass", 0), ("fail", 1)])
def test_closed_streams(project, closed, scenario, status):
    project.board("fake", scenario)
    done = subprocess.run(["/bin/sh", "-c", f'"$0" --root "$1" run {closed}', TOOL, project.root],
                          capture_output=True, text=True, timeout=30)
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "")


def test_missing_binary_and_image(project):
    project.board("fake", "pass", qemu="/nonexistent/qemu")
    done = project.run("run")
    assert done.returncode == 2 and "not installed" in done.stdout
    (project.root / "build" / "x86_64" / "fencepost.elf").unlink()
    done = project.run("run")
    assert done.returncode == 2 and "no such image" in done.stderr


@pytest.mark.parametrize("args,words", [
    (["run", "--smp", "9"], "1 to 8 CPUs"),
    (["run", "--smp", "x"], "not a number"),
    (["run", "--secs", "1e3"], "not a number of seconds"),
    (["run", "--arch", "vax"], "no such ISA"),
    (["run", "--machine", "nowhere"], "no such machine"),
    (["run", "--tests", " , "], "no test is named"),
    (["run", "--what"], "--help"),
    ([], "required"),
])
def test_wrong_use_is_one_sentence(project, args, words):
    project.board("fake", "pass")
    done = project.run(*args)
    assert done.returncode == 2
    assert words in done.stderr and len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("text,words", [
    ("arch = ", "not valid TOML"),
    ('arch = "x86_64"\n', "is missing"),
    ('wat = 1\n', "unknown key"),
    ('smp = "four"\n', "wrong type"),
])
def test_wrong_board_file_is_named(project, text, words):
    project.board("fake", "pass")
    (project.root / "boards" / "broken.toml").write_text(text)
    for command in (["run", "--machine", "broken"], ["machines"]):
        done = project.run(*command)
        assert done.returncode == 2 and "broken.toml" in done.stderr and words in done.stderr
    assert project.run("run").returncode == 0, "it hurts its own machine only"


@pytest.mark.parametrize("old,new,words", [
    ("smp = 4", "smp = -3", "smp -3, smp_max 8: 1 <= smp"),
    ("smp_max = 8", "smp_max = 2", "smp 4, smp_max 2"),
    ("smp_max = 8", "smp_max = 100000", "smp_max <= 512"),
    ('"{smp}"', '"{spm}"', "args: '{spm}' is none of {smp}, {mem}"),
    ('"-no-reboot"', '"-nographic"', "without -no-reboot"),
    ('mem = "1G"', 'mem = "lots"', "mem 'lots' is no size"),
    ("smp = 4", "smp = 4\nsmp_extra = -1", "not negative"),
    ("smp = 4", 'smp = 4\nkvm_args = ["{smp}"]', "kvm_args: '{smp}'"),
])
def test_values_of_a_machine_are_looked_at(project, old, new, words):
    project.board("fake", "pass").board("other", "pass", default=False)
    path = project.root / "boards" / "other.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    done = project.run("run", "--machine", "other")
    assert done.returncode == 2 and words in done.stderr
    assert len(done.stderr.splitlines()) == 1 and project.run("run").returncode == 0


def test_a_default_machine_that_is_wrong_is_named(project):
    project.four()
    path = project.root / "boards" / "fake-arm64.toml"
    path.write_text(path.read_text().replace("smp = 4", "smp = 0"))
    assert "fake-arm64.toml: smp 0" in project.run("run", "--arch", "arm64").stderr
    assert "fake-arm64.toml: smp 0" in project.run("check", "--only", "x").stderr
    assert project.run("run", "--arch", "x86_64").returncode == 0


def _alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _start_child(project):
    """The tool with a running machine that has a child; returns (tool, all pids of the group)."""
    project.board("fake", "child")
    tool = subprocess.Popen([TOOL, "--root", project.root, "run", "--verbose"],
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    pid = None
    for line in tool.stdout:
        if "] pid " in line:
            pid = int(line.split()[-1])
            break
    group = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.getpgid(int(entry)) == pid:
                    group.append(int(entry))
            except ProcessLookupError:
                pass
    assert pid in group and len(group) == 2
    return tool, group


def _gone(pids):
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if not any(_alive(p) for p in pids):
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("sig,status", [(signal.SIGINT, 130), (signal.SIGTERM, 143),
                                        (signal.SIGHUP, 129)])
def test_a_signal_leaves_nothing_behind(project, sig, status):
    tool, group = _start_child(project)
    tool.send_signal(sig)
    _, err = tool.communicate(timeout=10)
    assert tool.returncode == status and "interrupted" in err and "Traceback" not in err
    assert _gone(group)


def test_a_killed_tool_takes_the_machine_with_it(project):
    tool, group = _start_child(project)
    tool.kill()
    tool.communicate(timeout=10)
    machine = group[0] if len(group) == 1 else min(group)
    assert _gone([machine])
    for pid in group:  # its child is the fake's own, which a real QEMU does not have
        if _alive(pid):
            os.kill(pid, signal.SIGKILL)


def test_terminal_gets_a_bar_and_leaves_the_cursor(project):
    import pty
    project.board("fake", "slow")
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(TOOL, [str(TOOL), "--root", str(project.root), "run"])
    data = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:
            break
        if not part:
            break
        data += part
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"self.slow1" in data and b"2/3" in data
    assert data.rfind(b"\x1b[?25h") > data.rfind(b"\x1b[?25l") >= 0


def test_a_plan_goes_on_behind_each_crash(project):
    project.board("fake", "plan")
    done = project.run("run", "--seed", "7")
    assert done.returncode == 1 and "2 of 4 planned tests have no record" in done.stdout
    done = project.run("run", "--seed", "7", "--go-on")
    assert done.returncode == 1 and "2 passed, 0 failed, 2 crashed" in done.stdout, done.stdout
    assert "have no record" not in done.stdout and "self.t2: why" in done.stdout
    assert len(list((project.root / "results").glob("2*/log/*.log"))) == 4
