# SPDX-License-Identifier: GPL-2.0-only
"""Drawings of the page as inline SVG: a test's cycle, the spread of its rate over the settings.

Colours are classes of style.css, so that they follow the reader's theme and the printer. What is
drawn can be told apart without them: by its label, its dash, its place.
"""
import math

from markupsafe import Markup, escape

from ..litmus import cycle

COLUMN, ROW = 150, 62
BOX_W, BOX_H = 78, 26
TOP, SIDE = 34, 36


def tag(name, text="", **attributes):
    """An element; attributes that are None are left out, "_" stands for "-"."""
    inner = "".join(f' {k.rstrip("_").replace("_", "-")}="{escape(v)}"'
                    for k, v in attributes.items() if v is not None)
    return Markup(f"<{name}{inner}>{text}</{name}>")


def _n(value):
    return f"{value:.1f}".rstrip("0").rstrip(".")


def _svg(width, height, parts, label):
    return tag("svg", Markup("").join(parts), viewBox=f"0 0 {_n(width)} {_n(height)}",
               width=_n(width), height=_n(height), role="img", aria_label=label)


# ---- the cycle ----

def _place(node):
    """The middle of an event's box."""
    return SIDE + BOX_W / 2 + node[0] * COLUMN, TOP + BOX_H / 2 + node[1] * ROW


def _box(test, node, values, is_in):
    e = cycle.event(test, node)
    x, y = _place(node)
    text = f"W {e.var} = {e.val}" if e.write else f"R {e.var} = {values.get(node, '?')}"
    return [tag("rect", x=_n(x - BOX_W / 2), y=_n(y - BOX_H / 2), width=BOX_W, height=BOX_H, rx=5,
                class_="ev in" if is_in else "ev"),
            tag("text", escape(text), x=_n(x), y=_n(y + 4.5), class_="evt")]


def _program_order(test, t, i, is_in):
    """The arrow from an event to the next of its thread, with what stands between."""
    x, y = _place((t, i))
    edge = test.threads[t][i].edge
    return [tag("path", d=f"M{_n(x)} {_n(y + BOX_H / 2)}V{_n(y + ROW - BOX_H / 2 - 6)}",
                class_="po in" if is_in else "po", marker_end="url(#head)"),
            tag("text", escape(edge), x=_n(x + 6), y=_n(y + ROW / 2 + 4), class_="pot")]


def _beside(a, b):
    """From an event's side to that of one in the next column, or around its own thread: the path,
    and a place below its first quarter: arrows that cross would have their names in one place."""
    (x, y), (u, v) = _place(a), _place(b)
    if a[0] == b[0]:
        x, u, bend, back = x - BOX_W / 2, u - BOX_W / 2 - 7, -30, -30
    else:
        side = 1 if b[0] > a[0] else -1
        x, u, bend = x + side * BOX_W / 2, u - side * (BOX_W / 2 + 7), 34 * side
        back = -bend
    d = f"M{_n(x)} {_n(y)}C{_n(x + bend)} {_n(y)} {_n(u + back)} {_n(v)} {_n(u)} {_n(v)}"
    return d, (x + 0.25 * (u - x) + 0.2 * bend, y + 0.16 * (v - y) + (-6 if y == v else 13))


def _below(a, b, floor):
    """From an event's lower side below all others, and up beside the column of the other one."""
    (x, y), (u, v) = _place(a), _place(b)
    side = -1 if u < x else 1  # which side it comes up on
    way, end = u + side * (BOX_W / 2 + 24), u + side * (BOX_W / 2 + 7)
    r = 10
    d = (f"M{_n(x)} {_n(y + BOX_H / 2)}V{_n(floor - r)}Q{_n(x)} {_n(floor)} {_n(x + side * r)} "
         f"{_n(floor)}H{_n(way - side * r)}Q{_n(way)} {_n(floor)} {_n(way)} {_n(floor - r)}"
         f"V{_n(v + r)}Q{_n(way)} {_n(v)} {_n(end)} {_n(v)}")
    return d, ((x + u) / 2, floor - 6)


def _communication(kind, a, b, floor):
    """The arrow of an edge, with its name."""
    d, at = _below(a, b, floor) if abs(a[0] - b[0]) > 1 else _beside(a, b)
    return [tag("path", d=d, class_=f"com {kind}", marker_end=f"url(#head-{kind})"),
            tag("text", kind, x=_n(at[0]), y=_n(at[1]), class_=f"comt {kind}")]


