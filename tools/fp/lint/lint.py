# SPDX-License-Identifier: GPL-2.0-only
"""House rules that a script can check. Each rule yields findings: file, line, sentence.

What a rule needs and cannot find (a tool, a directory) is said, never passed over in silence.
"""
import re
import shutil
import subprocess

from ..base.errors import EXIT_FAIL, EXIT_PASS, UserError
from ..base.terminal import make_console
from ..base.tree import Tree
from ..images.boards import load_board
from ..mutants import catalogue
from .flushes import findings as find_flushes
from .floors import rule_calls, rule_floors
from .lists import rule_lists
from .lock_order import rule_locks
from .names import rule_names
from .packages import rule_packages
from .pairs import rule_pairs, strip_comments
from .sync import rule_sync
from .waits import findings as find_waits

WIDTH = 100
FILE_LINES = 600
GENERIC_DIRS = ("drivers/", "kernel/", "lib/", "mm/", "tests/")

_ISA_MACRO = re.compile(
    r"^\s*#\s*(?:if|ifdef|ifndef|elif)\b.*\b(__x86_64__|__i386__|__amd64__|__aarch64__|__arm__|"
    r"__riscv\w*|__powerpc\w*|__PPC\w*|__BYTE_ORDER__|__BIG_ENDIAN__|__LITTLE_ENDIAN__|"
    r"CONFIG_(?:X86|ARM|RISCV|PPC|POWERPC)\w*|ARCH_(?:X86|ARM|RISCV|PPC|POWERPC)\w*)")
_SWITCH_FILES = ("include/kernel/busted.h", "kernel/debug/busted.c", "include/arch/barrier.h")


def format_version(tree):
    """The version of clang-format that .clang-format names as the judge, or None."""
    path = tree.root / ".clang-format"
    m = re.search(r"^#.*\bclang-format (\d+)", path.read_text() if path.is_file() else "", re.M)
    return m and m[1]


