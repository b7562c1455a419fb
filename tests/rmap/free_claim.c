/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * rmap.C17: is the race of V0 likelier where who makes the anon_vma can be interrupted or preempted
 * in the midst of it (Piggin, 16 October)?
 *
 * V0's fault would end a free-running test, so what is counted here is how often it was near: one
 * thread takes the first fault of a new area, again and again; the other, as reclaim would, looks
 * as fast as it can at the anon_vma that the area has by then, and counts each look that could
 * take the lock and found an empty list. Since looks come at a steady rate, their number says for
 * how long the window stood open. What is compared is how many faults have a wide one, at least
 * four times as wide as calm's median: the host, too, takes a CPU away in the midst of it at times,
 * and such a rare one is so wide that a mean would say nothing else.
 *
 *	first fault			the other, in a loop
 *	vma->anon_vma = it
 *					vma->anon_vma ? yes
 *					trylock ? yes
 *					list empty ? count
 *	list_add()
 *
 * In four settings, in turn:
 *	calm		nothing disturbs
 *	interrupted	a third CPU interrupts the first one all the time; fast ticks
 *	preempted	at times the first thread is away between the two steps for as long as a
 *			turn on a CPU takes: what a preemptible lock would allow, and ours does not
 *	locked		the same with V5: the window is there, but who looks cannot have the lock,
 *			so nothing may be counted: this shows that the count means something
 */
#include <arch/atomic.h>
#include <arch/cpu.h>
#include <kernel/clock.h>
#include <kernel/detect.h>
#include <kernel/sync_point.h>
#include <mm/rmap.h>

#include "../mm/lib.h"
#include "variants/variants.h"

#define ROUNDS	   4 /* of all settings */
#define FAULTS_MIN 20
#define AWAY_NS	   2000000ULL
#define STORM_HZ   2000

enum setting { CALM, INTERRUPTED, PREEMPTED, LOCKED, SETTINGS };

#define BUCKETS 40

struct tally {
	u64 faults, looks, hits;
	u64 bucket[BUCKETS]; /* [0]: faults without a hit, [n]: with 2^(n-1) hits and up */
};

/* Who writes what: "first" the first thread, "second" the other. */
static struct {
	struct mm_struct *mm;
	struct tally tally[SETTINGS];
	struct tally *now;
	u64 until;	  /* clock_ns() */
	bool storm;	  /* is there a third thread? */
	u32 mapped, done; /* first: number of the fault whose area is there; that is over */
	u32 ready, seen;  /* second: it looks; it has stopped looking */
	bool over;	  /* first */
} c17;

/* Wait until the other thread has come as far as @n, or the crew stops. */
static void wait_for(const struct crew *c, const u32 *where, u32 n)
{
	/*
	 * acquire: pairs with the releases in say(); what the other thread did before, before what
	 * we do next; tests: litmus.MP+rel+acq
	 */
	for (unsigned int i = 0; smp_load_acquire(where) != n && !READ_ONCE(c->stop); i++) {
		cpu_relax();
		if (i > 200)
			yield();
	}
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
		c17.over = c17.now->faults >= FAULTS_MIN && clock_ns() >= c17.until;
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
		c17.now->faults++;
		say(&c17.done, n);
		wait_for(c, &c17.seen, n);
		sys_munmap(TEST_ADDR, PAGE_SIZE);
	}
	unuse_mm();
}

