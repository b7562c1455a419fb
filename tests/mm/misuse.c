/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every assertion of mm/ is seen to fire. Those that run behind a lock of mm/'s own are told that
 * it is not held (misuse_unheld.c); the others are given what they must refuse.
 */
#include <lib/errno.h>
#include <test/reclaim.h>

#include "misuse.h"

#ifdef CONFIG_DEBUG

static const struct misuse_excuse excuses[] = {
	{ "mm/mm.c", "dup_mm", "!mine", "nobody else knows the semaphore yet" },
	{ "mm/migrate.c", "migrate_page", "!locked", "nobody else knows the page yet" },
	{ "mm/swap.c", "swap_read", "!locked", "nobody else knows the page yet" },
	{ "mm/kmalloc.c", "kmem_cache_init", "!kmalloc_caches[i]", "at boot, before any test" },
	{ "mm/tlb_batch.c", "flush_all", "preemptible()", "batch.preemptible" },
	{ "mm/tlb.c", "flush_loaded", "preemptible() && !arch_irqs_disabled()",
	  "of its callers each disables one of them in the line before" },
	{ "mm/slab.c", "slab_put_locked", "!slab || slab->slab_cache != s",
	  "in a debug build track_of() looks before" },
	/* Seen to fire by mutants. */
	{ "mm/reclaim.c", "reclaim_pages", "others > threads_alive()", "lru.reclaimers_leak" },
	{ "mm/memory_fault.c", "fault_update_flags", "!pte_present(old)",
	  "windows.permitted_no_recheck" },
};

static void test_misuse(struct test *t)
{
	const struct misuse_list *lists[] = { &misuse_unheld, &misuse_pages, &misuse_blocks,
					      &misuse_spaces };
	struct mm_balance b;

	if (swap_missing(t, 4))
		return;
	fail_inject(FAIL_PAGE, 0, 0);
	fail_inject(FAIL_SLAB, 0, 0);
	reclaim_wait_idle();
	balance_begin(t, &b);
	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++)
		for (unsigned int k = 0; k < lists[i]->nr; k++)
			misuse_run(t, &lists[i]->list[k]);
	balance_end(t, &b);
	expect_slots(t, 0);
	misuse_expect_all(t, "mm/", excuses, ARRAY_SIZE(excuses));
}
TEST(detect, misuse_mm, TEST_ASSERT, test_misuse);

#endif