def _threads(test, span):
    """The heads of the columns, and what leads from each event to the next."""
    out = []
    for t, events in enumerate(test.threads):
        out.append(tag("text", f"thread {t}", x=_n(_place((t, 0))[0]), y=16, class_="th"))
        for i in range(len(events) - 1):
            out += _program_order(test, t, i, (t, i) in span)
    return out


def cycle_drawing(test, parts):
    """A test's execution, a column a thread; the cycle's own events and edges stand out."""
    nodes = {(p.thread, n) for p in parts for n in (p.first, p.last)}
    span = {(p.thread, n) for p in parts for n in range(p.first, p.last)}
    values, out = cycle.wanted(test), _threads(test, span)
    floor = TOP + (max(len(events) for events in test.threads) - 1) * ROW + BOX_H + 26
    far = False
    for p, after in zip(parts, parts[1:] + parts[:1]):
        far = far or abs(p.thread - after.thread) > 1
        out += _communication(p.com, (p.thread, p.last), (after.thread, after.first), floor)
    for t, events in enumerate(test.threads):
        for i in range(len(events)):
            out += _box(test, (t, i), values, (t, i) in nodes)
    return _svg(2 * SIDE + BOX_W + (len(test.threads) - 1) * COLUMN, floor + 6 if far else
                floor - 18, out, "the cycle: " + "; ".join(cycle.in_words(test, parts)))


# ---- the spread of a rate ----

SPREAD_W, SPREAD_H = 250, 44
LOW = 7  # decades below 1 that the axis has
LEFT, RIGHT, AXIS, NONE = 40, 10, 26, 14  # NONE: where what was not seen stands
DOT, LEVELS = 5, 4  # dots that would lie on one another are stacked


def _x_of(rate):
    """Where a share of the iterations is on the axis."""
    decade = min(max(math.log10(rate), -LOW), 0)
    return LEFT + (decade + LOW) / LOW * (SPREAD_W - LEFT - RIGHT)


def axis_drawing():
    """The axis, once for the page: every spread refers to it."""
    out = [tag("path", d=f"M{LEFT} {AXIS}H{SPREAD_W - RIGHT}", class_="axis")]
    for decade in range(-LOW, 1):
        x = _n(_x_of(10.0 ** decade))
        out.append(tag("path", d=f"M{x} {AXIS - 3}v6", class_="axis"))
        if decade % 2 == 0:
            name = "1" if not decade else "1 %" if decade == -2 else f"10{_exponent(decade)}"
            out.append(tag("text", name, x=x, y=AXIS + 16, class_="tick"))
    out.append(tag("text", "none", x=NONE, y=AXIS + 16, class_="tick"))
    return tag("g", Markup("").join(out), id="axis")


def _dots(rates):
    """A path of points; what lies on one another is stacked."""
    level, d = {}, []
    for x in (_x_of(r / 1e9) if r else NONE for r in rates):
        n = level[round(x / DOT)] = level.get(round(x / DOT), -1) + 1
        d.append(f"M{_n(x)} {AXIS - 5 - DOT * min(n, LEVELS)}h0")
    return "".join(d)


def spread_drawing(rates):
    """A dot for each setting on a logarithmic axis; @rates: weak outcomes in 10^9 iterations."""
    seen = [r for r in rates if r]
    out = [tag("use", href="#axis")]
    for some, class_ in ((seen, "dot"), ([0] * (len(rates) - len(seen)), "dot no")):
        if some:
            out.append(tag("path", d=_dots(some), class_=class_))
    return _svg(SPREAD_W, SPREAD_H, out, f"seen with {len(seen)} of {len(rates)} settings")


def _exponent(n):
    return str(n).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def shared_parts():
    """What drawings refer to, once for the whole page: the ends of arrows, the axis."""
    heads = [tag("marker", tag("path", d="M0 0L7 3.5L0 7z", class_=f"mk {kind}"),
                 id=f"head-{kind}" if kind else "head", markerWidth=7, markerHeight=7, refX=1,
                 refY=3.5, orient="auto", markerUnits="userSpaceOnUse")
             for kind in ("", "rf", "co", "fr")]
    defs = tag("defs", Markup("").join([*heads, axis_drawing()]))
    return tag("svg", defs, width=0, height=0, class_="defs",
               aria_hidden="true")
