/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * x86_64: end of the run. Ways out, in this order:
 *  - exit=isa-debug[:PORT]: QEMU's isa-debug-exit device, which cannot be discovered. It ends QEMU
 *    with status (value << 1) | 1, and the value is ISA_DEBUG_BASE + verdict: 33 pass, 35 fail,
 *    37 crash, 39 config; never 1, which is how QEMU reports troubles of its own
 *  - ACPI's soft-off state S5 (ACPI 6.5 section 4.8.3.2.1), which carries no verdict
 *  - a triple fault, which resets any PC
 * A reset goes by the chipset's reset control register, the keyboard controller, a triple fault.
 */
#include <arch/cpu.h>
#include <arch/irq.h>
#include <arch/power.h>
#include <arch/this_cpu.h>
#include <lib/options.h>
#include <lib/string.h>

#include "port.h"

#define ISA_DEBUG_PORT 0x501 /* QEMU's default for the device */
#define ISA_DEBUG_BASE 0x10
#define PM1_SCI_EN     (1 << 0)
#define PM1_SLP_TYP(t) ((t) << 10)
#define PM1_SLP_MASK   (PM1_SLP_TYP(7) | PM1_SLP_EN)
#define PM1_SLP_EN     (1 << 13)
#define RESET_CONTROL  0xcf9 /* ICH9 datasheet, 13.7.5 RST_CNT */
#define RESET_SYSTEM   0x2
#define RESET_CPU      0x4
#define KBD_COMMAND    0x64 /* 8042: pulse output line 0, which is the CPU's reset */
#define KBD_RESET      0xfe
#define OFF_SPINS      1000000 /* some milliseconds: soft-off need not be immediate */

static char exit_method[OPT_STRING_MAX];
OPTION_CHOICE(exit, "exit", exit_method, "auto|none|isa-debug|isa-debug:0x*",
	      "how the verdict gets to the host: auto, none, isa-debug[:port]");

static void exit_isa_debug(enum run_verdict v)
{
	static const char name[] = "isa-debug";
	size_t len = sizeof(name) - 1;
	u64 port = ISA_DEBUG_PORT;
	const char *end;

	if (strncmp(exit_method, name, len) != 0)
		return;
	if (exit_method[len] == ':' && parse_u64(exit_method + len + 1, &end, &port) != 0)
		return;
	x86_outl(port, ISA_DEBUG_BASE + v);
}

/*
 * Where the BIOS has kept the chipset in legacy mode, it is told to let go, or SLP_EN may do
 * nothing (ACPI 6.5 section 16.3.1, table 4.14 "SCI_EN").
 */
static void enable_acpi(void)
{
	u16 port = x86_acpi.pm1a_cnt;
	unsigned int i;

	if (!port || !x86_acpi.smi_cmd || !x86_acpi.acpi_enable || (x86_inw(port) & PM1_SCI_EN))
		return;
	x86_outb(x86_acpi.smi_cmd, x86_acpi.acpi_enable);
	for (i = 0; i < OFF_SPINS && !(x86_inw(port) & PM1_SCI_EN); i++)
		cpu_relax();
}

static void sleep_s5(u16 port, u8 type)
{
	if (port)
		x86_outw(port, (x86_inw(port) & ~PM1_SLP_MASK) | PM1_SLP_TYP(type) | PM1_SLP_EN);
}

static void __noreturn triple_fault(void)
{
	static const struct {
		u16 limit;
		u64 base;
	} __packed no_idt = { 0, 0 };

	__asm__ __volatile__("lidt %0; int3" : : "m"(no_idt));
	arch_cpu_halt();
}

static void spin_briefly(void)
{
	for (unsigned int i = 0; i < OFF_SPINS; i++)
		cpu_relax();
}

void arch_reset(void)
{
	arch_irq_disable();
	x86_outb(RESET_CONTROL, RESET_SYSTEM);
	x86_outb(RESET_CONTROL, RESET_SYSTEM | RESET_CPU);
	spin_briefly();
	x86_outb(KBD_COMMAND, KBD_RESET);
	spin_briefly();
	triple_fault();
}

void arch_power_off(enum run_verdict v)
{
	arch_irq_disable();
	exit_isa_debug(v);
	if (x86_acpi.have_s5) {
		enable_acpi();
		sleep_s5(x86_acpi.pm1a_cnt, x86_acpi.s5_typa);
		sleep_s5(x86_acpi.pm1b_cnt, x86_acpi.s5_typb);
		spin_briefly();
	}
	triple_fault();
}
