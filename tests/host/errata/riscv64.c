/* SPDX-License-Identifier: GPL-2.0-only */
/* riscv64's cores: mvendorid, marchid, mimpid, as machine mode tells them. */
#include <string.h>

#include "errata.h"

#include <asm/sbi.h>

#define CIP_1200 "sifive-cip-1200", "fence", ""

const char port[] = "riscv64";
const struct core cores[] = {
	{ "T-Head C910", { 0x5b7, 0, 0 }, "thead-mae", "", "" },
	{ "T-Head, named", { 0x5b7, 0x8000000009140d00, 0x50000 }, "", "", "" },
	{ "FU740 of the Unmatched", { 0x489, 0x8000000000000007, 0x20181004 }, CIP_1200 },
	{ "U74 of 30 June 2020", { 0x489, 0x8000000000000007, 0x200630 }, CIP_1200 },
	{ "U74 of 26 June 2020", { 0x489, 0x8000000000000007, 0x200626 }, CIP_1200 },
	{ "the same, mended", { 0x489, 0x8000000000000007, 0x1200626 }, "", "", "" },
	{ "U74 of 1 July 2020", { 0x489, 0x8000000000000007, 0x200701 }, "", "", "" },
	{ "JH7110", { 0x489, 0x8000000000000007, 0x4210427 }, "", "", "" },
	{ "FU540", { 0x489, 0x1, 0 }, CIP_1200 },
	{ "SiFive's of another architecture", { 0x489, 0x8000000000000008, 0 }, "", "", "" },
	{ "another maker's", { 0x48a, 0x8000000000000007, 0x20181004 }, "", "", "" },
	{ "QEMU", { 0, 0, 0 }, "", "", "" },
};
const size_t nr_cores = sizeof(cores) / sizeof(*cores);

static uint64_t words[WORDS_MAX];

void be_core(const uint64_t word[WORDS_MAX])
{
	memcpy(words, word, sizeof(words));
}

/* SBI 2.0, chapter 4: functions 4 to 6 of the base extension. */
struct sbi_ret sbi_call(unsigned long eid, unsigned long fid, unsigned long arg0,
			unsigned long arg1, unsigned long arg2, unsigned long arg3)
{
	if (eid != 0x10 || fid < 4 || fid > 6)
		fail("it calls %lx.%lx", eid, fid);
	return (struct sbi_ret){ 0, words[fid - 4] };
}

bool riscv_page_fence_misses;

const char *work_arounds(void)
{
	return riscv_page_fence_misses ? "fence" : "";
}

void test_port(void)
{
}
