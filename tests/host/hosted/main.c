/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hosted MMU keeps what it may keep and nothing else, and each of its rules (arch/hosted/mmu.h)
 * can be seen: what is left out of a sequence shows, and what is done helps.
 *
 *	hosted-mmu
 */
#include <setjmp.h>
#include <string.h>
#include <sys/mman.h>

#undef __always_inline

#include <arch/access.h>
#include <arch/translation.h>
#include <lib/errno.h>
#include <mm/pgtable.h>

#include "../check.h"
#include "mmu.h"
#include "sim.h"

#define NR_FRAMES 256
#define VA	  0x40000000UL
#define ID	  5
#define NONE	  (~0ULL) /* what a read gives that faults */
#define TRIES	  2000

#define RW	  (PTE_USER_WRITE | PTE_USER_YOUNG | PTE_USER_DIRTY)
#define RO	  (PTE_USER_YOUNG | PTE_USER_DIRTY)
#define UNTOUCHED PTE_USER_WRITE

unsigned int sim_cpu;
unsigned long sim_irqs_off;
u64 mmu_memory_size = NR_FRAMES * PAGE_SIZE;

static const char *now = "";
static unsigned int frames_used;
static phys_addr_t root;

/* The last trap, how many there were, and who resolves them. */
static struct trap_info trap;
static bool trap_irqs_enabled;
static unsigned int traps;
static void (*resolve)(void);

void fail_says(void)
{
	printf("hosted-mmu # %s: ", now);
}

/* ---- what arch/hosted asks of the kernel ---- */

void trap_handle(struct pt_regs *regs, const struct trap_info *ti)
{
	CHECK(sim_irqs_off);
	trap = *ti;
	trap_irqs_enabled = regs->irqs_enabled;
	traps++;
	if (resolve)
		resolve();
	else
		regs->pc += 1; /* as kernel/trap.c does by the exception table */
}

static jmp_buf end_of_bug;
static bool bug_expected;

void panic(const char *fmt, ...)
{
	if (!bug_expected)
		fail("panic: %s", fmt);
	longjmp(end_of_bug, 1);
}

static phys_addr_t frame(void)
{
	phys_addr_t pa = frames_used++ * PAGE_SIZE;

	CHECK(pa < mmu_memory_size);
	memset((void *)(PAGE_OFFSET + pa), 0, PAGE_SIZE);
	return pa;
}

phys_addr_t pgtable_root_alloc(void)
{
	return frame();
}

void pgtable_root_free(phys_addr_t pa)
{
}

/* ---- tables ---- */

static pteval_t *entry_of(phys_addr_t top, unsigned long va, unsigned int level)
{
	pteval_t *at = (pteval_t *)(PAGE_OFFSET + top) + pgtable_index(va, MMU_LEVELS - 1);

	for (unsigned int l = MMU_LEVELS - 1; l > level; l--) {
		if (!pte_present(*at))
			*at = pte_make_table(frame(), l);
		at = (pteval_t *)(PAGE_OFFSET + pte_phys(*at)) + pgtable_index(va, l - 1);
	}
	return at;
}

static u64 *word_of(phys_addr_t pa)
{
	return (u64 *)(PAGE_OFFSET + pa);
}

/* A new frame that holds @val, at @va. */
static phys_addr_t map(unsigned long va, unsigned int flags, u64 val)
{
	phys_addr_t pa = frame();

	*word_of(pa) = val;
	*entry_of(root, va, 0) = pte_make_user(pa, flags);
	return pa;
}

static u64 load(unsigned long va)
{
	u64 val;

	return arch_user_read64((const u64 *)va, &val) ? NONE : val;
}

static bool store(unsigned long va, u64 val)
{
	return !arch_user_write64((u64 *)va, val);
}

/* Nothing is kept, nothing is random, and faults come through. */
static void begin(void)
{
	mmu_ids = 128;
	mmu_early = mmu_evict = 0;
	mmu_sets_ad = mmu_keeps_absent = true;
	arch_show_stale_faults(true);
	resolve = NULL;
	frames_used = 1;
	for (sim_cpu = NR_CPUS; sim_cpu--;) {
		arch_mm_switch_kernel();
		arch_tlb_flush_everything_local();
	}
	sim_cpu = 0;
	root = arch_user_root_create();
	arch_mm_switch(root, ID);
	traps = 0;
}

