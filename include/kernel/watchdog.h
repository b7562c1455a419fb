/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The watchdog: every CPU's tick checks the running test's time and another CPU's heartbeat; a
 * miss is reported with every CPU's backtrace, held locks and last sync point, as the running
 * test's TIMEOUT, and ends the run. While no CPU ticks (all hang with interrupts disabled) only the
 * host can notice.
 */
#pragma once

#include <lib/types.h>

/* The running test may take so long from now on (struct patience); 0: what it likes. CPU 0. */
void watchdog_set_limit(u64 ns);

/* From timer_interrupt(). */
void watchdog_tick(void);

/* From nmi_interrupt() and the backtrace IPI: print what this CPU is doing. */
struct pt_regs;
void watchdog_show_self(struct pt_regs *regs);

/* Ask every other CPU what it is doing and print it; used by panic. */
void watchdog_show_others(void);

/* Where the tick interrupted this CPU: all that is known of one that later answers to nothing. */
void watchdog_note_pc(const struct pt_regs *regs);

/* What this CPU is at: the function that works on it, or 0 for idle. */
void watchdog_set_activity(unsigned long fn);
