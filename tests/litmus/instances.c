/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The pool of instances, and which of the two kinds a test is of. The pool is taken once and never
 * given back.
 */
#include "instances.h"

#include <arch/mmu.h>
#include <arch/setup.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/boot_alloc.h>

#define REGION_SIZE	(1UL << 20) /* room for one variable's instances */
#define REGION_SIZE_MIN (1UL << 16)
#define REGION_SKEW	(5 * 128) /* so that an instance's variables are not in one cache set */
#define OUT_BYTES	(1UL << 19)

static u8 out_bytes[OUT_BYTES] __aligned(4096);
BUILD_BUG_ON(OUT_BYTES < LITMUS_PACKED_MAX * LITMUS_BATCH_MAX);
static char *pool;
static unsigned long region_size;

int litmus_reserve(void)
{
	if (pool)
		return 0;
	for (region_size = REGION_SIZE; region_size >= REGION_SIZE_MIN; region_size /= 2) {
		pool = boot_alloc(LITMUS_PACKED_MAX * (region_size + REGION_SKEW), PAGE_SIZE);
		if (pool)
			return 0;
	}
	return -ENOMEM;
}

int litmus_instances_place(struct litmus_instances *in, const struct litmus_test *lt,
			   const struct litmus_knobs *k)
{
	int err = litmus_reserve();
	struct litmus_room room = {
		.pool = pool,
		.pool_size = LITMUS_PACKED_MAX * region_size,
		.skew = REGION_SKEW,
		.line = MIN(MAX(arch_cache_line_size(), 32U), 1024U),
		.outs = out_bytes,
		.outs_size = OUT_BYTES,
	};

	if (err)
		return err;
	memset(in, 0, sizeof(*in));
	in->test = lt;
	if (litmus_is_packed(lt))
		litmus_packed_place(in, lt, k, &room);
	else
		litmus_words_place(in, lt, k, &room);
	return 0;
}

void litmus_instances_reset(const struct litmus_instances *in, unsigned long first,
			    unsigned long end)
{
	if (litmus_is_packed(in->test))
		litmus_packed_reset(in, first, end);
	else
		litmus_words_reset(in, first, end);
}

void litmus_instances_tally(const struct litmus_instances *in, struct litmus_histogram *h,
			    unsigned long first, unsigned long end)
{
	if (litmus_is_packed(in->test))
		litmus_packed_tally(in, h, first, end);
	else
		litmus_words_tally(in, h, first, end);
}
