# SPDX-License-Identifier: GPL-2.0-only
"""The counters of perpetual tests: run on made-up executions, against the definition of a frame."""

import itertools
import pathlib
import random
import subprocess
import types

import gen
import perpetual_gen
import pytest

HERE = pathlib.Path(__file__).parent
ITERATIONS = 120
HARNESS = """
#include <stdio.h>
#include <stdlib.h>
#include <test/perpetual.h>
%s
static void (*const tally[])(u64 *const *, unsigned long, u32 *, unsigned long, unsigned long) = {
	%s
};
int main(int argc, char **argv)
{
	static u64 words[8][1024], *out[8];
	unsigned int hist[256] = { 0 };
	unsigned long n, threads;
	if (argc != 2 || scanf("%%lu %%lu", &n, &threads) != 2)
		return 2;
	for (unsigned long t = 0; t < threads; t++) {
		out[t] = words[t];
		for (unsigned long i = 0; i < n; i++)
			if (scanf("%%llu", (unsigned long long *)&words[t][i]) != 1)
				return 2;
	}
	tally[atoi(argv[1])](out, n, hist, 0, n / 2);
	tally[atoi(argv[1])](out, n, hist, n / 2, n);
	for (int k = 0; k < 256; k++)
		printf("%%u ", hist[k]);
	return 0;
}
"""


def shapes():
    """One test of each counter."""
    tests = {}
    for test in gen.make_tests(HERE / "shapes.tsv"):
        if perpetual_gen.fits(test):
            tests.setdefault(perpetual_gen.tally_name(test), test)
    return list(tests.values())


SHAPES = shapes()


@pytest.fixture(scope="module")
def tally(tmp_path_factory):
    """Run a test's counter on registers, [thread][iteration][register]: its histogram."""
    program = tmp_path_factory.mktemp("tally") / "tally"
    text = "\n".join(line for test in SHAPES for line in perpetual_gen.emit_tally(test))
    names = ", ".join(perpetual_gen.tally_name(test) for test in SHAPES)
    source = program.with_suffix(".c")
    source.write_text(HARNESS % (text, names))
    subprocess.run(["gcc", "-O1", "-fsanitize=address,undefined",
                    f"-I{HERE.parents[1] / 'include'}", source, "-o", program], check=True)

    def run(test, regs):
        lines = [f"{len(regs[0])} {len(regs)}"]
        for thread in regs:
            lines += [str(sum(v << 32 * r for r, v in enumerate(values))) for values in thread]
        done = subprocess.run([program, str(SHAPES.index(test))], input="\n".join(lines), text=True,
                              capture_output=True, check=True)
        return [int(word) for word in done.stdout.split()]
    return run


def execute(test, rng, buffered):
    """Interleave the threads' iterations; @buffered: stores wait, and loads pass them."""
    memory = {}
    regs = [[[] for _ in range(ITERATIONS)] for _ in test.threads]
    at = [0] * len(test.threads)
    buffers = [[] for _ in test.threads]
    total = [ITERATIONS * len(events) for events in test.threads]
    while any(a < n for a, n in zip(at, total)):
        t = rng.choice([t for t, a in enumerate(at) if a < total[t]])
        if buffers[t] and (not buffered or rng.random() < 0.3):
            var, value = buffers[t].pop(0)
            memory[var] = value
            continue
        events = test.threads[t]
        i, e = at[t] // len(events), events[at[t] % len(events)]
        at[t] += 1
        if e.write and buffered:
            buffers[t].append((e.var, i + 1))
        elif e.write:
            memory[e.var] = i + 1
        else:
            own = [v for var, v in buffers[t] if var == e.var]
            regs[t][i].append(own[-1] if own else memory.get(e.var, 0))
    return regs


def weak_frame_exists(test, regs):
    """By the definition, over all frames."""
    writer, names = perpetual_gen.writers(test), perpetual_gen.registers(test)
    for frame in itertools.product(range(len(regs[0])), repeat=len(regs)):
        if all((regs[t][frame[t]][r] == frame[writer[names[t][r]]] + 1) if v else
               (regs[t][frame[t]][r] <= frame[writer[names[t][r]]]) for t, r, v in test.cond):
            return True
    return False


def weak(test, hist):
    return hist[gen.weak_key(test)]


@pytest.mark.parametrize("test", SHAPES, ids=lambda t: t.name)
def test_sequential_executions_are_never_weak(test, tally):
    rng = random.Random(test.name)
    for _ in range(5):
        hist = tally(test, execute(test, rng, buffered=False))
        assert sum(hist) == ITERATIONS and weak(test, hist) == 0


@pytest.mark.parametrize("name", ["SB", "RWC", "3.SB"])
def test_store_buffers_show(name, tally):
    test = next(t for t in SHAPES if t.name == name)
    hist = tally(test, execute(test, random.Random(7), buffered=True))
    assert sum(hist) == ITERATIONS and weak(test, hist) > 0


@pytest.mark.parametrize("test", SHAPES, ids=lambda t: t.name)
def test_what_counts_as_weak_is_a_frame_of_the_definition(test, tally):
    """Registers at random: whatever the counter finds must be there."""
    rng = random.Random(test.name)
    n = 6
    found = 0
    for _ in range(60):
        regs = [[[rng.randrange(n + 1) for _ in names] for _ in range(n)]
                for names in perpetual_gen.registers(test)]
        hist = tally(test, regs)
        assert sum(hist) == n
        found += weak(test, hist) > 0
        assert not weak(test, hist) or weak_frame_exists(test, regs)
    assert found or len(test.threads) > 3, "no random registers were weak: nothing was tested"


def test_an_iteration_that_nobody_names_is_looked_for(tally):
    """IRIW's second reader sees the second writer's first store, and not yet the first one's."""
    test = next(t for t in SHAPES if t.name == "IRIW")
    regs = [[[], [], []], [[1, 0], [3, 3], [3, 3]], [[], [], []], [[0, 0], [1, 0], [3, 3]]]
    assert weak(test, tally(test, regs)) == 1


def test_a_value_that_two_store_tells_no_iteration():
    store, load = gen.Event(True, "x", 1), gen.Event(False, "x")
    once = types.SimpleNamespace(threads=[[store], [load]], cond=[(1, 0, 1)])
    twice = types.SimpleNamespace(threads=[[store, store], [load]], cond=[(1, 0, 1)])
    assert perpetual_gen.fits(once) and not perpetual_gen.fits(twice)


def test_what_does_not_fit_has_no_such_form():
    tests = {t.name: t for t in gen.make_tests(HERE / "shapes.tsv")}
    for name in ("2+2W", "S", "R", "CoWR", "PPOCA", "Z6.0"):
        assert not perpetual_gen.fits(tests[name]), name


def test_a_reader_may_stand_between_two_writers():
    """IRIW's second reader has to be looked for; nobody read what it stored."""
    test = next(t for t in SHAPES if t.name == "IRIW")
    assert [how for _, how, *_ in perpetual_gen.plan(test)] == ["", "read", "read", "seek"]