def find_clang_format(version):
    """(program, None) of that version, or (None, the sentence why there is none)."""
    others = []
    for name in (f"clang-format-{version}", "clang-format"):
        if not shutil.which(name):
            continue
        done = subprocess.run([name, "--version"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        m = re.search(r"version (\d+)", done.stdout)
        if m and m[1] == version:
            return name, None
        others.append(m[1] if m else "an unknown one")
    return None, (f"the layout is judged with clang-format {version}, which .clang-format names; "
                  + (f"here is {others[-1]}" if others else "it is not installed"))


def rule_format(tree):
    """C files are as the clang-format that .clang-format names would have them."""
    files = tree.ending(".c", ".h")
    version = format_version(tree)
    if not version:
        yield ".clang-format", 1, "names no version: '# ... clang-format N ...'"
        return
    tool, why = find_clang_format(version)
    if not tool:
        tree.skips.append(f"format: {why}")
        return
    if not files:
        return
    done = subprocess.run([tool, "--dry-run", "-Werror", *files], cwd=tree.root,
                          capture_output=True, text=True, stdin=subprocess.DEVNULL)
    seen = set()
    for line in done.stderr.splitlines():
        m = re.match(r"(.+?):(\d+):\d+: error: ", line)
        if m and m[1] not in seen:
            seen.add(m[1])
            yield m[1], int(m[2]), f"clang-format would change this file: {tool} -i {m[1]}"
    if done.returncode and not seen:
        yield ".clang-format", 1, f"clang-format failed: {done.stderr.strip()[:200]}"


def rule_isa(tree):
    """No #ifdef of an ISA in kernel/, mm/ and tests/."""
    for name in tree.ending(".c", ".h", dirs=GENERIC_DIRS + ("include/",)):
        for n, line in enumerate(tree.lines(name), 1):
            m = _ISA_MACRO.match(line)
            if m:
                yield name, n, f"{m[1]} in an #if: what an ISA differs in belongs to arch/"


def rule_switches(tree):
    """Deliberate mistakes have one mechanism, which a release build drops: kernel/busted.h."""
    dirs = ("arch/", "drivers/", "include/", "kernel/", "lib/", "mm/")
    for name in tree.ending(".c", ".h", dirs=dirs):
        if name in _SWITCH_FILES:
            continue
        for n, line in enumerate(strip_comments(tree.text(name)).split("\n"), 1):
            for word in re.findall(r"\w*busted\w*(?!.*\.h>)", line, re.I):
                if word not in ("busted", "busted_boot") and not word.startswith("BUSTED_"):
                    yield name, n, f"{word} is a switch of its own: add it to kernel/busted.h"


def rule_spdx(tree):
    """Every source names its licence at the top."""
    for name in tree.sources():
        head = tree.lines(name)[:2]
        if not any("SPDX-License-Identifier: GPL-2.0-only" in line for line in head):
            yield name, 1, "no SPDX-License-Identifier: GPL-2.0-only in the first two lines"


def rule_text(tree):
    """Lines of at most 100 columns, no trailing blanks, no CR, a newline at the end."""
    for name in tree.sources():
        text = tree.text(name)
        for n, line in enumerate(tree.lines(name), 1):
            if line != line.rstrip():
                yield name, n, "blanks or a CR at the end of the line"
            width = len(line.expandtabs(8))
            # A mutant quotes lines of other files, behind the name of a key.
            if width > WIDTH and not name.startswith(catalogue.DIRECTORY):
                yield name, n, f"{width} columns; the limit is {WIDTH}"
        if text and not text.endswith("\n"):
            yield name, text.count("\n") + 1, "no newline at the end of the file"
        elif text.endswith("\n\n"):
            yield name, text.count("\n"), "blank lines at the end of the file"


def rule_size(tree):
    """A file has no more than 600 lines."""
    for name in tree.sources():
        lines = tree.lines(name)
        if len(lines) > FILE_LINES + 1:
            yield name, 1, (f"{len(lines) - 1} lines; the limit is {FILE_LINES}: split it after "
                            "what it describes")


def rule_head(tree):
    """A C or assembly file opens with a comment that says what it is for."""
    dirs = ("arch/", "drivers/", "kernel/", "lib/", "mm/", "tests/", "include/")
    for name in tree.ending(".c", ".h", ".S", dirs=dirs):
        top = tree.text(name).split("\n", 12)
        body = "\n".join(top[1:12])
        if not re.match(r"\s*/\*", body):
            yield name, 2, "no comment after the SPDX line that says what this file is for"


def rule_flushes(tree):
    """Every flush in mm/ names the translation test that stands for it."""
    yield from find_flushes(tree, strip_comments)


def rule_waits(tree):
    """Who waits for another CPU says what for: no loop spins by itself."""
    yield from find_waits(tree, strip_comments)


def rule_python(tree):
    """Python files compile."""
    for name in tree.ending(".py") + [n for n in tree.names if n == "tools/fencepost"]:
        try:
            compile(tree.text(name), name, "exec", dont_inherit=True)
        except SyntaxError as e:
            yield name, e.lineno or 1, f"Python: {e.msg}"


def rule_shell(tree):
    """Shell scripts parse."""
    for name in tree.ending(".sh") + [n for n in tree.names if n == ".ci/run"]:
        done = subprocess.run(["bash", "-n", name], cwd=tree.root, capture_output=True, text=True)
        if done.returncode:
            m = re.search(r"line (\d+): (.*)", done.stderr)
            yield name, int(m[1]) if m else 1, m[2] if m else done.stderr.strip()


def rule_boards(tree):
    """Files of boards/ are well formed."""
    for name in tree.ending(".toml", dirs=("boards/",)):
        try:
            load_board(tree.root / name)
        except UserError as e:
            yield name, 1, str(e).partition(": ")[2]


def rule_mutants(tree):
    """Each mutant of tests/mutants/ is well formed and fits the sources as they are."""
    yield from catalogue.load_all(tree.root)[1]


def rule_links(tree):
    """Relative links in Markdown lead somewhere."""
    for name in tree.ending(".md"):
        for n, line in enumerate(tree.lines(name), 1):
            for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", line):
                if "://" not in target and not target.startswith("mailto:") and \
                        not ((tree.root / name).parent / target).exists():
                    yield name, n, f"the link to {target} leads nowhere"


RULES = {f.__name__[5:]: f for f in (
    rule_format, rule_isa, rule_switches, rule_spdx, rule_text, rule_size, rule_head, rule_pairs,
    rule_python, rule_shell, rule_boards, rule_mutants, rule_links,
    rule_sync, rule_waits, rule_flushes, rule_floors, rule_calls, rule_lists, rule_locks,
    rule_names, rule_packages)}


def run(args):
    out = make_console()
    tree = Tree(args.root)
    chosen = {n: f for n, f in RULES.items() if not args.only or args.only in n}
    if not chosen:
        raise UserError(f"--only {args.only}: no such rule; there are {', '.join(RULES)}")
    count = 0
    for name, rule in chosen.items():
        for path, line, sentence in rule(tree):
            out.print(f"{path}:{line}: {sentence} [{name}]", soft_wrap=True)
            count += 1
    for note in tree.notes:
        out.print(f"note: {note}", soft_wrap=True)
    for skip in tree.skips:
        out.print(f"SKIP {skip}", soft_wrap=True)
    skipped = f", {len(tree.skips)} skipped" if tree.skips else ""
    out.print(f"lint: {len(tree.names)} files, {len(chosen)} rules, {count} findings{skipped}")
    return EXIT_FAIL if count else EXIT_PASS
