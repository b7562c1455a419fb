#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Are the primitives of a port the instructions that its memory model asks for?

Barriers, acquires and releases, atomics, accesses that may fault: on a machine that keeps more
order than its manual promises (TCG on x86 does) a wrong one shows in no test. So each primitive of
include/arch/ gets a function of its own between two loads of one place, the compiler translates
them, and what it made is compared with arch/<isa>/primitives.tsv: a row a primitive, written from
the manual. One of the loads vanishes if the primitive does not hold the compiler.

The list is the contract's: its prototypes as the preprocessor sees them, the macros that
<arch/barrier.h> demands. A primitive without a row is a fault, and so is a row without one.

    check_primitives.py --source isa_half.i -o primitives.c     --twins: each a weaker one
    check_primitives.py build/arm64/gen/primitives.elf          must be as written
    check_primitives.py --twins build/arm64/gen/primitives_twins.elf    each must be noticed

Exit status 0: so it is, 1: it is not, 2: that cannot be told.
"""

import argparse
import re
import sys
from pathlib import Path

from fp.base import isas
from fp.base.errors import UserError
from fp.images.decoder import Unknown
from fp.images.objcode import decoder_of, isa_of, read_functions, read_words

PREFIX = "primitive_"
BARRIERS = "include/arch/barrier.h"
SIDE = 112  # where the place of the two loads lies
BITS = (8, 16, 32, 64)
# They say so, or order nothing, and may let the compiler pass.
LOOSE = ("smp_read_barrier_depends", "arch_cache_flush_line")
NO_ACCESS = ("arch_current_sp", "arch_probe_trap")  # a register; a trap: kernel.probe_trap

HEAD = f"""\
#include <arch/access.h>
#include <arch/atomic.h>
#include <arch/cpu.h>

