/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * C16: is a processor barrier needed between rcu_read_lock() and the look at page_mapped()?
 *
 * Neither flavour's rcu_read_lock() orders anything for other CPUs: it counts in the task, and
 * (classic) disables preemption, by plain stores. So the processor may look at page->mapcount
 * before it, but not before the last quiescent state of that CPU, which is a full barrier:
 *
 *	reader				exit, then the anon_vma's memory is given back
 *	quiescent state: n
 *	full barrier
 *	look at mapcount: 1
 *					mapcount = 0
 *					full barrier
 *					look at the count of quiescent states
 *	use the anon_vma
 *	rcu_read_unlock()
 *	full barrier
 *	quiescent state: n + 1
 *					sees n + 1; full barrier
 *					the memory is something else
 *
 * A reader that saw the page mapped makes the other side see its n (store buffering with two
 * barriers: litmus.SB+mb+mb). So that waits for n + 1, and whoever sees n + 1 comes after all that
 * the reader did (litmus.LB+mb+mb). Wherever the look ended up, there is no need of a barrier.
 *
 * The race is run on the real path, in both flavours: readers look at pages by the steps of
 * page_lock_anon_vma(), with a delay before they use the anon_vma, while CPU 0 maps and unmaps the
 * pages, waits for a grace period, and poisons the memory. The busted twin is a grace period that
 * leaves out the CPUs of readers: then they see poison.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>

#include "claims.h"

#define READERS_MAX   2
#define STAY_STEPS    3000 /* most readers stay so many steps between their look and the use */
#define STAY_SELDOM   16   /* one in so many stays so long: a grace period must wait for it */
#define STAY_NS	      2000000ULL
#define STAY_TWIN_NS  20000000ULL /* every reader, for the twin to be caught on a busy host */
#define MAPPED_NS     20000ULL	  /* pages stay mapped for so long, ... */
#define MEET_NS	      20000000ULL /* ... or until readers found some, but no longer than this */
#define MEET_MAPPED   4
#define TWIN_LIMIT_NS 8000000000ULL /* a busy host may take long to show it */
#define MAPPED_MIN    200	    /* fewer readers that found a page mapped say nothing */
#define ROUNDS_MAX    8

struct reader {
	unsigned int cpu;
	struct rng rng;
	u64 looks, mapped, stale; /* its own; read by CPU 0 when it has ended */
} __aligned(ARCH_CACHE_LINE_MAX);

static struct {
	struct reader reader[READERS_MAX];
	unsigned int nr;
	bool lock; /* take the lock too: not while grace periods are busted */
	u32 stop;
	u64 grace_periods;
} race;

/* Between the look at page_mapped() and the use. */
static void stay(struct reader *r, const void *mapping)
{
	u64 start, ns = race.lock ? STAY_NS : STAY_TWIN_NS;

	if (race.lock && rng_below(&r->rng, STAY_SELDOM)) {
		for (unsigned long n = rng_below(&r->rng, STAY_STEPS); n; n--)
			barrier();
		return;
	}
	start = clock_ns();
	spin_until_awake_or("the anon_vma's end", order_sees_poison(mapping),
			    clock_ns() - start >= ns);
}

static void read_once(struct reader *r)
{
	struct page *page = order_page(rng_below(&r->rng, ORDER_PAGES));
	struct anon_vma *anon_vma;
	void *mapping;

	rcu_read_lock();
	r->looks++;
	/* dependency: as in page_anon_vma(), pairs with the release in prepare_modern(); orders the
	 * read of the pointer before the looks through it; tests: litmus.C2-rcu */
	mapping = rcu_dereference(page->mapping);
	if (mapping && page_mapped(page)) {
		r->mapped++;
		stay(r, mapping);
		if (order_sees_poison(mapping)) {
			r->stale++;
		} else if (race.lock) {
			anon_vma = page_lock_anon_vma(page);
			if (anon_vma)
				page_unlock_anon_vma(anon_vma);
		}
	}
	rcu_read_unlock();
}

static void reader_run(void *arg)
{
	struct reader *r = arg;

	while (!READ_ONCE(race.stop))
		read_once(r);
}

static void wait_for_readers(bool expedited)
{
	if (expedited)
		synchronize_rcu_expedited();
	else
		synchronize_rcu();
	race.grace_periods++;
}

static u64 nr_mapped(void)
{
	u64 mapped = 0;

	for (unsigned int i = 0; i < race.nr; i++)
		mapped += READ_ONCE(race.reader[i].mapped);
	return mapped;
}

/* The host may have put the readers aside: wait until they are at it. */
static void meet_readers(void)
{
	u64 start = clock_ns(), mapped = nr_mapped();

	clock_delay_ns(MAPPED_NS);
	spin_until_awake_or("the readers", nr_mapped() - mapped >= MEET_MAPPED,
			    clock_ns() - start >= MEET_NS);
}

/*
 * All pages come, and go. The second grace period is for readers that have an old page->mapping and
 * would take the next count for it: the page's next life, which they cannot meet while the caller
 * of page_lock_anon_vma() has a reference.
 */
