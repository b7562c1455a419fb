/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/riscv64/tlb.c on a hart that caches all that it may: every entry that a walk has read, of
 * every level, valid or not, until an sfence.vma that covers it (Privileged Architecture 1.12,
 * sections 4.2.1 and 4.3.2). QEMU caches no invalid entry, so that there no fault is ever stale.
 *
 * Entries and tables come and go, by this hart with its hooks, and by another one without; accesses
 * of each kind, to a user's and to a kernel's address, must end: permitted if the tables permit it,
 * with a fault if not, and in a few steps.
 *
 *	riscv-faults [-s seed] [-n rounds]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef __always_inline

#include <arch/pgtable_user.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/boot_alloc.h>
#include <mm/page_alloc.h>
#include <mm/pgtable.h>

#include "../../../arch/riscv64/port.h"

#define ASID	  7UL
#define NR_FRAMES 64
#define CACHE_MAX 512
#define TRIES_MAX 4 /* faults of one access: its own, and two levels that were cached as empty */
#define USER_VA	  0x40000000UL
#define KERNEL_VA 0xffffffc000000000UL
#define NR_VA	  4 /* pages that share tables in part: see va_of() */

u64 satp_mode = SATP_MODE_SV39;
u64 pte_memory;

static char memory[NR_FRAMES][PAGE_SIZE] __aligned(PAGE_SIZE);
static unsigned int frames_used;
static phys_addr_t root;
static unsigned long rounds, seed = 1, random_state;
static unsigned long stale, real, walks;

static unsigned int any(unsigned int n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (random_state >> 11) % n;
}

static void __noreturn fail(const char *what, unsigned long va)
{
	printf("not ok riscv-faults # %s at %lx; repeat with -s %lu -n 1\n", what, va, seed);
	exit(1);
}

/* ---- what mm/pgtable.c needs ---- */

char __image_start[1], __image_end[1]; /* nothing is in the image */
phys_addr_t kimage_phys;

void *boot_alloc(size_t size, size_t align)
{
	if (frames_used == NR_FRAMES)
		return NULL;
	return memset(memory[frames_used++], 0, PAGE_SIZE);
}

struct page *alloc_pages(gfp_t gfp, unsigned int order)
{
	return NULL;
}

void free_pages(struct page *page, unsigned int order)
{
}

struct page_range page_ranges[PAGE_RANGES_MAX];
unsigned int nr_page_ranges;

/* ---- the hart ---- */

static struct cached {
	const pteval_t *at;
	pteval_t val;
	unsigned int level;
	unsigned long va;
} cache[CACHE_MAX];
static unsigned int nr_cached;

static bool is_leaf(const struct cached *c)
{
	return !c->level || (c->val & (PTE_R | PTE_W | PTE_X));
}

static void cache_drop(bool all, bool page, unsigned long va)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < nr_cached; i++) {
		const struct cached *c = &cache[i];
		bool covered = all || !(is_leaf(c) && (c->val & PTE_G));

		if (page)
			covered = covered && is_leaf(c) &&
				  c->va >> pgtable_shift(c->level) == va >> pgtable_shift(c->level);
		if (!covered)
			cache[n++] = *c;
	}
	nr_cached = n;
}

void riscv_sfence_vma_all(void)
{
	cache_drop(true, false, 0);
}

void riscv_sfence_vma_asid(unsigned long asid)
{
	if (asid == ASID)
		cache_drop(false, false, 0);
}

void riscv_sfence_vma_page(unsigned long va, unsigned long asid)
{
	if (asid == ASID && !riscv_page_fence_misses)
		cache_drop(false, true, va);
}

/* Bits of an entry that must be zero: on T-Head's cores the uppermost five have attributes. */
static bool has_reserved(pteval_t pte)
{
	return pte >> 54 & (pte_memory ? 0x1f : 0x3ff);
}

/* Step 2 of the translation: from the cache if it is there. */
static pteval_t entry_read(const pteval_t *at, unsigned int level, unsigned long va)
{
	for (unsigned int i = 0; i < nr_cached; i++)
		if (cache[i].at == at)
			return cache[i].val;
	if (nr_cached < CACHE_MAX)
		cache[nr_cached++] = (struct cached){ at, *at, level, va };
	return *at;
}

