/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mutexes and reader-writer semaphores keep others out and let everybody in, in turn. Inside, the
 * threads give their CPU away on purpose, so that without the lock (the twins) they must collide,
 * on one CPU too.
 */
#include <arch/atomic.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/wait.h>
#include <test/test.h>

#define NR     6
#define ROUNDS 50

enum how { HOW_NONE, HOW_MUTEX, HOW_MUTEX_TRY, HOW_RWSEM, HOW_RWSEM_TRY, HOW_RWSEM_BLIND };

struct contest {
	enum how how;
	struct mutex mutex;
	struct rw_semaphore sem;
	u64 a, b; /* protected by what @how says: a == b outside of a writer */
	u64 torn; /* readers that saw a != b */
	u32 go;
};

static void lock_write(struct contest *c)
{
	if (c->how == HOW_MUTEX)
		mutex_lock(&c->mutex);
	else if (c->how == HOW_RWSEM || c->how == HOW_RWSEM_BLIND)
		down_write(&c->sem);
	else if (c->how == HOW_MUTEX_TRY)
		while (!mutex_trylock(&c->mutex))
			yield();
	else if (c->how == HOW_RWSEM_TRY)
		while (!down_write_trylock(&c->sem))
			yield();
}

static void unlock_write(struct contest *c)
{
	if (c->how == HOW_MUTEX || c->how == HOW_MUTEX_TRY)
		mutex_unlock(&c->mutex);
	else if (c->how != HOW_NONE)
		up_write(&c->sem);
}

static void write_rounds(void *arg)
{
	struct contest *c = arg;

	while (!READ_ONCE(c->go))
		yield();
	for (int i = 0; i < ROUNDS; i++) {
		u64 v;

		lock_write(c);
		v = READ_ONCE(c->a);
		yield();
		WRITE_ONCE(c->a, v + 1);
		yield();
		WRITE_ONCE(c->b, v + 1);
		unlock_write(c);
	}
}

static void lock_read(struct contest *c)
{
	if (c->how == HOW_RWSEM)
		down_read(&c->sem);
	else if (c->how == HOW_RWSEM_TRY)
		while (!down_read_trylock(&c->sem))
			yield();
	else if (c->how == HOW_RWSEM_BLIND) { /* in without a look at who is there */
		fetch_add_relaxed(&c->sem.count, RWSEM_READER);
		sleep_lock_taken(&c->sem, &c->sem.lock);
	}
}

static void read_rounds(void *arg)
{
	struct contest *c = arg;

	while (!READ_ONCE(c->go))
		yield();
	for (int i = 0; i < ROUNDS; i++) {
		lock_read(c);
		if (READ_ONCE(c->a) != READ_ONCE(c->b))
			fetch_add(&c->torn, 1);
		yield();
		if (c->how != HOW_NONE)
			up_read(&c->sem);
		yield();
	}
}

/*
 * No more CPUs than can run at once: the spinlock inside is fair, so each hand-over waits for a
 * certain CPU, which the host may have put aside.
 */
static cpumask_t contest_cpus(void)
{
	unsigned int n = MIN(smp_nr_online(), tests_racers());

	return smp_online_mask() & (n < NR_CPUS ? (1ULL << n) - 1 : ~0ULL);
}

/* Returns how many updates were lost. */
static u64 contest_hold(struct test *t, struct contest *c, enum how how, unsigned int readers)
{
	struct task_struct *task[NR];
	unsigned int started = 0;

	*c = (struct contest){ .how = how };
	mutex_init(&c->mutex, "contest");
	init_rwsem(&c->sem, "contest");
	for (unsigned int i = 0; i < NR; i++) {
		task[i] = thread_create("contest", contest_cpus(),
					i < readers ? read_rounds : write_rounds, c);
		started += EXPECT(t, task[i] != NULL)
		&&i >= readers;
	}
	WRITE_ONCE(c->go, 1);
	for (unsigned int i = 0; i < NR; i++)
		if (task[i])
			thread_join(task[i]);
	return (u64)started * ROUNDS - c->a;
}

static void test_mutex(struct test *t)
{
	static struct contest c;

	for (enum how how = HOW_MUTEX; how <= HOW_MUTEX_TRY; how++) {
		u64 lost = contest_hold(t, &c, how, 0);

		EXPECT_MSG(t, lost == 0 && c.a == c.b, "way %d lost %llu updates", how,
			   (unsigned long long)lost);
		EXPECT(t, !c.mutex.owner && list_empty(&c.mutex.waiters));
	}
}
TEST(threads, mutex, TEST_RACE, test_mutex);