/* ---- accesses ---- */

static void test_accesses(void)
{
	phys_addr_t pa = map(VA, RW, 7);
	u64 found;
	u8 byte;

	CHECK(load(VA) == 7 && store(VA, 8) && *word_of(pa) == 8);
	CHECK(!arch_user_cmpxchg64((u64 *)VA, 7, 9, &found) && found == 8 && *word_of(pa) == 8);
	CHECK(!arch_user_cmpxchg64((u64 *)VA, 8, 9, &found) && found == 8 && *word_of(pa) == 9);
	CHECK(store(VA + PAGE_SIZE - 8, 3) && word_of(pa)[PAGE_SIZE / 8 - 1] == 3);
	CHECK(!arch_probe_write((u8 *)VA + 100, 5) && ((u8 *)word_of(pa))[100] == 5);
	CHECK(!arch_probe_read((u8 *)VA + 100, &byte) && byte == 5);
	CHECK(!traps && !sim_irqs_off);
}

static void expect_fault(unsigned long va, enum fault_access access, bool absent)
{
	unsigned int before = traps;

	CHECK(access == FAULT_WRITE ? !store(va, 1) : load(va) == NONE);
	CHECK(traps == before + 1 && trap.access == access && trap.addr == va);
	CHECK(trap.not_present == absent && trap_irqs_enabled && !sim_irqs_off);
}

static void test_faults(void)
{
	phys_addr_t pa = map(VA, RO, 7);
	u64 found;
	u8 byte = 4;

	map(VA + PAGE_SIZE, RW | PTE_USER_NONE, 7);
	expect_fault(VA, FAULT_WRITE, false);
	CHECK(arch_user_cmpxchg64((u64 *)VA, 7, 9, &found) == -EFAULT && *word_of(pa) == 7);
	CHECK(load(VA) == 7);
	expect_fault(VA + PAGE_SIZE, FAULT_READ, false);
	expect_fault(VA + PAGE_SIZE, FAULT_WRITE, false);
	expect_fault(VA + 2 * PAGE_SIZE, FAULT_READ, true);
	expect_fault(VA + (1UL << 30), FAULT_WRITE, true);
	expect_fault(0, FAULT_READ, true);
	expect_fault(ARCH_USER_END, FAULT_READ, true);
	CHECK(arch_probe_read((u8 *)VA + 2 * PAGE_SIZE, &byte) == -EFAULT && byte == 4);
	arch_mm_switch_kernel();
	expect_fault(VA, FAULT_READ, true);
}

static void make_present(void)
{
	map(VA, RW, 7);
	arch_pte_added_local(ID, VA);
}

static void test_resolved(void)
{
	resolve = make_present;
	CHECK(load(VA) == 7 && traps == 1 && !sim_irqs_off);
	sim_irqs_off = 1;
	*entry_of(root, VA, 0) = 0;
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA) == 7 && traps == 2 && !trap_irqs_enabled && sim_irqs_off);
	sim_irqs_off = 0;
}

/* ---- accessed and dirty bits ---- */

static void test_marks(void)
{
	pteval_t *pte = entry_of(root, VA, 0);

	map(VA, UNTOUCHED, 7);
	CHECK(load(VA) == 7 && pte_young(*pte) && !pte_dirty(*pte));
	CHECK(store(VA, 8) && pte_dirty(*pte));
	/* What is kept has the bit, whatever memory says. */
	*pte = pte_mkclean(*pte);
	CHECK(store(VA, 9) && !pte_dirty(*pte));
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(store(VA, 9) && pte_dirty(*pte));
	/* A leaf that is kept clean: the entry in memory has gone meanwhile, and gets no bit. */
	*pte = pte_mkclean(*pte);
	arch_tlb_flush_user_page_local(ID, VA);
	CHECK(load(VA) == 9);
	*pte = 0;
	CHECK(!store(VA, 1) && *pte == 0);
}

