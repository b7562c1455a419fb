/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Interrupts after trap.S has saved the registers: the vector says what it was, SRR1 and DSISR say
 * why (Power ISA 3.0B, Book III, "Interrupt Definitions"). Also registers in text, and the
 * unwinder.
 */
#include <arch/clock.h>
#include <arch/irq.h>
#include <arch/this_cpu.h>
#include <arch/translation.h>
#include <arch/trap.h>
#include <asm/reg.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>

#include "mce.h"
#include "port.h"

/*
 * What the real-mode code at a vector finds in HSPRG0: what to go on with, and room to save. One
 * for system reset, one for machine check, one for all others. Owned by its CPU.
 */
struct trap_area {
	u64 percpu;	/* what r13 shall hold */
	u64 entry, msr; /* trap_entry, and the MSR to run it with */
	u64 toc;
	u64 limits;   /* of this CPU's stack: struct stack_limits */
	u64 overflow; /* top of its spare stack */
	u64 r0, r1, r2, r13, lr, cr, vector, nip, srr1;
	u64 pad;
};
static DEFINE_PER_CPU(struct trap_area, trap_areas[3]) __aligned(16);

/* The same for all CPUs that sleep in secondary_entry: whatever comes, they start over there. */
struct trap_area park_areas[3] __aligned(16);

#define CHECK_TA(m, off) BUILD_BUG_ON(offsetof(struct trap_area, m) != (off))
CHECK_TA(percpu, TA_PERCPU);
CHECK_TA(entry, TA_ENTRY);
CHECK_TA(msr, TA_MSR);
CHECK_TA(toc, TA_TOC);
CHECK_TA(limits, TA_LIMITS);
CHECK_TA(overflow, TA_OVERFLOW);
CHECK_TA(r0, TA_R0);
CHECK_TA(r13, TA_R13);
CHECK_TA(lr, TA_LR);
CHECK_TA(srr1, TA_SRR1);
BUILD_BUG_ON(sizeof(struct trap_area) != TA_SIZE);
BUILD_BUG_ON(offsetof(struct pt_regs, nip) != PT_NIP);
BUILD_BUG_ON(offsetof(struct pt_regs, trap) != PT_TRAP);
BUILD_BUG_ON(sizeof(struct pt_regs) != PT_SIZE);
BUILD_BUG_ON(TRAP_FRAME % 16);
BUILD_BUG_ON(STACK_SIZE != KERNEL_STACK_SIZE);
BUILD_BUG_ON(OVERFLOW_SIZE != OVERFLOW_STACK_SIZE);

extern char lowpage_start[], lowpage_end[], trap_entry[];

#define FIRST_VECTOR 0x100

/*
 * Copy the real-mode code to where interrupts arrive, and make instruction fetch see it. The
 * boot-time allocator leaves the lowest 64 KiB alone. There and in the image's trap areas the
 * linear map is used from now on; nothing has been taken of the boot tables yet, so there is room.
 */
static void vectors_install(void)
{
	char *low = __va(0);

	boot_map_linear(0, lowpage_end - lowpage_start, PROT_KERNEL_RW);
	boot_map_linear(kimage_phys, __image_end - __image_start, PROT_KERNEL_RW);
	memcpy(low + FIRST_VECTOR, lowpage_start + FIRST_VECTOR,
	       lowpage_end - lowpage_start - FIRST_VECTOR);
	/*
	 * Book II, "Instruction Storage": data to memory, then drop it from the instruction cache,
	 * then refetch.
	 */
	for (char *p = low; p < low + (lowpage_end - lowpage_start); p += ARCH_CACHE_LINE_MAX)
		__asm__ __volatile__("dcbst 0, %0; sync; icbi 0, %0" : : "r"(p) : "memory");
	__asm__ __volatile__("sync; isync" : : : "memory");
}

