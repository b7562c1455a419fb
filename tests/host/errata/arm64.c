/* SPDX-License-Identifier: GPL-2.0-only */
/* arm64's cores: MIDR_EL1, REVIDR_EL1, which property the timer has; and bad counters. */
#include <stdio.h>
#include <string.h>

#include "errata.h"

#include <lib/fdt.h>

enum { NO_PROPERTY, A008585, HISILICON, ALLWINNER };
static const char *const properties[] = { "", "fsl,erratum-a008585", "hisilicon,erratum-161010101",
					  "allwinner,erratum-unknown1" };

#define TLBI_TWICE(midr, name) \
	{ \
		name, { midr }, name, "tlbi", "" \
	}
#define SOUND(midr, what) \
	{ \
		what, { midr }, "", "", "" \
	}

const char port[] = "arm64";
const struct core cores[] = {
	{ "Cortex-A53 r0p0", { 0x410fd030 }, "cortex-a53-843419 cortex-a53-835769", "", "" },
	{ "Cortex-A53 r0p3", { 0x410fd033, 0x100 }, "cortex-a53-843419 cortex-a53-835769", "", "" },
	{ "Cortex-A53 r0p4", { 0x410fd034 }, "cortex-a53-843419 cortex-a53-835769", "", "" },
	{ "Cortex-A53 r0p4, mended", { 0x410fd034, 0x100 }, "cortex-a53-835769", "", "" },
	{ "Cortex-A53 r0p4, else",
	  { 0x410fd034, 0x280 },
	  "cortex-a53-843419 cortex-a53-835769",
	  "",
	  "" },
	SOUND(0x411fd030, "Cortex-A53 r1p0"),
	SOUND(0x410fd042, "Cortex-A35"),
	{ "Cortex-A57 r0p0", { 0x410fd070 }, "cortex-a57-832075", "acquire", "" },
	{ "Cortex-A57 r1p2", { 0x411fd072 }, "cortex-a57-832075", "acquire", "" },
	SOUND(0x411fd073, "Cortex-A57 r1p3"),
	SOUND(0x410fd083, "Cortex-A72"),
	{ "Cortex-A73 r0p2", { 0x410fd092 }, "cortex-a73-858921", "counter", "" },
	SOUND(0x411fd0a1, "Cortex-A75"),
	TLBI_TWICE(0x412fd050, "cortex-a55-2441007"),
	TLBI_TWICE(0x410fd460, "cortex-a510-2441009"),
	TLBI_TWICE(0x411fd461, "cortex-a510-2441009"),
	SOUND(0x411fd462, "Cortex-A510 r1p2"),
	TLBI_TWICE(0x414fd0b1, "cortex-a76-4193800"),
	TLBI_TWICE(0x411fd0e1, "cortex-a76ae-4193801"),
	TLBI_TWICE(0x411fd0d0, "cortex-a77-4193798"),
	TLBI_TWICE(0x411fd411, "cortex-a78-4193791"),
	TLBI_TWICE(0x410fd423, "cortex-a78ae-4193793"),
	TLBI_TWICE(0x410fd4b2, "cortex-a78c-4193794"),
	TLBI_TWICE(0x412fd471, "cortex-a710-4193788"),
	TLBI_TWICE(0x411fd442, "cortex-x1-4193791"),
	TLBI_TWICE(0x410fd4c0, "cortex-x1c-4193792"),
	TLBI_TWICE(0x412fd481, "cortex-x2-4193788"),
	TLBI_TWICE(0x411fd4e0, "cortex-x3-4193786"),
	TLBI_TWICE(0x410fd821, "cortex-x4-4118414"),
	TLBI_TWICE(0x410fd850, "cortex-x925-4193781"),
	TLBI_TWICE(0x410fd8c0, "c1-ultra-4193780"),
	TLBI_TWICE(0x410fd900, "c1-premium-4193780"),
	TLBI_TWICE(0x413fd0c1, "neoverse-n1-4193800"),
	TLBI_TWICE(0x410fd493, "neoverse-n2-4193789"),
	TLBI_TWICE(0x411fd401, "neoverse-v1-4193790"),
	TLBI_TWICE(0x410fd4f1, "neoverse-v2-4193787"),
	TLBI_TWICE(0x410fd841, "neoverse-v3-4193784"),
	TLBI_TWICE(0x410fd831, "neoverse-v3ae-4193784"),
	TLBI_TWICE(0x6d0fd490, "azure-cobalt-100-4193789"),
	TLBI_TWICE(0x4e0f0100, "nvidia-olympus-1029"),
	{ "Cortex-A715", { 0x411fd4d0 }, "cortex-a715-2645198", "", "" },
	SOUND(0x410fd801, "Cortex-A520"),
	SOUND(0x410fd811, "Cortex-A720"),
	SOUND(0x410fd8e0, "Neoverse-N3"),
	{ "Falkor v1", { 0x510f8000 }, "falkor-1009 falkor-1003", "tlbi", "falkor-1003" },
	SOUND(0x511f8000, "Falkor v1 of another revision"),
	SOUND(0x510fc000, "Falkor v2"),
	{ "Kryo, Snapdragon 820", { 0x511f2050 }, "kryo-1009 kryo-1003", "tlbi", "kryo-1003" },
	{ "Kryo, Snapdragon 820", { 0x511f2112 }, "kryo-1009 kryo-1003", "tlbi", "kryo-1003" },
	SOUND(0x411f2050, "Arm's, with Kryo's number"),
	SOUND(0x51cf804d, "Kryo 4xx Gold, before"),
	TLBI_TWICE(0x51cf804e, "kryo-4xx-gold-1286807"),
	TLBI_TWICE(0x51ff804e, "kryo-4xx-gold-1286807"),
	SOUND(0x51ff804f, "Kryo 4xx Gold, behind"),
	SOUND(0x51df805e, "Kryo 4xx Silver"),
	{ "ThunderX 1.x", { 0x430f0a11 }, "thunderx-27456", "", "thunderx-27456" },
	{ "ThunderX 2.1", { 0x431f0a11 }, "thunderx-27456", "", "thunderx-27456" },
	SOUND(0x431f0a12, "ThunderX 2.2"),
	{ "ThunderX 81xx 1.0", { 0x430f0a20 }, "thunderx-27456-81xx", "", "thunderx-27456-81xx" },
	SOUND(0x430f0a21, "ThunderX 81xx 1.1"),
	SOUND(0x430f0a30, "ThunderX 83xx"),
	{ "ThunderX2 as sold", { 0x431f0af1 }, "thunderx2-219", "", "thunderx2-219" },
	{ "Vulcan", { 0x420f5160 }, "thunderx2-219", "", "thunderx2-219" },
	{ "Layerscape", { 0x410fd083, 0, A008585 }, "freescale-a008585", "counter", "" },
	{ "Hip07", { 0x410fd083, 0, HISILICON }, "hisilicon-161010101", "counter", "" },
	{ "A64", { 0x411fd030, 0, ALLWINNER }, "allwinner-unknown1", "counter", "" },
	SOUND(0x000f0510, "an emulator's own"),
};
const size_t nr_cores = sizeof(cores) / sizeof(*cores);

