/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Address spaces for the tests of the user half of the MMU: a root, the tables for 512 pages from
 * SPACE_VA on, and nothing of the memory manager above. Between space_faults_begin() and
 * space_faults_end() a fault is resolved by setting the access and dirty bits of an entry that
 * permits the access, and in no other way.
 */
#pragma once

#include <arch/access.h>
#include <arch/pgtable_user.h>
#include <mm/mm.h>
#include <mm/page_alloc.h>
#include <mm/tlb.h>
#include <test/test.h>

#define SPACE_VA    0x10000000UL
#define SPACE_PAGES 512
#define SPACE_RW    (PTE_USER_WRITE | PTE_USER_YOUNG | PTE_USER_DIRTY)

struct space {
	struct mm_struct mm;
	pteval_t *pte; /* the level-0 table */
	unsigned int nr_tables;
	struct page *table[4]; /* those below the root */
	u32 faults;	       /* resolved; atomic */
};

/* false (and @t failed, if not NULL) without memory. */
bool space_create(struct test *t, struct space *s);
/* No page may be mapped any more. */
void space_destroy(struct space *s);

/* A zeroed page, or NULL (and @t failed, if not NULL). */
struct page *frame_create(struct test *t);
void frame_free(struct page *frame); /* NULL: nothing */

/* Word @i of a frame, seen in the linear map. */
static inline volatile u64 *frame_word(struct page *frame, unsigned int i)
{
	return (volatile u64 *)page_address(frame) + i;
}

static inline unsigned long space_va(unsigned int page)
{
	return SPACE_VA + page * PAGE_SIZE;
}

/* Map page @n, which is not mapped, to @frame. */
static inline void space_map(struct space *s, unsigned int n, struct page *frame,
			     unsigned int flags)
{
	ptep_set(&s->pte[n], pte_make_user(page_to_phys(frame), flags));
}

/* The first word of page @n as the loaded address space shows it. */
static inline int space_read(unsigned int n, u64 *val)
{
	return arch_user_read64((const u64 *)space_va(n), val);
}

static inline int space_write(unsigned int n, u64 val)
{
	return arch_user_write64((u64 *)space_va(n), val);
}

/*
 * Does this CPU's TLB keep what it has of @a while @b is loaded? A page of @a's that is mapped to
 * @frame is read by a translation that is in no table any more; both are as before after it, and
 * flushed. False under an emulator that empties the TLB at each change of address space: then
 * nothing that is wrong about address-space ids can show. CPU 0.
 */
bool space_tlb_keeps(struct space *a, struct space *b, unsigned int n);

/* switch_mm(); NULL: no user addresses. */
void space_load(struct space *s);

void space_faults_begin(void); /* CPU 0 */
void space_faults_end(void);

/* fn(arg, cpu) on every online CPU at once, with interrupts enabled; returns when all are done. */
void on_cpus(void (*fn)(void *arg, unsigned int cpu), void *arg);
/* The same in two steps, and not on CPU 0. */
void on_other_cpus_start(void (*fn)(void *arg, unsigned int cpu), void *arg);
void on_other_cpus_wait(void);
