/* SPDX-License-Identifier: GPL-2.0-only */
/* What the hosted MMU does at random, and what it takes for no table (hosted.h). */
#include <string.h>

#include "hosted.h"

#define TRIES 2000

/* The page @away from one in use is in the TLB in some of many tries, and is not marked. */
static unsigned int found_early(unsigned int flags, long away)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < TRIES; i++) {
		unsigned long va = VA + i % 32 * 16 * PAGE_SIZE, beside = va + away;
		pteval_t *pte = entry_of(root, beside, 0), was;

		frames_used = 64; /* those of pages, again and again */
		map(va, RW, 1);
		map(beside, flags, 2);
		was = *pte;
		arch_tlb_flush_user_all_local(ID);
		load(va);
		load(va);
		CHECK(*pte == was);
		*pte = 0;
		found += load(beside) == 2;
	}
	return found;
}

/* A page is in the TLB that was never used, and only invalidated. */
static unsigned int found_after_invalidation(void)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < TRIES; i++) {
		unsigned long va = VA + i % 32 * 16 * PAGE_SIZE;

		frames_used = 64;
		map(va, RW, 1);
		arch_tlb_flush_user_all_local(ID);
		for (unsigned int n = 0; n < 4; n++)
			arch_tlb_flush_user_page_local(ID, va);
		*entry_of(root, va, 0) = 0;
		found += load(va) == 1;
	}
	return found;
}

void test_early(void)
{
	unsigned int often;

	CHECK(found_early(RW, PAGE_SIZE) == 0 && found_after_invalidation() == 0);
	mmu_early = 1;
	often = found_early(RW, PAGE_SIZE);
	CHECK(often > TRIES / 100 && found_early(RW, -PAGE_SIZE) > TRIES / 100);
	CHECK(found_early(RW & ~PTE_USER_YOUNG, PAGE_SIZE) == 0);
	CHECK(found_after_invalidation() > TRIES / 100);
	mmu_early = 100;
	CHECK(found_early(RW, PAGE_SIZE) < often / 4);
}

/* Where no space is loaded there are no tables: what lies at frame 0 is none. */
void test_early_none(void)
{
	mmu_early = 1;
	memset(word_of(0), 0x6b, PAGE_SIZE);
	arch_mm_switch_kernel();
	for (unsigned int i = 0; i < TRIES; i++)
		arch_tlb_flush_user_page_local(0, VA);
	memset(word_of(0), 0, PAGE_SIZE);
}

static unsigned int still_kept(void)
{
	unsigned int kept = 0;

	entry_of(root, VA, 0);
	for (unsigned int i = 0; i < TRIES; i++) {
		frames_used = 64;
		map(VA, RW, 1);
		arch_tlb_flush_user_all_local(ID);
		load(VA);
		*entry_of(root, VA, 0) = 0;
		for (unsigned int n = 0; n < 20; n++)
			load(VA);
		kept += load(VA) == 1;
	}
	return kept;
}

/* How often a table of @level is still used after some accesses elsewhere. */
static unsigned int table_still_kept(unsigned int level)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < TRIES / 4; i++) {
		frames_used = 1;
		root = arch_user_root_create();
		arch_mm_switch(root, ID);
		arch_tlb_flush_user_all_local(ID);
		map(VA, RW, 1);
		load(VA);
		*entry_of(root, VA, level) = 0;
		map(VA, RW, 2);
		for (unsigned int n = 0; n < 40; n++)
			arch_tlb_flush_user_page_local(ID, VA);
		kept += load(VA) == 1;
	}
	return kept;
}

void test_evict(void)
{
	CHECK(still_kept() == TRIES);
	for (unsigned int level = 1; level < MMU_LEVELS; level++)
		CHECK(table_still_kept(level) == TRIES / 4);
	mmu_evict = 1;
	CHECK(still_kept() < TRIES && still_kept() > TRIES / 20);
	for (unsigned int level = 1; level < MMU_LEVELS; level++)
		CHECK(table_still_kept(level) < TRIES / 4);
}

/* There is room for some entries, and the newest is always among them. */
void test_room(void)
{
	unsigned int kept = 0;

	entry_of(root, VA, 0);
	for (unsigned int i = 0; i < 512; i++) {
		frames_used = 64 + i % 16;
		map(VA + i * PAGE_SIZE, RW, 1);
		CHECK(load(VA + i * PAGE_SIZE) == 1);
		*entry_of(root, VA + i * PAGE_SIZE, 0) = 0;
		CHECK(load(VA + i * PAGE_SIZE) == 1);
	}
	for (unsigned int i = 0; i < 512; i++)
		kept += load(VA + i * PAGE_SIZE) == 1;
	CHECK(kept && kept <= MMU_LEAF_SETS * MMU_LEAF_WAYS);
}

static u64 stream(u64 seed, unsigned int cpu)
{
	struct mmu *m = mmu_here();
	u64 all = 0;

	sim_cpu = cpu;
	mmu_seed = seed;
	m->random = 0;
	for (unsigned int i = 0; i < 8; i++) {
		unsigned int n = mmu_random(m, 100);

		CHECK(n >= 1 && n <= 100);
		all = all * 101 + n;
	}
	sim_cpu = 0;
	return all;
}

void test_seed(void)
{
	CHECK(stream(1, 0) == stream(1, 0) && stream(1, 0) != stream(2, 0));
	CHECK(stream(1, 0) != stream(1, 1) && stream(0, 0) != stream(1, 1));
}

/* ---- what is no table ---- */

static bool is_bug(unsigned long va, unsigned int level, pteval_t pte)
{
	bool bug = true;

	begin();
	*entry_of(root, va, level) = pte;
	bug_expected = true;
	if (!setjmp(end_of_bug)) {
		load(va);
		bug = false;
	}
	bug_expected = false;
	sim_irqs_off = 0;
	return bug;
}

void test_garbage(void)
{
	pteval_t good = pte_make_user(PAGE_SIZE, RW);

	CHECK(!is_bug(VA, 0, good) && !is_bug(VA, 0, 0x6b6b6b6b6b6b6b6aULL));
	CHECK(is_bug(VA, 0, 0x6b6b6b6b6b6b6b6bULL) && is_bug(VA, 0, good | 1ULL << 63));
	CHECK(is_bug(VA, 1, 0x6b6b6b6b6b6b6b6bULL) && is_bug(VA, 0, good | PTE_T));
	CHECK(is_bug(VA, 0, pte_make_user(mmu_memory_size, RW)));
	CHECK(is_bug(VA, 2, pte_make_table(mmu_memory_size, 2)));
	CHECK(is_bug(VA, 1, pte_make_user(0, RW))); /* larger than memory */
	for (unsigned int bit = 0; bit < 64; bit++)
		if (PTE_RESERVED >> bit & 1)
			CHECK(is_bug(VA, 0, good | 1ULL << bit));
	CHECK(PTE_RESERVED == (0xfff0000000000c02ULL));
}
