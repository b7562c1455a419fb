/* SPDX-License-Identifier: GPL-2.0-only */
/* Threads: made and ended in balance, preempted, woken, kept to their CPUs, all making progress. */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/printk.h>
#include <kernel/sched.h>
#include <kernel/wait.h>
#include <test/others.h>
#include <test/step.h>
#include <test/test.h>

#define MS	    1000000ULL
#define THREADS_MAX 32
#define FAST_HZ	    500 /* ticks for tests that are about preemption */

static unsigned int last_of(cpumask_t cpus)
{
	unsigned int cpu, last = 0;

	for_each_cpu_in(cpu, cpus)
		last = cpu;
	return last;
}

static unsigned int last_cpu(void)
{
	return last_of(smp_online_mask());
}

/* ---- making and joining ---- */

static void count_up(void *arg)
{
	fetch_add((u64 *)arg, 1);
}

static void test_create_join(struct test *t)
{
	struct task_struct *threads[THREADS_MAX];
	unsigned int alive = threads_alive(), kept = 0;
	u64 count = 0;

	for (unsigned int round = 0; round < 20; round++) {
		for (unsigned int i = 0; i < THREADS_MAX; i++) {
			threads[i] = thread_create("count", ~0ULL, count_up, &count);
			EXPECT(t, threads[i] != NULL);
		}
		EXPECT_MSG(t, threads_alive() == alive + THREADS_MAX, "%u alive, %u before",
			   threads_alive(), alive);
		for (unsigned int i = 0; i < THREADS_MAX; i++)
			if (threads[i])
				thread_join(threads[i]);
		EXPECT_MSG(t, threads_alive() == alive, "%u alive, %u before", threads_alive(),
			   alive);
		/* The first round may have needed new stacks; the others must not. */
		if (!round)
			kept = threads_free();
		EXPECT_MSG(t, threads_free() == kept, "%u kept, %u after the first round",
			   threads_free(), kept);
	}
	EXPECT_MSG(t, count == 20 * THREADS_MAX, "%llu ran", (unsigned long long)count);
	EXPECT(t, thread_create("nowhere", 0, count_up, &count) == NULL);
	EXPECT(t, thread_create("offline", ~smp_online_mask(), count_up, &count) == NULL);
}
TEST(threads, create_join, TEST_ASSERT, test_create_join);

struct nest {
	unsigned int depth;
	u64 made;
};

/* Threads that make threads, on every CPU at once. */
static void nest_run(void *arg)
{
	struct nest *n = arg, below = { .depth = n->depth - 1 };
	struct task_struct *a, *b;

	fetch_add(&n->made, 1);
	if (!n->depth)
		return;
	a = thread_create("nest", ~0ULL, nest_run, &below);
	b = thread_create("nest", ~0ULL, nest_run, &below);
	if (a)
		thread_join(a);
	if (b)
		thread_join(b);
	fetch_add(&n->made, below.made);
}

static void test_nested_create(struct test *t)
{
	unsigned int alive = threads_alive();
	struct nest n = { .depth = 4 };

	nest_run(&n);
	EXPECT_MSG(t, n.made == 31, "%llu threads", (unsigned long long)n.made);
	EXPECT(t, threads_alive() == alive);
}
TEST(threads, nested_create, TEST_ASSERT, test_nested_create);

/* ---- running ---- */

struct spinner {
	struct task_struct *task;
	u64 rounds; /* its own; read by others */
	u32 *stop;
	cpumask_t seen; /* CPUs that it ran on */
	u64 errors;
	bool keep_cpu; /* preemption disabled while it spins */
};

static void spin_check(struct spinner *s)
{
	struct task_struct *me = READ_ONCE(s->task); /* NULL until thread_create() has returned */
	unsigned int cpu;

	if (me && me != current)
		s->errors++;
	preempt_disable();
	cpu = smp_processor_id();
	if (cpu != current->cpu || per_cpu(current_task, cpu) != current)
		s->errors++;
	preempt_enable();
	s->seen |= 1ULL << cpu;
}

