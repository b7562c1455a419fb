/* SPDX-License-Identifier: GPL-2.0-only */
/* pci.c: configuration space by I/O ports (PCI Local Bus Specification 3.0, 3.2.2.3, 6.1, 6.2). */
#include "memory.h"

#define FUNCTION(bus, device, function) ((bus) << 8 | (device) << 3 | (function))

static struct function {
	unsigned int where;
	uint32_t reg[16];
} functions[8];
static unsigned int nr_functions;
static uint32_t address;
static bool no_mechanism;

static uint32_t *selected(void)
{
	for (unsigned int i = 0; address >> 31 && i < nr_functions; i++)
		if (functions[i].where == (address >> 8 & 0xffff))
			return &functions[i].reg[address >> 2 & 15];
	return NULL;
}

u32 x86_inl(u16 port)
{
	if (port == 0xcf8)
		return no_mechanism ? ~0U : address;
	if (port != 0xcfc)
		fail("port %x is read", port);
	return selected() ? *selected() : ~0U;
}

void x86_outl(u16 port, u32 val)
{
	if (port == 0xcf8) {
		if (val & 0x7f000003)
			fail("the address %x has reserved bits", val);
		address = val;
	} else if (port == 0xcfc && selected() && (address & 0xff) == 4) {
		if (val >> 16)
			fail("bits of PCI's status are cleared");
		*selected() = val;
	} else {
		fail("port %x is written", port);
	}
}

static void clear(void)
{
	nr_functions = 0;
	no_mechanism = false;
}

/* @class: class, subclass, interface. */
static uint32_t *add(unsigned int where, uint32_t class, bool many, uint32_t bar0)
{
	struct function *f = &functions[nr_functions++];

	memset(f, 0, sizeof(*f));
	f->where = where;
	f->reg[0] = 0x00011b36;
	f->reg[1] = 0x02100000;
	f->reg[2] = class << 8 | 1;
	f->reg[3] = many ? 0x00800000 : 0;
	f->reg[4] = bar0;
	return f->reg;
}

static bool finds(uint64_t addr, bool io_port)
{
	struct x86_pci_serial s;

	return x86_pci_find_serial(&s) && s.addr == addr && s.io_port == io_port;
}

static bool finds_nothing(void)
{
	struct x86_pci_serial s;

	return !x86_pci_find_serial(&s);
}

static void test_kinds(void)
{
	uint32_t *reg;

	clear();
	CHECK(finds_nothing());
	add(FUNCTION(0, 0, 0), 0x060000, false, 0xc001); /* the host's bridge */
	add(FUNCTION(0, 1, 0), 0x070100, false, 0xc101); /* a parallel port */
	add(FUNCTION(0, 2, 0), 0x070007, false, 0xc201); /* no 16x50 that we know */
	CHECK(finds_nothing());
	reg = add(FUNCTION(255, 31, 0), 0x070002, false, 0xc301);
	CHECK(finds(0xc300, true) && (reg[1] & 3) == 1);
	add(FUNCTION(3, 0, 0), 0x070006, false, 0xc401);
	CHECK(finds(0xc400, true));
	no_mechanism = true;
	CHECK(finds_nothing());
}

/* Registers in memory, of 32 and 64 bits; and of one that firmware has not placed. */
static void test_memory(void)
{
	uint32_t *reg;

	clear();
	add(FUNCTION(0, 3, 0), 0x070200, false, 0);
	add(FUNCTION(0, 4, 0), 0x070200, false, 1);
	CHECK(finds_nothing());
	reg = add(FUNCTION(0, 5, 0), 0x070200, false, 0xfebf100c);
	reg[5] = 0x12;
	reg[1] |= 1;
	CHECK(finds(0x12febf1000, false) && (reg[1] & 3) == 3);
	reg[4] = 0xfebf1008;
	CHECK(finds(0xfebf1000, false));
}

/* Other functions are looked at where the first says that there are any. */
static void test_functions(void)
{
	clear();
	add(FUNCTION(0, 6, 0), 0x020000, false, 0xc001);
	add(FUNCTION(0, 6, 7), 0x070002, false, 0xc101);
	CHECK(finds_nothing());
	functions[0].reg[3] = 0x00800000;
	CHECK(finds(0xc100, true));
}

void test_pci(void)
{
	test_kinds();
	test_memory();
	test_functions();
}
