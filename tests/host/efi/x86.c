/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86_64/efi/main.c: the kernel is where its header permits, the list of tags is what a loader
 * by multiboot2 gives (Multiboot2 Specification 2.0, sections 3.1 and 3.4), and the way to it runs.
 */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "firmware.h"

uint64_t EFIAPI efi_main(void *image, void *st);

/*
 * What the image carries: a kernel, and the way to it, which runs where it has been copied to, and
 * has a word to be set to where its table is.
 */
#define PAYLOAD_SIZE 40960
__asm__(".data\n"
	".balign 4096\n"
	".globl payload, payload_end, handoff, handoff_end, handoff_gdt, handoff_gdtr\n"
	"payload: .skip 40960\n"
	"payload_end: .skip 64\n"
	"handoff: movq 1f - handoff(%rdi), %rax\n"
	"jmp *%rax\n"
	".balign 8\n"
	"1: .quad arrived\n"
	"handoff_gdt: .quad 1, 2, 3\n"
	"handoff_gdtr: .word 23\n"
	".quad 0\n"
	"handoff_end: .previous\n");
extern uint8_t payload[], payload_end[], handoff[], handoff_end[], handoff_gdt[], handoff_gdtr[];

#define LOAD	  0x1000000u
#define HEADER_AT 0x1238
#define FILE_SIZE 0x9000
#define BSS_SIZE  0x30000
#define ENTRY_AT  0x1400
#define ALIGN	  0x200000u
#define MAGIC	  0xe85250d6u

/* clang-format off */
static const uint32_t header[] = {
	MAGIC, 0, 96, -(MAGIC + 96),
	2, 24, LOAD + HEADER_AT, LOAD, LOAD + FILE_SIZE, LOAD + BSS_SIZE, /* addresses */
	3, 12, LOAD + ENTRY_AT, 0xdead,					  /* entry, and padding */
	10, 24, ALIGN, 0xffffffff, ALIGN, 0,				  /* relocatable */
	0, 8, 0, 0,
};
/* clang-format on */

static jmp_buf gone;
static struct {
	uint64_t base;
	const uint8_t *list;
	uint32_t entry;
} entered;
static void *st;

void arrived(uint64_t base, uint32_t list, uint32_t entry);
void arrived(uint64_t base, uint32_t list, uint32_t entry)
{
	entered.base = base;
	entered.list = (const uint8_t *)(uint64_t)list;
	entered.entry = entry;
	longjmp(gone, 1);
}

/* A kernel with a header at @at; before it stands what only looks like one. */
static void start(unsigned int at)
{
	st = firmware_start();
	memset(&entered, 0, sizeof(entered));
	for (unsigned int i = 0; i < PAYLOAD_SIZE; i++)
		payload[i] = i * 7;
	memcpy(payload + 64, header, sizeof(header));
	payload[64 + 12]++;
	memcpy(payload + 512 + 4, header, sizeof(header)); /* not at a multiple of 8 */
	memcpy(payload + at, header, sizeof(header));
	memcpy(payload + at + 24, &(uint32_t){ LOAD + at }, 4);
	for (unsigned int i = 0; i < 20; i++)
		firmware.map[firmware.nr_map++] =
			(struct descriptor){ i % 15, 0, i * MIB, 0, 1 + i, 15 };
}

/* Start the image; false: it came back, with @status. */
static uint64_t status;

static bool boot(void)
{
	firmware_publish();
	if (setjmp(gone))
		return true;
	status = efi_main(firmware_image, st);
	return false;
}

/* ---- the list of tags ---- */

static uint32_t word(const uint8_t *p)
{
	uint32_t val;

	memcpy(&val, p, 4);
	return val;
}