static void test_rwsem(struct test *t)
{
	static struct contest c;

	for (enum how how = HOW_RWSEM; how <= HOW_RWSEM_TRY; how++) {
		u64 lost = contest_hold(t, &c, how, NR / 2);

		EXPECT_MSG(t, lost == 0 && c.a == c.b, "way %d lost %llu updates", how,
			   (unsigned long long)lost);
		EXPECT_MSG(t, c.torn == 0, "%llu times a reader met a writer",
			   (unsigned long long)c.torn);
		EXPECT(t, !c.sem.count && list_empty(&c.sem.waiters));
	}
}
TEST(threads, rwsem, TEST_RACE, test_rwsem);

/* The twin of both: without a lock updates are lost, and readers meet writers. */
static void test_unlocked_twin(struct test *t)
{
	static struct contest c;
	u64 lost = 0, torn = 0;

	for (int i = 0; i < 20 && !(lost && torn); i++) {
		lost += contest_hold(t, &c, HOW_NONE, NR / 2);
		torn += c.torn;
	}
	EXPECT_MSG(t, lost && torn, "%llu updates lost, %llu torn reads", (unsigned long long)lost,
		   (unsigned long long)torn);
}
TEST(threads, unlocked_twin, TEST_RACE, test_unlocked_twin);

/* The twin of the way in without a lock: readers who do not look whether somebody writes. */
static void test_rwsem_blind_twin(struct test *t)
{
	static struct contest c;
	u64 torn = 0;

	for (int i = 0; i < 20 && !torn; i++) {
		u64 lost = contest_hold(t, &c, HOW_RWSEM_BLIND, NR / 2);

		EXPECT_MSG(t, !lost, "writers, who look, lost %llu updates",
			   (unsigned long long)lost);
		torn += c.torn;
	}
	EXPECT_MSG(t, torn, "no reader met a writer");
	EXPECT(t, !c.sem.count && list_empty(&c.sem.waiters));
}
TEST(threads, rwsem_blind_twin, TEST_RACE, test_rwsem_blind_twin);

/* ---- the order of admission ---- */

struct arrival {
	struct contest *c;
	u32 *order; /* counts admissions */
	u32 place;  /* which it was, from 1 */
	bool reads;
	u32 may_leave;
};

static void arrive(void *arg)
{
	struct arrival *a = arg;

	if (a->c->how == HOW_MUTEX)
		mutex_lock(&a->c->mutex);
	else if (a->reads)
		down_read(&a->c->sem);
	else
		down_write(&a->c->sem);
	WRITE_ONCE(a->place, fetch_add(a->order, 1) + 1);
	while (!READ_ONCE(a->may_leave))
		sleep_ns(1000000);
	if (a->c->how == HOW_MUTEX)
		mutex_unlock(&a->c->mutex);
	else if (a->reads)
		up_read(&a->c->sem);
	else
		up_write(&a->c->sem);
}

static struct task_struct *arrive_and_wait(struct test *t, struct arrival *a)
{
	struct task_struct *task = thread_create("arrival", ~0ULL, arrive, a);

	if (!EXPECT(t, task != NULL))
		return NULL;
	/* Until it sleeps in the queue (or, wrongly, is admitted). */
	while (!READ_ONCE(a->place) && (READ_ONCE(task->on_rq) || READ_ONCE(task->on_cpu) ||
					READ_ONCE(task->state) != TASK_UNINTERRUPTIBLE))
		yield();
	return task;
}

static void wait_until(u32 *v)
{
	while (!READ_ONCE(*v))
		yield();
}

static void test_mutex_order(struct test *t)
{
	static struct contest c;
	struct arrival a[NR];
	struct task_struct *task[NR];
	u32 order = 0;

	c = (struct contest){ .how = HOW_MUTEX };
	mutex_init(&c.mutex, "order");
	mutex_lock(&c.mutex);
	EXPECT(t, mutex_is_mine(&c.mutex));
	for (unsigned int i = 0; i < NR; i++) {
		a[i] = (struct arrival){ .c = &c, .order = &order, .may_leave = 1 };
		task[i] = arrive_and_wait(t, &a[i]);
	}
	EXPECT(t, order == 0);
	mutex_unlock(&c.mutex);
	/* Handed over: it cannot be had out of turn. */
	EXPECT(t, !mutex_trylock(&c.mutex) || order == NR);
	for (unsigned int i = 0; i < NR; i++) {
		if (task[i])
			thread_join(task[i]);
		EXPECT_MSG(t, a[i].place == i + 1, "arrival %u was admitted as number %u", i + 1,
			   a[i].place);
	}
	EXPECT(t, c.mutex.owner == NULL || mutex_is_mine(&c.mutex));
}
TEST(threads, mutex_order, TEST_RACE, test_mutex_order);

