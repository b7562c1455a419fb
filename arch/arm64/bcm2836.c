/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The per-core interrupt controller of the BCM2836 and BCM2837 (Raspberry Pi 2 and 3): BCM2836
 * ARM-local peripherals (QA7), rev. 3.4. Each core has four mailboxes; of a mailbox a write sets
 * bits, and as long as any is set it interrupts. Mailbox 0 is the IPI, by IRQ; mailbox 1 the NMI,
 * by FIQ, which is never masked for long.
 */
#include <kernel/printk.h>
#include <lib/errno.h>
#include <mm/kmap.h>

#include "port.h"

#define LOCAL_CONTROL	     0x00
#define LOCAL_PRESCALER	     0x08
#define TIMER_CONTROL(core)  (0x40 + 4 * (core))
#define MBOX_CONTROL(core)   (0x50 + 4 * (core))
#define IRQ_SOURCE(core)     (0x60 + 4 * (core))
#define FIQ_SOURCE(core)     (0x70 + 4 * (core))
#define MBOX_SET(core, n)    (0x80 + 16 * (core) + 4 * (n))
#define MBOX_CLEAR(core, n)  (0xc0 + 16 * (core) + 4 * (n))
#define MBOX_CONTROL_IRQ(n)  (1U << (n))
#define MBOX_CONTROL_FIQ(n)  (1U << (4 + (n)))
#define SOURCE_MBOX(n)	     (1U << (4 + (n)))
#define PRESCALER_ONE_TO_ONE 0x80000000

enum { MBOX_IPI = 0, MBOX_NMI = 1 };

/* Constant after bcm2836_init(). */
static char *local;
static u32 timer_source; /* bit of the timer in TIMER_CONTROL and in IRQ_SOURCE */

#define CORES 4

static u32 core_of(u64 mpidr)
{
	return mpidr & 0xff;
}

static bool bcm2836_reaches(unsigned int cpu)
{
	return core_of(cpu_table[cpu].hw_id) < CORES;
}

static u32 this_core(void)
{
	return core_of(arm64_read_sysreg(mpidr_el1));
}

/* Specifier: number of the source, flags; 0 to 3 are the timers. */
static int bcm2836_init(int node, const u32 *timer, u32 cells)
{
	phys_addr_t pa;
	u64 size;

	if (timer[0] > 3) {
		pr_err("the timer's interrupt %u is none of a timer\n", timer[0]);
		return -EBADMSG;
	}
	timer_source = 1U << timer[0];
	if (fdt_reg_phys(&machine_fdt, node, 0, &pa, &size))
		return -EBADMSG;
	local = ioremap(pa, size);
	if (!local)
		return -ENOMEM;
	/* The counter runs from the crystal, at its rate (QA7, 3.1.1). */
	mmio_write32(local + LOCAL_CONTROL, 0);
	mmio_write32(local + LOCAL_PRESCALER, PRESCALER_ONE_TO_ONE);
	return 0;
}

static void bcm2836_init_cpu(void)
{
	u32 core = this_core();

	mmio_write32(local + MBOX_CLEAR(core, MBOX_IPI), ~0U);
	mmio_write32(local + MBOX_CLEAR(core, MBOX_NMI), ~0U);
	mmio_write32(local + TIMER_CONTROL(core), timer_source);
	mmio_write32(local + MBOX_CONTROL(core),
		     MBOX_CONTROL_IRQ(MBOX_IPI) | MBOX_CONTROL_FIQ(MBOX_NMI));
}

static void bcm2836_send(unsigned int cpu, u32 mbox)
{
	/* The sender's stores before the interrupt is taken; tests: kernel.call_single */
	arm64_dsb(ishst);
	mmio_write32(local + MBOX_SET(core_of(cpu_table[cpu].hw_id), mbox), 1);
}

static void bcm2836_ipi(unsigned int cpu)
{
	bcm2836_send(cpu, MBOX_IPI);
}

static int bcm2836_nmi(unsigned int cpu)
{
	bcm2836_send(cpu, MBOX_NMI);
	return 0;
}

/* Empty the mailbox before the handler looks for work, so that a later message is not lost. */
static void mbox_ack(u32 core, u32 mbox)
{
	mmio_write32(local + MBOX_CLEAR(core, mbox), ~0U);
	arm64_dsb(sy);
}

static void bcm2836_irq(struct pt_regs *regs)
{
	u32 core = this_core();
	u32 source = mmio_read32(local + IRQ_SOURCE(core));

	if (source & SOURCE_MBOX(MBOX_IPI)) {
		mbox_ack(core, MBOX_IPI);
		ipi_interrupt(regs);
	}
	if (source & timer_source) {
		timer_ack();
		timer_interrupt(regs);
	}
}

static void bcm2836_fiq(struct pt_regs *regs)
{
	u32 core = this_core();

	if (mmio_read32(local + FIQ_SOURCE(core)) & SOURCE_MBOX(MBOX_NMI)) {
		mbox_ack(core, MBOX_NMI);
		nmi_interrupt(regs);
	}
}

const struct irqchip bcm2836_chip = {
	.compatible = "brcm,bcm2836-l1-intc",
	.init = bcm2836_init,
	.init_cpu = bcm2836_init_cpu,
	.reaches = bcm2836_reaches,
	.ipi = bcm2836_ipi,
	.nmi = bcm2836_nmi,
	.irq = bcm2836_irq,
	.fiq = bcm2836_fiq,
};
