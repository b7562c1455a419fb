/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Entry from firmware, on the boot hart and on the others: supervisor mode, satp = 0, interrupts
 * off, a0 = hart id, a1 = device tree (boot hart) or our argument (RISC-V SBI 2.0, chapter 9; the
 * Image header: Linux, Documentation/riscv/boot-image-header.rst). The image lies at a multiple of
 * 2 MiB; until the MMU is on, everything here is addressed relative to pc.
 *
 * The MMU is turned on without an identity map: stvec points to the next step's virtual address and
 * the first fetch after the write to satp faults there. Where the hart lacks the mode, the write
 * has no effect (Privileged Architecture 1.12, section 4.1.11) and execution goes on: that is how
 * Sv48 and Sv39 are told apart.
 */
#include <asm/boot.h>
#include <asm/csr.h>
#include <asm/memory.h>
#include <asm/pgtable.h>
#include <asm/sbi.h>

#define FDT_TOTALSIZE 4
#define VENDOR_THEAD  0x5b7
#define CSR_SXSTATUS  0x5c0 /* T-Head's own */
#define SXSTATUS_MAEE (1 << 21)

#define SEMIHOSTING_WRITE0 0x04
#define SEMIHOSTING_EXIT   0x18
#define SEMIHOSTING_EXIT_RUN_TIME_ERROR 0x20023

#define PTE_BOOT_RW  (PTE_V | PTE_R | PTE_W | PTE_A | PTE_D)
#define PTE_BOOT_RWX (PTE_BOOT_RW | PTE_X)
#define LARGE_SHIFT  21
#define GIGA_SHIFT   30
#define PAGE_SHIFT   12
#define INDEX_GIGA(va) (((va) >> GIGA_SHIFT) & 511)

	.section .head, "ax"
	.globl	_start
_start:
	.option	push
	c.li	s4, -13			/* "MZ" for UEFI */
	.option	norvc
	j	boot_entry
	.short	0
	.option	pop
	.dword	0x200000		/* load address, from the start of memory */
	.dword	__image_size
	.dword	0			/* flags: little-endian */
	.word	2			/* header version 0.2 */
	.word	0
	.dword	0
	.ascii	"RISCV\0\0\0"
	.ascii	"RSC\x05"
	.word	__efi_header		/* efi.S */

	.section .text.boot, "ax"

	/* \reg: run-time physical address of a symbol -> its link address; clobbers t6 */
	.macro	to_virtual reg
	la	t6, __image_start
	sub	\reg, \reg, t6
	li	t6, KIMAGE_BASE
	add	\reg, \reg, t6
	.endm

	/*
	 * No interrupt, no floating point, no vectors, no access to user pages; and what is fetched
	 * is what others have stored here, whose caches may not know of it (Unprivileged ISA
	 * 20191213, chapter 3).
	 */
	.macro	init_status
	fence.i
	csrw	sie, zero
	li	t0, SSTATUS_SIE | SSTATUS_FS | SSTATUS_VS | SSTATUS_SUM
	csrc	sstatus, t0
	.endm

boot_entry:
	init_status
	/* Only the first hart boots; relaxed: the others look at nothing of its work here. */
	la	t0, boot_taken
	li	t1, 1
	amoswap.w t1, t1, (t0)
	bnez	t1, boot_astray
	mv	s0, a0
	mv	s1, a1
	la	s2, __image_start
	la	a0, msg_unaligned
	slli	t0, s2, 64 - LARGE_SHIFT
	bnez	t0, boot_die

	la	t0, __bss_start
	la	t1, __bss_end
1:	sd	zero, 0(t0)
	addi	t0, t0, 8
	bltu	t0, t1, 1b

	la	t0, kimage_phys
	sd	s2, 0(t0)
	la	t0, boot_hartid
	sd	s0, 0(t0)
	la	t0, boot_fdt_phys
	sd	s1, 0(t0)

	jal	boot_find_thead
	la	t0, pte_memory
	sd	s5, 0(t0)

	/*
	 * The image, and nothing behind it, which may be somebody else's: by pages. The rest is
	 * added as it becomes known: mm/boot_map.c.
	 */
	la	s3, boot_table_giga
	la	t0, boot_table_image
	srli	t1, t0, 12
	slli	t1, t1, PTE_PPN_SHIFT
	ori	t1, t1, PTE_V
	li	t2, 8 * INDEX_GIGA(KIMAGE_BASE)
	add	t2, t2, s3
	sd	t1, 0(t2)
	la	t3, boot_table_pages
	srli	t1, t3, 12
	slli	t1, t1, PTE_PPN_SHIFT
	ori	t1, t1, PTE_V
	li	t4, BOOT_IMAGE_TABLES
	li	t2, 1 << PTE_PPN_SHIFT
