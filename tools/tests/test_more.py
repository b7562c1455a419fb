# SPDX-License-Identifier: GPL-2.0-only
"""Boards, boot lines, damaged device trees, the busy-host warning, the gdb client."""
import socket
import struct
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import HERE
from fp.base import isas
from fp.base.errors import UserError
from fp.base.host import host_busy
from fp.images import boards
from fp.run import runner
from fp.run.log import next_log
from fp.run.spec import Spec
from fp.selftest import dtb, gdb, selftest

REAL = boards.Boards(HERE.parents[1] / "boards")


def test_every_isa_has_a_default_machine_and_a_second_one():
    for arch in isas.names():
        assert REAL.default(arch).arch == arch
        assert sum(b.arch == arch for b in REAL.all.values()) >= 2


@pytest.mark.parametrize("board", REAL.all.values(), ids=lambda b: b.name)
def test_command_lines_are_filled_in(board):
    argv = board.command(smp=2, image="IMAGE", append="tests={smp} seed=1", medium="MEDIUM")
    assert argv[0] == board.qemu
    if board.medium:  # the firmware hands the line on
        assert any("MEDIUM" in a for a in argv) and "tests={smp} seed=1" not in argv
    else:
        assert "IMAGE" in argv
        assert "tests={smp} seed=1" in argv  # a value is not searched for placeholders
    assert not any("{" in a for a in argv if a != "tests={smp} seed=1")
    assert "tcg,thread=multi" in argv and str(2 + board.smp_extra) in argv
    assert "-no-reboot" in argv  # a reset must end the run


def test_arguments_of_newer_qemus(tmp_path):
    text = (REAL.dir / "q35.toml").read_text()
    path = tmp_path / "q35.toml"
    path.write_text(text + 'newer_args = { 9 = ["-new"] }\n')
    board = boards.load_board(path)
    for major, there in ((0, False), (8, False), (9, True), (10, True)):
        argv = board.command(smp=1, image="i", append="", qemu_major=major)
        assert ("-new" in argv) is there
    for wrong in ('{ x = ["-new"] }', '{ 9 = "-new" }'):
        path.write_text(text + f"newer_args = {wrong}\n")
        with pytest.raises(UserError, match="newer_args: a list"):
            boards.load_board(path)


def test_part_of_a_name_will_do():
    assert REAL.find("virt", "arm64").name == "arm64-virt"
    assert REAL.find("raspi3").name == "raspi3b"
    with pytest.raises(UserError, match="give ARCH=riscv64"):
        REAL.find("sifive_u", "arm64")
    with pytest.raises(UserError, match="no such machine"):
        REAL.find("virt")


def test_number_of_cpus():
    assert REAL.find("q35").check_smp(None) == 4
    with pytest.raises(UserError, match="1 to 4"):
        REAL.find("sifive_u").check_smp(8)
    with pytest.raises(UserError, match="APPEND=cpus=2"):
        REAL.find("raspi3b").check_smp(2)


def test_fewer_cpus_may_be_asked_for_on_the_boot_line():
    spec = Spec(board=REAL.find("q35"), image=None, smp=4, append="x=1 cpus=2")
    assert spec.expected_cpus() == 2
    assert spec.boot_line().startswith("tests=* seed=1 racers=")
    assert "exit=isa-debug:0xf4" in spec.boot_line()


@pytest.mark.parametrize("append,cpus", [
    ("cpus=0x2", 2), ("cpus=0X3 y", 3), ("cpus=03", 3), ("cpus=2 cpus=4", 4), ("cpus=9", 4),
    ("cpus=many", 4), ("cpus=\u0662", 4), ("xcpus=2", 4),
    ("cpu_list=0,0x2-0x3", 3), ("cpu_list=0x1", 1), ("cpu_list=0-1 cpus=3", 2),
    ("cpus=1 cpu_list=0-1", 1), ("cpu_list=0-9", 4), ("cpu_list=0,x", 4),
])
def test_cpus_is_read_as_the_kernel_does(append, cpus):
    spec = Spec(board=REAL.find("q35"), image=None, smp=4, append=append)
    assert spec.expected_cpus() == cpus


def test_qemu_gets_names_without_the_directories_above(tmp_path):
    top = tmp_path / "my dir"
    board = replace(REAL.find("raspi3b"), path=top / "boards" / "raspi3b.toml")
    image = top / "build" / "arm64" / "Image"
    spec = Spec(board=board, image=image, smp=4, dtb=image.with_name("raspi3b.dtb"))
    argv, directory = runner.qemu_command(spec)
    assert directory == top and "build/arm64/Image" in argv
    assert "build/arm64/raspi3b.dtb" in argv and "my dir" not in " ".join(argv)
    spec.image = Path("/elsewhere/Image")
    assert "/elsewhere/Image" in runner.qemu_command(spec)[0]


def test_rerun_line_quotes_and_names_the_build():
    spec = Spec(board=REAL.find("raspi3b"), image=None, smp=4, tests="a.*", secs="0.5",
                append="x=1 y=2", flavour="release-llvm-busted-mb")
    assert spec.rerun() == ("make run ARCH=arm64 MACHINE=raspi3b TESTS='a.*' SMP=4 SEED=1 SECS=0.5 "
                            "APPEND='x=1 y=2' DEBUG=0 LLVM=1 BUSTED=mb")


def test_logs_are_numbered_and_few_are_kept(tmp_path):
    board = REAL.find("q35")
    for _ in range(105):
        path, f = next_log(tmp_path, board)
        f.close()
    assert path.name == "x86_64-q35-105.log"
    assert len(list(tmp_path.iterdir())) == 100
    for old in range(6, 104):
        (tmp_path / f"x86_64-q35-{old}.log").unlink()
    path, f = next_log(tmp_path, board)
    f.close()
    assert path.name == "x86_64-q35-106.log"


