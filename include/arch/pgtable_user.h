/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The user half of the MMU: the contract.
 *
 * A user address is below ARCH_USER_END (<asm/memory.h>). The kernel reads and writes user
 * addresses with its own loads and stores; whether they are permitted is up to the entry, as for
 * itself.
 *
 * An entry (level 0, 4 KiB) is none (0), present, or a swap entry: pte_none(), pte_present(),
 * pte_is_swap(), of which exactly one holds.
 *
 * Access and dirty bit: where arch_has_hw_young() says true the hardware sets the bit at the first
 * use, and no fault tells. Where it says false a use of an entry that is not young may fault, as
 * if the page were not there or not permitted, and mm's fault code sets the bit by pte_mkyoung();
 * the hardware may still do it by itself. The same for a write to an entry that is writable but
 * not dirty. So: a fault on an entry that permits the access is resolved by setting both bits, and
 * if they are set already, by arch_tlb_fix_fault_local() alone: the TLB was behind.
 */
#pragma once

#include <arch/atomic.h>
#include <arch/mmu.h>

#define PTE_USER_WRITE 0x01
#define PTE_USER_EXEC  0x02
#define PTE_USER_YOUNG 0x04
#define PTE_USER_DIRTY 0x08
#define PTE_USER_NONE  0x10 /* present, keeps its frame, but each access faults (no VM_ACCESS) */

/* ---- entries ---- */

/*
 * Of present ones: what the flags said, was it used, was it written to, and the entry with that
 * changed. Where each of these things is a bit, <arch/pte_bits.h> builds all of it.
 */
static inline pteval_t pte_make_user(phys_addr_t pa, unsigned int flags); /* PTE_USER_* */
static inline bool pte_write(pteval_t pte);
static inline bool pte_exec(pteval_t pte);
static inline bool pte_noaccess(pteval_t pte);
static inline bool pte_young(pteval_t pte);
static inline bool pte_dirty(pteval_t pte);
static inline pteval_t pte_mkwrite(pteval_t pte);
static inline pteval_t pte_wrprotect(pteval_t pte);
static inline pteval_t pte_mkyoung(pteval_t pte);
static inline pteval_t pte_mkold(pteval_t pte);
static inline pteval_t pte_mkdirty(pteval_t pte);
static inline pteval_t pte_mkclean(pteval_t pte);

/* Does the hardware set the bits? See above. */
static inline bool arch_has_hw_young(void);
static inline bool arch_has_hw_dirty(void);

#include <asm/pgtable_user.h>

static inline bool pte_none(pteval_t pte)
{
	return pte == 0;
}

/*
 * Swap entries: bit 0 clear and bit 1 set, and no more than PTE_SWAP_BITS above. On all four ISAs
 * that is not present: the valid bit is bit 0, or bit 63 (powerpc64). tests: tlb.pte_swap
 */
#define PTE_SWAP_BITS  50
#define PTE_SWAP_SHIFT 2
#define PTE_SWAP_MARK  2

static inline pteval_t pte_make_swap(u64 entry)
{
	return entry << PTE_SWAP_SHIFT | PTE_SWAP_MARK;
}

static inline bool pte_is_swap(pteval_t pte)
{
	return !pte_present(pte) && (pte & PTE_SWAP_MARK);
}

static inline u64 pte_swap_entry(pteval_t pte)
{
	return pte >> PTE_SWAP_SHIFT;
}

/*
 * A present entry with the rights of @flags (PTE_USER_WRITE, _EXEC, _NONE); young, dirty, frame
 * stay.
 */
static inline pteval_t pte_modify(pteval_t pte, unsigned int flags)
{
	return pte_make_user(pte_phys(pte),
			     (flags & (PTE_USER_WRITE | PTE_USER_EXEC | PTE_USER_NONE)) |
				     (pte_young(pte) ? PTE_USER_YOUNG : 0) |
				     (pte_dirty(pte) ? PTE_USER_DIRTY : 0));
}

/*
 * ---- entries in tables ----
 *
 * Other CPUs' hardware may set access and dirty bits at any time while an entry is present: it is
 * changed by these only. None of them flushes a TLB.
 */

static inline pteval_t ptep_get(const pteval_t *ptep)
{
	return READ_ONCE(*ptep);
}

/* Fill an entry that is not present; then arch_pte_added_local(). */
static inline void ptep_set(pteval_t *ptep, pteval_t pte)
{
	/*
	 * wmb: what was stored into the page before the entry that shows it; pairs with the
	 * address dependency from the table walk to the access; tests: litmus.MP+wmb+addr,
	 * translation.MP.WT+wmb+walk. It does not make this CPU's own walks see the entry:
	 * arch_pte_added_local().
	 */
	smp_wmb();
	WRITE_ONCE(*ptep, pte);
}