/* As reclaim would see it: mmap_sem, which we hold, keeps the area and so the anon_vma alive. */
static bool look(struct vm_area_struct *vma)
{
	/* dependency: pairs with the release, if any, in prepare(); tests: litmus.C2-rcu */
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

static void second_thread(struct crew *c)
{
	for (u32 n = 1; !READ_ONCE(c->stop); n++) {
		struct vm_area_struct *vma;
		u64 hits = 0;

		wait_for(c, &c17.mapped, n);
		if (c17.over)
			break;
		down_read(&c17.mm->mmap_sem);
		vma = find_vma(c17.mm, TEST_ADDR);
		say(&c17.ready, n);
		/* acquire: pairs with say(), as in wait_for(); tests: litmus.MP+rel+acq */
		while (vma && smp_load_acquire(&c17.done) != n && !READ_ONCE(c->stop)) {
			c17.now->looks++;
			hits += look(vma);
		}
		up_read(&c17.mm->mmap_sem);
		c17.now->hits += hits;
		c17.now->bucket[bucket_of(hits)]++;
		say(&c17.seen, n);
	}
	WRITE_ONCE(c17.storm, false);
}

static void c17_thread(struct crew *c, unsigned int me)
{
	if (me == 0)
		first_thread(c);
	else if (me == 1)
		second_thread(c);
	else
		while (READ_ONCE(c17.storm) && !READ_ONCE(c->stop))
			ipi_send_noise(0);
}

static void measure(struct test *t, enum setting which, u64 ns)
{
	static const struct sync_rule away = {
		.at = "prepare.published",
		.cpu = -1,
		.delay_max_ns = AWAY_NS,
		.delay_one_in = 4,
		.flags = SYNC_NO_PREEMPT,
	};
	const char *v = which == LOCKED ? "v5" : "v0";
	bool storm = which == INTERRUPTED && smp_nr_online() > 2;
	static struct detect_trap trap; /* V0's insertion is reported each time, and goes on */

	if (!EXPECT(t, !anon_vma_variant_set(anon_vma_variant_find(v))))
		return;
	c17.now = &c17.tally[which];
	c17.mapped = c17.done = c17.ready = c17.seen = 0;
	c17.over = false;
	c17.storm = storm;
	c17.mm = mm_alloc();
	if (!EXPECT(t, c17.mm != NULL))
		return;
	detect_trap_set(&trap);
	if (which == INTERRUPTED)
		tick_set_rate(STORM_HZ);
	if (which == PREEMPTED || which == LOCKED)
		sync_rules_arm(&away, 1, rng_next(&t->rng));
	c17.until = clock_ns() + ns;
	crew_run_fixed(t, storm ? 3 : 2, c17_thread, NULL);
	sync_rules_disarm();
	tick_set_rate(0);
	detect_trap_clear();
	mmput(c17.mm);
}

/* Where the median of calm's faults lies. */
static unsigned int calm_bucket(void)
{
	const struct tally *y = &c17.tally[CALM];
	u64 sum = 0;

	for (unsigned int i = 0; i < BUCKETS; i++) {
		sum += y->bucket[i];
		if (2 * sum >= y->faults)
			return i;
	}
	return 0;
}

/* Faults with a wide window, of a thousand. */
static unsigned long rate(enum setting s)
{
	const struct tally *y = &c17.tally[s];
	u64 wide = 0;

	for (unsigned int i = calm_bucket() + 2; i < BUCKETS; i++)
		wide += y->bucket[i];
	return y->faults ? wide * 1000 / y->faults : 0;
}

static unsigned long mean_hits(enum setting s)
{
	return c17.tally[s].faults ? c17.tally[s].hits / c17.tally[s].faults : 0;
}

static void c17_record(struct test *t)
{
	const struct tally *y = c17.tally;
	bool interrupted = rate(INTERRUPTED) > rate(CALM), preempted = rate(PREEMPTED) > rate(CALM);

	test_record(t, "\"claim\":\"C17\",\"by\":\"Nick Piggin\",\"result\":\"%s\"",
		    !preempted	  ? "refuted"
		    : interrupted ? "shown"
				  : "shown-preempted-only");
	test_record(
		t,
		"\"evidence\":\"of 1000 faults so many leave V0's new anon_vma without its area "
		"for 4 times calm's median or longer: %lu calm (of %llu faults), %lu interrupted "
		"(%llu), %lu preempted there (%llu); seen in V5, preempted there: %llu (%llu)\"",
		rate(CALM), (unsigned long long)y[CALM].faults, rate(INTERRUPTED),
		(unsigned long long)y[INTERRUPTED].faults, rate(PREEMPTED),
		(unsigned long long)y[PREEMPTED].faults, (unsigned long long)y[LOCKED].hits,
		(unsigned long long)y[LOCKED].faults);
	test_record(t,
		    "\"tests\":\"rmap.C17 rmap.v0.free\",\"iterations\":%llu,\"rate_calm\":%lu,"
		    "\"rate_interrupted\":%lu,\"rate_preempted\":%lu,\"rate_locked\":%lu",
		    (unsigned long long)(y[CALM].faults + y[INTERRUPTED].faults +
					 y[PREEMPTED].faults + y[LOCKED].faults),
		    rate(CALM), rate(INTERRUPTED), rate(PREEMPTED), rate(LOCKED));
	test_record(t, "\"mean_looks\":\"%lu %lu %lu %lu\"", mean_hits(CALM),
		    mean_hits(INTERRUPTED), mean_hits(PREEMPTED), mean_hits(LOCKED));
}

static void no_thread(struct crew *c, unsigned int me)
{
}

static void test_c17(struct test *t)
{
	const struct anon_vma_variant *before = anon_vma_variant_current();
	struct mm_balance b;

	if (!sync_points_enabled()) {
		test_skip(t, "a release build has no sync point to be away at");
		return;
	}
	crew_run_fixed(t, 3, no_thread, NULL);
	balance_begin(t, &b);
	for (unsigned int i = 0; i < SETTINGS; i++)
		c17.tally[i] = (struct tally){ 0 };
	for (unsigned int i = 0; i < ROUNDS * SETTINGS && !t->failures; i++)
		measure(t, i % SETTINGS, t->budget_ns / (ROUNDS * SETTINGS));
	EXPECT(t, !anon_vma_variant_set(before));
	/* Interrupts widen few windows: on a busy host fewer than chance does, so it may be not. */
	EXPECT_MSG(t, rate(PREEMPTED) > rate(CALM), "%lu of a thousand, and %lu", rate(PREEMPTED),
		   rate(CALM));
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
