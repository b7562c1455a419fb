# SPDX-License-Identifier: GPL-2.0-only
"""The rule of pairs: each ordered operation names its partner, which names it in turn."""
import pytest
from fp.base.tree import Tree
from fp.lint import lint

GOOD = """\
/* SPDX-License-Identifier: GPL-2.0-only */
/* What it is for. */
void writer(void)
{
	/* release: pairs with the acquire in reader(); a, then b; tests: litmus.MP+rel+acq */
	smp_store_release(&b, 1);
}

void reader(void)
{
	/*
	 * acquire: pairs with the release in writer(); tests:
	 * litmus.MP+rel+acq
	 */
	while (!smp_load_acquire(&b))
		;
}
"""
ORDERED = """smp_mb smp_rmb smp_wmb mb rmb wmb smp_mb__before_atomic smp_mb__after_atomic
smp_read_barrier_depends smp_load_acquire smp_cond_load_acquire smp_store_release smp_load_depends
rcu_assign_pointer rcu_dereference""".split()
ORDERED += [f"{op}_{order}" for op in ("xchg", "cmpxchg", "fetch_add", "fetch_or", "fetch_and")
            for order in ("acquire", "release")]
BARE = """\
/* SPDX */
void f(void)
{
	OP(x);
}
"""
MORE = """
static inline bool other(void)
{
	/* acquire: as in reader() */
	return smp_load_acquire(&b);
}
"""


@pytest.fixture
def pairs(tmp_path):
    """(file, line, sentence) of what the rule finds in files given by name."""
    def find(**files):
        files.setdefault("tests/litmus/shapes.tsv", "test\tx\nMP+rel+acq\tAllow\n")
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return list(lint.RULES["pairs"](Tree(tmp_path)))
    return find


def one(found, line, sentence):
    assert [(n, s) for _, n, s in found if sentence not in s] == []
    assert [n for _, n, _ in found] == [line]
    return True


def test_pairs_that_answer_each_other_pass(pairs):
    assert pairs(**{"kernel/x.c": GOOD}) == []


FULL = """\
/* SPDX */
/* Full: what is no claim about an operation. */
void first(void)
{
	/* full: pairs with second() */
	OP
}

void second(void)
{
	/* full: pairs with first() */
	smp_mb();
}
"""


@pytest.mark.parametrize("op", ["smp_mb();", "mb();", "old = xchg(&a, 1);", "fetch_add(&n, 1);",
                                "if (go)\n\t\tcmpxchg(&a, 0, 1);", "set_current_state(S);"])
def test_what_is_full_may_be_called_so(pairs, op):
    assert pairs(**{"kernel/x.c": FULL.replace("OP", op)}) == []


@pytest.mark.parametrize("op", ["barrier();", "xchg_acquire(&a, 1); /* as in second() */", "",
                                "WRITE_ONCE(a, 1);", "smp_mb_nothing();"])
def test_what_is_less_than_full_may_not(pairs, op):
    found = pairs(**{"kernel/x.c": FULL.replace("OP", op)})
    assert (5, "is called full, and orders less") in [(n, s) for _, n, s in found]


@pytest.mark.parametrize("old,new,line,sentence", [
    (" in reader(); a", " in nobody_here(); a", 5, "nobody_here(), which does not exist"),
    ("litmus.MP+rel+acq */", "litmus.MP+foo */", 5, "litmus.MP+foo, which does not"),
    ("litmus.MP+rel+acq\n", "litmus.MP+foo\n", 11, "litmus.MP+foo, which does not"),
])
def test_pairs_name_what_exists(pairs, old, new, line, sentence):
    found = pairs(**{"kernel/x.c": GOOD.replace(old, new)})
    assert (line, sentence) in [(n, s if sentence not in s else sentence) for _, n, s in found]


def test_pairs_without_a_comment(pairs):
    found = pairs(**{"kernel/x.c": GOOD.replace("pairs with the acquire in reader()", "orders")})
    assert "without a comment of its own" in found[0][2] and found[0][1] == 6


def test_pairs_need_a_name(pairs):
    found = pairs(**{"kernel/x.c": GOOD.replace("the acquire in reader()", "the acquire there")})
    assert "names no function" in found[0][2] and found[0][1] == 6


def test_a_partner_that_names_somebody_else_does_not_answer(pairs):
    bad = GOOD.replace("the release in writer()", "the release in another()") + \
        "void another(void)\n{\n\t/* pairs with the acquire in reader() */\n\tsmp_mb();\n}\n"
    assert one(pairs(**{"kernel/x.c": bad}), 5,
               "pairs with reader(), which does not name writer() in turn")


