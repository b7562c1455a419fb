/* SPDX-License-Identifier: GPL-2.0-only */
/* Time since boot, delays, and the periodic tick. */
#pragma once

#include <arch/clock.h>
#include <lib/types.h>

/* Conversions that do not overflow for a run of years. */
u64 clock_ticks_to_ns(u64 ticks);
u64 clock_ns_to_ticks(u64 ns);

/* Nanoseconds since kernel_main() began. Any context after clock_init(). */
u64 clock_ns(void);
int clock_init(void);

/* Spin for at least this long. Any context. */
void clock_delay_ns(u64 ns);

/*
 * A limit of waiting, in time that who waits has lived through. It looks at the clock now and then,
 * and from one look to the next no more than a step of it counts: so a host that puts this CPU or
 * the whole machine aside, for however long, uses up little of the limit, and a wait without hope
 * still ends. The first look begins it.
 */
struct patience {
	u64 limit, step, spent;
	u64 last; /* clock_ns() of the last look; 0: none yet */
};
/* @step: 0 for a sixteenth of @limit, but no less than a millisecond. Any context. */
void patience_begin(struct patience *p, u64 limit, u64 step);
/* A look: has the limit been reached? */
bool patience_is_over(struct patience *p);

/*
 * Start this CPU's tick, TICK_HZ times a second (kernel/native/interrupt.c). tick_set_rate()
 * changes the rate of every CPU from its next tick on: a stress knob; 0 is the normal rate.
 */
#define TICK_HZ 50
void tick_start_cpu(void);
void tick_set_rate(unsigned int hz);
