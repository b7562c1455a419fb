/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reader of MP tables on good and on damaged ones, on any ISA: a fake physical memory that ends
 * at an unmapped page, with the pointer first and the table last, or the other way round.
 */
#include "guarded.h"

#include <lib/errno.h>
#include <lib/mptable.h>
#include <lib/string.h>

#define FAKE_BASE    0x9fc00ULL
#define POINTER_SIZE 16
#define HEADER_SIZE  44

enum { CPU, BUS, IOAPIC, IOINT, LOCALINT };

/* Only CPU 0 runs these tests. */
static u8 pointer[2 * POINTER_SIZE], table[4096], image[GUARDED_MAX];
static u32 pointer_len, table_len, image_len, pointer_at, table_at;

/* ---- the builder ---- */

static void set_le(u8 *p, u64 v, unsigned int bytes)
{
	for (; bytes; bytes--, v >>= 8)
		*p++ = v;
}

static void fix_checksum(u8 *p, u32 len, u32 at)
{
	u8 sum = 0;

	p[at] = 0;
	for (u32 i = 0; i < len; i++)
		sum += p[i];
	p[at] = -sum;
}

static void put_cpu(u8 id, u8 flags)
{
	u8 *p = table + table_len;

	memset(p, 0, 20);
	p[1] = id;
	p[2] = 0x14;
	p[3] = flags;
	table_len += 20;
}

static void put_other(u8 type)
{
	memset(table + table_len, 0xee, 8);
	table[table_len] = type;
	table_len += 8;
}

static void put_ioapic(u32 addr, u8 flags)
{
	put_other(IOAPIC);
	table[table_len - 5] = flags;
	set_le(table + table_len - 4, addr, 4);
}

static void begin_table(void)
{
	memset(pointer, 0, sizeof(pointer));
	memcpy(pointer, "_MP_", 4);
	pointer[8] = 1;
	pointer[9] = 4;
	pointer_len = POINTER_SIZE;
	memset(table, 0, sizeof(table));
	memcpy(table, "PCMP", 4);
	set_le(table + 36, 0xfee00000, 4);
	table_len = HEADER_SIZE;
}

static void build_table(void)
{
	begin_table();
	put_cpu(0, 3);
	put_other(BUS);
	put_cpu(2, 1);
	put_cpu(3, 0); /* disabled */
	put_cpu(2, 1); /* again */
	put_cpu(0, 1);
	put_cpu(0xfe, 1);
	put_cpu(0xff, 1); /* the broadcast address is no CPU */
	put_ioapic(0xfec00000, 1);
	put_ioapic(0xfec10000, 0); /* disabled */
	put_other(IOINT);
	put_other(LOCALINT);
}

/* Lay both out, the table last or the pointer, the lengths filled in and the checksums right. */
static void layout(bool table_last)
{
	set_le(table + 4, table_len, 2);
	fix_checksum(table, table_len, 7);
	pointer_at = table_last ? 0 : ALIGN_UP(table_len, 16);
	table_at = table_last ? pointer_len : 0;
	set_le(pointer + 4, FAKE_BASE + table_at, 4);
	fix_checksum(pointer, pointer_len, 10);
	memset(image, 0, sizeof(image));
	memcpy(image + pointer_at, pointer, pointer_len);
	memcpy(image + table_at, table, table_len);
	image_len = MAX(pointer_at + pointer_len, table_at + table_len);
}

static void fix_checksums(void)
{
	u32 len = image[table_at + 4] | image[table_at + 5] << 8;

	if (len > 7 && len <= image_len - table_at)
		fix_checksum(image + table_at, len, 7);
	fix_checksum(image + pointer_at, pointer_len, 10);
}

/* ---- reading ---- */

struct fake_memory {
	const u8 *bytes;
	u32 len;
};

static const void *fake_map(void *ctx, phys_addr_t addr, size_t len)
{
	const struct fake_memory *m = ctx;

	if (addr < FAKE_BASE || addr - FAKE_BASE > m->len || len > m->len - (addr - FAKE_BASE))
		return NULL;
	return m->bytes + (addr - FAKE_BASE);
}

