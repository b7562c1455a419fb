/* SPDX-License-Identifier: GPL-2.0-only */
/* Discovery: what the device tree and the SBI firmware say about the machine. */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <arch/setup.h>
#include <drivers/uart.h>
#include <drivers/watchdog.h>
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

#include <asm/boot.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/kmap.h>

#include "port.h"

/* Set by boot.S. */
u64 boot_hartid, boot_fdt_phys;

/* So that the leaves of the linear map may be large. */
#define LINEAR_MAP_ALIGN_SHIFT 30

unsigned long linear_map_offset = LINEAR_MAP_START;

static unsigned int cache_line_size;
static char cpu_model[160];

static void describe_firmware(void)
{
	unsigned long spec = sbi_call(SBI_EXT_BASE, SBI_BASE_SPEC_VERSION, 0, 0, 0, 0).value;
	unsigned long impl = sbi_call(SBI_EXT_BASE, SBI_BASE_IMPL_ID, 0, 0, 0, 0).value;
	unsigned long ver = sbi_call(SBI_EXT_BASE, SBI_BASE_IMPL_VERSION, 0, 0, 0, 0).value;
	unsigned long major = spec >> 24 & 0x7f, minor = spec & 0xffffff;

	/* Implementation 1 is OpenSBI (chapter 4), whose version is major << 16 | minor. */
	if (impl == 1)
		snprintf(boot_info.firmware, sizeof(boot_info.firmware),
			 "OpenSBI %lu.%lu, sbi %lu.%lu", ver >> 16, ver & 0xffff, major, minor);
	else
		snprintf(boot_info.firmware, sizeof(boot_info.firmware),
			 "sbi %lu.%lu, implementation %lu version 0x%lx", major, minor, impl, ver);
}

static void describe_cpu(const struct fdt *f, int node)
{
	const char *isa = fdt_prop_string(f, node, "riscv,isa");
	u32 line;

	if (!isa)
		isa = fdt_prop_string(f, node, "riscv,isa-base");
	snprintf(cpu_model, sizeof(cpu_model), "%s vendor 0x%lx arch 0x%lx imp 0x%lx",
		 isa ? isa : "rv64", sbi_call(SBI_EXT_BASE, SBI_BASE_MVENDORID, 0, 0, 0, 0).value,
		 sbi_call(SBI_EXT_BASE, SBI_BASE_MARCHID, 0, 0, 0, 0).value,
		 sbi_call(SBI_EXT_BASE, SBI_BASE_MIMPID, 0, 0, 0, 0).value);
	if (fdt_prop_u32(f, node, "d-cache-block-size", &line) == 0 ||
	    fdt_prop_u32(f, node, "riscv,cbom-block-size", &line) == 0)
		cache_line_size = line;
}

/*
 * Does the tree say of any hart what its MMU is? If so, one of which it does not is a monitor core.
 * Some trees say it of none, and OpenSBI then marks all of them as disabled.
 */
static bool tree_has_mmu_types(const struct fdt *f, int cpus)
{
	struct fdt_prop p;
	int node;

	for (node = fdt_first_child(f, cpus); node >= 0; node = fdt_next_sibling(f, node))
		if (fdt_prop(f, node, "mmu-type", &p) == 0)
			return true;
	return false;
}

/*
 * Harts that can run us: a "cpu" node which is available and has an MMU. One that turns out to have
 * none goes back to firmware (secondary_entry).
 */
static bool hart_is_usable(const struct fdt *f, int node, bool has_mmu_types)
{
	const char *type = fdt_prop_string(f, node, "device_type");
	const char *mmu = fdt_prop_string(f, node, "mmu-type");

	if (!type || strcmp(type, "cpu") != 0)
		return false;
	if (!has_mmu_types)
		return true;
	return fdt_is_available(f, node) && mmu && strcmp(mmu, "riscv,none") != 0;
}

/*
 * Extension @name of a hart, from the list of the newer binding or the string of the older one
 * ("rv64imac_zicsr_sstc"). Only for names of several letters.
 */
static bool hart_has(const struct fdt *f, int node, const char *name)
{
	const char *isa = fdt_prop_string(f, node, "riscv,isa");
	size_t len = strlen(name);

	if (fdt_list_has(f, node, "riscv,isa-extensions", name))
		return true;
	while (isa && (isa = strchr(isa, '_')) != NULL) {
		isa++;
		if (strncmp(isa, name, len) == 0 && (isa[len] == '_' || !isa[len]))
			return true;
	}
	return false;
}

