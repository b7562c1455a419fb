/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The ordering of sleeping and waking, raced on the kernel's own functions by the litmus engine:
 *
 *	sleeper				waker
 *	"about to sleep"		condition = true
 *	full barrier			full barrier
 *	condition?			about to sleep? wake it
 *
 * Lost is the wake-up of which the sleeper did not see the condition, and the waker not the
 * sleeper (store buffering): nobody else will come. Under TCG this shows, so that a barrier which
 * is missing shows too: the twins, which are what the functions are without theirs.
 *
 * Who is about to sleep is a puppet: a task that never runs, one for each instance, which the
 * racing CPU takes for itself for the moment, with interrupts disabled. It is marked as being on a
 * queue, so that nobody queues it. Whether a wake-up was lost is asked after the race, by the
 * engine's reset of the instances: the condition was not seen, and the puppet sleeps.
 */
#include <arch/atomic.h>
#include <arch/irq.h>
#include <kernel/printk.h>
#include <kernel/spin_wait.h>
#include <kernel/wait.h>
#include <lib/string.h>
#include <mm/page_alloc.h>
#include <mm/page_lock.h>
#include <test/litmus.h>

#define INSTANCES	  64 /* as many as there are queues for pages */
#define PAGES_ORDER	  6
#define RACED_MIN	  2000
#define ROUNDS_MAX	  40
#define DELAY_STEPS	  6
#define SPINS_AT_ONE	  20000
#define SPINS_AN_INSTANCE 1000
#define DOZE_SOON	  1 /* ns */
#define TWIN_LIMIT_NS	  10000000000ULL
#define TWIN_ENOUGH	  4000000 /* races; where two CPUs truly run at once some thousands do */

/*
 * Stores that go before the one that matters: to lines that the other CPU may have, so that they
 * keep the store buffer busy for a while.
 */
#define BALLAST 14
struct ballast {
	struct {
		u32 v __aligned(ARCH_CACHE_LINE_MAX);
	} line[BALLAST];
};

struct instance {
	struct ballast before_sleep, before_wake;
	struct side {
		u32 here __aligned(ARCH_CACHE_LINE_MAX); /* it has come to this instance */
		/* Drawn anew for each race, since each mistake has its own moment. */
		u32 ballast; /* it has some */
		u32 steps;   /* that it waits */
	} side[2];	     /* sleeper, waker; each its own, read by the other */
	u32 rnd;
	struct task_struct puppet __aligned(ARCH_CACHE_LINE_MAX);
	struct wait_queue q __aligned(ARCH_CACHE_LINE_MAX);
	struct wait_entry e;
	struct task_struct joined __aligned(ARCH_CACHE_LINE_MAX);
	u32 cond __aligned(ARCH_CACHE_LINE_MAX);
	/* What the CPUs note for the verdict, each its own. */
	u32 saw __aligned(ARCH_CACHE_LINE_MAX); /* the sleeper saw the condition */
	u32 sleeper_done;
	u32 waker_done __aligned(ARCH_CACHE_LINE_MAX);
	u32 kicked; /* the waker saw the doze */
};

static struct instance at[INSTANCES];
static struct page *pages;
static u64 raced, lost; /* atomic */

/*
 * Wait at an instance for the other CPU, for which @spins are left in this call: it may have been
 * taken away.
 */
static __always_inline void meet(struct instance *in, bool waker, unsigned long *spins)
{
	WRITE_ONCE(in->side[waker].here, 1);
	while (*spins && !READ_ONCE(in->side[!waker].here))
		--*spins;
	for (u32 n = in->side[waker].steps; n; n--)
		barrier();
}

#define SPINS_OF(first, end) (SPINS_AT_ONE + ((end) - (first)) * SPINS_AN_INSTANCE)

/* In one piece, for a loop's own stores would fill the buffer sooner. */
static __always_inline void ballast_store(struct ballast *b)
{
#ifdef __clang__
	_Pragma("clang loop unroll(full)")
#else
	_Pragma("GCC unroll 16")
#endif
		for (int i = 0; i < BALLAST; i++) WRITE_ONCE(b->line[i].v, 1);
}

