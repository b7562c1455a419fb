/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables whose entries remember what they were, TLBs that forget nothing, and the judge.
 *
 * A store to an entry is seen by the kernel's own loads at once, and by walks when it is visible:
 * at its CPU's next barrier (sim_drain()), those that no sim_wmb() parts in the wrong order.
 *
 * What a CPU may find in an entry is all that was visible in it since that CPU's floor for it:
 * its last flush of the id (of all levels; or of that page, for its leaf entry), or the visibility
 * of the entry above, which a walk reads before. arch_order_walks() drops nothing: it ends the
 * lagging of walks in what is in no TLB yet, as a complete shoot-down by broadcast does everywhere.
 */
#include <stdio.h>
#include <string.h>

#undef __always_inline

#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>

#include "sim.h"

#define NEVER	 (~0U)
#define HISTORY	 12
#define PENDING	 64
#define ASID_MAX 16
#define GARBAGE	 (PTE_VALID | 0xdead000UL)

/* One value that an entry has had. */
struct version {
	pteval_t val;
	unsigned int stored, visible; /* times */
	unsigned char cpu;	      /* who stored it */
};

struct entry {
	struct version v[HISTORY]; /* the oldest first */
	unsigned int n;
};

struct frame {
	enum frame_use use;
	unsigned int born;
	struct entry entry[SIM_ENTRIES];
};

static char memory[SIM_FRAMES][PAGE_SIZE] __aligned(PAGE_SIZE);
static struct frame frames[SIM_FRAMES];
static unsigned int now;

struct pending {
	struct entry *entry;
	unsigned int index, epoch;
};

/* A CPU's registers and caches. */
static struct mmu {
	phys_addr_t root; /* 0: none */
	unsigned int asid;
	unsigned int floor_all[ASID_MAX], floor_page[ASID_MAX][SIM_PAGES];
	phys_addr_t tenant[ASID_MAX]; /* whose translations the id may have */
	unsigned int since[ASID_MAX]; /* what walks of the tenant must have seen: a time */
	unsigned int lag[ASID_MAX];   /* walks of what is in no TLB see at least this */
	struct pending pending[PENDING];
	unsigned int nr_pending, epoch;
} mmus[NR_CPUS];

/* What the flushes that have returned promise: nothing that was replaced before this is used. */
struct promise {
	unsigned int time;
	unsigned char cpu;
};
static struct space {
	phys_addr_t root;
	struct promise all, page[SIM_PAGES];
} spaces[SIM_MMS];

static unsigned int machine_asids;

/* ---- frames and stores ---- */

static struct frame *frame_at(unsigned long pa)
{
	unsigned long off = pa - (unsigned long)memory;

	return off < sizeof(memory) ? &frames[off / PAGE_SIZE] : NULL;
}

phys_addr_t mmu_memory(void)
{
	return (phys_addr_t)memory;
}

static void entry_add(struct entry *e, pteval_t val)
{
	struct mmu *m = &mmus[smp_processor_id()];

	if (e->n == HISTORY) {
		memmove(e->v, e->v + 1, (HISTORY - 1) * sizeof(e->v[0]));
		e->n--;
		for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
			for (unsigned int i = 0; i < mmus[cpu].nr_pending; i++)
				if (mmus[cpu].pending[i].entry == e)
					mmus[cpu].pending[i].index--;
	}
	if (m->nr_pending == PENDING)
		sim_drain();
	m->pending[m->nr_pending++] = (struct pending){ e, e->n, m->epoch };
	e->v[e->n++] = (struct version){ val, ++now, NEVER, smp_processor_id() };
}

void sim_store(volatile void *p, unsigned long v)
{
	struct frame *f = frame_at((unsigned long)p);
	unsigned long i = ((unsigned long)p & ~PAGE_MASK) / 8;

	*(volatile u64 *)p = v;
	if (f && f->use == FRAME_TABLE && i < SIM_ENTRIES) {
		sim_event("entry =", i, v);
		entry_add(&f->entry[i], v);
	}
}

