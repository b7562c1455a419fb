/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sync points: see the header. Rules are armed and disarmed by CPU 0 only while no CPU waits;
 * passing a point is lockless.
 *
 *	CPU that waits			CPU that is waited for
 *	at rule->at			at rule->until
 *	passed != 0 ?  <--------------	passed = 1 (release)
 *	(acquire)
 */
#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/random.h>
#include <kernel/sched.h>
#include <kernel/string.h>
#include <kernel/sync_point.h>

DEFINE_PER_CPU(const char *, last_sync_point);

struct armed_rule {
	struct sync_rule rule;
	u32 passed; /* the "until" point was passed */
};

static struct armed_rule armed[SYNC_RULES_MAX];
static u32 nr_armed; /* release when armed, acquire where read */
static unsigned long nr_met, nr_timed_out;
static DEFINE_PER_CPU(struct rng, delay_rng);

void sync_rules_arm(const struct sync_rule *rules, unsigned int n, u64 seed)
{
	char name[16];

	BUG_IF(n > SYNC_RULES_MAX, "%u rules", n);
	sync_rules_disarm();
	for (unsigned int i = 0; i < n; i++)
		armed[i] = (struct armed_rule){ .rule = rules[i] };
	for (unsigned int cpu = 0; cpu < NR_CPUS; cpu++) {
		if (cpu && !percpu_offset[cpu])
			continue;
		snprintf(name, sizeof(name), "cpu%u", cpu);
		rng_seed(&per_cpu(delay_rng, cpu), seed, name);
	}
	nr_met = 0;
	nr_timed_out = 0;
	/* release: pairs with the acquire in sync_point_hit(); tests: litmus.MP+rel+acq */
	smp_store_release(&nr_armed, n);
}

void sync_rules_disarm(void)
{
	/* release: pairs with the acquire in sync_point_hit(); tests: litmus.MP+rel+acq */
	smp_store_release(&nr_armed, 0);
}

void sync_rules_stats(unsigned long *met, unsigned long *timed_out)
{
	*met = READ_ONCE(nr_met);
	*timed_out = READ_ONCE(nr_timed_out);
}

#ifdef CONFIG_DEBUG

static void rule_wait(struct armed_rule *a)
{
	u64 limit = a->rule.timeout_us ? a->rule.timeout_us * 1000 : 1000000000ULL;
	u64 start = clock_ns();

	/* acquire: pairs with the release in sync_point_hit(); tests: litmus.MP+rel+acq */
	while (!smp_load_acquire(&a->passed)) {
		if (clock_ns() - start > limit) {
			fetch_add_relaxed(&nr_timed_out, 1);
			return;
		}
		cpu_relax();
	}
	fetch_add_relaxed(&nr_met, 1);
}

static void rule_delay(u64 max_ns)
{
	u64 ns;

	preempt_disable();
	ns = rng_below(&this_cpu(delay_rng), max_ns);
	preempt_enable();
	clock_delay_ns(ns);
}

static bool rule_is_for(int cpu)
{
	return cpu < 0 || (unsigned int)cpu == smp_processor_id();
}

void sync_point_hit(const char *name)
{
	/* acquire: pairs with the release in sync_rules_arm(); tests: litmus.MP+rel+acq */
	u32 n = smp_load_acquire(&nr_armed);

	preempt_disable();
	this_cpu(last_sync_point) = name;
	preempt_enable();
	/* First say that this point is passed, so that two rules can form a rendezvous. */
	for (u32 i = 0; i < n; i++) {
		const struct sync_rule *r = &armed[i].rule;

		if (r->until && rule_is_for(r->until_cpu) && !strcmp(r->until, name))
			/* release: pairs with the acquire in rule_wait();
			 * tests: litmus.MP+rel+acq */
			smp_store_release(&armed[i].passed, 1);
	}
	for (u32 i = 0; i < n; i++) {
		const struct sync_rule *r = &armed[i].rule;

		if (!rule_is_for(r->cpu) || strcmp(r->at, name))
			continue;
		if (r->until)
			rule_wait(&armed[i]);
		else if (r->delay_max_ns)
			rule_delay(r->delay_max_ns);
	}
}

#endif
