/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The screen that firmware has set up: UEFI Specification 2.10, section 12.9. It stays as it is
 * when boot services have ended. Runs wherever firmware has loaded it.
 */
#include <lib/framebuffer.h>
#include <lib/string.h>

#include "efi.h"

#define HANDLES_MAX 16

/* 12.9.2 */
static const struct efi_guid graphics_guid = {
	0x9042a9de, 0x23dc, 0x4a38, { 0x96, 0xfb, 0x7a, 0xde, 0xd0, 0x80, 0x51, 0x6a }
};

/* Bytes that hold all bits of @mask. */
static u32 mask_bytes(u32 mask)
{
	u32 n = 0;

	for (; mask; mask >>= 8)
		n++;
	return n;
}

/* White, and the bytes of a pixel; false: only firmware can draw there. */
static bool read_format(const struct efi_graphics_information *info, struct framebuffer *fb)
{
	u32 white = info->red | info->green | info->blue;

	if (info->format == EFI_PIXEL_RGB || info->format == EFI_PIXEL_BGR) {
		fb->white = 0xffffff;
		fb->bytes = 4;
		return true;
	}
	fb->white = white;
	fb->bytes = mask_bytes(white | info->reserved);
	return info->format == EFI_PIXEL_MASK;
}

static bool read_mode(const struct efi_graphics_mode *mode, struct framebuffer *fb)
{
	const struct efi_graphics_information *info = mode ? mode->information : NULL;

	if (!info || !read_format(info, fb) || info->pixels_per_line > FRAMEBUFFER_SIDE_MAX)
		return false;
	fb->pa = mode->frame_buffer;
	fb->width = info->width;
	fb->height = info->height;
	fb->pitch = info->pixels_per_line * fb->bytes;
	return framebuffer_is_usable(fb) && framebuffer_size(fb) <= mode->frame_buffer_size;
}

void efi_find_framebuffer(struct efi_system_table *st, struct framebuffer *fb)
{
	void *handles[HANDLES_MAX];
	u64 size = sizeof(handles);
	struct efi_graphics *graphics;

	memset(fb, 0, sizeof(*fb));
	if (st->boot->locate_handle(EFI_BY_PROTOCOL, &graphics_guid, NULL, &size, handles))
		return;
	for (u64 i = 0; i < size / sizeof(void *); i++)
		if (!st->boot->handle_protocol(handles[i], &graphics_guid, (void **)&graphics) &&
		    read_mode(graphics->mode, fb))
			return;
	fb->width = 0;
}