void sim_wmb(void)
{
	mmus[smp_processor_id()].epoch++;
}

/* In the order of epochs; the stores of one epoch backwards. */
void sim_drain(void)
{
	struct mmu *m = &mmus[smp_processor_id()];
	unsigned int first = 0, end;

	for (; first < m->nr_pending; first = end) {
		for (end = first; end < m->nr_pending; end++)
			if (m->pending[end].epoch != m->pending[first].epoch)
				break;
		for (unsigned int i = end; i-- > first;)
			m->pending[i].entry->v[m->pending[i].index].visible = ++now;
	}
	m->nr_pending = 0;
}

void frame_take(phys_addr_t pa, enum frame_use use)
{
	struct frame *f = frame_at(pa);

	BUG_ON(f->use != FRAME_FREE);
	f->use = use;
	f->born = ++now;
	/* Until it is cleared there may be anything in it. */
	for (unsigned int i = 0; i < SIM_ENTRIES; i++) {
		f->entry[i].n = 1;
		f->entry[i].v[0] = (struct version){ GARBAGE, now, now, smp_processor_id() };
	}
}

/* ---- what a CPU may find ---- */

/* When the version was replaced for every walk; NEVER: it is the last. */
static unsigned int version_end(const struct entry *e, unsigned int i)
{
	unsigned int end = NEVER;

	while (++i < e->n)
		end = MIN(end, e->v[i].visible);
	return end;
}

/* Was it replaced before what @p promises? */
static bool version_is_gone(const struct entry *e, unsigned int i, struct promise p)
{
	while (++i < e->n)
		if (e->v[i].visible <= p.time || (e->v[i].cpu == p.cpu && e->v[i].stored <= p.time))
			return true;
	return false;
}

static struct promise promise_later(struct promise a, struct promise b)
{
	return a.time > b.time ? a : b;
}

static struct space *space_of(phys_addr_t root)
{
	for (unsigned int i = 0; i < SIM_MMS; i++)
		if (spaces[i].root == root)
			return &spaces[i];
	return NULL;
}

/* A walk, as far as it goes; may_fault: an entry without a translation may be what is found. */
struct walk {
	unsigned int cpu;
	struct space *space;
	unsigned long va; /* of interest for may_fault */
	bool may_fault;
};

static void walk_level(struct walk *w, struct frame *f, unsigned int level, unsigned long va,
		       unsigned int floor);

static void walk_version(struct walk *w, const struct entry *e, unsigned int i, unsigned int level,
			 unsigned long va, unsigned int floor)
{
	const struct version *v = &e->v[i];
	struct frame *next = frame_at(pte_phys(v->val));
	struct promise p = w->space->all;

	if (!level)
		p = promise_later(p, w->space->page[va >> PAGE_SHIFT]);
	if (version_is_gone(e, i, p))
		sim_fail("CPU %u may use the entry %lx of level %u for %lx, which was flushed",
			 w->cpu, (unsigned long)v->val, level, va);
	if (!next || next->use != (level ? FRAME_TABLE : FRAME_PAGE) || next->born > v->stored)
		sim_fail("CPU %u may come to a freed %s by the entry %lx for %lx", w->cpu,
			 level ? "table" : "page", (unsigned long)v->val, va);
	if (level)
		walk_level(w, next, level - 1, va, MAX(floor, v->visible));
}

static void walk_level(struct walk *w, struct frame *f, unsigned int level, unsigned long va,
		       unsigned int floor)
{
	const struct mmu *m = &mmus[w->cpu];

	for (unsigned int i = 0; i < SIM_ENTRIES; i++, va += 1UL << pgtable_shift(level)) {
		const struct entry *e = &f->entry[i];
		unsigned int from = floor;

		if (!level)
			from = MAX(from, m->floor_page[m->asid][va >> PAGE_SHIFT]);
		for (unsigned int k = 0; k < e->n; k++) {
			if (e->v[k].visible == NEVER || version_end(e, k) <= from)
				continue;
			if (e->v[k].val & PTE_VALID)
				walk_version(w, e, k, level, va, floor);
			else if (w->va >> pgtable_shift(level) == va >> pgtable_shift(level))
				w->may_fault = true;
		}
	}
}

