# SPDX-License-Identifier: GPL-2.0-only
"""Files that are written whole or not at all, and what a file is whatever it is called."""
import functools
import hashlib
import os


def write_file(path, text):
    """Whole or not at all: a reader never sees half a report."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")  # another run may write one, too
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def digest(path):
    """SHA-256 of a file. OSError."""
    status = path.stat()
    return _digest(str(path), status.st_ino, status.st_mtime_ns, status.st_size)


@functools.lru_cache
def _digest(path, *_state):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()
