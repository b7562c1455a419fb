# SPDX-License-Identifier: GPL-2.0-only
"""Comments of ordered operations, held against each other.

    release: pairs with the acquire in reader(); what is ordered; tests: litmus.MP+rel+acq

What reader() says about its acquire has to name this function in turn. "xchg() in reader()" wants
an xchg() there, too. An operation that does what another does may say so: "as in NAME()"; it then
pairs with what NAME() pairs with, and who answers NAME() answers it. Labels of assembly are named
like functions. Only a test may pair with nothing: a mistake on purpose. What is called full is a
full barrier, or an operation that has one.
"""
import re

PAIR_DIRS = ("kernel/", "mm/", "tests/", "include/kernel/", "include/mm/", "include/test/",
             "include/lib/", "lib/")
PAIR_LINES = 6
FULL_LINES = 4

_ORDERED = re.compile(
    r"\b(smp_mb|smp_rmb|smp_wmb|mb|rmb|wmb|smp_mb__\w+|smp_read_barrier_depends|"
    r"smp_load_acquire|smp_cond_load_acquire|smp_store_release|smp_load_depends|"
    r"rcu_assign_pointer|rcu_dereference|"
    r"(?:xchg|cmpxchg|fetch_add|fetch_or|fetch_and)_(?:acquire|release))\s*\(")
# What orders all before it and all after it; the last three have it inside.
_FULL = re.compile(r"\b(smp_mb|mb|xchg|cmpxchg|ptep_cmpxchg|fetch_(?:add|or|and)|"
                   r"page_test_set_flag|page_test_clear_flag|set_current_state)\s*\(")
_SAYS_FULL = re.compile(r"/\*[\s*]*full: ")
_PAIRS = re.compile(r"\bpairs with\b(.*?)(?=;|\.\s|\*/|$)", re.S)
_AS_IN = re.compile(r"\bas in ([A-Za-z_]\w*)\(\)")
_NAME = re.compile(r"\b([A-Za-z_]\w*)\(\)")
_INSIDE = re.compile(r"\b([A-Za-z_]\w*)\(\) in ([A-Za-z_]\w*)\(\)")
# Hardware and host programs have no name here, and what stands in the same function needs none.
_NAMELESS = re.compile(r"\b(itself|nothing|walker|hardware|firmware|host|above|below)\b")
_TESTS = re.compile(r"\btests:\s*(.*?)(?=;|\.\s|$)")
_TEST_NAME = re.compile(r"\b([a-z][a-z_0-9]*)\.([A-Za-z0-9_.+*-]*[A-Za-z0-9_*])")
_TEST_MACRO = re.compile(r"\bTEST\(\s*(\w+)\s*,\s*(\w+)")
_WINDOW_MACRO = re.compile(r"\bWINDOW\(\s*(\w+)\s*,\s*(\w+)")  # include/test/window.h
_COMMENT = re.compile(r"/\*.*?\*/", re.S)
_MACRO = re.compile(r"#\s*define\s+(\w+)\(")
_LABEL = re.compile(r"([A-Za-z_]\w*):")
_HEAD = re.compile(r"([A-Za-z_]\w*)\s*\(")
_ATTRIBUTE = re.compile(r"__(?:attribute__|section|printf)\s*\(\(?[^()]*(?:\([^()]*\))?[^()]*\)?\)")


def strip_comments(text):
    """The same lines with comments and strings blanked."""
    def blank(m):
        return re.sub(r"[^\n]", " ", m[0])
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def is_litmus_body(tree, name):
    """Bodies of litmus tests are the thing tested: their pairs stand in the test's table."""
    return name.startswith("tests/litmus/") and "litmus bodies" in "\n".join(tree.lines(name)[:30])


def one_line(comment):
    """A comment's text without its stars and line ends."""
    return re.sub(r"\s*\n[\s*]*", " ", comment)


def words_of(comment):
    """The same without its end, and with a star that is a glob's."""
    return re.sub(r"\s+\*?/$", "", one_line(comment))


def comments(text):
    """(first line, last line, text) of each, lines from 0."""
    for m in _COMMENT.finditer(text):
        yield text.count("\n", 0, m.start()), text.count("\n", 0, m.end()), m[0]


