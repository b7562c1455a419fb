/* SPDX-License-Identifier: GPL-2.0-only */
/* Symbols and unwinding: a backtrace names the functions that were really called. */
#include <arch/trap.h>
#include <kernel/panic.h>
#include <lib/string.h>
#include <test/test.h>

#define DEPTH 8

static const char *names[DEPTH];

static noinline void note_callers(void)
{
	struct unwind u;

	arch_unwind_start(&u, NULL);
	for (int i = 0; i < DEPTH; i++) {
		names[i] = ksym_lookup(u.pc, NULL, NULL);
		if (!arch_unwind_step(&u))
			break;
	}
	barrier();
}

static noinline void backtrace_inner(void)
{
	note_callers();
	barrier();
}

static noinline void backtrace_outer(void)
{
	backtrace_inner();
	barrier();
}

static int position_of(const char *name)
{
	for (int i = 0; i < DEPTH; i++)
		if (names[i] && !strcmp(names[i], name))
			return i;
	return -1;
}

static void test_backtrace(struct test *t)
{
	int inner, outer;

	memset(names, 0, sizeof(names));
	backtrace_outer();
	inner = position_of("backtrace_inner");
	outer = position_of("backtrace_outer");
	EXPECT_MSG(t, inner >= 0 && outer == inner + 1, "inner at %d, outer at %d", inner, outer);
	EXPECT_MSG(t, position_of("test_backtrace") == outer + 1, "test at %d",
		   position_of("test_backtrace"));
	EXPECT(t, position_of("no_such_function") < 0);
}
TEST(kernel, backtrace, TEST_ASSERT, test_backtrace);

static void test_symbols(struct test *t)
{
	unsigned long addr = ksym_find("backtrace_outer");
	unsigned long off, size;
	const char *name;

	EXPECT(t, addr != 0);
	EXPECT(t, ksym_find("no_such_function") == 0);
	name = ksym_lookup(addr + 1, &off, &size);
	EXPECT_MSG(t, name && !strcmp(name, "backtrace_outer"), "%s", name ? name : "none");
	EXPECT(t, off == 1 && size > 1);
	EXPECT(t, ksym_lookup(0, NULL, NULL) == NULL);
	EXPECT(t, ksym_lookup(~0UL, NULL, NULL) == NULL);
}
TEST(kernel, symbols, TEST_ASSERT, test_symbols);
