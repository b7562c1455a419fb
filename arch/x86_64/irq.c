/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: interrupts. The local APIC alone (Intel SDM vol. 3A chapter 11): its timer, IPIs, NMIs;
 * the 8259s and the pins of the I/O APICs are masked, as firmware may have used them. In x2APIC
 * mode, where the CPU has it, the registers are MSRs; else they are one page of memory.
 */
#include <arch/clock.h>
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/mmu.h>
#include <arch/trap.h>
#include <kernel/clock.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <mm/kmap.h>

#include "port.h"

/* Vectors: the upper four bits are the priority class. Those below 32 are exceptions. */
#define VECTOR_PIC	0x20 /* 16 of them; masked, but an 8259 may still raise a spurious one */
#define VECTOR_TIMER	0xe0
#define VECTOR_IPI	0xf0
#define VECTOR_SPURIOUS 0xff

/* Registers (table 11-1), and their bits. */
#define APIC_VERSION	     0x030
#define APIC_TPR	     0x080
#define APIC_EOI	     0x0b0
#define APIC_SVR	     0x0f0
#define APIC_ISR	     0x100 /* eight registers of 32 vectors each, 0x10 apart */
#define APIC_LVT_CMCI	     0x2f0
#define APIC_ICR	     0x300
#define APIC_ICR2	     0x310
#define APIC_LVT_TIMER	     0x320
#define APIC_LVT_THERMAL     0x330
#define APIC_LVT_PERF	     0x340
#define APIC_LVT_LINT0	     0x350
#define APIC_LVT_LINT1	     0x360
#define APIC_LVT_ERROR	     0x370
#define APIC_TIMER_INIT	     0x380
#define APIC_TIMER_COUNT     0x390
#define APIC_TIMER_DIV	     0x3e0
#define SVR_ENABLE	     0x100
#define ICR_NMI		     0x4400 /* delivery mode NMI, level assert */
#define ICR_FIXED	     0x4000
#define ICR_PENDING	     0x1000
#define LVT_MASKED	     0x10000
#define LVT_NMI		     0x400
#define TIMER_TSC_DEADLINE   0x40000
#define TIMER_DIV_1	     0xb
#define APIC_BASE_X2APIC     (1ULL << 10)
#define APIC_BASE_ENABLE     (1ULL << 11)
#define APIC_BASE_ADDR	     0x000ffffffffff000ULL
#define CPUID_1_ECX_X2APIC   (1 << 21)
#define CPUID_1_ECX_DEADLINE (1 << 24)
#define PENDING_TRIES_MAX    1000000
#define STRAY_MAX	     10 /* more of one vector are no leftovers */

#define PIC1_CMD  0x20
#define PIC1_DATA 0x21
#define PIC2_CMD  0xa0
#define PIC2_DATA 0xa1

/* Set by arch_irq_init(), constant after. */
static bool have_x2apic;
static bool have_deadline;
static volatile u32 *apic_regs;
static u64 timer_mult; /* APIC timer ticks for a TSC tick, << 32 */

bool x86_have_x2apic(void)
{
	return x86_cpuid(1).ecx & CPUID_1_ECX_X2APIC;
}

static u32 apic_read(u32 reg)
{
	return have_x2apic ? x86_rdmsr(MSR_X2APIC + reg / 16) : apic_regs[reg / 4];
}

static void apic_write(u32 reg, u32 val)
{
	if (have_x2apic)
		x86_wrmsr(MSR_X2APIC + reg / 16, val);
	else
		apic_regs[reg / 4] = val;
}

void x86_apic_send(u32 apic_id, u32 icr)
{
	unsigned long flags;
	unsigned int tries;

	if (have_x2apic) {
		/*
		 * mb: pairs with the interrupt's arrival; orders earlier stores before the WRMSR,
		 * which in x2APIC mode does not wait for them (SDM vol. 3A section 11.12.3);
		 * tests: kernel.call_single.
		 */
		__asm__ __volatile__("mfence; lfence" : : : "memory");
		x86_wrmsr(MSR_X2APIC + APIC_ICR / 16, (u64)apic_id << 32 | icr);
		return;
	}
	/* An uncached store is not reordered with earlier ones. Two registers: no IPI between. */
	flags = arch_irq_save();
	for (tries = 0; tries < PENDING_TRIES_MAX && (apic_read(APIC_ICR) & ICR_PENDING); tries++)
		__asm__ __volatile__("pause");
	apic_write(APIC_ICR2, apic_id << 24);
	apic_write(APIC_ICR, icr);
	arch_irq_restore(flags);
}

