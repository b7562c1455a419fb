/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Ending the run: the contract.
 */
#pragma once

#include <lib/types.h>

/* What the host is told. The exit status of QEMU where the machine can pass one. */
enum run_verdict { RUN_PASS = 0, RUN_FAIL = 1, RUN_CRASH = 2, RUN_CONFIG = 3 };

/*
 * Turn the machine off. Where the machine can hand a status to the host it hands @v; the END record
 * on the console carries it on every machine. Any context, any CPU, interrupts off.
 */
void arch_power_off(enum run_verdict v) __attribute__((__noreturn__));

/*
 * Reset the machine, so that its firmware boots again; memory is kept where the machine can. Any
 * context, any CPU. Returns if it cannot.
 */
void arch_reset(void);
