# SPDX-License-Identifier: GPL-2.0-only
"""Litmus files that are refused: the sentence names the place and what was expected instead."""
import pytest
from fp.litmusfile import reader


def refusal(text):
    """(line, sentence) of a refused text."""
    with pytest.raises(reader.LitmusError) as caught:
        reader.read_text(text, "dir/T.litmus")
    where, _, sentence = str(caught.value).partition(": ")
    name, _, line = where.rpartition(":")
    assert name == "dir/T.litmus"
    return int(line), sentence


def refuse(text, line, *words):
    """@text is refused at @line, and each of @words stands in the sentence."""
    got, sentence = refusal(text)
    assert got == line, sentence
    for word in words:
        assert word in sentence


@pytest.mark.parametrize("text,line,words", [
    ("", 1, ["first line", "'C MP+wmb+rmb'"]), ("(* first *)\nC T\n{}\n", 1, ["first line"]),
    ("\n\nLISA T\n{}\n", 1, ["dialect LISA", "C or one of AArch64"]),
    ("C T\nP0() { }\n", 2, ["initial state", "before P0"]),
    ("C T\n", 1, ["file ends", "initial state"]), ("C T\n{\nx=1;\n", 2, ["nothing closes", "'}'"]),
    ("C T\n(* x\n\n", 2, ["this comment", "*)"]), ("C T\n{}\nP0() { /* }\n", 3, ["*/ expected"]),
    ('C T\n"what\n\n{}\n', 2, ["this string"]), ("C T\n{}\n\nexists (x=1)\n", 2, ["no thread"]),
    ("C T\n{}\nP0() { }\n}\n", 4, ["'}' closes nothing"]),
    ("C T\n{}\nP0() {\nif (1) {\n}\nexists (x=1)\n", 6, ["inside of the body", "line 3", "'}'"]),
    ("C T\n{}\nP0() {\nif (1) {\n}\n", 3, ["nothing closes this body"]),
    ("C T\n{}\n" + "x" * 300000, 1, ["300007 characters", "262144"])])
def test_parts(text, line, words):
    refuse(text, line, *words)


@pytest.mark.parametrize("state,words", [
    ("x=", ["';'", "a number expected"]), ("x=1 y=2", ["'y'", "';'"]), ("=1", ["'='", "a name"]),
    ("x=5y", ["a number expected"]), ("x=1.5", ["a number"]),
    ("float x=1", ["'float'", "atomic_t"]),
    ("struct foo x", ["'foo'"]), ("__int128_t x", ["128 bits", "64"]), ("x={1,2}", ["no array"]),
    ("int a[2]={1}", ["2 values", "not 1"]), ("int a[0]", ["1 to 1024"]),
    ("int a[3]; int a[2]", ["declared before"]),
    ("int a[5000]", ["1 to 1024"]), ("x=0x1ffffffffffffffff", ["64 bits"]),
    ("x=-9999999999999999999", ["64 bits"]), ("x=" + "9" * 99, ["99 digits", "64 bits"]),
    ("0:x=1", ["0:x", "parameter"]), ("7:r0=1", ["no P7", "P0"]), ("0:r0[2]=1", ["expected"]),
    ("z:r0=1", ["1:r0"]), ("9999:r0=1", ["1:r0"]), ("x=@", ["'@'"])])
def test_initial_state(state, words):
    refuse(f"C T\n{{\n\n{state};\n}}\nP0(int *x) {{ }}\n", 4, *words)


@pytest.mark.parametrize("end,words", [
    ("exists", ["it ends", "a name"]), ("exists (x=1", ["')'"]), ("exists (x=)", ["a number"]),
    ("exists (x=1) exists (x=1)", ["the end"]), ("exists (x)", ["')'"]),
    ("exists (x=1 && x=2)", ["'&'"]), ("exists (x=1 @ x=2)", ["'@'"]),
    ("exists fault(P0)", ["'('"]), ("locations [x exists (x=1)", ["']'"]),
    ("exists (3:r0=1)", ["no P3", "the last thread is P0"]),
    ("exists (x=a[1])", ["a[1]", "1 element"]), ("exists (x[2]=0)", ["x[2]", "1 element"]),
    ("exists (l=0)", ["spinlock_t", "no value"]), ("exists (x=123456789012345678901)", ["64 bits"]),
    ("exists (true) with a", ["the end"])])
def test_end(end, words):
    refuse("C T\n{}\nP0(int *x, spinlock_t *l) { spin_lock(l); }\n\n" + end, 5, *words)


@pytest.mark.parametrize("program,words", [
    ("P1() { }", ["P1", "P0 expected"]), ("P0() { } P0() { }", ["P0", "P1 expected"]),
    ("P0() { } P2() { }", ["P1 expected"]), ("Q0() { }", ["'Q0'", "a thread"]),
    ("int z; P0() { }", ["'int'", "a thread"]), ("P0(int *x)", ["its body"]),
    ("P0(int *x { }", ["nothing closes '('", "')'"]), ("P0 int { }", ["a thread"]),
    ("P0(int x) { }", ["x is no pointer", "'int *x'"]), ("P0(int *) { }", ["no name"]),
    ("P0(int *x, int *x) { }", ["two param"]),
    ("P0(foo *x) { }", ["the C cannot go on"]), ("P0(float *x) { }", ["'float'"]),
    ("P0(struct foo *x) { }", ["'foo'"]), ("P0(int128_t *x) { }", ["the C cannot go on"]),
    ("P0(void x()) { }", ["a type like int"]), ("P9999999() { }", ["P0, P1"]),
    ("{ int x; } P0() { }", ["a thread"]), ("scopes: (device 0)", ["a thread"])])
