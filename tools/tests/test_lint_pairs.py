# SPDX-License-Identifier: GPL-2.0-only
"""The rule of pairs: each ordered operation names its partner, which names it in turn."""
import pytest
from fp import lint

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
        return list(lint.RULES["pairs"](lint.Tree(tmp_path)))
    return find


def one(found, line, sentence):
    assert [(n, s) for _, n, s in found if sentence not in s] == []
    assert [n for _, n, _ in found] == [line]
    return True


def test_pairs_that_answer_each_other_pass(pairs):
    assert pairs(**{"kernel/x.c": GOOD}) == []


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
