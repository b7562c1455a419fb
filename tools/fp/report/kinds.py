# SPDX-License-Identifier: GPL-2.0-only
"""What sort of a run a run.json is of: one that sets ISAs side by side, files of the user, the
thread, benchmarks."""
from ..base.errors import UserError

KINDS = ("compare", "litmus", "thread", "bench")
NEEDED = ("rows", "claims", "models", "failures", "machines", "arches", "variants")


def kind_of(data):
    """Of KINDS."""
    return next((k for k in KINDS[1:] if isinstance(data.get(k), dict)), "compare")


def thread_of(path, data):
    """What is shown of a run of `make thread`; UserError unless it is there."""
    for name in NEEDED:
        if not isinstance(data["thread"].get(name), list):
            raise UserError(f"{path}: its 'thread' has no list '{name}'")
    return data["thread"]
