# SPDX-License-Identifier: GPL-2.0-only
"""Damaged litmus files: the answer is a program or one sentence with its place, and soon.

    python3 tools/tests/test_litmusfile_fuzz.py [seconds] [seed] [file ...]     goes on longer
"""
import random
import re
import sys
import time
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from fp.litmusfile import reader, sc  # noqa: E402

SLOW = 10.0  # seconds for one file, on a crowded host
SENTENCE = re.compile(r"some/F\.litmus:\d+: \S.{5,}", re.DOTALL)
SEEDS = ["""\
C MP+rel+acq
(* Result: Never *)
Hash=1234
{ int x=1; int *y = &x; a[2]={1,2}; atomic_t c = ATOMIC_INIT(3); 0:r9=x; }
P0(int *x, int **y, int *a, spinlock_t *l) {
	int r0 = 0x1f;
	spin_lock(l); /* held */
	WRITE_ONCE(*x, (r0 + 1) * 2);
	if (r0 == 1 && *a) { rcu_assign_pointer(*y, a); } else a[1] = 3;
	spin_unlock(l);
}
P1(int **y, atomic_t *c) {
	int *r1; // a pointer
	rcu_read_lock();
	r1 = rcu_dereference(*y);
	r2 = READ_ONCE(*r1) ? atomic_add_return(2, c) : -1;
	rcu_read_unlock();
}
locations [x; 0:r0;]
filter (0:r0=31)
exists (1:r1=x /\\ (1:r2=0 \\/ ~c=3))
""", """\
C SB
{}
P0(int *x, int *y) { WRITE_ONCE(*x, 1); smp_mb(); r0 = READ_ONCE(*y); }
P1(int *x, int *y) { WRITE_ONCE(*y, 1); smp_mb(); r0 = READ_ONCE(*x); }
exists (0:r0=0 /\\ 1:r0=0)
"""]
TOKEN = re.compile(r"\s+|\w+|.", re.DOTALL)
WORDS = ["{", "}", "(", ")", "(*", "*)", "/*", "*/", "//", '"', ";", "=", "==", "/\\", "\\/", "~",
         "exists", "forall", "if", "else", "while", "0", "-1", "9" * 40, "0x" + "f" * 20, "x", "y",
         "r0", "P0", "P1", "int", "*", "&", "[", "]", "READ_ONCE", "xchg", "->", "?", ":", "#",
         "\\", "\0", "\n", "struct", "void", "typedef", "sizeof", "_Atomic", "'", "C", "u64", "%r",
         "$x"]


def by_tokens(rng, text):
    """The text with some tokens lost, doubled, moved, or others in their place."""
    tokens = TOKEN.findall(text)
    for _ in range(rng.choice((1, 1, 2, 5, 20))):
        at = rng.randrange(len(tokens))
        other = rng.choice((rng.choice(WORDS), rng.choice(tokens)))
        tokens[at:at + rng.randrange(3)] = rng.choice(([], [other], [other, tokens[at]]))
        tokens = tokens or [" "]
    return "".join(tokens)


def by_bytes(rng, text):
    """The text with some bytes that are others, or cut off."""
    data = bytearray(text.encode())
    for _ in range(rng.choice((1, 3, 10))):
        data[rng.randrange(len(data))] = rng.randrange(256)
    return bytes(data[:rng.choice((len(data), rng.randrange(len(data))))]).decode(errors="replace")


def by_lines(rng, text):
    """The text with lines swapped, lost or repeated."""
    lines = text.split("\n")
    for _ in range(rng.choice((1, 2, 4))):
        at = rng.randrange(len(lines))
        lines.insert(rng.randrange(len(lines)), lines.pop(at) if rng.random() < 0.7 else lines[at])
    return "\n".join(lines)


def check(text):
    """Reads @text; an accepted program has a meaning, too. True if it is accepted."""
    begin = time.monotonic()
    try:
        program = reader.read_text(text, "some/F.litmus")
    except reader.LitmusError as error:
        assert SENTENCE.fullmatch(str(error)), (str(error), text)
        program = None
    assert time.monotonic() - begin < SLOW, text[:2000]
    if program and program.dialect == "C":
        sc.outcomes(program, 50)
    return program is not None


def damaged(rng, seeds):
    return rng.choice((by_tokens, by_bytes, by_lines))(rng, rng.choice(seeds))


def test_seeds_are_sound():
    assert all(check(seed) for seed in SEEDS)


