/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rmap.C17: is the race of V0 likelier where who makes the anon_vma can be interrupted or preempted
 * in the midst of it (Piggin, 16 October)?
 *
 * V0's fault would end a free-running test, so what is counted here is how often it was near: one
 * thread takes the first fault of a new area, again and again; the other, as reclaim would, looks
 * as fast as it can at the anon_vma that the area has by then, and counts each look that could take
 * the lock and found an empty list. Since looks come at a steady rate, their number says for how
 * long the window stood open. What is compared is how many faults have a wide one: by a power of
 * two wider than the median of "held" below, of which at most half are so. The host, too, takes a
 * CPU away in the midst of it at times, and such a rare one is so wide that a mean would say
 * nothing else.
 *
 *	first fault			the other, in a loop
 *	vma->anon_vma = it
 *					vma->anon_vma ? yes
 *					trylock ? yes
 *					list empty ? count
 *	list_add()
 *
 * Interrupts come from the CPU that looks, when it finds the window open; the handler sees for
 * itself whether it has come in time, and what is asked is what becomes of those windows. So that
 * they are not too few, there is a short delay between the steps, in each setting alike. Five
 * settings, in turn:
 *	calm		nothing disturbs
 *	interrupted	the handler takes as long as that of a slow device
 *	held		the handler wakes a thread that goes before all others, and then works for
 *			as long as a turn on a CPU takes. It has to wait: the first thread has a
 *			spinlock. So these windows are no wider for the interrupt: what the other
 *			two settings must exceed
 *	preempted	the same with a V0 that has no spinlock there (nobody else prepares): what
 *			a lock allows that can be preempted, of a kernel made so. The thread goes
 *			first
 *	locked		V5, with a delay of up to a turn. The window is open, but who looks cannot
 *			have the lock, so nothing may be counted: the count means something
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/spin_wait.h>
#include <kernel/sync_point.h>
#include <mm/rmap.h>
#include <test/mm.h>

#include "variants/variants.h"

#define ROUNDS	   4 /* of all settings */
#define FAULTS_MIN 20
#define AWAY_NS	   1000000ULL /* a turn on a CPU */
#define WINDOW_NS  20000ULL   /* between the steps in any case, at most */
#define HANDLER_NS 200000ULL  /* of an interrupt: much longer than that */
#define STRUCK_MIN 8	      /* faults that were struck between the steps; more rounds if fewer, */
#define MORE_OF	   100	      /* or if not so many more of a thousand are wide than of held */
#define DISTURBED  16	      /* see held_disturbed(); up to 8 on a quiet host */
#define MORE_TIMES 3	      /* of the test's time, for those rounds: within its deadline */
#define LATEST_NS  20000000000ULL /* beyond that, on a host that hardly lets us run */

enum setting { CALM, INTERRUPTED, HELD, PREEMPTED, LOCKED, SETTINGS };

#define BUCKETS 40

struct tally {
	u64 faults, looks, hits;
	u64 bucket[BUCKETS]; /* [0]: faults without a hit, [n]: with 2^(n-1) hits and up */
};

/* Who writes what: "first" the first thread, "second" the other. */
static struct {
	struct mm_struct *mm;
	struct task_struct *rival; /* who is woken; it runs on the first one's CPU */
	struct tally tally[SETTINGS];
	struct tally struck[SETTINGS]; /* faults in which an interrupt came between the steps */
	enum setting now;
	u64 until, latest; /* clock_ns(): of this round; of all */
	u32 faults;	   /* first */
	u32 mapped, done;  /* first: number of the fault whose area is there; that is over */
	u32 ready, seen;   /* second: it looks; it has stopped looking */
	bool over;	   /* first */
	bool hit;	   /* first, in the interrupt: it came between the steps */
	struct vm_area_struct *vma; /* second: the area, while it looks */
	bool rival_over;
} c17;

/* Wait until the other thread has come as far as @n, or the crew stops. */
static void wait_for(const struct crew *c, const u32 *where, u32 n)
{
	/*
	 * acquire: pairs with the releases in say(); what the other thread did before, before what
	 * we do next; tests: litmus.MP+rel+acq
	 */
	while (!spin_until_awake_or("the other thread",
				    smp_load_acquire(where) == n || READ_ONCE(c->stop), true))
		yield();
}

static void say(u32 *where, u32 n)
{
	/* release: pairs with the acquire in wait_for(); tests: litmus.MP+rel+acq */
	smp_store_release(where, n);
}

