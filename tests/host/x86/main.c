/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86_64 on CPUs and hypervisors that QEMU's emulation is none of: tsc_rate.c with CPUID
 * leaves that are tables here, tsc_sync.c with the counters of tsc.c.
 *
 *	x86-cpus
 */
#include <stdbool.h>
#include <stdio.h>

#include "tsc.h"

#include "../../../arch/x86_64/port.h"

#define LEAVES_MAX 4
#define HYPERVISOR (1U << 31)

static const struct machine {
	const char *what;
	struct {
		u32 leaf;
		struct cpuid c;
	} leaves[LEAVES_MAX];
	u64 hz;
} machines[] = {
	/* Rates as the makers publish them. */
	{ "Skylake-SP: ratio, crystal not named, base frequency",
	  { { 0x15, { 2, 168, 0, 0 } }, { 0x16, { 2100, 3700, 100, 0 } } },
	  2100000000 },
	{ "Goldmont: ratio and crystal", { { 0x15, { 3, 228, 19200000, 0 } } }, 1459200000 },
	{ "Alder Lake: both, and the crystal counts",
	  { { 0x15, { 2, 122, 38400000, 0 } }, { 0x16, { 2300, 4900, 100, 0 } } },
	  2342400000 },
	{ "KVM with its frequency leaf",
	  { { 1, { 0, 0, HYPERVISOR, 0 } }, { 0x40000010, { 2995200, 1000000, 0, 0 } } },
	  2995200000 },
	{ "a hypervisor that passes the CPU's leaves on",
	  { { 1, { 0, 0, HYPERVISOR, 0 } }, { 0x15, { 1, 100, 25000000, 0 } } },
	  2500000000 },
	{ "no hypervisor, whose leaf then is some other one",
	  { { 0x40000010, { 7, 7, 7, 7 } }, { 0x16, { 3000, 0, 0, 0 } } },
	  3000000000 },
	{ "a ratio by nothing", { { 0x15, { 0, 168, 24000000, 0 } } }, 0 },
	{ "a product of more than 32 bits", { { 0x15, { 1, 400, 38400000, 0 } } }, 15360000000 },
	{ "a base frequency with reserved bits",
	  { { 0x16, { 0xffff0000 | 2400, 0, 0, 0 } } },
	  2400000000 },
	{ "an old CPU", { { 0 } }, 0 },
};

static const struct machine *machine;

struct cpuid x86_cpuid(u32 leaf)
{
	for (int i = 0; i < LEAVES_MAX; i++)
		if (machine->leaves[i].leaf == leaf)
			return machine->leaves[i].c;
	return (struct cpuid){ 0 };
}

static bool rates_are_right(void)
{
	bool ok = true;

	for (machine = machines; machine < machines + sizeof(machines) / sizeof(*machines);
	     machine++) {
		unsigned long long hz = x86_tsc_hz_by_cpuid();

		if (hz == machine->hz)
			continue;
		printf("not ok x86-cpus # %s: %llu Hz, not %llu\n", machine->what, hz,
		       (unsigned long long)machine->hz);
		ok = false;
	}
	return ok;
}

int main(void)
{
	if (!rates_are_right() || !time_is_compared())
		return 1;
	printf("ok x86-cpus\n");
	return 0;
}
