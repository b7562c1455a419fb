/* SPDX-License-Identifier: GPL-2.0-only */
/* Goes through all scenes: see sim.h. */
#include <stdio.h>

#include "scenes.h"

int main(void)
{
	unsigned long locks = scenes_locks(), work = scenes_work(), calls = scenes_calls(),
		      cpus = scenes_cpus(), rcu = scenes_rcu();

	printf("ok steps # runs: %lu of locks, %lu of work, %lu of calls, %lu of CPUs, %lu of "
	       "RCU\n",
	       locks, work, calls, cpus, rcu);
	return 0;
}
