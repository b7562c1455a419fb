/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables in use, and the TLB. The process table's entry 0 says where the kernel's tables are,
 * for all CPUs at once; tlbie reaches every CPU of the machine, so nothing here needs IPIs.
 */
#include <arch/mmu.h>
#include <asm/reg.h>

#include "port.h"

/* RB of tlbie for one page: its address, and its size (AP) in bits 56 to 58; RS: PID 0, LPID 0. */
#define TLBIE_AP_4K (0UL << 5)
#define TLBIE_AP_2M (1UL << 5)
#define TLBIE_AP_1G (2UL << 5)

static inline void tlbie_page(u64 rb)
{
	register u64 r3 __asm__("r3") = rb;
	register u64 r4 __asm__("r4") = 0;

	__asm__ __volatile__(".long %c2"
			     :
			     : "r"(r3), "r"(r4), "i"(TLBIE_OPCODE(3, 4, TLBIE_RIC_TLB, 1))
			     : "memory");
}

static inline void tlbie_all(void)
{
	register u64 r3 __asm__("r3") = TLBIE_IS_ALL;
	register u64 r4 __asm__("r4") = 0;

	__asm__ __volatile__(".long %c2; .long %c3"
			     :
			     : "r"(r3), "r"(r4), "i"(TLBIE_OPCODE(3, 4, TLBIE_RIC_ALL, 0)),
			       "i"(TLBIE_OPCODE(3, 4, TLBIE_RIC_ALL, 1))
			     : "memory");
}

/*
 * The sequence of Power ISA 3.0B, Book III, "Translation Table Update Synchronization
 * Requirements": ptesync, so that the stores to the tables come before the invalidations; tlbie;
 * eieio and tlbsync, so that other CPUs have done with the old translations; ptesync to wait for
 * it. tests: pgtable.*
 */
static inline void tlbie_begin(void)
{
	__asm__ __volatile__("ptesync" : : : "memory");
}

static inline void tlbie_end(void)
{
	__asm__ __volatile__("eieio; tlbsync; ptesync; isync" : : : "memory");
}

/*
 * The null page has been unmapped from the start: with PID 1 in PIDR, quadrant 0 is empty. Old and
 * new tables map the running code alike, so it does no harm that some other CPU might use either
 * for a moment; none runs yet.
 */
void arch_mmu_activate(phys_addr_t root)
{
	u64 dw0 = root | RTS_52_BITS | RADIX_INDEX_TOP;

	WRITE_ONCE(process_table[0].dw0, dw0);
	WRITE_ONCE(partition_table[0].dw0, PATE_HR | dw0);
	tlbie_begin();
	tlbie_all();
	tlbie_end();
}

/*
 * An absent entry is not cached; the new one must only be seen, here (same section: adding an
 * entry). Elsewhere by those that are started later, and of new stacks everywhere: slot_make()
 * invalidates by tlbie.
 */
void arch_mmu_sync_new_mapping(unsigned long va)
{
	__asm__ __volatile__("ptesync; isync" : : : "memory");
}

/*
 * On POWER9 a tlbie may leave an entry of another thread's ERAT, or not wait for all of its stores:
 * the same once more mends both (skiboot and Linux, commits a5d4b5891c2f, 047e6575aec7). Once for
 * the last page is enough, a ptesync before it.
 */
static inline void tlbie_again(unsigned long va)
{
	if (!READ_ONCE(machine.tlbie_twice))
		return;
	tlbie_begin();
	tlbie_page(va | TLBIE_AP_4K);
	tlbie_begin();
	tlbie_page(va | TLBIE_AP_4K);
}

/* Broadcast. A page may have been part of a larger leaf, hence every size. */
void arch_tlb_flush_kernel_range(unsigned long va, unsigned long size)
{
	unsigned long end = va + size;

	tlbie_begin();
	for (; va < end; va += PAGE_SIZE) {
		tlbie_page(va | TLBIE_AP_4K);
		tlbie_page(va | TLBIE_AP_2M);
		tlbie_page(va | TLBIE_AP_1G);
	}
	tlbie_again(end - PAGE_SIZE);
	tlbie_end();
}

/* The console is firmware's, reached in real mode: there is nothing to map. */
int arch_kmap_devices(void)
{
	return 0;
}
