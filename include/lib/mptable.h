/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of the table that told the CPUs before ACPI did, and still does in small virtual machines
 * (Intel MultiProcessor Specification 1.4, chapter 4). As careful as the reader of ACPI's tables,
 * in whose words it answers.
 */
#pragma once

#include <lib/acpi.h>

/*
 * Look for the floating pointer structure in a physical range of at most 128 KiB; 0 if there is
 * none.
 */
phys_addr_t mptable_find(const struct acpi_env *env, phys_addr_t start, size_t len);

/*
 * Read what the floating pointer structure at @at names: fills in info->lapic_addr and the CPUs,
 * and clears the rest. 0, or -errno, printed, when there is no usable table: then all is cleared.
 */
int mptable_read(const struct acpi_env *env, phys_addr_t at, struct acpi_info *info);
