/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: the image as a UEFI application, \EFI\BOOT\BOOTX64.EFI: a loader of its own in front of
 * the kernel's flat image. It does for the kernel what GRUB does: puts the image where its
 * multiboot2 header permits (Multiboot2 Specification 2.0, section 3.1), makes the list of tags
 * (3.4), ends boot services and enters. The kernel knows nothing of it.
 *
 * It is linked alone, and runs wherever firmware has loaded it: no initialised pointers. What goes
 * wrong it says, and returns to firmware.
 */
#include <lib/framebuffer.h>
#include <lib/string.h>

#include "../../../efi/efi.h"

/* Of the kernel's header. */
#define HEADER_MAGIC  0xe85250d6
#define HEADER_SEARCH 32768
#define HEADER_SIZE   16
#define TAG_END	      0
#define TAG_ADDRESS   2
#define TAG_ENTRY     3
#define TAG_RELOCATE  10
/* Of the list for the kernel. */
#define TAG_CMDLINE   1
#define TAG_LOADER    2
#define TAG_SCREEN    8
#define TAG_EFI64     12
#define TAG_EFI_MAP   17
#define TAG_SIZE      8
#define SCREEN_RGB    1
#define TAG_ALIGN     8

#define BELOW_4GIB 0xffffffffULL
#define LIST_SIZE  (128 << 10)
#define LINE_MAX   2048

/* UEFI 2.10, 9.1 */
static const struct efi_guid loaded_image_guid = {
	0x5b1b31a1, 0x9562, 0x11d2, { 0x8e, 0x3f, 0x00, 0xa0, 0xc9, 0x69, 0x72, 0x3b }
};

/* In start.S; handoff() is called where it has been copied to, by the compiler's convention. */
#pragma GCC visibility push(hidden) /* reached relative to pc, and not by a table of addresses */
extern const u8 payload[], payload_end[];
extern const u8 handoff[], handoff_end[], handoff_gdt[], handoff_gdtr[];
#pragma GCC visibility pop
typedef void (*handoff_fn)(u64 base, u32 list, u32 entry) __noreturn;

/* What the kernel's header says, as addresses at which it is linked. */
struct kernel {
	const u32 *header;
	u32 header_addr, load, load_end, bss_end, entry, align;
};

/* The list under construction. */
struct list {
	u8 *p;
	u32 len;
};

/* ---- the kernel ---- */

static const u32 *find_header(void)
{
	const u8 *end =
		payload_end - payload > HEADER_SEARCH ? payload + HEADER_SEARCH : payload_end;

	for (const u8 *p = payload; p + HEADER_SIZE <= end; p += TAG_ALIGN) {
		const u32 *h = (const u32 *)p;

		if (h[0] == HEADER_MAGIC && h[0] + h[1] + h[2] + h[3] == 0)
			return h;
	}
	return NULL;
}

static void read_tag(const u32 *tag, struct kernel *k)
{
	switch ((u16)tag[0]) {
	case TAG_ADDRESS:
		k->header_addr = tag[2];
		k->load = tag[3];
		k->load_end = tag[4];
		k->bss_end = tag[5];
		break;
	case TAG_ENTRY:
		k->entry = tag[2];
		break;
	case TAG_RELOCATE:
		k->align = tag[4];
		break;
	}
}

static bool read_header(struct kernel *k)
{
	const u8 *p, *end;

	memset(k, 0, sizeof(*k));
	k->header = find_header();
	if (!k->header)
		return false;
	p = (const u8 *)k->header + HEADER_SIZE;
	end = (const u8 *)k->header + k->header[2];
	for (; p < end && *(const u16 *)p != TAG_END;
	     p += ALIGN_UP(*(const u32 *)(p + 4), TAG_ALIGN))
		read_tag((const u32 *)p, k);
	return k->load && k->entry && k->align;
}

static u64 alloc_low(struct efi_boot_services *boot, u32 type, u64 size)
{
	u64 at = BELOW_4GIB;

	if (boot->allocate_pages(EFI_ALLOCATE_MAX_ADDRESS, type,
				 ALIGN_UP(size, EFI_PAGE_SIZE) / EFI_PAGE_SIZE, &at))
		return 0;
	return at;
}

/* A copy of the image where it can run; 0 without memory. What is behind it need not be zero. */
static u64 place_kernel(struct efi_boot_services *boot, const struct kernel *k)
{
	u64 at = alloc_low(boot, EFI_LOADER_DATA, k->bss_end - k->load + k->align);

	if (!at)
		return 0;
	at = ALIGN_UP(at, k->align);
	memcpy((void *)at, (const u8 *)k->header - (k->header_addr - k->load),
	       k->load_end - k->load);
	return at;
}

/* A copy of handoff() below 4 GiB; 0 without memory. */
static u64 place_handoff(struct efi_boot_services *boot)
{
	u64 at = alloc_low(boot, EFI_LOADER_CODE, handoff_end - handoff), gdt;

	if (!at)
		return 0;
	memcpy((void *)at, handoff, handoff_end - handoff);
	gdt = at + (handoff_gdt - handoff);
	memcpy((u8 *)at + (handoff_gdtr - handoff) + 2, &gdt, sizeof(gdt));
	return at;
}

/* ---- the list of tags ---- */

