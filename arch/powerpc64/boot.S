/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * From firmware to C: the boot CPU at _start, the others at secondary_entry, all in real mode and
 * wherever the image was loaded. OPAL's entry conditions (skiboot, doc/opal-spec): 64-bit,
 * big-endian, hypervisor, real mode; boot CPU: r3 = device tree, r8 = OPAL base, r9 = OPAL entry;
 * others: r3 = PIR. No stack; HRMOR = 0.
 *
 * r2, the TOC pointer, follows where the code runs: what is addressed through it is physical
 * before the MMU is on and virtual after.
 */
#include <asm/asm.h>
#include <asm/memory.h>
#include <asm/opal.h>
#include <asm/ptrace.h>
#include <asm/reg.h>

#define H_PUT_TERM_CHAR 0x58

	.abiversion 2

	.section .head, "ax"
	.globl	_start
_start:
	bcl	20, 31, 1f
1:	mflr	31
	addi	31, 31, _start - 1b	/* r31: where the image is */
	mr	28, 3
	mr	29, 8
	mr	30, 9
	li	0, 0
	mtmsrd	0, 1			/* EE and RI off */
	bl	toc_set
	bl	boot_check

	LOAD_ADDR 3, __bss_start
	LOAD_ADDR 4, __bss_end
	subf	4, 3, 4
	srdi	4, 4, 3
	mtctr	4
	li	0, 0
2:	std	0, 0(3)
	addi	3, 3, 8
	bdnz	2b

	/*
	 * Tell firmware to set every core up for a radix, big-endian hypervisor (HID registers,
	 * its own business). A firmware that does not know the call has nothing to set.
	 */
	cmpdi	30, 0
	beq	3f
	li	0, OPAL_REINIT_CPUS
	li	3, OPAL_REINIT_BE | OPAL_REINIT_RADIX
	mr	2, 29
	mtctr	30
	bctrl
	bl	toc_set

3:	LOAD_ADDR 1, boot_stack
	addi	1, 1, STACK_SIZE - FRAME_HEADER
	li	0, 0
	std	0, 0(1)			/* the unwinder stops here */
	li	13, 0			/* per-CPU offset of CPU 0 */
	LOAD_ADDR 3, kimage_phys
	std	31, 0(3)
	mr	3, 31
	mr	4, 28
	mr	5, 29
	mr	6, 30
	bl	boot_tables_build
	bl	mmu_on
	bl	toc_set
	LOAD_ADDR 1, boot_stack
	addi	1, 1, STACK_SIZE - FRAME_HEADER
	bl	kernel_main
	trap

/*
 * Can this machine run us? If not, it hears why and is powered off: what is written below to
 * registers that it does not have would end in firmware's register dump, or in a reboot loop.
 */
boot_check:
	mfmsr	3
	rldicl.	3, 3, 4, 63		/* HV */
	LOAD_ADDR 24, msg_partition
	beq	boot_die_partition
	mfspr	3, SPR_PVR
	srdi	3, 3, PVR_VERSION_SHIFT
	cmpldi	3, PVR_VERSION_POWER9
	LOAD_ADDR 24, msg_no_radix
	blt	boot_die
	andi.	3, 31, 0xffff
	LOAD_ADDR 24, msg_unaligned
	bne	boot_die
	blr

/* r26 = length of the text at r24. Uses r0. */
boot_die_length:
	li	26, -1
1:	addi	26, 26, 1
	lbzx	0, 24, 26
	cmpwi	0, 0
	bne	1b
	blr

/* Call OPAL: r0 = token, r3 to r5 = arguments. */
boot_die_opal:
	mflr	25
	mr	2, 29
	mtctr	30
	bctrl
	mtlr	25
	b	toc_set

/* Print r24 by OPAL, if there is one, and power off; it does both when it is polled. */
boot_die:
	cmpdi	30, 0
	beq	.
	bl	boot_die_length
	LOAD_ADDR 4, boot_die_count
	std	26, 0(4)
	mr	5, 24
	li	3, 0
	li	0, OPAL_CONSOLE_WRITE
	bl	boot_die_opal
	li	27, 1000
1:	li	0, OPAL_POLL_EVENTS
	li	3, 0
	bl	boot_die_opal
	addic.	27, 27, -1
	bne	1b
	li	0, OPAL_CEC_POWER_DOWN
	li	3, 0
	bl	boot_die_opal
2:	li	0, OPAL_POLL_EVENTS
	li	3, 0
	bl	boot_die_opal
	b	2b

/*
 * The same by the hypervisor of a partition: a character at a time, in the upper byte of r6 (Linux
 * on Power Architecture Reference 1.1, section 14.5: H_PUT_TERM_CHAR).
 */
boot_die_partition:
	lbz	6, 0(24)
	addi	24, 24, 1
	cmpwi	6, 0
	beq	.
	sldi	6, 6, 56
	li	3, H_PUT_TERM_CHAR
	li	4, 0
	li	5, 1
	sc	1
	b	boot_die_partition

/*
 * Every other CPU. It finds its slot by its PIR, and sleeps until the slot has a stack in it: that
 * is now, later, or never if it is not wanted. See smp.c for the other side.
 */
	.globl	secondary_entry
secondary_entry:
	bcl	20, 31, 1f
