/* SPDX-License-Identifier: GPL-2.0-only */
/* The pool of instances: layout, reset, tally. The pool is taken once and never given back. */
#include "instances.h"

#include <arch/mmu.h>
#include <arch/setup.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/boot_alloc.h>

#define BATCH_MAX	32768UL
#define REGION_SIZE	(1UL << 20) /* room for one variable's instances */
#define REGION_SIZE_MIN (1UL << 16)
#define PERPETUAL_BATCH 8UL /* so many times the instances of a batch: nothing meets between */
#define REGION_SKEW	(5 * 128) /* so that an instance's variables are not in one cache set */

#define OUT_BYTES (1UL << 19)

static u8 out_bytes[OUT_BYTES] __aligned(4096);
BUILD_BUG_ON(OUT_BYTES < LITMUS_MAX_THREADS * BATCH_MAX);
static char *pool;
/* Room for a variable a page, of the widest lines. */
static char perpetual_cells[LITMUS_MAX_VARS * (PAGE_SIZE + 1024)] __aligned(4096);
static unsigned long region_size;

int litmus_reserve(void)
{
	if (pool)
		return 0;
	for (region_size = REGION_SIZE; region_size >= REGION_SIZE_MIN; region_size /= 2) {
		pool = boot_alloc(LITMUS_MAX_VARS * (region_size + REGION_SKEW), PAGE_SIZE);
		if (pool)
			return 0;
	}
	return -ENOMEM;
}

static void plan_keys(struct litmus_instances *in, const struct litmus_test *lt)
{
	unsigned int i, shift = 0;

	in->nr_vars = lt->nr_vars;
	in->reset = lt->reset;
	in->weak_key = lt->weak_key;
	in->weak_mask = lt->weak_mask;
	in->line_step = 1;
	for (i = 0; i < lt->nr_threads; i++) {
		in->out[i] = out_bytes + i * BATCH_MAX;
		if (lt->thread[i].nr_regs) {
			in->key_out[in->nr_outs] = in->out[i];
			in->out_shift[in->nr_outs++] = shift;
			shift += 2 * lt->thread[i].nr_regs;
		}
	}
	for (i = 0; i < lt->nr_finals; i++, shift += 2) {
		in->final_var[in->nr_finals] = lt->final[i];
		in->final_shift[in->nr_finals++] = shift;
	}
}

/* A cell for each variable, and the pool for what the iterations read. */
static void place_perpetual(struct litmus_instances *in, const struct litmus_test *lt,
			    const struct litmus_knobs *k, unsigned int line)
{
	unsigned long gap = k->place == PLACE_SAME_LINE ? sizeof(u64)
			    : k->place == PLACE_PAGES	? PAGE_SIZE + line
							: MIN(MAX(k->stride, 1U), 3U) * line;

	in->perpetual = lt->perpetual;
	in->n = MIN(PERPETUAL_BATCH << k->batch_log2, region_size / sizeof(u64));
	for (unsigned int v = 0; v < LITMUS_MAX_VARS; v++)
		in->base[v] = perpetual_cells + v * gap;
	for (unsigned int i = 0; i < LITMUS_MAX_THREADS; i++)
		in->words[i] = (u64 *)(pool + i * (region_size + REGION_SKEW));
	for (unsigned int i = 0; i < lt->nr_threads; i++)
		in->out[i] = (u8 *)in->words[i];
}

static void place_wide(struct litmus_instances *in, const struct litmus_test *lt,
		       const struct litmus_knobs *k, unsigned int line)
{
	struct litmus_room room = {
		.pool = pool,
		.pool_size = LITMUS_MAX_VARS * region_size,
		.skew = REGION_SKEW,
		.line = line,
		.outs = out_bytes,
		.outs_size = OUT_BYTES,
	};

	litmus_wide_place(in, lt, k, &room);
	in->n = MIN(in->n, BATCH_MAX);
}

int litmus_instances_place(struct litmus_instances *in, const struct litmus_test *lt,
			   const struct litmus_knobs *k)
{
	unsigned int line = MIN(MAX(arch_cache_line_size(), 32U), 1024U), v;
	unsigned long mult = MAX(k->stride, 1), gap, room;
	int err = litmus_reserve();

	if (err)
		return err;
	memset(in, 0, sizeof(*in));
	if (lt->wide) {
		place_wide(in, lt, k, line);
		return 0;
	}
	plan_keys(in, lt);
	if (k->perpetual && lt->perpetual) {
		place_perpetual(in, lt, k, line);
		return 0;
	}
	gap = region_size + REGION_SKEW;
	room = region_size;
	switch (k->place) {
	case PLACE_SAME_LINE:
		in->stride = mult * line;
		gap = sizeof(u64);
		break;
	case PLACE_NEXT_LINE:
		in->stride = mult * line * lt->nr_vars;
		gap = line;
		break;
	case PLACE_PACKED:
		in->stride = mult * sizeof(u64);
		break;
	case PLACE_PAGES:
		in->stride = PAGE_SIZE + mult * line;
		break;
	default:
		in->stride = mult * line;
	}
	/* These two have the whole pool for all their variables together. */
	if (k->place == PLACE_SAME_LINE || k->place == PLACE_NEXT_LINE)
		room = LITMUS_MAX_VARS * (region_size - line);
	/* In frames of their own, of each instance too, and at the same place in each. */
	if (lt->hooks) {
		in->stride = PAGE_SIZE + mult * line;
		gap = region_size;
		room = region_size;
	}
	for (v = 0; v < LITMUS_MAX_VARS; v++)
		in->base[v] = pool + v * gap;
	in->line_step = MAX(line / in->stride, 1UL);
	in->n = MAX(MIN(MIN(1UL << k->batch_log2, BATCH_MAX), room / in->stride), 1UL);
	if (lt->max_instances)
		in->n = MIN(in->n, (unsigned long)lt->max_instances);
	return 0;
}

