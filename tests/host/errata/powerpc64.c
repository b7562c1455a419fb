/* SPDX-License-Identifier: GPL-2.0-only */
/* powerpc64's cores: the Processor Version Register. */
#include <string.h>

#include "errata.h"

#include "../../../arch/powerpc64/port.h"

#define SPR_PVR_NUMBER 287 /* Power ISA 3.0B Book III, 4.3.1 */

const char port[] = "powerpc64";
const struct core cores[] = {
	{ "POWER9 DD2.0", { 0x004e1200 }, "power9-tlbie", "tlbie", "" },
	{ "POWER9 DD2.3", { 0x004e1203 }, "power9-tlbie", "tlbie", "" },
	{ "POWER10", { 0x00801200 }, "", "", "" },
	{ "POWER8", { 0x004d0200 }, "", "", "" },
};
const size_t nr_cores = sizeof(cores) / sizeof(*cores);

static uint64_t words[WORDS_MAX];
struct machine machine;

void be_core(const uint64_t word[WORDS_MAX])
{
	memcpy(words, word, sizeof(words));
}

u64 host_spr(unsigned int nr);
u64 host_spr(unsigned int nr)
{
	if (nr != SPR_PVR_NUMBER)
		fail("it reads SPR %u", nr);
	return words[0];
}

const char *work_arounds(void)
{
	return machine.tlbie_twice ? "tlbie" : "";
}

void test_port(void)
{
}
