# SPDX-License-Identifier: GPL-2.0-only
"""`fencepost show`: all that is known of a test, or a saved run once more."""
import difflib
from pathlib import Path

from rich.text import Text

from ..base import isas
from ..base.errors import EXIT_PASS, UserError
from ..base.terminal import make_console
from ..base.paragraph import paragraph
from ..images.builds import build_dir, flavour
from ..litmus import cells, cycle, listing, models, shapes
from ..mailthread import wording
from ..report import matrix, report
from ..report.kinds import kind_of, thread_of
from ..report.store import results_dir
from . import bench, compare, test_list

BAR = 24  # columns of a histogram's longest bar
GAP = 2
_VERDICTS = {"Allow": "allowed", "Forbid": "forbidden", "n/a": "unknown"}


# ---- tables of text ----

def beside(columns, width):
    """Blocks of lines side by side; a block that has no room begins a new band below."""
    bands, room = [[]], width
    for block in columns:
        need = max([len(line) for line in block] + [1]) + GAP
        if bands[-1] and need - GAP > room:
            bands.append([])
            room = width
        bands[-1].append((block, need))
        room -= need
    out = []
    for band in bands:
        out += ["" if band is bands[0] else None] if out else []
        for n in range(max(len(block) for block, _ in band)):
            out.append("".join((block[n] if n < len(block) else "").ljust(need)
                               for block, need in band).rstrip())
    return [line or "" for line in out]


def histogram(test):
    """The outcomes of a test as bars; the weak ones are marked."""
    found = sorted(test.get("outcomes") or [], key=lambda o: -o["count"])
    if not found:
        return []
    most = max(max(o["count"] for o in found), 1)
    wide = max(len(o["outcome"]) for o in found)
    out = []
    for o in found:
        bar = "#" * max(round(BAR * o["count"] / most), o["count"] > 0)
        out.append(f"  {o['outcome']:<{wide}} {bar:<{BAR}} {o['count']:>11,}"
                   f"{'  weak' if o['weak'] else ''}")
    return out


# ---- a test ----

def _program(test, width):
    blocks = [[f"thread {n}", *lines] for n, lines in enumerate(shapes.program(test))]
    return beside(blocks, width)


def _why(test, width):
    """The models' verdicts; those that say the same share a paragraph."""
    groups = {}
    for w in cycle.explain(test):
        groups.setdefault((w.verdict, w.text), []).append(models.title(w.model))
    out = []
    for (verdict, text), names in groups.items():
        out += paragraph(f"{_VERDICTS[verdict]:<9} by {', '.join(names)}: {text}", width, "  ",
                         " " * 12)
    return [line.plain for line in out]


def _instructions(test, root, flav, width):
    """The marked part of each thread's loop, the ISAs side by side."""
    read = {}
    for isa in isas.load().values():
        found = listing.read(isa, build_dir(root, isa.name, flav) / "fencepost.elf")
        if found:
            read[isa.name] = found
    out = []
    for n, body in enumerate(shapes.bodies(test)):
        blocks = [[arch, *_loop(found[body])] for arch, found in read.items() if body in found]
        if blocks:
            out += [f"thread {n}"] + ["  " + line for line in beside(blocks, width - 2)]
    return out


def _loop(lines):
    """A loop down to its last instruction that races; what counts instances is left out."""
    last = max([n for n, line in enumerate(lines) if line.mark], default=len(lines) - 1)
    sign = {"load": "R", "store": "W", "barrier": "=", "branch": "?"}
    out = [f"{line.label:>2}{sign.get(line.mark, ' ')} {line.text}" for line in lines[:last + 1]]
    return out + ["    ..."] * (last + 1 < len(lines))


def _results(name, saved, width):
    """What the last saved run said of it."""
    if not saved:
        return ["no saved run: `make compare` makes one"]
    out = []
    for run in matrix.columns(saved["runs"]):
        test = matrix.by_name(run).get(name)
        if not test:
            continue
        out += [line.plain for line in paragraph(
            _result_line(run, test), width, "  ", " " * 12)]
        out += ["  " + line for line in histogram(test)]
        if test.get("knobs"):
            out += [line.plain for line in paragraph(
                f"best setting: {test['knobs']}", width, "    ", "      ")]
    return out or ["  it is not in the last saved run"]


