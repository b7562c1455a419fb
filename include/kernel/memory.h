/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The memory that kernel/ lives on: per-CPU data, threads and their stacks. It stands below the
 * memory manager, so kernel_main() hands it these functions before the first of them is needed.
 */
#pragma once

#include <lib/types.h>

struct kernel_memory {
	/* Zeroed memory, or NULL; @align: a power of two. */
	void *(*alloc)(size_t size, size_t align);
	void (*free)(void *p, size_t size);
	/* The top of a new stack of KERNEL_STACK_SIZE bytes with guard pages, or NULL. */
	void *(*stack_alloc)(void);
};

/* Constant once it is set. */
extern const struct kernel_memory *kernel_memory;
