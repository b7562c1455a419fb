/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The order of locks that sleep, and of interrupts and calls with spinlocks: each circle is closed
 * on purpose, by one thread, so that nobody can meet in it; and what sleeping locks are not held
 * that should be, or the other way round. What is in order is remembered for ever, so each test has
 * locks of its own. See detectors.c, and kernel/debug/lock_order.c for the circles.
 */
#include <kernel/detect.h>
#include <kernel/smp.h>
#include <kernel/wait.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>

#include "detectors.h"

#ifdef CONFIG_DEBUG

/* ---- sleeping locks among themselves ---- */

static void test_mutexes(struct test *t)
{
	static struct mutex a, b;

	mutex_init(&a, "order_mutex_a");
	mutex_init(&b, "order_mutex_b");
	EXPECT(t, lock_class_sleeping(&a.lock) != lock_class(&a.lock));
	trap_begin();
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	EXPECT(t, !detect_trapped());
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
	trap_end(t, DETECT_LOCK_ORDER, "order_mutex_a is taken under order_mutex_b");
	EXPECT(t, trap.count == 1);
}
TEST(detect, order_mutexes, TEST_ASSERT, test_mutexes);

/* A circle of three kinds, each step right for itself: mutex, semaphore, page. */
static void test_kinds(struct test *t)
{
	static struct mutex m;
	static struct rw_semaphore s;
	struct page *page = alloc_page(GFP_KERNEL);

	if (!EXPECT(t, page != NULL))
		return;
	mutex_init(&m, "order_inner");
	init_rwsem(&s, "order_outer");
	trap_begin();
	down_write(&s);
	lock_page(page);
	unlock_page(page);
	up_write(&s);
	lock_page(page);
	mutex_lock(&m);
	mutex_unlock(&m);
	unlock_page(page);
	EXPECT(t, !detect_trapped());
	mutex_lock(&m);
	down_read(&s);
	up_read(&s);
	mutex_unlock(&m);
	trap_end(t, DETECT_LOCK_ORDER, "order_outer is taken under order_inner");
	__free_page(page);
}
TEST(detect, order_kinds, TEST_ASSERT, test_kinds);

/* Who only tries waits for nobody: no order; but what is had so is held, when another is taken. */
static void test_tries(struct test *t)
{
	static struct mutex a, b;

	mutex_init(&a, "order_try_a");
	mutex_init(&b, "order_try_b");
	trap_begin();
	mutex_lock(&a);
	EXPECT(t, mutex_trylock(&b));
	mutex_unlock(&b);
	mutex_unlock(&a);
	EXPECT(t, mutex_trylock(&b));
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
	EXPECT(t, !detect_trapped());
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	trap_end(t, DETECT_LOCK_ORDER, "order_try_b is taken under order_try_a");
}
TEST(detect, order_tries, TEST_ASSERT, test_tries);

/* Out of their order released, what is left is what is held. */
static void test_release_order(struct test *t)
{
	static struct mutex a, b, c;

	mutex_init(&a, "order_release_a");
	mutex_init(&b, "order_release_b");
	mutex_init(&c, "order_release_c");
	trap_begin();
	mutex_lock(&a);
	EXPECT(t, mutex_trylock(&b)); /* no order of a and b */
	mutex_unlock(&a);
	mutex_lock(&c); /* b before c, and not a before c */
	mutex_unlock(&b);
	mutex_unlock(&c);
	mutex_lock(&c);
	mutex_lock(&a);
	mutex_unlock(&a);
	EXPECT(t, !detect_trapped());
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&c);
	trap_end(t, DETECT_LOCK_ORDER, "order_release_b is taken under order_release_c");
}
TEST(detect, order_release, TEST_ASSERT, test_release_order);

/* ---- a sleeping lock that the thread has already, or has not ---- */

static void test_twice(struct test *t)
{
	static struct mutex m;
	static struct rw_semaphore s;
	struct page *page = alloc_page(GFP_KERNEL);

	if (!EXPECT(t, page != NULL))
		return;
	mutex_init(&m, "twice_mutex");
	init_rwsem(&s, "twice_sem");
	trap_begin();
	mutex_lock(&m);
	mutex_lock(&m);
	mutex_unlock(&m);
	EXPECT(t, mutex_is_mine(&m));
	mutex_unlock(&m);
	EXPECT(t, !mutex_is_mine(&m));
	trap_end(t, DETECT_SELF_DEADLOCK, "twice_mutex is already held by thread");

	trap_begin();
	down_read(&s);
	down_read(&s);
	up_read(&s);
	down_write(&s);
	up_write(&s);
	EXPECT(t, rwsem_is_locked(&s) && trap.count == 2);
	up_read(&s);
	EXPECT(t, !rwsem_is_locked(&s));
	trap_end(t, DETECT_SELF_DEADLOCK, "twice_sem is already held by thread");

	trap_begin();
	lock_page(page);
	lock_page(page);
	unlock_page(page);
	unlock_page(page);
	trap_end(t, DETECT_SELF_DEADLOCK, "page_lock is already held by thread");
	__free_page(page);
}
TEST(detect, sleeping_twice, TEST_ASSERT, test_twice);

