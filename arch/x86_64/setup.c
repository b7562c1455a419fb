/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: discovery. What the loader hands over is read in loader.c, firmware's tables are found in
 * firmware.c; ACPI, or else an MP table, tells the CPUs, ACPI how to power off, SMBIOS the name of
 * the machine.
 */
#include <arch/console.h>
#include <arch/cpu.h>
#include <arch/mmu.h>
#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <lib/errno.h>
#include <lib/mptable.h>
#include <lib/string.h>
#include <mm/address.h>
#include <mm/boot_map.h>
#include <mm/pgtable.h>

#include "port.h"

/* Without pages of 1 GiB the boot tables (mm/boot_map.c) are too few for more. */
#define MEMORY_SIZE_SMALL (64ULL << 30)

#define STARTUP_LIMIT 0xa0000 /* start-up IPI vectors 0xa0 to 0xbf are reserved */

#define CPUID_1_ECX_HYPERVISOR (1U << 31)
#define CPUID_HYPERVISOR       0x40000000
#define CPUID_EXT_NX	       (1 << 20)
#define CPUID_EXT_1GIB	       (1 << 26)
#define CPUID_1_EDX_CLFSH      (1 << 19)
#define CPUID_CLFLUSH(ebx)     (((ebx) >> 8 & 0xff) * 8)
#define CPUID_TOPOLOGY	       0xb
#define CPUID_TOPOLOGY_V2      0x1f
#define TOPOLOGY_THREAD	       1 /* a level's kind, ECX bits 15 to 8; 0 ends them */
#define TOPOLOGY_LEVELS	       8
#define CPUID_BRAND	       0x80000002 /* this leaf and the two that follow */

struct acpi_info x86_acpi;

u64 x86_boot_map_end;
static char cpu_model[52];
static unsigned int cache_line_size;

/*
 * Each page of it is mapped when it is asked for, in a place of its own: it need not be memory that
 * may stay mapped.
 */
const void *x86_boot_map(phys_addr_t addr, size_t len)
{
	phys_addr_t page = ALIGN_DOWN(addr, PAGE_SIZE);

	if (addr >= x86_boot_map_end || len > x86_boot_map_end - addr ||
	    boot_map(FIRMWARE_BASE + page, page, ALIGN_UP(addr + len, PAGE_SIZE) - page,
		     PROT_KERNEL_RW))
		return NULL;
	return (const void *)(FIRMWARE_BASE + addr);
}

void *x86_boot_map_device(phys_addr_t addr, size_t len)
{
	if (addr >= x86_boot_map_end || len > x86_boot_map_end - addr ||
	    boot_map_linear(addr, len, PROT_DEVICE))
		return NULL;
	return __va(addr);
}

/*
 * All of that has been read: no CPU may read ahead there any more. A load of CR3 drops what was
 * cached of the entry (Intel SDM vol. 3A section 4.10.4.1).
 */
static void unmap_firmware(void)
{
	WRITE_ONCE(boot_pml4[pgtable_index(FIRMWARE_BASE, pgtable_levels() - 1)], 0);
	arch_mmu_activate(__pa(boot_pml4));
}

static const void *acpi_map(void *ctx, phys_addr_t addr, size_t len)
{
	return x86_boot_map(addr, len);
}

static void cpu_identify(void)
{
	struct cpuid ext = x86_cpuid(0x80000001), std = x86_cpuid(1);
	struct cpuid *brand = (struct cpuid *)cpu_model;
	unsigned int i, skip = 0;

	BUILD_BUG_ON(BOOT_STACK_SIZE != KERNEL_STACK_SIZE);
	x86_pte_nx = ext.edx & CPUID_EXT_NX ? PTE_NX : 0;
	x86_has_1gib_pages = ext.edx & CPUID_EXT_1GIB;
	x86_boot_map_end = x86_has_1gib_pages ? FIRMWARE_SIZE : MEMORY_SIZE_SMALL;
	cache_line_size = std.edx & CPUID_1_EDX_CLFSH ? CPUID_CLFLUSH(std.ebx) : 0;
	for (i = 0; i < 3; i++)
		brand[i] = x86_cpuid(CPUID_BRAND + i);
	while (cpu_model[skip] == ' ')
		skip++;
	memmove(cpu_model, cpu_model + skip, sizeof(cpu_model) - skip);
}

unsigned int arch_cache_line_size(void)
{
	return cache_line_size ? cache_line_size : ARCH_CACHE_LINE_MAX;
}

u64 arch_cpu_id(void)
{
	return x86_cpuid(1).eax;
}

const char *arch_cpu_model(void)
{
	return cpu_model[0] ? cpu_model : "x86_64";
}

/*
 * The name of a hypervisor, of leaf 0x40000000 where leaf 1 says that there is one (SDM 2A, CPUID,
 * ECX bit 31 "not used, always 0"; AMD APM 3, E.3.2): "KVMKVMKVM", "TCGTCGTCGTCG".
 */
static void read_hypervisor(void)
{
	struct cpuid c = { .eax = CPUID_HYPERVISOR };
	char name[13] = "";

	if (!(x86_cpuid(1).ecx & CPUID_1_ECX_HYPERVISOR))
		return;
	__asm__ __volatile__("cpuid" : "+a"(c.eax), "=b"(c.ebx), "=c"(c.ecx), "=d"(c.edx));
	memcpy(name, (char *)&c + sizeof(c.eax), 12);
	str_copy_printable(boot_info.hypervisor, sizeof(boot_info.hypervisor), name, 12);
}

