/* SPDX-License-Identifier: GPL-2.0-only */
/* x86_64's CPUs: EBX of CPUID's leaf 0, EAX of leaf 1; and what kind they are by that. */
#include <string.h>

#include "errata.h"

#include <arch/errata.h>
#include <asm/x86.h>

#define AMD   0x68747541 /* "Auth" */
#define INTEL 0x756e6547 /* "Genu" */

const char port[] = "x86_64";
const struct core cores[] = {
	{ "Barcelona B2", { AMD, 0x00100f22 }, "amd-298", "", "amd-298" },
	{ "Barcelona BA", { AMD, 0x00100f2a }, "", "", "" },
	{ "Barcelona B3", { AMD, 0x00100f23 }, "", "", "" },
	{ "Shanghai C2", { AMD, 0x00100f42 }, "", "", "" },
	{ "Zen", { AMD, 0x00800f11 }, "", "", "" },
	{ "Intel's with AMD's number", { INTEL, 0x00100f22 }, "", "", "" },
	{ "Skylake", { INTEL, 0x000506e3 }, "", "", "" },
};
const size_t nr_cores = sizeof(cores) / sizeof(*cores);

static uint64_t words[WORDS_MAX];

void be_core(const uint64_t word[WORDS_MAX])
{
	memcpy(words, word, sizeof(words));
}

struct cpuid x86_cpuid(u32 leaf)
{
	if (leaf > 1)
		fail("it asks for leaf %x", leaf);
	return leaf ? (struct cpuid){ .eax = words[1] } : (struct cpuid){ .ebx = words[0] };
}

const char *work_arounds(void)
{
	return "";
}

/* Extended family and model count where they should (Intel SDM vol. 2A, CPUID leaf 1). */
static void kind(u32 sig, u64 part, u64 revision)
{
	struct cpu_kind k;

	words[1] = sig;
	k = arch_cpu_kind();
	if (k.part != part || k.revision != revision)
		fail("%08x is %llx, %llx", sig, (unsigned long long)k.part,
		     (unsigned long long)k.revision);
}

void test_port(void)
{
	kind(0x000506e3, 0x65e, 3);
	kind(0x00870f10, 0x1771, 0);
	kind(0x00f20543, 0x504, 3); /* of family 5 the extended fields are not read */
	kind(0x00000f4a, 0xf04, 10);
}