void arch_trap_init_cpu(void)
{
	struct trap_area *area = this_cpu(trap_areas);
	u64 toc;

	__asm__ __volatile__("mr %0, 2" : "=r"(toc));
	for (unsigned int i = 0; i < ARRAY_SIZE(trap_areas); i++) {
		area[i].percpu = arch_percpu_offset();
		area[i].entry = (u64)trap_entry;
		area[i].msr = MSR_KERNEL & ~(u64)MSR_RI;
		area[i].toc = toc;
		area[i].limits = (u64)this_cpu_ptr(&current_stack);
		area[i].overflow = (u64)this_cpu(overflow_stack) + OVERFLOW_STACK_SIZE;
	}
	mtspr(SPR_HSPRG0, __va(__pa(area)));
	if (arch_percpu_offset())
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(park_areas); i++) {
		park_areas[i].entry = __pa(secondary_entry);
		park_areas[i].msr = MSR_REAL;
	}
	vectors_install();
}

struct cause {
	u16 vector;
	u64 mask; /* of SRR1 or DSISR; 0: any */
	const char *text;
};

/* The first that fits. */
static const struct cause causes[] = {
	{ 0x200, 0, "machine check" },
	{ 0x300, 0x40000000, "data storage: no translation" },
	{ 0x300, 0x08000000, "data storage: the page does not permit it" },
	{ 0x300, 0x04000000, "data storage: atomic access to uncached memory" },
	{ 0x300, 0x00400000, "data storage: data breakpoint" },
	{ 0x300, 0x00080000, "data storage: unsupported shape of page table" },
	{ 0x300, 0x00040000, "data storage: reference or change bit not set" },
	{ 0x300, 0, "data storage" },
	{ 0x380, 0, "data segment: no such address" },
	{ 0x400, 0x40000000, "instruction storage: no translation" },
	{ 0x400, 0x10000000, "instruction storage: the page is not executable" },
	{ 0x400, 0x08000000, "instruction storage: the page does not permit it" },
	{ 0x400, 0, "instruction storage" },
	{ 0x480, 0, "instruction segment: no such address" },
	{ 0x500, 0, "external interrupt without a controller set up" },
	{ 0x600, 0, "alignment" },
	{ 0x700, 0x00080000, "program: illegal instruction" },
	{ 0x700, 0x00040000, "program: privileged instruction" },
	{ 0x700, 0x00020000, "program: trap instruction" },
	{ 0x700, 0, "program" },
	{ 0x800, 0, "floating point is off" },
	{ 0xa00, 0, "privileged doorbell" },
	{ 0xc00, 0, "system call" },
	{ 0xd00, 0, "trace" },
	{ 0xe00, 0, "hypervisor data storage" },
	{ 0xe20, 0, "hypervisor instruction storage" },
	{ 0xe40, 0, "illegal instruction" },
	{ 0xe60, 0, "hypervisor maintenance" },
	{ 0xea0, 0, "hypervisor virtualization interrupt without a controller set up" },
	{ 0xf20, 0, "vector instructions are off" },
	{ 0xf40, 0, "VSX is off" },
	{ 0xf60, 0, "facility unavailable" },
	{ 0xf80, 0, "hypervisor facility unavailable" },
};

#define DSISR_NO_TRANSLATION 0x40000000 /* SRR1 of an instruction storage interrupt: the same bit */
#define DSISR_STORE	     0x02000000

static const char *cause_text(u64 vector, u64 code)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].vector == vector && (!causes[i].mask || causes[i].mask & code))
			return causes[i].text;
	return "unknown vector";
}

/* Stack pointer outside the stack, or an access to the guard page below it? */
static bool stack_overflowed(const struct pt_regs *regs, const struct trap_info *ti)
{
	const struct stack_limits *s = &this_cpu(current_stack);
	unsigned long sp = regs_sp(regs), spare = (unsigned long)this_cpu(overflow_stack);

	if (!s->top || (sp >= spare && sp <= spare + OVERFLOW_STACK_SIZE))
		return false;
	if (sp < s->bottom || sp > s->top)
		return true;
	return (ti->access == FAULT_WRITE || ti->access == FAULT_READ) && ti->addr < s->bottom &&
	       ti->addr >= s->bottom - PAGE_SIZE && sp - s->bottom < PAGE_SIZE;
}