/* The translation process of 4.3.2, for supervisor mode with SUM set; harts that set no A and D. */
static bool hart_walk(unsigned long va, pteval_t needed)
{
	pteval_t *table = __va(root);

	walks++;
	for (unsigned int level = pgtable_levels(); level--;) {
		pteval_t pte = entry_read(&table[va >> pgtable_shift(level) & 511], level, va);

		if (!(pte & PTE_V) || (pte & (PTE_R | PTE_W)) == PTE_W || has_reserved(pte))
			return false;
		if (!(pte & (PTE_R | PTE_X))) {
			table = __va(pte_phys(pte));
			continue;
		}
		if (pte_phys(pte) >> PAGE_SHIFT & ((1UL << (9 * level)) - 1))
			return false;
		return (pte & needed) == needed && !((needed & PTE_X) && (pte & PTE_U));
	}
	return false;
}

/* ---- the kernel: exception() of trap.c, and a handler like mm's ---- */

static const pteval_t kinds[] = {
	PTE_V | PTE_R | PTE_A,
	PTE_V | PTE_W | PTE_A | PTE_D,
	PTE_V | PTE_X | PTE_A,
};

static pteval_t *entry_of(unsigned long va)
{
	pteval_t *table = __va(root);

	for (unsigned int level = pgtable_levels() - 1; level; level--) {
		pteval_t e = table[va >> pgtable_shift(level) & 511];

		if (!pte_present(e) || pte_is_leaf(e, level))
			return NULL;
		table = __va(pte_phys(e));
	}
	return &table[va >> PAGE_SHIFT & 511];
}

/* The fault handler of a space whose pages all may be read and written. */
static bool handle(unsigned long va, pteval_t needed)
{
	pteval_t *pte = entry_of(va);

	if (va >= ARCH_USER_END || (needed & PTE_X) || !any(4))
		return false;
	if (!pte || !pte_present(*pte)) {
		if (pgtable_map(root, va & PAGE_MASK, 0x1000, PAGE_SIZE, PROT_KERNEL_RW))
			return false;
		*entry_of(va) = pte_make_user(0x1000, PTE_USER_WRITE | any(16));
		arch_pte_added_local(ASID, va);
		return true;
	}
	if (pte_noaccess(*pte) || !(*pte & PTE_R) || has_reserved(*pte) ||
	    ((needed & PTE_W) && !pte_write(*pte)))
		return false;
	*pte = pte_mkyoung(needed & PTE_D ? pte_mkdirty(*pte) : *pte);
	arch_tlb_fix_fault_local(ASID, va);
	if (!hart_walk(va, needed))
		fail("a fault that was put right comes again", va);
	return true;
}

static void access_once(unsigned long va, pteval_t needed)
{
	for (unsigned int tries = 0; !hart_walk(va, needed); tries++) {
		pteval_t pte = 0;
		int level = pgtable_lookup(root, va, &pte);

		if (tries == TRIES_MAX)
			fail("an access faults for ever", va);
		if (level >= 0 && mmu_fault_is_stale(pte, level, needed)) {
			stale++;
			if (!hart_walk(va, needed))
				fail("a fault was taken for a stale one and comes again", va);
			continue;
		}
		real++;
		if (handle(va, needed))
			continue;
		nr_cached = 0;
		if (hart_walk(va, needed))
			fail("an access that is permitted was refused", va);
		return;
	}
}

/* ---- what happens to the tables ---- */

/* Two pages of one leaf table, one of another, one of another middle table; below or above. */
static unsigned long va_of(unsigned int i)
{
	static const unsigned long off[NR_VA] = { 0, PAGE_SIZE, 1UL << 21, 1UL << 30 };

	return (any(2) ? USER_VA : KERNEL_VA) + off[i];
}

/* Another hart, whose hooks do nothing here: an entry appears, with or without its tables. */
static void other_maps(unsigned long va)
{
	pteval_t *pte = entry_of(va);

	if (pte && pte_present(*pte))
		return;
	if (!pgtable_map(root, va, 0x1000, PAGE_SIZE, any(2) ? PROT_KERNEL_RW : PROT_KERNEL_RX) &&
	    va < ARCH_USER_END)
		*entry_of(va) = pte_make_user(0x1000, any(16));
}

/* After a flush nothing is permitted that the tables do not. */
static void check_flushed(unsigned long va)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!hart_walk(va, kinds[i]))
			continue;
		nr_cached = 0; /* from the tables, then */
		if (!hart_walk(va, kinds[i]))
			fail("an entry that was flushed is used", va);
	}
}

