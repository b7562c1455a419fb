/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What must be held, or disabled, and is not: nothing is wrong in what is done here, but assertions
 * are told that a lock is not held, that interrupts are enabled, and must all say so.
 */
#include <kernel/sched.h>
#include <mm/page_alloc.h>
#include <mm/slab.h>
#include <mm/tlb.h>
#include <test/reclaim.h>

#include "misuse.h"

#ifdef CONFIG_DEBUG

#define STACK_ADDR (TEST_ADDR + 64 * PAGE_SIZE)
#define PAGE(n)	   (TEST_ADDR + (n)*PAGE_SIZE)

/* Written to, shared by a fork, copied, restricted, swapped out and in, moved. */
static void space_is_used(struct mm_struct *mm)
{
	struct mm_struct *child;
	u64 val;

	sys_mmap(TEST_ADDR, 4 * PAGE_SIZE, RW);
	user_write64(PAGE(0), 1);
	user_write64(PAGE(1), 1);
	user_read64(PAGE(2), &val);
	page_swap_out(mm, PAGE(1));
	child = dup_mm(mm);
	user_write64(PAGE(0), 2);
	user_write64(PAGE(1), 2);
	user_write64(PAGE(2), 2);
	sys_mprotect(PAGE(1), PAGE_SIZE, VM_READ);
	sys_mprotect(PAGE(1), PAGE_SIZE, RW);
	user_write64(PAGE(1), 3);
	page_migrate(mm, PAGE(1));
	page_swap_out(mm, PAGE(0));
	if (child) {
		tlb_flush_mm(child); /* is loaded nowhere */
		mmput(child);
	}
	sys_munmap(TEST_ADDR, 4 * PAGE_SIZE);
}

static void space_lives(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return;
	use_mm(mm);
	space_is_used(mm);
	sys_mmap(STACK_ADDR, PAGE_SIZE, RW | VM_GROWSDOWN);
	user_write64(STACK_ADDR - PAGE_SIZE, 1);
	unuse_mm();
	mmput(mm);
}

/* Only while it grows: the lists of the reverse map have detectors of their own. */
static void stack_grows(void)
{
	struct mm_struct *mm = mm_alloc();

	if (!mm)
		return;
	use_mm(mm);
	sys_mmap(STACK_ADDR, PAGE_SIZE, RW | VM_GROWSDOWN);
	user_write64(STACK_ADDR, 1);
	down_read(&mm->mmap_sem);
	current->denies = "anon_vma";
	expand_downwards(find_vma(mm, STACK_ADDR), STACK_ADDR - PAGE_SIZE);
	current->denies = DENIES_NOTHING;
	up_read(&mm->mmap_sem);
	unuse_mm();
	mmput(mm);
}

#define OBJECTS 200 /* more than a magazine, in more than one slab */

static void cache_lives(void)
{
	struct kmem_cache *s = kmem_cache_create("unheld", 200, 0, 0, NULL);
	void *obj[OBJECTS] = { NULL };

	if (!s)
		return;
	for (unsigned int i = 0; i < OBJECTS; i++)
		obj[i] = kmem_cache_alloc(s, GFP_KERNEL);
	for (unsigned int i = 0; i < OBJECTS; i++)
		if (obj[i])
			kmem_cache_free(s, obj[i]);
	kmem_cache_shrink(s);
	kmem_cache_destroy(s);
}

static void block_lives(void)
{
	struct page *page = alloc_pages(GFP_KERNEL, 2);

	if (page)
		free_pages(page, 2);
}

static void page_lives(void)
{
	struct page *page = alloc_page(GFP_KERNEL);

	if (page)
		__free_page(page);
}

