/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The readers of ACPI's tables, and of the MP table, in a memory that is the input. Its last byte
 * says whether checksums are mended: no fuzzer finds one that is right.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#include <lib/acpi_arm.h>
#include <lib/fdt.h>
#include <lib/mptable.h>

#include "../../library/acpi_builder.h"

/* ---- mending what was made up ---- */

static void mend(u8 *p, u32 len, u32 at)
{
	u8 sum = 0;

	p[at] = 0;
	for (u32 i = 0; i < len; i++)
		sum += p[i];
	p[at] = -sum;
}

static bool is_signature(const u8 *p)
{
	for (int i = 0; i < 4; i++)
		if ((p[i] < 'A' || p[i] > 'Z') && (p[i] < '0' || p[i] > '9'))
			return false;
	return true;
}

/* What begins at @p, if that is a table or a pointer to one: its checksums are made right. */
static void mend_one(u8 *p, u32 room)
{
	if (room >= 36 && !memcmp(p, "RSD PTR ", 8)) {
		mend(p, 20, 8);
		mend(p, 36, 32);
	} else if (room >= 16 && !memcmp(p, "_MP_", 4)) {
		mend(p, 16, 10);
	} else if (room >= 44 && !memcmp(p, "PCMP", 4)) {
		u32 len = p[4] | p[5] << 8;

		if (len >= 44 && len <= room)
			mend(p, len, 7);
	} else if (room >= 36 && is_signature(p)) {
		u32 len = p[4] | p[5] << 8 | p[6] << 16 | (u32)p[7] << 24;

		if (len >= 36 && len <= room)
			mend(p, len, 9);
	}
}

static void mend_all(u8 *image, u32 len)
{
	for (u32 at = 0; at < len; at += 4)
		mend_one(image + at, len - at);
}

/* ---- reading ---- */

static void read_arm(const struct acpi_env *env, phys_addr_t rsdp)
{
	static struct acpi_arm machine;
	static u8 blob[16384] __aligned(8);
	const char *err;
	struct fdt f;

	if (acpi_read_arm(env, rsdp, &machine))
		return;
	if (machine.nr_cpus > ACPI_ARM_CPUS_MAX || machine.nr_redists > ACPI_ARM_REDISTS_MAX)
		fuzz_wrong("more of something than there is room for");
	if (acpi_arm_tree(&machine, blob, sizeof(blob)) > 0 &&
	    fdt_open(&f, blob, sizeof(blob), &err))
		fuzz_wrong("the tree that was made cannot be read");
}

static void read_all(struct acpib_memory *m)
{
	struct acpi_env env = {
		.map = acpib_map, .ctx = m, .cpu_id_max = ACPI_ID_MAX_XAPIC, .quiet = true
	};
	phys_addr_t rsdp = acpi_find_rsdp(&env, FAKE_BASE, m->len);
	phys_addr_t mp = mptable_find(&env, FAKE_BASE, m->len);
	static struct acpi_info info;

	if (rsdp && acpi_read(&env, rsdp, &info) == 0 && !info.nr_cpus)
		fuzz_wrong("accepted without a CPU");
	if (rsdp)
		read_arm(&env, rsdp);
	if (mp && mptable_read(&env, mp, &info) == 0 && !info.nr_cpus)
		fuzz_wrong("an MP table without a CPU is accepted");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct acpib_memory m = { .len = size ? size - 1 : 0 };
	void *bytes;

	if (!size || size > GUARDED_MAX)
		return 0;
	bytes = fuzz_copy(data, m.len);
	if (data[m.len] & 1)
		mend_all(bytes, m.len);
	m.bytes = bytes;
	read_all(&m);
	free(bytes);
	return 0;
}
