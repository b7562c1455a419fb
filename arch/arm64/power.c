/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ending the run. exit=semihosting hands the verdict to the emulator or debug probe. Otherwise PSCI
 * switches off, or the power manager of the BCM2835; those carry no verdict, the console does.
 */
#include <arch/power.h>
#include <arch/this_cpu.h>
#include <kernel/printk.h>
#include <lib/options.h>
#include <lib/string.h>

#include "port.h"

static char exit_method[OPT_STRING_MAX] = "auto";
OPTION_CHOICE(
	exit, "exit", exit_method, "auto|semihosting|none",
	"how to end the run: auto (switch off), semihosting (with the verdict) or none (halt)");

/* Semihosting for AArch32 and AArch64 (Arm, 2021): exit, with a reason and a status. */
#define SYS_EXIT_EXTENDED	     0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026

/* Where nobody serves it the instruction is undefined: trap_sync() then goes on behind it. */
static void semihosting_exit(u64 code)
{
	u64 block[2] = { ADP_STOPPED_APPLICATION_EXIT, code };

	semihosting_call(SYS_EXIT_EXTENDED, block);
}

/*
 * The power manager's watchdog resets the chip; the boot ROM does not start it again when the
 * partition to boot from is 63, which firmware takes as "halt" (binding brcm,bcm2835-pm).
 */
#define PM_RSTC		   0x1c
#define PM_RSTS		   0x20
#define PM_WDOG		   0x24
#define PM_PASSWORD	   0x5a000000
#define PM_RSTS_HALT	   0x555
#define PM_RSTC_FULL_RESET 0x20
#define PM_WDOG_TICKS	   10

static struct early_device pm;

void power_init(void)
{
	int node = fdt_find_compatible(&machine_fdt, fdt_root(&machine_fdt), "brcm,bcm2835-pm-wdt");
	phys_addr_t pa;
	u64 size;

	if (node >= 0 && !fdt_reg_phys(&machine_fdt, node, 0, &pa, &size))
		early_ioremap(&pm, pa, PM_WDOG + 4);
}

static void bcm2835_reset(u32 partition)
{
	u32 rsts;

	if (!pm.base)
		return;
	rsts = mmio_read32(pm.base + PM_RSTS) & ~PM_RSTS_HALT;
	mmio_write32(pm.base + PM_RSTS, PM_PASSWORD | rsts | partition);
	mmio_write32(pm.base + PM_WDOG, PM_PASSWORD | PM_WDOG_TICKS);
	mmio_write32(pm.base + PM_RSTC, PM_PASSWORD | PM_RSTC_FULL_RESET);
}

void arch_power_off(enum run_verdict v)
{
	arch_irq_disable();
	if (!strcmp(exit_method, "semihosting") || console_is_semihosting())
		semihosting_exit(v);
	if (strcmp(exit_method, "none")) {
		if (!console_is_heard())
			psci_system_reset(v);
		psci_system_off();
		bcm2835_reset(PM_RSTS_HALT);
	}
	arch_cpu_halt();
}

void arch_reset(void)
{
	arch_irq_disable();
	psci_system_restart();
	bcm2835_reset(0);
}
