/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tests share that let everything happen at once for a time. */
#include <kernel/clock.h>
#include <kernel/smp.h>
#include <mm/lru.h>
#include <mm/migrate.h>
#include <mm/reclaim.h>
#include <test/storm.h>

void storm_turn(struct rng *rng)
{
	unsigned int cpu;

	for_each_cpu_in(cpu, smp_online_mask())
		if (!rng_below(rng, 4))
			ipi_send_noise(cpu);
	if (!rng_below(rng, 64))
		tick_set_rate(rng_below(rng, 2) ? 1000 : 0);
}

void storm_end(void)
{
	tick_set_rate(0);
}

struct page *victim_pick(struct rng *rng)
{
	unsigned long nr = lru_count(LRU_ACTIVE) + lru_count(LRU_INACTIVE);

	return nr ? lru_pick(rng_below(rng, nr)) : NULL;
}

void victim_disturb(struct page *page, struct rng *rng)
{
	if (rng_below(rng, 4)) {
		migrate_page(page);
		put_anon_page(page);
	} else {
		reclaim_page(page);
	}
}