/* Replace @old by @new if it is still there. Returns what was found. */
static inline pteval_t ptep_cmpxchg(pteval_t *ptep, pteval_t old, pteval_t new)
{
	/* release: what was stored into a new page before the entry, as in ptep_set() */
	return cmpxchg_release(ptep, old, new);
}

/* Take the entry out; returns the last value that hardware left there. */
static inline pteval_t ptep_get_and_clear(pteval_t *ptep)
{
	return xchg_relaxed(ptep, (pteval_t)0);
}

static inline void ptep_set_wrprotect(pteval_t *ptep)
{
	pteval_t old;

	do
		old = ptep_get(ptep);
	while (cmpxchg_relaxed(ptep, old, pte_wrprotect(old)) != old);
}

/* Was a present entry young? It is no longer; without a flush a TLB may still use it silently. */
static inline bool ptep_test_and_clear_young(pteval_t *ptep)
{
	pteval_t old;

	do {
		old = ptep_get(ptep);
		if (!pte_young(old))
			return false;
	} while (cmpxchg_relaxed(ptep, old, pte_mkold(old)) != old);
	return true;
}

/* ---- address spaces ---- */

/*
 * A root table for a user address space, empty in the user half; what else it must hold is there.
 * Returns 0 without memory. May sleep.
 */
phys_addr_t arch_user_root_create(void);
/* @root is in use on no CPU and all tables below it are freed. */
void arch_user_root_free(phys_addr_t root);

/*
 * Address-space ids that this machine can tell apart, 0 included, which is the kernel's own; 1 if
 * it has none. After kmap_init().
 */
unsigned int arch_asid_count(void);

/*
 * A memory barrier orders no table walks. This does: what this CPU has stored, and what it has seen
 * of others' stores, comes before the walks in @asid that it does after the arch_mm_switch() which
 * follows. Between making it known that this CPU uses the tables, or this id (by a full barrier at
 * least: the stores that are to be seen must have reached this CPU), and the first walk. The space
 * must not be loaded. Interrupts disabled.
 *
 *	x86_64		nothing more: the MOV to CR3 that follows is serializing
 *	arm64		DSB; the ISB is arch_mm_switch()'s
 *	riscv64		SFENCE.VMA, all addresses of @asid
 *	powerpc64	ptesync; the isync is arch_mm_switch()'s
 *
 * tests: tlb.switch_race; on the host, against walks that lag behind: tests/host/tlb
 */
void arch_order_walks(unsigned int asid);

/*
 * Use @root with @asid for user addresses on this CPU; with @asid 0 (all share it) drop all
 * earlier user translations. Interrupts disabled. By itself it orders no walks.
 */
void arch_mm_switch(phys_addr_t root, unsigned int asid);
/* No user address is mapped on this CPU from now on. Interrupts disabled. */
void arch_mm_switch_kernel(void);

/*
 * ---- TLB ----
 *
 * ARCH_TLB_FLUSH_PAGES_MAX (<asm/pgtable_user.h>): above that "all" is cheaper than page by page.
 * ARCH_TLB_BROADCAST (same place): 1 if the ISA has instructions that invalidate on every
 * CPU and wait for it; mm/tlb.c uses those. 0: it runs the _local functions on each CPU by IPI.
 *
 * Each is complete on return: this CPU's (or, of the broadcast ones, every CPU's) later accesses
 * use no translation read before, and accesses that used one have been performed. Stores to the
 * tables that come before it in program order are seen by the walks that come after it. "page"
 * drops the level-0 entry of one page, "all" also what the CPU caches of upper tables. Interrupts
 * or preemption disabled for the local ones.
 */

/* @asid is the one loaded on this CPU. */
void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va);
/* @asid may be another than the loaded one. */
void arch_tlb_flush_user_all_local(unsigned int asid);
/* Every translation of every address space and of the kernel's. */
void arch_tlb_flush_everything_local(void);
#if ARCH_TLB_BROADCAST
void arch_tlb_flush_user_page(unsigned int asid, unsigned long va);
void arch_tlb_flush_user_all(unsigned int asid);
void arch_tlb_flush_everything(void);
#endif

/*
 * An entry was made present for @va of the loaded space, and tables above it maybe: what this CPU
 * needs to use it soon. It may fault once more.
 */
void arch_pte_added_local(unsigned int asid, unsigned long va);
/*
 * An entry was widened, or found wide enough, and this CPU has faulted on it: it must not again,
 * whatever it has cached of it, or of the tables above.
 */
void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va);
