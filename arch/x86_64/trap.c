/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: descriptor tables, decoding of exceptions (Intel SDM vol. 3A chapter 6), backtraces.
 *
 * A CPU that runs out of stack cannot push the frame of the page fault which the guard page gives
 * it. That is a double fault, which runs on this CPU's overflow stack; NMIs have a stack of their
 * own since they may come at any place. All else runs on the stack that it interrupts.
 */
#include <arch/irq.h>
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <mm/address.h>

#include "port.h"

#define VEC_NMI		 2
#define VEC_DOUBLE_FAULT 8
#define VEC_PAGE_FAULT	 14
#define NR_EXCEPTIONS	 32
#define NR_VECTORS	 256
#define STUB_SIZE	 16

/* Page-fault error code: SDM vol. 3A section 4.7. */
#define PF_PRESENT  (1 << 0)
#define PF_WRITE    (1 << 1)
#define PF_RESERVED (1 << 3)
#define PF_FETCH    (1 << 4)

#define IST_DOUBLE_FAULT 1
#define IST_NMI		 2
#define GATE_INTERRUPT	 0x8e /* present, ring 0, interrupts disabled on entry: section 6.14.1 */
#define TSS_AVAILABLE	 0x89 /* present, 64-bit TSS: section 8.2.3 */
#define NMI_STACK_SIZE	 4096

struct idt_gate {
	u16 offset_low;
	u16 selector;
	u8 ist;
	u8 type;
	u16 offset_mid;
	u32 offset_high;
	u32 reserved;
};

struct tss {
	u32 reserved0;
	u64 rsp[3];
	u64 reserved1;
	u64 ist[7];
	u64 reserved2;
	u16 reserved3;
	u16 iomap;
} __packed;

struct table_ptr {
	u16 limit;
	u64 base;
} __packed;

extern char x86_trap_stubs[];
void x86_load_tables(const struct table_ptr *gdtr, const struct table_ptr *idtr);
void x86_trap(struct pt_regs *regs);

static struct idt_gate idt[NR_VECTORS]; /* written by the boot CPU before any other starts */

static DEFINE_PER_CPU(u64, cpu_gdt[5]);
static DEFINE_PER_CPU(struct tss, cpu_tss);
static DEFINE_PER_CPU(char, nmi_stack[NMI_STACK_SIZE]) __aligned(16);

static void idt_fill(void)
{
	unsigned int i;

	for (i = 0; i < NR_VECTORS; i++) {
		u64 stub = (u64)x86_trap_stubs + i * STUB_SIZE;

		idt[i].offset_low = stub;
		idt[i].offset_mid = stub >> 16;
		idt[i].offset_high = stub >> 32;
		idt[i].selector = SEL_CODE;
		idt[i].type = GATE_INTERRUPT;
	}
	idt[VEC_DOUBLE_FAULT].ist = IST_DOUBLE_FAULT;
	idt[VEC_NMI].ist = IST_NMI;
}

void arch_trap_init_cpu(void)
{
	u64 *gdt = *this_cpu_ptr(&cpu_gdt);
	struct tss *tss = this_cpu_ptr(&cpu_tss);
	struct table_ptr gdtr = { sizeof(cpu_gdt) - 1, (u64)gdt };
	struct table_ptr idtr = { sizeof(idt) - 1, (u64)idt };
	u64 base = (u64)tss;

	if (!idt[0].type)
		idt_fill();
	tss->ist[IST_DOUBLE_FAULT - 1] = (u64)*this_cpu_ptr(&overflow_stack) + OVERFLOW_STACK_SIZE;
	tss->ist[IST_NMI - 1] = (u64)*this_cpu_ptr(&nmi_stack) + NMI_STACK_SIZE;
	tss->iomap = sizeof(*tss);
	/* Segment descriptors: SDM vol. 3A sections 3.4.5 and 8.2.3. */
	gdt[SEL_CODE / 8] = 0x00af9b000000ffff;
	gdt[SEL_DATA / 8] = 0x00cf93000000ffff;
	gdt[SEL_TSS / 8] = (sizeof(*tss) - 1) | (base & 0xffffff) << 16 | (u64)TSS_AVAILABLE << 40 |
			   (base >> 24 & 0xff) << 56;
	gdt[SEL_TSS / 8 + 1] = base >> 32;
	x86_load_tables(&gdtr, &idtr);
	x86_pat_init_cpu();
	x86_mmu_init_cpu();
}