class Function:
    """A function, macro or label: where it is, and what its comments say it pairs with."""

    def __init__(self, name, file, first, last):
        self.name, self.file, self.first, self.last = name, file, first, last
        self.speaks = False
        self.partners, self.same_as = set(), set()

    def names(self, known):
        """All that it names, itself or by "as in"."""
        found = set(self.partners)
        for name in self.same_as:
            for f in near(known, name, self.file):
                found |= f.partners
        return found


class Clause:
    """What one comment says: of which function, on which line, its partners."""

    def __init__(self, function, line, text):
        text = one_line(text)
        self.function, self.line = function, line
        self.texts = _PAIRS.findall(text)
        self.same_as = _AS_IN.findall(text)
        self.inside, self.partners = [], []
        for part in self.texts:
            inside = _INSIDE.findall(part)
            self.inside += inside
            whole = {what for what, _ in inside} | set(_AS_IN.findall(part))
            self.partners += [n for n in _NAME.findall(part) if n not in whole]


def _macros(code):
    for at, line in enumerate(code):
        m = _MACRO.match(line)
        if m:
            last = at
            while code[last].rstrip().endswith("\\"):
                last += 1
            yield m[1], at, last


def _bodies(code):
    """C functions: what stands before a brace in the first column."""
    for brace, line in enumerate(code):
        if line != "{":
            continue
        first = brace
        while first and code[first - 1].strip() and \
                not re.match(r"[#{}]|.*;\s*$|.*\\$", code[first - 1]):
            first -= 1
        last = next((n for n in range(brace, len(code)) if code[n].startswith("}")), len(code))
        m = _HEAD.search(_ATTRIBUTE.sub("", " ".join(code[first:brace])))
        if not m:
            continue
        yield m[1], first, last
        # LITMUS_BODY(name): a function that a macro names.
        inner = re.match(r"[A-Z_]+\((\w+)", " ".join(code[first:brace]))
        if inner:
            yield inner[1], first, last


def _labels(code):
    found = [(m[1], at) for at, m in ((n, _LABEL.match(line)) for n, line in enumerate(code)) if m]
    ends = [at - 1 for _, at in found[1:]] + [len(code)]
    for (name, at), end in zip(found, ends):
        yield name, at, end


def functions(name, text):
    code = strip_comments(text).split("\n")
    spans = _labels(code) if name.endswith(".S") else [*_macros(code), *_bodies(code)]
    return sorted((Function(n, name, a, b) for n, a, b in spans), key=lambda f: f.first)


def _owner(found, first, last):
    """Of a comment on these lines: what begins below it, or what it stands in."""
    below = [f for f in found if f.first == last + 1]
    around = [f for f in found if f.first <= first <= f.last]
    return (below or around or [None])[-1]


def clauses(text, found):
    for first, last, comment in comments(text):
        owner = _owner(found, first, last)
        clause = Clause(owner, first + 1, comment)
        if clause.texts or (clause.same_as and owner):
            yield clause


def near(known, name, file):
    """Functions of that name that say something: of the same file, of the same port, or all."""
    every = known.get(name, [])
    said = [f for f in every if f.speaks or f.same_as]
    port = "/".join(file.split("/")[:2]) + "/" if file.startswith("arch/") else None
    return [f for f in said if f.file == file] or \
        [f for f in said if port and f.file.startswith(port)] or said or every


def _body(tree, f):
    return "\n".join(strip_comments(tree.text(f.file)).split("\n")[f.first:f.last + 1])


def _check_clause(tree, known, clause):
    own = clause.function
    for what, where in clause.inside:
        if where in known and not any(re.search(rf"\b{what}\b", _body(tree, f))
                                      for f in near(known, where, own.file)):
            yield f"pairs with {what}() in {where}(), where there is none"
    for name in clause.same_as:
        if not any(f.speaks for f in near(known, name, own.file)):
            yield f"is as in {name}(), which says nothing of what it pairs with"
    for name in clause.partners:
        there = near(known, name, own.file)
        if not there:
            yield f"pairs with {name}(), which does not exist"
        elif name != own.name and not any(
                {own.name, *clause.same_as} & f.names(known) for f in there):
            yield f"pairs with {name}(), which does not name {own.name}() in turn"


