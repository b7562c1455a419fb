/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Reader of the ACPI tables that we need (ACPI specification 6.5, sections 5.2.5 to 5.2.12). Like
 * the device-tree reader it trusts nothing. Physical memory is read through a callback, so that
 * tests can feed it damaged tables on any ISA. Tables are little-endian whatever the CPU.
 */
#pragma once

#include <lib/types.h>

struct acpi_env {
	/*
	 * @len readable bytes at physical @addr, or NULL. What it returned stays valid until the
	 * reader returns.
	 */
	const void *(*map)(void *ctx, phys_addr_t addr, size_t len);
	void *ctx;
	/*
	 * The highest APIC id that an interrupt can be addressed to in the mode that the CPUs run
	 * in, where the next one is the broadcast address: ACPI_ID_MAX_XAPIC or _X2APIC. A CPU
	 * beyond it would never hear of us; with what is left of its id we would speak to another.
	 */
	u32 cpu_id_max;
	bool quiet; /* print no reasons: tests feed it thousands of damaged tables */
};

#define ACPI_ID_MAX_XAPIC  0xfeU /* SDM vol. 3A section 11.6.2: eight bits, 0xff to all */
#define ACPI_ID_MAX_X2APIC 0xfffffffeU

/* Kinds of serial ports: Microsoft's Debug Port Table 2, table 3. */
#define ACPI_SERIAL_16550     0x00
#define ACPI_SERIAL_16450     0x01
#define ACPI_SERIAL_PL011     0x03
#define ACPI_SERIAL_SBSA_32   0x0d
#define ACPI_SERIAL_SBSA      0x0e
#define ACPI_SERIAL_BCM2835   0x10
#define ACPI_SERIAL_16550_GAS 0x12

struct acpi_serial {
	u64 addr; /* 0: none is named */
	u16 type;
	bool io_port;
	u8 width;	    /* of a register, in bytes */
	u32 baud, clock_hz; /* 0: not known, as firmware left it */
};

struct acpi_info {
	u64 lapic_addr;		/* physical */
	u32 lapic_id[256];	/* enabled CPUs, in MADT order */
	unsigned int nr_cpus;	/* as found; may be more than lapic_id holds */
	unsigned int nr_beyond; /* left out, with a printed reason: beyond cpu_id_max */
	u32 ioapic[8];		/* physical addresses of their registers */
	unsigned int nr_ioapics;
	u16 pm1a_cnt, pm1b_cnt; /* I/O ports of the FADT, 0 if absent */
	u16 smi_cmd;		/* I/O port; where acpi_enable, written there, ... */
	u8 acpi_enable;		/* ... makes the chipset obey the registers; 0: it does always */
	u8 s5_typa, s5_typb;	/* sleep types of \_S5, valid if have_s5 */
	bool have_s5;
	u16 pm_timer; /* I/O port, 0 if absent */
	bool pm_timer_32bit;
	u64 hpet;		    /* physical address of its registers, 0 if absent */
	struct acpi_serial console; /* one of the 16550's kind: others are left out */
};

bool acpi_serial_is_16550(const struct acpi_serial *s);

/*
 * Read from the RSDP at @rsdp: RSDT or XSDT, MADT, FADT, HPET, SPCR, and \_S5 of the DSDT. A
 * damaged table is left out with a printed reason. 0, or -errno when there is no usable MADT.
 */
int acpi_read(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_info *info);

/* Look for an RSDP in a physical range of at most 128 KiB; 0 if there is none. */
phys_addr_t acpi_find_rsdp(const struct acpi_env *env, phys_addr_t start, size_t len);

/* One more I/O APIC, or none where @addr is 0; those beyond what *info holds are left out. */
void acpi_add_ioapic(struct acpi_info *info, u32 addr);
