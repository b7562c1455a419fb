/* SPDX-License-Identifier: GPL-2.0-only */
/* Tables of ACPI for the tests of its reader: good ones, of which any may be the last in memory. */
#include "acpi_builder.h"

#include <lib/errno.h>
#include <lib/string.h>

const char *const acpib_signatures[NR_TABLES] = { "",	  "XSDT", "RSDT", "APIC", "FACP", "DSDT",
						  "HPET", "SPCR", "GTDT", "DBG2", "PPTT" };
struct acpib_table acpib_tables[NR_TABLES];
u8 acpib_image[GUARDED_MAX];
u32 acpib_image_len;
u32 acpib_cpu_id_max = ACPI_ID_MAX_X2APIC;

void acpib_put8(enum table_id id, u8 v)
{
	if (acpib_tables[id].len < sizeof(acpib_tables[id].data))
		acpib_tables[id].data[acpib_tables[id].len++] = v;
}

void acpib_put_le(enum table_id id, u64 v, unsigned int bytes)
{
	for (; bytes; bytes--, v >>= 8)
		acpib_put8(id, v);
}

void acpib_put_text(enum table_id id, const char *s, unsigned int n)
{
	while (n--)
		acpib_put8(id, *s++);
}

void acpib_set_le(enum table_id id, u32 off, u64 v, unsigned int bytes)
{
	for (; bytes; bytes--, v >>= 8)
		acpib_tables[id].data[off++] = v;
}

void acpib_put_header(enum table_id id, u8 revision)
{
	acpib_tables[id].len = 0;
	acpib_put_text(id, acpib_signatures[id], 4);
	acpib_put_le(id, 0, 4); /* length and checksum come when the table is complete */
	acpib_put8(id, revision);
	acpib_put8(id, 0);
	acpib_put_text(id, "FENCE TESTBRD TEST", 18);
	acpib_put_le(id, 1, 4);
	acpib_put_le(id, 0, 4);
}

void acpib_put_lapic(u8 id, u32 flags)
{
	acpib_put8(MADT, 0);
	acpib_put8(MADT, 8);
	acpib_put8(MADT, id);
	acpib_put8(MADT, id);
	acpib_put_le(MADT, flags, 4);
}

void acpib_put_x2apic(u32 id, u32 flags)
{
	acpib_put8(MADT, 9);
	acpib_put8(MADT, 16);
	acpib_put_le(MADT, 0, 2);
	acpib_put_le(MADT, id, 4);
	acpib_put_le(MADT, flags, 4);
	acpib_put_le(MADT, id, 4);
}

void acpib_put_other(u8 type, u8 len)
{
	acpib_put8(MADT, type);
	acpib_put8(MADT, len);
	acpib_put_le(MADT, 0, len - 2);
}

void acpib_build_madt_header(void)
{
	acpib_put_header(MADT, 5);
	acpib_put_le(MADT, 0xfee00000, 4);
	acpib_put_le(MADT, 1, 4);
}

void acpib_build_dsdt(const char *aml, unsigned int n)
{
	acpib_put_header(DSDT, 2);
	acpib_put_text(DSDT, "_S5_ alone, ", 12); /* the name, but not as a Name() */
	acpib_put_text(DSDT, aml, n);
}

void acpib_build_fadt(u32 len)
{
	acpib_put_header(FADT, 3);
	acpib_put_le(FADT, 0, len - acpib_tables[FADT].len);
	acpib_set_le(FADT, 48, 0xb2, 4);  /* SMI_CMD */
	acpib_set_le(FADT, 52, 0xf1, 1);  /* ACPI_ENABLE */
	acpib_set_le(FADT, 64, 0x604, 4); /* PM1a_CNT_BLK */
	acpib_set_le(FADT, 68, 0x704, 4);
	acpib_set_le(FADT, 76, 0x608, 4); /* PM_TMR_BLK */
	acpib_set_le(FADT, 91, 4, 1);
	acpib_set_le(FADT, 112, 1 << 8, 4);
	if (len >= 244) {
		/* PM1a's counts; PM1b's is memory, the timer has none: their old fields count. */
		acpib_set_le(FADT, 172, 1, 1);
		acpib_set_le(FADT, 176, 0x1804, 8);
		acpib_set_le(FADT, 184, 0, 1);
		acpib_set_le(FADT, 188, 0xfed00000, 8);
	}
}

void acpib_build_spcr(u8 revision, u32 len)
{
	acpib_put_header(SPCR, revision);
	acpib_put_le(SPCR, 0, len - acpib_tables[SPCR].len);
	acpib_set_le(SPCR, 43, 3, 1);
	acpib_set_le(SPCR, 44, 0xfe034000, 8);
	acpib_set_le(SPCR, 58, 7, 1);
	acpib_set_le(SPCR, 76, 48000000, 4);
}

