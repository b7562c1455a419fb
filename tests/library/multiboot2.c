/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reader of multiboot2's tags, on good and on damaged lists, on any ISA: each list ends at an
 * unmapped page, and so does what is made of its first bytes.
 */
#include "guarded.h"

#include <lib/errno.h>
#include <lib/multiboot2.h>
#include <lib/string.h>

enum {
	END,
	CMDLINE,
	LOADER,
	MMAP = 6,
	SCREEN = 8,
	EFI32 = 11,
	EFI64,
	RSDP_OLD = 14,
	RSDP_NEW,
	EFI_MMAP = 17
};
enum { BOOT_SERVICES = 18, UNKNOWN = 99 };

/* The list under construction. Only CPU 0 runs these tests. */
static u8 list[GUARDED_MAX];
static u32 list_len, tag_at;

/* ---- the builder ---- */

static void put_le(u64 v, unsigned int bytes)
{
	for (; bytes; bytes--, v >>= 8)
		list[list_len++] = v;
}

static void set_le(u32 at, u64 v, unsigned int bytes)
{
	for (; bytes; bytes--, v >>= 8)
		list[at++] = v;
}

static void put_text(const char *s, u32 len)
{
	memcpy(list + list_len, s, len);
	list_len += len;
}

static void begin_list(void)
{
	list_len = 0;
	put_le(0, 8);
}

static void begin_tag(u32 type)
{
	tag_at = list_len;
	put_le(type, 4);
	put_le(0, 4);
}

/* Its length, and the next tag's alignment. */
static void end_tag(void)
{
	set_le(tag_at + 4, list_len - tag_at, 4);
	while (list_len % 8)
		put_le(0xee, 1);
}

static void put_tag(u32 type)
{
	begin_tag(type);
	end_tag();
}

static void put_text_tag(u32 type, const char *s)
{
	begin_tag(type);
	put_text(s, strlen(s) + 1);
	end_tag();
}

static void put_rsdp(u32 type, u8 revision)
{
	begin_tag(type);
	put_text("RSD PTR ", 8);
	put_le(revision, 8);
	put_le(0, revision ? 20 : 4);
	end_tag();
}

static void put_mmap_entry(u64 base, u64 size, u32 type)
{
	put_le(base, 8);
	put_le(size, 8);
	put_le(type, 8);
}

static void put_mmap(void)
{
	begin_tag(MMAP);
	put_le(24, 4);
	put_le(0, 4);
	put_mmap_entry(0, 0x9f000, 1);
	put_mmap_entry(0x9f000, 0x1000, 2);
	put_mmap_entry(0x100000000, 0x40000000, 1);
	end_tag();
}

static void put_efi_entry(u32 type, u64 base, u64 pages)
{
	put_le(type, 8);
	put_le(base, 8);
	put_le(0, 8);
	put_le(pages, 8);
	put_le(0xf, 8);
	put_le(0, 8); /* firmware's entries are longer than the specification's */
}

static void put_efi_mmap(void)
{
	begin_tag(EFI_MMAP);
	put_le(48, 4);
	put_le(1, 4);
	for (u32 type = 0; type < 16; type++)
		put_efi_entry(type, (u64)type << 32, type + 1);
	put_efi_entry(7, 1ULL << 40, 1ULL << 52);
	end_tag();
}

/* 1024 pixels of 768 lines; @type: 0 has a palette, 1 is of colours, 2 is text. */
static void put_screen(u8 bits, u8 type, u32 pitch)
{
	static const u8 colours[] = { 11, 5, 5, 6, 0, 5 };

	begin_tag(SCREEN);
	put_le(0xfd000000, 8);
	put_le(pitch, 4);
	put_le(1024, 4);
	put_le(768, 4);
	put_le(bits, 1);
	put_le(type, 1);
	put_le(0, 2);
	put_text((const char *)colours, sizeof(colours));
	end_tag();
}

static void end_list(void)
{
	put_tag(END);
	set_le(0, list_len, 4);
}

