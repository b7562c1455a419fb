/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Sleepable RCU: readers of a domain may sleep, and end on another CPU or in another thread than
 * they began; a grace period waits for the readers of its domain alone.
 *
 * After Linux's (McKenney: "Sleepable RCU", LWN.net, 9 October 2006; counters of begins and ends as
 * since Linux 4.12, "srcu: Allow early boot use" and before it "srcu: More efficient reader
 * counts").
 */
#pragma once

#include <kernel/percpu.h>
#include <kernel/wait.h>
#include <lib/types.h>

/* By the lowest bit of the domain's index when the reader began. */
struct srcu_count {
	u32 begun[2], ended[2]; /* atomic, by any CPU that runs a reader; they wrap */
};

struct srcu_struct {
	u32 index;	    /* grace periods' halves; written under mutex, lockless readers */
	struct mutex mutex; /* one grace period at a time */
	struct srcu_count count[NR_CPUS];
};

/* A domain without readers, of memory that nobody uses as one. */
void srcu_init(struct srcu_struct *s);

/* Enter a reader; what it returns is for its end. Any context but NMI. */
int srcu_read_lock(struct srcu_struct *s);
void srcu_read_unlock(struct srcu_struct *s, int index);

/* The same where another thread, or an interrupt, ends the reader. */
static inline int srcu_down_read(struct srcu_struct *s)
{
	return srcu_read_lock(s);
}

static inline void srcu_up_read(struct srcu_struct *s, int index)
{
	srcu_read_unlock(s, index);
}

/* Wait until every reader of @s that runs now has ended. May sleep; not inside a reader of @s. */
void synchronize_srcu(struct srcu_struct *s);
/* The same, and gives up when @gives_up(@arg) says so. Have the readers ended? */
bool synchronize_srcu_or(struct srcu_struct *s, bool (*gives_up)(u64 arg), u64 arg);
/*
 * The order of a full barrier for what comes before srcu_read_unlock() and after this: the former
 * begins with one.
 */
#define smp_mb__after_srcu_read_unlock() barrier()
