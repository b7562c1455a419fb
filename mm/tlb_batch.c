/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * One flush for many entries: reclaim and migration take the entries of a page out of all address
 * spaces, reclaim those of several pages, and then flush once. After what Linux does for
 * TTU_BATCH_FLUSH.
 *
 * Until the flush there are entries that are not present and can be used all the same:
 *
 *	reclaim			munmap of the same range	an access there
 *	entry -> slot; unlock
 *				the entry is not present:
 *				nothing to flush; returns
 *								by the TLB: permitted, and must
 *								not be
 *	flush
 *
 * So the space is marked (mm->flush_due) while page_table_lock is held; and whoever relies on an
 * entry that it found not present, under that lock, has the flush done before:
 *
 *	munmap		asks for the mark where it met such an entry: tlb_flush_due()
 *	mprotect, fork	flush all that they looked at, whether an entry changed or not
 *	a fault		makes such an entry present only with the lock of its page, which reclaim
 *			and migration keep until they have flushed
 *	exit		no CPU has the space loaded any more, nor can load it again
 *
 * and reclaim and migration themselves do with the page only after the flush what would not bear
 * an access: it is written out or copied, its lock is given up, and the reference that keeps it.
 *
 *	reclaim			a write by the TLB
 *	entry -> slot; unlock
 *				in the page
 *	flush
 *				a fault: waits for the page lock
 *	page -> slot
 *
 * The mark stays until the space is flushed for its sake, since reclaim does not hold the space,
 * where other flushes may be due besides. That costs a munmap a flush of more than it needs.
 *
 * The space may die, or get another id, before the flush: what is noted of it is its id, the
 * address, and the CPUs that had used it (mm->cpus_used), all read behind a full barrier, as a
 * shoot-down does (head of mm/tlb.c): a CPU that is not noted walks the changed entry. So does one
 * that uses the space by a newer id, if the noted one was of the current generation: the newer one
 * is then of one that begins later, for which the CPU drops all it has. If it was not, the newer
 * one may be of a generation that the CPU is in already, and everything is flushed. An id that has
 * come to mean another space costs that one a needless flush.
 *
 * tests: reclaim.batch_*, and the twin of reclaim.batch_munmap; tests/host/tlb on simulated CPUs.
 */
#include <arch/irq.h>
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sync_point.h>
#include <mm/tlb.h>
#include <mm/tlb_batch.h>

void tlb_batch_add(struct tlb_batch *b, struct mm_struct *mm, unsigned long va)
{
	cpumask_t used;

	BUG_IF(!spin_is_mine(&mm->page_table_lock), "mm %u", mm->id);
	mm->flush_due = true;
	/*
	 * mb: pairs with the fetch_add() in cpus_used_set() and with arch_order_walks(); the
	 * cleared entry before the look at who uses the space, and by which id;
	 * tests: litmus.SB+mb+mb, tests/host/tlb
	 */
	smp_mb();
	used = READ_ONCE(mm->cpus_used);
	if (!used)
		return;
	b->cpus |= used;
	if (b->nr < TLB_BATCH_PAGES && tlb_mm_asid_current(mm, &b->page[b->nr].asid))
		b->page[b->nr++].va = va & PAGE_MASK;
	else
		b->nr = TLB_BATCH_PAGES + 1;
}

/* Is each of the pages one of the space that has @asid? */
static bool batch_is_of(const struct tlb_batch *b, unsigned int asid)
{
	if (b->nr > TLB_BATCH_PAGES)
		return false;
	for (unsigned int i = 0; i < b->nr; i++)
		if (b->page[i].asid != asid)
			return false;
	return true;
}

/*
 * Of the loaded space page by page; else everything, which costs less than each id by itself.
 * tests: translation.MP.shoot+others+mb, translation.CoWT.inv+own
 */
static void flush_local(void *arg)
{
	const struct tlb_batch *b = arg;
	const struct mm_struct *mm = mm_loaded();

	BUG_ON(!irqs_seem_disabled());
	if (!mm || !batch_is_of(b, tlb_mm_asid(mm))) {
		arch_tlb_flush_everything_local();
		return;
	}
	for (unsigned int i = 0; i < b->nr; i++)
		arch_tlb_flush_user_page_local(b->page[i].asid, b->page[i].va);
}

static void flush_here(struct tlb_batch *b)
{
	unsigned long flags = arch_irq_save();

	flush_local(b);
	arch_irq_restore(flags);
}

#if ARCH_TLB_BROADCAST
/* tests: translation.MP.shoot+flush+mb, translation.Reuse.R+flush */
static void flush_broadcast(const struct tlb_batch *b)
{
	if (b->nr > TLB_BATCH_PAGES) {
		arch_tlb_flush_everything();
		return;
	}
	for (unsigned int i = 0; i < b->nr; i++)
		arch_tlb_flush_user_page(b->page[i].asid, b->page[i].va);
}
#endif

static void flush_others(struct tlb_batch *b, cpumask_t others)
{
#if ARCH_TLB_BROADCAST
	if (!busted(BUSTED_TLB_SKIP_CPU))
		flush_broadcast(b);
#else
	if (busted(BUSTED_TLB_SKIP_CPU))
		others &= ~(1ULL << tlb_skip_cpu);
	smp_flush_many(others, flush_local, b);
#endif
}

/* Preemption disabled. */
static void flush_all(struct tlb_batch *b)
{
	cpumask_t me = 1ULL << smp_processor_id(), others = b->cpus & ~me;

	BUG_ON(preemptible());
	if (others)
		flush_others(b, others);
	if (others && ARCH_TLB_BROADCAST && !busted(BUSTED_TLB_SKIP_CPU))
		return;
	if (b->cpus & me)
		flush_here(b);
}

void tlb_batch_flush(struct tlb_batch *b)
{
	if (!b->nr)
		return;
	smp_wait_check("a TLB flush");
	sync_point("batch.flush");
	preempt_disable();
	flush_all(b);
	preempt_enable();
	b->cpus = 0;
	b->nr = 0;
	sync_point("batch.flushed");
}

/* tests: translation.MP.shoot+flush+mb */
bool tlb_flush_due(struct mm_struct *mm)
{
	BUG_IF(!spin_is_mine(&mm->page_table_lock), "mm %u", mm->id);
	if (!mm->flush_due || busted(BUSTED_FLUSH_NOT_DUE))
		return false;
	tlb_flush_mm(mm);
	mm->flush_due = false;
	return true;
}
