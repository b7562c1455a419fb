#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Turn `nm -n` on standard input into the symbol table that backtraces use (section .ksyms).

Layout: ksyms_count; ksyms_offsets[], 32-bit distances from __text_start, ascending;
ksyms_name_offsets[], 32-bit; ksyms_names, NUL-terminated strings. Only text symbols are kept,
and only one of several at the same address.
"""
import argparse
import sys


def read_symbols(lines):
    start = end = None
    syms = []
    for line in lines:
        parts = line.split()
        if len(parts) != 3:
            continue
        addr, kind, name = int(parts[0], 16), parts[1], parts[2]
        if name == "__text_start":
            start = addr
        elif name == "__text_end":
            end = addr
        elif kind in "tTwW" and not name.startswith(("$", ".L", "__ex_", "__image_", "__text_")):
            syms.append((addr, name))
    if start is None or end is None:
        sys.exit("ksyms.py: nm's output has no __text_start or __text_end")
    table = {}
    for addr, name in syms:
        if start <= addr < end:
            table.setdefault(addr - start, name)
    return sorted(table.items()), end - start


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--empty", action="store_true", help="a table without symbols")
    ap.add_argument("-o", "--output", required=True)
    args = ap.parse_args()
    table, size = ([], 0) if args.empty else read_symbols(sys.stdin)
    out = ["/* Made by tools/ksyms.py. */", '\t.section .ksyms, "a"']

    def label(name):
        out.extend([f"\t.balign 8", f"\t.globl {name}", f"{name}:"])

    label("ksyms_count")
    out.append(f"\t.long {len(table)}")
    label("ksyms_offsets")
    out.extend(f"\t.long {off}" for off, _ in table)
    out.append(f"\t.long {size}")
    label("ksyms_name_offsets")
    pos = 0
    for _, name in table:
        out.append(f"\t.long {pos}")
        pos += len(name) + 1
    label("ksyms_names")
    out.extend(f'\t.asciz "{name}"' for _, name in table)
    out.append('\t.section .note.GNU-stack, "", %progbits')
    with open(args.output, "w", encoding="ascii") as f:
        f.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
