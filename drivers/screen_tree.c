/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frame buffers in the device tree, which firmware has set up: Linux's binding
 * display/simple-framebuffer.yaml. They stand in /chosen, or anywhere.
 */
#include <drivers/screen.h>
#include <lib/compiler.h>
#include <lib/errno.h>
#include <lib/fdt.h>
#include <lib/string.h>

/* Names of formats: colours and their bits, from the highest down. */
static const struct format {
	const char *name;
	u8 bytes;
	u32 white;
} formats[] = {
	{ "r5g6b5", 2, 0xffff },	  { "r5g5b5a1", 2, 0xfffe },
	{ "x1r5g5b5", 2, 0x7fff },	  { "a1r5g5b5", 2, 0x7fff },
	{ "r8g8b8", 3, 0xffffff },	  { "x8r8g8b8", 4, 0xffffff },
	{ "a8r8g8b8", 4, 0xffffff },	  { "x8b8g8r8", 4, 0xffffff },
	{ "a8b8g8r8", 4, 0xffffff },	  { "x2r10g10b10", 4, 0x3fffffff },
	{ "a2r10g10b10", 4, 0x3fffffff },
};

static int read_format(const struct fdt *f, int node, struct framebuffer *fb)
{
	const char *name = fdt_prop_string(f, node, "format");

	for (unsigned int i = 0; name && i < ARRAY_SIZE(formats); i++) {
		if (strcmp(formats[i].name, name))
			continue;
		fb->bytes = formats[i].bytes;
		fb->white = formats[i].white;
		return 0;
	}
	return -EINVAL;
}

/* Where it is: the node says, or the piece of reserved memory that it names. */
static int read_place(const struct screen_tree *tree, int node, struct framebuffer *fb, u64 *size)
{
	u32 phandle;

	if (!tree->phys(tree->f, node, 0, &fb->pa, size))
		return 0;
	if (fdt_prop_cell(tree->f, node, "memory-region", 0, &phandle))
		return -ENOENT;
	node = fdt_by_phandle(tree->f, phandle);
	return node < 0 ? node : tree->phys(tree->f, node, 0, &fb->pa, size);
}

static bool read_node(const struct screen_tree *tree, int node, struct framebuffer *fb)
{
	const struct fdt *f = tree->f;
	u64 size;

	memset(fb, 0, sizeof(*fb));
	if (read_place(tree, node, fb, &size) || read_format(f, node, fb) ||
	    fdt_prop_u32(f, node, "width", &fb->width) ||
	    fdt_prop_u32(f, node, "height", &fb->height) ||
	    fdt_prop_u32(f, node, "stride", &fb->pitch))
		return false;
	return framebuffer_is_usable(fb) && framebuffer_size(fb) <= size;
}

int screen_find_in_tree(const struct screen_tree *tree, struct framebuffer *fb)
{
	int node = -1;

	while ((node = fdt_find_compatible(tree->f, node, "simple-framebuffer")) >= 0)
		if (fdt_is_available(tree->f, node) && read_node(tree, node, fb))
			return 0;
	fb->width = 0;
	return -ENODEV;
}