void acpib_build_gtdt(void)
{
	static const u8 gsiv[] = { 29, 30, 27, 26 };

	acpib_put_header(GTDT, 3);
	acpib_put_le(GTDT, 0, 96 + 28 + 28 - acpib_tables[GTDT].len);
	for (u32 i = 0; i < ARRAY_SIZE(gsiv); i++) {
		acpib_set_le(GTDT, 48 + 8 * i, gsiv[i], 4);
		acpib_set_le(GTDT, 52 + 8 * i, i, 4); /* every way of signalling */
	}
	acpib_set_le(GTDT, 88, 2, 4);
	acpib_set_le(GTDT, 92, 96, 4);
	acpib_set_le(GTDT, 96 + 1, 28, 2); /* timer block */
	acpib_set_le(GTDT, 124, 1, 1);
	acpib_set_le(GTDT, 124 + 1, 28, 2);
	acpib_set_le(GTDT, 124 + 4, 0x2a450000, 8);
	acpib_set_le(GTDT, 124 + 12, 0x2a440000, 8);
}

static void put_debug_port(u16 type, u16 subtype, u64 addr)
{
	u32 at = acpib_tables[DBG2].len;

	acpib_put_le(DBG2, 0, 22 + 12);
	acpib_set_le(DBG2, at + 1, 22 + 12, 2);
	acpib_set_le(DBG2, at + 3, 1, 1);
	acpib_set_le(DBG2, at + 12, type, 2);
	acpib_set_le(DBG2, at + 14, subtype, 2);
	acpib_set_le(DBG2, at + 18, 22, 2);
	acpib_set_le(DBG2, at + 22 + 3, 3, 1);
	acpib_set_le(DBG2, at + 22 + 4, addr, 8);
}

void acpib_build_dbg2(void)
{
	acpib_put_header(DBG2, 0);
	acpib_put_le(DBG2, 44, 4);
	acpib_put_le(DBG2, 2, 4);
	put_debug_port(0x8001, 0, 0x2a300000);
	put_debug_port(0x8000, ACPI_SERIAL_SBSA, 0x2a400000);
}

u32 acpib_put_node(u32 flags, u32 parent, u32 uid)
{
	u32 at = acpib_tables[PPTT].len;

	acpib_put_le(PPTT, 20 << 8, 4);
	acpib_put_le(PPTT, flags, 4);
	acpib_put_le(PPTT, parent, 4);
	acpib_put_le(PPTT, uid, 4);
	acpib_put_le(PPTT, 0, 4);
	return at;
}

void acpib_build_pptt(void)
{
	u32 package, cluster, core;

	acpib_put_header(PPTT, 2);
	package = acpib_put_node(1, 0, 0);
	acpib_put_le(PPTT, 1 | 24 << 8, 4); /* a cache */
	for (u32 i = 0; i < 5; i++)
		acpib_put_le(PPTT, package, 4);
	cluster = acpib_put_node(2, package, 0x300); /* its number is none of a CPU */
	acpib_put_node(10, cluster, 0x300);
	acpib_put_node(10, package, 0);
	package = acpib_put_node(1, 0, 0);
	core = acpib_put_node(0, package, 0x301); /* a number that does not count */
	acpib_put_node(14, core, 0x999);
	acpib_put_node(14, core, 0x301);
}

void acpib_build_tables(void)
{
	acpib_tables[RSDP].len = 0;
	acpib_put_text(RSDP, "RSD PTR ", 8);
	acpib_put8(RSDP, 0);
	acpib_put_text(RSDP, "FENCE ", 6);
	acpib_put8(RSDP, 2);
	acpib_put_le(RSDP, 0, 4);
	acpib_put_le(RSDP, 36, 4);
	acpib_put_le(RSDP, 0, 12);

	acpib_put_header(XSDT, 1);
	acpib_put_le(XSDT, 0, 8 * 8);
	acpib_put_header(RSDT, 1);
	acpib_put_le(RSDT, 0, 8 * 4);

	acpib_build_madt_header();
	acpib_put_lapic(0, 1);
	acpib_put_other(1, 12); /* I/O APIC */
	acpib_set_le(MADT, acpib_tables[MADT].len - 8, 0xfec00000, 4);
	acpib_put_lapic(4, 1);
	acpib_put_lapic(5, 0);	  /* disabled */
	acpib_put_lapic(6, 2);	  /* not there yet: may be plugged in */
	acpib_put_lapic(0xff, 1); /* the broadcast address is no CPU */
	acpib_put_x2apic(4, 1);	  /* again */
	acpib_put_x2apic(0x123, 1);
	acpib_put_other(5, 12);
	acpib_set_le(MADT, acpib_tables[MADT].len - 8, 0x1fee00000, 8);

	acpib_build_fadt(244);
	acpib_put_header(HPET, 1);
	acpib_put_le(HPET, 0x8086a201, 4);
	acpib_put_le(HPET, 0, 4);
	acpib_put_le(HPET, 0xfed00000, 8);
	acpib_put_le(HPET, 0, 4);
	acpib_build_spcr(4, 88);
	acpib_set_le(SPCR, 80, 1500000, 4);
	acpib_build_gtdt();
	acpib_build_dbg2();
	acpib_build_pptt();
	BUILD_DSDT("\x08_S5_\x12\x07\x04\x0a\x05\x01\x00\x00");
}