/* The cells belong to all iterations: whoever has the first one makes them fresh. */
static void reset_perpetual(const struct litmus_instances *in, unsigned long first)
{
	if (first)
		return;
	for (unsigned int v = 0; v < in->nr_vars; v++)
		*(u64 *)in->base[v] = 0;
}

void litmus_instances_reset(const struct litmus_instances *in, unsigned long first,
			    unsigned long end)
{
	unsigned long i, v;

	if (in->perpetual) {
		reset_perpetual(in, first);
		return;
	}
	for (v = 0; v < in->nr_vars; v++)
		for (i = first; i < end; i++)
			*(u64 *)(in->base[v] + i * in->stride) = 0;
	if (in->reset)
		in->reset(first, end);
}

/*
 * The numbers are constants at most calls, and all that the loop needs is in locals (the stores
 * could alias @in): a third of an iteration's time is spent here.
 */
static __always_inline void tally_loop(const struct litmus_instances *in, u32 *hist,
				       unsigned long first, unsigned long end, unsigned int nr_outs,
				       unsigned int nr_finals, unsigned int nr_vars)
{
	const u8 *const o0 = in->key_out[0], *const o1 = in->key_out[1];
	const unsigned int shift1 = in->out_shift[1];
	const unsigned int fshift0 = in->final_shift[0], fshift1 = in->final_shift[1];
	const char *const f0 = in->base[in->final_var[0]], *const f1 = in->base[in->final_var[1]];
	char *const b0 = in->base[0], *const b1 = in->base[1];
	const unsigned long stride = in->stride;
	unsigned long i, at = first * stride;
	unsigned int k;

	for (i = first; i < end; i++, at += stride) {
		unsigned int key = 0;

		if (nr_outs > 0)
			key = o0[i];
		if (nr_outs > 1)
			key |= (unsigned int)o1[i] << shift1;
		for (k = 2; k < nr_outs; k++)
			key |= (unsigned int)in->key_out[k][i] << in->out_shift[k];
		if (nr_finals > 0)
			key |= (*(const u32 *)(f0 + at) & 3) << fshift0;
		if (nr_finals > 1)
			key |= (*(const u32 *)(f1 + at) & 3) << fshift1;
		hist[key & (LITMUS_KEYS_MAX - 1)]++;
		*(u64 *)(b0 + at) = 0;
		if (nr_vars > 1)
			*(u64 *)(b1 + at) = 0;
		for (k = 2; k < nr_vars; k++)
			*(u64 *)(in->base[k] + at) = 0;
	}
}

/* Fields of two bits: is one of them 2? */
static bool any_later(unsigned int key)
{
	return key & 0xaaaaaaaaU;
}

/*
 * Frames with a register that has a later value than its writer's count as if it had that, as long
 * as nothing hangs on it: where they would be weak by it, they are left out.
 */
static void tally_perpetual(const struct litmus_instances *in, u32 *hist, unsigned long first,
			    unsigned long end)
{
	u32 raw[LITMUS_KEYS_MAX] = { 0 };
	unsigned int key;

	in->perpetual->tally(in->words, in->n, raw, first, end);
	for (key = 0; key < LITMUS_KEYS_MAX; key++) {
		unsigned int folded = (key & 0x55) | (key >> 1 & 0x55);

		if (!any_later(key) || (folded & in->weak_mask) != in->weak_key)
			hist[folded] += raw[key];
	}
	reset_perpetual(in, first);
}

void litmus_instances_tally(const struct litmus_instances *in, u32 *hist, unsigned long first,
			    unsigned long end)
{
	if (in->perpetual) {
		tally_perpetual(in, hist, first, end);
		return;
	}
	switch (in->nr_outs << 8 | in->nr_finals << 4 | in->nr_vars) {
	case 0x202:
		tally_loop(in, hist, first, end, 2, 0, 2);
		break;
	case 0x102:
		tally_loop(in, hist, first, end, 1, 0, 2);
		break;
	case 0x112:
		tally_loop(in, hist, first, end, 1, 1, 2);
		break;
	case 0x022:
		tally_loop(in, hist, first, end, 0, 2, 2);
		break;
	default:
		tally_loop(in, hist, first, end, in->nr_outs, in->nr_finals, in->nr_vars);
	}
	if (in->reset)
		in->reset(first, end);
}
