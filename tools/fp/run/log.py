# SPDX-License-Identifier: GPL-2.0-only
"""The log of a console: the command, all that was said, what QEMU said besides, the verdict.

A machine that never stops talking must not fill the disk, and a full disk must not end the run:
what was read from the console is judged either way.
"""
import shlex

from ..record import console as con

LOG_MAX = 16 << 20  # bytes of the console; ten times what the longest of our runs says
STDERR_HEAD = b"\n## QEMU's standard error:\n"
CUT = b"\n## the rest was not kept: %s\n"


class Log:
    """An open file that ends nothing. trouble: why it is not whole, or ""."""

    def __init__(self, file):
        self.file, self.trouble = file, ""
        self.size = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def fileno(self):
        return self.file.fileno()

    def write(self, data):
        """Of the console: as long as there is room."""
        if self.trouble:
            return
        self._put(data[:LOG_MAX - self.size])
        if self.size + len(data) > LOG_MAX:
            self.trouble = f"it is longer than {LOG_MAX >> 20} MiB"
            self._put(CUT % self.trouble.encode())
        self.size += len(data)

    def end(self, data):
        """What belongs at the end, also of a log that was cut."""
        self._put(data)

    def _put(self, data):
        try:
            while data:
                data = data[self.file.write(data):]
        except OSError as e:
            self.trouble = e.strerror or str(e)

    def close(self):
        self.file.close()


def next_log(log_dir, board):
    """A log file of its own for each run, numbered; the last hundred of a machine are kept."""
    log_dir.mkdir(parents=True, exist_ok=True)
    stem = f"{board.arch}-{board.name}-"
    used = sorted(int(p.stem[len(stem):]) for p in log_dir.glob(stem + "*.log")
                  if p.stem[len(stem):].isdigit())
    for old in used[:-99]:
        (log_dir / f"{stem}{old}.log").unlink(missing_ok=True)
    number = used[-1] + 1 if used else 1
    while True:
        path = log_dir / f"{stem}{number}.log"
        try:
            return path, Log(open(path, "xb", buffering=0))
        except FileExistsError:
            number += 1


def read_log(path, argv, end):
    """What a run said, from its log; None if that is not whole, or not of the run of @argv with the
    verdict and reason @end."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    head, foot = f"## {shlex.join(argv)}\n".encode(), f"\n## {end}\n".encode()
    if not data.startswith(head) or not data.endswith(foot) or len(data) > LOG_MAX:
        return None
    console = con.Console()
    console.feed(data[len(head):-len(foot)].partition(STDERR_HEAD)[0])
    console.finish()
    return console.t
