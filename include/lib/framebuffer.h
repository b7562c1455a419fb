/* SPDX-License-Identifier: GPL-2.0-only */
/* A linear frame buffer: a picture in memory, as firmware says where it is. */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#define FRAMEBUFFER_SIDE_MIN 64		  /* pixels: what is smaller holds no text */
#define FRAMEBUFFER_SIDE_MAX 16384	  /* pixels; bounds of our own: what is larger is damage */
#define FRAMEBUFFER_SIZE_MAX (256U << 20) /* bytes */

struct framebuffer {
	phys_addr_t pa;
	u32 width, height; /* pixels; width 0: there is none */
	u32 pitch;	   /* bytes from a line to the next */
	u32 white;	   /* a pixel with all its colours */
	u8 bytes;	   /* of a pixel: 2, 3 or 4 */
	bool cached;	   /* it is memory, which others may map cacheable as well */
};

/*
 * Is it one that can be drawn to: within the bounds above, in lines that do not overlap, and
 * aligned to its pixels?
 */
bool framebuffer_is_usable(const struct framebuffer *fb);

/* Bytes from its first to behind its last; of a usable one. */
u32 framebuffer_size(const struct framebuffer *fb);

/* Bits [pos, pos + size) of a pixel; 0 if it has none such. */
u32 framebuffer_mask(u32 pos, u32 size);