/* The contents of the only tag @type, whose length is @len with the terminator. */
static const uint8_t *tag(uint32_t type, uint32_t *len)
{
	uint32_t total = word(entered.list), off = 8;
	const uint8_t *found = NULL;

	firmware_owns((uint64_t)entered.list, total, false);
	CHECK(word(entered.list + 4) == 0);
	for (; word(entered.list + off); off += (word(entered.list + off + 4) + 7) & ~7u) {
		CHECK(off + 8 <= total && word(entered.list + off + 4) >= 8);
		if (word(entered.list + off) != type)
			continue;
		CHECK(!found);
		found = entered.list + off + 8;
		*len = word(entered.list + off + 4) - 8;
	}
	CHECK(word(entered.list + off + 4) == 8 && off + 8 == total);
	return found;
}

static void check_string(uint32_t type, const char *want)
{
	uint32_t len = 0;
	const uint8_t *s = tag(type, &len);

	CHECK(s && len == strlen(want) + 1);
	if (memcmp(s, want, len))
		fail("tag %u is '%s', not '%s'", type, (const char *)s, want);
}

static void check_map(void)
{
	uint32_t len = 0;
	const uint8_t *map = tag(17, &len);

	CHECK(map && word(map) == firmware.step && word(map + 4) == 1);
	CHECK(len == 8 + firmware.nr_map * firmware.step);
	for (unsigned int i = 0; i < firmware.nr_map; i++)
		CHECK(!memcmp(map + 8 + i * firmware.step, &firmware.map[i],
			      sizeof(struct descriptor)));
}

static void check_list(const char *line)
{
	uint32_t len = 0;
	const uint8_t *system;

	check_string(1, line);
	check_string(2, "Makers of Firmware");
	system = tag(12, &len);
	CHECK(system && len == 8 && !memcmp(system, &st, 8));
	check_map();
}

static void check_screen(const struct screen *s, uint32_t bytes, uint32_t low, uint32_t size)
{
	uint32_t len = 0;
	const uint8_t *p = tag(8, &len);

	CHECK(!p == !bytes);
	if (!p)
		return;
	CHECK(len == 30 && !memcmp(p, &s->base, 8) && word(p + 8) == s->pixels_per_line * bytes);
	CHECK(word(p + 12) == s->width && word(p + 16) == s->height);
	CHECK(p[20] == 8 * bytes && p[21] == 1 && !p[22] && !p[23]);
	CHECK(p[24] == low && p[25] == size && !p[27] && !p[29]);
}

/* ---- the kernel ---- */

static void check_kernel(void)
{
	uint64_t base = (uint64_t)entered.entry - ENTRY_AT, gdt;
	const uint8_t *way = (const uint8_t *)entered.base;

	CHECK(!(base & (ALIGN - 1)));
	firmware_owns(base, BSS_SIZE, false);
	CHECK(!memcmp((void *)base, payload, FILE_SIZE));
	firmware_owns(entered.base, handoff_end - handoff, true);
	CHECK(!memcmp(way, handoff, handoff_gdtr + 2 - handoff));
	memcpy(&gdt, way + (handoff_gdtr + 2 - handoff), 8);
	CHECK(gdt == entered.base + (handoff_gdt - handoff));
}

static void test_boot(void)
{
	start(HEADER_AT);
	CHECK(boot());
	CHECK(firmware.left && !strcmp(firmware.said, "Fencepost, started by UEFI\r\n"));
	check_kernel();
	check_list("tests=lib.* seed=1");
	start(HEADER_AT);
	firmware.refuses = 1;
	CHECK(boot());
	check_list("tests=lib.* seed=1");
}

/* What a shell puts before the line goes; a word that only looks like it stays. */
static void test_lines(void)
{
	static const struct {
		const char *options, *line;
	} lines[] = {
		{ "\\EFI\\BOOT\\BOOTX64.EFI tests=* secs=1", "tests=* secs=1" },
		{ "a.efi  seed=1", "seed=1" },
		{ ".efi seed=1", "seed=1" },
		{ "a.efi", "" },
		{ "efi seed=1", "efi seed=1" },
		{ "a.xfi seed=1", "a.xfi seed=1" },
		{ "tests=a.efi seed=1", "tests=a.efi seed=1" },
		{ "", "" },
	};

	for (unsigned int i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		start(HEADER_AT);
		firmware.options = lines[i].options;
		CHECK(boot());
		check_list(lines[i].line);
	}
	start(HEADER_AT);
	firmware.options = NULL;
	CHECK(boot());
	check_list("");
}

