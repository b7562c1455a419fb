# SPDX-License-Identifier: GPL-2.0-only
"""The interpreter of sequential consistency: every interleaving, and no other outcome."""
import pytest
from fp.litmusfile import reader, sc
from fp.litmusfile.ir import Type
from fp.litmusfile.primitives import PRIMITIVES


def outcomes(text, limit=sc.LIMIT):
    """{outcome as words: does the condition hold}."""
    found = sc.outcomes(reader.read_text(f"C T\n{text}", "T.litmus"), limit)
    return {" ".join(f"{place}={value}" for place, value in one): true
            for one, true in found.items()}


def alone(stmts, state="", params="int *x, int *y", see="x;0:r0"):
    """The one outcome of a thread by itself."""
    found, = outcomes(f"{{{state}}}\nP0({params}) {{ {stmts} }}\nlocations [{see}]\n")
    return found


SB = """{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); r0 = READ_ONCE(*y); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); r0 = READ_ONCE(*x); }
"""


def test_store_buffering_is_not_sequentially_consistent():
    found = outcomes(SB + "exists (0:r0=0 /\\ 1:r0=0)")
    assert found == dict.fromkeys(("0:r0=0 1:r0=1", "0:r0=1 1:r0=0", "0:r0=1 1:r0=1"), False)


def test_a_filter_leaves_outcomes_out_and_is_not_shown():
    assert outcomes(SB + "filter (1:r0=0) exists (0:r0=1)") == {"0:r0=1": True}


def test_accesses_of_one_statement_are_steps_of_their_own():
    found = outcomes("{}\nP0(int *x) { *x = *x + 1; }\nP1(int *x) { *x = *x + 1; }\nforall (x=2)")
    assert found == {"x=1": False, "x=2": True}


def test_atomics_are_one_step():
    found = outcomes("{}\nP0(int *x) { atomic_inc(x); }\nP1(int *x) { atomic_inc(x); }\n"
                     "forall (x=2)")
    assert found == {"x=2": True}


LOCKED = """{}
P0(int *x, spinlock_t *l) { spin_lock(l); *x = *x + 1; spin_unlock(l); }
P1(int *x, spinlock_t *l) { %s; *x = *x + 1; spin_unlock(l); }
forall (x=2)"""


def test_locks_exclude():
    assert outcomes(LOCKED % "spin_lock(l)") == {"x=2": True}
    assert outcomes(LOCKED % "r0 = spin_trylock(l)") == {"x=1": False, "x=2": True}


def test_a_deadlock_has_no_outcome():
    assert outcomes("{}\nP0(spinlock_t *l) { spin_lock(l); spin_lock(l); }\n") == {}


RCU = """{}
P0(int *x, int *y%s) { %s; r0 = READ_ONCE(*x); r1 = READ_ONCE(*y); %s; }
P1(int *x, int *y%s) { WRITE_ONCE(*y, 1); %s; WRITE_ONCE(*x, 1); }
exists (0:r0=1 /\\ 0:r1=0)"""


@pytest.mark.parametrize("param,lock,unlock,sync", [
    ("", "rcu_read_lock()", "rcu_read_unlock()", "synchronize_rcu()"),
    (", struct srcu_struct *s", "r9 = srcu_read_lock(s)", "srcu_read_unlock(s, r9)",
     "synchronize_srcu(s)")])
def test_a_grace_period_waits_for_readers(param, lock, unlock, sync):
    whole = RCU % (param, lock, unlock, param, sync)
    assert "0:r0=1 0:r1=0" not in outcomes(whole)
    late = whole.replace("WRITE_ONCE(*y, 1); ", "").replace("WRITE_ONCE(*x, 1);",
                                                          "WRITE_ONCE(*x, 1); WRITE_ONCE(*y, 1);")
    assert outcomes(late)["0:r0=1 0:r1=0"]


def test_a_grace_period_inside_of_its_reader_never_ends():
    assert outcomes("{}\nP0() { rcu_read_lock(); synchronize_rcu(); rcu_read_unlock(); }\n") == {}


def test_readers_of_srcu_may_overlap():
    found = outcomes("{}\nP0(int *x, int *y, struct srcu_struct *s) { r1 = srcu_read_lock(s);"
                     " WRITE_ONCE(*x, 1); r2 = srcu_read_lock(s); srcu_read_unlock(s, r1);"
                     " WRITE_ONCE(*y, 1); srcu_read_unlock(s, r2); }\n"
                     "P1(int *x, int *y, struct srcu_struct *s) { r1 = READ_ONCE(*x);"
                     " synchronize_srcu(s); r2 = READ_ONCE(*y); }\nexists (1:r1=1 /\\ 1:r2=0)")
    assert found["1:r1=1 1:r2=0"]


