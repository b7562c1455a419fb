# SPDX-License-Identifier: GPL-2.0-only
"""riscv64: what instructions of litmus bodies and primitives do."""
import re

from fp.images.decoder import Base, Effect


class Decoder(Base):
    # Extensions that the file does not name, too: clang names no zifencei, and binutils 2.44 keeps
    # to what is named. Before it had this option, objdump knew all; it ignores what it has not.
    options = ("-M", "max")
    stack = ("sp", "s0")
    first_argument = "a0"
    SERVES = {"mb": {"full"}, "wmb": {"w", "full"}, "rmb": {"r", "full"},
              "acq": {"acq", "full"}, "rel": {"rel", "full"}}
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
            return self.call()
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