/* As GRUB makes it under UEFI. */
static void build_list(void)
{
	begin_list();
	put_text_tag(CMDLINE, "tests=lib.*");
	put_text_tag(LOADER, "GRUB 2.06");
	put_rsdp(RSDP_OLD, 0);
	put_tag(UNKNOWN);
	put_rsdp(RSDP_NEW, 2);
	put_mmap();
	put_efi_mmap();
	put_screen(32, 1, 4096);
	begin_tag(EFI64);
	put_le(0x7f9ec018, 8);
	end_tag();
	end_list();
}

/* ---- reading ---- */

static int read_first(u8 *top, u32 len, struct multiboot2_info *info)
{
	return multiboot2_read(guarded_place(top, list, len), len, true, info);
}

static int read_list(struct test *t, struct multiboot2_info *info)
{
	u8 *top = guarded_top(t);

	return top ? read_first(top, list_len, info) : -ENOMEM;
}

static bool all_zero(const struct multiboot2_info *info)
{
	static const struct multiboot2_info none;

	return memcmp(info, &none, sizeof(none)) == 0;
}

/* Touch all that *info points to; the number of ranges of memory. */
static u32 use_info(const struct multiboot2_info *info, u64 *usable)
{
	struct multiboot2_range r;
	u32 n = 0;
	volatile u8 sum __unused = 0;

	for (u32 i = 0; i < info->cmdline_len; i++)
		sum += info->cmdline[i];
	for (u32 i = 0; i < info->loader_len; i++)
		sum += info->loader[i];
	for (u32 i = 0; info->rsdp && i < 20; i++)
		sum += info->rsdp[i];
	for (*usable = 0; multiboot2_range(info, n, &r); n++)
		if (r.usable)
			*usable += r.size;
	return n;
}

/* ---- good lists ---- */

static void test_good(struct test *t)
{
	struct multiboot2_info info;
	struct multiboot2_range r;
	u64 usable;

	build_list();
	EXPECT(t, multiboot2_size(list) == list_len);
	EXPECT(t, read_list(t, &info) == 0);
	EXPECT(t, info.cmdline_len == 11 && !strncmp(info.cmdline, "tests=lib.*", 11));
	EXPECT(t, info.loader_len == 9 && !strncmp(info.loader, "GRUB 2.06", 9));
	EXPECT(t, info.rsdp && info.rsdp[8] == 2);
	EXPECT(t, info.efi && info.efi_system_table == 0x7f9ec018 && !info.boot_services);
	EXPECT(t, use_info(&info, &usable) == 3 && usable == 0x4009f000);
	EXPECT(t, multiboot2_range(&info, 1, &r) && r.base == 0x9f000 && r.size == 0x1000);
	EXPECT(t, !r.usable && multiboot2_range(&info, 2, &r) && r.base == 0x100000000);
}
TEST(lib, multiboot2_good, TEST_ASSERT, test_good);

static void test_efi_map(struct test *t)
{
	struct multiboot2_info info;
	struct multiboot2_range r;
	u64 usable;

	begin_list();
	put_efi_mmap();
	end_list();
	EXPECT(t, read_list(t, &info) == 0 && info.efi);
	/* Code and data of loader and boot services, and what is nobody's. */
	EXPECT(t, use_info(&info, &usable) == 17);
	EXPECT_MSG(t, usable == (2 + 3 + 4 + 5 + 8) * 4096, "%llu", (unsigned long long)usable);
	EXPECT(t, multiboot2_range(&info, 4, &r) && r.base == 4ULL << 32 && r.size == 5 * 4096);
	EXPECT(t, multiboot2_range(&info, 16, &r) && !r.usable); /* more than there are pages */
}
TEST(lib, multiboot2_efi_map, TEST_ASSERT, test_efi_map);

