/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the I/O APICs (Intel 82093AA data sheet, section 3). The kernel has no use for them;
 * firmware had, and a pin that it left live would go on interrupting: a line that stays asserted
 * without end.
 */
#include <kernel/printk.h>
#include <mm/kmap.h>

#include "port.h"

#define IOAPIC_SIZE   0x20
#define IOREGSEL      0x00
#define IOWIN	      0x10
#define REG_VERSION   0x01	       /* bits 23 to 16: the last pin */
#define REG_PIN(n)    (0x10 + 2 * (n)) /* the lower half of its entry */
#define PIN_MASKED    (1U << 16)
#define PIN_DELIVERY  (7U << 8)
#define PIN_SMI	      (2U << 8)
#define NOTHING_THERE 0xffffffff

static u32 ioapic_read(volatile u32 *regs, u32 reg)
{
	regs[IOREGSEL / 4] = reg;
	return regs[IOWIN / 4];
}

static void ioapic_write(volatile u32 *regs, u32 reg, u32 val)
{
	regs[IOREGSEL / 4] = reg;
	regs[IOWIN / 4] = val;
}

/* All but what interrupts firmware itself. The number of pins that were live. */
static unsigned int mask_pins(volatile u32 *regs)
{
	u32 version = ioapic_read(regs, REG_VERSION), pins = (version >> 16 & 0xff) + 1, pin, val;
	unsigned int live = 0;

	if (version == NOTHING_THERE)
		return 0;
	for (pin = 0; pin < pins; pin++) {
		val = ioapic_read(regs, REG_PIN(pin));
		if ((val & PIN_MASKED) || (val & PIN_DELIVERY) == PIN_SMI)
			continue;
		ioapic_write(regs, REG_PIN(pin), val | PIN_MASKED);
		live++;
	}
	return live;
}

void x86_ioapic_mask_all(void)
{
	unsigned int i, live;

	for (i = 0; i < x86_acpi.nr_ioapics; i++) {
		volatile u32 *regs = ioremap(x86_acpi.ioapic[i], IOAPIC_SIZE);

		live = regs ? mask_pins(regs) : 0;
		if (live)
			pr_info("I/O APIC %u: firmware had left %u pins live", i, live);
	}
}
