/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The cores that the machine's CPUs have, of which a host may have fewer, and the turns that CPUs
 * take on them (kernel/native/cores.c).
 */
#pragma once

#include <kernel/smp.h>
#include <lib/types.h>

/* So many CPUs can run at the same time, as the boot line says (racers=). */
unsigned int cpus_at_once(void);
/* Are there more CPUs than can run at the same time? Constant once all CPUs are up. */
extern bool spin_overcommitted;

/*
 * Other CPUs were asked for something that does not wait for threads: it took @ns, and was left to
 * those that sleep in @asleep. Where that is long CPUs take turns for a while.
 */
void cores_asked(u64 ns, cpumask_t asleep);
/* For tests whose CPUs shall all run as the host lets them. CPU 0. */
void cores_turns_allow(bool may);
/* In the tick: does this CPU's turn end, or begin? After the scheduler's. */
void cores_tick(void);
/* This CPU will sleep, and not for want of a turn: one that rests may run. Interrupts disabled. */
void cores_pass_on(void);

/* Has this CPU no turn: shall it run nothing but its idle thread? Interrupts disabled. */
bool cpu_rests(void);
/* It has something to do that does not wait. Interrupts disabled. */
void cpu_rest_end(void);