1:	sd	t1, 0(t0)
	add	t1, t1, t2
	addi	t0, t0, 8
	addi	t4, t4, -1
	bnez	t4, 1b
	srli	t1, s2, 12
	slli	t1, t1, PTE_PPN_SHIFT
	ori	t1, t1, PTE_BOOT_RWX
	or	t1, t1, s5
	la	t4, __image_end
	mv	t0, s2
	li	t5, 1 << PAGE_SHIFT
1:	sd	t1, 0(t3)
	add	t1, t1, t2
	addi	t3, t3, 8
	add	t0, t0, t5
	bltu	t0, t4, 1b

	/* Sv48 has the same tables under the last entry of its root. */
	la	s4, boot_table_root
	srli	s3, s3, 12
	slli	t0, s3, PTE_PPN_SHIFT
	ori	t0, t0, PTE_V
	la	t1, boot_table_root + 511 * 8
	sd	t0, 0(t1)

	la	t0, boot_virtual
	to_virtual t0
	csrw	stvec, t0
	/* Order the stores to the tables before the walks (section 4.2.1); tests: pgtable.* */
	sfence.vma
	srli	s4, s4, 12
	li	t0, SATP_MODE_SV48 << SATP_MODE_SHIFT
	or	t0, t0, s4
	csrw	satp, t0
	li	t0, SATP_MODE_SV39 << SATP_MODE_SHIFT
	or	t0, t0, s3
	csrw	satp, t0
	/* Machine mode translates nothing, and goes on here with a mode in satp. */
	csrr	t0, satp
	bnez	t0, boot_machine_mode
	la	a0, msg_no_mode
	j	boot_die

	.balign	4
boot_virtual:
	la	t0, boot_trap
	csrw	stvec, t0
	csrr	t0, satp
	srli	t0, t0, SATP_MODE_SHIFT
	la	t1, satp_mode
	sd	t0, 0(t1)
	la	sp, boot_stack + BOOT_STACK_SIZE
	mv	tp, zero
	mv	s0, zero
	mv	ra, zero
	tail	kernel_main

/*
 * s5 = what a leaf of memory needs besides: PTE_THEAD_MEMORY on T-Head's cores with MAEE, or 0.
 * Only these have the register that tells, and only firmware could say whose core it is; but if
 * this is machine mode there is none, and a call would be the last one. So a tree comes first that
 * names such a core. In: s1, the tree. Uses a0, a1, a6, a7, t0 to t4.
 */
boot_find_thead:
	li	s5, 0
	beqz	s1, 3f
	li	t1, 0
	addi	t0, s1, FDT_TOTALSIZE
	addi	t3, t0, 4
1:	slli	t1, t1, 8
	lbu	t2, 0(t0)
	or	t1, t1, t2
	addi	t0, t0, 1
	bltu	t0, t3, 1b
	li	t2, FDT_SIZE_MAX
	bgtu	t1, t2, 3f
	add	t1, t1, s1
	la	t3, name_thead
	ld	t3, 0(t3)
	mv	t0, s1
	li	t4, 0			/* the last eight bytes */
2:	bgeu	t0, t1, 3f
	lbu	t2, 0(t0)
	addi	t0, t0, 1
	srli	t4, t4, 8
	slli	t2, t2, 56
	or	t4, t4, t2
	bne	t4, t3, 2b
	li	a7, SBI_EXT_BASE
	li	a6, SBI_BASE_MVENDORID
	ecall
	li	t0, VENDOR_THEAD
	bne	a1, t0, 3f
	csrr	t0, CSR_SXSTATUS
	li	t1, SXSTATUS_MAEE
	and	t0, t0, t1
	beqz	t0, 3f
	li	s5, PTE_THEAD_MEMORY
3:	ret

/* A trap before trap vectors are there; and errors found before there is a console. */
	.balign	4
boot_trap:
	la	a0, msg_trap
boot_die:
	mv	s1, a0
1:	lbu	a0, 0(s1)
	beqz	a0, 2f
	li	a7, SBI_EXT_LEGACY_PUTCHAR
	ecall
	addi	s1, s1, 1
	j	1b
