/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Page tables and the MMU: the contract.
 *
 * Tables are built by the generic mm/pgtable.c; the port says what an entry looks like.
 *
 * <asm/memory.h> defines the layout of kernel virtual memory:
 *   PAGE_OFFSET	linear map: virtual = physical + PAGE_OFFSET
 *   KIMAGE_BASE	where the image is linked
 *   VMAP_BASE, VMAP_SIZE mapped on demand: stacks with guard pages, device registers
 * all reachable through the root tables of every address space; the low half is left to users.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

typedef u64 pteval_t;

/* What a kernel mapping permits. There is no writable and executable one. */
enum pgprot {
	PROT_KERNEL_RX,	     /* text */
	PROT_KERNEL_RO,	     /* rodata */
	PROT_KERNEL_RW,	     /* data, linear map, stacks */
	PROT_DEVICE,	     /* strongly ordered, not cached, not executable */
	PROT_WRITE_COMBINED, /* as memory, but not cached: a frame buffer, which is only written */
};

static inline unsigned int pgtable_levels(void); /* 3, 4 or 5; level 0 holds 4 KiB leaves */
/* log2 of what one entry of that level maps; entries of a table of that level */
static inline unsigned int pgtable_shift(unsigned int level);
static inline unsigned int pgtable_entries(unsigned int level);
/* May leaves stand at this level? */
static inline bool pgtable_leaf_ok(unsigned int level);
/* Can an entry forbid execution? Where it cannot, all memory that may be read may be executed. */
static inline bool pgtable_can_forbid_exec(void);

/* An entry of @level that points to a lower table; a kernel leaf, accessed and dirty set. */
static inline pteval_t pte_make_table(phys_addr_t table, unsigned int level);
static inline pteval_t pte_make_leaf(phys_addr_t pa, unsigned int level, enum pgprot prot);
static inline bool pte_present(pteval_t pte);
static inline bool pte_is_leaf(pteval_t pte, unsigned int level);
/* Of a table or a leaf. */
static inline phys_addr_t pte_phys(pteval_t pte);

#include <asm/memory.h>
#include <asm/pgtable.h>

/*
 * Use @root (physical) as this CPU's kernel tables, and invalidate what the TLB may hold from
 * the boot tables. Interrupts disabled. After this the null page is unmapped.
 */
void arch_mmu_activate(phys_addr_t root);

/*
 * The root of the tables that the boot CPU runs on until then, in the image like all of them; of
 * the port's own there is in them, at kernel_main(), the image and what arch_trap_init_cpu() needs.
 * The rest it adds, as it becomes known, by boot_map() and boot_map_linear(), and boot_map_memory()
 * at the end of arch_discover(): <mm/boot_map.h>.
 */
pteval_t *arch_boot_root(void);

/*
 * Called after a table entry went from absent to present (@va, kernel half), tables above it too:
 * whatever the ISA needs before the new mapping may be used by this CPU and by those that are
 * started later. What others use at once needs arch_tlb_flush_kernel_page().
 */
void arch_mmu_sync_new_mapping(unsigned long va);

/*
 * Called after present kernel entries for the @size bytes of whole pages at @va were changed or
 * removed: no CPU uses the old translations on return. Other CPUs are waited for once, not for each
 * page. Interrupts enabled where the ISA needs IPIs (asm says which).
 */
void arch_tlb_flush_kernel_range(unsigned long va, unsigned long size);

static inline void arch_tlb_flush_kernel_page(unsigned long va)
{
	arch_tlb_flush_kernel_range(va, PAGE_SIZE);
}

/*
 * kmap_init() calls this when the final tables hold the image and the linear map and are not yet in
 * use: ioremap() here what must stay reachable (the console). The new addresses are usable from
 * arch_mmu_activate() on. Returns 0 or -errno.
 */
int arch_kmap_devices(void);