static bool mmu_walk(unsigned int cpu, unsigned long va)
{
	struct mmu *m = &mmus[cpu];
	struct walk w = { .cpu = cpu, .space = space_of(m->root), .va = va };
	struct frame *root = frame_at(m->root);

	if (!m->root)
		return true;
	if (!w.space || root->use != FRAME_TABLE)
		sim_fail("CPU %u has a root that was freed", cpu);
	walk_level(&w, root, SIM_LEVELS - 1, 0, MAX(m->floor_all[m->asid], m->since[m->asid]));
	return w.may_fault;
}

void mmu_check_cpu(unsigned int cpu)
{
	mmu_walk(cpu, ARCH_USER_END);
}

void mmu_check_all(void)
{
	for (unsigned int cpu = 0; cpu < sim_nr_cpus(); cpu++)
		mmu_check_cpu(cpu);
}

bool mmu_may_fault(unsigned long va)
{
	return mmu_walk(smp_processor_id(), va);
}

void frame_give(phys_addr_t pa)
{
	struct frame *f = frame_at(pa);

	BUG_ON(f->use == FRAME_FREE);
	f->use = FRAME_FREE;
	for (unsigned int i = 0; i < SIM_MMS; i++)
		if (spaces[i].root == pa)
			spaces[i].root = 0;
	mmu_check_all();
}

void mmu_name_root(unsigned int mm, phys_addr_t root)
{
	spaces[mm] = (struct space){ .root = root };
}

/* ---- the judge of flushes ---- */

static struct promise promise_begin(void)
{
	return (struct promise){ ++now, smp_processor_id() };
}

void sim_flush_page(struct mm_struct *mm, unsigned long va)
{
	struct promise p = promise_begin();
	struct space *s = space_of(mm->root);

	sim_event("flush page", va, 0);
	tlb_flush_page(mm, va);
	s->page[va >> PAGE_SHIFT] = p;
	mmu_check_all();
}

void sim_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct promise p = promise_begin();
	struct space *s = space_of(mm->root);

	sim_event("flush range", start, end);
	tlb_flush_range(mm, start, end);
	for (unsigned long va = start & PAGE_MASK; va < end; va += PAGE_SIZE)
		s->page[va >> PAGE_SHIFT] = p;
	mmu_check_all();
}

void mmu_expect_flushed(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct space *s = space_of(mm->root);

	for (unsigned long va = start; va < end; va += PAGE_SIZE)
		s->page[va >> PAGE_SHIFT] = promise_begin();
	mmu_check_all();
}

void sim_flush_mm(struct mm_struct *mm)
{
	struct promise p = promise_begin();
	struct space *s = space_of(mm->root);

	sim_event("flush all of", mm->root & 0xfffff, 0);
	tlb_flush_mm(mm);
	s->all = p;
	mmu_check_all();
}

/* ---- the hooks of the arch contract ---- */

static void floor_raise(unsigned int cpu, unsigned int asid)
{
	struct mmu *m = &mmus[cpu];

	m->floor_all[asid] = ++now;
	m->tenant[asid] = m->asid == asid ? m->root : 0;
	m->since[asid] = 0;
}

unsigned int arch_asid_count(void)
{
	return machine_asids;
}

phys_addr_t arch_user_root_create(void)
{
	return page_to_phys(page_take(FRAME_TABLE));
}

void arch_user_root_free(phys_addr_t root)
{
	free_pages(phys_to_page(root), 0);
}

