# SPDX-License-Identifier: GPL-2.0-only
"""The Linux kernel's primitives, as litmus files call them: one table for the reader, which checks
calls against it, and for the writers of code, which choose by what a primitive does.

Names, arguments and orders are those of tools/memory-model/linux-kernel.def. What Linux has and its
model lacks (atomic64_t, atomic_long_t, names of the past) behaves as its neighbour here.
"""

from __future__ import annotations

from dataclasses import dataclass

# ---- kinds of arguments ----

PLACE = "place"  # what is accessed itself: *p, a[i]
POINTER = "pointer"  # the address of a scalar
COUNTER = "counter"  # the address of an atomic_t; an int will do, as for herd7
LOCK = "lock"  # the address of a spinlock_t
SRCU = "srcu"  # the address of a struct srcu_struct
VALUE = "value"

KINDS = {
    PLACE: "a place in memory, like *x",
    POINTER: "an address, like x or &x",
    COUNTER: "the address of an atomic_t",
    LOCK: "the address of a spinlock_t",
    SRCU: "the address of a struct srcu_struct",
    VALUE: "a value",
}

# ---- orders ----

ONCE = "once"
ACQUIRE = "acquire"
RELEASE = "release"
MB = "mb"
SUFFIXES = {"": MB, "_relaxed": ONCE, "_acquire": ACQUIRE, "_release": RELEASE}

# ---- which Linux's model knows it ----

OLD = "6.1"  # that or before
LTS = "6.12"
NEWER = "newer"  # than 6.12
NONE = ""

# ---- operations of atomics ----

OPS = {"add": ("+", OLD), "sub": ("-", OLD), "and": ("&", NEWER), "or": ("|", NEWER),
       "xor": ("^", NEWER), "andnot": ("&~", NEWER)}
STEPS = {"inc": "+", "dec": "-"}


@dataclass(frozen=True)
class Primitive:
    """One of them.

    does: load, store, store_mb; fence (which one says the name); xchg, cmpxchg; op (no result),
    op_return (the new value), fetch_op (the old one), op_test (new == 0), op_negative (new < 0),
    add_unless and inc_not_zero (true if it added), fetch_add_unless (the old value),
    dec_if_positive (the old value minus 1, stored if not negative);
    lock, unlock, trylock, islocked, unlock_wait; rcu_lock, rcu_unlock, rcu_sync; srcu_lock,
    srcu_unlock, srcu_sync.
    op: what an atomic computes: + - & | ^ &~; operand: its constant where no argument gives it.
    model: the Linux whose model knows it.
    """

    name: str
    does: str
    args: tuple[str, ...] = ()
    result: bool = False
    order: str = ONCE
    op: str = ""
    operand: int | None = None
    model: str = OLD

    def takes(self):
        """Its arguments in words."""
        return ", ".join(KINDS[kind] for kind in self.args) or "no arguments"


def _accesses():
    for name in ("READ_ONCE", "rcu_dereference"):
        yield Primitive(name, "load", (PLACE,), True)
    for name in ("rcu_dereference_raw", "rcu_access_pointer", "lockless_dereference"):
        yield Primitive(name, "load", (PLACE,), True, model=NONE)
    yield Primitive("WRITE_ONCE", "store", (PLACE, VALUE))
    yield Primitive("RCU_INIT_POINTER", "store", (PLACE, VALUE), model=NONE)
    yield Primitive("rcu_assign_pointer", "store", (PLACE, VALUE), order=RELEASE)
    yield Primitive("smp_load_acquire", "load", (POINTER,), True, ACQUIRE)
    yield Primitive("smp_store_release", "store", (POINTER, VALUE), order=RELEASE)
    yield Primitive("smp_store_mb", "store_mb", (PLACE, VALUE), order=MB)


def _fences():
    for name in ("smp_mb", "smp_rmb", "smp_wmb", "smp_mb__before_atomic", "smp_mb__after_atomic",
                 "smp_mb__after_spinlock"):
        yield Primitive(name, "fence")
    yield Primitive("barrier", "fence")
    yield Primitive("smp_mb__after_unlock_lock", "fence")
    yield Primitive("smp_mb__after_srcu_read_unlock", "fence", model=LTS)
    for name in ("mb", "rmb", "wmb", "smp_read_barrier_depends", "arch_ctrl_isync"):
        yield Primitive(name, "fence", model=NONE)


def _locks():
    yield Primitive("spin_lock", "lock", (LOCK,), order=ACQUIRE)
    yield Primitive("spin_unlock", "unlock", (LOCK,), order=RELEASE)
    yield Primitive("spin_trylock", "trylock", (LOCK,), True, ACQUIRE)
    yield Primitive("spin_is_locked", "islocked", (LOCK,), True)
    yield Primitive("spin_unlock_wait", "unlock_wait", (LOCK,), order=ACQUIRE, model=NONE)


