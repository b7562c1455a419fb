# SPDX-License-Identifier: GPL-2.0-only
"""tools/deps.sh in a world of fake commands: what it installs, what it says if it may not."""
import os
import shutil
import subprocess

import pytest
from conftest import HERE

SCRIPT = HERE.parent / "deps.sh"
COMMANDS = ("make", "git", "gcc", "ld", "x86_64-linux-gnu-gcc", "aarch64-linux-gnu-gcc",
            "riscv64-linux-gnu-gcc", "powerpc64-linux-gnu-gcc", "qemu-system-x86_64",
            "qemu-system-aarch64", "qemu-system-riscv64", "qemu-system-ppc64", "dtc",
            "clang-format", "parallel", "rsync", "qemu-ppc64-static")
APT = """#!/bin/bash
echo "$@" >> {log}
case "$*" in
*install*) {install} ;;
*update*) {update} ;;
esac
"""


class World:
    """A PATH and a Python library of our own."""

    def __init__(self, root):
        self.root = root
        self.bin = root / "bin"
        self.lib = root / "lib"
        self.log = root / "apt.log"
        for d in (self.bin, self.lib / "rich", root / "include"):
            d.mkdir(parents=True)
        for module in ("pytest", "serial", "jsonschema", "jinja2", "markdown", "lark", "pycparser"):
            (self.lib / module).mkdir()
        (root / "include" / "stdio.h").write_text("")
        for tool in ("env", "grep", "tail", "true"):
            (self.bin / tool).symlink_to(f"/usr/bin/{tool}")
        for name in COMMANDS:
            self.command(name)

    def command(self, name, text="#!/bin/bash\n"):
        path = self.bin / name
        path.write_text(text)
        path.chmod(0o755)

    def without(self, *names):
        for name in names:
            (self.bin / name).unlink()
        return self

    def apt(self, install="true", update="true"):
        self.command("apt-get", APT.format(log=self.log, install=install, update=update))
        self.command("apt-cache", "#!/bin/bash\nexit 1\n")
        return self

    def run(self, *files, **env):
        done = subprocess.run(
            ["/bin/bash", SCRIPT, *files], capture_output=True, text=True, timeout=20,
            env={"PATH": str(self.bin), "FENCEPOST_PYLIB": str(self.lib),
                 "FENCEPOST_INCLUDE": str(self.root / "include"), "FENCEPOST_UID": "0",
                 "FOR": "tests", **env})
        return done

    def asked(self):
        return self.log.read_text().splitlines() if self.log.is_file() else []


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


def test_all_there_is_silent(world):
    done = world.apt().run()
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert world.asked() == []


def test_installs_only_what_is_missing(world):
    put = f"touch {world.bin}/qemu-system-aarch64 {world.bin}/dtc; chmod +x {world.bin}/*"
    world.without("qemu-system-aarch64", "dtc")
    (world.bin / "touch").symlink_to("/usr/bin/touch")
    (world.bin / "chmod").symlink_to("/usr/bin/chmod")
    done = world.apt(install=put).run()
    assert done.returncode == 0, done.stderr
    assert "installing device-tree-compiler qemu-system-arm" in done.stdout
    assert "update" in world.asked()[0]
    assert world.asked()[1] == ("install -y --no-install-recommends device-tree-compiler "
                                "qemu-system-arm")


def test_python_modules_and_llvm(world):
    (world.lib / "rich").rmdir()
    done = world.apt(install="false").run(LLVM="1")
    assert done.returncode == 2
    for package in ("python3-rich", "clang", "lld", "llvm"):
        assert package in done.stderr
    assert "python3-pytest" not in done.stderr


def test_riscv_machines_of_a_newer_debian(world):
    world.without("qemu-system-riscv64").apt(install="false")
    assert "qemu-system-misc" in world.run().stderr
    world.command("apt-cache")
    assert "qemu-system-riscv" in world.run().stderr


BOARD = """\
args = [
	"-M", "virt,gic-version=3", "-drive", "if=none,file={medium}",
	"-bios", "/usr/lib/u-boot/u-boot.bin",
]
packages = [
	"u-boot-qemu=%s/u-boot.bin",
]
medium = "%s"
"""


def test_firmware_of_newer_releases_only_where_there_is_some(world):
    board = world.root / "x.toml"
    board.write_text("qemu_since = 9\n" + BOARD % (world.root, "image"))
    assert world.apt().run(board).returncode == 0 and world.asked() == []
    world.command("apt-cache")
    assert "installing u-boot-qemu\n" in world.run(board).stdout
    (world.root / "u-boot.bin").touch()
    assert world.run(board).stdout == ""


def test_firmware_only_for_the_boards_that_are_named(world):
    board = world.root / "x.toml"
    board.write_text(BOARD % (world.root, "grub-disk"))
    world.apt(install="false")
    assert world.run().returncode == 0
    said = world.run(board).stderr
    assert "u-boot-qemu grub-common xorriso mtools\n" in said
    (world.root / "u-boot.bin").touch()
    board.write_text(BOARD % (world.root, "image"))
    assert world.run(board).returncode == 0


