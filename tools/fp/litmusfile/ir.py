# SPDX-License-Identifier: GPL-2.0-only
"""What a litmus file means, whatever its dialect: the form between the readers of files
(reader.py and what it calls) and the writers of code (emit*.py).

A program has shared variables, which every instance of a race has of its own, and threads. A thread
of the C dialect is a tree of statements, one of an assembly dialect a list of instructions. Names
of primitives are the Linux kernel's (tools/memory-model/linux-kernel.def); primitives.py knows
their arguments, kinds and results.

Nothing here knows of files, processes or machines. A reader hands over only what is sound: each
name is declared, each primitive exists and has the right number and kinds of arguments, each
register of a condition is one of its thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field

# ---- types ----


@dataclass(frozen=True)
class Type:
    """Of a variable or a local: a scalar, or what it points to.

    base: "char" ... "long", "u8" ... "s64", "atomic_t", "atomic64_t", "spinlock_t", "srcu_struct";
    of a struct that only wraps what the tests need, its member's. stars: levels of pointer.
    """

    base: str
    stars: int = 0
    unsigned: bool = False


@dataclass(frozen=True)
class Address:
    """Of shared variable @var, as a value: in initial states, conditions and expressions."""

    var: str
    index: int = 0


Value = int | Address


@dataclass
class Variable:
    """Shared: a cell in each instance; @length > 1 for an array."""

    name: str
    type: Type
    init: list[Value]
    length: int = 1


# ---- expressions of the C dialect ----
#
# They are computed in signed words of 64 bits, as herd7 does. An assignment or a store cuts to the
# type of the local or the cell, a load extends by it. An address is such a word: what may hold one
# has stars, whatever the file declares. Sums of addresses are in bytes: a reader has scaled them.


@dataclass(frozen=True)
class Const:
    value: int


@dataclass(frozen=True)
class Local:
    """A local of the thread; a parameter, too, where the body assigns to it."""

    name: str


@dataclass(frozen=True)
class Shared:
    """The address of a shared variable: &x, a parameter x, or an array's name."""

    var: str


@dataclass(frozen=True)
class Deref:
    """*pointer: as an lvalue the argument of a primitive; as a value a plain access.

    type: of the cell that is accessed, so its width.
    """

    pointer: Expr
    type: Type = Type("int")


@dataclass(frozen=True)
class Unary:
    op: str  # - ! ~
    of: Expr


@dataclass(frozen=True)
class Binary:
    op: str  # + - * / % & | ^ << >> == != < <= > >= && ||
    left: Expr
    right: Expr


@dataclass(frozen=True)
class Choice:
    """cond ? then : other"""

    cond: Expr
    then: Expr
    other: Expr


@dataclass(frozen=True)
class Cast:
    type: Type
    of: Expr


@dataclass(frozen=True)
class Call:
    """A primitive, by its name in Linux; arguments as Linux takes them."""

    name: str
    args: tuple[Expr, ...]


Expr = Const | Local | Shared | Deref | Unary | Binary | Choice | Cast | Call


def acts(expr):
    """Does an expression do more than have a value: does it access memory or call?"""
    if isinstance(expr, Call | Deref):
        return True
    parts = (getattr(expr, key, None) for key in ("of", "left", "right", "cond", "then", "other"))
    return any(acts(part) for part in parts if part is not None)


# ---- statements of the C dialect; line: where it stands in the file ----


@dataclass
class Assign:
    """target = value, where target is a local, or an access to memory without a primitive."""

    target: Local | Deref
    value: Expr
    line: int = 0


@dataclass
class Do:
    """An expression for what it does: a fence, a store, a lock."""

    what: Expr
    line: int = 0


@dataclass
class If:
    cond: Expr
    then: list[Stmt]
    other: list[Stmt]
    line: int = 0


Stmt = Assign | Do | If


@dataclass
class Instruction:
    """Of an assembly dialect, as GNU as reads it, or a label. In @text stand {m:NAME} for register
    NAME with GCC's operand modifier m ({r:NAME}: with none), {a:VAR} for a register that holds the
    address of the variable, {l:LABEL} for a label, which is the thread's own."""

    text: str
    line: int = 0


@dataclass
class Thread:
    """@locals by name; @init: their values at the start; one that is not named there reads as 0."""

    number: int
    params: list[str]  # of the C dialect: shared variables that it names
    locals: dict[str, Type]
    init: dict[str, Value]
    body: list[Stmt] | list[Instruction]
    # Of an assembly dialect: registers that must be one of the machine's, as GCC's constraint.
    constraints: dict[str, str] = field(default_factory=dict)


# ---- conditions ----


@dataclass(frozen=True)
class Place:
    """What a condition speaks of: register @name of thread @thread, or a variable's last value."""

    thread: int | None
    name: str
    index: int = 0

    def __str__(self):
        name = f"{self.name}[{self.index}]" if self.index else self.name
        return name if self.thread is None else f"{self.thread}:{name}"


@dataclass(frozen=True)
class Equals:
    """place = value; place != value; or between two places."""

    place: Place
    value: Value | Place
    negated: bool = False


@dataclass(frozen=True)
class Not:
    of: Cond


@dataclass(frozen=True)
class And:
    parts: tuple[Cond, ...]


@dataclass(frozen=True)
class Or:
    parts: tuple[Cond, ...]


@dataclass(frozen=True)
class Truth:
    value: bool


Cond = Equals | Not | And | Or | Truth


@dataclass
class Program:
    """A whole file. What a condition, filter or "locations" names is observed."""

    name: str
    dialect: str  # "C", "AArch64", "RISCV", "PPC", "X86_64"
    path: str
    variables: list[Variable]
    threads: list[Thread]
    quantifier: str  # "exists", "~exists", "forall"
    condition: Cond
    condition_text: str  # as in the file, on one line
    filter: Cond | None = None
    locations: list[Place] = field(default_factory=list)
    result: str | None = None  # of a line "Result:" in a comment: Never, Sometimes, Always
    doc: str = ""
    meta: dict[str, str] = field(default_factory=dict)  # lines "Key=value" between name and state
    needs: set[str] = field(default_factory=set)  # parts of the ISA that a CPU may lack: "lse"
    result_note: str = ""  # what follows the result's word: DATARACE and the like
    notes: list[str] = field(default_factory=list)  # of what is accepted and looks like a mistake
