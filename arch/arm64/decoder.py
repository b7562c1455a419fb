# SPDX-License-Identifier: GPL-2.0-only
"""arm64: what instructions of litmus bodies and primitives do."""
import re

from fp.images.decoder import Base, Effect


class Decoder(Base):
    stack = ("sp", "x29")
    first_argument = "x0"
    SERVES = {"mb": {"full"}, "wmb": {"w", "full"}, "rmb": {"r", "full"}}
    BARRIERS = {"ish": "full", "ishst": "w", "ishld": "r", "sy": "full", "st": "w",
                "ld": "r"}

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
        if op == "yield" or (op == "dc" and args[0] == "civac"):
            return Effect(barrier="hint")
        if op in ("nop", "bti", "paciasp", "autiasp", "hint"):
            return Effect()
        if op == "ret":
            return Effect(ends=True)
        if op == "bl" or op == "blr":
            return self.call()
        if op == "b":
            return Effect(branch=int(args[0].split()[0], 16), ends=True)
        if op.startswith("b."):
            return Effect(branch=int(args[0].split()[0], 16), cond=("flags",))
        if op in ("cbz", "cbnz", "tbz", "tbnz"):
            return Effect(branch=int(args[-1].split()[0], 16), cond=self.regs(args[:1]))
        width = 8 if args and args[0].startswith("x") else 4
        if op.endswith(("b", "h")) and op.startswith(("ld", "st")):
            width = 1 if op.endswith("b") else 2
        if op in ("ldrsw", "ldursw", "ldpsw"):
            width = 4
        m = re.fullmatch(r"(swp|ldadd|cas|ldset|ldclr|ldeor)(a?l?)", op)
        if m:
            mem = self.regs(args[-1:])
            form = "rmw-full" if m[2] == "al" else "rmw"
            return Effect(load=mem, store=mem, data=self.regs(args[:2]), dst=self.regs(args[1:2]),
                          size=width, form=form, barrier="full" if form == "rmw-full" else "")
        if op.startswith("ld"):
            mem = next(n for n, a in enumerate(args) if "[" in a)
            form = {"ldar": "acq", "ldarb": "acq", "ldarh": "acq", "ldxr": "ll",
                    "ldaxr": "ll"}.get(op, "")
            e = Effect(dst=self.regs(args[:mem]), load=self.regs([args[mem]]), size=width,
                       form=form)
            return e if op != "ldp" else Effect(dst=e.dst, load=e.load, size=8)
        if op.startswith("st"):
            mem = next(n for n, a in enumerate(args) if "[" in a)
            form = {"stlr": "rel", "stlrb": "rel", "stlrh": "rel", "stxr": "sc",
                    "stlxr": "sc"}.get(op, "")
            if form == "sc":
                width = 8 if args[1].startswith("x") else 4
                return Effect(dst=self.regs(args[:1]), store=self.regs([args[mem]]),
                              data=self.regs(args[1:mem]), size=width,
                              form="sc-rel" if op == "stlxr" else "sc")
            e = Effect(store=self.regs([args[mem]]), data=self.regs(args[:mem]), size=width,
                       form=form)
            return e if op != "stp" else Effect(store=e.store, data=e.data, size=8)
        if op in ("cmp", "cmn", "tst", "ccmp", "ccmn"):
            return Effect(dst=("flags",), src=self.regs(args), keep=op.startswith("cc"),
                          size=width)
        dst = self.regs(args[:1])
        src = self.regs(args[1:])
        if op in ("eor", "sub") and len(args) == 3 and args[1] == args[2]:
            src = ()  # architecturally still a dependency, but not one that we meant
        if op.startswith("cs") or op.startswith("cinc") or op == "cset":
            src += ("flags",)
        if op.endswith("s") and op in ("adds", "subs", "ands", "bics", "negs"):
            dst += ("flags",)
        return Effect(dst=dst, src=src, keep=op in ("movk", "bfi", "bfxil"))

    def ordered(self, kind, access, before, after):
        return access.form == kind  # ldar, stlr