static void test_not_held(struct test *t)
{
	static struct rw_semaphore s;
	struct page *page = alloc_page(GFP_KERNEL);

	if (!EXPECT(t, page != NULL))
		return;
	init_rwsem(&s, "not_held_sem");
	trap_begin();
	up_read(&s);
	EXPECT(t, !rwsem_is_locked(&s));
	trap_end(t, DETECT_LOCK_STOLEN, "is released by thread*which has not taken it");
	trap_begin();
	unlock_page(page);
	trap_end(t, DETECT_LOCK_STOLEN, "is released by thread*which has not taken it");
	__free_page(page);
}
TEST(detect, sleeping_not_held, TEST_ASSERT, test_not_held);

static struct mutex kept;

static void keeps_mutex(void *unused)
{
	mutex_lock(&kept);
}

static void test_kept(struct test *t)
{
	struct task_struct *task;

	mutex_init(&kept, "kept");
	trap_begin();
	task = thread_create("keeper", ~0ULL, keeps_mutex, NULL);
	if (EXPECT(t, task != NULL))
		thread_join(task);
	trap_end(t, DETECT_LOCK_LEAKED, "thread keeper ends with 1 sleeping locks held");
}
TEST(detect, sleeping_kept, TEST_ASSERT, test_kept);

/* ---- interrupts ---- */

static void take(void *l)
{
	spin_lock(l);
	spin_unlock(l);
}

/* On CPU 1, from an interrupt. */
static void take_in_interrupt(struct spinlock *l)
{
	smp_call_function_single(1, take, l, true);
}

static void take_irqs_off(struct spinlock *l)
{
	unsigned long flags = arch_irq_save();

	take(l);
	arch_irq_restore(flags);
}

/* With interrupts enabled here, and from one there: in either order. */
static void test_irq(struct test *t)
{
	static DEFINE_SPINLOCK(irq_first);
	static DEFINE_SPINLOCK(irq_last);

	trap_begin();
	take_irqs_off(&irq_first);
	take_in_interrupt(&irq_first);
	EXPECT(t, !detect_trapped());
	take(&irq_first);
	trap_end(t, DETECT_LOCK_ORDER, "irq_first is taken with interrupts enabled");
	trap_begin();
	take(&irq_last);
	EXPECT(t, !detect_trapped());
	take_in_interrupt(&irq_last);
	trap_end(t, DETECT_LOCK_ORDER, "irq_last is taken in an interrupt");
}
TEST(detect, order_irq, TEST_ASSERT, test_irq, .min_cpus = 2);

/* The lock of the interrupt is right for itself: but another is taken under it. */
static void test_irq_behind(struct test *t)
{
	static DEFINE_SPINLOCK(irq_taken);
	static DEFINE_SPINLOCK(irq_behind);
	unsigned long flags;

	trap_begin();
	take_in_interrupt(&irq_taken);
	flags = spin_lock_irqsave(&irq_taken);
	take(&irq_behind);
	spin_unlock_irqrestore(&irq_taken, flags);
	EXPECT(t, !detect_trapped());
	EXPECT(t, spin_trylock(&irq_behind)); /* holding is enough */
	spin_unlock(&irq_behind);
	trap_end(t, DETECT_LOCK_ORDER, "irq_behind is taken with interrupts enabled");
}
TEST(detect, order_irq_behind, TEST_ASSERT, test_irq_behind, .min_cpus = 2);

/* What the interrupted thread has does not wait for the interrupt's locks, nor the reverse. */
static void test_irq_sleeping(struct test *t)
{
	static DEFINE_SPINLOCK(irq_alone);
	static struct mutex m;

	mutex_init(&m, "interrupted");
	trap_begin();
	mutex_lock(&m);
	lock_irq_enter();
	take_irqs_off(&irq_alone);
	lock_irq_exit();
	mutex_unlock(&m);
	EXPECT(t, !lock_order_seen("interrupted", "irq_alone"));
	mutex_lock(&m);
	take_irqs_off(&irq_alone);
	mutex_unlock(&m);
	EXPECT(t, lock_order_seen("interrupted", "irq_alone"));
	EXPECT(t, !trap.count);
	detect_trap_clear();
}
TEST(detect, order_irq_sleeping, TEST_ASSERT, test_irq_sleeping);

/* ---- calls ---- */

static void nothing(void *unused)
{
}

static void call_under(struct spinlock *l)
{
	spin_lock(l);
	smp_call_function_many(0, nothing, NULL, true);
	spin_unlock(l);
}

/* Waited for with interrupts disabled here, and held while other CPUs are waited for there. */
static void test_call(struct test *t)
{
	static DEFINE_SPINLOCK(call_first);
	static DEFINE_SPINLOCK(call_last);

	trap_begin();
	take_irqs_off(&call_first);
	EXPECT(t, !detect_trapped());
	call_under(&call_first);
	trap_end(t, DETECT_LOCK_ORDER, "other CPUs are waited for under lock call_first");
	trap_begin();
	call_under(&call_last);
	take(&call_last);
	EXPECT(t, !detect_trapped());
	take_irqs_off(&call_last);
	trap_end(t, DETECT_LOCK_ORDER, "call_last is waited for with interrupts disabled");
}
TEST(detect, order_call, TEST_ASSERT, test_call);

#endif
