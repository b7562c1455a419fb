/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The image as a UEFI application: takes the device tree or where ACPI's tables are, the memory map
 * and the boot line from the firmware, ends its boot services, and enters the kernel as another
 * loader would.
 *
 * All of this runs at whatever address the firmware chose, below the kernel's own: code reaches its
 * data relative to pc, and there is no initialised pointer. What was found goes into boot_handover,
 * which stands in .data, as .bss is cleared later.
 */
#include <kernel/boot.h>
#include <lib/fdt.h>
#include <lib/string.h>

#include "efi.h"

extern char __image_start[], __image_end[];

/* EBBR 2.1, section 2.3 "Configuration tables": the device tree. */
static const struct efi_guid fdt_guid = {
	0xb1b621d5, 0xf19c, 0x41a5, { 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 }
};
/* UEFI 2.10, 9.1 */
static const struct efi_guid loaded_image_guid = {
	0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b }
};

static u8 memory_map[64 << 10] __aligned(16);

/* 4.6: the RSDP of ACPI 2.0 and later */
static const struct efi_guid acpi_guid = {
	0x8868e871, 0xe4f1, 0x11d3, { 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 }
};

static const void *find_table(const struct efi_system_table *st, const struct efi_guid *guid)
{
	for (u64 i = 0; i < st->nr_tables; i++)
		if (!memcmp(&st->tables[i].guid, guid, sizeof(*guid)))
			return st->tables[i].table;
	return NULL;
}

/* Does memory that is mapped cacheable hold the frame buffer? Then all mappings should be so. */
static void find_cached(const struct efi_memory_descriptor *d, struct framebuffer *fb)
{
	if ((d->attribute & EFI_MEMORY_WB) && fb->pa >= d->physical &&
	    fb->pa - d->physical < d->pages * EFI_PAGE_SIZE)
		fb->cached = true;
}

/* Load options need not be text (UEFI 2.10, 3.1.3): then there is no boot line. */
static void find_line(struct boot_handover *h, void *image, struct efi_system_table *st)
{
	struct efi_loaded_image *self;

	if (st->boot->handle_protocol(image, &loaded_image_guid, (void **)&self) == EFI_SUCCESS &&
	    self->options)
		efi_to_ascii(h->line, sizeof(h->line), self->options, self->options_size / 2);
	if (st->firmware_vendor)
		efi_to_ascii(h->vendor, sizeof(h->vendor), st->firmware_vendor, sizeof(h->vendor));
}

static bool is_free_later(const struct efi_memory_descriptor *d)
{
	bool type = d->type == EFI_CONVENTIONAL ||
		    (d->type >= EFI_LOADER_CODE && d->type <= EFI_BOOT_SERVICES_DATA);

	return type && (d->attribute & EFI_MEMORY_WB);
}

static bool may_hold_tables(const struct efi_memory_descriptor *d)
{
	bool type = d->type == EFI_RUNTIME_DATA || d->type == EFI_ACPI_RECLAIM ||
		    d->type == EFI_ACPI_NVS;

	return type && (d->attribute & EFI_MEMORY_WB);
}

/*
 * The memory map into @h, and the end of boot services with that map's key. Nothing may be called
 * in between, since it could change the map: 7.4.6 "EFI_BOOT_SERVICES.ExitBootServices()".
 */
static efi_status leave_once(struct boot_handover *h, void *image, struct efi_boot_services *boot)
{
	u64 size = sizeof(memory_map), key, step, at;
	efi_status status;
	u32 version;

	status = boot->get_memory_map(&size, memory_map, &key, &step, &version);
	if (status)
		return status;
	h->nr_memory = 0;
	h->nr_tables = 0;
	for (at = 0; at + step <= size; at += step) {
		const struct efi_memory_descriptor *d = (void *)(memory_map + at);
		struct phys_range r = { d->physical, d->pages * EFI_PAGE_SIZE };

		if (is_free_later(d))
			ranges_add(h->memory, &h->nr_memory, BOOT_MAX_RANGES, r);
		find_cached(d, &h->framebuffer);
		if (may_hold_tables(d))
			ranges_add(h->tables, &h->nr_tables, BOOT_MAX_RANGES, r);
	}
	return boot->exit_boot_services(image, key);
}

/* Where the kernel can run: here, or in a copy at a multiple of @alignment; 0 for neither. */
static u64 place_image(struct efi_boot_services *boot, u64 alignment)
{
	u64 here = (u64)__image_start, size = __image_end - __image_start, at;

	if (IS_ALIGNED(here, alignment))
		return here;
	if (boot->allocate_pages(EFI_ALLOCATE_ANY_PAGES, EFI_LOADER_DATA,
				 (size + alignment) / EFI_PAGE_SIZE, &at))
		return 0;
	at = ALIGN_UP(at, alignment);
	memcpy((void *)at, __image_start, size);
	return at;
}

/* Why the machine cannot be made out. */
static const char *no_description(const void *rsdp)
{
	if (rsdp)
		return "UEFI has no device tree here, and ACPI alone is not understood";
	return "UEFI has no device tree here, and no ACPI tables";
}

efi_status EFIAPI efi_main(void *image, struct efi_system_table *st)
{
	const void *fdt = find_table(st, &fdt_guid), *rsdp = find_table(st, &acpi_guid);
	struct boot_handover *h;
	const char *lacks;
	u64 alignment = EFI_PAGE_SIZE, base;
	efi_status status;

	if (!fdt && !(rsdp && efi_port_reads_acpi))
		return efi_refuse(st, no_description(rsdp), EFI_UNSUPPORTED);
	lacks = efi_port_prepare(st, &alignment);
	if (lacks)
		return efi_refuse(st, lacks, EFI_UNSUPPORTED);
	base = place_image(st->boot, alignment);
	if (!base)
		return efi_refuse(st, "no memory for the image", EFI_OUT_OF_MEMORY);
	h = (struct boot_handover *)(base + ((char *)&boot_handover - __image_start));
	find_line(h, image, st);
	efi_find_framebuffer(st, &h->framebuffer);
	h->rsdp = (u64)rsdp;
	/* The first call may run handlers that allocate: the second time the key is right. */
	status = leave_once(h, image, st->boot);
	if (status)
		status = leave_once(h, image, st->boot);
	if (status)
		return efi_refuse(st, "UEFI does not end its boot services", EFI_LOAD_ERROR);
	efi_port_enter(base, __image_end - __image_start, fdt, fdt ? fdt_total_size(fdt) : 0);
}
