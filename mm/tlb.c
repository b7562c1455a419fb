/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which address space is loaded where, address-space ids, and TLB shoot-down.
 *
 * Loaded: each CPU has one address space loaded, or none. It stays when a thread without one runs
 * (lazily: nobody uses it then), until another is loaded or tlb_mm_destroy() takes it away.
 *
 * mm->cpus_used: the CPUs whose TLB may hold translations of mm. A bit is set and cleared by its
 * own CPU only, with interrupts disabled: set before the space is loaded, cleared when nothing of
 * it is in the TLB and it is not loaded. A shoot-down goes to these CPUs. The race that matters:
 *
 *	CPU 0 (shoot-down)			CPU 1 (switch_mm)
 *	change entry				set bit 1 of cpus_used
 *	full barrier				full barrier, arch_order_walks()
 *	read cpus_used				load the root, walk tables: read entry
 *
 * Either CPU 0 sees the bit and asks CPU 1 to invalidate, or CPU 1 walks the changed entry: store
 * buffering with two full barriers (litmus.SB+mb+mb), but that the second load is a walk's, which
 * no memory barrier orders. The full barrier puts CPU 0's store, if CPU 0 has not seen the bit,
 * before what comes on CPU 1; arch_order_walks() puts the walks behind that. CPU 1 may do both.
 * tests: tlb.switch_race, translation.SB.join+mb+load, and tests/host/tlb on simulated CPUs whose
 * walks lag behind.
 *
 * Address-space ids: mm->context is a generation and an id. Ids are handed out in order; when they
 * run out a new generation begins, in which every CPU drops all it has before it uses an id of it
 * (flush_pending), so no id must be searched for in TLBs. The ids that are loaded at that moment
 * keep their meaning (reserved), for they go on being used without asking:
 *
 *	CPU 0 (new generation)			CPU 1 (switch_mm, without the lock)
 *	generation++				ctx of the mm is of this generation?
 *	was = xchg(active[1], 0)		cmpxchg(active[1], old, ctx)
 *
 * The two atomics on active[1] come in some order. If CPU 1's is first, CPU 0 reserves ctx; if it
 * is second it finds 0 instead of old and goes by the lock, where it sees the new generation.
 *
 * A shoot-down by broadcast names the id, which may be another by now:
 *
 *	CPU 0 (shoot-down)			CPU 1 (switch_mm)
 *	change entry				mm->context = new id, or reads that it is
 *	full barrier				arch_order_walks()
 *	read mm->context			load the root with it, walk tables: read entry
 *
 * Either CPU 0 names the new id, or CPU 1 walks the changed entry. (tests: tests/host/tlb) By
 * calls, CPU 1 looks at what id it has itself.
 *
 * On a machine without ids (one id: 0) every load drops what was there, and the bit with it.
 */
#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <kernel/busted.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <mm/tlb.h>

#define ASID_BITS 16
#define ASID_MASK ((1ULL << ASID_BITS) - 1)

#ifdef CONFIG_DEBUG
#define FIRST_ASID(n) ((n) > 256 ? (n)-200 : 1) /* so that ids run out in every run */
#else
#define FIRST_ASID(n) 1
#endif

unsigned int tlb_skip_cpu = 1;

static struct raw_spinlock asid_lock = RAW_SPINLOCK_INIT; /* interrupts disabled */
static u64 generation = 1ULL << ASID_BITS; /* written under asid_lock; step: 1 << ASID_BITS */
static unsigned int nr_asids;		   /* 0: not yet asked for; asid_lock */
static unsigned int asid_limit;		   /* of tlb_limit_asids(); asid_lock */
static unsigned int next_asid;		   /* asid_lock */
static cpumask_t flush_pending;		   /* asid_lock */
static unsigned long rollovers;		   /* asid_lock */
static u64 active[NR_CPUS];   /* context in use; atomic: its CPU, and a new generation takes it */
static u64 reserved[NR_CPUS]; /* context in use when this generation began; asid_lock */

static DEFINE_PER_CPU(struct mm_struct *, loaded_mm); /* interrupts disabled */

static unsigned int asid_of(u64 context)
{
	return context & ASID_MASK;
}

