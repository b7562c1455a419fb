/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a simulated CPU does. Locks as mm/mm.h says: mmap_sem is a counter here, page_table_lock the
 * kernel's own.
 */
#include <string.h>

#undef __always_inline

#include <arch/irq.h>
#include <arch/pgtable_user.h>
#include <kernel/panic.h>
#include <mm/lru.h>
#include <mm/memory.h>
#include <mm/page_alloc.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <mm/swapops.h>
#include <mm/tlb.h>
#include <mm/tlb_batch.h>

#include "../../../mm/internal.h"
#include "sim.h"

#define PAGES_FIRST 16 /* USER_START */
#define PAGES_USED  16 /* one leaf table's or two's, in the random runs */

#define MEETINGS    4
#define RECLAIM_MAX 6

static struct mm_struct mms[SIM_MMS];
static unsigned int met[MEETINGS];
static int sems[SIM_MMS];    /* mmap_sem: -1 for writing, n for reading */
static int used_by[SIM_MMS]; /* CPUs that run a thread of it */
static bool hidden[SIM_MMS]; /* no thread has it: none is switched to */
/* How many on their way to swap from there have not been flushed: as if locked. */
static unsigned int locked[SIM_MMS][SIM_PAGES];
static int uses[NR_CPUS]; /* the space of the CPU's thread, or -1 */

struct mm_struct *sim_mm(unsigned int m)
{
	return &mms[m];
}

static void mm_make(unsigned int m)
{
	struct mm_struct *mm = &mms[m];

	/* As its memory may have been before: tlb_mm_init() is what makes the two good. */
	*mm = (struct mm_struct){ .mm_users = 1, .id = m, .context = ~0ULL, .cpus_used = ~0ULL };
	mm->root = arch_user_root_create();
	spin_lock_init(&mm->page_table_lock, "page_table_lock");
	tlb_mm_init(mm);
	mmu_name_root(m, mm->root);
	sim_drain(); /* who gets to know it does so by a lock */
}

void ops_reset(void)
{
	memset(sems, 0, sizeof(sems));
	memset(met, 0, sizeof(met));
	memset(used_by, 0, sizeof(used_by));
	memset(hidden, 0, sizeof(hidden));
	memset(locked, 0, sizeof(locked));
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		uses[cpu] = -1;
	for (unsigned int m = 0; m < SIM_MMS; m++)
		mm_make(m);
}

static void read_lock(unsigned int m)
{
	while (sems[m] < 0)
		sim_relax();
	sems[m]++;
}

static void read_unlock(unsigned int m)
{
	sim_drain();
	sems[m]--;
	sim_step();
}

static void write_lock(unsigned int m)
{
	while (sems[m])
		sim_relax();
	sems[m] = -1;
}

static void write_unlock(unsigned int m)
{
	sim_drain();
	sems[m] = 0;
	sim_step();
}

static unsigned long page_va(unsigned int page)
{
	return (unsigned long)page << PAGE_SHIFT;
}

/* ---- loading ---- */

static void use(int m)
{
	int *mine = &uses[smp_processor_id()];

	if (*mine >= 0)
		used_by[*mine]--;
	*mine = m;
	if (m >= 0)
		used_by[m]++;
}

void op_load(unsigned int m)
{
	unsigned long flags;

	while (hidden[m])
		sim_relax();
	flags = arch_irq_save();
	sim_event("switch to space", m, 0);
	use(m);
	switch_mm(&mms[m]);
	if (mm_loaded() != &mms[m])
		sim_fail("space %u is not loaded", m);
	arch_irq_restore(flags);
}

void op_lazy(void)
{
	unsigned long flags = arch_irq_save();

	sim_event("switch to no space", 0, 0);
	use(-1);
	switch_mm(NULL);
	arch_irq_restore(flags);
}

void op_kernel(void)
{
	unsigned long flags = arch_irq_save();

	use(-1);
	switch_mm_kernel();
	arch_irq_restore(flags);
}

/* ---- entries ---- */

