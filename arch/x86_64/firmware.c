/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: where firmware's tables are. A BIOS leaves them in low memory (ACPI 6.5 section 5.2.5.1,
 * SMBIOS 3.6 section 5.2), where under UEFI anything may be: there they are named by the
 * configuration table (UEFI 2.10 sections 4.3 and 4.6), which stays when boot services have ended.
 */
#include <kernel/boot.h>
#include <lib/format.h>
#include <lib/mptable.h>
#include <lib/string.h>

#include "port.h"

#define BIOS_END	   0x100000
#define BDA_EBDA_SEGMENT   0x40e
#define BASE_MEMORY_END	   0xa0000
#define EBDA_SEARCH_SIZE   1024
#define BIOS_AREA	   0xe0000
#define BIOS_AREA_SIZE	   0x20000
#define SMBIOS_AREA	   0xf0000
#define SMBIOS_AREA_SIZE   0x10000
#define SMBIOS_ENTRY_SIZE  0x20 /* of either entry point, rounded up */
#define SMBIOS_TABLE_MAX   0x10000
#define SMBIOS_BIOS	   0 /* structure types */
#define SMBIOS_SYSTEM	   1
#define SMBIOS_END	   127
#define SMBIOS_HEADER_SIZE 4

/* EFI_SYSTEM_TABLE of 64-bit firmware. */
#define EFI_SIGNATURE	  "IBI SYST"
#define EFI_TABLE_SIZE	  120
#define EFI_NR_TABLES	  104
#define EFI_TABLES	  112
#define EFI_NR_TABLES_MAX 256
#define EFI_GUID_SIZE	  16
#define EFI_CONFIG_SIZE	  24
#define GUID_ACPI_20	  "\x71\xe8\x68\x88\xf1\xe4\xd3\x11\xbc\x22\x00\x80\xc7\x3c\x88\x81"
#define GUID_ACPI_10	  "\x30\x2d\x9d\xeb\x88\x2d\xd3\x11\x9a\x16\x00\x90\x27\x3f\xc1\x4d"
#define GUID_SMBIOS	  "\x31\x2d\x9d\xeb\x88\x2d\xd3\x11\x9a\x16\x00\x90\x27\x3f\xc1\x4d"
#define GUID_SMBIOS3	  "\x44\x15\xfd\xf2\x94\x97\x2c\x4a\x99\x2e\xe5\xbb\xcf\x20\xe3\x94"

const void *x86_bios_map(phys_addr_t addr, size_t len)
{
	if (x86_loader.uefi || addr > BIOS_END || len > BIOS_END - addr)
		return NULL;
	return x86_boot_map(addr, len);
}

/* UEFI's table @guid; 0 if it has none, or there is no UEFI. */
static phys_addr_t efi_table(const char *guid)
{
	const u8 *system = x86_boot_map(x86_loader.efi_system_table, EFI_TABLE_SIZE), *p;
	u64 n, tables, found;

	if (!x86_loader.efi_system_table || !system || memcmp(system, EFI_SIGNATURE, 8))
		return 0;
	memcpy(&n, system + EFI_NR_TABLES, 8);
	memcpy(&tables, system + EFI_TABLES, 8);
	p = n <= EFI_NR_TABLES_MAX ? x86_boot_map(tables, n * EFI_CONFIG_SIZE) : NULL;
	for (; p && n; n--, p += EFI_CONFIG_SIZE) {
		if (memcmp(p, guid, EFI_GUID_SIZE))
			continue;
		memcpy(&found, p + EFI_GUID_SIZE, 8);
		return found;
	}
	return 0;
}

/* The extended BIOS data area; 0 if there is none. */
static phys_addr_t find_ebda(void)
{
	const u8 *segment = x86_bios_map(BDA_EBDA_SEGMENT, 2);

	return segment ? (segment[0] | segment[1] << 8) << 4 : 0;
}

/* ---- ACPI ---- */

static phys_addr_t bios_rsdp(const struct acpi_env *env)
{
	phys_addr_t ebda = find_ebda(), rsdp = 0;

	if (ebda)
		rsdp = acpi_find_rsdp(env, ebda, EBDA_SEARCH_SIZE);
	return rsdp ? rsdp : acpi_find_rsdp(env, BIOS_AREA, BIOS_AREA_SIZE);
}

phys_addr_t x86_find_rsdp(const struct acpi_env *env)
{
	phys_addr_t rsdp = x86_loader.rsdp;

	if (!rsdp)
		rsdp = efi_table(GUID_ACPI_20);
	if (!rsdp)
		rsdp = efi_table(GUID_ACPI_10);
	return rsdp || x86_loader.uefi ? rsdp : bios_rsdp(env);
}

