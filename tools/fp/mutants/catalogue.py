# SPDX-License-Identifier: GPL-2.0-only
"""The catalogue of planted faults, tests/mutants/*.toml: reads it and says what is wrong with it.

docs/mutants.md describes the format. A mutant that no longer fits the sources is an error with its
file and line, which `make lint` finds: who changes code that has a mutant changes the mutant too.
"""
import hashlib
import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ..base import isas
from ..base.errors import UserError
from ..images.builds import FLAVOURS

DIRECTORY = "tests/mutants"
SWITCH_HEADER = "include/kernel/busted.h"
BY = ("guest", "process", "host", "pytest", "selftest", "configurations", "lint", "deps",
      "primitives", "build")
REASONS = ("unobservable: ", "equivalent: ")
_KEYS = {"id": str, "what": str, "class": str, "file": str, "from": str, "to": str, "edits": list,
         "switch": str, "tests": str, "arch": (str, list), "smp": int, "append": str, "secs": str,
         "by": str, "survives": str, "ends": str, "san": str}
LIMIT = "limit"  # of 'ends': who notices waits for a limit of time
_EDIT_KEYS = ("file", "from", "to")
_ID = re.compile(r"[a-z0-9_]+\.[a-z0-9_]+")
_CLASS = re.compile(r"[a-z][a-z0-9_]*")
_SWITCH = re.compile(r'\bX\(\w+,\s*"(\w+)"')


@dataclass(frozen=True)
class Edit:
    """@before, which stands once in @file, becomes @after."""

    file: str
    before: str
    after: str


@dataclass(frozen=True)
class Mutant:
    """One planted fault; the fields are the keys of its entry."""

    id: str
    what: str
    cls: str
    edits: tuple
    switch: str
    tests: tuple
    arches: tuple
    smp: int
    append: str
    secs: str
    by: str
    survives: str
    ends: str
    san: str
    place: str  # file:line of the entry

    def unobservable(self):
        return self.survives.startswith(REASONS[0])

    def key(self):
        """Changes with all that decides what becomes of it, but for the sources."""
        what = (self.edits, self.switch, self.tests, self.smp, self.append, self.secs, self.by)
        return hashlib.sha256(repr(what + ((self.san,) if self.san else ())).encode()).hexdigest()


def apply_edits(read, edits):
    """The changed texts {file: text}, where @read(file) gives the text; ValueError says why not."""
    texts = {}
    for edit in edits:
        text = texts.get(edit.file)
        if text is None:
            try:
                text = read(edit.file)
            except (OSError, UnicodeDecodeError):
                raise ValueError(f"there is no {edit.file}") from None
        times = text.count(edit.before)
        if times != 1:
            what = "not" if not times else f"{times} times, and not once,"
            raise ValueError(f"its 'from' is {what} in {edit.file}")
        texts[edit.file] = text.replace(edit.before, edit.after)
    return texts


def switches(root):
    """Names of the switches that the kernel has."""
    try:
        return _SWITCH.findall((Path(root) / SWITCH_HEADER).read_text(encoding="utf-8"))
    except OSError:
        return []


def _edits_of(entry):
    """The edits of an entry; ValueError."""
    lists = [entry] if "file" in entry else entry.get("edits", [])
    for edit in lists:
        if not isinstance(edit, dict):
            raise ValueError("'edits' is a list of tables")
        for key in _EDIT_KEYS:
            if not isinstance(edit.get(key), str):
                raise ValueError(f"an edit lacks '{key}'")
        if edit["from"] == edit["to"] or not edit["from"]:
            raise ValueError("'from' and 'to' are the same, or 'from' is empty")
        if lists is not entry and edit is not entry and set(edit) - set(_EDIT_KEYS):
            raise ValueError("an edit has only " + ", ".join(_EDIT_KEYS))
    return tuple(Edit(e["file"], e["from"], e["to"]) for e in lists)


def _check_keys(entry):
    for key, value in entry.items():
        kind = _KEYS.get(key)
        if kind is None:
            raise ValueError(f"unknown key '{key}'; known are {', '.join(_KEYS)}")
        if not isinstance(value, kind) or isinstance(value, bool):
            raise ValueError(f"'{key}' has the wrong type: {value!r}")
    for key in ("id", "what", "class"):
        if not entry.get(key):
            raise ValueError(f"the key '{key}' is missing")
    if not _ID.fullmatch(entry["id"]):
        raise ValueError("'id' is area.name, of a-z, 0-9 and _")
    if not _CLASS.fullmatch(entry["class"]):
        raise ValueError("'class' is one word in small letters")
    ways = [k for k in ("file", "edits", "switch") if k in entry]
    if len(ways) != 1:
        raise ValueError("one of 'file', 'edits' and 'switch' says what is planted")
    if "file" not in entry and ("from" in entry or "to" in entry):
        raise ValueError("'from' and 'to' go with 'file'")


def _arches_of(entry):
    usual = isas.native() if entry.get("by") == "process" else None
    arch = entry.get("arch", usual or isas.default())
    arches = tuple([arch] if isinstance(arch, str) else arch)
    if not arches or any(a not in isas.names() for a in arches):
        raise ValueError(f"'arch' is one of {', '.join(isas.names())}, or a list of them")
    return arches


