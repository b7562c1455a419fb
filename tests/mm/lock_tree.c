/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory manager's locks are seen to be taken under one another (kernel/debug/lock_order.c). A
 * circle would have been reported; whether all that was seen in a run is as docs/locking.md has it,
 * `make check` says, which has the kernel list it (lock_order=1).
 */
#include <kernel/lock_order.h>
#include <test/reclaim.h>

#ifdef CONFIG_DEBUG

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
	EXPECT(t, lock_order_seen("mmap_sem", "anon_vma"));
	EXPECT(t, lock_order_seen("page_lock", "anon_vma"));
	EXPECT(t, lock_order_seen("anon_vma", "page_table_lock"));
	EXPECT(t, lock_order_seen("anon_vma", "prepare_lock"));
	EXPECT(t, lock_order_seen("page_table_lock", "swap_lock"));
	EXPECT(t, lock_order_seen("page_table_lock", "lru_lock"));
}
TEST(mm, lock_tree, TEST_ASSERT, test_lock_tree);

#endif
