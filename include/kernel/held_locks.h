/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which spinlocks each CPU holds, and which one it spins for: what the checks of a debug build ask.
 * For kernel/debug/spinlock.c and the tests of the tables; what others may ask is in spinlock.h.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

struct spinlock;

#define HELD_MAX 24 /* locks that a CPU may hold at a time */

/* HELD_NOT: a contained report; the lock was not taken, but the caller will release it. */
enum held_kind { HELD_TRULY, HELD_NOT };

/* ---- of this CPU, which the caller must not leave; never late ---- */

/* Enter @l, of class @class. False: there is no room. */
bool held_add(struct spinlock *l, u32 class, enum held_kind kind);
/* The place of the last entry of @l, or -1. */
int held_find(const struct spinlock *l);
enum held_kind held_kind(int place);
void held_remove(int place);
unsigned int held_count(void);
/* The lock that was entered last, or NULL. */
struct spinlock *held_last(void);
/* Call @fn with the class of each lock that is held, and @class and @obj. */
void held_for_each_class(void (*fn)(u32 held, u32 class, const void *obj), u32 class,
			 const void *obj);

/*
 * This CPU begins to spin for @l; returns what it spun for before, which is not NULL in an
 * interrupt only, and is given back to held_wait_end() at the end.
 */
struct spinlock *held_wait_begin(struct spinlock *l);
void held_wait_end(struct spinlock *outer);

/* ---- of any CPU: what the answers are worth stands at the head of held_locks.c ---- */

/* Does @cpu exist, so that the rest may be asked of it? */
bool cpu_exists(unsigned int cpu);
/* Does @cpu truly hold @l? Never looks at @l. */
bool cpu_holds(unsigned int cpu, const struct spinlock *l);
/* The same, but for what an interrupt of a CPU that spins has taken, and will soon release. */
bool cpu_keeps(unsigned int cpu, const struct spinlock *l);
/* Places of @cpu's table from here on are empty; at most HELD_MAX. */
unsigned int cpu_held_bound(unsigned int cpu);
/* The lock at @place of it, and how it is held; NULL: none. */
struct spinlock *cpu_held_at(unsigned int cpu, unsigned int place, enum held_kind *kind);
/* What @cpu spins for, or NULL. */
struct spinlock *cpu_waits_for(unsigned int cpu);
