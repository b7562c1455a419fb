/* SPDX-License-Identifier: GPL-2.0-only */
/* The firmware: see the header. Sections are those of UEFI 2.10. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "firmware.h"

#define PAGE 4096UL

/* Appendix D */
#define ERROR(n)	  (1ULL << 63 | (n))
#define INVALID_PARAMETER ERROR(2)
#define UNSUPPORTED	  ERROR(3)
#define BUFFER_TOO_SMALL  ERROR(5)
#define OUT_OF_RESOURCES  ERROR(9)
#define NOT_FOUND	  ERROR(14)

/* Offsets: 4.3, 4.4, 9.1, 12.4. */
enum { VENDOR = 24, OUT = 64, BOOT = 96, NR_TABLES = 104, TABLES = 112, SYSTEM_SIZE = 120 };
enum {
	ALLOCATE_PAGES = 40,
	GET_MEMORY_MAP = 56,
	HANDLE_PROTOCOL = 152,
	LOCATE_HANDLE = 176,
	EXIT_BOOT_SERVICES = 232,
	LOCATE_PROTOCOL = 320,
	BOOT_SIZE = 376
};
enum { OPTIONS_SIZE = 48, OPTIONS = 56, LOADED_SIZE = 96 };
enum { OUTPUT_STRING = 8, OUTPUT_SIZE = 80 };

static const uint8_t loaded_image_guid[] = { 0xa1, 0x31, 0x1b, 0x5b, 0x62, 0x95, 0xd2, 0x11,
					     0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b };
/* EBBR 2.1, section 2.3; and one that is not asked for. */
static const uint8_t fdt_guid[] = { 0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41,
				    0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe0 };
/* 4.6: EFI_ACPI_20_TABLE_GUID */
static const uint8_t acpi_guid[] = { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
				     0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 };
/* 12.9.2: EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID */
static const uint8_t graphics_guid[] = { 0xde, 0xa9, 0x42, 0x90, 0xdc, 0x23, 0x38, 0x4a,
					 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a };
static const uint8_t other_guid[] = { 0xd5, 0x21, 0xb6, 0xb1, 0x9c, 0xf1, 0xa5, 0x41,
				      0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe1 };

struct firmware firmware;
static int image_object;
void *firmware_image = &image_object;

static uint64_t system_table[SYSTEM_SIZE / 8], boot_services[BOOT_SIZE / 8];
static uint64_t loaded[LOADED_SIZE / 8], output[OUTPUT_SIZE / 8], tables[3][3];
static uint16_t vendor[64], options[4096];
static uint64_t key;
static bool sealed; /* the map was given out: whoever wants it to hold asks for nothing else */

#define PIECES 16

static struct piece {
	uint64_t at, size;
	bool code;
} pieces[PIECES];
static unsigned int nr_pieces;

void fail_says(void)
{
	printf("%s # ", test_name);
}

static void asked(const char *what)
{
	if (firmware.left)
		fail("%s, but boot services have ended", what);
	if (sealed)
		fail("%s between the memory map and the end that is to hold it", what);
}

/* ---- memory: 7.2.1 ---- */

/*
 * @size bytes between pages that cannot be touched, full of junk, and as far as can be from the
 * next multiple of 2 MiB.
 */
static uint64_t take(uint64_t size, bool low)
{
	uint64_t room = size + 4 * MIB, at;
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
	char *p;

#ifdef MAP_32BIT
	flags |= low ? MAP_32BIT : 0;
#endif
	p = mmap(NULL, room, PROT_NONE, flags, -1, 0);
	if (p == MAP_FAILED)
		fail("the host has no memory");
	at = (((uint64_t)p + 2 * MIB) & ~(2 * MIB - 1)) + PAGE;
	if (mprotect((void *)at, size, PROT_READ | PROT_WRITE | PROT_EXEC))
		fail("the host lets no memory be run");
	memset((void *)at, 0xcc, size);
	return at;
}

