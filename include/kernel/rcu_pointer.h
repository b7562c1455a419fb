/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pointers that are published to readers who take no lock.
 *
 * rcu_assign_pointer() makes everything that was written to the object before visible to whoever
 * follows the pointer. rcu_dereference() reads the pointer such that an access through it comes
 * after. Nothing here says how long the object lives.
 */
#pragma once

#include <arch/barrier.h>

/* release: pairs with the dependency in rcu_dereference(); orders the object's initialisation
 * before the pointer; tests: litmus.C2-rcu */
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)

/* dependency: pairs with the release in rcu_assign_pointer(); orders the read of the pointer
 * before reads through it; tests: litmus.C2-rcu */
#define rcu_dereference(p) \
	__extension__({ \
		__typeof__(p) __rcu_p = READ_ONCE(p); \
		smp_read_barrier_depends(); \
		__rcu_p; \
	})
