# SPDX-License-Identifier: GPL-2.0-only
"""Litmus files of the C dialect: what the reader makes of each construct."""
import os
import subprocess
import sys

import pytest
from conftest import TOOL
from fp.litmusfile import reader
from fp.litmusfile.ir import (Address, And, Assign, Binary, Call, Cast, Choice, Const, Deref, Do,
                              Equals, If, Local, Not, Or, Place, Shared, Truth, Type, Unary)
from fp.litmusfile.primitives import PRIMITIVES, VALUE

INT = Type("int")
X, Y = Deref(Shared("x"), INT), Deref(Shared("y"), INT)
READ_X = Call("READ_ONCE", (X,))


def read(text, path="some/dir/T.litmus"):
    return reader.read_text(text, path)


def body(text, params="int *x, int *y", state="", end="exists (x=1)"):
    """The statements of a program of one thread."""
    return read(f"C T\n{{{state}}}\nP0({params})\n{{\n{text}\n}}\n{end}\n").threads[0].body


def end(text, threads="P0(int *x, int *y) { int r0; r0 = READ_ONCE(*x); }"):
    return read(f"C T\n{{}}\n{threads}\n{text}\n")


def variables(state, params="int *x"):
    program = read(f"C T\n{{{state}}}\nP0({params}) {{ }}\n")
    return {one.name: one for one in program.variables}


MP = """\
C MP+wmb+rmb
"a message is passed"
(*
 * Result: Never
 *
 * The fences are enough.
 *)
Cycle=Rfe PodRR Fre PodWW
{
	x=0; (* the data *)
}

P0(int *x, int *y) // writes
{
	WRITE_ONCE(*x, 1); /* exists */
	smp_wmb();
	WRITE_ONCE(*y, 1);
}

(* between threads, too *)
void P1(volatile int *x, int *y) {
	int r0;
	int r1;
	r0 = READ_ONCE(*y);
	smp_rmb();
	r1 = READ_ONCE(*x);
}

locations [x; 1:r0;]
filter (x=1)
exists (1:r0=1 /\\ (* and *) 1:r1=0)
"""


def test_a_whole_file():
    program = read(MP)
    assert (program.name, program.dialect, program.path) == ("MP+wmb+rmb", "C",
                                                             "some/dir/T.litmus")
    assert program.result == "Never" and program.result_note == ""
    assert program.doc == "a message is passed\nThe fences are enough."
    assert program.meta == {"Cycle": "Rfe PodRR Fre PodWW"}
    assert [one.name for one in program.variables] == ["x", "y"]
    first, second = program.threads
    assert first.params == ["x", "y"] and not first.locals
    assert first.body == [Do(Call("WRITE_ONCE", (X, Const(1))), 15), Do(Call("smp_wmb", ()), 16),
                          Do(Call("WRITE_ONCE", (Y, Const(1))), 17)]
    assert second.locals == {"r0": INT, "r1": INT}
    assert second.body[0] == Assign(Local("r0"), Call("READ_ONCE", (Y,)), 24)
    assert program.quantifier == "exists"
    assert program.condition == And((Equals(Place(1, "r0"), 1), Equals(Place(1, "r1"), 0)))
    assert program.condition_text == "exists (1:r0=1 /\\ 1:r1=0)"
    assert program.filter == Equals(Place(None, "x"), 1)
    assert program.locations == [Place(None, "x"), Place(1, "r0")]
    assert program.notes == []


@pytest.mark.parametrize("damage", [
    lambda text: text.replace("\n", "\r\n"), lambda text: "\ufeff" + text,
    lambda text: "\n\n" + text, lambda text: text.rstrip("\n"),
    lambda text: text.replace("\n", "\r")])
def test_ends_of_lines_and_marks_of_editors_mean_nothing(damage):
    program, plain = read(damage(MP)), read(MP)
    assert program.condition == plain.condition and program.doc == plain.doc
    assert [len(one.body) for one in program.threads] == [3, 3]


def test_bytes_that_are_no_text_are_read(tmp_path):
    path = tmp_path / "B.litmus"
    path.write_bytes(MP.encode().replace(b"passed", b"p\xe4ssed\0"))
    assert reader.read_file(path).name == "MP+wmb+rmb"


@pytest.mark.parametrize("head,name", [
    ("C MP+po-[rfi]+a/b.c", "MP+po-[rfi]+a/b.c"), ("C 123", "123"), ("C", "T"), ("C --", "T"),
    ("C\tM (* why *)", "M"), ('C M "what for"', "M"), ("C N (texname)", "N")])
def test_names(head, name):
    assert read(f"{head}\n{{}}\nP0() {{ }}\n").name == name