static uint64_t EFIAPI allocate_pages(uint32_t how, uint32_t type, uint64_t pages, uint64_t *at)
{
	asked("memory is asked for");
	key++;
	if (how > 1 || (type != 1 && type != 2) || !pages)
		return INVALID_PARAMETER;
	if (pages * PAGE > 64 * MIB || nr_pieces == firmware.pieces)
		return OUT_OF_RESOURCES;
	pieces[nr_pieces] = (struct piece){ take(pages * PAGE, how == 1), pages * PAGE, type == 1 };
	if (how == 1 && pieces[nr_pieces].at + pages * PAGE - 1 > *at)
		return NOT_FOUND;
	*at = pieces[nr_pieces++].at;
	return 0;
}

void firmware_owns(uint64_t at, uint64_t size, bool code)
{
	for (unsigned int i = 0; i < nr_pieces; i++)
		if (at >= pieces[i].at && at + size <= pieces[i].at + pieces[i].size &&
		    pieces[i].code == code)
			return;
	fail("%llu bytes at %llx were not asked for as %s", (unsigned long long)size,
	     (unsigned long long)at, code ? "code" : "data");
}

/* ---- the memory map, and the end: 7.2.3, 7.4.6 ---- */

static uint64_t EFIAPI get_memory_map(uint64_t *size, void *map, uint64_t *map_key, uint64_t *step,
				      uint32_t *version)
{
	uint64_t have = *size;

	if (firmware.left)
		fail("the memory map is asked for, but boot services have ended");
	*size = (uint64_t)firmware.nr_map * firmware.step;
	*step = firmware.step;
	*version = 1;
	if (have < *size)
		return BUFFER_TOO_SMALL;
	memset(map, 0xcc, *size);
	for (unsigned int i = 0; i < firmware.nr_map; i++)
		memcpy((char *)map + i * firmware.step, &firmware.map[i],
		       sizeof(struct descriptor));
	*map_key = key;
	sealed = true;
	return 0;
}

static uint64_t EFIAPI exit_boot_services(void *image, uint64_t map_key)
{
	if (firmware.left)
		fail("boot services are ended twice");
	if (firmware.refuses) {
		firmware.refuses--;
		firmware.map[0].type = 0;
		key++;
	}
	sealed = false;
	if (image != firmware_image || map_key != key)
		return INVALID_PARAMETER;
	firmware.left = true;
	return 0;
}

/* ---- others ---- */

/* EFI_GRAPHICS_OUTPUT_PROTOCOL, its mode and that one's information; a screen each. */
static uint64_t graphics[SCREENS_MAX][4], modes[SCREENS_MAX][5];
static uint32_t information[SCREENS_MAX][9];

static uint64_t EFIAPI something_else(void)
{
	fail("a service is called that nobody wants");
}

static void put(uint64_t *table, unsigned int offset, const void *p)
{
	table[offset / 8] = (uint64_t)p;
}

static void *make_graphics(unsigned int i)
{
	const struct screen *s = &firmware.screens[i];

	memcpy(information[i], &(uint32_t){ 0xcccccccc }, 4);
	memcpy(information[i] + 1, s, 8 * sizeof(uint32_t));
	memset(modes[i], 0xcc, sizeof(modes[i]));
	put(modes[i], 8, information[i]);
	modes[i][3] = s->base;
	modes[i][4] = s->size;
	for (unsigned int call = 0; call < 3; call++)
		put(graphics[i], 8 * call, something_else);
	put(graphics[i], 24, modes[i]);
	return graphics[i];
}

/* 7.3.9: by protocol; *@size becomes what is needed, and of what does not fit nothing is given. */
static uint64_t EFIAPI locate_handle(uint32_t how, const void *guid, void *search_key,
				     uint64_t *size, void **handles)
{
	uint64_t have = *size;

	asked("handles are looked for");
	if (how != 2 || memcmp(guid, graphics_guid, 16) || search_key)
		return INVALID_PARAMETER;
	if (!firmware.nr_screens)
		return NOT_FOUND;
	*size = firmware.nr_screens * sizeof(void *);
	if (have < *size)
		return BUFFER_TOO_SMALL;
	for (unsigned int i = 0; i < firmware.nr_screens; i++)
		handles[i] = &firmware.screens[i];
	return 0;
}

