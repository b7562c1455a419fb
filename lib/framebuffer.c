/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Frame buffers: what can be one. Runs in UEFI's stub too, before the image is where it is linked:
 * no initialised pointers.
 */
#include <lib/compiler.h>
#include <lib/framebuffer.h>

u32 framebuffer_size(const struct framebuffer *fb)
{
	return (fb->height - 1) * fb->pitch + fb->width * fb->bytes;
}

static bool layout_is_usable(const struct framebuffer *fb)
{
	if (fb->width < FRAMEBUFFER_SIDE_MIN || fb->width > FRAMEBUFFER_SIDE_MAX)
		return false;
	if (fb->height < FRAMEBUFFER_SIDE_MIN || fb->height > FRAMEBUFFER_SIDE_MAX)
		return false;
	return fb->pitch >= fb->width * fb->bytes && fb->pitch <= FRAMEBUFFER_SIZE_MAX / fb->height;
}

/* Pixels of three bytes are written byte by byte. */
static bool is_aligned(const struct framebuffer *fb)
{
	return fb->bytes == 3 || IS_ALIGNED(fb->pa | fb->pitch, fb->bytes);
}

bool framebuffer_is_usable(const struct framebuffer *fb)
{
	if (fb->bytes < 2 || fb->bytes > 4 || !fb->white || !fb->pa)
		return false;
	return layout_is_usable(fb) && is_aligned(fb) && fb->pa + framebuffer_size(fb) > fb->pa;
}

u32 framebuffer_mask(u32 pos, u32 size)
{
	if (size > 32 || pos > 32 - size || !size)
		return 0;
	return (u32)((1ULL << size) - 1) << pos;
}
