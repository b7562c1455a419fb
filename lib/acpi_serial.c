/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console in ACPI's tables: Microsoft's Serial Port Console Redirection Table 1.10 and, where a
 * machine has only that, its Debug Port Table 2 (DBG2).
 */
#include <lib/acpi_table.h>

#define SPCR_TYPE	  36
#define SPCR_BASE	  40 /* a GAS */
#define SPCR_BAUD	  58
#define SPCR_CLOCK	  76
#define SPCR_BAUD_PRECISE 80
#define SPCR_MIN_SIZE	  80

/* DBG2, section 2: where the devices begin, and how many there are; fields of one. */
#define DBG2_DEVICES	36
#define DBG2_NUMBER	40
#define DBG2_MIN_SIZE	44
#define DEVICE_LENGTH	1
#define DEVICE_NR_BASES 3
#define DEVICE_TYPE	12
#define DEVICE_SUBTYPE	14
#define DEVICE_BASES	18
#define DEVICE_MIN_SIZE 22
#define DEVICE_SERIAL	0x8000

/* The speed, of a number or, since revision 4, in full. */
static u32 spcr_baud(const struct acpi_table *t)
{
	u32 precise = acpi_field8(t, 8) >= 4 ? acpi_field32(t, SPCR_BAUD_PRECISE) : 0;

	if (precise)
		return precise;
	switch (acpi_field8(t, SPCR_BAUD)) {
	case 3:
		return 9600;
	case 4:
		return 19200;
	case 6:
		return 57600;
	case 7:
		return 115200;
	}
	return 0;
}

bool acpi_serial_is_16550(const struct acpi_serial *s)
{
	return s->type == ACPI_SERIAL_16550 || s->type == ACPI_SERIAL_16450 ||
	       s->type == ACPI_SERIAL_16550_GAS;
}

/* Where the registers are: the GAS at @base. */
static void read_base(const struct acpi_table *t, u32 base, struct acpi_serial *s)
{
	u32 space = acpi_field8(t, base), access = acpi_field8(t, base + 3);

	if (space != ACPI_GAS_SPACE_MEMORY && space != ACPI_GAS_SPACE_IO)
		return;
	s->addr = acpi_field64(t, base + 4);
	s->io_port = space == ACPI_GAS_SPACE_IO;
	s->width = access == 2 || access == 3 ? 1 << (access - 1) : 1;
}

void acpi_read_spcr(const struct acpi_table *t, struct acpi_serial *s)
{
	if (t->len < SPCR_MIN_SIZE)
		return;
	read_base(t, SPCR_BASE, s);
	/* A byte until revision 2, and the one behind it is reserved, 0. */
	s->type = acpi_field16(t, SPCR_TYPE);
	s->baud = spcr_baud(t);
	s->clock_hz = acpi_field8(t, 8) >= 3 ? acpi_field32(t, SPCR_CLOCK) : 0;
}

void acpi_read_dbg2(const struct acpi_table *t, struct acpi_serial *s)
{
	u32 off = acpi_field32(t, DBG2_DEVICES), n = acpi_field32(t, DBG2_NUMBER), len;

	if (t->len < DBG2_MIN_SIZE)
		return;
	for (; n && off < t->len; n--, off += len) {
		len = acpi_field16(t, off + DEVICE_LENGTH);
		if (len < DEVICE_MIN_SIZE || len > t->len - off)
			return;
		if (acpi_field16(t, off + DEVICE_TYPE) != DEVICE_SERIAL ||
		    !acpi_field8(t, off + DEVICE_NR_BASES))
			continue;
		s->type = acpi_field16(t, off + DEVICE_SUBTYPE);
		read_base(t, off + acpi_field16(t, off + DEVICE_BASES), s);
		return;
	}
}