/* Tags alone: what each says, and that none of them is needed. */
static void test_alone(struct test *t)
{
	struct multiboot2_info info;
	u64 usable;

	begin_list();
	end_list();
	EXPECT(t, read_list(t, &info) == 0 && all_zero(&info) && !use_info(&info, &usable));
	begin_list();
	put_tag(BOOT_SERVICES);
	end_list();
	EXPECT(t, read_list(t, &info) == 0 && info.boot_services && !info.efi);
	begin_list();
	begin_tag(EFI64);
	put_le(0x1000, 8);
	end_tag();
	end_list();
	EXPECT(t, read_list(t, &info) == 0 && info.efi && info.efi_system_table == 0x1000);
	begin_list();
	put_tag(EFI32);
	put_rsdp(RSDP_NEW, 2);
	put_rsdp(RSDP_OLD, 0);
	end_list();
	EXPECT(t, read_list(t, &info) == 0 && info.efi && info.rsdp[8] == 2);
	begin_list();
	put_rsdp(RSDP_OLD, 0);
	put_tag(RSDP_NEW); /* empty */
	end_list();
	EXPECT(t, read_list(t, &info) == 0 && info.rsdp && info.rsdp[8] == 0);
}
TEST(lib, multiboot2_alone, TEST_ASSERT, test_alone);

/* The screen that the only tag says. */
static void read_screen(struct test *t, u8 bits, u8 type, u32 pitch, struct framebuffer *fb)
{
	struct multiboot2_info info;

	begin_list();
	put_screen(bits, type, pitch);
	end_list();
	EXPECT(t, read_list(t, &info) == 0);
	*fb = info.framebuffer;
}

static void test_screens(struct test *t)
{
	struct framebuffer fb;

	read_screen(t, 16, 1, 2048, &fb);
	EXPECT(t, fb.pa == 0xfd000000 && fb.width == 1024 && fb.height == 768);
	EXPECT(t, fb.pitch == 2048 && fb.bytes == 2 && fb.white == 0xffff && !fb.cached);
	read_screen(t, 15, 1, 2050, &fb);
	EXPECT(t, fb.width == 1024 && fb.bytes == 2 && fb.pitch == 2050);
	read_screen(t, 32, 1, 4096, &fb);
	EXPECT(t, fb.width == 1024 && fb.bytes == 4);
	/* Those that cannot be drawn to so. */
	read_screen(t, 16, 1, 2046, &fb);
	EXPECT(t, !fb.width);
	read_screen(t, 8, 1, 1024, &fb);
	EXPECT(t, !fb.width);
	read_screen(t, 16, 0, 2048, &fb);
	EXPECT(t, !fb.width);
	read_screen(t, 16, 2, 2048, &fb);
	EXPECT(t, !fb.width);
}
TEST(lib, multiboot2_screen, TEST_ASSERT, test_screens);

/* ---- damage ---- */

static void test_sizes(struct test *t)
{
	u8 header[MULTIBOOT2_HEADER_SIZE] = { 8 };

	EXPECT(t, multiboot2_size(header) == 8);
	header[0] = 7;
	EXPECT(t, multiboot2_size(header) == 0);
	header[2] = 0x10; /* MULTIBOOT2_SIZE_MAX, and 7 more */
	EXPECT(t, multiboot2_size(header) == 0);
	header[0] = 0;
	EXPECT(t, multiboot2_size(header) == MULTIBOOT2_SIZE_MAX);
	memset(header, 0xff, sizeof(header));
	EXPECT(t, multiboot2_size(header) == 0);
}
TEST(lib, multiboot2_size, TEST_ASSERT, test_sizes);

/* A list cut off anywhere has no end. */
static void test_truncated(struct test *t)
{
	struct multiboot2_info info;
	u8 *top = guarded_top(t);

	build_list();
	for (u32 len = 0; top && len < list_len; len++) {
		memset(&info, 0xee, sizeof(info));
		EXPECT_MSG(t, read_first(top, len, &info) == -EBADMSG && all_zero(&info),
			   "%u of %u bytes", len, list_len);
	}
}
TEST(lib, multiboot2_truncated, TEST_ASSERT, test_truncated);

