# SPDX-License-Identifier: GPL-2.0-only
"""A thread's C, as pycparser's tree, to statements of the form. What addresses may be where is not
known here: flow.py completes the types."""

from __future__ import annotations

import difflib

from pycparser import c_ast

from .faults import Malformed
from .ir import (Assign, Address, Binary, Call, Cast, Choice, Const, Deref, Do, If, Local, Shared,
                 Thread, Unary, acts)
from .primitives import PLACE, PRIMITIVES, VALUE, KINDS
from .types import from_words

MAX_DEPTH = 100  # of expressions and statements in each other
_OPERATORS = frozenset("+ - * / % & | ^ << >> == != < <= > >= && ||".split())
_CONSTANTS = {"NULL": 0, "true": 1, "false": 0}
_TRANSPARENT = ("likely", "unlikely")
_REFUSED = {
    "While": "a loop; herd7 unrolls it, a run here may not end: an 'if' or a filter expected",
    "DoWhile": "a loop; herd7 unrolls it, a run here may not end: an 'if' or a filter expected",
    "For": "a loop; herd7 unrolls it, a run here may not end: an 'if' or a filter expected",
    "Switch": "a switch; 'if' expected", "Goto": "a goto; 'if' expected",
    "Label": "a label; 'if' expected", "Return": "a return; a thread ends at its '}'",
    "Break": "a break, but there are no loops", "Continue": "a continue, but there are no loops",
    "StructRef": "a member of a struct; shared variables are scalars and arrays of them",
    "ExprList": "a comma between expressions; a statement each expected",
    "InitList": "a list of initial values; one value expected",
    "CompoundLiteral": "a compound literal; a value expected",
}
# How names of C11 and of GCC begin, with what Linux has for it.
_C11 = {"atomic_load": "READ_ONCE() or smp_load_acquire()",
        "atomic_store": "WRITE_ONCE() or smp_store_release()",
        "atomic_thread_fence": "smp_mb()", "atomic_exchange": "xchg()",
        "atomic_compare_exchange": "cmpxchg()", "__atomic": "Linux's name, like xchg(),",
        "__sync": "Linux's name, like xchg(),"}


def lower(source):
    """The Thread of a Source. Its locals have the types that were declared, or int; a Local may be
    one that nothing declares, which reads as 0, as herd7 has it."""
    return _Lowering(source).thread()


def pointed(source):
    """{parameter: the Type that it points to} of a Source."""
    found = {}
    for param in source.params:
        what = _declared(param, source.line_of(param))
        if what is None:
            continue
        if not param.name:
            raise Malformed(source.line_of(source.body), f"a parameter of P{source.number} has no "
                            "name; that of a shared variable expected")
        if not what.stars:
            raise Malformed(source.line_of(param), f"{param.name} is no pointer; a thread gets "
                            f"addresses of shared variables, like 'int *{param.name}'")
        if param.name in found:
            raise Malformed(source.line_of(param), f"two parameters are named {param.name}")
        found[param.name] = type(what)(what.base, what.stars - 1, what.unsigned)
    return found


def _declared(node, line):
    """The Type of a declaration; None for the parameter list (void)."""
    stars, what = 0, node.type
    while isinstance(what, (c_ast.PtrDecl, c_ast.ArrayDecl)):
        if isinstance(what, c_ast.ArrayDecl) and not isinstance(node, c_ast.Decl):
            raise Malformed(line, "an array; a scalar or a pointer expected")
        stars += 1
        what = what.type
    kind = getattr(what, "type", None)
    if isinstance(what, c_ast.TypeDecl) and isinstance(kind, (c_ast.IdentifierType, c_ast.Struct)):
        words = kind.names if isinstance(kind, c_ast.IdentifierType) else [kind.name or "struct"]
        if words == ["void"] and not stars:
            return None
        try:
            return from_words(words, stars)
        except ValueError as error:
            raise Malformed(line, str(error)) from None
    raise Malformed(line, "a type like int, or a pointer to one, expected")


