/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Shoot-down under fire: CPU 0 changes one entry over and over and flushes; all CPUs use the page
 * meanwhile, and see by its content whether they still used an entry that was flushed.
 *
 * epoch counts the changes; it is even while the page may be used as it is now, odd while it may
 * not. It is raised after the flush was complete, so that who reads it first (acquire) and then
 * uses the page must find that state, or a later one.
 *
 *	CPU 0				another CPU
 *	clear the entry			e = epoch (acquire)
 *	flush				read or write the page
 *	epoch = odd (release)		must have failed, if e is odd and epoch still is e
 *
 * A flush waits for every CPU. So on a host of fewer cores a CPU may have its share of them in
 * flushes alone, when nothing is mapped, and never use the page, however long that goes on.
 * Therefore CPU 0 lets the page be until every CPU has used it, before the first change and after
 * the last.
 *
 * Each test has a busted twin, in which the flush leaves out one CPU: that one must be caught.
 */
#include <arch/atomic.h>
#include <kernel/busted.h>
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <kernel/spin_wait.h>
#include <lib/string.h>
#include <test/space.h>
#include <test/turns.h>

#define BUSTED_NS 10000000000ULL /* so long may a busted twin take to be caught */

#define USES_A_LOAD 8

struct shoot;

/* What one CPU does and has seen; its own. */
struct shoot_cpu {
	u64 tries;   /* to use the page; CPU 0 reads it too */
	u64 uses;    /* accesses that succeeded */
	u64 written; /* what its word holds */
	u64 stale;   /* accesses by an entry that was flushed */
} __aligned(ARCH_CACHE_LINE_MAX);

struct shoot_ops {
	void (*cycle)(struct shoot *sh);		   /* CPU 0: two changes */
	void (*use)(struct shoot *sh, unsigned int cpu);   /* any CPU: one use of the page */
	bool (*final)(struct shoot *sh, unsigned int cpu); /* is its word as it left it? */
	bool reload;					   /* load the space for a few uses */
};

struct shoot {
	const struct shoot_ops *ops;
	struct space s, other;
	struct page *frame[2];
	u64 epoch;		    /* lockless: written by CPU 0 by release, read by acquire */
	u32 stop;		    /* lockless: set by CPU 0 */
	unsigned int now;	    /* which frame is mapped; CPU 0's */
	u64 cycles, stale_by_owner; /* CPU 0's */
	struct turns turns;
	struct shoot_cpu cpu[NR_CPUS];
};

static struct shoot shoot;

static u64 epoch_read(struct shoot *sh)
{
	/* acquire: pairs with the release in epoch_next(); the state before what is done in it */
	return smp_load_acquire(&sh->epoch);
}

static void epoch_next(struct shoot *sh)
{
	/*
	 * release: pairs with the acquire in epoch_read(); the complete flush before the news of
	 * it
	 */
	smp_store_release(&sh->epoch, sh->epoch + 1);
}

static void entry_clear(struct shoot *sh)
{
	ptep_get_and_clear(&sh->s.pte[0]);
	tlb_flush_page(&sh->s.mm, SPACE_VA);
}

static void entry_set(struct shoot *sh, unsigned int frame)
{
	space_map(&sh->s, 0, sh->frame[frame], SPACE_RW);
	sh->now = frame;
}

/* With the page mapped: until every other CPU has used it. False: one has not. */
static bool all_use(struct shoot *sh)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask() & ~1ULL)
		turn_wait(&sh->turns, cpu, &sh->cpu[cpu].uses, 1);
	return !sh->turns.missed;
}

/*
 * Time for others to use the page in this epoch; a busted twin waits until the CPU that is left
 * out has surely tried, since a busy host may not run it for long.
 */
static void hold(struct shoot *sh)
{
	if (busted(BUSTED_TLB_SKIP_CPU))
		turn_wait(&sh->turns, tlb_skip_cpu, &sh->cpu[tlb_skip_cpu].tries, 2);
	else
		clock_delay_ns(1000);
}

static u64 *user_word(unsigned int cpu)
{
	return (u64 *)SPACE_VA + cpu;
}

static bool always_final(struct shoot *sh, unsigned int cpu)
{
	return true;
}

static bool word_is_final(struct shoot *sh, unsigned int cpu)
{
	return *frame_word(sh->frame[sh->now], cpu) == sh->cpu[cpu].written;
}

/* ---- remap: the page gets another frame; each frame carries the number of its epoch ---- */

static void remap_cycle(struct shoot *sh)
{
	unsigned int next = !sh->now;

	entry_clear(sh);
	epoch_next(sh);
	hold(sh);
	*frame_word(sh->frame[next], 0) = sh->epoch + 1;
	entry_set(sh, next);
	epoch_next(sh);
}

