#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Did the compiler keep what litmus files are about? tools/fp/litmusfile/objdeps.py, by hand.

    check_file_deps.py DIR/bodies.json build/arm64-litmus-DIR/fencepost.elf
                                         exit 0: all kept, 1: some lost, 2: cannot tell
    check_file_deps.py --broken ...      of sources that emit.py wrote without fences: some must be
    check_file_deps.py --folded ...      of ones whose dependencies were folded away: all must be
    check_file_deps.py --write arm64 DIR/bodies.json A.litmus B.litmus ...
                                         write the sources of those files that are for the ISA
"""

import argparse
import json
import sys
from pathlib import Path

from fp.base.errors import UserError
from fp.images.decoder import Unknown
from fp.litmusfile import objdeps


def has_dependency(want):
    """Is there one that a body must keep?"""
    return bool(want) and any(e["addr"] or e["data"] or e["ctrl"]
                              for path in want["paths"] for e in path)


def missed(expected, lost):
    """Bodies with a dependency in which none was found to be lost."""
    return [name for name, want in expected.items() if has_dependency(want) and not any(
        "depend" in s or "paths of the file" in s for s in lost.get(name, ()))]


def check(bodies, files, broken, folded):
    """Print what is wrong. Returns the exit status."""
    with open(bodies, encoding="utf-8") as f:
        expected = json.load(f)
    lost, unread = objdeps.faults_of(expected, files)
    for name, sentences in (lost | unread).items():
        for sentence in sentences if not broken and not folded else []:
            print(f"{files[0]}: {name}: {sentence}")
    overlooked = missed(expected, lost) if folded else []
    for name in overlooked:
        print(f"{files[0]}: {name}: its dependency is broken and we did not notice")
    checked = sum(bool(want) for want in expected.values())
    print(f"{files[0]}: {len(expected)} bodies, {checked} checked, {len(lost)} with faults, "
          f"{len(unread)} not read")
    return 1 if unread or overlooked or bool(lost) != (broken or folded) else 0


def write(isa, bodies, paths):
    """Programs of the files beside @bodies. Returns the exit status."""
    # Not at the top: the readers need libraries that the checks do without.
    from fp.litmusfile import emit, reader, verdicts  # pylint: disable=import-outside-toplevel
    programs = [p for p in map(reader.read_file, paths) if verdicts.runs_on(p, isa)]
    emitted = emit.write(programs, Path(bodies).parent)
    for e in emitted:
        if not e.test:
            print(e.why)
    return 0 if emitted and all(e.test for e in emitted) else 1


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--broken", action="store_true", help="faults are expected")
    p.add_argument("--folded", action="store_true",
                   help="so are they, of each body with a dependency")
    p.add_argument("--write", metavar="ISA", help="the files are litmus files: write their sources")
    p.add_argument("bodies", metavar="bodies.json")
    p.add_argument("files", nargs="+", metavar="ELF")
    args = p.parse_args()
    try:
        if args.write:
            return write(args.write, args.bodies, args.files)
        return check(args.bodies, args.files, args.broken, args.folded)
    except (Unknown, UserError, OSError, ValueError) as e:
        print(f"check_file_deps.py: {e}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