/* Returns whether the bit is new: arch_order_walks() is then due before the first walk. */
static bool cpus_used_set(struct mm_struct *mm, unsigned int cpu)
{
	if (READ_ONCE(mm->cpus_used) & 1ULL << cpu)
		return false;
	/*
	 * full: pairs with the smp_mb() in flush_run() and that in tlb_batch_add(); this CPU's bit
	 * before arch_order_walks(); tests: litmus.SB+mb+mb, tlb.switch_race
	 */
	fetch_add(&mm->cpus_used, 1ULL << cpu);
	return true;
}

static void cpus_used_clear(struct mm_struct *mm, unsigned int cpu)
{
	if (READ_ONCE(mm->cpus_used) & 1ULL << cpu)
		fetch_add(&mm->cpus_used, -(1ULL << cpu));
}

/* ---- address-space ids; asid_lock held ---- */

static unsigned int asids_usable(void)
{
	if (!nr_asids) {
		nr_asids = MIN(arch_asid_count(), 1U << ASID_BITS);
		/* Too few for every CPU to keep one: as good as none. */
		if (nr_asids < NR_CPUS + 2)
			nr_asids = 1;
		next_asid = FIRST_ASID(nr_asids);
	}
	return asid_limit ? MIN(asid_limit, nr_asids) : nr_asids;
}

static bool asid_is_reserved(unsigned int asid)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		if (asid_of(reserved[cpu]) == asid)
			return true;
	return false;
}

static void generation_begin(void)
{
	/*
	 * Relaxed: the xchg below decides, see the head of this file. A CPU that misses this store
	 * fails its cmpxchg.
	 */
	WRITE_ONCE(generation, generation + (1ULL << ASID_BITS));
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		u64 was = xchg(&active[cpu], 0ULL);

		/*
		 * 0: it has loaded nothing since the last time, so what was reserved then still
		 * is.
		 */
		if (was)
			reserved[cpu] = was;
	}
	flush_pending = ~0ULL;
	next_asid = 1;
	rollovers++;
}

/* Was @context in use when this generation began? Then its id keeps its meaning. */
static bool context_keep(u64 context, u64 renewed)
{
	bool found = false;

	if (!context)
		return false;
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (reserved[cpu] == context) {
			reserved[cpu] = renewed;
			found = true;
		}
	}
	return found;
}

static u64 context_new(u64 old)
{
	unsigned int n = asids_usable();

	if (n == 1)
		return generation;
	if (context_keep(old, generation | asid_of(old)))
		return generation | asid_of(old);
	for (;;) {
		for (; next_asid < n; next_asid++)
			if (!asid_is_reserved(next_asid))
				return generation | next_asid++;
		generation_begin();
	}
}

static bool context_is_current(u64 context)
{
	return (context & ~ASID_MASK) == READ_ONCE(generation);
}

/*
 * The slow way to a context: a new one if need be, and a flush if a generation began.
 * tests: translation.Id.reuse+unload-own
 */
static u64 context_get(struct mm_struct *mm, unsigned int cpu)
{
	u64 context;

	raw_spin_lock(&asid_lock);
	context = mm->context;
	if (!context_is_current(context)) {
		context = context_new(context);
		WRITE_ONCE(mm->context, context);
	}
	if (flush_pending & 1ULL << cpu) {
		flush_pending &= ~(1ULL << cpu);
		arch_tlb_flush_everything_local();
	}
	WRITE_ONCE(active[cpu], context);
	raw_spin_unlock(&asid_lock);
	return context;
}

/* ---- loading ---- */

void tlb_mm_init(struct mm_struct *mm)
{
	mm->context = 0;
	mm->cpus_used = 0;
}

struct mm_struct *mm_loaded(void)
{
	return this_cpu(loaded_mm);
}

/* What is loaded goes. Where there are no ids, its translations go with it. */
static void unload(unsigned int cpu)
{
	struct mm_struct *old = this_cpu(loaded_mm);

	if (old && READ_ONCE(nr_asids) == 1)
		cpus_used_clear(old, cpu);
	this_cpu(loaded_mm) = NULL;
}