static void spin_run(void *arg)
{
	struct spinner *s = arg;

	if (s->keep_cpu)
		preempt_disable();
	while (!READ_ONCE(*s->stop)) {
		spin_check(s);
		WRITE_ONCE(s->rounds, s->rounds + 1);
	}
	if (s->keep_cpu)
		preempt_enable();
}

static void spinner_start(struct test *t, struct spinner *s, cpumask_t allowed, u32 *stop)
{
	s->stop = stop;
	s->task = thread_create("spinner", allowed, spin_run, s);
	EXPECT(t, s->task != NULL);
}

static void spinner_stop(struct test *t, struct spinner *s, cpumask_t allowed)
{
	if (s->task)
		thread_join(s->task);
	EXPECT_MSG(t, !s->errors, "%llu times current or the CPU was wrong",
		   (unsigned long long)s->errors);
	EXPECT_MSG(t, !(s->seen & ~allowed), "ran on %llx, allowed %llx",
		   (unsigned long long)s->seen, (unsigned long long)allowed);
}

/* Within so much time of this CPU's, which a host that puts the machine aside does not use up. */
static bool all_advance(struct spinner *s, unsigned int n, u64 limit_ns)
{
	u64 before[THREADS_MAX];
	struct patience patience;

	patience_begin(&patience, limit_ns, 0);
	for (unsigned int i = 0; i < n; i++)
		before[i] = READ_ONCE(s[i].rounds);
	for (unsigned int i = 0; i < n; i++)
		while (READ_ONCE(s[i].rounds) == before[i]) {
			if (patience_is_over(&patience))
				return false;
			sleep_ns(MS);
		}
	return true;
}

/* ... while its CPU takes ticks, each of which could have let it in. */
static bool stands_still(const struct spinner *s)
{
	u64 before = READ_ONCE(s->rounds);
	struct others o;

	others_begin(&o);
	while (!others_lived(&o))
		sleep_ns(MS);
	return READ_ONCE(s->rounds) == before;
}

static void test_progress(struct test *t)
{
	static struct spinner s[THREADS_MAX];
	unsigned int n = MIN(3 * smp_nr_online() + 1, (unsigned int)THREADS_MAX);
	u32 stop = 0;

	tick_set_rate(FAST_HZ);
	for (unsigned int i = 0; i < n; i++) {
		s[i] = (struct spinner){ .task = NULL };
		spinner_start(t, &s[i], ~0ULL, &stop);
	}
	for (unsigned int round = 0; round < 3; round++)
		EXPECT_MSG(t, all_advance(s, n, 10000 * MS), "of %u threads one stands still", n);
	WRITE_ONCE(stop, 1);
	for (unsigned int i = 0; i < n; i++)
		spinner_stop(t, &s[i], ~0ULL);
	tick_set_rate(0);
}
TEST(threads, progress, TEST_RACE, test_progress);

/* Two threads that never give up their one CPU both advance: somebody takes it from them. */
static void test_preemption(struct test *t)
{
	struct spinner s[2] = { { .task = NULL } };
	cpumask_t here = 1ULL << last_cpu();
	unsigned long preempted;
	u32 stop = 0;

	tick_set_rate(FAST_HZ);
	spinner_start(t, &s[0], here, &stop);
	spinner_start(t, &s[1], here, &stop);
	for (int i = 0; i < 5; i++)
		EXPECT(t, all_advance(s, 2, 5000 * MS));
	preempted = s[0].task ? s[0].task->preempted : 0;
	WRITE_ONCE(stop, 1);
	spinner_stop(t, &s[0], here);
	spinner_stop(t, &s[1], here);
	EXPECT(t, preempted > 0);
	tick_set_rate(0);
}
TEST(threads, preemption, TEST_RACE, test_preemption);