@pytest.mark.parametrize("comment,result", [
    ("(* Result: Sometimes *)", ("Sometimes", "")),
    ("(* Result: Never DATARACE *)", ("Never", "DATARACE")),
    ("(* a (* nested *) Result: Always *)", ("Always", "")),
    ("(* Result: Never *)\n(* Result: Always *)", ("Never", "")),
    ("// Result: Never", ("Never", "")), ("(* no result *)", (None, ""))])
def test_result(comment, result):
    program = read(f"C T\n{comment}\n{{}}\nP0() {{ }}\nexists (true)\n")
    assert (program.result, program.result_note) == result


def test_a_result_may_stand_at_the_end():
    program = read("C T\n{}\nP0() { }\nexists (true)\n(* Result: Always *)")
    assert program.result == "Always" and program.doc == ""


# ---- the initial state ----

@pytest.mark.parametrize("state,name,what,init", [
    ("", "x", INT, [0]), ("x=1;", "x", INT, [1]), ("int x", "x", INT, [0]),
    ("x=-0x10;;", "x", INT, [-16]), ("[x]=3", "x", INT, [3]),
    ("int *y = &x;", "y", Type("int", 1), [Address("x")]),
    ("y=x", "y", Type("int", 1), [Address("x")]), ("*y", "y", Type("int", 1), [0]),
    ("int *y=NULL", "y", Type("int", 1), [0]), ("y=z", "z", INT, [0]),
    ("unsigned long x = 0xffffffffffffffff", "x", Type("long", 0, True), [-1]),
    ("u8 x = 7", "x", Type("u8"), [7]), ("_Atomic int x", "x", INT, [0]),
    ("atomic_t x = ATOMIC_INIT(4);", "x", Type("atomic_t"), [4]),
    ("x = 0x123456789", "x", Type("long"), [0x123456789]), ("x=1; x=2;", "x", INT, [2]),
    ("spinlock_t l", "l", INT, [0])])
def test_initial_values(state, name, what, init):
    one = variables(state)[name]
    assert (one.type, one.init, one.length) == (what, init, 1)


def test_arrays():
    found = variables("int a[3] = {1, 2, -3}; long b[2]; int *p = &a[1]; q = b[1];")
    assert (found["a"].init, found["a"].length) == ([1, 2, -3], 3)
    assert (found["b"].init, found["b"].type) == ([0, 0], Type("long"))
    assert found["p"].init == [Address("a", 1)] and found["q"].init == [Address("b", 1)]


@pytest.mark.parametrize("params,name,what", [
    ("atomic_t *x", "x", Type("atomic_t")), ("int **x", "x", Type("int", 1)),
    ("const volatile unsigned short *x", "x", Type("short", 0, True)),
    ("intptr_t *x", "x", Type("s64")), ("char x[]", "x", Type("char")),
    ("long long *x", "x", Type("long")), ("_Bool *x", "x", Type("u8")),
    ("atomic_long_t *x", "x", Type("atomic64_t"))])
def test_parameters_say_types(params, name, what):
    assert variables("", params)[name].type == what


def test_what_the_initial_state_says_of_a_type_stands_above_a_parameter():
    assert variables("int x;", "long *x")["x"].type == INT
    assert variables("x;", "long *x")["x"].type == Type("long")


def test_the_special_type_of_several_threads_wins():
    program = read("C T\n{ x=1; }\nP0(int *x) { }\nP1(atomic_t *x) { }\nP2(int *x) { }\n")
    assert program.variables[0].type == Type("atomic_t") and program.variables[0].init == [1]


def test_registers_have_initial_values():
    program = read("C T\n{ 0:r1=x; int 0:r2=5; int *0:r3; }\n"
                   "P0(int *x) { WRITE_ONCE(*r1, r2); }\nexists (0:r3=0)")
    thread = program.threads[0]
    assert thread.init == {"r1": Address("x"), "r2": 5, "r3": 0}
    assert thread.locals == {"r1": Type("int", 1), "r2": INT, "r3": Type("int", 1)}
    assert thread.body == [Do(Call("WRITE_ONCE", (Deref(Local("r1"), INT), Local("r2"))), 3)]


# ---- the end ----

A, B, C = (Equals(Place(0, "r0"), i) for i in (1, 2, 3))


