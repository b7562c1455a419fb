/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the firmware's state to kernel_main() at KIMAGE_BASE, for the boot CPU and for every other.
 *
 * State at entry: Linux, Documentation/arch/arm64/booting.rst: MMU and data cache off, the image
 * cleaned to the point of coherency, x0 = device tree (boot CPU), EL2 or EL1 (boot_el.S).
 *
 * All that runs with the MMU off, or while its tables change, stands in the first page of the
 * code, .text.boot, which is mapped at its physical address too (the "identity page", in TTBR0).
 * With the MMU off nothing is read but the tables' own addresses, and nothing written but the
 * tables: they stand in .data, so that the loader has zeroed them and cleaned them from the caches.
 */
#include <asm/memory.h>
#include <asm/pgtable.h>

/* SCTLR_EL1, Arm ARM DDI 0487 D17.2: the bits that are one in Armv8.0, and M, C, SA, I. */
#define SCTLR_MMU_ON (0x30d00800 | 1 << 0 | 1 << 2 | 1 << 3 | 1 << 12)

/* TCR_EL1: 48 bits in both halves, 4 KiB granule, walks as cached and inner shareable accesses. */
#define TCR_T0 (VA_TSZ | 1 << 8 | 1 << 10 | 3 << 12)
#define TCR_T1 (VA_TSZ << 16 | 1 << 24 | 1 << 26 | 3 << 28 | 2 << 30)

#define BOOT_PAGE (PTE_VALID | PTE_TABLE | PTE_ATTR(MAIR_IDX_NORMAL) | PTE_SH_INNER | PTE_ACCESSED)

	.section .head, "ax"
	.global _start
_start:
	/* The header of an Image: booting.rst, section 4. */
	ccmp	x18, #0, #13, pl	/* "MZ" for UEFI; only flags change */
	b	boot_primary
	.quad	0			/* text_offset: none */
	.quad	__image_size
	.quad	1 << 1 | 1 << 3		/* little-endian, 4 KiB pages, anywhere in memory */
	.quad	0, 0, 0
	.ascii	"ARM\x64"
	.long	__efi_header		/* efi.S */

	.section .text.boot, "ax"
	.balign	4096
	.global boot_page
boot_page:
boot_primary:
	mov	x20, x0
	mrs	x21, CurrentEL
	bl	boot_drop_to_el1
	bl	boot_build_tables
	adrp	x19, _start
	ldr	x0, =boot_primary_mapped
	b	boot_mmu_on

/* Where firmware starts every other CPU. */
	.global boot_secondary
boot_secondary:
	bl	boot_drop_to_el1
	ldr	x0, =boot_secondary_mapped
	b	boot_mmu_on

/* A CPU that nobody called. */
boot_park:
	wfi
	b	boot_park

/* Before there is a console: tell a debug probe or an emulator, if there is one (SYS_WRITE0). */
boot_no_granule:
	adr	x1, no_granule
	mov	w0, #4
	hlt	#0xf000
	b	boot_park
no_granule:
	.asciz	"Fencepost: this CPU has no granule of 4 KiB\n"
	.balign	4

