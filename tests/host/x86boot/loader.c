/* SPDX-License-Identifier: GPL-2.0-only */
/* loader.c: by multiboot (0.6.96, 3.3), multiboot2 (2.0, 3.4) and PVH. */
#include <lib/errno.h>

#include "memory.h"

#define INFO 0x9000u
#define LINE 0xa000u
#define NAME 0xb000u
#define MAP  0xc000u

static int read(uint32_t magic)
{
	x86_boot_magic = magic;
	x86_boot_data = INFO;
	return x86_loader_read();
}

static bool has(const struct phys_range *r, unsigned int n, uint64_t base, uint64_t size)
{
	for (; n; n--, r++)
		if (r->base == base && r->size == size)
			return true;
	return false;
}

#define MEMORY(base, size)   has(boot_info.memory, boot_info.nr_memory, base, size)
#define NO_MAP(base, size)   has(boot_info.no_map, boot_info.nr_no_map, base, size)
#define RESERVED(base, size) has(boot_info.reserved, boot_info.nr_reserved, base, size)

/* ---- multiboot ---- */

static unsigned int map_len;

static void begin_multiboot(uint32_t flags)
{
	memory_clear();
	map_len = 0;
	put(INFO, flags, 4);
	put(INFO + 16, LINE, 4);
	put(INFO + 48, MAP, 4);
	put(INFO + 64, NAME, 4);
}

/* Its entries need not be of one length. */
static void add_entry(uint64_t base, uint64_t len, uint32_t type, unsigned int more)
{
	put(MAP + map_len, 20 + more, 4);
	put(MAP + map_len + 4, base, 8);
	put(MAP + map_len + 12, len, 8);
	put(MAP + map_len + 20, type, 4);
	map_len += 24 + more;
	put(INFO + 44, map_len, 4);
}

static void add_usual(void)
{
	add_entry(0, 0x9fc00, 1, 0);
	add_entry(0x9fc00, 0x400, 2, 4);
	add_entry(0x100000, 0x200000, 1, 0);
	add_entry(0x180000, 0x1000, 3, 0);
	add_entry(0x300000, 0x200000, 1, 0); /* beyond what the boot tables map */
	add_entry(0x400000, 0x1000, 2, 0);
	add_entry(0x200000, 0x100000000, 1, 0);
	add_entry(0xfffc0000, 0x40000, 2, 0);
	add_entry(0x100000000, 0x1000, 1, 0);
	add_entry(0x1000, ~0ULL, 2, 0); /* wraps around: refused last */
}

static void check_usual(void)
{
	CHECK(MEMORY(0, 0x9fc00) && MEMORY(0x100000, 0x300000) && boot_info.nr_memory == 2);
	CHECK(NO_MAP(0x9fc00, 0x400) && RESERVED(0x180000, 0x1000));
	CHECK(boot_info.nr_reserved == 1 && boot_info.nr_no_map == 1);
}

#define CMDLINE 4
#define MMAP	0x40
#define LOADER	0x200

static void test_multiboot(void)
{
	begin_multiboot(CMDLINE | MMAP | LOADER);
	add_usual();
	put_text(LINE, "/boot/fencepost.elf  tests=lib.* seed=1");
	put_text(NAME, "GRUB 2.06");
	CHECK(read(0x2badb002) == -EINVAL);
	check_usual();
	CHECK(!strcmp(boot_info.cmdline, "tests=lib.* seed=1"));
	CHECK(!strcmp(boot_info.firmware, "multiboot1 (GRUB 2.06)"));
	CHECK(!x86_loader.uefi && !x86_loader.rsdp);
}

static void expect_line(const char *name, const char *line, const char *want)
{
	begin_multiboot(CMDLINE | MMAP | LOADER);
	add_entry(0, 0x9fc00, 1, 0);
	put_text(LINE, line);
	put_text(NAME, name);
	CHECK(!read(0x2badb002));
	if (strcmp(boot_info.cmdline, want))
		fail("'%s' of %s is '%s', not '%s'", line, name, boot_info.cmdline, want);
}

/* What stands before the options goes, if it is a file's name: of QEMU's it always is one. */
static void test_lines(void)
{
	expect_line("GRUB", "tests=a/b seed=1", "tests=a/b seed=1");
	expect_line("GRUB", "quiet tests=a/b", "quiet tests=a/b");
	expect_line("GRUB", "(hd0)/k", "");
	expect_line("GRUB", "", "");
	expect_line("qemu", "fencepost.elf seed=1", "seed=1");
	expect_line("qemu", "fencepost.elf", "");
	begin_multiboot(MMAP);
	add_entry(0, 0x9fc00, 1, 0);
	put_text(LINE, "seed=1");
	put_text(NAME, "qemu");
	CHECK(!read(0x2badb002) && !boot_info.cmdline[0]);
	CHECK(!strcmp(boot_info.firmware, "multiboot1"));
}

