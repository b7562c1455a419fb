# SPDX-License-Identifier: GPL-2.0-only
"""powerpc64: what instructions of litmus bodies and primitives do."""
import re

from fp.images.decoder import Base, Effect


class Decoder(Base):
    stack = ("r1", "r31")
    first_argument = "r3"
    SERVES = {"mb": {"full"}, "wmb": {"light", "full"}, "rmb": {"light", "full"},
              "acq": {"light", "full"}, "rel": {"light", "full"}}
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
        if op == "dcbf":
            return Effect(barrier="hint")
        if op in ("nop", "ori") and (op == "nop" or args[:2] == ["r0", "r0"]):
            return Effect()
        if op == "blr":
            return Effect(ends=True)
        if op in ("bl", "bctrl"):
            return self.call()
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
        if op.startswith("isel") and not any(r.startswith("cr") for r in src):
            src += ("cr0",)
        if op in ("xor", "subf", "subfe") and len(args) == 3 and args[1] == args[2]:
            src = ()  # a constant; of subfe the carry alone
        if re.match(r"(add|subf)(i?c|e|[zm]e)\b|sra[wd]", op):
            dst += ("ca",)
        if re.match(r"(add|subf)([zm]?e)\b", op):
            src += ("ca",)
        if op.endswith("."):
            dst += ("cr0",)
        return Effect(dst=dst, src=src, keep=op.startswith(("rldimi", "rlwimi")))

    def base(self, args):
        """Address registers: "8(r3)", or two registers of which a first 0 means none."""
        return tuple(r for r in self.regs(args))