static struct acpi_env fake_env(struct fake_memory *m)
{
	return (struct acpi_env){ .map = fake_map, .ctx = m, .quiet = true };
}

static int read_first(u8 *top, u32 len, struct acpi_info *info)
{
	struct fake_memory m = { guarded_place(top, image, len), len };
	struct acpi_env env = fake_env(&m);

	return mptable_read(&env, FAKE_BASE + pointer_at, info);
}

static int read_image(struct test *t, struct acpi_info *info)
{
	u8 *top = guarded_top(t);

	return top ? read_first(top, image_len, info) : -ENOMEM;
}

static bool all_zero(const struct acpi_info *info)
{
	static const struct acpi_info none;

	return memcmp(info, &none, sizeof(none)) == 0;
}

/* ---- good tables ---- */

static void test_good(struct test *t)
{
	struct acpi_info info;

	build_table();
	for (int last = 0; last < 2; last++) {
		layout(last);
		EXPECT(t, read_image(t, &info) == 0);
		EXPECT_MSG(t, info.nr_cpus == 3 && info.nr_beyond == 1, "%u", info.nr_cpus);
		EXPECT(t, info.lapic_id[0] == 0 && info.lapic_id[1] == 2);
		EXPECT(t, info.lapic_id[2] == 0xfe && info.lapic_addr == 0xfee00000);
		EXPECT(t, !info.have_s5 && !info.pm_timer && !info.hpet);
		EXPECT(t, info.nr_ioapics == 1 && info.ioapic[0] == 0xfec00000);
	}
}
TEST(lib, mptable_good, TEST_ASSERT, test_good);

/* More I/O APICs than there is room for: what stands behind is not written to. */
static void test_ioapics(struct test *t)
{
	struct acpi_info info;

	begin_table();
	put_cpu(0, 1);
	for (u32 i = 0; i < 20; i++)
		put_ioapic(i << 16, 1); /* one at address 0 is none */
	layout(true);
	EXPECT(t, read_image(t, &info) == 0 && info.nr_ioapics == ARRAY_SIZE(info.ioapic));
	EXPECT(t, info.ioapic[0] == 0x10000 && !info.pm1a_cnt);
}
TEST(lib, mptable_ioapics, TEST_ASSERT, test_ioapics);

/* All ids that there are fit. */
static void test_full(struct test *t)
{
	struct acpi_info info;

	begin_table();
	for (u32 i = 0; i < 200; i++)
		put_cpu(i, 1);
	layout(true);
	EXPECT(t, read_image(t, &info) == 0 && info.nr_cpus == 200 && info.lapic_id[199] == 199);
}
TEST(lib, mptable_full, TEST_ASSERT, test_full);

static void test_default(struct test *t)
{
	struct acpi_info info;

	build_table();
	layout(false);
	for (u32 kind = 0; kind < 256; kind++) {
		int want = kind >= 1 && kind <= 7 ? 0 : -EBADMSG;

		set_le(image + pointer_at + 4, 0, 4);
		image[pointer_at + 11] = kind;
		fix_checksums();
		EXPECT_MSG(t, read_image(t, &info) == want, "configuration %u", kind);
		EXPECT(t, want ? all_zero(&info) : info.nr_cpus == 2 && info.lapic_id[1] == 1);
		EXPECT(t, want || info.lapic_addr == 0xfee00000);
	}
}
TEST(lib, mptable_default, TEST_ASSERT, test_default);

