/* SPDX-License-Identifier: GPL-2.0-only */
/* See kernel/coverage.h. Compiled without any sanitizer. */
#include <kernel/coverage.h>
#include <kernel/sched.h>
#include <lib/compiler.h>

static struct task_struct *who; /* lockless: set and cleared by the thread itself */
static u8 *covered;
static unsigned long mask;

void coverage_begin(u8 *map, size_t size)
{
	covered = map;
	mask = size - 1;
	barrier();
	WRITE_ONCE(who, current);
}

void coverage_end(void)
{
	WRITE_ONCE(who, NULL);
}

/* By the compiler (-fsanitize-coverage=trace-pc). The multiplier is 2^64 / the golden ratio. */
void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
	unsigned long pc = (unsigned long)__builtin_return_address(0);
	u8 *count;

	if (READ_ONCE(who) != current)
		return;
	count = &covered[(pc * 0x9e3779b97f4a7c15UL >> 32) & mask];
	if (*count < 255)
		(*count)++;
}