static int discover_cpus(const struct fdt *f)
{
	int node = fdt_path(f, "/cpus");
	bool sstc = true, named = false, has_mmu_types;
	u64 hart, size;

	if (node < 0) {
		pr_err("device tree: no /cpus\n");
		return node;
	}
	has_mmu_types = tree_has_mmu_types(f, node);
	smp_set_boot_cpu(boot_hartid);
	for (node = fdt_first_child(f, node); node >= 0; node = fdt_next_sibling(f, node)) {
		if (!hart_is_usable(f, node, has_mmu_types))
			continue;
		if (fdt_reg(f, node, 0, &hart, &size) < 0) {
			pr_warn("device tree: %s has no usable reg\n", fdt_node_name(f, node));
			continue;
		}
		smp_add_cpu(hart, 0, 0);
		sstc = sstc && hart_has(f, node, "sstc");
		if (hart == boot_hartid) {
			describe_cpu(f, node);
			named = true;
		}
	}
	if (!named) {
		pr_err("device tree: no usable CPU with the boot hart's number %lu\n", boot_hartid);
		return -ENODEV;
	}
	clock_has_sstc(sstc);
	fdt_place_cpus(f);
	return 0;
}

static u64 total_memory(void)
{
	u64 sum = 0;

	for (unsigned int i = 0; i < boot_info.nr_memory; i++)
		sum += boot_info.memory[i].size;
	return sum;
}

/* Without [base, base + size), which may be empty. */
static void leave_out(phys_addr_t base, u64 size)
{
	if (size)
		ranges_cut(boot_info.memory, &boot_info.nr_memory, BOOT_MAX_RANGES,
			   (struct phys_range){ base, size });
}

/* What the linear map does not reach is left unused. */
static void limit_memory(void)
{
	u64 before = total_memory(), ignored;

	leave_out(0, LINEAR_MAP_LOWEST);
	leave_out(LINEAR_MAP_SIZE, ~0ULL - LINEAR_MAP_SIZE);
	ignored = before - total_memory();
	if (ignored)
		pr_warn("%lu MiB of memory are ignored: the linear map is from 0x%lx to 0x%lx\n",
			(unsigned long)ignored >> 20, LINEAR_MAP_LOWEST, LINEAR_MAP_SIZE);
}

/* The linear map shall reach the image; what it then leaves below that we do without. */
static void place_linear_map(void)
{
	if (kimage_phys + (__image_end - __image_start) > LINEAR_MAP_SPAN)
		linear_map_offset -= ALIGN_DOWN(kimage_phys, 1UL << LINEAR_MAP_ALIGN_SHIFT);
}

static int open_device_tree(struct fdt *f)
{
	const char *why = NULL;
	const void *tree;
	u64 size = 0;
	int err;

	if (!boot_fdt_phys || boot_fdt_phys % 8) {
		pr_err("firmware gave no usable device tree address: 0x%lx\n", boot_fdt_phys);
		return -EINVAL;
	}
	tree = early_map(boot_fdt_phys, FDT_HEADER_SIZE, PROT_KERNEL_RW);
	if (tree)
		size = MIN(fdt_total_size(tree), FDT_SIZE_MAX);
	tree = early_map(boot_fdt_phys, size, PROT_KERNEL_RW);
	if (!tree)
		return -ENOMEM;
	err = fdt_open(f, tree, size, &why);
	if (err)
		pr_err("device tree at 0x%lx: %s\n", boot_fdt_phys, why ? why : "damaged");
	return err;
}

int arch_discover(void)
{
	struct fdt f;
	bool firmware_console = arch_console_init() == 0;
	int err;

	place_linear_map();
	if (firmware_console)
		printk_console_ready();
	describe_firmware();
	err = open_device_tree(&f);
	if (err)
		return err;
	console_choose(&f, firmware_console);
	printk_console_ready();
	boot_info.fdt = boot_fdt_phys;
	/* First, so that an error below ends with a verdict. */
	err = power_discover(&f);
	if (err == 0)
		err = fdt_scan_boot_info(&f, boot_fdt_phys);
	watchdogs_find(&f, fdt_reg_phys);
	if (err == 0)
		err = boot_add_reserved(kimage_phys, __image_end - __image_start);
	if (err == 0)
		err = clock_discover(&f);
	if (err == 0)
		err = discover_cpus(&f);
	if (err)
		return err;
	limit_memory();
	boot_map_memory();
	return 0;
}

/* With fp and ra zero a backtrace ends at fn. */
void arch_call_on_stack(void *top, void (*fn)(void *arg), void *arg)
{
	register void *a0 __asm__("a0") = arg;

	__asm__ __volatile__("mv	sp, %0\n"
			     "mv	s0, zero\n"
			     "mv	ra, zero\n"
			     "jr	%1\n"
			     :
			     : "r"(top), "r"(fn), "r"(a0)
			     : "memory");
	__builtin_unreachable();
}

int arch_kmap_devices(void)
{
	int err = power_map_device();

	if (!err)
		err = console_map_device();
	return err ? err : watchdogs_map(&uart_mmio, ioremap);
}

/* 64 bytes where the device tree does not say: that of the cores we know of. */
unsigned int arch_cache_line_size(void)
{
	return cache_line_size ? cache_line_size : 64;
}

/* Of the hart that asks (SBI 2.0 chapter 4.5). */
u64 arch_cpu_id(void)
{
	return sbi_call(SBI_EXT_BASE, SBI_BASE_MARCHID, 0, 0, 0, 0).value;
}

const char *arch_cpu_model(void)
{
	return cpu_model;
}
