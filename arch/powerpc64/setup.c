/* SPDX-License-Identifier: GPL-2.0-only */
/* What the machine is: from the device tree that firmware hands over. */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/setup.h>
#include <asm/opal.h>
#include <asm/reg.h>
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>

#include "port.h"

#define FDT_SIZE_MAX	     (16U << 20)
#define DEC_BITS_DEFAULT     32	  /* without the property: the decrementer of older processors */
#define HEARTBEAT_DEFAULT_MS 200  /* without the property */
#define CORE_ON_CHIP	     0xff /* of a core's number, the PIR of its first thread */

bool cpu_has_threads;
struct machine machine = { .dec_bits = DEC_BITS_DEFAULT, .heartbeat_ms = HEARTBEAT_DEFAULT_MS };

unsigned int arch_cache_line_size(void)
{
	return machine.cache_line ? machine.cache_line : ARCH_CACHE_LINE_MAX;
}

u64 arch_cpu_id(void)
{
	return mfspr(SPR_PVR);
}

const char *arch_cpu_model(void)
{
	return machine.cpu_model;
}

static int prop_u64(const struct fdt *f, int node, const char *name, u64 *val)
{
	u32 hi, lo;

	if (fdt_prop_cell(f, node, name, 0, &hi) || fdt_prop_cell(f, node, name, 1, &lo))
		return -ENOENT;
	*val = (u64)hi << 32 | lo;
	return 0;
}

/*
 * OPAL's entry, unless the entry registers told it; what firmware calls itself; and how often it
 * wants to be polled.
 */
static int discover_opal(const struct fdt *f)
{
	int node = fdt_path(f, "/ibm,opal");
	int fw = fdt_path(f, "/ibm,opal/firmware");
	const char *version = fw >= 0 ? fdt_prop_string(f, fw, "version") : NULL;

	snprintf(boot_info.firmware, sizeof(boot_info.firmware), "opal %s",
		 version ? version : "(unnamed)");
	if (node >= 0)
		fdt_prop_u32(f, node, "ibm,heartbeat-ms", &machine.heartbeat_ms);
	if (opal.entry)
		return 0;
	if (node < 0 || prop_u64(f, node, "opal-base-address", &opal.base) ||
	    prop_u64(f, node, "opal-entry-address", &opal.entry))
		return -ENODEV; /* there is nothing to say it with */
	/*
	 * So another kernel started us, by kexec, and boot.S could not call: cores take interrupts
	 * in that one's byte order, and translate as it wished.
	 */
	opal_call(OPAL_REINIT_CPUS, OPAL_REINIT_BE | OPAL_REINIT_RADIX, 0, 0, 0, 0, 0);
	printk_console_ready();
	return 0;
}

/* The node of the CPU that runs this: what holds for all of them. */
static void discover_boot_cpu(const struct fdt *f, int node)
{
	const char *name = fdt_node_name(f, node);
	char model[32];

	fdt_prop_u32(f, node, "timebase-frequency", &machine.timebase_hz);
	fdt_prop_u32(f, node, "d-cache-line-size", &machine.cache_line);
	if (fdt_prop_u32(f, node, "ibm,dec-bits", &machine.dec_bits) ||
	    machine.dec_bits < DEC_BITS_DEFAULT || machine.dec_bits > 64)
		machine.dec_bits = DEC_BITS_DEFAULT;
	if (!strncmp(name, "PowerPC,", 8))
		name += 8;
	strscpy(model, name, sizeof(model));
	if (strchr(model, '@'))
		*strchr(model, '@') = '\0';
	snprintf(machine.cpu_model, sizeof(machine.cpu_model), "%s PVR 0x%08x", model,
		 (unsigned int)mfspr(SPR_PVR));
}

/*
 * A node is a core; its threads' PIRs are listed, the first being "reg". Is the boot CPU's one of
 * them?
 */
static bool discover_core(const struct fdt *f, int node, u64 boot_pir)
{
	bool named = false;
	u32 pir, chip = 0, core = 0;

	fdt_prop_u32(f, node, "ibm,chip-id", &chip);
	fdt_prop_u32(f, node, "reg", &core);
	for (u32 i = 0; !fdt_prop_cell(f, node, "ibm,ppc-interrupt-server#s", i, &pir); i++) {
		smp_add_cpu(pir, 0, 0);
		smp_set_place(pir, (struct cpu_place){ chip, 0, core & CORE_ON_CHIP, i });
		cpu_has_threads |= i > 0;
		if (pir == boot_pir) {
			discover_boot_cpu(f, node);
			named = true;
		}
	}
	return named;
}

static int discover_cpus(const struct fdt *f)
{
	u64 boot_pir = mfspr(SPR_PIR);
	int cpus = fdt_path(f, "/cpus");
	bool named = false;
	int node;

	smp_set_boot_cpu(boot_pir);
	for (node = cpus < 0 ? cpus : fdt_first_child(f, cpus); node >= 0;
	     node = fdt_next_sibling(f, node))
		if (fdt_list_has(f, node, "device_type", "cpu") && fdt_is_available(f, node))
			named |= discover_core(f, node, boot_pir);
	if (named)
		return 0;
	pr_err("the device tree has no CPU with PIR %llu, which runs this\n",
	       (unsigned long long)boot_pir);
	return -ENODEV;
}

/* Open the device tree, seen through the linear map: the header first, then all that it claims. */
static int open_device_tree(struct fdt *f)
{
	const char *why = "there is no memory for its page tables";
	int err = boot_map_linear(boot_fdt, FDT_HEADER_SIZE, PROT_KERNEL_RW);
	u32 size = err ? 0 : fdt_total_size(__va(boot_fdt));

	if (!err)
		err = boot_map_linear(boot_fdt, MIN(size, FDT_SIZE_MAX), PROT_KERNEL_RW);
	if (!err)
		err = fdt_open(f, __va(boot_fdt), MIN(size, FDT_SIZE_MAX), &why);
	if (err)
		pr_err("device tree at %llx: %s\n", (unsigned long long)boot_fdt, why);
	return err;
}

int arch_discover(void)
{
	struct fdt f;
	int err;

	if (!arch_console_init())
		printk_console_ready();
	err = open_device_tree(&f);
	if (!err)
		err = discover_opal(&f);
	if (!err)
		err = fdt_scan_boot_info(&f, boot_fdt);
	if (!err)
		err = boot_add_reserved(kimage_phys, __image_end - __image_start);
	if (!err)
		err = discover_cpus(&f);
	if (!err)
		boot_map_memory();
	return err;
}
