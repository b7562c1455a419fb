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
#include <unistd.h>

#include "hosted.h"

unsigned int sim_cpu;
unsigned long sim_irqs_off;
u64 mmu_memory_size = NR_FRAMES * PAGE_SIZE;

static const char *now = "";
unsigned int frames_used;
phys_addr_t root;

struct trap_info trap;
bool trap_irqs_enabled;
unsigned int traps;
void (*resolve)(void);

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

jmp_buf end_of_bug;
bool bug_expected;

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

pteval_t *entry_of(phys_addr_t top, unsigned long va, unsigned int level)
{
	pteval_t *at = (pteval_t *)(PAGE_OFFSET + top) + pgtable_index(va, MMU_LEVELS - 1);

	for (unsigned int l = MMU_LEVELS - 1; l > level; l--) {
		if (!pte_present(*at))
			*at = pte_make_table(frame(), l);
		at = (pteval_t *)(PAGE_OFFSET + pte_phys(*at)) + pgtable_index(va, l - 1);
	}
	return at;
}

u64 *word_of(phys_addr_t pa)
{
	return (u64 *)(PAGE_OFFSET + pa);
}

phys_addr_t map(unsigned long va, unsigned int flags, u64 val)
{
	phys_addr_t pa = frame();

	*word_of(pa) = val;
	*entry_of(root, va, 0) = pte_make_user(pa, flags);
	return pa;
}

u64 load(unsigned long va)
{
	u64 val;

	return arch_user_read64((const u64 *)va, &val) ? NONE : val;
}

bool store(unsigned long va, u64 val)
{
	return !arch_user_write64((u64 *)va, val);
}

void begin(void)
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
	CHECK(store(VA, 0x1122334455667788) && load(VA) == 0x1122334455667788);
	memset(word_of(pa), 0xee, 128);
	CHECK(!arch_probe_write((u8 *)VA + 100, 5) && ((u8 *)word_of(pa))[100] == 5);
	CHECK(((u8 *)word_of(pa))[99] == 0xee && ((u8 *)word_of(pa))[101] == 0xee);
	CHECK(!arch_probe_read((u8 *)VA + 100, &byte) && byte == 5);
	CHECK(!traps && !sim_irqs_off);
}

void expect_fault(unsigned long va, enum fault_access access, bool absent)
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
	expect_fault(VA + 2 * PAGE_SIZE + 8, FAULT_READ, true);
	expect_fault(VA + (1UL << 30), FAULT_WRITE, true);
	expect_fault(0, FAULT_READ, true);
	map(ARCH_USER_END - PAGE_SIZE, RW, 7);
	CHECK(!arch_probe_write((u8 *)ARCH_USER_END - 1, 5));
	CHECK(!arch_probe_read((u8 *)ARCH_USER_END - 1, &byte) && byte == 5);
	*entry_of(root, VA, 0) = pte_make_user(pa, RW) & ~(pteval_t)PTE_R;
	arch_tlb_flush_user_page_local(ID, VA);
	expect_fault(VA, FAULT_WRITE, false);
	byte = 4;
	map(ARCH_USER_END, RW, 7);
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
	{ "nothing stays", test_drops },
	{ "large ids", test_large_ids },
	{ "what is not valid is kept", test_absent_kept },
	{ "what is too narrow is kept", test_narrow_kept },
	{ "faults of what is kept alone", test_stale_faults },
	{ "early walks", test_early },
	{ "early walks without a space", test_early_none },
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
	alarm(60); /* a fault that nobody resolves is tried for ever */
	for (unsigned int i = 0; i < ARRAY_SIZE(tests); i++) {
		now = tests[i].name;
		begin();
		tests[i].fn();
	}
	printf("ok hosted-mmu # %zu rules\n", ARRAY_SIZE(tests));
	return 0;
}
