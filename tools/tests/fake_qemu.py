#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Stands in for QEMU in the tests: plays what a machine says in a named scenario."""
import argparse
import fnmatch
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

if "--version" in sys.argv:
    print("QEMU emulator version 7.2.99 (fake)")
    sys.exit(0)

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fp.mailthread import variants
from fp.record import records

ap = argparse.ArgumentParser()
ap.add_argument("--scenario", required=True)
ap.add_argument("--smp", type=int, default=4)
ap.add_argument("--kernel", default="")
ap.add_argument("--append", default="")
ap.add_argument("-chardev", default="fd=")
ap.add_argument("-mon")
ap.add_argument("-no-reboot", action="store_true")
args = ap.parse_args()
options = dict(w.partition("=")[::2] for w in args.append.split())


def out(text, end="\n"):
    data = (text + end).encode() if isinstance(text, str) else text
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def record(kind, /, **members):
    out(records.seal(kind, members))


def ktap(text):
    out(records.seal_ktap(text))


def monitor(*objects):
    """Write to the QMP monitor that we inherited, as QEMU does."""
    with socket.socket(fileno=int(args.chardev.rpartition("fd=")[2])) as s:
        assert b"qmp_capabilities" in s.recv(100)
        s.sendall("".join(json.dumps(o) + "\r\n" for o in objects).encode())


def begin(planned, online=None, arch="x86_64"):
    out("firmware says hello \x1b[2J\x1b[1;1Hand leaves its line open ", end="")
    record("BEGIN", v=1, arch=arch, machine="fake,machine", firmware="fake 1.0", cpu="fake-cpu",
           cpus_found=args.smp, cpus_online=online or args.smp, memory=1 << 30,
           seed=int(options.get("seed", 0)), build="abc123", cmdline=args.append, boot_us=1000,
           turns_us=int(os.environ.get("FAKE_TURNS_US", 60)), planned=planned,
           accel=options.get("accel", ""))
    out(f"KTAP version 1\n1..{planned}")


DONE = []


RACE = """\
# another line
#         us  CPU 0 crew       CPU 1 crew
#     -0.3  prepare_v0(): x
#      0.0                   walk(): y
# x 1 = 0xabc
# [0] list-check: broken (walk+0x1 on cpu 1)
# [0] again: make run ARCH=x86_64
# and another
""".splitlines()


def test(name, verdict="pass", kind="assert", says=(), **more):
    n = len(DONE) + 1
    record("START", n=n, name=name, kind=kind)
    for line in says:
        out(line)
    word = {"pass": "ok", "skip": "ok"}.get(verdict, "not ok")
    ktap(f"{word} {n} {name}" + (" # SKIP why" if verdict == "skip" else ""))
    record("TEST", n=n, name=name, kind=kind, verdict=verdict, us=1500, **more)
    DONE.append(verdict)


def litmus(name, weak, expect="allow", iterations=1000000, verdict="pass", result=None):
    result = result or f"{'allowed' if expect == 'allow' else 'forbidden'}-" + \
        ("seen" if weak else "unseen")
    test(f"litmus.{name}", verdict, "litmus", iterations=iterations, weak=weak, expected=expect,
         result=result, threads=2, weak_outcome="0:r0=0 /\\ 1:r0=0", knobs="skew=31",
         best_rate=0.01, outcomes=[["0:r0=0 1:r0=0", weak, 1],
                                   ["0:r0=1 1:r0=1", iterations - weak, 0]])


def end(verdict, planned=None, code=None):
    record("END", planned=planned or len(DONE), run=len(DONE), verdict=verdict,
           **{v if v != "pass" else "pass": DONE.count(v)
              for v in ("pass", "fail", "skip", "timeout", "crash")})
    sys.exit(("pass", "fail", "crash", "config").index(verdict) if code is None else code)


def some_tests():
    litmus("SB", 12345)
    litmus("MP+po+rmb", 0)
    litmus("SB+mb+mb", 0, "forbid")
    test("pgtable.null_page")


VARIANTS = {v.name: v.id for v in variants.load()}
MECHANISMS = "interleaving reuse release deadlock ordering".split()
WRONG = {"v0": "interleaving reuse", "v1": "reuse", "v3": "deadlock", "v4": "deadlock",
         "w1": "release", "w2": "reuse", "w3": "release", "w4": "release"}