def test_up_may_be_another_thread():
    found = outcomes("{}\nP0(struct srcu_struct *s, int *x) { r0 = srcu_down_read(s); *x = 1; }\n"
                     "P1(struct srcu_struct *s, int *x) { r1 = READ_ONCE(*x);"
                     " if (r1) srcu_up_read(s, 0); }\n"
                     "P2(struct srcu_struct *s) { synchronize_srcu(s); }\nexists (1:r1=1)")
    assert found == {"1:r1=1": True, "1:r1=0": False}


@pytest.mark.parametrize("stmts,state,found", [
    ("r0 = atomic_fetch_add(3, x);", "x=4", "x=7 0:r0=4"),
    ("r0 = atomic_sub_return(3, x);", "x=4", "x=1 0:r0=1"),
    ("r0 = atomic_dec_and_test(x);", "x=1", "x=0 0:r0=1"),
    ("r0 = atomic_inc_return(x);", "x=-1", "x=0 0:r0=0"),
    ("r0 = atomic_add_negative(-5, x);", "x=4", "x=-1 0:r0=1"),
    ("r0 = atomic_add_unless(x, 2, 4);", "x=4", "x=4 0:r0=0"),
    ("r0 = atomic_add_unless(x, 2, 5);", "x=4", "x=6 0:r0=1"),
    ("r0 = atomic_fetch_add_unless(x, 2, 4);", "x=4", "x=4 0:r0=4"),
    ("r0 = atomic_inc_not_zero(x);", "", "x=0 0:r0=0"),
    ("r0 = atomic_dec_if_positive(x);", "", "x=0 0:r0=-1"),
    ("r0 = atomic_fetch_andnot(3, x);", "x=7", "x=4 0:r0=7"),
    ("r0 = atomic_fetch_xor(3, x);", "x=5", "x=6 0:r0=5"),
    ("r0 = cmpxchg(x, 4, 9);", "x=4", "x=9 0:r0=4"), ("r0 = cmpxchg(x, 3, 9);", "x=4",
                                                     "x=4 0:r0=4"),
    ("r0 = xchg(x, 9);", "x=4", "x=9 0:r0=4"), ("smp_store_mb(*x, 2);", "", "x=2 0:r0=0"),
    ("r0 = 7 / -2 + 7 % -2 * 10;", "", "x=0 0:r0=7"), ("r0 = 7 / *x;", "", "x=0 0:r0=0"),
    ("r0 = 1 << 3 | 1 << 33;", "", "x=0 0:r0=8"), ("r0 = *x && 7;", "x=2", "x=2 0:r0=1"),
    ("r0 = *x || 7;", "", "x=0 0:r0=1"), ("r0 = *x ? 3 : ~4;", "", "x=0 0:r0=-5"),
    ("if (!*x) { r0 = 1; } else r0 = 2;", "", "x=0 0:r0=1"),
    ("u8 r0 = 0x1ff;", "", "x=0 0:r0=255"), ("r0 = (char)0x80;", "", "x=0 0:r0=-128"),
    ("x = y; *x = 3; r0 = *y;", "", "x=0 0:r0=3")])
def test_what_statements_do(stmts, state, found):
    assert alone(stmts, state) == found


def test_addresses_compare():
    found = outcomes("{ int *p = &x; int a[2]; }\nP0(int **p, int *a) { r0 = READ_ONCE(*p);"
                     " r1 = a + 1; }\nexists (0:r0=x /\\ 0:r1=a[1] /\\ p=&x)")
    assert list(found.values()) == [True]


def test_an_address_that_is_no_cell_reads_0_and_keeps_nothing():
    assert alone("r0 = READ_ONCE(*y); WRITE_ONCE(*r0, 5); r0 = READ_ONCE(*r0); WRITE_ONCE(*y, x);",
                 see="x;0:r0") == "x=0 0:r0=0"


def test_too_many_states_are_said():
    assert sc.outcomes(reader.read_text(f"C T\n{SB}exists (true)", "T"), 5) is None


@pytest.mark.parametrize("what,value,kept", [
    (Type("char"), 255, -1), (Type("u16"), -1, 65535), (Type("int", 0, True), -1, 0xffffffff),
    (Type("int", 1), 1 << 40, 1 << 40), (Type("s32"), 1 << 31, -1 << 31)])
def test_types_cut(what, value, kept):
    assert sc.cut(value, what) == kept


@pytest.mark.parametrize("name", PRIMITIVES)
def test_every_primitive_has_a_meaning(name):
    kinds = {"place": "*x", "value": "1"}
    args = ", ".join(kinds.get(kind, "x") for kind in PRIMITIVES[name].args)
    assert len(outcomes(f"{{}}\nP0(int *x) {{ {name}({args}); }}\n")) == 1
