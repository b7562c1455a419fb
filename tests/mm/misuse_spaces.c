/* SPDX-License-Identifier: GPL-2.0-only */
/* Address spaces, their areas and tables, used as they may not be, or found as they may not be. */
#include <arch/pgtable_user.h>
#include <mm/pgtable_user.h>
#include <mm/rmap.h>
#include <mm/swapops.h>
#include <test/reclaim.h>

#include "misuse.h"

#ifdef CONFIG_DEBUG

/* What the misuse and the mending after it know: neighbours that do not merge. */
#define AREAS 4

static struct mm_struct *mm;
static struct vm_area_struct *vma[AREAS], *extra;
static struct anon_vma *anon_vma;
static struct list_head stray;

#define ADDR(n) (TEST_ADDR + (n)*PAGE_SIZE)

static bool space_get_new(void)
{
	mm = mm_alloc();
	return mm;
}

static bool areas_get_new(void)
{
	if (!space_get_new())
		return false;
	use_mm(mm);
	for (unsigned int i = 0; i < AREAS; i++)
		sys_mmap(ADDR(i), PAGE_SIZE, i & 1 ? VM_READ : RW);
	unuse_mm();
	down_read(&mm->mmap_sem);
	for (unsigned int i = 0; i < AREAS; i++)
		vma[i] = find_vma(mm, ADDR(i));
	up_read(&mm->mmap_sem);
	return true;
}

static void space_give_back(void)
{
	if (mm)
		mmput(mm);
}

/* Who changes areas of a space that ends needs no lock: what dies in the midst of it holds none. */
static bool areas_of_the_end(void)
{
	if (!areas_get_new())
		return false;
	WRITE_ONCE(mm->mm_users, 0);
	return true;
}

static void areas_give_back(void)
{
	if (!mm)
		return;
	WRITE_ONCE(mm->mm_users, 1);
	mmput(mm);
}

/* ---- users ---- */

static struct mm_struct dead;

static void gets_dead(void)
{
	dead = (struct mm_struct){ .mm_users = 0 };
	mmget(&dead);
}

static void puts_dead(void)
{
	dead = (struct mm_struct){ .mm_users = 0 };
	mmput(&dead);
}

static void uses_two(void)
{
	if (!space_get_new())
		return;
	use_mm(mm);
	use_mm(mm);
}

static void uses_none(void)
{
	unuse_mm();
}

static void ends_with_pages(void)
{
	if (!space_get_new())
		return;
	mm->anon_rss++;
	mmput(mm);
}

/* ---- areas ---- */

static void splits_at_start(void)
{
	if (areas_of_the_end())
		split_vma(mm, vma[1], vma[1]->vm_start, true);
}

static void splits_at_end(void)
{
	if (areas_of_the_end())
		split_vma(mm, vma[1], vma[1]->vm_end, false);
}

static void grows_over_three(void)
{
	if (areas_of_the_end())
		vma_adjust(vma[0], ADDR(0), ADDR(AREAS), vma[0]->vm_pgoff, NULL);
}

static void inserts_over(void)
{
	extra = NULL;
	if (!areas_of_the_end())
		return;
	extra = vma_alloc(mm, ADDR(1), ADDR(2), RW);
	if (extra)
		insert_vma(mm, extra);
}

static void extra_give_back(void)
{
	if (extra)
		vma_free(extra);
	areas_give_back();
}

static void frees_with_areas(void)
{
	anon_vma = anon_vma_alloc();
	if (!anon_vma)
		return;
	list_add(&stray, &anon_vma->head);
	anon_vma_free(anon_vma);
}

static void anon_vma_give_back(void)
{
	if (!anon_vma)
		return;
	list_del(&stray);
	anon_vma_free(anon_vma);
}

/* ---- what mm_check() looks for: each is put right again behind it ---- */

static void check_other_space(void)
{
	if (!areas_get_new())
		return;
	vma[1]->vm_mm = NULL;
	mm_check(mm);
	vma[1]->vm_mm = mm;
	mmput(mm);
}

static void check_list_order(void)
{
	if (!areas_get_new())
		return;
	list_move(&vma[1]->vm_list, &vma[2]->vm_list);
	mm_check(mm);
	list_move(&vma[1]->vm_list, &vma[0]->vm_list);
	mmput(mm);
}

/* Checked with @field a moment changed to @val. */
#define CHECK_WITH(name, field, val) \
	static void name(void) \
	{ \
		__typeof__(field) was; \
\
		if (!areas_get_new()) \
			return; \
		was = field; \
		field = (__typeof__(field))(val); \
		mm_check(mm); \
		field = was; \
		mmput(mm); \
	}