void switch_mm(struct mm_struct *mm)
{
	unsigned int cpu = smp_processor_id();
	struct mm_struct *old = this_cpu(loaded_mm);
	u64 context, was;
	bool joins;

	BUG_ON(!irqs_seem_disabled());
	if (!mm || mm == old)
		return;
	joins = cpus_used_set(mm, cpu);
	context = READ_ONCE(mm->context);
	was = READ_ONCE(active[cpu]);
	if (!was || !context_is_current(context) ||
	    cmpxchg_relaxed(&active[cpu], was, context) != was)
		context = context_get(mm, cpu);
	/*
	 * By broadcast a shoot-down needs to know the id, which may have changed: there, each time.
	 */
	if (joins || ARCH_TLB_BROADCAST)
		arch_order_walks(asid_of(context));
	arch_mm_switch(mm->root, asid_of(context));
	/*
	 * Only now, since it may clear the bit: until here the TLB could still be filled from
	 * @old.
	 */
	unload(cpu);
	this_cpu(loaded_mm) = mm;
}

void switch_mm_kernel(void)
{
	BUG_ON(!irqs_seem_disabled());
	arch_mm_switch_kernel();
	unload(smp_processor_id());
}

static void leave_mm(void *arg)
{
	struct mm_struct *mm = arg;
	unsigned int cpu = smp_processor_id();

	BUG_ON(!irqs_seem_disabled());
	if (this_cpu(loaded_mm) == mm)
		switch_mm_kernel();
	/* Nothing of it can be used any more: its id is not given out again in this generation. */
	cpus_used_clear(mm, cpu);
}

static void run_local(smp_call_fn fn, void *arg)
{
	unsigned long flags = arch_irq_save();

	fn(arg);
	arch_irq_restore(flags);
}

void tlb_mm_destroy(struct mm_struct *mm)
{
	preempt_disable();
	smp_call_function_many(READ_ONCE(mm->cpus_used), leave_mm, mm, true);
	run_local(leave_mm, mm);
	preempt_enable();
}

/* ---- shoot-down ---- */

struct flush {
	struct mm_struct *mm;
	unsigned long start, end; /* end 0: everything, upper tables too */
	bool tables;		  /* which are to be freed: of CPUs that sleep, too */
};

/*
 * What is loaded on this CPU, and stays so: preemption disabled.
 * tests: translation.CoWT.inv+inv, translation.CoWT.inv+flush
 */
static void flush_loaded(const struct flush *f)
{
	unsigned int asid = asid_of(READ_ONCE(f->mm->context));

	BUG_ON(preemptible() && !arch_irqs_disabled());
	if (!f->end) {
		arch_tlb_flush_user_all_local(asid);
		return;
	}
	for (unsigned long va = f->start; va < f->end; va += PAGE_SIZE)
		arch_tlb_flush_user_page_local(asid, va);
}

/* On each CPU of cpus_used, interrupts disabled. tests: translation.MP.shoot+flush+mb */
static void flush_local(void *arg)
{
	const struct flush *f = arg;
	unsigned int cpu = smp_processor_id();
	unsigned int asid = asid_of(READ_ONCE(f->mm->context));

	BUG_ON(!irqs_seem_disabled());
	if (this_cpu(loaded_mm) != f->mm) {
		/*
		 * Drop the rest that is there, and be left alone from now on. If ids ran out
		 * since, and it has a new one, then nothing of the old one is ever used:
		 * flush_pending.
		 */
		if (READ_ONCE(f->mm->cpus_used) & 1ULL << cpu) {
			arch_tlb_flush_user_all_local(asid);
			cpus_used_clear(f->mm, cpu);
		}
		return;
	}
	flush_loaded(f);
}

/*
 * This CPU's part, preemption disabled. What is loaded needs no more: an interrupt meanwhile may
 * flush too, but takes away only a space that nobody uses, and leaves cpus_used of others alone.
 */
static void flush_here(struct flush *f)
{
	if (likely(this_cpu(loaded_mm) == f->mm))
		flush_loaded(f);
	else
		run_local(flush_local, f);
}

#if ARCH_TLB_BROADCAST
/* tests: translation.MP.shoot+flush+mb, translation.MP.shoot+flush+addr */
static void flush_broadcast(const struct flush *f)
{
	unsigned int asid = asid_of(READ_ONCE(f->mm->context));

	if (!f->end) {
		arch_tlb_flush_user_all(asid);
		return;
	}
	for (unsigned long va = f->start; va < f->end; va += PAGE_SIZE)
		arch_tlb_flush_user_page(asid, va);
}
#endif

