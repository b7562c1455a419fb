/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: watchdogs that firmware may have left running, which would reset the machine in the midst
 * of a run: nobody feeds them here, so they are stopped. UEFI's own ends with its boot services
 * (UEFI 2.10, 7.5, "Miscellaneous Boot Services").
 *
 *  - TCO, of Intel's chipsets: its registers are behind those of ACPI, which the LPC bridge places
 *    (ICH9 data sheet, 13.1.13, 13.9), or where the SMBus controller says (100 Series, 18.1.20)
 *  - 6300ESB: enabled in PCI's configuration space (6300ESB data sheet, 16.4.1.5)
 */
#include <kernel/printk.h>

#include "port.h"

#define FUNCTION(device, function) ((device) << 3 | (function))
#define LPC			   FUNCTION(31, 0)
#define SMBUS			   FUNCTION(31, 4)
#define NR_FUNCTIONS		   256 /* of a bus */

#define REG_ID	 0x00
#define INTEL	 0x8086
#define ESB_6300 0x25ab8086

/* Of the LPC bridge. */
#define LPC_ACPI_BASE	0x40
#define ACPI_BASE_MASK	0xff80
#define LPC_ACPI_CNTL	0x44
#define ACPI_CNTL_EN	(1 << 7)
#define TCO_OF_ACPI	0x60
/* Of the SMBus controller. */
#define SMBUS_TCO_BASE	0x50
#define TCO_BASE_MASK	0xffe0
#define SMBUS_TCO_CTL	0x54
#define TCO_CTL_BASE_EN (1 << 8)

/* I/O ports, from the base. */
#define TCO1_CNT      0x08
#define TCO1_TMR_HALT (1 << 11)

#define ESB_LOCK	0x68
#define ESB_LOCK_ENABLE (1 << 1)

/* Where TCO's registers are; 0: there are none. */
static u16 tco_base(void)
{
	if ((x86_pci_read(LPC, REG_ID) & 0xffff) != INTEL)
		return 0;
	if (x86_pci_read(LPC, LPC_ACPI_CNTL) & ACPI_CNTL_EN)
		return (x86_pci_read(LPC, LPC_ACPI_BASE) & ACPI_BASE_MASK) + TCO_OF_ACPI;
	if ((x86_pci_read(SMBUS, REG_ID) & 0xffff) == INTEL &&
	    x86_pci_read(SMBUS, SMBUS_TCO_CTL) & TCO_CTL_BASE_EN)
		return x86_pci_read(SMBUS, SMBUS_TCO_BASE) & TCO_BASE_MASK;
	return 0;
}

static void stop_tco(void)
{
	u16 base = tco_base(), control;

	if (!base)
		return;
	control = x86_inw(base + TCO1_CNT);
	if (control & TCO1_TMR_HALT)
		return;
	x86_outw(base + TCO1_CNT, control | TCO1_TMR_HALT);
	if (x86_inw(base + TCO1_CNT) & TCO1_TMR_HALT)
		pr_info("firmware had left the TCO watchdog running: stopped\n");
	else
		pr_warn("firmware has locked the TCO watchdog: it may reset the machine\n");
}

static void stop_esb(void)
{
	for (u32 f = 0; f < NR_FUNCTIONS; f++) {
		u32 lock;

		if (x86_pci_read(f, REG_ID) != ESB_6300)
			continue;
		lock = x86_pci_read(f, ESB_LOCK);
		if (!(lock & ESB_LOCK_ENABLE))
			continue;
		x86_pci_write(f, ESB_LOCK, lock & ~ESB_LOCK_ENABLE);
		pr_info("firmware had left the 6300ESB's watchdog running: stopped\n");
	}
}

void x86_watchdogs_stop(void)
{
	if (!x86_have_pci())
		return;
	stop_tco();
	stop_esb();
}