static uint64_t EFIAPI handle_protocol(void *handle, const void *guid, void **found)
{
	struct screen *s = handle;

	asked("a protocol is asked for");
	if (s >= firmware.screens && s < firmware.screens + firmware.nr_screens) {
		if (s->broken || memcmp(guid, graphics_guid, 16))
			return UNSUPPORTED;
		*found = make_graphics(s - firmware.screens);
		return 0;
	}
	if (handle != firmware_image)
		fail("a protocol is asked of a handle that nobody has given");
	if (memcmp(guid, loaded_image_guid, 16))
		return UNSUPPORTED;
	*found = loaded;
	return 0;
}

/* The only one that is found so. */
static uint64_t EFIAPI locate_protocol(const void *guid, void *registration, void **found)
{
	asked("a protocol is looked for");
	if (memcmp(guid, other_guid, 16) || registration)
		return NOT_FOUND;
	*found = &image_object;
	return 0;
}

static uint64_t EFIAPI output_string(void *out, const uint16_t *text)
{
	size_t n = strlen(firmware.said);

	asked("text is printed");
	if (out != output)
		fail("the console has another address");
	for (; *text && n < sizeof(firmware.said) - 1; text++)
		firmware.said[n++] = *text;
	firmware.said[n] = '\0';
	return 0;
}

static unsigned int widen(uint16_t *dst, const char *s)
{
	unsigned int n = 0;

	do
		dst[n] = (uint8_t)s[n];
	while (s[n++]);
	return n;
}

static void make_tables(void)
{
	for (unsigned int i = 24; i < BOOT_SIZE; i += 8)
		put(boot_services, i, something_else);
	put(boot_services, ALLOCATE_PAGES, allocate_pages);
	put(boot_services, GET_MEMORY_MAP, get_memory_map);
	put(boot_services, HANDLE_PROTOCOL, handle_protocol);
	put(boot_services, LOCATE_HANDLE, locate_handle);
	put(boot_services, EXIT_BOOT_SERVICES, exit_boot_services);
	put(boot_services, LOCATE_PROTOCOL, locate_protocol);
	put(output, 0, something_else);
	put(output, OUTPUT_STRING, output_string);
	put(system_table, OUT, output);
	put(system_table, BOOT, boot_services);
	put(system_table, TABLES, tables);
	system_table[NR_TABLES / 8] = 3;
}

static void put_table(unsigned int at, const uint8_t *guid, const void *table)
{
	memcpy(tables[at], guid, 16);
	tables[at][2] = (uint64_t)table;
}

/* Strings and tables, of what is set in @firmware. */
void firmware_publish(void)
{
	static unsigned int first;
	unsigned int n = 0;

	put(system_table, VENDOR, firmware.vendor ? vendor : NULL);
	if (firmware.vendor)
		widen(vendor, firmware.vendor);
	put(loaded, OPTIONS, firmware.options ? options : NULL);
	if (firmware.options)
		n = widen(options, firmware.options);
	if (firmware.spoilt)
		options[firmware.spoilt - 1] = 0x1161;
	memset((char *)loaded + OPTIONS_SIZE, 0xcc, 8);
	memcpy((char *)loaded + OPTIONS_SIZE, &(uint32_t){ 2 * n }, 4);
	put_table(first, other_guid, (void *)0xbad);
	put_table((first + 1) % 3, firmware.fdt ? fdt_guid : other_guid, firmware.fdt);
	put_table((first + 2) % 3, firmware.rsdp ? acpi_guid : other_guid, firmware.rsdp);
	first = (first + 1) % 3;
}

void *firmware_start(void)
{
	while (nr_pieces) {
		nr_pieces--;
		munmap((void *)pieces[nr_pieces].at, pieces[nr_pieces].size);
	}
	memset(&firmware, 0, sizeof(firmware));
	firmware.options = "tests=lib.* seed=1";
	firmware.vendor = "Makers of Firmware";
	firmware.step = 48;
	firmware.pieces = PIECES;
	key = 7;
	sealed = false;
	make_tables();
	return system_table;
}
