/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Deliberate mistakes, for the tests that must catch them ("busted twins"): each is a switch with a
 * name, off by default.
 *
 *	if (!busted(BUSTED_FORK_NO_FLUSH))
 *		tlb_flush_mm(oldmm);
 *
 * A twin puts one in force for a while (busted_set(), busted_clear()); busted=name[,name] on the
 * boot line does so for the whole run, so that any test can be tried against it. A release build
 * has no switches: busted() is the constant false there, what it guards is not compiled, and a twin
 * is a SKIP (switches_missing() of test/test.h).
 *
 * A switch must cost nothing that could hide what it breaks: one load that nobody writes. Where
 * even that is too much, as inside smp_mb(), the mistake is a build of its own (BUSTED=mb, see
 * arch/barrier.h), or a patch in tests/mutants/.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* X(NAME, "name on the boot line", "what it does") */
#define BUSTED_SWITCHES(X) \
	X(COW_NO_FLUSH, "cow_no_flush", "a copy on write leaves the old translation in TLBs") \
	X(COW_PUT_EARLY, "cow_put_early", \
	  "a copy on write drops mapcount and references before it changes the entry") \
	X(FORK_NO_FLUSH, "fork_no_flush", "fork leaves writable translations in TLBs") \
	X(ZAP_PUT_EARLY, "zap_put_early", \
	  "unmapping drops mapcounts and references with the entries, before the flush") \
	X(FLUSH_NOT_DUE, "flush_not_due", \
	  "munmap does not do the flush of what reclaim has taken out and not flushed yet") \
	X(REUSE_BY_MAPCOUNT, "reuse_by_mapcount", \
	  "whose page it is alone is asked of mapcount and swap cache, not of the references") \
	X(LRU_NO_LOCK, "lru_no_lock", "pages are isolated from the LRU without lru_lock") \
	X(SWAP_FREE_EARLY, "swap_free_early", \
	  "a swap slot is given back while an entry still names it") \
	X(TLB_SKIP_CPU, "tlb_skip_cpu", "flushes leave tlb_skip_cpu out: see mm/tlb.h") \
	X(SLEEP_UNTOLD, "sleep_untold", \
	  "flushes leave CPUs alone that sleep, and do not tell them") \
	X(SLAB_NO_GRACE, "slab_no_grace", \
	  "slabs of SLAB_DESTROY_BY_RCU do not wait for a grace period") \
	X(RCU_SKIP_CPU, "rcu_skip_cpu", "grace periods leave rcu_skip_cpu out") \
	X(RCU_IGNORE_BLOCKED, "rcu_ignore_blocked", \
	  "preemptible grace periods do not wait for readers that were switched away from") \
	X(SRCU_NO_WAIT, "srcu_no_wait", "grace periods of SRCU do not wait for their readers")

#define BUSTED_ID(id, name, what) BUSTED_##id,
enum busted_switch { BUSTED_SWITCHES(BUSTED_ID) NR_BUSTED };

/* Has this build switches? */
static inline bool busted_possible(void)
{
#ifdef CONFIG_DEBUG
	return true;
#else
	return false;
#endif
}

/* Plant what busted= names; what is wrong with it, or NULL. Boot CPU, before the others start. */
const char *busted_boot(void);

#ifdef CONFIG_DEBUG
extern u64 busted_mask; /* bits of enum busted_switch; lockless: a test changes it, anybody looks */

/* Is the mistake @s in force? Any context. */
static __always_inline bool busted(enum busted_switch s)
{
	return unlikely(READ_ONCE(busted_mask) & (1ULL << s));
}

/* Is any in force? */
static inline bool planted_any(void)
{
	return READ_ONCE(busted_mask);
}

/* Put @s in force, and no longer; what the boot line planted stays. Thread of the tests. */
void busted_set(enum busted_switch s);
void busted_clear(enum busted_switch s);
/* Between tests: none is in force but those of the boot line. */
void busted_reset(void);
#else
static __always_inline bool busted(enum busted_switch s)
{
	return false;
}

static inline bool planted_any(void)
{
	return false;
}

static inline void busted_set(enum busted_switch s)
{
}

static inline void busted_clear(enum busted_switch s)
{
}

static inline void busted_reset(void)
{
}
#endif
