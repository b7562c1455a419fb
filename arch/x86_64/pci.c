/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: a look at PCI's configuration space by I/O ports (PCI Local Bus Specification 3.0,
 * section 3.2.2.3), for what is found nowhere else. For a serial port all buses that there can be
 * are asked: some ten thousand reads, tens of milliseconds, on a machine without another console.
 */
#include "port.h"

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA    0xcfc
#define CONFIG_ENABLE  0x80000000U

#define NR_BUSES     256
#define NR_DEVICES   32
#define NR_FUNCTIONS 8

/* Registers of a function (6.1, 6.2.5). */
#define REG_ID	    0x00
#define REG_COMMAND 0x04
#define REG_CLASS   0x08
#define REG_HEADER  0x0c
#define REG_BAR0    0x10
#define REG_BAR1    0x14

#define COMMAND_IO     (1 << 0)
#define COMMAND_MEMORY (1 << 1)
#define HEADER_MANY    (1 << 23) /* the device has more functions than one */
#define BAR_IO	       (1 << 0)
#define BAR_64BIT      (2 << 1)
#define BAR_64BIT_MASK (3 << 1)

/* Appendix D: communication; serial, or several of them; 16450 and later by the interface. */
#define CLASS_SERIAL	    0x0700
#define CLASS_MULTISERIAL   0x0702
#define CLASS_OF(reg)	    ((reg) >> 16)
#define INTERFACE_OF(reg)   ((reg) >> 8 & 0xff)
#define INTERFACE_16X50_MAX 6

u32 x86_pci_read(u32 function, u32 reg)
{
	x86_outl(CONFIG_ADDRESS, CONFIG_ENABLE | function << 8 | reg);
	return x86_inl(CONFIG_DATA);
}

void x86_pci_write(u32 function, u32 reg, u32 val)
{
	x86_outl(CONFIG_ADDRESS, CONFIG_ENABLE | function << 8 | reg);
	x86_outl(CONFIG_DATA, val);
}

static bool is_serial(u32 function)
{
	u32 class = x86_pci_read(function, REG_CLASS);

	return (CLASS_OF(class) == CLASS_SERIAL || CLASS_OF(class) == CLASS_MULTISERIAL) &&
	       INTERFACE_OF(class) <= INTERFACE_16X50_MAX;
}

/* Where its first registers are; firmware has placed them, or they are not used. */
static bool take(u32 function, struct x86_pci_serial *found)
{
	u32 bar = x86_pci_read(function, REG_BAR0);

	found->io_port = bar & BAR_IO;
	found->addr = bar & (found->io_port ? ~3U : ~15U);
	if (!found->io_port && (bar & BAR_64BIT_MASK) == BAR_64BIT)
		found->addr |= (u64)x86_pci_read(function, REG_BAR1) << 32;
	if (!found->addr)
		return false;
	x86_pci_write(function, REG_COMMAND,
		      (x86_pci_read(function, REG_COMMAND) & 0xffff) |
			      (found->io_port ? COMMAND_IO : COMMAND_MEMORY));
	return true;
}

/* @function: bus << 8 | device << 3 | function. */
static bool try_device(u32 device, struct x86_pci_serial *found)
{
	bool many;

	if (x86_pci_read(device, REG_ID) == 0xffffffff)
		return false;
	many = x86_pci_read(device, REG_HEADER) & HEADER_MANY;
	for (u32 f = device; f < device + (many ? NR_FUNCTIONS : 1); f++)
		if (is_serial(f) && take(f, found))
			return true;
	return false;
}

bool x86_have_pci(void)
{
	x86_outl(CONFIG_ADDRESS, CONFIG_ENABLE);
	return x86_inl(CONFIG_ADDRESS) == CONFIG_ENABLE;
}

bool x86_pci_find_serial(struct x86_pci_serial *found)
{
	if (!x86_have_pci())
		return false;
	for (u32 d = 0; d < NR_BUSES * NR_DEVICES; d++)
		if (try_device(d * NR_FUNCTIONS, found))
			return true;
	return false;
}