static void test_find(struct test *t)
{
	u8 *top = guarded_top(t);
	struct fake_memory m = { 0 };
	struct acpi_env env = fake_env(&m);
	phys_addr_t at;

	if (!top)
		return;
	build_table();
	layout(false);
	m.bytes = guarded_place(top, image, image_len);
	m.len = image_len;
	at = FAKE_BASE + pointer_at;
	EXPECT(t, mptable_find(&env, FAKE_BASE, image_len) == at);
	EXPECT(t, mptable_find(&env, FAKE_BASE + 5, image_len - 5) == at);
	EXPECT(t, mptable_find(&env, at, 16) == at && mptable_find(&env, at, 15) == 0);
	EXPECT(t, mptable_find(&env, at + 1, 64) == 0);
	EXPECT(t, mptable_find(&env, 0, ~0UL) == 0);
	/* One with more to it than we know, which reaches beyond memory. */
	image[pointer_at + 8] = 2;
	fix_checksums();
	m.bytes = guarded_place(top, image, image_len);
	EXPECT(t, mptable_find(&env, FAKE_BASE, image_len) == 0);
}
TEST(lib, mptable_find, TEST_ASSERT, test_find);

/* ---- damage ---- */

static void test_truncated(struct test *t)
{
	struct acpi_info info;
	u8 *top = guarded_top(t);

	build_table();
	layout(true);
	for (u32 len = 0; top && len < image_len; len++)
		EXPECT_MSG(t, read_first(top, len, &info) == -EBADMSG && all_zero(&info),
			   "%u bytes", len);
}
TEST(lib, mptable_truncated, TEST_ASSERT, test_truncated);

/* The good table with @bytes at @off of the table set to @v, its checksum right. */
static int read_patched(struct test *t, u32 off, u64 v, unsigned int bytes, struct acpi_info *info)
{
	build_table();
	layout(true);
	set_le(image + table_at + off, v, bytes);
	fix_checksums();
	return read_image(t, info);
}

static void test_damaged(struct test *t)
{
	struct acpi_info info;

	EXPECT(t, read_patched(t, 0, 'X', 1, &info) == -EBADMSG);
	EXPECT(t, read_patched(t, 4, 0, 2, &info) == -EBADMSG);
	EXPECT(t, read_patched(t, 4, 43, 2, &info) == -EBADMSG && all_zero(&info));
	EXPECT(t, read_patched(t, 4, 44, 2, &info) == -ENODATA); /* no entries */
	EXPECT(t, read_patched(t, 4, 63, 2, &info) == -EBADMSG); /* ends in an entry */
	EXPECT(t, read_patched(t, 4, 0xffff, 2, &info) == -EBADMSG);
	EXPECT(t, read_patched(t, HEADER_SIZE, 5, 1, &info) == -EBADMSG); /* of no known length */
	EXPECT(t, all_zero(&info));
	build_table();
	layout(true);
	image[table_at + 8] ^= 1;
	EXPECT(t, read_image(t, &info) == -EBADMSG);
	layout(true);
	image[pointer_at + 12] ^= 1;
	EXPECT(t, read_image(t, &info) == -EBADMSG);
	layout(true);
	image[pointer_at + 8] = 0; /* a pointer of no length */
	EXPECT(t, read_image(t, &info) == -EBADMSG);
	/* The last CPU's entry is half there. */
	begin_table();
	put_cpu(0, 1);
	put_cpu(1, 1);
	table_len -= 8;
	layout(true);
	EXPECT(t, read_image(t, &info) == -EBADMSG && all_zero(&info));
}
TEST(lib, mptable_damaged, TEST_ASSERT, test_damaged);

#define CORRUPT_ROUNDS 3000

static void test_corrupted(struct test *t)
{
	unsigned int accepted = 0, refused = 0;
	u8 *top = guarded_top(t);
	struct acpi_info info;

	for (unsigned int i = 0; top && i < CORRUPT_ROUNDS; i++) {
		build_table();
		layout(rng_below(&t->rng, 2));
		guarded_corrupt(&t->rng, image, image_len);
		fix_checksums();
		if (read_first(top, image_len, &info) == 0) {
			accepted++;
			EXPECT(t, info.nr_cpus > 0 && info.nr_cpus <= 255);
		} else {
			refused++;
			EXPECT(t, all_zero(&info));
		}
	}
	EXPECT(t, accepted > 0 && refused > 0);
	test_record(t, "\"accepted\":%u,\"refused\":%u", accepted, refused);
}
TEST(lib, mptable_corrupted, TEST_ASSERT, test_corrupted);
