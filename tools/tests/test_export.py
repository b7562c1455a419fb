# SPDX-License-Identifier: GPL-2.0-only
"""What is handed to other systems: kcidb's fields, LAVA's patterns, labgrid's environment."""
import json
import re
from dataclasses import replace

import pytest

from conftest import TOOL
from fp.lab import export
from fp.images.boards import Boards
from fp.record import records
from test_heard import imported, whole

ROOT = TOOL.parent.parent
BOARDS = Boards(ROOT / "boards").boards

# Of the I/O schema 4.0: all fields of each object, those that must be there, and patterns.
_ID = re.compile(r"[a-z0-9_]+:.*")
_FIELDS = {
    "checkouts": {"id", "origin", "tree_name", "git_repository_url", "git_commit_hash",
                  "git_commit_name", "git_repository_branch", "patchset_files", "patchset_hash",
                  "message_id", "comment", "start_time", "contacts", "log_url", "log_excerpt",
                  "valid", "misc"},
    "builds": {"id", "origin", "checkout_id", "comment", "start_time", "duration", "architecture",
               "command", "compiler", "input_files", "output_files", "config_name", "config_url",
               "log_url", "log_excerpt", "valid", "misc"},
    "tests": {"id", "origin", "build_id", "environment", "path", "comment", "log_url",
              "log_excerpt", "status", "waived", "start_time", "duration", "output_files", "misc"},
}
_REQUIRED = {"checkouts": {"id", "origin"}, "builds": {"id", "origin", "checkout_id"},
             "tests": {"id", "origin", "build_id"}}


def kcidb_errors(data):
    """What the schema has against a document."""
    out = [f"{name} is no member" for name in set(data) - {"version", *_FIELDS}]
    ids = {name: {x["id"] for x in data[name]} for name in _FIELDS}
    for name, fields in _FIELDS.items():
        out += [f"two {name} have one id"] if len(ids[name]) < len(data[name]) else []
        for x in data[name]:
            out += [f"{name}: {f} is no field" for f in set(x) - fields]
            out += [f"{name} lacks {f}" for f in _REQUIRED[name] - set(x)]
            out += [f"{name}: {v} is null" for v in x if x[v] is None]
            if not all(_ID.fullmatch(x[k]) for k in _REQUIRED[name] if k != "origin"):
                out.append(f"{name}: an id without an origin")
    for x in data["tests"]:
        if not re.fullmatch(r"[.a-zA-Z0-9_-]*", x["path"]):
            out.append(f"path {x['path']}")
        if x["status"] not in ("FAIL", "ERROR", "PASS", "DONE", "SKIP"):
            out.append(f"status {x['status']}")
        if x["build_id"] not in ids["builds"] or set(x["environment"]) - {"comment", "misc"}:
            out.append(f"{x['id']} stands alone")
    return out + [f"{x['id']} has no checkout" for x in data["builds"]
                  if x["checkout_id"] not in ids["checkouts"]]


@pytest.fixture
def board(project):
    return project.board("rpi4", "pass", arch="arm64")


def test_kcidb_has_the_fields_of_its_schema(board):
    imported(board, *whole())
    imported(board, *whole(seed=8, boot_us=3))
    runs = [board.root / "results" / "boards" / f"rpi4-{n}.json" for n in (1, 2)]
    done = board.run("export", "--kcidb", "--origin", "my_lab", *runs)
    data = json.loads(done.stdout)
    assert kcidb_errors(data) == [] and data["version"] == {"major": 4, "minor": 0}
    assert len(data["tests"]) == 6 and len(data["builds"]) == 1 == len(data["checkouts"])
    test = data["tests"][0]
    assert test["status"] == "PASS" and test["path"] == "fencepost.a.x"
    assert test["environment"]["misc"]["provenance"] == "silicon"
    assert board.run("export", "--kcidb").returncode == 2
    assert board.run("export", "--kcidb", "--origin", "My Lab", *runs).returncode == 2


