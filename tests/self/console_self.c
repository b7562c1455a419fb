/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The console while several CPUs want it, one dies with it, or an emergency begins. They run only
 * by name, one a boot; the host tool's selftest looks at what was printed.
 */
#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <test/balance.h>
#include <test/test.h>

#define BUSY_LINES   40
#define BUSY_WAIT_NS 2000000ULL

#ifdef CONFIG_DEBUG
static u32 busy_wants; /* how often a CPU has come to want the console; atomic */

/* Who has the console keeps it until another wants it. */
static void self_be_wanted(enum printk_stage stage)
{
	u32 wants = READ_ONCE(busy_wants);
	struct patience patience;

	if (stage == PRINTK_BEFORE_LOCK) {
		fetch_add(&busy_wants, 1);
		return;
	}
	patience_begin(&patience, BUSY_WAIT_NS, 0);
	spin_until_or("who wants the console", READ_ONCE(busy_wants) != wants,
		      patience_is_over(&patience));
}

static void self_console_hook(void (*fn)(enum printk_stage stage))
{
	WRITE_ONCE(printk_test_hook, fn);
}
#else
#define self_be_wanted NULL
static void self_console_hook(void *none)
{
}
#endif

static void self_print_lines(unsigned int cpu, void *arg)
{
	for (unsigned int i = 0; i < BUSY_LINES; i++)
		printk("self line %u of cpu %u, whole\n", i, cpu);
}

/* All CPUs want the console at once: each line comes, once and whole. The host counts. */
static void self_console_busy(struct test *t)
{
	self_console_hook(self_be_wanted);
	test_on_cpus(0, self_print_lines, NULL);
	self_console_hook(NULL);
	EXPECT(t, smp_nr_online() > 0);
}
TEST(self, console_busy, TEST_ASSERT, self_console_busy, .flags = TEST_MANUAL);

#ifdef CONFIG_DEBUG
static u32 console_dead;

static void self_chatter(void *arg)
{
	for (;;)
		printk("self chatter%s\n", READ_ONCE(console_dead) ? " in the report" : "");
}

static void self_die_with_console(enum printk_stage stage)
{
	if (stage != PRINTK_LOCKED || smp_processor_id() != 1)
		return;
	clock_delay_ns(50000000); /* so long that the others wait for it */
	WRITE_ONCE(console_dead, 1);
	panic("on purpose, with the console");
}

static void self_print_one(void *arg)
{
	printk("self line that is cut\n");
}

/*
 * A CPU dies in the midst of a line, while others wait for the console: they do not wait for ever,
 * but say what they do when they are asked, and nothing else.
 */
static void self_console_dies(struct test *t)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask() & ~3ULL)
		cpu_work_start(cpu, self_chatter, NULL);
	printk_test_hook = self_die_with_console;
	cpu_work_start(1, self_print_one, NULL);
	cpu_work_wait(1);
}
TEST(self, console_dies, TEST_ASSERT, self_console_dies, .flags = TEST_MANUAL, .min_cpus = 3);

static u32 midst_state; /* 1: CPU 1 has the console */

static void self_keep_console(enum printk_stage stage)
{
	struct patience patience;

	if (stage != PRINTK_LOCKED || smp_processor_id() != 1)
		return;
	WRITE_ONCE(midst_state, 1);
	patience_begin(&patience, 50000000, 0); /* for less than others wait for the line */
	spin_until_awake_or("time to pass", false, patience_is_over(&patience));
}

static void self_print_midst(void *unused)
{
	printk("self line that is ended\n");
	spin_until("the end of the run", false);
}

/* An emergency begins in the midst of another CPU's line: it lets that come to its end. */
static void self_console_midst(struct test *t)
{
	printk_test_hook = self_keep_console;
	cpu_work_start(1, self_print_midst, NULL);
	spin_until("a line under way", READ_ONCE(midst_state));
	panic("on purpose, in the midst of a line");
}
TEST(self, console_midst, TEST_ASSERT, self_console_midst, .flags = TEST_MANUAL, .min_cpus = 2);

static u32 late_state; /* 1: CPU 1 is about to take the console; 2: it may; 3: it has returned */

static void self_be_late(enum printk_stage stage)
{
	if (stage != PRINTK_BEFORE_LOCK || smp_processor_id() != 1)
		return;
	WRITE_ONCE(late_state, 1);
	spin_until("the emergency", READ_ONCE(late_state) != 1);
}

static void self_print_late(void *arg)
{
	printk("self line that is too late\n");
	WRITE_ONCE(late_state, 3);
	spin_until("the end of the run", false);
}

static void self_let_it_print(const void *arg)
{
	WRITE_ONCE(late_state, 2);
	spin_until("the late line", READ_ONCE(late_state) == 3);
}

/* An emergency begins between a CPU's look and its taking the console: it prints nothing. */
static void self_console_late(struct test *t)
{
	printk_test_hook = self_be_late;
	cpu_work_start(1, self_print_late, NULL);
	spin_until("a line under way", READ_ONCE(late_state) == 1);
	panic_with(self_let_it_print, NULL, "on purpose, with a line under way");
}
TEST(self, console_late, TEST_ASSERT, self_console_late, .flags = TEST_MANUAL, .min_cpus = 2);
#endif