/* ---- puppets ---- */

static struct task_struct *puppet_enter(struct task_struct *puppet, unsigned long *flags)
{
	struct task_struct *me;

	*flags = arch_irq_save();
	/* Not current: to the compiler that never changes, so it may be asked for later. */
	me = READ_ONCE(this_cpu(current_task));
	WRITE_ONCE(this_cpu(current_task), puppet);
	arch_set_current(puppet);
	return me;
}

static void puppet_leave(struct task_struct *me, unsigned long flags)
{
	WRITE_ONCE(this_cpu(current_task), me);
	arch_set_current(me);
	arch_irq_restore(flags);
}

static bool wakeup_is_lost(const struct instance *in)
{
	return !in->saw && !in->kicked && in->puppet.state == TASK_UNINTERRUPTIBLE;
}

static void side_draw(struct instance *in, struct side *s)
{
	/* Numerical Recipes' quick generator, as the engine's delays. */
	in->rnd = in->rnd * 1664525 + 1013904223;
	s->here = 0;
	s->ballast = in->rnd >> 30;
	s->steps = (in->rnd >> 20 & 15) << (in->rnd >> 24 & 3);
}

static void instance_reset(struct instance *in)
{
	if (in->e.task)
		list_del(&in->e.node);
	ballast_store(&in->before_sleep);
	ballast_store(&in->before_wake);
	memset(&in->puppet, 0, sizeof(in->puppet));
	strscpy(in->puppet.name, "puppet", sizeof(in->puppet.name));
	in->puppet.state = TASK_RUNNING;
	in->puppet.on_rq = 1;
	INIT_LIST_HEAD(&in->puppet.run_node);
	memset(&in->joined, 0, sizeof(in->joined));
	wait_queue_init(&in->q, "order");
	in->e.task = NULL;
	side_draw(in, &in->side[0]);
	side_draw(in, &in->side[1]);
	in->cond = in->saw = in->kicked = in->sleeper_done = in->waker_done = 0;
}

/* After a race, or before the first: judge, and make anew. */
static void order_reset(unsigned long first, unsigned long end)
{
	for (unsigned long i = first; i < end; i++) {
		struct instance *in = &at[i];
		struct page *page = pages + i;

		if (in->sleeper_done && in->waker_done) {
			fetch_add_relaxed(&raced, 1);
			if (wakeup_is_lost(in))
				fetch_add_relaxed(&lost, 1);
		}
		instance_reset(in);
		if (!page_test_flag(page, PG_locked))
			page_try(page);
	}
}

/* ---- the sleeper's side ---- */

#define SLEEPER(name, look) \
	LITMUS_BODY(name) \
	{ \
		unsigned long spins = SPINS_OF(first, end); \
		for (unsigned long i = first; i != end; i++) { \
			struct instance *in = &at[i]; \
			unsigned long flags; \
			struct task_struct *me = puppet_enter(&in->puppet, &flags); \
			u32 saw; \
			meet(in, false, &spins); \
			if (in->side[0].ballast) \
				ballast_store(&in->before_sleep); \
			saw = (look); \
			puppet_leave(me, flags); \
			in->saw = saw; \
			in->sleeper_done = 1; \
			a->out[i] = saw; \
		} \
	}

static __always_inline u32 look_state(struct instance *in)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	return READ_ONCE(in->cond);
}

/* set_current_state() without its barrier; a call, as that is one. */
static noinline void puppet_sleeps(struct instance *in)
{
	/* Not by current, which the compiler may have from before there was a puppet. */
	WRITE_ONCE(in->puppet.state, TASK_UNINTERRUPTIBLE);
}

static __always_inline u32 look_state_twin(struct instance *in)
{
	puppet_sleeps(in);
	return READ_ONCE(in->cond);
}

static __always_inline u32 look_queue(struct instance *in)
{
	wait_prepare(&in->q, &in->e);
	return READ_ONCE(in->cond);
}

/* Its queueing without what set_current_state() and the lock's atomics order. */
static __always_inline u32 look_queue_twin(struct instance *in)
{
	in->e.task = &in->puppet;
	WRITE_ONCE(in->puppet.state, TASK_UNINTERRUPTIBLE);
	list_add_tail(&in->e.node, &in->q.waiters);
	return READ_ONCE(in->cond);
}