static void first_thread(struct crew *c)
{
	use_mm(c17.mm);
	for (u32 n = 1; !READ_ONCE(c->stop); n++) {
		c17.over = (c17.faults >= FAULTS_MIN && clock_ns() >= c17.until) ||
			   clock_ns() >= c17.latest;
		if (!c17.over && sys_mmap(TEST_ADDR, PAGE_SIZE, RW) != TEST_ADDR) {
			test_fail(c->t, "cannot map a page");
			c17.over = true;
		}
		say(&c17.mapped, n);
		if (c17.over)
			break;
		wait_for(c, &c17.ready, n);
		if (user_write64(TEST_ADDR, n))
			test_fail(c->t, "cannot write to a page");
		c17.faults++;
		say(&c17.done, n);
		wait_for(c, &c17.seen, n);
		sys_munmap(TEST_ADDR, PAGE_SIZE);
	}
	unuse_mm();
}

/* As reclaim would see it: mmap_sem, which we hold, keeps the area and so the anon_vma alive. */
static bool look(struct vm_area_struct *vma)
{
	/* dependency: as in anon_vma_lock(), if the variant has a release; tests: litmus.C2-rcu */
	struct anon_vma *anon_vma = rcu_dereference(vma->anon_vma);
	bool hit = false;

	if (!anon_vma || !spin_trylock(&anon_vma->lock))
		return false;
	hit = list_empty(&anon_vma->head);
	spin_unlock(&anon_vma->lock);
	return hit;
}

static unsigned int bucket_of(u64 hits)
{
	unsigned int n = 0;

	for (; hits && n < BUCKETS - 1; hits >>= 1)
		n++;
	return n;
}

/* Interrupt context, on the first thread's CPU; or late, between two faults. */
static void strike(void *arg)
{
	struct vm_area_struct *vma = READ_ONCE(c17.vma);
	/* dependency: as in anon_vma_lock(), and in look(); tests: litmus.C2-rcu */
	struct anon_vma *anon_vma = vma ? rcu_dereference(vma->anon_vma) : NULL;
	/* No lock: what is asked is how far the thread has come that this CPU was running. */
	bool open = anon_vma && list_empty(&anon_vma->head);

	if (c17.now == INTERRUPTED)
		clock_delay_ns(HANDLER_NS);
	else if (!wake_up_process(c17.rival))
		return; /* a tick has cut its turn short, and it waits for the rest behind others */
	if (open)
		WRITE_ONCE(c17.hit, true);
}

/* Works for a turn whenever it is woken. */
static void rival_thread(void *arg)
{
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (READ_ONCE(c17.rival_over))
			break;
		schedule();
		if (!READ_ONCE(c17.rival_over))
			clock_delay_ns(AWAY_NS);
	}
	set_current_state(TASK_RUNNING);
}

/* Look until the fault is over; how many looks found the window open. */
static u64 look_on(struct crew *c, struct vm_area_struct *vma, u32 n)
{
	u64 looks = 0, hits = 0;

	/* acquire: as in wait_for(); tests: litmus.MP+rel+acq */
	while (vma && smp_load_acquire(&c17.done) != n && !READ_ONCE(c->stop)) {
		looks++;
		if (look(vma) && !hits++ && c17.now != CALM && c17.now != LOCKED)
			smp_call_function_single(0, strike, NULL, false);
	}
	c17.tally[c17.now].looks += looks;
	return hits;
}

static void tally_add(struct tally *y, u64 hits)
{
	y->faults++;
	y->hits += hits;
	y->bucket[bucket_of(hits)]++;
}

static void second_thread(struct crew *c)
{
	for (u32 n = 1; !READ_ONCE(c->stop); n++) {
		struct vm_area_struct *vma;
		u64 hits;

		wait_for(c, &c17.mapped, n);
		if (c17.over)
			break;
		down_read(&c17.mm->mmap_sem);
		vma = find_vma(c17.mm, TEST_ADDR);
		WRITE_ONCE(c17.hit, false);
		WRITE_ONCE(c17.vma, vma);
		say(&c17.ready, n);
		hits = look_on(c, vma, n);
		WRITE_ONCE(c17.vma, NULL);
		up_read(&c17.mm->mmap_sem);
		tally_add(&c17.tally[c17.now], hits);
		if (READ_ONCE(c17.hit))
			tally_add(&c17.struck[c17.now], hits);
		say(&c17.seen, n);
	}
	/* After this one no interrupt of ours is under way. */
	smp_call_function_single(0, strike, NULL, true);
}

static void c17_thread(struct crew *c, unsigned int me)
{
	if (me == 0)
		first_thread(c);
	else
		second_thread(c);
}

