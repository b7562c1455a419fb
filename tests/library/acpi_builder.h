/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tables of ACPI in a fake physical memory, and how the tests read them. Only CPU 0 runs these
 * tests, one after the other: there is one of each thing.
 */
#pragma once

#include <lib/acpi.h>

#include "guarded.h"

#define FAKE_BASE 0x7fe00000ULL

enum table_id { RSDP, XSDT, RSDT, MADT, FADT, DSDT, HPET, SPCR, GTDT, DBG2, PPTT, NR_TABLES };
extern const char *const acpib_signatures[NR_TABLES];

/* The tables one by one, before they are put into memory. */
struct acpib_table {
	u8 data[4096];
	u32 len;
	u32 at; /* offset in memory */
};
extern struct acpib_table acpib_tables[NR_TABLES];

/* That memory, from FAKE_BASE on. */
extern u8 acpib_image[GUARDED_MAX];
extern u32 acpib_image_len;

/* The mode that the machine is in, for the tests of just that. */
extern u32 acpib_cpu_id_max;

/* Append to a table, or overwrite what is there. */
void acpib_put8(enum table_id id, u8 v);
void acpib_put_le(enum table_id id, u64 v, unsigned int bytes);
void acpib_put_text(enum table_id id, const char *s, unsigned int n);
void acpib_set_le(enum table_id id, u32 off, u64 v, unsigned int bytes);

/* A table anew, and entries of the MADT. */
void acpib_put_header(enum table_id id, u8 revision);
void acpib_build_madt_header(void);
void acpib_put_lapic(u8 id, u32 flags);
void acpib_put_x2apic(u32 id, u32 flags);
void acpib_put_other(u8 type, u8 len);

/* A whole one; BUILD_DSDT("\x08_S5_..."). */
void acpib_build_dsdt(const char *aml, unsigned int n);
#define BUILD_DSDT(aml) acpib_build_dsdt(aml, sizeof(aml) - 1)
void acpib_build_fadt(u32 len);
/* A 16550 in memory, whose registers are words. */
void acpib_build_spcr(u8 revision, u32 len);
/* An Arm machine's timers, and its watchdog as the only platform timer. */
void acpib_build_gtdt(void);
/* A parallel port, and a serial one, an SBSA UART. */
void acpib_build_dbg2(void);
/* A node of the PPTT; its offset. */
u32 acpib_put_node(u32 flags, u32 parent, u32 uid);
/* Two packages: one of a cluster of one core and a core beside it, one of a core of two threads. */
void acpib_build_pptt(void);
/* All of them, good ones. */
void acpib_build_tables(void);

/* Fill in lengths and addresses and lay the tables out, @last behind all others. */
bool acpib_layout_tables(enum table_id last);
/* Mend the checksums in the image, as far as the lengths found there allow it. */
void acpib_fix_checksums(void);
void acpib_set_image_le(u32 at, u64 v, unsigned int bytes);

struct acpib_memory {
	const u8 *bytes;
	u32 len;
	unsigned long maps; /* how often it was asked: a measure of work ... */
	size_t longest;	    /* ... and for how much at most */
};

/* For acpi_env.map; @ctx is a struct acpib_memory. */
const void *acpib_map(void *ctx, phys_addr_t addr, size_t len);

/*
 * Read the first @len bytes of the image at the guard page. *@too_much is set when the reader works
 * more than its bounds allow.
 */
int acpib_read_image(u8 *top, u32 len, struct acpi_info *info, bool *too_much);
/* The whole image; checks the bounds. */
int acpib_read_whole(struct test *t, struct acpi_info *info);
