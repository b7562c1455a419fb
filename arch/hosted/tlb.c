/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a CPU keeps of the tables, and how it is dropped: the rules 2, 3, 5 and 6 of mmu.h. A CPU's
 * own, and used with interrupts disabled, so under no lock: another CPU is asked by an interrupt.
 */
#include <arch/barrier.h>
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <kernel/percpu.h>
#include <lib/compiler.h>
#include <lib/options.h>

#include "mmu.h"

#define ASID_BITS 16

u64 mmu_ids = 128, mmu_early = 48, mmu_evict = 200, mmu_seed = 1;
bool mmu_sets_ad = true, mmu_keeps_absent = true;

OPTION(mmu_ids, "mmu_ids", OPT_U64, &mmu_ids, 1, 1 << ASID_BITS,
       "hosted MMU: address-space ids that it can tell apart");
OPTION(mmu_early, "mmu_early", OPT_U64, &mmu_early, 0, 1 << 30,
       "hosted MMU: accesses from one early walk to the next; 0: none is early");
OPTION(mmu_evict, "mmu_evict", OPT_U64, &mmu_evict, 0, 1 << 30,
       "hosted MMU: accesses from one lost entry to the next; 0: none is lost");
OPTION(mmu_seed, "mmu_seed", OPT_U64, &mmu_seed, 0, 0,
       "hosted MMU: seed of its early walks and lost entries");
OPTION(mmu_ad, "mmu_ad", OPT_BOOL, &mmu_sets_ad, 0, 0,
       "hosted MMU: it sets the accessed and dirty bits; else it faults");
OPTION(mmu_absent, "mmu_absent", OPT_BOOL, &mmu_keeps_absent, 0, 0,
       "hosted MMU: it keeps entries that are not valid, or permit too little");

static DEFINE_PER_CPU(struct mmu, mmu);

struct mmu *mmu_here(void)
{
	return &this_cpu(mmu);
}

/* ---- at random, from the seed and the CPU's number alone ---- */

/* Marsaglia's xorshift64* (Vigna 2016), seeded as in lib/random.c: a word that is not 0. */
unsigned int mmu_random(struct mmu *m, unsigned int n)
{
	u64 x = m->random;

	if (!x)
		x = (mmu_seed * NR_CPUS + smp_processor_id() + 1) * 0x9e3779b97f4a7c15ULL | 1;
	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	m->random = x;
	return (u32)(x * 0x2545f4914f6cdd1dULL >> 32) % n + 1;
}

void mmu_note(struct mmu *m, unsigned long va)
{
	m->recent[m->recent_next++ % MMU_RECENT] = va;
}

/* ---- what is kept ---- */

static u64 tag_of(unsigned int level, unsigned long va, unsigned int asid)
{
	return (u64)(va >> pgtable_shift(level)) << (ASID_BITS + 1) | asid << 1 | 1;
}

static unsigned int asid_of(u64 tag)
{
	return tag >> 1 & ((1 << ASID_BITS) - 1);
}

/* Where an entry is kept, if at all; *ways: how many may be. */
static struct mmu_kept *set_of(struct mmu *m, unsigned int level, unsigned long va,
			       unsigned int asid, unsigned int *ways)
{
	if (level) {
		*ways = MMU_TABLE_WAYS;
		return m->table[level - 1];
	}
	*ways = MMU_LEAF_WAYS;
	return m->leaf[((va >> PAGE_SHIFT) + asid) % MMU_LEAF_SETS];
}

static struct mmu_kept *find(struct mmu *m, unsigned int level, unsigned long va, unsigned int asid)
{
	u64 tag = tag_of(level, va, asid);
	unsigned int ways;
	struct mmu_kept *set = set_of(m, level, va, asid, &ways);

	for (unsigned int i = 0; i < ways; i++)
		if (set[i].tag == tag)
			return &set[i];
	return NULL;
}

const pteval_t *mmu_find(struct mmu *m, unsigned int level, unsigned long va)
{
	struct mmu_kept *k = find(m, level, va, m->asid);

	return k ? &k->pte : NULL;
}

/* In the place of what was kept for the same, or of nothing, or of any other. */
void mmu_keep(struct mmu *m, unsigned int level, unsigned long va, pteval_t pte)
{
	unsigned int ways;
	struct mmu_kept *set = set_of(m, level, va, m->asid, &ways);
	struct mmu_kept *k = find(m, level, va, m->asid);

	for (unsigned int i = 0; !k && i < ways; i++)
		if (!set[i].tag)
			k = &set[i];
	if (!k)
		k = &set[mmu_random(m, ways) - 1];
	k->pte = pte;
	k->tag = tag_of(level, va, m->asid);
}

void mmu_lose_one(struct mmu *m)
{
	unsigned int level = mmu_random(m, MMU_LEVELS) - 1, ways;
	struct mmu_kept *set = set_of(
		m, level, (unsigned long)mmu_random(m, MMU_LEAF_SETS) << PAGE_SHIFT, 0, &ways);

	set[mmu_random(m, ways) - 1].tag = 0;
}

/* ---- dropping ---- */

static bool is_page(pteval_t pte, unsigned int level)
{
	return !level || (pte_present(pte) && pte_is_leaf(pte, level));
}

static bool is_any(pteval_t pte, unsigned int level)
{
	return true;
}

static bool is_absent(pteval_t pte, unsigned int level)
{
	return !pte_present(pte);
}

/* For @va by @asid, of each level, what is of that kind. */
static void drop_page(unsigned int asid, unsigned long va,
		      bool (*of_kind)(pteval_t pte, unsigned int level))
{
	unsigned long flags = arch_irq_save();
	struct mmu *m = mmu_here();

	for (unsigned int level = 0; level < MMU_LEVELS; level++) {
		struct mmu_kept *k = find(m, level, va, asid);

		if (k && of_kind(k->pte, level))
			k->tag = 0;
	}
	mmu_note(m, va);
	mmu_go_on(m);
	arch_irq_restore(flags);
}

static void drop_in(struct mmu_kept *k, unsigned int n, bool all, unsigned int asid)
{
	for (unsigned int i = 0; i < n; i++)
		if (all || asid_of(k[i].tag) == asid)
			k[i].tag = 0;
}

static void drop(bool all, unsigned int asid)
{
	unsigned long flags = arch_irq_save();
	struct mmu *m = mmu_here();

	drop_in(m->leaf[0], MMU_LEAF_SETS * MMU_LEAF_WAYS, all, asid);
	drop_in(m->table[0], (MMU_LEVELS - 1) * MMU_TABLE_WAYS, all, asid);
	mmu_go_on(m);
	arch_irq_restore(flags);
}

void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va)
{
	drop_page(asid, va, is_page);
}

void arch_tlb_flush_user_all_local(unsigned int asid)
{
	drop(false, asid);
}

void arch_tlb_flush_everything_local(void)
{
	drop(true, 0);
}

void arch_pte_added_local(unsigned int asid, unsigned long va)
{
	drop_page(asid, va, is_absent);
}

void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va)
{
	drop_page(asid, va, is_any);
}