/* ---- the MP table: MultiProcessor Specification 1.4, chapter 4 ---- */

phys_addr_t x86_find_mptable(const struct acpi_env *env)
{
	phys_addr_t ebda = find_ebda(), at = 0;

	if (x86_loader.uefi)
		return 0;
	if (ebda)
		at = mptable_find(env, ebda, EBDA_SEARCH_SIZE);
	if (!at)
		at = mptable_find(env, BASE_MEMORY_END - EBDA_SEARCH_SIZE, EBDA_SEARCH_SIZE);
	return at ? at : mptable_find(env, BIOS_AREA, BIOS_AREA_SIZE);
}

/* ---- SMBIOS ---- */

/* String @index, from 1, of those at @p, which end at @end or with an empty one. "" if none. */
static const char *smbios_string(const u8 *p, const u8 *end, unsigned int index, size_t *len)
{
	*len = 0;
	if (!index)
		return "";
	while (p < end && *p) {
		*len = strnlen((const char *)p, end - p);
		if (!--index)
			return (const char *)p;
		p += *len + 1;
	}
	*len = 0;
	return "";
}

/* Vendor and version of the firmware, of the structure @p: SMBIOS 3.6 section 7.1. */
static void read_smbios_bios(const u8 *p, const u8 *strings, const u8 *end)
{
	size_t vendor_len, version_len;
	const char *vendor = smbios_string(strings, end, p[4], &vendor_len);
	const char *version = smbios_string(strings, end, p[5], &version_len);

	snprintf(boot_info.version, sizeof(boot_info.version), "%.*s %.*s", (int)vendor_len, vendor,
		 (int)version_len, version);
}

/*
 * The firmware's version and the system's product name, of the structures in [p, end): SMBIOS 3.6
 * sections 6.1.2 and 7.2.
 */
static void read_smbios_table(const u8 *p, const u8 *end)
{
	while (end - p >= SMBIOS_HEADER_SIZE && p[1] >= SMBIOS_HEADER_SIZE && p[1] <= end - p) {
		const u8 *strings = p + p[1];
		const char *name;
		size_t len;

		if (p[0] == SMBIOS_BIOS && p[1] > 5)
			read_smbios_bios(p, strings, end);
		if (p[0] == SMBIOS_SYSTEM && p[1] > 5) {
			name = smbios_string(strings, end, p[5], &len);
			snprintf(boot_info.machine, sizeof(boot_info.machine), "%.*s", (int)len,
				 name);
		}
		if (p[0] == SMBIOS_SYSTEM || p[0] == SMBIOS_END)
			return;
		for (p = strings; end - p >= 2 && (p[0] || p[1]); p++)
			;
		p += 2;
	}
}

/* Is there an entry point at @p (SMBIOS 3.6 section 5.2)? Then read what it names. */
static bool read_smbios_entry(const u8 *p)
{
	const u8 *table;
	u64 addr = 0;
	u32 len = 0;

	if (memcmp(p, "_SM3_", 5) == 0) { /* section 5.2.2 */
		memcpy(&len, p + 0xc, 4);
		memcpy(&addr, p + 0x10, 8);
	} else if (memcmp(p, "_SM_", 4) == 0) { /* section 5.2.1 */
		memcpy(&len, p + 0x16, 2);
		memcpy(&addr, p + 0x18, 4);
	}
	len = MIN(len, SMBIOS_TABLE_MAX);
	table = len ? x86_boot_map(addr, len) : NULL;
	if (table)
		read_smbios_table(table, table + len);
	return table;
}

static void read_efi_smbios(void)
{
	phys_addr_t addr = efi_table(GUID_SMBIOS3);
	const u8 *p;

	if (!addr)
		addr = efi_table(GUID_SMBIOS);
	p = addr ? x86_boot_map(addr, SMBIOS_ENTRY_SIZE) : NULL;
	if (p)
		read_smbios_entry(p);
}

static void read_bios_smbios(void)
{
	const u8 *area = x86_bios_map(SMBIOS_AREA, SMBIOS_AREA_SIZE);
	unsigned int off;

	for (off = 0; area && off + SMBIOS_ENTRY_SIZE <= SMBIOS_AREA_SIZE; off += 16)
		if (read_smbios_entry(area + off))
			return;
}

void x86_read_machine_name(void)
{
	strscpy(boot_info.machine, "pc", sizeof(boot_info.machine));
	if (x86_loader.uefi)
		read_efi_smbios();
	else
		read_bios_smbios();
}
