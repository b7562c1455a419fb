/* SPDX-License-Identifier: GPL-2.0-only */
/* A screen in text mode: the last lines that were written stand on it, and nothing beside it. */
#include <drivers/vga_text.h>
#include <string.h>

#include "model.h"

#define BESIDE 0x5a5a

static u16 memory[VGA_TEXT_SIZE / 2 + 2];

static bool line_is(unsigned int n, const char *want)
{
	const u16 *cell = memory + 1 + n * VGA_TEXT_COLUMNS;

	for (unsigned int i = 0; i < VGA_TEXT_COLUMNS; i++, want += *want != 0)
		if (cell[i] != (0x0700 | (*want ? *want : ' ')))
			return false;
	return true;
}

static void say(struct vga_text *v, const char *s)
{
	vga_text_write(v, s, strlen(s));
}

void test_screen(void)
{
	char wide[VGA_TEXT_COLUMNS + 1];
	struct vga_text v;

	memset(memory, 0x5a, sizeof(memory));
	memset(wide, 'w', VGA_TEXT_COLUMNS);
	wide[VGA_TEXT_COLUMNS] = '\0';
	vga_text_init(&v, memory + 1);
	for (unsigned int i = 0; i < VGA_TEXT_LINES; i++)
		CHECK(line_is(i, ""));
	say(&v, "first\n");
	say(&v, wide);
	say(&v, "\nlast");
	CHECK(line_is(0, "first") && line_is(1, wide) && line_is(2, "last") && line_is(3, ""));
	say(&v, "\n");
	say(&v, wide);
	say(&v, "x\n");
	CHECK(line_is(3, wide) && line_is(4, "x") && line_is(5, ""));
	say(&v, "y");
	CHECK(line_is(4, "x") && line_is(5, "y"));
	for (unsigned int i = 0; i < VGA_TEXT_LINES; i++)
		say(&v, "more\n");
	say(&v, "end");
	for (unsigned int i = 0; i < VGA_TEXT_LINES - 1; i++)
		CHECK(line_is(i, "more"));
	CHECK(line_is(VGA_TEXT_LINES - 1, "end"));
	CHECK(memory[0] == BESIDE && memory[VGA_TEXT_SIZE / 2 + 1] == BESIDE);
}
