/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64 on PCs that QEMU is none of: an older BIOS that has not switched ACPI on, two blocks of
 * power registers, a TCO watchdog behind the SMBus controller or locked; memory maps whose low end
 * is taken; CPUs with threads, in packages of any size.
 */
#include "ports.h"

#include <setjmp.h>
#include <signal.h>

#include <arch/console.h>
#include <arch/mmu.h>
#include <arch/power.h>
#include <lib/mptable.h>
#include <mm/boot_map.h>

#include "../../../arch/x86_64/port.h"

const char port[] = "x86_64";

/* ---- a chipset ---- */

#define PM1A	  0x604
#define PM1B	  0x704
#define SMI_CMD	  0xb2
#define ACPI_BASE 0x600
#define TCO	  0x660
#define SMBUS_TCO 0x420
#define LPC	  0x8000f800U
#define SMBUS	  0x8000fc00U
#define TCO_HALT  0x0800

static struct pc {
	bool legacy; /* SLP_EN does nothing before ACPI is switched on */
	u16 pm1a, pm1b, tco;
	u32 lpc_id, lpc_base, lpc_cntl, smbus_id, smbus_base, smbus_ctl;
	u16 tco_at;
	bool tco_locked;
	u32 address;
	u8 reset_control[4], keyboard[2];
	unsigned int nr_resets, nr_keyboard;
	bool off;
} pc;

static u32 pci_register(void)
{
	switch (pc.address) {
	case LPC:
		return pc.lpc_id;
	case LPC + 0x40:
		return pc.lpc_base;
	case LPC + 0x44:
		return pc.lpc_cntl;
	case SMBUS:
		return pc.smbus_id;
	case SMBUS + 0x50:
		return pc.smbus_base;
	case SMBUS + 0x54:
		return pc.smbus_ctl;
	}
	return ~0U;
}

u32 x86_inl(u16 at)
{
	if (at == 0xcf8)
		return pc.address;
	CHECK(at == 0xcfc);
	return pci_register();
}

void x86_outl(u16 at, u32 val)
{
	CHECK(at == 0xcf8);
	pc.address = val;
}

u16 x86_inw(u16 at)
{
	if (at == PM1A)
		return pc.pm1a;
	if (at == PM1B)
		return pc.pm1b;
	CHECK(pc.tco_at && at == pc.tco_at + 8);
	return pc.tco;
}

/* ACPI 6.5, 4.8.3.2.1: soft-off when both blocks have been told their type. */
void x86_outw(u16 at, u16 val)
{
	if (at == PM1A)
		pc.pm1a = val;
	else if (at == PM1B)
		pc.pm1b = val;
	else if (pc.tco_at && at == pc.tco_at + 8)
		pc.tco = pc.tco_locked ? pc.tco : val;
	else
		fail("port %x is written", at);
	pc.off = (!pc.legacy || pc.pm1a & 1) && (pc.pm1a & 0x3c00) == (1 << 13 | 5 << 10) &&
		 (pc.pm1b & 0x3c00) == (1 << 13 | 6 << 10);
}

u8 x86_inb(u16 at)
{
	fail("port %x is read", at);
}

void x86_outb(u16 at, u8 val)
{
	if (at == SMI_CMD && val == 0xa0)
		pc.pm1a |= 1;
	else if (at == 0xcf9 && pc.nr_resets < 4)
		pc.reset_control[pc.nr_resets++] = val;
	else if (at == 0x64 && pc.nr_keyboard < 2)
		pc.keyboard[pc.nr_keyboard++] = val;
	else
		fail("%x is written to port %x", val, at);
}

/* ---- a CPU ---- */

static struct {
	u32 shift, kind;
} levels[4];
static u32 own_id;

struct cpuid x86_cpuid(u32 leaf)
{
	struct cpuid c = { 0 };

	if (leaf == 1)
		c.edx = 1 << 19;
	if (leaf == 0xb && levels[0].kind)
		c = x86_cpuid_sub(leaf, 0);
	return c;
}

struct cpuid x86_cpuid_sub(u32 leaf, u32 sub)
{
	struct cpuid c = { 0 };

	CHECK(leaf == 0xb && sub < 4);
	if (levels[sub].kind)
		c = (struct cpuid){ levels[sub].shift, 99, levels[sub].kind << 8 | sub, own_id };
	return c;
}

bool x86_have_x2apic(void)
{
	return false;
}

u32 x86_apic_id(void)
{
	return own_id;
}

/* ---- what the port's files ask of others ---- */

u64 boot_pml4[512];
phys_addr_t x86_trampoline_phys;
pteval_t x86_pte_nx;
bool x86_has_1gib_pages;
static unsigned int trampolines;

void arch_mmu_activate(phys_addr_t root)
{
}

void boot_map_memory(void)
{
}