/* V0's, where one thread alone prepares: so no lock need keep another out, or preemption off. */
static int prepare_preemptible(struct vm_area_struct *vma)
{
	struct anon_vma *allocated, *anon_vma = anon_vma_choose(vma, &allocated);

	if (!anon_vma)
		return -ENOMEM;
	WRITE_ONCE(vma->anon_vma, anon_vma);
	sync_point_on("prepare.published", anon_vma);
	anon_vma_list_add(anon_vma, vma);
	return 0;
}

/* The variant of a setting. */
static const struct anon_vma_variant *variant_of(enum setting which)
{
	static struct anon_vma_ops ops;
	static const struct anon_vma_variant preemptible = { .ops = &ops };

	if (which != PREEMPTED)
		return anon_vma_variant_find(which == LOCKED ? "v5" : "v0");
	ops = *anon_vma_variant_find("v0")->ops;
	ops.name = "preemptible";
	ops.prepare = prepare_preemptible;
	return &preemptible;
}

static struct task_struct *rival_start(void)
{
	struct task_struct *rival = thread_prepare("rival", 1, rival_thread, NULL);

	if (rival) {
		c17.rival_over = false;
		rival->urgent = true;
		thread_start(rival);
	}
	return rival;
}

static void measure(struct test *t, enum setting which, u64 ns)
{
	const struct sync_rule delay = {
		.at = "prepare.published",
		.cpu = -1,
		.delay_max_ns = which == LOCKED ? AWAY_NS : WINDOW_NS,
	};
	static struct detect_trap
		trap; /* who looks may have the lock: it is reported, and goes on */

	c17.now = which;
	c17.faults = 0;
	c17.mapped = c17.done = c17.ready = c17.seen = 0;
	c17.over = false;
	c17.rival = rival_start();
	if (!EXPECT(t, c17.rival != NULL))
		return;
	c17.mm = mm_alloc();
	if (EXPECT(t, c17.mm && !anon_vma_variant_set(variant_of(which)))) {
		sync_rules_arm(&delay, 1, rng_next(&t->rng));
		detect_trap_set(&trap);
		c17.until = clock_ns() + ns;
		crew_run_fixed(t, 2, c17_thread, NULL);
		detect_trap_clear();
		sync_rules_disarm();
	}
	if (c17.mm)
		mmput(c17.mm);
	WRITE_ONCE(c17.rival_over, true);
	wake_up_process(c17.rival);
	thread_join(c17.rival);
}

/* Where the median of the windows lies that were struck and held. */
static unsigned int held_bucket(void)
{
	const struct tally *y = &c17.struck[HELD];
	u64 sum = 0;

	for (unsigned int i = 0; i < BUCKETS; i++) {
		sum += y->bucket[i];
		if (2 * sum >= y->faults)
			return i;
	}
	return 0;
}

/* A window is wide if so many looks found it open: the next bucket, and those above. */
static unsigned long wide(void)
{
	return 1UL << held_bucket();
}

/* Faults with a wide window, of a thousand. */
static unsigned long rate(const struct tally *y)
{
	u64 n = 0;

	for (unsigned int i = held_bucket() + 1; i < BUCKETS; i++)
		n += y->bucket[i];
	return y->faults ? n * 1000 / y->faults : 0;
}

static unsigned long mean_hits(const struct tally *y)
{
	return y->faults ? y->hits / y->faults : 0;
}

/* Did enough interrupts come between the steps to tell ... */
static bool enough_struck(enum setting which)
{
	return MIN(c17.struck[which].faults, c17.struck[HELD].faults) >= STRUCK_MIN;
}

/* ... that these windows are wide more often than held ones? */
static bool wider(enum setting which)
{
	return enough_struck(which) &&
	       rate(&c17.struck[which]) >= rate(&c17.struck[HELD]) + MORE_OF;
}

/*
 * Are held windows so much wider than calm ones, which are as wide by themselves, that the host
 * must have taken the first thread's CPU away in most of them? (An interrupt hits such a window
 * more easily than another.) Then they are no measure of the others.
 */
static bool held_disturbed(void)
{
	return wide() > DISTURBED * MAX(mean_hits(&c17.tally[CALM]), 1UL);
}

static bool more_wanted(enum setting which)
{
	return c17.struck[which].faults < STRUCK_MIN || (enough_struck(which) && !wider(which));
}

