/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * For tests that hold something until the others could have come, if they were wrong: counted in
 * the others' ticks, since the clock runs on while the host lets no other virtual CPU run.
 */
#pragma once

#include <kernel/percpu.h>
#include <lib/types.h>

/* Who waits so; on its stack. */
struct others {
	unsigned long ticks[NR_CPUS]; /* of each CPU at the beginning */
	u64 since_ns;
};

/* Any context; the CPU that asks shall be the one that began. */
void others_begin(struct others *o);

/*
 * Has every other CPU that is online had a share of three ticks since? True too after seconds, for
 * one that takes none.
 */
bool others_lived(const struct others *o);

/* Around such a test: ticks come often, so that it is short. CPU 0, no lock held. */
void others_hurry(void);
void others_hurry_end(void);