def test_busy_host():
    share = host_busy(0.02)
    assert share is None or -0.01 <= share <= 1


def tree(root=b"", cpus=b"cpus"):
    """A small device tree: @root, of whole tokens, in the root node, then an empty node "cpus"."""
    struct_block = (struct.pack(">I", 1) + b"\0\0\0\0" + root + struct.pack(">I", 1) + cpus
                    + b"\0\0\0\0" + struct.pack(">III", 2, 2, 9))
    size = 56 + len(struct_block)
    return struct.pack(">10I", dtb.MAGIC, size, 56, size, 40, 17, 16, 0, 0,
                       len(struct_block)) + b"\0" * 16 + struct_block


def prop(value):
    return struct.pack(">III", dtb.PROP, len(value), 0) + value + b"\0" * (-len(value) % 4)


@pytest.mark.parametrize("how", ["cells", "tokens", "cpus"])
def test_damage_changes_a_tree_but_not_its_size(how):
    good = tree()
    bad = dtb.damage_dtb(good + b"\0" * 64, how)
    assert len(bad) == len(good) + 64 and bad[:len(good)] != good


def test_tokens_of_a_tree():
    kinds = [(t, n) for _, t, n in dtb.tokens(tree(prop(b"a") + struct.pack(">I", dtb.NOP)))]
    assert kinds == [(1, b""), (3, None), (4, None), (1, b"cpus"), (2, None), (2, None), (9, None)]


@pytest.mark.parametrize("root", [prop(b"x" * 999), prop(b"") + prop(b"x" * 333)])
def test_damage_hits_a_token_wherever_it_lies(root):
    """In the middle of the bytes is a long property: what is written there damages no tree."""
    good = tree(root)
    bad = dtb.damage_dtb(good, "tokens")
    changed = {at & ~3 for at in range(len(good)) if good[at] != bad[at]}
    places = {at for at, _, _ in dtb.tokens(good)}
    assert len(changed) == 1 and changed <= places
    with pytest.raises(UserError, match="no token"):
        list(dtb.tokens(bad))


def test_damage_finds_the_node_and_not_a_value():
    bad = dtb.damage_dtb(tree(prop(b"cpus\0")), "cpus")
    assert b"cpus\0" in bad and [n for _, _, n in dtb.tokens(bad) if n] == [b"cpux"]


@pytest.mark.parametrize("blob,why", [
    (b"\0" * 64, "no device tree"), (b"", "no device tree"), (tree()[:60], "no device tree"),
    (tree(cpus=b"spuc"), "no /cpus"), (tree(struct.pack(">I", 7)), "no token"),
    (tree(struct.pack(">III", dtb.PROP, 1 << 20, 0)), "ends before")])
def test_damage_wants_a_tree(blob, why):
    with pytest.raises(UserError, match=why):
        dtb.damage_dtb(blob, "cpus")


def test_selftest_has_each_verdict():
    verdicts = {v for c in selftest.cases_for(REAL.default("arm64")) for v in c.expect}
    assert verdicts == {"PASS", "FAIL", "SKIP", "TIMEOUT", "CRASH", "TRUNCATED", "CONFIG",
                        "NOT-STARTED"}


class Stub(threading.Thread):
    """A gdb stub with 4 KiB of memory."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.memory = bytearray(4096)
        self.seen = []
        self.rom = False
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(str(path))
        self.server.listen(1)

    def answer(self, text):
        self.seen.append(text)
        if text[0] == "m":
            at, n = (int(x, 16) for x in text[1:].split(","))
            return bytes(self.memory[at:at + n]).hex()
        if text[0] == "M" and not self.rom:
            where, _, data = text[1:].partition(":")
            at = int(where.split(",")[0], 16)
            self.memory[at:at + len(data) // 2] = bytes.fromhex(data)
        if text == "g":
            return struct.pack("<4Q", 10, 11, 12, 13).hex()
        return "E01" if text[0] == "Q" else "OK"

    def run(self):
        conn, _ = self.server.accept()
        buf = b""
        while data := conn.recv(4096):
            buf += data
            while b"$" in buf and len(buf) > buf.find(b"#") + 2 > 1:
                start, end = buf.index(b"$"), buf.index(b"#")
                reply = self.answer(buf[start + 1:end].decode()).encode()
                buf = buf[end + 3:]
                conn.sendall(b"+$" + reply + b"#%02x" % (sum(reply) & 0xFF))


def test_gdb_client(tmp_path):
    stub = Stub(tmp_path / "gdb")
    stub.start()
    client = gdb.GdbClient(tmp_path / "gdb", timeout=5)
    data = bytes(range(256)) * 8
    client.write(0x100, data)
    assert client.read(0x100, len(data)) == data
    client.overwrite(0x100, data[::-1])
    assert client.read(0x100, len(data)) == data[::-1]
    with pytest.raises(gdb.GdbError, match="change nothing"):
        client.overwrite(0x100, data[::-1])
    stub.rom = True
    with pytest.raises(gdb.GdbError, match="cannot be written"):
        client.overwrite(0x100, data)
    assert client.register(2, "little") == 12
    client.run_to(0x1000)
    assert stub.seen[-3:] == ["Z1,1000,4", "c", "z1,1000,4"]
    with pytest.raises(gdb.GdbError, match="E01"):
        client.ask("Q")
    client.go()
    assert stub.seen[-1] == "D"