static uint64_t words[WORDS_MAX];

void be_core(const uint64_t word[WORDS_MAX])
{
	memcpy(words, word, sizeof(words));
}

/* ---- what arch/arm64/errata.c asks ---- */

static uint64_t next_count(void);

uint64_t host_sysreg(const char *name);
uint64_t host_sysreg(const char *name)
{
	if (!strcmp(name, "midr_el1"))
		return words[0];
	if (!strcmp(name, "revidr_el1"))
		return words[1];
	if (strcmp(name, "cntvct_el0"))
		fail("it reads %s", name);
	return next_count();
}

struct fdt machine_fdt;

int timer_node(void);
int timer_node(void)
{
	return 7;
}

int fdt_prop(const struct fdt *f, int node, const char *name, struct fdt_prop *p)
{
	if (f != &machine_fdt || node != 7)
		fail("%s is looked for elsewhere", name);
	return strcmp(name, properties[words[2]]);
}

extern bool arm64_repeat_tlbi, arm64_load_acquire;
extern uint64_t (*arm64_bad_counter)(void);

const char *work_arounds(void)
{
	static char text[32];

	snprintf(text, sizeof(text), "%s%s%s", arm64_repeat_tlbi ? "tlbi" : "",
		 arm64_load_acquire ? "acquire" : "", arm64_bad_counter ? "counter" : "");
	return text;
}

/* ---- counters ---- */

static const uint64_t *counts;
static unsigned int nr_counts, nr_read;

/* The last one again, when there are no more. */
static uint64_t next_count(void)
{
	return counts[nr_read < nr_counts ? nr_read++ : (nr_read++, nr_counts - 1)];
}

void errata_init_cpu(void);

/* Of the machine @property says what; @n readings in, @want out after @reads. */
static void counter(uint64_t midr, uint64_t property, const uint64_t *in, unsigned int n,
		    uint64_t want, unsigned int reads)
{
	uint64_t got;

	be_core((const uint64_t[WORDS_MAX]){ midr, 0, property });
	arm64_bad_counter = NULL;
	errata_init_cpu();
	counts = in;
	nr_counts = n;
	nr_read = 0;
	got = arm64_bad_counter();
	if (got != want || nr_read != reads)
		fail("a counter reads %llx by %u readings, not %llx by %u", (unsigned long long)got,
		     nr_read, (unsigned long long)want, reads);
}

#define COUNTER(midr, property, want, reads, ...) \
	do { \
		static const uint64_t in[] = { __VA_ARGS__ }; \
		counter(midr, property, in, sizeof(in) / sizeof(*in), want, reads); \
	} while (0)

#define A72 0x410fd083
#define A73 0x410fd092

void test_port(void)
{
	/* 858921: at a carry into bit 32 the first reading counts: the second may be wrong. */
	COUNTER(A73, NO_PROPERTY, 0x1fffffff5, 2, 0x1fffffff0, 0x1fffffff5);
	COUNTER(A73, NO_PROPERTY, 0x1fffffff0, 2, 0x1fffffff0, 0x200000005);
	/* Two readings 32 or more apart, or the second before the first, are not believed. */
	COUNTER(A72, A008585, 0x101f, 2, 0x1000, 0x101f);
	COUNTER(A72, A008585, 0x1041, 4, 0x1000, 0x1020, 0x1040, 0x1041);
	COUNTER(A72, HISILICON, 0x1002, 4, 0x1000, 0xfff, 0x1001, 0x1002);
	/* Nine low bits all one or all zero are not believed. */
	COUNTER(A72, ALLWINNER, 0x1001, 3, 0x1fff, 0x1000, 0x1001);
	COUNTER(A72, ALLWINNER, 0x11fe, 2, 0x13ff, 0x11fe);
	COUNTER(A72, ALLWINNER, 0x1100, 1, 0x1100);
	COUNTER(A72, ALLWINNER, 0x1200, 150, 0x1200);
}
