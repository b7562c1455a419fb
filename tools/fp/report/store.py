# SPDX-License-Identifier: GPL-2.0-only
"""What one command has found, in a directory of its own: results/<time>-<command>/.

	run.json	everything (docs/schema/run.schema.json)
	junit.xml	the same for other programs
	log/		the consoles

Both files are written at the start, and anew as each machine ends; they say "incomplete" until the
command has come to its end: whatever ends it, what had ended is there. No directory is written
twice, so that nothing is lost to a later run, and `make clean` leaves them alone. `latest` is a
link to the newest of them that found anything; `latest-<command>` to the newest of a command.
"""
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from ..base.errors import UserError
from ..base.files import write_file
from ..base.tree import VERSION
from ..record.verdict import CONFIG, NOT_STARTED
from ..run import runner
from . import report
from .junit import junit

DIRECTORY = "results"
XML, LOG = "junit.xml", "log"
STEP_SECS = 5.0


def results_dir(root):
    """The project's, or of a tool that `make install` has put somewhere, the user's own."""
    return (Path.cwd() if (root / VERSION).is_file() else root) / DIRECTORY


def _make_dir(root, command, output):
    """The directory of a run, new: @output, or a name after the time."""
    if output:
        output = Path(output)
        if output.exists() and (not output.is_dir() or any(output.iterdir())):
            raise UserError(f"--output {output}: it is there already, and would be overwritten")
        output.mkdir(parents=True, exist_ok=True)
        return output
    stem = f"{datetime.now():%Y%m%d-%H%M%S}-{command}"
    for n in range(1, 1000):
        path = results_dir(root) / (stem if n == 1 else f"{stem}-{n}")
        try:
            path.mkdir(parents=True)
            return path
        except FileExistsError:
            continue
    raise UserError(f"{results_dir(root)}: no name is left for a run of this second")


def _link(path, target):
    """@path becomes a link to @target beside it, at once; a real file of that name is left."""
    if path.exists() and not path.is_symlink():
        return
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    part.symlink_to(target)
    part.replace(path)


def found_something(run):
    """Did a machine come as far as to say something? A mistyped option is no result."""
    return bool(run["tests"]) or run["verdict"] not in (CONFIG, NOT_STARTED)


class Store:
    """The directory. Left by an exception, or without complete(), it stays incomplete. Main
    thread."""

    def __init__(self, root, command, output=None, busy=None, argv=None):
        self.dir = _make_dir(root, command, output)
        self.own = not output
        self.log = self.dir / LOG
        self.trouble = ""  # why not all could be written
        self.written = 0.0
        self.data = report.header(command, sys.argv[1:] if argv is None else argv, busy)
        self.write()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, _):
        if self.data["state"] != "complete":
            self.data["why"] = "interrupted" if kind and not issubclass(kind, Exception) else \
                f"{kind.__name__}: {value}" if kind else "the command ended early"
            self._end()

    def __str__(self):
        return os.path.relpath(self.dir) if self.dir.is_relative_to(Path.cwd()) else str(self.dir)

    def machine(self, spec, show, start=runner.run_machine):
        """Run one and keep its result; of one that is interrupted, what it has said."""
        try:
            result = start(spec, self.log, show)
        except BaseException:
            if show.partial:
                self.add(show.partial)
            raise
        self.add(result)
        return result

    def add(self, result):
        """A machine has ended; its entry."""
        return self.add_entry(report.run_entry(result))

    def add_entry(self, entry):
        self.data["runs"].append(entry)
        self.write()
        if self.own and found_something(entry):
            self.show()
        return entry

    def add_step(self, step):
        """A step of `make check` has ended. There are many: not each is written at once."""
        self.data.setdefault("steps", []).append(step)
        if time.monotonic() - self.written > STEP_SECS:
            self.write()
            self.show()

    def put(self, **members):
        """More of run.json: what the command has found besides runs."""
        self.data.update(members)
        self.write()
        if self.own:
            self.show()

    def show(self):
        """`latest` leads here, if there is something to see."""
        if self.trouble:
            return
        for name in ("latest", f"latest-{self.data['command']}"):
            self._try(lambda n=name: _link(self.dir.parent / n, self.dir.name))

    def write(self):
        self.written = time.monotonic()
        self._try(lambda: report.write_json(self.dir / report.RUN, self.data))
        self._try(lambda: write_file(self.dir / XML, junit(self.data)))

    def write_text(self, name, text):
        """One more file."""
        self._try(lambda: write_file(self.dir / name, text))

    def _try(self, what):
        """A full disk ends no run: what was found is still printed."""
        try:
            what()
        except OSError as e:
            self.trouble = f"{e.filename or self.dir}: {e.strerror or e}"

    def _end(self):
        self.data["ended"] = report.now()
        self.write()

    def complete(self):
        """The command has come to its end, whatever it found."""
        self.data.update(state="complete", why="")
        self._end()
        if self.own and "steps" in self.data:
            self.show()

    def where(self):
        """One line for the user."""
        if self.trouble:
            return f"results could not be kept whole: {self.trouble}"
        mark = "" if self.data["state"] == "complete" else " (incomplete)"
        return f"results: {self}/ (run.json, junit.xml, log/){mark}"
