# SPDX-License-Identifier: GPL-2.0-only
"""`make report`: what was found last, as one HTML file."""
from ..base.errors import EXIT_PASS, UserError
from ..base.files import write_file
from ..base.terminal import make_console
from ..report import report
from ..report.kinds import KINDS, kind_of, thread_of
from ..report.store import results_dir

MODULES = ("jinja2", "markupsafe", "markdown")


def newest(root):
    """[path] of the newest run of each kind."""
    found = [results_dir(root) / f"latest-{kind}" / report.RUN for kind in KINDS]
    return [path for path in found if path.is_file()]


def collect(paths):
    """{kind: [(path, run.json)]} of the files or directories @paths."""
    out = {kind: [] for kind in KINDS}
    for path in paths:
        data = report.read_json(path)
        out[kind_of(data)].append((path, data))
    for kind in ("litmus", "thread", "bench"):
        if len(out[kind]) > 1:
            raise UserError(f"{out[kind][1][0]}: one run of {kind} is enough")
    return out


def merged(found):
    """Runs side by side, under the head of the first; what is incomplete makes all of it so."""
    if not found:
        raise UserError("no run to show: `make compare` makes one")
    why = [f"{path}: {data.get('why')}" for path, data in found
           if data.get("state") == "incomplete"]
    return {**found[0][1], "incomplete": "; ".join(why),
            "runs": [run for _, data in found for run in data["runs"]]}


def _means(run):
    return run["arch"], run["provenance"]


def with_files(found):
    """The runs that are compared, and in each column the user's files of the last `make litmus` on
    that ISA, by the same means, if there is one such column."""
    base, own = found["compare"], found["litmus"]
    if not base or not own:
        return base or own
    mine = {_means(run): run["tests"] for run in own[0][1]["runs"]}
    columns = [_means(run) for _, data in base for run in data["runs"]]
    joined = []
    for path, data in base:
        runs = [{**run, "tests": run["tests"] + mine.get(_means(run), [])
                 if columns.count(_means(run)) == 1 else run["tests"]} for run in data["runs"]]
        joined.append((path, {**data, "runs": runs}))
    return joined


def render(*args):
    """page.render(), or one sentence where a module of Debian's is missing that only it needs."""
    try:
        from ..html import page
        return page.render(*args)
    except ModuleNotFoundError as e:
        if (e.name or "").split(".")[0] in MODULES:
            raise UserError(f"Debian's python3-{e.name.split('.')[0]} is missing: `make report` "
                            "installs it") from None
        raise


def run(args):
    """The command."""
    found = collect(args.runs or newest(args.root))
    if not any(found.values()):
        merged([])
    thread = [thread_of(path, data) for path, data in found["thread"]]
    bench = [data for _, data in found["bench"]]
    first = next(pair for kind in KINDS for pair in found[kind])
    data = merged(with_files(found)) if found["compare"] or found["litmus"] else \
        {**first[1], "runs": []}
    text = render(data, thread[0] if thread else None, bench[0] if bench else None, args.root)
    path = args.output or results_dir(args.root) / "report.html"
    write_file(path, text)
    make_console().print(f"report: {path} ({len(text.encode()) / 1e6:.1f} MB)", soft_wrap=True)
    return EXIT_PASS