class _Lowering:
    """Of one thread."""

    def __init__(self, source):
        self.source = source
        self.params = pointed(source)
        self.locals = {}
        self.init = {}
        self.depth = 0
        self.before = []  # assignments inside of the expression at hand
        self.guarded = 0  # inside of && || ?: an assignment cannot move before the expression
        assigned = _Assigned()
        assigned.visit(source.body)
        for name in assigned.names & set(self.params):
            what = self.params[name]
            self.locals[name] = type(what)(what.base, what.stars + 1, what.unsigned)
            self.init[name] = Address(name)

    def thread(self):
        body = self.statements(self.source.body)
        return Thread(self.source.number, list(self.params), self.locals, self.init, body)

    def fail(self, node, text):
        raise Malformed(self.source.line_of(node), f"P{self.source.number}: {text}")

    def visit(self, node):
        """What the method of the node's kind makes of it."""
        name = type(node).__name__
        method = getattr(self, name, None)
        if method is None:
            self.fail(node, _REFUSED.get(name, f"{name}: a statement of the litmus dialect or a "
                                         "value expected"))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(node, f"more than {MAX_DEPTH} levels of expressions and statements")
        made = method(node)
        self.depth -= 1
        return made

    # ---- statements: lists of them ----

    def statements(self, node):
        """Of a statement, or of none."""
        if node is None:
            return []
        kinds = (c_ast.Compound, c_ast.If, c_ast.Decl, c_ast.EmptyStatement, c_ast.DeclList)
        if isinstance(node, kinds) or not hasattr(self, type(node).__name__):
            return self.visit(node)
        if isinstance(node, c_ast.Assignment):
            return self.flushed([self.assignment(node)])
        if isinstance(node, c_ast.UnaryOp) and node.op.strip("p") in ("++", "--"):
            return self.flushed([self.step(node)])
        value = self.visit(node)
        effect = [Do(value, self.source.line_of(node))] if acts(value) else []
        return self.flushed(effect)

    def flushed(self, stmts):
        """Behind the assignments that their expressions held."""
        before, self.before = self.before, []
        return before + stmts

    def Compound(self, node):
        return [stmt for item in node.block_items or [] for stmt in self.statements(item)]

    def EmptyStatement(self, _node):
        return []

    def If(self, node):
        cond = self.value(node.cond)
        before = self.flushed([])
        return before + [If(cond, self.statements(node.iftrue), self.statements(node.iffalse),
                            self.source.line_of(node))]

    def Decl(self, node):
        line = self.source.line_of(node)
        if isinstance(node.type, (c_ast.ArrayDecl, c_ast.FuncDecl)) or not node.name:
            self.fail(node, "a local is a scalar or a pointer")
        what = _declared(node, line)
        if what is None or what.base in ("spinlock_t", "srcu_struct") and not what.stars:
            self.fail(node, f"{node.name}: a local is a scalar or a pointer")
        if node.name in self.params:
            self.fail(node, f"{node.name} is a parameter, too; another name expected")
        known = self.locals.get(node.name)
        self.locals[node.name] = what if known is None or what.stars > known.stars else known
        if node.init is None:
            return []
        value = self.value(node.init)
        return self.flushed([Assign(Local(node.name), value, line)])

    def assignment(self, node):
        """The Assign of a tree a = b, a += b."""
        value = self.value(node.rvalue)
        target = self.target(node.lvalue)
        if node.op != "=":
            value = Binary(self.operator(node, node.op[:-1]), target, value)
        return Assign(target, value, self.source.line_of(node))

    def step(self, node):
        """The Assign of a++ or --a whose value nobody takes."""
        target = self.target(node.expr)
        op = "+" if "+" in node.op else "-"
        return Assign(target, Binary(op, target, Const(1)), self.source.line_of(node))

    def target(self, node):
        target = self.visit(node)
        if not isinstance(target, (Local, Deref)):
            self.fail(node, "what is assigned to is a local or a place in memory, like r1 or *x")
        if isinstance(target, Local) and target.name not in self.locals:
            self.locals[target.name] = from_words(["int"])
        return target

    # ---- expressions ----

    def value(self, node):
        """An expression that has a value."""
        made = self.visit(node)
        if isinstance(made, Call) and not PRIMITIVES[made.name].result:
            self.fail(node, f"{made.name}() has no value")
        return made

    def Assignment(self, node):
        """Inside of an expression: it happens before, its value is the target's."""
        if self.guarded:
            self.fail(node, "an assignment behind '&&', '||' or '?'; a statement of its own "
                      "expected")
        assign = self.assignment(node)
        self.before.append(assign)
        return assign.target

    def ID(self, node):
        if node.name in self.locals or node.name not in self.params:
            if node.name in _CONSTANTS and node.name not in self.locals:
                return Const(_CONSTANTS[node.name])
            return Local(node.name)
        return Shared(node.name)

    def Constant(self, node):
        if node.type == "char" and len(node.value) == 3:
            return Const(ord(node.value[1]))
        digits = node.value.rstrip("uUlL")
        if "int" not in node.type or len(digits) > 66:
            self.fail(node, f"{node.value[:40]}: a whole number of 64 bits expected")
        octal = len(digits) > 1 and digits[0] == "0" and digits.isdigit()
        try:
            value = int(digits, 8 if octal else 0)
        except ValueError:
            self.fail(node, f"{node.value}: a number expected")
        if value >> 64:
            self.fail(node, f"{node.value} does not fit 64 bits")
        return Const(value - (1 << 64) if value >> 63 else value)

    def UnaryOp(self, node):
        if node.op == "&":
            return self.address(node)
        if node.op == "*":
            return Deref(self.value(node.expr))
        if node.op == "+":
            return self.value(node.expr)
        if node.op not in ("-", "!", "~"):
            self.fail(node, f"'{node.op.strip('p')}' inside of an expression is not taken")
        value = self.value(node.expr)
        if node.op == "-" and isinstance(value, Const):
            return Const(-value.value)
        return Unary(node.op, value)

    def address(self, node):
        place = self.visit(node.expr)
        if isinstance(place, Deref):
            return place.pointer
        name = place.var if isinstance(place, Shared) else getattr(place, "name", "it")
        return self.fail(node, f"'&{name}': " + (
            f"a thread has addresses of shared variables as parameters; {name} expected"
            if isinstance(place, Shared) else "a local has no address here"))

    def ArrayRef(self, node):
        base = self.value(node.name)
        if isinstance(base, Local) and not getattr(self.locals.get(base.name), "stars", 0):
            self.fail(node, f"{base.name} is no array and no pointer")
        return Deref(Binary("+", base, self.value(node.subscript)))

    def operator(self, node, op):
        if op not in _OPERATORS:
            self.fail(node, f"the operator '{op}' is not taken")
        return op

    def BinaryOp(self, node):
        op = self.operator(node, node.op)
        left = self.value(node.left)
        self.guarded += op in ("&&", "||")
        right = self.value(node.right)
        self.guarded -= op in ("&&", "||")
        return Binary(op, left, right)

    def TernaryOp(self, node):
        cond = self.value(node.cond)
        self.guarded += 1
        choice = Choice(cond, self.value(node.iftrue), self.value(node.iffalse))
        self.guarded -= 1
        return choice

    def Cast(self, node):
        what = _declared(node.to_type, self.source.line_of(node))
        return self.visit(node.expr) if what is None else Cast(what, self.value(node.expr))

    # ---- primitives ----

    def FuncCall(self, node):
        name = node.name.name if isinstance(node.name, c_ast.ID) else "?"
        args = node.args.exprs if node.args else []
        if name in _TRANSPARENT and len(args) == 1:
            return self.value(args[0])
        primitive = PRIMITIVES.get(name)
        if primitive is None:
            self.fail(node, _unknown(name))
        if len(args) != len(primitive.args):
            self.fail(node, f"{name}() takes {primitive.takes()}; {len(args)} given")
        return Call(name, tuple(self.argument(name, kind, arg)
                                for kind, arg in zip(primitive.args, args)))

    def argument(self, name, kind, node):
        """One of a primitive: a value, or a Deref for memory, whether Linux takes place or address.
        """
        value = self.value(node)
        if kind == VALUE:
            return value
        if kind != PLACE:
            return Deref(value)
        if isinstance(value, Deref):
            return value
        if isinstance(value, Shared):  # herd7 takes the address for the place
            return Deref(value)
        return self.fail(node, f"{name}() takes {KINDS[PLACE]}")


class _Assigned(c_ast.NodeVisitor):
    """Names that a body assigns to without declaring them."""

    def __init__(self):
        self.names = set()

    def _note(self, target):
        if isinstance(target, c_ast.ID):
            self.names.add(target.name)

    def visit_Assignment(self, node):
        self._note(node.lvalue)
        self.generic_visit(node)

    def visit_UnaryOp(self, node):
        if node.op.strip("p") in ("++", "--"):
            self._note(node.expr)
        self.generic_visit(node)


def _unknown(name):
    """What to say of a function that is no primitive."""
    for begin, instead in _C11.items():
        if name.startswith(begin):
            return f"{name}() is of C11 or GCC; {instead} expected"
    if name.endswith("_explicit"):
        return f"{name}() is of C11; {name.removesuffix('_explicit')}() expected"
    near = difflib.get_close_matches(name, PRIMITIVES, 1)
    hint = f" ({near[0]}() is)" if near else ""
    return f"{name}() is no primitive of Linux that is known here{hint}"