/* Any access: what it may use was judged already; and a fault is put right at once. */
void op_touch(unsigned int m, unsigned int page)
{
	unsigned long va = page_va(page);
	pteval_t *pte;

	read_lock(m);
	spin_lock(&mms[m].page_table_lock);
	sim_event("touch", m, page);
	mmu_check_cpu(smp_processor_id());
	pte = pte_lookup(&mms[m], va);
	if (pte && (*pte & PTE_VALID) && mmu_may_fault(va)) {
		tlb_fix_fault(&mms[m], va);
		if (mmu_may_fault(va))
			sim_fail("CPU %u may fault for ever at %lx", smp_processor_id(), va);
	}
	spin_unlock(&mms[m].page_table_lock);
	read_unlock(m);
}

static struct vm_area_struct area(unsigned int m, unsigned int first, unsigned int end,
				  unsigned long flags)
{
	return (struct vm_area_struct){ .vm_mm = &mms[m],
					.vm_start = page_va(first),
					.vm_end = page_va(end),
					.vm_flags = flags };
}

static pteval_t new_page(unsigned int m)
{
	struct vm_area_struct vma = area(m, 0, SIM_PAGES, VM_READ | VM_WRITE);
	struct page *page = page_take(FRAME_PAGE);

	page->mapcount = 1;
	mms[m].anon_rss++;
	return vma_make_pte(&vma, page, true);
}

void op_map(unsigned int m, unsigned int page)
{
	unsigned long va = page_va(page);
	pteval_t *pte;

	read_lock(m);
	sim_event("map", m, page);
	pte = pte_alloc(&mms[m], va);
	spin_lock(&mms[m].page_table_lock);
	if (pte_none(*pte) || (pte_is_swap(*pte) && !locked[m][page])) {
		mms[m].swap_rss -= pte_is_swap(*pte);
		ptep_set(pte, new_page(m));
		tlb_pte_added(&mms[m], va);
	}
	spin_unlock(&mms[m].page_table_lock);
	read_unlock(m);
}

/* Another page in the place of one: cleared, flushed, set. */
void op_cow(unsigned int m, unsigned int page)
{
	unsigned long va = page_va(page);
	struct page *old = NULL;
	pteval_t *pte;

	read_lock(m);
	spin_lock(&mms[m].page_table_lock);
	sim_event("copy on write", m, page);
	pte = pte_lookup(&mms[m], va);
	if (pte && pte_present(*pte)) {
		old = phys_to_page(pte_phys(ptep_get_and_clear(pte)));
		sim_flush_page(&mms[m], va);
		mms[m].anon_rss--;
		page_remove_rmap(old);
		ptep_set(pte, new_page(m));
		tlb_pte_added(&mms[m], va);
	}
	spin_unlock(&mms[m].page_table_lock);
	if (old)
		put_anon_pages(&old, 1);
	read_unlock(m);
}

void op_flush_part(unsigned int m, unsigned int page)
{
	unsigned long va = page_va(page);

	write_lock(m);
	spin_lock(&mms[m].page_table_lock);
	for (unsigned int i = 0; i < 2; i++) {
		pteval_t *pte = pte_lookup(&mms[m], va + i * PAGE_SIZE);

		ptep_cmpxchg(pte, *pte, pte_mkold(*pte));
	}
	sim_flush_range(&mms[m], va + PAGE_SIZE - 8, va + PAGE_SIZE + 8);
	spin_unlock(&mms[m].page_table_lock);
	write_unlock(m);
}

static void unmap(unsigned int m, unsigned int first, unsigned int end)
{
	struct vm_area_struct vma = area(m, first, end, VM_READ | VM_WRITE);
	LIST_HEAD(gone);

	list_add(&vma.vm_list, &gone);
	unmap_vmas(&mms[m], vma.vm_start, vma.vm_end);
	free_pgtables(&mms[m], &gone, vma.vm_start, vma.vm_end);
}

void op_unmap(unsigned int m, unsigned int first, unsigned int end)
{
	write_lock(m);
	sim_event("unmap", first, end);
	unmap(m, first, end);
	mmu_expect_flushed(&mms[m], page_va(first), page_va(end));
	write_unlock(m);
}

void op_protect(unsigned int m, unsigned int first, unsigned int end)
{
	struct vm_area_struct vma = area(m, first, end, VM_READ);

	write_lock(m);
	sim_event("protect", first, end);
	change_protection(&vma, vma.vm_start, vma.vm_end);
	mmu_expect_flushed(&mms[m], vma.vm_start, vma.vm_end);
	write_unlock(m);
}