static void remap_use(struct shoot *sh, unsigned int cpu)
{
	struct shoot_cpu *c = &sh->cpu[cpu];
	u64 e = epoch_read(sh), val;

	if (arch_user_read64((const u64 *)SPACE_VA, &val))
		return;
	c->uses++;
	/*
	 * In an odd epoch there is nothing mapped: what can be read is the frame of the next one.
	 */
	if (val < e)
		c->stale++;
}

/* ---- protect: the page becomes read-only and writable again; each CPU counts in its word ---- */

static void protect_cycle(struct shoot *sh)
{
	u64 seen[NR_CPUS];
	pteval_t old;

	ptep_set_wrprotect(&sh->s.pte[0]);
	tlb_flush_page(&sh->s.mm, SPACE_VA);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		seen[cpu] = *frame_word(sh->frame[0], cpu);
	epoch_next(sh);
	hold(sh);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sh->stale_by_owner += *frame_word(sh->frame[0], cpu) != seen[cpu];
	/* Even before the entry: who sees the odd one and can write is wrong for sure. */
	epoch_next(sh);
	/* release: pairs with the mb in protect_use(); the even epoch before the entry */
	do
		old = ptep_get(&sh->s.pte[0]);
	while (ptep_cmpxchg(&sh->s.pte[0], old, pte_mkwrite(old)) != old);
}

static void protect_use(struct shoot *sh, unsigned int cpu)
{
	struct shoot_cpu *c = &sh->cpu[cpu];
	u64 e = epoch_read(sh);

	if (arch_user_write64(user_word(cpu), c->written + 1))
		return;
	c->written++;
	c->uses++;
	/*
	 * mb: the write, and the entry that permitted it, before the second look, so that it fell
	 * between the two; pairs with the release of ptep_cmpxchg() in protect_cycle()
	 */
	smp_mb();
	if ((e & 1) && READ_ONCE(sh->epoch) == e)
		c->stale++;
}

/* ---- migrate: the page moves to another frame, contents and all; no write may be lost ---- */

static void migrate_cycle(struct shoot *sh)
{
	unsigned int next = !sh->now;

	entry_clear(sh);
	epoch_next(sh);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		*frame_word(sh->frame[next], cpu) = *frame_word(sh->frame[sh->now], cpu);
	hold(sh);
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		sh->stale_by_owner +=
			*frame_word(sh->frame[next], cpu) != *frame_word(sh->frame[sh->now], cpu);
	entry_set(sh, next);
	epoch_next(sh);
}

static void migrate_use(struct shoot *sh, unsigned int cpu)
{
	struct shoot_cpu *c = &sh->cpu[cpu];
	u64 val;

	if (arch_user_read64(user_word(cpu), &val))
		return;
	c->uses++;
	if (val != c->written)
		c->stale++;
	if (!arch_user_write64(user_word(cpu), val + 1))
		c->written = val + 1;
	else
		c->written = val;
}

/* ---- all of them ---- */

static void use_once(struct shoot *sh, unsigned int cpu)
{
	sh->ops->use(sh, cpu);
	WRITE_ONCE(sh->cpu[cpu].tries, sh->cpu[cpu].tries + 1);
}

/*
 * To load the space may drop translations, so the first use fills the TLB, and only those that
 * follow can be stale. A CPU that flushes leave out goes on until there was one.
 */
static void load_and_use(struct shoot *sh, unsigned int cpu)
{
	bool left_out = cpu == tlb_skip_cpu && busted(BUSTED_TLB_SKIP_CPU), changed;
	u64 e = epoch_read(sh);
	unsigned int n = 0;

	space_load(&sh->s);
	do {
		changed = epoch_read(sh) != e;
		use_once(sh, cpu);
	} while (++n < USES_A_LOAD || (left_out && !changed && !READ_ONCE(sh->stop)));
	space_load(cpu & 1 ? NULL : &sh->other);
}

static void take_turn(struct shoot *sh, unsigned int cpu)
{
	if (sh->ops->reload)
		load_and_use(sh, cpu);
	else
		use_once(sh, cpu);
}

static void shoot_on_cpu(void *arg, unsigned int cpu)
{
	struct shoot *sh = arg;

	space_load(&sh->s);
	while (!READ_ONCE(sh->stop))
		take_turn(sh, cpu);
}

static bool stale_seen(const struct shoot *sh)
{
	u64 stale = sh->stale_by_owner;

	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++)
		stale += READ_ONCE(sh->cpu[cpu].stale);
	return stale;
}

/* Shall CPU 0 go on? For @ns; @twin: until something was seen, which on a busy host takes time. */
static bool shoot_goes_on(const struct shoot *sh, u64 start, u64 ns, bool twin)
{
	u64 spent = clock_ns() - start;

	if (twin)
		return spent < BUSTED_NS && !sh->turns.missed && !stale_seen(sh);
	return spent < ns;
}

