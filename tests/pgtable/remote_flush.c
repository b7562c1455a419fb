/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * TLB shoot-down: after arch_tlb_flush_kernel_page() no CPU uses the old translation, also one that
 * reads through it all the time, and the one that asked.
 */
#include <arch/atomic.h>
#include <arch/pgtable_user.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <kernel/trap.h>
#include <mm/address.h>
#include <mm/boot_alloc.h>
#include <mm/kmap.h>
#include <mm/pgtable.h>
#include <test/space.h>

#define ROUNDS	 150
#define UNMAPPED 0x100

/* The last page of the VMAP area, which is handed out from below. */
#define WINDOW (VMAP_BASE + VMAP_SIZE - PAGE_SIZE)

static u32 stop;
static u32 reads; /* how many reads the other CPU has begun and finished; it alone writes */
static u32 seen;  /* what the last of them gave */

static pteval_t *window_pte(void)
{
	pteval_t *table = __va(kernel_root);

	for (unsigned int level = pgtable_levels() - 1;; level--) {
		unsigned long index =
			(WINDOW >> pgtable_shift(level)) & (pgtable_entries(level) - 1);

		if (!level)
			return &table[index];
		table = __va(pte_phys(table[index]));
	}
}

static u32 window_read(void)
{
	u8 v = 0;

	return probe_read((const void *)WINDOW, &v) ? UNMAPPED : v;
}

static void reader(void *arg)
{
	while (!READ_ONCE(stop)) {
		WRITE_ONCE(seen, window_read());
		/* release: pairs with the acquire in read_after(); seen before the count;
		 * tests: litmus.MP+rel+acq */
		smp_store_release(&reads, reads + 1);
	}
}

/* What a read gives that has begun after this call. */
static u32 read_after(void)
{
	u32 start = READ_ONCE(reads);

	/* acquire: pairs with the release in reader(); the count before seen;
	 * tests: litmus.MP+rel+acq */
	spin_until_awake("two reads", smp_load_acquire(&reads) - start >= 2);
	return READ_ONCE(seen);
}

/*
 * An entry may not go from one frame to another at once: break before make (Arm ARM DDI 0487, D8.14
 * "TLB maintenance"; Power ISA 3.0B, Book III, "Translation Table Update Synchronization
 * Requirements"). The busted twin does just that.
 */
static void entry_break(pteval_t *pte)
{
	WRITE_ONCE(*pte, 0);
	arch_tlb_flush_kernel_page(WINDOW);
}

static unsigned int stale_here; /* changes that CPU 0 did not see itself */

/* Change the mapping under CPU 1's eyes; returns how many changes it did not see. */
static unsigned int stale_reads(struct test *t, bool flush)
{
	static u8 *page[2];
	unsigned int stale = 0;
	pteval_t *pte = window_pte();

	for (unsigned int i = 0; i < 2; i++) {
		if (!page[i])
			page[i] = boot_alloc(PAGE_SIZE, PAGE_SIZE);
		if (!EXPECT(t, page[i] != NULL))
			return 0;
		*page[i] = 1 + i;
	}
	stale_here = 0;
	entry_break(pte);
	WRITE_ONCE(*pte, pte_make_leaf(__pa(page[1]), 0, PROT_KERNEL_RW));
	arch_mmu_sync_new_mapping(WINDOW);
	WRITE_ONCE(stop, 0);
	cpu_work_start(1, reader, NULL);
	for (unsigned int i = 0; i < ROUNDS; i++) {
		bool unmap = i % 3 == 2;
		u8 *p = page[i & 1];
		u32 shows = unmap ? UNMAPPED : *p;

		if (flush && !unmap)
			entry_break(pte);
		WRITE_ONCE(*pte, unmap ? 0 : pte_make_leaf(__pa(p), 0, PROT_KERNEL_RW));
		if (flush)
			arch_tlb_flush_kernel_page(WINDOW);
		stale_here += window_read() != shows;
		stale += read_after() != shows;
	}
	WRITE_ONCE(stop, 1);
	cpu_work_wait(1);
	entry_break(pte);
	return stale;
}

/* The tables down to the window must be there before window_pte() can find its entry. */
static bool window_make(struct test *t)
{
	static bool made;

	if (!made)
		made = !pgtable_map(kernel_root, WINDOW, __pa(__data_start), PAGE_SIZE,
				    PROT_KERNEL_RO);
	return EXPECT(t, made);
}

static void test_remote_flush(struct test *t)
{
	unsigned int stale;

	if (!window_make(t))
		return;
	stale = stale_reads(t, true);
	EXPECT_MSG(t, stale == 0, "cpu 1 missed %u of %d changes", stale, ROUNDS);
	EXPECT_MSG(t, stale_here == 0, "cpu 0 missed %u of %d changes", stale_here, ROUNDS);
}
TEST(pgtable, remote_flush, TEST_RACE, test_remote_flush, .min_cpus = 2);

/* ---- several pages at once ---- */

#define RANGE_PAGES 3
#define RANGE	    (WINDOW - (RANGE_PAGES - 1) * PAGE_SIZE)

static u32 range_shows[NR_CPUS]; /* how many of its pages each CPU can read; its own */

static void range_read(void *arg, unsigned int cpu)
{
	u8 v;

	range_shows[cpu] = 0;
	for (unsigned int i = 0; i < RANGE_PAGES; i++)
		range_shows[cpu] += !probe_read((const void *)(RANGE + i * PAGE_SIZE), &v);
}

static void range_expect(struct test *t, u32 pages)
{
	unsigned int cpu;

	on_cpus(range_read, NULL);
	for_each_cpu_in(cpu, smp_online_mask())
		EXPECT_MSG(t, range_shows[cpu] == pages, "cpu %u reads %u of %d pages", cpu,
			   range_shows[cpu], RANGE_PAGES);
}

/* Whose entries are removed is gone everywhere when one flush of them all is over. */
static void test_flush_range(struct test *t)
{
	pteval_t *pte;

	if (!window_make(t))
		return;
	pte = window_pte() - (RANGE_PAGES - 1);
	for (unsigned int i = 0; i < RANGE_PAGES; i++)
		WRITE_ONCE(pte[i], pte_make_leaf(__pa(__data_start), 0, PROT_KERNEL_RO));
	arch_tlb_flush_kernel_range(RANGE, RANGE_PAGES * PAGE_SIZE);
	range_expect(t, RANGE_PAGES);
	for (unsigned int i = 0; i < RANGE_PAGES; i++)
		WRITE_ONCE(pte[i], 0);
	arch_tlb_flush_kernel_range(RANGE, RANGE_PAGES * PAGE_SIZE);
	range_expect(t, 0);
}
TEST(pgtable, flush_range, TEST_RACE, test_flush_range);

/* The busted twin: without a flush the other CPU must be seen to use an old translation. */
static void test_remote_flush_twin(struct test *t)
{
	if (window_make(t))
		EXPECT(t, stale_reads(t, false) > 0);
}
TEST(pgtable, remote_flush_twin, TEST_RACE, test_remote_flush_twin, .min_cpus = 2);
