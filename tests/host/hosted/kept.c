/* SPDX-License-Identifier: GPL-2.0-only */
/* What a CPU keeps of the tables, and what drops it (hosted.h). */
#include "hosted.h"

void test_leaf_kept(void)
{
	phys_addr_t old = map(VA, RW, 1), new;

	CHECK(load(VA) == 1);
	new = map(VA, RW, 2);
	CHECK(load(VA) == 1 && store(VA, 3) && *word_of(old) == 3 && *word_of(new) == 2);
	arch_tlb_flush_user_page_local(ID, VA + PAGE_SIZE);
	arch_tlb_flush_user_page_local(ID + 1, VA);
	arch_tlb_flush_user_all_local(ID + 1);
	arch_pte_added_local(ID, VA);
	CHECK(load(VA) == 3);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA) == 2);
	map(VA, RW, 4);
	arch_tlb_flush_user_all_local(ID);
	CHECK(load(VA) == 4);
	map(VA, RW, 5);
	arch_tlb_flush_everything_local();
	CHECK(load(VA) == 5);
}

/* Another CPU's is its own. */
void test_cpus(void)
{
	map(VA, RW, 1);
	CHECK(load(VA) == 1);
	sim_cpu = 1;
	arch_mm_switch(root, ID);
	CHECK(load(VA) == 1);
	map(VA, RW, 2);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA) == 2);
	sim_cpu = 0;
	CHECK(load(VA) == 1);
}

/* A table goes and another takes its place: a page's flush leaves it, as it must for its speed. */
static void table_kept(unsigned int level)
{
	unsigned long other = VA + PAGE_SIZE;
	pteval_t *upper = entry_of(root, VA, level);

	begin();
	map(VA, RW, 1);
	map(other, RW, 2);
	CHECK(load(VA) == 1);
	upper = entry_of(root, VA, level);
	*upper = 0;
	map(VA, RW, 3);
	map(other, RW, 4);
	CHECK(load(other) == 2);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA) == 1);
	arch_tlb_flush_user_all_local(ID);
	CHECK(load(VA) == 3 && load(other) == 4);
}

void test_tables_kept(void)
{
	for (unsigned int level = 1; level < MMU_LEVELS; level++)
		table_kept(level);
}

/* A leaf of two megabytes; a page's flush drops it for all of them. */
void test_block(void)
{
	phys_addr_t block = 0;
	pteval_t *upper = entry_of(root, VA, 1);

	*word_of(block + 5 * PAGE_SIZE) = 7;
	mmu_memory_size = 1 << 21;
	*upper = pte_make_user(block, RW);
	CHECK(load(VA + 5 * PAGE_SIZE) == 7);
	*upper = 0;
	CHECK(load(VA + 5 * PAGE_SIZE) == 7);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA + 5 * PAGE_SIZE) == NONE);
	/* One that is kept clean is marked in memory. */
	*upper = pte_make_user(block, RW & ~PTE_USER_DIRTY);
	arch_pte_added_local(ID, VA + 5 * PAGE_SIZE);
	CHECK(load(VA + 5 * PAGE_SIZE) == 7 && !pte_dirty(*upper));
	CHECK(store(VA + 5 * PAGE_SIZE, 8) && pte_dirty(*upper));
	*upper = 0;
	mmu_memory_size = NR_FRAMES * PAGE_SIZE;
}

void test_ids(void)
{
	phys_addr_t first = root, second = arch_user_root_create();

	map(VA, RW, 1);
	CHECK(load(VA) == 1);
	root = second;
	arch_mm_switch(second, ID + 1);
	map(VA, RW, 2);
	CHECK(load(VA) == 2);
	/* Both are kept over the switches. */
	*entry_of(first, VA, 0) = *entry_of(second, VA, 0) = 0;
	arch_mm_switch(first, ID);
	CHECK(load(VA) == 1);
	arch_mm_switch_kernel();
	arch_mm_switch(second, ID + 1);
	CHECK(load(VA) == 2);
	/* An id that is given out twice. */
	arch_mm_switch(second, ID);
	CHECK(load(VA) == 1);
	arch_mm_switch(second, 0);
	map(VA, RW, 3);
	arch_pte_added_local(0, VA);
	CHECK(load(VA) == 3);
	arch_mm_switch(first, 0);
	CHECK(load(VA) == NONE);
	CHECK(arch_asid_count() == 128);
}

#define FULL (MMU_LEAF_SETS * MMU_LEAF_WAYS)

static void drop_id(void)
{
	arch_tlb_flush_user_all_local(ID);
}

