/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Runs that nobody watches, by words of the boot line: rounds with growing seeds (loop=), a plan
 * that goes on behind a test that crashed (first=, go_on=1), results that are printed again
 * (again=, again_times=), a sign of life (heartbeat=), what the machine does at the end (then=).
 * CPU 0, but where noted.
 */
#pragma once

#include <arch/power.h>
#include <lib/types.h>

/*
 * Where the run begins: with which test of its plan of @planned, from 1; *@round is the round, from
 * 0, whose seed is that much greater. Once, before BEGIN.
 */
unsigned int unattended_begin(unsigned int planned, u64 seed, unsigned int *round);

/* Test @n of the plan is about to run in @round; 0: none, the plan has been run to its end. */
void unattended_at(unsigned int round, unsigned int n);

/* Shall there be one more round? */
bool unattended_more(void);

/* For struct run_ops. Any CPU, any state. */
void unattended_ended(enum run_verdict v);
void unattended_tick(void);

/* ---- tests/keep.c ---- */

/* Keep lines from now on; where there is no memory for that nothing is kept, which is said. */
void keep_init(void);

/* Keep a line that has been said, @len bytes with its end. Whoever may say one. */
void keep_line(const char *line, size_t len);

/* Say all kept lines again. Nothing else is said meanwhile. */
void keep_say_again(void);