/* Held by a reader: a writer waits, and a reader who comes after it too; then in their turn. */
static void test_rwsem_order(struct test *t)
{
	static struct contest c;
	static const bool reads[NR] = { false, true, true, false, true, false };
	static const u32 may_be[NR][2] = { { 1, 1 }, { 2, 3 }, { 2, 3 },
					   { 4, 4 }, { 5, 5 }, { 6, 6 } };
	struct arrival a[NR];
	struct task_struct *task[NR];
	u32 order = 0;

	c = (struct contest){ .how = HOW_RWSEM };
	init_rwsem(&c.sem, "order");
	down_read(&c.sem);
	EXPECT(t, down_read_trylock(&c.sem));
	up_read(&c.sem);
	EXPECT(t, !down_write_trylock(&c.sem));
	for (unsigned int i = 0; i < NR; i++) {
		a[i] = (struct arrival){ .c = &c, .order = &order, .reads = reads[i] };
		task[i] = arrive_and_wait(t, &a[i]);
	}
	EXPECT_MSG(t, order == 0, "%u went past a waiting writer", order);
	EXPECT(t, !down_read_trylock(&c.sem));
	up_read(&c.sem);
	for (unsigned int i = 0; i < NR; i++) {
		if (!task[i])
			continue;
		wait_until(&a[i].place);
		EXPECT_MSG(t, a[i].place >= may_be[i][0] && a[i].place <= may_be[i][1],
			   "arrival %u was admitted as number %u", i + 1, a[i].place);
		/* Two readers in a row are in at once: the second does not wait for the first. */
		if (i == 1 && task[2])
			wait_until(&a[2].place);
		WRITE_ONCE(a[i].may_leave, 1);
		thread_join(task[i]);
	}
	EXPECT(t, !c.sem.count); /* nor is anybody said to wait */
}
TEST(threads, rwsem_order, TEST_RACE, test_rwsem_order);

static void test_downgrade(struct test *t)
{
	static struct contest c;
	struct arrival reader, writer;
	struct task_struct *tr, *tw;
	u32 order = 0;

	c = (struct contest){ .how = HOW_RWSEM };
	reader = (struct arrival){ .c = &c, .order = &order, .reads = true, .may_leave = 1 };
	writer = (struct arrival){ .c = &c, .order = &order, .may_leave = 1 };
	init_rwsem(&c.sem, "downgrade");
	down_write(&c.sem);
	EXPECT(t, rwsem_is_mine(&c.sem));
	tr = arrive_and_wait(t, &reader);
	tw = arrive_and_wait(t, &writer);
	downgrade_write(&c.sem);
	EXPECT(t, !rwsem_is_mine(&c.sem) && rwsem_is_locked(&c.sem));
	if (tr)
		thread_join(tr);
	EXPECT_MSG(t, reader.place == 1 && !READ_ONCE(writer.place), "reader %u, writer %u",
		   reader.place, writer.place);
	up_read(&c.sem);
	if (tw)
		thread_join(tw);
	EXPECT(t, writer.place == 2 && !rwsem_is_locked(&c.sem));
}
TEST(threads, rwsem_downgrade, TEST_RACE, test_downgrade);

/* Who only waits, as for a moment when the last holder leaves, has it not. */
static void test_is_locked(struct test *t)
{
	static struct rw_semaphore s;

	init_rwsem(&s, "is_locked");
	s.count = RWSEM_WAITS;
	EXPECT(t, !rwsem_is_locked(&s));
	s.count = RWSEM_WAITS | RWSEM_READER;
	EXPECT(t, rwsem_is_locked(&s));
	s.count = RWSEM_WAITS | RWSEM_WRITES;
	EXPECT(t, rwsem_is_locked(&s));
}
TEST(threads, rwsem_is_locked, TEST_ASSERT, test_is_locked);