def _mutant_of(entry, place, known_switches):
    """A Mutant; ValueError says what is wrong with the entry."""
    _check_keys(entry)
    by = entry.get("by", "guest")
    if by not in BY:
        raise ValueError(f"by = '{by}' is none of {', '.join(BY)}")
    tests = tuple(t for t in re.split(r"\s*,\s*", entry.get("tests", "").strip()) if t)
    if by == "pytest" and entry.get("tests"):
        tests = (entry["tests"],)
    if by not in ("build", "host", "deps", "primitives") and not tests:
        raise ValueError("the key 'tests' is missing: who should notice?")
    survives = entry.get("survives", "")
    if survives and not survives.startswith(REASONS):
        raise ValueError("'survives' begins with " + " or ".join(f"'{r}'" for r in REASONS))
    switch = entry.get("switch", "")
    if switch and switch not in known_switches:
        raise ValueError(f"switch = '{switch}' is none of {SWITCH_HEADER}")
    if switch and by != "guest":
        raise ValueError("a switch is of the guest: there is no 'by' beside it")
    san = entry.get("san", "")
    if san not in FLAVOURS["SAN"] or (san and by != "process"):
        raise ValueError(f"san = '{san}' is none of {', '.join(filter(None, FLAVOURS['SAN']))}, or "
                         "by is not 'process'")
    if not re.fullmatch(r"(\d+(\.\d+)?)?", entry.get("secs", "")):
        raise ValueError("'secs' is a number of seconds, as text")
    if entry.get("ends", LIMIT) != LIMIT:
        raise ValueError(f"'ends' is '{LIMIT}', or is not there")
    if not 0 <= entry.get("smp", 0) <= 64:
        raise ValueError("'smp' is a number of CPUs")
    return Mutant(entry["id"], entry["what"], entry["class"], _edits_of(entry), switch, tests,
                  _arches_of(entry), entry.get("smp", 0), entry.get("append", ""),
                  entry.get("secs", ""), by, survives, entry.get("ends", ""), san, place)


def _lines_of_entries(text):
    """Line numbers of the [[mutant]] tables."""
    return [n for n, line in enumerate(text.split("\n"), 1) if line.strip() == "[[mutant]]"]


def _load_file(root, name, known_switches, read):
    """(mutants, errors) of one file; an error is (file, line, sentence)."""
    text = (Path(root) / name).read_text(encoding="utf-8")
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        m = re.search(r"line (\d+)", str(e))
        return [], [(name, int(m[1]) if m else 1, f"not valid TOML: {e}")]
    found, errors = [], []
    entries = data.get("mutant", [])
    if set(data) - {"mutant"} or not isinstance(entries, list):
        errors.append((name, 1, "it holds tables [[mutant]] and nothing else"))
        return found, errors
    lines = _lines_of_entries(text)
    for i, entry in enumerate(entries):
        line = lines[i] if len(lines) == len(entries) else 1
        try:
            mutant = _mutant_of(entry, f"{name}:{line}", known_switches)
            apply_edits(read, mutant.edits)
            found.append(mutant)
        except ValueError as e:
            errors.append((name, line, f"mutant {entry.get('id', '?')}: {e}"))
    return found, errors


def load_all(root):
    """(mutants, errors) of the whole catalogue, in the order of files and entries."""
    root = Path(root)
    texts = {}

    def read(name):
        if name not in texts:
            texts[name] = (root / name).read_text(encoding="utf-8")
        return texts[name]

    mutants, errors = [], []
    known = switches(root)
    for path in sorted((root / DIRECTORY).glob("*.toml")):
        found, bad = _load_file(root, str(path.relative_to(root)), known, read)
        mutants += found
        errors += bad
    for name, times in Counter(m.id for m in mutants).items():
        if times > 1:
            file, _, line = [m for m in mutants if m.id == name][-1].place.rpartition(":")
            errors.append((file, int(line), f"mutant {name}: the id is there {times} times"))
    return mutants, errors


def load(root):
    """The catalogue, which must be without an error: UserError names the first."""
    mutants, errors = load_all(root)
    if errors:
        file, line, sentence = errors[0]
        more = f" (and {len(errors) - 1} more such)" if len(errors) > 1 else ""
        raise UserError(f"{file}:{line}: {sentence}{more}")
    return mutants


# ---- the sample ----

def is_quick(mutant):
    """Fit for the sample: one file is compiled and one short test is run, or the host's alone.

    What shows by a race of a litmus test only is left to long runs: it needs luck, or time.
    """
    return mutant.arches == (isas.default(),) and mutant.cls != "litmus" and \
        not mutant.survives and not mutant.secs and not mutant.ends and \
        mutant.by in ("guest", "lint") and "*" not in mutant.tests[0] and \
        not any(e.file.endswith(".h") for e in mutant.edits)


def sample(mutants, count):
    """@count quick ones, of each class in turn: always the same ones of a catalogue."""
    by_class = {}
    for m in sorted(mutants, key=lambda m: hashlib.sha256(m.id.encode()).digest()):
        if is_quick(m):
            by_class.setdefault(m.cls, []).append(m)
    chosen = []
    while by_class and len(chosen) < count:
        for cls in sorted(by_class):
            chosen.append(by_class[cls].pop(0))
        by_class = {c: left for c, left in by_class.items() if left}
    return chosen[:count]
