/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the readers of ACPI tables share (ACPI specification 6.5, section 5.2): finding tables,
 * taking them only as a whole, and their fields. For lib/acpi*.c.
 */
#pragma once

#include <lib/acpi.h>
#include <lib/report.h>

#define ACPI_HEADER_SIZE 36 /* 5.2.6 */

/* 5.2.3.2: a generic address. */
#define ACPI_GAS_SIZE	      12
#define ACPI_GAS_SPACE_MEMORY 0
#define ACPI_GAS_SPACE_IO     1

/* 5.2.9: fields of the FADT. */
#define FADT_FLAGS	112
#define FADT_MIN_SIZE	116 /* of ACPI 1.0 */
#define FADT_HW_REDUCED (1U << 20)

/* 5.2.12: the MADT's entries begin here. */
#define MADT_ENTRIES 44
#define MADT_ENABLED (1U << 0) /* of a CPU's flags */

/* Readable as a whole, with the right checksum. */
struct acpi_table {
	const u8 *data;
	u32 len; /* 0: not found */
};

struct acpi_wanted {
	const char *signature;
	struct acpi_table table;
};

#define acpi_err(env, fmt, ...) \
	do { \
		if (!(env)->quiet) \
			report_err("ACPI: " fmt, ##__VA_ARGS__); \
	} while (0)

static inline u32 acpi_le32(const u8 *p)
{
	return p[0] | (u32)p[1] << 8 | (u32)p[2] << 16 | (u32)p[3] << 24;
}

static inline u64 acpi_le64(const u8 *p)
{
	return acpi_le32(p) | (u64)acpi_le32(p + 4) << 32;
}

/* Fields of a table; what lies behind its end reads as 0, which always means "absent". */
static inline u32 acpi_field8(const struct acpi_table *t, u32 off)
{
	return off < t->len ? t->data[off] : 0;
}

static inline u32 acpi_field16(const struct acpi_table *t, u32 off)
{
	return acpi_field8(t, off) | acpi_field8(t, off + 1) << 8;
}

static inline u32 acpi_field32(const struct acpi_table *t, u32 off)
{
	return t->len >= 4 && off <= t->len - 4 ? acpi_le32(t->data + off) : 0;
}

static inline u64 acpi_field64(const struct acpi_table *t, u32 off)
{
	return t->len >= 8 && off <= t->len - 8 ? acpi_le64(t->data + off) : 0;
}

/* @len bytes at @addr, or NULL. */
const u8 *acpi_map_bytes(const struct acpi_env *env, phys_addr_t addr, size_t len);

/*
 * Map the table @sig at @addr and check it. 0, -ENOENT when the signature is another one, -EFAULT
 * or -EBADMSG, printed.
 */
int acpi_open_table(const struct acpi_env *env, phys_addr_t addr, const char *sig,
		    struct acpi_table *t);

/*
 * The first good table of each of @n signatures, by the root pointer at @rsdp. 0, or -errno,
 * printed, where @wanted[0], which is needed, is not among them.
 */
int acpi_find_tables(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_wanted *wanted,
		     unsigned int n);

/* Length of the MADT's entry at @off, all of which is there; 0, printed, for a damaged one. */
u32 acpi_madt_entry(const struct acpi_env *env, const struct acpi_table *t, u32 off);

/* The console that an SPCR names; *s stays empty where its registers are nowhere. */
void acpi_read_spcr(const struct acpi_table *t, struct acpi_serial *s);
/* The first serial port that a DBG2 names, the same. */
void acpi_read_dbg2(const struct acpi_table *t, struct acpi_serial *s);
