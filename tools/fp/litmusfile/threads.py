# SPDX-License-Identifier: GPL-2.0-only
"""The threads of a C litmus file: P0(int *x, ...) { ... } as trees of pycparser."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from pycparser import c_ast, c_parser

from .faults import Malformed
from .types import TYPEDEFS

MAX_THREADS = 64
MAX_DEPTH = 100  # of parentheses and braces

_BEGIN = re.compile(r"\s*(?:(?:static|void|int)\b\s*\**\s*)*P(\d+)\s*\(")
_BLANK = re.compile(r"(?:[\s;]|\{(?:\s*#\s*include\b[^\n}]*\n)+\s*\})*")
_WORD = re.compile(r"\s*([^\s(){};]+|.)")
_NAMES = re.compile(r"[A-Za-z_]\w*")
_INNER = re.compile(r"__\w+\s*\{")
_WHERE = re.compile(r"^:?(\d+)(?::\d+)?: *(.*)$", re.DOTALL)
_BRACKETS = re.compile(r"[(){}\[\]]")


@dataclass
class Source:
    """A thread as written. Lines of the trees count from @line on, which is their line 1."""

    number: int
    line: int
    params: list  # of c_ast.Decl
    body: c_ast.Compound

    def line_of(self, node):
        """The file's line of a tree's node."""
        return self.line + (node.coord.line - 1 if node.coord else 0)


def read_threads(section):
    """All threads of the program's Section, in order; Malformed says what it is instead."""
    found = []
    at = _skip_blank(section.text, 0)
    while at < len(section.text):
        thread, at = _read_thread(section, at)
        at = _skip_blank(section.text, at)
        if thread.number != len(found):
            raise Malformed(thread.line, f"P{thread.number}: the threads are P0, P1, ... in "
                            f"order; P{len(found)} expected here")
        found.append(thread)
    if not found:
        raise Malformed(section.line, "no thread: 'P0(int *x) { ... }' expected")
    if len(found) > MAX_THREADS:
        raise Malformed(found[MAX_THREADS].line, f"more than {MAX_THREADS} threads")
    return found


def _skip_blank(text, at):
    """Where the next thread may begin; blocks that only include headers are passed, too: litmus7
    has them, and all that they declare is known here."""
    return _BLANK.match(text, at).end()


def _read_thread(section, at):
    """(Source, offset behind it) of the thread that begins at @at of the section."""
    text, line = section.text, section.line_of(at)
    begin = _BEGIN.match(text, at)
    if not begin:
        word = _WORD.match(text, at)[1]
        raise Malformed(line, f"'{word[:40]}': a thread expected, like 'P0(int *x) {{ ... }}'")
    if len(begin[1]) > 3:
        raise Malformed(line, f"P{begin[1]}: the threads are P0, P1, ...")
    behind = _closing(section, begin.end() - 1)
    brace = len(text) - len(text[behind:].lstrip())
    if text[brace:brace + 1] != "{":
        raise Malformed(section.line_of(behind - 1),
                        f"P{begin[1]}: its body expected: '{{' ... '}}'")
    end = _closing(section, brace)
    params, body = _parse(text[begin.end() - 1:end], f"P{begin[1]}", line)
    return Source(int(begin[1]), line, params, body), end


def _closing(section, at):
    """The offset behind the bracket that closes the one at @at."""
    opened = []
    for found in _BRACKETS.finditer(section.text, at):
        if found[0] in "({[":
            opened.append(({"(": ")", "{": "}", "[": "]"}[found[0]], found.start()))
            if len(opened) > MAX_DEPTH:
                raise Malformed(section.line_of(found.start()),
                                f"more than {MAX_DEPTH} brackets are open")
        elif opened[-1][0] != found[0]:
            raise Malformed(section.line_of(found.start()), f"'{found[0]}' closes nothing here; "
                            f"'{opened[-1][0]}' expected first")
        else:
            opened.pop()
        if not opened:
            return found.end()
    raise Malformed(section.line_of(opened[-1][1]),
                    f"nothing closes '{section.text[opened[-1][1]]}': '{opened[-1][0]}' expected")


def _parse(text, name, line):
    """(parameters, body) as trees of "(...) {...}"; Malformed with lines of the file."""
    found = _INNER.search(text)
    if found or "#" in text:
        at = found.start() if found else text.index("#")
        what = ("herd7's inner language; Linux's name expected, like READ_ONCE()" if found
                else "a line of the preprocessor; there is none here")
        word = found[0] if found else text[at:].split("\n")[0][:40]
        raise Malformed(line + text.count("\n", 0, at), f"'{word}' is {what}")
    tree = _tree(text)
    if isinstance(tree, c_ast.FuncDef):
        declared = tree.decl.type.args
        return list(declared.params) if declared else [], tree.body
    where, what = tree
    raise Malformed(line + where - 1, f"{name}: {what}")


@functools.lru_cache(maxsize=4096)
def _tree(text):
    """The FuncDef of a thread whose parameters and body are @text, or (line, what is wrong). Many
    files of a collection have the same threads."""
    names = set(_NAMES.findall(text))
    typedefs = "".join(f"typedef int {name};" for name in TYPEDEFS if name in names)
    try:
        tree = _parser().parse(f"{typedefs}void P{text}")
    except RecursionError:
        return 1, "nested too deeply"
    except (c_parser.ParseError, AssertionError, ValueError) as error:
        return _complaint(str(error), text)
    last = tree.ext[-1] if tree.ext else None
    if not isinstance(last, c_ast.FuncDef):
        return 1, "a function of C expected"
    return last


@functools.cache
def _parser():
    return c_parser.CParser()


def _complaint(message, text):
    """(line, sentence) of what pycparser says: ":12:5: before: x"."""
    found = _WHERE.match(message)
    line, what = (int(found[1]), found[2]) if found else (1, message)
    line = min(line, text.count("\n") + 1)
    if what.startswith("before: "):
        return line, f"the C cannot go on with '{what[8:]}' here (a ';' or ')' is expected before?)"
    if "end of input" in what.lower():
        return text.count("\n") + 1, "the C ends too early"
    return line, f"no C that is understood: {what or 'syntax'}"
