/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Memory that ends at an unmapped page; and proof that its guard works: a reader that trusts the
 * bytes (the busted twin of the parsers' string check) faults there, and the parsers do not.
 */
#include "guarded.h"

#include <kernel/panic.h>
#include <kernel/trap.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmap.h>

bool guarded_thorough;

u8 *guarded_top(struct test *t)
{
	static u8 *top; /* made once and kept; only CPU 0 runs these tests */

	BUILD_BUG_ON(GUARDED_MAX > KERNEL_STACK_SIZE);
	if (!top)
		top = stack_alloc();
	EXPECT(t, top != NULL);
	return top;
}

u8 *guarded_place(u8 *top, const void *bytes, size_t len)
{
	return memmove(top - len, bytes, len);
}

static void corrupt_word(struct rng *rng, u8 *p)
{
	static const u32 nasty[] = { 0,	 1,    2,	   3,	       4,	   9,
				     16, 0xff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };
	u32 v = nasty[rng_below(rng, ARRAY_SIZE(nasty))];

	/* In either byte order: device trees are big-endian, ACPI tables little-endian. */
	if (rng_below(rng, 2))
		for (unsigned int i = 0; i < 4; i++)
			p[i] = v >> (8 * i);
	else
		for (unsigned int i = 0; i < 4; i++)
			p[i] = v >> (24 - 8 * i);
}

static void corrupt_places(struct rng *rng, u8 *p, size_t len)
{
	unsigned int n = 1 + rng_below(rng, 6);

	while (n--) {
		size_t at = rng_below(rng, len);

		switch (rng_below(rng, 4)) {
		case 0:
			p[at] ^= 1 << rng_below(rng, 8);
			break;
		case 1:
			p[at] = rng_next(rng) >> 32;
			break;
		case 2:
			/* Add or subtract a little: lengths and offsets that are nearly right. */
			p[at] += (int)rng_below(rng, 9) - 4;
			break;
		default:
			at &= ~(size_t)3;
			if (len - at >= 4)
				corrupt_word(rng, p + at);
			break;
		}
	}
}

void guarded_corrupt(struct rng *rng, u8 *p, size_t len)
{
	static u8 before[GUARDED_MAX]; /* only CPU 0 runs these tests */

	memcpy(before, p, len);
	while (!memcmp(before, p, len))
		corrupt_places(rng, p, len);
}

u8 guarded_flip(struct rng *rng, u8 good)
{
	u64 how = rng_below(rng, 10);
	u8 bad = how == 8 ? 0xff : how == 9 ? 0 : good ^ 1 << how;

	return bad == good ? (u8)~good : bad;
}

/*
 * The broken twin of a bounded string length: it goes on until it finds a NUL, wherever that is.
 * Reads through probe_read(), so that its fault can be counted. -EFAULT when it ran into the guard.
 */
static int broken_string_length(const u8 *s)
{
	int n = 0, ret;
	u8 c = 1;

	for (;;) {
		ret = probe_read(s + n, &c);
		if (ret)
			return ret;
		if (!c)
			return n;
		n++;
	}
}

static void test_guard(struct test *t)
{
	u8 *top = guarded_top(t), *s;
	unsigned long faults;
	u8 c;

	if (!top)
		return;
	s = guarded_place(top, "serial", 7);
	EXPECT(t, broken_string_length(s) == 6);
	EXPECT(t, probe_read(top - 1, &c) == 0);

	/* Without its NUL, the broken reader must be caught at the very first byte behind. */
	s = guarded_place(top, "serial", 6);
	faults = this_cpu(last_fault).count;
	EXPECT(t, broken_string_length(s) == -EFAULT);
	EXPECT(t, this_cpu(last_fault).count == faults + 1);
	EXPECT(t, this_cpu(last_fault).access == FAULT_READ);
	EXPECT_MSG(t, this_cpu(last_fault).addr == (unsigned long)top, "fault at %lx, guard at %p",
		   this_cpu(last_fault).addr, top);

	/* The sound one stops at the bound, without a fault. */
	EXPECT(t, strnlen((const char *)s, 6) == 6);
	EXPECT(t, this_cpu(last_fault).count == faults + 1);
}
TEST(lib, guard_catches_overread, TEST_ASSERT, test_guard);