def _result_line(run, test):
    words = str(test.get("result") or test["verdict"]).replace("-", ", ", 1)
    if "iterations" in test:
        words += f": {cells.rate_words(test)}"
    if cells.is_late(test):
        words += " (a quarter of its slices or more were late)"
    return f"{run['arch']:<9} {words}, by {run['provenance']}" + \
        (f"; {test['reason']}" if test["reason"] else "")


def litmus_lines(name, test, root, flav, saved, width):
    """All of a generated litmus test: (heading, lines) of each part."""
    parts = cycle.find(test)
    return [("", _program(test, width)),
            ("can it end with", ["  " + shapes.condition(test)]),
            ("the cycle", ["  " + line for line in cycle.in_words(test, parts)]),
            ("by the models", _why(test, width)),
            ("last results", _results(name, saved, width)),
            ("instructions", _instructions(test, root, flav, width))]


def _known_name(word, found):
    """The test that the user means; UserError says what else there is."""
    for name in (word, shapes.PREFIX + word):
        if name in found or shapes.find(name):
            return name if name in found or name.startswith(shapes.PREFIX) else shapes.PREFIX + name
    known = {n: n for n in [*found, *(shapes.PREFIX + n for n in shapes.load())]}
    short = {n.partition(".")[2]: n for n in known}
    near = [(short | known)[n] for n in difflib.get_close_matches(word, [*known, *short], 3)]
    more = f"; did you mean {' or '.join(dict.fromkeys(near))}?" if near else \
        ": `fencepost tests` lists the tests"
    raise UserError(f"there is no test or saved run called {word}{more}")


def _last_report(root):
    """The newest run of `make compare`, or of any command; None without one."""
    for name in ("latest-compare", "latest"):
        path = results_dir(root) / name / report.RUN
        if path.is_file():
            return report.read_json(path)
    return None


def show_test(out, args, word):
    """A test, by its name."""
    flav = flavour()
    found, built = test_list.read_all(args.root, flav)
    name = _known_name(word, found)
    known, saved = found.get(name), _last_report(args.root)
    out.print(Text(name, style="bold"))
    if known:
        needs = f"; needs {known.needs()}" if known.needs() else ""
        out.print(f"{known.kind}, on {', '.join(known.isas)}{needs}", soft_wrap=True)
    shape = shapes.find(name) if name.startswith(shapes.PREFIX) else None
    parts = litmus_lines(name, shape, args.root, flav, saved, out.width) if shape else \
        [("last results", _results(name, saved, out.width))]
    for heading, lines in parts:
        if lines:
            out.print()
        if heading and lines:
            out.print(Text(heading, style="bold"))
        for line in lines:
            out.print(Text(line), soft_wrap=True)
    out.print()
    out.print(f"again: make run TESTS='{name}'", soft_wrap=True)


# ---- a saved run ----

def show_saved(out, args, path):
    """What a command printed, from what it saved."""
    data = report.read_json(path)
    if data.get("state") == "incomplete":
        out.print(f"incomplete: {data.get('why')}", soft_wrap=True, style="bold red")
    kind = kind_of(data)
    if kind == "thread":
        for line in wording.render(thread_of(path, data), out.width):
            out.print(line, soft_wrap=True)
    elif kind == "bench":
        for run_of in data["runs"]:
            tests = [{**(t.get("more") or {}), **t} for t in run_of["tests"]]
            bench.print_arch(out, run_of["arch"], tests)
    else:
        compare.print_report(out, data["runs"], everything=args.all, rates=args.rates)


def run(args):
    """The command."""
    out = make_console()
    path = Path(args.what)
    if path.exists() or path.suffix == ".json":
        show_saved(out, args, path)
    else:
        show_test(out, args, args.what)
    return EXIT_PASS
