/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Finding ACPI's tables (ACPI specification 6.5, section 5.2): the root pointer, the root tables,
 * and the tables that these name. A table is used only as a whole: its length is bounded, all of it
 * is mapped, its checksum is right. Loops are over tables of bounded number and size.
 */
#include <lib/acpi_table.h>
#include <lib/errno.h>
#include <lib/string.h>

#define SDT_MAX_SIZE	 (1U << 20) /* bounds of our own: what is larger is damage */
#define ROOT_MAX_ENTRIES 128

#define RSDP_V1_SIZE	20 /* 5.2.5.3: checksum covers this much ... */
#define RSDP_V2_SIZE	36 /* ... the extended one as much as it says, at least this */
#define RSDP_MAX_SIZE	4096
#define RSDP_SCAN_LIMIT (128U << 10)

const u8 *acpi_map_bytes(const struct acpi_env *env, phys_addr_t addr, size_t len)
{
	if (!addr || addr + len < addr)
		return NULL;
	return env->map(env->ctx, addr, len);
}

/* All bytes of a sound table add up to 0. */
static bool checksum_ok(const u8 *p, u32 len)
{
	u8 sum = 0;

	while (len--)
		sum += *p++;
	return sum == 0;
}

int acpi_open_table(const struct acpi_env *env, phys_addr_t addr, const char *sig,
		    struct acpi_table *t)
{
	const u8 *header = acpi_map_bytes(env, addr, ACPI_HEADER_SIZE);
	unsigned long long where = addr;
	u32 len;

	if (!header) {
		acpi_err(env, "no memory at %llx, where %s may be", where, sig);
		return -EFAULT;
	}
	if (memcmp(header, sig, 4))
		return -ENOENT;
	len = acpi_le32(header + 4);
	if (len < ACPI_HEADER_SIZE || len > SDT_MAX_SIZE) {
		acpi_err(env, "%s at %llx says that it has %u bytes", sig, where, len);
		return -EBADMSG;
	}
	t->data = acpi_map_bytes(env, addr, len);
	t->len = len;
	if (!t->data) {
		acpi_err(env, "%s at %llx of %u bytes is not all in memory", sig, where, len);
		return -EFAULT;
	}
	if (!checksum_ok(t->data, len)) {
		acpi_err(env, "%s at %llx has a wrong checksum", sig, where);
		return -EBADMSG;
	}
	return 0;
}

u32 acpi_madt_entry(const struct acpi_env *env, const struct acpi_table *t, u32 off)
{
	u32 len = acpi_field8(t, off + 1);

	if (len >= 2 && len <= t->len - off)
		return len;
	acpi_err(env, "MADT entry at offset %u does not fit", off);
	return 0;
}

/* ---- the root tables ---- */

/* What the root tables are searched for. */
struct search {
	struct acpi_wanted *wanted;
	unsigned int n;
};

/* Keep the table at @addr if it is the first good one that is called as one of those wanted. */
static void look_at(const struct acpi_env *env, phys_addr_t addr, const struct search *s)
{
	const u8 *name = acpi_map_bytes(env, addr, 4);
	struct acpi_wanted *w = s->wanted;
	struct acpi_table t;

	/* Some may be out of our reach. */
	for (; name && w < s->wanted + s->n; w++) {
		if (w->table.len || memcmp(name, w->signature, 4))
			continue;
		if (!acpi_open_table(env, addr, w->signature, &t))
			w->table = t;
		return;
	}
}

/* Go through the root table @sig, whose entries have @width bytes. */
static int read_root(const struct acpi_env *env, phys_addr_t addr, const char *sig, u32 width,
		     const struct search *search)
{
	struct acpi_table t;
	u32 n, i;
	int ret;

	ret = acpi_open_table(env, addr, sig, &t);
	if (ret == -ENOENT)
		acpi_err(env, "there is no %s at %llx", sig, (unsigned long long)addr);
	if (ret)
		return ret;
	n = (t.len - ACPI_HEADER_SIZE) / width;
	if (n > ROOT_MAX_ENTRIES) {
		acpi_err(env, "%s names %u tables, only %d are looked at", sig, n,
			 ROOT_MAX_ENTRIES);
		n = ROOT_MAX_ENTRIES;
	}
	for (i = 0; i < n; i++) {
		u32 off = ACPI_HEADER_SIZE + i * width;

		look_at(env, width == 8 ? acpi_field64(&t, off) : acpi_field32(&t, off), search);
	}
	return search->wanted[0].table.len ? 0 : -ENODATA;
}

/* Is this a root pointer that can be trusted? */
static bool rsdp_ok(const u8 *rsdp)
{
	return !memcmp(rsdp, "RSD PTR ", 8) && checksum_ok(rsdp, RSDP_V1_SIZE);
}

/* The extended root pointer, or NULL when it is damaged. */
static const u8 *map_rsdp_v2(const struct acpi_env *env, phys_addr_t addr)
{
	const u8 *rsdp = acpi_map_bytes(env, addr, RSDP_V2_SIZE);
	u32 len;

	if (!rsdp)
		return NULL;
	len = acpi_le32(rsdp + 20);
	if (len < RSDP_V2_SIZE || len > RSDP_MAX_SIZE)
		return NULL;
	rsdp = acpi_map_bytes(env, addr, len);
	return rsdp && checksum_ok(rsdp, len) ? rsdp : NULL;
}

int acpi_find_tables(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_wanted *wanted,
		     unsigned int n)
{
	const u8 *v1 = acpi_map_bytes(env, rsdp, RSDP_V1_SIZE), *v2;
	struct search search = { wanted, n };
	int ret = -ENODATA;
	u32 rsdt;

	if (!v1 || !rsdp_ok(v1)) {
		acpi_err(env, "no root pointer at %llx", (unsigned long long)rsdp);
		return v1 ? -EBADMSG : -EFAULT;
	}
	rsdt = acpi_le32(v1 + 16);
	/* Revision 2 has the XSDT, which is preferred; one that is damaged leaves the RSDT. */
	if (v1[15] >= 2) {
		v2 = map_rsdp_v2(env, rsdp);
		if (v2)
			ret = read_root(env, acpi_le64(v2 + 24), "XSDT", 8, &search);
		else
			acpi_err(env, "the root pointer's extended part is damaged");
	}
	if (ret && rsdt)
		ret = read_root(env, rsdt, "RSDT", 4, &search);
	if (wanted[0].table.len)
		return 0;
	acpi_err(env, "no usable %s", wanted[0].signature);
	return ret ? ret : -ENODATA;
}

phys_addr_t acpi_find_rsdp(const struct acpi_env *env, phys_addr_t start, size_t len)
{
	size_t off;

	if (len > RSDP_SCAN_LIMIT)
		len = RSDP_SCAN_LIMIT;
	/* 5.2.5.1: on a 16-byte boundary. */
	for (off = -start & 15; len >= RSDP_V1_SIZE && off <= len - RSDP_V1_SIZE; off += 16) {
		const u8 *p = acpi_map_bytes(env, start + off, RSDP_V1_SIZE);

		if (p && rsdp_ok(p))
			return start + off;
	}
	return 0;
}
