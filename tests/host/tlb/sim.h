/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/tlb.c, tlb_batch.c, memory.c and pgtable_user.c as they are, on simulated CPUs whose TLBs
 * forget nothing.
 *
 * QEMU's translation empties a CPU's TLB at each change of address space, so that on a machine
 * under TCG nothing shows whether address-space ids, lazily loaded spaces, upper levels that are
 * cached and walks that lag behind are right. Here they show. What a result says is of the code and
 * of this model, not of any ISA.
 *
 * machine.c	CPUs as coroutines, which change only at steps (each atomic operation, barrier and
 *		hook of the arch contract, and in mm/tlb.c and mm/tlb_batch.c each access of eight
 *		bytes); calls from CPU to CPU; and who runs next: a list of decisions, drawn at
 *		random or gone through in order
 * mmu.c	page tables with the history of each entry, TLBs, and the judge
 * kernel.c	what these files need of the rest of the kernel
 * ops.c	what a CPU does: load a space, map, unmap, protect, reclaim, fork, destroy
 * main.c	the scenarios, and the order in which they are run
 *
 * The model of a TLB: a CPU may use any value that an entry has had since this CPU's last flush
 * that covers it (by id, by address, by level), invalid ones too. That is what the RISC-V
 * Privileged Architecture 1.12 (4.2.1, 4.3.2) allows a hart, and no ISA allows more. So nothing
 * depends on the luck of an eviction, and whether a step is wrong is seen at that step:
 *
 *	after a flush has returned	no CPU that has the space loaded can use what was replaced
 *	when a page or a table is freed	no CPU that has a space loaded can come to it
 *	when a space is loaded		its id has no translation of another one on that CPU
 *	after tlb_fix_fault()		this CPU does not fault again on what is permitted
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>
#include <mm/mm.h>
#include <mm/vma.h>

#define SIM_MMS	   5
#define SIM_FRAMES 96
#define SIM_PAGES  (ARCH_USER_END >> PAGE_SHIFT)

/* ---- machine.c ---- */

/* A step is about to be made: interprocessor calls are taken, another CPU may run first. */
void sim_step(void);
/* This CPU waits for another: that one runs. */
void sim_relax(void);
/* One of @n, 0 being what happens if nothing special does. */
unsigned int sim_choose(unsigned int n);
unsigned int sim_random(unsigned int n);
unsigned int sim_nr_cpus(void);
/* What happened, for the report of a failure; @what stays valid. */
void sim_event(const char *what, unsigned long a, unsigned long b);
/* Something is wrong: print what, the steps of all CPUs as columns, and end. */
void sim_fail(const char *fmt, ...) __printf(1, 2) __noreturn;

struct sim_run {
	const char *name;
	unsigned int nr_cpus;
	unsigned int nr_asids; /* the machine's, 0 included */
	void (*start)(void);   /* before the CPUs run, on CPU 0 */
	void (*cpu[NR_CPUS])(void);
	unsigned int deviations; /* in order: at most so many decisions that are not 0 */
};
/* Every list of decisions with at most run->deviations of them not 0. Returns how many. */
unsigned long sim_run_in_order(const struct sim_run *run);
/* One run with decisions drawn from @seed. */
void sim_run_random(const struct sim_run *run, unsigned long seed);

/* ---- mmu.c ---- */

void mmu_reset(unsigned int nr_asids);
phys_addr_t mmu_memory(void); /* where the frames are */
/* All that @cpu has loaded, whether it is used or not. */
void mmu_check_cpu(unsigned int cpu);
void mmu_check_all(void);
/* May this CPU fault on @va of the loaded space, though its entry is present? */
bool mmu_may_fault(unsigned long va);

enum frame_use { FRAME_FREE, FRAME_TABLE, FRAME_PAGE };
void frame_take(phys_addr_t pa, enum frame_use use);
void frame_give(phys_addr_t pa);
/* The judge has to know which root is whose. */
void mmu_name_root(unsigned int mm, phys_addr_t root);

/* The shoot-downs of mm/tlb.c, and then what they have promised. */
void sim_flush_page(struct mm_struct *mm, unsigned long va);
void sim_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end);
void sim_flush_mm(struct mm_struct *mm);

/* Whatever this CPU has changed in that range, it should have flushed by now. */
void mmu_expect_flushed(struct mm_struct *mm, unsigned long start, unsigned long end);

/* ---- kernel.c ---- */

void kernel_reset(void);
/* A page that is a table, full of zeros, or a user's. */
struct page *page_take(enum frame_use use);

/* ---- ops.c ---- */

void ops_reset(void);
struct mm_struct *sim_mm(unsigned int m);
void op_load(unsigned int m);
void op_lazy(void);
void op_kernel(void);
void op_touch(unsigned int m, unsigned int page);
void op_map(unsigned int m, unsigned int page);
void op_cow(unsigned int m, unsigned int page);
/* Protect two pages by a flush of some bytes at their border. */
void op_flush_part(unsigned int m, unsigned int page);
void op_unmap(unsigned int m, unsigned int first, unsigned int end);
void op_protect(unsigned int m, unsigned int first, unsigned int end);
void op_fork(unsigned int m, unsigned int child);
/*
 * Reclaim @nr pages with one flush: this one and the next, of this space, then of the next one.
 */
void op_reclaim(unsigned int m, unsigned int page, unsigned int nr);
/* The space dies, and its number is a new one's. Not if a CPU uses it. */
bool op_destroy(unsigned int m);
/* Every CPU has come to its place @n. */
void op_meet(unsigned int n);
void op_random(void);
