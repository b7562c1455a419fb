/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a port asks of its firmware and its chips, against models of others than QEMU has: firmware
 * that takes text piecemeal, that cannot do what it is asked, CPUs whose numbers have holes. One
 * program an ISA; the models are written from the specifications, in numbers of their own.
 */
#pragma once

#include "../check.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Of the C library; the kernel has its own. */
#undef __always_inline

#include <arch/setup.h>
#include <kernel/boot.h>
#include <kernel/smp.h>
#include <lib/errno.h>

/* The test's: its ISA, and all of it. */
extern const char port[];
void test(void);
extern const char *now; /* what it is at, for whoever fails */

/* arch_cpu_halt() ends here, and goes back to the test. */
extern jmp_buf halted;
void host_halt(void) __attribute__((__noreturn__));

/* Where an object of this program is in "physical" memory, and back. */
#define IMAGE_PHYS 0x80200000UL
void *at_phys(uint64_t pa, size_t size);

/* What was printed, since the last said_clear(). */
extern char said[4096];
void said_clear(void);

/* What the console's model got; write @text, and it has that, with a return before each end of a
 * line, and nothing else. */
extern char line[8192];
extern size_t sent;
void write_and_expect(const char *text, size_t len);
