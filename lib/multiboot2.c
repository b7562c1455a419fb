/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of multiboot2's tags (Multiboot2 Specification 2.0, section 3.4): see the header. A tag is
 * used only if all that its kind must have is in it; every tag that is stepped over has a length of
 * 8 at least, so a damaged list cannot make it run long.
 */
#include <lib/errno.h>
#include <lib/multiboot2.h>
#include <lib/report.h>
#include <lib/string.h>

/* Section 3.4: types of tags. */
#define TAG_END		  0
#define TAG_CMDLINE	  1
#define TAG_LOADER	  2
#define TAG_MMAP	  6
#define TAG_FRAMEBUFFER	  8
#define TAG_EFI32	  11
#define TAG_EFI64	  12
#define TAG_RSDP_OLD	  14
#define TAG_RSDP_NEW	  15
#define TAG_EFI_MMAP	  17
#define TAG_BOOT_SERVICES 18

#define TAG_HEADER_SIZE 8
#define TAG_ALIGN	8
#define MAP_ENTRIES	16 /* behind the header: the entries' size, their version */
#define MMAP_ENTRY_MIN	24
#define MMAP_AVAILABLE	1
#define FB_SIZE_MIN	32 /* behind the header: address, pitch, width, height, bits, type */
#define FB_COLOURS	6  /* position and size of red, green, blue */
#define FB_TYPE_RGB	1
#define RSDP_SIZE_MIN	20 /* ACPI 6.5 section 5.2.5.3 */
#define EFI_MMAP_MIN	40 /* EFI_MEMORY_DESCRIPTOR: UEFI 2.10 section 7.2.3 */
#define EFI_PAGE_SHIFT	12
#define EFI_PAGES_MAX	(1ULL << (64 - EFI_PAGE_SHIFT))

struct tag {
	const u8 *p;
	u32 type, size;
};

static u32 read_le32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static u64 read_le64(const u8 *p)
{
	return read_le32(p) | (u64)read_le32(p + 4) << 32;
}

u32 multiboot2_size(const void *header)
{
	u32 size = read_le32(header);

	return size >= MULTIBOOT2_HEADER_SIZE && size <= MULTIBOOT2_SIZE_MAX ? size : 0;
}

static bool read_string(const struct tag *t, const char **s, u32 *len)
{
	*s = (const char *)t->p + TAG_HEADER_SIZE;
	*len = strnlen(*s, t->size - TAG_HEADER_SIZE);
	return true;
}

static bool read_map(const struct tag *t, u32 width_min, struct multiboot2_map *map)
{
	u32 width;

	if (t->size < MAP_ENTRIES)
		return false;
	width = read_le32(t->p + TAG_HEADER_SIZE);
	if (width < width_min)
		return false;
	map->entries = t->p + MAP_ENTRIES;
	map->width = width;
	map->count = (t->size - MAP_ENTRIES) / width;
	return true;
}

/*
 * An empty tag is no pointer: GRUB copies as many bytes as the extended pointer says that it has,
 * and in U-Boot's of 2023 that is none.
 */
static bool read_rsdp(const struct tag *t, struct multiboot2_info *info)
{
	if (t->size == TAG_HEADER_SIZE)
		return true;
	if (t->size < TAG_HEADER_SIZE + RSDP_SIZE_MIN)
		return false;
	if (!info->rsdp || t->type == TAG_RSDP_NEW)
		info->rsdp = t->p + TAG_HEADER_SIZE;
	return true;
}

/* Section 3.4.12. Of the other types one is text, the other has a palette. */
static bool read_framebuffer(const struct tag *t, struct framebuffer *fb)
{
	const u8 *p = t->p + TAG_HEADER_SIZE, *colours = t->p + FB_SIZE_MIN;

	if (t->size < FB_SIZE_MIN || (p[21] == FB_TYPE_RGB && t->size < FB_SIZE_MIN + FB_COLOURS))
		return false;
	if (p[21] != FB_TYPE_RGB)
		return true;
	*fb = (struct framebuffer){
		.pa = read_le64(p),
		.pitch = read_le32(p + 8),
		.width = read_le32(p + 12),
		.height = read_le32(p + 16),
		.bytes = (p[20] + 7) / 8,
	};
	for (unsigned int i = 0; i < FB_COLOURS; i += 2)
		fb->white |= framebuffer_mask(colours[i], colours[i + 1]);
	if (!framebuffer_is_usable(fb))
		fb->width = 0;
	return true;
}