MIN_CPUS = {"rmap.C3": 3, "rmap.C6": 3, "rmap.C7": 1, "rmap.C11": 3, "rmap.models": 1}  # others: 2
DETECTORS = {"interleaving": "rmap-incomplete", "reuse": "list-unlocked",
             "release": "lock-held-at-free", "deadlock": "self-deadlock"}


def variant_test(name, how):
    """A forced or ordering test of a variant; @how: what is to go wrong."""
    _, v, mechanism = name.split(".")
    tries = int(options.get("tries", 10))
    more = {"variant": VARIANTS[v], "mechanism": mechanism, "mode": "forced", "tries": tries,
            "caught": 0, "seconds": 0.41, "flavours": "classic preempt", "detector": ""}
    if mechanism == "ordering":
        more["mode"] = "litmus"
        if v in ("v0", "v5", "v6", "v7", "v8", "v10"):
            more.update(result="unobservable", why=f"{tries * 1000} iterations saw nothing; "
                        "the host keeps stores in order")
        else:
            more.update(result="clean", tries=tries * 1000)
    elif mechanism in WRONG.get(v, ""):
        det = DETECTORS[mechanism]
        more.update(result="caught", detector=det, caught=tries,
                    scenarios=f"one:{det}:{tries}/{tries};two:{det}:{tries}/{tries}")
    else:
        more["result"] = "clean"
    if how == "missed" and name == "rmap.v1.reuse":
        test(name, "fail", "race", says=RACE, reason="wrong, and not caught in 3 tries",
             **{**more, "result": "missed", "caught": tries - 3})
        return
    if how == "unbegun" and name == "rmap.v2.reuse":
        test(name, "skip", "race", reason="needs 2 CPUs, 1 are online")
        return
    test(name, "pass", "race", **more)


def free_test(name, how):
    """Free-running: a wrong variant ends its run by being caught."""
    v = name.split(".")[1]
    more = {"variant": VARIANTS[v], "mode": "free", "seed": int(options["seed"]), "tries": 4711}
    if v not in WRONG or (v, options["rcu"]) == ("w3", "classic"):
        test(name, "pass", "race", result="clean", seconds=float(options["secs"]), detector="",
             **more)
        end("pass")
    if how == f"free-{v}-missed":
        test(name, "fail", "race", reason="60 s, no report", result="missed", seconds=60.0,
             detector="", **more)
        end("fail")
    if how == "free-hang" and v == "w2":
        record("START", n=1, name=name, kind="race")
        out("# deaf and dumb")
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "free-slow":  # says who it is in a file, since a log is written when it is full
        record("START", n=1, name=name, kind="race")
        with open(args.kernel + ".pid", "w", encoding="ascii") as f:
            f.write(str(os.getpid()))
        time.sleep(60)
    out("# cpu 0    cpu 1")
    test(name, "pass", "race", result="caught", seconds=1.25, detector="list-unlocked", last=True,
         **more)
    end("pass", planned=1)


def thread(how):
    """The thread of 2008, as far as tests= asks for it."""
    names = [f"rmap.{v}.{m}" for v in VARIANTS for m in MECHANISMS]
    names += [f"rmap.C{n}" for n in range(1, 18)] + ["rmap.models"]
    globs = options["tests"].split(",")
    names = [n for n in names if any(fnmatch.fnmatch(n, g) for g in globs)]
    free = [g for g in globs if g.endswith(".free")]
    if how == "lacks":
        names = [n for n in names if n not in ("rmap.C9", "rmap.v4.deadlock")]
    begin(len(names) + len(free))
    for name in free + names:
        needs = MIN_CPUS.get(name, 2)
        if args.smp < needs:
            test(name, "skip", "race", reason=f"needs {needs} CPUs, {args.smp} are online")
            continue
        if name in free:
            free_test(name, how)
        if how == "crash" and name == "rmap.v3.deadlock":
            record("START", n=len(DONE) + 1, name=name, kind="race")
            record("CRASH", name=name, why="panic: null pointer")
            test(name, "crash", "race", reason="panic: null pointer")
            end("crash", planned=len(names))
        if how == "dies" and name in ("rmap.v1.reuse", "rmap.C3"):
            record("START", n=len(DONE) + 1, name=name, kind="race")
            sys.exit(0)
        if name == "rmap.models":
            test(name, machines="x86-TSO ARMv8", verdicts="V1:FFF,FAF V5:FFF,AAA V6:FFF,AAA" +
                 (" V9:FFF,FFF" if how != "models" else ""))
        elif name.startswith("rmap.C"):
            arch_says = 7 if args.smp == 4 else 8
            test(name, "pass", "race", claim=name[5:], by="Nick Piggin", result="shown",
                 evidence=f"seen {arch_says + os.getpid() % 5} times in 1000 tries",
                 tests="rmap.v0.interleaving")
        else:
            variant_test(name, how)
    end("fail" if "fail" in DONE else "pass", planned=len(names))


