/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * UEFI's ways in and out: the PE header, and from the firmware's state to what boot.S wants. UEFI
 * Specification 2.10, section 2.3.6: EL1 or EL2, MMU and caches on, memory mapped where it is.
 */
#include "../../efi/pe_header.inc"

	pe_header PE_MACHINE_ARM64

	.text
/* const char *efi_port_prepare(st, u64 *alignment): any page will do, nothing is lacking. */
	.global efi_port_prepare
efi_port_prepare:
	mov	x0, xzr
	ret

	.section .rodata
	.global efi_port_reads_acpi
efi_port_reads_acpi:
	.byte	1
	.previous

/*
 * Clean and invalidate [x10, x11), which is not empty, to the point of coherency: Arm ARM DDI 0487,
 * D7.5.
 */
.macro	clean_range
	mrs	x12, ctr_el0
	ubfx	x12, x12, #16, #4	/* DminLine: log2 of words */
	mov	x13, #4
	lsl	x12, x13, x12
	sub	x13, x12, #1
	bic	x10, x10, x13
1:	dc	civac, x10
	add	x10, x10, x12
	cmp	x10, x11
	b.lo	1b
.endm

/* No data access and no walk by the MMU and the cache from here on; instructions are cacheable. */
.macro	mmu_off sctlr
	mrs	x10, \sctlr
	bic	x10, x10, #1 << 0	/* M */
	bic	x10, x10, #1 << 2	/* C */
	msr	\sctlr, x10
	isb
.endm

/*
 * void efi_port_enter(u64 base, u64 size, const void *fdt, u64 fdt_size): what was written through
 * the cache, this code among it, is read past it once the MMU is off.
 */
	.global efi_port_enter
efi_port_enter:
	msr	daifset, #15
	mov	x10, x0
	add	x11, x0, x1
	clean_range
	cbz	x3, 4f
	mov	x10, x2
	add	x11, x2, x3
	clean_range
4:	dsb	sy
	mov	x9, x0
	mov	x0, x2
	mov	x1, xzr
	mov	x2, xzr
	mov	x3, xzr
	mrs	x10, CurrentEL
	cmp	x10, #2 << 2
	b.eq	2f
	mmu_off sctlr_el1
	b	3f
2:	mmu_off sctlr_el2
3:	ic	iallu
	dsb	nsh
	isb
	br	x9
