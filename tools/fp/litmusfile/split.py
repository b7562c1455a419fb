# SPDX-License-Identifier: GPL-2.0-only
"""A litmus file's parts, as text without comments, every line where it stood.

    C name "doc"                the head: dialect, name, what the test is about
    (* Result: Never *)         comments of OCaml; of C, too
    Key=value
    { x=1; }                    the initial state
    P0(int *x) { ... }          the program: here comments are of C; of OCaml between threads
    locations [x;]              from the first of these words on: the end
    exists (x=1)
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .faults import Malformed

MAX_BYTES = 1 << 18
ENDS = ("exists", "forall", "locations", "filter", "final", "observed")

_HEAD = re.compile(r"[ \t]*(\w+)(?:[ \t]+(.*))?")
_META = re.compile(r"^[ \t]*([A-Za-z][\w/.-]*)[ \t]*=(.*)$", re.MULTILINE)
_RESULT = re.compile(r"\bResult:[ \t]*(\w+)[ \t]*(.*)")
# What the scan stops at. The operators /\ and \/ stand here so that they open no comment.
_MARK = re.compile(r"\\/|/\\|\(\*|/\*|//|\"|[{}]|(?:~[ \t]*|\bnot[ \t]+)exists\b|\b(?:%s)\b"
                   % "|".join(ENDS))
_QUANTIFIER = re.compile(r"(?:(?:~|\bnot\b)\s*)?\b(?:exists|forall|final)\b")
_THREAD = re.compile(r"\bP\d{1,3}\b(?=\s*\()")
_MARGIN = re.compile(r"^[ \t]*(?:\(\*|/\*+|//|\*\)?)?[ \t]*|[ \t]*(?:\*\)|\*/)?[ \t]*$")
_OCAML = re.compile(r"\(\*|\*\)")


@dataclass
class Section:
    """Text and the line of the file that it begins on."""

    text: str
    line: int

    def line_of(self, offset):
        """Line of the file where @offset of the text is."""
        return self.line + self.text.count("\n", 0, offset)


@dataclass
class Split:
    """The parts of one file."""

    dialect: str
    name: str
    state: Section
    body: Section
    end: Section
    comments: list[str] = field(default_factory=list)
    heads: int = 0  # so many of them stand before the initial state
    meta: dict[str, str] = field(default_factory=dict)

    def result(self):
        """(word, rest) after "Result:" in the first comment that has it, or (None, "")."""
        for comment in self.comments:
            if found := _RESULT.search(comment):
                return found[1], found[2].strip(" \t*()")
        return None, ""

    def condition_text(self):
        """The condition with its quantifier, on one line; "forall (true)" where there is none."""
        found = _QUANTIFIER.search(self.end.text)
        text = self.end.text[found.start():] if found else "forall (true)"
        return " ".join(text.split()).rstrip("; ")

    def doc(self):
        """What the comments before the initial state say, without their marks."""
        lines = (_MARGIN.sub("", line[:500]) for one in self.comments[:self.heads]
                 for line in one.split("\n"))
        return "\n".join(line for line in lines if line and not line.startswith("Result:"))


def split(text, stem):
    """The Split of a file's @text; @stem: its name where it gives none itself. Malformed if it has
    no such parts."""
    if len(text) > MAX_BYTES:
        raise Malformed(1, f"{len(text)} characters; no litmus test has more than {MAX_BYTES}")
    text = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "?")
    return _Splitter(text).split(stem)


class _Splitter:
    """A walk through the text; comments become blanks in @text while it passes them."""

    def __init__(self, text):
        self.text = text
        self.comments = []
        self.pieces = []  # of the section at hand, without comments
        self.start = 0

    def line(self, at):
        return self.text.count("\n", 0, at) + 1

    def fail(self, at, text):
        raise Malformed(self.line(at), text)

    def split(self, stem):
        head, at = self.head()
        self.begin(at)
        at = self.scan(at, "{", "the initial state: '{' ... '}'")
        before = self.finish(at)
        early = head[1] == "C" and _THREAD.search(before.text)
        if early:
            raise Malformed(before.line_of(early.start()), "the initial state, '{' ... '}', "
                            f"expected before {early[0]}")
        heads = len(self.comments)
        self.begin(at + 1)
        at = self.state_end(at + 1)
        state = self.finish(at)
        self.begin(at + 1)
        at = self.program_end(at + 1, head[1] == "C")
        body = self.finish(at)
        self.begin(at)
        self.scan(at, None, "")
        end = self.finish(len(self.text))
        name, quoted = _name(head[2], stem)
        return Split(head[1], name, state, body, end, quoted + self.comments, len(quoted) + heads,
                     {key: value.strip() for key, value in _META.findall(before.text)})

    def head(self):
        """The line that names dialect and test, and where the next begins."""
        at = len(self.text) - len(self.text.lstrip())
        end = self.text.find("\n", at)
        end = len(self.text) if end < 0 else end
        found = _HEAD.fullmatch(self.text, at, end)
        if not found:
            self.fail(at, "the first line of a litmus file is the dialect and the test's name, "
                      f"like 'C MP+wmb+rmb', not '{self.text[at:end][:40]}'")
        return found, end

    # ---- sections ----

    def begin(self, at):
        self.pieces = []
        self.start = self.kept = at

    def drop(self, begin, end):
        """A comment from @begin to @end: its lines stay, its text goes to the comments."""
        self.pieces.append(self.text[self.kept:begin])
        self.pieces.append(" " + "\n" * self.text.count("\n", begin, end))
        self.comments.append(self.text[begin:end])
        self.kept = end

    def finish(self, end):
        self.pieces.append(self.text[self.kept:end])
        return Section("".join(self.pieces), self.line(self.start))

    # ---- the walk ----

    def marks(self, at, ocaml=lambda: True, c=True):
        """(mark, offset) of each brace and word from @at on that no comment holds."""
        while found := _MARK.search(self.text, at):
            mark, at = found[0], found.end()
            if mark == "(*" and ocaml():
                at = self.skip(found.start(), self.ocaml_end(at))
            elif mark == "/*" and c:
                at = self.skip(found.start(), self.find("*/", found, "this comment") + 2)
            elif mark == "//" and c:
                at = self.skip(found.start(), self.find("\n", found, ""))
            elif mark == '"':
                at = self.find('"', found, "this string") + 1
                self.comments.append(self.text[found.end():at - 1])
            else:
                yield mark, found.start()

    def skip(self, begin, end):
        self.drop(begin, end)
        return end

    def find(self, what, found, name):
        """Offset of @what behind the match @found; the end where it may be missing (no @name)."""
        at = self.text.find(what, found.end())
        if at < 0 and name:
            self.fail(found.start(), f"nothing closes {name}: {what} expected")
        return len(self.text) if at < 0 else at

    def ocaml_end(self, at):
        """Where a comment ends whose "(*" ends at @at: they nest."""
        depth, begin = 1, at - 2
        while depth:
            found = _OCAML.search(self.text, at)
            if not found:
                self.fail(begin, "nothing closes this comment: *) expected")
            depth += 1 if found[0] == "(*" else -1
            at = found.end()
        return at

    def scan(self, at, wanted, name):
        """Offset of the next @wanted; with None: passes all comments up to the end."""
        for mark, where in self.marks(at):
            if mark == wanted:
                return where
        if wanted:
            self.fail(len(self.text.rstrip()), f"the file ends where {name} was expected")
        return len(self.text)

    def state_end(self, at):
        depth, begin = 1, at
        for mark, where in self.marks(at):
            depth += {"{": 1, "}": -1}.get(mark, 0)
            if not depth:
                return where
        return self.fail(begin, "nothing closes the initial state: '}' expected")

    def program_end(self, at, is_c):
        """Offset of the first word of the end, which stands outside of all bodies."""
        opened = []
        for mark, where in self.marks(at, lambda: not (is_c and opened), is_c):
            if mark == "{":
                opened.append(where)
            elif mark == "}":
                if not opened:
                    self.fail(where, "'}' closes nothing here")
                opened.pop()
            elif mark[-1].isalpha():
                if not opened:
                    return where
                if "exists" in mark or mark == "forall":
                    self.fail(where, f"'{mark.strip()}' inside of the body that begins on line "
                              f"{self.line(opened[0])}: '}}' expected before it")
        if opened:
            self.fail(opened[-1], "nothing closes this body: '}' expected")
        return len(self.text)


def _name(rest, stem):
    """(name, [doc]) of what follows the dialect; @stem where there is none, as for herd7's "--"."""
    rest = (rest or "")[:1000]
    quoted = re.findall(r'"([^"]*)"|\(\*(.*?)\*\)', rest)
    words = re.sub(r'".*|\(\*.*|//.*|/\*.*', "", rest).split()
    name = words[0] if words and words[0] != "--" else stem
    return name, [one or other for one, other in quoted]