static void trap_decode(struct pt_regs *regs)
{
	struct trap_info ti = { .code = regs->msr };

	switch (regs->trap) {
	case 0x300:
	case 0x380:
		ti.code = regs->dsisr;
		ti.addr = regs->dar;
		ti.access = ti.code & DSISR_STORE ? FAULT_WRITE : FAULT_READ;
		ti.not_present = regs->trap == 0x380 || ti.code & DSISR_NO_TRANSLATION;
		break;
	case 0x400:
	case 0x480:
		ti.addr = regs->nip;
		ti.access = FAULT_EXEC;
		ti.not_present = regs->trap == 0x480 || ti.code & DSISR_NO_TRANSLATION;
		break;
	case 0x200:
		ti.addr = regs->dar;
		break;
	}
	ti.cause = regs->trap == 0x200 ? mce_decode(regs->msr, regs->dsisr)->what
				       : cause_text(regs->trap, ti.code);
	ti.stack_overflow = stack_overflowed(regs, &ti);
	trap_handle(regs, &ti);
}

/*
 * It came while SRR0 and SRR1 held where another interrupt was to return to, which is lost (Book
 * III, "Interrupt Processing"). A system reset has been answered by then, and whoever asked for it
 * goes on.
 */
static void __noreturn unrecoverable(struct pt_regs *regs)
{
	if (regs->trap != 0x100)
		panic_regs(regs, "interrupt %llx in the midst of another one's entry or exit",
			   (unsigned long long)regs->trap);
	pr_err("a system reset hit this CPU while it took another interrupt: it stops here\n");
	arch_cpu_halt();
}

/*
 * A frame that went to the spare stack for want of room may not be left there, or the next one
 * would be written over it: then the thread goes on, and the next interrupt that has room looks
 * again.
 */
static void irq_exit(const struct pt_regs *regs)
{
	if ((unsigned long)regs - this_cpu(current_stack).bottom < KERNEL_STACK_SIZE)
		preempt_irq_exit();
}

/* Entry from trap.S, with interrupts disabled. Returning resumes at @regs. */
void trap_dispatch(struct pt_regs *regs)
{
	switch (regs->trap) {
	case 0x100:
		nmi_interrupt(regs);
		break;
	case 0x900:
		/* It stays pending while the decrementer is negative: put it off first. */
		timer_put_off();
		timer_interrupt(regs);
		opal_heartbeat();
		irq_exit(regs);
		break;
	case 0xe80:
		/*
		 * Acquire: pairs with the sync before msgsnd in arch_ipi_send(); what the sender
		 * stored before it comes before what is loaded here (Book III, "Processor Control":
		 * msgsync, for a sender on another core); tests: kernel.call_single
		 */
		__asm__ __volatile__("msgsync; lwsync" : : : "memory");
		ipi_interrupt(regs);
		irq_exit(regs);
		break;
	case 0xe60:
		if (!hmi_mend())
			trap_decode(regs);
		break;
	case 0x200:
		if (!mce_mend(regs->msr, regs->dsisr))
			trap_decode(regs);
		break;
	default:
		trap_decode(regs);
	}
	/*
	 * The thread may have moved: r13 is the CPU's, not the thread's. But a system reset or
	 * machine check, in which nothing moves, may have come inside firmware with its own r13.
	 */
	if (regs->trap != 0x100 && regs->trap != 0x200)
		regs->gpr[13] = arch_percpu_offset();
	if (!(regs->msr & MSR_RI))
		unrecoverable(regs);
}

