# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost export`: what other systems want to have. A LAVA job and a labgrid environment for a
board that stands in a lab; saved runs for KernelCI's database.
"""
import hashlib
import json
import re

from ..base.errors import EXIT_PASS, UserError
from ..record.records import TEST_PATTERN
from ..report import report
from . import heard

KCIDB_MAJOR, KCIDB_MINOR = 4, 0
_STATUS = {"pass": "PASS", "skip": "SKIP", "fail": "FAIL", "timeout": "FAIL", "crash": "FAIL"}
_NO_PATH = re.compile(r"[^.a-zA-Z0-9_-]")
_ORIGIN = re.compile(r"[a-z0-9_]+")
_SHA1 = re.compile(r"[0-9a-f]{40}")


# ---- kcidb: the I/O schema of KernelCI, version 4.0 ----

def _digest(*parts):
    return hashlib.sha256("\0".join(str(p) for p in parts).encode()).hexdigest()[:24]


def kcidb_test(origin, build_id, run, when, test):
    """One test run. Names of litmus tests have signs that a path must not have; misc has them."""
    entry = {
        "id": f"{origin}:{_digest(build_id, run['machine'], when, run['seed'], test['name'])}",
        "build_id": build_id, "origin": origin,
        "path": "fencepost." + _NO_PATH.sub("_", test["name"]),
        "status": _STATUS[test["verdict"]],
        "environment": {"comment": f"{run['machine']}: {run.get('model', 'unknown')}",
                        "misc": {k: run[k] for k in ("provenance", "cpu", "firmware", "compatible",
                                                     "firmware_version", "hw_ids", "cpu_ids",
                                                     "places", "boot_line") if k in run}},
        "misc": {"name": test["name"], **({"result": test["result"]} if "result" in test else {})},
    }
    if test["reason"]:
        entry["log_excerpt"] = test["reason"][:16384]
    if isinstance(test.get("us"), (int, float)):
        entry["duration"] = test["us"] / 1e6
    return entry


def kcidb(origin, reports):
    """The document of several saved reports."""
    out = {"version": {"major": KCIDB_MAJOR, "minor": KCIDB_MINOR},
           "checkouts": [], "builds": [], "tests": []}
    seen = set()
    for rep in reports:
        for run in rep["runs"]:
            commit = run["build"]
            checkout = f"{origin}:{_digest(commit)}"
            build = f"{origin}:{_digest(commit, run['arch'], run.get('debug'))}"
            if checkout not in seen:
                exact = {"git_commit_hash": commit} if _SHA1.fullmatch(commit) else {}
                out["checkouts"].append({"id": checkout, "origin": origin, "tree_name": "fencepost",
                                         "git_commit_name": commit, "valid": True, **exact})
            if build not in seen:
                out["builds"].append({"id": build, "origin": origin, "checkout_id": checkout,
                                      "architecture": run["arch"], "valid": True,
                                      "misc": {"debug": run.get("debug")}})
            seen |= {checkout, build}
            out["tests"] += [kcidb_test(origin, build, run, rep["time"], t) for t in run["tests"]]
    return out


# ---- LAVA ----

def _quoted(text):
    """A string of YAML, which takes those of JSON."""
    return json.dumps(text)


# How long LAVA waits for the end of the run, and for the board's first record.
LAVA_RUN_MIN, LAVA_BOOT_MIN = 60, 10


def _lava_boot(board):
    """What a loader is to do with the image; others than U-Boot need the lab's own words."""
    if "u-boot" not in f"{board.firmware} {board.vendor}".lower() or not board.load:
        raise UserError(f"{board.name}: a LAVA job can be made for boards that U-Boot starts")
    start = f"booti {board.load:#x} - ${{fdtcontroladdr}}" if board.image == "Image" else \
        f"bootm {board.load:#x}"
    words = f"accel=silicon again=10 {board.append}".strip()
    return ["setenv autoload no", "dhcp", f"tftpboot {board.load:#x} {{KERNEL}}",
            f"setenv bootargs '{words}'", start]


def lava(board, url, device_type):
    """A job with a monitor: its pattern takes only what came whole (TEST_PATTERN)."""
    commands = "".join(f"    - {_quoted(c)}\n" for c in _lava_boot(board))
    return f"""\
# LAVA job for {board.name}: {board.description}
job_name: {_quoted("fencepost " + board.name)}
device_type: {_quoted(device_type or board.name)}
timeouts:
  job: {{minutes: {LAVA_RUN_MIN + LAVA_BOOT_MIN}}}
  action: {{minutes: {LAVA_RUN_MIN}}}
  connection: {{minutes: 2}}
priority: medium
visibility: public
actions:
- deploy:
    timeout: {{minutes: 5}}
    to: tftp
    kernel: {{url: {_quoted(url)}, type: image}}
- boot:
    timeout: {{minutes: {LAVA_BOOT_MIN}}}
    method: bootloader
    bootloader: u-boot
    commands:
{commands}    prompts: ["=>"]
- test:
    timeout: {{minutes: {LAVA_RUN_MIN}}}
    monitors:
    - name: fencepost
      start: '@BEGIN \\{{'
      end: '@END \\{{[^\\r\\n]*"check":"[0-9a-f]{{8}}"\\}}'
      pattern: {_quoted(TEST_PATTERN)}
      fixupdict: {{timeout: fail, crash: fail}}
"""


def labgrid(board):
    """An environment: the resources' names are the lab's to fill in by its exporter."""
    baud = re.search(r"\b(\d{4,7}) ?8[nN]1", board.console)
    return f"""\
# labgrid environment for {board.name}: {board.description}
# console: {board.console}
targets:
  {board.name}:
    resources:
      RawSerialPort:
        port: /dev/ttyUSB0
        speed: {baud[1] if baud else 115200}
    drivers:
      SerialDriver: {{}}
      ManualPowerDriver:
        name: {_quoted(board.name)}
# Then: labgrid's SerialDriver, or: tools/fencepost collect --port /dev/ttyUSB0 --board {board.name}
"""


def run(args):
    if args.kcidb:
        if not _ORIGIN.fullmatch(args.origin):
            raise UserError(f"--origin '{args.origin}': small letters, digits and _ only")
        if not args.runs:
            raise UserError("--kcidb: name the RUN.json files to export")
        print(json.dumps(kcidb(args.origin, [report.read_json(p) for p in args.runs]), indent=1))
        return EXIT_PASS
    if args.runs or not args.board:
        raise UserError("--lava and --labgrid are made of a board's file: give --board NAME alone")
    board = heard.find_board(args)
    print(lava(board, args.url, args.device_type) if args.lava else labgrid(board), end="")
    return EXIT_PASS
