/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ACPI reader on good and on damaged tables, on any ISA: a fake physical memory is made of
 * bytes that end at an unmapped page, and the map callback refuses every address outside them
 * (acpi_builder.h). Each table in turn stands last, so that an over-read of any of them faults.
 * Damage is done with and without mending the checksums: without it nearly every damaged table is
 * refused at once, and what comes after the checksum would never be tried.
 */
#include "acpi_builder.h"

#include <lib/errno.h>
#include <lib/string.h>

#define OEM_ID 10 /* a field of every table that means nothing to the reader */

/* ---- good tables ---- */

static void test_good(struct test *t)
{
	struct acpi_info info;
	enum table_id last;

	acpib_build_tables();
	for (last = 0; last < NR_TABLES; last++) {
		EXPECT(t, acpib_layout_tables(last));
		EXPECT_MSG(t, acpib_read_whole(t, &info) == 0, "%u last", last);
		EXPECT_MSG(t, info.nr_cpus == 3, "%u", info.nr_cpus);
		EXPECT(t, info.lapic_id[0] == 0 && info.lapic_id[1] == 4);
		EXPECT(t, info.lapic_id[2] == 0x123);
		EXPECT(t, info.lapic_addr == 0x1fee00000ULL);
		EXPECT_MSG(t, info.pm1a_cnt == 0x1804 && info.pm1b_cnt == 0x704, "%x %x",
			   info.pm1a_cnt, info.pm1b_cnt);
		EXPECT(t, info.pm_timer == 0x608 && info.pm_timer_32bit);
		EXPECT(t, info.have_s5 && info.s5_typa == 5 && info.s5_typb == 1);
		EXPECT(t, info.hpet == 0xfed00000);
		EXPECT(t, info.nr_ioapics == 1 && info.ioapic[0] == 0xfec00000);
		EXPECT(t, info.smi_cmd == 0xb2 && info.acpi_enable == 0xf1);
		EXPECT(t, info.console.addr == 0xfe034000 && !info.console.io_port);
		EXPECT(t, info.console.width == 4 && info.console.baud == 1500000);
		EXPECT(t, info.console.clock_hz == 48000000);
	}
}
TEST(lib, acpi_good, TEST_ASSERT, test_good);

static void test_find_rsdp(struct test *t)
{
	struct acpib_memory m = { 0 };
	struct acpi_env env = { .map = acpib_map, .ctx = &m, .quiet = true };
	u8 *top = guarded_top(t);
	u32 at;

	if (!top)
		return;
	acpib_build_tables();
	acpib_layout_tables(RSDP);
	m.bytes = guarded_place(top, acpib_image, acpib_image_len);
	m.len = acpib_image_len;
	at = acpib_tables[RSDP].at;
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE, acpib_image_len) == FAKE_BASE + at);
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE + 3, acpib_image_len - 3) == FAKE_BASE + at);
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE + at, 20) == FAKE_BASE + at);
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE + at, 19) == 0);
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE + at + 1, 64) == 0);
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE, 0) == 0);
	EXPECT(t, acpi_find_rsdp(&env, 0, ~0UL) == 0); /* bounded, and no memory there */
	top[(long)at + 5 - (long)acpib_image_len] ^= 1;
	EXPECT(t, acpi_find_rsdp(&env, FAKE_BASE, acpib_image_len) == 0);
}
TEST(lib, acpi_find_rsdp, TEST_ASSERT, test_find_rsdp);

/* ---- damage at random ---- */

struct tally {
	unsigned int accepted, refused, wrong;
	const char *what;
};

