/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Instances of tests that are not packed: layout, reset, and how an outcome becomes a key.
 *
 * A variable is one cell or an array of them, and begins at a multiple of 8. The bodies write their
 * registers as whole words, thread by thread; here they are made to fit the key's fields.
 *
 * Memory: `outs` and the pool are the engine's, as for other tests; the SRCU domains are the
 * running slice's, and made anew at each reset.
 */
#include "instances.h"

#include <arch/mmu.h>
#include <arch/setup.h>
#include <kernel/srcu.h>
#include <lib/string.h>

#define SRCU_DOMAINS 64
#define SLEEPERS_MAX 64 /* instances of a test that waits for grace periods */

static struct srcu_struct srcu_domains[SRCU_DOMAINS];

/* ---- layout ---- */

/* All variables of an instance together; each begins at a multiple of @align. */
static unsigned long place_together(struct litmus_instances *in, const struct litmus_test *lt,
				    char *pool, unsigned long align)
{
	unsigned long at = 0;
	unsigned int v;

	for (v = 0; v < lt->nr_vars; v++) {
		in->base[v] = pool + at;
		at += ALIGN_UP(lt->var[v].bytes, align);
	}
	return at;
}

/* Each variable in a region of its own. Returns the size of the largest variable. */
static unsigned long place_apart(struct litmus_instances *in, const struct litmus_test *lt,
				 char *pool, unsigned long region)
{
	unsigned long largest = sizeof(u64);
	unsigned int v;

	for (v = 0; v < lt->nr_vars; v++) {
		in->base[v] = pool + v * region;
		largest = MAX(largest, (unsigned long)lt->var[v].bytes);
	}
	return largest;
}

static void place_outs(struct litmus_instances *in, const struct litmus_test *lt, u8 *outs,
		       unsigned long size)
{
	unsigned long words = 0, at = 0;
	unsigned int t;

	for (t = 0; t < lt->nr_threads; t++)
		words += lt->thread[t].nr_regs;
	/* The last byte of each instance's share says whether it was given up. */
	in->n = MAX(MIN(in->n, size / (words * sizeof(u64) + 1)), 1UL);
	for (t = 0; t < lt->nr_threads; t++) {
		in->out[t] = outs + at;
		at += lt->thread[t].nr_regs * sizeof(u64) * in->n;
	}
	in->given_up = outs + at;
	memset(in->given_up, 0, in->n);
}

void litmus_words_place(struct litmus_instances *in, const struct litmus_test *lt,
			const struct litmus_knobs *k, const struct litmus_room *room)
{
	unsigned long line = room->line, mult = MAX(k->stride, 1), limit = room->pool_size;
	unsigned long region = (room->pool_size / MAX(lt->nr_vars, 1) - room->skew) & ~7UL;

	in->low = room->pool;
	in->span = room->pool_size;
	switch (k->place) {
	case PLACE_SAME_LINE:
		in->stride = mult * ALIGN_UP(place_together(in, lt, room->pool, 8), line);
		break;
	case PLACE_NEXT_LINE:
		in->stride = mult * place_together(in, lt, room->pool, line);
		break;
	default:
		limit = region;
		in->stride = place_apart(in, lt, room->pool, region + room->skew);
		if (k->place == PLACE_PACKED)
			in->stride = mult * ALIGN_UP(in->stride, 8);
		else
			in->stride = mult * ALIGN_UP(in->stride, line);
		if (k->place == PLACE_PAGES)
			in->stride += PAGE_SIZE;
	}
	in->stride = MAX(in->stride, 8UL);
	in->line_step = MAX(line / in->stride, 1UL);
	in->n = MIN(MIN(1UL << k->batch_log2, LITMUS_BATCH_MAX), limit / in->stride);
	if (lt->flags & LITMUS_SLEEPS)
		in->n = MIN(in->n, (unsigned long)SLEEPERS_MAX);
	if (lt->nr_srcu)
		in->n = MIN(in->n, (unsigned long)SRCU_DOMAINS / lt->nr_srcu);
	place_outs(in, lt, room->outs, room->outs_size);
}

/* ---- reset ---- */

