# SPDX-License-Identifier: GPL-2.0-only
"""Why the weak outcome of a litmus test is allowed or not: its cycle, and who keeps which part.

The outcome fixes one execution: which write each read has seen (rf), the order of the writes to
each variable (co), hence which later write each read has missed (fr). It is no interleaving, so
that the order of the threads' accesses (po) and these edges form a cycle. A model forbids it if it
keeps each thread's part of the cycle in order, and, where more than two threads take part, if a
write reaches all others at once or the barriers carry along what their thread has seen.

What a model keeps within a thread is in tests/litmus/models.toml. The verdicts are herd7's
(shapes.tsv); the tests of this file compare both for each row of the table.
"""
from dataclasses import dataclass

from .models import find as find_model


@dataclass
class Part:
    """A thread's part of the cycle: from its event @first to @last; then the edge to the next."""

    thread: int
    first: int
    last: int
    com: str = ""  # rf, co or fr


@dataclass
class Why:
    """What a model makes of a cycle."""

    model: str
    verdict: str  # Allow, Forbid, n/a
    kept: list  # of each part: is its order kept?
    text: str


# ---- the execution ----

def wanted(test):
    """Value of each read as the outcome has it: {(thread, event): value}."""
    regs = {(t, r): v for t, r, v in test.cond if t is not None}
    out = {}
    for t, events in enumerate(test.threads):
        reads = [i for i, e in enumerate(events) if not e.write]
        out.update({(t, i): regs[t, r] for r, i in enumerate(reads)})
    return out


def _coherence(test):
    """The writes to each variable in the order of the outcome: {variable: [(thread, event)]}."""
    last = {r: v for t, r, v in test.cond if t is None}
    order = {}
    for t, events in enumerate(test.threads):
        for i, e in enumerate(events):
            if e.write:
                order.setdefault(e.var, []).append((t, i))
    for var, writes in order.items():
        writes.sort(key=lambda w: event(test, w).val == last.get(var))
    return order


def event(test, node):
    """The event at (thread, number)."""
    return test.threads[node[0]][node[1]]


def communication(test):
    """The edges between accesses of one variable: [(kind, from, to)]."""
    values, order, edges = wanted(test), _coherence(test), []
    for writes in order.values():
        edges += [("co", a, b) for n, a in enumerate(writes) for b in writes[n + 1:]]
    for read, value in values.items():
        writes = order.get(event(test, read).var, [])
        source = next((w for w in writes if value and event(test, w).val == value), None)
        later = writes[writes.index(source) + 1:] if source else writes
        if source:
            edges.append(("rf", source, read))
        edges += [("fr", read, w) for w in later]
    return edges


def _next_steps(test, edges):
    """{node: [(kind, node)]}: program order and communication."""
    steps = {}
    for t, events in enumerate(test.threads):
        for i in range(len(events)):
            steps[t, i] = [("po", (t, j)) for j in range(i + 1, len(events))]
    for kind, a, b in edges:
        steps[a].append((kind, b))
    return steps


def _shortest_back(steps, start):
    """The shortest way from @start to itself: [(kind, node)]."""
    ways = [[(kind, node)] for kind, node in steps[start]]
    seen = set()
    while ways:
        way = ways.pop(0)
        node = way[-1][1]
        if node == start:
            return way
        if node not in seen:
            seen.add(node)
            ways += [way + [step] for step in steps[node]]
    return []


def find(test):
    """The cycle as its parts, in order; the shortest there is."""
    steps = _next_steps(test, communication(test))
    ways = [(start, way) for start in steps if (way := _shortest_back(steps, start))]
    # It begins where a thread is entered, so that no part is cut in two.
    ways = [(s, w) for s, w in ways if w[-1][0] != "po"]
    start, way = min(ways, key=lambda sw: (len(sw[1]), sw[0]))
    parts = [Part(start[0], start[1], start[1])]
    for kind, node in way:
        if kind == "po":
            parts[-1].last = node[1]
            continue
        parts[-1].com = kind
        if node != start:
            parts.append(Part(node[0], node[1], node[1]))
    return parts


# ---- what a model keeps within a thread ----

def _full_between(events, i, j):
    return any(e.edge in ("mb", "xchg") for e in events[i:j]) or \
        events[j].edge == "xchg"


def _reads_own_write(events, j):
    """Does event @j read what the thread itself wrote just before it?"""
    before = events[j - 1]
    return before.write and not events[j].write and before.var == events[j].var


def _dependency(events, i, j, model):
    """Does event @j depend on the load @i in a way that orders?"""
    edge, write = events[i].edge, events[j].write
    if not model.dependencies or edge not in ("addr", "data", "ctrl", "ctrlisync"):
        return False
    if j == i + 1 and edge in ("addr", "data"):
        return True
    if edge in ("ctrl", "ctrlisync"):
        return write or edge == "ctrlisync" and model.isync
    # Behind an address that is not known yet no later store is made. A load that reads what was
    # stored with the dependent value or address depends, too.
    if edge == "addr" and write:
        return model.store_behind_address
    return j == i + 2 and _reads_own_write(events, j)


def _acquires(events, n):
    return events[n].edge == "acq" or (n and events[n - 1].edge == "relacq")


def _releases(events, n):
    return events[n].edge == "relacq" or (n and events[n - 1].edge == "rel")


def _barrier(events, i, j, model):
    """Is there a barrier between, of the model's mapping, that orders these two?"""
    a, b = events[i].write, events[j].write
    edges = {e.edge for e in events[i:j]}
    if model.light:
        return not (a and not b) and bool({"wmb", "rmb", "acq", "rel"} & edges)
    if "wmb" in edges and a and b:
        return True
    return "rmb" in edges and (model.rmb == "any" or not a and
                               (not b or model.rmb == "load-any"))