static void try_image(u8 *top, u32 len, struct tally *tally)
{
	const char *wrong = NULL;
	struct acpi_info info;
	bool too_much;
	int ret = acpib_read_image(top, len, &info, &too_much);

	if (ret) {
		tally->refused++;
		if (info.nr_cpus || info.have_s5 || info.pm1a_cnt)
			wrong = "refused, but filled in";
		if (ret != -EFAULT && ret != -EBADMSG && ret != -ENODATA && ret != -ENOENT)
			wrong = "refused with another error number";
	} else {
		tally->accepted++;
		if (!info.nr_cpus)
			wrong = "accepted without a CPU";
		if (info.have_s5 && (info.s5_typa > 7 || info.s5_typb > 7))
			wrong = "a sleep type that does not fit its register";
	}
	if (too_much)
		wrong = "too much work";
	if (wrong) {
		tally->wrong++;
		tally->what = wrong;
	}
}

static void tally_report(struct test *t, const struct tally *tally)
{
	EXPECT_MSG(t, !tally->wrong, "%u times: %s", tally->wrong, tally->what);
	EXPECT(t, tally->accepted > 0 && tally->refused > 0);
	test_record(t, "\"accepted\":%u,\"refused\":%u", tally->accepted, tally->refused);
}

/* Memory ends at every length: what is cut off is refused or left out. */
static void test_truncated(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	enum table_id last;
	u32 len;

	acpib_build_tables();
	for (last = 0; top && last < NR_TABLES; last++) {
		acpib_layout_tables(last);
		for (len = 0; len <= acpib_image_len; len++)
			try_image(top, len, &tally);
	}
	tally_report(t, &tally);
}
TEST(lib, acpi_truncated, TEST_ASSERT, test_truncated);

/* Every byte in turn, checksums left wrong and mended. */
static void test_flipped(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	enum table_id last;
	u32 i;

	acpib_build_tables();
	for (last = 0; top && last < NR_TABLES; last++) {
		acpib_layout_tables(last);
		for (i = 0; i < acpib_image_len; i++) {
			u8 good = acpib_image[i];

			acpib_image[i] = guarded_flip(&t->rng, good);
			try_image(top, acpib_image_len, &tally);
			acpib_fix_checksums();
			try_image(top, acpib_image_len, &tally);
			acpib_image[i] = good;
			acpib_fix_checksums();
		}
	}
	tally_report(t, &tally);
}
TEST(lib, acpi_flipped, TEST_ASSERT, test_flipped);

#define CORRUPT_ROUNDS 3000

static void test_corrupted(struct test *t)
{
	struct tally tally = { 0 };
	u8 *top = guarded_top(t);
	unsigned int i;

	acpib_build_tables();
	for (i = 0; top && i < CORRUPT_ROUNDS; i++) {
		enum table_id id = rng_below(&t->rng, NR_TABLES);

		acpib_layout_tables(rng_below(&t->rng, NR_TABLES));
		guarded_corrupt(&t->rng, acpib_image + acpib_tables[id].at, acpib_tables[id].len);
		acpib_fix_checksums();
		try_image(top, acpib_image_len, &tally);
	}
	tally_report(t, &tally);
}
TEST(lib, acpi_corrupted, TEST_ASSERT, test_corrupted);

/* ---- damage with intent ---- */

/* Lay the tables out with @last at the guard page and read them. */
static int read_tables(struct test *t, enum table_id last, struct acpi_info *info)
{
	if (!EXPECT(t, acpib_layout_tables(last)))
		return -ENOMEM;
	return acpib_read_whole(t, info);
}

/* The good tables with a field overwritten in memory, where its table stands last. */
static void patch(struct test *t, enum table_id id, u32 off, u64 v, unsigned int bytes)
{
	u8 *p, good[8];

	acpib_build_tables();
	EXPECT(t, acpib_layout_tables(id));
	p = acpib_image + acpib_tables[id].at + off;
	memcpy(good, p, bytes);
	acpib_set_image_le(acpib_tables[id].at + off, v, bytes);
	EXPECT_MSG(t, memcmp(good, p, bytes), "%s: the same at %u", acpib_signatures[id], off);
}