/* The twin: with preemption disabled in the one, the other must stand still. */
static void test_preemption_twin(struct test *t)
{
	struct spinner s[2] = { { .keep_cpu = true } };
	cpumask_t there = 1ULL << last_cpu();
	u32 stop = 0;

	tick_set_rate(FAST_HZ);
	spinner_start(t, &s[0], there, &stop);
	spin_until("the first spinner", READ_ONCE(s[0].rounds));
	spinner_start(t, &s[1], there, &stop);
	EXPECT(t, stands_still(&s[1]));
	EXPECT(t, all_advance(&s[0], 1, 5000 * MS));
	WRITE_ONCE(stop, 1);
	spinner_stop(t, &s[0], there);
	spinner_stop(t, &s[1], there);
	tick_set_rate(0);
}
TEST(threads, preemption_twin, TEST_RACE, test_preemption_twin, .min_cpus = 2);

/* Each thread stays on the CPUs that it may use, while others are busy or idle. */
static void test_masks(struct test *t)
{
	static struct spinner s[THREADS_MAX];
	cpumask_t mask[THREADS_MAX];
	unsigned int n = 0, cpu;
	u32 stop = 0;

	tick_set_rate(FAST_HZ);
	for_each_cpu_in(cpu, smp_online_mask()) {
		if (n + 2 > THREADS_MAX)
			break;
		mask[n++] = 1ULL << cpu;
		mask[n++] = 1ULL << cpu | 1ULL << last_cpu();
	}
	for (unsigned int i = 0; i < n; i++) {
		s[i] = (struct spinner){ .task = NULL };
		spinner_start(t, &s[i], mask[i], &stop);
	}
	EXPECT(t, all_advance(s, n, 10000 * MS));
	sleep_ns(50 * MS);
	WRITE_ONCE(stop, 1);
	for (unsigned int i = 0; i < n; i++) {
		spinner_stop(t, &s[i], mask[i]);
		EXPECT(t, s[i].seen != 0);
	}
	tick_set_rate(0);
}
TEST(threads, masks, TEST_RACE, test_masks);

/* A thread that is on @there with all its time, so that nobody else runs there. */
static void hog_start(struct test *t, struct spinner *hog, cpumask_t there, u32 *stop)
{
	hog->keep_cpu = true;
	spinner_start(t, hog, there, stop);
	spin_until("the hog", READ_ONCE(hog->rounds));
}

/* Queued behind a hog on @there, a thread that may then run anywhere: does it, elsewhere? */
static void free_run(struct test *t, cpumask_t there, u32 *stop)
{
	struct spinner free = { .stop = stop };

	free.task = thread_prepare("free", there, spin_run, &free);
	if (EXPECT(t, free.task != NULL)) {
		thread_start(free.task);
		free.task->allowed = smp_online_mask();
		EXPECT(t, all_advance(&free, 1, 5000 * MS));
		EXPECT(t, free.seen && !(free.seen & there));
	}
	WRITE_ONCE(*stop, 1);
	spinner_stop(t, &free, ~0ULL);
}

/* A ready thread behind a busy CPU is taken over by one that becomes idle. */
static void test_balance(struct test *t)
{
	cpumask_t there = 1ULL << last_cpu();
	struct spinner hog = { .task = NULL };
	u32 stop = 0;

	hog_start(t, &hog, there, &stop);
	free_run(t, there, &stop);
	spinner_stop(t, &hog, there);
}
TEST(threads, balance, TEST_RACE, test_balance, .min_cpus = 2);

/* ... also if another CPU is busier, with threads that may run nowhere else. */
static void test_balance_bound(struct test *t)
{
	cpumask_t busiest = 1ULL << last_cpu();
	cpumask_t there = 1ULL << last_of(smp_online_mask() & ~busiest);
	struct spinner hogs[2] = { { .task = NULL } }, bound[2] = { { .task = NULL } };
	u32 stop = 0;

	hog_start(t, &hogs[0], busiest, &stop);
	spinner_start(t, &bound[0], busiest, &stop);
	spinner_start(t, &bound[1], busiest, &stop);
	hog_start(t, &hogs[1], there, &stop);
	free_run(t, there, &stop);
	spinner_stop(t, &hogs[0], busiest);
	spinner_stop(t, &hogs[1], there);
	spinner_stop(t, &bound[0], busiest);
	spinner_stop(t, &bound[1], busiest);
}
TEST(threads, balance_bound, TEST_RACE, test_balance_bound, .min_cpus = 3);

