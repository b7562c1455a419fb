/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The forced races: who does what, and who waits where for whom. Whom one shows to be wrong, that
 * variant's own file says. In each, actor 0 comes first, and is stopped in the middle of something.
 * Where a wait cannot be met, as the other CPU spins for a lock that the waiting one holds, it is
 * over at once: "excluded", the interleaving that the scenario is after does not exist. Sound code
 * excludes it, or comes through.
 *
 * A rule reads: "at this point, this CPU waits until that point, was passed by that CPU".
 */
#include "forced.h"

const struct forced_scenario forced_scenarios[] = {
	/*
	 * Claim C1. The pointer is known, the area is not yet on the list:
	 *
	 *	first fault		second fault there	reclaim
	 *	vma->anon_vma = it
	 *				entry, LRU
	 *							walk: the entry is missed
	 *	list_add()
	 *
	 * With the lock held around both, the walk waits for the lock.
	 */
	{
		.name = "publish",
		.mech = MECH_INTERLEAVING,
		.looks = LOOKS_REAL,
		.setup = forced_setup_fresh,
		.actor = { forced_fault_first, forced_fault_second, forced_look_second },
		.rules = {
			{ "forced.begin", 1, "prepare.published", 0 },
			{ "forced.look", 2, "forced.faulted", 1 },
			{ "prepare.published", 0, "forced.looked", 2 },
		},
	},
	/* The same, and the area comes onto the list while the walk holds the lock. */
	{
		.name = "walked",
		.mech = MECH_INTERLEAVING,
		.looks = LOOKS_REAL,
		.setup = forced_setup_fresh,
		.actor = { forced_fault_first, forced_fault_second, forced_look_second },
		.rules = {
			{ "forced.begin", 1, "prepare.published", 0 },
			{ "forced.look", 2, "forced.faulted", 1 },
			{ "prepare.published", 0, "lock.locked", 2 },
			{ "lock.locked", 2, "prepare.linked", 0 },
		},
	},
	/*
	 * The same, and the walk comes when the area is half on the list. (One actor for two: who
	 * links before he publishes is waited for by the second fault itself.)
	 */
	{
		.name = "half",
		.mech = MECH_INTERLEAVING,
		.looks = LOOKS_REAL,
		.setup = forced_setup_fresh,
		.actor = { forced_fault_first, forced_fault_and_look },
		.rules = {
			{ "forced.begin", 1, "list.half", 0 },
			{ "list.half", 0, "forced.looked", 1 },
		},
	},
	/*
	 * Two areas, neighbours, go on one list at once. The lock of the anon_vma forbids it; V0,
	 * which takes none for a new one, is saved by the lock that keeps two prepares of one space
	 * apart: without that one, see rmap.two_insertions. It is reported all the same, as the
	 * other has the lock of the list, and waits, while the first one goes on without.
	 */
	{
		.name = "two-insertions",
		.mech = MECH_INTERLEAVING,
		.looks = LOOKS(REFERENCED),
		.setup = forced_setup_fresh,
		.actor = { forced_fault_first, forced_fault_beside },
		.rules = {
			{ "forced.begin", 1, "list.half", 0 },
			{ "list.half", 0, "forced.faulted", 1 },
		},
		.check = forced_check_lists,
	},
	/*
	 * Type-safe reuse. Somebody who comes by a page of its former life locks the object before
	 * it is taken into use again:
	 *
	 *	reclaim				exit, then a fault in another space
	 *	page_mapped() ? yes
	 *					unmap, unlink, free
	 *	lock it
	 *					allocate: the same; list_add()
	 *	walk
	 */
	{
		.name = "stale-first",
		.mech = MECH_REUSE,
		.looks = LOOKS_REAL | LOOKS(LOCK),
		.setup = forced_setup_page,
		.actor = { forced_look, forced_exit_reuse },
		.rules = {
			{ "forced.begin", 1, "lock.mapped", 0 },
			{ "lock.mapped", 0, "forced.freed", 1 },
			{ "forced.freed", 1, "lock.locked", 0 },
			{ "lock.locked", 0, "forced.reused", 1 },
		},
	},
	/* While it is taken into use: the pointer is known. */
	{
		.name = "stale-amid",
		.mech = MECH_REUSE,
		.looks = LOOKS_REAL | LOOKS(LOCK),
		.setup = forced_setup_page,
		.actor = { forced_look, forced_exit_reuse },
		.rules = {
			{ "forced.begin", 1, "lock.mapped", 0 },
			{ "lock.mapped", 0, "prepare.published", 1 },
			{ "prepare.published", 1, "lock.locked", 0 },
			{ "lock.locked", 0, "prepare.linked", 1 },
		},
	},
	/* Claim C13. After: the list that is walked is somebody else's, and whole. */
	{
		.name = "stale-last",
		.mech = MECH_REUSE,
		.looks = LOOKS_REAL | LOOKS(LOCK),
		.setup = forced_setup_page,
		.actor = { forced_look, forced_exit_reuse },
		.rules = {
			{ "forced.begin", 1, "lock.mapped", 0 },
			{ "lock.mapped", 0, "forced.reused", 1 },
		},
		.check = forced_check_contents,
		.walk = forced_walk_whose,
	},
	/*
	 * Claim C14. The page was unmapped before anybody looked, and page->mapping names what has
	 * become something else:
	 *
	 *	exit				reclaim
	 *	unmap, unlink, free
	 *	slab page given back
	 *					page_mapped() ? no; or not asked, and lock it
	 */
	{
		.name = "gone",
		.mech = MECH_RELEASE,
		.looks = LOOKS(REFERENCED) | LOOKS(MIGRATE) | LOOKS(UNMAP),
		.setup = forced_setup_gone,
		.actor = { forced_look },
	},
	/* Claim C14. It was mapped when the reader looked: now the reader must keep the memory. */
	{
		.name = "unmapped",
		.mech = MECH_RELEASE,
		.looks = LOOKS_REAL,
		.setup = forced_setup_page,
		.actor = { forced_look, forced_exit_shrink },
		.rules = {
			{ "forced.begin", 1, "lock.mapped", 0 },
			{ "lock.mapped", 0, "forced.gone", 1 },
		},
	},
	/*
	 * Claim C15. The lock of a dead anon_vma is held while its memory is given back:
	 *
	 *	reclaim				exit
	 *	page_mapped() ? yes
	 *					unmap, unlink, free
	 *	lock it, walk
	 *					slab page given back, after a grace period
	 *
	 * W3 has left its reader by then; classic RCU waits all the same, for the CPU that cannot
	 * be preempted as it holds a spinlock. In migration W3 is inside another reader.
	 */
	{
		.name = "held",
		.mech = MECH_RELEASE,
		.looks = LOOKS_REAL,
		.setup = forced_setup_page,
		.actor = { forced_look, forced_exit_shrink },
		.rules = {
			{ "forced.begin", 1, "lock.mapped", 0 },
			{ "lock.mapped", 0, "forced.freed", 1 },
			{ "forced.freed", 1, "walk.begin", 0 },
			{ "walk.begin", 0, "forced.gone", 1 },
		},
	},
	/*
	 * Claim C15. The page was mapped when the lock was taken, and the walk has not begun. Who
	 * has left the RCU reader by then (V7) has the lock alone; the area cannot leave the list
	 * without it, so the anon_vma is not freed:
	 *
	 *	reclaim				exit
	 *	lock it; mapped
	 *					unmap
	 *					anon_vma_unlink(): waits for the lock
	 *	walk, unlock
	 *					unlink, free
	 */
	{
		.name = "mapped",
		.mech = MECH_RELEASE,
		.looks = LOOKS_REAL,
		.setup = forced_setup_page,
		.actor = { forced_look, forced_exit },
		.rules = {
			{ "forced.begin", 1, "walk.begin", 0 },
			{ "walk.begin", 0, "forced.freed", 1 },
		},
	},
	/* A fault, alone, in an area without an anon_vma. */
	{
		.name = "prepare",
		.mech = MECH_DEADLOCK,
		.looks = LOOKS(REFERENCED),
		.setup = forced_setup_fresh,
		.actor = { forced_fault_first },
	},
	/*
	 * page->mapping changes between the look at it and the lock. Who asserts that this cannot
	 * be (V4, V6, V7) is right as far as 2008 goes, and has all the same to release the lock.
	 */
	{
		.name = "moved",
		.mech = MECH_DEADLOCK,
		.looks = LOOKS(LOCK),
		.setup = forced_setup_moved,
		.teardown = forced_teardown_moved,
		.actor = { forced_look, forced_move },
		.rules = {
			{ "forced.begin", 1, "lock.mapped", 0 },
			{ "lock.mapped", 0, "forced.moved", 1 },
		},
		.ignored = BY(ASSERT),
	},
};

const unsigned int nr_forced_scenarios = ARRAY_SIZE(forced_scenarios);