void arch_ipi_send(unsigned int cpu)
{
	x86_apic_send(cpu_table[cpu].hw_id, ICR_FIXED | VECTOR_IPI);
}

int arch_nmi_send(unsigned int cpu)
{
	x86_apic_send(cpu_table[cpu].hw_id, ICR_NMI);
	return 0;
}

/*
 * Nobody's interrupt: one that firmware's device had already raised, or a pin that we do not know.
 * A line for the first, and for what does not end; not one for each, or nothing else is said.
 */
static void stray_interrupt(u32 vector)
{
	static u8 count[256]; /* lockless: whatever two CPUs make of it */

	if (count[vector] > STRAY_MAX)
		return;
	count[vector]++;
	if (count[vector] == 1)
		pr_warn("interrupt with unknown vector 0x%x", vector);
	else if (count[vector] == STRAY_MAX)
		pr_warn("interrupts with vector 0x%x do not end", vector);
}

void x86_interrupt(struct pt_regs *regs)
{
	switch (regs->vector) {
	case VECTOR_TIMER:
		apic_write(APIC_EOI, 0);
		timer_interrupt(regs);
		break;
	case VECTOR_IPI:
		apic_write(APIC_EOI, 0);
		ipi_interrupt(regs);
		break;
	case VECTOR_SPURIOUS: /* wants no EOI: SDM vol. 3A section 11.9 */
		break;
	default:
		if (regs->vector >= VECTOR_PIC + 16)
			apic_write(APIC_EOI, 0);
		stray_interrupt(regs->vector);
	}
	preempt_irq_exit();
}

void arch_timer_arm(u64 ticks)
{
	u64 count;

	if (have_deadline) {
		x86_wrmsr(MSR_TSC_DEADLINE, arch_clock_read() + ticks);
		return;
	}
	/* The counter has 32 bits: a longer time, of seconds, ends early. */
	ticks = MIN(ticks, 1ULL << 33);
	count = ((unsigned __int128)ticks * timer_mult) >> 32;
	apic_write(APIC_TIMER_INIT, MAX(MIN(count, 0xffffffffULL), 1ULL));
}

/* Move the 8259s' vectors away from the exceptions and mask all (Intel 8259A data sheet). */
static void pic_disable(void)
{
	static const u8 init[4][2] = {
		{ 0x11, 0x11 },			/* ICW1: cascade, ICW4 follows */
		{ VECTOR_PIC, VECTOR_PIC + 8 }, /* ICW2: vectors */
		{ 0x04, 0x02 },			/* ICW3: the second is on line 2 of the first */
		{ 0x01, 0x01 },			/* ICW4: 8086 mode */
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(init); i++) {
		x86_outb(i ? PIC1_DATA : PIC1_CMD, init[i][0]);
		x86_outb(i ? PIC2_DATA : PIC2_CMD, init[i][1]);
	}
	x86_outb(PIC1_DATA, 0xff);
	x86_outb(PIC2_DATA, 0xff);
}

static bool any_in_service(void)
{
	for (u32 reg = APIC_ISR; reg < APIC_ISR + 0x80; reg += 0x10)
		if (apic_read(reg))
			return true;
	return false;
}

/*
 * What firmware may have left: a priority below which nothing is delivered, vectors in service that
 * keep those of lower ones back (SDM vol. 3A sections 11.8.3.1 and 11.8.4), sources of its own. Of
 * these a CPU has as many as its version register says (11.5.1); others must not be touched.
 */