/* All places for leaves are taken, and all are free again. */
static void leaves_dropped(void (*drop)(void))
{
	begin();
	entry_of(root, VA, 0);
	for (unsigned int i = 0; i < FULL; i++) {
		frames_used = 64 + i % 16;
		map(VA + i * PAGE_SIZE, RW, 1);
		CHECK(load(VA + i * PAGE_SIZE) == 1);
	}
	for (unsigned int i = 0; i < FULL; i++)
		*entry_of(root, VA + i * PAGE_SIZE, 0) = 0;
	for (unsigned int i = 0; i < FULL; i++)
		CHECK(load(VA + i * PAGE_SIZE) == 1);
	drop();
	for (unsigned int i = 0; i < FULL; i++)
		CHECK(load(VA + i * PAGE_SIZE) == NONE);
}

static u64 load_by(unsigned int id)
{
	arch_mm_switch(root, id);
	return load(VA);
}

/* All places for tables are taken, by as many ids; a table of @level gives way to another. */
static void tables_dropped(unsigned int level, bool everything)
{
	begin();
	map(VA, RW, 1);
	for (unsigned int id = 1; id <= MMU_TABLE_WAYS; id++)
		CHECK(load_by(id) == 1);
	*entry_of(root, VA, level) = 0;
	map(VA, RW, 2);
	if (everything)
		arch_tlb_flush_everything_local();
	for (unsigned int id = 1; id <= MMU_TABLE_WAYS; id++) {
		if (!everything)
			arch_tlb_flush_user_all_local(id);
		CHECK(load_by(id) == 2);
	}
}

void test_drops(void)
{
	leaves_dropped(drop_id);
	leaves_dropped(arch_tlb_flush_everything_local);
	for (unsigned int level = 0; level < MMU_LEVELS; level++) {
		tables_dropped(level, false);
		tables_dropped(level, true);
	}
}

/* Ids that differ in any bit are different ones, also where upper levels are kept by them. */
void test_large_ids(void)
{
	static const unsigned int ids[] = { ID, ID | 0x100, ID | 0x8000 }; /* of one set */
	unsigned long beside = VA + (PAGE_SIZE << 9);

	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		map(VA, RW, i);
		CHECK(load_by(ids[i]) == i);
	}
	map(VA, RW, 9);
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		for (unsigned int j = i; j < ARRAY_SIZE(ids); j++)
			CHECK(load_by(ids[j]) == j);
		arch_tlb_flush_user_all_local(ids[i]);
	}
	map(beside, RW, 7);
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		arch_mm_switch(root, ids[i]);
		CHECK(load(i % 2 ? VA : beside) == (i % 2 ? 9 : 7));
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(ids); i++) {
		arch_mm_switch(root, ids[i]);
		CHECK(load(i % 2 ? beside : VA) == (i % 2 ? 7 : 9));
	}
}

/* ---- what is not valid, or too narrow ---- */

void test_absent_kept(void)
{
	CHECK(load(VA) == NONE);
	map(VA, RW, 1);
	CHECK(load(VA) == NONE && trap.not_present);
	arch_tlb_flush_user_page_local(ID, VA); /* it was the root's entry */
	CHECK(load(VA) == NONE);
	arch_pte_added_local(ID, VA);
	CHECK(load(VA) == 1 && load(VA + PAGE_SIZE) == NONE);
	map(VA + PAGE_SIZE, RW, 2);
	CHECK(load(VA + PAGE_SIZE) == NONE);
	arch_tlb_flush_user_page_local(ID, VA + PAGE_SIZE);
	CHECK(load(VA + PAGE_SIZE) == 2);
	mmu_keeps_absent = false;
	CHECK(load(VA + 2 * PAGE_SIZE) == NONE);
	map(VA + 2 * PAGE_SIZE, RW, 3);
	CHECK(load(VA + 2 * PAGE_SIZE) == 3);
}

void test_narrow_kept(void)
{
	map(VA, RO, 1);
	CHECK(load(VA) == 1);
	map(VA, RW, 2);
	expect_fault(VA, FAULT_WRITE, false);
	arch_pte_added_local(ID, VA);
	expect_fault(VA, FAULT_WRITE, false);
	arch_tlb_fix_fault_local(ID, VA);
	CHECK(store(VA, 3));
	map(VA, RO, 4);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA) == 4);
	mmu_keeps_absent = false;
	map(VA, RW, 5);
	CHECK(store(VA, 6));
}

/* A fault of what is kept alone is no trap; one that the tables are to blame for is one. */
void test_stale_faults(void)
{
	arch_show_stale_faults(false);
	CHECK(load(VA) == NONE && traps == 1);
	map(VA, UNTOUCHED & ~PTE_USER_WRITE, 1);
	CHECK(load(VA) == 1 && traps == 1);
	CHECK(!store(VA, 2) && traps == 2);
	*entry_of(root, VA, 0) = pte_mkwrite(*entry_of(root, VA, 0));
	CHECK(store(VA, 2) && traps == 2);
	*entry_of(root, VA, 0) = 0;
	CHECK(store(VA, 3) && traps == 2);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(!store(VA, 3) && traps == 3);
	map(ARCH_USER_END, RW, 1);
	CHECK(load(ARCH_USER_END) == NONE && traps == 4);
}
