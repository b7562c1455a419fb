/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errata of arm64 cores that can change what a test here sees, or keep it from running. Those of
 * what the kernel does not do (32-bit programs, hypervisors, hardware update of the access flag,
 * streaming SVE, self-modifying code) are not listed. Numbers and revisions are those of Arm's
 * Software Developers Errata Notices and of Linux (its silicon-errata.rst and cpu_errata).
 */
#include <arch/errata.h>
#include <lib/compiler.h>
#include <mm/address.h>

#include "port.h"

/* MIDR_EL1 (Arm ARM DDI 0487, D17.2): implementers */
enum {
	ARM = 0x41,
	BROADCOM = 0x42,
	CAVIUM = 0x43,
	NVIDIA = 0x4e,
	QUALCOMM = 0x51,
	MICROSOFT = 0x6d,
};

#define REV(r, p) ((r) << 4 | (p)) /* r0p4: MIDR_EL1.Variant and .Revision */
#define ALL	  .first = 0, .last = REV(15, 15)
#define ANY_CORE  .vendor = ERRATUM_ANY, .part = ERRATUM_ANY, ALL

bool arm64_repeat_tlbi, arm64_load_acquire;
u64 (*arm64_bad_counter)(void);

struct cpu_kind arch_cpu_kind(void)
{
	u32 midr = arm64_read_sysreg(midr_el1);

	return (struct cpu_kind){
		.vendor = midr >> 24,
		.part = midr >> 4 & 0xfff,
		.revision = REV(midr >> 20 & 15, midr & 15),
	};
}

/* REVIDR_EL1, bit 8, of an r0p4 says that 843419 was mended (Arm, Cortex-A53 MPCore SDEN). */
static bool a53_843419_present(void)
{
	return arch_cpu_kind().revision != REV(0, 4) || !(arm64_read_sysreg(revidr_el1) >> 8 & 1);
}

/* The cores of Qualcomm's first Kryo, Snapdragon 820's: 0x201, 0x205, 0x211 (Linux, cpu_errata). */
static bool is_kryo(void)
{
	return (arch_cpu_kind().part & 0xf00) == 0x200;
}

static void repeat_tlbi(void)
{
	WRITE_ONCE(arm64_repeat_tlbi, true);
}

static void load_acquire(void)
{
	WRITE_ONCE(arm64_load_acquire, true);
}

/* ---- counters that now and then read wrong ---- */

#define COUNTER_TRIES 150 /* as in Linux: none has been seen to need so many */

static u64 read_counter(void)
{
	arm64_isb();
	return arm64_read_sysreg(cntvct_el0);
}

/* The high half may be read before a carry of the low half, and the other after it. */
static u64 counter_858921(void)
{
	u64 a = read_counter(), b = read_counter();

	return (a ^ b) >> 32 & 1 ? a : b;
}

/* A reading may have bits of two values: believe two that agree but for the time between them. */
static u64 counter_twice(void)
{
	u64 a, b;
	unsigned int tries = COUNTER_TRIES;

	do {
		a = read_counter();
		b = read_counter();
	} while ((b - a) >> 5 && --tries);
	return b;
}

/* Wrong ones have their low bits all one or all zero. */
static u64 counter_a64(void)
{
	u64 v;
	unsigned int tries = COUNTER_TRIES;

	do
		v = read_counter();
	while (((v + 1) & 0x1ff) <= 1 && --tries);
	return v;
}

static void use_counter_858921(void)
{
	WRITE_ONCE(arm64_bad_counter, counter_858921);
}

static void use_counter_twice(void)
{
	WRITE_ONCE(arm64_bad_counter, counter_twice);
}

static void use_counter_a64(void)
{
	WRITE_ONCE(arm64_bad_counter, counter_a64);
}

/* What no register says stands in the timer's node (Linux, arm,arch_timer.yaml). */
static bool timer_says(const char *property)
{
	struct fdt_prop p;
	int node = timer_node();

	return node >= 0 && !fdt_prop(&machine_fdt, node, property, &p);
}

static bool a008585_present(void)
{
	return timer_says("fsl,erratum-a008585");
}

static bool hisilicon_counter_present(void)
{
	return timer_says("hisilicon,erratum-161010101");
}

static bool a64_counter_present(void)
{
	return timer_says("allwinner,erratum-unknown1");
}

/*
 * "Completion of affected memory accesses might not be guaranteed by completion of a TLBI",
 * CVE-2025-10263: a broadcast TLBI with its DSB may end before stores through the old translation
 * are seen by all. A second pair behind it waits for them.
 */
