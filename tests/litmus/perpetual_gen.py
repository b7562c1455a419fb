# SPDX-License-Identifier: GPL-2.0-only
"""The perpetual form of a litmus test, for gen.py.

Each thread runs its accesses again and again with no barrier between two iterations; iteration n
stores n + 1 where the test stores 1, and keeps what it read. Afterwards a value tells which
iteration stored it, and the iterations that belong together are found in one pass: PerpLE
(Melissaris, Markakis, Shaw, Martonosi, "PerpLE: Improving the Speed and Effectiveness of Memory
Consistency Testing", MICRO 2020).

A frame is an iteration of each thread. One is found for every iteration of one thread: a register
that the weak outcome wants to be 1 says which iteration stored its value, one that is to be 0 which
iteration's store it came before. In the frame a register counts as 1 if it has just the value of
its writer's iteration, as 0 if it has one from before. So each relation between the frame's
accesses is one of the test's (read-from, from-read, program order), and what a model forbids there
is forbidden here: an outcome counts as weak only if all registers have exactly their values.

It fits where registers alone tell the outcome, each variable is stored to once, and no thread has
more registers than a word has halves.
"""

REGS_MAX = 2


def writers(test):
    """The thread that stores to each variable; None where it is not one store of a 1."""
    out = {}
    for t, events in enumerate(test.threads):
        for e in events:
            if e.write:
                out[e.var] = None if e.var in out or e.val != 1 else t
    return out


def registers(test):
    """Of each thread the variables that its registers come from, in their order."""
    return [[e.var for e in events if not e.write] for events in test.threads]


def fits(test):
    return (all(t is not None and v in (0, 1) for t, _, v in test.cond)
            and all(t is not None for t in writers(test).values())
            and all(len(regs) <= REGS_MAX for regs in registers(test))
            and bool(plan(test)))


def plan(test):
    """How the other threads' iterations follow: (thread, "read" or "seek", by which thread's which
    register, wanted value), first (start, "", ...). Empty if they do not.
    """
    plans = [p for start in range(len(test.threads)) if (p := plan_from(test, start))]
    return min(plans, key=lambda p: sum(s[1] == "seek" for s in p), default=[])


def plan_from(test, start):
    regs, writer = registers(test), writers(test)
    if not regs[start]:
        return []
    steps = [(start, "", start, 0, 0)]
    while len(steps) < len(test.threads):
        step = next_step(test, regs, writer, {s[0] for s in steps})
        if not step:
            return []
        steps.append(step)
    return steps


def next_step(test, regs, writer, known):
    """The next thread whose iteration is known: by a register of a known one, or by its own."""
    for t, r, value in test.cond:
        w = writer[regs[t][r]]
        if t in known and w not in known:
            return w, "read", t, r, value
    for t, r, value in test.cond:
        if t not in known and writer[regs[t][r]] in known and value:
            return t, "seek", t, r, value
    return None


def reg(t, r):
    return f"perpetual_reg(out[{t}][n{t}], {r})"


def emit_step(step, regs, writer):
    t, how, by, r, value = step
    if how == "read":
        return [f"\t\tn{t} = perpetual_{'writer' if value else 'unseen'}({reg(by, r)}, n);"]
    if how == "seek":
        w = writer[regs[t][r]]
        return [f"\t\tn{t} = perpetual_seek(out[{t}], {r}, n, n{t}, n{w} + 1);"]
    return []


def tally_name(test):
    """Alike for tests that differ in edges only."""
    words = []
    for events in test.threads:
        words.append("".join(("W" if e.write else "R") + e.var for e in events))
    values = "".join(str(v) for _, _, v in test.cond)
    return f"litmus_tally_{'_'.join(words)}_{values}"


def emit_tally(test):
    steps, regs, writer = plan(test), registers(test), writers(test)
    start = steps[0][0]
    names = ", ".join(f"n{t} = 0" for t in range(len(test.threads)))
    lines = [f"LITMUS_TALLY({tally_name(test)})", "{", f"\tunsigned long {names};", "",
             f"\tfor (n{start} = first; n{start} != end; n{start}++) {{"]
    for step in steps[1:]:
        lines += emit_step(step, regs, writer)
    fields = [f"perpetual_field({reg(t, r)}, n{writer[var]})"
              for t, variables in enumerate(regs) for r, var in enumerate(variables)]
    key = " |\n\t\t     ".join(f"{f} << {2 * i}" if i else f for i, f in enumerate(fields))
    lines += [f"\t\thist[{key}]++;", "\t}", "}", ""]
    return lines


def body_name(name):
    """Of the perpetual form of the body called @name."""
    return name.replace("body_", "body_perpetual_", 1)