static void begin_screen(uint32_t flags, uint32_t pitch, uint32_t bits, uint32_t type)
{
	static const uint8_t colours[] = { 16, 8, 8, 8, 0, 8 };

	begin_multiboot(MMAP | flags);
	add_entry(0, 0x9fc00, 1, 0);
	put(INFO + 88, 0xfd000000, 8);
	put(INFO + 96, pitch, 4);
	put(INFO + 100, 1024, 4);
	put(INFO + 104, 768, 4);
	put(INFO + 108, bits, 1);
	put(INFO + 109, type, 1);
	memcpy(memory + INFO + 110, colours, sizeof(colours));
}

#define SCREEN 0x1000

/* One that is of colours, which a flag says, and whose lines hold its pixels. */
static void test_screen(void)
{
	struct framebuffer *fb = &boot_info.framebuffer;

	begin_screen(SCREEN, 4160, 32, 1);
	CHECK(!read(0x2badb002) && fb->pa == 0xfd000000 && fb->pitch == 4160 && fb->bytes == 4);
	CHECK(fb->width == 1024 && fb->height == 768 && fb->white == 0xffffff && !fb->cached);
	begin_screen(SCREEN, 3072, 24, 1);
	CHECK(!read(0x2badb002) && fb->width && fb->bytes == 3);
	begin_screen(0, 4096, 32, 1);
	CHECK(!read(0x2badb002) && !fb->width);
	begin_screen(SCREEN, 4092, 32, 1);
	CHECK(!read(0x2badb002) && !fb->width);
	begin_screen(SCREEN, 4096, 32, 2);
	CHECK(!read(0x2badb002) && !fb->width);
}

/* Strings that nobody ends, and that are where nothing is. */
static void test_strings(void)
{
	begin_multiboot(CMDLINE | MMAP | LOADER);
	add_entry(0, 0x9fc00, 1, 0);
	put(INFO + 16, MEMORY_SIZE - 6, 4);
	put(INFO + 64, MEMORY_SIZE - 2, 4);
	memcpy(memory + MEMORY_SIZE - 6, "seed=1", 6);
	CHECK(!read(0x2badb002) && !strcmp(boot_info.cmdline, "seed=1"));
	CHECK(!strcmp(boot_info.firmware, "multiboot1 (=1)"));
	put(INFO + 16, MEMORY_SIZE, 4);
	put(INFO + 64, 0, 4);
	put_text(0, "no string");
	CHECK(!read(0x2badb002) && !boot_info.cmdline[0]);
	CHECK(!strcmp(boot_info.firmware, "multiboot1"));
	begin_multiboot(MMAP | LOADER);
	add_entry(0, 0x9fc00, 1, 0);
	memset(memory + NAME, 'n', 4000);
	CHECK(!read(0x2badb002) && strlen(boot_info.firmware) == sizeof(boot_info.firmware) - 1);
}

static void test_multiboot_damaged(void)
{
	begin_multiboot(CMDLINE | LOADER);
	add_entry(0, 0x9fc00, 1, 0);
	CHECK(read(0x2badb002) == -EBADMSG);
	begin_multiboot(MMAP);
	add_entry(0, 0x9fc00, 1, 0);
	put(MAP, 19, 4);
	CHECK(read(0x2badb002) == -EBADMSG);
	put(MAP, 25, 4);
	CHECK(read(0x2badb002) == -EBADMSG);
	put(MAP, 20, 4);
	put(INFO + 44, 23, 4); /* not a whole one */
	CHECK(!read(0x2badb002) && !boot_info.nr_memory);
	put(INFO + 44, MEMORY_SIZE - MAP + 1, 4);
	CHECK(read(0x2badb002) == -EBADMSG);
	put(INFO + 44, 0x10001, 4);
	CHECK(read(0x2badb002) == -EBADMSG);
	put(INFO + 48, MEMORY_SIZE - 23, 4);
	put(INFO + 44, 24, 4);
	CHECK(read(0x2badb002) == -EBADMSG);
	x86_boot_data = MEMORY_SIZE - 4;
	CHECK(x86_loader_read() == -EFAULT);
	CHECK(read(0x2badb003) == -EINVAL);
}

/* ---- multiboot2 ---- */

static unsigned int list_len;

static void add_tag(uint32_t type, unsigned int len)
{
	put(INFO + list_len, type, 4);
	put(INFO + list_len + 4, 8 + len, 4);
	list_len += (8 + len + 7) & ~7u;
	put(INFO, list_len, 4);
}