/* By ACPI, or else the MP table. A PC without both still runs, on the CPU that booted. */
static void read_tables(void)
{
	struct acpi_env env = {
		.map = acpi_map,
		.cpu_id_max = x86_have_x2apic() ? ACPI_ID_MAX_X2APIC : ACPI_ID_MAX_XAPIC,
	};
	phys_addr_t rsdp = x86_find_rsdp(&env), mptable;

	if (rsdp && !acpi_read(&env, rsdp, &x86_acpi))
		return;
	mptable = x86_find_mptable(&env);
	if (mptable && !mptable_read(&env, mptable, &x86_acpi))
		pr_info("no usable ACPI tables: the CPUs are those of the MP table");
	else
		pr_warn("no usable ACPI tables, nor an MP table: only the CPU that booted is "
			"known");
}

/*
 * How many low bits of an APIC id tell a core's threads, and a package's CPUs, apart: Intel SDM
 * vol. 3A section 9.9.4, by the newer of two leaves with the same levels. 0 where nobody says.
 */
static void read_topology(unsigned int *thread_bits, unsigned int *package_bits)
{
	u32 leaf = x86_cpuid(CPUID_TOPOLOGY_V2).ebx ? CPUID_TOPOLOGY_V2 : CPUID_TOPOLOGY;

	*thread_bits = *package_bits = 0;
	if (!x86_cpuid(leaf).ebx)
		return;
	for (u32 level = 0; level < TOPOLOGY_LEVELS; level++) {
		struct cpuid c = x86_cpuid_sub(leaf, level);
		u32 kind = c.ecx >> 8 & 0xff;

		if (!kind)
			return;
		if (kind == TOPOLOGY_THREAD)
			*thread_bits = c.eax & 31;
		*package_bits = c.eax & 31;
	}
}

static struct cpu_place place_of(u32 id, unsigned int thread_bits, unsigned int package_bits)
{
	u32 in_package = id & ((1U << package_bits) - 1);

	return (struct cpu_place){
		.socket = id >> package_bits,
		.core = in_package >> thread_bits,
		.thread = id & ((1U << thread_bits) - 1),
	};
}

static void place_cpus(void)
{
	unsigned int thread_bits, package_bits;

	read_topology(&thread_bits, &package_bits);
	for (unsigned int i = 0; package_bits && i < nr_cpus_named; i++)
		smp_set_place(cpu_table[i].hw_id,
			      place_of(cpu_table[i].hw_id, thread_bits, package_bits));
}

static void add_cpus(void)
{
	u32 own = x86_apic_id();
	bool listed = false;
	unsigned int i;

	smp_set_boot_cpu(own);
	for (i = 0; i < MIN(x86_acpi.nr_cpus, ARRAY_SIZE(x86_acpi.lapic_id)); i++) {
		if (x86_acpi.lapic_id[i] == own)
			listed = true;
		else
			smp_add_cpu(x86_acpi.lapic_id[i], 0, 0);
	}
	if (!listed && x86_acpi.nr_cpus)
		pr_warn("firmware does not list the CPU that booted, APIC id %u", own);
	place_cpus();
}

static bool page_is_reserved(phys_addr_t page)
{
	unsigned int i;

	for (i = 0; i < boot_info.nr_reserved; i++) {
		const struct phys_range *r = &boot_info.reserved[i];

		if (page < r->base + r->size && page + PAGE_SIZE > r->base)
			return true;
	}
	return false;
}

/* The highest free page where a start-up IPI can begin; 0 if there is none. */
static phys_addr_t find_trampoline_page(void)
{
	phys_addr_t best = 0, page;
	unsigned int i;

	for (i = 0; i < boot_info.nr_memory; i++) {
		const struct phys_range *m = &boot_info.memory[i];

		page = ALIGN_DOWN(MIN(m->base + m->size, STARTUP_LIMIT), PAGE_SIZE);
		for (; page > best && page >= m->base + PAGE_SIZE; page -= PAGE_SIZE) {
			if (!page_is_reserved(page - PAGE_SIZE) && page > PAGE_SIZE)
				best = page - PAGE_SIZE;
		}
	}
	return best;
}

/* At its own address, too, where an AP has its stack when it switches paging on. */
static int map_trampoline(void)
{
	int err;

	if (!x86_trampoline_phys)
		return 0;
	err = boot_add_reserved(x86_trampoline_phys, PAGE_SIZE);
	if (err)
		return err;
	return boot_map(x86_trampoline_phys, x86_trampoline_phys, PAGE_SIZE, PROT_KERNEL_RW);
}

int arch_discover(void)
{
	int err;

	cpu_identify();
	/* What they print waits: where the console is depends on how we were started. */
	err = x86_loader_read();
	read_tables();
	if (arch_console_init() == 0)
		printk_console_ready();
	if (!err)
		err = boot_add_reserved(kimage_phys, __image_end - __image_start);
	if (err)
		return err;
	x86_watchdogs_stop();
	x86_read_machine_name();
	read_hypervisor();
	x86_trampoline_phys = find_trampoline_page();
	add_cpus();
	unmap_firmware();
	boot_map_memory();
	return map_trampoline();
}
