/* SPDX-License-Identifier: GPL-2.0-only */
/* A PC's screen in text mode: 80 columns, 25 lines, of which the last ones written stay. */
#pragma once

#include <lib/types.h>

#define VGA_TEXT_COLUMNS 80
#define VGA_TEXT_LINES	 25
#define VGA_TEXT_SIZE	 (VGA_TEXT_COLUMNS * VGA_TEXT_LINES * 2)

struct vga_text {
	volatile u16 *cells; /* the screen's memory; NULL: there is none */
	unsigned int line, column;
};

/* Clear the screen, which is at @memory. */
void vga_text_init(struct vga_text *v, void *memory);
void vga_text_write(struct vga_text *v, const char *s, size_t len);