static void fix_checksum(u8 *p, u32 len, u32 at)
{
	u8 sum = 0;
	u32 i;

	p[at] = 0;
	for (i = 0; i < len; i++)
		sum += p[i];
	p[at] = -sum;
}

void acpib_fix_checksums(void)
{
	enum table_id id;

	for (id = XSDT; id < NR_TABLES; id++) {
		u8 *p = acpib_image + acpib_tables[id].at;
		u32 len = p[4] | p[5] << 8;

		if (len > 9 && !p[6] && !p[7] && len <= acpib_image_len - acpib_tables[id].at)
			fix_checksum(p, len, 9);
	}
	fix_checksum(acpib_image + acpib_tables[RSDP].at, 20, 8);
	fix_checksum(acpib_image + acpib_tables[RSDP].at, 36, 32);
}

void acpib_set_image_le(u32 at, u64 v, unsigned int bytes)
{
	for (; bytes; bytes--, v >>= 8)
		acpib_image[at++] = v;
}

bool acpib_layout_tables(enum table_id last)
{
	/* The DSDT is not for the root. */
	static const enum table_id children[] = { FADT, DSDT, MADT, HPET, SPCR, GTDT, DBG2, PPTT };
	enum table_id id;
	unsigned int i;

	acpib_image_len = 0;
	for (i = 0; i <= NR_TABLES; i++) {
		id = i == NR_TABLES ? last : i;
		if (i == last)
			continue;
		acpib_image_len = ALIGN_UP(acpib_image_len, 16);
		if (acpib_tables[id].len > sizeof(acpib_image) - acpib_image_len)
			return false;
		acpib_tables[id].at = acpib_image_len;
		memcpy(acpib_image + acpib_image_len, acpib_tables[id].data, acpib_tables[id].len);
		acpib_image_len += acpib_tables[id].len;
	}
	for (id = XSDT; id < NR_TABLES; id++)
		acpib_set_image_le(acpib_tables[id].at + 4, acpib_tables[id].len, 4);
	acpib_set_image_le(acpib_tables[RSDP].at + 16, FAKE_BASE + acpib_tables[RSDT].at, 4);
	acpib_set_image_le(acpib_tables[RSDP].at + 24, FAKE_BASE + acpib_tables[XSDT].at, 8);
	for (i = 0; i < ARRAY_SIZE(children); i++) {
		u64 addr = FAKE_BASE + acpib_tables[children[i]].at;

		acpib_set_image_le(acpib_tables[XSDT].at + 36 + 8 * i, addr, 8);
		acpib_set_image_le(acpib_tables[RSDT].at + 36 + 4 * i, addr, 4);
	}
	acpib_set_image_le(acpib_tables[FADT].at + 40, FAKE_BASE + acpib_tables[DSDT].at, 4);
	if (acpib_tables[FADT].len >= 148)
		acpib_set_image_le(acpib_tables[FADT].at + 140, FAKE_BASE + acpib_tables[DSDT].at,
				   8);
	acpib_fix_checksums();
	return true;
}

/* ---- the fake physical memory ---- */

const void *acpib_map(void *ctx, phys_addr_t addr, size_t len)
{
	struct acpib_memory *m = ctx;

	m->maps++;
	m->longest = MAX(m->longest, len);
	if (addr < FAKE_BASE || addr - FAKE_BASE > m->len || len > m->len - (addr - FAKE_BASE))
		return NULL;
	return m->bytes + (addr - FAKE_BASE);
}

/* 128 root entries, each mapped up to three times, in two roots; RSDP, MADT, FADT, DSDT. */
#define MAPS_MAX       (2 * 128 * 3 + 16)
#define TABLE_SIZE_MAX (1UL << 20)

int acpib_read_image(u8 *top, u32 len, struct acpi_info *info, bool *too_much)
{
	struct acpib_memory m = { .bytes = guarded_place(top, acpib_image, len), .len = len };
	struct acpi_env env = {
		.map = acpib_map,
		.ctx = &m,
		.cpu_id_max = acpib_cpu_id_max,
		.quiet = true,
	};
	int ret = acpi_read(&env, FAKE_BASE + acpib_tables[RSDP].at, info);

	*too_much = m.maps > MAPS_MAX || m.longest > TABLE_SIZE_MAX;
	return ret;
}

int acpib_read_whole(struct test *t, struct acpi_info *info)
{
	u8 *top = guarded_top(t);
	bool too_much;
	int ret;

	if (!top)
		return -ENOMEM;
	ret = acpib_read_image(top, acpib_image_len, info, &too_much);
	EXPECT(t, !too_much);
	return ret;
}