def test_damaged_files():
    rng = random.Random(1)
    accepted = [check(damaged(rng, SEEDS)) for _ in range(250)]
    assert 10 < sum(accepted) < 200


PLAIN = "C T\n{%s}\nP0(int *x) { %s }\n%s\n"
N = 3000
DEEP = {
    "brackets": PLAIN % ("", "r0 = " + "(" * N + "1" + ")" * N + ";", ""),
    "braces": PLAIN % ("", "{" * N + "}" * N, ""),
    "else if": PLAIN % ("", "if (*x) ; else " * N + ";", ""),
    "if if": PLAIN % ("", "if (*x) " * N + ";", ""),
    "sum": PLAIN % ("", "r0 = " + "*x + " * N + "1;", ""),
    "sum of locals": PLAIN % ("", "r0 = " + "r1 - " * N + "1;", ""),
    "not": PLAIN % ("", "r0 = " + "!" * N + "*x;", ""),
    "stars": PLAIN % ("", "r0 = " + "*" * N + "x;", ""),
    "casts": PLAIN % ("", "r0 = " + "(int)" * N + "*x;", ""),
    "chosen": PLAIN % ("", "r0 = " + "*x ? 1 : " * N + "1;", ""),
    "assigned": PLAIN % ("", "r0 = r1 = " * N + "1;", ""),
    "pointer": f"C T\n{{}}\nP0(int {'*' * N}x) {{ }}\n",
    "condition": PLAIN % ("", "", "exists " + "(" * N + "x=1" + ")" * N),
    "condition not": PLAIN % ("", "", "exists (" + "~" * N + "x=1)"),
    "implied": PLAIN % ("", "", "exists (" + "x=1 => " * N + "x=1)"),
    "either": PLAIN % ("", "", "exists (" + "x=1 /\\ x=2 \\/ " * N + "x=1)"),
    "comments": "C T\n" + "(*" * N + "*)" * N + "{}\nP0() {}\n",
    "open comments": "C T\n" + "(* " * 80000,
    "state": PLAIN % ("x=1;" * N, "", ""), "empty state": PLAIN % (";" * N, "", ""),
    "deep state": "C T\n" + "{" * N + "}" * N + "\nP0() { }\n",
    "digits": PLAIN % ("x=" + "9" * 9000, "", ""),
    "C digits": PLAIN % ("", f"r0={'9' * 9000};", ""),
    "hex digits": PLAIN % ("", "r0 = 0x" + "f" * 9000 + ";", ""),
    "thread number": "C T\n{}\nP" + "9" * 9000 + "() { }\n",
    "many threads": "C T\n{}\n" + "".join(f"P{i}() {{ }}\n" for i in range(2000)),
    "big array": PLAIN % ("int a[999999999];", "", ""), "spaces": "C T\n" + " " * 200000 + "{}",
    "spaces in state": PLAIN % (" " * 200000 + "x", "", ""),
    "key": "C T\na" + " " * 200000 + "b\n{}\nP0() { }\n",
    "name": "C " + "(*" * 100000 + "\n{}\nP0() { }\n", "tildes": "C T\n" + "~ " * 100000,
    "quotes": "C T\n" + '"' * 100001, "many": PLAIN % ("", "WRITE_ONCE(*x, 1);\n" * 2000, ""),
    "blank line in comment": "C T\n(* " + " " * 200000 + "x *)\n{}\nP0() { }\n",
    "a megabyte": "C T\n{}\nP0() { " + ";" * (1 << 20) + " }\n", "nothing": "", "zeros": "\0" * 100,
    "asm": "AArch64 T\n{}\n" + " P0 |" * 20000 + ";\n" + " MOV W0,#1 |" * 9000,
}


@pytest.mark.parametrize("name", DEEP)
def test_extremes(name):
    check(DEEP[name])


def main(seconds=60, seed=None, *files):
    """Goes on for @seconds, with the texts of @files as more seeds."""
    seed = int(seed or time.time())
    rng = random.Random(seed)
    seeds = SEEDS + [Path(path).read_text(errors="replace") for path in files]
    end = time.monotonic() + float(seconds)
    tried = accepted = 0
    while time.monotonic() < end:
        accepted += check(damaged(rng, seeds))
        tried += 1
    print(f"Done {tried} runs in {seconds} second(s): seed {seed}, {accepted} accepted")


if __name__ == "__main__":
    main(*sys.argv[1:])
