/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: from the loader to kernel_main(), and from the start-up IPI to x86_secondary_start().
 *
 * Loaders, each of which enters in 32-bit protected mode, paging off, interrupts off:
 *  - multiboot (Multiboot Specification 0.6.96, sections 3.1 and 3.2): EAX = 0x2BADB002, EBX = info
 *  - multiboot2 (Multiboot2 Specification 2.0, sections 3.1 and 3.3): EAX = 0x36d76289, EBX = tags
 *  - PVH (Xen's docs/misc/pvh.pandoc, "x86/HVM direct boot ABI"): EBX = hvm_start_info
 * Until paging is on, EBP holds the physical address of the image and RVA() reaches a symbol from
 * it: the code runs wherever it was loaded, on a multiple of 2 MiB below 4 GiB.
 *
 * Sections of the Intel SDM are, in this port, those of edition 082 (December 2023).
 */
#include "asm/memory.h"

#define RVA(sym) (sym - KIMAGE_BASE)(%ebp)
/* Where loaders put it. */
#define LINK_PHYS(sym) (sym - KIMAGE_BASE + KIMAGE_LINK_PHYS)

#define MB_FLAGS      0x00010002 /* section 3.1.2: memory map wanted; address fields are valid */
#define MB_CHECKSUM   (0 - 0x1BADB002 - MB_FLAGS)
#define PVH_MAGIC     0x336ec578 /* start of hvm_start_info */

/* Multiboot2 Specification 2.0, section 3.1; tags have a type, flags and a size. */
#define MB2_MAGIC      0xe85250d6
#define MB2_I386       0
#define MB2_BOOT_MAGIC 0x36d76289 /* section 3.3, EAX */
#define MB2_TAG(type, size) .word type, 0; .long size
#define MB2_END	       0
#define MB2_ADDRESS    2
#define MB2_ENTRY      3
#define MB2_FRAMEBUFFER 5 /* width, height, bits; 0: any */
#define MB2_OPTIONAL   1
#define MB2_RELOCATE   10 /* lowest and highest address, alignment, preference */
#define IMAGE_ALIGN    0x200000

/* Intel SDM vol. 3A sections 2.5 and 4.5, vol. 4 table 2-2 */
#define CR0_BOOT  0x80010033 /* PG WP NE ET MP PE; CD and NW, set by INIT, become clear */
#define CR4_BOOT  0x60 /* MCE PAE */
#define MSR_EFER  0xc0000080
#define EFER_LME  (1 << 8)
#define EFER_NXE  (1 << 11)
#define MSR_GS_BASE 0xc0000101
#define PTE_TABLE 0x003 /* present, writable */
#define PTE_PAGE  0x003 /* the same */

/* CPUID 0x80000001, EDX */
#define CPUID_NX    20
#define CPUID_LM    29

#define PML4_INDEX(va) (((va) >> 39) & 511)
#define PDPT_INDEX(va) (((va) >> 30) & 511)
#define PD_INDEX(va)   (((va) >> 21) & 511)

	.section .head, "ax", @progbits
	.code32
image_head:
	.long	multiboot_magic /* the linker script's */
	.long	MB_FLAGS
	.long	MB_CHECKSUM
	.long	LINK_PHYS(image_head)
	.long	LINK_PHYS(__image_start)
	.long	LINK_PHYS(__image_file_end)
	.long	LINK_PHYS(__image_end)
	.long	LINK_PHYS(multiboot_entry)

	.balign	8
multiboot2_header:
	.long	MB2_MAGIC
	.long	MB2_I386
	.long	multiboot2_header_end - multiboot2_header
	.long	0 - MB2_MAGIC - MB2_I386 - (multiboot2_header_end - multiboot2_header)
	MB2_TAG(MB2_ADDRESS, 24)
	.long	LINK_PHYS(multiboot2_header)
	.long	LINK_PHYS(__image_start)
	.long	LINK_PHYS(__image_file_end)
	.long	LINK_PHYS(__image_end)
	MB2_TAG(MB2_ENTRY, 12)
	.long	LINK_PHYS(multiboot_entry)
	.balign	8
	/* Anywhere: under UEFI, something may be where the image is linked. */
	MB2_TAG(MB2_RELOCATE, 24)
	.long	IMAGE_ALIGN, 0xffffffff, IMAGE_ALIGN, 0
	.word	MB2_FRAMEBUFFER, MB2_OPTIONAL
	.long	20, 0, 0, 32
	.balign	8
	MB2_TAG(MB2_END, 8)
multiboot2_header_end:

	.globl	pvh_entry
pvh_entry:
	movl	$PVH_MAGIC, %eax
	/* fall through */
	.globl	multiboot_entry
multiboot_entry:
	cli
	cld
	/* There is no stack yet: borrow the first word of the loader's structure for the call. */
	movl	(%ebx), %ecx
	leal	4(%ebx), %esp
	call	1f
1:	popl	%ebp
	movl	%ecx, (%ebx)
	subl	$(1b - image_head), %ebp

	movl	%eax, %esi
	leal	RVA(__bss_start), %edi
	leal	RVA(__bss_end), %ecx
	subl	%edi, %ecx
	shrl	$2, %ecx
	xorl	%eax, %eax
	rep stosl
	movl	%esi, RVA(x86_boot_magic)
	movl	%ebx, RVA(x86_boot_data)
	movl	%ebp, RVA(kimage_phys)
	leal	RVA(boot_stack), %esp
	addl	$BOOT_STACK_SIZE, %esp

	call	cpu_features
	btl	$CPUID_LM, %esi
	jnc	no_long_mode
	call	boot_tables
	leal	RVA(boot_start64), %edi
	jmp	enter_long_mode

/* An AP comes from the trampoline with a small stack, paging off. */
	.globl	ap_start32
ap_start32:
	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss
	call	1f
1:	popl	%ebp
	subl	$(1b - image_head), %ebp
	call	cpu_features
	leal	RVA(ap_start64), %edi
	/* fall through */

/* EDI: physical address of the 64-bit code, ESI: features, EBP: image. */
enter_long_mode:
	leal	RVA(boot_gdt), %eax
	movl	%eax, RVA(boot_gdtr + 2)
	lgdt	RVA(boot_gdtr)
	movl	$CR4_BOOT, %eax
	movl	%eax, %cr4
	leal	RVA(boot_pml4), %eax
	movl	%eax, %cr3
	movl	$MSR_EFER, %ecx
	rdmsr
	orl	$EFER_LME, %eax
	btl	$CPUID_NX, %esi
	jnc	1f
	orl	$EFER_NXE, %eax
1:	wrmsr
	movl	$CR0_BOOT, %eax
	movl	%eax, %cr0
	pushl	$SEL_CODE
	pushl	%edi
	lret

/* ESI = CPUID 0x80000001 EDX, or 0. Uses EAX, EBX, ECX, EDX. */
cpu_features:
	xorl	%esi, %esi
	movl	$0x80000000, %eax
	cpuid
	cmpl	$0x80000001, %eax
	jb	1f
	movl	$0x80000001, %eax
	cpuid
	movl	%edx, %esi
1:	ret

/*
 * Boot tables: the image at KIMAGE_BASE and, for the switch itself, at its physical address, in
 * pages of 4 KiB; both ways lead to the same tables. The rest is added as it becomes known:
 * mm/boot_map.c.
 */
boot_tables:
	leal	RVA(boot_pdpt + PTE_TABLE), %eax
	movl	%eax, RVA(boot_pml4)
	leal	RVA(boot_pdpt_image + PTE_TABLE), %eax
	movl	%eax, RVA(boot_pml4 + 8 * PML4_INDEX(KIMAGE_BASE))
	leal	RVA(boot_pd_image + PTE_TABLE), %eax
	movl	%eax, RVA(boot_pdpt_image + 8 * PDPT_INDEX(KIMAGE_BASE))
	/* It may begin in one gibibyte and end in the next. */
	movl	%ebp, %ecx
	shrl	$30, %ecx
	leal	RVA(boot_pdpt), %edi
	leal	RVA(boot_pds + PTE_TABLE), %eax
	movl	%eax, (%edi, %ecx, 8)
	addl	$4096, %eax
	movl	%eax, 8(%edi, %ecx, 8)

	movl	%ebp, %ecx
	shrl	$21, %ecx
	andl	$511, %ecx
	leal	RVA(boot_pds), %edi
	leal	(%edi, %ecx, 8), %edi
	leal	RVA(boot_pd_image + 8 * PD_INDEX(KIMAGE_BASE)), %edx
	leal	RVA(boot_pts + PTE_TABLE), %eax
	movl	$BOOT_IMAGE_TABLES, %ecx
1:	movl	%eax, (%edi)
	movl	%eax, (%edx)
	addl	$4096, %eax
	addl	$8, %edi
	addl	$8, %edx
	loop	1b

	leal	RVA(boot_pts), %edi
	leal	RVA(__image_end), %edx
	leal	PTE_PAGE(%ebp), %eax
2:	movl	%eax, (%edi)
	addl	$8, %edi
	addl	$4096, %eax
	cmpl	%edx, %eax
	jb	2b
	ret

/*
 * No way on: say so on the first serial port of the BIOS data area (0x400), as the BIOS has set it
 * up, and reset the machine. Under UEFI anything may be there: then on the port that it always is.
 */
no_long_mode:
	movzwl	0x400, %edx
	leal	RVA(no_long_mode_text), %esi
	cmpl	$MB2_BOOT_MAGIC, RVA(x86_boot_magic)
	jne	1f
	movl	$0x3f8, %edx
1:	testl	%edx, %edx
	jz	3f
	addl	$5, %edx /* line status: bit 5 = ready for a character */
2:	inb	%dx, %al
	testb	$0x20, %al
	jz	2b
	subl	$5, %edx
	lodsb
	testb	%al, %al
	jz	3f
	outb	%al, %dx
	jmp	1b
3:	lidt	RVA(no_idt)
	int3
no_long_mode_text:
	.ascii	"# error: this CPU has no 64-bit mode\r\n"
	.ascii	"@CRASH {\"name\":\"\",\"why\":\"this CPU has no 64-bit mode\"}\r\n"
	.ascii	"@END {\"planned\":0,\"run\":0,\"pass\":0,\"fail\":0,\"skip\":0,\"timeout\":0,"
	.asciz	"\"crash\":1,\"verdict\":\"crash\"}\r\n"
no_idt:
	.word	0
	.long	0

	.code64
boot_start64:
	movq	$1f, %rax
	jmp	*%rax
1:	movq	$boot_stack + BOOT_STACK_SIZE, %rsp
	call	reset_segments
	xorl	%ebp, %ebp
	call	kernel_main
	ud2

/* Null selectors but for code, and a per-CPU offset of 0. */
reset_segments:
	movl	$SEL_DATA, %eax
	movl	%eax, %ss
	xorl	%eax, %eax
	movl	%eax, %ds
	movl	%eax, %es
	movl	%eax, %fs
	movl	%eax, %gs
	xorl	%edx, %edx
	movl	$MSR_GS_BASE, %ecx
	wrmsr
	ret

ap_start64:
	movq	$1f, %rax
	jmp	*%rax
1:	movl	%esp, %esp /* the upper half is undefined after the switch */
	call	reset_segments
	/*
	 * Is it still this CPU's turn? One that comes after the boot CPU gave it up must not run on
	 * the stack of another. The stack is read before the id, as loads are kept in order here:
	 * pairs with the smp_wmb() in request_start(), in smp.c; tests: litmus.MP+wmb+rmb
	 */
	movl	x86_ap_id_leaf(%rip), %eax
	movl	%eax, %esi
	xorl	%ecx, %ecx
	cpuid
	cmpl	$1, %esi
	jne	2f
	shrl	$24, %ebx
	movl	%ebx, %edx
2:	movq	x86_ap_stack(%rip), %rbx
	cmpl	%edx, x86_ap_apic_id(%rip)
	je	4f
3:	cli
	hlt
	jmp	3b
4:	movq	kernel_root(%rip), %rax
	movq	%rax, %cr3
	movq	%rbx, %rsp
	popq	%rdi
	popq	%rsi
	xorl	%ebp, %ebp
	call	x86_secondary_start
	ud2

/*
 * Copied by smp.c to a page below 1 MiB, where a start-up IPI makes an AP begin in real mode with
 * CS = page / 16 and IP = 0 (Intel SDM vol. 3A section 9.4.3). smp.c fills in the two pointers.
 */
	.code16
	.globl	x86_trampoline, x86_trampoline_end
	.globl	x86_trampoline_gdtr, x86_trampoline_target
x86_trampoline:
	cli
	cld
	movw	%cs, %ax
	movw	%ax, %ds
	movzwl	%ax, %esp
	shll	$4, %esp
	addl	$4096, %esp
	lgdtl	x86_trampoline_gdtr - x86_trampoline
	movl	%cr0, %eax
	orb	$1, %al
	movl	%eax, %cr0
	ljmpl	*(x86_trampoline_target - x86_trampoline)
	.balign	4
	.word	0
x86_trampoline_gdtr:
	.word	boot_gdt_end - boot_gdt - 1
	.long	0
x86_trampoline_target:
	.long	0
	.word	SEL_CODE32
x86_trampoline_end:

	/* Xen's public/elfnote.h: XEN_ELFNOTE_PHYS32_ENTRY = 18. */
	.section .note.Xen, "a", @note
	.balign	4
	.long	4, 8, 18
	.asciz	"Xen"
	.quad	LINK_PHYS(pvh_entry)

	/* Written below: the base of the GDT, once the image's place is known. */
	.section .data
	.balign	8
	.globl	boot_gdt
boot_gdt: /* Intel SDM vol. 3A section 3.4.5 */
	.quad	0
	.quad	0x00af9b000000ffff /* SEL_CODE: 64-bit code */
	.quad	0x00cf93000000ffff /* SEL_DATA: data */
	.quad	0x00cf9b000000ffff /* SEL_CODE32: 32-bit code */
boot_gdt_end:
	.word	0, 0, 0
boot_gdtr:
	.word	boot_gdt_end - boot_gdt - 1
	.long	0

	.section .bss
	.balign	4096
	.globl	boot_pml4
boot_pml4:
	.skip	4096
boot_pdpt:
	.skip	4096
boot_pdpt_image:
	.skip	4096
boot_pd_image:
	.skip	4096
boot_pds:
	.skip	2 * 4096
boot_pts:
	.skip	4096 * BOOT_IMAGE_TABLES
	.section .note.GNU-stack, "", @progbits
