/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * detect.held_ordering: what a CPU may conclude from another's table of held locks
 * (kernel/debug/held_locks.c), raced on the tables and locks themselves by the litmus engine:
 *
 *	SHAPE_RELEASED: who gets a lock no longer finds it with the CPU that had it
 *
 *	CPU that has it			CPU that gets it
 *	spin_lock(l)
 *	cell = me			cell: the holder
 *	spin_unlock(l)		--->	raw_spin_lock(l)
 *					cpu_holds(holder, l)? never
 *
 *	SHAPE_WAITS: who sees what a CPU spins for does not find what it released before
 *
 *	CPU that spins			CPU that asks
 *	spin_lock(l), spin_unlock(l)
 *	held_wait_begin(m)	--->	cpu_waits_for(): m
 *					cpu_keeps(it, l)? never
 *
 * Each CPU takes the instances one after another, so that a place of its table holds another lock
 * at every moment: a number that is seen before the place it speaks of shows the one before.
 *
 * Every architecture forbids the weak outcomes, by litmus.MP+rel+acq; TCG on x86 would not show
 * them either, had the release and the acquire been forgotten. What it shows is what
 * detect.held_ordering_twin does: the lock is removed after it is released, the wait begins before.
 */
#include <kernel/detect.h>
#include <kernel/held_locks.h>
#include <kernel/sched.h>
#include <kernel/spinlock.h>
#include <test/litmus.h>

#ifdef CONFIG_DEBUG

#define INSTANCES	  256
#define SEEN_MIN	  100		 /* fewer say nothing */
#define MEET_NS		  10000000000ULL /* so long a busy host may take to let them meet */
#define TWIN_NS		  10000000000ULL
#define LINGER_SPINS	  200	/* with a lock, or in a wait */
#define SPINS_AT_ONE	  20000 /* for what the other does; in a call, with the next: */
#define SPINS_AN_INSTANCE 1000
#define BUSTED_SPINS	  5000 /* between a release and a removal that comes too late */

enum shape { SHAPE_RELEASED, SHAPE_WAITS, SHAPE_NR };

static struct spinlock had[INSTANCES], wanted[INSTANCES];
static u32 spinner; /* the CPU + 1 of the body that spins; lockless, for a look */
static bool busted; /* constant during a race */

static void reset(unsigned long first, unsigned long end)
{
	for (unsigned long i = first; i < end; i++) {
		spin_lock_init(&had[i], "had");
		spin_lock_init(&wanted[i], "wanted");
	}
}

static void linger(unsigned int spins)
{
	while (spins--)
		barrier();
}

/* The twin: others get it while it still stands in our table. */
static void unlock_busted(struct spinlock *l)
{
	WRITE_ONCE(l->owner_cpu, 0);
	raw_spin_unlock(&l->raw);
	linger(BUSTED_SPINS);
	held_remove(held_find(l));
	preempt_enable();
}

static __always_inline unsigned int regs(bool seen, bool weak)
{
	return seen ? 1 | weak << 2 : LITMUS_UNSET << 2;
}

/*
 * Wait for a moment until *@p is not 0, for which @spins are left in this call: the host may have
 * taken the other CPU away.
 */
static __always_inline u32 come(const u32 *p, unsigned long *spins)
{
	unsigned long n = MIN(*spins, (unsigned long)SPINS_AT_ONE);
	u32 v;

	*spins -= n;
	while (!(v = READ_ONCE(*p)) && n)
		n--;
	*spins += n;
	return v;
}

static unsigned long spins_of(unsigned long first, unsigned long end)
{
	return SPINS_AT_ONE + (end - first) * SPINS_AN_INSTANCE;
}

LITMUS_BODY(body_has)
{
	for (unsigned long i = first; i != end; i++) {
		spin_lock(&had[i]);
		WRITE_ONCE(LITMUS_CELL(litmus_cell(a, 0, i)), smp_processor_id() + 1);
		linger(LINGER_SPINS);
		if (busted)
			unlock_busted(&had[i]);
		else
			spin_unlock(&had[i]);
	}
}

LITMUS_BODY(body_gets)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		u32 holder = come(&LITMUS_CELL(litmus_cell(a, 0, i)), &spins);
		unsigned long flags;

		a->out[i] = regs(false, false);
		if (!holder)
			continue;
		/* The bare lock: the look follows at once. */
		flags = arch_irq_save();
		raw_spin_lock(&had[i].raw);
		a->out[i] = regs(true, cpu_holds(holder - 1, &had[i]));
		raw_spin_unlock(&had[i].raw);
		arch_irq_restore(flags);
	}
}