/* Read such tables, their checksums made right. */
static int read_patched(struct test *t, enum table_id id, u32 off, u64 v, unsigned int bytes,
			struct acpi_info *info)
{
	patch(t, id, off, v, bytes);
	acpib_fix_checksums();
	return acpib_read_whole(t, info);
}

static void test_checksums(struct test *t)
{
	struct acpi_info info;

	patch(t, RSDP, OEM_ID, 'x', 1);
	EXPECT(t, acpib_read_whole(t, &info) == -EBADMSG);
	patch(t, MADT, OEM_ID, 'x', 1);
	EXPECT(t, acpib_read_whole(t, &info) == -ENODATA);
	patch(t, FADT, OEM_ID, 'x', 1);
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.nr_cpus == 3 && !info.pm1a_cnt);
	patch(t, DSDT, OEM_ID, 'x', 1);
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.pm1a_cnt && !info.have_s5);
	/* The XSDT: the RSDT must be used, which shall lack the FADT here. */
	patch(t, RSDT, 36, 0, 4);
	acpib_fix_checksums();
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.pm1a_cnt);
	acpib_image[acpib_tables[XSDT].at + OEM_ID] ^= 1;
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.nr_cpus == 3 && !info.pm1a_cnt);
	/* The same when the part of the root pointer that names the XSDT is damaged. */
	acpib_fix_checksums();
	acpib_image[acpib_tables[RSDP].at + 35] ^= 1;
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.nr_cpus == 3 && !info.pm1a_cnt);
}
TEST(lib, acpi_checksums, TEST_ASSERT, test_checksums);

static void test_roots(struct test *t)
{
	struct acpi_info info;
	unsigned int i;

	/* A damaged XSDT leaves the RSDT; both damaged leave nothing. */
	EXPECT(t, read_patched(t, XSDT, 4, 0xffffffff, 4, &info) == 0 && info.nr_cpus == 3);
	EXPECT(t, read_patched(t, XSDT, 4, 35, 4, &info) == 0);
	EXPECT(t, read_patched(t, XSDT, 4, 2 << 20, 4, &info) == 0);
	EXPECT(t, read_patched(t, XSDT, 4, 36, 4, &info) == 0);	    /* no entries */
	EXPECT(t, read_patched(t, XSDT, 4, 36 + 7, 4, &info) == 0); /* half an entry */
	EXPECT(t, read_patched(t, RSDP, 24, ~0ULL, 8, &info) == 0);
	EXPECT(t, read_patched(t, RSDP, 24, FAKE_BASE - 4, 8, &info) == 0);
	EXPECT(t, read_patched(t, RSDP, 20, 0xffffffff, 4, &info) == 0);
	EXPECT(t, read_patched(t, RSDP, 15, 0, 1, &info) == 0); /* ACPI 1.0 has no XSDT */
	acpib_set_image_le(acpib_tables[RSDP].at + 16, 0x1000, 4);
	acpib_fix_checksums();
	EXPECT(t, acpib_read_whole(t, &info) == -EFAULT && !info.nr_cpus);
	EXPECT(t, read_patched(t, RSDP, 0, 'X', 1, &info) == -EBADMSG);

	/* A root that names itself, and more tables than anybody has. */
	acpib_build_tables();
	acpib_layout_tables(XSDT);
	acpib_set_image_le(acpib_tables[XSDT].at + 36, FAKE_BASE + acpib_tables[XSDT].at, 8);
	acpib_fix_checksums();
	EXPECT(t, acpib_read_whole(t, &info) == 0 && !info.pm1a_cnt);
	acpib_build_tables();
	acpib_put_header(XSDT, 1);
	acpib_put_le(XSDT, 0, 400 * 8);
	acpib_layout_tables(XSDT);
	for (i = 4; i < 400; i++)
		acpib_set_image_le(acpib_tables[XSDT].at + 36 + 8 * i,
				   FAKE_BASE + acpib_tables[FADT].at, 8);
	acpib_fix_checksums();
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.nr_cpus == 3 && info.pm1a_cnt);
	acpib_image[acpib_tables[FADT].at + OEM_ID] ^=
		1; /* so that each mention of it is looked at */
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.nr_cpus == 3 && !info.pm1a_cnt);
}
TEST(lib, acpi_damaged_roots, TEST_ASSERT, test_roots);

