/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The reapers of the free-running workload: who picks pages by the LRU lists, and what is done with
 * them. A page that a reaper holds is the reaper's reference.
 */
#include <arch/atomic.h>
#include <mm/rmap.h>
#include <test/reclaim.h>
#include <test/storm.h>

#include "free_load.h"

#define HELD 16 /* pages that a reaper keeps back */

/* A page that came into use lately: it is near the head of the active list. */
static struct page *newest_pick(struct rng *rng)
{
	unsigned long before = lru_count(LRU_INACTIVE);

	return lru_pick(before + rng_below(rng, 8));
}

/* Look for the entries of a page that we know nothing of but that it was on the LRU. */
static void reap(struct page *page, u64 dice, struct rng *rng)
{
	fetch_add_relaxed(&free_load.looked, 1);
	if (!page_mapped(page))
		fetch_add_relaxed(&free_load.dead, 1);
	page_referenced(page);
	if (dice & 3) {
		put_anon_page(page);
	} else if (dice & 4) {
		fetch_add_relaxed(&free_load.reclaimed, !reclaim_page(page));
	} else {
		fetch_add_relaxed(&free_load.moved, !migrate_page(page));
		put_anon_page(page);
	}
}

/* Pages that a reaper holds back: the upper half of them until it has seen a tide. */
struct held {
	struct page *page;
	u64 tide; /* of when it was picked */
};

static void reap_held(struct held *h, unsigned int i, u64 dice, struct rng *rng)
{
	if (!h->page || (i >= HELD / 2 && h->tide == READ_ONCE(free_load.tides)))
		return;
	reap(h->page, dice, rng);
	h->page = NULL;
}

void free_reaper_thread(struct crew *c, unsigned int me)
{
	struct held held[HELD] = { 0 };
	struct rng *rng = &c->rng[me];

	while (!free_load_done(c)) {
		u64 dice = rng_next(rng);
		struct page *page = dice & 1 ? newest_pick(rng) : victim_pick(rng);
		unsigned int i = (dice >> 8) % HELD;

		if (page && !held[i].page && (dice & 6)) {
			held[i] = (struct held){ page, READ_ONCE(free_load.tides) };
		} else if (page && page_mapped(page)) {
			reap(page, dice >> 16, rng);
		} else if (page) {
			/* One that a reaper holds: there is little else at the moment. */
			put_anon_page(page);
			sleep_ns(1000); /* until the next tick */
		} else {
			sleep_ns(1000);
		}
		i = (dice >> 12) % HELD;
		reap_held(&held[i], i, dice >> 24, rng);
		if (dice & 0x10)
			yield();
	}
	for (unsigned int i = 0; i < HELD; i++)
		if (held[i].page)
			put_anon_page(held[i].page);
}

void free_stay_ashore(struct crew *c, struct rng rng)
{
	struct page *page;

	if (!READ_ONCE(free_sea.ebb))
		return;
	fetch_add(&free_sea.ashore, 1);
	while (READ_ONCE(free_sea.ashore) < free_load.nr_parties && READ_ONCE(free_sea.ebb) &&
	       !free_load_done(c)) {
		page = newest_pick(&rng);
		if (page)
			reap(page, rng_next(&rng), &rng);
		yield();
	}
	wait_event(&free_sea.queue, !READ_ONCE(free_sea.ebb) || free_load_done(c));
	fetch_add(&free_sea.ashore, -1);
}
