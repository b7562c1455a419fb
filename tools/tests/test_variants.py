# SPDX-License-Identifier: GPL-2.0-only
"""A variant of the anon_vma code is one file: a copy of the tree with one more builds it, the
kernel chooses and tests it, the host tool knows it, and no other file was touched."""
import shutil
import subprocess

import pytest
from conftest import TOOL

from fp.base.errors import UserError
from fp.mailthread import findings, variants

TREE = TOOL.parents[1]
BUILT = TREE / "build" / "x86_64"
STAND_IN = '''/* SPDX-License-Identifier: GPL-2.0-only */
/* V5 again, under a name that nobody knows. */
#include <mm/slab.h>

#include "variant.h"

static const struct anon_vma_ops ops = {
	.name = "x7",
	.prepare = anon_vma_prepare_v5,
	.lock = anon_vma_lock_v0,
	.unlock = anon_vma_unlock_v0,
	.cache_flags = SLAB_DESTROY_BY_RCU,
};

ANON_VMA_VARIANT(x7, TEST_EXTENDED) = {
	.id = "X7",
	.author = "a stranger",
	.date = "",
	.what = "V5 again",
	.ops = &ops,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = WALKED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = WEAK,
	},
	.publish = EDGE_LOCK,
};
'''


def test_known_variants():
    assert findings.VARIANTS[:6] == ("V0", "V1", "V2", "V3", "V3f", "V4")
    assert findings.VARIANTS[10:12] == ("V9", "V10") and findings.VARIANTS[-1] == "default"
    assert findings.free_expected("V0", "classic") == findings.CAUGHT
    assert findings.free_expected("V5", "preempt") == findings.CLEAN
    assert [findings.free_expected("W3", f) for f in findings.FLAVOURS] == \
        [findings.CLEAN, findings.CAUGHT]


@pytest.mark.parametrize("line", ['', '\t.id = "X8",\n'])
def test_a_variant_without_its_id_is_refused(tmp_path, line):
    path = tmp_path / "x7.c"
    path.write_text(STAND_IN.replace('\t.id = "X7",\n', line))
    with pytest.raises(UserError, match="x7.c: .*X7"):
        variants.read(path)


PREEMPT = "[MECH_REUSE] = { EXPECT_CAUGHT, .preempt_only = true },"
ALWAYS = "[MECH_RELEASE] = { EXPECT_CAUGHT },"


@pytest.mark.parametrize("mech,wrong,only", [
    ("[MECH_REUSE] = WALKED,", False, False), (PREEMPT, True, True), (ALWAYS, True, False),
    (PREEMPT + ALWAYS, True, False), (PREEMPT + PREEMPT.replace("REUSE", "RELEASE"), True, True)])
def test_what_is_caught_only_where_readers_are_preempted(tmp_path, mech, wrong, only):
    path = tmp_path / "x7.c"
    path.write_text(STAND_IN.replace("[MECH_REUSE] = WALKED,", mech))
    got = variants.read(path)
    assert (got.name, got.id, got.wrong, got.preempt_only) == ("x7", "X7", wrong, only)


def test_variants_are_in_the_order_of_people(tmp_path):
    (tmp_path / variants.DIRECTORY).mkdir(parents=True)
    for name in ("x10", "w1", "x9", "default", "x9f"):
        text = STAND_IN.replace("VARIANT(x7", f"VARIANT({name}")
        text = text.replace('"X7"', f'"{name.upper()}"')
        (tmp_path / variants.DIRECTORY / f"{name}.c").write_text(text)
    (tmp_path / variants.DIRECTORY / "common.c").write_text("int a;\n")
    assert [v.name for v in variants.load(tmp_path)] == ["w1", "x9", "x9f", "x10", "default"]


def test_a_stand_in_is_built_and_chosen(tmp_path):
    if not (BUILT / "fencepost.elf").is_file():
        pytest.skip("there is no build/x86_64 to begin with")
    # With what is built already, so that only the new file is compiled.
    shutil.copytree(TREE, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns(
        "build", "results", ".git", "__pycache__"))
    shutil.copytree(BUILT, tmp_path / "build" / "x86_64")
    (tmp_path / variants.DIRECTORY / "x7.c").write_text(STAND_IN)
    build = subprocess.run(["make", "-j2", "-f", "build.mk", "ARCH=x86_64", "image"], cwd=tmp_path,
                           capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert build.returncode == 0, build.stderr
    tool = tmp_path / "tools" / "fencepost"
    done = subprocess.run(
        [tool, "run", "--tests", "rmap.x7.reuse,rmap.x7.ordering,rmap.variants_*,rmap.models",
         "--append", "anon_vma=x7 tries=1", "--secs", "0.05"], capture_output=True, text=True,
        stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "rmap.x7.reuse" in done.stdout and "5 passed" in done.stdout
    log = next((tmp_path / "results").glob("2*/log/*.log")).read_text(errors="replace")
    assert ", anon_vma=x7" in log and '"variant":"X7"' in log and " X7:" in log
    known = subprocess.run([tool, "thread", "--variants", "x9"], capture_output=True, text=True)
    assert "W4, X7, default" in known.stderr