def test_a_partner_without_any_comment_does_not_answer(pairs):
    bad = GOOD.replace("reader(); a", "silent(); a") + "void silent(void)\n{\n}\n"
    assert "silent(), which does not name writer()" in pairs(**{"kernel/x.c": bad})[0][2]


def test_what_is_as_in_another_pairs_with_the_same(pairs):
    assert pairs(**{"kernel/x.c": GOOD + MORE}) == []
    partner = MORE.replace("as in reader()", "as in reader(), pairs with the release in writer()")
    assert pairs(**{"kernel/x.c": GOOD + partner}) == []


def test_as_in_needs_somebody_who_pairs(pairs):
    bad = GOOD + MORE.replace("as in reader()", "as in main()") + "int main(void)\n{\n}\n"
    assert one(pairs(**{"kernel/x.c": bad}), 21, "is as in main(), which says nothing")


def test_as_in_answers_nobody_else(pairs):
    bad = GOOD.replace("in reader(); a", "in other(); a") + MORE.replace("as in reader()", "as "
                                                                         "in writer()")
    assert "which does not name" in pairs(**{"kernel/x.c": bad})[0][2]


def test_an_operation_in_a_function_is_there(pairs):
    good = GOOD.replace("the release in writer()", "smp_store_release() in writer()")
    assert pairs(**{"kernel/x.c": good}) == []
    bad = GOOD.replace("the release in writer()", "xchg() in writer()")
    assert one(pairs(**{"kernel/x.c": bad}), 11, "xchg() in writer(), where there is none")


def test_pairs_want_the_comment_near(pairs):
    far = GOOD.replace("litmus.MP+rel+acq */\n\tsmp", "litmus.MP+rel+acq */\n" + "\tx();\n" * 8 +
                       "\tsmp")
    assert one(pairs(**{"kernel/x.c": far}), 14, "without a comment of its own")


def test_one_comment_is_not_for_two_operations(pairs):
    two = GOOD.replace("(&b, 1);\n", "(&b, 1);\n\tsmp_wmb();\n")
    assert one(pairs(**{"kernel/x.c": two}), 7, "smp_wmb() without a comment of its own")


def test_the_comment_above_a_function_is_its_own(pairs):
    above = "first:\n\tret\n/* dsb: pairs with the smp_mb() in writer() */\nreader:\n\tdsb ish\n"
    text = GOOD.split("void reader")[0].replace("smp_store_release(&b, 1)", "smp_mb()")
    assert pairs(**{"kernel/x.c": text, "arch/arm64/boot.S": above}) == []
    other = above.replace("reader", "second").replace("first", "reader")
    assert "does not name" in pairs(**{"kernel/x.c": text, "arch/arm64/boot.S": other})[0][2]


def test_a_macro_answers(pairs):
    macro = "\n#define look(p) \\\n\t({ \\\n\t\t/* pairs with writer() */ \\\n\t\tp; })\n"
    text = GOOD.split("void reader")[0].replace("in reader()", "in look()")
    assert pairs(**{"kernel/x.c": text + macro}) == []


def test_pairs_of_the_same_name_are_those_nearest(pairs):
    other = GOOD.replace("in writer()", "in elsewhere()") + \
        "void elsewhere(void)\n{\n\t/* pairs with reader() */\n\tsmp_mb();\n}\n"
    found = pairs(**{"kernel/x.c": GOOD, "kernel/y.c": other})
    assert {f for f, _, _ in found} == {"kernel/y.c"}


def test_pairs_with_hardware_need_no_function(pairs):
    text = GOOD.split("void reader")[0].replace("the acquire in reader()", "the page-table walker")
    assert pairs(**{"mm/x.c": text}) == []


def test_only_tests_pair_with_nothing(pairs):
    text = GOOD.split("void reader")[0].replace("the acquire in reader()", "nothing")
    assert pairs(**{"tests/x.c": text}) == []
    assert "then it is not needed" in pairs(**{"mm/x.c": text})[0][2]


def test_barriers_in_comments_strings_and_litmus_bodies_do_not_count(pairs):
    text = '/* SPDX */\n/* smp_mb() */\nconst char *s = "smp_mb()";\n'
    body = "/* SPDX */\n/* litmus bodies */\nvoid f(void) { smp_mb(); }\n"
    assert pairs(**{"kernel/x.c": text, "tests/litmus/b.c": body}) == []