/*
 * The same with the one barrier that it needs: wait_prepare() takes longer from the queueing to the
 * look than a store of the waker's stays in its buffer, so that the waker's mistake hardly shows.
 */
static __always_inline u32 look_queue_quick(struct instance *in)
{
	in->e.task = &in->puppet;
	WRITE_ONCE(in->puppet.state, TASK_UNINTERRUPTIBLE);
	list_add_tail(&in->e.node, &in->q.waiters);
	/* full: as in wait_prepare(), pairs with the one in wake_up_all(); the queueing before the
	 * look */
	smp_mb();
	return READ_ONCE(in->cond);
}

static __always_inline u32 look_page(struct instance *in, struct page *page)
{
	wait_prepare(page_wait_queue(page), &in->e);
	return page_try(page);
}

SLEEPER(sleep_state, look_state(in))
SLEEPER(sleep_state_twin, look_state_twin(in))
SLEEPER(sleep_queue, look_queue(in))
SLEEPER(sleep_queue_twin, look_queue_twin(in))
SLEEPER(sleep_queue_quick, look_queue_quick(in))
SLEEPER(sleep_page, look_page(in, pages + i))
SLEEPER(sleep_join, thread_join_look(&in->joined))

/* ---- the waker's side ---- */

#define WAKER(name, wake) \
	LITMUS_BODY(name) \
	{ \
		unsigned long spins = SPINS_OF(first, end); \
		for (unsigned long i = first; i != end; i++) { \
			struct instance *in = &at[i]; \
			meet(in, true, &spins); \
			if (in->side[1].ballast) \
				ballast_store(&in->before_wake); \
			wake; \
			WRITE_ONCE(in->waker_done, 1); \
		} \
	}

static __always_inline void wake_state(struct instance *in)
{
	WRITE_ONCE(in->cond, 1);
	wake_up_process(&in->puppet);
}

static __always_inline void wake_state_twin(struct instance *in)
{
	WRITE_ONCE(in->cond, 1);
	if (READ_ONCE(in->puppet.state) == TASK_UNINTERRUPTIBLE)
		wake_up_process(&in->puppet);
}

/* The call of wake_up_process() takes too long for the sleeper's mistake to show. */
static __always_inline void wake_state_quick(struct instance *in)
{
	WRITE_ONCE(in->cond, 1);
	/* full: as in wake_up_process(), pairs with the one in set_current_state(); the condition
	 * before the state */
	smp_mb();
	if (READ_ONCE(in->puppet.state) == TASK_UNINTERRUPTIBLE)
		wake_up_process(&in->puppet);
}

static __always_inline void wake_queue(struct instance *in)
{
	WRITE_ONCE(in->cond, 1);
	wake_up_all(&in->q);
}

static __always_inline void wake_queue_twin(struct instance *in)
{
	WRITE_ONCE(in->cond, 1);
	if (!list_empty(&in->q.waiters))
		wake_up_all(&in->q);
}

/* As page_release(), but it looks at the waiters before it clears the bit. */
static __always_inline void wake_page_twin(struct page *page)
{
	struct wait_queue *q = page_wait_queue(page);
	bool any = !list_empty(&q->waiters);

	page_test_clear_flag(page, PG_locked);
	if (any)
		wake_up_all(q);
}

static __always_inline void wake_join_twin(struct instance *in)
{
	struct task_struct *joiner;

	WRITE_ONCE(in->joined.done, 1);
	joiner = READ_ONCE(in->joined.joiner);
	if (joiner)
		wake_up_process(joiner);
}

WAKER(waker_state, wake_state(in))
WAKER(waker_state_twin, wake_state_twin(in))
WAKER(waker_state_quick, wake_state_quick(in))
WAKER(waker_queue, wake_queue(in))
WAKER(waker_queue_twin, wake_queue_twin(in))
WAKER(waker_page, page_release(pages + i))
WAKER(waker_page_twin, wake_page_twin(pages + i))
WAKER(waker_join, thread_done(&in->joined))
WAKER(waker_join_twin, wake_join_twin(in))

