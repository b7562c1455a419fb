/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far one CPU or thread has come, for others to wait for: a word that only counts up, in steps
 * whose meaning is the test's. What was done before a step is visible to who has waited for it.
 *
 *	CPU 0				CPU 1
 *	prepares
 *	step_to(&s, 1)	------------>	step_wait("CPU 0", &s, 1)
 *					works
 *	step_wait("CPU 1", &s, 2) <----	step_to(&s, 2)
 */
#pragma once

#include <arch/atomic.h>
#include <kernel/clock.h>
#include <kernel/spin_wait.h>
#include <kernel/sync_point.h>
#include <lib/string.h>

/* The word is step @n from now on. Any context. */
static inline void step_to(u32 *step, u32 n)
{
	/* release: pairs with the acquires in step_wait() and step_wait_for();
	 * tests: litmus.MP+rel+acq */
	smp_store_release(step, n);
	spin_kick_all(step);
}

/* One more, where several count the same word. Any context. */
static inline void step_up(u32 *step)
{
	/* full: pairs with the acquires in step_wait() and step_wait_for();
	 * tests: litmus.MP+rel+acq */
	fetch_add(step, 1U);
	spin_kick_all(step);
}

/* Spin until the word is @n at least. @what is waited for, for reports: constant text. */
static inline void step_wait(const char *what, const u32 *step, u32 n)
{
	/* acquire: pairs with step_to() and step_up(); tests: litmus.MP+rel+acq */
	smp_cond_load_acquire(what, step, VAL >= n);
}

/* The same, for @ns of this CPU's time (struct patience) at most. False: it is not that far. */
static inline bool step_wait_for(const char *what, const u32 *step, u32 n, u64 ns)
{
	struct patience patience;

	patience_begin(&patience, ns, 0);
	/* acquire: pairs with step_to() and step_up(); tests: litmus.MP+rel+acq */
	return spin_until_on_or(what, step, smp_load_acquire(step) >= n,
				patience_is_over(&patience));
}

/* Is @point the sync point that @cpu came by last? May be late. Any context. */
static inline bool cpu_is_at(unsigned int cpu, const char *point)
{
	const char *at = READ_ONCE(per_cpu(last_sync_point, cpu));

	return at && !strcmp(at, point);
}