/* As try_to_unmap() does with one entry. The page, if it was there: its reference is ours. */
static struct page *unmap_one(unsigned int m, unsigned int page, struct tlb_batch *b)
{
	struct page *old = NULL;
	pteval_t *pte;

	read_lock(m);
	spin_lock(&mms[m].page_table_lock);
	pte = pte_lookup(&mms[m], page_va(page));
	if (pte && pte_present(*pte)) {
		old = phys_to_page(pte_phys(ptep_get_and_clear(pte)));
		tlb_batch_add(b, &mms[m], page_va(page));
		ptep_set(pte, swp_pte(SWP_SLOT, page));
		mms[m].anon_rss--;
		mms[m].swap_rss++;
		page_remove_rmap(old);
	}
	spin_unlock(&mms[m].page_table_lock);
	read_unlock(m);
	return old;
}

void op_reclaim(unsigned int m, unsigned int page, unsigned int nr)
{
	struct tlb_batch b = { .nr = 0 };
	struct page *gone[RECLAIM_MAX];
	unsigned int *lock[RECLAIM_MAX], n = 0;

	sim_event("reclaim", m, page);
	for (unsigned int i = 0; i < nr; i++) {
		unsigned int of = (m + i / 2) % SIM_MMS, which = page + i % 2;

		lock[n] = &locked[of][which];
		++*lock[n];
		gone[n] = unmap_one(of, which, &b);
		if (gone[n])
			n++;
		else
			--*lock[n];
	}
	sim_event("flush the batch", n, 0);
	tlb_batch_flush(&b);
	while (n--) {
		put_anon_pages(&gone[n], 1);
		--*lock[n];
	}
}

/* As dup_mm(): the child is empty, and nobody knows it. */
void op_fork(unsigned int m, unsigned int child)
{
	struct vm_area_struct vma = area(m, PAGES_FIRST, SIM_PAGES, VM_READ | VM_WRITE);

	if (child == m)
		return;
	write_lock(m);
	sim_event("fork", m, child);
	if (op_destroy(child)) {
		hidden[child] = true;
		sems[child] = -1;
		if (copy_page_range(&mms[child], &mms[m], &vma))
			sim_fail("fork fails");
		sim_flush_mm(&mms[m]);
		sems[child] = 0;
		hidden[child] = false;
	}
	write_unlock(m);
}

bool op_destroy(unsigned int m)
{
	struct mm_struct *mm = &mms[m];

	if (used_by[m] || sems[m])
		return false;
	hidden[m] = true;
	sems[m] = -1;
	sim_event("destroy", m, 0);
	mm->mm_users = 0;
	tlb_mm_destroy(mm);
	unmap(m, 0, SIM_PAGES);
	BUG_IF(mm->anon_rss || mm->nr_tables, "space %u ends with %lu pages, %lu tables", m,
	       mm->anon_rss, mm->nr_tables);
	arch_user_root_free(mm->root);
	mm_make(m);
	sems[m] = 0;
	hidden[m] = false;
	return true;
}

/* ---- at random ---- */

void op_meet(unsigned int n)
{
	met[n]++;
	while (met[n] < sim_nr_cpus())
		sim_relax();
}

static unsigned int any_page(void)
{
	return PAGES_FIRST + sim_random(PAGES_USED);
}

void op_random(void)
{
	unsigned int m = sim_random(SIM_MMS), page = any_page(), end = page + 1 + sim_random(6);
	int mine = uses[smp_processor_id()];

	switch (sim_random(17)) {
	case 0:
		op_lazy();
		break;
	case 1:
		op_kernel();
		break;
	case 2:
		op_unmap(m, page, MIN(end, (unsigned int)SIM_PAGES));
		break;
	case 3:
		op_protect(m, page, MIN(end, (unsigned int)SIM_PAGES));
		break;
	case 4:
		op_fork(m, sim_random(SIM_MMS));
		break;
	case 5:
		op_destroy(m);
		break;
	case 6:
		op_cow(m, page);
		break;
	case 13:
		op_reclaim(m, page, 1 + sim_random(RECLAIM_MAX));
		break;
	case 7:
	case 8:
	case 9:
		op_map(mine >= 0 ? mine : m, page);
		break;
	case 10:
	case 11:
	case 12:
		if (mine >= 0)
			op_touch(mine, page);
		break;
	default:
		op_load(m);
	}
}