/*
 * ---- dozes (kernel/native/spin_wait.c) ----
 *
 * Who dozes is no puppet, but the racing CPU. It does so until the waker is done, else a kick that
 * comes when the doze is over would seem to be lost; and it does not sleep, as who has seen the
 * condition does not. The kick is for somebody else: an interrupt for each would make races few.
 */
LITMUS_BODY(sleep_doze)
{
	unsigned long spins = SPINS_OF(first, end);

	for (unsigned long i = first; i != end; i++) {
		struct instance *in = &at[i];
		struct spin_wait w = SPIN_WAIT_INIT("order", &in->cond);
		u32 saw;

		w.since_ns = 1; /* for long, so that it dozes with the next turn */
		meet(in, false, &spins);
		__spin_wait_turn(&w);
		saw = READ_ONCE(in->cond);
		while (spins && !READ_ONCE(in->waker_done))
			spins--;
		in->saw = saw;
		in->puppet.state = TASK_UNINTERRUPTIBLE;
		in->sleeper_done = w.dozes_at && READ_ONCE(in->waker_done);
		__spin_wait_end(&w);
		a->out[i] = saw;
	}
}

static __always_inline bool wake_doze(struct instance *in)
{
	WRITE_ONCE(in->cond, 1);
	return __spin_kick(in, false);
}

WAKER(waker_kick, in->kicked = wake_doze(in))

/* ---- the tests ---- */

struct shape {
	const char *name;
	litmus_body_fn sleeper, waker;
	litmus_body_fn sleeper_twin, waker_twin; /* NULL: none */
	bool dozes;				 /* the sleeper does */
};

static const struct shape shapes[] = {
	{ "state", sleep_state, waker_state, NULL, waker_state_twin },
	{ "sleeper", sleep_state, waker_state_quick, sleep_state_twin, NULL },
	{ "queue", sleep_queue, waker_queue, sleep_queue_twin, NULL },
	{ "queue_waker", sleep_queue_quick, waker_queue, NULL, waker_queue_twin },
	{ "page", sleep_page, waker_page, NULL, waker_page_twin },
	{ "join", sleep_join, waker_join, NULL, waker_join_twin },
	{ "kick", sleep_doze, waker_kick, NULL, NULL, .dozes = true },
};

LITMUS_WEAK(never_weak, 0x2, 0x2) /* what is lost is told after the race */
static const struct litmus_field fields[] = { LITMUS_REG(0, 0, 0) };

/* Race for @ns, and until enough was raced or one was lost. False: it could not run. */
static bool race(struct test *t, const struct shape *s, litmus_body_fn sleeper,
		 litmus_body_fn waker, u64 ns)
{
	struct litmus_test lt = {
		.nr_threads = 2,
		.nr_vars = 1,
		.nr_fields = 1,
		.flags = LITMUS_PACKED,
		.thread = LITMUS_THREADS({ sleeper, 1, { 0 } }, { waker, 0, { 0 } }),
		.field = fields,
		.weak = never_weak,
		.weak_outcome = "0:r0=2",
		.nr_sc = 2,
		.sc = LITMUS_KEYS(0, 1),
		.expect = LITMUS_FORBID_EVERYWHERE,
		.max_instances = INSTANCES,
		.reset = order_reset,
	};
	static struct litmus_result r;

	r = (struct litmus_result){ 0 };
	for (u32 i = 0; i < INSTANCES; i++)
		at[i].rnd += i;
	order_reset(0, INSTANCES);
	raced = lost = 0;
	for (int i = 0; i < ROUNDS_MAX && raced < RACED_MIN; i++)
		if (!litmus_measure(t, &lt, t->tc->name, ns, &r))
			return false;
	return true;
}

static const struct shape *shape_find(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(shapes); i++)
		if (!strcmp(shapes[i].name, name))
			return &shapes[i];
	return NULL;
}