static void test_no_vendor(void)
{
	start(HEADER_AT);
	firmware.vendor = NULL;
	CHECK(boot());
	check_string(2, "");
}

static void test_screens(void)
{
	static const struct screen bgr = { 800, 600, 1, 0, 0, 0, 0, 832, 0xc0000000, 4 << 20 };
	static const struct screen high = { 640,  480, 2,   0xf00,	0xf0,
					    0xf0, 0,   640, 1ULL << 40, 4 << 20 };
	static const struct screen none = { 640, 480, 3, 0, 0, 0, 0, 640, 0xc0000000, 4 << 20 };

	start(HEADER_AT);
	CHECK(boot());
	check_screen(NULL, 0, 0, 0);
	start(HEADER_AT);
	firmware.nr_screens = 2;
	firmware.screens[0] = none;
	firmware.screens[1] = bgr;
	CHECK(boot());
	check_screen(&bgr, 4, 0, 24);
	check_list("tests=lib.* seed=1");
	start(HEADER_AT);
	firmware.nr_screens = 1;
	firmware.screens[0] = high;
	CHECK(boot());
	check_screen(&high, 2, 4, 8);
	start(HEADER_AT);
	firmware.nr_screens = 1;
	firmware.screens[0] = none;
	CHECK(boot());
	check_screen(NULL, 0, 0, 0);
}

static void refused(uint64_t want, const char *why)
{
	CHECK(!boot());
	if (status != (1ULL << 63 | want) || !strstr(firmware.said, why))
		fail("it ended with %llx: %s", (unsigned long long)status, firmware.said);
}

/* Section 3.1.1: the header is in the first 32768 bytes, whole. */
static void test_header_place(void)
{
	start(32768 - 16 - 80);
	CHECK(boot());
	start(32768 - 16);
	CHECK(boot());
	start(32768 - 8);
	refused(1, "no kernel in this file");
}

/* A header that lacks a tag is of no kernel that could be placed or entered. */
static void test_header_lacks(void)
{
	static const unsigned int tags[] = { 16, 40, 56 };

	for (unsigned int i = 0; i < sizeof(tags) / sizeof(*tags); i++) {
		start(HEADER_AT);
		payload[HEADER_AT + tags[i]] = 99;
		refused(1, "no kernel in this file");
	}
}

/* The list holds all of the map, or the image goes back: never a part of it, nor more than fits. */
static void test_large_map(unsigned int nr, unsigned int step)
{
	start(HEADER_AT);
	firmware.nr_map = nr;
	firmware.step = step;
	for (unsigned int i = 0; i < nr; i++)
		firmware.map[i] = (struct descriptor){ 7, 0, i * MIB, 0, 1, 15 };
	if (boot())
		check_map();
	else
		CHECK(!firmware.left && strstr(firmware.said, "does not end"));
}

static void test_large_maps(void)
{
	for (unsigned int step = 40; step < 96; step += 8) {
		unsigned int most = 128 * KIB / step;

		test_large_map(most - 10, step);
		CHECK(firmware.left);
		for (unsigned int nr = most - 5; nr < most; nr++)
			test_large_map(nr, step);
		test_large_map(most, step);
		CHECK(!firmware.left);
	}
}

static void test_refusals(void)
{
	start(HEADER_AT);
	firmware.refuses = 2;
	refused(1, "does not end its boot services");
	/* For the kernel, for the way to it, for the list. */
	for (unsigned int pieces = 0; pieces < 3; pieces++) {
		start(HEADER_AT);
		firmware.pieces = pieces;
		refused(9, "no memory");
	}
}

const char test_name[] = "efi-x86";

void test(void)
{
	test_boot();
	test_lines();
	test_no_vendor();
	test_screens();
	test_header_place();
	test_header_lacks();
	test_large_maps();
	test_refusals();
}