static long first_value(const struct litmus_instances *in, const struct litmus_init *init,
			unsigned long i)
{
	struct srcu_struct *domain;

	switch (init->kind) {
	case INIT_ADDRESS:
		return (long)(in->base[init->of_var] + i * in->stride + init->of_offset);
	case INIT_SRCU:
		domain = &srcu_domains[i * in->test->nr_srcu + init->value];
		srcu_init(domain);
		return (long)domain;
	default:
		return init->value;
	}
}

static void cell_write(char *p, unsigned int bytes, long value)
{
	switch (bytes) {
	case 1:
		*(u8 *)p = value;
		break;
	case 2:
		*(u16 *)p = value;
		break;
	case 4:
		*(u32 *)p = value;
		break;
	default:
		*(u64 *)p = value;
	}
}

static long cell_read(const char *p, unsigned int bytes, bool is_unsigned)
{
	switch (bytes) {
	case 1:
		return is_unsigned ? (long)*(const u8 *)p : *(const s8 *)p;
	case 2:
		return is_unsigned ? (long)*(const u16 *)p : *(const s16 *)p;
	case 4:
		return is_unsigned ? (long)*(const u32 *)p : *(const s32 *)p;
	default:
		return *(const s64 *)p;
	}
}

void litmus_words_reset(const struct litmus_instances *in, unsigned long first, unsigned long end)
{
	const struct litmus_test *lt = in->test;
	unsigned long i, v, n;

	for (v = 0; v < in->test->nr_vars; v++)
		for (i = first; i < end; i++)
			for (n = 0; n < lt->var[v].bytes; n += sizeof(u64))
				*(u64 *)(in->base[v] + i * in->stride + n) = 0;
	for (n = 0; n < lt->nr_inits; n++) {
		const struct litmus_init *init = &lt->init[n];

		for (i = first; i < end; i++)
			cell_write(in->base[init->var] + i * in->stride + init->offset, init->bytes,
				   first_value(in, init, i));
	}
}

/* ---- tally ---- */

/* Is @value the address of a cell of instance @i? @cell: its number; else how many there are. */
static bool find_cell(const struct litmus_instances *in, unsigned long i, long value,
		      unsigned long *cell)
{
	unsigned int v;

	*cell = 0;
	for (v = 0; v < in->test->nr_vars; v++) {
		const struct litmus_variable *var = &in->test->var[v];
		unsigned long off =
			(unsigned long)value - (unsigned long)(in->base[v] + i * in->stride);

		if (off < (unsigned long)var->cell * var->cells) {
			*cell += off / var->cell;
			return true;
		}
		*cell += var->cells;
	}
	return false;
}

static long raw_value(const struct litmus_instances *in, const struct litmus_field *f,
		      unsigned long i)
{
	const long *words = (const long *)in->out[f->thread];

	if (f->bytes)
		return cell_read(in->base[f->var] + i * in->stride + f->offset, f->bytes,
				 f->is_unsigned);
	return words[i * in->test->thread[f->thread].nr_regs + f->word];
}

static u64 field_of(const struct litmus_instances *in, const struct litmus_field *f,
		    unsigned long i)
{
	long max = litmus_field_max(f->width), value = raw_value(in, f, i);
	unsigned long cell = 0;

	/* Before its size is looked at: some addresses are small numbers. */
	if (f->address && find_cell(in, i, value, &cell))
		value = max - (long)cell;
	else if (value < -max || value > max - (long)cell)
		value = -max - 1;
	return ((u64)value & (~0ULL >> (64 - f->width))) << f->shift;
}

void litmus_words_tally(const struct litmus_instances *in, struct litmus_histogram *h,
			unsigned long first, unsigned long end)
{
	const struct litmus_test *lt = in->test;
	u64 last = 0, run = 0;
	unsigned long i;

	for (i = first; i < end; i++) {
		u64 key = 0;

		if (in->given_up[i]) {
			in->given_up[i] = 0;
			h->given_up++;
			continue;
		}
		for (unsigned int f = 0; f < lt->nr_fields; f++)
			key |= field_of(in, &lt->field[f], i);
		if (run && key != last) {
			litmus_histogram_add(h, last, run);
			run = 0;
		}
		last = key;
		run++;
	}
	if (run)
		litmus_histogram_add(h, last, run);
	litmus_words_reset(in, first, end);
}