#define TLBI_TWICE "each broadcast TLBI and DSB is followed by another pair"
#define TLBI_COMPLETION_OF(maker, core, number, id) \
	{ \
		.name = core "-" #number, .source = "Arm SDEN; CVE-2025-10263", \
		.done = TLBI_TWICE, .vendor = maker, .part = id, ALL, .enable = repeat_tlbi, \
	}
#define TLBI_COMPLETION(core, number, id) TLBI_COMPLETION_OF(ARM, core, number, id)

#define TAINTS_MEMORY "tlb.*,mm.*,rmap.*,reclaim.*,torture.*"

/* Who made it first, and who did later; in all revisions (Linux, tx2_family_cpus). */
#define THUNDERX2_219(maker, id) \
	{ \
		.name = "thunderx2-219", \
		.source = "Linux, silicon-errata.rst: Cavium: a load just behind a TLBI may hang " \
			  "the core", \
		.taints = "*", .vendor = maker, .part = id, ALL, \
	}

const struct erratum arch_errata[] = {
	{ .name = "cortex-a53-843419",
	  .source = "Arm SDEN Cortex-A53: ADRP at the end of a page may compute a wrong address",
	  .done = "linked with --fix-cortex-a53-843419",
	  .vendor = ARM,
	  .part = 0xd03,
	  .last = REV(0, 4),
	  .present = a53_843419_present },
	{ .name = "cortex-a53-835769",
	  .source = "Arm SDEN Cortex-A53: multiply-accumulate behind a load may be wrong",
	  .done = "compiled or linked with --fix-cortex-a53-835769",
	  .vendor = ARM,
	  .part = 0xd03,
	  .last = REV(0, 4) },
	{ .name = "cortex-a57-832075",
	  .source = "Arm SDEN Cortex-A57: device loads beside exclusives may deadlock",
	  .done = "device registers are read by load-acquire",
	  .vendor = ARM,
	  .part = 0xd07,
	  .last = REV(1, 2),
	  .enable = load_acquire },
	{ .name = "cortex-a55-2441007",
	  .source = "Arm SDEN Cortex-A55: a store may use a translation after break-before-make",
	  .done = TLBI_TWICE,
	  .vendor = ARM,
	  .part = 0xd05,
	  ALL,
	  .enable = repeat_tlbi },
	{ .name = "cortex-a510-2441009",
	  .source = "Arm SDEN Cortex-A510: as 2441007 of Cortex-A55",
	  .done = TLBI_TWICE,
	  .vendor = ARM,
	  .part = 0xd46,
	  .last = REV(1, 1),
	  .enable = repeat_tlbi },
	TLBI_COMPLETION("cortex-a76", 4193800, 0xd0b),
	TLBI_COMPLETION("cortex-a76ae", 4193801, 0xd0e),
	TLBI_COMPLETION("cortex-a77", 4193798, 0xd0d),
	TLBI_COMPLETION("cortex-a78", 4193791, 0xd41),
	TLBI_COMPLETION("cortex-a78ae", 4193793, 0xd42),
	TLBI_COMPLETION("cortex-a78c", 4193794, 0xd4b),
	TLBI_COMPLETION("cortex-a710", 4193788, 0xd47),
	TLBI_COMPLETION("cortex-x1", 4193791, 0xd44),
	TLBI_COMPLETION("cortex-x1c", 4193792, 0xd4c),
	TLBI_COMPLETION("cortex-x2", 4193788, 0xd48),
	TLBI_COMPLETION("cortex-x3", 4193786, 0xd4e),
	TLBI_COMPLETION("cortex-x4", 4118414, 0xd82),
	TLBI_COMPLETION("cortex-x925", 4193781, 0xd85),
	TLBI_COMPLETION("c1-ultra", 4193780, 0xd8c),
	TLBI_COMPLETION("c1-premium", 4193780, 0xd90),
	TLBI_COMPLETION("neoverse-n1", 4193800, 0xd0c),
	TLBI_COMPLETION("neoverse-n2", 4193789, 0xd49),
	TLBI_COMPLETION("neoverse-v1", 4193790, 0xd40),
	TLBI_COMPLETION("neoverse-v2", 4193787, 0xd4f),
	TLBI_COMPLETION("neoverse-v3", 4193784, 0xd84),
	TLBI_COMPLETION("neoverse-v3ae", 4193784, 0xd83),
	TLBI_COMPLETION_OF(MICROSOFT, "azure-cobalt-100", 4193789, 0xd49),
	{ .name = "kryo-4xx-gold-1286807",
	  .source = "Linux, ARM64_ERRATUM_1286807: a core made of Cortex-A76 of r0p0 to r3p0",
	  .done = TLBI_TWICE,
	  .vendor = QUALCOMM,
	  .part = 0x804,
	  .first = REV(12, 14),
	  .last = REV(15, 14),
	  .enable = repeat_tlbi },
	{ .name = "cortex-a715-2645198",
	  .source = "Arm SDEN Cortex-A715: a page that was executable and is not any more may "
		    "spoil ESR and FAR of the next instruction abort",
	  .taints = "mm.*,torture.*",
	  .vendor = ARM,
	  .part = 0xd4d,
	  ALL },
	{ .name = "nvidia-olympus-1029",
	  .source = "NVIDIA erratum T410-OLY-1029; CVE-2025-10263",
	  .done = TLBI_TWICE,
	  .vendor = NVIDIA,
	  .part = 0x010,
	  ALL,
	  .enable = repeat_tlbi },
	{ .name = "falkor-1009",
	  .source = "Linux, silicon-errata.rst: Qualcomm Falkor v1: a TLBI may be incomplete",
	  .done = TLBI_TWICE,
	  .vendor = QUALCOMM,
	  .part = 0x800,
	  .last = REV(0, 0),
	  .enable = repeat_tlbi },
	{ .name = "falkor-1003",
	  .source = "Linux, silicon-errata.rst: Qualcomm Falkor v1: a change of ASID and base at "
		    "once",
	  .taints = TAINTS_MEMORY,
	  .vendor = QUALCOMM,
	  .part = 0x800,
	  .last = REV(0, 0) },
	{ .name = "kryo-1009",
	  .source = "Linux, silicon-errata.rst: as Falkor's 1009",
	  .done = TLBI_TWICE,
	  .vendor = QUALCOMM,
	  .part = ERRATUM_ANY,
	  ALL,
	  .present = is_kryo,
	  .enable = repeat_tlbi },
	{ .name = "kryo-1003",
	  .source = "Linux, silicon-errata.rst: as Falkor's 1003",
	  .taints = TAINTS_MEMORY,
	  .vendor = QUALCOMM,
	  .part = ERRATUM_ANY,
	  ALL,
	  .present = is_kryo },
	{ .name = "thunderx-27456",
	  .source = "Linux, silicon-errata.rst: Cavium: a broadcast TLBI may spoil instruction "
		    "caches",
	  .taints = "*",
	  .vendor = CAVIUM,
	  .part = 0x0a1,
	  .last = REV(1, 1) },
	{ .name = "thunderx-27456-81xx",
	  .source = "Linux, silicon-errata.rst: Cavium: a broadcast TLBI may spoil instruction "
		    "caches",
	  .taints = "*",
	  .vendor = CAVIUM,
	  .part = 0x0a2,
	  .last = REV(0, 0) },
	THUNDERX2_219(CAVIUM, 0x0af),
	THUNDERX2_219(BROADCOM, 0x516),
	{ .name = "cortex-a73-858921",
	  .source = "Arm SDEN Cortex-A73: the counter may be read wrong at a carry",
	  .done = "the counter is read twice",
	  .vendor = ARM,
	  .part = 0xd09,
	  ALL,
	  .enable = use_counter_858921 },
	{ .name = "freescale-a008585",
	  .source = "fsl,erratum-a008585 in the device tree: the counter may be read wrong",
	  .done = "the counter is read until two readings agree",
	  ANY_CORE,
	  .present = a008585_present,
	  .enable = use_counter_twice },
	{ .name = "hisilicon-161010101",
	  .source = "hisilicon,erratum-161010101 in the device tree: the counter may be read wrong",
	  .done = "the counter is read until two readings agree",
	  ANY_CORE,
	  .present = hisilicon_counter_present,
	  .enable = use_counter_twice },
	{ .name = "allwinner-unknown1",
	  .source = "allwinner,erratum-unknown1 in the device tree: the counter may be read wrong",
	  .done = "readings whose low bits are alike are made again",
	  ANY_CORE,
	  .present = a64_counter_present,
	  .enable = use_counter_a64 },
};
const unsigned int arch_nr_errata = ARRAY_SIZE(arch_errata);
