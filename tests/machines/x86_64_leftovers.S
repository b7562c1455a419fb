/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A loader that leaves an interrupt controller in use, as firmware may: a multiboot kernel whose
 * module is Fencepost's ELF file, which it puts in its place and enters as it was entered itself
 * (Multiboot Specification 0.6.96, sections 3.1 to 3.3). On the boot CPU then
 *  - a vector of the highest class is in service, and the task priority is the highest: nothing is
 *    delivered (Intel SDM vol. 3A section 11.8)
 *  - the timer's pin of the I/O APIC is live, and the timer ticks (82093AA data sheet, 8254)
 *  - where ICH9 is, its TCO watchdog runs, and resets the machine in 2.4 s (ICH9 data sheet, 13.9)
 *  - the last pin of the I/O APIC is live too, and one that has firmware's own interrupt (SMI)
 *  - memory is as it was, where the kernel's .bss will be, and strings go downwards (DF)
 *  - where a 6300ESB is in slot 8, its watchdog is enabled, to reset in 2 s (16.4.1)
 */
#define MAGIC	  0x1BADB002
#define FLAGS	  2 /* memory map wanted */
#define APIC	  0xfee00000
#define APIC_TPR  0x080
#define APIC_SVR  0x0f0
#define APIC_ICR  0x300
#define IOAPIC	  0xfec00000
#define IOWIN	  0x10
#define VECTOR	  0xf8
#define PIC1_DATA 0x21
#define PIC2_DATA 0xa1
#define PIN	  2 /* of IRQ 0, on a PC */
#define PIN_VECTOR 0x30
#define PCI_LPC	  0x8000f800 /* 0:31.0 */
#define PCI_ESB	  0x80004000 /* 0:8.0 */
#define LPC_ACPI_BASE 0x40
#define TCO_RLD	  0x00
#define TCO1_CNT  0x08
#define TCO_TMR	  0x12
#define ID_ESB	  0x25ab8086
#define ESB_CONFIG 0x60
#define ESB_REBOOT 4 /* the output resets; a clock of 1 MHz */
#define ESB_LOCK  0x68
#define ESB_LOCK_ENABLE 2
#define LAST_PIN 23
#define SMI_PIN	 9
#define JUNK	 0x5a
#define SEL_CODE  8
#define SEL_DATA  16

	.section .text
	.code32
	.globl	start
	.balign	4
	.long	MAGIC, FLAGS, 0 - MAGIC - FLAGS
start:
	cli
	movl	$stack_end, %esp
	pushl	%eax
	pushl	%ebx
	lgdt	gdtr
	ljmp	$SEL_CODE, $1f
1:	movw	$SEL_DATA, %ax
	movw	%ax, %ds
	movw	%ax, %es
	movw	%ax, %ss

	/* The module's multiboot header, and what it says: ESI, EBP. */
	movl	24(%ebx), %esi /* mods_addr */
	movl	(%esi), %esi
	movl	%esi, %ebp
2:	cmpl	$MAGIC, (%ebp)
	leal	4(%ebp), %ebp
	jne	2b
	subl	$4, %ebp

	/* A vector in service: taken, and not ended. */
	movl	$handler, %eax
	movw	%ax, idt + 8 * VECTOR
	shrl	$16, %eax
	movw	%ax, idt + 8 * VECTOR + 6
	movw	$SEL_CODE, idt + 8 * VECTOR + 2
	movw	$0x8e00, idt + 8 * VECTOR + 4
	lidt	idtr
	movl	$0x1ff, APIC + APIC_SVR
	movl	$0x44000 | VECTOR, APIC + APIC_ICR /* to itself */
	/* A tick that has come for the BIOS meanwhile would find no vector. */
	movb	$0xff, %al
	outb	%al, $PIC1_DATA
	outb	%al, $PIC2_DATA
	sti
3:	cmpl	$0, taken
	je	3b
	cli
	movl	$0xff, APIC + APIC_TPR

	movl	$0x10 + 2 * PIN + 1, IOAPIC
	movl	$0, IOAPIC + IOWIN /* to the CPU with id 0 */
	movl	$0x10 + 2 * PIN, IOAPIC
	movl	$PIN_VECTOR, IOAPIC + IOWIN
	movl	$0x10 + 2 * LAST_PIN, IOAPIC
	movl	$PIN_VECTOR, IOAPIC + IOWIN
	movl	$0x10 + 2 * SMI_PIN, IOAPIC
	movl	$0x200, IOAPIC + IOWIN
	movb	$0x34, %al /* 1000 Hz */
	outb	%al, $0x43
	movb	$0xa9, %al
	outb	%al, $0x40
	movb	$0x04, %al
	outb	%al, $0x40

	movl	$PCI_LPC | LPC_ACPI_BASE, %eax
	call	pci_read
	andl	$0xff80, %eax
	jz	4f
	leal	0x60 + TCO_TMR(%eax), %edx
	movw	$2, %ax /* times 0.6 s, twice */
	outw	%ax, %dx
	subl	$TCO_TMR - TCO1_CNT, %edx
	xorl	%eax, %eax
	outw	%ax, %dx
	subl	$TCO1_CNT - TCO_RLD, %edx
	movw	$1, %ax
	outw	%ax, %dx
4:	movl	$PCI_ESB, %eax
	call	pci_read
	cmpl	$ID_ESB, %eax
	jne	5f
	movl	$PCI_ESB | ESB_CONFIG, %eax
	call	pci_read
	movl	$ESB_REBOOT, %eax
	outl	%eax, %dx
	movl	$PCI_ESB | ESB_LOCK, %eax
	call	pci_read
	movl	$ESB_LOCK_ENABLE, %eax
	outl	%eax, %dx
5:
	/* header_addr, load_addr, load_end_addr and entry_addr stand behind magic, flags, sum. */
	movl	12(%ebp), %eax
	subl	16(%ebp), %eax
	movl	%ebp, %esi
	subl	%eax, %esi
	movl	16(%ebp), %edi
	movl	20(%ebp), %ecx
	subl	%edi, %ecx
	movl	28(%ebp), %edx
	cld
	rep movsb
	movl	24(%ebp), %ecx /* bss_end_addr */
	subl	%edi, %ecx
	movb	$JUNK, %al
	rep stosb
	std
	popl	%ebx
	popl	%eax
	jmp	*%edx

/* EAX = what is read at the address in EAX; EDX = the port, to write there. */
pci_read:
	movw	$0xcf8, %dx
	outl	%eax, %dx
	movw	$0xcfc, %dx
	inl	%dx, %eax
	ret

handler:
	movl	$1, taken
	iret

	.data
	.balign	8
gdt:
	.quad	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdtr:
	.word	23
	.long	gdt
idtr:
	.word	8 * 256 - 1
	.long	idt
taken:
	.long	0

	.bss
	.balign	8
idt:
	.skip	8 * 256
	.skip	4096
stack_end:
	.section .note.GNU-stack, "", @progbits