/* Spins for each until the other has seen it, which it says in the cell. */
LITMUS_BODY(body_spins)
{
	unsigned long spins = spins_of(first, end);

	preempt_disable();
	WRITE_ONCE(spinner, smp_processor_id() + 1);
	for (unsigned long i = first; i != end; i++) {
		struct spinlock *outer = NULL;

		spin_lock(&had[i]);
		if (busted)
			outer = held_wait_begin(&wanted[i]);
		linger(LINGER_SPINS);
		spin_unlock(&had[i]);
		if (!busted)
			outer = held_wait_begin(&wanted[i]);
		come(&LITMUS_CELL(litmus_cell(a, 0, i)), &spins);
		held_wait_end(outer);
	}
	preempt_enable();
}

/* The instance that @cpu spins for, or -1; it spins for others as well. */
static int wanted_by(unsigned int cpu)
{
	const struct spinlock *l = cpu_waits_for(cpu);

	return l >= wanted && l < wanted + INSTANCES ? l - wanted : -1;
}

LITMUS_BODY(body_asks)
{
	unsigned long spins = spins_of(first, end);

	for (unsigned long i = first; i != end; i++) {
		u32 cpu = READ_ONCE(spinner);
		int n = -1;

		for (; spins && n < 0; spins--)
			n = cpu ? wanted_by(cpu - 1) : -1;
		a->out[i] = regs(n >= 0, n >= 0 && cpu_keeps(cpu - 1, &had[n]));
		if (n >= 0)
			WRITE_ONCE(LITMUS_CELL(litmus_cell(a, 0, n)), 1);
	}
}

LITMUS_WEAK(both_1, 0xf, 0x5)
static const struct litmus_field fields[] = { LITMUS_REG(0, 1, 0), LITMUS_REG(1, 1, 1) };

#define SHAPE(first, second) \
	{ \
		.nr_threads = 2, .nr_vars = 1, .nr_fields = 2, .flags = LITMUS_PACKED, \
		.thread = LITMUS_THREADS({ first, 0, { 0 } }, { second, 2, { 0 } }), \
		.field = fields, .weak = both_1, .weak_outcome = "1:r0=1 /\\ 1:r1=1", .nr_sc = 2, \
		.sc = LITMUS_KEYS(0xc, 0x1), .max_instances = INSTANCES, .reset = reset, \
	}

static const struct litmus_test shapes[SHAPE_NR] = {
	[SHAPE_RELEASED] = SHAPE(body_has, body_gets),
	[SHAPE_WAITS] = SHAPE(body_spins, body_asks),
};
static const char *const names[SHAPE_NR] = { "released", "waits" };

static u64 nr_seen(const struct litmus_result *r)
{
	return litmus_histogram_count(&r->hist, regs(true, false)) +
	       litmus_histogram_count(&r->hist, regs(true, true));
}

static bool race(struct test *t, enum shape s, u64 ns, struct litmus_result *r)
{
	spinner = 0;
	return litmus_measure(t, &shapes[s], t->tc->name, ns, r);
}

static void record(struct test *t, enum shape s, const struct litmus_result *r)
{
	test_record(t, "\"%s_tries\":%llu,\"%s_caught\":%llu", names[s],
		    (unsigned long long)nr_seen(r), names[s], (unsigned long long)r->weak);
}

static void test_held_ordering(struct test *t)
{
	static struct litmus_result r;
	struct patience patience;

	busted = false;
	for (enum shape s = 0; s < SHAPE_NR; s++) {
		r = (struct litmus_result){ 0 };
		patience_begin(&patience, MEET_NS, 0);
		do {
			if (!race(t, s, t->budget_ns / 2, &r))
				return;
		} while (nr_seen(&r) < SEEN_MIN && !patience_is_over(&patience));
		EXPECT_MSG(t, nr_seen(&r), "%s: timeout: no CPU met the other", names[s]);
		EXPECT_MSG(t, !r.weak, "%s: a lock was found held %llu times after its release",
			   names[s], (unsigned long long)r.weak);
		record(t, s, &r);
	}
	EXPECT(t, litmus_verdict("MP+rel+acq", LITMUS_OWN_MODEL) != 'A');
}
TEST(detect, held_ordering, TEST_RACE, test_held_ordering, .min_cpus = 2);

static void test_held_ordering_twin(struct test *t)
{
	static struct litmus_result r;
	struct patience patience;

	busted = true;
	for (enum shape s = 0; s < SHAPE_NR; s++) {
		r = (struct litmus_result){ 0 };
		patience_begin(&patience, TWIN_NS, 0);
		while (!r.weak && !patience_is_over(&patience))
			if (!race(t, s, t->budget_ns / 4, &r))
				return;
		EXPECT_MSG(t, r.weak, "%s: in the wrong order, and not seen", names[s]);
		record(t, s, &r);
	}
}
TEST(detect, held_ordering_twin, TEST_RACE, test_held_ordering_twin, .min_cpus = 2);

#endif