def test_who_makes_a_card_will_listen_to_the_board(world):
    board = world.root / "x.toml"
    shutil.rmtree(world.lib / "serial")
    world.apt(install="false")
    for console, needed in (('console = "3.3 V"\n', True), ("", False)):
        board.write_text(console + BOARD % (world.root, "image"))
        assert ("python3-serial" in world.run(board, ONLY="arm64", FOR="").stderr) is needed


def test_one_isa_needs_no_other_and_no_tests(world):
    shutil.rmtree(world.lib / "pytest")
    world.without("clang-format", "aarch64-linux-gnu-gcc", "qemu-system-ppc64").apt(install="false")
    assert world.run(ONLY="riscv64", FOR="").returncode == 0
    said = world.run(ONLY="arm64", FOR="").stderr
    assert "gcc-aarch64-linux-gnu" in said and "clang-format" not in said and "qemu" not in said
    said = world.run(ONLY="powerpc64 arm64", FOR="").stderr
    assert "gcc-aarch64-linux-gnu" in said and "qemu-system-ppc" in said
    assert "clang-format" not in world.run(FOR="").stderr
    assert "clang-format" in world.run(ONLY="riscv64").stderr


def test_the_debugger_is_for_debug(world):
    world.apt(install="false")
    assert world.run(FOR="").returncode == 0
    assert "gdb-multiarch" in world.run(FOR="debug").stderr


def test_a_compiler_of_the_users_own(world):
    world.without("aarch64-linux-gnu-gcc").apt(install="false")
    assert "gcc-aarch64-linux-gnu" in world.run(ONLY="arm64", FOR="").stderr
    assert world.run(ONLY="arm64", FOR="", CROSS_COMPILE="arm-none-").returncode == 0


def test_without_root_prints_the_command(world):
    done = world.without("dtc").apt().run(FENCEPOST_UID="1000")
    assert done.returncode == 2 and world.asked() == []
    assert "apt-get install -y --no-install-recommends device-tree-compiler" in done.stderr


def test_with_sudo(world):
    world.without("dtc").apt(install="false")
    world.command("sudo", '#!/bin/bash\nshift\nexec "$@"\n')
    done = world.run(FENCEPOST_UID="1000")
    assert done.returncode == 2 and any("device-tree-compiler" in line for line in world.asked())


def test_offline(world):
    done = world.without("dtc").apt().run(OFFLINE="1")
    assert done.returncode == 2 and "OFFLINE" in done.stderr and world.asked() == []


def test_apt_failures_are_told(world):
    done = world.without("dtc").apt(
        install="echo 'E: Unable to locate package'; exit 100", update="exit 100").run()
    assert done.returncode == 2
    assert "update failed" in done.stderr and "E: Unable to locate package" in done.stderr
    assert "could not install device-tree-compiler" in done.stderr


def test_installed_but_still_not_there(world):
    done = world.without("dtc").apt().run()
    assert done.returncode == 2 and "dtc is still not there" in done.stderr


def test_not_debian(world):
    done = world.without("dtc").run()
    assert done.returncode == 2 and "not a Debian system" in done.stderr


def test_one_of_several_compilers_is_enough(world):
    """What Debian has for powerpc64 on hosts of arm64 is called otherwise."""
    world.without("powerpc64-linux-gnu-gcc").command("powerpc64le-linux-gnu-gcc")
    assert world.apt().run().returncode == 0
    done = world.without("powerpc64le-linux-gnu-gcc").run(OFFLINE="1")
    assert done.returncode == 2 and "gcc-powerpc64le-linux-gnu" in done.stderr


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the host's own gcc is not for x86_64")
def test_x86_host_needs_no_cross_compiler_for_x86(world):
    assert world.without("x86_64-linux-gnu-gcc").apt().run().returncode == 0


def test_the_page_has_packages_of_its_own(world):
    for module in ("jinja2", "markdown"):
        (world.lib / module).rmdir()
    assert world.run(FOR="").returncode == 0
    done = world.run(FOR="report", OFFLINE="1")
    assert done.returncode == 2 and "python3-jinja2 python3-markdown" in done.stderr


def test_litmus_files_have_packages_of_their_own(world):
    for module in ("lark", "pycparser"):
        (world.lib / module).rmdir()
    assert world.run(FOR="").returncode == 0
    done = world.run(FOR="litmus", OFFLINE="1")
    assert done.returncode == 2 and "python3-lark python3-pycparser" in done.stderr


def test_the_fuzzer_is_a_package_of_its_own(world):
    """clang does not depend on it, and no recommended package is installed."""
    world.apt()
    clang = world.bin / "clang"
    clang.write_text("#!/bin/sh\necho libclang_rt.fuzzer.a\n", encoding="utf-8")
    clang.chmod(0o755)
    assert "libclang-rt-dev" in world.run(FOR="fuzz").stderr + world.run(FOR="fuzz").stdout
    here = world.bin / "libclang_rt.fuzzer.a"
    here.touch()
    clang.write_text(f"#!/bin/sh\necho {here}\n", encoding="utf-8")
    assert world.run(FOR="fuzz").returncode == 0
