/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the perpetual forms of litmus tests are made of: finding iterations that belong together,
 * and judging registers in such a frame (tests/litmus/perpetual_gen.py says how). Any context; the
 * words are no longer written to.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#define LITMUS_TALLY(name) \
	static void name(u64 *const *out, unsigned long n, u32 *hist, unsigned long first, \
			 unsigned long end)

/* Registers of an iteration: a value is the number of the iteration that stored it, plus 1. */
static inline u32 perpetual_reg(u64 word, unsigned int r)
{
	return word >> 32 * r;
}

/* The iteration that stored @value; the first, where it is the initial one. */
static inline unsigned long perpetual_writer(u32 value, unsigned long n)
{
	return MIN(value - (unsigned long)(value != 0), n - 1);
}

/* The first iteration whose store comes after @value; the last, where there is none. */
static inline unsigned long perpetual_unseen(u32 value, unsigned long n)
{
	return MIN((unsigned long)value, n - 1);
}

/* The first iteration whose register @r has at least @want; from @at, since it is mostly near. */
static inline unsigned long perpetual_seek(const u64 *out, unsigned int r, unsigned long n,
					   unsigned long at, unsigned long want)
{
	while (at < n - 1 && perpetual_reg(out[at], r) < want)
		at++;
	while (at > 0 && perpetual_reg(out[at - 1], r) >= want)
		at--;
	return at;
}

/* A register in a frame, @n being its writer's iteration. 0: before its store, 1: its, 2: later. */
static inline unsigned int perpetual_field(u32 value, unsigned long n)
{
	return (value > n) + (value > n + 1);
}