def test_a_litmus_name_makes_a_path():
    run = {"machine": "m", "seed": 1}
    test = {"name": "litmus.SB+mb+mb", "verdict": "timeout", "reason": "late"}
    entry = export.kcidb_test("lab", "lab:1", run, "now", test)
    assert entry["path"] == "fencepost.litmus.SB_mb_mb" and entry["status"] == "FAIL"
    assert entry["misc"] == {"name": test["name"]} and entry["log_excerpt"] == "late"
    assert "duration" not in entry and not entry["environment"]["misc"]


def test_a_test_has_what_its_run_and_record_say():
    says = {k: k + "?" for k in ("provenance", "cpu", "firmware", "compatible", "firmware_version",
                                 "hw_ids", "cpu_ids", "places", "boot_line")}
    test = {"name": "litmus.MP", "verdict": "pass", "reason": "", "us": 2500000,
            "result": "forbidden-unseen"}
    entry = export.kcidb_test("lab", "lab:1", {"machine": "m", "seed": 1, **says}, "now", test)
    assert entry["environment"]["misc"] == says and entry["duration"] == 2.5
    assert entry["misc"] == {"name": "litmus.MP", "result": "forbidden-unseen"}


def test_a_commit_is_named_by_its_hash_where_it_is_one():
    run = {"machine": "m", "seed": 1, "arch": "arm64", "debug": True, "tests": []}
    runs = [{**run, "build": b, "debug": d} for b in ("0123456789" * 4, "0123-dirty")
            for d in (True, False, True)]
    data = export.kcidb("lab", [{"time": "now", "runs": runs}])
    assert [c.get("git_commit_hash") for c in data["checkouts"]] == ["0123456789" * 4, None]
    assert [b["misc"] for b in data["builds"]] == 2 * [{"debug": True}, {"debug": False}]
    runs = [{**run, "build": "1", "arch": arch} for arch in ("arm64", "riscv64")]
    data = export.kcidb("lab", [{"time": "now", "runs": runs}])
    assert [b["architecture"] for b in data["builds"]] == ["arm64", "riscv64"]
    assert kcidb_errors(data) == []


def test_a_lava_job_listens_by_the_pattern():
    text = export.lava(BOARDS["rk3399"], "http://x/Image", None)
    assert f"      pattern: {json.dumps(records.TEST_PATTERN)}\n" in text
    assert "tftpboot 0x2200000 {KERNEL}" in text and "accel=silicon" in text
    assert "booti 0x2200000 - ${fdtcontroladdr}" in text
    assert "setenv bootargs 'accel=silicon again=10'" in text  # LAVA may listen late
    elf = replace(BOARDS["rk3399"], image="fencepost.elf")
    assert "bootm 0x2200000" in export.lava(elf, "x", None)
    ending = re.search(r"^      end: '(.*)'$", text, re.M)[1]
    assert re.search(ending, records.seal("END", {"planned": 1, "run": 1, "verdict": "pass"}))
    with pytest.raises(export.UserError, match="U-Boot"):
        export.lava(BOARDS["talos2"], "x", None)


def test_a_labgrid_environment_has_the_rate_of_the_console():
    text = export.labgrid(BOARDS["rk3399"])
    assert "speed: 1500000" in text and "  rk3399:\n" in text
    done = [export.labgrid(b) for b in BOARDS.values()]
    assert len(done) > 5


def test_the_command_prints_what_was_asked_for(board):
    lava = board.run("export", "--lava", "--board", "rpi4", "--url", "http://x/Image")
    assert lava.returncode in (0, 2) and ("job_name" in lava.stdout) == (lava.returncode == 0)
    labgrid = board.run("export", "--labgrid", "--board", "rpi4")
    assert labgrid.returncode == 0 and labgrid.stdout.startswith("# labgrid environment for rpi4")
    assert board.run("export", "--labgrid").returncode == 2
    assert board.run("export", "--labgrid", "--board", "rpi4", "run.json").returncode == 2
