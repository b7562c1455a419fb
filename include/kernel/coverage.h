/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What code a thread has run (SAN=coverage): the compiler calls a function in each basic block, and
 * that counts. For fuzzers, which keep the inputs that reach something new. Other builds count
 * nothing.
 */
#pragma once

#include <lib/types.h>

/*
 * From now on count what this thread does, and the interrupts that it takes, in @map: a byte for
 * each place, which stays at 255; places are spread over the @size bytes, a power of two. One
 * thread at a time; to its end, or coverage_end().
 */
#ifdef CONFIG_COVERAGE
void coverage_begin(u8 *map, size_t size);
void coverage_end(void);
#else
static inline void coverage_begin(u8 *map, size_t size)
{
}
static inline void coverage_end(void)
{
}
#endif