static const char *const exception_names[NR_EXCEPTIONS] = {
	[0] = "divide error",
	[1] = "debug exception",
	[2] = "non-maskable interrupt",
	[3] = "breakpoint",
	[4] = "overflow",
	[5] = "bound range exceeded",
	[6] = "invalid opcode",
	[7] = "device not available (vector or floating-point instruction)",
	[8] = "double fault",
	[10] = "invalid TSS",
	[11] = "segment not present",
	[12] = "stack-segment fault (non-canonical address)",
	[13] = "general protection fault (non-canonical address or forbidden operation)",
	[14] = "page fault",
	[16] = "x87 floating-point error",
	[17] = "alignment check",
	[18] = "machine check",
	[19] = "SIMD floating-point error",
	[20] = "virtualization exception",
	[21] = "control protection exception",
};

static void decode_page_fault(struct trap_info *ti, u64 code)
{
	static const char *const causes[2][3] = {
		{ "page fault: read of an unmapped page", "page fault: write to an unmapped page",
		  "page fault: execution of an unmapped page" },
		{ "page fault: read denied by the page's protection",
		  "page fault: write to a read-only page",
		  "page fault: execution of a no-execute page" },
	};

	ti->access = code & PF_FETCH ? FAULT_EXEC : code & PF_WRITE ? FAULT_WRITE : FAULT_READ;
	ti->not_present = !(code & PF_PRESENT);
	ti->cause = causes[!ti->not_present][ti->access - FAULT_READ];
	if (code & PF_RESERVED)
		ti->cause = "page fault: reserved bit set in a page-table entry";
}

/* From trap.S. Interrupts disabled. */
void x86_trap(struct pt_regs *regs)
{
	struct trap_info ti = { .code = regs->error_code };
	u64 cr2;

	if (regs->vector >= NR_EXCEPTIONS) {
		x86_interrupt(regs);
		return;
	}
	if (regs->vector == VEC_NMI) {
		nmi_interrupt(regs);
		return;
	}
	ti.cause = exception_names[regs->vector];
	if (!ti.cause)
		ti.cause = "reserved exception";
	__asm__ __volatile__("movq %%cr2, %0" : "=r"(cr2));
	if (regs->vector == VEC_PAGE_FAULT) {
		ti.addr = cr2;
		decode_page_fault(&ti, regs->error_code);
	} else if (regs->vector == VEC_DOUBLE_FAULT && !stack_contains(regs->rsp - 64, 64)) {
		/* 64: the frame of the first fault, which did not fit. */
		ti.cause = "double fault: kernel stack overflow";
		ti.stack_overflow = true;
		ti.access = FAULT_WRITE;
		ti.not_present = true;
		ti.addr = cr2;
	}
	trap_handle(regs, &ti);
}

void arch_regs_print(const struct pt_regs *regs)
{
	u64 cr2, cr3;

	__asm__ __volatile__("movq %%cr2, %0; movq %%cr3, %1" : "=r"(cr2), "=r"(cr3));
#define REG(r) (unsigned long)regs->r
	printk("rip %016lx rsp %016lx rflags %08lx", REG(rip), REG(rsp), REG(rflags));
	printk("rax %016lx rbx %016lx rcx %016lx rdx %016lx", REG(rax), REG(rbx), REG(rcx),
	       REG(rdx));
	printk("rsi %016lx rdi %016lx rbp %016lx r8  %016lx", REG(rsi), REG(rdi), REG(rbp),
	       REG(r8));
	printk("r9  %016lx r10 %016lx r11 %016lx r12 %016lx", REG(r9), REG(r10), REG(r11),
	       REG(r12));
	printk("r13 %016lx r14 %016lx r15 %016lx", REG(r13), REG(r14), REG(r15));
	printk("cs %04lx ss %04lx vector %lu error %lx cr2 %016lx cr3 %016lx", REG(cs), REG(ss),
	       REG(vector), REG(error_code), (unsigned long)cr2, (unsigned long)cr3);
#undef REG
}

/* At the frame pointer: the caller's frame pointer, and above it the return address. */
void arch_unwind_start(struct unwind *u, const struct pt_regs *regs)
{
	if (regs) {
		u->pc = regs->rip;
		u->fp = regs->rbp;
	} else {
		u->fp = (unsigned long)__builtin_frame_address(0);
		arch_unwind_step(u);
	}
}

bool arch_unwind_step(struct unwind *u)
{
	const unsigned long *frame = (const unsigned long *)u->fp;

	if (!IS_ALIGNED(u->fp, 8) || !stack_contains(u->fp, 16))
		return false;
	if (frame[1] < (unsigned long)__text_start || frame[1] >= (unsigned long)__text_end)
		return false;
	u->pc = frame[1];
	/* The stack grows down: a caller's frame that is not above this one ends the walk. */
	u->fp = frame[0] > u->fp ? frame[0] : 0;
	return true;
}