int boot_map_linear(phys_addr_t pa, u64 size, enum pgprot prot)
{
	return 0;
}

int boot_map(unsigned long va, phys_addr_t pa, u64 size, enum pgprot prot)
{
	if (va == pa) {
		CHECK(pa == x86_trampoline_phys && size == 4096);
		trampolines++;
	}
	return 0;
}

int arch_console_init(void)
{
	return 0;
}

void x86_read_machine_name(void)
{
}

static struct phys_range memory[4], reserved[4];

int x86_loader_read(void)
{
	for (unsigned int i = 0; i < 4; i++) {
		boot_add_memory(memory[i].base, memory[i].size);
		boot_add_reserved(reserved[i].base, reserved[i].size);
	}
	return 0;
}

static struct acpi_info tables;

phys_addr_t x86_find_rsdp(const struct acpi_env *env)
{
	return 1;
}

int acpi_read(const struct acpi_env *env, phys_addr_t rsdp, struct acpi_info *info)
{
	*info = tables;
	return 0;
}

phys_addr_t x86_find_mptable(const struct acpi_env *env)
{
	return 0;
}

int mptable_read(const struct acpi_env *env, phys_addr_t at, struct acpi_info *info)
{
	return -ENODATA;
}

void smp_set_boot_cpu(u64 hw_id)
{
	memset(cpu_table, 0, sizeof(cpu_table));
	cpu_table[0].hw_id = hw_id;
	nr_cpus_named = 1;
}

int smp_add_cpu(u64 hw_id, u32 enable_method, u64 release_addr)
{
	cpu_table[nr_cpus_named++].hw_id = hw_id;
	return 0;
}

void smp_set_place(u64 hw_id, struct cpu_place place)
{
	for (unsigned int i = 0; i < nr_cpus_named; i++)
		if (cpu_table[i].hw_id == hw_id)
			cpu_table[i].place = place;
}

static void clear(const char *what)
{
	now = what;
	memset(&pc, 0, sizeof(pc));
	memset(&x86_acpi, 0, sizeof(x86_acpi));
	memset(&tables, 0, sizeof(tables));
	memset(&boot_info, 0, sizeof(boot_info));
	memset(memory, 0, sizeof(memory));
	memset(reserved, 0, sizeof(reserved));
	memset(levels, 0, sizeof(levels));
	trampolines = own_id = 0;
	said_clear();
}

/* ---- the end ---- */

static void triple_fault(int signal)
{
	host_halt();
}

/* The last way out begins with an instruction that is the kernel's: a program gets a signal. */
static void end(void (*way)(void))
{
	struct sigaction ours = { .sa_handler = triple_fault, .sa_flags = SA_NODEFER }, old;

	sigaction(SIGSEGV, &ours, &old);
	if (!setjmp(halted))
		way();
	sigaction(SIGSEGV, &old, NULL);
}

static void power_off(void)
{
	arch_power_off(RUN_PASS);
}

static void begin_power(const char *what)
{
	clear(what);
	x86_acpi.have_s5 = true;
	x86_acpi.pm1a_cnt = PM1A;
	x86_acpi.pm1b_cnt = PM1B;
	x86_acpi.s5_typa = 5;
	x86_acpi.s5_typb = 6;
	x86_acpi.smi_cmd = SMI_CMD;
	/* Of another state, and bits that are somebody else's. */
	pc.pm1a = 0x1e02;
	pc.pm1b = 0x1c02;
}

static void test_power(void)
{
	begin_power("two blocks of power registers");
	end(power_off);
	CHECK(pc.off && (pc.pm1a & 0x3ff) == 0x202 && (pc.pm1b & 0x3ff) == 2);
	begin_power("a BIOS that has not switched ACPI on");
	pc.legacy = true;
	x86_acpi.acpi_enable = 0xa0;
	end(power_off);
	CHECK(pc.off);
	begin_power("no soft-off");
	x86_acpi.have_s5 = false;
	end(power_off);
	CHECK(!pc.off && pc.pm1a == 0x1e02);
	clear("a reset");
	end(arch_reset);
	/* ICH9, 13.7.5: first which reset, then the edge that does it. */
	CHECK(pc.nr_resets == 2 && pc.reset_control[0] == 2 && pc.reset_control[1] == 6);
	CHECK(pc.nr_keyboard == 1 && pc.keyboard[0] == 0xfe);
}

/* ---- the TCO watchdog ---- */

static void begin_tco(const char *what)
{
	clear(what);
	pc.lpc_id = 0x29188086;
	pc.smbus_id = 0xa1238086;
	pc.tco = 0x0200;
}

static void expect_tco(bool stopped, const char *words)
{
	x86_watchdogs_stop();
	CHECK(pc.tco == (stopped ? 0x0a00 : 0x0200));
	CHECK(words ? strstr(said, words) != NULL : !said[0]);
}

