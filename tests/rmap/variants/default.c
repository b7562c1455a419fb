/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory manager's own form, which is in force unless another one is asked for. Its functions
 * are in mm/rmap.c.
 *
 * Right under rmap.default.interleaving, rmap.default.reuse, rmap.default.release,
 * rmap.default.deadlock and rmap.default.free.
 */
#include "variant.h"

ANON_VMA_VARIANT(default, 0) = {
	.id = "default",
	.author = "Fencepost",
	.date = "",
	.what = "V9 with V6's second look: mm/rmap.c",
	.ops = &anon_vma_ops_modern,
	.mech = {
		[MECH_INTERLEAVING] = LOCKED,
		[MECH_REUSE] = FILTERED,
		[MECH_RELEASE] = GUARDED,
		[MECH_DEADLOCK] = BALANCED,
		[MECH_ORDERING] = { EXPECT_CLEAN,
			"release, and dependency-ordered loads" },
	},
	.publish = EDGE_RELEASE,
	.seen = true,
	.followed = true,
};
