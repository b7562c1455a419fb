/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ending the run: the sifive,test device if the device tree has one, since QEMU's exit status then
 * carries the verdict; else firmware's shutdown, or its reset where it cannot shut down.
 */
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/this_cpu.h>
#include <kernel/printk.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

#include "port.h"

/* Values of the test finisher's register (SiFive); a failure has its code in the upper half. */
#define FINISHER_FAIL 0x3333
#define FINISHER_PASS 0x5555

static phys_addr_t finisher_phys;
static volatile u32 *finisher;	    /* on the final tables */
static volatile u32 *finisher_boot; /* on those of the boot */

int power_discover(const struct fdt *f)
{
	int node = fdt_find_compatible(f, -1, "sifive,test0");
	u64 addr, size;

	if (node < 0)
		return 0;
	if (fdt_reg_phys(f, node, 0, &addr, &size) < 0 || size < sizeof(u32)) {
		pr_warn("device tree: %s has no usable reg\n", fdt_node_name(f, node));
		return 0;
	}
	finisher_phys = addr;
	finisher_boot = early_map(addr, sizeof(u32), PROT_DEVICE);
	return 0;
}

int power_map_device(void)
{
	if (!finisher_phys)
		return 0;
	finisher = ioremap(finisher_phys, sizeof(u32));
	return finisher ? 0 : -ENOMEM;
}

void arch_power_off(enum run_verdict v)
{
	volatile u32 *reg = mmu_is_final() ? finisher : finisher_boot;

	arch_irq_disable();
	if (reg)
		*reg = v == RUN_PASS ? FINISHER_PASS : (u32)v << 16 | FINISHER_FAIL;

	/* SBI 2.0, chapter 10; reason 1: system failure */
	sbi_call(SBI_EXT_SRST, SBI_SRST_RESET, SBI_SRST_SHUTDOWN, v != RUN_PASS, 0, 0);
	sbi_call(SBI_EXT_SRST, SBI_SRST_RESET, SBI_SRST_COLD_REBOOT, v != RUN_PASS, 0, 0);
	sbi_call(SBI_EXT_LEGACY_SHUTDOWN, 0, 0, 0, 0, 0);
	arch_cpu_halt();
}

void arch_reset(void)
{
	arch_irq_disable();
	sbi_call(SBI_EXT_SRST, SBI_SRST_RESET, SBI_SRST_WARM_REBOOT, 0, 0, 0);
	sbi_call(SBI_EXT_SRST, SBI_SRST_RESET, SBI_SRST_COLD_REBOOT, 0, 0, 0);
}
