/* SPDX-License-Identifier: GPL-2.0-only */
/* firmware.c: tables of a BIOS (ACPI 6.5, 5.2.5.1; SMBIOS 3.6, 5.2) and of UEFI (2.10, 4.6). */
#include <lib/acpi.h>
#include <lib/mptable.h>

#include "memory.h"

#define EBDA	0x9e000u
#define SYSTEM	0x200000u
#define TABLES	0x201000u
#define ENTRY	0x202000u
#define STRUCTS 0x203000u

static const void *map(void *ctx, phys_addr_t addr, size_t len)
{
	return x86_boot_map(addr, len);
}

static const struct acpi_env env = { .map = map, .cpu_id_max = ACPI_ID_MAX_XAPIC, .quiet = true };

static void put_rsdp(unsigned int at)
{
	put_text(at, "RSD PTR ");
	put_sum(at, 20, 8);
}

static void put_mp(unsigned int at)
{
	put_text(at, "_MP_");
	put(at + 8, 1, 1);
	put_sum(at, 16, 10);
}

/* ---- a BIOS ---- */

/* In the first KiB of the extended data area, then between 0xe0000 and 1 MiB. */
static void test_bios_acpi(void)
{
	memory_clear();
	CHECK(!x86_find_rsdp(&env));
	put_rsdp(0xffff0 - 16);
	CHECK(x86_find_rsdp(&env) == 0xffff0 - 16);
	put_rsdp(0xe0000);
	CHECK(x86_find_rsdp(&env) == 0xe0000);
	put(0x40e, EBDA >> 4, 2);
	CHECK(x86_find_rsdp(&env) == 0xe0000);
	put_rsdp(EBDA + 1024);
	CHECK(x86_find_rsdp(&env) == 0xe0000);
	put_rsdp(EBDA + 1024 - 32);
	CHECK(x86_find_rsdp(&env) == EBDA + 1024 - 32);
	x86_loader.rsdp = 0x12345;
	CHECK(x86_find_rsdp(&env) == 0x12345);
	x86_loader.rsdp = 0;
	x86_loader.uefi = true; /* whose low memory is no BIOS's */
	CHECK(!x86_find_rsdp(&env) && !x86_bios_map(0, 16));
	x86_loader.uefi = false;
	CHECK(x86_bios_map(0xfffff, 1) && !x86_bios_map(0xfffff, 2) && !x86_bios_map(0x100001, 0));
}

/* MultiProcessor Specification 1.4, chapter 4: and in the last KiB of base memory. */
static void test_bios_mp(void)
{
	memory_clear();
	CHECK(!x86_find_mptable(&env));
	put_mp(0xf0010);
	CHECK(x86_find_mptable(&env) == 0xf0010);
	put_mp(0xa0000 - 1024);
	CHECK(x86_find_mptable(&env) == 0xa0000 - 1024);
	put(0x40e, EBDA >> 4, 2);
	put_mp(EBDA + 16);
	CHECK(x86_find_mptable(&env) == EBDA + 16);
	x86_loader.uefi = true;
	CHECK(!x86_find_mptable(&env));
}

/* ---- SMBIOS ---- */

static unsigned int structs_len;

/* A structure with the numbers of its strings at 4 and 5; strings end with an empty one. */
static void add_struct(uint8_t type, uint8_t len, uint8_t at4, uint8_t at5, const char *strings,
		       unsigned int strings_len)
{
	unsigned int at = STRUCTS + structs_len;

	put(at, type, 1);
	put(at + 1, len, 1);
	if (len > 4)
		put(at + 4, at4, 1);
	if (len > 5)
		put(at + 5, at5, 1);
	memcpy(memory + at + len, strings, strings_len);
	structs_len += len + strings_len;
}

#define ADD(type, len, at4, at5, strings) add_struct(type, len, at4, at5, strings, sizeof(strings))

static void begin_structs(void)
{
	memory_clear();
	structs_len = 0;
}

static void put_entry_3(unsigned int at)
{
	put_text(at, "_SM3_");
	put(at + 0xc, structs_len, 4);
	put(at + 0x10, STRUCTS, 8);
}

static void put_entry_2(unsigned int at)
{
	put_text(at, "_SM_");
	put(at + 0x16, structs_len, 2);
	put(at + 0x18, STRUCTS, 4);
}

static void expect_machine(const char *machine, const char *version)
{
	memset(boot_info.machine, 0, sizeof(boot_info.machine));
	memset(boot_info.version, 0, sizeof(boot_info.version));
	x86_read_machine_name();
	if (strcmp(boot_info.machine, machine) || strcmp(boot_info.version, version))
		fail("SMBIOS: '%s', '%s', not '%s', '%s'", boot_info.machine, boot_info.version,
		     machine, version);
}