/* A list of one tag, whose length is set to what it must not be. */
static void expect_refused(struct test *t, u32 type, u32 size, u32 room)
{
	struct multiboot2_info info;

	begin_list();
	begin_tag(type);
	for (u32 i = 0; i < room; i++)
		put_le(0, 1);
	end_tag();
	end_list();
	set_le(tag_at - ALIGN_UP(8 + room, 8) + 4, size, 4);
	EXPECT_MSG(t, read_list(t, &info) == -EBADMSG && all_zero(&info), "type %u, %u bytes", type,
		   size);
}

static void test_tag_sizes(struct test *t)
{
	static const u32 sizes[] = { 0, 1, 7, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };

	for (u32 i = 0; i < ARRAY_SIZE(sizes); i++) {
		expect_refused(t, CMDLINE, sizes[i], 0);
		expect_refused(t, UNKNOWN, sizes[i], 8);
	}
	expect_refused(t, CMDLINE, 17, 0); /* one byte beyond the list */
	expect_refused(t, EFI64, 12, 8);
	expect_refused(t, RSDP_OLD, 8 + 19, 24);
	expect_refused(t, RSDP_NEW, 8 + 19, 24);
	expect_refused(t, MMAP, 15, 8);
	expect_refused(t, SCREEN, 31, 40);
}
TEST(lib, multiboot2_tag_sizes, TEST_ASSERT, test_tag_sizes);

/* A text that goes on where the list has ended: nothing behind it may be looked at. */
static void test_text_beyond(struct test *t)
{
	struct multiboot2_info info;

	begin_list();
	put_text_tag(CMDLINE, "fifteen letters");
	list_len -= 8;
	EXPECT(t, read_list(t, &info) == -EBADMSG && all_zero(&info));
}
TEST(lib, multiboot2_text_beyond, TEST_ASSERT, test_text_beyond);

/* Entries of a memory map that are too short for what stands in one. */
static void test_map_widths(struct test *t)
{
	static const struct {
		u32 type, width;
		int ret;
	} cases[] = { { MMAP, 0, -EBADMSG },	  { MMAP, 1, -EBADMSG },
		      { MMAP, 23, -EBADMSG },	  { MMAP, 24, 0 },
		      { EFI_MMAP, 0, -EBADMSG },  { EFI_MMAP, 24, -EBADMSG },
		      { EFI_MMAP, 39, -EBADMSG }, { EFI_MMAP, 40, 0 } };
	struct multiboot2_info info;
	u64 usable;

	for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
		begin_list();
		begin_tag(cases[i].type);
		put_le(cases[i].width, 8);
		put_mmap_entry(0, 0, 0);
		put_mmap_entry(0, 0, 0);
		end_tag();
		end_list();
		EXPECT_MSG(t, read_list(t, &info) == cases[i].ret, "case %u", i);
		EXPECT(t, use_info(&info, &usable) == (cases[i].ret ? 0 : 48 / cases[i].width));
	}
}
TEST(lib, multiboot2_map_widths, TEST_ASSERT, test_map_widths);

#define CORRUPT_ROUNDS 3000

static void test_corrupted(struct test *t)
{
	unsigned int accepted = 0, refused = 0;
	u8 *top = guarded_top(t);
	struct multiboot2_info info;
	u64 usable;

	for (unsigned int i = 0; top && i < CORRUPT_ROUNDS; i++) {
		build_list();
		guarded_corrupt(&t->rng, list + 8, list_len - 8);
		if (read_first(top, list_len, &info) == 0) {
			accepted++;
			EXPECT(t, use_info(&info, &usable) <= list_len / 24);
		} else {
			refused++;
			EXPECT(t, all_zero(&info));
		}
	}
	EXPECT(t, accepted > 0 && refused > 0);
	test_record(t, "\"accepted\":%u,\"refused\":%u", accepted, refused);
}
TEST(lib, multiboot2_corrupted, TEST_ASSERT, test_corrupted);
