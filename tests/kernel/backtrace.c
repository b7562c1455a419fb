/* SPDX-License-Identifier: GPL-2.0-only */
/* Symbols and unwinding: a backtrace names the functions that were really called. */
#include <arch/trap.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
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

/* A sleeping thread's backtrace says where it sleeps. */
struct long_sleep {
	struct wait_queue q;
	u32 over;
};

static void sleep_long(void *arg)
{
	struct long_sleep *l = arg;

	wait_event(&l->q, READ_ONCE(l->over));
}

static bool is_in(unsigned long ra, const char *name)
{
	unsigned long off = 0;

	return ksym_lookup(ra - 1, &off, NULL) && ra - 1 - off == ksym_find(name);
}

static void test_sleeping_backtrace(struct test *t)
{
	struct long_sleep l = { .over = 0 };
	struct task_struct *task;
	struct unwind u;
	bool found = false;

	wait_queue_init(&l.q, "sleep_long");
	task = thread_create("sleep_long", ~0ULL, sleep_long, &l);
	if (!EXPECT(t, task != NULL))
		return;
	while (READ_ONCE(task->on_rq) || READ_ONCE(task->on_cpu) || list_empty(&l.q.waiters))
		yield();
	arch_unwind_sleeping(&u, task->sp);
	for (int i = 0; i < 8 && !found; i++) {
		found = is_in(u.pc, "sleep_long");
		if (!arch_unwind_step(&u))
			break;
	}
	EXPECT(t, found);
	EXPECT(t, stack_contains(task->sp, 8));
	WRITE_ONCE(l.over, 1);
	wake_up_all(&l.q);
	thread_join(task);
}
TEST(threads, sleeping_backtrace, TEST_ASSERT, test_sleeping_backtrace);
