/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sync points: named places in the code where a test can stop one CPU until another has come to
 * its own place (forced interleaving), or add a random delay. In a release build they are nothing.
 *
 *	sync_point("prepare.published");
 *
 * A test arms a rule: "on cpu A, at point P, wait until point Q has been passed by cpu B". A wait
 * that is not answered in time ends, and is counted: an unmet rendezvous is a failed test, not a
 * hang.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/percpu.h>
#include <kernel/types.h>

#ifdef CONFIG_DEBUG
void sync_point_hit(const char *name);
#define sync_point(name) sync_point_hit(name)
#else
#define sync_point(name) \
	do { \
	} while (0)
#endif

/* The sync point this CPU passed last (for the watchdog's report), or NULL. */
DECLARE_PER_CPU(const char *, last_sync_point);

struct sync_rule {
	const char *at;	   /* the point where ... */
	int cpu;	   /* ... this CPU (or any: -1) ... */
	const char *until; /* ... waits until this point ... */
	int until_cpu;	   /* ... was passed by that CPU (or any: -1) since the rules were armed */
	u64 timeout_us;	   /* 0: one second */
	u64 delay_max_ns;  /* with until == NULL: a random delay up to this long */
};

#define SYNC_RULES_MAX 16

/* Arm @n rules (replacing all), or disarm. Test code; CPUs concerned must not be in a wait. */
void sync_rules_arm(const struct sync_rule *rules, unsigned int n, u64 seed);
void sync_rules_disarm(void);

/* Since arming: waits that were met, and waits that timed out. */
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