CHECK_WITH(check_empty, vma[1]->vm_end, vma[1]->vm_start)
CHECK_WITH(check_overlap, vma[1]->vm_end, ADDR(3))
CHECK_WITH(check_unaligned, vma[1]->vm_end, vma[1]->vm_end - 8)
CHECK_WITH(check_pgoff, vma[1]->vm_pgoff, vma[1]->vm_pgoff + 1)
CHECK_WITH(check_anon_vma, vma[1]->anon_vma, &stray)
CHECK_WITH(check_beyond_end, vma[3]->vm_end, USER_END + PAGE_SIZE)
CHECK_WITH(check_count, mm->map_count, mm->map_count + 1)
CHECK_WITH(check_total, mm->total_vm, mm->total_vm - 1)

/* ---- tables ---- */

/* A table is freed in which one entry, @n, is left: outside of what is unmapped. */
static void frees_table_with(unsigned int n)
{
	unsigned long addr = ADDR(1);
	pteval_t *ptep;

	if (!space_get_new())
		return;
	use_mm(mm);
	sys_mmap(addr, PAGE_SIZE, RW);
	user_write64(addr, 1);
	spin_lock(&mm->page_table_lock);
	ptep = pte_lookup(mm, addr);
	if (ptep)
		WRITE_ONCE(ptep[(long)n - 1], swp_pte(SWP_MIGRATE_READ, 1));
	spin_unlock(&mm->page_table_lock);
	sys_munmap(addr, PAGE_SIZE);
	unuse_mm();
	mmput(mm);
}

static void frees_table_first(void)
{
	frees_table_with(0);
}

static void frees_table_last(void)
{
	frees_table_with(pgtable_entries(0) - 1);
}

static const struct misuse list[] = {
	MISUSE("mm.c", "mmget", "!users", gets_dead, NULL),
	MISUSE("mm.c", "mmput", "!users", puts_dead, NULL),
	MISUSE("mm.c", "use_mm", "current->mm", uses_two, space_give_back),
	MISUSE("mm.c", "unuse_mm", "!mm", uses_none, NULL),
	FOUND("mmap.c", "exit_mmap", "mm->anon_rss || mm->swap_rss || mm->nr_tables",
	      ends_with_pages),

#define OUTSIDE "addr <= vma->vm_start || addr >= vma->vm_end"
	MISUSE("vma_adjust.c", "split_vma", OUTSIDE, splits_at_start, areas_give_back),
	MISUSE("vma_adjust.c", "split_vma", OUTSIDE, splits_at_end, areas_give_back),
	MISUSE("vma_adjust.c", "vma_adjust", "nr_gone == ARRAY_SIZE(gone)", grows_over_three,
	       areas_give_back),
	MISUSE("vma.c", "insert_vma",
	       "vma->vm_start < other->vm_end && other->vm_start < vma->vm_end", inserts_over,
	       extra_give_back),
	MISUSE("anon_vma.c", "anon_vma_free", "!list_empty(&anon_vma->head)", frees_with_areas,
	       anon_vma_give_back),

	FOUND("vma.c", "mm_check", "vma->vm_mm != mm", check_other_space),
	FOUND("vma.c", "mm_check", "node != &vma->vm_rb", check_list_order),
#define DISORDER "vma->vm_start < end || vma->vm_end <= vma->vm_start"
	FOUND("vma.c", "mm_check", DISORDER, check_empty),
	FOUND("vma.c", "mm_check", DISORDER, check_overlap),
	FOUND("vma.c", "mm_check", "(vma->vm_start | vma->vm_end) & ~PAGE_MASK", check_unaligned),
	FOUND("vma.c", "mm_check", "vma->vm_pgoff != vma->vm_start >> PAGE_SHIFT", check_pgoff),
	FOUND("vma.c", "mm_check", "!vma->anon_vma != list_empty(&vma->anon_vma_node)",
	      check_anon_vma),
	FOUND("vma.c", "mm_check", "node || end > USER_END", check_beyond_end),
	FOUND("vma.c", "mm_check", "count != mm->map_count || rb_check(&mm->mm_rb) != (long)count",
	      check_count),
	FOUND("vma.c", "mm_check", "pages != mm->total_vm", check_total),

	FOUND("pgtable_user.c", "table_check_empty", "!pte_none(READ_ONCE(table[i]))",
	      frees_table_first),
	FOUND("pgtable_user.c", "table_check_empty", "!pte_none(READ_ONCE(table[i]))",
	      frees_table_last),
};

const struct misuse_list misuse_spaces = { list, ARRAY_SIZE(list) };

#endif
