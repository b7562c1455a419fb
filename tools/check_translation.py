#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Does the image execute for each edge of a translation test what the tables say?

tests/translation/sequences.tsv has, by ISA, the instructions of each edge that stands in a test's
body, and of the functions that the other edges call. Held against the object code are these
functions, and every body: of the instructions that the table names, it has those of its edges, in
their order, and no others.

    check_translation.py build/arm64/fencepost.elf          exit 0: so it is, 1: not, 2: cannot tell
"""

import argparse
import importlib.util
import itertools
import pathlib
import re
import sys

from fp.base.errors import UserError
from fp.images.decoder import Unknown
from fp.images.objcode import decoder_of, isa_of, read_functions

TESTS = pathlib.Path(__file__).resolve().parents[1] / "tests" / "translation"
BODY = "trans_"
ABSENT, NOTHING = "none", "nothing"
PORT = {"publish": "arch_pte_added_local", "fix": "arch_tlb_fix_fault_local"}


def load_gen():
    spec = importlib.util.spec_from_file_location("translation_gen", TESTS / "gen.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # for its dataclasses
    spec.loader.exec_module(module)
    return module


def read_sequences(gen, model):
    """Edge or function: its instructions; None where this ISA has no such function."""
    found = {}
    for where, cells in gen.read_tsv(TESTS / "sequences.tsv"):
        if model not in cells:
            raise Unknown(f"{where}: no column {model}")
        text = cells[model]
        found[cells["edge"]] = None if text == ABSENT else \
            [] if text == NOTHING else text.split("; ")
    return found


def words(insn):
    return [insn.op, *re.split(r"[\s,()%]+", " ".join(insn.args))]


def name_of(insn, named):
    """Which of the instructions @named it is, or the call of which function; or None."""
    m = re.search(r"<(\w+)(?:\+0x8)?>", insn.text)  # behind the entry that sets up the TOC
    if m and f"call {m[1]}" in named:
        return f"call {m[1]}"
    has = words(insn)
    for name in named:
        head, *rest = name.split()
        if head == has[0] and all(w in has[1:] for w in rest):
            return name
    return None


def once(names):
    """The same, a repetition once: a loop may be unrolled."""
    return [n for n, _ in itertools.groupby(names)]


def executed(insns, named):
    """Of @named in their order."""
    return once(n for n in (name_of(i, named) for i in insns) if n)


def wanted(gen, events, sequences):
    """What a body should execute for its edges."""
    out = []
    for e in events:
        if e.kind == "page" and e.value in sequences:
            out += sequences[e.value]
        elif e.kind == "fence" and e.what in sequences:
            out += sequences[e.what]
        elif e.kind == "page":
            out.append(f"call {PORT[e.value]}")
        elif e.kind == "batch":
            out.append("call " + gen.BATCH[e.what].removesuffix("();"))
        elif e.kind == "fence" and gen.FENCES[e.what].startswith("trans_"):
            out.append("call " + gen.FENCES[e.what].removesuffix("();"))
    return once(out)


def calls_of(gen):
    called = [c.removesuffix("();") for c in (*gen.BATCH.values(), *gen.FENCES.values())
              if c.startswith("trans_")]
    return {f"call {c}" for c in [*called, *PORT.values()]}


def check_bodies(gen, sequences, functions):
    """What is wrong with each."""
    named = calls_of(gen) | {i for s in sequences.values() for i in s or ()
                             if not i.startswith("call ")}
    rows, _ = gen.read_rows(TESTS / "shapes.tsv", TESTS / "sources.tsv")
    for n, row in enumerate(rows):
        for t, events in enumerate(row.threads):
            body = functions.get(f"{BODY}{n}_{t}")
            want = wanted(gen, events, sequences)
            if body is None:
                yield f"{row.name}: thread {t} is not in the image"
            elif executed(body, named) != want:
                yield (f"{row.name}: thread {t} executes {executed(body, named)}, "
                       f"and should {want}")


def check_functions(sequences, functions):
    for edge, want in sequences.items():
        if not edge.endswith("()"):
            continue
        insns = functions.get(edge.removesuffix("()"))
        if (insns is None) != (want is None):
            yield f"{edge} is {'not ' if insns is None else ''}in the image"
        elif want is not None:
            named = {i for s in sequences.values() for i in s or ()}
            has = executed(insns, named)
            if has != once(want):
                yield f"{edge} executes {has}, and should {want}"


def check_file(path):
    """Print what is wrong. Returns the exit status."""
    isa = isa_of(path)
    gen = load_gen()
    sequences = read_sequences(gen, isa.model)
    functions = read_functions(path, isa.tool("objdump"), decoder_of(isa).options, "")
    wrong = [*check_functions(sequences, functions), *check_bodies(gen, sequences, functions)]
    for w in wrong:
        print(f"{path}: {w}")
    print(f"{path}: {sum(f.startswith(BODY) for f in functions)} functions of translation tests, "
          f"{len(wrong)} faults")
    return 1 if wrong else 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("file", metavar="ELF")
    args = p.parse_args()
    try:
        return check_file(args.file)
    except (Unknown, UserError, OSError) as e:
        print(f"check_translation.py: {e}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
