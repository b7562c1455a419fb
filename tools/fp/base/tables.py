# SPDX-License-Identifier: GPL-2.0-only
"""Reads files of TOML that describe one thing each, and refuses what is wrong in them by name."""
import tomllib

from .errors import UserError
from .text import printable


def check_value(path, key, value, kind):
    """UserError unless @value is of @kind: a type, several, or list for a list of strings."""
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UserError(f"{path}: '{key}' has the wrong type: {value!r}")
    if kind is list and not all(isinstance(v, str) for v in value):
        raise UserError(f"{path}: '{key}' must be a list of strings")
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and text != printable(text):
            raise UserError(f"{path}: '{key}' has control characters in it")


def check_keys(path, data, keys, required):
    """UserError for a key that is unknown, of the wrong type or missing."""
    for key, value in data.items():
        if key not in keys:
            raise UserError(f"{path}: unknown key '{key}'; known are {', '.join(sorted(keys))}")
        check_value(path, key, value, keys[key])
    for key in required:
        if key not in data:
            raise UserError(f"{path}: the key '{key}' is missing")


def read_toml(path):
    """What the file holds, or UserError."""
    try:
        with open(path, "rb") as f:
            return tomllib.load(f)
    except tomllib.TOMLDecodeError as e:
        raise UserError(f"{path}: not valid TOML: {e}") from None
    except OSError as e:
        raise UserError(f"{path}: cannot read: {e.strerror}") from None


def read_table(path, keys, required):
    """The file as a dict; @keys: the type of each key that it may have."""
    data = read_toml(path)
    check_keys(path, data, keys, required)
    return data


def read_tables(path, name):
    """The tables [[name]] of the file, which holds nothing else."""
    data = read_toml(path)
    rows = data.get(name)
    if list(data) != [name] or not isinstance(rows, list) or \
            not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{path}: it must hold tables [[{name}]] and nothing else")
    return rows
