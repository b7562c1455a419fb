/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Text on a linear frame buffer (drivers/screen.c), and the console that it makes where there is no
 * serial port (drivers/screen_console.c).
 *
 * No lock: who writes holds the console's, or is alone.
 */
#pragma once

#include <lib/framebuffer.h>

struct fdt;

/* ---- the font: drivers/screen_font.c ---- */

#define FONT_BAND_GLYPHS 8 /* that stand side by side */
#define FONT_BANDS	 12
#define FONT_WIDTH	 6 /* pixels, with the gap to the next glyph */
#define FONT_ROWS	 8
#define FONT_HEIGHT	 9 /* with the gap to the next line */

extern const char screen_font[FONT_BANDS][FONT_ROWS][FONT_BAND_GLYPHS * FONT_WIDTH + 1];

/* Is the pixel at @row and @column of @c's glyph lit? What is no text looks like a block. */
bool screen_font_lit(char c, unsigned int row, unsigned int column);

/* ---- text on a frame buffer ---- */

#define SCREEN_COLUMNS_MAX 160
#define SCREEN_LINES_MAX   96

struct screen {
	struct framebuffer fb;
	volatile u8 *memory; /* of the frame buffer; NULL before screen_init() */
	unsigned int scale;  /* pixels of the screen for one of the font, in both directions */
	unsigned int columns, lines;
	unsigned int column, line; /* where the next character goes */
	/* What stands on it: the frame buffer is never read, which may take microseconds a word. */
	char cells[SCREEN_LINES_MAX][SCREEN_COLUMNS_MAX];
};

/* Clear the usable frame buffer @fb, which is mapped at @memory. */
void screen_init(struct screen *s, const struct framebuffer *fb, void *memory);
void screen_write(struct screen *s, const char *text, size_t len);

/* ---- the console on it ---- */

/* Makes the frame buffer reachable: its address, or NULL. */
typedef void *(*screen_map_fn)(const struct framebuffer *fb);

/* A device tree, and what says where a node's registers, or its memory, are: 0 or -errno. */
struct screen_tree {
	const struct fdt *f;
	int (*phys)(const struct fdt *f, int node, u32 index, u64 *addr, u64 *size);
};

/* Is the screen what the last earlycon= of @line asks for (efifb, simplefb)? */
bool screen_is_asked_for(const char *line);

/*
 * The frame buffer @known, if it is usable, or else that of @tree (NULL: there is none), is the
 * console, or one of them. @map: on the boot tables, and nobody else gets it as memory. Boot CPU,
 * in arch_discover(). 0 or -ENODEV.
 */
int screen_console_start(const struct framebuffer *known, const struct screen_tree *tree,
			 screen_map_fn map);
bool screen_console_is_on(void);
void screen_console_write(const char *text, size_t len);

/* On the final tables: in arch_kmap_devices(), 0 or -ENOMEM; and in arch_mmu_activate(). */
int screen_console_map(screen_map_fn map);
void screen_console_activate(void);

/* ---- for screen_console.c and tests ---- */

/* The first frame buffer of the tree that can be drawn to. 0 or -ENODEV. */
int screen_find_in_tree(const struct screen_tree *tree, struct framebuffer *fb);
