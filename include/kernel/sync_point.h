/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sync points: named places in the code where a test can stop one CPU until another has come to
 * its own place (forced interleaving), add a random delay, or have a look. Each is an event too
 * (kernel/event.h). In a release build they are nothing.
 *
 *	sync_point("test.ready");
 *	sync_point_on("lock.mapped", page);
 *	sync_point_quiet("wake.found");		no event: where everything passes all the time, as
 *						in the scheduler
 *	sync_point_quiet_on("spin.unlocked", name);
 *
 * A test arms a rule: "on cpu A, at point P, wait until point Q has been passed by cpu B". A wait
 * ends in one of three ways, which are counted for each rule:
 *
 *	met		Q was passed
 *	timed out	it was not, for so long: a failed test, not a hang
 *	excluded	it cannot be: B waits for what A will only give after its wait. So the code
 *			forbids the interleaving, which is what a test of sound code hopes to see.
 */
#pragma once

#include <kernel/debug_ops.h>
#include <kernel/percpu.h>
#include <lib/compiler.h>
#include <lib/types.h>

#ifdef CONFIG_DEBUG
#define sync_point_on(name, obj)       __debug_ops->point(name, obj)
#define sync_point_quiet_on(name, obj) __debug_ops->point_quiet(name, obj)
#else
#define sync_point_on(name, obj) \
	do { \
		(void)(obj); \
	} while (0)
#define sync_point_quiet_on(name, obj) sync_point_on(name, obj)
#endif
#define sync_point(name)       sync_point_on(name, NULL)
#define sync_point_quiet(name) sync_point_quiet_on(name, NULL)

/* This CPU spins for a lock, for long: who sleeps at a point may have it. Any context. */
#ifdef CONFIG_DEBUG
static inline void sync_point_stuck(void)
{
	__debug_ops->point_stuck();
}
#endif

/* The sync point this CPU passed last (for the watchdog's report), or NULL. */
DECLARE_PER_CPU(const char *, last_sync_point);

/*
 * Excluded, too: B sleeps in synchronize_rcu() or rcu_barrier() since A waits, and A is an RCU
 * reader. (That B spins for a spinlock of A's, or of a CPU that does, is always looked for.)
 */
#define SYNC_EXCLUDE_RCU 0x1U
/* A delay is not preempted, as if it were spent in an interrupt. */
#define SYNC_NO_PREEMPT	 0x2U

struct sync_rule {
	/* the point where ("*": each that no rule before names, but for quiet ones) ... */
	const char *at;
	int cpu;	    /* ... this CPU (or any: -1) ... */
	const char *until;  /* ... waits until this point ... */
	int until_cpu;	    /* ... was passed by that CPU (or any: -1) since the rules were armed */
	u64 timeout_us;	    /* 0: so long that it is a failure: a quarter of a minute */
	u64 delay_max_ns;   /* with until == NULL: a random delay up to this long */
	unsigned int flags; /* SYNC_* */
	const char *task;   /* if set: only threads of this name, besides */
	const char *until_task; /* the same, of who passes "until" */
	u32 delay_one_in;	/* a delay: one time out of so many on average; 0: each time */
	void (*call)(const void *obj); /* with until == NULL: with the object, in its context */
};

#define SYNC_RULES_MAX 24

/* Arm @n rules (replacing all), or disarm. Test code; CPUs concerned must not be in a wait. */
void sync_rules_arm(const struct sync_rule *rules, unsigned int n, u64 seed);
void sync_rules_disarm(void);
/* Random delays shall be so long, in percent of what the rules say; 100 after arming. Any CPU. */
void sync_delays_scale(u32 percent);

/* How waits ended since arming. */
struct sync_stats {
	unsigned long met, timed_out, excluded;
};
/* Of all rules; of rule number @i (as armed). They stay after sync_rules_disarm(). */
void sync_stats_read(struct sync_stats *s);
void sync_rule_stats_read(unsigned int i, struct sync_stats *s);
/* Of all rules, the first two. */
void sync_rules_stats(unsigned long *met, unsigned long *timed_out);

/* Can they stop a CPU in this build? (a release build: no; the test is then a SKIP) */
static inline bool sync_points_enabled(void)
{
#ifdef CONFIG_DEBUG
	return true;
#else
	return false;
#endif
}
