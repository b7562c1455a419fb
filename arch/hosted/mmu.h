/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The hosted MMU: how user addresses are translated in a process of Linux. It is an architecture of
 * its own, and behind the tables as far as any of the four ISAs lets a CPU be; an emulator's TLB
 * hides what this one shows.
 *
 * Tables and entries: <asm/pgtable.h>. Each CPU has a root and an address-space id, set by
 * arch_mm_switch(), and these rules:
 *
 * 1. A walk reads one entry of each level, from the root down: loads of 64 bits, each with an
 *    address that depends on the one before, and then the access itself. All of them are loads and
 *    stores of the host's CPU, in the order that its ISA asks for; nothing is simulated there.
 * 2. Every entry that a walk has read may be kept, of any level, by the id and the address that it
 *    was read for, in the place of an older one. It is used instead of a look at memory, and the
 *    walk goes on below it. What is not valid is kept too, where the boot line says so
 *    (mmu_absent=1, as on RISC-V). A leaf with A clear never is.
 * 3. Ids are kept over switches: what was read by one is used whenever the id is loaded again,
 *    whatever the root is then.
 * 4. A walk may be done at any time for any address of the space that is loaded: one access in some
 *    mmu_early= has one, for a page that was walked for or invalidated lately, or one beside it. It
 *    sets no bits. So an entry may be read long before the access that uses it.
 * 5. What is kept may be lost at any time: one access in some mmu_evict= loses something, and there
 *    is room for little.
 * 6. Nothing else drops what is kept, but these, on the CPU that executes them:
 *	arch_tlb_flush_user_page_local(id, va)	for va what is of level 0, and leaves
 *	arch_pte_added_local(id, va)		what is not valid for va, of each level
 *	arch_tlb_fix_fault_local(id, va)	entries for va, of each level
 *	arch_tlb_flush_user_all_local(id)	all of the id
 *	arch_tlb_flush_everything_local()	all
 *	arch_mm_switch(root, 0)			all of id 0
 *    An access is one instruction, which no interrupt divides: a CPU that has invalidated in an
 *    interrupt has done all older accesses.
 * 7. A store sets A and D in its leaf, a load A, by a compare and exchange with the entry in
 *    memory, which is a full barrier, before the access is done; where the boot line has mmu_ad=0,
 *    what lacks a bit faults instead.
 * 8. What is kept and does not permit an access makes it fault, whatever memory says by now (but
 *    with mmu_absent=0, where memory is looked at first). A fault that comes of what is kept alone
 *    is not the kernel's: the port drops it and tries again, as riscv64's does (access.c); with
 *    arch_show_stale_faults() it comes through.
 *
 * What this adds to silicon: that entries are kept, for how long, and early walks. What it leaves
 * out: walks that lag behind the stores of their own CPU, instructions fetched through the tables,
 * invalidation by broadcast, global entries, invalidations that are not waited for.
 *
 * Kernel addresses are translated by the host: the kernel's tables are built as on any machine, and
 * the host is told what they say by arch_mmu_activate(), arch_mmu_sync_new_mapping() and
 * arch_tlb_flush_kernel_range() (kernel_map.c). To the kernel, the process is one TLB of all CPUs,
 * which these three fill.
 */
#pragma once

#include <arch/mmu.h>
#include <lib/types.h>

#define MMU_LEVELS     4
#define MMU_LEAF_SETS  64 /* entries of level 0, by address and id: a power of two */
#define MMU_LEAF_WAYS  4
#define MMU_TABLE_WAYS 16 /* of each level above, in one set */
#define MMU_RECENT     8

struct mmu_kept {
	u64 tag; /* its level's part of the address, and the id; or 0 */
	pteval_t pte;
};

/* A CPU's own, which it uses with interrupts disabled. */
struct mmu {
	phys_addr_t root; /* 0: no space is loaded */
	unsigned int asid;
	unsigned int until_early, until_evict; /* accesses from now */
	u64 random;			       /* 0: not seeded */
	unsigned int recent_next;
	unsigned long recent[MMU_RECENT]; /* addresses walked for, or invalidated */
	struct mmu_kept leaf[MMU_LEAF_SETS][MMU_LEAF_WAYS];
	struct mmu_kept table[MMU_LEVELS - 1][MMU_TABLE_WAYS]; /* of level 1 and above */
};

enum mmu_need { MMU_READ, MMU_WRITE };

/* What a walk came to: a leaf, or an entry that is not valid. */
struct mmu_walk {
	pteval_t pte;
	unsigned int level;
	pteval_t *at; /* in memory; NULL: it was kept */
};

/* From the boot line: see above. Constant while the kernel runs. */
extern u64 mmu_ids, mmu_early, mmu_evict, mmu_seed;
extern bool mmu_keeps_absent;

/* tlb.c: this CPU's MMU, and what it keeps. Interrupts disabled. */
struct mmu *mmu_here(void);
void mmu_keep(struct mmu *m, unsigned int level, unsigned long va, pteval_t pte);
const pteval_t *mmu_find(struct mmu *m, unsigned int level, unsigned long va);
/* In 1..@n. */
unsigned int mmu_random(struct mmu *m, unsigned int n);
/* Lose some entry that is kept, if there is one where it is looked for. */
void mmu_lose_one(struct mmu *m);
/* Early walks may be for this page from now on. */
void mmu_note(struct mmu *m, unsigned long va);

/* walk.c. Interrupts disabled. */

/*
 * Translate @va for an access of the loaded space; *pa. False: it faults, and *absent says whether
 * for want of a translation or of a right.
 */
bool mmu_translate(struct mmu *m, unsigned long va, enum mmu_need need, phys_addr_t *pa,
		   bool *absent);
/* Do the tables in memory permit the access, whatever is kept? */
bool mmu_tables_permit(const struct mmu *m, unsigned long va, enum mmu_need need);
/* An access, or an invalidation, has been done: rules 4 and 5. */
void mmu_go_on(struct mmu *m);

/* kernel_map.c: bytes of "physical" memory, from 0 on. */
extern u64 mmu_memory_size;
