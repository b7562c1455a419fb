# SPDX-License-Identifier: GPL-2.0-only
"""Machines that are a little other than those of boards/: each boots and passes, or stops with the
right words. tests/machines/*.toml has them, a table "[[machine]]" each; docs/boards.md the format.

A machine that is silent, hangs or is diagnosed as something else fails, as does one of which too
few CPUs come up.
"""
import dataclasses
import fnmatch
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from ..base import isas
from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.tables import check_keys, read_tables
from ..base.terminal import make_console
from ..images.boards import Boards
from ..images.builds import build_dir, check_image, find_dtb
from ..images.line import FIXED_SEED
from ..run import runner
from ..run.result import Listener
from ..run.spec import POWER_OFF_TIMEOUT, Spec
from ..transport.machine import qemu_major, qemu_version
from .screens import check_screen, run_screen

DIRECTORY = "tests/machines"
TESTS = ("kernel.cpus_online,kernel.call_single,kernel.timer_rate,pgtable.*,tlb.access,"
         "litmus.SB+mb+mb")
STOP_TIMEOUT = 20.0  # seconds to the last words of a machine that does not end by itself
STAY_TIMEOUT = 0.5  # seconds from END to its being ended by us
DUMP_TIMEOUT = 10.0

_KEYS = {
    "name": str, "what": str, "machine": str, "options": dict, "more": list, "tree": list,
    "acpi": dict, "smp": int, "cpus": int, "mem": str, "append": str, "image": str, "tests": str,
    "says": list, "never": list, "stops": str, "stays": bool, "long": bool,
    "qemu": str, "stub": str, "screen": str,
}
_REQUIRED = ("name", "what", "machine")


@dataclass
class Configuration:
    """A row; the fields are its keys."""

    name: str
    what: str
    machine: str
    options: dict = field(default_factory=dict)  # QEMU's: the value instead; "": none
    more: list = field(default_factory=list)  # more words for QEMU
    tree: list = field(default_factory=list)  # fdtput's words, on the tree that QEMU would give
    acpi: dict = field(default_factory=dict)  # more tables: what follows the header, as hex
    smp: int = None
    cpus: int = None  # how many come up, where not all
    mem: str = None
    append: str = ""
    image: str = ""
    tests: str = TESTS
    says: list = field(default_factory=list)  # regular expressions, each of which a line has
    never: list = field(default_factory=list)  # and which no line has
    stops: str = ""  # as says, of one that cannot run us and says why
    stays: bool = False  # its firmware cannot power it off
    qemu: str = ""  # the major version of QEMU that has it so; "10+": and later ones; "": any
    long: bool = False  # not in `make check`: only what QEMU offers is other
    screen: str = ""  # it speaks there alone: screens.py; "": on its serial line
    stub: str = ""  # <stub>.S, beside the tables: what options call {stub}


def load(root):
    """All rows, or UserError with the file and what is wrong."""
    out = []
    for path in sorted((root / DIRECTORY).glob("*.toml")):
        for row in read_tables(path, "machine"):
            check_keys(f"{path}: {row.get('name', '?')}", row, _KEYS, _REQUIRED)
            if not re.fullmatch(r"(\d+\+?)?", row.get("qemu", "")):
                raise UserError(f"{path}: {row['name']}: 'qemu' is a major version, or one and '+'")
            check_screen(f"{path}: {row['name']}", row.get("screen", ""))
            out.append(Configuration(**row))
    names = [c.name for c in out]
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"{DIRECTORY}: {name} is there more than once")
    return out


def with_options(args, options):
    """QEMU's words with other values of some options, wherever they stand; "" takes an option out.
    One that is not there is added."""
    out, words = [], iter(args)
    for word in words:
        value = options.get(word)
        if word not in options:
            out.append(word)
        else:
            next(words)
            out += [word, value] if value else []
    added = [(word, value) for word, value in options.items() if word not in args and value]
    return out + [x for pair in added for x in pair]


