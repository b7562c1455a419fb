# SPDX-License-Identifier: GPL-2.0-only
"""Why an outcome is allowed or not: the explanation against herd7's verdict of each row."""
import pytest
from fp.base.errors import UserError
from fp.litmus import cycle, models, shapes

EXACT = ("x86_64", "arm64", "riscv64", "alpha_linux*")


def rows():
    return [t for t in shapes.load().values() if not t.claim]


def all_kept(test, model):
    return all(cycle.keeps(test.threads[p.thread], p.first, p.last, models.find(model))
               for p in cycle.find(test))


def several(test):
    return not cycle.one_variable(test, cycle.find(test))


@pytest.mark.parametrize("model", EXACT)
def test_where_writes_reach_all_at_once_the_cycle_decides(model):
    wrong = [t.name for t in rows() if several(t) and t.expect[model] != "n/a" and
             all_kept(t, model) != (t.expect[model] == "Forbid")]
    assert wrong == []


@pytest.mark.parametrize("model", ["powerpc64", "lkmm"])
def test_elsewhere_what_is_not_kept_is_allowed(model):
    """Not the other way round: a write may reach one CPU before another."""
    wrong = [t.name for t in rows() if several(t) and t.expect[model] == "Forbid" and
             not all_kept(t, model)]
    assert wrong == []
    only_two = [t.name for t in rows() if several(t) and t.expect[model] == "Allow" and
                all_kept(t, model) and len(t.threads) == 2]
    # Two threads: only where an order of writes (co) takes part.
    assert all(n.startswith(("R+", "2+2W+")) for n in only_two)


def test_bare_alpha_orders_nothing_by_dependency_but_makes_nothing_up():
    odd = [t.name for t in rows() if several(t) and t.expect["alpha_raw*"] == "Forbid" and
           not all_kept(t, "alpha_raw*")]
    assert odd and all(n.startswith("LB+") for n in odd)
    why = {w.model: w for w in cycle.explain(shapes.find("LB+data+data"))}
    assert "out of nothing" in why["alpha_raw*"].text


def test_coherence_is_forbidden_everywhere():
    for t in rows():
        if not several(t):
            assert set(t.expect.values()) == {"Forbid"}
            assert all("coherence" in w.text for w in cycle.explain(t))


def test_every_row_has_a_cycle_that_closes():
    for t in rows():
        parts = cycle.find(t)
        assert all(p.com in ("rf", "co", "fr") and p.first <= p.last for p in parts)
        edges = {(a, b) for _, a, b in cycle.communication(t)}
        for p, after in zip(parts, parts[1:] + parts[:1]):
            assert ((p.thread, p.last), (after.thread, after.first)) in edges


def test_a_cycle_in_words():
    test = shapes.find("litmus.MP+wmb+addr")
    assert cycle.in_words(test, cycle.find(test)) == [
        "thread 0: store x \u2500wmb\u2192 store y, which is seen by thread 1's load y (rf)",
        "thread 1: load y \u2500addr\u2192 load x, which misses thread 0's store x (fr)"]


@pytest.mark.parametrize("name,model,words", [
    ("SB", "x86_64", "store buffer"), ("MP+wmb+po", "arm64", "loads may be satisfied"),
    ("MP+wmb+ctrl", "powerpc64", "branch orders later stores only"),
    ("MP+wmb+ctrlisync", "riscv64", "fence.i"), ("MP+wmb+addr", "alpha_raw*", "older value"),
    ("S+wmb+ctrl", "alpha_raw*", "nothing by dependency"),
    ("PPOCA", "arm64", "own store before others"), ("WRC+addr+rmb", "powerpc64", "carry along"),
    ("WRC+addr+rmb", "arm64", "all other CPUs at once"),
    ("MP+wmb+ctrlisync", "lkmm", "does not speak"), ("SB+relacq+relacq", "x86_64", "release")])
def test_why(name, model, words):
    why = {w.model: w for w in cycle.explain(shapes.find(name))}
    assert words in why[model].text


def test_programs_say_their_edges():
    def lines(name):
        return ["; ".join(p) for p in shapes.program(shapes.find(name))]
    assert lines("MP+wmb+addr") == ["x = 1;; smp_wmb();; y = 1;",
                                    "r0 = y;; r1 = *(X + 0\u00b7r0);"]
    assert lines("SB+xchg+relacq") == ["xchg(x, 1);; r0 = y;",
                                       "smp_store_release(y, 1);; r0 = smp_load_acquire(x);"]
    assert lines("MP+rel+ctrlisync")[1] == "r0 = y;; if (r0 == r0);   isync();;   r1 = x;"
    assert shapes.find("litmus.no-such") is None and shapes.find("C10-SB").claim


def test_every_column_is_described():
    assert set(models.load()) == set(rows()[0].expect)
    with pytest.raises(UserError, match="the model vax of shapes.tsv is missing"):
        models.find("vax")


@pytest.mark.parametrize("text,says", [
    ("[a]\natomic = true", "'title' is missing"), ("[a]\ntitle = 7", "wrong type"),
    ("[a]\ntitle = 'a'\nrmb = 'some'", "'rmb' is one of"), ("[a]\ntitle = 'a'\nodd = 1", "odd"),
    ("[a", "not valid TOML")])
def test_a_bad_description_is_refused_by_name(tmp_path, text, says):
    path = tmp_path / "models.toml"
    path.write_text(text)
    with pytest.raises(UserError, match=says):
        models.load(path)
