#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Did the compiler keep what the litmus tests are about?

Reads the object code of every litmus body (its name spells its events: see tests/litmus/gen.py),
follows each path through it, and tracks which loads each register depends on. A body is in order
when its accesses come in the order of its name, and each edge is there: an address, a stored value
or a branch that depends on the load; the barrier instruction between; the acquire or release form
of the access. What the instructions must be is Linux's mapping, for which the expectations were
computed.

Long because it reads four instruction sets; each decoder knows just what compilers use in bodies.

    check_deps.py build/arm64/fencepost.elf          exit 0: all kept, 1: some lost, 2: cannot tell
    check_deps.py --broken build/arm64/gen/litmus_broken.o   must find every broken dependency
"""

import argparse
import re
import subprocess
import sys
from dataclasses import dataclass, field

from fp import isas
from fp.errors import UserError

PREFIX = "litmus_body_"
DEPENDENCIES = ("addr", "data", "ctrl", "ctrlisync")
PATHS_MAX = 4096


class Unknown(Exception):
    """The object code is not what we can read."""


@dataclass
class Insn:
    pc: int
    op: str
    args: list
    text: str


@dataclass
class Effect:
    """What one instruction does, as far as we care."""
    dst: tuple = ()  # registers written
    src: tuple = ()  # registers the result depends on
    load: tuple = ()  # address registers, if it reads memory
    store: tuple = ()  # address registers, if it writes memory
    data: tuple = ()  # registers stored
    size: int = 0
    form: str = ""  # acq, rel, ll, sc, rmw, rmw-full
    barrier: str = ""  # full, w, r, light, isync, acq, rel
    branch: int = -1  # target
    cond: tuple = ()  # registers of a conditional branch
    ends: bool = False  # return, or unconditional branch
    keep: bool = False  # dst keeps its old dependencies too


# ---- one decoder an ISA ----

def split_args(text):
    out, depth, word = [], 0, ""
    for c in text:
        depth += c in "([{"
        depth -= c in ")]}"
        if c == "," and depth == 0:
            out.append(word.strip())
            word = ""
        else:
            word += c
    return out + [word.strip()] if word.strip() else out


class X86:
    elf = 62
    options = ()
    stack = ("sp", "bp")
    SIZES = {"b": 1, "w": 2, "l": 4, "q": 8}

    @staticmethod
    def reg(name):
        """Register without its width, and the width."""
        m = re.fullmatch(r"%(r(\d+)([dwb]?)|([re]?)([abcd]x|[sd]i|[sb]p)|([abcd])[lh]"
                         r"|([sd]i|[sb]p)l)", name)
        if not m:
            return None, 0
        if m[2]:
            return "r" + m[2], {"": 8, "d": 4, "w": 2, "b": 1}[m[3]]
        if m[5]:
            return m[5], {"r": 8, "e": 4, "": 2}[m[4]]
        return (m[6] + "x" if m[6] else m[7]), 1

    def mem(self, arg):
        m = re.search(r"\(([^)]*)\)$", arg)
        if not m:
            return None
        return tuple(r for r in (self.reg(x.strip())[0] for x in m[1].split(",")) if r)

    def decode(self, i):
        op, args = i.op, i.args
        if op in ("lock", "rep", "repz", "notrack", "bnd"):
            inner = self.decode(Insn(i.pc, args[0].split()[0], split_args(
                " ".join(args[0].split()[1:]) + "".join("," + a for a in args[1:])), i.text))
            if op == "lock":
                stack = inner.store and set(inner.store) <= set(self.stack)
                inner.form, inner.barrier = ("", "full") if stack else ("rmw-full", "full")
            return inner
        if op in ("mfence",):
            return Effect(barrier="full")
        if op.startswith("nop") or op in ("endbr64", "lfence", "sfence", "pause", "data16", "cs"):
            return Effect()
        if op == "leave":
            return Effect(dst=self.stack)
        if op.startswith("ret") or op == "int3":  # what clang fills gaps with
            return Effect(ends=True)
        if op.startswith("j"):
            target = int(args[0].split()[0], 16)
            return Effect(branch=target, ends=op == "jmp", cond=() if op == "jmp" else ("flags",))
        if op.startswith("push"):
            return Effect()
        if op.startswith("pop"):
            return Effect(dst=(self.reg(args[0])[0],))
        if op.startswith("call"):
            raise Unknown("a call in a body")
        mems = [self.mem(a) for a in args]
        regs = [self.reg(a) for a in args]
        width = max((w for _, w in regs), default=0)
        size = width or self.SIZES.get(op[-1], 0)
        m = re.fullmatch(r"mov[sz]([bwl])[wlq]", op)
        if m:
            size = self.SIZES[m[1]]
        if op.startswith("lea"):
            return Effect(dst=(regs[-1][0],), src=mems[0])
        if op.startswith(("cmp", "test")) and not op.startswith("cmpxchg"):
            e = Effect(dst=("flags",), src=tuple(r for r, _ in regs if r))
            e.load = next((x for x in mems if x is not None), ())
            e.size = size
            return e
        if op.startswith(("xchg", "xadd", "cmpxchg")):
            if mems[-1] is None:
                both = tuple(r for r, _ in regs if r)
                return Effect(dst=both, src=both)
            # xchg with memory is locked by itself; the others are after a lock prefix.
            form = "rmw-full" if op.startswith("xchg") else ""
            return Effect(load=mems[-1], store=mems[-1], data=(regs[0][0],), dst=(regs[0][0],),
                          size=size, form=form, barrier="full" if form else "")
        dst, dmem = regs[-1][0], mems[-1]
        srcs = tuple(r for r, _ in regs[:-1] if r)
        move = op.startswith("mov")
        # x ^ x of one register is a constant; sbb and the like are not used for that here.
        if op.startswith(("xor", "sub")) and len(args) == 2 and args[0] == args[1]:
            return Effect(dst=(dst, "flags"))
        if dmem is not None:
            e = Effect(store=dmem, data=srcs, size=size)
            if not move:
                e.load, e.dst = dmem, ("flags",)
            return e
        e = Effect(dst=(dst,) if move else (dst, "flags"), src=srcs, keep=not move, size=size)
        e.load = next((x for x in mems[:-1] if x is not None), ())
        if op.startswith(("cmov", "set")):
            e.src += ("flags",)
            e.keep = True
        return e


class Arm64:
    elf = 183
    options = ()
    stack = ("sp", "x29")
    BARRIERS = {"ish": "full", "ishst": "w", "ishld": "r", "sy": "full"}

    @staticmethod
    def reg(name):
        m = re.fullmatch(r"([wx])(\d+|zr)|sp|wsp", name)
        if not m:
            return None
        if name in ("sp", "wsp"):
            return "sp"
        return None if m[2] == "zr" else "x" + m[2]

    def regs(self, args):
        out = []
        for a in args:
            out += [r for r in (self.reg(x) for x in re.findall(r"\b[wx]\d+\b|\bsp\b", a)) if r]
        return tuple(out)

    def decode(self, i):
        op, args = i.op, i.args
        if op == "dmb" or op == "dsb":
            return Effect(barrier=self.BARRIERS[args[0]])
        if op == "isb":
            return Effect(barrier="isync")
        if op in ("nop", "yield", "bti", "paciasp", "autiasp", "hint"):
            return Effect()
        if op == "ret":
            return Effect(ends=True)
        if op == "bl" or op == "blr":
            raise Unknown("a call in a body")
        if op == "b":
            return Effect(branch=int(args[0].split()[0], 16), ends=True)
        if op.startswith("b."):
            return Effect(branch=int(args[0].split()[0], 16), cond=("flags",))
        if op in ("cbz", "cbnz", "tbz", "tbnz"):
            return Effect(branch=int(args[-1].split()[0], 16), cond=self.regs(args[:1]))
        width = 8 if args and args[0].startswith("x") else 4
        if op.endswith("b") and op.startswith(("ld", "st")):
            width = 1
        m = re.fullmatch(r"(swp|ldadd|cas|ldset|ldclr|ldeor)(a?l?)", op)
        if m:
            mem = self.regs(args[-1:])
            form = "rmw-full" if m[2] == "al" else "rmw"
            return Effect(load=mem, store=mem, data=self.regs(args[:2]), dst=self.regs(args[1:2]),
                          size=width, form=form, barrier="full" if form == "rmw-full" else "")
        if op.startswith("ld"):
            mem = next(n for n, a in enumerate(args) if "[" in a)
            form = {"ldar": "acq", "ldxr": "ll", "ldaxr": "ll"}.get(op, "")
            e = Effect(dst=self.regs(args[:mem]), load=self.regs([args[mem]]), size=width,
                       form=form)
            return e if op != "ldp" else Effect(dst=e.dst, load=e.load, size=8)
        if op.startswith("st"):
            mem = next(n for n, a in enumerate(args) if "[" in a)
            form = {"stlr": "rel", "stxr": "sc", "stlxr": "sc"}.get(op, "")
            if form == "sc":
                width = 8 if args[1].startswith("x") else 4
                return Effect(dst=self.regs(args[:1]), store=self.regs([args[mem]]),
                              data=self.regs(args[1:mem]), size=width,
                              form="sc-rel" if op == "stlxr" else "sc")
            e = Effect(store=self.regs([args[mem]]), data=self.regs(args[:mem]), size=width,
                       form=form)
            return e if op != "stp" else Effect(store=e.store, data=e.data, size=8)
        if op in ("cmp", "cmn", "tst", "ccmp", "ccmn"):
            return Effect(dst=("flags",), src=self.regs(args), keep=op.startswith("cc"))
        dst = self.regs(args[:1])
        src = self.regs(args[1:])
        if op in ("eor", "sub") and len(args) == 3 and args[1] == args[2]:
            src = ()  # architecturally still a dependency, but not one that we meant
        if op.startswith("cs") or op.startswith("cinc") or op == "cset":
            src += ("flags",)
        if op.endswith("s") and op in ("adds", "subs", "ands", "bics", "negs"):
            dst += ("flags",)
        return Effect(dst=dst, src=src, keep=op in ("movk", "bfi", "bfxil"))


class Riscv:
    elf = 243
    # Extensions that the file does not name, too: clang names no zifencei, and binutils 2.44 keeps
    # to what is named. Before it had this option, objdump knew all; it ignores what it has not.
    options = ("-M", "max")
    stack = ("sp", "s0")
    SIZES = {"b": 1, "h": 2, "w": 4, "d": 8}
    FENCES = {("rw", "rw"): "full", ("w", "w"): "w", ("r", "r"): "r", ("r", "rw"): "acq",
              ("rw", "w"): "rel", ("iorw", "iorw"): "full", ("ow", "ow"): "w", ("ir", "ir"): "r"}
    REG = re.compile(r"(?:zero|ra|sp|gp|tp|fp|[ast]\d+)$")

    def regs(self, args):
        out = []
        for a in args:
            for w in re.split(r"[(),\s]+", a):
                if w and self.REG.match(w) and w != "zero":
                    out.append("s0" if w == "fp" else w)
        return tuple(out)

    def decode(self, i):
        op, args = i.op.removeprefix("c."), i.args
        if op == "fence":
            return Effect(barrier=self.FENCES.get(tuple(args) if args else ("rw", "rw"), "other"))
        if op == "fence.i":
            return Effect(barrier="isync")
        if op in ("nop", "pause"):
            return Effect()
        if op == "ret":
            return Effect(ends=True)
        if op in ("call", "jal", "jalr"):
            raise Unknown("a call in a body")
        if op == "j":
            return Effect(branch=int(args[0].split()[0], 16), ends=True)
        if re.fullmatch(r"b(eq|ne|lt|ge|ltu|geu|gt|le|gtu|leu)z?", op):
            return Effect(branch=int(args[-1].split()[0], 16), cond=self.regs(args[:-1]))
        m = re.fullmatch(r"amo(\w+)\.([wd])(?:\.(aq|rl|aqrl))?", op)
        if m:
            mem = self.regs(args[2:])
            form = "rmw-full" if m[3] == "aqrl" else "rmw"
            return Effect(load=mem, store=mem, data=self.regs(args[1:2]), dst=self.regs(args[:1]),
                          size=self.SIZES[m[2]], form=form,
                          barrier="full" if form == "rmw-full" else "")
        m = re.fullmatch(r"(lr|sc)\.([wd])(?:\.(aq|rl|aqrl))?", op)
        if m:
            size = self.SIZES[m[2]]
            if m[1] == "lr":
                return Effect(dst=self.regs(args[:1]), load=self.regs(args[1:]), size=size,
                              form="ll")
            return Effect(dst=self.regs(args[:1]), store=self.regs(args[2:]),
                          data=self.regs(args[1:2]), size=size,
                          form="sc-rel" if m[3] in ("rl", "aqrl") else "sc")
        m = re.fullmatch(r"l([bhwd])u?(sp)?", op)
        if m:
            return Effect(dst=self.regs(args[:1]), load=self.regs(args[1:]), size=self.SIZES[m[1]])
        m = re.fullmatch(r"s([bhwd])(sp)?", op)
        if m:
            return Effect(data=self.regs(args[:1]), store=self.regs(args[1:]),
                          size=self.SIZES[m[1]])
        src = self.regs(args[1:])
        if op in ("xor", "sub") and len(args) == 3 and args[1] == args[2]:
            src = ()
        return Effect(dst=self.regs(args[:1]), src=src)


class Power:
    elf = 21
    options = ()
    stack = ("r1", "r31")
    SIZES = {"b": 1, "h": 2, "w": 4, "d": 8}

    @staticmethod
    def regs(args):
        return tuple(r for a in args for r in re.findall(r"\b(?:r\d+|cr\d)\b", a))

    def decode(self, i):
        op, args = i.op.rstrip("+-"), i.args
        if op in ("hwsync", "sync"):
            return Effect(barrier="full")
        if op == "lwsync":
            return Effect(barrier="light")
        if op == "isync":
            return Effect(barrier="isync")
        if op in ("nop", "ori") and (op == "nop" or args[:2] == ["r0", "r0"]):
            return Effect()
        if op == "blr":
            return Effect(ends=True)
        if op in ("bl", "bctrl"):
            raise Unknown("a call in a body")
        if op == "b":
            return Effect(branch=int(args[0].split()[0], 16), ends=True)
        if op in ("bdnz", "bdz"):
            return Effect(branch=int(args[-1].split()[0], 16), cond=("ctr",))
        if re.fullmatch(r"b(eq|ne|lt|gt|le|ge|ng|nl)", op):
            cr = args[0] if len(args) == 2 else "cr0"
            return Effect(branch=int(args[-1].split()[0], 16), cond=(cr,))
        if re.fullmatch(r"b(eq|ne|lt|gt|le|ge|ng|nl)lr", op):
            return Effect(cond=(args[0] if args else "cr0",))
        m = re.fullmatch(r"l([wd])arx", op)
        if m:
            return Effect(dst=self.regs(args[:1]), load=self.base(args[1:]), size=self.SIZES[m[1]],
                          form="ll")
        m = re.fullmatch(r"st([wd])cx\.", op)
        if m:
            return Effect(dst=("cr0",), store=self.base(args[1:]), data=self.regs(args[:1]),
                          size=self.SIZES[m[1]], form="sc")
        m = re.fullmatch(r"l([bhwd])[za]?(u?)(x?)", op)
        if m and op != "la":
            base = self.base(args[1:])
            return Effect(dst=self.regs(args[:1]) + (base[:1] if m[2] else ()), load=base,
                          size=self.SIZES[m[1]])
        m = re.fullmatch(r"st([bhwd])(u?)(x?)", op)
        if m:
            base = self.base(args[1:])
            return Effect(data=self.regs(args[:1]), store=base, size=self.SIZES[m[1]])
        if op.startswith("cmp"):
            cr = args[0] if args[0].startswith("cr") else "cr0"
            return Effect(dst=(cr,), src=self.regs(args[1:] if args[0] == cr else args))
        if op == "mtctr":
            return Effect(dst=("ctr",), src=self.regs(args))
        dst, src = self.regs(args[:1]), self.regs(args[1:])
        if op in ("xor", "subf") and len(args) == 3 and args[1] == args[2]:
            src = ()
        if op.endswith("."):
            dst += ("cr0",)
        return Effect(dst=dst, src=src, keep=op.startswith(("rldimi", "rlwimi")))

    def base(self, args):
        """Address registers: "8(r3)", or two registers of which a first 0 means none."""
        return tuple(r for r in self.regs(args))


MACHINES = {m.elf: m() for m in (X86, Arm64, Riscv, Power)}


# ---- reading the object code ----

def machine_of(path):
    with open(path, "rb") as f:
        head = f.read(20)
    if head[:4] != b"\x7fELF":
        raise Unknown(f"{path} is no ELF file")
    number = int.from_bytes(head[18:20], "little" if head[5] == 1 else "big")
    if number not in MACHINES:
        raise Unknown(f"{path}: nothing here reads the instructions of ELF machine {number}")
    return MACHINES[number]


def objdump_of(machine):
    """The disassembler of the ISA whose isa.toml names this ELF machine."""
    found = [isa for isa in isas.load().values() if isa.elf_machine == machine.elf]
    if not found:
        raise Unknown(f"no arch/*/isa.toml has elf_machine = {machine.elf}")
    return found[0].tool("objdump")


def read_bodies(path, machine):
    """Name of each body -> its instructions."""
    objdump = objdump_of(machine)
    try:
        run = subprocess.run([objdump, *machine.options, "-d", "--no-show-raw-insn", path],
                             text=True, capture_output=True, check=True)
    except FileNotFoundError:
        raise Unknown(f"{objdump} is missing: install binutils for that ISA") from None
    except subprocess.CalledProcessError as e:
        raise Unknown(f"{objdump}: {e.stderr.strip()}") from None
    bodies, current = {}, None
    for line in run.stdout.splitlines():
        m = re.match(r"[0-9a-f]+ <(.+)>:$", line)
        if m:
            if not m[1].startswith(".L"):
                current = bodies.setdefault(m[1], []) if m[1].startswith(PREFIX) else None
            continue
        m = re.match(r"\s*([0-9a-f]+):\t(\S+)\s*(.*)", line)
        if m and current is not None:
            rest = re.split(r"\s+(?://|#|<)", m[3])[0].strip()
            current.append(Insn(int(m[1], 16), m[2], split_args(rest), line.strip()))
    return bodies


# ---- following the paths ----

@dataclass
class Access:
    write: bool
    form: str
    addr: frozenset
    data: frozenset
    before: list  # barriers since the access before
    branches: frozenset  # loads that branches since the access before depended on


@dataclass
class Path:
    accesses: list = field(default_factory=list)
    after: list = field(default_factory=list)  # barriers since the last access
    branches: frozenset = frozenset()


def union(taint, regs):
    return frozenset().union(*(taint.get(r, frozenset()) for r in regs))


def is_cell(machine, e):
    """Cells of variables are what bodies touch with 32-bit accesses, off the stack."""
    regs = e.load or e.store
    return e.size == 4 and regs and not set(regs) <= set(machine.stack)


def step(machine, e, taint, path):
    """One instruction's effect on the dependencies and on the path's record."""
    if e.barrier and not e.form:
        path.after.append(e.barrier)
    src = union(taint, e.src)
    if is_cell(machine, e) and e.form != "ll":
        write = bool(e.store)
        path.accesses.append(Access(write, e.form, union(taint, e.load or e.store),
                                    union(taint, e.data), path.after, path.branches))
        path.after, path.branches = [], frozenset()
        if not write or e.form.startswith("rmw"):
            src |= {len(path.accesses) - 1}
    if e.keep:
        src |= union(taint, e.dst)
    for r in e.dst:
        taint[r] = src


def walk(machine, insns):
    """Every path from the entry to a return, or back to an instruction that it has been at."""
    at = {i.pc: n for n, i in enumerate(insns)}
    effects = [machine.decode(i) for i in insns]
    paths = []
    todo = [(0, {}, Path(), frozenset())]
    while todo:
        n, taint, path, seen = todo.pop()
        while True:
            if n >= len(insns) or n in seen:
                paths.append(path)
                break
            seen |= {n}
            e = effects[n]
            if not insns[n].op[0].isalpha():  # .insn, .word, (bad)
                raise Unknown(f"objdump does not know: {insns[n].text}")
            step(machine, e, taint, path)
            if e.cond:
                path.branches |= union(taint, e.cond)
            if e.branch >= 0 and e.branch in at:
                other = Path(list(path.accesses), list(path.after), path.branches)
                if e.ends:
                    n = at[e.branch]
                    continue
                todo.append((at[e.branch], dict(taint), other, seen))
                if len(todo) + len(paths) > PATHS_MAX:
                    raise Unknown("too many paths")
            elif e.ends:
                paths.append(path)
                break
            n += 1
    return paths


# ---- what the name asks for ----

def parse_name(name):
    """Events (True: write) and the edges between them."""
    events, edges = [], []
    for word in name.removeprefix(PREFIX).split("_"):
        if re.fullmatch(r"W\d+v\d+", word):
            events.append(True)
        elif re.fullmatch(r"R\d+", word):
            events.append(False)
        else:
            edges.append(word)
    if len(edges) != len(events) - 1:
        raise Unknown("the name does not alternate events and edges")
    return events, edges


# Barriers that serve as each kind, per ISA: exactly those of Linux's mapping, or stronger.
SERVES = {
    "Arm64": {"mb": {"full"}, "wmb": {"w", "full"}, "rmb": {"r", "full"}},
    "Riscv": {"mb": {"full"}, "wmb": {"w", "full"}, "rmb": {"r", "full"},
              "acq": {"acq", "full"}, "rel": {"rel", "full"}},
    "Power": {"mb": {"full"}, "wmb": {"light", "full"}, "rmb": {"light", "full"},
              "acq": {"light", "full"}, "rel": {"light", "full"}},
    "X86": {"mb": {"full"}},
}


def ordered_form(isa, kind, access, before, after):
    """Is @access an acquire or release of this ISA?"""
    if isa == "X86":
        return True
    if isa == "Arm64":
        return access.form == kind
    return bool(SERVES[isa][kind] & set(before if kind == "rel" else after))


def check_edge(isa, edge, i, path):
    """None if the edge between accesses i and i + 1 is there; else what is missing."""
    a, b = path.accesses[i], path.accesses[i + 1]
    after_b = path.accesses[i + 2].before if i + 2 < len(path.accesses) else path.after
    between = set(b.before)
    if edge in ("mb", "wmb", "rmb"):
        need = SERVES[isa].get(edge)
        if need and not need & between:
            return f"no {edge} barrier between accesses {i} and {i + 1}"
    elif edge == "addr" and i not in b.addr:
        return f"the address of access {i + 1} does not depend on load {i}"
    elif edge == "data" and i not in b.data:
        return f"the value stored by access {i + 1} does not depend on load {i}"
    elif edge in ("ctrl", "ctrlisync"):
        if i not in b.branches:
            return f"no branch between accesses {i} and {i + 1} depends on load {i}"
        if edge == "ctrlisync" and isa != "X86" and "isync" not in between:
            return f"no instruction barrier between accesses {i} and {i + 1}"
    elif edge == "acq" and not ordered_form(isa, "acq", a, a.before, b.before):
        return f"access {i} is no acquire"
    elif edge == "rel" and not ordered_form(isa, "rel", b, b.before, after_b):
        return f"access {i + 1} is no release"
    elif edge == "relacq":
        if not ordered_form(isa, "rel", a, a.before, b.before):
            return f"access {i} is no release"
        if not ordered_form(isa, "acq", b, b.before, after_b):
            return f"access {i + 1} is no acquire"
    elif edge == "xchg":
        return check_xchg(isa, a, b, i)
    return None


def check_xchg(isa, a, b, i):
    """A fully ordered exchange: as an instruction, or with barriers around a relaxed one."""
    if a.form == "rmw-full":
        return None
    before = "full" in a.before or a.form == "sc-rel"
    if a.form and before and "full" in b.before:
        return None
    return f"access {i} is no fully ordered exchange"


def check_body(machine, name, insns):
    """What is wrong with this body: a list of sentences."""
    isa = type(machine).__name__
    events, edges = parse_name(name)
    paths = walk(machine, insns)
    complete = [p for p in paths if len(p.accesses) == len(events)]
    wrong = []
    if not complete:
        most = max(len(p.accesses) for p in paths)
        wrong.append(f"no path has the {len(events)} accesses of the name; at most {most} found")
    for p in paths:
        kinds = [a.write for a in p.accesses]
        if kinds != events[:len(kinds)]:
            wrong.append("the accesses are not those of the name, or not in its order")
    for i, edge in enumerate(edges):
        wrong += [w for w in (check_edge(isa, edge, i, p) for p in complete) if w]
        if edge.startswith("ctrl") and not any(len(p.accesses) == i + 1 for p in paths):
            wrong.append(f"no path leaves out access {i + 1}: nothing controls it")
    return sorted(set(wrong))


def has_dependency(name):
    return any(e in DEPENDENCIES for e in parse_name(name)[1])


def check_file(path, broken):
    """Print what is wrong. Returns the exit status."""
    machine = machine_of(path)
    bodies = read_bodies(path, machine)
    if not bodies:
        raise Unknown(f"{path}: no litmus bodies in it (was it stripped?)")
    failures = missed = 0
    for name, insns in sorted(bodies.items()):
        try:
            wrong = check_body(machine, name, insns)
        except (Unknown, ValueError, KeyError, StopIteration, IndexError) as e:
            wrong = [f"cannot be read: {e!r}"]
            if broken:
                raise Unknown(f"{path}: {name} {wrong[0]}") from None
        if broken:
            lost = [w for w in wrong if "depend" in w or "controls" in w]
            if has_dependency(name) and not lost:
                missed += 1
                print(f"{path}: {name}: its dependency is broken and we did not notice")
            continue
        for w in wrong:
            failures += 1
            print(f"{path}: {name}: {w}")
    deps = sum(has_dependency(n) for n in bodies)
    if broken:
        print(f"{path}: {deps - missed} of {deps} broken dependencies noticed")
        return 1 if missed or not deps else 0
    print(f"{path}: {len(bodies)} bodies, {deps} with dependencies, {failures} faults")
    return 1 if failures else 0


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--broken", action="store_true",
                   help="the file was made by gen.py --break-deps: every dependency must be missed")
    p.add_argument("files", nargs="+", metavar="ELF")
    args = p.parse_args()
    status = 0
    try:
        for f in args.files:
            status = max(status, check_file(f, args.broken))
    except (Unknown, UserError, OSError) as e:
        print(f"check_deps.py: {e}", file=sys.stderr)
        return 2
    return status


if __name__ == "__main__":
    sys.exit(main())