static void add_text_tag(uint32_t type, const char *s)
{
	put_text(INFO + list_len + 8, s);
	add_tag(type, strlen(s) + 1);
}

static void add_map_tag(void)
{
	unsigned int at = INFO + list_len + 8;

	put(at, 24, 4);
	put(at + 8, 0x100000, 8);
	put(at + 16, 0x100000, 8);
	put(at + 24, 1, 4);
	put(at + 32, 0x180000, 8);
	put(at + 40, 0x1000, 8);
	put(at + 48, 4, 4);
	add_tag(6, 56);
}

static void begin_list(void)
{
	memory_clear();
	list_len = 8;
	add_text_tag(1, "/boot/fencepost.elf seed=2");
	add_text_tag(2, "GRUB 2.12");
}

static void test_multiboot2(void)
{
	unsigned int rsdp;

	begin_list();
	rsdp = INFO + list_len + 8;
	put_text(rsdp, "RSD PTR ");
	add_tag(14, 20);
	add_map_tag();
	add_tag(0, 0);
	CHECK(!read(0x36d76289) && MEMORY(0x100000, 0x80000) && MEMORY(0x181000, 0x7f000));
	CHECK(NO_MAP(0x180000, 0x1000));
	CHECK(!strcmp(boot_info.cmdline, "seed=2") && x86_loader.rsdp == rsdp);
	CHECK(!strcmp(boot_info.firmware, "multiboot2 (GRUB 2.12)") && !x86_loader.uefi);
	begin_list();
	put(INFO + list_len + 8, 0x123456, 8);
	add_tag(12, 8);
	add_map_tag();
	add_tag(0, 0);
	CHECK(!read(0x36d76289) && x86_loader.uefi && x86_loader.efi_system_table == 0x123456);
	CHECK(!strcmp(boot_info.firmware, "multiboot2, uefi (GRUB 2.12)") && !x86_loader.rsdp);
}

static void test_multiboot2_damaged(void)
{
	begin_list();
	add_tag(0, 0);
	CHECK(read(0x36d76289) == -ENODATA); /* no memory map */
	begin_list();
	add_map_tag();
	CHECK(read(0x36d76289) == -EBADMSG); /* no end */
	begin_list();
	put(INFO + list_len + 8, 0x123456, 8);
	add_tag(12, 8);
	add_map_tag();
	add_tag(18, 0);
	add_tag(0, 0);
	CHECK(read(0x36d76289) == -EINVAL); /* boot services still run */
	put(INFO, 4, 4);
	CHECK(read(0x36d76289) == -EFAULT);
	x86_boot_data = MEMORY_SIZE - 4;
	CHECK(x86_loader_read() == -EFAULT);
}

/* ---- PVH ---- */

static void begin_pvh(uint32_t version)
{
	memory_clear();
	put(INFO, 0x336ec578, 4);
	put(INFO + 4, version, 4);
	put(INFO + 24, LINE, 8);
	put(INFO + 32, 0xf5b20, 8);
	put(INFO + 40, MAP, 8);
	put(INFO + 48, 2, 4);
	put_text(LINE, "seed=3 a/b");
	put(MAP, 0, 8);
	put(MAP + 8, 0x9fc00, 8);
	put(MAP + 16, 1, 4);
	put(MAP + 24, 0x1000, 8);
	put(MAP + 32, 0x1000, 8);
	put(MAP + 40, 2, 4);
}

static void test_pvh(void)
{
	begin_pvh(1);
	CHECK(!read(0x336ec578) && MEMORY(0, 0x1000) && MEMORY(0x2000, 0x9dc00));
	CHECK(NO_MAP(0x1000, 0x1000));
	CHECK(!strcmp(boot_info.cmdline, "seed=3 a/b") && !strcmp(boot_info.firmware, "pvh"));
	CHECK(x86_loader.rsdp == 0xf5b20 && boot_info.nr_memory == 2 && boot_info.nr_no_map == 1);
	begin_pvh(0);
	CHECK(read(0x336ec578) == -EBADMSG);
	begin_pvh(1);
	put(INFO, 0, 4);
	CHECK(read(0x336ec578) == -EBADMSG);
	begin_pvh(1);
	put(INFO + 40, 0, 8);
	CHECK(read(0x336ec578) == -EBADMSG);
	begin_pvh(1);
	put(INFO + 48, 0x10000, 4);
	CHECK(read(0x336ec578) == -EBADMSG);
	begin_pvh(1);
	put(INFO + 40, MEMORY_SIZE - 47, 8);
	CHECK(read(0x336ec578) == -EBADMSG);
}

void test_loader(void)
{
	test_multiboot();
	test_lines();
	test_screen();
	test_strings();
	test_multiboot_damaged();
	test_multiboot2();
	test_multiboot2_damaged();
	test_pvh();
}