static void test_madt(struct test *t)
{
	struct acpi_info info;
	unsigned int i;

	EXPECT(t, read_patched(t, MADT, 4, 43, 4, &info) == -EBADMSG); /* ends in its header */
	EXPECT(t, read_patched(t, MADT, 4, 44, 4, &info) == -ENODATA); /* no entries */
	EXPECT(t, read_patched(t, MADT, 4, 45, 4, &info) == -EBADMSG); /* half an entry */
	EXPECT(t, read_patched(t, MADT, 45, 0, 1, &info) == -EBADMSG); /* length 0: no way on */
	EXPECT(t, read_patched(t, MADT, 45, 1, 1, &info) == -EBADMSG);
	EXPECT(t, read_patched(t, MADT, 45, 7, 1, &info) == -EBADMSG);
	EXPECT(t, read_patched(t, MADT, 45, 255, 1, &info) == -EBADMSG);
	EXPECT(t, !info.nr_cpus);

	/* The last entry reaches beyond the table, where the guard page is. */
	acpib_build_tables();
	acpib_build_madt_header();
	acpib_put_lapic(0, 1);
	acpib_put8(MADT, 9);
	acpib_put8(MADT, 16);
	EXPECT(t, read_tables(t, MADT, &info) == -EBADMSG);
	acpib_build_madt_header();
	acpib_put_lapic(0, 1);
	acpib_put8(MADT, 0);
	EXPECT(t, read_tables(t, MADT, &info) == -EBADMSG);

	/* An entry that nobody knows, of no length: no way on. */
	acpib_build_madt_header();
	acpib_put_lapic(0, 1);
	acpib_put8(MADT, 0x7f);
	acpib_put8(MADT, 0);
	EXPECT(t, read_tables(t, MADT, &info) == -EBADMSG);

	/* And one as long as its type: what begins at its length is an entry, but none of it. */
	acpib_build_madt_header();
	acpib_put_lapic(0, 1);
	acpib_put8(MADT, 0x7f);
	acpib_put_other(1, 12);
	EXPECT(t, read_tables(t, MADT, &info) == -EBADMSG);

	acpib_build_madt_header();
	acpib_put_other(0, 12); /* a local APIC's entry has 8 bytes */
	acpib_put_lapic(1, 1);
	EXPECT(t, read_tables(t, MADT, &info) == -EBADMSG);

	acpib_build_madt_header();
	acpib_put_lapic(1, 0);
	EXPECT(t, read_tables(t, MADT, &info) == -ENODATA); /* every CPU disabled */

	/* More CPUs than the table of ids holds: counted, not written. */
	acpib_build_madt_header();
	for (i = 0; i < 240; i++)
		acpib_put_x2apic(1000 + i, 1);
	EXPECT(t, read_tables(t, FADT, &info) == 0 && info.nr_cpus == 240);
	acpib_build_madt_header();
	for (i = 0; i < 253; i++) {
		acpib_put_lapic(i, 1);
		if (i < 100)
			acpib_put_x2apic(1000 + i, 1);
	}
	EXPECT(t, read_tables(t, FADT, &info) == 0);
	EXPECT_MSG(t, info.nr_cpus == 353, "%u", info.nr_cpus);
	EXPECT(t, info.lapic_id[ARRAY_SIZE(info.lapic_id) - 1] == 155);
	EXPECT(t, info.pm1a_cnt == 0x1804); /* what stands behind the ids */
}
TEST(lib, acpi_damaged_madt, TEST_ASSERT, test_madt);

