/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Walks: the rules 1, 2, 4, 7 and 8 of mmu.h. Interrupts disabled, on the CPU whose MMU it is: what
 * is read between two invalidations is kept before the second one looks.
 */
#include <arch/atomic.h>
#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <lib/compiler.h>
#include <mm/address.h>
#include <mm/pgtable.h>

#include "mmu.h"

static bool is_table(pteval_t pte)
{
	return (pte & (PTE_V | PTE_T)) == (PTE_V | PTE_T);
}

/*
 * A frame that is no memory, or a bit that must be zero: the table was freed under the walk, or
 * never was one. Silicon would take a machine check, or go on anywhere.
 */
static void check_entry(pteval_t pte, unsigned int level, unsigned long va)
{
	u64 size = is_table(pte) ? PAGE_SIZE : 1ULL << pgtable_shift(level);

	BUG_IF((pte & PTE_RESERVED) || (!level && (pte & PTE_T)) ||
		       pte_phys(pte) + size > mmu_memory_size,
	       "hosted MMU: entry %llx of level %u for %lx is none", (unsigned long long)pte, level,
	       va);
}

static bool may_be_kept(pteval_t pte)
{
	if (!pte_present(pte))
		return mmu_keeps_absent;
	return is_table(pte) || (pte & PTE_A);
}

/* From the entry of @level in @table down; with @m what is read is kept. */
static struct mmu_walk walk_memory(struct mmu *m, phys_addr_t table, unsigned int level,
				   unsigned long va)
{
	for (;; level--) {
		pteval_t *at = (pteval_t *)__va(table) + pgtable_index(va, level);
		pteval_t pte = READ_ONCE(*at);

		if (pte_present(pte))
			check_entry(pte, level, va);
		if (m && may_be_kept(pte))
			mmu_keep(m, level, va, pte);
		if (!is_table(pte))
			return (struct mmu_walk){ pte, level, at };
		table = pte_phys(pte);
	}
}

/* From the lowest level that something is kept of; @fresh: that a table is kept of. */
static struct mmu_walk walk(struct mmu *m, unsigned long va, bool fresh)
{
	for (unsigned int level = 0; level < MMU_LEVELS; level++) {
		const pteval_t *kept = mmu_find(m, level, va);

		if (kept && is_table(*kept)) {
			mmu_note(m, va);
			return walk_memory(m, pte_phys(*kept), level - 1, va);
		}
		if (kept && !fresh)
			return (struct mmu_walk){ *kept, level, NULL };
	}
	mmu_note(m, va);
	return walk_memory(m, m->root, MMU_LEVELS - 1, va);
}

/* Bits that a leaf must have for the access: rights, and those that say it was used. */
static pteval_t needed_rights(enum mmu_need need)
{
	return PTE_V | PTE_R | (need == MMU_WRITE ? PTE_W : 0);
}

static pteval_t needed_marks(enum mmu_need need)
{
	return PTE_A | (need == MMU_WRITE ? PTE_D : 0);
}

static bool has(pteval_t pte, pteval_t bits)
{
	return (pte & bits) == bits && !(pte & PTE_N);
}

static bool permits(pteval_t pte, enum mmu_need need)
{
	return has(pte, needed_rights(need) | needed_marks(need));
}

/* Only the marks are missing, and are ours to set. */
static bool lacks_marks(pteval_t pte, enum mmu_need need)
{
	return mmu_sets_ad && has(pte, needed_rights(need)) && !permits(pte, need);
}

/* Where the entry in memory is still what was read, it gets the marks, and is kept with them. */
static bool set_marks(struct mmu *m, unsigned long va, struct mmu_walk *w, enum mmu_need need)
{
	pteval_t marked = w->pte | needed_marks(need);

	/*
	 * full: pairs with the barrier of who loads what was stored, then the entry; the mark
	 * before the access; tests: translation.AD.MP+po, translation.AD.T+take
	 */
	if (cmpxchg(w->at, w->pte, marked) != w->pte)
		return false;
	w->pte = marked;
	mmu_keep(m, w->level, va, marked);
	return true;
}

bool mmu_translate(struct mmu *m, unsigned long va, enum mmu_need need, phys_addr_t *pa,
		   bool *absent)
{
	struct mmu_walk w = { 0 };

	if (m->root && va < ARCH_USER_END)
		w = walk(m, va, false);
	/* What was kept is not enough: is it so in memory? */
	if (m->root && va < ARCH_USER_END && !w.at && !permits(w.pte, need) &&
	    (!mmu_keeps_absent || lacks_marks(w.pte, need)))
		w = walk(m, va, true);
	while (lacks_marks(w.pte, need) && !set_marks(m, va, &w, need))
		w = walk(m, va, true);
	*absent = !pte_present(w.pte);
	*pa = pte_phys(w.pte) + (va & ((1UL << pgtable_shift(w.level)) - 1));
	return permits(w.pte, need);
}

bool mmu_tables_permit(const struct mmu *m, unsigned long va, enum mmu_need need)
{
	struct mmu_walk w = { 0 };

	if (m->root && va < ARCH_USER_END)
		w = walk_memory(NULL, m->root, MMU_LEVELS - 1, va);
	return permits(w.pte, need) || lacks_marks(w.pte, need);
}

/* For a page of those that were of interest lately, or one beside it. */
static void walk_early(struct mmu *m)
{
	unsigned long va = m->recent[mmu_random(m, MMU_RECENT) - 1];

	switch (mmu_random(m, 4)) {
	case 1:
		va += PAGE_SIZE;
		break;
	case 2:
		va -= PAGE_SIZE;
		break;
	}
	if (m->root && va < ARCH_USER_END)
		walk(m, va, false);
}

/* Is it due, one time in some @every? */
static bool due(struct mmu *m, unsigned int *until, u64 every)
{
	if (!every || (*until)--)
		return false;
	*until = mmu_random(m, 2 * every);
	return true;
}

void mmu_go_on(struct mmu *m)
{
	if (due(m, &m->until_early, mmu_early))
		walk_early(m);
	if (due(m, &m->until_evict, mmu_evict))
		mmu_lose_one(m);
}