void arch_order_walks(unsigned int asid)
{
	sim_step();
	sim_drain();
	sim_event("order walks of id", asid, 0);
	++now;
	for (unsigned int i = 0; i < ASID_MAX; i++)
		if (ARCH_TLB_BROADCAST || i == asid)
			mmus[smp_processor_id()].lag[i] = now;
}

void arch_mm_switch(phys_addr_t root, unsigned int asid)
{
	struct mmu *m = &mmus[smp_processor_id()];

	sim_step();
	sim_event("load root, id", root & 0xfffff, asid);
	if (asid >= machine_asids)
		sim_fail("id %u of %u", asid, machine_asids);
	m->root = root;
	m->asid = asid;
	if (!asid) {
		floor_raise(smp_processor_id(), 0);
	} else if (m->tenant[asid] && m->tenant[asid] != root) {
		sim_fail("CPU %u: id %u may have translations of another space", smp_processor_id(),
			 asid);
	} else if (!m->tenant[asid]) {
		m->tenant[asid] = root;
		m->since[asid] = m->lag[asid];
	}
	mmu_check_cpu(smp_processor_id());
}

void arch_mm_switch_kernel(void)
{
	struct mmu *m = &mmus[smp_processor_id()];

	sim_step();
	sim_event("load the kernel's root", 0, 0);
	m->root = 0;
	m->asid = 0;
	if (machine_asids == 1)
		floor_raise(smp_processor_id(), 0);
	else if (m->tenant[0])
		sim_fail("CPU %u: the kernel's id may have a user's translations",
			 smp_processor_id());
}

void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va)
{
	sim_step();
	sim_drain();
	if (asid != mmus[smp_processor_id()].asid)
		sim_fail("a page of id %u is to be dropped, which is not loaded", asid);
	sim_event("drop page, id", va, asid);
	mmus[smp_processor_id()].floor_page[asid][va >> PAGE_SHIFT] = ++now;
}

void arch_tlb_flush_user_all_local(unsigned int asid)
{
	sim_step();
	sim_drain();
	sim_event("drop all of id", asid, 0);
	floor_raise(smp_processor_id(), asid);
}

void arch_tlb_flush_everything_local(void)
{
	sim_step();
	sim_drain();
	sim_event("drop everything", 0, 0);
	for (unsigned int asid = 0; asid < ASID_MAX; asid++)
		floor_raise(smp_processor_id(), asid);
}

#if ARCH_TLB_BROADCAST
/* What was stored before a complete broadcast is seen by all walks of what is in no TLB. */
static void lag_end(void)
{
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		for (unsigned int i = 0; i < ASID_MAX; i++)
			mmus[cpu].lag[i] = now;
}

void arch_tlb_flush_user_page(unsigned int asid, unsigned long va)
{
	sim_step();
	sim_drain();
	sim_event("drop page everywhere, id", va, asid);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		mmus[cpu].floor_page[asid][va >> PAGE_SHIFT] = ++now;
	lag_end();
}

void arch_tlb_flush_user_all(unsigned int asid)
{
	sim_step();
	sim_drain();
	sim_event("drop all everywhere of id", asid, 0);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		floor_raise(cpu, asid);
	lag_end();
}

void arch_tlb_flush_everything(void)
{
	sim_step();
	sim_drain();
	sim_event("drop everything everywhere", 0, 0);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		for (unsigned int asid = 0; asid < ASID_MAX; asid++)
			floor_raise(cpu, asid);
	lag_end();
}
#endif

/* It may fault once more. */
void arch_pte_added_local(unsigned int asid, unsigned long va)
{
	sim_step();
}

void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va)
{
	sim_step();
	sim_drain();
	sim_event("fix fault, id", va, asid);
	floor_raise(smp_processor_id(), asid);
}

void mmu_reset(unsigned int nr_asids)
{
	machine_asids = nr_asids;
	now = 0;
	memset(frames, 0, sizeof(frames));
	memset(mmus, 0, sizeof(mmus));
	memset(spaces, 0, sizeof(spaces));
}