def _rcu():
    yield Primitive("rcu_read_lock", "rcu_lock")
    yield Primitive("rcu_read_unlock", "rcu_unlock")
    yield Primitive("synchronize_rcu", "rcu_sync", order=MB)
    yield Primitive("synchronize_rcu_expedited", "rcu_sync", order=MB)
    for flavour in ("sched", "bh"):
        yield Primitive(f"rcu_read_lock_{flavour}", "rcu_lock", model=NONE)
        yield Primitive(f"rcu_read_unlock_{flavour}", "rcu_unlock", model=NONE)
        yield Primitive(f"synchronize_{flavour}", "rcu_sync", order=MB, model=NONE)
        yield Primitive(f"rcu_dereference_{flavour}", "load", (PLACE,), True, model=NONE)


def _srcu():
    for lock, unlock, model in (("srcu_read_lock", "srcu_read_unlock", OLD),
                                ("srcu_down_read", "srcu_up_read", LTS)):
        yield Primitive(lock, "srcu_lock", (SRCU,), True, model=model)
        yield Primitive(unlock, "srcu_unlock", (SRCU, VALUE), order=RELEASE, model=model)
    for name in ("synchronize_srcu", "synchronize_srcu_expedited"):
        yield Primitive(name, "srcu_sync", (SRCU,), order=MB)


def _exchanges(prefix, kind, model):
    for suffix, order in SUFFIXES.items():
        yield Primitive(f"{prefix}xchg{suffix}", "xchg", (kind, VALUE), True, order, model=model)
        yield Primitive(f"{prefix}cmpxchg{suffix}", "cmpxchg", (kind, VALUE, VALUE), True, order,
                        model=model)


def _counters(prefix, old=None):
    """All of atomic_t, or of one that is like it; @old: what models know it."""
    def known(model):
        return old if old is not None else model
    yield Primitive(f"{prefix}_read", "load", (COUNTER,), True, model=known(OLD))
    yield Primitive(f"{prefix}_read_acquire", "load", (COUNTER,), True, ACQUIRE,
                    model=known(OLD))
    yield Primitive(f"{prefix}_set", "store", (COUNTER, VALUE), model=known(OLD))
    yield Primitive(f"{prefix}_set_release", "store", (COUNTER, VALUE), order=RELEASE,
                    model=known(OLD))
    yield from _exchanges(f"{prefix}_", COUNTER, known(OLD))
    for name, (op, model) in OPS.items():
        yield from _operation(prefix, name, (VALUE, COUNTER), known(model), op, None)
    for name, op in STEPS.items():
        yield from _operation(prefix, name, (COUNTER,), known(OLD), op, 1)
    yield from _conditionals(prefix, known)


def _operation(prefix, name, args, model, op, operand):
    """The forms of one: without result, new value, old value, each with the suffixes."""
    rest = {"op": op, "operand": operand, "model": model}
    yield Primitive(f"{prefix}_{name}", "op", args, **rest)
    for suffix, order in SUFFIXES.items():
        yield Primitive(f"{prefix}_fetch_{name}{suffix}", "fetch_op", args, True, order, **rest)
        if op in "+-":
            yield Primitive(f"{prefix}_{name}_return{suffix}", "op_return", args, True, order,
                            **rest)
    if name in ("sub", "inc", "dec"):
        yield Primitive(f"{prefix}_{name}_and_test", "op_test", args, True, MB, **rest)


def _conditionals(prefix, known):
    for suffix, order in SUFFIXES.items():
        yield Primitive(f"{prefix}_add_negative{suffix}", "op_negative", (VALUE, COUNTER), True,
                        order, "+", model=known(NEWER if suffix else OLD))
    yield Primitive(f"{prefix}_add_unless", "add_unless", (COUNTER, VALUE, VALUE), True, MB, "+",
                    model=known(NEWER))
    yield Primitive(f"{prefix}_fetch_add_unless", "fetch_add_unless", (COUNTER, VALUE, VALUE),
                    True, MB, "+", model=NONE)
    yield Primitive(f"{prefix}_inc_not_zero", "inc_not_zero", (COUNTER,), True, MB, "+", 1, NONE)
    yield Primitive(f"{prefix}_dec_if_positive", "dec_if_positive", (COUNTER,), True, MB, "-", 1,
                    NONE)


def _all():
    yield from _accesses()
    yield from _fences()
    yield from _locks()
    yield from _rcu()
    yield from _srcu()
    yield from _exchanges("", POINTER, OLD)
    yield from _counters("atomic")
    yield from _counters("atomic64", NONE)
    yield from _counters("atomic_long", NONE)


PRIMITIVES = {one.name: one for one in _all()}