@pytest.mark.parametrize("op", ORDERED)
def test_every_ordered_operation_wants_its_comment(pairs, op):
    assert one(pairs(**{"kernel/x.c": BARE.replace("OP", op)}), 4, f"{op}() without a comment")


@pytest.mark.parametrize("op", ["xchg_relaxed", "arm64_dmb", "not_smp_mb", "smp_mb_of"])
def test_no_other_operation_wants_one(pairs, op):
    assert pairs(**{"kernel/x.c": BARE.replace("OP", op)}) == []


@pytest.mark.parametrize("name,bad", [
    ("kernel/x.c", 1), ("kernel/debug/x.c", 1), ("mm/x.c", 1), ("tests/x.c", 1), ("lib/x.c", 1),
    ("include/kernel/x.h", 1), ("include/mm/x.h", 1), ("include/test/x.h", 1),
    ("include/lib/x.h", 1), ("arch/arm64/x.c", 0), ("tests/host/x.c", 0)])
def test_operations_are_looked_for_above_the_ports(pairs, name, bad):
    found = pairs(**{name: BARE.replace("OP", "smp_mb"), "kernel/other.c": "int a;\n"})
    assert [f for f, _, _ in found] == [name] * bad


@pytest.mark.parametrize("between,bad", [(5, 0), (6, 1)])
def test_the_comment_may_be_six_lines_away(pairs, between, bad):
    far = GOOD.replace("litmus.MP+rel+acq */\n\tsmp", "litmus.MP+rel+acq */\n" +
                       "\tx();\n" * between + "\tsmp")
    assert len(pairs(**{"kernel/x.c": far})) == bad


@pytest.mark.parametrize("word", ["the load itself", "the hardware", "what firmware does",
                                  "that above", "that below", "the walker"])
def test_what_has_no_name_needs_none(pairs, word):
    text = GOOD.split("void reader")[0].replace("the acquire in reader()", word)
    assert pairs(**{"kernel/x.c": text}) == []


@pytest.mark.parametrize("head", [
    "void __attribute__((__noinline__)) writer(void)", '__section(".text.x") void writer(void)',
    "__printf(1, 2) void writer(const char *format, ...)", "void\nwriter(void)",
    "static __attribute__((__section__(\".x\"))) void writer(void)"])
def test_a_function_is_found_behind_its_attributes(pairs, head):
    assert pairs(**{"kernel/x.c": GOOD.replace("void writer(void)", head)}) == []


def test_a_comment_that_belongs_to_nobody_pairs_with_nobody(pairs):
    text = GOOD + "\n/* pairs with writer() */\nint a;\n"
    assert one(pairs(**{"kernel/x.c": text}), 19, "in a comment that belongs to no function")


def test_only_bodies_of_litmus_tests_are_let_alone(pairs):
    body = "/* SPDX */\n/* litmus bodies */\n" + BARE.replace("OP", "smp_mb")
    assert pairs(**{"tests/litmus/x.c": body}) == []
    assert one(pairs(**{"tests/litmus/x.c": body.replace("bodies", "engine")}), 6, "smp_mb()")
    assert [f for f, _, _ in pairs(**{"tests/litmus/x.c": body, "kernel/y.c": body})] == \
        ["kernel/y.c"]


@pytest.mark.parametrize("named,bad", [
    ("litmus.MP*", 0), ("litmus.*", 0), ("rmap.*", 0), ("rmap.one", 0), ("rmap.two*", 1),
    ("mm.*", 1), ("rmap.on", 1), ("rmap.window_late", 0), ("rmap.late", 1)])
def test_a_glob_names_a_test_that_exists(pairs, named, bad):
    tests = "TEST(rmap, one, TEST_ASSERT, f);\nWINDOW(rmap, late, g);\n"
    found = pairs(**{"kernel/x.c": GOOD.replace("MP+rel+acq */", f"MP+rel+acq, {named} */"),
                     "tests/rmap/t.c": tests})
    assert len(found) == bad and all(f"names the test {named}, which" in s for _, _, s in found)


def test_who_answers_one_answers_what_is_as_it(pairs):
    """writer() may name other(), which says no more than that it is as reader()."""
    third = """
void third(void)
{
	/* release: pairs with the acquire in other() */
	smp_store_release(&b, 2);
}
"""
    assert "does not name third()" in pairs(**{"kernel/x.c": GOOD + MORE + third})[0][2]
    both = GOOD.replace("in reader(); a", "in reader() and other(); a")
    assert pairs(**{"kernel/x.c": both + MORE}) == []
