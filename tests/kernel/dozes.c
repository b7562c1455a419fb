/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who dozes, and whom a kick reaches: one or all of several, and one that woke up on another CPU;
 * when a wait dozes off, and what it does not do meanwhile.
 */
#include <arch/irq.h>
#include <kernel/clock.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <test/others.h>
#include <test/step.h>
#include <test/test.h>

#define LIMIT_NS  10000000000ULL /* of each wait here: a hang detector */
#define DOZE_SOON 1000		 /* ns */

static u32 over; /* 1: those who doze for it may end; lockless, a flag */

static void doze(void *unused)
{
	spin_until_on("the end of dozes", &over, READ_ONCE(over));
}

static void dozes_end(void)
{
	WRITE_ONCE(over, 1);
	spin_kick_all(&over);
}

/* In time: do all CPUs of @mask doze? */
static bool they_doze(cpumask_t mask)
{
	struct patience patience;

	patience_begin(&patience, LIMIT_NS, 0);
	return spin_until_awake_or("dozes", (spin_dozers() & mask) == mask,
				   patience_is_over(&patience));
}

/* ---- one, or all ---- */

#define KICKS	  6
#define MOSTLY	  (KICKS / 2)
#define KICKS_MAX 30
#define TWO	  6ULL /* CPUs 1 and 2 */

static void kick_one(void)
{
	spin_kick(&over);
}

static void kick_all(void)
{
	spin_kick_all(&over);
}

/* Both of TWO doze and are kicked: were both interrupted, by when they have ticked? */
static bool kick_reaches_both(struct test *t, void (*kick)(void))
{
	unsigned long one, two;
	struct others o;

	EXPECT(t, they_doze(TWO));
	one = READ_ONCE(per_cpu(ipi_count, 1));
	two = READ_ONCE(per_cpu(ipi_count, 2));
	kick();
	others_begin(&o);
	spin_until_awake("the others", others_lived(&o));
	return READ_ONCE(per_cpu(ipi_count, 1)) != one && READ_ONCE(per_cpu(ipi_count, 2)) != two;
}

/* How many of so many kicks reach both; no more than half of KICKS need be known. */
static unsigned int kicks_of_both(struct test *t, void (*kick)(void), unsigned int kicks)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < kicks && n < MOSTLY && !t->failures; i++)
		n += kick_reaches_both(t, kick);
	return n;
}

static void test_kick_one_or_all(struct test *t)
{
	unsigned int cpu, n;

	over = 0;
	spin_wait_pretend(true, DOZE_SOON);
	others_hurry();
	for_each_cpu_in(cpu, TWO)
		cpu_work_start(cpu, doze, NULL);
	/* A tick may wake one just before, or both be interrupted for something else. */
	n = kicks_of_both(t, kick_one, KICKS);
	EXPECT_MSG(t, n < MOSTLY, "%u of %d kicks of one reached two", n, KICKS);
	n = kicks_of_both(t, kick_all, KICKS_MAX);
	EXPECT_MSG(t, n == MOSTLY, "%u of %d kicks of all reached two", n, KICKS_MAX);
	dozes_end();
	for_each_cpu_in(cpu, TWO)
		cpu_work_wait(cpu);
	others_hurry_end();
	spin_wait_pretend(false, 0);
}
TEST(kernel, kick_one_or_all, TEST_ASSERT, test_kick_one_or_all, .min_cpus = 3);

/* ---- a doze that ends elsewhere ---- */

struct hog {
	u32 begun, over;
};

static void hog_run(void *arg)
{
	struct hog *h = arg;

	preempt_disable();
	WRITE_ONCE(h->begun, 1);
	spin_until("the hog's end", READ_ONCE(h->over));
	preempt_enable();
}

static void nothing(void *unused)
{
}

/* CPU 2 becomes idle again and again, and so looks for what waits elsewhere, until it has @task. */
static bool taken_by_cpu2(const struct task_struct *task)
{
	struct patience patience;

	patience_begin(&patience, LIMIT_NS, 0);
	while (READ_ONCE(task->cpu) != 2 && !patience_is_over(&patience)) {
		cpu_work_start(2, nothing, NULL);
		cpu_work_wait(2);
	}
	return READ_ONCE(task->cpu) == 2;
}

/*
 * Who dozes on CPU 1 loses it to a hog and goes on on CPU 2: its doze is over where it began, and
 * nobody is left there to be kicked.
 */
