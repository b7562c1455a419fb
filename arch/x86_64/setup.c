/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: discovery. The loader hands over the boot line and the memory map, by multiboot
 * (Multiboot Specification 0.6.96, section 3.3) or PVH (Xen's public/arch-x86/hvm/start_info.h);
 * ACPI tells the CPUs and how to power off, SMBIOS the machine's name. All of it is read through
 * x86_boot_map(), which checks that the boot tables reach there; strings are bounded.
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
#include <lib/string.h>
#include <mm/address.h>

#include "port.h"

#define MULTIBOOT_MAGIC	  0x2badb002
#define MULTIBOOT_CMDLINE (1 << 2)
#define MULTIBOOT_MMAP	  (1 << 6)
#define MULTIBOOT_LOADER  (1 << 9)
#define PVH_MAGIC	  0x336ec578
#define MEMORY_USABLE	  1 /* the type of ordinary memory, in both maps and the BIOS's */
#define MEMORY_MAP_MAX	  0x10000
#define LOADER_NAME_MAX	  64

/* Low memory of a PC: ACPI 6.5 section 5.2.5.1, SMBIOS 3.6 section 5.2. */
#define BDA_EBDA_SEGMENT   0x40e
#define EBDA_SEARCH_SIZE   1024
#define BIOS_AREA	   0xe0000
#define BIOS_AREA_SIZE	   0x20000
#define SMBIOS_AREA	   0xf0000
#define SMBIOS_AREA_SIZE   0x10000
#define SMBIOS_TABLE_MAX   0x10000
#define SMBIOS_SYSTEM	   1 /* structure type */
#define SMBIOS_END	   127
#define SMBIOS_HEADER_SIZE 4
#define STARTUP_LIMIT	   0xa0000 /* start-up IPI vectors 0xa0 to 0xbf are reserved */

#define CPUID_EXT_NX	   (1 << 20)
#define CPUID_EXT_1GIB	   (1 << 26)
#define CPUID_1_EDX_CLFSH  (1 << 19)
#define CPUID_CLFLUSH(ebx) (((ebx) >> 8 & 0xff) * 8)
#define CPUID_BRAND	   0x80000002 /* this leaf and the two that follow */

struct multiboot_info {
	u32 flags;
	u32 mem_lower, mem_upper;
	u32 boot_device;
	u32 cmdline;
	u32 mods_count, mods_addr;
	u32 syms[4];
	u32 mmap_length, mmap_addr;
	u32 drives_length, drives_addr;
	u32 config_table;
	u32 loader_name;
};

struct multiboot_mmap_entry {
	u32 size; /* of what follows */
	u64 base, len;
	u32 type;
} __packed;

struct pvh_info {
	u32 magic, version, flags, nr_modules;
	u64 modules, cmdline, rsdp;
	u64 memmap; /* this and the next: since version 1 */
	u32 memmap_entries, reserved;
};

struct pvh_memmap_entry {
	u64 base, len;
	u32 type, reserved;
};

u32 x86_boot_magic, x86_boot_data; /* set by boot.S */
struct acpi_info x86_acpi;

static u64 boot_map_end;
static char cpu_model[52];
static unsigned int cache_line_size;

const void *x86_boot_map(phys_addr_t addr, size_t len)
{
	if (addr >= boot_map_end || len > boot_map_end - addr)
		return NULL;
	return __va(addr);
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
	boot_map_end = (u64)(x86_has_1gib_pages ? BOOT_MAP_GIB : BOOT_MAP_GIB_SMALL) << 30;
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

const char *arch_cpu_model(void)
{
	return cpu_model[0] ? cpu_model : "x86_64";
}

/* A NUL-terminated string of the loader's at @addr, or "". *@len is its length, at most @max. */
static const char *boot_string(u64 addr, size_t max, size_t *len)
{
	const char *s;

	*len = 0;
	if (!addr || addr >= boot_map_end)
		return "";
	max = MIN(max, boot_map_end - addr);
	s = x86_boot_map(addr, max);
	*len = strnlen(s, max);
	return s;
}

/* One entry of a memory map; what is not memory may lie over what is. */
static int add_memory(u64 base, u64 len, u32 type)
{
	if (type != MEMORY_USABLE)
		return base < boot_map_end ? boot_add_reserved(base, len) : 0;
	if (len > boot_map_end || base > boot_map_end - len) {
		pr_warn("memory above %llu GiB is left alone: the boot page tables end there",
			(unsigned long long)boot_map_end >> 30);
		len = base < boot_map_end ? boot_map_end - base : 0;
	}
	return boot_add_memory(base, len);
}

static int read_multiboot_mmap(const struct multiboot_info *mb)
{
	const char *map = x86_boot_map(mb->mmap_addr, mb->mmap_length);
	u32 off = 0;
	int err = 0;

	if (!(mb->flags & MULTIBOOT_MMAP) || !map || mb->mmap_length > MEMORY_MAP_MAX) {
		pr_err("multiboot: no memory map, or a damaged one (flags 0x%x, %u bytes at 0x%x)",
		       mb->flags, mb->mmap_length, mb->mmap_addr);
		return -EBADMSG;
	}
	while (!err && off + sizeof(struct multiboot_mmap_entry) <= mb->mmap_length) {
		struct multiboot_mmap_entry e;

		memcpy(&e, map + off, sizeof(e));
		if (e.size < sizeof(e) - sizeof(e.size) || e.size > mb->mmap_length) {
			pr_err("multiboot: memory map entry of %u bytes at offset %u", e.size, off);
			return -EBADMSG;
		}
		err = add_memory(e.base, e.len, e.type);
		off += sizeof(e.size) + e.size;
	}
	return err;
}

/*
 * QEMU puts the image's file name before the boot line; other loaders that do so give a path.
 * Options are name=value, so a first word with a slash before any '=' is none of ours. A blank in
 * the name looks like its end: tools/fencepost gives QEMU a name without any.
 */
static const char *skip_file_name(const char *s, size_t *len, bool always)
{
	size_t word = 0;
	const char *slash;

	while (word < *len && s[word] != ' ')
		word++;
	for (slash = s; slash < s + word && *slash != '/' && *slash != '='; slash++)
		;
	if (!always && (slash == s + word || *slash != '/'))
		return s;
	while (word < *len && s[word] == ' ')
		word++;
	*len -= word;
	return s + word;
}

static int read_multiboot(void)
{
	const struct multiboot_info *mb = x86_boot_map(x86_boot_data, sizeof(*mb));
	const char *loader = "", *line;
	size_t len;

	if (!mb) {
		pr_err("multiboot: no information at 0x%x", x86_boot_data);
		return -EFAULT;
	}
	if (mb->flags & MULTIBOOT_LOADER)
		loader = boot_string(mb->loader_name, LOADER_NAME_MAX, &len);
	if (loader[0])
		snprintf(boot_info.firmware, sizeof(boot_info.firmware), "multiboot1 (%.*s)",
			 (int)len, loader);
	else
		strscpy(boot_info.firmware, "multiboot1", sizeof(boot_info.firmware));
	if (mb->flags & MULTIBOOT_CMDLINE) {
		line = boot_string(mb->cmdline, 2 * BOOT_CMDLINE_MAX, &len);
		line = skip_file_name(line, &len, strncmp(loader, "qemu", 5) == 0);
		boot_set_cmdline(line, len);
	}
	return read_multiboot_mmap(mb);
}

static int read_pvh(phys_addr_t *rsdp)
{
	const struct pvh_info *pvh = x86_boot_map(x86_boot_data, sizeof(*pvh));
	const struct pvh_memmap_entry *map;
	const char *line;
	size_t len;
	u32 i;
	int err = 0;

	if (!pvh || pvh->magic != PVH_MAGIC || pvh->version < 1) {
		pr_err("PVH: no start info of version 1 at 0x%x", x86_boot_data);
		return -EBADMSG;
	}
	strscpy(boot_info.firmware, "pvh", sizeof(boot_info.firmware));
	line = boot_string(pvh->cmdline, 2 * BOOT_CMDLINE_MAX, &len);
	boot_set_cmdline(line, len);
	*rsdp = pvh->rsdp;
	map = x86_boot_map(pvh->memmap, (u64)pvh->memmap_entries * sizeof(*map));
	if (!pvh->memmap || !map || pvh->memmap_entries > MEMORY_MAP_MAX / sizeof(*map)) {
		pr_err("PVH: no memory map, or a damaged one (%u entries at 0x%llx)",
		       pvh->memmap_entries, (unsigned long long)pvh->memmap);
		return -EBADMSG;
	}
	for (i = 0; !err && i < pvh->memmap_entries; i++)
		err = add_memory(map[i].base, map[i].len, map[i].type);
	return err;
}

static phys_addr_t find_rsdp(const struct acpi_env *env)
{
	u16 segment;
	phys_addr_t rsdp = 0;

	memcpy(&segment, x86_boot_map(BDA_EBDA_SEGMENT, sizeof(segment)), sizeof(segment));
	if (segment)
		rsdp = acpi_find_rsdp(env, (phys_addr_t)segment << 4, EBDA_SEARCH_SIZE);
	return rsdp ? rsdp : acpi_find_rsdp(env, BIOS_AREA, BIOS_AREA_SIZE);
}

/* A PC without usable ACPI tables still runs, on the CPU that booted. */
static void discover_cpus(phys_addr_t rsdp)
{
	struct acpi_env env = {
		.map = acpi_map,
		.cpu_id_max = x86_have_x2apic() ? ACPI_ID_MAX_X2APIC : ACPI_ID_MAX_XAPIC,
	};
	u32 own = x86_apic_id();
	bool listed = false;
	unsigned int i;

	if (!rsdp)
		rsdp = find_rsdp(&env);
	if (!rsdp || acpi_read(&env, rsdp, &x86_acpi))
		pr_warn("no usable ACPI tables: only the CPU that booted is known");
	smp_set_boot_cpu(own);
	for (i = 0; i < MIN(x86_acpi.nr_cpus, ARRAY_SIZE(x86_acpi.lapic_id)); i++) {
		if (x86_acpi.lapic_id[i] == own)
			listed = true;
		else
			smp_add_cpu(x86_acpi.lapic_id[i], 0, 0);
	}
	if (!listed && x86_acpi.nr_cpus)
		pr_warn("the MADT does not list the CPU that booted, APIC id %u", own);
}

/* String @index, from 1, of those at @p, which end at @end or with an empty one. "" if none. */
static const char *smbios_string(const u8 *p, const u8 *end, unsigned int index, size_t *len)
{
	*len = 0;
	if (!index)
		return "";
	while (p < end && *p) {
		*len = strnlen((const char *)p, end - p);
		if (!--index)
			return (const char *)p;
		p += *len + 1;
	}
	*len = 0;
	return "";
}

/* The system's product name, of the structures in [p, end): SMBIOS 3.6 sections 6.1.2 and 7.2. */
static void read_smbios_table(const u8 *p, const u8 *end)
{
	while (end - p >= SMBIOS_HEADER_SIZE && p[1] >= SMBIOS_HEADER_SIZE && p[1] <= end - p) {
		const u8 *strings = p + p[1];
		const char *name;
		size_t len;

		if (p[0] == SMBIOS_SYSTEM && p[1] > 5) {
			name = smbios_string(strings, end, p[5], &len);
			snprintf(boot_info.machine, sizeof(boot_info.machine), "%.*s", (int)len,
				 name);
		}
		if (p[0] == SMBIOS_SYSTEM || p[0] == SMBIOS_END)
			return;
		for (p = strings; end - p >= 2 && (p[0] || p[1]); p++)
			;
		p += 2;
	}
}

/* Nothing depends on it: a machine without SMBIOS is called "pc". */
static void read_machine_name(void)
{
	const u8 *area = x86_boot_map(SMBIOS_AREA, SMBIOS_AREA_SIZE), *p, *table;
	u64 addr;
	u32 len;

	strscpy(boot_info.machine, "pc", sizeof(boot_info.machine));
	for (p = area; p < area + SMBIOS_AREA_SIZE; p += 16) {
		len = 0;
		addr = 0;
		if (memcmp(p, "_SM3_", 5) == 0) { /* section 5.2.2 */
			memcpy(&len, p + 0xc, 4);
			memcpy(&addr, p + 0x10, 8);
		} else if (memcmp(p, "_SM_", 4) == 0 && p < area + SMBIOS_AREA_SIZE - 0x20) {
			memcpy(&len, p + 0x16, 2); /* section 5.2.1 */
			memcpy(&addr, p + 0x18, 4);
		}
		len = MIN(len, SMBIOS_TABLE_MAX);
		table = len ? x86_boot_map(addr, len) : NULL;
		if (table) {
			read_smbios_table(table, table + len);
			return;
		}
	}
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

int arch_discover(void)
{
	phys_addr_t rsdp = 0;
	int err;

	cpu_identify();
	if (arch_console_init() == 0)
		printk_console_ready();
	if (x86_boot_magic == MULTIBOOT_MAGIC) {
		err = read_multiboot();
	} else if (x86_boot_magic == PVH_MAGIC) {
		err = read_pvh(&rsdp);
	} else {
		pr_err("started by an unknown loader (EAX was 0x%x)", x86_boot_magic);
		return -EINVAL;
	}
	if (!err)
		err = boot_add_reserved(kimage_phys, __image_end - __image_start);
	if (err)
		return err;
	read_machine_name();
	x86_trampoline_phys = find_trampoline_page();
	if (x86_trampoline_phys) {
		err = boot_add_reserved(x86_trampoline_phys, PAGE_SIZE);
		if (err)
			return err;
	}
	discover_cpus(rsdp);
	return 0;
}
