/* SPDX-License-Identifier: GPL-2.0-only */
/* efi/stub.c: what it takes from the firmware, and when it refuses to go on. */
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#undef __always_inline

#include <kernel/boot.h>

#include "../../../efi/efi.h"
#include "firmware.h"

/* An image of two pages and a part of one, with what the kernel has in it, at a page's start. */
#define HANDOVER_AT   4160
#define HANDOVER_SIZE 6232
__asm__(".data\n"
	".balign 4096\n"
	".globl __image_start, __image_end, boot_handover\n"
	"__image_start: .ascii \"the image\"\n"
	".skip 4160 - 9\n"
	"boot_handover: .skip 6232\n"
	".skip 600\n"
	"__image_end:\n"
	".previous\n");
extern char __image_start[], __image_end[];

static const u8 fdt[] = { 0xd0, 0x0d, 0xfe, 0xed, 0x00, 0x12, 0x34, 0x56 };
static jmp_buf gone;
static struct {
	u64 base, size, fdt_size;
	const void *fdt;
} entered;

/* What the port says; for the stub the first is constant. */
u8 reads_acpi __asm__("efi_port_reads_acpi");
static u64 alignment;
static const char *lacks;

const char *efi_port_prepare(struct efi_system_table *st, u64 *align)
{
	static const struct efi_guid some = {
		0xb1b621d5, 0xf19c, 0x41a5, { 0x83, 0x0b, 0xd9, 0x15, 0x2c, 0x69, 0xaa, 0xe1 }
	};
	void *found = NULL;

	/* As riscv64's does. */
	CHECK(!st->boot->locate_protocol(&some, NULL, &found) && found == firmware_image);
	if (alignment)
		*align = alignment;
	return lacks;
}

void efi_port_enter(u64 base, u64 size, const void *tree, u64 fdt_size)
{
	entered.base = base;
	entered.size = size;
	entered.fdt = tree;
	entered.fdt_size = fdt_size;
	longjmp(gone, 1);
}

static void *start(void)
{
	void *st = firmware_start();

	memset(&boot_handover, 0, sizeof(boot_handover));
	memset(&entered, 0, sizeof(entered));
	firmware.fdt = fdt;
	alignment = 0;
	reads_acpi = 1;
	lacks = NULL;
	return st;
}

/* Start the image; false: it came back, with @status. */
static u64 status;

static bool boot(void *st)
{
	firmware_publish();
	if (setjmp(gone))
		return true;
	status = efi_main(firmware_image, st);
	return false;
}

static void add_range(u32 type, u64 base, u64 pages, u64 attribute)
{
	firmware.map[firmware.nr_map++] =
		(struct descriptor){ type, 0xcccccccc, base, 0xcccc, pages, attribute };
}

#define WB 8

/* All types there are, a page each and one between, and what cannot be cached. */
static void add_every_type(void)
{
	for (u32 type = 0; type < 16; type++)
		add_range(type, 0x100000 + type * 0x2000, 1, WB | 7);
	add_range(7, 0x200000, 1, 7);
	add_range(9, 0x202000, 1, 7);
	add_range(7, 0x1000000000, 0x100000, WB);
}

static void check_memory(const struct boot_handover *h)
{
	static const u64 free_pages[] = { 0x102000, 0x104000, 0x106000, 0x108000, 0x10e000 };

	CHECK(h->nr_memory == 6);
	for (unsigned int i = 0; i < 5; i++)
		CHECK(h->memory[i].base == free_pages[i] && h->memory[i].size == 0x1000);
	CHECK(h->memory[5].base == 0x1000000000 && h->memory[5].size == 0x100000000);
	/* Runtime data, ACPI's two. */
	CHECK(h->nr_tables == 3 && h->tables[0].base == 0x10c000 && h->tables[0].size == 0x1000);
	CHECK(h->tables[1].base == 0x112000 && h->tables[2].base == 0x114000);
}

