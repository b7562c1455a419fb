/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The test of the hosted MMU (main.c): a memory of few frames, tables in it, and accesses of one of
 * two CPUs.
 */
#pragma once

#include <setjmp.h>

/* The C library's headers are done with: this name is the kernel's from here on. */
#undef __always_inline

#include <arch/access.h>
#include <arch/translation.h>
#include <lib/errno.h>
#include <mm/pgtable.h>

#include "../check.h"
#include "mmu.h"
#include "sim.h"

#define NR_FRAMES 256
#define VA	  0x40000000UL
#define ID	  5
#define NONE	  (~0ULL) /* what a read gives that faults */

#define RW	  (PTE_USER_WRITE | PTE_USER_YOUNG | PTE_USER_DIRTY)
#define RO	  (PTE_USER_YOUNG | PTE_USER_DIRTY)
#define UNTOUCHED PTE_USER_WRITE

extern unsigned int frames_used; /* the next frame that is given out */
extern phys_addr_t root;

/* The last trap, how many there were, and who resolves them. */
extern struct trap_info trap;
extern bool trap_irqs_enabled;
extern unsigned int traps;
extern void (*resolve)(void);

/* Where panic() goes, if it is expected. */
extern jmp_buf end_of_bug;
extern bool bug_expected;

/* The entry of @level for @va, below the root @top; tables above it are made where none are. */
pteval_t *entry_of(phys_addr_t top, unsigned long va, unsigned int level);
u64 *word_of(phys_addr_t pa);
/* A new frame that holds @val, at @va. */
phys_addr_t map(unsigned long va, unsigned int flags, u64 val);

u64 load(unsigned long va);
bool store(unsigned long va, u64 val);
void expect_fault(unsigned long va, enum fault_access access, bool absent);

/* Nothing is kept, nothing is random, and faults come through. */
void begin(void);

/* kept.c */
void test_leaf_kept(void);
void test_cpus(void);
void test_tables_kept(void);
void test_block(void);
void test_ids(void);
void test_drops(void);
void test_large_ids(void);
void test_absent_kept(void);
void test_narrow_kept(void);
void test_stale_faults(void);

/* random.c */
void test_early(void);
void test_early_none(void);
void test_evict(void);
void test_room(void);
void test_seed(void);
void test_garbage(void);
