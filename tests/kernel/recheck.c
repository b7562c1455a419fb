/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Who comes to sleep for a lock when its holder leaves gets it: each of the two is stopped where
 * the other could miss it (see the heads of kernel/rwsem.c, kernel/mutex.c and mm/page_lock.c).
 *
 *	who comes			who leaves
 *	it is held
 *	(rwsem.wait) ...		nobody waits: wakes nobody
 *	onto the queue; look again
 */
#include <arch/atomic.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/sync_point.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>
#include <test/step.h>
#include <test/test.h>

#define MS	  1000000ULL
#define COMER_CPU 1

static struct {
	struct mutex mutex;
	struct rw_semaphore sem;
	struct wait_queue q;
	u32 cond;
	struct page *page;
	struct task_struct *comer;
	u32 at_point, left, got; /* steps: the last one of who came */
} meeting;

/* At the point of who comes: until the holder has left. */
static void comer_stops(const void *obj)
{
	if (READ_ONCE(meeting.at_point))
		return;
	step_to(&meeting.at_point, 1);
	step_wait_for("who leaves", &meeting.left, 1, 2000 * MS);
}

/* At the point of who leaves the page: until who comes sleeps. */
static void leaver_stops(const void *obj)
{
	struct patience patience;

	if (READ_ONCE(meeting.at_point))
		return;
	meeting.at_point = 1;
	thread_start(meeting.comer);
	patience_begin(&patience, 2000 * MS, 0);
	spin_until_awake_or("the comer's sleep",
			    READ_ONCE(meeting.comer->state) == TASK_UNINTERRUPTIBLE &&
				    !READ_ONCE(meeting.comer->on_rq),
			    patience_is_over(&patience));
}

/* ---- the locks ---- */

static void read_sem(void)
{
	down_read(&meeting.sem);
	up_read(&meeting.sem);
}

static void write_sem(void)
{
	down_write(&meeting.sem);
	up_write(&meeting.sem);
}

static void hold_read(void)
{
	down_read(&meeting.sem);
}

static void leave_read(void)
{
	up_read(&meeting.sem);
}

static void hold_write(void)
{
	down_write(&meeting.sem);
}

static void leave_write(void)
{
	up_write(&meeting.sem);
}

static void take_mutex(void)
{
	mutex_lock(&meeting.mutex);
	mutex_unlock(&meeting.mutex);
}

static void hold_mutex(void)
{
	mutex_lock(&meeting.mutex);
}

static void leave_mutex(void)
{
	mutex_unlock(&meeting.mutex);
}

static void take_page(void)
{
	lock_page(meeting.page);
	unlock_page(meeting.page);
}

static void wait_page(void)
{
	wait_on_page_locked(meeting.page);
}

static void hold_page(void)
{
	lock_page(meeting.page);
}

static void leave_page(void)
{
	unlock_page(meeting.page);
}

static void wait_cond(void)
{
	wait_event(&meeting.q, READ_ONCE(meeting.cond));
}

static void hold_cond(void)
{
	meeting.cond = 0;
}

static void leave_cond(void)
{
	WRITE_ONCE(meeting.cond, 1);
	wake_up_all(&meeting.q);
}

static const struct way {
	const char *name;
	void (*hold)(void), (*leave)(void); /* who was there */
	void (*come)(void);
	const char *at; /* where who comes is stopped; NULL: who leaves is */
} ways[] = {
	{ "down_write() after up_read()", hold_read, leave_read, write_sem, "rwsem.wait" },
	{ "down_write() after up_write()", hold_write, leave_write, write_sem, "rwsem.wait" },
	{ "down_read() after up_write()", hold_write, leave_write, read_sem, "rwsem.wait" },
	{ "mutex_lock()", hold_mutex, leave_mutex, take_mutex, "mutex.lock" },
	{ "wait_event()", hold_cond, leave_cond, wait_cond, "wait.prepare" },
	{ "lock_page()", hold_page, leave_page, take_page, NULL },
	{ "wait_on_page_locked()", hold_page, leave_page, wait_page, NULL },
};

static void comer_run(void *arg)
{
	const struct way *w = arg;

	w->come();
	step_to(&meeting.got, 1);
}

static void leave(const struct way *w)
{
	w->leave();
	step_to(&meeting.left, 1);
}

/* False: who came sleeps for good. */
static bool meet(struct test *t, const struct way *w)
{
	struct sync_rule rule = { .at = w->at ? w->at : "page.unlock",
				  .cpu = w->at ? COMER_CPU : 0,
				  .call = w->at ? comer_stops : leaver_stops };
	bool got;

	meeting.at_point = meeting.left = meeting.got = 0;
	meeting.comer = thread_prepare("comer", 1ULL << COMER_CPU, comer_run, (void *)w);
	if (!EXPECT(t, meeting.comer != NULL))
		return true;
	w->hold();
	sync_rules_arm(&rule, 1, 1);
	if (w->at) {
		thread_start(meeting.comer);
		EXPECT_MSG(t, step_wait_for("the comer", &meeting.at_point, 1, 2000 * MS),
			   "%s: it never came to %s", w->name, w->at);
	}
	leave(w);
	got = step_wait_for("the comer to have it", &meeting.got, 1, 3000 * MS);
	sync_rules_disarm();
	if (EXPECT_MSG(t, got, "%s: it is free, and who came for it sleeps", w->name))
		thread_join(meeting.comer);
	return got;
}

static void test_recheck(struct test *t)
{
	bool goes_on = true;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync points");
		return;
	}
	mutex_init(&meeting.mutex, "recheck");
	init_rwsem(&meeting.sem, "recheck");
	wait_queue_init(&meeting.q, "recheck");
	meeting.page = alloc_page(GFP_KERNEL);
	if (!EXPECT(t, meeting.page != NULL))
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(ways) && goes_on; i++)
		goes_on = meet(t, &ways[i]);
	if (goes_on)
		put_page(meeting.page);
}
TEST(threads, recheck, TEST_RACE, test_recheck, .min_cpus = 2);
