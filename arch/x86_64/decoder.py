# SPDX-License-Identifier: GPL-2.0-only
"""x86_64: what instructions of litmus bodies and primitives do."""
import re

from fp.images.decoder import Base, Effect, Insn, split_args


class Decoder(Base):
    stack = ("sp", "bp")
    first_argument = "di"
    SERVES = {"mb": {"full"}}
    control_orders_loads = True
    SIZES = {"b": 1, "w": 2, "l": 4, "q": 8}
    FENCES = {"mfence": "full", "lfence": "r", "sfence": "w", "pause": "hint", "clflush": "hint"}

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
        if op in self.FENCES:
            return Effect(barrier=self.FENCES[op])
        if op.startswith("nop") or op in ("endbr64", "data16", "cs"):
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
            return self.call()
        if op in ("cltq", "cwtl"):
            return Effect(dst=("ax",), src=("ax",))
        if op in ("cqto", "cltd", "cwtd"):
            return Effect(dst=("dx",), src=("ax",))
        mems = [self.mem(a) for a in args]
        regs = [self.reg(a) for a in args]
        width = max((w for _, w in regs), default=0)
        size = width or self.SIZES.get(op[-1], 0)
        m = re.fullmatch(r"mov[sz]([bwl])[wlq]", op)
        if m:
            size = self.SIZES[m[1]]
        if re.fullmatch(r"(i?div|i?mul)[bwlq]?", op) and len(args) == 1:
            return Effect(dst=("ax", "dx", "flags"), size=size, load=mems[0] or (),
                          src=("ax", "dx") + tuple(r for r, _ in regs if r))
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
        # x ^ x of one register is a constant; sbb of it is the carry alone.
        if op.startswith(("xor", "sub")) and len(args) == 2 and args[0] == args[1]:
            return Effect(dst=(dst, "flags"))
        if op.startswith("sbb") and len(args) == 2 and args[0] == args[1]:
            return Effect(dst=(dst, "flags"), src=("flags",))
        if dmem is not None:
            e = Effect(store=dmem, data=srcs, size=size)
            if not move:
                e.load, e.dst = dmem, ("flags",)
            return e
        e = Effect(dst=(dst,) if move else (dst, "flags"), src=srcs, keep=not move, size=size)
        e.load = next((x for x in mems[:-1] if x is not None), ())
        if op.startswith(("cmov", "set", "adc", "sbb")):
            e.src += ("flags",)
            e.keep = True
        return e

    def ordered(self, kind, access, before, after):
        return True  # TSO: every load is an acquire, every store a release
