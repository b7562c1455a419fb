/* SPDX-License-Identifier: GPL-2.0-only */
/* Stands before include/kernel/panic.h in the host's build of the parsers. */
#pragma once

#include <lib/compiler.h>
#include <lib/types.h>

#define KERNEL_STACK_SIZE 16384

const char *ksym_lookup(unsigned long addr, unsigned long *off, unsigned long *size);
unsigned long ksym_find(const char *name);

void panic(const char *fmt, ...) __printf(1, 2) __noreturn;

#define BUG_ON(cond) BUG_IF(cond, "%s", "")
#define BUG_IF(cond, fmt, ...) \
	do { \
		if (unlikely(cond)) \
			panic("BUG at %s:%d: %s: " fmt, __FILE__, __LINE__, #cond, ##__VA_ARGS__); \
	} while (0)