static void test_doze_moves(struct test *t)
{
	struct task_struct *waiter, *hog;
	struct hog h = { 0 };

	over = 0;
	spin_wait_pretend(true, DOZE_SOON);
	waiter = thread_create("waiter", 1ULL << 1, doze, NULL);
	EXPECT(t, waiter && they_doze(1ULL << 1));
	hog = thread_create("hog", 1ULL << 1, hog_run, &h);
	if (EXPECT(t, waiter && hog)) {
		spin_until("the hog", READ_ONCE(h.begun));
		WRITE_ONCE(waiter->allowed, 1ULL << 1 | 1ULL << 2);
		EXPECT(t, taken_by_cpu2(waiter));
		EXPECT(t, they_doze(1ULL << 2));
	}
	WRITE_ONCE(h.over, 1);
	dozes_end();
	if (hog)
		thread_join(hog);
	if (waiter)
		thread_join(waiter);
	spin_wait_pretend(false, 0);
	EXPECT_MSG(t, !spin_dozers(), "CPUs %llx still doze", (unsigned long long)spin_dozers());
}
TEST(kernel, doze_moves, TEST_RACE, test_doze_moves, .min_cpus = 3);

/* ---- before, and meanwhile ---- */

static u32 gave_up_deaf; /* CPU 1's: looks whether to give up, with interrupts disabled */

static bool look_deaf(void)
{
	gave_up_deaf += arch_irqs_disabled();
	return false;
}

static void doze_and_look(void *unused)
{
	spin_until_on_or("the end of dozes", &over, READ_ONCE(over), look_deaf());
}

/* To give up is not looked at with interrupts disabled for the doze's sake. */
static void test_doze_give_up(struct test *t)
{
	struct others o;

	over = gave_up_deaf = 0;
	spin_wait_pretend(true, DOZE_SOON);
	cpu_work_start(1, doze_and_look, NULL);
	EXPECT(t, they_doze(1ULL << 1));
	others_begin(&o);
	spin_until_awake("the others", others_lived(&o));
	dozes_end();
	cpu_work_wait(1);
	spin_wait_pretend(false, 0);
	EXPECT_MSG(t, !gave_up_deaf, "%u looks with interrupts disabled", gave_up_deaf);
}
TEST(kernel, doze_give_up, TEST_ASSERT, test_doze_give_up, .min_cpus = 2);

#define LATE_NS	    5000000ULL
#define TOO_LATE_NS 500000000ULL
#define TRIES	    3

static u64 dozed_at; /* CPU 1's: when it dozed first; 0: not yet */

static bool look_at_doze(void)
{
	if (!dozed_at && spin_dozers() & 1ULL << 1)
		dozed_at = clock_ns();
	return READ_ONCE(over);
}

static void doze_and_note(void *since)
{
	*(u64 *)since = clock_ns();
	spin_until_on("the end of dozes", &over, look_at_doze());
}

/* How long CPU 1 waits before it dozes. */
static u64 awake_ns(struct test *t)
{
	u64 since = 0;

	over = dozed_at = 0;
	cpu_work_start(1, doze_and_note, &since);
	EXPECT(t, they_doze(1ULL << 1));
	dozes_end();
	cpu_work_wait(1);
	return dozed_at - since;
}

/* A wait dozes when it has lasted, if the CPUs are too many, and not before: as at boot, again. */
static void test_doze_when(struct test *t)
{
	bool too_many = smp_nr_online() > cpus_at_once();
	u64 ns;

	EXPECT_MSG(t, spin_overcommitted == too_many, "%u CPUs, %u can run at once",
		   smp_nr_online(), cpus_at_once());
	spin_wait_pretend(true, LATE_NS);
	ns = awake_ns(t);
	EXPECT_MSG(t, ns >= LATE_NS, "it dozed after %llu ns", (unsigned long long)ns);
	spin_wait_pretend(true, 10 * TOO_LATE_NS);
	spin_wait_pretend(!too_many, 0);
	EXPECT(t, spin_overcommitted == too_many);
	ns = too_many ? TOO_LATE_NS : 0;
	for (int i = 0; i < TRIES && ns >= TOO_LATE_NS && !t->failures; i++)
		ns = awake_ns(t);
	EXPECT_MSG(t, ns < TOO_LATE_NS, "it dozed after %llu ns", (unsigned long long)ns);
}
TEST(kernel, doze_when, TEST_ASSERT, test_doze_when, .min_cpus = 2);
