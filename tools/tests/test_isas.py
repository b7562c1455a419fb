# SPDX-License-Identifier: GPL-2.0-only
"""isa.toml: what is wrong in one is named, and make reads what Python reads."""
import os
import platform
import subprocess
from dataclasses import fields

import pytest
from conftest import HERE
from fp.base import isas
from fp.base.errors import UserError

TOP = HERE.parents[1]
GOOD = """\
order = 50
short = "vax"
elf_machine = 75
cross = "vax-linux-gnu-"
clang_target = "vax-linux-gnu"
hosts = ["vax"]
first_test_secs = 0.5
packages = [
	"gcc-vax-linux-gnu=vax-linux-gnu-gcc",
]
"""


def described(tmp_path, text):
    path = tmp_path / "arch" / "vax" / "isa.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_a_file_as_it_should_be(tmp_path):
    described(tmp_path, GOOD)
    isa = isas.load(tmp_path)["vax"]
    assert isa.name == "vax" and isa.model == "" and not isa.is_native()
    assert isa.tool("ld") == "vax-linux-gnu-ld"


@pytest.mark.parametrize("old,new,says", [
    ("order = 50\n", "", "'order' is missing"), ("order = 50", "order = 5", "two digits"),
    ("order = 50", 'order = "50"', "wrong type"), ("short", "shrt", "unknown key 'shrt'"),
    ("order = 50", "order=50", "'order' is read by make"),
    ('cross = "vax', 'cross = "my vax', "'cross' is read by make"),
    ('clang_target = "vax-linux-gnu"', "clang_target = 'vax'", "'clang_target' is read by make"),
    ('\t"gcc', '  "gcc', "'packages' is read by tools/deps.sh"),
    ('=vax-linux-gnu-gcc"', '"', "'packages' is read by tools/deps.sh"),
    ('["vax"]', "[1]", "must be a list of strings"),
    ("]\n", "]\n[fdt]\nregister = 1\n", "'byte_order' is missing"),
    ("]\n", "]\n[fdt]\nregister = 1\nbyte_order = \"middle\"\n", "'byte_order' is little or big"),
    ("]\n", "]\n[fdt]\nregister = 1\nbyte_order = \"\"\n", "'byte_order' is little or big"),
    ("]\n", "]\n[linux]\narch = \"vax\"\n", "'cflags' is missing"),
    ("]\n", "]\n[boot]\nuefi = \"x\"\n", "unknown key 'uefi'"),
    ("order = 50", "order = 100", "two digits"), ("order = 50", "order = 9", "two digits"),
    ("order = 50", "order =", "not valid TOML"),
])
def test_what_is_wrong_is_named(tmp_path, old, new, says):
    assert old in GOOD
    path = described(tmp_path, GOOD[::-1].replace(old[::-1], new[::-1], 1)[::-1])
    with pytest.raises(UserError, match=says) as caught:
        isas.load_isa(path)
    assert str(caught.value).startswith(str(path))


@pytest.mark.parametrize("order", ["little", "big"])
def test_what_may_be_there_is_read(tmp_path, order):
    path = described(tmp_path, 'model = "sc"\nhost_gcc = "vax"\n' + GOOD +
                     f'[fdt]\nregister = 3\nbyte_order = "{order}"\n')
    isa = isas.load_isa(path)
    assert (isa.model, isa.host_gcc, isa.fdt) == ("sc", "vax", {"register": 3,
                                                                "byte_order": order})


def test_a_tree_without_an_isa_is_none(tmp_path):
    (tmp_path / "arch").mkdir()
    with pytest.raises(UserError, match="arch: no ISA is described there"):
        isas.load(tmp_path)


def test_an_isa_is_found_by_its_name():
    assert [isas.find(name).name for name in isas.names()] == isas.names()
    orders = [isa.order for isa in isas.load().values()]
    assert isas.default() == isas.names()[0] and orders == sorted(orders)
    with pytest.raises(UserError, match="ARCH=vax: no such ISA; there are " +
                       ", ".join(isas.names())):
        isas.find("vax")


def test_a_host_of_the_isa_is_known(tmp_path, monkeypatch):
    isa = isas.load_isa(described(tmp_path, GOOD))
    for machine, native in (("vax", True), ("pdp11", False)):
        monkeypatch.setattr(platform, "machine", lambda m=machine: m)
        assert isa.is_native() is native


def test_the_host_s_own_compiler(monkeypatch):
    isa = next(i for i in isas.load().values() if i.host_gcc)
    for machine, name in ((isa.host_gcc, "gcc"), ("vax", isa.cross + "gcc")):
        monkeypatch.setattr(platform, "machine", lambda m=machine: m)
        assert isa.tool("gcc") == name


def test_one_of_several_compilers(tmp_path, monkeypatch):
    """Debian has no gcc-powerpc64-linux-gnu for hosts of arm64, but one that can do as much."""
    arch, isa = next((n, i) for n, i in isas.load().items() if "|" in i.cross)
    first, second = isa.cross.split("|")
    monkeypatch.setattr(platform, "machine", lambda: "vax")
    for there, prefix in (((), first), ((second,), second), ((first, second), first)):
        here = tmp_path / str(len(there))
        here.mkdir()
        for name in there:
            (here / f"{name}gcc").touch(mode=0o755)
        monkeypatch.setenv("PATH", str(here))
        assert isa.tool("ld") == prefix + "ld"
        done = subprocess.run(["/usr/bin/make", "-f", "-"], cwd=TOP, text=True, capture_output=True,
                              input=f"include isa.mk\nall:;@: $(info $(call cross,{arch}))\n",
                              env={"PATH": f"{here}:/nowhere", "SHELL": "/bin/sh"})
        assert done.stdout.strip() == prefix, done.stderr


def test_make_reads_what_python_reads():
    keys = [f.name for f in fields(isas.Isa) if f.name in isas.READ_BY_MAKE]
    text = "include isa.mk\n$(info $(ARCHES))\n"
    text += "".join(f"$(info {a}.{k}=$(call isa,{k},{a}))\n" for a in isas.names() for k in keys)
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")}
    done = subprocess.run(["make", "-f", "-"], cwd=TOP, input=text + "all:;@:\n", text=True,
                          capture_output=True, timeout=30, env=env)
    first, *rest = done.stdout.splitlines()
    assert first.split() == isas.names()
    assert rest == [f"{i.name}.{k}={getattr(i, k)}" for i in isas.load().values() for k in keys]
