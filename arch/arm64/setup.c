/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Discovery: everything that this port knows of the machine comes from the device tree, whose
 * physical address is in x0 at entry (or which acpi.c makes), and from the CPU's identification
 * registers.
 */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/power.h>
#include <arch/setup.h>
#include <drivers/watchdog.h>
#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>

#include "port.h"

/* booting.rst, section 2: the device tree is at most 2 MiB, at a multiple of 8 bytes. */
#define FDT_MAX_SIZE (2 << 20)

phys_addr_t boot_fdt_phys;
u32 boot_entry_el;
struct fdt machine_fdt;

extern char boot_stack[KERNEL_STACK_SIZE];
extern char *const boot_stack_top;
char *const boot_stack_top = boot_stack + KERNEL_STACK_SIZE;

static char cpu_model[64];

/* Open the device tree, seen through the linear map. */
static int fdt_find(void)
{
	const char *why = NULL;
	u32 size;
	int err;

	if (!boot_fdt_phys || !IS_ALIGNED(boot_fdt_phys, 8)) {
		pr_err("no device tree: x0 was %llx at entry\n", (unsigned long long)boot_fdt_phys);
		return -ENODEV;
	}
	/* First the header's page, then all that the header claims. */
	err = boot_map_linear(boot_fdt_phys, FDT_HEADER_SIZE, PROT_KERNEL_RW);
	if (err)
		return err;
	size = fdt_total_size(__va(boot_fdt_phys));
	if (!size) {
		pr_err("no device tree at %llx\n", (unsigned long long)boot_fdt_phys);
		return -EINVAL;
	}
	if (size > FDT_MAX_SIZE) {
		pr_err("the device tree at %llx is of %u bytes, more than 2 MiB\n",
		       (unsigned long long)boot_fdt_phys, size);
		return -EINVAL;
	}
	err = boot_map_linear(boot_fdt_phys, size, PROT_KERNEL_RW);
	if (err)
		return err;
	err = fdt_open(&machine_fdt, __va(boot_fdt_phys), size, &why);
	if (err)
		pr_err("the device tree is damaged: %s\n", why ? why : "no reason known");
	return err;
}

/* How CPU @hw_id, of @node, is started. */
static u32 enable_method(int node, u64 hw_id)
{
	const char *method = fdt_prop_string(&machine_fdt, node, "enable-method");

	if (!method)
		return CPU_METHOD_NONE;
	if (!strcmp(method, "psci"))
		return CPU_METHOD_PSCI;
	if (!strcmp(method, "spin-table"))
		return CPU_METHOD_SPIN_TABLE;
	if (!strcmp(method, "parking-protocol"))
		return CPU_METHOD_PARKED;
	pr_warn("CPU %llx waits by the %.32s, which is not known here\n", (unsigned long long)hw_id,
		method);
	return CPU_METHOD_NONE;
}

/* One /cpus node (device-tree specification, 3.8; Linux, arm/cpus.yaml). */
static void cpu_found(int node)
{
	u32 kind, hi = 0, lo = 0;
	u64 hw_id, size;

	if (fdt_reg(&machine_fdt, node, 0, &hw_id, &size)) {
		pr_warn("a CPU without a number in the device tree is left out\n");
		return;
	}
	kind = enable_method(node, hw_id);
	if ((kind == CPU_METHOD_SPIN_TABLE || kind == CPU_METHOD_PARKED) &&
	    (fdt_prop_cell(&machine_fdt, node, "cpu-release-addr", 0, &hi) ||
	     fdt_prop_cell(&machine_fdt, node, "cpu-release-addr", 1, &lo)))
		pr_warn("CPU %llx has no cpu-release-addr\n", (unsigned long long)hw_id);
	smp_add_cpu(hw_id & MPIDR_AFFINITY_MASK, kind, (u64)hi << 32 | lo);
}

/*
 * "cortex-a72 r0p3": the name from the CPU's node, the revision from MIDR_EL1. Implementer 0 is
 * reserved for software: an emulated model, of which the node does not tell.
 */
static void cpu_name(int node)
{
	const char *name = fdt_prop_string(&machine_fdt, node, "compatible");
	const char *comma = name ? strchr(name, ',') : NULL;
	u32 midr = arm64_read_sysreg(midr_el1);

	if (comma)
		name = comma + 1;
	if (!name || !(midr >> 24))
		snprintf(cpu_model, sizeof(cpu_model), "midr %08x", midr);
	else
		snprintf(cpu_model, sizeof(cpu_model), "%.40s r%up%u", name, midr >> 20 & 15,
			 midr & 15);
}

static int find_cpus(void)
{
	u64 self = arm64_read_sysreg(mpidr_el1) & MPIDR_AFFINITY_MASK;
	int cpus = fdt_path(&machine_fdt, "/cpus");
	int node = cpus < 0 ? cpus : fdt_first_child(&machine_fdt, cpus);
	bool named = false;

	smp_set_boot_cpu(self);
	for (; node >= 0; node = fdt_next_sibling(&machine_fdt, node)) {
		const char *type = fdt_prop_string(&machine_fdt, node, "device_type");
		u64 hw_id, size;

		if (!type || strcmp(type, "cpu") || !fdt_is_available(&machine_fdt, node))
			continue;
		cpu_found(node);
		if (!fdt_reg(&machine_fdt, node, 0, &hw_id, &size) &&
		    (hw_id & MPIDR_AFFINITY_MASK) == self) {
			cpu_name(node);
			named = true;
		}
	}
	if (!named) {
		pr_err("the device tree does not name the CPU that boots (MPIDR %llx)\n",
		       (unsigned long long)self);
		return -ENOENT;
	}
	fdt_place_cpus(&machine_fdt);
	acpi_place_cpus();
	return 0;
}

/* Open what describes the machine: firmware's device tree, or one made of ACPI's tables. */
static int open_description(bool by_acpi)
{
	int err = by_acpi ? acpi_make_tree() : 0;

	return err ? err : fdt_find();
}

int arch_discover(void)
{
	bool by_acpi = acpi_is_wanted();
	int err = open_description(by_acpi);

	if (err ? console_use_screen(NULL) : arch_console_init())
		console_use_semihosting();
	printk_console_ready();
	if (err)
		return err;
	if (boot_entry_el == 3) {
		pr_err("entered at EL3: this is for EL2 or EL1, with firmware at EL3 (TF-A)\n");
		return -EOPNOTSUPP;
	}
	psci_init();
	power_init();
	if (!console_is_heard())
		arch_power_off(RUN_CONFIG);
	watchdogs_find(&machine_fdt, fdt_reg_phys);
	err = fdt_scan_boot_info(&machine_fdt, boot_fdt_phys);
	if (!err)
		err = boot_add_reserved(kimage_phys, __image_end - __image_start);
	if (err)
		return err;
	if (acpi_is_missing()) {
		pr_err("acpi=force: firmware has handed over no ACPI tables\n");
		return -ENODEV;
	}
	boot_map_memory();
	err = find_cpus();
	if (err)
		return err;
	snprintf(boot_info.firmware, sizeof(boot_info.firmware), "%s, entered at EL%u%s",
		 psci_name(), boot_entry_el, by_acpi ? ", ACPI" : "");
	return 0;
}

unsigned int arch_cache_line_size(void)
{
	/* CTR_EL0.DminLine: log2 of the number of words */
	return 4U << (arm64_read_sysreg(ctr_el0) >> 16 & 15);
}

u64 arch_cpu_id(void)
{
	return arm64_read_sysreg(midr_el1);
}

const char *arch_cpu_model(void)
{
	return cpu_model;
}
