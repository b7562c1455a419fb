/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Fixtures: state of the kernel that the boot line chooses, that what runs on it may change for a
 * while, and that the next must find as the boot line has it. Who owns such state registers it in
 * his own file, and who runs things, one after the other, walks the table:
 *
 *	FIXTURE(rcu, .begin = remember_flavour, .end = restore_flavour, .describe = other_flavour);
 *
 * The table is the linker's and constant. No fixture may count on where in it another one stands.
 * All functions are called by the thread that runs things, on CPU 0, and may sleep.
 */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

/* A member that is NULL is nothing to do. */
struct fixture {
	const char *name; /* a word: the member of the run's record that describe() fills */
	/* Once, before anything runs: what the boot line asks for. NULL, or what is wrong. */
	const char *(*setup)(void);
	/* Before each; @seed is its own, drawn from the run's. */
	void (*begin)(u64 seed);
	/* After each: as it was at begin(), in the reverse order. */
	void (*end)(void);
	/*
	 * After setup(): what the boot line made other than usual, in plain characters that need no
	 * escape in JSON; else NULL.
	 */
	const char *(*describe)(void);
};

#define FIXTURE(id, ...) \
	static const struct fixture __fixture_##id __used __section(".fixtures") \
		__aligned(8) = { .name = #id, ##__VA_ARGS__ }

extern const struct fixture __fixtures_start[], __fixtures_end[];

#define for_each_fixture(f)	    for (f = __fixtures_start; f < __fixtures_end; f++)
#define for_each_fixture_reverse(f) for (f = __fixtures_end; f-- > __fixtures_start;)