def _ordered_access(events, i, j, model):
    """Does an acquire at @i or a release at @j order them?"""
    if model.release_acquire and _releases(events, i) and _acquires(events, j):
        return True
    return bool(_acquires(events, i) or _releases(events, j))


def _base(events, i, j, model):
    """Are two accesses of a thread kept in order, by what stands between them alone?"""
    a, b = events[i], events[j]
    if _full_between(events, i, j):
        return True
    if model.in_order:
        return not a.write or b.write
    if a.var == b.var and (b.write or not a.write):
        return True
    if model.fenced_loads and any(not e.write for e in events[i:j]):
        return True
    return _barrier(events, i, j, model) or _ordered_access(events, i, j, model) or \
        _dependency(events, i, j, model)


def keeps(events, first, last, model):
    """Does @model keep a thread's events @first and @last in order, by any chain between them?"""
    reached = {first}
    for j in range(first + 1, last + 1):
        if any(_base(events, i, j, model) for i in reached):
            reached.add(j)
    return last in reached


# ---- the verdict in words ----

def one_variable(test, parts):
    """Is the cycle about one variable only? Then coherence forbids it, everywhere."""
    return len({event(test, (p.thread, n)).var for p in parts for n in (p.first, p.last)}) == 1


def access(e):
    """An event in words: "store x", "load y"."""
    return f"{'store' if e.write else 'load'} {e.var}"


_PASSES = {
    (True, False): "a store may wait in the store buffer while a later load goes on",
    (True, True): "stores may become visible in the other order",
    (False, False): "loads may be satisfied out of order",
    (False, True): "a store may become visible before an earlier load is satisfied",
}
_FORWARDED = "a load may take the thread's own store before others can see that"
_TOO_WEAK = {
    "wmb": "a write barrier orders stores only", "rmb": "a read barrier orders loads only",
    "relacq": "a release and an acquire behind it may change places",
    "rel": "a release keeps what is before it there, not what comes after it",
    "acq": "an acquire keeps what comes after it there, not what is before it",
    "addr": "this machine may satisfy even a dependent load from an older value",
    "data": "this machine orders nothing by dependency",
    "ctrl": "a branch orders later stores only, loads are made on speculation",
    "ctrlisync": "what isync is made of here (fence.i) orders no loads",
}


def _how(events, first, last, model):
    """How a model lets two accesses of a thread change places: the first link that gives way."""
    for n in range(first, last):
        if keeps(events, n, n + 1, model):
            continue
        if _reads_own_write(events, n + 1) and events[n].edge == "po":
            return _FORWARDED
        edge = events[n].edge
        if edge == "addr" and events[n + 1].write or \
                edge == "ctrl" and not model.dependencies:
            edge = "data"
        return _TOO_WEAK.get(edge) or _PASSES[events[n].write, events[n + 1].write]
    return _PASSES[events[first].write, events[last].write]


def _allowed(test, parts, kept, model):
    ways = {}
    for p, is_kept in zip(parts, kept):
        if not is_kept:
            events = test.threads[p.thread]
            pair = f"thread {p.thread}'s {access(events[p.first])} and {access(events[p.last])}"
            ways.setdefault(_how(events, p.first, p.last, model), []).append(pair)
    if not ways:
        return ("Each thread keeps its order, and that is not enough: a write may reach one CPU "
                "before another, and the barriers here do not carry along all that their threads "
                "have seen.")
    text = "; ".join(f"{', '.join(pairs)} may change places: {how}" for how, pairs in ways.items())
    return f"{text[0].upper()}{text[1:]}."


def _forbidden(parts, kept, model):
    if not all(kept):
        return "Each store depends on the other's load: the values would come out of nothing."
    inner = sum(p.first != p.last for p in parts)
    text = "The one thread with two accesses keeps its order" if inner == 1 else \
        "Each thread keeps its part of the cycle in order"
    if len(parts) > 2:
        text += ", and a write reaches all other CPUs at once" if model.atomic else \
            ", and the barriers carry along what their threads have seen"
    return text + ": the outcome would need time to run in a circle."


def explain(test):
    """What each model says of the outcome of @test, and why: a Why for each column."""
    parts, out = find(test), []
    coherent = one_variable(test, parts)
    for name, verdict in test.expect.items():
        model = find_model(name)
        kept = [coherent or keeps(test.threads[p.thread], p.first, p.last, model) for p in parts]
        if verdict == "n/a":
            text = "The model does not speak of this test."
        elif coherent:
            text = "All accesses are of one variable, on whose order all CPUs agree (coherence)."
        elif verdict == "Allow":
            text = _allowed(test, parts, kept, model)
        else:
            text = _forbidden(parts, kept, model)
        out.append(Why(name, verdict, kept, text))
    return out


_COM = {"rf": "is seen by", "co": "is overwritten by", "fr": "misses"}


def in_words(test, parts):
    """The cycle as lines: an access, how it comes to the next."""
    lines = []
    for p, after in zip(parts, parts[1:] + parts[:1]):
        events = test.threads[p.thread]
        a, b, c = events[p.first], events[p.last], test.threads[after.thread][after.first]
        between = "+".join(e.edge for e in events[p.first:p.last])
        head = f"thread {p.thread}: {access(a)}"
        if p.first != p.last:
            head += f" ─{between}→ {access(b)}"
        lines.append(f"{head}, which {_COM[p.com]} thread {after.thread}'s {access(c)} ({p.com})")
    return lines
