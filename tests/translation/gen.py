#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Generate the translation litmus tests: C from tests/translation/shapes.tsv.

A row has a name, the states of the pages p and q when a race begins, a program, the weak outcome,
and what the manual of each ISA says of it, with the key of the clause (sources.tsv). The program is
a thread a column, "||" between them, its events and edges in program order, ";" between them:

  x=1  r=x  r=await f       store and load of a cell (x y f g); load again while it is 0
  *p=1  r=*p  r=(*p=1)      the same through a page; the last notes whether the store was done
  *p                        load through a page, and forget the value
  E p=S  r=E p              store and load of the page's entry; S: 0 (absent), or a cell that it
                            shows, with "ro" behind it if it may only be read, "c" if it is
                            writable and clean, "o" if moreover nobody has used it; of u: 0,
                            x, y (a table), block
  r=D p  r=X p              is the entry dirty? The second takes it out at once
  r=A p  r=Y p              the same: has it been used?
  mb wmb rmb addr data ctrl as in any litmus test; the last three hold from the last load
  publish p  fix p          what an entry that was absent needs on this CPU before it is used, and
                            one that was widened when an access has faulted
  inv p  inv- p  -inv p     invalidate a page here: wholly, not waited for, without what comes first
  sync                      a context synchronization alone
  trap fault ipi tick       take one, and come back
  flush flush- own others load load- unload reuse
                            once for all instances of a batch: include/test/translation.h

The column "shows" has "walks" where the weak outcome needs walks that are not done with their
accesses, and "twin" where it comes of a part left out, and is seen wherever a TLB keeps what it
has: such a row fails where it is not.

A state in the column init is given for each page, as "p=x q=0"; "cold" there says that the TLBs are
empty when the race begins, "y=1" that a cell holds 1.

The hosted MMU is none of an ISA: hosted.tsv has its verdict on each row, with the key of a rule
(sources.tsv), and what it shows; "absent" there is a twin of an MMU that keeps what is not valid.
"host" stands for what the ISA says of whose instructions the program is made.

