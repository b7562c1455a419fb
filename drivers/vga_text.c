/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A screen in text mode (IBM VGA technical reference: mode 3): a character and its colours in each
 * two bytes of its memory.
 */
#include <drivers/vga_text.h>

#define COLOURS 0x0700 /* light grey on black */

static void fill(struct vga_text *v, unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		v->cells[from] = COLOURS | ' ';
}

void vga_text_init(struct vga_text *v, void *memory)
{
	v->cells = memory;
	v->line = v->column = 0;
	fill(v, 0, VGA_TEXT_LINES * VGA_TEXT_COLUMNS);
}

static void scroll(struct vga_text *v)
{
	unsigned int last = (VGA_TEXT_LINES - 1) * VGA_TEXT_COLUMNS;

	for (unsigned int i = 0; i < last; i++)
		v->cells[i] = v->cells[i + VGA_TEXT_COLUMNS];
	fill(v, last, last + VGA_TEXT_COLUMNS);
}

static void next_line(struct vga_text *v)
{
	v->column = 0;
	if (v->line < VGA_TEXT_LINES - 1)
		v->line++;
	else
		scroll(v);
}

void vga_text_write(struct vga_text *v, const char *s, size_t len)
{
	for (; len--; s++) {
		if (*s == '\n') {
			next_line(v);
			continue;
		}
		/* Only when there is more: a line of 80 characters takes one. */
		if (v->column == VGA_TEXT_COLUMNS)
			next_line(v);
		v->cells[v->line * VGA_TEXT_COLUMNS + v->column++] = COLOURS | (u8)*s;
	}
}
