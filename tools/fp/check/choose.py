# SPDX-License-Identifier: GPL-2.0-only
"""Which steps of `make check` are run: of some ISAs, a share of all, what failed before, or what
has not passed yet.

Steps that build what others boot, and those that judge what others left, are in every choice but
that by name: alone they cost little, and find what there is.
"""
import json
import re

from ..base import isas
from ..base.errors import UserError
from ..base.tree import fingerprint
from ..report.store import DIRECTORY

TREE = "tree"  # a file beside run.json: what the project was then


def latest(root):
    """The directory of the last check."""
    return root / DIRECTORY / "latest-check"


def _before(root):
    """Names of the steps of the last check, and whether each passed; UserError if there is none."""
    path = latest(root) / "run.json"
    try:
        steps = json.loads(path.read_text(encoding="utf-8"))["steps"]
        return {s["name"]: not s["failed"] for s in steps}
    except (OSError, ValueError, LookupError, TypeError):
        raise UserError(f"{path}: no check has been run before, or it cannot be read") from None


def of_isas(steps, arches):
    """Without those that are of another ISA alone, by their names."""
    others = set(isas.names()) - set(arches)
    return [s for s in steps if s.name.partition(":")[0] not in others]


def is_shared(step):
    return step.judges or step.builds


def shard(steps, text):
    """The share @text, "2/4", of all: neighbours, which are much alike, go to different shares."""
    m = re.fullmatch(r"([1-9]\d*)/([1-9]\d*)", text)
    if not m or int(m[1]) > int(m[2]):
        raise UserError(f"SHARD={text}: as in 2/4, the second of four shares")
    mine = [s for s in steps if not is_shared(s)][int(m[1]) - 1::int(m[2])]
    return [s for s in steps if is_shared(s) or s in mine]


def last_failed(steps, root):
    """What failed in the last check."""
    before = _before(root)
    if all(before.values()):
        raise UserError(f"LAST_FAILED: no step failed in {latest(root).resolve().name}")
    return [s for s in steps if is_shared(s) or not before.get(s.name, True)]


def not_yet(steps, root):
    """What has not passed in the last check, if that was of the same files."""
    before = _before(root)
    try:
        tree = (latest(root) / TREE).read_text(encoding="ascii")
    except OSError:
        tree = ""
    if tree != fingerprint(root):
        raise UserError(f"RESUME: files have changed since {latest(root).resolve().name}")
    return [s for s in steps if is_shared(s) or not before.get(s.name, False)]


def chosen(steps, args):
    """Those of @steps that the options ask for."""
    if args.arch:
        steps = of_isas(steps, isas.arch_list(args.arch))
    if args.last_failed:
        steps = last_failed(steps, args.root)
    if args.resume:
        steps = not_yet(steps, args.root)
    return shard(steps, args.shard) if args.shard else steps
