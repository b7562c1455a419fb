/* SPDX-License-Identifier: GPL-2.0-only */
/* Each CPU's copy of the .percpu section. */
#include <arch/barrier.h>
#include <kernel/memory.h>
#include <kernel/percpu.h>
#include <lib/errno.h>
#include <lib/string.h>

const struct kernel_memory *kernel_memory;

/*
 * The section as it was linked, kept before anybody changes CPU 0's: later CPUs must not inherit
 * counters and pointers that CPU 0 has by then.
 */
static char *pristine;

int percpu_create(unsigned int cpu)
{
	size_t size = __percpu_end - __percpu_start;
	char *copy = kernel_memory->alloc(size, ARCH_CACHE_LINE_MAX);
	unsigned long off;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, pristine, size);
	off = (unsigned long)copy - (unsigned long)__percpu_start;
	*(unsigned int *)((char *)&cpu_number + off) = cpu;
	/* release: pairs with the address dependency in per_cpu_ptr(); the copy before its place,
	 * as CPUs that run already look at those of all that exist; tests: litmus.MP+rel+addr */
	smp_store_release(&percpu_offset[cpu], off);
	return 0;
}

int percpu_init(void)
{
	size_t size = __percpu_end - __percpu_start;

	pristine = kernel_memory->alloc(size, ARCH_CACHE_LINE_MAX);
	if (!pristine)
		return -ENOMEM;
	memcpy(pristine, __percpu_start, size);
	return 0;
}