/* As it is shown where it is made: the inlines of internal.h, too. */
static const struct misuse list[] = {
#define UNHELD(file, func, cond, fn, denies) \
	{ \
		"mm/" file, func, cond, fn, denies \
	}
	UNHELD("vma.c", "insert_vma", "!mm_is_mine(mm)", space_lives, "mmap_sem"),
	UNHELD("vma.c", "detach_vma", "!mm_is_mine(mm)", space_lives, "mmap_sem"),
	UNHELD("memory.c", "unmap_vmas", "!mm_is_mine(mm)", space_lives, "mmap_sem"),
	UNHELD("memory.c", "free_pgtables", "!mm_is_mine(mm)", space_lives, "mmap_sem"),
	UNHELD("memory.c", "copy_page_range", "!mm_is_mine(dst) || !mm_is_mine(src)", space_lives,
	       "mmap_sem"),
	UNHELD("memory.c", "change_protection", "!mm_is_held(vma->vm_mm)", space_lives, "mmap_sem"),
	UNHELD("mprotect.c", "protect_area", "!mm_is_mine(mm)", space_lives, "mmap_sem"),
	UNHELD("pgtable_user.c", "pte_alloc", "!mm_is_held(mm)", space_lives, "mmap_sem"),
#define LIMITS \
	"!mm_is_mine(vma->vm_mm) && !(mm_is_held(vma->vm_mm) && " \
	"spin_is_mine(&vma->vm_mm->page_table_lock))"
	UNHELD("vma_adjust.c", "vma_set_limits", LIMITS, space_lives, "mmap_sem"),
	UNHELD("vma_adjust.c", "vma_set_limits", LIMITS, space_lives, "page_table_lock"),
	UNHELD("vma_adjust.c", "vma_set_limits",
	       "vma->anon_vma && !spin_is_mine(&vma->anon_vma->lock)", stack_grows, NULL),

#define UNLOCKED "!spin_is_mine(&mm->page_table_lock)"
	UNHELD("memory_fault.c", "fault_set_pte", "!spin_is_mine(&f->mm->page_table_lock)",
	       space_lives, "page_table_lock"),
	UNHELD("memory_fault.c", "fault_update_flags", "!spin_is_mine(&f->mm->page_table_lock)",
	       space_lives, "page_table_lock"),
	UNHELD("memory.c", "zap_pte", UNLOCKED, space_lives, "page_table_lock"),
	UNHELD("memory.c", "copy_pte",
	       "!spin_is_mine(&c->src->page_table_lock) || "
	       "!spin_is_mine(&c->dst->page_table_lock)",
	       space_lives, "page_table_lock"),
	UNHELD("memory.c", "protect_pte", "!spin_is_mine(&p->mm->page_table_lock)", space_lives,
	       "page_table_lock"),
	{ "include/mm/pgtable_user.h", "pte_lookup", UNLOCKED, space_lives, "page_table_lock" },
	UNHELD("pgtable_user.c", "table_hook", UNLOCKED, space_lives, "page_table_lock"),
	UNHELD("pgtable_user.c", "unhook_range", UNLOCKED, space_lives, "page_table_lock"),
	UNHELD("tlb_batch.c", "tlb_batch_add", UNLOCKED, space_lives, "page_table_lock"),
	UNHELD("tlb_batch.c", "tlb_flush_due", UNLOCKED, space_lives, "page_table_lock"),
	UNHELD("internal.h", "mm_add_rss", UNLOCKED, space_lives, "page_table_lock"),

#define LRU_UNLOCKED "!spin_is_mine(&lru_lock)"
	UNHELD("lru.c", "lru_add", LRU_UNLOCKED, space_lives, "lru_lock"),
	UNHELD("lru.c", "lru_unlink", LRU_UNLOCKED " && !busted(BUSTED_LRU_NO_LOCK)", space_lives,
	       "lru_lock"),
	UNHELD("lru.c", "page_take_last", LRU_UNLOCKED, space_lives, "lru_lock"),

#define SWAP_UNLOCKED "!spin_is_mine(&swap_lock)"
	UNHELD("swap.c", "slot_name", SWAP_UNLOCKED, space_lives, "swap_lock"),
	UNHELD("swap.c", "slot_put", SWAP_UNLOCKED, space_lives, "swap_lock"),
	UNHELD("swap.c", "cache_enter", SWAP_UNLOCKED " || !page_test_flag(page, PG_locked)",
	       space_lives, "swap_lock"),
	UNHELD("swap.c", "cache_leave",
	       SWAP_UNLOCKED " || !page_test_flag(page, PG_locked) || s->page != page", space_lives,
	       "swap_lock"),

#define SLAB_UNLOCKED "!spin_is_mine(&s->lock)"
	UNHELD("slab.c", "slab_file_locked", SLAB_UNLOCKED, cache_lives, "kmem_cache"),
	UNHELD("slab.c", "slab_trim_locked", SLAB_UNLOCKED, cache_lives, "kmem_cache"),
	UNHELD("slab.c", "slab_take_locked", SLAB_UNLOCKED, cache_lives, "kmem_cache"),
	UNHELD("slab.c", "slab_put_locked", SLAB_UNLOCKED, cache_lives, "kmem_cache"),

	UNHELD("page_alloc.c", "buddy_list_add", "!spin_is_mine(&buddy.lock)", block_lives,
	       "buddy"),
	UNHELD("page_alloc.c", "buddy_list_del", "!spin_is_mine(&buddy.lock)", block_lives,
	       "buddy"),

#define IRQS_ON "!irqs_seem_disabled()"
	UNHELD("slab.c", "this_magazine", "!irqs_are_disabled()", cache_lives, DENY_IRQS_OFF),
	UNHELD("page_alloc.c", "this_pcp", "!irqs_are_disabled()", page_lives, DENY_IRQS_OFF),
	UNHELD("tlb.c", "switch_mm", IRQS_ON, space_lives, DENY_IRQS_OFF),
	UNHELD("tlb.c", "switch_mm_kernel", IRQS_ON, space_lives, DENY_IRQS_OFF),
	UNHELD("tlb.c", "leave_mm", IRQS_ON, space_lives, DENY_IRQS_OFF),
	UNHELD("tlb.c", "flush_local", IRQS_ON, space_lives, DENY_IRQS_OFF),
	UNHELD("tlb_batch.c", "flush_local", IRQS_ON, space_lives, DENY_IRQS_OFF),
};

const struct misuse_list misuse_unheld = { list, ARRAY_SIZE(list) };

#endif