static void test_in_place(void)
{
	void *st = start();

	add_every_type();
	CHECK(boot(st));
	CHECK(firmware.left && !firmware.said[0]);
	CHECK(entered.base == (u64)__image_start && entered.size == __image_end - __image_start);
	CHECK(entered.fdt == fdt && entered.fdt_size == 0x123456);
	CHECK(!strcmp(boot_handover.line, "tests=lib.* seed=1"));
	CHECK(!strcmp(boot_handover.vendor, "Makers of Firmware"));
	check_memory(&boot_handover);
}

/* Elsewhere, since the port wants it so: nothing of what was found stands in the old place. */
static void test_copy(void)
{
	void *st = start();
	const struct boot_handover *h;
	const char *image;

	add_every_type();
	for (alignment = 8192; !((u64)__image_start & (alignment - 1));)
		alignment *= 2;
	alignment = MAX(alignment, 2 * MIB);
	if (!((u64)__image_start & (alignment - 1)))
		alignment *= 2;
	CHECK(boot(st));
	CHECK(entered.base != (u64)__image_start && !(entered.base & (alignment - 1)));
	firmware_owns(entered.base, entered.size, false);
	image = (const char *)entered.base;
	h = (const struct boot_handover *)(image + HANDOVER_AT);
	CHECK(!memcmp(image, __image_start, HANDOVER_AT));
	CHECK(!memcmp(image + HANDOVER_AT + sizeof(*h), __image_start + HANDOVER_AT + sizeof(*h),
		      entered.size - HANDOVER_AT - sizeof(*h)));
	CHECK(!strcmp(h->line, "tests=lib.* seed=1"));
	check_memory(h);
	CHECK(!boot_handover.nr_memory && !boot_handover.line[0]);
}

/* A table that is full when the map has more; a map as large as can be read, and a larger one. */
static void test_large_maps(void)
{
	static const struct {
		unsigned int nr, step;
		bool boots;
	} maps[] = { { 300, 48, true },
		     { 1365, 48, true },
		     { 1366, 48, false },
		     { 1638, 40, true },
		     { 1639, 40, false } };

	for (unsigned int i = 0; i < ARRAY_SIZE(maps); i++) {
		void *st = start();

		firmware.step = maps[i].step;
		for (unsigned int n = 0; n < maps[i].nr - 1; n++)
			add_range(7, 0x100000 + n * 0x2000ULL, 1, WB);
		add_range(7, 0x101000, 1, WB);
		CHECK(boot(st) == maps[i].boots && firmware.left == maps[i].boots);
		CHECK(!maps[i].boots || boot_handover.nr_memory == BOOT_MAX_RANGES - 1);
		/* Last in the map, and room for it since it joins two. */
		CHECK(!maps[i].boots || boot_handover.memory[0].size == 0x3000);
	}
}

/* ---- the boot line ---- */

static void test_line(const char *options, unsigned int spoilt, const char *want)
{
	void *st = start();

	add_every_type();
	memset(boot_handover.line, 'x', sizeof(boot_handover.line) - 1);
	if (!options)
		boot_handover.line[0] = '\0';
	firmware.options = options;
	firmware.spoilt = spoilt;
	firmware.vendor = "0123456789abcdef0123456789abcdef0123456789";
	CHECK(boot(st));
	if (strcmp(boot_handover.line, want))
		fail("the boot line is '%s', not '%s'", boot_handover.line, want);
	CHECK(!strcmp(boot_handover.vendor, "0123456789abcdef0123456789abcde"));
}

