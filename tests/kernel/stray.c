/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every sleeper tests its condition again: a wake-up may be meant for another sleep of the thread's
 * (kernel/native/sched.c, head). Each way to sleep is waited in by a thread that others wake all
 * the time, and is over only when what it waits for has come.
 */
#include <arch/atomic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/spin_wait.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>
#include <test/test.h>

#define MS    1000000ULL
#define STRAY 20 /* so many wake-ups hit a sleeper, before what it waits for comes */

static struct {
	struct mutex mutex;
	struct rw_semaphore sem;
	struct wait_queue q;
	struct page *page;
	struct task_struct *joined;
	u32 over;   /* what the sleeper waits for has come */
	u32 early;  /* it went on before */
	u32 passed; /* it went on */
	u32 slept;
} stray;

/* ---- ways to sleep: until release() ---- */

static void by_mutex(void)
{
	mutex_lock(&stray.mutex);
	stray.early |= !READ_ONCE(stray.over);
	mutex_unlock(&stray.mutex);
}

static void by_read(void)
{
	down_read(&stray.sem);
	stray.early |= !READ_ONCE(stray.over);
	up_read(&stray.sem);
}

static void by_write(void)
{
	down_write(&stray.sem);
	stray.early |= !READ_ONCE(stray.over);
	up_write(&stray.sem);
}

static void by_page(void)
{
	lock_page(stray.page);
	stray.early |= !READ_ONCE(stray.over);
	unlock_page(stray.page);
}

static void by_page_wait(void)
{
	wait_on_page_locked(stray.page);
	stray.early |= !READ_ONCE(stray.over);
}

static void by_event(void)
{
	wait_event(&stray.q, READ_ONCE(stray.over));
	stray.early |= !READ_ONCE(stray.over);
}

static void by_join(void)
{
	thread_join(stray.joined);
	stray.early |= !READ_ONCE(stray.over);
}

static void by_synchronize(void)
{
	synchronize_rcu();
	stray.early |= !READ_ONCE(stray.over);
}

static void by_barrier(void)
{
	rcu_barrier();
	stray.early |= !READ_ONCE(stray.over);
}

static void by_sleep(void)
{
	u64 start = clock_ns();

	sleep_ns(30 * MS);
	stray.early |= clock_ns() - start < 30 * MS;
}

/* ---- who holds it up, and lets it go ---- */

static void hold_locks(void)
{
	mutex_lock(&stray.mutex);
	down_write(&stray.sem);
	lock_page(stray.page);
}

static void release_locks(void)
{
	WRITE_ONCE(stray.over, 1);
	mutex_unlock(&stray.mutex);
	up_write(&stray.sem);
	unlock_page(stray.page);
	wake_up_all(&stray.q);
}

static void joined_run(void *arg)
{
	while (!READ_ONCE(stray.over))
		sleep_ns(MS);
}

static void hold_join(void)
{
	stray.joined = thread_create("joined", ~0ULL, joined_run, NULL);
}

static void say_over(void)
{
	WRITE_ONCE(stray.over, 1);
}

static void hold_reader(void)
{
	rcu_read_lock();
}

static void release_reader(void)
{
	WRITE_ONCE(stray.over, 1);
	rcu_read_unlock();
}

static const struct way {
	const char *name;
	void (*sleep)(void);
	void (*hold)(void), (*release)(void);
} ways[] = {
	{ "mutex_lock()", by_mutex, hold_locks, release_locks },
	{ "down_read()", by_read, hold_locks, release_locks },
	{ "down_write()", by_write, hold_locks, release_locks },
	{ "lock_page()", by_page, hold_locks, release_locks },
	{ "wait_on_page_locked()", by_page_wait, hold_locks, release_locks },
	{ "wait_event()", by_event, hold_locks, release_locks },
	{ "thread_join()", by_join, hold_join, say_over },
	{ "synchronize_rcu()", by_synchronize, hold_reader, release_reader },
	{ "rcu_barrier()", by_barrier, hold_reader, release_reader },
	{ "sleep_ns()", by_sleep, hold_locks, release_locks },
};

static void sleeper_run(void *arg)
{
	const struct way *w = arg;

	w->sleep();
	WRITE_ONCE(stray.passed, 1);
}

/* Wake @task until it was found asleep often enough, or has gone on. */
static void pester(struct task_struct *task)
{
	struct patience patience;
	unsigned int hit = 0;

	patience_begin(&patience, 2000 * MS, 0);
	spin_until_awake_or("a thread that is woken for nothing",
			    READ_ONCE(stray.passed) || (hit += wake_up_process(task)) >= STRAY,
			    patience_is_over(&patience));
	stray.slept = hit;
}

static void stray_try(struct test *t, const struct way *w)
{
	struct task_struct *task;

	stray.over = stray.early = stray.passed = stray.slept = 0;
	/* Made before there is a reader, in which nobody may sleep. */
	task = thread_prepare("sleeper", smp_online_mask() & ~1ULL, sleeper_run, (void *)w);
	w->hold();
	if (task) {
		thread_start(task);
		pester(task);
	}
	w->release();
	if (!EXPECT(t, task != NULL))
		return;
	thread_join(task);
	EXPECT_MSG(t, !stray.early, "%s went on at a wake-up that was not meant for it", w->name);
	EXPECT_MSG(t, stray.slept, "%s was never found asleep", w->name);
}

static void test_stray_wakeups(struct test *t)
{
	memset(&stray, 0, sizeof(stray));
	mutex_init(&stray.mutex, "stray");
	init_rwsem(&stray.sem, "stray");
	wait_queue_init(&stray.q, "stray");
	stray.page = alloc_page(GFP_KERNEL);
	if (!EXPECT(t, stray.page != NULL))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++)
		stray_try(t, &ways[i]);
	put_page(stray.page);
}
TEST(threads, stray_wakeups, TEST_RACE, test_stray_wakeups, .min_cpus = 2);