static void c17_record(struct test *t)
{
	const struct tally *y = c17.tally, *s = c17.struck;
	u64 faults = 0;

	for (unsigned int i = 0; i < SETTINGS; i++)
		faults += y[i].faults;
	test_record(t, "\"claim\":\"C17\",\"by\":\"Nick Piggin\",\"result\":\"%s\"",
		    wider(PREEMPTED) && wider(INTERRUPTED) ? "shown"
		    : wider(PREEMPTED)			   ? "shown-preempted-only"
		    : wider(INTERRUPTED)		   ? "shown-interrupted-only"
							   : "not-shown");
	test_record(
		t,
		"\"evidence\":\"of 1000 faults so many leave V0's new anon_vma without its area "
		"for %lu looks of another CPU or more: %lu calm (of %llu faults); where an "
		"interrupt came between the two steps, %lu if it took long (%llu), %lu if it "
		"preempted (%llu), %lu if a spinlock kept it from that (%llu); V5: %llu looks in "
		"%llu faults\"",
		wide(), rate(&y[CALM]), (unsigned long long)y[CALM].faults, rate(&s[INTERRUPTED]),
		(unsigned long long)s[INTERRUPTED].faults, rate(&s[PREEMPTED]),
		(unsigned long long)s[PREEMPTED].faults, rate(&s[HELD]),
		(unsigned long long)s[HELD].faults, (unsigned long long)y[LOCKED].hits,
		(unsigned long long)y[LOCKED].faults);
	test_record(t,
		    "\"tests\":\"rmap.C17 rmap.v0.free\",\"iterations\":%llu,\"rate_calm\":%lu,"
		    "\"rate_interrupted\":%lu,\"rate_preempted\":%lu,\"rate_held\":%lu",
		    (unsigned long long)faults, rate(&y[CALM]), rate(&s[INTERRUPTED]),
		    rate(&s[PREEMPTED]), rate(&s[HELD]));
	test_record(t, "\"mean_looks\":\"%lu %lu %lu %lu %lu\"", mean_hits(&y[CALM]),
		    mean_hits(&s[INTERRUPTED]), mean_hits(&s[PREEMPTED]), mean_hits(&s[HELD]),
		    mean_hits(&y[LOCKED]));
}

static void no_thread(struct crew *c, unsigned int me)
{
}

/* Windows that were struck must be wide more often, if enough were and that can be told. */
static void expect_wider(struct test *t, enum setting which, const char *what)
{
	if (enough_struck(which) && !held_disturbed())
		EXPECT_MSG(t, wider(which), "%s: %lu of a thousand, held: %lu", what,
			   rate(&c17.struck[which]), rate(&c17.struck[HELD]));
}

static void test_c17(struct test *t)
{
	const struct anon_vma_variant *before = anon_vma_variant_current();
	u64 ns = t->budget_ns / (ROUNDS * SETTINGS);
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync point to be away at");
		return;
	}
	crew_run_fixed(t, 3, no_thread, NULL);
	balance_begin(t, &b);
	for (unsigned int i = 0; i < SETTINGS; i++)
		c17.tally[i] = c17.struck[i] = (struct tally){ 0 };
	c17.latest = clock_ns() + MORE_TIMES * t->budget_ns + LATEST_NS;
	/* V0 breaks the rule each time, which takes long to report. */
	WRITE_ONCE(anon_vma_report_unraced, false);
	for (unsigned int i = 0; i < ROUNDS * SETTINGS && !t->failures; i++)
		measure(t, i % SETTINGS, ns);
	/* A busy host may take away the CPU that looks: what we are after comes out in the end. */
	while (!(wider(INTERRUPTED) && wider(PREEMPTED)) && clock_ns() < c17.latest && !t->failures)
		for (enum setting i = INTERRUPTED; i <= PREEMPTED; i++)
			if (more_wanted(i))
				measure(t, i, ns);
	WRITE_ONCE(anon_vma_report_unraced, true);
	EXPECT(t, !anon_vma_variant_set(before));
	/* On a busy host too few may have come there, or be of no use: then it is not "shown". */
	expect_wider(t, INTERRUPTED, "interrupted");
	expect_wider(t, PREEMPTED, "preempted");
	EXPECT_MSG(t, !c17.tally[LOCKED].hits, "%llu looks found an empty list of V5's",
		   (unsigned long long)c17.tally[LOCKED].hits);
	c17_record(t);
	balance_end(t, &b);
}

static const struct test_case __test_rmap_C17 __used __section(".tests") __aligned(8) = {
	.name = "rmap.C17",
	.kind = TEST_RACE,
	.fn = test_c17,
	.min_cpus = 2,
};