static void begin_tag(struct list *l, u32 type, u32 size)
{
	u32 head[] = { type, TAG_SIZE + size };

	memcpy(l->p + l->len, head, sizeof(head));
}

static void put_tag(struct list *l, u32 type, const void *data, u32 size)
{
	begin_tag(l, type, size);
	memcpy(l->p + l->len + TAG_SIZE, data, size);
	l->len += ALIGN_UP(TAG_SIZE + size, TAG_ALIGN);
}

/* What starts as a file's name is the shell's, which puts the command before its arguments. */
static const char *skip_command(const char *line)
{
	const char *p = line;

	while (*p && *p != ' ' && *p != '=')
		p++;
	if (*p == '=' || p - line < 4 || (p[-4] != '.') || (p[-3] | ' ') != 'e')
		return line;
	while (*p == ' ')
		p++;
	return p;
}

/* Load options need not be text (UEFI 2.10, 3.1.3): then there is no boot line. */
static void put_line(struct list *l, void *image, struct efi_system_table *st)
{
	struct efi_loaded_image *self;
	char text[LINE_MAX] = "";
	const char *line;

	if (st->boot->handle_protocol(image, &loaded_image_guid, (void **)&self) == EFI_SUCCESS &&
	    self->options)
		efi_to_ascii(text, sizeof(text), self->options, self->options_size / 2);
	line = skip_command(text);
	put_tag(l, TAG_CMDLINE, line, strlen(line) + 1);
}

static void put_firmware(struct list *l, struct efi_system_table *st)
{
	u64 system = (u64)st;
	char vendor[32] = "";

	if (st->firmware_vendor)
		efi_to_ascii(vendor, sizeof(vendor), st->firmware_vendor, sizeof(vendor));
	put_tag(l, TAG_LOADER, vendor, strlen(vendor) + 1);
	put_tag(l, TAG_EFI64, &system, sizeof(system));
}

/* Section 3.4.12, of a screen that can be drawn to. A pixel's colours need not be known apart. */
static void put_screen(struct list *l, struct efi_system_table *st)
{
	struct framebuffer fb;
	struct {
		u64 addr;
		u32 pitch, width, height;
		u8 bits, type, reserved[2];
		u8 colours[6];
	} __packed tag;

	efi_find_framebuffer(st, &fb);
	if (!fb.width)
		return;
	memset(&tag, 0, sizeof(tag));
	tag.addr = fb.pa;
	tag.pitch = fb.pitch;
	tag.width = fb.width;
	tag.height = fb.height;
	tag.bits = fb.bytes * 8;
	tag.type = SCREEN_RGB;
	/* As if all of it were red, from the lowest bit of a colour on. */
	tag.colours[0] = __builtin_ctz(fb.white);
	tag.colours[1] = 32 - __builtin_clz(fb.white) - __builtin_ctz(fb.white);
	put_tag(l, TAG_SCREEN, &tag, sizeof(tag));
}

/*
 * The memory map as the last tag, and the end of boot services with that map's key. Nothing may be
 * called in between, since it could change the map: UEFI 2.10, 7.4.6.
 */
static efi_status leave_once(struct list l, void *image, struct efi_boot_services *boot)
{
	u64 room = LIST_SIZE - l.len - 4 * TAG_SIZE, size = room, key, step;
	u32 version, end[] = { TAG_END, TAG_SIZE }, head[2];
	efi_status status;

	status = boot->get_memory_map(&size, l.p + l.len + 2 * TAG_SIZE, &key, &step, &version);
	if (status)
		return status;
	begin_tag(&l, TAG_EFI_MAP, TAG_SIZE + size);
	head[0] = step;
	head[1] = version;
	memcpy(l.p + l.len + TAG_SIZE, head, sizeof(head));
	l.len += ALIGN_UP(2 * TAG_SIZE + size, TAG_ALIGN);
	memcpy(l.p + l.len, end, sizeof(end));
	head[0] = l.len + TAG_SIZE;
	head[1] = 0;
	memcpy(l.p, head, sizeof(head));
	return boot->exit_boot_services(image, key);
}

efi_status EFIAPI efi_main(void *image, struct efi_system_table *st)
{
	struct list l = { .len = TAG_SIZE };
	struct kernel k;
	u64 base, way;
	efi_status status;

	efi_say(st, "Fencepost, started by UEFI\r\n");
	if (!read_header(&k))
		return efi_refuse(st, "there is no kernel in this file", EFI_LOAD_ERROR);
	base = place_kernel(st->boot, &k);
	way = place_handoff(st->boot);
	l.p = (u8 *)alloc_low(st->boot, EFI_LOADER_DATA, LIST_SIZE);
	if (!base || !way || !l.p)
		return efi_refuse(st, "no memory for the image below 4 GiB", EFI_OUT_OF_MEMORY);
	put_line(&l, image, st);
	put_firmware(&l, st);
	put_screen(&l, st);
	/* The first call may run handlers that allocate: the second time the key is right. */
	status = leave_once(l, image, st->boot);
	if (status)
		status = leave_once(l, image, st->boot);
	if (status)
		return efi_refuse(st, "UEFI does not end its boot services", EFI_LOAD_ERROR);
	((handoff_fn)way)(way, (u32)(u64)l.p, base + (k.entry - k.load));
}
