/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: what each CPU did last, for the report of a race. Every CPU notes into a ring of its own
 * (no lock, no shared line, no fence between racing operations); a report sets the rings side by
 * side, one column a CPU, time downwards. A release build notes nothing.
 *
 *	event("anon_vma freed", anon_vma);
 *
 * Sync points are events too: sync_point_on("lock.mapped", page) notes the object with the name.
 */
#pragma once

#include <kernel/smp.h>
#include <lib/compiler.h>
#include <lib/types.h>

#ifdef CONFIG_DEBUG
/*
 * @what: a constant string; if it has a blank in it, its first word is what @obj is. @obj: may be
 * NULL. Any context but NMI.
 */
void event_note(const char *what, const void *obj);
/* The same, by the function that contains @pc. */
void event_note_from(const char *what, const void *obj, unsigned long pc);
#define event(what, obj) event_note((what), (obj))
#else
#define event(what, obj) \
	do { \
		(void)(obj); \
	} while (0)
static inline void event_note_from(const char *what, const void *obj, unsigned long pc)
{
}
#endif

/* Forget what was noted, and note again. CPU 0, while nobody notes. */
void events_reset(void);
/* How many events of @cpu a report could show. */
unsigned int events_kept(unsigned int cpu);
#ifdef CONFIG_DEBUG
/* For tests: the @back-th event of @cpu before its newest; false: not there, or not whole. */
bool event_peek(unsigned int cpu, unsigned int back, const char **what, const void **obj);
/* For tests: let it look as if half of it had been overwritten. @cpu notes nothing meanwhile. */
void event_tear(unsigned int cpu, unsigned int back);
#endif
/* Note no more, so that what led to a failure is kept. Any CPU. */
void events_freeze(void);

/*
 * Print the last @max events of the CPUs in @cpus in columns, as console lines that begin with '#'.
 * The rings are frozen first. Objects get short names (page 1, anon_vma 2); a legend gives their
 * addresses. Any context; CPUs may still run. One CPU at a time.
 */
void events_print(cpumask_t cpus, unsigned int max);

/*
 * What @obj is ("page"), and in *base where it begins (it may point into the middle), or NULL if
 * that cannot be told. Set by the memory manager; any context, and @obj may be freed memory.
 */
extern const char *(*event_object_kind)(const void *obj, const void **base);
