/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sync points: see the header. Rules are armed and disarmed by CPU 0 only while no CPU waits;
 * passing a point is lockless.
 *
 *	CPU that waits			CPU that is waited for
 *	at rule->at			at rule->until
 *	passed != 0 ?  <--------------	passed = 1 (release)
 *	(acquire)
 *
 * While it waits, a CPU looks now and then whether the other can come at all: see rule_excluded().
 */
#include <arch/atomic.h>
#include <arch/this_cpu.h>
#include <kernel/clock.h>
#include <kernel/event.h>
#include <kernel/panic.h>
#include <kernel/printk.h>
#include <kernel/rcu.h>
#include <kernel/rcu_internal.h>
#include <kernel/sched.h>
#include <kernel/spin_wait.h>
#include <kernel/spinlock.h>
#include <kernel/sync_point.h>
#include <lib/random.h>
#include <lib/string.h>

#include "debug.h"

DEFINE_PER_CPU(const char *, last_sync_point);

struct armed_rule {
	struct sync_rule rule;
	u32 passed;				/* the "until" point was passed */
	unsigned long met, timed_out, excluded; /* atomic */
};

static struct armed_rule armed[SYNC_RULES_MAX];
static u32 nr_armed;	  /* release when armed, acquire where read */
static u32 nr_last_armed; /* for the statistics; CPU 0's */
static DEFINE_PER_CPU(struct rng, delay_rng);
static u32 delay_percent = 100; /* lockless; any value will do */

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
	WRITE_ONCE(delay_percent, 100);
	nr_last_armed = n;
	/* release: pairs with the acquire in sync_point_hit(); tests: litmus.MP+rel+acq */
	smp_store_release(&nr_armed, n);
}

void sync_delays_scale(u32 percent)
{
	WRITE_ONCE(delay_percent, percent);
}

void sync_rules_disarm(void)
{
	WRITE_ONCE(nr_armed, 0); /* orders nothing: who reads it looks at no rule */
}

void sync_rule_stats_read(unsigned int i, struct sync_stats *s)
{
	BUG_ON(i >= SYNC_RULES_MAX);
	*s = (struct sync_stats){
		.met = READ_ONCE(armed[i].met),
		.timed_out = READ_ONCE(armed[i].timed_out),
		.excluded = READ_ONCE(armed[i].excluded),
	};
}

void sync_stats_read(struct sync_stats *s)
{
	struct sync_stats one;

	*s = (struct sync_stats){ 0 };
	for (unsigned int i = 0; i < nr_last_armed; i++) {
		sync_rule_stats_read(i, &one);
		s->met += one.met;
		s->timed_out += one.timed_out;
		s->excluded += one.excluded;
	}
}

void sync_rules_stats(unsigned long *met, unsigned long *timed_out)
{
	struct sync_stats s;

	sync_stats_read(&s);
	*met = s.met;
	*timed_out = s.timed_out;
}

#ifdef CONFIG_DEBUG

#define TIMEOUT_NS 15000000000ULL /* of a rule that names none */

/*
 * Can the CPU that we wait for not come to its point before we go on? True only when that is
 * certain: we keep the spinlocks that we have, and end no RCU reader, until our wait is over.
 * @came: when we came to our point, before we said so to those who wait for that.
 */
static bool rule_excluded(const struct sync_rule *r, u64 came)
{
	u64 since;
	bool behind;

	if (r->until_cpu < 0)
		return false;
	preempt_disable(); /* with a spinlock held it is disabled, and this the CPU that has it */
	behind = spin_waits_behind(r->until_cpu, smp_processor_id());
	preempt_enable();
	if (behind || !(r->flags & SYNC_EXCLUDE_RCU))
		return behind;
	/* To classic RCU, who is not to be preempted is a reader too. */
	if (!rcu_read_lock_held() && (preemptible() || strcmp(rcu_flavour(), "classic")))
		return false;
	/* A grace period that begins after our reader did will not end before it. */
	since = rcu_sleeps_since(r->until_cpu);
	return since && since > came;
}

static void rule_pass(struct armed_rule *a)
{
	/* release: pairs with the acquire in rule_is_met(); tests: litmus.MP+rel+acq */
	smp_store_release(&a->passed, 1);
	/* full: pairs with the rmb in rule_is_met_after_all(); tests: litmus.MP+mb+rmb */
	smp_mb();
	spin_kick_all(a);
}

void sync_rules_wake(void)
{
	/* acquire: as in sync_point_hit(); tests: litmus.MP+rel+acq */
	u32 n = smp_load_acquire(&nr_armed);

	for (u32 i = 0; i < n; i++)
		spin_kick_all(&armed[i]);
}

static bool rule_is_met(const struct armed_rule *a)
{
	/* acquire: pairs with the release in rule_pass(); tests: litmus.MP+rel+acq */
	return smp_load_acquire(&a->passed);
}

/*
 * We have concluded that the other does not come. It may have come since our last look, and only
 * then begun what we concluded it from:
 *
 *	who waits			who passes
 *	passed: 0
 *					passed = 1
 *					spins for a lock of ours, or waits for RCU
 *	it cannot come!
 *	passed: 1
 */
static bool rule_is_met_after_all(const struct armed_rule *a)
{
	/* rmb: pairs with the full barrier in rule_pass(); what we concluded it from before whether
	 * it has passed; tests: litmus.MP+mb+rmb */
	smp_rmb();
	return rule_is_met(a);
}