def edited_tree(spec, edits, directory):
    """The device tree that QEMU makes for @spec, edited by fdtput; its path."""
    path = Path(directory) / "tree.dtb"
    argv, cwd = runner.qemu_command(spec)
    at = argv.index("-M") + 1
    argv[at] += f",dumpdtb={path}"
    done = subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=DUMP_TIMEOUT,
                          stdin=subprocess.DEVNULL, check=False)
    if not path.is_file():
        raise UserError(f"QEMU gives no device tree: {done.stderr.strip()}")
    for edit in edits:
        how, slash, what = edit.partition("/")
        done = subprocess.run(["fdtput", *how.split(), str(path), *(slash + what).split()],
                              capture_output=True, text=True, timeout=DUMP_TIMEOUT,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise UserError(f"fdtput {edit}: {done.stderr.strip()}")
    return path


def table_words(acpi, directory):
    """QEMU's words for more ACPI tables, from {signature: what follows the header, as hex}."""
    words = []
    for signature, text in acpi.items():
        path = Path(directory) / f"{signature}.bin"
        path.write_bytes(bytes.fromhex(text))
        words += ["-acpitable", f"sig={signature},rev=2,data={path}"]
    return words


def assembled(root, arch, stub, directory, image):
    """A stub as a flat binary, which runs wherever it is put; its path. It knows how long the file
    is that it hands over to."""
    isa, path = isas.find(arch), Path(directory) / stub
    # Linked, since an assembler may leave even branches to be filled in (RISC-V's does).
    size = f"-DIMAGE_BYTES={image.stat().st_size}"
    for argv in ([isa.tool("gcc"), size, "-c", root / DIRECTORY / f"{stub}.S", "-o", f"{path}.o"],
                 [isa.tool("ld"), "-Ttext=0", "-e", "0", f"{path}.o", "-o", f"{path}.elf"],
                 [isa.tool("objcopy"), "-O", "binary", f"{path}.elf", path]):
        done = subprocess.run(argv, capture_output=True, text=True, timeout=DUMP_TIMEOUT,
                              stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise UserError(f"{stub}.S: {done.stderr.strip()}")
    return path


def with_stub(root, board, stub, directory, image):
    """The board, with what stands before the kernel."""
    path = str(assembled(root, board.arch, stub, directory, image))
    args = [word.replace("{stub}", path) for word in board.args]
    return dataclasses.replace(board, args=args)


def spec_of(root, conf, boards):
    """What to run; the device tree aside."""
    board = boards.find(conf.machine)
    image = build_dir(root, board.arch, "") / (conf.image or board.image)
    check_image(image)
    board = dataclasses.replace(board, args=with_options(board.args, conf.options))
    smp = conf.smp or board.smp
    return Spec(
        board=board, image=image, smp=smp, tests=conf.tests, secs="0.05", seed=FIXED_SEED,
        append=conf.append, mem=conf.mem, cpus=conf.cpus, extra=list(conf.more),
        dtb=find_dtb(board, image.parent),
        boot_timeout=min(STOP_TIMEOUT, board.boot_timeout) if conf.stops else None,
        power_off_timeout=STAY_TIMEOUT if conf.stays else POWER_OFF_TIMEOUT)


class Lines(Listener):
    """Keeps what the console says."""

    def __init__(self):
        self.lines = []

    def on_line(self, text):
        self.lines.append(text)

    def has(self, expression):
        return any(re.search(expression, line) for line in self.lines)


def wrong_words(conf, console):
    """What was not said, or should not have been: a sentence, or ""."""
    for expression in conf.says + [conf.stops] * bool(conf.stops):
        if not console.has(expression):
            return f"no line has '{expression}'"
    for expression in conf.never:
        if console.has(expression):
            return f"a line has '{expression}'"
    return ""


def trouble(conf, result):
    """What is wrong with how a run ended: a sentence, or ""."""
    online = (result.transcript.begin or {}).get("cpus_online")
    want = conf.cpus or result.spec.smp
    if conf.stops:
        return "it passed, and should have stopped" if result.ok() else ""
    stayed = conf.stays and result.transcript.end and not result.failed_tests()
    if not result.ok() and not stayed:
        return f"{result.verdict}: {result.reason}"
    return "" if online == want else f"{online} CPUs are online instead of {want}"


def run_row(root, conf, boards):
    """Run a row; what is wrong with it, or ""."""
    console = Lines()
    try:
        spec = spec_of(root, conf, boards)
        with tempfile.TemporaryDirectory() as directory:
            if conf.stub:
                spec.board = with_stub(root, spec.board, conf.stub, directory,
                                       spec.image)
            if conf.tree:
                spec.dtb = edited_tree(spec, conf.tree, directory)
            spec.extra += table_words(conf.acpi, directory)
            if conf.screen:
                return (run_screen(root, spec, conf.screen, console)
                        or wrong_words(conf, console))
            result = runner.run_machine(spec, root / "build" / "log", console)
    except UserError as e:
        return str(e)
    why = trouble(conf, result) or wrong_words(conf, console)
    return why and f"{why}: {result.verdict}: {result.reason} (console: {result.log})"


def needs(conf, boards):
    """Why the row cannot be tried here, or ""."""
    board = boards.find(conf.machine)
    wanted, major = conf.qemu.rstrip("+"), qemu_major(board.qemu)
    if wanted and major and (major < int(wanted) or major > int(wanted) and conf.qemu == wanted):
        return f"QEMU {conf.qemu} has it so, and this is {qemu_version(board.qemu)}"
    if runner.not_here(board):
        return runner.not_here(board)
    return "fdtput is not installed" if conf.tree and not shutil.which("fdtput") else ""


def run_all(root, out, chosen, passed=True):
    """Run rows, each with a line, but for @passed; (passed, failed, skipped)."""
    boards, counts = Boards(root / "boards"), [0, 0, 0]
    for conf in chosen:
        start, lacking = time.monotonic(), needs(conf, boards)
        why = lacking or run_row(root, conf, boards)
        counts[2 if lacking else bool(why)] += 1
        mark = "SKIP" if lacking else "FAIL" if why else "ok  "
        if why or passed:
            out.print(f"{mark} {time.monotonic() - start:5.1f} s  {conf.name}: {conf.what}"
                      f"{why and ': ' + why}", soft_wrap=True)
    return counts


def run(args):
    out = make_console()
    arches = isas.arch_list(args.arch)
    boards = Boards(args.root / "boards")
    globs = args.globs or ["*"]
    chosen = [c for c in load(args.root) if any(fnmatch.fnmatchcase(c.name, g) for g in globs)
              and boards.find(c.machine).arch in arches]
    if not chosen:
        raise UserError(f"no machine of {DIRECTORY} is named {' '.join(globs)}")
    if args.list:
        for conf in chosen:
            out.print(f"{conf.name:<28} {conf.machine:<14} {conf.what}", soft_wrap=True)
        return EXIT_PASS
    passed, failed, skipped = run_all(args.root, out, chosen)
    out.print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return EXIT_FAIL if failed else EXIT_PASS
