# SPDX-License-Identifier: GPL-2.0-only
"""A thread of a program as the C text of a litmus body, in the words of tests/litmus/file.h.

Names of locals and variables do not come into the text, so that threads that do the same in
different files are one body. Each local is a C long that is cut to its type where it is assigned;
where it is used, the compiler does not know what it holds (FILE_USE).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import ir, packed
from .emit_key import PACKED_BITS, Unfit, scalar
from .primitives import ACQUIRE, MB, ONCE, PRIMITIVES, RELEASE

ORDERS = {ONCE: "_relaxed", ACQUIRE: "_acquire", RELEASE: "_release", MB: ""}
FENCES = {"smp_mb__after_spinlock": "smp_mb", "smp_mb__after_unlock_lock": "smp_mb",
          "smp_mb__after_srcu_read_unlock": "smp_mb"}
RMW = {"xchg", "cmpxchg", "op", "op_return", "fetch_op", "op_test", "op_negative", "add_unless",
       "inc_not_zero", "fetch_add_unless", "dec_if_positive"}
SHORT = {"&&": "file_both", "||": "file_either"}
SLEEPS = {"rcu_sync", "srcu_sync"}


@dataclass
class Body:
    """text: the function's, without its head; variables: by their number in the body."""

    text: str
    variables: list[str]
    nr_words: int
    sleeps: bool


def c_type(type_):
    size, unsigned = scalar(type_)
    return f"{'u' if unsigned else 's'}{8 * size}"


def c_number(value):
    value = (value + (1 << 63)) % (1 << 64) - (1 << 63)
    if value == -(1 << 63):
        return "(-0x7fffffffffffffffL - 1)"
    return f"{value}L" if value >= 0 else f"({value}L)"


