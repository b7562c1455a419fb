/* SPDX-License-Identifier: GPL-2.0-only */
/* The life of address spaces: made, adopted by threads, copied, given up. */
#include <arch/atomic.h>
#include <arch/pgtable_user.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <lib/errno.h>
#include <mm/mm.h>
#include <mm/mmap.h>
#include <mm/rmap.h>
#include <mm/slab.h>
#include <mm/swap.h>
#include <mm/tlb.h>

#include "internal.h"

static struct kmem_cache *mm_cache;
static unsigned long nr_mms;	/* atomic */
static unsigned int last_mm_id; /* atomic */

static void mm_switch(struct task_struct *prev, struct task_struct *next)
{
	switch_mm(next->mm);
}

int mm_init(void)
{
	mm_cache = kmem_cache_create("mm_struct", sizeof(struct mm_struct), ARCH_CACHE_LINE_MAX, 0,
				     NULL);
	page_lock_init();
	if (!mm_cache || vma_cache_init() || memory_init() || rmap_init() || swap_init() ||
	    reclaim_init())
		return -ENOMEM;
	sched_mm_switch = mm_switch;
	event_object_kind = mm_object_kind;
	fault_init();
	return 0;
}

struct mm_struct *mm_alloc(void)
{
	struct mm_struct *mm = kmem_cache_alloc(mm_cache, GFP_KERNEL);

	if (!mm)
		return NULL;
	*mm = (struct mm_struct){ .mm_users = 1 };
	mm->root = arch_user_root_create();
	if (!mm->root) {
		kmem_cache_free(mm_cache, mm);
		return NULL;
	}
	init_rwsem(&mm->mmap_sem, "mmap_sem");
	spin_lock_init(&mm->page_table_lock, "page_table_lock");
	spin_lock_init(&mm->prepare_lock, "prepare_lock");
	INIT_LIST_HEAD(&mm->mmap);
	mm->id = fetch_add_relaxed(&last_mm_id, 1) + 1;
	tlb_mm_init(mm);
	fetch_add_relaxed(&nr_mms, 1);
	return mm;
}

void mmget(struct mm_struct *mm)
{
	u32 users = fetch_add_relaxed(&mm->mm_users, 1);

	BUG_IF(!users, "mm %u is dead", mm->id);
}

void mmput(struct mm_struct *mm)
{
	u32 users;

	might_sleep("mmput()");
	/*
	 * full: what each user did to the space comes before its end; the drops of all users are
	 * ordered by this counter; tests: litmus.MP+rel+acq
	 */
	users = fetch_add(&mm->mm_users, -1);
	BUG_IF(!users, "mm %u is dead", mm->id);
	if (users != 1)
		return;
	exit_mmap(mm);
	arch_user_root_free(mm->root);
	fetch_add_relaxed(&nr_mms, -1);
	kmem_cache_free(mm_cache, mm);
}

struct mm_struct *dup_mm(struct mm_struct *oldmm)
{
	struct mm_struct *mm = mm_alloc();
	bool mine;
	int err;

	if (!mm)
		return NULL;
	down_write(&oldmm->mmap_sem);
	/* Nobody knows the child yet: this is for what asks whose its areas are. */
	mine = down_write_trylock(&mm->mmap_sem);
	BUG_ON(!mine);
	err = dup_mmap(mm, oldmm);
	up_write(&mm->mmap_sem);
	up_write(&oldmm->mmap_sem);
	if (!err)
		return mm;
	mmput(mm);
	return NULL;
}

/* What the scheduler does at a switch, without the switch. */
static void current_set_mm(struct mm_struct *mm)
{
	unsigned long flags = arch_irq_save();

	current->mm = mm;
	switch_mm(mm);
	arch_irq_restore(flags);
}

void use_mm(struct mm_struct *mm)
{
	might_sleep("use_mm()");
	BUG_ON(current->mm);
	mmget(mm);
	current_set_mm(mm);
}

void unuse_mm(void)
{
	struct mm_struct *mm = current->mm;

	BUG_ON(!mm);
	current_set_mm(NULL);
	mmput(mm);
}

void mm_usage_read(struct mm_usage *u)
{
	u->mms = READ_ONCE(nr_mms);
	u->areas = vma_count_all();
	u->tables = table_count_all();
}