def scenario(name):
    if name.startswith("thread"):
        thread(name.removeprefix("thread").removeprefix("-"))
    if name == "last":  # a test after which the kernel is not to be used any more
        begin(3)
        test("self.good")
        test("self.last", last=True)
        end("pass", planned=3)
    if name == "pass":
        begin(4)
        some_tests()
        end("pass")
    if name == "arm":  # another ISA's expectations, and a known defect of the emulator
        begin(5)
        litmus("SB", 300)
        litmus("MP+po+rmb", 7)
        litmus("SB+mb+mb", 0, "forbid")
        litmus("SB+relacq+relacq", 400, "forbid", verdict="skip", result="known-defect")
        test("pgtable.null_page")
        end("pass")
    if name == "unknown":  # an ISA of which no model is known
        begin(2)
        litmus("SB", 7, "unknown", verdict="skip", result="unknown-seen")
        litmus("SB+mb+mb", 0, "unknown", verdict="skip", result="unknown-unseen")
        end("pass")
    if name == "forbidden":
        begin(4)
        litmus("SB", 12345)
        litmus("MP+po+rmb", 0, "forbid")
        litmus("SB+mb+mb", 3, "forbid", verdict="fail")
        test("pgtable.null_page")
        end("fail")
    if name == "fail":
        begin(2)
        test("self.good")
        test("self.bad", "fail", says=RACE, reason="tests/self/x.c:12: expected 1 == 2")
        end("fail")
    if name == "skip":
        begin(1)
        test("self.skip", "skip", reason="needs 9 CPUs")
        end("pass")
    if name == "none":
        begin(0)
        end("pass")
    if name == "crash":
        begin(3)
        test("self.good")
        record("START", n=2, name="self.crash", kind="assert")
        out("# [0] error: BUG at x.c:1")
        record("CRASH", name="self.crash", why="panic: null pointer")
        test("self.crash", "crash", reason="panic: null pointer")
        end("crash", planned=3)
    if name == "watchdog":
        begin(2)
        record("CRASH", name="self.hang", why="watchdog: CPU 1 is stuck")
        test("self.hang", "timeout", reason="deadline of 1 s")
        end("crash", planned=2)
    if name == "early-crash":
        out("# [0] error: out of memory: 4096 KiB are too little")
        sys.exit(2)
    if name == "plan":  # what the tests of an image of four do; "first" says where to begin
        first = int(options.get("first", 1))
        say = {1: "pass", 2: "panics", 3: "dies", 4: "pass"}
        record("BEGIN", v=1, arch="x86_64", planned=4, first=first, seed=int(options["seed"]),
               cpus_online=args.smp, cmdline=args.append)
        for n in range(first, 5):
            record("START", n=n, name=f"self.t{n}", kind="assert")
            if say[n] == "dies":
                sys.exit(0)
            word = "crash" if say[n] == "panics" else "pass"
            record("TEST", n=n, name=f"self.t{n}", kind="assert", verdict=word, us=n, reason="why")
            DONE.append(word)
            if word == "crash":
                break
        end("crash" if "crash" in DONE else "pass", planned=4)
    if name.startswith("turns-"):  # says how long its loop took
        record("BEGIN", planned=1, cpus_online=args.smp, turns_us=int(name.removeprefix("turns-"))
               if name != "turns-none" else "none")
        test(options["tests"])
        end("pass")
    if name == "hang":
        begin(2)
        test("self.good")
        record("START", n=2, name="self.hang", kind="assert")
        time.sleep(60)
    if name == "chatty-hang":  # lines without end, but no records
        begin(2)
        record("START", n=1, name="self.hang", kind="assert")
        while True:
            out("# [0] still here")
            time.sleep(0.05)
    if name == "silent":
        time.sleep(60)
    if name == "slow":
        begin(3)
        for i in range(3):
            time.sleep(0.3)
            test(f"self.slow{i}")
        end("pass")
    if name == "truncated":
        begin(4)
        test("self.good")
        out('@TEST {"n":2,"name":"self.cu', end="")
        sys.exit(0)
    if name == "lost-record":
        begin(2)
        test("self.good")
        DONE.append("pass")
        end("pass")
    if name == "garbage":
        out(bytes(range(256)) + b"\xff\xfe\n" + b"@TEST not json\r\n@FOO {}\r\n@END {\"a\":\n")
        out(b"@TEST [1,2]\r\n" + b"x" * 200000 + b"\n")
        begin(1)
        out(b"\r\n\x00\x00")
        test("self.good")
        end("pass")
    if name == "reset":
        begin(2)
        test("self.good")
        begin(2)
        sys.exit(0)
    if name == "reset-at-once":  # as -no-reboot makes of it
        begin(2)
        record("START", n=1, name="self.reset", kind="assert")
        monitor({"QMP": {}}, {"return": {}}, {"event": "STOP", "data": {}},
                {"event": "SHUTDOWN", "data": {"guest": True, "reason": "guest-reset"}})
        sys.exit(0)
    if name == "killed":
        begin(2)
        test("self.good")
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "config":
        record("CONFIG", error="unknown option 'foo', did you mean 'fool'?")
        record("END", planned=0, run=0, verdict="config")
        sys.exit(3)
    if name == "deaf":  # silent where another console is named
        with open("asked", "a", encoding="utf-8") as f:
            f.write(args.append + "\n")
        if "earlycon" in options:
            time.sleep(60)
        scenario("pass")
    if name == "refuses":
        print("qemu: could not load kernel 'x'", file=sys.stderr)
        sys.exit(1)
    if name == "missing-cpu":
        begin(1, online=3)
        out("# [0] error: CPU 1 did not start")
        test("self.good")
        end("pass")
    if name == "wrong-status":
        begin(1)
        test("self.good")
        end("pass", code=1)
    if name == "no-power-off":
        begin(1)
        test("self.good")
        record("END", planned=1, run=1, verdict="pass")
        time.sleep(60)
    if name == "child":  # leaves a process in its group
        subprocess.Popen(["sleep", "61"])
        begin(2)
        out(f"# [0] pid {os.getpid()}")
        record("START", n=1, name="self.hang", kind="assert")
        time.sleep(60)
    if name == "bench":
        begin(1)
        if options["tests"] == "bench.*":
            test("bench.sb", kind="bench", iterations=10, weak=1, iters_per_s=1500000,
                 weak_per_s=20000, best_iters_per_s=2000000, best_weak_per_s=90000,
                 iters_per_s_at_best_weak=1000000, weak_share_best=0.09, knobs="skew=7",
                 knobs_best_share="skew=9", knobs_fastest="skew=0")
        else:
            test(options["tests"])
        end("pass")
    if name == "planted":  # lru_no_lock takes the torture more than a second
        begin(1)
        switch, secs = options["busted"], float(options["secs"])
        if switch == "swap_free_early":
            out("BUG: slot is free")
            record("CRASH", name="torture.mm", why="slot is free")
            test("torture.mm", "crash", "torture", reason="slot is free")
            end("crash")
        found = switch == "cow_no_flush" or (switch == "lru_no_lock" and secs > 1)
        test("torture.mm", "fail" if found else "pass", "torture")
        end("fail" if found else "pass")
    if name == "image":  # its lines say what its tests do; a switch breaks the second one
        lines = [line.split() for line in open(args.kernel, encoding="utf-8") if "." in line]
        chosen = [(n, how) for n, how in lines
                  if any(fnmatch.fnmatch(n, g) for g in options["tests"].split(","))]
        if not chosen:
            record("CONFIG", error="no test matches tests=")
            end("config")
        begin(len(chosen))
        for n, how in chosen:
            if how == "crash":
                record("START", n=1, name=n, kind="assert")
                record("CRASH", name=n, why="broken on purpose")
                sys.exit(2)
            how = "fail" if n == "t.two" and options.get("busted") else how
            test(n, how, **({"reason": f"{n} says why"} if how != "pass" else {}))
        end("fail" if "fail" in DONE else "pass")
    if name == "by-test":  # the scenario that a self test of that name stands for
        scenario(options["tests"].removeprefix("self."))
    if name == "ktap-liar":
        begin(1)
        ktap("not ok 1 self.good")
        record("TEST", n=1, name="self.good", kind="assert", verdict="pass", us=1)
        DONE.append("pass")
        end("pass")
    sys.exit(f"fake_qemu: no scenario '{name}'")


try:
    scenario(args.scenario)
except BrokenPipeError:
    os._exit(1)
