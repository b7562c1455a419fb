# SPDX-License-Identifier: GPL-2.0-only
"""What may be seen of a file on an ISA, and who says so.

The outcome that is looked for is the condition's (of "forall": that it fails). Three may speak of
it: a line "Result:" of the file and herd7 with Linux's model, which speak of LKMM; herd7 with its
own model of the ISA, of an assembly dialect; and the table of the ISAs (tests/litmus/shapes.tsv),
of a file that is one of its rows but for names.

What LKMM forbids no ISA may show, as the primitives are those of Linux. What it allows may be
forbidden on an ISA all the same: then the table decides, and without it the cell says that LKMM
allows it, and no more. Where one forbids what another allows of the same ISA, nobody is believed:
the test cannot fail, and the contradiction is shown and counted.
"""
from dataclasses import dataclass

from ..base import isas
from . import assembly, shape

ALLOW, FORBID, UNKNOWN = "allow", "forbid", "unknown"
WORDS = ("Never", "Sometimes", "Always")


@dataclass(frozen=True)
class Said:
    """@source said @word (of WORDS) of the file; @arch: of that ISA alone, None: of LKMM."""

    source: str
    word: str
    arch: str | None = None


@dataclass
class Verdict:
    """@expect: what the kernel is told; @source: who says so, "" if nobody; @lkmm: all that is
    known is that LKMM allows it; @contradiction: who contradicts whom; @always: the outcome must
    show, and a run without it is what is forbidden."""

    expect: str = UNKNOWN
    source: str = ""
    lkmm: bool = False
    contradiction: str = ""
    always: bool = False


def weak_word(program, word):
    """What a word on the condition means for the outcome that is looked for."""
    if program.quantifier != "forall":
        return word
    return {"Never": "Always", "Always": "Never"}.get(word, word)


def _table(program, row):
    """What a row says of each ISA."""
    words = {"Allow": "Sometimes", "Forbid": "Never"}
    for name, isa in isas.load().items():
        word = words.get(row.expect.get(isa.model or name))
        if word:
            yield Said(f"table: {row.name}", word, name)


def sayings(program, answer=None, herd=None):
    """[Said] of all sources; @answer: herd7's word, or ""."""
    out = []
    # With a data race the model gives no guarantee, whatever the word before it.
    if program.result in WORDS and "DATARACE" not in program.result_note:
        out.append(Said("Result: (LKMM)" if program.dialect == "C" else "Result:",
                        weak_word(program, program.result), assembly.ARCH_OF.get(program.dialect)))
    if answer:
        out.append(Said(herd.model(program.dialect), weak_word(program, answer),
                        assembly.ARCH_OF.get(program.dialect)))
    row = shape.find(program)
    if row:
        out += _table(program, row)
    return out


def _contradiction(arch, lkmm, own):
    """Who contradicts whom, in words; "" if nobody does."""
    for group in (lkmm, own):
        never = next((s for s in group if s.word == "Never"), None)
        other = next((s for s in group if s.word != "Never"), None)
        if never and other:
            return f"{never.source} forbids it, {other.source} allows it"
    never = next((s for s in lkmm if s.word == "Never"), None)
    other = next((s for s in own if s.word != "Never"), None)
    if never and other:
        return f"{never.source} forbids it everywhere, {other.source} allows it on {arch}"
    return ""


def judge(said, arch):
    """The Verdict for an ISA on what was @said of a file."""
    lkmm = [s for s in said if s.arch is None]
    own = [s for s in said if s.arch == arch]
    trouble = _contradiction(arch, lkmm, own)
    if trouble:
        return Verdict(contradiction=trouble)
    forbidding = next((s for s in (*lkmm, *own) if s.word == "Never"), None)
    if forbidding:
        return Verdict(FORBID, forbidding.source)
    always = any(s.word == "Always" for s in (*lkmm, *own))
    if own:
        return Verdict(ALLOW, own[0].source, always=always)
    if lkmm:
        return Verdict(ALLOW, lkmm[0].source, lkmm=True, always=always)
    return Verdict()


def runs_on(program, arch):
    """Is a file of this dialect for that ISA?"""
    return assembly.ARCH_OF.get(program.dialect, arch) == arch