enum wait_end { WAIT_MET, WAIT_TIMED_OUT, WAIT_EXCLUDED };

/* Does something else end the wait than that the other comes? If not: WAIT_MET. */
static enum wait_end rule_wait_look(struct armed_rule *a, u64 came, struct patience *patience)
{
	if (patience_is_over(patience))
		return rule_is_met_after_all(a) ? WAIT_MET : WAIT_TIMED_OUT;
	sync_point_quiet("sync.look");
	if (rule_excluded(&a->rule, came))
		return rule_is_met_after_all(a) ? WAIT_MET : WAIT_EXCLUDED;
	return WAIT_MET;
}

/*
 * Preemption is left as the waiting code has it, dozing or not, since RCU asks the interrupts. Who
 * passes the point kicks us.
 */
static enum wait_end rule_wait_end(struct armed_rule *a, u64 came)
{
	struct patience patience;
	enum wait_end end = WAIT_MET;

	patience_begin(&patience, a->rule.timeout_us ? a->rule.timeout_us * 1000 : TIMEOUT_NS, 0);
	spin_until_on_or(a->rule.until, a, rule_is_met(a),
			 (end = rule_wait_look(a, came, &patience)) != WAIT_MET);
	return end;
}

/* @pc: of the sync point, for the events. */
static void rule_wait(struct armed_rule *a, u64 came, unsigned long pc)
{
	switch (rule_wait_end(a, came)) {
	case WAIT_MET:
		event_note_from("goes on", NULL, pc);
		fetch_add_relaxed(&a->met, 1);
		break;
	case WAIT_EXCLUDED:
		event_note_from("excluded: goes on", NULL, pc);
		fetch_add_relaxed(&a->excluded, 1);
		break;
	case WAIT_TIMED_OUT:
		event_note_from("timed out: goes on", NULL, pc);
		fetch_add_relaxed(&a->timed_out, 1);
		break;
	}
}

static void rule_delay(const struct sync_rule *r)
{
	struct rng *rng;
	u64 ns = 0; /* 0: not this time */

	preempt_disable();
	rng = this_cpu_ptr(&delay_rng);
	if (r->delay_one_in < 2 || !rng_below(rng, r->delay_one_in))
		ns = rng_below(rng, r->delay_max_ns) * READ_ONCE(delay_percent) / 100;
	if (ns && (r->flags & SYNC_NO_PREEMPT))
		clock_delay_ns(ns);
	preempt_enable();
	if (ns && !(r->flags & SYNC_NO_PREEMPT))
		clock_delay_ns(ns);
}

static bool rule_is_for(int cpu, const char *task)
{
	return (cpu < 0 || (unsigned int)cpu == smp_processor_id()) &&
	       (!task || !strcmp(task, current->name));
}

/* A CPU that came to a point as the rules were changed may find a rule half made. */
static bool is_point(const char *const *point, const char *name)
{
	const char *p = READ_ONCE(*point);

	return p && !strcmp(p, name);
}

/* @named: by a rule before this one. */
static bool rule_is_at(const struct sync_rule *r, const char *name, bool named)
{
	return is_point(&r->at, name) || (!named && is_point(&r->at, "*"));
}

static void rule_act(struct armed_rule *a, const void *obj, u64 came, unsigned long pc)
{
	const struct sync_rule *r = &a->rule;

	if (r->until)
		rule_wait(a, came, pc);
	else if (r->call)
		r->call(obj);
	else if (r->delay_max_ns)
		rule_delay(r);
}

/*
 * Do what the first @n rules say of point @name, to which the CPU came when it was @came. @named:
 * "*" is not for this point.
 */
static void rules_apply(u32 n, const char *name, const void *obj, u64 came, unsigned long pc,
			bool named)
{
	/* First say that this point is passed, so that two rules can form a rendezvous. */
	for (u32 i = 0; i < n; i++) {
		const struct sync_rule *r = &armed[i].rule;

		if (rule_is_for(r->until_cpu, r->until_task) && is_point(&r->until, name))
			rule_pass(&armed[i]);
	}
	for (u32 i = 0; i < n; i++) {
		const struct sync_rule *r = &armed[i].rule;

		if (!rule_is_for(r->cpu, r->task) || !rule_is_at(r, name, named))
			continue;
		named = true;
		rule_act(&armed[i], obj, came, pc);
	}
}

noinline void sync_point_hit(const char *name, const void *obj)
{
	/* acquire: pairs with the release in sync_rules_arm(); tests: litmus.MP+rel+acq */
	u32 n = smp_load_acquire(&nr_armed);
	u64 came = n ? clock_ns() : 0;
	unsigned long pc = (unsigned long)__builtin_return_address(0);

	event_note_from(name, obj, pc);
	preempt_disable();
	WRITE_ONCE(this_cpu(last_sync_point), name);
	preempt_enable();
	rules_apply(n, name, obj, came, pc, false);
}

noinline void sync_point_hit_quiet(const char *name, const void *obj)
{
	/* acquire: as in sync_point_hit(); tests: litmus.MP+rel+acq */
	u32 n = smp_load_acquire(&nr_armed);

	if (unlikely(n))
		rules_apply(n, name, obj, clock_ns(), (unsigned long)__builtin_return_address(0),
			    true);
}

#endif
