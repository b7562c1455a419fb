/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instances of packed tests: each variable is a word, which begins as 0, a thread's registers are a
 * byte, and a key is the number of its bucket. So is what an iteration of the perpetual form reads.
 */
#include "instances.h"

#include <arch/mmu.h>
#include <arch/setup.h>
#include <lib/string.h>

#define PERPETUAL_BATCH 8UL /* so many times the instances of a batch: nothing meets between */

/* Room for a variable a page, of the widest lines. */
static char perpetual_cells[LITMUS_PACKED_MAX * (PAGE_SIZE + 1024)] __aligned(4096);

/* ---- layout ---- */

static void plan_keys(struct litmus_instances *in, const struct litmus_test *lt,
		      const struct litmus_room *room)
{
	unsigned int i;

	in->line_step = 1;
	for (i = 0; i < lt->nr_threads; i++)
		in->out[i] = room->outs + i * LITMUS_BATCH_MAX;
	for (i = 0; i < lt->nr_fields; i++) {
		const struct litmus_field *f = &lt->field[i];

		if (f->bytes) {
			in->final_var[in->nr_finals] = f->var;
			in->final_shift[in->nr_finals++] = f->shift;
		} else if (!f->word) {
			in->key_out[in->nr_outs] = in->out[f->thread];
			in->out_shift[in->nr_outs++] = f->shift;
		}
	}
}

/* A cell for each variable, and the pool for what the iterations read. */
static void place_perpetual(struct litmus_instances *in, const struct litmus_test *lt,
			    const struct litmus_knobs *k, const struct litmus_room *room)
{
	unsigned long region = room->pool_size / LITMUS_PACKED_MAX;
	unsigned long gap = k->place == PLACE_SAME_LINE ? sizeof(u64)
			    : k->place == PLACE_PAGES	? PAGE_SIZE + room->line
							: MIN(MAX(k->stride, 1U), 3U) * room->line;

	in->perpetual = lt->perpetual;
	in->n = MIN(PERPETUAL_BATCH << k->batch_log2, region / sizeof(u64));
	for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
		in->base[v] = perpetual_cells + v * gap;
	for (unsigned int i = 0; i < LITMUS_PACKED_MAX; i++)
		in->words[i] = (u64 *)(room->pool + i * (region + room->skew));
	for (unsigned int i = 0; i < lt->nr_threads; i++)
		in->out[i] = (u8 *)in->words[i];
}

/* The distance of an instance's variables; @limit: what they may take of the pool. */
static unsigned long place_cells(struct litmus_instances *in, const struct litmus_test *lt,
				 const struct litmus_knobs *k, const struct litmus_room *room,
				 unsigned long *limit)
{
	unsigned long line = room->line, mult = MAX(k->stride, 1);
	unsigned long region = room->pool_size / LITMUS_PACKED_MAX;

	*limit = region;
	/* In frames of their own, of each instance too, and at the same place in each. */
	if (lt->hooks) {
		in->stride = PAGE_SIZE + mult * line;
		return region;
	}
	switch (k->place) {
	case PLACE_SAME_LINE:
		in->stride = mult * line;
		*limit = LITMUS_PACKED_MAX * (region - line);
		return sizeof(u64);
	case PLACE_NEXT_LINE:
		in->stride = mult * line * lt->nr_vars;
		*limit = LITMUS_PACKED_MAX * (region - line);
		return line;
	case PLACE_PACKED:
		in->stride = mult * sizeof(u64);
		break;
	case PLACE_PAGES:
		in->stride = PAGE_SIZE + mult * line;
		break;
	default:
		in->stride = mult * line;
	}
	return region + room->skew;
}

void litmus_packed_place(struct litmus_instances *in, const struct litmus_test *lt,
			 const struct litmus_knobs *k, const struct litmus_room *room)
{
	unsigned long gap, limit;

	plan_keys(in, lt, room);
	if (k->perpetual && lt->perpetual) {
		place_perpetual(in, lt, k, room);
		return;
	}
	gap = place_cells(in, lt, k, room, &limit);
	for (unsigned int v = 0; v < LITMUS_PACKED_MAX; v++)
		in->base[v] = room->pool + v * gap;
	in->line_step = MAX(room->line / in->stride, 1UL);
	in->n = MAX(MIN(MIN(1UL << k->batch_log2, LITMUS_BATCH_MAX), limit / in->stride), 1UL);
	if (lt->max_instances)
		in->n = MIN(in->n, (unsigned long)lt->max_instances);
}

/* ---- reset ---- */

/* The cells belong to all iterations: whoever has the first one makes them fresh. */
static void reset_perpetual(const struct litmus_instances *in, unsigned long first)
{
	if (first)
		return;
	for (unsigned int v = 0; v < in->test->nr_vars; v++)
		*(u64 *)in->base[v] = 0;
}

void litmus_packed_reset(const struct litmus_instances *in, unsigned long first, unsigned long end)
{
	unsigned long i, v;

	if (in->perpetual) {
		reset_perpetual(in, first);
		return;
	}
	for (v = 0; v < in->test->nr_vars; v++)
		for (i = first; i < end; i++)
			*(u64 *)(in->base[v] + i * in->stride) = 0;
	if (in->test->reset)
		in->test->reset(first, end);
}

/* ---- tally ---- */

/*
 * The numbers are constants at most calls, and all that the loop needs is in locals (the stores
 * could alias @in): a third of an iteration's time is spent here.
 */
static __always_inline void tally_loop(const struct litmus_instances *in,
				       struct litmus_histogram *h, unsigned long first,
				       unsigned long end, unsigned int nr_outs,
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
		h->bucket[key & (LITMUS_KEYS_MAX - 1)].n++;
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
static void tally_perpetual(const struct litmus_instances *in, struct litmus_histogram *h,
			    unsigned long first, unsigned long end)
{
	u32 raw[LITMUS_KEYS_MAX] = { 0 };
	unsigned int key;

	in->perpetual->tally(in->words, in->n, raw, first, end);
	for (key = 0; key < LITMUS_KEYS_MAX; key++) {
		unsigned int folded = (key & 0x55) | (key >> 1 & 0x55);

		if (raw[key] && (!any_later(key) || !in->test->weak(folded)))
			h->bucket[folded].n += raw[key];
	}
	reset_perpetual(in, first);
}

void litmus_packed_tally(const struct litmus_instances *in, struct litmus_histogram *h,
			 unsigned long first, unsigned long end)
{
	const unsigned int nr_vars = in->test->nr_vars;

	if (in->perpetual) {
		tally_perpetual(in, h, first, end);
		return;
	}
	switch (in->nr_outs << 8 | in->nr_finals << 4 | nr_vars) {
	case 0x202:
		tally_loop(in, h, first, end, 2, 0, 2);
		break;
	case 0x102:
		tally_loop(in, h, first, end, 1, 0, 2);
		break;
	case 0x112:
		tally_loop(in, h, first, end, 1, 1, 2);
		break;
	case 0x022:
		tally_loop(in, h, first, end, 0, 2, 2);
		break;
	case 0x203:
		tally_loop(in, h, first, end, 2, 0, 3);
		break;
	case 0x101:
		tally_loop(in, h, first, end, 1, 0, 1);
		break;
	case 0x111:
		tally_loop(in, h, first, end, 1, 1, 1);
		break;
	case 0x011:
		tally_loop(in, h, first, end, 0, 1, 1);
		break;
	default:
		tally_loop(in, h, first, end, in->nr_outs, in->nr_finals, nr_vars);
	}
	if (in->test->reset)
		in->test->reset(first, end);
}
