/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the sanitizers of SAN= find without a trap is the end of the run. By name only, one a boot;
 * tests/host/hosted/rules.mk looks at what they say.
 */
#include <kernel/smp.h>
#include <lib/compiler.h>
#include <test/test.h>

#if defined(CONFIG_ASAN) && defined(CONFIG_UBSAN)

static u8 self_bytes[13];

static noinline u8 self_read_beyond(size_t i)
{
	const u8 *p = self_bytes;

	OPTIMIZER_HIDE_VAR(p);
	return READ_ONCE(p[i]);
}

static void self_address(struct test *t)
{
	EXPECT(t, !self_read_beyond(sizeof(self_bytes) - 1));
	EXPECT(t, !self_read_beyond(sizeof(self_bytes)));
}

static noinline u32 self_shift(u32 n)
{
	OPTIMIZER_HIDE_VAR(n);
	return 1U << n;
}

static void self_undefined(struct test *t)
{
	EXPECT(t, self_shift(31));
	EXPECT(t, self_shift(32));
}

static void self_unreachable(struct test *t)
{
	u32 n = smp_nr_online();

	EXPECT(t, n);
	OPTIMIZER_HIDE_VAR(n);
	if (n)
		__builtin_unreachable();
}

#else

static void self_no_sanitizers(struct test *t)
{
	test_skip(t, "not built with SAN=address,undefined");
}
#define self_address	 self_no_sanitizers
#define self_undefined	 self_no_sanitizers
#define self_unreachable self_no_sanitizers

#endif

TEST(self, san_address, TEST_ASSERT, self_address, .flags = TEST_MANUAL);
TEST(self, san_undefined, TEST_ASSERT, self_undefined, .flags = TEST_MANUAL);
TEST(self, san_unreachable, TEST_ASSERT, self_unreachable, .flags = TEST_MANUAL);