struct place {{
	union {{
		u8 cell8;
		u16 cell16;
		u32 cell32;
		u64 cell64;
	}};
	u8 gap[{SIDE - 8}];
	u32 side;
}};
"""


# ---- the contract, as C ----

def prototypes(text):
    """{name: (type, parameters)} of the inlines that preprocessed text announces without a body."""
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    found = re.findall(r"\bstatic inline\s+((?:\w+\s+)+)(\w+)\(([^(){};]*)\)\s*;", text)
    return {name: (kind.strip(), params.split(",")) for kind, name, params in found
            if name not in NO_ACCESS}


def macros(root):
    """Names of the macros that the contract demands of <asm/barrier.h>."""
    return re.findall(r"!defined\((\w+)\)", (Path(root) / BARRIERS).read_text(encoding="utf-8"))


def call_of(name, params):
    """The call, and the bits of what it is done to, which the first pointer points to."""
    args, bits = [], 64
    values = iter("ab")
    for n, param in enumerate(params):
        pointee = re.search(r"u(\d+) \*", param)
        if "*" in param and n == 0:
            bits = int(pointee[1]) if pointee else 64
            args.append(f"&s->cell{bits}")
        elif pointee:
            args.append(f"(u{pointee[1]} *)&out")
        elif param.strip() != "void":
            args.append(next(values))
    return f"{name}({', '.join(args)})", bits


def weaker_call(name, kind, params, known):
    """Its twin: the relaxed one, and where it is that already, plain accesses."""
    relaxed = re.sub(r"(_acquire|_release|(?<=\d))$", "_relaxed", name)
    call, bits = call_of(relaxed, params)
    if relaxed in known and relaxed != name:
        return call
    if "*" not in params[0] or "void" in params[0]:
        return "(void)s" if kind == "void" else "0"
    read = f"s->cell{bits}"
    return read if "const" in params[0] else f"{read}; {read} = a"


def statements(root, text, twins):
    """{name of a primitive: C that does it once}."""
    known = prototypes(text)
    out = {}
    for name, (kind, params) in known.items():
        call = weaker_call(name, kind, params, known) if twins else call_of(name, params)[0]
        out[name] = call + ";" if kind == "void" else f"got = {call};"
    for name in macros(root):
        if name == "smp_load_acquire":
            op = "READ_ONCE(s->cell{0})" if twins else "smp_load_acquire(&s->cell{0})"
            out.update({f"{name}{n}": f"got = {op.format(n)};" for n in BITS})
        elif name == "smp_store_release":
            op = "WRITE_ONCE(s->cell{0}, a)" if twins else "smp_store_release(&s->cell{0}, a)"
            out.update({f"{name}{n}": f"{op.format(n)};" for n in BITS})
        else:
            out[name] = "" if twins else f"{name}();"
    return out


def source(root, text, twins):
    """A C file with a function for each primitive."""
    parts = [HEAD]
    for name, code in statements(root, text, twins).items():
        head = f"u64 {PREFIX}{name}(struct place *s, u64 a, u64 b)"
        first, last = ("0", "0") if name in LOOSE else ("s->side", "s->side")
        parts.append(f"\n{head};\n{head}\n{{\n\tu64 early = {first}, got = 0, out = 0;\n\n"
                     f"\t{code}\n\treturn (got ^ out) + early + {last};\n}}\n")
    return "".join(parts)


# ---- what the compiler made of it ----

def is_memory(machine, e):
    """Does it touch memory other than the stack?"""
    regs = e.load or e.store
    return bool(regs) and not set(regs) <= set(machine.stack)


def is_side(i, e):
    return bool(e.load) and not e.store and \
        bool(re.search(rf"\b(?:{SIDE}|{SIDE:#x})\b", i.text))


def words_of(machine, i, e, faulting):
    """An instruction without its registers."""
    op = i.op.rstrip("+-").replace("hwsync", "sync")
    if op == "lock":
        op += " " + i.args[0].split()[0]
    if is_memory(machine, e):
        if is_side(i, e):
            return "side"
        if not e.form and bool(e.load) != bool(e.store):  # as the compiler or the port likes
            op = "load" if e.load else "store"
        return f"{op}/{8 * e.size}" + ("!" if i.pc in faulting else "")
    if e.barrier:
        return " ".join([op, ",".join(a for a in i.args if a.isalpha())]).strip()
    return f"{op}/{8 * e.size}" if e.size else op


def is_afterthought(machine, i, e):
    """A comparison or a branch forward, with nothing of the primitive behind it."""
    return not is_memory(machine, e) and not e.barrier and not (e.cond and e.branch <= i.pc)


def text_of(machine, kept, i, e, faulting):
    text = words_of(machine, i, e, faulting)
    if e.branch < 0:
        return text
    return f"{text} @{next((n for n, (j, _) in enumerate(kept) if j.pc >= e.branch), 'end')}"


def events_of(machine, insns, faulting):
    """What of a function matters: accesses, barriers, comparisons and branches among them.

    A branch says where to: @ and the place of an event, from 0, or "end".
    """
    kept = []
    for i in insns:
        e = machine.decode(i)
        if is_memory(machine, e) or e.barrier or e.branch >= 0 or i.op.startswith("cmp"):
            kept.append((i, e))

    def drop_afterthoughts():
        while kept and is_afterthought(machine, *kept[-1]):
            kept.pop()
    drop_afterthoughts()
    first = [kept.pop(0)] if kept and is_side(*kept[0]) else []
    last = [kept.pop()] if kept and is_side(*kept[-1]) else []
    drop_afterthoughts()
    return [text_of(machine, kept, i, e, faulting) for i, e in [*first, *kept, *last]]


def settle(name, events):
    """What is earlier may pass the load of an acquire, and what is later the store of a release."""
    if name.startswith("smp_load_acquire") and "side" in events:
        events.insert(0, events.pop(events.index("side")))
    if name.startswith("smp_store_release") and "side" in events:
        events.append(events.pop(len(events) - 1 - events[::-1].index("side")))
    return events


def fewest_sides(machine, insns, n=0, seen=frozenset()):
    """How often the place is loaded on the path that does so least, from instruction @n on."""
    at = {i.pc: k for k, i in enumerate(insns)}
    count = 0
    while n < len(insns) and n not in seen:
        seen |= {n}
        e = machine.decode(insns[n])
        count += is_side(insns[n], e)
        if e.cond:
            there = fewest_sides(machine, insns, at[e.branch], seen) if e.branch in at else 0
            return count + min(there, fewest_sides(machine, insns, n + 1, seen))
        if e.ends and e.branch not in at:
            break
        n = at[e.branch] if e.ends else n + 1
    return count


def faulting_of(path, isa, machine):
    """Addresses of the instructions that have an entry in __ex_table."""
    words = read_words(path, isa.tool("objdump"), machine.options, "__ex_table")
    return {at + word for at, word in words[::2]}


# ---- what it should be ----

def expand(text):
    """"x{32,64} y{w,d} {}": two rows, each with its own of every list; {} is the first again."""
    first = re.search(r"\{[^}]*\}", text)
    text = text.replace("{}", first[0] if first else "")
    lists = [words.split(",") for words in re.findall(r"\{([^}]*)\}", text)]
    if len({len(words) for words in lists}) > 1:
        raise ValueError("its lists in braces differ in length")
    for n in range(len(lists[0]) if lists else 1):
        yield re.sub(r"\{([^}]*)\}", lambda m, n=n: m[1].split(",")[n], text)


def table_of(isa):
    """{name: events} of arch/<isa>/primitives.tsv; "-" is nothing at all."""
    path = isas.ROOT / "arch" / isa.name / "primitives.tsv"
    rows = {}
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise Unknown(f"{path} is missing: nothing says what the primitives should be") from None
    for n, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        try:
            for row in expand(line):
                name, words = re.split(r"\t+", row)
                if name in rows:
                    raise ValueError(f"a second row of {name}")
                rows[name] = [] if words == "-" else words.split("; ")
        except ValueError as e:
            raise UserError(f"{path}:{n}: {e}") from None
    return rows


def expected(name, row):
    return row if name in LOOSE else ["side", *row, "side"]


def is_as_written(name, row, made):
    """Row "*": whatever the port likes, as long as it holds the compiler, whichever way it goes."""
    return made == (["side", "side"] if row == ["*"] else expected(name, row))


def compare(rows, made):
    """What is wrong: (name, sentence)."""
    for name in sorted(rows.keys() | made.keys()):
        if name not in made:
            yield name, "has a row and is not in the contract"
        elif name not in rows:
            yield name, f"has no row; it is: {'; '.join(made[name])}"
        elif not is_as_written(name, rows[name], made[name]):
            yield name, (f"should be: {'; '.join(expected(name, rows[name]))}"
                         f"\n\tand is:    {'; '.join(made[name])}")


def unnoticed(rows, wrong):
    """Primitives whose weaker twin looks the same, though it should not."""
    for name, row in rows.items():
        relaxed = re.sub(r"(_acquire|_release|(?<=\d))$", "_relaxed", name)
        same = relaxed != name and rows.get(relaxed) == row
        if name not in wrong and not same and (row or name not in LOOSE):
            yield name


def check_file(path, twins):
    """Print what is wrong. Returns the exit status."""
    isa = isa_of(path)
    machine, rows = decoder_of(isa), table_of(isa)
    code = read_functions(path, isa.tool("objdump"), machine.options, PREFIX)
    faulting = faulting_of(path, isa, machine)
    made = {}
    for name, insns in code.items():
        name = name.removeprefix(PREFIX)
        made[name] = settle(name, events_of(machine, insns, faulting))
        if rows.get(name) == ["*"]:
            made[name] = ["side"] * fewest_sides(machine, insns)
    wrong = dict(compare(rows, made))
    if twins:
        missed = list(unnoticed(rows, wrong))
        print(*(f"{path}: {name}: its twin is weaker and we did not notice" for name in missed),
              f"{path}: {len(wrong)} of {len(made)} twins noticed, the others are the same",
              sep="\n")
        return 1 if missed or not wrong else 0
    print(*(f"{path}: {name} {sentence}" for name, sentence in wrong.items()),
          f"{path}: {len(made)} primitives, {len(wrong)} faults", sep="\n")
    return 1 if wrong or not made else 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--source", action="store_true", help="FILE is the contract, preprocessed")
    p.add_argument("--twins", action="store_true", help="weaker ones, which must be noticed")
    p.add_argument("-o", dest="output", help="the C file that --source makes")
    p.add_argument("file", metavar="FILE")
    args = p.parse_args()
    try:
        if not args.source:
            return check_file(args.file, args.twins)
        text = Path(args.file).read_text(encoding="utf-8")
        Path(args.output).write_text(source(isas.ROOT, text, args.twins), encoding="utf-8")
    except (Unknown, UserError, OSError) as e:
        print(f"check_primitives.py: {e}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