static void turn(bool expedited)
{
	unsigned int i;

	for (i = 0; i < ORDER_PAGES; i++)
		order_map(i);
	meet_readers();
	for (i = 0; i < ORDER_PAGES; i++)
		order_unmap(i);
	wait_for_readers(expedited);
	for (i = 0; i < ORDER_PAGES; i++)
		order_poison(i);
	for (i = 0; i < ORDER_PAGES; i++)
		WRITE_ONCE(order_page(i)->mapping, NULL);
	wait_for_readers(true);
}

static bool readers_start(struct test *t, bool lock)
{
	u64 seed = rng_next(&t->rng);

	memset(&race, 0, sizeof(race));
	race.lock = lock;
	race.nr = MIN(MIN(smp_nr_online(), MAX(tests_racers(), 2U)) - 1, (unsigned int)READERS_MAX);
	for (unsigned int i = 0, cpu = 0; i < race.nr; i++) {
		struct reader *r = &race.reader[i];

		do
			cpu++;
		while (!cpu_is_online(cpu));
		r->cpu = cpu;
		rng_seed(&r->rng, seed + i, "reader");
		if (EXPECT(t, !cpu_work_start(cpu, reader_run, r)))
			continue;
		race.nr = i;
		return false;
	}
	return true;
}

static void readers_stop(struct reader *sum)
{
	WRITE_ONCE(race.stop, 1);
	*sum = (struct reader){ 0 };
	for (unsigned int i = 0; i < race.nr; i++) {
		cpu_work_wait(race.reader[i].cpu);
		sum->looks += race.reader[i].looks;
		sum->mapped += race.reader[i].mapped;
		sum->stale += race.reader[i].stale;
	}
}

static bool enough(u64 start, u64 ns)
{
	return clock_ns() - start >= (nr_mapped() < MAPPED_MIN ? ROUNDS_MAX * ns : ns);
}

/* As it should be, for @ns. */
static void run_sound(struct test *t, u64 ns, struct reader *sum)
{
	u64 start = clock_ns();

	if (readers_start(t, true))
		for (unsigned int n = 0; !enough(start, ns); n++)
			turn(n % 8 != 0);
	readers_stop(sum);
}

/* Grace periods leave the first reader's CPU out. Until it saw poison, or too long. */
static void run_twin(struct test *t, struct reader *sum)
{
	struct patience patience;

	patience_begin(&patience, TWIN_LIMIT_NS, 0);
	if (readers_start(t, false)) {
		rcu_skip_cpu = race.reader[0].cpu;
		busted_set(BUSTED_RCU_SKIP_CPU);
		while (!READ_ONCE(race.reader[0].stale) && !patience_is_over(&patience))
			turn(true);
		busted_clear(BUSTED_RCU_SKIP_CPU);
	}
	readers_stop(sum);
	synchronize_rcu();
}

static bool run_flavour(struct claim *c, const char *flavour)
{
	struct test *t = c->t;
	struct reader sound, twin;
	u64 grace_periods;

	if (!EXPECT(t, !rcu_set_flavour(flavour)))
		return false;
	run_sound(t, t->budget_ns / 2, &sound);
	grace_periods = race.grace_periods;
	EXPECT_MSG(t, sound.mapped, "timeout: no reader found a page mapped");
	c->failed |= sound.stale != 0;
	if (!busted_possible()) {
		claim_say(c, "%s RCU: %llu of %llu readers used what was gone", flavour,
			  (unsigned long long)sound.stale, (unsigned long long)sound.mapped);
		return true;
	}
	run_twin(t, &twin);
	claim_say(c,
		  "%s RCU: of %llu readers that found the page mapped %llu used what was gone, in "
		  "%llu grace periods; where these leave a CPU out, %llu of %llu",
		  flavour, (unsigned long long)sound.mapped, (unsigned long long)sound.stale,
		  (unsigned long long)grace_periods, (unsigned long long)twin.stale,
		  (unsigned long long)twin.mapped);
	EXPECT_MSG(t, twin.stale, "%s: a grace period that leaves a CPU out was not caught",
		   flavour);
	return true;
}

static void test_c16(struct test *t)
{
	const char *before = rcu_flavour();
	static struct litmus_result shape;
	static struct claim c;
	bool ok;

	claim_begin(&c, t, "C16", "Hugh Dickins");
	if (!order_begin(t, &anon_vma_ops_modern))
		return;
	for (unsigned int i = 0; i < ORDER_PAGES; i++)
		order_poison(i);
	claim_say(&c, "no barrier is needed: rcu_read_lock() orders nothing in either flavour, the "
		      "full barriers of the quiescent state and of the grace period do");
	ok = claim_litmus(&c, "litmus.SB+mb+mb", t->budget_ns / 8, &shape) &&
	     claim_litmus(&c, "litmus.LB+mb+mb", t->budget_ns / 8, &shape) &&
	     run_flavour(&c, "classic") && run_flavour(&c, "preempt");
	EXPECT(t, !rcu_set_flavour(before));
	order_end(t);
	if (!ok)
		return;
	claim_rests_on(&c, "rcu.torture_classic");
	claim_rests_on(&c, "rcu.torture_preempt");
	claim_end(&c, "forbidden-unseen", claim_basis_both());
}
TEST(rmap, C16, TEST_RACE, test_c16, .min_cpus = 2);
