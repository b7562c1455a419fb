/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: what the loader hands over: the boot line and the memory map, which go to boot_info, and
 * where firmware's tables are. By multiboot (Multiboot Specification 0.6.96, section 3.3),
 * multiboot2 (Multiboot2 Specification 2.0, section 3.4: lib/multiboot2.c) or PVH (Xen's
 * public/arch-x86/hvm/start_info.h). All of it is read through x86_boot_map(), which checks that
 * the boot tables reach there; strings are bounded.
 */
#include <kernel/boot.h>
#include <kernel/printk.h>
#include <lib/errno.h>
#include <lib/format.h>
#include <lib/multiboot2.h>
#include <lib/string.h>

#include "port.h"

#define MULTIBOOT_MAGIC	   0x2badb002
#define MULTIBOOT_CMDLINE  (1 << 2)
#define MULTIBOOT_MMAP	   (1 << 6)
#define MULTIBOOT_LOADER   (1 << 9)
#define MULTIBOOT_SCREEN   (1 << 12)
#define SCREEN_TYPE_RGB	   1
#define MULTIBOOT2_MAGIC   0x36d76289
#define PVH_MAGIC	   0x336ec578
#define MEMORY_USABLE	   1 /* types of memory, in all maps and the BIOS's */
#define MEMORY_ACPI_TABLES 3
#define MEMORY_MAP_MAX	   0x10000
#define LOADER_NAME_MAX	   64

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
	u32 apm_table;
	u32 vbe[4];
	/* Of the version of the specification that GRUB is. */
	u64 screen_addr;
	u32 screen_pitch, screen_width, screen_height;
	u8 screen_bits, screen_type;
	u8 colours[6]; /* position and size of red, green, blue */
} __packed;

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
struct x86_loader x86_loader;

/* A NUL-terminated string of the loader's at @addr, or "". *@len is its length, at most @max. */
static const char *boot_string(u64 addr, size_t max, size_t *len)
{
	const char *s;

	*len = 0;
	if (!addr || addr >= x86_boot_map_end)
		return "";
	max = MIN(max, x86_boot_map_end - addr);
	s = x86_boot_map(addr, max);
	if (!s)
		return "";
	*len = strnlen(s, max);
	return s;
}

/*
 * One entry of a memory map. What is not memory may lie over what is, and must not be mapped: it is
 * firmware's, a device's, or not there (ACPI 6.5, table 15.10). Tables of ACPI's which are of no
 * use any more when they have been read, type 3, lie in memory like any other.
 */
static int add_memory(u64 base, u64 len, u32 type)
{
	u64 end = x86_boot_map_end;

	if (type == MEMORY_ACPI_TABLES)
		return boot_add_reserved(base, len);
	if (type != MEMORY_USABLE)
		return base < end ? boot_add_no_map(base, len) : 0;
	if (len > end || base > end - len) {
		pr_warn("memory above %llu GiB is left alone: the boot page tables end there",
			(unsigned long long)end >> 30);
		len = base < end ? end - base : 0;
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

static void set_firmware(const char *protocol, const char *loader, size_t len)
{
	snprintf(boot_info.firmware, sizeof(boot_info.firmware), len ? "%s (%.*s)" : "%s", protocol,
		 (int)MIN(len, LOADER_NAME_MAX), loader);
}

static void read_multiboot_screen(const struct multiboot_info *mb)
{
	struct framebuffer fb = {
		.pa = mb->screen_addr,
		.pitch = mb->screen_pitch,
		.width = mb->screen_width,
		.height = mb->screen_height,
		.bytes = (mb->screen_bits + 7) / 8,
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(mb->colours); i += 2)
		fb.white |= framebuffer_mask(mb->colours[i], mb->colours[i + 1]);
	if (mb->screen_type == SCREEN_TYPE_RGB && framebuffer_is_usable(&fb))
		boot_info.framebuffer = fb;
}

static int read_multiboot(void)
{
	const struct multiboot_info *mb = x86_boot_map(x86_boot_data, sizeof(*mb));
	const char *loader = "", *line;
	size_t len = 0;

	if (!mb) {
		pr_err("multiboot: no information at 0x%x", x86_boot_data);
		return -EFAULT;
	}
	if (mb->flags & MULTIBOOT_LOADER)
		loader = boot_string(mb->loader_name, LOADER_NAME_MAX, &len);
	set_firmware("multiboot1", loader, len);
	if (mb->flags & MULTIBOOT_CMDLINE) {
		line = boot_string(mb->cmdline, 2 * BOOT_CMDLINE_MAX, &len);
		line = skip_file_name(line, &len, strncmp(loader, "qemu", 5) == 0);
		boot_set_cmdline(line, len);
	}
	if (mb->flags & MULTIBOOT_SCREEN)
		read_multiboot_screen(mb);
	return read_multiboot_mmap(mb);
}

/* The tags, all of them mapped, or NULL. *@len: their length. */
static const void *map_multiboot2(u32 *len)
{
	const void *tags = x86_boot_map(x86_boot_data, MULTIBOOT2_HEADER_SIZE);

	*len = tags ? multiboot2_size(tags) : 0;
	return *len ? x86_boot_map(x86_boot_data, *len) : NULL;
}

static int read_multiboot2_map(const struct multiboot2_info *info)
{
	struct multiboot2_range r;
	int err = 0;
	u32 i;

	for (i = 0; !err && multiboot2_range(info, i, &r); i++)
		err = add_memory(r.base, r.size, r.usable ? MEMORY_USABLE : 0);
	if (!i) {
		pr_err("multiboot2: no memory map");
		return -ENODATA;
	}
	return err;
}

static int read_multiboot2(void)
{
	struct multiboot2_info info;
	const char *line;
	size_t len;
	u32 size;
	const void *tags = map_multiboot2(&size);

	if (!tags) {
		pr_err("multiboot2: no list of tags at 0x%x", x86_boot_data);
		return -EFAULT;
	}
	if (multiboot2_read(tags, size, false, &info))
		return -EBADMSG;
	x86_loader.uefi = info.efi;
	x86_loader.efi_system_table = info.efi_system_table;
	if (info.rsdp)
		x86_loader.rsdp = x86_boot_data + (info.rsdp - (const u8 *)tags);
	boot_info.framebuffer = info.framebuffer;
	set_firmware(info.efi ? "multiboot2, uefi" : "multiboot2", info.loader, info.loader_len);
	if (info.boot_services) {
		pr_err("multiboot2: the loader has left UEFI's boot services running");
		return -EINVAL;
	}
	len = info.cmdline_len;
	line = info.cmdline ? skip_file_name(info.cmdline, &len, false) : "";
	boot_set_cmdline(line, len);
	return read_multiboot2_map(&info);
}

static int read_pvh(void)
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
	x86_loader.rsdp = pvh->rsdp;
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

int x86_loader_read(void)
{
	switch (x86_boot_magic) {
	case MULTIBOOT_MAGIC:
		return read_multiboot();
	case MULTIBOOT2_MAGIC:
		return read_multiboot2();
	case PVH_MAGIC:
		return read_pvh();
	default:
		pr_err("started by an unknown loader (EAX was 0x%x)", x86_boot_magic);
		return -EINVAL;
	}
}