The build fails where a row makes no sense, or where its weak outcome is one that strong hardware
shows: all executions are enumerated in which each access takes effect at once, by the entry as it
is at that moment.
"""

import argparse
import itertools
import re
import sys
from dataclasses import dataclass, field

CELLS, PAGES = "xyfg", "pqul"
FAULT, DENIED = 2, 3
VALUES = {"0": 0, "1": 1, "fault": FAULT, "denied": DENIED}
WORDS = {"Allow": "ALLOW", "Forbid": "FORBID", "unsaid": "UNKNOWN", "n/a": "UNKNOWN"}
SHOWS = {"-": "TRANS_MAY_SHOW", "walks": "TRANS_NEEDS_WALKS", "twin": "TRANS_TWIN",
         "absent": "TRANS_KEEPS_ABSENT"}
# Columns: these, one for each memory model (those of tests/litmus/shapes.tsv), and these.
BEFORE, BEHIND = ["test", "init", "program", "outcome"], ["shows", "stands for"]

FENCES = {"mb": "smp_mb();", "wmb": "smp_wmb();", "rmb": "smp_rmb();",
          "sync": "arch_ctrl_isync();", "trap": "trans_trap();", "fault": "trans_fault();",
          "ipi": "trans_ipi();", "tick": "trans_tick();"}
BATCH = {"flush": "trans_flush();", "flush-": "trans_flush_async();", "own": "trans_flush_own();",
         "others": "trans_flush_others();", "load": "trans_load_space();",
         "load-": "trans_load_space_unordered();", "reuse": "trans_reuse_id();",
         "unload": "trans_unload();"}
STATE = r"0|[xyfg](?:ro)?|xc|xo|block"
# What the walker notes: kinds of events that look, by the states in which it has not.
CLEAN, OLD = ("0", "xc", "xo"), ("0", "xo")
NOTED = {"dload": CLEAN, "takeload": CLEAN, "aload": OLD, "takeoldload": OLD}
DEPENDENCIES = ("addr", "data", "ctrl")
# Right behind it stands an access whose address or value is computed from what was loaded.
CARRY = {"addr": ("load", "store", "tload", "tstore"), "data": ("store", "tstore", "estore")}
PAGE_EDGES = {"publish": "trans_publish({page}, i);", "fix": "trans_fix_fault({page}, i);",
              "inv": "trans_invalidate({page}, i, true, true);",
              "inv-": "trans_invalidate({page}, i, true, false);",
              "-inv": "trans_invalidate({page}, i, false, true);"}

EVENT = re.compile(r"(?P<reg>r=)?(?:"
                   r"(?P<await>await )?(?P<load>[xyfg])"
                   r"|\*(?P<tload>[pqu])"
                   r"|\(\*(?P<fstore>[pqu])=(?P<fval>[01])\)"
                   r"|D (?P<dload>[pq])|X (?P<take>[pq])"
                   r"|A (?P<aload>[pq])|Y (?P<takeold>[pq])"
                   r"|E (?P<eload>[pq]))"
                   r"|(?P<store>[xyfg])=(?P<val>[01])"
                   r"|\*(?P<tstore>[pqu])=(?P<tval>[01])"
                   rf"|E (?P<estore>[pqul])=(?P<state>{STATE})"
                   r"|(?P<page_edge>publish|fix|inv-|inv|-inv) (?P<page>[pq])"
                   r"|(?P<edge>[a-z]+-?)")


class Bad(Exception):
    """A row makes no sense."""


@dataclass
class Event:
    kind: str       # load store tload tstore eload estore, fence batch dep page
    what: str       # cell, page, or edge
    value: object = None
    reg: bool = False
    again: bool = False
    elsewhere: bool = False  # the address-space id has been given to an empty space


@dataclass
class Row:
    name: str
    init: dict      # state by page
    ones: set
    warm: bool
    threads: list
    cond: list      # (thread, register, value) or (None, cell, value)
    expect: dict    # ISA: (word, key of the source)
    shows: str
    stands_for: str
    not_here: dict = field(default_factory=dict)  # model: why
    sc: set = field(default_factory=set)


def parse_event(word):
    m = EVENT.fullmatch(word)
    if not m:
        raise Bad(f"not an event or an edge: '{word}'")
    reg = bool(m["reg"])
    if m["load"]:
        if not reg:
            raise Bad(f"'{word}' is a load whose value nobody takes: r={word}")
        return Event("load", m["load"], reg=True, again=bool(m["await"]))
    for kind, name, value in (("tload", "tload", None), ("eload", "eload", None),
                              ("dload", "dload", None), ("takeload", "take", None),
                              ("aload", "aload", None), ("takeoldload", "takeold", None),
                              ("store", "store", "val"), ("tstore", "tstore", "tval"),
                              ("tstore", "fstore", "fval"), ("estore", "estore", "state")):
        if m[name]:
            check_state(m[name], m["state"])
            if (kind == "eload" or kind in NOTED or name == "fstore") and not reg:
                raise Bad(f"'{word}' is for its value: r={word}")
            return Event(kind, m[name], m[value] if value else None, reg)
    if m["page_edge"]:
        return Event("page", m["page"], m["page_edge"])
    for kind, table in (("fence", FENCES), ("batch", BATCH), ("dep", DEPENDENCIES)):
        if m["edge"] in table:
            return Event(kind, m["edge"])
    raise Bad(f"unknown edge '{word}'")


def check_state(page, state):
    """Entries of the upper level have states of their own."""
    if state and state not in ("0", "x", "y") and (state == "block") != (page == "u"):
        raise Bad(f"{page} is never {state}")


def parse_thread(text):
    events = [parse_event(w.strip()) for w in text.split(";")]
    reused = [e.what for e in events].index("reuse") if "reuse" in text else len(events)
    for e in events[reused:]:
        e.elsewhere = True
    for before, e in zip([None, *events], events):
        if e.kind == "dep" and not (before and before.reg):
            raise Bad(f"{e.what} comes right behind a load")
    for e, behind in itertools.pairwise(events):
        if e.kind == "dep" and behind.kind not in CARRY.get(e.what, (behind.kind,)):
            raise Bad(f"{e.what} is not carried by what is behind it")
    if events[-1].kind in ("fence", "dep"):
        raise Bad("an edge at the end of a thread orders nothing")
    return events


def parse_init(text):
    init, ones, warm = {}, set(), True
    for word in text.replace("-", "").split():
        m = re.fullmatch(rf"([pqu])=({STATE})|([xyfg])=1|cold", word)
        if not m:
            raise Bad(f"init: '{word}'")
        if m[1]:
            check_state(m[1], m[2])
            init[m[1]] = m[2]
        elif m[3]:
            ones.add(m[3])
        else:
            warm = False
    return init, ones, warm


def parse_cond(text, threads):
    cond = []
    for word in text.split(" /\\ "):
        m = re.fullmatch(r"(\d):r(\d)=(\w+)|([xyfg])=([01])", word)
        if not m or (m[3] and m[3] not in VALUES):
            raise Bad(f"outcome: '{word}'")
        if m[4]:
            cond.append((None, m[4], int(m[5])))
            continue
        thread, reg = int(m[1]), int(m[2])
        if thread >= len(threads) or reg >= nr_regs(threads[thread]):
            raise Bad(f"outcome: there is no {word[:4]}")
        cond.append((thread, reg, VALUES[m[3]]))
    return cond


def nr_regs(events):
    return sum(e.reg for e in events)


def fields(row):
    """What a key is made of, from its lowest bits on."""
    return [(t, r) for t, evs in enumerate(row.threads) for r in range(nr_regs(evs))] + \
        [(None, v) for t, v, _ in row.cond if t is None]


# ---- executions of a machine without a TLB, store buffers or reordering ----

def translate(entries, page, write):
    """The cell, or how the access fails."""
    entry = entries[page]
    if page == "u" and entry == "x":
        return translate(entries, "l", write)
    if entry == "0":
        return None, FAULT
    if entry == "xo" or (entry == "xc" and write):
        entries[page] = "x" if write else "xc"
    return (None, DENIED) if write and entry.endswith("ro") else \
        ("x" if entry == "block" else entry[0], None)


def execute_entry(entries, e):
    """An access to an entry: what is noted of it."""
    entry = entries[e.what]
    if e.kind == "estore":
        entries[e.what] = e.value
        return None
    if e.kind == "eload":
        return FAULT if entry == "0" else int(entry == "y")
    if e.kind.startswith("take"):
        entries[e.what] = "0"
    return int(entry not in NOTED[e.kind])


def execute(row, order):
    cells = {c: int(c in row.ones) for c in CELLS}
    entries = {p: row.init.get(p, "x" if p == "l" else "0") for p in PAGES}
    at, regs = [0] * len(row.threads), {}
    for t in order:
        e = [e for e in row.threads[t] if e.kind.endswith(("load", "store"))][at[t]]
        at[t] += 1
        if e.kind in ("estore", "eload") or e.kind in NOTED:
            value = execute_entry(entries, e)
        else:
            cell, value = (e.what, None) if e.kind in ("load", "store") else \
                (None, FAULT) if e.elsewhere else \
                translate(entries, e.what, e.kind == "tstore")
            if value is None and e.kind.endswith("store"):
                cells[cell], value = int(e.value), 0
            elif value is None:
                value = cells[cell]
        if e.reg:
            regs[t, sum(1 for k in regs if k[0] == t)] = value
    return tuple(cells[r] if t is None else regs[t, r] for t, r in fields(row))


def sc_outcomes(row):
    order = [t for t, evs in enumerate(row.threads) for e in evs
             if e.kind.endswith(("load", "store"))]
    return {execute(row, o) for o in set(itertools.permutations(order))}


# ---- C ----

def emit_access(e, addr_dep, data_dep, reg):
    page = c_page(e.what) if e.what in PAGES else None
    cell = f"litmus_cell(a, {CELLS.index(e.what)}, i){addr_dep}" if page is None else ""
    va = f"trans_va({page}, i){addr_dep}"
    value = f"{e.value}{data_dep}"
    text = {
        "load": f"trans_await({cell}, &patience)" if e.again
                else f"trans_value(READ_ONCE(TRANS_CELL({cell})))",
        "store": f"WRITE_ONCE(TRANS_CELL({cell}), trans_word({value}))",
        "tload": f"trans_load({va})",
        "tstore": f"trans_store({va}, {value})",
        "eload": f"trans_entry_read({page}, i)",
        "dload": f"trans_entry_dirty({page}, i, false)",
        "takeload": f"trans_entry_dirty({page}, i, true)",
        "aload": f"trans_entry_young({page}, i, false)",
        "takeoldload": f"trans_entry_young({page}, i, true)",
        "estore": "" if e.kind != "estore" else
                  f"trans_entry_set({page}, i, {c_state(e.what, e.value)}{data_dep})",
    }[e.kind]
    return f"r{reg} = {text};" if e.reg else f"(void){text};" if e.kind == "tstore" else f"{text};"


def c_page(page):
    return "TRANS_" + page.upper()


def c_state(page, state):
    if state == "0":
        return "TRANS_NONE"
    if state == "block":
        return "TRANS_BLOCK"
    if page == "u":
        return f"TRANS_TABLE({CELLS.index(state)})"
    if state in ("xc", "xo"):
        return "TRANS_CLEAN" if state == "xc" else "TRANS_OLD"
    return f"TRANS_MAP({CELLS.index(state[0])}, {int(state.endswith('ro'))})"


def emit_segment(events, regs, first):
    """A loop over the instances; the registers before this one are @regs. Returns the lines."""
    names = [f"r{regs + k}" for k in range(nr_regs(events))]
    lines = ["\tLITMUS_LOOP(i, first, end)", "\t{"]
    if names:
        lines += ["\t\tunsigned long " + ", ".join(f"{n} = LITMUS_UNSET" for n in names) + ";", ""]
    indent, addr, data, reg = 2, "", "", regs
    for e in events:
        tab = "\t" * indent
        if e.kind == "fence":
            lines.append(tab + FENCES[e.what])
        elif e.kind == "page":
            lines.append(tab + PAGE_EDGES[e.value].format(page=c_page(e.what)))
        elif e.kind == "dep":
            addr = f" + litmus_zero(r{reg - 1})" if e.what == "addr" else ""
            data = f" + litmus_zero(r{reg - 1})" if e.what == "data" else ""
            if e.what == "ctrl":
                lines.append(f"{tab}if (litmus_branch(r{reg - 1})) {{")
                indent += 1
        else:
            lines.append(tab + emit_access(e, addr, data, reg))
            addr = data = ""
            reg += e.reg
    while indent > 2:
        indent -= 1
        lines.append("\t" * indent + "}")
    if names:
        packed = " | ".join(f"{n} << {2 * (regs + k)}" for k, n in enumerate(names))
        lines.append(f"\t\ta->out[i] {'' if first else '|'}= {packed};")
    return lines + ["\t}"]


def emit_body(name, events):
    lines = [f"LITMUS_BODY({name})", "{", "\tunsigned long i;"]
    if any(e.again for e in events):
        lines.append("\tunsigned int patience = trans_patience();")
    lines.append("")
    regs, segment = 0, []
    for e in [*events, None]:
        if e and e.kind != "batch":
            segment.append(e)
            continue
        if segment:
            lines += emit_segment(segment, regs, regs == 0)
            regs, segment = regs + nr_regs(segment), []
        if e:
            lines.append("\t" + BATCH[e.what])
    return lines + ["}", ""]


def key_of(values):
    return sum(v << 2 * i for i, v in enumerate(values))


def weak(row):
    want = {(t, r): v for t, r, v in row.cond}
    fs = fields(row)
    return (sum(want[f] << 2 * i for i, f in enumerate(fs) if f in want),
            sum(3 << 2 * i for i, f in enumerate(fs) if f in want))


def model_id(column):
    return "MODEL_" + re.sub(r"\W", "", column).upper()


def c_string(s):
    return '"' + s.replace("\\", "\\\\") + '"'


def c_fields(row):
    """The parts of a key. A register that a fault left out says so."""
    for n, (t, what) in enumerate(fields(row)):
        if t is None:
            yield f'LITMUS_LAST({n}, {CELLS.index(what)}, "{what}")'
        else:
            yield f"TRANS_REG({n}, {t}, {what})"


def emit_test(row, ident):
    unloaded = sum(1 << t for t, evs in enumerate(row.threads)
                   if any(e.kind == "batch" and e.what.startswith("load") for e in evs))
    ones = sum(1 << CELLS.index(c) for c in row.ones)
    used = sum(1 << PAGES.index(p) for p in PAGES
               if any(e.kind in ("tload", "tstore") and e.what == p
                      for evs in row.threads for e in evs))
    key, mask = weak(row)
    sc = sorted(key_of(o) for o in row.sc)
    lines = []
    for t, events in enumerate(row.threads):
        lines += emit_body(f"{ident}_{t}", events)
    states = ", ".join(c_state(p, row.init.get(p, "x" if p == "l" else "0")) for p in PAGES)
    tables = "u" in row.init
    reuses = any(e.what == "reuse" for evs in row.threads for e in evs)
    lines += [f"static const struct trans_row {ident}_row = {{",
              f"\t.init = {{ {states} }}, .warm = {str(row.warm).lower()},",
              f"\t.tables = {str(tables).lower()}, .reuses = {str(reuses).lower()},",
              f"\t.unloaded = {unloaded:#x}, .ones = {ones:#x}, .used = {used:#x},",
              f"\t.shows = {SHOWS[row.shows]},",
              *(f"\t.not_here[{model_id(m)}] = {c_string(w)}," for m, w in row.not_here.items()),
              "};",
              f"LITMUS_WEAK({ident}_weak, {mask:#x}, {key:#x})",
              f"static const struct litmus_test {ident} = {{",
              f"\t.row = {c_string(row.name)},",
              f"\t.nr_threads = {len(row.threads)}, .nr_vars = LITMUS_PACKED_MAX,",
              f"\t.nr_fields = {len(fields(row))}, .flags = LITMUS_PACKED,",
              "\t.thread = LITMUS_THREADS("]
    lines += [",\n".join(f"\t\t{{ {ident}_{t}, {nr_regs(evs)}, {{ 0, 1, 2, 3 }} }}"
                         for t, evs in enumerate(row.threads)) + "),"]
    lines += ["\t.field = LITMUS_FIELDS(" + ", ".join(c_fields(row)) + "),",
              f"\t.weak = {ident}_weak,",
              f"\t.weak_outcome = {c_string(cond_text(row.cond))},",
              f"\t.nr_sc = {len(sc)}, .sc = LITMUS_KEYS({', '.join(f'{k:#x}' for k in sc)}),",
              "\t.expect = {"]
    lines += [f"\t\t[{model_id(isa)}] = LITMUS_{WORDS[word]},"
              for isa, (word, _) in row.expect.items()]
    # Who loads a space for one instance has it for the next, and may have walked early there.
    room = "1" if unloaded else "TRANS_TABLES" if tables else "TRANS_INSTANCES"
    lines += ["\t},", f"\t.max_instances = {room}, .reset = trans_reset,",
              f"\t.hooks = &trans_hooks, .data = &{ident}_row,"]
    name = c_string("translation." + row.name)
    return lines + ["};", f"TRANS_CASE({ident}, {name}, {len(row.threads)});", ""]


def cond_text(cond):
    words = {v: w for w, v in VALUES.items()}
    return " /\\ ".join(f"{r}={v}" if t is None else f"{t}:r{r}={words[v]}" for t, r, v in cond)


def generate(rows):
    lines = ["/* SPDX-License-Identifier: GPL-2.0-only */",
             "/* Generated by tests/translation/gen.py from shapes.tsv: do not edit. */",
             '#include <test/translation.h>', "", "/* clang-format off */", ""]
    for i, row in enumerate(rows):
        lines += [f"/* {row.name} */", *emit_test(row, f"trans_{i}")]
    return "\n".join(lines)


# ---- the tables ----

def read_tsv(path):
    """Its rows, by column, and where each stands."""
    with open(path, encoding="utf-8") as f:
        head = f.readline().rstrip("\n").split("\t")
        for n, line in enumerate(f, 2):
            cells = line.rstrip("\n").split("\t")
            if len(cells) != len(head):
                raise Bad(f"{path}:{n}: {len(cells)} columns, not {len(head)}")
            yield f"{path}:{n}", dict(zip(head, cells))


def parse_verdict(cell, isa, sources):
    word, _, key = cell.partition(" ")
    if word not in WORDS:
        raise Bad(f"{isa}: '{cell}' begins with none of {', '.join(WORDS)}")
    if (isa, key) not in sources:
        raise Bad(f"{isa}: sources.tsv has no '{key}'")
    return word, key


def models(cells):
    """The columns that are verdicts."""
    names = list(cells)
    before, behind = len(BEFORE), len(names) - len(BEHIND)
    if names[:before] != BEFORE or names[behind:] != BEHIND:
        raise Bad(f"the columns are {', '.join(BEFORE)}, the models, {', '.join(BEHIND)}")
    return names[before:behind]


def make_row(cells, sources):
    threads = [parse_thread(t) for t in cells["program"].split("||")]
    if len(threads) > 4:
        raise Bad("more than four threads")
    init, ones, warm = parse_init(cells["init"])
    if cells["shows"] not in SHOWS:
        raise Bad(f"shows '{cells['shows']}': one of {', '.join(SHOWS)}")
    row = Row(cells["test"], init, ones, warm, threads, parse_cond(cells["outcome"], threads),
              {m: parse_verdict(cells[m], m, sources) for m in models(cells)}, cells["shows"],
              cells["stands for"])
    if len(fields(row)) > 4:
        raise Bad("an outcome has four fields at most")
    if "u" not in init and any(e.what in "ul" for evs in threads for e in evs if e.kind != "fence"):
        raise Bad("init says nothing of u")
    row.not_here = {m: sources[m, key] for m, (word, key) in row.expect.items() if word == "n/a"}
    row.sc = sc_outcomes(row)
    if row.shows == "twin" and not any(w == "Allow" for w, _ in row.expect.values()):
        raise Bad("a twin is allowed somewhere")
    key, mask = weak(row)
    if any(key_of(o) & mask == key for o in row.sc):
        raise Bad("the weak outcome is one of a machine without TLB or reordering")
    return row


def read_hosted(path, rows, model, sources):
    """Put the verdicts of the hosted MMU into the place of those of @model, whose ISA it serves."""
    verdicts = {c["test"]: c for _, c in read_tsv(path)}
    if list(verdicts) != [r.name for r in rows]:
        raise Bad(f"{path}: not the rows of shapes.tsv, in their order")
    for row in rows:
        cells = verdicts[row.name]
        word, _, key = cells["hosted"].partition(" ")
        if ("hosted", key) not in sources or word not in (*WORDS, "host"):
            raise Bad(f"{path}: {row.name}: '{cells['hosted']}'")
        if word != "host":
            row.expect[model] = (word, key)
            row.not_here.pop(model, None)
        row.shows = cells["shows"]
        if row.shows in ("twin", "absent") and word != "Allow":
            raise Bad(f"{path}: {row.name}: a twin is allowed")
    used = {("hosted", c["hosted"].partition(" ")[2]) for c in verdicts.values()}
    if {s for s in sources if s[0] == "hosted"} - used:
        raise Bad(f"{path}: sources.tsv has a rule that no row names")


def read_rows(shapes, sources_path):
    sources = {(c["isa"], c["key"]): c["clause"] for _, c in read_tsv(sources_path)}
    rows = []
    for where, cells in read_tsv(shapes):
        try:
            rows.append(make_row(cells, sources))
        except Bad as e:
            raise Bad(f"{where}: {cells.get('test', '')}: {e}") from None
    twice = {r.name for r in rows if sum(r.name == s.name for s in rows) > 1}
    if twice:
        raise Bad(f"{shapes}: {', '.join(sorted(twice))} stands there twice")
    said = {}
    for r in rows:
        for isa, (word, key) in r.expect.items():
            if said.setdefault((isa, key), word) != word:
                raise Bad(f"{shapes}: {r.name}: {isa}: the clause '{key}' is one of others for "
                          f"{said[isa, key]}, not for {word}")
    unused = {s for s in sources.keys() - said.keys() if s[0] != "hosted"}
    if unused:
        raise Bad(f"{sources_path}: no row names {sorted(unused)}")
    return rows, sources


def questions(rows, sources):
    """Where a manual does not say: for each clause that is missing, the rows that ask for it."""
    lines = []
    for (model, key), clause in sources.items():
        if model == "hosted":
            continue
        asking = [r.name for r in rows if r.expect[model] == ("unsaid", key)]
        if asking:
            lines.append(f"- **{model}**: {clause.removeprefix('no clause: ')} "
                         f"({', '.join(f'`{n}`' for n in asking)})")
    return "\n".join(lines)


def edges(path):
    """sequences.tsv as a table in Markdown."""
    with open(path, encoding="utf-8") as f:
        head, *lines = (line.rstrip("\n").split("\t") for line in f)
    return "\n".join(["| " + " | ".join(head) + " |", "|---" * len(head) + "|",
                      *("| `" + c[0] + "` | " + " | ".join(c[1:]) + " |" for c in lines)])


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("shapes")
    p.add_argument("sources")
    p.add_argument("-o", dest="out", metavar="FILE", default="/dev/stdout")
    p.add_argument("--questions", action="store_true",
                   help="what no manual says instead, for docs/translation.md")
    p.add_argument("--edges", metavar="TSV", help="this table in Markdown instead, for the same")
    p.add_argument("--hosted", nargs=2, metavar=("TSV", "MODEL"),
                   help="the hosted MMU's verdicts in the place of those of this model")
    args = p.parse_args()
    try:
        rows, sources = read_rows(args.shapes, args.sources)
        if args.hosted:
            read_hosted(args.hosted[0], rows, args.hosted[1], sources)
        text = edges(args.edges) + "\n" if args.edges else \
            questions(rows, sources) + "\n" if args.questions else generate(rows)
    except (Bad, OSError) as e:
        print(f"gen.py: {e}", file=sys.stderr)
        return 2
    with open(args.out, "w", encoding="utf-8") as f:
        f.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