static void test_marks_by_faults(void)
{
	pteval_t *pte = entry_of(root, VA, 0);

	mmu_sets_ad = false;
	map(VA, UNTOUCHED, 7);
	expect_fault(VA, FAULT_READ, false);
	*pte = pte_mkyoung(*pte);
	CHECK(load(VA) == 7);
	expect_fault(VA, FAULT_WRITE, false);
	*pte = pte_mkdirty(*pte);
	expect_fault(VA, FAULT_WRITE, false);
	arch_tlb_fix_fault_local(ID, VA);
	CHECK(store(VA, 8));
}

/* ---- what is kept ---- */

static void test_leaf_kept(void)
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
static void test_cpus(void)
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

static void test_tables_kept(void)
{
	for (unsigned int level = 1; level < MMU_LEVELS; level++)
		table_kept(level);
}

/* A leaf of two megabytes; a page's flush drops it for all of them. */
static void test_block(void)
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
	mmu_memory_size = NR_FRAMES * PAGE_SIZE;
}

static void test_ids(void)
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

/* ---- what is not valid, or too narrow ---- */

static void test_absent_kept(void)
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

static void test_narrow_kept(void)
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
static void test_stale_faults(void)
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
}

/* ---- at random ---- */

/* The page beside one that is in use is in the TLB in some of many tries, and is not marked. */
static unsigned int found_early(unsigned int flags)
{
	unsigned int found = 0;

	for (unsigned int i = 0; i < TRIES; i++) {
		unsigned long va = VA + i % 32 * 16 * PAGE_SIZE, beside = va + PAGE_SIZE;
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

static void test_early(void)
{
	unsigned int often;

	CHECK(found_early(RW) == 0);
	mmu_early = 1;
	often = found_early(RW);
	CHECK(often > TRIES / 100);
	CHECK(found_early(RW & ~PTE_USER_YOUNG) == 0);
	mmu_early = 100;
	CHECK(found_early(RW) < often / 4);
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

static void test_evict(void)
{
	CHECK(still_kept() == TRIES);
	mmu_evict = 1;
	CHECK(still_kept() < TRIES && still_kept() > TRIES / 20);
}

/* There is room for some entries, and the newest is always among them. */
static void test_room(void)
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

static void test_seed(void)
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

static void test_garbage(void)
{
	pteval_t good = pte_make_user(PAGE_SIZE, RW);

	CHECK(!is_bug(VA, 0, good) && !is_bug(VA, 0, 0x6b6b6b6b6b6b6b6aULL));
	CHECK(is_bug(VA, 0, 0x6b6b6b6b6b6b6b6bULL) && is_bug(VA, 0, good | 1ULL << 63));
	CHECK(is_bug(VA, 1, 0x6b6b6b6b6b6b6b6bULL) && is_bug(VA, 0, good | PTE_T));
	CHECK(is_bug(VA, 0, pte_make_user(mmu_memory_size, RW)));
	CHECK(is_bug(VA, 2, pte_make_table(mmu_memory_size, 2)));
	CHECK(is_bug(VA, 1, pte_make_user(0, RW))); /* larger than memory */
}

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{ "accesses", test_accesses },
	{ "faults", test_faults },
	{ "faults that are resolved", test_resolved },
	{ "accessed and dirty bits", test_marks },
	{ "accessed and dirty bits by faults", test_marks_by_faults },
	{ "a leaf is kept", test_leaf_kept },
	{ "each CPU keeps its own", test_cpus },
	{ "tables are kept", test_tables_kept },
	{ "a large leaf", test_block },
	{ "ids", test_ids },
	{ "what is not valid is kept", test_absent_kept },
	{ "what is too narrow is kept", test_narrow_kept },
	{ "faults of what is kept alone", test_stale_faults },
	{ "early walks", test_early },
	{ "lost entries", test_evict },
	{ "room", test_room },
	{ "seeds", test_seed },
	{ "what is no table", test_garbage },
};

int main(void)
{
	void *at = mmap((void *)PAGE_OFFSET, 1 << 21, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	CHECK(at == (void *)PAGE_OFFSET);
	for (unsigned int i = 0; i < ARRAY_SIZE(tests); i++) {
		now = tests[i].name;
		begin();
		tests[i].fn();
	}
	printf("ok hosted-mmu # %zu rules\n", ARRAY_SIZE(tests));
	return 0;
}
