# SPDX-License-Identifier: GPL-2.0-only
"""What has become of a run, and who hears of it while it goes on."""
from dataclasses import dataclass
from pathlib import Path

from ..record import console as con
from ..record.verdict import PASS, SKIP, Ending
from .spec import Spec


@dataclass
class Result:
    """One finished run."""

    spec: Spec
    verdict: str
    reason: str
    transcript: con.Transcript
    ending: Ending
    argv: list
    log: Path
    duration: float
    boot_s: float = None  # power-on to BEGIN
    first_test_s: float = None  # power-on to the first START
    qemu: str = "unknown"

    def ok(self):
        return self.verdict in (PASS, SKIP)

    def failed_tests(self):
        return [t for t in self.transcript.tests if t["verdict"] in ("fail", "timeout", "crash")]

    def rerun(self):
        """The line that repeats the failure: only the tests concerned, where they are known."""
        names = [t["name"] for t in self.failed_tests()[:5]]
        current = self.transcript.current
        if not names and current:
            names = [current["name"]]
        return self.spec.rerun(",".join(names) if names else None)


class Listener:
    """Hears of a run while it goes on; the base class ignores everything."""

    def on_open(self, spec, log):
        """The machine is about to be started."""

    def on_start(self, spec):
        """The machine has been started; nothing has been read yet."""

    def on_line(self, text):
        """A console line came."""

    def on_record(self, kind, record, transcript):
        """A record came."""

    def on_tick(self, transcript, elapsed):
        """Time has passed."""

    def on_close(self, result):
        """The verdict is known."""

    def on_abort(self, result):
        """An exception or a signal ends the run: what it has said so far, or None."""
