/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Machines that UEFI describes by ACPI: servers, which have no device tree. What the tables say is
 * made into one, and the rest of the port never knows.
 */
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <lib/acpi_arm.h>
#include <lib/errno.h>
#include <lib/options.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>

#include "port.h"

static char acpi_mode[OPT_STRING_MAX] = "auto";
OPTION_CHOICE(acpi, "acpi", acpi_mode, "auto|force",
	      "describe the machine by ACPI: auto (where there is no device tree) or force");

/* 32 KiB hold ACPI_ARM_CPUS_MAX nodes of 108 bytes, and the rest. */
static u8 tree[32 << 10] __aligned(8);
static struct acpi_arm machine;

/* Is all of [addr, addr + len) in one of @n ranges? */
static bool lies_in(const struct phys_range *r, unsigned int n, phys_addr_t addr, size_t len)
{
	for (; n; n--, r++)
		if (addr >= r->base && addr - r->base <= r->size &&
		    len <= r->size - (addr - r->base))
			return true;
	return false;
}

/* Only what UEFI says to be memory: no CPU has a cacheable mapping of anything else. */
static const void *map_table(void *unused, phys_addr_t addr, size_t len)
{
	const struct boot_handover *h = &boot_handover;

	if (!lies_in(h->tables, h->nr_tables, addr, len) &&
	    !lies_in(h->memory, h->nr_memory, addr, len))
		return NULL;
	if (addr + len > LINEAR_MAP_SIZE || boot_map_linear(addr, len, PROT_KERNEL_RW))
		return NULL;
	return __va(addr);
}

/* The options are not parsed yet: there is no console to refuse one at. */
static bool is_forced(void)
{
	const char *line = boot_built_in_line();

	return options_have_word(*line ? line : boot_handover.line, "acpi=force");
}

bool acpi_is_wanted(void)
{
	return boot_handover.rsdp && (!boot_fdt_phys || is_forced());
}

bool acpi_is_missing(void)
{
	return !boot_handover.rsdp && options_have_word(boot_info.cmdline, "acpi=force");
}

int acpi_make_tree(void)
{
	struct acpi_env env = { .map = map_table };
	int ret = acpi_read_arm(&env, boot_handover.rsdp, &machine);

	if (ret)
		return ret;
	ret = acpi_arm_tree(&machine, tree, sizeof(tree));
	if (ret < 0) {
		pr_err("ACPI names more than fits a tree of %zu bytes\n", sizeof(tree));
		return ret;
	}
	boot_fdt_phys = __pa(tree);
	return 0;
}

static const struct acpi_arm_cpu *cpu_of(u64 mpidr)
{
	for (unsigned int i = 0; i < machine.nr_cpus; i++)
		if (machine.cpu[i].mpidr == mpidr)
			return machine.cpu + i;
	return NULL;
}

u32 acpi_cpu_interface(u64 mpidr)
{
	const struct acpi_arm_cpu *cpu = cpu_of(mpidr);

	return cpu ? cpu->cpu_interface : 0;
}

void acpi_place_cpus(void)
{
	for (unsigned int i = 0; i < machine.nr_cpus; i++) {
		const struct acpi_place *p = &machine.cpu[i].place;

		smp_set_place(machine.cpu[i].mpidr,
			      (struct cpu_place){ p->socket, p->cluster, p->core, p->thread });
	}
}
