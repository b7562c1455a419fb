# SPDX-License-Identifier: GPL-2.0-only
"""Litmus files to programs of the form (ir.py). Whatever a file holds, the answer is a Program or
one LitmusError."""

from __future__ import annotations

import os
import signal
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from ..base.text import printable
from . import assembly, flow, lower, names, split, state, threads
from .faults import LitmusError, Malformed
from .ir import Program

PARALLEL = 200  # files from which on processes pay
BYTES_MAX = 4 * split.MAX_BYTES  # a character has up to 4


def read_text(text, path):
    """The Program of a file's text; @path names it in messages. LitmusError if it is none."""
    try:
        return _read(text, str(path))
    except Malformed as error:
        raise LitmusError(f"{shown(path)}:{error.line}: {shown(error.text)}") from None
    except RecursionError:
        raise LitmusError(f"{shown(path)}:1: nested too deeply to be read") from None


def shown(name):
    """On one line, whatever it holds."""
    return printable(str(name).replace("\n", "?"))


def _read(text, path):
    parts = split.split(text, Path(path).stem)
    if parts.dialect in assembly.DIALECTS:
        return assembly.read(parts, state.read_state(parts.state), state.read_end(parts.end), path)
    if parts.dialect != "C":
        raise Malformed(1, f"the dialect {parts.dialect} is not known; C or one of "
                        f"{', '.join(assembly.DIALECTS)} expected")
    items = state.read_state(parts.state)
    sources = threads.read_threads(parts.body)
    end = state.read_end(parts.end)
    lowered = [lower.lower(source) for source in sources]
    pointed = [lower.pointed(source) for source in sources]
    found = names.collect(items, pointed, lowered, end)
    flow.complete(found.variables, lowered)
    names.check_end(found, lowered, end, parts.end)
    result, rest = parts.result()
    return Program(parts.name, "C", path, list(found.variables.values()), lowered, end.quantifier,
                   end.condition, parts.condition_text(), end.filter, end.locations, result,
                   parts.doc(), parts.meta, result_note=rest, notes=found.notes)


def read_file(path):
    """The Program of a file. LitmusError if it cannot be read or is none."""
    try:
        data = _bytes_of(path)
    except OSError as error:
        raise LitmusError(f"{shown(path)}: {error.strerror}; a litmus file expected") from None
    return read_text(data.decode("utf-8", errors="replace"), path)


def _bytes_of(path):
    """No more than a litmus file may have; a pipe is not waited for. OSError, LitmusError."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise LitmusError(f"{shown(path)}: no regular file; a litmus file expected")
        if about.st_size > BYTES_MAX:
            raise LitmusError(f"{shown(path)}:1: {about.st_size} bytes; no litmus test has so many")
        return file.read(BYTES_MAX)


def attempt(path):
    """A file's Program, or the LitmusError itself."""
    try:
        return read_file(path)
    except LitmusError as error:
        return error


def read_files(paths, jobs=None):
    """(path, Program or LitmusError) of each, in order; many are read by @jobs processes."""
    paths = list(paths)
    jobs = jobs or len(os.sched_getaffinity(0))
    if jobs < 2 or len(paths) < PARALLEL:
        yield from ((path, attempt(path)) for path in paths)
        return
    pool = ProcessPoolExecutor(jobs, initializer=_deaf)
    try:
        yield from zip(paths, pool.map(attempt, paths, chunksize=50))
    finally:
        pool.shutdown(cancel_futures=True)


def _deaf():
    """In a process that reads: the tool itself answers signals, and ends its readers."""
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.SIG_IGN)
