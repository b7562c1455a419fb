/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arm64's power.c on the BCM2835's power manager (Linux, its driver of that watchdog), of which
 * QEMU's model believes any word.
 */
#include "ports.h"

#include <arch/power.h>

#include "../../../arch/arm64/port.h"
#include "../../library/fdt_builder.h"
#include "arm64.h"

static struct {
	u32 rstc, rsts, wdog;
	bool counts; /* and resets the chip in the end */
} pm;

u32 pm_read(u32 reg)
{
	CHECK(reg == 0x20);
	return pm.rsts;
}

/* A write without the password has no effect. */
void pm_write(u32 reg, u32 val)
{
	if (val >> 24 != 0x5a)
		return;
	val &= 0xffffff;
	if (reg == 0x1c) {
		pm.rstc = val;
		pm.counts = (val & 0x30) == 0x20 && pm.wdog;
	} else if (reg == 0x20) {
		pm.rsts = val;
	} else if (reg == 0x24) {
		pm.wdog = val;
	} else {
		fail("the power manager's %x is written", reg);
	}
}

static bool heard;
static unsigned int offs, restarts, codes;

bool console_is_heard(void)
{
	return heard;
}

bool console_is_semihosting(void)
{
	return false;
}

u64 semihosting_call(u64 operation, const void *block)
{
	fail("an emulator is asked for");
}

void psci_system_off(void)
{
	offs++;
}

void psci_system_restart(void)
{
	restarts++;
}

void psci_system_reset(u32 code)
{
	CHECK(code == RUN_CRASH);
	codes++;
}

int early_ioremap(struct early_device *d, phys_addr_t pa, u64 size)
{
	d->base = (char *)pa;
	return 0;
}

/* ---- the end ---- */

static void power_off(void)
{
	memset(&pm, 0, sizeof(pm));
	pm.rsts = 0x1040;
	offs = restarts = codes = 0;
	if (!setjmp(halted))
		arch_power_off(RUN_CRASH);
}

/* PSCI, which may not be there; then the Pi's: partition 63 is none to boot from. */
void test_end(void)
{
	static struct fdt_builder b;

	now = "the end on a Pi";
	fdtb_start(&b);
	fdtb_begin_node(&b, "");
	fdtb_add_cell_sizes(&b, 1, 1);
	fdtb_begin_node(&b, "watchdog@3f100000");
	fdtb_add_string(&b, "compatible", "brcm,bcm2835-pm-wdt");
	FDTB_CELLS(&b, "reg", PM, 0x28);
	fdtb_end_node(&b);
	fdtb_end_node(&b);
	fdtb_finish(&b, STRINGS_LAST);
	CHECK(!fdt_open(&machine_fdt, b.blob, b.len, NULL));
	power_init();
	heard = true;
	power_off();
	CHECK(offs == 1 && !codes && pm.counts && pm.rsts == (0x1040 & ~0x555) + 0x555);
	heard = false;
	power_off();
	CHECK(offs == 1 && codes == 1 && pm.counts);
	pm.counts = false;
	pm.rsts = 0x1555;
	arch_reset();
	CHECK(restarts == 1 && pm.counts && pm.rsts == 0x1000);
}
