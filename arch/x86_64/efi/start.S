/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image as a UEFI application: its headers, the kernel's flat image that it carries, and the
 * way from firmware's 64-bit mode to the 32-bit protected mode in which multiboot2 enters a kernel
 * (Multiboot2 Specification 2.0, section 3.3).
 */
#include "../../../efi/pe_header.inc"

#define MB2_BOOT_MAGIC 0x36d76289
#define CR0_PG	       (1 << 31)
#define MSR_EFER       0xc0000080
#define EFER_LME       (1 << 8)
#define SEL_CODE32     0x08
#define SEL_DATA       0x10

	.section .head.dos, "a"
	.ascii	"MZ"
	.skip	0x3a
	.long	__efi_header

	pe_header PE_MACHINE_X86_64

/*
 * void handoff(u64 base, u32 info, u32 entry): main.c copies it to @base below 4 GiB, where it is
 * mapped one to one (UEFI 2.10 section 2.3.4), and writes the GDT's address. System V's convention.
 */
	.section .text
	.code64
	.globl	handoff, handoff_end, handoff_gdt, handoff_gdtr
	.balign	16
handoff:
	cli
	movl	%esi, %ebx
	movl	%edx, %ebp
	lgdt	handoff_gdtr - handoff(%rdi)
	leaq	1f - handoff(%rdi), %rax
	pushq	$SEL_CODE32
	pushq	%rax
	lretq
	.code32
1:	movl	$SEL_DATA, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %ss
	movl	%cr0, %eax
	andl	$~CR0_PG, %eax
	movl	%eax, %cr0
	movl	$MSR_EFER, %ecx
	rdmsr
	andl	$~EFER_LME, %eax
	wrmsr
	movl	$MB2_BOOT_MAGIC, %eax
	jmp	*%ebp
	.balign	8
handoff_gdt:
	.quad	0
	.quad	0x00cf9b000000ffff /* SEL_CODE32 */
	.quad	0x00cf93000000ffff /* SEL_DATA */
handoff_gdtr:
	.word	handoff_gdtr - handoff_gdt - 1
	.quad	0
handoff_end:

	.section .payload, "aw"
	.globl	payload, payload_end
	.balign	4096
payload:
	.incbin	PAYLOAD
payload_end:
	.section .note.GNU-stack, "", @progbits
