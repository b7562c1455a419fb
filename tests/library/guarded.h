/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Bytes that end at an unmapped page, for the tests of parsers: reading one byte too many is a
 * fault, not a silent success. And the random damage that both parsers' tests do.
 */
#pragma once

#include <lib/random.h>
#include <lib/types.h>
#include <test/test.h>

#define GUARDED_MAX 8192

/* End of the guarded memory, GUARDED_MAX bytes long; NULL, and the test failed, without memory. */
u8 *guarded_top(struct test *t);

/* Copy @len bytes so that they end at the guard page. Returns where they start. */
u8 *guarded_place(u8 *top, const void *bytes, size_t len);

/*
 * Overwrite a few places of [p, p + len): bits, bytes, 32-bit words; values that tend to hurt. It
 * is not what it was afterwards.
 */
void guarded_corrupt(struct rng *rng, u8 *p, size_t len);

/* Another byte in place of @good: all ones, zero, or one bit the other way. */
u8 guarded_flip(struct rng *rng, u8 good);

/*
 * False in the kernel, where emulation is slow and the console has better things to do; true in the
 * host's run of the same tests: read every damaged tree wholly, and hand it to fdt_scan_boot_info()
 * too, which prints its reasons.
 */
extern bool guarded_thorough;