static bool read_efi64(const struct tag *t, struct multiboot2_info *info)
{
	if (t->size < TAG_HEADER_SIZE + 8)
		return false;
	info->efi = true;
	info->efi_system_table = read_le64(t->p + TAG_HEADER_SIZE);
	return true;
}

/* False if the tag has not what one of its type must have. */
static bool read_tag(const struct tag *t, struct multiboot2_info *info)
{
	switch (t->type) {
	case TAG_CMDLINE:
		return read_string(t, &info->cmdline, &info->cmdline_len);
	case TAG_LOADER:
		return read_string(t, &info->loader, &info->loader_len);
	case TAG_MMAP:
		return read_map(t, MMAP_ENTRY_MIN, &info->mmap);
	case TAG_EFI_MMAP:
		info->efi = true;
		return read_map(t, EFI_MMAP_MIN, &info->efi_mmap);
	case TAG_RSDP_OLD:
	case TAG_RSDP_NEW:
		return read_rsdp(t, info);
	case TAG_FRAMEBUFFER:
		return read_framebuffer(t, &info->framebuffer);
	case TAG_EFI64:
		return read_efi64(t, info);
	case TAG_EFI32:
		info->efi = true;
		return true;
	case TAG_BOOT_SERVICES:
		info->boot_services = true;
		return true;
	default:
		return true; /* others say nothing that we ask for */
	}
}

static int damaged(struct multiboot2_info *info, bool quiet, const struct tag *t, u32 off)
{
	if (!quiet)
		report_err("multiboot2: tag of type %u with %u bytes at offset %u is damaged",
			   t->type, t->size, off);
	memset(info, 0, sizeof(*info));
	return -EBADMSG;
}

int multiboot2_read(const void *tags, u32 len, bool quiet, struct multiboot2_info *info)
{
	u32 off = MULTIBOOT2_HEADER_SIZE;
	struct tag t = { 0 };

	memset(info, 0, sizeof(*info));
	while (off <= len && len - off >= TAG_HEADER_SIZE) {
		t.p = (const u8 *)tags + off;
		t.type = read_le32(t.p);
		t.size = read_le32(t.p + 4);
		if (t.size < TAG_HEADER_SIZE || t.size > len - off)
			return damaged(info, quiet, &t, off);
		if (t.type == TAG_END)
			return 0;
		if (!read_tag(&t, info))
			return damaged(info, quiet, &t, off);
		off += ALIGN_UP(t.size, TAG_ALIGN);
	}
	if (!quiet)
		report_err("multiboot2: the list of %u bytes has no end", len);
	memset(info, 0, sizeof(*info));
	return -EBADMSG;
}

/* What UEFI has no use for any more, once its boot services have ended: UEFI 2.10 table 7.10. */
static bool efi_is_usable(u32 type)
{
	static const bool usable[] = {
		[1] = true, [2] = true, /* the loader's code and data */
		[3] = true, [4] = true, /* the boot services' */
		[7] = true,		/* nobody's */
	};

	return type < ARRAY_SIZE(usable) && usable[type];
}

static void read_efi_range(const u8 *p, struct multiboot2_range *r)
{
	u64 pages = read_le64(p + 24);

	r->usable = efi_is_usable(read_le32(p)) && pages < EFI_PAGES_MAX;
	r->base = read_le64(p + 8);
	r->size = pages << EFI_PAGE_SHIFT;
}

bool multiboot2_range(const struct multiboot2_info *info, u32 i, struct multiboot2_range *r)
{
	const struct multiboot2_map *map = info->mmap.entries ? &info->mmap : &info->efi_mmap;
	const u8 *p;

	if (!map->entries || i >= map->count)
		return false;
	p = map->entries + (size_t)i * map->width;
	if (map == &info->efi_mmap) {
		read_efi_range(p, r);
	} else {
		r->base = read_le64(p);
		r->size = read_le64(p + 8);
		r->usable = read_le32(p + 16) == MMAP_AVAILABLE;
	}
	return true;
}