/* ---- sleeping and waking ---- */

#define SLEEP_TRIES 3 /* the host may put the machine aside in one of them */

static void test_sleep(struct test *t)
{
	static const u64 times[] = { 1, MS, 30 * MS, 100 * MS };

	for (unsigned int i = 0; i < ARRAY_SIZE(times); i++) {
		u64 best = ~0ULL;

		for (int try = 0; try < SLEEP_TRIES && best > times[i] + 3000 * MS; try++) {
			u64 start = clock_ns();

			sleep_ns(times[i]);
			best = MIN(best, clock_ns() - start);
		}
		EXPECT_MSG(t, best >= times[i] && best < times[i] + 3000 * MS,
			   "slept %llu ns instead of %llu", (unsigned long long)best,
			   (unsigned long long)times[i]);
	}
}
TEST(threads, sleep, TEST_ASSERT, test_sleep);

struct pingpong {
	struct wait_queue q;
	u32 ball; /* whose turn */
	u32 rounds;
	u32 over; /* there is nobody to play with */
};

struct player {
	struct pingpong *game;
	u32 me;
};

static void play(void *arg)
{
	struct player *p = arg;
	struct pingpong *g = p->game;

	for (u32 i = 0; i < g->rounds; i++) {
		/* acquire: pairs with the release below, in the other thread */
		wait_event(&g->q, smp_load_acquire(&g->ball) == p->me || READ_ONCE(g->over));
		/* release: pairs with the acquire above, in the other thread */
		smp_store_release(&g->ball, !p->me);
		wake_up_all(&g->q);
	}
}

/* A wake-up that got lost would leave both asleep for good. */
static void test_wakeups(struct test *t)
{
	cpumask_t all = smp_online_mask();
	cpumask_t masks[][2] = {
		{ all, all },
		{ 1, 1 },
		{ 1, 1ULL << last_cpu() },
		{ 1ULL << last_cpu(), 1ULL << last_cpu() },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(masks); i++) {
		struct pingpong g = { .rounds = 100 };
		struct player a = { &g, 0 }, b = { &g, 1 };
		struct task_struct *ta, *tb;

		wait_queue_init(&g.q, "pingpong");
		ta = thread_create("ping", masks[i][0], play, &a);
		tb = thread_create("pong", masks[i][1], play, &b);
		if (!EXPECT(t, ta && tb)) {
			WRITE_ONCE(g.over, 1);
			wake_up_all(&g.q);
		}
		if (ta)
			thread_join(ta);
		if (tb)
			thread_join(tb);
		EXPECT(t, g.ball == 0);
	}
}
TEST(threads, wakeups, TEST_RACE, test_wakeups);

#define LOST_NS (200 * MS)

struct lost {
	bool broken; /* looks at the condition before it says that it will sleep */
	u32 condition, looked, woken;
	struct task_struct *sleeper;
	u64 slept_ns;
};

static void lost_sleep(void *arg)
{
	struct lost *l = arg;
	bool saw;
	u64 start;

	if (!l->broken)
		set_current_state(TASK_UNINTERRUPTIBLE);
	saw = READ_ONCE(l->condition);
	/* release: pairs with the acquire in lost_wakeup() */
	smp_store_release(&l->looked, 1);
	step_wait("the wake-up, which comes before the sleep", &l->woken, 1);
	if (l->broken)
		set_current_state(TASK_UNINTERRUPTIBLE);
	start = clock_ns();
	if (!saw)
		schedule_timeout(LOST_NS);
	set_current_state(TASK_RUNNING);
	l->slept_ns = clock_ns() - start;
}