2:	li	a7, SBI_EXT_SRST
	li	a6, SBI_SRST_RESET
	li	a0, SBI_SRST_SHUTDOWN
	li	a1, 1			/* system failure */
	ecall
3:	wfi
	j	3b

/*
 * Machine mode: no firmware is below us to print a word. A debugger or an emulator may be
 * (RISC-V Semihosting 0.4: three instructions that are not compressed; a hart without one takes a
 * trap at the second). Then the loader's trap handler, if it left one, has an ecall to report.
 */
	.macro	semihosting operation, parameter
	li	a0, \operation
	la	a1, \parameter
	.balign	16
	.option	push
	.option	norvc
	slli	zero, zero, 0x1f
	ebreak
	srai	zero, zero, 7
	.option	pop
	.endm

boot_machine_mode:
	csrr	s0, mtvec
	la	t0, 1f
	csrw	mtvec, t0
	semihosting SEMIHOSTING_WRITE0, msg_machine_mode
	semihosting SEMIHOSTING_EXIT, exit_failed
	.balign	4
1:	csrw	mtvec, s0
	la	a0, msg_machine_mode
	ecall
2:	wfi
	j	2b

/*
 * A hart that came here although it was to start at secondary_entry. OpenSBI before 1.3 (its
 * commit e8e9ed3790fe) marks a hart for start before it stores the address, so a hart which is
 * awake just then goes where firmware would have sent it at first. Its arguments were stored before
 * the request: find them by hart id. A hart that nobody asked for (firmware without HSM sends all
 * of them) waits for ever.
 */
boot_astray:
	la	a1, secondary_args
	li	t0, BOOT_NR_CPUS
	/* acquire: pairs with the mb() in arch_cpu_start(); the request before its arguments */
	fence	rw, rw
1:	ld	t1, ARGS_SATP(a1)
	ld	t2, ARGS_HART(a1)
	beqz	t1, 2f
	beq	t2, a0, secondary_entry
2:	addi	a1, a1, ARGS_SIZE
	addi	t0, t0, -1
	bnez	t0, 1b
3:	wfi
	j	3b

/*
 * Another hart: a1 = physical address of its struct secondary_args. Goes straight to the kernel's
 * tables; a hart that lacks their mode goes back to the firmware.
 */
	.globl	secondary_entry
secondary_entry:
	init_status
	ld	s1, ARGS_SATP(a1)
	ld	s2, ARGS_STACK_TOP(a1)
	ld	s3, ARGS_PERCPU(a1)
	ld	s4, ARGS_CPU(a1)
	la	t0, secondary_virtual
	to_virtual t0
	csrw	stvec, t0
	sfence.vma
	csrw	satp, s1
	li	a7, SBI_EXT_HSM
	li	a6, SBI_HSM_STOP
	ecall
1:	wfi
	j	1b

	.balign	4
secondary_virtual:
	/* What the TLB may hold from before firmware took this hart is not ours (4.2.1). */
	sfence.vma
	la	t0, boot_trap
	csrw	stvec, t0
	mv	sp, s2
	mv	tp, s3
	mv	a0, s4
	mv	s0, zero
	mv	ra, zero
	tail	secondary_init

	.section .rodata.boot, "a"
	.balign	8
name_thead:
	.ascii	"thead,c9"
msg_unaligned:
	.asciz	"# error: the image was not loaded at a multiple of 2 MiB\r\n"
msg_no_mode:
	.asciz	"# error: this hart has neither Sv48 nor Sv39\r\n"
msg_machine_mode:
	.asciz	"# error: machine mode: Fencepost runs in supervisor mode, above SBI\r\n"
msg_trap:
	.asciz	"# error: trap before the trap vectors were set\r\n"

	.balign	8
exit_failed:
	.dword	SEMIHOSTING_EXIT_RUN_TIME_ERROR, 1

	.section .data.boot, "aw"	/* not .bss, which is cleared after its use */
	.balign	4
boot_taken:
	.word	0

	.section .bss.boot, "aw", @nobits
	.balign	4096
	.globl	boot_table_root, boot_table_giga
boot_table_root:
	.zero	4096
boot_table_giga:
	.zero	4096
boot_table_image:
	.zero	4096
boot_table_pages:
	.zero	4096 * BOOT_IMAGE_TABLES
