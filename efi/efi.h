/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of UEFI's tables as the stub uses: UEFI Specification 2.10, section by section. */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

typedef u64 efi_status;

/* 2.3: firmware's calling convention, where the compiler's is another one: the build defines it. */
#ifndef EFIAPI
#define EFIAPI
#endif

/* Appendix D: errors have the highest bit set. */
#define EFI_SUCCESS	  0
#define EFI_ERROR(n)	  (1ULL << 63 | (n))
#define EFI_LOAD_ERROR	  EFI_ERROR(1)
#define EFI_UNSUPPORTED	  EFI_ERROR(3)
#define EFI_OUT_OF_MEMORY EFI_ERROR(9)

struct efi_guid {
	u32 a;
	u16 b, c;
	u8 d[8];
};

/* 4.2 */
struct efi_table_header {
	u64 signature;
	u32 revision, size, crc, reserved;
};

/*
 * 7.2: types of memory that are free once boot services have ended, or where firmware's tables may
 * be for ever, and what a range can do.
 */
#define EFI_LOADER_CODE		 1
#define EFI_LOADER_DATA		 2
#define EFI_BOOT_SERVICES_CODE	 3
#define EFI_BOOT_SERVICES_DATA	 4
#define EFI_RUNTIME_DATA	 6
#define EFI_CONVENTIONAL	 7
#define EFI_ACPI_RECLAIM	 9
#define EFI_ACPI_NVS		 10
#define EFI_MEMORY_WB		 (1 << 3)
#define EFI_BY_PROTOCOL		 2
#define EFI_PAGE_SIZE		 4096
#define EFI_ALLOCATE_ANY_PAGES	 0
#define EFI_ALLOCATE_MAX_ADDRESS 1

struct efi_memory_descriptor {
	u32 type, pad;
	u64 physical, virtual, pages, attribute;
};

/* 4.4: in this order; those that are not used are only counted. */
struct efi_boot_services {
	struct efi_table_header header;
	void *task_priority[2];
	efi_status(EFIAPI *allocate_pages)(u32 how, u32 type, u64 pages, u64 *address);
	void *free_pages;
	efi_status(EFIAPI *get_memory_map)(u64 *size, void *map, u64 *key, u64 *descriptor_size,
					   u32 *version);
	void *pool[2], *event[6], *protocol_install[3];
	efi_status(EFIAPI *handle_protocol)(void *handle, const struct efi_guid *protocol,
					    void **found);
	void *reserved, *register_notify;
	efi_status(EFIAPI *locate_handle)(u32 how, const struct efi_guid *protocol, void *key,
					  u64 *size, void **handles);
	void *protocol_find[2], *image[4];
	efi_status(EFIAPI *exit_boot_services)(void *image, u64 key);
	void *misc[3], *driver[2], *protocol_open[3], *handles[2];
	efi_status(EFIAPI *locate_protocol)(const struct efi_guid *protocol, void *key,
					    void **found);
};

/* 12.4 */
struct efi_text_output {
	void *reset;
	efi_status(EFIAPI *output_string)(struct efi_text_output *out, const u16 *text);
};

/* 4.6 */
struct efi_configuration_table {
	struct efi_guid guid;
	void *table;
};

/* 4.3 */
struct efi_system_table {
	struct efi_table_header header;
	const u16 *firmware_vendor;
	u32 firmware_revision;
	void *in_handle, *in;
	void *out_handle;
	struct efi_text_output *out;
	void *error_handle, *error;
	void *runtime;
	struct efi_boot_services *boot;
	u64 nr_tables;
	const struct efi_configuration_table *tables;
};

/* 12.9.2: EFI_GRAPHICS_OUTPUT_PROTOCOL, its mode and that one's information */
#define EFI_PIXEL_RGB  0 /* eight bits each, and eight reserved */
#define EFI_PIXEL_BGR  1
#define EFI_PIXEL_MASK 2

struct efi_graphics_information {
	u32 version, width, height, format;
	u32 red, green, blue, reserved; /* masks, of EFI_PIXEL_MASK */
	u32 pixels_per_line;
};

struct efi_graphics_mode {
	u32 max, mode;
	const struct efi_graphics_information *information;
	u64 information_size, frame_buffer, frame_buffer_size;
};

struct efi_graphics {
	void *query_mode, *set_mode, *block_transfer;
	const struct efi_graphics_mode *mode;
};

/* 9.1 */
struct efi_loaded_image {
	u32 revision, pad;
	void *parent;
	struct efi_system_table *system;
	void *device, *path, *reserved;
	u32 options_size, pad2;
	const u16 *options;
};

/*
 * What a port gives the stub. Both run where the firmware loaded the image, not where it is linked,
 * on the firmware's stack and page tables.
 *
 * efi_port_prepare(): before boot services end. Sets the alignment at which the kernel can run;
 * NULL, or what the machine lacks.
 * efi_port_enter(): go to the image at @base as its boot protocol has it, MMU off, its @size bytes
 * and those of the device tree (NULL and 0: there is none) in memory; interrupts may still be on.
 * Does not return.
 * efi_port_reads_acpi: not 0 where ACPI's tables are enough for it.
 */
extern const u8 efi_port_reads_acpi;
const char *efi_port_prepare(struct efi_system_table *st, u64 *alignment);
void efi_port_enter(u64 base, u64 size, const void *fdt, u64 fdt_size) __noreturn;

/* The entry point of the image as an EFI application. */
efi_status EFIAPI efi_main(void *image, struct efi_system_table *st);

/* ---- graphics.c ---- */

struct framebuffer;

/* The first screen that can be drawn to without firmware; width 0 if there is none. */
void efi_find_framebuffer(struct efi_system_table *st, struct framebuffer *fb);

/* ---- text.c ---- */

void efi_say(struct efi_system_table *st, const char *s);

/* Say @why, and return @status. */
efi_status efi_refuse(struct efi_system_table *st, const char *why, efi_status status);

/* ASCII of firmware's @text, at most @n characters of it; empty if there is another one. */
void efi_to_ascii(char *dst, size_t size, const u16 *text, size_t n);