/* Ids that an interrupt cannot be addressed to: of the same table, in either mode. */
static void test_modes(struct test *t)
{
	struct acpi_info info;

	acpib_build_tables();
	acpib_build_madt_header();
	acpib_put_lapic(3, 1);
	acpib_put_lapic(0xfe, 1);
	acpib_put_lapic(0xff, 1);
	acpib_put_x2apic(0xfe, 1); /* again */
	acpib_put_x2apic(0xff,
			 1); /* an id like others in x2APIC mode, the broadcast address in xAPIC */
	acpib_put_x2apic(0x100, 1);
	acpib_put_x2apic(0x103, 1); /* as 3 in eight bits */
	acpib_put_x2apic(0x104, 0);
	acpib_put_x2apic(0xfffffffe, 1);
	acpib_put_x2apic(0xffffffff, 1);
	acpib_cpu_id_max = ACPI_ID_MAX_XAPIC;
	EXPECT(t, read_tables(t, MADT, &info) == 0);
	EXPECT_MSG(t, info.nr_cpus == 2 && info.nr_beyond == 4, "%u, %u left out", info.nr_cpus,
		   info.nr_beyond);
	EXPECT(t, info.lapic_id[0] == 3 && info.lapic_id[1] == 0xfe);
	acpib_cpu_id_max = ACPI_ID_MAX_X2APIC;
	EXPECT(t, read_tables(t, MADT, &info) == 0);
	EXPECT_MSG(t, info.nr_cpus == 6 && !info.nr_beyond, "%u, %u left out", info.nr_cpus,
		   info.nr_beyond);
	EXPECT(t, info.lapic_id[2] == 0xff && info.lapic_id[4] == 0x103);
	EXPECT(t, info.lapic_id[5] == 0xfffffffe);

	/* Nobody is left. */
	acpib_build_madt_header();
	acpib_put_x2apic(0x100, 1);
	acpib_cpu_id_max = ACPI_ID_MAX_XAPIC;
	EXPECT(t, read_tables(t, MADT, &info) == -ENODATA && !info.nr_cpus);
	acpib_cpu_id_max = ACPI_ID_MAX_X2APIC;
}
TEST(lib, acpi_modes, TEST_ASSERT, test_modes);

static void test_fadt(struct test *t)
{
	struct acpi_info info;

	/* A FADT that cannot be used leaves the CPUs. */
	EXPECT(t, read_patched(t, FADT, 4, 115, 4, &info) == 0 && info.nr_cpus == 3);
	EXPECT(t, !info.pm1a_cnt && !info.have_s5);
	EXPECT(t, read_patched(t, FADT, 4, 0x100000, 4, &info) == 0 && !info.pm1a_cnt);

	acpib_build_tables();
	acpib_build_fadt(116); /* of ACPI 1.0, the extended fields behind the guard */
	EXPECT(t, read_tables(t, FADT, &info) == 0);
	EXPECT(t, info.pm1a_cnt == 0x604 && info.pm_timer == 0x608 && info.have_s5);
	acpib_build_fadt(180); /* ends in the middle of X_PM1a_CNT_BLK */
	EXPECT(t, read_tables(t, FADT, &info) == 0 && info.pm1a_cnt == 0x604);

	for (u32 len = 140; len < 148; len += 4) { /* in the middle of X_DSDT */
		acpib_build_tables();
		acpib_build_fadt(len);
		EXPECT(t, read_tables(t, FADT, &info) == 0 && info.have_s5);
	}

	EXPECT(t, read_patched(t, FADT, 176, 0x10000, 8, &info) == 0 && info.pm1a_cnt == 0x604);
	EXPECT(t, read_patched(t, FADT, 184, 1, 1, &info) == 0 && info.pm1b_cnt == 0x704);
	acpib_set_image_le(acpib_tables[FADT].at + 188, 0x1904, 8);
	acpib_fix_checksums();
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.pm1b_cnt == 0x1904);
	EXPECT(t, read_patched(t, FADT, 68, 0x10000, 4, &info) == 0 && info.pm1b_cnt == 0);
	EXPECT(t, read_patched(t, FADT, 91, 3, 1, &info) == 0 && info.pm_timer == 0);
	EXPECT(t, read_patched(t, FADT, 112, 0, 4, &info) == 0 && !info.pm_timer_32bit);
	EXPECT(t, read_patched(t, FADT, 112, 1 << 20, 4, &info) == 0);
	EXPECT(t, !info.pm1a_cnt && !info.pm1b_cnt && !info.pm_timer); /* hardware-reduced */
	EXPECT(t, !info.smi_cmd && !info.acpi_enable);
	EXPECT(t, read_patched(t, FADT, 140, ~0ULL, 8, &info) == 0 && !info.have_s5);
	EXPECT(t, read_patched(t, FADT, 140, 0, 8, &info) == 0 && info.have_s5);
}
TEST(lib, acpi_damaged_fadt, TEST_ASSERT, test_fadt);