static void apic_clear_leftovers(void)
{
	u32 last_lvt = apic_read(APIC_VERSION) >> 16 & 0xff;

	apic_write(APIC_TPR, 0);
	for (unsigned int vector = 0; vector < 256 && any_in_service(); vector++)
		apic_write(APIC_EOI, 0);
	if (last_lvt >= 4)
		apic_write(APIC_LVT_PERF, LVT_MASKED);
	if (last_lvt >= 5)
		apic_write(APIC_LVT_THERMAL, LVT_MASKED);
	if (last_lvt >= 6)
		apic_write(APIC_LVT_CMCI, LVT_MASKED);
}

/* On this CPU: registers reachable, APIC on. */
static void apic_enable(void)
{
	u64 base = x86_rdmsr(MSR_APIC_BASE) | APIC_BASE_ENABLE;

	x86_wrmsr(MSR_APIC_BASE, base);
	if (have_x2apic)
		x86_wrmsr(MSR_APIC_BASE, base | APIC_BASE_X2APIC);
	apic_write(APIC_SVR, SVR_ENABLE | VECTOR_SPURIOUS);
	apic_clear_leftovers();
}

#define CALIBRATE_SAMPLES 8

/*
 * The timer's count and the time stamp counter's at one moment: of some tries the one that took
 * least, since a hypervisor may stop us for a while between any two instructions.
 */
static u32 timer_sample(u64 *tsc)
{
	u64 best = ~0ULL;
	u32 found = 0;

	for (int i = 0; i < CALIBRATE_SAMPLES; i++) {
		u64 before = arch_clock_read();
		u32 count = apic_read(APIC_TIMER_COUNT);
		u64 after = arch_clock_read();

		if (after - before < best) {
			best = after - before;
			*tsc = before + best / 2;
			found = count;
		}
	}
	return found;
}

/* The timer's rate, against the TSC's, whose rate is known: for 1/200 s. */
static int timer_calibrate(void)
{
	u64 tsc0 = 0, tsc1 = 0, ticks = arch_clock_hz() / 200;
	u32 count0, count1;

	apic_write(APIC_TIMER_DIV, TIMER_DIV_1);
	apic_write(APIC_LVT_TIMER, LVT_MASKED | VECTOR_TIMER);
	apic_write(APIC_TIMER_INIT, 0xffffffff);
	count0 = timer_sample(&tsc0);
	while (arch_clock_read() - tsc0 < ticks)
		cpu_relax();
	count1 = timer_sample(&tsc1);
	apic_write(APIC_TIMER_INIT, 0);
	timer_mult = ((u64)(count0 - count1) << 32) / (tsc1 - tsc0);
	if (!timer_mult) {
		pr_err("the local APIC's timer does not count");
		return -ENODEV;
	}
	return 0;
}

int arch_irq_init(void)
{
	u64 base = x86_rdmsr(MSR_APIC_BASE);

	pic_disable();
	x86_ioapic_mask_all();
	have_x2apic = x86_have_x2apic();
	have_deadline = x86_cpuid(1).ecx & CPUID_1_ECX_DEADLINE;
	if (!have_x2apic) {
		apic_regs = ioremap(base & APIC_BASE_ADDR, PAGE_SIZE);
		if (!apic_regs)
			return -ENOMEM;
	}
	apic_enable();
	return have_deadline ? 0 : timer_calibrate();
}

void arch_irq_init_cpu(void)
{
	apic_enable();
	apic_write(APIC_LVT_LINT0, LVT_MASKED);
	apic_write(APIC_LVT_LINT1, LVT_NMI); /* where a chipset's NMI button arrives */
	apic_write(APIC_LVT_ERROR, LVT_MASKED);
	apic_write(APIC_TIMER_DIV, TIMER_DIV_1);
	apic_write(APIC_LVT_TIMER, VECTOR_TIMER | (have_deadline ? TIMER_TSC_DEADLINE : 0));
	if (have_deadline) {
		/*
		 * mb: orders the mode, set through memory, before a WRMSR of the deadline, which
		 * would else be lost (SDM vol. 3A section 11.5.4.1); tests: kernel.timer.
		 */
		__asm__ __volatile__("mfence" : : : "memory");
	}
}