class Writer:
    """Writes the body of one thread. @registers: the locals that are observed, in this order.
    @needs: extensions of the ISA that the assembler shall know. @leave_out: "fences". @kind: how
    the registers are kept: "words", "packed", or "perpetual": iterations in the same cells, of
    which iteration n stores n + 1 where the program stores a constant
    (tests/litmus/perpetual_gen.py). @widths: bytes of a cell, by variable."""

    def __init__(self, thread, registers, needs=(), leave_out=(), kind="words", widths=None):
        self.thread, self.registers, self.leave_out = thread, registers, leave_out
        self.kind = kind
        self.needs, self.widths = sorted(needs), widths or {}
        self.variables, self.locals = [], {name: f"r{n}" for n, name in enumerate(thread.locals)}
        self.lines, self.indent, self.arms = [], 2, 0
        self.rcu = self.sleeps = False

    # ---- names ----

    def cell(self, var):
        """The C variable with the address of a shared one."""
        if var not in self.variables:
            self.variables.append(var)
        return f"c{self.variables.index(var)}"

    def value(self, v):
        """Of an initial state."""
        if not isinstance(v, ir.Address):
            return c_number(v or 0)
        return self.cell(v.var) + (f" + {v.index * self.widths[v.var]}" if v.index else "")

    # ---- expressions: C texts of type long ----

    def expr(self, e):
        return getattr(self, "_" + type(e).__name__.lower())(e)

    def _const(self, e):
        return "(long)(i + 1)" if self.kind == "perpetual" else c_number(e.value)

    def _local(self, e):
        if e.name in self.locals:
            return f"FILE_USE({self.locals[e.name]})"
        return self.cell(e.name)

    def _shared(self, e):
        return self.cell(e.var)

    def _deref(self, e):
        return f"(long){self.place(e)}"

    def _unary(self, e):
        return f"(long)({e.op}({self.expr(e.of)}))"

    def _binary(self, e):
        left, right = self.operand(e, e.left), self.operand(e, e.right)
        if e.op in ("/", "%"):
            return f"file_{'divide' if e.op == '/' else 'modulo'}({left}, {right})"
        if e.op in SHORT and not ir.acts(e.right):
            return f"{SHORT[e.op]}({left}, {right})"
        if e.op in ("<<", ">>"):
            right = f"({right} & 63)"
        return f"(long)({left} {e.op} {right})"

    def operand(self, e, side):
        """A number by which the other side could be folded away is one that nobody knows."""
        text = self.expr(side)
        return f"FILE_USE({text})" if isinstance(side, ir.Const) and e.op in "&|*/%<<>>" else text

    def _choice(self, e):
        cond, then, other = self.expr(e.cond), self.expr(e.then), self.expr(e.other)
        if ir.acts(e.then) or ir.acts(e.other):
            return f"({cond} ? {then} : {other})"
        return f"file_choice({cond}, {then}, {other})"

    def _cast(self, e):
        return f"(long)({c_type(e.type)})({self.expr(e.of)})"

    def is_fixed(self, e):
        """Does the address follow from no local?"""
        if isinstance(e, ir.Binary):
            return self.is_fixed(e.left) and self.is_fixed(e.right) or packed.is_zero(e)
        if isinstance(e, ir.Local):
            return e.name not in self.locals
        return isinstance(e, ir.Shared | ir.Const)

    def address(self, e):
        """Of a Deref."""
        text = self.expr(e.pointer)
        return text if self.is_fixed(e.pointer) else f"file_address({text}, a, i)"

    def place(self, e):
        """Of a Deref, as an lvalue."""
        return f"FILE_CELL({c_type(e.type)}, {self.address(e)})"

    # ---- primitives ----

    def _call(self, e):
        p = PRIMITIVES[e.name]
        if p.does in RMW:
            return self.atomic(p, e)
        self.sleeps |= p.does in SLEEPS
        self.rcu |= p.does.startswith("rcu_") or p.does == "srcu_sync"
        return getattr(self, "do_" + p.does)(p, *e.args)

    def do_load(self, p, what):
        if p.order == ACQUIRE:
            return f"(long)smp_load_acquire(&{self.place(what)})"
        name = "rcu_dereference" if "dereference" in p.name else "READ_ONCE"
        return f"(long){name}({self.place(what)})"

    def do_store(self, p, what, value):
        value = f"({c_type(what.type)})({self.expr(value)})"
        if p.order == RELEASE:
            return f"smp_store_release(&{self.place(what)}, {value})"
        return f"WRITE_ONCE({self.place(what)}, {value})"

    def do_store_mb(self, p, what, value):
        return f"{self.do_store(p, what, value)}; {self.fence('smp_mb')}"

    def fence(self, name):
        return "barrier()" if "fences" in self.leave_out else f"{FENCES.get(name, name)}()"

    def do_fence(self, p):
        return self.fence(p.name)

    def do_lock(self, p, what):
        return f"file_lock({self.address(what)}, a, i)"

    def do_unlock(self, p, what):
        return f"file_unlock({self.address(what)})"

    def do_trylock(self, p, what):
        return f"file_trylock({self.address(what)})"

    def do_islocked(self, p, what):
        return f"file_is_locked({self.address(what)})"

    def do_unlock_wait(self, p, what):
        return f"file_unlock_wait({self.address(what)}, a, i)"

    def do_rcu_lock(self, p):
        return "file_rcu_lock(&rcu)"

    def do_rcu_unlock(self, p):
        return "file_rcu_unlock(&rcu, a, i)"

    def do_rcu_sync(self, p):
        return f"file_rcu_sync({'true' if 'expedited' in p.name else 'false'}, rcu, a, i)"

    def do_srcu_lock(self, p, what):
        return f"file_srcu_lock({self.address(what)})"

    def do_srcu_unlock(self, p, what, index):
        return f"file_srcu_unlock({self.address(what)}, {self.expr(index)})"

    def do_srcu_sync(self, p, what):
        return f"file_srcu_sync({self.address(what)}, rcu, a, i)"

    def atomic(self, p, e):
        """A read-modify-write: the cell is the argument that is a place, the others are values."""
        what = next(x for x in e.args if isinstance(x, ir.Deref))
        values = [f"({c_type(what.type)})({self.expr(x)})" for x in e.args if x is not what]
        if scalar(what.type)[0] < 4:
            raise Unfit(f"{p.name} of {8 * scalar(what.type)[0]} bits: there is none of less than "
                        "32 bits here")
        if p.operand is not None and p.op:
            values.insert(0, str(p.operand))
        place = f"&{self.place(what)}"
        if p.does in ("xchg", "cmpxchg"):
            return f"(long){p.does}{ORDERS[p.order]}({place}, {', '.join(values)})"
        if p.does in ("add_unless", "fetch_add_unless", "inc_not_zero", "dec_if_positive"):
            return self.conditional(p, place, values)
        if p.does in ("op", "fetch_op"):
            return f"(long){self.fetch(p, place, values[0])}"
        new = f"FILE_NEW({c_type(what.type)}, {self.fetch(p, place, '__by')}, {p.op}, {values[0]})"
        return {"op_return": f"(long){new}", "op_test": f"(long)({new} == 0)",
                "op_negative": f"(long)({new} < 0)"}[p.does]

    def fetch(self, p, place, value):
        """The old value; the value stands once, as it may be an access."""
        order = ORDERS[p.order]
        if p.op in "+-":
            return f"fetch_add{order}({place}, {'-' if p.op == '-' else ''}({value}))"
        return f"FILE_FETCH_OP({order}, {place}, {p.op[0]}, {'~' * (len(p.op) - 1)}({value}))"

    def conditional(self, p, place, values):
        if p.does == "dec_if_positive":
            return f"((long)FILE_ADD_UNLESS({place}, -1, <=, 0, __old) - 1)"
        unless = values[1] if len(values) > 1 else "0"
        result = "__old" if p.does == "fetch_add_unless" else "__old != __limit"
        return f"(long)FILE_ADD_UNLESS({place}, {values[0]}, ==, {unless}, {result})"

    # ---- statements ----

    def put(self, text):
        self.lines.append("\t" * self.indent + text)

    def block(self, statements):
        for s in statements:
            getattr(self, "do_" + type(s).__name__.lower())(s)

    def do_assign(self, s):
        value = self.expr(s.value)
        if isinstance(s.target, ir.Deref):
            self.put(f"{self.place(s.target)} = {value};")
        elif s.target.name in self.locals:
            cut = c_type(self.thread.locals[s.target.name])
            self.put(f"{self.locals[s.target.name]} = ({cut})({value});")

    def do_do(self, s):
        text = self.expr(s.what)
        self.put(f"{'(void)' if text.startswith(('(', 'FILE_')) else ''}{text};")

    def do_if(self, s):
        self.put(f"if (FILE_USE({self.expr(s.cond)})) {{")
        self.arm(s.then)
        self.put("} else {")
        self.arm(s.other)
        self.put("}")

    def arm(self, statements):
        self.arms += 1
        self.indent += 1
        self.put(f"FILE_ARM({self.arms});")
        self.block(statements)
        self.indent -= 1

    # ---- assembly ----

    def assembly(self):
        """The whole thread as one asm, so that the compiler puts nothing in between."""
        for instruction in self.thread.body:
            self.put(f'\t"{self.template(instruction.text)}\\n"')
        outs = ", ".join(f'[{c}] "+&{self.thread.constraints.get(name, "r")}"({c})'
                         for name, c in self.locals.items())
        named = {var for instruction in self.thread.body
                 for var in re.findall(r"\{a:([\w.$]+)\}", instruction.text)}
        ins = ", ".join(f'[{self.cell(var)}] "r"({self.cell(var)})' for var in sorted(named))
        known = [f'\t\t\t".arch_extension {n}\\n"' for n in self.needs]
        self.lines = ["\t\t__asm__ __volatile__(", *known, *self.lines]
        self.put(f"\t: {outs}")
        self.put(f"\t: {ins}")
        self.put('\t: "memory", "cc");')
        for name, c in self.locals.items():
            self.put(f"{c} = ({c_type(self.thread.locals[name])}){c};")

    def template(self, text):
        def operand(m):
            kind, name = m[1], m[2]
            if kind == "a":
                return f"%[{self.cell(name)}]"
            if kind == "l":
                return f".L{name}_%="
            return f"%{'' if kind == 'r' else kind}[{self.locals[name]}]"
        text = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
        return re.sub(r"\{(\w+):([\w.]+)\}", operand, text)

    # ---- the whole ----

    def body(self):
        inits = [f"{c} = {self.value(self.thread.init.get(name))}"
                 for name, c in self.locals.items()]
        if self.thread.body and isinstance(self.thread.body[0], ir.Instruction):
            self.assembly()
        else:
            self.block(self.thread.body)
        text = "\n".join([*self.head(), *self.begin(inits), *self.lines, *self.end()])
        return Body(text, self.variables, len(self.registers), self.sleeps)

    def head(self):
        out = ["{", "\tunsigned long i;"]
        if self.kind != "perpetual":
            out.append("\tconst unsigned long stride = a->stride;")
        out += [f"\tlong c{n} = (long)litmus_cell(a, {n}, first);"
                for n in range(len(self.variables))]
        if self.registers:
            out.append({"words": f"\tlong *out = (long *)a->out + first * {len(self.registers)};",
                        "packed": "\tu8 *out = a->out;",
                        "perpetual": "\tu64 *out = (u64 *)a->out;"}[self.kind])
        return [*out, "", "\tLITMUS_LOOP(i, first, end)", "\t{"]

    def begin(self, inits):
        out = [f"\t\tlong {', '.join(inits)};"] if inits else []
        return out + (["\t\tunsigned int rcu = 0;"] if self.rcu else []) + [""]

    def end(self):
        out = ["\t\tfile_rcu_leave(rcu);"] if self.rcu else []
        out += self.keep() if self.registers else []
        if self.kind != "perpetual":
            out += [f"\t\tc{n} += stride;" for n in range(len(self.variables))]
        return [*out, "\t}", "}", ""]

    def keep(self):
        """What the registers hold, for the tally."""
        names = [self.locals[r] for r in self.registers]
        if self.kind == "words":
            return [*(f"\t\tout[{n}] = {c};" for n, c in enumerate(names)),
                    f"\t\tout += {len(names)};"]
        if self.kind == "packed":
            parts = [f"{c} << {PACKED_BITS * n}" if n else c for n, c in enumerate(names)]
        else:
            parts = [f"(u64)(u32){c} << {32 * n}" if n else f"(u32){c}"
                     for n, c in enumerate(names)]
        return [f"\t\tout[i] = {' | '.join(parts)};"]