@pytest.mark.parametrize("text,cond", [
    ("exists (0:r0=1)", A), ("exists 0:r0=1", A), ("exists 0:r0 == 1;", A), ("exists P0:r0=1", A),
    ("exists (0:r0!=1)", Equals(Place(0, "r0"), 1, True)),
    ("exists (0:r0<>1)", Equals(Place(0, "r0"), 1, True)),
    ("exists (0:r0=1 /\\ 0:r0=2 /\\ 0:r0=3)", And((A, B, C))),
    ("exists (0:r0=1 \\/ 0:r0=2 /\\ 0:r0=3)", Or((A, And((B, C))))),
    ("exists (~0:r0=1 /\\ not (0:r0=2))", And((Not(A), Not(B)))), ("exists (~~0:r0=1)", A),
    ("exists (0:r0=1 => 0:r0=2)", Or((Not(A), B))),
    ("exists (0:r0=1 /\\ 0:r0=2 => 0:r0=3)", And((A, Or((Not(B), C))))),
    ("exists (true)", Truth(True)), ("exists (false)", Truth(False)),
    ("exists (x=-1)", Equals(Place(None, "x"), -1)), ("exists (x=0x1F)", Equals(Place(None, "x"),
                                                                             31)),
    ("exists ([x]=1)", Equals(Place(None, "x"), 1)),
    ("exists ( *x=1)", Equals(Place(None, "x"), 1)),
    ("exists (0:r0=x)", Equals(Place(0, "r0"), Address("x"))),
    ("exists (0:r0=&x)", Equals(Place(0, "r0"), Address("x"))),
    ("exists (0:r0=0:r0)", Equals(Place(0, "r0"), Place(0, "r0"))),
    ("exists (x=[y])", Equals(Place(None, "x"), Place(None, "y"))),
    ("exists (x={1})", And((Equals(Place(None, "x"), 1),))), ("", Truth(True))])
def test_conditions(text, cond):
    assert end(text).condition == cond


@pytest.mark.parametrize("text,quantifier", [
    ("exists (x=1)", "exists"), ("~exists (x=1)", "~exists"), ("~ exists (x=1)", "~exists"),
    ("not exists (x=1)", "~exists"), ("forall (x=1)", "forall"), ("final (x=1)", "exists"),
    ("", "forall")])
def test_quantifiers(text, quantifier):
    program = end(text)
    assert program.quantifier == quantifier
    assert program.condition_text == (text or "forall (true)")


def test_an_array_holds_its_values_in_order():
    program = read("C T\n{ int a[2]; }\nP0(int *a) { }\nexists (a={4,5})")
    assert program.condition == And((Equals(Place(None, "a"), 4), Equals(Place(None, "a", 1), 5)))


def test_locations_and_filter():
    program = end("locations [x; 0:r0 int; y*;]\nfilter (x=1) filter (y=1)\nexists (x=1)")
    assert program.locations == [Place(None, "x"), Place(0, "r0"), Place(None, "y")]
    assert program.filter == And((Equals(Place(None, "x"), 1), Equals(Place(None, "y"), 1)))
    assert end("locations []").locations == []


def test_what_only_the_condition_names_is_0_with_a_note():
    program = end("exists (0:r7=1 /\\ w=0 /\\ 0:r0=v)")
    assert program.threads[0].locals["r7"] == INT
    assert [one.name for one in program.variables] == ["x", "y", "v", "w"]
    assert program.notes == ["0:r7 is never set; it reads 0",
                             "w is no variable of any thread; it stays 0"]


def test_a_parameter_in_the_condition_is_its_address():
    thread = end("exists (0:x=x)").threads[0]
    assert thread.init == {"x": Address("x")} and thread.locals["x"] == Type("int", 1)


# ---- bodies ----

R = Local("r0")


@pytest.mark.parametrize("text,stmt", [
    ("r0 = *x;", Assign(R, X)), ("*x = 2;", Assign(X, Const(2))), ("r0 = x[0];", None),
    ("r0 += 2;", Assign(R, Binary("+", R, Const(2)))),
    ("r0++;", Assign(R, Binary("+", R, Const(1)))), ("--r0;", Assign(R, Binary("-", R, Const(1)))),
    ("int r0 = READ_ONCE(*x);", Assign(R, READ_X)),
    ("r0 = READ_ONCE(*&*x);", Assign(R, READ_X)), ("r0 = READ_ONCE(x);", Assign(R, READ_X)),
    ("r0 = (READ_ONCE(*x) == 1);", Assign(R, Binary("==", READ_X, Const(1)))),
    ("r0 = unlikely(*x);", Assign(R, X)), ("r0 = !*x;", Assign(R, Unary("!", X))),
    ("r0 = -0x10;", Assign(R, Const(-16))), ("r0 = 010;", Assign(R, Const(8))),
    ("r0 = 'a';", Assign(R, Const(97))), ("r0 = 3UL;", Assign(R, Const(3))),
    ("r0 = NULL;", Assign(R, Const(0))), ("r0 = *x ? 1 : 2;",
                                         Assign(R, Choice(X, Const(1), Const(2)))),
    ("r0 = (char)*x;", Assign(R, Cast(Type("char"), X))), ("r0 = (long)*x;", Assign(R, X)),
    ("(void)READ_ONCE(*x);", Do(READ_X)), ("smp_load_acquire(x);",
                                          Do(Call("smp_load_acquire", (X,)))),
    ("*x;", Do(X)), ("r0 = READ_ONCE(*x) & 3;", Assign(R, Binary("&", READ_X, Const(3))))])
