/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: what each CPU did last, for the report of a race. Every CPU notes into a ring of its own
 * (no lock, no shared line, no fence between racing operations); a report sets the rings side by
 * side, one column a CPU, time downwards. A release build notes nothing.
 *
 *	event("anon_vma free", anon_vma);
 *
 * Sync points are events too: sync_point_on("lock.mapped", page) notes the object with the name.
 */
#pragma once

#include <kernel/compiler.h>
#include <kernel/smp.h>
#include <kernel/types.h>

#ifdef CONFIG_DEBUG
/* @what: a constant string. @obj: may be NULL. Any context but NMI. */
void event_note(const char *what, const void *obj, unsigned long pc);
#define event(what, obj) event_note((what), (obj), event_pc())
/* Where the caller is, for the name of its function. */
static __always_inline unsigned long event_pc(void)
{
	__label__ here;
here:
	barrier();
	return (unsigned long)&&here;
}
#else
#define event(what, obj) \
	do { \
		(void)(obj); \
	} while (0)
#endif

/* Forget what was noted, and note again. CPU 0, while nobody notes. */
void events_reset(void);
/* Note no more, so that what led to a failure is kept. Any CPU. */
void events_freeze(void);

/*
 * Print the last @max events of the CPUs in @cpus in columns, as console lines that begin with '#'.
 * The rings are frozen first. Objects get short names (page 1, anon_vma 2) by what event said what
 * of them; a legend gives their addresses. Any context; CPUs may still run.
 */
void events_print(cpumask_t cpus, unsigned int max);