void arch_regs_print(const struct pt_regs *regs)
{
	printk("pc %016llx lr %016llx ctr %016llx msr %016llx\n", (unsigned long long)regs->nip,
	       (unsigned long long)regs->link, (unsigned long long)regs->ctr,
	       (unsigned long long)regs->msr);
	printk("vector %llx dar %016llx dsisr %08llx cr %08llx xer %08llx\n",
	       (unsigned long long)regs->trap, (unsigned long long)regs->dar,
	       (unsigned long long)regs->dsisr, (unsigned long long)regs->ccr,
	       (unsigned long long)regs->xer);
	for (unsigned int i = 0; i < 32; i += 4)
		printk("r%-2u %016llx %016llx %016llx %016llx\n", i,
		       (unsigned long long)regs->gpr[i], (unsigned long long)regs->gpr[i + 1],
		       (unsigned long long)regs->gpr[i + 2], (unsigned long long)regs->gpr[i + 3]);
}

/*
 * Unwinding. u->fp is the frame of the function that u->pc is in; the back chain is its first word,
 * and the return address is in its caller's frame. At a trap the function may have no frame of its
 * own yet, or not have saved its return address: bit 0 set in u->fp says that it is the address of
 * the registers instead.
 */
#define UNWIND_REGS 1UL

noinline void arch_unwind_start(struct unwind *u, const struct pt_regs *regs)
{
	unsigned long *frame = __builtin_frame_address(0);

	if (regs) {
		u->pc = regs_pc(regs);
		u->fp = (unsigned long)regs | UNWIND_REGS;
		return;
	}
	/* This function's caller: its frame is the one that ours points back to. */
	u->pc = (unsigned long)__builtin_return_address(0);
	u->fp = *frame;
}

static unsigned long function_of(unsigned long pc)
{
	unsigned long off = 0;

	return ksym_lookup(pc, &off, NULL) ? pc - off : 0;
}

/* The word at @addr of a stack, or 0. */
static unsigned long stack_word(unsigned long addr)
{
	if (addr % sizeof(long) || !stack_contains(addr, sizeof(long)))
		return 0;
	return *(const unsigned long *)addr;
}

#define INSN_STDU_R1   0xf8210001 /* stdu r1, -n(r1): makes the frame; n is masked out */
#define INSN_STDU_MASK 0xffff0003
#define INSN_SAVE_LR   0xf8010010 /* std r0, 16(r1) */

/* From interrupted code: see how far the function's prologue had got. */
static bool unwind_step_regs(struct unwind *u, const struct pt_regs *regs)
{
	unsigned long sp = regs_sp(regs);
	unsigned long start = function_of(regs_pc(regs));
	bool framed = false, saved = false;

	if (!start) { /* a jump to nowhere: it came from where LR says */
		u->pc = regs->link;
		u->fp = sp;
		return function_of(u->pc);
	}
	for (const u32 *insn = (const u32 *)start; insn < (const u32 *)regs_pc(regs); insn++) {
		framed |= (*insn & INSN_STDU_MASK) == INSN_STDU_R1;
		saved |= *insn == INSN_SAVE_LR;
	}
	/* LR inside the function: it has made a call. Its prologue may stand elsewhere. */
	if (function_of(regs->link) == start)
		framed = saved = true;
	u->fp = framed ? stack_word(sp) : sp;
	u->pc = saved ? stack_word(u->fp + FRAME_LR) : regs->link;
	return u->pc && u->fp;
}

bool arch_unwind_step(struct unwind *u)
{
	unsigned long up;

	if (u->fp & UNWIND_REGS)
		return unwind_step_regs(u, (const struct pt_regs *)(u->fp & ~UNWIND_REGS));
	if (stack_word(u->fp + FRAME_MARK) == TRAP_MARK) {
		arch_unwind_start(u, (const struct pt_regs *)(u->fp + FRAME_HEADER));
		return true;
	}
	up = stack_word(u->fp);
	u->fp = up;
	u->pc = up ? stack_word(up + FRAME_LR) : 0;
	return u->pc != 0;
}