def check_both_ways(tree, files):
    known, all_clauses = {}, []
    for name in files:
        found = functions(name, tree.text(name))
        for f in found:
            known.setdefault(f.name, []).append(f)
        for clause in clauses(tree.text(name), found):
            all_clauses.append((name, clause))
            if clause.function:
                clause.function.speaks |= bool(clause.texts)
                clause.function.partners |= set(clause.partners)
                clause.function.same_as |= set(clause.same_as)
    for name, clause in all_clauses:
        if not clause.function:
            yield name, clause.line, "'pairs with' in a comment that belongs to no function"
            continue
        if any(t.startswith(" nothing") for t in clause.texts) and not name.startswith("tests/"):
            yield name, clause.line, "pairs with nothing: then it is not needed"
        for sentence in _check_clause(tree, known, clause):
            yield name, clause.line, sentence


def _check_operation(lines, first, at, what):
    """Is the operation on line @at commented, from line @first on, and its partner named?"""
    clause = Clause(None, at, "\n".join(lines[first:at + 1]))
    if not clause.texts and not clause.same_as:
        return (f"{what}() without a comment of its own that says what it 'pairs with' "
                f"in the {PAIR_LINES} lines before it")
    if not clause.partners and not clause.same_as and not _NAMELESS.search(clause.texts[-1]):
        return "'pairs with' names no function as NAME()"
    return None


def known_tests(tree):
    """Names of all tests that exist, "suite.name"."""
    names = set()
    for name in tree.ending(".c"):
        names |= {f"{s}.{n}" for s, n in _TEST_MACRO.findall(tree.text(name))}
        names |= {f"{s}.window_{n}" for s, n in _WINDOW_MACRO.findall(tree.text(name))}
    for name in tree.ending("/shapes.tsv", dirs=("tests/",)):
        suite = name.split("/")[-2]
        names |= {f"{suite}.{line.split(chr(9))[0]}" for line in tree.lines(name)[1:] if line}
    # Tests that the generator makes and no table lists: claims, locks, exchanges.
    for path in sorted(tree.root.glob("build/*/gen/litmus_gen.c")):
        names |= set(re.findall(r'"(litmus\.[^"\s]+)"', path.read_text(errors="replace")))
    for name in tree.ending(".py", ".c", dirs=("tests/litmus/",)):
        names |= {"litmus." + n for n in re.findall(r'"(?:litmus\.)?([A-Za-z0-9][\w.+-]+)"',
                                                    tree.text(name))}
    return names


def check_tests(tree, files):
    """Tests that a comment names exist."""
    tests = known_tests(tree)
    for name in files:
        for first, _, comment in comments(tree.text(name)):
            m = _TESTS.search(words_of(comment))
            for suite, test in _TEST_NAME.findall(m[1]) if m else ():
                full = f"{suite}.{test}"
                if full not in tests and not (
                        "*" in full and any(t.startswith(full.rstrip("*")) for t in tests)):
                    yield name, first + 1, f"names the test {full}, which does not exist"


def check_operations(tree, files):
    """Each ordered operation has a comment: between it and the one before."""
    for name in files:
        if is_litmus_body(tree, name):
            continue
        lines, first = tree.lines(name), 0
        for at, line in enumerate(strip_comments(tree.text(name)).split("\n")):
            m = _ORDERED.search(line)
            if not m or line.lstrip().startswith("#"):
                continue
            sentence = _check_operation(lines, max(first, at - PAIR_LINES), at, m[1])
            first = at + 1
            if sentence:
                yield name, at + 1, sentence


def check_full(tree, files):
    """What a comment calls full stands below it."""
    for name in files:
        code = strip_comments(tree.text(name)).split("\n")
        for first, last, comment in comments(tree.text(name)):
            if _SAYS_FULL.match(comment) and \
                    not _FULL.search(" ".join(code[last:last + FULL_LINES])):
                yield name, first + 1, "is called full, and orders less"


def rule_pairs(tree):
    """Every barrier, acquire and release names its partner, which names it in turn."""
    def files(*endings, dirs):
        return [n for n in tree.ending(*endings, dirs=dirs) if not n.startswith("tests/host/")]
    generic = files(".c", ".h", dirs=PAIR_DIRS)
    if not generic:
        tree.notes.append("pairs: there is no kernel source yet")
        return
    every = files(".c", ".h", ".S", dirs=PAIR_DIRS + ("arch/", "include/arch/"))
    yield from check_operations(tree, generic)
    yield from check_full(tree, generic)
    yield from check_both_ways(tree, every)
    yield from check_tests(tree, every)