static void flush_others(struct flush *f, cpumask_t others)
{
#if ARCH_TLB_BROADCAST
	if (!busted(BUSTED_TLB_SKIP_CPU))
		flush_broadcast(f);
#else
	if (busted(BUSTED_TLB_SKIP_CPU))
		others &= ~(1ULL << tlb_skip_cpu);
	if (busted(BUSTED_SLEEP_UNTOLD))
		others &= ~cpus_asleep();
	if (f->tables)
		smp_call_function_many(others, flush_local, f, true);
	else
		smp_flush_many(others, flush_local, f);
#endif
}

static void flush_run(struct flush f)
{
	struct mm_struct *mm = f.mm;
	cpumask_t used, others;
	unsigned int cpu;

	/* Here, and not where CPUs are called: machines that broadcast call none. */
	smp_wait_check("a TLB flush");
	if (f.end && (f.end - f.start) >> PAGE_SHIFT > ARCH_TLB_FLUSH_PAGES_MAX)
		f.end = 0;
	sync_point_on("tlb.flush", mm);
	preempt_disable();
	cpu = smp_processor_id();
	/*
	 * mb: pairs with the fetch_add() in cpus_used_set() and with arch_order_walks(); the
	 * changed entries before the look at who uses them; tests: litmus.SB+mb+mb, tlb.switch_race
	 */
	smp_mb();
	used = READ_ONCE(mm->cpus_used);
	others = used & ~(1ULL << cpu);
	if (others)
		flush_others(&f, others);
	if (!others || !ARCH_TLB_BROADCAST || busted(BUSTED_TLB_SKIP_CPU))
		flush_here(&f);
	preempt_enable();
	sync_point_on("tlb.flushed", mm);
}

void tlb_flush_page(struct mm_struct *mm, unsigned long va)
{
	va &= PAGE_MASK;
	flush_run((struct flush){ .mm = mm, .start = va, .end = va + PAGE_SIZE });
}

void tlb_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	if (start < end)
		flush_run((struct flush){
			.mm = mm, .start = start & PAGE_MASK, .end = ALIGN_UP(end, PAGE_SIZE) });
}

void tlb_flush_mm(struct mm_struct *mm)
{
	flush_run((struct flush){ .mm = mm });
}

void tlb_flush_tables(struct mm_struct *mm)
{
	flush_run((struct flush){ .mm = mm, .tables = true });
}

void tlb_pte_added(struct mm_struct *mm, unsigned long va)
{
	preempt_disable();
	if (this_cpu(loaded_mm) == mm)
		arch_pte_added_local(asid_of(READ_ONCE(mm->context)), va & PAGE_MASK);
	preempt_enable();
}

void tlb_fix_fault(struct mm_struct *mm, unsigned long va)
{
	preempt_disable();
	if (this_cpu(loaded_mm) == mm)
		arch_tlb_fix_fault_local(asid_of(READ_ONCE(mm->context)), va & PAGE_MASK);
	preempt_enable();
}

/* ---- for tests and statistics ---- */

void tlb_limit_asids(unsigned int n)
{
	unsigned long flags = arch_irq_save();

	raw_spin_lock(&asid_lock);
	/* Every CPU's id may be reserved at the begin of a generation, and one more is needed. */
	asid_limit = n ? MAX(n, smp_nr_online() + 2) : 0;
	raw_spin_unlock(&asid_lock);
	arch_irq_restore(flags);
}

unsigned int tlb_nr_asids(void)
{
	unsigned long flags = arch_irq_save();
	unsigned int n;

	raw_spin_lock(&asid_lock);
	n = asids_usable();
	raw_spin_unlock(&asid_lock);
	arch_irq_restore(flags);
	return n;
}

bool tlb_mm_asid_current(const struct mm_struct *mm, unsigned int *asid)
{
	u64 context = READ_ONCE(mm->context);

	*asid = asid_of(context);
	return context_is_current(context);
}

unsigned int tlb_mm_asid(const struct mm_struct *mm)
{
	return asid_of(READ_ONCE(mm->context));
}

unsigned long tlb_asid_rollovers(void)
{
	return READ_ONCE(rollovers);
}
