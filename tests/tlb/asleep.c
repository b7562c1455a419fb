/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Flushes and CPUs that sleep: these are not woken, and use no old translation all the same, not
 * even in the interrupt that wakes them.
 *
 * CPU 0 gives the page another frame over and over. Each frame carries the number of the change
 * that brought it, which is known by the time that the flush is complete and the page is mapped:
 *
 *	CPU 0				another CPU
 *	clear the entry			(dozes)
 *	flush
 *	frame: n; entry
 *	epoch = n (release), kick	e = epoch (acquire)
 *					read the page: e or more, or nothing
 *					dozes until epoch is not e
 */
#include <arch/barrier.h>
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>
#include <test/slow_tick.h>
#include <test/space.h>

#define DOZE_SOON 1 /* ns */
#define LIMIT_NS  10000000000ULL
#define ROUNDS	  200 /* of the forced test, at most; where the host lets it, a few do: */
#define ENOUGH	  5

static struct naps {
	struct space s;
	struct page *frame[2];
	u64 epoch;	    /* by release, read by acquire; CPU 0's */
	u32 stop;	    /* lockless, a flag */
	u64 stale;	    /* reads by entries that were flushed; atomic */
	u64 reads;	    /* that succeeded; atomic */
	unsigned int alone; /* changes during which CPU 1 was not interrupted; CPU 0's */
} naps;

static void nap_read(struct naps *n)
{
	/* acquire: pairs with the release in change(); the mapped page before its use */
	u64 e = smp_load_acquire(&n->epoch), val;

	if (space_read(0, &val))
		return;
	fetch_add_relaxed(&n->reads, 1ULL);
	if (val < e)
		fetch_add_relaxed(&n->stale, 1ULL);
}

static void nap_on_cpu(void *arg, unsigned int cpu)
{
	struct naps *n = arg;
	u64 e;

	space_load(&n->s);
	while (!READ_ONCE(n->stop)) {
		e = READ_ONCE(n->epoch);
		nap_read(n);
		spin_until_on("the next change", &n->epoch,
			      READ_ONCE(n->epoch) != e || READ_ONCE(n->stop));
	}
}

/* CPU 0; @kick: who dozes for it shall go on. */
static void change(struct naps *n, bool kick)
{
	unsigned long before = READ_ONCE(per_cpu(ipi_count, 1));
	struct page *next = n->frame[n->epoch & 1];

	ptep_get_and_clear(&n->s.pte[0]);
	tlb_flush_page(&n->s.mm, SPACE_VA);
	n->alone += READ_ONCE(per_cpu(ipi_count, 1)) == before;
	*frame_word(next, 0) = n->epoch + 1;
	space_map(&n->s, 0, next, SPACE_RW);
	/* release: pairs with the acquire in nap_read() */
	smp_store_release(&n->epoch, n->epoch + 1);
	if (kick)
		spin_kick_all(&n->epoch);
}

static void naps_end(struct naps *n)
{
	WRITE_ONCE(n->stop, 1);
	spin_kick_all(&n->epoch);
	on_other_cpus_wait();
}

/* ---- forced: CPU 1 sleeps during each flush, and reads the page in the interrupt then ---- */

static void read_in_call(void *arg)
{
	nap_read(arg);
}

static bool cpu1_dozes(void)
{
	struct patience patience;

	patience_begin(&patience, LIMIT_NS, 0);
	return spin_until_awake_or("a doze", spin_dozers() & 2, patience_is_over(&patience));
}

static void naps_forced(struct test *t, struct naps *n, bool twin)
{
	unsigned int called = 0;

	for (int i = 0; i < ROUNDS && !t->failures; i++) {
		if (!EXPECT(t, cpu1_dozes()))
			break;
		change(n, false);
		called += !smp_call_function_single(1, read_in_call, n, true);
		if (twin ? READ_ONCE(n->stale) : n->alone >= ENOUGH)
			break;
		spin_kick_all(&n->epoch);
	}
	EXPECT(t, called);
}

/* ---- free: they fall asleep and wake up as it comes ---- */

static void naps_free(struct test *t, struct naps *n, bool twin)
{
	u64 start = clock_ns(), spent;

	do {
		change(n, true);
		spent = clock_ns() - start;
	} while (twin ? spent < LIMIT_NS && !READ_ONCE(n->stale) : spent < t->budget_ns);
}

/* ---- both ---- */

static void naps_run(struct test *t, struct naps *n, bool twin)
{
	void (*cycles)(struct test * t, struct naps * n, bool twin) = t->tc->data;

	space_map(&n->s, 0, n->frame[1], SPACE_RW);
	space_faults_begin();
	spin_wait_pretend(true, DOZE_SOON);
	slow_tick_begin();
	on_other_cpus_start(nap_on_cpu, n);
	cycles(t, n, twin);
	naps_end(n);
	slow_tick_end();
	spin_wait_pretend(false, 0);
	space_faults_end();
	ptep_get_and_clear(&n->s.pte[0]);
}

static void naps_test(struct test *t, bool twin)
{
	struct naps *n = &naps;

	memset(n, 0, sizeof(*n));
	if (!space_create(t, &n->s))
		return;
	n->frame[0] = frame_create(t);
	n->frame[1] = frame_create(t);
	if (n->frame[0] && n->frame[1])
		naps_run(t, n, twin);
	test_record(t, "\"changes\":%llu,\"reads\":%llu,\"stale\":%llu,\"not_woken\":%u",
		    (unsigned long long)n->epoch, (unsigned long long)n->reads,
		    (unsigned long long)n->stale, n->alone);
	space_destroy(&n->s);
	frame_free(n->frame[0]);
	frame_free(n->frame[1]);
}

static void test_asleep(struct test *t)
{
	naps_test(t, false);
	EXPECT_MSG(t, naps.reads && !naps.stale, "%llu of %llu reads by flushed entries",
		   (unsigned long long)naps.stale, (unsigned long long)naps.reads);
	EXPECT_MSG(t, naps.alone, "each of %llu flushes woke CPU 1",
		   (unsigned long long)naps.epoch);
}
TEST(tlb, asleep, TEST_RACE, test_asleep, .data = naps_forced, .min_cpus = 2);
TEST(tlb, asleep_race, TEST_RACE, test_asleep, .data = naps_free, .min_cpus = 2);

/* The busted twins: who sleeps is not told of a flush. */
static void test_asleep_busted(struct test *t)
{
	if (switches_missing(t))
		return;
	if (ARCH_TLB_BROADCAST) {
		test_skip(t, "unobservable: flushes are broadcast, and leave nobody out");
		return;
	}
	busted_set(BUSTED_SLEEP_UNTOLD);
	naps_test(t, true);
	busted_clear(BUSTED_SLEEP_UNTOLD);
	if (!naps.stale && !strcmp(tests_accel(), "kvm")) {
		test_skip(t, "nothing stale was seen: a hypervisor may empty the TLB on its own");
		return;
	}
	EXPECT_MSG(t, naps.stale, "no stale read was seen in %llu changes",
		   (unsigned long long)naps.epoch);
}
TEST(tlb, asleep_twin, TEST_RACE, test_asleep_busted, .data = naps_forced, .min_cpus = 2);
TEST(tlb, asleep_race_twin, TEST_RACE, test_asleep_busted, .data = naps_free, .min_cpus = 2);
