/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests of reclaim, swap and migration share. */
#include <mm/memory.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <test/reclaim.h>

struct mm_struct *space_begin(struct test *t, unsigned long pages)
{
	struct mm_struct *mm = mm_alloc();
	long ret;

	if (!EXPECT(t, mm != NULL))
		return NULL;
	use_mm(mm);
	ret = sys_mmap(TEST_ADDR, pages * PAGE_SIZE, RW);
	EXPECT_MSG(t, ret == TEST_ADDR, "mmap: %ld", ret);
	return mm;
}

void space_end(struct mm_struct *mm)
{
	unuse_mm();
	mmput(mm);
}

void space_switch(struct mm_struct *to)
{
	unuse_mm();
	use_mm(to);
}

bool swap_missing(struct test *t, unsigned long slots)
{
	if (swap_slots() >= slots)
		return false;
	test_skip(t, "swap has %lu slots, not %lu: see swap_mb=", swap_slots(), slots);
	return true;
}

void expect_slots(struct test *t, unsigned long used)
{
	EXPECT_MSG(t, swap_slots_used() == used, "%lu slots in use, not %lu", swap_slots_used(),
		   used);
}

struct mm_struct *reclaim_begin(struct test *t, struct mm_balance *b, unsigned long pages,
				unsigned long slots)
{
	if (swap_missing(t, slots))
		return NULL;
	balance_begin(t, b);
	return space_begin(t, pages);
}

void reclaim_end(struct test *t, const struct mm_balance *b, struct mm_struct *mm)
{
	space_end(mm);
	reclaim_wait_idle();
	expect_slots(t, 0);
	balance_end(t, b);
}

void pages_stamp(struct test *t, unsigned long first, unsigned long nr, u32 owner, u32 seq)
{
	for (unsigned long i = first; i < first + nr; i++) {
		struct stamp s = { owner, seq, TEST_ADDR + i * PAGE_SIZE };
		int err = stamp_write(&s);

		EXPECT_MSG(t, !err, "page %lu: error %d", i, err);
	}
}

bool pages_check(struct test *t, unsigned long first, unsigned long nr, u32 owner, u32 seq,
		 const char *what)
{
	bool ok = true;

	for (unsigned long i = first; i < first + nr && ok; i++) {
		struct stamp s = { owner, seq, TEST_ADDR + i * PAGE_SIZE };
		struct stamp_found f = { 0 };
		int ret = stamp_check(&s, &f);

		ok = EXPECT_MSG(t, !ret,
				"%s: page %lu: %d: %llx at %lx (owner %u turn %u page %lx) instead "
				"of owner %u turn %u",
				what, i, ret, (unsigned long long)f.raw, f.addr, f.stamp.owner,
				f.stamp.seq, f.stamp.addr >> PAGE_SHIFT, owner, seq);
	}
	return ok;
}

struct page *page_get_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = NULL;
	pteval_t *ptep, pte;

	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, addr);
	pte = ptep ? ptep_get(ptep) : 0;
	if (pte_present(pte) && !pte_is_zero_page(pte)) {
		page = phys_to_page(pte_phys(pte));
		get_page(page);
	}
	spin_unlock(&mm->page_table_lock);
	return page;
}

int page_swap_out(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = page_get_at(mm, addr);

	return page ? reclaim_page(page) : -ENOENT;
}

void pages_swap_out(struct test *t, struct mm_struct *mm, unsigned long first, unsigned long nr)
{
	for (unsigned long i = first; i < first + nr; i++) {
		int err = page_swap_out(mm, TEST_ADDR + i * PAGE_SIZE);

		EXPECT_MSG(t, !err, "page %lu: error %d", i, err);
	}
}

int page_migrate(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = page_get_at(mm, addr);
	int err;

	if (!page)
		return -ENOENT;
	err = migrate_page(page);
	put_anon_page(page);
	return err;
}

pteval_t pte_at(struct mm_struct *mm, unsigned long addr)
{
	pteval_t *ptep, pte;

	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, addr);
	pte = ptep ? ptep_get(ptep) : 0;
	spin_unlock(&mm->page_table_lock);
	return pte;
}

void page_grows_old(struct test *t, struct mm_struct *mm, unsigned long i)
{
	struct page *page = page_get_at(mm, TEST_ADDR + i * PAGE_SIZE);

	if (!EXPECT(t, page && lru_isolate_page(page)))
		return;
	page_referenced(page);
	page_clear_flag(page, PG_active);
	putback_lru_page(page);
	put_anon_page(page);
}
