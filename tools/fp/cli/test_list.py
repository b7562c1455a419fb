# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost tests`: what tests there are, by the images' own tables (include/test/test.h)."""
import fnmatch
from dataclasses import dataclass, field

from ..base import isas
from ..base.errors import EXIT_PASS, UserError
from ..base.terminal import make_console
from ..images.builds import build_dir, flavour
from ..images.elf import Elf
from ..record.records import TEST_KINDS

CASE = 40  # bytes of a struct test_case
MANUAL, EXTENDED = 0x1, 0x2


@dataclass
class Known:
    """A test; @isas: the ISAs whose image has it."""

    name: str
    kind: str
    flags: int
    min_cpus: int
    isas: list = field(default_factory=list)

    def needs(self):
        """What it wants in order to run: words."""
        out = [f"{self.min_cpus} CPUs"] if self.min_cpus > 1 else []
        if self.flags & MANUAL:
            out.append("its full name in TESTS=")
        if self.flags & EXTENDED:
            out.append("extended=1, or its full name")
        return ", ".join(out)


def read_image(path):
    """The tests of one image, as Known without ISAs."""
    elf = Elf(path)
    try:
        at, end = elf.symbols["__tests_start"], elf.symbols["__tests_end"]
    except KeyError:
        raise UserError(f"{path}: no table of tests is in it") from None
    out = []
    for address in range(at, end, CASE):
        name, kind, flags, _, _, min_cpus = elf.read("QIIQQI", address)
        word = TEST_KINDS[kind] if kind < len(TEST_KINDS) else "unknown"
        out.append(Known(elf.text(name), word, flags, min_cpus))
    return out


def read_all(root, flav):
    """{name: Known} of every ISA whose image has been built; and those ISAs."""
    found, built = {}, []
    for arch in isas.names():
        path = build_dir(root, arch, flav) / "fencepost.elf"
        if not path.is_file():
            continue
        built.append(arch)
        for test in read_image(path):
            found.setdefault(test.name, test).isas.append(arch)
    return found, built


def choose(names, globs):
    """The names that globs choose, as the kernel does: a test's whole name, "-" leaves out."""
    wanted = [g for g in globs if not g.startswith("-")] or ["*"]
    out = [g[1:] for g in globs if g.startswith("-")]

    def fits(name, some):
        return any(fnmatch.fnmatchcase(name, g) for g in some)

    return [n for n in names if fits(n, wanted) and not fits(n, out)]


def run(args):
    """The command: prints a line a test."""
    found, built = read_all(args.root, flavour())
    if not built:
        raise UserError("no image has been built: `make all` makes them")
    globs = [g for word in args.globs for g in word.replace(",", " ").split()]
    names = choose(sorted(found), globs)
    if not names:
        raise UserError(f"no test is called {' '.join(globs)}")
    out = make_console()
    wide = min(max(len(n) for n in names), 40)
    for name in names:
        test = found[name]
        where = "" if test.isas == built else "only " + " ".join(test.isas)
        more = "; ".join(x for x in (test.needs(), where) if x)
        out.print(f"{name:<{wide}} {test.kind:<8}{' ' + more if more else ''}", soft_wrap=True)
    out.print(f"{len(names)} tests; images of {', '.join(built)}", soft_wrap=True)
    return EXIT_PASS