static void test_tco(void)
{
	begin_tco("TCO behind ACPI's registers");
	pc.lpc_base = ACPI_BASE | 1;
	pc.lpc_cntl = 0x80;
	pc.tco_at = TCO;
	expect_tco(true, "stopped");
	begin_tco("TCO behind the SMBus controller");
	pc.smbus_base = SMBUS_TCO | 1;
	pc.smbus_ctl = 0x100;
	pc.tco_at = SMBUS_TCO;
	expect_tco(true, "stopped");
	begin_tco("TCO that firmware has locked");
	pc.smbus_base = SMBUS_TCO | 1;
	pc.smbus_ctl = 0x100;
	pc.tco_at = SMBUS_TCO;
	pc.tco_locked = true;
	expect_tco(false, "has locked");
	begin_tco("TCO nowhere");
	expect_tco(false, NULL);
	begin_tco("another maker's chipset");
	pc.lpc_id = 0x790e1022;
	pc.lpc_base = ACPI_BASE | 1;
	pc.lpc_cntl = 0x80;
	expect_tco(false, NULL);
	begin_tco("TCO that does not run");
	pc.lpc_base = ACPI_BASE | 1;
	pc.lpc_cntl = 0x80;
	pc.tco_at = TCO;
	pc.tco = 0x0a00;
	expect_tco(true, NULL);
}

/* ---- where other CPUs start ---- */

static void expect_trampoline(u64 want)
{
	if (arch_discover())
		fail("discovery fails");
	if (x86_trampoline_phys != want)
		fail("CPUs start at %#llx, not %#llx", (unsigned long long)x86_trampoline_phys,
		     (unsigned long long)want);
	CHECK(trampolines == (want != 0));
}

static void test_trampoline(void)
{
	clear("the usual low memory");
	memory[0] = (struct phys_range){ 0, 0x9fc00 };
	memory[1] = (struct phys_range){ 0x100000, 0x100000 };
	expect_trampoline(0x9e000);
	clear("its upper end is reserved, part of a page");
	memory[0] = (struct phys_range){ 0, 0x9f000 };
	reserved[0] = (struct phys_range){ 0x9dff0, 0x20 };
	reserved[1] = (struct phys_range){ 0x9e800, 0x100 };
	expect_trampoline(0x9c000);
	clear("memory where vectors are reserved");
	memory[0] = (struct phys_range){ 0x80000, 0x80000 };
	expect_trampoline(0x9f000);
	clear("the first page alone");
	memory[0] = (struct phys_range){ 0, 0x1000 };
	memory[1] = (struct phys_range){ 0x100000, 0x100000 };
	expect_trampoline(0);
	clear("the second of two pieces");
	memory[0] = (struct phys_range){ 0x1000, 0x1000 };
	memory[1] = (struct phys_range){ 0x3800, 0x1800 };
	expect_trampoline(0x4000);
}

/* ---- CPUs and their places ---- */

static bool placed(unsigned int cpu, u32 id, u32 socket, u32 core, u32 thread)
{
	const struct cpu_place *p = &cpu_table[cpu].place;

	return cpu_table[cpu].hw_id == id && p->socket == socket && p->core == core &&
	       p->thread == thread;
}

static void discover(void)
{
	memory[0] = (struct phys_range){ 0, 0x9fc00 };
	CHECK(!arch_discover());
}

static void test_cpus(void)
{
	clear("two packages of three cores with two threads, which does not fill their numbers");
	tables.nr_cpus = 3;
	tables.lapic_id[0] = 0x3;
	tables.lapic_id[1] = 0x14;
	tables.lapic_id[2] = 0x25;
	levels[0].shift = 1;
	levels[0].kind = 1;
	levels[1].shift = 4;
	levels[1].kind = 2;
	own_id = 0x14;
	discover();
	CHECK(nr_cpus_named == 3 && !strstr(said, "does not list"));
	CHECK(placed(0, 0x14, 1, 2, 0) && placed(1, 0x3, 0, 1, 1) && placed(2, 0x25, 2, 2, 1));
	clear("no threads, and a level between");
	tables.nr_cpus = 1;
	tables.lapic_id[0] = 0x53;
	levels[0].shift = 0;
	levels[0].kind = 1;
	levels[1].shift = 3;
	levels[1].kind = 2;
	levels[2].shift = 5;
	levels[2].kind = 5;
	discover();
	CHECK(nr_cpus_named == 2 && strstr(said, "does not list the CPU that booted, APIC id 0"));
	CHECK(placed(1, 0x53, 2, 0x13, 0));
	clear("a CPU that says nothing of it");
	tables.nr_cpus = 1;
	tables.lapic_id[0] = 0x53;
	discover();
	CHECK(placed(1, 0x53, 0, 0, 0));
}

void test(void)
{
	test_power();
	test_tco();
	test_trampoline();
	test_cpus();
}