def test_statements(text, stmt):
    found = body(text)
    assert len(found) == 1
    if stmt is not None:
        stmt.line = 5
        assert found == [stmt]


@pytest.mark.parametrize("text", ["", ";", "r0;", "{ { } }", "int r0;", "0;", "{ int r0; } ;"])
def test_statements_that_do_nothing(text):
    assert body(text) == []


def test_branches():
    found = body("if (READ_ONCE(*x))\n*y = 1;\nelse if (*y && !*x) { *y = 2; } else *y = 3;")
    inner = If(Binary("&&", Y, Unary("!", X)), [Assign(Y, Const(2), 7)], [Assign(Y, Const(3), 7)],
               7)
    assert found == [If(READ_X, [Assign(Y, Const(1), 6)], [inner], 5)]


def test_assignments_inside_of_expressions_come_before():
    found = body("if ((r0 = READ_ONCE(*x)) == 1) r1 = r2 = 5;")
    assert found == [Assign(R, READ_X, 5), If(Binary("==", R, Const(1)), [
        Assign(Local("r2"), Const(5), 5), Assign(Local("r1"), Local("r2"), 5)], [], 5)]


def test_locals_are_declared_anywhere_or_never():
    thread = read("C T\n{}\nP0(int *x) { r0 = 1; if (r0) { long r1 = 2; } u16 *r2; int r1; }\n"
                  ).threads[0]
    assert thread.locals == {"r0": INT, "r1": Type("long"), "r2": Type("u16", 1)}


def test_a_parameter_that_is_assigned_to_is_a_local():
    thread = read("C T\n{}\nP0(int *x, int *y) { x = y; WRITE_ONCE(*x, 1); }\n").threads[0]
    assert thread.init == {"x": Address("x")} and thread.locals == {"x": Type("int", 1)}
    assert thread.body[0] == Assign(Local("x"), Shared("y"), 3)
    assert thread.body[1].what.args[0] == Deref(Local("x"), INT)


# ---- addresses and types ----

def test_what_holds_addresses_is_wide_whatever_is_declared():
    program = read("C T\n{ y=x; int *h = &y; }\n"
                   "P0(int *h, int *z) { int r0; int r1; r0 = READ_ONCE(*h);"
                   " r1 = READ_ONCE(*r0); WRITE_ONCE(*r1, 7); xchg(z, r1); }\n")
    kinds = {one.name: one.type.stars for one in program.variables}
    assert kinds == {"y": 1, "h": 1, "z": 1, "x": 0}
    thread = program.threads[0]
    assert thread.locals["r0"].stars and thread.locals["r1"].stars
    assert thread.body[2].what.args[0] == Deref(Local("r1"), INT)


@pytest.mark.parametrize("stmts", [
    "r0 = *x ? 0 : y;", "r0 = *x ? y : 0;", "cmpxchg(z, 0, y); r0 = READ_ONCE(*z);",
    "WRITE_ONCE(*z, y); r0 = xchg(z, 0);", "WRITE_ONCE(*z, y); r0 = cmpxchg(z, y, 0);",
    "*z = y; r0 = *z;", "smp_store_mb(*z, y); r0 = smp_load_acquire(z);", "r0 = (long)y + 0;"])
def test_an_address_flows_by_whatever_can_hold_it(stmts):
    thread = read("C T\n{}\nP0(int *x, int *y, int *z) { int r0; %s *r0 = 1; }\n" % stmts
                  ).threads[0]
    assert thread.locals["r0"].stars == 1


def test_cells_that_one_place_may_be_have_one_width():
    program = read("C T\n{ p=x; }\nP0(int **p, char *x, long *y) "
                   "{ r0 = READ_ONCE(*p); WRITE_ONCE(*r0, 1); WRITE_ONCE(*p, y); }\n")
    assert {one.name: one.type for one in program.variables} == {
        "p": Type("int", 1), "x": Type("long"), "y": Type("long")}