/* Was the wake-up that comes between the look and the sleep lost? */
static bool lost_wakeup(struct test *t, bool broken)
{
	struct lost l = { .broken = broken };

	l.sleeper = thread_create("sleeper", ~0ULL, lost_sleep, &l);
	if (!EXPECT(t, l.sleeper != NULL))
		return false;
	/* acquire: pairs with the release in lost_sleep() */
	while (!smp_load_acquire(&l.looked))
		yield();
	WRITE_ONCE(l.condition, 1);
	wake_up_process(l.sleeper);
	step_to(&l.woken, 1);
	thread_join(l.sleeper);
	return l.slept_ns >= LOST_NS;
}

static void test_lost_wakeup(struct test *t)
{
	unsigned int lost = 0;

	for (int i = 0; i < 10; i++)
		lost += lost_wakeup(t, false);
	/* On a host that stops the machine for so long one may look lost. */
	EXPECT_MSG(t, lost < 5, "%u of 10 wake-ups were lost", lost);
}
TEST(threads, lost_wakeup, TEST_RACE, test_lost_wakeup);

static void test_lost_wakeup_twin(struct test *t)
{
	EXPECT(t, lost_wakeup(t, true));
}
TEST(threads, lost_wakeup_twin, TEST_RACE, test_lost_wakeup_twin);

/* Wake-ups from interrupts, at any moment of the sleeper's way to sleep and back. */
struct irq_wake {
	struct wait_queue q;
	u32 posted, taken, rounds;
};

static void irq_post(void *arg)
{
	struct irq_wake *w = arg;

	fetch_add(&w->posted, 1);
	wake_up_all(&w->q);
}

static void irq_take(void *arg)
{
	struct irq_wake *w = arg;

	while (w->taken < w->rounds) {
		wait_event(&w->q, READ_ONCE(w->posted) > w->taken);
		WRITE_ONCE(w->taken, w->taken + 1);
	}
}

static void test_irq_wakeups(struct test *t)
{
	struct irq_wake w = { .rounds = 300 };
	struct task_struct *task;

	wait_queue_init(&w.q, "irq_wake");
	task = thread_create("irq_take", 1ULL << last_cpu(), irq_take, &w);
	if (!EXPECT(t, task != NULL))
		return;
	for (u32 i = 0; i < w.rounds; i++) {
		EXPECT(t, smp_call_function_single(last_cpu(), irq_post, &w, true) == 0);
		if (i % 16 == 0)
			yield();
	}
	thread_join(task);
	EXPECT(t, w.taken == w.rounds);
}
TEST(threads, irq_wakeups, TEST_RACE, test_irq_wakeups);

/* The registers that a switch must keep, held over many of them. */
static noinline u64 mix(u64 seed, u32 rounds)
{
	u64 a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11, f = seed * 13;
	u64 g = seed * 17, h = seed * 19, i = seed * 23, j = seed * 29;

	while (rounds--) {
		yield();
		a += j ^ rounds;
		b ^= a << 1;
		c += b >> 3;
		d ^= c + a;
		e += d ^ b;
		f ^= e + c;
		g += f ^ d;
		h ^= g + e;
		i += h ^ f;
		j ^= i + g;
	}
	return a ^ b ^ c ^ d ^ e ^ f ^ g ^ h ^ i ^ j;
}

struct mixer {
	u64 seed, result;
};

static void mix_run(void *arg)
{
	struct mixer *m = arg;

	m->result = mix(m->seed, 200);
}

static void test_switch_registers(struct test *t)
{
	struct mixer m[8], alone;
	struct task_struct *task[8];

	for (unsigned int i = 0; i < 8; i++) {
		m[i] = (struct mixer){ .seed = 1000 + i };
		task[i] = thread_create("mixer", ~0ULL, mix_run, &m[i]);
		EXPECT(t, task[i] != NULL);
	}
	for (unsigned int i = 0; i < 8; i++) {
		if (task[i])
			thread_join(task[i]);
		alone.seed = m[i].seed;
		mix_run(&alone);
		EXPECT_MSG(t, m[i].result == alone.result, "thread %u: %llx, alone %llx", i,
			   (unsigned long long)m[i].result, (unsigned long long)alone.result);
	}
}
TEST(threads, switch_registers, TEST_RACE, test_switch_registers);