static void test_lines(void)
{
	char text[BOOT_CMDLINE_MAX + 8], want[BOOT_CMDLINE_MAX];

	test_line(NULL, 0, "");
	test_line("", 0, "");
	test_line(" ~", 0, " ~");
	test_line("seed=1\x1f", 0, "");
	test_line("seed=1\x7f", 0, "");
	test_line("seed=1", 1, "");
	test_line("seed=1", 6, "");
	memset(text, 'l', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	memset(want, 'l', sizeof(want));
	want[sizeof(want) - 1] = '\0';
	test_line(text, 0, want);
}

/* Options end where their size says so, whatever comes behind. */
static void test_line_size(void)
{
	static const u16 text[] = { 's', 'e', 'e', 'd' };
	char line[16];

	efi_to_ascii(line, sizeof(line), text, 3);
	CHECK(!strcmp(line, "see"));
	efi_to_ascii(line, 3, text, 4);
	CHECK(!strcmp(line, "se"));
}

/* ---- the screen ---- */

#define FB 0x80000000

struct screen_case {
	struct screen screen;
	u32 bytes, white; /* 0: none that can be drawn to */
};

/* clang-format off */
static const struct screen_case screen_cases[] = {
	{ { 800, 600, 0, 1, 2, 3, 4, 832, FB, 832 * 600 * 4 }, 4, 0xffffff },
	{ { 800, 600, 1, 0, 0, 0, 0, 800, FB, 800 * 600 * 4 }, 4, 0xffffff },
	{ { 800, 600, 2, 0xf800, 0x7e0, 0x1f, 0, 800, FB, 800 * 600 * 2 }, 2, 0xffff },
	{ { 800, 600, 2, 0xff, 0xff00, 0xff0000, 0, 801, FB, 801 * 600 * 3 }, 3, 0xffffff },
	{ { 800, 600, 2, 0xff, 0xff00, 0xff0000, 1u << 31, 800, FB, 800 * 600 * 4 }, 4, 0xffffff },
	{ { 800, 600, 2, 0xff00, 255 << 16, 255u << 24, 0xff, 800, FB, 800 * 600 * 4 }, 4, ~255u },
	{ { 800, 600, 2, 0, 0, 0, 0, 800, FB, 800 * 600 * 4 }, 0, 0 },
	{ { 800, 600, 3, 0xff, 0xff00, 0xff0000, 0, 800, FB, 800 * 600 * 4 }, 0, 0 },
	{ { 800, 600, 0, 0, 0, 0, 0, 800, 0, 800 * 600 * 4 }, 0, 0 },
	{ { 800, 600, 0, 0, 0, 0, 0, 800, FB, 800 * 600 * 4 - 1 }, 0, 0 },
	{ { 800, 600, 0, 0, 0, 0, 0, 799, FB, 800 * 600 * 4 }, 0, 0 },
	{ { 800, 600, 0, 0, 0, 0, 0, 0x40000320, FB, 800 * 600 * 4 }, 0, 0 },
	{ { 800, 600, 0, 0, 0, 0, 0, 800, FB, 800 * 600 * 4, true }, 0, 0 },
};
/* clang-format on */

static void check_screen(const struct screen_case *c)
{
	const struct framebuffer *fb = &boot_handover.framebuffer;

	if (!c->bytes) {
		CHECK(!fb->width);
		return;
	}
	CHECK(fb->pa == c->screen.base && fb->bytes == c->bytes && fb->white == c->white);
	CHECK(fb->width == c->screen.width && fb->height == c->screen.height);
	CHECK(fb->pitch == c->screen.pixels_per_line * c->bytes);
}

/* Alone; and behind one that firmware alone can draw to. */
static void test_screens(void)
{
	for (unsigned int i = 0; i < sizeof(screen_cases) / sizeof(*screen_cases); i++)
		for (unsigned int before = 0; before < 2; before++) {
			void *st = start();

			add_every_type();
			firmware.screens[0] = screen_cases[7].screen;
			firmware.screens[before] = screen_cases[i].screen;
			firmware.nr_screens = before + 1;
			memset(&boot_handover.framebuffer, 0xcc, sizeof(boot_handover.framebuffer));
			CHECK(boot(st));
			check_screen(&screen_cases[i]);
		}
}

/* The first counts; of more than there is room for none. */
static void test_many_screens(void)
{
	for (unsigned int nr = 0; nr <= SCREENS_MAX; nr++) {
		void *st = start();

		add_every_type();
		for (unsigned int i = 0; i < SCREENS_MAX; i++) {
			firmware.screens[i] = screen_cases[0].screen;
			firmware.screens[i].base += i << 24;
		}
		firmware.nr_screens = nr;
		CHECK(boot(st));
		CHECK(boot_handover.framebuffer.width == (nr && nr < SCREENS_MAX ? 800 : 0));
		CHECK(!nr || nr == SCREENS_MAX || boot_handover.framebuffer.pa == FB);
	}
}

/* A frame buffer in what the memory map calls cacheable memory is mapped so. */
static void test_screen_memory(u64 base, u32 attribute, bool cached)
{
	void *st = start();

	add_range(7, 0x200000, 1, WB);
	add_range(0, 0x1000000, 16, attribute);
	add_range(7, 0x1010000, 1, WB);
	firmware.screens[0] = (struct screen){ 64, 64, 0, 0, 0, 0, 0, 64, base, 64 * 64 * 4 };
	firmware.nr_screens = 1;
	CHECK(boot(st));
	CHECK(boot_handover.framebuffer.width == 64);
	CHECK(boot_handover.framebuffer.cached == cached);
}

static void test_screen_memories(void)
{
	test_screen_memory(0x1000000, WB | 7, true);
	test_screen_memory(0x100c000, WB, true);
	test_screen_memory(0x1000000, 7, false);
	test_screen_memory(0xfffff0, WB, false);
	test_screen_memory(0x1020000, WB, false);
	test_screen_memory(0x1011000, WB, false); /* where another ends */
}

/* ---- ACPI ---- */

static void test_acpi(void)
{
	void *st = start();

	/* Beside a tree, which goes on too: the kernel chooses. */
	add_every_type();
	firmware.rsdp = fdt + 4;
	CHECK(boot(st) && boot_handover.rsdp == (u64)firmware.rsdp && entered.fdt == fdt);
	/* Alone. */
	st = start();
	add_every_type();
	firmware.fdt = NULL;
	firmware.rsdp = fdt + 4;
	CHECK(boot(st) && boot_handover.rsdp == (u64)firmware.rsdp);
	CHECK(!entered.fdt && !entered.fdt_size);
	check_memory(&boot_handover);
}

/* ---- what goes wrong ---- */

static void refused(void *st, u64 want, const char *why)
{
	CHECK(!boot(st));
	if (status != (1ULL << 63 | want))
		fail("it ended with %llx, not error %llu", (unsigned long long)status,
		     (unsigned long long)want);
	if (strncmp(firmware.said, "# error: ", 9) || !strstr(firmware.said, why) ||
	    strcmp(firmware.said + strlen(firmware.said) - 2, "\r\n"))
		fail("it says '%s'", firmware.said);
	CHECK(!entered.base && !firmware.left);
}

static void test_refusals(void)
{
	void *st = start();

	firmware.fdt = NULL;
	refused(st, 3, "no device tree here, and no ACPI");
	st = start();
	firmware.fdt = NULL;
	firmware.rsdp = fdt;
	reads_acpi = 0;
	refused(st, 3, "ACPI alone is not understood");
	st = start();
	lacks = "not on a Sunday";
	refused(st, 3, "not on a Sunday");
	st = start();
	alignment = 1ULL << 40;
	refused(st, 9, "no memory for the image");
	st = start();
	firmware.refuses = 2;
	refused(st, 1, "does not end its boot services");
}

/* A handler that runs as boot services end takes memory: what was free in the map is not. */
static void test_second_try(u32 type)
{
	void *st = start();

	add_range(type, 0x80000000, 1, WB);
	add_every_type();
	firmware.refuses = 1;
	CHECK(boot(st));
	check_memory(&boot_handover);
}

const char test_name[] = "efi-stub";

void test(void)
{
	CHECK(sizeof(boot_handover) == HANDOVER_SIZE);
	test_in_place();
	test_copy();
	test_large_maps();
	test_lines();
	test_line_size();
	test_screens();
	test_many_screens();
	test_screen_memories();
	test_acpi();
	test_refusals();
	test_second_try(7);
	test_second_try(10); /* ACPI's */
}