/* CPU 0: changes, and its own uses between them. */
static void shoot_cycles(struct shoot *sh, u64 ns, bool twin)
{
	u64 start = clock_ns();

	do {
		/* The CPU to be left out must have used the page as it is now. */
		if (twin)
			hold(sh);
		sh->ops->cycle(sh);
		take_turn(sh, 0);
		sh->cycles++;
	} while (shoot_goes_on(sh, start, ns, twin));
}

static void shoot_run(struct shoot *sh, u64 ns, bool twin)
{
	entry_set(sh, 0);
	space_faults_begin();
	on_other_cpus_start(shoot_on_cpu, sh);
	space_load(&sh->s);
	take_turn(sh, 0);
	if (all_use(sh)) {
		shoot_cycles(sh, ns, twin);
		all_use(sh);
	}
	WRITE_ONCE(sh->stop, 1);
	on_other_cpus_wait();
	space_load(NULL);
	space_faults_end();
}

static u64 shoot_sum(struct test *t, struct shoot *sh, bool twin)
{
	u64 uses = 0, stale = sh->stale_by_owner, lost = 0;
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask()) {
		uses += sh->cpu[cpu].uses;
		stale += sh->cpu[cpu].stale;
		lost += !sh->ops->final(sh, cpu);
	}
	test_record(t, "\"cycles\":%llu,\"uses\":%llu,\"stale\":%llu,\"lost\":%llu",
		    (unsigned long long)sh->cycles, (unsigned long long)uses,
		    (unsigned long long)stale, (unsigned long long)lost);
	if (!turns_missed(t, &sh->turns))
		EXPECT_MSG(t, uses && sh->cycles, "%llu uses in %llu cycles",
			   (unsigned long long)uses, (unsigned long long)sh->cycles);
	return stale + lost;
}

static u64 shoot_test(struct test *t, const struct shoot_ops *ops, u64 ns, bool twin)
{
	struct shoot *sh = &shoot;
	u64 wrong = 0;

	memset(sh, 0, sizeof(*sh));
	sh->ops = ops;
	if (!space_create(t, &sh->s))
		return 0;
	if (!space_create(t, &sh->other)) {
		space_destroy(&sh->s);
		return 0;
	}
	sh->frame[0] = frame_create(t);
	sh->frame[1] = frame_create(t);
	if (sh->frame[0] && sh->frame[1]) {
		shoot_run(sh, ns, twin);
		wrong = shoot_sum(t, sh, twin);
	}
	ptep_get_and_clear(&sh->s.pte[0]);
	space_destroy(&sh->s);
	space_destroy(&sh->other);
	frame_free(sh->frame[0]);
	frame_free(sh->frame[1]);
	return wrong;
}

static const struct shoot_ops remap_ops = { remap_cycle, remap_use, always_final, false };
static const struct shoot_ops protect_ops = { protect_cycle, protect_use, word_is_final, false };
static const struct shoot_ops migrate_ops = { migrate_cycle, migrate_use, word_is_final, false };
static const struct shoot_ops switch_ops = { remap_cycle, remap_use, always_final, true };

static void test_shoot(struct test *t)
{
	u64 wrong = shoot_test(t, t->tc->data, t->budget_ns, false);

	EXPECT_MSG(t, !wrong, "%llu accesses by flushed entries", (unsigned long long)wrong);
}
TEST(tlb, remap, TEST_RACE, test_shoot, .data = &remap_ops);
TEST(tlb, protect, TEST_RACE, test_shoot, .data = &protect_ops);
TEST(tlb, migrate, TEST_RACE, test_shoot, .data = &migrate_ops);
TEST(tlb, switch_race, TEST_RACE, test_shoot, .data = &switch_ops);

/* The busted twins: one CPU is left out. */
static void test_shoot_busted(struct test *t)
{
	u64 wrong;

	if (switches_missing(t))
		return;
	tlb_skip_cpu = smp_nr_online() - 1;
	busted_set(BUSTED_TLB_SKIP_CPU);
	wrong = shoot_test(t, t->tc->data, t->budget_ns, true);
	busted_clear(BUSTED_TLB_SKIP_CPU);
	if (!wrong && shoot.turns.missed)
		return;
	if (!wrong && !strcmp(tests_accel(), "kvm")) {
		test_skip(t, "nothing stale was seen: a hypervisor may empty the TLB on its own");
		return;
	}
	EXPECT_MSG(t, wrong, "no stale access of CPU %u was seen", smp_nr_online() - 1);
}
TEST(tlb, remap_twin, TEST_RACE, test_shoot_busted, .data = &remap_ops, .min_cpus = 2);
TEST(tlb, protect_twin, TEST_RACE, test_shoot_busted, .data = &protect_ops, .min_cpus = 2);
TEST(tlb, migrate_twin, TEST_RACE, test_shoot_busted, .data = &migrate_ops, .min_cpus = 2);
TEST(tlb, switch_race_twin, TEST_RACE, test_shoot_busted, .data = &switch_ops, .min_cpus = 2);
