/* SPDX-License-Identifier: GPL-2.0-only */
/* Address spaces for tests of the user half of the MMU. */
#include <arch/irq.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <test/space.h>

#define KEEP_TRIES 20 /* a TLB may lose an entry at any time */

struct page *frame_create(struct test *t)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO | __GFP_NOINJECT);

	if (!page && t)
		test_fail(t, "no memory for a page");
	return page;
}

void frame_free(struct page *frame)
{
	if (frame)
		__free_page(frame);
}

static void tables_free(struct space *s)
{
	while (s->nr_tables)
		__free_page(s->table[--s->nr_tables]);
	arch_user_root_free(s->mm.root);
}

bool space_create(struct test *t, struct space *s)
{
	pteval_t *table;

	memset(s, 0, sizeof(*s));
	s->mm.root = arch_user_root_create();
	if (!s->mm.root) {
		if (t)
			test_fail(t, "no memory for a root table");
		return false;
	}
	table = __va(s->mm.root);
	for (unsigned int level = pgtable_levels() - 1; level; level--) {
		unsigned int i = (SPACE_VA >> pgtable_shift(level)) & (pgtable_entries(level) - 1);
		struct page *page = frame_create(t);

		if (!page) {
			tables_free(s);
			return false;
		}
		s->table[s->nr_tables++] = page;
		/*
		 * The zeroed table before its entry; pairs with the table walker's address
		 * dependency; tests: litmus.MP+wmb+addr
		 */
		smp_wmb();
		WRITE_ONCE(table[i], pte_make_table(page_to_phys(page), level));
		table = page_address(page);
	}
	s->pte = table;
	tlb_mm_init(&s->mm);
	return true;
}

void space_destroy(struct space *s)
{
	tlb_flush_mm(&s->mm);
	tlb_mm_destroy(&s->mm);
	tables_free(s);
}

void space_load(struct space *s)
{
	unsigned long flags = arch_irq_save();

	if (s)
		switch_mm(&s->mm);
	else
		switch_mm_kernel();
	arch_irq_restore(flags);
}

bool space_tlb_keeps(struct space *a, struct space *b, unsigned int n)
{
	pteval_t *pte = &a->pte[n], was;
	bool kept = false;
	u64 val;

	for (unsigned int i = 0; i < KEEP_TRIES && !kept; i++) {
		preempt_disable();
		space_load(a);
		space_read(n, &val);
		was = ptep_get_and_clear(pte);
		space_load(b);
		space_load(a);
		kept = !space_read(n, &val);
		ptep_set(pte, was);
		preempt_enable();
		tlb_flush_page(&a->mm, space_va(n));
	}
	space_load(NULL);
	return kept;
}

static bool pte_permits(pteval_t pte, enum fault_access access)
{
	if (!pte_present(pte) || pte_noaccess(pte))
		return false;
	return access == FAULT_READ || (access == FAULT_WRITE && pte_write(pte));
}

/* On the CPU that faulted, interrupts enabled; test threads stay where they are. */
static int space_fault(unsigned long addr, enum fault_access access)
{
	struct mm_struct *mm = mm_loaded();
	struct space *s = container_of(mm, struct space, mm);
	unsigned long n = (addr - SPACE_VA) / PAGE_SIZE;
	pteval_t old, new;

	if (!mm || addr < SPACE_VA || n >= SPACE_PAGES || arch_irqs_disabled())
		return -EFAULT;
	do {
		old = ptep_get(&s->pte[n]);
		if (!pte_permits(old, access))
			return -EFAULT;
		new = pte_mkyoung(old);
		if (access == FAULT_WRITE)
			new = pte_mkdirty(new);
	} while (new != old && ptep_cmpxchg(&s->pte[n], old, new) != old);
	tlb_fix_fault(mm, addr);
	fetch_add_relaxed(&s->faults, 1U);
	return 0;
}

static int (*former_user_fault)(unsigned long addr, enum fault_access access);

void space_faults_begin(void)
{
	former_user_fault = user_fault;
	user_fault = space_fault;
}

void space_faults_end(void)
{
	user_fault = former_user_fault;
}

/* ---- work on every CPU ---- */

static struct {
	void (*fn)(void *arg, unsigned int cpu);
	void *arg;
	cpumask_t started;
} work;

static void work_run(void *unused)
{
	work.fn(work.arg, smp_processor_id());
	/* Whoever comes next must not find this test's space here. */
	space_load(NULL);
}

void on_other_cpus_start(void (*fn)(void *arg, unsigned int cpu), void *arg)
{
	unsigned int cpu;

	work.fn = fn;
	work.arg = arg;
	work.started = 0;
	for_each_cpu_in(cpu, smp_online_mask())
		if (cpu && !cpu_work_start(cpu, work_run, NULL))
			work.started |= 1ULL << cpu;
}

void on_other_cpus_wait(void)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, work.started)
		cpu_work_wait(cpu);
}

void on_cpus(void (*fn)(void *arg, unsigned int cpu), void *arg)
{
	on_other_cpus_start(fn, arg);
	fn(arg, 0);
	space_load(NULL);
	on_other_cpus_wait();
}
