/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of Intel's MP table (MultiProcessor Specification 1.4, chapters 4 and 5): see the header.
 * A table is used only as a whole: all of it is mapped, and its checksum is right. Every entry that
 * is stepped over has a length, so a damaged table cannot make it run long.
 */
#include <lib/errno.h>
#include <lib/mptable.h>
#include <lib/report.h>
#include <lib/string.h>

#define POINTER_SIZE  16 /* 4.1: the floating pointer structure */
#define POINTER_TABLE 4
#define POINTER_KIND  11 /* MP feature byte 1: 0, or a configuration of chapter 5 */
#define KINDS	      7
#define SCAN_LIMIT    (128U << 10)

#define TABLE_HEADER_SIZE 44 /* 4.2 */
#define TABLE_LENGTH	  4
#define TABLE_LAPIC	  36

#define ENTRY_PROCESSOR	     0 /* 4.3: types, lengths */
#define ENTRY_IOAPIC	     2
#define ENTRY_LAST_KNOWN     4
#define ENTRY_PROCESSOR_SIZE 20
#define ENTRY_SIZE	     8
#define PROCESSOR_ENABLED    (1U << 0)
#define IOAPIC_ENABLED	     (1U << 0)

#define LAPIC_DEFAULT 0xfee00000

#define mp_err(env, fmt, ...) \
	do { \
		if (!(env)->quiet) \
			report_err("MP table: " fmt, ##__VA_ARGS__); \
	} while (0)

static u32 read_le16(const u8 *p)
{
	return p[0] | (u32)p[1] << 8;
}

static u32 read_le32(const u8 *p)
{
	return read_le16(p) | read_le16(p + 2) << 16;
}

static bool checksum_ok(const u8 *p, u32 len)
{
	u8 sum = 0;

	while (len--)
		sum += *p++;
	return sum == 0;
}

/* The floating pointer structure at @at, which may have more than we know; or NULL. */
static const u8 *map_pointer(const struct acpi_env *env, phys_addr_t at)
{
	const u8 *p = env->map(env->ctx, at, POINTER_SIZE);
	u32 len;

	if (!p || memcmp(p, "_MP_", 4) || !p[8])
		return NULL;
	len = p[8] * 16; /* in paragraphs */
	p = env->map(env->ctx, at, len);
	return p && checksum_ok(p, len) ? p : NULL;
}

phys_addr_t mptable_find(const struct acpi_env *env, phys_addr_t start, size_t len)
{
	size_t off;

	len = MIN(len, SCAN_LIMIT);
	for (off = -start & 15; len >= POINTER_SIZE && off <= len - POINTER_SIZE; off += 16)
		if (map_pointer(env, start + off))
			return start + off;
	return 0;
}

static void add_cpu(const struct acpi_env *env, struct acpi_info *info, u32 id, u32 flags)
{
	if (!(flags & PROCESSOR_ENABLED))
		return;
	if (id > ACPI_ID_MAX_XAPIC) {
		info->nr_beyond++;
		mp_err(env, "a CPU has the broadcast address as its id and is left out");
		return;
	}
	for (unsigned int i = 0; i < info->nr_cpus; i++)
		if (info->lapic_id[i] == id)
			return;
	BUILD_BUG_ON(ARRAY_SIZE(info->lapic_id) <= ACPI_ID_MAX_XAPIC);
	info->lapic_id[info->nr_cpus++] = id;
}

/* Chapter 5: a machine like one of these needs no table. All of them have two CPUs. */
static int read_default(const struct acpi_env *env, u32 kind, struct acpi_info *info)
{
	if (!kind || kind > KINDS) {
		mp_err(env, "there is none, and no default configuration %u", kind);
		return -EBADMSG;
	}
	info->lapic_addr = LAPIC_DEFAULT;
	add_cpu(env, info, 0, PROCESSOR_ENABLED);
	add_cpu(env, info, 1, PROCESSOR_ENABLED);
	return 0;
}

/* The configuration table at @at; *@len: its length. NULL, printed, if it cannot be used. */
static const u8 *map_table(const struct acpi_env *env, phys_addr_t at, u32 *len)
{
	const u8 *t = env->map(env->ctx, at, TABLE_HEADER_SIZE);
	unsigned long long where = at;

	if (!t || memcmp(t, "PCMP", 4)) {
		mp_err(env, "there is none at %llx", where);
		return NULL;
	}
	*len = read_le16(t + TABLE_LENGTH);
	t = *len >= TABLE_HEADER_SIZE ? env->map(env->ctx, at, *len) : NULL;
	if (!t || !checksum_ok(t, *len)) {
		mp_err(env, "%u bytes at %llx are not all there, or have a wrong checksum", *len,
		       where);
		return NULL;
	}
	return t;
}

static int read_table(const struct acpi_env *env, phys_addr_t at, struct acpi_info *info)
{
	u32 len = 0, off, size;
	const u8 *t = map_table(env, at, &len);

	if (!t)
		return -EBADMSG;
	info->lapic_addr = read_le32(t + TABLE_LAPIC);
	for (off = TABLE_HEADER_SIZE; off < len; off += size) {
		size = t[off] == ENTRY_PROCESSOR ? ENTRY_PROCESSOR_SIZE : ENTRY_SIZE;
		if (t[off] > ENTRY_LAST_KNOWN || size > len - off) {
			mp_err(env, "the entry of type %u at offset %u does not fit", t[off], off);
			return -EBADMSG;
		}
		if (t[off] == ENTRY_PROCESSOR)
			add_cpu(env, info, t[off + 1], t[off + 3]);
		else if (t[off] == ENTRY_IOAPIC && (t[off + 3] & IOAPIC_ENABLED))
			acpi_add_ioapic(info, read_le32(t + off + 4));
	}
	if (info->nr_cpus)
		return 0;
	mp_err(env, "it names no CPU that can be used");
	return -ENODATA;
}

int mptable_read(const struct acpi_env *env, phys_addr_t at, struct acpi_info *info)
{
	const u8 *p = map_pointer(env, at);
	u32 table;
	int ret;

	memset(info, 0, sizeof(*info));
	if (!p) {
		mp_err(env, "no pointer at %llx", (unsigned long long)at);
		return -EBADMSG;
	}
	table = read_le32(p + POINTER_TABLE);
	ret = table ? read_table(env, table, info) : read_default(env, p[POINTER_KIND], info);
	if (ret)
		memset(info, 0, sizeof(*info));
	return ret;
}
