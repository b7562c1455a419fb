/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The undefined-behaviour sanitizer sees each kind of it that the compiler asks about: done rightly
 * first, then wrongly, under a trap. Other builds skip. What cannot be gone on from after its
 * report, as what is unreachable: tests/self/sanitizer_self.c.
 */
#include <lib/compiler.h>
#include <lib/format.h>

#include "sanitizers.h"

#if defined(CONFIG_DEBUG) && defined(CONFIG_UBSAN)

static u8 table[2][13]; /* behind the first row lies memory that may be touched */

static void do_shift(unsigned long n)
{
	u32 bits = 1U << (u32)n;

	OPTIMIZER_HIDE_VAR(bits);
}

static void do_index(unsigned long n)
{
	u8 byte = table[0][n];

	OPTIMIZER_HIDE_VAR(byte);
}

/* The quotient is nobody's, so that the check alone remains: some ISAs trap. */
static void do_divide(unsigned long n)
{
	(void)(7 / (int)n);
}

static void do_divide_least(unsigned long n)
{
	int least = -2147483647 - 1;

	OPTIMIZER_HIDE_VAR(least);
	(void)(least / (int)n);
}

static void do_bool(unsigned long n)
{
	u8 byte = n;
	const bool *flag = (const bool *)&byte;
	u32 is = 0;

	OPTIMIZER_HIDE_VAR(flag);
	if (*flag)
		is = 1;
	OPTIMIZER_HIDE_VAR(is);
}

/* The count is nobody's: where no instruction counts, it would be a function of a library. */
static void do_count(unsigned long n)
{
	(void)__builtin_clz((u32)n);
}

struct pair {
	u64 first, second;
};

/* The address of a member alone: nothing is accessed. */
static void do_member(unsigned long n)
{
	struct pair *p = (struct pair *)n;
	u64 *second;

	OPTIMIZER_HIDE_VAR(p);
	second = &p->second;
	OPTIMIZER_HIDE_VAR(second);
}

/* Over the end of all addresses, from whichever half the table lies in. */
static void do_pointer(unsigned long n)
{
	u8 *p = table[0];

	if (n && (unsigned long)p >> 63)
		n--;
	OPTIMIZER_HIDE_VAR(n);
	OPTIMIZER_HIDE_VAR(p);
	p += n;
	OPTIMIZER_HIDE_VAR(p);
}

static noinline __attribute__((nonnull)) void take_pointer(const void *p)
{
	OPTIMIZER_HIDE_VAR(p);
}

static void do_argument(unsigned long n)
{
	OPTIMIZER_HIDE_VAR(n);
	take_pointer((const void *)n);
}

static noinline __attribute__((returns_nonnull)) void *give_pointer(unsigned long n)
{
	OPTIMIZER_HIDE_VAR(n);
	return (void *)n;
}

static void do_result(unsigned long n)
{
	void *p = give_pointer(n);

	OPTIMIZER_HIDE_VAR(p);
}

static const struct {
	void (*fn)(unsigned long n);
	unsigned long good, bad;
	const char *says;
} kinds[] = {
	{ do_shift, 31, 32, "shift by more than the type has bits" },
	{ do_index, 12, 13, "index out of bounds" },
	{ do_divide, 1, 0, "division by zero, or its result overflows" },
	{ do_divide_least, 1, -1UL, "division by zero, or its result overflows" },
	{ do_bool, 1, 2, "value that its type does not have" },
	{ do_count, 1, 0, "argument that a builtin does not take" },
	{ do_member, (unsigned long)table, 0, "access through a null pointer" },
	{ do_pointer, 0, 1UL << 63, "pointer wraps around" },
	{ do_argument, (unsigned long)table, 0, "null where an argument must not be" },
	{ do_result, (unsigned long)table, 0, "null where a result must not be" },
};

static void test_undefined(struct test *t)
{
	char says[96];

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds); i++) {
		san_begin();
		kinds[i].fn(kinds[i].good);
		EXPECT_MSG(t, !trap.count, "%s", trap.first.text);
		kinds[i].fn(kinds[i].bad);
		snprintf(says, sizeof(says), "%s at tests/kernel/", kinds[i].says);
		san_end(t, DETECT_UNDEFINED, says);
		EXPECT_MSG(t, trap.count == 1, "%s: %u reports", kinds[i].says, trap.count);
	}
}
TEST(san, undefined, TEST_ASSERT, test_undefined);

#else

static void test_no_undefined(struct test *t)
{
	test_skip(t, "not built with SAN=undefined, or without checks");
}
TEST(san, undefined_none, TEST_ASSERT, test_no_undefined);

#endif
