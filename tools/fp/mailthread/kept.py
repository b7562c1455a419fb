# SPDX-License-Identifier: GPL-2.0-only
"""Machines of `make thread` that have ended, kept for RESUME=1: the long run is a night's work.

results/thread.kept has a line for each, appended as it ends: what it was (image, boot line, CPUs,
QEMU), when it ended, its verdict, and its log, from which the rest is read again. What was found
counts, also what was found wrong; but a machine that was killed from outside has found nothing.
"""
import json
import time
from pathlib import Path

from ..base.files import digest
from ..base.text import age
from ..record.verdict import Ending
from ..run import runner
from ..run.log import read_log
from ..run.result import Result

_MEMBERS = ("verdict", "reason", "argv", "duration", "boot_s", "first_test_s", "qemu")


class Kept:
    """The file. Main thread."""

    def __init__(self, path, resume):
        self.path, self.digests, self.found = path, {}, {}
        lines = path.read_text(encoding="utf-8").splitlines() if resume and path.is_file() else []
        for line in lines:
            try:
                entry = json.loads(line)
                self.found[tuple(entry["key"])] = entry
            except (ValueError, KeyError, TypeError):
                continue  # cut short, as the host went down

    def key(self, spec):
        """All that a machine's result depends on but chance."""
        if spec.image not in self.digests:
            self.digests[spec.image] = digest(spec.image)
        return (spec.board.name, self.digests[spec.image], spec.smp, spec.boot_line(),
                runner.qemu_of(spec.board))

    def add(self, result):
        end = result.ending
        if end.start_error or end.shutdown == "host-signal" or (end.status or 0) < 0:
            return
        entry = {"key": self.key(result.spec), "time": int(time.time()),
                 "log": str(result.log.resolve()),
                 **{name: getattr(result, name) for name in _MEMBERS}}
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "a", encoding="utf-8") as f:
                f.write("\n" + json.dumps(entry))  # a line that was cut short spoils no other
        except OSError:
            pass  # a full disk: it will be run again, should anybody resume

    def age(self, spec):
        """How old what get() gives is, in words."""
        return age(self.found[self.key(spec)].get("time", 0))

    def get(self, spec):
        """The Result of the same machine before; None if there was none, or its log has gone."""
        entry = self.found.get(self.key(spec))
        if not entry:
            return None
        try:
            log = Path(entry["log"])
            t = read_log(log, entry["argv"], f"{entry['verdict']} {entry['reason']}")
            more = {name: entry[name] for name in _MEMBERS}
        except (KeyError, TypeError):
            return None
        return t and Result(spec=spec, transcript=t, ending=Ending(), log=log, **more)