static void test_hpet(struct test *t)
{
	struct acpi_info info;

	EXPECT(t, read_patched(t, HPET, 4, 55, 4, &info) == 0 && !info.hpet);
	EXPECT(t, info.nr_cpus == 3 && info.have_s5);
	EXPECT(t, read_patched(t, HPET, 40, 1, 1, &info) == 0 && !info.hpet); /* I/O ports */
	EXPECT(t, read_patched(t, HPET, 48, 1, 1, &info) == 0 && info.hpet == 0x1fed00000ULL);
	patch(t, HPET, OEM_ID, 'x', 1);
	EXPECT(t, acpib_read_whole(t, &info) == 0 && info.pm1a_cnt && !info.hpet);
}
TEST(lib, acpi_damaged_hpet, TEST_ASSERT, test_hpet);

/* The speed by its number, in a table that has it no other way. */
static u32 spcr_baud_of(struct test *t, u8 code)
{
	struct acpi_info info;

	acpib_build_tables();
	acpib_build_spcr(2, 80);
	acpib_set_le(SPCR, 58, code, 1);
	EXPECT(t, read_tables(t, SPCR, &info) == 0 && info.console.addr == 0xfe034000);
	EXPECT(t, !info.console.clock_hz);
	return info.console.baud;
}

static void test_spcr(struct test *t)
{
	struct acpi_info info;

	EXPECT(t, read_patched(t, SPCR, 4, 79, 4, &info) == 0 && !info.console.addr);
	EXPECT(t, read_patched(t, SPCR, 36, 3, 1, &info) == 0 && !info.console.addr); /* PL011 */
	EXPECT(t, read_patched(t, SPCR, 36, 0x12, 1, &info) == 0 && info.console.addr);
	EXPECT(t, read_patched(t, SPCR, 40, 2, 1, &info) == 0 && !info.console.addr); /* PCI */
	EXPECT(t, read_patched(t, SPCR, 40, 1, 1, &info) == 0 && info.console.io_port);
	EXPECT(t, read_patched(t, SPCR, 43, 0, 1, &info) == 0 && info.console.width == 1);
	EXPECT(t, read_patched(t, SPCR, 43, 2, 1, &info) == 0 && info.console.width == 2);
	EXPECT(t, read_patched(t, SPCR, 43, 4, 1, &info) == 0 && info.console.width == 1);

	EXPECT(t, read_patched(t, SPCR, 80, 0, 4, &info) == 0 && info.console.baud == 115200);
	acpib_build_tables();
	acpib_build_spcr(4, 80); /* of a revision that has more than this table */
	EXPECT(t, read_tables(t, SPCR, &info) == 0 && info.console.baud == 115200);
	EXPECT(t, read_patched(t, SPCR, 8, 3, 1, &info) == 0 && info.console.baud == 115200);
	EXPECT(t, info.console.clock_hz == 48000000);
	EXPECT(t, spcr_baud_of(t, 0) == 0 && spcr_baud_of(t, 3) == 9600);
	EXPECT(t, spcr_baud_of(t, 4) == 19200 && spcr_baud_of(t, 6) == 57600);
	EXPECT(t, spcr_baud_of(t, 7) == 115200 && spcr_baud_of(t, 8) == 0);
}
TEST(lib, acpi_damaged_spcr, TEST_ASSERT, test_spcr);