/* The entry of \table for address x10 leads to \next. */
.macro	link_table table, next, shift
	adrp	x12, \table
	ubfx	x11, x10, #\shift, #9
	adrp	x13, \next
	orr	x13, x13, #(PTE_TABLE | PTE_VALID)
	str	x13, [x12, x11, lsl #3]
.endm

/* Fill the tables: this page where it is, the whole image at KIMAGE_BASE. Boot CPU, MMU off. */
boot_build_tables:
	mov	x14, #BOOT_PAGE
	adrp	x10, boot_page
	link_table boot_id_l0, boot_id_l1, 39
	link_table boot_id_l1, boot_id_l2, 30
	link_table boot_id_l2, boot_id_l3, 21
	adrp	x12, boot_id_l3
	ubfx	x11, x10, #12, #9
	orr	x13, x10, x14
	str	x13, [x12, x11, lsl #3]

	ldr	x10, =KIMAGE_BASE
	link_table boot_l0, boot_l1, 39
	link_table boot_l1, boot_l2, 30
	adrp	x12, boot_l2
	ubfx	x11, x10, #21, #9
	add	x12, x12, x11, lsl #3
	adrp	x13, boot_l3
	orr	x13, x13, #(PTE_TABLE | PTE_VALID)
	mov	x11, #BOOT_L3_TABLES
1:	str	x13, [x12], #8
	add	x13, x13, #4096
	subs	x11, x11, #1
	b.ne	1b
	adrp	x12, boot_l3
	adrp	x10, _start
	adrp	x11, __image_end
2:	orr	x13, x10, x14
	str	x13, [x12], #8
	add	x10, x10, #4096
	cmp	x10, x11
	b.lo	2b

	/*
	 * These stores went to memory. Drop what the caches may hold of the lines (clean, by the
	 * boot protocol), so that the table walker, which looks there, sees them: Arm ARM DDI 0487,
	 * D7.5 "Caches and memory hierarchy", mismatched attributes.
	 */
	mrs	x11, ctr_el0
	ubfx	x11, x11, #16, #4	/* DminLine: log2 of words */
	mov	x12, #4
	lsl	x11, x12, x11
	adrp	x10, boot_tables
	adrp	x12, boot_tables_end
	dsb	sy
3:	dc	ivac, x10
	add	x10, x10, x11
	cmp	x10, x12
	b.lo	3b
	dsb	sy
	ret

/* Turn the MMU on and go to x0, an address in the image. */
boot_mmu_on:
	mrs	x9, id_aa64mmfr0_el1
	ubfx	x10, x9, #28, #4	/* TGran4 */
	cmp	x10, #15		/* this CPU has no 4 KiB granule */
	b.eq	boot_no_granule
	and	x9, x9, #15		/* PARange; more than 48 bits (5) would need other tables */
	mov	x10, #5
	cmp	x9, x10
	csel	x9, x9, x10, lo
	ldr	x10, =(TCR_T0 | TCR_T1)
	orr	x10, x10, x9, lsl #32	/* IPS */
	mrs	x9, id_aa64mmfr0_el1
	ubfx	x9, x9, #4, #4		/* ASIDBits: 2 = 16 */
	cmp	x9, #2
	cset	x9, eq
	orr	x10, x10, x9, lsl #36	/* AS */
	msr	tcr_el1, x10
	ldr	x10, =MAIR_VALUE
	msr	mair_el1, x10
	adrp	x10, boot_id_l0
	msr	ttbr0_el1, x10
	adrp	x10, boot_l0
	msr	ttbr1_el1, x10
	isb
	tlbi	vmalle1
	ic	iallu
	dsb	nsh
	isb
	ldr	x10, =SCTLR_MMU_ON
	msr	sctlr_el1, x10
	isb
	br	x0

boot_primary_mapped:
	ldr	x9, =__bss_start
	ldr	x10, =__bss_end
1:	stp	xzr, xzr, [x9], #16
	cmp	x9, x10
	b.lo	1b
	ldr	x9, =kimage_phys
	str	x19, [x9]
	ldr	x9, =boot_fdt_phys
	str	x20, [x9]
	ldr	x9, =boot_entry_el
	ubfx	x21, x21, #2, #2
	str	w21, [x9]
	ldr	x9, =boot_stack_top
	ldr	x9, [x9]
	mov	sp, x9
	msr	tpidr_el1, xzr
	mov	x29, xzr
	bl	kernel_main
	b	boot_park

/*
 * The new CPU's parameters are in secondary_data (smp.c), once they are meant for it. dmb: pairs
 * with the smp_wmb() in arch_cpu_start(); they are read after the number that says whose they are,
 * and before it is read again; tests: litmus.MP+wmb+rmb
 */
boot_secondary_mapped:
	ldr	x9, =secondary_data
	mrs	x10, mpidr_el1
	ldr	x11, =0xff00ffffff	/* the affinity fields */
	and	x10, x10, x11
	b	2f
1:	wfe
2:	ldr	x11, [x9]		/* hw_id */
	cmp	x10, x11
	b.ne	1b
	dmb	ishld
	ldp	x20, x21, [x9, #8]	/* stack_top, percpu */
	ldr	x22, [x9, #24]		/* cpu */
	dmb	ishld
	ldr	x11, [x9]
	cmp	x10, x11
	b.ne	1b
	ldr	x0, =kernel_root
	ldr	x0, [x0]
	bl	boot_use_root
	mov	sp, x20
	msr	tpidr_el1, x21
	mov	x29, xzr
	mov	w0, w22
	bl	secondary_main
	b	boot_park

/*
 * void boot_use_root(phys_addr_t root): make @root TTBR1's tables and an empty table TTBR0's. Uses
 * no stack, since the old tables may not map it.
 *
 * Old and new tables map the same addresses by leaves of different sizes, so that they must not
 * both be in the TLB: break before make (Arm ARM DDI 0487, D8.14 "TLB maintenance"). The break is
 * an empty table in TTBR1, during which we run on the identity page.
 */
	.global boot_use_root
boot_use_root:
	mrs	x3, daif
	msr	daifset, #15
	ldr	x4, =kimage_phys
	ldr	x4, [x4]
	ldr	x5, =__image_start
	sub	x4, x4, x5		/* physical less virtual, in the image */
	ldr	x5, =boot_id_l0
	add	x5, x5, x4
	msr	ttbr0_el1, x5
	isb
	ldr	x5, =boot_empty
	add	x5, x5, x4
	adr	x6, 1f
	add	x6, x6, x4
	ldr	x7, =2f
	br	x6
1:	msr	ttbr1_el1, x5
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	ttbr1_el1, x0
	isb
	br	x7
2:	msr	ttbr0_el1, x5
	isb
	tlbi	vmalle1
	dsb	nsh
	isb
	msr	daif, x3
	ret

	.ltorg
	.global boot_page_end
boot_page_end:

/* void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg) __noreturn */
	.text
	.global arch_call_on_stack
arch_call_on_stack:
	mov	sp, x0
	mov	x29, xzr
	mov	x0, x2
	blr	x1
	b	.

	.section .data.boot_tables, "aw"
	.balign	4096
boot_tables:
boot_id_l0:	.skip 4096
boot_id_l1:	.skip 4096
boot_id_l2:	.skip 4096
boot_id_l3:	.skip 4096
	.global boot_l0
boot_l0:	.skip 4096
boot_l1:	.skip 4096
boot_l2:	.skip 4096
boot_l3:	.skip 4096 * BOOT_L3_TABLES
boot_tables_end:
	.global boot_empty
boot_empty:	.skip 4096