def test_sums_of_addresses_are_in_bytes():
    a = "int *a, long *b, int *x"
    state = "int a[4]; long b[4];"
    found = body("r0 = a[2]; r1 = *(b + *x); r2 = *(&a[3] - 1); r3 = b - 0; r4 = x - x;", a, state)
    cell, wide = INT, Type("long")
    assert [stmt.value for stmt in found] == [
        Deref(Binary("+", Shared("a"), Const(8)), cell),
        Deref(Binary("+", Shared("b"), Binary("*", X, Const(8))), wide),
        Deref(Binary("-", Binary("+", Shared("a"), Const(12)), Const(4)), cell),
        Binary("-", Shared("b"), Const(0)), Binary("-", Shared("x"), Shared("x"))]


def test_a_dependency_by_sums_keeps_the_address():
    found = body("r1 = READ_ONCE(*x); r2 = r1 ^ r1; r3 = y + r2; WRITE_ONCE(*r3, 1);")
    assert found[-1].what.args[0] == Deref(Local("r3"), INT)


def test_casts_of_addresses_are_nothing():
    found = body("r1 = (long)x; r2 = (int)r1; r0 = *(int *)r2;")
    assert [stmt.value for stmt in found] == [Shared("x"), Local("r1"), Deref(Local("r2"), INT)]


def test_locks_are_by_use():
    program = read("C T\n{ spinlock_t l; }\nP0(int *l, int *s, struct srcu_struct *t) {"
                   " spin_lock(l); r0 = srcu_read_lock(s); WRITE_ONCE(*t, 1); }\nexists (t=1)")
    assert {one.name: one.type.base for one in program.variables} == {
        "l": "spinlock_t", "s": "srcu_struct", "t": "int"}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive(name):
    primitive = PRIMITIVES[name]
    shown = {"place": "*x", VALUE: "1"}
    args = ", ".join(shown.get(kind, "x") for kind in primitive.args)
    assign = "r0 = " if primitive.result else ""
    stmt, = body(f"{assign}{name}({args});", end="")
    call = stmt.value if primitive.result else stmt.what
    assert call.name == name and len(call.args) == len(primitive.args)
    for kind, arg in zip(primitive.args, call.args):
        assert arg == Const(1) if kind == VALUE else arg.pointer == Shared("x")


def test_primitives_say_what_they_are():
    def fact(name):
        one = PRIMITIVES[name]
        return one.does, one.result, one.order, one.op, one.operand, one.model
    assert fact("atomic_fetch_andnot_release") == ("fetch_op", True, "release", "&~", None, "newer")
    assert fact("atomic_dec_return") == ("op_return", True, "mb", "-", 1, "6.1")
    assert fact("atomic_inc") == ("op", False, "once", "+", 1, "6.1")
    assert fact("atomic64_cmpxchg_acquire") == ("cmpxchg", True, "acquire", "", None, "")
    assert fact("srcu_up_read") == ("srcu_unlock", False, "release", "", None, "6.12")
    assert fact("atomic_add_negative") == ("op_negative", True, "mb", "+", None, "6.1")
    assert "atomic_and_return" not in PRIMITIVES


def test_headers_between_are_passed():
    program = read('C T\n{}\n{\n#include "api.h"\n}\nP0(int *x) { *x = 1; }\nexists (x=1)')
    assert len(program.threads) == 1


def test_more_threads_than_a_machine_has():
    threads = "\n".join(f"P{i}(int *x) {{ WRITE_ONCE(*x, {i}); }}" for i in range(20))
    assert len(read(f"C T\n{{}}\n{threads}\nexists (x=19)").threads) == 20


# ---- many files ----

def test_files_are_read_in_order_by_one_process_or_two(tmp_path):
    paths = []
    for i in range(reader.PARALLEL + 5):
        path = tmp_path / f"{i}.litmus"
        path.write_text(MP if i % 7 else "C T\nno\n")
        paths.append(path)
    for jobs in (1, 2):
        found = list(reader.read_files(paths, jobs))
        assert [path for path, _ in found] == paths
        assert sum(isinstance(one, reader.LitmusError) for _, one in found) == 30


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(reader.LitmusError, match="No such file.*a litmus file expected"):
        reader.read_file(tmp_path / "none.litmus")


@pytest.mark.parametrize("module", ["lark", "pycparser"])
def test_a_missing_module_is_one_sentence(tmp_path, module):
    (tmp_path / f"{module}.py").write_text(f"raise ModuleNotFoundError(name={module!r})\n")
    done = subprocess.run([sys.executable, TOOL, "litmus", tmp_path], capture_output=True,
                          text=True, env={**os.environ, "PYTHONPATH": str(tmp_path)}, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert f"python3-{module} is missing: `make litmus` installs it" in done.stderr