static void test_smbios(void)
{
	begin_structs();
	expect_machine("pc", "");
	ADD(0, 24, 1, 2,
	    "Maker\0"
	    "1.7\0");
	ADD(16, 4, 0, 0, "\0");
	ADD(1, 27, 1, 2,
	    "Vendor\0"
	    "Board X\0");
	put_entry_2(0xf1230);
	expect_machine("Board X", "Maker 1.7");
	begin_structs();
	ADD(1, 27, 1, 3,
	    "Vendor\0"
	    "Board\0"
	    "Third\0");
	put_entry_3(0xfffe0);
	expect_machine("Third", "");
	begin_structs();
	ADD(1, 27, 1, 3,
	    "Vendor\0"
	    "Board\0"); /* there is no third */
	put_entry_3(0xf0000);
	expect_machine("", "");
	begin_structs();
	ADD(0, 5, 1, 0, "Maker\0");
	ADD(1, 6, 0, 0, "\0"); /* no name */
	put_entry_3(0xf0000);
	expect_machine("", "");
	begin_structs();
	ADD(127, 4, 0, 0, "\0");
	ADD(1, 27, 1, 1, "Behind the end\0");
	put_entry_3(0xf0000);
	expect_machine("pc", "");
}

/* A table whose end cuts a structure, or a string, off. */
static void test_smbios_cut(void)
{
	begin_structs();
	ADD(0, 24, 1, 2,
	    "Maker\0"
	    "1.7\0");
	ADD(1, 27, 1, 2,
	    "Vendor\0"
	    "Board X\0");
	for (unsigned int whole = structs_len; structs_len; structs_len--) {
		put_entry_3(0xf0000);
		x86_read_machine_name();
		CHECK(structs_len < whole || !strcmp(boot_info.machine, "Board X"));
		CHECK(!strncmp("Board X", boot_info.machine, strlen(boot_info.machine)) ||
		      !strcmp(boot_info.machine, "pc"));
	}
}

/* ---- UEFI ---- */

static const uint8_t guids[4][16] = {
	{ 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11, 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88,
	  0x81 },
	{ 0x30, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1,
	  0x4d },
	{ 0x31, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11, 0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1,
	  0x4d },
	{ 0x44, 0x15, 0xfd, 0xf2, 0x94, 0x97, 0x2c, 0x4a, 0x99, 0x2e, 0xe5, 0xbb, 0xcf, 0x20, 0xe3,
	  0x94 },
};
enum { ACPI_20, ACPI_10, SMBIOS_2, SMBIOS_3 };

static void begin_efi(void)
{
	put_text(SYSTEM, "IBI SYST");
	put(SYSTEM + 104, 0, 8);
	put(SYSTEM + 112, TABLES, 8);
	x86_loader.uefi = true;
	x86_loader.efi_system_table = SYSTEM;
}

static void add_table(unsigned int which, uint64_t at)
{
	unsigned int n = memory[SYSTEM + 104];

	memcpy(memory + TABLES + 24 * n, guids[which], 16);
	put(TABLES + 24 * n + 16, at, 8);
	put(SYSTEM + 104, n + 1, 8);
}

static void test_efi(void)
{
	begin_structs();
	ADD(1, 27, 1, 2,
	    "Vendor\0"
	    "Board Y\0");
	put_rsdp(0xe0000);
	begin_efi();
	CHECK(!x86_find_rsdp(&env));
	expect_machine("pc", "");
	add_table(ACPI_10, 0x1111);
	CHECK(x86_find_rsdp(&env) == 0x1111);
	add_table(ACPI_20, 0x123456789a);
	CHECK(x86_find_rsdp(&env) == 0x123456789a);
	add_table(SMBIOS_2, ENTRY);
	put_entry_2(ENTRY);
	expect_machine("Board Y", "");
	add_table(SMBIOS_3, ENTRY + 0x100);
	expect_machine("pc", "");
	put_entry_3(ENTRY + 0x100);
	expect_machine("Board Y", "");
	put(SYSTEM + 104, 256, 8);
	CHECK(x86_find_rsdp(&env) == 0x123456789a);
	put(SYSTEM + 104, 257, 8); /* more than anybody has */
	CHECK(!x86_find_rsdp(&env));
	put(SYSTEM + 104, 2, 8);
	put(SYSTEM + 112, MEMORY_SIZE - 47, 8);
	CHECK(!x86_find_rsdp(&env));
	put(SYSTEM, 0, 1);
	CHECK(!x86_find_rsdp(&env));
	x86_loader.efi_system_table = MEMORY_SIZE - 119;
	CHECK(!x86_find_rsdp(&env));
}

void test_firmware(void)
{
	test_bios_acpi();
	test_bios_mp();
	test_smbios();
	test_smbios_cut();
	test_efi();
}
