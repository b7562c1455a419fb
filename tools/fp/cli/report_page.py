# SPDX-License-Identifier: GPL-2.0-only
"""`make report`: what was saved last, as one HTML file."""
import json

from ..base.errors import EXIT_PASS, UserError
from ..base.files import write_file
from ..base.terminal import make_console
from ..html import page
from ..record import records
from ..report import report

KINDS = {"fencepost-compare": "compare", "fencepost-thread": "thread", "fencepost-bench": "bench"}
NEEDED = {"thread": ("rows", "claims", "models", "failures", "machines", "arches", "variants"),
          "bench": ("runs",)}


def newest(root, name):
    """The saved file of that name which was written last, or None."""
    build = root / "build"
    found = [build / "report" / name, *(build / "results").glob(f"*/{name}")]
    found = [p for p in found if p.is_file()]
    return max(found, key=lambda p: p.stat().st_mtime, default=None)


def kind_of(path):
    """What sort of a saved file it is: a value of KINDS; UserError."""
    try:
        data = records.loads(path.read_text(encoding="utf-8"))
    except OSError as e:
        raise UserError(f"{path}: cannot read: {e.strerror}") from None
    except (ValueError, RecursionError) as e:
        raise UserError(f"{path}: not JSON: {e}") from None
    kind = KINDS.get(data.get("format")) if isinstance(data, dict) else None
    if kind is None:
        raise UserError(f"{path}: none of compare.json, thread.json, bench.json")
    return kind


def read_other(path, kind):
    """A thread.json or bench.json; UserError unless it has what the page shows."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for name in NEEDED[kind]:
        if not isinstance(data.get(name), list):
            raise UserError(f"{path}: not a {kind}.json: it has no list '{name}'")
    return data


def chosen(args):
    """{kind: [paths]}: those that were named, or the newest of each kind."""
    if args.runs:
        out = {}
        for path in args.runs:
            out.setdefault(kind_of(path), []).append(path)
        return out
    found = {kind: newest(args.root, f"{kind}.json") for kind in KINDS.values()}
    return {kind: [path] for kind, path in found.items() if path}


def one_of(paths, kind):
    """What the only file of a kind says, or None."""
    if len(paths.get(kind, ())) > 1:
        raise UserError(f"{paths[kind][1]}: one {kind}.json is enough")
    return read_other(paths[kind][0], kind) if kind in paths else None


def merged(paths):
    """The runs of several compare.json side by side, under the head of the first."""
    reports = [report.read_json(p) for p in paths]
    if not reports:
        raise UserError("no saved run: `make compare` makes one")
    return {**reports[0], "runs": [run for r in reports for run in r["runs"]]}


def run(args):
    """The command."""
    paths = chosen(args)
    data = merged(paths.get("compare", []))
    text = page.render(data, one_of(paths, "thread"), one_of(paths, "bench"), args.root)
    path = args.output or args.root / "build" / "report" / "report.html"
    write_file(path, text)
    make_console().print(f"report: {path} ({len(text.encode()) / 1e6:.1f} MB)", soft_wrap=True)
    return EXIT_PASS