1:	mflr	31
	addi	31, 31, _start - 1b
	li	0, 0
	mtmsrd	0, 1
	bl	toc_set
	/* What a system reset finds meanwhile: it starts over here. */
	LOAD_ADDR 3, park_areas
	LOAD_IMM64 4, PAGE_OFFSET
	or	3, 3, 4
	mtspr	SPR_HSPRG0, 3
	mfspr	4, SPR_PIR
	addi	4, 4, 1
	li	0, CS_ENTRIES
	mtctr	0
	LOAD_ADDR 5, cpu_start_table
2:	ld	0, CS_PIR_PLUS_1(5)
	cmpd	0, 4
	beq	3f
	addi	5, 5, CS_SIZE
	bdnz	2b
	b	.			/* not one that we asked for */
3:	mfspr	3, SPR_LPCR
	LOAD_IMM64 4, LPCR_PECE
	or	3, 3, 4
	mtspr	SPR_LPCR, 3
	isync
	LOAD_IMM64 6, DOORBELL_HV
	LOAD_IMM64 7, 0x7fffffff
	li	8, 0
	/*
	 * Drop what would end the stop at once, look, sleep. A doorbell that comes after the look
	 * ends the stop. msgsync: pairs with the sync in arch_ipi_send(), so that the look sees the
	 * slot which a dropped doorbell announced (Power ISA 3.0B, Book III, "Processor Control");
	 * tests: kernel.cpus_online
	 */
4:	mtspr	SPR_DEC, 7
	MSGCLR(6)
	msgsync
	lwsync
	ld	28, CS_STACK(5)
	cmpdi	28, 0
	bne	5f
	mtspr	SPR_PSSCR, 8
	stop
	b	4b
	/*
	 * acquire: pairs with the mb() in arch_cpu_start(); the stack before the rest of the slot;
	 * tests: litmus.MP+wmb+rmb
	 */
5:	lwsync
	ld	13, CS_PERCPU(5)
	ld	30, CS_CPU(5)
	bl	mmu_on
	bl	toc_set
	addi	1, 28, -FRAME_HEADER
	li	0, 0
	std	0, 0(1)
	mr	3, 30
	bl	secondary_init
	trap

/* r2 = TOC pointer, for where this code runs. Uses r0, r11. */
toc_set:
	mflr	0
	bcl	20, 31, 1f
1:	mflr	11
	ld	2, 2f - 1b(11)
	add	2, 2, 11
	mtlr	0
	blr
	.balign	8
2:	.quad	.TOC. - 1b

/*
 * Turn address translation on and return to the caller's virtual address. In: r31, where the image
 * is. Uses r3, r4, r5.
 *
 * The translation is governed by PTCR, LPIDR, PIDR and LPCR (Power ISA 3.0B, Book III, "Storage
 * Control"); the TLB is emptied of what firmware may have left ("TLB Management Instructions":
 * RIC=2 also page-walk caches and table entries; IS=3 everything). rfid sets MSR and address
 * together, so no identity map is needed.
 */
mmu_on:
	LOAD_ADDR 3, boot_ptcr
	ld	3, 0(3)
	ptesync
	mtspr	SPR_PTCR, 3
	li	4, 0
	mtspr	SPR_LPIDR, 4
	mtspr	SPR_AMR, 4		/* the kernel may access user pages */
	LOAD_IMM64 3, IAMR_NO_EXECUTE	/* but not execute them */
	mtspr	SPR_IAMR, 3
	li	3, GUARD_PID
	mtspr	SPR_PIDR, 3
	mfspr	3, SPR_LPCR
	LOAD_IMM64 5, LPCR_CLEAR
	andc	3, 3, 5
	LOAD_IMM64 5, LPCR_SET
	or	3, 3, 5
	mtspr	SPR_LPCR, 3
	isync
	li	3, TLBIE_IS_ALL
	TLBIE(3, 4, TLBIE_RIC_ALL, 0)	/* partition-scoped */
	TLBIE(3, 4, TLBIE_RIC_ALL, 1)	/* process-scoped */
	eieio
	tlbsync
	ptesync
	mflr	3
	subf	3, 31, 3
	LOAD_IMM64 5, KIMAGE_BASE
	add	3, 3, 5
	mtspr	SPR_SRR0, 3
	LOAD_IMM64 5, MSR_KERNEL
	mtspr	SPR_SRR1, 5
	rfid

/* void arch_call_on_stack(void *top, void (*fn)(void *), void *arg) */
	.text
	.globl	arch_call_on_stack
arch_call_on_stack:
	addi	1, 3, -FRAME_HEADER
	li	0, 0
	std	0, 0(1)
	mr	12, 4
	mtctr	4
	mr	3, 5
	bctrl
	trap

	.section .rodata.boot, "a"
msg_partition:
	.asciz	"# error: not the hypervisor: Fencepost runs on the bare machine, under OPAL\r\n"
msg_no_radix:
	.asciz	"# error: this CPU has no radix page tables: POWER9 or later is needed\r\n"
msg_unaligned:
	.asciz	"# error: the image was not loaded at a multiple of 64 KiB\r\n"

	.section .data.boot, "aw"
	.balign	8
boot_die_count:
	.quad	0