static const struct shape *order_begin(struct test *t)
{
	const struct shape *s = shape_find(t->tc->data);

	if (litmus_nr_racers() < 2) {
		test_skip(t, "no two CPUs run at once on this host");
		return NULL;
	}
	if (litmus_reserve() || !(pages = alloc_pages(GFP_KERNEL, PAGES_ORDER))) {
		test_skip(t, "too little memory for the instances");
		return NULL;
	}
	if (s && s->dozes)
		spin_wait_pretend(true, DOZE_SOON);
	EXPECT_MSG(t, s, "no shape %s", (const char *)t->tc->data);
	return s;
}

static void order_end(void)
{
	if (!pages)
		return;
	spin_wait_pretend(false, 0);
	order_reset(0, INSTANCES);
	for (unsigned int i = 0; i < INSTANCES; i++)
		if (page_test_flag(pages + i, PG_locked))
			page_release(pages + i);
	free_pages(pages, PAGES_ORDER);
	pages = NULL;
}

static void test_order(struct test *t)
{
	const struct shape *s = order_begin(t);

	if (s && race(t, s, s->sleeper, s->waker, t->budget_ns)) {
		EXPECT_MSG(t, raced >= RACED_MIN / 2, "only %llu raced", (unsigned long long)raced);
		EXPECT_MSG(t, !lost, "%llu of %llu were lost", (unsigned long long)lost,
			   (unsigned long long)raced);
		test_record(t, "\"raced\":%llu", (unsigned long long)raced);
	}
	order_end();
}

/* Race until the mistake is seen. */
static void twin(struct test *t, const struct shape *s, const char *what, litmus_body_fn sleeper,
		 litmus_body_fn waker)
{
	u64 limit = clock_ns() + TWIN_LIMIT_NS, start = clock_ns(), tries = 0;

	do {
		if (!race(t, s, sleeper, waker, t->budget_ns / 2))
			return;
		tries += raced;
	} while (!lost && clock_ns() < limit);
	if (!lost && tries < TWIN_ENOUGH) {
		test_skip(t, "unobservable: not seen in so few races as a crowded host lets run");
		return;
	}
	EXPECT_MSG(t, lost, "%s: the mistake was not seen in %llu races", what,
		   (unsigned long long)tries);
	test_record(t, "\"%s_raced\":%llu,\"%s_lost\":%llu,\"%s_ms\":%llu", what,
		    (unsigned long long)tries, what, (unsigned long long)lost, what,
		    (unsigned long long)(clock_ns() - start) / 1000000);
}

static void test_order_twin(struct test *t)
{
	const struct shape *s = order_begin(t);

	if (s) {
		if (s->sleeper_twin)
			twin(t, s, "sleeper", s->sleeper_twin, s->waker);
		if (s->waker_twin)
			twin(t, s, "waker", s->sleeper, s->waker_twin);
	}
	order_end();
}

TEST(threads, order_state, TEST_RACE, test_order, .data = "state", .min_cpus = 2);
TEST(threads, order_state_twin, TEST_RACE, test_order_twin, .data = "state", .min_cpus = 2);
TEST(threads, order_sleeper, TEST_RACE, test_order, .data = "sleeper", .min_cpus = 2);
TEST(threads, order_sleeper_twin, TEST_RACE, test_order_twin, .data = "sleeper", .min_cpus = 2);
TEST(threads, order_queue, TEST_RACE, test_order, .data = "queue", .min_cpus = 2);
TEST(threads, order_queue_twin, TEST_RACE, test_order_twin, .data = "queue", .min_cpus = 2);
TEST(threads, order_page, TEST_RACE, test_order, .data = "page", .min_cpus = 2);
TEST(threads, order_page_twin, TEST_RACE, test_order_twin, .data = "page", .min_cpus = 2);
TEST(threads, order_join, TEST_RACE, test_order, .data = "join", .min_cpus = 2);
TEST(threads, order_join_twin, TEST_RACE, test_order_twin, .data = "join", .min_cpus = 2);
TEST(kernel, order_kick, TEST_RACE, test_order, .data = "kick", .min_cpus = 2);
TEST(threads, order_queue_waker, TEST_RACE, test_order, .data = "queue_waker", .min_cpus = 2);
TEST(threads, order_queue_waker_twin, TEST_RACE, test_order_twin, .data = "queue_waker",
     .min_cpus = 2);
