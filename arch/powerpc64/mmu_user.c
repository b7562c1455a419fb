/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * User address spaces: PIDR names an entry of the process table, which has the root of quadrant 0
 * (Power ISA 3.0B, Book III, "Radix Tree Translation"). An address-space id is a PID less one; PID
 * 1 is the empty one of a CPU without an address space. AMR and IAMR (boot.S) let the kernel read
 * and write user pages, and not execute them.
 *
 * Invalidation is by tlbiel on each CPU that used the space: see <asm/pgtable_user.h>. Its
 * sequence is that of "Translation Table Update Synchronization Requirements": ptesync, tlbiel,
 * ptesync.
 */
#include <arch/pgtable_user.h>
#include <arch/translation.h>
#include <asm/reg.h>
#include <mm/pgtable.h>

#include "port.h"

#define NR_PIDS (PAGE_SIZE / sizeof(struct table_entry))

/* RB of tlbiel: whose entries (IS, bits 52 and 53), and the congruence class (bits 40 to 51). */
#define TLBIEL_IS_PID 0x400
#define TLBIEL_SET(n) ((u64)(n) << 12)
#define TLB_SETS      128 /* of a POWER9, for radix; later ones do it all at set 0 */

unsigned int arch_asid_count(void)
{
	return NR_PIDS - FIRST_PID + 1;
}

phys_addr_t arch_user_root_create(void)
{
	return pgtable_root_alloc();
}

void arch_user_root_free(phys_addr_t root)
{
	pgtable_root_free(root);
}

static void pid_load(u64 pid)
{
	__asm__ __volatile__("isync" : : : "memory");
	mtspr(SPR_PIDR, pid);
	__asm__ __volatile__("isync" : : : "memory");
}

/*
 * Table walks are ordered after stores by ptesync alone, not by hwsync (Power ISA 3.0B, Book III,
 * "Synchronize", L = 2, and "Translation Table Update Synchronization Requirements"); the isync is
 * pid_load()'s.
 *
 * ptesync: pairs with the smp_mb() in flush_run() and that in tlb_batch_add();
 * tests: tlb.switch_race
 */
void arch_order_walks(unsigned int asid)
{
	__asm__ __volatile__("ptesync" : : : "memory");
}

/*
 * The entry of a PID changes only when it is given out anew: every CPU drops what it has cached of
 * the old one, the process table's entry too, before it uses an id of that generation (mm/tlb.c).
 *
 * ptesync: the entry before the look at it that the new PID starts, whether this CPU has stored it
 * or found that another had.
 */
void arch_mm_switch(phys_addr_t root, unsigned int asid)
{
	u64 pid = PID_OF(asid), dw0 = root | RTS_52_BITS | RADIX_INDEX_TOP;

	if (READ_ONCE(process_table[pid].dw0) != dw0)
		WRITE_ONCE(process_table[pid].dw0, dw0);
	__asm__ __volatile__("ptesync" : : : "memory");
	pid_load(pid);
}

void arch_mm_switch_kernel(void)
{
	pid_load(GUARD_PID);
}

void arch_tlb_flush_user_page_local(unsigned int asid, unsigned long va)
{
	arch_tlbi_begin();
	arch_tlbi_page(asid, va);
	arch_tlbi_end();
}

void arch_tlb_flush_user_all_local(unsigned int asid)
{
	u64 rs = (u64)PID_OF(asid) << 32;

	arch_tlbi_begin();
	TLBIEL(TLBIE_RIC_ALL, 1, TLBIEL_IS_PID, rs);
	for (unsigned int set = 1; set < TLB_SETS; set++)
		TLBIEL(TLBIE_RIC_TLB, 1, TLBIEL_IS_PID | TLBIEL_SET(set), rs);
	arch_tlbi_end();
	/* The translations that the core keeps nearer to it: "SLB Invalidate All", IH = 3. */
	__asm__ __volatile__(".long %c0; isync" : : "i"(SLBIA_OPCODE(3)) : "memory");
}

void arch_tlb_flush_everything_local(void)
{
	arch_tlbi_begin();
	TLBIEL(TLBIE_RIC_ALL, 1, TLBIE_IS_ALL, 0);
	for (unsigned int set = 1; set < TLB_SETS; set++)
		TLBIEL(TLBIE_RIC_TLB, 1, TLBIE_IS_ALL | TLBIEL_SET(set), 0);
	arch_tlbi_end();
	__asm__ __volatile__(".long %c0; isync" : : "i"(SLBIA_OPCODE(7)) : "memory");
}

/* An absent entry is not cached; the new one must only be seen (same section: adding an entry). */
void arch_pte_added_local(unsigned int asid, unsigned long va)
{
	__asm__ __volatile__("ptesync; isync" : : : "memory");
}

/*
 * An access that a cached entry denies makes the CPU look at the table again (same section:
 * upgrading access authority), so the new entry must only be seen.
 */
void arch_tlb_fix_fault_local(unsigned int asid, unsigned long va)
{
	__asm__ __volatile__("ptesync; isync" : : : "memory");
}
