/* SPDX-License-Identifier: GPL-2.0-only */
/* Waits of litmus bodies of files: each ends, whatever the file does. */
#include "file.h"

#include <kernel/clock.h>

#define SPINS_PER_LOOK 256

/* Spin until @cond, or until the instance is to be given up. */
#define spin_or_give_up(cond) \
	__extension__({ \
		u64 __since = clock_ns(); \
		unsigned int __spins = 0; \
		bool __met; \
		while (!(__met = (cond))) \
			if (++__spins % SPINS_PER_LOOK == 0 && litmus_gives_up(__since)) \
				break; \
		__met; \
	})

bool file_lock_slow(struct raw_spinlock *l)
{
	return spin_or_give_up(raw_spin_trylock(l));
}

bool file_unlock_wait_slow(struct raw_spinlock *l)
{
	return spin_or_give_up(!raw_spin_is_locked(l));
}

void file_srcu_sync(long p, unsigned int rcu_depth, const struct litmus_args *a, unsigned long i)
{
	if (rcu_depth || !synchronize_srcu_or(file_domain(p), litmus_gives_up, clock_ns()))
		file_give_up(a, i);
}
