/* SPDX-License-Identifier: GPL-2.0-only */
/* The console on a screen: of a machine without a serial port, or beside one. */
#include <drivers/screen.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/report.h>

static struct screen screen;
static void *memory_final; /* the frame buffer on the final tables, until those are active */

int screen_console_start(const struct framebuffer *known, const struct screen_tree *tree,
			 screen_map_fn map)
{
	struct framebuffer fb = *known;
	void *memory;

	if (!framebuffer_is_usable(&fb) && (!tree || screen_find_in_tree(tree, &fb)))
		return -ENODEV;
	memory = map(&fb);
	if (!memory)
		return -ENODEV;
	screen_init(&screen, &fb, memory);
	report_line("console: a screen of %ux%u pixels at 0x%llx", fb.width, fb.height,
		    (unsigned long long)fb.pa);
	return 0;
}

bool screen_console_is_on(void)
{
	return screen.memory;
}

void screen_console_write(const char *text, size_t len)
{
	if (screen.memory)
		screen_write(&screen, text, len);
}

int screen_console_map(screen_map_fn map)
{
	if (screen.memory)
		memory_final = map(&screen.fb);
	return screen.memory && !memory_final ? -ENOMEM : 0;
}

void screen_console_activate(void)
{
	if (memory_final)
		screen.memory = memory_final;
}
