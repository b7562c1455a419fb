/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From the exception level of entry to EL1, MMU off, with nothing left of what ran before us:
 * registers are written whole, since their reset values are unknown, and a hypervisor or a kernel
 * that started us by kexec may have left anything. Arm ARM DDI 0487, D17.2, for each register;
 * Linux, Documentation/arch/arm64/booting.rst, for what firmware should have done.
 */

/* SCTLR_EL1: the bits that are one in Armv8.0. */
#define SCTLR_MMU_OFF 0x30d00800

#define EL_FROM_SPSR(el) ((el) << 2 | 1)	/* with its own stack pointer */
#define SPSR_DAIF	 (15 << 6)

#define HCR_E2H_BIT 34
#define HCR_RW	    (1 << 31)			/* EL1 is AArch64; nothing is routed to EL2 */

/* SCR_EL3: not secure, RES1, no SMC (nobody serves it), HVC permitted, AArch64 below. */
#define SCR_EL3_DROP (1 << 0 | 3 << 4 | 1 << 7 | 1 << 8 | 1 << 10)

/* CPTR_EL2 and CNTHCTL_EL2: no traps, in the layouts without and with E2H. */
#define CPTR_NVHE    0x33ff			/* its RES1 bits */
#define CPTR_VHE     (3 << 20)			/* FPEN */
#define CNTHCTL_NVHE 3				/* EL1PCTEN, EL1PCEN; no bit of FEAT_ECV */
#define CNTHCTL_VHE  (3 << 10)			/* the same */

/* If field [@shift + 3 : @shift] of ID register @id is 0, go to @label. Changes x9. */
.macro	skip_without id, shift, label
	mrs	x9, \id
	ubfx	x9, x9, #\shift, #4
	cbz	x9, \label
.endm

	.text
/*
 * Return in EL1, interrupts masked, MMU off; never come back to where we were. Changes x9, x10.
 * Entered at EL3, the machine cannot be used; it is only brought to where the kernel can say so
 * on the console (arch_discover()).
 */
	.global boot_drop_to_el1
boot_drop_to_el1:
	msr	daifset, #15
	mrs	x9, CurrentEL
	cmp	x9, #3 << 2
	b.eq	drop_from_el3
	cmp	x9, #2 << 2
	b.eq	drop_from_el2
	msr	spsel, #1
	ldr	x9, =SCTLR_MMU_OFF
	msr	sctlr_el1, x9
	isb
	skip_without id_aa64mmfr1_el1, 20, 1f	/* PAN: the kernel may access user pages */
	.inst	0xd500409f		/* msr pan, #0 (C5.2); Armv8.0 assemblers lack the name */
1:	ret

/* To EL2, or EL1 where there is no EL2, and once more from the beginning. */
drop_from_el3:
	ldr	x9, =SCR_EL3_DROP
	msr	scr_el3, x9
	msr	cptr_el3, xzr
	isb
	mov	x10, #(SPSR_DAIF | EL_FROM_SPSR(2))
	mrs	x9, id_aa64pfr0_el1
	tst	x9, #0xf << 8		/* EL2 */
	b.ne	1f
	mov	x10, #(SPSR_DAIF | EL_FROM_SPSR(1))
1:	msr	spsr_el3, x10
	adr	x9, boot_drop_to_el1
	msr	elr_el3, x9
	eret

/*
 * With HCR_EL2.E2H set SCTLR_EL1 and CNTHCTL_EL2 are other registers than without: so HCR_EL2
 * first. On cores where E2H is always one, it stays set.
 */
drop_from_el2:
	mov	x9, #HCR_RW
	msr	hcr_el2, x9
	isb
	ldr	x10, =SCTLR_MMU_OFF
	mrs	x9, hcr_el2
	tbnz	x9, #HCR_E2H_BIT, 1f
	msr	sctlr_el1, x10
	mov	x9, #CNTHCTL_NVHE
	msr	cnthctl_el2, x9
	mov	x9, #CPTR_NVHE
	b	2f
1:	msr	s3_5_c1_c0_0, x10	/* SCTLR_EL12 */
	mov	x9, #CNTHCTL_VHE
	msr	cnthctl_el2, x9
	mov	x9, #CPTR_VHE
2:	msr	cptr_el2, x9
	msr	cntvoff_el2, xzr
	msr	hstr_el2, xzr
	mrs	x9, mdcr_el2
	and	x9, x9, #0x1f		/* keep HPMN, drop every trap */
	msr	mdcr_el2, x9
	msr	vttbr_el2, xzr
	mrs	x9, midr_el1
	msr	vpidr_el2, x9
	mrs	x9, mpidr_el1
	msr	vmpidr_el2, x9
	skip_without id_aa64pfr0_el1, 24, 3f	/* GIC: are there system registers? */
	mov	x9, #0xf		/* ICC_SRE_EL2: SRE, DFB, DIB, Enable (IHI 0069, 12.2) */
	msr	s3_4_c12_c9_5, x9
	isb
	mrs	x9, s3_4_c12_c9_5
	tbz	x9, #0, 3f
	msr	s3_4_c12_c11_0, xzr	/* ICH_HCR_EL2 */
3:	skip_without id_aa64mmfr1_el1, 40, 4f	/* HCX */
	msr	s3_4_c1_c2_2, xzr	/* HCRX_EL2 */
4:	skip_without id_aa64mmfr0_el1, 56, 6f	/* FGT: fine-grained traps */
	msr	s3_4_c1_c1_4, xzr	/* HFGRTR_EL2, HFGWTR_EL2, HFGITR_EL2 */
	msr	s3_4_c1_c1_5, xzr
	msr	s3_4_c1_c1_6, xzr
	msr	s3_4_c3_c1_4, xzr	/* HDFGRTR_EL2, HDFGWTR_EL2 */
	msr	s3_4_c3_c1_5, xzr
	cmp	x9, #2			/* FGT2 */
	b.lo	5f
	msr	s3_4_c3_c1_2, xzr	/* HFGRTR2_EL2, HFGWTR2_EL2, HFGITR2_EL2 */
	msr	s3_4_c3_c1_3, xzr
	msr	s3_4_c3_c1_7, xzr
	msr	s3_4_c3_c1_0, xzr	/* HDFGRTR2_EL2, HDFGWTR2_EL2 */
	msr	s3_4_c3_c1_1, xzr
5:	skip_without id_aa64pfr0_el1, 44, 6f	/* AMU */
	msr	s3_4_c3_c1_6, xzr	/* HAFGRTR_EL2 */
6:	mov	x9, #(SPSR_DAIF | EL_FROM_SPSR(1))
	msr	spsr_el2, x9
	adr	x9, boot_drop_to_el1	/* the rest is as if entered at EL1 */
	msr	elr_el2, x9
	eret
