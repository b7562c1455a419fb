# SPDX-License-Identifier: GPL-2.0-only
"""The memory models by their columns in shapes.tsv; tests/litmus/models.toml explains each key."""
import functools
from dataclasses import dataclass
from pathlib import Path

from ..base.errors import UserError
from ..base.tables import check_keys, read_toml

ROOT = Path(__file__).resolve().parents[3]
RMB = ("load-load", "load-any", "any")
_KEYS = {"title": str, "rmb": str} | dict.fromkeys(
    ("atomic", "in_order", "light", "isync", "release_acquire", "dependencies",
     "store_behind_address", "fenced_loads"), bool)


@dataclass(frozen=True)
class Model:
    """One of them; the fields are the keys of the file."""

    name: str
    title: str
    atomic: bool = False
    in_order: bool = False
    light: bool = False
    rmb: str = "load-load"
    isync: bool = False
    release_acquire: bool = False
    dependencies: bool = True
    store_behind_address: bool = True
    fenced_loads: bool = False


@functools.cache
def load(path=ROOT / "tests" / "litmus" / "models.toml"):
    """All of the file, by name; UserError names what is wrong in it."""
    found = {}
    for name, keys in read_toml(path).items():
        check_keys(f"{path}: [{name}]", keys, _KEYS, ("title",))
        if keys.get("rmb", RMB[0]) not in RMB:
            raise UserError(f"{path}: [{name}]: 'rmb' is one of {', '.join(RMB)}")
        found[name] = Model(name, **keys)
    return found


def find(name):
    """The model of a column; UserError if it is not described."""
    if name not in load():
        raise UserError(f"tests/litmus/models.toml: the model {name} of shapes.tsv is missing")
    return load()[name]


def title(name):
    """A model's name for people."""
    return find(name).title