def test_threads(program, words):
    refuse(f"C T\n{{}}\n\n{program}\n", 4, *words)


@pytest.mark.parametrize("stmt,words", [
    ("while (1) ;", ["a loop", "filter"]), ("do { } while (1);", ["a loop"]),
    ("for (;;) ;", ["a loop"]), ("switch (1) { }", ["a switch", "'if'"]), ("goto l;", ["goto"]),
    ("l: ;", ["label"]), ("return;", ["'}'"]), ("break;", ["no loops"]),
    ("continue;", ["no loops"]), ("x->n = 1;", ["member", "scalars"]),
    ("r0 = (1, 2);", ["comma"]), ("int a[2];", ["scalar or a pointer"]),
    ("int a[2] = {1, 2};", ["scalar or a pointer"]), ("int a = {1};", ["initial values"]),
    ("int f(int);", ["scalar or a pointer"]), ("spinlock_t l;", ["scalar or a pointer"]),
    ("int x;", ["x is a parameter"]), ("float f;", ["'float'"]), ("__int128 i;", ["128 bits"]),
    ("struct foo f;", ["'foo'"]), ("r0 = sizeof(int);", ["'sizeof'"]),
    ("r0 = &r1;", ["no address"]), ("int r1; r0 = &r1;", ["no address"]),
    ("r0 = &x;", ["x expected"]), ("r0 = r1[2];", ["no array"]), ("1 = 2;", ["a local or a place"]),
    ("x + 1 = 2;", ["the C"]), ("r0 = r1++;", ["'++'"]),
    ('r0 = "s";', ["a whole number"]), ("r0 = 1.5;", ["a whole number"]),
    ("r0 = 0x1ffffffffffffffff;", ["64 bits"]), ("r0 = 09;", ["Invalid"]),
    ("r0 = *x && (r1 = 2);", ["a statement of its own"]),
    ("r0 = *x ? (r1 = 2) : 3;", ["a statement of its own"]),
    ("foo(x);", ["foo()", "no primitive"]), ("READONCE(*x);", ["READ_ONCE() is"]),
    ("(*x)();", ["no primitive"]), ("smp_mb(1);", ["no arguments", "1 given"]),
    ("WRITE_ONCE(*x);", ["a place in memory, like *x, a value", "1 given"]),
    ("READ_ONCE(1);", ["a place in memory"]), ("r0 = smp_mb();", ["no value"]),
    ("if (smp_mb()) ;", ["no value"]), ("WRITE_ONCE(*x, smp_mb());", ["no value"]),
    ("atomic_load_explicit(x, 0);", ["C11", "smp_load_acquire()"]),
    ("atomic_fetch_add_explicit(x, 1, 0);", ["C11", "atomic_fetch_add() expected"]),
    ("__atomic_load_n(x, 0);", ["GCC"]), ("__load{once}(*x);", ["'__load{'", "READ_ONCE()"]),
    ("#define X 1", ["'#define X 1'", "preprocessor"]), ("r0 = *r1;", ["r1 holds no address"]),
    ("spin_lock(l);", ["l holds no address", "parameter"]),
    ("smp_store_release(*x, 1);", ["smp_store_release() takes an address", "x expected"]),
    ("r0 = *(1 + 2);", ["the pointer holds no address"]),
    ("spin_lock(x); r0 = *x;", ["x is a spinlock_t", "a plain access"]),
    ("spin_lock(x); WRITE_ONCE(*x, 0);", ["x is a spinlock_t", "not WRITE_ONCE"]),
    ("r0 = = 1;", ["cannot go on with '='"]), ("r0 = 1", ["the C"]), ("r0 = `1`;", ["no C"]),
    ("asm volatile(\"\");", ["the C"]), ("r0 = x.y;", ["member"])])
def test_bodies(stmt, words):
    refuse(f"C T\n{{}}\nP0(int *x)\n{{\n\n{stmt}\n}}\n", refusal_line(stmt), *words)


def refusal_line(stmt):
    """Where a statement of line 6 is found wrong: what is missing at its end, on the next line."""
    return 7 if stmt == "r0 = 1" else 6


def test_the_line_is_the_fault_s_and_not_the_thread_s():
    refuse("C T\n(* two\nlines *)\n{}\nP0(int *x) { }\nP1(int *x) {\n/* a\nb */\nfoo(); }\n", 9,
           "P1")


@pytest.mark.parametrize("body,words", [
    ("r0 = " + "(" * 101 + "1" + ")" * 101 + ";", ["100 brackets are open"]),
    ("{" * 100 + "}" * 100, ["100 brackets are open"]),
    ("r0 = " + "- " * 101 + "*x;", ["100 levels"]), ("if (*x) " * 101 + ";", ["100 levels"])])
def test_depth_has_a_limit(body, words):
    refuse(f"C T\n{{}}\nP0(int *x) {{ {body} }}\n", 3, *words)
    refuse("C T\n{}\nP0() { }\nexists " + "(" * 101 + "true" + ")" * 101, 4,
           "100 parentheses are open")


def test_a_message_is_one_line():
    _, sentence = refusal("C T\n{}\nP0(int *x) { foo(\n\n\n); }\n")
    assert "\n" not in sentence
