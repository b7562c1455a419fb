/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory manager's locks as they were seen to be taken (kernel/debug/lock_order.c), against the
 * tree of docs/locking.md, of which levels[] is a copy: a test of the host's compares the two. A
 * circle would have been reported; but an order that the tree does not allow, and nobody has closed
 * yet, would be a trap for whoever relies on the tree.
 */
#include <kernel/lock_order.h>
#include <lib/string.h>
#include <test/reclaim.h>

#ifdef CONFIG_DEBUG

/* Name of the class and depth in the tree; those of one depth are not taken under one another. */
static const struct {
	const char *class;
	unsigned int depth;
} levels[] = {
	{ "mmap_sem", 0 },	  { "page_lock", 1 },	 { "anon_vma", 2 },
	{ "page_table_lock", 3 }, { "prepare_lock", 4 }, { "swap_lock", 4 },
	{ "lru_lock", 4 },	  { "kmem_cache", 5 },	 { "buddy", 6 },
};

/* Take as many of them under one another as a few pages can. */
static void use_locks(struct test *t, struct mm_struct *mm)
{
	struct mm_struct *child;
	struct page *page;

	pages_stamp(t, 0, 4, 1, 1);
	child = dup_mm(mm);
	pages_swap_out(t, mm, 0, 2);
	pages_check(t, 0, 4, 1, 1, "swapped out");
	page = page_get_at(mm, TEST_ADDR + 3 * PAGE_SIZE);
	if (page) {
		migrate_page(page);
		put_anon_page(page);
	}
	pages_stamp(t, 0, 4, 1, 2);
	if (EXPECT(t, child != NULL))
		mmput(child);
}

static void test_lock_tree(struct test *t)
{
	struct mm_balance b;
	struct mm_struct *mm = reclaim_begin(t, &b, 4, 16);

	if (!mm)
		return;
	use_locks(t, mm);
	reclaim_end(t, &b, mm);
	for (unsigned int o = 0; o < ARRAY_SIZE(levels); o++)
		for (unsigned int i = 0; i < ARRAY_SIZE(levels); i++)
			EXPECT_MSG(t,
				   o == i || levels[o].depth < levels[i].depth ||
					   !lock_order_seen(levels[o].class, levels[i].class),
				   "%s was taken under %s, against the tree", levels[i].class,
				   levels[o].class);
	/* What would be seen of nothing at all. */
	EXPECT(t, lock_order_seen("mmap_sem", "anon_vma"));
	EXPECT(t, lock_order_seen("page_lock", "anon_vma"));
	EXPECT(t, lock_order_seen("anon_vma", "page_table_lock"));
	EXPECT(t, lock_order_seen("anon_vma", "prepare_lock"));
	EXPECT(t, lock_order_seen("page_table_lock", "swap_lock"));
	EXPECT(t, lock_order_seen("page_table_lock", "lru_lock"));
}
TEST(mm, lock_tree, TEST_ASSERT, test_lock_tree);

#endif