/* An entry goes, or is spoilt; this hart flushes as mm/tlb.c would have it. */
static void other_changes(unsigned long va)
{
	static const pteval_t spoilt[] = { 0, PTE_V | PTE_W | PTE_A | PTE_D,
					   PTE_V | PTE_R | PTE_W | PTE_A | PTE_D | 1ULL << 60 };
	pteval_t *pte = entry_of(va);

	if (!pte)
		return;
	*pte = spoilt[any(ARRAY_SIZE(spoilt))];
	if (*pte && va < ARCH_USER_END)
		*pte |= PTE_U;
	if (va >= ARCH_USER_END)
		arch_tlb_flush_everything_local();
	else
		arch_tlb_flush_user_page_local(ASID, va);
	check_flushed(va);
}

/* A table goes away with all below it. */
static void table_goes(unsigned long va)
{
	pteval_t *table = __va(root);

	table[va >> pgtable_shift(2) & 511] = 0;
	if (va < ARCH_USER_END)
		arch_tlb_flush_user_all_local(ASID);
	else
		arch_tlb_flush_everything_local();
	check_flushed(va);
}

/* A large leaf, which may be not aligned to its size. */
static void large_leaf(unsigned long va)
{
	pteval_t *table = __va(root);
	pteval_t pte = pte_make_leaf(any(2) ? 0x40000000 : 0x40001000, 2, PROT_KERNEL_RW);

	table_goes(va);
	if (va < ARCH_USER_END)
		pte = (pte & ~(pteval_t)PTE_G) | PTE_U;
	table[va >> pgtable_shift(2) & 511] = pte;
}

/* A space that is new to the hart, or comes again: nothing of its id from before is used. */
static void order_walks(void)
{
	arch_order_walks(ASID);
	for (unsigned int i = 0; i < nr_cached; i++)
		if (!(is_leaf(&cache[i]) && (cache[i].val & PTE_G)))
			fail("walks are not ordered", cache[i].va);
}

/* What T-Head's cores want in each leaf stands there, and nowhere else. */
static void attributes(void)
{
	const pteval_t bits = 0xfULL << 60;
	phys_addr_t pa = 0x80000000 + any(NR_FRAMES) * PAGE_SIZE;
	pteval_t user = pte_make_user(pa, PTE_USER_WRITE | any(16));

	if ((pte_make_leaf(pa, 0, PROT_KERNEL_RW) & bits) != pte_memory ||
	    (pte_make_leaf(pa, 0, PROT_KERNEL_RX) & bits) != pte_memory ||
	    (user & bits) != pte_memory || (pte_wrprotect(user) & bits) != pte_memory)
		fail("memory lacks its attributes", pa);
	if ((pte_make_leaf(pa, 0, PROT_DEVICE) & bits) != (pte_memory ? PTE_THEAD_DEVICE : 0))
		fail("a device lacks its attributes", pa);
	if (pte_make_table(pa, 1) & bits)
		fail("a table has attributes", pa);
	if (pte_phys(user) != pa || pte_phys(pte_make_leaf(pa, 0, PROT_DEVICE)) != pa)
		fail("attributes change the frame", pa);
}

static void run_once(void)
{
	random_state = (seed + 1) * 0x9e3779b97f4a7c15UL | 1;
	frames_used = nr_cached = 0;
	pte_memory = any(2) ? PTE_THEAD_MEMORY : 0;
	riscv_page_fence_misses = !any(4);
	attributes();
	root = pgtable_create();
	for (unsigned int i = 0; i < 60 && frames_used < NR_FRAMES - 4; i++) {
		unsigned long va = va_of(any(NR_VA));

		switch (any(10)) {
		case 0:
			other_changes(va);
			break;
		case 1:
			if (!any(4))
				table_goes(va);
			break;
		case 2:
			if (!any(8))
				large_leaf(va);
			break;
		case 3:
			order_walks();
			break;
		case 4:
		case 5:
			other_maps(va);
			break;
		case 6:
			hart_walk(va, kinds[0]); /* speculatively */
			break;
		default:
			access_once(va, kinds[any(ARRAY_SIZE(kinds))]);
		}
	}
}

int main(int argc, char **argv)
{
	unsigned long n = 20000;
	int c;

	while ((c = getopt(argc, argv, "s:n:")) != -1) {
		if (c == 's') {
			seed = strtoul(optarg, NULL, 0);
		} else if (c == 'n') {
			n = strtoul(optarg, NULL, 0);
		} else {
			fprintf(stderr, "usage: riscv-faults [-s seed] [-n rounds]\n");
			return 2;
		}
	}
	for (; rounds < n; rounds++, seed++)
		run_once();
	if (n > 1 && (!stale || !real))
		fail("nothing was stale, or nothing real", 0);
	printf("ok riscv-faults # provenance: model; %lu rounds, %lu walks, %lu faults stale, %lu "
	       "real\n",
	       rounds, walks, stale, real);
	return 0;
}
