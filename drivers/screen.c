/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text on a linear frame buffer: white on black, so that the order of the colours in a pixel does
 * not matter. On large screens each pixel of the font is a square of several.
 *
 * The frame buffer is only written, and only where a character has changed. A full screen moves up
 * by an eighth of its lines at once: drawing what has moved costs a line that much less often.
 */
#include <drivers/screen.h>
#include <lib/compiler.h>
#include <lib/string.h>

#define SCALE_WIDTH  640 /* pixels for which one of the font is enough: some 106 characters */
#define SCROLL_SHARE 8

static void put_pixel(const struct screen *s, volatile u8 *p, bool lit)
{
	u32 pixel = lit ? s->fb.white : 0;

	switch (s->fb.bytes) {
	case 2:
		*(volatile u16 *)p = pixel;
		break;
	case 3:
		p[0] = pixel;
		p[1] = pixel >> 8;
		p[2] = pixel >> 16;
		break;
	default:
		*(volatile u32 *)p = pixel;
	}
}

/* One line of pixels of @c's glyph, which has its left end at @p. */
static void draw_row(const struct screen *s, volatile u8 *p, char c, unsigned int row)
{
	for (unsigned int column = 0; column < FONT_WIDTH; column++) {
		bool lit = screen_font_lit(c, row, column);

		for (unsigned int i = 0; i < s->scale; i++, p += s->fb.bytes)
			put_pixel(s, p, lit);
	}
}

/* @c into a cell, if it is another one that stands there. */
static void put_cell(struct screen *s, unsigned int line, unsigned int column, char c)
{
	unsigned int height = FONT_HEIGHT * s->scale;
	volatile u8 *p = s->memory + line * height * s->fb.pitch +
			 column * FONT_WIDTH * s->scale * s->fb.bytes;

	if (s->cells[line][column] == c)
		return;
	s->cells[line][column] = c;
	for (unsigned int y = 0; y < height; y++, p += s->fb.pitch)
		draw_row(s, p, c, y / s->scale);
}

static void clear_line(struct screen *s, unsigned int line)
{
	for (unsigned int i = 0; i < s->columns; i++)
		put_cell(s, line, i, ' ');
}

static void scroll(struct screen *s)
{
	unsigned int by = s->lines / SCROLL_SHARE + 1;

	for (unsigned int line = 0; line + by < s->lines; line++)
		for (unsigned int i = 0; i < s->columns; i++)
			put_cell(s, line, i, s->cells[line + by][i]);
	for (unsigned int line = s->lines - by; line < s->lines; line++)
		clear_line(s, line);
	s->line -= by - 1;
}

static void next_line(struct screen *s)
{
	s->column = 0;
	if (s->line < s->lines - 1)
		s->line++;
	else
		scroll(s);
}

static void put_char(struct screen *s, char c)
{
	if (c == '\n') {
		next_line(s);
		return;
	}
	/* Only when there is more: a line that just fits takes one. */
	if (s->column == s->columns)
		next_line(s);
	put_cell(s, s->line, s->column++, c);
}

void screen_write(struct screen *s, const char *text, size_t len)
{
	for (; len; text++, len--)
		put_char(s, *text);
}

/* All of it, also where no character fits any more. */
static void clear_pixels(const struct screen *s)
{
	for (u32 y = 0; y < s->fb.height; y++)
		for (u32 x = 0; x < s->fb.width; x++)
			put_pixel(s, s->memory + y * s->fb.pitch + x * s->fb.bytes, false);
}

void screen_init(struct screen *s, const struct framebuffer *fb, void *memory)
{
	s->fb = *fb;
	s->scale = MAX(fb->width / SCALE_WIDTH, 1);
	s->columns = MIN(fb->width / (FONT_WIDTH * s->scale), SCREEN_COLUMNS_MAX);
	s->lines = MIN(fb->height / (FONT_HEIGHT * s->scale), SCREEN_LINES_MAX);
	s->column = s->line = 0;
	memset(s->cells, ' ', sizeof(s->cells));
	s->memory = memory;
	clear_pixels(s);
}
