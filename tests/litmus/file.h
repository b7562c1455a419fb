/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What generated litmus bodies are made of, of the table and of files: tools/fp/litmusfile/emit.py
 * writes those in these words. Linux's primitives that the kernel has are used as they are; the
 * rest stands here.
 *
 * Cells are addressed by numbers (long), as expressions of the files are computed in them. Whatever
 * a file does, a body ends: a lock or a grace period that does not come gives the instance up, and
 * so does an access to what is no cell.
 */
#pragma once

#include <kernel/rcu.h>
#include <kernel/spinlock.h>
#include <kernel/srcu.h>
#include <test/litmus.h>

/* A body that tests of other sources may use too. */
#define FILE_DECLARE(name) \
	void name(const struct litmus_args *a, unsigned long first, unsigned long end)
#define FILE_BODY(name) \
	FILE_DECLARE(name); \
	noinline FILE_DECLARE(name)

/* The cell of type @t at address @p. */
#define FILE_CELL(t, p) (*(t *)(p))

/*
 * A local or a condition, where it is used: the compiler may not know what it is, so that what is
 * computed from it depends on it, whatever the formula.
 */
#ifdef FILE_BREAK_DEPS /* what the checks of object code must notice */
#define FILE_USE(r) (r)
#else
#define FILE_USE(r) file_hidden(r)
#endif

static __always_inline long file_hidden(long r)
{
	OPTIMIZER_HIDE_VAR(r);
	return r;
}

/* First in each arm of an if, @n another each time: what both arms do stays behind the branch. */
#define FILE_ARM(n) __asm__ __volatile__("/* arm " #n " */")

/*
 * What a condition chooses, and what && and || make of two conditions, without a branch where
 * nothing is accessed: so that the value depends on all that it is computed from.
 */
static inline long file_choice(long cond, long then, long other)
{
	long mask = FILE_USE(-(long)!!cond);

	return (then & mask) | (other & ~mask);
}

static inline long file_both(long a, long b)
{
	return FILE_USE(!!a) & FILE_USE(!!b);
}

static inline long file_either(long a, long b)
{
	return FILE_USE(!!a) | FILE_USE(!!b);
}

/* By 0 and by -1 C leaves the result open, and a processor may trap: there @b is 1. */
static inline long file_divisor(long b)
{
	return file_choice(!b | (b == -1), 1, b);
}

static inline long file_divide(long a, long b)
{
	long quotient = a / file_divisor(b);

	return file_choice(b == -1, -quotient, file_choice(b, quotient, 0));
}

static inline long file_modulo(long a, long b)
{
	return a % file_divisor(b);
}

static inline void file_give_up(const struct litmus_args *a, unsigned long i)
{
	WRITE_ONCE(a->given_up[i], 1);
}

/* @p, if a cell can be there; else one that nobody uses, and the instance is given up. */
static inline long file_address(long p, const struct litmus_args *a, unsigned long i)
{
	static u64 nowhere[4];

	if (likely((unsigned long)p - (unsigned long)a->low < a->span))
		return p;
	file_give_up(a, i);
	return (long)nowhere;
}

/* ---- atomics ---- */

/* *@p becomes (old @op @v); the old value. Ordered as the cmpxchg that succeeds. */
#define FILE_FETCH_OP(order, p, op, v) \
	__extension__({ \
		__typeof__(p) __p = (p); \
		__typeof__(*__p) __v = (v), __old, __seen = READ_ONCE(*__p); \
		do { \
			__old = __seen; \
			__seen = cmpxchg##order(__p, __old, __old op __v); \
		} while (__seen != __old); \
		__old; \
	})

/*
 * The same with old + @v, unless old @op @limit: then nothing is stored, and nothing ordered. Its
 * value is @result, in which __old and __limit stand for these.
 */
#define FILE_ADD_UNLESS(p, v, op, limit, result) \
	__extension__({ \
		__typeof__(p) __p = (p); \
		__typeof__(*__p) __v = (v), __limit = (limit), __old, __seen = READ_ONCE(*__p); \
		do { \
			__old = __seen; \
			if (__old op __limit) \
				break; \
			__seen = cmpxchg(__p, __old, __old + __v); \
		} while (__seen != __old); \
		result; \
	})

/* The new value, of type @t, of a cell whose old one is @old @op @v; @old speaks of @v as __by. */
#define FILE_NEW(t, old, op, v) \
	__extension__({ \
		t __by = (v), __was = (old); \
		(t)(__was op __by); \
	})

/* ---- locks ---- */

bool file_lock_slow(struct raw_spinlock *l);
bool file_unlock_wait_slow(struct raw_spinlock *l);

static inline void file_lock(long p, const struct litmus_args *a, unsigned long i)
{
	struct raw_spinlock *l = (struct raw_spinlock *)p;

	if (unlikely(!raw_spin_trylock(l)) && !file_lock_slow(l))
		file_give_up(a, i);
}

static inline long file_trylock(long p)
{
	return raw_spin_trylock((struct raw_spinlock *)p);
}

static inline void file_unlock(long p)
{
	raw_spin_unlock((struct raw_spinlock *)p);
}

static inline long file_is_locked(long p)
{
	return raw_spin_is_locked((struct raw_spinlock *)p);
}

static inline void file_unlock_wait(long p, const struct litmus_args *a, unsigned long i)
{
	struct raw_spinlock *l = (struct raw_spinlock *)p;

	if (raw_spin_is_locked(l) && !file_unlock_wait_slow(l))
		file_give_up(a, i);
	smp_rmb();
}

/* ---- RCU; @depth: readers that the body is in ---- */

static inline void file_rcu_lock(unsigned int *depth)
{
	++*depth;
	rcu_read_lock();
}

static inline void file_rcu_unlock(unsigned int *depth, const struct litmus_args *a,
				   unsigned long i)
{
	if (!*depth) {
		file_give_up(a, i);
		return;
	}
	--*depth;
	rcu_read_unlock();
}

/* At the end of the body. */
static inline void file_rcu_leave(unsigned int depth)
{
	for (; depth; depth--)
		rcu_read_unlock();
}

/* A grace period; within a reader it would never come. */
static inline void file_rcu_sync(bool expedited, unsigned int depth, const struct litmus_args *a,
				 unsigned long i)
{
	if (depth)
		file_give_up(a, i);
	else if (expedited)
		synchronize_rcu_expedited();
	else
		synchronize_rcu();
}

/* ---- SRCU; the cell holds the address of the instance's domain ---- */

static inline struct srcu_struct *file_domain(long p)
{
	return *(struct srcu_struct *const *)p;
}

static inline long file_srcu_lock(long p)
{
	return srcu_read_lock(file_domain(p));
}

static inline void file_srcu_unlock(long p, long index)
{
	srcu_read_unlock(file_domain(p), index & 1);
}

void file_srcu_sync(long p, unsigned int rcu_depth, const struct litmus_args *a, unsigned long i);