/* Packages that are one, and things that only look like one. The DSDT ends where they end. */
static void test_s5(struct test *t)
{
#define AML(bytes, ok, a, b) \
	{ \
		bytes, sizeof(bytes) - 1, ok, a, b \
	}
	static const struct {
		const char *aml;
		unsigned int len;
		bool have;
		u8 a, b;
	} cases[] = {
		AML("\x08_S5_\x12\x06\x04\x00\x01\x00\x00", true, 0, 1),
		AML("\x08\\_S5_\x12\x08\x04\x0a\x07\x0a\x06\x00\x00", true, 7, 6),
		AML("\x08_S5_\x12\x47\x00\x04\x0a\x05\x0a\x05", true, 5,
		    5), /* length of two bytes */
		AML("\x08_S5_\x12\x88\x00\x00\x02\x0a\x05\x0a\x05", true, 5, 5), /* of three */
		AML("\x08_S5_\x12\x06\x02\x0a\x03\x0a\x04", true, 3, 4),
		AML("\x08_S5_\x12\x05\x02\x0a\x03\x0a\x04", false, 0, 0), /* length too small */
		AML("\x08_S5_\x12\x07\x02\x0a\x03\x0a\x04", false, 0, 0), /* beyond the table */
		AML("\x08_S5_\x12\x06\x02\x0a\x08\x0a\x04", false, 0, 0), /* no sleep type */
		AML("\x08_S5_\x12\x06\x01\x0a\x03\x0a\x04", false, 0, 0), /* one element */
		AML("\x08_S5_\x12\x06\x02\x0b\x03\x0a\x04", false, 0, 0), /* no byte */
		AML("\x08_S5_\x13\x06\x02\x0a\x03\x0a\x04", false, 0, 0), /* no package */
		AML("\x09_S5_\x12\x06\x02\x0a\x03\x0a\x04", false, 0, 0), /* no name */
		AML("\x08_S5_\x12\x00\x02\x0a\x03\x0a\x04", false, 0, 0),
		AML("\x08_S5_\x12\xff\xff\xff\xff", false, 0, 0),
		AML("\x08_S5_\x12\xc0", false, 0, 0),
		AML("\x08_S5_\x12\x01", false, 0, 0),
		AML("\x08_S5_\x12", false, 0, 0),
		AML("\x08_S5_", false, 0, 0),
		AML("\x08_S5", false, 0, 0),
	};
#undef AML
	struct acpi_info info;
	unsigned int i;

	acpib_build_tables();
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		acpib_build_dsdt(cases[i].aml, cases[i].len);
		EXPECT(t, read_tables(t, DSDT, &info) == 0);
		EXPECT_MSG(t, info.have_s5 == cases[i].have, "case %u", i);
		if (cases[i].have)
			EXPECT_MSG(t, info.s5_typa == cases[i].a && info.s5_typb == cases[i].b,
				   "case %u: %u %u", i, info.s5_typa, info.s5_typb);
	}
	/* The name as the first bytes behind the header, with nothing before it. */
	acpib_put_header(DSDT, 2);
	acpib_put_text(DSDT, "_S5_\x12\x06\x02\x0a\x03\x0a\x04", 11);
	EXPECT(t, read_tables(t, DSDT, &info) == 0 && !info.have_s5);
	acpib_put_header(DSDT, 2);
	EXPECT(t, read_tables(t, DSDT, &info) == 0 && !info.have_s5);
}
TEST(lib, acpi_s5, TEST_ASSERT, test_s5);
