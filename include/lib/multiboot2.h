/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of what a multiboot2 loader hands over (Multiboot2 Specification 2.0, section 3.4): a list
 * of tags in memory. Like the readers of firmware's tables it trusts nothing. Little-endian,
 * whatever the CPU.
 */
#pragma once

#include <lib/framebuffer.h>
#include <lib/types.h>

#define MULTIBOOT2_HEADER_SIZE 8	  /* total_size, reserved */
#define MULTIBOOT2_SIZE_MAX    (1U << 20) /* a bound of our own: what is larger is damage */

/* Of a memory map: entries of @width bytes, @count of them. */
struct multiboot2_map {
	const u8 *entries; /* NULL: there is none */
	u32 width, count;
};

/* What the tags say; what points, points into the list that was read. */
struct multiboot2_info {
	const char *cmdline, *loader; /* not terminated; NULL: not given */
	u32 cmdline_len, loader_len;
	const u8 *rsdp;		    /* a copy of ACPI's root pointer, the newer if there are two */
	struct multiboot2_map mmap; /* section 3.4.8 */
	struct multiboot2_map efi_mmap;
	u64 efi_system_table;		/* physical; 0: not given */
	struct framebuffer framebuffer; /* section 3.4.12; width 0: none that can be drawn to */
	bool efi;			/* UEFI started us: a tag says so */
	bool boot_services;		/* and its boot services have not been ended */
};

struct multiboot2_range {
	u64 base, size;
	bool usable;
};

/* The length of the list whose first 8 bytes are at @header; 0 if no list can have it. */
u32 multiboot2_size(const void *header);

/* Read the list of @len bytes at @tags. 0, or -EBADMSG, printed unless @quiet: then *info is 0. */
int multiboot2_read(const void *tags, u32 len, bool quiet, struct multiboot2_info *info);

/* Range @i of the memory map: the loader's, or UEFI's where it gave none. False past the last. */
bool multiboot2_range(const struct multiboot2_info *info, u32 i, struct multiboot2_range *r);
