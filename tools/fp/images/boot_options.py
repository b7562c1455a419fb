# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's boot options, as its sources declare them: OPTION(), OPTION_CHOICE(),
OPTION_CHECKED() of include/lib/options.h. So they are known before a kernel is built.
"""
import difflib
import functools
import re
from dataclasses import dataclass

from ..base.errors import UserError

# Where an image's sources are (build.mk).
SOURCES = ("lib/*.c", "drivers/*.c", "kernel/**/*.c", "mm/*.c", "tests/*.c", "tests/[!h]*/**/*.c",
           "arch/*/*.c")
# What the tool writes onto the boot line itself, and which option of its own says it.
OWN = {"tests": "TESTS", "seed": "SEED", "secs": "SECS", "timeout": "TIMEOUT", "accel": "ACCEL",
       "racers": None}
_DECLARED = re.compile(r'^OPTION(|_CHOICE|_CHECKED)\(\s*\w+,\s*"(\w+)",(.*?)\);$', re.M | re.S)
_STRINGS = re.compile(r'"((?:[^"\\]|\\.)*)"')
_KINDS = {"OPT_U64": "number", "OPT_TIME": "seconds", "OPT_BOOL": "0 or 1", "OPT_STRING": "text"}


@dataclass(frozen=True)
class Option:
    """An option: what it takes, its help, the ISA that alone has it ("": every one, but for those
    that lack it)."""

    name: str
    takes: str
    help: str
    arch: str
    lack: tuple = ()

    def is_of(self, arch):
        return self.arch in ("", arch) and arch not in self.lack


def _option(kind, name, rest, path, root):
    """From the text between its name and the closing bracket: variable, or type, range; strings."""
    strings = _STRINGS.findall(rest)
    words = rest[:rest.find('"')].replace(",", " ").split()
    takes = _KINDS.get(words[0], "text")
    if kind == "_CHOICE":
        takes, strings = strings[0], strings[1:]
    parts = path.relative_to(root).parts
    return Option(name, takes, "".join(strings), parts[1] if parts[0] == "arch" else "",
                  without_drivers(root) if parts[0] == "drivers" else ())


@functools.cache
def without_drivers(root):
    """The ISAs whose images link none of drivers/, as their arch.mk says."""
    return tuple(sorted(f.parent.name for f in root.glob("arch/*/arch.mk")
                        if re.search(r"^DRIVERS\s*:=\s*$", f.read_text(encoding="utf-8"), re.M)))


@functools.cache
def load(root):
    """All options of the tree at @root, by name; none where the sources are not."""
    files = sorted(f for glob in SOURCES for f in root.glob(glob))
    return sorted({_option(*m.groups(), f, root) for f in files
                   for m in _DECLARED.finditer(f.read_text(encoding="utf-8"))},
                  key=lambda o: (o.name, o.arch))


def near(name, known):
    """A part of a sentence: which of @known may be meant."""
    found = difflib.get_close_matches(name, known, 1)
    return f"; did you mean {found[0]}?" if found else ""


def check(root, text, arch=None):
    """UserError unless each word of APPEND=@text is an option of the kernel's for @arch, which no
    option of the tool says better: of those the host must know, since its own limits follow them.
    """
    known = [o.name for o in load(root) if arch is None or o.is_of(arch)]
    for word in text.split():
        name, equals, value = word.partition("=")
        if name in OWN and equals:
            raise UserError(f"APPEND='{word}': " + (f"give {OWN[name]}={value} instead"
                            if OWN[name] else "that is said by the tool"))
        if known and name not in known:
            raise UserError(f"APPEND='{word}': the kernel has no boot option {name}"
                            f"{near(name, known)} (tools/fencepost options lists them)")
        if known and not value:
            raise UserError(f"APPEND='{word}': {name} has no value")
