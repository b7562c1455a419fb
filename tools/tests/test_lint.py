# SPDX-License-Identifier: GPL-2.0-only
"""Each lint rule finds what it is for, and lets good code pass."""
from pathlib import Path

import pytest
from fp.base.tree import Tree
from fp.lint import lint

GOOD = """\
/* SPDX-License-Identifier: GPL-2.0-only */
/* What it is for. */
void writer(void)
{
	/* release: pairs with the acquire in reader(); a, then b; tests: litmus.MP+rel+acq */
	smp_store_release(&b, 1);
}

void reader(void)
{
	/* acquire: pairs with the release in writer(); tests: litmus.MP+rel+acq */
	spin_until("the writer",
		   smp_load_acquire(&b));
}
"""


@pytest.fixture
def tree(tmp_path):
    """Makes a Tree of the files given by name."""
    def make(**files):
        files.setdefault("tests/litmus/shapes.tsv", "test\tx\nMP+rel+acq\tAllow\n")
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Tree(tmp_path)
    return make


def found(rule, tree):
    return [(name, line) for name, line, _ in lint.RULES[rule](tree)]


def test_good_code_passes_every_rule(tree):
    t = tree(**{"kernel/x.c": GOOD})
    for name in lint.RULES:
        if name != "format":
            assert list(lint.RULES[name](t)) == [], name


@pytest.mark.parametrize("macro", ["__x86_64__", "__aarch64__", "__riscv", "__powerpc64__"])
def test_isa_ifdef(tree, macro):
    bad = f"/* SPDX */\n#if defined({macro})\n#endif\n"
    t = tree(**{"kernel/x.c": bad, "arch/arm64/x.c": bad})
    assert found("isa", t) == [("kernel/x.c", 2)]


@pytest.mark.parametrize("line,bad", [
    ("if (busted(BUSTED_LRU_NO_LOCK))", 0), ("#include <kernel/busted.h>", 0),
    ("/* the busted twin */", 0), ("u32 mm_busted;", 1), ("int busted_skip = -1;", 1)])
def test_switches_have_one_mechanism(tree, line, bad):
    t = tree(**{"mm/x.c": GOOD + line + "\n", "tests/x.c": GOOD + line + "\n"})
    assert found("switches", t) == [("mm/x.c", 15)] * bad


def test_spdx(tree):
    t = tree(**{"kernel/x.c": "int x;\n", "tools/a.sh": "#!/bin/bash\n# SPDX-License-Identifier: "
                "GPL-2.0-only\n", "README.md": "no licence needed\n"})
    assert found("spdx", t) == [("kernel/x.c", 1)]


def test_text(tree):
    t = tree(**{"kernel/x.c": "int x; \n\t" + "y" * 93 + "\nlast"})
    assert found("text", t) == [("kernel/x.c", 1), ("kernel/x.c", 2), ("kernel/x.c", 3)]


def test_size(tree):
    line = "int x;\n"
    t = tree(**{"kernel/x.c": line * 601, "kernel/y.c": line * 600,
                "tests/mutants/x.toml": "\n" * 601,
                "tests/y.py": "# Long because it is a table.\n" + line * 600,
                "tests/litmus/x.tsv": line * 700})
    assert sorted(found("size", t)) == [("kernel/x.c", 1), ("tests/mutants/x.toml", 1),
                                        ("tests/y.py", 1)]


@pytest.fixture
def formats(tmp_path, monkeypatch):
    """Puts programs that claim to be a clang-format of a version on PATH, and nothing else."""
    def make(**programs):
        place = tmp_path / "bin"
        place.mkdir()
        for name, version in programs.items():
            program = place / name.replace("_", "-")
            program.write_text(
                f"#!/bin/sh\ncase $1 in --version) echo Debian clang-format version {version};;\n"
                f"*) echo \"kernel/x.c:3:1: error: $0\" >&2; exit 1;; esac\n")
            program.chmod(0o755)
        monkeypatch.setenv("PATH", str(place))
    return make


def test_the_layout_is_judged_by_the_version_that_the_tree_names(tree, formats):
    files = {"kernel/x.c": GOOD, ".clang-format": "# As clang-format 14 has it.\n"}
    formats(clang_format="14.0.6")
    t = tree(**files)
    assert found("format", t) == [("kernel/x.c", 3)] and not t.skips


def test_a_program_of_that_version_goes_before_the_usual_one(tree, formats):
    formats(clang_format="19.1.7", clang_format_14="14.0.6")
    t = tree(**{"kernel/x.c": GOOD, ".clang-format": "# As clang-format 14 has it.\n"})
    assert [s for _, _, s in lint.RULES["format"](t)] == [
        "clang-format would change this file: clang-format-14 -i kernel/x.c"]


@pytest.mark.parametrize("programs,why", [
    ({"clang_format": "19.1.7"}, "here is 19"), ({}, "not installed"),
    ({"clang_format": "140.0"}, "here is 140"), ({"clang_format": "?"}, "here is an unknown one")])
def test_another_version_judges_nothing_and_that_is_said(tree, formats, programs, why):
    formats(**programs)
    t = tree(**{"kernel/x.c": GOOD, ".clang-format": "# As clang-format 14 has it.\n"})
    assert found("format", t) == []
    assert len(t.skips) == 1 and "clang-format 14" in t.skips[0] and why in t.skips[0]


def test_a_tree_that_names_no_version_is_a_finding(tree):
    assert found("format", tree(**{".clang-format": "# none\n"})) == [(".clang-format", 1)]
    assert lint.format_version(Tree(Path(lint.__file__).parents[3])) == "14"


def test_a_skip_is_in_the_summary(project):
    project.board("fake", "pass")
    (project.root / ".clang-format").write_text("# clang-format 3\n")
    done = project.run("lint", "--only", "format")
    assert done.returncode == 0 and "SKIP format: the layout is judged with clang-format 3" in \
        done.stdout and done.stdout.endswith("0 findings, 1 skipped\n")


def test_head(tree):
    t = tree(**{"kernel/x.c": "/* SPDX */\nint x;\n", "kernel/y.c": GOOD})
    assert found("head", t) == [("kernel/x.c", 2)]


def test_python_and_shell_and_links(tree):
    t = tree(**{"tools/a.py": "def f(:\n", "tools/b.sh": "if\n",
                "README.md": "[a](b.md) [c](README.md)\n"})
    assert found("python", t) == [("tools/a.py", 1)]
    assert found("shell", t)[0][0] == "tools/b.sh"
    assert found("links", t) == [("README.md", 1)]


def test_status_and_summary(project):
    project.board("fake", "pass")
    (project.root / "boards" / "fake.toml").write_text("arch = \"x86_64\"\n")
    done = project.run("lint", "--only", "boards")
    assert done.returncode == 1 and "boards/fake.toml:1:" in done.stdout
    assert project.run("lint", "--only", "nothing").returncode == 2
